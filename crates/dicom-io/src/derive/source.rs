//! A source instance as derived objects need it: its attributes byte for byte, and where its padding lies.

use super::Error;
use super::number::repeatable;
use crate::TransferSyntax;
use crate::pixels::stored_values;
use crate::read::split;
use crate::scan::{Scan, scan};
use crate::write::{self, DataSet, Value};
use dicom_core::dictionary::{DataDictionary as _, DataDictionaryEntry as _};
use dicom_core::header::Header as _;
use dicom_core::{Tag, VR};
use dicom_dictionary_std::{StandardDataDictionary, tags};
use dicom_encoding::transfer_syntax::TransferSyntaxIndex as _;
use dicom_parser::dataset::LazyDataToken;
use dicom_parser::dataset::lazy_read::LazyDataSetReader;
use dicom_parser::stateful::decode::StatefulDecode;
use dicom_transfer_syntax_registry::TransferSyntaxRegistry;
use imaging::Affine;
use std::io::Cursor;

const PIXEL_GROUP: u16 = 0x7FE0;
/// Transfer syntaxes that can't be lossless: JPEG baseline and extended, JPEG-LS near-lossless.
const LOSSY: [&str; 3] = ["1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51", "1.2.840.10008.1.2.4.81"];

/// A source instance.
#[derive(Debug, Clone)]
pub struct SourceObject {
    attributes: DataSet,
    lossy_transfer_syntax: bool,
    padding: Vec<bool>,
}

impl SourceObject {
    /// Reads a stored file: every standard attribute before the pixels as it was received, and the voxels that
    /// are padding. Private elements are left out.
    ///
    /// # Errors
    /// When the file can't be read or its padding can't be decoded.
    pub fn read(file: &[u8]) -> Result<Self, Error> {
        let part10 = split(file).map_err(|source| Error::unreadable("the file meta group", source))?;
        let scan = scan(&file[part10.dataset_at..], &part10.transfer_syntax_uid)
            .map_err(|source| Error::unreadable("the data set", source))?;
        let attributes = attributes(&scan)?;
        let padding = padding(&scan, &attributes)?;
        Ok(Self { attributes, lossy_transfer_syntax: LOSSY.contains(&scan.syntax.uid()), padding })
    }

    /// The same object with other attributes.
    pub(super) fn with_attributes(&self, attributes: DataSet) -> Self {
        Self { attributes, ..self.clone() }
    }

    /// Gives the attributes as they were received.
    pub(crate) fn attributes(&self) -> &DataSet {
        &self.attributes
    }

    /// Gives the SOP Class UID.
    ///
    /// # Errors
    /// When there is none.
    pub(crate) fn sop_class_uid(&self) -> Result<&str, Error> {
        self.required(tags::SOP_CLASS_UID)
    }

    /// Gives an attribute's text.
    ///
    /// # Errors
    /// When there is none.
    pub(crate) fn required(&self, tag: Tag) -> Result<&str, Error> {
        self.attributes.str(tag).ok_or(Error::Attribute(tag))
    }

    /// Gives an attribute's first `N` numbers.
    ///
    /// # Errors
    /// When there are fewer.
    pub(crate) fn numbers<const N: usize>(&self, tag: Tag) -> Result<[f64; N], Error> {
        let numbers = self.attributes.decimals(tag).ok_or(Error::Attribute(tag))?;
        numbers
            .first_chunk()
            .copied()
            .filter(|n| n.iter().all(|n| n.is_finite()))
            .ok_or(Error::Attribute(tag))
    }

    /// Gives columns and rows.
    ///
    /// # Errors
    /// When one is missing.
    pub(crate) fn matrix(&self) -> Result<[usize; 2], Error> {
        let size = |tag| self.attributes.first_unsigned_short(tag).ok_or(Error::Attribute(tag));
        Ok([usize::from(size(tags::COLUMNS)?), usize::from(size(tags::ROWS)?)])
    }

    /// Whether the pixels were ever compressed with loss.
    pub(crate) fn is_lossy(&self) -> bool {
        self.lossy_transfer_syntax || self.attributes.str(tags::LOSSY_IMAGE_COMPRESSION) == Some("01")
    }

    /// Whether the voxel at `index` of the slice is padding.
    pub fn is_padding(&self, index: usize) -> bool {
        self.padding.get(index).copied().unwrap_or(false)
    }

    /// The stored value that means "no measurement", (0028,0120).
    pub(crate) fn padding_value(&self) -> Option<i32> {
        padding_attribute(&self.attributes, tags::PIXEL_PADDING_VALUE)
    }
}

/// Whether the sources, in order of position, are the slices of a grid.
///
/// # Errors
/// When they aren't, with what differs, or an attribute is missing.
pub fn series_geometry_matches(
    sources: &[SourceObject],
    dims: [usize; 3],
    affine: &Affine,
) -> Result<(), Error> {
    if sources.len() != dims[2] {
        return Err(Error::Geometry(format!("{} sources for {} slices", sources.len(), dims[2])));
    }
    let spacing = affine.spacing();
    for (slice, source) in sources.iter().enumerate() {
        if source.matrix()? != [dims[0], dims[1]] {
            return Err(Error::Geometry(format!("slice {slice} has another matrix")));
        }
        let origin: [f64; 3] = source.numbers(tags::IMAGE_POSITION_PATIENT)?;
        let axes: [f64; 6] = source.numbers(tags::IMAGE_ORIENTATION_PATIENT)?;
        let [row_mm, column_mm]: [f64; 2] = source.numbers(tags::PIXEL_SPACING)?;
        let corner = |i: f64, j: f64| {
            [0, 1, 2].map(|r| origin[r] + axes[r] * column_mm * i + axes[r + 3] * row_mm * j)
        };
        let (last_i, last_j) = ((dims[0] - 1) as f64, (dims[1] - 1) as f64);
        for (i, j) in [(0.0, 0.0), (last_i, 0.0), (0.0, last_j)] {
            // A tenth of a voxel lets through the jitter of scanners' positions, and no swapped or flipped axis.
            let tolerance_mm = 0.1 * spacing.into_iter().fold(f64::INFINITY, f64::min);
            let placed = affine.apply([i, j, slice as f64]);
            if corner(i, j).iter().zip(placed).any(|(a, b)| (a - b).abs() > tolerance_mm) {
                return Err(Error::Geometry(format!("slice {slice} lies elsewhere in the patient")));
            }
        }
    }
    Ok(())
}

fn attributes(scan: &Scan<'_>) -> Result<DataSet, Error> {
    // The scan has inflated what came deflated.
    let uid = match scan.syntax {
        TransferSyntax::Deflated => write::TRANSFER_SYNTAX_UID,
        syntax => syntax.uid(),
    };
    let syntax = TransferSyntaxRegistry
        .get(uid)
        .ok_or(Error::Unreadable { reason: "its transfer syntax is unknown", source: None })?;
    let mut reader = LazyDataSetReader::new_with_ts(Cursor::new(&*scan.data), syntax)
        .map_err(|source| Error::unreadable("its transfer syntax", source))?;
    read_elements(&mut reader, scan.syntax.is_big_endian(), PIXEL_GROUP)
}

/// Reads elements up to the end of the item, or up to group `until`.
fn read_elements<S: StatefulDecode>(
    reader: &mut LazyDataSetReader<S>,
    swapped: bool,
    until: u16,
) -> Result<DataSet, Error> {
    let mut data_set = DataSet::new();
    while let Some(token) = reader.advance() {
        match token.map_err(|source| Error::unreadable("a data element", source))? {
            LazyDataToken::ElementHeader(header) if header.tag().group() >= until => break,
            LazyDataToken::PixelSequenceStart | LazyDataToken::ItemEnd => break,
            LazyDataToken::SequenceStart { tag, .. } => {
                let items = read_sequence(reader, swapped)?;
                if is_standard(tag, VR::SQ) {
                    data_set.items(tag, items);
                }
            }
            LazyDataToken::LazyValue { header, decoder } => {
                let mut bytes = Vec::new();
                decoder
                    .read_to_vec(header.len.0, &mut bytes)
                    .map_err(|source| Error::unreadable("a value", source))?;
                let vr = known_vr(header.tag(), header.vr());
                // What is unknown is little endian in every transfer syntax (PS3.5 6.2.2).
                let swapped = swapped && header.vr() != VR::UN;
                if is_standard(header.tag(), vr)
                    && let Some(value) = value(vr, bytes, swapped)
                {
                    data_set.put(header.tag(), value);
                }
            }
            other => other.skip().map_err(|source| Error::unreadable("a data element", source))?,
        }
    }
    Ok(data_set)
}

fn read_sequence<S: StatefulDecode>(
    reader: &mut LazyDataSetReader<S>,
    swapped: bool,
) -> Result<Vec<DataSet>, Error> {
    let mut items = Vec::new();
    while let Some(token) = reader.advance() {
        match token.map_err(|source| Error::unreadable("a sequence", source))? {
            LazyDataToken::ItemStart { .. } => items.push(read_elements(reader, swapped, u16::MAX)?),
            LazyDataToken::SequenceEnd => break,
            other => other.skip().map_err(|source| Error::unreadable("a sequence", source))?,
        }
    }
    Ok(items)
}

fn is_standard(tag: Tag, vr: VR) -> bool {
    tag.group().is_multiple_of(2) && tag.group() > 2 && tag.element() != 0 && vr != VR::UN
}

/// Whoever re-encoded the object without a dictionary wrote UN: the attribute is what the standard says.
fn known_vr(tag: Tag, vr: VR) -> VR {
    if vr != VR::UN {
        return vr;
    }
    let known = StandardDataDictionary.by_tag(tag).map(|entry| entry.vr().relaxed());
    known.filter(|known| *known != VR::SQ).unwrap_or(VR::UN)
}

/// Takes the padding off and turns numbers into little endian; `None` for text that should be a number and isn't.
fn value(vr: VR, mut bytes: Vec<u8>, swapped: bool) -> Option<Value> {
    let width = match vr {
        VR::US | VR::SS | VR::OW | VR::AT => 2,
        VR::UL | VR::SL | VR::FL | VR::OF | VR::OL => 4,
        VR::FD | VR::OD | VR::OV | VR::SV | VR::UV => 8,
        VR::OB => 1,
        _ => {
            while bytes.last().is_some_and(|&last| last == b' ' || last == 0) {
                bytes.pop();
            }
            return repeatable(vr, bytes).map(|bytes| Value::Bytes(vr, bytes));
        }
    };
    if swapped {
        bytes.chunks_mut(width).for_each(<[u8]>::reverse);
    }
    Some(Value::Bytes(vr, bytes))
}

/// Finds the voxels that are padding, (0028,0120) to (0028,0121); none when the source names no padding.
fn padding(scan: &Scan<'_>, attributes: &DataSet) -> Result<Vec<bool>, Error> {
    let Some(from) = scan.header.image.as_ref().and_then(|image| image.padding) else {
        return Ok(Vec::new());
    };
    let to = padding_attribute(attributes, tags::PIXEL_PADDING_RANGE_LIMIT).unwrap_or(from);
    let pixels = stored_values(scan).map_err(|why| Error::unreadable("its pixels", why))?;
    Ok(pixels.into_iter().map(|pixel| (from.min(to)..=from.max(to)).contains(&pixel)).collect())
}

/// A padding attribute, which is signed as the pixels are.
fn padding_attribute(attributes: &DataSet, tag: Tag) -> Option<i32> {
    let raw = attributes.first_unsigned_short(tag)?;
    let signed = attributes.first_unsigned_short(tags::PIXEL_REPRESENTATION) == Some(1);
    Some(if signed { i32::from(raw.cast_signed()) } else { i32::from(raw) })
}
