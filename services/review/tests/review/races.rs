//! People who act in the same instant: whoever is quicker, the result is one that could have come about in turn.

use crate::clinic::{Clinic, Person, content, refusal, signed, why};
use contract::review::{CaseState, ReadContent, SaveDraft, Verdict};
use contract::rollout::Stage;
use contract::{CaseId, ClientError, Event, Role};
use database::scratch::Scratch;
use review::conclude;
use tokio::join;

database::on_both_databases!(
    two_who_sign_in_the_same_instant_release_the_case_once,
    a_double_click_signs_once,
    two_tabs_that_sign_at_once_leave_one_read,
    two_tabs_that_save_at_once_leave_one_draft_and_one_conflict,
    two_tabs_that_open_two_cases_hold_one,
    many_who_open_a_case_at_once_get_the_two_slots,
    two_adjudicators_who_open_at_once_get_the_one_slot,
    who_read_a_case_does_not_decide_on_it_whatever_roles_they_hold,
    a_withdrawal_and_the_conclusion_at_once_never_release_a_withdrawn_read,
    a_signature_and_what_stops_the_case_at_once_never_release_it,
);

/// How often each race is run.
const ROUNDS: usize = 8;

async fn both_hold(clinic: &Clinic) -> CaseId {
    let case = clinic.queues_case().await;
    clinic.radiologist(1).opens(&case).await;
    clinic.radiologist(2).opens(&case).await;
    case
}

/// Three processes draw conclusions at once. Who loses a race looks again later.
async fn all_conclude(clinic: &Clinic) {
    let once = || Box::pin(conclude::once(&clinic.shell, true));
    let (one, two, three) = join!(once(), once(), once());
    for done in [one, two, three] {
        done.unwrap();
    }
    clinic.concludes().await;
}

async fn two_who_sign_in_the_same_instant_release_the_case_once(scratch: Scratch) {
    let clinic = Clinic::at_once(&scratch).await;
    let (one, two) = (clinic.radiologist(1), clinic.radiologist(2));
    let mut cases = Vec::new();
    for _ in 0..ROUNDS {
        let case = both_hold(&clinic).await;
        let (first, second) = join!(one.signs(&case, Verdict::Accept), two.signs(&case, Verdict::Accept));
        first.unwrap();
        second.unwrap();
        all_conclude(&clinic).await;
        let seen = clinic.overview(&case).await;
        assert_eq!((seen.state, seen.reads.len()), (Some(CaseState::Released), 2));
        cases.push(case);
    }
    let events = clinic.events().await;
    for case in cases {
        let told = |kind: &str| {
            events.iter().filter(|told| told.subject == case.as_str() && told.event.kind() == kind).count()
        };
        assert_eq!((told("read.signed"), told("case.released")), (2, 1));
    }
}

/// One proof of identity, sent twice.
async fn a_double_click_signs_once(scratch: Scratch) {
    let clinic = Clinic::at_once(&scratch).await;
    let reader = clinic.radiologist(1);
    for round in 0..ROUNDS {
        let case = clinic.queues_case().await;
        reader.opens(&case).await;
        let review = reader.proving(&case, &format!("click {round}"));
        let read = signed(content(Verdict::Accept));
        let (one, other) = join!(review.sign(&case, &read), review.sign(&case, &read));
        let code = loser(one.map(drop), other.map(drop));
        assert!(["signing_token_used", "already_signed"].contains(&code.as_str()), "{code}");
        clinic.radiologist(2).reads(&case, Verdict::Reject).await;
        clinic.concludes().await;
        let reads = clinic.overview(&case).await.reads;
        assert_eq!(reads.iter().filter(|read| read.signature.signer == *user(&reader)).count(), 1);
    }
}

async fn two_tabs_that_sign_at_once_leave_one_read(scratch: Scratch) {
    let clinic = Clinic::at_once(&scratch).await;
    let reader = clinic.radiologist(1);
    for _ in 0..ROUNDS {
        let case = clinic.queues_case().await;
        reader.opens(&case).await;
        let (accepts, rejects) =
            join!(reader.signs(&case, Verdict::Accept), reader.signs(&case, Verdict::Reject));
        let accepted = accepts.is_ok();
        assert_eq!(loser(accepts.map(drop), rejects.map(drop)), "already_signed");
        let mine = reader.review().case(&case).await.unwrap().unwrap().my_read.unwrap();
        assert_eq!(mine.content.verdict == Some(Verdict::Accept), accepted, "the one that was acknowledged");
    }
}

async fn two_tabs_that_save_at_once_leave_one_draft_and_one_conflict(scratch: Scratch) {
    let clinic = Clinic::at_once(&scratch).await;
    let reader = clinic.radiologist(1);
    let case = clinic.queues_case().await;
    reader.opens(&case).await;
    for round in 0..ROUNDS as u32 {
        let save = |comment: &str| SaveDraft {
            version: round,
            content: ReadContent { comment: comment.to_owned(), ..ReadContent::default() },
        };
        let (review, here, there) = (reader.review(), save("here"), save("there"));
        let (one, other) = join!(review.save_draft(&case, &here), review.save_draft(&case, &there));
        let kept = if one.is_ok() { "here" } else { "there" };
        assert_eq!(loser(one.map(drop), other.map(drop)), "draft_conflict");
        let draft = review.case(&case).await.unwrap().unwrap().draft.unwrap();
        assert_eq!((draft.version, draft.content.comment.as_str()), (round + 1, kept));
    }
}

async fn two_tabs_that_open_two_cases_hold_one(scratch: Scratch) {
    let clinic = Clinic::at_once(&scratch).await;
    let reader = clinic.radiologist(1);
    let (one, other) = (clinic.queues_case().await, clinic.queues_case().await);
    for _ in 0..ROUNDS {
        let review = reader.review();
        let (here, there) = join!(review.open(&one), review.open(&other));
        assert!(here.is_ok() || there.is_ok(), "at least one tab has its case");
        let mut held = 0;
        for case in [&one, &other] {
            held += usize::from(review.case(case).await.unwrap().unwrap().lease.is_some());
        }
        assert_eq!(held, 1, "one case at a time");
        // The same case in both tabs is one hold.
        let (here, there) = join!(review.open(&one), review.open(&one));
        assert_eq!(here.unwrap().lease.unwrap().id, there.unwrap().lease.unwrap().id);
    }
}

async fn many_who_open_a_case_at_once_get_the_two_slots(scratch: Scratch) {
    let clinic = Clinic::at_once(&scratch).await;
    for round in 0..ROUNDS as u128 {
        let case = clinic.queues_case().await;
        let people: Vec<Person<'_>> =
            (0..6).map(|number| clinic.radiologist(100 + round * 10 + number)).collect();
        let opening = people.iter().map(|person| async { person.review().open(&case).await });
        let opened = futures::future::join_all(opening).await;
        let (got, lost): (Vec<_>, Vec<_>) = opened.into_iter().partition(Result::is_ok);
        assert_eq!(got.len(), 2);
        assert!(lost.into_iter().all(|answer| refusal(answer) == "unavailable"));
    }
}

async fn two_adjudicators_who_open_at_once_get_the_one_slot(scratch: Scratch) {
    let clinic = Clinic::at_once(&scratch).await;
    let roles = [Role::Radiologist, Role::Adjudicator];
    let (one, two) = (clinic.person(8, &roles), clinic.person(9, &roles));
    for _ in 0..ROUNDS {
        let case = clinic.queues_case().await;
        clinic.radiologist(1).reads(&case, Verdict::Accept).await;
        clinic.radiologist(2).reads(&case, Verdict::Reject).await;
        clinic.concludes().await;
        let (here, there) = (one.review(), two.review());
        let (first, second) = join!(here.open(&case), there.open(&case));
        assert_eq!(loser(first.map(drop), second.map(drop)), "unavailable");
    }
}

async fn who_read_a_case_does_not_decide_on_it_whatever_roles_they_hold(scratch: Scratch) {
    let rules = crate::clinic::rules(|policy| {
        (policy.finalisation_minutes, policy.adjudicators_take_first_slots) = (0, true);
    });
    let clinic = Clinic::open(&scratch, rules).await;
    let both = clinic.person(9, &[Role::Radiologist, Role::Adjudicator]);
    let case = clinic.queues_case().await;
    both.reads(&case, Verdict::Accept).await;
    clinic.radiologist(2).reads(&case, Verdict::Reject).await;
    clinic.concludes().await;
    assert_eq!(clinic.overview(&case).await.state, Some(CaseState::Discordant));
    assert!(both.worklist().await.is_empty());
    let review = both.review();
    let (one, other) = join!(review.open(&case), review.open(&case));
    assert_eq!((refusal(one), refusal(other)), ("unavailable".to_owned(), "unavailable".to_owned()));
    assert_eq!(refusal(both.signs(&case, Verdict::Accept).await), "already_signed");
    // Nor does somebody who took the first slot and lost it decide for the other.
    let another = clinic.person(8, &[Role::Adjudicator]);
    another.reads(&case, Verdict::Reject).await;
    clinic.concludes().await;
    assert_eq!(clinic.overview(&case).await.state, Some(CaseState::Rejected));
}

async fn a_withdrawal_and_the_conclusion_at_once_never_release_a_withdrawn_read(scratch: Scratch) {
    let clinic = Clinic::open(&scratch, crate::clinic::rules(|_| {})).await;
    for after in [9, 10] {
        let case = both_hold(&clinic).await;
        clinic.radiologist(1).signs(&case, Verdict::Accept).await.unwrap();
        clinic.radiologist(2).signs(&case, Verdict::Accept).await.unwrap();
        clinic.clock.advance(chrono::TimeDelta::minutes(after));
        let reader = clinic.radiologist(1);
        let (withdrawn, ()) = join!(reader.withdraws(&case), all_conclude(&clinic));
        let state = clinic.overview(&case).await.state;
        if withdrawn.is_ok() {
            assert_eq!((after, state), (9, Some(CaseState::Reading)));
        } else {
            assert_eq!((after, state), (10, Some(CaseState::Released)));
            assert_eq!(refusal(withdrawn), "read_final");
        }
    }
}

async fn a_signature_and_what_stops_the_case_at_once_never_release_it(scratch: Scratch) {
    let clinic = Clinic::at_once(&scratch).await;
    for supersedes in [true, false].into_iter().cycle().take(ROUNDS) {
        // A study is flagged once in an instant.
        clinic.clock.advance(chrono::TimeDelta::seconds(1));
        let run = clinic.completes_run(Stage::General).await;
        let case = clinic.case_of(&run).await;
        clinic.radiologist(1).reads(&case, Verdict::Accept).await;
        let second = clinic.radiologist(2);
        second.opens(&case).await;
        let stops = async {
            if supersedes {
                clinic.told(Event::RunSuperseded { run: run.id.clone() }).await;
            } else {
                let quality = clinic.quality().review();
                quality.flag_study(&run.study, &why()).await.unwrap();
            }
        };
        let (signed, ()) = join!(second.signs(&case, Verdict::Accept), stops);
        all_conclude(&clinic).await;
        let seen = clinic.overview(&case).await;
        let state = if supersedes { CaseState::Superseded } else { CaseState::Held };
        assert_eq!((seen.state, seen.release), (Some(state), None), "signed: {}", signed.is_ok());
        if !supersedes {
            clinic.quality().review().unflag_study(&run.study).await.unwrap();
            clinic.concludes().await;
        }
    }
}

fn user<'p>(person: &'p Person<'_>) -> &'p contract::UserId {
    person.actor.user().expect("a person has an account")
}

/// The code with which the one that lost was refused; exactly one wins.
fn loser(one: Result<(), ClientError>, other: Result<(), ClientError>) -> String {
    match (one, other) {
        (Ok(()), lost @ Err(_)) | (lost @ Err(_), Ok(())) => refusal(lost),
        (one, other) => panic!("one wins: {one:?} {other:?}"),
    }
}
