//! Routes of those who sign: a read, the same read under a corrected identity, and what they add to it later.

use super::readers_request;
use crate::assign::Reader;
use crate::case::{Case, SignedRead};
use crate::shell::{Request, Shell};
use crate::sign::Signing;
use crate::store;
use crate::workflow::Command;
use actix_web::web::{Data, Json, Path, ServiceConfig, post};
use contract::review::{Case as CaseView, ConfirmRead, PersonalKey, ReadContent, SignRead, WriteAddendum};
use contract::{Actor, Digest, FindingId, ReadId, Refusal, SignatureId, UserId};
use platform::http::{Caller, HttpError, HttpResult};

/// Adds the routes.
pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .route("/v1/cases/{case}/sign", post().to(sign))
        .route("/v1/cases/{case}/confirm", post().to(confirm))
        .route("/v1/cases/{case}/addenda", post().to(write_addendum));
}

/// What is signed, by the request.
struct Subject {
    content: ReadContent,
    case_digest: Digest,
    personal_key: Option<PersonalKey>,
}

async fn sign(
    shell: Data<Shell>,
    caller: Caller,
    id: Path<String>,
    body: Json<SignRead>,
) -> HttpResult<CaseView> {
    let SignRead { content, case_digest, personal_key } = body.into_inner();
    let content = with_finding_ids(&shell, content);
    Box::pin(signed(&shell, caller, &id, |_, _| Subject { content, case_digest, personal_key })).await
}

/// What is signed is what the caller signed before: none of it comes from the browser.
async fn confirm(
    shell: Data<Shell>,
    caller: Caller,
    id: Path<String>,
    body: Json<ConfirmRead>,
) -> HttpResult<CaseView> {
    let ConfirmRead { read, case_digest, personal_key } = body.into_inner();
    let now = shell.now();
    let signing = signed(&shell, caller, &id, |case, user| {
        let former = case.former_read_of(user, now).filter(|former| former.id == read);
        // Where there is none the signature is refused, and told to be, as any other.
        let nothing = || ReadContent { confirms: Some(read.clone()), ..ReadContent::default() };
        let content = former.map_or_else(nothing, SignedRead::confirmed);
        Subject { content, case_digest, personal_key }
    });
    Box::pin(signing).await
}

async fn signed(
    shell: &Shell,
    caller: Caller,
    id: &str,
    subject: impl FnOnce(&Case, &UserId) -> Subject,
) -> HttpResult<CaseView> {
    let claims = caller.signing.clone().ok_or_else(identity_not_proved)?;
    let request = readers_request(caller, id)?;
    let (Actor::Person { printed_name, .. }, Some(reader)) = (&request.actor, Reader::of(&request.actor))
    else {
        return Err(HttpError::Forbidden(Refusal::forbidden()));
    };
    let case = store::case_load(&shell.db, &request.case).await?.ok_or(HttpError::NotFound)?;
    let Subject { content, case_digest, personal_key } = subject(&case, &reader.user);
    let signing = Signing {
        reader,
        printed_name: printed_name.clone(),
        authentication: claims.amr,
        subject: claims.subject,
        content,
        case_digest,
        personal_key,
        regions: shell.regions_of(&case).await?,
        read: shell.random.with(ReadId::random),
        signature: shell.random.with(SignatureId::random),
    };
    Ok(Json(shell.sign(&request, signing, &claims.nonce).await?))
}

/// Every signed finding has an id, so that the SR can name it.
fn with_finding_ids(shell: &Shell, mut content: ReadContent) -> ReadContent {
    for finding in &mut content.findings {
        finding.id.get_or_insert_with(|| shell.random.with(FindingId::random));
    }
    content
}

async fn write_addendum(
    shell: Data<Shell>,
    caller: Caller,
    id: Path<String>,
    body: Json<WriteAddendum>,
) -> HttpResult<CaseView> {
    let request: Request = readers_request(caller, &id)?;
    let user = request.actor.user().cloned().ok_or_else(|| HttpError::Forbidden(Refusal::forbidden()))?;
    let WriteAddendum { stance, words } = body.into_inner();
    let view = shell.change(&request, Command::WriteAddendum { user, stance, words }).await?;
    // A release that rested on the read does so no more.
    shell.bell.notify_one();
    Ok(Json(view))
}

pub(super) fn identity_not_proved() -> HttpError {
    HttpError::Refused(Refusal::new(
        "signing_token_missing",
        "signing needs a fresh proof of who you are",
        "enter your password to sign",
    ))
}
