//! A case as a value: what was queued, who holds it, what was signed, what holds it back.
//!
//! Nothing here reads a clock or a table. The state of a case is computed from these facts and never typed in;
//! the column of that name in the database is a projection for lists.

use contract::review::{CaseState, ReadContent, Severity, Signature, Verdict};
use contract::rollout::Stage;
use contract::{
    CaseId, DeploymentId, Digest, LeaseId, ModelVersionId, ReadId, ReleaseId, RunId, SeriesId, StudyId, Time,
    UserId,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The rules a case is read under: a snapshot, taken when the case is queued.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Policy {
    /// Names this set of rules in records.
    pub version: String,
    /// How long a signed read may still be withdrawn, minutes; 0 makes it final at once.
    pub finalisation_minutes: u32,
    /// How long a hold lasts without activity, minutes.
    pub lease_minutes: u32,
    /// How long a hold lasts whatever the activity, hours.
    pub lease_hours_max: u32,
    /// Whether every region of wide interval must be disposed of before signing.
    pub require_region_dispositions: bool,
    /// Whether adjudicators are offered first reads too.
    pub adjudicators_take_first_slots: bool,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            version: "1".to_owned(),
            finalisation_minutes: 10,
            lease_minutes: 15,
            lease_hours_max: 4,
            require_region_dispositions: false,
            adjudicators_take_first_slots: false,
        }
    }
}

/// One of the three places a reader can take. Nobody is told which one is theirs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Slot {
    /// A first read.
    First,
    /// The other first read.
    Second,
    /// The adjudicator's.
    Third,
}

impl Slot {
    /// The two first reads.
    pub const FIRST_READS: [Self; 2] = [Self::First, Self::Second];

    /// 1 to 3, as it stands in the database.
    pub fn number(self) -> i16 {
        match self {
            Self::First => 1,
            Self::Second => 2,
            Self::Third => 3,
        }
    }

    /// The slot of a number in the database.
    pub fn from_number(number: i16) -> Option<Self> {
        match number {
            1 => Some(Self::First),
            2 => Some(Self::Second),
            3 => Some(Self::Third),
            _ => None,
        }
    }
}

/// Why a hold on a slot ended without a read, or with one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LeaseEnd {
    /// The read was signed.
    Signed,
    /// No activity for too long, or held for too long.
    Expired,
    /// The reader opened another case.
    GivenBack,
    /// Something holds the whole case.
    Held,
    /// A newer run took the case's place.
    Superseded,
}

impl LeaseEnd {
    /// The stable code in events and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Signed => "signed",
            Self::Expired => "expired",
            Self::GivenBack => "given_back",
            Self::Held => "held",
            Self::Superseded => "superseded",
        }
    }
}

/// One reader's hold on a slot, past or present.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// The hold.
    pub id: LeaseId,
    /// On which slot.
    pub slot: Slot,
    /// By whom.
    pub reader: UserId,
    /// Since when.
    pub taken_at: Time,
    /// When it lapses without activity.
    pub expires_at: Time,
    /// When it was ended; a lapsed hold counts as over before anybody ends it.
    pub ended_at: Option<Time>,
}

impl Lease {
    /// Whether it still holds the slot.
    pub fn is_live(&self, now: Time) -> bool {
        self.ended_at.is_none() && now < self.expires_at
    }

    /// Whether it lapsed and was not ended yet.
    pub fn is_lapsed(&self, now: Time) -> bool {
        self.ended_at.is_none() && now >= self.expires_at
    }
}

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

/// A signed read. It never changes.
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

    /// Whether it is a rejection over something that may hurt the patient: such a case is never released by
    /// fewer than two adjudicators.
    pub fn is_critical_rejection(&self) -> bool {
        self.verdict == Verdict::Reject
            && self.content.findings.iter().any(|finding| finding.severity == Severity::Critical)
    }
}

/// Why nothing may happen to a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HoldReason {
    /// The deployment stands below the stage under which the run was made.
    DeploymentStage,
}

impl HoldReason {
    /// The stable code in events and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::DeploymentStage => "deployment_stage",
        }
    }

    /// The reason of a code in the database.
    pub fn from_code(code: &str) -> Option<Self> {
        (code == Self::DeploymentStage.as_str()).then_some(Self::DeploymentStage)
    }
}

/// How a case ended by its reads.
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
    /// It ended unreleased.
    Rejected {
        /// When.
        at: Time,
    },
}

/// What the other cases of the same source series mean for this one (clinical decision 4).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Kin {
    /// Who signed a read on one of them.
    pub readers: BTreeSet<UserId>,
    /// Who signed the third read on one of them, and so saw what others signed.
    pub adjudicators: BTreeSet<UserId>,
    /// Whether one of them can still be read.
    pub has_open_case: bool,
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
    /// How many regions of wide interval the run lists.
    pub region_count: u32,
    /// The rules it is read under.
    pub policy: Policy,
    /// When it was queued.
    pub queued_at: Time,
    /// Holds on slots, past and present.
    pub leases: Vec<Lease>,
    /// Drafts, at most one per reader.
    pub drafts: Vec<Draft>,
    /// Signed reads in the order of signing.
    pub reads: Vec<SignedRead>,
    /// What holds it back now.
    pub holds: Vec<HoldReason>,
    /// When the first reads were found to differ.
    pub discordant_at: Option<Time>,
    /// When a newer run took its place.
    pub superseded_at: Option<Time>,
    /// How its reads ended it.
    pub ending: Option<Ending>,
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

    /// How far it is, for those who may know.
    pub fn state(&self, now: Time) -> CaseState {
        match &self.ending {
            Some(Ending::Released { .. }) => return CaseState::Released,
            Some(Ending::Rejected { .. }) => return CaseState::Rejected,
            None => {}
        }
        if self.superseded_at.is_some() {
            return CaseState::Superseded;
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

    /// The reader's own draft.
    pub fn draft_of(&self, reader: &UserId) -> Option<&Draft> {
        self.drafts.iter().find(|draft| draft.reader == *reader)
    }

    /// Whether the reader holds or once held a slot here.
    pub fn was_held_by(&self, reader: &UserId) -> bool {
        self.leases.iter().any(|lease| lease.reader == *reader)
    }

    /// How many readers could not judge.
    pub fn cannot_judge_count(&self) -> usize {
        self.reads.iter().filter(|read| read.verdict == Verdict::CannotJudge).count()
    }

    /// What the accepting reads say must be known with the images, each once, in the order of signing.
    pub fn limitations(&self) -> Vec<String> {
        let mut stated: Vec<String> = Vec::new();
        for read in &self.reads {
            let text = read.content.comment.trim();
            if read.verdict == Verdict::AcceptWithLimitation && !stated.iter().any(|known| known == text) {
                stated.push(text.to_owned());
            }
        }
        stated
    }
}
