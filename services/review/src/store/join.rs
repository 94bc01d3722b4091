//! Rows of cases joined with everything that belongs to them.

use super::row;
use crate::case::{
    Case, Credential, Deferral, Ending, Hold, HoldReason, PriorityChange, Purpose, Recall, Slot,
};
use crate::entity::{
    addendum, conflict, credential, deferral, draft, hold, lease, priority_change, recall, release,
    review_case, signed_read,
};
use crate::error::Error;
use contract::UserId;
use contract::review::Verdict;
use contract::rollout::Stage;
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, ExprTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _,
};
use std::collections::HashMap;

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
        let case = &mut cases[places[&row.case_id]];
        match row::withdrawal(&row)? {
            Some(withdrawal) => case.withdrawals.push(withdrawal),
            None if row.invalidated_at.is_some() => case.invalidated.push(row::read(&row)?),
            None => case.reads.push(row::read(&row)?),
        }
    }
    addenda(db, &places, &mut cases).await?;
    steering(db, &places, &mut cases).await?;
    rights(db, &mut cases).await?;
    endings(db, &places, &mut cases).await?;
    kin(db, &mut cases).await?;
    Ok(cases)
}

/// What readers wrote to reads that stand.
async fn addenda(
    db: &impl ConnectionTrait,
    places: &HashMap<String, usize>,
    cases: &mut [Case],
) -> Result<(), Error> {
    let rows = addendum::Entity::find()
        .filter(addendum::Column::CaseId.is_in(places.keys().map(String::as_str)))
        .order_by_asc(addendum::Column::Place)
        .all(db)
        .await?;
    for row in rows {
        let case = &mut cases[places[&row.case_id]];
        if let Some(read) = case.reads.iter_mut().find(|read| read.id.as_str() == row.read_id) {
            read.addenda.push(row::addendum(row)?);
        }
    }
    Ok(())
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
    Ok(())
}

async fn steering(
    db: &impl ConnectionTrait,
    places: &HashMap<String, usize>,
    cases: &mut [Case],
) -> Result<(), Error> {
    let wanted = || places.keys().map(String::as_str);
    let live = hold::Column::CaseId.is_in(wanted()).and(hold::Column::EndedAt.is_null());
    for row in hold::Entity::find().filter(live).all(db).await? {
        let reason = HoldReason::from_code(&row.reason_code)
            .ok_or(Error::Stored { what: "hold reason", text: row.reason_code })?;
        let by = row.placed_by.as_deref().map(|by| row::parse("user id", by)).transpose()?;
        let hold = Hold { reason, by, words: row.reason, placed_at: row.placed_at };
        cases[places[&row.case_id]].holds.push(hold);
    }
    let live = deferral::Column::CaseId.is_in(wanted()).and(deferral::Column::ReturnedAt.is_null());
    for row in deferral::Entity::find().filter(live).all(db).await? {
        let reader = row::parse("user id", &row.reader)?;
        let deferral = Deferral { reader, words: row.reason, placed_at: row.placed_at };
        cases[places[&row.case_id]].deferrals.push(deferral);
    }
    for row in recall::Entity::find().filter(recall::Column::CaseId.is_in(wanted())).all(db).await? {
        let confirmed_by = row.confirmed_by.as_deref().map(|by| row::parse("user id", by)).transpose()?;
        cases[places[&row.case_id]].recall = Some(Recall {
            words: row.reason,
            proposed_by: row::parse("user id", &row.proposed_by)?,
            proposed_at: row.proposed_at,
            confirmed: confirmed_by.zip(row.confirmed_at),
        });
    }
    let changes = priority_change::Entity::find()
        .filter(priority_change::Column::CaseId.is_in(wanted()))
        .order_by_asc(priority_change::Column::ChangedAt);
    for row in changes.all(db).await? {
        // The newest one stays.
        cases[places[&row.case_id]].priority_change = Some(PriorityChange {
            from: row::word("priority", &row.priority_before)?,
            by: row::parse("user id", &row.changed_by)?,
            words: row.reason,
            at: row.changed_at,
        });
    }
    Ok(())
}

/// Who may not read a case, and who may for its modality and use.
async fn rights(db: &impl ConnectionTrait, cases: &mut [Case]) -> Result<(), Error> {
    let subjects: Vec<String> =
        cases.iter().flat_map(|case| [case.study.to_string(), case.deployment.to_string()]).collect();
    let conflicts =
        conflict::Entity::find().filter(conflict::Column::Subject.is_in(subjects)).all(db).await?;
    let tasks: Vec<String> = cases.iter().map(|case| case.task.clone()).collect();
    let credentials = credential::Entity::find()
        .filter(credential::Column::Task.is_in(tasks))
        .filter(credential::Column::RevokedAt.is_null())
        .all(db)
        .await?;
    for case in cases {
        let about = [case.study.as_str(), case.deployment.as_str()];
        for row in conflicts.iter().filter(|row| about.contains(&row.subject.as_str())) {
            case.conflicted.insert(row::parse("user id", &row.reader)?);
        }
        // Who reads nothing here needs no credential for it.
        let purpose = case.purpose().unwrap_or_default().as_str();
        let is_for = |row: &&credential::Model| {
            row.task == case.task && row.modality == case.modality && row.purpose == purpose
        };
        for row in credentials.iter().filter(is_for) {
            case.credentials.push(Credential {
                reader: row::parse("user id", &row.reader)?,
                valid_from: row.valid_from,
                valid_until: row.valid_until,
            });
        }
    }
    Ok(())
}

/// Fills in what the other cases of the same source series mean for each case.
async fn kin(db: &impl ConnectionTrait, cases: &mut [Case]) -> Result<(), Error> {
    let series: Vec<String> = cases.iter().map(|case| case.series.to_string()).collect();
    let related = review_case::Entity::find()
        .filter(review_case::Column::Series.is_in(series.iter().map(String::as_str)))
        .all(db)
        .await?;
    let related_ids = || related.iter().map(|row| row.id.as_str());
    let reads: Vec<(String, String, i16)> = signed_read::Entity::find()
        .filter(signed_read::Column::CaseId.is_in(related_ids()))
        .select_only()
        .column(signed_read::Column::CaseId)
        .column(signed_read::Column::Reader)
        .column(signed_read::Column::Slot)
        .into_tuple()
        .all(db)
        .await?;
    let replaced = related.iter().filter(|row| row.superseded_at.is_some()).map(|row| row.id.as_str());
    let drafts = draft::Entity::find()
        .filter(draft::Column::CaseId.is_in(replaced))
        .order_by_desc(draft::Column::SavedAt)
        .all(db)
        .await?;
    let open = row::open_states();
    let compared = super::pair::comparers(db, &series).await?;
    let discussed = super::discussion::discussers(db, &series).await?;
    for case in cases.iter_mut() {
        let own = case.id.to_string();
        let series = case.series.to_string();
        for other in related.iter().filter(|row| row.series == series && row.id != own) {
            let stage = row::word::<Stage>("stage", &other.stage)?;
            // That a sentinel or a repeat is open must change nothing for the patient's own cases.
            case.kin.has_open_case |=
                stage.is_clinical() && other.kind == row::CLINICAL && open.contains(&other.state);
            for (_, reader, slot) in reads.iter().filter(|(of, ..)| *of == other.id) {
                let reader: UserId = row::parse("user id", reader)?;
                if Slot::from_number(*slot).is_some_and(Slot::is_adjudication) {
                    case.kin.adjudicators.insert(reader.clone());
                }
                case.kin.readers.insert(reader);
            }
            let same_deployment = other.deployment == case.deployment.as_str();
            for typed in drafts.iter().filter(|row| row.case_id == other.id && same_deployment) {
                case.kin.drafts.push(row::draft(typed)?);
            }
        }
        case.kin.drafts.sort_by_key(|draft| std::cmp::Reverse(draft.saved_at));
        let shown = compared.iter().filter(|(of, _)| *of == series).map(|(_, reader)| reader.clone());
        case.kin.comparers.extend(shown);
        let said = discussed.iter().filter(|(of, _)| *of == series).map(|(_, person)| person.clone());
        case.kin.discussers.extend(said);
    }
    former(db, cases, &related).await?;
    evaluators(db, cases, &related).await
}

/// First reads on cases whose place was taken and whose images are the same, value for value.
async fn former(
    db: &impl ConnectionTrait,
    cases: &mut [Case],
    related: &[review_case::Model],
) -> Result<(), Error> {
    let is_of = |case: &Case, row: &review_case::Model| {
        row.id != case.id.as_str()
            && row.superseded_at.is_some()
            && row.kind == row::CLINICAL
            && row.series == case.series.as_str()
            && row.deployment == case.deployment.as_str()
            && row.model == case.model.as_str()
            && row.volumes.is_some()
            && row.volumes == case.volumes.map(|digest| digest.to_string())
    };
    let wanted: Vec<&str> = related
        .iter()
        .filter(|row| cases.iter().any(|case| case.is_clinical() && is_of(case, row)))
        .map(|row| row.id.as_str())
        .collect();
    if wanted.is_empty() {
        return Ok(());
    }
    let reads = signed_read::Entity::find()
        .filter(signed_read::Column::CaseId.is_in(wanted))
        .filter(signed_read::Column::WithdrawnAt.is_null())
        .filter(signed_read::Column::InvalidatedAt.is_null())
        .order_by_desc(signed_read::Column::SignedAt)
        .all(db)
        .await?;
    let ids = reads.iter().map(|row| row.id.as_str());
    let written = addendum::Entity::find().filter(addendum::Column::ReadId.is_in(ids)).all(db).await?;
    for case in cases.iter_mut().filter(|case| case.is_clinical()) {
        let of: Vec<&str> =
            related.iter().filter(|row| is_of(case, row)).map(|row| row.id.as_str()).collect();
        for row in reads.iter().filter(|row| of.contains(&row.case_id.as_str())) {
            let mut read = row::read(row)?;
            for added in written.iter().filter(|added| added.read_id == row.id) {
                read.addenda.push(row::addendum(added.clone())?);
            }
            if !read.slot.is_adjudication() && read.verdict != Verdict::CannotJudge {
                case.kin.former.push(read);
            }
        }
    }
    Ok(())
}

/// Who may still read one of the related cases at shadow.
async fn evaluators(
    db: &impl ConnectionTrait,
    cases: &mut [Case],
    related: &[review_case::Model],
) -> Result<(), Error> {
    let open = row::open_states();
    let drawn: Vec<&review_case::Model> =
        related.iter().filter(|row| row.is_drawn && open.contains(&row.state)).collect();
    if drawn.is_empty() {
        return Ok(());
    }
    let credentials = credential::Entity::find()
        .filter(credential::Column::Purpose.eq(Purpose::Evaluation.as_str()))
        .filter(credential::Column::RevokedAt.is_null())
        .all(db)
        .await?;
    for case in cases {
        let others =
            drawn.iter().filter(|row| row.series == case.series.as_str() && row.id != case.id.as_str());
        for other in others {
            let is_for = |row: &&credential::Model| row.task == other.task && row.modality == other.modality;
            for row in credentials.iter().filter(is_for) {
                case.kin.evaluators.insert(row::parse("user id", &row.reader)?);
            }
        }
    }
    Ok(())
}
