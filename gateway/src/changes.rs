//! A hint that worklists may have changed. It says that something happened, never what or by whom; whoever gets
//! it looks at what their own person may see (see `graphql/subscription/worklist.rs`).

use contract::UserId;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::sync::Arc;
use tokio::sync::watch;

/// The hint, and who waits for it.
#[derive(Clone)]
pub(crate) struct Changes {
    counter: watch::Sender<u64>,
    waiting: Arc<Mutex<HashMap<UserId, u32>>>,
}

/// One person's place among those who wait; given back when dropped.
pub(crate) struct Place {
    user: UserId,
    waiting: Arc<Mutex<HashMap<UserId, u32>>>,
}

impl Changes {
    pub(crate) fn new() -> Self {
        Self { counter: watch::Sender::new(0), waiting: Arc::default() }
    }

    /// Something happened.
    pub(crate) fn hint(&self) {
        self.counter.send_modify(|count| *count = count.wrapping_add(1));
    }

    /// Where hints arrive.
    pub(crate) fn listen(&self) -> watch::Receiver<u64> {
        self.counter.subscribe()
    }

    /// A place for `user`, of whom at most `places_max` wait at a time.
    pub(crate) fn place(&self, user: &UserId, places_max: u32) -> Option<Place> {
        let mut waiting = self.waiting.lock();
        let taken = waiting.entry(user.clone()).or_default();
        if *taken >= places_max {
            return None;
        }
        *taken += 1;
        Some(Place { user: user.clone(), waiting: Arc::clone(&self.waiting) })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut waiting = self.waiting.lock();
        if let Some(taken) = waiting.get_mut(&self.user) {
            *taken -= 1;
            if *taken == 0 {
                waiting.remove(&self.user);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_person_takes_only_so_many_places() {
        let changes = Changes::new();
        let user = UserId::from_bits(1);
        let first = changes.place(&user, 2).unwrap();
        let second = changes.place(&user, 2).unwrap();
        assert!(changes.place(&user, 2).is_none());
        assert!(changes.place(&UserId::from_bits(2), 2).is_some());
        drop((first, second));
        assert!(changes.place(&user, 2).is_some());
    }
}
