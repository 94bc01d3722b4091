use super::*;
use proptest::prelude::*;

const PATIENCE: Patience = Patience {
    attempts_max: 3,
    queue: TimeDelta::minutes(10),
    lease: TimeDelta::minutes(2),
    pause: TimeDelta::seconds(5),
};

fn at(seconds: i64) -> Time {
    Time::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
}

fn life(phase: Phase) -> Life {
    Life { phase, attempt: 1, fence: 1, due_at: at(0), deadline: at(14_400) }
}

fn hear(life: &Life, said: Said, now: Time) -> Result<Step, Ignored> {
    decide(life, &Command::Hear { fence: life.fence, said }, PATIENCE, now)
}

fn said() -> Vec<Said> {
    let failed = |retry| Said::Failed { failure: Failure::new("internal", "x"), retry };
    vec![Said::Started, Said::Progress, Said::Completed, failed(true), failed(false)]
}

fn commands(fence: u64) -> Vec<Command> {
    let mut commands = vec![
        Command::Look,
        Command::Accept,
        Command::Reject(Failure::new("not_finite", "x")),
        Command::Supersede,
    ];
    commands.extend(said().into_iter().map(|said| Command::Hear { fence, said }));
    commands
}

#[test]
fn a_run_goes_from_request_to_completion() {
    let requested = Life { attempt: 0, fence: 0, ..life(Phase::Waiting) };
    let published = decide(&requested, &Command::Look, PATIENCE, at(0)).unwrap();
    assert_eq!(published.effect, Effect::Publish);
    assert_eq!((published.life.attempt, published.life.fence), (1, 1));
    let started = hear(&published.life, Said::Started, at(1)).unwrap();
    assert_eq!((started.life.phase, started.effect), (Phase::Running, Effect::Started));
    let reported = hear(&started.life, Said::Completed, at(60)).unwrap();
    assert_eq!((reported.life.phase, reported.effect), (Phase::Reported, Effect::Record));
    let completed = decide(&reported.life, &Command::Accept, PATIENCE, at(61)).unwrap();
    assert_eq!((completed.life.phase, completed.effect), (Phase::Completed, Effect::Completed));
}

#[test]
fn a_job_that_no_worker_starts_is_published_again_as_the_same_attempt() {
    let queued = life(Phase::Queued);
    let again = decide(&queued, &Command::Look, PATIENCE, at(0)).unwrap();
    assert_eq!(again.effect, Effect::Publish);
    assert_eq!((again.life.attempt, again.life.fence), (1, 1));
    assert_eq!(again.life.due_at, at(600));
}

#[test]
fn progress_renews_the_lease_and_silence_loses_it() {
    let running = Life { due_at: at(120), ..life(Phase::Running) };
    assert_eq!(hear(&running, Said::Progress, at(100)).unwrap().life.due_at, at(220));
    assert_eq!(decide(&running, &Command::Look, PATIENCE, at(119)), Err(Ignored::NotNow));
    let lost = decide(&running, &Command::Look, PATIENCE, at(120)).unwrap();
    assert_eq!((lost.life.phase, lost.life.due_at), (Phase::Waiting, at(125)));
    let next = decide(&lost.life, &Command::Look, PATIENCE, at(125)).unwrap();
    assert_eq!((next.life.attempt, next.life.fence), (2, 2));
}

#[test]
fn the_third_attempt_is_the_last() {
    for last in [Life { attempt: 3, ..life(Phase::Running) }, Life { attempt: 4, ..life(Phase::Running) }] {
        let lost = decide(&last, &Command::Look, PATIENCE, at(0)).unwrap();
        assert_eq!(lost.life.phase, Phase::Failed);
        assert!(matches!(lost.effect, Effect::Failed(failure) if failure.code == "worker_lost"));
    }
}

#[test]
fn a_failure_that_will_not_pass_ends_the_run_at_once() {
    let failure = Failure::new("input_out_of_domain", "not a CT");
    let said = Said::Failed { failure: failure.clone(), retry: false };
    let step = hear(&life(Phase::Running), said, at(1)).unwrap();
    assert_eq!((step.life.phase, step.effect), (Phase::Failed, Effect::Failed(failure)));
}

#[test]
fn what_is_said_under_another_fence_changes_nothing_in_any_phase() {
    for phase in Phase::ALL.into_iter().filter(|phase| !phase.is_over()) {
        let run = Life { fence: 2, ..life(phase) };
        for fence in [0, 1, 3] {
            for said in said() {
                let heard = decide(&run, &Command::Hear { fence, said }, PATIENCE, at(1));
                assert_eq!(heard, Err(Ignored::OldFence));
            }
        }
    }
}

#[test]
fn between_two_attempts_the_given_up_one_is_not_heard() {
    for said in said() {
        assert_eq!(hear(&life(Phase::Waiting), said, at(1)), Err(Ignored::OldFence));
    }
}

#[test]
fn nothing_happens_to_a_run_that_is_over_but_a_completed_one_is_superseded() {
    for phase in [Phase::Completed, Phase::Failed, Phase::Superseded] {
        for command in commands(1) {
            let decided = decide(&life(phase), &command, PATIENCE, at(100_000));
            if phase == Phase::Completed && command == Command::Supersede {
                assert_eq!(decided.unwrap().effect, Effect::Superseded);
            } else {
                assert_eq!(decided, Err(Ignored::Over));
            }
        }
    }
}

#[test]
fn a_result_is_accepted_or_rejected_only_once_it_is_reported() {
    for phase in Phase::ALL.into_iter().filter(|phase| !phase.is_over() && *phase != Phase::Reported) {
        assert_eq!(decide(&life(phase), &Command::Accept, PATIENCE, at(1)), Err(Ignored::NotNow));
        let reject = Command::Reject(Failure::new("copy", "x"));
        assert_eq!(decide(&life(phase), &reject, PATIENCE, at(1)), Err(Ignored::NotNow));
    }
}

#[test]
fn the_deadline_ends_what_waits_and_works_but_not_what_is_reported() {
    for phase in [Phase::Waiting, Phase::Queued, Phase::Running] {
        let late = decide(&life(phase), &Command::Look, PATIENCE, at(14_400)).unwrap();
        assert!(matches!(late.effect, Effect::Failed(failure) if failure.code == "deadline_passed"));
    }
    let reported = decide(&life(Phase::Reported), &Command::Look, PATIENCE, at(14_400));
    assert_eq!(reported, Err(Ignored::NotNow));
}

proptest! {
    #[test]
    fn whatever_comes_attempts_are_bounded_fences_never_fall_and_the_end_is_the_end(
        script in prop::collection::vec((0_usize..9, 0_i64..2_000, 0_u64..5), 1..60),
    ) {
        let mut run = Life { attempt: 0, fence: 0, ..life(Phase::Waiting) };
        let (mut now, mut completions, mut failures) = (0, 0, 0);
        for (command, pause, fence) in script {
            now += pause;
            let Ok(step) = decide(&run, &commands(fence)[command], PATIENCE, at(now)) else { continue };
            prop_assert!(step.life.fence >= run.fence);
            prop_assert!(step.life.attempt <= PATIENCE.attempts_max);
            prop_assert_eq!(u64::from(step.life.attempt), step.life.fence);
            completions += u32::from(step.effect == Effect::Completed);
            failures += u32::from(matches!(step.effect, Effect::Failed(_)));
            run = step.life;
        }
        prop_assert!(completions + failures <= 1);
    }
}

proptest! {
    #[test]
    fn the_more_urgent_of_two_runs_of_an_age_goes_first(one in 0..4_usize, other in 0..4_usize, hours in 1..48_i64) {
        let deadline = at(hours * 3_600);
        let turn = |place: usize| turn_at(Priority::ALL[place], at(0), deadline);
        prop_assert_eq!(one.cmp(&other), turn(one).cmp(&turn(other)));
    }

    #[test]
    fn no_run_waits_for_one_that_is_asked_for_when_its_own_time_is_over(
        one in 0..4_usize,
        other in 0..4_usize,
        hours in 1..48_i64,
        later in 0..1_000_i64,
    ) {
        let span = hours * 3_600;
        let turn = |place: usize, asked: i64| turn_at(Priority::ALL[place], at(asked), at(asked + span));
        let waited = turn(one, 0);
        prop_assert!(waited < at(span), "its turn comes before its deadline");
        prop_assert!(waited < turn(other, span + later));
    }
}
