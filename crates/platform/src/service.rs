//! A service as a value: what it answers, and what it does by itself.

use actix_web::web::ServiceConfig;
use futures::future::BoxFuture;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// Adds a service's routes; called once per HTTP worker.
pub type Routes = Arc<dyn Fn(&mut ServiceConfig) + Send + Sync>;

/// A service.
pub struct Service {
    /// The name of the crate.
    pub name: &'static str,
    /// What it answers.
    pub routes: Routes,
    /// Consumers, the relay, timers, listeners.
    pub tasks: Vec<Task>,
}

type Run = Box<dyn FnOnce(Shutdown) -> BoxFuture<'static, ()> + Send>;

/// Work that a service does by itself until it is told to stop.
pub struct Task {
    /// What it is called in logs.
    pub name: &'static str,
    run: Run,
}

impl Task {
    /// A task that runs `run` once and ends soon after the shutdown was requested.
    pub fn new<F>(name: &'static str, run: impl FnOnce(Shutdown) -> F + Send + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        Self { name, run: Box::new(move |shutdown| Box::pin(run(shutdown))) }
    }

    /// Starts it.
    pub fn start(self, shutdown: Shutdown) -> BoxFuture<'static, ()> {
        (self.run)(shutdown)
    }
}

/// Tells tasks to stop.
#[derive(Debug, Clone, Default)]
pub struct Shutdown(CancellationToken);

impl Shutdown {
    /// A new signal, not yet given.
    pub fn new() -> Self {
        Self::default()
    }

    /// Gives the signal.
    pub fn request(&self) {
        self.0.cancel();
    }

    /// Whether the signal was given.
    pub fn requested(&self) -> bool {
        self.0.is_cancelled()
    }

    /// Ends when the signal is given.
    pub async fn wait(&self) {
        self.0.cancelled().await;
    }

    /// Waits for `duration`, or less when the signal is given. Returns whether to go on.
    pub async fn sleep(&self, duration: std::time::Duration) -> bool {
        tokio::select! {
            () = tokio::time::sleep(duration) => !self.requested(),
            () = self.wait() => false,
        }
    }
}
