//! Stages go up by two people on evidence, and down at once.

use crate::site::{Site, refusal};
use contract::review::ReadCounts;
use contract::rollout::{
    ApproverRole, DecideRules, Demote, DeploymentLabel, GatePolicy, ProposalState, Propose,
    ProposeGatePolicy, RulesState, Stage,
};
use contract::{Event, Role};
use database::scratch::Scratch;
use std::collections::BTreeSet;

const GOOD_READS: ReadCounts =
    ReadCounts { ended: 3, accepted: 3, discordant: 0, critical_findings: 0, readers: 3, cases: Vec::new() };

fn to(stage: Stage) -> Propose {
    Propose { stage, reason: "the reads are good".to_owned() }
}

fn down_to(stage: Stage) -> Demote {
    Demote { stage, reason: String::new() }
}

async fn one_proposes_three_approve_and_the_stage_goes_up(scratch: Scratch) {
    let site = Site::open(&scratch).await;
    let chest = site.deploys("chest", Stage::Shadow).await;
    site.reads(GOOD_READS);
    let proposal = site.administrator().rollout().propose(&chest, &to(Stage::Pilot)).await.unwrap();
    assert!(proposal.gate.held);
    assert_eq!(
        proposal.wanted,
        [ApproverRole::Quality, ApproverRole::ClinicalOwner, ApproverRole::Physicist]
    );

    // The proposer has the role too, and still can't.
    assert_eq!(refusal(site.administrator().approves(&proposal.id, "n1").await).code, "same_person");
    let unsigned = site.quality().rollout().approve(&proposal.id).await;
    assert_eq!(refusal(unsigned).code, "sign_again");
    let waiting = site.quality().approves(&proposal.id, "n2").await.unwrap();
    assert_eq!((waiting.stage, waiting.proposals[0].state), (Stage::Shadow, ProposalState::Open));
    assert_eq!(waiting.proposals[0].wanted, [ApproverRole::ClinicalOwner, ApproverRole::Physicist]);
    let twice = site.quality().approves(&proposal.id, "n3").await;
    assert_eq!(refusal(twice).code, "approved_before");
    site.physicist().approves(&proposal.id, "n4").await.unwrap();
    let deployment = site.owner().approves(&proposal.id, "n5").await.unwrap();
    assert_eq!((deployment.stage, deployment.banner.clone()), (Stage::Pilot, None));
    let approved = &deployment.proposals[0];
    assert_eq!((approved.state, approved.wanted.len()), (ProposalState::Approved, 0));
    let names: BTreeSet<_> = approved.approvals.iter().map(|approval| approval.by.as_str()).collect();
    assert_eq!(names, ["Person 2", "Person 5", "Person 6"].into());
    let again = site.quality().approves(&proposal.id, "n6").await;
    assert_eq!(refusal(again).code, "proposal_closed");

    site.tells("promotion.signed", 3).await;
    site.tells("promotion.approved", 1).await;
    let changes = site.tells("deployment.stage_changed", 1).await;
    let expected = Event::StageChanged { deployment: chest, from: Stage::Shadow, to: Stage::Pilot };
    assert_eq!(changes[0].event, expected);
}

async fn who_is_too_close_to_the_model_does_not_approve_it(scratch: Scratch) {
    let site = Site::open(&scratch).await;
    let chest = site.deploys("chest", Stage::Shadow).await;
    site.reads(GOOD_READS);
    let proposal = site.administrator().rollout().propose(&chest, &to(Stage::Pilot)).await.unwrap();
    site.is_too_close(2, &chest);
    assert_eq!(refusal(site.quality().approves(&proposal.id, "n1").await).code, "conflict_declared");
    site.owner().approves(&proposal.id, "n2").await.unwrap();
}

async fn what_gates_ask_is_changed_by_two_people(scratch: Scratch) {
    let site = Site::open_under(&scratch, GatePolicy::default()).await;
    let chest = site.deploys("chest", Stage::Shadow).await;
    site.reads(GOOD_READS);
    let administrator = site.administrator().rollout();
    let proposal = administrator.propose(&chest, &to(Stage::Pilot)).await.unwrap();
    assert_eq!(refusal(site.quality().approves(&proposal.id, "n1").await).code, "gate_not_held");

    let wish = ProposeGatePolicy { policy: GatePolicy::demo(), reason: "a trial".to_owned(), follows: 0 };
    let proposed = administrator.gate_policy_propose(&wish).await.unwrap();
    assert!(proposed.difference.contains(&"pilot: days 28 → 0".to_owned()), "{:?}", proposed.difference);
    let other = site.quality().rollout().gate_policy_propose(&wish).await;
    assert_eq!(refusal(other).code, "proposal_open");
    assert_eq!(refusal(site.administrator().adopts(&proposed.id, "n2").await).code, "same_person");
    assert_eq!(refusal(site.physicist().adopts(&proposed.id, "n3").await).code, "forbidden");
    let adopted = site.quality().adopts(&proposed.id, "n4").await.unwrap();
    assert_eq!((adopted.state, adopted.decided_by.as_deref()), (RulesState::Adopted, Some("Person 2")));
    assert_eq!(refusal(site.owner().adopts(&proposed.id, "n5").await).code, "proposal_closed");

    let policies = administrator.gate_policies().await.unwrap();
    assert_eq!((policies.in_force.number, policies.in_force.policy.version.as_str()), (1, "site-1"));
    assert_eq!(policies.former[0].policy.version, "standard-3");
    site.approve_all(&proposal.id).await;
    let changed = site.tells("gate_policy.changed", 1).await;
    assert!(matches!(&changed[0].event, Event::GatePolicyChanged(told) if told.version == "site-1"));
    let outdated = site.quality().rollout().gate_policy_propose(&wish).await;
    assert_eq!(refusal(outdated).code, "rules_overtaken");
}

async fn proposed_rules_are_taken_back_by_who_proposed_them(scratch: Scratch) {
    let site = Site::open(&scratch).await;
    let wish = ProposeGatePolicy { policy: GatePolicy::default(), reason: "stricter".to_owned(), follows: 0 };
    let administrator = site.administrator().rollout();
    let proposed = administrator.gate_policy_propose(&wish).await.unwrap();
    let back = administrator.rules_decide(&proposed.id, DecideRules { adopt: false }).await.unwrap();
    assert_eq!(back.state, RulesState::Declined);
    assert_eq!(administrator.gate_policies().await.unwrap().in_force.number, 0);
    administrator.gate_policy_propose(&wish).await.unwrap();
}

async fn a_gate_that_does_not_hold_can_t_be_overridden(scratch: Scratch) {
    let site = Site::open_under(&scratch, GatePolicy::default()).await;
    let chest = site.deploys("chest", Stage::Shadow).await;
    site.reads(GOOD_READS);
    let proposal = site.administrator().rollout().propose(&chest, &to(Stage::Pilot)).await.unwrap();
    let refused = refusal(site.quality().approves(&proposal.id, "n1").await);
    assert_eq!(refused.code, "gate_not_held");
    assert!(refused.message.contains("standard-3") && refused.message.contains("insufficient evidence"));
}

async fn a_signature_is_used_once(scratch: Scratch) {
    let site = Site::open(&scratch).await;
    let chest = site.deploys("chest", Stage::Shadow).await;
    site.reads(GOOD_READS);
    let administrator = site.administrator().rollout();
    let first = administrator.propose(&chest, &to(Stage::Pilot)).await.unwrap();
    site.quality().approves(&first.id, "n1").await.unwrap();
    let replayed = site.owner().approves(&first.id, "n1").await;
    assert_eq!(refusal(replayed).code, "signature_used");
    assert_eq!(site.approve_all(&first.id).await, Stage::Pilot);
}

async fn a_demotion_is_at_once_holds_what_was_made_and_lets_proposals_lapse(scratch: Scratch) {
    let site = Site::open(&scratch).await;
    let chest = site.deploys("chest", Stage::Supervised).await;
    site.reads(GOOD_READS);
    let asked = |stage| {
        let delivery = site.called_by("delivery");
        let chest = chest.clone();
        async move { delivery.stage_check(&chest, stage).await.unwrap() }
    };
    assert!(asked(Stage::Supervised).await.may_send);
    let proposal = site.administrator().rollout().propose(&chest, &to(Stage::General)).await.unwrap();

    let demoted = site.quality().rollout().demote(&chest, &down_to(Stage::Pilot)).await.unwrap();
    assert_eq!(demoted.stage, Stage::Pilot);
    assert_eq!(demoted.proposals[0].state, ProposalState::Lapsed);
    let held = asked(Stage::Supervised).await;
    assert!(!held.may_release && !held.may_send && held.reason.contains("it is held"));
    assert_eq!(refusal(site.quality().approves(&proposal.id, "n1").await).code, "proposal_closed");

    let suspended = site.quality().rollout().demote(&chest, &down_to(Stage::Suspended)).await.unwrap();
    assert_eq!(suspended.stage, Stage::Suspended);
    let refused = site.quality().rollout().demote(&chest, &down_to(Stage::Suspended)).await;
    assert_eq!(refusal(refused).code, "not_lower");
    assert_eq!(site.tells("deployment.stage_changed", 2).await.len(), 2);
}

async fn two_people_who_move_one_deployment_at_once_do_not_both_succeed(scratch: Scratch) {
    let site = Site::open(&scratch).await;
    let chest = site.deploys("chest", Stage::Shadow).await;
    site.reads(GOOD_READS);
    let proposal = site.administrator().rollout().propose(&chest, &to(Stage::Pilot)).await.unwrap();
    site.quality().approves(&proposal.id, "n0").await.unwrap();
    site.owner().approves(&proposal.id, "n1").await.unwrap();
    let (one, other) = (site.physicist(), site.person(7, &[Role::Physicist]));
    let both = tokio::join!(one.approves(&proposal.id, "n2"), other.approves(&proposal.id, "n3"));
    assert!(both.0.is_ok() != both.1.is_ok());
    assert_eq!(site.tells("deployment.stage_changed", 1).await.len(), 1);
}

async fn a_reader_learns_what_a_deployment_is_called_but_not_its_counts(scratch: Scratch) {
    let site = Site::open(&scratch).await;
    let chest = site.deploys("chest", Stage::Pilot).await;
    let reader = site.person(4, &[Role::Radiologist]).rollout();
    let labels = reader.deployment_labels().await.unwrap();
    let expected = DeploymentLabel {
        texture_percent: 0,
        id: chest.clone(),
        name: "chest".to_owned(),
        stage: Stage::Pilot,
        banner: labels[0].banner.clone(),
    };
    assert_eq!(labels, [expected]);
    assert!(reader.deployments().await.is_err());
    assert!(reader.deployment(&chest).await.is_err());
}

database::on_both_databases!(
    a_reader_learns_what_a_deployment_is_called_but_not_its_counts,
    one_proposes_three_approve_and_the_stage_goes_up,
    who_is_too_close_to_the_model_does_not_approve_it,
    what_gates_ask_is_changed_by_two_people,
    proposed_rules_are_taken_back_by_who_proposed_them,
    a_gate_that_does_not_hold_can_t_be_overridden,
    a_signature_is_used_once,
    a_demotion_is_at_once_holds_what_was_made_and_lets_proposals_lapse,
    two_people_who_move_one_deployment_at_once_do_not_both_succeed,
);
