//! A person ends entries of the quarantine: their objects go through admission once more, as they are or corrected, or
//! they are discarded.

use crate::admit::{Admitter, Announced, RACES_MAX, Readable, look_at};
use crate::commit::{self, Candidate, Readmission, Readmitted};
use crate::error::Error;
use crate::remedy::{self, Act};
use crate::settle::words;
use crate::store::{self, Ending, Entry, Origin, StoredFile};
use bytes::Bytes;
use contract::intake::{Attribute, Discard, QuarantineOutcome, Readmit, StillRefused};
use contract::{Digest, QuarantineId, Refusal, SeriesId, Time};
use dicom_io::correct::{self, Provenance};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// An act ends after so long, and goes on when it is asked for once more: the person shouldn't wait without a word.
const ACT_TIME_MAX: Duration = Duration::from_secs(10);

/// What became of one entry.
enum Ended {
    /// It ended; the series that has a new instance.
    Now(Option<SeriesId>),
    /// It had ended before.
    Before,
    /// It waits as before.
    Refused(Refusal),
}

impl Admitter {
    /// Lets the objects of an entry, and of those that stand with it, go through admission once more.
    ///
    /// # Errors
    /// A refusal when the act can't help, or a correction can't be made.
    pub(crate) async fn readmit(
        &self,
        origin: Origin,
        entry: &QuarantineId,
        command: Readmit,
    ) -> Result<QuarantineOutcome, Error> {
        let words = words(&command.reason)?;
        let named = self.named(entry, Act::Readmit).await?;
        let (_, allowed) = remedy::fix(&named.waiting.reason_code, named.waiting.attribute.as_deref());
        remedy::check_corrections(allowed, &command.corrections).map_err(Error::Refused)?;
        let corrections = Arc::new(command.corrections);
        let mut ending = Tally::default();
        let mut series = Vec::new();
        for entry in self.beside(&named, command.received_until).await? {
            if ending.is_long() {
                ending.outcome.left += 1;
                continue;
            }
            let ended = self.readmit_one(&origin, &entry, (&corrections, &words)).await?;
            if let Ended::Now(Some(id)) = &ended
                && !series.contains(id)
            {
                series.push(id.clone());
            }
            ending.count(ended);
        }
        // Nothing more comes with these: whether the series is complete is looked at now.
        self.close(series).await?;
        Ok(ending.outcome)
    }

    /// Ends an entry, and those that stand with it, without taking anything in.
    ///
    /// # Errors
    /// A refusal when the object was taken meanwhile.
    pub(crate) async fn discard(
        &self,
        origin: Origin,
        entry: &QuarantineId,
        command: Discard,
    ) -> Result<QuarantineOutcome, Error> {
        let words = words(&command.reason)?;
        let named = self.named(entry, Act::Discard).await?;
        let mut ending = Tally::default();
        for entry in self.beside(&named, command.received_until).await? {
            if ending.is_long() {
                ending.outcome.left += 1;
                continue;
            }
            let (origin, words, id) = (origin.clone(), words.clone(), entry.waiting.id);
            let ended = database::transaction(&self.deps.db, |txn| {
                Box::pin(async move {
                    store::quarantine_end(txn, &origin, &id, (&Ending::Discarded, &words)).await
                })
            })
            .await?;
            ending.count(if ended { Ended::Now(None) } else { Ended::Before });
        }
        Ok(ending.outcome)
    }

    /// What a kept object says of the attributes that may be corrected; `None` when there is no such entry.
    ///
    /// # Errors
    /// When the database or the store doesn't answer.
    pub(crate) async fn as_sent(
        &self,
        entry: &QuarantineId,
    ) -> Result<Option<BTreeMap<Attribute, String>>, Error> {
        let Some(entry) = store::quarantine_entry(&self.deps.db, entry).await? else { return Ok(None) };
        let Some(file) = self.kept_bytes(entry.object).await? else { return Ok(Some(BTreeMap::new())) };
        let said = self.deps.cpu.run(move || correct::as_sent(&file)).await;
        Ok(Some(said.into_iter().collect()))
    }

    async fn named(&self, entry: &QuarantineId, act: Act) -> Result<Entry, Error> {
        let named = store::quarantine_entry(&self.deps.db, entry).await?;
        let named = named.ok_or_else(|| Error::Refused(Refusal::not_found()))?;
        let (fix, _) = remedy::fix(&named.waiting.reason_code, named.waiting.attribute.as_deref());
        remedy::decide(named.state, act, fix).map_err(Error::Refused)?;
        Ok(named)
    }

    async fn beside(&self, named: &Entry, until: Time) -> Result<Vec<Entry>, Error> {
        store::quarantine_beside(&self.deps.db, &named.waiting, until).await
    }

    /// The kept bytes; `None` when the store no longer has them whole.
    async fn kept_bytes(&self, object: Digest) -> Result<Option<Bytes>, Error> {
        match self.deps.dicom.get(&object).await {
            Err(objects::Error::Corrupt { .. }) => Ok(None),
            other => Ok(other?),
        }
    }

    async fn readmit_one(
        &self,
        origin: &Origin,
        entry: &Entry,
        (corrections, words): (&Arc<BTreeMap<Attribute, String>>, &str),
    ) -> Result<Ended, Error> {
        let Some(received) = self.kept_bytes(entry.object).await? else { return Ok(Ended::Refused(gone())) };
        let (kept, values) = (received.clone(), Arc::clone(corrections));
        let (sender, now) = (entry.waiting.sender.clone(), origin.now);
        let made =
            self.deps.cpu.run(move || made(&kept, &values, &Provenance { sender: &sender, now })).await;
        let Made { file, readable, original } = match made {
            Ok(made) => made,
            Err(unusable) => return Ok(Ended::Refused(unusable.refusal())),
        };
        let is_corrected = !corrections.is_empty();
        let object = if is_corrected { self.deps.dicom.put(file.clone()).await? } else { entry.object };
        let corrected = is_corrected.then(|| (object, corrections.keys().copied().collect()));
        let stored = |readable: &Readable, object, bytes: usize| StoredFile {
            object,
            digest: readable.digest,
            transfer_syntax_uid: readable.transfer_syntax_uid.clone(),
            bytes: bytes as u64,
            sender: entry.waiting.sender.clone(),
        };
        let candidate = Candidate {
            origin: origin.clone(),
            file: stored(&readable, object, file.len()),
            header: Arc::new(readable.header),
            compared: None,
        };
        let original = original.map(|readable| {
            let file = stored(&readable, entry.object, received.len());
            (Arc::new(readable.header), file)
        });
        let readmission = Readmission {
            entry: entry.waiting.id.clone(),
            ending: Ending::Readmitted { corrected },
            words: words.to_owned(),
            original,
        };
        self.save_readmitted(candidate, file, readmission).await
    }

    async fn save_readmitted(
        &self,
        mut candidate: Candidate,
        file: Bytes,
        readmission: Readmission,
    ) -> Result<Ended, Error> {
        let mut races = 0;
        loop {
            match commit::readmit(&self.deps.db, candidate.clone(), readmission.clone()).await {
                Ok(Readmitted::Taken(series)) => return Ok(Ended::Now(series)),
                Ok(Readmitted::Refused(refusal)) => return Ok(Ended::Refused(refusal)),
                Ok(Readmitted::Over) => return Ok(Ended::Before),
                Ok(Readmitted::Compare(stored)) => {
                    candidate.compared = Some(self.compare(stored, file.clone()).await?);
                }
                Err(error) if error.lost_a_race() && races < RACES_MAX => races += 1,
                Err(error) => return Err(error),
            }
        }
    }
}

/// A kept object as it goes through admission.
struct Made {
    file: Bytes,
    readable: Readable,
    /// As it came, when it was corrected and could be read.
    original: Option<Readable>,
}

fn made(
    received: &Bytes,
    corrections: &BTreeMap<Attribute, String>,
    provenance: &Provenance<'_>,
) -> Result<Made, dicom_io::Unusable> {
    let announced = Announced::default();
    if corrections.is_empty() {
        return Ok(Made { file: received.clone(), readable: look_at(received, &announced)?, original: None });
    }
    let file = Bytes::from(correct::correct(received, corrections, *provenance)?);
    let readable = look_at(&file, &announced)?;
    Ok(Made { readable, file, original: look_at(received, &announced).ok() })
}

fn gone() -> Refusal {
    Refusal::new(
        "kept_bytes_gone",
        "the store no longer has the kept bytes whole",
        "bring them back from a backup, or have the sender send the object again and discard this entry",
    )
}

/// What came of an act so far.
struct Tally {
    outcome: QuarantineOutcome,
    started: Instant,
}

impl Default for Tally {
    fn default() -> Self {
        Self { outcome: QuarantineOutcome::default(), started: Instant::now() }
    }
}

impl Tally {
    fn is_long(&self) -> bool {
        self.started.elapsed() >= ACT_TIME_MAX
    }

    fn count(&mut self, ended: Ended) {
        let refusal = match ended {
            Ended::Now(_) => {
                self.outcome.ended += 1;
                return;
            }
            Ended::Before => return,
            Ended::Refused(refusal) => refusal,
        };
        let refused = &mut self.outcome.still_refused;
        match refused.iter_mut().find(|known| known.refusal == refusal) {
            Some(known) => known.entries += 1,
            None => refused.push(StillRefused { refusal, entries: 1 }),
        }
    }
}
