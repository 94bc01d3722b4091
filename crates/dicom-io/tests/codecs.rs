//! The same voxels out of every transfer syntax, encoded by dcmtk , and out of every rescale.

#![expect(clippy::unwrap_used, reason = "a test that can't go on fails")]
#![expect(clippy::float_cmp, reason = "whole numbers come out exactly")]

#[path = "outside/dcmtk.rs"]
mod dcmtk;

use dcmtk::recode;
use dicom_io::fixture::{CtSeries, DataSet, encapsulated};
use dicom_io::{TransferSyntax, tags, volume};

fn volume_of(slices: &[DataSet], syntax: TransferSyntax) -> Vec<f32> {
    let files: Vec<Vec<u8>> = slices.iter().map(|slice| slice.file(syntax)).collect();
    volume::from_files(&files).unwrap().volume.data
}

fn series() -> Vec<DataSet> {
    let mut series = CtSeries::new("1.2.3");
    series.matrix = (40, 48);
    (0..3).map(|slice| series.slice(slice)).collect()
}

#[test]
fn signed_pixels_of_12_bits_keep_their_sign_in_every_native_syntax() {
    let expected = volume_of(&series(), TransferSyntax::ExplicitLittle);
    assert_eq!(expected[0], -700.0 - 1024.0);
    assert!(expected.iter().all(|value| *value < 1000.0));
    for syntax in [TransferSyntax::ImplicitLittle, TransferSyntax::ExplicitBig, TransferSyntax::Deflated] {
        assert_eq!(volume_of(&series(), syntax), expected, "{syntax:?}");
    }
}

#[test]
fn signed_pixels_of_12_bits_keep_their_sign_when_dcmtk_compresses_them() {
    let folder = tempfile::tempdir().unwrap();
    let expected = volume_of(&series(), TransferSyntax::ExplicitLittle);
    for (program, options) in [("dcmcrle", &[][..]), ("dcmcjpeg", &["+e1"]), ("dcmcjpeg", &["+el"])] {
        let recode = |slice: &DataSet| {
            recode(program, options, &slice.file(TransferSyntax::ExplicitLittle), folder.path())
        };
        let files: Vec<Vec<u8>> = series().iter().map(recode).collect();
        assert_eq!(volume::from_files(&files).unwrap().volume.data, expected, "{program} {options:?}");
    }
}

#[test]
fn signed_pixels_of_12_bits_keep_their_sign_in_jpeg_2000() {
    // Made by OpenJPEG through pylibjpeg-openjpeg 2.6.0: `encode_array(slice, bits_stored=12,
    // photometric_interpretation=2)`, `slice` being the values of the fixture as int16.
    let frames =
        [&include_bytes!("fixtures/signed-12-bit-0.j2k")[..], include_bytes!("fixtures/signed-12-bit-1.j2k")];
    let slices = &series()[..2];
    let expected = volume_of(slices, TransferSyntax::ExplicitLittle);
    for syntax in [TransferSyntax::Jpeg2000Lossless, TransferSyntax::Jpeg2000] {
        let files: Vec<Vec<u8>> =
            slices.iter().zip(frames).map(|(slice, frame)| encapsulated(slice, syntax, frame)).collect();
        assert_eq!(volume::from_files(&files).unwrap().volume.data, expected, "{syntax:?}");
    }
}

#[test]
fn a_jpeg_2000_frame_of_a_million_tiles_is_refused_before_it_is_decoded() {
    let mut bomb = include_bytes!("fixtures/signed-12-bit-0.j2k").to_vec();
    // Xsiz and Ysiz, then XTsiz and YTsiz of the SIZ segment.
    bomb[8..16].copy_from_slice(&[0, 0, 0xFF, 0xFF, 0, 0, 0xFF, 0xFF]);
    bomb[24..32].copy_from_slice(&[0, 0, 0, 1, 0, 0, 0, 1]);
    let slices = &series()[..2];
    let files: Vec<Vec<u8>> =
        slices.iter().map(|slice| encapsulated(slice, TransferSyntax::Jpeg2000, &bomb)).collect();
    assert!(volume::from_files(&files).unwrap_err().to_string().contains("no readable header"));
}

#[test]
fn an_empty_slice_compresses_far_and_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let mut series = CtSeries::new("1.2.3");
    series.matrix = (256, 256);
    let slice = |index| series.slice(index).pixels(vec![0; 256 * 256]).file(TransferSyntax::ExplicitLittle);
    let files: Vec<Vec<u8>> =
        (0..2).map(|index| recode("dcmcrle", &[], &slice(index), folder.path())).collect();
    assert!(volume::from_files(&files).unwrap().volume.data.iter().all(|value| *value == -1024.0));
}

#[test]
fn rescale_is_applied_in_full_precision() {
    for slope in ["0.01", "0.5", "1.03e-8", "-1"] {
        let rescaled = |slice: DataSet| {
            slice.text(tags::RESCALE_SLOPE, *b"DS", slope).text(tags::RESCALE_INTERCEPT, *b"DS", "0")
        };
        let series: Vec<DataSet> = series().into_iter().map(rescaled).collect();
        let values = volume_of(&series, TransferSyntax::ExplicitLittle);
        let expected = -700.0 * slope.parse::<f64>().unwrap();
        assert!((f64::from(values[0]) - expected).abs() <= 1e-6 * expected.abs(), "{slope}: {}", values[0]);
    }
}

#[test]
fn absent_rescale_means_the_stored_values() {
    let plain = |slice: DataSet| slice.without(tags::RESCALE_SLOPE).without(tags::RESCALE_INTERCEPT);
    let series: Vec<DataSet> = series().into_iter().map(plain).collect();
    assert_eq!(volume_of(&series, TransferSyntax::ExplicitLittle)[0], -700.0);
}

#[test]
fn what_cannot_be_rescaled_is_refused_by_name() {
    let refused = |change: &dyn Fn(DataSet) -> DataSet| {
        let files: Vec<Vec<u8>> =
            series().into_iter().map(|slice| change(slice).file(TransferSyntax::ExplicitLittle)).collect();
        volume::from_files(&files).unwrap_err().to_string()
    };
    assert!(refused(&|slice| slice.text(tags::RESCALE_SLOPE, *b"DS", "0")).contains("rescale slope is 0"));
    let with_table = |slice: DataSet| slice.bytes(tags::MODALITY_LUT_SEQUENCE, *b"SQ", Vec::new());
    assert!(refused(&with_table).contains("Modality LUT Sequence"));
    assert!(refused(&|slice| slice.short(tags::HIGH_BIT, 15)).contains("high bit 15"));
}

#[test]
fn a_compressed_frame_of_another_size_is_refused_before_it_is_decoded() {
    let folder = tempfile::tempdir().unwrap();
    let file = recode("dcmcjpeg", &["+e1"], &series()[0].file(TransferSyntax::ExplicitLittle), folder.path());
    // The start of frame: marker, length, precision, rows, columns.
    let frame = file.windows(3).position(|bytes| bytes == [0xFF, 0xC3, 0x00]).unwrap();
    let mut bomb = file.clone();
    bomb[frame + 5..frame + 9].copy_from_slice(&[0xFF, 0xFF, 0xFF, 0xFF]);
    let other = series()[1].file(TransferSyntax::ExplicitLittle);
    let error = volume::from_files(&[bomb, other]).unwrap_err().to_string();
    assert!(error.contains("the frame has 65535 rows and 65535 columns"), "{error}");
}
