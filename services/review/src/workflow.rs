//! The life of a case: `decide(case, command, now)` gives what happens, or why it doesn't.
//!
//! A function of values. It is what the tests walk through at random, and the only place that moves a case.

use crate::assign::{self, Reader};
use crate::case::{Case, Draft, Ending, HoldReason, Lease, LeaseEnd, SignedRead, Slot};
use crate::concord::{self, Concord};
use crate::sign::{self, Signing};
use chrono::TimeDelta;
use contract::review::SaveDraft;
use contract::{Event, LeaseId, Refusal, ReleaseId, Time, UserId};

/// What somebody, or time, wants of a case.
#[derive(Debug, Clone)]
pub enum Command {
    /// Takes a slot, or renews the hold on it.
    Open {
        /// Who.
        reader: Reader,
        /// The id a new hold gets.
        lease: LeaseId,
    },
    /// Ends the reader's hold because the reader opened another case.
    GiveBack {
        /// Who.
        user: UserId,
    },
    /// Saves a private draft, which also renews the hold.
    SaveDraft {
        /// Who.
        user: UserId,
        /// What was typed, and after which version.
        save: SaveDraft,
    },
    /// Signs a read.
    Sign(Box<Signing>),
    /// Ends the holds that lapsed.
    EndLapsedLeases,
    /// Draws the conclusion from final reads.
    Settle {
        /// Whether rollout lets a release be written now.
        may_release: bool,
        /// The id a release gets.
        release: ReleaseId,
    },
    /// Stops everything until the reason ends.
    Hold(HoldReason),
    /// The reason for a hold ended.
    Resume(HoldReason),
    /// A newer source set or run took the place of this one.
    Supersede,
}

/// One change of the facts about a case.
#[derive(Debug, Clone)]
pub enum Change {
    /// A slot is held.
    LeaseTaken(Lease),
    /// A hold saw activity.
    LeaseRenewed {
        /// The hold.
        lease: LeaseId,
        /// When it lapses now.
        expires_at: Time,
    },
    /// A hold ended.
    LeaseEnded {
        /// The hold.
        lease: LeaseId,
        /// Why.
        end: LeaseEnd,
    },
    /// A draft was saved over the one before it.
    DraftSaved(Draft),
    /// A read was signed.
    ReadSigned(Box<SignedRead>),
    /// The first reads differ.
    FoundDiscordant,
    /// Something holds the case back.
    Held(HoldReason),
    /// That ended.
    Resumed(HoldReason),
    /// The reads ended the case.
    Ended(Ending),
    /// A newer run took its place.
    Superseded,
}

/// What happens: the facts to tell and the facts to store, in one transaction.
#[derive(Debug, Clone, Default)]
pub struct Decision {
    /// To the outbox.
    pub events: Vec<Event>,
    /// To the tables.
    pub changes: Vec<Change>,
}

impl Decision {
    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.events.is_empty() && self.changes.is_empty()
    }

    fn end_lease(&mut self, case: &Case, lease: &Lease, end: LeaseEnd) {
        self.changes.push(Change::LeaseEnded { lease: lease.id.clone(), end });
        if end != LeaseEnd::Signed {
            self.events.push(Event::LeaseEnded {
                case: case.id.clone(),
                lease: lease.id.clone(),
                reason_code: end.as_str().to_owned(),
            });
        }
    }
}

/// Decides what a command comes to. Times are the caller's.
///
/// # Errors
/// A refusal that differs only by what the actor did and may know, never by what other readers did.
pub fn decide(case: &Case, command: &Command, now: Time) -> Result<Decision, Refusal> {
    match command {
        Command::Open { reader, lease } => open(case, reader, lease, now),
        Command::GiveBack { user } => Ok(give_back(case, user)),
        Command::SaveDraft { user, save } => save_draft(case, user, save, now),
        Command::Sign(signing) => sign(case, signing, now),
        Command::EndLapsedLeases => Ok(end_leases(case, LeaseEnd::Expired, |lease| lease.is_lapsed(now))),
        Command::Settle { may_release, release } => Ok(settle(case, *may_release, release, now)),
        Command::Hold(reason) => Ok(hold(case, *reason)),
        Command::Resume(reason) => Ok(resume(case, *reason)),
        Command::Supersede => Ok(supersede(case)),
    }
}

/// The case after a change.
pub fn apply(case: &mut Case, change: &Change, now: Time) {
    match change {
        Change::LeaseTaken(lease) => case.leases.push(lease.clone()),
        Change::LeaseRenewed { lease, expires_at } => {
            for held in case.leases.iter_mut().filter(|held| held.id == *lease) {
                held.expires_at = *expires_at;
            }
        }
        Change::LeaseEnded { lease, .. } => {
            for held in case.leases.iter_mut().filter(|held| held.id == *lease) {
                held.ended_at = Some(now);
            }
        }
        Change::DraftSaved(draft) => {
            case.drafts.retain(|known| known.reader != draft.reader);
            case.drafts.push(draft.clone());
        }
        Change::ReadSigned(read) => case.reads.push(read.as_ref().clone()),
        Change::FoundDiscordant => case.discordant_at = Some(now),
        Change::Held(reason) => case.holds.push(*reason),
        Change::Resumed(reason) => case.holds.retain(|held| held != reason),
        Change::Ended(ending) => case.ending = Some(ending.clone()),
        Change::Superseded => case.superseded_at = Some(now),
    }
}

fn open(case: &Case, reader: &Reader, id: &LeaseId, now: Time) -> Result<Decision, Refusal> {
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
    let expires_at = assign::expiry(&case.policy, lease.taken_at, now);
    Change::LeaseRenewed { lease: lease.id.clone(), expires_at }
}

fn give_back(case: &Case, user: &UserId) -> Decision {
    end_leases(case, LeaseEnd::GivenBack, |lease| lease.reader == *user && lease.ended_at.is_none())
}

fn end_leases(case: &Case, end: LeaseEnd, wanted: impl Fn(&Lease) -> bool) -> Decision {
    let mut decision = Decision::default();
    for lease in case.leases.iter().filter(|lease| wanted(lease)) {
        decision.end_lease(case, lease, end);
    }
    decision
}

fn save_draft(case: &Case, user: &UserId, save: &SaveDraft, now: Time) -> Result<Decision, Refusal> {
    let lease = own_lease(case, user, now)?;
    sign::check_limits(&save.content)?;
    let stored = case.draft_of(user).map_or(0, |draft| draft.version);
    if save.version != stored {
        return Err(draft_conflict(save.version, stored));
    }
    let version = stored.checked_add(1).ok_or_else(|| draft_conflict(save.version, stored))?;
    let content = save.content.clone();
    let event = Event::DraftSaved { case: case.id.clone(), version, content: sign::content_digest(&content) };
    let draft = Draft { reader: user.clone(), version, content, saved_at: now };
    Ok(Decision { events: vec![event], changes: vec![Change::DraftSaved(draft), renewal(case, lease, now)] })
}

fn sign(case: &Case, signing: &Signing, now: Time) -> Result<Decision, Refusal> {
    let lease = own_lease(case, &signing.user, now)?;
    if signing.subject != case.id.as_str() {
        return Err(sign::wrong_subject());
    }
    if signing.case_digest != case.case_digest {
        return Err(sign::digest_mismatch());
    }
    let verdict = sign::check_content(case, &signing.content)?;
    let read = SignedRead {
        id: signing.read.clone(),
        slot: lease.slot,
        verdict,
        content: signing.content.clone(),
        signature: signing.signature(verdict, now),
        final_at: now + TimeDelta::minutes(i64::from(case.policy.finalisation_minutes)),
    };
    let mut decision = Decision::default();
    decision.events.push(Event::ReadSigned {
        case: case.id.clone(),
        read: read.id.clone(),
        signature: read.signature.id.clone(),
        verdict,
        case_digest: case.case_digest,
    });
    decision.changes.push(Change::ReadSigned(Box::new(read)));
    decision.end_lease(case, lease, LeaseEnd::Signed);
    Ok(decision)
}

/// The reader's live hold, or why there is none, told from the reader's own doings alone.
fn own_lease<'c>(case: &'c Case, user: &UserId, now: Time) -> Result<&'c Lease, Refusal> {
    if case.read_of(user).is_some() {
        return Err(already_signed());
    }
    match case.lease_of(user, now) {
        Some(lease) => Ok(lease),
        None if case.was_held_by(user) => Err(lease_ended()),
        None => Err(unavailable()),
    }
}

/// What the final reads of a case come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing yet.
    Wait,
    /// A third read is wanted.
    Discordant,
    /// It may be released, resting on these two signatures.
    Release([UserId; 2]),
    /// It ends unreleased.
    Reject,
}

/// Computes what the final reads come to. A silent reader, a lapsed hold or a passed time never accepts.
///
/// A critical rejection is overruled only by two adjudicators; a case has one, so such a case ends unreleased.
pub fn outcome(case: &Case, now: Time) -> Outcome {
    let undecided = case.is_over() || !case.holds.is_empty();
    if undecided || !case.reads.iter().all(|read| read.is_final(now)) {
        return Outcome::Wait;
    }
    if case.cannot_judge_count() >= 2 {
        let at_work = case.leases.iter().any(|lease| lease.is_live(now));
        return if at_work { Outcome::Wait } else { Outcome::Reject };
    }
    let (Some(first), Some(second)) = (case.read_in(Slot::First), case.read_in(Slot::Second)) else {
        return Outcome::Wait;
    };
    if case.discordant_at.is_some() {
        return case.read_in(Slot::Third).map_or(Outcome::Wait, |third| third_read([first, second], third));
    }
    match concord::compare(&first.content, &second.content) {
        Concord::Accept => Outcome::Release([first.reader().clone(), second.reader().clone()]),
        Concord::Reject => Outcome::Reject,
        Concord::Discordant => Outcome::Discordant,
    }
}

fn third_read(first: [&SignedRead; 2], third: &SignedRead) -> Outcome {
    let supporter = first.iter().find(|read| read.verdict.accepts());
    let barred = first.iter().any(|read| read.is_critical_rejection());
    match supporter {
        Some(read) if third.verdict.accepts() && !barred => {
            Outcome::Release([read.reader().clone(), third.reader().clone()])
        }
        _ => Outcome::Reject,
    }
}

fn settle(case: &Case, may_release: bool, release: &ReleaseId, now: Time) -> Decision {
    let id = case.id.clone();
    match outcome(case, now) {
        Outcome::Wait => Decision::default(),
        Outcome::Discordant => Decision {
            events: vec![Event::CaseDiscordant { case: id }],
            changes: vec![Change::FoundDiscordant],
        },
        Outcome::Release(_) if !may_release => hold(case, HoldReason::DeploymentStage),
        Outcome::Release(signers) => Decision {
            events: vec![Event::CaseReleased {
                case: id,
                release: release.clone(),
                deployment: case.deployment.clone(),
            }],
            changes: vec![Change::Ended(Ending::Released { release: release.clone(), signers, at: now })],
        },
        Outcome::Reject => Decision {
            events: vec![Event::CaseRejected { case: id }],
            changes: vec![Change::Ended(Ending::Rejected { at: now })],
        },
    }
}

fn hold(case: &Case, reason: HoldReason) -> Decision {
    if case.is_over() || case.holds.contains(&reason) {
        return Decision::default();
    }
    let mut decision = end_leases(case, LeaseEnd::Held, |lease| lease.ended_at.is_none());
    decision.events.push(Event::CaseHeld { case: case.id.clone(), reason_code: reason.as_str().to_owned() });
    decision.changes.push(Change::Held(reason));
    decision
}

fn resume(case: &Case, reason: HoldReason) -> Decision {
    if case.is_over() || !case.holds.contains(&reason) {
        return Decision::default();
    }
    Decision {
        events: vec![Event::CaseResumed { case: case.id.clone() }],
        changes: vec![Change::Resumed(reason)],
    }
}

/// A released case stays released; that its source changed is kept, and stops what was not sent yet.
fn supersede(case: &Case) -> Decision {
    if case.superseded_at.is_some() || matches!(case.ending, Some(Ending::Rejected { .. })) {
        return Decision::default();
    }
    let mut decision = end_leases(case, LeaseEnd::Superseded, |lease| lease.ended_at.is_none());
    decision.events.push(Event::CaseSuperseded { case: case.id.clone() });
    decision.changes.push(Change::Superseded);
    decision
}

/// The one refusal for a case that is not for this reader now; why is not told.
pub fn unavailable() -> Refusal {
    Refusal::new("unavailable", "this case is not available to you", "take another case from the worklist")
}

fn lease_ended() -> Refusal {
    Refusal::new(
        "lease_ended",
        "your hold on this case has ended; your draft is kept",
        "open the case again, or take another one from the worklist",
    )
}

fn already_signed() -> Refusal {
    Refusal::new(
        "already_signed",
        "you have signed this case; a signed read does not change",
        "go on to the next case",
    )
}

fn draft_conflict(sent: u32, stored: u32) -> Refusal {
    Refusal::new(
        "draft_conflict",
        format!("this save follows version {sent}, but version {stored} is stored"),
        "load the stored draft and decide which one you mean",
    )
}

#[cfg(test)]
mod tests;
