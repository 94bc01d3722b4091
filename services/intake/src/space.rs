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
    if is_full(disk.f_blocks, disk.f_bavail, config.disk_full_percent) {
        Err(Error::DiskFull)
    } else {
        Ok(())
    }
}

/// Whether `percent` of `blocks` or more are used, counting what only root may use as used.
fn is_full(blocks: u64, available: u64, percent: u8) -> bool {
    let used = u128::from(blocks.saturating_sub(available));
    used * 100 >= u128::from(blocks) * u128::from(percent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_disk_is_full_at_the_threshold_and_not_below() {
        assert!(is_full(1000, 50, 95));
        assert!(!is_full(1000, 51, 95));
    }

    #[test]
    fn a_disk_that_cannot_be_asked_takes_nothing() {
        let config = Config { disk_folder: Some("/nowhere/at/all".into()), ..Config::default() };
        assert!(matches!(check(&config), Err(Error::Disk { .. })));
    }
}
