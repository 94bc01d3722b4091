//! Radiomics, segmentations and the Hallucination Index as tables of a model's card.

use super::{optional, push};
use crate::denoise::{Agreements, DoseResult, Hallucination, PerImage, Radiomics};

/// The images beside full dose, in the order of [`PerImage`].
const IMAGES: [&str; 3] = ["low dose", "tuned non-local means", "**the model**"];

/// Adds what radiomics measures and a fixed segmenter finds beside full dose, at the doses where they were asked.
pub(super) fn features(text: &mut String, results: &[DoseResult]) {
    let mut rows = Vec::new();
    for result in results {
        let (radiomics, found) = (result.radiomics.as_ref(), result.segmentations.as_ref());
        if radiomics.is_none() && found.is_none() {
            continue;
        }
        for (at, image) in IMAGES.into_iter().enumerate() {
            rows.push(format!(
                "| {:.0} % | {image} | {} | {} | {} |",
                result.fraction * 100.0,
                radiomics.map_or_else(|| "– | –".to_owned(), |radiomics| measured(radiomics, at)),
                segmented(found.and_then(|found| found.lung.as_ref()), at),
                segmented(found.and_then(|found| found.bone.as_ref()), at),
            ));
        }
    }
    if rows.is_empty() {
        return;
    }
    push(
        text,
        "| features | image | radiomics features that agree with full dose (concordance ≥ 0.85; more is better) | Fréchet / \
         kernel distance of them (less is better) | air in the patient (below −500 HU): Dice (more) / surface at 95 % (mm; less) / \
         volume difference (0 is best) | bone (above 226 HU): the same |",
    );
    push(text, "|---|---|---|---|---|---|");
    for row in &rows {
        push(text, row);
    }
    push(text, "");
}

fn measured(found: &Radiomics, at: usize) -> String {
    let of = |values: PerImage<f64>| values.into_array()[at];
    format!(
        "{:.0} % over {} regions | {} / {}",
        of(found.reproducible) * 100.0,
        found.regions,
        distance(of(found.frechet)),
        distance(of(found.kernel))
    )
}

/// A distance has no unit to read it in: large ones are shown without a fraction.
fn distance(of: f64) -> String {
    if of.abs() < 100.0 { format!("{of:.2}") } else { format!("{of:.0}") }
}

fn segmented(found: Option<&Agreements>, at: usize) -> String {
    let Some(found) = found else { return "–".to_owned() };
    format!(
        "{:.3} / {} / {:+.1} %",
        found.dice.into_array()[at],
        optional(found.hd95_mm.into_array()[at], 1),
        found.volume_difference.into_array()[at] * 100.0
    )
}

/// Gives the Hallucination Index by dose.
pub fn hallucination_markdown(results: &[(f64, Hallucination)]) -> String {
    let mut text = String::new();
    push(
        &mut text,
        "| Hallucination Index (0: full dose itself; 0.34: the same without its noise) | image | realisations / patches of 8 × 8 \
         pixels | mean | 95 % of the patches are below |",
    );
    push(&mut text, "|---|---|---|---|---|");
    for (fraction, found) in results {
        for (image, index) in IMAGES.into_iter().zip(found.index.into_array()) {
            let line = format!(
                "| {:.0} % | {image} | {} / {} | {:.2} | {:.2} |",
                fraction * 100.0,
                found.realisations,
                found.patches,
                index.mean,
                index.percentile_95
            );
            push(&mut text, &line);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::denoise::Index;

    #[test]
    fn the_card_shows_the_index_of_each_image() {
        let index = |mean: f64| Index { mean, percentile_95: 2.0 * mean };
        let index = PerImage { input: index(0.4), non_local_means: index(0.3), output: index(0.2) };
        let found = Hallucination { realisations: 6, patches: 500, noise_flat_full_dose: 12.0, index };
        let text = hallucination_markdown(&[(0.1, found)]);
        assert_eq!(text.lines().count(), 5);
        assert!(text.ends_with("| 10 % | **the model** | 6 / 500 | 0.20 | 0.40 |\n"), "{text}");
    }
}
