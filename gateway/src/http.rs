//! The routes of the door, and the few that services use.

use crate::door::Door;
use crate::graphql;
use crate::{costs, dicomweb, ledger, models, pairs, quality, teaching, web_ui};
use actix_web::http::header::UPGRADE;
use actix_web::middleware::from_fn;
use actix_web::{HttpResponse, guard, web};
use contract::gateway::LoginStatus;
use contract::{Envelope, LoginSessionId};
use database::outbox;
use platform::Routes;
use platform::http::{Caller, HttpError, HttpResult};
use serde::Deserialize;
use std::sync::Arc;

/// Who may ask whether a login session lives.
const SERVICES: [&str; 6] = ["intake", "rollout", "generation", "review", "delivery", "audit"];

/// All routes.
pub(crate) fn routes(door: Arc<Door>) -> Routes {
    let schema = graphql::schema(&door.config);
    Arc::new(move |config| {
        let websocket = guard::fn_guard(|request| {
            let upgrade = request.head().headers().get(UPGRADE).and_then(|value| value.to_str().ok());
            upgrade.is_some_and(|value| value.eq_ignore_ascii_case("websocket"))
        });
        let front = web::scope("")
            .wrap(from_fn(web_ui::secure))
            .app_data(web::Data::new(Arc::clone(&door)))
            .app_data(web::Data::new(schema.clone()))
            .route("/healthz", web::get().to(HttpResponse::Ok))
            .route("/readyz", web::get().to(ready))
            .route("/internal/logins/{login}", web::get().to(login_status))
            .route("/v1/outbox", web::get().to(outbox_page))
            .service(
                web::resource("/graphql")
                    .route(web::post().to(graphql::http::answer))
                    .route(web::get().guard(websocket).to(graphql::websocket::open))
                    .default_service(web::to(HttpResponse::MethodNotAllowed)),
            )
            .configure(costs::routes)
            .configure(dicomweb::routes)
            .configure(ledger::routes)
            .configure(models::routes)
            .configure(pairs::routes)
            .configure(quality::routes)
            .configure(teaching::routes)
            .default_service(web::to(web_ui::file));
        config.service(front);
    })
}

async fn ready(door: web::Data<Arc<Door>>) -> HttpResponse {
    match door.db.ping().await {
        Ok(()) => HttpResponse::Ok().finish(),
        Err(_) => HttpResponse::ServiceUnavailable().finish(),
    }
}

async fn login_status(
    caller: Caller,
    login: web::Path<LoginSessionId>,
    door: web::Data<Arc<Door>>,
) -> HttpResult<LoginStatus> {
    caller.require_service(&SERVICES)?;
    Ok(web::Json(door.logins.status(&login).await?))
}

#[derive(Deserialize)]
struct After {
    after_seq: i64,
}

async fn outbox_page(
    caller: Caller,
    after: web::Query<After>,
    door: web::Data<Arc<Door>>,
) -> HttpResult<Vec<Envelope>> {
    caller.require_service(&["audit"])?;
    let page = outbox::page(&door.db, after.after_seq, outbox::PAGE_ROWS_MAX).await;
    Ok(web::Json(page.map_err(HttpError::internal)?))
}
