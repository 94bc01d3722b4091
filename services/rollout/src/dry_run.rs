//! What a rule would have made of series that came before: a function of values.

use crate::router::{self, Traffic};
use crate::scanners::{Sites, difference};
use contract::intake::Series;
use contract::rollout::{Deployment, DryRun, DryRunSeries, SiteDeployment, SitePreview, SiteSeries, UseRule};
use contract::{DeploymentId, Time};
use std::collections::HashMap;

/// What stands around a deployment that is run dry.
#[derive(Debug, Clone, Copy)]
pub struct Around<'a> {
    /// Every deployment.
    pub deployments: &'a [Deployment],
    /// The registered sites.
    pub sites: &'a Sites,
}

/// What `deployment` would have made of `series` in what stands `around` it, under the rule that it has here and under the one in
/// force, if there is one. The series come with when they were routed, newest first; daily numbers are counted among
/// them.
pub fn dry_run(
    deployment: &Deployment,
    in_force: Option<&UseRule>,
    around: Around<'_>,
    series: &[(Series, Time)],
) -> DryRun {
    let present = in_force.map(|rule| Deployment { rule: rule.clone(), ..deployment.clone() });
    let (mut with_rule, mut with_present) = (Days::default(), Days::default());
    let mut rows = Vec::with_capacity(series.len());
    for (series, routed_at) in series.iter().rev() {
        let failed_rules = with_rule.failed(series, deployment, around.sites, *routed_at);
        let matches_now = present
            .as_ref()
            .is_some_and(|present| with_present.failed(series, present, around.sites, *routed_at).is_empty());
        let matched = failed_rules.is_empty();
        let quiet = Traffic { at: *routed_at, taken_today: 0 };
        let wants = |other: &&Deployment| {
            other.id != deployment.id && router::failed_rules(series, other, around.sites, quiet).is_empty()
        };
        let overlaps = around.deployments.iter().filter(wants).map(|other| other.name.clone()).collect();
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

/// What the deployments of `site` would have made of `series` if the sites were those of `then`, and what they make of
/// them as the sites of `around` are. The series come as to a dry run.
pub fn site_preview(site: &str, then: &Sites, around: Around<'_>, series: &[(Series, Time)]) -> SitePreview {
    let at_site = around.deployments.iter().filter(|deployment| deployment.site == site);
    let mut rows: Vec<(&Deployment, SiteDeployment)> = at_site.map(|one| (one, counted(one))).collect();
    let (mut days_then, mut days_now) = (Days::default(), Days::default());
    let mut differing = Vec::new();
    for (series, routed_at) in series.iter().rev() {
        let (mut gained_by, mut lost_by) = (Vec::new(), Vec::new());
        for (deployment, row) in &mut rows {
            let takes = days_then.failed(series, deployment, then, *routed_at).is_empty();
            let takes_now = days_now.failed(series, deployment, around.sites, *routed_at).is_empty();
            row.matched += u32::from(takes);
            row.matched_now += u32::from(takes_now);
            match (takes_now, takes) {
                (false, true) => gained_by.push(deployment.name.clone()),
                (true, false) => lost_by.push(deployment.name.clone()),
                _ => {}
            }
        }
        if !gained_by.is_empty() || !lost_by.is_empty() {
            differing.push(SiteSeries {
                series: series.id.clone(),
                study: series.study.clone(),
                sender: series.sender.clone(),
                manufacturer: series.manufacturer.clone(),
                manufacturer_model_name: series.manufacturer_model_name.clone(),
                series_description: series.series_description.clone(),
                routed_at: *routed_at,
                gained_by,
                lost_by,
            });
        }
    }
    differing.reverse();
    SitePreview {
        follows: 0,
        difference: difference(then.of(site).unwrap_or_default(), around.sites.of(site).unwrap_or_default()),
        looked_at: series.len() as u32,
        differing: differing.len() as u32,
        deployments: rows.into_iter().map(|(_, row)| row).collect(),
        series: differing,
    }
}

fn counted(deployment: &Deployment) -> SiteDeployment {
    SiteDeployment {
        deployment: deployment.id.clone(),
        name: deployment.name.clone(),
        stage: deployment.stage,
        matched_now: 0,
        matched: 0,
    }
}

/// How many of a deployment were taken on each day of its site.
#[derive(Default)]
struct Days(HashMap<(DeploymentId, Time), u32>);

impl Days {
    fn failed(&mut self, series: &Series, deployment: &Deployment, sites: &Sites, at: Time) -> Vec<String> {
        let day = (deployment.id.clone(), router::day_start(&deployment.rule, at));
        let taken = self.0.entry(day).or_default();
        let failed = router::failed_rules(series, deployment, sites, Traffic { at, taken_today: *taken });
        *taken += u32::from(failed.is_empty());
        failed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::router::tests::{chest_ct, chest_rule, deployment};
    use crate::scanners::tests::{registered, scanner};
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

    /// No other deployment.
    fn alone(sites: &Sites) -> Around<'_> {
        Around { deployments: &[], sites }
    }

    fn of(rule: &UseRule) -> Deployment {
        deployment(rule.clone(), Stage::Pilot)
    }

    #[test]
    fn a_deployment_that_does_not_exist_yet_takes_nothing_now_and_shows_its_whole_rule() {
        let run = dry_run(&of(&chest_rule()), None, alone(&Sites::default()), &[came(2, 3.0), came(1, 1.0)]);
        assert_eq!((run.matched, run.matched_now), (2, 0));
        assert_eq!(run.difference.len(), chest_rule().lines().len());
        assert!(run.difference.iter().all(|line| line.starts_with("+ ")));
    }

    #[test]
    fn a_dry_run_says_what_matches_what_does_not_and_why() {
        let present = deployment(chest_rule(), Stage::Pilot);
        let thin = UseRule { slice_thickness_mm_max: Some(1.5), ..chest_rule() };
        let run =
            dry_run(&of(&thin), Some(&present.rule), alone(&Sites::default()), &[came(2, 3.0), came(1, 1.0)]);
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
        let run = dry_run(
            &present,
            Some(&present.rule),
            Around { deployments: &[present.clone(), other], sites: &Sites::default() },
            &[came(1, 1.0)],
        );
        assert_eq!(run.series[0].overlaps, ["all chests"]);
        assert_eq!(run.overlapping, 1);
    }

    #[test]
    fn daily_numbers_are_counted_from_the_first_series_of_each_day() {
        let present = deployment(chest_rule(), Stage::Pilot);
        let two = UseRule { daily_max: Some(2), ..chest_rule() };
        let series: Vec<_> = (1..=30).rev().map(|hour| came(hour, 1.0)).collect();
        let run = dry_run(&of(&two), Some(&present.rule), alone(&Sites::default()), &series);
        let taken: Vec<_> = run.series.iter().filter(|row| row.matched).map(|row| row.routed_at).collect();
        let expected: Vec<_> = [25, 24, 2, 1].map(|hour| Time::UNIX_EPOCH + TimeDelta::hours(hour)).into();
        assert_eq!(taken, expected);
    }

    #[test]
    fn r24_a_dry_run_says_which_series_are_too_short_for_the_model() {
        let present = deployment(UseRule { instance_count_min: 0, ..chest_rule() }, Stage::Pilot);
        let (mut one, at) = came(1, 1.0);
        one.instance_count = 1;
        let run =
            dry_run(&present, Some(&present.rule), alone(&Sites::default()), &[came(2, 1.0), (one, at)]);
        assert_eq!((run.looked_at, run.matched, run.matched_now), (2, 1, 1));
        assert_eq!(run.series[1].failed_rules, ["the series has 1 images, the model needs at least 2"]);
    }

    /// A series of a scanner, so many hours after the first.
    fn sent(number: u128, sender: &str) -> (Series, Time) {
        let (series, at) = came(number, 1.0);
        (Series { sender: sender.to_owned(), ..series }, at)
    }

    #[test]
    fn a_change_of_a_site_says_which_deployments_and_series_it_concerns() {
        let at = |name: &str, site: &str, id| Deployment {
            id: DeploymentId::from_bits(id),
            name: name.to_owned(),
            site: site.to_owned(),
            ..deployment(chest_rule(), Stage::Pilot)
        };
        let deployments = [at("chest", "north", 1), at("other", "south", 2)];
        let now = registered("north", vec![scanner("CT1", "room 1", &[])]);
        let then = now.with("north", vec![scanner("CT2", "room 2", &[])]);
        let around = Around { deployments: &deployments, sites: &now };
        let series = [sent(3, "CT3"), sent(2, "CT2"), sent(1, "CT1")];
        let preview = site_preview("north", &then, around, &series);
        assert_eq!((preview.looked_at, preview.differing, preview.deployments.len()), (3, 2, 1));
        let one = &preview.deployments[0];
        assert_eq!((one.name.as_str(), one.matched_now, one.matched), ("chest", 1, 1));
        assert_eq!((preview.series[0].sender.as_str(), preview.series[0].gained_by.len()), ("CT2", 1));
        assert_eq!(
            (preview.series[1].sender.as_str(), &preview.series[1].lost_by[..]),
            ("CT1", &["chest".to_owned()][..])
        );
        assert_eq!(
            preview.difference,
            ["\u{2212} scanner room 1: sent by CT1", "+ scanner room 2: sent by CT2"]
        );
        // A site that is registered for the first time: until now its deployments took what anybody sent.
        let first = Around { deployments: &deployments, sites: &Sites::default() };
        let preview = site_preview("north", &now, first, &series);
        assert_eq!(
            (preview.differing, preview.deployments[0].matched_now, preview.deployments[0].matched),
            (2, 3, 1)
        );
    }

    #[test]
    fn a_dry_run_passes_over_what_no_scanner_of_the_site_sent() {
        let sites = registered("main", vec![scanner("CT1", "room 1", &[])]);
        let run = dry_run(&of(&chest_rule()), None, alone(&sites), &[sent(2, "CT2"), sent(1, "CT1")]);
        assert_eq!((run.matched, run.series[0].failed_rules.len()), (1, 1));
        assert!(run.series[0].failed_rules[0].contains("no scanner of the site main"));
    }

    proptest! {
        #[test]
        fn a_preview_counts_what_the_router_would_do(
            senders in prop::collection::vec(0_u8..4, 0..30), now in prop::option::of(0_u8..4), then in 0_u8..4,
        ) {
            let of = |number: u8| vec![scanner(&format!("CT{number}"), "room", &[])];
            let sites = now.map_or_else(Sites::default, |number| registered("main", of(number)));
            let deployments = [deployment(chest_rule(), Stage::General)];
            let series: Vec<_> = senders.iter().enumerate()
                .map(|(number, sender)| sent(number as u128, &format!("CT{sender}")))
                .collect();
            let around = Around { deployments: &deployments, sites: &sites };
            let preview = site_preview("main", &sites.with("main", of(then)), around, &series);
            let taken = |wanted: Option<u8>| {
                senders.iter().filter(|sender| wanted.is_none_or(|wanted| wanted == **sender)).count() as u32
            };
            let row = &preview.deployments[0];
            prop_assert_eq!((row.matched_now, row.matched), (taken(now), taken(Some(then))));
            let moved = senders.iter().filter(|sender| {
                now.is_none_or(|now| now == **sender) != (then == **sender)
            });
            prop_assert_eq!(preview.differing as usize, moved.count());
        }

        #[test]
        fn the_present_rule_dry_run_matches_what_it_matches_now(thicknesses in prop::collection::vec(0.5..9.0, 0..40)) {
            let present = deployment(chest_rule(), Stage::General);
            let series: Vec<_> =
                thicknesses.iter().enumerate().map(|(number, mm)| came(number as u128, *mm)).collect();
            let run = dry_run(&present, Some(&present.rule), alone(&Sites::default()), &series);
            prop_assert_eq!(run.matched, run.matched_now);
            prop_assert!(run.series.iter().all(|row| row.matched == row.failed_rules.is_empty()));
            prop_assert!(run.difference.is_empty());
        }
    }
}
