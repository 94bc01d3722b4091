//! Cases that their reads ended, for the figures of audit and the stop rules of rollout.

use crate::shell::Shell;
use crate::{ended, store};
use actix_web::web::{Data, Json, Query, ServiceConfig, get};
use contract::review::{EndedPage, EndedQuery};
use platform::http::{Caller, HttpResult};

/// Cases read at once.
const CASES_MAX: u64 = 500;

pub(crate) fn routes(config: &mut ServiceConfig) {
    config.route("/v1/ended-cases", get().to(ended_cases));
}

async fn ended_cases(shell: Data<Shell>, caller: Caller, query: Query<EndedQuery>) -> HttpResult<EndedPage> {
    caller.require_service(&["audit", "rollout"])?;
    let mut cases = store::cases_ended(&shell.db, &query, CASES_MAX + 1).await?;
    let more = cases.len() as u64 > CASES_MAX;
    cases.truncate(CASES_MAX as usize);
    let after = cases.last().filter(|_| more).and_then(store::ended_cursor);
    Ok(Json(EndedPage { cases: cases.iter().filter_map(ended::ended).collect(), after }))
}
