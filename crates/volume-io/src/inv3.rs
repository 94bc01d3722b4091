//! InVesalius 3 projects: a gzip tar whose `main.plist` describes the image and whose `matrix.dat` holds it.
//!
//! The project doesn't store where the patient lies: rows run from the back to the front and slices from the feet to
//! the head, so rows are turned round, and the origin is the first voxel.

use crate::{Error, nifti::convert};
use flate2::read::GzDecoder;
use imaging::{Affine, Volume};
use std::{fs, io::Read, path::Path};

/// The largest project that is unpacked, in bytes.
const BYTES_MAX: u64 = 4 << 30;
const BLOCK: usize = 512;

/// Reads a project's image.
pub fn read(path: &Path) -> Result<Volume, Error> {
    let file = fs::File::open(path).map_err(Error::access(path))?;
    let mut archive = Vec::new();
    GzDecoder::new(file).take(BYTES_MAX).read_to_end(&mut archive).map_err(Error::Decompress)?;
    let plist = member(&archive, "main.plist")?;
    let text = String::from_utf8_lossy(plist);
    let shape: Vec<usize> = numbers(&text, "shape");
    let spacing: Vec<f64> = numbers(&text, "spacing");
    let (&[nz, ny, nx], &[dx, dy, dz]) = (shape.as_slice(), spacing.as_slice()) else {
        return Err(Error::Format("main.plist has no three-dimensional shape and spacing".into()));
    };
    let voxels = nx.checked_mul(ny).and_then(|area| area.checked_mul(nz)).unwrap_or(0);
    let mut values =
        convert(member(&archive, "matrix.dat")?, voxels, |b| f32::from(i16::from_le_bytes(b)), false)
            .ok_or_else(|| Error::Format("matrix.dat is shorter than its shape".into()))?;
    for slice in values.chunks_exact_mut((nx * ny).max(1)) {
        for y in 0..ny / 2 {
            let (top, bottom) = slice.split_at_mut((ny - 1 - y) * nx);
            top[y * nx..(y + 1) * nx].swap_with_slice(&mut bottom[..nx]);
        }
    }
    Ok(Volume::new(values, [nx, ny, nz], Affine::from_spacing([dx, dy, dz]))?)
}

/// Finds a file by the end of its name in an uncompressed tar.
fn member<'a>(archive: &'a [u8], name: &str) -> Result<&'a [u8], Error> {
    let mut at = 0;
    while let Some(header) = archive.get(at..at + BLOCK).filter(|header| header[0] != 0) {
        let path = header[..100].split(|&byte| byte == 0).next().unwrap_or_default();
        let digits: String = header[124..136].iter().map(|&byte| char::from(byte)).collect();
        let size = usize::from_str_radix(digits.trim_matches(['\0', ' ']), 8)
            .map_err(|_| Error::Format("a tar header without a size".into()))?;
        let start = at + BLOCK;
        if path.rsplit(|&byte| byte == b'/').next() == Some(name.as_bytes()) {
            return archive
                .get(start..start.saturating_add(size))
                .ok_or_else(|| Error::Format(format!("{name} is cut short")));
        }
        at = start.saturating_add(size.div_ceil(BLOCK).saturating_mul(BLOCK));
    }
    Err(Error::Format(format!("the project has no {name}")))
}

/// Gives the numbers of the array under a key of a property list.
fn numbers<T: std::str::FromStr>(plist: &str, key: &str) -> Vec<T> {
    let array = plist
        .split_once(&format!("<key>{key}</key>"))
        .and_then(|(_, rest)| rest.split_once("<array>"))
        .and_then(|(_, rest)| rest.split_once("</array>"))
        .map_or("", |(array, _)| array);
    array.split(['<', '>']).filter_map(|piece| piece.trim().parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Compression, write::GzEncoder};
    use std::io::Write;

    fn tar(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut archive = Vec::new();
        for (name, content) in files {
            let mut header = [0_u8; BLOCK];
            header[..name.len()].copy_from_slice(name.as_bytes());
            header[124..135].copy_from_slice(format!("{:011o}", content.len()).as_bytes());
            archive.extend_from_slice(&header);
            archive.extend_from_slice(content);
            archive.resize(archive.len().div_ceil(BLOCK) * BLOCK, 0);
        }
        archive.resize(archive.len() + 2 * BLOCK, 0);
        archive
    }

    #[test]
    fn a_projects_rows_are_turned_to_run_from_front_to_back() {
        let plist = "<key>shape</key><array><integer>1</integer><integer>2</integer><integer>2</integer></array>\
            <key>spacing</key><array><real>0.5</real><real>0.5</real><real>1.5</real></array>";
        let data: Vec<u8> = [1_i16, 2, 3, 4].iter().flat_map(|value| value.to_le_bytes()).collect();
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(&tar(&[("t/main.plist", plist.as_bytes()), ("t/matrix.dat", &data)])).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.inv3");
        fs::write(&path, encoder.finish().unwrap()).unwrap();
        let volume = read(&path).unwrap();
        assert_eq!(volume.data, [3.0, 4.0, 1.0, 2.0]);
        assert_eq!(volume.affine.spacing().map(|mm| (mm * 10.0) as i32), [5, 5, 15]);
    }
}
