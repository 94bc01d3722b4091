//! What readers do with a case.

use super::refusal::{
    already_signed, draft_conflict, lease_ended, read_final, read_not_final, too_many_addenda, unavailable,
};
use super::{Change, Decision};
use crate::assign::{self, Reader};
use crate::case::{Case, Deferral, Draft, Lease, LeaseEnd, SignedRead};
use crate::sign::{self, Signing};
use chrono::TimeDelta;
use contract::event::AddendumWritten;
use contract::review::{ADDENDA_MAX, Addendum, ReadContent, SaveDraft, Stance};
use contract::{Digest, Event, LeaseId, Refusal, Time, UserId};

pub(super) fn open(case: &Case, reader: &Reader, id: &LeaseId, now: Time) -> Result<Decision, Refusal> {
    let mut decision = Decision::default();
    if let Some(held) = case.lease_of(&reader.user, now) {
        decision.changes.push(renewal(case, held, now));
        return Ok(decision);
    }
    let slot = assign::slot_for(case, reader, now).ok_or_else(unavailable)?;
    let lease = assign::lease(&case.policy, id.clone(), slot, reader.user.clone(), now);
    decision.events.push(Event::CaseLeased { case: case.id.clone(), lease: lease.id.clone() });
    decision.changes.push(Change::LeaseTaken(lease));
    Ok(decision)
}

fn renewal(case: &Case, lease: &Lease, now: Time) -> Change {
    // A hold that was extended by an outage is not cut by the cap that was counted from when it was taken.
    let expires_at = assign::expiry(&case.policy, lease.taken_at, now).max(lease.expires_at);
    Change::LeaseRenewed { lease: lease.id.clone(), expires_at }
}

pub(super) fn give_back(case: &Case, user: &UserId) -> Decision {
    Decision::ending_leases(case, LeaseEnd::GivenBack, |lease| {
        lease.reader == *user && lease.ended_at.is_none()
    })
}

pub(super) fn save_draft(
    case: &Case,
    user: &UserId,
    save: &SaveDraft,
    now: Time,
) -> Result<Decision, Refusal> {
    let lease = own_lease(case, user, now)?;
    sign::check_limits(&save.content)?;
    let stored = case.draft_of(user).map_or(0, |draft| draft.version);
    if save.version != stored {
        return Err(draft_conflict(save.version, stored));
    }
    let version = stored.checked_add(1).ok_or_else(|| draft_conflict(save.version, stored))?;
    let content = save.content.clone();
    let event = Event::DraftSaved { case: case.id.clone(), version, content: content.digest() };
    let draft = Draft { reader: user.clone(), version, content, saved_at: now };
    Ok(Decision { events: vec![event], changes: vec![Change::DraftSaved(draft), renewal(case, lease, now)] })
}

pub(super) fn sign(case: &Case, signing: &Signing, now: Time) -> Result<Decision, Refusal> {
    let lease = own_lease(case, &signing.reader.user, now)?;
    if !assign::may_sign(case, &signing.reader, lease.slot, now) {
        return Err(sign::not_entitled());
    }
    if signing.subject != case.id.as_str() {
        return Err(sign::wrong_subject());
    }
    if signing.case_digest != case.case_digest {
        return Err(sign::digest_mismatch());
    }
    sign::check_confirmed(case, signing, now)?;
    let verdict = sign::check_content(case, signing)?;
    let read = SignedRead {
        id: signing.read.clone(),
        slot: lease.slot,
        verdict,
        content: signing.content.clone(),
        signature: signing.signature(verdict, now),
        final_at: now + TimeDelta::minutes(i64::from(case.policy.finalisation_minutes)),
        addenda: Vec::new(),
    };
    let mut decision = Decision::default();
    decision.events.push(Event::ReadSigned {
        case: case.id.clone(),
        read: read.id.clone(),
        signature: read.signature.id.clone(),
        verdict,
        case_digest: case.case_digest,
        viewing: read.content.viewing.clone(),
    });
    decision.changes.push(Change::ReadSigned(Box::new(read)));
    decision.end_lease(case, lease, LeaseEnd::Signed);
    Ok(decision)
}

/// Takes the own read back. What was signed is kept as it was, and what was typed becomes the reader's draft: what was
/// displayed counts for that signature only.
pub(super) fn withdraw(case: &Case, user: &UserId, reason: &str, now: Time) -> Result<Decision, Refusal> {
    let read = case.read_of(user).ok_or_else(unavailable)?;
    // Reads that were found to differ were final then, also where a clock has gone back since.
    let was_compared = case.discordant_at.is_some() && !read.slot.is_adjudication();
    if read.is_final(now) || was_compared || case.superseded_at.is_some() {
        return Err(read_final());
    }
    let words = sign::check_reason(reason)?;
    let version = case.draft_of(user).map_or(0, |draft| draft.version).saturating_add(1);
    let content = ReadContent { viewing: None, ..read.content.clone() };
    let draft = Draft { reader: user.clone(), version, content, saved_at: now };
    let event = Event::ReadWithdrawn {
        case: case.id.clone(),
        read: read.id.clone(),
        reason: Digest::of(words.as_bytes()),
    };
    let withdrawn = Change::ReadWithdrawn { read: read.id.clone(), words };
    Ok(Decision { events: vec![event], changes: vec![withdrawn, Change::DraftSaved(draft)] })
}

/// Adds to the own final read, whatever became of the case meanwhile: that may not be told. Nothing of what was signed
/// changes, and it brings no case nearer to its release (clinical decision 2).
pub(super) fn write_addendum(
    case: &Case,
    user: &UserId,
    stance: Stance,
    words: &str,
    now: Time,
) -> Result<Decision, Refusal> {
    let read = case.read_of(user).ok_or_else(unavailable)?;
    if !read.is_final(now) {
        return Err(read_not_final());
    }
    let words = sign::check_reason(words)?;
    if read.addenda.len() >= ADDENDA_MAX {
        return Err(too_many_addenda());
    }
    let event = Event::AddendumWritten(AddendumWritten {
        case: case.id.clone(),
        read: read.id.clone(),
        stance,
        reason: Digest::of(words.as_bytes()),
    });
    let addendum = Addendum { stance, words, written_at: now };
    Ok(Decision::of(event, Change::AddendumWritten { read: read.id.clone(), addendum }))
}

/// Frees the reader's slot (clinical decision 2): the others go on, and the case comes back to this reader only when
/// a coordinator returns it.
pub(super) fn defer(case: &Case, user: &UserId, reason: &str, now: Time) -> Result<Decision, Refusal> {
    let lease = own_lease(case, user, now)?;
    let words = sign::check_reason(reason)?;
    let mut decision = Decision::default();
    decision.events.push(Event::CaseDeferred { case: case.id.clone(), reason_code: "reader".to_owned() });
    decision.changes.push(Change::Deferred(Deferral { reader: user.clone(), words, placed_at: now }));
    decision.end_lease(case, lease, LeaseEnd::Deferred);
    Ok(decision)
}

/// The reader's live hold, or why there is none, told from the reader's own doings alone.
fn own_lease<'c>(case: &'c Case, user: &UserId, now: Time) -> Result<&'c Lease, Refusal> {
    if case.read_of(user).is_some() {
        return Err(already_signed());
    }
    let last = case.leases.iter().rev().find(|lease| lease.reader == *user);
    match case.lease_of(user, now) {
        // What came too late can't be signed, even before the case is ended for it.
        Some(_) if now >= case.expires_at() => Err(lease_ended(Some(LeaseEnd::CaseExpired))),
        Some(lease) => Ok(lease),
        None if last.is_some() => {
            Err(lease_ended(last.and_then(|lease| lease.end_without_read(now)).map(|(end, _)| end)))
        }
        None => Err(unavailable()),
    }
}
