//! Destinations as versions. A version, once there, never changes.

use super::{Origin, read, tell};
use crate::destination::{Author, Version};
use crate::entity::destination_version::{Column, Entity, Model};
use crate::entity::{rejection_note, send};
use crate::error::Error;
use contract::Event;
use contract::delivery::{DestinationKind, DestinationState, DestinationTerms};
use contract::event::DestinationChanged;
use database::{DatabaseConnection, DatabaseTransaction};
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, IntoActiveModel as _, QueryFilter as _,
    QueryOrder as _, QuerySelect as _,
};
use std::collections::BTreeMap;

/// Every version of every destination, by name, oldest first.
pub(crate) async fn list(db: &impl ConnectionTrait) -> Result<Vec<Version>, Error> {
    let rows = Entity::find().order_by_asc(Column::Name).order_by_asc(Column::Version).all(db).await?;
    rows.into_iter().map(value).collect()
}

/// The names of all destinations.
pub(crate) async fn names(db: &impl ConnectionTrait) -> Result<Vec<String>, Error> {
    let first = Entity::find().select_only().column(Column::Name).filter(Column::Version.eq(1));
    Ok(first.order_by_asc(Column::Name).into_tuple().all(db).await?)
}

/// What is in force of the destination of this name.
pub(crate) async fn current(db: &impl ConnectionTrait, name: &str) -> Result<Option<Version>, Error> {
    let newest = Entity::find().filter(Column::Name.eq(name)).order_by_desc(Column::Version).one(db).await?;
    newest.map(value).transpose()
}

/// Puts a version in force and tells of it. Whether nobody else had put another one in force.
pub(crate) async fn insert(
    txn: &DatabaseTransaction,
    version: &Version,
    origin: &Origin<'_>,
) -> Result<bool, Error> {
    let there = OnConflict::columns([Column::Name, Column::Version]).do_nothing().to_owned();
    let added = Entity::insert(row(version).into_active_model())
        .on_conflict(there)
        .exec_without_returning(txn)
        .await?;
    if added == 0 {
        return Ok(false);
    }
    let event = Event::DestinationChanged(DestinationChanged {
        destination: version.id.clone(),
        version: version.version,
        state: version.terms.state,
        by_configuration: version.changed_by == Author::Configuration,
    });
    tell(txn, &version.id, event, origin).await?;
    Ok(true)
}

/// How many sends to each destination are not delivered, by its name.
pub(crate) async fn waiting(db: &DatabaseConnection) -> Result<BTreeMap<String, i64>, Error> {
    let counts: Vec<(String, i64)> = send::Entity::find()
        .select_only()
        .column(send::Column::Destination)
        .column_as(send::Column::Id.count(), "count")
        .filter(send::Column::DeliveredAt.is_null())
        .group_by(send::Column::Destination)
        .into_tuple()
        .all(db)
        .await?;
    Ok(counts.into_iter().collect())
}

/// How many rejection notes for each destination are open, by its name.
pub(crate) async fn notes_open(db: &DatabaseConnection) -> Result<BTreeMap<String, i64>, Error> {
    use rejection_note::Column as Note;
    let counts: Vec<(String, i64)> = rejection_note::Entity::find()
        .select_only()
        .column(Note::Destination)
        .column_as(Note::Id.count(), "count")
        .filter(Note::ClosedAt.is_null())
        .group_by(Note::Destination)
        .into_tuple()
        .all(db)
        .await?;
    Ok(counts.into_iter().collect())
}

const KINDS: [(DestinationKind, &str); 2] =
    [(DestinationKind::Clinical, "clinical"), (DestinationKind::Research, "research")];
const STATES: [(DestinationState, &str); 3] = [
    (DestinationState::InUse, "in_use"),
    (DestinationState::Paused, "paused"),
    (DestinationState::Closed, "closed"),
];

fn text<T: PartialEq>(names: &[(T, &'static str)], wanted: &T) -> String {
    let named = names.iter().find(|(value, _)| value == wanted);
    named.expect("each value has a name").1.to_owned()
}

fn named<T: Copy>(names: &[(T, &'static str)], what: &'static str, text: &str) -> Result<T, Error> {
    let known = names.iter().find(|(_, name)| *name == text).map(|(value, _)| *value);
    known.ok_or_else(|| Error::Stored { what, text: text.to_owned() })
}

fn row(version: &Version) -> Model {
    let DestinationTerms { ae_title, host, port, kind, state } = version.terms.clone();
    let (changed_by, changed_by_name) = match version.changed_by.clone() {
        Author::Configuration => (None, None),
        Author::Person { user, printed_name } => (Some(user.to_string()), Some(printed_name)),
    };
    Model {
        name: version.name.clone(),
        version: version.version.cast_signed(),
        destination: version.id.to_string(),
        ae_title,
        host,
        port: port.into(),
        kind: text(&KINDS, &kind),
        state: text(&STATES, &state),
        changed_at: version.changed_at,
        changed_by,
        changed_by_name,
        reason: version.reason.clone(),
    }
}

fn value(row: Model) -> Result<Version, Error> {
    let changed_by = match row.changed_by.zip(row.changed_by_name) {
        None => Author::Configuration,
        Some((user, printed_name)) => Author::Person { user: read("user id", &user)?, printed_name },
    };
    let port = u16::try_from(row.port)
        .map_err(|_| Error::Stored { what: "port of a destination", text: row.port.to_string() })?;
    Ok(Version {
        id: read("destination id", &row.destination)?,
        name: row.name,
        version: row.version.cast_unsigned(),
        terms: DestinationTerms {
            ae_title: row.ae_title,
            host: row.host,
            port,
            kind: named(&KINDS, "kind of a destination", &row.kind)?,
            state: named(&STATES, "state of a destination", &row.state)?,
        },
        changed_at: row.changed_at,
        changed_by,
        reason: row.reason,
    })
}
