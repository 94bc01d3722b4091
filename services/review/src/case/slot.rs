//! The places of a case, and holds on them.

use contract::{LeaseId, Time, UserId};

/// One of the places a reader can take. Nobody is told which one is theirs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Slot {
    /// A first read.
    First,
    /// The other first read.
    Second,
    /// The adjudicator's.
    Third,
    /// The second adjudicator's, against a critical rejection.
    Fourth,
}

impl Slot {
    /// Every slot.
    pub const ALL: [Self; 4] = [Self::First, Self::Second, Self::Third, Self::Fourth];
    /// The two first reads.
    pub const FIRST_READS: [Self; 2] = [Self::First, Self::Second];
    /// The two adjudicators'.
    pub const PANEL: [Self; 2] = [Self::Third, Self::Fourth];

    /// 1 to 4, as it stands in the database.
    pub fn number(self) -> i16 {
        match self {
            Self::First => 1,
            Self::Second => 2,
            Self::Third => 3,
            Self::Fourth => 4,
        }
    }

    /// The slot of a number in the database.
    pub fn from_number(number: i16) -> Option<Self> {
        Self::ALL.into_iter().find(|slot| slot.number() == number)
    }

    /// Whether it is an adjudicator's.
    pub fn is_adjudication(self) -> bool {
        Self::PANEL.contains(&self)
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
    /// The reader put the case off.
    Deferred,
    /// A coordinator took it away.
    Revoked,
    /// The case came too late to be of use.
    CaseExpired,
}

impl LeaseEnd {
    const ALL: [Self; 8] = [
        Self::Signed,
        Self::Expired,
        Self::GivenBack,
        Self::Held,
        Self::Superseded,
        Self::Deferred,
        Self::Revoked,
        Self::CaseExpired,
    ];

    /// The stable code in events and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Signed => "signed",
            Self::Expired => "expired",
            Self::GivenBack => "given_back",
            Self::Held => "held",
            Self::Superseded => "superseded",
            Self::Deferred => "deferred",
            Self::Revoked => "revoked",
            Self::CaseExpired => "case_expired",
        }
    }

    /// The end of a code in the database.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|end| end.as_str() == code)
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
    /// Why it was ended.
    pub end: Option<LeaseEnd>,
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

    /// How it ended without a read, and when.
    pub fn end_without_read(&self, now: Time) -> Option<(LeaseEnd, Time)> {
        match (self.end, self.ended_at) {
            (Some(LeaseEnd::Signed), _) => None,
            (Some(LeaseEnd::Expired), _) => Some((LeaseEnd::Expired, self.expires_at)),
            (Some(end), Some(at)) => Some((end, at)),
            _ => self.is_lapsed(now).then_some((LeaseEnd::Expired, self.expires_at)),
        }
    }
}
