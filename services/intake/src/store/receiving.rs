//! A series that receives, as it was last seen: most objects belong to one, and then need not be looked up.

use super::{Origin, StoredFile, row};
use crate::entity::{instance, series, study};
use crate::error::Error;
use crate::workflow::{SeriesStanding, Standing, StudyStanding};
use contract::{SeriesId, Time};
use database::DatabaseTransaction;
use dicom_io::scan::Header;
use platform::telemetry;
use sea_orm::sea_query::{Expr, ExprTrait as _, OnConflict};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};

/// A receiving series and its study. Every change of a series that matters changes its version, and what matters of a
/// study never changes.
#[derive(Debug, Clone)]
pub(crate) struct Receiving {
    study: StudyStanding,
    study_instance_uid: String,
    series: SeriesStanding,
    version: i64,
}

impl Receiving {
    /// Our id of the series.
    pub(crate) fn series(&self) -> &SeriesId {
        &self.series.id
    }

    /// What stands under the UIDs of an object that says it belongs to the series, if the object is a new one; `None`
    /// when the object says that it belongs to another study.
    pub(crate) fn standing_of_new(&self, header: &Header) -> Option<Standing> {
        (header.study_instance_uid == self.study_instance_uid).then(|| Standing {
            instance: None,
            study: Some(self.study.clone()),
            series: Some(self.series.clone()),
        })
    }

    /// The same series with further instances.
    pub(crate) fn extended(mut self) -> Self {
        self.version += 1;
        self
    }
}

/// Loads a series; `None` when it doesn't receive.
pub(crate) async fn receiving_load(
    txn: &DatabaseTransaction,
    series: &SeriesId,
) -> Result<Option<Receiving>, Error> {
    let found = series::Entity::find_by_id(series.as_str()).one(txn).await?;
    let Some(found) = found.filter(|found| found.state == row::RECEIVING) else { return Ok(None) };
    let study = study::Entity::find_by_id(&found.study).one(txn).await?;
    let study = study.ok_or(Error::Stored { what: "study of a series" })?;
    let id = row::parse("study id", &study.id)?;
    Ok(Some(Receiving {
        series: SeriesStanding {
            id: series.clone(),
            study: row::parse("study id", &study.id)?,
            state: row::state(&found.state)?,
            source_set: None,
        },
        study: StudyStanding { id, patient: row::patient(&study) },
        study_instance_uid: study.study_instance_uid,
        version: found.version,
    }))
}

/// Adds new instances to a series, if it still is as it was seen and has none of them.
///
/// # Errors
/// [`database::Error::Conflict`] when it isn't: then nothing of the transaction may be kept.
pub(crate) async fn receiving_extend(
    txn: &DatabaseTransaction,
    receiving: &Receiving,
    instances: &[(&Header, &StoredFile, &Origin)],
) -> Result<(), Error> {
    let now: Option<Time> = instances.iter().map(|(_, _, origin)| origin.now).max();
    let count = instances.len() as i32;
    let updated = series::Entity::update_many()
        .col_expr(series::Column::InstanceCount, Expr::col(series::Column::InstanceCount).add(count))
        .col_expr(series::Column::Version, Expr::value(receiving.version + 1))
        .col_expr(series::Column::ChangedAt, Expr::value(now))
        .col_expr(series::Column::AssociationClosed, Expr::value(false))
        .col_expr(series::Column::Trace, Expr::value(telemetry::traceparent()))
        .filter(series::Column::Id.eq(receiving.series.id.as_str()))
        .filter(series::Column::Version.eq(receiving.version))
        .filter(series::Column::State.eq(row::RECEIVING))
        .exec(txn)
        .await?;
    let conflict = || Error::from(database::Error::Conflict { what: "the series" });
    if updated.rows_affected != 1 {
        return Err(conflict());
    }
    let new = instances
        .iter()
        .map(|(header, file, origin)| row::instance(&receiving.series.id, header, file, origin.now))
        .collect::<Result<Vec<_>, _>>()?;
    let inserted = instance::Entity::insert_many(new)
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .exec_without_returning(txn)
        .await?;
    if inserted == instances.len() as u64 { Ok(()) } else { Err(conflict()) }
}
