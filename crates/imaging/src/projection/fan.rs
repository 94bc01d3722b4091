//! A fan-beam scanner: one source, detectors on an arc around it, once around the patient.

use super::{Grid, filtered, response};
use rayon::prelude::*;
use std::f64::consts::PI;

/// Distance of source and axis of rotation in mm.
const SOURCE_MM: f64 = 595.0;

/// Geometry of a fan-beam scan of one square-pixel slice.
///
/// Detector bins are a pixel wide at the axis of rotation and cover the slice's diagonal; views are spread evenly over
/// 360°.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FanBeam {
    grid: Grid,
    views: usize,
}

impl FanBeam {
    /// Takes the slice's pixels and their size in mm, and the number of views over 360°.
    ///
    /// # Panics
    /// When the source would lie within the slice.
    pub fn new(grid: Grid, views: usize) -> Self {
        let beam = Self { grid, views };
        assert!(beam.radius_mm() < SOURCE_MM, "the source lies outside the slice");
        beam
    }

    /// Gives the number of detector bins per view.
    pub fn bins(&self) -> usize {
        2 * ((self.radius_mm() / SOURCE_MM).asin() / self.bin_angle()).ceil() as usize + 3
    }

    /// Half of the slice's diagonal.
    fn radius_mm(&self) -> f64 {
        (self.grid.width as f64).hypot(self.grid.height as f64) / 2.0 * self.grid.pixel_mm
    }

    /// The angle between two bins, seen from the source.
    fn bin_angle(&self) -> f64 {
        self.grid.pixel_mm / SOURCE_MM
    }

    fn view_angle(&self, view: usize) -> f64 {
        2.0 * PI * view as f64 / self.views as f64
    }

    /// The angle of a bin's ray to the central one.
    fn fan_angle(&self, bin: usize) -> f64 {
        (bin as f64 - (self.bins() - 1) as f64 / 2.0) * self.bin_angle()
    }

    /// Gives the line integrals of `mu` (per mm).
    ///
    /// # Shapes
    /// `mu` is (height, width); the result is (view, bin), without unit.
    ///
    /// # Source
    /// Kak & Slaney 1988, section 3.4: the ray of fan angle γ in view β is the parallel ray of angle β + γ at D sin γ.
    pub fn project(&self, mu: &[f32]) -> Vec<f32> {
        let bins = self.bins();
        let mut sinogram = vec![0.0; self.views * bins];
        sinogram.par_chunks_mut(bins).enumerate().for_each(|(view, row)| {
            for (bin, value) in row.iter_mut().enumerate() {
                let fan = self.fan_angle(bin);
                let (sin, cos) = (self.view_angle(view) + fan).sin_cos();
                *value = self.grid.line_integral(mu, SOURCE_MM * fan.sin() / self.grid.pixel_mm, sin, cos);
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
    /// Kak & Slaney 1988, section 3.4.1, the steps for equiangular rays.
    pub fn reconstruct(&self, sinogram: &[f32]) -> Vec<f32> {
        let (bins, angle) = (self.bins(), self.bin_angle());
        assert_eq!(sinogram.len(), self.views * bins, "the sinogram fills the geometry");
        let weights: Vec<f32> = (0..bins).map(|bin| (SOURCE_MM * self.fan_angle(bin).cos()) as f32).collect();
        let weighted: Vec<f32> =
            sinogram.iter().enumerate().map(|(at, value)| value * weights[at % bins]).collect();
        let kernel = |n: usize| match n {
            0 => 0.125,
            n if n.is_multiple_of(2) => 0.0,
            n => -0.5 * (angle / (PI * (n as f64 * angle).sin())).powi(2),
        };
        let lines = filtered(&weighted, bins, &response(bins, kernel, 1.0 / angle));
        let Grid { width, height, pixel_mm } = self.grid;
        let (cx, cy) = ((width - 1) as f64 / 2.0, (height - 1) as f64 / 2.0);
        let (source, centre) = ((SOURCE_MM / pixel_mm) as f32, (bins - 1) as f32 / 2.0);
        let directions: Vec<(f64, f64)> =
            (0..self.views).map(|view| self.view_angle(view).sin_cos()).collect();
        let scale = (2.0 * PI / self.views as f64 / pixel_mm.powi(2)) as f32;
        let mut slice = vec![0.0_f32; width * height];
        slice.par_chunks_mut(width).enumerate().for_each(|(y, row)| {
            let y = y as f64 - cy;
            for (line, (sin, cos)) in lines.chunks_exact(bins).zip(&directions) {
                for (x, value) in row.iter_mut().enumerate() {
                    let x = x as f64 - cx;
                    let across = (x * cos + y * sin) as f32;
                    let along = source + (x * sin - y * cos) as f32;
                    let position = centre + (across / along).atan() / angle as f32;
                    let (low, fraction) = (position as usize, position.fract());
                    let sample = line[low] + fraction * (line[low + 1] - line[low]);
                    *value += sample / (along * along + across * across);
                }
            }
            for value in row {
                *value *= scale;
            }
        });
        slice
    }
}

#[cfg(test)]
mod tests {
    use super::{super::tests::disc, *};

    fn beam(views: usize) -> FanBeam {
        FanBeam::new(Grid { width: 96, height: 80, pixel_mm: 2.5 }, views)
    }

    fn slice() -> Vec<f32> {
        disc(96, 30.0, 0.0192)[8 * 96..88 * 96].to_vec()
    }

    #[test]
    fn a_disc_projects_to_its_chords() {
        let beam = beam(12);
        let sinogram = beam.project(&slice());
        for view in sinogram.chunks_exact(beam.bins()) {
            for (bin, &value) in view.iter().enumerate() {
                let t = SOURCE_MM * beam.fan_angle(bin).sin() / 2.5;
                if t.abs() < 27.0 {
                    let chord = 2.0 * (30.0_f64.powi(2) - t * t).sqrt() * 2.5 * 0.0192;
                    assert!((f64::from(value) - chord).abs() < 0.02 * chord + 0.01, "{t}: {value} {chord}");
                }
            }
        }
    }

    #[test]
    fn back_projection_gives_the_disc_back() {
        let beam = beam(480);
        let result = beam.reconstruct(&beam.project(&slice()));
        for (y, x) in (30..50).flat_map(|y| (38..58).map(move |x| (y, x))) {
            let value = result[y * 96 + x];
            assert!((value / 0.0192 - 1.0).abs() < 0.01, "{x},{y}: {value}");
        }
        let outside = result[40 * 96 + 5];
        assert!(outside.abs() < 0.0192 * 0.02, "{outside}");
    }

    #[test]
    fn what_lies_beside_the_axis_stays_there() {
        let beam = beam(480);
        let spot = |at: usize| {
            let (x, y) = ((at % 96) as f64, (at / 96) as f64);
            if (x - 70.0).hypot(y - 25.0) < 6.0 { 0.01 } else { 0.0 }
        };
        let mu: Vec<f32> = (0..96 * 80).map(spot).collect();
        let result = beam.reconstruct(&beam.project(&mu));
        assert!((result[25 * 96 + 70] / 0.01 - 1.0).abs() < 0.02, "{}", result[25 * 96 + 70]);
        assert!(result[54 * 96 + 25].abs() < 2e-4, "{}", result[54 * 96 + 25]);
    }
}
