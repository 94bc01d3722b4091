//! A coordinator decides whose a study is: what stands is kept, or what came takes its place.

use crate::admit::{Admitter, Readable, look_at};
use crate::error::Error;
use crate::identity::{self, Claimed};
use crate::store::{self, Claim, Origin, StoredFile};
use contract::intake::{Identity, IdentityDecision};
use contract::{Refusal, StudyId};
use database::DatabaseTransaction;

/// The longest reason, characters.
const REASON_CHARS_MAX: usize = 500;

impl Admitter {
    /// Ends the question whose a study is. Nothing of the study is released or sent before.
    ///
    /// # Errors
    /// A refusal when there is no such question, or when what came can't take the place of what stands.
    pub(crate) async fn settle(
        &self,
        origin: Origin,
        study: &StudyId,
        decision: IdentityDecision,
        reason: &str,
    ) -> Result<(), Error> {
        let words = words(reason)?;
        let claims = match decision {
            IdentityDecision::Keep => Vec::new(),
            IdentityDecision::Take => self.read_claims(study).await?,
        };
        let study = study.clone();
        database::transaction(&self.deps.db, |txn| {
            Box::pin(async move {
                if decision == IdentityDecision::Take {
                    take(txn, &origin, (&study, &words), &claims).await?;
                }
                let changed = decision == IdentityDecision::Take;
                if store::study_settle(txn, &origin, &study, (changed, &words)).await? {
                    Ok(())
                } else {
                    Err(Error::Refused(not_disputed()))
                }
            })
        })
        .await
    }

    /// Reads the objects that came under another identity, one at a time.
    async fn read_claims(&self, study: &StudyId) -> Result<Vec<(Claim, Identity, StoredFile)>, Error> {
        let mut read = Vec::new();
        for claim in store::claims_open(&self.deps.db, study).await? {
            let file = self.deps.dicom.get(&claim.object).await?.ok_or(Error::ObjectGone(claim.object))?;
            let bytes = file.len() as u64;
            let readable =
                self.deps.cpu.run(move || look_at(&file, &crate::admit::Announced::default())).await;
            let Readable { header, digest, transfer_syntax_uid } =
                readable.map_err(|_| Error::Stored { what: "claimed object" })?;
            let file = StoredFile {
                object: claim.object,
                digest,
                transfer_syntax_uid,
                bytes,
                sender: String::new(),
            };
            read.push((claim, identity::of(&header), file));
        }
        Ok(read)
    }
}

/// Gives a reason without the space around it.
///
/// # Errors
/// A refusal when it is none.
pub(crate) fn words(reason: &str) -> Result<String, Error> {
    let words = reason.trim().to_owned();
    if (3..=REASON_CHARS_MAX).contains(&words.chars().count()) {
        Ok(words)
    } else {
        Err(Error::Refused(reason_missing()))
    }
}

async fn take(
    txn: &DatabaseTransaction,
    origin: &Origin,
    (study, words): (&StudyId, &str),
    read: &[(Claim, Identity, StoredFile)],
) -> Result<(), Error> {
    let open = store::claims_open(txn, study).await?;
    if !open.iter().eq(read.iter().map(|(claim, _, _)| claim)) {
        return Err(database::Error::Conflict { what: "the corrected objects" }.into());
    }
    let uid = store::disputed_study_uid(txn, study).await?.ok_or_else(|| Error::Refused(not_disputed()))?;
    let claimed: Vec<Claimed> = read
        .iter()
        .map(|(claim, identity, _)| Claimed {
            sop_instance_uid: claim.sop_instance_uid.clone(),
            is_retired: claim.is_retired,
            identity: identity.clone(),
        })
        .collect();
    let images = store::source_images(txn, study).await?;
    let identity = identity::agreed(&images, &claimed, &uid).map_err(Error::Refused)?;
    for (claim, _, file) in read {
        store::instance_replace(txn, origin, study, (&claim.sop_instance_uid, file, words)).await?;
    }
    store::study_rename(txn, study, &identity).await?;
    store::series_reopen(txn, origin, study).await
}

fn reason_missing() -> Refusal {
    Refusal::new(
        "reason_missing",
        format!("this needs a reason of 3 to {REASON_CHARS_MAX} characters"),
        "write in a few words why",
    )
}

fn not_disputed() -> Refusal {
    Refusal::new(
        "identity_not_disputed",
        "nothing stands against the identity of this study",
        "nothing has to be decided",
    )
}
