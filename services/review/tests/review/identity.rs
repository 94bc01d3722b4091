//! Whose a study is, comes into question: its cases are held, and what was made under another identity never leaves
//! (clinical decision 12; field reports R02 and R28).

use crate::clinic::{Clinic, refusal, why};
use contract::generation::Run;
use contract::intake::SourceCheck;
use contract::review::{CaseState, Verdict};
use contract::rollout::Stage;
use contract::{CaseId, Event};
use database::scratch::Scratch;

database::on_both_databases!(
    a_case_of_a_study_in_question_is_held_and_goes_on_when_what_stands_is_right,
    what_was_made_under_another_identity_stays_held_until_its_run_is_superseded,
    a_release_waits_for_intake_when_the_event_is_late,
    a_case_that_is_queued_while_the_identity_is_in_question_is_held_from_the_start,
    r02_a_merge_finds_each_case_wherever_it_stands_and_nothing_leaves_under_the_former_identity,
    r28_a_flagged_study_is_neither_signed_nor_sent_and_goes_on_as_it_was,
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

/// Four cases of one study: being read, signed by one, signed by both, released; and the runs they are of.
async fn in_four_states(clinic: &Clinic) -> ([Run; 4], [CaseId; 4]) {
    let mut made = Vec::new();
    for _ in 0..4 {
        let run = clinic.completes_run(Stage::General).await;
        let case = clinic.case_of(&run).await;
        made.push((run, case));
    }
    let [read, signed, both, released] = made.try_into().unwrap();
    let (first, second) = (clinic.radiologist(1), clinic.radiologist(2));
    for case in [&released.1, &both.1] {
        first.reads(case, Verdict::Accept).await;
        second.reads(case, Verdict::Accept).await;
        if case == &released.1 {
            clinic.concludes().await;
        }
    }
    first.reads(&signed.1, Verdict::Accept).await;
    first.opens(&read.1).await;
    first.saves(&read.1, 0, Verdict::Reject).await;
    ([read.0, signed.0, both.0, released.0], [read.1, signed.1, both.1, released.1])
}

async fn states(clinic: &Clinic, cases: &[CaseId; 4]) -> [CaseState; 4] {
    let mut states = Vec::new();
    for case in cases {
        states.push(clinic.overview(case).await.state.unwrap());
    }
    states.try_into().unwrap()
}

/// How often each kind of event was told, of some.
async fn counts<const N: usize>(clinic: &Clinic, kinds: [&str; N]) -> [usize; N] {
    let told = clinic.events().await;
    kinds.map(|kind| told.iter().filter(|envelope| envelope.event.kind() == kind).count())
}

async fn r02_a_merge_finds_each_case_wherever_it_stands_and_nothing_leaves_under_the_former_identity(
    scratch: Scratch,
) {
    use CaseState::{Held, Released, Superseded};
    let clinic = Clinic::at_once(&scratch).await;
    let (runs, cases) = in_four_states(&clinic).await;
    let release = clinic.overview(&cases[3]).await.release.unwrap();
    let delivery = clinic.called_by("delivery");
    clinic.intake_says(IN_QUESTION);
    // Told twice each time, and the whole question twice: a repeat changes nothing.
    for _ in 0..2 {
        clinic.told(disputed(&runs[0])).await;
        clinic.concludes().await;
        assert_eq!(states(&clinic, &cases).await, [Held, Held, Held, Released]);
    }
    let first = clinic.radiologist(1);
    let told = first.review().case(&cases[0]).await.unwrap().unwrap();
    assert_eq!(told.ended_hold.unwrap().reason_code, "held", "who read it learns that it is held");
    assert_eq!(refusal(first.signs(&cases[0], Verdict::Accept).await), "lease_ended");
    for case in &cases[..3] {
        assert_eq!(refusal(clinic.radiologist(3).review().open(case).await), "unavailable");
    }

    // Patient A is patient B from now on: what was made under A is not what is made anew.
    clinic.intake_says(REPLACED);
    clinic.told(settled(&runs[0], true)).await;
    clinic.concludes().await;
    assert_eq!(states(&clinic, &cases).await, [Held, Held, Held, Released], "until the runs are superseded");
    for run in &runs {
        clinic.told(Event::RunSuperseded { run: run.id.clone() }).await;
        clinic.told(Event::RunSuperseded { run: run.id.clone() }).await;
    }
    clinic.concludes().await;
    assert_eq!(states(&clinic, &cases).await, [Superseded, Superseded, Superseded, Released]);
    assert!(!delivery.release_check(&release).await.unwrap().may_send, "nor is the rest of it sent");
    assert!(clinic.overview(&cases[3]).await.needs_recall_evaluation, "what was delivered is listed");

    // B becomes A again, and A becomes B: a question each time, and no old case comes back to life.
    for changed in [false, true] {
        clinic.intake_says(IN_QUESTION);
        clinic.told(disputed(&runs[0])).await;
        clinic.intake_says(CERTAIN);
        clinic.told(settled(&runs[0], changed)).await;
        clinic.concludes().await;
        assert_eq!(states(&clinic, &cases).await, [Superseded, Superseded, Superseded, Released]);
    }
    let told = counts(&clinic, ["case.held", "case.superseded", "case.released"]).await;
    assert_eq!(told, [3, 4, 1], "a repeat is told to nobody");
    assert!(!delivery.release_check(&release).await.unwrap().may_send);
}

async fn r28_a_flagged_study_is_neither_signed_nor_sent_and_goes_on_as_it_was(scratch: Scratch) {
    use CaseState::{Held, Released};
    let clinic = Clinic::at_once(&scratch).await;
    let (runs, cases) = in_four_states(&clinic).await;
    let release = clinic.overview(&cases[3]).await.release.unwrap();
    let delivery = clinic.called_by("delivery");
    let digests = async || {
        let mut digests = Vec::new();
        for case in &cases {
            let seen = clinic.overview(case).await;
            let reads: Vec<_> = seen.reads.iter().map(|read| read.signature.content_digest).collect();
            digests.push((seen.run, seen.case_digest, reads));
        }
        digests
    };
    let before = digests().await;
    let coordinator = clinic.coordinator().review();
    coordinator.flag_study(&runs[0].study, &why()).await.unwrap();
    clinic.concludes().await;
    assert_eq!(states(&clinic, &cases).await, [Held, Held, Held, Released]);
    let (first, second) = (clinic.radiologist(1), clinic.radiologist(2));
    assert_eq!(refusal(first.signs(&cases[0], Verdict::Accept).await), "lease_ended");
    assert_eq!(refusal(second.review().open(&cases[1]).await), "unavailable");
    assert!(!delivery.release_check(&release).await.unwrap().may_send, "what was released waits");
    for case in &cases {
        let held = coordinator.case(case).await.unwrap().unwrap();
        let reasons: Vec<&str> = held.holds.iter().map(|hold| hold.reason_code.as_str()).collect();
        assert_eq!(reasons.is_empty(), case == &cases[3], "{reasons:?}");
    }
    assert_eq!(digests().await, before, "nothing is deleted and nothing made anew");

    coordinator.unflag_study(&runs[0].study).await.unwrap();
    clinic.concludes().await;
    assert_eq!(first.opens(&cases[0]).await.draft.unwrap().version, 1, "what was typed is kept");
    assert!(delivery.release_check(&release).await.unwrap().may_send);
    assert_eq!(states(&clinic, &cases).await[2..], [Released, Released], "what was signed by both goes on");
    second.reads(&cases[1], Verdict::Accept).await;
    clinic.concludes().await;
    assert_eq!(clinic.overview(&cases[1]).await.state, Some(Released));
    let after = digests().await;
    for (before, after) in before.iter().zip(&after) {
        assert_eq!((&before.0, &before.1), (&after.0, &after.1), "of the same run, over the same bytes");
    }
    assert_eq!(counts(&clinic, ["study.flagged", "study.unflagged"]).await, [1, 1]);
}
