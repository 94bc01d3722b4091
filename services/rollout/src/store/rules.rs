//! Rules that one person proposes and another adopts: gate policies, and stop rules.

use super::promotion::{changed_one, person, signature_used};
use super::stop::{NewRules, rules_add, stop_rules_list};
use super::{from_json, from_text, to_json, told};
use crate::Error;
use crate::entity::rules_proposal::{self, Column};
use crate::governance::RulesFacts;
use crate::stop;
use contract::event::{GatePolicyChanged, RulesDecided, RulesProposed};
use contract::rollout::{GatePolicies, GatePolicy, GatePolicyVersion, RulesProposal, RulesState, StopRules};
use contract::{Actor, DeploymentId, Digest, Event, Refusal, RequestId, RulesProposalId, Time};
use database::{DatabaseConnection, DatabaseTransaction, outbox, transaction};
use platform::Random;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, ConnectionTrait, EntityTrait as _, PaginatorTrait as _,
    QueryFilter as _, QueryOrder as _,
};

/// The subject of gate policies; that of stop rules is their deployment.
const GATES: &str = "gates";
const OPEN: &str = "open";
const ADOPTED: &str = "adopted";
const DECLINED: &str = "declined";

/// Rules that are proposed.
#[derive(Clone)]
pub(crate) enum Content {
    Gates(GatePolicy),
    Stop(DeploymentId, StopRules),
}

impl Content {
    fn subject(&self) -> String {
        match self {
            Self::Gates(_) => GATES.to_owned(),
            Self::Stop(deployment, _) => deployment.to_string(),
        }
    }

    fn json(&self) -> serde_json::Value {
        match self {
            Self::Gates(policy) => to_json(policy),
            Self::Stop(_, rules) => to_json(rules),
        }
    }

    fn digest(&self) -> Digest {
        Digest::of(self.json().to_string().as_bytes())
    }

    fn of(row: &rules_proposal::Model) -> Result<Self, Error> {
        if row.subject == GATES {
            return Ok(Self::Gates(from_json("gate policy", &row.content)?));
        }
        let deployment = from_text("deployment id", row.subject.clone())?;
        Ok(Self::Stop(deployment, from_json("stop rules", &row.content)?))
    }
}

/// A proposal of rules that the workflow allows.
pub(crate) struct ProposedRules {
    pub(crate) id: RulesProposalId,
    pub(crate) content: Content,
    pub(crate) follows: u32,
    pub(crate) reason: String,
    pub(crate) actor: Actor,
    pub(crate) at: Time,
    pub(crate) request: RequestId,
}

/// Writes a proposal of rules, unless another one about the same thing waits or came between.
pub(crate) async fn rules_propose(
    db: &DatabaseConnection,
    random: &Random,
    configured: &GatePolicy,
    proposed: ProposedRules,
) -> Result<RulesProposal, Error> {
    let (random, configured) = (random.clone(), configured.clone());
    transaction(db, |txn| {
        Box::pin(async move {
            let ProposedRules { id, content, follows, reason, actor, at, request } = proposed;
            let subject = content.subject();
            let in_force = version_in_force(txn, &subject).await?;
            if in_force != follows {
                return Err(overtaken(in_force).into());
            }
            let (user, name) = person(&actor);
            let row = rules_proposal::ActiveModel {
                id: Set(id.to_string()),
                subject: Set(subject.clone()),
                content: Set(content.json()),
                follows: Set(follows as i32),
                reason: Set(reason),
                proposed_by: Set(user),
                proposed_by_name: Set(name),
                proposed_at: Set(at),
                state: Set(OPEN.to_owned()),
                decided_by: Set(None),
                decided_by_name: Set(None),
                decided_at: Set(None),
                signing_nonce: Set(None),
            };
            let once = OnConflict::new().do_nothing().to_owned();
            let inserted =
                rules_proposal::Entity::insert(row).on_conflict(once).exec_without_returning(txn).await?;
            if inserted == 0 {
                return Err(waiting().into());
            }
            let deployment = deployment_of(&content).cloned();
            let digest = content.digest();
            let event = RulesProposed { proposal: id.clone(), deployment, content: digest };
            let mut event = told(&random, at, actor, &id, Event::RulesProposed(event));
            event.causation = Some(request.to_string());
            outbox::append(txn, event).await?;
            rules_proposal_load(txn, &configured, &id).await?.ok_or_else(|| Refusal::not_found().into())
        })
    })
    .await
}

fn deployment_of(content: &Content) -> Option<&DeploymentId> {
    match content {
        Content::Gates(_) => None,
        Content::Stop(deployment, _) => Some(deployment),
    }
}

/// How many versions came after the one that all begin with.
async fn version_in_force(db: &impl ConnectionTrait, subject: &str) -> Result<u32, Error> {
    if subject == GATES {
        let adopted = rules_proposal::Entity::find()
            .filter(Column::Subject.eq(GATES))
            .filter(Column::State.eq(ADOPTED))
            .count(db)
            .await?;
        return Ok(u32::try_from(adopted).unwrap_or(u32::MAX));
    }
    let deployment = from_text("deployment id", subject.to_owned())?;
    Ok(stop_rules_list(db, &deployment).await?.remove(0).version)
}

/// What the workflow needs to know of proposed rules.
pub(crate) async fn rules_facts(
    db: &DatabaseConnection,
    id: &RulesProposalId,
) -> Result<Option<RulesFacts>, Error> {
    let Some(row) = rules_proposal::Entity::find_by_id(id.as_str()).one(db).await? else { return Ok(None) };
    Ok(Some(RulesFacts {
        id: id.clone(),
        in_force: version_in_force(db, &row.subject).await?,
        proposed_by: from_text("account id", row.proposed_by)?,
        state: from_text("state of proposed rules", row.state)?,
        follows: row.follows as u32,
    }))
}

/// A decision that the workflow allows.
pub(crate) struct Decided {
    pub(crate) proposal: RulesProposalId,
    /// The signature by which the rules are adopted; `None` where they are declined.
    pub(crate) adopted_with: Option<String>,
    pub(crate) actor: Actor,
    pub(crate) at: Time,
    pub(crate) request: RequestId,
}

/// Writes a decision and, where it adopts, puts the rules in force.
pub(crate) async fn rules_decide(
    db: &DatabaseConnection,
    random: &Random,
    configured: &GatePolicy,
    decided: Decided,
) -> Result<RulesProposal, Error> {
    let (random, configured) = (random.clone(), configured.clone());
    transaction(db, |txn| {
        Box::pin(async move {
            let id = decided.proposal.clone();
            let row = rules_proposal::Entity::find_by_id(id.as_str()).one(txn).await?;
            let row = row.ok_or_else(Refusal::not_found)?;
            let event = RulesDecided { proposal: id.clone(), adopted: decided.adopted_with.is_some() };
            let mut event = told(&random, decided.at, decided.actor.clone(), &id, Event::RulesDecided(event));
            event.causation = Some(decided.request.to_string());
            outbox::append(txn, event).await?;
            if decided.adopted_with.is_some() {
                put_in_force(txn, &random, &row, &decided).await?;
            }
            proposal_decide(txn, &row, &decided).await?;
            rules_proposal_load(txn, &configured, &id).await?.ok_or_else(|| Refusal::not_found().into())
        })
    })
    .await
}

async fn proposal_decide(
    txn: &DatabaseTransaction,
    row: &rules_proposal::Model,
    decided: &Decided,
) -> Result<(), Error> {
    if let Some(nonce) = &decided.adopted_with {
        let used =
            rules_proposal::Entity::find().filter(Column::SigningNonce.eq(&**nonce)).count(txn).await?;
        if used > 0 {
            return Err(signature_used().into());
        }
    }
    let (user, name) = person(&decided.actor);
    // Who takes back the own proposal decides nothing.
    let decided_by = (user != row.proposed_by).then_some(user);
    let state = if decided.adopted_with.is_some() { ADOPTED } else { DECLINED };
    let updated = rules_proposal::Entity::update_many()
        .col_expr(Column::State, Expr::value(state))
        .col_expr(Column::DecidedBy, Expr::value(decided_by))
        .col_expr(Column::DecidedByName, Expr::value(name))
        .col_expr(Column::DecidedAt, Expr::value(decided.at))
        .col_expr(Column::SigningNonce, Expr::value(decided.adopted_with.clone()))
        .filter(Column::Id.eq(row.id.as_str()))
        .filter(Column::State.eq(OPEN))
        .exec(txn)
        .await?;
    changed_one(updated.rows_affected, "the proposal")
}

/// A gate policy is in force as soon as its proposal is adopted; stop rules have a table of their own.
async fn put_in_force(
    txn: &DatabaseTransaction,
    random: &Random,
    row: &rules_proposal::Model,
    decided: &Decided,
) -> Result<(), Error> {
    match Content::of(row)? {
        Content::Gates(policy) => {
            let content = Digest::of(to_json(&policy).to_string().as_bytes());
            let event = Event::GatePolicyChanged(GatePolicyChanged { version: policy.version, content });
            let event = told(random, decided.at, decided.actor.clone(), &decided.proposal, event);
            outbox::append(txn, event).await?;
            Ok(())
        }
        Content::Stop(deployment, rules) => {
            let new = NewRules {
                deployment,
                follows: row.follows as u32,
                rules,
                reason: format!("{} (proposed by {})", row.reason, row.proposed_by_name),
                actor: decided.actor.clone(),
                at: decided.at,
            };
            rules_add(txn, random, new).await
        }
    }
}

/// The gate policy in force.
pub(crate) async fn gate_policy_in_force(
    db: &impl ConnectionTrait,
    configured: &GatePolicy,
) -> Result<GatePolicy, Error> {
    Ok(gate_policy_versions(db, configured).await?.remove(0).policy)
}

/// Every gate policy that is or was in force, newest first; the last one stands in the configuration.
async fn gate_policy_versions(
    db: &impl ConnectionTrait,
    configured: &GatePolicy,
) -> Result<Vec<GatePolicyVersion>, Error> {
    let adopted = rules_proposal::Entity::find()
        .filter(Column::Subject.eq(GATES))
        .filter(Column::State.eq(ADOPTED))
        .order_by_asc(Column::DecidedAt)
        .order_by_asc(Column::Follows)
        .all(db)
        .await?;
    let mut versions = vec![GatePolicyVersion {
        number: 0,
        policy: configured.clone(),
        proposed_by: None,
        adopted_by: None,
        adopted_at: None,
        reason: "the policy of the configuration".to_owned(),
        difference: Vec::new(),
    }];
    for row in adopted {
        let policy: GatePolicy = from_json("gate policy", &row.content)?;
        let former = &versions[versions.len() - 1];
        versions.push(GatePolicyVersion {
            number: former.number + 1,
            difference: policy.difference(&former.policy),
            policy,
            proposed_by: Some(row.proposed_by_name),
            adopted_by: row.decided_by_name,
            adopted_at: row.decided_at,
            reason: row.reason,
        });
    }
    versions.reverse();
    Ok(versions)
}

/// The gate policies with what is and was proposed.
pub(crate) async fn gate_policies(
    db: &impl ConnectionTrait,
    configured: &GatePolicy,
) -> Result<GatePolicies, Error> {
    let mut former = gate_policy_versions(db, configured).await?;
    let in_force = former.remove(0);
    Ok(GatePolicies { in_force, former, proposals: proposals_about(db, configured, GATES).await? })
}

/// What is and was proposed for the stop rules of a deployment, newest first.
pub(crate) async fn stop_rules_proposals(
    db: &impl ConnectionTrait,
    configured: &GatePolicy,
    deployment: &DeploymentId,
) -> Result<Vec<RulesProposal>, Error> {
    proposals_about(db, configured, deployment.as_str()).await
}

async fn proposals_about(
    db: &impl ConnectionTrait,
    configured: &GatePolicy,
    subject: &str,
) -> Result<Vec<RulesProposal>, Error> {
    let rows = rules_proposal::Entity::find()
        .filter(Column::Subject.eq(subject))
        .order_by_desc(Column::ProposedAt)
        .all(db)
        .await?;
    let mut proposals = Vec::with_capacity(rows.len());
    for row in rows {
        proposals.push(proposal_of(db, configured, row).await?);
    }
    Ok(proposals)
}

async fn rules_proposal_load(
    db: &impl ConnectionTrait,
    configured: &GatePolicy,
    id: &RulesProposalId,
) -> Result<Option<RulesProposal>, Error> {
    let Some(row) = rules_proposal::Entity::find_by_id(id.as_str()).one(db).await? else { return Ok(None) };
    proposal_of(db, configured, row).await.map(Some)
}

async fn proposal_of(
    db: &impl ConnectionTrait,
    configured: &GatePolicy,
    row: rules_proposal::Model,
) -> Result<RulesProposal, Error> {
    let follows = row.follows as u32;
    let (deployment, gate_policy, stop_rules, difference) = match Content::of(&row)? {
        Content::Gates(policy) => {
            let versions = gate_policy_versions(db, configured).await?;
            let looked_at = versions.iter().find(|version| version.number == follows);
            let difference = looked_at.map(|version| policy.difference(&version.policy));
            (None, Some(policy), None, difference)
        }
        Content::Stop(deployment, rules) => {
            let versions = stop_rules_list(db, &deployment).await?;
            let looked_at = versions.iter().find(|version| version.version == follows);
            let difference = looked_at.map(|version| stop::difference(&rules, &version.rules));
            (Some(deployment), None, Some(rules), difference)
        }
    };
    let state: RulesState = from_text("state of proposed rules", row.state)?;
    Ok(RulesProposal {
        id: from_text("rules id", row.id)?,
        deployment,
        gate_policy,
        stop_rules,
        follows,
        difference: difference.unwrap_or_default(),
        reason: row.reason,
        proposed_by: row.proposed_by_name,
        proposed_at: row.proposed_at,
        state,
        decided_by: row.decided_by_name,
        decided_at: row.decided_at,
    })
}

pub(super) fn overtaken(version: u32) -> Refusal {
    Refusal::new(
        "rules_overtaken",
        format!("version {version} was put in force meanwhile"),
        "look at the rules in force and propose what should change in those",
    )
}

fn waiting() -> Refusal {
    Refusal::new(
        "proposal_open",
        "other rules are proposed already and wait for a second person",
        "have them adopted or declined first",
    )
}
