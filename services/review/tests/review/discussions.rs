//! Peer learning over the wire: who discusses which case, what each of them is shown, and what stays hidden as long as
//! anybody can still read the same source.

use crate::clinic::{Clinic, Person, refusal, rules, why};
use chrono::TimeDelta;
use contract::generation::Run;
use contract::review::{
    Audience, CaseKind, CloseDiscussion, Contribute, Discussion, DiscussionKind, DiscussionsQuery,
    OpenDiscussion, Radpeer, ScoreReading, ScoredQuery, Verdict, Voice,
};
use contract::rollout::Stage;
use contract::{CaseId, ClientError, DeploymentId, DiscussionId, PageRequest, Role, SeriesId};
use database::scratch::Scratch;

database::on_both_databases!(
    readers_discuss_what_they_read_without_names_and_quality_writes_down_what_is_learned,
    a_case_that_can_still_be_read_is_refused_as_one_that_is_not_there,
    another_case_of_the_source_hides_a_discussion_from_readers_until_it_is_over,
    an_evaluation_of_the_source_hides_a_discussion_from_readers,
    what_tests_readers_is_discussed_by_quality_alone_and_hides_what_it_was_made_of,
    a_reading_is_scored_by_who_read_none_of_it_and_the_last_score_stands,
    two_who_open_a_discussion_at_once_open_one,
    what_was_discussed_is_not_read_once_more,
    pages_of_discussions_have_no_gap_where_something_is_hidden,
    nothing_is_taught_of_a_case_that_can_be_read_or_is_still_discussed,
);

const QUESTION: &str = "Is the streak at slice 40 in the original?";
const ANSWER: &str = "It is, two slices further up.";
const POINT: &str = "Look at the original alone before the difference.";

async fn released(clinic: &Clinic, run: &Run) -> CaseId {
    let case = clinic.case_of(run).await;
    clinic.radiologist(1).reads(&case, Verdict::Accept).await;
    clinic.radiologist(2).reads(&case, Verdict::Accept).await;
    clinic.concludes().await;
    case
}

async fn released_case(clinic: &Clinic) -> CaseId {
    let run = clinic.completes_run(Stage::General).await;
    released(clinic, &run).await
}

async fn asks(person: &Person<'_>, case: &CaseId) -> Result<Discussion, ClientError> {
    let command = OpenDiscussion {
        case: case.clone(),
        kind: DiscussionKind::ModelError,
        question: QUESTION.to_owned(),
    };
    person.review().open_discussion(&command).await
}

async fn says(person: &Person<'_>, id: &DiscussionId, words: &str) -> Result<Discussion, ClientError> {
    person.review().contribute(id, &Contribute { words: words.to_owned() }).await
}

async fn closes(person: &Person<'_>, id: &DiscussionId) -> Result<Discussion, ClientError> {
    person.review().close_discussion(id, &CloseDiscussion { learning_point: POINT.to_owned() }).await
}

async fn looks(person: &Person<'_>, id: &DiscussionId) -> Option<Discussion> {
    person.review().discussion(id).await.unwrap()
}

async fn listed(person: &Person<'_>) -> Vec<DiscussionId> {
    let page = person.review().discussions(&DiscussionsQuery::default()).await.unwrap();
    page.items.into_iter().map(|item| item.node.id).collect()
}

async fn readers_discuss_what_they_read_without_names_and_quality_writes_down_what_is_learned(
    scratch: Scratch,
) {
    let clinic = Clinic::at_once(&scratch).await;
    let case = released_case(&clinic).await;
    let (one, two, stranger) = (clinic.radiologist(1), clinic.radiologist(2), clinic.radiologist(3));
    let quality = clinic.quality();
    let opened = asks(&one, &case).await.unwrap();
    assert_eq!((opened.voice, &opened.opened_by), (Voice::Own, &None));
    assert_eq!(refusal(asks(&two, &case).await), "discussion_open");
    says(&two, &opened.id, ANSWER).await.unwrap();
    says(&quality, &opened.id, "Thank you both.").await.unwrap();

    let shown = looks(&one, &opened.id).await.unwrap();
    let voices: Vec<Voice> = shown.contributions.iter().map(|said| said.voice).collect();
    assert_eq!(voices, [Voice::Reader, Voice::Quality]);
    assert!(!serde_json::to_string(&shown).unwrap().contains("user_"), "no account shows to a reader");
    let named = looks(&quality, &opened.id).await.unwrap();
    assert_eq!(named.opened_by.as_ref(), one.actor.user());
    assert_eq!(named.contributions[0].by.as_ref(), two.actor.user());
    assert_eq!(named.audience, Some(Audience::Readers));

    assert!(looks(&stranger, &opened.id).await.is_none() && listed(&stranger).await.is_empty());
    assert_eq!(refusal(says(&stranger, &opened.id, ANSWER).await), "not_found");
    for person in [clinic.coordinator(), clinic.administrator()] {
        assert!(person.review().discussion(&opened.id).await.is_err(), "neither role has a part");
    }
    assert_eq!(refusal(closes(&two, &opened.id).await), "closing_by_reader");
    closes(&quality, &opened.id).await.unwrap();
    assert_eq!(refusal(says(&one, &opened.id, ANSWER).await), "discussion_closed");
    assert_eq!(looks(&two, &opened.id).await.unwrap().learned.unwrap().point, POINT);
    asks(&two, &case).await.unwrap();

    let told = clinic.events().await;
    let kinds: Vec<&str> =
        told.iter().map(|told| told.event.kind()).filter(|kind| kind.starts_with("discussion.")).collect();
    let expected = ["opened", "contributed", "contributed", "closed", "opened"];
    assert_eq!(kinds, expected.map(|kind| format!("discussion.{kind}")));
    let text = serde_json::to_string(&told).unwrap();
    for words in [QUESTION, ANSWER, POINT] {
        assert!(!text.contains(words), "words stay with review");
    }
}

async fn a_case_that_can_still_be_read_is_refused_as_one_that_is_not_there(scratch: Scratch) {
    let clinic = Clinic::at_once(&scratch).await;
    let case = clinic.queues_case().await;
    let (one, two) = (clinic.radiologist(1), clinic.radiologist(2));
    let both = clinic.person(30, &[Role::Quality, Role::Radiologist]);
    let nowhere = CaseId::from_bits(404);
    let said = async |person: &Person<'_>, case: &CaseId| match asks(person, case).await {
        Err(ClientError::Refused { refusal, .. }) => format!("{refusal:?}"),
        other => panic!("{other:?}"),
    };
    one.reads(&case, Verdict::Accept).await;
    let unknown = said(&one, &nowhere).await;
    for person in [&one, &two, &both] {
        assert_eq!(said(person, &case).await, unknown);
    }
    assert_eq!(refusal(asks(&clinic.quality(), &case).await), "source_may_be_read");
    two.opens(&case).await;
    assert_eq!(said(&one, &case).await, unknown);
    two.signs(&case, Verdict::Reject).await.unwrap();
    assert_eq!(said(&one, &case).await, unknown, "both signed, and an adjudicator is to decide");
    clinic.concludes().await;
    clinic.adjudicator().reads(&case, Verdict::Reject).await;
    clinic.concludes().await;
    assert_eq!(said(&clinic.radiologist(3), &case).await, unknown, "who did not read it");
    asks(&one, &case).await.unwrap();
}

async fn another_case_of_the_source_hides_a_discussion_from_readers_until_it_is_over(scratch: Scratch) {
    let clinic = Clinic::at_once(&scratch).await;
    let series = SeriesId::from_bits(7);
    let first = clinic.completes_run_on(series.clone(), Stage::General).await;
    let case = released(&clinic, &first).await;
    let (one, quality) = (clinic.radiologist(1), clinic.quality());
    let discussion = asks(&one, &case).await.unwrap().id;
    says(&quality, &discussion, ANSWER).await.unwrap();

    let other = Run { deployment: DeploymentId::from_bits(2), ..clinic.run_on(series, Stage::General) };
    clinic.completes(&other).await;
    let anew = clinic.case_of(&other).await;
    assert!(looks(&one, &discussion).await.is_none() && listed(&one).await.is_empty());
    assert_eq!(refusal(says(&one, &discussion, ANSWER).await), "not_found");
    let both = clinic.person(30, &[Role::Quality, Role::Radiologist]);
    assert!(looks(&both, &discussion).await.is_none(), "who may read it sees it as a reader");
    let held = looks(&quality, &discussion).await.unwrap();
    assert_eq!((held.audience, held.contributions.len()), (Some(Audience::ReadersLater), 1));
    assert!(!one.worklist().await.contains(&anew), "who took part reads the source no more");
    assert!(clinic.radiologist(2).worklist().await.contains(&anew), "who took no part may");

    clinic.radiologist(3).reads(&anew, Verdict::Accept).await;
    assert!(looks(&one, &discussion).await.is_none());
    clinic.radiologist(4).reads(&anew, Verdict::Accept).await;
    clinic.concludes().await;
    assert_eq!(listed(&one).await, std::slice::from_ref(&discussion));
    assert!(looks(&both, &discussion).await.is_some());
    says(&one, &discussion, ANSWER).await.unwrap();
}

async fn an_evaluation_of_the_source_hides_a_discussion_from_readers(scratch: Scratch) {
    let config = rules(|policy| (policy.finalisation_minutes, policy.evaluation_per_mille) = (0, 1_000));
    let clinic = Clinic::open(&scratch, config).await;
    for reader in [3, 4] {
        clinic.names_evaluator(reader).await;
    }
    let series = SeriesId::from_bits(8);
    let first = clinic.completes_run_on(series.clone(), Stage::General).await;
    let case = released(&clinic, &first).await;
    let one = clinic.radiologist(1);
    let discussion = asks(&one, &case).await.unwrap().id;
    let shadow = Run { deployment: DeploymentId::from_bits(2), ..clinic.run_on(series, Stage::Shadow) };
    clinic.completes(&shadow).await;
    let evaluation = clinic.case_of(&shadow).await;
    assert!(looks(&one, &discussion).await.is_none());
    for number in [3, 4] {
        clinic.radiologist(number).reads(&evaluation, Verdict::Accept).await;
    }
    clinic.concludes().await;
    assert!(looks(&one, &discussion).await.is_some());
    // Those who evaluated discuss what they read.
    asks(&clinic.radiologist(3), &evaluation).await.unwrap();
}

async fn what_tests_readers_is_discussed_by_quality_alone_and_hides_what_it_was_made_of(scratch: Scratch) {
    let config = rules(|policy| (policy.finalisation_minutes, policy.sentinel_per_mille) = (0, 1_000));
    let clinic = Clinic::open(&scratch, config).await;
    let bad = clinic.queues_case().await;
    let (one, quality) = (clinic.radiologist(1), clinic.quality());
    one.reads(&bad, Verdict::Reject).await;
    clinic.radiologist(2).reads(&bad, Verdict::Reject).await;
    clinic.concludes().await;
    let discussion = asks(&one, &bad).await.unwrap().id;
    quality.review().mark_sentinel(&bad, &why()).await.unwrap();
    // Another patient's run brings a sentinel with it.
    let sentinel = planted(&clinic).await;
    assert!(looks(&one, &discussion).await.is_none(), "it would tell of the test");
    for number in [3, 4] {
        clinic.radiologist(number).reads(&sentinel, Verdict::Reject).await;
    }
    clinic.concludes().await;
    assert!(looks(&one, &discussion).await.is_some());
    assert_eq!(refusal(asks(&clinic.radiologist(3), &sentinel).await), "not_found");
    let opened = asks(&quality, &sentinel).await.unwrap();
    assert_eq!(opened.audience, Some(Audience::Quality));
    assert!(listed(&clinic.radiologist(3)).await.is_empty());
    assert!(looks(&clinic.radiologist(3), &opened.id).await.is_none());
}

/// Runs complete until a sentinel is among their cases; the other cases are of other patients and stay unread.
async fn planted(clinic: &Clinic) -> CaseId {
    for _ in 0..20 {
        clinic.completes_run(Stage::General).await;
        let page = PageRequest { first: Some(100), after: None };
        let cases = clinic.quality().review().cases(&page).await.unwrap();
        let planted = cases.items.into_iter().find(|item| item.node.kind == Some(CaseKind::Sentinel));
        if let Some(planted) = planted {
            return planted.node.id;
        }
    }
    panic!("every case should bring a sentinel");
}

async fn a_reading_is_scored_by_who_read_none_of_it_and_the_last_score_stands(scratch: Scratch) {
    let clinic = Clinic::at_once(&scratch).await;
    let case = released_case(&clinic).await;
    let (quality, second) = (clinic.quality(), clinic.person(23, &[Role::Quality]));
    let reader = clinic.person(1, &[Role::Radiologist, Role::Quality]);
    let discussion = asks(&quality, &case).await.unwrap();
    assert!(discussion.may_score && discussion.may_close && discussion.own_score.is_none());
    let scores = async |person: &Person<'_>, score| {
        person.review().score_reading(&discussion.id, &ScoreReading { score }).await
    };
    let seen = looks(&reader, &discussion.id).await.unwrap();
    assert!(!seen.may_score && seen.opened_by.is_none(), "who read it is its reader, whatever else they are");
    assert_eq!(refusal(scores(&reader, Radpeer::One).await), "score_by_reader");
    for (person, score) in [(&quality, Radpeer::One), (&second, Radpeer::ThreeA), (&quality, Radpeer::TwoB)] {
        assert_eq!(scores(person, score).await.unwrap().own_score, Some(score));
    }
    assert_eq!(looks(&second, &discussion.id).await.unwrap().own_score, Some(Radpeer::ThreeA));
    assert_eq!(looks(&reader, &discussion.id).await.unwrap().own_score, None);

    let (from, to) = (clinic.clock_now() - TimeDelta::days(1), clinic.clock_now() + TimeDelta::days(1));
    let told = clinic.called_by("audit").scored_cases(&ScoredQuery { from, to }).await.unwrap();
    assert_eq!((told.len(), &told[0].case), (1, &case));
    let mut standing = told[0].scores.clone();
    standing.sort_unstable();
    assert_eq!(standing, [Radpeer::TwoB, Radpeer::ThreeA]);
    let elsewhere = ScoredQuery { from: to, to: to + TimeDelta::days(1) };
    assert!(clinic.called_by("audit").scored_cases(&elsewhere).await.unwrap().is_empty());
    assert!(quality.review().scored_cases(&ScoredQuery { from, to }).await.is_err(), "for figures only");
    let text = serde_json::to_string(&clinic.events().await).unwrap();
    assert!(text.contains("discussion.scored") && !text.contains("\"2b\""), "the ledger tells no score");
}

async fn two_who_open_a_discussion_at_once_open_one(scratch: Scratch) {
    let clinic = Clinic::at_once(&scratch).await;
    let case = released_case(&clinic).await;
    let (one, two) = (clinic.radiologist(1), clinic.radiologist(2));
    let (first, second) = tokio::join!(asks(&one, &case), asks(&two, &case));
    let opened: Vec<bool> = [first.is_ok(), second.is_ok()].into();
    assert_eq!(opened.iter().filter(|ok| **ok).count(), 1);
    let late = if first.is_ok() { second } else { first };
    assert_eq!(refusal(late), "discussion_open");
    assert_eq!(listed(&one).await.len(), 1);
}

async fn what_was_discussed_is_not_read_once_more(scratch: Scratch) {
    let config = rules(|policy| (policy.finalisation_minutes, policy.repeat_per_mille) = (0, 1_000));
    let clinic = Clinic::open(&scratch, config).await;
    let (discussed, other) = (released_case(&clinic).await, released_case(&clinic).await);
    asks(&clinic.radiologist(1), &discussed).await.unwrap();
    clinic.clock.advance(TimeDelta::days(30));
    clinic.concludes().await;
    clinic.concludes().await;
    let page = PageRequest { first: Some(100), after: None };
    let cases = clinic.quality().review().cases(&page).await.unwrap();
    let repeats: Vec<_> =
        cases.items.into_iter().filter(|item| item.node.kind == Some(CaseKind::Repeat)).collect();
    assert_eq!(repeats.len(), 1);
    let series_of = async |case: &CaseId| clinic.overview(case).await.series;
    assert_eq!(repeats[0].node.series, series_of(&other).await);
}

async fn pages_of_discussions_have_no_gap_where_something_is_hidden(scratch: Scratch) {
    let clinic = Clinic::at_once(&scratch).await;
    let one = clinic.radiologist(1);
    let mut opened = Vec::new();
    for number in 0..4 {
        let series = SeriesId::from_bits(100 + number);
        let run = clinic.completes_run_on(series, Stage::General).await;
        let case = released(&clinic, &run).await;
        opened.push(asks(&one, &case).await.unwrap().id);
        clinic.clock.advance(TimeDelta::minutes(1));
    }
    // The second of them is hidden by a case of its source.
    let again = Run {
        deployment: DeploymentId::from_bits(2),
        ..clinic.run_on(SeriesId::from_bits(101), Stage::General)
    };
    clinic.completes(&again).await;
    let page = async |after: Option<String>| {
        let query = DiscussionsQuery { first: Some(2), after, case: None };
        one.review().discussions(&query).await.unwrap()
    };
    let first = page(None).await;
    let ids: Vec<_> = first.items.iter().map(|item| item.node.id.clone()).collect();
    assert_eq!((ids, first.has_next_page), (vec![opened[3].clone(), opened[2].clone()], true));
    let second = page(first.items.last().map(|item| item.cursor.clone())).await;
    let ids: Vec<_> = second.items.iter().map(|item| item.node.id.clone()).collect();
    assert_eq!((ids, second.has_next_page), (vec![opened[0].clone()], false));
    assert_eq!(listed(&clinic.quality()).await.len(), 4);
}

async fn nothing_is_taught_of_a_case_that_can_be_read_or_is_still_discussed(scratch: Scratch) {
    let clinic = Clinic::at_once(&scratch).await;
    let series = SeriesId::from_bits(7);
    let run = clinic.completes_run_on(series.clone(), Stage::General).await;
    let case = released(&clinic, &run).await;
    let (quality, delivery) = (clinic.quality(), clinic.called_by("delivery"));
    let opened = asks(&quality, &case).await.unwrap();
    assert_eq!(refusal(delivery.lesson(&opened.id).await), "discussion_open");
    says(&quality, &opened.id, ANSWER).await.unwrap();
    closes(&quality, &opened.id).await.unwrap();
    let lesson = delivery.lesson(&opened.id).await.unwrap().unwrap();
    assert_eq!((lesson.case, lesson.run), (case, run.id.clone()));
    assert_eq!((lesson.question.as_str(), lesson.learning_point.as_str()), (QUESTION, POINT));
    assert!(delivery.lesson(&DiscussionId::from_bits(404)).await.unwrap().is_none());
    assert!(quality.review().lesson(&opened.id).await.is_err(), "people ask delivery");
    assert!(clinic.called_by("audit").lesson(&opened.id).await.is_err());

    // Another case of the same source: until it is over, nothing of the first one leaves.
    let other = Run { deployment: DeploymentId::from_bits(2), ..clinic.run_on(series, Stage::General) };
    clinic.completes(&other).await;
    clinic.case_of(&other).await;
    assert_eq!(refusal(delivery.lesson(&opened.id).await), "source_may_be_read");
}
