//! Looks over the raw bytes of a data set before anything else does.
//!
//! The walk allocates nothing by declared lengths and doesn't recurse, so that hostile bytes cost no more than their
//! own size. What passes it is well-formed down to the last element; what intake, geometry and pixel decoding need is
//! in [`Header`] and [`PixelSpan`], so that received data sets are never handed to a general parser before.
//!
//! # Source
//! PS3.5 chapter 7 (elements, sequences), annex A (encodings of pixel data).

mod header;
mod text;
mod walk;

pub use header::{Header, Image, Plane};
pub(crate) use text::{Decoder, check_uid, decoder, trim};
pub(crate) use walk::{Root, roots};

use crate::{TransferSyntax, Unusable};
use dicom_core::Tag;
use dicom_dictionary_std::tags;
use flate2::read::DeflateDecoder;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::Read;
use std::ops::Range;

/// How deep sequences may nest: real reports reach about 10.
pub const DEPTH_MAX: usize = 32;
/// How many elements and items a data set may have: an enhanced series of 10,000 frames has about 600,000.
pub const ELEMENTS_MAX: usize = 1_000_000;
/// To how many bytes a deflated data set may grow, whatever its ratio.
pub const INFLATED_BYTES_MAX: u64 = 1 << 30;
/// How many times its size a deflated data set may grow to: text and empty images reach about 100.
pub const INFLATED_RATIO_MAX: u64 = 200;

/// Where the pixel data lies in [`Scan::data`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PixelSpan {
    /// One run of bytes.
    Native {
        /// Where they are.
        bytes: Range<usize>,
        /// Whether they are words of 16 bits, whatever the size of a pixel: in big endian their bytes are swapped.
        words: bool,
    },
    /// Compressed fragments, without the basic offset table.
    Fragments(Vec<Range<usize>>),
}

/// A data set that is well-formed.
#[derive(Debug)]
pub struct Scan<'a> {
    /// The data set, inflated where it came deflated.
    pub data: Cow<'a, [u8]>,
    /// How it is encoded.
    pub syntax: TransferSyntax,
    /// The attributes that the program reads.
    pub header: Header,
    /// Where the pixel data is, when it has any.
    pub pixels: Option<PixelSpan>,
}

/// What the walk finds: root values that [`Header`] wants, and the pixel data.
#[derive(Debug, Default)]
struct Found {
    values: BTreeMap<Tag, Range<usize>>,
    pixels: Option<PixelSpan>,
}

/// Scans a data set (the bytes after group 0002).
///
/// # Errors
/// The first reason for which it can't be used.
pub fn scan<'a>(dataset: &'a [u8], transfer_syntax_uid: &str) -> Result<Scan<'a>, Unusable> {
    let syntax = TransferSyntax::from_uid(transfer_syntax_uid)
        .ok_or_else(|| Unusable::TransferSyntax(transfer_syntax_uid.chars().take(64).collect()))?;
    let data = plain(dataset, syntax)?;
    let found = walk::walk(&data, syntax)?;
    let header = Header::read(&data, syntax, &found)?;
    Ok(Scan { data, syntax, header, pixels: found.pixels })
}

/// Whether a data set is well-formed, whatever it holds: what a general parser may see.
pub(crate) fn is_well_formed(dataset: &[u8], transfer_syntax_uid: &str) -> bool {
    let syntax = TransferSyntax::from_uid(transfer_syntax_uid);
    syntax.is_some_and(|syntax| walk::walk(dataset, syntax).is_ok())
}

/// Gives the UID by which objects that can't be used are put together: that of the study where it can be read, else of
/// the series, else of the object itself; `None` when none can.
pub fn belongs_to(file: &[u8]) -> Option<String> {
    let part10 = crate::read::split(file).ok()?;
    let syntax = TransferSyntax::from_uid(&part10.transfer_syntax_uid)?;
    let data = plain(&file[part10.dataset_at..], syntax).ok()?;
    let found = walk::walk_as_far(&data, syntax);
    let uid = |tag: &Tag| {
        let value = text::trim(&data[found.values.get(tag)?.clone()]);
        check_uid(value).ok()?;
        String::from_utf8(value.to_vec()).ok()
    };
    [tags::STUDY_INSTANCE_UID, tags::SERIES_INSTANCE_UID, tags::SOP_INSTANCE_UID].iter().find_map(uid)
}

/// Gives a data set as it is, or inflated where it is deflated.
pub(crate) fn plain(dataset: &[u8], syntax: TransferSyntax) -> Result<Cow<'_, [u8]>, Unusable> {
    Ok(match syntax {
        TransferSyntax::Deflated => Cow::Owned(inflate(dataset)?),
        _ => Cow::Borrowed(dataset),
    })
}

fn inflate(dataset: &[u8]) -> Result<Vec<u8>, Unusable> {
    let limit = (dataset.len() as u64 * INFLATED_RATIO_MAX + 1024).min(INFLATED_BYTES_MAX);
    let mut data = Vec::new();
    DeflateDecoder::new(dataset)
        .take(limit + 1)
        .read_to_end(&mut data)
        .map_err(|_| Unusable::Deflate(limit))?;
    if data.len() as u64 > limit { Err(Unusable::Deflate(limit)) } else { Ok(data) }
}

#[cfg(test)]
mod tests;
