//! The tables of audit: the only file that names them.

use crate::Error;
use crate::entity::{ledger_checkpoint, ledger_entry, ledger_head, ledger_mention, ledger_source};
use crate::entry::Entry;
use crate::examine::StoredEntry;
use crate::gaps::Progress;
use crate::ledger::{Frontier, leaf_hash};
use contract::{Digest, Envelope, Time};
use database::{DatabaseConnection, DatabaseTransaction, transaction};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ColumnTrait as _, ConnectionTrait, DbErr, EntityTrait as _,
    IntoActiveModel as _, QueryFilter as _, QueryOrder as _, QuerySelect as _, QueryTrait as _,
};
use std::collections::{BTreeMap, BTreeSet};

/// The most entries a history holds.
const HISTORY_ENTRIES_MAX: u64 = 5_000;

impl From<DbErr> for Error {
    fn from(source: DbErr) -> Self {
        Self::Database(source.into())
    }
}

/// Adds to the ledger what it does not have yet, in the given order; gives the number of entries added.
pub(crate) async fn entry_append(
    db: &DatabaseConnection,
    recorded_at: Time,
    envelopes: Vec<Envelope>,
) -> Result<usize, Error> {
    transaction(db, |txn| {
        Box::pin(async move {
            // The lock on the head makes appending one after the other, on PostgreSQL too.
            let head = ledger_head::Entity::find_by_id(1).lock_exclusive().one(txn).await?;
            let head = head.expect("the migration wrote the row and nothing deletes it");
            let mut frontier = frontier_from(head.frontier.clone())?;
            let former = frontier.size();
            for envelope in envelopes {
                if !entry_is_recorded(txn, &envelope).await? {
                    entry_insert(txn, &mut frontier, Entry { recorded_at, envelope }).await?;
                }
            }
            let added = (frontier.size() - former) as usize;
            if added > 0 {
                let mut head = head.into_active_model();
                head.size = Set(frontier.size() as i64);
                head.frontier = Set(serde_json::to_value(&frontier).expect("a frontier is plain JSON"));
                head.update(txn).await?;
            }
            Ok(added)
        })
    })
    .await
}

async fn entry_is_recorded(txn: &DatabaseTransaction, envelope: &Envelope) -> Result<bool, Error> {
    let recorded = ledger_entry::Entity::find()
        .filter(ledger_entry::Column::Service.eq(&*envelope.service))
        .filter(ledger_entry::Column::Seq.eq(envelope.seq))
        .one(txn)
        .await?;
    match recorded {
        None => Ok(false),
        Some(entry) if entry.event == envelope.id.as_str() => Ok(true),
        Some(_) => Err(Error::Contradiction { service: envelope.service.clone(), seq: envelope.seq }),
    }
}

async fn entry_insert(txn: &DatabaseTransaction, frontier: &mut Frontier, entry: Entry) -> Result<(), Error> {
    let position = frontier.size() as i64;
    let text = entry.canonical();
    let leaf = leaf_hash(text.as_bytes());
    let mentions = entry.mentions();
    let Entry { envelope, .. } = entry;
    let row = ledger_entry::ActiveModel {
        position: Set(position),
        event: Set(envelope.id.to_string()),
        service: Set(envelope.service.clone()),
        seq: Set(envelope.seq),
        kind: Set(envelope.event.kind().to_owned()),
        entry: Set(text),
        leaf: Set(leaf.to_string()),
    };
    ledger_entry::Entity::insert(row).exec_without_returning(txn).await?;
    let mentions =
        mentions.into_iter().map(|id| ledger_mention::ActiveModel { id: Set(id), position: Set(position) });
    ledger_mention::Entity::insert_many(mentions).exec_without_returning(txn).await?;
    frontier.append(leaf);
    source_advance(txn, &envelope.service, envelope.seq).await
}

async fn source_advance(txn: &DatabaseTransaction, service: &str, seq: i64) -> Result<(), Error> {
    let known = ledger_source::Entity::find_by_id(service).one(txn).await?;
    let progress = known.map_or_else(Progress::default, |row| progress_of(&row));
    let beyond = source_beyond(txn, service, progress.contiguous).await?;
    let progress = progress.record(seq, &beyond);
    let row = ledger_source::ActiveModel {
        service: Set(service.to_owned()),
        contiguous: Set(progress.contiguous),
        last: Set(progress.last),
    };
    let columns = [ledger_source::Column::Contiguous, ledger_source::Column::Last];
    let replace = OnConflict::column(ledger_source::Column::Service).update_columns(columns).to_owned();
    ledger_source::Entity::insert(row).on_conflict(replace).exec_without_returning(txn).await?;
    Ok(())
}

/// The recorded numbers of a service above `contiguous`, ascending.
pub(crate) async fn source_beyond(
    db: &impl ConnectionTrait,
    service: &str,
    contiguous: i64,
) -> Result<Vec<i64>, Error> {
    let rows = ledger_entry::Entity::find()
        .select_only()
        .column(ledger_entry::Column::Seq)
        .filter(ledger_entry::Column::Service.eq(service))
        .filter(ledger_entry::Column::Seq.gt(contiguous))
        .order_by_asc(ledger_entry::Column::Seq)
        .into_tuple()
        .all(db)
        .await?;
    Ok(rows)
}

/// How far the ledger has the events of each service.
pub(crate) async fn source_list(db: &DatabaseConnection) -> Result<BTreeMap<String, Progress>, Error> {
    let rows = ledger_source::Entity::find().all(db).await?;
    Ok(rows.into_iter().map(|row| (row.service.clone(), progress_of(&row))).collect())
}

fn progress_of(row: &ledger_source::Model) -> Progress {
    Progress { contiguous: row.contiguous, last: row.last }
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

/// Up to `limit` entries from `position` on, oldest first, with everything that stands about them.
pub(crate) async fn entry_scan(
    db: &DatabaseConnection,
    position: i64,
    limit: u64,
) -> Result<Vec<StoredEntry>, Error> {
    let rows = ledger_entry::Entity::find()
        .filter(ledger_entry::Column::Position.gte(position))
        .order_by_asc(ledger_entry::Column::Position)
        .limit(limit)
        .all(db)
        .await?;
    let Some(last) = rows.last().map(|row| row.position) else { return Ok(Vec::new()) };
    let mentions = ledger_mention::Entity::find()
        .filter(ledger_mention::Column::Position.between(position, last))
        .all(db)
        .await?;
    let mut mentioned: BTreeMap<i64, BTreeSet<String>> = BTreeMap::new();
    for mention in mentions {
        mentioned.entry(mention.position).or_default().insert(mention.id);
    }
    let with_mentions = |row: ledger_entry::Model| StoredEntry {
        mentions: mentioned.remove(&row.position).unwrap_or_default(),
        position: row.position,
        event: row.event,
        service: row.service,
        seq: row.seq,
        kind: row.kind,
        entry: row.entry,
        leaf: row.leaf,
    };
    Ok(rows.into_iter().map(with_mentions).collect())
}

/// An entry with its place and the hash of its leaf.
pub(crate) struct Placed {
    pub(crate) position: i64,
    pub(crate) leaf: String,
    pub(crate) entry: Entry,
}

/// Up to `limit` entries below `before`, newest first; with `subject`, only those that mention it.
pub(crate) async fn entry_list(
    db: &impl ConnectionTrait,
    subject: Option<&str>,
    before: Option<i64>,
    limit: u64,
) -> Result<Vec<Placed>, Error> {
    let rows = ledger_entry::Entity::find()
        .apply_if(subject, |query, subject| query.filter(mentions_any_of([subject])))
        .apply_if(before, |query, before| query.filter(ledger_entry::Column::Position.lt(before)))
        .order_by_desc(ledger_entry::Column::Position)
        .limit(limit)
        .all(db)
        .await?;
    rows.into_iter().map(placed).collect()
}

/// The newest entries that mention any of `subjects`, oldest first.
pub(crate) async fn entry_history(
    db: &impl ConnectionTrait,
    subjects: &[String],
) -> Result<Vec<Placed>, Error> {
    let mut rows = ledger_entry::Entity::find()
        .filter(mentions_any_of(subjects.iter().map(String::as_str)))
        .order_by_desc(ledger_entry::Column::Position)
        .limit(HISTORY_ENTRIES_MAX)
        .all(db)
        .await?;
    rows.reverse();
    rows.into_iter().map(placed).collect()
}

fn mentions_any_of<'s>(subjects: impl IntoIterator<Item = &'s str>) -> sea_orm::sea_query::SimpleExpr {
    let positions = ledger_mention::Entity::find()
        .select_only()
        .column(ledger_mention::Column::Position)
        .filter(ledger_mention::Column::Id.is_in(subjects))
        .into_query();
    ledger_entry::Column::Position.in_subquery(positions)
}

fn placed(row: ledger_entry::Model) -> Result<Placed, Error> {
    let entry =
        serde_json::from_str(&row.entry).map_err(|source| Error::Entry { position: row.position, source })?;
    Ok(Placed { position: row.position, leaf: row.leaf, entry })
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

/// A signed checkpoint.
pub(crate) struct SignedCheckpoint {
    pub(crate) size: u64,
    pub(crate) note: String,
    pub(crate) signed_at: Time,
}

/// The newest checkpoint.
pub(crate) async fn checkpoint_latest(db: &DatabaseConnection) -> Result<Option<SignedCheckpoint>, Error> {
    let row =
        ledger_checkpoint::Entity::find().order_by_desc(ledger_checkpoint::Column::Size).one(db).await?;
    Ok(row.map(signed))
}

/// Keeps a checkpoint; one of the same size stays as it is.
pub(crate) async fn checkpoint_save(
    db: &DatabaseConnection,
    checkpoint: SignedCheckpoint,
) -> Result<(), Error> {
    let row = ledger_checkpoint::ActiveModel {
        size: Set(checkpoint.size as i64),
        note: Set(checkpoint.note),
        signed_at: Set(checkpoint.signed_at),
        exported: Set(false),
    };
    let keep = OnConflict::column(ledger_checkpoint::Column::Size).do_nothing().to_owned();
    ledger_checkpoint::Entity::insert(row).on_conflict(keep).exec_without_returning(db).await?;
    Ok(())
}

/// Checkpoints that have not reached their second place, oldest first.
pub(crate) async fn checkpoint_unexported(db: &DatabaseConnection) -> Result<Vec<SignedCheckpoint>, Error> {
    let rows = ledger_checkpoint::Entity::find()
        .filter(ledger_checkpoint::Column::Exported.eq(false))
        .order_by_asc(ledger_checkpoint::Column::Size)
        .all(db)
        .await?;
    Ok(rows.into_iter().map(signed).collect())
}

/// Marks a checkpoint as kept in its second place.
pub(crate) async fn checkpoint_exported(db: &DatabaseConnection, size: u64) -> Result<(), Error> {
    ledger_checkpoint::Entity::update_many()
        .col_expr(ledger_checkpoint::Column::Exported, Expr::value(true))
        .filter(ledger_checkpoint::Column::Size.eq(size as i64))
        .exec(db)
        .await?;
    Ok(())
}

fn signed(row: ledger_checkpoint::Model) -> SignedCheckpoint {
    SignedCheckpoint { size: row.size as u64, note: row.note, signed_at: row.signed_at }
}
