//! Discussions of cases that are over: opened, contributed to, scored, closed and listed.

use super::{Asked, Shell};
use crate::case::Case;
use crate::error::Error;
use crate::learning::{self, Discussion, Opening, Part, Said, Source};
use crate::store::{self, ConnectionTrait, Origin};
use contract::event::{DiscussionClosed, DiscussionContributed, DiscussionOpened, DiscussionScored};
use contract::review::{Discussion as View, DiscussionsQuery, Lesson, OpenDiscussion, Radpeer};
use contract::{Actor, CaseId, Digest, DiscussionId, Event, Page, PageRequest, Role, UserId};
use database::{DatabaseTransaction, transaction};
use std::collections::HashMap;

/// A discussion with its case, and as what somebody takes part in it.
struct Place {
    discussion: Discussion,
    case: Case,
    source: Source,
    part: Part,
}

impl Place {
    /// The discussion as the one whose place it is may see it.
    async fn shown(&self, db: &impl ConnectionTrait, user: &UserId) -> Result<View, Error> {
        let scores = store::scores_of(db, user, std::slice::from_ref(&self.case.id)).await?;
        let own = scores.get(&self.case.id).copied();
        Ok(learning::view(&self.discussion, &self.case, self.source, (self.part, user), own))
    }
}

impl Shell {
    /// Has a case discussed. Whoever has no part in it, for whatever reason, is told that there is nothing.
    pub(crate) async fn open_discussion(
        &self,
        asked: &Asked,
        command: OpenDiscussion,
    ) -> Result<View, Error> {
        self.racing(|| {
            let (shell, asked, command) = (self.clone(), asked.clone(), command.clone());
            transaction(&self.db, move |txn| {
                Box::pin(async move { shell.open_discussion_in_txn(txn, &asked, command).await })
            })
        })
        .await
    }

    async fn open_discussion_in_txn(
        &self,
        txn: &DatabaseTransaction,
        asked: &Asked,
        command: OpenDiscussion,
    ) -> Result<View, Error> {
        let origin = self.person(&asked.actor, &asked.causation);
        let case = store::case_load_locked(txn, &command.case).await?.ok_or(Error::NotFound)?;
        let source = source_of(txn, &case).await?;
        let part = learning::part(&case, source, &asked.actor, origin.now).ok_or(Error::NotFound)?;
        let OpenDiscussion { kind, question, .. } = command;
        let id = self.random.with(DiscussionId::random);
        let opening = Opening { id, kind, question, by: asked.user.clone() };
        let opened = learning::open(&case, source, part, opening, origin.now)?;
        if store::discussion_is_open(txn, &case.id).await? {
            return Err(learning::open_already().into());
        }
        store::discussion_insert(txn, &opened, &case).await?;
        let event = Event::DiscussionOpened(DiscussionOpened {
            discussion: opened.id.clone(),
            case: case.id.clone(),
            kind,
            reason: Digest::of(opened.opened.words.as_bytes()),
        });
        store::tell(txn, &origin, case.id.as_str(), event).await?;
        Place { discussion: opened, case, source, part }.shown(txn, &asked.user).await
    }

    /// Adds what somebody says.
    pub(crate) async fn contribute(
        &self,
        asked: &Asked,
        id: &DiscussionId,
        words: &str,
    ) -> Result<View, Error> {
        let (shell, asked, id, words) = (self.clone(), asked.clone(), id.clone(), words.to_owned());
        transaction(&self.db, move |txn| {
            Box::pin(async move {
                let origin = shell.person(&asked.actor, &asked.causation);
                let mut place = place_locked(txn, &asked, &id, &origin).await?;
                let said = learning::contribute(
                    &place.discussion,
                    place.part,
                    asked.user.clone(),
                    &words,
                    origin.now,
                )?;
                let number = u32::try_from(place.discussion.contributions.len() + 1).unwrap_or(u32::MAX);
                store::contribution_insert(txn, &id, number, &said).await?;
                let event = Event::DiscussionContributed(DiscussionContributed {
                    discussion: id,
                    case: place.case.id.clone(),
                    number,
                    reason: digest_of(&said),
                });
                store::tell(txn, &origin, place.case.id.as_str(), event).await?;
                place.discussion.contributions.push(said);
                place.shown(txn, &asked.user).await
            })
        })
        .await
    }

    /// Notes how somebody who did not read the case scores its reading; what they said before is kept.
    pub(crate) async fn score_reading(
        &self,
        asked: &Asked,
        id: &DiscussionId,
        score: Radpeer,
    ) -> Result<View, Error> {
        self.racing(|| {
            let (shell, asked, id) = (self.clone(), asked.clone(), id.clone());
            transaction(&self.db, move |txn| {
                Box::pin(async move {
                    let origin = shell.person(&asked.actor, &asked.causation);
                    let place = place_locked(txn, &asked, &id, &origin).await?;
                    learning::check_score(&place.case, place.part, &asked.user)?;
                    store::score_insert(txn, &place.discussion, &asked.user, score, origin.now).await?;
                    let case = place.case.id.clone();
                    let event = Event::DiscussionScored(DiscussionScored { discussion: id, case });
                    store::tell(txn, &origin, place.case.id.as_str(), event).await?;
                    place.shown(txn, &asked.user).await
                })
            })
        })
        .await
    }

    /// Closes a discussion with what is to be learned.
    pub(crate) async fn close_discussion(
        &self,
        asked: &Asked,
        id: &DiscussionId,
        point: &str,
    ) -> Result<View, Error> {
        let (shell, asked, id, point) = (self.clone(), asked.clone(), id.clone(), point.to_owned());
        transaction(&self.db, move |txn| {
            Box::pin(async move {
                let origin = shell.person(&asked.actor, &asked.causation);
                let mut place = place_locked(txn, &asked, &id, &origin).await?;
                let learned =
                    learning::close(&place.discussion, place.part, asked.user.clone(), &point, origin.now)?;
                store::discussion_close(txn, &id, &learned).await?;
                let event = Event::DiscussionClosed(DiscussionClosed {
                    discussion: id,
                    case: place.case.id.clone(),
                    conclusion: digest_of(&learned),
                });
                store::tell(txn, &origin, place.case.id.as_str(), event).await?;
                place.discussion.closed = Some(learned);
                place.shown(txn, &asked.user).await
            })
        })
        .await
    }

    /// One discussion, to somebody who has a part in it.
    pub(crate) async fn discussion(&self, asked: &Asked, id: &DiscussionId) -> Result<View, Error> {
        let found = store::discussion_load(&self.db, id).await?.ok_or(Error::NotFound)?;
        let case = store::case_load(&self.db, &found.case).await?.ok_or(Error::NotFound)?;
        let source = source_of(&self.db, &case).await?;
        let part = learning::part(&case, source, &asked.actor, self.now()).ok_or(Error::NotFound)?;
        Place { discussion: found, case, source, part }.shown(&self.db, &asked.user).await
    }

    /// What may be taught of the case of a discussion.
    pub(crate) async fn lesson(&self, id: &DiscussionId) -> Result<Lesson, Error> {
        let found = store::discussion_load(&self.db, id).await?.ok_or(Error::NotFound)?;
        let case = store::case_load(&self.db, &found.case).await?.ok_or(Error::NotFound)?;
        let source = source_of(&self.db, &case).await?;
        Ok(learning::lesson(&case, source, &found)?)
    }

    /// One page of the discussions in which somebody has a part, newest first. Pages are made of what they may see, so
    /// that no gap tells of what they may not.
    pub(crate) async fn discussions(
        &self,
        asked: &Asked,
        wanted: &DiscussionsQuery,
    ) -> Result<Page<View>, Error> {
        let found = self.discussions_around(&asked.actor, &asked.user, wanted.case.as_ref()).await?;
        let ids: Vec<CaseId> = found.iter().map(|discussion| discussion.case.clone()).collect();
        let cases = store::cases_load(&self.db, &ids).await?;
        let sources = store::sources_of(&self.db, &cases).await?;
        let cases: HashMap<CaseId, Case> = cases.into_iter().map(|case| (case.id.clone(), case)).collect();
        let scores = store::scores_of(&self.db, &asked.user, &ids).await?;
        let now = self.now();
        let shown = found.iter().filter_map(|discussion| {
            let (case, source) = (cases.get(&discussion.case)?, *sources.get(&discussion.case)?);
            let part = learning::part(case, source, &asked.actor, now)?;
            let own = scores.get(&case.id).copied();
            Some(learning::view(discussion, case, source, (part, &asked.user), own))
        });
        let page = PageRequest { first: wanted.first, after: wanted.after.clone() };
        let after = page.after.as_deref().and_then(store::read_cursor);
        let place = |view: &View| (std::cmp::Reverse(view.opened_at.timestamp_micros()), view.id.to_string());
        let after = after.map(|(at, id)| (std::cmp::Reverse(at.timestamp_micros()), id));
        let rows = shown.filter(|view| after.as_ref().is_none_or(|after| place(view) > *after));
        let rows = rows.take(usize::try_from(page.limit() + 1).unwrap_or(usize::MAX)).collect();
        Ok(Page::from_rows(rows, page.limit(), |view: &View| store::cursor(view.opened_at, &view.id)))
    }

    /// The discussions among which those that somebody may see are looked for.
    async fn discussions_around(
        &self,
        actor: &Actor,
        user: &UserId,
        case: Option<&CaseId>,
    ) -> Result<Vec<Discussion>, Error> {
        match case {
            Some(case) => store::discussions_of_case(&self.db, case).await,
            None if actor.has_role(Role::Quality) => store::discussions(&self.db).await,
            None => store::discussions_of_reader(&self.db, user).await,
        }
    }
}

async fn place_locked(
    txn: &DatabaseTransaction,
    asked: &Asked,
    id: &DiscussionId,
    origin: &Origin,
) -> Result<Place, Error> {
    let discussion = store::discussion_load_locked(txn, id).await?.ok_or(Error::NotFound)?;
    let case = store::case_load(txn, &discussion.case).await?.ok_or(Error::NotFound)?;
    let source = source_of(txn, &case).await?;
    let part = learning::part(&case, source, &asked.actor, origin.now).ok_or(Error::NotFound)?;
    Ok(Place { discussion, case, source, part })
}

async fn source_of(db: &impl ConnectionTrait, case: &Case) -> Result<Source, Error> {
    let sources = store::sources_of(db, std::slice::from_ref(case)).await?;
    Ok(sources.get(&case.id).copied().unwrap_or(Source::MayBeRead))
}

fn digest_of(said: &Said) -> Digest {
    Digest::of(said.words.as_bytes())
}
