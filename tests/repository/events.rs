//! Each event has one emitter, and somebody who takes it.

use super::{root, shown, sources};
use std::collections::BTreeMap;

/// The variants of `contract::Event`, from its source.
fn variants() -> Vec<String> {
    let file =
        syn::parse_file(&std::fs::read_to_string(root().join("crates/contract/src/event.rs")).unwrap())
            .unwrap();
    let event = file.items.into_iter().find_map(|item| match item {
        syn::Item::Enum(item) if item.ident == "Event" => Some(item),
        _ => None,
    });
    event.unwrap().variants.into_iter().map(|variant| variant.ident.to_string()).collect()
}

/// Text without `#[cfg(test)]` modules: what tests build is no emission.
fn shipped(path: &std::path::Path) -> String {
    let text = std::fs::read_to_string(path).unwrap();
    text.split("#[cfg(test)]").next().unwrap_or_default().to_owned()
}

#[test]
fn an_event_is_told_by_the_service_that_owns_the_fact() {
    let mut emitters: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for path in sources(&["services", "gateway"], &["rs"]) {
        let name = shown(&path);
        let service = name.trim_start_matches("services/").split('/').next().unwrap().to_owned();
        // Audit turns every event into a sentence, and consumers match on what they take.
        if name.contains("/tests/") || name.ends_with("sentence.rs") || name.ends_with("consume.rs") {
            continue;
        }
        let text = shipped(&path);
        for variant in variants() {
            let pattern = format!("Event::{variant}");
            if text.contains(&pattern) {
                let known = emitters.entry(variant).or_default();
                if !known.contains(&service) {
                    known.push(service.clone());
                }
            }
        }
    }
    for (variant, services) in &emitters {
        // Every service records what it shows.
        if variant != "AccessRecorded" {
            assert_eq!(services.len(), 1, "{variant} is told by {services:?}");
        }
    }
}
