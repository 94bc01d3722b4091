//! The rules of review, as versioned data.

use crate::{Priority, Time, UserId};
use serde::{Deserialize, Serialize};

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
    /// How long a slot is kept for the reader whose hold lapsed or who withdrew a read, minutes.
    pub first_call_minutes: u32,
    /// When a case of routine priority is due after it was queued, minutes.
    pub due_minutes: u32,
    /// When a STAT case is due after it was queued, minutes.
    pub due_minutes_stat: u32,
    /// When an urgent case is due after it was queued, minutes.
    pub due_minutes_urgent: u32,
    /// When an off-peak case is due after it was queued, minutes.
    pub due_minutes_off_peak: u32,
    /// After how much of its time a STAT case moves up, percent.
    pub escalates_percent_stat: u32,
    /// After how much of its time an urgent case moves up, percent.
    pub escalates_percent_urgent: u32,
    /// After how much of its time a case of routine priority moves up, percent.
    pub escalates_percent_routine: u32,
    /// After how much of its time an off-peak case moves up, percent.
    pub escalates_percent_off_peak: u32,
    /// When a case is of no use any more after it was queued, hours: it ends unreleased.
    pub expires_after_hours: u32,
    /// Whether every flagged region must be disposed of before signing.
    pub require_region_dispositions: bool,
    /// Whether a reader needs a valid credential for the modality and the use of a case.
    pub require_credentials: bool,
    /// Whether adjudicators are offered first reads too.
    pub adjudicators_take_first_slots: bool,
    /// How many of a thousand agreed cases get a third read, among which the discordant ones hide.
    pub decoy_per_mille: u32,
    /// How many sentinel cases are mixed in for a thousand queued ones.
    pub sentinel_per_mille: u32,
    /// How many of a thousand ended cases one of their readers is asked to read once more.
    pub repeat_per_mille: u32,
    /// How long after its end a case may be read once more, days.
    pub repeat_after_days: u32,
    /// How many of a thousand cases at shadow evaluation readers are asked to read.
    pub evaluation_per_mille: u32,
    /// When a case at shadow is of no use any more after it was queued, hours. It waits for the clinical cases of the
    /// same source, which nothing may delay.
    pub evaluation_expires_after_hours: u32,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            version: "1".to_owned(),
            finalisation_minutes: 10,
            lease_minutes: 15,
            lease_hours_max: 4,
            first_call_minutes: 15,
            due_minutes: 24 * 60,
            due_minutes_stat: 30,
            due_minutes_urgent: 2 * 60,
            due_minutes_off_peak: 3 * 24 * 60,
            escalates_percent_stat: 50,
            escalates_percent_urgent: 50,
            escalates_percent_routine: 80,
            escalates_percent_off_peak: 80,
            expires_after_hours: 7 * 24,
            require_region_dispositions: false,
            require_credentials: true,
            adjudicators_take_first_slots: false,
            decoy_per_mille: 100,
            sentinel_per_mille: 15,
            repeat_per_mille: 10,
            repeat_after_days: 30,
            evaluation_per_mille: 250,
            evaluation_expires_after_hours: 21 * 24,
        }
    }
}

impl Policy {
    /// Says which value is out of its bounds, if one is.
    ///
    /// # Errors
    /// The first problem, in words.
    pub fn check(&self) -> Result<(), String> {
        let limits = [
            ("finalisation_minutes", self.finalisation_minutes, 0, 60),
            ("lease_minutes", self.lease_minutes, 1, 120),
            ("lease_hours_max", self.lease_hours_max, 1, 24),
            ("first_call_minutes", self.first_call_minutes, 0, 120),
            ("due_minutes", self.due_minutes, 1, 30 * 24 * 60),
            ("due_minutes_stat", self.due_minutes_stat, 1, 30 * 24 * 60),
            ("due_minutes_urgent", self.due_minutes_urgent, 1, 30 * 24 * 60),
            ("due_minutes_off_peak", self.due_minutes_off_peak, 1, 30 * 24 * 60),
            ("escalates_percent_stat", self.escalates_percent_stat, 10, 100),
            ("escalates_percent_urgent", self.escalates_percent_urgent, 10, 100),
            ("escalates_percent_routine", self.escalates_percent_routine, 10, 100),
            ("escalates_percent_off_peak", self.escalates_percent_off_peak, 10, 100),
            ("expires_after_hours", self.expires_after_hours, 1, 365 * 24),
            ("decoy_per_mille", self.decoy_per_mille, 0, 1_000),
            ("sentinel_per_mille", self.sentinel_per_mille, 0, 100),
            ("repeat_per_mille", self.repeat_per_mille, 0, 100),
            ("repeat_after_days", self.repeat_after_days, 1, 365),
            ("evaluation_per_mille", self.evaluation_per_mille, 0, 1_000),
            ("evaluation_expires_after_hours", self.evaluation_expires_after_hours, 1, 365 * 24),
        ];
        for (name, value, min, max) in limits {
            if !(min..=max).contains(&value) {
                return Err(format!("{name} is {value}; it must be from {min} to {max}"));
            }
        }
        let due = Priority::ALL.map(|priority| self.due_minutes_of(priority));
        if !due.is_sorted() {
            return Err(
                "due_minutes: what is more urgent is due no later than what is less urgent".to_owned()
            );
        }
        Ok(())
    }

    /// When a case of this priority is due after it was queued, minutes.
    pub fn due_minutes_of(&self, priority: Priority) -> u32 {
        match priority {
            Priority::Stat => self.due_minutes_stat,
            Priority::Urgent => self.due_minutes_urgent,
            Priority::Routine => self.due_minutes,
            Priority::OffPeak => self.due_minutes_off_peak,
        }
    }

    /// After how much of its time a case of this priority moves up, percent.
    pub fn escalates_percent_of(&self, priority: Priority) -> u32 {
        match priority {
            Priority::Stat => self.escalates_percent_stat,
            Priority::Urgent => self.escalates_percent_urgent,
            Priority::Routine => self.escalates_percent_routine,
            Priority::OffPeak => self.escalates_percent_off_peak,
        }
    }
}

/// Puts new rules in force for the cases that are queued from then on.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ChangePolicy {
    /// The rules; their version is given by review.
    pub policy: Policy,
    /// Why.
    pub reason: String,
}

/// A version of the rules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyVersion {
    /// The rules.
    pub policy: Policy,
    /// Why they were put in force; empty for those of the configuration.
    pub reason: String,
    /// Who put them in force; `None` for those of the configuration.
    pub adopted_by: Option<UserId>,
    /// When; `None` for those of the configuration.
    pub adopted_at: Option<Time>,
}
