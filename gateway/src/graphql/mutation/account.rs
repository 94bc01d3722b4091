//! Accounts: made, given roles, disabled, and passwords.

use super::commander;
use crate::error::Error;
use crate::graphql::fault::asking;
use crate::graphql::r#type::account::{IssuedPassword, UserAccount};
use crate::graphql::r#type::payload::{
    AddAccountPayload, ChangeAccountRolesPayload, ChangePasswordPayload, DisableAccountPayload,
    EnableAccountPayload, ResetPasswordPayload,
};
use crate::graphql::r#type::viewer::{Role, Viewer};
use crate::users::Asking;
use crate::workflow::account::Wish;
use async_graphql::{Context, InputObject, Object, Result};
use contract::Refusal;
use contract::gateway::NewUser;

#[derive(InputObject)]
pub(crate) struct AddAccountInput {
    username: String,
    /// As it will stand beside signatures.
    printed_name: String,
    roles: Vec<Role>,
    reason: String,
}

#[derive(InputObject)]
pub(crate) struct ChangeAccountRolesInput {
    username: String,
    /// All that the person may do from now on.
    roles: Vec<Role>,
    reason: String,
}

#[derive(InputObject)]
pub(crate) struct DisableAccountInput {
    username: String,
    reason: String,
}

#[derive(InputObject)]
pub(crate) struct EnableAccountInput {
    username: String,
    reason: String,
}

#[derive(InputObject)]
pub(crate) struct ResetPasswordInput {
    username: String,
    reason: String,
}

#[derive(InputObject)]
pub(crate) struct ChangePasswordInput {
    present_password: String,
    new_password: String,
}

#[derive(Default)]
pub(crate) struct AccountMutation;

#[Object]
impl AccountMutation {
    /// Makes an account with a password that its person changes at the first sign-in. For administrators.
    async fn add_account(&self, ctx: &Context<'_>, input: AddAccountInput) -> Result<AddAccountPayload> {
        AddAccountPayload::from_outcome(ctx, add_account(ctx, input).await)
    }

    /// Says what somebody may do, from their next request on. For administrators, about others.
    async fn change_account_roles(
        &self,
        ctx: &Context<'_>,
        input: ChangeAccountRolesInput,
    ) -> Result<ChangeAccountRolesPayload> {
        let wish = Wish::Roles(input.roles.into_iter().map(contract::Role::from).collect());
        let changed = change(ctx, &input.username, &wish, input.reason).await;
        ChangeAccountRolesPayload::from_outcome(ctx, changed)
    }

    /// Signs somebody out everywhere and lets nobody sign in with the account. For administrators, about others.
    async fn disable_account(
        &self,
        ctx: &Context<'_>,
        input: DisableAccountInput,
    ) -> Result<DisableAccountPayload> {
        let changed = change(ctx, &input.username, &Wish::Disable, input.reason).await;
        DisableAccountPayload::from_outcome(ctx, changed)
    }

    async fn enable_account(
        &self,
        ctx: &Context<'_>,
        input: EnableAccountInput,
    ) -> Result<EnableAccountPayload> {
        let changed = change(ctx, &input.username, &Wish::Enable, input.reason).await;
        EnableAccountPayload::from_outcome(ctx, changed)
    }

    /// Makes a password that the person changes at the next sign-in. For administrators, about others.
    async fn reset_password(
        &self,
        ctx: &Context<'_>,
        input: ResetPasswordInput,
    ) -> Result<ResetPasswordPayload> {
        ResetPasswordPayload::from_outcome(ctx, reset_password(ctx, input).await)
    }

    /// Takes another password for oneself; other login sessions end.
    async fn change_password(
        &self,
        ctx: &Context<'_>,
        input: ChangePasswordInput,
    ) -> Result<ChangePasswordPayload> {
        ChangePasswordPayload::from_outcome(ctx, change_password(ctx, input).await)
    }
}

async fn add_account(ctx: &Context<'_>, input: AddAccountInput) -> Result<IssuedPassword, Error> {
    let AddAccountInput { username, printed_name, roles, reason } = input;
    let roles = roles.into_iter().map(contract::Role::from).collect();
    let new = NewUser { username, printed_name, roles };
    let issued = asking(ctx).door.users.invite(by(ctx, reason)?, new).await?;
    Ok(issued.into())
}

async fn reset_password(ctx: &Context<'_>, input: ResetPasswordInput) -> Result<IssuedPassword, Error> {
    let users = &asking(ctx).door.users;
    let issued = users.change(by(ctx, input.reason)?, &input.username, &Wish::ResetPassword).await?;
    // A reset that is carried out always makes a password.
    issued.map(IssuedPassword::from).ok_or_else(|| Refusal::not_found().into())
}

async fn change(
    ctx: &Context<'_>,
    username: &str,
    wish: &Wish,
    reason: String,
) -> Result<UserAccount, Error> {
    let users = &asking(ctx).door.users;
    users.change(by(ctx, reason)?, username, wish).await?;
    Ok(users.listed(username).await?.into())
}

async fn change_password(ctx: &Context<'_>, input: ChangePasswordInput) -> Result<Viewer, Error> {
    let viewer = commander(ctx)?;
    let asking = asking(ctx);
    let ChangePasswordInput { present_password, new_password } = input;
    let door = &asking.door;
    let (present, chosen) = (present_password.into(), new_password.into());
    let changed = door.logins.change_password(viewer, present, chosen, asking.address).await?;
    Ok(Viewer::new(&changed, &door.config))
}

fn by(ctx: &Context<'_>, reason: String) -> Result<Asking, Error> {
    let actor = commander(ctx)?.actor();
    Ok(Asking { actor, request: asking(ctx).request.clone(), reason })
}
