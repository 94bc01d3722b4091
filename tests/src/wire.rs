//! A wire between two programs: what goes over it can be listened to, and it can stop carrying.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{AbortHandle, JoinSet};

/// Carries connections to a target until it is dropped.
pub struct Wire {
    /// The port on loopback that leads to the target.
    pub port: u16,
    shared: Arc<Shared>,
    task: AbortHandle,
}

struct Shared {
    target: String,
    /// How many bytes may go to the target in all.
    allowed: watch::Sender<u64>,
    forwarded: AtomicU64,
    listens: bool,
    /// Each direction of each connection by itself.
    heard: Mutex<Vec<Vec<u8>>>,
}

impl Wire {
    /// A wire to `target` (`host:port`).
    pub async fn to(target: &str) -> Self {
        Self::lay(target, false).await
    }

    /// A wire that keeps everything that goes over it.
    pub async fn listening(target: &str) -> Self {
        Self::lay(target, true).await
    }

    async fn lay(target: &str, listens: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::new(Shared {
            target: target.to_owned(),
            allowed: watch::Sender::new(u64::MAX),
            forwarded: AtomicU64::new(0),
            listens,
            heard: Mutex::default(),
        });
        let task = tokio::spawn(carry(listener, shared.clone())).abort_handle();
        Self { port, shared, task }
    }

    /// After `bytes` more to the target, everything waits.
    pub fn stalls_after(&self, bytes: u64) {
        self.shared.allowed.send_replace(self.shared.forwarded.load(Ordering::Relaxed) + bytes);
    }

    /// Whether something waits.
    pub fn is_stalled(&self) -> bool {
        self.shared.forwarded.load(Ordering::Relaxed) >= *self.shared.allowed.borrow()
    }

    /// Carries everything again.
    pub fn heals(&self) {
        self.shared.allowed.send_replace(u64::MAX);
    }

    /// What went over it, each direction of each connection by itself.
    pub fn heard(&self) -> Vec<Vec<u8>> {
        self.shared.heard.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn carry(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    while let Ok((near, _)) = listener.accept().await {
        let shared = shared.clone();
        connections.spawn(async move {
            // A target that isn't there is told by closing.
            let Ok(far) = TcpStream::connect(&shared.target).await else { return };
            let (near_in, near_out) = near.into_split();
            let (far_in, far_out) = far.into_split();
            tokio::join!(pump(near_in, far_out, &shared, true), pump(far_in, near_out, &shared, false));
        });
    }
}

async fn pump(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, shared: &Shared, to_target: bool) {
    let place = {
        let mut heard = shared.heard.lock().unwrap_or_else(PoisonError::into_inner);
        heard.push(Vec::new());
        heard.len() - 1
    };
    let mut buffer = vec![0; 16 << 10];
    let mut allowed = shared.allowed.subscribe();
    while let Ok(read @ 1..) = from.read(&mut buffer).await {
        let mut rest = &buffer[..read];
        if shared.listens {
            shared.heard.lock().unwrap_or_else(PoisonError::into_inner)[place].extend_from_slice(rest);
        }
        while !rest.is_empty() {
            let open = if to_target { *allowed.borrow_and_update() } else { u64::MAX };
            let room = open.saturating_sub(shared.forwarded.load(Ordering::Relaxed));
            if room == 0 {
                if allowed.changed().await.is_err() {
                    return;
                }
                continue;
            }
            let part = rest.len().min(usize::try_from(room).unwrap_or(usize::MAX));
            if to.write_all(&rest[..part]).await.is_err() {
                return;
            }
            if to_target {
                shared.forwarded.fetch_add(part as u64, Ordering::Relaxed);
            }
            rest = &rest[part..];
        }
    }
    let _ = to.shutdown().await;
}
