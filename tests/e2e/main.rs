//! One CT study, all the way: from the scanner's C-STORE over two signatures to the PACS, told once and played on both
//! ways to run the product.

#![expect(clippy::unwrap_used, reason = "a test that can't go on fails")]

mod canary;
mod comparing;
mod day;
mod delivered;
mod forgery;
mod oversight;
mod reading;
mod recalled;
mod version;
mod worlds;

use tests::{Person, Stack, Study};

/// Everybody who plays a part.
struct Cast {
    rad1: Person,
    rad2: Person,
    rad3: Person,
    quality: Person,
    admin: Person,
    owner: Person,
    physicist: Person,
}

impl Cast {
    async fn of(stack: &Stack) -> Self {
        Self {
            rad1: stack.person("rad1").await,
            rad2: stack.person("rad2").await,
            rad3: stack.person("rad3").await,
            quality: stack.person("quality").await,
            admin: stack.person("admin").await,
            owner: stack.person("owner").await,
            physicist: stack.person("physicist").await,
        }
    }
}

async fn story(mut stack: Stack) {
    let cast = Cast::of(&stack).await;
    let released = Study::whole_chest_ct(1);
    let case = reading::two_accepts_release_what_was_signed(&stack, &cast, &released).await;
    reading::a_series_that_nobody_wants_says_which_rule_failed(&stack, &cast).await;
    let rejected = reading::two_rejections_end_it(&stack, &cast).await;
    let decided = reading::a_discordance_goes_to_the_third_reader(&stack, &cast).await;
    oversight::a_shadow_result_reaches_no_worklist_and_no_pacs(&stack, &cast).await;
    oversight::evaluation_readers_give_shadow_its_evidence(&stack, &cast).await;
    oversight::a_promotion_takes_three_approvals_and_a_gate_that_holds(&stack, &cast).await;
    let held = oversight::suspension_holds_the_unreleased_and_the_half_sent(&stack, &cast).await;
    oversight::quality_reads_who_did_what(&cast, &case).await;

    let at_pacs = stack.pacs.received();
    let of =
        |study: &Study| at_pacs.values().filter(|o| o.study_instance_uid == study.study_instance_uid).count();
    assert_eq!(of(&rejected), 0, "what two rejected is never sent");
    let allowed = of(&released) + of(&decided) + held.objects_before_the_hold;
    assert_eq!(at_pacs.len(), allowed, "the PACS has what was released and nothing else");

    recalled::everything_a_version_released_is_taken_back_where_it_went(
        &stack,
        &cast,
        &case,
        [&released, &decided],
    )
    .await;
    canary::nothing_tells_who_the_patient_is(&stack).await;
    stack.stops().await;
    forgery::whatever_is_changed_in_the_ledger_is_named(&stack).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_study_goes_all_the_way_in_one_process() {
    story(Stack::embedded().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_in_the_life_of_a_model_version() {
    let stack = Stack::embedded().await;
    day::of_a_version(&stack, &Cast::of(&stack).await).await;
}

/// Every call that a reader may make, in two worlds that differ in what somebody else did.
#[tokio::test(flavor = "multi_thread")]
async fn two_worlds_are_one_to_whoever_may_not_know_what_another_did() {
    let (one, two) = tokio::join!(Stack::embedded(), Stack::embedded());
    worlds::are_one([one, two]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_versions_are_compared_by_somebody_who_cannot_know_which_is_which() {
    let stack = Stack::embedded().await;
    comparing::of_two_versions(&stack, &Cast::of(&stack).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_study_goes_all_the_way_through_separate_processes() {
    story(Stack::distributed().await).await;
}
