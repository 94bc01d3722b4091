//! The ledger, searched by patient, person and time.

use crate::cases::WithStudy as _;
use crate::site::Site;
use contract::audit::LedgerQuery;
use contract::event::Display;
use contract::{CaseId, Event, Role, SeriesId};
use database::on_both_databases;
use database::scratch::Scratch;
use serde_json::json;

on_both_databases! {
    what_was_done_with_a_patient_s_images_is_looked_for_by_every_id_that_they_have,
    who_did_it_is_looked_for_by_user_name_or_printed_name,
    a_number_or_a_name_of_nobody_finds_nothing_instead_of_everything,
}

const QUESTION: &str = "query ($patient: String, $person: String, $since: DateTime, $until: DateTime) {
    ledger(patient: $patient, person: $person, since: $since, until: $until) { nodes { index } } }";

/// What audit was asked, once.
fn searched(site: &Site) -> LedgerQuery {
    let mut searched = std::mem::take(&mut *site.behind.searched.lock().unwrap());
    assert_eq!(searched.len(), 1);
    searched.remove(0)
}

async fn what_was_done_with_a_patient_s_images_is_looked_for_by_every_id_that_they_have(scratch: Scratch) {
    let site = Site::open(&scratch).await;
    site.has_cases(1);
    let number = site.behind.studies.lock().unwrap()[0].patient.id.clone();
    let browser = site.reader_who_is(&[Role::Quality]).await;
    let before = site.told(0).await.len();
    let (since, until) = ("2026-11-01T00:00:00Z", "2026-11-02T00:00:00Z");
    browser.asks(QUESTION, json!({ "patient": number, "since": since, "until": until })).await;
    let query = searched(&site);
    let [group] = &query.mentioning[..] else { panic!("one group: {:?}", query.mentioning) };
    let study = site.behind.studies.lock().unwrap()[0].id.to_string();
    let (series, case) = (SeriesId::from_bits(1).to_string(), CaseId::from_bits(1).to_string());
    for id in [study.clone(), series, site.run_id().to_string(), case] {
        assert!(group.contains(&id), "{id} is not looked for: {group:?}");
    }
    assert_eq!((query.since, query.until), (Some(since.parse().unwrap()), Some(until.parse().unwrap())));
    let names_it = |event: &Event| matches!(event, Event::DisplayRecorded { display: Display::Studies, shown } if *shown == [study.clone()]);
    site.tells(before, "the study that was found", names_it).await;
    site.closes().await;
}

async fn who_did_it_is_looked_for_by_user_name_or_printed_name(scratch: Scratch) {
    let site = Site::open(&scratch).await;
    site.knows("reader", &[Role::Radiologist]).await;
    let browser = site.reader_who_is(&[Role::Quality]).await;
    browser.asks(QUESTION, json!({ "person": "Reader" })).await;
    let by_user_name = searched(&site).mentioning;
    browser.asks(QUESTION, json!({ "person": "Dr. reader" })).await;
    assert_eq!(searched(&site).mentioning, by_user_name);
    assert_eq!(by_user_name.iter().map(Vec::len).collect::<Vec<_>>(), [1]);
    site.closes().await;
}

async fn a_number_or_a_name_of_nobody_finds_nothing_instead_of_everything(scratch: Scratch) {
    let site = Site::open(&scratch).await;
    site.has_cases(1);
    let browser = site.reader_who_is(&[Role::Quality]).await;
    browser.asks(QUESTION, json!({ "patient": "NOBODY", "person": "Nobody" })).await;
    assert_eq!(searched(&site).mentioning, [Vec::<String>::new(), Vec::new()]);
    site.closes().await;
}
