//! What stands before the workers, and what they did.

use super::{Reported, from_json, from_text};
use crate::Error;
use crate::capacity::{Done, Facts, Waiting};
use crate::entity::run;
use crate::workflow::Phase;
use contract::{DeploymentId, Time};
use database::DatabaseConnection;
use sea_orm::{ColumnTrait as _, Condition, EntityTrait as _, QueryFilter as _};
use std::collections::HashMap;

/// What waits, runs and was done since a moment, by deployment.
pub(crate) async fn load_by_deployment(
    db: &DatabaseConnection,
    since: Time,
) -> Result<HashMap<DeploymentId, Facts>, Error> {
    let active = [Phase::Waiting, Phase::Queued, Phase::Running].map(Phase::as_str);
    let wanted =
        Condition::any().add(run::Column::Phase.is_in(active)).add(run::Column::ReportedAt.gte(since));
    let mut loads: HashMap<DeploymentId, Facts> = HashMap::new();
    for row in run::Entity::find().filter(wanted).all(db).await? {
        let facts = loads.entry(from_text("deployment id", row.deployment)?).or_default();
        if [Phase::Waiting, Phase::Queued].map(Phase::as_str).contains(&row.phase.as_str()) {
            let in_line = row.phase == Phase::Waiting.as_str();
            facts.waiting.push(Waiting {
                priority: from_text("priority", row.priority)?,
                requested_at: row.requested_at,
                turn_at: in_line.then_some(row.turn_at),
            });
        } else if row.phase == Phase::Running.as_str() {
            facts.running += 1;
        }
        let reported: Option<Reported> = row.report.map(|report| from_json("report", &report)).transpose()?;
        if let Some(reported) = reported.filter(|reported| reported.at >= since) {
            facts.done.push(Done { reported_at: reported.at, seconds: reported.cost.seconds });
        }
    }
    Ok(loads)
}
