//! Structured reports: one for each signed read, with the reader as author and sole verifying observer, and a
//! release summary by the device (clinical decision 19).
//!
//! Both are Comprehensive 3D SR of TID 1500. A read's report is a pure function of the signed read and the study;
//! it says nothing that the reader did not sign. Beside them stands the note that takes a release back.

mod concept;
mod content;
mod document;
mod read;
mod rejection;
mod summary;

pub use document::{Evidence, EvidenceInstance, EvidenceSeries};
pub use read::{read_report, report_uids};
pub use rejection::{Rejection, RejectionTitle, rejection_note};
pub use summary::{release_summary, summary_uids};
