//! What the map of uncertainty and the domain score were worth: findings against what they flagged.

use super::{CONFIDENCE, Gathered};
use contract::audit::{DomainFigure, FlaggedFigure, Measured};
use contract::generation::Region;
use contract::review::EndedCase;
use evaluation::agreement::percentile;
use evaluation::statistics::clopper_pearson;
use std::collections::BTreeMap;

/// Edges of the bands of domain scores: refuse, amber, and thirds of the rest.
const BANDS: [f64; 6] = [0.0, 0.01, 0.05, 0.35, 0.65, 1.0];
const MM3_PER_CM3: f64 = 1_000.0;

/// By model version.
pub(super) fn flagged(gathered: &Gathered, minimum: u32) -> Vec<FlaggedFigure> {
    let mut models: BTreeMap<String, Vec<&EndedCase>> = BTreeMap::new();
    for case in gathered.cases.iter().filter(|case| gathered.runs.contains_key(&case.run)) {
        let label = gathered.names.models.get(&case.model).cloned();
        models.entry(label.unwrap_or_else(|| "unknown".to_owned())).or_default().push(case);
    }
    models.into_iter().map(|(label, cases)| of_model(label, &cases, gathered, minimum)).collect()
}

fn of_model(label: String, cases: &[&EndedCase], gathered: &Gathered, minimum: u32) -> FlaggedFigure {
    // What a worker suspected is none of the map's doing.
    let flagged =
        |case: &EndedCase| gathered.runs[&case.run].regions.iter().filter(|region| region.is_wide());
    let (mut findings, mut inside, mut outside) = (0, 0, Vec::new());
    for case in cases {
        let centres = case.confirmed.iter().filter_map(|finding| finding.centre_mm);
        let hits: Vec<bool> =
            centres.map(|centre| flagged(case).any(|region| region.holds(centre))).collect();
        findings += hits.len();
        inside += hits.iter().filter(|hit| **hit).count();
        if hits.contains(&false) {
            outside.push(case.id.clone());
        }
    }
    let mut volumes: Vec<f64> = cases.iter().map(|case| flagged(case).map(volume_cm3).sum::<f64>()).collect();
    let shown = cases.len() >= minimum as usize;
    FlaggedFigure {
        label,
        count: cases.len() as u32,
        findings: findings as u32,
        inside: if shown { share(inside, findings) } else { None },
        flagged_cm3: if shown { percentile(&mut volumes, 0.5) } else { None },
        cases: if shown { outside } else { Vec::new() },
    }
}

fn volume_cm3(region: &Region) -> f64 {
    std::f64::consts::PI / 6.0 * region.diameter_mm.powi(3) / MM3_PER_CM3
}

fn share(found: usize, of: usize) -> Option<Measured> {
    let interval = (of > 0).then(|| clopper_pearson(found as u64, of as u64, CONFIDENCE))?;
    let value = found as f64 / of as f64;
    Some(Measured { value, low: Some(interval.low), high: Some(interval.high) })
}

/// By domain score.
pub(super) fn domain(gathered: &Gathered, minimum: u32) -> Vec<DomainFigure> {
    let score = |case: &EndedCase| gathered.runs.get(&case.run).and_then(|run| run.domain);
    let band = |edges: &[f64]| {
        let (from, to) = (edges[0], edges[1]);
        // The last band holds 1 too.
        let is_in = |score: f64| from <= score && (score < to || to >= 1.0);
        let cases: Vec<&EndedCase> =
            gathered.cases.iter().filter(|case| score(case).is_some_and(is_in)).collect();
        let with: Vec<_> =
            cases.iter().filter(|case| !case.confirmed.is_empty()).map(|case| case.id.clone()).collect();
        let shown = cases.len() >= minimum as usize;
        DomainFigure {
            from,
            to,
            count: cases.len() as u32,
            rate: if shown { share(with.len(), cases.len()) } else { None },
            cases: if shown { with } else { Vec::new() },
        }
    };
    BANDS.windows(2).map(band).collect()
}
