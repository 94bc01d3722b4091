//! What a request was shown and what it was refused: written down, and committed before the first byte of the
//! answer.
//!
//! A display is told once per login session for each list, study and case: a page asks for its worklist all day
//! long. Who looks at pixels or at the ledger is told by the services that own them.

use crate::auth::Viewer;
use crate::door::Door;
use crate::error::Error;
use crate::store;
use async_graphql::Context;
use contract::event::{CommandRefused, Display};
use contract::{Event, EventId, LoginSessionId, RequestId};
use database::outbox::NewEvent;
use parking_lot::Mutex;
use platform::telemetry;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

/// The most displays that are remembered; then they are forgotten and looked up in the database again.
const REMEMBERED_MAX: usize = 100_000;
/// The list itself, beside what stands in it.
const LIST: &str = "";
/// It tells of its own refusals, of people whom nobody knows yet too.
const SIGN_IN: &str = "signIn";

/// What one request was shown and refused so far.
#[derive(Default)]
pub(crate) struct Record(Mutex<Notes>);

#[derive(Default)]
struct Notes {
    shown: BTreeMap<Display, BTreeSet<String>>,
    /// Command and code of the reason.
    refused: Vec<(String, String)>,
}

impl Record {
    /// Takes note that `display` is shown with these studies and cases in it.
    pub(crate) fn shown(&self, display: Display, ids: impl IntoIterator<Item = String>) {
        self.0.lock().shown.entry(display).or_default().extend(ids.into_iter().chain([LIST.to_owned()]));
    }

    /// Takes note that `command` was refused.
    pub(crate) fn refused(&self, command: &str, reason_code: &str) {
        if command != SIGN_IN {
            self.0.lock().refused.push((command.to_owned(), reason_code.to_owned()));
        }
    }

    /// Writes everything down that was noted and is not known yet. Of somebody who is not signed in nothing is: who
    /// they are is not known, and they were shown nothing.
    ///
    /// # Errors
    /// When it can't be written: then nothing may be shown.
    pub(crate) async fn commit(
        &self,
        door: &Door,
        viewer: Option<&Viewer>,
        request: &RequestId,
    ) -> Result<(), Error> {
        let Notes { shown, refused } = std::mem::take(&mut *self.0.lock());
        let Some(viewer) = viewer else { return Ok(()) };
        let fresh = door.displays.unknown(&viewer.login, shown);
        if fresh.is_empty() && refused.is_empty() {
            return Ok(());
        }
        let telling = Telling { door, viewer, request };
        let refusals = refused.into_iter().map(|(command, reason_code)| {
            let subject = command.clone();
            telling.event(subject, Event::CommandRefused(CommandRefused { command, reason_code }))
        });
        let displays = fresh.iter().map(|(display, ids)| (*display, ids.clone(), telling.display(*display)));
        store::record(&door.db, &viewer.login, displays.collect(), refusals.collect()).await?;
        door.displays.remember(&viewer.login, fresh);
        Ok(())
    }
}

struct Telling<'a> {
    door: &'a Door,
    viewer: &'a Viewer,
    request: &'a RequestId,
}

impl Telling<'_> {
    /// The event of a display; the store fills in what is new in it.
    fn display(&self, display: Display) -> NewEvent {
        let event = Event::DisplayRecorded { display, shown: Vec::new() };
        self.event(display.as_str().to_owned(), event)
    }

    fn event(&self, subject: String, event: Event) -> NewEvent {
        NewEvent {
            id: self.door.random.with(EventId::random),
            occurred_at: self.door.clock.now(),
            actor: self.viewer.actor(),
            subject,
            causation: Some(self.request.to_string()),
            trace: telemetry::traceparent(),
            event,
        }
    }
}

/// Which displays are known to be written down; the database knows all of them.
#[derive(Default)]
pub(crate) struct Displays(Mutex<HashSet<(LoginSessionId, Display, String)>>);

impl Displays {
    fn unknown(
        &self,
        login: &LoginSessionId,
        shown: BTreeMap<Display, BTreeSet<String>>,
    ) -> BTreeMap<Display, BTreeSet<String>> {
        let known = self.0.lock();
        let mut fresh = shown;
        for (display, ids) in &mut fresh {
            ids.retain(|id| !known.contains(&(login.clone(), *display, id.clone())));
        }
        fresh.retain(|_, ids| !ids.is_empty());
        fresh
    }

    fn remember(&self, login: &LoginSessionId, shown: BTreeMap<Display, BTreeSet<String>>) {
        let mut known = self.0.lock();
        if known.len() >= REMEMBERED_MAX {
            known.clear();
        }
        for (display, ids) in shown {
            known.extend(ids.into_iter().map(|id| (login.clone(), display, id)));
        }
    }
}

/// The record of the request of `ctx`.
fn record<'c>(ctx: &Context<'c>) -> Option<&'c Arc<Record>> {
    ctx.data_opt()
}

/// Takes note that the request of `ctx` is shown `display` with these studies and cases in it.
pub(crate) fn shown(ctx: &Context<'_>, display: Display, ids: impl IntoIterator<Item = String>) {
    if let Some(record) = record(ctx) {
        record.shown(display, ids);
    }
}

/// Takes note that the field of `ctx` is refused.
pub(crate) fn refused(ctx: &Context<'_>, reason_code: &str) {
    if let Some(record) = record(ctx) {
        record.refused(ctx.field().name(), reason_code);
    }
}
