//! The relay: numbers what was appended and publishes it in order.

use super::entity::{event, lease};
use super::{BELL, Error, to_json};
use crate::transaction;
use bus::{Bus, Message, Route};
use bytes::Bytes;
use futures::FutureExt as _;
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ColumnTrait as _, Condition, DatabaseConnection,
    DatabaseTransaction, EntityTrait as _, IntoActiveModel as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, sea_query::Expr,
};
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long a relay holds the right to work; after a crash the next one waits this long.
const LEASE: Duration = Duration::from_secs(5);
/// How long a batch is published under one lease.
const BATCH_TIME: Duration = Duration::from_millis(2_500);
/// Rows numbered or published in one go.
const BATCH_ROWS: u64 = 128;
/// How often the table is looked at when nobody rings.
const POLL: Duration = Duration::from_secs(1);
/// How long names of people stay in what was published.
const NAMES_KEPT: Duration = Duration::from_hours(90 * 24);
/// How often it is looked whether more of them are old enough, once all were seen.
const NAMES_INTERVAL: Duration = Duration::from_hours(1);
/// The longest pause after a failure.
const PAUSE_MAX: Duration = Duration::from_secs(15);

/// Why a round of the relay ended early.
#[derive(Debug, thiserror::Error)]
enum RoundError {
    #[error("the outbox can't be read or marked")]
    Database(#[from] Error),
    #[error("event {seq} can't be published")]
    Bus {
        seq: i64,
        #[source]
        source: bus::Error,
    },
}

/// Publishes the events of `service` until `shutdown`: each to the topic of its kind, in the order of `seq`,
/// at least once. Any number of processes may run it; one works at a time.
pub async fn relay(
    db: DatabaseConnection,
    service: &'static str,
    bus: Arc<dyn Bus>,
    shutdown: impl Future<Output = ()>,
) {
    let relay = Relay { db, service, bus, holder: format!("{:032x}", rand::random::<u128>()) };
    let mut shutdown = pin!(shutdown.fuse());
    let mut pause = POLL;
    let mut names = Names::default();
    loop {
        // Listen before looking, so that what is appended meanwhile is not slept over.
        let mut bell = pin!(BELL.notified());
        bell.as_mut().enable();
        match relay.round().await {
            Ok(0) => {
                pause = POLL;
                relay.forget(&mut names).await;
                tokio::select! {
                    () = &mut shutdown => break,
                    () = bell => {}
                    () = tokio::time::sleep(POLL) => {}
                }
            }
            Ok(_) => {
                pause = POLL;
                if shutdown.as_mut().now_or_never().is_some() {
                    break;
                }
            }
            Err(error) => {
                tracing::warn!(
                    event = "outbox.relay_failed",
                    service,
                    retry_ms = pause.as_millis() as u64,
                    error = &error as &dyn std::error::Error,
                    "events wait in the outbox; publishing is tried again"
                );
                tokio::select! {
                    () = &mut shutdown => break,
                    () = tokio::time::sleep(pause) => {}
                }
                pause = (pause * 2).min(PAUSE_MAX);
            }
        }
    }
    if let Err(error) = relay.release().await {
        tracing::info!(
            event = "outbox.lease_kept",
            service,
            error = &error as &dyn std::error::Error,
            "the relay's lease was not given back; it ends by itself"
        );
    }
}

/// How far the names of people were looked for.
#[derive(Default)]
struct Names {
    after: i64,
    all_seen_at: Option<Instant>,
}

struct Relay {
    db: DatabaseConnection,
    service: &'static str,
    bus: Arc<dyn Bus>,
    holder: String,
}

impl Relay {
    /// Numbers and publishes one batch; gives the number of rows moved on.
    async fn round(&self) -> Result<u64, RoundError> {
        if !self.has_unsent().await? {
            return Ok(0);
        }
        let started = Instant::now();
        let Some(numbered) = self.number().await? else { return Ok(0) };
        let sent = self.publish(started).await?;
        Ok(numbered + sent)
    }

    /// Takes names out of a page of old events, while nothing waits to be published.
    async fn forget(&self, names: &mut Names) {
        if names.all_seen_at.is_some_and(|at| at.elapsed() < NAMES_INTERVAL) {
            return;
        }
        match super::forget_names(&self.db, names.after, crate::now() - NAMES_KEPT).await {
            Ok(Some(last)) => *names = Names { after: last, all_seen_at: None },
            Ok(None) => names.all_seen_at = Some(Instant::now()),
            Err(error) => tracing::info!(
                event = "outbox.names_kept",
                service = self.service,
                error = &error as &dyn std::error::Error,
                "old names stay in the outbox for now; it is tried again"
            ),
        }
    }

    async fn has_unsent(&self) -> Result<bool, Error> {
        let row = event::Entity::find()
            .filter(event::Column::SentAt.is_null())
            .order_by_asc(event::Column::Position)
            .one(&self.db)
            .await?;
        Ok(row.is_some())
    }

    /// Takes or renews the lease and gives `seq` to rows without one; `None` while another relay works.
    ///
    /// The lease row is written first: it serialises the counting even where two relays believe to hold it.
    async fn number(&self) -> Result<Option<u64>, Error> {
        let (holder, service) = (self.holder.clone(), self.service);
        transaction(&self.db, |txn| {
            Box::pin(async move {
                if !lease_take(txn, &holder).await? {
                    return Ok(None);
                }
                let lease = lease::Entity::find_by_id(1).one(txn).await?;
                let lease = lease.expect("the migration wrote the row and nothing deletes it");
                let rows = event::Entity::find()
                    .filter(event::Column::Seq.is_null())
                    .order_by_asc(event::Column::Position)
                    .limit(BATCH_ROWS)
                    .all(txn)
                    .await?;
                let mut last_seq = lease.last_seq;
                let numbered = rows.len() as u64;
                for row in rows {
                    last_seq += 1;
                    let mut row = row.into_active_model();
                    row.seq = Set(Some(last_seq));
                    row.service = Set(Some(service.to_owned()));
                    row.update(txn).await?;
                }
                let mut lease = lease.into_active_model();
                lease.last_seq = Set(last_seq);
                lease.update(txn).await?;
                Ok(Some(numbered))
            })
        })
        .await
    }

    async fn publish(&self, started: Instant) -> Result<u64, RoundError> {
        let rows = event::Entity::find()
            .filter(
                Condition::all().add(event::Column::SentAt.is_null()).add(event::Column::Seq.is_not_null()),
            )
            .order_by_asc(event::Column::Seq)
            .limit(BATCH_ROWS)
            .all(&self.db)
            .await
            .map_err(Error::from)?;
        let mut sent = Vec::with_capacity(rows.len());
        let mut failure = None;
        for row in rows {
            if started.elapsed() > BATCH_TIME {
                break;
            }
            let (position, seq) = (row.position, row.seq.expect("the query asks for numbered rows"));
            fail::fail_point!("outbox.before_publish");
            if let Err(source) = self.bus.publish(&message(row)?).await {
                failure = Some(RoundError::Bus { seq, source });
                break;
            }
            fail::fail_point!("outbox.after_publish");
            sent.push(position);
        }
        let moved = sent.len() as u64;
        self.mark_sent(sent).await?;
        failure.map_or(Ok(moved), Err)
    }

    async fn mark_sent(&self, positions: Vec<i64>) -> Result<(), Error> {
        if positions.is_empty() {
            return Ok(());
        }
        event::Entity::update_many()
            .col_expr(event::Column::SentAt, Expr::value(crate::now()))
            .filter(event::Column::Position.is_in(positions))
            .exec(&self.db)
            .await?;
        Ok(())
    }

    async fn release(&self) -> Result<(), Error> {
        lease::Entity::update_many()
            .col_expr(lease::Column::ExpiresAt, Expr::value(contract::Time::UNIX_EPOCH))
            .filter(lease::Column::Holder.eq(&*self.holder))
            .exec(&self.db)
            .await?;
        Ok(())
    }
}

async fn lease_take(txn: &DatabaseTransaction, holder: &str) -> Result<bool, Error> {
    let now = crate::now();
    let taken = lease::Entity::update_many()
        .col_expr(lease::Column::Holder, Expr::value(holder))
        .col_expr(lease::Column::ExpiresAt, Expr::value(now + LEASE))
        .filter(Condition::any().add(lease::Column::Holder.eq(holder)).add(lease::Column::ExpiresAt.lt(now)))
        .exec(txn)
        .await?;
    Ok(taken.rows_affected == 1)
}

fn message(row: event::Model) -> Result<Message, Error> {
    let envelope = row.into_envelope()?;
    let body = to_json("event", &envelope)?.to_string();
    Ok(Message {
        id: envelope.id.to_string(),
        route: Route::Topic(envelope.event.kind().to_owned()),
        headers: super::headers(&envelope),
        body: Bytes::from(body),
    })
}
