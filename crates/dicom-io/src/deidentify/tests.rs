use super::letters::{Standing, is_written_on};
use super::*;
use crate::fixture::{self, CtSeries};
use crate::write::profile_elements;
use crate::{TransferSyntax, read};
use proptest::prelude::*;

const SET: Pseudonym<'static> = Pseudonym { code: "TEACHING-7Q", salt: "of this set" };

fn slice() -> fixture::DataSet {
    CtSeries::new("1.2.3").slice(0)
}

fn file(data_set: &fixture::DataSet) -> Vec<u8> {
    data_set.file(TransferSyntax::ExplicitLittle)
}

fn original(file: &[u8]) -> Result<Copy, Refused> {
    copy(file, SET, Kind::Original, 0)
}

/// A slice full of what names people, places, times and devices.
fn talkative() -> fixture::DataSet {
    slice()
        .text(tags::PATIENT_NAME, *b"PN", "Secretname^Ann")
        .text(tags::PATIENT_ID, *b"LO", "SECRET-4711")
        .text(tags::PATIENT_BIRTH_DATE, *b"DA", "19610203")
        .text(tags::PATIENT_COMMENTS, *b"LT", "secret comment")
        .text(tags::OPERATORS_NAME, *b"PN", "Secretoperator")
        .text(tags::INSTITUTION_NAME, *b"LO", "Secret hospital")
        .text(tags::STATION_NAME, *b"SH", "SECRETCT")
        .text(tags::SERIES_DESCRIPTION, *b"LO", "secret series")
        .text(tags::PROTOCOL_NAME, *b"LO", "secret protocol")
        .text(tags::IMAGE_COMMENTS, *b"LT", "secret image")
        .text(tags::DEVICE_SERIAL_NUMBER, *b"LO", "SECRET99")
        .text(Tag(0x0009, 0x0010), *b"LO", "SECRET VENDOR")
        .text(Tag(0x0009, 0x1001), *b"LO", "Secretname")
        .bytes(Tag(0x6000, 0x3000), *b"OW", b"secret overlay..".to_vec())
}

#[test]
fn nothing_of_whom_where_and_when_is_in_a_copy() {
    let copy = original(&file(&talkative())).unwrap();
    let text = String::from_utf8_lossy(&copy.file).to_lowercase();
    for secret in ["secret", "19610203", "20260102", "030405", "1.2.3", "fixture maker"] {
        assert!(!text.contains(secret), "{secret}");
    }
    let elements = profile_elements(&copy.file).unwrap();
    assert!(elements.iter().all(|(tag, ..)| tag.group() % 2 == 0 && tag.group() & 0xFF00 != 0x6000));
    let value = |wanted: Tag| {
        let found = elements.iter().find(|(tag, ..)| *tag == wanted);
        found.map(|(_, _, value)| String::from_utf8_lossy(value).trim_matches([' ', '\0']).to_owned())
    };
    assert_eq!(value(tags::PATIENT_NAME).as_deref(), Some("TEACHING-7Q"));
    assert_eq!(value(tags::PATIENT_BIRTH_DATE).as_deref(), Some(""));
    assert_eq!(value(tags::STUDY_DATE).as_deref(), Some(""));
    assert_eq!(value(tags::PATIENT_IDENTITY_REMOVED).as_deref(), Some("YES"));
    assert_eq!(value(tags::LONGITUDINAL_TEMPORAL_INFORMATION_MODIFIED).as_deref(), Some("REMOVED"));
    assert!(value(tags::DEIDENTIFICATION_METHOD_CODE_SEQUENCE).unwrap().contains("113100"));
    assert_eq!(value(tags::RESCALE_INTERCEPT).as_deref(), Some("-1024"));
    assert_eq!(value(tags::PIXEL_SPACING).as_deref(), Some("0.75\\0.5"));
}

#[test]
fn a_copy_has_the_pixels_of_its_image_and_nothing_in_the_bits_beyond() {
    let plain = original(&file(&slice())).unwrap();
    let words: Vec<u16> = (0..12 * 16).map(|index| (index % 1500_u16).wrapping_sub(700) | 0xF000).collect();
    let overlaid = original(&file(&slice().pixels(words))).unwrap();
    assert_eq!(plain.file, overlaid.file);
    let source = file(&slice());
    let elements = profile_elements(&plain.file).unwrap();
    let pixels = elements.iter().find(|(tag, ..)| *tag == tags::PIXEL_DATA).unwrap().2;
    let stored = profile_elements(&source).unwrap();
    assert_eq!(pixels, stored.iter().find(|(tag, ..)| *tag == tags::PIXEL_DATA).unwrap().2);
}

#[test]
fn slices_of_a_set_belong_together_and_no_set_to_another() {
    let files = CtSeries::new("1.2.3").files(2);
    let uids = |file: &[u8], pseudonym, kind, number| {
        let copy = copy(file, pseudonym, kind, number).unwrap();
        let elements = profile_elements(&copy.file).unwrap();
        [
            tags::STUDY_INSTANCE_UID,
            tags::FRAME_OF_REFERENCE_UID,
            tags::SERIES_INSTANCE_UID,
            tags::SOP_INSTANCE_UID,
        ]
        .map(|wanted| elements.iter().find(|(tag, ..)| *tag == wanted).unwrap().2.to_vec())
    };
    let first = uids(&files[0], SET, Kind::Original, 0);
    let second = uids(&files[1], SET, Kind::Original, 1);
    assert_eq!(first[..3], second[..3]);
    assert_ne!(first[3], second[3]);
    let ai = uids(&files[0], SET, Kind::Ai, 0);
    assert_eq!(first[..2], ai[..2]);
    assert_ne!(first[2], ai[2]);
    let other = uids(&files[0], Pseudonym { salt: "of another", ..SET }, Kind::Original, 0);
    assert!(first.iter().zip(&other).all(|(a, b)| a != b));
}

#[test]
fn what_says_that_it_shows_whose_it_is_has_no_copy() {
    let refused = |data_set: fixture::DataSet| original(&file(&data_set)).unwrap_err();
    let burnt = refused(slice().text(tags::BURNED_IN_ANNOTATION, *b"CS", "YES"));
    assert!(matches!(burnt, Refused::Declared(why) if why.contains("burnt")));
    let face = refused(slice().text(tags::RECOGNIZABLE_VISUAL_FEATURES, *b"CS", "YES"));
    assert!(matches!(face, Refused::Declared(why) if why.contains("face")));
    for part in ["HEAD", "Head", "C-SPINE", "HEAD_NECK", "WHOLE BODY"] {
        assert!(
            matches!(refused(slice().text(tags::BODY_PART_EXAMINED, *b"CS", part)), Refused::Face(_)),
            "{part}"
        );
    }
    let named = slice().text(tags::SCAN_OPTIONS, *b"CS", "HELICAL\\FIXTURE");
    assert!(matches!(refused(named), Refused::Named(tag) if tag == tags::SCAN_OPTIONS));
    let capture = slice().text(tags::SOP_CLASS_UID, *b"UI", "1.2.840.10008.5.1.4.1.1.7");
    assert!(matches!(refused(capture), Refused::Kind(_)));
}

#[test]
fn hostile_files_have_no_copy_and_break_nothing() {
    for (_, data_set) in fixture::hostile() {
        let mut file = read::file_meta(uids::CT_IMAGE_STORAGE, "1.2.3", TransferSyntax::ExplicitLittle.uid());
        file.extend(data_set);
        drop(original(&file));
    }
}

#[test]
fn a_text_that_names_the_patient_is_known() {
    let identity = Identity::of(&file(&talkative()));
    for text in [
        "Mrs Secretname has a cyst",
        "see SECRET 4711",
        "secret-4711!",
        "born 03.02.1961",
        "born 1961-02-03",
        "ann's nodule",
        "accession number aside, SECRETNAME",
    ] {
        assert!(identity.is_named_in(text), "{text}");
    }
    for text in ["planning the annotation", "a secret", "47110 voxels", "slice 40 of 1961"] {
        assert!(!identity.is_named_in(text), "{text}");
    }
    let japanese = talkative().text(tags::SPECIFIC_CHARACTER_SET, *b"CS", "ISO_IR 192").text(
        tags::PATIENT_NAME,
        *b"PN",
        "Yamada^Tarou=山田^太郎",
    );
    assert!(Identity::of(&file(&japanese)).is_named_in("これは山田さんの画像です"));
}

/// A glyph of 5 × 7 pixels, `#` for ink.
const GLYPHS: [[&str; 7]; 4] = [
    ["####.", "#...#", "#...#", "#...#", "#...#", "#...#", "####."],
    [".###.", "#...#", "#...#", "#...#", "#...#", "#...#", ".###."],
    ["#####", "#....", "#....", "####.", "#....", "#....", "#####"],
    ["..#..", ".##..", "..#..", "..#..", "..#..", "..#..", ".###."],
];

/// Something like tissue: smooth shades under noise.
fn tissue(seed: u64, size: [usize; 2]) -> Frame {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut noise = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f64 / f64::from(1_u32 << 24) - 0.5
    };
    let [columns, rows] = size;
    let values = (0..columns * rows)
        .map(|index| {
            let (x, y) = ((index % columns) as f64, (index / columns) as f64);
            (300.0 * (x / 23.0).sin() * (y / 31.0).cos() + 60.0 * noise()) as i32
        })
        .collect();
    Frame { values, size }
}

fn write_on(frame: &mut Frame, [left, top]: [usize; 2], scale: usize, ink: i32) {
    for (place, glyph) in GLYPHS.iter().enumerate() {
        for y in 0..7 * scale {
            for x in 0..5 * scale {
                if glyph[y / scale].as_bytes()[x / scale] == b'#' {
                    let column = left + place * 6 * scale + x;
                    frame.values[(top + y) * frame.size[0] + column] = ink;
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

    #[test]
    fn plain_letters_are_seen_wherever_they_stand(
        seed in any::<u64>(), left in 0_usize..100, top in 0_usize..100, scale in 1_usize..4,
    ) {
        let mut frame = tissue(seed, [200, 160]);
        prop_assert!(!is_written_on(&frame));
        write_on(&mut frame, [left, top], scale, 1_000);
        prop_assert!(is_written_on(&frame));
    }

    #[test]
    fn a_name_that_stands_on_all_slices_is_seen_even_when_it_is_faint(seed in any::<u64>(), ink in -10..10) {
        let mut standing = Standing::default();
        let mut tissue_only = Standing::default();
        for slice in 0..8 {
            let mut frame = tissue(seed.wrapping_add(slice), [200, 160]);
            tissue_only.add(&frame);
            write_on(&mut frame, [40, 40], 2, ink);
            prop_assert!(slice > 0 || !is_written_on(&frame));
            standing.add(&frame);
        }
        prop_assert!(standing.is_written());
        prop_assert!(!tissue_only.is_written());
    }
}
