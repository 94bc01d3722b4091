//! GraphQL errors: faults, with a request id for the log and nothing else that tells how we work inside. A query
//! that the domain refuses says so in the refusal's own words.

use crate::auth::Viewer;
use crate::door::Asking;
use crate::error::Error as GatewayError;
use crate::record;
use async_graphql::{Context, Error, ErrorExtensions as _};
use contract::Refusal;
use platform::Class;

/// Who asks.
pub(crate) fn asking<'c>(ctx: &Context<'c>) -> &'c Asking {
    ctx.data_unchecked::<Asking>()
}

/// The signed-in person, or the error that says that there is none.
pub(crate) fn viewer<'c>(ctx: &Context<'c>) -> Result<&'c Viewer, Error> {
    asking(ctx).viewer.as_ref().ok_or_else(|| refused(not_signed_in()))
}

/// The refusal for a request without a living login session.
pub(crate) fn not_signed_in() -> Refusal {
    Refusal::new("unauthenticated", "nobody is signed in, or the page was locked", "sign in")
}

/// The error for what could not be done, logged here, once.
pub(crate) fn fault(ctx: &Context<'_>, error: GatewayError) -> Error {
    let class = error.class();
    let error = match error.into_refusal() {
        Ok(refusal) => {
            record::refused(ctx, &refusal.code);
            return refused(refusal);
        }
        Err(error) => error,
    };
    let request = &asking(ctx).request;
    let cause = &error as &dyn std::error::Error;
    if class == Class::Retry {
        tracing::warn!(event = "graphql.unavailable", request.id = %request, error = cause, "a field can't be answered now");
        return coded("unavailable", "a part of the system does not answer; try again in a moment", request);
    }
    tracing::error!(event = "graphql.fault", request.id = %request, error = cause, "a field ended in a fault");
    coded("fault", "something went wrong; the log has more under the request id", request)
}

/// The error for something that one service names and another doesn't know.
pub(crate) fn missing(ctx: &Context<'_>, what: &'static str) -> Error {
    let request = &asking(ctx).request;
    tracing::error!(event = "graphql.missing", request.id = %request, what, "an id leads nowhere");
    coded("fault", "something went wrong; the log has more under the request id", request)
}

fn refused(refusal: Refusal) -> Error {
    Error::new(refusal.message).extend_with(|_, extensions| {
        extensions.set("code", refusal.code);
        extensions.set("remedy", refusal.remedy);
    })
}

fn coded(code: &'static str, message: &str, request: &contract::RequestId) -> Error {
    Error::new(message).extend_with(|_, extensions| {
        extensions.set("code", code);
        extensions.set("requestId", request.as_str());
    })
}
