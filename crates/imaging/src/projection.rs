//! Scanners: projections of a slice, and filtered back-projection.
//!
//! Parallel beams are the default forward model of the repository, fans ([`FanBeam`]) what a model is tried on beside it.
//! Real scanners are helical too; what this leaves out is listed in each model's card.

mod fan;

pub use fan::FanBeam;

use rayon::prelude::*;
use rustfft::{FftPlanner, num_complex::Complex};
use std::f64::consts::PI;

/// One, as a fixed-point number with 32 binary places.
const FIXED_ONE: f64 = 4_294_967_296.0;

/// The pixels of a slice.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Grid {
    /// Pixels along x.
    pub width: usize,
    /// Pixels along y.
    pub height: usize,
    /// Pixel size in mm.
    pub pixel_mm: f64,
}

impl Grid {
    /// Integrates along x·cos + y·sin = t, coordinates in pixels from the centre of the slice.
    ///
    /// # Source
    /// Joseph 1982, IEEE TMI 1:192: one sample per row or column, whichever the ray crosses more steeply.
    fn line_integral(&self, mu: &[f32], t: f64, sin: f64, cos: f64) -> f32 {
        let (cx, cy) = ((self.width - 1) as f64 / 2.0, (self.height - 1) as f64 / 2.0);
        let mut sum = 0.0_f32;
        let steep = sin.abs() > cos.abs();
        let (count, across, stride, step) = if steep {
            (self.width, self.height, 1, self.width)
        } else {
            (self.height, self.width, self.width, 1)
        };
        // Position on the interpolated axis as a linear function of the index on the stepped axis.
        let (start, slope) = if steep {
            (cy + (t + cx * cos) / sin, -cos / sin)
        } else {
            (cx + (t + cy * sin) / cos, -sin / cos)
        };
        let (mut position, slope) = ((start * FIXED_ONE) as i64, (slope * FIXED_ONE) as i64);
        for index in 0..count {
            let low = position >> 32;
            let fraction = (position as u32 >> 8) as f32 * (1.0 / 16_777_216.0);
            position += slope;
            if low < -1 || low >= across as i64 {
                continue;
            }
            if low >= 0 {
                sum += (1.0 - fraction) * mu[index * stride + low as usize * step];
            }
            if low + 1 < across as i64 {
                sum += fraction * mu[index * stride + (low + 1) as usize * step];
            }
        }
        sum * (self.pixel_mm / sin.abs().max(cos.abs())) as f32
    }
}

/// A scanner of one slice.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Beam {
    /// Parallel rays over 180°.
    Parallel(ParallelBeam),
    /// Rays from one source over 360°.
    Fan(FanBeam),
}

impl Beam {
    /// Gives the line integrals of `mu` (per mm): (height, width) → (view, bin).
    pub fn project(&self, mu: &[f32]) -> Vec<f32> {
        match self {
            Self::Parallel(beam) => beam.project(mu),
            Self::Fan(beam) => beam.project(mu),
        }
    }

    /// Gives the slice (per mm) of a sinogram by filtered back-projection: (view, bin) → (height, width).
    pub fn reconstruct(&self, sinogram: &[f32]) -> Vec<f32> {
        match self {
            Self::Parallel(beam) => beam.reconstruct(sinogram),
            Self::Fan(beam) => beam.reconstruct(sinogram),
        }
    }
}

/// Geometry of a parallel-beam scan of one square-pixel slice.
///
/// Detector bins are as wide as a pixel and cover the slice's diagonal; views are spread evenly over 180°.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ParallelBeam {
    /// Pixels along x.
    pub width: usize,
    /// Pixels along y.
    pub height: usize,
    /// Pixel size in mm.
    pub pixel_mm: f64,
    /// Number of views over 180°.
    pub views: usize,
}

impl ParallelBeam {
    /// Gives the number of detector bins per view.
    pub fn bins(&self) -> usize {
        ((self.width as f64).hypot(self.height as f64).ceil() as usize) + 2
    }

    fn grid(&self) -> Grid {
        Grid { width: self.width, height: self.height, pixel_mm: self.pixel_mm }
    }

    fn angle(&self, view: usize) -> (f64, f64) {
        (PI * view as f64 / self.views as f64).sin_cos()
    }

    /// Gives the line integrals of `mu` (per mm).
    ///
    /// # Shapes
    /// `mu` is (height, width); the result is (view, bin), without unit.
    pub fn project(&self, mu: &[f32]) -> Vec<f32> {
        assert_eq!(mu.len(), self.width * self.height, "the slice fills the geometry");
        let (bins, grid) = (self.bins(), self.grid());
        let mut sinogram = vec![0.0; self.views * bins];
        sinogram.par_chunks_mut(bins).enumerate().for_each(|(view, row)| {
            let (sin, cos) = self.angle(view);
            for (bin, value) in row.iter_mut().enumerate() {
                let t = bin as f64 - (bins - 1) as f64 / 2.0;
                *value = grid.line_integral(mu, t, sin, cos);
            }
        });
        sinogram
    }

    /// Gives the slice (per mm) that filtered back-projection with a Hann-windowed ramp makes of a sinogram.
    ///
    /// # Shapes
    /// `sinogram` is (view, bin); the result is (height, width).
    ///
    /// # Source
    /// Kak & Slaney 1988, eq. 3.29 (the band-limited ramp, which keeps the mean right).
    pub fn reconstruct(&self, sinogram: &[f32]) -> Vec<f32> {
        let bins = self.bins();
        assert_eq!(sinogram.len(), self.views * bins, "the sinogram fills the geometry");
        let kernel = |n: usize| match n {
            0 => 0.25,
            n if n.is_multiple_of(2) => 0.0,
            n => -1.0 / (PI * n as f64).powi(2),
        };
        let filtered = filtered(sinogram, bins, &response(bins, kernel, 1.0 / self.pixel_mm));
        let (cx, cy) = ((self.width - 1) as f64 / 2.0, (self.height - 1) as f64 / 2.0);
        let centre = (bins - 1) as f64 / 2.0;
        let mut slice = vec![0.0_f32; self.width * self.height];
        slice.par_chunks_mut(self.width).enumerate().for_each(|(y, row)| {
            for (view, line) in filtered.chunks_exact(bins).enumerate() {
                let (sin, cos) = self.angle(view);
                let base = centre + (y as f64 - cy) * sin - cx * cos;
                // Positions in 32.32 fixed point: a float's floor would be the dearest part of the loop.
                let (mut position, step) = ((base * FIXED_ONE) as i64, (cos * FIXED_ONE) as i64);
                for value in row.iter_mut() {
                    let low = (position >> 32) as usize;
                    let fraction = (position as u32 >> 8) as f32 * (1.0 / 16_777_216.0);
                    *value += line[low] + fraction * (line[low + 1] - line[low]);
                    position += step;
                }
            }
            let scale = (PI / self.views as f64) as f32;
            for value in row {
                *value *= scale;
            }
        });
        slice
    }
}

/// Gives the number of values over which a view is transformed: with room for the filter.
fn transformed(bins: usize) -> usize {
    (2 * bins).next_power_of_two()
}

/// Filters each view of a sinogram by a gain for each frequency.
fn filtered(sinogram: &[f32], bins: usize, response: &[f32]) -> Vec<f32> {
    let len = transformed(bins);
    let mut planner = FftPlanner::<f32>::new();
    let (forward, inverse) = (planner.plan_fft_forward(len), planner.plan_fft_inverse(len));
    let mut filtered = vec![0.0; sinogram.len()];
    filtered.par_chunks_mut(bins).zip(sinogram.par_chunks(bins)).for_each(|(out, view)| {
        let mut line: Vec<Complex<f32>> = view.iter().map(|&value| Complex::new(value, 0.0)).collect();
        line.resize(len, Complex::default());
        forward.process(&mut line);
        line.iter_mut().zip(response).for_each(|(value, gain)| *value *= gain);
        inverse.process(&mut line);
        out.iter_mut().zip(&line).for_each(|(out, value)| *out = value.re);
    });
    filtered
}

/// Gives the gain per frequency of a ramp's kernel under a Hann window that ends at the Nyquist frequency, with the inverse
/// transform's 1/len and `scale` folded in; `kernel` gives the ramp's value so many bins away.
fn response(bins: usize, kernel: impl Fn(usize) -> f64, scale: f64) -> Vec<f32> {
    let len = transformed(bins);
    let mut ramp: Vec<Complex<f32>> =
        (0..len).map(|index| Complex::new(kernel(index.min(len - index)) as f32, 0.0)).collect();
    FftPlanner::new().plan_fft_forward(len).process(&mut ramp);
    ramp.iter()
        .enumerate()
        .map(|(index, gain)| {
            let frequency = index.min(len - index) as f64 / len as f64;
            let hann = 0.5 * (1.0 + (2.0 * PI * frequency).cos());
            (f64::from(gain.re) * hann * (scale / len as f64)) as f32
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn disc(size: usize, radius: f64, value: f32) -> Vec<f32> {
        let centre = (size - 1) as f64 / 2.0;
        (0..size * size)
            .map(|i| {
                let (x, y) = ((i % size) as f64 - centre, (i / size) as f64 - centre);
                // Area weighting at the rim, so that the pixel disc has the analytic disc's integrals.
                value * (radius - x.hypot(y) + 0.5).clamp(0.0, 1.0) as f32
            })
            .collect()
    }

    #[test]
    fn a_disc_projects_to_its_chords() {
        let beam = ParallelBeam { width: 128, height: 128, pixel_mm: 2.0, views: 12 };
        let sinogram = beam.project(&disc(128, 50.0, 0.02));
        let centre = (beam.bins() - 1) as f64 / 2.0;
        for view in sinogram.chunks_exact(beam.bins()) {
            for (bin, &value) in view.iter().enumerate() {
                let t = bin as f64 - centre;
                if t.abs() < 45.0 {
                    let chord = 2.0 * (50.0_f64.powi(2) - t * t).sqrt() * 2.0 * 0.02;
                    assert!((f64::from(value) - chord).abs() < 0.02 * chord + 0.01, "{t}: {value} {chord}");
                }
            }
        }
    }

    #[test]
    fn back_projection_gives_the_disc_back() {
        let beam = ParallelBeam { width: 96, height: 80, pixel_mm: 1.5, views: 240 };
        let size = 96;
        let full = disc(size, 30.0, 0.0192);
        let slice: Vec<f32> = full[8 * size..88 * size].to_vec();
        let result = beam.reconstruct(&beam.project(&slice));
        for y in 30..50 {
            for x in 38..58 {
                let value = result[y * 96 + x];
                assert!((value / 0.0192 - 1.0).abs() < 0.01, "{x},{y}: {value}");
            }
        }
        let outside = result[40 * 96 + 5];
        assert!(outside.abs() < 0.0192 * 0.02, "{outside}");
    }
}
