//! Asks a peer which instances of a series it shows (Study Root, hierarchical, at the image level).
//!
//! # Source
//! PS3.4 C.4.1 (C-FIND), C.6.2.1 (Study Root attributes).

use super::{Association, Context, Error, status_of};
use crate::dimse::{Assembler, C_FIND_RQ, Command, DataSet, RESPONSE};
use crate::scan;
use dicom_core::{DataElement, PrimitiveValue, Tag, VR};
use dicom_dictionary_std::{tags, uids};
use dicom_encoding::transfer_syntax::TransferSyntaxIndex as _;
use dicom_object::InMemDicomObject;
use dicom_transfer_syntax_registry::TransferSyntaxRegistry;
use std::panic::{AssertUnwindSafe, catch_unwind};

const MODEL: &str = uids::STUDY_ROOT_QUERY_RETRIEVE_INFORMATION_MODEL_FIND;
/// In the order of preference. Every peer has the second.
const SYNTAXES: [&str; 2] = [uids::EXPLICIT_VR_LITTLE_ENDIAN, uids::IMPLICIT_VR_LITTLE_ENDIAN];
/// No series of ours has more; a peer that answers more than this doesn't know what it was asked.
const MATCHES_MAX: usize = 100_000;
/// One match is some hundred bytes.
const MATCH_BYTES_MAX: u64 = 64 * 1024;

/// An instance that a peer has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// (0008,0018).
    pub sop_instance_uid: String,
    /// (0008,0056), empty when the peer doesn't say.
    pub availability: String,
}

impl Shown {
    /// Whether it can be retrieved, now or later. `UNAVAILABLE` is the one value that says it can't.
    pub fn is_available(&self) -> bool {
        self.availability != "UNAVAILABLE"
    }
}

/// What has to be proposed so that [`Association::find_instances`] can ask.
pub fn query_contexts() -> [Context; 2] {
    SYNTAXES.map(|syntax| Context::new(MODEL, syntax))
}

impl Association {
    /// Whether the peer answers queries.
    pub fn can_find(&self) -> bool {
        !self.accepted(MODEL).is_empty()
    }

    /// Gives the instances that the peer shows of a series.
    ///
    /// # Errors
    /// When the peer takes no queries, refuses this one, or answers something that can't be used: then nothing is
    /// known, least of all that there are no instances.
    pub async fn find_instances(
        &mut self,
        study_instance_uid: &str,
        series_instance_uid: &str,
    ) -> Result<Vec<Shown>, Error> {
        let syntax = self.accepted(MODEL).first().map(|&syntax| syntax.to_owned());
        let syntax = syntax.ok_or_else(|| Error::NotAccepted(Context::new(MODEL, SYNTAXES[1])))?;
        let context = self.context(MODEL, &syntax).expect("it was among the accepted ones");
        let message = self.message_id();
        let query = identifier(study_instance_uid, series_instance_uid, &syntax)?;
        let command = Command::find_request(message, MODEL).encode();
        self.connection.send_message(context, &command, Some(&query)).await?;

        let mut assembler = Assembler::new(MATCH_BYTES_MAX);
        let mut found = Vec::new();
        loop {
            for answer in self.read(&mut assembler).await? {
                let status = status_of(&answer, C_FIND_RQ | RESPONSE, message)?;
                match answer.dataset {
                    DataSet::Whole(bytes) if status.is_pending() => found.extend(shown(&bytes, &syntax)?),
                    _ if status.is_pending() => return Err(Error::Answer("a match without its attributes")),
                    _ if status.code == crate::dimse::SUCCESS => return Ok(found),
                    _ => return Err(Error::Query(status)),
                }
                if found.len() > MATCHES_MAX {
                    return Err(Error::Answer("more matches than any series has instances"));
                }
            }
        }
    }
}

/// What is asked: the unique keys of the levels above, and the attributes that are wanted.
fn identifier(study: &str, series: &str, syntax: &str) -> Result<Vec<u8>, Error> {
    let text = |tag: Tag, vr: VR, value: &str| DataElement::new(tag, vr, PrimitiveValue::from(value));
    let identifier = InMemDicomObject::from_element_iter([
        text(tags::QUERY_RETRIEVE_LEVEL, VR::CS, "IMAGE"),
        text(tags::STUDY_INSTANCE_UID, VR::UI, study),
        text(tags::SERIES_INSTANCE_UID, VR::UI, series),
        DataElement::empty(tags::SOP_INSTANCE_UID, VR::UI),
        DataElement::empty(tags::INSTANCE_AVAILABILITY, VR::CS),
    ]);
    let mut bytes = Vec::new();
    let registered = TransferSyntaxRegistry.get(syntax).expect("both syntaxes are registered");
    let written = identifier.write_dataset_with_ts(&mut bytes, registered);
    written.map_err(|_| Error::Answer("the query itself can't be written"))?;
    Ok(bytes)
}

/// Reads one match. The bytes are a stranger's: they are walked first, and a panic of the library is an error.
///
/// # Errors
/// When it can't be read. A match of a study or series, as some peers give for a level that they lack, is none.
fn shown(bytes: &[u8], syntax: &str) -> Result<Option<Shown>, Error> {
    let unusable = Error::Answer("a match can't be read");
    if !scan::is_well_formed(bytes, syntax) {
        return Err(unusable);
    }
    let registered = TransferSyntaxRegistry.get(syntax).expect("both syntaxes are registered");
    let read = || InMemDicomObject::read_dataset_with_ts(bytes, registered);
    let Ok(Ok(found)) = catch_unwind(AssertUnwindSafe(read)) else { return Err(unusable) };
    let text = |tag: Tag| {
        let element = found.element_opt(tag).ok().flatten()?;
        Some(element.to_str().ok()?.trim_end_matches(['\0', ' ']).to_owned())
    };
    let uid = text(tags::SOP_INSTANCE_UID).filter(|uid| !uid.is_empty());
    let availability = text(tags::INSTANCE_AVAILABILITY).unwrap_or_default();
    Ok(uid.map(|sop_instance_uid| Shown { sop_instance_uid, availability }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_read_back_in_both_syntaxes() {
        for syntax in SYNTAXES {
            let bytes = identifier("1.2", "1.2.3", syntax).unwrap();
            // The query itself names no instance.
            assert_eq!(shown(&bytes, syntax).unwrap(), None);
        }
    }

    #[test]
    fn a_match_that_is_cut_off_is_an_error_and_never_nothing() {
        let named = InMemDicomObject::from_element_iter([
            DataElement::new(tags::SOP_INSTANCE_UID, VR::UI, PrimitiveValue::from("1.2.3.4")),
            DataElement::new(tags::INSTANCE_AVAILABILITY, VR::CS, PrimitiveValue::from("ONLINE")),
        ]);
        for syntax in SYNTAXES {
            let mut bytes = Vec::new();
            named.write_dataset_with_ts(&mut bytes, TransferSyntaxRegistry.get(syntax).unwrap()).unwrap();
            let whole = shown(&bytes, syntax).unwrap().unwrap();
            assert_eq!((whole.sop_instance_uid.as_str(), whole.is_available()), ("1.2.3.4", true));
            for length in (1..bytes.len()).filter(|length| length % 2 == 1) {
                assert!(shown(&bytes[..length], syntax).is_err(), "{length} bytes");
            }
        }
    }

    #[test]
    fn only_unavailable_is_unavailable() {
        for (availability, is_available) in
            [("", true), ("ONLINE", true), ("NEARLINE", true), ("OFFLINE", true), ("UNAVAILABLE", false)]
        {
            let shown = Shown { sop_instance_uid: "1.2".to_owned(), availability: availability.to_owned() };
            assert_eq!(shown.is_available(), is_available, "{availability}");
        }
    }
}
