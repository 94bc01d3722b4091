//! Tables of stop rules: what cases came to, which rules are in force, and what they told.

use super::is_stage;
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    boolean, double, integer, integer_null, json_binary, text, text_null, timestamp_with_time_zone,
    timestamp_with_time_zone_null,
};

pub(super) struct Stops;

impl MigrationName for Stops {
    fn name(&self) -> &'static str {
        "rollout_0005_stops"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Stops {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        outcomes(manager).await?;
        rules(manager).await?;
        alarms(manager).await?;
        recall_evaluations(manager).await
    }
}

fn of_deployment(table: &'static str) -> ForeignKeyCreateStatement {
    let mut deployment = ForeignKey::create();
    deployment.from(table, "deployment").to("deployment", "id");
    deployment
}

async fn outcomes(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let outcomes = Table::create()
        .table("case_outcome")
        .col(text("case_id").primary_key())
        .col(text("deployment"))
        .col(text("model_version"))
        .col(text("stage"))
        .col(timestamp_with_time_zone("ended_at"))
        .col(boolean("released"))
        .col(boolean("discordant"))
        .col(boolean("critical"))
        .col(double("reader_seconds"))
        .col(integer("reads"))
        .check(is_stage("stage"))
        .to_owned();
    manager.create_table(outcomes).await?;
    let by_time = Index::create()
        .name("case_outcome_by_time")
        .table("case_outcome")
        .col("deployment")
        .col("ended_at")
        .to_owned();
    manager.create_index(by_time).await?;
    let arrivals = Index::create()
        .name("run_request_by_time")
        .table("run_request")
        .col("deployment")
        .col("requested_at")
        .to_owned();
    manager.create_index(arrivals).await
}

async fn rules(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let stop_rules = Table::create()
        .table("stop_rules")
        .col(text("deployment"))
        .col(integer("version"))
        .col(json_binary("rules"))
        .col(text("changed_by"))
        .col(text("changed_by_name"))
        .col(timestamp_with_time_zone("changed_at"))
        .col(text("reason"))
        .primary_key(Index::create().col("deployment").col("version"))
        .foreign_key(&mut of_deployment("stop_rules"))
        .to_owned();
    manager.create_table(stop_rules).await?;
    let use_rules = Table::create()
        .table("use_rule")
        .col(text("deployment"))
        .col(integer("version"))
        .col(json_binary("rule"))
        .col(json_binary("difference"))
        .col(text("changed_by_name"))
        .col(timestamp_with_time_zone("changed_at"))
        .col(text("reason"))
        .col(integer_null("dry_run_matched"))
        .col(integer_null("dry_run_looked_at"))
        .primary_key(Index::create().col("deployment").col("version"))
        .foreign_key(&mut of_deployment("use_rule"))
        .to_owned();
    manager.create_table(use_rules).await
}

async fn alarms(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let alarms = Table::create()
        .table("alarm")
        .col(text("id").primary_key())
        .col(text("deployment"))
        .col(text("rule"))
        .col(integer("rules_version"))
        .col(text("action"))
        .col(double("value"))
        .col(double("bound"))
        .col(timestamp_with_time_zone("raised_at"))
        .col(text_null("case_id"))
        .col(text("from_stage"))
        .col(text("to_stage"))
        .col(text("note"))
        .col(text_null("acknowledged_by_name"))
        .col(timestamp_with_time_zone_null("acknowledged_at"))
        .col(text_null("acknowledgement"))
        .check(is_stage("from_stage"))
        .check(is_stage("to_stage"))
        .check(Expr::col("action").is_in(["inform", "demote", "suspend"]))
        .foreign_key(&mut of_deployment("alarm"))
        .to_owned();
    manager.create_table(alarms).await?;
    // A rule that goes on informing says so once, until somebody has looked into it.
    let one_open = Index::create()
        .name("alarm_one_informing")
        .table("alarm")
        .col("deployment")
        .col("rule")
        .unique()
        .and_where(Expr::cust("acknowledged_at IS NULL AND action = 'inform'"))
        .to_owned();
    manager.create_index(one_open).await
}

async fn recall_evaluations(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut alarm = ForeignKey::create();
    alarm.from("recall_evaluation", "alarm").to("alarm", "id");
    let evaluations = Table::create()
        .table("recall_evaluation")
        .col(text("id").primary_key())
        .col(text("deployment"))
        .col(text("model_version"))
        .col(timestamp_with_time_zone("from_at"))
        .col(timestamp_with_time_zone("to_at"))
        .col(timestamp_with_time_zone("opened_at"))
        .col(text("alarm"))
        .col(text_null("closed_by_name"))
        .col(timestamp_with_time_zone_null("closed_at"))
        .col(text_null("conclusion"))
        .foreign_key(&mut of_deployment("recall_evaluation"))
        .foreign_key(&mut alarm)
        .to_owned();
    manager.create_table(evaluations).await
}
