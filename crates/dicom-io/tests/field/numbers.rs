//! R32: numbers in text are at most 16 characters, rounded and never cut, and always numbers.

use crate::anatomy::{chest, files, provenance, sources};
use crate::dciodvfy::errors;
use dicom_core::VR;
use dicom_core::value::Value;
use dicom_io::derive::derived_image;
use dicom_io::fixture::{CtSeries, DataSet, Stored};
use dicom_io::parametric_map::{Interval, parametric_maps};
use dicom_io::{TransferSyntax, read, tags, volume};
use dicom_object::InMemDicomObject;
use imaging::Volume;

const SLICES: usize = 4;
/// 0.625 mm apart, from a place that no 16 characters hold.
const START_MM: f64 = -123.456_789_012_345_68;

/// Every decimal string of a data set and its items, as written.
fn decimals(object: &InMemDicomObject, found: &mut Vec<String>) {
    for element in object {
        match element.value() {
            Value::Sequence(items) => items.items().iter().for_each(|item| decimals(item, found)),
            value if element.header().vr == VR::DS => {
                let text = value.to_str().unwrap();
                found.extend(text.split('\\').filter(|part| !part.trim().is_empty()).map(str::to_owned));
            }
            _ => {}
        }
    }
}

/// As some maker writes them: all the digits that a double has, and no numbers at all.
fn as_written_elsewhere(slice: DataSet, index: usize) -> DataSet {
    let (sin, cos) = 7_f64.to_radians().sin_cos();
    let z = START_MM + 0.625 * index as f64;
    slice
        .text(tags::IMAGE_POSITION_PATIENT, *b"DS", &format!("{START_MM:.17}\\-0.0\\{z:.17}"))
        .text(
            tags::IMAGE_ORIENTATION_PATIENT,
            *b"DS",
            &format!("{cos:.18}\\{sin:.18}\\0\\{:.18}\\{cos:.18}\\0", -sin),
        )
        .text(tags::RESCALE_SLOPE, *b"DS", "1.0294e-08")
        .text(tags::RESCALE_INTERCEPT, *b"DS", "-0.0")
        .text(tags::SLICE_LOCATION, *b"DS", "1e-20")
        .text(tags::SLICE_THICKNESS, *b"DS", "0.62500000000000000001")
        .text(tags::TABLE_HEIGHT, *b"DS", "nan")
        .text(tags::WINDOW_CENTER, *b"DS", "-inf\\40")
        .text(tags::WINDOW_WIDTH, *b"DS", "400,0\\80")
        .text(tags::KVP, *b"DS", "120.00000000000000000")
        .text(tags::ACQUISITION_NUMBER, *b"IS", "1.0")
}

fn source() -> Vec<Vec<u8>> {
    let stored = Stored { intercept: -1000.0, ..Stored::default() };
    let slices = CtSeries::new("1.2.3").slices_of(&chest(SLICES), stored);
    let slices: Vec<DataSet> =
        slices.into_iter().enumerate().map(|(index, slice)| as_written_elsewhere(slice, index)).collect();
    files(&slices, TransferSyntax::ExplicitLittle)
}

fn shifted(volume: &Volume, by: f32) -> Volume {
    let data = volume.data.iter().enumerate().map(|(i, value)| value + by * (1 + i % 5) as f32).collect();
    volume.with_data(data).unwrap()
}

#[test]
fn r32_numbers_in_text_are_rounded_never_cut_and_slices_stay_evenly_spaced() {
    let source = source();
    let image = volume::from_files(&source).unwrap().volume;
    let step = 1.0294e-8_f32;
    let (lower, upper) = (shifted(&image, -step), shifted(&image, step));
    let interval = Interval { image: &image, lower: &lower, upper: &upper };
    let images = derived_image(&sources(&source), &image, &provenance()).unwrap();
    let maps = parametric_maps(&sources(&source), interval, &provenance()).unwrap();
    let written: Vec<Vec<u8>> = images.into_iter().map(|object| object.file).collect();
    for file in written.iter().chain(maps.iter().map(|(_, map)| &map.file)) {
        assert_eq!(errors(file), Vec::<String>::new());
        let mut found = Vec::new();
        decimals(&read::object(file).unwrap(), &mut found);
        assert!(found.len() > 10, "{found:?}");
        for text in found {
            assert!(text.len() <= 16, "{text} is too long");
            assert!(text.trim().parse::<f64>().unwrap().is_finite(), "{text}");
        }
    }
    let numbers = |file: &[u8], tag| -> Vec<f64> {
        let object = read::object(file).unwrap();
        object.element(tag).unwrap().to_multi_float64().unwrap()
    };
    for (slice, (file, from)) in written.iter().zip(&source).enumerate() {
        for tag in [tags::IMAGE_POSITION_PATIENT, tags::IMAGE_ORIENTATION_PATIENT, tags::RESCALE_SLOPE] {
            for (number, wanted) in numbers(file, tag).into_iter().zip(numbers(from, tag)) {
                assert!((number - wanted).abs() <= 1e-9 * wanted.abs(), "{tag}: {number} for {wanted}");
            }
        }
        let z = numbers(file, tags::IMAGE_POSITION_PATIENT)[2];
        assert!((z - START_MM - 0.625 * slice as f64).abs() < 1e-3 * 1e-3, "1 µm: {z}");
        assert_eq!(numbers(file, tags::SLICE_LOCATION), [1e-20]);
        assert_eq!(numbers(file, tags::KVP), [120.0]);
        let object = read::object(file).unwrap();
        for absent in [tags::TABLE_HEIGHT, tags::WINDOW_CENTER, tags::WINDOW_WIDTH] {
            assert!(object.element_opt(absent).unwrap().is_none(), "{absent} was no number");
        }
        assert_eq!(object.element(tags::ACQUISITION_NUMBER).unwrap().to_str().unwrap(), "1");
    }
    let spacing = volume::from_files(&written).unwrap().volume.affine.spacing();
    assert!((spacing[2] - 0.625).abs() < 1e-6, "{spacing:?}");
}
