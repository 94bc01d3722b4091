//! Discussions of cases that are over. Review has cut them to what the viewer may see; nothing here adds to that.

use super::quality::{FigureDefinition, FigureGroup};
use async_graphql::{Enum, ID, SimpleObject};
use chrono::{DateTime, Utc};
use contract::{UserId, audit, review};
use std::collections::HashMap;

/// What a discussion is about.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "review::DiscussionKind")]
pub(crate) enum DiscussionKind {
    Discrepancy,
    /// Somebody saw what is easily missed.
    GoodCatch,
    /// The model invented, lost or bent something.
    ModelError,
    /// Scanner, protocol, display or transport.
    Technical,
    Other,
}

/// As what somebody speaks, to the viewer.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(name = "DiscussionVoice", remote = "review::Voice")]
pub(crate) enum Voice {
    /// The viewer.
    Own,
    /// One of those who read the case; which one is not told.
    Reader,
    /// Somebody of quality who did not read it.
    Quality,
}

/// Who sees a discussion now.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(name = "DiscussionAudience", remote = "review::Audience")]
pub(crate) enum Audience {
    /// Quality, and those who read the case.
    Readers,
    /// Quality; its readers once no read can be made on the same source images.
    ReadersLater,
    /// Quality alone: the case tests readers.
    Quality,
}

/// RADPEER: 1 one would have read it so; 2 otherwise, as is understandable; 3 otherwise, where most would have read it
/// rightly; a unlikely to matter for the patient, b likely to.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "review::Radpeer")]
pub(crate) enum Radpeer {
    One,
    TwoA,
    TwoB,
    ThreeA,
    ThreeB,
}

/// Something that was said.
#[derive(SimpleObject)]
#[graphql(name = "DiscussionContribution")]
pub(crate) struct Contribution {
    number: u32,
    voice: Voice,
    /// User name; for quality only.
    by: Option<String>,
    words: String,
    at: DateTime<Utc>,
}

#[derive(SimpleObject)]
pub(crate) struct Discussion {
    id: ID,
    case_id: ID,
    kind: DiscussionKind,
    question: String,
    /// As what it was opened.
    voice: Voice,
    /// User name; for quality only.
    opened_by: Option<String>,
    opened_at: DateTime<Utc>,
    contributions: Vec<Contribution>,
    /// Null while it is open.
    learning_point: Option<String>,
    /// User name; for quality only.
    closed_by: Option<String>,
    closed_at: Option<DateTime<Utc>>,
    /// For quality only.
    audience: Option<Audience>,
    /// Whether the viewer may score how the case was read.
    may_score: bool,
    may_close: bool,
    /// The viewer's own score as it stands.
    own_score: Option<Radpeer>,
}

/// The accounts that stand in a discussion, for their names.
pub(crate) fn accounts_of(discussion: &review::Discussion) -> impl Iterator<Item = UserId> {
    let said = discussion.contributions.iter().filter_map(|said| said.by.clone());
    let closed = discussion.learned.as_ref().and_then(|learned| learned.by.clone());
    said.chain(discussion.opened_by.clone()).chain(closed)
}

/// What of a discussion is written down when it is shown.
pub(crate) fn ids(discussion: &review::Discussion) -> [String; 2] {
    [discussion.id.to_string(), discussion.case.to_string()]
}

impl Discussion {
    /// The discussion, with the names of `names`.
    pub(crate) fn new(discussion: review::Discussion, names: &HashMap<UserId, String>) -> Self {
        let name_of = |user: &UserId| names.get(user).cloned().unwrap_or_else(|| user.to_string());
        let contribution = |said: review::Contribution| Contribution {
            number: said.number,
            voice: said.voice.into(),
            by: said.by.as_ref().map(name_of),
            words: said.words,
            at: said.at,
        };
        let learned = discussion.learned;
        Self {
            id: discussion.id.to_string().into(),
            case_id: discussion.case.to_string().into(),
            kind: discussion.kind.into(),
            question: discussion.question,
            voice: discussion.voice.into(),
            opened_by: discussion.opened_by.as_ref().map(name_of),
            opened_at: discussion.opened_at,
            contributions: discussion.contributions.into_iter().map(contribution).collect(),
            closed_by: learned.as_ref().and_then(|learned| learned.by.as_ref()).map(name_of),
            closed_at: learned.as_ref().map(|learned| learned.at),
            learning_point: learned.map(|learned| learned.point),
            audience: discussion.audience.map(Audience::from),
            may_score: discussion.may_score,
            may_close: discussion.may_close,
            own_score: discussion.own_score.map(Radpeer::from),
        }
    }
}

/// How often a score stands.
#[derive(SimpleObject)]
pub(crate) struct ScoreCount {
    score: Radpeer,
    count: u32,
}

/// The scores of a group of cases.
#[derive(SimpleObject)]
pub(crate) struct ScoreFigure {
    group: FigureGroup,
    /// How many of its cases were scored.
    cases: u32,
    /// Null where the group is too small to be shown.
    counts: Option<Vec<ScoreCount>>,
}

/// How the reading of cases was scored, by what made the images and never by who read them.
#[derive(SimpleObject)]
pub(crate) struct ScoreFigures {
    figures: Vec<ScoreFigure>,
    /// Groups of fewer cases show no counts.
    minimum: u32,
    definitions: Vec<FigureDefinition>,
}

impl From<audit::Scores> for ScoreFigures {
    fn from(scores: audit::Scores) -> Self {
        let count = |one: audit::ScoreCount| ScoreCount { score: one.score.into(), count: one.count };
        let figure = |figure: audit::ScoreFigure| ScoreFigure {
            group: figure.group.into(),
            cases: figure.cases,
            counts: figure.counts.map(|counts| counts.into_iter().map(count).collect()),
        };
        Self {
            figures: scores.figures.into_iter().map(figure).collect(),
            minimum: scores.minimum,
            definitions: scores.definitions.into_iter().map(FigureDefinition::from).collect(),
        }
    }
}
