//! Recalls of whole selections, and the list of their cases.

use super::{active, row};
use crate::campaign::{Campaign, Candidate, Confirmation, Standing, Withdrawal};
use crate::entity::{recall, recall_campaign, recall_campaign_case, review_case};
use crate::error::Error;
use contract::review::{RecallSelection, SelectedCase, SelectedSet, SelectedState};
use contract::{CaseId, Digest, PageRequest, RecallCampaignId, Time};
use database::DatabaseTransaction;
use sea_orm::ActiveValue::Set;
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, Condition, ConnectionTrait, EntityTrait as _, ExprTrait as _,
    IntoActiveModel as _, PaginatorTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// The most rows that one statement names or writes: databases bound its parameters.
const ROWS_MAX: usize = 1_000;

/// How far a campaign is with each of its cases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Progress {
    /// It waits for the second person.
    Named,
    /// It waits for its turn.
    Waiting,
    /// It is taken back.
    Recalled,
    /// It is not taken back by this campaign.
    Left,
}

impl Progress {
    fn as_str(self) -> &'static str {
        match self {
            Self::Named => "named",
            Self::Waiting => "waiting",
            Self::Recalled => "recalled",
            Self::Left => "left",
        }
    }

    fn parse(text: &str) -> Result<Self, Error> {
        let known = [Self::Named, Self::Waiting, Self::Recalled, Self::Left];
        let found = known.into_iter().find(|known| known.as_str() == text);
        found.ok_or_else(|| Error::Stored { what: "progress of a recall", text: text.to_owned() })
    }

    fn shown(self) -> SelectedState {
        match self {
            Self::Named => SelectedState::Named,
            Self::Waiting => SelectedState::Waiting,
            Self::Recalled => SelectedState::Recalled,
            Self::Left => SelectedState::Left,
        }
    }
}

/// Released cases that a selection covers, oldest release first; at most `limit`.
pub(crate) async fn candidates(
    db: &impl ConnectionTrait,
    selection: &RecallSelection,
    limit: usize,
) -> Result<Vec<Candidate>, Error> {
    use review_case::Column;
    let mut wanted = Condition::all().add(Column::EndedAs.eq("released")).add(Column::Kind.eq(row::CLINICAL));
    if let Some(model) = &selection.model {
        wanted = wanted.add(Column::Model.eq(model.as_str()));
    }
    if let Some(deployment) = &selection.deployment {
        wanted = wanted.add(Column::Deployment.eq(deployment.as_str()));
    }
    if let Some(from) = selection.from {
        wanted = wanted.add(Column::EndedAt.gte(from));
    }
    if let Some(until) = selection.until {
        wanted = wanted.add(Column::EndedAt.lte(until));
    }
    let rows: Vec<Released> = review_case::Entity::find()
        .select_only()
        .columns([Column::Id, Column::Deployment, Column::Model, Column::EndedAt])
        .filter(wanted)
        .order_by_asc(Column::EndedAt)
        .order_by_asc(Column::Id)
        .limit(limit as u64)
        .into_tuple()
        .all(db)
        .await?;
    let ids: Vec<String> = rows.iter().map(|(id, ..)| id.clone()).collect();
    let standings = standings(db, &ids).await?;
    rows.into_iter().map(|released| candidate(released, &standings)).collect()
}

/// Case, deployment, model version, and when it was released.
type Released = (String, String, String, Time);

fn candidate(
    (case, deployment, model, released_at): Released,
    standings: &HashMap<String, Standing>,
) -> Result<Candidate, Error> {
    Ok(Candidate {
        standing: standings.get(&case).copied().unwrap_or(Standing::Released),
        case: row::parse("case id", &case)?,
        deployment: row::parse("deployment id", &deployment)?,
        model: row::parse("model version id", &model)?,
        released_at,
    })
}

/// Whether a recall of some cases is proposed or done; nothing of those that nobody wants back.
async fn standings(db: &impl ConnectionTrait, cases: &[String]) -> Result<HashMap<String, Standing>, Error> {
    let mut standings = HashMap::new();
    for chunk in cases.chunks(ROWS_MAX) {
        let of_chunk = recall::Column::CaseId.is_in(chunk.iter().map(String::as_str));
        for row in recall::Entity::find().filter(of_chunk).all(db).await? {
            let standing =
                if row.confirmed_at.is_some() { Standing::Recalled } else { Standing::RecallProposed };
            standings.insert(row.case_id, standing);
        }
    }
    Ok(standings)
}

/// Stores a new campaign with the cases that it names.
pub(crate) async fn campaign_insert(
    txn: &DatabaseTransaction,
    campaign: &Campaign,
    cases: &[CaseId],
) -> Result<(), Error> {
    recall_campaign::Entity::insert(campaign_row(campaign)?.into_active_model())
        .exec_without_returning(txn)
        .await?;
    let rows = cases.iter().map(|case| (case, Progress::Named, None));
    campaign_cases_insert(txn, &campaign.id, rows.collect(), None).await
}

async fn campaign_cases_insert(
    txn: &DatabaseTransaction,
    campaign: &RecallCampaignId,
    cases: Vec<(&CaseId, Progress, Option<&str>)>,
    ended_at: Option<Time>,
) -> Result<(), Error> {
    for chunk in cases.chunks(ROWS_MAX) {
        let rows = chunk.iter().map(|(case, progress, reason)| recall_campaign_case::ActiveModel {
            campaign: Set(campaign.to_string()),
            case_id: Set(case.to_string()),
            state: Set(progress.as_str().to_owned()),
            reason_code: Set(reason.map(str::to_owned)),
            ended_at: Set(ended_at.filter(|_| *progress == Progress::Left)),
        });
        recall_campaign_case::Entity::insert_many(rows).exec_without_returning(txn).await?;
    }
    Ok(())
}

/// Stores that a campaign is confirmed: its list is exactly what the selection covers now, each case waiting for its
/// turn or left for a reason.
pub(crate) async fn campaign_confirmed(
    txn: &DatabaseTransaction,
    campaign: &Campaign,
    candidates: &[Candidate],
    now: Time,
) -> Result<(), Error> {
    campaign_update(txn, campaign).await?;
    recall_campaign_case::Entity::delete_many()
        .filter(recall_campaign_case::Column::Campaign.eq(campaign.id.as_str()))
        .exec(txn)
        .await?;
    let rows = candidates.iter().map(|candidate| {
        let reason = candidate.standing.reason_code();
        let progress = if reason.is_some() { Progress::Left } else { Progress::Waiting };
        (&candidate.case, progress, reason)
    });
    campaign_cases_insert(txn, &campaign.id, rows.collect(), Some(now)).await
}

/// Stores that a campaign is withdrawn, with all its cases.
pub(crate) async fn campaign_withdrawn(
    txn: &DatabaseTransaction,
    campaign: &Campaign,
    now: Time,
) -> Result<(), Error> {
    campaign_update(txn, campaign).await?;
    let left = recall_campaign_case::ActiveModel {
        state: Set(Progress::Left.as_str().to_owned()),
        reason_code: Set(Some("withdrawn".to_owned())),
        ended_at: Set(Some(now)),
        ..active()
    };
    recall_campaign_case::Entity::update_many()
        .set(left)
        .filter(recall_campaign_case::Column::Campaign.eq(campaign.id.as_str()))
        .exec(txn)
        .await?;
    Ok(())
}

/// Stores what became of a campaign.
pub(crate) async fn campaign_update(txn: &DatabaseTransaction, campaign: &Campaign) -> Result<(), Error> {
    let mut changed = campaign_row(campaign)?.into_active_model().reset_all();
    changed.id = sea_orm::NotSet;
    recall_campaign::Entity::update_many()
        .set(changed)
        .filter(recall_campaign::Column::Id.eq(campaign.id.as_str()))
        .exec(txn)
        .await?;
    Ok(())
}

/// Loads a campaign and keeps others from changing it until the transaction ends.
pub(crate) async fn campaign_load_locked(
    txn: &DatabaseTransaction,
    id: &RecallCampaignId,
) -> Result<Option<Campaign>, Error> {
    let row = recall_campaign::Entity::find_by_id(id.as_str()).lock_exclusive().one(txn).await?;
    row.map(campaign_of).transpose()
}

/// One campaign.
pub(crate) async fn campaign_load(
    db: &impl ConnectionTrait,
    id: &RecallCampaignId,
) -> Result<Option<Campaign>, Error> {
    recall_campaign::Entity::find_by_id(id.as_str()).one(db).await?.map(campaign_of).transpose()
}

/// One page of all campaigns, newest first; one row more than the page tells that more follow.
pub(crate) async fn campaign_page(
    db: &impl ConnectionTrait,
    page: &PageRequest,
) -> Result<Vec<Campaign>, Error> {
    use recall_campaign::Column;
    let mut query = recall_campaign::Entity::find()
        .order_by_desc(Column::ProposedAt)
        .order_by_asc(Column::Id)
        .limit(page.limit() + 1);
    if let Some((at, id)) = page.after.as_deref().and_then(super::list::read_cursor) {
        let same = Column::ProposedAt.eq(at).and(Column::Id.gt(id));
        query = query.filter(Condition::any().add(Column::ProposedAt.lt(at)).add(same));
    }
    query.all(db).await?.into_iter().map(campaign_of).collect()
}

/// Campaigns that wait for the second person.
pub(crate) async fn campaigns_proposed(db: &impl ConnectionTrait) -> Result<Vec<Campaign>, Error> {
    let rows = recall_campaign::Entity::find()
        .filter(recall_campaign::Column::ConfirmedAt.is_null())
        .filter(recall_campaign::Column::WithdrawnAt.is_null())
        .all(db)
        .await?;
    rows.into_iter().map(campaign_of).collect()
}

/// Campaigns that are confirmed and not carried out to the end, oldest first.
pub(crate) async fn campaigns_under_way(db: &impl ConnectionTrait) -> Result<Vec<Campaign>, Error> {
    let rows = recall_campaign::Entity::find()
        .filter(recall_campaign::Column::ConfirmedAt.is_not_null())
        .filter(recall_campaign::Column::CompletedAt.is_null())
        .order_by_asc(recall_campaign::Column::ConfirmedAt)
        .all(db)
        .await?;
    rows.into_iter().map(campaign_of).collect()
}

/// How many cases of a campaign are how far.
pub(crate) async fn campaign_progress(
    db: &impl ConnectionTrait,
    id: &RecallCampaignId,
) -> Result<HashMap<Progress, u32>, Error> {
    let counts: Vec<(String, i64)> = recall_campaign_case::Entity::find()
        .select_only()
        .column(recall_campaign_case::Column::State)
        .column_as(recall_campaign_case::Column::CaseId.count(), "count")
        .filter(recall_campaign_case::Column::Campaign.eq(id.as_str()))
        .group_by(recall_campaign_case::Column::State)
        .into_tuple()
        .all(db)
        .await?;
    let count = |(state, count): (String, i64)| {
        Ok((Progress::parse(&state)?, u32::try_from(count).unwrap_or(u32::MAX)))
    };
    counts.into_iter().map(count).collect()
}

/// The ids of the cases of a campaign that are as far as one of `wanted`, in their order, after `after`.
pub(crate) async fn campaign_case_ids(
    db: &impl ConnectionTrait,
    id: &RecallCampaignId,
    wanted: &[Progress],
    (after, limit): (Option<&CaseId>, u64),
) -> Result<Vec<CaseId>, Error> {
    use recall_campaign_case::Column;
    let mut query = recall_campaign_case::Entity::find()
        .filter(Column::Campaign.eq(id.as_str()))
        .filter(Column::State.is_in(wanted.iter().map(|progress| progress.as_str())))
        .order_by_asc(Column::CaseId)
        .limit(limit);
    if let Some(after) = after {
        query = query.filter(Column::CaseId.gt(after.as_str()));
    }
    let rows: Vec<String> = query.select_only().column(Column::CaseId).into_tuple().all(db).await?;
    rows.iter().map(|text| row::parse("case id", text)).collect()
}

/// The cases that a proposal named.
pub(crate) async fn campaign_named(
    db: &impl ConnectionTrait,
    id: &RecallCampaignId,
) -> Result<BTreeSet<CaseId>, Error> {
    let named = campaign_case_ids(db, id, &[Progress::Named], (None, i64::MAX.unsigned_abs())).await?;
    Ok(named.into_iter().collect())
}

/// One page of the cases of a campaign, by id; one row more than the page tells that more follow.
pub(crate) async fn campaign_case_page(
    db: &impl ConnectionTrait,
    id: &RecallCampaignId,
    page: &PageRequest,
) -> Result<Vec<SelectedCase>, Error> {
    use recall_campaign_case::Column;
    let mut query = recall_campaign_case::Entity::find()
        .filter(Column::Campaign.eq(id.as_str()))
        .order_by_asc(Column::CaseId)
        .limit(page.limit() + 1);
    if let Some(after) = &page.after {
        query = query.filter(Column::CaseId.gt(after.as_str()));
    }
    let rows = query.all(db).await?;
    let released: Vec<Released> = review_case::Entity::find()
        .select_only()
        .columns([
            review_case::Column::Id,
            review_case::Column::Deployment,
            review_case::Column::Model,
            review_case::Column::EndedAt,
        ])
        .filter(review_case::Column::Id.is_in(rows.iter().map(|row| row.case_id.as_str())))
        .into_tuple()
        .all(db)
        .await?;
    let none = HashMap::new();
    let released = released.into_iter().map(|row| Ok((row.0.clone(), candidate(row, &none)?)));
    let mut released: BTreeMap<String, Candidate> = released.collect::<Result<_, Error>>()?;
    let shown = rows.into_iter().filter_map(|row| {
        let candidate = released.remove(&row.case_id)?;
        Some(Progress::parse(&row.state).map(|progress| SelectedCase {
            case: candidate.case,
            deployment: candidate.deployment,
            model: candidate.model,
            released_at: candidate.released_at,
            state: progress.shown(),
            reason_code: row.reason_code,
        }))
    });
    shown.collect()
}

/// Whether a case of a campaign still waits for its turn.
pub(crate) async fn campaign_case_waits(
    txn: &DatabaseTransaction,
    id: &RecallCampaignId,
    case: &CaseId,
) -> Result<bool, Error> {
    let row = recall_campaign_case::Entity::find_by_id((id.to_string(), case.to_string())).one(txn).await?;
    Ok(row.is_some_and(|row| row.state == Progress::Waiting.as_str()))
}

/// Stores what a campaign came to for one case: taken back, or left for a reason.
pub(crate) async fn campaign_case_end(
    txn: &DatabaseTransaction,
    id: &RecallCampaignId,
    case: &CaseId,
    left: Option<&str>,
    now: Time,
) -> Result<(), Error> {
    let progress = if left.is_some() { Progress::Left } else { Progress::Recalled };
    let ended = recall_campaign_case::ActiveModel {
        state: Set(progress.as_str().to_owned()),
        reason_code: Set(left.map(str::to_owned)),
        ended_at: Set(Some(now)),
        ..active()
    };
    recall_campaign_case::Entity::update_many()
        .set(ended)
        .filter(recall_campaign_case::Column::Campaign.eq(id.as_str()))
        .filter(recall_campaign_case::Column::CaseId.eq(case.as_str()))
        .exec(txn)
        .await?;
    Ok(())
}

/// Whether a campaign that is confirmed still waits to take the case back, or one that is proposed names it.
pub(crate) async fn campaign_wants(db: &impl ConnectionTrait, case: &CaseId) -> Result<bool, Error> {
    let wanted = [Progress::Named, Progress::Waiting].map(Progress::as_str);
    let listed = recall_campaign_case::Entity::find()
        .filter(recall_campaign_case::Column::CaseId.eq(case.as_str()))
        .filter(recall_campaign_case::Column::State.is_in(wanted));
    Ok(listed.count(db).await? > 0)
}

fn campaign_row(campaign: &Campaign) -> Result<recall_campaign::Model, Error> {
    let Campaign { selection, confirmation, withdrawal, .. } = campaign;
    let confirmed_as = confirmation.as_ref().map(|confirmation| serde_json::to_value(&confirmation.actor));
    let confirmed_as = confirmed_as
        .transpose()
        .map_err(|source| database::Error::Stored { what: "who confirmed a recall", source })?;
    Ok(recall_campaign::Model {
        id: campaign.id.to_string(),
        model: selection.model.as_ref().map(ToString::to_string),
        deployment: selection.deployment.as_ref().map(ToString::to_string),
        from_at: selection.from,
        until_at: selection.until,
        reason: campaign.words.clone(),
        proposed_by: campaign.proposed_by.to_string(),
        proposed_at: campaign.proposed_at,
        named_cases: count(campaign.named),
        named_digest: campaign.named.digest.to_string(),
        confirmed_by: confirmation.as_ref().map(|confirmation| confirmation.by.to_string()),
        confirmed_at: confirmation.as_ref().map(|confirmation| confirmation.at),
        confirmed_as,
        confirmed_through: confirmation.as_ref().map(|confirmation| confirmation.request.clone()),
        confirmed_cases: confirmation.as_ref().map(|confirmation| count(confirmation.set)),
        confirmed_digest: confirmation.as_ref().map(|confirmation| confirmation.set.digest.to_string()),
        withdrawn_by: withdrawal.as_ref().map(|withdrawal| withdrawal.by.to_string()),
        withdrawn_at: withdrawal.as_ref().map(|withdrawal| withdrawal.at),
        withdrawal_reason: withdrawal.as_ref().map(|withdrawal| withdrawal.words.clone()),
        completed_at: campaign.completed_at,
    })
}

fn count(set: SelectedSet) -> i32 {
    i32::try_from(set.cases).unwrap_or(i32::MAX)
}

fn set_of(cases: i32, digest: &str) -> Result<SelectedSet, Error> {
    let digest: Digest = row::parse("digest of a selection", digest)?;
    Ok(SelectedSet { cases: cases.unsigned_abs(), digest })
}

fn campaign_of(stored: recall_campaign::Model) -> Result<Campaign, Error> {
    Ok(Campaign {
        id: row::parse("campaign id", &stored.id)?,
        confirmation: confirmation_of(&stored)?,
        withdrawal: withdrawal_of(&stored)?,
        selection: RecallSelection {
            model: stored.model.as_deref().map(|id| row::parse("model version id", id)).transpose()?,
            deployment: stored.deployment.as_deref().map(|id| row::parse("deployment id", id)).transpose()?,
            from: stored.from_at,
            until: stored.until_at,
        },
        words: stored.reason,
        proposed_by: row::parse("user id", &stored.proposed_by)?,
        proposed_at: stored.proposed_at,
        named: set_of(stored.named_cases, &stored.named_digest)?,
        completed_at: stored.completed_at,
    })
}

fn confirmation_of(stored: &recall_campaign::Model) -> Result<Option<Confirmation>, Error> {
    let (Some(by), Some(at), Some(actor), Some(request), Some(cases), Some(digest)) = (
        &stored.confirmed_by,
        stored.confirmed_at,
        &stored.confirmed_as,
        &stored.confirmed_through,
        stored.confirmed_cases,
        &stored.confirmed_digest,
    ) else {
        return Ok(None);
    };
    let actor = serde_json::from_value(actor.clone())
        .map_err(|source| database::Error::Stored { what: "who confirmed a recall", source })?;
    let (by, set) = (row::parse("user id", by)?, set_of(cases, digest)?);
    Ok(Some(Confirmation { by, actor, request: request.clone(), at, set }))
}

fn withdrawal_of(stored: &recall_campaign::Model) -> Result<Option<Withdrawal>, Error> {
    let (Some(by), Some(at), Some(words)) =
        (&stored.withdrawn_by, stored.withdrawn_at, &stored.withdrawal_reason)
    else {
        return Ok(None);
    };
    Ok(Some(Withdrawal { by: row::parse("user id", by)?, at, words: words.clone() }))
}
