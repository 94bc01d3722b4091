//! The life of a send: queued, sending, held, delivered. Values only.
//!
//! A send leaves no state by itself but *delivered*: it is looked at again until every object is confirmed.
//! Only [`Command::Begin`] lets bytes leave, and only [`verdict`] leads there.

pub mod recall;
pub mod teaching;

use chrono::TimeDelta;
use contract::delivery::{DestinationKind, SendState};
use contract::intake::SourceCheck;
use contract::review::ReleaseCheck;
use contract::rollout::{Stage, StageCheck};
use contract::{CaseId, Digest, Event, Refusal, ReleaseId, SendId, Time};

/// The delivery of one release to one destination.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Send {
    /// The send.
    pub id: SendId,
    /// What is sent.
    pub release: ReleaseId,
    /// The case.
    pub case: CaseId,
    /// Name of the destination.
    pub destination: String,
    /// How far it is.
    pub state: SendState,
    /// Attempts so far.
    pub attempts: u32,
    /// Objects in all; 0 until they are known.
    pub objects: u32,
    /// Objects that the destination has confirmed.
    pub objects_stored: u32,
    /// When it is looked at again; `None` while it is being sent and once it is delivered.
    pub next_attempt_at: Option<Time>,
    /// Stable code of what keeps it.
    pub reason_code: Option<String>,
    /// What keeps it, or went wrong last, in words.
    pub last_error: Option<String>,
    /// Digest over the lines of what was sent, once delivered.
    pub content: Option<Digest>,
    /// When it was queued.
    pub queued_at: Time,
    /// When it was delivered.
    pub delivered_at: Option<Time>,
    /// Grows with each change.
    pub version: i64,
}

/// A reason why nothing leaves now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// Stable code.
    pub code: &'static str,
    /// In words.
    pub words: String,
}

impl Reason {
    /// A reason.
    pub fn new(code: &'static str, words: impl Into<String>) -> Self {
        Self { code, words: words.into() }
    }
}

/// What is to become of a send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// All checks said yes: bytes may leave.
    Begin,
    /// A check said no, before or between objects.
    Hold(Reason),
    /// A check could not be asked, or the attempt did not bring every object home.
    Interrupt(Reason),
    /// Every object is confirmed.
    Complete {
        /// Digest over the lines of what was sent.
        content: Digest,
        /// How many objects.
        objects: u32,
    },
}

/// The pauses between attempts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pauses {
    /// After the first failed attempt; it doubles.
    pub retry_min: TimeDelta,
    /// The longest after a failed attempt.
    pub retry_max: TimeDelta,
    /// Between two looks at what is held.
    pub recheck: TimeDelta,
}

/// The time of a decision, and a number from 0 to 1 that spreads those who failed together.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Moment {
    /// Now.
    pub now: Time,
    /// From 0 to 1.
    pub jitter: f64,
}

/// The stages under which a release may go to a kind of destination.
pub fn accepts(kind: DestinationKind, made_under: Stage) -> bool {
    match kind {
        DestinationKind::Clinical => made_under.delivers(),
        DestinationKind::Research => made_under.is_clinical(),
    }
}

/// Whether a release may leave for a kind of destination now: every owner of a fact must say yes.
///
/// # Errors
/// The first reason why not.
pub fn verdict(
    kind: DestinationKind,
    made_under: Stage,
    review: &ReleaseCheck,
    rollout: &StageCheck,
    intake: &SourceCheck,
) -> Result<(), Reason> {
    if !review.may_send {
        return Err(Reason::new("release_held", &review.reason));
    }
    let stage_allows = match kind {
        DestinationKind::Clinical => rollout.may_send,
        DestinationKind::Research => rollout.may_release,
    };
    if !stage_allows || !accepts(kind, made_under) || !accepts(kind, rollout.stage) {
        let words = format!(
            "a release made under stage {} may not go to this destination while the deployment is {}: {}",
            made_under.as_str(),
            rollout.stage.as_str(),
            rollout.reason
        );
        return Err(Reason::new("stage_forbids", words.trim_end_matches(": ")));
    }
    if !intake.unchanged {
        let words = "the source images or the identity of the patient changed, or source images were lost";
        return Err(Reason::new("source_changed", words));
    }
    Ok(())
}

/// Decides what becomes of a send: its next value and the event that tells of it.
///
/// # Errors
/// A refusal when the command doesn't fit the state.
pub fn decide(
    send: &Send,
    command: Command,
    pauses: Pauses,
    moment: Moment,
) -> Result<(Send, Option<Event>), Refusal> {
    let mut next = Send { version: send.version + 1, ..send.clone() };
    let (id, case) = (send.id.clone(), send.case.clone());
    let event = match (send.state, command) {
        (SendState::Delivered, _) => return Err(refusal("already_delivered", send)),
        (SendState::Queued | SendState::Held, Command::Complete { .. }) => {
            return Err(refusal("not_sending", send));
        }
        (_, Command::Begin) => {
            next.state = SendState::Sending;
            next.attempts += 1;
            next.next_attempt_at = None;
            next.reason_code = None;
            None
        }
        (state, Command::Hold(reason)) => {
            let news = state != SendState::Held || send.reason_code.as_deref() != Some(reason.code);
            next.state = SendState::Held;
            next.next_attempt_at = Some(moment.now + spread(pauses.recheck, moment.jitter));
            keep(&mut next, &reason);
            news.then(|| Event::SendHeld { send: id, case, reason_code: reason.code.to_owned() })
        }
        (SendState::Sending, Command::Interrupt(reason)) => {
            next.state = SendState::Queued;
            let pause = doubled(send.attempts, pauses.retry_min, pauses.retry_max);
            next.next_attempt_at = Some(moment.now + spread(pause, moment.jitter));
            keep(&mut next, &reason);
            Some(Event::SendFailed { send: id, case, reason_code: reason.code.to_owned() })
        }
        // Nothing was attempted: the send waits as before, and a hold stays a hold.
        (SendState::Queued | SendState::Held, Command::Interrupt(reason)) => {
            next.next_attempt_at = Some(moment.now + spread(pauses.recheck, moment.jitter));
            next.last_error = Some(reason.words);
            None
        }
        (SendState::Sending, Command::Complete { content, objects }) => {
            next.state = SendState::Delivered;
            next.objects = objects;
            next.objects_stored = objects;
            next.next_attempt_at = None;
            next.reason_code = None;
            next.last_error = None;
            next.content = Some(content);
            next.delivered_at = Some(moment.now);
            Some(Event::SendDelivered { send: id, case, content, objects })
        }
    };
    Ok((next, event))
}

fn keep(send: &mut Send, reason: &Reason) {
    send.reason_code = Some(reason.code.to_owned());
    send.last_error = Some(reason.words.clone());
}

/// Doubles with each attempt up to the longest pause.
fn doubled(attempts: u32, shortest: TimeDelta, longest: TimeDelta) -> TimeDelta {
    let doublings = attempts.saturating_sub(1).min(20);
    (shortest * 2_i32.pow(doublings)).min(longest)
}

/// Half the pause to one and a half of it.
fn spread(pause: TimeDelta, jitter: f64) -> TimeDelta {
    let milliseconds = pause.num_milliseconds() as f64 * (0.5 + jitter.clamp(0.0, 1.0));
    TimeDelta::milliseconds(milliseconds as i64)
}

fn refusal(code: &str, send: &Send) -> Refusal {
    Refusal::new(
        code,
        format!("send {} is {:?} and can't do this", send.id, send.state),
        "load the send again and look at its state",
    )
}

#[cfg(test)]
mod tests;
