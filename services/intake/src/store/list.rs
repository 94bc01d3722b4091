//! Reading intake's tables.

use super::row;
use crate::entity::{instance, series, study};
use crate::error::Error;
use crate::subgroup;
use crate::workflow::{Arrival, Member};
use contract::intake::{ArrivedStudies, Patient, Series, SourceCheck, Study, StudyRange, Subgroups};
use contract::page::PAGE_SIZE_MAX;
use contract::{Digest, Page, PageRequest, SeriesId, StudyId, Time};
use sea_orm::sea_query::{IntoCondition, Query};
use sea_orm::{
    ColumnTrait as _, Condition, ConnectionTrait, EntityTrait as _, ExprTrait as _, PaginatorTrait as _,
    QueryFilter as _, QueryOrder as _, QuerySelect as _,
};
use std::collections::HashMap;

/// A place in a list that is ordered newest first: rows that arrive later stand before it, so that paging on neither
/// loses nor repeats anything (R44).
struct Cursor {
    at: Time,
    id: String,
}

impl Cursor {
    fn parse(text: &str) -> Option<Self> {
        let (micros, id) = text.split_once('.')?;
        let at = Time::from_timestamp_micros(micros.parse().ok()?)?;
        Some(Self { at, id: id.to_owned() })
    }

    fn text(at: Time, id: &str) -> String {
        format!("{}.{id}", at.timestamp_micros())
    }
}

/// The cursor of a row.
pub(super) fn cursor_text(at: Time, id: &str) -> String {
    Cursor::text(at, id)
}

/// Gives the condition for rows after the cursor of a request; `None` when the cursor is none of ours.
pub(super) fn after<C: sea_orm::ColumnTrait>(page: &PageRequest, at: C, id: C) -> Option<Condition> {
    let Some(text) = &page.after else { return Some(Condition::all()) };
    let cursor = Cursor::parse(text)?;
    Some(
        Condition::any()
            .add(at.lt(cursor.at))
            .add(Condition::all().add(at.eq(cursor.at)).add(id.lt(cursor.id))),
    )
}

/// How many series there are in each state.
pub(crate) async fn series_counts(db: &impl ConnectionTrait) -> Result<Vec<(String, i64)>, Error> {
    let counts = series::Entity::find()
        .select_only()
        .column(series::Column::State)
        .column_as(series::Column::Id.count(), "count")
        .group_by(series::Column::State)
        .into_tuple()
        .all(db)
        .await?;
    Ok(counts)
}

/// Studies with their series, newest first; `None` when the cursor is none of ours.
pub(crate) async fn study_page(
    db: &impl ConnectionTrait,
    page: &PageRequest,
) -> Result<Option<Page<Study>>, Error> {
    let Some(after) = after(page, study::Column::ReceivedAt, study::Column::Id) else { return Ok(None) };
    let rows = study::Entity::find()
        .filter(after)
        .order_by_desc(study::Column::ReceivedAt)
        .order_by_desc(study::Column::Id)
        .limit(page.limit() + 1)
        .all(db)
        .await?;
    let studies = with_series(db, rows).await?;
    let cursor = |study: &Study| Cursor::text(study.received_at, study.id.as_str());
    Ok(Some(Page::from_rows(studies, page.limit(), cursor)))
}

/// A part of the list of studies in the order in which they came, and how many there are.
pub(crate) async fn studies_by_arrival(
    db: &impl ConnectionTrait,
    range: StudyRange,
) -> Result<ArrivedStudies, Error> {
    let rows = study::Entity::find()
        .order_by_asc(study::Column::ReceivedAt)
        .order_by_asc(study::Column::Id)
        .offset(range.offset)
        .limit(u64::from(range.limit.clamp(1, PAGE_SIZE_MAX)))
        .all(db)
        .await?;
    let total = study::Entity::find().count(db).await?;
    Ok(ArrivedStudies { studies: with_series(db, rows).await?, total })
}

/// Studies by id, with their series.
pub(crate) async fn study_batch(db: &impl ConnectionTrait, ids: &[StudyId]) -> Result<Vec<Study>, Error> {
    let rows = study::Entity::find()
        .filter(study::Column::Id.is_in(ids.iter().map(StudyId::as_str)))
        .all(db)
        .await?;
    with_series(db, rows).await
}

/// The studies of series, with all their series.
pub(crate) async fn studies_of_series(
    db: &impl ConnectionTrait,
    ids: &[SeriesId],
) -> Result<Vec<Study>, Error> {
    let studies = Query::select()
        .column(series::Column::Study)
        .from(series::Entity)
        .and_where(series::Column::Id.is_in(ids.iter().map(SeriesId::as_str)))
        .to_owned();
    let rows = study::Entity::find().filter(study::Column::Id.in_subquery(studies)).all(db).await?;
    with_series(db, rows).await
}

/// Studies whose Patient ID or Accession Number is `number`, the newest first.
pub(crate) async fn studies_named(db: &impl ConnectionTrait, number: &str) -> Result<Vec<Study>, Error> {
    // What a study doesn't have is stored as an empty text: that is nobody's number.
    if number.is_empty() {
        return Ok(Vec::new());
    }
    let named = study::Column::PatientId.eq(number).or(study::Column::AccessionNumber.eq(number));
    let rows = study::Entity::find()
        .filter(named)
        .order_by_desc(study::Column::ReceivedAt)
        .order_by_desc(study::Column::Id)
        .limit(STUDIES_OF_PATIENT_MAX)
        .all(db)
        .await?;
    with_series(db, rows).await
}

/// The newest studies are looked at; before them lies more than anybody compares with.
const STUDIES_OF_PATIENT_MAX: u64 = 200;

/// Studies under the IDs of patients, the newest first, with the series that none of our programs made.
pub(crate) async fn acquired_of_patients(
    db: &impl ConnectionTrait,
    patients: &[Patient],
) -> Result<Vec<Study>, Error> {
    let of_one = |patient: &Patient| {
        study::Column::PatientId.eq(&*patient.id).and(study::Column::PatientIssuer.eq(&*patient.issuer))
    };
    let of_any = patients.iter().map(of_one).fold(Condition::any(), Condition::add);
    let rows = study::Entity::find()
        .filter(of_any)
        .order_by_desc(study::Column::StudyDate)
        .order_by_desc(study::Column::Id)
        .limit(STUDIES_OF_PATIENT_MAX * patients.len() as u64)
        .all(db)
        .await?;
    with_series_where(db, rows, series::Column::Ours.eq(false)).await
}

async fn with_series(db: &impl ConnectionTrait, studies: Vec<study::Model>) -> Result<Vec<Study>, Error> {
    with_series_where(db, studies, Condition::all()).await
}

async fn with_series_where(
    db: &impl ConnectionTrait,
    studies: Vec<study::Model>,
    wanted: impl IntoCondition,
) -> Result<Vec<Study>, Error> {
    let uids: HashMap<String, String> =
        studies.iter().map(|study| (study.id.clone(), study.study_instance_uid.clone())).collect();
    let rows = series::Entity::find()
        .filter(series::Column::Study.is_in(uids.keys()))
        .filter(wanted)
        .order_by_asc(series::Column::ReceivedAt)
        .order_by_asc(series::Column::Id)
        .all(db)
        .await?;
    let mut by_study: HashMap<String, Vec<Series>> = HashMap::new();
    for row in rows {
        let study = row.study.clone();
        let uid = uids.get(&study).map(String::as_str).unwrap_or_default();
        by_study.entry(study).or_default().push(row::to_series(row, uid)?);
    }
    studies
        .into_iter()
        .map(|study| {
            let mut series = by_study.remove(&study.id).unwrap_or_default();
            series.sort_by_key(|series| series.series_number.unwrap_or(i32::MAX));
            row::to_study(study, series)
        })
        .collect()
}

/// Series by id, with their instances in order of position.
pub(crate) async fn series_batch(db: &impl ConnectionTrait, ids: &[SeriesId]) -> Result<Vec<Series>, Error> {
    let rows = series::Entity::find()
        .filter(series::Column::Id.is_in(ids.iter().map(SeriesId::as_str)))
        .all(db)
        .await?;
    let studies = study::Entity::find()
        .filter(study::Column::Id.is_in(rows.iter().map(|row| row.study.as_str())))
        .all(db)
        .await?;
    let uids: HashMap<String, String> =
        studies.into_iter().map(|study| (study.id, study.study_instance_uid)).collect();
    let series = rows.into_iter().map(|row| {
        let uid = uids.get(&row.study).ok_or(Error::Stored { what: "study of a series" })?;
        row::to_series(row, uid)
    });
    with_instances(db, series.collect::<Result<_, _>>()?).await
}

/// The groups that series belong to.
pub(crate) async fn subgroups(db: &impl ConnectionTrait, ids: &[SeriesId]) -> Result<Vec<Subgroups>, Error> {
    let rows = series::Entity::find()
        .filter(series::Column::Id.is_in(ids.iter().map(SeriesId::as_str)))
        .order_by_asc(series::Column::Id)
        .all(db)
        .await?;
    let studies = study::Entity::find()
        .filter(study::Column::Id.is_in(rows.iter().map(|row| row.study.as_str())))
        .all(db)
        .await?;
    let studies: HashMap<&str, &study::Model> =
        studies.iter().map(|study| (study.id.as_str(), study)).collect();
    let groups = rows.iter().map(|row| {
        let study = studies.get(row.study.as_str()).ok_or(Error::Stored { what: "study of a series" })?;
        Ok(Subgroups {
            series: row.id.parse().map_err(|_| Error::Stored { what: "series id" })?,
            sex: subgroup::sex(&study.patient_sex).to_owned(),
            age: subgroup::age(&study.patient_birth_date, &study.study_date).to_owned(),
            scanner: format!("{} {}", row.manufacturer, row.manufacturer_model_name).trim().to_owned(),
        })
    });
    groups.collect()
}

/// A study by Study Instance UID, with series and instances.
pub(crate) async fn study_by_uid(
    db: &impl ConnectionTrait,
    study_instance_uid: &str,
) -> Result<Option<Study>, Error> {
    let rows =
        study::Entity::find().filter(study::Column::StudyInstanceUid.eq(study_instance_uid)).all(db).await?;
    let Some(mut study) = with_series(db, rows).await?.pop() else { return Ok(None) };
    study.series = with_instances(db, study.series).await?;
    Ok(Some(study))
}

async fn with_instances(db: &impl ConnectionTrait, mut series: Vec<Series>) -> Result<Vec<Series>, Error> {
    let rows = instance::Entity::find()
        .filter(instance::Column::Series.is_in(series.iter().map(|series| series.id.as_str())))
        .order_by_asc(instance::Column::Slice)
        .order_by_asc(instance::Column::InstanceNumber)
        .order_by_asc(instance::Column::SopInstanceUid)
        .all(db)
        .await?;
    let mut by_series: HashMap<String, Vec<_>> = HashMap::new();
    for row in rows {
        by_series.entry(row.series.clone()).or_default().push(row::to_instance(row)?);
    }
    for series in &mut series {
        series.instances = by_series.remove(series.id.as_str()).unwrap_or_default();
    }
    Ok(series)
}

/// Whether a series exists.
pub(crate) async fn series_exists(db: &impl ConnectionTrait, id: &SeriesId) -> Result<bool, Error> {
    Ok(series::Entity::find_by_id(id.as_str()).one(db).await?.is_some())
}

/// Whether a series still is the given set of source instances, all of them are in the store, and nobody disputes
/// whose it is; `None` when there is no such series.
pub(crate) async fn series_check(
    db: &impl ConnectionTrait,
    id: &SeriesId,
    source_set: Digest,
) -> Result<Option<SourceCheck>, Error> {
    let Some(row) = series::Entity::find_by_id(id.as_str()).one(db).await? else { return Ok(None) };
    let study = study::Entity::find_by_id(&row.study).one(db).await?;
    let study = study.ok_or(Error::Stored { what: "study of a series" })?;
    let same = row.source_set.as_deref() == Some(source_set.to_string().as_str());
    let lost = instance::Entity::find()
        .filter(instance::Column::Series.eq(&*row.id))
        .filter(instance::Column::Lost.eq(true))
        .count(db)
        .await?;
    let identity_certain = !study.identity_disputed;
    Ok(Some(SourceCheck { unchanged: same && lost == 0 && identity_certain, identity_certain }))
}

/// (0020,000D) of a study whose identity is in question.
pub(crate) async fn disputed_study_uid(
    db: &impl ConnectionTrait,
    id: &StudyId,
) -> Result<Option<String>, Error> {
    let row = study::Entity::find_by_id(id.as_str()).one(db).await?;
    Ok(row.filter(|row| row.identity_disputed).map(|row| row.study_instance_uid))
}

/// A series that receives instances.
#[derive(Debug, Clone)]
pub(crate) struct Pending {
    pub(crate) id: SeriesId,
    pub(crate) study: StudyId,
    pub(crate) version: i64,
    /// Of what brought the newest instance.
    pub(crate) trace: Option<String>,
    pub(crate) arrival: Arrival,
}

/// Series that receive and whose association has ended, or that are older than `quiet_since`; oldest first.
pub(crate) async fn series_pending(
    db: &impl ConnectionTrait,
    quiet_since: Time,
) -> Result<Vec<Pending>, Error> {
    let due = Condition::any()
        .add(series::Column::AssociationClosed.eq(true))
        .add(series::Column::ChangedAt.lte(quiet_since));
    let rows = series::Entity::find()
        .filter(series::Column::State.eq(row::RECEIVING))
        .filter(due)
        .order_by_asc(series::Column::ChangedAt)
        .all(db)
        .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Pending {
                id: row::parse("series id", &row.id)?,
                study: row::parse("study id", &row.study)?,
                version: row.version,
                trace: row.trace,
                arrival: Arrival {
                    changed_at: row.changed_at,
                    association_closed: row.association_closed,
                    ours: row.ours,
                },
            })
        })
        .collect()
}

/// The instances of a series, each with the key of its file.
pub(crate) async fn member_list(
    db: &impl ConnectionTrait,
    series: &SeriesId,
) -> Result<Vec<(Member, Digest)>, Error> {
    let rows = instance::Entity::find()
        .filter(instance::Column::Series.eq(series.as_str()))
        .order_by_asc(instance::Column::SopInstanceUid)
        .all(db)
        .await?;
    rows.iter().map(|row| Ok((row::to_member(row)?, row::parse("object", &row.object)?))).collect()
}
