//! Who asks.

use crate::graphql::fault::{asking, fault, viewer};
use crate::graphql::mutation::passkey::shown;
use crate::graphql::r#type::passkey::Passkey;
use crate::graphql::r#type::viewer::Viewer;
use async_graphql::{Context, Object, Result};

#[derive(Default)]
pub(crate) struct ViewerQuery;

#[Object]
impl ViewerQuery {
    /// Null while nobody is signed in.
    async fn viewer(&self, ctx: &Context<'_>) -> Option<Viewer> {
        let asking = asking(ctx);
        asking.viewer.as_ref().map(|viewer| Viewer::new(viewer, &asking.door.config))
    }

    /// The keys with which the viewer may sign, the oldest first.
    async fn passkeys(&self, ctx: &Context<'_>) -> Result<Vec<Passkey>> {
        let passkeys = asking(ctx).door.passkeys.list(viewer(ctx)?).await;
        Ok(shown(passkeys.map_err(|error| fault(ctx, error))?))
    }
}
