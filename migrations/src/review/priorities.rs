//! How soon cases are wanted.

use super::ReviewCase;
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{string, text, timestamp_with_time_zone, timestamp_with_time_zone_null};

const WORDS: [&str; 4] = ["stat", "urgent", "routine", "off_peak"];

#[derive(DeriveIden)]
enum Priority {
    Priority,
    OverdueAt,
}

#[derive(DeriveIden)]
enum PriorityChange {
    Table,
    CaseId,
    ChangedAt,
    PriorityBefore,
    PriorityAfter,
    ChangedBy,
    Reason,
}

/// A case has a priority; what people changed of it is kept.
pub(super) struct Priorities;

impl MigrationName for Priorities {
    fn name(&self) -> &'static str {
        "review_0009_priorities"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Priorities {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // SQLite adds one column at a time.
        for column in [
            string(Priority::Priority).default("routine").take(),
            timestamp_with_time_zone_null(Priority::OverdueAt),
        ] {
            let alter = Table::alter().table(ReviewCase::Table).add_column(column).to_owned();
            manager.alter_table(alter).await?;
        }
        let changes = Table::create()
            .table(PriorityChange::Table)
            .col(string(PriorityChange::CaseId))
            .col(timestamp_with_time_zone(PriorityChange::ChangedAt))
            .col(string(PriorityChange::PriorityBefore))
            .col(string(PriorityChange::PriorityAfter))
            .col(string(PriorityChange::ChangedBy))
            .col(text(PriorityChange::Reason))
            .primary_key(Index::create().col(PriorityChange::CaseId).col(PriorityChange::ChangedAt))
            .check(Expr::col(PriorityChange::PriorityBefore).is_in(WORDS))
            .check(Expr::col(PriorityChange::PriorityAfter).is_in(WORDS))
            .check(Expr::col(PriorityChange::PriorityAfter).ne(Expr::col(PriorityChange::PriorityBefore)))
            .foreign_key(
                ForeignKey::create()
                    .from(PriorityChange::Table, PriorityChange::CaseId)
                    .to(ReviewCase::Table, ReviewCase::Id),
            )
            .to_owned();
        manager.create_table(changes).await
    }
}
