//! What was on a reader's screen, as the browser counted it and the signature covers it.

use serde::{Deserialize, Serialize};

/// How long a slice stays on the screen until it counts as displayed, ms.
pub const DISPLAYED_AFTER_MS: u32 = 150;
/// The most regions and slices of regions that one viewing tells of.
pub const REGION_SLICES_MAX: usize = 10_000;

/// What was displayed to a reader before signing.
///
/// "At 1:1" counts full-resolution pixels only: at least one pixel of the screen for each of the image (clinical
/// decision 24).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Viewing {
    /// The source series.
    pub original: Displayed,
    /// The AI image.
    pub image: Displayed,
    /// How long the original stood alone before the AI image was first displayed, ms; 0 when it never did.
    pub original_alone_ms: u32,
    /// Slices of the regions that the run lists that were displayed at 1:1, the region whole in the pane.
    pub regions: Vec<RegionDisplayed>,
    /// On what.
    pub screen: Screen,
}

/// How much of a series was displayed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Displayed {
    /// Slices that were displayed, at whatever scale.
    pub slices: u32,
    /// Of these, at 1:1.
    pub slices_full: u32,
    /// For how long in all, ms.
    pub ms: u32,
    /// Of this, at 1:1, ms.
    pub ms_full: u32,
}

/// Slices of a region that were displayed at 1:1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegionDisplayed {
    /// Index in the run's list of regions.
    pub region: u32,
    /// Places along the slice normal, from 0, ascending.
    pub slices: Vec<u32>,
}

/// The window on the screen that the images stood in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Screen {
    /// Pixels of the screen for each CSS pixel, per cent.
    pub density_percent: u32,
    /// Columns of the window, pixels of the screen.
    pub columns: u32,
    /// Rows of the window, pixels of the screen.
    pub rows: u32,
}
