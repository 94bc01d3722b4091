//! Who may call whom inside a service: config and error ← what decides ← entity ← store ← shells ← http and consume
//! ← lib. A file may name rooms of its own rank and below, never above.

use super::{root, shipped, shown, sources};
use std::collections::BTreeMap;
use std::path::Path;
use syn::UseTree;
use syn::visit::Visit;

/// What makes a file more than a function of values.
const IMPURE: [&str; 8] =
    ["sea_orm", "actix_web", "bus::", "database::", "tokio::", "std::fs", "async fn", ".await"];

/// What must be a function of values, whatever it would like to name.
const DECIDES: [&str; 16] = super::purity::DECIDES;
/// What `lib.rs` gives to shells and above.
const GIVEN: &str = "what the service is given";

/// The rooms, lowest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Room {
    /// What is set.
    Config,
    /// What can go wrong. It knows how HTTP answers and nothing else of the service.
    Error,
    /// Functions of values.
    Pure,
    /// Rows.
    Entity,
    /// Tables.
    Store,
    /// Load, decide, save.
    Shell,
    /// What is answered and what is heard.
    Door,
    /// What it is.
    Lib,
}

/// The room of a module, by its name and by what it contains. Whoever speaks HTTP is a door; what knows values only is
/// pure until it turns out to name something that isn't.
fn room(module: &str, text: &str) -> Room {
    match module {
        "config" | "policy" => Room::Config,
        "error" => Room::Error,
        "entity" => Room::Entity,
        "store" => Room::Store,
        "lib" => Room::Lib,
        // Of the gateway also what its handlers share.
        "http" | "consume" | "door" | "record" => Room::Door,
        // Signing in, whose cookies are headers.
        "auth" => Room::Shell,
        _ if text.contains("actix_web") => Room::Door,
        _ if IMPURE.iter().any(|word| text.contains(word)) => Room::Shell,
        _ => Room::Pure,
    }
}

/// The module at the root of the service that a file belongs to.
fn module_of(service: &Path, file: &Path) -> String {
    let below = file.strip_prefix(service.join("src")).unwrap();
    let first = below.components().next().unwrap().as_os_str().to_string_lossy().into_owned();
    first.trim_end_matches(".rs").to_owned()
}

/// Modules of its own crate that a file names.
#[derive(Default)]
struct Named(Vec<String>);

impl<'a> Visit<'a> for Named {
    fn visit_item_use(&mut self, item: &'a syn::ItemUse) {
        if let UseTree::Path(path) = &item.tree
            && path.ident == "crate"
        {
            self.tree(&path.tree);
        }
    }

    fn visit_path(&mut self, path: &'a syn::Path) {
        let mut segments = path.segments.iter().map(|segment| segment.ident.to_string());
        if segments.next().as_deref() == Some("crate") {
            self.0.extend(segments.next());
        }
        syn::visit::visit_path(self, path);
    }
}

impl Named {
    fn tree(&mut self, tree: &UseTree) {
        match tree {
            UseTree::Path(path) => self.0.push(path.ident.to_string()),
            UseTree::Name(name) => self.0.push(name.ident.to_string()),
            UseTree::Rename(rename) => self.0.push(rename.ident.to_string()),
            UseTree::Group(group) => group.items.iter().for_each(|item| self.tree(item)),
            UseTree::Glob(_) => {}
        }
    }
}

/// What `lib.rs` hands down: the parts that a service is given, which shells and above work with. What it only
/// passes on (`Config`, `Error`, `Outcome`…) stands in a module, and counts as that.
fn given(service: &Path) -> Vec<String> {
    let lib = syn::parse_file(&std::fs::read_to_string(service.join("src/lib.rs")).unwrap()).unwrap();
    let structs = lib.items.into_iter().filter_map(|item| match item {
        syn::Item::Struct(item) => Some(item.ident.to_string()),
        _ => None,
    });
    structs.collect()
}

/// Under which module `lib.rs` finds what it passes on.
fn passed_on(service: &Path) -> BTreeMap<String, String> {
    let text = std::fs::read_to_string(service.join("src/lib.rs")).unwrap();
    let mut found = BTreeMap::new();
    for line in text.split(';') {
        let Some((module, names)) =
            line.trim().strip_prefix("pub use ").and_then(|rest| rest.split_once("::"))
        else {
            continue;
        };
        for name in names.trim_matches(['{', '}']).split(',') {
            found.insert(name.trim().to_owned(), module.to_owned());
        }
    }
    found
}

#[test]
fn inside_a_service_names_point_downwards() {
    let (mut arrows, mut upwards) = (0, Vec::new());
    let folders = std::fs::read_dir(root().join("services")).unwrap().map(|entry| entry.unwrap().path());
    for service in folders.chain([root().join("gateway")]) {
        let name = service.file_name().unwrap().to_string_lossy().into_owned();
        // The binary names everything, and a worker has no rooms.
        if ["countersign", "worker"].contains(&name.as_str()) {
            continue;
        }
        arrows += check(&service, &mut upwards);
    }
    assert!(upwards.is_empty(), "{upwards:#?}");
    assert!(arrows > 200, "only {arrows} names were looked at");
}

/// A file with its text and the modules that it names.
struct Source {
    shown: String,
    module: String,
    text: String,
    named: Vec<String>,
}

fn read(service: &Path) -> Vec<Source> {
    let (given, passed_on) = (given(service), passed_on(service));
    let files = sources(&[&format!("{}/src", shown(service))], &["rs"]);
    let read = files.iter().filter_map(|file| {
        let text = shipped(file)?;
        let mut named = Named::default();
        named.visit_file(&syn::parse_file(&text).unwrap());
        let modules = named.0.into_iter().map(|target| {
            let module = passed_on.get(&target).cloned().unwrap_or(target);
            if given.contains(&module) { GIVEN.to_owned() } else { module }
        });
        let named = modules.collect();
        Some(Source { shown: shown(file), module: module_of(service, file), text, named })
    });
    read.collect()
}

/// Adds the names that point upwards; gives how many names were looked at.
fn check(service: &Path, upwards: &mut Vec<String>) -> usize {
    let files = read(service);
    let mut texts: BTreeMap<&str, String> = BTreeMap::new();
    for file in &files {
        *texts.entry(&file.module).or_default() += &file.text;
    }
    let mut rooms: BTreeMap<&str, Room> =
        texts.iter().map(|(module, text)| (*module, room(module, text))).collect();
    rooms.insert(GIVEN, Room::Shell);
    // A function of values over rows is no decision but a part of a shell.
    let mut changed = true;
    while changed {
        changed = false;
        for file in files.iter().filter(|file| !DECIDES.contains(&file.module.as_str())) {
            let names_more =
                file.named.iter().any(|target| rooms.get(&**target).is_some_and(|room| *room > Room::Pure));
            if rooms[&*file.module] == Room::Pure && names_more {
                rooms.insert(&file.module, Room::Shell);
                changed = true;
            }
        }
    }
    let mut arrows = 0;
    for file in &files {
        let here = rooms[&*file.module];
        for target in &file.named {
            let Some(&there) = rooms.get(&**target) else { continue };
            arrows += 1;
            if there > here {
                upwards.push(format!("{}: {here:?} may not name {target} ({there:?})", file.shown));
            }
        }
    }
    arrows
}
