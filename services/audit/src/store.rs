//! The tables of audit: nobody else names them.

mod append;
mod checkpoint;
mod cosignature;
mod erasure;
mod forward;
mod mention;
mod scan;
mod search;

pub use append::{Appended, entry_append};
pub(crate) use checkpoint::{
    SignedCheckpoint, checkpoint_covering, checkpoint_exported, checkpoint_exported_size, checkpoint_latest,
    checkpoint_save, checkpoint_unexported,
};
pub(crate) use cosignature::{Witnessed, cosignature_latest, cosignature_save};
pub(crate) use erasure::{
    erasure_insert, erasure_list, erasure_load, erasure_page, erasure_save, erasure_unfinished,
};
pub(crate) use forward::{forward_next, forward_save};
pub(crate) use mention::{Mentions, mention_block};
pub(crate) use scan::{Scanned, entry_scan, position_after};
pub(crate) use search::{Wanted, entry_list};

use crate::Error;
use crate::entity::{ledger_entry, ledger_head, ledger_source, ledger_tile};
use crate::gaps::Progress;
use crate::ledger::{Frontier, read_hashes};
use crate::placed::Placed;
use crate::tile::{TileId, Tiles};
use contract::Digest;
use database::DatabaseConnection;
use mention::may_mention;
use sea_orm::{
    ColumnTrait as _, Condition, ConnectionTrait, DbErr, EntityTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _,
};
use std::collections::{BTreeMap, BTreeSet};

/// The most entries a history holds.
const HISTORY_ENTRIES_MAX: u64 = 5_000;

impl From<DbErr> for Error {
    fn from(source: DbErr) -> Self {
        Self::Database(source.into())
    }
}

/// How far the ledger has the events of each of `services`.
async fn source_load(
    db: &impl ConnectionTrait,
    services: BTreeSet<&str>,
) -> Result<BTreeMap<String, Progress>, Error> {
    let rows =
        ledger_source::Entity::find().filter(ledger_source::Column::Service.is_in(services)).all(db).await?;
    rows.into_iter().map(progress_of).collect()
}

/// How far the ledger has the events of each service.
pub(crate) async fn source_list(db: &DatabaseConnection) -> Result<BTreeMap<String, Progress>, Error> {
    let rows = ledger_source::Entity::find().all(db).await?;
    rows.into_iter().map(progress_of).collect()
}

fn progress_of(row: ledger_source::Model) -> Result<(String, Progress), Error> {
    let gaps = serde_json::from_value(row.missing)
        .map_err(|source| Error::Database(database::Error::Stored { what: "list of gaps", source }))?;
    Ok((row.service, Progress { last: row.last, gaps }))
}

/// Some tiles of the tree, as far as they are kept.
pub(crate) async fn tile_list(db: &impl ConnectionTrait, wanted: &BTreeSet<TileId>) -> Result<Tiles, Error> {
    if wanted.is_empty() {
        return Ok(Tiles::default());
    }
    let any = wanted.iter().fold(Condition::any(), |any, id| {
        let level = ledger_tile::Column::Level.eq(id.level as i32);
        any.add(Condition::all().add(level).add(ledger_tile::Column::Number.eq(id.number as i64)))
    });
    let rows = ledger_tile::Entity::find().filter(any).all(db).await?;
    let tile = |row: ledger_tile::Model| {
        (TileId { level: row.level as u32, number: row.number as u64 }, read_hashes(&row.hashes))
    };
    Ok(Tiles(rows.into_iter().map(tile).collect()))
}

/// The canonical JSON of the entry at `position`, and what is personal in it, as stored.
pub(crate) async fn entry_text(
    db: &impl ConnectionTrait,
    position: u64,
) -> Result<Option<(String, String)>, Error> {
    let row = ledger_entry::Entity::find_by_id(position as i64).one(db).await?;
    Ok(row.map(|row| (row.entry, row.personal)))
}

/// Up to `limit` entries in `from..to`, oldest first.
pub(crate) async fn entry_range(
    db: &impl ConnectionTrait,
    from: u64,
    to: u64,
    limit: u64,
) -> Result<Vec<Placed>, Error> {
    let rows = ledger_entry::Entity::find()
        .filter(ledger_entry::Column::Position.gte(from as i64))
        .filter(ledger_entry::Column::Position.lt(to as i64))
        .order_by_asc(ledger_entry::Column::Position)
        .limit(limit)
        .all(db)
        .await?;
    rows.into_iter().map(placed).collect()
}

/// The frontier of the tree.
pub(crate) async fn head_load(db: &DatabaseConnection) -> Result<Frontier, Error> {
    let head = ledger_head::Entity::find_by_id(1).one(db).await?;
    frontier_from(head.expect("the migration wrote the row and nothing deletes it").frontier)
}

fn frontier_from(json: serde_json::Value) -> Result<Frontier, Error> {
    serde_json::from_value(json)
        .map_err(|source| Error::Database(database::Error::Stored { what: "frontier", source }))
}

/// The newest entries that mention any of `subjects`, oldest first.
pub(crate) async fn entry_history(
    db: &DatabaseConnection,
    subjects: &[String],
) -> Result<Vec<Placed>, Error> {
    let size = head_load(db).await?.size();
    let mut rows = ledger_entry::Entity::find()
        .filter(may_mention(subjects.iter().map(String::as_str), size))
        .order_by_desc(ledger_entry::Column::Position)
        .limit(HISTORY_ENTRIES_MAX)
        .all(db)
        .await?;
    rows.reverse();
    let mut entries = rows.into_iter().map(placed).collect::<Result<Vec<_>, _>>()?;
    entries.retain(|placed| {
        let mentions = placed.entry.mentions();
        subjects.iter().any(|subject| mentions.contains(subject))
    });
    Ok(entries)
}

fn placed(row: ledger_entry::Model) -> Result<Placed, Error> {
    Placed::read(row.position, row.leaf, row.entry, row.personal)
}

/// The leaf hashes at `from..to`, as stored.
pub(crate) async fn leaf_list(db: &DatabaseConnection, from: u64, to: u64) -> Result<Vec<Digest>, Error> {
    let texts: Vec<String> = ledger_entry::Entity::find()
        .select_only()
        .column(ledger_entry::Column::Leaf)
        .filter(ledger_entry::Column::Position.gte(from as i64))
        .filter(ledger_entry::Column::Position.lt(to as i64))
        .order_by_asc(ledger_entry::Column::Position)
        .into_tuple()
        .all(db)
        .await?;
    // A leaf that is no digest was altered; a digest of nothing keeps its place and is found by verification.
    Ok(texts.iter().map(|text| text.parse().unwrap_or_else(|_| Digest::of(b""))).collect())
}
