//! Whose a study is, comes into question: its cases are held, and what was made under another identity never leaves
//! (clinical decision 12; field reports R02 and R28).

use crate::clinic::{Clinic, refusal};
use contract::Event;
use contract::generation::Run;
use contract::intake::SourceCheck;
use contract::review::{CaseState, Verdict};
use contract::rollout::Stage;
use database::scratch::Scratch;

database::on_both_databases!(
    a_case_of_a_study_in_question_is_held_and_goes_on_when_what_stands_is_right,
    what_was_made_under_another_identity_stays_held_until_its_run_is_superseded,
    a_release_waits_for_intake_when_the_event_is_late,
    a_case_that_is_queued_while_the_identity_is_in_question_is_held_from_the_start,
);

const IN_QUESTION: SourceCheck = SourceCheck { unchanged: false, identity_certain: false };
const CERTAIN: SourceCheck = SourceCheck { unchanged: true, identity_certain: true };
/// The study has another identity than the one that the source set was made under.
const REPLACED: SourceCheck = SourceCheck { unchanged: false, identity_certain: true };

fn disputed(run: &Run) -> Event {
    Event::StudyDisputed { study: run.study.clone(), reason_code: "identity_corrected".to_owned() }
}

fn settled(run: &Run, changed: bool) -> Event {
    let reason = contract::Digest::of(b"for a good reason");
    Event::StudySettled { study: run.study.clone(), changed, reason }
}

async fn a_case_of_a_study_in_question_is_held_and_goes_on_when_what_stands_is_right(scratch: Scratch) {
    let clinic = Clinic::at_once(&scratch).await;
    let run = clinic.completes_run(Stage::General).await;
    let case = clinic.case_of(&run).await;
    clinic.radiologist(1).reads(&case, Verdict::Accept).await;
    let second = clinic.radiologist(2);
    second.opens(&case).await;
    second.saves(&case, 0, Verdict::Accept).await;
    clinic.intake_says(IN_QUESTION);
    clinic.told(disputed(&run)).await;
    let held = clinic.coordinator().review().case(&case).await.unwrap().unwrap();
    assert_eq!(held.state, Some(CaseState::Held));
    assert_eq!(held.holds.iter().map(|hold| hold.reason_code.as_str()).collect::<Vec<_>>(), ["identity"]);
    assert_eq!(refusal(second.signs(&case, Verdict::Accept).await), "lease_ended");
    assert_eq!(refusal(second.review().open(&case).await), "unavailable");
    clinic.concludes().await;
    assert_eq!(clinic.overview(&case).await.state, Some(CaseState::Held), "nobody has decided");

    clinic.intake_says(CERTAIN);
    clinic.told(settled(&run, false)).await;
    assert_eq!(second.opens(&case).await.draft.unwrap().version, 1, "what was typed is kept");
    second.signs(&case, Verdict::Accept).await.unwrap();
    clinic.concludes().await;
    assert_eq!(clinic.overview(&case).await.state, Some(CaseState::Released));
}

async fn what_was_made_under_another_identity_stays_held_until_its_run_is_superseded(scratch: Scratch) {
    let clinic = Clinic::at_once(&scratch).await;
    let run = clinic.completes_run(Stage::General).await;
    let case = clinic.case_of(&run).await;
    clinic.radiologist(1).reads(&case, Verdict::Accept).await;
    clinic.radiologist(2).reads(&case, Verdict::Accept).await;
    clinic.intake_says(IN_QUESTION);
    clinic.told(disputed(&run)).await;
    clinic.intake_says(REPLACED);
    clinic.told(settled(&run, true)).await;
    clinic.concludes().await;
    let seen = clinic.overview(&case).await;
    assert_eq!((seen.state, seen.release), (Some(CaseState::Held), None));
    clinic.told(Event::RunSuperseded { run: run.id.clone() }).await;
    clinic.concludes().await;
    let seen = clinic.overview(&case).await;
    assert_eq!((seen.state, seen.release), (Some(CaseState::Superseded), None));

    // What is made anew is read anew, by whoever read the former one too.
    clinic.intake_says(CERTAIN);
    let anew = clinic.completes_run_on(run.series.clone(), Stage::General).await;
    let anew = clinic.case_of(&anew).await;
    clinic.radiologist(1).reads(&anew, Verdict::Accept).await;
    clinic.radiologist(2).reads(&anew, Verdict::Accept).await;
    clinic.concludes().await;
    assert_eq!(clinic.overview(&anew).await.state, Some(CaseState::Released));
}

async fn a_release_waits_for_intake_when_the_event_is_late(scratch: Scratch) {
    let clinic = Clinic::at_once(&scratch).await;
    let run = clinic.completes_run(Stage::General).await;
    let case = clinic.case_of(&run).await;
    clinic.radiologist(1).reads(&case, Verdict::Accept).await;
    clinic.radiologist(2).reads(&case, Verdict::Accept).await;
    clinic.intake_says(IN_QUESTION);
    clinic.concludes().await;
    let seen = clinic.overview(&case).await;
    assert_eq!((seen.state, seen.release), (Some(CaseState::Held), None));
    clinic.told(disputed(&run)).await;
    clinic.intake_says(CERTAIN);
    clinic.concludes().await;
    clinic.concludes().await;
    assert_eq!(clinic.overview(&case).await.state, Some(CaseState::Released));
}

async fn a_case_that_is_queued_while_the_identity_is_in_question_is_held_from_the_start(scratch: Scratch) {
    let clinic = Clinic::at_once(&scratch).await;
    clinic.intake_says(IN_QUESTION);
    let run = clinic.completes_run(Stage::General).await;
    let case = clinic.case_of(&run).await;
    assert_eq!(clinic.overview(&case).await.state, Some(CaseState::Held));
    assert!(clinic.radiologist(1).worklist().await.is_empty());
}
