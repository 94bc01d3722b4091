//! Pairs of a comparison: who may read one, what they are shown of it, and what their answers come to. Pure.
//!
//! **What a reader is shown is made without knowing which model stands on which side**: [`view`] never looks at the
//! side that was drawn, nor at a run, a model or a deployment. Sides are drawn for each reader of each pair and told to
//! nobody, not even when the own answer is signed.

use crate::assign::Reader;
use crate::case::{Case, Credential};
use crate::sign::Signed;
use chrono::TimeDelta;
use contract::generation::{BlindedImage, blinded_uid};
use contract::review::{
    Availability, ErrorKind, ErrorMark, Pair as PairView, PairAnswer, PairErrors, PairImage, PairImages,
    PairOutcome, PairSource, Preference, Side, SideErrors, Signature,
};
use contract::{Actor, ComparisonId, Digest, PairId, Refusal, Role, Time, UserId};
use std::collections::BTreeSet;

/// Who sees deployments, reads of others or how a comparison stands, and so reads no pair.
const OVERSEERS: [Role; 4] = [Role::Quality, Role::Administrator, Role::Coordinator, Role::ClinicalOwner];
/// The most errors of one kind that are counted on one side.
const ERRORS_MAX: u32 = 99;
/// The most errors that are marked on one side.
const MARKS_MAX: usize = 50;
/// No patient lies further from where coordinates begin, mm.
const PLACE_MAX_MM: f64 = 10_000.0;
/// No error is larger, mm.
const DIAMETER_MAX_MM: f64 = 500.0;

/// A pair as a value.
#[derive(Debug, Clone)]
pub struct Pair {
    /// The pair.
    pub id: PairId,
    /// Its comparison.
    pub comparison: ComparisonId,
    /// The case of the champion's run.
    pub champion: Case,
    /// The case of the challenger's run, at shadow.
    pub challenger: Case,
    /// How many people read it.
    pub readers: u32,
    /// When nobody may begin it any more.
    pub expires_at: Time,
    /// When all its readers had answered.
    pub completed_at: Option<Time>,
    /// When it was taken out.
    pub withdrawn_at: Option<Time>,
    /// Who was shown it.
    pub seats: Vec<Seat>,
    /// What was signed.
    pub answers: Vec<Answer>,
    /// Who holds or held a slot of a case of the same source, whichever.
    pub holders: BTreeSet<UserId>,
    /// Who may evaluate its modality and use.
    pub credentials: Vec<Credential>,
    /// Grows with each change, so that two changes at once can't both succeed.
    pub version: i32,
}

/// What one reader is shown of a pair: the same however often it is opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seat {
    /// Who.
    pub reader: UserId,
    /// Where the challenger's image stands.
    pub challenger_side: Side,
    /// A secret of this seat, from which the names of the copies derive.
    pub salt: String,
    /// How many images a side has.
    pub slices: u32,
    /// Digest over the copies of both sides.
    pub shown_digest: Digest,
    /// When it was taken.
    pub taken_at: Time,
    /// When it lapses.
    pub expires_at: Time,
}

/// A signed answer. It never changes.
#[derive(Debug, Clone)]
pub struct Answer {
    /// What was signed.
    pub content: PairAnswer,
    /// The signature.
    pub signature: Signature,
}

/// A request to sign an answer, with the proof of identity that the shell brings.
#[derive(Debug, Clone)]
pub struct Answering {
    /// Who signs, in the roles of now.
    pub actor: Actor,
    /// What is signed.
    pub content: PairAnswer,
    /// Digest over what the browser received and displayed.
    pub shown_digest: Digest,
    /// What the signing token was minted for.
    pub subject: String,
    /// The signature's own part.
    pub signed: Signed,
}

impl Seat {
    /// From what the names of the copies of a side derive.
    pub fn salt_of(&self, side: Side) -> String {
        salt_of(&self.salt, side)
    }

    fn is_live(&self, now: Time) -> bool {
        now < self.expires_at
    }
}

/// From what the names of the copies of a side derive.
pub fn salt_of(salt: &str, side: Side) -> String {
    format!("{salt}.{}", side.as_str())
}

/// Digest over the copies of both sides, as the browser makes it: SHA-256 over the lines `SOPInstanceUID digest\n`,
/// sorted.
pub fn shown_digest(images: &[BlindedImage]) -> Digest {
    let mut lines: Vec<String> =
        images.iter().map(|image| format!("{} {}\n", image.sop_instance_uid, image.digest)).collect();
    lines.sort_unstable();
    Digest::of(lines.concat().as_bytes())
}

impl Pair {
    /// Whether it is neither complete nor taken out.
    pub fn is_open(&self) -> bool {
        self.completed_at.is_none() && self.withdrawn_at.is_none()
    }

    /// The reader's own seat.
    pub fn seat_of(&self, user: &UserId) -> Option<&Seat> {
        self.seats.iter().find(|seat| seat.reader == *user)
    }

    /// The reader's own answer.
    pub fn answer_of(&self, user: &UserId) -> Option<&Answer> {
        self.answers.iter().find(|answer| answer.signature.signer == *user)
    }

    /// Places that somebody else has filled or holds.
    fn taken_by_others(&self, user: &UserId, now: Time) -> usize {
        let others = self.seats.iter().filter(|seat| seat.reader != *user);
        others.filter(|seat| seat.is_live(now) || self.answer_of(&seat.reader).is_some()).count()
    }

    /// What its readers said together: the sum of their preferences, each from two for the champion to two for the
    /// challenger. `None` until all have answered.
    pub fn outcome(&self) -> Option<PairOutcome> {
        if self.answers.len() < self.readers as usize {
            return None;
        }
        let of = |answer: &Answer| {
            let seat = self.seat_of(&answer.signature.signer)?;
            let for_b = match answer.content.preference {
                Preference::AMuch => -2,
                Preference::A => -1,
                Preference::Neither => 0,
                Preference::B => 1,
                Preference::BMuch => 2,
            };
            Some(if seat.challenger_side == Side::B { for_b } else { -for_b })
        };
        let sum: i32 = self.answers.iter().filter_map(of).sum();
        Some(match sum {
            1.. => PairOutcome::Challenger,
            0 => PairOutcome::Neither,
            _ => PairOutcome::Champion,
        })
    }

    /// What its readers found wrong on the image of each model. `None` until all have answered.
    pub fn errors(&self) -> Option<PairErrors> {
        self.outcome()?;
        let mut errors = PairErrors::default();
        for answer in &self.answers {
            let seat = self.seat_of(&answer.signature.signer)?;
            let PairAnswer { a, b, .. } = answer.content.clone();
            let (champion, challenger) = if seat.challenger_side == Side::B { (a, b) } else { (b, a) };
            errors.champion.push(champion);
            errors.challenger.push(challenger);
        }
        Some(errors)
    }
}

/// The reader in an actor, if they may compare at all: who sees which model a case is of could look it up.
pub fn comparer(actor: &Actor) -> Option<UserId> {
    let oversees = OVERSEERS.into_iter().any(|role| actor.has_role(role));
    Reader::of(actor).filter(|_| !oversees).map(|reader| reader.user)
}

/// Whether nothing is decided about the source any more: a comparison waits for every case of it, and no case waits
/// for a comparison.
fn is_quiet(case: &Case) -> bool {
    case.superseded_at.is_none()
        && case.holds.is_empty()
        && (case.purpose().is_none() || case.is_over())
        && !case.has_open_sample()
        && !case.kin.has_open_case
        && case.kin.evaluators.is_empty()
}

fn is_entitled(pair: &Pair, user: &UserId, now: Time) -> bool {
    let valid = |credential: &Credential| {
        credential.reader == *user && credential.valid_from <= now && now < credential.valid_until
    };
    let is_free = |case: &Case| {
        !case.conflicted.contains(user) && case.requester.as_ref() != Some(user) && case.holds.is_empty()
    };
    let cases = [&pair.champion, &pair.challenger];
    !pair.holders.contains(user)
        && pair.credentials.iter().any(valid)
        && cases.into_iter().all(is_free)
        && cases.into_iter().all(|case| case.superseded_at.is_none())
}

/// Whether the reader may take a place now. Whatever the reason against it, it is not told.
pub fn may_take(pair: &Pair, user: &UserId, now: Time) -> bool {
    pair.is_open()
        && now < pair.expires_at
        && pair.answer_of(user).is_none()
        && pair.taken_by_others(user, now) < pair.readers as usize
        && is_quiet(&pair.champion)
        && is_quiet(&pair.challenger)
        && is_entitled(pair, user, now)
}

/// What the reader may do; `None` where there is nothing here for them.
pub fn availability(pair: &Pair, user: &UserId, now: Time) -> Option<Availability> {
    if pair.answer_of(user).is_some() {
        return Some(Availability::Signed);
    }
    if holds(pair, user, now) {
        return Some(Availability::Mine);
    }
    may_take(pair, user, now).then_some(Availability::Available)
}

/// Whether the reader holds a place in which an answer can be signed.
fn holds(pair: &Pair, user: &UserId, now: Time) -> bool {
    pair.is_open()
        && pair.seat_of(user).is_some_and(|seat| seat.is_live(now))
        && pair.answer_of(user).is_none()
        && is_entitled(pair, user, now)
}

/// When a hold that is taken or renewed now lapses.
pub fn seat_expiry(pair: &Pair, now: Time) -> Time {
    now + TimeDelta::hours(i64::from(pair.challenger.policy.lease_hours_max))
}

/// The pair as a reader may see it; `None` when there is nothing here for them.
pub fn view(pair: &Pair, actor: &Actor, now: Time) -> Option<PairView> {
    let user = comparer(actor)?;
    let availability = availability(pair, &user, now)?;
    let seat = pair.seat_of(&user).filter(|_| availability != Availability::Available);
    let answer = pair.answer_of(&user);
    let images = |seat: &Seat| {
        let of = |side| {
            let salt = seat.salt_of(side);
            let image = |slice| PairImage { sop_instance_uid: blinded_uid(&salt, slice), slice };
            (0..seat.slices).map(image).collect()
        };
        PairImages { a: of(Side::A), b: of(Side::B) }
    };
    Some(PairView {
        id: pair.id.clone(),
        series: pair.champion.series.clone(),
        study: pair.champion.study.clone(),
        availability,
        images: seat.map(images),
        expires_at: seat.filter(|_| answer.is_none()).map(|seat| seat.expires_at),
        answer: answer.map(|answer| answer.content.clone()),
        answered_at: answer.map(|answer| answer.signature.signed_at),
    })
}

/// Pairs in an order of each reader's own: which of them are older, and so of which comparison, shows nowhere.
pub fn order(pair: &PairId, user: &UserId) -> Digest {
    Digest::of(format!("{pair} {user}").as_bytes())
}

/// Where the images of a side come from, for who was shown the pair and may still see it.
pub fn source(pair: &Pair, actor: &Actor, side: Side, now: Time) -> Option<PairSource> {
    let user = comparer(actor)?;
    let seat = pair.seat_of(&user)?;
    let may = holds(pair, &user, now) || pair.answer_of(&user).is_some();
    let case = if side == seat.challenger_side { &pair.challenger } else { &pair.champion };
    may.then(|| PairSource { run: case.run.clone(), salt: seat.salt_of(side) })
}

/// Decides whether an answer can be signed.
///
/// # Errors
/// The refusal otherwise.
pub fn answer(pair: &Pair, answering: &Answering, now: Time) -> Result<Answer, Refusal> {
    let user = comparer(&answering.actor).ok_or_else(Refusal::not_found)?;
    let seat = pair.seat_of(&user).ok_or_else(Refusal::not_found)?;
    if pair.answer_of(&user).is_some() {
        return Err(Refusal::new("answered_before", "you have answered this pair", "go on to the next one"));
    }
    if !holds(pair, &user, now) {
        return Err(Refusal::new(
            "hold_lapsed",
            "this pair is no longer yours to answer",
            "open it again from the worklist; if it is not listed any more, go on to the next one",
        ));
    }
    if answering.subject != pair.id.as_str() {
        return Err(crate::sign::wrong_subject());
    }
    if answering.shown_digest != seat.shown_digest {
        return Err(crate::sign::digest_mismatch());
    }
    let content = answering.content.clone();
    [&content.a, &content.b].into_iter().try_for_each(check_errors)?;
    let signature = Signature {
        id: answering.signed.id.clone(),
        signer: user,
        printed_name: answering.signed.printed_name.clone(),
        signed_at: now,
        meaning: MEANING.to_owned(),
        case_digest: seat.shown_digest,
        content_digest: content_digest(&content, seat),
        authentication: answering.signed.authentication.clone(),
        calibrated_display: false,
        personal_key: None,
    };
    Ok(Answer { content, signature })
}

/// The statement that is signed.
pub const MEANING: &str = "I compared both AI images of this pair with the original images, without knowing which \
                           model made which, and this is my judgement.";

/// Digest of an answer with the secret of its seat: there are so few answers that it could be guessed without.
fn content_digest(content: &PairAnswer, seat: &Seat) -> Digest {
    Digest::of(format!("{}\n{}", seat.salt, contract::canonical_json(content)).as_bytes())
}

fn check_errors(errors: &SideErrors) -> Result<(), Refusal> {
    if ErrorKind::ALL.into_iter().any(|kind| errors.of(kind) > ERRORS_MAX) || errors.marks.len() > MARKS_MAX {
        return Err(Refusal::new(
            "too_many_entries",
            format!(
                "at most {ERRORS_MAX} errors of a kind are counted on a side, and {MARKS_MAX} are marked"
            ),
            "give the largest number, mark the worst, and prefer the other side",
        ));
    }
    if (errors.count() > 0) != errors.worst.is_some() {
        return Err(Refusal::new(
            "severity_missing",
            "how much the worst error of a side matters is said where there is an error, and only there",
            "say how much the worst error matters, or take the errors back",
        ));
    }
    if !errors.marks.iter().all(has_sound_place) {
        return Err(Refusal::new(
            "mark_geometry",
            format!(
                "a mark's place must be three numbers of at most {PLACE_MAX_MM} mm, its diameter one above 0 and of \
                 at most {DIAMETER_MAX_MM} mm"
            ),
            "take the mark back and place it again",
        ));
    }
    if ErrorKind::ALL.into_iter().any(|kind| errors.marked(kind) > errors.of(kind)) {
        return Err(Refusal::new(
            "marks_uncounted",
            "more errors of a kind are marked than are counted",
            "count what is marked, or take a mark back",
        ));
    }
    Ok(())
}

fn has_sound_place(mark: &ErrorMark) -> bool {
    mark.centre_mm.iter().all(|mm| mm.abs() <= PLACE_MAX_MM)
        && mark.diameter_mm > 0.0
        && mark.diameter_mm <= DIAMETER_MAX_MM
}

#[cfg(test)]
mod tests;
