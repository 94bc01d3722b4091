//! Rollout as others meet it: its routes, the events it takes in and those it tells, on both databases.

#![expect(clippy::unwrap_used, reason = "a test that can not go on has failed")]

mod capacity;
mod comparing;
mod dry_run;
mod economics;
mod evidence;
mod laid_out;
mod promotion;
mod registration;
mod routing;
mod site;
mod sites;
mod stopping;
