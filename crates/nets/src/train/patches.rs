//! Training patches: where they are cut, how they are turned, how much noise they get.

use super::{data::Prepared, recipe::Optimiser};
use candle_core::{Device, Result, Tensor};
use imaging::noise::BODY_HU;
use rand::{RngExt, SeedableRng, rngs::ChaCha8Rng};

/// A patch with less body than this is mostly drawn again.
const BODY_SHARE_MIN: f64 = 0.3;

/// What one training patch is cut from.
struct Place {
    z: usize,
    y: usize,
    x: usize,
    turns: usize,
    mirrored: bool,
    upside_down: bool,
    realisation: usize,
    noise_scale: f32,
}

/// Draws the batch of a step; the same seed and step always give the same batch.
///
/// # Shapes
/// Low dose (batch, slices, patch, patch) and full dose (batch, 1, patch, patch).
///
/// # Units
/// HU/1000 + 1, clipped to 0 … 3.
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
        cut(subject, &place, (slices, settings.patch), &mut inputs, &mut targets);
    }
    let shape = |channels| (settings.batch, channels, settings.patch, settings.patch);
    Ok((
        Tensor::from_vec(inputs, shape(slices), &Device::Cpu)?,
        Tensor::from_vec(targets, shape(1), &Device::Cpu)?,
    ))
}

fn draw(subject: &Prepared, settings: &Optimiser, rng: &mut ChaCha8Rng) -> Place {
    let [width, height, _] = subject.volume.dims;
    let patch = settings.patch;
    loop {
        let z = subject.training_slices[rng.random_range(0..subject.training_slices.len())];
        let (y, x) = (rng.random_range(0..=height - patch), rng.random_range(0..=width - patch));
        let slice = subject.volume.slice(z);
        let body = (y..y + patch)
            .map(|row| slice[row * width + x..][..patch].iter().filter(|hu| **hu > BODY_HU).count())
            .sum::<usize>();
        if (body as f64) < BODY_SHARE_MIN * (patch * patch) as f64 && rng.random_bool(0.9) {
            continue;
        }
        return Place {
            z,
            y,
            x,
            turns: rng.random_range(0..4),
            mirrored: rng.random_bool(0.5),
            upside_down: rng.random_bool(0.5),
            realisation: rng.random_range(0..subject.noise.len()),
            noise_scale: rng.random_range(settings.noise_scale_min..=1.0) as f32,
        };
    }
}

fn cut(
    subject: &Prepared,
    place: &Place,
    (slices, patch): (usize, usize),
    inputs: &mut Vec<f32>,
    targets: &mut Vec<f32>,
) {
    let [width, _, depth] = subject.volume.dims;
    let area = subject.volume.slice_len();
    let noise = &subject.noise[place.realisation];
    let radius = slices / 2;
    for slice in 0..slices {
        let step = if place.upside_down { slices - 1 - slice } else { slice };
        let z = (place.z + step).saturating_sub(radius).min(depth - 1);
        push(patch, place, inputs, |y, x| {
            let voxel = z * area + (place.y + y) * width + place.x + x;
            normalised(subject.volume.data[voxel] + place.noise_scale * noise[voxel])
        });
    }
    push(patch, place, targets, |y, x| {
        normalised(subject.volume.data[place.z * area + (place.y + y) * width + place.x + x])
    });
}

/// Appends a patch, turned and mirrored as its place says.
fn push(patch: usize, place: &Place, out: &mut Vec<f32>, value: impl Fn(usize, usize) -> f32) {
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

/// HU to the network's unit: HU/1000 + 1, clipped to 0 … 3.
pub(crate) fn normalised(hu: f32) -> f32 {
    (hu / 1000.0).clamp(-1.0, 2.0) + 1.0
}
