//! Beginning and giving up comparisons; opening pairs and answering them.

use super::{commander, id};
use crate::auth::Components;
use crate::error::Error;
use crate::graphql::fault::asking;
use crate::graphql::query::comparison::ids;
use crate::graphql::services;
use crate::graphql::r#type::comparison::{Comparison, ComparisonPlan};
use crate::graphql::r#type::pair::{ComparisonPair, Preference, SideErrorsInput};
use crate::graphql::r#type::payload::{
    AnswerComparisonPairPayload, GiveUpComparisonPayload, OpenComparisonPairPayload, StartComparisonPayload,
};
use crate::record;
use async_graphql::{Context, ID, InputObject, Object, Result};
use contract::event::Display;
use contract::{Digest, PairId, review, rollout};

#[derive(InputObject)]
pub(crate) struct StartComparisonInput {
    champion_id: ID,
    /// It stands at shadow.
    challenger_id: ID,
    plan: ComparisonPlan,
    reason: String,
}

#[derive(InputObject)]
pub(crate) struct GiveUpComparisonInput {
    comparison_id: ID,
    reason: String,
}

#[derive(InputObject)]
pub(crate) struct OpenComparisonPairInput {
    pair_id: ID,
}

#[derive(InputObject)]
pub(crate) struct AnswerComparisonPairInput {
    pair_id: ID,
    preference: Preference,
    a: SideErrorsInput,
    b: SideErrorsInput,
    /// SHA-256 over the lines `SOPInstanceUID digest\n`, sorted, of the images of both sides that the browser received
    /// and displayed.
    shown_digest: String,
    /// Wanted at the first signature of a login session.
    username: Option<String>,
    password: String,
}

#[derive(Default)]
pub(crate) struct ComparisonMutation;

#[Object]
impl ComparisonMutation {
    /// Begins a comparison, under a plan that no longer changes. For administrators.
    async fn start_comparison(
        &self,
        ctx: &Context<'_>,
        input: StartComparisonInput,
    ) -> Result<StartComparisonPayload> {
        StartComparisonPayload::from_outcome(ctx, start(ctx, input).await)
    }

    /// Ends a comparison without a result. For administrators and quality.
    async fn give_up_comparison(
        &self,
        ctx: &Context<'_>,
        input: GiveUpComparisonInput,
    ) -> Result<GiveUpComparisonPayload> {
        GiveUpComparisonPayload::from_outcome(ctx, give_up(ctx, input).await)
    }

    /// Takes a pair, or goes on with it.
    async fn open_comparison_pair(
        &self,
        ctx: &Context<'_>,
        input: OpenComparisonPairInput,
    ) -> Result<OpenComparisonPairPayload> {
        OpenComparisonPairPayload::from_outcome(ctx, open(ctx, &input).await)
    }

    /// Signs which side is better. An answer never changes.
    async fn answer_comparison_pair(
        &self,
        ctx: &Context<'_>,
        input: AnswerComparisonPairInput,
    ) -> Result<AnswerComparisonPairPayload> {
        AnswerComparisonPairPayload::from_outcome(ctx, answer(ctx, input).await)
    }
}

async fn start(ctx: &Context<'_>, input: StartComparisonInput) -> Result<Comparison, Error> {
    let rollout = services(ctx, commander(ctx)?).rollout;
    let command = rollout::StartComparison {
        champion: id(&input.champion_id)?,
        challenger: id(&input.challenger_id)?,
        plan: input.plan.into(),
        reason: input.reason,
    };
    Ok(rollout.comparison_start(&command).await?.into())
}

async fn give_up(ctx: &Context<'_>, input: GiveUpComparisonInput) -> Result<Comparison, Error> {
    let rollout = services(ctx, commander(ctx)?).rollout;
    let command = rollout::GiveUpComparison { reason: input.reason };
    Ok(rollout.comparison_give_up(&id(&input.comparison_id)?, &command).await?.into())
}

async fn open(ctx: &Context<'_>, input: &OpenComparisonPairInput) -> Result<ComparisonPair, Error> {
    let review = services(ctx, commander(ctx)?).review;
    Ok(shown(ctx, review.pair_open(&id(&input.pair_id)?).await?))
}

async fn answer(ctx: &Context<'_>, input: AnswerComparisonPairInput) -> Result<ComparisonPair, Error> {
    let viewer = commander(ctx)?;
    let pair: PairId = id(&input.pair_id)?;
    let shown_digest: Digest = input.shown_digest.parse().map_err(|_| super::read::malformed_digest())?;
    let (a, b) = (input.a.try_into()?, input.b.try_into()?);
    let answer = review::PairAnswer { preference: input.preference.into(), a, b };
    let components = Components { username: input.username, password: input.password.into() };
    let services = asking(ctx).services_for_signing(viewer, pair.as_str(), components).await?;
    let command = review::SignPair { answer, shown_digest };
    Ok(shown(ctx, services.review.pair_sign(&pair, &command).await?))
}

/// The answer to a command shows the pair, which is written down as any look at it.
fn shown(ctx: &Context<'_>, pair: review::Pair) -> ComparisonPair {
    record::shown(ctx, Display::Pairs, ids(&pair));
    ComparisonPair(pair)
}
