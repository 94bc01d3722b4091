//! GraphQL: the API of the web-ui, fixed by `gateway/schema.graphql`.

pub(crate) mod fault;
pub(crate) mod http;
mod limits;
pub(crate) mod loader;
mod mutation;
mod query;
mod subscription;
pub(crate) mod r#type;
pub(crate) mod websocket;

use crate::auth::Viewer;
use crate::config::Config;
use crate::services::Services;
use async_graphql::Context;
use mutation::Mutation;
use query::Query;
use subscription::Subscription;

/// The schema.
pub(crate) type Schema = async_graphql::Schema<Query, Mutation, Subscription>;

/// Builds the schema with the limits of `config`.
pub(crate) fn schema(config: &Config) -> Schema {
    let limits = &config.graphql;
    let schema = Schema::build(Query::default(), Mutation::default(), Subscription)
        .limit_depth(limits.depth_max)
        .limit_complexity(limits.complexity_max)
        .limit_directives(limits.directives_max)
        .limit_recursive_depth(32)
        .disable_suggestions();
    if config.demo { schema.finish() } else { schema.disable_introspection().finish() }
}

/// The schema in its own language: what `gateway/schema.graphql` holds.
pub fn schema_sdl() -> String {
    schema(&Config::default()).sdl()
}

/// The services, called on behalf of `viewer` within the request of `ctx`.
pub(crate) fn services(ctx: &Context<'_>, viewer: &Viewer) -> Services {
    fault::asking(ctx).services(viewer)
}
