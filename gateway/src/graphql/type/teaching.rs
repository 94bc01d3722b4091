//! Teaching sets.

use super::payload::Refusal;
use async_graphql::{Enum, ID, SimpleObject};
use chrono::{DateTime, Utc};
use contract::{UserId, delivery};
use std::collections::HashMap;

/// How far a teaching set is.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "delivery::TeachingSetState")]
pub(crate) enum TeachingSetState {
    /// Its images are being copied and looked through.
    Preparing,
    /// It can't be made.
    Refused,
    /// Made, and not looked at by the person who answers for it.
    Prepared,
    /// It may leave.
    Released,
    /// It leaves no more.
    Withdrawn,
}

/// Copies of the images of a discussed case, without whose they are. The images are below
/// `/teaching-sets/{id}/{original|ai}/{slice from 0}`, the released set is `/teaching-sets/{id}/archive`.
#[derive(SimpleObject)]
pub(crate) struct TeachingSet {
    id: ID,
    discussion_id: ID,
    state: TeachingSetState,
    /// What stands in its images instead of the patient's name.
    code: String,
    /// Digest over its files, once it is made.
    content: Option<String>,
    /// Images of each of its two series.
    slices: u32,
    /// How many images of both are done, while it is being made.
    images_done: u32,
    /// Why it can't be made.
    refusal: Option<Refusal>,
    /// User name.
    prepared_by: String,
    prepared_at: DateTime<Utc>,
    /// User name of who looked at each image.
    released_by: Option<String>,
    released_at: Option<DateTime<Utc>>,
    /// User name.
    withdrawn_by: Option<String>,
    withdrawn_at: Option<DateTime<Utc>>,
    withdrawal_reason: Option<String>,
}

/// The accounts that stand in a set, for their names.
pub(crate) fn accounts_of(set: &delivery::TeachingSet) -> impl Iterator<Item = UserId> {
    let acts = set.released.iter().chain(&set.withdrawn).map(|act| act.by.clone());
    acts.chain([set.prepared_by.clone()])
}

/// What of a set is written down when it is shown.
pub(crate) fn ids(set: &delivery::TeachingSet) -> [String; 2] {
    [set.id.to_string(), set.case.to_string()]
}

impl TeachingSet {
    /// The set, with the names of `names`.
    pub(crate) fn new(set: delivery::TeachingSet, names: &HashMap<UserId, String>) -> Self {
        let name_of = |user: &UserId| names.get(user).cloned().unwrap_or_else(|| user.to_string());
        Self {
            id: set.id.to_string().into(),
            discussion_id: set.discussion.to_string().into(),
            state: set.state.into(),
            code: set.code,
            content: set.content.map(|content| content.to_string()),
            slices: set.slices,
            images_done: set.images_done,
            refusal: set.refusal.map(Refusal::from),
            prepared_by: name_of(&set.prepared_by),
            prepared_at: set.prepared_at,
            released_by: set.released.as_ref().map(|act| name_of(&act.by)),
            released_at: set.released.map(|act| act.at),
            withdrawn_by: set.withdrawn.as_ref().map(|act| name_of(&act.by)),
            withdrawn_at: set.withdrawn.map(|act| act.at),
            withdrawal_reason: set.withdrawal_reason,
        }
    }
}
