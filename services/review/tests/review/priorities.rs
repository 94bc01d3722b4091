//! How soon cases are wanted: the order of worklists, what coordinators change of it, and what is overdue.

use crate::clinic::{Clinic, Person, refusal, why};
use chrono::TimeDelta;
use contract::review::{CaseState, ChangePriority, Verdict};
use contract::{CaseId, Event, PageRequest, Priority};
use database::scratch::Scratch;

database::on_both_databases!(
    a_worklist_gives_the_most_urgent_first_and_pages_join_whatever_becomes_urgent_meanwhile,
    what_another_reader_does_moves_no_case,
    a_coordinator_says_how_soon_a_case_is_wanted_and_why,
    a_case_that_is_overdue_is_told_once_and_nothing_else_comes_of_it,
);

async fn queued(clinic: &Clinic, priorities: &[Priority]) -> Vec<CaseId> {
    let mut cases = Vec::new();
    for priority in priorities {
        cases.push(clinic.queues_with(*priority).await);
    }
    cases
}

/// Ids and cursors of a page, and whether more follow.
async fn page(reader: &Person<'_>, after: Option<String>) -> (Vec<(CaseId, String)>, bool) {
    let page = reader.review().worklist(&PageRequest { first: Some(2), after }).await.unwrap();
    let rows = page.items.into_iter().map(|item| (item.node.id, item.cursor)).collect();
    (rows, page.has_next_page)
}

async fn a_worklist_gives_the_most_urgent_first_and_pages_join_whatever_becomes_urgent_meanwhile(
    scratch: Scratch,
) {
    let clinic = Clinic::at_once(&scratch).await;
    let reader = clinic.radiologist(1);
    let old = queued(&clinic, &[Priority::OffPeak, Priority::Routine]).await;
    clinic.clock.advance(TimeDelta::hours(18));
    let new = queued(&clinic, &[Priority::Routine, Priority::Urgent, Priority::Stat]).await;
    let expected = [&new[2], &new[1], &old[1], &new[0], &old[0]].map(CaseId::clone);
    assert_eq!(reader.worklist().await, expected);

    let (mut listed, mut more) = page(&reader, None).await;
    while more {
        // By the second page the older routine case has moved up, by the third everything is overdue.
        clinic.clock.advance(TimeDelta::hours(3));
        let after = listed.last().map(|(_, cursor)| cursor.clone());
        let (next, goes_on) = page(&reader, after).await;
        listed.extend(next);
        more = goes_on;
    }
    let listed: Vec<CaseId> = listed.into_iter().map(|(case, _)| case).collect();
    assert_eq!(listed, expected, "as of the minute in which the list was begun");
    let now = reader.worklist().await;
    assert_eq!(now[0], new[2], "what is STAT comes before everything");
    assert_eq!(now[1..3], [old[1].clone(), new[1].clone()], "then what is overdue, the oldest first");
}

async fn what_another_reader_does_moves_no_case(scratch: Scratch) {
    let clinic = Clinic::at_once(&scratch).await;
    let cases = queued(&clinic, &[Priority::Routine; 4]).await;
    let list = || async {
        let page = PageRequest { first: Some(100), after: None };
        let listed = clinic.radiologist(1).review().worklist(&page).await.unwrap();
        serde_json::to_string(&listed).unwrap()
    };
    let before = list().await;
    clinic.radiologist(2).opens(&cases[0]).await;
    assert_eq!(list().await, before);
    clinic.radiologist(2).rejects_critically(&cases[1]).await;
    clinic.radiologist(3).reads(&cases[2], Verdict::CannotJudge).await;
    clinic.concludes().await;
    assert_eq!(list().await, before, "not a byte");
}

async fn a_coordinator_says_how_soon_a_case_is_wanted_and_why(scratch: Scratch) {
    let clinic = Clinic::at_once(&scratch).await;
    let cases = queued(&clinic, &[Priority::Urgent, Priority::Routine]).await;
    let (reader, coordinator) = (clinic.radiologist(1), clinic.coordinator().review());
    let wanted = |priority| ChangePriority { priority, reason: why().reason };
    let changed = coordinator.change_priority(&cases[1], &wanted(Priority::Stat)).await.unwrap();
    assert_eq!(
        (changed.priority, changed.due_at),
        (Priority::Stat, changed.queued_at + TimeDelta::minutes(30))
    );
    let change = changed.priority_change.unwrap();
    assert_eq!((change.from, change.reason), (Priority::Routine, why().reason));
    assert_eq!(reader.worklist().await, [cases[1].clone(), cases[0].clone()]);
    let seen = reader.review().case(&cases[1]).await.unwrap().unwrap();
    assert_eq!((seen.priority, seen.priority_change.is_none()), (Priority::Stat, true));

    let again = coordinator.change_priority(&cases[1], &wanted(Priority::Stat)).await;
    assert_eq!(refusal(again), "same_priority");
    let silent = ChangePriority { priority: Priority::Urgent, reason: " ".to_owned() };
    assert_eq!(refusal(coordinator.change_priority(&cases[1], &silent).await), "reason_missing");
    // Who knows whether reads differ must not tell it by a priority.
    for person in [clinic.quality(), clinic.administrator(), clinic.radiologist(1), clinic.adjudicator()] {
        let answer = person.review().change_priority(&cases[1], &wanted(Priority::Urgent)).await;
        assert_eq!(refusal(answer), "forbidden");
    }
    clinic.radiologist(1).reads(&cases[1], Verdict::Accept).await;
    clinic.radiologist(2).reads(&cases[1], Verdict::Accept).await;
    clinic.concludes().await;
    let over = coordinator.change_priority(&cases[1], &wanted(Priority::Routine)).await;
    assert_eq!(refusal(over), "case_over");

    let told = clinic.events().await;
    let changes: Vec<&Event> =
        told.iter().map(|told| &told.event).filter(|event| event.kind() == "case.priority_changed").collect();
    assert!(matches!(
        changes[..],
        [Event::CasePriorityChanged { from: Priority::Routine, to: Priority::Stat, .. }]
    ));
    assert!(
        !serde_json::to_string(&told).unwrap().contains("for a good reason"),
        "free text stays with review"
    );
}

async fn a_case_that_is_overdue_is_told_once_and_nothing_else_comes_of_it(scratch: Scratch) {
    let clinic = Clinic::at_once(&scratch).await;
    let cases = queued(&clinic, &[Priority::Stat, Priority::Routine]).await;
    clinic.radiologist(1).reads(&cases[0], Verdict::Accept).await;
    clinic.clock.advance(TimeDelta::minutes(30));
    clinic.concludes().await;
    clinic.concludes().await;
    let overview = clinic.overview(&cases[0]).await;
    assert_eq!((overview.state, overview.release), (Some(CaseState::Reading), None));
    assert_eq!(clinic.radiologist(2).worklist().await[0], cases[0], "whoever could read it still can");

    // Another time at which it is due is told once more.
    let later = ChangePriority { priority: Priority::Urgent, reason: why().reason };
    clinic.coordinator().review().change_priority(&cases[0], &later).await.unwrap();
    clinic.concludes().await;
    clinic.clock.advance(TimeDelta::minutes(90));
    clinic.concludes().await;
    let told = clinic.events().await;
    let overdue = told.iter().filter_map(|told| match &told.event {
        Event::CaseOverdue { case, priority } => Some((case.clone(), *priority)),
        _ => None,
    });
    let expected = [Priority::Stat, Priority::Urgent].map(|priority| (cases[0].clone(), priority));
    assert_eq!(overdue.collect::<Vec<_>>(), expected);
}
