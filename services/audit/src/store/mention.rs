//! By which ids entries are found.

use crate::Error;
use crate::entity::ledger_entry;
use crate::entity::ledger_mention::{Column, Entity};
use crate::entry::mention_key;
use sea_orm::sea_query::SimpleExpr;
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, QuerySelect as _, QueryTrait as _,
};
use std::collections::HashMap;
use std::ops::Range;

/// Entries of a block. Appending touches the index of one block; a search looks once into each.
pub(super) const BLOCK_ENTRIES: u64 = 8_192;

/// The block of the entry at `position`.
pub(super) fn block_of(position: u64) -> i64 {
    (position / BLOCK_ENTRIES) as i64
}

/// Whether an entry may mention any of `subjects`, in a ledger of `size`.
pub(super) fn may_mention<'s>(subjects: impl IntoIterator<Item = &'s str>, size: u64) -> SimpleExpr {
    mentions_in_blocks(subjects, &(0..size as i64 + 1))
}

/// Whether an entry in the blocks of `positions` may mention any of `subjects`.
pub(super) fn mentions_in_blocks<'s>(
    subjects: impl IntoIterator<Item = &'s str>,
    positions: &Range<i64>,
) -> SimpleExpr {
    let blocks = block_of(positions.start as u64)..=block_of(positions.end as u64 - 1);
    let positions = Entity::find()
        .select_only()
        .column(Column::Position)
        // One by one: a range of blocks would have the whole index of each read.
        .filter(Column::Block.is_in(blocks))
        .filter(Column::Key.is_in(subjects.into_iter().map(mention_key)))
        .into_query();
    ledger_entry::Column::Position.in_subquery(positions)
}

/// The keys of a block's entries, ascending.
#[derive(Debug, Default)]
pub(crate) struct Mentions(HashMap<i64, Vec<i64>>);

impl Mentions {
    /// The keys under which the entry at `position` is found.
    pub(crate) fn of(&self, position: i64) -> &[i64] {
        self.0.get(&position).map_or(&[], Vec::as_slice)
    }
}

/// Every key of the entries from `from` to the end of its block.
pub(crate) async fn mention_block(db: &impl ConnectionTrait, from: u64) -> Result<Mentions, Error> {
    let page = super::scan::columns(
        db,
        Entity::find()
            .select_only()
            .column(Column::Key)
            .column(Column::Position)
            .filter(Column::Block.eq(block_of(from)))
            .filter(Column::Position.gte(from as i64))
            .into_query(),
        ["key", "position"],
    )
    .await?;
    let mut mentions = Mentions::default();
    let Some([keys, positions]) = page else { return Ok(mentions) };
    for (key, position) in keys.split('\n').zip(positions.split('\n')) {
        // Both columns are numbers.
        if let (Ok(key), Ok(position)) = (key.parse(), position.parse()) {
            mentions.0.entry(position).or_default().push(key);
        }
    }
    mentions.0.values_mut().for_each(|keys| keys.sort_unstable());
    Ok(mentions)
}
