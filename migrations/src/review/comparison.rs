//! Pairs of AI images that are compared: which are wanted, who was shown which on which side, and what they signed.

use super::ReviewCase;
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    integer, json_binary, string, string_null, timestamp_with_time_zone, timestamp_with_time_zone_null,
};

#[derive(DeriveIden)]
enum ComparisonTerms {
    Table,
    Id,
    Champion,
    Challenger,
    Readers,
    DrawPerMille,
    PairsWanted,
    StartedAt,
    EndedAt,
}

#[derive(DeriveIden)]
enum ComparisonPair {
    Table,
    Id,
    Comparison,
    Series,
    Study,
    ChampionCase,
    ChallengerCase,
    Modality,
    Task,
    Readers,
    OpenedAt,
    ExpiresAt,
    CompletedAt,
    WithdrawnAt,
    WithdrawnFor,
    Version,
}

#[derive(DeriveIden)]
enum PairSeat {
    Table,
    PairId,
    Reader,
    ChallengerSide,
    Salt,
    Slices,
    ShownDigest,
    TakenAt,
    ExpiresAt,
}

#[derive(DeriveIden)]
enum PairAnswer {
    Table,
    PairId,
    Reader,
    Content,
    Signature,
    SignedAt,
}

pub(super) struct Comparisons;

impl MigrationName for Comparisons {
    fn name(&self) -> &'static str {
        "review_0010_comparisons"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Comparisons {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let terms = Table::create()
            .table(ComparisonTerms::Table)
            .col(string(ComparisonTerms::Id).primary_key())
            .col(string(ComparisonTerms::Champion))
            .col(string(ComparisonTerms::Challenger))
            .col(integer(ComparisonTerms::Readers))
            .col(integer(ComparisonTerms::DrawPerMille))
            .col(integer(ComparisonTerms::PairsWanted))
            .col(timestamp_with_time_zone(ComparisonTerms::StartedAt))
            .col(timestamp_with_time_zone_null(ComparisonTerms::EndedAt))
            .to_owned();
        manager.create_table(terms).await?;
        manager.create_table(pairs()).await?;
        manager.create_table(seats()).await?;
        manager.create_table(answers()).await?;
        for (name, column) in [
            ("comparison_pair_series", ComparisonPair::Series),
            ("comparison_pair_state", ComparisonPair::CompletedAt),
        ] {
            let index = Index::create().name(name).table(ComparisonPair::Table).col(column).to_owned();
            manager.create_index(index).await?;
        }
        Ok(())
    }
}

/// Two cases make one pair of a comparison, and what is withdrawn says why.
fn pairs() -> TableCreateStatement {
    let to_case = |column| {
        ForeignKey::create()
            .from(ComparisonPair::Table, column)
            .to(ReviewCase::Table, ReviewCase::Id)
            .to_owned()
    };
    let is_null = |column| Expr::col(column).is_null();
    Table::create()
        .table(ComparisonPair::Table)
        .col(string(ComparisonPair::Id).primary_key())
        .col(string(ComparisonPair::Comparison))
        .col(string(ComparisonPair::Series))
        .col(string(ComparisonPair::Study))
        .col(string(ComparisonPair::ChampionCase))
        .col(string(ComparisonPair::ChallengerCase))
        .col(string(ComparisonPair::Modality))
        .col(string(ComparisonPair::Task))
        .col(integer(ComparisonPair::Readers))
        .col(timestamp_with_time_zone(ComparisonPair::OpenedAt))
        .col(timestamp_with_time_zone(ComparisonPair::ExpiresAt))
        .col(timestamp_with_time_zone_null(ComparisonPair::CompletedAt))
        .col(timestamp_with_time_zone_null(ComparisonPair::WithdrawnAt))
        .col(string_null(ComparisonPair::WithdrawnFor))
        .col(integer(ComparisonPair::Version))
        .index(
            Index::create()
                .unique()
                .name("comparison_pair_cases")
                .col(ComparisonPair::Comparison)
                .col(ComparisonPair::ChampionCase)
                .col(ComparisonPair::ChallengerCase),
        )
        .check(Expr::col(ComparisonPair::ChampionCase).ne(Expr::col(ComparisonPair::ChallengerCase)))
        .check(is_null(ComparisonPair::CompletedAt).or(is_null(ComparisonPair::WithdrawnAt)))
        .check(is_null(ComparisonPair::WithdrawnAt).or(Expr::col(ComparisonPair::WithdrawnFor).is_not_null()))
        .foreign_key(
            ForeignKey::create()
                .from(ComparisonPair::Table, ComparisonPair::Comparison)
                .to(ComparisonTerms::Table, ComparisonTerms::Id),
        )
        .foreign_key(&mut to_case(ComparisonPair::ChampionCase))
        .foreign_key(&mut to_case(ComparisonPair::ChallengerCase))
        .to_owned()
}

/// A reader is shown a pair on the same sides however often it is opened.
fn seats() -> TableCreateStatement {
    Table::create()
        .table(PairSeat::Table)
        .col(string(PairSeat::PairId))
        .col(string(PairSeat::Reader))
        .col(string(PairSeat::ChallengerSide))
        .col(string(PairSeat::Salt))
        .col(integer(PairSeat::Slices))
        .col(string(PairSeat::ShownDigest))
        .col(timestamp_with_time_zone(PairSeat::TakenAt))
        .col(timestamp_with_time_zone(PairSeat::ExpiresAt))
        .primary_key(Index::create().col(PairSeat::PairId).col(PairSeat::Reader))
        .check(Expr::col(PairSeat::ChallengerSide).is_in(["a", "b"]))
        .foreign_key(
            ForeignKey::create()
                .from(PairSeat::Table, PairSeat::PairId)
                .to(ComparisonPair::Table, ComparisonPair::Id),
        )
        .to_owned()
}

/// An answer is given once, by who was shown the pair, and never changes.
fn answers() -> TableCreateStatement {
    Table::create()
        .table(PairAnswer::Table)
        .col(string(PairAnswer::PairId))
        .col(string(PairAnswer::Reader))
        .col(json_binary(PairAnswer::Content))
        .col(json_binary(PairAnswer::Signature))
        .col(timestamp_with_time_zone(PairAnswer::SignedAt))
        .primary_key(Index::create().col(PairAnswer::PairId).col(PairAnswer::Reader))
        .foreign_key(
            ForeignKey::create()
                .from(PairAnswer::Table, (PairAnswer::PairId, PairAnswer::Reader))
                .to(PairSeat::Table, (PairSeat::PairId, PairSeat::Reader)),
        )
        .to_owned()
}
