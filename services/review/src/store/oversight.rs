//! Flags, credentials, conflicts of interest, and the rules in force.

use super::row;
use crate::entity::{conflict, credential, review_policy, run_requester, study_flag};
use crate::error::Error;
use contract::review::{Conflict, ConflictSubject, Credential, Policy, PolicyVersion, StudyFlag};
use contract::{CredentialId, RunId, StudyId, Time, UserId};
use database::DatabaseTransaction;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, PaginatorTrait as _, QueryFilter as _,
    QueryOrder as _,
};

/// Whether a study is under investigation.
pub(crate) async fn study_is_flagged(db: &impl ConnectionTrait, study: &StudyId) -> Result<bool, Error> {
    let standing = study_flag::Column::LiftedAt.is_null();
    let flag = study_flag::Entity::find().filter(study_flag::Column::Study.eq(study.as_str()));
    Ok(flag.filter(standing).count(db).await? > 0)
}

/// Studies under investigation, newest first.
pub(crate) async fn study_flag_list(db: &impl ConnectionTrait) -> Result<Vec<StudyFlag>, Error> {
    let rows = study_flag::Entity::find()
        .filter(study_flag::Column::LiftedAt.is_null())
        .order_by_desc(study_flag::Column::PlacedAt)
        .all(db)
        .await?;
    rows.into_iter().map(flag).collect()
}

fn flag(row: study_flag::Model) -> Result<StudyFlag, Error> {
    Ok(StudyFlag { study: row::parse("study id", &row.study)?, reason: row.reason, placed_at: row.placed_at })
}

/// Puts a study under investigation.
pub(crate) async fn study_flag_insert(
    txn: &DatabaseTransaction,
    flag: &StudyFlag,
    by: &UserId,
) -> Result<(), Error> {
    let row = study_flag::ActiveModel {
        study: Set(flag.study.to_string()),
        placed_at: Set(flag.placed_at),
        placed_by: Set(by.to_string()),
        reason: Set(flag.reason.clone()),
        lifted_at: Set(None),
        lifted_by: Set(None),
    };
    study_flag::Entity::insert(row).exec_without_returning(txn).await?;
    Ok(())
}

/// Ends the investigation of a study. The flag that stood; `None` when none did.
pub(crate) async fn study_flag_lift(
    txn: &DatabaseTransaction,
    study: &StudyId,
    by: &UserId,
    now: Time,
) -> Result<Option<StudyFlag>, Error> {
    let standing = study_flag::Column::LiftedAt.is_null();
    let of_study = study_flag::Column::Study.eq(study.as_str());
    let found = study_flag::Entity::find().filter(of_study.clone()).filter(standing.clone()).one(txn).await?;
    study_flag::Entity::update_many()
        .col_expr(study_flag::Column::LiftedAt, Expr::value(now))
        .col_expr(study_flag::Column::LiftedBy, Expr::value(by.to_string()))
        .filter(of_study)
        .filter(standing)
        .exec(txn)
        .await?;
    found.map(flag).transpose()
}

/// Every credential, newest first.
pub(crate) async fn credential_list(db: &impl ConnectionTrait) -> Result<Vec<Credential>, Error> {
    let rows = credential::Entity::find().order_by_desc(credential::Column::ValidFrom).all(db).await?;
    rows.into_iter().map(credential_of).collect()
}

fn credential_of(row: credential::Model) -> Result<Credential, Error> {
    Ok(Credential {
        id: row::parse("credential id", &row.id)?,
        reader: row::parse("user id", &row.reader)?,
        modality: row.modality,
        task: row.task,
        purpose: row::word("purpose", &row.purpose)?,
        valid_from: row.valid_from,
        valid_until: row.valid_until,
        revoked_at: row.revoked_at,
    })
}

/// Stores a granted credential.
pub(crate) async fn credential_insert(
    txn: &DatabaseTransaction,
    granted: &Credential,
    by: &UserId,
) -> Result<(), Error> {
    let row = credential::ActiveModel {
        id: Set(granted.id.to_string()),
        reader: Set(granted.reader.to_string()),
        modality: Set(granted.modality.clone()),
        task: Set(granted.task.clone()),
        purpose: Set(granted.purpose.as_str().to_owned()),
        valid_from: Set(granted.valid_from),
        valid_until: Set(granted.valid_until),
        granted_by: Set(by.to_string()),
        revoked_at: Set(None),
        revoked_by: Set(None),
    };
    credential::Entity::insert(row).exec_without_returning(txn).await?;
    Ok(())
}

/// Takes a credential back. `None` when there is none, or it was taken back before.
pub(crate) async fn credential_revoke(
    txn: &DatabaseTransaction,
    id: &CredentialId,
    by: &UserId,
    now: Time,
) -> Result<Option<Credential>, Error> {
    let standing = credential::Column::RevokedAt.is_null();
    let revoked = credential::Entity::update_many()
        .col_expr(credential::Column::RevokedAt, Expr::value(now))
        .col_expr(credential::Column::RevokedBy, Expr::value(by.to_string()))
        .filter(credential::Column::Id.eq(id.as_str()))
        .filter(standing)
        .exec(txn)
        .await?;
    if revoked.rows_affected == 0 {
        return Ok(None);
    }
    credential::Entity::find_by_id(id.as_str()).one(txn).await?.map(credential_of).transpose()
}

/// Every conflict of interest, newest first.
pub(crate) async fn conflict_list(db: &impl ConnectionTrait) -> Result<Vec<Conflict>, Error> {
    let rows = conflict::Entity::find().order_by_desc(conflict::Column::DeclaredAt).all(db).await?;
    let conflict = |row: conflict::Model| {
        let study = row.subject.parse().map(ConflictSubject::Study);
        let subject = study.or_else(|_| row.subject.parse().map(ConflictSubject::Deployment));
        let text = row.subject.clone();
        Ok(Conflict {
            id: row::parse("conflict id", &row.id)?,
            reader: row::parse("user id", &row.reader)?,
            subject: subject.map_err(|_| Error::Stored { what: "subject of a conflict", text })?,
            reason: row.reason,
            declared_at: row.declared_at,
        })
    };
    rows.into_iter().map(conflict).collect()
}

/// Stores a conflict of interest.
pub(crate) async fn conflict_insert(
    txn: &DatabaseTransaction,
    declared: &Conflict,
    by: &UserId,
) -> Result<(), Error> {
    let subject = match &declared.subject {
        ConflictSubject::Study(study) => study.to_string(),
        ConflictSubject::Deployment(deployment) => deployment.to_string(),
    };
    let row = conflict::ActiveModel {
        id: Set(declared.id.to_string()),
        reader: Set(declared.reader.to_string()),
        subject: Set(subject),
        reason: Set(declared.reason.clone()),
        declared_by: Set(by.to_string()),
        declared_at: Set(declared.declared_at),
    };
    conflict::Entity::insert(row).exec_without_returning(txn).await?;
    Ok(())
}

/// The rules that quality put in force, newest first.
pub(crate) async fn policy_list(db: &impl ConnectionTrait) -> Result<Vec<PolicyVersion>, Error> {
    let rows = review_policy::Entity::find().order_by_desc(review_policy::Column::Number).all(db).await?;
    let version = |row: review_policy::Model| {
        Ok(PolicyVersion {
            policy: serde_json::from_value(row.content)
                .map_err(|source| database::Error::Stored { what: "policy", source })?,
            reason: row.reason,
            adopted_by: Some(row::parse("user id", &row.adopted_by)?),
            adopted_at: Some(row.adopted_at),
        })
    };
    rows.into_iter().map(version).collect()
}

/// Puts rules in force under the next number, and gives them with it. Two at once can't take one number.
pub(crate) async fn policy_insert(
    txn: &DatabaseTransaction,
    policy: Policy,
    reason: &str,
    by: &UserId,
    now: Time,
) -> Result<PolicyVersion, Error> {
    let newest = review_policy::Entity::find().order_by_desc(review_policy::Column::Number).one(txn).await?;
    let number = newest.map_or(1, |row| row.number) + 1;
    let policy = Policy { version: number.to_string(), ..policy };
    let content =
        serde_json::to_value(&policy).map_err(|source| database::Error::Stored { what: "policy", source })?;
    let row = review_policy::ActiveModel {
        number: Set(number),
        content: Set(content),
        reason: Set(reason.to_owned()),
        adopted_by: Set(by.to_string()),
        adopted_at: Set(now),
    };
    review_policy::Entity::insert(row).exec_without_returning(txn).await?;
    Ok(PolicyVersion {
        policy,
        reason: reason.to_owned(),
        adopted_by: Some(by.clone()),
        adopted_at: Some(now),
    })
}

/// Remembers the person who asked for a run.
pub(crate) async fn requester_add(
    txn: &DatabaseTransaction,
    run: &RunId,
    requester: &UserId,
) -> Result<(), Error> {
    let row = run_requester::ActiveModel { run: Set(run.to_string()), requester: Set(requester.to_string()) };
    run_requester::Entity::insert(row)
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .exec_without_returning(txn)
        .await?;
    Ok(())
}

/// The person who asked for a run, if one did.
pub(crate) async fn requester_of(db: &impl ConnectionTrait, run: &RunId) -> Result<Option<UserId>, Error> {
    let known = run_requester::Entity::find_by_id(run.as_str()).one(db).await?;
    known.map(|row| row::parse("user id", &row.requester)).transpose()
}
