//! QIDO-RS: lists of studies, series and instances.
//!
//! Series that an AI made are listed by their own UID only, which a person learns from a case: a list of them
//! would have to ask review for each, and asking is recorded as looking.

use super::json::DataSet;
use super::locate::StoredSeries;
use super::{Visitor, bad_request, hidden, uid};
use crate::door::Door;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue, WARNING};
use actix_web::{HttpRequest, HttpResponse, web};
use contract::Refusal;
use contract::intake::{Series, Study, StudyRange};
use contract::page::PAGE_SIZE_MAX;
use platform::http::HttpError;
use std::collections::BTreeSet;
use std::sync::Arc;

/// What a search asks for.
#[derive(Debug, Default, PartialEq, Eq)]
struct Search {
    study_instance_uid: Option<String>,
    limit: u32,
    offset: u64,
}

/// No place has as many studies.
const OFFSET_MAX: u64 = 100_000_000;

impl Search {
    /// Reads a query. A key that we don't match on is refused: leaving it out would answer another question.
    fn parse(pairs: &[(String, String)]) -> Result<Self, Refusal> {
        let mut search = Self { limit: PAGE_SIZE_MAX, ..Self::default() };
        for (key, value) in pairs {
            let number = || value.parse::<u64>().map_err(|_| unsupported("limit and offset are numbers"));
            match key.as_str() {
                "StudyInstanceUID" | "0020000D" => search.study_instance_uid = Some(value.clone()),
                "limit" => search.limit = number()?.clamp(1, u64::from(PAGE_SIZE_MAX)) as u32,
                "offset" => search.offset = number()?.min(OFFSET_MAX),
                "includefield" | "fuzzymatching" => {}
                _ => {
                    return Err(unsupported(
                        "studies can be searched by StudyInstanceUID, limit and offset only",
                    ));
                }
            }
        }
        Ok(search)
    }
}

fn unsupported(message: &str) -> Refusal {
    Refusal::new("search_not_supported", message, "leave the other keys out and choose from the list")
}

/// Studies in the order in which they came, so that an offset stands for the same study however many come meanwhile.
pub(super) async fn studies(
    request: HttpRequest,
    query: web::Query<Vec<(String, String)>>,
    door: web::Data<Arc<Door>>,
) -> Result<HttpResponse, HttpError> {
    let visitor = Visitor::of(&request, &door).await?;
    let search = Search::parse(&query).map_err(|refusal| bad_request(&refusal))?;
    let (found, left) = find(&visitor, &search).await?;
    visitor.is_shown(found.iter().map(|study| study.id.to_string())).await?;
    let mut answer = answer(found.iter().map(study_attributes));
    if left > 0 {
        // PS3.18 8.3.4.4: what a limit leaves out is announced.
        let words = format!("299 countersign \"There are {left} additional results that can be requested\"");
        let words = HeaderValue::from_str(&words).expect("a number between printable words");
        answer.headers_mut().insert(WARNING, words);
    }
    Ok(answer)
}

/// The studies that are asked for, and how many come after them.
async fn find(visitor: &Visitor, search: &Search) -> Result<(Vec<Study>, u64), HttpError> {
    let intake = &visitor.services.intake;
    if let Some(wanted) = &search.study_instance_uid {
        let study = intake.study_by_uid(uid(wanted)?).await.map_err(hidden)?;
        return Ok((study.into_iter().collect(), 0));
    }
    let range = StudyRange { offset: search.offset, limit: search.limit };
    let arrived = intake.studies_by_arrival(&range).await.map_err(hidden)?;
    let until = search.offset + arrived.studies.len() as u64;
    Ok((arrived.studies, arrived.total.saturating_sub(until)))
}

/// The received series of a study.
pub(super) async fn series(
    request: HttpRequest,
    path: web::Path<String>,
    door: web::Data<Arc<Door>>,
) -> Result<HttpResponse, HttpError> {
    let visitor = Visitor::of(&request, &door).await?;
    let found = visitor.services.intake.study_by_uid(uid(&path)?).await.map_err(hidden)?;
    let found = found.ok_or(HttpError::NotFound)?;
    visitor.is_shown([found.id.to_string()]).await?;
    Ok(answer(found.series.iter().map(series_attributes)))
}

/// The instances of a series, received or derived. The owner is asked as for the pixels themselves.
pub(super) async fn instances(
    request: HttpRequest,
    path: web::Path<(String, String)>,
    door: web::Data<Arc<Door>>,
) -> Result<HttpResponse, HttpError> {
    let visitor = Visitor::of(&request, &door).await?;
    let (study, series) = path.into_inner();
    let found = visitor.find(uid(&study)?, uid(&series)?).await?;
    visitor.view(&found.owner).await?;
    Ok(answer(instance_attributes(&found)))
}

fn answer(sets: impl Iterator<Item = DataSet>) -> HttpResponse {
    let sets: Vec<_> = sets.map(DataSet::into_value).collect();
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "application/dicom+json"))
        .insert_header((CACHE_CONTROL, "private, no-store"))
        .body(serde_json::Value::Array(sets).to_string())
}

fn study_attributes(study: &Study) -> DataSet {
    let modalities: BTreeSet<&str> = study.series.iter().map(|series| series.modality.as_str()).collect();
    let instances: u32 = study.series.iter().map(|series| series.instance_count).sum();
    DataSet::default()
        .text("00080005", "CS", "ISO_IR 192")
        .text("00080020", "DA", &study.study_date)
        .text("00080030", "TM", &study.study_time)
        .text("00080050", "SH", &study.accession_number)
        .values("00080061", "CS", modalities.into_iter().map(Into::into))
        .text("00081030", "LO", &study.study_description)
        .person_name("00100010", &study.patient.name)
        .text("00100020", "LO", &study.patient.id)
        .text("00100030", "DA", &study.patient.birth_date)
        .text("00100040", "CS", &study.patient.sex)
        .text("0020000D", "UI", &study.study_instance_uid)
        .number("00201206", "IS", study.series.len())
        .number("00201208", "IS", instances)
}

fn series_attributes(series: &Series) -> DataSet {
    DataSet::default()
        .text("00080005", "CS", "ISO_IR 192")
        .text("00080060", "CS", &series.modality)
        .text("0008103E", "LO", &series.series_description)
        .text("00180015", "CS", &series.body_part_examined)
        .text("0020000D", "UI", &series.study_instance_uid)
        .text("0020000E", "UI", &series.series_instance_uid)
        .values("00200011", "IS", series.series_number.map(Into::into))
        .number("00201209", "IS", series.instance_count)
}

fn instance_attributes(series: &StoredSeries) -> impl Iterator<Item = DataSet> + '_ {
    series.instances.iter().map(|instance| {
        DataSet::default()
            .text("00080016", "UI", &instance.sop_class_uid)
            .text("00080018", "UI", &instance.sop_instance_uid)
            .text("0020000D", "UI", &series.study_instance_uid)
            .text("0020000E", "UI", &series.series_instance_uid)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn a_key_that_is_not_matched_on_is_refused_rather_than_ignored() {
        let refusal = Search::parse(&pairs(&[("PatientID", "4711")])).unwrap_err();
        assert_eq!(refusal.code, "search_not_supported");
        assert!(!refusal.message.contains("4711"));
    }

    #[test]
    fn a_limit_is_kept_within_bounds() {
        let search = Search::parse(&pairs(&[("limit", "1000000"), ("offset", "5")])).unwrap();
        assert_eq!((search.limit, search.offset), (PAGE_SIZE_MAX, 5));
    }
}
