//! WADO-RS: whole instances, as they are stored.

use super::accept::{self, Form};
use super::locate::{Owner, StoredInstance, StoredSeries};
use super::{Visitor, hidden, uid};
use crate::door::Door;
use actix_web::http::header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE};
use actix_web::{HttpRequest, HttpResponse, web};
use bytes::{Bytes, BytesMut};
use contract::Refusal;
use futures::stream::BoxStream;
use futures::{Stream, StreamExt as _, TryStreamExt as _};
use objects::Objects;
use platform::http::HttpError;
use std::pin::Pin;
use std::sync::Arc;

/// No copy may outlive the right to see it (R46).
const NEVER_KEPT: &str = "private, no-store";
const PREAMBLE: usize = 128;

type Chunks = BoxStream<'static, Result<Bytes, objects::Error>>;

/// One instance.
pub(super) async fn instance(
    request: HttpRequest,
    path: web::Path<(String, String, String)>,
    door: web::Data<Arc<Door>>,
) -> Result<HttpResponse, HttpError> {
    let visitor = Visitor::of(&request, &door).await?;
    let (study, series, instance) = path.into_inner();
    let found = visitor.find(uid(&study)?, uid(&series)?).await?;
    let stored = found.instance(&instance).ok_or(HttpError::NotFound)?.clone();
    let Some(form) = accept::choose(accepted(&request), &stored.transfer_syntax_uid, true) else {
        return Ok(not_acceptable());
    };
    visitor.view(&found.owner).await?;
    if form == Form::Multipart {
        return Ok(multipart(&door, vec![(found.owner.clone(), stored)]));
    }
    let opened = open(door.objects.clone(), found.owner.clone(), stored.object).await;
    let (length, chunks) = opened.map_err(HttpError::internal)?.ok_or(HttpError::NotFound)?;
    // A damaged object of one part is found before the answer begins; a longer one breaks the answer off.
    let mut chunks = chunks.peekable();
    if let Some(Err(error)) = Pin::new(&mut chunks).next_if(Result::is_err).await {
        return Err(HttpError::internal(error));
    }
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "application/dicom"))
        .insert_header((CACHE_CONTROL, NEVER_KEPT))
        .no_chunking(length)
        .streaming(logged(chunks)))
}

/// Every instance of a series.
pub(super) async fn series(
    request: HttpRequest,
    path: web::Path<(String, String)>,
    door: web::Data<Arc<Door>>,
) -> Result<HttpResponse, HttpError> {
    let visitor = Visitor::of(&request, &door).await?;
    let (study, series) = path.into_inner();
    let found = visitor.find(uid(&study)?, uid(&series)?).await?;
    if !takes_all(&request, std::slice::from_ref(&*found)) {
        return Ok(not_acceptable());
    }
    visitor.view(&found.owner).await?;
    Ok(multipart(&door, parts(&[found])))
}

/// Every instance of a study: what was received, and what an AI made of it as far as the person may see it.
pub(super) async fn study(
    request: HttpRequest,
    path: web::Path<String>,
    door: web::Data<Arc<Door>>,
) -> Result<HttpResponse, HttpError> {
    let visitor = Visitor::of(&request, &door).await?;
    let found = visitor.services.intake.study_by_uid(uid(&path)?).await.map_err(hidden)?;
    let found = found.ok_or(HttpError::NotFound)?;
    let runs = visitor.services.generation.runs_of_study(&found.id).await.map_err(hidden)?;
    let study_uid = found.study_instance_uid;
    let received = found.series.into_iter().map(StoredSeries::source);
    let derived = runs.into_iter().flat_map(|run| {
        let (id, study_uid) = (run.id, study_uid.clone());
        run.derived.into_iter().map(move |series| StoredSeries::derived(&study_uid, &id, series))
    });
    let all: Vec<StoredSeries> = received.chain(derived).collect();
    if !takes_all(&request, &all) {
        return Ok(not_acceptable());
    }
    let mut visible = Vec::new();
    for series in all {
        match visitor.view(&series.owner).await {
            Ok(()) => visible.push(Arc::new(series)),
            Err(HttpError::NotFound) => {}
            Err(error) => return Err(error),
        }
    }
    if visible.is_empty() {
        return Err(HttpError::NotFound);
    }
    Ok(multipart(&door, parts(&visible)))
}

/// Nothing is encoded anew on the way out: the client is told what it can have.
fn not_acceptable() -> HttpResponse {
    HttpResponse::NotAcceptable().insert_header((CACHE_CONTROL, NEVER_KEPT)).json(Refusal::new(
        "not_acceptable",
        "instances are sent as application/dicom in the transfer syntax in which they are stored",
        "accept application/dicom with transfer-syntax=*",
    ))
}

fn accepted(request: &HttpRequest) -> Option<&str> {
    request.headers().get(ACCEPT).and_then(|value| value.to_str().ok())
}

fn takes_all(request: &HttpRequest, series: &[StoredSeries]) -> bool {
    let accepted = accepted(request);
    series.iter().flat_map(|series| &series.instances).all(|instance| {
        accept::choose(accepted, &instance.transfer_syntax_uid, false) == Some(Form::Multipart)
    })
}

fn parts(series: &[Arc<StoredSeries>]) -> Vec<(Owner, StoredInstance)> {
    let of = |series: &Arc<StoredSeries>| {
        let owner = series.owner.clone();
        let instances = series.instances.clone();
        instances.into_iter().map(move |instance| (owner.clone(), instance))
    };
    series.iter().flat_map(of).collect()
}

/// An answer of one part per instance. One object is open at a time; a damaged one breaks the answer off before
/// its closing boundary, so that no client takes it for whole.
fn multipart(door: &Door, instances: Vec<(Owner, StoredInstance)>) -> HttpResponse {
    let boundary = door.random.with(contract::RequestId::random).to_string();
    let objects = door.objects.clone();
    let delimiter = boundary.clone();
    let parts = futures::stream::iter(instances)
        .then(move |(owner, instance)| part(objects.clone(), delimiter.clone(), owner, instance))
        .try_flatten();
    let closing = Bytes::from(format!("--{boundary}--\r\n"));
    let body = parts.chain(futures::stream::once(async { Ok(closing) }));
    let content_type = format!("multipart/related; type=\"application/dicom\"; boundary={boundary}");
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, content_type))
        .insert_header((CACHE_CONTROL, NEVER_KEPT))
        .streaming(logged(body))
}

async fn part(
    objects: Objects,
    boundary: String,
    owner: Owner,
    instance: StoredInstance,
) -> Result<Chunks, objects::Error> {
    let missing = objects::Error::Corrupt { key: instance.object, bytes: 0 };
    let (length, chunks) = open(objects, owner, instance.object).await?.ok_or(missing)?;
    let header = format!(
        "--{boundary}\r\nContent-Type: application/dicom; transfer-syntax={}\r\nContent-Length: {length}\r\n\r\n",
        instance.transfer_syntax_uid
    );
    let header = futures::stream::once(async { Ok(Bytes::from(header)) });
    let end = futures::stream::once(async { Ok(Bytes::from_static(b"\r\n")) });
    Ok(header.chain(chunks).chain(end).boxed())
}

/// The bytes of an object. What an AI made is sent exactly as it is stored, for that is what was signed; of what
/// was received only the preamble is blanked, for it may hold a program.
async fn open(
    objects: Objects,
    owner: Owner,
    object: contract::Digest,
) -> Result<Option<(u64, Chunks)>, objects::Error> {
    let Some((length, chunks)) = objects.stream(&object).await? else { return Ok(None) };
    let chunks = match owner {
        Owner::Derived(_) => chunks,
        Owner::Source(_) => blank_preamble(chunks).boxed(),
    };
    Ok(Some((length, chunks)))
}

/// The same bytes, with the 128 before `DICM` as zeros.
fn blank_preamble(
    chunks: impl Stream<Item = Result<Bytes, objects::Error>> + Unpin + Send + 'static,
) -> impl Stream<Item = Result<Bytes, objects::Error>> + Send + 'static {
    let head = async move {
        let mut chunks = chunks;
        let mut head = BytesMut::new();
        while head.len() < PREAMBLE + 4 {
            match chunks.try_next().await? {
                Some(chunk) => head.extend_from_slice(&chunk),
                None => break,
            }
        }
        if head.get(PREAMBLE..PREAMBLE + 4) == Some(b"DICM") {
            head[..PREAMBLE].fill(0);
        }
        let head = futures::stream::once(async { Ok(head.freeze()) });
        Ok::<_, objects::Error>(head.chain(chunks))
    };
    futures::stream::once(head).try_flatten()
}

/// The stream, with its error told to the log: the client only sees that it broke off.
fn logged(
    chunks: impl Stream<Item = Result<Bytes, objects::Error>> + 'static,
) -> impl Stream<Item = Result<Bytes, objects::Error>> + 'static {
    chunks.inspect_err(|error| {
        let error = error as &dyn std::error::Error;
        tracing::error!(event = "wado.broken_off", error, "an instance could not be sent to its end");
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn blanked(parts: Vec<Vec<u8>>) -> Vec<u8> {
        let chunks = futures::stream::iter(parts.into_iter().map(|part| Ok(Bytes::from(part))));
        let out: Vec<Bytes> = blank_preamble(chunks.boxed()).try_collect().await.unwrap();
        out.concat()
    }

    #[tokio::test]
    async fn a_hostile_preamble_is_blanked_and_nothing_else_changes() {
        let mut file = b"MZ".to_vec();
        file.resize(PREAMBLE, 0x90);
        file.extend_from_slice(b"DICM\x02\x00rest");
        for cut in [1, 64, 130, file.len()] {
            let (head, tail) = file.split_at(cut);
            let out = blanked(vec![head.to_vec(), tail.to_vec()]).await;
            assert!(out[..PREAMBLE].iter().all(|byte| *byte == 0));
            assert_eq!(out[PREAMBLE..], file[PREAMBLE..]);
        }
    }

    #[tokio::test]
    async fn a_file_without_a_preamble_stays_as_it_is() {
        assert_eq!(blanked(vec![b"short".to_vec()]).await, b"short");
    }
}
