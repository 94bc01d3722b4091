//! A hospital's own acceptance test: pairs of its images, no recipe and no simulation.
//!
//! Lesions are added to both images of the pair after their acquisition, so the noise around them is the input's own.

use super::{
    Bar, Denoiser, Error, Pair, Scored,
    retention::{CLEARANCE_MM, Disc, SMOOTHING_PIXELS, coverage_of, is_soft_tissue, kept},
    score, tuned_non_local_means,
};
use crate::observer::{Region, detectability, eye_detectability};
use imaging::{Volume, filter::gaussian, noise::flat_tissue_sigma};
use serde::{Deserialize, Serialize};

/// Diameters in mm of the lesions that are added, in turn.
const DIAMETERS_MM: [f64; 4] = [3.0, 5.0, 7.0, 10.0];
/// Their contrast in HU.
const CONTRAST_HU: f32 = 20.0;
/// The channels' width as a multiple of a lesion's diameter, and the radius of the region that is judged.
const SPREAD: f64 = 1.3;
/// The edges of lesions that a denoiser might see together are at least so far apart, mm.
const APART_MM: f64 = 12.0;
/// Lesions of one diameter in a slice at most.
const PER_SLICE: usize = 6;
/// The grid on which places are looked for, mm.
const GRID_MM: f64 = 3.0;
/// A lesion is compared with the tissue from `RING_MM[0]` to `RING_MM[1]` around it.
const RING_MM: [f64; 2] = [2.0, 8.0];
/// Two-sided 95 % of the normal distribution.
const Z95: f64 = 1.96;

/// What an acceptance test found.
#[derive(Debug, Clone)]
pub struct Acceptance {
    /// Pixels and intervals, with the images.
    pub scored: Scored,
    /// The marked lesion, where there is a mask.
    pub contrast: Option<Contrast>,
    /// The added lesions, by diameter.
    pub detectability: Vec<Detectability>,
    /// What was wanted: of pixels and intervals, then of lesions.
    pub bars: Vec<Bar>,
}

/// Mean HU of a lesion above that of the tissue around it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Contrast {
    /// At full dose.
    pub reference_hu: f64,
    /// In the input.
    pub input_hu: f64,
    /// In what tuned non-local means made of it.
    pub non_local_means_hu: f64,
    /// In what the model made of it.
    pub output_hu: f64,
}

impl Contrast {
    /// Gives the output's contrast as a share of the reference's.
    pub fn ratio(&self) -> f64 {
        self.output_hu / self.reference_hu
    }
}

/// What is left of added lesions of one diameter.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Detectability {
    /// Diameter in mm.
    pub diameter_mm: f64,
    /// Contrast in HU.
    pub contrast_hu: f32,
    /// Number of lesions.
    pub lesions: usize,
    /// Mean share of the contrast that the model kept.
    pub kept: f64,
    /// Its 95 % interval over the lesions, which are of one patient.
    pub kept_interval: [f64; 2],
    /// d′ of the channelised Hotelling observer in the input; `None` with too few lesions.
    pub input: Option<f64>,
    /// The same in what tuned non-local means made.
    pub non_local_means: Option<f64>,
    /// The same in what the model made.
    pub output: Option<f64>,
    /// d′ of the non-prewhitening observer with an eye filter, in the input, after tuned non-local means and in the
    /// model's image.
    pub eye: [Option<f64>; 3],
}

/// Estimates the dose of the low image as a share of the full one's, from the noise of flat tissue in both.
///
/// The variance of quantum noise goes with 1/dose. `None` where there is no flat tissue.
pub fn dose_fraction(pair: &Pair<'_>) -> Option<f64> {
    let width = pair.full_dose.dims[0];
    let mut ratios: Vec<f64> = (0..pair.full_dose.dims[2])
        .filter_map(|z| {
            let full = flat_tissue_sigma(pair.full_dose.slice(z), width)?;
            let low = flat_tissue_sigma(pair.low_dose.slice(z), width)?;
            Some((full / low.max(1e-6)).powi(2))
        })
        .collect();
    ratios.sort_by(f64::total_cmp);
    ratios.get(ratios.len() / 2).map(|ratio| ratio.min(1.0))
}

/// Scores a denoiser on a pair, and tells what it makes of the marked lesion and of lesions that are added.
pub fn accept(pair: &Pair<'_>, denoiser: &dyn Denoiser) -> Result<Acceptance, Error> {
    let fraction = dose_fraction(pair).ok_or(Error::NoBody)?;
    let scored = score(pair, fraction, denoiser)?;
    let contrast = pair.lesion.and_then(|mask| contrast(pair, mask, &scored));
    let detectability = added_lesions(pair, &scored, denoiser)?;
    let mut bars = scored.result.bars.clone();
    bars.extend(lesion_bars(contrast.as_ref(), &detectability));
    Ok(Acceptance { scored, contrast, detectability, bars })
}

fn lesion_bars(contrast: Option<&Contrast>, added: &[Detectability]) -> Vec<Bar> {
    let mut bars = Vec::new();
    if let Some(contrast) = contrast {
        let found = contrast.ratio();
        let wanted = "contrast of the lesion within 1 % of full dose".to_owned();
        bars.push(Bar { wanted, found, met: (found - 1.0).abs() <= 0.01 });
    }
    for of in added {
        let what = format!("added lesions of {} mm, {} HU", of.diameter_mm, of.contrast_hu);
        bars.push(Bar {
            wanted: format!("{what}: kept contrast 0.95 to 1.05"),
            found: of.kept,
            met: (0.95..=1.05).contains(&of.kept),
        });
        if let (Some(input), Some(output)) = (of.input, of.output) {
            let found = output / input;
            bars.push(Bar {
                wanted: format!("{what}: d′ no lower than in the input: ratio ≥ 1"),
                found,
                met: found >= 1.0,
            });
        }
    }
    bars
}

/// Measures the marked lesion against the body around it, in the same slices.
fn contrast(pair: &Pair<'_>, mask: &Volume, scored: &Scored) -> Option<Contrast> {
    let full = pair.full_dose;
    let [width, height, depth] = full.dims;
    let pixel_mm = full.affine.spacing()[0];
    let (mut inside, mut around) = (Vec::new(), Vec::new());
    for z in 0..depth {
        let lesion: Vec<bool> = mask.slice(z).iter().map(|&label| label > 0.0).collect();
        if !lesion.contains(&true) {
            continue;
        }
        let [near, far] = RING_MM.map(|mm| within(&lesion, (width, height), mm / pixel_mm));
        let offset = z * full.slice_len();
        inside.extend((0..lesion.len()).filter(|&i| lesion[i]).map(|i| offset + i));
        around.extend((0..lesion.len()).filter(|&i| far[i] && !near[i]).map(|i| offset + i));
    }
    let mean = |volume: &Volume, of: &[usize]| {
        of.iter().map(|&i| f64::from(volume.data[i])).sum::<f64>() / of.len() as f64
    };
    let above = |volume: &Volume| mean(volume, &inside) - mean(volume, &around);
    (!inside.is_empty() && !around.is_empty()).then(|| Contrast {
        reference_hu: above(full),
        input_hu: above(pair.low_dose),
        non_local_means_hu: above(&scored.non_local_means),
        output_hu: above(&scored.estimate.image),
    })
}

/// Marks the pixels within a radius of any marked one.
fn within(marked: &[bool], (width, height): (usize, usize), radius: f64) -> Vec<bool> {
    let reach = radius.floor() as isize;
    let offsets: Vec<(isize, isize)> = (-reach..=reach)
        .flat_map(|y| (-reach..=reach).map(move |x| (y, x)))
        .filter(|&(y, x)| (y as f64).hypot(x as f64) <= radius)
        .collect();
    let mut found = vec![false; marked.len()];
    for i in (0..marked.len()).filter(|&i| marked[i]) {
        let (y, x) = ((i / width) as isize, (i % width) as isize);
        for (dy, dx) in &offsets {
            let (row, column) = (y + dy, x + dx);
            if (0..height as isize).contains(&row) && (0..width as isize).contains(&column) {
                found[row as usize * width + column as usize] = true;
            }
        }
    }
    found
}

/// A lesion that is added to a slice.
struct Added {
    z: usize,
    diameter: usize,
    disc: Disc,
    shape: Vec<(usize, f32)>,
}

/// Adds lesions, lets the denoiser see them, and tells what is left of them.
fn added_lesions(
    pair: &Pair<'_>,
    scored: &Scored,
    denoiser: &dyn Denoiser,
) -> Result<Vec<Detectability>, Error> {
    let lesions = places_for_lesions(pair.full_dose);
    if lesions.is_empty() {
        return Ok(Vec::new());
    }
    let thickness = pair.full_dose.affine.spacing()[2];
    let (mut low, mut full) = (pair.low_dose.clone(), pair.full_dose.clone());
    let depth = full.dims[2];
    for lesion in &lesions {
        // A lesion is as high as it is wide: it shows in the slices around its own too.
        let reach = (DIAMETERS_MM[lesion.diameter] / 2.0 / thickness) as usize;
        for z in lesion.z.saturating_sub(reach)..=(lesion.z + reach).min(depth - 1) {
            for &(pixel, share) in &lesion.shape {
                low.slice_mut(z)[pixel] += share * CONTRAST_HU;
                full.slice_mut(z)[pixel] += share * CONTRAST_HU;
            }
        }
    }
    let image = denoiser.denoise(&low).map_err(Error::Denoiser)?.image;
    let mut smoothed = low.clone();
    for lesion in lesions.chunk_by(|a, b| a.z == b.z) {
        let z = lesion[0].z;
        let baseline = tuned_non_local_means(low.slice(z), full.slice(z), full.dims[0]);
        smoothed.slice_mut(z).copy_from_slice(&baseline);
    }
    let with = [&low, &smoothed, &image];
    let without = [pair.low_dose, &scored.non_local_means, &scored.estimate.image];
    Ok((0..DIAMETERS_MM.len())
        .filter_map(|diameter| {
            let of: Vec<&Added> = lesions.iter().filter(|lesion| lesion.diameter == diameter).collect();
            (!of.is_empty()).then(|| seen(diameter, &of, with, without))
        })
        .collect())
}

/// Finds places for lesions: in soft tissue all round, and so far from each other that no denoiser sees two of them at
/// once. In each slice the largest come first, since they fit in the fewest places.
fn places_for_lesions(full: &Volume) -> Vec<Added> {
    let [width, height, depth] = full.dims;
    let pixel_mm = full.affine.spacing()[0];
    let step = (GRID_MM / pixel_mm).ceil() as usize;
    let rows = (step..height).step_by(step);
    let grid = rows.flat_map(|y| (step..width).step_by(step).map(move |x| (y, x)));
    let grid = scattered(&grid.collect::<Vec<_>>());
    let mut found: Vec<Added> = Vec::new();
    for z in 0..depth {
        let tissue = SoftTissue::of(full, z);
        for diameter in (0..DIAMETERS_MM.len()).rev() {
            let radius_mm = DIAMETERS_MM[diameter] / 2.0;
            let reach = ((radius_mm + CLEARANCE_MM) / pixel_mm).ceil() as usize;
            let mut left = PER_SLICE;
            for &(y, x) in &grid {
                let disc = Disc { y, x, radius: radius_mm / pixel_mm };
                if left > 0 && tissue.is_all_round((y, x), reach) && is_alone(full, &found, z, &disc) {
                    left -= 1;
                    found.push(Added { z, diameter, shape: coverage_of(full, &disc), disc });
                }
            }
        }
    }
    found
}

/// Whether a lesion would lie far enough from all that were found before, in this slice and in those below it.
fn is_alone(full: &Volume, found: &[Added], z: usize, disc: &Disc) -> bool {
    let [pixel_mm, _, thickness_mm] = full.affine.spacing();
    let near = found.iter().rev().take_while(|other| (z - other.z) as f64 * thickness_mm <= APART_MM);
    near.into_iter().all(|other| {
        let between = (disc.y as f64 - other.disc.y as f64).hypot(disc.x as f64 - other.disc.x as f64);
        (between - disc.radius - other.disc.radius) * pixel_mm >= APART_MM
    })
}

/// Gives points in an order that wanders over all of them.
fn scattered(points: &[(usize, usize)]) -> Vec<(usize, usize)> {
    /// A prime, so that every point comes once unless their number is a multiple of it.
    const STRIDE: usize = 7_919;
    (0..points.len()).map(|i| points[i * STRIDE % points.len()]).collect()
}

/// Counts of what is no soft tissue in a slice, summed from its first corner: any box is told by four of them.
struct SoftTissue {
    sums: Vec<u32>,
    width: usize,
    height: usize,
}

impl SoftTissue {
    fn of(full: &Volume, z: usize) -> Self {
        let [width, height, _] = full.dims;
        let smooth = gaussian(full.slice(z), width, SMOOTHING_PIXELS);
        let mut sums = vec![0; (width + 1) * (height + 1)];
        for y in 0..height {
            let mut row = 0;
            for x in 0..width {
                row += u32::from(!is_soft_tissue(smooth[y * width + x]));
                sums[(y + 1) * (width + 1) + x + 1] = sums[y * (width + 1) + x + 1] + row;
            }
        }
        Self { sums, width, height }
    }

    /// Whether the box of `reach` pixels around (row, column) lies in the slice and holds soft tissue alone.
    fn is_all_round(&self, (y, x): (usize, usize), reach: usize) -> bool {
        if y < reach || x < reach || y + reach >= self.height || x + reach >= self.width {
            return false;
        }
        let at = |row: usize, column: usize| self.sums[row * (self.width + 1) + column];
        let (top, left, bottom, right) = (y - reach, x - reach, y + reach + 1, x + reach + 1);
        at(bottom, right) + at(top, left) == at(top, right) + at(bottom, left)
    }
}

/// Tells what is seen of the lesions of one diameter in the input, the baseline and the model's image.
fn seen(diameter: usize, lesions: &[&Added], with: [&Volume; 3], without: [&Volume; 3]) -> Detectability {
    let (width, pixel_mm) = (with[0].dims[0], with[0].affine.spacing()[0]);
    let spread = SPREAD * DIAMETERS_MM[diameter] / pixel_mm;
    let regions = |volume: &Volume| -> Vec<Region> {
        lesions
            .iter()
            .filter_map(|lesion| {
                let place = (lesion.disc.y, lesion.disc.x);
                Region::cut(volume.slice(lesion.z), width, place, spread.ceil() as usize)
            })
            .collect()
    };
    let [input, non_local_means, output] =
        [0, 1, 2].map(|method| detectability(&regions(with[method]), &regions(without[method]), spread));
    let eye = [0, 1, 2]
        .map(|method| eye_detectability(&regions(with[method]), &regions(without[method]), pixel_mm));
    let shares: Vec<f64> = lesions
        .iter()
        .map(|lesion| kept(&lesion.shape, (with[2].slice(lesion.z), without[2].slice(lesion.z)), CONTRAST_HU))
        .collect();
    let n = shares.len() as f64;
    let kept = shares.iter().sum::<f64>() / n;
    let variance = shares.iter().map(|share| (share - kept).powi(2)).sum::<f64>() / (n - 1.0).max(1.0);
    let margin = Z95 * (variance / n).sqrt();
    Detectability {
        diameter_mm: DIAMETERS_MM[diameter],
        contrast_hu: CONTRAST_HU,
        lesions: shares.len(),
        kept,
        kept_interval: [kept - margin, kept + margin],
        input,
        non_local_means,
        output,
        eye,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::denoise::retention::tests::Smoother;
    use imaging::Affine;
    use rand::{SeedableRng, rngs::ChaCha8Rng};
    use rand_distr::{Distribution, Normal};

    const SIZE: usize = 160;
    const DEPTH: usize = 16;

    /// Water with a lesion of 50 HU, and noise of `sigma`.
    fn water(sigma: f32, seed: u64) -> Volume {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let normal = Normal::new(40.0, sigma).unwrap();
        let mut data: Vec<f32> = (0..SIZE * SIZE * DEPTH).map(|_| normal.sample(&mut rng)).collect();
        for (value, inside) in data.iter_mut().zip(lesion().data) {
            *value += 50.0 * inside;
        }
        Volume::new(data, [SIZE, SIZE, DEPTH], Affine::from_spacing([1.0, 1.0, 5.0])).unwrap()
    }

    fn lesion() -> Volume {
        let data = (0..SIZE * SIZE * DEPTH)
            .map(|i| {
                let (x, y) = ((i % SIZE) as f32 - 60.0, (i / SIZE % SIZE) as f32 - 84.0);
                f32::from(u8::from(i / (SIZE * SIZE) == 4 && x.hypot(y) < 7.0))
            })
            .collect();
        Volume::new(data, [SIZE, SIZE, DEPTH], Affine::from_spacing([1.0, 1.0, 5.0])).unwrap()
    }

    fn accepted(smoothing: f64) -> Acceptance {
        let (full, noise, mask) = (water(6.0, 1), water(12.0, 2), lesion());
        let data = full.data.iter().zip(&noise.data).zip(&mask.data);
        let low = full.with_data(data.map(|((a, b), m)| a + b - 40.0 - 50.0 * m).collect()).unwrap();
        let pair = Pair { low_dose: &low, full_dose: &full, lesion: Some(&mask) };
        accept(&pair, &Smoother(smoothing)).unwrap()
    }

    #[test]
    fn the_dose_is_told_by_the_noise() {
        // 36/(36 + 144) of the variance
        let found = accepted(0.0).scored.result.fraction;
        assert!((found - 0.2).abs() < 0.03, "{found}");
    }

    #[test]
    fn what_changes_nothing_keeps_every_lesion_as_visible_as_it_was() {
        let found = accepted(0.0);
        assert!((found.contrast.unwrap().ratio() - 1.0).abs() < 0.1);
        for of in &found.detectability {
            assert!((of.kept - 1.0).abs() < 1e-4 && of.input == of.output, "{of:?}");
        }
        let d = |index: usize| found.detectability[index].input.unwrap();
        assert!(d(3) > d(2) && d(2) > d(1), "a larger lesion is easier to see: {} {} {}", d(1), d(2), d(3));
    }

    #[test]
    fn what_blurs_loses_contrast_and_a_small_lesion_most() {
        let found = accepted(2.0);
        assert!(
            found.detectability[0].kept < 0.6 && found.detectability[0].kept < found.detectability[3].kept
        );
        let missed: Vec<&str> =
            found.bars.iter().filter(|bar| !bar.met).map(|bar| bar.wanted.as_str()).collect();
        assert!(missed.contains(&"added lesions of 3 mm, 20 HU: kept contrast 0.95 to 1.05"), "{missed:?}");
    }

    #[test]
    fn a_ring_lies_around_what_is_marked() {
        let mut marked = vec![false; 11 * 11];
        marked[5 * 11 + 5] = true;
        let found = within(&marked, (11, 11), 2.0);
        assert_eq!(found.iter().filter(|inside| **inside).count(), 13);
        assert!(found[5 * 11 + 7] && !found[4 * 11 + 7]);
    }
}
