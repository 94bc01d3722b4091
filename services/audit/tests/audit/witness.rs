//! A witness somewhere else: it is asked over HTTP, believed only where it signs what the ledger signed, and finds a
//! ledger that does not continue what it has seen.

use crate::desk::{Desk, answers};
use actix_web::HttpResponse;
use actix_web::web::{Data, post};
use audit::Verification;
use audit::checkpoint::{Checkpoint, VerifierKey};
use audit::cosignature::{WitnessKey, message, signature_line};
use audit::proof::is_consistent;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use contract::Digest;
use database::scratch::Scratch;
use ed25519_dalek::{Signer as _, SigningKey};
use platform::Routes;
use std::sync::{Arc, Mutex};

const SECONDS: u64 = 1_764_000_000;

/// How a witness behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Manner {
    Honest,
    /// It signs something else than it was sent.
    SignsAnother,
    /// Somebody else's key.
    OtherKey,
    /// It says that it has seen more than there is.
    SeenMore,
}

struct State {
    ledger: Mutex<Option<VerifierKey>>,
    seen: Mutex<Option<Checkpoint>>,
    manner: Mutex<Manner>,
    asked: Mutex<u32>,
}

/// A witness of its own.
#[derive(Clone)]
struct Witness {
    state: Data<State>,
    url: String,
}

fn secret(byte: u8) -> SigningKey {
    SigningKey::from_bytes(&[byte; 32])
}

fn key() -> WitnessKey {
    WitnessKey::new("example.org/witness", secret(5).verifying_key())
}

impl Witness {
    fn opens(manner: Manner) -> Self {
        let state = Data::new(State {
            ledger: Mutex::default(),
            seen: Mutex::default(),
            manner: Mutex::new(manner),
            asked: Mutex::default(),
        });
        let shared = state.clone();
        let routes: Routes = Arc::new(move |config| {
            config.app_data(shared.clone()).route("/w/add-checkpoint", post().to(add_checkpoint));
        });
        Self { state, url: format!("{}/w", answers(routes)) }
    }

    async fn watches(&self, scratch: &Scratch) -> Desk {
        let desk = Desk::open_with(scratch, |config| {
            config.witness.url.clone_from(&self.url);
            config.witness.key = key().to_string();
        })
        .await;
        *self.state.ledger.lock().unwrap() = Some(desk.key());
        desk
    }

    fn saw(&self) -> u64 {
        self.state.seen.lock().unwrap().as_ref().map_or(0, |seen| seen.size)
    }
}

/// As C2SP `tlog-witness` has it.
async fn add_checkpoint(body: String, state: Data<State>) -> HttpResponse {
    *state.asked.lock().unwrap() += 1;
    let manner = *state.manner.lock().unwrap();
    let (head, note) = body.split_once("\n\n").unwrap();
    let mut lines = head.lines();
    let old: u64 = lines.next().unwrap().strip_prefix("old ").unwrap().parse().unwrap();
    let hash = |line| Digest::from_bytes(BASE64.decode(line).unwrap().try_into().unwrap());
    let proof: Vec<Digest> = lines.map(hash).collect();
    let checkpoint = state.ledger.lock().unwrap().as_ref().unwrap().open(note);
    let Ok(checkpoint) = checkpoint else { return HttpResponse::Forbidden().finish() };
    let mut seen = state.seen.lock().unwrap();
    let size = seen.as_ref().map_or(0, |seen| seen.size);
    if manner == Manner::SeenMore {
        return HttpResponse::Conflict().body("1000000\n");
    }
    if old != size {
        return HttpResponse::Conflict().body(format!("{size}\n"));
    }
    if seen.as_ref().is_some_and(|seen| !is_consistent(seen, &checkpoint, &proof)) {
        return HttpResponse::UnprocessableEntity().finish();
    }
    let text = &note[..=note.rfind("\n\n").unwrap()];
    let signed = if manner == Manner::SignsAnother { text.replace('\n', "\n\n") } else { text.to_owned() };
    let secret = secret(if manner == Manner::OtherKey { 6 } else { 5 });
    let signature = secret.sign(message(SECONDS, &signed).as_bytes()).to_bytes();
    *seen = Some(checkpoint);
    HttpResponse::Ok().body(signature_line(key().name(), key().id(), SECONDS, &signature) + "\n")
}

async fn a_witness_cosigns_each_checkpoint_and_verification_says_so(scratch: Scratch) {
    let witness = Witness::opens(Manner::Honest);
    let desk = witness.watches(&scratch).await;
    desk.records(3).await;
    desk.is_checkpointed(3).await;
    desk.shows(|health| health.witness.as_ref().is_some_and(|witness| witness.size >= 3)).await;
    for seq in 4..=9 {
        desk.publishes(&desk.writes(seq)).await;
    }
    desk.reaches(9).await;
    desk.is_checkpointed(9).await;
    let health = desk.shows(|health| health.witness.as_ref().is_some_and(|witness| witness.size >= 9)).await;
    let told = health.witness.unwrap();
    assert_eq!((told.name.as_str(), told.problem), ("example.org/witness", None));
    assert_eq!(told.cosigned_at.unwrap().timestamp() as u64, SECONDS);
    desk.stops().await;
    let outcome = desk.verifies_with(&key()).await;
    let Verification::Witnessed { cosigned, at, .. } = outcome else { panic!("{outcome:?}") };
    assert!(cosigned >= 9, "{cosigned}");
    assert_eq!(at.timestamp() as u64, SECONDS);
    let stranger = WitnessKey::new("example.org/witness", secret(6).verifying_key());
    assert_eq!(desk.verifies_with(&stranger).await.exit_code(), 2, "somebody else vouches for nothing");
}

async fn a_witness_that_lost_its_memory_or_the_answer_is_asked_again(scratch: Scratch) {
    let witness = Witness::opens(Manner::Honest);
    let desk = witness.watches(&scratch).await;
    desk.records(2).await;
    desk.is_checkpointed(2).await;
    desk.shows(|health| health.witness.as_ref().is_some_and(|witness| witness.size >= 2)).await;
    *witness.state.seen.lock().unwrap() = None;
    desk.publishes(&desk.writes(3)).await;
    desk.reaches(3).await;
    desk.is_checkpointed(3).await;
    desk.shows(|health| health.witness.as_ref().is_some_and(|witness| witness.size >= 3)).await;
    assert!(witness.saw() >= 3);
}

async fn a_ledger_that_was_rewritten_is_not_cosigned(scratch: Scratch) {
    let witness = Witness::opens(Manner::Honest);
    let desk = witness.watches(&scratch).await;
    let other = Checkpoint { origin: desk.key().name().to_owned(), size: 1, root: Digest::of(b"before") };
    *witness.state.seen.lock().unwrap() = Some(other);
    desk.records(3).await;
    desk.is_checkpointed(3).await;
    let health =
        desk.shows(|health| health.alarms.iter().any(|alarm| alarm.contains("another ledger"))).await;
    assert_eq!(health.witness.unwrap().size, 0);
}

async fn a_lying_witness_is_not_believed(scratch: Scratch) {
    let witness = Witness::opens(Manner::SignsAnother);
    let desk = witness.watches(&scratch).await;
    desk.records(2).await;
    desk.is_checkpointed(2).await;
    let lies = [
        (Manner::SignsAnother, "can't be believed"),
        (Manner::OtherKey, "can't be believed"),
        (Manner::SeenMore, "was set back"),
    ];
    for (manner, told) in lies {
        *witness.state.manner.lock().unwrap() = manner;
        *witness.state.seen.lock().unwrap() = None;
        let health = desk.shows(|health| health.alarms.iter().any(|alarm| alarm.contains(told))).await;
        assert_eq!(health.witness.unwrap().size, 0, "{manner:?}");
    }
    desk.stops().await;
    assert_eq!(desk.verifies_with(&key()).await.exit_code(), 2);
    assert_eq!(desk.verifies().await.exit_code(), 0, "the ledger itself is whole");
}

database::on_both_databases!(
    a_witness_cosigns_each_checkpoint_and_verification_says_so,
    a_witness_that_lost_its_memory_or_the_answer_is_asked_again,
    a_ledger_that_was_rewritten_is_not_cosigned,
    a_lying_witness_is_not_believed,
);
