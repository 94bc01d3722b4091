//! Routes of coordinators, quality and administrators, and what readers do beside reading.

use super::{READERS, case_id, readers_request};
use crate::case::HoldReason;
use crate::shell::{Asked, Request, Shell};
use crate::workflow::Command;
use crate::{sample, store};
use actix_web::web::{Data, Json, Path, ServiceConfig, get, post};
use contract::review::{
    Case as CaseView, ChangePolicy, ChangePriority, Conflict, Credential, DeclareConflict, GrantCredential,
    HoldCase, HoldKind, InvalidateSignature, PolicyVersion, QualitySample, Reason, StudyFlag,
};
use contract::{CaseId, CredentialId, Refusal, Role, StudyId, UserId};
use platform::http::{Caller, HttpError, HttpResult};
use std::collections::HashMap;

/// Adds the routes.
pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .route("/v1/cases/{case}/withdraw", post().to(withdraw))
        .route("/v1/cases/{case}/defer", post().to(defer))
        .route("/v1/cases/{case}/conflict", post().to(own_conflict))
        .route("/v1/cases/{case}/hold", post().to(hold))
        .route("/v1/cases/{case}/resume", post().to(resume))
        .route("/v1/cases/{case}/return", post().to(return_case))
        .route("/v1/cases/{case}/invalidate", post().to(invalidate))
        .route("/v1/cases/{case}/priority", post().to(change_priority))
        .route("/v1/cases/{case}/revoke", post().to(revoke))
        .route("/v1/cases/{case}/propose-recall", post().to(propose_recall))
        .route("/v1/cases/{case}/confirm-recall", post().to(confirm_recall))
        .route("/v1/cases/{case}/mark-sentinel", post().to(mark_sentinel))
        .route("/v1/quality-samples", get().to(quality_samples))
        .route("/v1/study-flags", get().to(study_flags))
        .route("/v1/studies/{study}/flag", post().to(flag_study))
        .route("/v1/studies/{study}/unflag", post().to(unflag_study))
        .route("/v1/credentials", get().to(credentials))
        .route("/v1/credentials", post().to(grant_credential))
        .route("/v1/credentials/{credential}/revoke", post().to(revoke_credential))
        .route("/v1/conflicts", get().to(conflicts))
        .route("/v1/conflicts", post().to(declare_conflict))
        .route("/v1/policies", get().to(policies))
        .route("/v1/policies", post().to(change_policy));
}

const STEERING: [Role; 2] = [Role::Coordinator, Role::Quality];
/// Coordinators don't know whether reads differ, so no priority that they give tells a reader of it.
const PRIORITISING: [Role; 1] = [Role::Coordinator];
/// A recall takes a person of quality or an adjudicator each time, and two of them.
const RECALLING: [Role; 2] = [Role::Quality, Role::Adjudicator];
const GRANTING: [Role; 2] = [Role::Administrator, Role::Quality];
const RULING: [Role; 1] = [Role::Quality];

async fn withdraw(
    shell: Data<Shell>,
    caller: Caller,
    id: Path<String>,
    body: Json<Reason>,
) -> HttpResult<CaseView> {
    let (request, user) = (readers_request(caller.clone(), &id)?, person(&caller)?);
    Ok(Json(shell.change(&request, Command::Withdraw { user, reason: body.into_inner().reason }).await?))
}

async fn defer(
    shell: Data<Shell>,
    caller: Caller,
    id: Path<String>,
    body: Json<Reason>,
) -> HttpResult<CaseView> {
    let (request, user) = (readers_request(caller.clone(), &id)?, person(&caller)?);
    Ok(Json(shell.change(&request, Command::Defer { user, reason: body.into_inner().reason }).await?))
}

async fn own_conflict(
    shell: Data<Shell>,
    caller: Caller,
    id: Path<String>,
    body: Json<Reason>,
) -> HttpResult<Conflict> {
    let request = readers_request(caller, &id)?;
    Ok(Json(shell.declare_own_conflict(&request, &body.reason).await?))
}

async fn hold(
    shell: Data<Shell>,
    caller: Caller,
    id: Path<String>,
    body: Json<HoldCase>,
) -> HttpResult<CaseView> {
    let (request, by) = (request(&caller, &id, &STEERING)?, person(&caller)?);
    let HoldCase { kind, reason: words } = body.into_inner();
    let reason = match kind {
        HoldKind::Deferred => HoldReason::Deferred,
        HoldKind::Coordinator => HoldReason::Coordinator,
    };
    Ok(Json(shell.steer(&request, Command::HoldByHand { reason, by, words }).await?))
}

async fn resume(shell: Data<Shell>, caller: Caller, id: Path<String>) -> HttpResult<CaseView> {
    Ok(Json(shell.steer(&request(&caller, &id, &STEERING)?, Command::ResumeByHand).await?))
}

async fn invalidate(
    shell: Data<Shell>,
    caller: Caller,
    id: Path<String>,
    body: Json<InvalidateSignature>,
) -> HttpResult<CaseView> {
    let (request, by) = (request(&caller, &id, &RULING)?, person(&caller)?);
    let InvalidateSignature { signer, reason: words } = body.into_inner();
    Ok(Json(shell.steer(&request, Command::Invalidate { signer, by, words }).await?))
}

async fn return_case(shell: Data<Shell>, caller: Caller, id: Path<String>) -> HttpResult<CaseView> {
    Ok(Json(shell.steer(&request(&caller, &id, &STEERING)?, Command::Return).await?))
}

async fn revoke(
    shell: Data<Shell>,
    caller: Caller,
    id: Path<String>,
    body: Json<Reason>,
) -> HttpResult<CaseView> {
    let command = Command::Revoke { words: body.into_inner().reason };
    Ok(Json(shell.steer(&request(&caller, &id, &STEERING)?, command).await?))
}

async fn change_priority(
    shell: Data<Shell>,
    caller: Caller,
    id: Path<String>,
    body: Json<ChangePriority>,
) -> HttpResult<CaseView> {
    let (request, by) = (request(&caller, &id, &PRIORITISING)?, person(&caller)?);
    let ChangePriority { priority, reason: words } = body.into_inner();
    Ok(Json(shell.steer(&request, Command::ChangePriority { priority, by, words }).await?))
}

async fn propose_recall(
    shell: Data<Shell>,
    caller: Caller,
    id: Path<String>,
    body: Json<Reason>,
) -> HttpResult<CaseView> {
    let (request, by) = (request(&caller, &id, &RECALLING)?, person(&caller)?);
    let command = Command::ProposeRecall { by, words: body.into_inner().reason };
    Ok(Json(shell.recall(&request, command).await?))
}

async fn confirm_recall(shell: Data<Shell>, caller: Caller, id: Path<String>) -> HttpResult<CaseView> {
    let (request, by) = (request(&caller, &id, &RECALLING)?, person(&caller)?);
    Ok(Json(shell.recall(&request, Command::ConfirmRecall { by }).await?))
}

async fn mark_sentinel(
    shell: Data<Shell>,
    caller: Caller,
    id: Path<String>,
    body: Json<Reason>,
) -> HttpResult<CaseView> {
    let request = request(&caller, &id, &RULING)?;
    Ok(Json(shell.mark_sentinel(&request, &body.reason).await?))
}

async fn quality_samples(shell: Data<Shell>, caller: Caller) -> HttpResult<Vec<QualitySample>> {
    if caller.is_person() {
        caller.require_role(&RULING)?;
        refuse_readers(&caller)?;
    } else {
        // It counts them, for people of whom it asks the same.
        caller.require_service(&["audit"])?;
    }
    let cases = store::sample_cases(&shell.db).await?;
    let sources: Vec<CaseId> = cases.iter().filter_map(|case| case.made_of().cloned()).collect();
    let sources: HashMap<CaseId, _> = store::cases_load(&shell.db, &sources)
        .await?
        .into_iter()
        .map(|case| (case.id.clone(), case))
        .collect();
    let now = shell.now();
    let of = |case: &crate::case::Case| case.made_of().and_then(|id| sources.get(id));
    Ok(Json(cases.iter().flat_map(|case| sample::samples(case, of(case), now)).collect()))
}

/// Who reads learns neither which cases test them nor how others did.
fn refuse_readers(caller: &Caller) -> Result<(), HttpError> {
    if caller.require_role(&READERS).is_ok() {
        return Err(HttpError::Forbidden(Refusal::forbidden()));
    }
    Ok(())
}

async fn study_flags(shell: Data<Shell>, caller: Caller) -> HttpResult<Vec<StudyFlag>> {
    caller.require_role(&[Role::Coordinator, Role::Quality, Role::Administrator])?;
    Ok(Json(store::study_flag_list(&shell.db).await?))
}

async fn flag_study(
    shell: Data<Shell>,
    caller: Caller,
    id: Path<String>,
    body: Json<Reason>,
) -> HttpResult<StudyFlag> {
    let asked = asked(&caller, &STEERING)?;
    Ok(Json(shell.flag_study(&asked, &study_id(&id)?, &body.reason).await?))
}

async fn unflag_study(shell: Data<Shell>, caller: Caller, id: Path<String>) -> HttpResult<StudyFlag> {
    let asked = asked(&caller, &STEERING)?;
    Ok(Json(shell.unflag_study(&asked, &study_id(&id)?).await?))
}

async fn credentials(shell: Data<Shell>, caller: Caller) -> HttpResult<Vec<Credential>> {
    caller.require_role(&GRANTING)?;
    Ok(Json(store::credential_list(&shell.db).await?))
}

async fn grant_credential(
    shell: Data<Shell>,
    caller: Caller,
    body: Json<GrantCredential>,
) -> HttpResult<Credential> {
    let asked = asked(&caller, &GRANTING)?;
    Ok(Json(shell.grant_credential(&asked, body.into_inner()).await?))
}

async fn revoke_credential(shell: Data<Shell>, caller: Caller, id: Path<String>) -> HttpResult<Credential> {
    let asked = asked(&caller, &GRANTING)?;
    let id: CredentialId = id.parse().map_err(|_| HttpError::NotFound)?;
    Ok(Json(shell.revoke_credential(&asked, &id).await?))
}

async fn conflicts(shell: Data<Shell>, caller: Caller) -> HttpResult<Vec<Conflict>> {
    if caller.is_person() {
        caller.require_role(&[Role::Coordinator, Role::Quality, Role::Administrator])?;
    } else {
        caller.require_service(&["rollout"])?;
    }
    Ok(Json(store::conflict_list(&shell.db).await?))
}

async fn declare_conflict(
    shell: Data<Shell>,
    caller: Caller,
    body: Json<DeclareConflict>,
) -> HttpResult<Conflict> {
    let asked = asked(&caller, &[Role::Coordinator, Role::Quality, Role::Administrator])?;
    Ok(Json(shell.declare_conflict(&asked, body.into_inner()).await?))
}

async fn policies(shell: Data<Shell>, caller: Caller) -> HttpResult<Vec<PolicyVersion>> {
    caller.require_role(&GRANTING)?;
    let mut versions = store::policy_list(&shell.db).await?;
    versions.push(PolicyVersion {
        policy: shell.config.policy.clone(),
        reason: String::new(),
        adopted_by: None,
        adopted_at: None,
    });
    Ok(Json(versions))
}

async fn change_policy(
    shell: Data<Shell>,
    caller: Caller,
    body: Json<ChangePolicy>,
) -> HttpResult<PolicyVersion> {
    let asked = asked(&caller, &RULING)?;
    Ok(Json(shell.change_policy(&asked, body.into_inner()).await?))
}

fn request(caller: &Caller, id: &str, roles: &[Role]) -> Result<Request, HttpError> {
    caller.require_role(roles)?;
    Ok(Request { case: case_id(id)?, actor: caller.actor.clone(), causation: caller.request.clone() })
}

pub(super) fn asked(caller: &Caller, roles: &[Role]) -> Result<Asked, HttpError> {
    caller.require_role(roles)?;
    Ok(Asked { actor: caller.actor.clone(), user: person(caller)?, causation: caller.request.clone() })
}

fn person(caller: &Caller) -> Result<UserId, HttpError> {
    caller.actor.user().cloned().ok_or_else(|| HttpError::Forbidden(Refusal::forbidden()))
}

fn study_id(text: &str) -> Result<StudyId, HttpError> {
    text.parse().map_err(|_| HttpError::NotFound)
}
