//! The life of a send as a specification.

use super::*;
use proptest::prelude::*;

fn at(second: i64) -> Time {
    Time::from_timestamp(1_764_000_000 + second, 0).unwrap()
}

fn moment(second: i64) -> Moment {
    Moment { now: at(second), jitter: 0.5 }
}

fn pauses() -> Pauses {
    Pauses {
        retry_min: TimeDelta::seconds(5),
        retry_max: TimeDelta::seconds(600),
        recheck: TimeDelta::seconds(15),
    }
}

fn queued() -> Send {
    Send {
        id: SendId::from_bits(1),
        release: ReleaseId::from_bits(2),
        case: CaseId::from_bits(3),
        destination: "PACS@host:104".to_owned(),
        state: SendState::Queued,
        attempts: 0,
        objects: 0,
        objects_stored: 0,
        next_attempt_at: Some(at(0)),
        reason_code: None,
        last_error: None,
        content: None,
        queued_at: at(0),
        delivered_at: None,
        version: 1,
    }
}

fn after(send: &Send, command: Command) -> (Send, Option<Event>) {
    decide(send, command, pauses(), moment(100)).unwrap()
}

fn sending() -> Send {
    after(&queued(), Command::Begin).0
}

fn hold() -> Command {
    Command::Hold(Reason::new("stage_forbids", "the deployment is suspended"))
}

fn trouble() -> Command {
    Command::Interrupt(Reason::new("unreachable", "nobody answers"))
}

fn complete() -> Command {
    Command::Complete { content: Digest::of(b"all"), objects: 7 }
}

fn yes() -> (ReleaseCheck, StageCheck, SourceCheck) {
    let review = ReleaseCheck { may_send: true, reason: String::new() };
    let rollout =
        StageCheck { stage: Stage::General, may_release: true, may_send: true, reason: String::new() };
    (review, rollout, SourceCheck { unchanged: true, identity_certain: true })
}

#[test]
fn nothing_leaves_unless_review_rollout_and_intake_all_say_yes() {
    let clinical = |checks: &(ReleaseCheck, StageCheck, SourceCheck)| {
        let verdict = verdict(DestinationKind::Clinical, Stage::General, &checks.0, &checks.1, &checks.2);
        verdict.map_err(|reason| reason.code)
    };
    assert_eq!(clinical(&yes()), Ok(()));
    let mut no = yes();
    no.0.may_send = false;
    assert_eq!(clinical(&no), Err("release_held"));
    let mut no = yes();
    no.1.may_send = false;
    assert_eq!(clinical(&no), Err("stage_forbids"));
    let mut no = yes();
    no.2.unchanged = false;
    assert_eq!(clinical(&no), Err("source_changed"));
}

#[test]
fn a_pilot_release_goes_to_research_destinations_only() {
    let (review, _, intake) = yes();
    let rollout =
        StageCheck { stage: Stage::Pilot, may_release: true, may_send: true, reason: "pilot".to_owned() };
    let verdict = |kind| verdict(kind, Stage::Pilot, &review, &rollout, &intake);
    verdict(DestinationKind::Research).unwrap();
    assert_eq!(verdict(DestinationKind::Clinical).unwrap_err().code, "stage_forbids");
}

#[test]
fn a_demotion_below_the_stage_of_the_release_keeps_it_from_leaving() {
    let (review, mut rollout, intake) = yes();
    rollout.stage = Stage::Shadow;
    for kind in [DestinationKind::Clinical, DestinationKind::Research] {
        verdict(kind, Stage::General, &review, &rollout, &intake).unwrap_err();
    }
}

#[test]
fn every_object_confirmed_is_delivered() {
    let (send, event) = after(&sending(), complete());
    assert_eq!((send.state, send.objects_stored, send.attempts), (SendState::Delivered, 7, 1));
    assert_eq!((send.delivered_at, send.next_attempt_at), (Some(at(100)), None));
    assert!(matches!(event, Some(Event::SendDelivered { objects: 7, .. })));
}

#[test]
fn a_hold_between_objects_stops_the_send_and_shows_its_counts() {
    let half = Send { objects: 7, objects_stored: 3, ..sending() };
    let (held, event) = after(&half, hold());
    assert_eq!((held.state, held.objects, held.objects_stored), (SendState::Held, 7, 3));
    assert!(matches!(event, Some(Event::SendHeld { .. })));
}

#[test]
fn a_hold_is_told_once_and_again_when_its_reason_changes() {
    let (held, _) = after(&queued(), hold());
    let (still, event) = after(&held, hold());
    assert_eq!((still.state, event), (SendState::Held, None));
    let (_, event) = after(&held, Command::Hold(Reason::new("source_changed", "changed")));
    assert!(event.is_some());
}

#[test]
fn a_hold_ends_when_the_checks_say_yes() {
    let (held, _) = after(&queued(), hold());
    let (send, _) = after(&held, Command::Begin);
    assert_eq!((send.state, send.reason_code), (SendState::Sending, None));
}

#[test]
fn checks_that_cant_be_asked_count_as_no_attempt_and_never_as_yes() {
    let (held, _) = after(&queued(), hold());
    let (still, event) = after(&held, trouble());
    assert_eq!((still.state, still.attempts, event), (SendState::Held, 0, None));
    let (waiting, _) = after(&queued(), trouble());
    assert_eq!((waiting.state, waiting.attempts), (SendState::Queued, 0));
    assert!(waiting.last_error.is_some());
}

#[test]
fn pauses_double_up_to_the_longest() {
    let mut send = queued();
    let mut waits = Vec::new();
    for _ in 0..10 {
        send = after(&after(&send, Command::Begin).0, trouble()).0;
        waits.push((send.next_attempt_at.unwrap() - at(100)).num_seconds());
    }
    assert_eq!(waits, [5, 10, 20, 40, 80, 160, 320, 600, 600, 600]);
}

#[test]
fn a_send_that_a_dead_process_left_behind_begins_again() {
    let (send, _) = after(&sending(), Command::Begin);
    assert_eq!((send.state, send.attempts), (SendState::Sending, 2));
}

#[test]
fn what_was_not_sent_can_t_be_complete() {
    let refusal = decide(&queued(), complete(), pauses(), moment(0)).unwrap_err();
    assert_eq!(refusal.code, "not_sending");
}

fn any_command() -> impl Strategy<Value = Command> {
    prop_oneof![Just(Command::Begin), Just(hold()), Just(trouble()), Just(complete())]
}

proptest! {
    #[test]
    fn a_send_is_never_lost_and_delivered_is_final(
        commands in prop::collection::vec((any_command(), 0.0..1.0_f64), 1..40),
    ) {
        let mut send = queued();
        for (second, (command, jitter)) in (0_i64..).zip(commands) {
            let moment = Moment { now: at(second), jitter };
            let Ok((next, event)) = decide(&send, command.clone(), pauses(), moment) else {
                let fits = send.state != SendState::Delivered && !matches!(command, Command::Complete { .. });
                prop_assert!(!fits, "{command:?} must be taken in state {:?}", send.state);
                continue;
            };
            prop_assert!(send.state != SendState::Delivered);
            prop_assert!(next.attempts >= send.attempts);
            prop_assert_eq!(next.attempts > send.attempts, command == Command::Begin);
            let waits = matches!(next.state, SendState::Queued | SendState::Held);
            prop_assert_eq!(next.next_attempt_at.is_some(), waits, "who waits has a time to be looked at");
            if let Some(due) = next.next_attempt_at {
                prop_assert!(due > moment.now && due <= moment.now + pauses().retry_max * 2);
            }
            prop_assert_eq!(next.delivered_at.is_some(), next.state == SendState::Delivered);
            prop_assert_eq!(
                matches!(event, Some(Event::SendDelivered { .. })),
                next.state == SendState::Delivered
            );
            send = next;
        }
    }
}
