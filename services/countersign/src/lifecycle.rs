//! One life cycle for every process: tasks, then HTTP, then ready; on the signal: stop taking, drain, end.

use anyhow::Context as _;
use platform::http::Authority;
use platform::server::{self, HttpOptions};
use platform::{Service, Shutdown};
use std::time::Duration;
use tokio::task::JoinSet;

/// How long work may go on after the signal.
const DRAIN: Duration = Duration::from_secs(30);

/// A service that is ready to start.
pub struct Part {
    /// What it is.
    pub service: Service,
    /// Where and how it answers.
    pub http: HttpOptions,
    /// Who may call it.
    pub authority: Authority,
}

/// Runs `parts` until SIGINT or SIGTERM, then drains. A part that ends early ends the process: a supervisor
/// starts it again, and nothing is lost by that.
pub async fn run(parts: Vec<Part>, ready: impl FnOnce()) -> anyhow::Result<()> {
    let shutdown = Shutdown::new();
    let mut running = JoinSet::new();
    for Part { service, http, authority } in parts {
        let name = service.name;
        for task in service.tasks {
            let (task_name, stop) = (task.name, shutdown.clone());
            running.spawn(async move {
                task.start(stop).await;
                anyhow::Ok(task_name)
            });
        }
        let stop = shutdown.clone();
        running.spawn(async move {
            let served = server::serve(name, http, service.routes, authority, stop).await;
            served.with_context(|| format!("{name} can't serve"))?;
            Ok(name)
        });
    }
    ready();
    let early = tokio::select! {
        () = signal() => None,
        Some(ended) = running.join_next() => Some(ended),
    };
    tracing::info!(event = "process.draining", "draining");
    shutdown.request();
    let drained = tokio::time::timeout(DRAIN, async { while running.join_next().await.is_some() {} }).await;
    if drained.is_err() {
        tracing::warn!(event = "process.drain_timeout", "work was still going on after 30 s and is dropped");
    }
    match early {
        None => Ok(()),
        Some(ended) => {
            let name = ended.context("a task panicked")??;
            anyhow::bail!("'{name}' ended although nobody asked it to")
        }
    }
}

async fn signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate()).expect("a runtime with I/O can wait for signals");
    let mut interrupt = signal(SignalKind::interrupt()).expect("a runtime with I/O can wait for signals");
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
}
