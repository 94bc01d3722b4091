//! Which earlier images stand beside a series: those of the same patient, and of nobody who only may be.

use crate::identity::send_corrected;
use crate::running::{Running, quick, send, until};
use contract::intake::{Intake, Prior, PriorLikeness, SeriesState};
use contract::{ClientError, Role, SeriesId};
use database::scratch::Scratch;
use dicom_io::fixture::{CtSeries, DataSet};
use dicom_io::{Tag, tags};

database::on_both_databases!(
    earlier_acquired_series_of_the_same_patient_stand_beside_a_series,
    while_it_is_in_question_whose_a_study_is_it_has_no_priors_and_is_none,
);

const SLICES: u16 = 3;

/// A study that differs from the fixture in some attributes.
async fn arrives(running: &Running, uid: &str, attributes: &[(Tag, [u8; 2], &str)]) -> SeriesId {
    let series = CtSeries::new(uid);
    let mut association = running.associate().await;
    for slice in 0..SLICES {
        let with = |set: DataSet, (tag, vr, value): &(Tag, [u8; 2], &str)| set.text(*tag, *vr, value);
        let set = attributes.iter().fold(series.slice(slice), with);
        assert_eq!(send(&mut association, &series, slice, &set).await, 0, "{uid}");
    }
    association.release().await.unwrap();
    let study = running.concluded(uid).await;
    assert_eq!(study.series[0].state, SeriesState::Ready, "{uid}: {:?}", study.series[0].parked_reason);
    study.series[0].id.clone()
}

fn reader(running: &Running) -> Intake {
    running.as_person(&[Role::Radiologist])
}

async fn priors(running: &Running, series: &SeriesId) -> Vec<Prior> {
    reader(running).priors(series).await.unwrap()
}

async fn earlier_acquired_series_of_the_same_patient_stand_beside_a_series(scratch: Scratch) {
    use PriorLikeness::{SameModality, SameRegion};
    let running = &Running::start(scratch, quick()).await;
    let dated = |date| (tags::STUDY_DATE, *b"DA", date);
    let series = arrives(running, "1.2.3", &[]).await;
    assert!(priors(running, &series).await.is_empty());

    let newest = arrives(running, "1.2.10", &[dated("20251201")]).await;
    let oldest = arrives(running, "1.2.11", &[dated("20201201")]).await;
    let head = (tags::BODY_PART_EXAMINED, *b"CS", "HEAD");
    let other_part = arrives(running, "1.2.12", &[dated("20251224"), head]).await;
    // None of these is one.
    arrives(running, "1.2.20", &[dated("20260103")]).await;
    arrives(running, "1.2.21", &[dated("20251201"), (tags::PATIENT_ID, *b"LO", "OTHER")]).await;
    let issuer = (tags::ISSUER_OF_PATIENT_ID, *b"LO", "HOSPITAL B");
    arrives(running, "1.2.22", &[dated("20251201"), issuer]).await;
    let derived = (tags::IMAGE_TYPE, *b"CS", "DERIVED\\PRIMARY\\AXIAL");
    arrives(running, "1.2.23", &[dated("20251201"), derived]).await;
    arrives_from_us(running, "1.2.24").await;

    let found = priors(running, &series).await;
    let ids: Vec<&SeriesId> = found.iter().map(|prior| &prior.series.id).collect();
    assert_eq!(ids, [&newest, &oldest, &other_part]);
    let likeness: Vec<PriorLikeness> = found.iter().map(|prior| prior.likeness).collect();
    assert_eq!(likeness, [SameRegion, SameRegion, SameModality]);
    let first = &found[0];
    assert_eq!((first.study_date.as_str(), first.series.instance_count), ("20251201", u32::from(SLICES)));
    assert_eq!(first.series.study_instance_uid, "1.2.10");

    // Counted for a list, each stands for itself: the oldest has none, the newest and the other part the older ones.
    let listed = vec![series.clone(), newest.clone(), oldest.clone(), other_part.clone()];
    let counts = reader(running).prior_counts(listed).await.unwrap();
    let count = |id: &SeriesId| counts.iter().find(|count| count.series == *id).unwrap().priors;
    assert_eq!([&series, &newest, &oldest, &other_part].map(count), [3, 1, 0, 2]);
    assert!(reader(running).prior_counts(vec![SeriesId::from_bits(404)]).await.unwrap().is_empty());
    assert!(reader(running).prior_counts(Vec::new()).await.unwrap().is_empty());

    let unknown = reader(running).priors(&SeriesId::from_bits(404)).await;
    assert!(matches!(unknown, Err(ClientError::Unexpected { status: 404, .. })), "{unknown:?}");
    assert!(running.as_person(&[]).priors(&series).await.is_err(), "whoever has no role is shown nobody");
}

/// Made by a program of ours, though it calls itself an original: it is kept, and nothing else.
async fn arrives_from_us(running: &Running, uid: &str) {
    let series = CtSeries::new(uid);
    let mut association = running.associate().await;
    for slice in 0..SLICES {
        let set = series.slice(slice).text(tags::STUDY_DATE, *b"DA", "20251201").text(
            tags::MANUFACTURER,
            *b"LO",
            dicom_io::MANUFACTURER,
        );
        assert_eq!(send(&mut association, &series, slice, &set).await, 0);
    }
    association.release().await.unwrap();
    until("the study", || async move { running.study(uid).await }).await;
}

async fn while_it_is_in_question_whose_a_study_is_it_has_no_priors_and_is_none(scratch: Scratch) {
    let running = &Running::start(scratch, quick()).await;
    let dated = |date| (tags::STUDY_DATE, *b"DA", date);
    let first = arrives(running, "1.2.1", &[dated("20240101")]).await;
    let second = arrives(running, "1.2.3", &[]).await;
    let third = arrives(running, "1.2.5", &[dated("20270101")]).await;
    let seen = async |series| {
        let found = priors(running, series).await;
        found.into_iter().map(|prior| prior.series.id).collect::<Vec<_>>()
    };
    assert_eq!(seen(&third).await, [second.clone(), first.clone()]);
    send_corrected(running, &CtSeries::new("1.2.3"), 0..1).await;
    assert_eq!(seen(&third).await, [first], "what may be another patient's is nobody's prior");
    assert!(seen(&second).await.is_empty(), "and has none");
}
