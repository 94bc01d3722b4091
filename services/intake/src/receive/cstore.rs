//! C-STORE.

use crate::admit::{Admitter, Announced, Outcome, Received};
use crate::config::Tls;
use crate::error::Error;
use crate::{Config, figures};
use bytes::Bytes;
use chrono::TimeDelta;
use contract::{Actor, SeriesId, Time};
use dicom_io::dimse::{OUT_OF_RESOURCES, Status};
use dicom_io::scp::{self, StoreHandler, StoreRequest};
use dicom_io::{read, tls};
use platform::Class;
use std::collections::{BTreeSet, HashMap};
use std::sync::Mutex;
use std::time::Duration;
use tracing::Instrument as _;

/// Answers C-STORE: success only when the object is durable.
pub(crate) struct Handler {
    admitter: Admitter,
    /// Series that an association has added to.
    touched: Mutex<HashMap<u64, BTreeSet<SeriesId>>>,
    /// When it was last told that somebody was not let in, by title and reason.
    refused: Mutex<HashMap<(Option<String>, &'static str), Time>>,
}

/// For how long the same refusal is not told again: who calls all day long must not fill the ledger.
const REFUSAL_TOLD_AGAIN: TimeDelta = TimeDelta::minutes(1);
/// Titles that are remembered; then they are forgotten, and told again.
const REFUSALS_MAX: usize = 1_000;

impl Handler {
    pub(crate) fn new(admitter: Admitter) -> Self {
        Self { admitter, touched: Mutex::default(), refused: Mutex::default() }
    }

    /// Whether a refusal is new enough to be told.
    fn is_news(&self, calling_ae: Option<String>, reason: &'static str, now: Time) -> bool {
        let mut refused = self.refused.lock().expect("nothing panics while the lock is held");
        if refused.len() >= REFUSALS_MAX {
            refused.clear();
        }
        let last = refused.get(&(calling_ae.clone(), reason));
        let is_news = last.is_none_or(|last| now - *last >= REFUSAL_TOLD_AGAIN);
        if is_news {
            refused.insert((calling_ae, reason), now);
        }
        is_news
    }

    fn touched(&self) -> std::sync::MutexGuard<'_, HashMap<u64, BTreeSet<SeriesId>>> {
        self.touched.lock().expect("nothing panics while the lock is held")
    }
}

impl StoreHandler for Handler {
    async fn store(&self, request: StoreRequest) -> Status {
        let association = request.association;
        let span = tracing::info_span!("c_store", otel.name = "C-STORE", association.id = association);
        let admitted = self.admitter.admit(received(request)).instrument(span).await;
        match admitted.map(|admitted| admitted.outcome) {
            Ok(Outcome::Stored(series)) => {
                self.touched().entry(association).or_default().insert(series);
                Status::success()
            }
            Ok(Outcome::Repeated) => Status::success(),
            Ok(Outcome::Quarantined { refusal, status }) => Status::failure(status, &refusal.message),
            Err(error) => {
                tracing::error!(
                    event = "instance.not_stored",
                    error = &error as &dyn std::error::Error,
                    "an object could not be stored; the sender was told so"
                );
                Status::failure(OUT_OF_RESOURCES, comment(&error))
            }
        }
    }

    async fn association_refused(&self, calling_ae: Option<String>, reason: &'static str) {
        if !self.is_news(calling_ae.clone(), reason, self.admitter.deps.clock.now()) {
            return;
        }
        let actor = calling_ae.map_or(Actor::Anonymous, |ae_title| Actor::Device { ae_title });
        if let Err(error) = self.admitter.association_refused(actor, reason).await {
            tracing::error!(
                event = "association.refusal_not_told",
                error = &error as &dyn std::error::Error,
                "it could not be written down that somebody was not let in"
            );
        }
    }

    async fn association_ended(&self, association: u64) {
        let series = self.touched().remove(&association).unwrap_or_default();
        let brought = if series.is_empty() { "nothing" } else { "instances" };
        figures::ASSOCIATIONS.with_label_values(&[brought]).inc();
        if let Err(error) = self.admitter.close(series.into_iter().collect()).await {
            tracing::warn!(
                event = "series.close_failed",
                error = &error as &dyn std::error::Error,
                "the end of an association could not be noted; the quiet time finds its series"
            );
        }
    }
}

fn comment(error: &Error) -> &'static str {
    match (error, error.class()) {
        (Error::DiskFull, _) => "the disk is full",
        (_, Class::Retry) => "not now; send it again later",
        _ => "the object could not be stored",
    }
}

/// The data set as received, behind a group 0002 of ours.
fn received(request: StoreRequest) -> Received {
    let mut file =
        read::file_meta(&request.sop_class_uid, &request.sop_instance_uid, &request.transfer_syntax_uid);
    file.extend_from_slice(&request.dataset);
    Received {
        file: Bytes::from(file),
        actor: Actor::Device { ae_title: request.calling_ae.clone() },
        sender: request.calling_ae,
        causation: None,
        announced: Announced {
            sop_class_uid: Some(request.sop_class_uid),
            sop_instance_uid: Some(request.sop_instance_uid),
            study_instance_uid: None,
        },
    }
}

/// Gives the behaviour of the DICOM port.
///
/// # Errors
/// When the certificates can't be used.
pub fn port(config: &Config) -> Result<scp::Config, tls::Error> {
    let tls = match &config.tls {
        None => None,
        Some(Tls { certificate, key, callers: None }) => {
            Some(tls::server(tls::Identity { certificate, key })?)
        }
        Some(Tls { certificate, key, callers: Some(callers) }) => {
            Some(tls::mutual_server(tls::Identity { certificate, key }, callers)?)
        }
    };
    Ok(scp::Config {
        ae_title: config.ae_title.clone(),
        calling_ae_titles: config.calling_ae_titles.clone(),
        instance_bytes_max: config.instance_bytes_max,
        held_bytes_max: config.held_bytes_max,
        associations_max: config.associations_max as usize,
        associations_per_peer_max: config.associations_per_peer_max as usize,
        idle_timeout: Duration::from_secs(u64::from(config.idle_seconds)),
        pdu_timeout: Duration::from_secs(u64::from(config.stalled_seconds)),
        tls,
        ..scp::Config::default()
    })
}
