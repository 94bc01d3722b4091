//! A body that streams on to a service as it comes, within a limit.

use actix_web::web::Payload;
use bytes::Bytes;
use futures::StreamExt as _;
use tokio::sync::mpsc;

/// Chunks on their way.
const CHUNKS_MAX: usize = 16;

/// How far a body was passed on.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Passed {
    /// To its end, or as far as the service or the sender let it.
    On,
    /// More came than is taken; the service sees a broken body.
    TooLarge,
}

/// Gives what reads the incoming body, and the outgoing one: both have to be polled.
pub(crate) fn pass_on(body: Payload, bytes_max: u64) -> (impl Future<Output = Passed>, reqwest::Body) {
    let (chunks, passed_on) = mpsc::channel(CHUNKS_MAX);
    let onward = futures::stream::unfold(passed_on, |mut chunks: mpsc::Receiver<_>| async move {
        chunks.recv().await.map(|chunk| (chunk, chunks))
    });
    (read(body, chunks, bytes_max), reqwest::Body::wrap_stream(onward))
}

/// The body stays on this thread; what is sent on may leave it.
async fn read(mut body: Payload, chunks: mpsc::Sender<std::io::Result<Bytes>>, bytes_max: u64) -> Passed {
    let mut total = 0;
    while let Some(chunk) = body.next().await {
        let chunk = chunk.map_err(std::io::Error::other);
        total += chunk.as_ref().map_or(0, |chunk| chunk.len() as u64);
        if total > bytes_max {
            // Nobody listens any more when the service has answered early.
            let _ = chunks.send(Err(std::io::Error::other("the body is too large"))).await;
            return Passed::TooLarge;
        }
        if chunks.send(chunk).await.is_err() {
            return Passed::On;
        }
    }
    Passed::On
}
