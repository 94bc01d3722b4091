//! Cases that are known to be bad and test whether anybody notices.

use super::{Definition, Group, Measured};
use crate::CaseId;
use serde::{Deserialize, Serialize};

/// How many test cases of a group were caught.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SentinelFigure {
    /// The group.
    pub group: Group,
    /// Test cases, or reads of them, that came to a verdict.
    pub count: u32,
    /// Those that were caught.
    pub caught: u32,
    /// Reads that could not judge; they count for neither.
    pub unable: u32,
    /// The test cases.
    pub cases: Vec<CaseId>,
    /// Those that were missed.
    pub missed: Vec<CaseId>,
    /// The share that was caught.
    pub rate: Option<Measured>,
}

/// Which test cases were caught.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Sentinels {
    /// By case: whether two readers would have released it.
    pub cases: Vec<SentinelFigure>,
    /// By reader and read.
    pub readers: Vec<SentinelFigure>,
    /// What each is.
    pub definitions: Vec<Definition>,
}
