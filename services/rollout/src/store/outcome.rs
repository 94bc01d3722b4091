//! What became of cases, and when series arrived: what stop rules look at.

use crate::Error;
use crate::entity::{case_outcome, run_request};
use crate::stop::Outcome;
use contract::review::{EndedCase, Severity};
use contract::rollout::Stage;
use contract::{CaseId, DeploymentId, ModelVersionId, Time};
use database::{DatabaseConnection, transaction};
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, EntityTrait as _, PaginatorTrait as _, QueryFilter as _,
    QueryOrder as _, QuerySelect as _,
};
use std::collections::BTreeSet;

/// Keeps how cases ended; those that are kept stay as they are. Gives the deployments that learned something.
pub(crate) async fn outcomes_save(
    db: &DatabaseConnection,
    cases: Vec<EndedCase>,
) -> Result<BTreeSet<DeploymentId>, Error> {
    transaction(db, |txn| {
        Box::pin(async move {
            let mut learned = BTreeSet::new();
            for case in cases {
                let once = OnConflict::column(case_outcome::Column::CaseId).do_nothing().to_owned();
                let insert = case_outcome::Entity::insert(row(&case)).on_conflict(once);
                if insert.exec_without_returning(txn).await? > 0 {
                    learned.insert(case.deployment);
                }
            }
            Ok(learned)
        })
    })
    .await
}

fn row(case: &EndedCase) -> case_outcome::ActiveModel {
    let reads = case.first_reads.iter().chain(&case.deciding_read);
    let seconds = reads.clone().filter_map(|read| {
        let took = read.signed_at - read.opened_at?;
        Some(took.as_seconds_f64().max(0.0))
    });
    case_outcome::ActiveModel {
        case_id: Set(case.id.to_string()),
        deployment: Set(case.deployment.to_string()),
        model_version: Set(case.model.to_string()),
        stage: Set(case.stage.as_str().to_owned()),
        ended_at: Set(case.ended_at),
        accepted: Set(case.accepted),
        discordant: Set(case.discordant),
        critical: Set(case.confirmed.iter().any(|finding| finding.severity == Severity::Critical)),
        reader_seconds: Set(seconds.sum()),
        reads: Set(reads.count() as i32),
        run: Set(Some(case.run.to_string())),
    }
}

/// Outcomes of a deployment that ended since a moment, in the order in which they ended.
pub(crate) async fn outcomes_of_deployment(
    db: &DatabaseConnection,
    deployment: &DeploymentId,
    since: Time,
) -> Result<Vec<Outcome>, Error> {
    let of = case_outcome::Column::Deployment.eq(deployment.as_str());
    outcomes(db, of, since).await
}

/// The same of every deployment of a model version.
pub(crate) async fn outcomes_of_model(
    db: &DatabaseConnection,
    model: &ModelVersionId,
    since: Time,
) -> Result<Vec<Outcome>, Error> {
    outcomes(db, case_outcome::Column::ModelVersion.eq(model.as_str()), since).await
}

async fn outcomes(
    db: &DatabaseConnection,
    of: sea_orm::sea_query::SimpleExpr,
    since: Time,
) -> Result<Vec<Outcome>, Error> {
    let rows = case_outcome::Entity::find()
        .filter(of)
        .filter(case_outcome::Column::EndedAt.gte(since))
        .order_by_asc(case_outcome::Column::EndedAt)
        .order_by_asc(case_outcome::Column::CaseId)
        .all(db)
        .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Outcome {
                case: super::from_text("case id", row.case_id)?,
                ended_at: row.ended_at,
                rejected: !row.accepted,
                discordant: row.discordant,
                critical: row.critical,
            })
        })
        .collect()
}

/// When runs of a deployment were asked for since a moment, in order.
pub(crate) async fn arrivals_since(
    db: &DatabaseConnection,
    deployment: &DeploymentId,
    since: Time,
) -> Result<Vec<Time>, Error> {
    let times = run_request::Entity::find()
        .select_only()
        .column(run_request::Column::RequestedAt)
        .filter(run_request::Column::Deployment.eq(deployment.as_str()))
        .filter(run_request::Column::RequestedAt.gte(since))
        .order_by_asc(run_request::Column::RequestedAt)
        .into_tuple::<Time>()
        .all(db)
        .await?;
    Ok(times)
}

/// How many runs of a deployment were asked for since a moment.
pub(crate) async fn arrivals_count(
    db: &DatabaseConnection,
    deployment: &DeploymentId,
    since: Time,
) -> Result<u32, Error> {
    let count = run_request::Entity::find()
        .filter(run_request::Column::Deployment.eq(deployment.as_str()))
        .filter(run_request::Column::RequestedAt.gte(since))
        .count(db)
        .await?;
    Ok(u32::try_from(count).unwrap_or(u32::MAX))
}

/// The released cases of a deployment that ended in a span, in the order in which they ended.
pub(crate) async fn released_in_span(
    db: &impl sea_orm::ConnectionTrait,
    deployment: &DeploymentId,
    (from, to): (Time, Time),
) -> Result<Vec<CaseId>, Error> {
    let rows = case_outcome::Entity::find()
        .filter(case_outcome::Column::Deployment.eq(deployment.as_str()))
        .filter(case_outcome::Column::Accepted.eq(true))
        .filter(case_outcome::Column::Stage.ne(Stage::Shadow.as_str()))
        .filter(case_outcome::Column::EndedAt.gte(from))
        .filter(case_outcome::Column::EndedAt.lte(to))
        .order_by_asc(case_outcome::Column::EndedAt)
        .all(db)
        .await?;
    rows.into_iter().map(|row| super::from_text("case id", row.case_id)).collect()
}
