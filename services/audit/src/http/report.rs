//! The report of a period, as a page that is handed out.

use super::{Desk, checked, record_access, told_as};
use crate::report::{self, Head};
use crate::{figures, quality, watch};
use actix_web::HttpResponse;
use actix_web::web::{Data, Query};
use contract::audit::FiguresQuery;
use contract::event::Access;
use contract::{Actor, Role};
use platform::http::{Caller, HttpError};

/// Makes the report; only quality, and recorded as an export.
pub(super) async fn report(
    caller: Caller,
    desk: Data<Desk>,
    period: Query<FiguresQuery>,
) -> Result<HttpResponse, HttpError> {
    caller.require_role(&[Role::Quality])?;
    let period = checked(&period)?;
    let gathered = quality::gathered(&desk.deps, period).await?;
    record_access(&desk.deps, &caller, Access::Export, &told_as("report", period)).await?;
    let head = Head {
        from: period.from,
        to: period.to,
        made_at: desk.deps.clock.now(),
        made_by: name_of(&caller.actor),
    };
    let minimum = desk.figures_minimum;
    let work = move || {
        let figures = figures::figures(&gathered.cases, &gathered.names, minimum);
        let watched = watch::watched(&gathered, period.to, minimum);
        report::page(&head, &figures, &watched)
    };
    Ok(HttpResponse::Ok()
        .insert_header(("content-type", "text/html; charset=utf-8"))
        .insert_header(("cache-control", "private, no-store"))
        .body(desk.deps.cpu.run(work).await))
}

fn name_of(actor: &Actor) -> String {
    match actor {
        Actor::Person { printed_name, .. } => printed_name.clone(),
        _ => "a service".to_owned(),
    }
}
