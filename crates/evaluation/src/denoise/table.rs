//! Results as the tables of a model's card.

mod features;

pub use features::hallucination_markdown;

use super::{
    Bar, Detected, DoseResult, Fidelity, Outcome, Retention, Shifted, Spectrum, Tampering, Textures,
};
use crate::phantom::PhantomResult;
use std::fmt::Write as _;

/// Gives one subject's results as Markdown under a heading.
pub fn markdown(heading: &str, results: &[DoseResult]) -> String {
    let mut text = format!("### {heading}\n\n");
    let full = results.first().map_or(0.0, |result| result.noise_flat_full_dose);
    let lines = [
        format!(
            "| dose | method | PSNR wide / soft (dB) | SSIM wide / soft | RMSE body (HU) | mean error: lung / fat / \
             soft / bone (HU) | flat noise (HU; full dose {full:.1}) | lesion mean error / RMSE (HU) |"
        ),
        "|---|---|---|---|---|---|---|---|".to_owned(),
    ];
    for line in &lines {
        push(&mut text, line);
    }
    for result in results {
        let methods = [
            ("low dose", Some(&result.low_dose)),
            ("Gaussian, 0.5 pixels", result.gaussian.as_ref()),
            ("total variation, 0.8 σ", result.total_variation.as_ref()),
            ("tuned non-local means", Some(&result.non_local_means)),
            ("**the model**", Some(&result.model)),
        ];
        for (name, fidelity) in methods {
            let Some(fidelity) = fidelity else { continue };
            push(&mut text, &method(result.fraction, name, fidelity));
        }
    }
    push(&mut text, "");
    intervals(&mut text, results);
    push(&mut text, "");
    scores(&mut text, results);
    let texture = texture_markdown(results);
    if !texture.is_empty() {
        text.push_str(&texture);
        text.push('\n');
    }
    features::features(&mut text, results);
    for result in results {
        text.push_str(&bars_markdown(result.fraction, &result.bars));
    }
    text
}

/// Gives what was wanted at a dose, and whether it is met.
pub fn bars_markdown(fraction: f64, bars: &[Bar]) -> String {
    let mut text = String::new();
    for bar in bars {
        let met = if bar.met { "met" } else { "**MISSED**" };
        let dose = fraction * 100.0;
        push(&mut text, &format!("- {met} at {dose:.0} %: {}: {:.3}", bar.wanted, bar.found));
    }
    text
}

fn optional(value: Option<f64>, digits: usize) -> String {
    value.map_or_else(|| "–".to_owned(), |value| format!("{value:.digits$}"))
}

fn push(text: &mut String, line: &str) {
    writeln!(text, "{line}").expect("a string takes every line");
}

fn method(fraction: f64, name: &str, found: &Fidelity) -> String {
    let tissues = found.bias_tissue.map(|bias| optional(bias, 2)).join(" / ");
    format!(
        "| {:.0} % | {name} | {:.2} / {:.2} | {:.3} / {:.3} | {:.1} | {tissues} | {:.1} | {} / {} |",
        fraction * 100.0,
        found.psnr_wide,
        found.psnr_soft,
        found.ssim_wide,
        found.ssim_soft,
        found.rmse_body,
        found.noise_flat,
        optional(found.bias_lesion, 2),
        optional(found.rmse_lesion, 1),
    )
}

fn intervals(text: &mut String, results: &[DoseResult]) {
    push(
        text,
        "| dose | noise inserted (HU: min / median / max of the slices) | coverage: body / worst slice / lesion | \
         coverage by quarter of width, narrow to wide | mean half-width (HU) | rank correlation with the error | \
         slices behind non-local means | domain | consistency | agreement |",
    );
    push(text, "|---|---|---|---|---|---|---|---|---|---|");
    for result in results {
        let found = &result.intervals;
        let percent = |share: f64| format!("{:.1} %", share * 100.0);
        let [smallest, median, largest] = result.inserted_noise;
        let line = format!(
            "| {:.0} % | {smallest:.1} / {median:.1} / {largest:.1} | {} / {} / {} | {} | {:.1} | {:.2} | {} of {} | \
             {:.3} | {:.2} | {} |",
            result.fraction * 100.0,
            percent(found.coverage),
            percent(found.coverage_worst_slice),
            found.coverage_lesion.map_or_else(|| "–".to_owned(), percent),
            found.coverage_quarters.map(percent).join(" / "),
            found.half_width,
            found.rank_correlation,
            result.slices_behind_non_local_means,
            result.slices,
            result.domain,
            result.consistency,
            optional(result.agreement, 2),
        );
        push(text, &line);
    }
}

/// Adds the intervals' scores, of the doses at which they were measured.
fn scores(text: &mut String, results: &[DoseResult]) {
    let lines: Vec<String> = results
        .iter()
        .filter_map(|result| {
            let found = result.intervals.scores?;
            Some(format!(
                "| {:.0} % | {:.1} | {} | {:.3} | {:.3} |",
                result.fraction * 100.0,
                found.interval_score_hu,
                optional(found.crps_hu, 2),
                found.sparsification_error,
                found.normalised_calibration_error
            ))
        })
        .collect();
    if lines.is_empty() {
        return;
    }
    push(
        text,
        "| dose | interval score (HU) | CRPS (HU), intervals read as normal | AUSE | ENCE, intervals read as normal |",
    );
    push(text, "|---|---|---|---|---|");
    for line in &lines {
        push(text, line);
    }
    push(text, "");
}

/// Gives what is kept of inserted lesions at a dose: mean and range over the lesions.
pub fn retention_markdown(fraction: f64, results: &[Retention]) -> String {
    let mut text = String::new();
    let dose = fraction * 100.0;
    push(
        &mut text,
        &format!(
            "| inserted lesions at {dose:.0} %: diameter (mm) | contrast (HU) | lesions | kept: mean (range) |"
        ),
    );
    push(&mut text, "|---|---|---|---|");
    for Retention { diameter_mm, contrast_hu, kept, mean } in results {
        let percent = |share: Option<&f64>| share.map_or(0.0, |share| share * 100.0);
        let (least, most) = (percent(kept.first()), percent(kept.last()));
        let count = kept.len();
        push(
            &mut text,
            &format!(
                "| {diameter_mm:.0} | {contrast_hu:.0} | {count} | {:.1} % ({least:.1} to {most:.1} %) |",
                mean * 100.0
            ),
        );
    }
    text
}

/// Gives how well each detector tells tampering at a dose: AUROC with its 95 % interval over slices.
pub fn tamper_markdown(fraction: f64, results: &[Detected]) -> String {
    let mut text = String::new();
    let dose = fraction * 100.0;
    let mut detectors: Vec<&str> = Vec::new();
    for of in results {
        if !detectors.contains(&of.detector.as_str()) {
            detectors.push(&of.detector);
        }
    }
    push(
        &mut text,
        &format!(
            "| tampering at {dose:.0} %: diameter (mm) | contrast (HU) | what | trials | AUROC (95 % interval) of {} |",
            detectors.join(" | of ")
        ),
    );
    push(&mut text, &format!("{}|", "|---".repeat(4 + detectors.len())));
    for row in results.chunks(detectors.len().max(1)) {
        let what = match row[0].tampering {
            Tampering::Inserted => "inserted",
            Tampering::Erased => "erased",
            Tampering::ModelMade => "made by the model of another noise (medians)",
        };
        let areas: Vec<String> = row
            .iter()
            .map(|of| format!("{:.2} ({:.2} to {:.2})", of.auroc, of.interval_95[0], of.interval_95[1]))
            .collect();
        push(
            &mut text,
            &format!(
                "| {:.0} | {:.0} | {what} | {} | {} |",
                row[0].diameter_mm,
                row[0].contrast_hu,
                row[0].trials,
                areas.join(" | ")
            ),
        );
    }
    text
}

/// Gives the texture at each dose beside full dose.
fn texture_markdown(results: &[DoseResult]) -> String {
    let mut text = String::new();
    let found: Vec<(f64, &Textures)> =
        results.iter().filter_map(|result| Some((result.fraction, result.textures.as_ref()?))).collect();
    if found.is_empty() {
        return text;
    }
    push(
        &mut text,
        "| texture | image | noise power: σ (HU) / peak / mean frequency (1/mm) | over-smoothing (0: as full dose) | agrees \
         with full dose up to (share of Nyquist) | patches that agree to 0.30 per pixel at most (sFRC) |",
    );
    push(&mut text, "|---|---|---|---|---|---|");
    let noise = |spectrum: Option<&Spectrum>| match spectrum {
        Some(found) => format!("{:.1} / {:.2} / {:.2}", found.sigma_hu, found.peak_per_mm, found.mean_per_mm),
        None => "–".to_owned(),
    };
    push(&mut text, &format!("| | full dose | {} | 0 | 100 % | 0 % |", noise(found[0].1.full_dose.as_ref())));
    for (fraction, textures) in found {
        let images = [
            ("low dose", &textures.low_dose),
            ("tuned non-local means", &textures.non_local_means),
            ("**the model**", &textures.model),
        ];
        for (name, texture) in images {
            let line = format!(
                "| {:.0} % | {name} | {} | {:.2} | {:.0} % | {:.0} % |",
                fraction * 100.0,
                noise(texture.noise_power.as_ref()),
                texture.over_smoothing,
                texture.agrees_up_to * 100.0,
                texture.patches_suspect * 100.0
            );
            push(&mut text, &line);
        }
    }
    text
}

/// Gives what was found on the phantom: edges by contrast and dose, and the noise power of uniform water.
pub fn phantom_markdown(results: &[PhantomResult]) -> String {
    let mut text = String::new();
    push(
        &mut text,
        "| rods: dose | contrast (HU) | frequency with half / a tenth of the contrast left (1/mm): full dose | low dose | the \
         model | contrast kept in the middle |",
    );
    push(&mut text, "|---|---|---|---|---|---|");
    let edge = |found: Option<[f64; 2]>| match found {
        Some([half, tenth]) => format!("{half:.2} / {tenth:.2}"),
        None => "–".to_owned(),
    };
    for PhantomResult { fraction, edges, .. } in results {
        for of in edges {
            let line = format!(
                "| {:.0} % | {} | {} | {} | {} | {:.1} % |",
                fraction * 100.0,
                of.contrast_hu,
                edge(of.full_dose),
                edge(of.low_dose),
                edge(of.model),
                of.kept * 100.0
            );
            push(&mut text, &line);
        }
    }
    push(&mut text, "");
    push(&mut text, "| noise in water: dose | image | σ (HU) | peak (1/mm) | mean frequency (1/mm) |");
    push(&mut text, "|---|---|---|---|---|");
    for found in results {
        let images =
            [("full dose", &found.full_dose), ("low dose", &found.low_dose), ("**the model**", &found.model)];
        for (name, of) in images {
            let (dose, sigma) = (found.fraction * 100.0, of.sigma_hu);
            let line = format!(
                "| {dose:.0} % | {name} | {sigma:.1} | {:.2} | {:.2} |",
                of.peak_per_mm, of.mean_per_mm
            );
            push(&mut text, &line);
        }
    }
    text
}

/// Gives what becomes of the model at other sites, and where it must not be used.
pub fn shift_markdown(results: &[Shifted], domain_min: f64) -> String {
    let mut text = String::new();
    push(
        &mut text,
        "| condition | PSNR above tuned non-local means: wide / soft (dB) | RMSE: share of non-local means / of the input | \
         coverage / worst quarter | domain | use |",
    );
    push(&mut text, "|---|---|---|---|---|---|");
    for Shifted { condition, outcome } in results {
        let verdict = match outcome.objection(domain_min) {
            Some(why) => format!("**no**: {why}"),
            None => "nothing speaks against it".to_owned(),
        };
        let figures = match outcome {
            Outcome::Refused { why } => format!("| – | – | – | {why} "),
            Outcome::Accepted { domain } => format!("| – | – | – | {domain:.3} "),
            Outcome::Measured { gain_db, rmse_ratio, coverage, coverage_worst_quarter, domain } => format!(
                "| {:+.2} / {:+.2} | {:.2} / {:.2} | {:.1} % / {:.1} % | {domain:.3} ",
                gain_db[0],
                gain_db[1],
                rmse_ratio[0],
                rmse_ratio[1],
                coverage * 100.0,
                coverage_worst_quarter * 100.0
            ),
        };
        push(&mut text, &format!("| {condition} {figures}| {verdict} |"));
    }
    text
}
