//! Files of PS3.10: preamble, group 0002 and data set, taken apart and put together without touching the data set.

use crate::scan::check_uid;
use crate::{TransferSyntax, Unusable};
use bytes::Bytes;
use contract::Digest;
use dicom_core::Tag;
use dicom_dictionary_std::tags;
use dicom_object::{DefaultDicomObject, OpenFileOptions};
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};

const PREAMBLE: usize = 128;
const MAGIC: &[u8; 4] = b"DICM";
/// Group 0002 is some hundred bytes; private information makes it larger, never this large.
const META_BYTES_MAX: usize = 64 * 1024;

/// Our implementation class UID: `2.25.` and a random UUID that stands for this program.
pub const IMPLEMENTATION_CLASS_UID: &str = "2.25.18784656615145504781286812348314861699";
/// Our implementation version name.
pub const IMPLEMENTATION_VERSION_NAME: &str = "COUNTERSIGN_1";

/// A file taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part10 {
    /// (0002,0010).
    pub transfer_syntax_uid: String,
    /// (0002,0003), when the file says it.
    pub sop_instance_uid: Option<String>,
    /// Where the data set starts.
    pub dataset_at: usize,
}

/// Takes a file apart.
///
/// # Errors
/// When it has no preamble, no `DICM`, or a group 0002 that can't be read or names no transfer syntax.
pub fn split(file: &[u8]) -> Result<Part10, Unusable> {
    let meta_at = PREAMBLE + MAGIC.len();
    if file.len() < meta_at {
        return Err(Unusable::NotDicom("it is shorter than a preamble"));
    }
    if &file[PREAMBLE..meta_at] != MAGIC {
        return Err(Unusable::NotDicom("DICM doesn't follow the preamble"));
    }
    let mut part10 =
        Part10 { transfer_syntax_uid: String::new(), sop_instance_uid: None, dataset_at: meta_at };
    while let Some((tag, value)) = meta_element(file, part10.dataset_at)? {
        part10.dataset_at = value.end;
        if value.end - meta_at > META_BYTES_MAX {
            return Err(Unusable::NotDicom("group 0002 is larger than any real one"));
        }
        let text = || {
            let text = String::from_utf8_lossy(&file[value.clone()]);
            text.trim_end_matches(['\0', ' ']).to_owned()
        };
        match tag {
            tags::TRANSFER_SYNTAX_UID => part10.transfer_syntax_uid = text(),
            tags::MEDIA_STORAGE_SOP_INSTANCE_UID => part10.sop_instance_uid = Some(text()),
            _ => {}
        }
    }
    if part10.transfer_syntax_uid.is_empty() {
        return Err(Unusable::Missing(tags::TRANSFER_SYNTAX_UID));
    }
    Ok(part10)
}

/// Reads one element of group 0002, which always is Explicit VR Little Endian; `None` after the last.
fn meta_element(file: &[u8], at: usize) -> Result<Option<(Tag, Range<usize>)>, Unusable> {
    let u16_at = |at: usize| file.get(at..at + 2).map(|b| u16::from_le_bytes([b[0], b[1]]));
    let Some(0x0002) = u16_at(at) else { return Ok(None) };
    let broken = Unusable::NotDicom("group 0002 breaks off");
    let tag = Tag(0x0002, u16_at(at + 2).ok_or(broken.clone())?);
    let vr = file.get(at + 4..at + 6).ok_or(broken.clone())?;
    let (start, length) = if matches!(vr, b"OB" | b"OW" | b"OF" | b"SQ" | b"UN" | b"UT") {
        let bytes = file.get(at + 8..at + 12).ok_or(broken)?;
        (at + 12, u32::from_le_bytes(bytes.try_into().expect("four bytes were cut out")) as usize)
    } else {
        (at + 8, usize::from(u16_at(at + 6).ok_or(broken)?))
    };
    let left = file.len().saturating_sub(start);
    if length > left {
        return Err(Unusable::Truncated { tag, claimed: length as u64, left: left as u64 });
    }
    Ok(Some((tag, start..start + length)))
}

/// Gives preamble, `DICM` and group 0002 for a data set: what comes before it in a file.
pub fn file_meta(sop_class_uid: &str, sop_instance_uid: &str, transfer_syntax_uid: &str) -> Vec<u8> {
    let mut group = Vec::with_capacity(256);
    group.extend_from_slice(&[0x02, 0x00, 0x01, 0x00, b'O', b'B', 0, 0, 2, 0, 0, 0, 0x00, 0x01]);
    for (element, vr, value, padding) in [
        (0x0002_u16, b"UI", sop_class_uid, 0),
        (0x0003, b"UI", sop_instance_uid, 0),
        (0x0010, b"UI", transfer_syntax_uid, 0),
        (0x0012, b"UI", IMPLEMENTATION_CLASS_UID, 0),
        (0x0013, b"SH", IMPLEMENTATION_VERSION_NAME, b' '),
    ] {
        let length = value.len().next_multiple_of(2);
        group.extend_from_slice(&0x0002_u16.to_le_bytes());
        group.extend_from_slice(&element.to_le_bytes());
        group.extend_from_slice(vr);
        group.extend_from_slice(
            &u16::try_from(length).expect("a UID has at most 64 characters").to_le_bytes(),
        );
        group.extend_from_slice(value.as_bytes());
        group.resize(group.len() + length - value.len(), padding);
    }
    let mut file = vec![0; PREAMBLE];
    file.extend_from_slice(MAGIC);
    file.extend_from_slice(&[0x02, 0x00, 0x00, 0x00, b'U', b'L', 4, 0]);
    file.extend_from_slice(
        &u32::try_from(group.len()).expect("group 0002 is some hundred bytes").to_le_bytes(),
    );
    file.extend_from_slice(&group);
    file
}

/// Gives the digest of a received file: SHA-256 over the bytes after group 0002, as received.
///
/// # Errors
/// When the file can't be taken apart.
pub fn received_digest(file: &[u8]) -> Result<Digest, Unusable> {
    Ok(Digest::of(&file[split(file)?.dataset_at..]))
}

/// Gives a file with its preamble zeroed: what leaves us must not also be a program (CVE-2019-11687).
pub fn clean_preamble(file: Bytes) -> Bytes {
    match file.get(..PREAMBLE) {
        Some(preamble) if preamble.iter().any(|byte| *byte != 0) => {
            let mut clean = vec![0; PREAMBLE];
            clean.extend_from_slice(&file[PREAMBLE..]);
            clean.into()
        }
        _ => file,
    }
}

/// Reads a file into an object of the library: scanned first, and a panic of the library is an error.
///
/// # Errors
/// When the scan refuses the file, or the library does.
pub fn object(file: &[u8]) -> Result<DefaultDicomObject, Unusable> {
    let part10 = split(file)?;
    crate::scan::scan(&file[part10.dataset_at..], &part10.transfer_syntax_uid)?;
    let read = || OpenFileOptions::new().from_reader(file);
    match catch_unwind(AssertUnwindSafe(read)) {
        Ok(Ok(object)) => Ok(object),
        Ok(Err(_)) | Err(_) => {
            Err(Unusable::Structure { at: part10.dataset_at, what: "the library can't read it" })
        }
    }
}

/// Whether text is a UID by the rules of PS3.5 chapter 9.
pub fn is_uid(text: &str) -> bool {
    check_uid(text.as_bytes()).is_ok()
}

/// Whether a transfer syntax is taken in.
pub fn is_taken_in(transfer_syntax_uid: &str) -> bool {
    TransferSyntax::from_uid(transfer_syntax_uid).is_some()
}
