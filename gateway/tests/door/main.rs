//! The door as a browser, a scanner and the services behind it meet it.

#![expect(clippy::unwrap_used, reason = "a test that can't go on fails")]

mod accounts;
mod behind;
mod cases;
mod commands;
mod comparisons;
mod dicomweb;
mod entries;
mod learning;
mod leaving;
mod limits;
mod page;
mod passkeys;
mod priors;
mod searched;
mod settled;
mod sign_in;
mod site;
mod worklist;
