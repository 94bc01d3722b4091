//! Pairs of a comparison.

use super::READERS;
use super::oversight::asked;
use super::signing::identity_not_proved;
use crate::error::Error;
use crate::shell::Shell;
use crate::side_by_side::Answering;
use crate::sign::Signed;
use actix_web::web::{Data, Json, Path, ServiceConfig, get, post};
use contract::review::{CompletedPair, Pair, PairSource, Side, SignPair};
use contract::{Actor, ComparisonId, PairId, Refusal, SignatureId};
use platform::http::{Caller, HttpError, HttpResult};

/// Adds the routes.
pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .route("/v1/pairs", get().to(pairs))
        .route("/v1/pairs/{pair}", get().to(pair))
        .route("/v1/pairs/{pair}/open", post().to(open))
        .route("/v1/pairs/{pair}/sign", post().to(sign))
        .route("/v1/pairs/{pair}/{side}/view", post().to(view))
        .route("/v1/comparisons/{comparison}/pairs", get().to(completed));
}

async fn pairs(shell: Data<Shell>, caller: Caller) -> HttpResult<Vec<Pair>> {
    caller.require_role(&READERS)?;
    Ok(Json(shell.pairs_for(&caller.actor).await?))
}

async fn pair(shell: Data<Shell>, caller: Caller, id: Path<String>) -> HttpResult<Pair> {
    caller.require_role(&READERS)?;
    Ok(Json(shell.pair_shown(&pair_id(&id)?, &caller.actor).await?))
}

async fn open(shell: Data<Shell>, caller: Caller, id: Path<String>) -> HttpResult<Pair> {
    let asked = asked(&caller, &READERS)?;
    Ok(Json(shell.pair_open(&pair_id(&id)?, &asked).await?))
}

async fn sign(
    shell: Data<Shell>,
    caller: Caller,
    id: Path<String>,
    body: Json<SignPair>,
) -> HttpResult<Pair> {
    let asked = asked(&caller, &READERS)?;
    let claims = caller.signing.clone().ok_or_else(identity_not_proved)?;
    let Actor::Person { printed_name, .. } = &caller.actor else {
        return Err(HttpError::Forbidden(Refusal::forbidden()));
    };
    let SignPair { answer: content, shown_digest } = body.into_inner();
    let signed = Signed {
        id: shell.random.with(SignatureId::random),
        printed_name: printed_name.clone(),
        authentication: claims.amr,
    };
    let answering =
        Answering { actor: caller.actor.clone(), content, shown_digest, subject: claims.subject, signed };
    Ok(Json(shell.pair_sign(&pair_id(&id)?, &asked.causation, answering, &claims.nonce).await?))
}

/// Told to the gateway on behalf of a reader; it hands out the copies and never this.
async fn view(shell: Data<Shell>, caller: Caller, path: Path<(String, String)>) -> HttpResult<PairSource> {
    let asked = asked(&caller, &READERS)?;
    let Actor::Person { login, .. } = &caller.actor else { return Err(HttpError::NotFound) };
    let (id, side) = path.into_inner();
    let side = Side::BOTH.into_iter().find(|known| known.as_str() == side).ok_or(HttpError::NotFound)?;
    Ok(Json(shell.pair_view(&pair_id(&id)?, side, &asked, login.clone()).await?))
}

async fn completed(
    shell: Data<Shell>,
    caller: Caller,
    id: Path<ComparisonId>,
) -> HttpResult<Vec<CompletedPair>> {
    caller.require_service(&["rollout"])?;
    Ok(Json(shell.pairs_completed(&id).await?))
}

/// Text that is no id names nothing.
fn pair_id(text: &str) -> Result<PairId, HttpError> {
    text.parse().map_err(|_| HttpError::from(Error::NotFound))
}
