//! How the reading of cases was scored, counted by what made the images. Pure.
//!
//! A score is about how a case was read, and so about people: no group is made of readers, no count leads to cases, and a
//! small group shows none.

use crate::figures::Names;
use contract::audit::{Definition, Group, GroupBy, ScoreCount, ScoreFigure, Scores};
use contract::review::{Radpeer, ScoredCase};
use std::collections::BTreeMap;

const UNKNOWN: &str = "unknown";

/// The counts over `cases`; a group of fewer than `minimum` shows none.
pub fn scores(cases: &[ScoredCase], names: &Names, minimum: u32) -> Scores {
    let mut groups: BTreeMap<Group, Vec<&ScoredCase>> = BTreeMap::new();
    for case in cases {
        for group in groups_of(case, names) {
            groups.entry(group).or_default().push(case);
        }
    }
    Scores {
        figures: groups.into_iter().map(|(group, cases)| figure(group, &cases, minimum)).collect(),
        minimum,
        definitions: definitions(minimum),
    }
}

fn groups_of(case: &ScoredCase, names: &Names) -> [Group; 4] {
    let name = |known: Option<&String>| known.map_or_else(|| UNKNOWN.to_owned(), Clone::clone);
    let month = case.ended_at.format("%Y-%m").to_string();
    [
        (GroupBy::All, "all".to_owned(), "all cases".to_owned()),
        (GroupBy::Model, case.model.to_string(), name(names.models.get(&case.model))),
        (GroupBy::Deployment, case.deployment.to_string(), name(names.deployments.get(&case.deployment))),
        (GroupBy::Month, month.clone(), month),
    ]
    .map(|(by, key, label)| Group { by, key, label })
}

fn figure(group: Group, cases: &[&ScoredCase], minimum: u32) -> ScoreFigure {
    let given = |score: Radpeer| {
        let scores = cases.iter().flat_map(|case| &case.scores);
        number(scores.filter(|one| **one == score).count())
    };
    let counts = Radpeer::ALL.map(|score| ScoreCount { score, count: given(score) });
    let shown = cases.len() >= minimum as usize;
    ScoreFigure { group, cases: number(cases.len()), counts: shown.then(|| counts.into()) }
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

fn definitions(minimum: u32) -> Vec<Definition> {
    let definition = |name: &str, text: String| Definition { name: name.to_owned(), text };
    vec![
        definition(
            "scores",
            "The scores that stand on patients' cases which their reads ended in the period: of each person who scored a \
             case the last one. Scores are given by people of quality who read none of its images, knowing how it ended: \
             they are material for learning and no measure of a model or of anybody."
                .to_owned(),
        ),
        definition(
            "radpeer",
            "RADPEER of the American College of Radiology (2016): 1, one would have read it so; 2, read otherwise, as is \
             understandable; 3, read otherwise, where most would have read it rightly; a, unlikely to matter for the \
             patient; b, likely to."
                .to_owned(),
        ),
        definition("minimum", format!("Groups of fewer than {minimum} cases show a count and nothing else.")),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use contract::{CaseId, DeploymentId, ModelVersionId};
    use proptest::prelude::*;

    const MINIMUM: u32 = 10;

    fn case(number: u128, model: u128, month: u32, scores: &[Radpeer]) -> ScoredCase {
        ScoredCase {
            case: CaseId::from_bits(number),
            model: ModelVersionId::from_bits(model),
            deployment: DeploymentId::from_bits(model),
            ended_at: format!("2026-{month:02}-15T08:00:00Z").parse().unwrap(),
            scores: scores.to_vec(),
        }
    }

    #[test]
    fn scores_are_counted_by_what_made_the_images_and_never_in_small_groups() {
        let first = (0..10).map(|number| case(number, 1, 10, &[Radpeer::One]));
        let second = (10..15).map(|number| case(number, 2, 11, &[Radpeer::ThreeB, Radpeer::TwoA]));
        let cases: Vec<ScoredCase> = first.chain(second).collect();
        let scores = scores(&cases, &Names::default(), MINIMUM);
        let of = |by, key: &str| {
            let found = scores.figures.iter().find(|figure| figure.group.by == by && figure.group.key == key);
            let counts = found.unwrap().counts.as_ref();
            counts.map(|counts| counts.iter().map(|one| one.count).collect::<Vec<_>>())
        };
        assert_eq!(of(GroupBy::All, "all"), Some(vec![10, 5, 0, 0, 5]));
        assert_eq!(of(GroupBy::Model, ModelVersionId::from_bits(1).as_str()), Some(vec![10, 0, 0, 0, 0]));
        assert_eq!(of(GroupBy::Model, ModelVersionId::from_bits(2).as_str()), None);
        assert_eq!(of(GroupBy::Month, "2026-11"), None);
    }

    proptest! {
        /// Whatever was scored: nothing leads to a case or a person, and no small group shows a count.
        #[test]
        fn no_count_leads_to_a_case(
            drawn in proptest::collection::vec((1_u128..4, 1_u32..4, 0_usize..5), 0..40),
        ) {
            let cases: Vec<ScoredCase> = (0..)
                .zip(&drawn)
                .map(|(number, (model, month, score))| case(number, *model, *month, &[Radpeer::ALL[*score]]))
                .collect();
            let found = scores(&cases, &Names::default(), MINIMUM);
            for figure in &found.figures {
                prop_assert_eq!(figure.counts.is_some(), figure.cases >= MINIMUM);
                let allowed = [GroupBy::All, GroupBy::Model, GroupBy::Deployment, GroupBy::Month];
                prop_assert!(allowed.contains(&figure.group.by));
                if let Some(counts) = &figure.counts {
                    prop_assert_eq!(counts.iter().map(|one| one.count).sum::<u32>(), figure.cases);
                }
            }
            let text = serde_json::to_string(&found).unwrap();
            prop_assert!(!text.contains("case_") && !text.contains("user_"), "{}", text);
        }
    }
}
