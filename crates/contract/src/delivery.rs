//! Delivery's HTTP contract: sends and what became of them.

use crate::{CaseId, Client, ClientError, SendId, Time, client::Batch};
use serde::{Deserialize, Serialize};

/// How far a send is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SendState {
    /// Waits for its turn or for the next attempt.
    Queued,
    /// Objects are on their way.
    Sending,
    /// Every object is confirmed at the destination.
    Delivered,
    /// A check said no: nothing leaves until it says yes.
    Held,
}

/// The delivery of one release to one destination.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Send {
    /// The send.
    pub id: SendId,
    /// The case.
    pub case: CaseId,
    /// AE title and address of the destination.
    pub destination: String,
    /// How far it is.
    pub state: SendState,
    /// Objects in all.
    pub objects: u32,
    /// Objects that the destination has taken.
    pub objects_stored: u32,
    /// Attempts so far.
    pub attempts: u32,
    /// When the next attempt is due.
    pub next_attempt_at: Option<Time>,
    /// What went wrong last, in words.
    pub last_error: Option<String>,
    /// Objects to whose last attempt the destination answered with anything but plain success.
    #[serde(default)]
    pub remarks: Vec<Remark>,
    /// When it was queued.
    pub queued_at: Time,
    /// When it was delivered.
    pub delivered_at: Option<Time>,
}

/// What a destination said about one object besides plain success.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remark {
    /// (0008,0018).
    pub sop_instance_uid: String,
    /// What the object is: `image`, `uncertainty`, `report`, …
    pub role: String,
    /// (0000,0900).
    pub status: u16,
    /// (0000,0902).
    pub comment: String,
    /// Whether it is stored all the same: then the status is a warning.
    pub stored: bool,
}

/// Typed client.
#[derive(Clone)]
pub struct Delivery(pub Client);

impl Delivery {
    /// Sends of the given cases.
    pub async fn sends_of_cases(&self, ids: Vec<CaseId>) -> Result<Vec<Send>, ClientError> {
        self.0.post("/v1/sends/by-case", &Batch { ids }).await
    }
}
