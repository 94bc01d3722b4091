//! A comparison is declared, looked at when it was declared to be, and at no other time.

use crate::site::{Person, Site, new_deployment, refusal, write_model};
use actix_web::web::{Data, Json, ServiceConfig, get};
use contract::event::{ComparisonLooked, PairAnswered};
use contract::review::{CompletedPair, ErrorKind, ErrorMark, PairErrors, PairOutcome, Severity, SideErrors};
use contract::rollout::{
    Comparison, ComparisonPlan, ComparisonState, DesignRequest, Futility, GiveUpComparison, LookDecision,
    Stage, StartComparison,
};
use contract::{CaseId, ComparisonId, DeploymentId, Digest, Event, PairId, Role, RunId, SignatureId, Time};
use database::scratch::Scratch;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// What review says is complete.
pub(crate) type Pairs = Mutex<Vec<CompletedPair>>;

pub(crate) fn neighbour_routes(config: &mut ServiceConfig) {
    config.route("/v1/comparisons/{comparison}/pairs", get().to(completed));
}

async fn completed(pairs: Data<Pairs>) -> Json<Vec<CompletedPair>> {
    Json(pairs.lock().unwrap().clone())
}

fn plan() -> ComparisonPlan {
    ComparisonPlan {
        margin: 0.0,
        alpha: 0.025,
        looks: vec![10, 20],
        readers: 1,
        draw_per_mille: 1_000,
        futility: None,
    }
}

/// A champion in use and a challenger of another version at shadow.
async fn contenders(site: &Site) -> (DeploymentId, DeploymentId) {
    let champion = site.deploys("in use", Stage::General).await;
    write_model(&site.config.models_dir, "ct-next", b"other weights");
    let challenger =
        rollout::NewDeployment { model: "ct-next".to_owned(), ..new_deployment("next", Stage::Shadow) };
    let seeded = rollout::seed(&site.registrar, &site.config.models_dir, vec![challenger]).await.unwrap();
    (champion, seeded.into_iter().next_back().unwrap())
}

async fn starts(site: &Site) -> Comparison {
    starts_under(site, plan()).await
}

async fn starts_under(site: &Site, plan: ComparisonPlan) -> Comparison {
    let (champion, challenger) = contenders(site).await;
    let command = StartComparison { champion, challenger, plan, reason: "is it better?".to_owned() };
    site.administrator().rollout().comparison_start(&command).await.unwrap()
}

/// Somebody finds a lost structure on each of the challenger's images.
fn errors() -> PairErrors {
    let mark = ErrorMark { kind: ErrorKind::Lost, centre_mm: [1.0, 2.0, 3.0], diameter_mm: 6.0 };
    let lost =
        SideErrors { lost: 1, worst: Some(Severity::Major), marks: vec![mark], ..SideErrors::default() };
    PairErrors { champion: vec![SideErrors::default()], challenger: vec![lost] }
}

/// Readers complete so many more pairs, and review tells of the last answer.
async fn completes(site: &Site, id: &ComparisonId, outcomes: &[PairOutcome]) {
    {
        let mut pairs = site.pairs.lock().unwrap();
        for outcome in outcomes {
            let number = pairs.len() as u128;
            pairs.push(CompletedPair {
                pair: PairId::from_bits(number),
                champion_case: CaseId::from_bits(2 * number),
                champion: RunId::from_bits(2 * number),
                challenger_case: CaseId::from_bits(2 * number + 1),
                challenger: RunId::from_bits(2 * number + 1),
                outcome: *outcome,
                errors: errors(),
                completed_at: Time::UNIX_EPOCH,
            });
        }
    }
    let told = PairAnswered {
        pair: PairId::from_bits(1),
        comparison: id.clone(),
        signature: SignatureId::from_bits(1),
        answer: Digest::of(b"answer"),
    };
    site.review_tells(id.to_string(), Event::PairAnswered(told)).await;
}

/// The comparison, once so many pairs are known.
async fn with_pairs(person: &Person<'_>, pairs: u32) -> Comparison {
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        let known = person.rollout().comparisons().await.unwrap().remove(0);
        let due = usize::from(pairs >= 10) + usize::from(pairs >= 20);
        if known.pairs == pairs && (known.looks.len() == due || known.state != ComparisonState::Open) {
            return known;
        }
        assert!(Instant::now() < deadline, "{known:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn a_comparison_shows_nothing_between_its_looks_and_ends_where_its_bound_is_reached(scratch: Scratch) {
    let site = Site::open(&scratch).await;
    let started = starts(&site).await;
    assert_eq!((started.state, started.pairs, started.looks.len()), (ComparisonState::Open, 0, 0));
    let quality = site.quality();
    completes(&site, &started.id, &[PairOutcome::Challenger; 9]).await;
    let between = with_pairs(&quality, 9).await;
    assert!(between.looks.is_empty() && between.read.is_empty());
    let told = serde_json::to_string(&between).unwrap();
    assert!(!told.contains("outcome") && !told.contains("lost"), "{told}");

    completes(&site, &started.id, &[PairOutcome::Champion]).await;
    let first = with_pairs(&quality, 10).await;
    assert_eq!((first.looks[0].challenger, first.looks[0].champion), (9, 1));
    assert_eq!((first.looks[0].decision, first.state), (LookDecision::GoOn, ComparisonState::Open));
    assert!(first.read.is_empty(), "which pairs were preferred shows when it is over");

    completes(&site, &started.id, &[PairOutcome::Challenger; 10]).await;
    let over = with_pairs(&quality, 20).await;
    assert_eq!((over.looks[1].decision, over.state), (LookDecision::Better, ComparisonState::Decided));
    assert!(over.looks[1].low > 0.5 && over.looks[1].needed.is_some_and(|needed| needed <= 19));
    assert_eq!((over.read.len(), over.read[9].outcome), (20, PairOutcome::Champion));
    assert!(over.read.iter().all(|pair| pair.errors == Some(errors())), "quality sees what was wrong");
    let owners = site.owner().rollout().comparisons().await.unwrap().remove(0);
    assert!(owners.read.iter().all(|pair| pair.errors.is_none()), "and nobody else");
    let looked = site.tells("comparison.looked", 2).await;
    let expected = ComparisonLooked {
        comparison: started.id.clone(),
        look: 2,
        pairs: 20,
        decision: LookDecision::Better,
    };
    assert_eq!(looked[1].event, Event::ComparisonLooked(expected));
    site.tells("comparison.started", 1).await;
    site.tells("comparison.ended", 1).await;

    // Answers that come after the end change nothing.
    completes(&site, &started.id, &[PairOutcome::Champion; 5]).await;
    let after = quality.rollout().comparisons().await.unwrap().remove(0);
    assert_eq!((after.looks.len(), after.read.len()), (2, 20));
    let reader = site.person(30, &[Role::Radiologist]);
    assert!(reader.rollout().comparisons().await.is_err(), "who reads pairs doesn't see how they come out");
}

async fn a_challenger_is_in_one_comparison_and_giving_up_leaves_no_result(scratch: Scratch) {
    let site = Site::open(&scratch).await;
    let started = starts(&site).await;
    let (administrator, quality) = (site.administrator(), site.quality());
    let again = StartComparison {
        champion: started.champion.clone(),
        challenger: started.challenger.clone(),
        plan: plan(),
        reason: "once more".to_owned(),
    };
    let refused = administrator.rollout().comparison_start(&again).await;
    assert_eq!(refusal(refused).code, "comparison_open");
    assert_eq!(refusal(quality.rollout().comparison_start(&again).await).code, "forbidden");
    completes(&site, &started.id, &[PairOutcome::Challenger; 9]).await;
    with_pairs(&quality, 9).await;
    let give_up = GiveUpComparison { reason: "the champion is replaced".to_owned() };
    let over = quality.rollout().comparison_give_up(&started.id, &give_up).await.unwrap();
    assert_eq!((over.state, over.looks.len(), over.read.len()), (ComparisonState::GivenUp, 0, 0));
    completes(&site, &started.id, &[PairOutcome::Challenger; 9]).await;
    let twice = quality.rollout().comparison_give_up(&started.id, &give_up).await;
    assert_eq!(refusal(twice).code, "comparison_over");
    administrator.rollout().comparison_start(&again).await.unwrap();
    let known = quality.rollout().comparisons().await.unwrap();
    assert!(known.iter().all(|comparison| comparison.looks.is_empty() || comparison.id != started.id));
}

async fn a_comparison_ends_early_where_it_would_hardly_show_any_more_what_it_asks_for(scratch: Scratch) {
    let site = Site::open(&scratch).await;
    let futility = Some(Futility { alternative: 0.75, limit: 0.2 });
    let started = starts_under(&site, ComparisonPlan { futility, ..plan() }).await;
    completes(&site, &started.id, &[PairOutcome::Champion; 8]).await;
    completes(&site, &started.id, &[PairOutcome::Challenger; 2]).await;
    let over = with_pairs(&site.quality(), 10).await;
    assert_eq!((over.looks[0].decision, over.state), (LookDecision::Futile, ComparisonState::Decided));
    assert!(over.looks[0].power_left.is_some_and(|left| left < 0.2), "{:?}", over.looks);
    assert_eq!((over.plan.futility, over.read.len()), (futility, 10));
    site.tells("comparison.ended", 1).await;
}

async fn a_plan_is_seen_to_behave_before_it_is_declared(scratch: Scratch) {
    let site = Site::open(&scratch).await;
    let asked = DesignRequest { plan: plan(), no_preference: 0.0 };
    let design = site.administrator().rollout().comparison_design(&asked).await.unwrap();
    assert_eq!(design.looks.iter().map(|look| look.pairs).collect::<Vec<_>>(), [10, 20]);
    assert!(design.behaviour[0].shown <= 0.025);
    let malformed = DesignRequest { plan: ComparisonPlan { looks: vec![5], ..plan() }, ..asked };
    let refused = site.administrator().rollout().comparison_design(&malformed).await;
    assert_eq!(refusal(refused).code, "plan_malformed");
}

database::on_both_databases!(
    a_comparison_shows_nothing_between_its_looks_and_ends_where_its_bound_is_reached,
    a_challenger_is_in_one_comparison_and_giving_up_leaves_no_result,
    a_comparison_ends_early_where_it_would_hardly_show_any_more_what_it_asks_for,
    a_plan_is_seen_to_behave_before_it_is_declared,
);
