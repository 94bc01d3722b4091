//! R33: what has no type in Implicit VR keeps its owner and its bytes, and vendors' blocks stay with the source. R15: an
//! issuer stays with its ID.

use crate::anatomy::{chest, files, provenance, sources};
use crate::dciodvfy::errors;
use crate::dcmtk::recode;
use dicom_core::Tag;
use dicom_io::derive::derived_image;
use dicom_io::fixture::{CtSeries, DataSet, Stored};
use dicom_io::parametric_map::{Interval, parametric_maps};
use dicom_io::sr::read_report;
use dicom_io::{TransferSyntax, read, tags, volume};

fn implicit() -> Vec<Vec<u8>> {
    let slices = CtSeries::new("1.2.3").slices_of(&chest(2), Stored::default());
    let slices: Vec<DataSet> = slices.into_iter().map(DataSet::with_vendor_blocks).collect();
    files(&slices, TransferSyntax::ImplicitLittle)
}

#[test]
fn r33_derived_objects_copy_no_vendor_block() {
    let source = implicit();
    let image = volume::from_files(&source).unwrap().volume;
    for object in derived_image(&sources(&source), &image, &provenance()).unwrap() {
        assert_eq!(errors(&object.file), Vec::<String>::new());
        for vendor in [&b"MAKER A"[..], b"MAKER B", b"inside", b"odd"] {
            assert!(!object.file.windows(vendor.len()).any(|bytes| bytes == vendor));
        }
        assert!(object.file.windows(3).any(|bytes| bytes == b"CT7"), "standard values of odd length stay");
    }
}

#[test]
fn r33_the_received_bytes_keep_creators_and_values_when_dcmtk_re_encodes_them() {
    let folder = tempfile::tempdir().unwrap();
    let explicit = recode("dcmconv", &["+te"], &implicit()[0], folder.path());
    let read = read::object(&explicit).unwrap();
    for (element, maker) in [(0x0010, "MAKER A"), (0x0011, "MAKER B")] {
        let creator = read.element(Tag(0x0019, element)).unwrap();
        assert_eq!((creator.header().vr.to_string(), creator.to_str().unwrap().trim_end()), ("LO", maker));
    }
    // And what came Explicit with the types of private elements lost is read as what it was.
    let volume = |file: &[u8], other: &[u8]| volume::from_files(&[file, other]).unwrap().volume;
    let second = recode("dcmconv", &["+te"], &implicit()[1], folder.path());
    let source = implicit();
    assert_eq!(volume(&explicit, &second), volume(&source[0], &source[1]));
}

#[test]
fn r33_standard_attributes_whose_type_somebody_lost_are_still_the_patients() {
    let as_unknown = |slice: DataSet| {
        slice
            .bytes(tags::PATIENT_NAME, *b"UN", b"Fixture^Ann ".to_vec())
            .bytes(tags::PATIENT_ID, *b"UN", b"FIXTURE ".to_vec())
            .bytes(tags::ACCESSION_NUMBER, *b"UN", b"A1".to_vec())
            .bytes(tags::WINDOW_CENTER, *b"UN", b"40".to_vec())
            .bytes(tags::PIXEL_PADDING_VALUE, *b"UN", (-1000_i16).to_le_bytes().to_vec())
    };
    let slices = CtSeries::new("1.2.3").slices_of(&chest(2), Stored::default());
    let derive = |slices: Vec<DataSet>, syntax| {
        let source = files(&slices, syntax);
        let image = volume::from_files(&source).unwrap().volume;
        derived_image(&sources(&source), &image, &provenance()).unwrap()
    };
    let typed: Vec<DataSet> = slices
        .iter()
        .cloned()
        .map(|slice| {
            slice.text(tags::WINDOW_CENTER, *b"DS", "40").bytes(
                tags::PIXEL_PADDING_VALUE,
                *b"SS",
                (-1000_i16).to_le_bytes().to_vec(),
            )
        })
        .collect();
    let untyped: Vec<DataSet> = slices.into_iter().map(as_unknown).collect();
    let expected = derive(typed, TransferSyntax::ExplicitLittle);
    assert_eq!(derive(untyped, TransferSyntax::ExplicitLittle), expected);
    for object in expected {
        let read = read::object(&object.file).unwrap();
        assert_eq!(read.element(tags::PATIENT_ID).unwrap().to_str().unwrap(), "FIXTURE");
    }
}

#[test]
fn r15_every_object_of_ours_says_who_issued_the_id_as_its_source_does() {
    let of = |issuer: Option<&str>| {
        let slices = CtSeries::new("1.2.3").slices_of(&chest(2), Stored::default());
        let issued = |slice: DataSet| match issuer {
            Some(issuer) => slice.text(tags::ISSUER_OF_PATIENT_ID, *b"LO", issuer),
            None => slice,
        };
        let slices: Vec<DataSet> = slices.into_iter().map(issued).collect();
        let source = files(&slices, TransferSyntax::ExplicitLittle);
        let image = volume::from_files(&source).unwrap().volume;
        let other = |by: f32| {
            let values =
                image.data.iter().enumerate().map(|(index, value)| value + by * (1 + index % 5) as f32);
            image.with_data(values.collect()).unwrap()
        };
        let (lower, upper) = (other(-1.0), other(1.0));
        let interval = Interval { image: &image, lower: &lower, upper: &upper };
        let read = crate::reports::read(Vec::new());
        let evidence = crate::reports::evidence(vec![crate::reports::series("1.2.3.1", 2)]);
        let report = read_report(&read, &sources(&source)[0], &evidence, "Demo Hospital").unwrap();
        let images = derived_image(&sources(&source), &image, &provenance()).unwrap();
        let maps = parametric_maps(&sources(&source), interval, &provenance()).unwrap();
        let made = images.into_iter().chain(maps.into_iter().map(|(_, map)| map)).chain([report]);
        made.map(|object| read::object(&object.file).unwrap()).collect::<Vec<_>>()
    };
    let made = of(Some("HOSPITAL A"));
    assert_eq!(made.len(), 6);
    for object in made {
        let issuer = object.element(tags::ISSUER_OF_PATIENT_ID).unwrap().to_str().unwrap();
        assert_eq!(issuer.trim(), "HOSPITAL A");
    }
    for object in of(None) {
        assert!(object.element(tags::ISSUER_OF_PATIENT_ID).is_err(), "none is invented");
    }
}
