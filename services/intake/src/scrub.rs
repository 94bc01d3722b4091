//! Reads stored instances again and again: a store that lost or damaged one after it had said "written" is found out.
//! What is missed stands in the quarantine, and nothing made of its series is sent until the bytes are back.

use crate::error::Error;
use crate::store::{self, Kept, Origin, Unproven};
use crate::{Config, Deps};
use chrono::TimeDelta;
use contract::{Actor, Refusal};
use futures::TryStreamExt as _;
use platform::Shutdown;
use std::sync::Arc;
use std::time::Duration;

/// The longest pause between two looks.
const LOOK_MAX: Duration = Duration::from_mins(1);
/// Instances loaded in one go.
const BATCH: u64 = 64;

/// Proves instances until `shutdown`, each once in the configured time.
pub(crate) async fn watch(config: Arc<Config>, deps: Deps, shutdown: Shutdown) {
    let period = Duration::from_secs(u64::from(config.scrub_seconds));
    while shutdown.sleep(LOOK_MAX.min(period / 4)).await {
        if let Err(error) = look(&deps, period, &shutdown).await {
            tracing::error!(
                event = "scrub.failed",
                error = &error as &dyn std::error::Error,
                "stored instances can't be read over now; it is tried again"
            );
        }
    }
}

async fn look(deps: &Deps, period: Duration, shutdown: &Shutdown) -> Result<(), Error> {
    let period = TimeDelta::from_std(period).unwrap_or(TimeDelta::MAX);
    loop {
        let before = deps.clock.now() - period;
        let due = store::instance_list_unproven(&deps.db, before, BATCH).await?;
        if due.is_empty() {
            return Ok(());
        }
        for instance in due {
            if shutdown.requested() {
                return Ok(());
            }
            prove(deps, &instance).await?;
        }
    }
}

async fn prove(deps: &Deps, instance: &Unproven) -> Result<(), Error> {
    let loss = match deps.dicom.stream(&instance.object).await {
        Ok(None) => Some(lost()),
        Ok(Some((_, bytes))) => match bytes.try_for_each(|_| async { Ok(()) }).await {
            Ok(()) => None,
            Err(objects::Error::Corrupt { .. }) => Some(damaged()),
            Err(error) => return Err(error.into()),
        },
        Err(error) => return Err(error.into()),
    };
    match &loss {
        Some(refusal) => tracing::error!(
            event = "instance.lost",
            reason = refusal.code,
            "the store no longer has the bytes of an instance: nothing made of its series is sent"
        ),
        None if instance.lost => {
            tracing::info!(event = "instance.found", "the bytes of a lost instance are back");
        }
        None => {}
    }
    let origin = Origin {
        actor: Actor::service("intake"),
        now: deps.clock.now(),
        causation: None,
        random: deps.random.clone(),
    };
    let instance = instance.clone();
    database::transaction(&deps.db, |txn| {
        Box::pin(async move {
            let uid = &instance.sop_instance_uid;
            let Some(refusal) = loss else { return store::instance_found(txn, &origin, uid).await };
            store::instance_prove(txn, uid, true, origin.now).await?;
            let kept = Kept {
                object: instance.object,
                bytes: instance.bytes,
                sender: "SCRUB".to_owned(),
                refusal,
                attribute: None,
                belongs_to: store::study_uid_of_instance(txn, uid).await?,
            };
            store::quarantine_insert(txn, &origin, &kept).await.map(drop)
        })
    })
    .await
}

fn lost() -> Refusal {
    Refusal::new(
        "object_lost",
        "the store had the bytes of an instance and no longer has them",
        "send the instance again, or bring its object back from a backup; nothing made of its series is sent \
         until then",
    )
}

fn damaged() -> Refusal {
    Refusal::new(
        "object_damaged",
        "the stored bytes of an instance are no longer those that were received",
        "send the instance again, or bring its object back from a backup; nothing made of its series is sent \
         until then",
    )
}
