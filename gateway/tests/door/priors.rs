//! Earlier images of the patient, shown to whoever holds the case.

use crate::cases::WithStudy as _;
use crate::site::{Browser, Site};
use contract::event::Display;
use contract::intake::Study;
use contract::review::{Availability, Lease};
use contract::{CaseId, Event, LeaseId, SeriesId, StudyId};
use database::on_both_databases;
use database::scratch::Scratch;
use serde_json::{Value, json};

on_both_databases! {
    priors_show_to_who_holds_the_case_and_the_display_is_written_down,
    whoever_does_not_hold_the_case_is_shown_no_priors_and_intake_is_not_asked,
}

const QUESTION: &str =
    "query ($id: ID!) { case(id: $id) { priors { id studyInstanceUid seriesInstanceUid studyDate
    instanceCount likeness } } }";

fn asked() -> String {
    format!("/v1/series/{}/priors", SeriesId::from_bits(1))
}

/// A case of a patient who was here before.
fn has_a_prior(site: &Site) {
    site.has_cases(1);
    let mut studies = site.behind.studies.lock().unwrap();
    let now = studies[0].clone();
    let mut before = Study {
        id: StudyId::from_bits(2),
        study_instance_uid: "1.2.2".into(),
        study_date: "20250101".into(),
        ..now
    };
    before.series[0].id = SeriesId::from_bits(2);
    before.series[0].study = before.id.clone();
    before.series[0].study_instance_uid = "1.2.2".into();
    before.series[0].series_instance_uid = "1.2.2.1".into();
    studies.push(before);
}

fn is_held(site: &Site) {
    let expires_at = "2026-11-25T08:00:00Z".parse().unwrap();
    site.behind.cases.lock().unwrap()[0].lease = Some(Lease { id: LeaseId::from_bits(1), expires_at });
}

async fn priors(browser: &Browser<'_>) -> Value {
    browser.asks(QUESTION, json!({ "id": CaseId::from_bits(1) })).await["case"]["priors"].clone()
}

async fn priors_show_to_who_holds_the_case_and_the_display_is_written_down(scratch: Scratch) {
    let site = Site::open(&scratch).await;
    has_a_prior(&site);
    is_held(&site);
    let browser = site.reader().await;
    let before = site.told(0).await.len();
    let expected = json!([{ "id": SeriesId::from_bits(2), "studyInstanceUid": "1.2.2", "seriesInstanceUid": "1.2.2.1",
        "studyDate": "20250101", "instanceCount": 1, "likeness": "SAME_REGION" }]);
    assert_eq!(priors(&browser).await, expected);
    assert_eq!(site.behind.asked(&asked()), 1);
    let named = [SeriesId::from_bits(2).to_string(), StudyId::from_bits(2).to_string()];
    let names_them = |event: &Event| matches!(event, Event::DisplayRecorded { display: Display::Priors, shown } if *shown == named);
    site.tells(before, "priors", names_them).await;
    site.closes().await;
}

async fn whoever_does_not_hold_the_case_is_shown_no_priors_and_intake_is_not_asked(scratch: Scratch) {
    let site = Site::open(&scratch).await;
    has_a_prior(&site);
    let browser = site.reader().await;
    for availability in
        [Availability::Available, Availability::Mine, Availability::Signed, Availability::Unavailable]
    {
        site.behind.cases.lock().unwrap()[0].availability = availability;
        assert_eq!(priors(&browser).await, Value::Null, "{availability:?}");
    }
    assert_eq!(site.behind.asked(&asked()), 0);
    let counted = "{ worklist { nodes { priorCount } } }";
    let counted = browser.asks(counted, Value::Null).await["worklist"]["nodes"].clone();
    assert_eq!(counted, json!([{ "priorCount": 1 }]), "how many there are is told before");
    let is_shown = |told: &contract::Envelope| {
        matches!(told.event, Event::DisplayRecorded { display: Display::Priors, .. })
    };
    assert!(!site.told(0).await.iter().any(is_shown));
    site.closes().await;
}
