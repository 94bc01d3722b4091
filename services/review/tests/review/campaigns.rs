//! Recalls of whole selections: shown, proposed, confirmed over what was shown, and carried out once, over the wire.

use crate::clinic::{Clinic, refusal, why};
use chrono::TimeDelta;
use contract::generation::Run;
use contract::review::{
    CampaignState, CaseState, ConfirmCampaign, ProposeCampaign, RecallCampaign, RecallSelection,
    SelectedPage, SelectedSet, SelectedState, Verdict,
};
use contract::rollout::Stage;
use contract::{CaseId, DeploymentId, Envelope, ModelVersionId, PageRequest, Role, SeriesId, UserId};
use database::scratch::Scratch;
use review::recall;
use std::collections::BTreeSet;

database::on_both_databases!(
    everything_a_version_released_is_taken_back_by_two_people,
    what_is_confirmed_is_what_was_shown_also_when_more_was_released_since,
    nothing_of_a_proposed_recall_is_sent_until_it_is_withdrawn,
    a_recall_that_dies_midway_is_completed_with_each_effect_once,
    two_processes_carry_one_recall_out_once,
    a_selection_is_a_version_a_deployment_and_a_span_and_is_read_by_the_page,
    who_may_not_know_every_ending_of_a_selection_takes_none_of_it_back,
);

fn of_version() -> RecallSelection {
    RecallSelection { model: Some(ModelVersionId::from_bits(1)), ..RecallSelection::default() }
}

async fn releases(clinic: &Clinic, deployment: u128) -> CaseId {
    let series = SeriesId::from_bits(u128::from(clinic.clock_now().timestamp_micros().unsigned_abs()));
    let deployment = DeploymentId::from_bits(deployment);
    let run = Run { deployment, ..clinic.run_on(series, Stage::General) };
    clinic.completes(&run).await;
    let case = clinic.case_of(&run).await;
    clinic.radiologist(1).reads(&case, Verdict::Accept).await;
    clinic.radiologist(2).reads(&case, Verdict::Accept).await;
    clinic.concludes().await;
    clinic.clock.advance(TimeDelta::minutes(1));
    case
}

async fn recalls_alone(clinic: &Clinic, case: &CaseId) {
    clinic.quality().review().propose_recall(case, &why()).await.unwrap();
    clinic.person(23, &[Role::Quality]).review().confirm_recall(case).await.unwrap();
}

async fn shown(clinic: &Clinic, selection: &RecallSelection) -> SelectedSet {
    clinic.quality().review().recall_preview(selection).await.unwrap().set
}

async fn proposes(clinic: &Clinic, selection: RecallSelection) -> RecallCampaign {
    let set = shown(clinic, &selection).await;
    let command = ProposeCampaign { selection, set, reason: why().reason };
    clinic.quality().review().propose_recall_campaign(&command).await.unwrap()
}

async fn confirms(clinic: &Clinic, campaign: &RecallCampaign) -> RecallCampaign {
    let second = clinic.person(23, &[Role::Quality]).review();
    let now = second.recall_campaign(&campaign.id).await.unwrap().unwrap().now.unwrap();
    second.confirm_recall_campaign(&campaign.id, &ConfirmCampaign { set: now.set }).await.unwrap()
}

async fn looks(clinic: &Clinic, campaign: &RecallCampaign) -> RecallCampaign {
    clinic.coordinator().review().recall_campaign(&campaign.id).await.unwrap().unwrap()
}

async fn may_send(clinic: &Clinic, case: &CaseId) -> bool {
    let release = clinic.overview(case).await.release.unwrap();
    clinic.called_by("delivery").release_check(&release).await.unwrap().may_send
}

fn count(told: &[Envelope], kind: &str) -> usize {
    told.iter().filter(|told| told.event.kind() == kind).count()
}

async fn everything_a_version_released_is_taken_back_by_two_people(scratch: Scratch) {
    let clinic = Clinic::at_once(&scratch).await;
    let (first, before, last) =
        (releases(&clinic, 1).await, releases(&clinic, 1).await, releases(&clinic, 2).await);
    recalls_alone(&clinic, &before).await;
    let unreleased = clinic.queues_case().await;
    let quality = clinic.quality().review();
    let preview = quality.recall_preview(&of_version()).await.unwrap();
    assert_eq!((preview.released, preview.recalled, preview.set.cases), (3, 1, 2));
    let rows: Vec<_> = preview.deployments.iter().map(|row| (row.released, row.recalled)).collect();
    assert_eq!(rows, [(2, 1), (1, 0)]);

    let silent = ProposeCampaign { selection: of_version(), set: preview.set, reason: " ".to_owned() };
    assert_eq!(refusal(quality.propose_recall_campaign(&silent).await), "reason_missing");
    let proposed = proposes(&clinic, of_version()).await;
    assert_eq!((proposed.state, proposed.named.cases), (CampaignState::Proposed, 2));
    let own = quality.confirm_recall_campaign(&proposed.id, &ConfirmCampaign { set: proposed.named }).await;
    assert_eq!(refusal(own), "recall_same_person");
    recall::once(&clinic.shell, || true).await.unwrap();
    assert_eq!(
        clinic.overview(&first).await.state,
        Some(CaseState::Released),
        "one person takes nothing back"
    );

    let confirmed = confirms(&clinic, &proposed).await;
    assert_eq!((confirmed.state, confirmed.waiting, confirmed.left), (CampaignState::UnderWay, 2, 1));
    for _ in 0..2 {
        recall::once(&clinic.shell, || true).await.unwrap();
    }
    let done = looks(&clinic, &proposed).await;
    assert_eq!((done.state, done.recalled, done.left), (CampaignState::Completed, 2, 1));
    for case in [&first, &last] {
        let seen = clinic.overview(case).await;
        let recall = seen.recall.unwrap();
        assert_eq!(seen.state, Some(CaseState::Recalled));
        assert_eq!(
            (recall.proposed_by, recall.confirmed_by),
            (UserId::from_bits(20), Some(UserId::from_bits(23)))
        );
        assert_eq!((recall.reason, recall.proposed_at), (why().reason, proposed.proposed_at));
    }
    assert_eq!(
        clinic.overview(&unreleased).await.state,
        Some(CaseState::Queued),
        "the deployment's rules hold it"
    );
    let page = PageRequest { first: Some(10), after: None };
    let listed = quality.recall_campaign_cases(&proposed.id, &page).await.unwrap();
    let left: Vec<_> = listed.items.iter().filter(|item| item.node.state == SelectedState::Left).collect();
    assert_eq!((listed.items.len(), left.len()), (3, 1));
    assert_eq!((&left[0].node.case, left[0].node.reason_code.as_deref()), (&before, Some("recalled_before")));
    let mut taken = quality.recall_campaign_case_ids(&proposed.id).await.unwrap();
    taken.sort();
    assert_eq!(taken.iter().collect::<BTreeSet<_>>(), BTreeSet::from([&first, &last]));

    let told = clinic.events().await;
    assert_eq!(count(&told, "case.recalled"), 3, "each once, with the one that was recalled alone");
    let kinds =
        ["proposed", "confirmed", "completed"].map(|kind| count(&told, &format!("recall_campaign.{kind}")));
    assert_eq!(kinds, [1, 1, 1]);
    let of_campaign = told.iter().filter(|told| told.event.kind() == "case.recalled").skip(1);
    for told in of_campaign {
        assert_eq!(told.actor.user(), Some(&UserId::from_bits(23)), "the ledger names who confirmed");
    }
    assert!(!serde_json::to_string(&told).unwrap().contains(&why().reason), "words stay with review");
}

async fn what_is_confirmed_is_what_was_shown_also_when_more_was_released_since(scratch: Scratch) {
    let clinic = Clinic::at_once(&scratch).await;
    releases(&clinic, 1).await;
    let stale = shown(&clinic, &of_version()).await;
    let alone = releases(&clinic, 1).await;
    let command = ProposeCampaign { selection: of_version(), set: stale, reason: why().reason };
    let quality = clinic.quality().review();
    assert_eq!(refusal(quality.propose_recall_campaign(&command).await), "selection_changed");
    let proposed = proposes(&clinic, of_version()).await;
    let since = releases(&clinic, 1).await;
    recalls_alone(&clinic, &alone).await;
    let now = looks(&clinic, &proposed).await.now.unwrap();
    assert_eq!((now.set.cases, now.released_since, now.no_longer), (2, 1, 1));
    assert!(!may_send(&clinic, &since).await, "what is released since is held too");
    let second = clinic.person(23, &[Role::Quality]).review();
    let named = ConfirmCampaign { set: proposed.named };
    assert_eq!(refusal(second.confirm_recall_campaign(&proposed.id, &named).await), "selection_changed");
    confirms(&clinic, &proposed).await;
    let again = second.confirm_recall_campaign(&proposed.id, &ConfirmCampaign { set: now.set }).await;
    assert_eq!(refusal(again), "campaign_confirmed");
    recall::once(&clinic.shell, || true).await.unwrap();
    assert_eq!(clinic.overview(&since).await.state, Some(CaseState::Recalled));
    assert_eq!(looks(&clinic, &proposed).await.recalled, 2);
    let later = releases(&clinic, 1).await;
    recall::once(&clinic.shell, || true).await.unwrap();
    assert!(may_send(&clinic, &later).await, "what is released after the confirmation is not a part of it");
}

async fn nothing_of_a_proposed_recall_is_sent_until_it_is_withdrawn(scratch: Scratch) {
    let clinic = Clinic::at_once(&scratch).await;
    let case = releases(&clinic, 1).await;
    let other = releases(&clinic, 2).await;
    let selection = RecallSelection { deployment: Some(DeploymentId::from_bits(1)), ..Default::default() };
    let proposed = proposes(&clinic, selection).await;
    assert!(!may_send(&clinic, &case).await && may_send(&clinic, &other).await);
    let quality = clinic.quality().review();
    let silent = contract::review::Reason { reason: " ".to_owned() };
    assert_eq!(refusal(quality.withdraw_recall_campaign(&proposed.id, &silent).await), "reason_missing");
    let withdrawn = quality.withdraw_recall_campaign(&proposed.id, &why()).await.unwrap();
    assert_eq!((withdrawn.state, withdrawn.left), (CampaignState::Withdrawn, 1));
    assert!(may_send(&clinic, &case).await);
    let second = clinic.person(23, &[Role::Quality]).review();
    let named = ConfirmCampaign { set: proposed.named };
    assert_eq!(refusal(second.confirm_recall_campaign(&proposed.id, &named).await), "campaign_withdrawn");
    recall::once(&clinic.shell, || true).await.unwrap();
    assert_eq!(clinic.overview(&case).await.state, Some(CaseState::Released));
}

/// A case is committed with its place on the list, so that a death between or amid cases loses and repeats nothing.
async fn a_recall_that_dies_midway_is_completed_with_each_effect_once(scratch: Scratch) {
    let clinic = Clinic::at_once(&scratch).await;
    for _ in 0..3 {
        releases(&clinic, 1).await;
    }
    let proposed = proposes(&clinic, of_version()).await;
    confirms(&clinic, &proposed).await;
    for (failpoint, left_over) in [("review.mid_recall", 3), ("review.between_recalls", 2)] {
        fail::cfg(failpoint, "1*panic(the process dies)->off").unwrap();
        let dying = review::Shell { db: scratch.connect_again().await, ..clinic.shell.clone() };
        let died = tokio::spawn(async move { recall::once(&dying, || true).await }).await;
        assert!(died.unwrap_err().is_panic());
        fail::remove(failpoint);
        let seen = looks(&clinic, &proposed).await;
        assert_eq!((seen.state, seen.waiting), (CampaignState::UnderWay, left_over), "{failpoint}");
    }
    let next = review::Shell { db: scratch.connect_again().await, ..clinic.shell.clone() };
    recall::once(&next, || true).await.unwrap();
    let done = looks(&clinic, &proposed).await;
    assert_eq!((done.state, done.recalled, done.waiting), (CampaignState::Completed, 3, 0));
    let told = clinic.events().await;
    assert_eq!((count(&told, "case.recalled"), count(&told, "recall_campaign.completed")), (3, 1));
}

async fn two_processes_carry_one_recall_out_once(scratch: Scratch) {
    let clinic = Clinic::at_once(&scratch).await;
    for _ in 0..4 {
        releases(&clinic, 1).await;
    }
    let proposed = proposes(&clinic, of_version()).await;
    confirms(&clinic, &proposed).await;
    let other = review::Shell { db: scratch.connect_again().await, ..clinic.shell.clone() };
    let (one, two) = tokio::join!(recall::once(&clinic.shell, || true), recall::once(&other, || true));
    // Where one was too late for a lock it goes on the next time.
    drop((one, two));
    recall::once(&other, || true).await.unwrap();
    assert_eq!(looks(&clinic, &proposed).await.recalled, 4);
    let told = clinic.events().await;
    assert_eq!((count(&told, "case.recalled"), count(&told, "recall_campaign.completed")), (4, 1));
}

async fn a_selection_is_a_version_a_deployment_and_a_span_and_is_read_by_the_page(scratch: Scratch) {
    let clinic = Clinic::at_once(&scratch).await;
    let began = clinic.clock_now();
    let (one, two, three) =
        (releases(&clinic, 1).await, releases(&clinic, 2).await, releases(&clinic, 1).await);
    let quality = clinic.quality().review();
    let nothing = RecallSelection::default();
    assert_eq!(refusal(quality.recall_preview(&nothing).await), "selection_empty");
    let later = RecallSelection { from: Some(began + TimeDelta::minutes(1)), ..nothing.clone() };
    let cases = |selection: &RecallSelection| {
        let (quality, selection) = (quality.clone(), selection.clone());
        async move {
            let found = quality.recall_preview(&selection).await.unwrap().cases;
            found.into_iter().collect::<BTreeSet<_>>()
        }
    };
    assert_eq!(cases(&later).await, BTreeSet::from([two.clone(), three.clone()]));
    let until = RecallSelection { until: Some(began + TimeDelta::minutes(1)), ..nothing.clone() };
    assert_eq!(cases(&until).await, BTreeSet::from([one.clone(), two.clone()]));
    let both = RecallSelection { deployment: Some(DeploymentId::from_bits(1)), ..later };
    assert_eq!(cases(&both).await, BTreeSet::from([three.clone()]));
    let other = RecallSelection { model: Some(ModelVersionId::from_bits(2)), ..nothing };
    assert!(cases(&other).await.is_empty());

    let mut after = None;
    let mut read = Vec::new();
    for _ in 0..3 {
        let page = PageRequest { first: Some(1), after: after.take() };
        let wanted = SelectedPage { selection: of_version(), page };
        let page = quality.recall_preview_cases(&wanted).await.unwrap();
        assert_eq!(page.has_next_page, read.len() < 2);
        after = Some(page.items[0].cursor.clone());
        read.push(page.items[0].node.case.clone());
    }
    assert_eq!(read, [one, two, three], "oldest release first");
    let first = proposes(&clinic, of_version()).await;
    clinic.clock.advance(TimeDelta::minutes(1));
    let second = proposes(&clinic, of_version()).await;
    let page = |after| PageRequest { first: Some(1), after };
    let newest = quality.recall_campaigns(&page(None)).await.unwrap();
    assert_eq!(newest.items[0].node.id, second.id);
    let older = quality.recall_campaigns(&page(Some(newest.items[0].cursor.clone()))).await.unwrap();
    assert_eq!((older.items[0].node.id.clone(), older.has_next_page), (first.id, false));
}

async fn who_may_not_know_every_ending_of_a_selection_takes_none_of_it_back(scratch: Scratch) {
    let clinic = Clinic::at_once(&scratch).await;
    releases(&clinic, 1).await;
    for person in [clinic.radiologist(3), clinic.coordinator(), clinic.administrator()] {
        assert_eq!(refusal(person.review().recall_preview(&of_version()).await), "forbidden");
    }
    let proposed = proposes(&clinic, of_version()).await;
    // An adjudicator who signed none of the cases does not know how they ended.
    let adjudicator = clinic.adjudicator().review();
    assert_eq!(refusal(adjudicator.recall_preview(&of_version()).await), "selection_not_yours");
    let command = ConfirmCampaign { set: proposed.named };
    let confirmed = adjudicator.confirm_recall_campaign(&proposed.id, &command).await;
    assert_eq!(refusal(confirmed), "selection_not_yours");
    assert!(adjudicator.recall_campaign(&proposed.id).await.unwrap().is_none());
    assert!(adjudicator.recall_campaigns(&PageRequest::default()).await.unwrap().items.is_empty());
    assert_eq!(
        refusal(clinic.radiologist(3).review().recall_campaigns(&PageRequest::default()).await),
        "forbidden"
    );
    // Who signed it and is an adjudicator too knows.
    let signer = clinic.person(1, &[Role::Radiologist, Role::Adjudicator]).review();
    signer.confirm_recall_campaign(&proposed.id, &command).await.unwrap();
}
