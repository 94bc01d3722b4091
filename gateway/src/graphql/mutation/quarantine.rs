//! What becomes of what could not be used.

use super::{commander, id};
use crate::error::Error;
use crate::graphql::services;
use crate::graphql::r#type::payload::{DiscardQuarantinedPayload, ReadmitQuarantinedPayload};
use crate::graphql::r#type::quarantine::{CorrectionInput, QuarantineOutcome};
use async_graphql::{Context, ID, InputObject, Object, Result};
use chrono::{DateTime, Utc};
use contract::intake;

#[derive(InputObject)]
pub(crate) struct ReadmitQuarantinedInput {
    /// Any entry of the group.
    entry_id: ID,
    /// Entries of the group that came later are left alone.
    received_until: DateTime<Utc>,
    reason: String,
    #[graphql(default)]
    corrections: Vec<CorrectionInput>,
}

#[derive(InputObject)]
pub(crate) struct DiscardQuarantinedInput {
    /// Any entry of the group.
    entry_id: ID,
    /// Entries of the group that came later are left alone.
    received_until: DateTime<Utc>,
    reason: String,
}

#[derive(Default)]
pub(crate) struct QuarantineMutation;

#[Object]
impl QuarantineMutation {
    /// Lets kept objects go through admission once more, as they are or corrected. For administrators, coordinators and
    /// quality; corrections for the first two.
    async fn readmit_quarantined(
        &self,
        ctx: &Context<'_>,
        input: ReadmitQuarantinedInput,
    ) -> Result<ReadmitQuarantinedPayload> {
        ReadmitQuarantinedPayload::from_outcome(ctx, readmit(ctx, input).await)
    }

    /// Ends entries without taking anything in; their bytes stay for the retention.
    async fn discard_quarantined(
        &self,
        ctx: &Context<'_>,
        input: DiscardQuarantinedInput,
    ) -> Result<DiscardQuarantinedPayload> {
        DiscardQuarantinedPayload::from_outcome(ctx, discard(ctx, input).await)
    }
}

async fn readmit(ctx: &Context<'_>, input: ReadmitQuarantinedInput) -> Result<QuarantineOutcome, Error> {
    let intake = services(ctx, commander(ctx)?).intake;
    let corrections = input.corrections.into_iter().map(|one| (one.attribute.into(), one.value));
    let command = intake::Readmit {
        received_until: input.received_until,
        reason: input.reason,
        corrections: corrections.collect(),
    };
    Ok(intake.readmit_quarantined(&id(&input.entry_id)?, &command).await?.into())
}

async fn discard(ctx: &Context<'_>, input: DiscardQuarantinedInput) -> Result<QuarantineOutcome, Error> {
    let intake = services(ctx, commander(ctx)?).intake;
    let command = intake::Discard { received_until: input.received_until, reason: input.reason };
    Ok(intake.discard_quarantined(&id(&input.entry_id)?, &command).await?.into())
}
