//! What a worker's result must be before anything is made of it. Every check fails closed: what is missing or
//! can't be computed is a failed check.

use crate::workflow::Failure;
use contract::job::Scores;
use imaging::Volume;

/// Values may leave the range of the input by so much: a denoiser does not make denser bone or thinner air.
const RANGE_MARGIN: f32 = 500.0;
/// The mean over the volume may move by so much.
const MEAN_SHIFT_MAX: f64 = 50.0;
/// Places may differ by so many mm: volume files hold 32-bit numbers.
const PLACE_TOLERANCE_MM: f64 = 1e-3;

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
}

/// Checks the scores of a run.
///
/// # Errors
/// The failed check: a score that is missing or no share, or a domain score below `domain_min`.
pub fn scores(scores: &Scores, domain_min: f64) -> Result<(), Failure> {
    let present = |name, score: Option<f64>| match score {
        Some(score) if (0.0..=1.0).contains(&score) => Ok(score),
        Some(_) => Err(Failure::new("score_invalid", format!("the {name} score is not between 0 and 1"))),
        None => Err(Failure::new("score_missing", format!("the {name} score is missing"))),
    };
    let domain = present("domain", scores.domain)?;
    present("consistency", scores.consistency)?;
    if domain < domain_min {
        let words = format!(
            "the input does not look like what the model was made for: domain score {domain:.4}, at least \
             {domain_min} is needed"
        );
        return Err(Failure::new("out_of_domain", words));
    }
    Ok(())
}

/// Checks the volumes of a result.
///
/// # Units
/// All in the input's unit.
///
/// # Errors
/// The first failed check.
pub fn volumes(candidate: Candidate<'_>) -> Result<(), Failure> {
    let Candidate { input, image, lower, upper } = candidate;
    for (name, volume) in [("image", image), ("lower", lower), ("upper", upper)] {
        grid(name, input, volume)?;
        if !volume.data.iter().all(|value| value.is_finite()) {
            let words = format!("the volume '{name}' holds values that are not numbers");
            return Err(Failure::new("not_finite", words));
        }
    }
    interval(candidate)?;
    plausible(input, image)
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
fn interval(Candidate { image, lower, upper, .. }: Candidate<'_>) -> Result<(), Failure> {
    let (mut narrowest, mut widest) = (f32::INFINITY, 0.0_f32);
    for ((&image, &lower), &upper) in image.data.iter().zip(&lower.data).zip(&upper.data) {
        if !(lower <= image && image <= upper) {
            let words = format!("the interval {lower} to {upper} does not enclose the image's value {image}");
            return Err(Failure::new("interval_inverted", words));
        }
        narrowest = narrowest.min(upper - lower);
        widest = widest.max(upper - lower);
    }
    // A constant width is no estimate: the worker has none, or made it up.
    if widest - narrowest <= f32::EPSILON * widest {
        return Err(Failure::new("degenerate_uncertainty", "the interval has the same width everywhere"));
    }
    Ok(())
}

/// The image is neither its input nor something else than the input's anatomy in its unit.
fn plausible(input: &Volume, image: &Volume) -> Result<(), Failure> {
    if input.data == image.data {
        return Err(Failure::new("copy_of_input", "the image is its input, unchanged"));
    }
    let (low, high) = range(input);
    let (image_low, image_high) = range(image);
    if image_low < low - RANGE_MARGIN || image_high > high + RANGE_MARGIN {
        let words = format!("the image spans {image_low} to {image_high}, its input {low} to {high}");
        return Err(Failure::new("out_of_range", words));
    }
    let shift = mean(image) - mean(input);
    if shift.abs() > MEAN_SHIFT_MAX {
        return Err(Failure::new("mean_shifted", format!("the mean value moved by {shift:.1}")));
    }
    Ok(())
}

fn range(volume: &Volume) -> (f32, f32) {
    let ends = (f32::INFINITY, f32::NEG_INFINITY);
    volume.data.iter().fold(ends, |(low, high), &value| (low.min(value), high.max(value)))
}

fn mean(volume: &Volume) -> f64 {
    volume.data.iter().map(|&value| f64::from(value)).sum::<f64>() / volume.data.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use imaging::Affine;

    struct Result {
        input: Volume,
        image: Volume,
        lower: Volume,
        upper: Volume,
    }

    /// A result that passes.
    fn good() -> Result {
        let grid = |value: fn(usize) -> f32| {
            let data = (0..60).map(value).collect();
            Volume::new(data, [5, 4, 3], Affine::from_spacing([1.0, 1.0, 2.0])).unwrap()
        };
        Result {
            input: grid(|index| index as f32 * 10.0 - 200.0),
            image: grid(|index| index as f32 * 10.0 - 198.0),
            lower: grid(|index| index as f32 * 10.0 - 220.0),
            upper: grid(|index| index as f32 * 11.0 - 180.0),
        }
    }

    fn code(Result { input, image, lower, upper }: &Result) -> String {
        volumes(Candidate { input, image, lower, upper })
            .map_or_else(|failure| failure.code, |()| "passed".into())
    }

    #[test]
    fn a_good_result_passes() {
        assert_eq!(code(&good()), "passed");
    }

    #[test]
    fn each_kind_of_bad_volume_fails_by_its_own_name() {
        let spoil = |spoil: fn(&mut Result)| {
            let mut result = good();
            spoil(&mut result);
            code(&result)
        };
        assert_eq!(spoil(|r| r.image = r.image.crop([0; 3], [5, 4, 2]).unwrap()), "shape_differs");
        assert_eq!(spoil(|r| r.upper.affine.0[0][3] += 0.5), "geometry_differs");
        assert_eq!(spoil(|r| r.lower.affine.0[0][0] = -1.0), "geometry_differs");
        assert_eq!(spoil(|r| r.image.data[7] = f32::NAN), "not_finite");
        assert_eq!(spoil(|r| r.lower.data[7] = r.image.data[7] + 1.0), "interval_inverted");
        assert_eq!(spoil(|r| r.upper.data[59] = 4_000.0), "passed");
        assert_eq!(spoil(|r| (r.image.data[59], r.upper.data[59]) = (4_000.0, 4_100.0)), "out_of_range");
        assert_eq!(spoil(|r| r.image.data = r.input.data.clone()), "copy_of_input");
    }

    #[test]
    fn an_interval_of_one_width_says_nothing() {
        let mut result = good();
        result.lower.data = result.image.data.iter().map(|value| value - 16.0).collect();
        result.upper.data = result.image.data.iter().map(|value| value + 16.0).collect();
        assert_eq!(code(&result), "degenerate_uncertainty");
        result.lower.data.clone_from(&result.image.data);
        result.upper.data.clone_from(&result.image.data);
        assert_eq!(code(&result), "degenerate_uncertainty");
    }

    #[test]
    fn another_modality_under_the_same_range_is_noticed() {
        let mut result = good();
        for value in &mut result.image.data {
            *value = *value / 2.0 + 300.0;
        }
        result.lower.data = result.image.data.iter().map(|value| value - 16.0).collect();
        result.upper.data = result.image.data.iter().map(|value| value * 1.01 + 16.0).collect();
        assert_eq!(code(&result), "mean_shifted");
    }

    #[test]
    fn a_missing_score_is_a_failed_check() {
        let check = |domain, consistency| {
            let scores = Scores { domain, consistency };
            super::scores(&scores, 0.01).map_err(|failure| failure.code)
        };
        assert_eq!(check(Some(0.5), Some(0.9)), Ok(()));
        assert_eq!(check(None, Some(0.9)), Err("score_missing".into()));
        assert_eq!(check(Some(0.5), None), Err("score_missing".into()));
        assert_eq!(check(Some(f64::NAN), Some(0.9)), Err("score_invalid".into()));
        assert_eq!(check(Some(0.009), Some(0.9)), Err("out_of_domain".into()));
    }
}
