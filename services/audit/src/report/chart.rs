//! A control chart as the report shows it.

use super::outcome;
use contract::audit::{Chart, ChartBy, ChartPoint};
use report::{ControlChart, ControlPoint};

/// The chart in shares.
pub(super) fn described(chart: &Chart) -> report::Chart {
    let outside = chart.points.iter().filter(|point| point.is_outside).count();
    let points = chart.points.iter().map(|point| ControlPoint {
        label: point.label.clone(),
        found: share(point.found, point),
        low: share(point.low, point),
        high: share(point.high, point),
        is_outside: point.is_outside,
    });
    report::Chart::Control(ControlChart {
        said: said(chart, outside),
        centre: chart.centre,
        points: points.collect(),
    })
}

fn share(found: u32, point: &ChartPoint) -> f64 {
    f64::from(found) / f64::from(point.count.max(1))
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
