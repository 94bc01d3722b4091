//! Deliveries.

use async_graphql::{Enum, ID, SimpleObject};
use chrono::{DateTime, Utc};
use contract::delivery;

#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "delivery::SendState")]
pub(crate) enum SendState {
    Queued,
    Sending,
    Delivered,
    Held,
}

#[derive(SimpleObject)]
pub(crate) struct Send {
    id: ID,
    destination: String,
    state: SendState,
    objects: u32,
    objects_stored: u32,
    attempts: u32,
    next_attempt_at: Option<DateTime<Utc>>,
    last_error: Option<String>,
    /// What the destination said about single objects besides plain success.
    remarks: Vec<SendRemark>,
    queued_at: DateTime<Utc>,
    delivered_at: Option<DateTime<Utc>>,
}

/// A status of a destination for one object.
#[derive(SimpleObject)]
pub(crate) struct SendRemark {
    sop_instance_uid: String,
    role: String,
    /// As DICOM writes it: four hexadecimal digits.
    status: String,
    comment: String,
    /// Whether the object is stored all the same: then the status is a warning.
    stored: bool,
}

impl From<delivery::Remark> for SendRemark {
    fn from(remark: delivery::Remark) -> Self {
        Self {
            sop_instance_uid: remark.sop_instance_uid,
            role: remark.role,
            status: format!("{:04X}", remark.status),
            comment: remark.comment,
            stored: remark.stored,
        }
    }
}

impl From<delivery::Send> for Send {
    fn from(send: delivery::Send) -> Self {
        Self {
            id: send.id.to_string().into(),
            destination: send.destination,
            state: send.state.into(),
            objects: send.objects,
            objects_stored: send.objects_stored,
            attempts: send.attempts,
            next_attempt_at: send.next_attempt_at,
            last_error: send.last_error,
            remarks: send.remarks.into_iter().map(SendRemark::from).collect(),
            queued_at: send.queued_at,
            delivered_at: send.delivered_at,
        }
    }
}
