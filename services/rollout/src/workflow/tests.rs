use super::*;
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
    ProposalFacts { id: ProposalId::from_bits(5), stage, proposed_by: UserId::from_bits(1), state }
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
fn another_person_approves_what_holds() {
    let now = Time::UNIX_EPOCH;
    let open = proposal(Stage::Pilot, ProposalState::Open);
    let signing = signed(&open.id, now);
    for role in [Role::Quality, Role::ClinicalOwner] {
        let actor = person(2, &[role]);
        let approval = Approval { actor: &actor, signing: Some(&signing), gate: &gate(true) };
        let expected = StageMove { from: Stage::Shadow, to: Stage::Pilot };
        assert_eq!(approve(at(Stage::Shadow), &open, &approval, now), Ok(expected));
    }
}

#[test]
fn who_proposed_never_approves_whatever_their_roles() {
    let now = Time::UNIX_EPOCH;
    let open = proposal(Stage::Pilot, ProposalState::Open);
    let everything = person(1, &Role::ALL);
    let signing = signed(&open.id, now);
    let approval = Approval { actor: &everything, signing: Some(&signing), gate: &gate(true) };
    assert_eq!(code(approve(at(Stage::Shadow), &open, &approval, now)), "same_person");
}

#[test]
fn an_approval_is_refused_without_role_signature_gate_or_open_proposal() {
    let now = Time::UNIX_EPOCH;
    let open = proposal(Stage::Pilot, ProposalState::Open);
    let quality = person(2, &[Role::Quality]);
    let signing = signed(&open.id, now);
    let good = Approval { actor: &quality, signing: Some(&signing), gate: &gate(true) };
    let refused = |proposal: &ProposalFacts, approval: Approval<'_>| {
        code(approve(at(Stage::Shadow), proposal, &approval, now))
    };

    let administrator = person(3, &[Role::Administrator, Role::Radiologist]);
    assert_eq!(refused(&open, Approval { actor: &administrator, ..good }), "forbidden");
    assert_eq!(refused(&open, Approval { signing: None, ..good }), "sign_again");
    let other = signed(&ProposalId::from_bits(6), now);
    assert_eq!(refused(&open, Approval { signing: Some(&other), ..good }), "sign_again");
    let stale = signed(&open.id, now - TimeDelta::minutes(3));
    assert_eq!(refused(&open, Approval { signing: Some(&stale), ..good }), "sign_again");
    assert_eq!(refused(&open, Approval { gate: &gate(false), ..good }), "gate_not_held");
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
