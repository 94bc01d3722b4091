//! Delivery's HTTP contract: sends and what became of them.

use crate::{CaseId, Client, ClientError, RejectionNoteId, SendId, Time, client::Batch};
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

/// How far the recall of a release is at one destination.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RejectionNoteState {
    /// The note has not been stored there yet.
    Queued,
    /// The note is stored there; the destination is asked until it shows none of the objects any more.
    Following,
    /// Done.
    Closed,
}

/// Why a recall is done at a destination.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Closure {
    /// No object had been sent.
    NothingSent,
    /// The destination showed the objects, and shows none any more.
    Gone,
    /// A person answers for it.
    ByHand,
}

/// What one destination is told about a recalled release, and what it shows of the objects since (IHE RAD, IOCM).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RejectionNote {
    /// The note.
    pub id: RejectionNoteId,
    /// The case.
    pub case: CaseId,
    /// AE title and address of the destination.
    pub destination: String,
    /// How far it is.
    pub state: RejectionNoteState,
    /// Document title (CID 7011): 113037 for patient safety, 113001 for quality.
    pub title_code: String,
    /// Objects that the note names.
    pub objects: u32,
    /// How many of them the destination showed when it was last asked; `None` when it can't be asked.
    pub objects_shown: Option<u32>,
    /// Whether the destination ever showed one of them: only then does an empty answer prove anything.
    pub provable: bool,
    /// When it is looked at again.
    pub next_look_at: Option<Time>,
    /// What went wrong last, in words.
    pub last_error: Option<String>,
    /// When the release was recalled here.
    pub opened_at: Time,
    /// When the destination stored the note.
    pub sent_at: Option<Time>,
    /// When the destination was last asked.
    pub looked_at: Option<Time>,
    /// When it was closed.
    pub closed_at: Option<Time>,
    /// Why.
    pub closure: Option<Closure>,
    /// Who closed it by hand: the printed name.
    pub closed_by: Option<String>,
    /// What they wrote.
    pub closing_words: Option<String>,
}

/// What some cases came to at one destination.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DestinationTally {
    /// AE title and address.
    pub destination: String,
    /// Sends of the cases.
    pub sends: u32,
    /// Sends of which the destination has taken at least one object.
    pub with_objects: u32,
    /// Recalled there, and the rejection note is not stored yet.
    pub notes_queued: u32,
    /// The note is stored, and the objects have not been shown to be gone.
    pub notes_following: u32,
    /// The destination shows none of the objects any more.
    pub gone: u32,
    /// Nothing had been sent.
    pub nothing_sent: u32,
    /// A person answers for it.
    pub closed_by_hand: u32,
}

/// The most cases that one tally is made of.
pub const TALLY_CASES_MAX: usize = 2_000;

/// Closes a rejection note by hand.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CloseRejectionNote {
    /// How the objects were taken away there, or why they need not be.
    pub reason: String,
}

/// Typed client.
#[derive(Clone)]
pub struct Delivery(pub Client);

impl Delivery {
    /// Sends of the given cases.
    pub async fn sends_of_cases(&self, ids: Vec<CaseId>) -> Result<Vec<Send>, ClientError> {
        self.0.post("/v1/sends/by-case", &Batch { ids }).await
    }

    /// What destinations were told about the recall of the given cases.
    pub async fn rejection_notes_of_cases(
        &self,
        ids: Vec<CaseId>,
    ) -> Result<Vec<RejectionNote>, ClientError> {
        self.0.post("/v1/rejection-notes/by-case", &Batch { ids }).await
    }

    /// What the given cases, at most [`TALLY_CASES_MAX`], came to at each destination; by its name.
    pub async fn tally(&self, ids: Vec<CaseId>) -> Result<Vec<DestinationTally>, ClientError> {
        self.0.post("/v1/destinations/by-case", &Batch { ids }).await
    }

    /// Closes a rejection note by hand.
    pub async fn rejection_note_close(
        &self,
        id: &RejectionNoteId,
        command: &CloseRejectionNote,
    ) -> Result<RejectionNote, ClientError> {
        self.0.post(&format!("/v1/rejection-notes/{id}/close"), command).await
    }
}
