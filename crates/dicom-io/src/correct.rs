//! A corrected copy of a received object: other values for a few attributes, everything else byte for byte, and what
//! stood there before kept inside.
//!
//! The received file stays as it is; whoever asks for the copy stores it as a file of its own. Only attributes of
//! patient and study can be corrected: what an image shows, where it lies and to which series it belongs is known to
//! its maker alone.
//!
//! # Source
//! PS3.3 C.12.1 (Original Attributes Sequence); PS3.5 6.2 (value representations), 7.5 (sequences).

mod value;
mod write;

pub use value::check;

use crate::scan::{self, Decoder, Root, check_uid, decoder, trim};
use crate::{Tag, TransferSyntax, Unusable, VR, read};
use contract::Time;
use contract::intake::Attribute;
use dicom_dictionary_std::tags;
use std::collections::BTreeMap;
use write::Writer;

/// How PS3.3 C.12.1.1.9 calls values that a person put right.
const CORRECT: &[u8] = b"CORRECT";
const MODIFYING_SYSTEM: &[u8] = b"COUNTERSIGN";

/// Where a corrected object came from, and when it was corrected.
#[derive(Debug, Clone, Copy)]
pub struct Provenance<'a> {
    /// Who sent it.
    pub sender: &'a str,
    /// Now.
    pub now: Time,
}

/// Gives the tag of an attribute.
pub fn tag(attribute: Attribute) -> Tag {
    match attribute {
        Attribute::SpecificCharacterSet => tags::SPECIFIC_CHARACTER_SET,
        Attribute::StudyDate => tags::STUDY_DATE,
        Attribute::StudyTime => tags::STUDY_TIME,
        Attribute::AccessionNumber => tags::ACCESSION_NUMBER,
        Attribute::StudyDescription => tags::STUDY_DESCRIPTION,
        Attribute::PatientName => tags::PATIENT_NAME,
        Attribute::PatientId => tags::PATIENT_ID,
        Attribute::IssuerOfPatientId => tags::ISSUER_OF_PATIENT_ID,
        Attribute::PatientBirthDate => tags::PATIENT_BIRTH_DATE,
        Attribute::PatientSex => tags::PATIENT_SEX,
        Attribute::StudyInstanceUid => tags::STUDY_INSTANCE_UID,
    }
}

fn vr(attribute: Attribute) -> VR {
    match attribute {
        Attribute::SpecificCharacterSet | Attribute::PatientSex => VR::CS,
        Attribute::StudyDate | Attribute::PatientBirthDate => VR::DA,
        Attribute::StudyTime => VR::TM,
        Attribute::AccessionNumber => VR::SH,
        Attribute::StudyDescription | Attribute::PatientId | Attribute::IssuerOfPatientId => VR::LO,
        Attribute::PatientName => VR::PN,
        Attribute::StudyInstanceUid => VR::UI,
    }
}

/// A file taken apart down to the elements of its root.
struct Parts<'a> {
    data: std::borrow::Cow<'a, [u8]>,
    syntax: TransferSyntax,
    roots: Vec<Root>,
    meta: &'a [u8],
}

impl<'a> Parts<'a> {
    fn of(file: &'a [u8]) -> Result<Self, Unusable> {
        let part10 = read::split(file)?;
        let uid = &part10.transfer_syntax_uid;
        let syntax = TransferSyntax::from_uid(uid)
            .ok_or_else(|| Unusable::TransferSyntax(uid.chars().take(64).collect()))?;
        let data = scan::plain(&file[part10.dataset_at..], syntax)?;
        let roots = scan::roots(&data, syntax)?;
        Ok(Self { data, syntax, roots, meta: &file[..part10.dataset_at] })
    }

    fn end(&self, index: usize) -> usize {
        self.roots.get(index + 1).map_or(self.data.len(), |next| next.start)
    }

    /// An element of the root: how it is encoded, and its value.
    fn element(&self, tag: Tag) -> Option<(&[u8], &[u8])> {
        let index = self.roots.iter().position(|root| root.tag == tag)?;
        let end = self.end(index);
        Some((&self.data[self.roots[index].start..end], &self.data[self.roots[index].value_at..end]))
    }

    fn value(&self, tag: Tag) -> &[u8] {
        self.element(tag).map(|(_, value)| trim(value)).unwrap_or_default()
    }

    /// Whether the received value can be read as what it should be.
    fn conforms(&self, attribute: Attribute) -> bool {
        let value = self.value(tag(attribute));
        match attribute {
            Attribute::StudyInstanceUid => value.is_empty() || check_uid(value).is_ok(),
            Attribute::SpecificCharacterSet => decoder(Some(value)).is_ok(),
            _ => decoder(Some(self.value(tags::SPECIFIC_CHARACTER_SET)))
                .is_ok_and(|decoder| decoder.decode(value).is_some()),
        }
    }
}

/// Gives what a received object says of the attributes that can be corrected; nothing when its structure is broken.
/// What isn't text in the declared character set comes with replacement characters.
pub fn as_sent(file: &[u8]) -> Vec<(Attribute, String)> {
    let Ok(parts) = Parts::of(file) else { return Vec::new() };
    let decoder = decoder(Some(parts.value(tags::SPECIFIC_CHARACTER_SET))).ok();
    let text = |value: &[u8]| {
        let read = decoder.as_ref().and_then(|decoder| decoder.decode(value));
        read.unwrap_or_else(|| String::from_utf8_lossy(value).into_owned())
    };
    Attribute::ALL.iter().map(|attribute| (*attribute, text(parts.value(tag(*attribute))))).collect()
}

/// Gives a copy of a file with other values for some attributes. A deflated data set comes back plain.
///
/// # Errors
/// When the structure of the file is broken, a value isn't one of its kind, or the object's character set can't hold it.
pub fn correct(
    file: &[u8],
    values: &BTreeMap<Attribute, String>,
    provenance: Provenance<'_>,
) -> Result<Vec<u8>, Unusable> {
    let parts = Parts::of(file)?;
    let character_set = match values.get(&Attribute::SpecificCharacterSet) {
        Some(named) => named.as_bytes(),
        None => parts.value(tags::SPECIFIC_CHARACTER_SET),
    };
    let decoder = decoder(Some(character_set))?;
    let writer = Writer(parts.syntax);
    let mut elements: BTreeMap<Tag, Vec<u8>> = BTreeMap::new();
    for (attribute, value) in values {
        elements.insert(tag(*attribute), written(writer, *attribute, value, &decoder)?);
    }
    let originals = originals(&parts, values, provenance)?;
    elements.insert(tags::ORIGINAL_ATTRIBUTES_SEQUENCE, originals);
    Ok(assembled(&parts, elements))
}

fn written(
    writer: Writer,
    attribute: Attribute,
    value: &str,
    decoder: &Decoder,
) -> Result<Vec<u8>, Unusable> {
    let tag = tag(attribute);
    value::check(attribute, value).map_err(|why| Unusable::Value { tag, why })?;
    let why = "the character set of the object can't hold it";
    let bytes = decoder.encode(value).ok_or(Unusable::Value { tag, why })?;
    Ok(writer.element(tag, vr(attribute), &bytes))
}

/// The Original Attributes Sequence, with what it held before.
fn originals(
    parts: &Parts<'_>,
    values: &BTreeMap<Attribute, String>,
    provenance: Provenance<'_>,
) -> Result<Vec<u8>, Unusable> {
    let writer = Writer(parts.syntax);
    let (mut modified, mut nonconforming) = (Vec::new(), Vec::new());
    for attribute in values.keys() {
        let tag = tag(*attribute);
        match parts.element(tag) {
            None => modified.extend(writer.element(tag, vr(*attribute), &[])),
            Some((encoded, _)) if parts.conforms(*attribute) => modified.extend(encoded),
            Some((_, value)) => nonconforming.extend(writer.item(&[
                writer.element(tags::SELECTOR_ATTRIBUTE, VR::AT, &writer.tag(tag)),
                writer.element(tags::SELECTOR_VALUE_NUMBER, VR::US, &writer.short(1)),
                writer.element(tags::NONCONFORMING_DATA_ELEMENT_VALUE, VR::OB, value),
            ])),
        }
    }
    let mut item =
        vec![writer.element(tags::MODIFIED_ATTRIBUTES_SEQUENCE, VR::SQ, &writer.item(&[modified]))];
    if !nonconforming.is_empty() {
        item.push(writer.element(tags::NONCONFORMING_MODIFIED_ATTRIBUTES_SEQUENCE, VR::SQ, &nonconforming));
    }
    let now = provenance.now.format("%Y%m%d%H%M%S%.6f+0000").to_string();
    item.push(writer.element(tags::ATTRIBUTE_MODIFICATION_DATE_TIME, VR::DT, now.as_bytes()));
    item.push(writer.element(tags::MODIFYING_SYSTEM, VR::LO, MODIFYING_SYSTEM));
    item.push(writer.element(tags::SOURCE_OF_PREVIOUS_VALUES, VR::LO, provenance.sender.as_bytes()));
    item.push(writer.element(tags::REASON_FOR_THE_ATTRIBUTE_MODIFICATION, VR::CS, CORRECT));
    let mut items = former_items(parts)?.to_vec();
    items.extend(writer.item(&item));
    Ok(writer.element(tags::ORIGINAL_ATTRIBUTES_SEQUENCE, VR::SQ, &items))
}

/// The items that the Original Attributes Sequence of the received object has.
fn former_items<'p>(parts: &'p Parts<'_>) -> Result<&'p [u8], Unusable> {
    const UNDEFINED: [u8; 4] = [0xFF; 4];
    const DELIMITER_BYTES: usize = 8;
    let tag = tags::ORIGINAL_ATTRIBUTES_SEQUENCE;
    let Some((encoded, value)) = parts.element(tag) else { return Ok(&[]) };
    if parts.roots.iter().any(|root| root.tag == tag && root.vr != VR::SQ) {
        return Err(Unusable::Value { tag, why: "it is no sequence to which an item can be added" });
    }
    let length_at = encoded.len() - value.len() - UNDEFINED.len();
    let is_delimited = encoded[length_at..].starts_with(&UNDEFINED);
    Ok(if is_delimited { &value[..value.len() - DELIMITER_BYTES] } else { value })
}

/// The file: each element as it was, or as it is now.
fn assembled(parts: &Parts<'_>, mut elements: BTreeMap<Tag, Vec<u8>>) -> Vec<u8> {
    let changed: Vec<u16> = elements.keys().map(|tag| tag.group()).collect();
    let mut file = if parts.syntax == TransferSyntax::Deflated {
        let text = |tag| String::from_utf8_lossy(parts.value(tag)).into_owned();
        let plain = TransferSyntax::ExplicitLittle.uid();
        read::file_meta(&text(tags::SOP_CLASS_UID), &text(tags::SOP_INSTANCE_UID), plain)
    } else {
        parts.meta.to_vec()
    };
    for (index, root) in parts.roots.iter().enumerate() {
        let later = elements.split_off(&root.tag);
        file.extend(std::mem::replace(&mut elements, later).into_values().flatten());
        // The length of a group that has changed would be wrong, and nobody needs it (PS3.5 7.2).
        let is_wrong_length = root.tag.element() == 0 && changed.contains(&root.tag.group());
        match elements.remove(&root.tag) {
            Some(element) => file.extend(element),
            None if is_wrong_length => {}
            None => file.extend_from_slice(&parts.data[root.start..parts.end(index)]),
        }
    }
    file.extend(elements.into_values().flatten());
    file
}

#[cfg(test)]
mod tests;
