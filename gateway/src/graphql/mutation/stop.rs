//! What stop rules told, and which series a deployment wants.

use super::{commander, id};
use crate::error::Error;
use crate::graphql::services;
use crate::graphql::r#type::payload::{
    AcknowledgeAlarmPayload, ChangeUseRulePayload, CloseRecallEvaluationPayload,
};
use crate::graphql::r#type::stop::{Alarm, RecallEvaluation};
use crate::graphql::r#type::use_rule::{UseRule, UseRuleVersion};
use async_graphql::{Context, ID, InputObject, Object, Result};
use contract::rollout;

#[derive(InputObject)]
pub(crate) struct AcknowledgeAlarmInput {
    alarm_id: ID,
    conclusion: String,
}

#[derive(InputObject)]
pub(crate) struct CloseRecallEvaluationInput {
    evaluation_id: ID,
    conclusion: String,
}

#[derive(InputObject)]
pub(crate) struct ChangeUseRuleInput {
    deployment_id: ID,
    rule: UseRule,
    reason: String,
    /// How many series the dry run wanted that was looked at.
    matched_seen: u32,
    looked_at: u32,
}

#[derive(Default)]
pub(crate) struct StopMutation;

#[Object]
impl StopMutation {
    /// Says what somebody found who looked into an alarm. For quality and the clinical owner.
    async fn acknowledge_alarm(
        &self,
        ctx: &Context<'_>,
        input: AcknowledgeAlarmInput,
    ) -> Result<AcknowledgeAlarmPayload> {
        AcknowledgeAlarmPayload::from_outcome(ctx, acknowledge_alarm(ctx, input).await)
    }

    /// Says what becomes of what was released before a stop. For quality and the clinical owner.
    async fn close_recall_evaluation(
        &self,
        ctx: &Context<'_>,
        input: CloseRecallEvaluationInput,
    ) -> Result<CloseRecallEvaluationPayload> {
        CloseRecallEvaluationPayload::from_outcome(ctx, close_recall_evaluation(ctx, input).await)
    }

    /// Puts another rule in force, after a dry run that was looked at. For administrators.
    async fn change_use_rule(
        &self,
        ctx: &Context<'_>,
        input: ChangeUseRuleInput,
    ) -> Result<ChangeUseRulePayload> {
        ChangeUseRulePayload::from_outcome(ctx, change_use_rule(ctx, input).await)
    }
}

async fn acknowledge_alarm(ctx: &Context<'_>, input: AcknowledgeAlarmInput) -> Result<Alarm, Error> {
    let rollout = services(ctx, commander(ctx)?).rollout;
    let command = rollout::Conclude { conclusion: input.conclusion };
    Ok(rollout.alarm_acknowledge(&id(&input.alarm_id)?, &command).await?.into())
}

async fn close_recall_evaluation(
    ctx: &Context<'_>,
    input: CloseRecallEvaluationInput,
) -> Result<RecallEvaluation, Error> {
    let rollout = services(ctx, commander(ctx)?).rollout;
    let command = rollout::Conclude { conclusion: input.conclusion };
    Ok(rollout.recall_evaluation_close(&id(&input.evaluation_id)?, &command).await?.into())
}

async fn change_use_rule(ctx: &Context<'_>, input: ChangeUseRuleInput) -> Result<UseRuleVersion, Error> {
    let rollout = services(ctx, commander(ctx)?).rollout;
    let command = rollout::ChangeUseRule {
        rule: input.rule.into(),
        reason: input.reason,
        matched_seen: input.matched_seen,
        looked_at: input.looked_at,
    };
    Ok(rollout.use_rule_change(&id(&input.deployment_id)?, &command).await?.into())
}
