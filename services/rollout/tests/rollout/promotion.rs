//! Stages go up by two people on evidence, and down at once.

use crate::site::{Site, refusal};
use contract::review::ReadCounts;
use contract::rollout::{Demote, DeploymentLabel, ProposalState, Propose, Stage};
use contract::{Event, Role};
use database::scratch::Scratch;
use rollout::Policy;

const GOOD_READS: ReadCounts =
    ReadCounts { ended: 3, released: 3, discordant: 0, critical_findings: 0, readers: 3 };

fn to(stage: Stage) -> Propose {
    Propose { stage, reason: "the reads are good".to_owned() }
}

fn down_to(stage: Stage) -> Demote {
    Demote { stage, reason: String::new() }
}

async fn one_proposes_another_approves_and_the_stage_goes_up(scratch: Scratch) {
    let site = Site::open(&scratch).await;
    let chest = site.deploys("chest", Stage::Shadow).await;
    site.reads(GOOD_READS);
    let proposal = site.administrator().rollout().propose(&chest, &to(Stage::Pilot)).await.unwrap();
    assert!(proposal.gate.held);

    // The proposer has the role too, and still can't.
    assert_eq!(refusal(site.administrator().approves(&proposal.id, "n1").await).code, "same_person");
    let unsigned = site.quality().rollout().approve(&proposal.id).await;
    assert_eq!(refusal(unsigned).code, "sign_again");
    let deployment = site.quality().approves(&proposal.id, "n2").await.unwrap();
    assert_eq!(deployment.stage, Stage::Pilot);
    assert_eq!(deployment.banner, None);
    assert_eq!(deployment.proposals[0].state, ProposalState::Approved);
    assert_eq!(deployment.proposals[0].approved_by.as_deref(), Some("Person 2"));
    let again = site.quality().approves(&proposal.id, "n3").await;
    assert_eq!(refusal(again).code, "proposal_closed");

    site.tells("promotion.approved", 1).await;
    let changes = site.tells("deployment.stage_changed", 1).await;
    let expected = Event::StageChanged { deployment: chest, from: Stage::Shadow, to: Stage::Pilot };
    assert_eq!(changes[0].event, expected);
}

async fn a_gate_that_does_not_hold_can_t_be_overridden(scratch: Scratch) {
    let site = Site::open_under(&scratch, Policy::default()).await;
    let chest = site.deploys("chest", Stage::Shadow).await;
    site.reads(GOOD_READS);
    let proposal = site.administrator().rollout().propose(&chest, &to(Stage::Pilot)).await.unwrap();
    let refused = refusal(site.quality().approves(&proposal.id, "n1").await);
    assert_eq!(refused.code, "gate_not_held");
    assert!(refused.message.contains("standard-1") && refused.message.contains("insufficient evidence"));
}

async fn a_signature_is_used_once(scratch: Scratch) {
    let site = Site::open(&scratch).await;
    let chest = site.deploys("chest", Stage::Shadow).await;
    site.reads(GOOD_READS);
    let administrator = site.administrator().rollout();
    let first = administrator.propose(&chest, &to(Stage::Pilot)).await.unwrap();
    site.quality().approves(&first.id, "n1").await.unwrap();
    let second = administrator.propose(&chest, &to(Stage::Supervised)).await.unwrap();
    assert_eq!(refusal(site.quality().approves(&second.id, "n1").await).code, "signature_used");
    assert_eq!(site.quality().approves(&second.id, "n2").await.unwrap().stage, Stage::Supervised);
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
    let (quality, owner) = (site.quality(), site.person(3, &[Role::ClinicalOwner]));
    let both = tokio::join!(quality.approves(&proposal.id, "n1"), owner.approves(&proposal.id, "n2"));
    assert!(both.0.is_ok() != both.1.is_ok());
    assert_eq!(site.tells("deployment.stage_changed", 1).await.len(), 1);
}

async fn a_reader_learns_what_a_deployment_is_called_but_not_its_counts(scratch: Scratch) {
    let site = Site::open(&scratch).await;
    let chest = site.deploys("chest", Stage::Pilot).await;
    let reader = site.person(4, &[Role::Radiologist]).rollout();
    let labels = reader.deployment_labels().await.unwrap();
    let expected = DeploymentLabel {
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
    one_proposes_another_approves_and_the_stage_goes_up,
    a_gate_that_does_not_hold_can_t_be_overridden,
    a_signature_is_used_once,
    a_demotion_is_at_once_holds_what_was_made_and_lets_proposals_lapse,
    two_people_who_move_one_deployment_at_once_do_not_both_succeed,
);
