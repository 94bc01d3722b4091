//! Length, names and leftovers.

use super::{root, shown, sources};

const LINES_MAX: usize = 600;
const LINES_P90: usize = 400;
const FOLDERS: &[&str] = &["crates", "services", "gateway", "migrations", "tests", "web-ui/src"];

#[test]
fn files_stay_short() {
    let mut lengths: Vec<(usize, String)> = sources(FOLDERS, &["rs", "ts", "tsx"])
        .iter()
        .map(|path| (std::fs::read_to_string(path).unwrap().lines().count(), shown(path)))
        .collect();
    lengths.sort();
    let (longest, name) = lengths.last().unwrap();
    assert!(*longest <= LINES_MAX, "{name} has {longest} lines, over {LINES_MAX}: split it by what it knows");
    let (p90, _) = lengths[lengths.len() * 9 / 10];
    assert!(p90 <= LINES_P90, "one file in ten is over {LINES_P90} lines (p90 is {p90})");
}

#[test]
fn no_file_has_a_name_that_says_nothing() {
    for path in sources(FOLDERS, &["rs", "ts", "tsx"]) {
        let stem = path.file_stem().unwrap().to_string_lossy().into_owned();
        for word in ["manager", "helper", "helpers", "utils", "util", "common", "misc"] {
            assert_ne!(stem, word, "{}: name the file after what it knows", shown(&path));
        }
    }
}

#[test]
fn nothing_is_left_for_later() {
    // Put together here so that this file does not find itself.
    let words = [["TO", "DO"].concat(), ["FIX", "ME"].concat(), ["unimpl", "emented!("].concat()];
    for path in sources(FOLDERS, &["rs", "ts", "tsx"]) {
        let text = std::fs::read_to_string(&path).unwrap();
        for word in &words {
            assert!(!text.contains(word.as_str()), "{} says '{word}'", shown(&path));
        }
    }
}

#[test]
fn every_member_takes_the_lints_of_the_workspace() {
    for path in sources(&["crates", "services", "gateway", "migrations", "tests"], &["toml"]) {
        if path.file_name().unwrap() != "Cargo.toml" {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains("[lints]\nworkspace = true"), "{} does not take the lints", shown(&path));
    }
}

#[test]
fn the_documents_a_newcomer_needs_are_there() {
    for name in ["README.md", "ARCHITECTURE.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "LICENSE"]
    {
        assert!(root().join(name).is_file(), "{name} is missing");
    }
}
