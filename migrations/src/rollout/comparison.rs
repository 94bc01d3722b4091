//! Comparisons: what was declared, and what each look said. Rows of looks never change.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    integer, json_binary, string, string_null, text, text_null, timestamp_with_time_zone,
    timestamp_with_time_zone_null,
};

#[derive(DeriveIden)]
enum Comparison {
    Table,
    Id,
    Champion,
    Challenger,
    Plan,
    Reason,
    StartedBy,
    StartedByName,
    StartedAt,
    State,
    Pairs,
    EndedAt,
    EndedByName,
    EndedReason,
}

#[derive(DeriveIden)]
enum ComparisonLook {
    Table,
    Comparison,
    Number,
    Content,
    LookedAt,
}

pub(super) struct Comparisons;

impl MigrationName for Comparisons {
    fn name(&self) -> &'static str {
        "rollout_0010_comparisons"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Comparisons {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let comparison = Table::create()
            .table(Comparison::Table)
            .col(string(Comparison::Id).primary_key())
            .col(string(Comparison::Champion))
            .col(string(Comparison::Challenger))
            .col(json_binary(Comparison::Plan))
            .col(text(Comparison::Reason))
            .col(string(Comparison::StartedBy))
            .col(string(Comparison::StartedByName))
            .col(timestamp_with_time_zone(Comparison::StartedAt))
            .col(string(Comparison::State))
            .col(integer(Comparison::Pairs))
            .col(timestamp_with_time_zone_null(Comparison::EndedAt))
            .col(string_null(Comparison::EndedByName))
            .col(text_null(Comparison::EndedReason))
            .check(Expr::col(Comparison::Champion).ne(Expr::col(Comparison::Challenger)))
            .check(Expr::col(Comparison::State).is_in(["open", "decided", "given_up"]))
            .to_owned();
        manager.create_table(comparison).await?;
        let look = Table::create()
            .table(ComparisonLook::Table)
            .col(string(ComparisonLook::Comparison))
            .col(integer(ComparisonLook::Number))
            .col(json_binary(ComparisonLook::Content))
            .col(timestamp_with_time_zone(ComparisonLook::LookedAt))
            .primary_key(Index::create().col(ComparisonLook::Comparison).col(ComparisonLook::Number))
            .foreign_key(
                ForeignKey::create()
                    .from(ComparisonLook::Table, ComparisonLook::Comparison)
                    .to(Comparison::Table, Comparison::Id),
            )
            .to_owned();
        manager.create_table(look).await?;
        // Only one comparison of a challenger is open; ended ones stay.
        let open = Index::create()
            .unique()
            .name("comparison_open")
            .table(Comparison::Table)
            .col(Comparison::Challenger)
            .and_where(Expr::col(Comparison::State).eq("open"))
            .to_owned();
        manager.create_index(open).await
    }
}
