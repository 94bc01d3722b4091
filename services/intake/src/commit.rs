//! Saves what came in at the same time in one transaction: a commit costs the disk the same for one object as for many.

use crate::admit::Outcome;
use crate::error::Error;
use crate::store::{self, Ending, Kept, Origin, Receiving, StoredFile};
use crate::workflow::{Admission, Compared, Dispute, InstanceStanding, Standing, decide_admission};
use contract::{Event, QuarantineId, Refusal, SeriesId};
use database::{DatabaseConnection, DatabaseTransaction};
use dicom_io::scan::Header;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};
use tokio::sync::oneshot::{self, error::TryRecvError};

/// The most objects of one transaction: the first of them shouldn't wait long for the last.
const TOGETHER_MAX: usize = 32;
/// Series that are kept in mind.
const SEEN_MAX: usize = 256;

/// An object whose bytes are durable, to be decided about and saved.
#[derive(Clone)]
pub(crate) struct Candidate {
    /// Who sent it, and when it came.
    pub(crate) origin: Origin,
    /// What it says of itself.
    pub(crate) header: Arc<Header>,
    /// Where its bytes are.
    pub(crate) file: StoredFile,
    /// How it compares with what stands under its UID, once that was found out.
    pub(crate) compared: Option<Compared>,
}

/// What came of saving an object.
#[derive(Debug, Clone)]
pub(crate) enum Saved {
    /// It is stored or kept.
    Settled(Outcome),
    /// Nothing is saved: it has to be compared with this instance first.
    Compare(InstanceStanding),
}

impl Candidate {
    /// (0020,000E).
    fn series(&self) -> &str {
        &self.header.series_instance_uid
    }
}

struct Waiting {
    candidate: Candidate,
    saved: oneshot::Sender<Result<Saved, Error>>,
}

/// Objects on their way into the database.
#[derive(Default)]
pub(crate) struct Commits {
    waiting: Mutex<Vec<Waiting>>,
    /// Who has it saves all that wait; the others find themselves saved when their turn comes.
    turn: tokio::sync::Mutex<()>,
    /// Series that receive, as they were last seen, by Series Instance UID.
    seen: Mutex<HashMap<String, Receiving>>,
}

impl Commits {
    fn waiting(&self) -> MutexGuard<'_, Vec<Waiting>> {
        self.waiting.lock().expect("nothing panics while the lock is held")
    }

    fn seen(&self) -> MutexGuard<'_, HashMap<String, Receiving>> {
        self.seen.lock().expect("nothing panics while the lock is held")
    }

    /// Decides about an object and saves it, with all others that wait.
    ///
    /// # Errors
    /// Its own: one object that can't be saved doesn't keep the others from it.
    pub(crate) async fn save(&self, db: &DatabaseConnection, candidate: Candidate) -> Result<Saved, Error> {
        loop {
            let (saved, mut outcome) = oneshot::channel();
            self.waiting().push(Waiting { candidate: candidate.clone(), saved });
            let turn = self.turn.lock().await;
            match outcome.try_recv() {
                Ok(outcome) => return outcome,
                // Whoever was about to save it was called off: nothing of it is in the database.
                Err(TryRecvError::Closed) => continue,
                Err(TryRecvError::Empty) => {}
            }
            self.save_waiting(db).await;
            drop(turn);
            if let Ok(outcome) = outcome.try_recv() {
                return outcome;
            }
        }
    }

    async fn save_waiting(&self, db: &DatabaseConnection) {
        let mut waiting = std::mem::take(&mut *self.waiting());
        while !waiting.is_empty() {
            let rest = waiting.split_off(waiting.len().min(TOGETHER_MAX));
            self.save_together(db, waiting).await;
            waiting = rest;
        }
    }

    async fn save_together(&self, db: &DatabaseConnection, mut waiting: Vec<Waiting>) {
        // Rows are locked in the same order in every process, and objects of a series stand together.
        waiting.sort_by(|a, b| a.candidate.series().cmp(b.candidate.series()));
        let candidates: Vec<Candidate> = waiting.iter().map(|waiting| waiting.candidate.clone()).collect();
        let mut outcomes = self.extend(db, &candidates).await;
        if outcomes.is_none() && waiting.len() > 1 {
            outcomes = self.decide(db, candidates).await.ok();
        }
        if let Some(outcomes) = outcomes {
            for (waiting, outcome) in waiting.into_iter().zip(outcomes) {
                // Whoever waited for it may be gone; the object is saved all the same.
                let _ = waiting.saved.send(Ok(outcome));
            }
            return;
        }
        // One of them stands in the way of all: each for itself then.
        for waiting in waiting {
            let outcome = self.decide(db, vec![waiting.candidate]).await;
            let outcome = outcome.map(|mut outcomes| outcomes.pop().expect("one object has one outcome"));
            let _ = waiting.saved.send(outcome);
        }
    }

    /// Saves new objects of series that were seen receiving; `None`, and nothing done, when anything is other than it
    /// was seen.
    async fn extend(&self, db: &DatabaseConnection, candidates: &[Candidate]) -> Option<Vec<Saved>> {
        let groups = {
            let mut seen = self.seen();
            // Whatever happens, what was seen is seen anew.
            group(candidates, |series| seen.remove(series))?
        };
        let outcomes = groups.iter().flat_map(|(receiving, members)| {
            members.iter().map(|_| Saved::Settled(Outcome::Stored(receiving.series().clone())))
        });
        let outcomes = outcomes.collect();
        let written = groups.clone();
        let saved = database::transaction(db, |txn| {
            Box::pin(async move {
                for (receiving, members) in &written {
                    let rows: Vec<_> =
                        members.iter().map(|one| (&*one.header, &one.file, &one.origin)).collect();
                    store::receiving_extend(txn, receiving, &rows).await?;
                }
                Ok::<(), Error>(())
            })
        });
        saved.await.ok()?;
        let now_seen = groups
            .into_iter()
            .map(|(receiving, members)| (members[0].series().to_owned(), receiving.extended()));
        self.seen().extend(now_seen);
        Some(outcomes)
    }

    /// Decides about objects by what stands in the database, and saves them.
    async fn decide(&self, db: &DatabaseConnection, candidates: Vec<Candidate>) -> Result<Vec<Saved>, Error> {
        let (outcomes, receiving) = decide_and_save(db, candidates).await?;
        let mut seen = self.seen();
        if seen.len() + receiving.len() > SEEN_MAX {
            seen.clear();
        }
        seen.extend(receiving);
        Ok(outcomes)
    }
}

/// Puts objects together that extend the same series, if all are new objects which simply do.
fn group(
    candidates: &[Candidate],
    mut seen: impl FnMut(&str) -> Option<Receiving>,
) -> Option<Vec<(Receiving, Vec<Candidate>)>> {
    let mut groups: Vec<(Receiving, Vec<Candidate>)> = Vec::new();
    for members in candidates.chunk_by(|a, b| a.series() == b.series()) {
        let receiving = seen(members[0].series())?;
        let simply_extends = |candidate: &Candidate| {
            let standing = receiving.standing_of_new(&candidate.header)?;
            let admission = decide_admission(&candidate.header, candidate.file.digest, &standing, None);
            (admission == Admission::Store { former_source_set: None }).then_some(())
        };
        members.iter().try_for_each(simply_extends)?;
        groups.push((receiving, members.to_vec()));
    }
    Some(groups)
}

type Decided = (Vec<Saved>, Vec<(String, Receiving)>);

async fn decide_and_save(db: &DatabaseConnection, candidates: Vec<Candidate>) -> Result<Decided, Error> {
    database::transaction(db, |txn| {
        Box::pin(async move {
            let mut outcomes = Vec::with_capacity(candidates.len());
            for candidate in &candidates {
                outcomes.push(save(txn, candidate).await?);
            }
            let mut receiving = Vec::new();
            for (candidate, outcome) in candidates.iter().zip(&outcomes) {
                let last = receiving.last().map(|(series, _): &(String, Receiving)| &**series);
                let Saved::Settled(Outcome::Stored(id)) = outcome else { continue };
                if last == Some(candidate.series()) {
                    continue;
                }
                let loaded = store::receiving_load(txn, id).await?;
                receiving.extend(loaded.map(|loaded| (candidate.series().to_owned(), loaded)));
            }
            Ok((outcomes, receiving))
        })
    })
    .await
}

async fn save(txn: &DatabaseTransaction, candidate: &Candidate) -> Result<Saved, Error> {
    let Candidate { header, file, compared, .. } = candidate;
    let standing = store::standing_load_locked(txn, header).await?;
    let outcome = match decide_admission(header, file.digest, &standing, *compared) {
        Admission::Compare(stored) => return Ok(Saved::Compare(stored)),
        admission @ (Admission::Repeated | Admission::Store { .. }) => {
            take(txn, candidate, &standing, admission).await?
        }
        Admission::Quarantine { refusal, status, dispute } => {
            keep(txn, candidate, &refusal, dispute.as_ref()).await?;
            Outcome::Quarantined { refusal, status }
        }
    };
    Ok(Saved::Settled(outcome))
}

/// Stores an object, or finds it stored.
async fn take(
    txn: &DatabaseTransaction,
    candidate: &Candidate,
    standing: &Standing,
    admission: Admission,
) -> Result<Outcome, Error> {
    let Candidate { origin, header, file, .. } = candidate;
    let Admission::Store { former_source_set } = admission else {
        // Had the store lost the bytes, it has them again now.
        store::instance_found(txn, origin, &header.sop_instance_uid).await?;
        return Ok(Outcome::Repeated);
    };
    let series = store::instance_insert(txn, origin, header, file, standing).await?;
    if let Some(former_source_set) = former_source_set {
        let event = Event::SeriesChanged { series: series.clone(), former_source_set };
        store::tell(txn, origin, series.as_str(), event).await?;
    }
    Ok(Outcome::Stored(series))
}

/// Keeps an object for a person, and puts the identity of a study in question where it does.
async fn keep(
    txn: &DatabaseTransaction,
    candidate: &Candidate,
    refusal: &Refusal,
    dispute: Option<&Dispute>,
) -> Result<(), Error> {
    let Candidate { origin, header, file, .. } = candidate;
    let kept = Kept {
        object: file.object,
        bytes: file.bytes,
        sender: file.sender.clone(),
        refusal: refusal.clone(),
        attribute: None,
        belongs_to: header.study_instance_uid.clone(),
    };
    let disputed = match dispute {
        Some(Dispute::Correction(study)) => {
            // What a person has decided on waits for nobody.
            if !store::claim_open(txn, study, header, file, origin.now).await? {
                return Ok(());
            }
            store::quarantine_insert(txn, origin, &kept).await?;
            Some(study)
        }
        Some(Dispute::TwoPatients(study)) => {
            let is_new = store::quarantine_insert(txn, origin, &kept).await?;
            is_new.then_some(study)
        }
        None => {
            store::quarantine_insert(txn, origin, &kept).await?;
            None
        }
    };
    match disputed {
        Some(study) => store::study_dispute(txn, origin, study, &refusal.code).await,
        None => Ok(()),
    }
}

/// What ends an entry of the quarantine when its object is taken after all.
#[derive(Clone)]
pub(crate) struct Readmission {
    /// The entry.
    pub(crate) entry: QuarantineId,
    /// How it ends.
    pub(crate) ending: Ending,
    /// Why.
    pub(crate) words: String,
    /// The object as it came, when it can be read and a corrected copy takes its place.
    pub(crate) original: Option<(Arc<Header>, StoredFile)>,
}

/// What came of taking a kept object.
#[derive(Debug)]
pub(crate) enum Readmitted {
    /// It is stored now, or was already; the series, where it is new in it.
    Taken(Option<SeriesId>),
    /// Nothing is saved: it has to be compared with this instance first.
    Compare(InstanceStanding),
    /// It waits as before.
    Refused(Refusal),
    /// Somebody else has ended the entry.
    Over,
}

/// Decides about a kept object once more; what is taken ends its entry in the same transaction.
///
/// # Errors
/// When it can't be saved.
pub(crate) async fn readmit(
    db: &DatabaseConnection,
    candidate: Candidate,
    readmission: Readmission,
) -> Result<Readmitted, Error> {
    database::transaction(db, |txn| Box::pin(async move { readmit_in(txn, &candidate, &readmission).await }))
        .await
}

async fn readmit_in(
    txn: &DatabaseTransaction,
    candidate: &Candidate,
    readmission: &Readmission,
) -> Result<Readmitted, Error> {
    let Candidate { origin, header, file, compared } = candidate;
    let Readmission { entry, ending, words, original } = readmission;
    let standing = store::standing_load_locked(txn, header).await?;
    let admission = match decide_admission(header, file.digest, &standing, *compared) {
        Admission::Compare(stored) => return Ok(Readmitted::Compare(stored)),
        Admission::Quarantine { refusal, .. } => return Ok(Readmitted::Refused(refusal)),
        admission => admission,
    };
    if !store::quarantine_end(txn, origin, entry, (ending, words)).await? {
        return Ok(Readmitted::Over);
    }
    let Outcome::Stored(series) = take(txn, candidate, &standing, admission).await? else {
        return Ok(Readmitted::Taken(None));
    };
    if let Some((header, file)) = original {
        store::claim_correct(txn, origin, &series, (header, file)).await?;
    }
    Ok(Readmitted::Taken(Some(series)))
}
