//! What runs and reads took, and what a budget refused.

use super::from_text;
use crate::Error;
use crate::economics::{Facts, ReadFact, Request, RunFact, months};
use crate::entity::{budget_refusal, case_outcome, run_cost, run_request, use_rule};
use contract::generation::{RunCost, RunState};
use contract::rollout::{BudgetRefusal, Stage};
use contract::{DeploymentId, RunId, Time};
use database::{DatabaseConnection, transaction};
use sea_orm::sea_query::{OnConflict, Query};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, EntityTrait as _, PaginatorTrait as _, QueryFilter as _,
    QueryOrder as _, QuerySelect as _,
};
use std::collections::HashMap;

/// The most refusals that are shown.
const REFUSALS_MAX: u64 = 200;

/// The oldest runs since a moment of which it is not known what they took, and when each was asked for.
pub(crate) async fn runs_without_cost(
    db: &DatabaseConnection,
    since: Time,
    limit: u64,
) -> Result<Vec<(RunId, Time)>, Error> {
    let known = Query::select().column(run_cost::Column::Run).from(run_cost::Entity).to_owned();
    let rows = run_request::Entity::find()
        .filter(run_request::Column::RequestedAt.gte(since))
        .filter(run_request::Column::Run.not_in_subquery(known))
        .order_by_asc(run_request::Column::RequestedAt)
        .limit(limit)
        .all(db)
        .await?;
    rows.into_iter().map(|row| Ok((from_text("run id", row.run)?, row.requested_at))).collect()
}

/// Keeps what runs took; those that are kept stay as they are.
pub(crate) async fn run_costs_save(db: &DatabaseConnection, costs: Vec<RunCost>) -> Result<(), Error> {
    transaction(db, |txn| {
        Box::pin(async move {
            for cost in costs {
                let Some(request) = run_request::Entity::find_by_id(cost.run.as_str()).one(txn).await? else {
                    continue;
                };
                let row = run_cost::ActiveModel {
                    run: Set(request.run),
                    deployment: Set(request.deployment),
                    ended_at: Set(cost.ended_at),
                    // A run that was superseded had its result before, or it would have no bytes.
                    generated: Set(cost.state == RunState::Completed || cost.stored_bytes.is_some()),
                    seconds: Set(cost.cost.as_ref().map_or(0.0, |cost| cost.seconds)),
                    device: Set(cost.cost.map(|cost| cost.device)),
                    stored_bytes: Set(cost.stored_bytes.unwrap_or(0).cast_signed()),
                };
                let once = OnConflict::column(run_cost::Column::Run).do_nothing().to_owned();
                run_cost::Entity::insert(row).on_conflict(once).exec_without_returning(txn).await?;
            }
            Ok(())
        })
    })
    .await
}

fn run_fact(row: run_cost::Model) -> RunFact {
    RunFact {
        device: row.device,
        seconds: row.seconds,
        stored_bytes: row.stored_bytes as f64,
        generated: row.generated,
    }
}

fn read_fact(row: &case_outcome::Model) -> ReadFact {
    // What was accepted at shadow reached nobody.
    let released = row.accepted && row.stage != Stage::Shadow.as_str();
    ReadFact { released, reader_seconds: row.reader_seconds }
}

/// What was counted of a deployment in a period; its months begin when it was created, and end now.
pub(crate) async fn facts(
    db: &DatabaseConnection,
    deployment: &DeploymentId,
    (from, to): (Time, Time),
    now: Time,
) -> Result<Facts, Error> {
    let id = deployment.as_str();
    let requested = run_request::Entity::find()
        .filter(run_request::Column::Deployment.eq(id))
        .filter(run_request::Column::RequestedAt.gte(from))
        .filter(run_request::Column::RequestedAt.lt(to))
        .count(db)
        .await?;
    let runs = run_cost::Entity::find()
        .filter(run_cost::Column::Deployment.eq(id))
        .filter(run_cost::Column::EndedAt.gte(from))
        .filter(run_cost::Column::EndedAt.lt(to))
        .all(db)
        .await?;
    let reads = case_outcome::Entity::find()
        .filter(case_outcome::Column::Deployment.eq(id))
        .filter(case_outcome::Column::EndedAt.gte(from))
        .filter(case_outcome::Column::EndedAt.lt(to))
        .all(db)
        .await?;
    let created = use_rule::Entity::find_by_id((id.to_owned(), 1)).one(db).await?;
    let begin = created.map_or(from, |first| first.changed_at.max(from));
    Ok(Facts {
        months: months(begin, to.min(now)),
        requested: u32::try_from(requested).unwrap_or(u32::MAX),
        runs: runs.into_iter().map(run_fact).collect(),
        reads: reads.iter().map(read_fact).collect(),
    })
}

/// Requests of a deployment since a moment with what became of them, newest first.
pub(crate) async fn requests(
    db: &DatabaseConnection,
    deployment: &DeploymentId,
    since: Time,
    limit: Option<u64>,
) -> Result<Vec<Request>, Error> {
    let rows = run_request::Entity::find()
        .filter(run_request::Column::Deployment.eq(deployment.as_str()))
        .filter(run_request::Column::RequestedAt.gte(since))
        .order_by_desc(run_request::Column::RequestedAt)
        .limit(limit)
        .all(db)
        .await?;
    let Some(oldest) = rows.last().map(|row| row.requested_at) else { return Ok(Vec::new()) };
    // Nothing ends before it was asked for.
    let costs = run_cost::Entity::find()
        .filter(run_cost::Column::Deployment.eq(deployment.as_str()))
        .filter(run_cost::Column::EndedAt.gte(oldest))
        .all(db)
        .await?;
    let reads = case_outcome::Entity::find()
        .filter(case_outcome::Column::Deployment.eq(deployment.as_str()))
        .filter(case_outcome::Column::EndedAt.gte(oldest))
        .all(db)
        .await?;
    let mut runs: HashMap<String, RunFact> =
        costs.into_iter().map(|row| (row.run.clone(), run_fact(row))).collect();
    let reads: HashMap<String, ReadFact> =
        reads.into_iter().filter_map(|row| Some((row.run.clone()?, read_fact(&row)))).collect();
    let request = |row: run_request::Model| Request {
        requested_at: row.requested_at,
        estimate: row.estimate,
        run: runs.remove(&row.run),
        read: reads.get(&row.run).copied(),
    };
    Ok(rows.into_iter().map(request).collect())
}

/// What a deployment's budget refused in a period, newest first, and how many in all.
pub(crate) async fn refusals(
    db: &DatabaseConnection,
    deployment: &DeploymentId,
    (from, to): (Time, Time),
) -> Result<(Vec<BudgetRefusal>, u32), Error> {
    let found = budget_refusal::Entity::find()
        .filter(budget_refusal::Column::Deployment.eq(deployment.as_str()))
        .filter(budget_refusal::Column::RefusedAt.gte(from))
        .filter(budget_refusal::Column::RefusedAt.lt(to));
    let count = found.clone().count(db).await?;
    let rows = found.order_by_desc(budget_refusal::Column::RefusedAt).limit(REFUSALS_MAX).all(db).await?;
    let refusals = rows.into_iter().map(|row| {
        Ok(BudgetRefusal {
            series: from_text("series id", row.series)?,
            refused_at: row.refused_at,
            standing: from_text("standing of a budget", row.standing)?,
            reason: row.reason,
            estimate: row.estimate,
        })
    });
    Ok((refusals.collect::<Result<_, Error>>()?, u32::try_from(count).unwrap_or(u32::MAX)))
}
