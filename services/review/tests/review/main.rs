//! Review as others meet it: its routes and the events it takes in, on both databases.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod after_signing;
mod blinding;
mod campaigns;
mod clinic;
mod constraints;
mod discussions;
mod evaluation;
mod identity;
mod invalidation;
mod outage;
mod oversight;
mod pairs;
mod priorities;
mod races;
mod samples;
mod settled;
mod story;
mod viewing;
