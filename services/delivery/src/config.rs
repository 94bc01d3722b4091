//! Configuration of delivery.

use contract::delivery::{DestinationKind, DestinationState, DestinationTerms};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt;

/// Configuration of delivery; `Default` is the reference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Our AE title when we call a destination.
    pub calling_ae_title: String,
    /// (0040,A027) of the reports: where the readers read.
    pub organization: String,
    /// Where releases are sent, beside the destinations that administrators add on the page. What changes here counts
    /// from the next start on; what was changed there meanwhile stays.
    pub destinations: Vec<Destination>,
    /// The pause after the first failed attempt, seconds; it doubles.
    pub retry_seconds_min: u32,
    /// The longest pause after a failed attempt, seconds.
    pub retry_seconds_max: u32,
    /// How often the checks are asked again about what is held, seconds.
    pub recheck_held_seconds: u32,
    /// The pause before a destination is first asked whether the objects of a recalled release are gone, seconds; it
    /// doubles.
    pub recall_look_seconds_min: u32,
    /// The longest pause between two such questions, seconds.
    pub recall_look_seconds_max: u32,
    /// How long connecting and negotiating may take, each, seconds.
    pub connect_seconds: u32,
    /// How long a destination may take to answer for one object, seconds.
    pub answer_seconds: u32,
}

/// Where releases are sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Destination {
    /// AE title, at most 16 characters.
    pub ae_title: String,
    /// Name or address of the machine.
    pub host: String,
    /// Port.
    pub port: u16,
    /// What may be sent there.
    pub kind: DestinationKind,
}

impl Destination {
    /// What the configuration says of it.
    pub(crate) fn terms(&self) -> DestinationTerms {
        let Self { ae_title, host, port, kind } = self.clone();
        DestinationTerms { ae_title, host, port, kind, state: DestinationState::InUse }
    }
}

/// Its name.
impl fmt::Display for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}:{}", self.ae_title, self.host, self.port)
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            calling_ae_title: "COUNTERSIGN".to_owned(),
            organization: "Unnamed site".to_owned(),
            destinations: Vec::new(),
            retry_seconds_min: 5,
            retry_seconds_max: 600,
            recheck_held_seconds: 15,
            recall_look_seconds_min: 15,
            recall_look_seconds_max: 3_600,
            connect_seconds: 10,
            answer_seconds: 60,
        }
    }
}

impl Config {
    /// Says what is wrong with the values, if anything is.
    ///
    /// # Errors
    /// The first problem, in words.
    pub fn check(&self) -> Result<(), String> {
        let limits = [
            ("delivery.retry_seconds_min", self.retry_seconds_min, 1, self.retry_seconds_max),
            ("delivery.retry_seconds_max", self.retry_seconds_max, 1, 86_400),
            ("delivery.recheck_held_seconds", self.recheck_held_seconds, 1, 3_600),
            (
                "delivery.recall_look_seconds_min",
                self.recall_look_seconds_min,
                1,
                self.recall_look_seconds_max,
            ),
            ("delivery.recall_look_seconds_max", self.recall_look_seconds_max, 1, 86_400),
            ("delivery.connect_seconds", self.connect_seconds, 1, 300),
            ("delivery.answer_seconds", self.answer_seconds, 1, 600),
        ];
        for (name, value, min, max) in limits {
            if !(min..=max).contains(&value) {
                return Err(format!("{name} is {value}; it must be from {min} to {max}"));
            }
        }
        if self.organization.trim().is_empty() || self.organization.chars().count() > 64 {
            return Err("delivery.organization must have 1 to 64 characters".to_owned());
        }
        check_ae_title("delivery.calling_ae_title", &self.calling_ae_title)?;
        let mut known = BTreeSet::new();
        for destination in &self.destinations {
            check_ae_title("delivery.destinations.ae_title", &destination.ae_title)?;
            if destination.host.is_empty() || destination.port == 0 {
                return Err(format!("the destination '{destination}' has no host or no port"));
            }
            if !known.insert(destination.to_string()) {
                return Err(format!("the destination '{destination}' is there twice"));
            }
        }
        Ok(())
    }
}

/// PS3.5 6.2: 1 to 16 printable characters without backslash, not only spaces.
pub(crate) fn check_ae_title(name: &str, title: &str) -> Result<(), String> {
    let printable = title.chars().all(|c| (' '..='~').contains(&c) && c != '\\');
    if printable && title.len() <= 16 && !title.trim().is_empty() {
        Ok(())
    } else {
        Err(format!("{name} is '{title}'; an AE title has 1 to 16 printable characters, no backslash"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn destination(ae_title: &str) -> Destination {
        let kind = DestinationKind::Clinical;
        Destination { ae_title: ae_title.to_owned(), host: "pacs".to_owned(), port: 104, kind }
    }

    #[test]
    fn the_reference_values_are_within_their_limits() {
        Config::default().check().unwrap();
    }

    #[test]
    fn a_destination_is_named_by_title_and_address() {
        assert_eq!(destination("PACS1").to_string(), "PACS1@pacs:104");
    }

    #[test]
    fn a_title_that_dicom_forbids_and_a_destination_there_twice_are_refused() {
        for titles in [&["A_TITLE_OF_17_CHRS"][..], &[" "], &["A\\B"], &["PACS1", "PACS1"]] {
            let destinations = titles.iter().map(|title| destination(title)).collect();
            let config = Config { destinations, ..Config::default() };
            config.check().unwrap_err();
        }
    }
}
