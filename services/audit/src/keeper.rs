//! Makes checkpoints of the ledger and brings them to their second place.

use crate::checkpoint::CheckpointSigner;
use crate::export::Export;
use crate::store::{self, SignedCheckpoint};
use crate::{Config, Error};
use contract::Time;
use database::DatabaseConnection;
use platform::{Clock, Random, Shutdown, keys, metrics};
use prometheus::IntGaugeVec;
use std::path::Path;
use std::sync::{Arc, LazyLock};
use std::time::Duration;
use tokio::sync::Notify;

static ENTRIES: LazyLock<IntGaugeVec> =
    LazyLock::new(|| metrics::gauge("audit_ledger_entries", "entries of the ledger", &[]));
static UNEXPORTED: LazyLock<IntGaugeVec> = LazyLock::new(|| {
    metrics::gauge(
        "audit_unexported_entries",
        "entries that no checkpoint in the second place vouches for",
        &[],
    )
});
static CHECKPOINT_AGE: LazyLock<IntGaugeVec> = LazyLock::new(|| {
    metrics::gauge(
        "audit_checkpoint_age_seconds",
        "age of the newest checkpoint while entries wait for the next one",
        &[],
    )
});

/// How often the keeper looks whether a checkpoint is due.
const LOOK: Duration = Duration::from_secs(1);

/// How often the last checkpoint is tried when the service stops, and the pause in between.
const CLOSING_ATTEMPTS: u32 = 5;
const CLOSING_PAUSE: Duration = Duration::from_millis(500);

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

    /// Makes checkpoints in their rhythm until `shutdown`; `bell` rings when as many entries are there as a
    /// checkpoint waits for.
    pub(crate) async fn run(&self, shutdown: &Shutdown, bell: &Notify) {
        loop {
            tokio::select! {
                goes_on = shutdown.sleep(LOOK) => if !goes_on { return },
                () = bell.notified() => {}
            }
            self.attempt(false).await;
        }
    }

    /// Makes a checkpoint of everything recorded, due or not. The HTTP threads end at the same time and take
    /// their connections along, so one failure is not the end.
    pub(crate) async fn close(&self) {
        for _ in 0..CLOSING_ATTEMPTS {
            if self.attempt(true).await {
                return;
            }
            tokio::time::sleep(CLOSING_PAUSE).await;
        }
    }

    /// Whether the ledger is signed and exported as far as it should be.
    async fn attempt(&self, closing: bool) -> bool {
        let kept = self.keep(closing).await;
        if let Err(error) = &kept {
            tracing::error!(
                event = "ledger.checkpoint_failed",
                error = error as &dyn std::error::Error,
                "no checkpoint of the ledger could be made or exported; it is tried again"
            );
        }
        kept.is_ok()
    }

    /// Signs a checkpoint if one is due (or, `closing`, if there is any new entry) and exports what is not yet.
    async fn keep(&self, closing: bool) -> Result<(), Error> {
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
        let exported = self.export().await;
        self.count(now).await?;
        exported
    }

    async fn count(&self, now: Time) -> Result<(), Error> {
        let none: [&str; 0] = [];
        let (head, last) = (store::head_load(&self.db).await?, store::checkpoint_latest(&self.db).await?);
        let unexported = head.size() - store::checkpoint_exported_size(&self.db).await?.min(head.size());
        ENTRIES.with_label_values(&none).set(head.size() as i64);
        UNEXPORTED.with_label_values(&none).set(unexported as i64);
        // A ledger that has not grown needs no new checkpoint, however old the last one is.
        let waiting = last.filter(|last| last.size < head.size()).map(|last| last.signed_at);
        CHECKPOINT_AGE.with_label_values(&none).set(metrics::age_seconds(waiting, now));
        Ok(())
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
