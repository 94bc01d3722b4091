//! How urgent a case is, and in which order a reader is shown what there is. Pure.
//!
//! All of it follows from the priority of a case, from when it was queued and from the rules: [`Waiting`] has no field
//! for what readers do, so that no place in a worklist tells anybody of somebody else's read. What runs out of its time
//! moves up: nothing that is older waits for ever behind what is younger, but a STAT case comes before whatever is not.

use crate::case::Case;
use chrono::TimeDelta;
use contract::review::Policy;
use contract::{Digest, Priority, Time, UserId};

/// The smallest share of its time within which a reader's own order may mix a case with others.
const MIXED_SHARE: u32 = 6;
/// Digits of the instant as of which a list is ordered, at the beginning of each cursor.
const AS_OF_DIGITS: usize = 16;

/// All that the place of a case in worklists depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waiting {
    /// How soon it is wanted.
    pub priority: Priority,
    /// Since when it waits.
    pub queued_at: Time,
    /// From when on its time is running out.
    pub escalates_at: Time,
    /// When it should have ended.
    pub due_at: Time,
}

/// How much of its time a case has left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// Enough.
    OnTime,
    /// It is running out.
    DueSoon,
    /// None.
    Overdue,
}

/// How urgent a case is now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Urgency {
    /// Its step in worklists; 0 comes first.
    pub step: u8,
    /// How much of its time it has left.
    pub standing: Standing,
    /// When it should have ended.
    pub due_at: Time,
}

impl Waiting {
    /// What waits with a priority, under some rules.
    pub fn new(policy: &Policy, priority: Priority, queued_at: Time) -> Self {
        let minutes = i64::from(policy.due_minutes_of(priority));
        let percent = i64::from(policy.escalates_percent_of(priority).min(100));
        let escalates_at = queued_at + TimeDelta::seconds(minutes * 60 * percent / 100);
        Self { priority, queued_at, escalates_at, due_at: queued_at + TimeDelta::minutes(minutes) }
    }

    /// How urgent it is.
    pub fn urgency(&self, now: Time) -> Urgency {
        let standing = if now >= self.due_at {
            Standing::Overdue
        } else if now >= self.escalates_at {
            Standing::DueSoon
        } else {
            Standing::OnTime
        };
        let step = match (self.priority, standing) {
            (Priority::Stat, Standing::DueSoon | Standing::Overdue) => 0,
            (Priority::Stat, Standing::OnTime) => 1,
            (_, Standing::Overdue) | (Priority::Urgent, Standing::DueSoon) => 2,
            (Priority::Urgent, Standing::OnTime) | (Priority::Routine, Standing::DueSoon) => 3,
            (Priority::Routine, Standing::OnTime) | (Priority::OffPeak, Standing::DueSoon) => 4,
            (Priority::OffPeak, Standing::OnTime) => 5,
        };
        Urgency { step, standing, due_at: self.due_at }
    }

    /// The age by which it is sorted within its step: when it was queued, in steps of `bucket_minutes` or of a share of
    /// its own time, whichever is shorter.
    fn age_step(&self, bucket_minutes: u32) -> i64 {
        let own = (self.due_at - self.queued_at).num_minutes() / i64::from(MIXED_SHARE);
        let seconds = i64::from(bucket_minutes).min(own).max(1) * 60;
        self.queued_at.timestamp().max(0) / seconds * seconds
    }
}

/// The instant as of which a list is ordered that goes on after a cursor: that of its first page, so that what becomes
/// urgent meanwhile is neither left out nor shown twice. Whole minutes, and never later than now.
pub fn as_of(after: Option<&str>, now: Time) -> Time {
    let begun = after.and_then(|cursor| cursor.get(..AS_OF_DIGITS));
    let begun = begun.and_then(|digits| i64::from_str_radix(digits, 16).ok());
    let minute = now.timestamp().div_euclid(60) * 60;
    let seconds = begun.map_or(minute, |begun| begun.min(minute));
    Time::from_timestamp(seconds, 0).unwrap_or(now)
}

/// Sorts a case in a reader's worklist, and is the list's cursor: what the reader holds, then the most urgent, then the
/// oldest; cases that are as urgent and about as old come in an order of the reader's own.
pub fn worklist_key(reader: &UserId, case: &Case, is_held: bool, as_of: Time, bucket_minutes: u32) -> String {
    let waiting = case.waiting();
    let (step, age) = (waiting.urgency(as_of).step, waiting.age_step(bucket_minutes));
    let shuffled = Digest::of(format!("{reader} {}", case.id).as_bytes()).leading_bits();
    let held = u8::from(!is_held);
    format!("{:0AS_OF_DIGITS$x}{held}{step}{age:016x}{shuffled:032x}", as_of.timestamp().max(0))
}

#[cfg(test)]
mod tests;
