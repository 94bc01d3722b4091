use super::*;
use contract::generation::{Region, RegionKind, RunState};
use contract::job::{Cost, Scores};
use contract::review::PairErrors;
use contract::rollout::{ModelInput, UseRule};
use contract::{
    CaseId, DeploymentId, Digest, LoginSessionId, ModelVersionId, PairId, Priority, RunId, SeriesId, StudyId,
    UserId,
};

fn plan() -> ComparisonPlan {
    ComparisonPlan {
        margin: 0.0,
        alpha: 0.025,
        looks: vec![20, 40, 60],
        readers: 1,
        draw_per_mille: 1_000,
        futility: None,
    }
}

fn ending_for_futility() -> ComparisonPlan {
    ComparisonPlan { futility: Some(Futility { alternative: 0.7, limit: 0.2 }), ..plan() }
}

fn deployment(number: u128, stage: Stage) -> Deployment {
    Deployment {
        id: DeploymentId::from_bits(number),
        name: format!("deployment {number}"),
        model: ModelVersionId::from_bits(number),
        input: ModelInput { modality: "CT".to_owned(), slices_min: 2 },
        site: "here".to_owned(),
        rule: UseRule { modality: "CT".to_owned(), ..UseRule::default() },
        pool: "cpu".to_owned(),
        texture_percent: 0,
        stage,
        banner: None,
        stage_since: Time::UNIX_EPOCH,
        gate: None,
        proposals: Vec::new(),
    }
}

fn person(roles: &[Role]) -> Actor {
    Actor::Person {
        user: UserId::from_bits(1),
        username: "admin".to_owned(),
        printed_name: "An Administrator".to_owned(),
        roles: roles.to_vec(),
        login: LoginSessionId::from_bits(1),
    }
}

fn run(number: u128, seconds: f64, regions: usize, domain: Option<f64>) -> Run {
    let region =
        |kind| Region { kind, centre_mm: [0.0; 3], diameter_mm: 5.0, half_width_max: 40.0, slices: (0, 1) };
    // One more that the worker suspected is none of wide interval.
    let suspected = std::iter::once(region(RegionKind::Disagreement));
    Run {
        id: RunId::from_bits(number),
        deployment: DeploymentId::from_bits(1),
        model: ModelVersionId::from_bits(1),
        stage: Stage::Shadow,
        series: SeriesId::from_bits(1),
        study: StudyId::from_bits(1),
        source_set: Digest::of(b"sources"),
        priority: Priority::Routine,
        state: RunState::Completed,
        attempt: 1,
        progress: 1.0,
        failure: None,
        requested_at: Time::UNIX_EPOCH,
        ended_at: None,
        scores: Some(Scores { domain, ..Scores::default() }),
        cost: Some(Cost { device: "cpu".to_owned(), seconds, peak_bytes: None }),
        case_digest: None,
        volumes: None,
        derived: Vec::new(),
        regions: std::iter::repeat_n(region(RegionKind::Width), regions).chain(suspected).collect(),
    }
}

/// Pairs by what their readers said: `+` the challenger, `-` the champion, `0` neither.
fn pairs(outcomes: &str) -> Vec<CompletedPair> {
    let pair = |(number, outcome): (usize, char)| CompletedPair {
        pair: PairId::from_bits(number as u128),
        champion_case: CaseId::from_bits(2 * number as u128),
        champion: RunId::from_bits(2 * number as u128),
        challenger_case: CaseId::from_bits(2 * number as u128 + 1),
        challenger: RunId::from_bits(2 * number as u128 + 1),
        outcome: match outcome {
            '+' => PairOutcome::Challenger,
            '-' => PairOutcome::Champion,
            _ => PairOutcome::Neither,
        },
        errors: PairErrors::default(),
        completed_at: Time::UNIX_EPOCH,
    };
    outcomes.chars().enumerate().map(pair).collect()
}

fn starts(
    actor: &Actor,
    plan: ComparisonPlan,
    champion: &Deployment,
    challenger: &Deployment,
) -> Result<(), String> {
    let command = StartComparison {
        champion: champion.id.clone(),
        challenger: challenger.id.clone(),
        plan,
        reason: "is it better?".to_owned(),
    };
    let of = Contenders { champion, challenger, same_task: true };
    start(actor, &command, of).map_err(|refusal| refusal.code)
}

#[test]
fn only_an_administrator_compares_two_versions_for_the_same_use_the_challenger_at_shadow() {
    let (champion, challenger) = (deployment(1, Stage::General), deployment(2, Stage::Shadow));
    let administrator = person(&[Role::Administrator]);
    assert_eq!(starts(&administrator, plan(), &champion, &challenger), Ok(()));
    let quality = person(&[Role::Quality]);
    assert_eq!(starts(&quality, plan(), &champion, &challenger), Err("forbidden".to_owned()));
    let elsewhere = Deployment { site: "there".to_owned(), ..deployment(1, Stage::General) };
    let same_version = Deployment { model: challenger.model.clone(), ..deployment(1, Stage::General) };
    let head = UseRule { body_parts: vec!["HEAD".to_owned()], ..champion.rule.clone() };
    let of_another_part = Deployment { rule: head, ..deployment(1, Stage::General) };
    for other in [&elsewhere, &same_version, &of_another_part, &challenger, &deployment(1, Stage::Suspended)]
    {
        assert_eq!(starts(&administrator, plan(), other, &challenger), Err("not_comparable".to_owned()));
    }
    let promoted = deployment(2, Stage::Pilot);
    assert_eq!(starts(&administrator, plan(), &champion, &promoted), Err("not_comparable".to_owned()));
}

#[test]
fn a_plan_that_promises_nothing_can_not_be_declared() {
    assert_eq!(check_plan(&plan()), Ok(()));
    let malformed = [
        ComparisonPlan { looks: Vec::new(), ..plan() },
        ComparisonPlan { looks: vec![9], ..plan() },
        ComparisonPlan { looks: vec![40, 20], ..plan() },
        ComparisonPlan { looks: vec![20, 22, 60], ..plan() },
        ComparisonPlan { looks: vec![10, 20, 30, 40, 50, 60], ..plan() },
        ComparisonPlan { looks: vec![1_001], ..plan() },
        ComparisonPlan { alpha: 0.2, ..plan() },
        ComparisonPlan { alpha: f64::NAN, ..plan() },
        ComparisonPlan { margin: 0.3, ..plan() },
        ComparisonPlan { margin: -0.1, ..plan() },
        ComparisonPlan { readers: 0, ..plan() },
        ComparisonPlan { readers: 3, ..plan() },
        ComparisonPlan { draw_per_mille: 0, ..plan() },
        ComparisonPlan { futility: Some(Futility { alternative: 0.52, limit: 0.2 }), ..plan() },
        ComparisonPlan { futility: Some(Futility { alternative: 0.96, limit: 0.2 }), ..plan() },
        ComparisonPlan { futility: Some(Futility { alternative: 0.7, limit: 0.0 }), ..plan() },
        ComparisonPlan { futility: Some(Futility { alternative: f64::NAN, limit: 0.2 }), ..plan() },
    ];
    assert_eq!(check_plan(&ending_for_futility()), Ok(()));
    for plan in malformed {
        assert_eq!(check_plan(&plan).unwrap_err().code, "plan_malformed", "{plan:?}");
    }
}

#[test]
fn a_plan_says_its_error_and_its_power_before_it_is_saved() {
    let asked = DesignRequest { plan: plan(), no_preference: 0.25 };
    let design = design(&asked).unwrap();
    assert_eq!(design.looks.iter().map(|look| look.preferences).collect::<Vec<_>>(), [15, 30, 45]);
    let at = |truth: f64| *design.behaviour.iter().find(|row| (row.truth - truth).abs() < 1e-9).unwrap();
    assert!(at(0.5).shown <= 0.025 && at(0.5).pairs > 59.0, "{:?}", at(0.5));
    assert!(at(0.6).shown < at(0.7).shown && at(0.7).shown < at(0.8).shown);
    assert!(at(0.8).shown > 0.95 && at(0.8).pairs < 45.0, "{:?}", at(0.8));
    let not_worse = ComparisonPlan { margin: 0.1, ..plan() };
    let design = super::design(&DesignRequest { plan: not_worse, no_preference: 0.0 }).unwrap();
    assert!((design.behaviour[0].truth - 0.4).abs() < 1e-9 && design.behaviour[0].shown <= 0.025);
    assert!(super::design(&DesignRequest { no_preference: 0.95, ..asked }).is_err());
}

#[test]
fn an_end_for_futility_leaves_the_bounds_as_they_are_and_lowers_the_error() {
    let behaves = |plan| super::design(&DesignRequest { plan, no_preference: 0.25 }).unwrap();
    let (never, ending) = (behaves(plan()), behaves(ending_for_futility()));
    let needed = |design: &ComparisonDesign| design.looks.iter().map(|look| look.needed).collect::<Vec<_>>();
    assert_eq!(needed(&never), needed(&ending));
    assert!(never.looks.iter().all(|look| look.futile.is_none()));
    assert!(ending.looks[0].futile < ending.looks[1].futile && ending.looks[2].futile.is_none());
    for (never, ending) in never.behaviour.iter().zip(&ending.behaviour) {
        assert!(ending.shown <= never.shown && ending.pairs <= never.pairs + 1e-9, "{never:?} {ending:?}");
        assert!(never.futile == 0.0 && ending.futile + ending.shown <= 1.0 + 1e-12);
    }
    let equal = ending.behaviour[0];
    assert!(equal.futile > 0.7 && equal.pairs < 45.0, "a model that is no better is seen soon: {equal:?}");
    let hoped = ending.behaviour.iter().find(|row| (row.truth - 0.7).abs() < 1e-9).unwrap();
    assert!(hoped.futile < 0.2, "what is hoped for is seldom given up: {hoped:?}");
}

#[test]
fn a_look_ends_for_futility_where_the_design_said() {
    let plan = ending_for_futility();
    let design = super::design(&DesignRequest { plan: plan.clone(), no_preference: 0.0 }).unwrap();
    for (at, pairs) in [20_u32, 40].into_iter().enumerate() {
        let most = design.looks[at].futile.unwrap();
        for (challenger, decision) in [(most, LookDecision::Futile), (most + 1, LookDecision::GoOn)] {
            let outcomes = "+".repeat(challenger as usize) + &"-".repeat((pairs - challenger) as usize);
            let said = look(&plan, at as u32 + 1, &self::pairs(&outcomes), &[], Time::UNIX_EPOCH);
            assert_eq!(said.decision, decision, "{challenger} of {pairs}: {said:?}");
            assert_eq!(said.power_left.unwrap() < 0.2, decision == LookDecision::Futile);
        }
    }
    let nobody = look(&plan, 1, &self::pairs(&"0".repeat(20)), &[], Time::UNIX_EPOCH);
    assert_eq!(nobody.decision, LookDecision::Futile, "nobody prefers any");
    let last = look(&plan, 3, &self::pairs(&"+-0".repeat(20)), &[], Time::UNIX_EPOCH);
    assert_eq!((last.decision, last.power_left), (LookDecision::NotShown, None));
}

#[test]
fn a_plan_of_before_futility_is_read_as_it_was_written() {
    let written = r#"{"margin":0.0,"alpha":0.025,"looks":[20,40,60],"readers":1,"draw_per_mille":1000}"#;
    let read: ComparisonPlan = serde_json::from_str(written).unwrap();
    assert_eq!(read, plan());
    assert_eq!(serde_json::to_string(&read).unwrap(), written, "and its digest stays the same");
}

#[test]
fn a_look_is_due_at_the_declared_number_of_pairs_and_at_no_other() {
    assert_eq!([due(&plan(), 0, 19), due(&plan(), 0, 20), due(&plan(), 0, 39)], [None, Some(1), Some(1)]);
    assert_eq!([due(&plan(), 1, 39), due(&plan(), 1, 60), due(&plan(), 3, 90)], [None, Some(2), None]);
}

#[test]
fn a_look_counts_the_first_pairs_only_and_goes_on_until_its_bound_is_reached() {
    let undecided = "+-".repeat(10) + &"+".repeat(40);
    let first = look(&plan(), 1, &pairs(&undecided), &[], Time::UNIX_EPOCH);
    assert_eq!(
        (first.pairs, first.challenger, first.champion),
        (20, 10, 10),
        "what came later is not counted"
    );
    assert_eq!((first.decision, first.share), (LookDecision::GoOn, Some(0.5)));
    assert!(first.low < 0.5 && first.high > 0.5);
    let second = look(&plan(), 2, &pairs(&undecided), &[], Time::UNIX_EPOCH);
    assert_eq!((second.challenger, second.decision), (30, LookDecision::Better));
    assert!(second.low > 0.5 && second.needed.is_some_and(|needed| needed <= 30));
}

#[test]
fn at_the_end_nothing_shown_is_no_proof_of_no_difference() {
    let even = look(&plan(), 3, &pairs(&"+-0".repeat(20)), &[], Time::UNIX_EPOCH);
    assert_eq!((even.decision, even.champion, even.challenger), (LookDecision::NotShown, 20, 20));
    let nobody = look(&plan(), 3, &pairs(&"0".repeat(60)), &[], Time::UNIX_EPOCH);
    assert_eq!((nobody.share, nobody.needed, nobody.decision), (None, None, LookDecision::NotShown));
    assert!(nobody.low < 1e-9 && nobody.high > 1.0 - 1e-9);
    let worse = look(&plan(), 3, &pairs(&"-".repeat(60)), &[], Time::UNIX_EPOCH);
    assert_eq!(worse.decision, LookDecision::NotShown);
    assert!(worse.high < 0.5, "that the champion is preferred shows in the interval");
}

#[test]
fn not_worse_is_said_where_a_margin_was_declared_and_better_where_none_was() {
    let outcomes = pairs(&("+".repeat(34) + &"-".repeat(26)));
    let declared = ComparisonPlan { margin: 0.2, looks: vec![60], ..plan() };
    assert_eq!(look(&declared, 1, &outcomes, &[], Time::UNIX_EPOCH).decision, LookDecision::NotWorse);
    let declared = ComparisonPlan { looks: vec![60], ..plan() };
    assert_eq!(look(&declared, 1, &outcomes, &[], Time::UNIX_EPOCH).decision, LookDecision::NotShown);
}

#[test]
fn what_runs_measure_is_compared_within_pairs_and_only_where_both_have_it() {
    let complete = pairs(&"+".repeat(10));
    let mut runs = Vec::new();
    for number in 0..10 {
        let seconds = 10.0 + number as f64;
        runs.push(run(2 * number, seconds, 3, Some(0.5)));
        runs.push(run(2 * number + 1, seconds + 2.0, 1, (number > 0).then_some(0.5)));
    }
    let declared = ComparisonPlan { looks: vec![10], ..plan() };
    let found = look(&declared, 1, &complete, &runs, Time::UNIX_EPOCH).measures;
    let of = |measured| found.iter().find(|one| one.measured == measured);
    let seconds = of(Measured::ComputeSeconds).unwrap();
    assert!((seconds.difference - 2.0).abs() < 1e-9 && seconds.low.unwrap() > 1.99 && seconds.pairs == 10);
    assert!((of(Measured::WideRegions).unwrap().difference + 2.0).abs() < 1e-9);
    assert_eq!(of(Measured::DomainScore).unwrap().pairs, 9);
    assert_eq!(of(Measured::Consistency), None, "no run has it");
}
