//! Routes of discussions of cases that are over.

use super::oversight::asked;
use crate::shell::Shell;
use crate::store;
use actix_web::web::{Data, Json, Path, Query, ServiceConfig, get, post};
use contract::review::{
    CloseDiscussion, Contribute, Discussion, DiscussionsQuery, Lesson, OpenDiscussion, ScoreReading,
    ScoredCase, ScoredQuery,
};
use contract::{DiscussionId, Page, Role};
use platform::http::{Caller, HttpError, HttpResult};

/// Adds the routes.
pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .route("/v1/discussions", get().to(discussions))
        .route("/v1/discussions", post().to(open))
        .route("/v1/discussions/{discussion}", get().to(discussion))
        .route("/v1/discussions/{discussion}/contribute", post().to(contribute))
        .route("/v1/discussions/{discussion}/score", post().to(score))
        .route("/v1/discussions/{discussion}/close", post().to(close))
        .route("/v1/discussions/{discussion}/lesson", get().to(lesson))
        .route("/v1/scored-cases", get().to(scored_cases));
}

/// Who may have a part in a discussion; in which, is decided by `learning`.
const DISCUSSING: [Role; 3] = [Role::Quality, Role::Radiologist, Role::Adjudicator];

async fn discussions(
    shell: Data<Shell>,
    caller: Caller,
    wanted: Query<DiscussionsQuery>,
) -> HttpResult<Page<Discussion>> {
    let asked = asked(&caller, &DISCUSSING)?;
    Ok(Json(shell.discussions(&asked, &wanted).await?))
}

async fn discussion(shell: Data<Shell>, caller: Caller, id: Path<String>) -> HttpResult<Discussion> {
    let asked = asked(&caller, &DISCUSSING)?;
    Ok(Json(shell.discussion(&asked, &discussion_id(&id)?).await?))
}

async fn open(shell: Data<Shell>, caller: Caller, body: Json<OpenDiscussion>) -> HttpResult<Discussion> {
    let asked = asked(&caller, &DISCUSSING)?;
    Ok(Json(shell.open_discussion(&asked, body.into_inner()).await?))
}

async fn contribute(
    shell: Data<Shell>,
    caller: Caller,
    id: Path<String>,
    body: Json<Contribute>,
) -> HttpResult<Discussion> {
    let asked = asked(&caller, &DISCUSSING)?;
    Ok(Json(shell.contribute(&asked, &discussion_id(&id)?, &body.words).await?))
}

async fn score(
    shell: Data<Shell>,
    caller: Caller,
    id: Path<String>,
    body: Json<ScoreReading>,
) -> HttpResult<Discussion> {
    let asked = asked(&caller, &DISCUSSING)?;
    Ok(Json(shell.score_reading(&asked, &discussion_id(&id)?, body.score).await?))
}

async fn close(
    shell: Data<Shell>,
    caller: Caller,
    id: Path<String>,
    body: Json<CloseDiscussion>,
) -> HttpResult<Discussion> {
    let asked = asked(&caller, &DISCUSSING)?;
    Ok(Json(shell.close_discussion(&asked, &discussion_id(&id)?, &body.learning_point).await?))
}

/// For teaching sets, which delivery makes for quality: who may have them is asked there.
async fn lesson(shell: Data<Shell>, caller: Caller, id: Path<String>) -> HttpResult<Lesson> {
    caller.require_service(&["delivery"])?;
    Ok(Json(shell.lesson(&discussion_id(&id)?).await?))
}

/// For figures: whose the scores are is not among what leaves here.
async fn scored_cases(
    shell: Data<Shell>,
    caller: Caller,
    wanted: Query<ScoredQuery>,
) -> HttpResult<Vec<ScoredCase>> {
    caller.require_service(&["audit"])?;
    Ok(Json(store::scored_cases(&shell.db, wanted.into_inner()).await?))
}

/// Text that is no id names nothing.
fn discussion_id(text: &str) -> Result<DiscussionId, HttpError> {
    text.parse().map_err(|_| HttpError::NotFound)
}
