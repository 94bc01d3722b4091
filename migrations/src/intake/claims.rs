//! Objects that came under another identity than the stored ones.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    string, string_null, text, text_null, timestamp_with_time_zone, timestamp_with_time_zone_null,
};

#[derive(DeriveIden)]
enum IdentityClaim {
    Table,
    Object,
    Study,
    SopInstanceUid,
    Digest,
    ReceivedAt,
    Decided,
    DecidedAt,
    DecidedBy,
    RetiredAt,
    Identity,
}

#[derive(DeriveIden)]
enum IdentityDecision {
    Table,
    Study,
    DecidedAt,
    DecidedBy,
    Decision,
    Reason,
}

/// Corrections wait for a person, and what they took the place of is remembered.
pub(super) struct Claims;

impl MigrationName for Claims {
    fn name(&self) -> &'static str {
        "intake_0004_claims"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Claims {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let claim = Table::create()
            .table(IdentityClaim::Table)
            .col(string(IdentityClaim::Object).primary_key())
            .col(string(IdentityClaim::Study))
            .col(string(IdentityClaim::SopInstanceUid))
            .col(string(IdentityClaim::Digest))
            .col(timestamp_with_time_zone(IdentityClaim::ReceivedAt))
            .col(string_null(IdentityClaim::Decided))
            .col(timestamp_with_time_zone_null(IdentityClaim::DecidedAt))
            .col(string_null(IdentityClaim::DecidedBy))
            .col(timestamp_with_time_zone_null(IdentityClaim::RetiredAt))
            .check(
                Expr::col(IdentityClaim::Decided)
                    .is_null()
                    .or(Expr::col(IdentityClaim::Decided).is_in(["kept", "taken"])),
            )
            .to_owned();
        manager.create_table(claim).await?;
        for (name, column) in
            [("identity_claim_study", IdentityClaim::Study), ("identity_claim_digest", IdentityClaim::Digest)]
        {
            let index = Index::create().name(name).table(IdentityClaim::Table).col(column).to_owned();
            manager.create_index(index).await?;
        }
        let decision = Table::create()
            .table(IdentityDecision::Table)
            .col(string(IdentityDecision::Study))
            .col(timestamp_with_time_zone(IdentityDecision::DecidedAt))
            .col(string(IdentityDecision::DecidedBy))
            .col(string(IdentityDecision::Decision))
            .col(text(IdentityDecision::Reason))
            .primary_key(Index::create().col(IdentityDecision::Study).col(IdentityDecision::DecidedAt))
            .check(Expr::col(IdentityDecision::Decision).is_in(["kept", "taken"]))
            .to_owned();
        manager.create_table(decision).await
    }
}

/// A claim says what it claims, so that a person sees both identities side by side.
pub(super) struct Identities;

impl MigrationName for Identities {
    fn name(&self) -> &'static str {
        "intake_0005_identities"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Identities {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let column = text_null(IdentityClaim::Identity);
        let identity = Table::alter().table(IdentityClaim::Table).add_column(column).to_owned();
        manager.alter_table(identity).await
    }
}
