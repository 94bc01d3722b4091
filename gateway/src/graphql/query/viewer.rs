//! Who asks.

use crate::graphql::fault::asking;
use crate::graphql::r#type::viewer::Viewer;
use async_graphql::{Context, Object};

#[derive(Default)]
pub(crate) struct ViewerQuery;

#[Object]
impl ViewerQuery {
    /// Null while nobody is signed in.
    async fn viewer(&self, ctx: &Context<'_>) -> Option<Viewer> {
        let asking = asking(ctx);
        asking.viewer.as_ref().map(|viewer| Viewer::new(viewer, &asking.door.config))
    }
}
