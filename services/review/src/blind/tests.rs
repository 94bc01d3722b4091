//! The table field × actor × phase, and two worlds that differ only in what another reader did.

use super::*;
use crate::case::{Draft as OwnDraft, Hold as OwnHold, HoldReason};
use crate::fixtures::{
    act, adjudicator, case, content, critical_rejection, open, person, radiologist, reads, settle,
    settle_sampling, signing, start,
};
use crate::workflow::Command;
use contract::review::{PersonalKey, ReadContent, SaveDraft, Verdict};
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
        Who::Administrator | Who::Coordinator | Who::First | Who::Second => true,
        Who::Third => matches!(phase, Queued | FirstHolds),
        Who::Adjudicator => !matches!(phase, Queued | FirstHolds | FirstSigned),
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
        | "priority" | "queued_at" | "escalates_at" | "due_at" | "expires_at" | "availability" => true,
        "state" => oversees || who == Who::Coordinator || (signed && phase == Released),
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
        // Nothing is held, deferred, replaced, withdrawn or recalled in these phases; each has a test below.
        "offered_draft"
        | "confirmable"
        // Only at shadow is a model hidden; there is a test for it.
        | "is_model_hidden"
        | "ended_hold"
        | "withdraw_until"
        | "holds"
        | "deferrals"
        | "priority_change"
        | "recall"
        | "needs_recall_evaluation"
        // The rules of this case ask for no credentials.
        | "lacks_readers" => false,
        "kind" => who == Who::Quality,
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
                let nothing = [Value::Null, Value::Array(Vec::new()), Value::Bool(false)];
                let has_value = !nothing.contains(&value);
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
    // A decoy: the reads agree, and the case is released already.
    let decoy: Act = Box::new(|case| {
        reads(case, &radiologist(1), content(Verdict::Accept), start());
        reads(case, &radiologist(2), content(Verdict::Accept), start());
        settle_sampling(case, true, start());
    });
    let differ: Vec<Act> = differ.into_iter().chain([decoy]).collect();
    let seen = worlds(|_| {}, &differ, &actor(Who::Adjudicator));
    assert!(seen.iter().all(|world| *world == seen[0]) && seen[0] != "null", "{seen:#?}");
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
    case.conflicted.insert(radiologist(2).user);
    assert_eq!(may(&case), [true, false, false, false, true, true, false], "who is too close sees no more");
    case.holds.push(hold(HoldReason::DeploymentStage));
    assert_eq!(may(&case), [false, false, false, false, true, true, false]);
    assert_eq!(may(&at(Phase::Shadow)), [false, false, false, false, true, false, false]);
}

/// A case at shadow that was drawn, and one evaluation reader's own part of it.
#[test]
fn at_shadow_the_model_is_hidden_from_its_readers_until_their_own_read_is_final() {
    let (mut case, now) = (crate::fixtures::evaluation(), start());
    let hidden = |case: &Case, who| view(case, &actor(who), now).map(|seen| seen.is_model_hidden);
    assert_eq!([Who::First, Who::Quality].map(|who| hidden(&case, who)), [Some(true), Some(false)]);
    assert_eq!(hidden(&case, Who::Administrator), None);
    open(&mut case, &radiologist(1), now).unwrap();
    assert_eq!(hidden(&case, Who::First), Some(true));
    assert_eq!(
        EVERYBODY.map(|who| may_view_pixels(&case, &actor(who)))[..5],
        [true, false, false, false, true]
    );
    reads(&mut case, &radiologist(1), content(Verdict::Accept), now);
    assert_eq!(hidden(&case, Who::First), Some(false));
}

fn hold(reason: HoldReason) -> OwnHold {
    OwnHold {
        reason,
        by: Some(radiologist(22).user),
        words: "a patient was mixed up".into(),
        placed_at: start(),
    }
}

/// Who may know what holds a case back, who put it off, and whether it is recalled.
#[test]
fn what_steers_a_case_shows_to_coordinators_and_oversight_and_to_no_reader() {
    let mut case = at(Phase::Released);
    let propose = Command::ProposeRecall { by: radiologist(20).user, words: "wrong patient".into() };
    act(&mut case, &propose, start()).unwrap();
    case.holds.push(hold(HoldReason::Investigation));
    case.deferrals.push(crate::case::Deferral {
        reader: radiologist(1).user,
        words: "too tired".into(),
        placed_at: start(),
    });
    case.priority_change = Some(crate::case::PriorityChange {
        from: contract::Priority::Routine,
        by: radiologist(22).user,
        words: "goes to theatre".into(),
        at: start(),
    });
    for who in EVERYBODY {
        let Some(view) = view(&case, &actor(who), start()) else { continue };
        let steers = matches!(who, Who::Coordinator | Who::Quality | Who::Administrator);
        let shown = (view.holds.len(), view.deferrals.len(), view.recall.is_some());
        assert_eq!(shown, if steers { (1, 1, true) } else { (0, 0, false) }, "{who:?}");
        assert_eq!(view.priority_change.is_some(), steers, "{who:?}");
        let oversees = matches!(who, Who::Quality | Who::Administrator);
        assert_eq!(view.needs_recall_evaluation, oversees, "{who:?}");
        let deferrals = serde_json::to_string(&view.deferrals).unwrap();
        assert!(!deferrals.contains(radiologist(1).user.as_str()), "a deferral names nobody");
    }
}

#[test]
fn a_coordinator_does_not_learn_that_reads_differ() {
    for phase in [Phase::FirstSigned, Phase::Discordant, Phase::Adjudicating, Phase::Adjudicated] {
        let seen = view(&at(phase), &actor(Who::Coordinator), start()).unwrap();
        assert_eq!((seen.state, seen.reads.len()), (Some(CaseState::Reading), 0), "{phase:?}");
    }
    let both = person(3, &[Role::Radiologist, Role::Coordinator]);
    assert!(!may_steer(&at(Phase::FirstSigned), &both), "who could read it does not steer it");
    assert!(may_steer(&at(Phase::FirstSigned), &actor(Who::Coordinator)));
}

#[test]
fn a_lost_hold_is_announced_to_its_holder_alone() {
    let mut case = at(Phase::FirstHolds);
    act(&mut case, &Command::Revoke { words: "needed elsewhere".into() }, start()).unwrap();
    let seen = view(&case, &actor(Who::First), start()).unwrap();
    assert_eq!(seen.ended_hold.unwrap().reason_code, "revoked");
    assert!(seen.draft.is_some());
    for who in EVERYBODY.into_iter().filter(|who| *who != Who::First) {
        assert!(view(&case, &actor(who), start()).is_none_or(|seen| seen.ended_hold.is_none()), "{who:?}");
    }
}

#[test]
fn a_read_that_may_be_withdrawn_says_until_when_to_its_reader_alone() {
    let mut case = case();
    case.policy.finalisation_minutes = 10;
    reads(&mut case, &radiologist(1), content(Verdict::Accept), start());
    let until = start() + chrono::TimeDelta::minutes(10);
    for who in EVERYBODY {
        let seen = view(&case, &actor(who), start()).and_then(|seen| seen.withdraw_until);
        assert_eq!(seen, (who == Who::First).then_some(until), "{who:?}");
    }
    let seen = view(&case, &actor(Who::First), until).unwrap();
    assert!(seen.withdraw_until.is_none() && seen.my_read.unwrap().is_final);
}

#[test]
fn a_draft_of_a_replaced_case_is_offered_to_who_typed_it_until_something_is_typed_anew() {
    let mut case = case();
    let reader = radiologist(1).user;
    let typed = OwnDraft { reader, version: 3, content: content(Verdict::Reject), saved_at: start() };
    case.kin.drafts.push(typed);
    open(&mut case, &radiologist(1), start()).unwrap();
    open(&mut case, &radiologist(2), start()).unwrap();
    let offered = |case: &Case, who| view(case, &actor(who), start()).and_then(|seen| seen.offered_draft);
    assert_eq!(offered(&case, Who::First).unwrap().content, content(Verdict::Reject));
    assert!(EVERYBODY.into_iter().filter(|who| *who != Who::First).all(|who| offered(&case, who).is_none()));
    let save = SaveDraft { version: 0, content: content(Verdict::Accept) };
    act(&mut case, &Command::SaveDraft { user: radiologist(1).user, save }, start()).unwrap();
    assert!(offered(&case, Who::First).is_none());
}

#[test]
fn what_may_be_confirmed_shows_to_its_reader_while_they_hold_a_slot() {
    let mut former = case();
    reads(&mut former, &radiologist(1), content(Verdict::Accept), start());
    let mut case = case();
    case.kin.former = former.reads.clone();
    let offered = |case: &Case, who| view(case, &actor(who), start()).and_then(|seen| seen.confirmable);
    assert!(EVERYBODY.into_iter().all(|who| offered(&case, who).is_none()), "nobody holds a slot");
    open(&mut case, &radiologist(1), start()).unwrap();
    open(&mut case, &radiologist(2), start()).unwrap();
    assert_eq!(offered(&case, Who::First).unwrap().read, former.reads[0].id);
    assert!(EVERYBODY.into_iter().filter(|who| *who != Who::First).all(|who| offered(&case, who).is_none()));
}

#[test]
fn a_key_hides_wherever_the_name_of_its_owner_does() {
    let mut case = case();
    let key = PersonalKey {
        credential: "a credential".to_owned(),
        public_key: "a key".to_owned(),
        nonce: "a nonce".to_owned(),
        client_data: "stated".to_owned(),
        authenticator_data: "data".to_owned(),
        signature: "a signature".to_owned(),
    };
    for number in [1, 2] {
        reads(&mut case, &radiologist(number), content(Verdict::Accept), start());
    }
    for read in &mut case.reads {
        read.signature.personal_key = Some(key.clone());
    }
    settle(&mut case, start());
    let seen = view(&case, &actor(Who::First), start()).unwrap();
    assert_eq!(seen.my_read.unwrap().signature.personal_key, Some(key), "one's own shows");
    assert_eq!(seen.reads.len(), 1);
    assert!(seen.reads[0].signature.personal_key.is_none(), "and the other's would name them");
}

/// A decoy's third read shows to its reader and to oversight, and the first readers never learn of it.
#[test]
fn the_third_read_of_a_decoy_stays_hidden_from_the_first_readers() {
    let mut case = case();
    reads(&mut case, &radiologist(1), content(Verdict::Accept), start());
    reads(&mut case, &radiologist(2), content(Verdict::Accept), start());
    settle_sampling(&mut case, true, start());
    let before = serde_json::to_string(&view(&case, &actor(Who::First), start())).unwrap();
    reads(&mut case, &adjudicator(9), content(Verdict::Reject), start());
    assert_eq!(serde_json::to_string(&view(&case, &actor(Who::First), start())).unwrap(), before);
    let seen = view(&case, &actor(Who::Adjudicator), start()).unwrap();
    let names: Vec<&str> = seen.reads.iter().map(|read| read.signature.printed_name.as_str()).collect();
    assert_eq!(names, ["Reader α", "Reader β"]);
}

#[test]
fn a_sentinel_looks_like_any_case_and_never_tells_how_it_ended() {
    let plain = case();
    let kind = crate::case::Kind::Sentinel { of: contract::CaseId::from_bits(9) };
    let mut sentinel = Case { kind, ..case() };
    let json = |case: &Case, who| serde_json::to_string(&view(case, &actor(who), start())).unwrap();
    assert_eq!(json(&plain, Who::First), json(&sentinel, Who::First));
    reads(&mut sentinel, &radiologist(1), content(Verdict::Accept), start());
    reads(&mut sentinel, &radiologist(2), content(Verdict::Reject), start());
    settle(&mut sentinel, start());
    for who in [Who::First, Who::Second] {
        let seen = view(&sentinel, &actor(who), start()).unwrap();
        assert!(seen.my_read.is_some() && seen.state.is_none() && seen.reads.is_empty(), "{who:?}");
    }
    for who in [Who::Third, Who::Adjudicator, Who::Administrator, Who::Coordinator] {
        assert!(view(&sentinel, &actor(who), start()).is_none(), "{who:?}");
    }
    let quality = view(&sentinel, &actor(Who::Quality), start()).unwrap();
    assert_eq!(quality.kind, Some(CaseKind::Sentinel));
}
