use super::*;
use chrono::TimeDelta;
use contract::LoginSessionId;

const STAGES: [Stage; 5] = [Stage::Suspended, Stage::Shadow, Stage::Pilot, Stage::Supervised, Stage::General];

fn person(number: u128, roles: &[Role]) -> Actor {
    Actor::Person {
        user: UserId::from_bits(number),
        username: format!("person{number}"),
        printed_name: format!("Person {number}"),
        roles: roles.to_vec(),
        login: LoginSessionId::from_bits(number),
    }
}

fn at(stage: Stage) -> DeploymentState {
    DeploymentState { stage, has_open_proposal: false, has_open_stop: false }
}

fn command(stage: Stage) -> Propose {
    Propose { stage, reason: "the reads are good".to_owned() }
}

fn gate(held: bool) -> Gate {
    Gate { stage: Stage::Pilot, policy_version: "standard-1".to_owned(), held, criteria: Vec::new() }
}

fn proposal(stage: Stage, state: ProposalState) -> ProposalFacts {
    let (id, proposed_by) = (ProposalId::from_bits(5), UserId::from_bits(1));
    ProposalFacts { id, stage, proposed_by, state, signed: Vec::new() }
}

fn decided(from: Stage, proposal: &ProposalFacts, approval: &Approval<'_>) -> Result<Approved, Refusal> {
    approve(at(from), (proposal, "CT"), approval, Time::UNIX_EPOCH)
}

fn signed(subject: &ProposalId, now: Time) -> SigningClaims {
    SigningClaims {
        auth_time: now,
        amr: vec!["pwd".to_owned()],
        subject: subject.to_string(),
        nonce: "n1".to_owned(),
    }
}

fn code<T: std::fmt::Debug>(outcome: Result<T, Refusal>) -> String {
    outcome.unwrap_err().code
}

#[test]
fn a_promotion_is_proposed_by_an_administrator_one_step_up_only() {
    let administrator = person(1, &[Role::Administrator]);
    for from in STAGES {
        for to in STAGES {
            let outcome = propose(at(from), &administrator, &command(to));
            assert_eq!(outcome.is_ok(), from.next() == Some(to), "{from:?} to {to:?}");
        }
    }
}

#[test]
fn no_other_role_proposes() {
    for role in Role::ALL {
        let outcome = propose(at(Stage::Shadow), &person(1, &[role]), &command(Stage::Pilot));
        assert_eq!(outcome.is_ok(), role == Role::Administrator, "{role:?}");
    }
}

#[test]
fn one_proposal_waits_at_a_time_and_says_why() {
    let administrator = person(1, &[Role::Administrator]);
    let waiting = DeploymentState { has_open_proposal: true, ..at(Stage::Shadow) };
    assert_eq!(code(propose(waiting, &administrator, &command(Stage::Pilot))), "proposal_open");
    let silent = Propose { reason: " ".to_owned(), ..command(Stage::Pilot) };
    assert_eq!(code(propose(at(Stage::Shadow), &administrator, &silent)), "reason_missing");
}

#[test]
fn a_clinical_stage_takes_quality_the_clinical_owner_and_for_ct_and_mr_a_physicist() {
    let words = |stage, modality| capacities(stage, modality).iter().map(|c| c.as_str()).collect::<Vec<_>>();
    let clinical = ["quality", "clinical_owner", "physicist"];
    for stage in [Stage::Pilot, Stage::Supervised, Stage::General] {
        assert_eq!((words(stage, "CT"), words(stage, "MR")), (clinical.to_vec(), clinical.to_vec()));
        assert_eq!(words(stage, "CR"), clinical[..2]);
    }
    assert_eq!(words(Stage::Shadow, "CT"), clinical[..1]);
}

#[test]
fn three_people_approve_in_any_order_and_the_last_one_moves_it() {
    let now = Time::UNIX_EPOCH;
    let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
    let roles = [Role::Quality, Role::ClinicalOwner, Role::Physicist];
    for order in orders {
        let mut proposal = proposal(Stage::Pilot, ProposalState::Open);
        let signing = signed(&proposal.id, now);
        for (place, number) in order.into_iter().enumerate() {
            let actor = person(10 + number as u128, &[roles[number]]);
            let good = gate(true);
            let approval =
                Approval { actor: &actor, signing: Some(&signing), gate: &good, conflicted: false };
            let approved = decided(Stage::Shadow, &proposal, &approval).unwrap();
            assert_eq!(approved.capacity.role(), roles[number]);
            let expected = (place == 2).then_some(StageMove { from: Stage::Shadow, to: Stage::Pilot });
            assert_eq!(approved.moved, expected, "{order:?}");
            proposal.signed.push((approved.capacity, actor.user().unwrap().clone()));
        }
    }
}

#[test]
fn one_person_counts_once_however_many_roles_they_have() {
    let mut proposal = proposal(Stage::Pilot, ProposalState::Open);
    let signing = signed(&proposal.id, Time::UNIX_EPOCH);
    let (good, both) = (gate(true), person(2, &[Role::Quality, Role::ClinicalOwner]));
    let approval = |actor| Approval { actor, signing: Some(&signing), gate: &good, conflicted: false };
    let first = decided(Stage::Shadow, &proposal, &approval(&both)).unwrap();
    assert_eq!((first.capacity, first.moved), (ApproverRole::Quality, None));
    proposal.signed.push((first.capacity, UserId::from_bits(2)));
    assert_eq!(code(decided(Stage::Shadow, &proposal, &approval(&both))), "approved_before");
    // Quality has spoken; another person of quality is not asked.
    let quality = person(3, &[Role::Quality]);
    assert_eq!(code(decided(Stage::Shadow, &proposal, &approval(&quality))), "approval_not_wanted");
    let owner = person(4, &[Role::Quality, Role::ClinicalOwner]);
    let second = decided(Stage::Shadow, &proposal, &approval(&owner)).unwrap();
    assert_eq!(second.capacity, ApproverRole::ClinicalOwner);
}

#[test]
fn who_proposed_never_approves_whatever_their_roles() {
    let open = proposal(Stage::Pilot, ProposalState::Open);
    let everything = person(1, &Role::ALL);
    let signing = signed(&open.id, Time::UNIX_EPOCH);
    let good = gate(true);
    let approval = Approval { actor: &everything, signing: Some(&signing), gate: &good, conflicted: false };
    assert_eq!(code(decided(Stage::Shadow, &open, &approval)), "same_person");
}

#[test]
fn an_approval_is_refused_without_role_signature_gate_or_open_proposal() {
    let now = Time::UNIX_EPOCH;
    let open = proposal(Stage::Pilot, ProposalState::Open);
    let quality = person(2, &[Role::Quality]);
    let signing = signed(&open.id, now);
    let (held, not_held) = (gate(true), gate(false));
    let good = Approval { actor: &quality, signing: Some(&signing), gate: &held, conflicted: false };
    let refused = |proposal: &ProposalFacts, approval| code(decided(Stage::Shadow, proposal, &approval));

    let administrator = person(3, &[Role::Administrator, Role::Radiologist]);
    assert_eq!(refused(&open, Approval { actor: &administrator, ..good }), "forbidden");
    assert_eq!(refused(&open, Approval { conflicted: true, ..good }), "conflict_declared");
    assert_eq!(refused(&open, Approval { signing: None, ..good }), "sign_again");
    let other = signed(&ProposalId::from_bits(6), now);
    assert_eq!(refused(&open, Approval { signing: Some(&other), ..good }), "sign_again");
    let stale = signed(&open.id, now - TimeDelta::minutes(3));
    assert_eq!(refused(&open, Approval { signing: Some(&stale), ..good }), "sign_again");
    assert_eq!(refused(&open, Approval { gate: &not_held, ..good }), "gate_not_held");
    for state in [ProposalState::Approved, ProposalState::Lapsed] {
        assert_eq!(refused(&proposal(Stage::Pilot, state), good), "proposal_closed");
    }
    let jump = proposal(Stage::General, ProposalState::Open);
    assert_eq!(refused(&jump, good), "not_one_step");
}

#[test]
fn one_person_demotes_at_once_to_any_lower_stage_without_a_reason() {
    for role in Role::ALL {
        let may = matches!(role, Role::Administrator | Role::Quality | Role::ClinicalOwner);
        for from in STAGES {
            for to in STAGES {
                let demotion = Demote { stage: to, reason: String::new() };
                let outcome = demote(at(from), &person(1, &[role]), &demotion);
                assert_eq!(outcome.is_ok(), may && to < from, "{role:?}: {from:?} to {to:?}");
            }
        }
    }
}

#[test]
fn a_case_is_released_and_sent_under_the_stage_it_was_made_at_or_held() {
    for stage in STAGES {
        for made_under in STAGES {
            let check = stage_check(stage, made_under);
            assert_eq!(check.may_release, made_under.is_clinical() && stage >= made_under);
            assert_eq!(check.may_send, check.may_release && made_under.delivers());
            assert_eq!(check.reason.is_empty(), check.may_release && check.may_send);
        }
    }
}

#[test]
fn a_demotion_never_lets_more_out() {
    for stage in STAGES {
        for lower in STAGES.into_iter().filter(|lower| *lower < stage) {
            for made_under in STAGES {
                let (before, after) = (stage_check(stage, made_under), stage_check(lower, made_under));
                assert!(before.may_release || !after.may_release);
                assert!(before.may_send || !after.may_send);
            }
        }
    }
}

#[test]
fn a_rule_asks_for_a_field_strength_that_a_scanner_of_mr_can_have() {
    let checked = |modality: &str, field_strength_t_min, field_strength_t_max| {
        let modality = modality.to_owned();
        let rule = UseRule { modality, field_strength_t_min, field_strength_t_max, ..UseRule::default() };
        check_use_rule(&rule)
    };
    assert_eq!(checked("MR", Some(1.4), Some(1.6)), Ok(()));
    assert_eq!(checked("CT", None, None), Ok(()));
    for (modality, least, most) in [
        ("CT", Some(1.4), None),
        ("MR", Some(1.6), Some(1.4)),
        ("MR", Some(0.0), None),
        ("MR", None, Some(15_000.0)),
        ("MR", None, Some(f64::NAN)),
    ] {
        let refused = checked(modality, least, most).unwrap_err();
        assert!(refused.remedy.contains("25 T"), "{modality}: {least:?} to {most:?}");
    }
}
