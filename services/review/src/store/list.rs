//! Reading cases, alone and in lists.

use super::row;
use crate::case::{Case, Ending, HoldReason};
use crate::entity::{deployment_stage, draft, hold, lease, release, review_case, signed_read};
use crate::error::Error;
use contract::review::CaseState;
use contract::rollout::Stage;
use contract::{CaseId, DeploymentId, PageRequest, ReleaseId, RunId, Time, UserId};
use sea_orm::{
    ColumnTrait as _, Condition, ConnectionTrait, EntityTrait as _, ExprTrait as _, QueryFilter as _,
    QueryOrder as _, QuerySelect as _,
};
use std::collections::HashMap;

/// One case.
pub(crate) async fn case_load(db: &impl ConnectionTrait, id: &CaseId) -> Result<Option<Case>, Error> {
    let row = review_case::Entity::find_by_id(id.as_str()).one(db).await?;
    Ok(assemble(db, row.into_iter().collect()).await?.pop())
}

/// The case of a run.
pub(crate) async fn case_of_run(db: &impl ConnectionTrait, run: &RunId) -> Result<Option<Case>, Error> {
    let row = review_case::Entity::find().filter(review_case::Column::Run.eq(run.as_str())).one(db).await?;
    Ok(assemble(db, row.into_iter().collect()).await?.pop())
}

/// The case that rests on a release.
pub(crate) async fn case_of_release(
    db: &impl ConnectionTrait,
    id: &ReleaseId,
) -> Result<Option<Case>, Error> {
    let Some(release) = release::Entity::find_by_id(id.as_str()).one(db).await? else { return Ok(None) };
    case_load(db, &row::parse("case id", &release.case_id)?).await
}

/// Every case of a clinical stage that is not over.
pub(crate) async fn clinical_cases_open(db: &impl ConnectionTrait) -> Result<Vec<Case>, Error> {
    let clinical = [Stage::Pilot, Stage::Supervised, Stage::General].map(Stage::as_str);
    let rows = review_case::Entity::find()
        .filter(review_case::Column::State.is_in(row::open_states()))
        .filter(review_case::Column::Stage.is_in(clinical))
        .all(db)
        .await?;
    assemble(db, rows).await
}

/// One page of all cases, newest first; one row more than the page tells that more follow.
pub(crate) async fn case_page(db: &impl ConnectionTrait, page: &PageRequest) -> Result<Vec<Case>, Error> {
    let mut query = review_case::Entity::find()
        .order_by_desc(review_case::Column::QueuedAt)
        .order_by_asc(review_case::Column::Id)
        .limit(page.limit() + 1);
    if let Some((queued_at, id)) = page.after.as_deref().and_then(read_cursor) {
        let older = review_case::Column::QueuedAt.lt(queued_at);
        let same = review_case::Column::QueuedAt.eq(queued_at).and(review_case::Column::Id.gt(id));
        query = query.filter(Condition::any().add(older).add(same));
    }
    let rows = query.all(db).await?;
    assemble(db, rows).await
}

/// The cursor that continues after a case.
pub(crate) fn case_cursor(case: &Case) -> String {
    format!("{}.{}", case.queued_at.timestamp_micros(), case.id)
}

fn read_cursor(cursor: &str) -> Option<(Time, String)> {
    let (micros, id) = cursor.split_once('.')?;
    Some((Time::from_timestamp_micros(micros.parse().ok()?)?, id.to_owned()))
}

/// Cases of a deployment that are not over.
pub(crate) async fn deployment_cases_open(
    db: &impl ConnectionTrait,
    deployment: &DeploymentId,
) -> Result<Vec<CaseId>, Error> {
    let query = review_case::Entity::find()
        .filter(review_case::Column::Deployment.eq(deployment.as_str()))
        .filter(review_case::Column::State.is_in(row::open_states()));
    ids(&query.select_only().column(review_case::Column::Id).into_tuple().all(db).await?)
}

/// Cases of a deployment that their reads ended.
pub(crate) async fn deployment_cases_ended(
    db: &impl ConnectionTrait,
    deployment: &DeploymentId,
) -> Result<Vec<Case>, Error> {
    let rows = review_case::Entity::find()
        .filter(review_case::Column::Deployment.eq(deployment.as_str()))
        .filter(review_case::Column::EndedAt.is_not_null())
        .all(db)
        .await?;
    assemble(db, rows).await
}

/// Cases in any of the given states.
pub(crate) async fn cases_in(db: &impl ConnectionTrait, states: &[CaseState]) -> Result<Vec<Case>, Error> {
    let states: Vec<String> = states.iter().map(row::text_of).collect();
    let rows = review_case::Entity::find().filter(review_case::Column::State.is_in(states)).all(db).await?;
    assemble(db, rows).await
}

/// Cases with a hold that lapsed and was not ended yet.
pub(crate) async fn cases_with_lapsed_lease(
    db: &impl ConnectionTrait,
    now: Time,
) -> Result<Vec<CaseId>, Error> {
    let query = lease::Entity::find()
        .filter(lease::Column::EndedAt.is_null())
        .filter(lease::Column::ExpiresAt.lte(now));
    ids(&query.select_only().column(lease::Column::CaseId).distinct().into_tuple().all(db).await?)
}

/// The case on which a reader has a hold that was not ended.
pub(crate) async fn case_held_by(
    db: &impl ConnectionTrait,
    reader: &UserId,
) -> Result<Option<CaseId>, Error> {
    let held = lease::Entity::find()
        .filter(lease::Column::Reader.eq(reader.as_str()))
        .filter(lease::Column::EndedAt.is_null())
        .one(db)
        .await?;
    held.map(|lease| row::parse("case id", &lease.case_id)).transpose()
}

/// The stage of a deployment as last told by rollout.
pub(crate) async fn deployment_stage(
    db: &impl ConnectionTrait,
    deployment: &DeploymentId,
) -> Result<Option<Stage>, Error> {
    let known = deployment_stage::Entity::find_by_id(deployment.as_str()).one(db).await?;
    known.map(|known| row::word("stage", &known.stage)).transpose()
}

fn ids(texts: &[String]) -> Result<Vec<CaseId>, Error> {
    texts.iter().map(|text| row::parse("case id", text)).collect()
}

/// Joins rows of cases with everything that belongs to them, in the order of the rows.
pub(super) async fn assemble(
    db: &impl ConnectionTrait,
    rows: Vec<review_case::Model>,
) -> Result<Vec<Case>, Error> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let mut cases = rows.into_iter().map(row::case).collect::<Result<Vec<Case>, Error>>()?;
    let places: HashMap<String, usize> =
        cases.iter().enumerate().map(|(place, case)| (case.id.to_string(), place)).collect();
    let wanted = || places.keys().map(String::as_str);
    for row in lease::Entity::find()
        .filter(lease::Column::CaseId.is_in(wanted()))
        .order_by_asc(lease::Column::TakenAt)
        .all(db)
        .await?
    {
        cases[places[&row.case_id]].leases.push(row::lease(&row)?);
    }
    for row in draft::Entity::find().filter(draft::Column::CaseId.is_in(wanted())).all(db).await? {
        cases[places[&row.case_id]].drafts.push(row::draft(&row)?);
    }
    for row in signed_read::Entity::find()
        .filter(signed_read::Column::CaseId.is_in(wanted()))
        .order_by_asc(signed_read::Column::SignedAt)
        .order_by_asc(signed_read::Column::Id)
        .all(db)
        .await?
    {
        cases[places[&row.case_id]].reads.push(row::read(&row)?);
    }
    let live = hold::Column::CaseId.is_in(wanted()).and(hold::Column::EndedAt.is_null());
    for row in hold::Entity::find().filter(live).all(db).await? {
        let reason = HoldReason::from_code(&row.reason_code)
            .ok_or(Error::Stored { what: "hold reason", text: row.reason_code })?;
        cases[places[&row.case_id]].holds.push(reason);
    }
    endings(db, &places, &mut cases).await?;
    kin(db, &mut cases).await?;
    Ok(cases)
}

async fn endings(
    db: &impl ConnectionTrait,
    places: &HashMap<String, usize>,
    cases: &mut [Case],
) -> Result<(), Error> {
    let wanted = || places.keys().map(String::as_str);
    for row in release::Entity::find().filter(release::Column::CaseId.is_in(wanted())).all(db).await? {
        cases[places[&row.case_id]].ending = Some(Ending::Released {
            release: row::parse("release id", &row.id)?,
            signers: [row::parse("user id", &row.first_signer)?, row::parse("user id", &row.second_signer)?],
            at: row.released_at,
        });
    }
    let ended: Vec<(String, Time)> = review_case::Entity::find()
        .filter(review_case::Column::Id.is_in(wanted()))
        .filter(review_case::Column::EndedAt.is_not_null())
        .select_only()
        .column(review_case::Column::Id)
        .column(review_case::Column::EndedAt)
        .into_tuple()
        .all(db)
        .await?;
    for (id, at) in ended {
        cases[places[&id]].ending.get_or_insert(Ending::Rejected { at });
    }
    Ok(())
}

/// Fills in what the other cases of the same source series mean for each case.
async fn kin(db: &impl ConnectionTrait, cases: &mut [Case]) -> Result<(), Error> {
    let series: Vec<String> = cases.iter().map(|case| case.series.to_string()).collect();
    let related: Vec<(String, String, String, String)> = review_case::Entity::find()
        .filter(review_case::Column::Series.is_in(series))
        .select_only()
        .column(review_case::Column::Id)
        .column(review_case::Column::Series)
        .column(review_case::Column::State)
        .column(review_case::Column::Stage)
        .into_tuple()
        .all(db)
        .await?;
    let related_ids: Vec<&str> = related.iter().map(|(id, ..)| id.as_str()).collect();
    let reads: Vec<(String, String, i16)> = signed_read::Entity::find()
        .filter(signed_read::Column::CaseId.is_in(related_ids))
        .select_only()
        .column(signed_read::Column::CaseId)
        .column(signed_read::Column::Reader)
        .column(signed_read::Column::Slot)
        .into_tuple()
        .all(db)
        .await?;
    let open = row::open_states();
    for case in cases {
        for (id, _, state, stage) in related
            .iter()
            .filter(|(id, series, ..)| *series == case.series.as_str() && *id != case.id.as_str())
        {
            let clinical = row::word::<Stage>("stage", stage)?.is_clinical();
            case.kin.has_open_case |= clinical && open.contains(state);
            for (_, reader, slot) in reads.iter().filter(|(of, ..)| of == id) {
                let reader: UserId = row::parse("user id", reader)?;
                if *slot == crate::case::Slot::Third.number() {
                    case.kin.adjudicators.insert(reader.clone());
                }
                case.kin.readers.insert(reader);
            }
        }
    }
    Ok(())
}
