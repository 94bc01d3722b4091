//! What waits for a person in quarantine, and what waits for a worker.

use super::{Behind, intakes_command, nothing_of_rollout};
use actix_web::HttpRequest;
use actix_web::web::{Data, Json, ServiceConfig, get, post};
use contract::Time;
use contract::generation::Capacity;
use contract::intake::{Attribute, QuarantineGroups, QuarantineSummary};
use std::collections::BTreeMap;

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .route("/v1/quarantine/summary", get().to(summary))
        .route("/v1/quarantine/groups", get().to(groups))
        .route("/v1/quarantine/{entry}/as-sent", get().to(as_sent))
        .route("/v1/quarantine/{entry}/{command}", post().to(intakes_command))
        .route("/v1/capacity", get().to(capacity))
        .route("/v1/capacity-waits", get().to(nothing_of_rollout));
}

async fn summary(request: HttpRequest, behind: Data<Behind>) -> Json<QuarantineSummary> {
    behind.called(&request, "intake");
    Json(QuarantineSummary { waiting: 10, oldest_received_at: None, overdue: 0, alarm_hours: 24 })
}

async fn groups(request: HttpRequest, behind: Data<Behind>) -> Json<QuarantineGroups> {
    behind.called(&request, "intake");
    Json(QuarantineGroups { groups: Vec::new(), left_out: 0 })
}

async fn as_sent(request: HttpRequest, behind: Data<Behind>) -> Json<BTreeMap<Attribute, String>> {
    behind.called(&request, "intake");
    Json(BTreeMap::from([(Attribute::PatientId, "FIXTURE".to_owned())]))
}

async fn capacity(request: HttpRequest, behind: Data<Behind>) -> Json<Capacity> {
    behind.called(&request, "generation");
    Json(Capacity { at: Time::UNIX_EPOCH, window_hours: 24, pools: Vec::new() })
}
