//! Has checkpoints cosigned by a witness: somebody elsewhere who checks that the ledger only grew.

use crate::cosignature::{self, CosignatureError, WitnessKey};
use crate::error::describe;
use crate::export::Export;
use crate::store::{self, SignedCheckpoint};
use crate::{Config, Deps, Error, prove};
use contract::Digest;
use database::DatabaseConnection;
use platform::{Shutdown, metrics};
use prometheus::IntGaugeVec;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::Duration;

static UNWITNESSED: LazyLock<IntGaugeVec> = LazyLock::new(|| {
    metrics::gauge("audit_unwitnessed_entries", "signed entries that no witness has cosigned", &[])
});

/// How often it is looked whether there is something to cosign.
const LOOK: Duration = Duration::from_secs(1);
/// The longest pause after failures.
const BACK_OFF_MAX: Duration = Duration::from_mins(1);
/// How long a witness may take.
const PATIENCE: Duration = Duration::from_secs(20);
/// The longest answer that is read.
const ANSWER_BYTES_MAX: usize = 16 * 1024;

/// What keeps a checkpoint from being cosigned.
#[derive(Debug, thiserror::Error)]
enum WitnessError {
    /// It does not answer.
    #[error("the witness does not answer")]
    Unreachable(#[source] reqwest::Error),
    /// It answers with what is no cosignature of its own over the checkpoint.
    #[error("the answer of the witness can't be believed: {0}")]
    Unbelievable(#[from] CosignatureError),
    /// It has seen more entries than there are.
    #[error("the witness has seen {seen} entries and the ledger has signed {signed}: it was set back")]
    SetBack {
        /// What it has seen.
        seen: u64,
        /// What is signed here.
        signed: u64,
    },
    /// It has seen another ledger under this name.
    #[error("the witness has seen another ledger under this name: this one does not continue it")]
    Forked,
    /// It refuses.
    #[error("the witness refuses the checkpoint ({status}): it must know this ledger's name and key")]
    Refused {
        /// Its HTTP status.
        status: u16,
    },
}

impl From<WitnessError> for Error {
    fn from(error: WitnessError) -> Self {
        Self::NotCosigned(describe(&error))
    }
}

/// What is wrong between the ledger and its witness now, in words.
pub(crate) type Problem = Arc<Mutex<Option<String>>>;

/// Asks the witness.
pub(crate) struct Witness {
    db: DatabaseConnection,
    http: reqwest::Client,
    url: String,
    key: WitnessKey,
    export: Export,
    problem: Problem,
}

impl Witness {
    /// A witness, when one is configured.
    pub(crate) fn open(deps: &Deps, config: &Config) -> Result<Option<Self>, Error> {
        if config.witness.url.is_empty() {
            return Ok(None);
        }
        let key: WitnessKey = config
            .witness
            .key
            .parse()
            .map_err(|error: CosignatureError| Error::NotCosigned(error.to_string()))?;
        let url = format!("{}/add-checkpoint", config.witness.url.trim_end_matches('/'));
        let export = Export::open(&config.export_dir)?;
        let (db, http) = (deps.db.clone(), deps.http.clone());
        Ok(Some(Self { db, http, url, key, export, problem: Problem::default() }))
    }

    /// Who it is, and what is wrong now.
    pub(crate) fn named(&self) -> (String, Problem) {
        (self.key.name().to_owned(), self.problem.clone())
    }

    /// Has checkpoints cosigned until `shutdown`.
    pub(crate) async fn run(&self, shutdown: &Shutdown) {
        let mut pause = LOOK;
        while shutdown.sleep(pause).await {
            let asked = self.look().await;
            pause = if asked.is_ok() { LOOK } else { (pause * 2).min(BACK_OFF_MAX) };
            let problem = asked.err().map(|error| describe(&error));
            if let Some(problem) = &problem {
                tracing::warn!(
                    event = "ledger.not_cosigned",
                    witness = self.key.name(),
                    problem,
                    "the newest checkpoint is not cosigned; it is tried again"
                );
            }
            *self.problem.lock().unwrap_or_else(PoisonError::into_inner) = problem;
        }
    }

    async fn look(&self) -> Result<(), Error> {
        let none: [&str; 0] = [];
        let Some(latest) = store::checkpoint_latest(&self.db).await? else { return Ok(()) };
        let seen = store::cosignature_latest(&self.db, self.key.name()).await?.map_or(0, |last| last.size);
        UNWITNESSED.with_label_values(&none).set(latest.size.saturating_sub(seen) as i64);
        if seen >= latest.size {
            return Ok(());
        }
        self.ask(&latest, seen).await?;
        UNWITNESSED.with_label_values(&none).set(0);
        Ok(())
    }

    /// Has a checkpoint cosigned by a witness that has seen `old` entries, or says itself what it has seen.
    async fn ask(&self, latest: &SignedCheckpoint, old: u64) -> Result<(), Error> {
        let mut answer = self.post(latest, old).await?;
        if answer.status == 409 {
            let seen = answer.text.trim().parse().unwrap_or(0);
            if seen > latest.size {
                return Err(WitnessError::SetBack { seen, signed: latest.size }.into());
            }
            answer = self.post(latest, seen).await?;
        }
        match answer.status {
            200 => self.keep(latest, &answer.text).await,
            // A witness that says the same twice contradicts itself.
            409 | 422 => Err(WitnessError::Forked.into()),
            status => Err(WitnessError::Refused { status }.into()),
        }
    }

    async fn post(&self, latest: &SignedCheckpoint, old: u64) -> Result<Answer, Error> {
        let proof: Vec<Digest> = prove::between(&self.db, old, latest.size).await?;
        let body = cosignature::request(old, &proof, &latest.note);
        let sent = self.http.post(&self.url).timeout(PATIENCE).body(body).send();
        let mut response = sent.await.map_err(WitnessError::Unreachable)?;
        let status = response.status().as_u16();
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(WitnessError::Unreachable)? {
            bytes.extend_from_slice(&chunk);
            if bytes.len() > ANSWER_BYTES_MAX {
                break;
            }
        }
        Ok(Answer { status, text: String::from_utf8_lossy(&bytes).into_owned() })
    }

    /// Keeps a cosignature, if it is one, here and in the second place.
    async fn keep(&self, latest: &SignedCheckpoint, lines: &str) -> Result<(), Error> {
        let (text, _) = latest.note.rsplit_once("\n\n").expect("a note has an empty line");
        let text = &latest.note[..=text.len()];
        let found = self.key.find(text, lines).map_err(WitnessError::from)?;
        let note = format!("{}{}\n", latest.note, found.line);
        self.export.append_witnessed(&note).await?;
        store::cosignature_save(&self.db, self.key.name(), latest.size, &found).await
    }
}

struct Answer {
    status: u16,
    text: String,
}
