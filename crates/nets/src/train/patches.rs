//! Training patches: where they are cut, how they are turned, how much noise they get and of which texture.

use super::{
    data::Prepared,
    lesions::Lesion,
    recipe::Optimiser,
    scans::{KERNEL_REACH, Reshaping, Scan, sharpened},
};
use crate::guide::{REACH, Stack, channels, estimate, neighbour, steps};
use candle_core::{Device, Result, Tensor};
use rand::{RngExt, SeedableRng, rngs::ChaCha8Rng};
use rand_distr::{Distribution, StandardNormal};
use std::ops::Range;

/// HU above which a pixel belongs to the patient: lung too, other than with [`imaging::noise::BODY_HU`].
const PATIENT_HU: f32 = -950.0;
/// A patch with less of the patient than this is mostly drawn again.
const PATIENT_SHARE_MIN: f64 = 0.3;

/// What one training patch is cut from, and what happens to it.
struct Place<'a> {
    scan: &'a Scan,
    z: usize,
    y: usize,
    x: usize,
    turns: usize,
    mirrored: bool,
    upside_down: bool,
    realisation: usize,
    noise_scale: f32,
    /// Index of the kernel that the full-dose scan gets.
    kernel: usize,
    reshaping: Reshaping,
    /// The noise that the network is told, as a share of the true one.
    noise_told: f64,
    lesions: Vec<Lesion>,
}

/// Draws the batch of a step; the same seed and step always give the same batch.
///
/// # Shapes
/// Features (batch, planes, patch, patch) and full dose less the estimate (batch, 1, patch, patch).
///
/// # Units
/// The noise of the patch's slice.
pub(super) fn batch(
    subjects: &[Prepared],
    settings: &Optimiser,
    slices: usize,
    seed: u64,
    step: usize,
) -> Result<(Tensor, Tensor)> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(step as u64 + 1);
    let (mut inputs, mut targets) = (Vec::new(), Vec::new());
    for index in 0..settings.batch {
        let subject = &subjects[(step * settings.batch + index) % subjects.len()];
        let place = draw(subject, settings, &mut rng);
        let (features, target) = cut(subject, &place, (slices, settings.patch));
        inputs.extend(features);
        targets.extend(target);
    }
    let shape = |channels| (settings.batch, channels, settings.patch, settings.patch);
    Ok((
        Tensor::from_vec(inputs, shape(channels(slices)), &Device::Cpu)?,
        Tensor::from_vec(targets, shape(1), &Device::Cpu)?,
    ))
}

fn draw<'a>(subject: &'a Prepared, settings: &Optimiser, rng: &mut ChaCha8Rng) -> Place<'a> {
    let patch = settings.patch;
    loop {
        let scan = &subject.scans[rng.random_range(0..subject.scans.len())];
        let [width, height, _] = scan.volume.dims;
        let z = subject.training_slices[rng.random_range(0..subject.training_slices.len())];
        let (y, x) = (rng.random_range(0..=height - patch), rng.random_range(0..=width - patch));
        let slice = scan.volume.slice(z);
        let patient = (y..y + patch)
            .map(|row| slice[row * width + x..][..patch].iter().filter(|hu| **hu > PATIENT_HU).count())
            .sum::<usize>();
        if (patient as f64) < PATIENT_SHARE_MIN * (patch * patch) as f64 && rng.random_bool(0.9) {
            continue;
        }
        let [scale_min, scale_max] = settings.noise_scale;
        let reshaping = if rng.random_bool(settings.noise_reshaped) {
            Reshaping { sharpness: [rng.random_range(-1.0..=1.0), rng.random_range(-1.0..=1.0)] }
        } else {
            Reshaping { sharpness: [0.0; 2] }
        };
        let misjudged: f64 = StandardNormal.sample(rng);
        let mut place = Place {
            scan,
            z,
            y,
            x,
            turns: rng.random_range(0..4),
            mirrored: rng.random_bool(0.5),
            upside_down: rng.random_bool(0.5),
            realisation: rng.random_range(0..subject.noise.len()),
            noise_scale: rng.random_range(scale_min..=scale_max) as f32,
            kernel: rng.random_range(0..scan.kernels.len()),
            reshaping,
            noise_told: (settings.noise_misjudged * misjudged).exp(),
            lesions: Vec::new(),
        };
        if let Some(lesions) = &settings.lesions {
            place.lesions = lesions.draw(rng, (z, y, x), patch);
        }
        return place;
    }
}

/// Cuts the features and the target of a patch.
///
/// They are computed on a larger part, so that they are those of the whole slice.
fn cut(subject: &Prepared, place: &Place<'_>, (slices, patch): (usize, usize)) -> (Vec<f32>, Vec<f32>) {
    let Place { scan, realisation, noise_scale, .. } = *place;
    let [width, height, depth] = scan.volume.dims;
    let reach = REACH + KERNEL_REACH;
    let around = |at: usize, len: usize| at.saturating_sub(reach)..(at + patch + reach).min(len);
    let (rows, columns) = (around(place.y, height), around(place.x, width));
    let kernel = &scan.kernels[place.kernel];
    let full = |z: usize| {
        let mut part = part(scan.volume.slice(z), width, (&rows, &columns));
        place.lesions.iter().for_each(|lesion| lesion.put(&mut part, z, (&rows, &columns)));
        sharpened(&part, columns.len(), kernel.sharpness)
    };
    let noise = |z: usize| place.noise_told * subject.input_noise(kernel, realisation, z, noise_scale);
    // The noise is that of the same place in the body; its texture has the pitch of the pixels, however large.
    let [noise_width, noise_height, _] = subject.volume.dims;
    let area = noise_width * noise_height;
    let noise_part =
        (&same_place(&rows, scan.zoom, noise_height), &same_place(&columns, scan.zoom, noise_width));
    let (mut scanned, mut estimated) = (Vec::new(), Vec::new());
    for step in steps(slices) {
        let z = neighbour(place.z, if place.upside_down { -step } else { step }, depth);
        let added = part(&subject.noise[realisation][z * area..][..area], noise_width, noise_part);
        let added = place.reshaping.apply(&added, columns.len());
        let mut low = full(z);
        low.iter_mut().zip(added).for_each(|(value, added)| *value += noise_scale * added);
        estimated.push(estimate(&low, columns.len(), noise(z)));
        scanned.push(low);
    }
    let stack = Stack {
        scanned: scanned.iter().map(Vec::as_slice).collect(),
        estimated: estimated.iter().map(Vec::as_slice).collect(),
        width: columns.len(),
        noise: noise(place.z) as f32,
    };
    let target: Vec<f32> = full(place.z)
        .iter()
        .zip(stack.middle())
        .map(|(full, middle)| stack.relative(full - middle))
        .collect();
    let corner = (place.y - rows.start) * columns.len() + place.x - columns.start;
    let (mut inputs, mut targets) = (Vec::new(), Vec::new());
    for plane in stack.features() {
        push(patch, place, &mut inputs, |y, x| plane[corner + y * columns.len() + x]);
    }
    push(patch, place, &mut targets, |y, x| target[corner + y * columns.len() + x]);
    (inputs, targets)
}

/// Gives the rows and columns of a part of a plane.
fn part(plane: &[f32], width: usize, (rows, columns): (&Range<usize>, &Range<usize>)) -> Vec<f32> {
    rows.clone().flat_map(|y| &plane[y * width..][columns.clone()]).copied().collect()
}

/// Gives as many pixels of the subject's own scan around the place that a range of a zoomed scan is centred on.
fn same_place(range: &Range<usize>, zoom: f64, len: usize) -> Range<usize> {
    let half = range.len() as f64 / 2.0;
    let start = ((range.start as f64 + half) / zoom - half).round().max(0.0) as usize;
    let start = start.min(len - range.len());
    start..start + range.len()
}

/// Appends a patch, turned and mirrored as its place says.
fn push(patch: usize, place: &Place<'_>, out: &mut Vec<f32>, value: impl Fn(usize, usize) -> f32) {
    let last = patch - 1;
    for row in 0..patch {
        for column in 0..patch {
            let column = if place.mirrored { last - column } else { column };
            let (y, x) = match place.turns {
                0 => (row, column),
                1 => (column, last - row),
                2 => (last - row, last - column),
                _ => (last - column, row),
            };
            out.push(value(y, x));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{guide::slice_noises, phantom, train::lesions::Lesions};

    const PATCH: usize = 16;

    fn settings() -> Optimiser {
        Optimiser {
            steps: 1,
            batch: 1,
            patch: PATCH,
            learning_rate: 1e-3,
            warm_up: 1,
            weight_decay: 0.0,
            clip: 1.0,
            average: 0.9,
            noise_scale: [1.0, 1.0],
            zooms: vec![1.0],
            kernels: vec![0.0],
            noise_reshaped: 0.0,
            noise_misjudged: 0.0,
            lesions: None,
        }
    }

    fn prepared() -> Prepared {
        let volume = phantom::head(5, 6.0, 1);
        let noise = phantom::head(5, 12.0, 2).data;
        let flat = phantom::head(5, 0.0, 2).data;
        let noise: Vec<f32> = noise.iter().zip(flat).map(|(with, without)| with - without).collect();
        Prepared::new(("head".into(), volume, vec![noise]), &settings(), (0..5).collect(), vec![])
    }

    fn place(subject: &Prepared, y: usize, x: usize) -> Place<'_> {
        Place {
            scan: &subject.scans[0],
            z: 2,
            y,
            x,
            turns: 0,
            mirrored: false,
            upside_down: false,
            realisation: 0,
            noise_scale: 1.0,
            kernel: 0,
            reshaping: Reshaping { sharpness: [0.0; 2] },
            noise_told: 1.0,
            lesions: Vec::new(),
        }
    }

    #[test]
    fn a_patch_has_the_features_of_the_whole_slice() {
        let subject = prepared();
        let mut low = subject.volume.clone();
        low.data.iter_mut().zip(&subject.noise[0]).for_each(|(value, noise)| *value += noise);
        let noises = slice_noises(&low);
        let estimates: Vec<Vec<f32>> = (1..4).map(|z| estimate(low.slice(z), 96, noises[z].sigma)).collect();
        let whole = Stack {
            scanned: (1..4).map(|z| low.slice(z)).collect(),
            estimated: estimates.iter().map(Vec::as_slice).collect(),
            width: 96,
            noise: noises[2].sigma as f32,
        }
        .features();
        for (y, x) in [(40, 37), (0, 3), (80, 80)] {
            let (patch, _) = cut(&subject, &place(&subject, y, x), (3, PATCH));
            for (index, value) in patch.iter().enumerate() {
                let (plane, at) = (index / (PATCH * PATCH), index % (PATCH * PATCH));
                let there = whole[plane][(y + at / PATCH) * 96 + x + at % PATCH];
                assert!((value - there).abs() < 2e-3, "plane {plane} of ({y}, {x}): {value} {there}");
            }
        }
    }

    #[test]
    fn a_lesion_is_in_what_is_seen_and_in_what_is_wanted() {
        let subject = prepared();
        let settings = Lesions {
            share: 1.0,
            count: 1,
            diameter_pixels: [8.0, 8.0],
            contrast_hu: [20.0, 20.0],
            height_slices: [5.0, 5.0],
        };
        let mut rng = ChaCha8Rng::seed_from_u64(2);
        let lesions = settings.draw(&mut rng, (2, 40, 37), PATCH);
        let with = Place { lesions, ..place(&subject, 40, 37) };
        let (with, without) =
            (cut(&subject, &with, (3, PATCH)), cut(&subject, &place(&subject, 40, 37), (3, PATCH)));
        // Less the same estimate, the slice as scanned and at full dose differ by the inserted noise alone.
        let inserted = |(features, target): &(Vec<f32>, Vec<f32>)| -> Vec<f32> {
            features[PATCH * PATCH..].iter().zip(target).map(|(seen, wanted)| seen - wanted).collect()
        };
        for (a, b) in inserted(&with).iter().zip(inserted(&without)) {
            assert!((a - b).abs() < 1e-3, "{a} {b}");
        }
        let changed = with.1.iter().zip(&without.1).filter(|(a, b)| (**a - **b).abs() > 0.1).count();
        assert!(changed > 10, "{changed}");
    }
}
