//! R09, R17: the same values out of every encoding and every rescale, or a refusal by name.

use crate::anatomy::{chest, files, provenance, sources};
use crate::dcmtk::recode;
use contract::Digest;
use dicom_io::derive::derived_image;
use dicom_io::fixture::{CtSeries, DataSet, Stored, encapsulated};
use dicom_io::read::is_taken_in;
use dicom_io::{TransferSyntax, scan, tags, volume};
use imaging::{Affine, Volume};
use std::collections::BTreeSet;

fn digest(files: &[Vec<u8>]) -> Digest {
    let volume = volume::from_files(files).unwrap().volume;
    Digest::of(&volume.data.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>())
}

/// Every way in which CT scanners store −1000 … 1500 HU.
fn layouts() -> [Stored; 6] {
    let signed = Stored::default();
    [
        signed,
        Stored { sign_extended: true, ..signed },
        Stored { signed: false, intercept: -1024.0, ..signed },
        Stored { bits: 16, sign_extended: true, ..signed },
        Stored { bits: 10, slope: 4.0, ..signed },
        Stored { allocated: 8, bits: 8, signed: false, intercept: -1000.0, slope: 10.0, ..signed },
    ]
}

#[test]
fn r09_compressed_pixels_give_the_volume_of_the_uncompressed_file() {
    let folder = tempfile::tempdir().unwrap();
    for stored in layouts() {
        let slices = CtSeries::new("1.2.3").slices_of(&chest(2), stored);
        let native = files(&slices, TransferSyntax::ExplicitLittle);
        let expected = digest(&native);
        for (program, options) in [
            ("dcmcrle", &[][..]),
            ("dcmcjpeg", &["+e1"]),
            ("dcmcjpeg", &["+el"]),
            ("dcmconv", &["+ti"]),
            ("dcmconv", &["+tb"]),
            ("dcmconv", &["+td"]),
        ] {
            let recoded: Vec<Vec<u8>> =
                native.iter().map(|file| recode(program, options, file, folder.path())).collect();
            assert_ne!(recoded, native, "{program} did something");
            assert_eq!(digest(&recoded), expected, "{program} {options:?} of {stored:?}");
        }
    }
    let chest = chest(2);
    let exact = digest(&files(
        &CtSeries::new("1.2.3").slices_of(&chest, layouts()[0]),
        TransferSyntax::ExplicitLittle,
    ));
    let values = chest.data.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>();
    assert_eq!(exact, Digest::of(&values), "and that volume is the anatomy it was made of");
}

#[test]
fn r09_jpeg_2000_by_another_encoder_gives_the_volume_of_the_uncompressed_file() {
    // Made by OpenJPEG through pylibjpeg-openjpeg 2.6.0 from the same 96 × 96 pixels: `encode_array(slice,
    // bits_stored=12, photometric_interpretation=2)`, `slice` an int16 array of rows and columns.
    let frames = [
        &include_bytes!("../fixtures/chest-signed-12-bit-0.j2k")[..],
        include_bytes!("../fixtures/chest-signed-12-bit-1.j2k"),
    ];
    let slices = CtSeries::new("1.2.3").slices_of(&chest(2), Stored::default());
    let expected = digest(&files(&slices, TransferSyntax::ExplicitLittle));
    for syntax in [TransferSyntax::Jpeg2000Lossless, TransferSyntax::Jpeg2000] {
        let compressed: Vec<Vec<u8>> =
            slices.iter().zip(frames).map(|(slice, frame)| encapsulated(slice, syntax, frame)).collect();
        assert_eq!(digest(&compressed), expected, "{syntax:?}");
    }
}

#[test]
fn r09_what_is_not_decoded_is_refused_with_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let slice = &CtSeries::new("1.2.3").slices_of(&chest(2), Stored::default())[0];
    let jpeg_ls = recode("dcmcjpls", &[], &slice.file(TransferSyntax::ExplicitLittle), folder.path());
    let part10 = dicom_io::read::split(&jpeg_ls).unwrap();
    let named = |uid: &str| scan::scan(&jpeg_ls[part10.dataset_at..], uid).unwrap_err().refusal();
    let refusal = named(&part10.transfer_syntax_uid);
    assert_eq!(refusal.code, "transfer_syntax");
    assert!(refusal.message.contains("JPEG-LS Lossless"), "{}", refusal.message);
    assert!(!refusal.remedy.is_empty());
    for (uid, name) in [
        ("1.2.840.10008.1.2.4.81", "JPEG-LS"),
        ("1.2.840.10008.1.2.4.51", "JPEG Extended"),
        ("1.2.840.10008.1.2.4.201", "High-Throughput JPEG 2000"),
        ("1.2.840.10008.1.2.4.102", "MPEG-4"),
        ("1.2.3.4", "1.2.3.4"),
    ] {
        assert!(!is_taken_in(uid));
        assert!(named(uid).message.contains(name), "{}", named(uid).message);
    }
}

/// Three slices of 100 × 100 pixels that hold every stored value from 0 to 9999, in another order in each.
fn ramp() -> Volume {
    let value = |index: usize| ((index % 10_000) * (2 * (index / 10_000) + 1) % 10_000) as f32;
    let data = (0..30_000).map(value).collect();
    Volume::new(data, [100, 100, 3], Affine::from_spacing([0.5, 0.5, 1.0])).unwrap()
}

fn with_slope(slope: &str, intercept: &str) -> Vec<DataSet> {
    let stored = Stored { bits: 16, signed: false, ..Stored::default() };
    let slices = CtSeries::new("1.2.3").slices_of(&ramp(), stored);
    let rescaled = |slice: DataSet| {
        slice.text(tags::RESCALE_SLOPE, *b"DS", slope).text(tags::RESCALE_INTERCEPT, *b"DS", intercept)
    };
    slices.into_iter().map(rescaled).collect()
}

#[test]
fn r17_small_and_negative_slopes_keep_every_value_and_cost_half_a_step_at_most() {
    for slope in ["0.01", "0.5", "1.03e-8", "-1", "1", "4.2", "1.0294e-08"] {
        let source = files(&with_slope(slope, "0"), TransferSyntax::ExplicitLittle);
        let step: f64 = slope.parse().unwrap();
        let values = volume::from_files(&source).unwrap().volume;
        for (value, stored) in values.data.iter().zip(ramp().data) {
            let expected = f64::from(stored) * step;
            assert!((f64::from(*value) - expected).abs() <= 1e-6 * expected.abs(), "{slope}: {value}");
        }
        let third = |value: &f32| (f64::from(*value) + step / 3.0) as f32;
        let result = values.with_data(values.data.iter().map(third).collect()).unwrap();
        let derived = derived_image(&sources(&source), &result, &provenance()).unwrap();
        let derived: Vec<Vec<u8>> = derived.into_iter().map(|object| object.file).collect();
        let written = volume::from_files(&derived).unwrap().volume;
        for (written, wanted) in written.data.iter().zip(&result.data) {
            let error = (f64::from(*written) - f64::from(*wanted)).abs();
            assert!(error <= 0.501 * step.abs(), "{slope}: {written} for {wanted}");
        }
        let distinct: BTreeSet<u32> = written.data.iter().map(|value| value.to_bits()).collect();
        assert!(distinct.len() > 9_000, "{slope}: the picture is flat, {} values", distinct.len());
    }
}

#[test]
fn r17_each_slice_is_rescaled_by_its_own_slope() {
    let slopes = ["0.5", "0.25", "2"];
    let slice = |index: usize| with_slope(slopes[index], "0").swap_remove(index);
    let source = files(&[slice(0), slice(1), slice(2)], TransferSyntax::ExplicitLittle);
    let values = volume::from_files(&source).unwrap().volume;
    for (slice, slope) in slopes.iter().enumerate() {
        let step: f32 = slope.parse().unwrap();
        assert_eq!(values.slice(slice)[1], ramp().slice(slice)[1] * step);
    }
    let derived = derived_image(&sources(&source), &values, &provenance()).unwrap();
    let derived: Vec<Vec<u8>> = derived.into_iter().map(|object| object.file).collect();
    assert_eq!(volume::from_files(&derived).unwrap().volume, values);
}

#[test]
fn r17_a_slope_of_zero_or_one_that_drowns_is_refused_by_name() {
    let refused = |slope, intercept| {
        let slices = files(&with_slope(slope, intercept), TransferSyntax::ExplicitLittle);
        volume::from_files(&slices).unwrap_err().to_string()
    };
    assert!(refused("0", "0").contains("rescale slope is 0"));
    assert!(refused("0.0", "-1024").contains("rescale slope is 0"));
    let drowned = refused("1.03e-8", "-1024");
    assert!(drowned.contains("rescale step of 1.03e-8 is lost beside values of 1.024e3"), "{drowned}");
    assert!(refused("nan", "0").contains("no finite number"));
}

#[test]
fn r17_the_window_of_a_map_fits_values_of_any_size() {
    use dicom_io::parametric_map::{Interval, parametric_maps};
    for slope in ["1.03e-8", "1", "1e6"] {
        let source = files(&with_slope(slope, "0"), TransferSyntax::ExplicitLittle);
        let image = volume::from_files(&source).unwrap().volume;
        let step: f32 = slope.parse().unwrap();
        let shifted = |by: f32| {
            let data = image.data.iter().enumerate().map(|(i, v)| v + by * step * (1 + i % 50) as f32);
            image.with_data(data.collect()).unwrap()
        };
        let (lower, upper) = (shifted(-1.0), shifted(1.0));
        let interval = Interval { image: &image, lower: &lower, upper: &upper };
        let maps = parametric_maps(&sources(&source), interval, &provenance()).unwrap();
        let map = dicom_io::read::object(&maps[0].1.file).unwrap();
        let shared = map.element(tags::SHARED_FUNCTIONAL_GROUPS_SEQUENCE).unwrap();
        let window = shared.items().unwrap()[0].element(tags::FRAME_VOILUT_SEQUENCE).unwrap();
        let window = &window.items().unwrap()[0];
        let number = |tag| window.element(tag).unwrap().to_float64().unwrap();
        let (centre, width) = (number(tags::WINDOW_CENTER), number(tags::WINDOW_WIDTH));
        // Half-widths run from 1 to 50 steps.
        let step = f64::from(step);
        assert!((width / (49.0 * step) - 1.0).abs() < 0.02, "{slope}: width {width}");
        assert!((centre / (25.5 * step) - 1.0).abs() < 0.02, "{slope}: centre {centre}");
    }
}
