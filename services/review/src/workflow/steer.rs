//! What coordinators, quality and other services do with a case.

use super::refusal::{
    adjudicated, case_over, invalidation_needs_another, not_held, not_released, not_signed, recall_known,
    recall_not_proposed, recall_same_person, same_priority,
};
use super::{Change, Decision, SelectedRecall, apply};
use crate::case::{Case, Ending, Hold, HoldReason, LeaseEnd, PriorityChange, Recall};
use crate::sign;
use contract::{Digest, Event, Priority, Refusal, Time, UserId};

/// Holds the case back for a reason that no person gave.
pub(super) fn hold(case: &Case, reason: HoldReason, now: Time) -> Decision {
    let hold = Hold { reason, by: None, words: String::new(), placed_at: now };
    if case.is_over() || case.is_held_for(reason) { Decision::default() } else { held(case, hold) }
}

pub(super) fn hold_by_hand(
    case: &Case,
    reason: HoldReason,
    by: &UserId,
    words: &str,
    now: Time,
) -> Result<Decision, Refusal> {
    let words = sign::check_reason(words)?;
    if case.is_over() {
        return Err(case_over());
    }
    if case.is_held_for(reason) {
        return Ok(Decision::default());
    }
    Ok(held(case, Hold { reason, by: Some(by.clone()), words, placed_at: now }))
}

fn held(case: &Case, hold: Hold) -> Decision {
    let mut decision = Decision::ending_leases(case, LeaseEnd::Held, |lease| lease.ended_at.is_none());
    decision.events.push(match hold.reason {
        HoldReason::Deferred => {
            Event::CaseDeferred { case: case.id.clone(), reason_code: "coordinator".to_owned() }
        }
        reason => Event::CaseHeld { case: case.id.clone(), reason_code: reason.as_str().to_owned() },
    });
    decision.changes.push(Change::Held(hold));
    decision
}

pub(super) fn resume(case: &Case, reason: HoldReason) -> Decision {
    if case.is_over() || !case.is_held_for(reason) {
        return Decision::default();
    }
    Decision::of(Event::CaseResumed { case: case.id.clone() }, Change::Resumed(reason))
}

pub(super) fn resume_by_hand(case: &Case) -> Result<Decision, Refusal> {
    let decision = resume(case, HoldReason::Coordinator);
    if decision.is_empty() { Err(not_held()) } else { Ok(decision) }
}

/// A signature is found not to count: the signer's credential was not valid, a conflict of interest came out, or the
/// account was not in its owner's hands. Its slot is open again, to somebody else. It takes two people, since a
/// rejection may go this way too: one holds the case, the other invalidates.
pub(super) fn invalidate(
    case: &Case,
    signer: &UserId,
    by: &UserId,
    words: &str,
) -> Result<Decision, Refusal> {
    let words = sign::check_reason(words)?;
    if case.is_over() {
        return Err(case_over());
    }
    let is_held_by_another = case.holds.iter().any(|hold| {
        hold.reason == HoldReason::Coordinator && hold.by.as_ref().is_some_and(|holder| holder != by)
    });
    if signer == by || !is_held_by_another {
        return Err(invalidation_needs_another());
    }
    let read = case.read_of(signer).ok_or_else(not_signed)?;
    // An adjudicator who has signed may have seen it.
    if case.reads.iter().any(|other| other.slot.is_adjudication() && other.slot > read.slot) {
        return Err(adjudicated());
    }
    let reason = Digest::of(words.as_bytes());
    let mut decision = Decision::of(
        Event::SignatureInvalidated {
            case: case.id.clone(),
            read: read.id.clone(),
            signature: read.signature.id.clone(),
            reason,
        },
        Change::ReadInvalidated { read: read.id.clone(), by: by.clone(), words },
    );
    if !read.slot.is_adjudication() && case.discordant_at.is_some() {
        decision.changes.push(Change::DiscordanceLifted);
    }
    Ok(decision)
}

/// Puts a deferred case back into every queue, also into those of the readers who put it off.
pub(super) fn return_case(case: &Case) -> Result<Decision, Refusal> {
    let deferred = case.is_held_for(HoldReason::Deferred);
    if case.is_over() || (!deferred && case.deferrals.is_empty()) {
        return Err(not_held());
    }
    let mut decision = Decision::default();
    decision.events.push(Event::CaseReturned { case: case.id.clone() });
    decision.changes.push(Change::Returned);
    if deferred {
        decision.changes.push(Change::Resumed(HoldReason::Deferred));
    }
    Ok(decision)
}

pub(super) fn revoke(case: &Case, words: &str, now: Time) -> Result<Decision, Refusal> {
    sign::check_reason(words)?;
    Ok(Decision::ending_leases(case, LeaseEnd::Revoked, |lease| lease.is_live(now)))
}

/// Says how soon the case is wanted. It changes when the case is due and where it stands in worklists, for every reader
/// alike; who may read it, what is signed and when it expires stay as they are.
pub(super) fn change_priority(
    case: &Case,
    priority: Priority,
    by: &UserId,
    words: &str,
    now: Time,
) -> Result<Decision, Refusal> {
    let words = sign::check_reason(words)?;
    if case.is_over() {
        return Err(case_over());
    }
    if case.priority == priority {
        return Err(same_priority());
    }
    let event = Event::CasePriorityChanged {
        case: case.id.clone(),
        from: case.priority,
        to: priority,
        reason: Digest::of(words.as_bytes()),
    };
    let change = PriorityChange { from: case.priority, by: by.clone(), words, at: now };
    Ok(Decision::of(event, Change::PriorityChanged { to: priority, change }))
}

/// Tells coordinators of a case that should have ended by now. A passed time never accepts, and changes nothing else.
pub(super) fn note_overdue(case: &Case, now: Time) -> Decision {
    let waits = case.is_clinical() && case.stage.is_clinical() && !case.is_over();
    if !waits || case.overdue_at.is_some() || now < case.due_at() {
        return Decision::default();
    }
    let event = Event::CaseOverdue { case: case.id.clone(), priority: case.priority };
    Decision::of(event, Change::FoundOverdue)
}

/// A released case stays released; that its source changed is kept, stops what was not sent yet, and asks whether
/// it should be recalled.
pub(super) fn supersede(case: &Case) -> Decision {
    let ended_unreleased = case.ending.as_ref().is_some_and(|end| !matches!(end, Ending::Released { .. }));
    if case.superseded_at.is_some() || (ended_unreleased && !case.has_open_sample()) {
        return Decision::default();
    }
    let mut decision = Decision::ending_leases(case, LeaseEnd::Superseded, |lease| lease.ended_at.is_none());
    decision.events.push(Event::CaseSuperseded { case: case.id.clone() });
    decision.changes.push(Change::Superseded);
    decision
}

pub(super) fn propose_recall(case: &Case, by: &UserId, words: &str, now: Time) -> Result<Decision, Refusal> {
    let words = sign::check_reason(words)?;
    if !matches!(case.ending, Some(Ending::Released { .. })) {
        return Err(not_released());
    }
    if case.recall.is_some() {
        return Err(recall_known());
    }
    let recall = Recall { words, proposed_by: by.clone(), proposed_at: now, confirmed: None };
    let event = Event::RecallProposed { case: case.id.clone() };
    Ok(Decision::of(event, Change::RecallProposed(recall)))
}

pub(super) fn confirm_recall(case: &Case, by: &UserId) -> Result<Decision, Refusal> {
    let Some(Ending::Released { release, .. }) = &case.ending else { return Err(not_released()) };
    let recall = case.recall.as_ref().filter(|recall| recall.confirmed.is_none());
    let recall = recall.ok_or_else(recall_not_proposed)?;
    if recall.proposed_by == *by {
        return Err(recall_same_person());
    }
    let mut decision = Decision::ending_leases(case, LeaseEnd::Held, |lease| lease.ended_at.is_none());
    decision.events.push(Event::CaseRecalled { case: case.id.clone(), release: release.clone() });
    decision.changes.push(Change::RecallConfirmed { by: by.clone() });
    Ok(decision)
}

/// Both steps of a recall at once, each as if the case had been recalled alone. That it was proposed is told once, for
/// the whole selection.
pub(super) fn recall_selected(case: &Case, recall: &SelectedRecall) -> Result<Decision, Refusal> {
    let SelectedRecall { words, proposed_by, proposed_at, confirmed_by } = recall;
    let proposed = propose_recall(case, proposed_by, words, *proposed_at)?;
    let mut standing = case.clone();
    for change in &proposed.changes {
        apply(&mut standing, change, *proposed_at);
    }
    let mut decision = confirm_recall(&standing, confirmed_by)?;
    decision.changes.splice(0..0, proposed.changes);
    Ok(decision)
}
