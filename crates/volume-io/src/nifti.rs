//! NIfTI-1, single file (`n+1`).
//!
//! Written: little-endian float32 with sform, no extensions, every unused field zero, so that the same volume always
//! gives the same bytes. Read: any scalar type up to 64 bits, either byte order, sform or qform.
//!
//! # Source
//! The NIfTI-1 header, nifti1.h (Cox 2004).

use crate::Error;
use flate2::{Compression, GzBuilder, read::GzDecoder};
use imaging::{Affine, Volume};
use std::{fs, io::Read, io::Write, path::Path};

const HEADER: usize = 348;
const DATA_OFFSET: usize = 352;
/// The largest uncompressed file that is read: 8 GiB, as the largest volume of float32.
const BYTES_MAX: u64 = 8 << 30;

/// Reads a volume; a name that ends in `.gz` is decompressed.
pub fn read(path: &Path) -> Result<Volume, Error> {
    let bytes = fs::read(path).map_err(Error::access(path))?;
    if is_gzip(path) {
        return read_gzip_bytes(&bytes);
    }
    read_bytes(&bytes)
}

/// Reads a compressed volume from memory.
pub fn read_gzip_bytes(bytes: &[u8]) -> Result<Volume, Error> {
    let mut plain = Vec::new();
    GzDecoder::new(bytes).take(BYTES_MAX).read_to_end(&mut plain).map_err(Error::Decompress)?;
    read_bytes(&plain)
}

/// Writes a volume; a name that ends in `.gz` is compressed. The same volume gives the same bytes.
pub fn write(path: &Path, volume: &Volume) -> Result<(), Error> {
    let mut bytes = write_bytes(volume);
    if is_gzip(path) {
        // No name and no time in the gzip header, or the bytes would differ from run to run.
        let mut encoder = GzBuilder::new().mtime(0).write(Vec::new(), Compression::best());
        encoder.write_all(&bytes).and_then(|()| encoder.try_finish()).map_err(Error::access(path))?;
        bytes = encoder.finish().map_err(Error::access(path))?;
    }
    fs::write(path, bytes).map_err(Error::access(path))
}

fn is_gzip(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("gz"))
}

/// Gives the uncompressed file of a volume. The same volume gives the same bytes.
///
/// # Panics
/// When an axis has more than 32,767 voxels, which the header can't say.
pub fn write_bytes(volume: &Volume) -> Vec<u8> {
    let mut bytes = vec![0_u8; DATA_OFFSET];
    let mut put = |at: usize, field: &[u8]| bytes[at..at + field.len()].copy_from_slice(field);
    put(0, &(HEADER as i32).to_le_bytes());
    let spacing = volume.affine.spacing();
    put(40, &3_i16.to_le_bytes());
    for (axis, (dim, mm)) in volume.dims.into_iter().zip(spacing).enumerate() {
        let dim = i16::try_from(dim).expect("an axis of a NIfTI-1 file has at most 32767 voxels");
        put(42 + 2 * axis, &dim.to_le_bytes());
        put(80 + 4 * axis, &(mm as f32).to_le_bytes());
    }
    for axis in 3..7 {
        put(42 + 2 * axis, &1_i16.to_le_bytes());
    }
    put(70, &16_i16.to_le_bytes());
    put(72, &32_i16.to_le_bytes());
    put(76, &1.0_f32.to_le_bytes());
    put(108, &(DATA_OFFSET as f32).to_le_bytes());
    put(112, &1.0_f32.to_le_bytes());
    // Millimetres; sform in scanner coordinates.
    put(123, &[2]);
    put(254, &1_i16.to_le_bytes());
    for (row, values) in flip_convention(volume.affine).0.iter().enumerate() {
        for (column, value) in values.iter().enumerate() {
            put(280 + 16 * row + 4 * column, &(*value as f32).to_le_bytes());
        }
    }
    put(344, b"n+1\0");
    bytes.reserve(4 * volume.data.len());
    for value in &volume.data {
        bytes.extend_from_slice(&value.to_le_bytes());
    }
    bytes
}

/// LPS to RAS and back: x and y change sign.
fn flip_convention(affine: Affine) -> Affine {
    let mut m = affine.0;
    // Adding zero turns −0 into 0, so that equal affines have equal bytes.
    m[..2].iter_mut().flatten().for_each(|value| *value = -*value + 0.0);
    Affine(m)
}

/// Reads an uncompressed file.
///
/// # Errors
/// When it isn't single-file NIfTI-1, is cut short, has more than three axes with more than one entry, or no usable
/// place in the patient.
pub fn read_bytes(bytes: &[u8]) -> Result<Volume, Error> {
    let header = Header::new(bytes)?;
    let count = header.i16(40);
    if !(1..=7).contains(&count) {
        return Err(Error::Format(format!("dim[0] is {count}")));
    }
    let mut dims = [1_usize; 3];
    for axis in 0..count as usize {
        let dim = usize::try_from(header.i16(42 + 2 * axis)).unwrap_or(0);
        match dims.get_mut(axis) {
            Some(place) => *place = dim,
            None if dim > 1 => return Err(Error::Format("more than three axes".into())),
            None => {}
        }
    }
    let affine = flip_convention(header.affine()?);
    let voxels = dims.iter().try_fold(1_usize, |product, &n| product.checked_mul(n));
    let offset = header.f32(108);
    if !(offset.is_finite() && offset >= HEADER as f32 && offset <= bytes.len() as f32) {
        return Err(Error::Format(format!("vox_offset is {offset}")));
    }
    let values = header.values(&bytes[offset as usize..], voxels.unwrap_or(0))?;
    Ok(Volume::new(values, dims, affine)?)
}

struct Header<'a> {
    bytes: &'a [u8],
    big_endian: bool,
}

impl<'a> Header<'a> {
    fn new(bytes: &'a [u8]) -> Result<Self, Error> {
        if bytes.len() < DATA_OFFSET {
            return Err(Error::Format("shorter than a NIfTI-1 header".into()));
        }
        let size = [bytes[0], bytes[1], bytes[2], bytes[3]];
        let big_endian = match (i32::from_le_bytes(size), i32::from_be_bytes(size)) {
            (348, _) => false,
            (_, 348) => true,
            _ => return Err(Error::Format("sizeof_hdr isn't 348".into())),
        };
        if &bytes[344..348] != b"n+1\0" {
            return Err(Error::Format("the magic isn't n+1".into()));
        }
        Ok(Self { bytes, big_endian })
    }

    fn take<const N: usize>(&self, at: usize) -> [u8; N] {
        number(&self.bytes[at..at + N], self.big_endian)
    }

    fn i16(&self, at: usize) -> i16 {
        i16::from_le_bytes(self.take(at))
    }

    fn f32(&self, at: usize) -> f32 {
        f32::from_le_bytes(self.take(at))
    }

    fn affine(&self) -> Result<Affine, Error> {
        if self.i16(254) > 0 {
            let row = |at: usize| [0, 4, 8, 12].map(|step| f64::from(self.f32(at + step)));
            return Ok(Affine([row(280), row(296), row(312)]));
        }
        if self.i16(252) > 0 {
            return Ok(self.qform());
        }
        Err(Error::Format("neither sform nor qform says where the volume lies".into()))
    }

    /// nifti1.h, method 2: a unit quaternion, the spacing, and the sign of the third axis in pixdim[0].
    fn qform(&self) -> Affine {
        let [b, c, d] = [256, 260, 264].map(|at| f64::from(self.f32(at)));
        let a = (1.0 - b * b - c * c - d * d).max(0.0).sqrt();
        let rotation = [
            [a * a + b * b - c * c - d * d, 2.0 * (b * c - a * d), 2.0 * (b * d + a * c)],
            [2.0 * (b * c + a * d), a * a + c * c - b * b - d * d, 2.0 * (c * d - a * b)],
            [2.0 * (b * d - a * c), 2.0 * (c * d + a * b), a * a + d * d - b * b - c * c],
        ];
        let sign = if self.f32(76) < 0.0 { -1.0 } else { 1.0 };
        let spacing = [80, 84, 88].map(|at| f64::from(self.f32(at)));
        let mut m = [[0.0; 4]; 3];
        for (row, values) in m.iter_mut().enumerate() {
            *values = [
                rotation[row][0] * spacing[0],
                rotation[row][1] * spacing[1],
                rotation[row][2] * spacing[2] * sign,
                f64::from(self.f32(268 + 4 * row)),
            ];
        }
        Affine(m)
    }

    fn values(&self, data: &[u8], voxels: usize) -> Result<Vec<f32>, Error> {
        let big = self.big_endian;
        let raw: Vec<f32> = match self.i16(70) {
            2 => convert(data, voxels, |b: [u8; 1]| f32::from(b[0]), big),
            4 => convert(data, voxels, |b| f32::from(i16::from_le_bytes(b)), big),
            8 => convert(data, voxels, |b| i32::from_le_bytes(b) as f32, big),
            16 => convert(data, voxels, f32::from_le_bytes, big),
            64 => convert(data, voxels, |b| f64::from_le_bytes(b) as f32, big),
            256 => convert(data, voxels, |b: [u8; 1]| f32::from(b[0] as i8), big),
            512 => convert(data, voxels, |b| f32::from(u16::from_le_bytes(b)), big),
            768 => convert(data, voxels, |b| u32::from_le_bytes(b) as f32, big),
            other => return Err(Error::Format(format!("data type {other}"))),
        }
        .ok_or_else(|| Error::Format("the data is shorter than the header says".into()))?;
        let (slope, intercept) = (self.f32(112), self.f32(116));
        // A slope of zero means that there is no scaling.
        if slope.abs() < f32::MIN_POSITIVE || !slope.is_finite() || !intercept.is_finite() {
            return Ok(raw);
        }
        Ok(raw.into_iter().map(|value| value * slope + intercept).collect())
    }
}

/// Gives the little-endian form of a number's bytes.
fn number<const N: usize>(bytes: &[u8], big_endian: bool) -> [u8; N] {
    let mut array: [u8; N] = bytes.try_into().expect("the caller cut out N bytes");
    if big_endian {
        array.reverse();
    }
    array
}

/// Converts the first `count` numbers of `data`, or gives `None` when there are fewer.
pub(crate) fn convert<const N: usize>(
    data: &[u8],
    count: usize,
    value: impl Fn([u8; N]) -> f32,
    big_endian: bool,
) -> Option<Vec<f32>> {
    let data = data.get(..count.checked_mul(N)?)?;
    Some(data.chunks_exact(N).map(|bytes| value(number(bytes, big_endian))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use ::nifti::{NiftiObject, NiftiVolume, ReaderOptions};
    use proptest::prelude::*;

    fn volume() -> Volume {
        let affine = Affine([[0.5, 0.0, 0.1, -100.0], [0.0, 0.75, 0.0, 50.5], [-0.1, 0.0, 3.0, 7.0]]);
        Volume::new((0..24).map(|i| i as f32 * 1.5 - 1000.0).collect(), [4, 3, 2], affine).unwrap()
    }

    fn assert_same_place(a: &Affine, b: &Affine) {
        for (x, y) in a.0.iter().flatten().zip(b.0.iter().flatten()) {
            assert!((x - y).abs() < 1e-5, "{x} {y}");
        }
    }

    #[test]
    fn a_volume_comes_back_as_it_was_written_and_always_as_the_same_bytes() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["a.nii", "a.nii.gz"] {
            let path = folder.path().join(name);
            write(&path, &volume()).unwrap();
            let first = fs::read(&path).unwrap();
            write(&path, &volume()).unwrap();
            assert_eq!(first, fs::read(&path).unwrap());
            let back = read(&path).unwrap();
            assert_eq!((&back.data, back.dims), (&volume().data, volume().dims));
            assert_same_place(&back.affine, &volume().affine);
        }
    }

    #[test]
    fn another_reader_sees_the_same_voxels_in_ras() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.nii");
        write(&path, &volume()).unwrap();
        let object = ReaderOptions::new().read_file(&path).unwrap();
        assert_eq!(object.volume().dim(), [4, 3, 2]);
        let header = object.header();
        assert_eq!((header.srow_x[0], header.srow_x[3], header.srow_y[3]), (-0.5, 100.0, -50.5));
        assert_eq!((header.srow_z[2], header.srow_z[3]), (3.0, 7.0));
    }

    #[test]
    fn a_header_that_promises_more_than_the_file_holds_is_refused() {
        let mut bytes = write_bytes(&volume());
        bytes[42..48].copy_from_slice(&[0xff, 0x7f, 0xff, 0x7f, 0xff, 0x7f]);
        assert!(matches!(read_bytes(&bytes), Err(Error::Format(_))));
        let mut bytes = write_bytes(&volume());
        bytes[280..284].copy_from_slice(&f32::NAN.to_le_bytes());
        assert!(matches!(read_bytes(&bytes), Err(Error::Volume(imaging::Error::Affine))));
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_reader_panic(at in 0_usize..352, value: u8, cut in 0_usize..448) {
            let mut bytes = write_bytes(&volume());
            bytes[at] = value;
            bytes.truncate(bytes.len() - cut);
            let _ = read_bytes(&bytes);
        }
    }
}
