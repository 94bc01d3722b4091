//! The inner hashes of the tree, kept in tiles: a proof at any size reads a few of them instead of all leaves.
//!
//! A tile of level 0 holds 256 leaf hashes, one of level 1 the roots of 256 full tiles of level 0, and so on. The
//! last tile of each level may be partial. A root over any range that a proof needs is made of full subtrees, and
//! each of those lies inside one tile.
//!
//! # Source
//! C2SP `tlog-tiles` (height 8); the ranges are those of RFC 6962 §2.1.1 and §2.1.2.

use crate::ledger::node_hash;
use contract::Digest;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// Levels of the tree inside one tile.
const HEIGHT: u32 = 8;
/// Hashes in a full tile.
const WIDTH: u64 = 1 << HEIGHT;
/// Levels of tiles over as many entries as a place can number.
const LEVELS: u32 = 8;

/// Which tile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct TileId {
    /// 0 for leaves.
    pub level: u32,
    /// From the left, from 0.
    pub number: u64,
}

/// A full subtree: `2^level` leaves from `index · 2^level` on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Subtree {
    level: u32,
    index: u64,
}

impl Subtree {
    fn tile(self) -> TileId {
        TileId { level: self.level / HEIGHT, number: (self.index << (self.level % HEIGHT)) / WIDTH }
    }

    /// Its hashes within its tile.
    fn place(self) -> Range<usize> {
        let within = self.level % HEIGHT;
        let start = ((self.index << within) % WIDTH) as usize;
        start..start + (1 << within)
    }
}

/// The full subtrees of a range of leaves that is a subtree of the RFC's splitting, left to right.
fn subtrees(range: &Range<u64>) -> impl Iterator<Item = Subtree> + use<> {
    let (mut start, end) = (range.start, range.end);
    std::iter::from_fn(move || {
        let rest = end.checked_sub(start).filter(|rest| *rest > 0)?;
        let level = rest.ilog2();
        let subtree = Subtree { level, index: start >> level };
        start += 1 << level;
        Some(subtree)
    })
}

/// The largest power of two below `count`, which is at least two.
fn split(count: u64) -> u64 {
    1 << (count - 1).ilog2()
}

/// The ranges whose roots are the inclusion proof of the leaf at `index` in a tree of `size`, nearest first.
///
/// # Panics
/// If there is no leaf at `index`.
pub fn inclusion_ranges(index: u64, size: u64) -> Vec<Range<u64>> {
    assert!(index < size, "a tree of {size} leaves has none at {index}");
    let mut ranges = Vec::new();
    let mut tree = 0..size;
    while tree.end - tree.start > 1 {
        let middle = tree.start + split(tree.end - tree.start);
        if index < middle {
            ranges.push(middle..tree.end);
            tree.end = middle;
        } else {
            ranges.push(tree.start..middle);
            tree.start = middle;
        }
    }
    ranges.reverse();
    ranges
}

/// The ranges whose roots are the consistency proof between trees of `former` and of `size`.
///
/// # Panics
/// If `former` is zero or more than `size`.
pub fn consistency_ranges(former: u64, size: u64) -> Vec<Range<u64>> {
    assert!(former > 0 && former <= size, "no tree of {former} begins one of {size}");
    let mut ranges = Vec::new();
    let mut tree = 0..size;
    // Whether the verifier holds the root over exactly this tree.
    let mut known = true;
    while tree.end != former {
        let middle = tree.start + split(tree.end - tree.start);
        if former <= middle {
            ranges.push(middle..tree.end);
            tree.end = middle;
        } else {
            ranges.push(tree.start..middle);
            tree.start = middle;
            known = false;
        }
    }
    if !known {
        ranges.push(tree);
    }
    ranges.reverse();
    ranges
}

/// The tiles that hold the roots over `ranges`.
pub fn tiles_of(ranges: &[Range<u64>]) -> BTreeSet<TileId> {
    ranges.iter().flat_map(subtrees).map(Subtree::tile).collect()
}

/// The last tile of each level in a tree of `size`, as far as it is not empty.
pub fn edge_of(size: u64) -> BTreeSet<TileId> {
    let counts = (0..LEVELS).map(|level| (level, size >> (HEIGHT * level)));
    counts
        .filter(|(_, count)| count % WIDTH != 0)
        .map(|(level, count)| TileId { level, number: count / WIDTH })
        .collect()
}

/// Some tiles with their hashes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tiles(pub BTreeMap<TileId, Vec<Digest>>);

impl Tiles {
    /// The root over a range, or `None` when its tiles are not here or too short.
    pub fn root(&self, range: &Range<u64>) -> Option<Digest> {
        let roots = subtrees(range).map(|subtree| {
            let hashes = self.0.get(&subtree.tile())?.get(subtree.place())?;
            Some(full_root(hashes))
        });
        let roots: Vec<Digest> = roots.collect::<Option<_>>()?;
        let (last, before) = roots.split_last()?;
        Some(before.iter().rev().fold(*last, |right, left| node_hash(left, &right)))
    }

    /// The roots over several ranges: a proof.
    pub fn roots(&self, ranges: &[Range<u64>]) -> Option<Vec<Digest>> {
        ranges.iter().map(|range| self.root(range)).collect()
    }

    /// Appends the leaf at `index`. Of the tiles before it those of [`edge_of`] must be here.
    pub fn append(&mut self, index: u64, leaf: Digest) {
        let (mut hash, mut index) = (leaf, index);
        for level in 0..LEVELS {
            let tile = self.0.entry(TileId { level, number: index / WIDTH }).or_default();
            tile.truncate((index % WIDTH) as usize);
            tile.push(hash);
            if tile.len() < WIDTH as usize {
                return;
            }
            hash = full_root(tile);
            index /= WIDTH;
        }
    }
}

/// The root over as many hashes as a power of two.
fn full_root(hashes: &[Digest]) -> Digest {
    let mut row = hashes.to_vec();
    while row.len() > 1 {
        for at in 0..row.len() / 2 {
            row[at] = node_hash(&row[2 * at], &row[2 * at + 1]);
        }
        row.truncate(row.len() / 2);
    }
    row[0]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::{self, leaf_hash};
    use proptest::prelude::*;

    fn leaves(count: u64) -> Vec<Digest> {
        (0..count).map(|number| leaf_hash(&number.to_be_bytes())).collect()
    }

    fn filled(leaves: &[Digest]) -> Tiles {
        let mut tiles = Tiles::default();
        for (index, leaf) in leaves.iter().enumerate() {
            tiles.append(index as u64, *leaf);
        }
        tiles
    }

    /// Only what the plan names, as a store would load it.
    fn only(tiles: &Tiles, wanted: &BTreeSet<TileId>) -> Tiles {
        Tiles(wanted.iter().filter_map(|id| Some((*id, tiles.0.get(id)?.clone()))).collect())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(60))]

        #[test]
        fn proofs_from_tiles_are_those_from_all_leaves(size in 1_u64..1_500, one in 0.0..1.0, other in 0.0..1.0) {
            let leaves = leaves(size);
            let tiles = filled(&leaves);
            let index = (one * size as f64) as u64;
            let former = (other * size as f64) as u64 + 1;
            let ranges = inclusion_ranges(index, size);
            let proof = only(&tiles, &tiles_of(&ranges)).roots(&ranges).unwrap();
            prop_assert_eq!(proof, ledger::inclusion_proof(&leaves, index as usize));
            let former = former.min(size);
            let ranges = consistency_ranges(former, size);
            let proof = only(&tiles, &tiles_of(&ranges)).roots(&ranges).unwrap();
            prop_assert_eq!(proof, ledger::consistency_proof(&leaves, former as usize));
        }

        #[test]
        fn appending_needs_only_the_edge(size in 0_u64..1_000, more in 1_u64..600) {
            let leaves = leaves(size + more);
            let before = filled(&leaves[..size as usize]);
            let mut edge = only(&before, &edge_of(size));
            for index in size..size + more {
                edge.append(index, leaves[index as usize]);
            }
            let whole = filled(&leaves);
            for (id, hashes) in &edge.0 {
                prop_assert_eq!(Some(hashes), whole.0.get(id));
            }
            prop_assert_eq!(whole.root(&(0..size + more)).unwrap(), ledger::root(&leaves));
        }
    }

    #[test]
    fn a_proof_over_ten_million_entries_reads_few_tiles() {
        for index in [0, 255, 256, 4_999_999, 9_999_999] {
            let ranges = inclusion_ranges(index, 10_000_000);
            assert!(ranges.len() <= 24);
            assert!(tiles_of(&ranges).len() <= 6, "{:?}", tiles_of(&ranges));
        }
    }

    #[test]
    fn a_missing_or_short_tile_gives_no_proof() {
        let mut tiles = filled(&leaves(300));
        let ranges = inclusion_ranges(5, 300);
        tiles.0.get_mut(&TileId { level: 0, number: 1 }).unwrap().truncate(3);
        assert_eq!(tiles.roots(&ranges), None);
        tiles.0.remove(&TileId { level: 0, number: 1 });
        assert_eq!(tiles.roots(&ranges), None);
    }
}
