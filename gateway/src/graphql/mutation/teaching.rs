//! Teaching with the images of cases that were discussed.

use super::{commander, id};
use crate::error::Error;
use crate::graphql::fault::asking;
use crate::graphql::services;
use crate::graphql::r#type::payload::{
    PrepareTeachingSetPayload, ReleaseTeachingSetPayload, WithdrawTeachingSetPayload,
};
use crate::graphql::r#type::teaching::{TeachingSet, accounts_of, ids};
use crate::record;
use crate::store;
use async_graphql::{Context, ID, InputObject, Object, Result};
use contract::event::Display;
use contract::{Refusal, delivery};

#[derive(InputObject)]
pub(crate) struct PrepareTeachingSetInput {
    discussion_id: ID,
}

#[derive(InputObject)]
pub(crate) struct ReleaseTeachingSetInput {
    teaching_set_id: ID,
    /// The content that was looked at.
    content: String,
    /// How many images were looked at, of both series.
    seen: u32,
}

#[derive(InputObject)]
pub(crate) struct WithdrawTeachingSetInput {
    teaching_set_id: ID,
    /// 3 to 500 characters.
    reason: String,
}

#[derive(Default)]
pub(crate) struct TeachingMutation;

#[Object]
impl TeachingMutation {
    /// Has copies made of the images of a discussed case, without whose they are, and looked through for what must not be
    /// in them. For quality, once the discussion is closed. How far it is, `teachingSets` says.
    async fn prepare_teaching_set(
        &self,
        ctx: &Context<'_>,
        input: PrepareTeachingSetInput,
    ) -> Result<PrepareTeachingSetPayload> {
        PrepareTeachingSetPayload::from_outcome(ctx, prepare(ctx, input).await)
    }

    /// Answers for it that nobody is recognised in the images of a set: the viewer looked at each of them.
    async fn release_teaching_set(
        &self,
        ctx: &Context<'_>,
        input: ReleaseTeachingSetInput,
    ) -> Result<ReleaseTeachingSetPayload> {
        ReleaseTeachingSetPayload::from_outcome(ctx, release(ctx, input).await)
    }

    /// Takes a set back: it leaves no more. What left is with whoever has it.
    async fn withdraw_teaching_set(
        &self,
        ctx: &Context<'_>,
        input: WithdrawTeachingSetInput,
    ) -> Result<WithdrawTeachingSetPayload> {
        WithdrawTeachingSetPayload::from_outcome(ctx, withdraw(ctx, input).await)
    }
}

async fn prepare(ctx: &Context<'_>, input: PrepareTeachingSetInput) -> Result<TeachingSet, Error> {
    let delivery = services(ctx, commander(ctx)?).delivery;
    let command = delivery::PrepareTeachingSet { discussion: id(&input.discussion_id)? };
    shown(ctx, delivery.teaching_set_prepare(&command).await?).await
}

async fn release(ctx: &Context<'_>, input: ReleaseTeachingSetInput) -> Result<TeachingSet, Error> {
    let delivery = services(ctx, commander(ctx)?).delivery;
    let content = input.content.parse().map_err(|_| {
        Refusal::new(
            "content_unreadable",
            "this is no digest",
            "give the content of the set that was looked at",
        )
    })?;
    let command = delivery::ReleaseTeachingSet { content, seen: input.seen };
    shown(ctx, delivery.teaching_set_release(&id(&input.teaching_set_id)?, &command).await?).await
}

async fn withdraw(ctx: &Context<'_>, input: WithdrawTeachingSetInput) -> Result<TeachingSet, Error> {
    let delivery = services(ctx, commander(ctx)?).delivery;
    let command = delivery::WithdrawTeachingSet { reason: input.reason };
    shown(ctx, delivery.teaching_set_withdraw(&id(&input.teaching_set_id)?, &command).await?).await
}

async fn shown(ctx: &Context<'_>, set: delivery::TeachingSet) -> Result<TeachingSet, Error> {
    record::shown(ctx, Display::Discussions, ids(&set));
    let names = store::account_names(&asking(ctx).door.db, accounts_of(&set)).await?;
    Ok(TeachingSet::new(set, &names))
}
