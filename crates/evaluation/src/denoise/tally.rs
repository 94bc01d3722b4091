//! Sums over the slices of an evaluation, and what becomes of them.

use super::{
    Bar, DoseResult, Error, Estimate, Fidelity, IntervalScores, Intervals, SliceScore,
    radiomics::RadiomicsTally, texture::TextureTally,
};
use crate::uncertainty::{Normal, expected_normalised_calibration_error, interval_score, sparsification};
use imaging::{
    metrics::{Window, coverage, errors, psnr, ssim},
    noise::flat_tissue_sigma,
};

/// A tissue with fewer voxels has no mean error.
const TISSUE_VOXELS_MIN: usize = 500;
/// Every so many voxels one is ranked.
const RANK_STEP: usize = 5;
/// Share of the values that the intervals leave out.
const LEFT_OUT: f64 = 0.1;
/// Deviations from the middle to the end of the central 90 % of a normal distribution.
const DEVIATIONS: f64 = 1.644_853_626_951;
/// Steps in which voxels are taken away, and bins of voxels alike in width.
const SPARSIFICATION_STEPS: usize = 100;
const CALIBRATION_BINS: usize = 20;

/// A slice's truth.
pub(super) struct Slice<'a> {
    pub(super) index: usize,
    pub(super) reference: &'a [f32],
    pub(super) body: &'a [bool],
    pub(super) lesion: &'a [bool],
    pub(super) tissue: &'a [Option<usize>],
    pub(super) width: usize,
}

/// Values of one method, one per slice.
#[derive(Default)]
struct MethodTally {
    psnr: [Vec<f64>; 2],
    ssim: [Vec<f64>; 2],
    rmse: Vec<f64>,
    bias: Vec<f64>,
    noise: Vec<f64>,
    /// Sums over each tissue's voxels: error, number.
    tissue: [(f64, usize); 4],
    /// Sums over the lesion's voxels: error, squared error, number.
    lesion: (f64, f64, usize),
}

impl MethodTally {
    fn add(&mut self, slice: &Slice<'_>, image: &[f32]) {
        for (index, window) in [Window::WIDE, Window::SOFT].into_iter().enumerate() {
            self.psnr[index].push(psnr(image, slice.reference, window));
            self.ssim[index].push(ssim(image, slice.reference, slice.width, window));
        }
        let body = errors(image, slice.reference, slice.body);
        self.rmse.push(body.rmse);
        self.bias.push(body.bias);
        self.noise.extend(flat_tissue_sigma(image, slice.width));
        for ((value, reference), tissue) in image.iter().zip(slice.reference).zip(slice.tissue) {
            if let Some(tissue) = *tissue {
                self.tissue[tissue].0 += f64::from(value - reference);
                self.tissue[tissue].1 += 1;
            }
        }
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
            bias_tissue: self
                .tissue
                .map(|(sum, count)| (count >= TISSUE_VOXELS_MIN).then(|| sum / count as f64)),
            noise_flat: median(&self.noise),
            bias_lesion: of_lesion(self.lesion.0),
            rmse_lesion: of_lesion(self.lesion.1).map(f64::sqrt),
        }
    }
}

/// Sums over voxels: inside their interval, number, width.
#[derive(Default)]
struct IntervalTally {
    inside: f64,
    voxels: f64,
    width: f64,
    score: f64,
    worst: Option<f64>,
    lesion: (f64, f64),
    /// Of each body voxel the interval's width, the absolute error, and whether the reference is inside.
    each: Vec<(f32, f32, bool)>,
}

impl IntervalTally {
    /// Adds a slice; gives the share of its body inside the intervals.
    fn add(&mut self, slice: &Slice<'_>, image: &[f32], (lower, upper): (&[f32], &[f32])) -> f64 {
        let count = |mask: &[bool]| mask.iter().filter(|inside| **inside).count() as f64;
        let covered = coverage(lower, upper, slice.reference, slice.body).unwrap_or(0.0);
        let voxels = count(slice.body);
        self.inside += covered * voxels;
        self.voxels += voxels;
        self.worst = Some(self.worst.map_or(covered, |worst| worst.min(covered)));
        if let Some(share) = coverage(lower, upper, slice.reference, slice.lesion) {
            let voxels = count(slice.lesion);
            self.lesion.0 += share * voxels;
            self.lesion.1 += voxels;
        }
        for i in (0..image.len()).filter(|&i| slice.body[i]) {
            let reference = slice.reference[i];
            let width = upper[i] - lower[i];
            self.width += f64::from(width);
            let ends = (f64::from(lower[i]), f64::from(upper[i]));
            self.score += interval_score(ends, f64::from(reference), LEFT_OUT);
            let inside = lower[i] <= reference && reference <= upper[i];
            self.each.push((width, (image[i] - reference).abs(), inside));
        }
        covered
    }

    /// Gives the coverage in each quarter of the voxels by width, narrowest first.
    fn quarters(&mut self) -> [f64; 4] {
        self.each.sort_by(|a, b| a.0.total_cmp(&b.0));
        let len = self.each.len();
        [0, 1, 2, 3].map(|quarter| {
            let part = &self.each[quarter * len / 4..(quarter + 1) * len / 4];
            part.iter().filter(|(_, _, inside)| *inside).count() as f64 / part.len().max(1) as f64
        })
    }

    /// Gives what is found of all slices; `None` without any.
    fn result(&mut self) -> Option<Intervals> {
        Some(Intervals {
            coverage: self.inside / self.voxels,
            coverage_worst_slice: self.worst?,
            coverage_lesion: (self.lesion.1 > 0.0).then(|| self.lesion.0 / self.lesion.1),
            coverage_quarters: self.quarters(),
            rank_correlation: self.rank_correlation(),
            half_width: self.width / self.voxels / 2.0,
            scores: self.scores(),
        })
    }

    fn scores(&self) -> Option<IntervalScores> {
        // Of a width of 0 the score's limit: the error itself.
        let crps = |(normal, error): (&Normal, &f64)| {
            if normal.sigma > 0.0 { normal.crps(*error) } else { *error }
        };
        let every = self.each.iter().step_by(RANK_STEP);
        let (widths, errors): (Vec<f64>, Vec<f64>) =
            every.map(|(width, error, _)| (f64::from(*width), f64::from(*error))).unzip();
        let normal = |width: &f64| Normal { mean: 0.0, sigma: width / (2.0 * DEVIATIONS) };
        let normals: Vec<Normal> = widths.iter().map(normal).collect();
        Some(IntervalScores {
            interval_score_hu: self.score / self.voxels,
            sparsification_error: sparsification(&errors, &widths, SPARSIFICATION_STEPS)?.area,
            normalised_calibration_error: expected_normalised_calibration_error(
                &normals,
                &errors,
                CALIBRATION_BINS,
            )?,
            crps_hu: Some(mean(&normals.iter().zip(&errors).map(crps).collect::<Vec<f64>>())),
        })
    }

    fn rank_correlation(&self) -> f64 {
        let every = || self.each.iter().step_by(RANK_STEP);
        correlation(&ranks(every().map(|voxel| voxel.0)), &ranks(every().map(|voxel| voxel.1)))
    }
}

/// Gives each value's rank; equal values share their mean rank.
fn ranks(values: impl Iterator<Item = f32>) -> Vec<f64> {
    let values: Vec<f32> = values.collect();
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    let mut result = vec![0.0; values.len()];
    let mut first = 0;
    for group in order.chunk_by(|&a, &b| values[a].total_cmp(&values[b]).is_eq()) {
        let mean = first as f64 + (group.len() - 1) as f64 / 2.0;
        for &index in group {
            result[index] = mean;
        }
        first += group.len();
    }
    result
}

/// Gives Pearson's correlation; 0 where one of the two never changes.
fn correlation(a: &[f64], b: &[f64]) -> f64 {
    let (ma, mb) = (mean(a), mean(b));
    let (mut ab, mut aa, mut bb) = (0.0, 0.0, 0.0);
    for (a, b) in a.iter().zip(b) {
        ab += (a - ma) * (b - mb);
        aa += (a - ma).powi(2);
        bb += (b - mb).powi(2);
    }
    if aa * bb > 0.0 { ab / (aa * bb).sqrt() } else { 0.0 }
}

#[derive(Default)]
pub(super) struct Tally {
    inserted: Vec<f64>,
    full_noise: Vec<f64>,
    low_dose: MethodTally,
    non_local_means: MethodTally,
    model: MethodTally,
    /// Total variation, and the Gaussian.
    further: [MethodTally; 2],
    intervals: IntervalTally,
    texture: TextureTally,
    radiomics: RadiomicsTally,
    slices: Vec<SliceScore>,
}

impl Tally {
    /// Adds a slice of the input, of the baseline and of the model, with the ends of the model's intervals.
    pub(super) fn add(
        &mut self,
        slice: &Slice<'_>,
        [input, baseline, image]: [&[f32]; 3],
        ends: (&[f32], &[f32]),
    ) {
        self.full_noise.extend(flat_tissue_sigma(slice.reference, slice.width));
        self.low_dose.add(slice, input);
        self.non_local_means.add(slice, baseline);
        self.model.add(slice, image);
        self.texture.add(slice.reference, [input, baseline, image], slice.width);
        self.radiomics.add(slice, [input, baseline, image]);
        let coverage = self.intervals.add(slice, image, ends);
        let rmse_body = [&self.low_dose, &self.non_local_means, &self.model]
            .map(|method| method.rmse.last().copied().unwrap_or(0.0));
        self.inserted.push(rmse_body[0]);
        self.slices.push(SliceScore { index: slice.index, rmse_body, coverage });
    }

    /// Adds what total variation and the Gaussian make of a slice.
    pub(super) fn add_further(&mut self, slice: &Slice<'_>, images: &[Vec<f32>; 2]) {
        for (method, image) in self.further.iter_mut().zip(images) {
            method.add(slice, image);
        }
    }

    pub(super) fn result(
        mut self,
        fraction: f64,
        estimate: &Estimate,
    ) -> Result<(DoseResult, Vec<SliceScore>), Error> {
        let intervals = self.intervals.result().ok_or(Error::NoBody)?;
        let (model, baseline) = (self.model.fidelity(), self.non_local_means.fidelity());
        let smallest = self.inserted.iter().copied().fold(f64::INFINITY, f64::min);
        let largest = self.inserted.iter().copied().fold(0.0, f64::max);
        let behind = self.slices.iter().filter(|slice| slice.rmse_body[2] > slice.rmse_body[1]).count();
        let result = DoseResult {
            fraction,
            slices: self.inserted.len(),
            inserted_noise: [smallest, median(&self.inserted), largest],
            noise_flat_full_dose: median(&self.full_noise),
            low_dose: self.low_dose.fidelity(),
            non_local_means: baseline,
            total_variation: Some(self.further[0].fidelity()),
            gaussian: Some(self.further[1].fidelity()),
            model,
            slices_behind_non_local_means: behind,
            intervals,
            domain: estimate.domain,
            consistency: estimate.consistency,
            agreement: estimate.agreement,
            radiomics: self.radiomics.result(),
            // Found in the volume, not slice by slice.
            segmentations: None,
            textures: self.texture.result(estimate.image.affine.spacing()[0]),
            bars: bars(fraction, (&model, &baseline), &intervals),
        };
        Ok((result, self.slices))
    }
}

/// What is wanted above tuned non-local means in dB, wide and soft: more where the dose is lower.
fn gains_wanted(fraction: f64) -> [f64; 2] {
    if fraction > 0.2 { [1.0, 1.3] } else { [1.9, 2.3] }
}

fn bars(fraction: f64, (model, baseline): (&Fidelity, &Fidelity), intervals: &Intervals) -> Vec<Bar> {
    let mut bars = Vec::new();
    let mut bar = |wanted: String, found: f64, met: bool| bars.push(Bar { wanted, found, met });
    let [wide, soft] = gains_wanted(fraction);
    let found = model.psnr_wide - baseline.psnr_wide;
    bar(format!("PSNR (wide) above non-local means in dB ≥ {wide}"), found, found >= wide);
    let found = model.psnr_soft - baseline.psnr_soft;
    bar(format!("PSNR (soft) above non-local means in dB ≥ {soft}"), found, found >= soft);
    let found = model.rmse_body / baseline.rmse_body - 1.0;
    bar(
        "RMSE in the body no higher than non-local means: relative difference ≤ 0".into(),
        found,
        found <= 0.0,
    );
    if let (Some(model), Some(baseline)) = (model.rmse_lesion, baseline.rmse_lesion) {
        let found = model / baseline - 1.0;
        let wanted = "RMSE in the lesion below non-local means: relative difference < 0";
        bar(wanted.into(), found, found < 0.0);
    }
    let found = model.bias_tissue.iter().flatten().fold(0.0, |worst: f64, bias| worst.max(bias.abs()));
    bar("largest mean error of a tissue in HU < 1".into(), found, found < 1.0);
    let found = intervals.coverage;
    bar("coverage 0.90 ± 0.02".into(), found, (found - 0.9).abs() <= 0.02);
    let found = intervals.coverage_worst_slice;
    bar("coverage of the worst slice ≥ 0.85".into(), found, found >= 0.85);
    let found = intervals.coverage_quarters.into_iter().fold(1.0, f64::min);
    bar("coverage of the worst quarter by width ≥ 0.85".into(), found, found >= 0.85);
    if let Some(found) = intervals.coverage_lesion {
        bar("coverage in the lesion ≥ 0.85".into(), found, found >= 0.85);
    }
    bars
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_of_equal_values_are_shared() {
        assert_eq!(ranks([3.0, 1.0, 3.0, 2.0].into_iter()), vec![2.5, 0.0, 2.5, 1.0]);
    }

    #[test]
    fn voxels_whose_error_grows_with_their_width_rank_alike() {
        let each = (0_u16..400).map(|i| (f32::from(i), f32::from(i) / 2.0, i >= 100)).collect();
        let mut tally = IntervalTally { each, ..IntervalTally::default() };
        assert!((tally.rank_correlation() - 1.0).abs() < 1e-9);
        assert_eq!(tally.quarters().map(|share| (share * 100.0) as i32), [0, 100, 100, 100]);
    }
}
