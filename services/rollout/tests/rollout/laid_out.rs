//! What rollout is given in its tests: a deployment, a series, a model's folder.

use contract::intake::{Series, SeriesState};
use contract::rollout::{Stage, UseRule};
use contract::{Digest, SeriesId, StudyId};
use rollout::NewDeployment;
use std::path::Path;

pub(crate) fn new_deployment(name: &str, stage: Stage) -> NewDeployment {
    NewDeployment {
        name: name.to_owned(),
        model: "ct-denoise".to_owned(),
        site: "main".to_owned(),
        rule: UseRule { modality: "CT".to_owned(), ..UseRule::default() },
        pool: "cpu".to_owned(),
        texture_percent: 0,
        stage,
        banner: Some("stage set by a test, no evidence".to_owned()),
    }
}

pub(crate) fn ct_series(number: u128) -> Series {
    Series {
        id: SeriesId::from_bits(number),
        study: StudyId::from_bits(number),
        study_instance_uid: format!("2.25.{number}"),
        series_instance_uid: format!("2.25.{number}.1"),
        modality: "CT".to_owned(),
        body_part_examined: "CHEST".to_owned(),
        protocol_name: String::new(),
        series_description: "venous 1 mm".to_owned(),
        series_number: Some(3),
        image_type: ["ORIGINAL", "PRIMARY", "AXIAL"].map(str::to_owned).to_vec(),
        manufacturer: "ACME".to_owned(),
        manufacturer_model_name: String::new(),
        convolution_kernel: String::new(),
        slice_thickness_mm: Some(1.0),
        software_versions: String::new(),
        pixel_spacing_mm: None,
        magnetic_field_strength: String::new(),
        requested_procedure_priority: String::new(),
        matrix: (512, 512),
        sender: "SCANNER1".to_owned(),
        state: SeriesState::Ready,
        parked_reason: None,
        instance_count: 120,
        source_set: Some(Digest::of(&number.to_be_bytes())),
        volume: Some(Digest::of(b"volume")),
        instances: Vec::new(),
    }
}

/// A model's folder with everything that registration asks for.
pub(crate) fn write_model(models_dir: &Path, name: &str, weights: &[u8]) {
    let folder = models_dir.join(name);
    std::fs::create_dir_all(&folder).unwrap();
    let description = format!(
        "name = \"{name}\"\nversion = \"0.1.0\"\ntask = \"denoise\"\nmodality = \"CT\"\n\
         slices_min = 2\nunit = \"hnsf'U\"\n\
         weights_sha256 = \"{}\"\nintended_use = \"Research on low-dose CT.\"\nlimits = [\"Not a medical device.\"]\n\
         uncertainty_display = [0.0, 70.0]\n[calibration]\nsubjects = [\"one\", \"two\"]\n",
        Digest::of(weights)
    );
    std::fs::write(folder.join("model.toml"), description).unwrap();
    std::fs::write(folder.join("card.md"), "# A model\n").unwrap();
    std::fs::write(folder.join("metrics.json"), "{\"psnr\": 40.5}").unwrap();
    std::fs::write(folder.join("weights.safetensors"), weights).unwrap();
}
