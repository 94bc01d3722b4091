//! Who may sign in.

use crate::graphql::fault::{asking, fault, viewer};
use crate::graphql::r#type::account::UserAccount;
use crate::record;
use async_graphql::{Context, Object, Result};
use contract::event::Display;
use contract::{Refusal, Role};

#[derive(Default)]
pub(crate) struct AccountQuery;

#[Object]
impl AccountQuery {
    /// Every account with its history, by name; for administrators and quality.
    async fn user_accounts(&self, ctx: &Context<'_>) -> Result<Vec<UserAccount>> {
        let viewer = viewer(ctx)?;
        if !viewer.has_role(Role::Administrator) && !viewer.has_role(Role::Quality) {
            return Err(fault(ctx, Refusal::forbidden().into()));
        }
        let listed = asking(ctx).door.users.list().await.map_err(|error| fault(ctx, error))?;
        record::shown(ctx, Display::Accounts, []);
        Ok(listed.into_iter().map(UserAccount::from).collect())
    }
}
