//! What happens around the reads: holds on a case, deferrals, withdrawals, recalls, and what others may not read.

use super::{Draft, SignedRead};
use contract::{CaseId, Priority, Time, UserId};
use std::collections::BTreeSet;

/// What a case is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// A patient's: it may be released.
    Clinical,
    /// Known to be bad, to see whether readers find it. Never released.
    Sentinel {
        /// The case that was found to be bad.
        of: CaseId,
    },
    /// Read once more by one who read it before. Never released.
    Repeat {
        /// The case that was read.
        of: CaseId,
        /// Who reads once more.
        reader: UserId,
    },
}

/// Why nothing may happen to a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HoldReason {
    /// The deployment stands below the stage under which the run was made.
    DeploymentStage,
    /// The study is under investigation.
    Investigation,
    /// Whose the study is, is in question.
    Identity,
    /// A coordinator took the case out of all queues.
    Deferred,
    /// A coordinator stopped it.
    Coordinator,
}

impl HoldReason {
    const ALL: [Self; 5] =
        [Self::DeploymentStage, Self::Investigation, Self::Identity, Self::Deferred, Self::Coordinator];

    /// The stable code in events and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::DeploymentStage => "deployment_stage",
            Self::Investigation => "investigation",
            Self::Identity => "identity",
            Self::Deferred => "deferred",
            Self::Coordinator => "coordinator",
        }
    }

    /// The reason of a code in the database.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == code)
    }
}

/// Something that holds a case back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    /// Why.
    pub reason: HoldReason,
    /// Who placed it; `None` when no person did.
    pub by: Option<UserId>,
    /// What that person wrote.
    pub words: String,
    /// Since when.
    pub placed_at: Time,
}

/// A reader's wish not to read the case, until a coordinator returns it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deferral {
    /// Who.
    pub reader: UserId,
    /// Why.
    pub words: String,
    /// Since when.
    pub placed_at: Time,
}

/// That a person gave a case another priority.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PriorityChange {
    /// Before.
    pub from: Priority,
    /// Who.
    pub by: UserId,
    /// Why.
    pub words: String,
    /// When.
    pub at: Time,
}

/// A read that its reader took back.
#[derive(Debug, Clone)]
pub struct Withdrawal {
    /// The read, as it was signed.
    pub read: SignedRead,
    /// When it was taken back.
    pub at: Time,
}

/// A wish to take a released case back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recall {
    /// Why.
    pub words: String,
    /// Who wants it.
    pub proposed_by: UserId,
    /// Since when.
    pub proposed_at: Time,
    /// The second person, and when.
    pub confirmed: Option<(UserId, Time)>,
}

/// That somebody may read the modality and use of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credential {
    /// Who.
    pub reader: UserId,
    /// Since when.
    pub valid_from: Time,
    /// Until when.
    pub valid_until: Time,
}

/// What the other cases of the same source series mean for this one (clinical decision 4).
#[derive(Debug, Clone, Default)]
pub struct Kin {
    /// Who signed a read on one of them.
    pub readers: BTreeSet<UserId>,
    /// Who signed an adjudicator's read on one of them, and so saw what others signed.
    pub adjudicators: BTreeSet<UserId>,
    /// Whether one of them that is a patient's can still be read.
    pub has_open_case: bool,
    /// Who may still read one of them at shadow, and so is not told yet what others think of the same images.
    pub evaluators: BTreeSet<UserId>,
    /// Who was shown a pair of AI images of the source, side by side, and so gives no read on it any more.
    pub comparers: BTreeSet<UserId>,
    /// Who took part in discussing one of them, and so gives no read on the source any more.
    pub discussers: BTreeSet<UserId>,
    /// First reads that stand on cases of the same deployment and model version whose place this one took and whose images
    /// are the same, value for value: the study got another identity. The newest first.
    pub former: Vec<SignedRead>,
    /// Drafts on cases of the series that a newer run replaced, the newest per reader.
    pub drafts: Vec<Draft>,
}
