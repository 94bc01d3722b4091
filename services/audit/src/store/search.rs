//! Looking entries up, newest first: by what they mention and by when they were recorded.

use super::mention::{BLOCK_ENTRIES, mentions_in_blocks};
use super::{head_load, placed};
use crate::Error;
use crate::entity::ledger_entry::{Column, Entity};
use crate::placed::Placed;
use contract::Time;
use database::DatabaseConnection;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _};
use serde::Deserialize;
use std::ops::Range;

/// The most blocks that are looked into at once.
const BLOCKS_MAX: i64 = 128;

/// Which entries are wanted.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Wanted<'q> {
    /// Each group has one id at least that an entry mentions.
    pub(crate) mentioning: &'q [Vec<String>],
    /// Recorded then or later.
    pub(crate) since: Option<Time>,
    /// Recorded then or before.
    pub(crate) until: Option<Time>,
}

impl Wanted<'_> {
    /// Two ids may share a key, so that what is found is held against its own text.
    fn has(&self, placed: &Placed) -> bool {
        if self.mentioning.is_empty() {
            return true;
        }
        let mentions = placed.entry.mentions();
        self.mentioning.iter().all(|group| group.iter().any(|id| mentions.contains(id)))
    }
}

/// Up to `limit` entries below `before`, newest first.
///
/// It looks into the newest block, then into twice as many before it, and so on: what somebody does every day is found
/// at once, and what was done once years ago takes a look into each block.
pub(crate) async fn entry_list(
    db: &DatabaseConnection,
    wanted: Wanted<'_>,
    before: Option<i64>,
    limit: usize,
) -> Result<Vec<Placed>, Error> {
    let mut found = Vec::new();
    // Nothing mentions one of no ids.
    if wanted.mentioning.iter().any(Vec::is_empty) {
        return Ok(found);
    }
    let mut left = range(db, wanted, before).await?;
    let mut blocks = 1;
    while !left.is_empty() && found.len() < limit {
        let part = newest_blocks(&left, blocks);
        let asked = limit - found.len();
        let rows = part_list(db, wanted, &part, asked).await?;
        // A part that gave all that was asked for may have more.
        left.end = match rows.last() {
            Some(lowest) if rows.len() == asked => lowest.position,
            _ => {
                blocks = (blocks * 2).min(BLOCKS_MAX);
                part.start
            }
        };
        found.extend(rows.into_iter().filter(|placed| wanted.has(placed)));
    }
    Ok(found)
}

/// Where wanted entries can lie.
async fn range(
    db: &DatabaseConnection,
    wanted: Wanted<'_>,
    before: Option<i64>,
) -> Result<Range<i64>, Error> {
    let size = head_load(db).await?.size() as i64;
    let mut range = 0..before.unwrap_or(size).min(size);
    if let Some(since) = wanted.since {
        range.start = first_recorded(db, size, |at| at >= since).await?;
    }
    if let Some(until) = wanted.until {
        range.end = range.end.min(first_recorded(db, size, |at| at > until).await?);
    }
    Ok(range)
}

/// The end of a range, as far as it lies in so many blocks.
fn newest_blocks(range: &Range<i64>, blocks: i64) -> Range<i64> {
    let block_entries = BLOCK_ENTRIES as i64;
    let newest = (range.end - 1) / block_entries;
    let first = (newest - blocks + 1).max(0) * block_entries;
    first.max(range.start)..range.end
}

async fn part_list(
    db: &DatabaseConnection,
    wanted: Wanted<'_>,
    part: &Range<i64>,
    limit: usize,
) -> Result<Vec<Placed>, Error> {
    let mut query =
        Entity::find().filter(Column::Position.gte(part.start)).filter(Column::Position.lt(part.end));
    for group in wanted.mentioning {
        query = query.filter(mentions_in_blocks(group.iter().map(String::as_str), part));
    }
    let rows = query.order_by_desc(Column::Position).limit(limit as u64).all(db).await?;
    rows.into_iter().map(placed).collect()
}

/// The first position whose entry `is_late`, of entries that are numbered in the order in which they were recorded;
/// `size` where none is.
async fn first_recorded(
    db: &DatabaseConnection,
    size: i64,
    is_late: impl Fn(Time) -> bool,
) -> Result<i64, Error> {
    let (mut low, mut high) = (0, size);
    while low < high {
        let middle = low + (high - low) / 2;
        match recorded_at(db, middle).await? {
            Some(at) if !is_late(at) => low = middle + 1,
            _ => high = middle,
        }
    }
    Ok(low)
}

/// When the entry at `position` was recorded, or the next one where it is missing.
async fn recorded_at(db: &DatabaseConnection, position: i64) -> Result<Option<Time>, Error> {
    #[derive(Deserialize)]
    struct Recorded {
        recorded_at: Time,
    }
    let text: Option<String> = Entity::find()
        .select_only()
        .column(Column::Entry)
        .filter(Column::Position.gte(position))
        .order_by_asc(Column::Position)
        .limit(1)
        .into_tuple()
        .one(db)
        .await?;
    let Some(text) = text else { return Ok(None) };
    let recorded: Recorded =
        serde_json::from_str(&text).map_err(|source| Error::Entry { position, source })?;
    Ok(Some(recorded.recorded_at))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_newest_blocks_end_a_range_and_lie_in_it(start in 0_i64..50_000, length in 1_i64..50_000, blocks in 1_i64..8) {
            let range = start..start + length;
            let part = newest_blocks(&range, blocks);
            prop_assert!(part.end == range.end && part.start >= range.start && !part.is_empty());
            prop_assert!(part.end - part.start <= blocks * BLOCK_ENTRIES as i64);
            prop_assert!(part.start == range.start || part.start % BLOCK_ENTRIES as i64 == 0);
        }
    }
}
