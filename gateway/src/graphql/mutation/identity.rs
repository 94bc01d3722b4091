//! Whose a study is.

use super::{commander, id};
use crate::error::Error;
use crate::graphql::services;
use crate::graphql::r#type::payload::SettleIdentityPayload;
use crate::graphql::r#type::study::{IdentityDecision, Study};
use crate::record;
use async_graphql::{Context, ID, InputObject, Object, Result};
use contract::event::Display;
use contract::intake;

#[derive(InputObject)]
pub(crate) struct SettleIdentityInput {
    study_id: ID,
    decision: IdentityDecision,
    reason: String,
}

#[derive(Default)]
pub(crate) struct IdentityMutation;

#[Object]
impl IdentityMutation {
    /// Decides whose a study is that objects came for under another identity. For coordinators and quality.
    async fn settle_identity(
        &self,
        ctx: &Context<'_>,
        input: SettleIdentityInput,
    ) -> Result<SettleIdentityPayload> {
        SettleIdentityPayload::from_outcome(ctx, settle_identity(ctx, input).await)
    }
}

async fn settle_identity(ctx: &Context<'_>, input: SettleIdentityInput) -> Result<Study, Error> {
    let intake = services(ctx, commander(ctx)?).intake;
    let command = intake::SettleIdentity { decision: input.decision.into(), reason: input.reason };
    let study = intake.settle_identity(&id(&input.study_id)?, &command).await?;
    record::shown(ctx, Display::Study, [study.id.to_string()]);
    Ok(Study(study))
}
