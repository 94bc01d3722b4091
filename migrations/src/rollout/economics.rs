//! Tables of costs: prices and plans as versions, what runs took, and what a budget refused.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, boolean, double, double_null, integer, json_binary, text, text_null,
    timestamp_with_time_zone,
};

pub(super) struct Economics;

impl MigrationName for Economics {
    fn name(&self) -> &'static str {
        "rollout_0007_economics"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Economics {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // `subject` is a deployment, or `prices` for what counts for all of them.
        let terms = Table::create()
            .table("terms")
            .col(text("subject"))
            .col(integer("version"))
            .col(json_binary("content"))
            .col(text("changed_by"))
            .col(text("changed_by_name"))
            .col(timestamp_with_time_zone("changed_at"))
            .col(text("reason"))
            .primary_key(Index::create().col("subject").col("version"))
            .to_owned();
        manager.create_table(terms).await?;
        run_costs(manager).await?;
        refusals(manager).await?;
        for (table, column) in [("run_request", double_null("estimate")), ("case_outcome", text_null("run"))]
        {
            manager.alter_table(Table::alter().table(table).add_column(column).to_owned()).await?;
        }
        let by_run = Index::create().name("case_outcome_by_run").table("case_outcome").col("run").to_owned();
        manager.create_index(by_run).await
    }
}

async fn run_costs(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut request = ForeignKey::create();
    request.from("run_cost", "run").to("run_request", "run");
    let costs = Table::create()
        .table("run_cost")
        .col(text("run").primary_key())
        .col(text("deployment"))
        .col(timestamp_with_time_zone("ended_at"))
        .col(boolean("generated"))
        .col(text_null("device"))
        .col(double("seconds"))
        .col(big_integer("stored_bytes"))
        .foreign_key(&mut request)
        .to_owned();
    manager.create_table(costs).await?;
    let by_time = Index::create()
        .name("run_cost_by_time")
        .table("run_cost")
        .col("deployment")
        .col("ended_at")
        .to_owned();
    manager.create_index(by_time).await
}

async fn refusals(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut deployment = ForeignKey::create();
    deployment.from("budget_refusal", "deployment").to("deployment", "id");
    let refusals = Table::create()
        .table("budget_refusal")
        .col(text("deployment"))
        .col(text("series"))
        .col(text("source_set"))
        .col(timestamp_with_time_zone("refused_at"))
        .col(text("standing"))
        .col(text("reason"))
        .col(double("estimate"))
        .primary_key(Index::create().col("deployment").col("series").col("source_set"))
        .check(Expr::col("standing").is_in(["throttled", "paused"]))
        .foreign_key(&mut deployment)
        .to_owned();
    manager.create_table(refusals).await
}
