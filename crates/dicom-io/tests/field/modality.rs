//! R14, R18 and R36: how stored values become values, and where there are none.

use crate::anatomy::{chest, files, provenance, sources};
use dicom_core::Tag;
use dicom_io::derive::{SourceObject, derived_image};
use dicom_io::fixture::{CtSeries, DataSet, Stored};
use dicom_io::parametric_map::{Interval, parametric_maps};
use dicom_io::{TransferSyntax, read, scan, tags, volume};
use imaging::Volume;

const LUT: &str = "Modality LUT Sequence (0028,3000)";
const DELIMITER: [u8; 8] = [0xFE, 0xFF, 0xDD, 0xE0, 0, 0, 0, 0];

/// An element of 16-bit words, as it stands in an item.
fn element(tag: Tag, vr: [u8; 2], words: &[u16], syntax: TransferSyntax) -> Vec<u8> {
    let length = (2 * words.len()) as u32;
    let mut bytes = [tag.group().to_le_bytes(), tag.element().to_le_bytes()].concat();
    if syntax.is_implicit() {
        bytes.extend(length.to_le_bytes());
    } else if vr == *b"OW" {
        bytes.extend(*b"OW\0\0");
        bytes.extend(length.to_le_bytes());
    } else {
        bytes.extend(vr);
        bytes.extend((length as u16).to_le_bytes());
    }
    bytes.extend(words.iter().flat_map(|word| word.to_le_bytes()));
    bytes
}

/// A table for 4096 stored values that isn't a line and reaches 60,000.
fn table(syntax: TransferSyntax) -> Vec<u8> {
    let values: Vec<u16> =
        (0..4096_u64).map(|stored| (60_000 * stored * stored / (4095 * 4095)) as u16).collect();
    let item = [
        element(tags::LUT_DESCRIPTOR, *b"US", &[4096, 0, 16], syntax),
        element(tags::MODALITY_LUT_TYPE, *b"LO", &[u16::from_le_bytes(*b"US")], syntax),
        element(tags::LUT_DATA, *b"OW", &values, syntax),
    ]
    .concat();
    [&[0xFE, 0xFF, 0x00, 0xE0][..], &(item.len() as u32).to_le_bytes(), &item].concat()
}

/// A radiograph: signed pixels, no slope, no place in a volume.
fn radiograph() -> DataSet {
    let slice = CtSeries::new("1.2.3").slices_of(&chest(2), Stored::default()).remove(0);
    slice
        .text(tags::SOP_CLASS_UID, *b"UI", "1.2.840.10008.5.1.4.1.1.1")
        .text(tags::MODALITY, *b"CS", "CR")
        .without(tags::RESCALE_SLOPE)
        .without(tags::RESCALE_INTERCEPT)
        .without(tags::RESCALE_TYPE)
        .without(tags::IMAGE_POSITION_PATIENT)
        .without(tags::IMAGE_ORIENTATION_PATIENT)
}

fn refused(file: &[u8]) -> String {
    let part10 = read::split(file).unwrap();
    let header = scan::scan(&file[part10.dataset_at..], &part10.transfer_syntax_uid).unwrap().header;
    volume::check_slice(&header.image.unwrap()).expect_err("a table is not read as a line")
}

/// The file with the length of a sequence, whose value ends with a delimiter, undefined.
fn of_undefined_length(mut file: Vec<u8>, vr: [u8; 2]) -> Vec<u8> {
    let header = [&[0x28, 0x00, 0x00, 0x30][..], &vr, &[0, 0]].concat();
    let at = (0..file.len() - 8).find(|at| file[*at..].starts_with(&header)).unwrap();
    file[at + 8..at + 12].fill(0xFF);
    file
}

#[test]
fn r14_a_modality_lut_as_a_table_is_refused_by_its_name() {
    let (explicit, implicit) = (TransferSyntax::ExplicitLittle, TransferSyntax::ImplicitLittle);
    let delimited = |syntax| [table(syntax), DELIMITER.to_vec()].concat();
    let with = |vr, table| radiograph().bytes(tags::MODALITY_LUT_SEQUENCE, vr, table);
    for file in [
        with(*b"SQ", table(explicit)).file(explicit),
        with(*b"SQ", table(implicit)).file(implicit),
        with(*b"SQ", table(explicit)).file(TransferSyntax::Deflated),
        of_undefined_length(with(*b"SQ", delimited(explicit)).file(explicit), *b"SQ"),
        // As somebody writes it who doesn't know the sequence (PS3.5 6.2.2).
        of_undefined_length(with(*b"UN", delimited(implicit)).file(explicit), *b"UN"),
    ] {
        let why = refused(&file);
        assert!(why.contains(LUT), "{why}");
    }
}

#[test]
fn r14_a_ct_or_mr_with_a_table_beside_or_instead_of_a_slope_becomes_no_volume_and_no_source() {
    let syntax = TransferSyntax::ExplicitLittle;
    let tables = |slice: DataSet| slice.bytes(tags::MODALITY_LUT_SEQUENCE, *b"SQ", table(syntax));
    let beside: Vec<DataSet> =
        CtSeries::new("1.2.3").slices_of(&chest(2), Stored::default()).into_iter().map(tables).collect();
    let instead: Vec<DataSet> = beside
        .iter()
        .map(|slice| slice.clone().without(tags::RESCALE_SLOPE).without(tags::RESCALE_INTERCEPT))
        .collect();
    for slices in [&beside, &instead] {
        let source = files(slices, syntax);
        let why = volume::from_files(&source).unwrap_err().to_string();
        assert!(why.contains(LUT), "{why}");
        let why = derived_image(&sources(&source), &chest(2), &provenance()).unwrap_err().to_string();
        assert!(why.contains("(0028,3000)"), "{why}");
    }
}

fn mr(slope: &str) -> Vec<DataSet> {
    let stored = Stored { bits: 16, signed: false, ..Stored::default() };
    let positive = chest(3);
    let positive = positive.with_data(positive.data.iter().map(|value| value + 1000.0).collect()).unwrap();
    let slices = CtSeries::new("1.2.3").slices_of(&positive, stored);
    slices
        .into_iter()
        .map(|slice| {
            slice
                .text(tags::SOP_CLASS_UID, *b"UI", "1.2.840.10008.5.1.4.1.1.4")
                .text(tags::MODALITY, *b"CS", "MR")
                .text(tags::RESCALE_SLOPE, *b"DS", slope)
                .text(tags::RESCALE_INTERCEPT, *b"DS", "0")
                .without(tags::RESCALE_TYPE)
                // In stored units, whatever the slope.
                .text(tags::WINDOW_CENTER, *b"DS", "1000")
                .text(tags::WINDOW_WIDTH, *b"DS", "1600")
        })
        .collect()
}

fn pixels(file: &[u8]) -> Vec<u8> {
    file[file.len() - 2 * 96 * 96..].to_vec()
}

#[test]
fn r18_an_mr_whose_slope_is_not_for_display_keeps_stored_values_and_window_in_a_copy() {
    for slope in ["4.2", "1", "0.05"] {
        let source = files(&mr(slope), TransferSyntax::ExplicitLittle);
        let image = volume::from_files(&source).unwrap().volume;
        let derived = derived_image(&sources(&source), &image, &provenance()).unwrap();
        for (object, source) in derived.iter().zip(&source) {
            // The same stored values under the same window: the same grey, in whoever applies the window to either.
            assert_eq!(pixels(&object.file), pixels(source), "{slope}");
            let read = read::object(&object.file).unwrap();
            let text = |tag| read.element(tag).unwrap().to_str().unwrap().trim().to_owned();
            assert_eq!((&*text(tags::WINDOW_CENTER), &*text(tags::WINDOW_WIDTH)), ("1000", "1600"));
            assert!(read.element(tags::RESCALE_SLOPE).is_err(), "classic MR has no modality LUT");
            let mapped = read.element(tags::REAL_WORLD_VALUE_MAPPING_SEQUENCE).ok().map(|mapping| {
                let item = &mapping.items().unwrap()[0];
                item.element(tags::REAL_WORLD_VALUE_SLOPE).unwrap().to_float64().unwrap()
            });
            assert_eq!(mapped, Some(slope.parse().unwrap()).filter(|slope| *slope != 1.0));
        }
    }
}

#[test]
fn r18_values_that_stand_in_functional_groups_are_never_read_as_stored() {
    let item = [0xFE, 0xFF, 0x00, 0xE0, 0, 0, 0, 0];
    let enhanced = |frames: u16| {
        let [rows, columns] = [12_usize, 16];
        CtSeries::new("1.2.3")
            .slice(0)
            .text(tags::SOP_CLASS_UID, *b"UI", "1.2.840.10008.5.1.4.1.1.4.1")
            .text(tags::MODALITY, *b"CS", "MR")
            .text(tags::NUMBER_OF_FRAMES, *b"IS", &frames.to_string())
            .without(tags::RESCALE_SLOPE)
            .without(tags::RESCALE_INTERCEPT)
            .pixels(vec![100; rows * columns * usize::from(frames)])
    };
    let groups = [tags::SHARED_FUNCTIONAL_GROUPS_SEQUENCE, tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE];
    for (frames, group) in [(1, groups[0]), (1, groups[1]), (3, groups[1])] {
        let file = enhanced(frames).bytes(group, *b"SQ", item.to_vec()).file(TransferSyntax::ExplicitLittle);
        let why = refused(&file);
        let wanted = if frames == 1 { "functional groups" } else { "3 frames" };
        assert!(why.contains(wanted), "{why}");
        let why = volume::from_files(&[&file, &file]).unwrap_err().to_string();
        assert!(!why.is_empty(), "and it becomes no volume");
    }
}

/// The chest in a circle; −2000 outside, where nothing was measured.
fn in_a_circle() -> Volume {
    let chest = chest(3);
    let outside = |index: usize| {
        let (x, y) = ((index % 96) as f32 - 47.5, (index / 96 % 96) as f32 - 47.5);
        x.hypot(y) > 40.0
    };
    let value = |(index, value): (usize, &f32)| if outside(index) { -2000.0 } else { *value };
    chest.with_data(chest.data.iter().enumerate().map(value).collect()).unwrap()
}

fn is_padding(sources: &[SourceObject]) -> Vec<bool> {
    sources.iter().flat_map(|source| (0..96 * 96).map(|pixel| source.is_padding(pixel))).collect()
}

#[test]
fn r36_the_image_keeps_the_padding_and_differs_nowhere_in_it() {
    let signed = Stored { bits: 16, ..Stored::default() };
    let unsigned = Stored { signed: false, intercept: -2000.0, ..signed };
    let layouts = [
        (signed, (-2000_i16).cast_unsigned(), None),
        (unsigned, 0, None),
        // A range, of which the image has one end.
        (signed, (-2100_i16).cast_unsigned(), Some((-1900_i16).cast_unsigned())),
    ];
    for (stored, padding, limit) in layouts {
        let slices = CtSeries::new("1.2.3").slices_of(&in_a_circle(), stored);
        let slices: Vec<DataSet> = slices
            .into_iter()
            .map(|slice| slice.short(tags::PIXEL_PADDING_VALUE, padding))
            .map(|slice| match limit {
                Some(limit) => slice.short(tags::PIXEL_PADDING_RANGE_LIMIT, limit),
                None => slice,
            })
            .collect();
        let source = files(&slices, TransferSyntax::ExplicitLittle);
        let input = volume::from_files(&source).unwrap().volume;
        assert_eq!(input, in_a_circle());
        let (sources, padded) = (sources(&source), is_padding(&sources(&source)));
        assert_eq!(
            padded.iter().filter(|padded| **padded).count(),
            input.data.iter().filter(|v| **v < -1500.0).count()
        );
        for outside in [-2000.0, -1024.0, 0.0, 1e6] {
            let result = |by: f32| {
                let values = input.data.iter().zip(&padded);
                let values = values.map(|(value, padded)| if *padded { outside } else { value + by });
                input.with_data(values.collect()).unwrap()
            };
            let (image, lower, upper) = (result(3.0), result(-7.0), result(13.0));
            let derived = derived_image(&sources, &image, &provenance()).unwrap();
            let written: Vec<Vec<u8>> = derived.into_iter().map(|object| object.file).collect();
            let read_back = self::sources(&written);
            assert_eq!(is_padding(&read_back), padded, "{stored:?} {outside}");
            let written = volume::from_files(&written).unwrap().volume;
            for (index, (value, input)) in written.data.iter().zip(&input.data).enumerate() {
                let wanted = if !padded[index] {
                    input + 3.0
                } else if limit.is_some() {
                    -2100.0
                } else {
                    *input
                };
                assert_eq!(*value, wanted, "{stored:?} {outside} {index}");
            }
            let interval = Interval { image: &image, lower: &lower, upper: &upper };
            let maps = parametric_maps(&sources, interval, &provenance()).unwrap();
            let half_widths = &maps[0].1.file;
            let values = half_widths[half_widths.len() - 4 * input.data.len()..].chunks_exact(4);
            for (value, padded) in values.zip(&padded) {
                let value = f32::from_le_bytes(value.try_into().unwrap());
                assert_eq!(value, if *padded { 0.0 } else { 10.0 });
            }
        }
    }
}
