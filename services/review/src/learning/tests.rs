use super::*;
use crate::case::{Ending, Kind};
use crate::fixtures::{
    adjudicator, case, content, critical_rejection, evaluation, person, radiologist, reads, settle,
    settle_sampling, start,
};
use chrono::TimeDelta;
use contract::review::Verdict;
use proptest::prelude::*;

const READER: [Role; 1] = [Role::Radiologist];
const BOTH: [Role; 2] = [Role::Quality, Role::Radiologist];

fn quality() -> Actor {
    person(20, &[Role::Quality])
}

/// Two readers released it.
fn released() -> Case {
    let mut case = case();
    reads(&mut case, &radiologist(1), content(Verdict::Accept), start());
    reads(&mut case, &radiologist(2), content(Verdict::Accept), start());
    settle(&mut case, start());
    case
}

/// Two readers differed, a third decided.
fn adjudicated() -> Case {
    let mut case = case();
    reads(&mut case, &radiologist(1), content(Verdict::Accept), start());
    reads(&mut case, &radiologist(2), critical_rejection(), start());
    settle(&mut case, start());
    reads(&mut case, &adjudicator(9), content(Verdict::Reject), start());
    settle(&mut case, start());
    assert!(case.is_over());
    case
}

fn part_of(case: &Case, source: Source, actor: &Actor) -> Option<Part> {
    part(case, source, actor, start())
}

fn opening(question: &str, by: u128) -> Opening {
    Opening {
        id: DiscussionId::from_bits(1),
        kind: DiscussionKind::ModelError,
        question: question.to_owned(),
        by: UserId::from_bits(by),
    }
}

fn opened(case: &Case, part: Part, by: u128) -> Discussion {
    open(case, Source::Settled, part, opening("What is at slice 40?", by), start()).unwrap()
}

#[test]
fn who_read_a_case_that_is_over_discusses_it_and_nobody_else_who_reads() {
    let case = adjudicated();
    for number in [1, 2] {
        assert_eq!(part_of(&case, Source::Settled, &person(number, &READER)), Some(Part::Reader));
    }
    let third = person(9, &[Role::Radiologist, Role::Adjudicator]);
    assert_eq!(part_of(&case, Source::Settled, &third), Some(Part::Reader));
    let stranger = person(8, &[Role::Radiologist, Role::Adjudicator]);
    assert_eq!(part_of(&case, Source::Settled, &stranger), None);
    for role in [Role::Administrator, Role::Coordinator, Role::ClinicalOwner, Role::Physicist] {
        assert_eq!(part_of(&case, Source::Settled, &person(22, &[role])), None, "{role:?}");
    }
    assert_eq!(part_of(&case, Source::Settled, &quality()), Some(Part::Quality));
}

#[test]
fn while_a_read_can_be_made_nobody_who_reads_sees_anything_and_quality_opens_nothing() {
    let mut open_case = case();
    reads(&mut open_case, &radiologist(1), content(Verdict::Accept), start());
    let mut sampled = case();
    reads(&mut sampled, &radiologist(1), content(Verdict::Accept), start());
    reads(&mut sampled, &radiologist(2), content(Verdict::Accept), start());
    settle_sampling(&mut sampled, true, start());
    assert!(sampled.is_over() && sampled.has_open_sample());
    for (case, source) in [
        (open_case, Source::Settled),
        (sampled, Source::Settled),
        (released(), Source::MayBeRead),
        (adjudicated(), Source::MayBeRead),
    ] {
        for actor in [person(1, &READER), person(2, &READER), person(1, &BOTH), person(20, &BOTH)] {
            assert_eq!(part_of(&case, source, &actor), None, "{actor:?}");
        }
        let refused = open(&case, source, Part::Quality, opening("May we?", 20), start()).unwrap_err();
        assert_eq!(refused.code, "source_may_be_read");
    }
}

#[test]
fn a_case_that_tests_readers_is_discussed_by_quality_alone() {
    for kind in [
        Kind::Sentinel { of: CaseId::from_bits(7) },
        Kind::Repeat { of: CaseId::from_bits(7), reader: radiologist(1).user },
    ] {
        let case = Case { kind, ..adjudicated() };
        assert_eq!(part_of(&case, Source::Settled, &person(1, &READER)), None);
        assert_eq!(part_of(&case, Source::Settled, &person(1, &BOTH)), None, "quality that read it, too");
        assert_eq!(part_of(&case, Source::Settled, &quality()), Some(Part::Quality));
        let shown = shown(&opened(&case, Part::Quality, 20), &case, (Part::Quality, 20));
        assert_eq!(shown.audience, Some(Audience::Quality));
    }
}

#[test]
fn an_evaluation_is_discussed_by_those_who_read_it() {
    let mut case = evaluation();
    reads(&mut case, &radiologist(1), content(Verdict::Accept), start());
    reads(&mut case, &radiologist(2), content(Verdict::Accept), start());
    settle(&mut case, start());
    assert!(matches!(case.ending, Some(Ending::Evaluated { .. })));
    assert_eq!(part_of(&case, Source::Settled, &person(2, &READER)), Some(Part::Reader));
}

#[test]
fn a_read_that_is_not_final_or_does_not_count_lets_nobody_in() {
    let mut case = released();
    case.reads[0].final_at = start() + TimeDelta::minutes(5);
    assert_eq!(part_of(&case, Source::Settled, &person(1, &READER)), None);
    case.invalidated.extend([case.reads.remove(0)]);
    assert_eq!(part_of(&case, Source::Settled, &person(1, &READER)), None);
    assert_eq!(part_of(&case, Source::Settled, &person(1, &BOTH)), None, "nor as quality");
}

#[test]
fn who_is_too_close_to_the_patient_takes_no_part_as_a_reader() {
    let mut case = released();
    case.conflicted.insert(radiologist(1).user);
    assert_eq!(part_of(&case, Source::Settled, &person(1, &READER)), None);
}

#[test]
fn only_quality_that_read_none_of_the_images_scores_and_closes() {
    let case = released();
    let discussion = opened(&case, Part::Reader, 1);
    let scores =
        |part, user: u128| check_score(&case, part, &UserId::from_bits(user)).map_err(|refusal| refusal.code);
    assert_eq!(scores(Part::Quality, 20), Ok(()));
    assert_eq!(scores(Part::Reader, 1), Err("score_by_reader".to_owned()));
    let mut related = case.clone();
    related.kin.readers.insert(UserId::from_bits(20));
    assert_eq!(
        check_score(&related, Part::Quality, &UserId::from_bits(20)).unwrap_err().code,
        "score_by_reader",
        "who read another case of the images knows them"
    );
    let closes = |part, by: u128| close(&discussion, part, UserId::from_bits(by), "Look twice.", start());
    assert_eq!(closes(Part::Reader, 1).unwrap_err().code, "closing_by_reader");
    assert_eq!(closes(Part::Quality, 20).unwrap().words, "Look twice.");
}

#[test]
fn what_is_closed_takes_nothing_more() {
    let case = released();
    let mut discussion = opened(&case, Part::Quality, 20);
    let close = |discussion: &Discussion| {
        close(discussion, Part::Quality, UserId::from_bits(20), "Look twice.", start())
    };
    discussion.closed = Some(close(&discussion).unwrap());
    let said = contribute(&discussion, Part::Reader, UserId::from_bits(1), "One more", start());
    assert_eq!(said.unwrap_err().code, "discussion_closed");
    assert_eq!(close(&discussion).unwrap_err().code, "discussion_closed");
}

#[test]
fn words_are_plain_text_within_limits() {
    let case = released();
    let asks = |question: &str| {
        open(&case, Source::Settled, Part::Quality, opening(question, 20), start())
            .map(|discussion| discussion.opened.words)
            .map_err(|refusal| refusal.code)
    };
    assert_eq!(asks("  Why?\r\nAnd how? "), Ok("Why?\nAnd how?".to_owned()));
    let long = "é".repeat(QUESTION_CHARS_MAX);
    assert_eq!(asks(&long), Ok(long.clone()));
    for refused in ["", " a ", "a\0b?", "bell \u{7}", &format!("{long}é")] {
        assert_eq!(asks(refused), Err("words_missing".to_owned()), "{refused:?}");
    }
    let mut full = opened(&case, Part::Quality, 20);
    let said = contribute(&full, Part::Quality, UserId::from_bits(20), "More", start()).unwrap();
    full.contributions = vec![said; CONTRIBUTIONS_MAX];
    let over = contribute(&full, Part::Quality, UserId::from_bits(20), "More", start());
    assert_eq!(over.unwrap_err().code, "discussion_full");
}

fn shown(discussion: &Discussion, case: &Case, (part, user): (Part, u128)) -> View {
    let user = UserId::from_bits(user);
    view(discussion, case, Source::Settled, (part, &user), Some(Radpeer::TwoA))
}

fn part_strategy() -> impl Strategy<Value = Part> {
    prop_oneof![Just(Part::Quality), Just(Part::Reader)]
}

fn said_strategy() -> impl Strategy<Value = Said> {
    (1_u128..40, part_strategy(), "[a-z]{3,12}", 0_i64..1_000).prop_map(|(by, part, words, minute)| Said {
        by: UserId::from_bits(by),
        part,
        words,
        at: start() + TimeDelta::minutes(minute),
    })
}

proptest! {
    /// Whatever was said by whom: to a reader it is the same whoever else said it, and no account stands in it.
    #[test]
    fn a_reader_sees_the_same_whoever_of_the_others_said_it(
        said in proptest::collection::vec(said_strategy(), 1..12),
        closed in proptest::option::of(said_strategy()),
        renamed in 100_u128..200,
    ) {
        let case = adjudicated();
        let (own, other) = (UserId::from_bits(1), UserId::from_bits(renamed));
        let discussion = Discussion { contributions: said, closed, ..opened(&case, Part::Reader, 2) };
        let swap = |said: &Said| {
            let by = if said.by == own { own.clone() } else { other.clone() };
            Said { by, ..said.clone() }
        };
        let swapped = Discussion {
            opened: swap(&discussion.opened),
            contributions: discussion.contributions.iter().map(swap).collect(),
            closed: discussion.closed.as_ref().map(swap),
            ..discussion.clone()
        };
        let (one, two) = (shown(&discussion, &case, (Part::Reader, 1)), shown(&swapped, &case, (Part::Reader, 1)));
        prop_assert_eq!(&one, &two);
        let text = serde_json::to_string(&one).unwrap();
        prop_assert!(!text.contains(&format!("{}_", UserId::PREFIX)), "{}", text);
        prop_assert!(one.own_score.is_none() && one.audience.is_none() && !one.may_score && !one.may_close);
    }

    /// Quality sees who said what.
    #[test]
    fn quality_sees_names(said in proptest::collection::vec(said_strategy(), 1..12)) {
        let case = released();
        let discussion = Discussion { contributions: said.clone(), ..opened(&case, Part::Reader, 2) };
        let view = shown(&discussion, &case, (Part::Quality, 50));
        let named: Vec<Option<UserId>> = view.contributions.iter().map(|one| one.by.clone()).collect();
        prop_assert_eq!(named, said.iter().map(|one| Some(one.by.clone())).collect::<Vec<_>>());
        prop_assert_eq!(view.opened_by, Some(UserId::from_bits(2)));
    }

    /// Over all cases, roles and people: while the source can be read nobody with a role that reads has a part, and
    /// nobody who signed ever has quality's.
    #[test]
    fn nobody_who_may_read_has_a_part_before_the_source_is_settled(
        user in 1_u128..12,
        roles in proptest::sample::subsequence(
            vec![Role::Radiologist, Role::Adjudicator, Role::Quality, Role::Coordinator, Role::Administrator], 0..=5),
        which in 0_usize..4,
        source in prop_oneof![Just(Source::MayBeRead), Just(Source::Settled)],
    ) {
        let case = vec![case(), released(), adjudicated(), {
            let mut begun = case();
            reads(&mut begun, &radiologist(3), content(Verdict::Reject), start());
            begun
        }].swap_remove(which);
        let actor = person(user, &roles);
        let found = part_of(&case, source, &actor);
        if Reader::of(&actor).is_some() && !is_settled(&case, source) {
            prop_assert_eq!(found, None);
        }
        if has_signed(&case, &UserId::from_bits(user)) {
            prop_assert_ne!(found, Some(Part::Quality));
        } else if !roles.contains(&Role::Quality) {
            prop_assert_eq!(found, None);
        }
    }
}
