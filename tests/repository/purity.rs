//! The decisions are pure: no async, no I/O, no database, no web, no bus in the files that decide.

use super::{root, shown, sources};

/// The files that decide.
pub(super) const DECIDES: [&str; 21] = [
    "workflow",
    "router",
    "gate",
    "subgroup",
    "counted",
    "concord",
    "blind",
    "urgency",
    "learning",
    "ledger",
    "sentence",
    "dry_run",
    "economics",
    "remedy",
    "capacity",
    "creation",
    "preference",
    "side_by_side",
    "prior",
    "destination",
    "scanners",
];
const FORBIDDEN: &[&str] = &[
    "sea_orm",
    "actix_web",
    "bus::",
    "database::",
    "tokio::",
    "std::fs",
    "async fn",
    ".await",
    "SystemClock",
];

#[test]
fn the_files_that_decide_do_no_io() {
    let mut seen = 0;
    for path in sources(&["services"], &["rs"]) {
        if !DECIDES.contains(&path.file_stem().unwrap().to_string_lossy().as_ref()) {
            continue;
        }
        if ["/tests/", "countersign/src"].iter().any(|shell| shown(&path).contains(shell)) {
            continue;
        }
        seen += 1;
        let text = std::fs::read_to_string(&path).unwrap();
        let text = text.split("#[cfg(test)]").next().unwrap_or_default();
        for word in FORBIDDEN {
            assert!(!text.contains(word), "{} is pure and may not say '{word}'", shown(&path));
        }
    }
    assert!(seen > 0, "no pure files found below {}", root().display());
}

#[test]
fn a_table_is_named_by_one_service_only() {
    let mut owner = std::collections::BTreeMap::new();
    for path in sources(&["services", "gateway"], &["rs"]) {
        let text = std::fs::read_to_string(&path).unwrap();
        let service = shown(&path).split('/').take(2).collect::<Vec<_>>().join("/");
        for table in text.split("table_name = \"").skip(1).filter_map(|rest| rest.split('"').next()) {
            let first = owner.entry(table.to_owned()).or_insert_with(|| service.clone());
            assert_eq!(*first, service, "table '{table}' has two owners");
        }
    }
    assert!(!owner.is_empty());
}
