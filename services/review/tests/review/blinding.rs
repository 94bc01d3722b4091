//! What a reader receives over the wire, in worlds that differ only in what the other reader did.

use crate::clinic::{Clinic, refusal};
use contract::review::Verdict;
use contract::rollout::Stage;
use contract::{CaseId, PageRequest, Role, RunId};
use database::scratch::Scratch;

database::on_both_databases!(
    the_answers_to_one_reader_do_not_depend_on_the_other,
    a_shadow_case_shows_to_quality_alone,
    pixels_show_to_holders_of_a_slot_and_each_access_is_recorded_once,
    nothing_is_told_apart_from_what_does_not_exist,
    each_reader_has_an_order_and_pages_join_without_gap,
);

/// Everything reader 1 can ask about the case, as text.
async fn answers(clinic: &Clinic, case: &CaseId, run: &RunId) -> Vec<String> {
    let review = clinic.radiologist(1).review();
    let page = PageRequest::default();
    vec![
        format!("{:?}", review.case(case).await.unwrap()),
        // Without cursors, which are made from the random ids of cases.
        format!(
            "{:?}",
            review.worklist(&page).await.unwrap().items.into_iter().map(|i| i.node).collect::<Vec<_>>()
        ),
        format!("{:?}", review.cases(&page).await.map_err(|error| error.to_string()).err()),
        format!("{:?}", review.view(run).await.is_ok()),
        format!("{:?}", clinic.radiologist(1).signs(case, Verdict::CannotJudge).await.map(drop).is_ok()),
        format!("{:?}", review.case(case).await.unwrap().map(|case| (case.state, case.reads.len()))),
    ]
}

async fn the_answers_to_one_reader_do_not_depend_on_the_other(scratch: Scratch) {
    let clinic = Clinic::at_once(&scratch).await;
    let others = [None, Some(Verdict::Accept), Some(Verdict::Reject), Some(Verdict::CannotJudge)];
    let mut worlds = Vec::new();
    for other in others {
        let run = clinic.completes_run(Stage::General).await;
        let case = clinic.case_of(&run).await;
        let lease = clinic.radiologist(1).opens(&case).await.lease.unwrap();
        if let Some(verdict) = other {
            clinic.radiologist(2).reads(&case, verdict).await;
            clinic.concludes().await;
        }
        let answers = answers(&clinic, &case, &run.id).await.join("\n");
        let ids = [case.as_str(), run.id.as_str(), run.series.as_str(), lease.id.as_str()];
        worlds.push(ids.into_iter().fold(answers, |text, id| text.replace(id, "id")));
        clinic.told(contract::Event::RunSuperseded { run: run.id }).await;
    }
    assert!(worlds.iter().all(|world| *world == worlds[0]), "{worlds:#?}");
}

async fn a_shadow_case_shows_to_quality_alone(scratch: Scratch) {
    let clinic = Clinic::at_once(&scratch).await;
    let run = clinic.completes_run(Stage::Shadow).await;
    let case = clinic.case_of(&run).await;
    let reader = clinic.radiologist(1);
    let administrator = clinic.person(21, &[Role::Administrator]);
    assert!(reader.worklist().await.is_empty());
    assert!(reader.review().case(&case).await.unwrap().is_none());
    assert_eq!(refusal(reader.review().open(&case).await), "not_found");
    assert!(administrator.review().case(&case).await.unwrap().is_none());
    assert!(administrator.review().view(&run.id).await.is_err());
    assert!(clinic.quality().review().view(&run.id).await.is_ok());
}

async fn pixels_show_to_holders_of_a_slot_and_each_access_is_recorded_once(scratch: Scratch) {
    let clinic = Clinic::at_once(&scratch).await;
    let run = clinic.completes_run(Stage::General).await;
    let case = clinic.case_of(&run).await;
    let reader = clinic.radiologist(1);
    assert_eq!(refusal(reader.review().view(&run.id).await), "not_found");
    reader.opens(&case).await;
    reader.review().view(&run.id).await.unwrap();
    reader.review().view(&run.id).await.unwrap();
    clinic.quality().review().view(&run.id).await.unwrap();
    let told = clinic.events().await;
    let accesses: Vec<_> = told.iter().filter(|told| told.event.kind() == "access.recorded").collect();
    assert_eq!(accesses.len(), 2);
    assert!(accesses.iter().all(|access| access.subject == run.id.as_str()));
}

async fn nothing_is_told_apart_from_what_does_not_exist(scratch: Scratch) {
    let clinic = Clinic::at_once(&scratch).await;
    let case = clinic.queues_case().await;
    clinic.radiologist(1).opens(&case).await;
    clinic.radiologist(2).opens(&case).await;
    let third = clinic.radiologist(3).review();
    assert!(third.case(&case).await.unwrap().is_none());
    assert!(third.case(&CaseId::from_bits(404)).await.unwrap().is_none());
    assert_eq!(refusal(clinic.person(22, &[Role::Coordinator]).review().open(&case).await), "forbidden");
    assert_eq!(refusal(third.cases(&PageRequest::default()).await), "forbidden");
}

async fn each_reader_has_an_order_and_pages_join_without_gap(scratch: Scratch) {
    let clinic = Clinic::at_once(&scratch).await;
    for _ in 0..7 {
        clinic.queues_case().await;
    }
    let (one, two) = (clinic.radiologist(1).worklist().await, clinic.radiologist(2).worklist().await);
    assert_ne!(one, two);
    let mut paged = Vec::new();
    let mut page = PageRequest { first: Some(3), after: None };
    loop {
        let got = clinic.radiologist(1).review().worklist(&page).await.unwrap();
        page.after = got.items.last().map(|item| item.cursor.clone());
        paged.extend(got.items.into_iter().map(|item| item.node.id));
        if !got.has_next_page {
            break;
        }
    }
    assert_eq!(paged, one);
}
