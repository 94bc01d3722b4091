//! The tables of rollout: nothing else names them.

mod deployment;
mod model;
mod promotion;
mod routing;

pub use deployment::NewDeployment;
pub(crate) use deployment::{deployment_create, deployment_list, deployment_load};
pub(crate) use model::{model_list, model_register};
pub(crate) use promotion::{Approved, Change, Proposed, proposal_create, proposal_load, stage_change};
pub(crate) use routing::{Routed, routing_list, routing_save};

use crate::Error;
use contract::{Actor, Event, EventId, Time};
use database::outbox::NewEvent;
use platform::{Random, telemetry};
use sea_orm::DbErr;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// The name under which the inbox remembers events.
pub(crate) const CONSUMER: &str = "rollout";

impl From<DbErr> for Error {
    fn from(source: DbErr) -> Self {
        Self::Database(source.into())
    }
}

/// An event of rollout.
fn told(random: &Random, at: Time, actor: Actor, subject: &impl ToString, event: Event) -> NewEvent {
    NewEvent {
        id: random.with(EventId::random),
        occurred_at: at,
        actor,
        subject: subject.to_string(),
        causation: None,
        trace: telemetry::traceparent(),
        event,
    }
}

fn to_json(value: &impl Serialize) -> Value {
    serde_json::to_value(value).expect("what rollout stores is plain JSON")
}

fn from_json<T: DeserializeOwned>(what: &'static str, value: &Value) -> Result<T, Error> {
    T::deserialize(value).map_err(|_| Error::Stored { what, text: value.to_string() })
}

/// An id, a digest or a word of an enumeration from its column.
fn from_text<T: DeserializeOwned>(what: &'static str, text: String) -> Result<T, Error> {
    from_json(what, &Value::String(text))
}
