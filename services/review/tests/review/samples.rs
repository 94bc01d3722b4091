//! Decoys, sentinels and repeats, over the wire.

use crate::clinic::{Clinic, refusal, rules, why};
use chrono::TimeDelta;
use contract::review::{CaseKind, CaseState, Verdict};
use contract::rollout::Stage;
use contract::{CaseId, PageRequest};
use database::scratch::Scratch;

database::on_both_databases!(
    a_decoy_arrives_like_a_discordant_case_and_changes_nothing,
    a_sentinel_is_mixed_in_is_never_released_and_counts_for_quality_only,
    a_repeat_comes_to_one_reader_after_a_month_and_is_compared_with_the_first_time,
);

async fn released(clinic: &Clinic) -> CaseId {
    let case = clinic.queues_case().await;
    clinic.radiologist(1).reads(&case, Verdict::Accept).await;
    clinic.radiologist(2).reads(&case, Verdict::Accept).await;
    clinic.concludes().await;
    case
}

async fn a_decoy_arrives_like_a_discordant_case_and_changes_nothing(scratch: Scratch) {
    let config = rules(|policy| (policy.finalisation_minutes, policy.decoy_per_mille) = (0, 1_000));
    let clinic = Clinic::open(&scratch, config).await;
    let decoy = released(&clinic).await;
    let discordant = clinic.queues_case().await;
    clinic.radiologist(1).reads(&discordant, Verdict::Accept).await;
    clinic.radiologist(2).reads(&discordant, Verdict::Reject).await;
    clinic.concludes().await;
    let adjudicator = clinic.adjudicator();
    let offered = adjudicator.worklist().await;
    assert!(offered.contains(&decoy) && offered.contains(&discordant) && offered.len() == 2);
    let mut seen = Vec::new();
    for case in [&decoy, &discordant] {
        let opened = adjudicator.opens(case).await;
        let text = format!("{:?} {:?} {}", opened.availability, opened.state, opened.reads.len());
        let signed = adjudicator.signs(case, Verdict::Reject).await.unwrap();
        seen.push(format!("{text} {}", signed.reads.len()));
    }
    assert_eq!(seen[0], seen[1]);
    clinic.concludes().await;
    let overview = clinic.overview(&decoy).await;
    assert_eq!(overview.state, Some(CaseState::Released));
    assert!(overview.needs_recall_evaluation, "the sample's reader rejects what was released");
    let release = clinic.called_by("delivery").release(&overview.release.unwrap()).await.unwrap().unwrap();
    assert_eq!(release.reads.len(), 2, "the sample's read is not sent");
    assert_eq!(clinic.overview(&discordant).await.state, Some(CaseState::Rejected));
}

async fn a_sentinel_is_mixed_in_is_never_released_and_counts_for_quality_only(scratch: Scratch) {
    let config = rules(|policy| (policy.finalisation_minutes, policy.sentinel_per_mille) = (0, 100));
    let clinic = Clinic::open(&scratch, config).await;
    let bad = clinic.queues_case().await;
    let quality = clinic.quality().review();
    assert_eq!(refusal(quality.mark_sentinel(&bad, &why()).await), "not_known_bad");
    clinic.radiologist(1).reads(&bad, Verdict::Reject).await;
    clinic.radiologist(2).reads(&bad, Verdict::Reject).await;
    clinic.concludes().await;
    quality.mark_sentinel(&bad, &why()).await.unwrap();
    let sentinel = plant(&clinic).await;
    assert!(!clinic.radiologist(1).worklist().await.contains(&sentinel), "who knows it");
    assert!(clinic.administrator().review().case(&sentinel).await.unwrap().is_none());
    clinic.radiologist(3).reads(&sentinel, Verdict::Accept).await;
    clinic.radiologist(4).reads(&sentinel, Verdict::Reject).await;
    clinic.concludes().await;
    let overview = clinic.overview(&sentinel).await;
    assert_eq!((overview.state, overview.kind), (Some(CaseState::Rejected), Some(CaseKind::Sentinel)));
    let mut caught: Vec<_> =
        quality.quality_samples().await.unwrap().iter().map(|sample| sample.agrees.unwrap()).collect();
    caught.sort_unstable();
    assert_eq!(caught, [false, true]);
    let own = clinic.radiologist(3).review().case(&sentinel).await.unwrap().unwrap();
    assert!(own.state.is_none() && own.kind.is_none());
    let counts = clinic.counts(Stage::Pilot).await;
    assert_eq!((counts.ended, counts.readers), (1, 2));
    // The patient's own case is as it was.
    assert_eq!(clinic.overview(&bad).await.state, Some(CaseState::Rejected));
}

/// Runs complete until a sentinel is drawn among them: one in ten is.
async fn plant(clinic: &Clinic) -> CaseId {
    for _ in 0..400 {
        clinic.completes_run(Stage::Pilot).await;
        let page = PageRequest { first: Some(100), after: None };
        let cases = clinic.quality().review().cases(&page).await.unwrap();
        let planted = cases.items.into_iter().find(|item| item.node.kind == Some(CaseKind::Sentinel));
        if let Some(planted) = planted {
            return planted.node.id;
        }
    }
    panic!("no sentinel among 400 cases of which one in ten should bring one");
}

async fn a_repeat_comes_to_one_reader_after_a_month_and_is_compared_with_the_first_time(scratch: Scratch) {
    let config = rules(|policy| (policy.finalisation_minutes, policy.repeat_per_mille) = (0, 500));
    let clinic = Clinic::open(&scratch, config).await;
    for _ in 0..40 {
        released(&clinic).await;
    }
    clinic.concludes().await;
    assert!(
        clinic.radiologist(1).worklist().await.is_empty()
            && clinic.radiologist(2).worklist().await.is_empty()
    );
    clinic.clock.advance(TimeDelta::days(30));
    clinic.concludes().await;
    clinic.concludes().await;
    let (one, two) = (clinic.radiologist(1).worklist().await, clinic.radiologist(2).worklist().await);
    assert!(!one.is_empty() || !two.is_empty(), "none of 40 was drawn, of which half should be");
    assert!(one.iter().all(|case| !two.contains(case)), "a repeat is for one reader");
    assert!(clinic.radiologist(3).worklist().await.is_empty());
    for (number, cases) in [(1, &one), (2, &two)] {
        for case in cases {
            clinic.radiologist(number).reads(case, Verdict::Accept).await;
        }
    }
    clinic.concludes().await;
    let samples = clinic.quality().review().quality_samples().await.unwrap();
    assert_eq!(samples.len(), one.len() + two.len());
    assert!(samples.iter().all(|sample| sample.kind == CaseKind::Repeat && sample.agrees == Some(true)));
    clinic.concludes().await;
    let (again, drawn) = (clinic.radiologist(1).worklist().await, clinic.radiologist(2).worklist().await);
    assert!(again.is_empty() && drawn.is_empty(), "a case is drawn once");
}
