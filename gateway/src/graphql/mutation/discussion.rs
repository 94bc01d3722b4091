//! Discussing cases that are over.

use super::{commander, id};
use crate::error::Error;
use crate::graphql::fault::asking;
use crate::graphql::services;
use crate::graphql::r#type::discussion::{Discussion, DiscussionKind, Radpeer, accounts_of, ids};
use crate::graphql::r#type::payload::{
    CloseDiscussionPayload, ContributeToDiscussionPayload, OpenDiscussionPayload, ScoreReadingPayload,
};
use crate::record;
use crate::store;
use async_graphql::{Context, ID, InputObject, Object, Result};
use contract::event::Display;
use contract::review;

#[derive(InputObject)]
pub(crate) struct OpenDiscussionInput {
    case_id: ID,
    kind: DiscussionKind,
    /// 3 to 500 characters.
    question: String,
}

#[derive(InputObject)]
pub(crate) struct ContributeToDiscussionInput {
    discussion_id: ID,
    /// 3 to 2,000 characters.
    words: String,
}

#[derive(InputObject)]
pub(crate) struct ScoreReadingInput {
    discussion_id: ID,
    score: Radpeer,
}

#[derive(InputObject)]
pub(crate) struct CloseDiscussionInput {
    discussion_id: ID,
    /// 3 to 2,000 characters.
    learning_point: String,
}

#[derive(Default)]
pub(crate) struct DiscussionMutation;

#[Object]
impl DiscussionMutation {
    /// Has a case discussed that is over and whose images nobody can read any more: for quality, and for those who read
    /// it.
    async fn open_discussion(
        &self,
        ctx: &Context<'_>,
        input: OpenDiscussionInput,
    ) -> Result<OpenDiscussionPayload> {
        OpenDiscussionPayload::from_outcome(ctx, open(ctx, input).await)
    }

    /// Says something in a discussion. It stays as it is.
    async fn contribute_to_discussion(
        &self,
        ctx: &Context<'_>,
        input: ContributeToDiscussionInput,
    ) -> Result<ContributeToDiscussionPayload> {
        ContributeToDiscussionPayload::from_outcome(ctx, contribute(ctx, input).await)
    }

    /// Scores how the case was read; the last score of a person stands. For quality that read none of its images.
    async fn score_reading(
        &self,
        ctx: &Context<'_>,
        input: ScoreReadingInput,
    ) -> Result<ScoreReadingPayload> {
        ScoreReadingPayload::from_outcome(ctx, score(ctx, input).await)
    }

    /// Writes down what is to be learned and closes the discussion. For quality that did not read the case.
    async fn close_discussion(
        &self,
        ctx: &Context<'_>,
        input: CloseDiscussionInput,
    ) -> Result<CloseDiscussionPayload> {
        CloseDiscussionPayload::from_outcome(ctx, close(ctx, input).await)
    }
}

async fn open(ctx: &Context<'_>, input: OpenDiscussionInput) -> Result<Discussion, Error> {
    let review = services(ctx, commander(ctx)?).review;
    let OpenDiscussionInput { case_id, kind, question } = input;
    let command = review::OpenDiscussion { case: id(&case_id)?, kind: kind.into(), question };
    shown(ctx, review.open_discussion(&command).await?).await
}

async fn contribute(ctx: &Context<'_>, input: ContributeToDiscussionInput) -> Result<Discussion, Error> {
    let review = services(ctx, commander(ctx)?).review;
    let command = review::Contribute { words: input.words };
    shown(ctx, review.contribute(&id(&input.discussion_id)?, &command).await?).await
}

async fn score(ctx: &Context<'_>, input: ScoreReadingInput) -> Result<Discussion, Error> {
    let review = services(ctx, commander(ctx)?).review;
    let command = review::ScoreReading { score: input.score.into() };
    shown(ctx, review.score_reading(&id(&input.discussion_id)?, &command).await?).await
}

async fn close(ctx: &Context<'_>, input: CloseDiscussionInput) -> Result<Discussion, Error> {
    let review = services(ctx, commander(ctx)?).review;
    let command = review::CloseDiscussion { learning_point: input.learning_point };
    shown(ctx, review.close_discussion(&id(&input.discussion_id)?, &command).await?).await
}

async fn shown(ctx: &Context<'_>, discussion: review::Discussion) -> Result<Discussion, Error> {
    record::shown(ctx, Display::Discussions, ids(&discussion));
    let names = store::account_names(&asking(ctx).door.db, accounts_of(&discussion)).await?;
    Ok(Discussion::new(discussion, &names))
}
