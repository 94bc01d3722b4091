use super::*;
use crate::fixtures::{person, start};
use chrono::TimeDelta;
use contract::Role;

fn candidate(number: u128, standing: Standing) -> Candidate {
    Candidate {
        case: CaseId::from_bits(number),
        deployment: DeploymentId::from_bits(number % 2),
        model: ModelVersionId::from_bits(1),
        released_at: start() + TimeDelta::minutes(i64::try_from(number).unwrap()),
        standing,
    }
}

fn released(numbers: &[u128]) -> Vec<Candidate> {
    numbers.iter().map(|number| candidate(*number, Standing::Released)).collect()
}

fn of_version() -> RecallSelection {
    RecallSelection { model: Some(ModelVersionId::from_bits(1)), ..RecallSelection::default() }
}

fn user(number: u128) -> UserId {
    UserId::from_bits(number)
}

fn proposal(seen: SelectedSet) -> Proposal {
    Proposal {
        id: RecallCampaignId::from_bits(1),
        selection: of_version(),
        by: user(20),
        words: "streaks over the liver".to_owned(),
        seen,
    }
}

fn proposed(candidates: &[Candidate]) -> Campaign {
    propose(proposal(set(candidates)), candidates, start()).unwrap()
}

fn second(number: u128, seen: SelectedSet) -> Second {
    let (user, actor) = (user(number), person(number, &[Role::Quality]));
    Second { user, actor, request: "request_1".to_owned(), seen }
}

#[test]
fn a_selection_names_something_and_ends_after_it_begins() {
    assert_eq!(check(&RecallSelection::default()).unwrap_err().code, "selection_empty");
    let (from, until) = (start(), start() - TimeDelta::seconds(1));
    let backwards = RecallSelection { from: Some(from), until: Some(until), ..RecallSelection::default() };
    assert_eq!(check(&backwards).unwrap_err().code, "selection_span");
    let instant = RecallSelection { from: Some(from), until: Some(from), ..RecallSelection::default() };
    let open = RecallSelection { from: Some(from), ..RecallSelection::default() };
    for named in [of_version(), instant, open] {
        check(&named).unwrap();
    }
}

/// Version × deployment × span: covered only when every criterion that is given holds; both ends belong to the span.
#[test]
fn a_selection_covers_what_meets_every_criterion() {
    let (model, deployment) = (ModelVersionId::from_bits(1), DeploymentId::from_bits(1));
    let others = (ModelVersionId::from_bits(2), DeploymentId::from_bits(2));
    let (from, until) = (start(), start() + TimeDelta::hours(1));
    for given in 0..16_u8 {
        let selection = RecallSelection {
            model: (given & 1 > 0).then(|| model.clone()),
            deployment: (given & 2 > 0).then(|| deployment.clone()),
            from: (given & 4 > 0).then_some(from),
            until: (given & 8 > 0).then_some(until),
        };
        assert!(
            covers(&selection, &model, &deployment, from) && covers(&selection, &model, &deployment, until)
        );
        let covered = |model, deployment, at| covers(&selection, model, deployment, at);
        assert_eq!(covered(&others.0, &deployment, from), given & 1 == 0);
        assert_eq!(covered(&model, &others.1, from), given & 2 == 0);
        assert_eq!(covered(&model, &deployment, from - TimeDelta::microseconds(1)), given & 4 == 0);
        assert_eq!(covered(&model, &deployment, until + TimeDelta::microseconds(1)), given & 8 == 0);
    }
}

#[test]
fn a_preview_counts_each_released_case_once_and_would_take_back_the_rest() {
    let mut candidates = released(&[1, 2, 3]);
    candidates.push(candidate(4, Standing::Recalled));
    candidates.push(candidate(5, Standing::RecallProposed));
    let preview = preview(&candidates, start());
    assert_eq!((preview.released, preview.recalled, preview.recall_proposed), (5, 1, 1));
    assert_eq!(preview.set, set_of(&[1, 2, 3].map(CaseId::from_bits)));
    assert_eq!(preview.cases.len(), 3);
    let rows: Vec<_> = preview.deployments.iter().map(|row| (row.released, row.recalled)).collect();
    assert_eq!(rows, [(2, 1), (3, 0)], "even and odd");
}

#[test]
fn a_set_is_the_same_in_whatever_order_and_another_with_another_case() {
    assert_eq!(set(&released(&[1, 2, 3])), set(&released(&[3, 1, 2])));
    assert_ne!(set(&released(&[1, 2, 3])), set(&released(&[1, 2, 4])));
}

#[test]
fn what_is_proposed_and_confirmed_is_the_set_that_was_shown() {
    let (shown, later) = (released(&[1, 2]), released(&[1, 2, 3]));
    let changed = propose(proposal(set(&shown)), &later, start());
    assert_eq!(changed.unwrap_err().code, "selection_changed");
    let campaign = proposed(&shown);
    assert_eq!(campaign.state(), CampaignState::Proposed);
    let named: BTreeSet<CaseId> = shown.iter().map(|candidate| candidate.case.clone()).collect();
    let seen = now(&later, &named);
    assert_eq!((seen.released_since, seen.no_longer), (1, 0));
    assert_eq!(selected(&later[2], Some(&named)).state, SelectedState::ReleasedSince);
    let stale = confirm(&campaign, &later, second(21, campaign.named), start());
    assert_eq!(stale.unwrap_err().code, "selection_changed");
    let confirmed = confirm(&campaign, &later, second(21, seen.set), start()).unwrap();
    assert_eq!(confirmed.state(), CampaignState::UnderWay);
    assert_eq!(confirmed.confirmation.unwrap().set, set(&later));
}

#[test]
fn a_case_that_was_recalled_alone_meanwhile_is_left_and_changes_the_set() {
    let shown = released(&[1, 2]);
    let campaign = proposed(&shown);
    let meanwhile = vec![candidate(1, Standing::Recalled), candidate(2, Standing::Released)];
    let named: BTreeSet<CaseId> = shown.iter().map(|candidate| candidate.case.clone()).collect();
    let seen = now(&meanwhile, &named);
    assert_eq!((seen.set.cases, seen.no_longer), (1, 1));
    let left = selected(&meanwhile[0], Some(&named));
    assert_eq!((left.state, left.reason_code.as_deref()), (SelectedState::Left, Some("recalled_before")));
    assert!(confirm(&campaign, &meanwhile, second(21, campaign.named), start()).is_err());
    confirm(&campaign, &meanwhile, second(21, seen.set), start()).unwrap();
}

#[test]
fn a_campaign_takes_two_people_and_is_decided_once() {
    let shown = released(&[1]);
    let campaign = proposed(&shown);
    let own = confirm(&campaign, &shown, second(20, campaign.named), start());
    assert_eq!(own.unwrap_err().code, "recall_same_person");
    let confirmed = confirm(&campaign, &shown, second(21, campaign.named), start()).unwrap();
    let code = |refused: Result<Campaign, Refusal>| refused.unwrap_err().code;
    assert_eq!(code(confirm(&confirmed, &shown, second(22, campaign.named), start())), "campaign_confirmed");
    assert_eq!(code(withdraw(&confirmed, &user(20), "not needed", start())), "campaign_confirmed");
    assert_eq!(code(withdraw(&campaign, &user(20), " ", start())), "reason_missing");
    let withdrawn = withdraw(&campaign, &user(20), "not needed", start()).unwrap();
    assert_eq!(withdrawn.state(), CampaignState::Withdrawn);
    assert_eq!(code(confirm(&withdrawn, &shown, second(21, campaign.named), start())), "campaign_withdrawn");
}

#[test]
fn nothing_and_too_much_are_refused() {
    let recalled = vec![candidate(1, Standing::Recalled)];
    let nothing = propose(proposal(set(&recalled)), &recalled, start());
    assert_eq!(nothing.unwrap_err().code, "selection_without_cases");
    let many: Vec<u128> = (0..=CASES_MAX as u128).collect();
    let many = released(&many);
    assert_eq!(propose(proposal(set(&many)), &many, start()).unwrap_err().code, "selection_too_large");
    check_size(&many[1..]).unwrap();
}
