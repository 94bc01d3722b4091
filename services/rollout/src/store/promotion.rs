//! Proposals, and the changes of a stage.

use super::deployment::proposal_of;
use super::{from_text, to_json, told};
use crate::Error;
use crate::entity::{deployment, gate_policy, proposal, proposal_approval, stage_change as history};
use crate::workflow::{ProposalFacts, StageMove};
use contract::event::PromotionSigned;
use contract::rollout::{ApproverRole, Deployment, Gate, GatePolicy, Proposal, ProposalState, Propose};
use contract::{Actor, DeploymentId, Event, ProposalId, Refusal, RequestId, Time};
use database::{DatabaseConnection, DatabaseTransaction, outbox, transaction};
use platform::Random;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ActiveValue::Set, ColumnTrait as _, EntityTrait as _, PaginatorTrait as _, QueryFilter as _};

const OPEN: &str = "open";
const APPROVED: &str = "approved";
const LAPSED: &str = "lapsed";

/// A proposal that the workflow allows.
pub(crate) struct Proposed {
    pub(crate) id: ProposalId,
    pub(crate) command: Propose,
    pub(crate) gate: Gate,
    pub(crate) actor: Actor,
    pub(crate) at: Time,
    pub(crate) request: RequestId,
}

/// Writes a proposal with the policy that its gate names.
pub(crate) async fn proposal_create(
    db: &DatabaseConnection,
    random: &Random,
    deployment: &Deployment,
    policy: &GatePolicy,
    proposed: Proposed,
) -> Result<Proposal, Error> {
    let (random, deployment, policy) = (random.clone(), deployment.clone(), policy.clone());
    transaction(db, |txn| {
        Box::pin(async move {
            policy_keep(txn, &policy).await?;
            let Proposed { id, command, gate, actor, at, request } = proposed;
            let (user, name) = person(&actor);
            let row = proposal::Model {
                id: id.to_string(),
                deployment: deployment.id.to_string(),
                stage: command.stage.as_str().to_owned(),
                reason: command.reason,
                proposed_by: user,
                proposed_by_name: name,
                proposed_at: at,
                state: OPEN.to_owned(),
                gate: to_json(&gate),
                approved_by: None,
                approved_by_name: None,
                approved_at: None,
                signing_nonce: None,
            };
            let insert = proposal::Entity::insert(proposal::ActiveModel::from(row.clone()));
            insert.exec_without_returning(txn).await?;
            let event = Event::PromotionProposed {
                proposal: id.clone(),
                deployment: deployment.id.clone(),
                stage: command.stage,
            };
            let mut event = told(&random, at, actor, &id, event);
            event.causation = Some(request.to_string());
            outbox::append(txn, event).await?;
            proposal_of(row, Vec::new(), &deployment.rule.modality)
        })
    })
    .await
}

/// A proposal with what the workflow needs to know of it.
pub(crate) struct StoredProposal {
    pub(crate) facts: ProposalFacts,
    pub(crate) deployment: DeploymentId,
    pub(crate) reason: String,
}

/// Loads one proposal.
pub(crate) async fn proposal_load(
    db: &DatabaseConnection,
    id: &ProposalId,
) -> Result<Option<StoredProposal>, Error> {
    let Some(row) = proposal::Entity::find_by_id(id.as_str()).one(db).await? else { return Ok(None) };
    let state: ProposalState = from_text("state of a proposal", row.state)?;
    let approvals = proposal_approval::Entity::find()
        .filter(proposal_approval::Column::Proposal.eq(id.as_str()))
        .all(db)
        .await?;
    let signed = approvals.into_iter().map(|approval| {
        Ok((from_text("capacity", approval.capacity)?, from_text("account id", approval.approved_by)?))
    });
    let facts = ProposalFacts {
        id: from_text("proposal id", row.id)?,
        stage: from_text("stage", row.stage)?,
        proposed_by: from_text("account id", row.proposed_by)?,
        state,
        signed: signed.collect::<Result<_, Error>>()?,
    };
    let deployment = from_text("deployment id", row.deployment)?;
    Ok(Some(StoredProposal { facts, deployment, reason: row.reason }))
}

/// A signed approval.
#[derive(Clone)]
pub(crate) struct Approved {
    pub(crate) proposal: ProposalId,
    pub(crate) capacity: ApproverRole,
    pub(crate) gate: Gate,
    pub(crate) nonce: String,
}

/// An approval after which others are still wanted.
pub(crate) struct Signed {
    pub(crate) approved: Approved,
    pub(crate) actor: Actor,
    pub(crate) at: Time,
    pub(crate) request: RequestId,
}

/// Writes an approval after which others are still wanted.
pub(crate) async fn proposal_sign(
    db: &DatabaseConnection,
    random: &Random,
    deployment: &DeploymentId,
    signed: Signed,
) -> Result<(), Error> {
    let (random, deployment) = (random.clone(), deployment.clone());
    transaction(db, |txn| Box::pin(async move { approval_add(txn, &random, &deployment, &signed).await }))
        .await
}

async fn approval_add(
    txn: &DatabaseTransaction,
    random: &Random,
    deployment: &DeploymentId,
    signed: &Signed,
) -> Result<(), Error> {
    let Signed { approved, actor, at, request } = signed;
    let used = proposal_approval::Entity::find()
        .filter(proposal_approval::Column::SigningNonce.eq(&*approved.nonce))
        .count(txn)
        .await?;
    if used > 0 {
        return Err(signature_used().into());
    }
    let (user, name) = person(actor);
    let row = proposal_approval::ActiveModel {
        proposal: Set(approved.proposal.to_string()),
        capacity: Set(approved.capacity.as_str().to_owned()),
        approved_by: Set(user),
        approved_by_name: Set(name),
        approved_at: Set(*at),
        signing_nonce: Set(approved.nonce.clone()),
    };
    let once = OnConflict::new().do_nothing().to_owned();
    let inserted =
        proposal_approval::Entity::insert(row).on_conflict(once).exec_without_returning(txn).await?;
    changed_one(inserted, "the proposal")?;
    // Whoever signs at the same time waits here, and sees what became of the proposal.
    let open = proposal::Entity::update_many()
        .col_expr(proposal::Column::State, Expr::value(OPEN))
        .filter(proposal::Column::Id.eq(approved.proposal.as_str()))
        .filter(proposal::Column::State.eq(OPEN))
        .exec(txn)
        .await?;
    changed_one(open.rows_affected, "the proposal")?;
    let event = Event::PromotionSigned(PromotionSigned {
        proposal: approved.proposal.clone(),
        deployment: deployment.clone(),
        capacity: approved.capacity,
    });
    let mut event = told(random, *at, actor.clone(), &approved.proposal, event);
    event.causation = Some(request.to_string());
    outbox::append(txn, event).await?;
    Ok(())
}

pub(super) fn signature_used() -> Refusal {
    Refusal::new(
        "signature_used",
        "this signature was used before",
        "enter your password again and approve at once",
    )
}

/// A change of a stage that the workflow allows.
pub(crate) struct Change {
    pub(crate) moved: StageMove,
    pub(crate) actor: Actor,
    pub(crate) at: Time,
    pub(crate) reason: String,
    pub(crate) request: RequestId,
    /// For a promotion: the approval, and the policy that its gate names.
    pub(crate) approved: Option<(Approved, GatePolicy)>,
}

/// Moves a deployment, unless its stage changed since it was loaded, and lets open proposals lapse.
pub(crate) async fn stage_change(
    db: &DatabaseConnection,
    random: &Random,
    loaded: &Deployment,
    change: Change,
) -> Result<(), Error> {
    let (random, loaded) = (random.clone(), loaded.clone());
    transaction(db, |txn| {
        Box::pin(async move {
            deployment_move(txn, &loaded, &change).await?;
            let mut proposal = None;
            if let Some((approved, policy)) = &change.approved {
                policy_keep(txn, policy).await?;
                let signed = Signed {
                    approved: approved.clone(),
                    actor: change.actor.clone(),
                    at: change.at,
                    request: change.request.clone(),
                };
                approval_add(txn, &random, &loaded.id, &signed).await?;
                proposal_close(txn, &signed).await?;
                let event = Event::PromotionApproved {
                    proposal: approved.proposal.clone(),
                    deployment: loaded.id.clone(),
                };
                let mut event = told(&random, change.at, change.actor.clone(), &approved.proposal, event);
                event.causation = Some(change.request.to_string());
                outbox::append(txn, event).await?;
                proposal = Some(approved);
            }
            history_and_tell(txn, &random, &loaded, &change, proposal).await
        })
    })
    .await
}

/// Moves a deployment down within a transaction that has more to say about it.
pub(super) async fn moved_in_txn(
    txn: &DatabaseTransaction,
    random: &Random,
    loaded: &Deployment,
    change: Change,
) -> Result<(), Error> {
    deployment_move(txn, loaded, &change).await?;
    history_and_tell(txn, random, loaded, &change, None).await
}

async fn history_and_tell(
    txn: &DatabaseTransaction,
    random: &Random,
    loaded: &Deployment,
    change: &Change,
    approved: Option<&Approved>,
) -> Result<(), Error> {
    proposals_lapse(txn, &loaded.id).await?;
    history_append(txn, &loaded.id, change, approved).await?;
    let StageMove { from, to } = change.moved;
    let event = Event::StageChanged { deployment: loaded.id.clone(), from, to };
    let mut event = told(random, change.at, change.actor.clone(), &loaded.id, event);
    event.causation = Some(change.request.to_string());
    outbox::append(txn, event).await?;
    Ok(())
}

async fn deployment_move(
    txn: &DatabaseTransaction,
    loaded: &Deployment,
    change: &Change,
) -> Result<(), Error> {
    let moved = deployment::Entity::update_many()
        .col_expr(deployment::Column::Stage, Expr::value(change.moved.to.as_str()))
        .col_expr(deployment::Column::StageSince, Expr::value(change.at))
        // The warning was about a stage without evidence: it ends with a stage that rests on a gate.
        .col_expr(deployment::Column::Banner, banner_after(loaded, change))
        .filter(deployment::Column::Id.eq(loaded.id.as_str()))
        .filter(deployment::Column::Stage.eq(loaded.stage.as_str()))
        .filter(deployment::Column::StageSince.eq(loaded.stage_since))
        .exec(txn)
        .await?;
    changed_one(moved.rows_affected, "the deployment's stage")
}

fn banner_after(loaded: &Deployment, change: &Change) -> sea_orm::sea_query::SimpleExpr {
    let banner = if change.approved.is_some() { None } else { loaded.banner.clone() };
    Expr::value(banner)
}

/// Closes a proposal with the last approval. The table's own conditions keep it from being the proposer's.
async fn proposal_close(txn: &DatabaseTransaction, last: &Signed) -> Result<(), Error> {
    let (user, name) = person(&last.actor);
    let updated = proposal::Entity::update_many()
        .col_expr(proposal::Column::State, Expr::value(APPROVED))
        .col_expr(proposal::Column::ApprovedBy, Expr::value(user))
        .col_expr(proposal::Column::ApprovedByName, Expr::value(name))
        .col_expr(proposal::Column::ApprovedAt, Expr::value(last.at))
        .col_expr(proposal::Column::SigningNonce, Expr::value(&*last.approved.nonce))
        .filter(proposal::Column::Id.eq(last.approved.proposal.as_str()))
        .filter(proposal::Column::State.eq(OPEN))
        .exec(txn)
        .await?;
    changed_one(updated.rows_affected, "the proposal")
}

async fn proposals_lapse(txn: &DatabaseTransaction, deployment: &DeploymentId) -> Result<(), Error> {
    proposal::Entity::update_many()
        .col_expr(proposal::Column::State, Expr::value(LAPSED))
        .filter(proposal::Column::Deployment.eq(deployment.as_str()))
        .filter(proposal::Column::State.eq(OPEN))
        .exec(txn)
        .await?;
    Ok(())
}

async fn history_append(
    txn: &DatabaseTransaction,
    deployment: &DeploymentId,
    change: &Change,
    approved: Option<&Approved>,
) -> Result<(), Error> {
    let former = history::Entity::find()
        .filter(history::Column::Deployment.eq(deployment.as_str()))
        .count(txn)
        .await?;
    let row = history::ActiveModel {
        deployment: Set(deployment.to_string()),
        number: Set(former as i32 + 1),
        from_stage: Set(Some(change.moved.from.as_str().to_owned())),
        to_stage: Set(change.moved.to.as_str().to_owned()),
        changed_at: Set(change.at),
        actor: Set(to_json(&change.actor)),
        reason: Set(change.reason.clone()),
        proposal: Set(approved.map(|approved| approved.proposal.to_string())),
        gate: Set(approved.map(|approved| to_json(&approved.gate))),
    };
    history::Entity::insert(row).exec_without_returning(txn).await?;
    Ok(())
}

/// Keeps the policy that a gate was held by. A version with other bounds is a mistake in the configuration.
async fn policy_keep(txn: &DatabaseTransaction, policy: &GatePolicy) -> Result<(), Error> {
    let row = gate_policy::ActiveModel { version: Set(policy.version.clone()), policy: Set(to_json(policy)) };
    let once = OnConflict::column(gate_policy::Column::Version).do_nothing().to_owned();
    gate_policy::Entity::insert(row).on_conflict(once).exec_without_returning(txn).await?;
    let kept = gate_policy::Entity::find_by_id(&*policy.version).one(txn).await?;
    if kept.is_some_and(|kept| kept.policy == to_json(policy)) {
        return Ok(());
    }
    Err(Refusal::new(
        "policy_changed",
        format!("policy {} was in force with other bounds", policy.version),
        "give the changed policy another version in the configuration",
    )
    .into())
}

pub(super) fn changed_one(rows: u64, what: &'static str) -> Result<(), Error> {
    if rows == 1 { Ok(()) } else { Err(database::Error::Conflict { what }.into()) }
}

/// The account and the printed name of a person; the workflow lets nobody else come here.
pub(super) fn person(actor: &Actor) -> (String, String) {
    match actor {
        Actor::Person { user, printed_name, .. } => (user.to_string(), printed_name.clone()),
        other => unreachable!("the workflow asks for roles, and {other:?} has none"),
    }
}
