//! Received bytes that wait for a person.

use crate::graphql::loader::Loaders;
use crate::graphql::r#type::study::Study;
use async_graphql::connection::{ConnectionNameType, EdgeNameType};
use async_graphql::{Context, Enum, ID, InputObject, Object, OutputType, Result, SimpleObject};
use chrono::{DateTime, Utc};
use contract::intake;

/// How far an entry is.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "intake::QuarantineState")]
pub(crate) enum QuarantineState {
    /// Nobody has decided.
    Waiting,
    /// The bytes, or a corrected copy of them, were taken after all.
    Readmitted,
    /// They are not taken; they stay for the retention.
    Discarded,
}

/// What can be done about a reason.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "intake::Fix")]
pub(crate) enum QuarantineFix {
    /// A person may supply other values for some attributes, and the corrected copy goes on.
    Correct,
    /// It goes on as it is once the cause is gone, or a person vouches for it.
    AsItIs,
    /// The question is decided on the page of the study, and the entry ends with it.
    Study,
    /// The entry ends by itself when the bytes are back.
    Restore,
    /// Only the sender can help.
    Sender,
}

/// An attribute that a person may correct.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "intake::Attribute")]
pub(crate) enum CorrectableAttribute {
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

#[derive(SimpleObject)]
pub(crate) struct Quarantined {
    id: ID,
    received_at: DateTime<Utc>,
    sender: String,
    reason_code: String,
    reason: String,
    remedy: String,
    /// How many bytes are kept.
    bytes: f64,
    state: QuarantineState,
    ended_at: Option<DateTime<Utc>>,
    /// Who ended it.
    ended_by: Option<String>,
    /// Why.
    ended_reason: Option<String>,
}

impl From<intake::Quarantined> for Quarantined {
    fn from(entry: intake::Quarantined) -> Self {
        Self {
            id: entry.id.to_string().into(),
            received_at: entry.received_at,
            sender: entry.sender,
            reason_code: entry.reason_code,
            reason: entry.reason,
            remedy: entry.remedy,
            bytes: entry.bytes as f64,
            state: entry.state.into(),
            ended_at: entry.ended_at,
            ended_by: entry.ended_by,
            ended_reason: entry.ended_reason,
        }
    }
}

/// How many entries wait for a person, and for how long.
#[derive(SimpleObject)]
pub(crate) struct QuarantineSummary {
    waiting: f64,
    /// When the oldest of them came.
    oldest_received_at: Option<DateTime<Utc>>,
    /// How many have waited longer than they should.
    overdue: f64,
    /// How long an entry may wait, hours.
    alarm_hours: u32,
}

impl From<intake::QuarantineSummary> for QuarantineSummary {
    fn from(summary: intake::QuarantineSummary) -> Self {
        Self {
            waiting: summary.waiting as f64,
            oldest_received_at: summary.oldest_received_at,
            overdue: summary.overdue as f64,
            alarm_hours: summary.alarm_hours,
        }
    }
}

/// The groups that wait, the oldest first.
#[derive(SimpleObject)]
pub(crate) struct QuarantineGroups {
    groups: Vec<QuarantineGroup>,
    /// How many entries wait that are in none of these groups, because more wait than are looked at.
    left_out: f64,
}

impl From<intake::QuarantineGroups> for QuarantineGroups {
    fn from(waiting: intake::QuarantineGroups) -> Self {
        Self {
            groups: waiting.groups.into_iter().map(QuarantineGroup).collect(),
            left_out: waiting.left_out as f64,
        }
    }
}

/// Entries that wait for the same act: of one study, from one sender, for one reason.
pub(crate) struct QuarantineGroup(intake::QuarantineGroup);

#[Object]
impl QuarantineGroup {
    /// The oldest entry, by which all of them are named.
    async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }

    async fn entries(&self) -> f64 {
        self.0.entries as f64
    }

    /// How many bytes are kept.
    async fn bytes(&self) -> f64 {
        self.0.bytes as f64
    }

    async fn oldest_received_at(&self) -> DateTime<Utc> {
        self.0.oldest_received_at
    }

    /// An act is on what came up to then.
    async fn newest_received_at(&self) -> DateTime<Utc> {
        self.0.newest_received_at
    }

    /// Whether the oldest has waited longer than it should.
    async fn is_overdue(&self) -> bool {
        self.0.is_overdue
    }

    async fn sender(&self) -> &str {
        &self.0.sender
    }

    /// The study that is stored under their Study Instance UID.
    async fn study(&self, ctx: &Context<'_>) -> Result<Option<Study>> {
        let Some(study) = self.0.study.clone() else { return Ok(None) };
        Ok(Loaders::of(ctx)?.one(ctx, study).await?.map(Study))
    }

    async fn reason_code(&self) -> &str {
        &self.0.reason_code
    }

    /// The reason of the oldest, in words.
    async fn reason(&self) -> &str {
        &self.0.reason
    }

    async fn remedy(&self) -> &str {
        &self.0.remedy
    }

    /// What can be done about it here.
    async fn fix(&self) -> QuarantineFix {
        self.0.fix.into()
    }

    /// What a person may correct.
    async fn attributes(&self) -> Vec<CorrectableAttribute> {
        self.0.attributes.iter().map(|attribute| (*attribute).into()).collect()
    }
}

/// What an object says of an attribute.
#[derive(SimpleObject)]
pub(crate) struct SentAttribute {
    attribute: CorrectableAttribute,
    value: String,
}

impl From<(intake::Attribute, String)> for SentAttribute {
    fn from((attribute, value): (intake::Attribute, String)) -> Self {
        Self { attribute: attribute.into(), value }
    }
}

/// A value that takes the place of what was sent.
#[derive(InputObject)]
pub(crate) struct CorrectionInput {
    pub(crate) attribute: CorrectableAttribute,
    pub(crate) value: String,
}

/// What came of an act on a group.
#[derive(SimpleObject)]
pub(crate) struct QuarantineOutcome {
    /// How many entries it ended.
    ended: f64,
    /// Entries that wait as before, by reason.
    still_refused: Vec<StillRefused>,
    /// How many were not looked at: the same act once more goes on.
    left: f64,
}

impl From<intake::QuarantineOutcome> for QuarantineOutcome {
    fn from(outcome: intake::QuarantineOutcome) -> Self {
        Self {
            ended: outcome.ended as f64,
            still_refused: outcome.still_refused.into_iter().map(StillRefused::from).collect(),
            left: outcome.left as f64,
        }
    }
}

/// Why entries still wait.
#[derive(SimpleObject)]
pub(crate) struct StillRefused {
    code: String,
    message: String,
    remedy: String,
    entries: f64,
}

impl From<intake::StillRefused> for StillRefused {
    fn from(refused: intake::StillRefused) -> Self {
        let contract::Refusal { code, message, remedy } = refused.refusal;
        Self { code, message, remedy, entries: refused.entries as f64 }
    }
}

/// The schema calls the list by the place, not by what lies there.
pub(crate) struct QuarantineName;

impl ConnectionNameType for QuarantineName {
    fn type_name<T: OutputType>() -> String {
        "QuarantineConnection".to_owned()
    }
}

impl EdgeNameType for QuarantineName {
    fn type_name<T: OutputType>() -> String {
        "QuarantineEdge".to_owned()
    }
}
