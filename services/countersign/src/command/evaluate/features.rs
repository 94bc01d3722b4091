//! What radiomics measures and a fixed segmenter finds, in the report: as JSON and as a section of the page.

use evaluation::denoise::{Agreements, DoseResult, PerImage, Radiomics, Segmentations};
use maud::{Markup, html};
use serde_json::{Value, json};

/// Gives the figures by what they are of, under the keys of the report; `null` where there was nothing to measure.
pub(super) fn values(result: &DoseResult) -> [(&'static str, Value); 6] {
    let radiomics = result.radiomics.as_ref();
    [
        ("radiomics_regions", json!(radiomics.map(|found| found.regions))),
        ("radiomics_reproducible", json!(radiomics.map(|found| found.reproducible))),
        ("radiomics_concordance", json!(radiomics.map(|found| &found.concordance))),
        ("frechet", json!(radiomics.map(|found| found.frechet))),
        ("kernel", json!(radiomics.map(|found| found.kernel))),
        ("segmentation", json!(result.segmentations)),
    ]
}

/// Gives the section on features.
pub(super) fn section(result: &DoseResult) -> Markup {
    let mut rows = Vec::new();
    if let Some(found) = &result.radiomics {
        rows.extend(of_radiomics(found));
    }
    if let Some(Segmentations { lung, bone }) = &result.segmentations {
        rows.extend(lung.iter().flat_map(|found| of_structure("Air in the patient, below −500 HU", found)));
        rows.extend(bone.iter().flat_map(|found| of_structure("Bone, above 226 HU", found)));
    }
    html! {
        @if rows.is_empty() {
            p { "No part of these images lies within the body far enough, and none is air in the patient or bone." }
        } @else {
            table {
                tr {
                    th { "Beside full dose" } th { "Best" }
                    th.n { "input" } th.n { "non-local means" } th.n { "model" }
                }
                @for Row { what, best, values } in &rows {
                    tr {
                        th { (what) }
                        td { (best) }
                        @for value in values { td.n { (value) } }
                    }
                }
            }
        }
        @if let Some(found) = &result.radiomics { (by_feature(found)) }
    }
}

/// One measure of the three images, as it is shown.
struct Row {
    what: String,
    best: &'static str,
    values: [String; 3],
}

impl Row {
    fn new<T>(what: String, best: &'static str, values: PerImage<T>, shown: fn(T) -> String) -> Self {
        Self { what, best, values: values.map(shown).into_array() }
    }
}

fn of_radiomics(found: &Radiomics) -> [Row; 3] {
    let agree = format!("Radiomics features that agree, over {} regions (share)", found.regions);
    [
        Row::new(agree, "more", found.reproducible, |share| format!("{:.0} %", share * 100.0)),
        Row::new("Fréchet distance of these features".to_owned(), "0", found.frechet, figure),
        Row::new("Kernel distance of these features".to_owned(), "0", found.kernel, figure),
    ]
}

fn of_structure(name: &str, found: &Agreements) -> [Row; 3] {
    let dice = format!("{name} ({:.0} mL): Dice, the overlap", found.volume_ml);
    let distance = |mm: Option<f64>| mm.map_or_else(|| "–".to_owned(), |mm| format!("{mm:.1}"));
    [
        Row::new(dice, "1", found.dice, |dice| format!("{dice:.3}")),
        Row::new(format!("{name}: 95 % of the surface is as near as (mm)"), "0", found.hd95_mm, distance),
        Row::new(
            format!("{name}: larger than at full dose by (share)"),
            "0",
            found.volume_difference,
            |share| format!("{:+.1} %", share * 100.0),
        ),
    ]
}

/// A distance has no unit to read it in: large ones are shown without a fraction.
fn figure(distance: f64) -> String {
    if distance.abs() < 100.0 { format!("{distance:.2}") } else { format!("{distance:.0}") }
}

fn by_feature(found: &Radiomics) -> Markup {
    html! {
        details {
            summary { "Concordance of the model's image with full dose, by feature" }
            table {
                tr { th { "Feature" } th.n { "Lin's concordance (best 1)" } }
                @for (name, concordance) in &found.concordance {
                    tr {
                        td { code { (name) } }
                        td.n { (concordance.map_or_else(|| "–".to_owned(), |value| format!("{value:.3}"))) }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use evaluation::denoise::Acceptance;
    use evaluation::denoise::{Denoiser, Estimate, Pair, accept};
    use imaging::{Affine, Volume};

    /// Takes half of the noise away.
    struct Halving(Volume);

    impl Denoiser for Halving {
        fn denoise(&self, low: &Volume) -> Result<Estimate, Box<dyn std::error::Error + Send + Sync>> {
            let middle = low.data.iter().zip(&self.0.data).map(|(low, full)| f32::midpoint(*low, *full));
            let image = low.with_data(middle.collect())?;
            let moved = |by: f32| image.with_data(image.data.iter().map(|value| value + by).collect());
            let (lower, upper) = (moved(-30.0)?, moved(30.0)?);
            Ok(Estimate { image, lower, upper, domain: 1.0, consistency: 1.0, agreement: None })
        }
    }

    /// Full dose and low dose of a chest with a lung and a spine, and what an acceptance test finds of them.
    pub(in crate::command::evaluate) fn accepted() -> (Volume, Volume, Acceptance) {
        const SIZE: usize = 224;
        let tissue = |at: usize| {
            let (x, y) = ((at % SIZE) as f32, (at / SIZE % SIZE) as f32);
            let within = |cx: f32, cy: f32, radius: f32| (x - cx).hypot(y - cy) < radius;
            match () {
                () if within(70.0, 112.0, 12.0) => -850.0,
                () if within(112.0, 190.0, 10.0) => 600.0,
                () if within(112.0, 112.0, 108.0) => 40.0,
                () => -1000.0,
            }
        };
        let noise = |at: usize, factor: usize| ((at * factor + at / 7 * 31) % 1009) as f32 / 504.0 - 1.0;
        let volume = |strength: [f32; 2]| {
            let value =
                |at: usize| tissue(at) + strength[0] * noise(at, 7919) + strength[1] * noise(at, 104_729);
            let data = (0..SIZE * SIZE * 2).map(value).collect();
            Volume::new(data, [SIZE, SIZE, 2], Affine::from_spacing([1.0, 1.0, 3.0])).unwrap()
        };
        let (full, low) = (volume([15.0, 0.0]), volume([15.0, 60.0]));
        let pair = Pair { low_dose: &low, full_dose: &full, lesion: None };
        let found = accept(&pair, &Halving(full.clone())).unwrap();
        (low, full, found)
    }

    #[test]
    fn each_measure_of_features_stands_in_the_page_with_its_unit_and_direction() {
        let (_, _, found) = accepted();
        let page = section(&found.scored.result).into_string();
        for wanted in [
            "Radiomics features that agree, over ",
            "Fréchet distance of these features</th><td>0</td>",
            "Kernel distance of these features</th><td>0</td>",
            "mL): Dice, the overlap</th><td>1</td>",
            "Air in the patient, below −500 HU: 95 % of the surface is as near as (mm)</th><td>0</td>",
            "Bone, above 226 HU: larger than at full dose by (share)</th><td>0</td>",
            "<code>glcm_Contrast</code>",
        ] {
            assert!(page.contains(wanted), "{wanted}: {page}");
        }
        let before = DoseResult { radiomics: None, segmentations: None, ..found.scored.result };
        let page = section(&before).into_string();
        assert!(page.starts_with("<p>No part") && !page.contains("<table>"), "{page}");
    }
}
