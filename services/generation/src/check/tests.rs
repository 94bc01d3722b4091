//! Results that pass, and each kind that does not.

use super::*;
use contract::job::SuspectKind;
use imaging::Affine;
use std::collections::BTreeMap;

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

fn code(result: &Result) -> String {
    code_where(result, &vec![true; result.input.data.len()])
}

fn code_where(Result { input, image, lower, upper }: &Result, measured: &[bool]) -> String {
    volumes(Candidate { input, image, lower, upper, measured, tissues: tissues("CT") })
        .map_or_else(|failure| failure.code, |()| "passed".into())
}

/// Water with a bone in air, under noise, and what a denoiser makes of it. 20 × 20 × 4.
fn chest() -> Result {
    let noise = |index: usize| ((index * 7919) % 81) as f32 - 40.0;
    let clean = |index: usize| match index % 20 {
        0..8 => -990.0,
        8..18 => 40.0,
        _ => 700.0,
    };
    let grid = |value: &dyn Fn(usize) -> f32| {
        let data = (0..1600).map(value).collect();
        Volume::new(data, [20, 20, 4], Affine::from_spacing([1.0, 1.0, 2.0])).unwrap()
    };
    Result {
        input: grid(&|index| clean(index) + noise(index)),
        image: grid(&|index| clean(index) + noise(index) / 4.0),
        lower: grid(&|index| clean(index) + noise(index) / 4.0 - 30.0),
        upper: grid(&|index| clean(index) + noise(index) / 3.0 + 35.0),
    }
}

/// The image and its interval, changed alike.
fn changed(mut result: Result, change: impl Fn(f32) -> f32) -> Result {
    let image: Vec<f32> = result.image.data.iter().map(|value| change(*value)).collect();
    let off = |end: &Volume| -> Vec<f32> {
        end.data.iter().zip(&result.image.data).map(|(end, image)| end - image).collect()
    };
    let (lower, upper) = (off(&result.lower), off(&result.upper));
    let shifted = |off: Vec<f32>| image.iter().zip(off).map(|(image, off)| image + off).collect();
    (result.lower.data, result.upper.data) = (shifted(lower), shifted(upper));
    result.image.data = image;
    result
}

fn mean_of(volume: &Volume) -> f32 {
    volume.data.iter().sum::<f32>() / volume.data.len() as f32
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
        let scores = Scores { domain, consistency, ..Scores::default() };
        super::scores(&scores, 0.01).map_err(|failure| failure.code)
    };
    assert_eq!(check(Some(0.5), Some(0.9)), Ok(()));
    assert_eq!(check(None, Some(0.9)), Err("score_missing".into()));
    assert_eq!(check(Some(0.5), None), Err("score_missing".into()));
    assert_eq!(check(Some(f64::NAN), Some(0.9)), Err("score_invalid".into()));
    assert_eq!(check(Some(0.009), Some(0.9)), Err("out_of_domain".into()));
}

#[test]
fn an_agreement_is_told_by_models_that_draw_several_images_and_is_a_share() {
    let check = |agreement| {
        let scores = Scores { domain: Some(0.5), consistency: Some(0.9), agreement, ..Scores::default() };
        super::scores(&scores, 0.01).map_err(|failure| failure.code)
    };
    for told in [None, Some(0.0), Some(1.0)] {
        assert_eq!(check(told), Ok(()), "{told:?}");
    }
    for told in [f64::NAN, f64::INFINITY, -0.1, 1.1] {
        assert_eq!(check(Some(told)), Err("score_invalid".into()), "{told}");
    }
}

/// A place in the middle of [`good`], whose voxels are 1 × 1 × 2 mm.
fn suspect() -> Suspect {
    Suspect { kind: SuspectKind::Structure, centre_mm: [2.0, 1.5, 2.0], diameter_mm: 3.0, slices: (0, 2) }
}

#[test]
fn a_suspect_may_lie_wherever_the_volume_does() {
    let check = |suspects: &[Suspect]| super::suspects(suspects, &good().input);
    assert_eq!(check(&[]), Ok(()));
    assert_eq!(check(&vec![suspect(); SUSPECTS_MAX]), Ok(()));
    // The outer borders of the first and the last voxel.
    for corner in [[-0.5, -0.5, -1.0], [4.5, 3.5, 5.0]] {
        assert_eq!(check(&[Suspect { centre_mm: corner, ..suspect() }]), Ok(()), "{corner:?}");
    }
    // 60 voxels of 2 mm³ are a sphere of 6.12 mm.
    assert_eq!(check(&[Suspect { diameter_mm: 6.1, ..suspect() }]), Ok(()));
}

/// Spoils a good suspect.
type Spoil = fn(&mut Suspect);

#[test]
fn a_suspect_that_is_no_place_of_the_volume_fails_the_check() {
    let bad: [(&str, Spoil); 12] = [
        ("slices turned round", |suspect| suspect.slices = (2, 1)),
        ("a slice too many", |suspect| suspect.slices = (0, 3)),
        ("left of the volume", |suspect| suspect.centre_mm[0] = -0.6),
        ("behind it", |suspect| suspect.centre_mm[1] = 3.6),
        ("above it", |suspect| suspect.centre_mm[2] = 5.1),
        ("nowhere", |suspect| suspect.centre_mm[1] = f64::NAN),
        ("infinitely far", |suspect| suspect.centre_mm[0] = f64::NEG_INFINITY),
        ("of no size", |suspect| suspect.diameter_mm = 0.0),
        ("smaller than nothing", |suspect| suspect.diameter_mm = -3.0),
        ("of unknown size", |suspect| suspect.diameter_mm = f64::NAN),
        ("endless", |suspect| suspect.diameter_mm = f64::INFINITY),
        ("larger than the volume", |suspect| suspect.diameter_mm = 6.2),
    ];
    for (what, spoil) in bad {
        let mut spoilt = suspect();
        spoil(&mut spoilt);
        let failure = super::suspects(&[suspect(), spoilt], &good().input).unwrap_err();
        assert_eq!(failure.code, "suspects_invalid", "{what}");
        assert!(failure.words.contains("number 2"), "{what}: {}", failure.words);
    }
    let many = vec![suspect(); SUSPECTS_MAX + 1];
    assert_eq!(super::suspects(&many, &good().input).unwrap_err().code, "suspects_invalid");
}

#[test]
fn what_a_worker_says_of_its_input_is_a_few_numbers_under_short_names() {
    let check = |input: BTreeMap<String, f64>| {
        let scores = Scores { domain: Some(0.5), consistency: Some(0.9), agreement: None, input };
        super::scores(&scores, 0.01).map_err(|failure| failure.code)
    };
    let numbers = |count: usize| (0..count).map(|number| (format!("n{number}"), number as f64)).collect();
    assert_eq!(check(numbers(INPUT_STATISTICS_MAX)), Ok(()));
    assert_eq!(check(numbers(INPUT_STATISTICS_MAX + 1)), Err("input_statistics".into()));
    assert_eq!(check([("noise".to_owned(), f64::NAN)].into()), Err("input_statistics".into()));
    for name in ["", "Smith^Ann", &"n".repeat(33)] {
        assert_eq!(check([(name.to_owned(), 1.0)].into()), Err("input_statistics".into()), "{name}");
    }
}

#[test]
fn r16_a_result_of_another_modality_or_unit_is_refused_whatever_its_range_and_mean() {
    assert_eq!(code(&chest()), "passed");
    let middle = mean_of(&chest().input);
    // A magnitude image of the same anatomy: air dark, water bright, bone dark.
    let mr = |value: f32| match value {
        ..-500.0 => 10.0,
        -500.0..300.0 => 600.0,
        _ => 60.0,
    };
    let mr_mean = mean_of(&changed(chest(), mr).image);
    for (name, result) in [
        ("an MR image", changed(chest(), mr)),
        ("one with the mean of the CT", changed(chest(), |value| mr(value) - mr_mean + middle)),
        ("the negative", changed(chest(), |value| 2.0 * middle - value)),
        ("values between 0 and 1 times a thousand", changed(chest(), |value| f32::midpoint(value, 1000.0))),
        ("half the contrast", changed(chest(), |value| middle + (value - middle) / 2.0)),
        ("flat", changed(chest(), |_| middle)),
    ] {
        let found = code(&result);
        assert!(["mean_shifted", "tissue_shifted"].contains(&found.as_str()), "{name}: {found}");
    }
    assert_eq!(code(&changed(chest(), |value| value * 1000.0)), "out_of_range");
}

#[test]
fn r16_the_input_is_no_result_also_when_its_numbers_were_rounded() {
    for change in [0.0, 1e-4, -0.01] {
        let mut result = chest();
        result.image.data = result.input.data.iter().map(|value| value + change).collect();
        result.lower.data = result.image.data.iter().map(|value| value - 30.0).collect();
        let widths = result.image.data.iter().enumerate();
        result.upper.data = widths.map(|(index, value)| value + 30.0 + (index % 9) as f32).collect();
        assert_eq!(code(&result), "copy_of_input", "{change}");
    }
}

#[test]
fn r36_padding_counts_in_no_check_of_a_result() {
    let padded = |outside: f32, inside: f32| {
        let mut result = chest();
        let mut measured = vec![true; 1600];
        for index in (0..1600).filter(|index| index % 20 < 4) {
            measured[index] = false;
            result.input.data[index] = -2000.0;
            for volume in [&mut result.image, &mut result.lower, &mut result.upper] {
                volume.data[index] = outside;
            }
        }
        (
            changed(
                result,
                |value| if value.to_bits() == outside.to_bits() { value } else { value + inside },
            ),
            measured,
        )
    };
    // Whatever a model does where nothing was measured, and however much of the image that is.
    for outside in [-2000.0, -1000.0, 0.0, 30_000.0] {
        let (result, measured) = padded(outside, 0.0);
        assert_eq!(code_where(&result, &measured), "passed", "{outside}");
        let (result, measured) = padded(outside, 60.0);
        assert_eq!(code_where(&result, &measured), "mean_shifted", "{outside}");
    }
    let (result, _) = padded(-2000.0, 0.0);
    assert_eq!(code_where(&result, &vec![false; 1600]), "nothing_measured");
}
