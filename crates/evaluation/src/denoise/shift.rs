//! A denoiser at another site: other noise, another kernel, thicker slices. Each is made of the same patient's full-dose
//! scan and noise, so that only the scanner differs.

use super::{Denoiser, Error, Pair, score};
use imaging::{Volume, filter::gaussian};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Coverage below which the intervals no longer mean what they say.
const COVERAGE_MIN: f64 = 0.85;

/// What differs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Shift {
    /// Nothing.
    Nothing,
    /// The inserted noise is so many times as strong.
    Noise(f32),
    /// A smoother kernel: image and noise are blurred by so many pixels.
    Smoother(f64),
    /// A sharper kernel: of what a blur of one pixel takes away so much is added once more.
    Sharper(f32),
    /// So many slices become one.
    Thicker(usize),
}

impl Shift {
    /// Those of the benchmark.
    pub const ALL: [Self; 8] = [
        Self::Nothing,
        Self::Noise(0.5),
        Self::Noise(2.0),
        Self::Noise(4.0),
        Self::Smoother(0.8),
        Self::Sharper(0.8),
        Self::Thicker(2),
        Self::Thicker(4),
    ];

    /// Makes the other site's full-dose and low-dose scans of a full-dose scan and noise.
    ///
    /// # Errors
    /// When the noise doesn't fill the volume, or too few slices are left.
    pub fn apply(self, full: &Volume, noise: &[f32]) -> Result<(Volume, Volume), Error> {
        let noise = full.with_data(noise.to_vec())?;
        let (full, noise) = match self {
            Self::Nothing => (full.clone(), noise),
            Self::Noise(times) => (full.clone(), each(&noise, |slice, _| scaled(slice, times))?),
            Self::Smoother(pixels) => {
                let blurred = |slice: &[f32], width: usize| gaussian(slice, width, pixels);
                (each(full, blurred)?, each(&noise, blurred)?)
            }
            Self::Sharper(share) => {
                let sharper = |slice: &[f32], width: usize| {
                    let smooth = gaussian(slice, width, 1.0);
                    slice.iter().zip(smooth).map(|(value, smooth)| value + share * (value - smooth)).collect()
                };
                (each(full, sharper)?, each(&noise, sharper)?)
            }
            Self::Thicker(slices) => (thicker(full, slices)?, thicker(&noise, slices)?),
        };
        let low = full.data.iter().zip(&noise.data).map(|(value, noise)| value + noise).collect();
        let low = full.with_data(low)?;
        Ok((full, low))
    }
}

impl fmt::Display for Shift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => write!(f, "as evaluated"),
            Self::Noise(times) => write!(f, "{times} times the added noise"),
            Self::Smoother(pixels) => write!(f, "smoother kernel ({pixels} pixels)"),
            Self::Sharper(share) => write!(f, "sharper kernel (+{:.0} %)", share * 100.0),
            Self::Thicker(slices) => write!(f, "{slices} times the slice thickness"),
        }
    }
}

/// What was found under other conditions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Shifted {
    /// Whose scan it is, and what differs.
    pub condition: String,
    /// What the model made of it.
    pub outcome: Outcome,
}

/// What a model made of a scan under other conditions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Outcome {
    /// It refused the scan.
    Refused {
        /// Why, in words.
        why: String,
    },
    /// It made an image where it should have refused; there is nothing to compare it with.
    Accepted {
        /// The domain score: below the site's limit no case is made.
        domain: f64,
    },
    /// It made an image.
    Measured {
        /// PSNR above tuned non-local means in dB, wide and soft.
        gain_db: [f64; 2],
        /// RMSE in the body as a share of that of tuned non-local means, and of that of the input.
        rmse_ratio: [f64; 2],
        /// Coverage of the body.
        coverage: f64,
        /// Coverage of the worst quarter by width.
        coverage_worst_quarter: f64,
        /// Domain score of the input.
        domain: f64,
    },
}

impl Outcome {
    /// Says why the model must not be used so, or `None` where nothing speaks against it. A domain score below
    /// `domain_min` makes no case, so nobody would use it either.
    pub fn objection(&self, domain_min: f64) -> Option<&'static str> {
        match self {
            Self::Refused { .. } => Some("refused"),
            Self::Accepted { domain } | Self::Measured { domain, .. } if *domain < domain_min => {
                Some("out of domain: makes no case")
            }
            Self::Accepted { .. } => Some("not recognised"),
            Self::Measured { rmse_ratio, .. } if rmse_ratio[1] > 1.0 => Some("worse than the input"),
            Self::Measured { rmse_ratio, .. } if rmse_ratio[0] > 1.0 => Some("worse than non-local means"),
            Self::Measured { coverage, .. } if *coverage < COVERAGE_MIN => Some("intervals too narrow"),
            Self::Measured { .. } => None,
        }
    }
}

/// Measures a denoiser under a shift, or tells why it refused; `fraction` is the dose of the noise before it.
///
/// # Errors
/// When nothing is left to be scored.
pub fn shifted(
    full: &Volume,
    noise: &[f32],
    (shift, fraction): (Shift, f64),
    denoiser: &dyn Denoiser,
) -> Result<Outcome, Error> {
    let (full, low) = shift.apply(full, noise)?;
    let pair = Pair { low_dose: &low, full_dose: &full, lesion: None };
    let found = match score(&pair, fraction, denoiser) {
        Err(Error::Denoiser(error)) => return Ok(Outcome::Refused { why: error.to_string() }),
        scored => scored?.result,
    };
    let (model, baseline) = (&found.model, &found.non_local_means);
    Ok(Outcome::Measured {
        gain_db: [model.psnr_wide - baseline.psnr_wide, model.psnr_soft - baseline.psnr_soft],
        rmse_ratio: [model.rmse_body / baseline.rmse_body, model.rmse_body / found.low_dose.rmse_body],
        coverage: found.intervals.coverage,
        coverage_worst_quarter: found.intervals.coverage_quarters.into_iter().fold(1.0, f64::min),
        domain: found.domain,
    })
}

/// Gives what the model makes of a scan that it isn't for.
pub fn refused(scan: &Volume, denoiser: &dyn Denoiser) -> Outcome {
    match denoiser.denoise(scan) {
        Ok(estimate) => Outcome::Accepted { domain: estimate.domain },
        Err(error) => Outcome::Refused { why: error.to_string() },
    }
}

fn each(volume: &Volume, change: impl Fn(&[f32], usize) -> Vec<f32>) -> Result<Volume, Error> {
    let slices = (0..volume.dims[2]).flat_map(|z| change(volume.slice(z), volume.dims[0]));
    Ok(volume.with_data(slices.collect())?)
}

fn scaled(slice: &[f32], times: f32) -> Vec<f32> {
    slice.iter().map(|value| value * times).collect()
}

/// Gives the means of so many slices each; what is left over at the end falls away.
fn thicker(volume: &Volume, slices: usize) -> Result<Volume, Error> {
    let [width, height, depth] = volume.dims;
    let mean = |first: usize| {
        (0..volume.slice_len()).map(move |pixel| {
            let sum: f32 = (first..first + slices).map(|z| volume.slice(z)[pixel]).sum();
            sum / slices as f32
        })
    };
    let data = (0..depth / slices).flat_map(|of| mean(of * slices)).collect();
    let mut affine = volume.affine;
    for row in &mut affine.0 {
        row[3] += row[2] * (slices - 1) as f64 / 2.0;
        row[2] *= slices as f64;
    }
    Ok(Volume::new(data, [width, height, depth / slices], affine)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::denoise::{Estimate, retention::tests::Smoother};
    use imaging::Affine;
    use rand::{SeedableRng, rngs::ChaCha8Rng};
    use rand_distr::{Distribution, Normal};
    use std::error::Error as StdError;

    const SIZE: usize = 96;

    /// A denoiser that takes no single slice.
    struct Stubborn;

    impl Denoiser for Stubborn {
        fn denoise(&self, low: &Volume) -> Result<Estimate, Box<dyn StdError + Send + Sync>> {
            assert_eq!(low.dims[2], 1);
            Err("one slice is too few".into())
        }
    }

    fn water() -> Volume {
        let data = (0..SIZE * SIZE * 4)
            .map(|i| {
                let (x, y) = ((i % SIZE) as f32 - 47.5, (i / SIZE % SIZE) as f32 - 47.5);
                if x.hypot(y) < 40.0 { 40.0 } else { -1000.0 }
            })
            .collect();
        Volume::new(data, [SIZE, SIZE, 4], Affine::from_spacing([1.0, 1.0, 2.0])).unwrap()
    }

    fn noise() -> Vec<f32> {
        let mut rng = ChaCha8Rng::seed_from_u64(5);
        let normal = Normal::new(0.0, 20.0).unwrap();
        (0..SIZE * SIZE * 4).map(|_| normal.sample(&mut rng)).collect()
    }

    fn spread(full: &Volume, low: &Volume) -> f32 {
        let squares: f32 = full.data.iter().zip(&low.data).map(|(a, b)| (a - b).powi(2)).sum();
        (squares / full.data.len() as f32).sqrt()
    }

    #[test]
    fn each_shift_changes_the_noise_as_its_scanner_would() {
        let of = |shift: Shift| {
            let (full, low) = shift.apply(&water(), &noise()).unwrap();
            (spread(&full, &low), full)
        };
        assert!((of(Shift::Nothing).0 - 20.0).abs() < 0.5);
        assert!((of(Shift::Noise(2.0)).0 - 40.0).abs() < 1.0);
        assert!(of(Shift::Smoother(0.8)).0 < 8.0 && of(Shift::Sharper(0.8)).0 > 30.0);
        // Four slices of independent noise become one of half the noise.
        let (thick, full) = of(Shift::Thicker(4));
        assert!((thick - 10.0).abs() < 0.4, "{thick}");
        assert_eq!(full.dims, [SIZE, SIZE, 1]);
        assert!((full.affine.spacing()[2] - 8.0).abs() < 1e-9);
        assert!((full.affine.apply([0.0; 3])[2] - 3.0).abs() < 1e-9, "the middle of four slices 2 mm apart");
    }

    #[test]
    fn what_harms_is_said_to_harm() {
        let of = |smoothing: f64| {
            shifted(&water(), &noise(), (Shift::Nothing, 0.25), &Smoother(smoothing)).unwrap()
        };
        assert_eq!(of(4.0).objection(0.01), Some("worse than the input"));
        assert_eq!(of(0.0).objection(0.01), Some("worse than non-local means"));
        let Outcome::Measured { rmse_ratio, .. } = of(0.0) else { panic!("it was measured") };
        assert!((rmse_ratio[1] - 1.0).abs() < 1e-9);
        let good = Outcome::Measured {
            gain_db: [1.0; 2],
            rmse_ratio: [0.8, 0.5],
            coverage: 0.9,
            coverage_worst_quarter: 0.88,
            domain: 0.5,
        };
        assert_eq!(good.objection(0.01), None);
        let thick = shifted(&water(), &noise(), (Shift::Thicker(4), 0.25), &Stubborn).unwrap();
        assert_eq!(thick, Outcome::Refused { why: "one slice is too few".to_owned() });
        assert_eq!(thick.objection(0.01), Some("refused"));
        assert_eq!(good.objection(0.6), Some("out of domain: makes no case"));
        assert_eq!(refused(&water(), &Smoother(0.0)).objection(0.01), Some("not recognised"));
    }
}
