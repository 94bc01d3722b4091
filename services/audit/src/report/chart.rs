//! A control chart as a picture in the page.

use super::outcome;
use contract::audit::{Chart, ChartBy, ChartPoint};
use maud::{Markup, html};

const WIDTH: f64 = 760.0;
const HEIGHT: f64 = 200.0;
/// Room at the left for the shares and below for the names.
const LEFT: f64 = 46.0;
const BELOW: f64 = 30.0;
const ABOVE: f64 = 10.0;
/// No more names than fit.
const NAMES_MAX: usize = 14;

/// Draws a chart: a line for the common share, a bar for what the other points let expect, a dot for what was found. A
/// point outside is a square, so that it is told without colour.
pub(super) fn drawn(chart: &Chart) -> Markup {
    let top = chart.points.iter().map(|point| share(point.high.max(point.found), point)).fold(0.01, f64::max);
    let y = |share: f64| ABOVE + (HEIGHT - ABOVE - BELOW) * (1.0 - share / top);
    let step = (WIDTH - LEFT) / chart.points.len() as f64;
    let x = |index: usize| LEFT + (index as f64 + 0.5) * step;
    let every = chart.points.len().div_ceil(NAMES_MAX);
    let outside = chart.points.iter().filter(|point| point.is_outside).count();
    html! {
        figure {
            svg viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } role="img" aria-label=(said(chart, outside)) {
                @for part in [0.0, top / 2.0, top] {
                    line x1=(LEFT) x2=(WIDTH) y1=(y(part)) y2=(y(part)) stroke="#8884" {}
                    text x=(LEFT - 6.0) y=(y(part) + 4.0) text-anchor="end" fill="currentColor" {
                        (format!("{:.0} %", part * 100.0))
                    }
                }
                line x1=(LEFT) x2=(WIDTH) y1=(y(chart.centre)) y2=(y(chart.centre)) stroke="currentColor"
                    stroke-dasharray="4 3" {}
                @for (index, point) in chart.points.iter().enumerate() {
                    (range(x(index), y(share(point.high, point)), y(share(point.low, point))))
                    (dot(x(index), y(share(point.found, point)), point.is_outside))
                    @if index % every == 0 {
                        text x=(x(index)) y=(HEIGHT - 10.0) text-anchor="middle" fill="currentColor" { (point.label) }
                    }
                }
            }
            figcaption { (said(chart, outside)) }
        }
    }
}

fn share(found: u32, point: &ChartPoint) -> f64 {
    f64::from(found) / f64::from(point.count.max(1))
}

fn range(x: f64, top: f64, bottom: f64) -> Markup {
    html! { rect x=(x - 5.0) y=(top) width="10" height=((bottom - top).max(1.0)) fill="#8884" {} }
}

fn dot(x: f64, y: f64, is_outside: bool) -> Markup {
    html! {
        @if is_outside {
            rect x=(x - 5.0) y=(y - 5.0) width="10" height="10" fill="#b3261e" {}
        } @else {
            circle cx=(x) cy=(y) r="4" fill="currentColor" {}
        }
    }
}

fn said(chart: &Chart, outside: usize) -> String {
    let along = match chart.by {
        ChartBy::Week => "week",
        ChartBy::Scanner => "scanner",
        ChartBy::Model => "model version",
        ChartBy::Deployment => "deployment",
    };
    let (what, centre) = (outcome(chart.outcome), chart.centre * 100.0);
    format!(
        "{what}, by {along}: {centre:.1} % of all; {outside} of {} outside their limits",
        chart.points.len()
    )
}
