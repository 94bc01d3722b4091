//! How full the disk is.

use crate::Config;
use crate::error::Error;

/// Refuses to take more when the watched disk is as full as it may become.
///
/// # Errors
/// [`Error::DiskFull`], or [`Error::Disk`] when it can't be told: then nothing is taken either.
pub fn check(config: &Config) -> Result<(), Error> {
    let Some(folder) = &config.disk_folder else { return Ok(()) };
    let disk = rustix::fs::statvfs(folder)
        .map_err(|source| Error::Disk { folder: folder.clone(), source: source.into() })?;
    if is_full(disk.f_blocks - disk.f_bfree, disk.f_bavail, config.disk_full_percent) {
        Err(Error::DiskFull)
    } else {
        Ok(())
    }
}

/// Whether `percent` or more of what this process may use is used, as `df` counts it: blocks that are kept for others
/// (root's share, a thin volume that is smaller than it says) are neither used nor free.
fn is_full(used: u64, available: u64, percent: u8) -> bool {
    let whole = u128::from(used) + u128::from(available);
    u128::from(used) * 100 >= whole * u128::from(percent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_disk_is_full_at_the_threshold_and_not_below() {
        assert!(is_full(950, 50, 95));
        assert!(!is_full(949, 51, 95));
    }

    #[test]
    fn a_disk_that_cannot_be_asked_takes_nothing() {
        let config = Config { disk_folder: Some("/nowhere/at/all".into()), ..Config::default() };
        assert!(matches!(check(&config), Err(Error::Disk { .. })));
    }
}
