//! What was displayed is held against what the run lists, and is a part of what is signed.

use crate::clinic::{Clinic, content, refusal, signed};
use contract::Event;
use contract::review::{ReadContent, SignRead, Verdict};
use database::scratch::Scratch;

database::on_both_databases!(
    nobody_judges_regions_that_were_not_displayed,
    what_was_displayed_is_signed_told_and_kept,
    a_withdrawn_read_leaves_no_viewing_to_sign_with,
);

fn with_slices(verdict: Verdict, slices: &[u32]) -> SignRead {
    let mut read = signed(content(verdict));
    if let Some(viewing) = &mut read.content.viewing {
        viewing.regions[0].slices = slices.to_vec();
    }
    read
}

async fn nobody_judges_regions_that_were_not_displayed(scratch: Scratch) {
    let clinic = Clinic::at_once(&scratch).await;
    let case = clinic.queues_case().await;
    let reader = clinic.radiologist(1);
    reader.opens(&case).await;
    let blind = |verdict| SignRead {
        content: content(verdict),
        case_digest: signed(ReadContent::default()).case_digest,
        personal_key: None,
    };
    let refused = [
        ("viewing_missing", blind(Verdict::Accept)),
        ("viewing_missing", blind(Verdict::Reject)),
        ("regions_unseen", with_slices(Verdict::Accept, &[4, 6])),
        ("viewing_implausible", with_slices(Verdict::Accept, &[4, 5, 7])),
    ];
    for (number, (code, read)) in refused.into_iter().enumerate() {
        let answer = reader.proving(&case, &format!("n{number}")).sign(&case, &read).await;
        assert_eq!(refusal(answer), code);
    }
    // Who can't judge need not have seen anything.
    reader.proving(&case, "last").sign(&case, &blind(Verdict::CannotJudge)).await.unwrap();
}

async fn what_was_displayed_is_signed_told_and_kept(scratch: Scratch) {
    let clinic = Clinic::at_once(&scratch).await;
    let case = clinic.queues_case().await;
    let read = clinic.radiologist(1).reads(&case, Verdict::Accept).await.my_read.unwrap();
    let displayed = signed(content(Verdict::Accept)).content.viewing;
    assert_eq!(read.content.viewing, displayed);
    let text = contract::canonical_json(&read.content);
    assert!(text.contains(r#""original_alone_ms":1500"#), "{text}");
    assert_eq!(read.signature.content_digest, contract::Digest::of(text.as_bytes()));
    let told = clinic.events().await;
    let told = told.iter().find_map(|envelope| match &envelope.event {
        Event::ReadSigned { viewing, .. } => Some(viewing),
        _ => None,
    });
    assert_eq!(told, Some(&displayed));
}

async fn a_withdrawn_read_leaves_no_viewing_to_sign_with(scratch: Scratch) {
    let clinic = Clinic::open(&scratch, crate::clinic::rules(|_| {})).await;
    let case = clinic.queues_case().await;
    let reader = clinic.radiologist(1);
    reader.reads(&case, Verdict::Accept).await;
    let draft = reader.withdraws(&case).await.unwrap().draft.unwrap();
    assert_eq!(draft.content, content(Verdict::Accept));
}
