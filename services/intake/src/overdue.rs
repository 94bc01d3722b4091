//! Tells when entries of the quarantine have waited longer than they should: once for those that stand together.

use crate::error::Error;
use crate::remedy;
use crate::store::{self, Origin};
use crate::{Config, Deps};
use chrono::TimeDelta;
use contract::{Actor, Event, QuarantineId, Time};
use platform::Shutdown;
use std::sync::Arc;
use std::time::Duration;

/// How often it is looked.
const LOOK: Duration = Duration::from_secs(5);
/// Entries looked at in one go, the oldest first: what is told of doesn't hide what isn't.
const BATCH: u64 = 10_000;

/// Since when an entry that is overdue `now` has waited at least.
pub(crate) fn before(config: &Config, now: Time) -> Time {
    now - TimeDelta::hours(i64::from(config.quarantine_alarm_hours))
}

/// Looks until `shutdown`.
pub(crate) async fn watch(config: Arc<Config>, deps: Deps, shutdown: Shutdown) {
    while shutdown.sleep(LOOK).await {
        if let Err(error) = look(&config, &deps).await {
            tracing::error!(
                event = "quarantine.look_failed",
                error = &error as &dyn std::error::Error,
                "whether something waits too long in quarantine can't be told now; it is looked at again"
            );
        }
    }
}

async fn look(config: &Config, deps: &Deps) -> Result<(), Error> {
    let overdue = store::quarantine_overdue(&deps.db, before(config, deps.clock.now()), BATCH).await?;
    for together in remedy::untold(&overdue) {
        tell(deps, together).await?;
    }
    Ok(())
}

async fn tell(deps: &Deps, together: remedy::Untold) -> Result<(), Error> {
    let origin = Origin {
        actor: Actor::service("intake"),
        now: deps.clock.now(),
        causation: None,
        random: deps.random.clone(),
    };
    let is_told = database::transaction(&deps.db, |txn| {
        Box::pin(async move {
            // Another process, or a person's act, may have been quicker.
            let noted = store::quarantine_alarm(txn, &together.entries, origin.now).await?;
            let oldest = together.entries.first().filter(|_| noted > 0 && together.is_first);
            let Some(oldest) = oldest.cloned() else { return Ok::<Option<QuarantineId>, Error>(None) };
            let entries = u32::try_from(noted).unwrap_or(u32::MAX);
            let event = Event::QuarantineOverdue { quarantine: oldest.clone(), entries };
            store::tell(txn, &origin, oldest.as_str(), event).await?;
            Ok(Some(oldest))
        })
    })
    .await?;
    if let Some(oldest) = is_told {
        tracing::warn!(
            event = "quarantine.overdue",
            quarantine.id = %oldest,
            "entries wait in quarantine longer than they should: a person has to decide"
        );
    }
    Ok(())
}
