//! Pairs come, are read and are answered.

use super::steer::Asked;
use super::{Shell, token_used};
use crate::case::Case;
use crate::error::Error;
use crate::side_by_side::{self, Answering, Pair, Seat};
use crate::store::{self, Origin};
use contract::event::Access;
use contract::review::{CompletedPair, Pair as PairView, PairSource, Side};
use contract::{Actor, CaseId, ComparisonId, Event, EventId, LoginSessionId, PairId, RequestId, UserId};
use database::{DatabaseTransaction, transaction};

impl Shell {
    /// Opens the pairs that a case which was just queued completes, as many of them as are drawn. It is no matter of the
    /// case, whose way nothing here delays.
    pub(super) async fn pairs_in_txn(
        &self,
        txn: &DatabaseTransaction,
        case: &Case,
        origin: &Origin,
    ) -> Result<(), Error> {
        for wanted in store::matches_of(txn, case).await? {
            if self.draws(wanted.draw_per_mille) {
                store::pair_open(txn, self.random.with(PairId::random), &wanted, case, origin).await?;
            }
        }
        Ok(())
    }

    /// Takes out the pairs that rest on these cases, whose sources changed.
    pub(super) async fn pairs_superseded_in_txn(
        &self,
        txn: &DatabaseTransaction,
        cases: &[CaseId],
        origin: &Origin,
    ) -> Result<(), Error> {
        store::pairs_of_cases_withdraw(txn, cases, origin).await
    }

    /// Takes out what nobody read in time.
    pub(crate) async fn expire_pairs(&self) -> Result<(), Error> {
        if !store::has_expired_pair(&self.db, self.now()).await? {
            return Ok(());
        }
        let shell = self.clone();
        transaction(&self.db, move |txn| {
            Box::pin(async move { store::pairs_expire(txn, &shell.review(None)).await })
        })
        .await
    }

    /// What a reader may take or holds, in an order of their own.
    pub(crate) async fn pairs_for(&self, actor: &Actor) -> Result<Vec<PairView>, Error> {
        let Some(user) = side_by_side::comparer(actor) else { return Ok(Vec::new()) };
        let now = self.now();
        let mut open = store::pairs_open(&self.db).await?;
        open.sort_by_key(|pair| side_by_side::order(&pair.id, &user).to_string());
        let listed = open.iter().filter(|pair| pair.answer_of(&user).is_none());
        Ok(listed.filter_map(|pair| side_by_side::view(pair, actor, now)).collect())
    }

    /// One pair as a reader may see it.
    pub(crate) async fn pair_shown(&self, id: &PairId, actor: &Actor) -> Result<PairView, Error> {
        let found = store::pair_load(&self.db, id).await?.ok_or(Error::NotFound)?;
        side_by_side::view(&found, actor, self.now()).ok_or(Error::NotFound)
    }

    /// Takes a place at a pair, or goes on in it.
    pub(crate) async fn pair_open(&self, id: &PairId, asked: &Asked) -> Result<PairView, Error> {
        let found = store::pair_load(&self.db, id).await?.ok_or(Error::NotFound)?;
        let user = side_by_side::comparer(&asked.actor).ok_or(Error::NotFound)?;
        side_by_side::availability(&found, &user, self.now()).ok_or(Error::NotFound)?;
        if found.answer_of(&user).is_some() {
            return side_by_side::view(&found, &asked.actor, self.now()).ok_or(Error::NotFound);
        }
        let seat = match found.seat_of(&user) {
            Some(seat) => seat.clone(),
            None => self.draw_seat(&found, user.clone()).await?,
        };
        self.racing(|| {
            let (shell, id, asked, seat) = (self.clone(), id.clone(), asked.clone(), seat.clone());
            transaction(&self.db, move |txn| {
                Box::pin(async move { shell.seat_in_txn(txn, &id, &asked, seat).await })
            })
        })
        .await
    }

    async fn seat_in_txn(
        &self,
        txn: &DatabaseTransaction,
        id: &PairId,
        asked: &Asked,
        drawn: Seat,
    ) -> Result<PairView, Error> {
        let origin = self.person(&asked.actor, &asked.causation);
        let mut found = store::pair_load_locked(txn, id).await?.ok_or(Error::NotFound)?;
        let user = side_by_side::comparer(&asked.actor).ok_or(Error::NotFound)?;
        let availability = side_by_side::availability(&found, &user, origin.now).ok_or(Error::NotFound)?;
        if availability != contract::review::Availability::Signed {
            // What was drawn first stands, should the same reader have opened the pair twice at once.
            let first = found.seat_of(&user).cloned().unwrap_or(drawn);
            let seat = Seat { expires_at: side_by_side::seat_expiry(&found, origin.now), ..first };
            store::seat_save(txn, &found, &seat, &origin).await?;
            found.seats.retain(|known| known.reader != user);
            found.seats.push(seat);
        }
        side_by_side::view(&found, &asked.actor, origin.now).ok_or(Error::NotFound)
    }

    /// Draws the sides, and asks generation what the copies will be that the reader is shown.
    async fn draw_seat(&self, pair: &Pair, reader: UserId) -> Result<Seat, Error> {
        let challenger_side = if self.draws(500) { Side::A } else { Side::B };
        let salt = self.random.with(EventId::random).to_string();
        let mut images = Vec::new();
        let mut slices = Vec::new();
        for side in Side::BOTH {
            let case = if side == challenger_side { &pair.challenger } else { &pair.champion };
            let copies =
                self.generation.blinded_images(&case.run, &side_by_side::salt_of(&salt, side)).await?;
            slices.push(copies.len());
            images.extend(copies);
        }
        let [count, other] = slices[..] else { unreachable!("a pair has two sides") };
        if count != other || count == 0 {
            return Err(Error::Stored {
                what: "pair",
                text: format!("{}: {count} and {other} images", pair.id),
            });
        }
        let now = self.now();
        Ok(Seat {
            reader,
            challenger_side,
            salt,
            slices: u32::try_from(count).unwrap_or(u32::MAX),
            shown_digest: side_by_side::shown_digest(&images),
            taken_at: now,
            expires_at: now,
        })
    }

    /// Signs an answer. The signing token is used up whether or not it is refused.
    pub(crate) async fn pair_sign(
        &self,
        id: &PairId,
        causation: &RequestId,
        answering: Answering,
        nonce: &str,
    ) -> Result<PairView, Error> {
        let signed = self
            .racing(|| {
                let (shell, id, causation) = (self.clone(), id.clone(), causation.clone());
                let (answering, nonce) = (answering.clone(), nonce.to_owned());
                transaction(&self.db, move |txn| {
                    Box::pin(async move {
                        let origin = shell.person(&answering.actor, &causation);
                        let mut found = store::pair_load_locked(txn, &id).await?.ok_or(Error::NotFound)?;
                        if !store::nonce_use(txn, &nonce, origin.now).await? {
                            return Err(token_used().into());
                        }
                        let answer = side_by_side::answer(&found, &answering, origin.now)?;
                        store::answer_save(txn, &mut found, answer, &origin).await?;
                        side_by_side::view(&found, &answering.actor, origin.now).ok_or(Error::NotFound)
                    })
                })
            })
            .await;
        if let Err(Error::Refused(_)) = &signed {
            let (nonce, now) = (nonce.to_owned(), self.now());
            transaction(&self.db, move |txn| {
                Box::pin(async move { store::nonce_use(txn, &nonce, now).await.map(drop) })
            })
            .await?;
        }
        signed
    }

    /// Where the images of a side come from, for who may see them; the access is committed before the answer.
    pub(crate) async fn pair_view(
        &self,
        id: &PairId,
        side: Side,
        asked: &Asked,
        login: LoginSessionId,
    ) -> Result<PairSource, Error> {
        let found = store::pair_load(&self.db, id).await?.ok_or(Error::NotFound)?;
        let source = side_by_side::source(&found, &asked.actor, side, self.now()).ok_or(Error::NotFound)?;
        let origin = self.person(&asked.actor, &asked.causation);
        let (user, subject) = (asked.user.clone(), id.to_string());
        transaction(&self.db, move |txn| {
            Box::pin(async move {
                if store::pixel_access_add(txn, &user, &subject, &login, origin.now).await? {
                    let event = Event::AccessRecorded { access: Access::DerivedImages };
                    store::tell(txn, &origin, &subject, event).await?;
                }
                Ok::<(), Error>(())
            })
        })
        .await?;
        Ok(source)
    }

    /// The pairs of a comparison that all their readers answered, for rollout.
    pub(crate) async fn pairs_completed(&self, id: &ComparisonId) -> Result<Vec<CompletedPair>, Error> {
        let complete = store::pairs_completed(&self.db, id).await?.into_iter().filter_map(|pair| {
            Some(CompletedPair {
                outcome: pair.outcome()?,
                errors: pair.errors()?,
                completed_at: pair.completed_at?,
                pair: pair.id,
                champion_case: pair.champion.id,
                champion: pair.champion.run,
                challenger_case: pair.challenger.id,
                challenger: pair.challenger.run,
            })
        });
        Ok(complete.collect())
    }
}
