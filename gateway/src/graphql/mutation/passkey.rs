//! Registering and revoking passkeys.

use super::commander;
use crate::auth::Components;
use crate::error::Error;
use crate::graphql::fault::asking;
use crate::graphql::r#type::passkey::Passkey;
use crate::graphql::r#type::payload::{
    RegisterPasskeyPayload, RevokePasskeyPayload, StartPasskeyRegistrationPayload,
};
use crate::store;
use async_graphql::{Context, ID, InputObject, Object, Result};
use contract::{Digest, Refusal};
use webauthn_rs::prelude::Url;

#[derive(InputObject)]
pub(crate) struct RegisterPasskeyInput {
    /// What its owner calls it, 1 to 60 characters.
    name: String,
    /// What `navigator.credentials.create` gave, as JSON.
    answer: String,
    password: String,
}

#[derive(InputObject)]
pub(crate) struct RevokePasskeyInput {
    passkey_id: ID,
}

#[derive(Default)]
pub(crate) struct PasskeyMutation;

#[Object]
impl PasskeyMutation {
    /// What the browser asks the viewer's device for, for `PublicKeyCredential.parseCreationOptionsFromJSON`.
    async fn start_passkey_registration(&self, ctx: &Context<'_>) -> Result<StartPasskeyRegistrationPayload> {
        StartPasskeyRegistrationPayload::from_outcome(ctx, start(ctx).await)
    }

    /// Registers a passkey to sign with.
    async fn register_passkey(
        &self,
        ctx: &Context<'_>,
        input: RegisterPasskeyInput,
    ) -> Result<RegisterPasskeyPayload> {
        RegisterPasskeyPayload::from_outcome(ctx, register(ctx, input).await)
    }

    /// Revokes one of the viewer's passkeys; gives those that are left.
    async fn revoke_passkey(
        &self,
        ctx: &Context<'_>,
        input: RevokePasskeyInput,
    ) -> Result<RevokePasskeyPayload> {
        RevokePasskeyPayload::from_outcome(ctx, revoke(ctx, &input).await)
    }
}

async fn start(ctx: &Context<'_>) -> Result<String, Error> {
    let viewer = commander(ctx)?;
    asking(ctx).door.passkeys.registration(viewer, origin(ctx)?).await
}

async fn register(ctx: &Context<'_>, input: RegisterPasskeyInput) -> Result<Passkey, Error> {
    let viewer = commander(ctx)?;
    let asking = asking(ctx);
    let components = Components { username: None, password: input.password.into() };
    asking.door.logins.verify(viewer, components, asking.address).await?;
    let named = (input.name.as_str(), input.answer.as_str());
    Ok(asking.door.passkeys.register(viewer, named, asking.request.clone()).await?.into())
}

async fn revoke(ctx: &Context<'_>, input: &RevokePasskeyInput) -> Result<Vec<Passkey>, Error> {
    let viewer = commander(ctx)?;
    let asking = asking(ctx);
    let id: Digest = input.passkey_id.parse().map_err(|_| Refusal::not_found())?;
    Ok(shown(asking.door.passkeys.revoke(viewer, id, asking.request.clone()).await?))
}

pub(crate) fn shown(passkeys: Vec<store::Passkey>) -> Vec<Passkey> {
    passkeys.into_iter().map(Passkey::from).collect()
}

/// The origin of the page that asks.
pub(super) fn origin(ctx: &Context<'_>) -> Result<Url, Refusal> {
    let origin = asking(ctx).origin.as_deref().and_then(|origin| origin.parse().ok());
    origin.ok_or_else(|| {
        Refusal::new(
            "passkey_origin",
            "it is not known from which page this comes",
            "open the page in a browser, by its name",
        )
    })
}
