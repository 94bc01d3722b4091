//! Carries out what was agreed to erase, page by page, and goes on where a restart has broken it off; and has erased
//! what is older than it is kept.

use crate::{Config, Deps, Error, erasure, store};
use chrono::TimeDelta;
use contract::audit::{ErasureRecord, ErasureScope, ErasureState};
use contract::{Actor, ErasureId, Event, EventId, Time};
use database::outbox::NewEvent;
use platform::{Shutdown, telemetry};
use std::time::Duration;

/// How often it is looked whether there is something to erase.
const LOOK: Duration = Duration::from_secs(1);
/// More entries than an erasure leaves.
const TOLD_MAX: usize = 100;
/// How often the rule is followed.
const RULE_INTERVAL: TimeDelta = TimeDelta::hours(24);

/// What is told of an erasure.
pub(crate) fn told(deps: &Deps, record: &ErasureRecord, actor: Actor, now: Time) -> NewEvent {
    NewEvent {
        id: deps.random.with(EventId::random),
        occurred_at: now,
        actor,
        subject: record.id.to_string(),
        causation: None,
        trace: telemetry::traceparent(),
        event: erasure::event(record),
    }
}

/// Erases.
pub(crate) struct Eraser {
    deps: Deps,
    /// How long personal content is kept; for ever when 0.
    retention_days: u32,
}

impl Eraser {
    pub(crate) fn new(deps: &Deps, config: &Config) -> Self {
        Self { deps: deps.clone(), retention_days: config.personal_retention_days }
    }

    /// Erases until `shutdown`.
    pub(crate) async fn run(&self, shutdown: &Shutdown) {
        while shutdown.sleep(LOOK).await {
            if let Err(error) = self.look(shutdown).await {
                tracing::error!(
                    event = "ledger.erasure_failed",
                    error = &error as &dyn std::error::Error,
                    "personal content could not be erased; it is tried again"
                );
            }
        }
    }

    async fn look(&self, shutdown: &Shutdown) -> Result<(), Error> {
        self.follow_the_rule().await?;
        for (record, next) in store::erasure_unfinished(&self.deps.db).await? {
            // Nothing goes before the ledger itself says that it was agreed to.
            if self.is_recorded(&record).await? {
                self.carry_out(record, next, shutdown).await?;
            }
        }
        Ok(())
    }

    /// Whether the entry that agrees to an erasure stands in the ledger.
    async fn is_recorded(&self, record: &ErasureRecord) -> Result<bool, Error> {
        let mentioning = [vec![record.id.to_string()]];
        let wanted = store::Wanted { mentioning: &mentioning, ..store::Wanted::default() };
        let told = store::entry_list(&self.deps.db, wanted, None, TOLD_MAX).await?;
        Ok(told.iter().any(|placed| matches!(placed.entry.envelope.event, Event::ErasureApproved(_))))
    }

    async fn carry_out(
        &self,
        mut record: ErasureRecord,
        mut next: u64,
        shutdown: &Shutdown,
    ) -> Result<(), Error> {
        while !shutdown.requested() {
            let now = self.deps.clock.now();
            let Some(page) = store::erasure_page(&self.deps.db, &record, next, now).await? else {
                record.state = ErasureState::Completed;
                let told = told(&self.deps, &record, Actor::service("audit"), now);
                store::erasure_save(&self.deps.db, &record, told, ErasureState::Approved).await?;
                tracing::info!(
                    event = "ledger.erased",
                    erasure = record.id.as_str(),
                    entries = record.erased,
                    "personal content was erased from the ledger"
                );
                return Ok(());
            };
            record.erased += page.erased;
            next = page.next;
        }
        Ok(())
    }

    /// Begins an erasure of what is older than it is kept, at most once a day.
    async fn follow_the_rule(&self) -> Result<(), Error> {
        if self.retention_days == 0 {
            return Ok(());
        }
        let now = self.deps.clock.now();
        let records = store::erasure_list(&self.deps.db).await?;
        let last = records.iter().filter(|record| record.scope == ErasureScope::Older);
        let last = last.max_by_key(|record| record.before);
        if last.is_some_and(|last| now - last.proposed_at < RULE_INTERVAL) {
            return Ok(());
        }
        let before = self.first_since(now - TimeDelta::days(i64::from(self.retention_days))).await?;
        if before <= last.map_or(0, |last| last.before) {
            return Ok(());
        }
        let id = self.deps.random.with(ErasureId::random);
        let record = erasure::by_rule(id, self.retention_days, before, now);
        let told = told(&self.deps, &record, Actor::service("audit"), now);
        store::erasure_insert(&self.deps.db, &record, told).await
    }

    /// The place of the first entry that was recorded at `time` or later.
    async fn first_since(&self, time: Time) -> Result<u64, Error> {
        let (mut low, mut high) = (0, store::head_load(&self.deps.db).await?.size());
        while low < high {
            let middle = low + (high - low) / 2;
            let found = store::entry_range(&self.deps.db, middle, middle + 1, 1).await?;
            match found.first() {
                Some(placed) if placed.entry.recorded_at < time => low = middle + 1,
                _ => high = middle,
            }
        }
        Ok(low)
    }
}
