//! Elements and items as a transfer syntax encodes them.

use crate::{Tag, TransferSyntax, VR};

const ITEM: Tag = Tag(0xFFFE, 0xE000);

/// Writes in one transfer syntax; a deflated one is written plain.
#[derive(Clone, Copy)]
pub(super) struct Writer(pub(super) TransferSyntax);

impl Writer {
    pub(super) fn short(self, number: u16) -> [u8; 2] {
        if self.0.is_big_endian() { number.to_be_bytes() } else { number.to_le_bytes() }
    }

    fn long(self, length: usize) -> [u8; 4] {
        let length = u32::try_from(length).expect("a few corrected attributes are some hundred bytes");
        if self.0.is_big_endian() { length.to_be_bytes() } else { length.to_le_bytes() }
    }

    pub(super) fn tag(self, tag: Tag) -> [u8; 4] {
        let ([a, b], [c, d]) = (self.short(tag.group()), self.short(tag.element()));
        [a, b, c, d]
    }

    /// An element, its value padded to an even length.
    pub(super) fn element(self, tag: Tag, vr: VR, value: &[u8]) -> Vec<u8> {
        let length = value.len().next_multiple_of(2);
        let mut bytes = self.tag(tag).to_vec();
        if self.0.is_implicit() {
            bytes.extend(self.long(length));
        } else if matches!(vr, VR::SQ | VR::OB) {
            bytes.extend(vr.to_bytes());
            bytes.extend([0, 0]);
            bytes.extend(self.long(length));
        } else {
            bytes.extend(vr.to_bytes());
            bytes.extend(self.short(u16::try_from(length).expect("checked values are short")));
        }
        bytes.extend_from_slice(value);
        bytes
            .resize(bytes.len() + length - value.len(), if matches!(vr, VR::UI | VR::OB) { 0 } else { b' ' });
        bytes
    }

    /// An item of these elements.
    pub(super) fn item(self, elements: &[Vec<u8>]) -> Vec<u8> {
        let content = elements.concat();
        let mut bytes = self.tag(ITEM).to_vec();
        bytes.extend(self.long(content.len()));
        bytes.extend(content);
        bytes
    }
}
