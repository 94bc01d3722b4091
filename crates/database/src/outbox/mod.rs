//! The outbox: what a service tells the others, written in the transaction of the fact.
//!
//! A row gets its `seq` from the service's one relay, in the transaction that marks it ready to publish: counting
//! at the time of the fact would leave gaps where a transaction rolls back. Rows stay: [`page`] serves them to the
//! ledger, which must have every one. The names of people in them go after a while: [`forget_names`].

mod configuration;
mod entity;
mod names;
mod relay;
mod schema;

pub use configuration::tell_configuration;
pub use names::forget_names;
pub use relay::relay;
pub(crate) use schema::migrations;

use crate::Error;
use contract::{Actor, Envelope, Event, EventId, Time};
use entity::event;
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait as _, ConnectionTrait, DatabaseConnection, EntityTrait as _, PaginatorTrait as _,
    QueryFilter as _, QueryOrder as _, QuerySelect as _,
};
use std::cell::Cell;
use std::collections::BTreeMap;
use std::future::Future;
use tokio::sync::Notify;

/// The most rows that [`page`] gives at once.
pub const PAGE_ROWS_MAX: u64 = 1_000;

/// A fact to tell.
#[derive(Debug, Clone)]
pub struct NewEvent {
    /// Its id: the same for a command that is repeated.
    pub id: EventId,
    /// When it became true, by the service's clock.
    pub occurred_at: Time,
    /// Who caused it.
    pub actor: Actor,
    /// The id of what it is about.
    pub subject: String,
    /// The event or request that led here.
    pub causation: Option<String>,
    /// W3C `traceparent` of the work that caused it.
    pub trace: Option<String>,
    /// The fact.
    pub event: Event,
}

/// Writes an event in the transaction of its fact; the relay publishes it after the commit.
pub async fn append(txn: &impl ConnectionTrait, new: NewEvent) -> Result<(), Error> {
    let row = event::ActiveModel {
        position: NotSet,
        id: Set(new.id.as_str().to_owned()),
        service: Set(None),
        seq: Set(None),
        version: Set(1),
        kind: Set(new.event.kind().to_owned()),
        occurred_at: Set(new.occurred_at),
        actor: Set(to_json("actor", &new.actor)?),
        subject: Set(new.subject),
        causation: Set(new.causation),
        trace: Set(new.trace),
        event: Set(to_json("event", &new.event)?),
        sent_at: Set(None),
    };
    event::Entity::insert(row).exec_without_returning(txn).await?;
    // Outside of `transaction` nobody watches; the relay then finds the row at its next look.
    let _ = APPENDED.try_with(|appended| appended.set(true));
    Ok(())
}

/// Events after `after_seq` in order, whether or not they have been published.
pub async fn page(db: &DatabaseConnection, after_seq: i64, limit: u64) -> Result<Vec<Envelope>, Error> {
    let rows = event::Entity::find()
        .filter(event::Column::Seq.gt(after_seq))
        .order_by_asc(event::Column::Seq)
        .limit(limit.min(PAGE_ROWS_MAX))
        .all(db)
        .await?;
    rows.into_iter().map(event::Model::into_envelope).collect()
}

/// The newest event of a kind, numbered or not.
async fn newest(db: &DatabaseConnection, kind: &str) -> Result<Option<Event>, Error> {
    let row = event::Entity::find()
        .filter(event::Column::Kind.eq(kind))
        .order_by_desc(event::Column::Position)
        .one(db)
        .await?;
    row.map(|row| serde_json::from_value(row.event).map_err(|source| Error::Stored { what: "event", source }))
        .transpose()
}

/// What stands beside an event on the bus: the trace it belongs to, where others look for it.
pub(crate) fn headers(envelope: &Envelope) -> BTreeMap<String, String> {
    envelope.trace.iter().map(|trace| ("traceparent".to_owned(), trace.clone())).collect()
}

/// What waits in an outbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backlog {
    /// Events that are not on the bus yet.
    pub events: u64,
    /// Since when the oldest of them is true, if there is one.
    pub oldest: Option<Time>,
}

/// What waits to be published.
pub async fn backlog(db: &DatabaseConnection) -> Result<Backlog, Error> {
    let unsent = || event::Entity::find().filter(event::Column::SentAt.is_null());
    let events = unsent().count(db).await?;
    let oldest = unsent().order_by_asc(event::Column::Position).one(db).await?;
    Ok(Backlog { events, oldest: oldest.map(|row| row.occurred_at) })
}

fn to_json(what: &'static str, value: &impl serde::Serialize) -> Result<serde_json::Value, Error> {
    serde_json::to_value(value).map_err(|source| Error::Stored { what, source })
}

tokio::task_local! {
    static APPENDED: Cell<bool>;
}

/// Rings when any service of this process has committed events.
static BELL: Notify = Notify::const_new();

/// Runs `work` and tells whether it appended an event.
pub(crate) async fn watch_appends<T>(work: impl Future<Output = T>) -> (T, bool) {
    let watched = async {
        let value = work.await;
        (value, APPENDED.with(Cell::get))
    };
    APPENDED.scope(Cell::new(false), watched).await
}

/// Wakes the relays of this process.
pub(crate) fn wake_relays() {
    BELL.notify_waiters();
}
