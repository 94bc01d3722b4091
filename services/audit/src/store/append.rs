//! Appending: one transaction for as many events as there are, however they are numbered and repeated.

use super::mention::block_of;
use super::{frontier_from, source_load, tile_list};
use crate::Error;
use crate::entity::{ledger_entry, ledger_head, ledger_mention, ledger_source, ledger_tile};
use crate::entry::{Entry, Written};
use crate::gaps::Progress;
use crate::ledger::{Frontier, leaf_hash};
use crate::tile::{Tiles, edge_of};
use contract::{Envelope, Time};
use database::{DatabaseConnection, DatabaseTransaction, transaction};
use platform::Random;
use rand::RngExt;
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _,
    QueryFilter as _, QuerySelect as _,
};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Rows in one statement: databases limit the values that a statement may carry.
const ROWS_MAX: usize = 250;

/// What an append came to.
#[derive(Debug, Clone)]
pub struct Appended {
    /// Entries before.
    pub former: u64,
    /// Entries now.
    pub size: u64,
    /// How far the ledger now has the events of each service that was among them.
    pub(crate) reached: BTreeMap<String, Progress>,
}

/// Adds to the ledger what it does not have yet, in the given order, all in one transaction.
pub async fn entry_append(
    db: &DatabaseConnection,
    random: &Random,
    recorded_at: Time,
    envelopes: Vec<Envelope>,
) -> Result<Appended, Error> {
    let random = random.clone();
    transaction(db, |txn| {
        Box::pin(async move {
            // The lock on the head makes appending one after the other, on PostgreSQL too.
            let head = ledger_head::Entity::find_by_id(1).lock_exclusive().one(txn).await?;
            let head = head.expect("the migration wrote the row and nothing deletes it");
            let mut growth = Growth::load(txn, frontier_from(head.frontier.clone())?, &envelopes).await?;
            let former = growth.frontier.size();
            for envelope in envelopes {
                growth.take(&random, recorded_at, envelope)?;
            }
            growth.check_repeated(txn).await?;
            let size = growth.frontier.size();
            let reached = growth.reached.clone();
            if size > former {
                growth.save(txn, head).await?;
            }
            Ok(Appended { former, size, reached })
        })
    })
    .await
}

/// What a transaction is about to add.
struct Growth {
    frontier: Frontier,
    edge: Tiles,
    tiles: Tiles,
    reached: BTreeMap<String, Progress>,
    entries: Vec<ledger_entry::ActiveModel>,
    mentions: Vec<ledger_mention::ActiveModel>,
    /// The events that are added, by service and number.
    fresh: HashMap<(String, i64), String>,
    /// What was recorded before: service, number, id.
    repeated: Vec<(String, i64, String)>,
}

impl Growth {
    async fn load(
        txn: &DatabaseTransaction,
        frontier: Frontier,
        envelopes: &[Envelope],
    ) -> Result<Self, Error> {
        let services: BTreeSet<&str> = envelopes.iter().map(|envelope| envelope.service.as_str()).collect();
        let reached = source_load(txn, services).await?;
        let edge = tile_list(txn, &edge_of(frontier.size())).await?;
        Ok(Self {
            frontier,
            tiles: edge.clone(),
            edge,
            reached,
            entries: Vec::new(),
            mentions: Vec::new(),
            fresh: HashMap::new(),
            repeated: Vec::new(),
        })
    }

    fn take(&mut self, random: &Random, recorded_at: Time, envelope: Envelope) -> Result<(), Error> {
        let progress = self.reached.entry(envelope.service.clone()).or_default();
        if progress.has(envelope.seq) {
            let (service, seq) = (envelope.service.clone(), envelope.seq);
            return match self.fresh.get(&(service.clone(), seq)) {
                Some(event) if event == envelope.id.as_str() => Ok(()),
                Some(_) => Err(Error::Contradiction { service, seq }),
                None => {
                    self.repeated.push((service, seq, envelope.id.to_string()));
                    Ok(())
                }
            };
        }
        progress.record(envelope.seq, recorded_at);
        self.add(Entry { recorded_at, envelope }, random);
        Ok(())
    }

    fn add(&mut self, entry: Entry, random: &Random) {
        let position = self.frontier.size();
        let Written { text, keys, personal } = entry.sealed(|| random.with(RngExt::random));
        let leaf = leaf_hash(text.as_bytes());
        let mention = |key| ledger_mention::ActiveModel {
            block: Set(block_of(position)),
            key: Set(key),
            position: Set(position as i64),
        };
        self.mentions.extend(keys.into_iter().map(mention));
        let Entry { envelope, .. } = entry;
        self.entries.push(ledger_entry::ActiveModel {
            position: Set(position as i64),
            event: Set(envelope.id.to_string()),
            service: Set(envelope.service.clone()),
            seq: Set(envelope.seq),
            kind: Set(envelope.event.kind().to_owned()),
            entry: Set(text),
            leaf: Set(leaf.to_string()),
            personal: Set(personal),
        });
        self.tiles.append(position, leaf);
        self.frontier.append(leaf);
        self.fresh.insert((envelope.service, envelope.seq), envelope.id.to_string());
    }

    /// An event under a number that is taken must be the one that took it.
    async fn check_repeated(&self, txn: &DatabaseTransaction) -> Result<(), Error> {
        let mut by_service: BTreeMap<&str, Vec<i64>> = BTreeMap::new();
        for (service, seq, _) in &self.repeated {
            by_service.entry(service).or_default().push(*seq);
        }
        let mut known: HashMap<(&str, i64), String> = HashMap::new();
        for (service, seqs) in by_service {
            for seqs in seqs.chunks(ROWS_MAX) {
                let rows: Vec<(i64, String)> = ledger_entry::Entity::find()
                    .select_only()
                    .column(ledger_entry::Column::Seq)
                    .column(ledger_entry::Column::Event)
                    .filter(ledger_entry::Column::Service.eq(service))
                    .filter(ledger_entry::Column::Seq.is_in(seqs.iter().copied()))
                    .into_tuple()
                    .all(txn)
                    .await?;
                known.extend(rows.into_iter().map(|(seq, event)| ((service, seq), event)));
            }
        }
        let other = |(service, seq, event): &&(String, i64, String)| {
            known.get(&(service.as_str(), *seq)).is_none_or(|known| known != event)
        };
        match self.repeated.iter().find(other) {
            None => Ok(()),
            Some((service, seq, _)) => Err(Error::Contradiction { service: service.clone(), seq: *seq }),
        }
    }

    async fn save(mut self, txn: &DatabaseTransaction, head: ledger_head::Model) -> Result<(), Error> {
        for rows in parts(std::mem::take(&mut self.entries)) {
            ledger_entry::Entity::insert_many(rows).exec_without_returning(txn).await?;
        }
        for rows in parts(std::mem::take(&mut self.mentions)) {
            ledger_mention::Entity::insert_many(rows).exec_without_returning(txn).await?;
        }
        self.save_tiles(txn).await?;
        self.save_sources(txn).await?;
        let mut head = head.into_active_model();
        head.size = Set(self.frontier.size() as i64);
        head.frontier = Set(serde_json::to_value(&self.frontier).expect("a frontier is plain JSON"));
        head.update(txn).await?;
        Ok(())
    }

    async fn save_tiles(&self, txn: &DatabaseTransaction) -> Result<(), Error> {
        let changed = self.tiles.0.iter().filter(|(id, hashes)| self.edge.0.get(id) != Some(hashes));
        let rows = changed.map(|(id, hashes)| ledger_tile::ActiveModel {
            level: Set(id.level as i32),
            number: Set(id.number as i64),
            hashes: Set(hashes.iter().flat_map(|hash| *hash.as_bytes()).collect()),
        });
        let key = [ledger_tile::Column::Level, ledger_tile::Column::Number];
        let replace = OnConflict::columns(key).update_column(ledger_tile::Column::Hashes).to_owned();
        ledger_tile::Entity::insert_many(rows).on_conflict(replace).exec_without_returning(txn).await?;
        Ok(())
    }

    async fn save_sources(&self, txn: &DatabaseTransaction) -> Result<(), Error> {
        let rows = self.reached.iter().map(|(service, progress)| ledger_source::ActiveModel {
            service: Set(service.clone()),
            last: Set(progress.last),
            missing: Set(serde_json::to_value(&progress.gaps).expect("gaps are plain JSON")),
        });
        let columns = [ledger_source::Column::Last, ledger_source::Column::Missing];
        let replace = OnConflict::column(ledger_source::Column::Service).update_columns(columns).to_owned();
        ledger_source::Entity::insert_many(rows).on_conflict(replace).exec_without_returning(txn).await?;
        Ok(())
    }
}

fn parts<T>(rows: Vec<T>) -> impl Iterator<Item = Vec<T>> {
    let mut rows = rows.into_iter();
    std::iter::from_fn(move || {
        let part: Vec<T> = rows.by_ref().take(ROWS_MAX).collect();
        (!part.is_empty()).then_some(part)
    })
}
