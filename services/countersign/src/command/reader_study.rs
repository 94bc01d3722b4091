//! `countersign reader-study`

use crate::cli::ReaderStudy;
use anyhow::{Context as _, bail, ensure};
use evaluation::agreement::{Estimate, Table, Weights};
use evaluation::reader_study::{Comparison, Study};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::process::ExitCode;

/// Two-sided confidence of intervals: of non-inferiority it is the one-sided test at 2.5 %.
const CONFIDENCE: f64 = 0.95;
/// More different ratings than this are a scale without categories, in which nobody agrees exactly.
const CATEGORIES_MAX: usize = 20;
/// Rows of a file at most.
const ROWS_MAX: usize = 1_000_000;

/// A row of the file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    reader: String,
    arm: String,
    case: String,
    truth: u8,
    rating: f64,
}

/// What was read: truth by case, and ratings by arm, reader and case.
#[derive(Debug, Default)]
struct Ratings {
    truth: BTreeMap<String, bool>,
    given: BTreeMap<String, BTreeMap<String, BTreeMap<String, f64>>>,
}

/// Agreement of the readers of an arm, as means over their pairs.
#[derive(Debug, Serialize)]
struct Agreement {
    pairs: usize,
    observed: f64,
    gwet_ac1: Option<f64>,
    quadratic_kappa: Option<f64>,
}

/// Compares two arms over readers and cases. Exit code 1 where it isn't shown that the first is no worse.
pub(crate) fn run(command: &ReaderStudy) -> anyhow::Result<ExitCode> {
    ensure!(command.margin > 0.0 && command.margin < 1.0, "a margin lies between 0 and 1");
    let file = std::fs::File::open(&command.ratings)
        .with_context(|| format!("{} can't be read", command.ratings.display()))?;
    let ratings = Ratings::read(std::io::BufReader::new(file))
        .with_context(|| format!("{} holds no reader study", command.ratings.display()))?;
    let arms = ratings.arms(&command.arm)?;
    let study = ratings.study(&arms)?;
    let found = study.compared(CONFIDENCE);
    let shown = found.is_not_inferior(command.margin);
    let agreement = arms.clone().map(|arm| ratings.agreement(&arm));
    print(&ratings, &arms, (&found, &agreement), (command.margin, shown));
    if let Some(out) = &command.out {
        let report = report(&ratings, &arms, (&found, &agreement), (command.margin, shown));
        let text = serde_json::to_string_pretty(&report)? + "\n";
        std::fs::write(out, text).with_context(|| format!("{} can't be written", out.display()))?;
    }
    Ok(if shown { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

impl Ratings {
    fn read(text: impl std::io::Read) -> anyhow::Result<Self> {
        let mut ratings = Self::default();
        let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text);
        for (index, row) in reader.deserialize::<Row>().enumerate() {
            ensure!(index < ROWS_MAX, "it has more than {ROWS_MAX} rows");
            let Row { reader, arm, case, truth, rating } = row?;
            // The head is line 1.
            let line = index + 2;
            ensure!(truth <= 1, "line {line}: the truth is 0 or 1, not {truth}");
            ensure!(rating.is_finite(), "line {line}: the rating is no number");
            let has_disease = truth == 1;
            let known = *ratings.truth.entry(case.clone()).or_insert(has_disease);
            ensure!(known == has_disease, "line {line}: case {case} had another truth before");
            let of_reader = ratings.given.entry(arm.clone()).or_default().entry(reader.clone()).or_default();
            let before = of_reader.insert(case.clone(), rating);
            ensure!(before.is_none(), "line {line}: reader {reader} rated case {case} of arm {arm} twice");
        }
        Ok(ratings)
    }

    /// The arm under test, then the other one.
    fn arms(&self, tested: &str) -> anyhow::Result<[String; 2]> {
        let names: Vec<&String> = self.given.keys().collect();
        let [one, other] = names[..] else {
            bail!("it has {} arms, a study has two: {names:?}", names.len());
        };
        match tested {
            _ if tested == one => Ok([one.clone(), other.clone()]),
            _ if tested == other => Ok([other.clone(), one.clone()]),
            _ => bail!("it has no arm {tested}: it has {one} and {other}"),
        }
    }

    fn study(&self, arms: &[String; 2]) -> anyhow::Result<Study> {
        let readers = arms.each_ref().map(|arm| self.given[arm].keys().collect::<BTreeSet<_>>());
        if let Some(reader) = readers[0].symmetric_difference(&readers[1]).next() {
            bail!("reader {reader} read one arm only: every reader reads every case in both");
        }
        for arm in arms {
            for (reader, rated) in &self.given[arm] {
                if let Some(case) = self.truth.keys().find(|case| !rated.contains_key(*case)) {
                    bail!("reader {reader} didn't rate case {case} of arm {arm}");
                }
            }
        }
        let of_arm = |arm: &String| -> Vec<Vec<f64>> {
            self.given[arm].values().map(|rated| rated.values().copied().collect()).collect()
        };
        Ok(Study::new(self.truth.values().copied().collect(), arms.each_ref().map(of_arm))?)
    }

    /// How readers of an arm agree; `None` where ratings are no categories.
    fn agreement(&self, arm: &str) -> Option<Agreement> {
        let readers: Vec<Vec<f64>> =
            self.given[arm].values().map(|rated| rated.values().copied().collect()).collect();
        let mut categories: Vec<f64> = readers.iter().flatten().copied().collect();
        categories.sort_by(f64::total_cmp);
        categories.dedup();
        if !(2..=CATEGORIES_MAX).contains(&categories.len()) {
            return None;
        }
        let category = |rating: f64| categories.partition_point(|other| *other < rating);
        let mut tables = Vec::new();
        for (index, one) in readers.iter().enumerate() {
            for other in &readers[index + 1..] {
                let mut table = Table::new(categories.len());
                one.iter().zip(other).for_each(|(a, b)| table.add(category(*a), category(*b)));
                tables.push(table);
            }
        }
        // Where one table has no value, a mean of the others would be of other readers.
        let mean = |values: Option<Vec<f64>>| {
            values.map(|values| values.iter().sum::<f64>() / values.len().max(1) as f64)
        };
        let estimates = |of: &dyn Fn(&Table) -> Option<Estimate>| {
            mean(tables.iter().map(|table| of(table).map(|found| found.value)).collect())
        };
        Some(Agreement {
            pairs: tables.len(),
            observed: mean(tables.iter().map(Table::observed).collect())?,
            gwet_ac1: estimates(&|table| table.gwet(Weights::Identity, CONFIDENCE)),
            quadratic_kappa: estimates(&|table| table.cohen(Weights::Quadratic, CONFIDENCE)),
        })
    }
}

type Found<'a> = (&'a Comparison, &'a [Option<Agreement>; 2]);

fn print(ratings: &Ratings, arms: &[String; 2], (found, agreement): Found<'_>, (margin, shown): (f64, bool)) {
    let diseased = ratings.truth.values().filter(|has| **has).count();
    let readers = ratings.given[&arms[0]].len();
    println!("{readers} readers, {} cases, {diseased} of them with the disease", ratings.truth.len());
    for ((arm, area), agreement) in arms.iter().zip(found.mean_areas).zip(agreement) {
        print!("{arm}: area under the ROC curve {area:.4} in the mean of the readers");
        match agreement {
            Some(Agreement { observed, gwet_ac1: Some(ac1), quadratic_kappa: Some(kappa), .. }) => println!(
                "; two of them agree on {:.1} % of the cases, AC1 {ac1:.3}, quadratic κ {kappa:.3}",
                100.0 * observed
            ),
            _ => println!(),
        }
    }
    print!(
        "{} less {}: {:+.4} (standard error {:.4}",
        arms[0], arms[1], found.difference, found.standard_error
    );
    match found.inferred {
        Some(inferred) => println!(
            ", 95 % {:+.4} to {:+.4}, p = {:.4}, {:.1} degrees of freedom)",
            inferred.interval.low, inferred.interval.high, inferred.p, inferred.degrees_of_freedom
        ),
        None => println!("; every reader's difference is the same, so that no interval can be told)"),
    }
    let verdict = if shown { "shown" } else { "NOT shown" };
    println!("no worse than {} by {margin} or more: {verdict}", arms[1]);
}

fn report(
    ratings: &Ratings,
    arms: &[String; 2],
    (found, agreement): Found<'_>,
    (margin, shown): (f64, bool),
) -> Value {
    let readers: Vec<&String> = ratings.given[&arms[0]].keys().collect();
    let arm = |index: usize| {
        json!({
            "name": arms[index],
            "mean_area": found.mean_areas[index],
            "areas": found.areas[index],
            "agreement": agreement[index],
        })
    };
    json!({
        "method": "Obuchowski and Rockette, DeLong covariances, Hillis degrees of freedom",
        "cases": ratings.truth.len(),
        "diseased": ratings.truth.values().filter(|has| **has).count(),
        "readers": readers,
        "arms": [arm(0), arm(1)],
        "difference": found.difference,
        "standard_error": found.standard_error,
        "interval_95": found.inferred.map(|inferred| [inferred.interval.low, inferred.interval.high]),
        "p": found.inferred.map(|inferred| inferred.p),
        "degrees_of_freedom": found.inferred.map(|inferred| inferred.degrees_of_freedom),
        "margin": margin,
        "not_inferior": shown,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Write as _;

    const HEAD: &str = "reader,arm,case,truth,rating\n";

    /// Three readers, eight cases, five ratings; in the second arm the last reader errs once more.
    fn study() -> String {
        let mut text = HEAD.to_owned();
        for (arm, reader, ratings) in [
            ("AI", "a", [1, 2, 1, 3, 4, 5, 4, 3]),
            ("AI", "b", [1, 1, 2, 2, 5, 5, 3, 4]),
            ("AI", "c", [2, 1, 1, 4, 4, 5, 5, 3]),
            ("original", "a", [1, 2, 2, 3, 4, 5, 4, 2]),
            ("original", "b", [2, 1, 2, 3, 5, 4, 3, 4]),
            ("original", "c", [2, 1, 4, 4, 4, 5, 5, 3]),
        ] {
            for (case, rating) in ratings.iter().enumerate() {
                writeln!(text, "{reader},{arm},case {case},{},{rating}", u8::from(case >= 4)).unwrap();
            }
        }
        text
    }

    fn refusal(text: &str) -> String {
        let outcome = Ratings::read(text.as_bytes()).and_then(|ratings| {
            let arms = ratings.arms("AI")?;
            ratings.study(&arms).map(drop)
        });
        outcome.unwrap_err().to_string()
    }

    #[test]
    fn two_arms_are_compared_over_readers_and_cases() {
        let ratings = Ratings::read(study().as_bytes()).unwrap();
        let arms = ratings.arms("AI").unwrap();
        let found = ratings.study(&arms).unwrap().compared(CONFIDENCE);
        // Counted by hand: of 16 pairs of a case with and one without, those rated the right way, ties half.
        let by_hand = [[15.5, 16.0, 14.5], [14.0, 15.5, 13.0]].map(|of| of.map(|pairs| pairs / 16.0));
        assert_eq!(found.areas, by_hand.map(|of| of.to_vec()));
        // The same formulas in numpy.
        assert!((found.standard_error - 0.038_975_6).abs() < 1e-6, "{found:?}");
        assert!((found.inferred.unwrap().interval.low + 0.007_438_2).abs() < 1e-6, "{found:?}");
        assert!(found.is_not_inferior(0.05) && !ratings_reversed().is_not_inferior(0.05));
        let agreement = ratings.agreement("AI").unwrap();
        assert_eq!(agreement.pairs, 3);
        // a and b agree on cases 0 and 5, a and c on 2, 4, 5 and 7, b and c on 1 and 5.
        let by_hand = (2.0 + 4.0 + 2.0) / 24.0;
        assert!((agreement.observed - by_hand).abs() < 1e-12, "{agreement:?}");
    }

    fn ratings_reversed() -> Comparison {
        let ratings = Ratings::read(study().as_bytes()).unwrap();
        let arms = ratings.arms("original").unwrap();
        ratings.study(&arms).unwrap().compared(CONFIDENCE)
    }

    #[test]
    fn a_scale_without_categories_has_no_agreement() {
        let rows =
            (0..30).map(|case| format!("a,AI,{case},{},{}\nb,AI,{case},{},0.5\n", case % 2, case, case % 2));
        let text = HEAD.to_owned() + &rows.collect::<String>();
        assert!(Ratings::read(text.as_bytes()).unwrap().agreement("AI").is_none());
    }

    #[test]
    fn what_is_no_study_is_refused_with_the_place() {
        for (broken, wanted) in [
            (HEAD.to_owned(), "it has 0 arms, a study has two: []"),
            (study() + "a,AI,case 0,0,1\n", "line 50: reader a rated case case 0 of arm AI twice"),
            (study() + "a,AI,case 9,0,NaN\n", "line 50: the rating is no number"),
            (study() + "a,AI,case 9,2,1\n", "line 50: the truth is 0 or 1, not 2"),
            (study() + "d,AI,case 0,1,1\n", "line 50: case case 0 had another truth before"),
            (
                study() + "d,AI,case 0,0,1\n",
                "reader d read one arm only: every reader reads every case in both",
            ),
            (study() + "a,AI,case 9,0,1\n", "reader b didn't rate case case 9 of arm AI"),
            (
                study().replace("original", "AI2") + "a,third,case 0,0,1\n",
                "it has 3 arms, a study has two: [\"AI\", \"AI2\", \"third\"]",
            ),
            (study().replace("AI", "model"), "it has no arm AI: it has model and original"),
        ] {
            assert_eq!(refusal(&broken), wanted);
        }
        assert!(refusal("reader,arm,case,truth\na,AI,1,0\n").contains("rating"));
        assert!(refusal("\u{0}\u{1}").contains("arms"));
    }
}
