//! The walk over elements and items, with a stack of its own instead of recursion.

use super::{DEPTH_MAX, ELEMENTS_MAX, Found, PixelSpan, header};
use crate::{TransferSyntax, Unusable};
use dicom_core::dictionary::{DataDictionary, DataDictionaryEntry};
use dicom_core::{Tag, VR};
use dicom_dictionary_std::{StandardDataDictionary, tags};

const UNDEFINED: u32 = u32::MAX;
const ITEM: Tag = Tag(0xFFFE, 0xE000);
const ITEM_END: Tag = Tag(0xFFFE, 0xE00D);
const SEQUENCE_END: Tag = Tag(0xFFFE, 0xE0DD);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Sequence,
    Item,
}

/// What is open around the current position.
struct Level {
    kind: Kind,
    /// Where it ends; `None` when a delimiter ends it.
    end: Option<usize>,
    /// UN with undefined length is encoded as Implicit VR Little Endian whatever the transfer syntax (PS3.5 6.2.2).
    implicit: bool,
}

struct Walker<'a> {
    data: &'a [u8],
    syntax: TransferSyntax,
    at: usize,
    levels: Vec<Level>,
    elements: usize,
    previous: Option<Tag>,
    found: Found,
    /// Where the elements of the root stand, for whoever wants to know.
    roots: Option<Vec<Root>>,
}

/// An element of the root: it ends where the next one starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Root {
    pub(crate) tag: Tag,
    pub(crate) vr: VR,
    /// Where its tag is.
    pub(crate) start: usize,
    /// Where its value, or its first item, is.
    pub(crate) value_at: usize,
}

/// Walks a whole data set.
pub(super) fn walk(data: &[u8], syntax: TransferSyntax) -> Result<Found, Unusable> {
    let mut walker = Walker::new(data, syntax);
    walker.run()?;
    Ok(walker.found)
}

/// Walks a data set up to where it breaks, if it does.
pub(super) fn walk_as_far(data: &[u8], syntax: TransferSyntax) -> Found {
    let mut walker = Walker::new(data, syntax);
    // What stands before the break is read all the same.
    let _ = walker.run();
    walker.found
}

/// Walks a whole data set and gives its elements in their order.
pub(crate) fn roots(data: &[u8], syntax: TransferSyntax) -> Result<Vec<Root>, Unusable> {
    let mut walker = Walker { roots: Some(Vec::new()), ..Walker::new(data, syntax) };
    walker.run()?;
    Ok(walker.roots.unwrap_or_default())
}

impl<'a> Walker<'a> {
    fn new(data: &'a [u8], syntax: TransferSyntax) -> Self {
        Self {
            data,
            syntax,
            at: 0,
            levels: Vec::new(),
            elements: 0,
            previous: None,
            found: Found::default(),
            roots: None,
        }
    }

    fn run(&mut self) -> Result<(), Unusable> {
        while self.close_finished()? || self.at < self.data.len() {
            self.step()?;
        }
        Ok(())
    }

    /// Closes levels of defined length that end here, and says whether any level is still open.
    fn close_finished(&mut self) -> Result<bool, Unusable> {
        while let Some(Level { end: Some(end), .. }) = self.levels.last() {
            if self.at < *end {
                break;
            }
            self.levels.pop();
        }
        if self.at >= self.data.len() && !self.levels.is_empty() {
            return Err(self.broken("the data set ends inside a sequence"));
        }
        Ok(!self.levels.is_empty())
    }

    fn step(&mut self) -> Result<(), Unusable> {
        self.elements += 1;
        if self.elements > ELEMENTS_MAX {
            return Err(Unusable::TooManyElements(ELEMENTS_MAX));
        }
        match self.levels.last().map(|level| level.kind) {
            Some(Kind::Sequence) => self.item(),
            Some(Kind::Item) | None => self.element(),
        }
    }

    fn item(&mut self) -> Result<(), Unusable> {
        let tag = self.tag()?;
        let length = self.u32(tag)?;
        let level = self.levels.last().expect("an item is read inside a sequence");
        let (implicit, delimited) = (level.implicit, level.end.is_none());
        match tag {
            ITEM => self.open(Kind::Item, tag, length, implicit),
            SEQUENCE_END if delimited => {
                self.levels.pop();
                Ok(())
            }
            _ => Err(self.broken("something other than an item stands in a sequence")),
        }
    }

    fn element(&mut self) -> Result<(), Unusable> {
        let start = self.at;
        let tag = self.tag()?;
        if tag == ITEM_END {
            self.u32(tag)?;
            return match self.levels.pop() {
                Some(Level { kind: Kind::Item, end: None, .. }) => Ok(()),
                _ => Err(self.broken("an item ends that wasn't open")),
            };
        }
        match tag.group() {
            0xFFFE => return Err(self.broken("a delimiter stands among elements")),
            0x0000 | 0x0002 => return Err(Unusable::ForeignGroup(tag)),
            _ => {}
        }
        let implicit = self.levels.last().map_or(self.syntax.is_implicit(), |level| level.implicit);
        let (vr, length) = if implicit { self.implicit_header(tag)? } else { self.explicit_header(tag)? };
        if self.levels.is_empty() {
            if self.previous.is_some_and(|previous| previous >= tag) {
                return Err(Unusable::Order(tag));
            }
            self.previous = Some(tag);
            let value_at = self.at;
            if let Some(roots) = &mut self.roots {
                roots.push(Root { tag, vr, start, value_at });
            }
            if tag == tags::PIXEL_DATA {
                return self.pixel_data(vr, length);
            }
        }
        let is_sequence = vr == VR::SQ || (vr == VR::UN && length == UNDEFINED);
        if is_sequence && self.levels.is_empty() && header::WANTED.contains(&tag) {
            // Only that it is there matters; its items are walked like all others.
            self.found.values.insert(tag, self.at..self.at);
        }
        match (vr, length) {
            (VR::SQ, _) => self.open(Kind::Sequence, tag, length, implicit),
            (VR::UN, UNDEFINED) => self.open(Kind::Sequence, tag, length, true),
            (_, UNDEFINED) => Err(self.broken("a value that is no sequence has an undefined length")),
            _ => self.value(tag, length),
        }
    }

    fn value(&mut self, tag: Tag, length: u32) -> Result<(), Unusable> {
        let start = self.at;
        self.at = self.end_of(tag, length)?;
        if self.levels.is_empty() && header::WANTED.contains(&tag) {
            if length > header::VALUE_BYTES_MAX {
                return Err(Unusable::Value { tag, why: "it is longer than any real value" });
            }
            self.found.values.insert(tag, start..self.at);
        }
        Ok(())
    }

    fn pixel_data(&mut self, vr: VR, length: u32) -> Result<(), Unusable> {
        let start = self.at;
        self.found.pixels = Some(match (length, self.syntax.is_encapsulated()) {
            (UNDEFINED, true) => PixelSpan::Fragments(self.fragments()?),
            (UNDEFINED, false) => {
                return Err(self.broken("pixel data is encapsulated in a native transfer syntax"));
            }
            (_, true) => return Err(self.broken("pixel data is native in a compressed transfer syntax")),
            (_, false) => {
                self.at = self.end_of(tags::PIXEL_DATA, length)?;
                PixelSpan::Native { bytes: start..self.at, words: vr == VR::OW }
            }
        });
        Ok(())
    }

    fn fragments(&mut self) -> Result<Vec<std::ops::Range<usize>>, Unusable> {
        let mut fragments = Vec::new();
        loop {
            self.elements += 1;
            if self.elements > ELEMENTS_MAX {
                return Err(Unusable::TooManyElements(ELEMENTS_MAX));
            }
            let tag = self.tag()?;
            let length = self.u32(tag)?;
            match tag {
                ITEM => {
                    let start = self.at;
                    self.at = self.end_of(tag, length)?;
                    fragments.push(start..self.at);
                }
                SEQUENCE_END => break,
                _ => return Err(self.broken("something other than a fragment stands in pixel data")),
            }
        }
        if fragments.is_empty() {
            return Err(self.broken("encapsulated pixel data has no offset table"));
        }
        fragments.remove(0);
        Ok(fragments)
    }

    fn open(&mut self, kind: Kind, tag: Tag, length: u32, implicit: bool) -> Result<(), Unusable> {
        let sequences = self.levels.iter().filter(|level| level.kind == Kind::Sequence).count();
        if sequences + usize::from(kind == Kind::Sequence) > DEPTH_MAX {
            return Err(Unusable::TooDeep(DEPTH_MAX));
        }
        let end = if length == UNDEFINED { None } else { Some(self.end_of(tag, length)?) };
        self.levels.push(Level { kind, end, implicit });
        Ok(())
    }

    /// Gives where `length` bytes from here end, if they fit into everything that is open.
    fn end_of(&self, tag: Tag, length: u32) -> Result<usize, Unusable> {
        let limit = self.levels.iter().rev().find_map(|level| level.end).unwrap_or(self.data.len());
        let left = limit.saturating_sub(self.at) as u64;
        if u64::from(length) > left {
            return Err(Unusable::Truncated { tag, claimed: u64::from(length), left });
        }
        Ok(self.at + length as usize)
    }

    fn implicit_header(&mut self, tag: Tag) -> Result<(VR, u32), Unusable> {
        let length = self.u32(tag)?;
        let vr = StandardDataDictionary.by_tag(tag).map_or(VR::UN, |entry| entry.vr().relaxed());
        Ok((vr, length))
    }

    fn explicit_header(&mut self, tag: Tag) -> Result<(VR, u32), Unusable> {
        let code = self.take::<2>(tag)?;
        let vr = VR::from_binary(code).ok_or_else(|| self.broken("an element has no known VR"))?;
        let long = matches!(
            vr,
            VR::OB
                | VR::OD
                | VR::OF
                | VR::OL
                | VR::OV
                | VR::OW
                | VR::SQ
                | VR::SV
                | VR::UC
                | VR::UN
                | VR::UR
                | VR::UT
                | VR::UV
        );
        if long {
            self.take::<2>(tag)?;
            return Ok((vr, self.u32(tag)?));
        }
        Ok((vr, u32::from(self.u16(tag)?)))
    }

    fn tag(&mut self) -> Result<Tag, Unusable> {
        let unknown = Tag(0, 0);
        Ok(Tag(self.u16(unknown)?, self.u16(unknown)?))
    }

    fn u16(&mut self, tag: Tag) -> Result<u16, Unusable> {
        let bytes = self.take(tag)?;
        Ok(if self.syntax.is_big_endian() { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) })
    }

    fn u32(&mut self, tag: Tag) -> Result<u32, Unusable> {
        let bytes = self.take(tag)?;
        Ok(if self.syntax.is_big_endian() { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) })
    }

    fn take<const N: usize>(&mut self, tag: Tag) -> Result<[u8; N], Unusable> {
        let end = self.end_of(tag, N as u32)?;
        let bytes = self.data[self.at..end].try_into().expect("end_of gave exactly N bytes");
        self.at = end;
        Ok(bytes)
    }

    fn broken(&self, what: &'static str) -> Unusable {
        Unusable::Structure { at: self.at, what }
    }
}
