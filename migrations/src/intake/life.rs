//! Entries of the quarantine end: with who, when and why.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{string, string_null, text_null, timestamp_with_time_zone_null};

#[derive(DeriveIden)]
enum Quarantine {
    Table,
    State,
    ReceivedAt,
    BelongsTo,
    Attribute,
    EndedAt,
    EndedBy,
    EndedReason,
    CorrectedObject,
    AlarmedAt,
}

/// What was kept before waits, like everything that is kept from now on.
pub(super) struct Life;

impl MigrationName for Life {
    fn name(&self) -> &'static str {
        "intake_0006_life"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Life {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // SQLite adds one column at a time.
        for column in [
            string(Quarantine::State).default("waiting").take(),
            string(Quarantine::BelongsTo).default("").take(),
            string_null(Quarantine::Attribute),
            timestamp_with_time_zone_null(Quarantine::EndedAt),
            string_null(Quarantine::EndedBy),
            text_null(Quarantine::EndedReason),
            string_null(Quarantine::CorrectedObject),
            timestamp_with_time_zone_null(Quarantine::AlarmedAt),
        ] {
            let alter = Table::alter().table(Quarantine::Table).add_column(column).to_owned();
            manager.alter_table(alter).await?;
        }
        let waiting = Index::create()
            .name("quarantine_waiting")
            .table(Quarantine::Table)
            .col(Quarantine::State)
            .col(Quarantine::ReceivedAt)
            .to_owned();
        manager.create_index(waiting).await
    }
}
