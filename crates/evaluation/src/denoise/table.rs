//! Results as the tables of a model's card.

use super::{DoseResult, Fidelity, Retention};
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
            ("low dose", &result.low_dose),
            ("tuned non-local means", &result.non_local_means),
            ("**the model**", &result.model),
        ];
        for (name, fidelity) in methods {
            push(&mut text, &method(result.fraction, name, fidelity));
        }
    }
    push(&mut text, "");
    intervals(&mut text, results);
    push(&mut text, "");
    for result in results {
        for bar in &result.bars {
            let met = if bar.met { "met" } else { "**MISSED**" };
            let dose = result.fraction * 100.0;
            push(&mut text, &format!("- {met} at {dose:.0} %: {}: {:.3}", bar.wanted, bar.found));
        }
    }
    text
}

fn push(text: &mut String, line: &str) {
    writeln!(text, "{line}").expect("a string takes every line");
}

fn method(fraction: f64, name: &str, found: &Fidelity) -> String {
    let optional = |value: Option<f64>, digits: usize| match value {
        Some(value) => format!("{value:.digits$}"),
        None => "–".to_owned(),
    };
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
         slices behind non-local means | domain | consistency |",
    );
    push(text, "|---|---|---|---|---|---|---|---|---|");
    for result in results {
        let found = &result.intervals;
        let percent = |share: f64| format!("{:.1} %", share * 100.0);
        let [smallest, median, largest] = result.inserted_noise;
        let line = format!(
            "| {:.0} % | {smallest:.1} / {median:.1} / {largest:.1} | {} / {} / {} | {} | {:.1} | {:.2} | {} of {} | \
             {:.3} | {:.2} |",
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
        );
        push(text, &line);
    }
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
