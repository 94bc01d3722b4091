//! A pool for heavy CPU work, so that the runtime's threads stay free for I/O.

use std::sync::Arc;

/// Runs closures on threads of its own; `rayon` inside them uses the same threads.
#[derive(Clone)]
pub struct CpuPool(Arc<rayon::ThreadPool>);

impl CpuPool {
    /// A pool of `threads` threads, at least one. Stacks are large because parsers of nested data run here.
    ///
    /// # Errors
    /// When the operating system gives no threads.
    pub fn new(threads: usize) -> Result<Self, rayon::ThreadPoolBuildError> {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads.max(1))
            .thread_name(|index| format!("cpu-{index}"))
            .stack_size(8 << 20)
            .build()?;
        Ok(Self(Arc::new(pool)))
    }

    /// Runs `work` on the pool. A panic in `work` is passed on to the caller.
    pub async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> T {
        let (sender, receiver) = tokio::sync::oneshot::channel();
        let span = tracing::Span::current();
        self.0.spawn(move || {
            let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| span.in_scope(work)));
            // The caller may be gone: then nobody wants the outcome.
            let _ = sender.send(outcome);
        });
        match receiver.await.expect("the closure always sends its outcome") {
            Ok(value) => value,
            Err(panic) => std::panic::resume_unwind(panic),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn work_runs_off_the_runtime() {
        let pool = CpuPool::new(1).unwrap();
        let name = pool.run(|| std::thread::current().name().map(str::to_owned)).await;
        assert_eq!(name.as_deref(), Some("cpu-0"));
    }
}
