//! What may be listened to.

pub(crate) mod worklist;

pub(crate) use worklist::Subscription;
