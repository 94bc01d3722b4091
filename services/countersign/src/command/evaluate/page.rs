//! The report of an acceptance test as one page that needs nothing else.

use super::picture::{Scale, data_uri};
use super::{features, spectrum};
use anyhow::Result;
use evaluation::denoise::{Acceptance, Bar, Detectability, Fidelity, Pair, SliceScore};
use imaging::metrics::Window;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use nets::Description;

/// Slices shown, those with the largest error first.
const PICTURES: usize = 4;
/// A difference of so many HU has the full colour.
const DIFFERENCE_HU: f32 = 100.0;

const STYLE: &str = "
:root { color-scheme: light dark; --line: #8886; --bad: #c62828; --good: #2e7d32 }
@media (prefers-color-scheme: dark) { :root { --bad: #ff8a80; --good: #81c784 } }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 72rem; margin: 2rem auto; padding: 0 1rem }
table { border-collapse: collapse; margin: .5rem 0 1.5rem; width: 100% }
th, td { border-bottom: 1px solid var(--line); padding: .3rem .6rem; text-align: left; vertical-align: top }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums }
tr.missed td { color: var(--bad); font-weight: 600 }
tr.met td:first-child { color: var(--good) }
figure { margin: 0 } figcaption { font-size: 13px }
.row { display: grid; grid-template-columns: repeat(5, 1fr); gap: .4rem; margin-bottom: 1.5rem }
.row img { width: 100%; image-rendering: pixelated; background: #000 }
.verdict { border-left: 4px solid; padding-left: .8rem }
.verdict.bad { border-color: var(--bad) } .verdict.good { border-color: var(--good) }
";

/// Makes the page.
///
/// # Errors
/// When a picture can't be encoded.
pub(super) fn render(description: &Description, pair: &Pair<'_>, found: &Acceptance) -> Result<String> {
    let title = format!("Acceptance test of {} {}", description.name, description.version);
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                h1 { (title) }
                (verdict(&found.bars))
                (subject(description, found))
                h2 { "What was wanted" }
                (bars(&found.bars))
                h2 { "Pixels" }
                (pixels(found))
                h2 { "Texture" }
                (spectrum::section(found.scored.result.textures.as_ref()))
                h2 { "Features and anatomy" }
                (features::section(&found.scored.result))
                h2 { "Intervals" }
                (intervals(description, found))
                h2 { "Lesions" }
                (lesions(found))
                h2 { "Slices, the worst first" }
                (slices(pair, found)?)
                h2 { "What the numbers mean" }
                (definitions())
            }
        }
    };
    Ok(page.into_string())
}

fn verdict(bars: &[Bar]) -> Markup {
    let missed = bars.iter().filter(|bar| !bar.met).count();
    let class = if missed == 0 { "verdict good" } else { "verdict bad" };
    html! {
        p class=(class) {
            @if missed == 0 {
                "All " (bars.len()) " requirements are met on these images."
            } @else {
                (missed) " of " (bars.len()) " requirements are missed on these images."
            }
            " Research use: not a medical device. One pair of images says nothing about other patients."
        }
    }
}

fn subject(description: &Description, found: &Acceptance) -> Markup {
    let result = &found.scored.result;
    html! {
        table {
            tr { th { "Weights (SHA-256)" } td { code { (description.weights_sha256) } } }
            tr { th { "Trained on" } td { (description.training_subjects.join(", ")) } }
            tr { th { "Dose of the input, told by its noise" } td { (percent(result.fraction)) } }
            tr { th { "Slices scored" } td { (result.slices) } }
            tr {
                th { "Noise that the input has more, in the body" }
                td {
                    (format!("{:.1} HU (slices: {:.1} to {:.1})", result.inserted_noise[1],
                        result.inserted_noise[0], result.inserted_noise[2]))
                }
            }
            tr {
                th { "Domain score of the input" }
                td {
                    (format!("{:.3}", result.domain))
                    @if result.domain < 0.05 { " – unlike what the model was trained on; results may not hold" }
                }
            }
            tr { th { "Image-domain consistency" } td { (format!("{:.2}", result.consistency)) } }
            @if let Some(agreement) = result.agreement {
                tr { th { "Agreement of the drawn images" } td { (format!("{agreement:.2}")) } }
            }
        }
    }
}

fn bars(bars: &[Bar]) -> Markup {
    html! {
        table {
            tr { th { "" } th { "Requirement" } th.n { "Found" } }
            @for bar in bars {
                tr class=(if bar.met { "met" } else { "missed" }) {
                    td { (if bar.met { "met" } else { "missed" }) }
                    td { (bar.wanted) }
                    td.n { (format!("{:.3}", bar.found)) }
                }
            }
        }
    }
}

/// What a row shows of each method.
type Shown = fn(&Fidelity) -> String;

fn pixels(found: &Acceptance) -> Markup {
    let result = &found.scored.result;
    let further = [("Gaussian", &result.gaussian), ("total variation", &result.total_variation)];
    let further = further.into_iter().filter_map(|(name, of)| Some((name, of.as_ref()?)));
    let mut methods: Vec<(&str, &Fidelity)> = vec![("input", &result.low_dose)];
    methods.extend(further);
    methods.extend([("non-local means", &result.non_local_means), ("model", &result.model)]);
    let rows: [(&str, Shown); 12] = [
        ("PSNR, wide (dB)", |of| format!("{:.2}", of.psnr_wide)),
        ("PSNR, soft (dB)", |of| format!("{:.2}", of.psnr_soft)),
        ("SSIM, wide", |of| format!("{:.4}", of.ssim_wide)),
        ("SSIM, soft", |of| format!("{:.4}", of.ssim_soft)),
        ("RMSE in the body (HU)", |of| format!("{:.2}", of.rmse_body)),
        ("Mean error in the body (HU)", |of| format!("{:.2}", of.bias_body)),
        ("Mean error in lung (HU)", |of| optional(of.bias_tissue[0])),
        ("Mean error in fat (HU)", |of| optional(of.bias_tissue[1])),
        ("Mean error in soft tissue (HU)", |of| optional(of.bias_tissue[2])),
        ("Mean error in bone (HU)", |of| optional(of.bias_tissue[3])),
        ("Noise of flat tissue (HU)", |of| format!("{:.1}", of.noise_flat)),
        ("RMSE in the lesion (HU)", |of| optional(of.rmse_lesion)),
    ];
    html! {
        table {
            tr { th { "" } @for (name, _) in &methods { th.n { (name) } } }
            @for (name, value) in rows {
                tr { th { (name) } @for (_, of) in &methods { td.n { (value(of)) } } }
            }
        }
        p { (format!("Flat tissue has {:.1} HU of noise in the reference.", result.noise_flat_full_dose)) }
    }
}

fn intervals(description: &Description, found: &Acceptance) -> Markup {
    let of = &found.scored.result.intervals;
    let subjects = description.calibration.subjects.len();
    html! {
        table {
            tr { th { "Coverage of the body" } td.n { (percent(of.coverage)) } }
            tr { th { "Coverage of the worst slice" } td.n { (percent(of.coverage_worst_slice)) } }
            tr { th { "Coverage in the lesion" } td.n { (of.coverage_lesion.map_or("–".to_owned(), percent)) } }
            tr {
                th { "Coverage by quarter of the width, narrowest first" }
                td.n { (of.coverage_quarters.map(percent).join(" / ")) }
            }
            tr { th { "Mean width (HU)" } td.n { (format!("{:.1}", 2.0 * of.half_width)) } }
            tr {
                th { "Rank correlation of width and error" }
                td.n { (format!("{:.2}", of.rank_correlation)) }
            }
            @if let Some(scores) = of.scores {
                tr { th { "Interval score (HU); less is better" } td.n { (format!("{:.1}", scores.interval_score_hu)) } }
                @if let Some(crps) = scores.crps_hu {
                    tr { th { "CRPS (HU), read as normal distributions; less is better" } td.n { (format!("{crps:.2}")) } }
                }
                tr {
                    th { "AUSE: what sorting by width misses of the errors; 0 is best" }
                    td.n { (format!("{:.3}", scores.sparsification_error)) }
                }
                tr {
                    th { "ENCE, read as normal distributions; 0 is calibrated" }
                    td.n { (format!("{:.3}", scores.normalised_calibration_error)) }
                }
            }
        }
        p {
            "The intervals rest on " (subjects) " patients: no conformal guarantee on new patients. An interval is for \
             the reference's own noisy value; it doesn't bound the chance of an invented or lost lesion."
        }
    }
}

fn lesions(found: &Acceptance) -> Markup {
    html! {
        @if let Some(of) = &found.contrast {
            p {
                (format!(
                    "The marked lesion stands {:.1} HU above its surroundings at full dose, {:.1} in the input, {:.1} \
                     after non-local means and {:.1} in the model's image: a ratio of {:.3}. A sanity check, no \
                     evidence that lesions are kept.",
                    of.reference_hu, of.input_hu, of.non_local_means_hu, of.output_hu, of.ratio()
                ))
            }
        }
        @if found.detectability.is_empty() {
            p { "No soft tissue is wide enough to add lesions to it." }
        } @else {
            table {
                tr {
                    th { "Added lesions" } th.n { "Number" } th.n { "Contrast kept (95 % interval)" }
                    th.n { "d′ input" } th.n { "d′ non-local means" } th.n { "d′ model" }
                    th.n { "d′ by eye: input" } th.n { "non-local means" } th.n { "model" }
                }
                @for of in &found.detectability { (added(of)) }
            }
        }
    }
}

fn added(of: &Detectability) -> Markup {
    let [low, high] = of.kept_interval.map(percent);
    html! {
        tr {
            td { (format!("{} mm, {} HU", of.diameter_mm, of.contrast_hu)) }
            td.n { (of.lesions) }
            td.n { (percent(of.kept)) " (" (low) " to " (high) ")" }
            @for d in [of.input, of.non_local_means, of.output] { td.n { (optional(d)) } }
            @for d in of.eye { td.n { (optional(d)) } }
        }
    }
}

fn slices(pair: &Pair<'_>, found: &Acceptance) -> Result<Markup> {
    let mut worst: Vec<&SliceScore> = found.scored.slices.iter().collect();
    worst.sort_by(|a, b| b.rmse_body[2].total_cmp(&a.rmse_body[2]));
    worst.truncate(PICTURES);
    let mut rows = Vec::new();
    for of in worst {
        rows.push(html! {
            p {
                (format!(
                    "Slice {}: RMSE {:.1} HU in the input, {:.1} after non-local means, {:.1} in the model's image; {} \
                     of the body inside its interval",
                    of.index + 1, of.rmse_body[0], of.rmse_body[1], of.rmse_body[2], percent(of.coverage)
                ))
            }
            div.row { @for (caption, uri) in pictures(pair, found, of.index)? {
                figure { img src=(uri) alt=(caption); figcaption { (caption) } }
            } }
        });
    }
    Ok(html! {
        @for row in rows { (row) }
        p {
            "Images are shown from −160 to 240 HU; differences to full dose from −100 HU (blue) to 100 HU (red); \
             half-widths from 0 (black) to 100 HU (white)."
        }
    })
}

fn pictures(pair: &Pair<'_>, found: &Acceptance, z: usize) -> Result<[(&'static str, String); 5]> {
    let width = pair.full_dose.dims[0];
    let estimate = &found.scored.estimate;
    let (reference, image) = (pair.full_dose.slice(z), estimate.image.slice(z));
    let difference: Vec<f32> = image.iter().zip(reference).map(|(a, b)| a - b).collect();
    let half_width: Vec<f32> =
        estimate.upper.slice(z).iter().zip(estimate.lower.slice(z)).map(|(a, b)| (a - b) / 2.0).collect();
    let grey = Scale::Grey { low: Window::SOFT.low, high: Window::SOFT.high };
    Ok([
        ("input", data_uri(pair.low_dose.slice(z), width, grey)?),
        ("model", data_uri(image, width, grey)?),
        ("full dose", data_uri(reference, width, grey)?),
        ("model − full dose", data_uri(&difference, width, Scale::Diverging { end: DIFFERENCE_HU })?),
        ("half-width", data_uri(&half_width, width, Scale::Grey { low: 0.0, high: DIFFERENCE_HU })?),
    ])
}

fn definitions() -> Markup {
    html! {
        ul {
            li { "Wide is −1000 to 1000 HU, soft −160 to 240 HU; the body is what lies above −300 HU in the reference." }
            li {
                "SSIM: Gaussian weights of σ = 1.5 over 11 × 11 pixels, population covariance (Wang 2004). Means over the \
                 slices that hold at least 5 % body."
            }
            li {
                "Non-local means is tuned: h = 1.2 σ of the noise that each slice of the input has more than the \
                 reference, which no clinic could know."
            }
            li {
                "Added lesions are put into the input after its acquisition, so its own noise lies on them; kept contrast \
                 is what the model's image gains of it. Intervals are over lesions of one patient."
            }
            li {
                "d′: channelised Hotelling observer, five Laguerre–Gauss channels, template and judgement on different \
                 halves of the lesions (Gallas 2003). By eye: an observer that doesn't know the noise, with an eye filter \
                 at half a metre (Burgess 1994). They are evidence about images, not about readers."
            }
            li {
                "Noise power: in flat soft tissue, regions of 32 × 32 pixels freed of their planes, the quietest quarter \
                 at full dose; its integral is the variance (AAPM TG-233). What anatomy is left in them counts too."
            }
            li {
                "Over-smoothing: mean of ln(power / power at full dose) from a quarter to half a cycle per pixel, in \
                 patches of 64 × 64 pixels within the body: 0 is full dose's texture, below it's smoother. Agreement: the \
                 share of the Nyquist frequency up to which Fourier ring correlation with full dose is at least 0.5."
            }
            li {
                "Radiomics: 14 features of pyradiomics (grey levels 25 HU wide) in regions of 32 × 32 pixels wholly in the                  body and in the lesion. One agrees when its concordance with full dose (Lin 1989) is at least 0.85. Their                  distances, Fréchet's and a cubic kernel's, are of features standardised by full dose: they are the                  program's own, not the Inception network's, so they are no FID or KID and compare only within this table."
            }
            li {
                "Anatomy: the same threshold within the patient, as full dose shows the patient, in every image; islands                  under 100 mm³ are dropped. The surface is 95th percentile Hausdorff, the larger of both directions."
            }
            li {
                "CRPS: how far the intervals, read as the central 90 % of normal distributions around the image's value,                  are from full dose's values (Gneiting 2007); of an image without intervals it would be the mean absolute                  error."
            }
            li {
                "Image-domain consistency under a simulated forward model can't see structure lost below the noise, and is \
                 no detector of invented lesions."
            }
        }
    }
}

fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

fn optional(value: Option<f64>) -> String {
    value.map_or("–".to_owned(), |value| format!("{value:.2}"))
}
