//! The demo's studies, made into DICOM and sent to our own port over DICOM, as a scanner would.

use anyhow::{Context as _, ensure};
use dicom_io::derive::derived_uid;
use dicom_io::scu::{self, Association, Context, Destination};
use dicom_io::write::{self, DataSet};
use dicom_io::{VR, read, tags};
use imaging::Volume;
use platform::{Shutdown, Task};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

const CALLING_AE: &str = "DEMOSCANNER";
const CT_IMAGE_STORAGE: &str = "1.2.840.10008.5.1.4.1.1.2";
const MR_IMAGE_STORAGE: &str = "1.2.840.10008.5.1.4.1.1.4";
const CHEST: &[u8] = include_bytes!("../../../../tests/fixtures/demo/lung1-lowdose.nii.gz");
const HEAD: &[u8] = include_bytes!("../../../../tests/fixtures/demo/brain1.nii.gz");
/// Our own port may need a moment after the start.
const TRIES: u32 = 20;

/// Sends the studies once per data folder.
pub(crate) fn task(port: SocketAddr, called_ae: String, data: PathBuf) -> Task {
    Task::new("demo scanner", move |shutdown: Shutdown| async move {
        let sent = data.join("demo-studies-sent");
        for _ in 0..TRIES {
            if sent.exists() {
                return;
            }
            match send(port, &called_ae).await {
                Ok(()) => drop(std::fs::write(&sent, b"")),
                Err(error) => {
                    tracing::warn!(event = "demo.send_failed", "the demo studies were not sent: {error:#}");
                }
            }
            if !shutdown.sleep(Duration::from_millis(500)).await {
                return;
            }
        }
    })
}

async fn send(port: SocketAddr, called_ae: &str) -> anyhow::Result<()> {
    let destination = Destination::new(&port.ip().to_string(), port.port(), called_ae, CALLING_AE);
    for study in [chest(), head()] {
        let files = study.files()?;
        let context = Context::new(study.sop_class_uid, write::TRANSFER_SYNTAX_UID);
        let mut association = Association::open(&destination, &[context]).await?;
        for (sop_instance_uid, file) in &files {
            let object = scu::Object {
                sop_class_uid: study.sop_class_uid,
                sop_instance_uid,
                transfer_syntax_uid: write::TRANSFER_SYNTAX_UID,
                dataset: &file[read::split(file)?.dataset_at..],
            };
            let status = association.store(&object).await?;
            ensure!(
                status.is_stored(),
                "a demo instance was answered with {:04X} {}",
                status.code,
                status.comment
            );
        }
        association.release().await?;
    }
    Ok(())
}

/// A study of one series.
struct DemoStudy {
    name: &'static str,
    sop_class_uid: &'static str,
    nifti_gz: &'static [u8],
    texts: &'static [(dicom_io::Tag, VR, &'static str)],
}

fn chest() -> DemoStudy {
    DemoStudy {
        name: "lung1",
        sop_class_uid: CT_IMAGE_STORAGE,
        nifti_gz: CHEST,
        texts: &[
            (tags::MODALITY, VR::CS, "CT"),
            (tags::MANUFACTURER, VR::LO, "Unknown (pyradiomics lung1)"),
            (tags::PATIENT_NAME, VR::PN, "Demo^Lung One"),
            (tags::PATIENT_ID, VR::LO, "DEMO-LUNG1"),
            (tags::BODY_PART_EXAMINED, VR::CS, "CHEST"),
            (tags::STUDY_DESCRIPTION, VR::LO, "Chest CT, simulated quarter dose"),
            (tags::SERIES_DESCRIPTION, VR::LO, "Chest 5 mm, simulated quarter dose"),
            (tags::ACCESSION_NUMBER, VR::SH, "DEMO1"),
            (tags::KVP, VR::DS, ""),
            (tags::RESCALE_INTERCEPT, VR::DS, "0"),
            (tags::RESCALE_SLOPE, VR::DS, "1"),
            (tags::RESCALE_TYPE, VR::LO, "HU"),
            (tags::WINDOW_CENTER, VR::DS, "40"),
            (tags::WINDOW_WIDTH, VR::DS, "400"),
        ],
    }
}

fn head() -> DemoStudy {
    DemoStudy {
        name: "brain1",
        sop_class_uid: MR_IMAGE_STORAGE,
        nifti_gz: HEAD,
        texts: &[
            (tags::MODALITY, VR::CS, "MR"),
            (tags::MANUFACTURER, VR::LO, "Unknown (pyradiomics brain1)"),
            (tags::PATIENT_NAME, VR::PN, "Demo^Brain One"),
            (tags::PATIENT_ID, VR::LO, "DEMO-BRAIN1"),
            (tags::BODY_PART_EXAMINED, VR::CS, "BRAIN"),
            (tags::STUDY_DESCRIPTION, VR::LO, "Head MR"),
            (tags::SERIES_DESCRIPTION, VR::LO, "T1 axial 6.5 mm"),
            (tags::ACCESSION_NUMBER, VR::SH, "DEMO2"),
            (tags::SCANNING_SEQUENCE, VR::CS, "RM"),
            (tags::SEQUENCE_VARIANT, VR::CS, "NONE"),
            (tags::SCAN_OPTIONS, VR::CS, ""),
            (tags::MR_ACQUISITION_TYPE, VR::CS, "2D"),
            (tags::ECHO_TIME, VR::DS, ""),
            (tags::ECHO_TRAIN_LENGTH, VR::IS, ""),
        ],
    }
}

impl DemoStudy {
    /// (SOP Instance UID, file) of each slice. The same each time: UIDs follow from names.
    fn files(&self) -> anyhow::Result<Vec<(String, Vec<u8>)>> {
        let volume =
            volume_io::nifti::read_gzip_bytes(self.nifti_gz).context("a demo image can't be read")?;
        (0..volume.dims[2]).map(|slice| self.file(&volume, slice)).collect()
    }

    fn file(&self, volume: &Volume, slice: usize) -> anyhow::Result<(String, Vec<u8>)> {
        let number = (slice + 1).to_string();
        let sop_instance_uid = derived_uid(&["demo", self.name, "instance", &number]);
        let mut data_set = DataSet::new();
        data_set
            .text(tags::SPECIFIC_CHARACTER_SET, VR::CS, "ISO_IR 100")
            .text(tags::IMAGE_TYPE, VR::CS, "ORIGINAL\\PRIMARY\\AXIAL")
            .text(tags::SOP_CLASS_UID, VR::UI, self.sop_class_uid)
            .text(tags::SOP_INSTANCE_UID, VR::UI, &sop_instance_uid)
            .text(tags::STUDY_DATE, VR::DA, "20250101")
            .text(tags::STUDY_TIME, VR::TM, "120000")
            .text(tags::REFERRING_PHYSICIAN_NAME, VR::PN, "")
            .text(tags::PATIENT_BIRTH_DATE, VR::DA, "")
            .text(tags::PATIENT_SEX, VR::CS, "")
            .text(tags::PATIENT_POSITION, VR::CS, "HFS")
            .text(tags::STUDY_INSTANCE_UID, VR::UI, &derived_uid(&["demo", self.name, "study"]))
            .text(tags::SERIES_INSTANCE_UID, VR::UI, &derived_uid(&["demo", self.name, "series"]))
            .text(tags::FRAME_OF_REFERENCE_UID, VR::UI, &derived_uid(&["demo", self.name, "frame"]))
            .text(tags::POSITION_REFERENCE_INDICATOR, VR::LO, "")
            .text(tags::STUDY_ID, VR::SH, "1")
            .text(tags::SERIES_NUMBER, VR::IS, "1")
            .text(tags::ACQUISITION_NUMBER, VR::IS, "")
            .text(tags::INSTANCE_NUMBER, VR::IS, &number);
        for (tag, vr, text) in self.texts {
            data_set.text(*tag, *vr, text);
        }
        geometry(&mut data_set, volume, slice)?;
        pixels(&mut data_set, volume, slice);
        Ok((sop_instance_uid, write::file(&data_set)?))
    }
}

fn geometry(data_set: &mut DataSet, volume: &Volume, slice: usize) -> anyhow::Result<()> {
    let at = |x: f64, y: f64| volume.affine.apply([x, y, slice as f64]);
    let (origin, along_row, along_column) = (at(0.0, 0.0), at(1.0, 0.0), at(0.0, 1.0));
    let spacing = volume.affine.spacing();
    let direction = |to: [f64; 3], step: f64| [0, 1, 2].map(|axis| (to[axis] - origin[axis]) / step);
    let orientation = [direction(along_row, spacing[0]), direction(along_column, spacing[1])].concat();
    data_set
        .decimal(tags::SLICE_THICKNESS, &[spacing[2]])?
        .decimal(tags::IMAGE_POSITION_PATIENT, &origin)?
        .decimal(tags::IMAGE_ORIENTATION_PATIENT, &orientation)?
        .decimal(tags::PIXEL_SPACING, &[spacing[1], spacing[0]])?;
    Ok(())
}

fn pixels(data_set: &mut DataSet, volume: &Volume, slice: usize) {
    let [columns, rows, _] = volume.dims;
    let words: Vec<i16> = volume.slice(slice).iter().map(|value| value.round() as i16).collect();
    data_set
        .unsigned_short(tags::SAMPLES_PER_PIXEL, &[1])
        .text(tags::PHOTOMETRIC_INTERPRETATION, VR::CS, "MONOCHROME2")
        .unsigned_short(tags::ROWS, &[rows as u16])
        .unsigned_short(tags::COLUMNS, &[columns as u16])
        .unsigned_short(tags::BITS_ALLOCATED, &[16])
        .unsigned_short(tags::BITS_STORED, &[16])
        .unsigned_short(tags::HIGH_BIT, &[15])
        .unsigned_short(tags::PIXEL_REPRESENTATION, &[1])
        .put(
            tags::PIXEL_DATA,
            write::Value::Bytes(VR::OW, words.iter().flat_map(|w| w.to_le_bytes()).collect()),
        );
}
