//! Objects that came under another identity, and the decision on them.

use super::{Ending, Origin, StoredFile, quarantine_end_of_object, row, tell};
use crate::entity::{identity_claim, identity_decision, instance, series, study};
use crate::error::Error;
use crate::identity;
use contract::intake::{ClaimedIdentity, Identity};
use contract::{Digest, Event, SeriesId, StudyId, Time};
use database::DatabaseTransaction;
use dicom_io::scan::Header;
use platform::telemetry;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait as _, OnConflict};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, PaginatorTrait as _, QueryFilter as _,
    QueryOrder as _, QuerySelect as _,
};
use std::collections::{BTreeMap, BTreeSet};

const KEPT: &str = "kept";
const TAKEN: &str = "taken";
/// Why an object that came under another identity is kept.
const CORRECTED: [&str; 1] = ["identity_corrected"];

/// An object that waits for a decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Claim {
    /// (0008,0018).
    pub(crate) sop_instance_uid: String,
    /// Key in the `dicom` store.
    pub(crate) object: Digest,
    /// Whether these very bytes were stored before, and retired.
    pub(crate) is_retired: bool,
}

/// Remembers an object that came under another identity; says whether a person has to decide on it. What a person
/// kept out stays out; what was retired and comes again is a new question.
pub(crate) async fn claim_open(
    txn: &DatabaseTransaction,
    study: &StudyId,
    header: &Header,
    file: &StoredFile,
    now: Time,
) -> Result<bool, Error> {
    let new = identity_claim::ActiveModel {
        object: Set(file.object.to_string()),
        study: Set(study.to_string()),
        sop_instance_uid: Set(header.sop_instance_uid.clone()),
        digest: Set(file.digest.to_string()),
        received_at: Set(now),
        decided: Set(None),
        decided_at: Set(None),
        decided_by: Set(None),
        retired_at: Set(None),
        identity: Set(Some(json(&identity::of(header)))),
    };
    let inserted = identity_claim::Entity::insert(new)
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .exec_without_returning(txn)
        .await?;
    if inserted == 1 {
        return Ok(true);
    }
    let reopened = identity_claim::Entity::update_many()
        .col_expr(identity_claim::Column::Decided, Expr::value(None::<String>))
        .col_expr(identity_claim::Column::ReceivedAt, Expr::value(now))
        .filter(identity_claim::Column::Object.eq(file.object.to_string()))
        .filter(identity_claim::Column::Decided.eq(TAKEN))
        .exec(txn)
        .await?;
    Ok(reopened.rows_affected == 1)
}

/// Objects of a study that wait for a decision, the newest of each instance.
pub(crate) async fn claims_open(db: &impl ConnectionTrait, study: &StudyId) -> Result<Vec<Claim>, Error> {
    let rows = identity_claim::Entity::find()
        .filter(identity_claim::Column::Study.eq(study.as_str()))
        .filter(identity_claim::Column::Decided.is_null())
        .order_by_asc(identity_claim::Column::SopInstanceUid)
        .order_by_desc(identity_claim::Column::ReceivedAt)
        .all(db)
        .await?;
    let mut claims: Vec<Claim> = Vec::new();
    for row in rows {
        if claims.last().is_some_and(|claim| claim.sop_instance_uid == row.sop_instance_uid) {
            continue;
        }
        let retired = identity_claim::Entity::find()
            .filter(identity_claim::Column::Digest.eq(&row.digest))
            .filter(identity_claim::Column::RetiredAt.is_not_null());
        claims.push(Claim {
            object: row::parse("object", &row.object)?,
            is_retired: retired.count(db).await? > 0,
            sop_instance_uid: row.sop_instance_uid,
        });
    }
    Ok(claims)
}

/// The identities under which images of a study came once more and wait for a decision, the most frequent first.
pub(crate) async fn claimed_identities(
    db: &impl ConnectionTrait,
    study: &StudyId,
) -> Result<Vec<ClaimedIdentity>, Error> {
    let rows = identity_claim::Entity::find()
        .filter(identity_claim::Column::Study.eq(study.as_str()))
        .filter(identity_claim::Column::Decided.is_null())
        .filter(identity_claim::Column::Identity.is_not_null())
        .all(db)
        .await?;
    let images_of_study = source_images(db, study).await?.len() as u32;
    let mut images: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for row in rows {
        images.entry(row.identity.unwrap_or_default()).or_default().insert(row.sop_instance_uid);
    }
    let claimed = images.into_iter().map(|(text, uids)| {
        let identity: Identity =
            serde_json::from_str(&text).map_err(|_| Error::Stored { what: "claimed identity" })?;
        Ok(ClaimedIdentity { identity, images: uids.len() as u32, images_of_study })
    });
    let mut claimed = claimed.collect::<Result<Vec<_>, Error>>()?;
    claimed.sort_by_key(|claimed| std::cmp::Reverse(claimed.images));
    Ok(claimed)
}

fn json(identity: &Identity) -> String {
    serde_json::to_string(identity).expect("an identity is texts, which JSON can hold")
}

/// SOP Instance UIDs of the images of a study that one of our programs did not make.
pub(crate) async fn source_images(
    db: &impl ConnectionTrait,
    study: &StudyId,
) -> Result<BTreeSet<String>, Error> {
    let series = series::Entity::find()
        .filter(series::Column::Study.eq(study.as_str()))
        .filter(series::Column::Ours.eq(false))
        .select_only()
        .column(series::Column::Id)
        .into_tuple::<String>()
        .all(db)
        .await?;
    let uids = instance::Entity::find()
        .filter(instance::Column::Series.is_in(series))
        .filter(instance::Column::Image.is_not_null())
        .select_only()
        .column(instance::Column::SopInstanceUid)
        .into_tuple::<String>()
        .all(db)
        .await?;
    Ok(uids.into_iter().collect())
}

/// Notes that the identity of a study is in question, and tells about it when it was not before.
pub(crate) async fn study_dispute(
    txn: &DatabaseTransaction,
    origin: &Origin,
    study: &StudyId,
    reason_code: &str,
) -> Result<(), Error> {
    let disputed = study::Entity::update_many()
        .col_expr(study::Column::IdentityDisputed, Expr::value(true))
        .filter(study::Column::Id.eq(study.as_str()))
        .filter(study::Column::IdentityDisputed.eq(false))
        .exec(txn)
        .await?;
    if disputed.rows_affected == 0 {
        return Ok(());
    }
    let event = Event::StudyDisputed { study: study.clone(), reason_code: reason_code.to_owned() };
    tell(txn, origin, study.as_str(), event).await
}

/// Ends the question whose a study is. `false` when there was none.
pub(crate) async fn study_settle(
    txn: &DatabaseTransaction,
    origin: &Origin,
    study: &StudyId,
    (changed, words): (bool, &str),
) -> Result<bool, Error> {
    let settled = study::Entity::update_many()
        .col_expr(study::Column::IdentityDisputed, Expr::value(false))
        .filter(study::Column::Id.eq(study.as_str()))
        .filter(study::Column::IdentityDisputed.eq(true))
        .exec(txn)
        .await?;
    if settled.rows_affected == 0 {
        return Ok(false);
    }
    let decided = if changed { TAKEN } else { KEPT };
    end_entries(txn, origin, study, words).await?;
    let by = origin.actor.user().map(ToString::to_string);
    let decision = identity_decision::ActiveModel {
        study: Set(study.to_string()),
        decided_at: Set(origin.now),
        decided_by: Set(by.clone().unwrap_or_default()),
        decision: Set(decided.to_owned()),
        reason: Set(words.to_owned()),
    };
    identity_decision::Entity::insert(decision).exec_without_returning(txn).await?;
    identity_claim::Entity::update_many()
        .col_expr(identity_claim::Column::Decided, Expr::value(decided))
        .col_expr(identity_claim::Column::DecidedAt, Expr::value(origin.now))
        .col_expr(identity_claim::Column::DecidedBy, Expr::value(by))
        .filter(identity_claim::Column::Study.eq(study.as_str()))
        .filter(identity_claim::Column::Decided.is_null())
        .exec(txn)
        .await?;
    let reason = Digest::of(words.as_bytes());
    let event = Event::StudySettled { study: study.clone(), changed, reason };
    tell(txn, origin, study.as_str(), event).await?;
    Ok(true)
}

/// Nothing of a study waits in quarantine for a decision that has been made. What was taken has ended already.
async fn end_entries(
    txn: &DatabaseTransaction,
    origin: &Origin,
    study: &StudyId,
    words: &str,
) -> Result<(), Error> {
    let open = identity_claim::Entity::find()
        .filter(identity_claim::Column::Study.eq(study.as_str()))
        .filter(identity_claim::Column::Decided.is_null())
        .order_by_asc(identity_claim::Column::Object)
        .all(txn)
        .await?;
    for claim in open {
        let of = (row::parse("object", &claim.object)?, &CORRECTED[..]);
        quarantine_end_of_object(txn, origin, of, (&Ending::Discarded, words)).await?;
    }
    Ok(())
}

/// Remembers that a person had the received object corrected into the stored instance: when it comes again as it was, it
/// raises no question.
pub(crate) async fn claim_correct(
    txn: &DatabaseTransaction,
    origin: &Origin,
    series: &SeriesId,
    (header, file): (&Header, &StoredFile),
) -> Result<(), Error> {
    let series = series::Entity::find_by_id(series.as_str()).one(txn).await?;
    let series = series.ok_or(Error::Stored { what: "series of a corrected object" })?;
    let decided = identity_claim::ActiveModel {
        object: Set(file.object.to_string()),
        study: Set(series.study),
        sop_instance_uid: Set(header.sop_instance_uid.clone()),
        digest: Set(file.digest.to_string()),
        received_at: Set(origin.now),
        decided: Set(Some(KEPT.to_owned())),
        decided_at: Set(Some(origin.now)),
        decided_by: Set(origin.actor.user().map(ToString::to_string)),
        retired_at: Set(None),
        identity: Set(Some(json(&identity::of(header)))),
    };
    identity_claim::Entity::insert(decided)
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .exec_without_returning(txn)
        .await?;
    Ok(())
}

/// Gives a study another identity.
pub(crate) async fn study_rename(
    txn: &DatabaseTransaction,
    id: &StudyId,
    identity: &Identity,
) -> Result<(), Error> {
    let renamed = study::ActiveModel {
        patient_name: Set(identity.patient.name.clone()),
        patient_id: Set(identity.patient.id.clone()),
        patient_issuer: Set(identity.patient.issuer.clone()),
        patient_birth_date: Set(identity.patient.birth_date.clone()),
        patient_sex: Set(identity.patient.sex.clone()),
        study_date: Set(identity.study_date.clone()),
        study_time: Set(identity.study_time.clone()),
        accession_number: Set(identity.accession_number.clone()),
        study_description: Set(identity.study_description.clone()),
        ..<study::ActiveModel as sea_orm::ActiveModelTrait>::default()
    };
    let of = study::Column::Id.eq(id.as_str());
    study::Entity::update_many().set(renamed).filter(of).exec(txn).await?;
    Ok(())
}

/// Lets an object take the place of the stored one of the same instance, which is remembered as retired.
pub(crate) async fn instance_replace(
    txn: &DatabaseTransaction,
    origin: &Origin,
    study: &StudyId,
    (uid, file, words): (&str, &StoredFile, &str),
) -> Result<(), Error> {
    let of = (file.object, &CORRECTED[..]);
    let ending = Ending::Readmitted { corrected: None };
    quarantine_end_of_object(txn, origin, of, (&ending, words)).await?;
    let stored = instance::Entity::find_by_id(uid).one(txn).await?;
    let stored = stored.ok_or(Error::Stored { what: "instance of a claim" })?;
    let retired = identity_claim::ActiveModel {
        object: Set(stored.object),
        study: Set(study.to_string()),
        sop_instance_uid: Set(uid.to_owned()),
        digest: Set(stored.digest),
        received_at: Set(stored.received_at),
        decided: Set(Some(TAKEN.to_owned())),
        decided_at: Set(Some(origin.now)),
        decided_by: Set(origin.actor.user().map(ToString::to_string)),
        retired_at: Set(Some(origin.now)),
        identity: Set(None),
    };
    let again = OnConflict::column(identity_claim::Column::Object)
        .update_column(identity_claim::Column::RetiredAt)
        .to_owned();
    identity_claim::Entity::insert(retired).on_conflict(again).exec_without_returning(txn).await?;
    let replaced = instance::ActiveModel {
        digest: Set(file.digest.to_string()),
        object: Set(file.object.to_string()),
        transfer_syntax_uid: Set(file.transfer_syntax_uid.clone()),
        bytes: Set(file.bytes.cast_signed()),
        proven_at: Set(Some(origin.now)),
        lost: Set(false),
        ..<instance::ActiveModel as sea_orm::ActiveModelTrait>::default()
    };
    let of = instance::Column::SopInstanceUid.eq(uid);
    instance::Entity::update_many().set(replaced).filter(of).exec(txn).await?;
    Ok(())
}

/// Lets the series of a study be completed anew, and tells of each set of source instances that no longer holds.
pub(crate) async fn series_reopen(
    txn: &DatabaseTransaction,
    origin: &Origin,
    study: &StudyId,
) -> Result<(), Error> {
    let rows = series::Entity::find()
        .filter(series::Column::Study.eq(study.as_str()))
        .filter(series::Column::Ours.eq(false))
        .order_by_asc(series::Column::Id)
        .lock_exclusive()
        .all(txn)
        .await?;
    for row in rows {
        series::Entity::update_many()
            .col_expr(series::Column::State, Expr::value(row::RECEIVING))
            .col_expr(series::Column::Version, Expr::col(series::Column::Version).add(1))
            .col_expr(series::Column::ParkedCode, Expr::value(None::<String>))
            .col_expr(series::Column::ParkedReason, Expr::value(None::<String>))
            .col_expr(series::Column::SourceSet, Expr::value(None::<String>))
            .col_expr(series::Column::Volume, Expr::value(None::<String>))
            .col_expr(series::Column::ChangedAt, Expr::value(origin.now))
            .col_expr(series::Column::AssociationClosed, Expr::value(true))
            .col_expr(series::Column::Trace, Expr::value(telemetry::traceparent()))
            .filter(series::Column::Id.eq(&*row.id))
            .exec(txn)
            .await?;
        let Some(former) = row.source_set.as_deref() else { continue };
        let series: SeriesId = row::parse("series id", &row.id)?;
        let former_source_set = row::parse("source set", former)?;
        let event = Event::SeriesChanged { series: series.clone(), former_source_set };
        tell(txn, origin, series.as_str(), event).await?;
    }
    Ok(())
}
