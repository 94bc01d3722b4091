//! Generation as others meet it: from `run.requested` to derived objects, on both databases, with workers that
//! die, come late or answer nonsense.

#![expect(clippy::unwrap_used, reason = "a test that can not go on has failed")]

mod oblique;
mod provenance;
mod site;

use contract::Event;
use contract::generation::{DerivedRole, Region, RegionKind, RunState, blinded_uid};
use contract::job::{Outcome, Scores, Suspect, SuspectKind};
use contract::{Priority, RunId, SeriesId, StudyId, digest};
use database::scratch::Scratch;
use dicom_io::write::profile_digest;
use generation::Config;
use imaging::Volume;
use site::{Answer, Site, run_id};

database::on_both_databases!(
    a_requested_run_becomes_signed_objects_once,
    a_worker_that_falls_silent_loses_its_run_to_the_next_attempt,
    a_run_whose_workers_all_fall_silent_fails,
    a_job_that_the_queue_lost_is_published_again,
    the_most_urgent_run_goes_first_to_a_pool_that_is_busy,
    nonsense_makes_no_case,
    a_failure_that_will_not_pass_is_not_repeated,
    a_changed_series_supersedes_its_run,
    a_process_that_dies_while_it_accepts_fixes_one_result,
    copies_that_tell_nothing_of_their_model_go_to_the_gateway_and_their_digests_to_review,
    what_stands_before_a_pool_is_counted_for_those_who_let_runs_in,
);

fn count(events: &[Event], kind: &str) -> usize {
    events.iter().filter(|event| event.kind() == kind).count()
}

async fn a_requested_run_becomes_signed_objects_once(scratch: Scratch) {
    let site = Site::open(&scratch).await;
    let running = site.start().await;
    site.requests().await;
    let mut worker = site.worker().await;
    let job = worker.completes().await;
    assert_eq!((job.attempt, job.fence), (1, 1));
    let events = site.tells("run.completed").await;
    assert_eq!((count(&events, "run.started"), count(&events, "run.completed")), (1, 1));

    let run = site.run(&running).await;
    assert_eq!((run.state, run.progress), (RunState::Completed, 1.0));
    let roles: Vec<_> = run.derived.iter().map(|series| (series.role, series.instances.len())).collect();
    let maps = [DerivedRole::Uncertainty, DerivedRole::Lower, DerivedRole::Upper].map(|role| (role, 1));
    assert_eq!(roles[0], (DerivedRole::Image, 3));
    assert_eq!(roles[1..], maps);
    let derived: Vec<_> = run.derived.iter().flat_map(|series| series.instances.clone()).collect();
    for instance in &derived {
        let file = site.dicom.get(&instance.object).await.unwrap().unwrap();
        assert_eq!(profile_digest(&file).unwrap(), instance.digest);
    }
    let sources = site.neighbours.series.lock().unwrap().instances.clone();
    let lines = derived.iter().map(|instance| (instance.sop_instance_uid.as_str(), instance.digest));
    let lines = lines.chain(sources.iter().map(|source| (source.sop_instance_uid.as_str(), source.digest)));
    assert_eq!(run.case_digest, Some(digest::case_digest(lines)));

    let generation = site.generation(&running);
    let uid = &run.derived[0].series_instance_uid;
    assert_eq!(generation.run_by_series_uid(uid).await.unwrap().unwrap().id, run_id());
    assert!(generation.run_by_series_uid("1.2.3.1").await.unwrap().is_none());
    assert!(generation.run(&RunId::from_bits(1)).await.unwrap().is_none());
    assert_eq!(generation.runs_of_series(vec![SeriesId::from_bits(1)]).await.unwrap().len(), 1);
    assert_eq!(generation.runs_of_study(&StudyId::from_bits(2)).await.unwrap().len(), 1);
}

async fn a_worker_that_falls_silent_loses_its_run_to_the_next_attempt(scratch: Scratch) {
    let site = Site::open(&scratch).await;
    let running = site.start().await;
    site.requests().await;
    let mut worker = site.worker().await;
    let lost = worker.takes().await;
    let next = worker.takes().await;
    assert_eq!((next.attempt, next.fence), (2, 2));
    // The lost worker comes back to life: what it says changes nothing.
    let mut late = worker.works(&lost).await;
    late.image.data[0] += 1.0;
    worker.answers(&lost, late).await;
    let answer = worker.works(&next).await;
    worker.answers(&next, answer).await;
    let events = site.tells("run.completed").await;
    assert_eq!((count(&events, "run.started"), count(&events, "run.completed")), (2, 1));
    assert_eq!(site.run(&running).await.attempt, 2);
}

async fn a_run_whose_workers_all_fall_silent_fails(scratch: Scratch) {
    let site = Site::open(&scratch).await;
    let running = site.start().await;
    site.requests().await;
    let mut worker = site.worker().await;
    for attempt in 1..=3 {
        assert_eq!(worker.takes().await.attempt, attempt);
    }
    let events = site.tells("run.failed").await;
    assert!(
        matches!(events.last(), Some(Event::RunFailed { reason_code, .. }) if reason_code == "worker_lost")
    );
    assert_eq!(site.run(&running).await.state, RunState::Failed);
}

async fn a_job_that_the_queue_lost_is_published_again(scratch: Scratch) {
    let site = Site::open(&scratch).await;
    let _running = site.start().await;
    let mut thief = site.worker().await;
    site.requests().await;
    let lost = thief.steals().await;
    let job = thief.completes().await;
    assert_eq!((job.attempt, job.fence), (lost.attempt, lost.fence));
    site.tells("run.completed").await;
}

async fn the_most_urgent_run_goes_first_to_a_pool_that_is_busy(scratch: Scratch) {
    let site = Site::open_with(&scratch, Config { unstarted_max: 1, ..Config::default() }).await;
    let running = site.start().await;
    let series = site.neighbours.series.lock().unwrap().clone();
    site.requests_with(1, &series, Priority::Routine).await;
    site.waits_for(&running, 1, |run| run.attempt == 1).await;
    for (number, priority) in
        [(2, Priority::OffPeak), (3, Priority::Routine), (4, Priority::Stat), (5, Priority::Urgent)]
    {
        site.requests_with(number, &series, priority).await;
        let run = site.waits_for(&running, number, |_| true).await;
        assert_eq!((run.priority, run.attempt), (priority, 0), "it waits: the queue of the pool is full");
    }
    let mut worker = site.worker().await;
    for _ in 0..5 {
        worker.takes().await;
    }
    let started = |events: &[Event]| -> Vec<RunId> {
        let runs = events.iter().filter_map(|event| match event {
            Event::RunStarted { run, .. } => Some(run.clone()),
            _ => None,
        });
        runs.collect()
    };
    let last = RunId::from_bits(2);
    let events =
        site.tells_that(|event| matches!(event, Event::RunStarted { run, .. } if *run == last)).await;
    assert_eq!(started(&events), [1, 4, 5, 3, 2].map(RunId::from_bits));
}

/// What a worker suspects about a voxel of its image.
fn suspect(image: &Volume, voxel: [f64; 3]) -> Suspect {
    let centre_mm = image.affine.apply(voxel);
    Suspect { kind: SuspectKind::Disagreement, centre_mm, diameter_mm: 0.01, slices: (1, 2) }
}

/// Spoils a good answer.
type Spoil = fn(&mut Answer);

async fn nonsense_makes_no_case(scratch: Scratch) {
    let cases: [(&str, Spoil); 7] = [
        ("not_finite", |answer| answer.image.data[5] = f32::NAN),
        ("out_of_domain", |answer| answer.scores.domain = Some(0.001)),
        ("score_missing", |answer| answer.scores = Scores { domain: Some(0.5), ..Scores::default() }),
        ("suspects_invalid", |answer| answer.suspects = vec![suspect(&answer.image, [8.0, 6.0, 9.0])]),
        ("geometry_differs", |answer| answer.image.affine.0[0][3] += 1.0),
        ("shape_differs", |answer| answer.upper = answer.upper.crop([0; 3], [16, 12, 2]).unwrap()),
        ("degenerate_uncertainty", |answer| {
            let image = &answer.image.data;
            answer.lower.data = image.iter().map(|value| value - 16.0).collect();
            answer.upper.data = image.iter().map(|value| value + 16.0).collect();
        }),
    ];
    let site = Site::open(&scratch).await;
    let running = site.start().await;
    let mut worker = site.worker().await;
    for (number, (code, spoil)) in cases.into_iter().enumerate() {
        site.requests_run(number as u128).await;
        let job = worker.takes().await;
        let mut answer = worker.works(&job).await;
        spoil(&mut answer);
        worker.answers(&job, answer).await;
        let run = RunId::from_bits(number as u128);
        let failed = |event: &Event| matches!(event, Event::RunFailed { run: failed, .. } if *failed == run);
        let events = site.tells_that(failed).await;
        let reason = events.iter().rev().find_map(|event| match event {
            Event::RunFailed { reason_code, .. } => Some(reason_code.as_str()),
            _ => None,
        });
        assert_eq!(reason, Some(code));
        let run = site.generation(&running).run(&run).await.unwrap().unwrap();
        assert!(run.derived.is_empty() && run.case_digest.is_none() && run.failure.is_some());
    }
    assert_eq!(count(&site.told().await, "run.completed"), 0);
}

async fn a_failure_that_will_not_pass_is_not_repeated(scratch: Scratch) {
    let site = Site::open(&scratch).await;
    let running = site.start().await;
    site.requests().await;
    let mut worker = site.worker().await;
    let job = worker.takes().await;
    let (code, message) = ("input_out_of_domain".to_owned(), "not a CT".to_owned());
    worker.says(&job, Outcome::Failed { code, message, retry: false }).await;
    let events = site.tells("run.failed").await;
    assert_eq!(count(&events, "run.started"), 1);
    let run = site.run(&running).await;
    assert_eq!((run.attempt, run.failure.as_deref()), (1, Some("not a CT")));
}

async fn a_changed_series_supersedes_its_run(scratch: Scratch) {
    let site = Site::open(&scratch).await;
    let running = site.start().await;
    site.requests().await;
    site.worker().await.completes().await;
    site.tells("run.completed").await;
    site.changes_the_series().await;
    let events = site.tells("run.superseded").await;
    assert_eq!(count(&events, "run.completed"), 1);
    let run = site.run(&running).await;
    assert_eq!(run.state, RunState::Superseded);
    assert!(run.case_digest.is_some(), "what was made stays, for whoever has seen it");
}

async fn a_process_that_dies_while_it_accepts_fixes_one_result(scratch: Scratch) {
    let site = Site::open_with(&scratch, Config::default()).await;
    for failpoint in ["generation.before_accept", "generation.after_accept"] {
        fail::cfg(failpoint, "1*panic(the process dies)->off").unwrap();
    }
    let mut dying = site.start().await;
    site.requests().await;
    let mut worker = site.worker().await;
    let job = worker.takes().await;
    let mut answer = worker.works(&job).await;
    let suspected = suspect(&answer.image, [8.0, 6.0, 1.0]);
    let voxel = (16 * 12 + 6 * 16) + 8;
    let half_width = f64::from(answer.upper.data[voxel] - answer.lower.data[voxel]) / 2.0;
    answer.suspects = vec![suspected.clone()];
    answer.scores.agreement = Some(0.25);
    worker.answers(&job, answer).await;
    let (ended, _, _) = futures::future::select_all(std::mem::take(&mut dying.tasks)).await;
    assert!(ended.unwrap_err().is_panic());
    drop(dying);
    let mut again = site.start().await;
    let (ended, _, others) = futures::future::select_all(std::mem::take(&mut again.tasks)).await;
    assert!(ended.unwrap_err().is_panic());
    for task in others {
        task.abort();
    }
    drop(again);
    let running = site.start().await;
    let events = site.tells("run.completed").await;
    assert_eq!((count(&events, "run.completed"), count(&events, "run.failed")), (1, 0));
    let run = site.run(&running).await;
    assert_eq!(run.state, RunState::Completed);
    assert_eq!(run.scores.unwrap().agreement, Some(0.25));
    // What the worker suspected comes after the widest intervals, whatever died in between.
    let (last, wide) = run.regions.split_last().unwrap();
    assert!(wide.iter().all(Region::is_wide));
    assert_eq!((last.kind, last.slices), (RegionKind::Disagreement, (1, 2)));
    assert!(last.centre_mm.iter().zip(suspected.centre_mm).all(|(one, other)| (one - other).abs() < 1e-9));
    assert!((last.half_width_max - half_width).abs() < 1e-3, "{last:?}, not {half_width}");
    for failpoint in ["generation.before_accept", "generation.after_accept"] {
        fail::remove(failpoint);
    }
}

async fn copies_that_tell_nothing_of_their_model_go_to_the_gateway_and_their_digests_to_review(
    scratch: Scratch,
) {
    let site = Site::open(&scratch).await;
    let running = site.start().await;
    site.requests().await;
    let mut worker = site.worker().await;
    worker.completes().await;
    site.tells("run.completed").await;
    let (review, gateway) = (site.generation(&running), site.generation_for("gateway", &running));
    let listed = review.blinded_images(&run_id(), "salt").await.unwrap();
    assert_eq!(listed.iter().map(|image| image.slice).collect::<Vec<_>>(), [0, 1, 2]);
    for image in &listed {
        assert_eq!(image.sop_instance_uid, blinded_uid("salt", image.slice));
        let answer = gateway.blinded_image(&run_id(), "salt", image.slice).send().await.unwrap();
        assert_eq!(answer.headers()["content-type"], "application/dicom");
        let file = answer.bytes().await.unwrap();
        assert_eq!(profile_digest(&file).unwrap(), image.digest, "what is hashed is what is sent");
    }
    assert_eq!(gateway.blinded_image(&run_id(), "salt", 3).send().await.unwrap().status(), 404);
    assert!(gateway.blinded_images(&run_id(), "salt").await.is_err(), "it hands out what review allowed");
    assert_eq!(review.blinded_image(&run_id(), "salt", 0).send().await.unwrap().status(), 403);
    assert!(review.blinded_images(&RunId::from_bits(1), "salt").await.is_err(), "no such run");
}

async fn what_stands_before_a_pool_is_counted_for_those_who_let_runs_in(scratch: Scratch) {
    let site = Site::open(&scratch).await;
    let running = site.start().await;
    let rollout = site.generation_for_rollout(&running);
    assert!(rollout.capacity().await.unwrap().pools.is_empty());
    assert!(site.generation(&running).capacity().await.is_err(), "it is nothing for review");
    site.requests().await;
    let mut worker = site.worker().await;
    let job = worker.takes().await;
    site.tells("run.started").await;
    let capacity = rollout.capacity().await.unwrap();
    let pool = capacity.pool("cpu").unwrap();
    assert_eq!((pool.waiting, pool.running, pool.workers_seen, pool.measured), (0, 1, 1, 0));
    assert!(!pool.expected_wait.is_measured && pool.oldest_requested_at.is_none());
    let answer = worker.works(&job).await;
    worker.answers(&job, answer).await;
    site.tells("run.completed").await;
    site.requests_run(78).await;
    let waiting = loop {
        let capacity = rollout.capacity().await.unwrap();
        let pool = capacity.pool("cpu").unwrap().clone();
        if pool.waiting == 1 {
            break pool;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    };
    assert_eq!((waiting.running, waiting.measured), (0, 1));
    let of_each: Vec<u32> = waiting.by_priority.iter().map(|one| one.waiting).collect();
    assert_eq!(of_each, [0, 0, 1, 0], "it is a routine run");
    assert!(waiting.oldest_requested_at.is_some() && waiting.seconds_per_job.is_some());
}
