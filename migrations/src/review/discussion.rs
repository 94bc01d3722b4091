//! Discussions of cases that are over.

use super::ReviewCase;
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    integer, string, string_null, text, text_null, timestamp_with_time_zone, timestamp_with_time_zone_null,
};

#[derive(DeriveIden)]
enum Discussion {
    Table,
    Id,
    CaseId,
    Series,
    Kind,
    Question,
    OpenedBy,
    OpenedAs,
    OpenedAt,
    LearningPoint,
    ClosedBy,
    ClosedAt,
}

#[derive(DeriveIden)]
enum DiscussionContribution {
    Table,
    DiscussionId,
    Number,
    SaidBy,
    SaidAs,
    Words,
    SaidAt,
}

#[derive(DeriveIden)]
enum DiscussionScore {
    Table,
    CaseId,
    Scorer,
    Number,
    DiscussionId,
    Score,
    ScoredAt,
}

const KINDS: [&str; 5] = ["discrepancy", "good_catch", "model_error", "technical", "other"];
const PARTS: [&str; 2] = ["quality", "reader"];

pub(super) struct Discussions;

impl MigrationName for Discussions {
    fn name(&self) -> &'static str {
        "review_0011_discussions"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Discussions {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(discussions()).await?;
        manager.create_table(contributions()).await?;
        manager.create_table(scores()).await?;
        let one_open = Index::create()
            .name("discussion_open_case")
            .table(Discussion::Table)
            .col(Discussion::CaseId)
            .unique()
            .and_where(Expr::col(Discussion::ClosedAt).is_null())
            .to_owned();
        manager.create_index(one_open).await?;
        for (name, column) in
            [("discussion_series", Discussion::Series), ("discussion_opened_at", Discussion::OpenedAt)]
        {
            let index = Index::create().name(name).table(Discussion::Table).col(column).to_owned();
            manager.create_index(index).await?;
        }
        Ok(())
    }
}

/// What is closed says by whom, when, and what is to be learned; it is closed by quality.
fn discussions() -> TableCreateStatement {
    let is_null = |column| Expr::col(column).is_null();
    let open = is_null(Discussion::ClosedAt)
        .and(is_null(Discussion::ClosedBy))
        .and(is_null(Discussion::LearningPoint));
    let closed = Expr::col(Discussion::ClosedAt)
        .is_not_null()
        .and(Expr::col(Discussion::ClosedBy).is_not_null())
        .and(Expr::col(Discussion::LearningPoint).is_not_null());
    Table::create()
        .table(Discussion::Table)
        .col(string(Discussion::Id).primary_key())
        .col(string(Discussion::CaseId))
        .col(string(Discussion::Series))
        .col(string(Discussion::Kind))
        .col(text(Discussion::Question))
        .col(string(Discussion::OpenedBy))
        .col(string(Discussion::OpenedAs))
        .col(timestamp_with_time_zone(Discussion::OpenedAt))
        .col(text_null(Discussion::LearningPoint))
        .col(string_null(Discussion::ClosedBy))
        .col(timestamp_with_time_zone_null(Discussion::ClosedAt))
        .check(Expr::col(Discussion::Kind).is_in(KINDS))
        .check(Expr::col(Discussion::OpenedAs).is_in(PARTS))
        .check(open.or(closed))
        .foreign_key(
            ForeignKey::create()
                .from(Discussion::Table, Discussion::CaseId)
                .to(ReviewCase::Table, ReviewCase::Id),
        )
        .to_owned()
}

/// What was said stands under its number, once.
fn contributions() -> TableCreateStatement {
    Table::create()
        .table(DiscussionContribution::Table)
        .col(string(DiscussionContribution::DiscussionId))
        .col(integer(DiscussionContribution::Number))
        .col(string(DiscussionContribution::SaidBy))
        .col(string(DiscussionContribution::SaidAs))
        .col(text(DiscussionContribution::Words))
        .col(timestamp_with_time_zone(DiscussionContribution::SaidAt))
        .primary_key(
            Index::create().col(DiscussionContribution::DiscussionId).col(DiscussionContribution::Number),
        )
        .check(Expr::col(DiscussionContribution::SaidAs).is_in(PARTS))
        .foreign_key(
            ForeignKey::create()
                .from(DiscussionContribution::Table, DiscussionContribution::DiscussionId)
                .to(Discussion::Table, Discussion::Id),
        )
        .to_owned()
}

/// A person's scores of a case, of which the last one stands.
fn scores() -> TableCreateStatement {
    Table::create()
        .table(DiscussionScore::Table)
        .col(string(DiscussionScore::CaseId))
        .col(string(DiscussionScore::Scorer))
        .col(integer(DiscussionScore::Number))
        .col(string(DiscussionScore::DiscussionId))
        .col(string(DiscussionScore::Score))
        .col(timestamp_with_time_zone(DiscussionScore::ScoredAt))
        .primary_key(
            Index::create()
                .col(DiscussionScore::CaseId)
                .col(DiscussionScore::Scorer)
                .col(DiscussionScore::Number),
        )
        .check(Expr::col(DiscussionScore::Score).is_in(["1", "2a", "2b", "3a", "3b"]))
        .foreign_key(
            ForeignKey::create()
                .from(DiscussionScore::Table, DiscussionScore::DiscussionId)
                .to(Discussion::Table, Discussion::Id),
        )
        .to_owned()
}
