//! Stop rules in force, what they told, and what must be looked at again.

use super::outcome::released_in_span;
use super::promotion::{Change, moved_in_txn, person};
use super::rules::overtaken;
use super::{from_json, from_text, to_json, told};
use crate::Error;
use crate::entity::{alarm, deployment, recall_evaluation, stop_rules};
use crate::stop;
use contract::event::{StopRuleFired, VersionInForce};
use contract::rollout::{
    Alarm, Deployment, RecallEvaluation, RuleState, StopAction, StopRules, StopRulesVersion,
};
use contract::{Actor, AlarmId, DeploymentId, Digest, Event, RecallEvaluationId, Refusal, Time};
use database::{DatabaseConnection, DatabaseTransaction, outbox, transaction};
use platform::Random;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, ConnectionTrait, EntityTrait as _, PaginatorTrait as _,
    QueryFilter as _, QueryOrder as _, QuerySelect as _,
};
use std::collections::HashMap;

/// The most alarms of a deployment that are shown.
const ALARMS_MAX: u64 = 100;

/// Every version of a deployment's rules, newest first; the last one are the rules that all begin with.
pub(crate) async fn stop_rules_list(
    db: &impl ConnectionTrait,
    deployment: &DeploymentId,
) -> Result<Vec<StopRulesVersion>, Error> {
    let rows = stop_rules::Entity::find()
        .filter(stop_rules::Column::Deployment.eq(deployment.as_str()))
        .order_by_asc(stop_rules::Column::Version)
        .all(db)
        .await?;
    let mut versions = vec![StopRulesVersion {
        version: 0,
        rules: stop::standard(),
        changed_by: None,
        changed_at: None,
        reason: "the rules that every deployment begins with".to_owned(),
        difference: Vec::new(),
    }];
    for row in rows {
        let rules: StopRules = from_json("stop rules", &row.rules)?;
        let former = &versions[versions.len() - 1].rules;
        versions.push(StopRulesVersion {
            version: row.version as u32,
            difference: stop::difference(&rules, former),
            rules,
            changed_by: Some(row.changed_by_name),
            changed_at: Some(row.changed_at),
            reason: row.reason,
        });
    }
    versions.reverse();
    Ok(versions)
}

/// Rules that may be put in force.
pub(crate) struct NewRules {
    pub(crate) deployment: DeploymentId,
    pub(crate) follows: u32,
    pub(crate) rules: StopRules,
    pub(crate) reason: String,
    pub(crate) actor: Actor,
    pub(crate) at: Time,
}

/// Puts rules in force, unless another version came between.
pub(super) async fn rules_add(
    txn: &DatabaseTransaction,
    random: &Random,
    new: NewRules,
) -> Result<(), Error> {
    let newest = stop_rules_list(txn, &new.deployment).await?.remove(0);
    if newest.version != new.follows {
        return Err(overtaken(newest.version).into());
    }
    let (user, name) = person(&new.actor);
    let version = new.follows + 1;
    let row = stop_rules::ActiveModel {
        deployment: Set(new.deployment.to_string()),
        version: Set(version as i32),
        rules: Set(to_json(&new.rules)),
        changed_by: Set(user),
        changed_by_name: Set(name),
        changed_at: Set(new.at),
        reason: Set(new.reason),
    };
    let once = OnConflict::new().do_nothing().to_owned();
    let inserted = stop_rules::Entity::insert(row).on_conflict(once).exec_without_returning(txn).await?;
    if inserted == 0 {
        return Err(overtaken(version).into());
    }
    let content = Digest::of(to_json(&new.rules).to_string().as_bytes());
    let event =
        Event::StopRulesChanged(VersionInForce { deployment: new.deployment.clone(), version, content });
    outbox::append(txn, told(random, new.at, new.actor, &new.deployment, event)).await?;
    Ok(())
}

/// A rule that fired.
pub(crate) struct Fired {
    pub(crate) state: RuleState,
    pub(crate) rules_version: u32,
    /// What it does to the stage; `None` where it informs.
    pub(crate) change: Option<Change>,
    pub(crate) at: Time,
}

/// Writes what a rule did: the alarm, the change of the stage, and what must be looked at again. Nothing is written
/// where the same rule has informed before and nobody has looked into it.
pub(crate) async fn stop_rule_fired(
    db: &DatabaseConnection,
    random: &Random,
    loaded: &Deployment,
    fired: Fired,
) -> Result<(), Error> {
    let (random, loaded) = (random.clone(), loaded.clone());
    transaction(db, |txn| {
        Box::pin(async move {
            let id = random.with(AlarmId::random);
            if !alarm_insert(txn, &id, &loaded, &fired).await? {
                return Ok(());
            }
            let event = Event::StopRuleFired(StopRuleFired {
                alarm: id.clone(),
                deployment: loaded.id.clone(),
                rules_version: fired.rules_version,
                action: fired.state.action,
                value: fired.state.value,
                bound: fired.state.bound,
            });
            let actor = Actor::service("rollout");
            outbox::append(txn, told(&random, fired.at, actor, &loaded.id, event)).await?;
            if let Some(change) = fired.change {
                moved_in_txn(txn, &random, &loaded, change).await?;
                evaluation_open(txn, &random, &loaded, (&id, fired.at)).await?;
            }
            Ok(())
        })
    })
    .await
}

async fn alarm_insert(
    txn: &DatabaseTransaction,
    id: &AlarmId,
    loaded: &Deployment,
    fired: &Fired,
) -> Result<bool, Error> {
    let state = &fired.state;
    let open = alarm::Entity::find()
        .filter(alarm::Column::Deployment.eq(loaded.id.as_str()))
        .filter(alarm::Column::Rule.eq(&*state.rule))
        .filter(alarm::Column::AcknowledgedAt.is_null());
    if state.action == StopAction::Inform && open.count(txn).await? > 0 {
        return Ok(false);
    }
    let to = fired.change.as_ref().map_or(loaded.stage, |change| change.moved.to);
    let row = alarm::ActiveModel {
        id: Set(id.to_string()),
        deployment: Set(loaded.id.to_string()),
        rule: Set(state.rule.clone()),
        rules_version: Set(fired.rules_version as i32),
        action: Set(state.action.as_str().to_owned()),
        value: Set(state.value),
        bound: Set(state.bound),
        raised_at: Set(fired.at),
        case_id: Set(state.case.as_ref().map(ToString::to_string)),
        from_stage: Set(loaded.stage.as_str().to_owned()),
        to_stage: Set(to.as_str().to_owned()),
        note: Set(state.note.clone()),
        acknowledged_by_name: Set(None),
        acknowledged_at: Set(None),
        acknowledgement: Set(None),
    };
    alarm::Entity::insert(row).exec_without_returning(txn).await?;
    Ok(true)
}

/// Opens the question what becomes of what was released since the deployment came to its stage.
async fn evaluation_open(
    txn: &DatabaseTransaction,
    random: &Random,
    loaded: &Deployment,
    (alarm, at): (&AlarmId, Time),
) -> Result<(), Error> {
    let span = (loaded.stage_since, at);
    let released = released_in_span(txn, &loaded.id, span).await?;
    if released.is_empty() {
        return Ok(());
    }
    let id = random.with(RecallEvaluationId::random);
    let row = recall_evaluation::ActiveModel {
        id: Set(id.to_string()),
        deployment: Set(loaded.id.to_string()),
        model_version: Set(loaded.model.to_string()),
        from_at: Set(span.0),
        to_at: Set(span.1),
        opened_at: Set(at),
        alarm: Set(alarm.to_string()),
        closed_by_name: Set(None),
        closed_at: Set(None),
        conclusion: Set(None),
    };
    recall_evaluation::Entity::insert(row).exec_without_returning(txn).await?;
    let event = Event::RecallEvaluationOpened {
        evaluation: id.clone(),
        deployment: loaded.id.clone(),
        cases: released.len() as u32,
    };
    outbox::append(txn, told(random, at, Actor::service("rollout"), &id, event)).await?;
    Ok(())
}

/// Whether a stop of the deployment waits for somebody to look into it.
pub(crate) async fn has_open_stop(db: &DatabaseConnection, deployment: &DeploymentId) -> Result<bool, Error> {
    let open = alarm::Entity::find()
        .filter(alarm::Column::Deployment.eq(deployment.as_str()))
        .filter(alarm::Column::AcknowledgedAt.is_null())
        .filter(alarm::Column::Action.ne(StopAction::Inform.as_str()));
    Ok(open.count(db).await? > 0)
}

/// Alarms of one deployment, newest first.
pub(crate) async fn alarms_of_deployment(
    db: &DatabaseConnection,
    deployment: &DeploymentId,
) -> Result<Vec<Alarm>, Error> {
    let of = alarm::Column::Deployment.eq(deployment.as_str());
    alarms(db, of).await
}

/// Alarms that nobody has looked into, newest first.
pub(crate) async fn alarms_open(db: &DatabaseConnection) -> Result<Vec<Alarm>, Error> {
    alarms(db, alarm::Column::AcknowledgedAt.is_null()).await
}

async fn alarms(
    db: &impl ConnectionTrait,
    wanted: sea_orm::sea_query::SimpleExpr,
) -> Result<Vec<Alarm>, Error> {
    let rows = alarm::Entity::find()
        .filter(wanted)
        .order_by_desc(alarm::Column::RaisedAt)
        .limit(ALARMS_MAX)
        .all(db)
        .await?;
    let names: HashMap<String, String> = deployment::Entity::find()
        .select_only()
        .column(deployment::Column::Id)
        .column(deployment::Column::Name)
        .into_tuple::<(String, String)>()
        .all(db)
        .await?
        .into_iter()
        .collect();
    rows.into_iter().map(|row| alarm_of(row, &names)).collect()
}

fn alarm_of(row: alarm::Model, names: &HashMap<String, String>) -> Result<Alarm, Error> {
    Ok(Alarm {
        id: from_text("alarm id", row.id)?,
        deployment_name: names.get(&row.deployment).cloned().unwrap_or_default(),
        deployment: from_text("deployment id", row.deployment)?,
        rule: row.rule,
        rules_version: row.rules_version as u32,
        action: from_text("action of a stop rule", row.action)?,
        value: row.value,
        bound: row.bound,
        raised_at: row.raised_at,
        case: row.case_id.map(|case| from_text("case id", case)).transpose()?,
        from: from_text("stage", row.from_stage)?,
        to: from_text("stage", row.to_stage)?,
        note: row.note,
        acknowledged_by: row.acknowledged_by_name,
        acknowledged_at: row.acknowledged_at,
        acknowledgement: row.acknowledgement,
    })
}

/// What somebody concluded.
pub(crate) struct Concluded {
    pub(crate) actor: Actor,
    pub(crate) at: Time,
    pub(crate) conclusion: String,
}

/// Notes what somebody found who looked into an alarm.
pub(crate) async fn alarm_acknowledge(
    db: &DatabaseConnection,
    random: &Random,
    id: &AlarmId,
    concluded: Concluded,
) -> Result<Alarm, Error> {
    let (random, id) = (random.clone(), id.clone());
    transaction(db, |txn| {
        Box::pin(async move {
            let (_, name) = person(&concluded.actor);
            let updated = alarm::Entity::update_many()
                .col_expr(alarm::Column::AcknowledgedByName, Expr::value(name))
                .col_expr(alarm::Column::AcknowledgedAt, Expr::value(concluded.at))
                .col_expr(alarm::Column::Acknowledgement, Expr::value(&*concluded.conclusion))
                .filter(alarm::Column::Id.eq(id.as_str()))
                .filter(alarm::Column::AcknowledgedAt.is_null())
                .exec(txn)
                .await?;
            let found = alarms(txn, alarm::Column::Id.eq(id.as_str())).await?.pop();
            let found = found.ok_or_else(Refusal::not_found)?;
            if updated.rows_affected == 0 {
                return Err(concluded_before().into());
            }
            let conclusion = Digest::of(concluded.conclusion.as_bytes());
            let event = Event::AlarmAcknowledged { alarm: id.clone(), conclusion };
            outbox::append(txn, told(&random, concluded.at, concluded.actor, &id, event)).await?;
            Ok(found)
        })
    })
    .await
}

fn concluded_before() -> Refusal {
    Refusal::new("concluded_before", "somebody else has concluded this before", "read what they found")
}

/// Recall evaluations of a deployment, newest first.
pub(crate) async fn evaluations_of_deployment(
    db: &impl ConnectionTrait,
    deployment: &DeploymentId,
) -> Result<Vec<RecallEvaluation>, Error> {
    let rows = recall_evaluation::Entity::find()
        .filter(recall_evaluation::Column::Deployment.eq(deployment.as_str()))
        .order_by_desc(recall_evaluation::Column::OpenedAt)
        .all(db)
        .await?;
    let mut evaluations = Vec::with_capacity(rows.len());
    for row in rows {
        evaluations.push(evaluation_of(db, row).await?);
    }
    Ok(evaluations)
}

async fn evaluation_of(
    db: &impl ConnectionTrait,
    row: recall_evaluation::Model,
) -> Result<RecallEvaluation, Error> {
    let deployment = from_text("deployment id", row.deployment)?;
    let cases = released_in_span(db, &deployment, (row.from_at, row.to_at)).await?;
    Ok(RecallEvaluation {
        id: from_text("id of a recall evaluation", row.id)?,
        deployment,
        model: from_text("model id", row.model_version)?,
        from: row.from_at,
        to: row.to_at,
        opened_at: row.opened_at,
        alarm: from_text("alarm id", row.alarm)?,
        cases,
        closed_by: row.closed_by_name,
        closed_at: row.closed_at,
        conclusion: row.conclusion,
    })
}

/// Closes a recall evaluation with what was decided.
pub(crate) async fn evaluation_close(
    db: &DatabaseConnection,
    random: &Random,
    id: &RecallEvaluationId,
    concluded: Concluded,
) -> Result<RecallEvaluation, Error> {
    let (random, id) = (random.clone(), id.clone());
    transaction(db, |txn| {
        Box::pin(async move {
            let (_, name) = person(&concluded.actor);
            let updated = recall_evaluation::Entity::update_many()
                .col_expr(recall_evaluation::Column::ClosedByName, Expr::value(name))
                .col_expr(recall_evaluation::Column::ClosedAt, Expr::value(concluded.at))
                .col_expr(recall_evaluation::Column::Conclusion, Expr::value(&*concluded.conclusion))
                .filter(recall_evaluation::Column::Id.eq(id.as_str()))
                .filter(recall_evaluation::Column::ClosedAt.is_null())
                .exec(txn)
                .await?;
            let row = recall_evaluation::Entity::find_by_id(id.as_str()).one(txn).await?;
            let row = row.ok_or_else(Refusal::not_found)?;
            if updated.rows_affected == 0 {
                return Err(concluded_before().into());
            }
            let conclusion = Digest::of(concluded.conclusion.as_bytes());
            let event = Event::RecallEvaluationClosed { evaluation: id.clone(), conclusion };
            outbox::append(txn, told(&random, concluded.at, concluded.actor, &id, event)).await?;
            evaluation_of(txn, row).await
        })
    })
    .await
}
