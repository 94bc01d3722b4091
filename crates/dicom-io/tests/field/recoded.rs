//! R05: what was delivered and comes back from an archive that stored it in another encoding is the same image, the same
//! way round.

use crate::anatomy::{chest, files, provenance, sources};
use crate::dcmtk::recode;
use dicom_io::derive::derived_image;
use dicom_io::fixture::{CtSeries, Stored};
use dicom_io::read::split;
use dicom_io::scan::{Header, scan};
use dicom_io::{TransferSyntax, read, volume};
use imaging::Volume;

/// The chest with a bright cube in the corner to the left and anterior.
fn marked() -> Volume {
    let mut chest = chest(2);
    for index in 0..chest.data.len() {
        let (x, y) = (index % 96, index / 96 % 96);
        if (86..91).contains(&x) && (5..10).contains(&y) {
            chest.data[index] = 1500.0;
        }
    }
    chest
}

fn header(file: &[u8]) -> Header {
    let part10 = split(file).unwrap();
    scan(&file[part10.dataset_at..], &part10.transfer_syntax_uid).unwrap().header
}

/// Delivered images of the marked chest, and the values in them.
fn delivered() -> (Vec<Vec<u8>>, Volume) {
    let stored = Stored { bits: 16, ..Stored::default() };
    let source = files(&CtSeries::new("1.2.3").slices_of(&marked(), stored), TransferSyntax::ExplicitLittle);
    let image = volume::from_files(&source).unwrap().volume;
    let image = image.with_data(image.data.iter().map(|value| value + 3.0).collect()).unwrap();
    let objects = derived_image(&sources(&source), &image, &provenance()).unwrap();
    (objects.into_iter().map(|object| object.file).collect(), image)
}

/// The same object with its pixels as one JPEG 2000 frame, as an archive sends it.
fn in_jpeg_2000(file: &[u8], frame: &[u8], syntax: TransferSyntax) -> Vec<u8> {
    let part10 = split(file).unwrap();
    // Pixel Data comes last in what we make.
    let header = [0xE0, 0x7F, 0x10, 0x00, b'O', b'W'];
    let at = (part10.dataset_at..file.len()).find(|at| file[*at..].starts_with(&header)).unwrap();
    let mut frame = frame.to_vec();
    frame.resize(frame.len().next_multiple_of(2), 0);
    let uid = part10.sop_instance_uid.unwrap();
    let meta = read::file_meta("1.2.840.10008.5.1.4.1.1.2", &uid, syntax.uid());
    let mut pixels = vec![0xE0, 0x7F, 0x10, 0x00, b'O', b'B', 0, 0, 0xFF, 0xFF, 0xFF, 0xFF];
    pixels.extend([0xFE, 0xFF, 0x00, 0xE0, 0, 0, 0, 0, 0xFE, 0xFF, 0x00, 0xE0]);
    pixels.extend((frame.len() as u32).to_le_bytes());
    pixels.extend(frame);
    pixels.extend([0xFE, 0xFF, 0xDD, 0xE0, 0, 0, 0, 0]);
    [&meta, &file[part10.dataset_at..at], &pixels].concat()
}

fn is_the_same(came_back: &[Vec<u8>], delivered: &[Vec<u8>], what: &str) {
    for (came_back, delivered) in came_back.iter().zip(delivered) {
        let (found, sent) = (header(came_back), header(delivered));
        let plane = |header: &Header| header.image.as_ref().unwrap().plane.unwrap();
        assert_eq!(plane(&found), plane(&sent), "{what}: the same way round");
        assert_eq!(found.sop_instance_uid, sent.sop_instance_uid, "{what}");
        assert!(found.is_ours(), "{what}: known as ours, and never an input");
    }
}

#[test]
fn r05_a_delivered_image_that_an_archive_recoded_comes_back_pixel_by_pixel_the_same_way_round() {
    let folder = tempfile::tempdir().unwrap();
    let (delivered, image) = delivered();
    let bright = |volume: &Volume| -> Vec<usize> {
        (0..volume.data.len()).filter(|index| volume.data[*index] > 1502.0).collect()
    };
    assert_eq!(bright(&image).len(), 50, "the cube is what is bright");
    for (program, options) in [
        ("dcmcrle", &[][..]),
        ("dcmcjpeg", &["+e1"]),
        ("dcmcjpeg", &["+el"]),
        ("dcmconv", &["+ti"]),
        ("dcmconv", &["+tb"]),
        ("dcmconv", &["+td"]),
    ] {
        let back: Vec<Vec<u8>> =
            delivered.iter().map(|file| recode(program, options, file, folder.path())).collect();
        assert_ne!(back, delivered, "{program} did something");
        is_the_same(&back, &delivered, program);
        let values = volume::from_files(&back).unwrap().volume;
        assert_eq!(values, image, "{program} {options:?}");
        assert_eq!(bright(&values), bright(&image));
    }
    // Made by OpenJPEG through pylibjpeg-openjpeg 2.6.0 from the same pixels, the cube and 3 HU more than the chest:
    // `openjpeg.utils.encode_array(slice, bits_stored=16, photometric_interpretation=2)`, `slice` an int16 array.
    let frames = [
        &include_bytes!("../fixtures/marked-signed-16-bit-0.j2k")[..],
        include_bytes!("../fixtures/marked-signed-16-bit-1.j2k"),
    ];
    for syntax in [TransferSyntax::Jpeg2000Lossless, TransferSyntax::Jpeg2000] {
        let recoded = delivered.iter().zip(frames).map(|(file, frame)| in_jpeg_2000(file, frame, syntax));
        let back: Vec<Vec<u8>> = recoded.collect();
        is_the_same(&back, &delivered, "JPEG 2000");
        assert_eq!(volume::from_files(&back).unwrap().volume, image, "{syntax:?}");
    }
}

#[test]
fn r05_an_encoding_that_is_not_read_back_is_refused_by_its_name_and_not_read_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let (delivered, _) = delivered();
    let back = recode("dcmcjpls", &[], &delivered[0], folder.path());
    let part10 = split(&back).unwrap();
    let refusal = scan(&back[part10.dataset_at..], &part10.transfer_syntax_uid).unwrap_err().refusal();
    assert!(refusal.code == "transfer_syntax" && refusal.message.contains("JPEG-LS"), "{}", refusal.message);
    assert!(!refusal.remedy.is_empty());
}
