//! The uncertainty of a derived image as Parametric Map objects (PS3.3 A.75): half-width, lower and upper end of
//! the interval, 32-bit float, one multi-frame object each, on the grid of the image.

use crate::derive::{
    Code, DerivedObject, Error, Provenance, SourceObject, contributing_equipment, derived_uid, equipment,
    finish, patient_and_study, private_scheme, series_date_and_time, series_geometry_matches, series_number,
    source_reference,
};
use crate::write::{DataSet, Value};
use contract::generation::DerivedRole;
use dicom_core::VR;
use dicom_dictionary_std::{tags, uids};
use imaging::Volume;

/// What a map holds.
struct Quantity {
    code: Code,
    label: &'static str,
    description: &'static str,
    series_offset: u32,
}

impl Quantity {
    /// `None` for the image, which is no map.
    fn of(role: DerivedRole) -> Option<Self> {
        let (code, label, description, series_offset) = match role {
            DerivedRole::Image => return None,
            DerivedRole::Uncertainty => (
                Code::private("HALF-WIDTH", "Half-width of the prediction interval"),
                "UNCERTAINTY",
                "AI uncertainty: half-width of interval",
                1,
            ),
            DerivedRole::Lower => (
                Code::private("LOWER", "Lower end of the prediction interval"),
                "LOWER",
                "AI lower end of interval",
                2,
            ),
            DerivedRole::Upper => (
                Code::private("UPPER", "Upper end of the prediction interval"),
                "UPPER",
                "AI upper end of interval",
                3,
            ),
        };
        Some(Self { code, label, description, series_offset })
    }
}

/// The interval around a derived image, from which the three maps are built.
#[derive(Debug, Clone, Copy)]
pub struct Interval<'a> {
    /// The AI image.
    pub image: &'a Volume,
    /// Lower end, on the image's grid.
    pub lower: &'a Volume,
    /// Upper end, on the image's grid.
    pub upper: &'a Volume,
}

/// Builds the three maps of a run: half-width (upper − lower)/2, lower and upper end. Where the source has
/// padding the half-width is 0 and both ends are the image.
///
/// # Shapes
/// `sources` in order of position; all volumes on their grid.
///
/// # Units
/// The image's: HU for CT, none for MR.
///
/// # Errors
/// When a volume doesn't lie on the grid of the sources or holds values that are not numbers.
pub fn parametric_maps(
    sources: &[SourceObject],
    interval: Interval<'_>,
    provenance: &Provenance,
) -> Result<Vec<(DerivedRole, DerivedObject)>, Error> {
    let Interval { image, lower, upper } = interval;
    for volume in [image, lower, upper] {
        series_geometry_matches(sources, volume.dims, &volume.affine)?;
    }
    let slice_len = image.slice_len();
    let value = |role, index: usize| {
        if sources[index / slice_len].is_padding(index % slice_len) {
            return if role == DerivedRole::Uncertainty { 0.0 } else { image.data[index] };
        }
        match role {
            DerivedRole::Uncertainty => (upper.data[index] - lower.data[index]) / 2.0,
            DerivedRole::Lower => lower.data[index],
            DerivedRole::Upper => upper.data[index],
            DerivedRole::Image => image.data[index],
        }
    };
    [DerivedRole::Uncertainty, DerivedRole::Lower, DerivedRole::Upper]
        .into_iter()
        .map(|role| {
            let values: Vec<f32> = (0..image.data.len()).map(|index| value(role, index)).collect();
            if let Some(index) = values.iter().position(|value| !value.is_finite()) {
                return Err(Error::NotFinite { slice: index / slice_len });
            }
            Ok((role, parametric_map(sources, role, &values, provenance)?))
        })
        .collect()
}

fn parametric_map(
    sources: &[SourceObject],
    role: DerivedRole,
    values: &[f32],
    provenance: &Provenance,
) -> Result<DerivedObject, Error> {
    let quantity = Quantity::of(role).expect("the caller names maps only");
    let source = sources.first().ok_or_else(|| Error::Geometry("no sources".to_owned()))?;
    let mut data_set = DataSet::new();
    patient_and_study(&mut data_set, source)?;
    equipment(&mut data_set, provenance);
    contributing_equipment(&mut data_set, source, provenance);
    private_scheme(&mut data_set);
    series_date_and_time(&mut data_set, source, provenance.created_at);
    data_set
        .text(tags::SOP_CLASS_UID, VR::UI, uids::PARAMETRIC_MAP_STORAGE)
        .text(tags::SOP_INSTANCE_UID, VR::UI, &provenance.instance_uid(role.as_str(), 0))
        .text(tags::SERIES_INSTANCE_UID, VR::UI, &provenance.series_uid(role.as_str()))
        .text(tags::SERIES_NUMBER, VR::IS, &series_number(source, quantity.series_offset))
        .text(tags::SERIES_DESCRIPTION, VR::LO, quantity.description)
        .text(tags::MODALITY, VR::CS, source.required(tags::MODALITY)?)
        .text(tags::FRAME_OF_REFERENCE_UID, VR::UI, source.required(tags::FRAME_OF_REFERENCE_UID)?)
        .empty(tags::POSITION_REFERENCE_INDICATOR, VR::LO)
        .text(tags::INSTANCE_NUMBER, VR::IS, "1")
        .text(tags::IMAGE_TYPE, VR::CS, FRAME_TYPE)
        .text(tags::CONTENT_LABEL, VR::CS, quantity.label)
        .text(tags::CONTENT_DESCRIPTION, VR::LO, quantity.code.meaning)
        .empty(tags::CONTENT_CREATOR_NAME, VR::PN)
        .text(tags::CONTENT_QUALIFICATION, VR::CS, &provenance.content_qualification)
        .text(tags::BURNED_IN_ANNOTATION, VR::CS, "NO")
        .text(tags::RECOGNIZABLE_VISUAL_FEATURES, VR::CS, if shows_face(source) { "YES" } else { "NO" })
        .text(tags::LOSSY_IMAGE_COMPRESSION, VR::CS, if source.is_lossy() { "01" } else { "00" })
        .text(tags::PRESENTATION_LUT_SHAPE, VR::CS, "IDENTITY")
        .empty(tags::ACQUISITION_CONTEXT_SEQUENCE, VR::SQ);
    for tag in [tags::LOSSY_IMAGE_COMPRESSION_RATIO, tags::LOSSY_IMAGE_COMPRESSION_METHOD] {
        if let Some(value) = source.attributes().get(tag).filter(|_| source.is_lossy()) {
            data_set.put(tag, value.clone());
        }
    }
    pixels(&mut data_set, source, sources.len(), values)?;
    dimensions(&mut data_set, role, provenance);
    data_set
        .items(tags::SHARED_FUNCTIONAL_GROUPS_SEQUENCE, vec![shared_groups(sources, &quantity, values)?])
        .items(
            tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE,
            sources
                .iter()
                .enumerate()
                .map(|(slice, source)| frame_groups(source, slice))
                .collect::<Result<_, _>>()?,
        )
        .items(tags::REFERENCED_SERIES_SEQUENCE, vec![referenced_series(sources)?]);
    finish(&data_set, 0)
}

const FRAME_TYPE: &str = "DERIVED\\PRIMARY\\VOLUME\\NONE";

fn pixels(data_set: &mut DataSet, source: &SourceObject, frames: usize, values: &[f32]) -> Result<(), Error> {
    let size = |n: usize| u16::try_from(n).expect("both sizes were read from 16 bit attributes");
    let [columns, rows] = source.matrix()?;
    data_set
        .unsigned_short(tags::SAMPLES_PER_PIXEL, &[1])
        .text(tags::PHOTOMETRIC_INTERPRETATION, VR::CS, "MONOCHROME2")
        .text(tags::NUMBER_OF_FRAMES, VR::IS, &frames.to_string())
        .unsigned_short(tags::ROWS, &[size(rows)])
        .unsigned_short(tags::COLUMNS, &[size(columns)])
        .unsigned_short(tags::BITS_ALLOCATED, &[32])
        .put(
            tags::FLOAT_PIXEL_DATA,
            Value::Bytes(VR::OF, values.iter().flat_map(|value| value.to_le_bytes()).collect()),
        );
    Ok(())
}

/// Frames are ordered by their position in the patient.
fn dimensions(data_set: &mut DataSet, role: DerivedRole, provenance: &Provenance) {
    let uid = derived_uid(&[provenance.run.as_str(), role.as_str(), "dimensions"]);
    let mut organization = DataSet::new();
    organization.text(tags::DIMENSION_ORGANIZATION_UID, VR::UI, &uid);
    let mut index = DataSet::new();
    index
        .text(tags::DIMENSION_ORGANIZATION_UID, VR::UI, &uid)
        .tags(tags::DIMENSION_INDEX_POINTER, &[tags::IMAGE_POSITION_PATIENT])
        .tags(tags::FUNCTIONAL_GROUP_POINTER, &[tags::PLANE_POSITION_SEQUENCE])
        .text(tags::DIMENSION_DESCRIPTION_LABEL, VR::LO, "Position along the slice normal");
    data_set
        .items(tags::DIMENSION_ORGANIZATION_SEQUENCE, vec![organization])
        .items(tags::DIMENSION_INDEX_SEQUENCE, vec![index]);
}

/// What holds for every frame.
fn shared_groups(sources: &[SourceObject], quantity: &Quantity, values: &[f32]) -> Result<DataSet, Error> {
    let source = &sources[0];
    let mut measures = DataSet::new();
    measures.text(tags::PIXEL_SPACING, VR::DS, source.required(tags::PIXEL_SPACING)?);
    match source.attributes().str(tags::SLICE_THICKNESS) {
        Some(thickness) => measures.text(tags::SLICE_THICKNESS, VR::DS, thickness),
        None => measures.decimal(tags::SLICE_THICKNESS, &[slice_distance(sources)?])?,
    };
    let mut orientation = DataSet::new();
    orientation.text(
        tags::IMAGE_ORIENTATION_PATIENT,
        VR::DS,
        source.required(tags::IMAGE_ORIENTATION_PATIENT)?,
    );
    let mut anatomy = DataSet::new();
    anatomy
        .text(tags::FRAME_LATERALITY, VR::CS, laterality(source))
        .items(tags::ANATOMIC_REGION_SEQUENCE, vec![anatomic_region(source).item()]);
    let mut transformation = DataSet::new();
    transformation.text(tags::RESCALE_INTERCEPT, VR::DS, "0").text(tags::RESCALE_SLOPE, VR::DS, "1").text(
        tags::RESCALE_TYPE,
        VR::LO,
        "US",
    );
    let mut frame_type = DataSet::new();
    frame_type.text(tags::FRAME_TYPE, VR::CS, FRAME_TYPE);
    let mut groups = DataSet::new();
    groups
        .items(tags::PIXEL_MEASURES_SEQUENCE, vec![measures])
        .items(tags::PLANE_ORIENTATION_SEQUENCE, vec![orientation])
        .items(tags::FRAME_ANATOMY_SEQUENCE, vec![anatomy])
        .items(tags::PIXEL_VALUE_TRANSFORMATION_SEQUENCE, vec![transformation])
        .items(tags::FRAME_VOILUT_SEQUENCE, vec![window(values)?])
        .items(tags::REAL_WORLD_VALUE_MAPPING_SEQUENCE, vec![real_world_mapping(source, quantity, values)])
        .items(tags::PARAMETRIC_MAP_FRAME_TYPE_SEQUENCE, vec![frame_type]);
    Ok(groups)
}

/// What differs from frame to frame.
fn frame_groups(source: &SourceObject, slice: usize) -> Result<DataSet, Error> {
    let index = u32::try_from(slice + 1).map_err(|_| Error::Geometry(format!("slice {slice}")))?;
    let mut content = DataSet::new();
    content.unsigned_long(tags::DIMENSION_INDEX_VALUES, &[index]);
    let mut position = DataSet::new();
    position.text(tags::IMAGE_POSITION_PATIENT, VR::DS, source.required(tags::IMAGE_POSITION_PATIENT)?);
    let mut derivation = DataSet::new();
    derivation
        .items(
            tags::DERIVATION_CODE_SEQUENCE,
            vec![Code::private("AI-INTERVAL", "Prediction interval by a neural network").item()],
        )
        .items(tags::SOURCE_IMAGE_SEQUENCE, vec![source_reference(source)?]);
    let mut groups = DataSet::new();
    groups
        .items(tags::FRAME_CONTENT_SEQUENCE, vec![content])
        .items(tags::PLANE_POSITION_SEQUENCE, vec![position])
        .items(tags::DERIVATION_IMAGE_SEQUENCE, vec![derivation]);
    Ok(groups)
}

/// Shows all values from the lowest to the highest.
fn window(values: &[f32]) -> Result<DataSet, Error> {
    let (low, high) = range(values);
    let mut item = DataSet::new();
    let width = if high > low { high - low } else { 1.0 };
    item.decimal(tags::WINDOW_CENTER, &[rounded(f64::midpoint(low, high), width)])?
        .decimal(tags::WINDOW_WIDTH, &[rounded(width, width)])?
        .text(tags::VOILUT_FUNCTION, VR::CS, "LINEAR_EXACT");
    Ok(item)
}

fn real_world_mapping(source: &SourceObject, quantity: &Quantity, values: &[f32]) -> DataSet {
    let unit = if source.attributes().str(tags::MODALITY) == Some("CT") {
        Code::ucum("[hnsf'U]", "Hounsfield unit")
    } else {
        Code::ucum("1", "no units")
    };
    let mut definition = DataSet::new();
    definition
        .text(tags::VALUE_TYPE, VR::CS, "CODE")
        .items(tags::CONCEPT_NAME_CODE_SEQUENCE, vec![Code::sct("246205007", "Quantity").item()])
        .items(tags::CONCEPT_CODE_SEQUENCE, vec![quantity.code.item()]);
    let (low, high) = range(values);
    let mut item = DataSet::new();
    item.text(tags::LUT_EXPLANATION, VR::LO, quantity.code.meaning)
        .text(tags::LUT_LABEL, VR::SH, quantity.label)
        .double(tags::DOUBLE_FLOAT_REAL_WORLD_VALUE_FIRST_VALUE_MAPPED, &[low])
        .double(tags::DOUBLE_FLOAT_REAL_WORLD_VALUE_LAST_VALUE_MAPPED, &[high])
        .double(tags::REAL_WORLD_VALUE_INTERCEPT, &[0.0])
        .double(tags::REAL_WORLD_VALUE_SLOPE, &[1.0])
        .items(tags::MEASUREMENT_UNITS_CODE_SEQUENCE, vec![unit.item()])
        .items(tags::QUANTITY_DEFINITION_SEQUENCE, vec![definition]);
    item
}

fn referenced_series(sources: &[SourceObject]) -> Result<DataSet, Error> {
    let instances = sources.iter().map(|source| {
        let mut item = DataSet::new();
        item.text(tags::REFERENCED_SOP_CLASS_UID, VR::UI, source.sop_class_uid()?).text(
            tags::REFERENCED_SOP_INSTANCE_UID,
            VR::UI,
            source.required(tags::SOP_INSTANCE_UID)?,
        );
        Ok(item)
    });
    let mut series = DataSet::new();
    series
        .text(tags::SERIES_INSTANCE_UID, VR::UI, sources[0].required(tags::SERIES_INSTANCE_UID)?)
        .items(tags::REFERENCED_INSTANCE_SEQUENCE, instances.collect::<Result<_, Error>>()?);
    Ok(series)
}

fn range(values: &[f32]) -> (f64, f64) {
    let fold =
        |from, f: fn(f64, f64) -> f64| values.iter().fold(from, |end, &value| f(end, f64::from(value)));
    (fold(f64::INFINITY, f64::min), fold(f64::NEG_INFINITY, f64::max))
}

/// Window ends are for the eye: a thousandth of the width is plenty, and fits a decimal string. The width may be
/// anything, from counts of 1e-8 up.
fn rounded(value: f64, width: f64) -> f64 {
    let step = 10_f64.powf((width / 1000.0).log10().floor());
    (value / step).round() * step
}

fn slice_distance(sources: &[SourceObject]) -> Result<f64, Error> {
    let [first, second, ..] = sources else { return Ok(1.0) };
    let a: [f64; 3] = first.numbers(tags::IMAGE_POSITION_PATIENT)?;
    let b: [f64; 3] = second.numbers(tags::IMAGE_POSITION_PATIENT)?;
    Ok(a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt())
}

fn laterality(source: &SourceObject) -> &str {
    source.attributes().str(tags::LATERALITY).filter(|side| matches!(*side, "R" | "L")).unwrap_or("U")
}

/// Whether a face may be seen in the image: wherever the body part doesn't rule it out.
fn shows_face(source: &SourceObject) -> bool {
    let part = source.attributes().str(tags::BODY_PART_EXAMINED).unwrap_or_default();
    !matches!(part, "CHEST" | "THORAX" | "LUNG" | "ABDOMEN" | "PELVIS")
}

/// The region that Body Part Examined names (CID 4031); the whole body where it names none of these.
fn anatomic_region(source: &SourceObject) -> Code {
    match source.attributes().str(tags::BODY_PART_EXAMINED).unwrap_or_default() {
        "HEAD" | "SKULL" => Code::sct("69536005", "Head"),
        "BRAIN" => Code::sct("12738006", "Brain"),
        "NECK" => Code::sct("45048000", "Neck"),
        "CHEST" | "THORAX" | "LUNG" => Code::sct("43799004", "Thoracic cavity"),
        "ABDOMEN" => Code::sct("113345001", "Abdomen"),
        "PELVIS" => Code::sct("12921003", "Pelvis"),
        "SPINE" => Code::sct("421060004", "Vertebral column"),
        _ => Code::sct("38266002", "Entire body"),
    }
}
