//! The types of the schema, written by hand over contract types: nothing appears in the API because a struct
//! grew a field.

pub(crate) mod account;
pub(crate) mod campaign;
pub(crate) mod capacity;
pub(crate) mod case;
pub(crate) mod comparison;
pub(crate) mod deployment;
pub(crate) mod destination;
pub(crate) mod discussion;
pub(crate) mod economics;
pub(crate) mod erasure;
pub(crate) mod governance;
pub(crate) mod ledger;
pub(crate) mod model;
pub(crate) mod oversight;
pub(crate) mod page;
pub(crate) mod pair;
pub(crate) mod payload;
pub(crate) mod prior;
pub(crate) mod priority;
pub(crate) mod quality;
pub(crate) mod quarantine;
pub(crate) mod read;
pub(crate) mod rejection_note;
pub(crate) mod run;
pub(crate) mod send;
pub(crate) mod series;
pub(crate) mod site;
pub(crate) mod stop;
pub(crate) mod study;
pub(crate) mod teaching;
pub(crate) mod terms;
pub(crate) mod use_rule;
pub(crate) mod viewer;
pub(crate) mod viewing;
pub(crate) mod watch;
