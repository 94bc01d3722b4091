//! Checks a result and builds its derived objects; a pure function of bytes, for the CPU pool.

use crate::Shell;
use crate::check::{self, Candidate};
use crate::region;
use crate::store::{Reported, Run};
use crate::workflow::Failure;
use bytes::Bytes;
use contract::generation::{DerivedRole, Region};
use contract::job::{Scores, Suspect};
use contract::rollout::Model;
use contract::{Digest, job::JobVolume};
use dicom_io::derive::{
    DerivedObject, Policy, Provenance, SourceObject, derived_image, series_geometry_matches,
};
use dicom_io::parametric_map::{Interval, parametric_maps};
use imaging::Volume;

/// Everything that the objects are built from.
pub(super) struct Material {
    pub(super) input: Bytes,
    pub(super) image: Bytes,
    pub(super) lower: Bytes,
    pub(super) upper: Bytes,
    /// (0008,0060) of the source: what the worker says has no part in it.
    pub(super) modality: String,
    /// Files of the source instances, in order of position.
    pub(super) sources: Vec<Bytes>,
    pub(super) scores: Scores,
    pub(super) suspects: Vec<Suspect>,
    pub(super) domain_min: f64,
    pub(super) provenance: Provenance,
}

/// What a result became.
pub(super) struct Built {
    pub(super) objects: Vec<(DerivedRole, DerivedObject)>,
    pub(super) regions: Vec<Region>,
}

/// Checks the result and builds image, maps and regions.
///
/// # Errors
/// The failed check.
pub(super) fn build(material: &Material) -> Result<Built, Failure> {
    check::scores(&material.scores, material.domain_min)?;
    let input = volume("input", &material.input)?;
    let (image, lower, upper) = (
        volume("image", &material.image)?,
        volume("lower", &material.lower)?,
        volume("upper", &material.upper)?,
    );
    let sources: Vec<SourceObject> = material
        .sources
        .iter()
        .map(|file| SourceObject::read(file))
        .collect::<Result<_, _>>()
        .map_err(|error| underivable(&error))?;
    series_geometry_matches(&sources, input.dims, &input.affine).map_err(|error| underivable(&error))?;
    let measured = measured(&sources, &input);
    check::volumes(Candidate {
        input: &input,
        image: &image,
        lower: &lower,
        upper: &upper,
        measured: &measured,
        tissues: check::tissues(&material.modality),
    })?;
    check::suspects(&material.suspects, &input)?;
    let images =
        derived_image(&sources, &image, &material.provenance).map_err(|error| underivable(&error))?;
    let interval = Interval { image: &image, lower: &lower, upper: &upper };
    let maps =
        parametric_maps(&sources, interval, &material.provenance).map_err(|error| underivable(&error))?;
    let half_width = half_width(&measured, &lower, &upper)?;
    let mut regions = region::regions(&half_width, &measured);
    regions.extend(region::suspected(&material.suspects, &half_width));
    let objects = images.into_iter().map(|image| (DerivedRole::Image, image)).chain(maps).collect();
    Ok(Built { objects, regions })
}

fn volume(name: &str, bytes: &[u8]) -> Result<Volume, Failure> {
    volume_io::nifti::read_bytes(bytes)
        .map_err(|error| Failure::new("output_unreadable", format!("the volume '{name}': {error}")))
}

/// Which voxels of the input the scanner measured; the others are padding.
fn measured(sources: &[SourceObject], input: &Volume) -> Vec<bool> {
    let slice_len = input.slice_len();
    let of_slice = |source| (0..slice_len).map(move |pixel| !SourceObject::is_padding(source, pixel));
    sources.iter().flat_map(of_slice).collect()
}

/// Half-widths of the interval; none where there was no measurement.
fn half_width(measured: &[bool], lower: &Volume, upper: &Volume) -> Result<Volume, Failure> {
    let ends = lower.data.iter().zip(&upper.data).zip(measured);
    let widths = ends.map(|((lower, upper), measured)| if *measured { (upper - lower) / 2.0 } else { 0.0 });
    lower.with_data(widths.collect()).map_err(|error| Failure::new("output_unreadable", error.to_string()))
}

fn underivable(error: &dicom_io::derive::Error) -> Failure {
    let code = match error {
        dicom_io::derive::Error::OutOfRange { .. } => "out_of_range",
        dicom_io::derive::Error::NotFinite { .. } => "not_finite",
        dicom_io::derive::Error::Geometry(_) => "geometry_differs",
        _ => "source_unsupported",
    };
    Failure::new(code, error.to_string())
}

/// What the derived objects say about how they were made. The time is when the result was recorded, so that
/// objects built again after a crash are the same bytes.
pub(super) fn provenance(
    shell: &Shell,
    run: &Run,
    report: &Reported,
    (model, texture_percent): (Model, u8),
) -> Provenance {
    Provenance {
        run: run.id.clone(),
        task: model.task,
        model_name: model.name,
        model_version: model.version,
        weights: model.weights,
        seed: crate::dispatch::seed(&run.id),
        texture_percent,
        content_qualification: model.content_qualification,
        created_at: report.at,
        output: output_digest(&report.outputs),
        device_serial_number: shell.config.device_serial_number.clone(),
        policy: Policy { mark_pixels: shell.config.mark_pixels, synthetic_data: false },
    }
}

/// One digest for the three volumes of a result.
fn output_digest(outputs: &[JobVolume]) -> Digest {
    let mut lines: Vec<String> =
        outputs.iter().map(|output| format!("{} {}\n", output.role, output.volume)).collect();
    lines.sort_unstable();
    Digest::of(lines.concat().as_bytes())
}
