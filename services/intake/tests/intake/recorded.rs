//! Field report R40 at the DICOM port: whoever sends leaves an entry, also who is not let in.

use crate::running::{CT, EXPLICIT, Running, quick, send, send_series, until};
use contract::{Actor, Event};
use database::on_both_databases;
use database::scratch::Scratch;
use dicom_io::fixture::CtSeries;
use dicom_io::scu::{Association, Context, Destination};
use dicom_io::tags;
use intake::Config;

on_both_databases! {
    r40_whatever_is_sent_and_whoever_is_not_let_in_leaves_exactly_one_entry_with_the_sender,
}

/// What was told with this kind, and by whom.
async fn told(running: &Running, kind: &str) -> Vec<(Actor, Event)> {
    let page = database::outbox::page(&running.scratch.db, 0, 1_000).await.unwrap();
    let told = page.into_iter().filter(|told| told.event.kind() == kind);
    told.map(|told| (told.actor, told.event)).collect()
}

/// Waits for one entry, and for no second one.
async fn one(running: &Running, kind: &str) -> (Actor, Event) {
    let found = until(kind, || async { Some(told(running, kind).await).filter(|found| !found.is_empty()) });
    let mut found = found.await;
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0)
}

fn device(ae_title: &str) -> Actor {
    Actor::Device { ae_title: ae_title.to_owned() }
}

async fn r40_whatever_is_sent_and_whoever_is_not_let_in_leaves_exactly_one_entry_with_the_sender(
    scratch: Scratch,
) {
    let config = Config { calling_ae_titles: vec!["SCANNER".to_owned()], ..quick() };
    let running = &Running::start(scratch, config).await;
    let series = CtSeries::new("1.2.3");
    send_series(running, &series, 0..3).await;
    // The same objects once more change nothing and tell nothing.
    send_series(running, &series, 0..3).await;
    let study = running.concluded("1.2.3").await;
    let (sender, event) = one(running, "series.received").await;
    assert_eq!(sender, device("SCANNER"));
    assert_eq!(event, Event::SeriesReceived { series: study.series[0].id.clone(), study: study.id.clone() });

    let mut association = running.associate().await;
    let foreign = series.slice(0).text(tags::PATIENT_ID, *b"LO", "SOMEBODY ELSE");
    assert_ne!(send(&mut association, &series, 0, &foreign).await, 0);
    association.release().await.unwrap();
    let (sender, _) = one(running, "instance.quarantined").await;
    assert_eq!(sender, device("SCANNER"));

    for _ in 0..3 {
        let stranger = Destination::new("127.0.0.1", running.dicom_port, "COUNTERSIGN", "STRANGER");
        assert!(Association::open(&stranger, &[Context::new(CT, EXPLICIT.uid())]).await.is_err());
    }
    let (sender, event) = one(running, "association.refused").await;
    assert_eq!(sender, device("STRANGER"));
    assert_eq!(event, Event::AssociationRefused { reason_code: "calling_ae_title".to_owned() });
}
