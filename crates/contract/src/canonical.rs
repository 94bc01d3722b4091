//! The one text of what is signed.

use serde::Serialize;
use serde_json::Value;

/// The canonical text of what is signed, a read's content or an answer: object keys in the order of their code points, no
/// white space, each number in the shortest form that reads back as the same value. Signatures and reports rest on it.
pub fn canonical_json(content: &impl Serialize) -> String {
    let value = serde_json::to_value(content).expect("what is signed is plain data with text keys");
    let mut text = String::new();
    write(&value, &mut text);
    text
}

fn write(value: &Value, text: &mut String) {
    match value {
        Value::Object(map) => {
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_unstable_by_key(|(key, _)| key.as_str());
            text.push('{');
            for (index, (key, entry)) in entries.into_iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                text.push_str(&Value::from(key.as_str()).to_string());
                text.push(':');
                write(entry, text);
            }
            text.push('}');
        }
        Value::Array(items) => {
            text.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                write(item, text);
            }
            text.push(']');
        }
        plain => text.push_str(&plain.to_string()),
    }
}
