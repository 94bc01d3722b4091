//! Series whose runs wait for a pool.

use super::{from_json, from_text, to_json, told};
use crate::Error;
use crate::entity::{capacity_wait, routing, run_request};
use contract::rollout::{CapacityWait, RuleOutcome};
use contract::{Actor, DeploymentId, Envelope, Event, Priority, RunId, SeriesId, Time};
use database::{DatabaseConnection, DatabaseTransaction, outbox, transaction};
use platform::Random;
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};

/// A run that is wanted and waits.
#[derive(Debug, Clone)]
pub(crate) struct Waiting {
    pub(crate) deployment: DeploymentId,
    /// How soon it was wanted when it came.
    pub(crate) priority: Priority,
    /// The `series.ready` that is answered later.
    pub(crate) cause: Envelope,
}

/// A run that is to wait.
pub(crate) struct Held {
    pub(crate) deployment: DeploymentId,
    pub(crate) run: RunId,
    pub(crate) priority: Priority,
    pub(crate) expected_seconds: f64,
}

/// Notes that a run waits, and gives what is told of it; `None` when it waited or was asked for before.
pub(crate) async fn hold(
    txn: &DatabaseTransaction,
    held: &Held,
    cause: &Envelope,
    at: Time,
) -> Result<Option<(String, Event)>, Error> {
    let Event::SeriesReady { series, source_set, .. } = &cause.event else { return Ok(None) };
    if run_request::Entity::find_by_id(held.run.as_str()).one(txn).await?.is_some() {
        return Ok(None);
    }
    let row = capacity_wait::ActiveModel {
        deployment: Set(held.deployment.to_string()),
        series: Set(series.to_string()),
        source_set: Set(source_set.to_string()),
        cause: Set(to_json(cause)),
        since: Set(at),
        expected_seconds: Set(held.expected_seconds),
        priority: Set(held.priority.as_str().to_owned()),
    };
    let once = OnConflict::new().do_nothing().to_owned();
    let inserted = capacity_wait::Entity::insert(row).on_conflict(once).exec_without_returning(txn).await?;
    let event = Event::CapacityWaits {
        deployment: held.deployment.clone(),
        series: series.clone(),
        expected_minutes: (held.expected_seconds / 60.0).ceil() as u64,
    };
    Ok((inserted > 0).then(|| (held.deployment.to_string(), event)))
}

/// Ends a wait; `false` when it has ended already.
pub(crate) async fn release(txn: &DatabaseTransaction, waiting: &Waiting) -> Result<bool, Error> {
    let Event::SeriesReady { series, source_set, .. } = &waiting.cause.event else { return Ok(false) };
    let ended = capacity_wait::Entity::delete_many()
        .filter(capacity_wait::Column::Deployment.eq(waiting.deployment.as_str()))
        .filter(capacity_wait::Column::Series.eq(series.as_str()))
        .filter(capacity_wait::Column::SourceSet.eq(source_set.to_string()))
        .exec(txn)
        .await?;
    Ok(ended.rows_affected > 0)
}

/// Puts what became of one deployment into what the router made of the series, while it is about the same instances.
pub(crate) async fn outcome_replace(
    txn: &DatabaseTransaction,
    cause: &Envelope,
    outcome: &RuleOutcome,
) -> Result<(), Error> {
    let Event::SeriesReady { series, source_set, .. } = &cause.event else { return Ok(()) };
    let row = routing::Entity::find_by_id(series.as_str()).lock_exclusive().one(txn).await?;
    let Some(row) = row.filter(|row| row.source_set == source_set.to_string()) else { return Ok(()) };
    let mut outcomes: Vec<RuleOutcome> = from_json("list of outcomes", &row.outcomes)?;
    for known in outcomes.iter_mut().filter(|known| known.deployment == outcome.deployment) {
        *known = outcome.clone();
    }
    let replaced = routing::ActiveModel {
        outcomes: Set(to_json(&outcomes)),
        ..<routing::ActiveModel as sea_orm::ActiveModelTrait>::default()
    };
    let of = routing::Column::Series.eq(series.as_str());
    routing::Entity::update_many().set(replaced).filter(of).exec(txn).await?;
    Ok(())
}

/// Runs that wait, the most urgent first, then the oldest; so many of each priority.
pub(crate) async fn waiting_list(db: &DatabaseConnection, limit: u64) -> Result<Vec<Waiting>, Error> {
    let mut waiting = Vec::new();
    for priority in Priority::ALL {
        let rows = capacity_wait::Entity::find()
            .filter(capacity_wait::Column::Priority.eq(priority.as_str()))
            .order_by_asc(capacity_wait::Column::Since)
            .order_by_asc(capacity_wait::Column::Series)
            .limit(limit)
            .all(db)
            .await?;
        for row in rows {
            let deployment = from_text("deployment id", row.deployment)?;
            waiting.push(Waiting { deployment, priority, cause: from_json("event", &row.cause)? });
        }
    }
    Ok(waiting)
}

/// The same for people, the oldest first.
pub(crate) async fn waits_shown(db: &DatabaseConnection, limit: u64) -> Result<Vec<CapacityWait>, Error> {
    let rows = capacity_wait::Entity::find()
        .order_by_asc(capacity_wait::Column::Since)
        .order_by_asc(capacity_wait::Column::Series)
        .limit(limit)
        .all(db)
        .await?;
    let shown = |row: capacity_wait::Model| {
        let series: SeriesId = from_text("series id", row.series)?;
        let deployment = from_text("deployment id", row.deployment)?;
        Ok(CapacityWait { deployment, series, since: row.since, expected_seconds: row.expected_seconds })
    };
    rows.into_iter().map(shown).collect()
}

/// Ends a wait whose series or deployment is no longer what it was, and tells of it.
pub(crate) async fn wait_drop(
    db: &DatabaseConnection,
    random: &Random,
    (waiting, reason_code): (Waiting, &'static str),
    at: Time,
) -> Result<(), Error> {
    let random = random.clone();
    transaction(db, |txn| {
        Box::pin(async move {
            let Event::SeriesReady { series, .. } = &waiting.cause.event else { return Ok(()) };
            if release(txn, &waiting).await? {
                let event = Event::CapacityWaitEnded {
                    deployment: waiting.deployment.clone(),
                    series: series.clone(),
                    reason_code: reason_code.to_owned(),
                };
                let actor = Actor::service("rollout");
                outbox::append(txn, told(&random, at, actor, &waiting.deployment, event)).await?;
            }
            Ok(())
        })
    })
    .await
}
