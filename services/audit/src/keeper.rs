//! Makes checkpoints of the ledger and brings them to their second place.

use crate::checkpoint::CheckpointSigner;
use crate::export::Export;
use crate::store::{self, SignedCheckpoint};
use crate::{Config, Error};
use database::DatabaseConnection;
use platform::{Clock, Random, Shutdown, keys};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// How often the keeper looks whether a checkpoint is due.
const LOOK: Duration = Duration::from_secs(1);

/// The name of the ledger's key: not the one by which audit calls other services.
const KEY_NAME: &str = "ledger";

pub(crate) struct Keeper {
    db: DatabaseConnection,
    clock: Arc<dyn Clock>,
    config: Config,
    signer: CheckpointSigner,
    export: Export,
}

impl Keeper {
    /// Loads or makes the key, and writes the verifier key beside it.
    pub(crate) fn open(
        db: DatabaseConnection,
        clock: Arc<dyn Clock>,
        random: &Random,
        config: Config,
    ) -> Result<Self, Error> {
        let key = keys::load_or_generate(&config.keys_dir, KEY_NAME, random)?;
        let signer = CheckpointSigner::new(&config.origin, key);
        write_verifier_key(&config.keys_dir, &signer)?;
        let export = Export::open(&config.export_dir)?;
        Ok(Self { db, clock, config, signer, export })
    }

    /// Makes checkpoints in their rhythm until `shutdown`.
    pub(crate) async fn run(&self, shutdown: &Shutdown) {
        while shutdown.sleep(LOOK).await {
            self.attempt(false).await;
        }
    }

    /// Makes a checkpoint of everything recorded, due or not.
    pub(crate) async fn close(&self) {
        self.attempt(true).await;
    }

    async fn attempt(&self, closing: bool) {
        if let Err(error) = self.keep(closing).await {
            tracing::error!(
                event = "ledger.checkpoint_failed",
                error = &error as &dyn std::error::Error,
                "no checkpoint of the ledger could be made or exported; it is tried again"
            );
        }
    }

    /// Signs a checkpoint if one is due (or, `closing`, if there is any new entry) and exports what is not yet.
    pub(crate) async fn keep(&self, closing: bool) -> Result<(), Error> {
        let head = store::head_load(&self.db).await?;
        let last = store::checkpoint_latest(&self.db).await?;
        let last = last.map(|checkpoint| (checkpoint.size, checkpoint.signed_at));
        let now = self.clock.now();
        let grown = head.size() > last.map_or(0, |(size, _)| size);
        if (closing && grown) || self.config.rhythm().is_due(head.size(), last, now) {
            let note = self.signer.sign(head.size(), head.root());
            let checkpoint = SignedCheckpoint { size: head.size(), note, signed_at: now };
            store::checkpoint_save(&self.db, checkpoint).await?;
        }
        self.export().await
    }

    async fn export(&self) -> Result<(), Error> {
        for checkpoint in store::checkpoint_unexported(&self.db).await? {
            let exported = self.export.leaf_count().await?;
            if exported > checkpoint.size {
                return Err(Error::SetBack { exported, size: checkpoint.size });
            }
            let leaves = store::leaf_list(&self.db, exported, checkpoint.size).await?;
            self.export.append(exported, &leaves, &checkpoint.note).await?;
            store::checkpoint_exported(&self.db, checkpoint.size).await?;
        }
        Ok(())
    }
}

fn write_verifier_key(keys_dir: &Path, signer: &CheckpointSigner) -> Result<(), Error> {
    let path = keys_dir.join(format!("{KEY_NAME}.vkey"));
    let written = std::fs::write(&path, format!("{}\n", signer.verifier_key()));
    written.map_err(|source| Error::Export { path, source })
}
