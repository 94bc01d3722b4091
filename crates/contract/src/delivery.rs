//! Delivery's HTTP contract: sends and what became of them.

use crate::{CaseId, Client, ClientError, DestinationId, RejectionNoteId, SendId, Time, client::Batch};
use serde::{Deserialize, Serialize};

mod teaching;

pub use teaching::*;

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
    /// Name of the destination.
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
    /// Name of the destination.
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
    /// Its name.
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

/// What may be sent to a destination.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DestinationKind {
    /// Where care is given: releases of the supervised and general stages only.
    Clinical,
    /// Where research is done: releases of the pilot stage too.
    Research,
}

/// Whether anything is sent to a destination.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DestinationState {
    /// Releases are sent there.
    InUse,
    /// Releases for it wait until it is in use again.
    Paused,
    /// New releases aren't meant for it any more; what waits for it stays held.
    Closed,
}

/// How a destination is reached and what it may have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DestinationTerms {
    /// AE title, at most 16 characters.
    pub ae_title: String,
    /// Name or address of the machine.
    pub host: String,
    /// Port.
    pub port: u16,
    /// What may be sent there.
    pub kind: DestinationKind,
    /// Whether anything is.
    pub state: DestinationState,
}

/// Where releases are sent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Destination {
    /// The destination.
    pub id: DestinationId,
    /// Its name, which never changes: sends and rejection notes are listed under it.
    pub name: String,
    /// What is in force.
    pub terms: DestinationTerms,
    /// Sends to it that are not delivered.
    pub waiting: u32,
    /// Rejection notes for it that are open.
    pub notes_open: u32,
    /// What was in force, newest first; the first is what is.
    pub versions: Vec<DestinationVersion>,
}

/// What was in force of a destination from some time on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DestinationVersion {
    /// From 1.
    pub version: u32,
    /// What was in force.
    pub terms: DestinationTerms,
    /// Since when.
    pub changed_at: Time,
    /// Who did it, as printed; `None` for the configuration.
    pub changed_by: Option<String>,
    /// Why.
    pub reason: String,
    /// What is otherwise than before, in words.
    pub difference: Vec<String>,
}

/// Names a new place to which releases are sent.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AddDestination {
    /// At most 64 characters.
    pub name: String,
    /// How it is reached.
    pub terms: DestinationTerms,
    /// Why.
    pub reason: String,
}

/// Puts another version of a destination in force.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ChangeDestination {
    /// The version that this was made of.
    pub follows: u32,
    /// What is to be in force.
    pub terms: DestinationTerms,
    /// Why.
    pub reason: String,
}

/// What a destination answered when it was called (C-ECHO, PS3.4 Annex A).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DestinationTest {
    /// Whether it let us in and answered with success.
    pub answered: bool,
    /// What it said, or what went wrong, in words.
    pub words: String,
    /// How long that took.
    pub milliseconds: u32,
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

    /// Every destination with its history, by name.
    pub async fn destinations(&self) -> Result<Vec<Destination>, ClientError> {
        self.0.get_one("/v1/destinations", &()).await
    }

    /// Adds a destination.
    pub async fn destination_add(&self, command: &AddDestination) -> Result<Destination, ClientError> {
        self.0.post("/v1/destinations", command).await
    }

    /// Changes a destination.
    pub async fn destination_change(
        &self,
        id: &DestinationId,
        command: &ChangeDestination,
    ) -> Result<Destination, ClientError> {
        self.0.post(&format!("/v1/destinations/{id}/change"), command).await
    }

    /// Calls a destination.
    pub async fn destination_test(&self, id: &DestinationId) -> Result<DestinationTest, ClientError> {
        self.0.post(&format!("/v1/destinations/{id}/test"), &()).await
    }
}
