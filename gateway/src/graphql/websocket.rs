//! `GET /graphql` as a WebSocket: subscriptions, and nothing but subscriptions.

use super::Schema;
use super::limits;
use super::loader::Loaders;
use crate::door::Door;
use actix_web::error::PayloadError;
use actix_web::http::header::SEC_WEBSOCKET_PROTOCOL;
use actix_web::{HttpRequest, HttpResponse, web};
use async_graphql::{Data, Executor, Request, Response, ServerError};
use async_graphql_actix_web::GraphQLSubscription;
use bytes::Bytes;
use contract::Refusal;
use futures::stream::BoxStream;
use futures::{Stream, StreamExt as _};
use platform::http::HttpError;
use std::sync::Arc;
use std::time::Duration;

/// The one protocol that is spoken.
const PROTOCOL: &str = "graphql-transport-ws";
/// What a browser may send over one connection: enough for half a day of subscriptions and answers to pings.
const BYTES_MAX: usize = 1 << 20;
/// How long a page may say nothing; ours pings every 20 s. The library closes what is silent for longer.
const KEEPALIVE: Duration = Duration::from_mins(1);

/// Opens a WebSocket for a signed-in person.
pub(crate) async fn open(
    request: HttpRequest,
    stream: web::Payload,
    door: web::Data<Arc<Door>>,
    schema: web::Data<Schema>,
) -> Result<HttpResponse, actix_web::Error> {
    if !door.same_origin(request.headers()) {
        return Err(HttpError::Forbidden(Refusal::forbidden()).into());
    }
    let protocols = request.headers().get(SEC_WEBSOCKET_PROTOCOL).and_then(|value| value.to_str().ok());
    if !protocols.is_some_and(|list| list.split(',').any(|protocol| protocol.trim() == PROTOCOL)) {
        return Err(HttpError::BadRequest(format!("the protocol must be {PROTOCOL}")).into());
    }
    let asking = door.ask(&request).await.map_err(HttpError::from)?;
    if asking.viewer.is_none() {
        return Err(HttpError::Unauthenticated.into());
    }
    let mut data = Data::default();
    data.insert(asking);
    data.insert(Loaders::default());
    GraphQLSubscription::new(Subscriptions { schema: schema.get_ref().clone(), door: Arc::clone(&door) })
        .with_data(data)
        .keepalive_timeout(KEEPALIVE)
        .start(&request, within(stream, BYTES_MAX))
}

/// The stream, cut when it has brought more than `bytes_max`.
fn within(
    stream: web::Payload,
    bytes_max: usize,
) -> impl Stream<Item = Result<Bytes, PayloadError>> + 'static {
    stream.scan(0, move |total, chunk| {
        *total += chunk.as_ref().map_or(0, Bytes::len);
        futures::future::ready((*total <= bytes_max).then_some(chunk))
    })
}

/// Carries out subscriptions only: queries and mutations come by `POST`, where they are limited.
#[derive(Clone)]
struct Subscriptions {
    schema: Schema,
    door: Arc<Door>,
}

impl Executor for Subscriptions {
    async fn execute(&self, _request: Request) -> Response {
        refused("only subscriptions are taken here")
    }

    fn execute_stream(
        &self,
        mut request: Request,
        session_data: Option<Arc<Data>>,
    ) -> BoxStream<'static, Response> {
        let problem = match request.parsed_query() {
            Ok(document) if !limits::is_subscription(document) => {
                Some("only subscriptions are taken here".to_owned())
            }
            Ok(document) => {
                limits::check(document, &self.door.config.graphql).err().map(|exceeded| exceeded.to_string())
            }
            Err(error) => Some(error.message),
        };
        match problem {
            Some(problem) => futures::stream::iter([refused(&problem)]).boxed(),
            None => self.schema.execute_stream_with_session_data(request, session_data.unwrap_or_default()),
        }
    }
}

fn refused(why: &str) -> Response {
    Response::from_errors(vec![ServerError::new(why, None)])
}
