//! Stop rules act by themselves, and say what they did.

use crate::site::{How, Site, ct_series, refusal};
use chrono::TimeDelta;
use contract::review::ReadCounts;
use contract::rollout::{Conclude, Propose, ProposeStopRules, Stage, StopAction, StopRules, StopTest};
use contract::{Event, Role};
use database::on_both_databases;
use database::scratch::Scratch;

on_both_databases! {
    rejections_that_rise_move_the_deployment_down_and_open_a_recall_evaluation,
    one_critical_finding_suspends_as_soon_as_review_tells_of_the_case,
    a_case_is_counted_once_however_often_it_is_looked_at,
    after_a_stop_somebody_looks_into_it_before_a_promotion_is_proposed,
    r13_a_deployment_that_falls_silent_raises_one_alarm_and_keeps_its_stage,
    rules_are_versions_with_difference_and_author_and_follow_each_other,
    a_clinical_owner_proposes_no_rules_and_readers_see_none,
}

async fn rejections_that_rise_move_the_deployment_down_and_open_a_recall_evaluation(scratch: Scratch) {
    let site = Site::open(&scratch).await;
    let id = site.deploys("chest", Stage::General).await;
    let deployment = site.deployment(&id).await;
    for number in 0..40 {
        site.clock.advance(TimeDelta::minutes(1));
        let how = if number % 4 == 0 { How::Rejected } else { How::Released };
        site.case_ends(number, &deployment, how);
    }
    site.watch.sweep().await.unwrap();
    assert_eq!(site.deployment(&id).await.stage, Stage::Supervised);
    let view = site.quality().rollout().stop_view(&id).await.unwrap();
    let alarm = &view.alarms[0];
    assert_eq!((alarm.rule.as_str(), alarm.action), ("rejections rise", StopAction::Demote));
    assert_eq!((alarm.from, alarm.to, alarm.rules_version), (Stage::General, Stage::Supervised, 0));
    assert!(alarm.value >= alarm.bound && alarm.case.is_some());
    let evaluation = &view.recall_evaluations[0];
    assert_eq!((evaluation.cases.len(), &evaluation.alarm), (30, &alarm.id));
    // At its new stage the rule begins anew.
    assert!(view.states.iter().all(|state| !state.fired), "{:?}", view.states);
    let told = site.tells("stop_rule.fired", 1).await;
    assert!(
        matches!(&told[0].event, Event::StopRuleFired(fired) if (fired.bound - alarm.bound).abs() < 1e-9)
    );
    site.tells("recall_evaluation.opened", 1).await;
    let moved = site.tells("deployment.stage_changed", 1).await;
    assert_eq!(moved[0].actor, contract::Actor::service("rollout"));
    let closed = site
        .quality()
        .rollout()
        .recall_evaluation_close(&evaluation.id, &Conclude { conclusion: "none was harmed".to_owned() })
        .await
        .unwrap();
    assert_eq!(closed.conclusion.as_deref(), Some("none was harmed"));
}

async fn one_critical_finding_suspends_as_soon_as_review_tells_of_the_case(scratch: Scratch) {
    let site = Site::open(&scratch).await;
    let id = site.deploys("chest", Stage::Supervised).await;
    let deployment = site.deployment(&id).await;
    let case = site.case_ends(1, &deployment, How::Critical);
    site.review_tells_rejected(case.clone()).await;
    let fired = site.tells("stop_rule.fired", 1).await;
    assert!(matches!(&fired[0].event, Event::StopRuleFired(fired) if fired.action == StopAction::Suspend));
    assert_eq!(site.deployment(&id).await.stage, Stage::Suspended);
    let check = site.called_by("delivery").stage_check(&id, Stage::Supervised).await.unwrap();
    assert!(!check.may_release && !check.may_send, "what isn't released is held");
    let alarms = site.quality().rollout().alarms().await.unwrap();
    assert_eq!((alarms.len(), alarms[0].case.as_ref()), (1, Some(&case)));
}

async fn a_case_is_counted_once_however_often_it_is_looked_at(scratch: Scratch) {
    let site = Site::open(&scratch).await;
    let id = site.deploys("chest", Stage::General).await;
    let deployment = site.deployment(&id).await;
    site.case_ends(1, &deployment, How::Rejected);
    for _ in 0..5 {
        site.watch.sweep().await.unwrap();
    }
    let view = site.quality().rollout().stop_view(&id).await.unwrap();
    let state = view.states.iter().find(|state| state.rule == "rejections rise").unwrap();
    assert_eq!((state.cases, state.path.len(), state.fired), (1, 1, false));
}

async fn after_a_stop_somebody_looks_into_it_before_a_promotion_is_proposed(scratch: Scratch) {
    let site = Site::open(&scratch).await;
    let id = site.deploys("chest", Stage::General).await;
    let deployment = site.deployment(&id).await;
    site.case_ends(1, &deployment, How::Critical);
    site.watch.sweep().await.unwrap();
    let again = Propose { stage: Stage::Shadow, reason: "the scanner was repaired".to_owned() };
    let administrator = site.administrator().rollout();
    assert_eq!(refusal(administrator.propose(&id, &again).await).code, "stop_open");
    let alarm = site.quality().rollout().alarms().await.unwrap().remove(0);
    let found = Conclude { conclusion: "a broken detector".to_owned() };
    let coordinator = site.person(9, &[Role::Coordinator]).rollout();
    assert!(coordinator.alarm_acknowledge(&alarm.id, &found).await.is_err());
    let acknowledged = site.quality().rollout().alarm_acknowledge(&alarm.id, &found).await.unwrap();
    assert_eq!(acknowledged.acknowledged_by.as_deref(), Some("Person 2"));
    let twice = site.quality().rollout().alarm_acknowledge(&alarm.id, &found).await;
    assert_eq!(refusal(twice).code, "concluded_before");
    let proposal = administrator.propose(&id, &again).await.unwrap();
    // Two people, as for every step up.
    assert_eq!(refusal(site.administrator().approves(&proposal.id, "one").await).code, "same_person");
    assert_eq!(site.quality().approves(&proposal.id, "two").await.unwrap().stage, Stage::Shadow);
}

async fn r13_a_deployment_that_falls_silent_raises_one_alarm_and_keeps_its_stage(scratch: Scratch) {
    let site = Site::open(&scratch).await;
    let id = site.deploys("chest", Stage::Pilot).await;
    site.reads(ReadCounts::default());
    for number in 0..28 {
        site.clock.advance(TimeDelta::hours(2));
        site.has_ready(ct_series(number)).await;
        site.tells("run.requested", number as usize + 1).await;
    }
    site.clock.advance(TimeDelta::hours(20));
    site.watch.sweep().await.unwrap();
    assert!(site.quality().rollout().alarms().await.unwrap().is_empty());
    site.clock.advance(TimeDelta::hours(5));
    for _ in 0..3 {
        site.watch.sweep().await.unwrap();
    }
    let alarms = site.quality().rollout().alarms().await.unwrap();
    assert_eq!(alarms.len(), 1, "it says so once: {alarms:?}");
    assert!(alarms[0].note.contains("12 series were expected, 0 arrived"), "{}", alarms[0].note);
    assert_eq!(site.deployment(&id).await.stage, Stage::Pilot);
}

fn stricter(mut rules: StopRules) -> StopRules {
    for rule in &mut rules.rules {
        if let StopTest::Cusum { alarm, .. } = &mut rule.test {
            *alarm = 0.05;
        }
    }
    rules
}

async fn rules_are_versions_with_difference_and_author_and_follow_each_other(scratch: Scratch) {
    let site = Site::open(&scratch).await;
    let id = site.deploys("chest", Stage::Pilot).await;
    let quality = site.quality().rollout();
    let standard = quality.stop_view(&id).await.unwrap().rules;
    assert_eq!(standard.version, 0);
    let rules = stricter(standard.rules);
    let behaviour = quality.stop_rules_preview(&rules).await.unwrap();
    assert!(behaviour.iter().any(|row| row.acceptable && row.alarms_per_year <= 0.5));
    let change = ProposeStopRules { rules, reason: "smaller harm".to_owned(), follows: 0 };
    let proposed = quality.stop_rules_propose(&id, &change).await.unwrap();
    assert_eq!(proposed.difference.len(), 2, "{:?}", proposed.difference);
    assert_eq!(quality.stop_view(&id).await.unwrap().rules.version, 0, "one person alone changes nothing");
    site.owner().adopts(&proposed.id, "n1").await.unwrap();
    assert_eq!(refusal(quality.stop_rules_propose(&id, &change).await).code, "rules_overtaken");
    let view = quality.stop_view(&id).await.unwrap();
    assert_eq!((view.rules.version, view.rules.changed_by.as_deref()), (1, Some("Person 5")));
    assert_eq!((view.rules.difference.len(), view.former.len(), view.proposals.len()), (2, 1, 1));
    site.tells("stop_rules.changed", 1).await;
}

async fn a_clinical_owner_proposes_no_rules_and_readers_see_none(scratch: Scratch) {
    let site = Site::open(&scratch).await;
    let id = site.deploys("chest", Stage::Pilot).await;
    let rules = site.quality().rollout().stop_view(&id).await.unwrap().rules.rules;
    let change = ProposeStopRules { rules, reason: "mine".to_owned(), follows: 0 };
    assert!(site.owner().rollout().stop_rules_propose(&id, &change).await.is_err());
    let reader = site.person(4, &[Role::Radiologist]).rollout();
    assert!(reader.stop_view(&id).await.is_err() && reader.alarms().await.is_err());
}
