use super::*;
use crate::assign;
use crate::case::{Ending, Kind, Slot};
use crate::fixtures::{case, evaluation, radiologist, start};
use contract::review::Severity;
use contract::rollout::Stage;
use contract::{CaseId, DeploymentId, LeaseId, LoginSessionId, RunId, SignatureId};
use proptest::prelude::*;

/// A pair whose champion is in use and whose cases are over; radiologists 1 to 4 evaluate.
fn pair(readers: u32) -> Pair {
    let ended = Some(Ending::Rejected { at: start() });
    let challenger = Case {
        id: CaseId::from_bits(2),
        run: RunId::from_bits(2),
        deployment: DeploymentId::from_bits(2),
        is_drawn: false,
        ..evaluation()
    };
    Pair {
        id: PairId::from_bits(1),
        comparison: ComparisonId::from_bits(1),
        champion: Case { ending: ended, ..case() },
        credentials: challenger.credentials.clone(),
        challenger,
        readers,
        expires_at: start() + TimeDelta::days(20),
        completed_at: None,
        withdrawn_at: None,
        seats: Vec::new(),
        answers: Vec::new(),
        holders: BTreeSet::new(),
        version: 0,
    }
}

fn actor(number: u128, roles: &[Role]) -> Actor {
    Actor::Person {
        user: UserId::from_bits(number),
        username: format!("rad{number}"),
        printed_name: format!("Dr. {number}"),
        roles: roles.to_vec(),
        login: LoginSessionId::from_bits(number),
    }
}

fn reader(number: u128) -> Actor {
    actor(number, &[Role::Radiologist])
}

fn seat(number: u128, challenger_side: Side) -> Seat {
    Seat {
        reader: UserId::from_bits(number),
        challenger_side,
        salt: format!("salt {number}"),
        slices: 3,
        shown_digest: Digest::of(b"shown"),
        taken_at: start(),
        expires_at: start() + TimeDelta::hours(4),
    }
}

fn says(preference: Preference) -> PairAnswer {
    PairAnswer { preference, a: SideErrors::default(), b: SideErrors::default() }
}

/// One error of a kind on a side, marked at a place.
fn marked(kind: ErrorKind, x_mm: f64) -> SideErrors {
    let count = |of| u32::from(of == kind);
    SideErrors {
        invented: count(ErrorKind::Invented),
        lost: count(ErrorKind::Lost),
        distorted: count(ErrorKind::Distorted),
        worst: Some(Severity::Major),
        marks: vec![ErrorMark { kind, centre_mm: [x_mm, 2.0, -3.5], diameter_mm: 6.0 }],
    }
}

fn answering(number: u128, content: PairAnswer) -> Answering {
    let signed = Signed {
        id: SignatureId::from_bits(number),
        printed_name: format!("Dr. {number}"),
        authentication: vec!["pwd".to_owned()],
    };
    let subject = PairId::from_bits(1).to_string();
    Answering { actor: reader(number), content, shown_digest: Digest::of(b"shown"), subject, signed }
}

fn answers(pair: &mut Pair, number: u128, side: Side, preference: Preference) {
    pair.seats.push(seat(number, side));
    let given = answer(pair, &answering(number, says(preference)), start()).unwrap();
    pair.answers.push(given);
}

const PREFERENCES: [Preference; 5] =
    [Preference::AMuch, Preference::A, Preference::Neither, Preference::B, Preference::BMuch];

#[test]
fn a_pair_is_for_named_evaluators_who_oversee_nothing() {
    let pair = pair(1);
    let sees = |actor: &Actor| view(&pair, actor, start()).is_some();
    assert!(sees(&reader(1)) && !sees(&reader(6)), "6 has no credential");
    for role in [Role::Quality, Role::Administrator, Role::Coordinator, Role::ClinicalOwner] {
        assert!(!sees(&actor(1, &[Role::Radiologist, role])), "{role:?} could look up which is which");
        assert!(!sees(&actor(1, &[role])));
    }
    let late = start() + TimeDelta::days(366);
    assert!(view(&pair, &reader(1), late).is_none(), "the credential and the pair are over");
}

#[test]
fn who_holds_or_held_a_slot_on_the_source_never_gets_the_pair() {
    let mut pair = pair(1);
    pair.holders.insert(UserId::from_bits(1));
    assert!(view(&pair, &reader(1), start()).is_none());
    assert!(view(&pair, &reader(2), start()).is_some());
    pair.challenger.conflicted.insert(UserId::from_bits(2));
    pair.champion.requester = Some(UserId::from_bits(3));
    assert!(view(&pair, &reader(2), start()).is_none() && view(&pair, &reader(3), start()).is_none());
}

#[test]
fn a_pair_waits_for_every_case_of_its_source_and_ends_with_it() {
    type Change = fn(&mut Pair);
    let waits: [Change; 8] = [
        |pair| pair.champion.ending = None,
        |pair| pair.champion.kin.has_open_case = true,
        |pair| pair.challenger.is_drawn = true,
        |pair| pair.champion.kin.evaluators.extend([UserId::from_bits(4)]),
        |pair| pair.champion.sampled_at = Some(start()),
        |pair| pair.champion.superseded_at = Some(start()),
        |pair| pair.withdrawn_at = Some(start()),
        |pair| pair.expires_at = start(),
    ];
    for (number, change) in waits.into_iter().enumerate() {
        let mut changed = pair(1);
        assert!(may_take(&changed, &UserId::from_bits(1), start()));
        change(&mut changed);
        assert!(!may_take(&changed, &UserId::from_bits(1), start()), "{number}");
    }
}

#[test]
fn who_answered_a_pair_reads_no_case_of_the_source() {
    let mut later = Case { id: CaseId::from_bits(3), ..case() };
    assert_eq!(assign::slot_for(&later, &radiologist(1), start()), Some(Slot::First));
    later.kin.comparers.insert(radiologist(1).user);
    assert_eq!(assign::slot_for(&later, &radiologist(1), start()), None);
    later.kind = Kind::Sentinel { of: CaseId::from_bits(1) };
    assert_eq!(assign::slot_for(&later, &radiologist(1), start()), None);
    later.leases.push(assign::lease(
        &later.policy,
        LeaseId::from_bits(1),
        Slot::First,
        radiologist(2).user,
        start(),
    ));
    assert!(!assign::may_sign(&later, &radiologist(1), Slot::Second, start()));
}

#[test]
fn there_are_as_many_places_as_readers_and_a_lapsed_one_is_free_again() {
    let mut pair = pair(1);
    pair.seats.push(seat(1, Side::A));
    assert_eq!(availability(&pair, &UserId::from_bits(1), start()), Some(Availability::Mine));
    assert_eq!(availability(&pair, &UserId::from_bits(2), start()), None);
    let later = start() + TimeDelta::hours(5);
    assert_eq!(availability(&pair, &UserId::from_bits(1), later), Some(Availability::Available));
    assert_eq!(availability(&pair, &UserId::from_bits(2), later), Some(Availability::Available));
    let two = Pair { readers: 2, ..pair };
    assert_eq!(availability(&two, &UserId::from_bits(2), start()), Some(Availability::Available));
}

#[test]
fn an_answer_counts_for_the_model_that_stood_on_the_side() {
    for (preference, outcome) in PREFERENCES.into_iter().zip([
        PairOutcome::Challenger,
        PairOutcome::Challenger,
        PairOutcome::Neither,
        PairOutcome::Champion,
        PairOutcome::Champion,
    ]) {
        let mut pair = pair(1);
        assert_eq!(pair.outcome(), None);
        answers(&mut pair, 1, Side::A, preference);
        assert_eq!(pair.outcome(), Some(outcome), "{preference:?} with the challenger on A");
    }
}

#[test]
fn two_readers_speak_together_and_the_stronger_preference_wins() {
    for (one, other, outcome) in [
        (Preference::AMuch, Preference::A, PairOutcome::Challenger),
        (Preference::A, Preference::B, PairOutcome::Challenger),
        (Preference::A, Preference::A, PairOutcome::Neither),
        (Preference::B, Preference::AMuch, PairOutcome::Champion),
    ] {
        let mut pair = pair(2);
        // The second reader sees them the other way round.
        answers(&mut pair, 1, Side::A, one);
        assert_eq!(pair.outcome(), None, "one of two");
        answers(&mut pair, 2, Side::B, other);
        assert_eq!(pair.outcome(), Some(outcome), "{one:?} {other:?}");
    }
}

#[test]
fn what_can_not_be_signed_is_refused() {
    let mut pair = pair(1);
    let code = |pair: &Pair, answering: Answering, at| answer(pair, &answering, at).unwrap_err().code;
    let sound = || answering(1, says(Preference::A));
    assert_eq!(code(&pair, sound(), start()), "not_found");
    pair.seats.push(seat(1, Side::B));
    assert_eq!(
        code(&pair, Answering { subject: "pair_other".to_owned(), ..sound() }, start()),
        "signing_subject"
    );
    let other = Answering { shown_digest: Digest::of(b"something else"), ..sound() };
    assert_eq!(code(&pair, other, start()), "digest_mismatch");
    assert_eq!(code(&pair, sound(), start() + TimeDelta::hours(4)), "hold_lapsed");
    let without = PairAnswer { a: SideErrors { lost: 1, ..SideErrors::default() }, ..says(Preference::B) };
    assert_eq!(code(&pair, answering(1, without), start()), "severity_missing");
    let nothing_bad = SideErrors { worst: Some(Severity::Minor), ..SideErrors::default() };
    let without = PairAnswer { b: nothing_bad, ..says(Preference::B) };
    assert_eq!(code(&pair, answering(1, without), start()), "severity_missing");
    let many = SideErrors { invented: 100, worst: Some(Severity::Major), ..SideErrors::default() };
    assert_eq!(
        code(&pair, answering(1, PairAnswer { a: many, ..says(Preference::B) }), start()),
        "too_many_entries"
    );
    let given = answer(&pair, &sound(), start()).unwrap();
    pair.answers.push(given);
    assert_eq!(code(&pair, sound(), start()), "answered_before");
}

#[test]
fn a_mark_lies_at_a_place_in_a_patient_and_is_counted() {
    let mut pair = pair(1);
    pair.seats.push(seat(1, Side::B));
    let code = |b: SideErrors| {
        let content = PairAnswer { b, ..says(Preference::A) };
        answer(&pair, &answering(1, content), start()).map(drop).map_err(|refusal| refusal.code)
    };
    let sound = || marked(ErrorKind::Lost, 10.0);
    assert_eq!(code(sound()), Ok(()));
    let at = |change: fn(&mut ErrorMark)| {
        let mut errors = sound();
        change(&mut errors.marks[0]);
        code(errors).unwrap_err()
    };
    let nowhere: [fn(&mut ErrorMark); 6] = [
        |mark| mark.centre_mm[1] = f64::NAN,
        |mark| mark.centre_mm[2] = f64::INFINITY,
        |mark| mark.centre_mm[0] = -10_000.1,
        |mark| mark.diameter_mm = 0.0,
        |mark| mark.diameter_mm = f64::NAN,
        |mark| mark.diameter_mm = 501.0,
    ];
    for (number, change) in nowhere.into_iter().enumerate() {
        assert_eq!(at(change), "mark_geometry", "{number}");
    }
    assert_eq!(at(|mark| mark.kind = ErrorKind::Invented), "marks_uncounted");
    let many = SideErrors { lost: 51, marks: vec![sound().marks[0]; 51], ..sound() };
    assert_eq!(code(many), Err("too_many_entries".to_owned()));
    let counted_only = SideErrors { lost: 3, ..sound() };
    assert_eq!(code(counted_only), Ok(()), "not every error has to be marked");
}

#[test]
fn errors_are_told_of_the_model_that_made_them_once_the_pair_is_complete() {
    let mut pair = pair(2);
    for (number, side, a) in
        [(1, Side::A, marked(ErrorKind::Invented, 1.0)), (2, Side::B, SideErrors::default())]
    {
        assert_eq!(pair.errors(), None, "to nobody before all have answered");
        pair.seats.push(seat(number, side));
        let content = PairAnswer { a, ..says(Preference::Neither) };
        pair.answers.push(answer(&pair, &answering(number, content), start()).unwrap());
    }
    let errors = pair.errors().unwrap();
    assert_eq!(errors.challenger, [marked(ErrorKind::Invented, 1.0), SideErrors::default()], "it stood on A");
    assert_eq!(errors.champion, [SideErrors::default(), SideErrors::default()]);
}

#[test]
fn the_digest_of_an_answer_in_the_ledger_can_not_be_found_by_trying() {
    let of = |salt: &str| {
        content_digest(&says(Preference::A), &Seat { salt: salt.to_owned(), ..seat(1, Side::A) })
    };
    assert_ne!(of("one"), of("other"), "the same answer");
}

#[test]
fn what_is_signed_covers_where_an_error_is_and_what_was_signed_before_marks_stays_as_it_was() {
    let of = |a| content_digest(&PairAnswer { a, ..says(Preference::B) }, &seat(1, Side::A));
    assert_ne!(of(marked(ErrorKind::Lost, 1.0)), of(marked(ErrorKind::Lost, 1.1)));
    let written = r#"{"a":{"distorted":0,"invented":0,"lost":0,"worst":null},"b":{"distorted":0,"invented":0,"lost":0,"worst":null},"preference":"b"}"#;
    let read: PairAnswer = serde_json::from_str(written).unwrap();
    assert_eq!((contract::canonical_json(&read).as_str(), &read), (written, &says(Preference::B)));
}

proptest! {
    /// Two worlds that differ in which model stands on which side, and in everything about models: the reader is told
    /// the same bytes in both, before, while and after answering.
    #[test]
    fn which_side_is_which_shows_in_nothing_that_a_reader_is_told(
        phase in 0_u8..4, preference in 0_usize..5, two_readers: bool, x_mm in -500.0..500.0,
    ) {
        let world = |challenger_side: Side| {
            let mut pair = pair(if two_readers { 2 } else { 1 });
            if challenger_side == Side::B {
                std::mem::swap(&mut pair.champion.run, &mut pair.challenger.run);
                std::mem::swap(&mut pair.champion.model, &mut pair.challenger.model);
                std::mem::swap(&mut pair.champion.deployment, &mut pair.challenger.deployment);
                pair.champion.stage = Stage::Pilot;
            }
            if phase > 0 {
                pair.seats.push(seat(1, challenger_side));
            }
            if phase > 1 {
                let a = marked(ErrorKind::Distorted, x_mm);
                let given = answering(1, PairAnswer { a, ..says(PREFERENCES[preference]) });
                pair.answers.push(answer(&pair, &given, start()).unwrap());
            }
            if phase > 2 {
                // What the other reader marked, on whichever side the same model stood.
                pair.seats.push(seat(2, challenger_side.other()));
                let theirs = answering(2, PairAnswer { a: marked(ErrorKind::Lost, 456.789_123), ..says(Preference::B) });
                pair.answers.extend(answer(&pair, &theirs, start()));
            }
            let told = view(&pair, &reader(1), start()).unwrap();
            serde_json::to_string(&told).unwrap()
        };
        let told = world(Side::A);
        prop_assert_eq!(&told, &world(Side::B));
        for word in ["run_", "model_", "deployment_", "case_", "champion", "challenger", "comparison", "456.789123"] {
            prop_assert!(!told.contains(word), "{} in {}", word, told);
        }
    }

    /// What is behind the sides is swapped when the side is.
    #[test]
    fn each_side_shows_the_image_that_was_drawn_for_it(on_a: bool) {
        let drawn = if on_a { Side::A } else { Side::B };
        let mut pair = pair(1);
        pair.seats.push(seat(1, drawn));
        let run = |side| source(&pair, &reader(1), side, start()).unwrap().run;
        prop_assert_eq!(run(drawn), pair.challenger.run.clone());
        prop_assert_eq!(run(drawn.other()), pair.champion.run.clone());
        prop_assert!(source(&pair, &reader(2), drawn, start()).is_none());
    }
}
