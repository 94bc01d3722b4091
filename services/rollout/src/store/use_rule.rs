//! The versions of a deployment's rule.

use super::deployment::Creation;
use super::promotion::{changed_one, person};
use super::{from_json, to_json, told};
use crate::Error;
use crate::entity::{deployment, use_rule};
use contract::event::VersionInForce;
use contract::rollout::{Deployment, DryRun, UseRule, UseRuleVersion};
use contract::{Actor, DeploymentId, Digest, Event, Refusal, Time};
use database::{DatabaseConnection, DatabaseTransaction, outbox, transaction};
use platform::Random;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _,
};

/// The versions of a deployment's rule, newest first.
pub(crate) async fn use_rule_list(
    db: &impl ConnectionTrait,
    deployment: &DeploymentId,
) -> Result<Vec<UseRuleVersion>, Error> {
    let rows = use_rule::Entity::find()
        .filter(use_rule::Column::Deployment.eq(deployment.as_str()))
        .order_by_desc(use_rule::Column::Version)
        .all(db)
        .await?;
    rows.into_iter().map(version_of).collect()
}

fn version_of(row: use_rule::Model) -> Result<UseRuleVersion, Error> {
    let dry_run = row.dry_run_matched.zip(row.dry_run_looked_at);
    Ok(UseRuleVersion {
        version: row.version as u32,
        rule: from_json("rule", &row.rule)?,
        difference: from_json("difference", &row.difference)?,
        changed_by: row.changed_by_name,
        changed_at: row.changed_at,
        reason: row.reason,
        dry_run: dry_run.map(|(matched, looked_at)| (matched as u32, looked_at as u32)),
    })
}

/// The first version, with which a deployment is created.
pub(super) async fn first_version(txn: &DatabaseTransaction, creation: &Creation) -> Result<(), Error> {
    let Creation { deployment: new, actor, reason, dry_run } = creation;
    let changed_by = match actor {
        Actor::Person { printed_name, .. } => printed_name.clone(),
        _ => "operator".to_owned(),
    };
    let row = use_rule::ActiveModel {
        deployment: Set(new.id.to_string()),
        version: Set(1),
        rule: Set(to_json(&new.rule)),
        difference: Set(to_json(&Vec::<String>::new())),
        changed_by_name: Set(changed_by),
        changed_at: Set(new.stage_since),
        reason: Set(reason.clone()),
        dry_run_matched: Set(dry_run.map(|(matched, _)| matched as i32)),
        dry_run_looked_at: Set(dry_run.map(|(_, looked_at)| looked_at as i32)),
    };
    use_rule::Entity::insert(row).exec_without_returning(txn).await?;
    Ok(())
}

/// A rule that may be put in force, with what a dry run says of it.
pub(crate) struct NewRule {
    pub(crate) rule: UseRule,
    pub(crate) dry_run: DryRun,
    pub(crate) reason: String,
    pub(crate) actor: Actor,
    pub(crate) at: Time,
}

/// Puts a rule in force, unless the rule changed since the deployment was loaded.
pub(crate) async fn use_rule_add(
    db: &DatabaseConnection,
    random: &Random,
    loaded: &Deployment,
    new: NewRule,
) -> Result<UseRuleVersion, Error> {
    let (random, loaded) = (random.clone(), loaded.clone());
    transaction(db, |txn| {
        Box::pin(async move {
            let newest = use_rule_list(txn, &loaded.id).await?.into_iter().next();
            if newest.as_ref().is_some_and(|newest| newest.rule != loaded.rule) {
                return Err(overtaken().into());
            }
            let version = newest.map_or(0, |newest| newest.version) + 1;
            let updated = deployment::Entity::update_many()
                .col_expr(deployment::Column::Rule, Expr::value(to_json(&new.rule)))
                .filter(deployment::Column::Id.eq(loaded.id.as_str()))
                .exec(txn)
                .await?;
            changed_one(updated.rows_affected, "the deployment's rule")?;
            let (_, name) = person(&new.actor);
            let row = use_rule::ActiveModel {
                deployment: Set(loaded.id.to_string()),
                version: Set(version as i32),
                rule: Set(to_json(&new.rule)),
                difference: Set(to_json(&new.dry_run.difference)),
                changed_by_name: Set(name),
                changed_at: Set(new.at),
                reason: Set(new.reason),
                dry_run_matched: Set(Some(new.dry_run.matched as i32)),
                dry_run_looked_at: Set(Some(new.dry_run.looked_at as i32)),
            };
            let once = OnConflict::new().do_nothing().to_owned();
            let inserted =
                use_rule::Entity::insert(row).on_conflict(once).exec_without_returning(txn).await?;
            if inserted == 0 {
                return Err(overtaken().into());
            }
            let content = Digest::of(to_json(&new.rule).to_string().as_bytes());
            let event =
                Event::UseRuleChanged(VersionInForce { deployment: loaded.id.clone(), version, content });
            outbox::append(txn, told(&random, new.at, new.actor, &loaded.id, event)).await?;
            Ok(use_rule_list(txn, &loaded.id).await?.remove(0))
        })
    })
    .await
}

fn overtaken() -> Refusal {
    Refusal::new(
        "rule_overtaken",
        "another rule was put in force meanwhile",
        "look at the rule in force, and run the changed one dry again",
    )
}
