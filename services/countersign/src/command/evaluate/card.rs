//! What was found of a model, as `metrics.json` and the tables of its card.

use super::Evaluation;
use anyhow::Context as _;
use evaluation::denoise::{self, Bar, Detected, DoseResult, Hallucination, Retention, Shifted};
use evaluation::phantom::PhantomResult;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// What stands around the tables in a card.
const TABLES_BEGIN: &str = "<!-- tables: countersign evaluate --write -->";
const TABLES_END: &str = "<!-- end of the tables -->";
/// Below this domain score generation makes no case, unless a site says otherwise.
const DOMAIN_MIN: f64 = 0.01;

/// What was found of some weights on a subject, as it stands in `metrics.json`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Found {
    pub(super) subject: String,
    /// First slice, and the one after the last.
    slices: [usize; 2],
    /// Percent of what the model takes away that was given back.
    #[serde(default)]
    texture_percent: u8,
    /// The anchor's width in pixels where it wasn't the model's own, 0 for none; never in `metrics.json`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    anchor_pixels: Option<f64>,
    trained_on: Vec<String>,
    never_trained_on: bool,
    steps: usize,
    /// The family of the network; empty where it wasn't written down yet.
    #[serde(default)]
    family: String,
    weights_sha256: String,
    pub(super) doses: Vec<DoseResult>,
    inserted_lesions: Vec<(f64, Vec<Retention>)>,
    #[serde(default)]
    tampering: Vec<(f64, Vec<Detected>)>,
    #[serde(default)]
    hallucination: Vec<(f64, Hallucination)>,
}

impl From<Evaluation> for Found {
    fn from(evaluation: Evaluation) -> Self {
        let Evaluation { seen, subject, slices, texture_percent, anchor_pixels, description, doses, .. } =
            evaluation;
        Self {
            subject,
            slices,
            texture_percent,
            anchor_pixels,
            trained_on: description.training_subjects,
            never_trained_on: !seen,
            steps: description.training_steps,
            family: description.family,
            weights_sha256: description.weights_sha256,
            doses,
            inserted_lesions: evaluation.lesions,
            tampering: evaluation.tampering,
            hallucination: evaluation.hallucination,
        }
    }
}

/// What a run found, and what `metrics.json` holds. A list is empty where nobody asked.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Metrics {
    pub(super) model: String,
    pub(super) version: String,
    pub(super) evaluations: Vec<Found>,
    /// On the phantom, by dose.
    #[serde(default)]
    pub(super) phantom: Vec<PhantomResult>,
    /// At other sites.
    #[serde(default)]
    pub(super) site_shift: Vec<Shifted>,
}

impl Metrics {
    /// Whether everything that was wanted is met.
    pub(super) fn met(&self) -> bool {
        self.evaluations.iter().flat_map(Found::bars).all(|bar| bar.met)
    }

    /// Adds what an earlier run found of the same version and this one didn't measure.
    fn and(mut self, earlier: Self) -> Self {
        if earlier.version == self.version {
            self.evaluations = merged(earlier.evaluations, &self.evaluations);
            if self.phantom.is_empty() {
                self.phantom = earlier.phantom;
            }
            if self.site_shift.is_empty() {
                self.site_shift = earlier.site_shift;
            }
        }
        self
    }

    fn tables(&self, weights: &str) -> String {
        let mut tables: Vec<String> = self.evaluations.iter().map(|found| found.tables(weights)).collect();
        if !self.phantom.is_empty() {
            tables.push(format!(
                "### Edges and noise on a phantom\n\n{}",
                denoise::phantom_markdown(&self.phantom)
            ));
        }
        if !self.site_shift.is_empty() {
            let table = denoise::shift_markdown(&self.site_shift, DOMAIN_MIN);
            tables.push(format!("### Other sites\n\n{table}"));
        }
        tables.join("\n")
    }
}

/// Writes `metrics.json` and the card's tables.
pub(super) fn write(folder: &Path, found: Metrics) -> anyhow::Result<()> {
    let weights = nets::Description::load(folder)?.weights_sha256;
    let path = folder.join("metrics.json");
    let earlier = std::fs::read_to_string(&path).ok().and_then(|text| serde_json::from_str(&text).ok());
    let mut all = found.and(earlier.unwrap_or_default());
    all.evaluations.sort_by_key(|found| found.rank(&weights));
    std::fs::write(&path, format!("{}\n", serde_json::to_string_pretty(&all)?))
        .with_context(|| format!("{} can't be written", path.display()))?;
    let path = folder.join("card.md");
    let card = std::fs::read_to_string(&path).with_context(|| format!("{} can't be read", path.display()))?;
    let parts = card.split_once(TABLES_BEGIN).and_then(|(before, rest)| {
        let (_, after) = rest.split_once(TABLES_END)?;
        Some((before, after))
    });
    let (before, after) = parts.with_context(|| {
        format!("{} has no place for tables, between '{TABLES_BEGIN}' and '{TABLES_END}'", path.display())
    })?;
    let tables = all.tables(&weights);
    std::fs::write(&path, format!("{before}{TABLES_BEGIN}\n\n{tables}\n{TABLES_END}{after}"))
        .with_context(|| format!("{} can't be written", path.display()))
}

/// Puts what was found now in the place of what was found earlier of the same weights on the same subject.
fn merged(earlier: Vec<Found>, now: &[Found]) -> Vec<Found> {
    let mut all = earlier;
    for found in now {
        let mut found = found.clone();
        let same = |other: &Found| {
            other.subject == found.subject
                && other.weights_sha256 == found.weights_sha256
                && other.texture_percent == found.texture_percent
        };
        match all.iter().position(same) {
            Some(at) => {
                if found.inserted_lesions.is_empty() {
                    found.inserted_lesions = std::mem::take(&mut all[at].inserted_lesions);
                }
                if found.tampering.is_empty() {
                    found.tampering = std::mem::take(&mut all[at].tampering);
                }
                if found.hallucination.is_empty() {
                    found.hallucination = std::mem::take(&mut all[at].hallucination);
                }
                all[at] = found;
            }
            None => all.push(found),
        }
    }
    all
}

impl Found {
    /// Strongest evidence first: final weights on somebody unseen, folds, other families, final weights on who they were
    /// trained on.
    fn rank(&self, weights: &str) -> usize {
        match (self.never_trained_on, self.weights_sha256 == weights) {
            (true, true) => 0,
            (true, false) if !self.is_other_family() => 1,
            (true, false) => 2,
            (false, _) => 3,
        }
    }

    /// Whether the network is there to be compared only.
    fn is_other_family(&self) -> bool {
        !self.family.is_empty() && self.family != nets::Family::default().name()
    }

    /// Everything that was wanted, and whether it is met.
    pub(super) fn bars(&self) -> impl Iterator<Item = Bar> {
        let tampering = self.tampering.iter().flat_map(|(_, detected)| denoise::tamper_bars(detected));
        self.doses.iter().flat_map(|dose| dose.bars.clone()).chain(tampering)
    }

    fn tables(&self, weights: &str) -> String {
        let mut text = denoise::markdown(&self.heading(weights), &self.doses);
        for (fraction, kept) in &self.inserted_lesions {
            text.push('\n');
            text.push_str(&denoise::retention_markdown(*fraction, kept));
        }
        for (fraction, detected) in &self.tampering {
            text.push('\n');
            text.push_str(&denoise::tamper_markdown(*fraction, detected));
            text.push('\n');
            text.push_str(&denoise::bars_markdown(*fraction, &denoise::tamper_bars(detected)));
        }
        if !self.hallucination.is_empty() {
            text.push('\n');
            text.push_str(&denoise::hallucination_markdown(&self.hallucination));
        }
        text
    }

    fn heading(&self, weights: &str) -> String {
        let Self { subject, slices: [first, end], trained_on, steps, .. } = self;
        let (others, k) = (trained_on.join(", "), trained_on.len());
        let who = match self.rank(weights) {
            0 => format!("never trained, calibrated or tuned on (final weights, {steps} steps, k = {k})"),
            1 => format!("never trained on (a fold of {others} only, {steps} steps, k = {k})"),
            2 => format!(
                "the family {} for comparison, never trained on it ({steps} steps, k = {k})",
                self.family
            ),
            _ => format!("final weights, which were trained on it ({steps} steps, k = {k}): no evidence"),
        };
        let texture = match self.texture_percent {
            0 => String::new(),
            percent => format!(", {percent} % of the texture kept"),
        };
        format!("{subject}, slices {first} to {}, {who}{texture}", end - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    fn found(subject: &str, weights: &str, never_trained_on: bool) -> Found {
        Found {
            subject: subject.into(),
            slices: [0, 9],
            texture_percent: 0,
            anchor_pixels: None,
            trained_on: vec!["a".into(), "b".into()],
            never_trained_on,
            steps: 10,
            family: nets::Family::default().name().into(),
            weights_sha256: weights.into(),
            doses: Vec::new(),
            inserted_lesions: Vec::new(),
            tampering: Vec::new(),
            hallucination: Vec::new(),
        }
    }

    #[test]
    fn what_was_measured_before_a_measure_came_stays_readable() {
        /// Drops whatever came after the first version of the file.
        fn drop_later(value: &mut Value) {
            const LATER: [&str; 8] = [
                "radiomics",
                "segmentations",
                "hallucination",
                "total_variation",
                "gaussian",
                "scores",
                "textures",
                "tampering",
            ];
            match value {
                Value::Object(fields) => {
                    fields.retain(|key, _| !LATER.contains(&key.as_str()));
                    fields.values_mut().for_each(drop_later);
                }
                Value::Array(all) => all.iter_mut().for_each(drop_later),
                _ => {}
            }
        }
        let shipped = include_str!("../../../../../models/ct-denoise/metrics.json");
        let mut earlier: Value = serde_json::from_str(shipped).unwrap();
        drop_later(&mut earlier);
        let read: Metrics = serde_json::from_value(earlier).unwrap();
        let dose = &read.evaluations[0].doses[0];
        assert!(dose.radiomics.is_none() && dose.segmentations.is_none() && dose.intervals.scores.is_none());
        assert!(read.evaluations[0].hallucination.is_empty());
    }

    #[test]
    fn what_was_not_measured_again_stays_and_the_strongest_evidence_comes_first() {
        let mut earlier = found("a", "fold", true);
        earlier.inserted_lesions = vec![(0.25, Vec::new())];
        let mut all = merged(
            vec![found("a", "final", false), earlier],
            &[found("c", "final", true), found("a", "fold", true)],
        );
        all.sort_by_key(|found| found.rank("final"));
        let order: Vec<(&str, &str)> =
            all.iter().map(|found| (found.subject.as_str(), found.weights_sha256.as_str())).collect();
        assert_eq!(order, [("c", "final"), ("a", "fold"), ("a", "final")]);
        assert_eq!(all[1].inserted_lesions.len(), 1, "lesions that nobody measured again stay");
    }

    #[test]
    fn what_an_older_version_found_does_not_stay() {
        let of = |version: &str, subject: &str| Metrics {
            version: version.into(),
            evaluations: vec![found(subject, "final", true)],
            ..Metrics::default()
        };
        assert_eq!(of("2", "a").and(of("1", "b")).evaluations.len(), 1);
        assert_eq!(of("2", "a").and(of("2", "b")).evaluations.len(), 2);
    }

    #[test]
    fn a_heading_says_whether_the_figures_are_evidence() {
        assert_eq!(
            found("c", "final", true).heading("final"),
            "c, slices 0 to 8, never trained, calibrated or tuned on (final weights, 10 steps, k = 2)"
        );
        assert!(found("a", "final", false).heading("final").ends_with("no evidence"));
        assert!(found("a", "fold", true).heading("final").contains("a fold of a, b only"));
        let other = Found { family: "guided-residual-gan".into(), ..found("c", "other", true) };
        assert!(other.heading("final").contains("the family guided-residual-gan for comparison"));
    }
}
