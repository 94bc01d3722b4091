//! The signed-in person.

use crate::auth::Viewer as SignedIn;
use crate::config::Config;
use async_graphql::{Enum, ID, SimpleObject};

/// What a person may do.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "contract::Role")]
pub(crate) enum Role {
    Radiologist,
    Adjudicator,
    Quality,
    Administrator,
    ClinicalOwner,
    Physicist,
    Coordinator,
}

#[derive(SimpleObject)]
pub(crate) struct Viewer {
    id: ID,
    username: String,
    printed_name: String,
    roles: Vec<Role>,
    /// Minutes without activity after which the page locks.
    idle_lock_minutes: u32,
    demo: bool,
    /// Whether this login session has signed: its first signature takes the user name beside the password.
    has_signed: bool,
    /// Whether somebody else had the password made: until the person has chosen one, nothing else can be done.
    must_change_password: bool,
}

impl Viewer {
    pub(crate) fn new(viewer: &SignedIn, config: &Config) -> Self {
        Self {
            id: viewer.user.to_string().into(),
            username: viewer.username.clone(),
            printed_name: viewer.printed_name.clone(),
            roles: viewer.roles.iter().copied().map(Role::from).collect(),
            idle_lock_minutes: config.idle_lock_minutes,
            demo: config.demo,
            has_signed: viewer.has_signed,
            must_change_password: viewer.must_change_password,
        }
    }
}
