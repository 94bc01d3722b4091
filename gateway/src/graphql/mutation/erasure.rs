//! Erasing what the ledger keeps of people.

use super::oversight::account;
use super::{commander, id};
use crate::error::Error;
use crate::graphql::fault::asking;
use crate::graphql::services;
use crate::graphql::r#type::erasure::{Erasure, accounts_of};
use crate::graphql::r#type::payload::{ApproveErasurePayload, DeclineErasurePayload, ProposeErasurePayload};
use crate::store;
use async_graphql::{Context, ID, InputObject, Object, Result};
use contract::Refusal;
use contract::audit::{ErasureRecord, ErasureScope, ProposeErasure};

/// Either a person or entries.
#[derive(InputObject)]
pub(crate) struct ProposeErasureInput {
    /// Whose name.
    username: Option<String>,
    /// The numbers of the entries.
    entries: Option<Vec<u64>>,
    reason: String,
}

#[derive(InputObject)]
pub(crate) struct ApproveErasureInput {
    erasure_id: ID,
}

#[derive(InputObject)]
pub(crate) struct DeclineErasureInput {
    erasure_id: ID,
}

#[derive(Default)]
pub(crate) struct ErasureMutation;

#[Object]
impl ErasureMutation {
    /// Wants a name, or what is personal in some entries, erased from the ledger, which stays provable. For quality and
    /// administrators; somebody else of quality decides.
    async fn propose_erasure(
        &self,
        ctx: &Context<'_>,
        input: ProposeErasureInput,
    ) -> Result<ProposeErasurePayload> {
        ProposeErasurePayload::from_outcome(ctx, propose(ctx, input).await)
    }

    /// Agrees to an erasure that somebody else wants. It can't be undone. For quality.
    async fn approve_erasure(
        &self,
        ctx: &Context<'_>,
        input: ApproveErasureInput,
    ) -> Result<ApproveErasurePayload> {
        ApproveErasurePayload::from_outcome(ctx, approve(ctx, input).await)
    }

    /// Does not agree, or takes an own wish back.
    async fn decline_erasure(
        &self,
        ctx: &Context<'_>,
        input: DeclineErasureInput,
    ) -> Result<DeclineErasurePayload> {
        DeclineErasurePayload::from_outcome(ctx, decline(ctx, input).await)
    }
}

async fn propose(ctx: &Context<'_>, input: ProposeErasureInput) -> Result<Erasure, Error> {
    let audit = services(ctx, commander(ctx)?).audit;
    let scope = match (input.username, input.entries) {
        (Some(username), None) => ErasureScope::Person { user: account(ctx, &username).await?.0 },
        (None, Some(entries)) => ErasureScope::Entries { entries },
        _ => return Err(malformed().into()),
    };
    named(ctx, audit.propose_erasure(&ProposeErasure { scope, reason: input.reason }).await?).await
}

async fn approve(ctx: &Context<'_>, input: ApproveErasureInput) -> Result<Erasure, Error> {
    let audit = services(ctx, commander(ctx)?).audit;
    named(ctx, audit.approve_erasure(&id(&input.erasure_id)?).await?).await
}

async fn decline(ctx: &Context<'_>, input: DeclineErasureInput) -> Result<Erasure, Error> {
    let audit = services(ctx, commander(ctx)?).audit;
    named(ctx, audit.decline_erasure(&id(&input.erasure_id)?).await?).await
}

async fn named(ctx: &Context<'_>, record: ErasureRecord) -> Result<Erasure, Error> {
    let names = store::account_names(&asking(ctx).door.db, accounts_of(&record)).await?;
    Ok(Erasure::new(record, &names))
}

fn malformed() -> Refusal {
    Refusal::new("erasure_malformed", "an erasure is of a person or of entries", "name one of them")
}
