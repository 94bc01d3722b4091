//! Derived images, maps and reports, checked by an independent validator (`dciodvfy` of dicom3tools) and read
//! back.

#![expect(clippy::unwrap_used, reason = "a test that can't go on fails")]

#[path = "outside/dciodvfy.rs"]
mod dciodvfy;

use contract::generation::DerivedRole;
use contract::review::{
    Disposition, Finding, FindingKind, Read, ReadContent, RegionDisposition, Release, Severity, Signature,
    Verdict,
};
use contract::rollout::Stage;
use contract::{
    CaseId, DeploymentId, Digest, ModelVersionId, ReadId, ReleaseId, RunId, SeriesId, SignatureId, StudyId,
    Time, UserId,
};
use dciodvfy::errors;
use dicom_core::Tag;
use dicom_io::blind::blinded_copy;
use dicom_io::deidentify::letters::is_written_on;
use dicom_io::deidentify::{self, Kind, Pseudonym};
use dicom_io::derive::{DerivedObject, Error, Policy, Provenance, SourceObject, derived_image};
use dicom_io::fixture::{CtSeries, DataSet};
use dicom_io::parametric_map::{Interval, parametric_maps};
use dicom_io::sr::{Evidence, EvidenceInstance, EvidenceSeries, read_report, release_summary};
use dicom_io::write::{profile_digest, profile_elements};
use dicom_io::{TransferSyntax, tags, volume};
use imaging::{Affine, Volume};

const SLICES: u16 = 3;

fn assert_valid(objects: &[DerivedObject]) {
    for object in objects {
        assert_eq!(errors(&object.file), Vec::<String>::new(), "{}", object.sop_class_uid);
        assert_eq!(profile_digest(&object.file).unwrap(), object.digest);
    }
}

fn ct(slice: u16) -> DataSet {
    CtSeries::new("1.2.3").slice(slice)
}

fn mr(slice: u16) -> DataSet {
    ct(slice)
        .text(tags::SOP_CLASS_UID, *b"UI", "1.2.840.10008.5.1.4.1.1.4")
        .text(tags::MODALITY, *b"CS", "MR")
        .text(tags::IMAGE_TYPE, *b"CS", "ORIGINAL\\PRIMARY\\OTHER")
        .text(tags::SCANNING_SEQUENCE, *b"CS", "SE")
        .text(tags::SEQUENCE_VARIANT, *b"CS", "NONE")
        .text(tags::MR_ACQUISITION_TYPE, *b"CS", "2D")
        .text(tags::REPETITION_TIME, *b"DS", "500")
        .text(tags::ECHO_TIME, *b"DS", "20")
        .without(tags::RESCALE_TYPE)
        .without(tags::RESCALE_SLOPE)
        .without(tags::RESCALE_INTERCEPT)
}

fn files(slice: impl Fn(u16) -> DataSet) -> Vec<Vec<u8>> {
    (0..SLICES).map(|index| slice(index).file(TransferSyntax::ExplicitLittle)).collect()
}

fn sources(files: &[Vec<u8>]) -> Vec<SourceObject> {
    files.iter().map(|file| SourceObject::read(file).unwrap()).collect()
}

/// The values of the source, plus a tenth: what a COPY worker gives.
fn copy_of(files: &[Vec<u8>]) -> Volume {
    let mut copy = volume::from_files(files).unwrap().volume;
    copy.data.iter_mut().for_each(|value| *value += 0.1);
    copy
}

fn provenance() -> Provenance {
    Provenance {
        run: RunId::from_bits(7),
        task: "denoise".into(),
        model_name: "ct-denoise".into(),
        model_version: "0.1.0".into(),
        weights: Digest::of(b"weights"),
        seed: 42,
        texture_percent: 0,
        content_qualification: "RESEARCH".into(),
        created_at: Time::from_timestamp(1_800_000_000, 0).unwrap(),
        output: Digest::of(b"output"),
        device_serial_number: "1".into(),
        policy: Policy { mark_pixels: false, synthetic_data: false },
    }
}

fn image(slice: impl Fn(u16) -> DataSet) -> Vec<DerivedObject> {
    let files = files(slice);
    derived_image(&sources(&files), &copy_of(&files), &provenance()).unwrap()
}

/// The encoded value of an element of Explicit VR Little Endian, found by its header.
fn value(file: &[u8], tag: Tag, vr: [u8; 2]) -> Option<Vec<u8>> {
    let ([g0, g1], [e0, e1]) = (tag.group().to_le_bytes(), tag.element().to_le_bytes());
    let header = [g0, g1, e0, e1, vr[0], vr[1]];
    let at = file.windows(6).position(|window| window == header)? + 6;
    let length = usize::from(u16::from_le_bytes([file[at], file[at + 1]]));
    Some(file[at + 2..at + 2 + length].to_vec())
}

/// Two versions of a model with their own runs, on the same source.
#[test]
fn a_blinded_copy_has_the_pixels_and_nothing_by_which_two_models_differ() {
    let files = files(ct);
    let made = |provenance: Provenance| {
        derived_image(&sources(&files), &copy_of(&files), &provenance).unwrap().remove(1).file
    };
    let one = made(provenance());
    let other = made(Provenance {
        run: RunId::from_bits(8),
        model_name: "another-model".into(),
        model_version: "9.9.9".into(),
        weights: Digest::of(b"other weights"),
        output: Digest::of(b"another output"),
        seed: 1,
        texture_percent: 30,
        created_at: Time::from_timestamp(1_900_000_000, 0).unwrap(),
        ..provenance()
    });
    assert_ne!(one, other);
    let blinded = |file: &[u8], salt| blinded_copy(file, salt, 1).unwrap();
    assert_eq!(blinded(&one, "salt"), blinded(&other, "salt"), "what is left is the same");
    assert_ne!(blinded(&one, "salt").sop_instance_uid, blinded(&one, "pepper").sop_instance_uid);
    let copy = blinded(&one, "salt");
    assert_eq!(profile_digest(&copy.file).unwrap(), copy.digest);
    for word in ["ct-denoise", "0.1.0", "Countersign", "AI ", "CANARY", "DERIVED"] {
        let found = copy.file[400..].windows(word.len()).any(|window| window == word.as_bytes());
        assert!(!found, "the copy says '{word}'");
    }
    let kept = |file: &[u8], tag| {
        profile_elements(file)
            .unwrap()
            .into_iter()
            .find(|(found, ..)| *found == tag)
            .map(|(.., value)| value.to_vec())
    };
    for tag in [tags::PIXEL_DATA, tags::IMAGE_POSITION_PATIENT, tags::RESCALE_SLOPE, tags::PIXEL_SPACING] {
        assert!(kept(&one, tag).is_some() && kept(&one, tag) == kept(&copy.file, tag), "{tag}");
    }
    for tag in [tags::PATIENT_NAME, tags::STUDY_INSTANCE_UID, tags::SERIES_DESCRIPTION, tags::CONTENT_DATE] {
        assert_eq!(kept(&copy.file, tag), None, "{tag}");
    }
}

/// With the letters "AI" in a corner, which nobody takes for a name.
#[test]
fn teaching_copies_of_an_original_and_its_ai_image_are_valid_and_nothing_is_written_in_them() {
    let large = |slice: fn(u16) -> DataSet| {
        move |index: u16| {
            let smooth = |at: u16| (at % 64 * 20 + at / 64 * 3 + index * 7) & 0x07FF;
            slice(index)
                .short(tags::ROWS, 64)
                .short(tags::COLUMNS, 64)
                .pixels((0..64 * 64).map(smooth).collect())
        }
    };
    for modality in [ct as fn(u16) -> DataSet, mr] {
        let files = files(large(modality));
        let marked =
            Provenance { policy: Policy { mark_pixels: true, synthetic_data: false }, ..provenance() };
        let ai = derived_image(&sources(&files), &copy_of(&files), &marked).unwrap();
        let ai: Vec<Vec<u8>> = ai.into_iter().map(|object| object.file).collect();
        for (kind, files) in [(Kind::Original, files), (Kind::Ai, ai)] {
            for (number, file) in (0..).zip(&files) {
                let pseudonym = Pseudonym { code: "TEACHING-1", salt: "of this set" };
                let copy = deidentify::copy(file, pseudonym, kind, number).unwrap();
                assert_eq!(errors(&copy.file), Vec::<String>::new(), "{kind:?}");
                assert!(!is_written_on(&copy.frame), "{kind:?}");
                let words = profile_elements(&copy.file).unwrap();
                assert!(words.iter().all(|(_, _, value)| !value.windows(6).any(|six| six == b"CANARY")));
            }
        }
    }
}

#[test]
fn a_derived_ct_image_is_valid_and_holds_the_values_it_was_given() {
    let objects = image(ct);
    assert_valid(&objects);
    let written: Vec<Vec<u8>> = objects.into_iter().map(|object| object.file).collect();
    let (written, source) = (volume::from_files(&written).unwrap(), volume::from_files(&files(ct)).unwrap());
    // The offset of a tenth is less than half a step.
    assert_eq!(written.volume, source.volume);
}

#[test]
fn a_derived_mr_image_is_valid() {
    assert_valid(&image(mr));
    let scaled = |slice| {
        mr(slice).text(tags::RESCALE_SLOPE, *b"DS", "0.01").text(tags::RESCALE_INTERCEPT, *b"DS", "0").text(
            tags::RESCALE_TYPE,
            *b"LO",
            "US",
        )
    };
    let files = files(scaled);
    let values = volume::from_files(&files).unwrap().volume;
    assert_valid(&derived_image(&sources(&files), &values, &provenance()).unwrap());
}

#[test]
fn geometry_and_identity_are_repeated_byte_for_byte() {
    let oblique = |slice: u16| {
        let z = f64::from(slice) * 2.5;
        ct(slice)
            .text(tags::IMAGE_ORIENTATION_PATIENT, *b"DS", "0.1208\\0.99267700\\0\\-.992677\\0.1208\\0")
            .text(tags::IMAGE_POSITION_PATIENT, *b"DS", &format!("-8.0\\-6.000\\{z}"))
            .text(tags::SPECIFIC_CHARACTER_SET, *b"CS", "\\ISO 2022 IR 87")
            .bytes(tags::PATIENT_NAME, *b"PN", b"Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B".to_vec())
            .bytes(Tag(0x0009, 0x0010), *b"LO", b"VENDOR".to_vec())
    };
    for (derived, source) in image(oblique).iter().zip(files(oblique)) {
        for (tag, vr) in [
            (tags::IMAGE_ORIENTATION_PATIENT, *b"DS"),
            (tags::IMAGE_POSITION_PATIENT, *b"DS"),
            (tags::PIXEL_SPACING, *b"DS"),
            (tags::SLICE_THICKNESS, *b"DS"),
            (tags::FRAME_OF_REFERENCE_UID, *b"UI"),
            (tags::STUDY_INSTANCE_UID, *b"UI"),
            (tags::SPECIFIC_CHARACTER_SET, *b"CS"),
            (tags::PATIENT_NAME, *b"PN"),
            (tags::PATIENT_ID, *b"LO"),
            (tags::ACCESSION_NUMBER, *b"SH"),
        ] {
            assert_eq!(value(&derived.file, tag, vr), value(&source, tag, vr), "{tag}");
        }
        assert!(!derived.file.windows(6).any(|window| window == b"VENDOR"));
    }
}

#[test]
fn padding_stays_padding_and_means_no_uncertainty() {
    let padded =
        |slice| ct(slice).bytes(tags::PIXEL_PADDING_VALUE, *b"SS", (-700_i16).to_le_bytes().to_vec());
    let files = files(padded);
    let mut result = copy_of(&files);
    result.data[0] = 55.0;
    let sources = sources(&files);
    let objects = derived_image(&sources, &result, &provenance()).unwrap();
    let pixels = &objects[0].file[objects[0].file.len() - 2 * 12 * 16..];
    assert_eq!(pixels[..2], (-700_i16).to_le_bytes());
    assert_ne!(pixels[2..4], (-700_i16).to_le_bytes());
    let interval =
        Interval { image: &result, lower: &shifted(&result, -9.0), upper: &shifted(&result, 11.0) };
    let maps = parametric_maps(&sources, interval, &provenance()).unwrap();
    let half_widths = &maps[0].1.file[maps[0].1.file.len() - 4 * result.data.len()..];
    assert_eq!(half_widths[..4], 0_f32.to_le_bytes());
    assert_eq!(half_widths[4..8], 10_f32.to_le_bytes());
}

fn shifted(volume: &Volume, by: f32) -> Volume {
    volume.with_data(volume.data.iter().map(|value| value + by).collect()).unwrap()
}

#[test]
fn the_mark_is_part_of_the_pixels_and_of_the_digest() {
    let files = files(ct);
    let (sources, result) = (sources(&files), copy_of(&files));
    let marked = Provenance { policy: Policy { mark_pixels: true, synthetic_data: false }, ..provenance() };
    let (plain, marked) = (
        derived_image(&sources, &result, &provenance()).unwrap(),
        derived_image(&sources, &result, &marked).unwrap(),
    );
    assert_valid(&marked);
    assert_ne!(plain[0].digest, marked[0].digest);
}

#[test]
fn the_same_input_gives_the_same_bytes_and_another_output_other_uids() {
    assert_eq!(image(ct), image(ct));
    let files = files(ct);
    let other = Provenance { output: Digest::of(b"another output"), ..provenance() };
    let other = derived_image(&sources(&files), &copy_of(&files), &other).unwrap();
    assert_ne!(image(ct)[0].sop_instance_uid, other[0].sop_instance_uid);
    assert_ne!(image(ct)[0].series_instance_uid, other[0].series_instance_uid);
}

#[test]
fn a_result_that_does_not_fit_fails_by_name() {
    let files = files(ct);
    let sources = sources(&files);
    let build = |volume: &Volume| derived_image(&sources, volume, &provenance());
    let good = copy_of(&files);
    let mut bright = good.clone();
    bright.data[200] = 40_000.0;
    assert!(matches!(build(&bright), Err(Error::OutOfRange { slice: 1, .. })));
    let mut broken = good.clone();
    broken.data[0] = f32::NAN;
    assert!(matches!(build(&broken), Err(Error::NotFinite { slice: 0 })));
    let mut moved = good.clone();
    moved.affine.0[2][3] += 2.5;
    assert!(matches!(build(&moved), Err(Error::Geometry(_))));
    let mut flipped = good;
    let Affine(rows) = &mut flipped.affine;
    rows[0][0] = -rows[0][0];
    assert!(matches!(build(&flipped), Err(Error::Geometry(_))));
    let synthesis = Provenance { task: "synthesis".into(), ..provenance() };
    assert!(matches!(derived_image(&sources, &copy_of(&files), &synthesis), Err(Error::UnsupportedTask(_))));
}

#[test]
fn uncertainty_maps_are_valid_for_ct_and_mr() {
    for files in [files(ct), files(mr)] {
        let result = copy_of(&files);
        let interval =
            Interval { image: &result, lower: &shifted(&result, -8.0), upper: &shifted(&result, 9.0) };
        let maps = parametric_maps(&sources(&files), interval, &provenance()).unwrap();
        assert_eq!(
            maps.iter().map(|(role, _)| *role).collect::<Vec<_>>(),
            [DerivedRole::Uncertainty, DerivedRole::Lower, DerivedRole::Upper]
        );
        assert_valid(&maps.into_iter().map(|(_, map)| map).collect::<Vec<_>>());
    }
}

fn evidence(instances: u16) -> Evidence {
    let series = CtSeries::new("1.2.3");
    let instances = (0..instances).map(|slice| EvidenceInstance {
        sop_class_uid: "1.2.840.10008.5.1.4.1.1.2".into(),
        sop_instance_uid: series.sop_instance_uid(slice),
    });
    let series =
        EvidenceSeries { series_instance_uid: series.series_instance_uid(), instances: instances.collect() };
    Evidence { study_instance_uid: "1.2.3".into(), series: vec![series] }
}

fn finding(kind: FindingKind, centre_mm: Option<[f64; 3]>, diameter_mm: Option<f64>) -> Finding {
    Finding { id: None, kind, severity: Severity::Major, centre_mm, diameter_mm, comment: String::new() }
}

fn read(content: ReadContent) -> Read {
    Read {
        id: ReadId::from_bits(3),
        case: CaseId::from_bits(4),
        content,
        signature: Signature {
            id: SignatureId::from_bits(5),
            signer: UserId::from_bits(6),
            printed_name: "Rosa Lind".into(),
            signed_at: Time::from_timestamp(1_800_000_100, 0).unwrap(),
            meaning: "I have read this image and accept it for release.".into(),
            case_digest: Digest::of(b"case"),
            content_digest: Digest::of(b"content"),
            authentication: vec!["password".into()],
            calibrated_display: false,
            personal_key: None,
        },
        is_final: true,
        addenda: Vec::new(),
    }
}

fn contents() -> Vec<ReadContent> {
    let accept = ReadContent { verdict: Some(Verdict::Accept), ..ReadContent::default() };
    let reject = ReadContent {
        verdict: Some(Verdict::Reject),
        findings: vec![
            finding(FindingKind::Invented, Some([1.0, 2.0, 2.5]), Some(4.5)),
            finding(FindingKind::Lost, Some([1.5, 2.0, 2.5]), Some(6.0)),
            finding(FindingKind::Artefact, Some([-3.0, 2.0, 0.0]), None),
            finding(FindingKind::Texture, None, None),
        ],
        regions: vec![RegionDisposition { region: 0, disposition: Disposition::Artefact }],
        comment: "Gefäß endet unvermittelt; 血管が途切れている".into(),
        viewing: None,
        confirms: None,
    };
    vec![accept, reject]
}

#[test]
fn the_report_of_a_read_is_valid_with_and_without_findings() {
    let source = &sources(&files(ct))[0];
    for content in contents() {
        for instances in [3, 600] {
            let report =
                read_report(&read(content.clone()), source, &evidence(instances), "Demo Hospital").unwrap();
            assert_valid(std::slice::from_ref(&report));
            for slice in 0..instances {
                let uid = CtSeries::new("1.2.3").sop_instance_uid(slice);
                assert!(report.file.windows(uid.len()).any(|window| window == uid.as_bytes()), "{uid}");
            }
        }
    }
}

#[test]
fn a_report_keeps_the_character_set_of_its_study_where_it_can() {
    let latin = |slice| {
        ct(slice).text(tags::SPECIFIC_CHARACTER_SET, *b"CS", "ISO_IR 100").bytes(
            tags::PATIENT_NAME,
            *b"PN",
            b"M\xfcller^Ann".to_vec(),
        )
    };
    let source = &sources(&files(latin))[0];
    let [plain, umlaut] = contents()
        .try_into()
        .map(|contents: [ReadContent; 2]| {
            contents.map(|content| read_report(&read(content), source, &evidence(3), "Demo").unwrap())
        })
        .unwrap();
    assert_eq!(value(&plain.file, tags::SPECIFIC_CHARACTER_SET, *b"CS").unwrap(), b"ISO_IR 100");
    assert_eq!(value(&plain.file, tags::PATIENT_NAME, *b"PN").unwrap(), b"M\xfcller^Ann");
    assert_eq!(value(&umlaut.file, tags::SPECIFIC_CHARACTER_SET, *b"CS").unwrap(), b"ISO_IR 192");
    assert_eq!(value(&umlaut.file, tags::PATIENT_NAME, *b"PN").unwrap(), "Müller^Ann ".as_bytes());
    assert_valid(&[plain, umlaut]);
}

#[test]
fn the_release_summary_is_valid_and_unverified() {
    let release = Release {
        id: ReleaseId::from_bits(1),
        case: CaseId::from_bits(4),
        run: RunId::from_bits(7),
        series: SeriesId::from_bits(8),
        study: StudyId::from_bits(9),
        source_set: Digest::of(b"set"),
        model: ModelVersionId::from_bits(10),
        deployment: DeploymentId::from_bits(11),
        stage: Stage::General,
        case_digest: Digest::of(b"case"),
        reads: contents().into_iter().map(read).collect(),
        limitations: vec!["Not for measuring vessels".into()],
        released_at: Time::from_timestamp(1_800_000_200, 0).unwrap(),
    };
    let summary = release_summary(&release, &sources(&files(ct))[0], &evidence(3)).unwrap();
    assert_eq!(value(&summary.file, tags::VERIFICATION_FLAG, *b"CS").unwrap(), b"UNVERIFIED");
    assert_valid(&[summary]);
}
