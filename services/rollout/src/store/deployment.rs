//! Deployments and their proposals.

use super::{from_json, from_text, model, to_json, told, use_rule};
use crate::Error;
use crate::entity::{deployment, proposal, proposal_approval, stage_change};
use crate::workflow;
use contract::rollout::{Approval, Deployment, Proposal, ProposalState, UseRule};
use contract::{Actor, DeploymentId, Event, Refusal};
use database::{DatabaseConnection, DatabaseTransaction, outbox, transaction};
use platform::Random;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _};
use std::collections::HashMap;

/// A deployment that is to be, and who wants it.
#[derive(Debug, Clone)]
pub(crate) struct Creation {
    /// The deployment at its first stage, since when it is created.
    pub(crate) deployment: Deployment,
    pub(crate) actor: Actor,
    pub(crate) reason: String,
    /// How many of how many series its rule wanted in the dry run that was looked at.
    pub(crate) dry_run: Option<(u32, u32)>,
}

/// Every deployment, by name, without gates.
pub(crate) async fn deployment_list(db: &DatabaseConnection) -> Result<Vec<Deployment>, Error> {
    let rows = deployment::Entity::find().order_by_asc(deployment::Column::Name).all(db).await?;
    let proposals = proposal::Entity::find().order_by_desc(proposal::Column::ProposedAt).all(db).await?;
    assemble(db, rows, proposals).await
}

/// One deployment, without its gate.
pub(crate) async fn deployment_load(
    db: &DatabaseConnection,
    id: &DeploymentId,
) -> Result<Option<Deployment>, Error> {
    let Some(row) = deployment::Entity::find_by_id(id.as_str()).one(db).await? else { return Ok(None) };
    let proposals = proposal::Entity::find()
        .filter(proposal::Column::Deployment.eq(id.as_str()))
        .order_by_desc(proposal::Column::ProposedAt)
        .all(db)
        .await?;
    Ok(assemble(db, vec![row], proposals).await?.pop())
}

async fn assemble(
    db: &DatabaseConnection,
    rows: Vec<deployment::Model>,
    proposals: Vec<proposal::Model>,
) -> Result<Vec<Deployment>, Error> {
    let ids: Vec<String> = proposals.iter().map(|row| row.id.clone()).collect();
    let approvals = proposal_approval::Entity::find()
        .filter(proposal_approval::Column::Proposal.is_in(ids))
        .order_by_asc(proposal_approval::Column::ApprovedAt)
        .all(db)
        .await?;
    let mut of_proposal: HashMap<String, Vec<proposal_approval::Model>> = HashMap::new();
    for row in approvals {
        of_proposal.entry(row.proposal.clone()).or_default().push(row);
    }
    let mut of_deployment: HashMap<String, Vec<proposal::Model>> = HashMap::new();
    for row in proposals {
        of_deployment.entry(row.deployment.clone()).or_default().push(row);
    }
    let mut models: Vec<&str> = rows.iter().map(|row| row.model_version.as_str()).collect();
    models.sort_unstable();
    models.dedup();
    let inputs = model::model_inputs(db, models.into_iter()).await?;
    let with_proposals = |row: deployment::Model| {
        let input = inputs.get(&row.model_version).cloned();
        let rule: UseRule = from_json("rule", &row.rule)?;
        let proposals = of_deployment.remove(&row.id).unwrap_or_default().into_iter().map(|proposal| {
            let approvals = of_proposal.remove(&proposal.id).unwrap_or_default();
            proposal_of(proposal, approvals, &rule.modality)
        });
        let proposals = proposals.collect::<Result<_, Error>>()?;
        Ok(Deployment {
            id: from_text("deployment id", row.id)?,
            name: row.name,
            model: from_text("model id", row.model_version)?,
            input: input.expect("a foreign key keeps the model of a deployment"),
            site: row.site,
            rule,
            pool: row.pool,
            texture_percent: row.texture_percent as u8,
            stage: from_text("stage", row.stage)?,
            banner: row.banner,
            stage_since: row.stage_since,
            gate: None,
            proposals,
        })
    };
    rows.into_iter().map(with_proposals).collect()
}

/// A proposal from its rows; `modality` is that of its deployment.
pub(super) fn proposal_of(
    row: proposal::Model,
    approvals: Vec<proposal_approval::Model>,
    modality: &str,
) -> Result<Proposal, Error> {
    let approvals = approvals.into_iter().map(|approval| {
        let capacity = from_text("capacity", approval.capacity)?;
        Ok(Approval { capacity, by: approval.approved_by_name, at: approval.approved_at })
    });
    let approvals = approvals.collect::<Result<Vec<Approval>, Error>>()?;
    let stage = from_text("stage", row.stage)?;
    let state = from_text("state of a proposal", row.state)?;
    let signed = |wanted| approvals.iter().any(|approval| approval.capacity == wanted);
    let wanted = match state {
        ProposalState::Open => workflow::wanted(stage, modality, signed),
        ProposalState::Approved | ProposalState::Lapsed => Vec::new(),
    };
    Ok(Proposal {
        id: from_text("proposal id", row.id)?,
        deployment: from_text("deployment id", row.deployment)?,
        stage,
        reason: row.reason,
        proposed_by: row.proposed_by_name,
        proposed_at: row.proposed_at,
        state,
        gate: from_json("gate", &row.gate)?,
        approvals,
        wanted,
    })
}

/// Creates a deployment with the first lines of its histories; false where there is one with its id, which stays as it
/// is.
pub(crate) async fn deployment_create(
    db: &DatabaseConnection,
    random: &Random,
    creation: Creation,
) -> Result<bool, Error> {
    let random = random.clone();
    transaction(db, |txn| {
        Box::pin(async move {
            let Creation { deployment: new, actor, .. } = &creation;
            if !insert(txn, new).await? {
                check_created(txn, new).await?;
                return Ok(false);
            }
            first_stage(txn, &creation).await?;
            use_rule::first_version(txn, &creation).await?;
            let event = Event::DeploymentCreated {
                deployment: new.id.clone(),
                stage: new.stage,
                banner: new.banner.clone(),
                texture_percent: Some(new.texture_percent).filter(|percent| *percent > 0),
            };
            outbox::append(txn, told(&random, new.stage_since, actor.clone(), &new.id, event)).await?;
            Ok(true)
        })
    })
    .await
}

/// What stood in the way of a deployment must be itself, from an earlier call or from another process.
async fn check_created(txn: &DatabaseTransaction, new: &Deployment) -> Result<(), Error> {
    if deployment::Entity::find_by_id(new.id.as_str()).one(txn).await?.is_some() {
        return Ok(());
    }
    let message = format!("another site has a deployment of the name {}", new.name);
    Err(Refusal::new("name_taken", message, "give the new deployment another name").into())
}

/// Whether the row was written: nothing with its id or name was there.
async fn insert(txn: &DatabaseTransaction, new: &Deployment) -> Result<bool, Error> {
    let row = deployment::ActiveModel {
        id: Set(new.id.to_string()),
        name: Set(new.name.clone()),
        model_version: Set(new.model.to_string()),
        site: Set(new.site.clone()),
        rule: Set(to_json(&new.rule)),
        pool: Set(new.pool.clone()),
        texture_percent: Set(i16::from(new.texture_percent)),
        stage: Set(new.stage.as_str().to_owned()),
        banner: Set(new.banner.clone()),
        stage_since: Set(new.stage_since),
    };
    let once = OnConflict::new().do_nothing().to_owned();
    let inserted = deployment::Entity::insert(row).on_conflict(once).exec_without_returning(txn).await?;
    Ok(inserted > 0)
}

async fn first_stage(txn: &DatabaseTransaction, creation: &Creation) -> Result<(), Error> {
    let Creation { deployment: new, actor, reason, .. } = creation;
    let first = stage_change::ActiveModel {
        deployment: Set(new.id.to_string()),
        number: Set(1),
        from_stage: Set(None),
        to_stage: Set(new.stage.as_str().to_owned()),
        changed_at: Set(new.stage_since),
        actor: Set(to_json(actor)),
        reason: Set(reason.clone()),
        proposal: Set(None),
        gate: Set(None),
    };
    stage_change::Entity::insert(first).exec_without_returning(txn).await?;
    Ok(())
}
