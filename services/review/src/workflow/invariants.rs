//! What must hold of a case after each step of a walk: invariants I1 to I12 of a study's way, as far as a case can
//! break them, each by what it means here.
//!
//! - I1 what was acknowledged is kept: each saved signature stands in the case for good.
//! - I2 one release at most, and it never changes.
//! - I3 a release rests on two accepting signatures of two people over the case's digest.
//! - I4 nobody fills two slots; adjudicators are others than the first readers.
//! - I5 no act of one reader changes a byte of what another sees who holds a slot or signed.
//! - I6 each change is told by exactly one event, decided together with it.
//! - I7 what delivery loads stays the same from its release on.
//! - I8 no slot is held twice; a hold that ended carries no draft and no signature.
//! - I9 when faults end, so do conclusions (`World::quiesces`).
//! - I10 no event carries what a person typed.
//! - I11 signatures verify after the case was written down and read again.
//! - I12 a case ends, goes on, or stands where a person sees it.

use super::simulation::{CANARY, Decided, readers};
use super::*;
use crate::assign::{self, Reader};
use crate::blind;
use crate::case::Slot;
use crate::fixtures::{adjudicator, radiologist};
use crate::release::{self, Around};
use contract::review::{ReadContent, Verdict};
use contract::rollout::Stage;
use contract::{Actor, Digest, LoginSessionId, Role};
use std::collections::BTreeSet;

/// What was promised on the way, to be held against what is stored.
#[derive(Default)]
pub(super) struct Memory {
    acknowledged: Vec<SignedRead>,
    /// The digest of what delivery loads.
    released: Option<Digest>,
}

impl Memory {
    pub(super) fn of(case: &Case) -> Self {
        let acknowledged = case.reads.clone();
        Self { acknowledged, released: loaded_by_delivery(case) }
    }
}

fn loaded_by_delivery(case: &Case) -> Option<Digest> {
    let release = release::release(case)?;
    Some(Digest::of(&serde_json::to_vec(&release).expect("a release is plain data")))
}

/// Everything that must hold of what is stored.
pub(super) fn check(case: &Case, memory: &mut Memory, now: Time) {
    acknowledged_is_kept(case, memory);
    release_stands(case, memory);
    release_is_sound(case);
    people_are_different(case);
    slots_are_single(case, now);
    nothing_is_stuck(case, now);
}

/// What must hold between what was loaded and what is saved.
pub(super) fn saved(command: &Command, decided: &Decided, memory: &mut Memory) {
    told(&decided.decision);
    the_past_stays(decided);
    releases_on_what_stands(decided);
    if matches!(command, Command::WriteAddendum { .. }) {
        no_nearer_to_release(decided);
    }
    if let Some(actor) = reading(command) {
        others_see_the_same(actor, decided);
    }
    if let Command::Sign(signing) = command {
        let live = decided.before.lease_of(&signing.reader.user, decided.at);
        let lease = live.expect("only a live hold carries a signature");
        assert_eq!(signing.case_digest, decided.after.case_digest);
        let read = decided.after.read_of(&signing.reader.user).expect("what was acknowledged is there");
        assert_eq!(read.slot, lease.slot);
        memory.acknowledged.push(read.clone());
    }
    if let Command::SaveDraft { user, save } = command {
        assert!(decided.before.lease_of(user, decided.at).is_some(), "only a live hold carries a draft");
        let before = decided.before.draft_of(user).map_or(0, |draft| draft.version);
        assert_eq!(save.version, before, "a draft follows the one before it");
    }
}

/// Who acts as a reader.
fn reading(command: &Command) -> Option<&UserId> {
    match command {
        Command::Open { reader, .. } => Some(&reader.user),
        Command::GiveBack { user }
        | Command::SaveDraft { user, .. }
        | Command::Withdraw { user, .. }
        | Command::WriteAddendum { user, .. }
        | Command::Defer { user, .. } => Some(user),
        Command::Sign(signing) => Some(&signing.reader.user),
        _ => None,
    }
}

/// I3, at the moment of the release: whoever would not sign any more carries none.
fn releases_on_what_stands(decided: &Decided) {
    for change in &decided.decision.changes {
        let Change::Ended(Ending::Released { signers, .. }) = change else { continue };
        let stands = |signer| decided.before.read_of(signer).is_some_and(SignedRead::supports);
        assert!(signers.iter().all(stands), "a release rests on reads to which their readers stand");
    }
}

/// Clinical decision 2: what is written after a read never moves a case towards its release.
fn no_nearer_to_release(decided: &Decided) {
    let Decided { before, after, at, .. } = decided;
    let accepts =
        |outcome: &Outcome| matches!(outcome, Outcome::Release(_) | Outcome::Evaluated { accepted: true });
    let (was, is) = (outcome(before, *at), outcome(after, *at));
    // Two of those who still stand to their reads may carry it in the place of two others.
    assert!(!accepts(&is) || accepts(&was), "an addendum brought {was:?} to {is:?}");
}

/// I5. What was told to somebody already, as to who signed once the case is over, may go on.
fn others_see_the_same(actor: &UserId, decided: &Decided) {
    for other in readers().filter(|reader| reader.user != *actor) {
        let involved = decided.before.lease_of(&other.user, decided.at).is_some()
            || decided.before.read_of(&other.user).is_some();
        if !involved {
            continue;
        }
        let view = |case: &Case| blind::view(case, &as_actor(&other), decided.at);
        if view(&decided.before).is_some_and(|view| !view.reads.is_empty()) {
            continue;
        }
        let seen = |case: &Case| {
            let view = view(case);
            serde_json::to_vec(&view).expect("a case is plain data")
        };
        assert!(
            seen(&decided.before) == seen(&decided.after),
            "{actor} shows to {}: {decided:?}",
            other.user
        );
    }
}

fn as_actor(reader: &Reader) -> Actor {
    let roles = [Role::Radiologist, Role::Adjudicator];
    let roles = if reader.is_adjudicator { roles.to_vec() } else { roles[..1].to_vec() };
    let login = LoginSessionId::from_bits(1);
    let (username, printed_name) = (reader.user.to_string(), reader.user.to_string());
    Actor::Person { user: reader.user.clone(), username, printed_name, roles, login }
}

/// I6 and I10: the events are those of the changes, one each, and say nothing that a person typed.
pub(super) fn told(decision: &Decision) {
    let withdrawn = decision.changes.iter().any(|change| matches!(change, Change::ReadWithdrawn { .. }));
    let returned = decision.changes.iter().any(|change| matches!(change, Change::Returned));
    let recalled = decision.changes.iter().any(|change| matches!(change, Change::RecallConfirmed { .. }));
    let kind = |change: &Change| -> Option<&'static str> {
        match change {
            Change::LeaseTaken(_) => Some("case.leased"),
            Change::LeaseEnded { end: LeaseEnd::Signed, .. }
            | Change::LeaseRenewed { .. }
            | Change::DiscordanceLifted => None,
            Change::LeaseEnded { .. } => Some("lease.ended"),
            Change::DraftSaved(_) => (!withdrawn).then_some("draft.saved"),
            Change::ReadSigned(_) => Some("read.signed"),
            Change::ReadWithdrawn { .. } => Some("read.withdrawn"),
            Change::AddendumWritten { .. } => Some("addendum.written"),
            Change::ReadInvalidated { .. } => Some("signature.invalidated"),
            Change::FoundDiscordant => Some("case.discordant"),
            Change::PanelCalled => Some("case.panel_called"),
            Change::Sampled => Some("case.sampled"),
            Change::Held(hold) if hold.reason == HoldReason::Deferred => Some("case.deferred"),
            Change::Held(_) => Some("case.held"),
            Change::Resumed(_) => (!returned).then_some("case.resumed"),
            Change::Deferred(_) => Some("case.deferred"),
            Change::Returned => Some("case.returned"),
            Change::Ended(Ending::Released { .. }) => Some("case.released"),
            Change::Ended(Ending::Expired { .. }) => Some("case.expired"),
            Change::Ended(Ending::Rejected { .. }) => Some("ended"),
            Change::Ended(Ending::Evaluated { .. }) => Some("case.evaluated"),
            Change::PriorityChanged { .. } => Some("case.priority_changed"),
            Change::FoundOverdue => Some("case.overdue"),
            Change::Superseded => Some("case.superseded"),
            // For a whole selection it was told once.
            Change::RecallProposed(_) => (!recalled).then_some("case.recall_proposed"),
            Change::RecallConfirmed { .. } => Some("case.recalled"),
        }
    };
    let mut expected: Vec<&str> = decision.changes.iter().filter_map(kind).collect();
    let mut told: Vec<&str> = decision
        .events
        .iter()
        .map(|event| match event.kind() {
            "case.rejected" | "case.sample_read" => "ended",
            kind => kind,
        })
        .collect();
    expected.sort_unstable();
    told.sort_unstable();
    assert_eq!(told, expected, "{decision:?}");
    for event in &decision.events {
        let text = serde_json::to_string(event).expect("an event is plain data");
        assert!(!text.contains(CANARY), "an event carries what a person typed: {text}");
    }
}

/// I1.
fn acknowledged_is_kept(case: &Case, memory: &Memory) {
    for promised in &memory.acknowledged {
        let withdrawn = case.withdrawals.iter().map(|withdrawal| &withdrawal.read);
        let standing = case.reads.iter().chain(&case.invalidated);
        let kept = standing.chain(withdrawn).find(|read| read.id == promised.id);
        let kept = kept.expect("a signature that was acknowledged is kept");
        let essence =
            |read: &SignedRead| (read.slot, read.verdict, read.final_at, read.signature.content_digest);
        assert_eq!(essence(kept), essence(promised));
        assert_eq!(kept.content, promised.content);
    }
    let kept = case.reads.len() + case.withdrawals.len() + case.invalidated.len();
    assert_eq!(memory.acknowledged.len(), kept);
}

/// I2 and I7.
fn release_stands(case: &Case, memory: &mut Memory) {
    let released = loaded_by_delivery(case);
    assert!(memory.released.is_none() || memory.released == released, "a release changed");
    memory.released = released;
    let stopped = case.recall.is_some() || case.superseded_at.is_some() || released.is_none();
    assert!(!stopped || !release::check(case, Around::default()).may_send);
    assert!(
        !release::check(case, Around { investigated: true, ..Around::default() }).may_send
            && !release::check(case, Around { stage: Some(Stage::Suspended), ..Around::default() }).may_send
    );
}

/// I3.
fn release_is_sound(case: &Case) {
    let Some(Ending::Released { signers, at, .. }) = &case.ending else { return };
    assert_ne!(signers[0], signers[1]);
    for signer in signers {
        let read = case.read_of(signer).expect("a signer of the release signed a read");
        assert!(read.verdict.accepts() && read.signature.case_digest == case.case_digest);
        assert!(read.is_final(*at), "a release rests on final reads");
    }
    let critical = |slot| case.read_in(slot).is_some_and(SignedRead::is_critical_rejection);
    if Slot::FIRST_READS.into_iter().any(critical) {
        // Only two adjudicators overrule a critical rejection.
        let slots = signers.each_ref().map(|signer| case.read_of(signer).map(|read| read.slot));
        assert_eq!(slots, Slot::PANEL.map(Some));
    }
    // A passed time never accepts.
    assert!(case.is_clinical() && case.stage.is_clinical() && *at < case.expires_at());
}

/// I4.
fn people_are_different(case: &Case) {
    let signed = || case.reads.iter().chain(&case.invalidated);
    let people: BTreeSet<_> = signed().map(SignedRead::reader).collect();
    assert_eq!(people.len(), signed().count(), "whose signature does not count signs no other");
    let adjudicators: Vec<UserId> = readers().filter(|r| r.is_adjudicator).map(|r| r.user).collect();
    for read in &case.reads {
        assert_eq!(read.slot.is_adjudication(), adjudicators.contains(read.reader()));
        assert!(case.requester.as_ref() != Some(read.reader()) && !case.conflicted.contains(read.reader()));
    }
}

/// I8.
fn slots_are_single(case: &Case, now: Time) {
    for slot in Slot::ALL {
        let live = case.leases.iter().filter(|lease| lease.slot == slot && lease.is_live(now)).count();
        let filled =
            case.reads.iter().filter(|r| r.slot == slot && r.verdict != Verdict::CannotJudge).count();
        assert!(live <= 1 && filled <= 1, "{slot:?} is held {live} times and filled {filled} times");
    }
}

/// I12. What is no patient's ends by its own expiry at the latest.
fn nothing_is_stuck(case: &Case, now: Time) {
    let mut candidates =
        readers().chain([radiologist(90), radiologist(91), adjudicator(92), adjudicator(93)]);
    let can_go_on = case.is_over()
        || !case.is_clinical()
        || !case.stage.is_clinical()
        || !case.holds.is_empty()
        || outcome(case, now) != Outcome::Wait
        || case.leases.iter().any(|lease| lease.is_live(now))
        || case.reads.iter().any(|read| !read.is_final(now))
        || candidates.any(|reader| assign::slot_for(case, &reader, now).is_some());
    assert!(can_go_on, "stuck: {case:?}");
}

/// What was signed and how a case ended never change; a read goes only by being withdrawn before it is final.
fn the_past_stays(decided: &Decided) {
    let Decided { before, after, at, .. } = decided;
    for old in &before.reads {
        let kept = after.reads.iter().any(|new| new.id == old.id);
        let withdrawn = after.withdrawals.iter().any(|withdrawal| withdrawal.read.id == old.id);
        let invalidated = after.invalidated.iter().any(|read| read.id == old.id);
        let places = [kept, withdrawn, invalidated].into_iter().filter(|place| *place).count();
        assert_eq!(places, 1, "a signed read stands, is withdrawn or does not count");
        assert!(!withdrawn || *at < old.final_at, "a final read was withdrawn");
        assert!(!invalidated || !before.is_over(), "a signature was invalidated after the end");
    }
    assert!(before.invalidated.len() <= after.invalidated.len());
    assert!(before.withdrawals.len() <= after.withdrawals.len());
    assert!(before.ending.is_none() || before.ending == after.ending);
}

/// I11: what was written down and read again has the digest that the signature covers.
pub(super) fn after_a_restart(case: &Case) {
    let withdrawn = case.withdrawals.iter().map(|withdrawal| &withdrawal.read);
    for read in case.reads.iter().chain(&case.invalidated).chain(withdrawn) {
        let text = contract::canonical_json(&read.content);
        let again: ReadContent = serde_json::from_str(&text).expect("what was written can be read");
        assert_eq!(again.digest(), read.signature.content_digest);
        assert_eq!(read.signature.case_digest, case.case_digest);
    }
}
