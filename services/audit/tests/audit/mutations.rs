//! Whatever is changed in a stored ledger is found, and the first bad entry is named.

use audit::Verification;
use audit::checkpoint::Checkpoint;
use audit::entry::{Entry, Written};
use audit::examine::{Evidence, Examiner, StoredEntry};
use audit::ledger::{Frontier, leaf_hash, root};
use contract::{Actor, CaseId, Digest, Envelope, Event, EventId, LoginSessionId, Role, RunId, Time, UserId};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use std::sync::Arc;

const ENTRIES: usize = 500;
const MUTATIONS: u64 = 10_000;

/// A ledger as a database keeps it.
#[derive(Clone)]
struct Stored {
    entries: Vec<Arc<StoredEntry>>,
    /// The hashes that the entries' texts have.
    leaves: Vec<Digest>,
    head: Frontier,
}

fn person(number: i64) -> Actor {
    Actor::Person {
        user: UserId::from_bits(number as u128 % 7),
        username: format!("rad{}", number % 7),
        printed_name: format!("Dr. Reader {}", number % 7),
        roles: vec![Role::Radiologist],
        login: LoginSessionId::from_bits(number as u128 % 30),
    }
}

fn entry(number: i64) -> Entry {
    let event = match number % 3 {
        0 => Event::CaseQueued {
            case: CaseId::from_bits(number as u128),
            run: RunId::from_bits(number as u128),
        },
        1 => Event::UserAdded { user: UserId::from_bits(number as u128) },
        _ => Event::LoginRefused { reason_code: "wrong_password".to_owned() },
    };
    let envelope = Envelope {
        id: EventId::from_bits(number as u128),
        service: ["review", "gateway", "intake"][number as usize % 3].to_owned(),
        seq: number / 3 + 1,
        version: 1,
        occurred_at: Time::UNIX_EPOCH,
        actor: if number % 4 == 0 { Actor::Operator } else { person(number) },
        subject: CaseId::from_bits(number as u128).to_string(),
        causation: None,
        trace: None,
        event,
    };
    Entry { recorded_at: Time::UNIX_EPOCH, envelope }
}

fn stored(position: usize, entry: &Entry) -> Arc<StoredEntry> {
    let salt = || *Digest::of(entry.envelope.id.as_str().as_bytes()).as_bytes();
    let Written { text, keys, personal } = entry.sealed(salt);
    Arc::new(StoredEntry {
        position: position as i64,
        event: entry.envelope.id.to_string(),
        service: entry.envelope.service.clone(),
        seq: entry.envelope.seq,
        kind: entry.envelope.event.kind().to_owned(),
        leaf: leaf_hash(text.as_bytes()).to_string(),
        mentions: keys,
        entry: text,
        personal,
    })
}

impl Stored {
    fn new() -> Self {
        let mut ledger = Self { entries: Vec::new(), leaves: Vec::new(), head: Frontier::default() };
        for at in 0..ENTRIES {
            ledger.insert(at, stored(at, &entry(at as i64)));
        }
        ledger.rehash();
        ledger
    }

    fn change(&mut self, at: usize) -> &mut StoredEntry {
        Arc::make_mut(&mut self.entries[at])
    }

    fn change_text(&mut self, at: usize, change: impl FnOnce(&mut String)) {
        let entry = self.change(at);
        change(&mut entry.entry);
        self.leaves[at] = leaf_hash(entry.entry.as_bytes());
    }

    fn insert(&mut self, at: usize, entry: Arc<StoredEntry>) {
        self.leaves.insert(at, leaf_hash(entry.entry.as_bytes()));
        self.entries.insert(at, entry);
    }

    fn remove(&mut self, at: usize) {
        self.leaves.remove(at);
        self.entries.remove(at);
    }

    fn truncate(&mut self, size: usize) {
        self.leaves.truncate(size);
        self.entries.truncate(size);
    }

    fn replace(&mut self, at: usize, entry: &Entry) {
        self.remove(at);
        self.insert(at, stored(at, entry));
    }

    /// What somebody does who can write to the database and knows how it is made.
    fn rehash(&mut self) {
        self.head = Frontier::default();
        for at in 0..self.entries.len() {
            if self.entries[at].position != at as i64 {
                self.change(at).position = at as i64;
            }
            self.head.append(self.leaves[at]);
        }
    }

    /// Checkpoints over the first 100, 200… entries, and the exported leaves.
    fn evidence(&self) -> Evidence {
        let leaves = self.leaves.clone();
        let checkpoint = |size: usize| Checkpoint {
            origin: "countersign/ledger".to_owned(),
            size: size as u64,
            root: root(&leaves[..size]),
        };
        Evidence { checkpoints: (100..=ENTRIES).step_by(100).map(checkpoint).collect(), leaves }
    }
}

fn examine(ledger: &Stored, evidence: Evidence) -> Verification {
    examine_from(Examiner::new(evidence), ledger)
}

fn examine_from(mut examiner: Examiner, ledger: &Stored) -> Verification {
    for entry in &ledger.entries[examiner.next_index() as usize..] {
        if let Err(verdict) = examiner.take(entry) {
            return verdict;
        }
    }
    examiner.finish(&ledger.head)
}

/// Changes the ledger in one way and tells which entry is the first bad one.
fn mutate(ledger: &mut Stored, rng: &mut StdRng) -> usize {
    let at = rng.random_range(0..ledger.entries.len());
    match rng.random_range(0..15) {
        0 => ledger.change_text(at, |text| flip_bit(text, rng)),
        1 => {
            ledger.change_text(at, |text| flip_bit(text, rng));
            let leaf = ledger.leaves[at].to_string();
            ledger.change(at).leaf = leaf;
            ledger.rehash();
        }
        2 => flip_bit(&mut ledger.change(at).leaf, rng),
        3 => ledger.change(at).seq += 1,
        4 => ledger.change(at).service.push('s'),
        5 => {
            ledger.change(at).mentions.pop();
        }
        6 => ledger.remove(at),
        7 => {
            ledger.remove(at);
            ledger.rehash();
        }
        8 => {
            ledger.insert(at, stored(at, &entry(rng.random_range(1_000..2_000))));
            ledger.rehash();
        }
        9 => return reorder(ledger, rng),
        10 => {
            ledger.truncate(at);
            ledger.rehash();
        }
        11..=13 => return change_personal(ledger, rng),
        _ => {
            for later in at..ledger.entries.len().min(at + 20) {
                ledger.replace(later, &entry(later as i64 + 1_000));
            }
            ledger.rehash();
        }
    }
    at
}

/// Changes what is personal in an entry, swaps it for somebody else's, or says that it was erased when nobody agreed to
/// that.
fn change_personal(ledger: &mut Stored, rng: &mut StdRng) -> usize {
    let named: Vec<usize> =
        (0..ledger.entries.len()).filter(|at| !ledger.entries[*at].personal.is_empty()).collect();
    let at = named[rng.random_range(0..named.len())];
    let other = ledger.entries[named[rng.random_range(0..named.len())]].personal.clone();
    let personal = &mut ledger.change(at).personal;
    match rng.random_range(0..4) {
        0 if other != *personal => *personal = other,
        1 => "actor\terased\t2026-11-28T09:00:00Z".clone_into(personal),
        2 => personal.clear(),
        _ => flip_bit(personal, rng),
    }
    at
}

fn flip_bit(text: &mut String, rng: &mut StdRng) {
    let mut bytes = std::mem::take(text).into_bytes();
    let at = rng.random_range(0..bytes.len());
    // The highest bit stays: the text must remain text, or the database itself would refuse it.
    bytes[at] ^= 1 << rng.random_range(0..7);
    *text = String::from_utf8(bytes).expect("ASCII with a lower bit flipped is ASCII");
}

fn reorder(ledger: &mut Stored, rng: &mut StdRng) -> usize {
    let first = rng.random_range(0..ledger.entries.len() - 1);
    let second = rng.random_range(first + 1..ledger.entries.len());
    ledger.entries.swap(first, second);
    ledger.leaves.swap(first, second);
    ledger.rehash();
    first
}

#[test]
fn an_untouched_ledger_is_verified() {
    let ledger = Stored::new();
    let verdict = examine(&ledger, ledger.evidence());
    assert_eq!(verdict, Verification::Verified { size: ENTRIES as u64, beyond: 0 });
    assert_eq!(verdict.exit_code(), 0);
}

#[test]
fn each_of_ten_thousand_mutations_is_found_and_its_first_bad_entry_named() {
    let whole = Stored::new();
    let mut examiner = Examiner::new(whole.evidence());
    let mut examined = vec![examiner.clone()];
    for entry in &whole.entries {
        examiner.take(entry).expect("the ledger is whole");
        examined.push(examiner.clone());
    }
    for seed in 0..MUTATIONS {
        let mut ledger = whole.clone();
        let expected = mutate(&mut ledger, &mut StdRng::seed_from_u64(seed));
        // What comes before the mutation is the same, and so is its examination.
        let unchanged = ledger.entries.iter().zip(&whole.entries).take(expected);
        assert!(unchanged.into_iter().all(|(one, other)| Arc::ptr_eq(one, other)), "seed {seed}");
        let verdict = examine_from(examined[expected].clone(), &ledger);
        let Verification::Altered { index, what } = verdict else { panic!("seed {seed}: {verdict:?}") };
        assert_eq!(index, expected as u64, "seed {seed}: {what}");
    }
}

#[test]
fn with_nothing_but_the_checkpoints_a_rewrite_is_located_between_two_of_them() {
    let mut ledger = Stored::new();
    let evidence = Evidence { leaves: Vec::new(), ..ledger.evidence() };
    ledger.replace(250, &entry(9_999));
    ledger.rehash();
    let Verification::Altered { index, what } = examine(&ledger, evidence) else { panic!("not found") };
    assert_eq!(index, 200);
    assert!(what.contains("entries 200 to 299"), "{what}");
}

#[test]
fn forged_exported_leaves_mislead_nobody() {
    let mut ledger = Stored::new();
    let mut evidence = ledger.evidence();
    ledger.replace(250, &entry(9_999));
    ledger.rehash();
    evidence.leaves = ledger.leaves.clone();
    let Verification::Altered { index, .. } = examine(&ledger, evidence) else { panic!("not found") };
    assert_eq!(index, 200);
}

#[test]
fn an_older_copy_of_the_ledger_is_not_taken_for_the_ledger() {
    let ledger = Stored::new();
    let evidence = ledger.evidence();
    let mut older = ledger.clone();
    older.truncate(300);
    older.rehash();
    let Verification::Altered { index, .. } = examine(&older, evidence) else { panic!("not found") };
    assert_eq!(index, 300);
}

#[test]
fn two_signed_checkpoints_of_one_size_that_differ_are_not_whole() {
    let ledger = Stored::new();
    let mut evidence = ledger.evidence();
    let forked = Checkpoint { root: Digest::of(b"fork"), ..evidence.checkpoints[2].clone() };
    evidence.checkpoints.push(forked);
    assert_eq!(examine(&ledger, evidence).exit_code(), 1);
}

#[test]
fn without_checkpoints_or_entries_nothing_can_be_told() {
    let ledger = Stored::new();
    assert_eq!(examine(&ledger, Evidence::default()).exit_code(), 2);
    let empty = Stored { entries: Vec::new(), leaves: Vec::new(), head: Frontier::default() };
    assert_eq!(examine(&empty, Evidence::default()).exit_code(), 2);
}
