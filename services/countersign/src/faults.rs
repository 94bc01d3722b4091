//! Deaths for the kill tests, in builds with the feature `failpoints` only: at a named point the process sends itself
//! SIGKILL, as `kill -9` at exactly that instant would.

use std::str::FromStr;
use std::sync::atomic::{AtomicU32, Ordering};

/// Where the process dies, and at which visit of that place, counted from 1.
#[derive(Debug, Clone)]
pub(crate) struct KillPoint {
    point: String,
    visit: u32,
}

impl FromStr for KillPoint {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (point, visit) = text.split_once('#').unwrap_or((text, "1"));
        let visit = visit.parse().map_err(|_| format!("'{visit}' is no number of a visit"))?;
        Ok(Self { point: point.to_owned(), visit })
    }
}

/// Arms the points.
pub(crate) fn arm(points: &[KillPoint]) {
    for KillPoint { point, visit } in points.iter().cloned() {
        let visits = AtomicU32::new(0);
        let die = move || {
            if visits.fetch_add(1, Ordering::Relaxed) + 1 == visit {
                let me = rustix::process::getpid();
                rustix::process::kill_process(me, rustix::process::Signal::KILL)
                    .expect("a process may kill itself");
            }
        };
        fail::cfg_callback(point, die).expect("a callback needs no grammar");
    }
}
