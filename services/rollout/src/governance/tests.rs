use super::*;
use contract::LoginSessionId;

fn person(number: u128, roles: &[Role]) -> Actor {
    Actor::Person {
        user: UserId::from_bits(number),
        username: format!("person{number}"),
        printed_name: format!("Person {number}"),
        roles: roles.to_vec(),
        login: LoginSessionId::from_bits(number),
    }
}

fn open() -> RulesFacts {
    RulesFacts {
        id: RulesProposalId::from_bits(1),
        proposed_by: UserId::from_bits(1),
        state: RulesState::Open,
        follows: 3,
        in_force: 3,
    }
}

fn signing(subject: &str) -> SigningClaims {
    SigningClaims {
        auth_time: Time::UNIX_EPOCH,
        amr: vec!["pwd".to_owned()],
        subject: subject.to_owned(),
        nonce: "n1".to_owned(),
    }
}

fn code<T: std::fmt::Debug>(outcome: Result<T, Refusal>) -> String {
    outcome.unwrap_err().code
}

#[test]
fn quality_and_administrators_propose_with_a_reason() {
    for role in Role::ALL {
        let may = matches!(role, Role::Quality | Role::Administrator);
        assert_eq!(propose(&person(1, &[role]), "too strict for us").is_ok(), may, "{role:?}");
    }
    assert_eq!(code(propose(&person(1, &[Role::Quality]), " ")), "reason_missing");
}

#[test]
fn another_person_of_quality_or_the_clinical_owner_adopts_with_a_signature() {
    let proposal = open();
    let signature = signing(proposal.id.as_str());
    for role in Role::ALL {
        let actor = person(2, &[role]);
        let adopting = Decision { actor: &actor, signing: Some(&signature), adopt: true };
        let may = matches!(role, Role::Quality | Role::ClinicalOwner);
        assert_eq!(decide(&proposal, &adopting, Time::UNIX_EPOCH).is_ok(), may, "{role:?}");
    }
    let actor = person(2, &[Role::Quality]);
    let decision = |signing, adopt| Decision { actor: &actor, signing, adopt };
    let other = signing("another subject");
    for bad in [None, Some(&other)] {
        assert_eq!(code(decide(&proposal, &decision(bad, true), Time::UNIX_EPOCH)), "sign_again");
    }
    decide(&proposal, &decision(None, false), Time::UNIX_EPOCH).unwrap();
}

#[test]
fn who_proposed_takes_it_back_and_never_adopts_it() {
    let (proposal, everything) = (open(), person(1, &Role::ALL));
    let signature = signing(proposal.id.as_str());
    let own = |adopt| Decision { actor: &everything, signing: Some(&signature), adopt };
    assert_eq!(code(decide(&proposal, &own(true), Time::UNIX_EPOCH)), "same_person");
    let administrator = person(1, &[Role::Administrator]);
    let back = Decision { actor: &administrator, signing: None, adopt: false };
    decide(&proposal, &back, Time::UNIX_EPOCH).unwrap();
}

#[test]
fn what_was_decided_or_overtaken_is_not_adopted() {
    let quality = person(2, &[Role::Quality]);
    let signature = signing(open().id.as_str());
    let adopting = Decision { actor: &quality, signing: Some(&signature), adopt: true };
    for state in [RulesState::Adopted, RulesState::Declined] {
        let decided = RulesFacts { state, ..open() };
        assert_eq!(code(decide(&decided, &adopting, Time::UNIX_EPOCH)), "proposal_closed");
    }
    let overtaken = RulesFacts { in_force: 4, ..open() };
    assert_eq!(code(decide(&overtaken, &adopting, Time::UNIX_EPOCH)), "rules_overtaken");
}
