//! Signatures that don't count.

use super::SignedRead;
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{string_null, text_null, timestamp_with_time_zone_null};

#[derive(DeriveIden)]
enum Invalidation {
    InvalidatedAt,
    InvalidatedBy,
    InvalidationReason,
}

/// A signed read that doesn't count stays as it was signed. Its class becomes that of a read on which nothing rests, so
/// that the keys of slots and releases leave it out.
pub(super) struct Invalidations;

impl MigrationName for Invalidations {
    fn name(&self) -> &'static str {
        "review_0007_invalidations"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Invalidations {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // SQLite adds one column at a time.
        for column in [
            timestamp_with_time_zone_null(Invalidation::InvalidatedAt),
            string_null(Invalidation::InvalidatedBy),
            text_null(Invalidation::InvalidationReason),
        ] {
            let alter = Table::alter().table(SignedRead::Table).add_column(column).to_owned();
            manager.alter_table(alter).await?;
        }
        Ok(())
    }
}
