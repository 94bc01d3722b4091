//! Volume files, read and written: NIfTI-1, NRRD and the projects of InVesalius.
//!
//! This is the only place where the conventions of these files (RAS for NIfTI) meet the program's LPS.

mod error;
pub mod inv3;
pub mod nifti;
pub mod nrrd;

pub use error::Error;

use imaging::Volume;
use std::path::Path;

/// Reads a volume in the format that its name's ending tells: `.nii`, `.nii.gz`, `.nrrd` or `.inv3`.
///
/// # Errors
/// When the ending isn't one of these, or the file can't be read.
pub fn read(path: &Path) -> Result<Volume, Error> {
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    let mut endings = name.rsplit('.');
    match (endings.next(), endings.next()) {
        (Some("nii"), _) | (Some("gz"), Some("nii")) => nifti::read(path),
        (Some("nrrd"), _) => nrrd::read(path),
        (Some("inv3"), _) => inv3::read(path),
        _ => Err(Error::Format("the name ends in none of .nii, .nii.gz, .nrrd, .inv3".into())),
    }
}
