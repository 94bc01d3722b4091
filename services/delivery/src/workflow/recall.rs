//! The life of a rejection note: queued, following, closed. Values only.
//!
//! A stored note proves only that the note was stored (clinical decision 13). A recall is done at a destination when it
//! showed the objects and shows none any more, when nothing had been sent, or when a named person says so.

use super::{Moment, Pauses, doubled, spread};
use contract::delivery::{Closure, RejectionNoteState, SendState};
use contract::event::{RejectionNoteClosed, RejectionNoteSent};
use contract::{CaseId, Digest, Event, Refusal, RejectionNoteId, ReleaseId, SendId, Time, UserId};
use dicom_io::sr::RejectionTitle;

/// What one destination is told about a recalled release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RejectionNote {
    /// The note.
    pub id: RejectionNoteId,
    /// Whose objects are taken back.
    pub send: SendId,
    /// What was released.
    pub release: ReleaseId,
    /// The case.
    pub case: CaseId,
    /// Name of the destination.
    pub destination: String,
    /// How far it is.
    pub state: RejectionNoteState,
    /// Why the objects are taken back.
    pub title: RejectionTitle,
    /// Objects that it names; 0 until they are known.
    pub objects: u32,
    /// How many the destination showed last; `None` when it can't be asked.
    pub objects_shown: Option<u32>,
    /// The most that it ever showed.
    pub objects_shown_max: u32,
    /// Attempts to store it, then questions.
    pub attempts: u32,
    /// When it is looked at again; `None` once it is closed.
    pub next_look_at: Option<Time>,
    /// What went wrong last, in words.
    pub last_error: Option<String>,
    /// When the release was recalled here.
    pub opened_at: Time,
    /// When the destination stored it.
    pub sent_at: Option<Time>,
    /// When the destination was last asked.
    pub looked_at: Option<Time>,
    /// When it was closed, and why.
    pub closed: Option<(Time, Closing)>,
    /// Grows with each change.
    pub version: i64,
}

/// Why a note is closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Closing {
    /// No object had been sent.
    NothingSent,
    /// The destination shows none of the objects any more.
    Gone,
    /// A person answers for it.
    ByHand {
        /// Who.
        by: Closer,
        /// How the objects were taken away, or why they need not be.
        words: String,
    },
}

/// The person who answers for a recall that nothing else shows to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closer {
    /// The account.
    pub user: UserId,
    /// The name as it is printed.
    pub printed_name: String,
}

impl Closing {
    /// Without the person.
    pub fn kind(&self) -> Closure {
        match self {
            Self::NothingSent => Closure::NothingSent,
            Self::Gone => Closure::Gone,
            Self::ByHand { .. } => Closure::ByHand,
        }
    }
}

/// The stable code of why a note is closed.
pub fn code(closure: Closure) -> &'static str {
    match closure {
        Closure::NothingSent => "nothing_sent",
        Closure::Gone => "gone",
        Closure::ByHand => "by_hand",
    }
}

/// What is to become of a note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// The send had not begun: there is nothing to take back.
    NothingSent,
    /// It can't be stored now.
    Wait(String),
    /// The destination stored it.
    Stored {
        /// Digest of the note.
        content: Digest,
        /// Objects that it names.
        objects: u32,
        /// How many of them the destination showed just before; `None` when it can't be asked.
        shown: Option<u32>,
    },
    /// The destination was asked what it still shows.
    Looked(Result<u32, String>),
    /// A person answers for the rest.
    CloseByHand {
        /// Who.
        by: Closer,
        /// How the objects were taken away, or why they need not be.
        words: String,
    },
}

/// Whether bytes of a send may still be on their way. Only a send that was held since the recall, or was delivered, can
/// get no further object: review says no to every later one.
pub fn is_settled(send: SendState) -> bool {
    matches!(send, SendState::Held | SendState::Delivered)
}

/// Decides what becomes of a note: its next value and the event that tells of it.
///
/// # Errors
/// A refusal when the command doesn't fit the state.
pub fn decide(
    note: &RejectionNote,
    command: Command,
    pauses: Pauses,
    moment: Moment,
) -> Result<(RejectionNote, Option<Event>), Refusal> {
    let due = |attempts| {
        let pause = doubled(attempts, pauses.retry_min, pauses.retry_max);
        Some(moment.now + spread(pause, moment.jitter))
    };
    let mut next = RejectionNote { version: note.version + 1, attempts: note.attempts + 1, ..note.clone() };
    next.next_look_at = due(next.attempts);
    let event = match (note.state, command) {
        (RejectionNoteState::Closed, _) => return Err(closed()),
        (RejectionNoteState::Queued, Command::NothingSent) => close(&mut next, Closing::NothingSent, moment),
        (RejectionNoteState::Queued, Command::Wait(words)) => {
            next.last_error = Some(words);
            return Ok((next, None));
        }
        (RejectionNoteState::Queued, Command::Stored { content, objects, shown }) => {
            next.state = RejectionNoteState::Following;
            next.attempts = 0;
            next.next_look_at = due(0);
            next.last_error = None;
            next.objects = objects;
            next.sent_at = Some(moment.now);
            look(&mut next, shown, moment);
            let (note, case) = (note.id.clone(), note.case.clone());
            Event::RejectionNoteSent(RejectionNoteSent { note, case, content, objects })
        }
        (RejectionNoteState::Following, Command::Looked(answer)) => {
            next.last_error = answer.as_ref().err().cloned();
            look(&mut next, answer.ok(), moment);
            if next.objects_shown != Some(0) || next.objects_shown_max == 0 {
                return Ok((next, None));
            }
            close(&mut next, Closing::Gone, moment)
        }
        (_, Command::CloseByHand { by, words }) => close(&mut next, Closing::ByHand { by, words }, moment),
        (RejectionNoteState::Queued, Command::Looked(_))
        | (RejectionNoteState::Following, Command::NothingSent | Command::Wait(_) | Command::Stored { .. }) =>
        {
            return Err(moved_on());
        }
    };
    Ok((next, Some(event)))
}

fn look(note: &mut RejectionNote, shown: Option<u32>, moment: Moment) {
    note.objects_shown = shown;
    note.objects_shown_max = note.objects_shown_max.max(shown.unwrap_or(0));
    note.looked_at = shown.map_or(note.looked_at, |_| Some(moment.now));
}

fn close(note: &mut RejectionNote, closing: Closing, moment: Moment) -> Event {
    let reason = match &closing {
        Closing::ByHand { words, .. } => Some(Digest::of(words.as_bytes())),
        Closing::NothingSent | Closing::Gone => None,
    };
    let reason_code = code(closing.kind()).to_owned();
    note.state = RejectionNoteState::Closed;
    note.next_look_at = None;
    note.last_error = None;
    note.closed = Some((moment.now, closing));
    let (note, case) = (note.id.clone(), note.case.clone());
    Event::RejectionNoteClosed(RejectionNoteClosed { note, case, reason_code, reason })
}

fn closed() -> Refusal {
    Refusal::new("already_closed", "the recall is done at this destination", "nothing has to be done")
}

fn moved_on() -> Refusal {
    Refusal::new("moved_on", "the rejection note was changed by somebody else", "look at it again")
}

#[cfg(test)]
mod tests;
