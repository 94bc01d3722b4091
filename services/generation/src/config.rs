//! Configuration of generation.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

/// Configuration of generation; `Default` is the reference.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Attempts in all before a run fails.
    pub attempts_max: u32,
    /// How long a job may wait in its queue before it is published once more, seconds.
    pub queue_seconds: u32,
    /// How many jobs of a pool may wait in its queue before a worker has started one of them. Further runs wait in the
    /// database, where the most urgent goes first.
    pub unstarted_max: u32,
    /// How long a worker may say nothing before its job goes to another, seconds.
    pub lease_seconds: u32,
    /// The pause before the second attempt, seconds; it doubles.
    pub pause_seconds: u32,
    /// How long after its request a run may still be worked on, seconds.
    pub deadline_seconds: u32,
    /// A result whose domain score is lower than this makes no case.
    pub domain_min: f64,
    /// Whether "AI" is written into a corner of the derived pixels.
    pub mark_pixels: bool,
    /// (0018,1000) of this installation, in every derived object.
    pub device_serial_number: String,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            attempts_max: 3,
            queue_seconds: 600,
            unstarted_max: 2,
            lease_seconds: 120,
            pause_seconds: 5,
            deadline_seconds: 14_400,
            domain_min: 0.01,
            mark_pixels: true,
            device_serial_number: "1".to_owned(),
        }
    }
}

impl Config {
    /// Whether the values can be used.
    ///
    /// # Errors
    /// The key and what is wrong, in words.
    pub fn check(&self) -> Result<(), String> {
        if self.attempts_max == 0 {
            return Err("generation.attempts_max is 0: no run would ever be tried".to_owned());
        }
        if self.unstarted_max == 0 {
            return Err("generation.unstarted_max is 0: no job would ever be published".to_owned());
        }
        if self.lease_seconds == 0 || self.queue_seconds == 0 || self.deadline_seconds == 0 {
            return Err("generation: lease, queue and deadline are at least one second".to_owned());
        }
        if !(0.0..=1.0).contains(&self.domain_min) {
            return Err(format!("generation.domain_min {} is not a share", self.domain_min));
        }
        let serial = &self.device_serial_number;
        let plain = serial.chars().all(|c| c.is_ascii_graphic() && c != '\\');
        if serial.is_empty() || serial.len() > 64 || !plain {
            return Err("generation.device_serial_number is 1 to 64 characters without spaces".to_owned());
        }
        Ok(())
    }

    pub(crate) fn deadline(&self) -> TimeDelta {
        TimeDelta::seconds(i64::from(self.deadline_seconds))
    }
}
