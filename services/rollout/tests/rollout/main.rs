//! Rollout as others meet it: its routes, the events it takes in and those it tells, on both databases.

mod promotion;
mod registration;
mod routing;
mod site;
