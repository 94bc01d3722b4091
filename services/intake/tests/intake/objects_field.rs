//! Field reports about single objects: R06 a store that lies, R33 vendors' elements, R47 one odd object among good
//! ones.

use crate::running::{EXPLICIT, Running, quick, send, send_series, until};
use crate::store_shim::{Lie, Shim};
use contract::intake::{SeriesState, StowOutcome};
use contract::{Digest, PageRequest, Role};
use database::scratch::Scratch;
use dicom_io::fixture::{CtSeries, DataSet};
use dicom_io::scu::{Association, Context, Destination, Object};
use dicom_io::{TransferSyntax, tags};
use intake::Config;
use objects::Objects;

const CT: &str = "1.2.840.10008.5.1.4.1.1.2";

/// Intake over a store of received files that lies as it is told.
async fn over(shim: &Shim, scratch: Scratch, config: Config) -> Running {
    let folder = tempfile::tempdir().unwrap();
    let volumes = Objects::open(&format!("file:{}", folder.path().join("volumes").display())).unwrap();
    Running::start_over(scratch, config, (folder, (shim.objects(), volumes))).await
}

/// Slices of 128 KiB of pixels.
fn large_slices() -> CtSeries {
    let mut series = CtSeries::new("1.2.3");
    series.matrix = (256, 256);
    series
}

async fn uploads(running: &Running, files: &[Vec<u8>]) -> Vec<StowOutcome> {
    let mut body = Vec::new();
    for file in files {
        body.extend(b"\r\n--b0undary\r\nContent-Type: application/dicom\r\n\r\n");
        body.extend(file);
    }
    body.extend(b"\r\n--b0undary--\r\n");
    let kind = "multipart/related; type=\"application/dicom\"; boundary=b0undary";
    running.post(kind, body).await.json().await.unwrap()
}

/// Codes of the reasons for which something is kept for a person.
async fn quarantined(running: &Running) -> Vec<String> {
    let page = PageRequest { first: Some(100), after: None };
    let page = running.as_person(&[Role::Quality]).quarantine(&page).await.unwrap();
    let mut codes: Vec<String> = page.items.into_iter().map(|item| item.node.reason_code).collect();
    codes.sort_unstable();
    codes
}

async fn r06_a_store_that_says_written_and_lost_bytes_is_told_to_the_sender(scratch: Scratch) {
    let shim = Shim::start();
    let running = &over(&shim, scratch, quick()).await;
    let series = large_slices();
    let mut association = running.associate().await;
    for (slice, lie) in [(0, Lie::Empty), (1, Lie::Cut)] {
        let set = series.slice(slice);
        shim.lies_about(Digest::of(&set.file(EXPLICIT)), lie);
        assert_eq!(send(&mut association, &series, slice, &set).await, 0xA700, "{lie:?}");
    }
    // The twin: of three uploaded instances the store loses the second.
    let files = [2, 1, 3].map(|slice| series.slice(slice).file(EXPLICIT));
    let outcomes = uploads(running, &files).await;
    let failed: Vec<_> = outcomes
        .iter()
        .map(|outcome| outcome.failure.as_ref().map(|failure| failure.failure_reason))
        .collect();
    assert_eq!(failed, [None, Some(0xA700), None]);
    assert_eq!(outcomes[1].sop_instance_uid.as_deref(), Some(&*series.sop_instance_uid(1)));
    assert_eq!(running.study("1.2.3").await.unwrap().series[0].instance_count, 2);

    shim.is_honest();
    for slice in [0, 1] {
        assert_eq!(send(&mut association, &series, slice, &series.slice(slice)).await, 0);
    }
    association.release().await.unwrap();
    let study = running.concluded("1.2.3").await;
    assert_eq!((study.series[0].state, study.series[0].instance_count), (SeriesState::Ready, 4));
    assert_eq!(quarantined(running).await, Vec::<String>::new());
}

async fn r06_what_the_store_loses_after_its_answer_is_listed_and_nothing_of_it_is_sent(scratch: Scratch) {
    let shim = Shim::start();
    let running = &over(&shim, scratch, Config { scrub_seconds: 1, ..quick() }).await;
    let series = CtSeries::new("1.2.3");
    send_series(running, &series, 0..4).await;
    let ready = running.concluded("1.2.3").await.series.remove(0);
    let (delivery, set) = (running.as_service("delivery"), ready.source_set.unwrap());
    let unchanged = async || delivery.source_check(&ready.id, set).await.unwrap().unchanged;
    assert!(unchanged().await);

    shim.loses(ready.instances[2].object);
    shim.damages(ready.instances[3].object);
    until("both losses", || async move {
        (quarantined(running).await == ["object_damaged", "object_lost"]).then_some(())
    })
    .await;
    assert!(!unchanged().await, "nothing made of the series is sent");
    until("both events", || async move {
        let events = running.events().await;
        (events.iter().filter(|event| event.kind() == "instance.quarantined").count() == 2).then_some(())
    })
    .await;

    // The scanner sends the study once more: everything is back, and nothing was made anew.
    send_series(running, &series, 0..4).await;
    assert!(unchanged().await);
    let again = running.concluded("1.2.3").await.series.remove(0);
    assert_eq!((again.source_set, again.instance_count), (Some(set), 4));
}

async fn r33_vendors_elements_come_back_as_they_were_received(scratch: Scratch) {
    let running = &Running::start(scratch, quick()).await;
    let series = CtSeries::new("1.2.3");
    let implicit = TransferSyntax::ImplicitLittle;
    let destination = Destination::new("127.0.0.1", running.dicom_port, "COUNTERSIGN", "SCANNER");
    let context = Context::new(CT, implicit.uid());
    let mut association = Association::open(&destination, &[context]).await.unwrap();
    let sets: Vec<Vec<u8>> =
        (0..3).map(|slice| series.slice(slice).with_vendor_blocks().encode(implicit)).collect();
    for (slice, dataset) in (0..3).zip(&sets) {
        let object = Object {
            sop_class_uid: CT,
            sop_instance_uid: &series.sop_instance_uid(slice),
            transfer_syntax_uid: implicit.uid(),
            dataset,
        };
        assert_eq!(association.store(&object).await.unwrap().code, 0);
    }
    association.release().await.unwrap();
    let ready = running.concluded("1.2.3").await.series.remove(0);
    assert_eq!(ready.state, SeriesState::Ready);
    for (instance, dataset) in ready.instances.iter().zip(&sets) {
        let file = running.dicom.get(&instance.object).await.unwrap().unwrap();
        let at = dicom_io::read::split(&file).unwrap().dataset_at;
        assert_eq!((&file[at..], &*instance.transfer_syntax_uid), (&dataset[..], implicit.uid()));
        assert_eq!(instance.digest, Digest::of(dataset));
    }
}

/// Ten slices, of which the fourth claims a sequence that reaches beyond its end and the sixth has a UID of 70
/// characters; with the UIDs as the sender announces them.
fn ten_with_two_odd_ones(series: &CtSeries) -> Vec<(String, DataSet)> {
    (0..10)
        .map(|slice| {
            let (uid, set) = (series.sop_instance_uid(slice), series.slice(slice));
            match slice {
                3 => {
                    let item_beyond_the_end = vec![0xFE, 0xFF, 0x00, 0xE0, 0xFF, 0xFF, 0x00, 0x00];
                    (uid, set.bytes(tags::REFERENCED_STUDY_SEQUENCE, *b"SQ", item_beyond_the_end))
                }
                5 => {
                    let long = format!("1.2.{}", "3".repeat(66));
                    (long.clone(), set.text(tags::SOP_INSTANCE_UID, *b"UI", &long))
                }
                _ => (uid, set),
            }
        })
        .collect()
}

async fn r47_one_odd_object_is_kept_with_its_reason_and_the_others_are_stored(scratch: Scratch) {
    let running = &Running::start(scratch, quick()).await;
    let mut association = running.associate().await;
    let mut codes = Vec::new();
    let ten = ten_with_two_odd_ones(&CtSeries::new("1.2.3"));
    for (uid, set) in &ten {
        let dataset = set.encode(EXPLICIT);
        let object = Object {
            sop_class_uid: CT,
            sop_instance_uid: uid,
            transfer_syntax_uid: EXPLICIT.uid(),
            dataset: &dataset,
        };
        let status = association.store(&object).await.unwrap();
        assert_eq!(status.comment.is_empty(), status.code == 0, "a refusal says why");
        codes.push(status.code);
    }
    association.release().await.expect("the association ends in good order");
    assert!((0xC000..=0xCFFF).contains(&codes[3]) && (0xC000..=0xCFFF).contains(&codes[5]), "{codes:04X?}");
    assert_eq!(codes.iter().filter(|code| **code == 0).count(), 8);
    assert_eq!(running.study("1.2.3").await.unwrap().series[0].instance_count, 8);
    assert_eq!(quarantined(running).await, ["truncated", "uid"]);
    for odd in [3, 5] {
        let (uid, set) = &ten[odd];
        let meta = dicom_io::read::file_meta(CT, uid, EXPLICIT.uid());
        let file = [meta, set.encode(EXPLICIT)].concat();
        let kept = running.dicom.get(&Digest::of(&file)).await.unwrap();
        assert_eq!(kept.expect("its bytes are kept"), file);
    }
}

async fn r47_one_odd_part_of_an_upload_is_kept_and_the_others_are_stored(scratch: Scratch) {
    let running = &Running::start(scratch, quick()).await;
    let ten = ten_with_two_odd_ones(&CtSeries::new("1.2.3"));
    let files: Vec<Vec<u8>> = ten.iter().map(|(_, set)| set.file(EXPLICIT)).collect();
    let outcomes = uploads(running, &files).await;
    let failed: Vec<usize> = (0..10).filter(|part| outcomes[*part].failure.is_some()).collect();
    assert_eq!(failed, [3, 5]);
    for outcome in [&outcomes[3], &outcomes[5]] {
        let failure = outcome.failure.as_ref().unwrap();
        assert!((0xC000..=0xCFFF).contains(&failure.failure_reason) && !failure.refusal.remedy.is_empty());
    }
    assert_eq!(running.study("1.2.3").await.unwrap().series[0].instance_count, 8);
    assert_eq!(quarantined(running).await, ["truncated", "uid"]);
}

async fn r47_no_hostile_object_ends_an_association(scratch: Scratch) {
    let running = &Running::start(scratch, quick()).await;
    let series = CtSeries::new("1.2.3");
    let mut association = running.associate().await;
    let mut kept = Vec::new();
    for (what, dataset) in dicom_io::fixture::hostile() {
        let sop_instance_uid = &series.sop_instance_uid(1);
        let object = Object {
            sop_class_uid: CT,
            sop_instance_uid,
            transfer_syntax_uid: EXPLICIT.uid(),
            dataset: &dataset,
        };
        let status = association.store(&object).await.expect(what);
        assert!(!status.is_stored(), "{what}: {status:?}");
        let meta = dicom_io::read::file_meta(CT, sop_instance_uid, EXPLICIT.uid());
        kept.push((what, Digest::of(&[meta, dataset].concat())));
        assert_eq!(send(&mut association, &series, 0, &series.slice(0)).await, 0, "after {what}");
    }
    association.release().await.unwrap();
    for (what, object) in kept {
        assert!(running.dicom.contains(&object).await.unwrap(), "{what} is not kept");
    }
}

database::on_both_databases!(
    r06_a_store_that_says_written_and_lost_bytes_is_told_to_the_sender,
    r06_what_the_store_loses_after_its_answer_is_listed_and_nothing_of_it_is_sent,
    r33_vendors_elements_come_back_as_they_were_received,
    r47_one_odd_object_is_kept_with_its_reason_and_the_others_are_stored,
    r47_one_odd_part_of_an_upload_is_kept_and_the_others_are_stored,
    r47_no_hostile_object_ends_an_association,
);
