//! Discussions of cases that are over, for peer learning. Pure: which case may be discussed, who takes part and as what,
//! what each of them is shown, and what may be done.
//!
//! **Nothing of a discussion shows to whoever reads while a read can still be made on the same source images**, whatever
//! case it is made on and whoever makes it. Who read the case takes part as its reader, whatever other roles they hold;
//! readers see no names; nobody who read a case scores it. A case that tests readers is discussed by quality alone.

use crate::assign::Reader;
use crate::case::Case;
use contract::review::{
    Audience, Contribution, Discussion as View, DiscussionKind, Finding, Learned, Lesson, Radpeer, Voice,
};
use contract::{Actor, CaseId, DiscussionId, Refusal, Role, Time, UserId};

/// The longest question, characters.
pub const QUESTION_CHARS_MAX: usize = 500;
/// The longest contribution and the longest learning point, characters.
pub const WORDS_CHARS_MAX: usize = 2_000;
/// The shortest of each, characters.
pub const WORDS_CHARS_MIN: usize = 3;
/// The most contributions to one discussion.
pub const CONTRIBUTIONS_MAX: usize = 200;

/// Whether a read can still be made on the source images of a case, on this or any other case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// Some case or pair of the source waits for a reader or has one.
    MayBeRead,
    /// None does.
    Settled,
}

/// As what somebody takes part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Asks, scores, closes, and sees names.
    Quality,
    /// Read the case.
    Reader,
}

impl Part {
    /// The word in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Quality => "quality",
            Self::Reader => "reader",
        }
    }

    /// The part of a word in the database.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Quality, Self::Reader].into_iter().find(|part| part.as_str() == word)
    }
}

/// Who said something, as what and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// Who.
    pub by: UserId,
    /// As what.
    pub part: Part,
    /// In words.
    pub words: String,
    /// When.
    pub at: Time,
}

/// A discussion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Discussion {
    /// The discussion.
    pub id: DiscussionId,
    /// Of which case.
    pub case: CaseId,
    /// What it is about.
    pub kind: DiscussionKind,
    /// The question.
    pub opened: Said,
    /// What was said since, in order.
    pub contributions: Vec<Said>,
    /// The learning point; it is open until that is written down.
    pub closed: Option<Said>,
}

/// Whether no read of the case, or of another one over the same source, can be made.
pub fn is_settled(case: &Case, source: Source) -> bool {
    case.is_over() && !case.has_open_sample() && source == Source::Settled
}

/// As what somebody takes part in discussing a case. `None` where there is nothing here for them: the case is not over,
/// another one of the source can be read, or they have no part in it. Which of these it is, is never told.
pub fn part(case: &Case, source: Source, actor: &Actor, now: Time) -> Option<Part> {
    let user = actor.user()?;
    let settled = is_settled(case, source);
    let reads = Reader::of(actor).is_some();
    if has_signed(case, user) {
        let own = case.read_of(user).is_some_and(|read| read.is_final(now));
        let may = reads && own && settled && case.is_clinical() && !case.conflicted.contains(user);
        return may.then_some(Part::Reader);
    }
    (actor.has_role(Role::Quality) && (settled || !reads)).then_some(Part::Quality)
}

/// Whether somebody ever signed a read on the case, whatever became of it.
fn has_signed(case: &Case, user: &UserId) -> bool {
    let withdrawn = case.withdrawals.iter().map(|withdrawal| &withdrawal.read);
    case.reads.iter().chain(&case.invalidated).chain(withdrawn).any(|read| read.reader() == user)
}

/// What somebody wants to have discussed.
#[derive(Debug, Clone)]
pub struct Opening {
    /// The id that the discussion gets.
    pub id: DiscussionId,
    /// What it is about.
    pub kind: DiscussionKind,
    /// The question.
    pub question: String,
    /// Who asks.
    pub by: UserId,
}

/// Opens a discussion of a case, by somebody who takes part in it as `part`.
///
/// # Errors
/// A refusal while a read can still be made, which only quality that reads nothing ever gets to hear, or when the words
/// are none.
pub fn open(
    case: &Case,
    source: Source,
    part: Part,
    opening: Opening,
    now: Time,
) -> Result<Discussion, Refusal> {
    if !is_settled(case, source) {
        return Err(may_be_read());
    }
    let words = check_words(&opening.question, QUESTION_CHARS_MAX)?;
    let Opening { id, kind, by, .. } = opening;
    let opened = Said { by, part, words, at: now };
    Ok(Discussion { id, case: case.id.clone(), kind, opened, contributions: Vec::new(), closed: None })
}

/// What may be taught of a case: what was asked, what is to be learned, and what its readers marked, without who did and
/// without their words.
///
/// # Errors
/// A refusal of a case that tests readers, of a discussion that is open, and while a read can still be made.
pub fn lesson(case: &Case, source: Source, discussion: &Discussion) -> Result<Lesson, Refusal> {
    if !is_settled(case, source) {
        return Err(may_be_read());
    }
    if !case.is_clinical() {
        return Err(Refusal::new(
            "case_tests_readers",
            "this case tests readers, who must not know it",
            "teach with another case",
        ));
    }
    let Some(learned) = &discussion.closed else {
        return Err(Refusal::new(
            "discussion_open",
            "nothing is taught of a case while its discussion is open",
            "close the discussion with what is to be learned",
        ));
    };
    let marked = case.reads.iter().flat_map(|read| &read.content.findings);
    Ok(Lesson {
        case: case.id.clone(),
        run: case.run.clone(),
        kind: discussion.kind,
        question: discussion.opened.words.clone(),
        learning_point: learned.words.clone(),
        findings: marked
            .map(|finding| Finding { id: None, comment: String::new(), ..finding.clone() })
            .collect(),
    })
}

/// The refusal while the source images of a case can be read.
fn may_be_read() -> Refusal {
    Refusal::new(
        "source_may_be_read",
        "this case, or another one over the same source images, can still be read",
        "discuss it when the last of them is over",
    )
}

/// The refusal of a second discussion while one is open.
pub fn open_already() -> Refusal {
    Refusal::new(
        "discussion_open",
        "this case is being discussed",
        "say it in the discussion that is open, in the list of peer learning",
    )
}

/// Adds what somebody says.
///
/// # Errors
/// A refusal when the discussion is closed or full, or the words are none.
pub fn contribute(
    discussion: &Discussion,
    part: Part,
    by: UserId,
    words: &str,
    now: Time,
) -> Result<Said, Refusal> {
    check_open(discussion)?;
    if discussion.contributions.len() >= CONTRIBUTIONS_MAX {
        return Err(Refusal::new(
            "discussion_full",
            format!("a discussion has at most {CONTRIBUTIONS_MAX} contributions"),
            "ask quality to write down what is to be learned so far",
        ));
    }
    let words = check_words(words, WORDS_CHARS_MAX)?;
    Ok(Said { by, part, words, at: now })
}

/// Closes a discussion with what is to be learned.
///
/// # Errors
/// A refusal to whoever read the case, when it is closed, or the words are none.
pub fn close(
    discussion: &Discussion,
    part: Part,
    by: UserId,
    point: &str,
    now: Time,
) -> Result<Said, Refusal> {
    if part != Part::Quality {
        return Err(Refusal::new(
            "closing_by_reader",
            "what is to be learned is written down by quality, and by nobody who read the case",
            "say in the discussion what you would write down",
        ));
    }
    check_open(discussion)?;
    let words = check_words(point, WORDS_CHARS_MAX)?;
    Ok(Said { by, part, words, at: now })
}

/// Whether somebody may score how the case was read.
///
/// # Errors
/// The refusal to whoever read these images.
pub fn check_score(case: &Case, part: Part, user: &UserId) -> Result<(), Refusal> {
    if may_score(case, part, user) {
        return Ok(());
    }
    Err(Refusal::new(
        "score_by_reader",
        "a score is given by somebody of quality who read neither this case nor another one of the same images",
        "ask somebody of quality who read none of them",
    ))
}

fn may_score(case: &Case, part: Part, user: &UserId) -> bool {
    part == Part::Quality && !case.kin.readers.contains(user)
}

/// The discussion as somebody may see it who takes part as `part`.
pub fn view(
    discussion: &Discussion,
    case: &Case,
    source: Source,
    (part, user): (Part, &UserId),
    own_score: Option<Radpeer>,
) -> View {
    let names = part == Part::Quality;
    let named = |said: &Said| names.then(|| said.by.clone());
    let voice = |said: &Said| voice(said, user);
    let contribution = |(number, said): (u32, &Said)| Contribution {
        number,
        voice: voice(said),
        by: named(said),
        words: said.words.clone(),
        at: said.at,
    };
    let learned = |said: &Said| Learned { point: said.words.clone(), by: named(said), at: said.at };
    View {
        id: discussion.id.clone(),
        case: discussion.case.clone(),
        kind: discussion.kind,
        question: discussion.opened.words.clone(),
        voice: voice(&discussion.opened),
        opened_by: named(&discussion.opened),
        opened_at: discussion.opened.at,
        contributions: (1..).zip(&discussion.contributions).map(contribution).collect(),
        learned: discussion.closed.as_ref().map(learned),
        audience: names.then(|| audience(case, source)),
        may_score: may_score(case, part, user),
        may_close: names && discussion.closed.is_none(),
        own_score: own_score.filter(|_| names),
    }
}

/// Readers are told apart from quality and from themselves, and never from one another: how many there are is not told.
fn voice(said: &Said, user: &UserId) -> Voice {
    match said.part {
        _ if said.by == *user => Voice::Own,
        Part::Quality => Voice::Quality,
        Part::Reader => Voice::Reader,
    }
}

fn audience(case: &Case, source: Source) -> Audience {
    if !case.is_clinical() {
        Audience::Quality
    } else if is_settled(case, source) {
        Audience::Readers
    } else {
        Audience::ReadersLater
    }
}

fn check_open(discussion: &Discussion) -> Result<(), Refusal> {
    if discussion.closed.is_none() {
        return Ok(());
    }
    Err(Refusal::new(
        "discussion_closed",
        "this discussion is closed, and what was said in it stays as it is",
        "open another one of the case if there is more to say",
    ))
}

/// Plain text within limits, with one kind of line end.
fn check_words(text: &str, chars_max: usize) -> Result<String, Refusal> {
    let words = text.trim().replace("\r\n", "\n");
    let is_plain = !words.chars().any(|sign| sign.is_control() && sign != '\n' && sign != '\t');
    if is_plain && (WORDS_CHARS_MIN..=chars_max).contains(&words.chars().count()) {
        return Ok(words);
    }
    Err(Refusal::new(
        "words_missing",
        format!("this needs {WORDS_CHARS_MIN} to {chars_max} characters of plain text"),
        "write it in a few sentences, without the names of patients or readers",
    ))
}

#[cfg(test)]
mod tests;
