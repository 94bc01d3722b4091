//! The life of a case: `decide(case, command, now)` gives what happens, or why it doesn't.
//!
//! A function of values. It is what the tests walk through at random, and the only place that moves a case.

mod outcome;
mod reader;
mod refusal;
mod steer;

pub use outcome::{Outcome, Settling, outcome};
pub use refusal::unavailable;

use crate::assign::Reader;
use crate::case::{
    Case, Deferral, Draft, Ending, Hold, HoldReason, Lease, LeaseEnd, PriorityChange, Recall, SignedRead,
    Withdrawal,
};
use crate::sign::Signing;
use contract::review::{Addendum, SaveDraft, Stance};
use contract::{Event, LeaseId, Priority, ReadId, Refusal, Time, UserId};

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
    /// Takes the own read back within the finalisation window.
    Withdraw {
        /// Who.
        user: UserId,
        /// Why, in words.
        reason: String,
    },
    /// Adds to the own read, once it is final.
    WriteAddendum {
        /// Who.
        user: UserId,
        /// Where they stand to what they signed.
        stance: Stance,
        /// In words.
        words: String,
    },
    /// Puts the case off for oneself.
    Defer {
        /// Who.
        user: UserId,
        /// Why, in words.
        reason: String,
    },
    /// Ends the holds that lapsed.
    EndLapsedLeases,
    /// Draws the conclusion from final reads and from time.
    Settle(Settling),
    /// Stops everything until the reason ends.
    Hold(HoldReason),
    /// A person stops everything, saying why.
    HoldByHand {
        /// As what.
        reason: HoldReason,
        /// Who.
        by: UserId,
        /// Why, in words.
        words: String,
    },
    /// The reason for a hold ended.
    Resume(HoldReason),
    /// A coordinator lets the case go on.
    ResumeByHand,
    /// Quality finds that a signature doesn't count.
    Invalidate {
        /// Whose signature.
        signer: UserId,
        /// Who finds it.
        by: UserId,
        /// Why, in words.
        words: String,
    },
    /// A coordinator puts a deferred case back into all queues.
    Return,
    /// A coordinator takes the case away from whoever holds a slot.
    Revoke {
        /// Why, in words.
        words: String,
    },
    /// A coordinator says how soon it is wanted.
    ChangePriority {
        /// How soon.
        priority: Priority,
        /// Who.
        by: UserId,
        /// Why, in words.
        words: String,
    },
    /// Tells that the case should have ended by now, if it should.
    NoteOverdue,
    /// A newer source set or run took the place of this one.
    Supersede,
    /// Somebody wants a released case back.
    ProposeRecall {
        /// Who.
        by: UserId,
        /// Why, in words.
        words: String,
    },
    /// A second person agrees.
    ConfirmRecall {
        /// Who.
        by: UserId,
    },
    /// Two people took back everything of a selection that the case belongs to.
    RecallSelected(SelectedRecall),
}

/// What two people decided about a selection, for one case of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SelectedRecall {
    /// Why, in words.
    pub words: String,
    /// Who wants it.
    pub proposed_by: UserId,
    /// Since when.
    pub proposed_at: Time,
    /// The second person.
    pub confirmed_by: UserId,
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
    /// A read was taken back.
    ReadWithdrawn {
        /// The read.
        read: ReadId,
        /// Why.
        words: String,
    },
    /// A reader added to a final read.
    AddendumWritten {
        /// The read.
        read: ReadId,
        /// What was added.
        addendum: Addendum,
    },
    /// A signature doesn't count.
    ReadInvalidated {
        /// The read.
        read: ReadId,
        /// Who found it.
        by: UserId,
        /// Why.
        words: String,
    },
    /// The first reads differ.
    FoundDiscordant,
    /// One of the reads that differed doesn't count.
    DiscordanceLifted,
    /// A second adjudicator is wanted.
    PanelCalled,
    /// An agreed case is drawn for the quality sample.
    Sampled,
    /// Something holds the case back.
    Held(Hold),
    /// That ended.
    Resumed(HoldReason),
    /// A reader put the case off.
    Deferred(Deferral),
    /// Every deferral ended.
    Returned,
    /// The case ended.
    Ended(Ending),
    /// A person said how soon it is wanted.
    PriorityChanged {
        /// How soon.
        to: Priority,
        /// What it was before, and why.
        change: PriorityChange,
    },
    /// It should have ended by now.
    FoundOverdue,
    /// A newer run took its place.
    Superseded,
    /// Somebody wants it back.
    RecallProposed(Recall),
    /// It is taken back.
    RecallConfirmed {
        /// The second person.
        by: UserId,
    },
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

    fn of(event: Event, change: Change) -> Self {
        Self { events: vec![event], changes: vec![change] }
    }

    fn ending_leases(case: &Case, end: LeaseEnd, wanted: impl Fn(&Lease) -> bool) -> Self {
        let mut decision = Self::default();
        for lease in case.leases.iter().filter(|lease| wanted(lease)) {
            decision.end_lease(case, lease, end);
        }
        decision
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
        Command::Open { reader, lease } => reader::open(case, reader, lease, now),
        Command::GiveBack { user } => Ok(reader::give_back(case, user)),
        Command::SaveDraft { user, save } => reader::save_draft(case, user, save, now),
        Command::Sign(signing) => reader::sign(case, signing, now),
        Command::Withdraw { user, reason } => reader::withdraw(case, user, reason, now),
        Command::WriteAddendum { user, stance, words } => {
            reader::write_addendum(case, user, *stance, words, now)
        }
        Command::Defer { user, reason } => reader::defer(case, user, reason, now),
        Command::EndLapsedLeases => {
            Ok(Decision::ending_leases(case, LeaseEnd::Expired, |lease| lease.is_lapsed(now)))
        }
        Command::Settle(settling) => Ok(outcome::settle(case, settling, now)),
        Command::Hold(reason) => Ok(steer::hold(case, *reason, now)),
        Command::HoldByHand { reason, by, words } => steer::hold_by_hand(case, *reason, by, words, now),
        Command::Resume(reason) => Ok(steer::resume(case, *reason)),
        Command::ResumeByHand => steer::resume_by_hand(case),
        Command::Invalidate { signer, by, words } => steer::invalidate(case, signer, by, words),
        Command::Return => steer::return_case(case),
        Command::Revoke { words } => steer::revoke(case, words, now),
        Command::ChangePriority { priority, by, words } => {
            steer::change_priority(case, *priority, by, words, now)
        }
        Command::NoteOverdue => Ok(steer::note_overdue(case, now)),
        Command::Supersede => Ok(steer::supersede(case)),
        Command::ProposeRecall { by, words } => steer::propose_recall(case, by, words, now),
        Command::ConfirmRecall { by } => steer::confirm_recall(case, by),
        Command::RecallSelected(recall) => steer::recall_selected(case, recall),
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
        Change::LeaseEnded { lease, end } => {
            for held in case.leases.iter_mut().filter(|held| held.id == *lease) {
                held.ended_at = Some(now);
                held.end = Some(*end);
            }
        }
        Change::DraftSaved(draft) => {
            case.drafts.retain(|known| known.reader != draft.reader);
            case.drafts.push(draft.clone());
        }
        Change::ReadSigned(read) => case.reads.push(read.as_ref().clone()),
        Change::ReadWithdrawn { read, .. } => {
            let taken = case.reads.iter().position(|known| known.id == *read).map(|at| case.reads.remove(at));
            case.withdrawals.extend(taken.map(|read| Withdrawal { read, at: now }));
        }
        Change::AddendumWritten { read, addendum } => {
            for known in case.reads.iter_mut().filter(|known| known.id == *read) {
                known.addenda.push(addendum.clone());
            }
        }
        Change::ReadInvalidated { read, .. } => {
            let taken = case.reads.iter().position(|known| known.id == *read).map(|at| case.reads.remove(at));
            case.invalidated.extend(taken);
        }
        Change::FoundDiscordant => case.discordant_at = Some(now),
        Change::DiscordanceLifted => case.discordant_at = None,
        Change::PanelCalled => case.panel_at = Some(now),
        Change::Sampled => case.sampled_at = Some(now),
        Change::Held(hold) => case.holds.push(hold.clone()),
        Change::Resumed(reason) => case.holds.retain(|held| held.reason != *reason),
        Change::Deferred(deferral) => case.deferrals.push(deferral.clone()),
        Change::Returned => case.deferrals.clear(),
        Change::Ended(ending) => case.ending = Some(ending.clone()),
        Change::PriorityChanged { to, change } => {
            case.priority = *to;
            case.priority_change = Some(change.clone());
            // Each time at which it is due is told once.
            case.overdue_at = case.overdue_at.filter(|_| case.due_at() <= now);
        }
        Change::FoundOverdue => case.overdue_at = Some(now),
        Change::Superseded => case.superseded_at = Some(now),
        Change::RecallProposed(recall) => case.recall = Some(recall.clone()),
        Change::RecallConfirmed { by } => {
            if let Some(recall) = &mut case.recall {
                recall.confirmed = Some((by.clone(), now));
            }
        }
    }
}

#[cfg(test)]
mod invalidation_tests;
#[cfg(test)]
mod invariants;
#[cfg(test)]
mod oversight_tests;
#[cfg(test)]
mod simulation;
#[cfg(test)]
mod table;
#[cfg(test)]
mod tests;
