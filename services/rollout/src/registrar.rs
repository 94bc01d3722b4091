//! Registering models and creating deployments: at start, and from the command line.

use crate::package::{self, Sealed};
use crate::{Config, Error, creation, registry, store};
use contract::rollout::{Deployment, Model, Stage, UseRule};
use contract::{Actor, DeploymentId, EventId, Refusal};
use database::DatabaseConnection;
use platform::{Clock, CpuPool, Random};
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
    /// For reading and hashing packages.
    pub cpu: CpuPool,
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

    /// Registers the packages that are kept, as far as an import that broke off left them unregistered. Each is checked
    /// again: what stands in the folder may have come there otherwise.
    pub(crate) async fn register_packages(&self, config: &Config) -> Result<(), Error> {
        if !tokio::fs::try_exists(&config.packages_dir).await.unwrap_or(true) {
            return Ok(());
        }
        let mut outcome = Ok(());
        for folder in registry::model_folders(&config.packages_dir).await? {
            let is_being_imported =
                folder.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
            if !is_being_imported {
                // One that is refused keeps no other from being registered.
                outcome = outcome.and(self.register_package(config, &folder).await);
            }
        }
        outcome
    }

    async fn register_package(&self, config: &Config, folder: &Path) -> Result<(), Error> {
        let sealed = self.checked(config, folder).await?;
        let model = registry::model_read(folder, self.clock.now()).await?;
        self.register(Actor::service("rollout"), sealed.model(model)).await.map(drop)
    }

    async fn register_model(&self, folder: &Path) -> Result<Model, Error> {
        let model = registry::model_read(folder, self.clock.now()).await?;
        self.register(Actor::service("rollout"), model).await
    }

    async fn register(&self, actor: Actor, model: Model) -> Result<Model, Error> {
        let stored = store::model_register(&self.db, &self.random, actor, model.clone()).await?;
        unchanged(&stored, &model)?;
        Ok(stored)
    }

    /// Takes in a package, a folder or a zip archive: it is copied, checked, put with the other packages and registered.
    /// Repeating it changes nothing, and after a failure at any point it can be repeated.
    ///
    /// # Errors
    /// What isn't signed by a trusted publisher, isn't what was signed, or is another model than the one registered under
    /// its name and version, is refused, and nothing of it is kept.
    pub async fn import_model(&self, config: &Config, package: &Path, actor: Actor) -> Result<Model, Error> {
        let name = format!(".incoming-{}", self.random.with(EventId::random));
        let incoming = config.packages_dir.join(name);
        let imported = self.import_from(config, package, &incoming, actor).await;
        if tokio::fs::try_exists(&incoming).await.unwrap_or(false) {
            // What is left of a refused package is never read, so it may stay when it can't be removed.
            let _ = tokio::fs::remove_dir_all(&incoming).await;
        }
        imported
    }

    async fn import_from(
        &self,
        config: &Config,
        package: &Path,
        incoming: &Path,
        actor: Actor,
    ) -> Result<Model, Error> {
        let access = |source| Error::ModelFile { path: incoming.to_owned(), source };
        tokio::fs::create_dir_all(incoming).await.map_err(access)?;
        let (source, into, bytes_max) = (package.to_owned(), incoming.to_owned(), config.package_bytes_max);
        self.cpu.run(move || package::unpack(&source, &into, bytes_max)).await?;
        let sealed = self.checked(config, incoming).await?;
        let model = sealed.model(registry::model_read(incoming, self.clock.now()).await?);
        if let Some(registered) = store::model_version(&self.db, &model.name, &model.version).await? {
            unchanged(&registered, &model)?;
        }
        let kept = config.packages_dir.join(registry::folder_name(&model)?);
        if !tokio::fs::try_exists(&kept).await.map_err(access)? {
            tokio::fs::rename(incoming, &kept).await.map_err(access)?;
        } else if Some(self.checked(config, &kept).await?.manifest) != model.manifest {
            return Err(other_package(&model, "kept"));
        }
        self.register(actor, model).await
    }

    async fn checked(&self, config: &Config, folder: &Path) -> Result<Sealed, Error> {
        let (folder, publishers) = (folder.to_owned(), config.publishers_dir.clone());
        self.cpu.run(move || package::check(&folder, &publishers)).await
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
        creation::check_texture(new.texture_percent)?;
        let newest = store::model_newest(&self.db, &new.model).await?;
        let model = newest.ok_or_else(|| unknown_model(&new.model))?;
        let candidate =
            creation::candidate(&new.name, &new.site, (model.id, model.input), new.rule, self.clock.now());
        let reason = new.banner.clone().unwrap_or_else(|| "created".to_owned());
        let NewDeployment { pool, stage, banner, texture_percent, .. } = new;
        let deployment = Deployment { pool, stage, banner, texture_percent, ..candidate };
        let id = deployment.id.clone();
        let creation = store::Creation { deployment, actor: Actor::Operator, reason, dry_run: None };
        store::deployment_create(&self.db, &self.random, creation).await?;
        Ok(id)
    }
}

/// A deployment to be created by whoever runs the program.
#[derive(Debug, Clone)]
pub struct NewDeployment {
    /// What people call it; unique.
    pub name: String,
    /// The name of a registered model, whose newest version is taken.
    pub model: String,
    /// Where.
    pub site: String,
    /// For what.
    pub rule: UseRule,
    /// Queue of the workers.
    pub pool: String,
    /// Percent of what the model takes away that is given back to its images, as texture.
    pub texture_percent: u8,
    /// Its first stage. Above shadow only with a banner: no evidence can speak for it yet.
    pub stage: Stage,
    /// Standing warning.
    pub banner: Option<String>,
}

fn unknown_model(name: &str) -> Refusal {
    Refusal::new(
        "model_unknown",
        format!("no version of the model {name} is registered"),
        "put the model's folder below the models folder and register it",
    )
}

/// A version never changes: neither its weights nor, where it came in a package, anything else of it.
fn unchanged(registered: &Model, new: &Model) -> Result<(), Error> {
    let same_package = new.manifest.is_none() || registered.manifest == new.manifest;
    if registered.weights == new.weights && same_package {
        return Ok(());
    }
    let how = if registered.weights == new.weights { "registered" } else { "registered with other weights" };
    Err(other_package(new, how))
}

fn other_package(new: &Model, how: &str) -> Error {
    let message = format!("{} {} is {how} from another package", new.name, new.version);
    Refusal::new("version_changed", message, "give the changed model another version").into()
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
