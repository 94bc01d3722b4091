//! One change of a case → its rows.

use super::{active, row};
use crate::case::{Case, Ending};
use crate::entity::{addendum, deferral, draft, hold, lease, priority_change, recall, release, signed_read};
use crate::error::Error;
use crate::workflow::Change;
use contract::review::{Addendum, Stance};
use contract::{ReadId, Time};
use database::DatabaseTransaction;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};

/// Stores a change. What is a column of the case itself is written with every save and needs nothing here.
pub(super) async fn change_save(
    txn: &DatabaseTransaction,
    case: &Case,
    change: &Change,
    now: Time,
) -> Result<(), Error> {
    match change {
        Change::LeaseTaken(taken) => {
            lease::Entity::insert(row::lease_row(&case.id, taken)).exec_without_returning(txn).await?;
        }
        Change::LeaseRenewed { lease: id, expires_at } => {
            let renewed = lease::ActiveModel { expires_at: Set(*expires_at), ..active() };
            lease_update(txn, id.as_str(), renewed).await?;
        }
        Change::LeaseEnded { lease: id, end } => {
            lease_update(txn, id.as_str(), row::lease_end(*end, now)).await?;
        }
        Change::DraftSaved(saved) => {
            let replace = OnConflict::columns([draft::Column::CaseId, draft::Column::Reader])
                .update_columns([draft::Column::Version, draft::Column::Content, draft::Column::SavedAt])
                .to_owned();
            let row = row::draft_row(&case.id, saved);
            draft::Entity::insert(row).on_conflict(replace).exec_without_returning(txn).await?;
        }
        Change::ReadSigned(read) => {
            let row = row::read_row(case, read);
            signed_read::Entity::insert(row).exec_without_returning(txn).await?;
        }
        Change::ReadWithdrawn { .. }
        | Change::ReadInvalidated { .. }
        | Change::AddendumWritten { .. }
        | Change::Ended(_) => {
            reads_save(txn, case, change, now).await?;
        }
        Change::Held(_)
        | Change::Resumed(_)
        | Change::Deferred(_)
        | Change::Returned
        | Change::RecallProposed(_)
        | Change::RecallConfirmed { .. } => steering_save(txn, case, change, now).await?,
        Change::PriorityChanged { to, change } => {
            let row = row::priority_change_row(case, *to, change);
            priority_change::Entity::insert(row).exec_without_returning(txn).await?;
        }
        Change::FoundDiscordant
        | Change::DiscordanceLifted
        | Change::PanelCalled
        | Change::Sampled
        | Change::FoundOverdue
        | Change::Superseded => {}
    }
    Ok(())
}

async fn lease_update(txn: &DatabaseTransaction, id: &str, changed: lease::ActiveModel) -> Result<(), Error> {
    lease::Entity::update_many().set(changed).filter(lease::Column::Id.eq(id)).exec(txn).await?;
    Ok(())
}

async fn reads_save(txn: &DatabaseTransaction, case: &Case, change: &Change, now: Time) -> Result<(), Error> {
    match change {
        Change::ReadWithdrawn { read, words } => {
            let withdrawn = signed_read::ActiveModel {
                withdrawal: Set(read.to_string()),
                withdrawn_at: Set(Some(now)),
                withdrawal_reason: Set(Some(words.clone())),
                ..active()
            };
            signed_read::Entity::update_many()
                .set(withdrawn)
                .filter(signed_read::Column::Id.eq(read.as_str()))
                .exec(txn)
                .await?;
        }
        Change::AddendumWritten { read, addendum } => addendum_save(txn, case, read, addendum).await?,
        Change::ReadInvalidated { read, by, words } => {
            let invalidated = signed_read::ActiveModel {
                verdict_class: Set(row::NO_CLASS.to_owned()),
                invalidated_at: Set(Some(now)),
                invalidated_by: Set(Some(by.to_string())),
                invalidation_reason: Set(Some(words.clone())),
                ..active()
            };
            signed_read::Entity::update_many()
                .set(invalidated)
                .filter(signed_read::Column::Id.eq(read.as_str()))
                .exec(txn)
                .await?;
        }
        Change::Ended(Ending::Released { release: id, signers, at }) => {
            let written = release::ActiveModel {
                id: Set(id.to_string()),
                case_id: Set(case.id.to_string()),
                case_digest: Set(case.case_digest.to_string()),
                first_signer: Set(signers[0].to_string()),
                second_signer: Set(signers[1].to_string()),
                verdict_class: Set(row::ACCEPT_CLASS.to_owned()),
                released_at: Set(*at),
                withdrawal: Set(String::new()),
                kind: Set(row::CLINICAL.to_owned()),
            };
            release::Entity::insert(written).exec_without_returning(txn).await?;
        }
        _ => {}
    }
    Ok(())
}

/// Keys keep a release from resting on a read to which its reader no longer stands.
async fn addendum_save(
    txn: &DatabaseTransaction,
    case: &Case,
    read: &ReadId,
    written: &Addendum,
) -> Result<(), Error> {
    let known = case.reads.iter().find(|known| known.id == *read);
    let place = known.map_or(0, |known| known.addenda.len());
    let row = row::addendum_row(&case.id, read, place, written);
    addendum::Entity::insert(row).exec_without_returning(txn).await?;
    let is_released = matches!(case.ending, Some(Ending::Released { .. }));
    if written.stance == Stance::Changes && !is_released {
        signed_read::Entity::update_many()
            .col_expr(signed_read::Column::VerdictClass, Expr::value(row::OTHER_CLASS))
            .filter(signed_read::Column::Id.eq(read.as_str()))
            .filter(signed_read::Column::VerdictClass.eq(row::ACCEPT_CLASS))
            .exec(txn)
            .await?;
    }
    Ok(())
}

async fn steering_save(
    txn: &DatabaseTransaction,
    case: &Case,
    change: &Change,
    now: Time,
) -> Result<(), Error> {
    let id = || Set(case.id.to_string());
    match change {
        Change::Held(placed) => {
            let placed = hold::ActiveModel {
                case_id: id(),
                reason_code: Set(placed.reason.as_str().to_owned()),
                placed_at: Set(placed.placed_at),
                placed_by: Set(placed.by.as_ref().map(ToString::to_string)),
                reason: Set(placed.words.clone()),
                ended_at: Set(None),
            };
            hold::Entity::insert(placed).exec_without_returning(txn).await?;
        }
        Change::Resumed(reason) => {
            hold::Entity::update_many()
                .col_expr(hold::Column::EndedAt, Expr::value(now))
                .filter(hold::Column::CaseId.eq(case.id.as_str()))
                .filter(hold::Column::ReasonCode.eq(reason.as_str()))
                .filter(hold::Column::EndedAt.is_null())
                .exec(txn)
                .await?;
        }
        Change::Deferred(placed) => {
            let placed = deferral::ActiveModel {
                case_id: id(),
                reader: Set(placed.reader.to_string()),
                placed_at: Set(placed.placed_at),
                reason: Set(placed.words.clone()),
                returned_at: Set(None),
            };
            deferral::Entity::insert(placed).exec_without_returning(txn).await?;
        }
        Change::Returned => {
            deferral::Entity::update_many()
                .col_expr(deferral::Column::ReturnedAt, Expr::value(now))
                .filter(deferral::Column::CaseId.eq(case.id.as_str()))
                .filter(deferral::Column::ReturnedAt.is_null())
                .exec(txn)
                .await?;
        }
        Change::RecallProposed(proposed) => {
            let proposed = recall::ActiveModel {
                case_id: id(),
                reason: Set(proposed.words.clone()),
                proposed_by: Set(proposed.proposed_by.to_string()),
                proposed_at: Set(proposed.proposed_at),
                confirmed_by: Set(None),
                confirmed_at: Set(None),
            };
            recall::Entity::insert(proposed).exec_without_returning(txn).await?;
        }
        Change::RecallConfirmed { by } => {
            let confirmed = recall::ActiveModel {
                confirmed_by: Set(Some(by.to_string())),
                confirmed_at: Set(Some(now)),
                ..active()
            };
            recall::Entity::update_many()
                .set(confirmed)
                .filter(recall::Column::CaseId.eq(case.id.as_str()))
                .exec(txn)
                .await?;
        }
        _ => {}
    }
    Ok(())
}
