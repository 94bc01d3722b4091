//! From a series that is ready to the runs that are asked for.

use crate::site::{Site, ct_series};
use contract::intake::Series;
use contract::rollout::{ChangeUseRule, Demote, Stage, UseRule};
use contract::{Digest, Event, Priority};
use database::scratch::Scratch;

async fn every_matching_deployment_gets_a_run_once_however_often_the_series_is_told(scratch: Scratch) {
    let site = Site::open(&scratch).await;
    let general = site.deploys("chest at general", Stage::General).await;
    let shadow = site.deploys("chest at shadow", Stage::Shadow).await;
    let ready = site.has_ready(ct_series(1)).await;
    let runs = site.tells("run.requested", 2).await;
    for (deployment, stage) in [(general, Stage::General), (shadow, Stage::Shadow)] {
        let of_it = |event: &Event| {
            matches!(event, Event::RunRequested { deployment: of, stage: at, .. }
            if *of == deployment && *at == stage)
        };
        assert_eq!(runs.iter().filter(|run| of_it(&run.event)).count(), 1);
    }
    assert!(runs.iter().all(|run| run.causation.as_deref() == Some(ready.id.as_str())));

    // The same event again, and a new event about the same set of instances: no further run.
    site.publishes(&ready).await;
    site.has_ready(ct_series(1)).await;
    site.has_ready(ct_series(2)).await;
    let runs = site.tells("run.requested", 4).await;
    assert_eq!(runs.len(), 4);
}

async fn a_run_is_wanted_as_soon_as_the_scanner_says_or_else_the_rule(scratch: Scratch) {
    let site = Site::open(&scratch).await;
    let id = site.deploys("chest", Stage::General).await;
    let asked = async |number: u128, word: &str, runs: usize| {
        let requested_procedure_priority = word.to_owned();
        site.has_ready(Series { requested_procedure_priority, ..ct_series(number) }).await;
        let told = site.tells("run.requested", runs).await;
        match &told.last().unwrap().event {
            Event::RunRequested { priority, .. } => *priority,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(asked(1, "STAT", 1).await, Priority::Stat);
    assert_eq!(asked(2, "", 2).await, Priority::Routine);
    let rule = UseRule { priority: Priority::OffPeak, ..site.deployment(&id).await.rule };
    let change = ChangeUseRule { rule, reason: "at night".to_owned(), matched_seen: 2, looked_at: 50 };
    let version = site.administrator().rollout().use_rule_change(&id, &change).await.unwrap();
    assert_eq!(version.difference, ["+ priority off-peak"]);
    assert_eq!(asked(3, "", 3).await, Priority::OffPeak);
    assert_eq!(asked(4, "HIGH", 4).await, Priority::Urgent);
}

async fn a_series_that_nobody_wants_says_which_rule_failed(scratch: Scratch) {
    let site = Site::open(&scratch).await;
    site.deploys("chest", Stage::General).await;
    let mr = Series { modality: "MR".to_owned(), ..ct_series(1) };
    site.has_ready(mr.clone()).await;
    site.tells("series.unmatched", 1).await;
    let routings = site.quality().rollout().routing_batch(vec![mr.id]).await.unwrap();
    let outcome = &routings[0].outcomes[0];
    assert!(!outcome.matched);
    assert_eq!(outcome.failed_rule.as_deref(), Some("Modality is MR, wanted is CT"));
}

async fn a_changed_set_of_instances_is_a_new_run_and_the_outdated_event_none(scratch: Scratch) {
    let site = Site::open(&scratch).await;
    site.deploys("chest", Stage::General).await;
    let outdated = site.has_ready(ct_series(1)).await;
    site.tells("run.requested", 1).await;
    let changed = Series { source_set: Some(Digest::of(b"one more instance")), ..ct_series(1) };
    site.has_ready(changed).await;
    let runs = site.tells("run.requested", 2).await;
    assert_ne!(runs[0].subject, runs[1].subject);
    let repeated = contract::Envelope { id: contract::EventId::from_bits(77), ..outdated };
    site.publishes(&repeated).await;
    site.has_ready(ct_series(2)).await;
    assert_eq!(site.tells("run.requested", 3).await.len(), 3);
}

async fn a_series_whose_event_the_bus_lost_is_routed_all_the_same(scratch: Scratch) {
    let site = Site::open(&scratch).await;
    site.deploys("chest", Stage::General).await;
    let lost = site.has_ready_but_the_bus_loses_it(ct_series(1));
    let runs = site.tells("run.requested", 1).await;
    assert_eq!(runs[0].causation.as_deref(), Some(lost.id.as_str()));
    // It comes after all, and changes nothing.
    site.publishes(&lost).await;
    site.has_ready(ct_series(2)).await;
    assert_eq!(site.tells("run.requested", 2).await.len(), 2);
}

async fn a_suspended_deployment_gets_no_run(scratch: Scratch) {
    let site = Site::open(&scratch).await;
    let chest = site.deploys("chest", Stage::General).await;
    let demotion = Demote { stage: Stage::Suspended, reason: String::new() };
    site.quality().rollout().demote(&chest, &demotion).await.unwrap();
    site.has_ready(ct_series(1)).await;
    site.tells("series.unmatched", 1).await;
}

async fn r24_a_series_of_one_slice_is_passed_over_and_says_why(scratch: Scratch) {
    let site = Site::open(&scratch).await;
    site.deploys("chest", Stage::General).await;
    let of = |number, slices| Series { instance_count: slices, ..ct_series(number) };
    let short = of(1, 1);
    site.has_ready(short.clone()).await;
    site.tells("series.unmatched", 1).await;
    let routed = site.called_by("gateway").routing_batch(vec![short.id]).await.unwrap();
    assert_eq!(routed[0].outcomes[0].failed_rules, ["the series has 1 images, the model needs at least 2"]);
    site.has_ready(of(2, 2)).await;
    assert_eq!(site.tells("run.requested", 1).await.len(), 1);
}

database::on_both_databases!(
    r24_a_series_of_one_slice_is_passed_over_and_says_why,
    every_matching_deployment_gets_a_run_once_however_often_the_series_is_told,
    a_run_is_wanted_as_soon_as_the_scanner_says_or_else_the_rule,
    a_series_that_nobody_wants_says_which_rule_failed,
    a_changed_set_of_instances_is_a_new_run_and_the_outdated_event_none,
    a_series_whose_event_the_bus_lost_is_routed_all_the_same,
    a_suspended_deployment_gets_no_run,
);
