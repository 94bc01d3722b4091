//! The bytes of a message on the wire.

use contract::Time;

/// Facility 10 (security and authorisation) and severity 5 (notice), as DICOM demands.
const PRIORITY: u8 = 10 * 8 + 5;
/// How DICOM calls its audit messages.
const MESSAGE_ID: &str = "DICOM+RFC3881";
/// Says that the message is UTF-8.
const BYTE_ORDER_MARK: &str = "\u{feff}";
/// The most characters of a host's name.
const HOSTNAME_MAX: usize = 255;

/// What stands at the head of each message.
pub(super) struct Header {
    hostname: String,
    process: u32,
}

impl Header {
    /// The head of messages of this host; what is no printable ASCII in its name is left out.
    pub(super) fn new(hostname: &str) -> Self {
        let hostname: String = hostname.chars().filter(char::is_ascii_graphic).take(HOSTNAME_MAX).collect();
        let hostname = if hostname.is_empty() { "-".to_owned() } else { hostname };
        Self { hostname, process: std::process::id() }
    }
}

/// Writes one message with its length before it.
pub(super) fn write(header: &Header, at: Time, message: &str, out: &mut Vec<u8>) {
    let at = at.to_rfc3339_opts(chrono::SecondsFormat::Micros, true);
    let Header { hostname, process } = header;
    let text = format!(
        "<{PRIORITY}>1 {at} {hostname} countersign {process} {MESSAGE_ID} - {BYTE_ORDER_MARK}{message}"
    );
    out.extend_from_slice(text.len().to_string().as_bytes());
    out.push(b' ');
    out.extend_from_slice(text.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_counted_in_bytes_and_has_every_field_of_the_standard() {
        let header = Header { hostname: "host".to_owned(), process: 7 };
        let mut out = Vec::new();
        write(&header, Time::UNIX_EPOCH, "<AuditMessage>ä</AuditMessage>", &mut out);
        let text = String::from_utf8(out).unwrap();
        let (length, message) = text.split_once(' ').unwrap();
        assert_eq!(length.parse::<usize>().unwrap(), message.len());
        let expected = "<85>1 1970-01-01T00:00:00.000000Z host countersign 7 DICOM+RFC3881 - \
            \u{feff}<AuditMessage>ä</AuditMessage>";
        assert_eq!(message, expected);
    }

    #[test]
    fn a_name_that_breaks_fields_is_cleaned() {
        assert_eq!(Header::new("a b\nü").hostname, "ab");
        assert_eq!(Header::new(" ").hostname, "-");
    }
}
