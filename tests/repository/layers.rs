//! Who may name whom, and which crate owns which outside crate.

use super::root;
use cargo_metadata::{DependencyKind, MetadataCommand};
use std::collections::{BTreeMap, BTreeSet};

const EVERYTHING: &[&str] = &["*"];
const STORED: &[&str] = &["contract", "platform", "database", "bus"];

/// The layers: a member that is missing here fails the test ("decide its layer").
fn may_name(member: &str) -> Option<BTreeSet<&'static str>> {
    let (stored, more): (&[&str], &[&str]) = match member {
        "contract" | "imaging" | "report" => (&[], &[]),
        "bus" | "objects" | "platform" => (&[], &["contract"]),
        "database" => (&[], &["contract", "bus"]),
        "volume-io" => (&[], &["imaging"]),
        "nets" => (&[], &["imaging", "evaluation"]),
        "dicom-io" | "evaluation" => (&[], &["imaging", "contract"]),
        "migrations" => (&[], &["database"]),
        "worker" => (&[], &["contract", "platform", "bus", "objects", "volume-io", "imaging", "nets"]),
        "intake" | "generation" | "delivery" => (STORED, &["objects", "dicom-io", "volume-io", "imaging"]),
        "rollout" | "audit" => (STORED, &["evaluation", "report"]),
        "review" => (STORED, &["evaluation"]),
        "gateway" => (STORED, &["objects"]),
        "countersign" | "tests" => (EVERYTHING, &[]),
        _ => return None,
    };
    Some(stored.iter().chain(more).copied().collect())
}

/// Outside crates with one owner (several where the design says so).
const OWNERS: &[(&str, &[&str])] = &[
    ("lapin", &["bus"]),
    ("object_store", &["objects"]),
    ("candle-core", &["nets"]),
    ("async-graphql", &["gateway"]),
    ("async-graphql-actix-web", &["gateway"]),
    ("jsonwebtoken", &["platform"]),
    ("opentelemetry", &["platform"]),
    ("opentelemetry-otlp", &["platform"]),
    ("krilla", &["report"]),
    ("skrifa", &["report"]),
    ("clap", &["countersign"]),
    ("anyhow", &["countersign", "tests"]),
];

fn edges() -> BTreeMap<String, Vec<String>> {
    let metadata = MetadataCommand::new().manifest_path(root().join("Cargo.toml")).no_deps().exec().unwrap();
    let shipped = |kind: DependencyKind| kind != DependencyKind::Development;
    metadata
        .packages
        .iter()
        .map(|package| {
            let named = package.dependencies.iter().filter(|d| shipped(d.kind)).map(|d| d.name.clone());
            (package.name.to_string(), named.collect())
        })
        .collect()
}

#[test]
fn every_member_names_only_what_its_layer_allows() {
    let edges = edges();
    for (member, named) in &edges {
        let allowed = may_name(member).unwrap_or_else(|| panic!("decide the layer of '{member}'"));
        for other in named.iter().filter(|name| edges.contains_key(*name)) {
            assert!(
                allowed.contains("*") || allowed.contains(other.as_str()),
                "{member} may not name {other}"
            );
        }
    }
}

#[test]
fn outside_crates_stay_with_their_owner() {
    for (member, named) in edges() {
        for (outside, owners) in OWNERS {
            let owned = owners.contains(&member.as_str());
            assert!(
                owned || !named.iter().any(|n| n == outside),
                "{member} may not use {outside}: {owners:?} own it"
            );
        }
        let stores = named.iter().any(|n| n == "sea-orm");
        let stored = may_name(&member).is_some_and(|a| a.contains("database")) || member == "database";
        assert!(!stores || stored, "{member} has no store and may not use sea-orm");
        let dicom = named.iter().any(|n| n.starts_with("dicom-") && n != "dicom-io");
        assert!(!dicom || member == "dicom-io", "{member} may not use dicom-rs: dicom-io owns it");
    }
}
