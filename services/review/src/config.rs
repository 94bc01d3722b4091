//! Configuration of review.

use serde::{Deserialize, Serialize};

/// Configuration of review; `Default` is the reference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// The rules that new cases are read under until quality puts others in force. A case keeps the rules it was
    /// queued with.
    pub policy: contract::review::Policy,
    /// Within this many minutes of age cases come in an order of each reader's own, minutes.
    pub worklist_bucket_minutes: u32,
    /// How often lapsed holds and final reads are looked for, seconds.
    pub conclude_seconds: u32,
    /// How often rollout is asked whether what is held may go on, seconds.
    pub recheck_held_seconds: u32,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            policy: contract::review::Policy::default(),
            worklist_bucket_minutes: 60,
            conclude_seconds: 1,
            recheck_held_seconds: 60,
        }
    }
}

impl Config {
    /// Says what is wrong with the values, if anything is.
    ///
    /// # Errors
    /// The first problem, in words.
    pub fn check(&self) -> Result<(), String> {
        self.policy.check().map_err(|problem| format!("review.policy.{problem}"))?;
        let limits = [
            ("review.worklist_bucket_minutes", self.worklist_bucket_minutes, 1, 1_440),
            ("review.conclude_seconds", self.conclude_seconds, 1, 60),
            ("review.recheck_held_seconds", self.recheck_held_seconds, 1, 3_600),
        ];
        for (name, value, min, max) in limits {
            if !(min..=max).contains(&value) {
                return Err(format!("{name} is {value}; it must be from {min} to {max}"));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reference_values_are_within_their_limits() {
        Config::default().check().unwrap();
    }

    #[test]
    fn a_window_of_two_hours_is_refused() {
        let mut config = Config::default();
        config.policy.finalisation_minutes = 120;
        assert!(config.check().unwrap_err().contains("finalisation_minutes"));
    }
}
