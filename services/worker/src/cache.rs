//! Loaded models.

use crate::{Config, Error};
use contract::Digest;
use contract::job::JobModel;
use nets::Model;
use parking_lot::Mutex;
use std::path::PathBuf;
use std::sync::Arc;

/// The models that were used last.
pub(crate) struct Cache {
    models_dir: PathBuf,
    capacity: usize,
    /// Most recently used last.
    loaded: Mutex<Vec<(JobModel, Arc<Model>)>>,
}

impl Cache {
    pub(crate) fn new(config: &Config) -> Self {
        Self {
            models_dir: config.models_dir.clone(),
            capacity: config.models_cached,
            loaded: Mutex::new(Vec::new()),
        }
    }

    /// Gives the wanted model, loading it where needed. It reads files: call it on the CPU pool.
    ///
    /// # Errors
    /// [`Error::ModelUnavailable`] when there is no such model, version or weights.
    pub(crate) fn model(&self, wanted: &JobModel) -> Result<Arc<Model>, Error> {
        let mut loaded = self.loaded.lock();
        if let Some(at) = loaded.iter().position(|(model, _)| model == wanted) {
            let hit = loaded.remove(at);
            let model = hit.1.clone();
            loaded.push(hit);
            return Ok(model);
        }
        let model = Arc::new(self.load(wanted)?);
        if loaded.len() >= self.capacity {
            loaded.remove(0);
        }
        loaded.push((wanted.clone(), model.clone()));
        Ok(model)
    }

    fn load(&self, wanted: &JobModel) -> Result<Model, Error> {
        let unavailable = |source| Error::ModelUnavailable {
            name: wanted.name.clone(),
            version: wanted.version.clone(),
            source,
        };
        // The name comes over the queue and becomes part of a path.
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if wanted.name.is_empty() || !wanted.name.chars().all(plain) {
            return Err(unavailable(None));
        }
        let model = Model::load(&self.models_dir.join(&wanted.name))
            .map_err(|error| unavailable(Some(Box::new(error))))?;
        let description = model.description();
        let weights = description.weights_sha256.parse::<Digest>().ok();
        if description.version != wanted.version || weights != Some(wanted.digest) {
            return Err(unavailable(None));
        }
        Ok(model)
    }
}
