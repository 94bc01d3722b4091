//! The tables of review. The only file, with its folder, that names them.
//!
//! Whoever changes a case loads it with [`case_load_locked`] in a transaction and saves with [`case_save`], which
//! writes the changes and tells the events in that transaction.

mod campaign;
mod change;
mod discussion;
mod ended;
mod join;
mod list;
mod oversight;
mod pair;
mod presence;
mod row;
mod sample;

pub(crate) use campaign::*;
pub(crate) use discussion::*;
pub(crate) use ended::*;
pub(crate) use list::*;
pub(crate) use oversight::*;
pub(crate) use pair::*;
pub(crate) use presence::*;
pub(crate) use sample::*;
/// What reads: the database, or a transaction on it.
pub(crate) use sea_orm::ConnectionTrait;

use crate::case::Case;
use crate::entity::{deployment_stage, pixel_access, review_case, signing_nonce};
use crate::error::Error;
use crate::workflow::{Decision, apply};
use contract::rollout::Stage;
use contract::{Actor, CaseId, DeploymentId, Event, EventId, LoginSessionId, Time, UserId};
use database::DatabaseTransaction;
use database::outbox::{self, NewEvent};
use platform::{Random, telemetry};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::OnConflict;
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
    Ok(join::assemble(txn, row.into_iter().collect()).await?.pop())
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
        change::change_save(txn, case, change, origin.now).await?;
        apply(case, change, origin.now);
    }
    let changed = review_case::ActiveModel {
        state: Set(row::text_of(case.state(origin.now))),
        discordant_at: Set(case.discordant_at),
        superseded_at: Set(case.superseded_at),
        panel_at: Set(case.panel_at),
        sampled_at: Set(case.sampled_at),
        sample_open: Set(case.has_open_sample()),
        priority: Set(case.priority.as_str().to_owned()),
        due_at: Set(case.due_at()),
        overdue_at: Set(case.overdue_at),
        ended_at: Set(case.ending.as_ref().map(crate::case::Ending::at)),
        ended_as: Set(case.ending.as_ref().map(|ending| row::ending_word(ending).to_owned())),
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

/// Remembers that a person is shown the pixels of a run or of a pair in a login session. Whether it is the first time.
pub(crate) async fn pixel_access_add(
    txn: &DatabaseTransaction,
    reader: &UserId,
    what: &str,
    login: &LoginSessionId,
    now: Time,
) -> Result<bool, Error> {
    let row = pixel_access::ActiveModel {
        reader: Set(reader.to_string()),
        run: Set(what.to_owned()),
        login: Set(login.to_string()),
        recorded_at: Set(now),
    };
    let inserted = pixel_access::Entity::insert(row)
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .exec_without_returning(txn)
        .await?;
    Ok(inserted == 1)
}
