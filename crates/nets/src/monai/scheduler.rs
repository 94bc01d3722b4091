//! Noise schedules, and the steps from noise to an image.

use super::{Error, Result};
use candle_core::Tensor;
use serde::{Deserialize, Serialize};
use std::f32::consts::PI;

/// Least variance of a step (MONAI's clamp).
const VARIANCE_MIN: f32 = 1e-20;

/// Whose numbers are reproduced: the releases differ in the cosine schedule and in which times are chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Release {
    /// MONAI up to 1.4: times at multiples of a whole step, from 0 on.
    #[serde(rename = "1.4")]
    V1_4,
    /// MONAI 1.6: times evenly from the last to 0, rounded.
    #[default]
    #[serde(rename = "1.6")]
    V1_6,
}

/// How the variance of the noise goes with time, under MONAI's names.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "schedule", deny_unknown_fields, rename_all = "snake_case")]
pub enum NoiseSchedule {
    /// Even steps of the variance.
    LinearBeta {
        /// First variance.
        #[serde(default = "default_start")]
        beta_start: f64,
        /// Last variance.
        #[serde(default = "default_end")]
        beta_end: f64,
    },
    /// Even steps of the deviation.
    ScaledLinearBeta {
        /// First variance.
        #[serde(default = "default_start")]
        beta_start: f64,
        /// Last variance.
        #[serde(default = "default_end")]
        beta_end: f64,
    },
    /// A sigmoid of time.
    SigmoidBeta {
        /// First variance.
        #[serde(default = "default_start")]
        beta_start: f64,
        /// Last variance.
        #[serde(default = "default_end")]
        beta_end: f64,
        /// The sigmoid's argument goes from minus this to this.
        #[serde(default = "default_range")]
        sig_range: f64,
    },
    /// The share of the image is a squared cosine of time.
    Cosine {
        /// Offset at the start.
        #[serde(default = "default_offset")]
        s: f64,
    },
}

fn default_start() -> f64 {
    1e-4
}

fn default_end() -> f64 {
    2e-2
}

fn default_range() -> f64 {
    6.0
}

fn default_offset() -> f64 {
    8e-3
}

/// What the network gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Prediction {
    /// The noise.
    #[default]
    Epsilon,
    /// The image.
    Sample,
    /// The velocity √ᾱ · noise − √(1 − ᾱ) · image.
    VPrediction,
}

/// The variance of a step of [`Ddpm`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Variance {
    /// That of the posterior.
    #[default]
    FixedSmall,
    /// That of the schedule.
    FixedLarge,
}

/// A noise schedule worked out: the variance that each step adds, and the share of the image that is left.
///
/// # Source
/// MONAI `schedulers/scheduler.py` (`Scheduler`, `NoiseSchedules`), in float32 as there.
#[derive(Debug, Clone, PartialEq)]
pub struct Schedule {
    betas: Vec<f32>,
    alphas: Vec<f32>,
    alphas_cumprod: Vec<f32>,
}

impl Schedule {
    /// Works out a schedule of so many steps.
    ///
    /// # Errors
    /// [`Error::Configuration`] when there are no steps.
    pub fn new(steps: usize, schedule: &NoiseSchedule, release: Release) -> Result<Self> {
        if steps == 0 {
            return Err(Error::Configuration("a schedule without steps".into()));
        }
        let betas: Vec<f32> = match *schedule {
            NoiseSchedule::LinearBeta { beta_start, beta_end } => linspace(beta_start, beta_end, steps),
            NoiseSchedule::ScaledLinearBeta { beta_start, beta_end } => {
                linspace(beta_start.sqrt(), beta_end.sqrt(), steps)
                    .into_iter()
                    .map(|root| root * root)
                    .collect()
            }
            NoiseSchedule::SigmoidBeta { beta_start, beta_end, sig_range } => {
                let (span, start) = ((beta_end - beta_start) as f32, beta_start as f32);
                let arguments = linspace(-sig_range, sig_range, steps).into_iter();
                arguments.map(|x| 1.0 / (1.0 + (-x).exp()) * span + start).collect()
            }
            NoiseSchedule::Cosine { s } => return Ok(Self::cosine(steps, s, release)),
        };
        Ok(Self::of_betas(betas))
    }

    fn of_betas(betas: Vec<f32>) -> Self {
        let alphas: Vec<f32> = betas.iter().map(|beta| 1.0 - beta).collect();
        // PyTorch multiplies float32 up in float64.
        let product = alphas.iter().scan(1.0_f64, |product, &alpha| {
            *product *= f64::from(alpha);
            Some(*product as f32)
        });
        Self { alphas_cumprod: product.collect(), alphas, betas }
    }

    /// Nichol and Dhariwal 2021, "Improved denoising diffusion probabilistic models", equation 17.
    fn cosine(steps: usize, offset: f64, release: Release) -> Self {
        let share = |step: usize| {
            let at = (step as f32 / steps as f32 + offset as f32) / (1.0 + offset) as f32;
            (at * PI * 0.5).cos().powi(2)
        };
        let first = share(0);
        let left: Vec<f32> = (0..=steps).map(|step| share(step) / first).collect();
        let ratio = |pair: &[f32]| pair[1] / pair[0];
        match release {
            Release::V1_4 => {
                let alphas: Vec<f32> = left.windows(2).map(|pair| ratio(pair).clamp(1e-4, 0.9999)).collect();
                let betas = alphas.iter().map(|alpha| 1.0 - alpha).collect();
                Self { betas, alphas, alphas_cumprod: left[..steps].to_vec() }
            }
            Release::V1_6 => {
                Self::of_betas(left.windows(2).map(|pair| (1.0 - ratio(pair)).clamp(0.0, 0.999)).collect())
            }
        }
    }

    /// Gives the variance that each step adds.
    pub fn betas(&self) -> &[f32] {
        &self.betas
    }

    /// Gives the share of the image's variance that is left after each step, ᾱ.
    pub fn alphas_cumprod(&self) -> &[f32] {
        &self.alphas_cumprod
    }

    fn left(&self, time: usize) -> Result<f32> {
        let steps = self.alphas_cumprod.len();
        let beyond = || Error::Input(format!("time {time} of {steps} steps"));
        self.alphas_cumprod.get(time).copied().ok_or_else(beyond)
    }

    /// Gives an image with noise: √ᾱ · image + √(1 − ᾱ) · noise, at a time for each of the batch.
    pub fn add_noise(&self, image: &Tensor, noise: &Tensor, times: &[usize]) -> Result<Tensor> {
        let (image_share, noise_share) = self.shares(image, times)?;
        Ok((image.broadcast_mul(&image_share)? + noise.broadcast_mul(&noise_share)?)?)
    }

    /// Gives the velocity √ᾱ · noise − √(1 − ᾱ) · image, at a time for each of the batch.
    pub fn velocity(&self, image: &Tensor, noise: &Tensor, times: &[usize]) -> Result<Tensor> {
        let (image_share, noise_share) = self.shares(image, times)?;
        Ok((noise.broadcast_mul(&image_share)? - image.broadcast_mul(&noise_share)?)?)
    }

    /// Gives √ᾱ and √(1 − ᾱ) of each image, (batch, 1, …).
    fn shares(&self, image: &Tensor, times: &[usize]) -> Result<(Tensor, Tensor)> {
        let left = times.iter().map(|&time| self.left(time)).collect::<Result<Vec<f32>>>()?;
        let mut shape = vec![1; image.rank()];
        shape[0] = left.len();
        let tensor = |f: fn(&f32) -> f32| -> Result<Tensor> {
            let values: Vec<f32> = left.iter().map(f).collect();
            Ok(Tensor::from_vec(values, shape.as_slice(), image.device())?)
        };
        Ok((tensor(|left| left.sqrt())?, tensor(|left| (1.0 - left).sqrt())?))
    }
}

/// Gives so many numbers from one to another as PyTorch does: from each end to the middle.
fn linspace(start: f64, end: f64, count: usize) -> Vec<f32> {
    let (start, end) = (start as f32, end as f32);
    let step = if count > 1 { (end - start) / (count - 1) as f32 } else { 0.0 };
    let value = |index: usize| {
        if index < count / 2 { start + step * index as f32 } else { end - step * (count - 1 - index) as f32 }
    };
    if count == 1 { vec![start] } else { (0..count).map(value).collect() }
}

/// Gives the times of a chain of `count` steps under `steps`, the last time first.
fn times(steps: usize, count: usize, offset: usize, release: Release) -> Result<Vec<usize>> {
    if count == 0 || count > steps || offset >= steps {
        let why = format!("{count} steps with offset {offset} of a schedule of {steps}");
        return Err(Error::Configuration(why));
    }
    match release {
        Release::V1_4 if offset >= steps / count => {
            Err(Error::Configuration(format!("offset {offset} isn't below the ratio {}", steps / count)))
        }
        Release::V1_4 => Ok((0..count).rev().map(|index| index * (steps / count) + offset).collect()),
        Release::V1_6 => {
            let evenly = linspace((steps - 1 - offset) as f64, 0.0, count);
            Ok(evenly.into_iter().map(|time| time.round_ties_even() as usize + offset).collect())
        }
    }
}

/// What a step gives.
#[derive(Debug, Clone)]
pub struct Stepped {
    /// The image one step before.
    pub sample: Tensor,
    /// The image without noise, as it looks from here.
    pub original: Tensor,
}

/// What both schedulers know of the network and of images.
#[derive(Debug, Clone)]
struct Predictor {
    schedule: Schedule,
    prediction: Prediction,
    bounds: Option<[f64; 2]>,
}

impl Predictor {
    /// Gives the image without noise, clipped where it's asked for, and the noise.
    fn original(&self, output: &Tensor, sample: &Tensor, left: f32) -> Result<(Tensor, Tensor)> {
        let (image_share, noise_share) = (f64::from(left.sqrt()), f64::from((1.0 - left).sqrt()));
        let (original, noise) = match self.prediction {
            Prediction::Epsilon => (((sample - (output * noise_share)?)? / image_share)?, output.clone()),
            Prediction::Sample => (output.clone(), ((sample - (output * image_share)?)? / noise_share)?),
            Prediction::VPrediction => (
                ((sample * image_share)? - (output * noise_share)?)?,
                ((output * image_share)? + (sample * noise_share)?)?,
            ),
        };
        match self.bounds {
            Some([least, most]) => Ok((original.clamp(least, most)?, noise)),
            None => Ok((original, noise)),
        }
    }
}

/// The constructor parameters of MONAI's `DDPMScheduler`, under their names.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DdpmConfig {
    /// Steps that the network was trained with.
    #[serde(default = "default_steps")]
    pub num_train_timesteps: usize,
    /// How the noise goes with time.
    #[serde(flatten)]
    pub schedule: NoiseSchedule,
    /// The variance of a step.
    #[serde(default)]
    pub variance_type: Variance,
    /// Whether the image without noise is kept within bounds.
    #[serde(default = "yes")]
    pub clip_sample: bool,
    /// What the network gives.
    #[serde(default)]
    pub prediction_type: Prediction,
    /// Least value of an image.
    #[serde(default = "default_least")]
    pub clip_sample_min: f64,
    /// Largest value of an image.
    #[serde(default = "default_most")]
    pub clip_sample_max: f64,
}

fn default_steps() -> usize {
    1000
}

fn yes() -> bool {
    true
}

fn default_least() -> f64 {
    -1.0
}

fn default_most() -> f64 {
    1.0
}

/// Steps with noise in each.
///
/// # Source
/// MONAI `schedulers/ddpm.py` (`DDPMScheduler`); Ho 2020, "Denoising diffusion probabilistic models", equations 6, 7
/// and 15.
#[derive(Debug, Clone)]
pub struct Ddpm {
    predictor: Predictor,
    variance: Variance,
    release: Release,
}

impl Ddpm {
    /// Works out the schedule.
    ///
    /// # Errors
    /// [`Error::Configuration`] when there are no steps.
    pub fn new(config: &DdpmConfig, release: Release) -> Result<Self> {
        let schedule = Schedule::new(config.num_train_timesteps, &config.schedule, release)?;
        let bounds = config.clip_sample.then_some([config.clip_sample_min, config.clip_sample_max]);
        let predictor = Predictor { schedule, prediction: config.prediction_type, bounds };
        Ok(Self { predictor, variance: config.variance_type, release })
    }

    /// Gives the schedule.
    pub fn schedule(&self) -> &Schedule {
        &self.predictor.schedule
    }

    /// Gives the times of a chain of so many steps, the last time first.
    ///
    /// # Errors
    /// [`Error::Configuration`] when the schedule has fewer.
    pub fn timesteps(&self, count: usize) -> Result<Vec<usize>> {
        times(self.schedule().betas.len(), count, 0, self.release)
    }

    /// Goes from `sample` at a time one step back; `noise` of deviation 1 is scaled to the step's, and not used at 0.
    pub fn step(&self, output: &Tensor, time: usize, sample: &Tensor, noise: &Tensor) -> Result<Stepped> {
        let schedule = self.schedule();
        let left = schedule.left(time)?;
        let left_before = if time > 0 { schedule.left(time - 1)? } else { 1.0 };
        let (beta, alpha) = (schedule.betas[time], schedule.alphas[time]);
        let (original, _) = self.predictor.original(output, sample, left)?;
        let of_original = left_before.sqrt() * beta / (1.0 - left);
        let of_sample = alpha.sqrt() * (1.0 - left_before) / (1.0 - left);
        let mut before = ((&original * f64::from(of_original))? + (sample * f64::from(of_sample))?)?;
        if time > 0 {
            let variance = match self.variance {
                Variance::FixedSmall => ((1.0 - left_before) / (1.0 - left) * beta).max(VARIANCE_MIN),
                Variance::FixedLarge => beta,
            };
            before = (before + (noise * f64::from(variance.sqrt()))?)?;
        }
        Ok(Stepped { sample: before, original })
    }
}

/// The constructor parameters of MONAI's `DDIMScheduler`, under their names.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DdimConfig {
    /// Steps that the network was trained with.
    #[serde(default = "default_steps")]
    pub num_train_timesteps: usize,
    /// How the noise goes with time.
    #[serde(flatten)]
    pub schedule: NoiseSchedule,
    /// Whether the image without noise is kept within bounds.
    #[serde(default = "yes")]
    pub clip_sample: bool,
    /// Whether no noise is left before the first time, or as much as at it.
    #[serde(default = "yes")]
    pub set_alpha_to_one: bool,
    /// Is added to each time.
    #[serde(default)]
    pub steps_offset: usize,
    /// What the network gives.
    #[serde(default)]
    pub prediction_type: Prediction,
    /// Least value of an image.
    #[serde(default = "default_least")]
    pub clip_sample_min: f64,
    /// Largest value of an image.
    #[serde(default = "default_most")]
    pub clip_sample_max: f64,
}

/// Steps with as much noise as is wanted, or none.
///
/// # Source
/// MONAI `schedulers/ddim.py` (`DDIMScheduler`); Song 2021, "Denoising diffusion implicit models", equations 12 and 16.
/// As in MONAI the time before a step is that time less ⌊steps of training / steps of the chain⌋, which isn't always
/// the next one of the chain.
#[derive(Debug, Clone)]
pub struct Ddim {
    predictor: Predictor,
    /// What is left of the image before the first time.
    left_first: f32,
    offset: usize,
    release: Release,
}

impl Ddim {
    /// Works out the schedule.
    ///
    /// # Errors
    /// [`Error::Configuration`] when there are no steps.
    pub fn new(config: &DdimConfig, release: Release) -> Result<Self> {
        let schedule = Schedule::new(config.num_train_timesteps, &config.schedule, release)?;
        let left_first = if config.set_alpha_to_one { 1.0 } else { schedule.left(0)? };
        let bounds = config.clip_sample.then_some([config.clip_sample_min, config.clip_sample_max]);
        let predictor = Predictor { schedule, prediction: config.prediction_type, bounds };
        Ok(Self { predictor, left_first, offset: config.steps_offset, release })
    }

    /// Gives the schedule.
    pub fn schedule(&self) -> &Schedule {
        &self.predictor.schedule
    }

    /// Gives the times of a chain of so many steps, the last time first.
    ///
    /// # Errors
    /// [`Error::Configuration`] when the schedule has fewer, or the offset doesn't fit.
    pub fn timesteps(&self, count: usize) -> Result<Vec<usize>> {
        times(self.schedule().betas.len(), count, self.offset, self.release)
    }

    /// Goes from `sample` at `time` one step of a chain of `count` steps back, without noise.
    pub fn step(&self, output: &Tensor, (time, count): (usize, usize), sample: &Tensor) -> Result<Stepped> {
        let (original, noise) = self.predictor.original(output, sample, self.schedule().left(time)?)?;
        let before = self.left_before(time, count)?;
        let along = (noise * f64::from((1.0 - before).sqrt()))?;
        Ok(Stepped { sample: ((&original * f64::from(before.sqrt()))? + along)?, original })
    }

    /// The same with noise: `eta` times that of [`Ddpm`], from `noise` of deviation 1.
    pub fn step_with_noise(
        &self,
        output: &Tensor,
        (time, count): (usize, usize),
        sample: &Tensor,
        (eta, noise): (f32, &Tensor),
    ) -> Result<Stepped> {
        let left = self.schedule().left(time)?;
        let (original, epsilon) = self.predictor.original(output, sample, left)?;
        let before = self.left_before(time, count)?;
        let variance = (1.0 - before) / (1.0 - left) * (1.0 - left / before);
        let deviation = eta * variance.sqrt();
        let along = (epsilon * f64::from((1.0 - before - deviation * deviation).sqrt()))?;
        let sample = ((&original * f64::from(before.sqrt()))? + along)?;
        Ok(Stepped { sample: (sample + (noise * f64::from(deviation))?)?, original })
    }

    fn left_before(&self, time: usize, count: usize) -> Result<f32> {
        let ratio = self.schedule().betas.len().checked_div(count).unwrap_or(0);
        time.checked_sub(ratio).map_or(Ok(self.left_first), |before| self.schedule().left(before))
    }
}
