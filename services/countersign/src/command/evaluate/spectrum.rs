//! The texture of an image in the report: noise power as a figure, and the rest as a table.

use evaluation::denoise::{Spectrum, Texture, Textures};
use maud::{Markup, html};

/// Size of the figure, and what stands left of and below its axes, in its own unit.
const SIZE: [f64; 2] = [640.0, 260.0];
const MARGIN: [f64; 2] = [56.0, 36.0];

/// Gives the section on texture.
pub(super) fn section(found: Option<&Textures>) -> Markup {
    let Some(found) = found else {
        return html! { p { "No part of these images lies within the body far enough to measure texture in." } };
    };
    let rows: [(&str, &Texture); 3] =
        [("input", &found.low_dose), ("non-local means", &found.non_local_means), ("model", &found.model)];
    html! {
        @if let Some(full) = &found.full_dose {
            (figure(full, &rows))
        } @else {
            p { "There are too few flat regions to measure the noise power in." }
        }
        table {
            tr {
                th { "" } th.n { "Noise (HU)" } th.n { "Peak (1/mm)" } th.n { "Mean frequency (1/mm)" }
                th.n { "Over-smoothing" } th.n { "Agrees up to" } th.n { "Patches that agree to 0.30 per pixel at most" }
            }
            tr {
                th { "full dose" }
                (noise(found.full_dose.as_ref()))
                td.n { "0" } td.n { "100 %" } td.n { "0 %" }
            }
            @for (name, texture) in rows {
                tr {
                    th { (name) }
                    (noise(texture.noise_power.as_ref()))
                    td.n { (format!("{:.2}", texture.over_smoothing)) }
                    td.n { (format!("{:.0} %", texture.agrees_up_to * 100.0)) }
                    td.n { (format!("{:.0} %", texture.patches_suspect * 100.0)) }
                }
            }
        }
        p { (format!("{} flat regions, {} patches.", found.flat_regions, found.patches)) }
    }
}

fn noise(spectrum: Option<&Spectrum>) -> Markup {
    let shown = |value: fn(&Spectrum) -> f64, digits: usize| {
        spectrum.map_or("–".to_owned(), |found| format!("{:.digits$}", value(found)))
    };
    html! {
        td.n { (shown(|found| found.sigma_hu, 1)) }
        td.n { (shown(|found| found.peak_per_mm, 2)) }
        td.n { (shown(|found| found.mean_per_mm, 2)) }
    }
}

/// Draws the noise power of full dose and of each image over the frequency.
fn figure(full: &Spectrum, rows: &[(&str, &Texture)]) -> Markup {
    // Told apart by dashes too.
    const LINES: [(&str, &str); 3] = [("#d97706", "2 3"), ("#7c3aed", "7 4"), ("#0891b2", "")];
    let drawn: Vec<(&str, &Spectrum, &str, &str)> =
        std::iter::once(("full dose", full, "currentColor", "1 0"))
            .chain(rows.iter().zip(LINES).filter_map(|((name, texture), (colour, dashes))| {
                Some((*name, texture.noise_power.as_ref()?, colour, dashes))
            }))
            .collect();
    let top =
        drawn.iter().flat_map(|(_, found, _, _)| &found.power).fold(1e-9_f64, |top, power| top.max(*power));
    let right = full.frequency_per_mm.last().copied().unwrap_or(1.0);
    let at = |frequency: f64, power: f64| {
        let x = MARGIN[0] + frequency / right * (SIZE[0] - MARGIN[0] - 8.0);
        let y = (SIZE[1] - MARGIN[1]) - power / top * (SIZE[1] - MARGIN[1] - 28.0);
        (x, y)
    };
    let line = |found: &Spectrum| {
        // The lowest ring of a small region holds no frequency.
        let points = found.frequency_per_mm.iter().zip(&found.power).filter(|(_, power)| **power > 0.0);
        let points: Vec<String> = points
            .map(|(frequency, power)| {
                let (x, y) = at(*frequency, *power);
                format!("{x:.1},{y:.1}")
            })
            .collect();
        points.join(" ")
    };
    let (left, bottom) = at(0.0, 0.0);
    let view = format!("0 0 {} {}", SIZE[0], SIZE[1]);
    html! {
        figure {
            svg viewBox=(view) role="img" aria-label="Noise power over spatial frequency"
                style="width: 100%; max-width: 44rem; font: 12px system-ui, sans-serif" fill="currentColor" {
                line x1=(left) y1=(bottom) x2=(SIZE[0] - 8.0) y2=(bottom) stroke="#888" {}
                line x1=(left) y1=(bottom) x2=(left) y2="8" stroke="#888" {}
                @for share in [0.25, 0.5, 0.75, 1.0] {
                    text x=(at(right * share, 0.0).0) y=(bottom + 15.0) text-anchor="end" {
                        (format!("{:.2}", right * share))
                    }
                    text x=(left - 5.0) y=(at(0.0, top * share).1 + 4.0) text-anchor="end" {
                        (format!("{:.0}", top * share))
                    }
                }
                text x=(SIZE[0] - 8.0) y=(bottom + 30.0) text-anchor="end" { "spatial frequency (1/mm)" }
                text x=(left + 6.0) y="14" { "noise power (HU² mm²)" }
                @for (index, (name, found, colour, dashes)) in drawn.iter().enumerate() {
                    polyline points=(line(found)) fill="none" stroke=(colour) stroke-width="2"
                        stroke-dasharray=(dashes) {}
                    text x=(SIZE[0] - 12.0) y=(24.0 + 16.0 * index as f64) text-anchor="end" fill=(colour) { (name) }
                }
            }
            figcaption { "Noise power in flat soft tissue: the model's should lie on that of full dose." }
        }
    }
}
