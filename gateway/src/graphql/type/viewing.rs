//! What was displayed to a reader before signing, as the page counted it.

use async_graphql::InputObject;
use contract::review;

/// What was displayed before signing. At 1:1 means at least one pixel of the screen for each of the image.
#[derive(InputObject)]
pub(crate) struct ViewingInput {
    /// The source series.
    original: DisplayedInput,
    /// The AI image.
    image: DisplayedInput,
    /// How long the original stood alone before the AI image was first displayed, ms; 0 when it never did.
    original_alone_ms: u32,
    /// Slices of the regions that were displayed at 1:1, the region whole in the pane.
    regions: Vec<RegionDisplayedInput>,
    screen: ScreenInput,
}

/// How much of a series was displayed.
#[derive(InputObject)]
pub(crate) struct DisplayedInput {
    /// Slices, at whatever scale.
    slices: u32,
    /// Of these, at 1:1.
    slices_full: u32,
    /// For how long in all, ms.
    ms: u32,
    /// Of this, at 1:1, ms.
    ms_full: u32,
}

/// Slices of a region that were displayed at 1:1.
#[derive(InputObject)]
pub(crate) struct RegionDisplayedInput {
    /// Index in the list of regions.
    region: u32,
    /// Ascending.
    slices: Vec<u32>,
}

/// The window on the screen that the images stood in.
#[derive(InputObject)]
pub(crate) struct ScreenInput {
    /// Pixels of the screen for each CSS pixel, per cent.
    density_percent: u32,
    /// Pixels of the screen.
    columns: u32,
    /// Pixels of the screen.
    rows: u32,
}

impl From<ViewingInput> for review::Viewing {
    fn from(viewing: ViewingInput) -> Self {
        let region = |entry: RegionDisplayedInput| review::RegionDisplayed {
            region: entry.region,
            slices: entry.slices,
        };
        let ScreenInput { density_percent, columns, rows } = viewing.screen;
        Self {
            original: viewing.original.into(),
            image: viewing.image.into(),
            original_alone_ms: viewing.original_alone_ms,
            regions: viewing.regions.into_iter().map(region).collect(),
            screen: review::Screen { density_percent, columns, rows },
        }
    }
}

impl From<DisplayedInput> for review::Displayed {
    fn from(displayed: DisplayedInput) -> Self {
        let DisplayedInput { slices, slices_full, ms, ms_full } = displayed;
        Self { slices, slices_full, ms, ms_full }
    }
}
