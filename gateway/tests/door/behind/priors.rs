//! Earlier images of a patient: every other study that was laid out.

use super::Behind;
use actix_web::HttpRequest;
use actix_web::web::{Data, Json, Path, ServiceConfig, get, post};
use contract::SeriesId;
use contract::client::Batch;
use contract::intake::{Prior, PriorCount, PriorLikeness, Study};

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .route("/v1/series/{series}/priors", get().to(priors))
        .route("/v1/series/prior-counts", post().to(counts));
}

async fn counts(
    request: HttpRequest,
    batch: Json<Batch<SeriesId>>,
    behind: Data<Behind>,
) -> Json<Vec<PriorCount>> {
    behind.called(&request, "intake");
    let studies = behind.studies.lock().unwrap().len() as u32;
    let count = |series| PriorCount { series, priors: studies.saturating_sub(1) };
    Json(batch.into_inner().ids.into_iter().map(count).collect())
}

async fn priors(request: HttpRequest, series: Path<SeriesId>, behind: Data<Behind>) -> Json<Vec<Prior>> {
    behind.called(&request, "intake");
    let others = behind.studies.lock().unwrap().clone().into_iter();
    let others = others.filter(|study| study.series.iter().all(|known| known.id != *series));
    Json(others.map(prior).collect())
}

fn prior(study: Study) -> Prior {
    let series = study.series.into_iter().next().unwrap();
    Prior {
        study: study.id,
        study_date: study.study_date,
        study_time: study.study_time,
        study_description: study.study_description,
        series,
        likeness: PriorLikeness::SameRegion,
    }
}
