//! What a worker's result must be before anything is made of it. Every check fails closed: what is missing or
//! can't be computed is a failed check.

use crate::workflow::Failure;
use contract::job::{INPUT_STATISTICS_MAX, SUSPECTS_MAX, Scores, Suspect};
use imaging::Volume;
use std::f64::consts::PI;
use std::ops::Range;

/// The longest name of a number that is said of an input, characters.
const INPUT_NAME_CHARS_MAX: usize = 32;
/// Values may leave the range of the input by so much: a denoiser does not make denser bone or thinner air.
const RANGE_MARGIN: f32 = 500.0;
/// The mean over the volume may move by so much.
const MEAN_SHIFT_MAX: f64 = 50.0;
/// Mean HU of what its input says is air or lung, or soft tissue, may move by so much.
const TISSUE_SHIFT_MAX: f64 = 50.0;
/// Tissues of which there are fewer voxels say nothing.
const TISSUE_VOXELS_MIN: usize = 100;
/// An image that moves its input by no more than this share of its own uncertainty, in the mean, is a copy.
const COPY_SHARE: f64 = 1e-3;
/// The centre of a suspect may lie so far outside the outermost voxels' centres, voxels: at their own border.
const CENTRE_MARGIN_VOXELS: f64 = 0.5;
/// Places may differ by so many mm: volume files hold 32-bit numbers.
const PLACE_TOLERANCE_MM: f64 = 1e-3;

/// A tissue and its values.
type Tissue = (&'static str, Range<f32>);

/// What is known of the values of a CT: wide enough that noise moves few voxels over a border.
const HOUNSFIELD: [Tissue; 2] = [("air and lung", f32::NEG_INFINITY..-500.0), ("soft tissue", -200.0..200.0)];

/// Gives the tissues that a modality tells apart by their values.
pub fn tissues(modality: &str) -> &'static [Tissue] {
    if modality == "CT" { &HOUNSFIELD } else { &[] }
}

/// A result beside its input.
#[derive(Debug, Clone, Copy)]
pub struct Candidate<'a> {
    /// The input volume.
    pub input: &'a Volume,
    /// The model's image.
    pub image: &'a Volume,
    /// Lower end of the interval.
    pub lower: &'a Volume,
    /// Upper end of the interval.
    pub upper: &'a Volume,
    /// Which voxels the scanner measured: the others are padding, and say nothing.
    pub measured: &'a [bool],
    /// Tissues of the input's modality.
    pub tissues: &'a [Tissue],
}

impl Candidate<'_> {
    /// The values of a volume where there was a measurement.
    fn values<'a>(&'a self, volume: &'a Volume) -> impl Iterator<Item = f32> + 'a {
        volume.data.iter().zip(self.measured).filter(|(_, measured)| **measured).map(|(value, _)| *value)
    }
}

/// Checks the scores of a run.
///
/// # Errors
/// The failed check: a score that is no share, one but the agreement that is missing, or a domain score below
/// `domain_min`.
pub fn scores(scores: &Scores, domain_min: f64) -> Result<(), Failure> {
    let share = |name, score: f64| match score {
        0.0..=1.0 => Ok(score),
        _ => Err(Failure::new("score_invalid", format!("the {name} score is not between 0 and 1"))),
    };
    let present = |name, score: Option<f64>| match score {
        Some(score) => share(name, score),
        None => Err(Failure::new("score_missing", format!("the {name} score is missing"))),
    };
    let domain = present("domain", scores.domain)?;
    present("consistency", scores.consistency)?;
    // A model that gives one image has none.
    scores.agreement.map(|agreement| share("agreement", agreement)).transpose()?;
    input_statistics(scores)?;
    if domain < domain_min {
        let words = format!(
            "the input does not look like what the model was made for: domain score {domain:.4}, at least \
             {domain_min} is needed"
        );
        return Err(Failure::new("out_of_domain", words));
    }
    Ok(())
}

/// Names are short and plain: a worker has no words for anybody.
fn input_statistics(scores: &Scores) -> Result<(), Failure> {
    let plain = |name: &String| {
        (1..=INPUT_NAME_CHARS_MAX).contains(&name.len())
            && name.bytes().all(|letter| matches!(letter, b'a'..=b'z' | b'0'..=b'9' | b'_'))
    };
    let few = scores.input.len() <= INPUT_STATISTICS_MAX;
    if few && scores.input.iter().all(|(name, value)| plain(name) && value.is_finite()) {
        return Ok(());
    }
    let words = format!(
        "what is said of the input isn't at most {INPUT_STATISTICS_MAX} numbers under names of at most \
         {INPUT_NAME_CHARS_MAX} of the letters a to z, 0 to 9 and _"
    );
    Err(Failure::new("input_statistics", words))
}

/// Checks the places that a worker suspects, against its input.
///
/// # Errors
/// The failed check: too many of them, or one that is no place of the input.
pub fn suspects(suspects: &[Suspect], input: &Volume) -> Result<(), Failure> {
    if suspects.len() > SUSPECTS_MAX {
        let words = format!("{} places are suspected, at most {SUSPECTS_MAX} may be", suspects.len());
        return Err(Failure::new("suspects_invalid", words));
    }
    let wrong = (1..).zip(suspects).find_map(|(number, suspect)| Some((number, misplaced(suspect, input)?)));
    match wrong {
        Some((number, what)) => {
            Err(Failure::new("suspects_invalid", format!("of the suspected places number {number} {what}")))
        }
        None => Ok(()),
    }
}

/// Says why a suspect is no place of a volume, if it is none. Comparisons with what is no number are false.
fn misplaced(suspect: &Suspect, volume: &Volume) -> Option<&'static str> {
    let (first, last) = suspect.slices;
    if first > last || last as usize >= volume.dims[2] {
        return Some("touches slices that the volume doesn't have");
    }
    let index = volume.affine.inverse().apply(suspect.centre_mm);
    let within = index.into_iter().zip(volume.dims).all(|(index, voxels)| {
        (-CENTRE_MARGIN_VOXELS..=(voxels - 1) as f64 + CENTRE_MARGIN_VOXELS).contains(&index)
    });
    if !within {
        return Some("has its centre outside the volume");
    }
    let sphere_mm3 = PI / 6.0 * suspect.diameter_mm.powi(3);
    let whole_mm3 = volume.data.len() as f64 * volume.affine.determinant().abs();
    let fits = suspect.diameter_mm > 0.0 && sphere_mm3 <= whole_mm3;
    (!fits).then_some("is of no size, or larger than the volume")
}

/// Checks the volumes of a result.
///
/// # Units
/// All in the input's unit.
///
/// # Errors
/// The first failed check.
pub fn volumes(candidate: Candidate<'_>) -> Result<(), Failure> {
    let Candidate { input, image, lower, upper, .. } = candidate;
    for (name, volume) in [("image", image), ("lower", lower), ("upper", upper)] {
        grid(name, input, volume)?;
        if !volume.data.iter().all(|value| value.is_finite()) {
            let words = format!("the volume '{name}' holds values that are not numbers");
            return Err(Failure::new("not_finite", words));
        }
    }
    if candidate.measured.len() != input.data.len() || !candidate.measured.contains(&true) {
        return Err(Failure::new("nothing_measured", "the input has no voxel that was measured"));
    }
    interval(candidate)?;
    plausible(candidate)?;
    same_tissues(candidate)
}

fn grid(name: &str, input: &Volume, volume: &Volume) -> Result<(), Failure> {
    if volume.dims != input.dims {
        let words = format!("the volume '{name}' has {:?} voxels, its input {:?}", volume.dims, input.dims);
        return Err(Failure::new("shape_differs", words));
    }
    let last = input.dims.map(|n| (n - 1) as f64);
    let corners = [[0.0; 3], [last[0], 0.0, 0.0], [0.0, last[1], 0.0], [0.0, 0.0, last[2]], last];
    let moved = corners.into_iter().any(|corner| {
        let places = volume.affine.apply(corner).into_iter().zip(input.affine.apply(corner));
        places.into_iter().any(|(a, b)| (a - b).abs() > PLACE_TOLERANCE_MM)
    });
    if moved {
        return Err(Failure::new(
            "geometry_differs",
            format!("the volume '{name}' lies elsewhere than its input"),
        ));
    }
    Ok(())
}

/// The interval encloses the image, and its width says something.
fn interval(candidate: Candidate<'_>) -> Result<(), Failure> {
    let Candidate { image, lower, upper, .. } = candidate;
    for ((&image, &lower), &upper) in image.data.iter().zip(&lower.data).zip(&upper.data) {
        if !(lower <= image && image <= upper) {
            let words = format!("the interval {lower} to {upper} does not enclose the image's value {image}");
            return Err(Failure::new("interval_inverted", words));
        }
    }
    let widths = candidate.values(upper).zip(candidate.values(lower)).map(|(upper, lower)| upper - lower);
    let (narrowest, widest) = range(widths);
    // A constant width is no estimate: the worker has none, or made it up.
    if widest - narrowest <= f32::EPSILON * widest {
        return Err(Failure::new("degenerate_uncertainty", "the interval has the same width everywhere"));
    }
    Ok(())
}

/// The image is neither its input nor something else than the input's anatomy in its unit.
fn plausible(candidate: Candidate<'_>) -> Result<(), Failure> {
    let Candidate { input, image, lower, upper, .. } = candidate;
    let both = || candidate.values(image).zip(candidate.values(input));
    let moved = mean(both().map(|(image, input)| (image - input).powi(2))).sqrt();
    let half_width =
        mean(candidate.values(upper).zip(candidate.values(lower)).map(|(upper, lower)| upper - lower)) / 2.0;
    if moved <= COPY_SHARE * half_width {
        return Err(Failure::new("copy_of_input", "the image is its input, unchanged"));
    }
    let (low, high) = range(candidate.values(input));
    let (image_low, image_high) = range(candidate.values(image));
    if image_low < low - RANGE_MARGIN || image_high > high + RANGE_MARGIN {
        let words = format!("the image spans {image_low} to {image_high}, its input {low} to {high}");
        return Err(Failure::new("out_of_range", words));
    }
    let shift = mean(candidate.values(image)) - mean(candidate.values(input));
    if shift.abs() > MEAN_SHIFT_MAX {
        return Err(Failure::new("mean_shifted", format!("the mean value moved by {shift:.1}")));
    }
    Ok(())
}

/// What the input shows as a tissue has that tissue's values in the image too: another modality or another scale that
/// happens to have the range and the mean of the input does not.
fn same_tissues(candidate: Candidate<'_>) -> Result<(), Failure> {
    for (name, values) in candidate.tissues {
        let inside = || {
            let both = candidate.values(candidate.input).zip(candidate.values(candidate.image));
            both.filter(|(input, _)| values.contains(input))
        };
        if inside().count() < TISSUE_VOXELS_MIN {
            continue;
        }
        let (before, after) =
            (mean(inside().map(|(input, _)| input)), mean(inside().map(|(_, image)| image)));
        if (after - before).abs() > TISSUE_SHIFT_MAX {
            let words =
                format!("{name} has {before:.0} HU on average in the input and {after:.0} in the image");
            return Err(Failure::new("tissue_shifted", words));
        }
    }
    Ok(())
}

fn range(values: impl Iterator<Item = f32>) -> (f32, f32) {
    let ends = (f32::INFINITY, f32::NEG_INFINITY);
    values.fold(ends, |(low, high), value| (low.min(value), high.max(value)))
}

/// The mean of values of which there is one at least.
fn mean(values: impl Iterator<Item = f32>) -> f64 {
    let (sum, count) = values.fold((0.0, 0_u64), |(sum, count), value| (sum + f64::from(value), count + 1));
    sum / count as f64
}

#[cfg(test)]
mod tests;
