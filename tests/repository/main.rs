//! The rules that hold for the whole repository, checked in seconds and without any service.
#![expect(clippy::unwrap_used, reason = "a broken repository is a failing test")]

mod events;
mod keys;
mod layers;
mod order;
mod purity;
mod requirements;
mod roles;
mod tidy;

use std::path::{Path, PathBuf};

/// The repository's root.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

/// Source files below `folders` with one of `extensions`, without what is built or fetched.
fn sources(folders: &[&str], extensions: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open: Vec<PathBuf> = folders.iter().map(|folder| root().join(folder)).collect();
    while let Some(folder) = open.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        for entry in entries {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() {
                if !["target", "node_modules", "dist", "fixtures"].contains(&name.as_str()) {
                    open.push(path);
                }
            } else if path.extension().is_some_and(|e| extensions.contains(&e.to_string_lossy().as_ref())) {
                found.push(path);
            }
        }
    }
    found.sort();
    assert!(!found.is_empty(), "no sources below {folders:?}");
    found
}

/// The text of a file without what only tests compile; `None` for a file that is nothing but test.
fn shipped(path: &Path) -> Option<String> {
    let name = shown(path);
    let module = path.file_stem().unwrap().to_string_lossy().into_owned();
    let declared = |file: PathBuf| {
        let text = std::fs::read_to_string(file).unwrap_or_default();
        text.contains(&format!("#[cfg(test)]\nmod {module};"))
    };
    let folder = path.parent().unwrap();
    let above = [folder.join("lib.rs"), folder.join("mod.rs"), folder.with_extension("rs")];
    if name.contains("/tests/") || above.into_iter().any(declared) {
        return None;
    }
    let text = std::fs::read_to_string(path).unwrap();
    // Modules of tests stand at the end of a file.
    let modules = text.match_indices("#[cfg(test)]\n").map(|(at, _)| at);
    let test = modules.filter(|at| {
        let next = text[*at..].lines().nth(1).unwrap_or_default();
        next.contains("mod ") && next.ends_with('{')
    });
    let end = test.min().unwrap_or(text.len());
    Some(text[..end].to_owned())
}

/// A path as it is named in a message.
fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}
