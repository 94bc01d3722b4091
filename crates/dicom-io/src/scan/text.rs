//! Values out of raw bytes: text in the declared character sets, UIDs, numbers.

use crate::{TransferSyntax, Unusable};
use dicom_core::Tag;
use dicom_encoding::text::{SpecificCharacterSet, TextCodec};

const ESCAPE: u8 = 0x1B;

/// The character sets of a data set.
pub(crate) struct Decoder {
    default: SpecificCharacterSet,
    extended: bool,
}

/// Reads Specific Character Set (0008,0005); absent means the default repertoire.
pub(crate) fn decoder(value: Option<&[u8]>) -> Result<Decoder, Unusable> {
    let value = value.map(trim).unwrap_or_default();
    let names = std::str::from_utf8(value).map_err(|_| Unusable::CharacterSet)?;
    let mut sets = names.split('\\').map(|name| match name.trim() {
        "" => Ok(SpecificCharacterSet::default()),
        name => SpecificCharacterSet::from_code(name).ok_or(Unusable::CharacterSet),
    });
    let default = sets.next().expect("splitting gives at least one part")?;
    let others = sets.collect::<Result<Vec<_>, _>>()?;
    Ok(Decoder { default, extended: !others.is_empty() || names.contains("2022") })
}

impl Decoder {
    /// Gives the bytes of a text in the first of these character sets; `None` when it can't hold the text.
    pub(crate) fn encode(&self, text: &str) -> Option<Vec<u8>> {
        let bytes = self.default.encode(text).ok()?;
        (self.decode(&bytes)? == text).then_some(bytes)
    }

    /// Gives the text; `None` when the bytes aren't text in these character sets.
    pub(crate) fn decode(&self, bytes: &[u8]) -> Option<String> {
        if !self.extended || !bytes.contains(&ESCAPE) {
            return self.default.decode(bytes).ok();
        }
        let mut text = String::new();
        // An escape sequence holds until the next one, or until a delimiter brings the first set back (PS3.5 6.1.2.5.3).
        for (index, part) in split_keeping(bytes, |byte| byte == ESCAPE).enumerate() {
            if index == 0 {
                text.push_str(&self.default.decode(part).ok()?);
                continue;
            }
            let (set, length) = designated(part)?;
            let keeps_escape = set == "ISO 2022 IR 87";
            let codec = SpecificCharacterSet::from_code(set)?;
            let end = part
                .iter()
                .enumerate()
                .skip(length)
                .find(|(_, byte)| matches!(byte, b'^' | b'=' | b'\\' | b'\r' | b'\n') && !keeps_escape)
                .map_or(part.len(), |(at, _)| at);
            text.push_str(&codec.decode(&part[if keeps_escape { 0 } else { length }..end]).ok()?);
            text.push_str(&self.default.decode(&part[end..]).ok()?);
        }
        Some(text)
    }
}

/// Gives the character set that an escape sequence designates, and its length (PS3.3 tables C.12-3 and C.12-4).
fn designated(part: &[u8]) -> Option<(&'static str, usize)> {
    Some(match part.get(1..)? {
        [b'(', b'B', ..] => ("ISO_IR 6", 3),
        [b'(', b'J', ..] | [b')', b'I', ..] => ("ISO_IR 13", 3),
        [b'-', b'A', ..] => ("ISO_IR 100", 3),
        [b'-', b'B', ..] => ("ISO_IR 101", 3),
        [b'-', b'C', ..] => ("ISO_IR 109", 3),
        [b'-', b'D', ..] => ("ISO_IR 110", 3),
        [b'-', b'F', ..] => ("ISO_IR 126", 3),
        [b'-', b'G', ..] => ("ISO_IR 127", 3),
        [b'-', b'H', ..] => ("ISO_IR 138", 3),
        [b'-', b'L', ..] => ("ISO_IR 144", 3),
        [b'-', b'T', ..] => ("ISO_IR 166", 3),
        [b'$', b'B', ..] => ("ISO 2022 IR 87", 3),
        [b'$', b')', b'C', ..] => ("ISO 2022 IR 149", 4),
        [b'$', b')', b'A', ..] => ("ISO 2022 IR 58", 4),
        _ => return None,
    })
}

/// Splits before every byte that `starts` a part; the first part is what comes before.
fn split_keeping(bytes: &[u8], starts: impl Fn(u8) -> bool) -> impl Iterator<Item = &[u8]> {
    let mut cuts: Vec<usize> =
        bytes.iter().enumerate().filter(|(_, byte)| starts(**byte)).map(|(at, _)| at).collect();
    cuts.insert(0, 0);
    cuts.push(bytes.len());
    (0..cuts.len() - 1).map(move |index| &bytes[cuts[index]..cuts[index + 1]])
}

/// Takes the padding off both ends.
pub(crate) fn trim(value: &[u8]) -> &[u8] {
    let padding = |byte: &u8| *byte == b' ' || *byte == 0;
    let start = value.iter().position(|byte| !padding(byte)).unwrap_or(value.len());
    let end = value.iter().rposition(|byte| !padding(byte)).map_or(start, |at| at + 1);
    &value[start..end]
}

/// Access to the root values of a data set.
pub(super) struct Text<'a> {
    pub(super) raw: &'a dyn Fn(Tag) -> Option<&'a [u8]>,
    pub(super) decoder: Decoder,
    pub(super) syntax: TransferSyntax,
}

impl Text<'_> {
    fn trimmed(&self, tag: Tag) -> &[u8] {
        (self.raw)(tag).map(trim).unwrap_or_default()
    }

    pub(super) fn is_present(&self, tag: Tag) -> bool {
        (self.raw)(tag).is_some()
    }

    /// Text; empty when absent.
    pub(super) fn text(&self, tag: Tag) -> Result<String, Unusable> {
        let why = "its bytes aren't text in the declared character set";
        self.decoder.decode(self.trimmed(tag)).ok_or(Unusable::Value { tag, why })
    }

    /// A number in text as it is written, for what nothing may be refused for; empty when absent. What no number has
    /// stands as `?`.
    pub(super) fn written(&self, tag: Tag) -> String {
        let part = |byte: &u8| if byte.is_ascii_graphic() || *byte == b' ' { char::from(*byte) } else { '?' };
        self.trimmed(tag).iter().map(part).collect()
    }

    pub(super) fn list(&self, tag: Tag) -> Result<Vec<String>, Unusable> {
        let text = self.text(tag)?;
        Ok(if text.is_empty() { Vec::new() } else { text.split('\\').map(|v| v.trim().to_owned()).collect() })
    }

    /// A required UID.
    pub(super) fn uid(&self, tag: Tag) -> Result<String, Unusable> {
        let value = self.trimmed(tag);
        if value.is_empty() {
            return Err(Unusable::Missing(tag));
        }
        check_uid(value).map_err(|why| Unusable::Uid { tag, why })?;
        Ok(String::from_utf8(value.to_vec()).expect("digits and dots are text"))
    }

    /// The first value of a decimal string.
    pub(super) fn decimal(&self, tag: Tag) -> Result<Option<f64>, Unusable> {
        let value = self.trimmed(tag);
        let first = value.split(|byte| *byte == b'\\').next().unwrap_or_default();
        if first.is_empty() { Ok(None) } else { number(tag, first).map(Some) }
    }

    /// Exactly `N` decimal strings.
    pub(super) fn decimals<const N: usize>(&self, tag: Tag) -> Result<Option<[f64; N]>, Unusable> {
        let value = self.trimmed(tag);
        if value.is_empty() {
            return Ok(None);
        }
        let numbers: Vec<f64> =
            value.split(|byte| *byte == b'\\').map(|part| number(tag, part)).collect::<Result<_, _>>()?;
        let why = "it hasn't the right number of values";
        numbers.try_into().map(Some).map_err(|_| Unusable::Value { tag, why })
    }

    /// An integer string.
    pub(super) fn integer(&self, tag: Tag) -> Result<Option<i32>, Unusable> {
        let value = self.trimmed(tag);
        if value.is_empty() {
            return Ok(None);
        }
        let parsed = std::str::from_utf8(value).ok().and_then(|text| text.trim().parse().ok());
        parsed.map(Some).ok_or(Unusable::Value { tag, why: "it is no integer of 32 bits" })
    }

    /// An unsigned short.
    pub(super) fn unsigned(&self, tag: Tag) -> Result<Option<u16>, Unusable> {
        let Some(value) = (self.raw)(tag) else { return Ok(None) };
        let bytes: [u8; 2] =
            value.try_into().map_err(|_| Unusable::Value { tag, why: "it isn't one number of 16 bits" })?;
        let big = self.syntax.is_big_endian();
        Ok(Some(if big { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) }))
    }

    pub(super) fn required(&self, tag: Tag) -> Result<u16, Unusable> {
        self.unsigned(tag)?.ok_or(Unusable::Missing(tag))
    }

    /// A pixel value of 16 bits, signed as the pixels are; `None` when absent or of another size.
    pub(super) fn pixel_value(&self, tag: Tag, signed: bool) -> Result<Option<i32>, Unusable> {
        let value = self.unsigned(tag)?;
        Ok(value.map(|bits| if signed { i32::from(bits.cast_signed()) } else { i32::from(bits) }))
    }
}

fn number(tag: Tag, value: &[u8]) -> Result<f64, Unusable> {
    let parsed = std::str::from_utf8(trim(value)).ok().and_then(|text| text.parse::<f64>().ok());
    parsed.filter(|number| number.is_finite()).ok_or(Unusable::Value { tag, why: "it is no finite number" })
}

/// Checks a UID (PS3.5 chapter 9).
pub(crate) fn check_uid(uid: &[u8]) -> Result<(), &'static str> {
    if uid.is_empty() {
        return Err("it is empty");
    }
    if uid.len() > 64 {
        return Err("it is longer than 64 characters");
    }
    if !uid.iter().all(|byte| byte.is_ascii_digit() || *byte == b'.') {
        return Err("it has characters other than digits and dots");
    }
    for component in uid.split(|byte| *byte == b'.') {
        match component {
            [] => return Err("it has an empty component"),
            [b'0', _, ..] => return Err("a component starts with a zero"),
            _ => {}
        }
    }
    Ok(())
}
