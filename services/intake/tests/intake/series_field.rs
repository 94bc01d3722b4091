//! Field reports about series: R12, what is not one stack is never one volume; R14 and R18, what has no one slope is never
//! read by one.

use crate::running::{EXPLICIT, Running, quick, send, until};
use contract::Event;
use contract::intake::{Series, SeriesState, StowOutcome};
use database::scratch::Scratch;
use dicom_io::fixture::{CtSeries, DataSet};
use dicom_io::tags;

/// A localizer, 30 slices every 5 mm and 20 slices every 2.5 mm, all under one series UID; by instance number.
fn scout_and_two_blocks(series: &CtSeries) -> Vec<DataSet> {
    let scout = series
        .slice(0)
        .text(tags::IMAGE_TYPE, *b"CS", "ORIGINAL\\PRIMARY\\LOCALIZER")
        .short(tags::ROWS, 24)
        .short(tags::COLUMNS, 20)
        .text(tags::IMAGE_ORIENTATION_PATIENT, *b"DS", "1\\0\\0\\0\\0\\-1")
        .pixels(vec![0; 24 * 20]);
    let at = |slice: u16, mm: f64| {
        series.slice(slice).text(tags::IMAGE_POSITION_PATIENT, *b"DS", &format!("-8\\-6\\{mm}"))
    };
    let thick = (1..=30).map(|slice| at(slice, 5.0 * f64::from(slice)));
    let thin = (31..=50).map(|slice| at(slice, 150.0 + 2.5 * f64::from(slice - 30)));
    std::iter::once(scout).chain(thick).chain(thin).collect()
}

/// Sends slices in an order of their own over one association.
async fn sends(running: &Running, series: &CtSeries, sets: &[DataSet], order: impl Iterator<Item = usize>) {
    let mut association = running.associate().await;
    for slice in order {
        assert_eq!(send(&mut association, series, slice as u16, &sets[slice]).await, 0);
    }
    association.release().await.unwrap();
}

async fn parked(running: &Running, study: &str) -> Series {
    let series = running.concluded(study).await.series.remove(0);
    assert_eq!((series.state, series.volume), (SeriesState::Parked, None), "{:?}", series.parked_reason);
    assert_eq!(series.source_set, None, "nothing may be made of it");
    series
}

async fn r12_a_scout_and_two_blocks_wait_for_a_person_with_their_slice_numbers(scratch: Scratch) {
    let running = &Running::start(scratch, quick()).await;
    // Steps that share no factor with 51 give an order each.
    for step in [1, 10, 23] {
        let study = format!("1.2.3.{step}");
        let series = CtSeries::new(&study);
        let sets = scout_and_two_blocks(&series);
        sends(running, &series, &sets, (0..51).map(|slice| slice * step % 51)).await;
        let reason = parked(running, &study).await.parked_reason.unwrap();
        assert!(reason.contains("made of 2 stacks"), "{reason}");
        assert!(reason.contains("slice 1 (20 × 24)") && reason.contains("slices 2–51 (16 × 12)"), "{reason}");
    }
    let events = running.events().await;
    assert!(!events.iter().any(|event| matches!(event, Event::SeriesReady { .. })), "{events:?}");
}

async fn r12_two_blocks_of_unlike_spacing_are_named_slice_by_slice(scratch: Scratch) {
    let running = &Running::start(scratch, quick()).await;
    let series = CtSeries::new("1.2.3");
    let sets = scout_and_two_blocks(&series);
    sends(running, &series, &sets, 1..51).await;
    let reason = parked(running, "1.2.3").await.parked_reason.unwrap();
    assert!(reason.contains("slices 2–31 every 5.00 mm, slices 31–51 every 2.50 mm"), "{reason}");
}

async fn r12_a_second_block_takes_back_what_was_made_of_the_first(scratch: Scratch) {
    let running = &Running::start(scratch, quick()).await;
    let series = CtSeries::new("1.2.3");
    let sets = scout_and_two_blocks(&series);
    sends(running, &series, &sets, 1..31).await;
    let ready = running.concluded("1.2.3").await.series.remove(0);
    assert_eq!(ready.state, SeriesState::Ready);
    sends(running, &series, &sets, 31..51).await;
    parked(running, "1.2.3").await;
    let former = ready.source_set.unwrap();
    until("the change", || async move {
        let events = running.events().await;
        let changed = |event: &Event| {
            matches!(event, Event::SeriesChanged { former_source_set, .. } if *former_source_set == former)
        };
        events.iter().any(changed).then_some(())
    })
    .await;
    let check = running.as_service("delivery").source_check(&ready.id, former).await.unwrap();
    assert!(!check.unchanged);
}

/// What makes the second half of a series another stack.
type Change = fn(DataSet) -> DataSet;

async fn r12_stacks_that_lie_on_each_other_are_never_mixed(scratch: Scratch) {
    let running = &Running::start(scratch, quick()).await;
    let changes: [(&str, &str, Change); 4] = [
        // Two echoes, or two phases, of the same slices.
        ("1.2.3.1", "lie at the same place", |set| set),
        ("1.2.3.2", "2 frames of reference: slices 1–6; slices 7–12", |set| {
            set.text(tags::FRAME_OF_REFERENCE_UID, *b"UI", "1.2.3.99")
        }),
        ("1.2.3.3", "2 stacks: slices 1–6 (16 × 12); slices 7–12 (16 × 12)", |set| {
            set.text(tags::PIXEL_SPACING, *b"DS", "0.5\\0.5")
        }),
        ("1.2.3.4", "2 stacks", |set| {
            set.text(tags::IMAGE_ORIENTATION_PATIENT, *b"DS", "1\\0\\0\\0\\0.9848\\0.1736")
        }),
    ];
    for (study, why, change) in changes {
        let series = CtSeries::new(study);
        let first = (0..6).map(|slice| series.slice(slice));
        let second = (0..6).map(|slice| {
            let number = (slice + 7).to_string();
            let set = series.slice(slice).text(tags::INSTANCE_NUMBER, *b"IS", &number);
            change(set.text(tags::SOP_INSTANCE_UID, *b"UI", &series.sop_instance_uid(slice + 6)))
        });
        let sets: Vec<DataSet> = first.chain(second).collect();
        sends(running, &series, &sets, (0..12).map(|slice| slice * 5 % 12)).await;
        let reason = parked(running, study).await.parked_reason.unwrap();
        assert!(reason.contains(why), "{reason}");
    }
}

/// Files come in over STOW-RS, and the series of a study is concluded.
async fn uploads(running: &Running, files: &[Vec<u8>]) {
    let mut body = Vec::new();
    for file in files {
        body.extend(b"\r\n--b0undary\r\nContent-Type: application/dicom\r\n\r\n");
        body.extend(file);
    }
    body.extend(b"\r\n--b0undary--\r\n");
    let kind = "multipart/related; type=\"application/dicom\"; boundary=b0undary";
    let outcomes: Vec<StowOutcome> = running.post(kind, body).await.json().await.unwrap();
    assert!(outcomes.iter().all(|outcome| outcome.failure.is_none()), "they are kept, whatever they are");
}

/// An item of a sequence with nothing in it.
const EMPTY_ITEM: [u8; 8] = [0xFE, 0xFF, 0x00, 0xE0, 0, 0, 0, 0];

async fn r14_a_series_whose_values_stand_in_a_table_waits_and_says_in_which(scratch: Scratch) {
    let running = &Running::start(scratch, quick()).await;
    for (study, modality, class) in
        [("1.2.3.1", "CR", "1.2.840.10008.5.1.4.1.1.1"), ("1.2.3.2", "CT", "1.2.840.10008.5.1.4.1.1.2")]
    {
        let series = CtSeries::new(study);
        let slice = |slice| {
            let set = series.slice(slice).bytes(tags::MODALITY_LUT_SEQUENCE, *b"SQ", EMPTY_ITEM.to_vec());
            let set = set.text(tags::MODALITY, *b"CS", modality).text(tags::SOP_CLASS_UID, *b"UI", class);
            set.without(tags::RESCALE_SLOPE).without(tags::RESCALE_INTERCEPT).file(EXPLICIT)
        };
        let files: Vec<Vec<u8>> = (0..3).map(slice).collect();
        uploads(running, &files).await;
        let reason = parked(running, study).await.parked_reason.unwrap();
        assert!(reason.contains("Modality LUT Sequence (0028,3000)"), "{reason}");
    }
}

async fn r18_an_enhanced_mr_waits_and_says_that_its_frames_have_slopes_of_their_own(scratch: Scratch) {
    let running = &Running::start(scratch, quick()).await;
    for (study, frames, why) in [("1.2.3.1", 1_u16, "functional groups"), ("1.2.3.2", 4, "4 frames")] {
        let series = CtSeries::new(study);
        let slice = |slice| {
            let (rows, columns) = series.matrix;
            series
                .slice(slice)
                .text(tags::SOP_CLASS_UID, *b"UI", "1.2.840.10008.5.1.4.1.1.4.1")
                .text(tags::MODALITY, *b"CS", "MR")
                .text(tags::NUMBER_OF_FRAMES, *b"IS", &frames.to_string())
                .bytes(tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE, *b"SQ", EMPTY_ITEM.to_vec())
                .without(tags::RESCALE_SLOPE)
                .without(tags::RESCALE_INTERCEPT)
                .pixels(vec![100; usize::from(rows * columns * frames)])
                .file(EXPLICIT)
        };
        let files: Vec<Vec<u8>> = (0..2).map(slice).collect();
        uploads(running, &files).await;
        let reason = parked(running, study).await.parked_reason.unwrap();
        assert!(reason.contains(why), "{reason}");
    }
}

async fn r24_a_series_of_one_slice_becomes_no_volume(scratch: Scratch) {
    let running = &Running::start(scratch, quick()).await;
    let series = CtSeries::new("1.2.3");
    sends(running, &series, &[series.slice(0)], 0..1).await;
    let reason = parked(running, "1.2.3").await.parked_reason.unwrap();
    assert!(reason.contains("1 slice where a volume needs two"), "{reason}");
}

async fn a_series_of_mr_says_at_which_field_and_an_odd_value_keeps_nothing_out(scratch: Scratch) {
    let running = &Running::start(scratch, quick()).await;
    for (study, written, kept, tesla) in [
        ("1.2.3.1", Some(&b"1.5 "[..]), "1.5", Some(1.5)),
        ("1.2.3.2", Some(b"15000"), "15000", None),
        ("1.2.3.3", Some(b"3\xFFT"), "3?T", None),
        ("1.2.3.4", None, "", None),
    ] {
        let series = CtSeries::new(study);
        let slice = |slice| {
            let set = series
                .slice(slice)
                .text(tags::SOP_CLASS_UID, *b"UI", "1.2.840.10008.5.1.4.1.1.4")
                .text(tags::MODALITY, *b"CS", "MR");
            match written {
                Some(written) => set.bytes(tags::MAGNETIC_FIELD_STRENGTH, *b"DS", written.to_vec()),
                None => set,
            }
            .file(EXPLICIT)
        };
        let files: Vec<Vec<u8>> = (0..3).map(slice).collect();
        uploads(running, &files).await;
        let series = running.concluded(study).await.series.remove(0);
        assert_eq!((series.state, series.magnetic_field_strength.as_str()), (SeriesState::Ready, kept));
        assert_eq!(series.field_strength().tesla(), tesla);
    }
}

database::on_both_databases!(
    a_series_of_mr_says_at_which_field_and_an_odd_value_keeps_nothing_out,
    r14_a_series_whose_values_stand_in_a_table_waits_and_says_in_which,
    r18_an_enhanced_mr_waits_and_says_that_its_frames_have_slopes_of_their_own,
    r24_a_series_of_one_slice_becomes_no_volume,
    r12_a_scout_and_two_blocks_wait_for_a_person_with_their_slice_numbers,
    r12_two_blocks_of_unlike_spacing_are_named_slice_by_slice,
    r12_a_second_block_takes_back_what_was_made_of_the_first,
    r12_stacks_that_lie_on_each_other_are_never_mixed,
);
