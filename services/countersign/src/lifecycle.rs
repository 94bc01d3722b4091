//! One life cycle for every process: tasks, then HTTP, then ready; on the signal: stop taking, drain, end.

use anyhow::Context as _;
use platform::http::Authority;
use platform::server::{self, HttpOptions};
use platform::{Service, Shutdown, Task};
use std::time::Duration;
use tokio::task::JoinSet;

/// How long work may go on after the signal.
const DRAIN: Duration = Duration::from_secs(30);

/// A service that is ready to start.
pub(crate) struct Part {
    /// What it is.
    pub service: Service,
    /// Where and how it answers.
    pub http: HttpOptions,
    /// Who may call it.
    pub authority: Authority,
}

/// Runs `parts` and `tasks` until SIGINT or SIGTERM, then drains. A task may end when it is done; one that panics,
/// or a server that can't serve, ends the process: a supervisor starts it again, and nothing is lost by that.
pub(crate) async fn run(parts: Vec<Part>, tasks: Vec<Task>, ready: impl FnOnce()) -> anyhow::Result<()> {
    let shutdown = Shutdown::new();
    let mut running = JoinSet::new();
    start(&mut running, tasks, &shutdown);
    for Part { service, http, authority } in parts {
        let name = service.name;
        start(&mut running, service.tasks, &shutdown);
        let stop = shutdown.clone();
        running.spawn(async move {
            let served = server::serve(name, http, service.routes, authority, stop).await;
            served.with_context(|| format!("{name} can't serve"))?;
            Ok(name)
        });
    }
    ready();
    let early = tokio::select! {
        () = signal() => Ok(()),
        fault = first_fault(&mut running) => Err(fault),
    };
    tracing::info!(event = "process.draining", "draining");
    shutdown.request();
    let drained = tokio::time::timeout(DRAIN, async { while running.join_next().await.is_some() {} }).await;
    if drained.is_err() {
        tracing::warn!(event = "process.drain_timeout", "work was still going on after 30 s and is dropped");
    }
    early
}

type Running = JoinSet<anyhow::Result<&'static str>>;

fn start(running: &mut Running, tasks: Vec<Task>, shutdown: &Shutdown) {
    for task in tasks {
        let (name, stop) = (task.name, shutdown.clone());
        running.spawn(async move {
            task.start(stop).await;
            Ok(name)
        });
    }
}

/// Ends with the first fault; never when all goes well.
async fn first_fault(running: &mut Running) -> anyhow::Error {
    while let Some(ended) = running.join_next().await {
        match ended.context("a task panicked").flatten() {
            Ok(name) => tracing::info!(event = "task.ended", task = name, "a task is done"),
            Err(fault) => return fault,
        }
    }
    std::future::pending().await
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
