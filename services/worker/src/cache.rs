//! Loaded models.

use crate::{Config, Error};
use contract::Digest;
use contract::job::JobModel;
use nets::{Description, Model};
use parking_lot::Mutex;
use std::path::PathBuf;
use std::sync::Arc;

/// The models that were used last.
pub(crate) struct Cache {
    folders: [PathBuf; 2],
    capacity: usize,
    /// Most recently used last.
    loaded: Mutex<Vec<(JobModel, Arc<Model>)>>,
}

impl Cache {
    pub(crate) fn new(config: &Config) -> Self {
        Self {
            folders: [config.models_dir.clone(), config.packages_dir.clone()],
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
        let Some(folder) = self.folder_of(wanted) else { return Err(unavailable(None)) };
        Model::load(&folder).map_err(|error| unavailable(Some(Box::new(error))))
    }

    /// Finds the folder whose description is that of the wanted version: what comes over the queue never becomes a path.
    fn folder_of(&self, wanted: &JobModel) -> Option<PathBuf> {
        let entries = self.folders.iter().filter_map(|folder| std::fs::read_dir(folder).ok()).flatten();
        entries.filter_map(Result::ok).map(|entry| entry.path()).find(|folder| {
            Description::load(folder).is_ok_and(|found| {
                found.name == wanted.name
                    && found.version == wanted.version
                    && found.weights_sha256.parse::<Digest>().ok() == Some(wanted.digest)
            })
        })
    }
}
