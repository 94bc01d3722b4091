//! The scanner: real anatomy made into DICOM and sent by dcmtk's `storescu`. Its patient is one that nobody else has, so
//! that every trace of that patient where none may be can be found.

use dicom_io::write::{self, DataSet, Value};
use dicom_io::{VR, tags};
use imaging::Volume;
use std::path::Path;
use std::process::Command;

const CHEST: &[u8] = include_bytes!("../fixtures/demo/lung1-lowdose.nii.gz");
const HEAD: &[u8] = include_bytes!("../fixtures/demo/brain1.nii.gz");
const CT_IMAGE_STORAGE: &str = "1.2.840.10008.5.1.4.1.1.2";
const MR_IMAGE_STORAGE: &str = "1.2.840.10008.5.1.4.1.1.4";
/// Where the UIDs of the scanner begin.
const UID_ROOT: &str = "1.2.826.0.1.3680043.8.498.77319421";

/// Where a crop begins, columns.
const LEFT: usize = 16;

/// Texts of the patient's identity that may stand in no log, message or object name.
pub const CANARIES: [&str; 4] = ["CANARYNAME", "CANARY-PID-7731", "CANARYACC42", UID_ROOT];

/// A study of one series.
#[derive(Debug, Clone)]
pub struct Study {
    /// (0020,000D).
    pub study_instance_uid: String,
    /// (0020,000E).
    pub series_instance_uid: String,
    /// SOP Instance UID and file of each slice.
    pub instances: Vec<(String, Vec<u8>)>,
}

/// What a study shows.
struct Anatomy {
    nifti_gz: &'static [u8],
    sop_class_uid: &'static str,
    modality: &'static str,
    body_part: &'static str,
    /// Slices, and rows and columns of the crop; 0 takes the whole slice.
    slices: usize,
    matrix: usize,
}

impl Study {
    /// A chest CT of eight small slices; each number is another study.
    pub fn chest_ct(number: u32) -> Self {
        ct("CHEST", 8, 96).study(number)
    }

    /// A chest CT of so many small slices.
    pub fn chest_ct_of(number: u32, slices: usize) -> Self {
        ct("CHEST", slices, 96).study(number)
    }

    /// A chest CT of 16 slices of 320 × 320.
    pub fn whole_chest_ct(number: u32) -> Self {
        ct("CHEST", 16, 0).study(number)
    }

    /// A series that only the shadow deployment wants.
    pub fn abdomen_ct(number: u32) -> Self {
        ct("ABDOMEN", 8, 96).study(number)
    }

    /// A CT that no deployment of the demo wants.
    pub fn pelvis_ct(number: u32) -> Self {
        ct("PELVIS", 8, 96).study(number)
    }

    /// A series that nobody wants.
    pub fn head_mr(number: u32) -> Self {
        let anatomy = Anatomy {
            nifti_gz: HEAD,
            sop_class_uid: MR_IMAGE_STORAGE,
            modality: "MR",
            body_part: "BRAIN",
            slices: 8,
            matrix: 64,
        };
        anatomy.study(number)
    }
}

fn ct(body_part: &'static str, slices: usize, matrix: usize) -> Anatomy {
    Anatomy { nifti_gz: CHEST, sop_class_uid: CT_IMAGE_STORAGE, modality: "CT", body_part, slices, matrix }
}

impl Anatomy {
    fn study(&self, number: u32) -> Study {
        let volume = volume_io::nifti::read_gzip_bytes(self.nifti_gz).unwrap();
        let study_instance_uid = format!("{UID_ROOT}.{number}");
        let instance = |slice: usize| {
            let uid = format!("{study_instance_uid}.1.{}", slice + 1);
            let data_set = self.slice(&volume, number, slice, &uid);
            (uid, write::file(&data_set).unwrap())
        };
        Study {
            series_instance_uid: format!("{study_instance_uid}.1"),
            instances: (0..self.slices).map(instance).collect(),
            study_instance_uid,
        }
    }

    fn slice(&self, volume: &Volume, number: u32, slice: usize, sop_instance_uid: &str) -> DataSet {
        let study = format!("{UID_ROOT}.{number}");
        let mut data_set = DataSet::new();
        data_set
            .text(tags::SPECIFIC_CHARACTER_SET, VR::CS, "ISO_IR 100")
            .text(tags::IMAGE_TYPE, VR::CS, "ORIGINAL\\PRIMARY\\AXIAL")
            .text(tags::SOP_CLASS_UID, VR::UI, self.sop_class_uid)
            .text(tags::SOP_INSTANCE_UID, VR::UI, sop_instance_uid)
            .text(tags::STUDY_DATE, VR::DA, "20260102")
            .text(tags::STUDY_TIME, VR::TM, "101112")
            .text(tags::ACCESSION_NUMBER, VR::SH, CANARIES[2])
            .text(tags::MODALITY, VR::CS, self.modality)
            .text(tags::MANUFACTURER, VR::LO, "Unknown")
            .text(tags::REFERRING_PHYSICIAN_NAME, VR::PN, "")
            .text(tags::STUDY_DESCRIPTION, VR::LO, "Follow-up")
            .text(tags::SERIES_DESCRIPTION, VR::LO, "Axial")
            .text(tags::PATIENT_NAME, VR::PN, &format!("{}^Zebra", CANARIES[0]))
            .text(tags::PATIENT_ID, VR::LO, CANARIES[1])
            .text(tags::PATIENT_BIRTH_DATE, VR::DA, "")
            .text(tags::PATIENT_SEX, VR::CS, "O")
            .text(tags::BODY_PART_EXAMINED, VR::CS, self.body_part)
            .text(tags::PATIENT_POSITION, VR::CS, "HFS")
            .text(tags::STUDY_INSTANCE_UID, VR::UI, &study)
            .text(tags::SERIES_INSTANCE_UID, VR::UI, &format!("{study}.1"))
            .text(tags::FRAME_OF_REFERENCE_UID, VR::UI, &format!("{study}.2"))
            .text(tags::POSITION_REFERENCE_INDICATOR, VR::LO, "")
            .text(tags::STUDY_ID, VR::SH, "1")
            .text(tags::SERIES_NUMBER, VR::IS, "1")
            .text(tags::ACQUISITION_NUMBER, VR::IS, "")
            .text(tags::INSTANCE_NUMBER, VR::IS, &(slice + 1).to_string());
        if self.modality == "CT" {
            data_set
                .text(tags::KVP, VR::DS, "120")
                .text(tags::RESCALE_INTERCEPT, VR::DS, "0")
                .text(tags::RESCALE_SLOPE, VR::DS, "1")
                .text(tags::RESCALE_TYPE, VR::LO, "HU");
        }
        self.image(&mut data_set, volume, slice);
        data_set
    }

    /// Pixels and where they lie: from the edge of the image on, which the model's domain score takes for a chest in
    /// so small a crop too.
    fn image(&self, data_set: &mut DataSet, volume: &Volume, slice: usize) {
        let [width, height, _] = volume.dims;
        let matrix = if self.matrix == 0 { width } else { self.matrix };
        let (left, top) = ((width - matrix).min(LEFT), (height - matrix) / 2);
        let pixels = volume.slice(slice);
        let rows = (top..top + matrix).flat_map(|row| &pixels[row * width + left..][..matrix]);
        let words = rows.flat_map(|value| (value.round() as i16).to_le_bytes()).collect();
        let spacing = volume.affine.spacing();
        let at = |x: usize, y: usize| volume.affine.apply([x as f64, y as f64, slice as f64]);
        let (origin, along_row, along_column) = (at(left, top), at(left + 1, top), at(left, top + 1));
        let direction = |to: [f64; 3], step: f64| [0, 1, 2].map(|axis| (to[axis] - origin[axis]) / step);
        let orientation = [direction(along_row, spacing[0]), direction(along_column, spacing[1])].concat();
        let placed = [
            (tags::SLICE_THICKNESS, vec![spacing[2]]),
            (tags::IMAGE_POSITION_PATIENT, origin.to_vec()),
            (tags::IMAGE_ORIENTATION_PATIENT, orientation),
            (tags::PIXEL_SPACING, vec![spacing[1], spacing[0]]),
        ];
        for (tag, numbers) in placed {
            data_set.decimal(tag, &numbers).unwrap();
        }
        data_set
            .unsigned_short(tags::SAMPLES_PER_PIXEL, &[1])
            .text(tags::PHOTOMETRIC_INTERPRETATION, VR::CS, "MONOCHROME2")
            .unsigned_short(tags::ROWS, &[matrix as u16])
            .unsigned_short(tags::COLUMNS, &[matrix as u16])
            .unsigned_short(tags::BITS_ALLOCATED, &[16])
            .unsigned_short(tags::BITS_STORED, &[16])
            .unsigned_short(tags::HIGH_BIT, &[15])
            .unsigned_short(tags::PIXEL_REPRESENTATION, &[1])
            .put(tags::PIXEL_DATA, Value::Bytes(VR::OW, words));
    }
}

/// dcmtk's `storescu`.
#[derive(Debug, Clone, Copy)]
pub struct Scanner {
    /// The port that it sends to.
    pub port: u16,
}

impl Scanner {
    /// Sends a study; every object must be taken.
    pub fn sends(self, study: &Study) {
        let (success, stored) = self.tries(study);
        assert!(success && stored == study.instances.len(), "only {stored} objects were taken");
    }

    /// Sends a study; tells whether all went well, and how many objects were answered with success.
    pub fn tries(self, study: &Study) -> (bool, usize) {
        let folder = tempfile::tempdir().unwrap();
        for (number, (_, file)) in study.instances.iter().enumerate() {
            std::fs::write(folder.path().join(format!("{number:04}.dcm")), file).unwrap();
        }
        self.storescu(folder.path())
    }

    fn storescu(self, folder: &Path) -> (bool, usize) {
        let output = Command::new("storescu")
            .args([
                "-v",
                "-aet",
                "SCANNER",
                "-aec",
                "COUNTERSIGN",
                "+sd",
                "127.0.0.1",
                &self.port.to_string(),
            ])
            .arg(folder)
            .output()
            .unwrap_or_else(|error| {
                panic!("storescu can't be run ({error}): install dcmtk, `apt-get install dcmtk`")
            });
        let text = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        let stored = text.lines().filter(|line| line.contains("Received Store Response (Success)")).count();
        (output.status.success(), stored)
    }
}
