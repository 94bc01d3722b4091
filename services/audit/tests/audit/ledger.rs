//! What the ledger takes in, and what it answers to whom.

use crate::desk::Desk;
use chrono::TimeDelta;
use contract::audit::{ExportFormat, ExportQuery, FiguresQuery, QualityFile, SourceHealth};
use contract::{CaseId, ClientError, Role};
use database::scratch::Scratch;
use platform::Clock as _;

async fn every_event_becomes_one_entry_in_whatever_order_and_however_often_it_comes(scratch: Scratch) {
    let desk = Desk::open(&scratch).await;
    let events: Vec<_> = (1..=5).map(|seq| desk.writes(seq)).collect();
    for seq in [3, 1, 1, 5, 2, 3, 4, 5] {
        desk.publishes(&events[seq - 1]).await;
    }
    desk.reaches(5).await;
    let entries = desk.entries_about(None).await;
    let mut told: Vec<i64> =
        entries.iter().filter(|entry| entry.service == "review").map(|entry| entry.seq).collect();
    told.sort_unstable();
    assert_eq!(told, [1, 2, 3, 4, 5]);
}

async fn what_did_not_come_over_the_bus_is_fetched_from_its_service(scratch: Scratch) {
    let desk = Desk::open(&scratch).await;
    for seq in 1..=4 {
        desk.writes(seq);
    }
    let lost_on_the_way = desk.writes(5);
    assert_eq!(lost_on_the_way.seq, 5);
    desk.reaches(5).await;
    let reached = |source: &SourceHealth| source.service == "review" && source.last == 5;
    let health = desk.shows(|health| health.sources.iter().any(reached)).await;
    assert!(health.alarms.is_empty(), "{health:?}");
}

async fn what_its_service_has_lost_too_is_an_alarm_that_names_it(scratch: Scratch) {
    let desk = Desk::open(&scratch).await;
    for seq in 1..=5 {
        desk.writes(seq);
    }
    desk.loses(2);
    desk.loses(3);
    let health = desk.shows(|health| health.alarms == ["events 2 to 3 of review are missing"]).await;
    let review = health.sources.iter().find(|source| source.service == "review").unwrap();
    assert_eq!((review.last, review.gaps[0].first, review.gaps[0].last), (5, 2, 3));
    desk.counts(r#"audit_missing_events{service="review"} 2"#).await;
}

async fn a_gap_closes_as_soon_as_its_service_has_the_events_again(scratch: Scratch) {
    let desk = Desk::open(&scratch).await;
    let events: Vec<_> = (1..=4).map(|seq| desk.writes(seq)).collect();
    desk.loses(2);
    desk.shows(|health| health.alarms == ["event 2 of review is missing"]).await;
    desk.finds(events[1].clone());
    desk.shows(|health| {
        health.alarms.is_empty() && health.sources.iter().all(|source| source.gaps.is_empty())
    })
    .await;
}

async fn everything_that_audit_answers_a_person_is_an_entry(scratch: Scratch) {
    let desk = Desk::open(&scratch).await;
    desk.records(2).await;
    desk.is_checkpointed(2).await;
    let quality = desk.quality();
    let export = ExportQuery { format: ExportFormat::Csv, from: 0, to: None };
    let mut expected = Vec::new();
    quality.entries(&contract::audit::LedgerQuery::default()).await.unwrap();
    expected.push("quality was shown the ledger (ledger)");
    quality.history(vec!["case_x".to_owned()]).await.unwrap();
    expected.push("quality was shown a history (case_x)");
    quality.health().await.unwrap();
    quality.status().await.unwrap();
    expected.push("quality was shown the ledger (ledger)");
    quality.inclusion(1).await.unwrap().unwrap();
    expected.push("quality was shown a proof (entry 1)");
    quality.consistency(0).await.unwrap().unwrap();
    expected.push("quality was shown a proof (entry 0)");
    let exported = quality.export(&export).send().await.unwrap();
    assert!(exported.status().is_success());
    let period = FiguresQuery { from: desk.clock.now() - TimeDelta::days(12), to: desk.clock.now() };
    let figures = quality.figures(&period).await.unwrap();
    let all = &figures.agreement[0];
    assert_eq!((figures.cases, all.count, all.cases.len()), (12, 12, 12));
    assert!((all.observed.unwrap().value - 1.0).abs() < 1e-12);
    desk.reaches(2 + 2 + expected.len() as u64).await;
    let entries = desk.entries_about(None).await;
    let mut told: Vec<&str> = entries.iter().map(|entry| entry.sentence.as_str()).collect();
    told.retain(|sentence| sentence.starts_with("quality"));
    told.reverse();
    let figures = told.pop().unwrap();
    assert!(figures.starts_with("quality was shown figures of quality (cases from "), "{figures}");
    let last = told.pop().unwrap();
    assert!(last.starts_with("quality was shown an export (entries 0 to "), "{last}");
    assert_eq!(told, expected);
}

async fn a_report_leaves_in_each_form_for_quality_alone_and_as_an_entry(scratch: Scratch) {
    let desk = Desk::open(&scratch).await;
    let period = FiguresQuery { from: desk.clock.now() - TimeDelta::days(12), to: desk.clock.now() };
    for (file, begins) in [(QualityFile::Html, "<!DOCTYPE html>"), (QualityFile::Pdf, "%PDF-1.7")] {
        for role in Role::ALL {
            let answer = desk.called_by(&[role]).report(file, &period).send().await.unwrap();
            if role == Role::Quality {
                assert_eq!(answer.headers()["content-type"], file.media_type());
                assert!(answer.bytes().await.unwrap().starts_with(begins.as_bytes()));
            } else {
                assert_eq!(answer.status(), 403, "{role:?}");
            }
        }
    }
    desk.reaches(2).await;
    let entries = desk.entries_about(None).await;
    for form in ["HTML", "PDF"] {
        let told = format!(" was shown an export (report as {form} from ");
        assert_eq!(entries.iter().filter(|entry| entry.sentence.contains(&told)).count(), 1, "{form}");
    }
}

async fn each_look_at_the_ledger_is_itself_in_the_ledger(scratch: Scratch) {
    let desk = Desk::open(&scratch).await;
    desk.records(1).await;
    let case = CaseId::from_bits(1).to_string();
    desk.quality().history(vec![case.clone()]).await.unwrap();
    desk.reaches(2).await;
    let entries = desk.entries_about(None).await;
    assert!(entries.iter().any(|entry| entry.sentence == format!("quality was shown a history ({case})")));
}

async fn the_history_of_a_case_is_told_oldest_first_in_sentences(scratch: Scratch) {
    let desk = Desk::open(&scratch).await;
    desk.records(3).await;
    let ids = vec![CaseId::from_bits(3).to_string(), CaseId::from_bits(1).to_string()];
    let history = desk.gateway().history(ids).await.unwrap();
    assert!(history[0].index < history[1].index);
    let mut told: Vec<_> = history.iter().map(|entry| entry.sentence.as_str()).collect();
    // Events are recorded as they arrive, which need not be in the order in which they were told.
    told.sort_unstable();
    let expected = [1, 3].map(|seq| {
        let (case, run) = (CaseId::from_bits(seq), contract::RunId::from_bits(1));
        format!("the review service queued {case} for review of {run}")
    });
    assert_eq!(told, expected);
}

async fn a_page_goes_on_where_the_one_before_ended(scratch: Scratch) {
    let desk = Desk::open(&scratch).await;
    desk.records(5).await;
    let mut query = contract::audit::LedgerQuery::default();
    query.page.first = Some(3);
    query.mentioning = vec![vec![contract::RunId::from_bits(1).to_string()]];
    let first = desk.quality().entries(&query).await.unwrap();
    query.page.after = Some(first.items[2].cursor.clone());
    let second = desk.quality().entries(&query).await.unwrap();
    assert!(first.has_next_page && !second.has_next_page);
    let indexes = first.items.iter().chain(&second.items).map(|item| item.node.index).collect::<Vec<_>>();
    assert_eq!(indexes, [4, 3, 2, 1, 0]);
}

async fn only_quality_and_administrators_see_the_ledger(scratch: Scratch) {
    let desk = Desk::open(&scratch).await;
    for role in Role::ALL {
        let may = matches!(role, Role::Quality | Role::Administrator);
        let audit = desk.called_by(&[role]);
        let refused = |outcome: Result<(), ClientError>| matches!(outcome, Err(ClientError::Refused { .. }));
        assert_eq!(refused(audit.status().await.map(drop)), !may, "{role:?}");
        assert_eq!(refused(audit.entries(&contract::audit::LedgerQuery::default()).await.map(drop)), !may);
        assert_eq!(refused(audit.history(vec!["case".to_owned()]).await.map(drop)), !may);
        assert_eq!(refused(audit.health().await.map(drop)), !may);
        assert_eq!(refused(audit.inclusion(9).await.map(drop)), !may);
        assert_eq!(refused(audit.consistency(9).await.map(drop)), !may);
        let period = FiguresQuery { from: desk.clock.now() - TimeDelta::days(12), to: desk.clock.now() };
        assert_eq!(refused(audit.figures(&period).await.map(drop)), role != Role::Quality);
        let export = ExportQuery { format: ExportFormat::Fhir, from: 0, to: None };
        assert_eq!(audit.export(&export).send().await.unwrap().status() == 403, !may);
    }
}

async fn nobody_who_reads_learns_what_tests_readers(scratch: Scratch) {
    let desk = Desk::open(&scratch).await;
    let period = FiguresQuery { from: desk.clock.now() - TimeDelta::days(12), to: desk.clock.now() };
    assert!(desk.quality().sentinels(&period).await.unwrap().cases.is_empty());
    for other in [Role::Radiologist, Role::Adjudicator] {
        let both = desk.called_by(&[Role::Quality, other]);
        assert!(matches!(both.sentinels(&period).await, Err(ClientError::Refused { .. })), "{other:?}");
    }
    let administrator = desk.called_by(&[Role::Administrator]);
    assert!(matches!(administrator.sentinels(&period).await, Err(ClientError::Refused { .. })));
}

database::on_both_databases!(
    every_event_becomes_one_entry_in_whatever_order_and_however_often_it_comes,
    what_did_not_come_over_the_bus_is_fetched_from_its_service,
    what_its_service_has_lost_too_is_an_alarm_that_names_it,
    a_gap_closes_as_soon_as_its_service_has_the_events_again,
    everything_that_audit_answers_a_person_is_an_entry,
    a_report_leaves_in_each_form_for_quality_alone_and_as_an_entry,
    each_look_at_the_ledger_is_itself_in_the_ledger,
    the_history_of_a_case_is_told_oldest_first_in_sentences,
    a_page_goes_on_where_the_one_before_ended,
    only_quality_and_administrators_see_the_ledger,
    nobody_who_reads_learns_what_tests_readers,
);
