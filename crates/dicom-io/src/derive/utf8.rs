//! A source's attributes in UTF-8, for objects whose own text its character set can't hold.

use super::{Error, SourceObject};
use crate::scan::decoder;
use crate::write::{DataSet, Value};
use dicom_core::VR;
use dicom_dictionary_std::tags;

const UTF_8: &str = "ISO_IR 192";

impl SourceObject {
    /// The same object with its text in UTF-8.
    ///
    /// # Errors
    /// When its text isn't in the character set that it declares.
    pub(crate) fn in_utf8(&self) -> Result<Self, Error> {
        let mut attributes =
            converted(self.attributes(), self.attributes().bytes(tags::SPECIFIC_CHARACTER_SET))?;
        attributes.text(tags::SPECIFIC_CHARACTER_SET, VR::CS, UTF_8);
        Ok(self.with_attributes(attributes))
    }
}

fn converted(data_set: &DataSet, declared: Option<&[u8]>) -> Result<DataSet, Error> {
    let unreadable = |reason| Error::Unreadable { reason, source: None };
    let decoder = decoder(declared).map_err(|_| unreadable("its character set is unknown"))?;
    let mut out = DataSet::new();
    for (tag, value) in data_set.iter() {
        let value = match value {
            Value::Bytes(vr, bytes) if is_text(*vr) => {
                let text =
                    decoder.decode(bytes).ok_or_else(|| unreadable("text in another character set"))?;
                Value::Bytes(*vr, text.into_bytes())
            }
            Value::Bytes(vr, bytes) => Value::Bytes(*vr, bytes.clone()),
            Value::Items(items) => {
                let items = items.iter().map(|item| {
                    // An item may declare its own set (PS3.3 C.12.1.1.2); in UTF-8 none needs to.
                    let declared = item.bytes(tags::SPECIFIC_CHARACTER_SET).or(declared);
                    let mut item = converted(item, declared)?;
                    item.remove(tags::SPECIFIC_CHARACTER_SET);
                    Ok(item)
                });
                Value::Items(items.collect::<Result<_, Error>>()?)
            }
        };
        out.put(tag, value);
    }
    Ok(out)
}

/// The representations that Specific Character Set speaks of (PS3.5 6.1.2.3).
fn is_text(vr: VR) -> bool {
    matches!(vr, VR::SH | VR::LO | VR::ST | VR::LT | VR::UC | VR::UT | VR::PN)
}
