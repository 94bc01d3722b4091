//! Recalls of whole selections.

use super::ReviewCase;
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    integer, integer_null, json_binary_null, string, string_null, text, text_null, timestamp_with_time_zone,
    timestamp_with_time_zone_null,
};

#[derive(DeriveIden)]
enum RecallCampaign {
    Table,
    Id,
    Model,
    Deployment,
    FromAt,
    UntilAt,
    Reason,
    ProposedBy,
    ProposedAt,
    NamedCases,
    NamedDigest,
    ConfirmedBy,
    ConfirmedAt,
    ConfirmedAs,
    ConfirmedThrough,
    ConfirmedCases,
    ConfirmedDigest,
    WithdrawnBy,
    WithdrawnAt,
    WithdrawalReason,
    CompletedAt,
}

#[derive(DeriveIden)]
enum RecallCampaignCase {
    Table,
    Campaign,
    CaseId,
    State,
    ReasonCode,
    EndedAt,
}

pub(super) struct RecallCampaigns;

impl MigrationName for RecallCampaigns {
    fn name(&self) -> &'static str {
        "review_0009_recall_campaigns"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for RecallCampaigns {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(campaigns()).await?;
        manager.create_table(cases()).await?;
        let by_case = Index::create()
            .name("recall_campaign_case_by_case")
            .table(RecallCampaignCase::Table)
            .col(RecallCampaignCase::CaseId)
            .col(RecallCampaignCase::State)
            .to_owned();
        manager.create_index(by_case).await?;
        let by_ending = Index::create()
            .name("review_case_ending")
            .table(ReviewCase::Table)
            .col(ReviewCase::EndedAs)
            .col(ReviewCase::EndedAt)
            .to_owned();
        manager.create_index(by_ending).await
    }
}

/// Who confirms a campaign is not who proposed it, and what is withdrawn is not confirmed.
fn campaigns() -> TableCreateStatement {
    let is_null = |column| Expr::col(column).is_null();
    let selects = [RecallCampaign::Model, RecallCampaign::Deployment, RecallCampaign::FromAt]
        .into_iter()
        .fold(Expr::col(RecallCampaign::UntilAt).is_not_null(), |named, column| {
            named.or(Expr::col(column).is_not_null())
        });
    Table::create()
        .table(RecallCampaign::Table)
        .col(string(RecallCampaign::Id).primary_key())
        .col(string_null(RecallCampaign::Model))
        .col(string_null(RecallCampaign::Deployment))
        .col(timestamp_with_time_zone_null(RecallCampaign::FromAt))
        .col(timestamp_with_time_zone_null(RecallCampaign::UntilAt))
        .col(text(RecallCampaign::Reason))
        .col(string(RecallCampaign::ProposedBy))
        .col(timestamp_with_time_zone(RecallCampaign::ProposedAt))
        .col(integer(RecallCampaign::NamedCases))
        .col(string(RecallCampaign::NamedDigest))
        .col(string_null(RecallCampaign::ConfirmedBy))
        .col(timestamp_with_time_zone_null(RecallCampaign::ConfirmedAt))
        .col(json_binary_null(RecallCampaign::ConfirmedAs))
        .col(string_null(RecallCampaign::ConfirmedThrough))
        .col(integer_null(RecallCampaign::ConfirmedCases))
        .col(string_null(RecallCampaign::ConfirmedDigest))
        .col(string_null(RecallCampaign::WithdrawnBy))
        .col(timestamp_with_time_zone_null(RecallCampaign::WithdrawnAt))
        .col(text_null(RecallCampaign::WithdrawalReason))
        .col(timestamp_with_time_zone_null(RecallCampaign::CompletedAt))
        .check(selects)
        .check(
            is_null(RecallCampaign::ConfirmedBy)
                .or(Expr::col(RecallCampaign::ConfirmedBy).ne(Expr::col(RecallCampaign::ProposedBy))),
        )
        .check(is_null(RecallCampaign::ConfirmedBy).or(is_null(RecallCampaign::WithdrawnBy)))
        .check(is_null(RecallCampaign::CompletedAt).or(Expr::col(RecallCampaign::ConfirmedBy).is_not_null()))
        .to_owned()
}

/// What a case is left for is said.
fn cases() -> TableCreateStatement {
    let state = || Expr::col(RecallCampaignCase::State);
    Table::create()
        .table(RecallCampaignCase::Table)
        .col(string(RecallCampaignCase::Campaign))
        .col(string(RecallCampaignCase::CaseId))
        .col(string(RecallCampaignCase::State))
        .col(string_null(RecallCampaignCase::ReasonCode))
        .col(timestamp_with_time_zone_null(RecallCampaignCase::EndedAt))
        .primary_key(Index::create().col(RecallCampaignCase::Campaign).col(RecallCampaignCase::CaseId))
        .check(state().is_in(["named", "waiting", "recalled", "left"]))
        .check(state().ne("left").or(Expr::col(RecallCampaignCase::ReasonCode).is_not_null()))
        .foreign_key(
            ForeignKey::create()
                .from(RecallCampaignCase::Table, RecallCampaignCase::Campaign)
                .to(RecallCampaign::Table, RecallCampaign::Id),
        )
        .foreign_key(
            ForeignKey::create()
                .from(RecallCampaignCase::Table, RecallCampaignCase::CaseId)
                .to(ReviewCase::Table, ReviewCase::Id),
        )
        .to_owned()
}
