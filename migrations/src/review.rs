//! Tables of review: cases, holds on slots, drafts, signed reads, releases.
//!
//! The keys carry the invariants that no code may break: two reads of a case come from two people, a slot has one
//! live hold, and a release stands on the accepting reads of two different people over the case's own digest.

mod after_signing;
mod campaign;
mod comparison;
mod discussion;
mod evaluation;
mod invalidation;
mod oversight;
mod presence;
mod priorities;

use after_signing::AfterSigning;
use campaign::RecallCampaigns;
use comparison::Comparisons;
use discussion::Discussions;
use evaluation::Evaluations;
use invalidation::Invalidations;
use oversight::Oversight;
use presence::Presences;
use priorities::Priorities;
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, boolean, integer, json_binary, small_integer, string, string_null, text, text_null,
    timestamp_with_time_zone, timestamp_with_time_zone_null,
};

/// The migrations, oldest first.
pub fn migrations() -> Vec<Box<dyn MigrationTrait>> {
    vec![
        Box::new(Cases),
        Box::new(Readers),
        Box::new(Releases),
        Box::new(Memory),
        Box::new(Traces),
        Box::new(Oversight),
        Box::new(Invalidations),
        Box::new(Presences),
        Box::new(Evaluations),
        Box::new(Priorities),
        Box::new(RecallCampaigns),
        Box::new(Comparisons),
        Box::new(Discussions),
        Box::new(AfterSigning),
    ]
}

#[derive(DeriveIden)]
enum ReviewCase {
    Table,
    Id,
    Run,
    Series,
    Study,
    Model,
    Deployment,
    Stage,
    CaseDigest,
    SourceSet,
    RegionCount,
    Policy,
    QueuedAt,
    State,
    DiscordantAt,
    SupersededAt,
    EndedAt,
    Version,
    Trace,
    Kind,
    RepeatOf,
    OnlyReader,
    Requester,
    Modality,
    Task,
    DueAt,
    ExpiresAt,
    EndedAs,
    PanelAt,
    SampledAt,
    SampleOpen,
    RepeatDrawnAt,
    IsDrawn,
}

#[derive(DeriveIden)]
enum Hold {
    Table,
    CaseId,
    ReasonCode,
    PlacedAt,
    PlacedBy,
    Reason,
    EndedAt,
}

struct Cases;

impl MigrationName for Cases {
    fn name(&self) -> &'static str {
        "review_0001_cases"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Cases {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(cases()).await?;
        // A patient's case is the only one of its run; sentinels and repeats show the run once more.
        let one_per_run = Index::create()
            .name("review_case_run")
            .table(ReviewCase::Table)
            .col(ReviewCase::Run)
            .unique()
            .and_where(Expr::col(ReviewCase::Kind).eq("clinical"))
            .to_owned();
        manager.create_index(one_per_run).await?;
        let (table, series) = (ReviewCase::Table, ReviewCase::Series);
        let by_series = Index::create().name("review_case_series").table(table).col(series).to_owned();
        manager.create_index(by_series).await?;
        let by_deployment = Index::create()
            .name("review_case_deployment")
            .table(ReviewCase::Table)
            .col(ReviewCase::Deployment)
            .col(ReviewCase::State)
            .to_owned();
        manager.create_index(by_deployment).await?;
        let by_state = Index::create()
            .name("review_case_state")
            .table(ReviewCase::Table)
            .col(ReviewCase::State)
            .col(ReviewCase::QueuedAt)
            .to_owned();
        manager.create_index(by_state).await?;
        let hold = Table::create()
            .table(Hold::Table)
            .col(string(Hold::CaseId))
            .col(string(Hold::ReasonCode))
            .col(timestamp_with_time_zone(Hold::PlacedAt))
            .col(string_null(Hold::PlacedBy))
            .col(text(Hold::Reason))
            .col(timestamp_with_time_zone_null(Hold::EndedAt))
            .primary_key(Index::create().col(Hold::CaseId).col(Hold::ReasonCode).col(Hold::PlacedAt))
            .foreign_key(
                ForeignKey::create().from(Hold::Table, Hold::CaseId).to(ReviewCase::Table, ReviewCase::Id),
            )
            .to_owned();
        manager.create_table(hold).await
    }
}

fn cases() -> TableCreateStatement {
    Table::create()
        .table(ReviewCase::Table)
        .col(string(ReviewCase::Id).primary_key())
        .col(string(ReviewCase::Run))
        .col(string(ReviewCase::Series))
        .col(string(ReviewCase::Study))
        .col(string(ReviewCase::Model))
        .col(string(ReviewCase::Deployment))
        .col(string(ReviewCase::Stage))
        .col(string(ReviewCase::CaseDigest))
        .col(string(ReviewCase::SourceSet))
        .col(integer(ReviewCase::RegionCount))
        .col(json_binary(ReviewCase::Policy))
        .col(timestamp_with_time_zone(ReviewCase::QueuedAt))
        .col(string(ReviewCase::State))
        .col(timestamp_with_time_zone_null(ReviewCase::DiscordantAt))
        .col(timestamp_with_time_zone_null(ReviewCase::SupersededAt))
        .col(timestamp_with_time_zone_null(ReviewCase::EndedAt))
        .col(big_integer(ReviewCase::Version))
        .col(string(ReviewCase::Kind))
        .col(string_null(ReviewCase::RepeatOf))
        .col(string_null(ReviewCase::OnlyReader))
        // Empty when no person asked for the run, so that keys over it always hold.
        .col(string(ReviewCase::Requester))
        .col(string(ReviewCase::Modality))
        .col(string(ReviewCase::Task))
        .col(timestamp_with_time_zone(ReviewCase::DueAt))
        .col(timestamp_with_time_zone(ReviewCase::ExpiresAt))
        .col(string_null(ReviewCase::EndedAs))
        .col(timestamp_with_time_zone_null(ReviewCase::PanelAt))
        .col(timestamp_with_time_zone_null(ReviewCase::SampledAt))
        .col(boolean(ReviewCase::SampleOpen))
        .col(timestamp_with_time_zone_null(ReviewCase::RepeatDrawnAt))
        .check(digest_shaped(ReviewCase::CaseDigest))
        .check(Expr::col(ReviewCase::Kind).is_in(["clinical", "sentinel", "repeat"]))
        // Reads refer to a case with its digest and who asked for it, releases to one with its kind.
        .index(
            Index::create()
                .unique()
                .col(ReviewCase::Id)
                .col(ReviewCase::CaseDigest)
                .col(ReviewCase::Requester),
        )
        .index(Index::create().unique().col(ReviewCase::Id).col(ReviewCase::CaseDigest).col(ReviewCase::Kind))
        .to_owned()
}

fn digest_shaped(column: impl IntoIden) -> SimpleExpr {
    Expr::expr(Func::char_length(Expr::col(column.into_iden()))).eq(64)
}

#[derive(DeriveIden)]
enum Lease {
    Table,
    Id,
    CaseId,
    Slot,
    Reader,
    TakenAt,
    ExpiresAt,
    EndedAt,
    EndCode,
}

#[derive(DeriveIden)]
enum Draft {
    Table,
    CaseId,
    Reader,
    Version,
    Content,
    SavedAt,
}

#[derive(DeriveIden)]
enum SignedRead {
    Table,
    Id,
    CaseId,
    Slot,
    Reader,
    Verdict,
    VerdictClass,
    Content,
    SignatureId,
    PrintedName,
    SignedAt,
    FinalAt,
    Meaning,
    CaseDigest,
    ContentDigest,
    Authentication,
    CalibratedDisplay,
    Requester,
    Withdrawal,
    WithdrawnAt,
    WithdrawalReason,
}

struct Readers;

impl MigrationName for Readers {
    fn name(&self) -> &'static str {
        "review_0002_readers"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Readers {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(leases()).await?;
        let live = || Expr::col(Lease::EndedAt).is_null();
        let one_holder = Index::create()
            .name("lease_live_slot")
            .table(Lease::Table)
            .col(Lease::CaseId)
            .col(Lease::Slot)
            .unique()
            .and_where(live())
            .to_owned();
        manager.create_index(one_holder).await?;
        let one_case_at_a_time = Index::create()
            .name("lease_live_reader")
            .table(Lease::Table)
            .col(Lease::Reader)
            .unique()
            .and_where(live())
            .to_owned();
        manager.create_index(one_case_at_a_time).await?;
        manager.create_table(drafts()).await?;
        manager.create_table(signed_reads()).await?;
        let one_read_per_slot = Index::create()
            .name("signed_read_slot")
            .table(SignedRead::Table)
            .col(SignedRead::CaseId)
            .col(SignedRead::Slot)
            .unique()
            .and_where(Expr::col(SignedRead::VerdictClass).ne("cannot_judge"))
            .and_where(Expr::col(SignedRead::Withdrawal).eq(""))
            .to_owned();
        manager.create_index(one_read_per_slot).await
    }
}

fn leases() -> TableCreateStatement {
    Table::create()
        .table(Lease::Table)
        .col(string(Lease::Id).primary_key())
        .col(string(Lease::CaseId))
        .col(small_integer(Lease::Slot))
        .col(string(Lease::Reader))
        .col(timestamp_with_time_zone(Lease::TakenAt))
        .col(timestamp_with_time_zone(Lease::ExpiresAt))
        .col(timestamp_with_time_zone_null(Lease::EndedAt))
        .col(string_null(Lease::EndCode))
        .check(Expr::col(Lease::Slot).between(1, 4))
        .foreign_key(
            ForeignKey::create().from(Lease::Table, Lease::CaseId).to(ReviewCase::Table, ReviewCase::Id),
        )
        .to_owned()
}

fn drafts() -> TableCreateStatement {
    Table::create()
        .table(Draft::Table)
        .col(string(Draft::CaseId))
        .col(string(Draft::Reader))
        .col(big_integer(Draft::Version))
        .col(text(Draft::Content))
        .col(timestamp_with_time_zone(Draft::SavedAt))
        .primary_key(Index::create().col(Draft::CaseId).col(Draft::Reader))
        .foreign_key(
            ForeignKey::create().from(Draft::Table, Draft::CaseId).to(ReviewCase::Table, ReviewCase::Id),
        )
        .to_owned()
}

fn signed_reads() -> TableCreateStatement {
    let mut case_with_digest = ForeignKey::create();
    case_with_digest
        .from(SignedRead::Table, (SignedRead::CaseId, SignedRead::CaseDigest, SignedRead::Requester))
        .to(ReviewCase::Table, (ReviewCase::Id, ReviewCase::CaseDigest, ReviewCase::Requester));
    let mut accepting = Index::create();
    accepting
        .unique()
        .col(SignedRead::CaseId)
        .col(SignedRead::Reader)
        .col(SignedRead::CaseDigest)
        .col(SignedRead::VerdictClass)
        .col(SignedRead::Withdrawal);
    Table::create()
        .table(SignedRead::Table)
        .col(string(SignedRead::Id).primary_key())
        .col(string(SignedRead::CaseId))
        .col(small_integer(SignedRead::Slot))
        .col(string(SignedRead::Reader))
        .col(string(SignedRead::Verdict))
        .col(string(SignedRead::VerdictClass))
        .col(text(SignedRead::Content))
        .col(string(SignedRead::SignatureId).unique_key())
        .col(string(SignedRead::PrintedName))
        .col(timestamp_with_time_zone(SignedRead::SignedAt))
        .col(timestamp_with_time_zone(SignedRead::FinalAt))
        .col(text(SignedRead::Meaning))
        .col(string(SignedRead::CaseDigest))
        .col(string(SignedRead::ContentDigest))
        .col(json_binary(SignedRead::Authentication))
        .col(boolean(SignedRead::CalibratedDisplay))
        .col(string(SignedRead::Requester))
        // The read's own id once it is withdrawn, empty while it stands: keys can tell the two apart.
        .col(string(SignedRead::Withdrawal))
        .col(timestamp_with_time_zone_null(SignedRead::WithdrawnAt))
        .col(text_null(SignedRead::WithdrawalReason))
        .check(Expr::col(SignedRead::Slot).between(1, 4))
        .check(Expr::col(SignedRead::Reader).ne(Expr::col(SignedRead::Requester)))
        .check(stands_or_was_withdrawn_in_time())
        .check(Expr::col(SignedRead::VerdictClass).is_in(["accept", "reject", "cannot_judge"]))
        .check(digest_shaped(SignedRead::ContentDigest))
        .index(
            Index::create()
                .unique()
                .col(SignedRead::CaseId)
                .col(SignedRead::Reader)
                .col(SignedRead::Withdrawal),
        )
        .index(&mut accepting)
        .foreign_key(&mut case_with_digest)
        .to_owned()
}

/// A read is withdrawn before it is final, or never.
fn stands_or_was_withdrawn_in_time() -> SimpleExpr {
    let stands = Expr::col(SignedRead::Withdrawal).eq("").and(Expr::col(SignedRead::WithdrawnAt).is_null());
    let withdrawn = Expr::col(SignedRead::Withdrawal)
        .eq(Expr::col(SignedRead::Id))
        // A comparison with nothing is no refusal in SQL.
        .and(Expr::col(SignedRead::WithdrawnAt).is_not_null())
        .and(Expr::col(SignedRead::WithdrawnAt).lt(Expr::col(SignedRead::FinalAt)));
    stands.or(withdrawn)
}

#[derive(DeriveIden)]
enum Release {
    Table,
    Id,
    CaseId,
    CaseDigest,
    FirstSigner,
    SecondSigner,
    VerdictClass,
    ReleasedAt,
    Withdrawal,
    Kind,
}

struct Releases;

impl MigrationName for Releases {
    fn name(&self) -> &'static str {
        "review_0003_releases"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Releases {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::create()
            .table(Release::Table)
            .col(string(Release::Id).primary_key())
            .col(string(Release::CaseId).unique_key())
            .col(string(Release::CaseDigest))
            .col(string(Release::FirstSigner))
            .col(string(Release::SecondSigner))
            .col(string(Release::VerdictClass))
            .col(timestamp_with_time_zone(Release::ReleasedAt))
            .col(string(Release::Withdrawal).default(""))
            .col(string(Release::Kind).default("clinical"))
            .check(Expr::col(Release::Withdrawal).eq(""))
            .check(Expr::col(Release::Kind).eq("clinical"))
            .check(digest_shaped(Release::CaseDigest))
            .check(Expr::col(Release::VerdictClass).eq("accept"))
            .check(Expr::col(Release::FirstSigner).ne(Expr::col(Release::SecondSigner)))
            .foreign_key(&mut accepting_read(Release::FirstSigner))
            .foreign_key(&mut accepting_read(Release::SecondSigner))
            .foreign_key(
                ForeignKey::create()
                    .from(Release::Table, (Release::CaseId, Release::CaseDigest, Release::Kind))
                    .to(ReviewCase::Table, (ReviewCase::Id, ReviewCase::CaseDigest, ReviewCase::Kind)),
            )
            .to_owned();
        manager.create_table(table).await
    }
}

/// The accepting read, not withdrawn, of one signer over the released digest.
fn accepting_read(signer: Release) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .from_tbl(Release::Table)
        .from_col(Release::CaseId)
        .from_col(signer)
        .from_col(Release::CaseDigest)
        .from_col(Release::VerdictClass)
        .from_col(Release::Withdrawal)
        .to_tbl(SignedRead::Table)
        .to_col(SignedRead::CaseId)
        .to_col(SignedRead::Reader)
        .to_col(SignedRead::CaseDigest)
        .to_col(SignedRead::VerdictClass)
        .to_col(SignedRead::Withdrawal)
        .to_owned()
}

#[derive(DeriveIden)]
enum DeploymentStage {
    Table,
    Deployment,
    Stage,
    Seq,
}

#[derive(DeriveIden)]
enum SigningNonce {
    Table,
    Nonce,
    UsedAt,
}

#[derive(DeriveIden)]
enum PixelAccess {
    Table,
    Reader,
    Run,
    Login,
    RecordedAt,
}

struct Memory;

impl MigrationName for Memory {
    fn name(&self) -> &'static str {
        "review_0004_memory"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Memory {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let stage = Table::create()
            .table(DeploymentStage::Table)
            .col(string(DeploymentStage::Deployment).primary_key())
            .col(string(DeploymentStage::Stage))
            .col(big_integer(DeploymentStage::Seq))
            .to_owned();
        manager.create_table(stage).await?;
        let nonce = Table::create()
            .table(SigningNonce::Table)
            .col(string(SigningNonce::Nonce).primary_key())
            .col(timestamp_with_time_zone(SigningNonce::UsedAt))
            .to_owned();
        manager.create_table(nonce).await?;
        let access = Table::create()
            .table(PixelAccess::Table)
            .col(string(PixelAccess::Reader))
            .col(string(PixelAccess::Run))
            .col(string(PixelAccess::Login))
            .col(timestamp_with_time_zone(PixelAccess::RecordedAt))
            .primary_key(
                Index::create().col(PixelAccess::Reader).col(PixelAccess::Run).col(PixelAccess::Login),
            )
            .to_owned();
        manager.create_table(access).await
    }
}

/// A case remembers the trace of the run that it came from, which its release goes on with.
struct Traces;

impl MigrationName for Traces {
    fn name(&self) -> &'static str {
        "review_0005_traces"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Traces {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let trace =
            Table::alter().table(ReviewCase::Table).add_column(text_null(ReviewCase::Trace)).to_owned();
        manager.alter_table(trace).await
    }
}
