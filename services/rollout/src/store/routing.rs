//! What the router made of series, and the runs that were asked for.

use super::waiting::{Held, Waiting, hold, outcome_replace, release};
use super::{CONSUMER, from_json, from_text, to_json, told};
use crate::Error;
use crate::entity::{budget_refusal, routing, run_request};
use crate::router::run_id;
use contract::event::BudgetRefused;
use contract::rollout::{BudgetStanding, Deployment, RuleOutcome};
use contract::{Actor, Envelope, Event, Priority, SeriesId, Time, rollout};
use database::{DatabaseConnection, DatabaseTransaction, inbox, outbox, transaction};
use platform::Random;
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};

/// What the router decided about a series.
pub(crate) struct Routed {
    pub(crate) outcomes: Vec<RuleOutcome>,
    /// The deployments that want it and may have it.
    pub(crate) wanting: Vec<Wanting>,
    /// The deployments that want it, and whose budget does not let them.
    pub(crate) refused: Vec<Refused>,
    /// The deployments that want it, and whose pool has no room.
    pub(crate) held: Vec<Held>,
    pub(crate) at: Time,
}

/// A deployment that wants a series.
pub(crate) struct Wanting {
    pub(crate) deployment: Deployment,
    /// How soon the run is wanted.
    pub(crate) priority: Priority,
    /// What the run is taken to cost, where the deployment has a budget.
    pub(crate) estimate: Option<f64>,
}

/// A budget that says no.
pub(crate) struct Refused {
    pub(crate) deployment: Deployment,
    pub(crate) standing: BudgetStanding,
    pub(crate) reason: String,
    pub(crate) estimate: f64,
}

/// Keeps what the router decided about the series of a `series.ready` event, and asks for its runs: once.
pub(crate) async fn routing_save(
    db: &DatabaseConnection,
    random: &Random,
    cause: &Envelope,
    routed: Routed,
) -> Result<(), Error> {
    let (random, cause) = (random.clone(), cause.clone());
    transaction(db, |txn| {
        Box::pin(async move {
            if inbox::first_time(txn, CONSUMER, &cause.id).await? {
                keep_and_tell(txn, &random, &cause, routed).await?;
            }
            Ok(())
        })
    })
    .await
}

async fn keep_and_tell(
    txn: &DatabaseTransaction,
    random: &Random,
    cause: &Envelope,
    routed: Routed,
) -> Result<(), Error> {
    let Event::SeriesReady { series, source_set, .. } = &cause.event else { return Ok(()) };
    let row = routing::ActiveModel {
        series: Set(series.to_string()),
        source_set: Set(source_set.to_string()),
        outcomes: Set(to_json(&routed.outcomes)),
        routed_at: Set(routed.at),
    };
    let columns = [routing::Column::SourceSet, routing::Column::Outcomes, routing::Column::RoutedAt];
    let replace = OnConflict::column(routing::Column::Series).update_columns(columns).to_owned();
    routing::Entity::insert(row).on_conflict(replace).exec_without_returning(txn).await?;

    let mut events = asked_for(txn, cause, &routed).await?;
    if routed.wanting.is_empty() && routed.refused.is_empty() && routed.held.is_empty() {
        events.push((series.to_string(), Event::SeriesUnmatched { series: series.clone() }));
    }
    tell(txn, random, cause, (events, routed.at)).await
}

/// What is told of the deployments that want a series.
async fn asked_for(
    txn: &DatabaseTransaction,
    cause: &Envelope,
    routed: &Routed,
) -> Result<Vec<(String, Event)>, Error> {
    let mut events: Vec<(String, Event)> = Vec::new();
    for wanting in &routed.wanting {
        events.extend(request(txn, wanting, &cause.event, routed.at).await?);
    }
    for refused in &routed.refused {
        events.extend(refuse(txn, refused, &cause.event, routed.at).await?);
    }
    for held in &routed.held {
        events.extend(hold(txn, held, cause, routed.at).await?);
    }
    Ok(events)
}

async fn tell(
    txn: &DatabaseTransaction,
    random: &Random,
    cause: &Envelope,
    (events, at): (Vec<(String, Event)>, Time),
) -> Result<(), Error> {
    for (subject, event) in events {
        let mut event = told(random, at, Actor::service("rollout"), &subject, event);
        event.causation = Some(cause.id.to_string());
        event.trace = event.trace.or_else(|| cause.trace.clone());
        outbox::append(txn, event).await?;
    }
    Ok(())
}

/// Ends a wait and asks for its run, or keeps why not: once.
pub(crate) async fn routing_resume(
    db: &DatabaseConnection,
    random: &Random,
    waiting: Waiting,
    routed: Routed,
) -> Result<(), Error> {
    let random = random.clone();
    transaction(db, |txn| {
        Box::pin(async move {
            if !release(txn, &waiting).await? {
                return Ok(());
            }
            for outcome in &routed.outcomes {
                outcome_replace(txn, &waiting.cause, outcome).await?;
            }
            let events = asked_for(txn, &waiting.cause, &routed).await?;
            tell(txn, &random, &waiting.cause, (events, routed.at)).await
        })
    })
    .await
}

/// Notes the run that a deployment wants, and tells of it; `None` when it was asked for before.
async fn request(
    txn: &DatabaseTransaction,
    wanting: &Wanting,
    ready: &Event,
    at: Time,
) -> Result<Option<(String, Event)>, Error> {
    let Event::SeriesReady { series, study, source_set, volume } = ready else { return Ok(None) };
    let deployment = &wanting.deployment;
    let run = run_id(&deployment.id, &deployment.model, source_set);
    let row = run_request::ActiveModel {
        run: Set(run.to_string()),
        deployment: Set(deployment.id.to_string()),
        series: Set(series.to_string()),
        source_set: Set(source_set.to_string()),
        stage: Set(deployment.stage.as_str().to_owned()),
        requested_at: Set(at),
        estimate: Set(wanting.estimate),
    };
    let once = OnConflict::column(run_request::Column::Run).do_nothing().to_owned();
    let inserted = run_request::Entity::insert(row).on_conflict(once).exec_without_returning(txn).await?;
    if inserted == 0 {
        return Ok(None);
    }
    let subject = run.to_string();
    let event = Event::RunRequested {
        run,
        deployment: deployment.id.clone(),
        model: deployment.model.clone(),
        stage: deployment.stage,
        series: series.clone(),
        study: study.clone(),
        source_set: *source_set,
        volume: *volume,
        priority: wanting.priority,
    };
    Ok(Some((subject, event)))
}

/// Notes what a budget refused, and tells of it; `None` where it was refused before, or asked for.
async fn refuse(
    txn: &DatabaseTransaction,
    refused: &Refused,
    ready: &Event,
    at: Time,
) -> Result<Option<(String, Event)>, Error> {
    let Event::SeriesReady { series, source_set, .. } = ready else { return Ok(None) };
    let deployment = &refused.deployment;
    let run = run_id(&deployment.id, &deployment.model, source_set);
    if run_request::Entity::find_by_id(run.as_str()).one(txn).await?.is_some() {
        return Ok(None);
    }
    let row = budget_refusal::ActiveModel {
        deployment: Set(deployment.id.to_string()),
        series: Set(series.to_string()),
        source_set: Set(source_set.to_string()),
        refused_at: Set(at),
        standing: Set(refused.standing.as_str().to_owned()),
        reason: Set(refused.reason.clone()),
        estimate: Set(refused.estimate),
    };
    let once = OnConflict::new().do_nothing().to_owned();
    let inserted = budget_refusal::Entity::insert(row).on_conflict(once).exec_without_returning(txn).await?;
    let event = Event::BudgetRefused(BudgetRefused {
        deployment: deployment.id.clone(),
        series: series.clone(),
        standing: refused.standing,
    });
    Ok((inserted > 0).then(|| (deployment.id.to_string(), event)))
}

/// The last series that were routed, with when, newest first.
pub(crate) async fn routed_last(db: &DatabaseConnection, limit: u64) -> Result<Vec<(SeriesId, Time)>, Error> {
    let rows = routing::Entity::find()
        .order_by_desc(routing::Column::RoutedAt)
        .order_by_asc(routing::Column::Series)
        .limit(limit)
        .all(db)
        .await?;
    rows.into_iter().map(|row| Ok((from_text("series id", row.series)?, row.routed_at))).collect()
}

/// What the router made of series; those it has not seen are left out.
pub(crate) async fn routing_list(
    db: &DatabaseConnection,
    series: &[SeriesId],
) -> Result<Vec<rollout::Routing>, Error> {
    let ids = series.iter().map(SeriesId::as_str);
    let rows = routing::Entity::find().filter(routing::Column::Series.is_in(ids)).all(db).await?;
    rows.into_iter()
        .map(|row| {
            let series = from_text("series id", row.series)?;
            Ok(rollout::Routing { series, outcomes: from_json("list of outcomes", &row.outcomes)? })
        })
        .collect()
}
