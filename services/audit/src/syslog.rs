//! Sends every entry as an audit message of DICOM to a syslog receiver over TLS.
//!
//! Syslog confirms nothing. So each batch has a connection of its own, which ends in good order: the end of the TLS
//! stream is sent after the last message, and the batch counts as received when the receiver, having read that end,
//! closes its side. Anything else, and the batch is sent again: nothing is lost, and what comes twice has the same
//! `ledger-index`.
//!
//! # Source
//! RFC 5424 (message), RFC 5425 (TLS, octet counting); DICOM PS3.15 A.6 (severity, facility, message id).

mod frame;
mod link;

use crate::form::Form;
use crate::store;
use crate::{Config, Error};
use contract::audit::ExportFormat;
use database::DatabaseConnection;
use frame::Header;
use link::Link;
use platform::{Shutdown, metrics};
use prometheus::IntGaugeVec;
use std::sync::LazyLock;
use std::time::Duration;

static FAILED: LazyLock<IntGaugeVec> = LazyLock::new(|| {
    metrics::gauge("audit_syslog_failed_attempts", "attempts in a row that the receiver did not confirm", &[])
});
static WAITING: LazyLock<IntGaugeVec> = LazyLock::new(|| {
    metrics::gauge("audit_syslog_waiting_entries", "entries that the syslog receiver does not have yet", &[])
});

/// Entries of one batch.
const BATCH_ENTRIES: u64 = 1_000;
/// The pause while there is nothing to send.
const LOOK: Duration = Duration::from_secs(2);
/// The longest pause while the receiver can't be reached.
const BACK_OFF_MAX: Duration = Duration::from_mins(1);

/// Sends the ledger on.
pub(crate) struct Forwarder {
    db: DatabaseConnection,
    link: Link,
    header: Header,
}

impl Forwarder {
    /// A forwarder, when a receiver is configured.
    pub(crate) fn open(db: DatabaseConnection, config: &Config) -> Result<Option<Self>, Error> {
        if config.syslog_address.is_empty() {
            return Ok(None);
        }
        let header = Header::new(&config.syslog_hostname);
        Ok(Some(Self { db, link: Link::open(config)?, header }))
    }

    /// Sends until `shutdown`.
    pub(crate) async fn run(&self, shutdown: &Shutdown) {
        let none: [&str; 0] = [];
        let (mut pause, mut failed) = (LOOK, 0);
        loop {
            let sent = self.send_batch().await;
            failed = if sent.is_ok() { 0 } else { failed + 1 };
            FAILED.with_label_values(&none).set(failed);
            match sent {
                Ok(true) => {
                    pause = LOOK;
                    if shutdown.requested() {
                        return;
                    }
                    continue;
                }
                Ok(false) => pause = LOOK,
                Err(error) => {
                    tracing::warn!(
                        event = "ledger.syslog_failed",
                        error = &error as &dyn std::error::Error,
                        pause_s = pause.as_secs(),
                        "the syslog receiver did not confirm a batch; nothing is lost, it is sent again"
                    );
                    pause = (pause * 2).min(BACK_OFF_MAX);
                }
            }
            if !shutdown.sleep(pause).await {
                return;
            }
        }
    }

    /// Sends what comes next and remembers it as received; gives whether there was anything.
    async fn send_batch(&self) -> Result<bool, Error> {
        let from = store::forward_next(&self.db, self.link.address()).await?;
        let size = store::head_load(&self.db).await?.size();
        let none: [&str; 0] = [];
        WAITING.with_label_values(&none).set(size.saturating_sub(from) as i64);
        let entries = store::entry_range(&self.db, from, size, BATCH_ENTRIES).await?;
        let Some(last) = entries.last() else { return Ok(false) };
        let form = Form::new(ExportFormat::Dicom, from);
        let mut batch = Vec::new();
        for placed in &entries {
            frame::write(
                &self.header,
                placed.entry.envelope.occurred_at,
                form.line(placed)?.trim_end(),
                &mut batch,
            );
        }
        let next = last.position as u64 + 1;
        self.link.send(&batch).await?;
        store::forward_save(&self.db, self.link.address(), next).await?;
        Ok(true)
    }
}
