//! Tools of dcmtk: an independent encoder and reader.

use std::path::Path;
use std::process::Command;

/// Runs a tool of dcmtk on a file and gives the result.
pub(crate) fn recode(program: &str, options: &[&str], file: &[u8], folder: &Path) -> Vec<u8> {
    let (from, to) = (folder.join("from.dcm"), folder.join("to.dcm"));
    std::fs::write(&from, file).unwrap();
    let status = Command::new(program).args(options).arg(&from).arg(&to).status();
    let status = status.unwrap_or_else(|error| panic!("{program}: {error}; install dcmtk"));
    assert!(status.success(), "{program} {options:?}");
    std::fs::read(&to).unwrap()
}
