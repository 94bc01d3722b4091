//! A model's folder on disk: `model.toml`, `card.md`, `metrics.json` and `weights.safetensors`; and where there is
//! something to say of them, `LICENSE` and `registration.toml`.

use crate::Error;
use contract::rollout::{Model, ModelInput, Sampling};
use contract::{Digest, ModelVersionId, Refusal, Time};
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// What rollout reads of `model.toml`; the worker reads the rest.
#[derive(Debug, Deserialize)]
struct Description {
    name: String,
    version: String,
    task: String,
    modality: String,
    /// Without it a model would be given what it can do nothing with: its maker has to say.
    slices_min: u32,
    unit: String,
    weights_sha256: Digest,
    intended_use: String,
    limits: Vec<String>,
    #[serde(default)]
    training_subjects: Vec<String>,
    /// Ends of the fixed scale on which uncertainty is shown, in `unit`.
    uncertainty_display: (f64, f64),
    calibration: Calibration,
    /// How a diffusion model goes from low to full dose; other families take one step and draw nothing.
    cold: Option<Sampling>,
}

/// `registration.toml`: a model without one has no regulatory status.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Registration {
    content_qualification: String,
    regulatory_reference: Option<String>,
}

impl Default for Registration {
    fn default() -> Self {
        Self { content_qualification: "RESEARCH".to_owned(), regulatory_reference: None }
    }
}

#[derive(Debug, Deserialize)]
struct Calibration {
    subjects: Vec<String>,
}

/// The id of a model version: the same wherever it is registered.
fn model_id(name: &str, version: &str, weights: &Digest) -> ModelVersionId {
    let identity = Digest::of(format!("model\n{name}\n{version}\n{weights}").as_bytes());
    ModelVersionId::from_bits(identity.leading_bits())
}

/// The folders in `models_dir` that hold a model, by name.
pub(crate) async fn model_folders(models_dir: &Path) -> Result<Vec<PathBuf>, Error> {
    let unreadable = |source| Error::ModelFile { path: models_dir.to_owned(), source };
    let mut entries = tokio::fs::read_dir(models_dir).await.map_err(unreadable)?;
    let mut folders = Vec::new();
    while let Some(entry) = entries.next_entry().await.map_err(unreadable)? {
        let folder = entry.path();
        if tokio::fs::try_exists(folder.join("model.toml")).await.map_err(unreadable)? {
            folders.push(folder);
        }
    }
    folders.sort();
    Ok(folders)
}

/// The folder's name that a version has where packages are kept.
///
/// # Errors
/// A refusal when name or version can't be part of a path.
pub(crate) fn folder_name(model: &Model) -> Result<String, Error> {
    let plain = |text: &str| {
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        !text.is_empty() && text.len() <= 60 && !text.starts_with('.') && text.chars().all(allowed)
    };
    if plain(&model.name) && plain(&model.version) {
        return Ok(format!("{}-{}", model.name, model.version));
    }
    let why = format!("'{} {}' can't be the name and version of a model", model.name, model.version);
    Err(Refusal::new("model_malformed", why, "use letters, digits, '-', '_' and '.'").into())
}

/// Reads the model in `folder` and checks its weights against the digest that its description states.
pub(crate) async fn model_read(folder: &Path, registered_at: Time) -> Result<Model, Error> {
    let description = file(folder, "model.toml").await?;
    let description: Description = toml::from_str(&description)
        .map_err(|error| malformed(folder, &format!("model.toml can't be read: {}", error.message())))?;
    let card = file(folder, "card.md").await?;
    let metrics = serde_json::from_str(&file(folder, "metrics.json").await?)
        .map_err(|error| malformed(folder, &format!("metrics.json can't be read: {error}")))?;
    let path = folder.join("weights.safetensors");
    let weights = tokio::fs::read(&path).await.map_err(|source| Error::ModelFile { path, source })?;
    let weights = Digest::of(&weights);
    if weights != description.weights_sha256 {
        return Err(malformed(folder, "weights.safetensors does not have the digest that model.toml states"));
    }
    let registration = match file_if_any(folder, "registration.toml").await? {
        Some(text) => toml::from_str(&text).map_err(|error| {
            malformed(folder, &format!("registration.toml can't be read: {}", error.message()))
        })?,
        None => Registration::default(),
    };
    Ok(Model {
        id: model_id(&description.name, &description.version, &weights),
        name: description.name,
        version: description.version,
        task: description.task,
        weights,
        input: ModelInput { modality: description.modality, slices_min: description.slices_min },
        sampling: description.cold.unwrap_or_default(),
        intended_use: description.intended_use,
        limits: description.limits,
        content_qualification: registration.content_qualification,
        regulatory_reference: registration.regulatory_reference,
        training_subjects: description.training_subjects,
        licence: file_if_any(folder, "LICENSE").await?,
        publisher: None,
        manifest: None,
        card,
        metrics,
        calibration_subjects: description.calibration.subjects.len() as u32,
        uncertainty_range: description.uncertainty_display.1,
        unit: description.unit,
        registered_at,
    })
}

async fn file(folder: &Path, name: &str) -> Result<String, Error> {
    let path = folder.join(name);
    tokio::fs::read_to_string(&path).await.map_err(|source| Error::ModelFile { path, source })
}

async fn file_if_any(folder: &Path, name: &str) -> Result<Option<String>, Error> {
    let path = folder.join(name);
    match tokio::fs::read_to_string(&path).await {
        Ok(text) => Ok(Some(text)),
        Err(source) if source.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(Error::ModelFile { path, source }),
    }
}

fn malformed(folder: &Path, why: &str) -> Error {
    let message = format!("the model in {} is refused: {why}", folder.display());
    Refusal::new("model_malformed", message, "take the folder again from who made the model").into()
}
