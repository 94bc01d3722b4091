//! Real anatomy, and how a result of it is written.

use contract::{Digest, RunId, Time};
use dicom_io::TransferSyntax;
use dicom_io::derive::{Policy, Provenance, SourceObject};
use dicom_io::fixture::DataSet;
use imaging::Volume;

/// The middle of the demo's chest, in whole HU from −1000 to 1500. 96 × 96 × `slices`.
pub(crate) fn chest(slices: usize) -> Volume {
    let file = include_bytes!("../../../../tests/fixtures/demo/lung1-lowdose.nii.gz");
    let whole = volume_io::nifti::read_gzip_bytes(file).unwrap();
    let part = whole.crop([112, 112, 7], [96, 96, slices]).unwrap();
    part.with_data(part.data.iter().map(|value| value.round().clamp(-1000.0, 1500.0)).collect()).unwrap()
}

pub(crate) fn files(slices: &[DataSet], syntax: TransferSyntax) -> Vec<Vec<u8>> {
    slices.iter().map(|slice| slice.file(syntax)).collect()
}

pub(crate) fn sources(files: &[Vec<u8>]) -> Vec<SourceObject> {
    files.iter().map(|file| SourceObject::read(file).unwrap()).collect()
}

pub(crate) fn provenance() -> Provenance {
    Provenance {
        run: RunId::from_bits(7),
        task: "denoise".into(),
        model_name: "copy".into(),
        model_version: "1".into(),
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
