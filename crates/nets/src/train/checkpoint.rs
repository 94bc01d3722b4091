//! What training needs to go on where it was: values, the optimiser's memory, the loss curve.

use super::{
    Error,
    adversary::Adversary,
    optimiser::{Parameter, Parameters},
};
use candle_core::Device;
use safetensors::{Dtype, SafeTensors, tensor::TensorView};
use serde::{Deserialize, Serialize};
use std::{collections::HashMap, fs, io::Write, path::Path};

/// How far training has come.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Position {
    /// Steps done.
    pub(super) step: usize,
    /// Seconds spent on them.
    pub(super) seconds: f64,
    /// (step, mean loss since the entry before).
    pub(super) curve: Vec<(usize, f32)>,
    /// The recipe in use, as JSON: training goes on only under the same one.
    pub(super) recipe: String,
}

const PARTS: [&str; 4] = ["value", "first", "second", "average"];
const POSITION: &str = "position";
/// Stands before the names of an adversary's tensors.
const ADVERSARY: &str = "adversary/";
/// The part that holds an adversary's directions.
const DIRECTION: &str = "direction";

/// All that training changes.
#[derive(Debug)]
pub(super) struct Learned {
    pub(super) parameters: Parameters,
    pub(super) adversary: Option<Adversary>,
}

/// Writes a checkpoint in one piece.
pub(super) fn save(path: &Path, learned: &Learned, position: &Position) -> Result<(), Error> {
    let mut tensors = tensors_of("", &learned.parameters);
    if let Some(adversary) = &learned.adversary {
        tensors.extend(tensors_of(ADVERSARY, &adversary.parameters));
        tensors.extend(adversary.directions.iter().map(|(name, values)| {
            (format!("{ADVERSARY}{DIRECTION}/{name}"), vec![values.len()], bytes_of(values))
        }));
    }
    let header = serde_json::to_string(position).map_err(Error::Position)?;
    let bytes = serialise(&tensors, Some(HashMap::from([(POSITION.to_owned(), header)])))?;
    replace(path, &bytes)
}

fn tensors_of(before: &str, parameters: &Parameters) -> Vec<(String, Vec<usize>, Vec<u8>)> {
    let mut tensors = Vec::new();
    for (name, parameter) in parameters {
        let Parameter { value, first, second, average, .. } = parameter;
        for (part, values) in PARTS.into_iter().zip([value, first, second, average]) {
            let name = format!("{before}{part}/{name}");
            tensors.push((name, parameter.variable.dims().to_vec(), bytes_of(values)));
        }
    }
    tensors
}

/// Reads a checkpoint into what is learned, if it's of this recipe; gives `None` when there is none.
pub(super) fn load(path: &Path, recipe: &str, learned: &mut Learned) -> Result<Option<Position>, Error> {
    let Ok(bytes) = fs::read(path) else { return Ok(None) };
    let (_, metadata) = SafeTensors::read_metadata(&bytes).map_err(Error::Tensors)?;
    let header = metadata.metadata().as_ref().and_then(|map| map.get(POSITION)).map_or("", String::as_str);
    let position: Position = serde_json::from_str(header).map_err(Error::Position)?;
    if position.recipe != recipe {
        return Ok(Some(position));
    }
    let tensors = SafeTensors::deserialize(&bytes).map_err(Error::Tensors)?;
    fill("", &mut learned.parameters, &tensors)?;
    if let Some(adversary) = &mut learned.adversary {
        fill(ADVERSARY, &mut adversary.parameters, &tensors)?;
        for (name, values) in &mut adversary.directions {
            let view = tensors.tensor(&format!("{ADVERSARY}{DIRECTION}/{name}")).map_err(Error::Tensors)?;
            *values = values_of(view.data());
        }
    }
    Ok(Some(position))
}

fn fill(before: &str, parameters: &mut Parameters, tensors: &SafeTensors<'_>) -> Result<(), Error> {
    for (name, parameter) in parameters {
        let Parameter { value, first, second, average, .. } = parameter;
        for (part, values) in PARTS.into_iter().zip([value, first, second, average]) {
            let view = tensors.tensor(&format!("{before}{part}/{name}")).map_err(Error::Tensors)?;
            *values = values_of(view.data());
        }
        parameter.publish()?;
    }
    Ok(())
}

/// Writes the averaged weights alone, as a model's file.
pub(super) fn export(path: &Path, parameters: &Parameters) -> Result<Vec<u8>, Error> {
    let tensors: Vec<_> = parameters
        .iter()
        .map(|(name, parameter)| {
            (name.clone(), parameter.variable.dims().to_vec(), bytes_of(&parameter.average))
        })
        .collect();
    let bytes = serialise(&tensors, None)?;
    replace(path, &bytes)?;
    Ok(bytes)
}

/// Reads the averaged weights of a model's file.
pub(super) fn import(path: &Path) -> Result<Parameters, Error> {
    let bytes = fs::read(path).map_err(|source| Error::Access { path: path.to_owned(), source })?;
    let tensors = SafeTensors::deserialize(&bytes).map_err(Error::Tensors)?;
    let parameter = |(name, view): (&str, TensorView<'_>)| {
        Ok((name.to_owned(), Parameter::new(view.shape(), values_of(view.data()), &Device::Cpu)?))
    };
    tensors.iter().map(parameter).collect()
}

fn serialise(
    tensors: &[(String, Vec<usize>, Vec<u8>)],
    metadata: Option<HashMap<String, String>>,
) -> Result<Vec<u8>, Error> {
    let views = tensors
        .iter()
        .map(|(name, shape, bytes)| Ok((name.as_str(), TensorView::new(Dtype::F32, shape.clone(), bytes)?)))
        .collect::<Result<Vec<_>, _>>()
        .map_err(Error::Tensors)?;
    safetensors::serialize(views, metadata).map_err(Error::Tensors)
}

fn bytes_of(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

fn values_of(bytes: &[u8]) -> Vec<f32> {
    bytes.as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect()
}

/// Writes a file beside its place, makes it durable, and moves it there: never half a file, whatever happens.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let access = |source| Error::Access { path: path.to_owned(), source };
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(access)?;
    }
    // Two trainings may fill one cache at once: each has a file of its own until it's whole.
    let beside = path.with_extension(format!("{}.partial", std::process::id()));
    let mut file = fs::File::create(&beside).map_err(access)?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(access)?;
    fs::rename(&beside, path).map_err(access)
}
