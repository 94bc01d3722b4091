//! Audit messages of DICOM.
//!
//! # Source
//! DICOM PS3.15 A.5.1 (schema), A.5.2 (general message), A.5.3 (events).

use super::class::{agent, class};
use crate::placed::Placed;
use crate::sentence::sentence;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use std::fmt::Write as _;

/// The message of an entry, as one line of XML.
pub(super) fn message(placed: &Placed) -> String {
    let told = &placed.entry.envelope;
    let class = class(&told.event);
    let (code, meaning) = class.id;
    let at = told.occurred_at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
    let who = agent(told);
    let mut xml = format!(
        "<AuditMessage><EventIdentification EventActionCode=\"{}\" EventDateTime=\"{at}\" \
         EventOutcomeIndicator=\"{}\">\
         <EventID csd-code=\"{code}\" codeSystemName=\"DCM\" originalText=\"{meaning}\"/>\
         <EventTypeCode csd-code=\"{kind}\" codeSystemName=\"99COUNTERSIGN\" originalText=\"{kind}\"/>\
         <EventOutcomeDescription>{}</EventOutcomeDescription></EventIdentification>",
        class.action,
        class.outcome,
        escaped(&sentence(told)),
        kind = told.event.kind(),
    );
    let mut put = |text: std::fmt::Arguments<'_>| xml.write_fmt(text).expect("a string takes any text");
    put(format_args!("<ActiveParticipant UserID=\"{}\"", escaped(&who.id)));
    if let Some(username) = &who.other_id {
        put(format_args!(" AlternativeUserID=\"{}\"", escaped(username)));
    }
    if let Some(name) = &who.name {
        put(format_args!(" UserName=\"{}\"", escaped(name)));
    }
    put(format_args!(" UserIsRequestor=\"true\">"));
    if !who.is_person {
        put(format_args!(
            "<RoleIDCode csd-code=\"110150\" codeSystemName=\"DCM\" originalText=\"Application\"/>"
        ));
    }
    for role in &who.roles {
        put(format_args!(
            "<RoleIDCode csd-code=\"{role}\" codeSystemName=\"99COUNTERSIGN\" originalText=\"{role}\"/>"
        ));
    }
    put(format_args!(
        "</ActiveParticipant><AuditSourceIdentification AuditSourceID=\"countersign/{}\">\
         <AuditSourceTypeCode csd-code=\"4\" codeSystemName=\"DCM\" originalText=\"Application Server\"/>\
         </AuditSourceIdentification>",
        escaped(&told.service)
    ));
    let index = BASE64.encode(placed.position.to_string());
    for id in placed.entry.mentions() {
        put(format_args!(
            "<ParticipantObjectIdentification ParticipantObjectID=\"{id}\" ParticipantObjectTypeCode=\"2\">\
             <ParticipantObjectIDTypeCode csd-code=\"id\" codeSystemName=\"99COUNTERSIGN\" \
             originalText=\"Countersign id\"/><ParticipantObjectName>{id}</ParticipantObjectName>\
             <ParticipantObjectDetail type=\"ledger-index\" value=\"{index}\"/>\
             </ParticipantObjectIdentification>",
            id = escaped(&id)
        ));
    }
    xml.push_str("</AuditMessage>");
    xml
}

/// Text as it may stand in XML, on one line.
fn escaped(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut escaped, letter| {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            letter if letter.is_control() => escaped.push(' '),
            // No characters of XML 1.0.
            '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            letter => escaped.push(letter),
        }
        escaped
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entry::Entry;
    use crate::entry::tests::envelope;
    use contract::event::Access;
    use contract::{Event, Time};

    #[test]
    fn a_message_says_who_did_what_to_what_and_escapes_names() {
        let event = Event::AccessRecorded { access: Access::DerivedImages };
        let entry = Entry { recorded_at: Time::UNIX_EPOCH, envelope: envelope("review", 3, event) };
        let message = message(&Placed::new(7, entry));
        let parts = [
            r#"EventActionCode="R" EventDateTime="1970-01-01T00:00:00.000Z" EventOutcomeIndicator="0""#,
            r#"<EventID csd-code="110103" codeSystemName="DCM""#,
            r#"AlternativeUserID="rad1" UserName="Reader &quot;One&quot;""#,
            r#"AuditSourceID="countersign/review""#,
            r#"ParticipantObjectID="case_aaaaaaaaaaaaaaaaaaaaaaaaaa""#,
            r#"type="ledger-index" value="Nw==""#,
        ];
        for part in parts {
            assert!(message.contains(part), "{part} is not in {message}");
        }
    }

    #[test]
    fn nothing_breaks_out_of_its_place() {
        assert_eq!(escaped("a<b>&\"c\"\n"), "a&lt;b&gt;&amp;&quot;c&quot; ");
        assert_eq!(escaped("a\u{fffe}"), "a\u{fffd}");
    }
}
