//! How soon something is wanted.

use serde::{Deserialize, Serialize};

/// How soon a case, and the run before it, is wanted; the most urgent first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    /// Now: somebody waits beside the patient.
    Stat,
    /// Today, before what is routine.
    Urgent,
    /// In its turn.
    #[default]
    Routine,
    /// When nothing else waits.
    OffPeak,
}

impl Priority {
    /// Every priority, the most urgent first.
    pub const ALL: [Self; 4] = [Self::Stat, Self::Urgent, Self::Routine, Self::OffPeak];

    /// The priority as it stands in JSON and databases.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Stat => "stat",
            Self::Urgent => "urgent",
            Self::Routine => "routine",
            Self::OffPeak => "off_peak",
        }
    }

    /// The priority as people write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Stat => "STAT",
            Self::Urgent => "urgent",
            Self::Routine => "routine",
            Self::OffPeak => "off-peak",
        }
    }

    /// What Requested Procedure Priority says; `None` where it is absent or no word of the standard.
    ///
    /// # Source
    /// PS3.3 C.4.11, (0040,1003): STAT, HIGH, ROUTINE, MEDIUM, LOW.
    pub fn of_requested_procedure(word: &str) -> Option<Self> {
        match word.trim().to_ascii_uppercase().as_str() {
            "STAT" => Some(Self::Stat),
            "HIGH" => Some(Self::Urgent),
            "ROUTINE" | "MEDIUM" => Some(Self::Routine),
            "LOW" => Some(Self::OffPeak),
            _ => None,
        }
    }

    /// Whether it is what holds where nobody says anything.
    pub fn is_routine(&self) -> bool {
        *self == Self::Routine
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_the_standard_are_read_and_no_others() {
        let read = ["STAT", "HIGH ", "ROUTINE", "medium", "LOW", "", "SOON"];
        let read = read.map(Priority::of_requested_procedure);
        let [stat, urgent, routine, off_peak] = Priority::ALL.map(Some);
        assert_eq!(read, [stat, urgent, routine, routine, off_peak, None, None]);
    }

    #[test]
    fn the_word_in_databases_is_the_word_in_json() {
        for priority in Priority::ALL {
            assert_eq!(serde_json::to_value(priority).unwrap(), priority.as_str());
        }
    }
}
