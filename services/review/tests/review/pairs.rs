//! Pairs of a comparison: when they open, who reads them, and what is told of them.

use crate::clinic::{Clinic, Person, refusal, rules};
use chrono::TimeDelta;
use contract::event::{ComparisonEnded, ComparisonStarted};
use contract::generation::{Run, blinded_uid};
use contract::review::{
    Availability, CaseState, CompletedPair, ErrorKind, ErrorMark, Pair, PairAnswer, PairErrors, PairOutcome,
    Preference, Severity, Side, SideErrors, SignPair, Verdict,
};
use contract::rollout::Stage;
use contract::{ClientError, ComparisonId, DeploymentId, Digest, Event, PairId, RunId, SeriesId};
use database::scratch::Scratch;

database::on_both_databases!(
    a_source_that_both_have_a_run_on_opens_one_pair_and_its_answer_reaches_rollout,
    a_pair_waits_for_the_patients_case_whose_readers_never_get_it,
    who_was_shown_a_pair_reads_no_later_case_of_the_source,
    other_sources_and_earlier_runs_make_no_pair,
    what_changed_or_ended_is_read_by_nobody_any_more,
    two_readers_see_their_own_sides_and_answer_together,
);

/// Deployment 1 is in use, deployment 2 stands at shadow.
async fn clinic(scratch: &Scratch) -> Clinic {
    let config = rules(|policy| {
        (policy.finalisation_minutes, policy.evaluation_per_mille) = (0, 0);
    });
    let clinic = Clinic::open(scratch, config).await;
    for reader in [1, 2] {
        clinic.names_evaluator(reader).await;
    }
    clinic
}

fn comparison() -> ComparisonId {
    ComparisonId::from_bits(1)
}

async fn starts(clinic: &Clinic, pairs: u32, readers: u32) {
    let started = ComparisonStarted {
        comparison: comparison(),
        champion: DeploymentId::from_bits(1),
        challenger: DeploymentId::from_bits(2),
        pairs,
        readers,
        draw_per_mille: 1_000,
        plan: Digest::of(b"plan"),
    };
    clinic.told(Event::ComparisonStarted(started)).await;
}

async fn run_of(clinic: &Clinic, deployment: u128, series: &SeriesId, stage: Stage) -> Run {
    let run = Run { deployment: DeploymentId::from_bits(deployment), ..clinic.run_on(series.clone(), stage) };
    clinic.completes(&run).await;
    run
}

/// Both deployments complete a run on a source; the patient's case is read by 3 and 4.
async fn both_run(clinic: &Clinic, series: u128) -> (Run, Run) {
    let series = SeriesId::from_bits(series);
    let champion = run_of(clinic, 1, &series, Stage::General).await;
    let challenger = run_of(clinic, 2, &series, Stage::Shadow).await;
    (champion, challenger)
}

async fn patient_is_read(clinic: &Clinic, run: &Run) {
    let case = clinic.case_of(run).await;
    clinic.radiologist(3).reads(&case, Verdict::Accept).await;
    clinic.radiologist(4).reads(&case, Verdict::Accept).await;
    clinic.concludes().await;
    assert_eq!(clinic.overview(&case).await.state, Some(CaseState::Released));
}

async fn listed(person: &Person<'_>) -> Vec<PairId> {
    person.review().pairs().await.unwrap().into_iter().map(|pair| pair.id).collect()
}

/// What a browser says it displayed: the copies that generation gave for these sides.
fn shown(clinic: &Clinic, pair: &Pair, on_a: &RunId, on_b: &RunId) -> Digest {
    let images = pair.images.as_ref().unwrap();
    let of = |run: &RunId, images: &[contract::review::PairImage]| {
        let line = |image: &contract::review::PairImage| {
            format!("{} {}\n", image.sop_instance_uid, clinic.copy_digest(run, image.slice))
        };
        images.iter().map(line).collect::<Vec<_>>()
    };
    let mut lines = [of(on_a, &images.a), of(on_b, &images.b)].concat();
    lines.sort();
    Digest::of(lines.concat().as_bytes())
}

/// What every reader of these tests finds wrong on A.
fn seen_on_a() -> SideErrors {
    let mark = ErrorMark { kind: ErrorKind::Invented, centre_mm: [1.5, -2.0, 30.25], diameter_mm: 6.0 };
    SideErrors { invented: 2, worst: Some(Severity::Minor), marks: vec![mark], ..SideErrors::default() }
}

async fn signs(
    person: &Person<'_>,
    pair: &PairId,
    preference: Preference,
    shown_digest: Digest,
) -> Result<Pair, ClientError> {
    let answer = PairAnswer { preference, a: seen_on_a(), b: SideErrors::default() };
    let nonce = format!("{pair} {shown_digest} {preference:?} {:?}", person.actor.user());
    person.proving(pair, &nonce).pair_sign(pair, &SignPair { answer, shown_digest }).await
}

/// Opens a pair and prefers the challenger, wherever it stands; gives the side on which it stood.
async fn prefers_challenger(
    clinic: &Clinic,
    person: &Person<'_>,
    id: &PairId,
    (champion, challenger): (&Run, &Run),
) -> Side {
    let opened = person.review().pair_open(id).await.unwrap();
    let with_a = shown(clinic, &opened, &challenger.id, &champion.id);
    match signs(person, id, Preference::A, with_a).await {
        Ok(_) => Side::A,
        Err(error) => {
            assert_eq!(refusal::<()>(Err(error)), "digest_mismatch");
            let with_b = shown(clinic, &opened, &champion.id, &challenger.id);
            signs(person, id, Preference::B, with_b).await.unwrap();
            Side::B
        }
    }
}

async fn completed(clinic: &Clinic) -> Vec<CompletedPair> {
    clinic.called_by("rollout").pairs_completed(&comparison()).await.unwrap()
}

async fn a_source_that_both_have_a_run_on_opens_one_pair_and_its_answer_reaches_rollout(scratch: Scratch) {
    let clinic = clinic(&scratch).await;
    starts(&clinic, 10, 1).await;
    let (champion, challenger) = both_run(&clinic, 70).await;
    patient_is_read(&clinic, &champion).await;
    let reader = clinic.radiologist(1);
    let pairs = reader.review().pairs().await.unwrap();
    let [pair] = &pairs[..] else { panic!("{pairs:?}") };
    assert_eq!((pair.availability, &pair.images), (Availability::Available, &None));
    assert!(listed(&clinic.radiologist(5)).await.is_empty(), "5 has no credential");

    let opened = reader.review().pair_open(&pair.id).await.unwrap();
    assert_eq!(opened.availability, Availability::Mine);
    assert_eq!(reader.review().pair_open(&pair.id).await.unwrap().images, opened.images, "the same sides");
    assert!(listed(&clinic.radiologist(2)).await.is_empty(), "its place is taken");
    let text = serde_json::to_string(&opened).unwrap();
    for told in [champion.id.as_str(), challenger.id.as_str(), "deployment_", "model_"] {
        assert!(!text.contains(told), "{text}");
    }
    let a = reader.review().pair_view(&pair.id, Side::A).await.unwrap();
    let b = reader.review().pair_view(&pair.id, Side::B).await.unwrap();
    let mut runs = [a.run.clone(), b.run.clone()];
    runs.sort();
    let mut both = [champion.id.clone(), challenger.id.clone()];
    both.sort();
    assert_eq!(runs, both);
    assert_eq!(opened.images.unwrap().a[1].sop_instance_uid, blinded_uid(&a.salt, 1));
    assert!(clinic.radiologist(2).review().pair_view(&pair.id, Side::A).await.is_err());

    assert!(completed(&clinic).await.is_empty());
    let stood_on = prefers_challenger(&clinic, &reader, &pair.id, (&champion, &challenger)).await;
    assert_eq!(stood_on == Side::A, a.run == challenger.id);
    let known = completed(&clinic).await;
    assert_eq!((known.len(), known[0].outcome), (1, PairOutcome::Challenger));
    assert_eq!((&known[0].champion, &known[0].challenger), (&champion.id, &challenger.id));
    let (on_a, on_b) = (vec![seen_on_a()], vec![SideErrors::default()]);
    let (challenger_errors, champion_errors) = if stood_on == Side::A { (on_a, on_b) } else { (on_b, on_a) };
    let expected = PairErrors { champion: champion_errors, challenger: challenger_errors };
    assert_eq!(known[0].errors, expected, "of the model that stood on the side");
    let after = reader.review().pair(&pair.id).await.unwrap().unwrap();
    assert_eq!(after.availability, Availability::Signed);
    assert!(after.answer.is_some() && listed(&reader).await.is_empty());
    let again = signs(&reader, &pair.id, Preference::Neither, Digest::of(b"later")).await;
    assert_eq!(refusal(again), "answered_before");

    let told = clinic.events().await;
    let of = |kind| told.iter().filter(|envelope| envelope.event.kind() == kind).count();
    assert_eq!((of("pair.opened"), of("pair.answered"), of("pair.withdrawn")), (1, 1, 0));
    let text: String = told
        .iter()
        .filter(|envelope| envelope.event.kind().starts_with("pair."))
        .map(|envelope| serde_json::to_string(&envelope.event).unwrap())
        .collect();
    for word in ["prefer", "side", "run_", "a_much", "invented", "30.25"] {
        assert!(!text.contains(word), "the ledger would tell '{word}': {text}");
    }
}

async fn a_pair_waits_for_the_patients_case_whose_readers_never_get_it(scratch: Scratch) {
    let clinic = clinic(&scratch).await;
    for reader in [3, 4] {
        clinic.names_evaluator(reader).await;
    }
    starts(&clinic, 10, 1).await;
    let (champion, _) = both_run(&clinic, 71).await;
    assert!(listed(&clinic.radiologist(1)).await.is_empty(), "the patient's case comes first");
    patient_is_read(&clinic, &champion).await;
    assert_eq!(listed(&clinic.radiologist(1)).await.len(), 1);
    for reader in [3, 4] {
        assert!(listed(&clinic.radiologist(reader)).await.is_empty(), "{reader} read the patient's case");
    }
}

async fn who_was_shown_a_pair_reads_no_later_case_of_the_source(scratch: Scratch) {
    let clinic = clinic(&scratch).await;
    starts(&clinic, 10, 1).await;
    let (champion, _) = both_run(&clinic, 72).await;
    patient_is_read(&clinic, &champion).await;
    let (reader, other) = (clinic.radiologist(1), clinic.radiologist(2));
    let pair = listed(&reader).await.remove(0);
    reader.review().pair_open(&pair).await.unwrap();
    let later = run_of(&clinic, 3, &SeriesId::from_bits(72), Stage::Pilot).await;
    let later = clinic.case_of(&later).await;
    assert!(reader.worklist().await.is_empty());
    assert_eq!(refusal(reader.review().open(&later).await), "unavailable");
    assert_eq!(other.worklist().await, [later]);
}

async fn other_sources_and_earlier_runs_make_no_pair(scratch: Scratch) {
    let clinic = clinic(&scratch).await;
    let (early, _) = both_run(&clinic, 73).await;
    patient_is_read(&clinic, &early).await;
    clinic.clock.advance(TimeDelta::minutes(1));
    starts(&clinic, 1, 1).await;
    let series = SeriesId::from_bits(74);
    let champion = run_of(&clinic, 1, &series, Stage::General).await;
    patient_is_read(&clinic, &champion).await;
    let changed = Run {
        deployment: DeploymentId::from_bits(2),
        source_set: Digest::of(b"one slice more"),
        ..clinic.run_on(series, Stage::Shadow)
    };
    clinic.completes(&changed).await;
    assert!(listed(&clinic.radiologist(1)).await.is_empty(), "not the same set of instances");
    let (one, _) = both_run(&clinic, 75).await;
    let (other, _) = both_run(&clinic, 76).await;
    patient_is_read(&clinic, &one).await;
    patient_is_read(&clinic, &other).await;
    assert_eq!(listed(&clinic.radiologist(1)).await.len(), 1, "no more pairs than were declared");
}

async fn what_changed_or_ended_is_read_by_nobody_any_more(scratch: Scratch) {
    let clinic = clinic(&scratch).await;
    starts(&clinic, 10, 1).await;
    let reader = clinic.radiologist(1);
    let (champion, _) = both_run(&clinic, 77).await;
    patient_is_read(&clinic, &champion).await;
    let pair = listed(&reader).await.remove(0);
    reader.review().pair_open(&pair).await.unwrap();
    clinic.told(Event::RunSuperseded { run: champion.id.clone() }).await;
    assert!(listed(&reader).await.is_empty());
    let refused = signs(&reader, &pair, Preference::A, Digest::of(b"shown")).await;
    assert_eq!(refusal(refused), "hold_lapsed");
    assert!(reader.review().pair_view(&pair, Side::A).await.is_err());

    let (champion, _) = both_run(&clinic, 78).await;
    patient_is_read(&clinic, &champion).await;
    assert_eq!(listed(&reader).await.len(), 1);
    let ended =
        ComparisonEnded { comparison: comparison(), reason_code: "given_up".to_owned(), reason: None };
    clinic.told(Event::ComparisonEnded(ended)).await;
    assert!(listed(&reader).await.is_empty());
    both_run(&clinic, 79).await;
    let told = clinic.events().await;
    let reasons: Vec<_> = told
        .iter()
        .filter_map(|envelope| match &envelope.event {
            Event::PairWithdrawn(told) => Some(told.reason_code.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(reasons, ["superseded", "comparison_ended"]);
    assert_eq!(told.iter().filter(|envelope| envelope.event.kind() == "pair.opened").count(), 2);
}

async fn two_readers_see_their_own_sides_and_answer_together(scratch: Scratch) {
    let clinic = clinic(&scratch).await;
    starts(&clinic, 10, 2).await;
    let (champion, challenger) = both_run(&clinic, 80).await;
    patient_is_read(&clinic, &champion).await;
    let (one, other) = (clinic.radiologist(1), clinic.radiologist(2));
    let pair = listed(&one).await.remove(0);
    prefers_challenger(&clinic, &one, &pair, (&champion, &challenger)).await;
    assert!(completed(&clinic).await.is_empty(), "one of two");
    assert_eq!(listed(&other).await, std::slice::from_ref(&pair));
    prefers_challenger(&clinic, &other, &pair, (&champion, &challenger)).await;
    assert_eq!(completed(&clinic).await[0].outcome, PairOutcome::Challenger);
    // What nobody reads in time is taken out.
    let (late, _) = both_run(&clinic, 81).await;
    patient_is_read(&clinic, &late).await;
    assert_eq!(listed(&one).await.len(), 1);
    clinic.clock.advance(TimeDelta::days(25));
    clinic.concludes().await;
    let told = clinic.events().await;
    assert!(told.iter().any(|envelope| matches!(&envelope.event,
        Event::PairWithdrawn(told) if told.reason_code == "expired")));
}
