//! What can go wrong on the bus.

type Source = Box<dyn std::error::Error + Send + Sync>;

/// Why the bus did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A message was sent straight to a queue that doesn't exist.
    #[error("no queue '{queue}' to take the message")]
    Unroutable {
        /// The queue.
        queue: String,
    },
    /// Somebody wants messages of a queue that was never declared.
    #[error("queue '{queue}' was not declared")]
    UnknownQueue {
        /// The queue.
        queue: String,
    },
    /// The address of the bus can't be used.
    #[error("'{url}' is not an address of a message bus: {problem}")]
    Address {
        /// The address, without credentials.
        url: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The bus can't be reached or broke the connection.
    #[error("the message bus failed to {attempt}")]
    Unavailable {
        /// What was attempted.
        attempt: &'static str,
        /// Why it failed.
        #[source]
        source: Source,
    },
    /// The bus did not answer in time; whether it has the message is unknown.
    #[error("the message bus did not {attempt} within {seconds} s")]
    Timeout {
        /// What was attempted.
        attempt: &'static str,
        /// How long it was waited for.
        seconds: u64,
    },
    /// The bus will not keep the message now: it is full, or a replica is missing.
    #[error("the message bus refuses messages now")]
    Refused,
}

impl Error {
    /// An [`Error::Unavailable`] with its cause.
    pub fn unavailable(attempt: &'static str, source: impl Into<Source>) -> Self {
        Self::Unavailable { attempt, source: source.into() }
    }

    /// Whether the same attempt may succeed later without anybody's help.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Unavailable { .. } | Self::Timeout { .. } | Self::Refused)
    }
}
