//! `worklistChanged`: a bare tick.
//!
//! A tick that came whenever *anything* happened would tell a reader that somebody else has just signed. So each
//! listener is told only when what *their own* worklist shows has changed, looked at on a grid of two seconds
//! that is the same for everybody: a tick tells no more than reloading the page would.

use crate::auth::Viewer;
use crate::changes::Place;
use crate::door::Asking;
use crate::error::Error;
use crate::graphql::fault::{asking, fault, viewer};
use async_graphql::{Context, Result};
use chrono::{DateTime, Utc};
use contract::page::PAGE_SIZE_MAX;
use contract::{Digest, PageRequest, Refusal};
use futures::Stream;
use std::time::Duration;
use tokio::sync::watch;

/// Distance of the instants at which worklists are looked at.
const GRID_MS: i64 = 2_000;
/// How often a login session is checked while nothing happens.
const CHECK: Duration = Duration::from_secs(4);
/// A hint can be lost: after so many quiet checks the worklist is looked at anyway.
const QUIET_CHECKS_MAX: u32 = 7;

#[derive(Default)]
pub(crate) struct Subscription;

#[async_graphql::Subscription]
impl Subscription {
    /// Tells that the worklist of this reader may have changed; carries nothing else.
    async fn worklist_changed(&self, ctx: &Context<'_>) -> Result<impl Stream<Item = DateTime<Utc>> + use<>> {
        let asking = asking(ctx).clone();
        let viewer = viewer(ctx)?.clone();
        let places = asking.door.config.graphql.subscriptions_per_user_max;
        let place = asking.door.changes.place(&viewer.user, places).ok_or_else(|| {
            let refusal =
                Refusal::new("too_many_subscriptions", "too many pages listen", "close some of them");
            fault(ctx, refusal.into())
        })?;
        let hints = asking.door.changes.listen();
        let mut listener = Listener { asking, viewer, hints, seen: None, _place: place };
        listener.seen = listener.look().await.map_err(|error| fault(ctx, error))?;
        Ok(futures::stream::unfold(listener, |mut listener| async move {
            listener.tick().await.map(|tick| (tick, listener))
        }))
    }
}

struct Listener {
    asking: Asking,
    viewer: Viewer,
    hints: watch::Receiver<u64>,
    seen: Option<Digest>,
    _place: Place,
}

impl Listener {
    /// Waits until the worklist shows something else. `None` when the login session is over.
    async fn tick(&mut self) -> Option<DateTime<Utc>> {
        let mut quiet = 0;
        loop {
            let hinted = tokio::select! {
                changed = self.hints.changed() => { changed.ok()?; true }
                () = tokio::time::sleep(CHECK) => false,
            };
            quiet = if hinted { 0 } else { quiet + 1 };
            if !hinted && quiet < QUIET_CHECKS_MAX {
                self.alive().await.then_some(())?;
                continue;
            }
            quiet = 0;
            let grid = self.next_grid_instant().await;
            self.hints.mark_unchanged();
            self.alive().await.then_some(())?;
            match self.look().await {
                Ok(now) if now != self.seen => {
                    self.seen = now;
                    return Some(grid);
                }
                Ok(_) => {}
                // A service that does not answer now is asked again at the next look.
                Err(error) => tracing::debug!(
                    event = "worklist.look_failed",
                    error = &error as &dyn std::error::Error,
                    "a worklist can't be looked at now"
                ),
            }
        }
    }

    async fn next_grid_instant(&self) -> DateTime<Utc> {
        let now = self.asking.door.clock.now();
        let wait = GRID_MS - now.timestamp_millis().rem_euclid(GRID_MS);
        tokio::time::sleep(Duration::from_millis(wait.unsigned_abs())).await;
        DateTime::from_timestamp_millis(now.timestamp_millis() + wait).unwrap_or(now)
    }

    async fn alive(&self) -> bool {
        let status = self.asking.door.logins.status(&self.viewer.login).await;
        status.is_ok_and(|status| status.alive)
    }

    /// A digest of what the worklist shows. A new token each time: the reader's roles may have changed.
    async fn look(&self) -> Result<Option<Digest>, Error> {
        let request = PageRequest { first: Some(PAGE_SIZE_MAX), after: None };
        let review = self.asking.services(&self.viewer).review;
        let (clinical, evaluation) =
            tokio::try_join!(review.worklist(&request), review.evaluation_worklist(&request))?;
        let lines = clinical.items.iter().chain(&evaluation.items).map(|item| {
            let case = &item.node;
            format!("{} {:?} {:?}\n", case.id, case.availability, case.state)
        });
        Ok(Some(Digest::of(lines.collect::<String>().as_bytes())))
    }
}
