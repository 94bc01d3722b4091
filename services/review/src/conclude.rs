//! What time brings about: holds that lapse, reads that become final, holds that end.

use crate::error::Error;
use crate::shell::Shell;
use crate::store;
use contract::CaseId;
use contract::review::CaseState;
use platform::Shutdown;
use std::time::Duration;

/// Looks again and again until `shutdown`, and at once when a read was signed.
pub async fn run(shell: Shell, shutdown: Shutdown) {
    let pause = Duration::from_secs(u64::from(shell.config.conclude_seconds));
    let rechecks = (shell.config.recheck_held_seconds / shell.config.conclude_seconds).max(1);
    for round in 0_u32.. {
        if let Err(error) = once(&shell, round % rechecks == 0).await {
            tracing::warn!(
                event = "conclude.interrupted",
                error = &error as &dyn std::error::Error,
                "cases could not be looked through; it is tried again"
            );
        }
        tokio::select! {
            () = shell.bell.notified() => {}
            go_on = shutdown.sleep(pause) => if !go_on { return },
        }
    }
}

/// Looks once. A case that fails does not keep the others from their conclusion.
///
/// # Errors
/// When the list of cases can't be read, or repeats can't be drawn.
pub async fn once(shell: &Shell, recheck_held: bool) -> Result<(), Error> {
    for id in store::cases_with_lapsed_lease(&shell.db, shell.now()).await? {
        report(&id, shell.end_lapsed(&id).await);
    }
    if recheck_held {
        store::presence_note(&shell.db, shell.now()).await?;
        for case in store::cases_in(&shell.db, &[CaseState::Held, CaseState::Deferred]).await? {
            report(&case.id, shell.recheck(&case).await);
        }
        shell.draw_repeats().await?;
    }
    shell.expire_pairs().await?;
    for id in store::cases_overdue(&shell.db, shell.now()).await? {
        report(&id, shell.note_overdue(&id).await);
    }
    for case in store::cases_expired(&shell.db, shell.now()).await? {
        report(&case.id, shell.settle(&case).await);
    }
    let under_way = [CaseState::Reading, CaseState::Discordant, CaseState::Adjudicating];
    for case in store::cases_in(&shell.db, &under_way).await? {
        report(&case.id, shell.settle(&case).await);
    }
    Ok(())
}

fn report(id: &CaseId, outcome: Result<(), Error>) {
    if let Err(error) = outcome {
        tracing::warn!(
            event = "conclude.failed",
            case.id = %id,
            error = &error as &dyn std::error::Error,
            "a case got no conclusion now; it is tried again"
        );
    }
}
