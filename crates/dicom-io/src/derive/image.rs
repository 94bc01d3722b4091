//! The AI image as classic CT or MR instances, one for each source instance.

use super::attributes::{contributing_equipment, repeat};
use super::mark::Mark;
use super::quantise::Quantiser;
use super::{
    Code, DerivedObject, Error, Provenance, SourceObject, derived_uid, equipment, finish, patient_and_study,
    private_scheme, series_date_and_time, series_geometry_matches, source_reference,
};
use crate::write::{DataSet, Value};
use dicom_core::{Tag, VR};
use dicom_dictionary_std::{tags, uids};
use imaging::Volume;

/// Attributes of the series, the frame of reference, the plane and the acquisition that hold for the derived
/// image as for its source. Exposure and dose are not among them: no patient was exposed for this image.
const REPEATED: &[Tag] = &[
    tags::MODALITY,
    tags::LATERALITY,
    tags::BODY_PART_EXAMINED,
    tags::ANATOMIC_REGION_SEQUENCE,
    tags::PATIENT_POSITION,
    tags::PROTOCOL_NAME,
    tags::FRAME_OF_REFERENCE_UID,
    tags::POSITION_REFERENCE_INDICATOR,
    tags::ACQUISITION_NUMBER,
    tags::ACQUISITION_DATE,
    tags::ACQUISITION_TIME,
    tags::ACQUISITION_DATE_TIME,
    tags::IMAGE_POSITION_PATIENT,
    tags::IMAGE_ORIENTATION_PATIENT,
    tags::SLICE_LOCATION,
    tags::SLICE_THICKNESS,
    tags::SPACING_BETWEEN_SLICES,
    tags::PIXEL_SPACING,
    tags::WINDOW_CENTER,
    tags::WINDOW_WIDTH,
    tags::WINDOW_CENTER_WIDTH_EXPLANATION,
    tags::VOILUT_FUNCTION,
    tags::CONTRAST_BOLUS_AGENT,
    tags::LOSSY_IMAGE_COMPRESSION_RATIO,
    tags::LOSSY_IMAGE_COMPRESSION_METHOD,
];

const REPEATED_CT: &[Tag] = &[
    tags::KVP,
    tags::SCAN_OPTIONS,
    tags::DATA_COLLECTION_DIAMETER,
    tags::RECONSTRUCTION_DIAMETER,
    tags::GANTRY_DETECTOR_TILT,
    tags::TABLE_HEIGHT,
    tags::CONVOLUTION_KERNEL,
    tags::FILTER_TYPE,
];

const REPEATED_MR: &[Tag] = &[
    tags::SCANNING_SEQUENCE,
    tags::SEQUENCE_VARIANT,
    tags::SCAN_OPTIONS,
    tags::MR_ACQUISITION_TYPE,
    tags::SEQUENCE_NAME,
    tags::REPETITION_TIME,
    tags::ECHO_TIME,
    tags::ECHO_TRAIN_LENGTH,
    tags::INVERSION_TIME,
    tags::TRIGGER_TIME,
    tags::NUMBER_OF_AVERAGES,
    tags::IMAGING_FREQUENCY,
    tags::IMAGED_NUCLEUS,
    tags::ECHO_NUMBERS,
    tags::MAGNETIC_FIELD_STRENGTH,
    tags::NUMBER_OF_PHASE_ENCODING_STEPS,
    tags::PERCENT_SAMPLING,
    tags::PERCENT_PHASE_FIELD_OF_VIEW,
    tags::PIXEL_BANDWIDTH,
    tags::RECEIVE_COIL_NAME,
    tags::ACQUISITION_MATRIX,
    tags::IN_PLANE_PHASE_ENCODING_DIRECTION,
    tags::FLIP_ANGLE,
];

/// How a task is told in DICOM.
struct Derivation {
    code: Code,
    adjective: &'static str,
}

impl Derivation {
    // CID 7203 has no code for denoising (113087 "smoothing" would be false), hence the private one.
    fn of(task: &str) -> Result<Self, Error> {
        match task {
            "denoise" => Ok(Self {
                code: Code::private("AI-DENOISE", "Noise reduced by a neural network"),
                adjective: "denoised",
            }),
            _ => Err(Error::UnsupportedTask(task.to_owned())),
        }
    }
}

/// Builds the AI image: one classic instance for each source, at its place in the patient.
///
/// # Shapes
/// `sources` in order of position; `result` has their columns, rows and number.
///
/// # Units
/// `result` is in the modality's unit (HU for CT); pixels have the step of their source.
///
/// # Errors
/// When a source isn't classic CT or MR, the result doesn't lie on its grid, or a value can't be held: nothing
/// is clipped (clinical decision 15).
pub fn derived_image(
    sources: &[SourceObject],
    result: &Volume,
    provenance: &Provenance,
) -> Result<Vec<DerivedObject>, Error> {
    series_geometry_matches(sources, result.dims, &result.affine)?;
    let mark = Mark::place(result).filter(|_| provenance.policy.mark_pixels);
    sources
        .iter()
        .enumerate()
        .map(|(slice, source)| {
            let quantiser = Quantiser::of(source)?;
            let mut data_set = DataSet::new();
            instance(&mut data_set, source, provenance, slice)?;
            let padding = stored_padding(source);
            let stored =
                quantiser.stored((result, slice), |index| padding.filter(|_| source.is_padding(index)))?;
            pixels(&mut data_set, source, &quantiser, stored, mark)?;
            finish(&data_set, slice)
        })
        .collect()
}

fn instance(
    data_set: &mut DataSet,
    source: &SourceObject,
    provenance: &Provenance,
    slice: usize,
) -> Result<(), Error> {
    let derivation = Derivation::of(&provenance.task)?;
    let sop_class_uid = source.sop_class_uid()?;
    patient_and_study(data_set, source)?;
    data_set
        .empty(tags::ACQUISITION_NUMBER, VR::IS)
        .empty(tags::SLICE_THICKNESS, VR::DS)
        .empty(tags::POSITION_REFERENCE_INDICATOR, VR::LO);
    repeat(data_set, source, REPEATED);
    match sop_class_uid {
        uids::CT_IMAGE_STORAGE => {
            data_set.empty(tags::KVP, VR::DS);
            repeat(data_set, source, REPEATED_CT);
            data_set.text(tags::IMAGE_TYPE, VR::CS, "DERIVED\\PRIMARY\\AXIAL");
        }
        uids::MR_IMAGE_STORAGE => {
            for tag in [tags::SCAN_OPTIONS, tags::MR_ACQUISITION_TYPE] {
                data_set.empty(tag, VR::CS);
            }
            data_set.empty(tags::ECHO_TIME, VR::DS).empty(tags::ECHO_TRAIN_LENGTH, VR::IS);
            repeat(data_set, source, REPEATED_MR);
            data_set.text(tags::IMAGE_TYPE, VR::CS, "DERIVED\\PRIMARY\\OTHER");
        }
        other => return Err(Error::UnsupportedSource(other.to_owned())),
    }
    equipment(data_set, provenance);
    contributing_equipment(data_set, source, provenance);
    series_date_and_time(data_set, source, provenance.created_at);
    data_set
        .text(tags::SOP_CLASS_UID, VR::UI, sop_class_uid)
        .text(tags::SOP_INSTANCE_UID, VR::UI, &provenance.instance_uid("image", slice))
        .text(tags::SERIES_INSTANCE_UID, VR::UI, &provenance.series_uid("image"))
        .text(tags::SERIES_NUMBER, VR::IS, &series_number(source, 0))
        .text(tags::INSTANCE_NUMBER, VR::IS, &(slice + 1).to_string())
        .text(tags::CONTENT_QUALIFICATION, VR::CS, &provenance.content_qualification)
        .text(tags::BURNED_IN_ANNOTATION, VR::CS, "NO");
    if provenance.policy.synthetic_data {
        data_set.text(tags::SYNTHETIC_DATA, VR::CS, "YES");
    }
    describe(data_set, source, provenance, &derivation)
}

fn describe(
    data_set: &mut DataSet,
    source: &SourceObject,
    provenance: &Provenance,
    derivation: &Derivation,
) -> Result<(), Error> {
    let adjective = derivation.adjective;
    let Provenance { model_name, model_version, weights, .. } = provenance;
    let description = match source.attributes().str(tags::SERIES_NUMBER) {
        Some(number) => format!("AI {adjective}, of series {number}"),
        None => format!("AI {adjective}"),
    };
    private_scheme(data_set);
    data_set
        .text(tags::SERIES_DESCRIPTION, VR::LO, &description)
        .text(
            tags::IMAGE_COMMENTS,
            VR::LT,
            &format!(
                "Made by AI ({model_name} {model_version}), {adjective}; not an acquired image. Read it \
                 beside its source. Content qualification: {}.",
                provenance.content_qualification
            ),
        )
        .text(
            tags::DERIVATION_DESCRIPTION,
            VR::ST,
            &format!(
                "{} ({model_name} version {model_version}, weights SHA-256 {weights}, {})",
                derivation.code.meaning,
                provenance.parameters()
            ),
        )
        .items(tags::DERIVATION_CODE_SEQUENCE, vec![derivation.code.item()])
        .items(tags::SOURCE_IMAGE_SEQUENCE, vec![source_reference(source)?]);
    Ok(())
}

/// What stands where nothing was measured: a value that a signed pixel can't hold becomes the lowest one, which no
/// tissue has.
fn stored_padding(source: &SourceObject) -> Option<i16> {
    source.padding_value().map(|padding| i16::try_from(padding).unwrap_or(i16::MIN))
}

fn pixels(
    data_set: &mut DataSet,
    source: &SourceObject,
    quantiser: &Quantiser,
    mut stored: Vec<i16>,
    mark: Option<Mark>,
) -> Result<(), Error> {
    let [columns, rows] = source.matrix()?;
    let ends = (0..stored.len()).filter(|&index| !source.is_padding(index)).map(|index| stored[index]);
    let ends = (ends.clone().min().unwrap_or(0), ends.max().unwrap_or(0));
    if let Some(padding) = stored_padding(source) {
        data_set.signed_short(tags::PIXEL_PADDING_VALUE, &[padding]);
    }
    if let Some(mark) = mark {
        mark.burn(&mut stored, columns, ends);
    }
    if source.sop_class_uid()? == uids::CT_IMAGE_STORAGE {
        data_set
            .decimal(tags::RESCALE_INTERCEPT, &[quantiser.intercept])?
            .decimal(tags::RESCALE_SLOPE, &[quantiser.slope])?
            .text(tags::RESCALE_TYPE, VR::LO, "HU");
    } else if !quantiser.is_identity() {
        // Classic MR has no modality LUT (PS3.3 C.8.3.1): its values are told by a real-world mapping.
        data_set.items(tags::REAL_WORLD_VALUE_MAPPING_SEQUENCE, vec![real_world_mapping(quantiser)]);
    }
    let size = |n: usize| u16::try_from(n).expect("both sizes were read from 16 bit attributes");
    data_set
        .unsigned_short(tags::SAMPLES_PER_PIXEL, &[1])
        .text(
            tags::PHOTOMETRIC_INTERPRETATION,
            VR::CS,
            // As the source: otherwise a MONOCHROME1 source and its derived image would be each other's negative.
            source.required(tags::PHOTOMETRIC_INTERPRETATION)?,
        )
        .unsigned_short(tags::ROWS, &[size(rows)])
        .unsigned_short(tags::COLUMNS, &[size(columns)])
        .unsigned_short(tags::BITS_ALLOCATED, &[16])
        .unsigned_short(tags::BITS_STORED, &[16])
        .unsigned_short(tags::HIGH_BIT, &[15])
        .unsigned_short(tags::PIXEL_REPRESENTATION, &[1])
        .text(tags::LOSSY_IMAGE_COMPRESSION, VR::CS, if source.is_lossy() { "01" } else { "00" })
        .put(
            tags::PIXEL_DATA,
            Value::Bytes(VR::OW, stored.iter().flat_map(|pixel| pixel.to_le_bytes()).collect()),
        );
    Ok(())
}

fn real_world_mapping(quantiser: &Quantiser) -> DataSet {
    let mut item = DataSet::new();
    item.text(tags::LUT_EXPLANATION, VR::LO, "Signal intensity")
        .text(tags::LUT_LABEL, VR::SH, "SIGNAL")
        .signed_short(tags::REAL_WORLD_VALUE_FIRST_VALUE_MAPPED, &[i16::MIN])
        .signed_short(tags::REAL_WORLD_VALUE_LAST_VALUE_MAPPED, &[i16::MAX])
        .double(tags::REAL_WORLD_VALUE_INTERCEPT, &[quantiser.intercept])
        .double(tags::REAL_WORLD_VALUE_SLOPE, &[quantiser.slope])
        .items(tags::MEASUREMENT_UNITS_CODE_SEQUENCE, vec![Code::ucum("1", "no units").item()]);
    item
}

/// Our series have numbers from 9000 up, ten for each source series.
pub(crate) fn series_number(source: &SourceObject, offset: u32) -> String {
    let number = source.attributes().str(tags::SERIES_NUMBER).and_then(|number| number.parse::<u32>().ok());
    (9000 + number.unwrap_or(0) % 100 * 10 + offset).to_string()
}

impl Provenance {
    /// The UID of the derived instance of `role` at `slice` (clinical decision 11).
    pub(crate) fn instance_uid(&self, role: &str, slice: usize) -> String {
        derived_uid(&[self.run.as_str(), role, &slice.to_string(), &self.output.to_string()])
    }

    /// How the model was run, in words.
    pub(crate) fn parameters(&self) -> String {
        match self.texture_percent {
            0 => format!("seed {}", self.seed),
            percent => format!("seed {}, {percent} % of the texture kept", self.seed),
        }
    }

    /// The UID of the derived series of `role`.
    pub(crate) fn series_uid(&self, role: &str) -> String {
        derived_uid(&[self.run.as_str(), role, "series", &self.output.to_string()])
    }
}
