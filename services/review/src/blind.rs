//! What an actor may see of a case. Every answer that carries a case is made here.
//!
//! A reader sees their own hold, draft and read, and whether they may take the case. What others did shows only
//! when it can't change anything any more: to a first reader when the case ended by its reads and no other case
//! of the same source can still be read, to an adjudicator when their own read is final. Other people's names
//! never show to readers. Quality and administrators see how far a case is, and its reads once the first reads
//! are final; as long as it is open, whoever may read sees it as a reader, whatever other roles they hold.
//! Coordinators see how far a case is, but neither a read nor whether reads differ. That a case is a sentinel or a
//! repeat shows to quality alone.

use crate::assign::{self, Reader};
use crate::case::{Case, Draft as OwnDraft, Ending, Kind, PriorityChange, Purpose, Recall, SignedRead};
use contract::review::{
    Availability, Case as CaseView, CaseKind, CaseState, Confirmable, Deferral, Draft, EndedHold, Hold,
    Lease, PriorityChange as PriorityChangeView, Read, Recall as RecallView,
};
use contract::{Actor, Digest, ReleaseId, Role, Time, UserId};

/// The case as `actor` may see it; `None` when there is nothing here for them.
pub fn view(case: &Case, actor: &Actor, now: Time) -> Option<CaseView> {
    let reader = Reader::of(actor);
    if oversees(case, actor, reader.as_ref()) {
        let quality = actor.has_role(Role::Quality);
        return Some(if quality {
            CaseView { kind: Some(kind_of(case)), ..overview(case, now) }
        } else {
            overview(case, now)
        });
    }
    if may_steer(case, actor) {
        return Some(coordinators_view(case, now));
    }
    readers_view(case, &reader?, now)
}

/// Whether the actor may see the derived pixels of the case: readers who hold or held a slot and are not too close to it,
/// while nothing holds the case back, quality, and administrators unless the run is a shadow run.
pub fn may_view_pixels(case: &Case, actor: &Actor) -> bool {
    if actor.has_role(Role::Quality) {
        return true;
    }
    let held_slot =
        actor.user().is_some_and(|user| case.was_held_by(user) && !case.conflicted.contains(user));
    let reads = Reader::of(actor).is_some() && held_slot && case.holds.is_empty();
    match case.purpose() {
        Some(Purpose::Clinical) => reads || actor.has_role(Role::Administrator),
        Some(Purpose::Evaluation) => reads,
        None => false,
    }
}

fn oversees(case: &Case, actor: &Actor, reader: Option<&Reader>) -> bool {
    let patients = case.stage.is_clinical() && case.is_clinical();
    let by_role = actor.has_role(Role::Quality) || (actor.has_role(Role::Administrator) && patients);
    by_role && !(reader.is_some() && may_still_be_read(case))
}

/// Whether the actor may know of every patient's case that it was released: who oversees or steers, and reads nothing.
pub fn knows_every_release(actor: &Actor) -> bool {
    let oversees = [Role::Quality, Role::Administrator, Role::Coordinator];
    Reader::of(actor).is_none() && oversees.into_iter().any(|role| actor.has_role(role))
}

fn may_still_be_read(case: &Case) -> bool {
    case.purpose().is_some() && (!case.is_over() || case.has_open_sample())
}

/// Whether the actor may hold the case back, let it go on and put it back into queues: coordinators and quality, as
/// long as they could not read it themselves.
pub fn may_steer(case: &Case, actor: &Actor) -> bool {
    let patients = case.stage.is_clinical() && case.is_clinical();
    let by_role = actor.has_role(Role::Coordinator) || actor.has_role(Role::Quality);
    patients && by_role && !(Reader::of(actor).is_some() && may_still_be_read(case))
}

/// What a coordinator sees: that reads differ would tell what was signed.
fn coordinators_view(case: &Case, now: Time) -> CaseView {
    let state = match case.state(now) {
        CaseState::Discordant | CaseState::Adjudicating => CaseState::Reading,
        state => state,
    };
    CaseView { state: Some(state), ..steered(case, now) }
}

/// What coordinators, quality and administrators see of what holds a case back.
fn steered(case: &Case, now: Time) -> CaseView {
    let hold = |hold: &crate::case::Hold| Hold {
        reason_code: hold.reason.as_str().to_owned(),
        reason: hold.words.clone(),
        placed_at: hold.placed_at,
    };
    let deferral = |deferral: &crate::case::Deferral| Deferral {
        reason: deferral.words.clone(),
        placed_at: deferral.placed_at,
    };
    CaseView {
        holds: case.holds.iter().map(hold).collect(),
        deferrals: case.deferrals.iter().map(deferral).collect(),
        priority_change: case.priority_change.as_ref().map(priority_change_view),
        recall: case.recall.as_ref().map(recall_view),
        lacks_readers: assign::lacks_readers(case, now),
        ..bare(case)
    }
}

fn priority_change_view(change: &PriorityChange) -> PriorityChangeView {
    PriorityChangeView { from: change.from, reason: change.words.clone(), changed_at: change.at }
}

fn recall_view(recall: &Recall) -> RecallView {
    RecallView {
        reason: recall.words.clone(),
        proposed_by: recall.proposed_by.clone(),
        proposed_at: recall.proposed_at,
        confirmed_by: recall.confirmed.as_ref().map(|(by, _)| by.clone()),
        confirmed_at: recall.confirmed.as_ref().map(|(_, at)| *at),
    }
}

fn kind_of(case: &Case) -> CaseKind {
    match case.kind {
        Kind::Clinical => CaseKind::Clinical,
        Kind::Sentinel { .. } => CaseKind::Sentinel,
        Kind::Repeat { .. } => CaseKind::Repeat,
    }
}

fn overview(case: &Case, now: Time) -> CaseView {
    let first_reads_met = case.discordant_at.is_some() || case.is_over();
    let shown =
        if first_reads_met { shuffled(case).map(|read| told(case, read, now)).collect() } else { Vec::new() };
    CaseView {
        state: Some(case.state(now)),
        reads: shown,
        release: release_of(case),
        needs_recall_evaluation: case.needs_recall_evaluation(),
        ..steered(case, now)
    }
}

fn readers_view(case: &Case, reader: &Reader, now: Time) -> Option<CaseView> {
    let purpose = case.purpose()?;
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
    let ended = matches!(
        state,
        Some(CaseState::Released | CaseState::Rejected | CaseState::Recalled | CaseState::Evaluated)
    );
    Some(CaseView {
        availability,
        is_model_hidden: purpose == Purpose::Evaluation && !own.is_some_and(|own| own.is_final(now)),
        state,
        lease: lease.map(|l| Lease { id: l.id.clone(), expires_at: l.expires_at }),
        draft: own.is_none().then(|| case.draft_of(user).map(draft_view)).flatten(),
        offered_draft: lease.and_then(|_| offered_draft(case, user)),
        confirmable: lease.and_then(|_| confirmable(case, user, now)),
        ended_hold: (own.is_none() && lease.is_none()).then(|| ended_hold(case, user, now)).flatten(),
        my_read: own.map(|read| told(case, read, now)),
        withdraw_until: own.filter(|own| may_withdraw(case, own, now)).map(|own| own.final_at),
        reads: own.map(|own| reads_for(case, own, now)).unwrap_or_default(),
        release: if ended { release_of(case) } else { None },
        ..bare(case)
    })
}

fn may_withdraw(case: &Case, own: &SignedRead, now: Time) -> bool {
    !own.is_final(now) && case.superseded_at.is_none()
}

/// The ending, to somebody who signed: while another case of the source can still be read it is not told, since
/// it would tell what others think of the same images. That of a sentinel or a repeat is never told.
fn ending_for(case: &Case, own: &SignedRead, now: Time) -> Option<CaseState> {
    let told = case.is_clinical() && !may_others_be_read(case, own.reader());
    let may_know = told && case.ending.is_some() && own.is_final(now);
    may_know.then(|| case.state(now))
}

/// Whether another case of the same source can still be read: a patient's by anybody, or one at shadow by this reader.
fn may_others_be_read(case: &Case, reader: &UserId) -> bool {
    case.kin.has_open_case || case.kin.evaluators.contains(reader)
}

fn reads_for(case: &Case, own: &SignedRead, now: Time) -> Vec<Read> {
    let adjudicated =
        own.slot.is_adjudication() && own.is_final(now) && !may_others_be_read(case, own.reader());
    let ended = ending_for(case, own, now).is_some();
    if !adjudicated && !ended {
        return Vec::new();
    }
    // Before the end an adjudicator sees what was final before the own read; a sample's third read shows to its
    // reader and to oversight only.
    let met = |read: &&SignedRead| {
        let decides = case.discordant_at.is_some() || !read.slot.is_adjudication();
        read.id != own.id && read.is_final(now) && decides && (ended || read.slot < own.slot)
    };
    let others = shuffled(case).filter(met);
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
        addenda: read.addenda.clone(),
    }
}

fn unnamed(case: &Case, read: &SignedRead, place: usize, now: Time) -> Read {
    const NAMES: [&str; 4] = ["Reader α", "Reader β", "Reader γ", "Reader δ"];
    let mut shown = told(case, read, now);
    let stand_in = Digest::of(format!("reader of {}", read.id).as_bytes()).leading_bits();
    shown.signature.signer = UserId::from_bits(stand_in);
    // A key is a person's as much as a name is.
    shown.signature.personal_key = None;
    NAMES.get(place).copied().unwrap_or("Reader").clone_into(&mut shown.signature.printed_name);
    shown
}

fn draft_view(draft: &OwnDraft) -> Draft {
    Draft { version: draft.version, content: draft.content.clone(), saved_at: draft.saved_at }
}

/// What the reader typed on a case that this one replaced, until something is typed here.
fn offered_draft(case: &Case, user: &UserId) -> Option<Draft> {
    if case.draft_of(user).is_some() {
        return None;
    }
    case.kin.drafts.iter().find(|draft| draft.reader == *user).map(draft_view)
}

/// The reader's own read on a case of the same images under the study's former identity.
fn confirmable(case: &Case, user: &UserId, now: Time) -> Option<Confirmable> {
    let former = case.former_read_of(user, now)?;
    let content = former.confirmed();
    Some(Confirmable {
        read: former.id.clone(),
        signed_at: former.signature.signed_at,
        content_digest: content.digest(),
        content,
    })
}

fn ended_hold(case: &Case, user: &UserId, now: Time) -> Option<EndedHold> {
    let last = case.leases.iter().rev().find(|lease| lease.reader == *user)?;
    let (end, ended_at) = last.end_without_read(now)?;
    Some(EndedHold { reason_code: end.as_str().to_owned(), ended_at })
}

fn release_of(case: &Case) -> Option<ReleaseId> {
    match &case.ending {
        Some(Ending::Released { release, .. }) => Some(release.clone()),
        _ => None,
    }
}

/// What everybody to whom the case shows at all may see.
fn bare(case: &Case) -> CaseView {
    let waiting = case.waiting();
    CaseView {
        id: case.id.clone(),
        run: case.run.clone(),
        series: case.series.clone(),
        study: case.study.clone(),
        model: case.model.clone(),
        deployment: case.deployment.clone(),
        is_model_hidden: false,
        stage: case.stage,
        case_digest: case.case_digest,
        priority: case.priority,
        queued_at: case.queued_at,
        escalates_at: waiting.escalates_at,
        due_at: waiting.due_at,
        expires_at: case.expires_at(),
        availability: Availability::Unavailable,
        state: None,
        lease: None,
        draft: None,
        offered_draft: None,
        confirmable: None,
        ended_hold: None,
        my_read: None,
        withdraw_until: None,
        reads: Vec::new(),
        release: None,
        kind: None,
        holds: Vec::new(),
        deferrals: Vec::new(),
        priority_change: None,
        recall: None,
        needs_recall_evaluation: false,
        lacks_readers: None,
    }
}

#[cfg(test)]
mod tests;
