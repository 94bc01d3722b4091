//! Tables of delivery: sends, and the objects of each send.

mod teaching;

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, integer, integer_null, string, string_null, text, text_null, timestamp_with_time_zone,
    timestamp_with_time_zone_null,
};

/// The migrations, oldest first.
pub fn migrations() -> Vec<Box<dyn MigrationTrait>> {
    vec![
        Box::new(Sends),
        Box::new(SentObjects),
        Box::new(Traces),
        Box::new(RejectionNotes),
        Box::new(Destinations),
        Box::new(teaching::TeachingSets),
    ]
}

#[derive(DeriveIden)]
enum Send {
    Table,
    Id,
    Release,
    CaseId,
    Destination,
    State,
    Attempts,
    Objects,
    ObjectsStored,
    NextAttemptAt,
    ReasonCode,
    LastError,
    Content,
    QueuedAt,
    DeliveredAt,
    ClaimedBy,
    ClaimedUntil,
    Version,
    Trace,
}

struct Sends;

impl MigrationName for Sends {
    fn name(&self) -> &'static str {
        "delivery_0001_sends"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Sends {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let delivered = Expr::col(Send::State).eq("delivered");
        let whole = Expr::col(Send::Objects)
            .gt(0)
            .and(Expr::col(Send::ObjectsStored).eq(Expr::col(Send::Objects)))
            .and(Expr::col(Send::Content).is_not_null())
            .and(Expr::col(Send::DeliveredAt).is_not_null());
        let table = Table::create()
            .table(Send::Table)
            .col(string(Send::Id).primary_key())
            .col(string(Send::Release))
            .col(string(Send::CaseId))
            .col(string(Send::Destination))
            .col(string(Send::State))
            .col(integer(Send::Attempts))
            .col(integer(Send::Objects))
            .col(integer(Send::ObjectsStored))
            .col(timestamp_with_time_zone_null(Send::NextAttemptAt))
            .col(string_null(Send::ReasonCode))
            .col(text_null(Send::LastError))
            .col(string_null(Send::Content))
            .col(timestamp_with_time_zone(Send::QueuedAt))
            .col(timestamp_with_time_zone_null(Send::DeliveredAt))
            .col(string_null(Send::ClaimedBy))
            .col(timestamp_with_time_zone_null(Send::ClaimedUntil))
            .col(big_integer(Send::Version))
            .check(Expr::col(Send::State).is_in(["queued", "sending", "held", "delivered"]))
            // Nothing counts as delivered while an object is missing.
            .check(delivered.clone().not().or(whole))
            // Whatever is not delivered has a time at which it is looked at again.
            .check(
                Expr::col(Send::State)
                    .is_in(["sending", "delivered"])
                    .or(Expr::col(Send::NextAttemptAt).is_not_null()),
            )
            // A release goes to a destination once.
            .index(Index::create().unique().col(Send::Release).col(Send::Destination))
            .to_owned();
        manager.create_table(table).await?;
        let due = Index::create()
            .name("send_due")
            .table(Send::Table)
            .col(Send::Destination)
            .col(Send::NextAttemptAt)
            .and_where(Expr::col(Send::DeliveredAt).is_null())
            .to_owned();
        manager.create_index(due).await?;
        let by_case = Index::create().name("send_case").table(Send::Table).col(Send::CaseId).to_owned();
        manager.create_index(by_case).await
    }
}

#[derive(DeriveIden)]
enum SentObject {
    Table,
    Send,
    SopInstanceUid,
    SopClassUid,
    Role,
    Digest,
    Status,
    StatusComment,
    StoredAt,
}

struct SentObjects;

impl MigrationName for SentObjects {
    fn name(&self) -> &'static str {
        "delivery_0002_sent_objects"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for SentObjects {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::create()
            .table(SentObject::Table)
            .col(string(SentObject::Send))
            .col(string(SentObject::SopInstanceUid))
            .col(string(SentObject::SopClassUid))
            .col(string(SentObject::Role))
            .col(string(SentObject::Digest))
            .col(integer_null(SentObject::Status))
            .col(string_null(SentObject::StatusComment))
            .col(timestamp_with_time_zone_null(SentObject::StoredAt))
            .primary_key(Index::create().col(SentObject::Send).col(SentObject::SopInstanceUid))
            .foreign_key(
                ForeignKey::create().from(SentObject::Table, SentObject::Send).to(Send::Table, Send::Id),
            )
            .to_owned();
        manager.create_table(table).await
    }
}

/// A send remembers the trace of the release that it came from.
struct Traces;

impl MigrationName for Traces {
    fn name(&self) -> &'static str {
        "delivery_0003_traces"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Traces {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let trace = Table::alter().table(Send::Table).add_column(text_null(Send::Trace)).to_owned();
        manager.alter_table(trace).await
    }
}

#[derive(DeriveIden)]
enum RejectionNote {
    Table,
    Id,
    Send,
    Release,
    CaseId,
    Destination,
    State,
    TitleCode,
    Objects,
    ObjectsShown,
    ObjectsShownMax,
    Attempts,
    NextLookAt,
    LastError,
    OpenedAt,
    SentAt,
    LookedAt,
    ClosedAt,
    Closure,
    ClosedBy,
    ClosedByName,
    ClosingWords,
    Version,
    Trace,
}

/// What destinations are told about releases that are taken back.
struct RejectionNotes;

impl MigrationName for RejectionNotes {
    fn name(&self) -> &'static str {
        "delivery_0004_rejection_notes"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for RejectionNotes {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let is_closed = Expr::col(RejectionNote::State).eq("closed");
        let accounted = Expr::col(RejectionNote::ClosedAt)
            .is_not_null()
            .and(Expr::col(RejectionNote::Closure).is_in(["nothing_sent", "gone", "by_hand"]));
        let by_hand = Expr::col(RejectionNote::Closure).eq("by_hand");
        let named = Expr::col(RejectionNote::ClosedBy)
            .is_not_null()
            .and(Expr::col(RejectionNote::ClosingWords).is_not_null());
        let table = Table::create()
            .table(RejectionNote::Table)
            .col(string(RejectionNote::Id).primary_key())
            .col(string(RejectionNote::Send).unique_key())
            .col(string(RejectionNote::Release))
            .col(string(RejectionNote::CaseId))
            .col(string(RejectionNote::Destination))
            .col(string(RejectionNote::State))
            .col(string(RejectionNote::TitleCode))
            .col(integer(RejectionNote::Objects))
            .col(integer_null(RejectionNote::ObjectsShown))
            .col(integer(RejectionNote::ObjectsShownMax))
            .col(integer(RejectionNote::Attempts))
            .col(timestamp_with_time_zone_null(RejectionNote::NextLookAt))
            .col(text_null(RejectionNote::LastError))
            .col(timestamp_with_time_zone(RejectionNote::OpenedAt))
            .col(timestamp_with_time_zone_null(RejectionNote::SentAt))
            .col(timestamp_with_time_zone_null(RejectionNote::LookedAt))
            .col(timestamp_with_time_zone_null(RejectionNote::ClosedAt))
            .col(string_null(RejectionNote::Closure))
            .col(string_null(RejectionNote::ClosedBy))
            .col(string_null(RejectionNote::ClosedByName))
            .col(text_null(RejectionNote::ClosingWords))
            .col(big_integer(RejectionNote::Version))
            .col(text_null(RejectionNote::Trace))
            .check(Expr::col(RejectionNote::State).is_in(["queued", "following", "closed"]))
            // What is open is looked at again; what is closed says why, and by whom where a person answers for it.
            .check(is_closed.clone().or(Expr::col(RejectionNote::NextLookAt).is_not_null()))
            .check(is_closed.not().or(accounted))
            .check(by_hand.not().or(named))
            .foreign_key(
                ForeignKey::create()
                    .from(RejectionNote::Table, RejectionNote::Send)
                    .to(Send::Table, Send::Id),
            )
            .to_owned();
        manager.create_table(table).await?;
        let due = Index::create()
            .name("rejection_note_due")
            .table(RejectionNote::Table)
            .col(RejectionNote::Destination)
            .col(RejectionNote::NextLookAt)
            .and_where(Expr::col(RejectionNote::ClosedAt).is_null())
            .to_owned();
        manager.create_index(due).await?;
        let by_case = Index::create()
            .name("rejection_note_case")
            .table(RejectionNote::Table)
            .col(RejectionNote::CaseId)
            .to_owned();
        manager.create_index(by_case).await
    }
}

#[derive(DeriveIden)]
enum DestinationVersion {
    Table,
    Name,
    Version,
    Destination,
    AeTitle,
    Host,
    Port,
    Kind,
    State,
    ChangedAt,
    ChangedBy,
    ChangedByName,
    Reason,
}

/// Where releases are sent, as versions.
struct Destinations;

impl MigrationName for Destinations {
    fn name(&self) -> &'static str {
        "delivery_0005_destinations"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Destinations {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::create()
            .table(DestinationVersion::Table)
            .col(string(DestinationVersion::Name))
            .col(integer(DestinationVersion::Version))
            .col(string(DestinationVersion::Destination))
            .col(string(DestinationVersion::AeTitle))
            .col(string(DestinationVersion::Host))
            .col(integer(DestinationVersion::Port))
            .col(string(DestinationVersion::Kind))
            .col(string(DestinationVersion::State))
            .col(timestamp_with_time_zone(DestinationVersion::ChangedAt))
            .col(string_null(DestinationVersion::ChangedBy))
            .col(string_null(DestinationVersion::ChangedByName))
            .col(text(DestinationVersion::Reason))
            .check(Expr::col(DestinationVersion::Port).between(1, 65_535))
            .check(Expr::col(DestinationVersion::Kind).is_in(["clinical", "research"]))
            .check(Expr::col(DestinationVersion::State).is_in(["in_use", "paused", "closed"]))
            // Of two who change a destination at once, one is too late.
            .primary_key(Index::create().col(DestinationVersion::Name).col(DestinationVersion::Version))
            .to_owned();
        manager.create_table(table).await
    }
}
