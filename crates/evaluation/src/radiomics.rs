//! Texture as radiomics measures it, and whether an image gives the same measurements as the full-dose image.
//!
//! The features are those of pyradiomics by definition and name, of one slice and a region in it: levels of fixed width
//! that begin at 0, neighbours at one pixel in four directions, counted both ways; each feature of the co-occurrence
//! matrix is the mean over the directions. pyradiomics does that with `binWidth` and `force2D`.
//!
//! # Source
//! Haralick 1973, IEEE Trans Syst Man Cybern 3:610; van Griethuysen 2017, Cancer Res 77:e104 (pyradiomics, whose kurtosis
//! is that of a normal distribution 3, unlike in IBSI).

use crate::agreement::percentile;
use std::collections::BTreeMap;

/// Number of features.
const COUNT: usize = 14;

/// Names of the features, as pyradiomics spells them: first order, then of the grey levels' co-occurrence.
pub const NAMES: [&str; COUNT] = [
    "firstorder_Mean",
    "firstorder_Variance",
    "firstorder_Skewness",
    "firstorder_Kurtosis",
    "firstorder_10Percentile",
    "firstorder_90Percentile",
    "firstorder_Entropy",
    "firstorder_Uniformity",
    "glcm_Contrast",
    "glcm_Correlation",
    "glcm_JointEnergy",
    "glcm_JointEntropy",
    "glcm_Idm",
    "glcm_DifferenceEntropy",
];

/// A feature that agrees at least so well is called reproducible.
pub const CONCORDANCE_MIN: f64 = 0.85;

/// Features of a region, in the order of [`NAMES`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Features(pub [f64; COUNT]);

/// Measures the features of the slice's pixels in the mask; `None` where no two of them are neighbours.
///
/// # Units
/// `bin_width` is in the unit of the slice: for CT usually 25 HU.
///
/// # Panics
/// If slice and mask differ in size, or `bin_width` isn't above 0.
pub fn features(slice: &[f32], width: usize, mask: &[bool], bin_width: f64) -> Option<Features> {
    assert_eq!(slice.len(), mask.len(), "each pixel is in the mask or not");
    assert!(bin_width > 0.0, "levels of width {bin_width} hold nothing");
    let levels: Vec<Option<i64>> = slice
        .iter()
        .zip(mask)
        .map(|(&value, inside)| inside.then(|| (f64::from(value) / bin_width).floor() as i64))
        .collect();
    let directions: Vec<[f64; 6]> = [(0, 1), (1, 0), (1, 1), (1, -1)]
        .into_iter()
        .filter_map(|step| Some(of_pairs(&co_occurrence(&levels, width, step)?)))
        .collect();
    if directions.is_empty() {
        return None;
    }
    let mut values = [0.0; COUNT];
    let inside = slice.iter().zip(mask).filter(|(_, inside)| **inside);
    let mut inside: Vec<f64> = inside.map(|(&value, _)| f64::from(value)).collect();
    values[..6].copy_from_slice(&of_values(&mut inside));
    values[6..8].copy_from_slice(&of_levels(&levels));
    for (at, value) in values[8..].iter_mut().enumerate() {
        *value = directions.iter().map(|direction| direction[at]).sum::<f64>() / directions.len() as f64;
    }
    Some(Features(values))
}

/// Mean, variance, skewness, kurtosis, and the 10th and 90th percentile.
fn of_values(values: &mut [f64]) -> [f64; 6] {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let moment = |power: i32| values.iter().map(|value| (value - mean).powi(power)).sum::<f64>() / count;
    let variance = moment(2);
    // A flat region has neither by definition.
    let standardised = |power: i32| {
        if variance > 0.0 { moment(power) / variance.powf(f64::from(power) / 2.0) } else { 0.0 }
    };
    let (skewness, kurtosis) = (standardised(3), standardised(4));
    let [low, high] = [0.1, 0.9].map(|rank| percentile(values, rank).expect("a region has values"));
    [mean, variance, skewness, kurtosis, low, high]
}

/// Entropy in bits, and uniformity, of the histogram of levels.
fn of_levels(levels: &[Option<i64>]) -> [f64; 2] {
    let mut counts: BTreeMap<i64, f64> = BTreeMap::new();
    for level in levels.iter().flatten() {
        *counts.entry(*level).or_default() += 1.0;
    }
    let total: f64 = counts.values().sum();
    let shares = || counts.values().map(|count| count / total);
    [entropy(shares()), shares().map(|share| share * share).sum()]
}

/// Shares of pairs of levels among the neighbours in one direction, counted both ways; `None` without any.
fn co_occurrence(
    levels: &[Option<i64>],
    width: usize,
    (down, right): (usize, isize),
) -> Option<BTreeMap<(i64, i64), f64>> {
    let mut pairs: BTreeMap<(i64, i64), f64> = BTreeMap::new();
    let mut total = 0.0;
    for (at, level) in levels.iter().enumerate() {
        let column = (at % width).checked_add_signed(right).filter(|column| *column < width);
        let other = column.and_then(|column| levels.get((at / width + down) * width + column));
        if let (Some(one), Some(Some(other))) = (level, other) {
            *pairs.entry((*one, *other)).or_default() += 1.0;
            *pairs.entry((*other, *one)).or_default() += 1.0;
            total += 2.0;
        }
    }
    for share in pairs.values_mut() {
        *share /= total;
    }
    (total > 0.0).then_some(pairs)
}

/// Contrast, correlation, joint energy, joint entropy, inverse difference moment and difference entropy.
fn of_pairs(pairs: &BTreeMap<(i64, i64), f64>) -> [f64; 6] {
    let sum = |of: &dyn Fn(f64, f64) -> f64| -> f64 {
        pairs.iter().map(|((one, other), share)| share * of(*one as f64, *other as f64)).sum()
    };
    let mut differences: BTreeMap<u64, f64> = BTreeMap::new();
    for ((one, other), share) in pairs {
        *differences.entry(one.abs_diff(*other)).or_default() += share;
    }
    let apart = |one: f64, other: f64| (one - other).powi(2);
    // Counted both ways the matrix is symmetric: one mean, one variance.
    let mean = sum(&|one, _| one);
    let variance = sum(&|one, _| (one - mean).powi(2));
    let covariance = sum(&|one, other| (one - mean) * (other - mean));
    [
        sum(&apart),
        // One level alone correlates wholly by definition.
        if variance > 0.0 { covariance / variance } else { 1.0 },
        pairs.values().map(|share| share * share).sum(),
        entropy(pairs.values().copied()),
        sum(&|one, other| 1.0 / (1.0 + apart(one, other))),
        entropy(differences.into_values()),
    ]
}

/// Entropy in bits of shares above 0.
fn entropy(shares: impl Iterator<Item = f64>) -> f64 {
    shares.map(|share| share * share.recip().log2()).sum()
}

/// How well each feature of an image agrees with that of the reference.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Concordance {
    /// Lin's concordance of each feature over the regions, in the order of [`NAMES`]; `None` where a feature is the same
    /// in all regions of both.
    pub features: [Option<f64>; COUNT],
    /// Share of the features that have one and reach [`CONCORDANCE_MIN`].
    pub reproducible: f64,
}

/// Compares features of the same regions in a reference and in another image; `None` with fewer than two regions, or
/// where no feature varies.
///
/// # Panics
/// If a region is missing in one of them.
pub fn concordance(reference: &[Features], output: &[Features]) -> Option<Concordance> {
    assert_eq!(reference.len(), output.len(), "each region is measured in both images");
    let features: [Option<f64>; COUNT] = std::array::from_fn(|at| {
        let of = |all: &[Features]| all.iter().map(|one| one.0[at]).collect::<Vec<f64>>();
        lin(&of(reference), &of(output))
    });
    let found = features.iter().flatten().count();
    let reproducible = features.iter().flatten().filter(|value| **value >= CONCORDANCE_MIN).count();
    (found > 0).then(|| Concordance { features, reproducible: reproducible as f64 / found as f64 })
}

/// Gives Lin's concordance correlation of two measurements of the same things: 1 only where they are equal. `None` with
/// fewer than two, or where all are equal to one value.
///
/// # Panics
/// If they aren't as many.
///
/// # Source
/// Lin 1989, Biometrics 45:255, with moments over n.
pub fn lin(one: &[f64], other: &[f64]) -> Option<f64> {
    assert_eq!(one.len(), other.len(), "each thing is measured twice");
    let count = one.len() as f64;
    let mean = |values: &[f64]| values.iter().sum::<f64>() / count;
    let (first, second) = (mean(one), mean(other));
    let moment = |a: &[f64], b: &[f64], (x, y): (f64, f64)| {
        a.iter().zip(b).map(|(a, b)| (a - x) * (b - y)).sum::<f64>() / count
    };
    let together = moment(one, other, (first, second));
    let apart = moment(one, one, (first, first)) + moment(other, other, (second, second));
    let whole = apart + (first - second).powi(2);
    (one.len() >= 2 && whole > 0.0).then(|| 2.0 * together / whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    const WIDTH: usize = 20;

    const PYRADIOMICS: [f64; COUNT] = [
        45.872_759_856_631,
        4_083.660_333_243_407,
        -0.059_460_241_546_717,
        1.903_554_691_847_101,
        -39.7,
        129.7,
        3.280_313_648_560_372,
        0.106_871_700_003_854,
        13.003_756_533_552_389,
        0.009_623_123_408_926,
        0.035_795_059_553_077,
        5.003_379_442_618_679,
        0.272_497_384_261_971,
        1.444_945_661_036_037,
    ];

    /// A region that is no rectangle, in a slice of 20 × 16 pixels.
    fn region() -> (Vec<f32>, Vec<bool>) {
        let value = |i: usize| ((i * 7919) % 211) as f32 - 90.5 + 3.0 * (i % WIDTH) as f32;
        let inside = |i: usize| !(i / WIDTH < 3 && i % WIDTH < 8) && i % 17 != 4;
        ((0..WIDTH * 16).map(value).collect(), (0..WIDTH * 16).map(inside).collect())
    }

    /// `RadiomicsFeatureExtractor(binWidth=25, force2D=True)` of pyradiomics; see tests/peers.py.
    #[test]
    fn features_are_those_of_pyradiomics() {
        let (slice, mask) = region();
        let found = features(&slice, WIDTH, &mask, 25.0).unwrap();
        for ((name, found), expected) in NAMES.iter().zip(found.0).zip(PYRADIOMICS) {
            assert!((found - expected).abs() < 1e-9 * expected.abs().max(1.0), "{name}: {found} {expected}");
        }
    }

    #[test]
    fn a_flat_region_has_one_level_and_no_texture() {
        let found = features(&[30.0; 36], 6, &[true; 36], 25.0).unwrap();
        let expected = [30.0, 0.0, 0.0, 0.0, 30.0, 30.0, 0.0, 1.0, 0.0, 1.0, 1.0, 0.0, 1.0, 0.0];
        for (found, expected) in found.0.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-12, "{found} {expected}");
        }
    }

    #[test]
    fn what_has_no_neighbours_has_no_texture() {
        let mut mask = vec![false; 36];
        assert_eq!(features(&[1.0; 36], 6, &mask, 25.0), None);
        // The last pixel of a row and the first of the next are no neighbours.
        (mask[5], mask[12]) = (true, true);
        assert_eq!(features(&[1.0; 36], 6, &mask, 25.0), None);
        mask[10] = true;
        assert!(features(&[1.0; 36], 6, &mask, 25.0).is_some());
    }

    #[test]
    fn only_what_is_equal_is_wholly_concordant() {
        let one = [1.0, 2.0, 3.0, 4.0];
        let moved: Vec<f64> = one.iter().map(|value| value + 1.0).collect();
        let scaled: Vec<f64> = one.iter().map(|value| value * 2.0).collect();
        assert!((lin(&one, &one).unwrap() - 1.0).abs() < 1e-12);
        // Correlated wholly: 2 · 1.25 / (1.25 + 1.25 + 1), and 2 · 2.5 / (1.25 + 5 + 6.25).
        assert!((lin(&one, &moved).unwrap() - 2.5 / 3.5).abs() < 1e-12);
        assert!((lin(&one, &scaled).unwrap() - 5.0 / 12.5).abs() < 1e-12);
        assert_eq!((lin(&[3.0; 4], &[3.0; 4]), lin(&[1.0], &[2.0])), (None, None));
    }

    #[test]
    fn a_smoothed_image_keeps_its_means_and_loses_its_texture() {
        let measured = |smoothing: f64| -> Vec<Features> {
            (0..12_usize)
                .map(|at| {
                    let noise = |i: usize| ((i * 7919 + at * 977) % 211) as f32 - 105.0;
                    let strength = (1.0 + at as f32 / 6.0) * 0.5;
                    let slice: Vec<f32> = (0..400).map(|i| at as f32 * 10.0 + strength * noise(i)).collect();
                    let slice = if smoothing > 0.0 {
                        imaging::filter::gaussian(&slice, 20, smoothing)
                    } else {
                        slice
                    };
                    features(&slice, 20, &[true; 400], 25.0).unwrap()
                })
                .collect()
        };
        let full = measured(0.0);
        let same = concordance(&full, &full).unwrap();
        assert!((same.reproducible - 1.0).abs() < 1e-12);
        let smoothed = concordance(&full, &measured(1.0)).unwrap();
        assert!(smoothed.features[0].unwrap() > 0.95);
        assert!(smoothed.features[8].unwrap() < 0.2 && smoothed.reproducible < 0.5, "{smoothed:?}");
        assert_eq!(concordance(&full[..1], &full[..1]), None);
    }
}
