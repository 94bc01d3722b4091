//! Field report R20: straight at the API, once a read is final and once the case has ended, nothing moves either.

use crate::clinic::{Clinic, Person, content, refusal, rules, signed, why};
use chrono::TimeDelta;
use contract::review::{
    CaseState, ChangePriority, Finding, FindingKind, HoldCase, HoldKind, InvalidateSignature, ReadContent,
    Release, SaveDraft, Severity, SignRead, Verdict,
};
use contract::{CaseId, Digest, Priority, UserId};
use database::scratch::Scratch;

database::on_both_databases!(
    r20_nothing_reopens_changes_or_replays_a_read_whose_window_is_over,
    r20_nothing_moves_a_case_that_was_released_or_rejected,
);

/// Everything that there is to know of a case.
#[derive(Debug, PartialEq)]
struct Standing {
    case: serde_json::Value,
    state: Option<CaseState>,
    signed: Vec<Digest>,
    release: Option<(Digest, Vec<Digest>)>,
}

async fn standing(clinic: &Clinic, case: &CaseId) -> Standing {
    let seen = clinic.overview(case).await;
    let digests = |reads: &[contract::review::Read]| {
        reads.iter().map(|read| read.signature.content_digest).collect::<Vec<_>>()
    };
    let release: Option<Release> = match &seen.release {
        Some(release) => clinic.called_by("delivery").release(release).await.unwrap(),
        None => None,
    };
    Standing {
        signed: digests(&seen.reads),
        release: release.map(|release| (release.case_digest, digests(&release.reads))),
        state: seen.state,
        case: serde_json::to_value(&seen).unwrap(),
    }
}

/// What was told, in order: that a signature was refused is, and nothing else may be.
async fn told(clinic: &Clinic) -> Vec<&'static str> {
    let told = clinic.events().await;
    told.iter().map(|envelope| envelope.event.kind()).filter(|kind| *kind != "signature.refused").collect()
}

/// What the reader has signed, with another finding in it.
fn edited() -> ReadContent {
    let finding = Finding {
        id: None,
        kind: FindingKind::Lost,
        severity: Severity::Minor,
        centre_mm: Some([1.0, 2.0, 3.0]),
        diameter_mm: Some(5.0),
        comment: "I had forgotten this".to_owned(),
    };
    ReadContent { findings: vec![finding], ..content(Verdict::Accept) }
}

/// Everything that a reader whose read is final may try to get at it again; each is refused by its code.
async fn tries_everything(reader: &Person<'_>, case: &CaseId, nonce: &str) {
    let review = reader.review();
    assert_eq!(refusal(review.open(case).await), "unavailable", "reopen");
    for version in [0, 1, 7] {
        let save = SaveDraft { version, content: edited() };
        assert_eq!(refusal(review.save_draft(case, &save).await), "already_signed", "edit a finding");
    }
    for content in [content(Verdict::Reject), content(Verdict::CannotJudge), edited()] {
        let again = format!("{nonce}.{:?}.{}", content.verdict, content.findings.len());
        let answer = reader.proving(case, &again).sign(case, &signed(content)).await;
        assert_eq!(refusal(answer), "already_signed", "another verdict");
    }
    let same: SignRead = signed(content(Verdict::Accept));
    assert_eq!(refusal(reader.proving(case, nonce).sign(case, &same).await), "signing_token_used", "replay");
    assert_eq!(refusal(review.withdraw(case, &why()).await), "read_final");
    assert_eq!(refusal(review.defer(case, &why()).await), "already_signed");
}

/// Everything that those who steer may try on a case of which nothing is open any more.
async fn tries_to_steer(clinic: &Clinic, case: &CaseId) {
    let coordinator = clinic.coordinator().review();
    for kind in [HoldKind::Coordinator, HoldKind::Deferred] {
        let hold = HoldCase { kind, reason: why().reason };
        assert_eq!(refusal(coordinator.hold(case, &hold).await), "case_over");
    }
    assert_eq!(refusal(coordinator.resume(case).await), "not_held");
    assert_eq!(refusal(coordinator.return_case(case).await), "not_held", "reassign");
    let priority = ChangePriority { priority: Priority::Stat, reason: why().reason };
    assert_eq!(refusal(coordinator.change_priority(case, &priority).await), "case_over");
    let invalidate = InvalidateSignature { signer: UserId::from_bits(1), reason: why().reason };
    assert_eq!(refusal(clinic.quality().review().invalidate(case, &invalidate).await), "case_over");
    // There is nothing to revoke, and nothing comes of it.
    coordinator.revoke(case, &why()).await.unwrap();
    clinic.concludes().await;
}

/// There is no verb and no path by which a case or a read could be deleted or replaced.
async fn there_is_no_other_way(clinic: &Clinic, case: &CaseId) {
    for method in ["DELETE", "PUT", "PATCH"] {
        for path in ["", "/sign", "/draft", "/reads", "/open"] {
            let status = clinic.quality().calls(method, &format!("/v1/cases/{case}{path}")).await;
            assert!(status == 404 || status == 405, "{method} {path}: {status}");
        }
    }
}

async fn r20_nothing_reopens_changes_or_replays_a_read_whose_window_is_over(scratch: Scratch) {
    let clinic = Clinic::open(&scratch, rules(|policy| policy.finalisation_minutes = 10)).await;
    let case = clinic.queues_case().await;
    let (first, second) = (clinic.radiologist(1), clinic.radiologist(2));
    first.opens(&case).await;
    first.saves(&case, 0, Verdict::Accept).await;
    first.proving(&case, "first").sign(&case, &signed(content(Verdict::Accept))).await.unwrap();
    clinic.clock.advance(TimeDelta::minutes(11));
    clinic.concludes().await;
    second.opens(&case).await;
    let before = standing(&clinic, &case).await;
    tries_everything(&first, &case, "first").await;
    there_is_no_other_way(&clinic, &case).await;
    assert_eq!(standing(&clinic, &case).await, before);
    let expected = ["case.queued", "case.leased", "draft.saved", "read.signed", "case.leased"];
    assert_eq!(told(&clinic).await, expected);
}

async fn r20_nothing_moves_a_case_that_was_released_or_rejected(scratch: Scratch) {
    let clinic = Clinic::at_once(&scratch).await;
    for (number, verdict, state) in
        [(0, Verdict::Accept, CaseState::Released), (1, Verdict::Reject, CaseState::Rejected)]
    {
        let case = clinic.queues_case().await;
        let readers = [1, 2].map(|number| clinic.radiologist(number));
        for reader in &readers {
            reader.opens(&case).await;
            let nonce = format!("{number}.{}", reader.actor.user().unwrap());
            reader.proving(&case, &nonce).sign(&case, &signed(content(verdict))).await.unwrap();
        }
        clinic.concludes().await;
        let before = standing(&clinic, &case).await;
        assert_eq!(before.state, Some(state));
        assert_eq!((before.signed.len(), before.release.is_some()), (2, state == CaseState::Released));
        for reader in &readers {
            tries_everything(reader, &case, &format!("{number}.{}", reader.actor.user().unwrap())).await;
        }
        let third = clinic.radiologist(3);
        assert_eq!(refusal(third.review().open(&case).await), "unavailable", "nobody else gets it");
        assert_eq!(refusal(third.signs(&case, Verdict::Reject).await), "unavailable");
        tries_to_steer(&clinic, &case).await;
        there_is_no_other_way(&clinic, &case).await;
        assert_eq!(standing(&clinic, &case).await, before);
    }
    let of_case = |end| ["case.queued", "case.leased", "read.signed", "case.leased", "read.signed", end];
    assert_eq!(told(&clinic).await, [of_case("case.released"), of_case("case.rejected")].concat());
}
