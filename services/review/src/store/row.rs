//! Between rows and values.

use super::{Error, active};
use crate::case::{Case, Draft, Ending, Kind, Lease, LeaseEnd, PriorityChange, SignedRead, Slot, Withdrawal};
use crate::entity::{addendum, draft, lease, priority_change, review_case, signed_read};
use contract::review::{Addendum, CaseState, PersonalKey, ReadContent, Signature, Verdict};
use contract::rollout::Stage;
use contract::{CaseId, Priority, ReadId, Time, canonical_json};
use platform::telemetry;
use sea_orm::ActiveValue::Set;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeSet;
use std::str::FromStr;

/// Reads an id or digest.
pub(super) fn parse<T: FromStr>(what: &'static str, text: &str) -> Result<T, Error> {
    text.parse().map_err(|_| Error::Stored { what, text: text.chars().take(80).collect() })
}

/// Reads a word of a closed list, as it stands in JSON.
pub(super) fn word<T: DeserializeOwned>(what: &'static str, text: &str) -> Result<T, Error> {
    let value = serde_json::Value::from(text);
    serde_json::from_value(value).map_err(|_| Error::Stored { what, text: text.chars().take(80).collect() })
}

/// Writes a word of a closed list, as it stands in JSON.
pub(super) fn text_of(word: impl Serialize) -> String {
    match serde_json::to_value(word) {
        Ok(serde_json::Value::String(text)) => text,
        other => panic!("a word of a closed list is JSON text, not {other:?}"),
    }
}

/// A case without its readers.
pub(super) fn case(row: review_case::Model) -> Result<Case, Error> {
    let policy = serde_json::from_value(row.policy)
        .map_err(|source| database::Error::Stored { what: "policy", source })?;
    Ok(Case {
        id: parse("case id", &row.id)?,
        run: parse("run id", &row.run)?,
        series: parse("series id", &row.series)?,
        study: parse("study id", &row.study)?,
        model: parse("model version id", &row.model)?,
        deployment: parse("deployment id", &row.deployment)?,
        stage: word::<Stage>("stage", &row.stage)?,
        case_digest: parse("case digest", &row.case_digest)?,
        source_set: parse("source set", &row.source_set)?,
        volumes: row.volumes.map(|text| parse("digest of volumes", &text)).transpose()?,
        region_count: row.region_count.unsigned_abs(),
        kind: kind(&row.kind, row.repeat_of.as_deref(), row.only_reader.as_deref())?,
        is_drawn: row.is_drawn,
        requester: (!row.requester.is_empty()).then(|| parse("user id", &row.requester)).transpose()?,
        modality: row.modality,
        task: row.task,
        policy,
        priority: word::<Priority>("priority", &row.priority)?,
        priority_change: None,
        overdue_at: row.overdue_at,
        queued_at: row.queued_at,
        leases: Vec::new(),
        drafts: Vec::new(),
        reads: Vec::new(),
        withdrawals: Vec::new(),
        invalidated: Vec::new(),
        holds: Vec::new(),
        deferrals: Vec::new(),
        conflicted: BTreeSet::new(),
        credentials: Vec::new(),
        discordant_at: row.discordant_at,
        panel_at: row.panel_at,
        sampled_at: row.sampled_at,
        superseded_at: row.superseded_at,
        ending: ending(row.ended_as.as_deref(), row.ended_at)?,
        recall: None,
        kin: crate::case::Kin::default(),
        version: row.version,
    })
}

fn kind(word: &str, of: Option<&str>, reader: Option<&str>) -> Result<Kind, Error> {
    let stored = || Error::Stored { what: "kind of case", text: word.to_owned() };
    let of = || parse("case id", of.ok_or_else(stored)?);
    match word {
        CLINICAL => Ok(Kind::Clinical),
        "sentinel" => Ok(Kind::Sentinel { of: of()? }),
        "repeat" => Ok(Kind::Repeat { of: of()?, reader: parse("user id", reader.ok_or_else(stored)?)? }),
        _ => Err(stored()),
    }
}

/// The kind that a release's keys demand.
pub(super) const CLINICAL: &str = "clinical";

/// An ending without release; the rest stands in the table of releases.
fn ending(word: Option<&str>, at: Option<Time>) -> Result<Option<Ending>, Error> {
    match (word, at) {
        (Some("rejected"), Some(at)) => Ok(Some(Ending::Rejected { at })),
        (Some("expired"), Some(at)) => Ok(Some(Ending::Expired { at })),
        (Some("accepted"), Some(at)) => Ok(Some(Ending::Evaluated { accepted: true, at })),
        (Some("not_accepted"), Some(at)) => Ok(Some(Ending::Evaluated { accepted: false, at })),
        (Some("released"), Some(_)) | (None, None) => Ok(None),
        (word, _) => Err(Error::Stored { what: "ending", text: word.unwrap_or_default().to_owned() }),
    }
}

/// How a case ended, as it stands in the database.
pub(super) fn ending_word(ending: &Ending) -> &'static str {
    match ending {
        Ending::Released { .. } => "released",
        Ending::Rejected { .. } => "rejected",
        Ending::Expired { .. } => "expired",
        Ending::Evaluated { accepted: true, .. } => "accepted",
        Ending::Evaluated { accepted: false, .. } => "not_accepted",
    }
}

/// A new case as a row.
pub(super) fn case_row(case: &Case, now: Time) -> Result<review_case::ActiveModel, Error> {
    let policy = serde_json::to_value(&case.policy)
        .map_err(|source| database::Error::Stored { what: "policy", source })?;
    let (kind, of, reader) = match &case.kind {
        Kind::Clinical => (CLINICAL, None, None),
        Kind::Sentinel { of } => ("sentinel", Some(of.to_string()), None),
        Kind::Repeat { of, reader } => ("repeat", Some(of.to_string()), Some(reader.to_string())),
    };
    Ok(review_case::ActiveModel {
        id: Set(case.id.to_string()),
        run: Set(case.run.to_string()),
        series: Set(case.series.to_string()),
        study: Set(case.study.to_string()),
        model: Set(case.model.to_string()),
        deployment: Set(case.deployment.to_string()),
        stage: Set(case.stage.as_str().to_owned()),
        case_digest: Set(case.case_digest.to_string()),
        source_set: Set(case.source_set.to_string()),
        volumes: Set(case.volumes.map(|digest| digest.to_string())),
        region_count: Set(i32::try_from(case.region_count).unwrap_or(i32::MAX)),
        policy: Set(policy),
        queued_at: Set(case.queued_at),
        state: Set(text_of(case.state(now))),
        discordant_at: Set(case.discordant_at),
        superseded_at: Set(case.superseded_at),
        ended_at: Set(None),
        version: Set(case.version),
        kind: Set(kind.to_owned()),
        repeat_of: Set(of),
        only_reader: Set(reader),
        is_drawn: Set(case.is_drawn),
        requester: Set(case.requester.as_ref().map(ToString::to_string).unwrap_or_default()),
        modality: Set(case.modality.clone()),
        task: Set(case.task.clone()),
        priority: Set(case.priority.as_str().to_owned()),
        due_at: Set(case.due_at()),
        overdue_at: Set(None),
        expires_at: Set(case.expires_at()),
        ended_as: Set(None),
        panel_at: Set(None),
        sampled_at: Set(None),
        sample_open: Set(false),
        repeat_drawn_at: Set(None),
        trace: Set(telemetry::traceparent()),
    })
}

/// A change of a case's priority as a row.
pub(super) fn priority_change_row(
    case: &Case,
    to: Priority,
    change: &PriorityChange,
) -> priority_change::ActiveModel {
    priority_change::ActiveModel {
        case_id: Set(case.id.to_string()),
        changed_at: Set(change.at),
        priority_before: Set(change.from.as_str().to_owned()),
        priority_after: Set(to.as_str().to_owned()),
        changed_by: Set(change.by.to_string()),
        reason: Set(change.words.clone()),
    }
}

/// A hold on a slot.
pub(super) fn lease(row: &lease::Model) -> Result<Lease, Error> {
    Ok(Lease {
        id: parse("lease id", &row.id)?,
        slot: slot(row.slot)?,
        reader: parse("user id", &row.reader)?,
        taken_at: row.taken_at,
        expires_at: row.expires_at,
        ended_at: row.ended_at,
        end: row.end_code.as_deref().map(lease_end_of).transpose()?,
    })
}

fn lease_end_of(code: &str) -> Result<LeaseEnd, Error> {
    LeaseEnd::from_code(code).ok_or_else(|| Error::Stored { what: "end of a hold", text: code.to_owned() })
}

/// A new hold on a slot as a row.
pub(super) fn lease_row(case: &CaseId, lease: &Lease) -> lease::ActiveModel {
    lease::ActiveModel {
        id: Set(lease.id.to_string()),
        case_id: Set(case.to_string()),
        slot: Set(lease.slot.number()),
        reader: Set(lease.reader.to_string()),
        taken_at: Set(lease.taken_at),
        expires_at: Set(lease.expires_at),
        ended_at: Set(None),
        end_code: Set(None),
    }
}

/// The changed columns of a hold that ends.
pub(super) fn lease_end(end: LeaseEnd, now: Time) -> lease::ActiveModel {
    lease::ActiveModel { ended_at: Set(Some(now)), end_code: Set(Some(end.as_str().to_owned())), ..active() }
}

fn slot(number: i16) -> Result<Slot, Error> {
    Slot::from_number(number).ok_or_else(|| Error::Stored { what: "slot", text: number.to_string() })
}

/// A draft.
pub(super) fn draft(row: &draft::Model) -> Result<Draft, Error> {
    Ok(Draft {
        reader: parse("user id", &row.reader)?,
        version: u32::try_from(row.version)
            .map_err(|_| Error::Stored { what: "draft version", text: row.version.to_string() })?,
        content: content(&row.content)?,
        saved_at: row.saved_at,
    })
}

/// A draft as a row.
pub(super) fn draft_row(case: &CaseId, draft: &Draft) -> draft::ActiveModel {
    draft::ActiveModel {
        case_id: Set(case.to_string()),
        reader: Set(draft.reader.to_string()),
        version: Set(i64::from(draft.version)),
        content: Set(canonical_json(&draft.content)),
        saved_at: Set(draft.saved_at),
    }
}

fn content(text: &str) -> Result<ReadContent, Error> {
    let parsed = serde_json::from_str(text);
    Ok(parsed.map_err(|source| database::Error::Stored { what: "read", source })?)
}

/// A signed read, without what its reader wrote since.
pub(super) fn read(row: &signed_read::Model) -> Result<SignedRead, Error> {
    let authentication = serde_json::from_value(row.authentication.clone())
        .map_err(|source| database::Error::Stored { what: "authentication", source })?;
    let personal_key = row.personal_key.clone().map(serde_json::from_value).transpose();
    let personal_key =
        personal_key.map_err(|source| database::Error::Stored { what: "personal key", source })?;
    Ok(SignedRead {
        id: parse("read id", &row.id)?,
        slot: slot(row.slot)?,
        verdict: word("verdict", &row.verdict)?,
        content: content(&row.content)?,
        signature: Signature {
            id: parse("signature id", &row.signature_id)?,
            signer: parse("user id", &row.reader)?,
            printed_name: row.printed_name.clone(),
            signed_at: row.signed_at,
            meaning: row.meaning.clone(),
            case_digest: parse("case digest", &row.case_digest)?,
            content_digest: parse("content digest", &row.content_digest)?,
            authentication,
            calibrated_display: row.calibrated_display,
            personal_key,
        },
        final_at: row.final_at,
        addenda: Vec::new(),
    })
}

/// A read that was withdrawn.
pub(super) fn withdrawal(row: &signed_read::Model) -> Result<Option<Withdrawal>, Error> {
    row.withdrawn_at.map(|at| Ok(Withdrawal { read: read(row)?, at })).transpose()
}

/// A signed read as a row; its content is the canonical text that the signature covers.
pub(super) fn read_row(case: &Case, read: &SignedRead) -> signed_read::ActiveModel {
    let signature = &read.signature;
    signed_read::ActiveModel {
        id: Set(read.id.to_string()),
        case_id: Set(case.id.to_string()),
        slot: Set(read.slot.number()),
        reader: Set(signature.signer.to_string()),
        verdict: Set(text_of(read.verdict)),
        verdict_class: Set(verdict_class(read.verdict).to_owned()),
        content: Set(canonical_json(&read.content)),
        signature_id: Set(signature.id.to_string()),
        printed_name: Set(signature.printed_name.clone()),
        signed_at: Set(signature.signed_at),
        final_at: Set(read.final_at),
        meaning: Set(signature.meaning.clone()),
        case_digest: Set(signature.case_digest.to_string()),
        content_digest: Set(signature.content_digest.to_string()),
        authentication: Set(signature.authentication.clone().into()),
        calibrated_display: Set(signature.calibrated_display),
        personal_key: Set(signature.personal_key.as_ref().map(personal_key)),
        requester: Set(case.requester.as_ref().map(ToString::to_string).unwrap_or_default()),
        withdrawal: Set(String::new()),
        withdrawn_at: Set(None),
        withdrawal_reason: Set(None),
        invalidated_at: Set(None),
        invalidated_by: Set(None),
        invalidation_reason: Set(None),
    }
}

fn personal_key(key: &PersonalKey) -> serde_json::Value {
    serde_json::to_value(key).expect("a personal key is text")
}

/// What a reader wrote to a read.
pub(super) fn addendum(row: addendum::Model) -> Result<Addendum, Error> {
    Ok(Addendum { stance: word("stance", &row.stance)?, words: row.words, written_at: row.written_at })
}

/// What a reader wrote to a read as a row.
pub(super) fn addendum_row(
    case: &CaseId,
    read: &ReadId,
    place: usize,
    new: &Addendum,
) -> addendum::ActiveModel {
    addendum::ActiveModel {
        read_id: Set(read.to_string()),
        place: Set(i16::try_from(place).unwrap_or(i16::MAX)),
        case_id: Set(case.to_string()),
        stance: Set(new.stance.as_str().to_owned()),
        words: Set(new.words.clone()),
        written_at: Set(new.written_at),
    }
}

/// The class of a read on which nothing rests: keys keep neither its slot nor a release by it.
pub(super) const NO_CLASS: &str = "cannot_judge";

/// The class of a read that keeps its slot and carries no release.
pub(super) const OTHER_CLASS: &str = "reject";

/// The class that a release's keys demand.
pub(super) const ACCEPT_CLASS: &str = "accept";

fn verdict_class(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Accept | Verdict::AcceptWithLimitation => ACCEPT_CLASS,
        Verdict::Reject => OTHER_CLASS,
        Verdict::CannotJudge => NO_CLASS,
    }
}

/// The states of a case that is not over, as they stand in the projection.
pub(super) fn open_states() -> Vec<String> {
    let open = [
        CaseState::Queued,
        CaseState::Reading,
        CaseState::Discordant,
        CaseState::Adjudicating,
        CaseState::Held,
        CaseState::Deferred,
    ];
    open.into_iter().map(text_of).collect()
}
