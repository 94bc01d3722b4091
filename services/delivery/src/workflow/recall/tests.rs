//! The life of a rejection note as a specification.

use super::*;
use chrono::TimeDelta;
use proptest::prelude::*;

fn at(second: i64) -> Time {
    Time::from_timestamp(1_764_000_000 + second, 0).unwrap()
}

fn pauses() -> Pauses {
    Pauses {
        retry_min: TimeDelta::seconds(15),
        retry_max: TimeDelta::seconds(3_600),
        recheck: TimeDelta::seconds(15),
    }
}

fn queued() -> RejectionNote {
    RejectionNote {
        id: RejectionNoteId::from_bits(1),
        send: SendId::from_bits(2),
        release: ReleaseId::from_bits(3),
        case: CaseId::from_bits(4),
        destination: "PACS@host:104".to_owned(),
        state: RejectionNoteState::Queued,
        title: RejectionTitle::PatientSafety,
        objects: 0,
        objects_shown: None,
        objects_shown_max: 0,
        attempts: 0,
        next_look_at: Some(at(0)),
        last_error: None,
        opened_at: at(0),
        sent_at: None,
        looked_at: None,
        closed: None,
        version: 1,
    }
}

fn after(note: &RejectionNote, command: Command) -> (RejectionNote, Option<Event>) {
    decide(note, command, pauses(), Moment { now: at(100), jitter: 0.5 }).unwrap()
}

fn stored(shown: Option<u32>) -> RejectionNote {
    after(&queued(), Command::Stored { content: Digest::of(b"note"), objects: 7, shown }).0
}

fn by_hand() -> Command {
    let by = Closer { user: UserId::from_bits(9), printed_name: "Q. Person".to_owned() };
    Command::CloseByHand { by, words: "deleted by the PACS team".to_owned() }
}

#[test]
fn a_stored_note_is_not_the_end() {
    let note = stored(Some(7));
    assert_eq!((note.state, note.objects_shown), (RejectionNoteState::Following, Some(7)));
    assert!(note.next_look_at.is_some());
}

#[test]
fn what_was_shown_and_is_shown_no_more_is_gone() {
    let (fewer, event) = after(&stored(Some(7)), Command::Looked(Ok(3)));
    assert_eq!((fewer.state, event), (RejectionNoteState::Following, None));
    let (gone, event) = after(&fewer, Command::Looked(Ok(0)));
    assert_eq!(gone.closed.unwrap().1, Closing::Gone);
    assert!(matches!(event, Some(Event::RejectionNoteClosed(closed)) if closed.reason_code == "gone"));
}

#[test]
fn an_archive_that_never_showed_the_objects_proves_nothing_by_showing_none() {
    for before in [None, Some(0)] {
        let (note, event) = after(&stored(before), Command::Looked(Ok(0)));
        assert_eq!((note.state, event), (RejectionNoteState::Following, None));
        // It may have been slow to index them.
        let (indexed, _) = after(&note, Command::Looked(Ok(7)));
        assert!(after(&indexed, Command::Looked(Ok(0))).0.closed.is_some());
    }
}

#[test]
fn an_unanswered_question_is_no_answer() {
    let (note, event) = after(&stored(Some(7)), Command::Looked(Err("nobody answers".to_owned())));
    assert_eq!((note.state, event), (RejectionNoteState::Following, None));
    assert_eq!(note.objects_shown, None);
}

#[test]
fn a_person_may_answer_for_it_before_and_after_the_note_is_stored() {
    for note in [queued(), stored(None)] {
        let (closed, event) = after(&note, by_hand());
        assert_eq!(closed.state, RejectionNoteState::Closed);
        let Some(Event::RejectionNoteClosed(RejectionNoteClosed { reason, .. })) = event else {
            panic!("it is told")
        };
        assert_eq!(reason, Some(Digest::of(b"deleted by the PACS team")), "the words stay here");
    }
}

#[test]
fn nothing_moves_a_closed_note() {
    let (closed, _) = after(&queued(), Command::NothingSent);
    for command in [Command::NothingSent, Command::Looked(Ok(0)), by_hand(), Command::Wait(String::new())] {
        let moment = Moment { now: at(200), jitter: 0.0 };
        assert_eq!(decide(&closed, command, pauses(), moment).unwrap_err().code, "already_closed");
    }
}

#[test]
fn only_a_send_that_can_get_no_further_object_is_settled() {
    let states = [SendState::Queued, SendState::Sending, SendState::Held, SendState::Delivered];
    assert_eq!(states.map(is_settled), [false, false, true, true]);
}

proptest! {
    #[test]
    fn it_closes_as_gone_only_after_objects_were_shown_and_then_none(
        before in proptest::option::of(0..8_u32),
        answers in proptest::collection::vec(proptest::option::of(0..3_u32), 0..12),
    ) {
        let mut note = stored(before);
        let mut most = before.unwrap_or(0);
        for answer in answers {
            most = most.max(answer.unwrap_or(0));
            let looked = answer.ok_or_else(|| "no answer".to_owned());
            let (next, event) = after(&note, Command::Looked(looked));
            prop_assert_eq!(next.closed.is_some(), answer == Some(0) && most > 0);
            prop_assert_eq!(next.closed.is_some(), event.is_some());
            prop_assert!(next.closed.is_some() || next.next_look_at > Some(at(100)));
            if next.closed.is_some() {
                break;
            }
            note = next;
        }
    }
}
