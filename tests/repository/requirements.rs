//! `docs/requirements.md` and the tests: each names the other.

use super::{root, shown, sources};
use std::collections::{BTreeMap, BTreeSet};

const DOCUMENT: &str = "docs/requirements.md";
const FOLDERS: &[&str] = &["crates", "services", "gateway", "migrations", "tests"];

/// The rows of the document: id, sentence, and the tests that it names.
fn rows() -> Vec<(String, String, Vec<String>)> {
    let text = std::fs::read_to_string(root().join(DOCUMENT)).unwrap();
    let cells = text.lines().filter_map(|line| {
        let cells: Vec<&str> = line.strip_prefix('|')?.strip_suffix('|')?.split('|').map(str::trim).collect();
        <[&str; 3]>::try_from(cells).ok()
    });
    cells
        .filter(|[id, ..]| is_id(id))
        .map(|[id, sentence, tests]| {
            let named = tests.split('`').skip(1).step_by(2).map(str::to_owned).collect();
            (id.to_owned(), sentence.to_owned(), named)
        })
        .collect()
}

/// A letter and two digits.
fn is_id(text: &str) -> bool {
    let letters = text.as_bytes();
    letters.len() == 3 && letters[0].is_ascii_uppercase() && letters[1..].iter().all(u8::is_ascii_digit)
}

/// The field report that a test belongs to by its name: `r04_…` to `R04`.
fn report(test: &str) -> Option<String> {
    let (id, rest) = test.split_once('_')?;
    (id.starts_with('r') && is_id(&id.to_uppercase()) && !rest.is_empty()).then(|| id.to_uppercase())
}

/// Where the pages and their stories are.
const PAGE_FOLDERS: &[&str] = &["web-ui/src", "tests/browser"];

/// The titles of the pages' tests that begin with the id of a field report, up to the first sign that no name has.
fn page_tests() -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for path in sources(PAGE_FOLDERS, &["ts", "tsx", "js"]) {
        let text = std::fs::read_to_string(&path).unwrap();
        for quoted in text.split(['\'', '`', '"']) {
            let end = quoted.find(|sign: char| !sign.is_ascii_alphanumeric() && sign != '_');
            let name = quoted[..end.unwrap_or(quoted.len())].trim_end_matches('_');
            if report(name).is_some() {
                found.insert(name.to_owned(), shown(&path));
            }
        }
    }
    found
}

/// Every function in the sources, with a file that has it.
fn functions() -> BTreeMap<String, String> {
    let mut found = page_tests();
    for path in sources(FOLDERS, &["rs"]) {
        for line in std::fs::read_to_string(&path).unwrap().lines() {
            let line = line.trim_start().trim_start_matches("pub(crate) ").trim_start_matches("async ");
            let Some(rest) = line.strip_prefix("fn ") else { continue };
            let name = rest.split(['(', '<']).next().unwrap_or_default();
            found.insert(name.to_owned(), shown(&path));
        }
    }
    found
}

#[test]
fn each_test_that_a_requirement_names_exists() {
    let (rows, functions) = (rows(), functions());
    assert!(rows.len() > 20, "{DOCUMENT} has {} rows", rows.len());
    let mut ids = BTreeSet::new();
    for (id, sentence, tests) in rows {
        assert!(ids.insert(id.clone()), "{id} is there twice");
        assert!(sentence.ends_with('.') && !tests.is_empty(), "{id} is no sentence with tests");
        for test in tests {
            assert!(functions.contains_key(&test), "{id} names '{test}', which is in no source");
            let reported = report(&test);
            assert!(reported.is_none_or(|report| report == id), "{id} names '{test}' of another report");
        }
    }
}

#[test]
fn each_test_of_a_field_report_is_named_by_its_requirement() {
    let rows = rows();
    for (test, file) in functions() {
        let Some(report) = report(&test) else { continue };
        let named = rows.iter().any(|(id, _, tests)| *id == report && tests.contains(&test));
        assert!(named, "{DOCUMENT} doesn't name '{test}' of {file} under {report}");
    }
}
