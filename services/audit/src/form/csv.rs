//! Comma-separated values, RFC 4180.

use crate::Error;
use crate::placed::Placed;
use crate::sentence::sentence;
use contract::Actor;

const COLUMNS: [&str; 13] = [
    "index",
    "recorded_at",
    "occurred_at",
    "service",
    "seq",
    "kind",
    "actor",
    "actor_name",
    "subject",
    "sentence",
    "mentions",
    "event",
    "leaf",
];

/// The header line.
pub(super) fn head() -> String {
    COLUMNS.join(",") + "\n"
}

/// An entry without its line end.
pub(super) fn line(placed: &Placed) -> Result<String, Error> {
    let told = &placed.entry.envelope;
    let (actor, name) = match &told.actor {
        Actor::Person { user, printed_name, .. } => (user.to_string(), printed_name.clone()),
        Actor::Service { name } => (format!("service:{name}"), String::new()),
        Actor::Device { ae_title } => (format!("device:{ae_title}"), String::new()),
        Actor::Operator => ("operator".to_owned(), String::new()),
        Actor::Anonymous => ("anonymous".to_owned(), String::new()),
    };
    let mentions: Vec<String> = placed.entry.mentions().into_iter().collect();
    let fields = [
        placed.position.to_string(),
        time(placed.entry.recorded_at),
        time(told.occurred_at),
        told.service.clone(),
        told.seq.to_string(),
        told.event.kind().to_owned(),
        actor,
        name,
        told.subject.clone(),
        sentence(told),
        mentions.join(" "),
        told.id.to_string(),
        placed.leaf()?.to_string(),
    ];
    Ok(fields.map(|text| field(&text)).join(","))
}

fn time(at: contract::Time) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true)
}

/// A field, quoted where it must be. A spreadsheet takes what starts like a formula for one: it gets an apostrophe.
fn field(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let text = if formula { format!("'{text}") } else { text.to_owned() };
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\"").replace(['\n', '\r'], " "))
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_quoted_where_it_must_be_and_never_a_formula() {
        assert_eq!(field("plain"), "plain");
        assert_eq!(field("a,b"), "\"a,b\"");
        assert_eq!(field("say \"yes\"\n"), "\"say \"\"yes\"\" \"");
        assert_eq!(field("=HYPERLINK(1)"), "'=HYPERLINK(1)");
    }
}
