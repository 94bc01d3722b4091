//! Rectified flow: straight ways from noise to an image, of which the network gives the direction.

use super::{Error, Result, scheduler::Stepped};
use candle_core::Tensor;
use half::f16;
use serde::{Deserialize, Serialize};

/// How the times of training are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SampleMethod {
    /// Evenly.
    #[default]
    Uniform,
    /// By the logistic of a normal draw: more in the middle, where the direction is hardest to tell.
    LogitNormal,
}

/// The constructor parameters of MONAI's `RFlowScheduler`, under their names.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RectifiedFlowConfig {
    /// The time of noise alone; 0 is the image.
    #[serde(default = "default_steps")]
    pub num_train_timesteps: usize,
    /// Whether times are whole numbers.
    #[serde(default = "yes")]
    pub use_discrete_timesteps: bool,
    /// How the times of training are drawn.
    #[serde(default)]
    pub sample_method: SampleMethod,
    /// Mean of the normal draw.
    #[serde(default)]
    pub loc: f64,
    /// Deviation of the normal draw.
    #[serde(default = "default_scale")]
    pub scale: f64,
    /// Whether large images have more of their times near noise.
    #[serde(default)]
    pub use_timestep_transform: bool,
    /// Has no effect, as in MONAI.
    #[serde(default = "default_scale")]
    pub transform_scale: f64,
    /// Is added to each time of a chain.
    #[serde(default)]
    pub steps_offset: usize,
    /// Pixels of an image whose times stay where they are.
    #[serde(default = "default_pixels")]
    pub base_img_size_numel: usize,
    /// 2 or 3.
    #[serde(default = "default_dimensions")]
    pub spatial_dim: usize,
}

fn default_steps() -> usize {
    1000
}

fn yes() -> bool {
    true
}

fn default_scale() -> f64 {
    1.0
}

fn default_pixels() -> usize {
    32 * 32 * 32
}

fn default_dimensions() -> usize {
    3
}

/// Steps along a straight way.
///
/// # Source
/// MONAI 1.6.1 `schedulers/rectified_flow.py` (`RFlowScheduler`); Liu 2022, "Flow straight and fast", equation 1. The
/// times of a chain go through half precision, as there.
#[derive(Debug, Clone)]
pub struct RectifiedFlow(RectifiedFlowConfig);

impl RectifiedFlow {
    /// Takes the configuration.
    ///
    /// # Errors
    /// [`Error::Configuration`] when there are no steps, more than half precision holds, or no axes or pixels.
    pub fn new(config: &RectifiedFlowConfig) -> Result<Self> {
        let RectifiedFlowConfig { num_train_timesteps: steps, base_img_size_numel, spatial_dim, .. } =
            *config;
        let held = f64::from(f16::MAX);
        if steps == 0 || steps as f64 > held || base_img_size_numel == 0 || !(2..=3).contains(&spatial_dim) {
            let why = format!("{steps} steps, {base_img_size_numel} pixels, {spatial_dim} axes");
            return Err(Error::Configuration(why));
        }
        Ok(Self(config.clone()))
    }

    /// Gives the times of a chain of so many steps for an image of so many pixels, the last time first; the way ends at
    /// 0, which isn't among them.
    ///
    /// # Errors
    /// [`Error::Configuration`] when there are fewer times.
    pub fn timesteps(&self, count: usize, pixels: usize) -> Result<Vec<f32>> {
        let steps = self.0.num_train_timesteps;
        if count == 0 || count > steps {
            return Err(Error::Configuration(format!("{count} steps of a schedule of {steps}")));
        }
        let time = |index: usize| {
            let mut time = (1.0 - index as f64 / count as f64) * steps as f64;
            if self.0.use_discrete_timesteps {
                time = time.round_ties_even();
            }
            let mut time = f16::from_f64(self.transformed(time, pixels)).to_f32();
            if self.0.use_discrete_timesteps {
                time = time.trunc();
            }
            time + self.0.steps_offset as f32
        };
        Ok((0..count).map(time).collect())
    }

    /// Gives the times of training for draws: evenly from 0 to 1, or of a normal distribution, as the configuration
    /// says; `pixels` is the number of an image.
    pub fn training_times(&self, draws: &[f64], pixels: usize) -> Vec<f32> {
        let time = |&draw: &f64| {
            let share = match self.0.sample_method {
                SampleMethod::Uniform => draw,
                SampleMethod::LogitNormal => 1.0 / (1.0 + (-(self.0.loc + self.0.scale * draw)).exp()),
            };
            let mut time = share * self.0.num_train_timesteps as f64;
            if self.0.use_discrete_timesteps {
                time = time.floor();
            }
            self.transformed(time, pixels) as f32
        };
        draws.iter().map(time).collect()
    }

    fn transformed(&self, time: f64, pixels: usize) -> f64 {
        if !self.0.use_timestep_transform {
            return time;
        }
        let steps = self.0.num_train_timesteps as f64;
        let size = pixels as f64 / self.0.base_img_size_numel as f64;
        let (ratio, share) = (size.powf(1.0 / self.0.spatial_dim as f64), time / steps);
        ratio * share / (1.0 + (ratio - 1.0) * share) * steps
    }

    /// Gives an image on its way to noise, at a time for each of the batch.
    pub fn add_noise(&self, image: &Tensor, noise: &Tensor, times: &[f32]) -> Result<Tensor> {
        let mut shape = vec![1; image.rank()];
        shape[0] = times.len();
        let shares: Vec<f32> =
            times.iter().map(|time| 1.0 - time / self.0.num_train_timesteps as f32).collect();
        let shares = Tensor::from_vec(shares, shape, image.device())?;
        let noise_shares = (1.0 - &shares)?;
        Ok((image.broadcast_mul(&shares)? + noise.broadcast_mul(&noise_shares)?)?)
    }

    /// Goes from `sample` at a time to a next one, the last of which is 0. The network's output is the image less the
    /// noise.
    pub fn step(&self, output: &Tensor, (time, next): (f32, f32), sample: &Tensor) -> Result<Stepped> {
        let along = |time: f32| f64::from(time) / self.0.num_train_timesteps as f64;
        // MONAI takes the next time as a whole number.
        let step = along(time - next.trunc());
        Ok(Stepped { sample: (sample + (output * step)?)?, original: (sample + (output * along(time))?)? })
    }
}
