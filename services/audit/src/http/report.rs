//! The report of a period, as a file that is handed out.

use super::{Desk, checked, record_access, told_as};
use crate::report::{self, Head};
use crate::{figures, quality, watch};
use actix_web::HttpResponse;
use actix_web::web::{Data, Query};
use contract::audit::{FiguresQuery, QualityFile};
use contract::event::Access;
use contract::{Actor, Role};
use platform::http::{Caller, HttpError};

/// As a page.
pub(super) async fn html(
    caller: Caller,
    desk: Data<Desk>,
    period: Query<FiguresQuery>,
) -> Result<HttpResponse, HttpError> {
    hand_out(&caller, &desk, &period, QualityFile::Html).await
}

/// As PDF.
pub(super) async fn pdf(
    caller: Caller,
    desk: Data<Desk>,
    period: Query<FiguresQuery>,
) -> Result<HttpResponse, HttpError> {
    hand_out(&caller, &desk, &period, QualityFile::Pdf).await
}

/// Makes the report; only for quality, and recorded as an export.
async fn hand_out(
    caller: &Caller,
    desk: &Desk,
    period: &FiguresQuery,
    file: QualityFile,
) -> Result<HttpResponse, HttpError> {
    caller.require_role(&[Role::Quality])?;
    let period = checked(period)?;
    let gathered = quality::gathered(&desk.deps, period).await?;
    let subject = told_as(&format!("report as {}", file.extension().to_uppercase()), period);
    record_access(&desk.deps, caller, Access::Export, &subject).await?;
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
        let report = report::report(&head, &figures, &watched);
        match file {
            QualityFile::Html => Ok(report.html().into_bytes()),
            QualityFile::Pdf => report.pdf(),
        }
    };
    let body = desk.deps.cpu.run(work).await.map_err(HttpError::internal)?;
    Ok(HttpResponse::Ok()
        .insert_header(("content-type", file.media_type()))
        .insert_header(("cache-control", "private, no-store"))
        .body(body))
}

fn name_of(actor: &Actor) -> String {
    match actor {
        Actor::Person { printed_name, .. } => printed_name.clone(),
        _ => "a service".to_owned(),
    }
}
