//! Watches series until they are complete, then makes them ready or parks them.

use crate::error::Error;
use crate::store::{self, Became, Origin, Pending};
use crate::volume::convert;
use crate::workflow::{Completion, Patience, decide_completion};
use crate::{Config, Deps};
use chrono::TimeDelta;
use contract::Actor;
use platform::{Shutdown, telemetry};
use std::sync::Arc;
use std::time::Duration;
use tracing::Instrument as _;

/// How often series are looked at.
const LOOK: Duration = Duration::from_millis(250);
/// After a failure, the store or database gets time to come back.
const REST: Duration = Duration::from_secs(5);

/// Looks at series until `shutdown`.
pub(crate) async fn watch(config: Arc<Config>, deps: Deps, shutdown: Shutdown) {
    let mut pause = LOOK;
    while shutdown.sleep(pause).await {
        pause = match look(&config, &deps).await {
            Ok(()) => LOOK,
            Err(error) => {
                tracing::error!(
                    event = "series.look_failed",
                    error = &error as &dyn std::error::Error,
                    "series can't be completed now; they are looked at again"
                );
                REST
            }
        };
    }
}

/// Looks at every series that may be complete. One that fails doesn't keep the others from being looked at.
pub(crate) async fn look(config: &Config, deps: &Deps) -> Result<(), Error> {
    let now = deps.clock.now();
    let patience = Patience {
        quiet: TimeDelta::seconds(i64::from(config.quiet_seconds)),
        settle: TimeDelta::seconds(i64::from(config.settle_seconds)),
        voxels_max: config.voxels_max,
    };
    let mut failed = None;
    for pending in store::series_pending(&deps.db, now - patience.quiet).await? {
        let span = tracing::info_span!("complete", series.id = %pending.id);
        telemetry::continue_from(&span, pending.trace.as_deref());
        if let Err(error) = conclude(deps, &pending, patience).instrument(span).await {
            failed = Some(error);
        }
    }
    failed.map_or(Ok(()), Err)
}

async fn conclude(deps: &Deps, pending: &Pending, patience: Patience) -> Result<(), Error> {
    let members = store::member_list(&deps.db, &pending.id).await?;
    let (members, files): (Vec<_>, Vec<_>) = members.into_iter().unzip();
    let now = deps.clock.now();
    let became = match decide_completion(pending.arrival, &members, patience, now) {
        Completion::Wait => return Ok(()),
        Completion::Park { code, reason } => Became::Parked { code, reason },
        Completion::Convert { stack, slices, source_set } => {
            let order: Vec<usize> = stack.order.iter().map(|index| slices[*index]).collect();
            let files: Vec<_> = order.iter().map(|index| files[*index]).collect();
            match convert(deps, stack, &files).await? {
                Ok(volume) => Became::Ready {
                    source_set,
                    volume: volume.key,
                    padding: volume.padding,
                    slices: order.iter().map(|index| members[*index].sop_instance_uid.clone()).collect(),
                },
                Err(why) => Became::Parked {
                    code: why.code().to_owned(),
                    reason: format!("the series can't be converted: {why}"),
                },
            }
        }
    };
    save(deps, pending, became).await
}

async fn save(deps: &Deps, pending: &Pending, became: Became) -> Result<(), Error> {
    let origin = Origin {
        actor: Actor::service("intake"),
        now: deps.clock.now(),
        causation: None,
        random: deps.random.clone(),
    };
    let (event, series) = match &became {
        Became::Ready { .. } => ("series.ready", pending.id.clone()),
        Became::Parked { .. } => ("series.parked", pending.id.clone()),
    };
    let pending = pending.clone();
    let saved = database::transaction(&deps.db, |txn| {
        Box::pin(async move { store::series_conclude(txn, &origin, &pending, &became).await })
    })
    .await;
    match saved {
        Ok(()) => {
            tracing::info!(event, series.id = %series, "a series is complete");
            Ok(())
        }
        // An instance came while the series was converted: it is looked at again.
        Err(Error::Database(database::Error::Conflict { .. })) => Ok(()),
        Err(error) => Err(error),
    }
}
