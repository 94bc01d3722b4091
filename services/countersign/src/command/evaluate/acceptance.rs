//! `countersign evaluate --input --reference`: a site's own acceptance test.

use super::{Network, features, page};
use crate::cli::Evaluate;
use crate::command::series;
use anyhow::{Context as _, ensure};
use evaluation::denoise::{self, Acceptance, Detectability, DoseResult, Fidelity, Pair, Textures};
use imaging::Volume;
use nets::Description;
use serde_json::{Value, json};
use std::path::Path;
use std::process::ExitCode;

/// Measures a model on a pair of images, and writes `report.html` and `report.json`.
pub(super) fn run(command: &Evaluate, input: &Path) -> anyhow::Result<ExitCode> {
    let reference = command.reference.as_deref().context("--reference is missing")?;
    let out = command.out.as_deref().context("--out is missing")?;
    let model = Network::load(&command.model, command)?;
    let (low_dose, full_dose) = (series(input)?, series(reference)?);
    let lesion = command.mask.as_deref().map(series).transpose()?;
    ensure!(
        low_dose.dims == full_dose.dims,
        "the input has {:?} voxels and the reference {:?}: they must share a grid",
        low_dose.dims,
        full_dose.dims
    );
    ensure!(
        low_dose.data != full_dose.data,
        "the input is the reference itself: there is no noise to remove"
    );
    let pair = Pair { low_dose: &low_dose, full_dose: &full_dose, lesion: lesion.as_ref() };
    let found = denoise::accept(&pair, &model)?;
    let description = model.model.description();
    let mut report = report(description, &full_dose, &found);
    report["texture_percent"] = json!(command.texture);
    std::fs::create_dir_all(out).with_context(|| format!("folder {} can't be made", out.display()))?;
    let write = |name: &str, text: &str| {
        let path = out.join(name);
        std::fs::write(&path, text).with_context(|| format!("{} can't be written", path.display()))
    };
    write("report.json", &format!("{report:#}\n"))?;
    write("report.html", &page::render(description, &pair, &found)?)?;
    println!("{report:#}");
    let met = found.bars.iter().all(|bar| bar.met);
    Ok(if met { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The results as JSON: what a number is of comes first, then which image it is of.
fn report(description: &Description, full_dose: &Volume, found: &Acceptance) -> Value {
    let result = &found.scored.result;
    let intervals = &result.intervals;
    json!({
        "model": {
            "name": description.name,
            "version": description.version,
            "weights_sha256": description.weights_sha256,
            "trained_on": description.training_subjects,
            "calibration_subjects": description.calibration.subjects.len(),
        },
        "image": { "voxels": full_dose.dims, "spacing_mm": full_dose.affine.spacing() },
        "dose_fraction_estimated": result.fraction,
        "slices_scored": result.slices,
        "noise_added_hu": {
            "smallest": result.inserted_noise[0],
            "median": result.inserted_noise[1],
            "largest": result.inserted_noise[2],
        },
        "pixel": pixels(result),
        "feature": feature(found),
        "interval": {
            "coverage": intervals.coverage,
            "coverage_lesion": intervals.coverage_lesion,
            "coverage_worst_slice": intervals.coverage_worst_slice,
            "coverage_by_width_quarter": intervals.coverage_quarters,
            "mean_width_hu": 2.0 * intervals.half_width,
            "rank_correlation_with_error": intervals.rank_correlation,
            "interval_score_hu": intervals.scores.map(|scores| scores.interval_score_hu),
            "crps_hu": intervals.scores.and_then(|scores| scores.crps_hu),
            "ause": intervals.scores.map(|scores| scores.sparsification_error),
            "ence": intervals.scores.map(|scores| scores.normalised_calibration_error),
        },
        "task": { "detectability": found.detectability.iter().map(observed).collect::<Vec<_>>() },
        "texture": result.textures.as_ref().map(texture),
        "scores": {
            "domain": result.domain,
            "consistency": result.consistency,
            "agreement": result.agreement,
        },
        "slices": found.scored.slices,
        "bars": found.bars,
    })
}

fn feature(found: &Acceptance) -> Value {
    let mut all = json!({
        "lesion_contrast_ratio": found.contrast.map(|contrast| contrast.ratio()),
        "lesion_contrast_hu": found.contrast,
        "added_lesions": found.detectability.iter().map(kept).collect::<Vec<_>>(),
    });
    for (key, value) in features::values(&found.scored.result) {
        all[key] = value;
    }
    all
}

fn pixels(result: &DoseResult) -> Value {
    let each = |value: &dyn Fn(&Fidelity) -> Value| {
        json!({
            "input": value(&result.low_dose),
            "output": value(&result.model),
            "non_local_means": value(&result.non_local_means),
            "total_variation": result.total_variation.as_ref().map(value),
            "gaussian": result.gaussian.as_ref().map(value),
        })
    };
    json!({
        "psnr_wide_db": each(&|of| json!(of.psnr_wide)),
        "psnr_soft_db": each(&|of| json!(of.psnr_soft)),
        "ssim_wide": each(&|of| json!(of.ssim_wide)),
        "ssim_soft": each(&|of| json!(of.ssim_soft)),
        "rmse_body_hu": each(&|of| json!(of.rmse_body)),
        "bias_hu": each(&|of| json!(of.bias_body)),
        "bias_lung_hu": each(&|of| json!(of.bias_tissue[0])),
        "bias_fat_hu": each(&|of| json!(of.bias_tissue[1])),
        "bias_soft_tissue_hu": each(&|of| json!(of.bias_tissue[2])),
        "bias_bone_hu": each(&|of| json!(of.bias_tissue[3])),
        "noise_flat_hu": each(&|of| json!(of.noise_flat)),
        "rmse_lesion_hu": each(&|of| json!(of.rmse_lesion)),
        "bias_lesion_hu": each(&|of| json!(of.bias_lesion)),
    })
}

fn texture(found: &Textures) -> Value {
    json!({
        "full_dose": { "noise_power": found.full_dose },
        "input": found.low_dose,
        "output": found.model,
        "non_local_means": found.non_local_means,
        "flat_regions": found.flat_regions,
        "patches": found.patches,
    })
}

fn kept(of: &Detectability) -> Value {
    json!({
        "diameter_mm": of.diameter_mm,
        "contrast_hu": of.contrast_hu,
        "lesions": of.lesions,
        "kept": of.kept,
        "interval_95": of.kept_interval,
    })
}

fn observed(of: &Detectability) -> Value {
    json!({
        "diameter_mm": of.diameter_mm,
        "contrast_hu": of.contrast_hu,
        "lesions": of.lesions,
        "input": of.input,
        "output": of.output,
        "non_local_means": of.non_local_means,
        "eye": { "input": of.eye[0], "non_local_means": of.eye[1], "output": of.eye[2] },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::evaluate::features::tests::accepted;

    #[test]
    fn the_report_holds_each_measure_of_each_image() {
        let (_, _, found) = accepted();
        let feature = feature(&found);
        let each = |of: &Value| {
            let number = |image: &str| of[image].as_f64().unwrap_or(f64::NAN);
            ["input", "non_local_means", "output"].map(number)
        };
        for key in ["radiomics_reproducible", "frechet", "kernel"] {
            assert!(each(&feature[key]).iter().all(|value| value.is_finite()), "{key}: {feature:#}");
        }
        let [input, _, output] = each(&feature["frechet"]);
        assert!(output < input, "half of the noise is nearer to full dose: {feature:#}");
        assert_eq!(feature["radiomics_concordance"].as_object().unwrap().len(), 14);
        assert!(feature["radiomics_concordance"]["firstorder_Mean"].as_f64().unwrap() > 0.5, "{feature:#}");
        for structure in ["lung", "bone"] {
            for key in ["dice", "hd95_mm", "volume_difference"] {
                let found = each(&feature["segmentation"][structure][key]);
                assert!(found.iter().all(|value| value.is_finite()), "{structure}.{key}: {feature:#}");
            }
        }
        assert!(feature["lesion_contrast_ratio"].is_null() && feature["added_lesions"].is_array());
    }
}
