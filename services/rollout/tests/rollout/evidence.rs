//! What a gate asks of groups of patients, of the map of uncertainty and of the ledger, gathered from those who know.

use crate::site::{Site, refusal};
use actix_web::web::{Data, Json, ServiceConfig, get, post};
use contract::audit::WitnessHealth;
use contract::client::Batch;
use contract::generation::{Region, RegionKind, Run, RunState};
use contract::intake::Subgroups;
use contract::review::{CountedCase, ReadCounts};
use contract::rollout::{Bounds, CountedBy, CountedCases, CountedQuery, Criterion, GatePolicy, Stage};
use contract::{
    CaseId, DeploymentId, Digest, ModelVersionId, Priority, Role, RunId, SeriesId, StudyId, Time,
};
use database::scratch::Scratch;
use std::sync::Mutex;

/// What intake, generation and audit know.
#[derive(Default)]
pub(crate) struct Around {
    groups: Mutex<Vec<Subgroups>>,
    runs: Mutex<Vec<Run>>,
    witness: Mutex<Option<WitnessHealth>>,
}

pub(crate) fn neighbour_routes(config: &mut ServiceConfig) {
    config
        .route("/v1/series/subgroups", post().to(subgroups))
        .route("/v1/runs/batch", post().to(run_batch))
        .route("/v1/ledger/witness", get().to(witness));
}

async fn subgroups(around: Data<Around>, batch: Json<Batch<SeriesId>>) -> Json<Vec<Subgroups>> {
    let groups = around.groups.lock().unwrap();
    Json(groups.iter().filter(|of| batch.ids.contains(&of.series)).cloned().collect())
}

async fn run_batch(around: Data<Around>, batch: Json<Batch<RunId>>) -> Json<Vec<Run>> {
    let runs = around.runs.lock().unwrap();
    Json(runs.iter().filter(|run| batch.ids.contains(&run.id)).cloned().collect())
}

async fn witness(around: Data<Around>) -> Json<Option<WitnessHealth>> {
    Json(around.witness.lock().unwrap().clone())
}

/// Only what these tests are about.
fn policy() -> GatePolicy {
    let demo = GatePolicy::demo();
    let bounds = Bounds {
        covered_share_min: 0.8,
        covered_findings_min: 20,
        subgroup_gap_max: 0.1,
        subgroup_ended_min: 30,
        witness_hours_max: 24,
        ..demo.pilot.clone()
    };
    GatePolicy { pilot: bounds, ..demo }
}

fn run(number: u128, regions: Vec<Region>) -> Run {
    Run {
        id: RunId::from_bits(number),
        deployment: DeploymentId::from_bits(1),
        model: ModelVersionId::from_bits(1),
        stage: Stage::Shadow,
        series: SeriesId::from_bits(number),
        study: StudyId::from_bits(1),
        source_set: Digest::of(b"sources"),
        priority: Priority::Routine,
        state: RunState::Completed,
        attempt: 1,
        progress: 1.0,
        failure: None,
        requested_at: Time::UNIX_EPOCH,
        ended_at: None,
        scores: None,
        cost: None,
        case_digest: None,
        volumes: None,
        derived: Vec::new(),
        regions,
    }
}

/// `each` accepted cases of women and as many of men, of which this many were accepted.
fn reads(site: &Site, each: u32, accepted_of_men: u32) -> ReadCounts {
    let mut groups = site.around.groups.lock().unwrap();
    groups.clear();
    let cases: Vec<CountedCase> = (0..2 * each)
        .map(|number| {
            let series = SeriesId::from_bits(u128::from(number));
            let sex = if number < each { "F" } else { "M" }.to_owned();
            let (age, scanner) = (String::new(), String::new());
            groups.push(Subgroups { series: series.clone(), sex, age, scanner });
            let accepted = number < each + accepted_of_men;
            CountedCase {
                case: CaseId::from_bits(u128::from(number)),
                run: RunId::from_bits(u128::from(number)),
                series,
                accepted,
                discordant: false,
                critical_findings: 0,
                findings_mm: Vec::new(),
            }
        })
        .collect();
    let (ended, accepted) = (2 * each, each + accepted_of_men);
    ReadCounts { ended, accepted, discordant: 0, critical_findings: 0, readers: 2, cases }
}

async fn criterion(site: &Site, deployment: &DeploymentId, name: &str) -> Criterion {
    let shown = site.administrator().rollout().deployment(deployment).await.unwrap().unwrap();
    let criteria = shown.gate.unwrap().criteria;
    criteria.into_iter().find(|criterion| criterion.name.contains(name)).unwrap()
}

async fn a_model_that_serves_men_worse_does_not_go_on(scratch: Scratch) {
    let site = Site::open_under(&scratch, policy()).await;
    let chest = site.deploys("chest", Stage::Shadow).await;
    site.reads(reads(&site, 300, 298));
    let alike = criterion(&site, &chest, "by sex").await;
    assert!(alike.held && alike.value.is_some(), "{alike:?}");
    // More than are asked for at once, and the last of them count.
    site.reads(reads(&site, 300, 240));
    let worse = criterion(&site, &chest, "by sex").await;
    assert!(!worse.held && worse.name.contains("M less all others"), "{worse:?}");
    assert!((worse.value.unwrap() + 0.2).abs() < 1e-9);
    assert!(criterion(&site, &chest, "by age").await.note.contains("unknown in 600 cases"));

    let men = &worse.parts[0];
    assert_eq!((men.by, men.label.as_str(), men.cases), (CountedBy::Sex, "M", 300));
    let query = CountedQuery { by: men.by, group: men.group.clone() };
    let behind = site.quality().rollout().counted_cases(&chest, &query).await.unwrap();
    let expected = (540..600).chain(300..540).map(CaseId::from_bits).collect();
    let expected = CountedCases { label: "M".to_owned(), total: 300, cases: expected };
    assert_eq!(behind, expected, "exactly the men, those that were not accepted first");
    let not_accepted = CountedQuery { by: CountedBy::NotAccepted, group: None };
    let behind = site.quality().rollout().counted_cases(&chest, &not_accepted).await.unwrap();
    assert_eq!((behind.total, behind.cases.len()), (60, 60));
}

async fn cases_behind_a_gate_are_for_quality_that_reads_none(scratch: Scratch) {
    let site = Site::open_under(&scratch, policy()).await;
    let chest = site.deploys("chest", Stage::Shadow).await;
    let all = CountedQuery { by: CountedBy::All, group: None };
    site.quality().rollout().counted_cases(&chest, &all).await.unwrap();
    let roles: [&[Role]; 5] = [
        &[Role::Administrator],
        &[Role::ClinicalOwner, Role::Radiologist],
        &[Role::Coordinator],
        &[Role::Quality, Role::Radiologist],
        &[Role::Quality, Role::Adjudicator],
    ];
    for (number, roles) in (30_u128..).zip(roles) {
        let refused = site.person(number, roles).rollout().counted_cases(&chest, &all).await;
        assert_eq!(refusal(refused).code, "forbidden", "{roles:?}");
    }
}

async fn what_readers_found_is_held_against_what_was_flagged(scratch: Scratch) {
    let site = Site::open_under(&scratch, policy()).await;
    let chest = site.deploys("chest", Stage::Shadow).await;
    let mut counts = reads(&site, 30, 30);
    for case in counts.cases.iter_mut().take(25) {
        case.findings_mm.push([10.0, 0.0, 0.0]);
    }
    site.reads(counts.clone());
    let missed = criterion(&site, &chest, "had flagged").await;
    assert_eq!((missed.held, missed.value), (false, Some(0.0)), "{missed:?}");

    let region =
        |kind, centre_mm| Region { kind, centre_mm, diameter_mm: 6.0, half_width_max: 40.0, slices: (0, 1) };
    let listed = |kind| {
        let regions = vec![region(RegionKind::Width, [50.0, 0.0, 0.0]), region(kind, [12.0, 0.0, 0.0])];
        (0..25).map(|number| run(number, regions.clone())).collect()
    };
    *site.around.runs.lock().unwrap() = listed(RegionKind::Structure);
    let suspected = criterion(&site, &chest, "had flagged").await;
    assert_eq!(
        suspected.value,
        Some(0.0),
        "the map had not flagged what the worker suspected: {suspected:?}"
    );
    *site.around.runs.lock().unwrap() = listed(RegionKind::Width);
    let met = criterion(&site, &chest, "had flagged").await;
    assert_eq!((met.held, met.value), (true, Some(1.0)), "{met:?}");

    counts.cases.truncate(3);
    site.around.runs.lock().unwrap().clear();
    site.reads(counts);
    let few = criterion(&site, &chest, "had flagged").await;
    assert!(!few.held && few.note.contains("over 3 findings"), "0 of 3 can't be 80 %: {few:?}");
}

async fn a_stage_for_patients_asks_for_a_witness(scratch: Scratch) {
    let site = Site::open_under(&scratch, policy()).await;
    let chest = site.deploys("chest", Stage::Shadow).await;
    site.reads(reads(&site, 30, 30));
    let alone = criterion(&site, &chest, "since a witness").await;
    assert!(!alone.held && alone.value.is_none() && alone.note.contains("audit.witness"));
    let cosigned = |hours| WitnessHealth {
        name: "example.org/witness".to_owned(),
        size: 7,
        cosigned_at: Some(platform::Clock::now(site.clock.as_ref()) - chrono::TimeDelta::hours(hours)),
        problem: None,
    };
    for (hours, held) in [(1, true), (30, false)] {
        *site.around.witness.lock().unwrap() = Some(cosigned(hours));
        let now = criterion(&site, &chest, "since a witness").await;
        assert_eq!((now.held, now.value.map(f64::round)), (held, Some(hours as f64)), "{now:?}");
    }
}

database::on_both_databases!(
    a_model_that_serves_men_worse_does_not_go_on,
    cases_behind_a_gate_are_for_quality_that_reads_none,
    what_readers_found_is_held_against_what_was_flagged,
    a_stage_for_patients_asks_for_a_witness,
);
