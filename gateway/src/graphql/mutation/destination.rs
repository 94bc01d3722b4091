//! Where releases are sent: added, changed, called.

use super::{commander, id};
use crate::error::Error;
use crate::graphql::services;
use crate::graphql::r#type::destination::{Destination, DestinationTermsInput, DestinationTest};
use crate::graphql::r#type::payload::{
    AddDestinationPayload, ChangeDestinationPayload, TestDestinationPayload,
};
use crate::record;
use async_graphql::{Context, ID, InputObject, Object, Result};
use contract::delivery::{AddDestination, ChangeDestination};
use contract::event::Display;

#[derive(InputObject)]
pub(crate) struct AddDestinationInput {
    /// At most 64 characters; it never changes.
    name: String,
    terms: DestinationTermsInput,
    reason: String,
}

#[derive(InputObject)]
pub(crate) struct ChangeDestinationInput {
    destination_id: ID,
    /// The version that this was made of.
    follows: u32,
    terms: DestinationTermsInput,
    reason: String,
}

#[derive(InputObject)]
pub(crate) struct TestDestinationInput {
    destination_id: ID,
}

#[derive(Default)]
pub(crate) struct DestinationMutation;

#[Object]
impl DestinationMutation {
    /// Names a place to which releases are sent from now on. For administrators.
    async fn add_destination(
        &self,
        ctx: &Context<'_>,
        input: AddDestinationInput,
    ) -> Result<AddDestinationPayload> {
        AddDestinationPayload::from_outcome(ctx, add(ctx, input).await)
    }

    /// Moves, pauses, closes or reopens a destination; what waits for it goes where it is now. For administrators.
    async fn change_destination(
        &self,
        ctx: &Context<'_>,
        input: ChangeDestinationInput,
    ) -> Result<ChangeDestinationPayload> {
        ChangeDestinationPayload::from_outcome(ctx, change(ctx, input).await)
    }

    /// Calls a destination (C-ECHO); nothing of a patient is sent. For administrators.
    async fn test_destination(
        &self,
        ctx: &Context<'_>,
        input: TestDestinationInput,
    ) -> Result<TestDestinationPayload> {
        TestDestinationPayload::from_outcome(ctx, test(ctx, input).await)
    }
}

async fn add(ctx: &Context<'_>, input: AddDestinationInput) -> Result<Destination, Error> {
    let delivery = services(ctx, commander(ctx)?).delivery;
    let AddDestinationInput { name, terms, reason } = input;
    let command = AddDestination { name, terms: terms.into(), reason };
    let added = delivery.destination_add(&command).await?;
    record::shown(ctx, Display::Destinations, []);
    Ok(added.into())
}

async fn change(ctx: &Context<'_>, input: ChangeDestinationInput) -> Result<Destination, Error> {
    let delivery = services(ctx, commander(ctx)?).delivery;
    let ChangeDestinationInput { destination_id, follows, terms, reason } = input;
    let command = ChangeDestination { follows, terms: terms.into(), reason };
    let changed = delivery.destination_change(&id(&destination_id)?, &command).await?;
    record::shown(ctx, Display::Destinations, []);
    Ok(changed.into())
}

async fn test(ctx: &Context<'_>, input: TestDestinationInput) -> Result<DestinationTest, Error> {
    let delivery = services(ctx, commander(ctx)?).delivery;
    Ok(delivery.destination_test(&id(&input.destination_id)?).await?.into())
}
