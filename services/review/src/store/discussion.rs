//! Discussions of cases that are over, what was said in them and how readings were scored.

use super::row;
use crate::case::Case;
use crate::entity::{
    comparison_pair, discussion, discussion_contribution, discussion_score, review_case, signed_read,
};
use crate::error::Error;
use crate::learning::{Discussion, Part, Said, Source};
use contract::review::{Radpeer, ScoredCase, ScoredQuery};
use contract::rollout::Stage;
use contract::{CaseId, DiscussionId, Time, UserId};
use database::DatabaseTransaction;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Query, SelectStatement};
use sea_orm::{
    ColumnTrait as _, Condition, ConnectionTrait, EntityTrait as _, ExprTrait as _, PaginatorTrait as _,
    QueryFilter as _, QueryOrder as _, QuerySelect as _,
};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// The most discussions of a list; older ones are found under their case.
const LISTED_MAX: u64 = 500;
/// The most rows that figures are made of.
const SCORED_MAX: u64 = 10_000;

/// Stores a discussion that was opened.
pub(crate) async fn discussion_insert(
    txn: &DatabaseTransaction,
    opened: &Discussion,
    case: &Case,
) -> Result<(), Error> {
    let Said { by, part, words, at } = opened.opened.clone();
    let row = discussion::ActiveModel {
        id: Set(opened.id.to_string()),
        case_id: Set(opened.case.to_string()),
        series: Set(case.series.to_string()),
        kind: Set(row::text_of(opened.kind)),
        question: Set(words),
        opened_by: Set(by.to_string()),
        opened_as: Set(part.as_str().to_owned()),
        opened_at: Set(at),
        learning_point: Set(None),
        closed_by: Set(None),
        closed_at: Set(None),
    };
    discussion::Entity::insert(row).exec_without_returning(txn).await?;
    Ok(())
}

/// Whether a discussion of the case is open.
pub(crate) async fn discussion_is_open(db: &impl ConnectionTrait, case: &CaseId) -> Result<bool, Error> {
    let open = discussion::Entity::find()
        .filter(discussion::Column::CaseId.eq(case.as_str()))
        .filter(discussion::Column::ClosedAt.is_null());
    Ok(open.count(db).await? > 0)
}

/// Loads a discussion and keeps others from changing it until the transaction ends.
pub(crate) async fn discussion_load_locked(
    txn: &DatabaseTransaction,
    id: &DiscussionId,
) -> Result<Option<Discussion>, Error> {
    let row = discussion::Entity::find_by_id(id.as_str()).lock_exclusive().one(txn).await?;
    Ok(joined(txn, row.into_iter().collect()).await?.pop())
}

/// One discussion.
pub(crate) async fn discussion_load(
    db: &impl ConnectionTrait,
    id: &DiscussionId,
) -> Result<Option<Discussion>, Error> {
    let row = discussion::Entity::find_by_id(id.as_str()).one(db).await?;
    Ok(joined(db, row.into_iter().collect()).await?.pop())
}

/// Discussions, newest first, of every case.
pub(crate) async fn discussions(db: &impl ConnectionTrait) -> Result<Vec<Discussion>, Error> {
    listed(db, Condition::all()).await
}

/// Discussions, newest first, of cases that a person signed a read on.
pub(crate) async fn discussions_of_reader(
    db: &impl ConnectionTrait,
    reader: &UserId,
) -> Result<Vec<Discussion>, Error> {
    let read = Query::select()
        .column(signed_read::Column::CaseId)
        .from(signed_read::Entity)
        .and_where(signed_read::Column::Reader.eq(reader.as_str()))
        .to_owned();
    listed(db, Condition::all().add(discussion::Column::CaseId.in_subquery(read))).await
}

async fn listed(db: &impl ConnectionTrait, wanted: Condition) -> Result<Vec<Discussion>, Error> {
    let rows = discussion::Entity::find()
        .filter(wanted)
        .order_by_desc(discussion::Column::OpenedAt)
        .order_by_asc(discussion::Column::Id)
        .limit(LISTED_MAX)
        .all(db)
        .await?;
    joined(db, rows).await
}

/// Discussions of one case, newest first.
pub(crate) async fn discussions_of_case(
    db: &impl ConnectionTrait,
    case: &CaseId,
) -> Result<Vec<Discussion>, Error> {
    listed(db, Condition::all().add(discussion::Column::CaseId.eq(case.as_str()))).await
}

/// Adds what somebody said under its number.
pub(crate) async fn contribution_insert(
    txn: &DatabaseTransaction,
    id: &DiscussionId,
    number: u32,
    said: &Said,
) -> Result<(), Error> {
    let row = discussion_contribution::ActiveModel {
        discussion_id: Set(id.to_string()),
        number: Set(i32::try_from(number).unwrap_or(i32::MAX)),
        said_by: Set(said.by.to_string()),
        said_as: Set(said.part.as_str().to_owned()),
        words: Set(said.words.clone()),
        said_at: Set(said.at),
    };
    discussion_contribution::Entity::insert(row).exec_without_returning(txn).await?;
    Ok(())
}

/// Closes a discussion with what is to be learned.
pub(crate) async fn discussion_close(
    txn: &DatabaseTransaction,
    id: &DiscussionId,
    learned: &Said,
) -> Result<(), Error> {
    let closed = discussion::ActiveModel {
        learning_point: Set(Some(learned.words.clone())),
        closed_by: Set(Some(learned.by.to_string())),
        closed_at: Set(Some(learned.at)),
        ..super::active()
    };
    discussion::Entity::update_many()
        .set(closed)
        .filter(discussion::Column::Id.eq(id.as_str()))
        .filter(discussion::Column::ClosedAt.is_null())
        .exec(txn)
        .await?;
    Ok(())
}

/// Adds a person's score of a case after those that the same person gave before.
pub(crate) async fn score_insert(
    txn: &DatabaseTransaction,
    of: &Discussion,
    scorer: &UserId,
    score: Radpeer,
    now: Time,
) -> Result<(), Error> {
    let before = discussion_score::Entity::find()
        .filter(discussion_score::Column::CaseId.eq(of.case.as_str()))
        .filter(discussion_score::Column::Scorer.eq(scorer.as_str()))
        .count(txn)
        .await?;
    let row = discussion_score::ActiveModel {
        case_id: Set(of.case.to_string()),
        scorer: Set(scorer.to_string()),
        number: Set(i32::try_from(before + 1).unwrap_or(i32::MAX)),
        discussion_id: Set(of.id.to_string()),
        score: Set(score.as_str().to_owned()),
        scored_at: Set(now),
    };
    discussion_score::Entity::insert(row).exec_without_returning(txn).await?;
    Ok(())
}

/// The scores of a person that stand, by case.
pub(crate) async fn scores_of(
    db: &impl ConnectionTrait,
    scorer: &UserId,
    cases: &[CaseId],
) -> Result<HashMap<CaseId, Radpeer>, Error> {
    let rows = discussion_score::Entity::find()
        .filter(discussion_score::Column::Scorer.eq(scorer.as_str()))
        .filter(discussion_score::Column::CaseId.is_in(cases.iter().map(CaseId::as_str)))
        .order_by_asc(discussion_score::Column::Number)
        .all(db)
        .await?;
    // The last one stays.
    rows.iter().map(|row| Ok((row::parse("case id", &row.case_id)?, score_of(row)?))).collect()
}

/// Patients' cases that their reads ended in a period and that were scored, with the scores that stand.
pub(crate) async fn scored_cases(
    db: &impl ConnectionTrait,
    wanted: ScoredQuery,
) -> Result<Vec<ScoredCase>, Error> {
    let scored =
        Query::select().column(discussion_score::Column::CaseId).from(discussion_score::Entity).to_owned();
    let cases = review_case::Entity::find()
        .filter(review_case::Column::Id.in_subquery(scored))
        .filter(review_case::Column::Kind.eq(row::CLINICAL))
        .filter(review_case::Column::EndedAt.gte(wanted.from))
        .filter(review_case::Column::EndedAt.lt(wanted.to))
        .order_by_asc(review_case::Column::EndedAt)
        .limit(SCORED_MAX)
        .all(db)
        .await?;
    let mut standing: BTreeMap<(String, String), Radpeer> = BTreeMap::new();
    for chunk in cases.chunks(LISTED_MAX as usize) {
        let rows = discussion_score::Entity::find()
            .filter(discussion_score::Column::CaseId.is_in(chunk.iter().map(|case| case.id.as_str())))
            .order_by_asc(discussion_score::Column::Number)
            .all(db)
            .await?;
        for row in rows {
            let score = score_of(&row)?;
            standing.insert((row.case_id, row.scorer), score);
        }
    }
    let scores_of = |id: &str| -> Vec<Radpeer> {
        standing.iter().filter(|((case, _), _)| case == id).map(|(_, score)| *score).collect()
    };
    let scored = cases.into_iter().filter_map(|case| {
        let (scores, ended_at) = (scores_of(&case.id), case.ended_at?);
        Some(scored_case(&case, ended_at, scores))
    });
    scored.collect()
}

fn scored_case(case: &review_case::Model, ended_at: Time, scores: Vec<Radpeer>) -> Result<ScoredCase, Error> {
    Ok(ScoredCase {
        case: row::parse("case id", &case.id)?,
        model: row::parse("model version id", &case.model)?,
        deployment: row::parse("deployment id", &case.deployment)?,
        ended_at,
        scores,
    })
}

fn score_of(row: &discussion_score::Model) -> Result<Radpeer, Error> {
    row::word("score", &row.score)
}

/// Whether reads can still be made on the source of each case, on other cases or on pairs. The case itself is judged by
/// what is known of it.
pub(crate) async fn sources_of(
    db: &impl ConnectionTrait,
    cases: &[Case],
) -> Result<HashMap<CaseId, Source>, Error> {
    let series: BTreeSet<&str> = cases.iter().map(|case| case.series.as_str()).collect();
    let open =
        review_case::Column::State.is_in(row::open_states()).or(review_case::Column::SampleOpen.eq(true));
    // What nobody reads, as at shadow what was not drawn, stays open for ever and keeps nothing back.
    let is_read = review_case::Column::Stage
        .is_in([Stage::Pilot, Stage::Supervised, Stage::General].map(Stage::as_str))
        .or(review_case::Column::IsDrawn.eq(true));
    let readable: Vec<(String, String)> = review_case::Entity::find()
        .filter(review_case::Column::Series.is_in(series.iter().copied()))
        .filter(open)
        .filter(is_read)
        .select_only()
        .columns([review_case::Column::Id, review_case::Column::Series])
        .into_tuple()
        .all(db)
        .await?;
    let compared: Vec<String> = comparison_pair::Entity::find()
        .filter(comparison_pair::Column::Series.is_in(series.iter().copied()))
        .filter(comparison_pair::Column::CompletedAt.is_null())
        .filter(comparison_pair::Column::WithdrawnAt.is_null())
        .select_only()
        .column(comparison_pair::Column::Series)
        .into_tuple()
        .all(db)
        .await?;
    let source = |case: &Case| {
        let other = readable.iter().any(|(id, of)| of == case.series.as_str() && id != case.id.as_str());
        let paired = compared.iter().any(|of| of == case.series.as_str());
        if other || paired { Source::MayBeRead } else { Source::Settled }
    };
    Ok(cases.iter().map(|case| (case.id.clone(), source(case))).collect())
}

/// The source series of every case that was ever discussed.
pub(super) fn discussed_series() -> SelectStatement {
    Query::select().column(discussion::Column::Series).from(discussion::Entity).to_owned()
}

/// Who took part in discussing a case of one of these series.
pub(super) async fn discussers(
    db: &impl ConnectionTrait,
    series: &[String],
) -> Result<Vec<(String, UserId)>, Error> {
    let rows = discussion::Entity::find().filter(discussion::Column::Series.is_in(series)).all(db).await?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let ids = || rows.iter().map(|row| row.id.as_str());
    let said: Vec<(String, String)> = discussion_contribution::Entity::find()
        .filter(discussion_contribution::Column::DiscussionId.is_in(ids()))
        .select_only()
        .columns([discussion_contribution::Column::DiscussionId, discussion_contribution::Column::SaidBy])
        .into_tuple()
        .all(db)
        .await?;
    let scored: Vec<(String, String)> = discussion_score::Entity::find()
        .filter(discussion_score::Column::DiscussionId.is_in(ids()))
        .select_only()
        .columns([discussion_score::Column::DiscussionId, discussion_score::Column::Scorer])
        .into_tuple()
        .all(db)
        .await?;
    let mut people = BTreeSet::new();
    for row in &rows {
        let took_part = said.iter().chain(&scored).filter(|(of, _)| *of == row.id).map(|(_, who)| who);
        for who in took_part.chain([&row.opened_by]).chain(&row.closed_by) {
            people.insert((row.series.clone(), row::parse("user id", who)?));
        }
    }
    Ok(people.into_iter().collect())
}

/// Joins rows of discussions with what was said in them, in the order of the rows.
async fn joined(db: &impl ConnectionTrait, rows: Vec<discussion::Model>) -> Result<Vec<Discussion>, Error> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let ids = || rows.iter().map(|row| row.id.as_str());
    let mut said: HashMap<String, Vec<Said>> = HashMap::new();
    let contributions = discussion_contribution::Entity::find()
        .filter(discussion_contribution::Column::DiscussionId.is_in(ids()))
        .order_by_asc(discussion_contribution::Column::Number)
        .all(db)
        .await?;
    for row in contributions {
        let one = Said {
            by: row::parse("user id", &row.said_by)?,
            part: part_of(&row.said_as)?,
            words: row.words,
            at: row.said_at,
        };
        said.entry(row.discussion_id).or_default().push(one);
    }
    rows.into_iter()
        .map(|row| {
            let contributions = said.remove(&row.id).unwrap_or_default();
            discussion_of(row, contributions)
        })
        .collect()
}

fn discussion_of(row: discussion::Model, contributions: Vec<Said>) -> Result<Discussion, Error> {
    let closed = match (row.closed_by, row.closed_at, row.learning_point) {
        (Some(by), Some(at), Some(words)) => {
            Some(Said { by: row::parse("user id", &by)?, part: Part::Quality, words, at })
        }
        _ => None,
    };
    Ok(Discussion {
        id: row::parse("discussion id", &row.id)?,
        case: row::parse("case id", &row.case_id)?,
        kind: row::word("kind of a discussion", &row.kind)?,
        opened: Said {
            by: row::parse("user id", &row.opened_by)?,
            part: part_of(&row.opened_as)?,
            words: row.question,
            at: row.opened_at,
        },
        contributions,
        closed,
    })
}

fn part_of(word: &str) -> Result<Part, Error> {
    Part::from_word(word).ok_or_else(|| Error::Stored { what: "part in a discussion", text: word.to_owned() })
}
