//! What follows a recall.

use super::{commander, id};
use crate::error::Error;
use crate::graphql::services;
use crate::graphql::r#type::payload::CloseRejectionNotePayload;
use crate::graphql::r#type::rejection_note::RejectionNote;
use crate::record;
use async_graphql::{Context, ID, InputObject, Object, Result};
use contract::delivery;
use contract::event::Display;

#[derive(InputObject)]
pub(crate) struct CloseRejectionNoteInput {
    note_id: ID,
    /// How the objects were taken away there, or why they need not be.
    reason: String,
}

#[derive(Default)]
pub(crate) struct RecallMutation;

#[Object]
impl RecallMutation {
    /// Answers for a recall at a destination that can't show that the objects are gone. For quality.
    async fn close_rejection_note(
        &self,
        ctx: &Context<'_>,
        input: CloseRejectionNoteInput,
    ) -> Result<CloseRejectionNotePayload> {
        CloseRejectionNotePayload::from_outcome(ctx, close(ctx, input).await)
    }
}

async fn close(ctx: &Context<'_>, input: CloseRejectionNoteInput) -> Result<RejectionNote, Error> {
    let delivery = services(ctx, commander(ctx)?).delivery;
    let command = delivery::CloseRejectionNote { reason: input.reason };
    let note = delivery.rejection_note_close(&id(&input.note_id)?, &command).await?;
    record::shown(ctx, Display::Case, [note.case.to_string()]);
    Ok(note.into())
}
