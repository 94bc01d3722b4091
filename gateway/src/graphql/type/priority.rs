//! How soon something is wanted.

use async_graphql::Enum;

#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "contract::Priority")]
pub(crate) enum Priority {
    /// Now: somebody waits beside the patient.
    Stat,
    /// Today, before what is routine.
    Urgent,
    /// In its turn.
    Routine,
    /// When nothing else waits.
    OffPeak,
}
