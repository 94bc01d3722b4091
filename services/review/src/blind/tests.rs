//! The table field × actor × phase, and two worlds that differ only in what another reader did.

use super::*;
use crate::case::HoldReason;
use crate::fixtures::{
    act, adjudicator, case, content, critical_rejection, open, person, radiologist, reads, settle, signing,
    start,
};
use crate::workflow::Command;
use contract::review::{ReadContent, SaveDraft, Verdict};
use contract::rollout::Stage;
use serde_json::{Map, Value};

/// Who looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Who {
    /// Signs first, in slot one.
    First,
    /// The other first reader.
    Second,
    /// A radiologist who never held a slot.
    Third,
    Adjudicator,
    Quality,
    Administrator,
    Coordinator,
}

const EVERYBODY: [Who; 7] = [
    Who::First,
    Who::Second,
    Who::Third,
    Who::Adjudicator,
    Who::Quality,
    Who::Administrator,
    Who::Coordinator,
];

fn actor(who: Who) -> Actor {
    match who {
        Who::First => person(1, &[Role::Radiologist]),
        Who::Second => person(2, &[Role::Radiologist]),
        Who::Third => person(3, &[Role::Radiologist]),
        Who::Adjudicator => person(9, &[Role::Radiologist, Role::Adjudicator]),
        Who::Quality => person(20, &[Role::Quality]),
        Who::Administrator => person(21, &[Role::Administrator]),
        Who::Coordinator => person(22, &[Role::Coordinator]),
    }
}

/// How far the case is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Nobody took it.
    Queued,
    /// The first reader holds a slot and has a draft.
    FirstHolds,
    /// The first reader rejected; the other reader holds a slot.
    FirstSigned,
    /// Both signed and differ.
    Discordant,
    /// The adjudicator holds the third slot.
    Adjudicating,
    /// The adjudicator's read is final, the conclusion not yet drawn.
    Adjudicated,
    /// Released after adjudication.
    Released,
    /// A shadow run's case.
    Shadow,
}

const PHASES: [Phase; 8] = [
    Phase::Queued,
    Phase::FirstHolds,
    Phase::FirstSigned,
    Phase::Discordant,
    Phase::Adjudicating,
    Phase::Adjudicated,
    Phase::Released,
    Phase::Shadow,
];

fn at(phase: Phase) -> Case {
    let mut case = case();
    let reached =
        |wanted: Phase| PHASES.iter().position(|p| *p == phase) >= PHASES.iter().position(|p| *p == wanted);
    if phase == Phase::Shadow {
        case.stage = Stage::Shadow;
        return case;
    }
    if reached(Phase::FirstHolds) {
        open(&mut case, &radiologist(1), start()).unwrap();
        let save = SaveDraft { version: 0, content: content(Verdict::Reject) };
        act(&mut case, &Command::SaveDraft { user: radiologist(1).user, save }, start()).unwrap();
    }
    if reached(Phase::FirstSigned) {
        reads(&mut case, &radiologist(1), content(Verdict::Reject), start());
        open(&mut case, &radiologist(2), start()).unwrap();
    }
    if reached(Phase::Discordant) {
        reads(&mut case, &radiologist(2), content(Verdict::Accept), start());
        settle(&mut case, start());
    }
    if reached(Phase::Adjudicating) {
        open(&mut case, &adjudicator(9), start()).unwrap();
    }
    if reached(Phase::Adjudicated) {
        reads(&mut case, &adjudicator(9), content(Verdict::Accept), start());
    }
    if reached(Phase::Released) {
        settle(&mut case, start());
    }
    case
}

/// Whether the case shows at all.
fn shows(who: Who, phase: Phase) -> bool {
    use Phase::{FirstHolds, FirstSigned, Queued, Shadow};
    match who {
        Who::Quality => true,
        _ if phase == Shadow => false,
        // The first two hold a slot later on; before, the case shows because they may take it.
        Who::Administrator | Who::First | Who::Second => true,
        Who::Third => matches!(phase, Queued | FirstHolds),
        Who::Adjudicator => !matches!(phase, Queued | FirstHolds | FirstSigned),
        Who::Coordinator => false,
    }
}

/// Whether a field of a case that shows has a value. Every field has a row; a field without one fails.
fn visible(field: &str, who: Who, phase: Phase) -> Option<bool> {
    use Phase::{Adjudicated, Adjudicating, Discordant, FirstHolds, FirstSigned, Released, Shadow};
    let oversees = matches!(who, Who::Quality | Who::Administrator);
    let signed = match who {
        Who::First => !matches!(phase, Phase::Queued | FirstHolds | Shadow),
        Who::Second => matches!(phase, Discordant | Adjudicating | Adjudicated | Released),
        Who::Adjudicator => matches!(phase, Adjudicated | Released),
        _ => false,
    };
    let holds = matches!(
        (who, phase),
        (Who::First, FirstHolds) | (Who::Second, FirstSigned) | (Who::Adjudicator, Adjudicating)
    );
    Some(match field {
        "id" | "run" | "series" | "study" | "model" | "deployment" | "stage" | "case_digest"
        | "queued_at" | "availability" => true,
        "state" => oversees || (signed && phase == Released),
        "lease" => holds,
        "draft" => who == Who::First && phase == FirstHolds,
        "my_read" => signed,
        "reads" => match who {
            Who::Quality | Who::Administrator => {
                matches!(phase, Discordant | Adjudicating | Adjudicated | Released)
            }
            Who::Adjudicator => matches!(phase, Adjudicated | Released),
            Who::First | Who::Second => phase == Released,
            Who::Third | Who::Coordinator => false,
        },
        "release" => phase == Released && (oversees || signed),
        _ => return None,
    })
}

fn fields(view: &CaseView) -> Map<String, Value> {
    match serde_json::to_value(view).unwrap() {
        Value::Object(map) => map,
        other => panic!("a case is an object, not {other}"),
    }
}

#[test]
fn every_field_shows_to_exactly_those_who_may_see_it() {
    for phase in PHASES {
        let case = at(phase);
        for who in EVERYBODY {
            let view = view(&case, &actor(who), start());
            assert_eq!(view.is_some(), shows(who, phase), "{who:?} at {phase:?}");
            let Some(view) = view else { continue };
            for (field, value) in fields(&view) {
                let expected = visible(&field, who, phase)
                    .unwrap_or_else(|| panic!("field '{field}' of a case has no row in the table"));
                let has_value = !(value.is_null() || value == Value::Array(Vec::new()));
                assert_eq!(has_value, expected, "{field} to {who:?} at {phase:?}: {value}");
            }
        }
    }
}

#[test]
fn readers_learn_no_names() {
    let case = at(Phase::Released);
    for who in [Who::First, Who::Second, Who::Adjudicator] {
        let view = view(&case, &actor(who), start()).unwrap();
        let names: Vec<&str> = view.reads.iter().map(|read| read.signature.printed_name.as_str()).collect();
        assert_eq!(names, ["Reader α", "Reader β"]);
        let text = serde_json::to_string(&view.reads).unwrap();
        for signer in case.reads.iter().map(SignedRead::reader) {
            assert!(!text.contains(signer.as_str()), "{who:?} learns {signer}");
        }
    }
    let quality = view(&case, &actor(Who::Quality), start()).unwrap();
    assert!(quality.reads.iter().all(|read| read.signature.printed_name.starts_with("Dr ")));
}

#[test]
fn who_may_read_sees_an_open_case_as_a_reader_whatever_other_roles_they_hold() {
    let both = person(5, &[Role::Radiologist, Role::Quality, Role::Administrator]);
    assert!(view(&at(Phase::FirstSigned), &both, start()).is_none());
    assert!(view(&at(Phase::Discordant), &both, start()).is_none());
    let own = person(1, &[Role::Radiologist, Role::Quality]);
    let seen = view(&at(Phase::Discordant), &own, start()).unwrap();
    assert!(seen.reads.is_empty() && seen.state.is_none());
}

/// What somebody else does to a case.
type Act = Box<dyn Fn(&mut Case)>;

/// What the other reader did in two worlds, and what the actor received in each.
fn worlds(prepare: impl Fn(&mut Case), others: &[Act], who: &Actor) -> Vec<String> {
    let worlds = others.iter().map(|other| {
        let mut case = case();
        prepare(&mut case);
        other(&mut case);
        serde_json::to_string(&view(&case, who, start())).unwrap()
    });
    worlds.collect()
}

fn second_reads(what: Option<ReadContent>) -> Act {
    Box::new(move |case| {
        open(case, &radiologist(2), start()).unwrap();
        if let Some(content) = &what {
            let signing = signing(case, &radiologist(2), content.clone());
            act(case, &Command::Sign(Box::new(signing)), start()).unwrap();
        }
        settle(case, start());
    })
}

fn second_does() -> Vec<Act> {
    vec![
        Box::new(|_| {}),
        second_reads(None),
        second_reads(Some(content(Verdict::Accept))),
        second_reads(Some(content(Verdict::AcceptWithLimitation))),
        second_reads(Some(content(Verdict::Reject))),
        second_reads(Some(critical_rejection())),
        second_reads(Some(content(Verdict::CannotJudge))),
    ]
}

#[test]
fn while_the_first_reader_holds_a_slot_no_act_of_the_other_changes_a_byte() {
    let seen =
        worlds(|case| open(case, &radiologist(1), start()).unwrap(), &second_does(), &actor(Who::First));
    assert!(seen.iter().all(|world| *world == seen[0]), "{seen:#?}");
}

#[test]
fn after_the_first_reader_signed_nothing_changes_a_byte_until_the_case_ends() {
    let does = vec![
        second_reads(None),
        second_reads(Some(content(Verdict::Reject))),
        second_reads(Some(critical_rejection())),
        second_reads(Some(content(Verdict::AcceptWithLimitation))),
        second_reads(Some(content(Verdict::CannotJudge))),
    ];
    let seen = worlds(
        |case| reads(case, &radiologist(1), content(Verdict::Accept), start()),
        &does,
        &actor(Who::First),
    );
    assert!(seen.iter().all(|world| *world == seen[0]), "{seen:#?}");
}

#[test]
fn the_adjudicator_sees_the_same_whatever_the_first_reads_said_until_the_own_read_is_final() {
    let differ: Vec<Act> =
        [[Verdict::Accept, Verdict::Reject], [Verdict::Reject, Verdict::AcceptWithLimitation]]
            .into_iter()
            .map(|verdicts| -> Act {
                Box::new(move |case| {
                    reads(case, &radiologist(1), content(verdicts[0]), start());
                    reads(case, &radiologist(2), content(verdicts[1]), start());
                    settle(case, start());
                })
            })
            .collect();
    let seen = worlds(|_| {}, &differ, &actor(Who::Adjudicator));
    assert_eq!(seen[0], seen[1]);
    assert!(!seen[0].contains("iscordant"));
}

/// Clinical decision 4: while another case of the source can be read, what became of this one stays hidden.
#[test]
fn an_open_case_of_the_same_source_keeps_the_ending_and_the_reads_hidden() {
    let mut case = at(Phase::Released);
    case.kin.has_open_case = true;
    for who in [Who::First, Who::Second, Who::Adjudicator] {
        let view = view(&case, &actor(who), start()).unwrap();
        assert!(view.reads.is_empty() && view.state.is_none() && view.release.is_none(), "{who:?}");
        assert!(view.my_read.is_some());
    }
}

#[test]
fn a_superseded_case_says_so_to_those_who_held_it_and_keeps_their_drafts() {
    let mut case = at(Phase::FirstHolds);
    act(&mut case, &Command::Supersede, start()).unwrap();
    let seen = view(&case, &actor(Who::First), start()).unwrap();
    assert_eq!((seen.state, seen.draft.is_some()), (Some(CaseState::Superseded), true));
    assert!(view(&case, &actor(Who::Third), start()).is_none());
}

#[test]
fn derived_pixels_show_to_holders_of_a_slot_and_to_oversight() {
    let mut case = at(Phase::FirstSigned);
    let may = |case: &Case| EVERYBODY.map(|who| may_view_pixels(case, &actor(who)));
    assert_eq!(may(&case), [true, true, false, false, true, true, false]);
    case.holds.push(HoldReason::DeploymentStage);
    assert_eq!(may(&case), [false, false, false, false, true, true, false]);
    assert_eq!(may(&at(Phase::Shadow)), [false, false, false, false, true, false, false]);
}
