//! STOW-RS: a multipart body of DICOM files, each taken in as it arrives.
//!
//! # Source
//! PS3.18 chapter 10.5; multipart/related is RFC 2387 over RFC 2046.

use crate::admit::{Admitted, Admitter, Announced, Outcome, Received};
use crate::error::Error;
use actix_web::web::Payload;
use bytes::{Bytes, BytesMut};
use contract::intake::{StowFailure, StowOutcome};
use contract::{Actor, Refusal, SeriesId};
use dicom_io::dimse::OUT_OF_RESOURCES;
use dicom_io::{read, scan};
use futures::StreamExt as _;
use platform::http::HttpError;
use std::collections::BTreeSet;
use std::time::Duration;

const BOUNDARY_BYTES_MAX: usize = 70;
const PART_HEADER_BYTES_MAX: usize = 8 * 1024;

/// Who sends, and what they say about it.
pub(crate) struct Upload {
    pub(crate) actor: Actor,
    pub(crate) causation: String,
    pub(crate) study_instance_uid: Option<String>,
}

/// Takes in every part of a body; the answer has one outcome for each.
///
/// # Errors
/// 400 when the body is no multipart message within limits, 507 when the disk is full; parts before it are taken in.
pub(crate) async fn stow(
    admitter: &Admitter,
    content_type: &str,
    body: Payload,
    upload: Upload,
) -> Result<Vec<StowOutcome>, HttpError> {
    let boundary = boundary(content_type).ok_or_else(|| bad("the content type names no usable boundary"))?;
    let limits = Limits {
        part_bytes_max: usize::try_from(admitter.config.instance_bytes_max).unwrap_or(usize::MAX),
        stalled: Duration::from_secs(u64::from(admitter.config.stalled_seconds)),
    };
    let mut parts = Parts::new(body, &boundary, limits);
    let (mut outcomes, mut series) = (Vec::new(), BTreeSet::new());
    let ended = loop {
        match parts.next().await {
            Ok(Some(_)) if outcomes.len() >= admitter.config.parts_max as usize => {
                break Err(bad("the body has too many parts"));
            }
            Ok(Some(file)) => match take(admitter, file.clone(), &upload).await {
                Ok(admitted) => outcomes.push(outcome(admitted, &mut series)),
                Err(error) if error.is_about_one_object() => outcomes.push(not_stored(&file, &error)),
                Err(error) => break Err(error.into()),
            },
            Ok(None) => break Ok(outcomes),
            Err(error) => break Err(error),
        }
    };
    admitter.close(series.into_iter().collect()).await?;
    ended
}

async fn take(admitter: &Admitter, file: Bytes, upload: &Upload) -> Result<Admitted, Error> {
    let received = Received {
        file,
        sender: "STOW".to_owned(),
        actor: upload.actor.clone(),
        causation: Some(upload.causation.clone()),
        announced: Announced {
            study_instance_uid: upload.study_instance_uid.clone(),
            ..Announced::default()
        },
    };
    admitter.admit(received).await
}

fn outcome(admitted: Admitted, series: &mut BTreeSet<SeriesId>) -> StowOutcome {
    let failure = match admitted.outcome {
        Outcome::Stored(stored) => {
            series.insert(stored);
            None
        }
        Outcome::Repeated => None,
        Outcome::Quarantined { refusal, status } => Some(StowFailure { failure_reason: status, refusal }),
    };
    StowOutcome {
        sop_class_uid: admitted.sop_class_uid,
        sop_instance_uid: admitted.sop_instance_uid,
        failure,
    }
}

/// The store did not keep this one; the sender hears of it, and the others go on.
fn not_stored(file: &[u8], error: &Error) -> StowOutcome {
    tracing::error!(
        event = "instance.not_stored",
        error = error as &dyn std::error::Error,
        "an object could not be stored; the sender was told so"
    );
    let header = read::split(file)
        .and_then(|part10| Ok(scan::scan(&file[part10.dataset_at..], &part10.transfer_syntax_uid)?.header));
    let (sop_class_uid, sop_instance_uid) =
        header.ok().map(|header| (header.sop_class_uid, header.sop_instance_uid)).unzip();
    let refusal = Refusal::new(
        "not_stored",
        "the object store did not keep the bytes that it was given",
        "send the instance again; if it fails again, the store needs repair",
    );
    let failure = Some(StowFailure { failure_reason: OUT_OF_RESOURCES, refusal });
    StowOutcome { sop_class_uid, sop_instance_uid, failure }
}

fn bad(why: &str) -> HttpError {
    HttpError::BadRequest(why.to_owned())
}

/// Gives the boundary of a `multipart/related` content type.
fn boundary(content_type: &str) -> Option<String> {
    let (kind, parameters) = content_type.split_once(';')?;
    if !kind.trim().eq_ignore_ascii_case("multipart/related") {
        return None;
    }
    parameters.split(';').find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        let value = value.trim().trim_matches('"');
        let usable = (1..=BOUNDARY_BYTES_MAX).contains(&value.len()) && value.is_ascii();
        (name.trim().eq_ignore_ascii_case("boundary") && usable).then(|| value.to_owned())
    })
}

struct Limits {
    part_bytes_max: usize,
    stalled: Duration,
}

/// The parts of a multipart body, one at a time.
struct Parts {
    body: Payload,
    buffer: BytesMut,
    delimiter: Vec<u8>,
    limits: Limits,
    /// Where the search for the next delimiter goes on, so that a large part is looked through once.
    searched: usize,
}

impl Parts {
    fn new(body: Payload, boundary: &str, limits: Limits) -> Self {
        // The first delimiter may stand at the very start: a line end put before it makes all alike.
        Self {
            body,
            buffer: BytesMut::from(&b"\r\n"[..]),
            delimiter: format!("\r\n--{boundary}").into_bytes(),
            limits,
            searched: 0,
        }
    }

    /// Gives the content of the next part; `None` after the closing delimiter.
    async fn next(&mut self) -> Result<Option<Bytes>, HttpError> {
        // What stands before the delimiter is the preamble, or the rest of the line after the last content.
        self.until_delimiter(PART_HEADER_BYTES_MAX).await?;
        while self.buffer.len() < 2 {
            self.more().await?;
        }
        if self.buffer.starts_with(b"--") {
            return Ok(None);
        }
        let header = self.until(b"\r\n\r\n", PART_HEADER_BYTES_MAX).await?;
        let header = String::from_utf8_lossy(&header).to_ascii_lowercase();
        let kind = header.lines().find_map(|line| line.trim().strip_prefix("content-type:"));
        if !kind.is_some_and(|kind| kind.trim().starts_with("application/dicom")) {
            return Err(bad("a part isn't of type application/dicom"));
        }
        let content = self.content().await?;
        Ok(Some(content))
    }

    /// Gives the bytes up to the next delimiter and leaves the delimiter in place.
    async fn content(&mut self) -> Result<Bytes, HttpError> {
        let delimiter = self.delimiter.clone();
        let end = self.find(&delimiter, self.limits.part_bytes_max).await?;
        Ok(self.buffer.split_to(end).freeze())
    }

    async fn until_delimiter(&mut self, bytes_max: usize) -> Result<(), HttpError> {
        let delimiter = self.delimiter.clone();
        self.until(&delimiter, bytes_max).await.map(|_| ())
    }

    /// Takes the bytes up to a mark, and the mark.
    async fn until(&mut self, mark: &[u8], bytes_max: usize) -> Result<BytesMut, HttpError> {
        let end = self.find(mark, bytes_max).await?;
        let before = self.buffer.split_to(end);
        let _ = self.buffer.split_to(mark.len());
        Ok(before)
    }

    async fn find(&mut self, mark: &[u8], bytes_max: usize) -> Result<usize, HttpError> {
        self.searched = 0;
        loop {
            let found = self.buffer[self.searched..].windows(mark.len()).position(|bytes| bytes == mark);
            if let Some(at) = found {
                let at = self.searched + at;
                return if at > bytes_max { Err(bad("a part is larger than allowed")) } else { Ok(at) };
            }
            if self.buffer.len() > bytes_max + mark.len() {
                return Err(bad("a part is larger than allowed"));
            }
            self.searched = self.buffer.len().saturating_sub(mark.len() - 1);
            self.more().await?;
        }
    }

    async fn more(&mut self) -> Result<(), HttpError> {
        let chunk = tokio::time::timeout(self.limits.stalled, self.body.next()).await;
        match chunk {
            Ok(Some(Ok(chunk))) => {
                self.buffer.extend_from_slice(&chunk);
                Ok(())
            }
            Ok(Some(Err(_))) => Err(bad("the body broke off")),
            Ok(None) => Err(bad("the body ends before its last boundary")),
            Err(_) => Err(bad("the body stalled")),
        }
    }
}
