//! When review was last there.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{small_integer, timestamp_with_time_zone};

#[derive(DeriveIden)]
enum Presence {
    Table,
    Id,
    NotedAt,
}

/// One row, so that the time of an outage is known after it.
pub(super) struct Presences;

impl MigrationName for Presences {
    fn name(&self) -> &'static str {
        "review_0008_presence"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Presences {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let presence = Table::create()
            .table(Presence::Table)
            .col(small_integer(Presence::Id).primary_key())
            .col(timestamp_with_time_zone(Presence::NotedAt))
            .check(Expr::col(Presence::Id).eq(1))
            .to_owned();
        manager.create_table(presence).await
    }
}
