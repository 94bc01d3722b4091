//! Reading a whole ledger. Row by row, most of the time goes into handing over rows; so the database joins each column
//! of a page to one text, and only a page that does not come apart again is read row by row.

use super::mention::{BLOCK_ENTRIES, Mentions};
use crate::Error;
use crate::entity::ledger_entry::{Column, Entity, Model};
use crate::examine::Row;
use sea_orm::sea_query::{Alias, Expr, ExprTrait as _, Func, Query, SelectStatement};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, DbBackend, EntityTrait as _, QueryFilter as _, QueryOrder as _,
    QueryTrait as _, Select,
};

const COLUMNS: [&str; 8] = ["position", "event", "service", "seq", "kind", "entry", "leaf", "personal"];

/// Neighbouring entries as they stand in the database, without their mentions.
#[derive(Debug)]
pub(crate) enum Scanned {
    /// The columns, each with a line an entry.
    Joined([String; 8]),
    /// As rows: somewhere a line end stands where none belongs.
    Rows(Vec<Model>),
}

impl Scanned {
    /// The number of entries.
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Joined([positions, ..]) => lines(positions),
            Self::Rows(rows) => rows.len(),
        }
    }

    /// Gives each entry to `take`, lowest position first, until it gives something back.
    pub(crate) fn find_map<T>(
        &self,
        mentions: &Mentions,
        mut take: impl FnMut(&Row<'_>) -> Option<T>,
    ) -> Option<T> {
        let mut rows = self.rows(mentions);
        rows.sort_by_key(|row| row.position);
        rows.iter().find_map(&mut take)
    }

    fn rows<'e>(&'e self, mentions: &'e Mentions) -> Vec<Row<'e>> {
        match self {
            Self::Joined(columns) => joined_rows(columns, mentions),
            Self::Rows(rows) => rows.iter().map(|row| model_row(row, mentions)).collect(),
        }
    }
}

fn lines(text: &str) -> usize {
    1 + text.bytes().filter(|byte| *byte == b'\n').count()
}

fn joined_rows<'e>(columns: &'e [String; 8], mentions: &'e Mentions) -> Vec<Row<'e>> {
    // Columns of numbers hold numbers in both databases; anything else is found as a wrong place or number.
    let number = |text: &str| text.parse::<i64>().unwrap_or(i64::MIN);
    let [positions, events, services, seqs, kinds, entries, leaves, personal] =
        columns.each_ref().map(|column| column.split('\n'));
    let told = events.zip(services).zip(seqs).zip(kinds);
    positions
        .zip(told)
        .zip(entries.zip(leaves).zip(personal))
        .map(|((position, (((event, service), seq), kind)), ((entry, leaf), personal))| {
            let position = number(position);
            Row {
                position,
                event,
                service,
                seq: number(seq),
                kind,
                entry,
                leaf,
                personal,
                mentions: mentions.of(position),
            }
        })
        .collect()
}

fn model_row<'e>(row: &'e Model, mentions: &'e Mentions) -> Row<'e> {
    Row {
        position: row.position,
        event: &row.event,
        service: &row.service,
        seq: row.seq,
        kind: &row.kind,
        entry: &row.entry,
        leaf: &row.leaf,
        personal: &row.personal,
        mentions: mentions.of(row.position),
    }
}

/// The entries from `from` to the end of its block; `None` where there are none.
pub(crate) async fn entry_scan(db: &impl ConnectionTrait, from: u64) -> Result<Option<Scanned>, Error> {
    let joined = columns(db, page(from).into_query(), COLUMNS).await?;
    let Some(joined) = joined else { return Ok(None) };
    let count = lines(&joined[0]);
    if joined.iter().all(|column| lines(column) == count) {
        return Ok(Some(Scanned::Joined(joined)));
    }
    Ok(Some(Scanned::Rows(page(from).all(db).await?)))
}

fn page(from: u64) -> Select<Entity> {
    Entity::find()
        .filter(Column::Position.gte(from as i64))
        .filter(Column::Position.lt((from - from % BLOCK_ENTRIES + BLOCK_ENTRIES) as i64))
        .order_by_asc(Column::Position)
}

/// The lowest position at or after `from`.
pub(crate) async fn position_after(db: &impl ConnectionTrait, from: u64) -> Result<Option<i64>, Error> {
    let next = Entity::find().filter(Column::Position.gte(from as i64)).order_by_asc(Column::Position);
    Ok(next.one(db).await?.map(|row| row.position))
}

/// The `columns` of `rows`, each as one text with a line a row; `None` where there are no rows.
pub(super) async fn columns<const N: usize>(
    db: &impl ConnectionTrait,
    rows: SelectStatement,
    columns: [&'static str; N],
) -> Result<Option<[String; N]>, Error> {
    let join = match db.get_database_backend() {
        DbBackend::Postgres => "string_agg",
        _ => "group_concat",
    };
    let joined = columns.map(|column| Func::cust(join).arg(Expr::col(column).cast_as("text")).arg("\n"));
    let query = Query::select().exprs(joined).from_subquery(rows, Alias::new("page")).to_owned();
    let Some(row) = db.query_one(&query).await? else { return Ok(None) };
    let mut texts = std::array::from_fn(|_| String::new());
    for (at, text) in texts.iter_mut().enumerate() {
        let Some(found) = row.try_get_by_index::<Option<String>>(at)? else { return Ok(None) };
        *text = found;
    }
    Ok(Some(texts))
}
