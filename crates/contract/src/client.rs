//! The HTTP client under every service's typed client.

use crate::Refusal;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::sync::Arc;

/// Gives the bearer token for a call: a service's own, or the one of the person on whose behalf it calls.
pub trait TokenSource: Send + Sync {
    /// A token that the service named `audience` accepts now.
    fn bearer(&self, audience: &str) -> String;

    /// The W3C `traceparent` of the work that calls.
    fn traceparent(&self) -> Option<String> {
        None
    }
}

/// A token that was minted elsewhere, for calls on behalf of a person.
#[derive(Debug, Clone)]
pub struct FixedToken(pub String);

impl TokenSource for FixedToken {
    fn bearer(&self, _audience: &str) -> String {
        self.0.clone()
    }
}

/// Why a call to another service gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The domain says no.
    #[error("{service} refused: {refusal}")]
    Refused {
        /// Who was called.
        service: &'static str,
        /// Why, and what to do.
        refusal: Refusal,
    },
    /// Nobody answered, or the service is not ready: worth another try.
    #[error("{service} is not available")]
    Unavailable {
        /// Who was called.
        service: &'static str,
        /// What went wrong on the way.
        #[source]
        source: Option<reqwest::Error>,
    },
    /// An answer that the contract does not know.
    #[error("{service} answered {status} to {path}")]
    Unexpected {
        /// Who was called.
        service: &'static str,
        /// HTTP status.
        status: u16,
        /// The route that was called, without query.
        path: String,
    },
}

impl ClientError {
    /// Whether the same call may succeed later.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Unavailable { .. })
    }
}

/// A connection to one service.
#[derive(Clone)]
pub struct Client {
    service: &'static str,
    base: Arc<str>,
    http: reqwest::Client,
    tokens: Arc<dyn TokenSource>,
}

impl Client {
    /// A client for `service` at `base` (`http://127.0.0.1:4101`). `http` brings the timeouts.
    pub fn new(
        service: &'static str,
        base: &str,
        http: reqwest::Client,
        tokens: Arc<dyn TokenSource>,
    ) -> Self {
        Self { service, base: base.trim_end_matches('/').into(), http, tokens }
    }

    /// The same connection, calling with `token` instead.
    #[must_use]
    pub fn with_token(&self, token: String) -> Self {
        Self { tokens: Arc::new(FixedToken(token)), ..self.clone() }
    }

    /// The same connection, acting as `tokens` says.
    #[must_use]
    pub fn acting_as(&self, tokens: Arc<dyn TokenSource>) -> Self {
        Self { tokens, ..self.clone() }
    }

    /// Reads; `None` when the service says 404.
    pub async fn get<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &impl Serialize,
    ) -> Result<Option<T>, ClientError> {
        let request = self.request(reqwest::Method::GET, path).query(query);
        self.read(path, request).await
    }

    /// Reads what must exist.
    pub async fn get_one<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &impl Serialize,
    ) -> Result<T, ClientError> {
        let answer = self.get(path, query).await?;
        answer.ok_or_else(|| ClientError::Unexpected {
            service: self.service,
            status: 404,
            path: path.into(),
        })
    }

    /// Commands, and batch reads whose ids don't fit a query.
    pub async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
    ) -> Result<T, ClientError> {
        self.answer(path, self.request(reqwest::Method::POST, path).json(body)).await
    }

    /// The raw request, for bodies that are streamed.
    pub fn request(&self, method: reqwest::Method, path: &str) -> reqwest::RequestBuilder {
        let url = format!("{}{path}", self.base);
        let request = self.http.request(method, url).bearer_auth(self.tokens.bearer(self.service));
        match self.tokens.traceparent() {
            Some(traceparent) => request.header("traceparent", traceparent),
            None => request,
        }
    }

    /// Sends a request made by [`Client::request`] to `path` and reads the answer.
    pub async fn answer<T: DeserializeOwned>(
        &self,
        path: &str,
        request: reqwest::RequestBuilder,
    ) -> Result<T, ClientError> {
        let answer = self.read(path, request).await?;
        answer.ok_or_else(|| ClientError::Refused { service: self.service, refusal: Refusal::not_found() })
    }

    async fn read<T: DeserializeOwned>(
        &self,
        path: &str,
        request: reqwest::RequestBuilder,
    ) -> Result<Option<T>, ClientError> {
        let service = self.service;
        let unavailable = |source| ClientError::Unavailable { service, source: Some(source) };
        let response = request.send().await.map_err(unavailable)?;
        let status = response.status().as_u16();
        match status {
            200..=299 => response.json().await.map(Some).map_err(unavailable),
            404 => Ok(None),
            409 | 403 => {
                let refusal = response.json().await.map_err(unavailable)?;
                Err(ClientError::Refused { service, refusal })
            }
            429 | 502 | 503 | 504 => Err(ClientError::Unavailable { service, source: None }),
            _ => Err(ClientError::Unexpected { service, status, path: path.into() }),
        }
    }
}

/// The outbox of a service, whichever it is: the ledger fetches from it what did not come over the bus.
#[derive(Clone)]
pub struct Outbox(pub Client);

impl Outbox {
    /// Events after `after_seq`, in order; none when there are no more.
    pub async fn page(&self, after_seq: i64) -> Result<Vec<crate::Envelope>, ClientError> {
        self.0.get_one("/v1/outbox", &[("after_seq", after_seq)]).await
    }
}

/// The body of a batch read.
#[derive(Debug, Clone, Serialize, serde::Deserialize)]
pub struct Batch<I> {
    /// The wanted ids; unknown ones are left out of the answer.
    pub ids: Vec<I>,
}
