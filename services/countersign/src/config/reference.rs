//! The reference configuration: every key with what it means, its unit and its default.
//!
//! `key-docs.txt` is made by `./generate` from the doc comments of the configuration's types; values come from
//! `Default`. So neither can say something else than the code does.

use super::Config;
use std::fmt::Write as _;
use toml::Value;

/// `path<TAB>meaning`, in the order of the declarations.
const DOCS: &str = include_str!("key-docs.txt");
/// Columns of a comment.
const WIDTH: usize = 108;

/// A key, or a table of keys.
#[derive(Default)]
struct Key<'d> {
    name: &'d str,
    doc: &'d str,
    keys: Vec<Self>,
}

/// The reference as TOML with comments.
pub(crate) fn reference() -> anyhow::Result<String> {
    let mut out = String::from(
        "# Reference configuration: every key with its default. A file needs only what differs; the environment variable\n\
         # COUNTERSIGN__SECTION__KEY overrides it. Unknown keys are refused. Made by `countersign config default`.\n",
    );
    let defaults = Value::try_from(Config::default())?;
    table(&mut out, "", &tree(), &defaults);
    Ok(out)
}

fn tree() -> Vec<Key<'static>> {
    let mut roots = Vec::new();
    for line in DOCS.lines() {
        let (path, doc) = line.split_once('\t').expect("./generate writes path, tab, meaning");
        let mut keys: &mut Vec<Key<'static>> = &mut roots;
        let mut parts = path.split('.').peekable();
        while let Some(name) = parts.next() {
            if parts.peek().is_none() {
                keys.push(Key { name, doc, keys: Vec::new() });
                break;
            }
            keys = &mut keys.last_mut().expect("a table stands before its keys").keys;
        }
    }
    roots
}

/// Keys first, then tables: what follows a table's head belongs to it.
fn table(out: &mut String, path: &str, keys: &[Key<'_>], values: &Value) {
    let is_table = |key: &&Key<'_>| matches!(values.get(key.name), Some(Value::Table(_))) && !key.is_map();
    for key in keys.iter().filter(|key| !is_table(key)) {
        plain(out, path, key, values.get(key.name));
    }
    for key in keys.iter().filter(is_table) {
        let path = if path.is_empty() { key.name.to_owned() } else { format!("{path}.{}", key.name) };
        out.push('\n');
        comment(out, key.doc);
        let _ = writeln!(out, "[{path}]");
        table(out, &path, &key.keys, &values[key.name]);
    }
}

fn plain(out: &mut String, path: &str, key: &Key<'_>, value: Option<&Value>) {
    let full = if path.is_empty() { key.name.to_owned() } else { format!("{path}.{}", key.name) };
    comment(out, key.doc);
    let each = match &*key.keys {
        [] => &[],
        [only] if only.name.starts_with('<') => &*only.keys,
        keys => keys,
    };
    if !each.is_empty() {
        let head = match value {
            Some(Value::Array(_)) => format!("Each is a [[{full}]] with:"),
            Some(_) => format!("Each is a [{full}.NAME] with:"),
            None => format!("It is a table [{full}] with:"),
        };
        comment(out, &head);
        for key in each {
            comment(out, &format!("- {}: {}", key.name, key.doc));
        }
    }
    match value {
        Some(Value::Table(_)) => {}
        Some(value) => drop(writeln!(out, "{} = {value}", key.name)),
        None => drop(writeln!(out, "# {} is not set", key.name)),
    }
}

impl Key<'_> {
    /// Whether the names of its keys are up to the site.
    fn is_map(&self) -> bool {
        self.keys.first().is_some_and(|key| key.name.starts_with('<'))
    }
}

fn comment(out: &mut String, text: &str) {
    let mut line = String::from("#");
    for word in text.split_whitespace() {
        if line.len() + 1 + word.len() > WIDTH {
            let _ = writeln!(out, "{line}");
            line = String::from("#");
        }
        line.push(' ');
        line.push_str(word);
    }
    let _ = writeln!(out, "{line}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reference_says_what_the_defaults_are() {
        let read: Config = toml::from_str(&reference().unwrap()).unwrap();
        read.check().unwrap();
        assert_eq!(Value::try_from(read).unwrap(), Value::try_from(Config::default()).unwrap());
    }

    #[test]
    fn every_key_of_the_defaults_is_explained() {
        fn explained(path: &str, values: &Value, keys: &[Key<'_>]) {
            let Value::Table(values) = values else { return };
            for (name, value) in values {
                let key = keys.iter().find(|key| key.name == name);
                let key = key.unwrap_or_else(|| panic!("{path}{name} is not explained: run ./generate"));
                assert!(!key.doc.is_empty(), "{path}{name} has an empty explanation");
                if !key.is_map() {
                    explained(&format!("{path}{name}."), value, &key.keys);
                }
            }
        }
        explained("", &Value::try_from(Config::default()).unwrap(), &tree());
    }

    #[test]
    fn the_written_reference_and_schema_are_up_to_date() {
        let repository = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        for (file, wanted) in [
            ("infra/countersign.toml", reference().unwrap()),
            ("gateway/schema.graphql", gateway::schema_sdl()),
        ] {
            let written = std::fs::read_to_string(repository.join(file)).unwrap_or_default();
            assert!(written == wanted, "{file} is out of date: run ./generate");
        }
    }
}
