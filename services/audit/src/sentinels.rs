//! Which of the cases that are known to be bad were caught. Pure; for people of quality who don't read themselves.

use crate::figures::Names;
use contract::audit::{Definition, Group, GroupBy, Measured, SentinelFigure, Sentinels};
use contract::review::{QualitySample, Verdict};
use contract::{CaseId, DeploymentId, ModelVersionId, RunId};
use evaluation::statistics::clopper_pearson;
use std::collections::{BTreeMap, HashMap};

/// Level of the intervals.
const CONFIDENCE: f64 = 0.95;
/// As many accepting reads release a case.
const READERS: usize = 2;

/// Reads of test cases.
#[derive(Debug, Clone, Default)]
pub struct Read {
    /// Final reads of sentinels.
    pub samples: Vec<QualitySample>,
    /// Of which model and deployment each run is.
    pub made_by: HashMap<RunId, (ModelVersionId, DeploymentId)>,
}

/// What readers said of one test case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Caught,
    Missed,
    /// Not enough reads yet to tell.
    Open,
}

/// The figures.
pub fn sentinels(read: &Read, names: &Names) -> Sentinels {
    let mut of_case: BTreeMap<&CaseId, Vec<&QualitySample>> = BTreeMap::new();
    let mut of_reader: BTreeMap<Group, Vec<&QualitySample>> = BTreeMap::new();
    for sample in &read.samples {
        of_case.entry(&sample.case).or_default().push(sample);
        let (key, label) = (sample.reader.to_string(), sample.printed_name.clone());
        of_reader.entry(Group { by: GroupBy::Reader, key, label }).or_default().push(sample);
    }
    let mut groups: BTreeMap<Group, Vec<Counted>> = BTreeMap::new();
    for (case, samples) in of_case {
        let counted = (case.clone(), outcome(&samples), unable(&samples));
        for group in groups_of(samples[0], read, names) {
            groups.entry(group).or_default().push(counted.clone());
        }
    }
    let reads = |samples: Vec<&QualitySample>| -> Vec<Counted> {
        let one = |sample: &QualitySample| match sample.verdict {
            Verdict::Reject => Outcome::Caught,
            Verdict::CannotJudge => Outcome::Open,
            Verdict::Accept | Verdict::AcceptWithLimitation => Outcome::Missed,
        };
        samples.iter().map(|sample| (sample.case.clone(), one(sample), unable(&[sample]))).collect()
    };
    Sentinels {
        cases: groups.into_iter().map(|(group, counted)| figure(group, &counted)).collect(),
        readers: of_reader.into_iter().map(|(group, samples)| figure(group, &reads(samples))).collect(),
        definitions: definitions(),
    }
}

/// A case, what became of it, and how many reads could not judge.
type Counted = (CaseId, Outcome, u32);

/// One rejection keeps a case from being released; two that accept would have released it.
fn outcome(samples: &[&QualitySample]) -> Outcome {
    let said = |verdict| samples.iter().filter(|sample| sample.verdict == verdict).count();
    if said(Verdict::Reject) > 0 {
        Outcome::Caught
    } else if said(Verdict::Accept) + said(Verdict::AcceptWithLimitation) >= READERS {
        Outcome::Missed
    } else {
        Outcome::Open
    }
}

fn unable(samples: &[&QualitySample]) -> u32 {
    let unable = samples.iter().filter(|sample| sample.verdict == Verdict::CannotJudge).count();
    u32::try_from(unable).unwrap_or(u32::MAX)
}

fn groups_of(sample: &QualitySample, read: &Read, names: &Names) -> Vec<Group> {
    let mut groups =
        vec![Group { by: GroupBy::All, key: "all".to_owned(), label: "all test cases".to_owned() }];
    if let Some((model, deployment)) = read.made_by.get(&sample.run) {
        let called = |name: Option<&String>, id: &str| name.cloned().unwrap_or_else(|| id.to_owned());
        groups.push(Group {
            by: GroupBy::Model,
            key: model.to_string(),
            label: called(names.models.get(model), model.as_str()),
        });
        groups.push(Group {
            by: GroupBy::Deployment,
            key: deployment.to_string(),
            label: called(names.deployments.get(deployment), deployment.as_str()),
        });
    }
    groups
}

fn figure(group: Group, counted: &[Counted]) -> SentinelFigure {
    let of = |wanted: Outcome| -> Vec<CaseId> {
        counted.iter().filter(|(_, outcome, _)| *outcome == wanted).map(|(case, ..)| case.clone()).collect()
    };
    let (caught, missed) = (of(Outcome::Caught), of(Outcome::Missed));
    let (found, all) = (caught.len() as u64, (caught.len() + missed.len()) as u64);
    let rate = (all > 0).then(|| {
        let interval = clopper_pearson(found, all, CONFIDENCE);
        Measured { value: found as f64 / all as f64, low: Some(interval.low), high: Some(interval.high) }
    });
    let number = |count: u64| u32::try_from(count).unwrap_or(u32::MAX);
    SentinelFigure {
        group,
        count: number(all),
        caught: number(found),
        unable: counted.iter().map(|(.., unable)| unable).sum(),
        cases: caught.into_iter().chain(missed.iter().cloned()).collect(),
        missed,
        rate,
    }
}

fn definitions() -> Vec<Definition> {
    let definition = |name: &str, text: &str| Definition { name: name.to_owned(), text: text.to_owned() };
    vec![
        definition(
            "sentinels",
            "Cases that are known to be bad and were given to readers as if they were any other. Caught: at least one \
             reader rejected it. Missed: two accepted it, which would have released it. Cases with fewer final reads \
             are not counted yet. 95 % interval of Clopper and Pearson; few cases say little, and the interval says \
             how little. Test cases can't be released and count in no other figure.",
        ),
        definition(
            "sentinelReaders",
            "Of the reads of test cases by one reader with a verdict, the share that rejected. Reads that could not \
             judge count for neither. For learning, never for ranking: a difference of a few cases is chance.",
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use contract::review::CaseKind;
    use contract::{SeriesId, Time, UserId};

    fn sample(case: u128, reader: u128, verdict: Verdict) -> QualitySample {
        QualitySample {
            case: CaseId::from_bits(case),
            kind: CaseKind::Sentinel,
            of: CaseId::from_bits(1_000 + case),
            run: RunId::from_bits(case % 2),
            series: SeriesId::from_bits(1),
            reader: UserId::from_bits(reader),
            printed_name: format!("Dr. {reader}"),
            verdict,
            agrees: None,
            signed_at: Time::UNIX_EPOCH,
        }
    }

    /// Case 1: caught by one of two. Case 2: missed. Case 3: one accepted so far. Case 4: caught, one could not judge.
    fn read() -> Read {
        let said = [
            (1, 1, Verdict::Reject),
            (1, 2, Verdict::Accept),
            (2, 1, Verdict::Accept),
            (2, 2, Verdict::AcceptWithLimitation),
            (3, 1, Verdict::Accept),
            (4, 1, Verdict::CannotJudge),
            (4, 2, Verdict::Reject),
        ];
        let made_by =
            |run| (RunId::from_bits(run), (ModelVersionId::from_bits(run), DeploymentId::from_bits(7)));
        Read {
            samples: said.map(|(case, reader, verdict)| sample(case, reader, verdict)).into(),
            made_by: [made_by(0), made_by(1)].into(),
        }
    }

    fn of(figures: &[SentinelFigure], by: GroupBy) -> Vec<&SentinelFigure> {
        figures.iter().filter(|figure| figure.group.by == by).collect()
    }

    #[test]
    fn a_case_is_caught_by_one_rejection_and_missed_when_two_would_have_released_it() {
        let found = sentinels(&read(), &Names::default());
        let all = of(&found.cases, GroupBy::All)[0];
        assert_eq!((all.count, all.caught, all.unable), (3, 2, 1));
        assert_eq!(all.missed, [CaseId::from_bits(2)]);
        let rate = all.rate.unwrap();
        // scipy.stats.beta.ppf(0.025, 2, 2) and (0.975, 3, 1).
        assert!((rate.low.unwrap() - 0.094_299_323_9).abs() < 1e-6, "{rate:?}");
        assert!((rate.high.unwrap() - 0.991_596_241_9).abs() < 1e-6, "{rate:?}");
        let models: Vec<(u32, u32)> =
            of(&found.cases, GroupBy::Model).iter().map(|figure| (figure.caught, figure.count)).collect();
        assert_eq!(models, [(1, 2), (1, 1)]);
        assert_eq!(of(&found.cases, GroupBy::Deployment).len(), 1);
    }

    #[test]
    fn a_reader_is_counted_by_verdicts_and_leads_to_what_was_missed() {
        let found = sentinels(&read(), &Names::default());
        let [one, two] = of(&found.readers, GroupBy::Reader)[..] else { panic!("two readers") };
        assert_eq!((one.count, one.caught, one.unable), (3, 1, 1));
        assert_eq!(one.missed, [CaseId::from_bits(2), CaseId::from_bits(3)]);
        assert_eq!((two.count, two.caught, two.unable), (3, 1, 0));
    }

    #[test]
    fn without_test_cases_there_is_no_rate() {
        let found = sentinels(&Read::default(), &Names::default());
        assert!(found.cases.is_empty() && found.readers.is_empty());
    }
}
