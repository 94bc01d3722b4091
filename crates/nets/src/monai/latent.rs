//! Latent diffusion: an image is encoded, its latent image is drawn in steps, and what is drawn is decoded.

use super::{
    Autoencoder, Conditions, Ddim, Ddpm, Diffusion, Error, RectifiedFlow, Result, scheduler::Stepped,
};
use candle_core::Tensor;

/// How a latent image is drawn from noise, and in how many steps.
#[derive(Debug, Clone, Copy)]
pub enum Sampler<'a> {
    /// With noise in each step.
    Ddpm(&'a Ddpm, usize),
    /// Without noise but the first.
    Ddim(&'a Ddim, usize),
    /// Along a straight way.
    RectifiedFlow(&'a RectifiedFlow, usize),
}

/// What a draw depends on.
#[derive(Debug, Clone, Copy, Default)]
pub struct Given<'a> {
    /// What the network is told beside the image.
    pub conditions: Conditions<'a>,
    /// Further channels of the network's input, (batch, channels, …) on the latent grid: MONAI's mode `concat`.
    pub concatenated: Option<&'a Tensor>,
}

/// An autoencoder with a diffusion network on its latent images.
///
/// # Source
/// MONAI `inferers/inferer.py` (`LatentDiffusionInferer`); Rombach 2022, "High-resolution image synthesis with latent
/// diffusion models".
#[derive(Debug)]
pub struct LatentDiffusion {
    autoencoder: Autoencoder,
    diffusion: Diffusion,
    scale: f64,
}

impl LatentDiffusion {
    /// Puts the two together; latent images are multiplied by `scale_factor` before the diffusion network sees them.
    ///
    /// # Errors
    /// [`Error::Configuration`] when the factor isn't above 0.
    pub fn new(autoencoder: Autoencoder, diffusion: Diffusion, scale_factor: f64) -> Result<Self> {
        if !(scale_factor.is_finite() && scale_factor > 0.0) {
            return Err(Error::Configuration(format!("a scale factor of {scale_factor}")));
        }
        Ok(Self { autoencoder, diffusion, scale: scale_factor })
    }

    /// Gives the scaled latent image of an image, drawn by `noise` of deviation 1 and its shape.
    pub fn encode(&self, image: &Tensor, noise: &Tensor) -> Result<Tensor> {
        let (mean, deviation) = self.autoencoder.encode(image)?;
        Ok(((mean + (deviation * noise)?)? * self.scale)?)
    }

    /// Gives the image of a scaled latent image.
    pub fn decode(&self, latent: &Tensor) -> Result<Tensor> {
        self.autoencoder.decode(&(latent / self.scale)?)
    }

    /// Gives what the diffusion network says of scaled latent images on their way to noise, at a time for each.
    pub fn predict(&self, latent: &Tensor, times: &[f32], given: &Given<'_>) -> Result<Tensor> {
        match given.concatenated {
            Some(further) => {
                self.diffusion.forward(&Tensor::cat(&[latent, further], 1)?, times, &given.conditions)
            }
            None => self.diffusion.forward(latent, times, &given.conditions),
        }
    }

    /// Draws images from noise of deviation 1 on the latent grid.
    ///
    /// `draw` gives further noise of deviation 1 in the shape of the tensor that it is handed; only [`Sampler::Ddpm`] asks
    /// for it, once for each step but the one at time 0.
    pub fn sample(
        &self,
        noise: &Tensor,
        sampler: &Sampler<'_>,
        given: &Given<'_>,
        draw: &mut dyn FnMut(&Tensor) -> Result<Tensor>,
    ) -> Result<Tensor> {
        let times = sampler.times(noise)?;
        let mut latent = noise.clone();
        for (index, &time) in times.iter().enumerate() {
            let output = self.predict(&latent, &vec![time; latent.dim(0)?], given)?;
            let next = times.get(index + 1).copied().unwrap_or(0.0);
            latent = sampler.step(&output, (time, next), &latent, draw)?.sample;
        }
        self.decode(&latent)
    }
}

impl Sampler<'_> {
    fn times(&self, latent: &Tensor) -> Result<Vec<f32>> {
        let whole = |times: Vec<usize>| times.into_iter().map(|time| time as f32).collect();
        match *self {
            Self::Ddpm(scheduler, count) => scheduler.timesteps(count).map(whole),
            Self::Ddim(scheduler, count) => scheduler.timesteps(count).map(whole),
            Self::RectifiedFlow(scheduler, count) => {
                scheduler.timesteps(count, latent.dims()[2..].iter().product())
            }
        }
    }

    fn step(
        &self,
        output: &Tensor,
        (time, next): (f32, f32),
        latent: &Tensor,
        draw: &mut dyn FnMut(&Tensor) -> Result<Tensor>,
    ) -> Result<Stepped> {
        match *self {
            Self::Ddpm(scheduler, _) => {
                let noise = if time > 0.0 { draw(latent)? } else { latent.zeros_like()? };
                scheduler.step(output, time as usize, latent, &noise)
            }
            Self::Ddim(scheduler, count) => scheduler.step(output, (time as usize, count), latent),
            Self::RectifiedFlow(scheduler, _) => scheduler.step(output, (time, next), latent),
        }
    }
}
