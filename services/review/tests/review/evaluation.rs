//! Reading at shadow: evidence about a model, apart from patients' cases.

use crate::clinic::{Clinic, refusal, rules};
use chrono::TimeDelta;
use contract::review::{CaseState, Verdict};
use contract::rollout::Stage;
use contract::{CaseId, SeriesId};
use database::scratch::Scratch;

database::on_both_databases!(
    named_readers_evaluate_what_is_drawn_and_it_is_never_released,
    a_disagreement_at_shadow_goes_to_an_adjudicator,
    an_evaluation_waits_for_the_patients_case_and_keeps_it_blind,
    what_is_not_drawn_is_read_by_nobody,
    a_suspension_holds_evaluations,
);

async fn drawing(scratch: &Scratch) -> Clinic {
    let config = rules(|policy| {
        (policy.finalisation_minutes, policy.evaluation_per_mille) = (0, 1_000);
    });
    let clinic = Clinic::open(scratch, config).await;
    for reader in [1, 2] {
        clinic.names_evaluator(reader).await;
    }
    clinic
}

async fn shadow_case(clinic: &Clinic) -> CaseId {
    let run = clinic.completes_run(Stage::Shadow).await;
    clinic.case_of(&run).await
}

async fn named_readers_evaluate_what_is_drawn_and_it_is_never_released(scratch: Scratch) {
    let clinic = drawing(&scratch).await;
    let case = shadow_case(&clinic).await;
    let (one, two, unnamed) = (clinic.radiologist(1), clinic.radiologist(2), clinic.radiologist(3));
    assert_eq!(one.evaluations().await, std::slice::from_ref(&case));
    assert!(one.worklist().await.is_empty(), "no clinical worklist shows it");
    assert!(unnamed.evaluations().await.is_empty() && unnamed.worklist().await.is_empty());
    assert_eq!(refusal(unnamed.review().open(&case).await), "unavailable");
    assert!(one.opens(&case).await.is_model_hidden);

    one.reads(&case, Verdict::Accept).await;
    let told = two.reads(&case, Verdict::AcceptWithLimitation).await;
    assert!(!told.is_model_hidden, "the own read is final");
    clinic.concludes().await;
    // Accepting with a limitation and without one differ (clinical decision 5).
    assert_eq!(clinic.overview(&case).await.state, Some(CaseState::Discordant));

    let agreed = shadow_case(&clinic).await;
    one.reads(&agreed, Verdict::Accept).await;
    two.reads(&agreed, Verdict::Accept).await;
    clinic.concludes().await;
    let overview = clinic.overview(&agreed).await;
    assert_eq!((overview.state, overview.release), (Some(CaseState::Evaluated), None));
    let kinds: Vec<_> = clinic.events().await.iter().map(|envelope| envelope.event.kind()).collect();
    assert!(kinds.contains(&"case.evaluated") && !kinds.contains(&"case.released"));
    let counts = clinic.counts(Stage::Shadow).await;
    assert_eq!((counts.ended, counts.accepted, counts.readers), (1, 1, 2));
    assert_eq!(clinic.counts(Stage::Pilot).await.ended, 0, "what was read at shadow speaks for pilot only");
}

async fn a_disagreement_at_shadow_goes_to_an_adjudicator(scratch: Scratch) {
    let clinic = drawing(&scratch).await;
    clinic.names_evaluator(9).await;
    let case = shadow_case(&clinic).await;
    clinic.radiologist(1).reads(&case, Verdict::Accept).await;
    clinic.radiologist(2).reads(&case, Verdict::Reject).await;
    clinic.concludes().await;
    let adjudicator = clinic.adjudicator();
    assert_eq!(adjudicator.evaluations().await, std::slice::from_ref(&case));
    adjudicator.reads(&case, Verdict::Reject).await;
    clinic.concludes().await;
    assert_eq!(clinic.overview(&case).await.state, Some(CaseState::Evaluated));
    let counts = clinic.counts(Stage::Shadow).await;
    assert_eq!((counts.ended, counts.accepted, counts.discordant), (1, 0, 1));
}

async fn an_evaluation_waits_for_the_patients_case_and_keeps_it_blind(scratch: Scratch) {
    let clinic = drawing(&scratch).await;
    let series = SeriesId::from_bits(77);
    let clinical = clinic.completes_run_on(series.clone(), Stage::Pilot).await;
    let clinical = clinic.case_of(&clinical).await;
    let shadow = clinic.completes_run_on(series, Stage::Shadow).await;
    let shadow = clinic.case_of(&shadow).await;
    let (evaluator, other) = (clinic.radiologist(1), clinic.radiologist(3));
    assert!(evaluator.evaluations().await.is_empty(), "the patient's case comes first");
    evaluator.reads(&clinical, Verdict::Accept).await;
    other.reads(&clinical, Verdict::Accept).await;
    clinic.concludes().await;
    assert_eq!(clinic.overview(&clinical).await.state, Some(CaseState::Released), "nothing delays it");
    assert_eq!(evaluator.evaluations().await, std::slice::from_ref(&shadow));
    let seen = |person: &crate::clinic::Person<'_>| {
        let review = person.review();
        let clinical = clinical.clone();
        async move { review.case(&clinical).await.unwrap().unwrap().reads.len() }
    };
    assert_eq!(seen(&evaluator).await, 0, "who may still read the source is not told what others think");
    assert_eq!(seen(&other).await, 1);
    evaluator.reads(&shadow, Verdict::Reject).await;
    clinic.radiologist(2).reads(&shadow, Verdict::Reject).await;
    clinic.concludes().await;
    assert_eq!(seen(&evaluator).await, 1);
    assert_eq!(clinic.overview(&clinical).await.state, Some(CaseState::Released));
}

async fn what_is_not_drawn_is_read_by_nobody(scratch: Scratch) {
    let config = rules(|policy| policy.evaluation_per_mille = 0);
    let clinic = Clinic::open(&scratch, config).await;
    clinic.names_evaluator(1).await;
    let case = shadow_case(&clinic).await;
    let reader = clinic.radiologist(1);
    assert!(reader.evaluations().await.is_empty());
    assert_eq!(refusal(reader.review().open(&case).await), "not_found");
    clinic.clock.advance(TimeDelta::days(22));
    clinic.concludes().await;
    assert_eq!(clinic.overview(&case).await.state, Some(CaseState::Expired));
    assert_eq!(clinic.counts(Stage::Shadow).await.ended, 0);
}

async fn a_suspension_holds_evaluations(scratch: Scratch) {
    let clinic = drawing(&scratch).await;
    let case = shadow_case(&clinic).await;
    clinic.stage_changes(Stage::Shadow, Stage::Suspended).await;
    assert_eq!(clinic.overview(&case).await.state, Some(CaseState::Held));
    assert!(clinic.radiologist(1).evaluations().await.is_empty());
    clinic.stage_changes(Stage::Suspended, Stage::Shadow).await;
    assert_eq!(clinic.radiologist(1).evaluations().await, std::slice::from_ref(&case));
}
