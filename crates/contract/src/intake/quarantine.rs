//! What could not be used, and what becomes of it.

use crate::{QuarantineId, Refusal, StudyId, Time};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How far an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QuarantineState {
    /// Nobody has decided.
    Waiting,
    /// The bytes, or a corrected copy of them, were taken after all.
    Readmitted,
    /// They are not taken; they stay for the retention.
    Discarded,
}

impl QuarantineState {
    /// The state as it stands in JSON and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Readmitted => "readmitted",
            Self::Discarded => "discarded",
        }
    }
}

/// Attributes that a person may correct in a kept object, in the order of their tags.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "each is what the standard calls so")]
pub enum Attribute {
    SpecificCharacterSet,
    StudyDate,
    StudyTime,
    AccessionNumber,
    StudyDescription,
    PatientName,
    PatientId,
    IssuerOfPatientId,
    PatientBirthDate,
    PatientSex,
    StudyInstanceUid,
}

impl Attribute {
    /// Every one.
    pub const ALL: [Self; 11] = [
        Self::SpecificCharacterSet,
        Self::StudyDate,
        Self::StudyTime,
        Self::AccessionNumber,
        Self::StudyDescription,
        Self::PatientName,
        Self::PatientId,
        Self::IssuerOfPatientId,
        Self::PatientBirthDate,
        Self::PatientSex,
        Self::StudyInstanceUid,
    ];

    /// The keyword of PS3.6.
    pub fn keyword(self) -> &'static str {
        match self {
            Self::SpecificCharacterSet => "SpecificCharacterSet",
            Self::StudyDate => "StudyDate",
            Self::StudyTime => "StudyTime",
            Self::AccessionNumber => "AccessionNumber",
            Self::StudyDescription => "StudyDescription",
            Self::PatientName => "PatientName",
            Self::PatientId => "PatientID",
            Self::IssuerOfPatientId => "IssuerOfPatientID",
            Self::PatientBirthDate => "PatientBirthDate",
            Self::PatientSex => "PatientSex",
            Self::StudyInstanceUid => "StudyInstanceUID",
        }
    }
}

/// What can be done about a reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fix {
    /// A person may supply other values for some attributes, and the corrected copy goes on.
    Correct,
    /// Nothing is to be changed in the object: it goes on as it is once the cause is gone, or a person vouches for it.
    AsItIs,
    /// The question is decided on the page of the study, and the entry ends with it.
    Study,
    /// The entry ends by itself when the bytes are back.
    Restore,
    /// Nothing done here makes the object usable: only its sender can.
    Sender,
}

/// Bytes that could not be used.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Quarantined {
    /// The entry.
    pub id: QuarantineId,
    /// When it came.
    pub received_at: Time,
    /// Calling AE title, or `STOW`, `IMPORT`.
    pub sender: String,
    /// Stable code of the reason.
    pub reason_code: String,
    /// The reason, in words.
    pub reason: String,
    /// What a person can do.
    pub remedy: String,
    /// How many bytes are kept.
    pub bytes: u64,
    /// How far it is.
    pub state: QuarantineState,
    /// When it ended.
    pub ended_at: Option<Time>,
    /// Who ended it.
    pub ended_by: Option<String>,
    /// Why, in words.
    pub ended_reason: Option<String>,
}

/// How many entries wait, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuarantineSummary {
    /// How many wait.
    pub waiting: u64,
    /// When the oldest of them came.
    pub oldest_received_at: Option<Time>,
    /// How many have waited longer than they should.
    pub overdue: u64,
    /// How long an entry may wait, hours.
    pub alarm_hours: u32,
}

/// Entries that wait for the same act: of one study, from one sender, for one reason.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct QuarantineGroup {
    /// The oldest entry, by which all of them are named.
    pub id: QuarantineId,
    /// How many they are.
    pub entries: u64,
    /// How many bytes are kept.
    pub bytes: u64,
    /// When the oldest came.
    pub oldest_received_at: Time,
    /// When the newest came: an act is on what came up to then.
    pub newest_received_at: Time,
    /// Whether the oldest has waited longer than it should.
    pub is_overdue: bool,
    /// Calling AE title, or `STOW`, `IMPORT`.
    pub sender: String,
    /// The study, when one with their Study Instance UID is stored.
    pub study: Option<StudyId>,
    /// Stable code of the reason.
    pub reason_code: String,
    /// The reason of the oldest, in words.
    pub reason: String,
    /// What a person can do.
    pub remedy: String,
    /// What can be done about it here.
    pub fix: Fix,
    /// The attributes that a person may correct.
    pub attributes: Vec<Attribute>,
}

/// The groups that wait, the oldest first.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct QuarantineGroups {
    /// They.
    pub groups: Vec<QuarantineGroup>,
    /// How many entries wait that are in none of these groups, because more wait than are looked at.
    pub left_out: u64,
}

/// Lets kept bytes go through admission once more.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Readmit {
    /// Entries of the group that came later than this are left alone: nobody has seen them.
    pub received_until: Time,
    /// Why.
    pub reason: String,
    /// Values that take the place of what was sent.
    #[serde(default)]
    pub corrections: BTreeMap<Attribute, String>,
}

/// Ends entries without taking anything in.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Discard {
    /// Entries of the group that came later than this are left alone: nobody has seen them.
    pub received_until: Time,
    /// Why.
    pub reason: String,
}

/// What came of an act on a group.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct QuarantineOutcome {
    /// How many entries it ended.
    pub ended: u64,
    /// Entries that wait as before, by reason.
    pub still_refused: Vec<StillRefused>,
    /// How many were not looked at, because the act would have taken too long: the same act once more goes on.
    pub left: u64,
}

/// Why entries still wait.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StillRefused {
    /// Why, and what to do.
    pub refusal: Refusal,
    /// How many.
    pub entries: u64,
}
