//! Decides about an association request: who may call, and what may be sent.
//!
//! # Source
//! PS3.8 chapter 9.3.2 to 9.3.4, PS3.7 annex D.

use super::Config;
use crate::TransferSyntax;
use crate::read::{IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME};
use crate::scan::check_uid;
use crate::transfer_syntax::described;
use dicom_core::dictionary::UidDictionary;
use dicom_dictionary_std::{StandardSopClassDictionary, uids};
use dicom_ul::pdu::{
    AssociationAC, AssociationRJ, AssociationRJResult, AssociationRJServiceProviderPresentationReason,
    AssociationRJServiceUserReason, AssociationRJSource, AssociationRQ, Pdu, PresentationContextProposed,
    PresentationContextResult, PresentationContextResultReason, UserVariableItem,
};
use std::collections::{BTreeMap, BTreeSet};

const APPLICATION_CONTEXT: &str = "1.2.840.10008.3.1.1.1";
const CONTEXTS_MAX: usize = 128;
/// What a peer that names no limit takes (PS3.8 annex D.1).
const UNNAMED_PDU_BYTES_MAX: u32 = 16_384;

/// An association that is accepted.
pub(super) struct Contexts {
    pub(super) acceptance: Pdu,
    pub(super) accepted: BTreeMap<u8, Accepted>,
    pub(super) calling_ae: String,
    pub(super) peer_pdu_bytes_max: u32,
}

/// A presentation context that is accepted.
pub(super) struct Accepted {
    pub(super) transfer_syntax_uid: String,
}

/// The title under which somebody calls, if the bytes hold one.
pub(super) fn calling_ae(body: &[u8]) -> Option<String> {
    body.get(20..36).and_then(ae_title)
}

/// The code of a rejection, for the record.
pub(super) fn reason_code(rejection: &AssociationRJ) -> &'static str {
    use AssociationRJServiceUserReason as Reason;
    match rejection.source {
        AssociationRJSource::ServiceUser(Reason::CalledAETitleNotRecognized) => "called_ae_title",
        AssociationRJSource::ServiceUser(Reason::CallingAETitleNotRecognized) => "calling_ae_title",
        _ => "protocol",
    }
}

/// Gives the accepted association, or the rejection to send.
pub(super) fn negotiate(
    config: &Config,
    request: &AssociationRQ,
    body: &[u8],
) -> Result<Contexts, AssociationRJ> {
    use AssociationRJServiceUserReason as Reason;
    if request.protocol_version & 1 == 0 {
        return Err(rejection(Reason::NoReasonGiven));
    }
    if request.application_context_name.trim_end_matches('\0') != APPLICATION_CONTEXT {
        return Err(rejection(Reason::ApplicationContextNameNotSupported));
    }
    // The library trims control characters off: they are looked for in the raw bytes (protocol version and reserved
    // bytes, then 16 of the called and 16 of the calling title).
    let called = body.get(4..20).and_then(ae_title);
    if called.as_deref() != Some(config.ae_title.as_str()) {
        return Err(rejection(Reason::CalledAETitleNotRecognized));
    }
    let allowed =
        |title: &String| config.calling_ae_titles.is_empty() || config.calling_ae_titles.contains(title);
    let calling_ae =
        calling_ae(body).filter(allowed).ok_or_else(|| rejection(Reason::CallingAETitleNotRecognized))?;
    let ids: BTreeSet<u8> = request.presentation_contexts.iter().map(|context| context.id).collect();
    if ids.len() != request.presentation_contexts.len()
        || ids.len() > CONTEXTS_MAX
        || ids.iter().any(|id| id % 2 == 0)
    {
        return Err(rejection(Reason::NoReasonGiven));
    }
    let peer_pdu_bytes_max = request.user_variables.iter().find_map(|item| match item {
        UserVariableItem::MaxLength(length) => Some(*length),
        _ => None,
    });
    let results: Vec<_> = request.presentation_contexts.iter().map(result).collect();
    for (proposed, result) in request.presentation_contexts.iter().zip(&results) {
        log_refused_syntaxes(proposed, result);
    }
    let accepted = results
        .iter()
        .filter(|result| result.reason == PresentationContextResultReason::Acceptance)
        .map(|result| (result.id, Accepted { transfer_syntax_uid: result.transfer_syntax.clone() }))
        .collect();
    Ok(Contexts {
        acceptance: acceptance(config, request, results),
        accepted,
        calling_ae,
        peer_pdu_bytes_max: peer_pdu_bytes_max.unwrap_or(UNNAMED_PDU_BYTES_MAX),
    })
}

/// Reads an AE title: 1 to 16 printable ASCII characters, padded with spaces.
fn ae_title(bytes: &[u8]) -> Option<String> {
    let title = std::str::from_utf8(bytes).ok()?;
    let printable = title.chars().all(|c| (' '..='~').contains(&c) && c != '\\');
    let title = title.trim_matches(' ');
    (printable && !title.is_empty()).then(|| title.to_owned())
}

fn result(proposed: &PresentationContextProposed) -> PresentationContextResult {
    let abstract_syntax = proposed.abstract_syntax.trim_end_matches('\0');
    let chosen = proposed
        .transfer_syntaxes
        .iter()
        .find_map(|uid| TransferSyntax::from_uid(uid.trim_end_matches('\0')));
    let (reason, transfer_syntax) = match chosen {
        _ if !is_served(abstract_syntax) => {
            (PresentationContextResultReason::AbstractSyntaxNotSupported, None)
        }
        None => (PresentationContextResultReason::TransferSyntaxesNotSupported, None),
        Some(syntax) => (PresentationContextResultReason::Acceptance, Some(syntax)),
    };
    let transfer_syntax = transfer_syntax.unwrap_or(TransferSyntax::ImplicitLittle).uid().to_owned();
    PresentationContextResult { id: proposed.id, reason, transfer_syntax }
}

/// A caller who offers nothing but transfer syntaxes that aren't taken in sends nothing and may not say why.
fn log_refused_syntaxes(proposed: &PresentationContextProposed, result: &PresentationContextResult) {
    if result.reason != PresentationContextResultReason::TransferSyntaxesNotSupported {
        return;
    }
    let is_uid = |uid: &&str| check_uid(uid.as_bytes()).is_ok();
    let uids = proposed.transfer_syntaxes.iter().map(|uid| uid.trim_end_matches('\0')).filter(is_uid);
    let offered: Vec<String> = uids.map(described).collect();
    tracing::warn!(
        event = "dicom.transfer_syntaxes_refused",
        offered = offered.join(", "),
        "a caller offers a class of objects in no transfer syntax that is taken in"
    );
}

/// Whether objects of this class are taken: Verification and every standard storage class.
fn is_served(sop_class_uid: &str) -> bool {
    sop_class_uid == uids::VERIFICATION
        || (sop_class_uid.starts_with("1.2.840.10008.5.1.4.1.1.")
            && StandardSopClassDictionary
                .by_uid(sop_class_uid)
                .is_some_and(|class| class.alias.contains("Storage")))
}

fn acceptance(config: &Config, request: &AssociationRQ, results: Vec<PresentationContextResult>) -> Pdu {
    Pdu::AssociationAC(AssociationAC {
        protocol_version: 1,
        calling_ae_title: request.calling_ae_title.clone(),
        called_ae_title: request.called_ae_title.clone(),
        application_context_name: APPLICATION_CONTEXT.to_owned(),
        presentation_contexts: results,
        user_variables: vec![
            UserVariableItem::MaxLength(config.pdu_bytes_max),
            UserVariableItem::ImplementationClassUID(IMPLEMENTATION_CLASS_UID.to_owned()),
            UserVariableItem::ImplementationVersionName(IMPLEMENTATION_VERSION_NAME.to_owned()),
        ],
    })
}

fn rejection(reason: AssociationRJServiceUserReason) -> AssociationRJ {
    AssociationRJ { result: AssociationRJResult::Permanent, source: AssociationRJSource::ServiceUser(reason) }
}

/// The rejection while every place is taken: worth another try.
pub(super) fn want_of_room() -> AssociationRJ {
    let reason = AssociationRJServiceProviderPresentationReason::LocalLimitExceeded;
    AssociationRJ {
        result: AssociationRJResult::Transient,
        source: AssociationRJSource::ServiceProviderPresentation(reason),
    }
}
