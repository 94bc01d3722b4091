//! A case as a value: what was queued, who holds it, what was signed, what holds it back.
//!
//! Nothing here reads a clock or a table. The state of a case is computed from these facts and never typed in;
//! the column of that name in the database is a projection for lists.

mod oversight;
mod slot;

pub use contract::review::{Policy, Purpose};
pub use oversight::{Credential, Deferral, Hold, HoldReason, Kin, Kind, PriorityChange, Recall, Withdrawal};
pub use slot::{Lease, LeaseEnd, Slot};

use crate::urgency::Waiting;
use chrono::TimeDelta;
use contract::review::{Addendum, CaseState, ReadContent, Severity, Signature, Stance, Verdict};
use contract::rollout::Stage;
use contract::{
    CaseId, DeploymentId, Digest, ModelVersionId, Priority, ReadId, ReleaseId, RunId, SeriesId, StudyId,
    Time, UserId,
};
use std::collections::BTreeSet;

/// A reader's private draft.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    /// Whose.
    pub reader: UserId,
    /// Grows with each save.
    pub version: u32,
    /// What was typed.
    pub content: ReadContent,
    /// When.
    pub saved_at: Time,
}

/// A signed read. It never changes; within the window its reader may take it back.
#[derive(Debug, Clone)]
pub struct SignedRead {
    /// The read.
    pub id: ReadId,
    /// In which slot.
    pub slot: Slot,
    /// What the reader concludes: the content's verdict, which a signed read always has.
    pub verdict: Verdict,
    /// What was signed.
    pub content: ReadContent,
    /// The signature.
    pub signature: Signature,
    /// From when on it can't be withdrawn.
    pub final_at: Time,
    /// What its reader wrote since, the oldest first.
    pub addenda: Vec<Addendum>,
}

impl SignedRead {
    /// Who signed.
    pub fn reader(&self) -> &UserId {
        &self.signature.signer
    }

    /// Whether it can no longer be withdrawn.
    pub fn is_final(&self, now: Time) -> bool {
        now >= self.final_at
    }

    /// Whether a release may rest on it: it accepts, and its reader still stands to it.
    pub fn supports(&self) -> bool {
        self.verdict.accepts() && !self.is_changed()
    }

    /// Whether its reader once said that they would not sign it any more: that is not taken back.
    pub fn is_changed(&self) -> bool {
        self.addenda.iter().any(|addendum| addendum.stance == Stance::Changes)
    }

    /// What signing it once more signs, after the study's identity was corrected.
    pub fn confirmed(&self) -> ReadContent {
        ReadContent { confirms: Some(self.id.clone()), ..self.content.clone() }
    }

    /// Whether it is a rejection over something that may hurt the patient: such a case is never released by
    /// fewer than two adjudicators.
    pub fn is_critical_rejection(&self) -> bool {
        self.verdict == Verdict::Reject
            && self.content.findings.iter().any(|finding| finding.severity == Severity::Critical)
    }
}

/// How a case ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// Two accepting signatures of two people stand over the same digest.
    Released {
        /// What delivery loads.
        release: ReleaseId,
        /// The two people whose signatures carry the release.
        signers: [UserId; 2],
        /// When.
        at: Time,
    },
    /// Its reads ended it unreleased.
    Rejected {
        /// When.
        at: Time,
    },
    /// It came too late to be of use.
    Expired {
        /// When.
        at: Time,
    },
    /// Its reads ended it at shadow, where nothing is released.
    Evaluated {
        /// Whether it would have been released.
        accepted: bool,
        /// When.
        at: Time,
    },
}

impl Ending {
    /// When.
    pub fn at(&self) -> Time {
        match self {
            Self::Released { at, .. }
            | Self::Rejected { at }
            | Self::Expired { at }
            | Self::Evaluated { at, .. } => *at,
        }
    }

    /// Whether two accepting signatures stand over the same digest.
    pub fn accepts(&self) -> bool {
        matches!(self, Self::Released { .. } | Self::Evaluated { accepted: true, .. })
    }
}

/// A case.
#[derive(Debug, Clone)]
pub struct Case {
    /// The case.
    pub id: CaseId,
    /// The run it reviews.
    pub run: RunId,
    /// The source series.
    pub series: SeriesId,
    /// The study.
    pub study: StudyId,
    /// The model version.
    pub model: ModelVersionId,
    /// The deployment.
    pub deployment: DeploymentId,
    /// The stage under which the run was made.
    pub stage: Stage,
    /// What is signed.
    pub case_digest: Digest,
    /// The set of source instances the run is bound to.
    pub source_set: Digest,
    /// Digest over the volumes of source and result; unknown of runs from before it was told.
    pub volumes: Option<Digest>,
    /// How many flagged regions the run lists, of every kind.
    pub region_count: u32,
    /// What it is for.
    pub kind: Kind,
    /// At shadow: whether it was drawn to be read.
    pub is_drawn: bool,
    /// The person who asked for the run, if one did: never one of its readers.
    pub requester: Option<UserId>,
    /// (0008,0060) that the deployment takes.
    pub modality: String,
    /// The model's task.
    pub task: String,
    /// The rules it is read under.
    pub policy: Policy,
    /// How soon it is wanted.
    pub priority: Priority,
    /// The last change of that by a person.
    pub priority_change: Option<PriorityChange>,
    /// When it was told that it should have ended by now.
    pub overdue_at: Option<Time>,
    /// When it was queued.
    pub queued_at: Time,
    /// Holds on slots, past and present.
    pub leases: Vec<Lease>,
    /// Drafts, at most one per reader.
    pub drafts: Vec<Draft>,
    /// Signed reads that stand, in the order of signing.
    pub reads: Vec<SignedRead>,
    /// Signed reads that were taken back.
    pub withdrawals: Vec<Withdrawal>,
    /// Signed reads that were found not to count: kept as they were signed, and nothing rests on them.
    pub invalidated: Vec<SignedRead>,
    /// What holds it back now.
    pub holds: Vec<Hold>,
    /// Readers who put it off.
    pub deferrals: Vec<Deferral>,
    /// Who is too close to its patient or its model.
    pub conflicted: BTreeSet<UserId>,
    /// Who may read its modality and use, and when; what was taken back is not here.
    pub credentials: Vec<Credential>,
    /// When the first reads were found to differ.
    pub discordant_at: Option<Time>,
    /// When a second adjudicator was called against a critical rejection.
    pub panel_at: Option<Time>,
    /// When it was drawn for the quality sample: an agreed case gets a third read that changes nothing.
    pub sampled_at: Option<Time>,
    /// When a newer run took its place.
    pub superseded_at: Option<Time>,
    /// How it ended.
    pub ending: Option<Ending>,
    /// Whether it is to be taken back.
    pub recall: Option<Recall>,
    /// What the other cases of the source series mean for it.
    pub kin: Kin,
    /// Grows with each change, so that two changes at once can't both succeed.
    pub version: i64,
}

impl Case {
    /// Whether nothing will happen to it any more.
    pub fn is_over(&self) -> bool {
        self.ending.is_some() || self.superseded_at.is_some()
    }

    /// Whether it can be released at all.
    pub fn is_clinical(&self) -> bool {
        self.kind == Kind::Clinical
    }

    /// What it is read for; `None` where nobody reads it.
    pub fn purpose(&self) -> Option<Purpose> {
        match self.stage {
            stage if stage.is_clinical() => Some(Purpose::Clinical),
            Stage::Shadow if self.is_drawn && self.is_clinical() => Some(Purpose::Evaluation),
            _ => None,
        }
    }

    /// The case that a sentinel or a repeat was made from.
    pub fn made_of(&self) -> Option<&CaseId> {
        match &self.kind {
            Kind::Clinical => None,
            Kind::Sentinel { of } | Kind::Repeat { of, .. } => Some(of),
        }
    }

    /// When it should have ended. Nothing waits for a case at shadow.
    pub fn due_at(&self) -> Time {
        self.waiting().due_at
    }

    /// All that its place in worklists depends on.
    pub fn waiting(&self) -> Waiting {
        if !self.stage.is_clinical() {
            let (priority, queued_at, due_at) = (Priority::OffPeak, self.queued_at, self.expires_at());
            return Waiting { priority, queued_at, escalates_at: due_at, due_at };
        }
        Waiting::new(&self.policy, self.priority, self.queued_at)
    }

    /// When it is of no use any more.
    pub fn expires_at(&self) -> Time {
        let hours = if self.stage.is_clinical() {
            self.policy.expires_after_hours
        } else {
            self.policy.evaluation_expires_after_hours
        };
        self.queued_at + TimeDelta::hours(i64::from(hours))
    }

    /// Whether two people took it back.
    pub fn is_recalled(&self) -> bool {
        self.recall.as_ref().is_some_and(|recall| recall.confirmed.is_some())
    }

    /// Whether it ended in agreement and still wants the third read of the quality sample.
    pub fn has_open_sample(&self) -> bool {
        self.sampled_at.is_some()
            && self.superseded_at.is_none()
            && !self.is_recalled()
            && self.read_in(Slot::Third).is_none()
    }

    /// Whether something after the release asks if it should be recalled.
    pub fn needs_recall_evaluation(&self) -> bool {
        let sampled_badly = self.discordant_at.is_none()
            && self.read_in(Slot::Third).is_some_and(|read| read.verdict == Verdict::Reject);
        let flagged = self.holds.iter().any(|hold| hold.reason == HoldReason::Investigation);
        let doubted = self.reads.iter().any(|read| read.verdict.accepts() && read.is_changed());
        matches!(self.ending, Some(Ending::Released { .. }))
            && !self.is_recalled()
            && (self.superseded_at.is_some() || sampled_badly || flagged || doubted)
    }

    /// How far it is, for those who may know.
    pub fn state(&self, now: Time) -> CaseState {
        match &self.ending {
            Some(Ending::Released { .. }) if self.is_recalled() => return CaseState::Recalled,
            Some(Ending::Released { .. }) => return CaseState::Released,
            Some(Ending::Rejected { .. }) => return CaseState::Rejected,
            Some(Ending::Expired { .. }) => return CaseState::Expired,
            Some(Ending::Evaluated { .. }) => return CaseState::Evaluated,
            None => {}
        }
        if self.superseded_at.is_some() {
            return CaseState::Superseded;
        }
        if self.holds.iter().any(|hold| hold.reason == HoldReason::Deferred) {
            return CaseState::Deferred;
        }
        if !self.holds.is_empty() {
            return CaseState::Held;
        }
        let third_at_work = self.lease_in(Slot::Third, now).is_some() || self.read_in(Slot::Third).is_some();
        match (self.discordant_at, third_at_work) {
            (Some(_), true) => CaseState::Adjudicating,
            (Some(_), false) => CaseState::Discordant,
            (None, _) if self.reads.is_empty() && !self.leases.iter().any(|l| l.is_live(now)) => {
                CaseState::Queued
            }
            (None, _) => CaseState::Reading,
        }
    }

    /// The reader's live hold.
    pub fn lease_of(&self, reader: &UserId, now: Time) -> Option<&Lease> {
        self.leases.iter().find(|lease| lease.reader == *reader && lease.is_live(now))
    }

    /// The live hold on a slot.
    pub fn lease_in(&self, slot: Slot, now: Time) -> Option<&Lease> {
        self.leases.iter().find(|lease| lease.slot == slot && lease.is_live(now))
    }

    /// The read that fills a slot; one that can't judge leaves it vacant.
    pub fn read_in(&self, slot: Slot) -> Option<&SignedRead> {
        self.reads.iter().find(|read| read.slot == slot && read.verdict != Verdict::CannotJudge)
    }

    /// The reader's own signed read.
    pub fn read_of(&self, reader: &UserId) -> Option<&SignedRead> {
        self.reads.iter().find(|read| read.reader() == reader)
    }

    /// The reader's own final first read on a case of the same images under the study's former identity, while they
    /// stand to it.
    pub fn former_read_of(&self, reader: &UserId, now: Time) -> Option<&SignedRead> {
        let stands = |read: &&SignedRead| read.is_final(now) && !read.is_changed();
        self.kin.former.iter().filter(stands).find(|read| read.reader() == reader)
    }

    /// The reader's own draft.
    pub fn draft_of(&self, reader: &UserId) -> Option<&Draft> {
        self.drafts.iter().find(|draft| draft.reader == *reader)
    }

    /// Whether the reader holds or once held a slot here.
    pub fn was_held_by(&self, reader: &UserId) -> bool {
        self.leases.iter().any(|lease| lease.reader == *reader)
    }

    /// Whether something of this reason holds it back.
    pub fn is_held_for(&self, reason: HoldReason) -> bool {
        self.holds.iter().any(|hold| hold.reason == reason)
    }

    /// The reads that decide or decided: the third read of an agreed case is a sample and decides nothing.
    pub fn deciding_reads(&self) -> impl Iterator<Item = &SignedRead> {
        self.reads.iter().filter(|read| self.discordant_at.is_some() || !read.slot.is_adjudication())
    }

    /// How many readers could not judge.
    pub fn cannot_judge_count(&self) -> usize {
        self.reads.iter().filter(|read| read.verdict == Verdict::CannotJudge).count()
    }

    /// What the accepting reads say must be known with the images, each once, in the order of signing.
    pub fn limitations(&self) -> Vec<String> {
        let mut stated: Vec<String> = Vec::new();
        for read in self.deciding_reads() {
            let text = read.content.comment.trim();
            if read.verdict == Verdict::AcceptWithLimitation && !stated.iter().any(|known| known == text) {
                stated.push(text.to_owned());
            }
        }
        stated
    }
}
