//! dciodvfy of dicom3tools: an independent validator.

use std::process::Command;

/// Messages of `dciodvfy` about a file that start with "Error".
pub(crate) fn errors(file: &[u8]) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("object.dcm");
    std::fs::write(&path, file).unwrap();
    let output = Command::new("dciodvfy").arg(&path).output().unwrap_or_else(|error| {
        panic!("dciodvfy can't be run ({error}): install dicom3tools, `apt-get install dicom3tools`")
    });
    let text =
        String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout);
    assert!(!text.trim().is_empty(), "dciodvfy says nothing, not even what it looks at");
    text.lines().filter(|line| line.starts_with("Error")).map(str::to_owned).collect()
}
