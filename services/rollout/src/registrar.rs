//! Registering models and creating deployments: at start, and from the command line.

use crate::store::NewDeployment;
use crate::{Error, registry, store};
use contract::rollout::{Model, Stage};
use contract::{DeploymentId, Digest, Refusal};
use database::DatabaseConnection;
use platform::{Clock, Random};
use std::path::Path;
use std::sync::Arc;

/// What registering needs.
#[derive(Clone)]
pub struct Registrar {
    /// Rollout's database, migrated.
    pub db: DatabaseConnection,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// For the ids of events.
    pub random: Random,
}

impl Registrar {
    /// Registers every model below `models_dir`; those that are registered stay as they are.
    ///
    /// # Errors
    /// A folder that does not fit its own description, and a version that was registered with other weights,
    /// are refused; what comes before them is registered.
    pub async fn register_models(&self, models_dir: &Path) -> Result<Vec<Model>, Error> {
        let mut models = Vec::new();
        for folder in registry::model_folders(models_dir).await? {
            models.push(self.register_model(&folder).await?);
        }
        Ok(models)
    }

    async fn register_model(&self, folder: &Path) -> Result<Model, Error> {
        let model = registry::model_read(folder, self.clock.now()).await?;
        let stored = store::model_register(&self.db, &self.random, model.clone()).await?;
        if stored.weights == model.weights {
            return Ok(stored);
        }
        let message = format!("{} {} is registered with other weights", model.name, model.version);
        Err(Refusal::new("version_changed", message, "give the changed model another version").into())
    }

    /// Creates a deployment; one of the same name and site stays as it is, whatever has become of its stage.
    pub async fn deploy(&self, new: NewDeployment) -> Result<DeploymentId, Error> {
        if new.stage > Stage::Shadow && new.banner.is_none() {
            return Err(Refusal::new(
                "stage_without_evidence",
                format!("{} can't begin at {}", new.name, new.stage.as_str()),
                "create it at shadow and propose its promotion",
            )
            .into());
        }
        let identity = Digest::of(format!("deployment\n{}\n{}", new.site, new.name).as_bytes());
        let id = DeploymentId::from_bits(identity.leading_bits());
        store::deployment_create(&self.db, &self.random, &id, new, self.clock.now()).await?;
        Ok(id)
    }
}

/// Registers the models below `models_dir` and creates `deployments` of them. Repeating it changes nothing.
pub async fn seed(
    registrar: &Registrar,
    models_dir: &Path,
    deployments: Vec<NewDeployment>,
) -> Result<Vec<DeploymentId>, Error> {
    registrar.register_models(models_dir).await?;
    let mut ids = Vec::new();
    for deployment in deployments {
        ids.push(registrar.deploy(deployment).await?);
    }
    Ok(ids)
}
