//! A model as its publisher hands it over: a folder or a zip archive with a signed list of what is in it.
//!
//! `SHA256SUMS` lists every other file in the format of sha256sum, and `SHA256SUMS.sig` is the publisher's Ed25519
//! signature (RFC 8032, 64 bytes) of it. Both can be checked without Countersign: `sha256sum -c SHA256SUMS` and
//! `openssl pkeyutl -verify -pubin -inkey NAME.pub -rawin -in SHA256SUMS -sigfile SHA256SUMS.sig`. `tensors.json` names
//! each tensor of the weights with its type and shape.
//!
//! Everything here reads and writes files: call it where blocking is allowed.

mod unpack;

use crate::Error;
use contract::rollout::Model;
use contract::{Digest, Refusal};
use ed25519_dalek::pkcs8::DecodePublicKey as _;
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use safetensors::tensor::{Metadata, TensorInfo};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

pub(crate) use unpack::unpack;

/// The list of files, and its signature.
const SUMS: &str = "SHA256SUMS";
const SIGNATURE: &str = "SHA256SUMS.sig";
/// The tensors of the weights.
const TENSORS: &str = "tensors.json";
const WEIGHTS: &str = "weights.safetensors";
/// What every package holds, beside the list and its signature.
const WANTED: [&str; 6] = ["LICENSE", "card.md", "metrics.json", "model.toml", TENSORS, WEIGHTS];
/// A file is read in parts of so many bytes.
const PART_BYTES: usize = 1 << 20;
/// A header with more bytes isn't one of tensors.
const HEADER_BYTES_MAX: u64 = 16 << 20;

/// What is known of a package that is whole and signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// Name of the publisher: that of the key in the folder of trusted publishers.
    pub publisher: String,
    /// Digest of the signed list, which stands for every file.
    pub manifest: Digest,
}

impl Sealed {
    /// The model that was read from the package.
    pub(crate) fn model(self, read: Model) -> Model {
        Model { publisher: Some(self.publisher), manifest: Some(self.manifest), ..read }
    }
}

/// A tensor's type and shape.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Tensor {
    dtype: String,
    shape: Vec<usize>,
}

impl From<&TensorInfo> for Tensor {
    fn from(info: &TensorInfo) -> Self {
        Self { dtype: format!("{:?}", info.dtype), shape: info.shape.clone() }
    }
}

/// Writes `tensors.json`, `SHA256SUMS` and `SHA256SUMS.sig` into a model's folder.
///
/// # Errors
/// When the folder lacks a file that a package needs, or a file can't be read or written.
pub fn seal(folder: &Path, key: &SigningKey) -> Result<Digest, Error> {
    write(folder, TENSORS, format!("{:#}\n", serde_json::json!(tensors(folder)?)).as_bytes())?;
    let mut sums = String::new();
    for name in names(folder)? {
        if name != SUMS && name != SIGNATURE {
            writeln!(sums, "{}  {name}", digest(folder, &name)?).expect("a string takes every line");
        }
    }
    wanted_are_in(&listed(&sums)?)?;
    write(folder, SUMS, sums.as_bytes())?;
    write(folder, SIGNATURE, &key.sign(sums.as_bytes()).to_bytes())?;
    Ok(Digest::of(sums.as_bytes()))
}

/// Checks a package: who signed it, that each file is the one that was signed, that nothing else is in it, and that the
/// weights hold the named tensors.
///
/// # Errors
/// A refusal that says which of these is not so.
pub fn check(folder: &Path, publishers: &Path) -> Result<Sealed, Error> {
    let sums = read(folder, SUMS)?;
    let publisher = signer(&sums, &read(folder, SIGNATURE)?, publishers)?;
    let text = std::str::from_utf8(&sums).map_err(|_| refused("package_list", "SHA256SUMS isn't text"))?;
    let listed = listed(text)?;
    wanted_are_in(&listed)?;
    for name in names(folder)? {
        if name != SUMS && name != SIGNATURE && !listed.contains_key(&name) {
            return Err(refused("package_unlisted", &format!("{name} isn't in the signed list")));
        }
    }
    for (name, stated) in &listed {
        if digest(folder, name)? != *stated {
            return Err(refused("package_altered", &format!("{name} isn't the file that was signed")));
        }
    }
    let stated: BTreeMap<String, Tensor> = serde_json::from_slice(&read(folder, TENSORS)?)
        .map_err(|error| refused("package_tensors", &format!("tensors.json can't be read: {error}")))?;
    let found = tensors(folder)?;
    if stated != found {
        let odd = found.iter().find(|(name, tensor)| stated.get(*name) != Some(tensor)).map(|(name, _)| name);
        let odd = odd.or_else(|| stated.keys().find(|name| !found.contains_key(*name)));
        let which = odd.map_or("a tensor", String::as_str);
        return Err(refused("package_tensors", &format!("{which} isn't as tensors.json states it")));
    }
    Ok(Sealed { publisher, manifest: Digest::of(&sums) })
}

/// Tells which trusted publisher signed the list.
fn signer(sums: &[u8], signature: &[u8], publishers: &Path) -> Result<String, Error> {
    let signature = Signature::from_slice(signature)
        .map_err(|_| refused("package_signature", "SHA256SUMS.sig isn't an Ed25519 signature"))?;
    let unreadable = |source| Error::ModelFile { path: publishers.to_owned(), source };
    for entry in std::fs::read_dir(publishers).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.extension().is_none_or(|extension| extension != "pub") {
            continue;
        }
        let pem = std::fs::read_to_string(&path).map_err(unreadable)?;
        let Ok(key) = VerifyingKey::from_public_key_pem(&pem) else { continue };
        if key.verify_strict(sums, &signature).is_ok() {
            return Ok(path.file_stem().unwrap_or_default().to_string_lossy().into_owned());
        }
    }
    Err(refused("package_publisher", "no publisher that this site trusts has signed it"))
}

/// Reads a list in the format of sha256sum.
fn listed(sums: &str) -> Result<BTreeMap<String, Digest>, Error> {
    sums.lines()
        .map(|line| {
            let (digest, name) = line.split_once("  ").unwrap_or_default();
            match digest.parse() {
                Ok(digest) if is_plain(name) => Ok((name.to_owned(), digest)),
                _ => Err(refused("package_list", &format!("SHA256SUMS has a line that is none: {line:?}"))),
            }
        })
        .collect()
}

fn wanted_are_in(listed: &BTreeMap<String, Digest>) -> Result<(), Error> {
    match WANTED.iter().find(|name| !listed.contains_key(**name)) {
        Some(name) => Err(refused("package_incomplete", &format!("{name} is missing"))),
        None => Ok(()),
    }
}

/// A file's name that leads nowhere else.
fn is_plain(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    !name.is_empty() && name.len() <= 100 && !name.starts_with('.') && name.chars().all(plain)
}

/// The names in a folder, in order; a package has no folders and no links.
fn names(folder: &Path) -> Result<Vec<String>, Error> {
    let unreadable = |source| Error::ModelFile { path: folder.to_owned(), source };
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if !entry.file_type().map_err(unreadable)?.is_file() || !is_plain(&name) {
            return Err(refused("package_name", &format!("{name:?} isn't a plain file with a plain name")));
        }
        names.push(name);
    }
    names.sort();
    Ok(names)
}

/// Reads which tensors the weights hold, from their header alone.
fn tensors(folder: &Path) -> Result<BTreeMap<String, Tensor>, Error> {
    let path = folder.join(WEIGHTS);
    let unreadable = |source| Error::ModelFile { path: path.clone(), source };
    let mut file = File::open(&path).map_err(unreadable)?;
    let mut length = [0; 8];
    file.read_exact(&mut length).map_err(unreadable)?;
    let bytes = u64::from_le_bytes(length);
    if bytes > HEADER_BYTES_MAX {
        return Err(refused("package_tensors", "the header of the weights is no header of tensors"));
    }
    let mut header = Vec::new();
    file.take(bytes).read_to_end(&mut header).map_err(unreadable)?;
    let metadata: Metadata = serde_json::from_slice(&header)
        .map_err(|error| refused("package_tensors", &format!("the weights can't be read: {error}")))?;
    Ok(metadata.tensors().into_iter().map(|(name, info)| (name, info.into())).collect())
}

fn digest(folder: &Path, name: &str) -> Result<Digest, Error> {
    let path = folder.join(name);
    let unreadable = |source| Error::ModelFile { path: path.clone(), source };
    let mut file = match File::open(&path) {
        Err(source) if source.kind() == std::io::ErrorKind::NotFound => {
            return Err(refused("package_incomplete", &format!("{name} is missing")));
        }
        opened => opened.map_err(unreadable)?,
    };
    let mut hasher = Sha256::new();
    let mut part = vec![0; PART_BYTES];
    loop {
        match file.read(&mut part).map_err(unreadable)? {
            0 => break,
            count => hasher.update(&part[..count]),
        }
    }
    Ok(Digest::from_bytes(hasher.finalize().into()))
}

fn read(folder: &Path, name: &str) -> Result<Vec<u8>, Error> {
    let path = folder.join(name);
    match std::fs::read(&path) {
        Ok(bytes) => Ok(bytes),
        Err(source) if source.kind() == std::io::ErrorKind::NotFound => {
            Err(refused("package_incomplete", &format!("{name} is missing")))
        }
        Err(source) => Err(Error::ModelFile { path, source }),
    }
}

fn write(folder: &Path, name: &str, bytes: &[u8]) -> Result<(), Error> {
    let path = folder.join(name);
    std::fs::write(&path, bytes).map_err(|source| Error::ModelFile { path, source })
}

fn refused(code: &str, why: &str) -> Error {
    Refusal::new(code, format!("the package is refused: {why}"), "take it again from who publishes the model")
        .into()
}

#[cfg(test)]
mod tests;
