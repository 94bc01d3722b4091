//! What a rule would have made of series that came before: a function of values.

use crate::router::{self, Traffic};
use contract::intake::Series;
use contract::rollout::{Deployment, DryRun, DryRunSeries, UseRule};
use contract::{DeploymentId, Time};
use std::collections::HashMap;

/// What `deployment` would have made of `series` beside `others`, under the rule that it has here and under the one in
/// force, if there is one. The series come with when they were routed, newest first; daily numbers are counted among
/// them.
pub fn dry_run(
    deployment: &Deployment,
    in_force: Option<&UseRule>,
    others: &[Deployment],
    series: &[(Series, Time)],
) -> DryRun {
    let present = in_force.map(|rule| Deployment { rule: rule.clone(), ..deployment.clone() });
    let (mut with_rule, mut with_present) = (Days::default(), Days::default());
    let mut rows = Vec::with_capacity(series.len());
    for (series, routed_at) in series.iter().rev() {
        let failed_rules = with_rule.failed(series, deployment, *routed_at);
        let matches_now = present
            .as_ref()
            .is_some_and(|present| with_present.failed(series, present, *routed_at).is_empty());
        let matched = failed_rules.is_empty();
        let quiet = Traffic { at: *routed_at, taken_today: 0 };
        let wants = |other: &&Deployment| {
            other.id != deployment.id && router::failed_rules(series, other, quiet).is_empty()
        };
        let overlaps = others.iter().filter(wants).map(|other| other.name.clone()).collect();
        rows.push(DryRunSeries {
            series: series.id.clone(),
            study: series.study.clone(),
            modality: series.modality.clone(),
            body_part_examined: series.body_part_examined.clone(),
            series_description: series.series_description.clone(),
            slice_thickness_mm: series.slice_thickness_mm,
            field_strength_t: series.field_strength().tesla(),
            routed_at: *routed_at,
            matched,
            matches_now,
            failed_rules,
            overlaps,
        });
    }
    rows.reverse();
    let count = |wanted: fn(&DryRunSeries) -> bool| rows.iter().filter(|row| wanted(row)).count() as u32;
    DryRun {
        looked_at: rows.len() as u32,
        matched: count(|row| row.matched),
        matched_now: count(|row| row.matches_now),
        overlapping: count(|row| row.matched && !row.overlaps.is_empty()),
        difference: match in_force {
            Some(in_force) => deployment.rule.difference(in_force),
            None => deployment.rule.lines().iter().map(|line| format!("+ {line}")).collect(),
        },
        series: rows,
    }
}

/// How many of a deployment were taken on each day of its site.
#[derive(Default)]
struct Days(HashMap<(DeploymentId, Time), u32>);

impl Days {
    fn failed(&mut self, series: &Series, deployment: &Deployment, at: Time) -> Vec<String> {
        let day = (deployment.id.clone(), router::day_start(&deployment.rule, at));
        let taken = self.0.entry(day).or_default();
        let failed = router::failed_rules(series, deployment, Traffic { at, taken_today: *taken });
        *taken += u32::from(failed.is_empty());
        failed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::router::tests::{chest_ct, chest_rule, deployment};
    use chrono::TimeDelta;
    use contract::rollout::Stage;
    use contract::{SeriesId, StudyId};
    use proptest::prelude::*;

    fn came(number: u128, thickness_mm: f64) -> (Series, Time) {
        let series = Series {
            id: SeriesId::from_bits(number),
            study: StudyId::from_bits(number),
            slice_thickness_mm: Some(thickness_mm),
            ..chest_ct()
        };
        (series, Time::UNIX_EPOCH + TimeDelta::hours(number as i64))
    }

    fn of(rule: &UseRule) -> Deployment {
        deployment(rule.clone(), Stage::Pilot)
    }

    #[test]
    fn a_deployment_that_does_not_exist_yet_takes_nothing_now_and_shows_its_whole_rule() {
        let run = dry_run(&of(&chest_rule()), None, &[], &[came(2, 3.0), came(1, 1.0)]);
        assert_eq!((run.matched, run.matched_now), (2, 0));
        assert_eq!(run.difference.len(), chest_rule().lines().len());
        assert!(run.difference.iter().all(|line| line.starts_with("+ ")));
    }

    #[test]
    fn a_dry_run_says_what_matches_what_does_not_and_why() {
        let present = deployment(chest_rule(), Stage::Pilot);
        let thin = UseRule { slice_thickness_mm_max: Some(1.5), ..chest_rule() };
        let run = dry_run(&of(&thin), Some(&present.rule), &[], &[came(2, 3.0), came(1, 1.0)]);
        assert_eq!((run.looked_at, run.matched, run.matched_now), (2, 1, 2));
        assert_eq!(run.series[0].failed_rules, ["Slice Thickness is 3 mm, wanted is at most 1.5 mm"]);
        assert!(run.series[1].matched && run.difference.len() == 2);
    }

    #[test]
    fn another_deployment_that_wants_the_same_series_is_shown() {
        let present = deployment(chest_rule(), Stage::Pilot);
        let other = Deployment {
            id: DeploymentId::from_bits(2),
            name: "all chests".to_owned(),
            ..deployment(chest_rule(), Stage::General)
        };
        let run = dry_run(&present, Some(&present.rule), &[present.clone(), other], &[came(1, 1.0)]);
        assert_eq!(run.series[0].overlaps, ["all chests"]);
        assert_eq!(run.overlapping, 1);
    }

    #[test]
    fn daily_numbers_are_counted_from_the_first_series_of_each_day() {
        let present = deployment(chest_rule(), Stage::Pilot);
        let two = UseRule { daily_max: Some(2), ..chest_rule() };
        let series: Vec<_> = (1..=30).rev().map(|hour| came(hour, 1.0)).collect();
        let run = dry_run(&of(&two), Some(&present.rule), &[], &series);
        let taken: Vec<_> = run.series.iter().filter(|row| row.matched).map(|row| row.routed_at).collect();
        let expected: Vec<_> = [25, 24, 2, 1].map(|hour| Time::UNIX_EPOCH + TimeDelta::hours(hour)).into();
        assert_eq!(taken, expected);
    }

    #[test]
    fn r24_a_dry_run_says_which_series_are_too_short_for_the_model() {
        let present = deployment(UseRule { instance_count_min: 0, ..chest_rule() }, Stage::Pilot);
        let (mut one, at) = came(1, 1.0);
        one.instance_count = 1;
        let run = dry_run(&present, Some(&present.rule), &[], &[came(2, 1.0), (one, at)]);
        assert_eq!((run.looked_at, run.matched, run.matched_now), (2, 1, 1));
        assert_eq!(run.series[1].failed_rules, ["the series has 1 images, the model needs at least 2"]);
    }

    proptest! {
        #[test]
        fn the_present_rule_dry_run_matches_what_it_matches_now(thicknesses in prop::collection::vec(0.5..9.0, 0..40)) {
            let present = deployment(chest_rule(), Stage::General);
            let series: Vec<_> =
                thicknesses.iter().enumerate().map(|(number, mm)| came(number as u128, *mm)).collect();
            let run = dry_run(&present, Some(&present.rule), &[], &series);
            prop_assert_eq!(run.matched, run.matched_now);
            prop_assert!(run.series.iter().all(|row| row.matched == row.failed_rules.is_empty()));
            prop_assert!(run.difference.is_empty());
        }
    }
}
