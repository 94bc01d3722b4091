//! Signing in and out.

use crate::auth::cookie;
use crate::error::Error;
use crate::graphql::fault::{asking, fault};
use crate::graphql::r#type::payload::{SignInPayload, SignOutPayload};
use crate::graphql::r#type::viewer::Viewer;
use actix_web::http::header::SET_COOKIE;
use async_graphql::{Context, InputObject, Object, Result};

#[derive(InputObject)]
pub(crate) struct SignInInput {
    username: String,
    password: String,
}

#[derive(Default)]
pub(crate) struct LoginMutation;

#[Object]
impl LoginMutation {
    /// Opens a login session; whoever was signed in on this browser is signed out.
    async fn sign_in(&self, ctx: &Context<'_>, input: SignInInput) -> Result<SignInPayload> {
        SignInPayload::from_outcome(ctx, sign_in(ctx, input).await)
    }

    async fn sign_out(&self, ctx: &Context<'_>) -> Result<SignOutPayload> {
        let asking = asking(ctx);
        if let Some(viewer) = &asking.viewer {
            asking.door.logins.sign_out(viewer).await.map_err(|error| fault(ctx, error))?;
        }
        ctx.insert_http_header(SET_COOKIE.as_str(), cookie::take_back(asking.door.config.cookie_secure));
        Ok(SignOutPayload { ok: true, refusal: None })
    }
}

async fn sign_in(ctx: &Context<'_>, input: SignInInput) -> Result<Viewer, Error> {
    let asking = asking(ctx);
    let door = &asking.door;
    let (viewer, secret) =
        door.logins.sign_in(&input.username, input.password.into(), asking.address).await?;
    if let Some(former) = &asking.viewer {
        door.logins.sign_out(former).await?;
    }
    ctx.insert_http_header(SET_COOKIE.as_str(), cookie::give(&secret, door.config.cookie_secure));
    Ok(Viewer::new(&viewer, &door.config))
}
