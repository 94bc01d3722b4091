//! One received object: durable, or in quarantine with a reason.
//!
//! The bytes go to the store and are synced, then the row and its event are committed, and only then does the sender
//! hear of success. What can't be used is kept the same way. Nothing is ever overwritten.

use crate::commit::{Candidate, Commits, Saved};
use crate::error::Error;
use crate::identity;
use crate::store::{self, Kept, Origin, StoredFile};
use crate::workflow::{Compared, InstanceStanding};
use crate::{Config, Deps, figures, remedy, space};
use bytes::Bytes;
use contract::{Actor, Digest, Event, Refusal, SeriesId};
use dicom_io::scan::Header;
use dicom_io::{Unusable, read, scan, tags};
use std::sync::Arc;
use std::time::Instant;

/// Up to this size an object is looked at where it is: a slice takes less than half a millisecond, and handing it to the
/// pool and back as long again.
const LOOKED_AT_HERE_BYTES: usize = 1 << 20;
/// How often a lost race is run again.
pub(crate) const RACES_MAX: u32 = 8;

/// Takes in objects from every door.
#[derive(Clone)]
pub struct Admitter {
    /// Configuration.
    pub(crate) config: Arc<Config>,
    /// What it works with.
    pub(crate) deps: Deps,
    commits: Arc<Commits>,
}

/// A received object.
#[derive(Debug, Clone)]
pub struct Received {
    /// The file, as it will be stored.
    pub file: Bytes,
    /// Calling AE title, or `STOW`, `IMPORT`.
    pub sender: String,
    /// Who sent it.
    pub actor: Actor,
    /// The request that brought it, if any.
    pub causation: Option<String>,
    /// What the sender said it is, where the protocol says it.
    pub announced: Announced,
}

/// What the sender said about an object.
#[derive(Debug, Clone, Default)]
pub struct Announced {
    /// SOP class.
    pub sop_class_uid: Option<String>,
    /// SOP instance.
    pub sop_instance_uid: Option<String>,
    /// Study.
    pub study_instance_uid: Option<String>,
}

/// What became of a received object.
#[derive(Debug, Clone)]
pub struct Admitted {
    /// (0008,0016), when it could be read.
    pub sop_class_uid: Option<String>,
    /// (0008,0018), when it could be read.
    pub sop_instance_uid: Option<String>,
    /// Where it is, or why it isn't stored.
    pub outcome: Outcome,
}

/// Where a received object is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Stored now, in this series.
    Stored(SeriesId),
    /// These very bytes were stored before.
    Repeated,
    /// In quarantine.
    Quarantined {
        /// Why, and what to do.
        refusal: Refusal,
        /// For the sender: C-STORE status or STOW-RS failure reason.
        status: u16,
    },
}

/// An object that passed the scan.
pub(crate) struct Readable {
    pub(crate) header: Header,
    pub(crate) digest: Digest,
    pub(crate) transfer_syntax_uid: String,
}

impl Admitter {
    /// A door of its own, for instance for an import at the command line.
    pub fn new(config: Arc<Config>, deps: Deps) -> Self {
        Self { config, deps, commits: Arc::default() }
    }

    /// Takes in one object.
    ///
    /// # Errors
    /// When it could be neither stored nor kept: then the sender still has it and may try again.
    pub async fn admit(&self, received: Received) -> Result<Admitted, Error> {
        let (actor, started) = (received.actor.clone(), Instant::now());
        let admitted = self.keep(received).await;
        let outcome = admitted.as_ref().ok().map(|admitted| &admitted.outcome);
        figures::admitted(&actor, outcome, started.elapsed());
        admitted
    }

    async fn keep(&self, received: Received) -> Result<Admitted, Error> {
        space::check(&self.config)?;
        let (file, announced) = (received.file.clone(), received.announced.clone());
        let looked_at = async move {
            if file.len() <= LOOKED_AT_HERE_BYTES {
                return look_at(&file, &announced);
            }
            self.deps.cpu.run(move || look_at(&file, &announced)).await
        };
        // The one waits for the disk, the other keeps a processor busy meanwhile.
        let (object, looked_at) = tokio::join!(self.deps.dicom.put(received.file.clone()), looked_at);
        let object = object?;
        fail::fail_point!("intake.after_rename");
        let admitted = match looked_at {
            Ok(readable) => self.decide(&received, object, readable).await?,
            Err(unusable) => {
                let refusal = unusable.refusal();
                self.quarantine(&received, object, &unusable).await?;
                let outcome = Outcome::Quarantined { refusal, status: unusable.status() };
                let Announced { sop_class_uid, sop_instance_uid, .. } = received.announced;
                Admitted { sop_class_uid, sop_instance_uid, outcome }
            }
        };
        fail::fail_point!("intake.after_commit");
        if let Outcome::Quarantined { refusal, .. } = &admitted.outcome {
            tracing::warn!(
                event = "instance.quarantined",
                reason = refusal.code,
                "an object can't be used; it is kept for a person"
            );
        }
        Ok(admitted)
    }

    fn origin(&self, received: &Received) -> Origin {
        Origin {
            actor: received.actor.clone(),
            now: self.deps.clock.now(),
            causation: received.causation.clone(),
            random: self.deps.random.clone(),
        }
    }

    async fn quarantine(
        &self,
        received: &Received,
        object: Digest,
        unusable: &Unusable,
    ) -> Result<(), Error> {
        let file = received.file.clone();
        let belongs_to = self.deps.cpu.run(move || scan::belongs_to(&file)).await;
        let refusal = unusable.refusal();
        let attribute = unusable.attribute().map(|tag| tag.to_string());
        let belongs_to =
            belongs_to.unwrap_or_else(|| remedy::alone(&refusal.code, attribute.as_deref(), object));
        let kept = Kept {
            object,
            bytes: received.file.len() as u64,
            sender: received.sender.clone(),
            refusal,
            attribute,
            belongs_to,
        };
        let origin = self.origin(received);
        database::transaction(&self.deps.db, |txn| {
            Box::pin(async move { store::quarantine_insert(txn, &origin, &kept).await.map(drop) })
        })
        .await
    }

    /// Decides and saves; when somebody else stored first, on what stands there now.
    async fn decide(
        &self,
        received: &Received,
        object: Digest,
        readable: Readable,
    ) -> Result<Admitted, Error> {
        let Readable { header, digest, transfer_syntax_uid } = readable;
        let mut candidate = Candidate {
            origin: self.origin(received),
            header: Arc::new(header),
            file: StoredFile {
                object,
                digest,
                transfer_syntax_uid,
                bytes: received.file.len() as u64,
                sender: received.sender.clone(),
            },
            compared: None,
        };
        let mut races = 0;
        let outcome = loop {
            match self.commits.save(&self.deps.db, candidate.clone()).await {
                Ok(Saved::Settled(outcome)) => break outcome,
                Ok(Saved::Compare(stored)) => {
                    candidate.compared = Some(self.compare(stored, received.file.clone()).await?);
                }
                Err(error) if error.lost_a_race() && races < RACES_MAX => races += 1,
                Err(error) => return Err(error),
            }
        };
        Ok(Admitted {
            sop_class_uid: Some(candidate.header.sop_class_uid.clone()),
            sop_instance_uid: Some(candidate.header.sop_instance_uid.clone()),
            outcome,
        })
    }

    /// Finds out whether a received file is the image of a stored instance under another identity. A stored file that is
    /// gone can't be compared, and what came is then kept as any other bytes are.
    pub(crate) async fn compare(&self, stored: InstanceStanding, received: Bytes) -> Result<Compared, Error> {
        let with = stored.digest;
        let Some(file) = self.deps.dicom.get(&stored.object).await? else {
            return Ok(Compared { with, is_correction: false });
        };
        let is_correction = self
            .deps
            .cpu
            .run(move || {
                let parts = (read::split(&file).ok()?, read::split(&received).ok()?);
                let stored = scan::scan(&file[parts.0.dataset_at..], &parts.0.transfer_syntax_uid).ok()?;
                let came = scan::scan(&received[parts.1.dataset_at..], &parts.1.transfer_syntax_uid).ok()?;
                Some(identity::is_correction(&stored, &came))
            })
            .await;
        Ok(Compared { with, is_correction: is_correction == Some(true) })
    }

    /// Notes that the association or request which brought these series is over.
    ///
    /// # Errors
    /// When the database doesn't take it; the quiet time finds the series then.
    pub async fn close(&self, series: Vec<SeriesId>) -> Result<(), Error> {
        if series.is_empty() {
            return Ok(());
        }
        database::transaction(&self.deps.db, |txn| {
            Box::pin(async move { store::series_close(txn, &series).await })
        })
        .await
    }

    /// Tells that a DICOM sender was not let in.
    ///
    /// # Errors
    /// When the database doesn't take it.
    pub(crate) async fn association_refused(&self, actor: Actor, reason: &'static str) -> Result<(), Error> {
        let origin =
            Origin { actor, now: self.deps.clock.now(), causation: None, random: self.deps.random.clone() };
        database::transaction(&self.deps.db, |txn| {
            Box::pin(async move {
                let event = Event::AssociationRefused { reason_code: reason.to_owned() };
                store::tell(txn, &origin, SUBJECT, event).await
            })
        })
        .await
    }
}

/// What an entry is about that is about no study.
const SUBJECT: &str = "dicom";

/// Scans a file and compares it with what was announced.
pub(crate) fn look_at(file: &[u8], announced: &Announced) -> Result<Readable, Unusable> {
    let part10 = read::split(file)?;
    let dataset = &file[part10.dataset_at..];
    let header = scan::scan(dataset, &part10.transfer_syntax_uid)?.header;
    for (announced, found, tag) in [
        (&announced.sop_class_uid, &header.sop_class_uid, tags::SOP_CLASS_UID),
        (&announced.sop_instance_uid, &header.sop_instance_uid, tags::SOP_INSTANCE_UID),
        (&announced.study_instance_uid, &header.study_instance_uid, tags::STUDY_INSTANCE_UID),
    ] {
        if announced.as_ref().is_some_and(|announced| announced != found) {
            return Err(Unusable::Mismatch(tag));
        }
    }
    Ok(Readable { header, digest: Digest::of(dataset), transfer_syntax_uid: part10.transfer_syntax_uid })
}
