//! Parameters that MONAI takes once for all levels of resolution, or once for each.

use super::{Error, Result};
use serde::{Deserialize, Serialize};

/// A number for all levels, or one for each.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum PerLevel {
    /// The same for all.
    Same(usize),
    /// One for each, from the highest resolution to the lowest.
    Each(Vec<usize>),
}

impl PerLevel {
    /// Gives the number of each of so many levels.
    pub(super) fn of(&self, levels: usize, name: &str) -> Result<Vec<usize>> {
        match self {
            Self::Same(value) => Ok(vec![*value; levels]),
            Self::Each(values) if values.len() == levels => Ok(values.clone()),
            Self::Each(values) => {
                let why = format!("{name} has {} entries for {levels} levels", values.len());
                Err(Error::Configuration(why))
            }
        }
    }
}

/// Refuses what no network of several levels has.
pub(super) fn refuse_other_levels(
    spatial_dims: usize,
    channels: &[usize],
    attention_levels: &[bool],
    groups: usize,
) -> Result<()> {
    let refuse = |why: String| Err(Error::Configuration(why));
    if ![2, 3].contains(&spatial_dims) {
        return refuse(format!("spatial_dims is {spatial_dims}, neither 2 nor 3"));
    }
    if channels.is_empty() || channels.len() != attention_levels.len() {
        return refuse(format!(
            "{} channels for {} attention_levels",
            channels.len(),
            attention_levels.len()
        ));
    }
    if groups == 0 || channels.iter().any(|&count| count == 0 || !count.is_multiple_of(groups)) {
        return refuse(format!("channels {channels:?} aren't multiples of norm_num_groups {groups}"));
    }
    Ok(())
}
