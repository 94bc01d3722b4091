//! The Merkle tree of RFC 6962 over the entries of the ledger.
//!
//! Of the whole tree only its frontier is kept: the roots of the full subtrees that make up the entries so far,
//! one for each bit that is set in their number. It is enough to append and to give the root; proofs are made
//! from tiles ([`crate::tile`]). Those made here from all leaves are what the tests hold tiles against.
//!
//! # Source
//! RFC 6962 §2.1.

use contract::Digest;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// The hash of an entry in the tree.
pub fn leaf_hash(entry: &[u8]) -> Digest {
    Digest::from_bytes(Sha256::new().chain_update([0]).chain_update(entry).finalize().into())
}

/// The hash of an inner node.
pub fn node_hash(left: &Digest, right: &Digest) -> Digest {
    let hash = Sha256::new().chain_update([1]).chain_update(left.as_bytes()).chain_update(right.as_bytes());
    Digest::from_bytes(hash.finalize().into())
}

/// The whole hashes in `bytes`, 32 each.
pub fn read_hashes(bytes: &[u8]) -> Vec<Digest> {
    bytes.as_chunks().0.iter().map(|hash| Digest::from_bytes(*hash)).collect()
}

/// The right edge of the tree: all that appending needs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Parts")]
pub struct Frontier {
    size: u64,
    /// Roots of full subtrees, the largest (oldest) first.
    peaks: Vec<Digest>,
}

#[derive(Deserialize)]
struct Parts {
    size: u64,
    peaks: Vec<Digest>,
}

impl TryFrom<Parts> for Frontier {
    type Error = String;

    fn try_from(Parts { size, peaks }: Parts) -> Result<Self, String> {
        if peaks.len() == size.count_ones() as usize {
            Ok(Self { size, peaks })
        } else {
            Err(format!("a tree of {size} entries does not have {} full subtrees", peaks.len()))
        }
    }
}

impl Frontier {
    /// The number of entries.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Adds the next leaf.
    pub fn append(&mut self, leaf: Digest) {
        let mut node = leaf;
        // Each trailing one in the number of entries is a full subtree that the new leaf completes.
        for _ in 0..self.size.trailing_ones() {
            let left = self.peaks.pop().expect("one peak for each bit of the size");
            node = node_hash(&left, &node);
        }
        self.peaks.push(node);
        self.size += 1;
    }

    /// The root hash.
    pub fn root(&self) -> Digest {
        let mut peaks = self.peaks.iter().rev();
        let Some(last) = peaks.next() else { return Digest::of(b"") };
        peaks.fold(*last, |right, left| node_hash(left, &right))
    }
}

/// The root over `leaves`.
pub fn root(leaves: &[Digest]) -> Digest {
    let mut frontier = Frontier::default();
    for leaf in leaves {
        frontier.append(*leaf);
    }
    frontier.root()
}

/// The hashes that lead from the leaf at `index` to the root over `leaves`, nearest first: RFC 6962 §2.1.1.
///
/// # Panics
/// If there is no leaf at `index`.
pub fn inclusion_proof(leaves: &[Digest], index: usize) -> Vec<Digest> {
    assert!(index < leaves.len(), "a tree of {} leaves has none at {index}", leaves.len());
    if leaves.len() == 1 {
        return Vec::new();
    }
    let (left, right) = leaves.split_at(split(leaves.len()));
    let (mut proof, beside) = if index < left.len() {
        (inclusion_proof(left, index), root(right))
    } else {
        (inclusion_proof(right, index - left.len()), root(left))
    };
    proof.push(beside);
    proof
}

/// The hashes that show the tree over the first `former` leaves to be the beginning of the tree over `leaves`:
/// RFC 6962 §2.1.2.
///
/// # Panics
/// If `former` is zero or more than there are leaves.
pub fn consistency_proof(leaves: &[Digest], former: usize) -> Vec<Digest> {
    assert!(former > 0 && former <= leaves.len(), "no tree of {former} begins one of {}", leaves.len());
    subproof(leaves, former, true)
}

/// `known` says whether the verifier holds the root over exactly `leaves`.
fn subproof(leaves: &[Digest], former: usize, known: bool) -> Vec<Digest> {
    if former == leaves.len() {
        return if known { Vec::new() } else { vec![root(leaves)] };
    }
    let (left, right) = leaves.split_at(split(leaves.len()));
    let (mut proof, beside) = if former <= left.len() {
        (subproof(left, former, known), root(right))
    } else {
        (subproof(right, former - left.len(), false), root(left))
    };
    proof.push(beside);
    proof
}

/// The largest power of two below `count`, which is at least two.
fn split(count: usize) -> usize {
    1 << (count - 1).ilog2()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ct_merkle::mem_backed_tree::MemoryBackedTree;

    /// The leaves of the reference tests of Certificate Transparency, and the root over each beginning of them:
    /// github.com/transparency-dev/merkle, `testonly/reference_test.go` and `testonly/constants.go`.
    const LEAVES: [&str; 8] =
        ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
    const ROOTS: [&str; 9] = [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];

    fn reference_leaves(count: usize) -> Vec<Digest> {
        LEAVES[..count].iter().map(|leaf| leaf_hash(&hex::decode(leaf).unwrap())).collect()
    }

    #[test]
    fn roots_are_those_of_certificate_transparency() {
        let mut frontier = Frontier::default();
        assert_eq!(frontier.root().to_string(), ROOTS[0]);
        for (leaf, expected) in reference_leaves(8).into_iter().zip(&ROOTS[1..]) {
            frontier.append(leaf);
            assert_eq!(frontier.root().to_string(), *expected);
        }
    }

    #[test]
    fn published_proofs_are_found() {
        let inclusion = inclusion_proof(&reference_leaves(8), 5);
        let expected = [
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ];
        assert_eq!(inclusion.iter().map(Digest::to_string).collect::<Vec<_>>(), expected);
        let consistency = consistency_proof(&reference_leaves(8), 6);
        let expected = [
            "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ];
        assert_eq!(consistency.iter().map(Digest::to_string).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn every_root_and_proof_up_to_70_entries_is_that_of_an_independent_implementation() {
        let flat =
            |proof: Vec<Digest>| -> Vec<u8> { proof.iter().flat_map(|hash| *hash.as_bytes()).collect() };
        let entries: Vec<Vec<u8>> = (0_u8..70).map(|number| vec![number; usize::from(number % 7)]).collect();
        let leaves: Vec<Digest> = entries.iter().map(|entry| leaf_hash(entry)).collect();
        let mut peer = MemoryBackedTree::<Sha256, Vec<u8>>::new();
        for (at, entry) in entries.iter().enumerate() {
            peer.push(entry.clone());
            let size = at + 1;
            assert_eq!(root(&leaves[..size]).as_bytes().as_slice(), peer.root().as_bytes().as_slice());
            for index in 0..size {
                let ours = flat(inclusion_proof(&leaves[..size], index));
                assert_eq!(ours, peer.prove_inclusion(index).as_bytes());
            }
            for former in 1..=size {
                let ours = flat(consistency_proof(&leaves[..size], former));
                assert_eq!(ours, peer.prove_consistency(size - former).as_bytes());
            }
        }
    }

    #[test]
    fn a_frontier_survives_json_and_a_malformed_one_is_refused() {
        let mut frontier = Frontier::default();
        for leaf in reference_leaves(7) {
            frontier.append(leaf);
        }
        let json = serde_json::to_string(&frontier).unwrap();
        assert_eq!(serde_json::from_str::<Frontier>(&json).unwrap(), frontier);
        assert!(serde_json::from_str::<Frontier>(r#"{"size": 3, "peaks": []}"#).is_err());
    }
}
