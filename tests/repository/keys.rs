//! What every key of the configuration means, read from the doc comments of the types.

use super::{root, shown, sources};
use std::path::{Path, PathBuf};
use syn::{Field, GenericArgument, ItemStruct, PathArguments, Type};

/// Written by `./generate`.
const WRITTEN: &str = "services/countersign/src/config/key-docs.txt";

/// A key: its path, what it means, and the name of its type.
struct Key {
    path: String,
    doc: String,
    kind: String,
}

#[test]
fn the_meanings_of_the_keys_are_up_to_date() {
    let written = std::fs::read_to_string(root().join(WRITTEN)).unwrap_or_default();
    assert!(written == text(&keys()), "{WRITTEN} is out of date: run ./generate");
}

#[test]
#[ignore = "writes a file: only ./generate runs it"]
fn writes_the_meanings_of_the_keys() {
    std::fs::write(root().join(WRITTEN), text(&keys())).unwrap();
}

#[test]
fn every_key_says_what_it_means_and_in_which_unit() {
    let units = [
        ("seconds", "second"),
        ("_s", "second"),
        ("minutes", "minute"),
        ("hours", "hour"),
        ("days", "days"),
        ("bytes", "byte"),
        ("percent", "percent"),
        ("voxels", "voxel"),
    ];
    for Key { path, doc, kind } in keys() {
        assert!(!doc.is_empty(), "{path} says nothing");
        let number = ["u8", "u16", "u32", "u64", "usize", "f64"].contains(&kind.as_str());
        let name = path.rsplit('.').next().unwrap();
        for (part, unit) in units.iter().filter(|_| number) {
            let named = name.ends_with(part) || name.contains(&format!("{part}_"));
            assert!(
                !named || doc.to_lowercase().contains(unit),
                "{path} doesn't say its unit, {unit}: {doc}"
            );
        }
    }
}

fn text(keys: &[Key]) -> String {
    let lines: Vec<String> = keys.iter().map(|Key { path, doc, .. }| format!("{path}\t{doc}")).collect();
    lines.join("\n") + "\n"
}

fn keys() -> Vec<Key> {
    let mut keys = Vec::new();
    let file = root().join("services/countersign/src/config.rs");
    let (found, config) = structure(&file, "Config").expect("the whole configuration");
    walk(&mut keys, "", &found, &config);
    assert!(keys.len() > 80, "only {} keys", keys.len());
    keys
}

/// Adds the fields of a structure that stands in `file`.
fn walk(keys: &mut Vec<Key>, prefix: &str, file: &Path, of: &ItemStruct) {
    for field in &of.fields {
        let (many, of) = element(&field.ty);
        let path = format!("{prefix}{}", field.ident.as_ref().unwrap());
        keys.push(Key { path: path.clone(), doc: doc(field), kind: last(of) });
        if let Some((file, of)) = resolve(file, of) {
            let prefix = if many == "BTreeMap" {
                let each = format!("{path}.<name>");
                keys.push(Key { path: each.clone(), doc: "One of them.".to_owned(), kind: String::new() });
                each
            } else {
                path
            };
            walk(keys, &format!("{prefix}."), &file, &of);
        }
    }
}

fn doc(field: &Field) -> String {
    let lines = field.attrs.iter().filter(|attribute| attribute.path().is_ident("doc")).map(|attribute| {
        let syn::Meta::NameValue(pair) = &attribute.meta else { panic!("a doc comment") };
        let syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) = &pair.value else {
            panic!("a doc comment is text")
        };
        text.value().trim().to_owned()
    });
    lines.collect::<Vec<_>>().join(" ")
}

/// The container of a type, and what it contains: `Option<T>`, `Vec<T>`, `BTreeMap<K, T>`, or the type itself.
fn element(kind: &Type) -> (String, &Type) {
    if let Type::Path(path) = kind
        && let segment = path.path.segments.last().unwrap()
        && let PathArguments::AngleBracketed(arguments) = &segment.arguments
        && let Some(GenericArgument::Type(inner)) = arguments.args.last()
    {
        return (segment.ident.to_string(), inner);
    }
    (String::new(), kind)
}

fn last(kind: &Type) -> String {
    let Type::Path(path) = kind else { panic!("a key has a named type") };
    path.path.segments.last().unwrap().ident.to_string()
}

/// The structure that a type names, seen from `file`; none when it isn't one of ours.
fn resolve(file: &Path, kind: &Type) -> Option<(PathBuf, ItemStruct)> {
    let Type::Path(path) = kind else { return None };
    let segments: Vec<String> = path.path.segments.iter().map(|segment| segment.ident.to_string()).collect();
    let (name, modules) = segments.split_last()?;
    let home = match modules.first().map(String::as_str) {
        Some(member) => ["services", "crates", ""]
            .map(|folder| root().join(folder).join(member).join("src"))
            .into_iter()
            .find(|home| home.is_dir())?,
        None => file.ancestors().find(|folder| folder.ends_with("src"))?.to_path_buf(),
    };
    // In the same file first: every crate has a `Config`.
    let module = modules.last().filter(|_| modules.len() > 1).map_or("config", String::as_str);
    let named = home.join(format!("{module}.rs"));
    let first = if modules.is_empty() { file } else { &named };
    structure(first, name).or_else(|| {
        let home = shown(&home);
        sources(&[&home], &["rs"]).iter().find_map(|file| structure(file, name))
    })
}

fn structure(file: &Path, name: &str) -> Option<(PathBuf, ItemStruct)> {
    let text = std::fs::read_to_string(file).ok()?;
    // Most files have no such structure, and taking one apart takes long.
    let parsed = text.contains(&format!("struct {name}")).then(|| syn::parse_file(&text).ok())??;
    let found = parsed.items.into_iter().find_map(|item| match item {
        syn::Item::Struct(item) if item.ident == name => Some(item),
        _ => None,
    })?;
    // Ids and digests are one value.
    matches!(found.fields, syn::Fields::Named(_)).then(|| (file.to_path_buf(), found))
}
