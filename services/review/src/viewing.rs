//! What must have been displayed before anybody signs, held against the regions that the run lists.
//!
//! The browser counts: what it says must be possible, and whole. It shows that the software showed, not that a
//! person looked.

use contract::Refusal;
use contract::generation::Region;
use contract::review::{DISPLAYED_AFTER_MS, Displayed, REGION_SLICES_MAX, Viewing};
use std::collections::BTreeSet;

/// The longest time that a viewing tells of, ms: a day, the longest that a policy lets a case be held.
const MS_MAX: u32 = 24 * 60 * 60 * 1_000;
/// The most pixels of a screen in one direction.
const SCREEN_PIXELS_MAX: u32 = 65_536;
/// Pixels of the screen for each CSS pixel, per cent: browsers zoom from 25 to 500 % on screens of up to 400 %.
const DENSITY_PERCENT: std::ops::RangeInclusive<u32> = 25..=2_000;

/// Refuses what can't have happened and what was not displayed.
pub fn check(viewing: Option<&Viewing>, regions: &[Region]) -> Result<(), Refusal> {
    let viewing = viewing.ok_or_else(|| {
        Refusal::new(
            "viewing_missing",
            "this read says nothing of what was displayed before",
            "look at the case in the reading room and sign there",
        )
    })?;
    possible(viewing, regions).map_err(|what| {
        Refusal::new(
            "viewing_implausible",
            format!("what this page counted as displayed can't be: {what}"),
            "reload the page and look at the case again; if it happens again, call quality and do not sign",
        )
    })?;
    if viewing.original.slices == 0 || viewing.image.slices == 0 {
        return Err(Refusal::new(
            "not_displayed",
            "the original and the AI image were not both displayed",
            "look at both, the original first",
        ));
    }
    match slices_left(viewing, regions) {
        0 => Ok(()),
        left => Err(Refusal::new(
            "regions_unseen",
            format!("{left} slices of flagged regions were not displayed at 1:1"),
            "walk through the regions until each of their slices was displayed at 1:1",
        )),
    }
}

/// Whether the list of regions is of a length that can be kept.
pub fn is_bounded(viewing: &Viewing) -> bool {
    viewing.regions.iter().map(|region| 1 + region.slices.len()).sum::<usize>() <= REGION_SLICES_MAX
}

/// Says what can't have happened, if anything can't.
fn possible(viewing: &Viewing, regions: &[Region]) -> Result<(), &'static str> {
    let Viewing { original, image, original_alone_ms, screen, .. } = viewing;
    possible_times(original)?;
    possible_times(image)?;
    if *original_alone_ms > original.ms {
        return Err("the original stood alone for longer than it was displayed");
    }
    let columns_and_rows = [screen.columns, screen.rows];
    if !columns_and_rows.iter().all(|pixels| (1..=SCREEN_PIXELS_MAX).contains(pixels))
        || !DENSITY_PERCENT.contains(&screen.density_percent)
    {
        return Err("no screen is of this size");
    }
    possible_regions(viewing, regions)
}

fn possible_times(displayed: &Displayed) -> Result<(), &'static str> {
    let Displayed { slices, slices_full, ms, ms_full } = *displayed;
    let too_short = |slices: u32, ms: u32| u64::from(slices) * u64::from(DISPLAYED_AFTER_MS) > u64::from(ms);
    if slices_full > slices || ms_full > ms {
        return Err("more was displayed at 1:1 than was displayed");
    }
    if too_short(slices, ms) || too_short(slices_full, ms_full) {
        return Err("slices were displayed for less time than a displayed slice takes");
    }
    if ms > MS_MAX {
        return Err("images were displayed for more than a day");
    }
    Ok(())
}

fn possible_regions(viewing: &Viewing, regions: &[Region]) -> Result<(), &'static str> {
    let mut displayed: BTreeSet<u32> = BTreeSet::new();
    let mut named: BTreeSet<u32> = BTreeSet::new();
    for entry in &viewing.regions {
        let place = usize::try_from(entry.region).unwrap_or(usize::MAX);
        let region = regions.get(place).ok_or("the case has no such region")?;
        let (first, last) = region.slices;
        if !entry.slices.iter().all(|slice| (first..=last).contains(slice)) {
            return Err("a region has no such slice");
        }
        if !named.insert(entry.region) || !entry.slices.is_sorted_by(|one, next| one < next) {
            return Err("a region or a slice is told twice");
        }
        displayed.extend(&entry.slices);
    }
    let at_full_size = usize::try_from(viewing.image.slices_full).unwrap_or(usize::MAX);
    if displayed.len() > at_full_size {
        return Err("more slices of regions were displayed at 1:1 than slices of the image");
    }
    Ok(())
}

/// How many slices of regions were not displayed at 1:1.
fn slices_left(viewing: &Viewing, regions: &[Region]) -> usize {
    let displayed: BTreeSet<(usize, u32)> = viewing
        .regions
        .iter()
        .flat_map(|entry| entry.slices.iter().map(|slice| (entry.region as usize, *slice)))
        .collect();
    let wanted = regions.iter().enumerate();
    let wanted = wanted.flat_map(|(index, region)| {
        let (first, last) = region.slices;
        (first..=last).map(move |slice| (index, slice))
    });
    wanted.filter(|slice| !displayed.contains(slice)).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{regions, viewing};
    use contract::review::RegionDisplayed;

    fn refused(change: impl FnOnce(&mut Viewing)) -> String {
        let mut changed = viewing(&regions());
        change(&mut changed);
        check(Some(&changed), &regions()).unwrap_err().code
    }

    #[test]
    fn a_read_without_what_was_displayed_is_refused() {
        assert_eq!(check(None, &[]).unwrap_err().code, "viewing_missing");
        check(Some(&viewing(&regions())), &regions()).unwrap();
        check(Some(&viewing(&[])), &[]).unwrap();
    }

    #[test]
    fn each_slice_of_each_region_must_have_been_displayed_at_full_size() {
        for region in 0..regions().len() {
            for slice in 0..viewing(&regions()).regions[region].slices.len() {
                let code = refused(|viewing| {
                    viewing.regions[region].slices.remove(slice);
                });
                assert_eq!(code, "regions_unseen", "region {region}, its slice {slice}");
            }
        }
        assert_eq!(refused(|viewing| viewing.regions.clear()), "regions_unseen");
    }

    #[test]
    fn both_images_must_have_been_displayed() {
        let nothing = Displayed { slices: 0, slices_full: 0, ms: 0, ms_full: 0 };
        let no_original = |viewing: &mut Viewing| {
            (viewing.original, viewing.original_alone_ms) = (nothing, 0);
        };
        assert_eq!(refused(no_original), "not_displayed");
        let mut no_image = viewing(&[]);
        no_image.image = nothing;
        assert_eq!(check(Some(&no_image), &[]).unwrap_err().code, "not_displayed");
    }

    #[test]
    fn what_cannot_have_happened_is_refused() {
        type Change = fn(&mut Viewing);
        let impossible: [(&str, Change); 14] = [
            ("1:1 slices", |viewing| viewing.image.slices_full = viewing.image.slices + 1),
            ("1:1 time", |viewing| viewing.image.ms_full = viewing.image.ms + 1),
            ("too quick", |viewing| {
                (viewing.original.ms, viewing.original.ms_full, viewing.original_alone_ms) = (149, 0, 0);
                (viewing.original.slices, viewing.original.slices_full) = (1, 0);
            }),
            ("too quick at 1:1", |viewing| viewing.image.ms_full = 150 * viewing.image.slices_full - 1),
            ("a day", |viewing| viewing.image.ms = MS_MAX + 1),
            ("alone", |viewing| viewing.original_alone_ms = viewing.original.ms + 1),
            ("density", |viewing| viewing.screen.density_percent = 24),
            ("columns", |viewing| viewing.screen.columns = 0),
            ("rows", |viewing| viewing.screen.rows = SCREEN_PIXELS_MAX + 1),
            ("no such region", |viewing| viewing.regions[1].region = 2),
            ("no such slice", |viewing| viewing.regions[1].slices.push(10)),
            ("a region twice", |viewing| {
                viewing.regions.push(RegionDisplayed { region: 0, slices: vec![4] });
            }),
            ("a slice twice", |viewing| viewing.regions[0].slices.insert(0, 4)),
            ("fewer slices than of regions", |viewing| {
                (viewing.image.slices_full, viewing.image.ms_full) = (3, 450);
            }),
        ];
        for (what, change) in impossible {
            assert_eq!(refused(change), "viewing_implausible", "{what}");
        }
    }

    #[test]
    fn a_list_without_end_is_not_kept() {
        let mut long = viewing(&regions());
        assert!(is_bounded(&long));
        long.regions[0].slices = (0..REGION_SLICES_MAX as u32).collect();
        assert!(!is_bounded(&long));
    }
}
