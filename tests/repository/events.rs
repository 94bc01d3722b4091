//! Each event is told by the service that owns the fact, and somebody takes it in.
//!
//! A service tells an event when its shipped code makes a value of that variant: the only thing a service can do with
//! one is to append it to its outbox. Patterns, which name variants to take events apart, are no telling.

use super::{root, shipped, shown, sources};
use std::collections::{BTreeMap, BTreeSet};
use syn::visit::Visit;

/// Every service records what it shows, and what it starts with.
const TOLD_BY_ALL: [&str; 2] = ["AccessRecorded", "ConfigurationChanged"];
/// Tells the second for each service, in that service's outbox.
const FOR_ALL: &str = "crates/database/src";
/// Takes events as hints only: a lost one costs a listener half a minute.
const TAKES_HINTS: &str = "gateway";

/// Variant → kind on the wire, from the list that makes `Event`.
fn kinds() -> BTreeMap<String, String> {
    let text = std::fs::read_to_string(root().join("crates/contract/src/event.rs")).unwrap();
    let listed = text.lines().filter_map(|line| {
        let (kind, variant) = line.trim().split_once("\" => ")?;
        let variant = variant.split([' ', '(']).next()?;
        Some((variant.to_owned(), kind.strip_prefix('"')?.to_owned()))
    });
    let kinds: BTreeMap<String, String> = listed.collect();
    assert!(kinds.len() > 20, "the kinds of events were not found");
    kinds
}

/// Variants of `Event` that a file makes.
#[derive(Default)]
struct Made(BTreeSet<String>);

impl<'a> Visit<'a> for Made {
    fn visit_expr_struct(&mut self, made: &'a syn::ExprStruct) {
        self.take(&made.path);
        syn::visit::visit_expr_struct(self, made);
    }

    /// Variants whose payload is a type of its own are made by a call.
    fn visit_expr_call(&mut self, made: &'a syn::ExprCall) {
        if let syn::Expr::Path(function) = &*made.func {
            self.take(&function.path);
        }
        syn::visit::visit_expr_call(self, made);
    }
}

impl Made {
    fn take(&mut self, path: &syn::Path) {
        let segments: Vec<_> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        if let [.., of, variant] = segments.as_slice()
            && of == "Event"
        {
            self.0.insert(variant.clone());
        }
    }
}

fn service_of(path: &std::path::Path) -> String {
    shown(path).trim_start_matches("services/").split('/').next().unwrap().to_owned()
}

/// Variant → services that make it.
fn tellers() -> BTreeMap<String, BTreeSet<String>> {
    let mut tellers: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for path in sources(&["services", "gateway", FOR_ALL], &["rs"]) {
        let Some(text) = shipped(&path) else { continue };
        let mut made = Made::default();
        made.visit_file(&syn::parse_file(&text).unwrap());
        for variant in made.0 {
            tellers.entry(variant).or_default().insert(service_of(&path));
        }
    }
    tellers
}

/// Service → kinds it takes in, and the text of its `consume.rs`.
fn takers() -> BTreeMap<String, (Vec<String>, String)> {
    let consuming = sources(&["services", "gateway"], &["rs"]);
    let consuming = consuming.iter().filter(|path| path.ends_with("consume.rs"));
    let mut takers = BTreeMap::new();
    for path in consuming {
        let text = shipped(path).unwrap();
        let list = text.split("KINDS: [&str;").nth(1).and_then(|rest| rest.split_once('='));
        let list = list.and_then(|(_, rest)| rest.split(']').next()).unwrap_or_default();
        let kinds = list.split('"').skip(1).step_by(2).map(str::to_owned).collect();
        takers.insert(service_of(path), (kinds, text));
    }
    takers
}

fn matches(pattern: &str, kind: &str) -> bool {
    pattern == kind || pattern.strip_suffix(".*").is_some_and(|start| kind.starts_with(&format!("{start}.")))
}

#[test]
fn an_event_is_told_by_the_service_that_owns_the_fact() {
    let tellers = tellers();
    for variant in kinds().keys() {
        let by: Vec<_> = tellers.get(variant).into_iter().flatten().collect();
        assert!(!by.is_empty(), "{variant} is told by nobody");
        assert!(by.len() == 1 || TOLD_BY_ALL.contains(&variant.as_str()), "{variant} is told by {by:?}");
    }
}

#[test]
fn whoever_tells_events_appends_them_to_its_outbox() {
    let mut tellers: BTreeSet<String> = tellers().into_values().flatten().collect();
    tellers.remove("crates");
    for service in tellers {
        let home = if service == "gateway" { service.clone() } else { format!("services/{service}") };
        let texts = sources(&[&format!("{home}/src")], &["rs"])
            .iter()
            .filter_map(|path| shipped(path))
            .collect::<String>();
        assert!(texts.contains("outbox::append("), "{service} makes events and appends none");
        assert!(texts.contains("outbox::relay("), "{service} has an outbox and no relay");
        assert!(texts.contains("\"/v1/outbox\""), "{service} has an outbox that audit can't read");
    }
}

#[test]
fn audit_takes_every_event_and_nobody_waits_for_one_that_nobody_tells() {
    let audit = std::fs::read_to_string(root().join("services/audit/src/lib.rs")).unwrap();
    assert!(audit.contains("consume::run(") && audit.contains("&[\"#\"]"), "audit takes all events");
    let kinds = kinds();
    for (service, (wanted, _)) in takers() {
        for pattern in wanted {
            assert!(kinds.values().any(|kind| matches(&pattern, kind)), "{service} waits for '{pattern}'");
        }
    }
}

/// The bus may lose a message: who takes events for an effect also reads them from the outbox of who tells them, and is
/// let in there.
#[test]
fn what_the_bus_loses_is_read_from_its_owner() {
    let (kinds, tellers) = (kinds(), tellers());
    let mut looked_at = 0;
    for (service, (wanted, text)) in takers() {
        if service == TAKES_HINTS || service == "audit" {
            continue;
        }
        let lib = std::fs::read_to_string(root().join(format!("services/{service}/src/lib.rs"))).unwrap();
        assert!(lib.contains("repair::run("), "{service} takes events in and repairs none");
        for (variant, kind) in &kinds {
            if !wanted.iter().any(|pattern| matches(pattern, kind)) {
                continue;
            }
            let owner = tellers[variant].first().unwrap();
            let source = format!("Source {{ service: \"{owner}\"");
            assert!(text.contains(&source), "{service} takes {kind} and doesn't read the outbox of {owner}");
            let http = std::fs::read_to_string(root().join(format!("services/{owner}/src/http.rs"))).unwrap();
            let door = http.split("async fn outbox").nth(1).unwrap().split("outbox::page").next().unwrap();
            assert!(
                door.contains(&format!("\"{service}\"")),
                "{owner} doesn't let {service} read its outbox"
            );
            looked_at += 1;
        }
    }
    assert!(looked_at > 4, "only {looked_at} kinds were looked at");
}
