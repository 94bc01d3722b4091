//! Sums over the slices of an evaluation, and what becomes of them.

use super::{Bar, DoseResult, Error, Estimate, Fidelity, Intervals};
use imaging::{
    metrics::{Window, coverage, errors, psnr, ssim},
    noise::flat_tissue_sigma,
};

/// A slice's truth.
pub(super) struct Slice<'a> {
    pub(super) reference: &'a [f32],
    pub(super) body: &'a [bool],
    pub(super) lesion: &'a [bool],
    pub(super) width: usize,
}

/// Values of one method, one per slice.
#[derive(Default)]
pub(super) struct MethodTally {
    psnr: [Vec<f64>; 2],
    ssim: [Vec<f64>; 2],
    pub(super) rmse: Vec<f64>,
    bias: Vec<f64>,
    noise: Vec<f64>,
    /// Sums over the lesion's voxels: error, squared error, number.
    lesion: (f64, f64, usize),
}

impl MethodTally {
    pub(super) fn add(&mut self, slice: &Slice<'_>, image: &[f32]) {
        for (index, window) in [Window::WIDE, Window::SOFT].into_iter().enumerate() {
            self.psnr[index].push(psnr(image, slice.reference, window));
            self.ssim[index].push(ssim(image, slice.reference, slice.width, window));
        }
        let body = errors(image, slice.reference, slice.body);
        self.rmse.push(body.rmse);
        self.bias.push(body.bias);
        self.noise.extend(flat_tissue_sigma(image, slice.width));
        let lesion = errors(image, slice.reference, slice.lesion);
        let count = lesion.pixels as f64;
        self.lesion.0 += lesion.bias * count;
        self.lesion.1 += lesion.rmse.powi(2) * count;
        self.lesion.2 += lesion.pixels;
    }

    fn fidelity(&self) -> Fidelity {
        let count = self.lesion.2;
        let of_lesion = |sum: f64| (count > 0).then(|| sum / count as f64);
        Fidelity {
            psnr_wide: mean(&self.psnr[0]),
            psnr_soft: mean(&self.psnr[1]),
            ssim_wide: mean(&self.ssim[0]),
            ssim_soft: mean(&self.ssim[1]),
            rmse_body: mean(&self.rmse),
            bias_body: mean(&self.bias),
            bias_worst: self.bias.iter().fold(0.0, |worst: f64, bias| worst.max(bias.abs())),
            noise_flat: median(&self.noise),
            bias_lesion: of_lesion(self.lesion.0),
            rmse_lesion: of_lesion(self.lesion.1).map(f64::sqrt),
        }
    }
}

/// Sums over voxels: inside their interval, number, width.
#[derive(Default)]
pub(super) struct IntervalTally {
    inside: f64,
    voxels: f64,
    width: f64,
    worst: Option<f64>,
    lesion: (f64, f64),
}

impl IntervalTally {
    pub(super) fn add(&mut self, slice: &Slice<'_>, lower: &[f32], upper: &[f32]) {
        let count = |mask: &[bool]| mask.iter().filter(|inside| **inside).count() as f64;
        if let Some(share) = coverage(lower, upper, slice.reference, slice.body) {
            let voxels = count(slice.body);
            self.inside += share * voxels;
            self.voxels += voxels;
            self.worst = Some(self.worst.map_or(share, |worst| worst.min(share)));
        }
        if let Some(share) = coverage(lower, upper, slice.reference, slice.lesion) {
            let voxels = count(slice.lesion);
            self.lesion.0 += share * voxels;
            self.lesion.1 += voxels;
        }
        let widths = lower.iter().zip(upper).zip(slice.body).filter(|(_, inside)| **inside);
        self.width += widths.map(|((low, high), _)| f64::from(high - low)).sum::<f64>();
    }
}

#[derive(Default)]
pub(super) struct Tally {
    pub(super) inserted: Vec<f64>,
    pub(super) full_noise: Vec<f64>,
    pub(super) low_dose: MethodTally,
    pub(super) non_local_means: MethodTally,
    pub(super) model: MethodTally,
    pub(super) behind: usize,
    pub(super) intervals: IntervalTally,
}

impl Tally {
    pub(super) fn result(self, fraction: f64, estimate: &Estimate) -> Result<DoseResult, Error> {
        let worst = self.intervals.worst.ok_or(Error::NoBody)?;
        let intervals = Intervals {
            coverage: self.intervals.inside / self.intervals.voxels,
            coverage_worst_slice: worst,
            coverage_lesion: (self.intervals.lesion.1 > 0.0)
                .then(|| self.intervals.lesion.0 / self.intervals.lesion.1),
            half_width: self.intervals.width / self.intervals.voxels / 2.0,
        };
        let (model, baseline) = (self.model.fidelity(), self.non_local_means.fidelity());
        let smallest = self.inserted.iter().copied().fold(f64::INFINITY, f64::min);
        let largest = self.inserted.iter().copied().fold(0.0, f64::max);
        Ok(DoseResult {
            fraction,
            slices: self.inserted.len(),
            inserted_noise: [smallest, median(&self.inserted), largest],
            noise_flat_full_dose: median(&self.full_noise),
            low_dose: self.low_dose.fidelity(),
            non_local_means: baseline,
            model,
            slices_behind_non_local_means: self.behind,
            intervals,
            domain: estimate.domain,
            consistency: estimate.consistency,
            bars: bars(&model, &baseline, &intervals),
        })
    }
}

fn bars(model: &Fidelity, baseline: &Fidelity, intervals: &Intervals) -> Vec<Bar> {
    let bar = |wanted: &str, found: f64, met: bool| Bar { wanted: wanted.to_owned(), found, met };
    let gain = |model: f64, baseline: f64| model - baseline;
    let wide = gain(model.psnr_wide, baseline.psnr_wide);
    let soft = gain(model.psnr_soft, baseline.psnr_soft);
    let rmse = model.rmse_body / baseline.rmse_body - 1.0;
    vec![
        bar("PSNR (wide) no lower than non-local means: difference in dB ≥ 0", wide, wide >= 0.0),
        bar("PSNR (soft) no lower than non-local means: difference in dB ≥ 0", soft, soft >= 0.0),
        bar("RMSE in the body no higher than non-local means: relative difference ≤ 0", rmse, rmse <= 0.0),
        bar("mean error in the body within ± 2 HU", model.bias_body, model.bias_body.abs() < 2.0),
        bar("coverage 0.90 ± 0.03", intervals.coverage, (intervals.coverage - 0.9).abs() <= 0.03),
    ]
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(0.0)
}
