//! Who is in, and who gives way when the port is full.
//!
//! A fixed number of associations is served. When all places are taken, the one that has made no progress for longest
//! gives way, unless an object of it is being stored: so associations that hold a place without using it (a scanner
//! that never releases, a slow attack) never shut anybody else out.

use super::Config;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Notify;

pub(super) struct Door {
    places: usize,
    places_per_peer: usize,
    gives_way_after: Duration,
    guests: Mutex<Guests>,
}

#[derive(Default)]
struct Guests {
    next: u64,
    inside: HashMap<u64, Guest>,
}

struct Guest {
    peer: IpAddr,
    progress: Instant,
    at_work: bool,
    leave: Arc<Notify>,
    idle: Arc<Notify>,
}

/// A place inside; given back on drop.
pub(super) struct Pass {
    id: u64,
    door: Arc<Door>,
    leave: Arc<Notify>,
    idle: Arc<Notify>,
}

/// While this lives, the association doesn't give way.
pub(super) struct AtWork<'a>(&'a Pass);

impl Door {
    pub(super) fn new(config: &Config) -> Self {
        Self {
            places: config.associations_max.max(1),
            places_per_peer: config.associations_per_peer_max.max(1),
            gives_way_after: config.gives_way_after,
            guests: Mutex::default(),
        }
    }

    /// Gives a place to a peer; `None` when every association that could give way is at work.
    pub(super) fn enter(self: &Arc<Self>, peer: IpAddr) -> Option<Pass> {
        let mut guests = self.guests.lock();
        let of_peer = guests.inside.values().filter(|guest| guest.peer == peer).count();
        if of_peer >= self.places_per_peer {
            self.make_room(&mut guests, |guest| guest.peer == peer)?;
        }
        if guests.inside.len() >= self.places {
            self.make_room(&mut guests, |_| true)?;
        }
        let id = guests.next;
        guests.next += 1;
        let (leave, idle) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let guest = Guest {
            peer,
            progress: Instant::now(),
            at_work: false,
            leave: Arc::clone(&leave),
            idle: Arc::clone(&idle),
        };
        guests.inside.insert(id, guest);
        Some(Pass { id, door: Arc::clone(self), leave, idle })
    }

    fn make_room(&self, guests: &mut Guests, may_leave: impl Fn(&Guest) -> bool) -> Option<()> {
        let (id, _) = guests
            .inside
            .iter()
            .filter(|(_, guest)| may_leave(guest) && !guest.at_work)
            .filter(|(_, guest)| guest.progress.elapsed() >= self.gives_way_after)
            .min_by_key(|(_, guest)| guest.progress)?;
        let id = *id;
        let guest = guests.inside.remove(&id)?;
        guest.leave.notify_one();
        Some(())
    }
}

impl Pass {
    pub(super) fn id(&self) -> u64 {
        self.id
    }

    pub(super) fn progress(&self) {
        if let Some(guest) = self.door.guests.lock().inside.get_mut(&self.id) {
            guest.progress = Instant::now();
        }
    }

    pub(super) fn at_work(&self) -> AtWork<'_> {
        self.set_at_work(true);
        AtWork(self)
    }

    fn set_at_work(&self, at_work: bool) {
        if let Some(guest) = self.door.guests.lock().inside.get_mut(&self.id) {
            guest.at_work = at_work;
            guest.progress = Instant::now();
            if !at_work {
                guest.idle.notify_waiters();
            }
        }
    }

    /// Completes when the association has to give way.
    pub(super) async fn gives_way(&self) {
        self.leave.notified().await;
    }

    /// Completes when no object of the association is being stored.
    pub(super) async fn idle(&self) {
        loop {
            let idle = self.idle.notified();
            tokio::pin!(idle);
            idle.as_mut().enable();
            if !self.door.guests.lock().inside.get(&self.id).is_some_and(|guest| guest.at_work) {
                return;
            }
            idle.await;
        }
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        self.door.guests.lock().inside.remove(&self.id);
    }
}

impl Drop for AtWork<'_> {
    fn drop(&mut self) {
        self.0.set_at_work(false);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    fn door(gives_way_after: Duration) -> Arc<Door> {
        let config = Config {
            associations_max: 2,
            associations_per_peer_max: 2,
            gives_way_after,
            ..Config::default()
        };
        Arc::new(Door::new(&config))
    }

    const PEER: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

    #[test]
    fn the_longest_idle_association_gives_way() {
        let door = door(Duration::ZERO);
        let first = door.enter(PEER).unwrap();
        let second = door.enter(PEER).unwrap();
        first.progress();
        let _third = door.enter(PEER).unwrap();
        assert!(!door.guests.lock().inside.contains_key(&second.id()));
        assert!(door.guests.lock().inside.contains_key(&first.id()));
    }

    #[test]
    fn associations_at_work_stay_and_the_newcomer_is_turned_away() {
        let door = door(Duration::ZERO);
        let (first, second) = (door.enter(PEER).unwrap(), door.enter(PEER).unwrap());
        let _working = (first.at_work(), second.at_work());
        assert!(door.enter(PEER).is_none());
    }

    #[test]
    fn a_place_is_free_again_when_the_association_ends() {
        let door = door(Duration::from_hours(1));
        let first = door.enter(PEER).unwrap();
        let _second = door.enter(PEER).unwrap();
        assert!(door.enter(PEER).is_none());
        drop(first);
        assert!(door.enter(PEER).is_some());
    }
}
