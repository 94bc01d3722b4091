//! What a service's HTTP handlers share: who calls, and how a refusal or a fault is answered.

use crate::login::Logins;
use crate::token::{SigningClaims, TokenVerifier};
use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::http::header::{AUTHORIZATION, CACHE_CONTROL, RETRY_AFTER};
use actix_web::{FromRequest, HttpRequest, HttpResponse, ResponseError, web};
use contract::{Actor, ClientError, Refusal, RequestId, Role};
use futures::future::LocalBoxFuture;
use std::sync::Arc;

/// What the server needs to know who calls.
#[derive(Clone)]
pub struct Authority {
    /// Checks tokens.
    pub verifier: Arc<TokenVerifier>,
    /// Checks login sessions.
    pub logins: Arc<dyn Logins>,
}

/// Who calls: an extractor. A missing, invalid or expired token, or a dead login session, is a 401.
#[derive(Debug, Clone)]
pub struct Caller {
    /// Who acts.
    pub actor: Actor,
    /// The request at the door that this belongs to.
    pub request: RequestId,
    /// Present when the caller has just proved who they are, to sign one thing.
    pub signing: Option<SigningClaims>,
}

impl Caller {
    /// Goes on only for a person holding one of `roles`.
    ///
    /// # Errors
    /// 403 otherwise.
    pub fn require_role(&self, roles: &[Role]) -> Result<(), HttpError> {
        if roles.iter().any(|role| self.actor.has_role(*role)) {
            Ok(())
        } else {
            Err(HttpError::Forbidden(Refusal::forbidden()))
        }
    }

    /// Goes on only for one of our services.
    ///
    /// # Errors
    /// 403 otherwise.
    pub fn require_service(&self, names: &[&str]) -> Result<(), HttpError> {
        match self.actor.service_name() {
            Some(name) if names.contains(&name) => Ok(()),
            _ => Err(HttpError::Forbidden(Refusal::forbidden())),
        }
    }

    /// Whether a person calls.
    pub fn is_person(&self) -> bool {
        matches!(self.actor, Actor::Person { .. })
    }
}

impl FromRequest for Caller {
    type Error = HttpError;
    type Future = LocalBoxFuture<'static, Result<Self, HttpError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let authority = request.app_data::<web::Data<Authority>>().cloned();
        let header = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let token = header.and_then(|value| value.strip_prefix("Bearer ")).map(str::to_owned);
        Box::pin(async move {
            let (Some(authority), Some(token)) = (authority, token) else {
                return Err(HttpError::Unauthenticated);
            };
            let verified = authority.verifier.verify(&token).map_err(|error| {
                tracing::warn!(
                    event = "token.refused",
                    error = &error as &dyn std::error::Error,
                    "token refused"
                );
                HttpError::Unauthenticated
            })?;
            if let Actor::Person { login, .. } = &verified.actor
                && !authority.logins.alive(login).await?
            {
                return Err(HttpError::Unauthenticated);
            }
            Ok(Self { actor: verified.actor, request: verified.request, signing: verified.signing })
        })
    }
}

/// How a request that was not carried out is answered.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// 401.
    #[error("not signed in")]
    Unauthenticated,
    /// 403, with the refusal.
    #[error("forbidden: {0}")]
    Forbidden(Refusal),
    /// 409, with the refusal.
    #[error("refused: {0}")]
    Refused(Refusal),
    /// 404: not there, or not for this caller; the two are never told apart.
    #[error("not found")]
    NotFound,
    /// 400.
    #[error("bad request: {0}")]
    BadRequest(String),
    /// 503: worth another try.
    #[error("not available now")]
    Unavailable,
    /// 507.
    #[error("no space left for this")]
    OutOfSpace,
    /// 500; the cause is logged here, once, and not told.
    #[error("internal error")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// What handlers return.
pub type HttpResult<T> = Result<web::Json<T>, HttpError>;

impl HttpError {
    /// Wraps a fault.
    pub fn internal(source: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self::Internal(Box::new(source))
    }
}

impl From<Refusal> for HttpError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<ClientError> for HttpError {
    fn from(error: ClientError) -> Self {
        match error {
            ClientError::Refused { refusal, .. } => Self::Refused(refusal),
            ClientError::Unavailable { .. } => Self::Unavailable,
            ClientError::Unexpected { .. } => Self::internal(error),
        }
    }
}

impl ResponseError for HttpError {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::Unauthenticated => StatusCode::UNAUTHORIZED,
            Self::Forbidden(_) => StatusCode::FORBIDDEN,
            Self::Refused(_) => StatusCode::CONFLICT,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::BadRequest(_) => StatusCode::BAD_REQUEST,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::OutOfSpace => StatusCode::INSUFFICIENT_STORAGE,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn error_response(&self) -> HttpResponse {
        let mut answer = HttpResponse::build(self.status_code());
        // A browser may keep "not found", and would go on saying so once the right is there (R46).
        answer.insert_header((CACHE_CONTROL, "no-store"));
        match self {
            Self::Forbidden(refusal) | Self::Refused(refusal) => answer.json(refusal),
            Self::BadRequest(why) => answer.json(Refusal::new("bad_request", why, "correct the request")),
            Self::Unavailable => answer.insert_header((RETRY_AFTER, "1")).finish(),
            Self::Internal(source) => {
                let error: &dyn std::error::Error = source.as_ref();
                tracing::error!(event = "http.fault", error, "a request ended in a fault");
                answer.finish()
            }
            Self::Unauthenticated | Self::NotFound | Self::OutOfSpace => answer.finish(),
        }
    }
}
