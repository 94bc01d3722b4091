//! The tables of review. The only file, with its folder, that names them.
//!
//! Whoever changes a case loads it with [`case_load_locked`] in a transaction and saves with [`case_save`], which
//! writes the changes and tells the events in that transaction.

mod list;
mod row;

pub(crate) use list::*;

use crate::case::{Case, Ending};
use crate::entity::{
    deployment_stage, draft, hold, lease, pixel_access, release, review_case, signed_read, signing_nonce,
};
use crate::error::Error;
use crate::workflow::{Change, Decision, apply};
use contract::rollout::Stage;
use contract::{Actor, CaseId, DeploymentId, Event, EventId, LoginSessionId, RunId, Time, UserId};
use database::DatabaseTransaction;
use database::outbox::{self, NewEvent};
use platform::{Random, telemetry};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ActiveModelTrait, ColumnTrait as _, EntityTrait as _, PaginatorTrait as _, QueryFilter as _,
    QuerySelect as _,
};

/// Who caused a change, when, and through which request or event.
#[derive(Debug, Clone)]
pub(crate) struct Origin {
    /// Who.
    pub(crate) actor: Actor,
    /// When, by the service's clock.
    pub(crate) now: Time,
    /// The id of the request or event that led here.
    pub(crate) causation: Option<String>,
    /// Draws the ids of events.
    pub(crate) random: EventIds,
}

/// Draws the ids of events.
#[derive(Clone)]
pub(crate) struct EventIds(pub Random);

impl std::fmt::Debug for EventIds {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("EventIds")
    }
}

impl Origin {
    /// The same moment and cause, told by review itself: for what time brought about.
    #[must_use]
    pub(crate) fn by_review(&self) -> Self {
        Self { actor: Actor::service("review"), ..self.clone() }
    }
}

/// An active model that changes nothing.
fn active<A: ActiveModelTrait>() -> A {
    A::default()
}

/// Tells an event in the transaction of its fact.
pub(crate) async fn tell(
    txn: &DatabaseTransaction,
    origin: &Origin,
    subject: &str,
    event: Event,
) -> Result<(), Error> {
    let new = NewEvent {
        id: origin.random.0.with(EventId::random),
        occurred_at: origin.now,
        actor: origin.actor.clone(),
        subject: subject.to_owned(),
        causation: origin.causation.clone(),
        trace: telemetry::traceparent(),
        event,
    };
    Ok(outbox::append(txn, new).await?)
}

/// Loads a case and keeps others from changing it until the transaction ends.
pub(crate) async fn case_load_locked(txn: &DatabaseTransaction, id: &CaseId) -> Result<Option<Case>, Error> {
    let row = review_case::Entity::find_by_id(id.as_str()).lock_exclusive().one(txn).await?;
    Ok(list::assemble(txn, row.into_iter().collect()).await?.pop())
}

/// Stores a new case.
pub(crate) async fn case_insert(txn: &DatabaseTransaction, case: &Case, now: Time) -> Result<(), Error> {
    review_case::Entity::insert(row::case_row(case, now)?).exec_without_returning(txn).await?;
    Ok(())
}

/// Stores what was decided, tells its events, and brings `case` up to date.
pub(crate) async fn case_save(
    txn: &DatabaseTransaction,
    case: &mut Case,
    decision: Decision,
    origin: &Origin,
) -> Result<(), Error> {
    if decision.is_empty() {
        return Ok(());
    }
    for change in &decision.changes {
        change_save(txn, case, change, origin.now).await?;
        apply(case, change, origin.now);
    }
    let changed = review_case::ActiveModel {
        state: Set(row::text_of(case.state(origin.now))),
        discordant_at: Set(case.discordant_at),
        superseded_at: Set(case.superseded_at),
        ended_at: Set(case.ending.as_ref().map(|ending| match ending {
            Ending::Released { at, .. } | Ending::Rejected { at } => *at,
        })),
        version: Set(case.version + 1),
        ..active()
    };
    let updated = review_case::Entity::update_many()
        .set(changed)
        .filter(review_case::Column::Id.eq(case.id.as_str()))
        .filter(review_case::Column::Version.eq(case.version))
        .exec(txn)
        .await?;
    if updated.rows_affected != 1 {
        return Err(database::Error::Conflict { what: "the case" }.into());
    }
    case.version += 1;
    for event in decision.events {
        tell(txn, origin, case.id.as_str(), event).await?;
    }
    Ok(())
}

async fn change_save(
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
            let row = row::read_row(&case.id, read);
            signed_read::Entity::insert(row).exec_without_returning(txn).await?;
        }
        Change::Held(reason) => {
            let placed = hold::ActiveModel {
                case_id: Set(case.id.to_string()),
                reason_code: Set(reason.as_str().to_owned()),
                placed_at: Set(now),
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
        Change::Ended(Ending::Released { release: id, signers, at }) => {
            let written = release::ActiveModel {
                id: Set(id.to_string()),
                case_id: Set(case.id.to_string()),
                case_digest: Set(case.case_digest.to_string()),
                first_signer: Set(signers[0].to_string()),
                second_signer: Set(signers[1].to_string()),
                verdict_class: Set(row::ACCEPT_CLASS.to_owned()),
                released_at: Set(*at),
            };
            release::Entity::insert(written).exec_without_returning(txn).await?;
        }
        // Columns of the case itself, which every save writes.
        Change::FoundDiscordant | Change::Superseded | Change::Ended(Ending::Rejected { .. }) => {}
    }
    Ok(())
}

async fn lease_update(txn: &DatabaseTransaction, id: &str, changed: lease::ActiveModel) -> Result<(), Error> {
    lease::Entity::update_many().set(changed).filter(lease::Column::Id.eq(id)).exec(txn).await?;
    Ok(())
}

/// Remembers a deployment's stage unless something newer is known. Whether it was new.
pub(crate) async fn deployment_stage_set(
    txn: &DatabaseTransaction,
    deployment: &DeploymentId,
    stage: Stage,
    seq: i64,
) -> Result<bool, Error> {
    let known = deployment_stage::Entity::find_by_id(deployment.as_str()).lock_exclusive().one(txn).await?;
    let row = deployment_stage::ActiveModel {
        deployment: Set(deployment.to_string()),
        stage: Set(stage.as_str().to_owned()),
        seq: Set(seq),
    };
    match known {
        Some(known) if known.seq >= seq => return Ok(false),
        Some(_) => drop(row.update(txn).await?),
        None => drop(deployment_stage::Entity::insert(row).exec_without_returning(txn).await?),
    }
    Ok(true)
}

/// Uses up a signing token. `false` when it was used before.
pub(crate) async fn nonce_use(txn: &DatabaseTransaction, nonce: &str, now: Time) -> Result<bool, Error> {
    let row = signing_nonce::ActiveModel { nonce: Set(nonce.to_owned()), used_at: Set(now) };
    let used_before = signing_nonce::Entity::find_by_id(nonce).count(txn).await? > 0;
    if !used_before {
        signing_nonce::Entity::insert(row).exec_without_returning(txn).await?;
    }
    Ok(!used_before)
}

/// Remembers that a person is shown the pixels of a run in a login session. Whether it is the first time.
pub(crate) async fn pixel_access_add(
    txn: &DatabaseTransaction,
    reader: &UserId,
    run: &RunId,
    login: &LoginSessionId,
    now: Time,
) -> Result<bool, Error> {
    let row = pixel_access::ActiveModel {
        reader: Set(reader.to_string()),
        run: Set(run.to_string()),
        login: Set(login.to_string()),
        recorded_at: Set(now),
    };
    let inserted = pixel_access::Entity::insert(row)
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .exec_without_returning(txn)
        .await?;
    Ok(inserted == 1)
}
