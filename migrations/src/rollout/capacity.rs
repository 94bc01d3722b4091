//! Series that a deployment wants and whose run waits for the pool.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{double, json_binary, text, timestamp_with_time_zone};

pub(super) struct Waits;

/// How soon what waits is wanted.
pub(super) struct WaitPriorities;

impl MigrationName for Waits {
    fn name(&self) -> &'static str {
        "rollout_0008_waits"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Waits {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut deployment = ForeignKey::create();
        deployment.from("capacity_wait", "deployment").to("deployment", "id");
        let waits = Table::create()
            .table("capacity_wait")
            .col(text("deployment"))
            .col(text("series"))
            .col(text("source_set"))
            .col(json_binary("cause"))
            .col(timestamp_with_time_zone("since"))
            .col(double("expected_seconds"))
            .primary_key(Index::create().col("deployment").col("series").col("source_set"))
            .foreign_key(&mut deployment)
            .to_owned();
        manager.create_table(waits).await?;
        let oldest =
            Index::create().name("capacity_wait_oldest").table("capacity_wait").col("since").to_owned();
        manager.create_index(oldest).await
    }
}

impl MigrationName for WaitPriorities {
    fn name(&self) -> &'static str {
        "rollout_0011_wait_priorities"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for WaitPriorities {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let priority = text("priority").default("routine").take();
        manager.alter_table(Table::alter().table("capacity_wait").add_column(priority).to_owned()).await
    }
}
