//! Gates learn to which groups a series belongs, and nothing else about whose it is.

use crate::running::{Running, quick, send};
use contract::ClientError;
use database::scratch::Scratch;
use dicom_io::fixture::CtSeries;
use dicom_io::tags;

async fn rollout_learns_the_groups_of_a_series_and_not_its_patient(scratch: Scratch) {
    let running = Running::start(scratch, quick()).await;
    let series = CtSeries::new("1.2.3");
    let mut association = running.associate().await;
    for slice in 0..3 {
        let set = series
            .slice(slice)
            .text(tags::PATIENT_BIRTH_DATE, *b"DA", "19540607")
            .text(tags::PATIENT_SEX, *b"CS", "F")
            .text(tags::STUDY_DATE, *b"DA", "20190606")
            .text(tags::MANUFACTURER, *b"LO", "Maker")
            .text(tags::MANUFACTURER_MODEL_NAME, *b"LO", "One");
        assert_eq!(send(&mut association, &series, slice, &set).await, 0);
    }
    association.release().await.unwrap();
    let id = running.concluded("1.2.3").await.series.remove(0).id;

    let groups = running.as_service("rollout").subgroups(vec![id.clone()]).await.unwrap();
    assert_eq!((groups.len(), groups[0].series == id), (1, true));
    let told = (groups[0].sex.as_str(), groups[0].age.as_str(), groups[0].scanner.as_str());
    assert_eq!(told, ("F", "40 to 64", "Maker One"), "64 on the day before the birthday");
    for other in ["generation", "gateway"] {
        let refused = running.as_service(other).subgroups(vec![id.clone()]).await;
        assert!(matches!(refused, Err(ClientError::Refused { .. })), "{other}: {refused:?}");
    }
}

database::on_both_databases!(rollout_learns_the_groups_of_a_series_and_not_its_patient);
