//! What coordinators, quality and administrators keep around the reads.

use super::ReviewCase;
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    integer, json_binary, string, string_null, text, timestamp_with_time_zone, timestamp_with_time_zone_null,
};

#[derive(DeriveIden)]
enum Deferral {
    Table,
    CaseId,
    Reader,
    Reason,
    PlacedAt,
    ReturnedAt,
}

#[derive(DeriveIden)]
enum Recall {
    Table,
    CaseId,
    Reason,
    ProposedBy,
    ProposedAt,
    ConfirmedBy,
    ConfirmedAt,
}

#[derive(DeriveIden)]
enum StudyFlag {
    Table,
    Study,
    PlacedAt,
    PlacedBy,
    Reason,
    LiftedAt,
    LiftedBy,
}

#[derive(DeriveIden)]
enum ReviewPolicy {
    Table,
    Number,
    Content,
    Reason,
    AdoptedBy,
    AdoptedAt,
}

#[derive(DeriveIden)]
pub(super) enum Credential {
    Table,
    Id,
    Reader,
    Modality,
    Task,
    ValidFrom,
    ValidUntil,
    GrantedBy,
    RevokedAt,
    RevokedBy,
    Purpose,
}

#[derive(DeriveIden)]
enum Conflict {
    Table,
    Id,
    Reader,
    Subject,
    Reason,
    DeclaredBy,
    DeclaredAt,
}

#[derive(DeriveIden)]
enum SentinelSource {
    Table,
    Run,
    CaseId,
    Reason,
    MarkedBy,
    MarkedAt,
}

#[derive(DeriveIden)]
enum RunRequester {
    Table,
    Run,
    Requester,
}

pub(super) struct Oversight;

impl MigrationName for Oversight {
    fn name(&self) -> &'static str {
        "review_0006_oversight"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Oversight {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(deferrals()).await?;
        manager.create_table(recalls()).await?;
        manager.create_table(study_flags()).await?;
        let one_flag = Index::create()
            .name("study_flag_standing")
            .table(StudyFlag::Table)
            .col(StudyFlag::Study)
            .unique()
            .and_where(Expr::col(StudyFlag::LiftedAt).is_null())
            .to_owned();
        manager.create_index(one_flag).await?;
        let policy = Table::create()
            .table(ReviewPolicy::Table)
            .col(integer(ReviewPolicy::Number).primary_key())
            .col(json_binary(ReviewPolicy::Content))
            .col(text(ReviewPolicy::Reason))
            .col(string(ReviewPolicy::AdoptedBy))
            .col(timestamp_with_time_zone(ReviewPolicy::AdoptedAt))
            .to_owned();
        manager.create_table(policy).await?;
        manager.create_table(credentials()).await?;
        let by_use = Index::create()
            .name("credential_use")
            .table(Credential::Table)
            .col(Credential::Modality)
            .col(Credential::Task)
            .to_owned();
        manager.create_index(by_use).await?;
        manager.create_table(conflicts()).await?;
        manager.create_table(sentinel_sources()).await?;
        let requester = Table::create()
            .table(RunRequester::Table)
            .col(string(RunRequester::Run).primary_key())
            .col(string(RunRequester::Requester))
            .to_owned();
        manager.create_table(requester).await
    }
}

fn deferrals() -> TableCreateStatement {
    Table::create()
        .table(Deferral::Table)
        .col(string(Deferral::CaseId))
        .col(string(Deferral::Reader))
        .col(text(Deferral::Reason))
        .col(timestamp_with_time_zone(Deferral::PlacedAt))
        .col(timestamp_with_time_zone_null(Deferral::ReturnedAt))
        .primary_key(Index::create().col(Deferral::CaseId).col(Deferral::Reader).col(Deferral::PlacedAt))
        .foreign_key(
            ForeignKey::create()
                .from(Deferral::Table, Deferral::CaseId)
                .to(ReviewCase::Table, ReviewCase::Id),
        )
        .to_owned()
}

/// Who confirms a recall is not who proposed it.
fn recalls() -> TableCreateStatement {
    Table::create()
        .table(Recall::Table)
        .col(string(Recall::CaseId).primary_key())
        .col(text(Recall::Reason))
        .col(string(Recall::ProposedBy))
        .col(timestamp_with_time_zone(Recall::ProposedAt))
        .col(string_null(Recall::ConfirmedBy))
        .col(timestamp_with_time_zone_null(Recall::ConfirmedAt))
        .check(
            Expr::col(Recall::ConfirmedBy)
                .is_null()
                .or(Expr::col(Recall::ConfirmedBy).ne(Expr::col(Recall::ProposedBy))),
        )
        .foreign_key(
            ForeignKey::create().from(Recall::Table, Recall::CaseId).to(ReviewCase::Table, ReviewCase::Id),
        )
        .to_owned()
}

fn study_flags() -> TableCreateStatement {
    Table::create()
        .table(StudyFlag::Table)
        .col(string(StudyFlag::Study))
        .col(timestamp_with_time_zone(StudyFlag::PlacedAt))
        .col(string(StudyFlag::PlacedBy))
        .col(text(StudyFlag::Reason))
        .col(timestamp_with_time_zone_null(StudyFlag::LiftedAt))
        .col(string_null(StudyFlag::LiftedBy))
        .primary_key(Index::create().col(StudyFlag::Study).col(StudyFlag::PlacedAt))
        .to_owned()
}

/// Nobody grants a credential to themselves.
fn credentials() -> TableCreateStatement {
    Table::create()
        .table(Credential::Table)
        .col(string(Credential::Id).primary_key())
        .col(string(Credential::Reader))
        .col(string(Credential::Modality))
        .col(string(Credential::Task))
        .col(timestamp_with_time_zone(Credential::ValidFrom))
        .col(timestamp_with_time_zone(Credential::ValidUntil))
        .col(string(Credential::GrantedBy))
        .col(timestamp_with_time_zone_null(Credential::RevokedAt))
        .col(string_null(Credential::RevokedBy))
        .check(Expr::col(Credential::GrantedBy).ne(Expr::col(Credential::Reader)))
        .to_owned()
}

fn conflicts() -> TableCreateStatement {
    Table::create()
        .table(Conflict::Table)
        .col(string(Conflict::Id).primary_key())
        .col(string(Conflict::Reader))
        .col(string(Conflict::Subject))
        .col(text(Conflict::Reason))
        .col(string(Conflict::DeclaredBy))
        .col(timestamp_with_time_zone(Conflict::DeclaredAt))
        .to_owned()
}

fn sentinel_sources() -> TableCreateStatement {
    Table::create()
        .table(SentinelSource::Table)
        .col(string(SentinelSource::Run).primary_key())
        .col(string(SentinelSource::CaseId))
        .col(text(SentinelSource::Reason))
        .col(string(SentinelSource::MarkedBy))
        .col(timestamp_with_time_zone(SentinelSource::MarkedAt))
        .foreign_key(
            ForeignKey::create()
                .from(SentinelSource::Table, SentinelSource::CaseId)
                .to(ReviewCase::Table, ReviewCase::Id),
        )
        .to_owned()
}
