//! The tables of intake. The only file, with its folder, that names them.

mod claim;
mod list;
mod proof;
mod quarantine;
mod receiving;
mod row;

pub(crate) use claim::*;
pub(crate) use list::*;
pub(crate) use proof::*;
pub(crate) use quarantine::*;
pub(crate) use receiving::*;

use crate::entity::{access, instance, series, study};
use crate::error::Error;
use crate::workflow::{InstanceStanding, SeriesStanding, Standing, StudyStanding};
use contract::intake::SeriesState;
use contract::{Actor, Digest, Event, EventId, LoginSessionId, SeriesId, StudyId, Time, UserId};
use database::DatabaseTransaction;
use database::outbox::{self, NewEvent};
use dicom_io::scan::Header;
use platform::{Random, telemetry};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait as _, OnConflict};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QuerySelect as _};

/// Who caused a change, and when.
#[derive(Clone)]
pub(crate) struct Origin {
    /// Who.
    pub(crate) actor: Actor,
    /// When, by the service's clock.
    pub(crate) now: Time,
    /// The request that led here, if any.
    pub(crate) causation: Option<String>,
    /// Draws ids.
    pub(crate) random: Random,
}

/// Tells an event in the transaction of its fact.
pub(crate) async fn tell(
    txn: &DatabaseTransaction,
    origin: &Origin,
    subject: &str,
    event: Event,
) -> Result<(), Error> {
    let new = NewEvent {
        id: origin.random.with(EventId::random),
        occurred_at: origin.now,
        actor: origin.actor.clone(),
        subject: subject.to_owned(),
        causation: origin.causation.clone(),
        trace: telemetry::traceparent(),
        event,
    };
    Ok(outbox::append(txn, new).await?)
}

/// Loads what is stored under the UIDs of an object, and keeps others from changing its series until the transaction
/// ends.
pub(crate) async fn standing_load_locked(
    txn: &DatabaseTransaction,
    header: &Header,
) -> Result<Standing, Error> {
    let stored = instance::Entity::find_by_id(&header.sop_instance_uid).one(txn).await?;
    let study = study::Entity::find()
        .filter(study::Column::StudyInstanceUid.eq(&header.study_instance_uid))
        .one(txn)
        .await?;
    let series = series::Entity::find()
        .filter(series::Column::SeriesInstanceUid.eq(&header.series_instance_uid))
        .lock_exclusive()
        .one(txn)
        .await?;
    Ok(Standing {
        instance: match stored {
            Some(stored) => Some(instance_standing(txn, &stored).await?),
            None => None,
        },
        study: match study {
            Some(study) => {
                Some(StudyStanding { id: row::parse("study id", &study.id)?, patient: row::patient(&study) })
            }
            None => None,
        },
        series: match series {
            Some(series) => Some(SeriesStanding {
                id: row::parse("series id", &series.id)?,
                study: row::parse("study id", &series.study)?,
                state: row::state(&series.state)?,
                source_set: series
                    .source_set
                    .as_deref()
                    .map(|set| row::parse("source set", set))
                    .transpose()?,
            }),
            None => None,
        },
    })
}

async fn instance_standing(
    txn: &DatabaseTransaction,
    stored: &instance::Model,
) -> Result<InstanceStanding, Error> {
    let series = series::Entity::find_by_id(&stored.series).one(txn).await?;
    let series = series.ok_or(Error::Stored { what: "series of an instance" })?;
    Ok(InstanceStanding {
        digest: row::parse("digest", &stored.digest)?,
        object: row::parse("object", &stored.object)?,
        study: row::parse("study id", &series.study)?,
    })
}

/// A stored file.
#[derive(Debug, Clone)]
pub(crate) struct StoredFile {
    /// Key in the `dicom` store.
    pub(crate) object: Digest,
    /// Of the bytes after group 0002, as received.
    pub(crate) digest: Digest,
    /// How the data set is encoded.
    pub(crate) transfer_syntax_uid: String,
    /// Length of the file.
    pub(crate) bytes: u64,
    /// Calling AE title, or `STOW`, `IMPORT`.
    pub(crate) sender: String,
}

/// Inserts an instance, its series and study where they are new, which is told; gives the series.
pub(crate) async fn instance_insert(
    txn: &DatabaseTransaction,
    origin: &Origin,
    header: &Header,
    file: &StoredFile,
    standing: &Standing,
) -> Result<SeriesId, Error> {
    let study = if let Some(study) = &standing.study {
        study.id.clone()
    } else {
        let id = origin.random.with(StudyId::random);
        study::Entity::insert(row::study(&id, header, origin.now)).exec_without_returning(txn).await?;
        id
    };
    let series = if let Some(series) = &standing.series {
        series_touch(txn, series, header, origin.now).await?;
        series.id.clone()
    } else {
        let id = origin.random.with(SeriesId::random);
        let new = row::series(&id, &study, header, (&file.sender, origin.now))?;
        series::Entity::insert(new).exec_without_returning(txn).await?;
        let event = Event::SeriesReceived { series: id.clone(), study };
        tell(txn, origin, id.as_str(), event).await?;
        id
    };
    let new = row::instance(&series, header, file, origin.now)?;
    instance::Entity::insert(new).exec_without_returning(txn).await?;
    Ok(series)
}

/// Counts a further instance; a series that it adds an image to receives again.
async fn series_touch(
    txn: &DatabaseTransaction,
    series: &SeriesStanding,
    header: &Header,
    now: Time,
) -> Result<(), Error> {
    let mut update = series::Entity::update_many()
        .col_expr(series::Column::InstanceCount, Expr::col(series::Column::InstanceCount).add(1))
        .col_expr(series::Column::Version, Expr::col(series::Column::Version).add(1))
        .filter(series::Column::Id.eq(series.id.as_str()));
    if header.image.is_some() || series.state == SeriesState::Receiving {
        update = update
            .col_expr(series::Column::State, Expr::value(row::RECEIVING))
            .col_expr(series::Column::ParkedCode, Expr::value(None::<String>))
            .col_expr(series::Column::ParkedReason, Expr::value(None::<String>))
            .col_expr(series::Column::SourceSet, Expr::value(None::<String>))
            .col_expr(series::Column::Volume, Expr::value(None::<String>))
            .col_expr(series::Column::ChangedAt, Expr::value(now))
            .col_expr(series::Column::AssociationClosed, Expr::value(false))
            .col_expr(series::Column::Trace, Expr::value(telemetry::traceparent()));
    }
    update.exec(txn).await?;
    Ok(())
}

/// Notes that the association which brought the newest instances of some series has ended.
pub(crate) async fn series_close(txn: &DatabaseTransaction, ids: &[SeriesId]) -> Result<(), Error> {
    series::Entity::update_many()
        .col_expr(series::Column::AssociationClosed, Expr::value(true))
        .filter(series::Column::Id.is_in(ids.iter().map(SeriesId::as_str)))
        .filter(series::Column::State.eq(row::RECEIVING))
        .exec(txn)
        .await?;
    Ok(())
}

/// What a series became.
#[derive(Debug, Clone)]
pub(crate) enum Became {
    /// One volume.
    Ready {
        /// The set of source instances.
        source_set: Digest,
        /// In the `volumes` store.
        volume: Digest,
        /// Pixel padding in the modality's unit.
        padding: Option<f32>,
        /// SOP Instance UIDs in order of position.
        slices: Vec<String>,
    },
    /// Nothing that a model can take.
    Parked {
        /// Stable code.
        code: String,
        /// In words.
        reason: String,
    },
}

/// Saves what a series became and tells about it, unless an instance came in the meantime.
///
/// # Errors
/// [`database::Error::Conflict`] when one came.
pub(crate) async fn series_conclude(
    txn: &DatabaseTransaction,
    origin: &Origin,
    pending: &Pending,
    became: &Became,
) -> Result<(), Error> {
    let mut update = series::Entity::update_many()
        .col_expr(series::Column::Version, Expr::value(pending.version + 1))
        .filter(series::Column::Id.eq(pending.id.as_str()))
        .filter(series::Column::Version.eq(pending.version))
        .filter(series::Column::State.eq(row::RECEIVING));
    update = match became {
        Became::Ready { source_set, volume, padding, .. } => update
            .col_expr(series::Column::State, Expr::value(row::READY))
            .col_expr(series::Column::SourceSet, Expr::value(source_set.to_string()))
            .col_expr(series::Column::Volume, Expr::value(volume.to_string()))
            .col_expr(series::Column::Padding, Expr::value(padding.map(f64::from))),
        Became::Parked { code, reason } => update
            .col_expr(series::Column::State, Expr::value(row::PARKED))
            .col_expr(series::Column::ParkedCode, Expr::value(code.clone()))
            .col_expr(series::Column::ParkedReason, Expr::value(reason.clone())),
    };
    if update.exec(txn).await?.rows_affected == 0 {
        return Err(database::Error::Conflict { what: "the series" }.into());
    }
    let event = match became {
        Became::Ready { source_set, volume, slices, .. } => {
            for (slice, uid) in slices.iter().enumerate() {
                instance::Entity::update_many()
                    .col_expr(instance::Column::Slice, Expr::value(slice as i32))
                    .filter(instance::Column::SopInstanceUid.eq(uid))
                    .exec(txn)
                    .await?;
            }
            let (series, study) = (pending.id.clone(), pending.study.clone());
            Event::SeriesReady { series, study, source_set: *source_set, volume: *volume }
        }
        Became::Parked { code, .. } => {
            Event::SeriesParked { series: pending.id.clone(), reason_code: code.clone() }
        }
    };
    tell(txn, origin, pending.id.as_str(), event).await
}

/// Remembers that a person was shown a series in a login session; says whether it was for the first time.
pub(crate) async fn access_insert(
    txn: &DatabaseTransaction,
    (user, login): (&UserId, &LoginSessionId),
    series: &SeriesId,
    now: Time,
) -> Result<bool, Error> {
    let new = access::ActiveModel {
        user_id: Set(user.to_string()),
        series: Set(series.to_string()),
        login: Set(login.to_string()),
        accessed_at: Set(now),
    };
    let inserted = access::Entity::insert(new)
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .exec_without_returning(txn)
        .await?;
    Ok(inserted == 1)
}
