//! Answers of two worlds made comparable: what chance and the clock drew gets a stand-in, by its first appearance.

use serde_json::Value;
use std::collections::BTreeMap;

const ID_CHARS: usize = 26;
const DIGEST_CHARS: usize = 64;
/// How far a worker had come when it last said so: of a run that has ended, the machine's pace decided that.
const LAST_REPORT: &str = "progress";

/// The stand-ins of one person in one world: what comes again is known again.
#[derive(Debug, Default)]
pub struct StandIns(BTreeMap<String, String>);

impl StandIns {
    /// An answer in which only what chance and the clock drew has a stand-in, with its keys in order.
    pub fn of(&mut self, answer: &Value) -> String {
        let mut text = String::new();
        self.write(answer, &mut text);
        text
    }

    fn write(&mut self, value: &Value, text: &mut String) {
        match value {
            Value::Object(map) => {
                let sorted: BTreeMap<_, _> = map.iter().collect();
                for (key, value) in sorted {
                    text.extend([key.as_str(), ":{"]);
                    match value {
                        Value::Number(_) if key == LAST_REPORT => text.push_str("<share>"),
                        value => self.write(value, text),
                    }
                    text.push('}');
                }
            }
            Value::Array(values) => {
                for value in values {
                    text.push('[');
                    self.write(value, text);
                    text.push(']');
                }
            }
            Value::String(words) => text.push_str(&self.words(words)),
            other => text.push_str(&other.to_string()),
        }
    }

    /// A text, word by word.
    pub fn words(&mut self, text: &str) -> String {
        let is_word = |letter: char| letter.is_ascii_alphanumeric() || "_-:.+".contains(letter);
        let mut said = String::new();
        let mut word = String::new();
        for letter in text.chars().chain(['\0']) {
            if is_word(letter) {
                word.push(letter);
            } else {
                said.push_str(&self.word(&word));
                word.clear();
                said.push(letter);
            }
        }
        said.trim_end_matches('\0').to_owned()
    }

    fn word(&mut self, word: &str) -> String {
        if word.parse::<contract::Time>().is_ok() {
            return "<time>".to_owned();
        }
        // A cursor of a list by time.
        if let Some((micros, id)) = word.split_once('.').filter(|(head, _)| is_micros(head)) {
            return format!("<{} digits>.{}", micros.len(), self.word(id));
        }
        match kind(word) {
            Some(kind) => {
                let next = self.0.len();
                self.0.entry(word.to_owned()).or_insert_with(|| format!("<{kind} {next}>")).clone()
            }
            None => word.to_owned(),
        }
    }
}

fn is_micros(word: &str) -> bool {
    word.len() == 16 && word.bytes().all(|byte| byte.is_ascii_digit())
}

/// What was drawn by chance: ids of ours, UIDs that follow from them, digests over such UIDs, places in worklists, which
/// hold times and a digest.
fn kind(word: &str) -> Option<&str> {
    let is_base32 = |text: &str| {
        text.len() == ID_CHARS
            && text.bytes().all(|byte| byte.is_ascii_lowercase() || (b'2'..=b'7').contains(&byte))
    };
    if let Some((prefix, rest)) = word.rsplit_once('_')
        && is_base32(rest)
    {
        return Some(prefix);
    }
    if word.starts_with("2.25.") {
        return Some("uid");
    }
    (word.len() >= DIGEST_CHARS && word.bytes().all(|byte| byte.is_ascii_hexdigit())).then_some("digest")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_what_was_drawn_has_a_stand_in_and_what_comes_again_is_known() {
        let (one, two) = ("case_abcdefghijklmnopqrstuvwxyz", "read_bbbbbbbbbbbbbbbbbbbbbbbbbb");
        let answer =
            json!({ "b": [one, two, one], "a": "2026-11-25T08:00:00.5Z", "c": { "n": 3, "uid": "2.25.77" } });
        let said = StandIns::default().of(&answer);
        assert_eq!(said, "a:{<time>}b:{[<case 0>][<read 1>][<case 0>]}c:{n:{3}uid:{<uid 2>}}");
        let refusal = json!("the case is read by somebody else (code case_taken), 1.2.3 and 12 of 200");
        assert_eq!(StandIns::default().of(&refusal), refusal.as_str().unwrap());
        let cursor = json!(format!("1764057600000000.{one}"));
        assert_eq!(StandIns::default().of(&cursor), "<16 digits>.<case 0>");
    }
}
