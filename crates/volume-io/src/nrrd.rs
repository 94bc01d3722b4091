//! NRRD with attached data, raw or gzip: three axes of scalars in a space named LPS, RAS or LAS.
//!
//! # Source
//! "Definition of NRRD File Format", teem.

use crate::{Error, nifti::convert};
use flate2::read::GzDecoder;
use imaging::{Affine, Volume};
use std::{collections::HashMap, fs, io::Read, path::Path};

/// Reads a volume.
pub fn read(path: &Path) -> Result<Volume, Error> {
    read_bytes(&fs::read(path).map_err(Error::access(path))?)
}

/// Reads a volume from a file's bytes.
///
/// # Errors
/// When it isn't NRRD, its data is detached, or it isn't three axes of scalars with a place in the patient.
pub fn read_bytes(bytes: &[u8]) -> Result<Volume, Error> {
    if !bytes.starts_with(b"NRRD000") {
        return Err(Error::Format("the magic isn't NRRD".into()));
    }
    let end = bytes
        .windows(2)
        .position(|pair| pair == b"\n\n")
        .ok_or_else(|| Error::Format("the header has no end".into()))?;
    let text = String::from_utf8_lossy(&bytes[..end]);
    let fields: HashMap<&str, &str> = text
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name, value.trim()))
        .collect();
    let field =
        |name: &str| fields.get(name).copied().ok_or_else(|| Error::Format(format!("no field {name}")));
    if fields.contains_key("data file") || fields.contains_key("datafile") {
        return Err(Error::Format("the data is in another file".into()));
    }
    let dims: Vec<usize> = field("sizes")?.split_whitespace().filter_map(|size| size.parse().ok()).collect();
    let dims: [usize; 3] = dims.try_into().map_err(|_| Error::Format("not three axes".into()))?;
    let affine = affine(field("space")?, field("space directions")?, field("space origin")?)?;
    let voxels = dims.iter().try_fold(1_usize, |product, &n| product.checked_mul(n)).unwrap_or(0);
    let big_endian = fields.get("endian").is_some_and(|endian| *endian == "big");
    let data = decode(&bytes[end + 2..], field("encoding")?, voxels)?;
    let values = values(&data, field("type")?, voxels, big_endian)?;
    Ok(Volume::new(values, dims, affine)?)
}

fn decode(data: &[u8], encoding: &str, voxels: usize) -> Result<Vec<u8>, Error> {
    match encoding {
        "raw" => Ok(data.to_vec()),
        "gzip" | "gz" => {
            let mut plain = Vec::new();
            let limit = (voxels as u64).saturating_mul(8).min(8 << 30);
            GzDecoder::new(data).take(limit).read_to_end(&mut plain).map_err(Error::Decompress)?;
            Ok(plain)
        }
        other => Err(Error::Format(format!("encoding {other}"))),
    }
}

fn values(data: &[u8], kind: &str, voxels: usize, big: bool) -> Result<Vec<f32>, Error> {
    match kind {
        "uchar" | "unsigned char" | "uint8" | "uint8_t" => {
            convert(data, voxels, |b: [u8; 1]| f32::from(b[0]), big)
        }
        "short" | "short int" | "signed short" | "int16" | "int16_t" => {
            convert(data, voxels, |b| f32::from(i16::from_le_bytes(b)), big)
        }
        "ushort" | "unsigned short" | "uint16" | "uint16_t" => {
            convert(data, voxels, |b| f32::from(u16::from_le_bytes(b)), big)
        }
        "int" | "signed int" | "int32" | "int32_t" => {
            convert(data, voxels, |b| i32::from_le_bytes(b) as f32, big)
        }
        "float" => convert(data, voxels, f32::from_le_bytes, big),
        "double" => convert(data, voxels, |b| f64::from_le_bytes(b) as f32, big),
        other => return Err(Error::Format(format!("type {other}"))),
    }
    .ok_or_else(|| Error::Format("the data is shorter than the header says".into()))
}

fn affine(space: &str, directions: &str, origin: &str) -> Result<Affine, Error> {
    let signs = match space.to_lowercase().as_str() {
        "left-posterior-superior" | "lps" => [1.0, 1.0, 1.0],
        "right-anterior-superior" | "ras" => [-1.0, -1.0, 1.0],
        "left-anterior-superior" | "las" => [1.0, -1.0, 1.0],
        other => return Err(Error::Format(format!("space {other}"))),
    };
    let columns: Vec<[f64; 3]> = directions.split_whitespace().filter_map(vector).collect();
    let (&[x, y, z], Some(origin)) = (columns.as_slice(), vector(origin)) else {
        return Err(Error::Format("the space directions aren't three vectors".into()));
    };
    let row = |r: usize| [x[r], y[r], z[r], origin[r]].map(|value| value * signs[r]);
    Ok(Affine([row(0), row(1), row(2)]))
}

/// Reads "(1,0,0)".
fn vector(text: &str) -> Option<[f64; 3]> {
    let inner = text.strip_prefix('(')?.strip_suffix(')')?;
    let numbers: Vec<f64> = inner.split(',').filter_map(|number| number.trim().parse().ok()).collect();
    numbers.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Compression, write::GzEncoder};
    use std::io::Write;

    const HEADER: &str = "NRRD0004\n# a comment\ntype: short\ndimension: 3\nspace: right-anterior-superior\n\
        sizes: 2 2 1\nspace directions: (0.5,0,0) (0,0.5,0) (0,0,5)\nendian: little\n\
        space origin: (10,20,-30)\n";

    fn file(encoding: &str, data: &[u8]) -> Vec<u8> {
        [HEADER.as_bytes(), format!("encoding: {encoding}\n\n").as_bytes(), data].concat()
    }

    #[test]
    fn raw_and_gzip_hold_the_same_volume_and_ras_becomes_lps() {
        let data: Vec<u8> = [-1024_i16, 0, 7, 3071].iter().flat_map(|value| value.to_le_bytes()).collect();
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(&data).unwrap();
        let raw = read_bytes(&file("raw", &data)).unwrap();
        assert_eq!(raw, read_bytes(&file("gzip", &encoder.finish().unwrap())).unwrap());
        assert_eq!(raw.data, [-1024.0, 0.0, 7.0, 3071.0]);
        assert_eq!(raw.affine.apply([0.0; 3]).map(|mm| mm as i32), [-10, -20, -30]);
    }

    #[test]
    fn data_that_is_cut_short_is_refused() {
        assert!(matches!(read_bytes(&file("raw", &[0; 7])), Err(Error::Format(_))));
        assert!(matches!(read_bytes(b"NRRD0004\ntype: short"), Err(Error::Format(_))));
    }
}
