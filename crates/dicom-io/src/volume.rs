//! From the instances of a series to one volume in the modality's unit.
//!
//! # Source
//! PS3.3 C.11.1 (Modality LUT): output = slope × stored value + intercept.

use crate::Unusable;
use crate::geometry::{Irregular, Slice, Stack, stack};
use crate::pixels::stored_values;
use crate::read::split;
use crate::scan::{Header, Image, scan};
use imaging::Volume;

/// Why a series can't become a volume.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file can't be used at all.
    #[error("an instance can't be used: {0}")]
    Unusable(#[from] Unusable),
    /// The slices aren't one grid.
    #[error("it is no single volume: {0}")]
    Irregular(#[from] Irregular),
    /// The pixels of a slice can't be turned into values.
    #[error("slice {number} has no usable pixels: {why}")]
    Pixels {
        /// Instance number.
        number: i32,
        /// What is wrong, in words.
        why: String,
    },
    /// The grid is too large.
    #[error("the volume can't be built: {0}")]
    Volume(#[from] imaging::Error),
}

impl Error {
    /// Gives the stable code of the reason.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unusable(unusable) => unusable.code(),
            Self::Irregular(irregular) => irregular.code(),
            Self::Pixels { .. } => "pixels",
            Self::Volume(_) => "volume_too_large",
        }
    }
}

/// Says why an image can't be a slice of a volume, before its pixels are looked at.
///
/// # Errors
/// When it has several frames or samples, functional groups, a modality LUT as a table, or a rescale slope of zero.
pub fn check_slice(image: &Image) -> Result<(), String> {
    if image.frames > 1 {
        return Err(format!("it has {} frames: multi-frame objects aren't taken apart", image.frames));
    }
    if image.functional_groups {
        return Err("its rescale and place stand in functional groups for each frame (an enhanced object), \
                    which aren't read"
            .into());
    }
    if image.samples_per_pixel != 1 || !image.photometric_interpretation.starts_with("MONOCHROME") {
        return Err("it is a colour image".into());
    }
    if image.modality_lut {
        return Err(
            "its modality LUT is a table, Modality LUT Sequence (0028,3000), which isn't supported".into()
        );
    }
    if image.rescale_slope == Some(0.0) {
        return Err("its rescale slope is 0".into());
    }
    Ok(())
}

/// Gives a slice as geometry sees it.
pub fn slice_of(header: &Header) -> Option<Slice> {
    let image = header.image.as_ref()?;
    let number = header.instance_number.unwrap_or(0);
    Some(Slice::of(number, image))
}

/// A volume whose slices come one after the other, so that no more than one file is in memory beside it.
#[derive(Debug)]
pub struct Builder {
    stack: Stack,
    data: Vec<f32>,
    padding: Option<f32>,
}

impl Builder {
    /// Starts a volume on a grid.
    ///
    /// # Errors
    /// When the grid has more voxels than the program works on.
    pub fn new(stack: Stack) -> Result<Self, Error> {
        let voxels = stack.dims.iter().try_fold(1_usize, |product, n| product.checked_mul(*n));
        let voxels = voxels.filter(|voxels| *voxels <= 1 << 31);
        let voxels = voxels.ok_or(Error::Volume(imaging::Error::Dimensions(stack.dims)))?;
        Ok(Self { stack, data: vec![0.0; voxels], padding: None })
    }

    /// Puts the pixels of a file at `place` along the normal, in the modality's unit.
    ///
    /// # Errors
    /// When the file or its pixels can't be used.
    pub fn place(&mut self, place: usize, file: &[u8]) -> Result<(), Error> {
        let part10 = split(file)?;
        let scan = scan(&file[part10.dataset_at..], &part10.transfer_syntax_uid)?;
        let number = scan.header.instance_number.unwrap_or(0);
        let pixels = |why: String| Error::Pixels { number, why };
        let Some(image) = &scan.header.image else { return Err(pixels("it has none".into())) };
        check_slice(image).map_err(pixels)?;
        let stored = stored_values(&scan).map_err(pixels)?;
        let slope = image.rescale_slope.unwrap_or(1.0);
        let intercept = image.rescale_intercept.unwrap_or(0.0);
        check_precision(&stored, slope, intercept).map_err(pixels)?;
        let value = |stored: i32| (f64::from(stored) * slope + intercept) as f32;
        let len = self.stack.dims[0] * self.stack.dims[1];
        let target = &mut self.data[place * len..(place + 1) * len];
        if stored.len() != len {
            return Err(pixels("its matrix differs from the stack's".into()));
        }
        for (target, stored) in target.iter_mut().zip(stored) {
            *target = value(stored);
        }
        self.padding = self.padding.or(image.padding.map(value));
        Ok(())
    }

    /// Gives the volume.
    ///
    /// # Errors
    /// When the grid is degenerate.
    pub fn finish(self) -> Result<Converted, Error> {
        let volume = Volume::new(self.data, self.stack.dims, self.stack.affine)?;
        Ok(Converted { volume, order: self.stack.order, padding: self.padding })
    }
}

/// Refuses a rescale step that drowns in the values: a volume holds 32-bit numbers, and a slope of 1e-8 beside an
/// intercept of −1024 would give one flat value.
fn check_precision(stored: &[i32], slope: f64, intercept: f64) -> Result<(), String> {
    let largest =
        stored.iter().map(|stored| (f64::from(*stored) * slope + intercept).abs()).fold(0.0, f64::max);
    if slope.abs() < largest * f64::from(f32::EPSILON) / 2.0 {
        return Err(format!(
            "its rescale step of {slope:e} is lost beside values of {largest:e}: a volume holds 32-bit numbers"
        ));
    }
    Ok(())
}

/// A converted series.
#[derive(Debug)]
pub struct Converted {
    /// In the modality's unit: HU for CT.
    pub volume: Volume,
    /// For each slice of the volume, the index of the file it came from.
    pub order: Vec<usize>,
    /// Pixel Padding Value in the modality's unit: voxels outside the scanned field.
    pub padding: Option<f32>,
}

/// Converts the files of a series.
///
/// # Errors
/// When a file can't be used, or they aren't one volume.
pub fn from_files<F: AsRef<[u8]>>(files: &[F]) -> Result<Converted, Error> {
    let mut slices = Vec::with_capacity(files.len());
    for file in files {
        let file = file.as_ref();
        let part10 = split(file)?;
        let header = scan(&file[part10.dataset_at..], &part10.transfer_syntax_uid)?.header;
        let number = header.instance_number.unwrap_or(0);
        slices.push(slice_of(&header).ok_or(Error::Pixels { number, why: "it has none".into() })?);
    }
    let stack = stack(&slices)?;
    let order = stack.order.clone();
    let mut builder = Builder::new(stack)?;
    for (place, index) in order.iter().enumerate() {
        builder.place(place, files[*index].as_ref())?;
    }
    builder.finish()
}
