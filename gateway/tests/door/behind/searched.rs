//! What the ledger was searched for, and what of a patient is found.

use super::{Behind, page};
use actix_web::HttpRequest;
use actix_web::web::{Data, Json, ServiceConfig, post};
use contract::audit::LedgerQuery;
use contract::client::Batch;
use contract::generation::Run;
use contract::intake::{Study, StudyNumber};
use contract::{CaseId, Page, SeriesId};

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .route("/v1/ledger", post().to(entries))
        .route("/v1/studies/named", post().to(studies_named))
        .route("/v1/runs/by-series", post().to(runs_by_series))
        .route("/v1/cases/of-series", post().to(cases_of_series));
}

async fn entries(request: HttpRequest, query: Json<LedgerQuery>, behind: Data<Behind>) -> Json<Page<()>> {
    behind.called(&request, "audit");
    behind.searched.lock().unwrap().push(query.into_inner());
    page(Vec::new())
}

async fn studies_named(
    request: HttpRequest,
    wanted: Json<StudyNumber>,
    behind: Data<Behind>,
) -> Json<Vec<Study>> {
    behind.called(&request, "intake");
    let is_named = |study: &Study| [&study.patient.id, &study.accession_number].contains(&&wanted.number);
    Json(behind.studies.lock().unwrap().iter().filter(|study| is_named(study)).cloned().collect())
}

async fn runs_by_series(
    request: HttpRequest,
    batch: Json<Batch<SeriesId>>,
    behind: Data<Behind>,
) -> Json<Vec<Run>> {
    behind.called(&request, "generation");
    let runs = behind.runs.lock().unwrap();
    Json(runs.iter().filter(|run| batch.ids.contains(&run.series)).cloned().collect())
}

async fn cases_of_series(
    request: HttpRequest,
    batch: Json<Batch<SeriesId>>,
    behind: Data<Behind>,
) -> Json<Vec<CaseId>> {
    behind.called(&request, "review");
    let cases = behind.cases.lock().unwrap();
    Json(cases.iter().filter(|case| batch.ids.contains(&case.series)).map(|case| case.id.clone()).collect())
}
