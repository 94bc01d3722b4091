//! Carries confirmed recalls of whole selections out, case by case. The list of cases stands in the database: what one
//! process leaves undone another one goes on with, and what two do at once has its effect once.

use crate::error::Error;
use crate::shell::Shell;
use crate::store::{self, Progress};
use contract::CaseId;
use platform::Shutdown;
use std::time::Duration;

/// How many cases are looked up at once.
const CASES_AT_ONCE: u64 = 100;

/// Looks again and again until `shutdown`.
pub async fn run(shell: Shell, shutdown: Shutdown) {
    let pause = Duration::from_secs(u64::from(shell.config.conclude_seconds));
    loop {
        if let Err(error) = once(&shell, || !shutdown.requested()).await {
            tracing::warn!(
                event = "recall.interrupted",
                error = &error as &dyn std::error::Error,
                "recalls of selections could not be looked through; it is tried again"
            );
        }
        if !shutdown.sleep(pause).await {
            return;
        }
    }
}

/// Takes every case back that waits for its turn, as long as `goes_on` says so. A case that fails does not keep the
/// others waiting.
///
/// # Errors
/// When a list can't be read, or the end of a campaign can't be stored.
pub async fn once(shell: &Shell, goes_on: impl Fn() -> bool) -> Result<(), Error> {
    for campaign in store::campaigns_under_way(&shell.db).await? {
        let mut last: Option<CaseId> = None;
        loop {
            let page = (last.as_ref(), CASES_AT_ONCE);
            let waiting =
                store::campaign_case_ids(&shell.db, &campaign.id, &[Progress::Waiting], page).await?;
            for id in &waiting {
                if !goes_on() {
                    return Ok(());
                }
                report(id, shell.recall_selected(&campaign, id).await);
                fail::fail_point!("review.between_recalls");
            }
            match waiting.into_iter().next_back() {
                Some(id) => last = Some(id),
                None => break,
            }
        }
        if shell.complete_campaign(&campaign.id).await? {
            tracing::info!(event = "recall.completed", campaign.id = %campaign.id, "a recall of a selection is done");
        }
    }
    Ok(())
}

fn report(id: &CaseId, outcome: Result<(), Error>) {
    if let Err(error) = outcome {
        tracing::warn!(
            event = "recall.failed",
            case.id = %id,
            error = &error as &dyn std::error::Error,
            "a case could not be recalled with its selection now; it is tried again"
        );
    }
}
