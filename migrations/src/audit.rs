//! Tables of audit: the ledger, its frontier and checkpoints, and how far it has each service's events.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, blob, boolean, integer, json_binary, text, text_null, timestamp_with_time_zone,
    timestamp_with_time_zone_null,
};

/// The migrations, oldest first.
pub fn migrations() -> Vec<Box<dyn MigrationTrait>> {
    vec![Box::new(Ledger), Box::new(Checkpoints), Box::new(Personal), Box::new(Cosignatures)]
}

#[derive(DeriveIden)]
enum LedgerEntry {
    Table,
    Position,
    Event,
    Service,
    Seq,
    Kind,
    Entry,
    Leaf,
    Personal,
}

#[derive(DeriveIden)]
enum LedgerMention {
    Table,
    Block,
    Key,
    Position,
}

#[derive(DeriveIden)]
enum LedgerHead {
    Table,
    Id,
    Size,
    Frontier,
}

#[derive(DeriveIden)]
enum LedgerSource {
    Table,
    Service,
    Last,
    Missing,
}

#[derive(DeriveIden)]
enum LedgerTile {
    Table,
    Level,
    Number,
    Hashes,
}

struct Ledger;

impl MigrationName for Ledger {
    fn name(&self) -> &'static str {
        "audit_0001_ledger"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Ledger {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let entries = Table::create()
            .table(LedgerEntry::Table)
            .col(
                big_integer(LedgerEntry::Position)
                    .primary_key()
                    .check(Expr::col(LedgerEntry::Position).gte(0)),
            )
            // Not unique: an outbox gives an event one number, and a number is recorded once.
            .col(text(LedgerEntry::Event))
            .col(text(LedgerEntry::Service))
            .col(big_integer(LedgerEntry::Seq))
            .col(text(LedgerEntry::Kind))
            // The canonical JSON is text, not JSON: the leaf is the hash of exactly these bytes.
            .col(text(LedgerEntry::Entry))
            .col(text(LedgerEntry::Leaf))
            .to_owned();
        manager.create_table(entries).await?;
        let once = Index::create()
            .name("ledger_entry_once")
            .table(LedgerEntry::Table)
            .col(LedgerEntry::Service)
            .col(LedgerEntry::Seq)
            .unique()
            .to_owned();
        manager.create_index(once).await?;

        // No foreign key: it would be looked up once for each of the four ids of an entry, and verification holds the
        // keys against the entry's own text anyway.
        let mentions = Table::create()
            .table(LedgerMention::Table)
            .col(big_integer(LedgerMention::Block))
            .col(big_integer(LedgerMention::Key))
            .col(big_integer(LedgerMention::Position))
            .primary_key(
                Index::create()
                    .col(LedgerMention::Block)
                    .col(LedgerMention::Key)
                    .col(LedgerMention::Position),
            )
            .to_owned();
        manager.create_table(mentions).await?;
        heads(manager).await
    }
}

async fn heads(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let head = Table::create()
        .table(LedgerHead::Table)
        .col(integer(LedgerHead::Id).primary_key().check(Expr::col(LedgerHead::Id).eq(1)))
        .col(big_integer(LedgerHead::Size))
        .col(json_binary(LedgerHead::Frontier))
        .to_owned();
    manager.create_table(head).await?;
    let empty = Query::insert()
        .into_table(LedgerHead::Table)
        .columns([LedgerHead::Id, LedgerHead::Size, LedgerHead::Frontier])
        .values_panic([
            1.into(),
            0_i64.into(),
            sea_orm::JsonValue::from_iter([
                ("size", sea_orm::JsonValue::from(0)),
                ("peaks", sea_orm::JsonValue::Array(Vec::new())),
            ])
            .into(),
        ])
        .to_owned();
    manager.execute(empty).await?;
    let sources = Table::create()
        .table(LedgerSource::Table)
        .col(text(LedgerSource::Service).primary_key())
        .col(big_integer(LedgerSource::Last))
        .col(json_binary(LedgerSource::Missing))
        .to_owned();
    manager.create_table(sources).await?;
    let tiles = Table::create()
        .table(LedgerTile::Table)
        .col(integer(LedgerTile::Level))
        .col(big_integer(LedgerTile::Number))
        .col(blob(LedgerTile::Hashes))
        .primary_key(Index::create().col(LedgerTile::Level).col(LedgerTile::Number))
        .to_owned();
    manager.create_table(tiles).await
}

#[derive(DeriveIden)]
enum LedgerForward {
    Table,
    Address,
    Next,
}

#[derive(DeriveIden)]
enum LedgerCheckpoint {
    Table,
    Size,
    Note,
    SignedAt,
    Exported,
}

struct Checkpoints;

impl MigrationName for Checkpoints {
    fn name(&self) -> &'static str {
        "audit_0002_checkpoints"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Checkpoints {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::create()
            .table(LedgerCheckpoint::Table)
            .col(big_integer(LedgerCheckpoint::Size).primary_key())
            .col(text(LedgerCheckpoint::Note))
            .col(timestamp_with_time_zone(LedgerCheckpoint::SignedAt))
            .col(boolean(LedgerCheckpoint::Exported))
            .to_owned();
        manager.create_table(table).await?;
        let forward = Table::create()
            .table(LedgerForward::Table)
            .col(text(LedgerForward::Address).primary_key())
            .col(big_integer(LedgerForward::Next))
            .to_owned();
        manager.create_table(forward).await
    }
}

#[derive(DeriveIden)]
enum LedgerErasure {
    Table,
    Id,
    Scope,
    Reason,
    State,
    ProposedBy,
    ProposedAt,
    DecidedBy,
    DecidedAt,
    Before,
    Next,
    Erased,
}

struct Personal;

impl MigrationName for Personal {
    fn name(&self) -> &'static str {
        "audit_0003_personal"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Personal {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // Entries from before stay as they are: what is personal in them is in their leaf.
        let beside = Table::alter()
            .table(LedgerEntry::Table)
            .add_column(text(LedgerEntry::Personal).default(""))
            .to_owned();
        manager.alter_table(beside).await?;
        let table = Table::create()
            .table(LedgerErasure::Table)
            .col(text(LedgerErasure::Id).primary_key())
            .col(json_binary(LedgerErasure::Scope))
            .col(text(LedgerErasure::Reason))
            .col(text(LedgerErasure::State))
            .col(text_null(LedgerErasure::ProposedBy))
            .col(timestamp_with_time_zone(LedgerErasure::ProposedAt))
            .col(text_null(LedgerErasure::DecidedBy))
            .col(timestamp_with_time_zone_null(LedgerErasure::DecidedAt))
            .col(big_integer(LedgerErasure::Before))
            .col(big_integer(LedgerErasure::Next))
            .col(big_integer(LedgerErasure::Erased))
            .to_owned();
        manager.create_table(table).await
    }
}

#[derive(DeriveIden)]
enum LedgerCosignature {
    Table,
    Witness,
    Size,
    Line,
    CosignedAt,
}

struct Cosignatures;

impl MigrationName for Cosignatures {
    fn name(&self) -> &'static str {
        "audit_0004_cosignatures"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Cosignatures {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::create()
            .table(LedgerCosignature::Table)
            .col(text(LedgerCosignature::Witness))
            .col(big_integer(LedgerCosignature::Size))
            .col(text(LedgerCosignature::Line))
            .col(timestamp_with_time_zone(LedgerCosignature::CosignedAt))
            .primary_key(Index::create().col(LedgerCosignature::Witness).col(LedgerCosignature::Size))
            .to_owned();
        manager.create_table(table).await
    }
}
