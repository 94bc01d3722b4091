//! What a file says of whose it is, and whether a text names any of it.

use crate::correct::as_sent;
use contract::intake::Attribute;

/// The shortest name or number that is looked for: a shorter one stands in too many words.
const CHARS_MIN: usize = 3;

/// The names and numbers of a patient, in lower case. Never written anywhere.
pub struct Identity(Vec<String>);

impl Identity {
    /// What a file says of its patient.
    pub fn of(file: &[u8]) -> Self {
        let mut wanted = Vec::new();
        for (attribute, value) in as_sent(file) {
            match attribute {
                // Each component of each group counts by itself (PS3.5 6.2.1).
                Attribute::PatientName => wanted.extend(value.split(['^', '=', ' ']).map(words)),
                Attribute::PatientId | Attribute::AccessionNumber => wanted.push(words(&value)),
                Attribute::PatientBirthDate => wanted.extend(dates(&value)),
                _ => {}
            }
        }
        wanted.retain(|name| name.chars().count() >= CHARS_MIN || !name.is_ascii() && !name.is_empty());
        Self(wanted)
    }

    /// Whether any of it stands in a text: as whole words, or anywhere where the script has no blanks between words.
    pub fn is_named_in(&self, text: &str) -> bool {
        let text = format!(" {} ", words(text));
        self.0.iter().any(|name| {
            if name.is_ascii() { text.contains(&format!(" {name} ")) } else { text.contains(name.as_str()) }
        })
    }
}

/// The words of a text in lower case, one blank between each two.
fn words(text: &str) -> String {
    let words = text.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect::<Vec<_>>().join(" ")
}

/// A date (PS3.5, DA) in the ways in which people write it.
fn dates(date: &str) -> Vec<String> {
    let plain: String = date.chars().filter(char::is_ascii_digit).collect();
    if plain.len() != 8 {
        return Vec::new();
    }
    let (year, month, day) = (&plain[..4], &plain[4..6], &plain[6..]);
    vec![
        plain.clone(),
        format!("{year} {month} {day}"),
        format!("{day} {month} {year}"),
        format!("{month} {day} {year}"),
    ]
}
