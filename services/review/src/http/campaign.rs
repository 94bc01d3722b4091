//! Routes of recalls of whole selections.

use crate::shell::{Asked, Shell};
use actix_web::web::{Data, Json, Path, Query, ServiceConfig, get, post};
use contract::review::{
    ConfirmCampaign, ProposeCampaign, Reason, RecallCampaign, RecallPreview, RecallSelection, SelectedCase,
    SelectedPage,
};
use contract::{CaseId, Page, PageRequest, RecallCampaignId, Role};
use platform::http::{Caller, HttpError, HttpResult};

/// Adds the routes.
pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .route("/v1/recall-campaigns", get().to(campaigns))
        .route("/v1/recall-campaigns", post().to(propose))
        .route("/v1/recall-campaigns/preview", post().to(preview))
        .route("/v1/recall-campaigns/preview/cases", post().to(preview_cases))
        .route("/v1/recall-campaigns/{campaign}", get().to(campaign))
        .route("/v1/recall-campaigns/{campaign}/cases", get().to(campaign_cases))
        .route("/v1/recall-campaigns/{campaign}/case-ids", get().to(campaign_case_ids))
        .route("/v1/recall-campaigns/{campaign}/confirm", post().to(confirm))
        .route("/v1/recall-campaigns/{campaign}/withdraw", post().to(withdraw));
}

/// As with a recall of one case.
const RECALLING: [Role; 2] = [Role::Quality, Role::Adjudicator];
/// Who may see what was recalled.
const WATCHING: [Role; 4] = [Role::Quality, Role::Adjudicator, Role::Administrator, Role::Coordinator];

async fn preview(
    shell: Data<Shell>,
    caller: Caller,
    body: Json<RecallSelection>,
) -> HttpResult<RecallPreview> {
    caller.require_role(&RECALLING)?;
    Ok(Json(shell.recall_preview(&caller.actor, &body).await?))
}

async fn preview_cases(
    shell: Data<Shell>,
    caller: Caller,
    body: Json<SelectedPage>,
) -> HttpResult<Page<SelectedCase>> {
    caller.require_role(&RECALLING)?;
    Ok(Json(shell.recall_preview_cases(&caller.actor, &body).await?))
}

async fn campaigns(
    shell: Data<Shell>,
    caller: Caller,
    page: Query<PageRequest>,
) -> HttpResult<Page<RecallCampaign>> {
    caller.require_role(&WATCHING)?;
    Ok(Json(shell.campaigns(&caller.actor, &page).await?))
}

async fn campaign(shell: Data<Shell>, caller: Caller, id: Path<String>) -> HttpResult<RecallCampaign> {
    caller.require_role(&WATCHING)?;
    Ok(Json(shell.campaign(&caller.actor, &campaign_id(&id)?).await?))
}

async fn campaign_cases(
    shell: Data<Shell>,
    caller: Caller,
    id: Path<String>,
    page: Query<PageRequest>,
) -> HttpResult<Page<SelectedCase>> {
    caller.require_role(&WATCHING)?;
    Ok(Json(shell.campaign_cases(&caller.actor, &campaign_id(&id)?, &page).await?))
}

async fn campaign_case_ids(shell: Data<Shell>, caller: Caller, id: Path<String>) -> HttpResult<Vec<CaseId>> {
    caller.require_role(&WATCHING)?;
    Ok(Json(shell.campaign_case_ids(&caller.actor, &campaign_id(&id)?).await?))
}

async fn propose(
    shell: Data<Shell>,
    caller: Caller,
    body: Json<ProposeCampaign>,
) -> HttpResult<RecallCampaign> {
    let asked = asked(&caller)?;
    Ok(Json(shell.propose_campaign(&asked, body.into_inner()).await?))
}

async fn confirm(
    shell: Data<Shell>,
    caller: Caller,
    id: Path<String>,
    body: Json<ConfirmCampaign>,
) -> HttpResult<RecallCampaign> {
    let asked = asked(&caller)?;
    Ok(Json(shell.confirm_campaign(&asked, &campaign_id(&id)?, body.into_inner()).await?))
}

async fn withdraw(
    shell: Data<Shell>,
    caller: Caller,
    id: Path<String>,
    body: Json<Reason>,
) -> HttpResult<RecallCampaign> {
    let asked = asked(&caller)?;
    Ok(Json(shell.withdraw_campaign(&asked, &campaign_id(&id)?, &body.reason).await?))
}

fn asked(caller: &Caller) -> Result<Asked, HttpError> {
    super::oversight::asked(caller, &RECALLING)
}

fn campaign_id(text: &str) -> Result<RecallCampaignId, HttpError> {
    text.parse().map_err(|_| HttpError::NotFound)
}
