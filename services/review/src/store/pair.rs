//! Pairs: what of them is wanted, who was shown what, and what was signed.

use super::join::assemble;
use super::{Origin, active, row, tell};
use crate::case::{Case, Credential, Purpose};
use crate::entity::{
    comparison_pair, comparison_terms, credential, lease, pair_answer, pair_seat, review_case,
};
use crate::error::Error;
use crate::side_by_side::{Answer, Pair, Seat};
use contract::event::{ComparisonStarted, PairAnswered, PairTold, PairWithdrawn};
use contract::review::Side;
use contract::rollout::Stage;
use contract::{CaseId, ComparisonId, Event, PairId, Time, UserId};
use database::DatabaseTransaction;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ColumnTrait as _, Condition, ConnectionTrait, EntityTrait as _, ExprTrait as _, PaginatorTrait as _,
    QueryFilter as _, QueryOrder as _, QuerySelect as _,
};
use std::collections::{BTreeSet, HashMap};

/// Remembers what a comparison wants. Told twice, it is remembered once.
pub(crate) async fn comparison_remember(
    txn: &DatabaseTransaction,
    told: &ComparisonStarted,
    at: Time,
) -> Result<(), Error> {
    let number = |count: u32| Set(i32::try_from(count).unwrap_or(i32::MAX));
    let row = comparison_terms::ActiveModel {
        id: Set(told.comparison.to_string()),
        champion: Set(told.champion.to_string()),
        challenger: Set(told.challenger.to_string()),
        readers: number(told.readers),
        draw_per_mille: number(told.draw_per_mille),
        pairs_wanted: number(told.pairs),
        started_at: Set(at),
        ended_at: Set(None),
    };
    let once = OnConflict::new().do_nothing().to_owned();
    comparison_terms::Entity::insert(row).on_conflict(once).exec_without_returning(txn).await?;
    Ok(())
}

/// Remembers that a comparison is over, also where it wasn't heard of yet, and takes out what nobody completed.
pub(crate) async fn comparison_end(
    txn: &DatabaseTransaction,
    id: &ComparisonId,
    origin: &Origin,
) -> Result<(), Error> {
    // Where its beginning comes later, it finds this row, which wants nothing.
    let nothing = comparison_terms::ActiveModel {
        id: Set(id.to_string()),
        champion: Set(String::new()),
        challenger: Set(String::new()),
        readers: Set(0),
        draw_per_mille: Set(0),
        pairs_wanted: Set(0),
        started_at: Set(origin.now),
        ended_at: Set(Some(origin.now)),
    };
    let once = OnConflict::new().do_nothing().to_owned();
    comparison_terms::Entity::insert(nothing).on_conflict(once).exec_without_returning(txn).await?;
    comparison_terms::Entity::update_many()
        .col_expr(comparison_terms::Column::EndedAt, Expr::value(origin.now))
        .filter(comparison_terms::Column::Id.eq(id.as_str()))
        .filter(comparison_terms::Column::EndedAt.is_null())
        .exec(txn)
        .await?;
    let of_it = comparison_pair::Column::Comparison.eq(id.as_str());
    pairs_withdraw(txn, Condition::all().add(of_it), "comparison_ended", origin).await
}

/// A pair that may be opened: a case and the one that stands against it.
pub(crate) struct Match {
    /// The comparison.
    pub(crate) comparison: ComparisonId,
    /// The case of the champion's run.
    pub(crate) champion: CaseId,
    /// The case of the challenger's.
    pub(crate) challenger: CaseId,
    /// How many people read it.
    pub(crate) readers: i32,
    /// Of a thousand, how many are read.
    pub(crate) draw_per_mille: u32,
}

/// What a case that was just queued makes a pair with: cases of the other deployment, on the very same set of source
/// instances, both queued since the comparison began. A comparison that has all its pairs wants none.
pub(crate) async fn matches_of(txn: &DatabaseTransaction, case: &Case) -> Result<Vec<Match>, Error> {
    let deployment = case.deployment.as_str();
    let takes_part = comparison_terms::Column::Champion
        .eq(deployment)
        .or(comparison_terms::Column::Challenger.eq(deployment));
    let open = comparison_terms::Entity::find()
        .filter(takes_part)
        .filter(comparison_terms::Column::EndedAt.is_null())
        .filter(comparison_terms::Column::StartedAt.lte(case.queued_at))
        .all(txn)
        .await?;
    let mut found = Vec::new();
    for terms in open {
        let is_champion = terms.champion == deployment;
        let other = if is_champion { &terms.challenger } else { &terms.champion };
        let Some(other) = counterpart(txn, case, other, terms.started_at).await? else { continue };
        let challenger_stage = if is_champion { other.stage.as_str() } else { case.stage.as_str() };
        if challenger_stage != Stage::Shadow.as_str() || !wants_more(txn, &terms).await? {
            continue;
        }
        let other: CaseId = row::parse("case id", &other.id)?;
        let (champion, challenger) =
            if is_champion { (case.id.clone(), other) } else { (other, case.id.clone()) };
        found.push(Match {
            comparison: row::parse("comparison id", &terms.id)?,
            champion,
            challenger,
            readers: terms.readers,
            draw_per_mille: terms.draw_per_mille.unsigned_abs(),
        });
    }
    Ok(found)
}

async fn counterpart(
    txn: &DatabaseTransaction,
    case: &Case,
    deployment: &str,
    since: Time,
) -> Result<Option<review_case::Model>, Error> {
    let found = review_case::Entity::find()
        .filter(review_case::Column::Series.eq(case.series.as_str()))
        .filter(review_case::Column::SourceSet.eq(case.source_set.to_string()))
        .filter(review_case::Column::Deployment.eq(deployment))
        .filter(review_case::Column::Kind.eq(row::CLINICAL))
        .filter(review_case::Column::SupersededAt.is_null())
        .filter(review_case::Column::QueuedAt.gte(since))
        .order_by_desc(review_case::Column::QueuedAt)
        .one(txn)
        .await?;
    Ok(found)
}

async fn wants_more(txn: &DatabaseTransaction, terms: &comparison_terms::Model) -> Result<bool, Error> {
    let standing = comparison_pair::Entity::find()
        .filter(comparison_pair::Column::Comparison.eq(&terms.id))
        .filter(comparison_pair::Column::WithdrawnAt.is_null())
        .count(txn)
        .await?;
    Ok(standing < u64::from(terms.pairs_wanted.unsigned_abs()))
}

/// Opens a pair, unless its two cases make one already.
pub(crate) async fn pair_open(
    txn: &DatabaseTransaction,
    id: PairId,
    wanted: &Match,
    case: &Case,
    origin: &Origin,
) -> Result<(), Error> {
    let hours = i64::from(case.policy.evaluation_expires_after_hours);
    let row = comparison_pair::ActiveModel {
        id: Set(id.to_string()),
        comparison: Set(wanted.comparison.to_string()),
        series: Set(case.series.to_string()),
        study: Set(case.study.to_string()),
        champion_case: Set(wanted.champion.to_string()),
        challenger_case: Set(wanted.challenger.to_string()),
        modality: Set(case.modality.clone()),
        task: Set(case.task.clone()),
        readers: Set(wanted.readers),
        opened_at: Set(origin.now),
        expires_at: Set(origin.now + chrono::TimeDelta::hours(hours)),
        completed_at: Set(None),
        withdrawn_at: Set(None),
        withdrawn_for: Set(None),
        version: Set(0),
    };
    let once = OnConflict::new().do_nothing().to_owned();
    let inserted = comparison_pair::Entity::insert(row).on_conflict(once).exec_without_returning(txn).await?;
    if inserted == 0 {
        return Ok(());
    }
    let told = PairTold { pair: id.clone(), comparison: wanted.comparison.clone() };
    tell(txn, origin, id.as_str(), Event::PairOpened(told)).await
}

/// Takes out the pairs among those of `which` that nobody completed.
async fn pairs_withdraw(
    txn: &DatabaseTransaction,
    which: Condition,
    reason_code: &str,
    origin: &Origin,
) -> Result<(), Error> {
    let standing = comparison_pair::Entity::find()
        .filter(which)
        .filter(comparison_pair::Column::CompletedAt.is_null())
        .filter(comparison_pair::Column::WithdrawnAt.is_null())
        .order_by_asc(comparison_pair::Column::Id)
        .lock_exclusive()
        .all(txn)
        .await?;
    for row in standing {
        let taken_out = comparison_pair::ActiveModel {
            withdrawn_at: Set(Some(origin.now)),
            withdrawn_for: Set(Some(reason_code.to_owned())),
            version: Set(row.version + 1),
            ..active()
        };
        comparison_pair::Entity::update_many()
            .set(taken_out)
            .filter(comparison_pair::Column::Id.eq(&row.id))
            .exec(txn)
            .await?;
        let told = PairWithdrawn {
            pair: row::parse("pair id", &row.id)?,
            comparison: row::parse("comparison id", &row.comparison)?,
            reason_code: reason_code.to_owned(),
        };
        tell(txn, origin, &row.id, Event::PairWithdrawn(told)).await?;
    }
    Ok(())
}

/// Takes out what rests on cases whose sources changed.
pub(crate) async fn pairs_of_cases_withdraw(
    txn: &DatabaseTransaction,
    cases: &[CaseId],
    origin: &Origin,
) -> Result<(), Error> {
    let cases = || cases.iter().map(CaseId::as_str);
    let rests_on = comparison_pair::Column::ChampionCase
        .is_in(cases())
        .or(comparison_pair::Column::ChallengerCase.is_in(cases()));
    pairs_withdraw(txn, Condition::all().add(rests_on), "superseded", origin).await
}

/// Takes out what nobody read in time; the comparison wants another pair instead.
pub(crate) async fn pairs_expire(txn: &DatabaseTransaction, origin: &Origin) -> Result<(), Error> {
    let late = comparison_pair::Column::ExpiresAt.lte(origin.now);
    pairs_withdraw(txn, Condition::all().add(late), "expired", origin).await
}

/// Whether there is a pair that nobody read in time.
pub(crate) async fn has_expired_pair(db: &impl ConnectionTrait, now: Time) -> Result<bool, Error> {
    let late = comparison_pair::Entity::find()
        .filter(comparison_pair::Column::CompletedAt.is_null())
        .filter(comparison_pair::Column::WithdrawnAt.is_null())
        .filter(comparison_pair::Column::ExpiresAt.lte(now));
    Ok(late.count(db).await? > 0)
}

/// One pair.
pub(crate) async fn pair_load(db: &impl ConnectionTrait, id: &PairId) -> Result<Option<Pair>, Error> {
    let row = comparison_pair::Entity::find_by_id(id.as_str()).one(db).await?;
    Ok(joined(db, row.into_iter().collect()).await?.pop())
}

/// Loads a pair and keeps others from changing it until the transaction ends.
pub(crate) async fn pair_load_locked(txn: &DatabaseTransaction, id: &PairId) -> Result<Option<Pair>, Error> {
    let row = comparison_pair::Entity::find_by_id(id.as_str()).lock_exclusive().one(txn).await?;
    Ok(joined(txn, row.into_iter().collect()).await?.pop())
}

/// Pairs that are neither complete nor taken out.
pub(crate) async fn pairs_open(db: &impl ConnectionTrait) -> Result<Vec<Pair>, Error> {
    let rows = comparison_pair::Entity::find()
        .filter(comparison_pair::Column::CompletedAt.is_null())
        .filter(comparison_pair::Column::WithdrawnAt.is_null())
        .all(db)
        .await?;
    joined(db, rows).await
}

/// The pairs of a comparison that all their readers answered, in the order of that.
pub(crate) async fn pairs_completed(
    db: &impl ConnectionTrait,
    comparison: &ComparisonId,
) -> Result<Vec<Pair>, Error> {
    let rows = comparison_pair::Entity::find()
        .filter(comparison_pair::Column::Comparison.eq(comparison.as_str()))
        .filter(comparison_pair::Column::CompletedAt.is_not_null())
        .order_by_asc(comparison_pair::Column::CompletedAt)
        .order_by_asc(comparison_pair::Column::Id)
        .all(db)
        .await?;
    joined(db, rows).await
}

/// Who was shown a pair of one of these series.
pub(super) async fn comparers(
    db: &impl ConnectionTrait,
    series: &[String],
) -> Result<Vec<(String, UserId)>, Error> {
    let pairs: HashMap<String, String> = comparison_pair::Entity::find()
        .filter(comparison_pair::Column::Series.is_in(series))
        .select_only()
        .column(comparison_pair::Column::Id)
        .column(comparison_pair::Column::Series)
        .into_tuple()
        .all(db)
        .await?
        .into_iter()
        .collect();
    if pairs.is_empty() {
        return Ok(Vec::new());
    }
    let shown = pair_seat::Entity::find()
        .filter(pair_seat::Column::PairId.is_in(pairs.keys().map(String::as_str)))
        .all(db)
        .await?;
    let of = |seat: pair_seat::Model| {
        let reader = row::parse("user id", &seat.reader)?;
        Ok(pairs.get(&seat.pair_id).map(|series| (series.clone(), reader)))
    };
    shown.into_iter().filter_map(|seat| of(seat).transpose()).collect()
}

async fn joined(db: &impl ConnectionTrait, rows: Vec<comparison_pair::Model>) -> Result<Vec<Pair>, Error> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let cases = cases_of(db, &rows).await?;
    let holders = holders_of(db, &rows).await?;
    let ids = || rows.iter().map(|row| row.id.as_str());
    let mut seats: HashMap<String, Vec<Seat>> = HashMap::new();
    for row in pair_seat::Entity::find().filter(pair_seat::Column::PairId.is_in(ids())).all(db).await? {
        seats.entry(row.pair_id.clone()).or_default().push(seat_of(row)?);
    }
    let mut answers: HashMap<String, Vec<Answer>> = HashMap::new();
    let signed = pair_answer::Entity::find()
        .filter(pair_answer::Column::PairId.is_in(ids()))
        .order_by_asc(pair_answer::Column::SignedAt);
    for row in signed.all(db).await? {
        answers.entry(row.pair_id.clone()).or_default().push(answer_of(row)?);
    }
    let credentials = credential::Entity::find()
        .filter(credential::Column::Purpose.eq(Purpose::Evaluation.as_str()))
        .filter(credential::Column::RevokedAt.is_null())
        .all(db)
        .await?;
    let case = |id: &str| {
        cases.get(id).cloned().ok_or_else(|| Error::Stored { what: "case of a pair", text: id.to_owned() })
    };
    let pair = |row: comparison_pair::Model| {
        let for_it = |one: &&credential::Model| one.modality == row.modality && one.task == row.task;
        Ok(Pair {
            champion: case(&row.champion_case)?,
            challenger: case(&row.challenger_case)?,
            credentials: credentials.iter().filter(for_it).map(named).collect::<Result<_, Error>>()?,
            holders: holders.get(&row.series).cloned().unwrap_or_default(),
            seats: seats.remove(&row.id).unwrap_or_default(),
            answers: answers.remove(&row.id).unwrap_or_default(),
            id: row::parse("pair id", &row.id)?,
            comparison: row::parse("comparison id", &row.comparison)?,
            readers: row.readers.unsigned_abs(),
            expires_at: row.expires_at,
            completed_at: row.completed_at,
            withdrawn_at: row.withdrawn_at,
            version: row.version,
        })
    };
    rows.iter().cloned().map(pair).collect()
}

fn named(row: &credential::Model) -> Result<Credential, Error> {
    let (valid_from, valid_until) = (row.valid_from, row.valid_until);
    Ok(Credential { reader: row::parse("user id", &row.reader)?, valid_from, valid_until })
}

async fn cases_of(
    db: &impl ConnectionTrait,
    rows: &[comparison_pair::Model],
) -> Result<HashMap<String, Case>, Error> {
    let ids = rows.iter().flat_map(|row| [row.champion_case.as_str(), row.challenger_case.as_str()]);
    let rows = review_case::Entity::find().filter(review_case::Column::Id.is_in(ids)).all(db).await?;
    let cases = assemble(db, rows).await?;
    Ok(cases.into_iter().map(|case| (case.id.to_string(), case)).collect())
}

/// Who holds or held a slot of any case of the source of each pair.
async fn holders_of(
    db: &impl ConnectionTrait,
    rows: &[comparison_pair::Model],
) -> Result<HashMap<String, BTreeSet<UserId>>, Error> {
    let cases: HashMap<String, String> = review_case::Entity::find()
        .filter(review_case::Column::Series.is_in(rows.iter().map(|row| row.series.as_str())))
        .select_only()
        .column(review_case::Column::Id)
        .column(review_case::Column::Series)
        .into_tuple()
        .all(db)
        .await?
        .into_iter()
        .collect();
    let held: Vec<(String, String)> = lease::Entity::find()
        .filter(lease::Column::CaseId.is_in(cases.keys().map(String::as_str)))
        .select_only()
        .column(lease::Column::CaseId)
        .column(lease::Column::Reader)
        .into_tuple()
        .all(db)
        .await?;
    let mut holders: HashMap<String, BTreeSet<UserId>> = HashMap::new();
    for (case, reader) in held {
        let Some(series) = cases.get(&case) else { continue };
        holders.entry(series.clone()).or_default().insert(row::parse("user id", &reader)?);
    }
    Ok(holders)
}

fn seat_of(row: pair_seat::Model) -> Result<Seat, Error> {
    Ok(Seat {
        reader: row::parse("user id", &row.reader)?,
        challenger_side: row::word::<Side>("side", &row.challenger_side)?,
        salt: row.salt,
        slices: row.slices.unsigned_abs(),
        shown_digest: row::parse("digest", &row.shown_digest)?,
        taken_at: row.taken_at,
        expires_at: row.expires_at,
    })
}

fn answer_of(row: pair_answer::Model) -> Result<Answer, Error> {
    let stored = |what, source| Error::Database(database::Error::Stored { what, source });
    Ok(Answer {
        content: serde_json::from_value(row.content).map_err(|source| stored("answer", source))?,
        signature: serde_json::from_value(row.signature).map_err(|source| stored("signature", source))?,
    })
}

/// Gives a place to a reader, or lets them go on in theirs; which side is which never changes.
pub(crate) async fn seat_save(
    txn: &DatabaseTransaction,
    pair: &Pair,
    seat: &Seat,
    origin: &Origin,
) -> Result<(), Error> {
    let row = pair_seat::ActiveModel {
        pair_id: Set(pair.id.to_string()),
        reader: Set(seat.reader.to_string()),
        challenger_side: Set(seat.challenger_side.as_str().to_owned()),
        salt: Set(seat.salt.clone()),
        slices: Set(i32::try_from(seat.slices).unwrap_or(i32::MAX)),
        shown_digest: Set(seat.shown_digest.to_string()),
        taken_at: Set(seat.taken_at),
        expires_at: Set(seat.expires_at),
    };
    let renew = OnConflict::columns([pair_seat::Column::PairId, pair_seat::Column::Reader])
        .update_column(pair_seat::Column::ExpiresAt)
        .to_owned();
    pair_seat::Entity::insert(row).on_conflict(renew).exec_without_returning(txn).await?;
    pair_touch(txn, pair, None).await?;
    let told = PairTold { pair: pair.id.clone(), comparison: pair.comparison.clone() };
    tell(txn, origin, pair.id.as_str(), Event::PairTaken(told)).await
}

/// Keeps an answer, and completes the pair where it was the last one.
pub(crate) async fn answer_save(
    txn: &DatabaseTransaction,
    pair: &mut Pair,
    answer: Answer,
    origin: &Origin,
) -> Result<(), Error> {
    let plain = "what is signed is plain data with text keys";
    let row = pair_answer::ActiveModel {
        pair_id: Set(pair.id.to_string()),
        reader: Set(answer.signature.signer.to_string()),
        content: Set(serde_json::to_value(&answer.content).expect(plain)),
        signature: Set(serde_json::to_value(&answer.signature).expect(plain)),
        signed_at: Set(answer.signature.signed_at),
    };
    pair_answer::Entity::insert(row).exec_without_returning(txn).await?;
    let told = PairAnswered {
        pair: pair.id.clone(),
        comparison: pair.comparison.clone(),
        signature: answer.signature.id.clone(),
        answer: answer.signature.content_digest,
    };
    pair.answers.push(answer);
    pair.completed_at = pair.outcome().map(|_| origin.now);
    pair_touch(txn, pair, pair.completed_at).await?;
    tell(txn, origin, pair.id.as_str(), Event::PairAnswered(told)).await
}

/// Refuses a change that was decided on an older state of the pair.
async fn pair_touch(txn: &DatabaseTransaction, pair: &Pair, completed_at: Option<Time>) -> Result<(), Error> {
    let changed = comparison_pair::ActiveModel {
        version: Set(pair.version + 1),
        completed_at: Set(completed_at),
        ..active()
    };
    let updated = comparison_pair::Entity::update_many()
        .set(changed)
        .filter(comparison_pair::Column::Id.eq(pair.id.as_str()))
        .filter(comparison_pair::Column::Version.eq(pair.version))
        .exec(txn)
        .await?;
    if updated.rows_affected != 1 {
        return Err(database::Error::Conflict { what: "the pair" }.into());
    }
    Ok(())
}
