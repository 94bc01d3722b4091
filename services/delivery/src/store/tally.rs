//! What many cases came to at each destination, counted by the database.

use super::note;
use crate::entity::{rejection_note, send};
use crate::error::Error;
use crate::workflow::recall::code;
use contract::CaseId;
use contract::delivery::{Closure, DestinationTally, RejectionNoteState};
use database::DatabaseConnection;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QuerySelect as _};
use std::collections::BTreeMap;

/// What some cases came to at each destination, by its name.
pub(crate) async fn tally(db: &DatabaseConnection, cases: &[CaseId]) -> Result<Vec<DestinationTally>, Error> {
    let mut tallies = BTreeMap::new();
    sends(db, cases, &mut tallies).await?;
    notes(db, cases, &mut tallies).await?;
    Ok(tallies.into_values().collect())
}

type Tallies = BTreeMap<String, DestinationTally>;

fn of<'t>(tallies: &'t mut Tallies, destination: &str) -> &'t mut DestinationTally {
    tallies.entry(destination.to_owned()).or_insert_with(|| DestinationTally {
        destination: destination.to_owned(),
        sends: 0,
        with_objects: 0,
        notes_queued: 0,
        notes_following: 0,
        gone: 0,
        nothing_sent: 0,
        closed_by_hand: 0,
    })
}

async fn sends(db: &DatabaseConnection, cases: &[CaseId], tallies: &mut Tallies) -> Result<(), Error> {
    let counted = || {
        send::Entity::find()
            .select_only()
            .column(send::Column::Destination)
            .column_as(send::Column::Id.count(), "count")
            .filter(send::Column::CaseId.is_in(cases.iter().map(CaseId::as_str)))
            .group_by(send::Column::Destination)
    };
    let all: Vec<(String, i64)> = counted().into_tuple().all(db).await?;
    for (destination, count) in all {
        of(tallies, &destination).sends = number(count);
    }
    let begun = counted().filter(send::Column::ObjectsStored.gt(0));
    let begun: Vec<(String, i64)> = begun.into_tuple().all(db).await?;
    for (destination, count) in begun {
        of(tallies, &destination).with_objects = number(count);
    }
    Ok(())
}

async fn notes(db: &DatabaseConnection, cases: &[CaseId], tallies: &mut Tallies) -> Result<(), Error> {
    use rejection_note::Column;
    let rows: Vec<(String, String, Option<String>, i64)> = rejection_note::Entity::find()
        .select_only()
        .columns([Column::Destination, Column::State, Column::Closure])
        .column_as(Column::Id.count(), "count")
        .filter(Column::CaseId.is_in(cases.iter().map(CaseId::as_str)))
        .group_by(Column::Destination)
        .group_by(Column::State)
        .group_by(Column::Closure)
        .into_tuple()
        .all(db)
        .await?;
    for (destination, state, closure, count) in rows {
        let tally = of(tallies, &destination);
        let closed = |wanted| closure.as_deref() == Some(code(wanted));
        let place = match note::state(&state)? {
            RejectionNoteState::Queued => &mut tally.notes_queued,
            RejectionNoteState::Following => &mut tally.notes_following,
            RejectionNoteState::Closed if closed(Closure::Gone) => &mut tally.gone,
            RejectionNoteState::Closed if closed(Closure::NothingSent) => &mut tally.nothing_sent,
            RejectionNoteState::Closed => &mut tally.closed_by_hand,
        };
        *place += number(count);
    }
    Ok(())
}

fn number(count: i64) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
