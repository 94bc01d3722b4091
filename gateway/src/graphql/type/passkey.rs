//! Keys with which the viewer may sign.

use crate::store;
use async_graphql::{ID, SimpleObject};
use chrono::{DateTime, Utc};

/// A key of the viewer's own. Its secret never leaves the device that holds it.
#[derive(SimpleObject)]
pub(crate) struct Passkey {
    id: ID,
    /// What its owner calls it.
    name: String,
    registered_at: DateTime<Utc>,
    last_used_at: Option<DateTime<Utc>>,
}

impl From<store::Passkey> for Passkey {
    fn from(passkey: store::Passkey) -> Self {
        let store::Passkey { id, name, registered_at, last_used_at, .. } = passkey;
        Self { id: id.to_string().into(), name, registered_at, last_used_at }
    }
}
