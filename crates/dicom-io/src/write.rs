//! Data sets written in the one fixed profile in which this program is the sole writer of derived objects.
//!
//! Explicit VR Little Endian, native pixels, defined lengths, ascending tags, standard padding; no group
//! lengths, no UN, no private elements, no trailing padding. One data set has exactly one encoding here, so
//! its digest can be signed (PS3.5 7 allows several encodings, with as many digests).

use crate::read;
use contract::Digest;
use dicom_core::{Tag, VR};
use std::collections::BTreeMap;
use thiserror::Error;

/// Explicit VR Little Endian, the one transfer syntax of the profile.
pub const TRANSFER_SYNTAX_UID: &str = "1.2.840.10008.1.2.1";

const PREAMBLE_LEN: usize = 128;
const MAGIC: &[u8; 4] = b"DICM";
const ITEM: Tag = Tag(0xFFFE, 0xE000);
const DATA_SET_TRAILING_PADDING: Tag = Tag(0xFFFC, 0xFFFC);

/// Why a data set can't be written in the profile, or a file isn't one.
#[derive(Debug, Clone, Error, PartialEq)]
pub enum Error {
    /// The profile has no private elements, group lengths, file meta or padding inside a data set.
    #[error("element {0} has no place in the profile")]
    Forbidden(Tag),
    /// The profile has no values of unknown representation.
    #[error("element {0} has no known value representation")]
    UnknownRepresentation(Tag),
    /// The length field of the element can't hold the value.
    #[error("the value of element {tag} is too long: {length} bytes")]
    TooLong {
        /// The element.
        tag: Tag,
        /// Length of its value.
        length: usize,
    },
    /// A decimal string can't hold the number to one part in a billion.
    #[error("{0} can't be written as a decimal string")]
    Decimal(f64),
    /// An attribute without which there is no file.
    #[error("element {0} is missing")]
    Missing(Tag),
    /// Bytes without preamble, prefix or a readable group 0002.
    #[error("not a DICOM file: {0}")]
    NotAFile(&'static str),
}

/// One element's value, already encoded.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A value without its padding.
    Bytes(VR, Vec<u8>),
    /// The items of a sequence.
    Items(Vec<DataSet>),
}

/// Elements by tag. Text is held as encoded bytes, so that what a source says is repeated byte for byte.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DataSet(BTreeMap<Tag, Value>);

impl DataSet {
    /// An empty data set.
    pub fn new() -> Self {
        Self::default()
    }

    /// Puts an element, in place of one of the same tag.
    pub fn put(&mut self, tag: Tag, value: Value) -> &mut Self {
        self.0.insert(tag, value);
        self
    }

    /// Puts text; several values are separated by backslashes.
    pub fn text(&mut self, tag: Tag, vr: VR, text: &str) -> &mut Self {
        self.put(tag, Value::Bytes(vr, text.as_bytes().to_vec()))
    }

    /// Puts an element without a value.
    pub fn empty(&mut self, tag: Tag, vr: VR) -> &mut Self {
        let value = if vr == VR::SQ { Value::Items(Vec::new()) } else { Value::Bytes(vr, Vec::new()) };
        self.put(tag, value)
    }

    /// Puts unsigned 16 bit numbers.
    pub fn unsigned_short(&mut self, tag: Tag, numbers: &[u16]) -> &mut Self {
        self.put(tag, Value::Bytes(VR::US, numbers.iter().flat_map(|n| n.to_le_bytes()).collect()))
    }

    /// Puts signed 16 bit numbers.
    pub fn signed_short(&mut self, tag: Tag, numbers: &[i16]) -> &mut Self {
        self.put(tag, Value::Bytes(VR::SS, numbers.iter().flat_map(|n| n.to_le_bytes()).collect()))
    }

    /// Puts unsigned 32 bit numbers.
    pub fn unsigned_long(&mut self, tag: Tag, numbers: &[u32]) -> &mut Self {
        self.put(tag, Value::Bytes(VR::UL, numbers.iter().flat_map(|n| n.to_le_bytes()).collect()))
    }

    /// Puts 32 bit floating point numbers.
    pub fn float(&mut self, tag: Tag, numbers: &[f32]) -> &mut Self {
        self.put(tag, Value::Bytes(VR::FL, numbers.iter().flat_map(|n| n.to_le_bytes()).collect()))
    }

    /// Puts 64 bit floating point numbers.
    pub fn double(&mut self, tag: Tag, numbers: &[f64]) -> &mut Self {
        self.put(tag, Value::Bytes(VR::FD, numbers.iter().flat_map(|n| n.to_le_bytes()).collect()))
    }

    /// Puts decimal strings.
    ///
    /// # Errors
    /// When a number isn't finite or doesn't fit 16 characters to one part in a billion.
    pub fn decimal(&mut self, tag: Tag, numbers: &[f64]) -> Result<&mut Self, Error> {
        let strings = numbers.iter().map(|&number| decimal_string(number)).collect::<Result<Vec<_>, _>>()?;
        Ok(self.text(tag, VR::DS, &strings.join("\\")))
    }

    /// Puts the tags of other elements.
    pub fn tags(&mut self, tag: Tag, tags: &[Tag]) -> &mut Self {
        let bytes = tags.iter().flat_map(|named| tag_bytes(*named)).collect();
        self.put(tag, Value::Bytes(VR::AT, bytes))
    }

    /// Puts a sequence.
    pub fn items(&mut self, tag: Tag, items: Vec<DataSet>) -> &mut Self {
        self.put(tag, Value::Items(items))
    }

    /// Takes an element out.
    pub fn remove(&mut self, tag: Tag) -> Option<Value> {
        self.0.remove(&tag)
    }

    /// Gives an element's value.
    pub fn get(&self, tag: Tag) -> Option<&Value> {
        self.0.get(&tag)
    }

    /// Gives an element's encoded value, when it is neither empty nor a sequence.
    pub fn bytes(&self, tag: Tag) -> Option<&[u8]> {
        match self.get(tag) {
            Some(Value::Bytes(_, bytes)) if !bytes.is_empty() => Some(bytes),
            _ => None,
        }
    }

    /// Gives text of the default repertoire, without padding.
    pub fn str(&self, tag: Tag) -> Option<&str> {
        let text = std::str::from_utf8(self.bytes(tag)?).ok()?;
        Some(text.trim_matches([' ', '\0'])).filter(|text| !text.is_empty())
    }

    /// Gives the numbers of a decimal or integer string.
    pub fn decimals(&self, tag: Tag) -> Option<Vec<f64>> {
        self.str(tag)?.split('\\').map(|number| number.trim().parse().ok()).collect()
    }

    /// Gives the first unsigned 16 bit number.
    pub fn first_unsigned_short(&self, tag: Tag) -> Option<u16> {
        self.bytes(tag)?.first_chunk().map(|bytes| u16::from_le_bytes(*bytes))
    }

    /// Gives the elements in ascending order of tags.
    pub fn iter(&self) -> impl Iterator<Item = (Tag, &Value)> {
        self.0.iter().map(|(tag, value)| (*tag, value))
    }
}

/// Writes a data set as a file: preamble, file meta and the data set in the profile.
///
/// # Errors
/// When SOP Class or SOP Instance UID is missing, or the data set doesn't fit the profile.
pub fn file(data_set: &DataSet) -> Result<Vec<u8>, Error> {
    const SOP_CLASS_UID: Tag = Tag(0x0008, 0x0016);
    const SOP_INSTANCE_UID: Tag = Tag(0x0008, 0x0018);
    let uid = |tag| data_set.str(tag).ok_or(Error::Missing(tag));
    let mut bytes = read::file_meta(uid(SOP_CLASS_UID)?, uid(SOP_INSTANCE_UID)?, TRANSFER_SYNTAX_UID);
    encode(data_set, &mut bytes)?;
    Ok(bytes)
}

/// Gives the digest of a file: SHA-256 of what follows group 0002.
///
/// # Errors
/// When the bytes aren't a DICOM file.
pub fn profile_digest(file: &[u8]) -> Result<Digest, Error> {
    Ok(Digest::of(&file[data_set_offset(file)?..]))
}

/// An element with its value as it is encoded.
pub type Element<'f> = (Tag, VR, &'f [u8]);

/// Takes a file of the profile apart: its top-level elements in order, each value as it is encoded, with its padding.
///
/// # Errors
/// When the bytes aren't a DICOM file, or an element is cut off, has an unknown representation or no defined length.
pub fn profile_elements(file: &[u8]) -> Result<Vec<Element<'_>>, Error> {
    let mut at = data_set_offset(file)?;
    let mut elements = Vec::new();
    while at < file.len() {
        let cut_off = Error::NotAFile("an element is cut off");
        let header: &[u8; 8] = file.get(at..).and_then(<[u8]>::first_chunk).ok_or(cut_off.clone())?;
        let [g0, g1, e0, e1, v0, v1, l0, l1] = *header;
        let tag = Tag(u16::from_le_bytes([g0, g1]), u16::from_le_bytes([e0, e1]));
        let vr = VR::from_binary([v0, v1]).ok_or(Error::UnknownRepresentation(tag))?;
        let (value_at, length) = if is_long([v0, v1]) {
            let long: &[u8; 4] = file.get(at + 8..).and_then(<[u8]>::first_chunk).ok_or(cut_off.clone())?;
            (at + 12, u32::from_le_bytes(*long) as usize)
        } else {
            (at + 8, usize::from(u16::from_le_bytes([l0, l1])))
        };
        let end = value_at.checked_add(length).ok_or(cut_off.clone())?;
        elements.push((tag, vr, file.get(value_at..end).ok_or(cut_off)?));
        at = end;
    }
    Ok(elements)
}

/// Gives the place of the first byte after group 0002, whatever its group length says.
fn data_set_offset(file: &[u8]) -> Result<usize, Error> {
    if file.get(PREAMBLE_LEN..PREAMBLE_LEN + MAGIC.len()) != Some(MAGIC.as_slice()) {
        return Err(Error::NotAFile("no prefix after the preamble"));
    }
    let mut at = PREAMBLE_LEN + MAGIC.len();
    while let Some(group) = file.get(at..at + 2) {
        if group != [2, 0] {
            return Ok(at);
        }
        let truncated = Error::NotAFile("group 0002 is cut off");
        let header: &[u8; 12] = file.get(at..).and_then(<[u8]>::first_chunk).ok_or(truncated.clone())?;
        let [.., b0, b1, l0, l1, x0, x1, x2, x3] = *header;
        let (header_len, length) = if is_long([b0, b1]) {
            (12, u32::from_le_bytes([x0, x1, x2, x3]) as usize)
        } else {
            (8, usize::from(u16::from_le_bytes([l0, l1])))
        };
        at = at.checked_add(header_len + length).filter(|&end| end <= file.len()).ok_or(truncated)?;
    }
    Err(Error::NotAFile("no data set"))
}

fn encode(data_set: &DataSet, out: &mut Vec<u8>) -> Result<(), Error> {
    for (tag, value) in data_set.iter() {
        if tag.group() % 2 == 1 || tag.element() == 0 || tag.group() <= 2 || tag == DATA_SET_TRAILING_PADDING
        {
            return Err(Error::Forbidden(tag));
        }
        match value {
            Value::Bytes(VR::UN, _) => return Err(Error::UnknownRepresentation(tag)),
            Value::Bytes(vr, bytes) => element(out, tag, *vr, bytes)?,
            Value::Items(items) => sequence(out, tag, items)?,
        }
    }
    Ok(())
}

fn sequence(out: &mut Vec<u8>, tag: Tag, items: &[DataSet]) -> Result<(), Error> {
    let mut content = Vec::new();
    for item in items {
        let mut bytes = Vec::new();
        encode(item, &mut bytes)?;
        content.extend_from_slice(&tag_bytes(ITEM));
        content.extend_from_slice(&length_bytes(tag, bytes.len())?);
        content.extend_from_slice(&bytes);
    }
    element(out, tag, VR::SQ, &content)
}

fn element(out: &mut Vec<u8>, tag: Tag, vr: VR, value: &[u8]) -> Result<(), Error> {
    let length = value.len() + value.len() % 2;
    out.extend_from_slice(&tag_bytes(tag));
    out.extend_from_slice(&vr.to_bytes());
    if is_long(vr.to_bytes()) {
        out.extend_from_slice(&[0, 0]);
        out.extend_from_slice(&length_bytes(tag, length)?);
    } else {
        let short = u16::try_from(length).map_err(|_| Error::TooLong { tag, length })?;
        out.extend_from_slice(&short.to_le_bytes());
    }
    out.extend_from_slice(value);
    if length > value.len() {
        out.push(if matches!(vr, VR::UI | VR::OB) { 0 } else { b' ' });
    }
    Ok(())
}

fn tag_bytes(tag: Tag) -> [u8; 4] {
    let ([g0, g1], [e0, e1]) = (tag.group().to_le_bytes(), tag.element().to_le_bytes());
    [g0, g1, e0, e1]
}

fn length_bytes(tag: Tag, length: usize) -> Result<[u8; 4], Error> {
    // The largest value means "undefined length", which the profile doesn't have.
    let fits = u32::try_from(length).ok().filter(|&length| length < u32::MAX);
    Ok(fits.ok_or(Error::TooLong { tag, length })?.to_le_bytes())
}

/// Whether a value representation has a 32 bit length field (PS3.5 table 7.1-1).
fn is_long(vr: [u8; 2]) -> bool {
    matches!(
        &vr,
        b"OB" | b"OD" | b"OF" | b"OL" | b"OV" | b"OW" | b"SQ" | b"SV" | b"UC" | b"UN" | b"UR" | b"UT" | b"UV"
    )
}

/// Writes a number as a decimal string: at most 16 characters, rounded, to one part in a billion.
///
/// # Errors
/// When the number isn't finite, or no string of 16 characters is that near.
pub fn decimal_string(number: f64) -> Result<String, Error> {
    const LENGTH_MAX: usize = 16;
    if !number.is_finite() {
        return Err(Error::Decimal(number));
    }
    if number == 0.0 {
        return Ok("0".to_owned());
    }
    let fixed = (0..=15).rev().map(|digits| format!("{number:.digits$}"));
    let scientific = (0..=15).rev().map(|digits| format!("{number:.digits$e}"));
    let error = |text: &str| text.parse::<f64>().map_or(f64::INFINITY, |parsed| (parsed - number).abs());
    let shortest = [format!("{number}"), format!("{number:e}")];
    shortest
        .into_iter()
        .chain(fixed)
        .chain(scientific)
        .filter(|text| text.len() <= LENGTH_MAX && error(text) <= 1e-9 * number.abs())
        .min_by(|a, b| error(a).total_cmp(&error(b)).then(a.len().cmp(&b.len())))
        .ok_or(Error::Decimal(number))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn decimal_strings_are_rounded_and_never_cut() {
        assert_eq!(decimal_string(-123.456_789_012_345_68).unwrap(), "-123.45678901235");
        assert_eq!(decimal_string(-0.0).unwrap(), "0");
        assert_eq!(decimal_string(1e-20).unwrap(), "1e-20");
        assert_eq!(decimal_string(1.0294e-8).unwrap(), "1.0294e-8");
        assert_eq!(decimal_string(0.5).unwrap(), "0.5");
        assert!(decimal_string(f64::NAN).is_err());
        assert!(decimal_string(f64::INFINITY).is_err());
    }

    proptest! {
        #[test]
        fn a_decimal_string_is_near_its_number(mantissa in -1.0_f64..1.0, exponent in -30_i32..30) {
            let number = mantissa * 10_f64.powi(exponent);
            let text = decimal_string(number).unwrap();
            prop_assert!(text.len() <= 16);
            prop_assert!((text.parse::<f64>().unwrap() - number).abs() <= 1e-9 * number.abs());
        }
    }

    #[test]
    fn the_order_of_puts_leaves_no_trace_in_the_bytes() {
        let uids = |data_set: &mut DataSet| {
            data_set.text(Tag(0x0008, 0x0018), VR::UI, "1.2.3");
            data_set.text(Tag(0x0008, 0x0016), VR::UI, "1.2.840.10008.5.1.4.1.1.2");
        };
        let mut a = DataSet::new();
        uids(&mut a);
        a.text(Tag(0x0010, 0x0010), VR::PN, "A^B");
        let mut b = DataSet::new();
        b.text(Tag(0x0010, 0x0010), VR::PN, "A^B");
        uids(&mut b);
        assert_eq!(file(&a).unwrap(), file(&b).unwrap());
        let bytes = file(&a).unwrap();
        let at = data_set_offset(&bytes).unwrap();
        assert_eq!(bytes[at..at + 8], *b"\x08\0\x16\0UI\x1a\0");
        assert_eq!(profile_digest(&bytes).unwrap(), Digest::of(&bytes[at..]));
    }

    #[test]
    fn what_the_profile_does_not_have_is_refused() {
        let mut private = DataSet::new();
        private.text(Tag(0x0009, 0x0010), VR::LO, "VENDOR");
        assert_eq!(encode(&private, &mut Vec::new()), Err(Error::Forbidden(Tag(0x0009, 0x0010))));
        let mut unknown = DataSet::new();
        unknown.put(Tag(0x0008, 0x0070), Value::Bytes(VR::UN, vec![1]));
        assert!(encode(&unknown, &mut Vec::new()).is_err());
        assert!(profile_digest(b"too short").is_err());
    }
}
