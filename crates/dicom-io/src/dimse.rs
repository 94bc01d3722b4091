//! DIMSE messages: command sets, and messages put together from PDVs.
//!
//! # Source
//! PS3.7 chapter 9 and annex E (the command dictionary).

use crate::wire::{Error, Pdv};
use bytes::{Bytes, BytesMut};
use std::collections::BTreeMap;

/// C-STORE-RQ.
pub(crate) const C_STORE_RQ: u16 = 0x0001;
/// C-FIND-RQ.
pub(crate) const C_FIND_RQ: u16 = 0x0020;
/// C-ECHO-RQ.
pub(crate) const C_ECHO_RQ: u16 = 0x0030;
/// The bit that makes a response of a request.
pub(crate) const RESPONSE: u16 = 0x8000;

const AFFECTED_SOP_CLASS: u16 = 0x0002;
const COMMAND_FIELD: u16 = 0x0100;
const MESSAGE_ID: u16 = 0x0110;
const MESSAGE_ID_RESPONDED_TO: u16 = 0x0120;
const PRIORITY: u16 = 0x0700;
const DATA_SET_TYPE: u16 = 0x0800;
const STATUS: u16 = 0x0900;
const ERROR_COMMENT: u16 = 0x0902;
const AFFECTED_SOP_INSTANCE: u16 = 0x1000;
const NO_DATA_SET: u16 = 0x0101;

/// Real commands are some hundred bytes.
const COMMAND_BYTES_MAX: usize = 16 * 1024;
/// Room that is taken at once for a data set, when the one before was as long.
const EXPECTED_BYTES_MAX: usize = 4 << 20;
/// By how much a data set may be longer than the one before without being moved.
const EXPECTED_SLACK: usize = 4096;

/// Success.
pub const SUCCESS: u16 = 0x0000;
/// Refused: out of resources.
pub const OUT_OF_RESOURCES: u16 = 0xA700;
/// Refused: the operation isn't known.
pub(crate) const UNRECOGNIZED_OPERATION: u16 = 0x0211;
/// Error: cannot understand.
pub const CANNOT_UNDERSTAND: u16 = 0xC000;

/// What became of an operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// (0000,0900).
    pub code: u16,
    /// (0000,0902), at most 64 characters.
    pub comment: String,
}

impl Status {
    /// The operation was done.
    pub fn success() -> Self {
        Self { code: SUCCESS, comment: String::new() }
    }

    /// The operation wasn't done; the comment is cut to what fits on the wire.
    pub fn failure(code: u16, comment: &str) -> Self {
        let comment =
            comment.chars().map(|c| if (' '..='~').contains(&c) { c } else { '?' }).take(64).collect();
        Self { code, comment }
    }

    /// Whether more matches follow (PS3.4 C.4.1.1.4).
    pub fn is_pending(&self) -> bool {
        self.code & 0xFFFE == 0xFF00
    }

    /// Whether the object is stored, perhaps with a warning (0xBxxx).
    pub fn is_stored(&self) -> bool {
        self.code == SUCCESS || self.code & 0xF000 == 0xB000
    }
}

/// A command set: elements of group 0000, Implicit VR Little Endian.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Command(BTreeMap<u16, Vec<u8>>);

impl Command {
    pub(crate) fn parse(mut bytes: &[u8]) -> Result<Self, Error> {
        let broken = Error::Protocol("a command set is malformed");
        let mut elements = BTreeMap::new();
        while let Some((header, rest)) = bytes.split_at_checked(8) {
            let word = |at: usize| u16::from_le_bytes([header[at], header[at + 1]]);
            let length = u32::from_le_bytes([header[4], header[5], header[6], header[7]]) as usize;
            let Some((value, rest)) = rest.split_at_checked(length) else { return Err(broken) };
            if word(0) != 0 {
                return Err(broken);
            }
            elements.insert(word(2), value.to_vec());
            bytes = rest;
        }
        if bytes.is_empty() { Ok(Self(elements)) } else { Err(broken) }
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut body = Vec::with_capacity(256);
        for (element, value) in &self.0 {
            body.extend_from_slice(&[0, 0]);
            body.extend_from_slice(&element.to_le_bytes());
            body.extend_from_slice(&(value.len() as u32).to_le_bytes());
            body.extend_from_slice(value);
        }
        let mut command = vec![0, 0, 0, 0, 4, 0, 0, 0];
        command.extend_from_slice(&(body.len() as u32).to_le_bytes());
        command.extend_from_slice(&body);
        command
    }

    fn with_number(mut self, element: u16, number: u16) -> Self {
        self.0.insert(element, number.to_le_bytes().to_vec());
        self
    }

    fn with_text(mut self, element: u16, text: &str, padding: u8) -> Self {
        let mut value = text.as_bytes().to_vec();
        value.resize(value.len().next_multiple_of(2), padding);
        self.0.insert(element, value);
        self
    }

    pub(crate) fn store_request(message: u16, sop_class_uid: &str, sop_instance_uid: &str) -> Self {
        Self::default()
            .with_number(COMMAND_FIELD, C_STORE_RQ)
            .with_number(MESSAGE_ID, message)
            .with_number(PRIORITY, 0)
            .with_number(DATA_SET_TYPE, 0)
            .with_text(AFFECTED_SOP_CLASS, sop_class_uid, 0)
            .with_text(AFFECTED_SOP_INSTANCE, sop_instance_uid, 0)
    }

    pub(crate) fn find_request(message: u16, sop_class_uid: &str) -> Self {
        Self::default()
            .with_number(COMMAND_FIELD, C_FIND_RQ)
            .with_number(MESSAGE_ID, message)
            .with_number(PRIORITY, 0)
            .with_number(DATA_SET_TYPE, 0)
            .with_text(AFFECTED_SOP_CLASS, sop_class_uid, 0)
    }

    pub(crate) fn echo_request(message: u16) -> Self {
        Self::default()
            .with_number(COMMAND_FIELD, C_ECHO_RQ)
            .with_number(MESSAGE_ID, message)
            .with_number(DATA_SET_TYPE, NO_DATA_SET)
            .with_text(AFFECTED_SOP_CLASS, dicom_dictionary_std::uids::VERIFICATION, 0)
    }

    /// The answer to this request.
    pub(crate) fn response(&self, status: &Status) -> Self {
        let mut response = Self::default()
            .with_number(COMMAND_FIELD, self.field() | RESPONSE)
            .with_number(MESSAGE_ID_RESPONDED_TO, self.number(MESSAGE_ID).unwrap_or(0))
            .with_number(DATA_SET_TYPE, NO_DATA_SET)
            .with_number(STATUS, status.code);
        for element in [AFFECTED_SOP_CLASS, AFFECTED_SOP_INSTANCE] {
            if let Some(value) = self.0.get(&element) {
                response.0.insert(element, value.clone());
            }
        }
        if status.comment.is_empty() {
            response
        } else {
            response.with_text(ERROR_COMMENT, &status.comment, b' ')
        }
    }

    fn number(&self, element: u16) -> Option<u16> {
        let value = self.0.get(&element)?;
        Some(u16::from_le_bytes(value.as_slice().try_into().ok()?))
    }

    fn text(&self, element: u16) -> String {
        let value = self.0.get(&element).map(|value| String::from_utf8_lossy(value).into_owned());
        value.unwrap_or_default().trim_end_matches(['\0', ' ']).to_owned()
    }

    pub(crate) fn field(&self) -> u16 {
        self.number(COMMAND_FIELD).unwrap_or(0)
    }

    pub(crate) fn has_dataset(&self) -> bool {
        self.number(DATA_SET_TYPE).is_some_and(|kind| kind != NO_DATA_SET)
    }

    pub(crate) fn sop_class_uid(&self) -> String {
        self.text(AFFECTED_SOP_CLASS)
    }

    pub(crate) fn sop_instance_uid(&self) -> String {
        self.text(AFFECTED_SOP_INSTANCE)
    }

    pub(crate) fn responds_to(&self) -> Option<u16> {
        self.number(MESSAGE_ID_RESPONDED_TO)
    }

    pub(crate) fn status(&self) -> Option<Status> {
        Some(Status { code: self.number(STATUS)?, comment: self.text(ERROR_COMMENT) })
    }
}

/// A whole message.
#[derive(Debug)]
pub(crate) struct Message {
    pub(crate) context: u8,
    pub(crate) command: Command,
    pub(crate) dataset: DataSet,
}

/// The data set of a message.
#[derive(Debug)]
pub(crate) enum DataSet {
    Absent,
    Whole(Bytes),
    /// It was longer than allowed; what came was read and dropped.
    TooLong,
}

/// Puts messages together. Bytes beyond the limit are dropped, so that one large object costs neither memory nor the
/// association.
pub(crate) struct Assembler {
    dataset_bytes_max: u64,
    command: BytesMut,
    pending: Option<(u8, Command)>,
    dataset: BytesMut,
    received: u64,
    /// Length of the data set before: those of a series are about as long as each other.
    expected: usize,
}

impl Assembler {
    pub(crate) fn new(dataset_bytes_max: u64) -> Self {
        Self {
            dataset_bytes_max,
            command: BytesMut::new(),
            pending: None,
            dataset: BytesMut::new(),
            received: 0,
            expected: 0,
        }
    }

    /// Whether a message has begun and isn't whole.
    pub(crate) fn is_in_message(&self) -> bool {
        self.pending.is_some() || !self.command.is_empty()
    }

    /// How many bytes of a data set are held.
    pub(crate) fn held_bytes(&self) -> u64 {
        self.dataset.len() as u64
    }

    /// Drops what is held of the data set; the message will come out as too long.
    pub(crate) fn drop_dataset(&mut self) {
        self.dataset = BytesMut::new();
        self.received = self.dataset_bytes_max.saturating_add(1);
    }

    /// Takes one PDV; gives the message that it completes.
    pub(crate) fn take(&mut self, pdv: &Pdv) -> Result<Option<Message>, Error> {
        if pdv.is_command { self.take_command(pdv) } else { self.take_data(pdv) }
    }

    fn take_command(&mut self, pdv: &Pdv) -> Result<Option<Message>, Error> {
        if self.pending.is_some() {
            return Err(Error::Protocol("a command stands inside a data set"));
        }
        if self.command.len() + pdv.data.len() > COMMAND_BYTES_MAX {
            return Err(Error::Protocol("a command is longer than any real one"));
        }
        self.command.extend_from_slice(&pdv.data);
        if !pdv.is_last {
            return Ok(None);
        }
        let command = Command::parse(&self.command.split())?;
        if command.has_dataset() {
            self.pending = Some((pdv.context, command));
            return Ok(None);
        }
        Ok(Some(Message { context: pdv.context, command, dataset: DataSet::Absent }))
    }

    fn take_data(&mut self, pdv: &Pdv) -> Result<Option<Message>, Error> {
        match &self.pending {
            Some((context, _)) if *context == pdv.context => {}
            Some(_) => return Err(Error::Protocol("a data set changes its presentation context")),
            None => return Err(Error::Protocol("a data set comes without a command")),
        }
        self.received = self.received.saturating_add(pdv.data.len() as u64);
        if self.received > self.dataset_bytes_max {
            self.dataset = BytesMut::new();
        } else {
            if self.dataset.is_empty() {
                self.dataset.reserve(self.expected);
            }
            self.dataset.extend_from_slice(&pdv.data);
        }
        if !pdv.is_last {
            return Ok(None);
        }
        let (context, command) = self.pending.take().expect("it was looked at above");
        let too_long = std::mem::take(&mut self.received) > self.dataset_bytes_max;
        let bytes = std::mem::take(&mut self.dataset).freeze();
        self.expected = bytes.len().min(EXPECTED_BYTES_MAX) + EXPECTED_SLACK;
        let dataset = if too_long { DataSet::TooLong } else { DataSet::Whole(bytes) };
        Ok(Some(Message { context, command, dataset }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pdv(is_command: bool, is_last: bool, data: &[u8]) -> Pdv {
        Pdv { context: 1, is_command, is_last, data: Bytes::copy_from_slice(data) }
    }

    #[test]
    fn a_command_survives_its_encoding() {
        let request = Command::store_request(7, "1.2.3", "1.2.3.4");
        let parsed = Command::parse(&request.encode()).unwrap();
        assert_eq!((parsed.field(), parsed.sop_instance_uid().as_str()), (C_STORE_RQ, "1.2.3.4"));
        let response = parsed.response(&Status::failure(CANNOT_UNDERSTAND, "Größe"));
        let response = Command::parse(&response.encode()).unwrap();
        assert_eq!(response.status(), Some(Status { code: CANNOT_UNDERSTAND, comment: "Gr??e".into() }));
        assert_eq!((response.field(), response.responds_to()), (0x8001, Some(7)));
    }

    #[test]
    fn a_message_comes_in_pieces() {
        let mut assembler = Assembler::new(10);
        let command = Command::store_request(1, "1.2", "1.3").encode();
        assert!(assembler.take(&pdv(true, false, &command[..9])).unwrap().is_none());
        assert!(assembler.take(&pdv(true, true, &command[9..])).unwrap().is_none());
        assert!(assembler.take(&pdv(false, false, b"abc")).unwrap().is_none());
        let message = assembler.take(&pdv(false, true, b"def")).unwrap().unwrap();
        assert!(matches!(message.dataset, DataSet::Whole(bytes) if bytes == "abcdef"));
        assert!(!assembler.is_in_message());
    }

    #[test]
    fn an_object_beyond_the_limit_is_dropped_and_the_next_one_is_taken() {
        let mut assembler = Assembler::new(4);
        let command = Command::store_request(1, "1.2", "1.3").encode();
        for (data, whole) in [(&b"12345"[..], false), (b"1234", true)] {
            assembler.take(&pdv(true, true, &command)).unwrap();
            let message = assembler.take(&pdv(false, true, data)).unwrap().unwrap();
            assert_eq!(matches!(message.dataset, DataSet::Whole(_)), whole);
        }
    }

    #[test]
    fn messages_that_break_the_order_are_refused() {
        let command = Command::store_request(1, "1.2", "1.3").encode();
        assert!(Assembler::new(9).take(&pdv(false, true, b"x")).is_err());
        let mut assembler = Assembler::new(9);
        assembler.take(&pdv(true, true, &command)).unwrap();
        assert!(assembler.take(&pdv(true, true, &command)).is_err());
        let endless = vec![0; COMMAND_BYTES_MAX + 1];
        assert!(Assembler::new(9).take(&pdv(true, false, &endless)).is_err());
        assert!(Command::parse(&[0, 0, 0, 1, 0xFF, 0xFF, 0xFF, 0xFF, 0]).is_err());
    }
}
