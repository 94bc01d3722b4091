//! Field report R15: one patient ID, of two issuers.

use crate::running::{Running, quick, send, send_series, until};
use contract::Role;
use contract::intake::{
    Attribute, Fix, IdentityDecision, Intake, QuarantineGroup, Readmit, SeriesState, SettleIdentity,
};
use database::scratch::Scratch;
use dicom_io::fixture::{CtSeries, DataSet};
use dicom_io::tags;

database::on_both_databases!(
    r15_two_issuers_of_one_id_are_never_one_patient_until_a_person_says_so,
    r15_the_same_holds_whichever_of_them_comes_first,
);

const SLICES: u16 = 3;

fn of(issuer: Option<&str>, slice: DataSet) -> DataSet {
    match issuer {
        Some(issuer) => slice.text(tags::ISSUER_OF_PATIENT_ID, *b"LO", issuer),
        None => slice,
    }
}

/// Another series of the study, by another issuer; the status that its sender gets.
async fn sends(running: &Running, number: u16, issuer: Option<&str>) -> u16 {
    let series = CtSeries { number, ..CtSeries::new("1.2.3") };
    let mut association = running.associate().await;
    let mut statuses = Vec::new();
    for slice in 0..SLICES {
        statuses.push(send(&mut association, &series, slice, &of(issuer, series.slice(slice))).await);
    }
    association.release().await.unwrap();
    statuses.dedup();
    let [status] = statuses[..] else { panic!("{statuses:04X?}") };
    status
}

fn owner(running: &Running) -> Intake {
    running.as_person(&[Role::Coordinator])
}

async fn waiting(running: &Running) -> Vec<QuarantineGroup> {
    owner(running).quarantine_groups().await.unwrap().groups
}

async fn readmits(
    running: &Running,
    group: &QuarantineGroup,
    corrections: &[(Attribute, &str)],
) -> (u64, Vec<String>) {
    let corrections =
        corrections.iter().map(|(attribute, value)| (*attribute, (*value).to_owned())).collect();
    let reason = "as the register says".to_owned();
    let command = Readmit { received_until: group.newest_received_at, reason, corrections };
    let outcome = owner(running).readmit_quarantined(&group.id, &command).await.unwrap();
    (outcome.ended, outcome.still_refused.into_iter().map(|still| still.refusal.code).collect())
}

async fn r15_two_issuers_of_one_id_are_never_one_patient_until_a_person_says_so(scratch: Scratch) {
    let running = &Running::start(scratch, quick()).await;
    assert_eq!(sends(running, 1, Some("HOSPITAL A")).await, 0);
    let before = running.concluded("1.2.3").await;
    for (number, issuer) in [(2, Some("HOSPITAL B")), (3, None), (4, Some("HOSPITAL a"))] {
        assert_eq!(sends(running, number, issuer).await, 0xC002, "{issuer:?}");
    }
    let study = running.study("1.2.3").await.unwrap();
    assert_eq!((study.series.len(), study.identity_disputed), (1, true), "no silent union");
    assert_eq!((study.patient.id.as_str(), study.patient.issuer.as_str()), ("FIXTURE", "HOSPITAL A"));

    // The page of the study names the one, the quarantine the other.
    let mut said = Vec::new();
    for group in waiting(running).await {
        assert_eq!((group.reason_code.as_str(), group.fix), ("study_of_two_patients", Fix::Correct));
        assert_eq!(group.study.as_ref(), Some(&study.id));
        let as_sent = owner(running).quarantine_as_sent(&group.id).await.unwrap();
        said.push(as_sent.get(&Attribute::IssuerOfPatientId).cloned().unwrap_or_default());
    }
    // What waits of a study for one reason is one row, which names the oldest.
    assert_eq!(said, ["HOSPITAL B"]);

    // A person finds that A issued all of them: what waits follows, and nothing is sent again.
    for group in waiting(running).await {
        let entries = group.entries;
        assert_eq!(
            readmits(running, &group, &[]).await.1,
            ["study_of_two_patients"],
            "as it is nothing changes"
        );
        let corrected = [(Attribute::IssuerOfPatientId, "HOSPITAL A")];
        assert_eq!(readmits(running, &group, &corrected).await, (entries, Vec::new()));
    }
    let keep =
        SettleIdentity { decision: IdentityDecision::Keep, reason: "one register, two spellings".to_owned() };
    owner(running).settle_identity(&study.id, &keep).await.unwrap();
    let study = until("four series", || async move {
        let study = running.study("1.2.3").await?;
        let ready = study.series.iter().filter(|series| series.state == SeriesState::Ready).count();
        (ready == 4).then_some(study)
    })
    .await;
    assert!(study.series.iter().all(|series| series.instance_count == u32::from(SLICES)));
    let first = study.series.iter().find(|series| series.id == before.series[0].id).unwrap();
    assert_eq!(first.source_set, before.series[0].source_set, "and nothing that stood is made anew");
    for series in &study.series {
        for instance in &series.instances {
            let file = running.dicom.get(&instance.object).await.unwrap().unwrap();
            let object = dicom_io::read::object(&file).unwrap();
            let issuer = object.element(tags::ISSUER_OF_PATIENT_ID).unwrap().to_str().unwrap();
            assert_eq!(issuer.trim(), "HOSPITAL A");
        }
    }
}

async fn r15_the_same_holds_whichever_of_them_comes_first(scratch: Scratch) {
    let running = &Running::start(scratch, quick()).await;
    assert_eq!(sends(running, 1, None).await, 0);
    assert_eq!(sends(running, 2, Some("HOSPITAL A")).await, 0xC002);
    assert!(running.study("1.2.3").await.unwrap().identity_disputed);
    // Another study under the same ID is another patient's or the same one's: nothing is said of it, and nothing united.
    send_series(running, &CtSeries::new("1.2.4"), 0..SLICES).await;
    assert!(!running.study("1.2.4").await.unwrap().identity_disputed);
    // The very images under another issuer are a correction, which a coordinator takes whole or not at all.
    let series = CtSeries::new("1.2.3");
    let mut association = running.associate().await;
    for slice in 0..SLICES {
        let corrected = of(Some("HOSPITAL A"), series.slice(slice));
        assert_eq!(send(&mut association, &series, slice, &corrected).await, 0xC002);
    }
    association.release().await.unwrap();
    let study = running.study("1.2.3").await.unwrap();
    let take = SettleIdentity { decision: IdentityDecision::Take, reason: "as the register says".to_owned() };
    let taken = owner(running).settle_identity(&study.id, &take).await.unwrap();
    assert_eq!(taken.patient.issuer, "HOSPITAL A");
    // What waited under that issuer goes on as it is.
    for group in waiting(running).await {
        assert_eq!(readmits(running, &group, &[]).await, (u64::from(SLICES), Vec::new()), "{group:?}");
    }
    until("two series", || async move {
        let study = running.study("1.2.3").await?;
        (study.series.len() == 2 && !study.identity_disputed).then_some(())
    })
    .await;
}
