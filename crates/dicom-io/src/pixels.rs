//! Stored pixel values of one frame, whatever the transfer syntax.
//!
//! Native values are read here; JPEG and JPEG 2000 frames go to the library once their own header has been compared
//! with the image attributes; RLE is decoded in [`crate::rle`]. Values are masked to Bits Stored and sign-extended here
//! for every syntax, because decoders differ in whether they do it (pydicom/pydicom#2009).

use crate::scan::{Image, PixelSpan, Scan};
use crate::{TransferSyntax, rle};
use dicom_core::value::C;
use dicom_encoding::adapters::{PixelDataObject, RawPixelData};
use dicom_encoding::transfer_syntax::{Codec, TransferSyntaxIndex};
use dicom_transfer_syntax_registry::TransferSyntaxRegistry;
use std::borrow::Cow;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// The largest frame that is decoded: 8192 × 8192 pixels.
const PIXELS_MAX: usize = 1 << 26;

/// Gives the stored values of a single-frame image of one sample per pixel, row by row.
///
/// # Errors
/// Why they can't be had, in words without values.
pub(crate) fn stored_values(scan: &Scan<'_>) -> Result<Vec<i32>, String> {
    let (Some(image), Some(pixels)) = (&scan.header.image, &scan.pixels) else {
        return Err("it has no pixels".into());
    };
    if image.frames != 1 || image.samples_per_pixel != 1 {
        return Err(format!("{} frames of {} samples per pixel", image.frames, image.samples_per_pixel));
    }
    if image.high_bit + 1 != image.bits_stored || !matches!(image.bits_allocated, 8 | 16 | 32) {
        return Err(format!(
            "{} bits allocated, {} stored, high bit {}",
            image.bits_allocated, image.bits_stored, image.high_bit
        ));
    }
    let count = usize::from(image.rows) * usize::from(image.columns);
    if count > PIXELS_MAX {
        return Err(format!("{} rows and {} columns", image.rows, image.columns));
    }
    let width = usize::from(image.bits_allocated / 8);
    match pixels {
        PixelSpan::Native { bytes, words } => {
            let big_endian = scan.syntax.is_big_endian();
            let mut bytes = Cow::Borrowed(&scan.data[bytes.clone()]);
            if big_endian && *words && width == 1 {
                // Two pixels share a word (PS3.5 8.1.1).
                bytes.to_mut().chunks_exact_mut(2).for_each(<[u8]>::reverse);
            }
            bytes
                .get(..count * width)
                .map(|bytes| values(bytes, image, big_endian))
                .ok_or_else(|| "pixel data breaks off".into())
        }
        PixelSpan::Fragments(fragments) => {
            let frame = Frame { image, syntax: scan.syntax, bytes: frame_bytes(scan, fragments) };
            let bytes = frame.decode(count, width)?;
            Ok(values(&bytes, image, false))
        }
    }
}

fn frame_bytes<'a>(scan: &'a Scan<'_>, fragments: &[Range<usize>]) -> Cow<'a, [u8]> {
    match fragments {
        [only] => Cow::Borrowed(&scan.data[only.clone()]),
        many => Cow::Owned(many.iter().flat_map(|range| &scan.data[range.clone()]).copied().collect()),
    }
}

/// Masks to Bits Stored and extends the sign.
fn values(bytes: &[u8], image: &Image, big_endian: bool) -> Vec<i32> {
    let unused = 32 - u32::from(image.bits_stored);
    let extend = |bits: u32| {
        let top = bits << unused;
        if image.signed { top.cast_signed() >> unused } else { (top >> unused).cast_signed() }
    };
    match image.bits_allocated {
        8 => bytes.iter().map(|byte| extend(u32::from(*byte))).collect(),
        16 => words(
            bytes,
            |b| u32::from(if big_endian { u16::from_be_bytes(b) } else { u16::from_le_bytes(b) }),
            extend,
        ),
        _ => words(bytes, |b| if big_endian { u32::from_be_bytes(b) } else { u32::from_le_bytes(b) }, extend),
    }
}

fn words<const N: usize>(
    bytes: &[u8],
    word: impl Fn([u8; N]) -> u32,
    extend: impl Fn(u32) -> i32,
) -> Vec<i32> {
    bytes
        .chunks_exact(N)
        .map(|chunk| extend(word(chunk.try_into().expect("chunks_exact gives N bytes"))))
        .collect()
}

/// One compressed frame, as the library wants to see it.
struct Frame<'a> {
    image: &'a Image,
    syntax: TransferSyntax,
    bytes: Cow<'a, [u8]>,
}

impl Frame<'_> {
    /// Gives `count` little-endian samples of `width` bytes.
    fn decode(&self, count: usize, width: usize) -> Result<Vec<u8>, String> {
        if self.syntax == TransferSyntax::Rle {
            return rle::decode(&self.bytes, count, width).map_err(str::to_owned);
        }
        self.check_size()?;
        let registered =
            TransferSyntaxRegistry.get(self.syntax.uid()).map(dicom_encoding::TransferSyntax::codec);
        let Some(Codec::EncapsulatedPixelData(Some(reader), _)) = registered else {
            return Err(format!("no decoder for transfer syntax {}", self.syntax.uid()));
        };
        let decode = || {
            let mut samples = Vec::new();
            reader.decode_frame(self, 0, &mut samples).map(|()| samples)
        };
        let samples = catch_unwind(AssertUnwindSafe(decode))
            .map_err(|_| "the decoder gave up".to_owned())?
            .map_err(|error| error.to_string())?;
        if samples.len() == count * width {
            Ok(samples)
        } else {
            Err(format!("{} bytes were decoded where {} were expected", samples.len(), count * width))
        }
    }

    /// Compares the size in the frame's own header with the attributes, before a decoder allocates by it.
    fn check_size(&self) -> Result<(), String> {
        let size = match self.syntax {
            TransferSyntax::Jpeg2000 | TransferSyntax::Jpeg2000Lossless => jpeg_2000_size(&self.bytes),
            _ => jpeg_size(&self.bytes),
        };
        let (rows, columns, precision) = size.ok_or("the frame has no readable header")?;
        if (rows, columns) != (u32::from(self.image.rows), u32::from(self.image.columns)) {
            return Err(format!(
                "the frame has {rows} rows and {columns} columns where the attributes say {} and {}",
                self.image.rows, self.image.columns
            ));
        }
        if u16::from(precision).div_ceil(8) * 8 != self.image.bits_allocated {
            return Err(format!(
                "the frame has {precision} bits per sample where {} are allocated",
                self.image.bits_allocated
            ));
        }
        Ok(())
    }
}

/// Rows, columns and precision out of the first frame header (ISO/IEC 10918-1 B.2.2).
fn jpeg_size(frame: &[u8]) -> Option<(u32, u32, u8)> {
    let mut at = 2;
    loop {
        let (marker, code) = (*frame.get(at)?, *frame.get(at + 1)?);
        if marker != 0xFF {
            return None;
        }
        if code == 0xFF {
            at += 1;
            continue;
        }
        let word = |at: usize| frame.get(at..at + 2).map(|b| u16::from_be_bytes([b[0], b[1]]));
        if matches!(code, 0xC0..=0xCF) && !matches!(code, 0xC4 | 0xC8 | 0xCC) {
            return Some((u32::from(word(at + 5)?), u32::from(word(at + 7)?), *frame.get(at + 4)?));
        }
        at += 2 + usize::from(word(at + 2)?);
    }
}

/// Rows, columns and precision out of the SIZ segment (ISO/IEC 15444-1 A.5.1), which follows the start of the
/// codestream at once; only one tile grid that starts at the origin is taken.
fn jpeg_2000_size(frame: &[u8]) -> Option<(u32, u32, u8)> {
    let start = frame.windows(4).take(1024).position(|bytes| bytes == [0xFF, 0x4F, 0xFF, 0x51])?;
    let siz = frame.get(start + 4..start + 43)?;
    let long = |at: usize| u32::from_be_bytes([siz[at], siz[at + 1], siz[at + 2], siz[at + 3]]);
    let components = u16::from_be_bytes([siz[36], siz[37]]);
    let (columns, rows) = (long(4).checked_sub(long(12))?, long(8).checked_sub(long(16))?);
    let tiles = u64::from(columns.div_ceil(long(20).max(1))) * u64::from(rows.div_ceil(long(24).max(1)));
    // A million tiles of one pixel decode for hours.
    if components != 1 || tiles > 4096 {
        return None;
    }
    Some((rows, columns, (siz[38] & 0x7F) + 1))
}

impl PixelDataObject for Frame<'_> {
    fn transfer_syntax_uid(&self) -> &str {
        self.syntax.uid()
    }

    fn rows(&self) -> Option<u16> {
        Some(self.image.rows)
    }

    fn cols(&self) -> Option<u16> {
        Some(self.image.columns)
    }

    fn samples_per_pixel(&self) -> Option<u16> {
        Some(1)
    }

    fn bits_allocated(&self) -> Option<u16> {
        Some(self.image.bits_allocated)
    }

    fn bits_stored(&self) -> Option<u16> {
        Some(self.image.bits_stored)
    }

    fn photometric_interpretation(&self) -> Option<&str> {
        Some(&self.image.photometric_interpretation)
    }

    fn number_of_frames(&self) -> Option<u32> {
        Some(1)
    }

    fn number_of_fragments(&self) -> Option<u32> {
        Some(1)
    }

    fn fragment(&self, fragment: usize) -> Option<Cow<'_, [u8]>> {
        (fragment == 0).then_some(Cow::Borrowed(&self.bytes))
    }

    fn offset_table(&self) -> Option<Cow<'_, [u32]>> {
        Some(Cow::Borrowed(&[]))
    }

    fn raw_pixel_data(&self) -> Option<RawPixelData> {
        Some(RawPixelData { fragments: C::from_elem(self.bytes.to_vec(), 1), offset_table: C::new() })
    }
}
