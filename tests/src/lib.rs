//! The language of the tests that see the product from outside: a [`Stack`] of real processes, [`people`] in front of
//! it, a [`scanner`] and a [`pacs`] beside it (dcmtk), and a [`wire`] that can be listened to and interrupted.
//!
//! Nothing here is a stand-in: the binary is the one that `cargo build` makes, PostgreSQL, RabbitMQ and the S3 interface
//! are those that `infra/test-services` names.

#![expect(clippy::unwrap_used, reason = "a test that can't go on fails")]

pub mod ledger;
pub mod pacs;
pub mod people;
pub mod program;
pub mod scanner;
pub mod schema;
pub mod socket;
pub mod stack;
pub mod stand_in;
pub mod wait;
pub mod wire;

pub use pacs::Pacs;
pub use people::Person;
pub use scanner::{Scanner, Study};
pub use stack::Stack;

use sha2::{Digest as _, Sha256};

/// SHA-256 in hexadecimal, computed without the product's own code.
pub fn sha256(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// The data set of a DICOM file: what follows preamble, `DICM` and group 0002, whose length its first element says.
pub fn dataset(file: &[u8]) -> Option<&[u8]> {
    const GROUP_LENGTH: [u8; 8] = [2, 0, 0, 0, b'U', b'L', 4, 0];
    let starts_well = file.get(128..132)? == b"DICM" && file.get(132..140)? == GROUP_LENGTH;
    let length = u32::from_le_bytes(file.get(140..144)?.try_into().ok()?);
    starts_well.then(|| file.get(144 + length as usize..)).flatten()
}
