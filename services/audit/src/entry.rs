//! What an entry of the ledger holds, and the one way to write it down.

use crate::personal::{self, Salt};
use contract::{Envelope, Time};
use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// An entry: an event, and when it was recorded. Its canonical JSON is the leaf of the Merkle tree; what is personal in
/// it is kept apart ([`crate::personal`]).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// When it was recorded.
    pub recorded_at: Time,
    /// The event, as its service told it.
    pub envelope: Envelope,
}

impl Entry {
    /// The whole entry as JSON without white space, keys sorted: what is hashed where nothing in it is personal, and of
    /// every entry from before there were commitments.
    ///
    /// # Source
    /// RFC 8785, which for the strings, whole numbers and ASCII keys of events is what stands here.
    pub fn canonical(&self) -> String {
        self.open().text
    }

    /// The entry as it was kept before there were commitments.
    pub fn open(&self) -> Written {
        Written::new(&self.value(), String::new())
    }

    /// The entry as it is kept: what is personal stands beside its leaf.
    pub fn sealed(&self, salt: impl FnMut() -> Salt) -> Written {
        let mut value = self.value();
        let personal = personal::seal(&mut value, is_id, salt);
        Written::new(&value, personal)
    }

    fn value(&self) -> Value {
        serde_json::to_value(self).expect("an entry is plain JSON")
    }

    /// Reads an entry as it is kept.
    ///
    /// # Errors
    /// When it is none of this program's.
    pub(crate) fn read(text: &str, beside: &str) -> Result<Self, serde_json::Error> {
        let mut value = serde_json::from_str(text)?;
        personal::restore(&mut value, beside);
        serde_json::from_value(value)
    }

    /// Every id that the entry is about or that caused it: the ledger is searched by them.
    pub fn mentions(&self) -> BTreeSet<String> {
        mentions_in(&self.value())
    }
}

fn mentions_in(entry: &Value) -> BTreeSet<String> {
    let envelope = &entry["envelope"];
    let named = [&envelope["subject"], &envelope["actor"]["user"]];
    let mut mentions: BTreeSet<String> =
        named.into_iter().filter_map(Value::as_str).map(str::to_owned).collect();
    collect_ids(&envelope["payload"], &mut mentions);
    mentions
}

/// An entry as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// Its canonical JSON.
    pub text: String,
    /// The keys of the ids that it mentions, ascending.
    pub keys: Vec<i64>,
    /// What is personal in it, with the salts of its commitments.
    pub personal: String,
}

impl Written {
    fn new(entry: &Value, personal: String) -> Self {
        let mut text = Vec::with_capacity(1_024);
        write(entry, &mut text);
        Self {
            text: String::from_utf8(text).expect("JSON is UTF-8"),
            keys: sorted(mentions_in(entry).iter().map(|id| mention_key(id)).collect()),
            personal,
        }
    }
}

/// The number under which a mentioned id is looked up: ids are long, and there are several to an entry. Two ids may
/// share one, so that what is found is held against its own text.
///
/// # Source
/// FNV-1a with 64 bits (RFC 9923).
pub fn mention_key(id: &str) -> i64 {
    let hash = id.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    hash.cast_signed()
}

fn sorted(mut keys: Vec<i64>) -> Vec<i64> {
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// What stands beside an entry's text in the database, as the text says it; borrowed from the text, since a whole
/// ledger is read so.
#[derive(Debug, Deserialize)]
pub(crate) struct Told<'e> {
    #[serde(borrow)]
    pub(crate) envelope: ToldEnvelope<'e>,
    /// Commitments by part.
    #[serde(borrow, default)]
    pub(crate) personal: BTreeMap<&'e str, &'e str>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct ToldEnvelope<'e> {
    #[serde(borrow)]
    pub(crate) id: Cow<'e, str>,
    #[serde(borrow)]
    pub(crate) service: Cow<'e, str>,
    pub(crate) seq: i64,
    #[serde(borrow, rename = "type")]
    pub(crate) kind: Cow<'e, str>,
    /// `None` where it is kept apart.
    #[serde(borrow, default)]
    subject: Option<Cow<'e, str>>,
    #[serde(borrow)]
    actor: ToldActor<'e>,
    #[serde(borrow)]
    payload: Ids<'e>,
}

#[derive(Debug, Deserialize)]
struct ToldActor<'e> {
    #[serde(borrow, default)]
    user: Option<Cow<'e, str>>,
}

impl ToldEnvelope<'_> {
    /// Whether exactly `keys` are those of [`Entry::mention_keys`].
    pub(crate) fn mentions_are(&self, keys: &[i64]) -> bool {
        let mut told: Vec<i64> = self.payload.0.iter().map(|id| mention_key(id)).collect();
        told.extend(self.subject.as_deref().map(mention_key));
        told.extend(self.actor.user.as_deref().map(mention_key));
        sorted(told) == keys
    }

    /// The account that caused it.
    pub(crate) fn user(&self) -> Option<&str> {
        self.actor.user.as_deref()
    }
}

/// The ids among the texts of a JSON value, however deep.
#[derive(Debug, Default)]
struct Ids<'e>(Vec<Cow<'e, str>>);

impl<'de: 'e, 'e> Deserialize<'de> for Ids<'e> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut ids = Self::default();
        deserializer.deserialize_any(&mut ids)?;
        Ok(ids)
    }
}

impl<'de: 'e, 'e> DeserializeSeed<'de> for &mut Ids<'e> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de: 'e, 'e> Visitor<'de> for &mut Ids<'e> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("any JSON value")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<(), E> {
        if is_id(text) {
            self.0.push(Cow::Borrowed(text));
        }
        Ok(())
    }

    /// A text with escapes.
    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        if is_id(text) {
            self.0.push(Cow::Owned(text.to_owned()));
        }
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        while items.next_element_seed(&mut *self)?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        while members.next_key::<IgnoredAny>()?.is_some() {
            members.next_value_seed(&mut *self)?;
        }
        Ok(())
    }
}

fn write(value: &Value, text: &mut Vec<u8>) {
    match value {
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_unstable_by_key(|(key, _)| *key);
            text.push(b'{');
            for (number, (key, member)) in members.into_iter().enumerate() {
                separate(number, text);
                write_scalar(key, text);
                text.push(b':');
                write(member, text);
            }
            text.push(b'}');
        }
        Value::Array(items) => {
            text.push(b'[');
            for (number, item) in items.iter().enumerate() {
                separate(number, text);
                write(item, text);
            }
            text.push(b']');
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => write_scalar(value, text),
    }
}

fn write_scalar(scalar: &(impl Serialize + ?Sized), text: &mut Vec<u8>) {
    serde_json::to_writer(text, scalar).expect("a vector takes any bytes");
}

fn separate(number: usize, text: &mut Vec<u8>) {
    if number > 0 {
        text.push(b',');
    }
}

fn collect_ids(value: &Value, ids: &mut BTreeSet<String>) {
    match value {
        Value::String(text) if is_id(text) => {
            ids.insert(text.clone());
        }
        Value::Array(items) => items.iter().for_each(|item| collect_ids(item, ids)),
        Value::Object(members) => members.values().for_each(|member| collect_ids(member, ids)),
        _ => {}
    }
}

/// Whether `text` has the form of the ids in `contract::id`, whatever its prefix.
fn is_id(text: &str) -> bool {
    let is_prefix = |prefix: &str| !prefix.is_empty() && prefix.bytes().all(|byte| byte.is_ascii_lowercase());
    let is_body =
        |body: &str| body.len() == 26 && body.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'2'..=b'7'));
    text.split_once('_').is_some_and(|(prefix, body)| is_prefix(prefix) && is_body(body))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use contract::review::Verdict;
    use contract::{
        Actor, CaseId, Digest, Event, EventId, LoginSessionId, ReadId, Role, SignatureId, UserId,
    };

    pub(crate) fn rad1() -> Actor {
        Actor::Person {
            user: UserId::from_bits(7),
            username: "rad1".to_owned(),
            printed_name: "Reader \"One\"".to_owned(),
            roles: vec![Role::Radiologist],
            login: LoginSessionId::from_bits(8),
        }
    }

    pub(crate) fn envelope(service: &str, seq: i64, event: Event) -> Envelope {
        let digest = Digest::of(format!("{service} {seq}").as_bytes());
        Envelope {
            id: EventId::from_bits(digest.leading_bits()),
            service: service.to_owned(),
            seq,
            version: 1,
            occurred_at: Time::UNIX_EPOCH,
            actor: rad1(),
            subject: "case_aaaaaaaaaaaaaaaaaaaaaaaaaa".to_owned(),
            causation: None,
            trace: None,
            event,
        }
    }

    fn signed() -> Event {
        Event::ReadSigned {
            case: CaseId::from_bits(1),
            read: ReadId::from_bits(2),
            signature: SignatureId::from_bits(3),
            verdict: Verdict::Accept,
            case_digest: Digest::of(b""),
            viewing: None,
        }
    }

    #[test]
    fn the_canonical_form_is_sorted_and_survives_reading() {
        let entry = Entry { recorded_at: Time::UNIX_EPOCH, envelope: envelope("review", 1, signed()) };
        let text = entry.canonical();
        assert!(text.starts_with(r#"{"envelope":{"actor":{"kind":"person","login":"login_"#), "{text}");
        assert!(text.ends_with(r#""version":1},"recorded_at":"1970-01-01T00:00:00Z"}"#), "{text}");
        assert_eq!(serde_json::from_str::<Entry>(&text).unwrap().canonical(), text);
    }

    #[test]
    fn what_the_text_says_is_read_back_without_the_whole_event() {
        let entry = Entry { recorded_at: Time::UNIX_EPOCH, envelope: envelope("review", 1, signed()) };
        let text = entry.canonical();
        let told: Told = serde_json::from_str(&text).unwrap();
        let told = told.envelope;
        assert_eq!((&*told.id, &*told.kind, told.seq), (entry.envelope.id.as_str(), "read.signed", 1));
        let mut keys = entry.open().keys;
        assert!(told.mentions_are(&keys));
        keys.pop();
        assert!(!told.mentions_are(&keys));
    }

    #[test]
    fn an_entry_is_found_by_every_id_it_mentions_and_by_who_caused_it() {
        let entry = Entry { recorded_at: Time::UNIX_EPOCH, envelope: envelope("review", 1, signed()) };
        let expected = [
            entry.envelope.subject.clone(),
            UserId::from_bits(7).to_string(),
            CaseId::from_bits(1).to_string(),
            ReadId::from_bits(2).to_string(),
            SignatureId::from_bits(3).to_string(),
        ];
        let mut keys: Vec<i64> = expected.iter().map(|id| mention_key(id)).collect();
        keys.sort_unstable();
        assert_eq!(entry.open().keys, keys);
        assert_eq!(entry.mentions(), BTreeSet::from(expected));
    }

    #[test]
    fn a_key_is_the_published_hash() {
        // RFC 9923, test vectors of FNV-1a with 64 bits: the empty text and "a".
        assert_eq!(mention_key("").cast_unsigned(), 0xcbf2_9ce4_8422_2325);
        assert_eq!(mention_key("a").cast_unsigned(), 0xaf63_dc4c_8601_ec8c);
    }
}
