//! A run that would wait too long at its pool waits here, is shown, and goes on when the pool has room: none is lost.

use crate::site::{Site, ct_series};
use contract::intake::Series;
use contract::rollout::{Demote, Stage};
use contract::{Digest, Event, Role};
use database::scratch::Scratch;
use std::time::{Duration, Instant};

const MINUTES: u32 = 60;

async fn limited(scratch: &Scratch) -> Site {
    Site::open_limited(scratch, contract::rollout::GatePolicy::demo(), MINUTES).await
}

async fn waits(site: &Site, count: usize) -> Vec<contract::rollout::CapacityWait> {
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        let waits = site.quality().rollout().capacity_waits().await.unwrap();
        if waits.len() == count {
            return waits;
        }
        assert!(Instant::now() < deadline, "{} wait, not {count}", waits.len());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn what_a_pool_has_no_room_for_waits_and_goes_on_without_being_sent_again(scratch: Scratch) {
    let site = limited(&scratch).await;
    let chest = site.deploys("chest", Stage::General).await;
    site.pools(Some((2.0 * 3600.0, 1800.0)));
    let series: Vec<Series> = (1..=4).map(ct_series).collect();
    for one in &series {
        site.has_ready(one.clone()).await;
    }
    let told = site.tells("capacity.waits", 4).await;
    let first = &told[0].event;
    assert!(
        matches!(first, Event::CapacityWaits { deployment, expected_minutes: 120, .. } if *deployment == chest)
    );
    let waiting = waits(&site, 4).await;
    assert!(waiting.iter().all(|wait| wait.deployment == chest));
    let routings = site.quality().rollout().routing_batch(vec![series[0].id.clone()]).await.unwrap();
    let reason = routings[0].outcomes[0].failed_rule.clone().unwrap();
    assert!(reason.contains("waits for capacity") && reason.contains("120 minutes"), "{reason}");
    let nobody = site.person(9, &[Role::Radiologist]);
    assert!(nobody.rollout().capacity_waits().await.is_err());

    // Half an hour is free: the oldest go in first.
    site.pools(Some((1800.0, 1800.0)));
    let runs = site.tells("run.requested", 2).await;
    let oldest: Vec<_> = runs.iter().map(|run| run.causation.clone()).collect();
    let causes: Vec<_> = told[..2].iter().map(|wait| wait.causation.clone()).collect();
    assert_eq!(oldest[..2], causes);
    site.pools(Some((0.0, 60.0)));
    let runs = site.tells("run.requested", 4).await;
    assert_eq!(runs.len(), 4);
    waits(&site, 0).await;
    let routings = site.quality().rollout().routing_batch(vec![series[3].id.clone()]).await.unwrap();
    assert!(routings[0].outcomes[0].matched, "{:?}", routings[0].outcomes[0]);
    assert!(site.tells("series.unmatched", 0).await.is_empty());
}

async fn while_generation_is_away_routing_is_tried_again(scratch: Scratch) {
    let site = limited(&scratch).await;
    site.deploys("chest", Stage::General).await;
    site.pools(None);
    site.has_ready(ct_series(1)).await;
    let deadline = Instant::now() + Duration::from_secs(30);
    while site.capacity_asked() < 2 {
        assert!(Instant::now() < deadline, "it was not tried again");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(site.tells("run.requested", 0).await.is_empty());
    site.pools(Some((0.0, 60.0)));
    assert_eq!(site.tells("run.requested", 1).await.len(), 1);
}

async fn what_changed_or_is_no_longer_wanted_stops_waiting_and_says_so(scratch: Scratch) {
    let site = limited(&scratch).await;
    let chest = site.deploys("chest", Stage::General).await;
    site.pools(Some((2.0 * 3600.0, 1800.0)));
    site.has_ready(ct_series(1)).await;
    waits(&site, 1).await;
    let changed = Series { source_set: Some(Digest::of(b"one more instance")), ..ct_series(1) };
    site.has_ready(changed).await;
    waits(&site, 2).await;
    let demotion = Demote { stage: Stage::Suspended, reason: String::new() };
    site.quality().rollout().demote(&chest, &demotion).await.unwrap();
    site.pools(Some((0.0, 60.0)));
    let ended = site.tells("capacity.wait_ended", 2).await;
    let mut reasons: Vec<String> = ended
        .iter()
        .filter_map(|told| match &told.event {
            Event::CapacityWaitEnded { reason_code, .. } => Some(reason_code.clone()),
            _ => None,
        })
        .collect();
    reasons.sort_unstable();
    assert_eq!(reasons, ["not_wanted", "series_changed"]);
    assert!(site.tells("run.requested", 0).await.is_empty());
}

async fn what_is_stat_goes_on_while_what_is_routine_waits(scratch: Scratch) {
    let site = limited(&scratch).await;
    site.deploys("chest", Stage::General).await;
    site.pools(Some((2.0 * 3600.0, 1800.0)));
    site.has_ready(ct_series(1)).await;
    site.tells("capacity.waits", 1).await;
    let stat = Series { requested_procedure_priority: "STAT".to_owned(), ..ct_series(2) };
    let asked = site.has_ready(stat).await;
    let runs = site.tells("run.requested", 1).await;
    assert_eq!(runs[0].causation, Some(asked.id.to_string()));
    assert_eq!(site.tells("capacity.waits", 1).await.len(), 1);
}

async fn without_a_limit_no_pool_is_asked(scratch: Scratch) {
    let site = Site::open(&scratch).await;
    site.deploys("chest", Stage::General).await;
    site.pools(Some((1e9, 1e6)));
    site.has_ready(ct_series(1)).await;
    site.tells("run.requested", 1).await;
    assert_eq!(site.capacity_asked(), 0);
}

database::on_both_databases!(
    what_a_pool_has_no_room_for_waits_and_goes_on_without_being_sent_again,
    while_generation_is_away_routing_is_tried_again,
    what_changed_or_is_no_longer_wanted_stops_waiting_and_says_so,
    what_is_stat_goes_on_while_what_is_routine_waits,
    without_a_limit_no_pool_is_asked,
);
