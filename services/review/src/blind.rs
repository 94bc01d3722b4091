//! What an actor may see of a case. Every answer that carries a case is made here.
//!
//! A reader sees their own hold, draft and read, and whether they may take the case. What others did shows only
//! when it can't change anything any more: to a first reader when the case ended by its reads and no other case
//! of the same source can still be read, to an adjudicator when their own read is final. Other people's names
//! never show to readers. Quality and administrators see how far a case is, and its reads once the first reads
//! are final; as long as it is open, whoever may read sees it as a reader, whatever other roles they hold.

use crate::assign::{self, Reader};
use crate::case::{Case, Ending, SignedRead, Slot};
use contract::review::{Availability, Case as CaseView, CaseState, Draft, Lease, Read};
use contract::{Actor, Digest, ReleaseId, Role, Time, UserId};

/// The case as `actor` may see it; `None` when there is nothing here for them.
pub fn view(case: &Case, actor: &Actor, now: Time) -> Option<CaseView> {
    let reader = Reader::of(actor);
    if oversees(case, actor, reader.as_ref()) {
        return Some(overview(case, now));
    }
    readers_view(case, &reader?, now)
}

/// Whether the actor may see the derived pixels of the case: readers who hold or held a slot while nothing holds
/// the case back, quality, and administrators unless the run is a shadow run.
pub fn may_view_pixels(case: &Case, actor: &Actor) -> bool {
    if actor.has_role(Role::Quality) {
        return true;
    }
    let clinical = case.stage.is_clinical();
    let held_slot = actor.user().is_some_and(|user| case.was_held_by(user));
    let reads = Reader::of(actor).is_some() && held_slot && case.holds.is_empty();
    clinical && (reads || actor.has_role(Role::Administrator))
}

fn oversees(case: &Case, actor: &Actor, reader: Option<&Reader>) -> bool {
    let by_role =
        actor.has_role(Role::Quality) || (actor.has_role(Role::Administrator) && case.stage.is_clinical());
    let may_still_read = case.stage.is_clinical() && !case.is_over();
    by_role && !(reader.is_some() && may_still_read)
}

fn overview(case: &Case, now: Time) -> CaseView {
    let first_reads_met = case.discordant_at.is_some() || case.is_over();
    let shown =
        if first_reads_met { shuffled(case).map(|read| told(case, read, now)).collect() } else { Vec::new() };
    CaseView {
        availability: Availability::Unavailable,
        state: Some(case.state(now)),
        lease: None,
        draft: None,
        my_read: None,
        reads: shown,
        release: release_of(case),
        ..bare(case)
    }
}

fn readers_view(case: &Case, reader: &Reader, now: Time) -> Option<CaseView> {
    if !case.stage.is_clinical() {
        return None;
    }
    let user = &reader.user;
    let own = case.read_of(user);
    let lease = case.lease_of(user, now);
    let availability = if own.is_some() {
        Availability::Signed
    } else if lease.is_some() {
        Availability::Mine
    } else if assign::slot_for(case, reader, now).is_some() {
        Availability::Available
    } else if case.was_held_by(user) {
        Availability::Unavailable
    } else {
        return None;
    };
    let state = own.and_then(|own| ending_for(case, own, now)).or_else(|| {
        let involved = own.is_some() || case.was_held_by(user);
        let replaced = case.superseded_at.is_some() && case.ending.is_none();
        (involved && replaced).then_some(CaseState::Superseded)
    });
    let ended = matches!(state, Some(CaseState::Released | CaseState::Rejected));
    Some(CaseView {
        availability,
        state,
        lease: lease.map(|l| Lease { id: l.id.clone(), expires_at: l.expires_at }),
        draft: own.is_none().then(|| own_draft(case, user)).flatten(),
        my_read: own.map(|read| told(case, read, now)),
        reads: own.map(|own| reads_for(case, own, now)).unwrap_or_default(),
        release: if ended { release_of(case) } else { None },
        ..bare(case)
    })
}

/// The ending, to somebody who signed: while another case of the source can still be read it is not told, since
/// it would tell what others think of the same images.
fn ending_for(case: &Case, own: &SignedRead, now: Time) -> Option<CaseState> {
    let may_know = case.ending.is_some() && own.is_final(now) && !case.kin.has_open_case;
    may_know.then(|| case.state(now))
}

fn reads_for(case: &Case, own: &SignedRead, now: Time) -> Vec<Read> {
    let decided = own.slot == Slot::Third && own.is_final(now) && !case.kin.has_open_case;
    if !decided && ending_for(case, own, now).is_none() {
        return Vec::new();
    }
    let others = shuffled(case).filter(|read| read.id != own.id);
    others.enumerate().map(|(place, read)| unnamed(case, read, place, now)).collect()
}

/// Reads in an order that is the same each time and says nothing: that of the digest of their random ids.
fn shuffled(case: &Case) -> impl Iterator<Item = &SignedRead> {
    let mut reads: Vec<&SignedRead> = case.reads.iter().collect();
    reads.sort_by_key(|read| Digest::of(read.id.as_str().as_bytes()));
    reads.into_iter()
}

/// A read with everything that was signed.
pub(crate) fn told(case: &Case, read: &SignedRead, now: Time) -> Read {
    Read {
        id: read.id.clone(),
        case: case.id.clone(),
        content: read.content.clone(),
        signature: read.signature.clone(),
        is_final: read.is_final(now),
    }
}

fn unnamed(case: &Case, read: &SignedRead, place: usize, now: Time) -> Read {
    const NAMES: [&str; 4] = ["Reader α", "Reader β", "Reader γ", "Reader δ"];
    let mut shown = told(case, read, now);
    let stand_in = Digest::of(format!("reader of {}", read.id).as_bytes()).leading_bits();
    shown.signature.signer = UserId::from_bits(stand_in);
    NAMES.get(place).copied().unwrap_or("Reader").clone_into(&mut shown.signature.printed_name);
    shown
}

fn own_draft(case: &Case, user: &UserId) -> Option<Draft> {
    case.draft_of(user).map(|draft| Draft {
        version: draft.version,
        content: draft.content.clone(),
        saved_at: draft.saved_at,
    })
}

fn release_of(case: &Case) -> Option<ReleaseId> {
    match &case.ending {
        Some(Ending::Released { release, .. }) => Some(release.clone()),
        _ => None,
    }
}

/// What everybody to whom the case shows at all may see.
fn bare(case: &Case) -> CaseView {
    CaseView {
        id: case.id.clone(),
        run: case.run.clone(),
        series: case.series.clone(),
        study: case.study.clone(),
        model: case.model.clone(),
        deployment: case.deployment.clone(),
        stage: case.stage,
        case_digest: case.case_digest,
        queued_at: case.queued_at,
        availability: Availability::Unavailable,
        state: None,
        lease: None,
        draft: None,
        my_read: None,
        reads: Vec::new(),
        release: None,
    }
}

#[cfg(test)]
mod tests;
