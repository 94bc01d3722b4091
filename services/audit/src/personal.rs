//! What an entry says of people, kept apart from its leaf: the leaf holds commitments, and what they commit to stands
//! beside it and can be erased, while proofs and verification go on.
//!
//! A commitment is SHA-256 over a salt of 32 random bytes and the content as JSON. Without the salt nobody can try names
//! against it. Entries from before there were commitments say everything in their leaf, and stay as they are.
//!
//! Personal are the names of whoever acted, what was typed into a search of the ledger, words of an administrator, and
//! digests of words: a short reason could be guessed from its digest. Ids tell nothing by themselves and stay.

use contract::audit::ErasureScope;
use contract::{Digest, Time, UserId};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;

/// The form of entries with commitments; those without say nothing of a form.
const FORM: u32 = 2;
/// Stands between the columns of what is kept beside an entry; no JSON has one.
const TAB: char = '\t';
/// Stands instead of a salt where the content was erased; the content is then the time.
const ERASED: &str = "erased";
/// The members of an actor that tell a person or a machine.
const NAMES: [&str; 3] = ["ae_title", "printed_name", "username"];
/// Subjects of looks that are the same for everybody.
const LISTS: [&str; 3] = ["ledger", "erasures", "studies"];
/// Events whose subject the program itself writes, of words, numbers and dates.
const WRITTEN: [&str; 5] =
    ["command.refused", "configuration.changed", "display.recorded", "instances.uploaded", "login.refused"];

/// 32 random bytes.
pub type Salt = [u8; 32];

/// A part of an entry that is kept apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Part {
    name: &'static str,
    pointer: &'static str,
}

const ACTOR: Part = Part { name: "actor", pointer: "/envelope/actor" };
const SUBJECT: Part = Part { name: "subject", pointer: "/envelope/subject" };
/// Words, and digests of words, in payloads.
const WORDS: [Part; 3] = [
    Part { name: "banner", pointer: "/envelope/payload/banner" },
    Part { name: "conclusion", pointer: "/envelope/payload/conclusion" },
    Part { name: "reason", pointer: "/envelope/payload/reason" },
];
/// The digest of a draft; other contents are digests of rules and of what was sent.
const DRAFT: Part = Part { name: "content", pointer: "/envelope/payload/content" };

/// Takes what is personal out of an entry's JSON, leaves commitments there, and gives what stands beside it.
pub fn seal(entry: &mut Value, is_id: impl Fn(&str) -> bool, mut salt: impl FnMut() -> Salt) -> String {
    let parts = taken(entry, is_id);
    if parts.is_empty() {
        return String::new();
    }
    let mut commitments = Map::new();
    let mut beside: Vec<String> = Vec::new();
    for (name, content) in parts {
        let (salt, content) = (salt(), content.to_string());
        commitments.insert(name.to_owned(), commitment(&salt, &content).to_string().into());
        beside.extend([name.to_owned(), hex::encode(salt), content]);
    }
    entry["form"] = FORM.into();
    entry["personal"] = commitments.into();
    beside.join("\t")
}

/// What is personal, taken out of the entry, in the order of the parts' names.
fn taken(entry: &mut Value, is_id: impl Fn(&str) -> bool) -> BTreeMap<&'static str, Value> {
    let mut parts = BTreeMap::new();
    if let Some(actor) = entry.pointer_mut(ACTOR.pointer).and_then(Value::as_object_mut) {
        let names: Map<String, Value> =
            NAMES.iter().filter_map(|name| Some(((*name).to_owned(), actor.remove(*name)?))).collect();
        if !names.is_empty() {
            parts.insert(ACTOR.name, names.into());
        }
    }
    let kind = entry["envelope"]["type"].as_str().unwrap_or_default().to_owned();
    let subject = entry["envelope"]["subject"].as_str().unwrap_or_default();
    if !is_id(subject) && !is_written(&kind, &entry["envelope"]["payload"], subject) {
        take(entry, SUBJECT, &mut parts);
    }
    for part in WORDS.into_iter().chain((kind == "draft.saved").then_some(DRAFT)) {
        take(entry, part, &mut parts);
    }
    parts
}

fn take(entry: &mut Value, part: Part, parts: &mut BTreeMap<&'static str, Value>) {
    let (parent, name) = part.pointer.rsplit_once('/').expect("a pointer has a slash");
    let members = entry.pointer_mut(parent).and_then(Value::as_object_mut);
    let Some(members) = members.filter(|members| members.get(name).is_some_and(Value::is_string)) else {
        return;
    };
    parts.extend(members.remove(name).map(|content| (part.name, content)));
}

/// Whether the program itself wrote a subject that is no id: nobody's words stand in it.
fn is_written(kind: &str, payload: &Value, subject: &str) -> bool {
    let looked = matches!(payload["access"].as_str(), Some("ledger" | "history"));
    WRITTEN.contains(&kind)
        || kind == "review.policy_changed"
        || LISTS.contains(&subject)
        || (kind == "access.recorded" && !looked)
}

fn commitment(salt: &Salt, content: &str) -> Digest {
    Digest::from_bytes(Sha256::new().chain_update(salt).chain_update(content).finalize().into())
}

/// What stands beside an entry for one part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Beside<'t> {
    /// The part.
    pub(crate) name: &'t str,
    /// Salt as hexadecimal digits, or that it was erased.
    salt: &'t str,
    /// Content as JSON, or when it was erased.
    content: &'t str,
}

impl Beside<'_> {
    fn is_erased(self) -> bool {
        self.salt == ERASED
    }

    /// Whether it is what `commitment` was made of.
    fn opens(self, commitment: &str) -> bool {
        let mut salt = [0; 32];
        let mut digits = [0; 64];
        let one_form = !self.salt.bytes().any(|digit| digit.is_ascii_uppercase());
        one_form
            && hex::decode_to_slice(self.salt, &mut salt).is_ok()
            && hex::encode_to_slice(self::commitment(&salt, self.content).as_bytes(), &mut digits).is_ok()
            && commitment.as_bytes() == digits
    }
}

/// What stands beside an entry, part by part.
pub(crate) fn beside(text: &str) -> impl Iterator<Item = Beside<'_>> {
    let mut columns = text.split(TAB);
    std::iter::from_fn(move || {
        let name = columns.next().filter(|name| !name.is_empty())?;
        Some(Beside {
            name,
            salt: columns.next().unwrap_or_default(),
            content: columns.next().unwrap_or_default(),
        })
    })
}

/// How what stands beside an entry compares with its commitments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opened {
    /// Everything is there, and is what was committed to.
    Whole,
    /// What is there is right; something is gone, as erasing leaves it.
    Erased,
    /// Something is there that was not committed to, or is no longer there without having been erased.
    Wrong,
}

/// Compares what stands beside an entry with its commitments, both ascending by name.
pub(crate) fn compare<'t>(commitments: impl Iterator<Item = (&'t str, &'t str)>, text: &str) -> Opened {
    let (mut parts, mut opened) = (beside(text), Opened::Whole);
    for (name, commitment) in commitments {
        match parts.next() {
            Some(part) if part.name == name && part.is_erased() => opened = Opened::Erased,
            Some(part) if part.name == name && part.opens(commitment) => {}
            _ => return Opened::Wrong,
        }
    }
    if parts.next().is_some() { Opened::Wrong } else { opened }
}

/// Puts back into an entry's JSON what stands beside it; where it was erased, that it was.
pub(crate) fn restore(entry: &mut Value, text: &str) {
    let commitments = entry.as_object_mut().map(|members| {
        members.remove("form");
        members.remove("personal")
    });
    let Some(Some(Value::Object(commitments))) = commitments else { return };
    let mut contents: BTreeMap<&str, Result<Value, &str>> = BTreeMap::new();
    for part in beside(text) {
        let content = serde_json::from_str(part.content).map_err(|_| part.content);
        contents.insert(part.name, if part.is_erased() { Err(part.content) } else { content });
    }
    for name in commitments.keys() {
        let content = contents.remove(name.as_str()).unwrap_or(Err(""));
        put_back(entry, name, content);
    }
}

fn put_back(entry: &mut Value, name: &str, content: Result<Value, &str>) {
    if name == ACTOR.name {
        let Some(actor) = entry.pointer_mut(ACTOR.pointer).and_then(Value::as_object_mut) else { return };
        let lost: &[&str] =
            if actor.get("kind").is_some_and(|kind| kind == "device") { &NAMES[..1] } else { &NAMES[1..] };
        match content {
            Ok(Value::Object(names)) => actor.extend(names),
            Ok(_) => {}
            Err(at) => actor.extend(lost.iter().map(|name| ((*name).to_owned(), gone(at).into()))),
        }
        return;
    }
    let is_digest = ["conclusion", "content", "reason"].contains(&name);
    let content = content.unwrap_or_else(|at| {
        if is_digest { Digest::from_bytes([0; 32]).to_string().into() } else { gone(at).into() }
    });
    let place = if name == SUBJECT.name { "/envelope" } else { "/envelope/payload" };
    if let Some(members) = entry.pointer_mut(place).and_then(Value::as_object_mut) {
        members.insert(name.to_owned(), content);
    }
}

/// What stands where content was.
fn gone(at: &str) -> String {
    match at.split('T').next() {
        Some(day) if !day.is_empty() => format!("(erased on {day})"),
        _ => "(not shown)".to_owned(),
    }
}

/// Whether an erasure covers a part of the entry at `index`, which an account has caused.
pub(crate) fn covers(scope: &ErasureScope, before: u64, index: u64, part: &str, user: Option<&str>) -> bool {
    index < before
        && match scope {
            ErasureScope::Person { user: whose } => part == ACTOR.name && user == Some(whose.as_str()),
            ErasureScope::Entries { entries } => entries.contains(&index),
            ErasureScope::Older => true,
        }
}

/// What stands beside an entry once the parts that `lost` names are erased; `None` where nothing more is to be erased.
pub(crate) fn erase(text: &str, now: Time, lost: impl Fn(&str) -> bool) -> Option<String> {
    let at = now.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    let mut any = false;
    let mut kept: Vec<&str> = Vec::new();
    for part in beside(text) {
        let erased = !part.is_erased() && lost(part.name);
        any |= erased;
        kept.extend(if erased { [part.name, ERASED, &at] } else { [part.name, part.salt, part.content] });
    }
    any.then(|| kept.join("\t"))
}

/// Content that is gone from an entry, and must have been erased with two people's consent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Gone {
    index: u64,
    user: Option<UserId>,
    parts: Vec<String>,
}

impl Gone {
    /// What is gone from the entry at `index`.
    pub(crate) fn new(index: u64, user: Option<&str>, text: &str) -> Self {
        let parts = beside(text).filter(|part| part.is_erased()).map(|part| part.name.to_owned());
        Self { index, user: user.and_then(|user| user.parse().ok()), parts: parts.collect() }
    }

    /// The place of the first entry that lost content which no erasure covers.
    pub(crate) fn first_unexplained(gone: &[Self], erasures: &[(ErasureScope, u64)]) -> Option<u64> {
        let explained = |gone: &&Self| {
            gone.parts.iter().all(|part| {
                let user = gone.user.as_ref().map(UserId::as_str);
                erasures.iter().any(|(scope, before)| covers(scope, *before, gone.index, part, user))
            })
        };
        gone.iter().find(|gone| !explained(gone)).map(|gone| gone.index)
    }
}

#[cfg(test)]
mod tests;
