use super::*;
use crate::entry::Entry;
use crate::entry::tests::{envelope, rad1};
use contract::event::Access;
use contract::rollout::Stage;
use contract::{Actor, CaseId, DeploymentId, Envelope, Event, ReadId};

const CANARY: &str = "Yamada^Tarō";

/// Envelopes in which a canary stands in every place where somebody's words or name may stand.
fn telling() -> Vec<(Envelope, Vec<&'static str>)> {
    let (case, read) = (CaseId::from_bits(1), ReadId::from_bits(2));
    let told = |event| envelope("review", 1, event);
    let mut by_device = told(Event::SeriesUnmatched { series: contract::SeriesId::from_bits(1) });
    by_device.actor = Actor::Device { ae_title: CANARY.to_owned() };
    let mut by_name = told(Event::CaseRejected { case: case.clone() });
    by_name.actor = named();
    let mut search = told(Event::AccessRecorded { access: Access::Ledger });
    (search.subject, search.actor) = (CANARY.to_owned(), Actor::service("audit"));
    let reason = Digest::of(CANARY.as_bytes());
    let banner = Some(CANARY.to_owned());
    vec![
        (by_device, vec!["actor"]),
        (by_name, vec!["actor"]),
        (search, vec!["subject"]),
        (told(Event::ReadWithdrawn { case: case.clone(), read, reason }), vec!["actor", "reason"]),
        (told(Event::DraftSaved { case, version: 1, content: reason }), vec!["actor", "content"]),
        (
            told(Event::AlarmAcknowledged { alarm: contract::AlarmId::from_bits(1), conclusion: reason }),
            vec!["actor", "conclusion"],
        ),
        (
            told(Event::DeploymentCreated {
                texture_percent: None,
                deployment: DeploymentId::from_bits(1),
                stage: Stage::Shadow,
                banner,
            }),
            vec!["actor", "banner"],
        ),
    ]
}

fn named() -> Actor {
    let Actor::Person { user, roles, login, .. } = rad1() else { unreachable!("rad1 is a person") };
    let (username, printed_name) = (CANARY.to_owned(), CANARY.to_owned());
    Actor::Person { user, username, printed_name, roles, login }
}

fn entry(envelope: Envelope) -> Entry {
    Entry { recorded_at: Time::UNIX_EPOCH, envelope }
}

/// The names of the parts beside an entry.
fn names(text: &str) -> Vec<&str> {
    beside(text).map(|part| part.name).collect()
}

fn commitments(text: &str) -> BTreeMap<String, String> {
    let entry: Value = serde_json::from_str(text).unwrap();
    serde_json::from_value(entry["personal"].clone()).unwrap_or_default()
}

fn compared(text: &str, beside: &str) -> Opened {
    let commitments = commitments(text);
    compare(commitments.iter().map(|(name, digest)| (name.as_str(), digest.as_str())), beside)
}

#[test]
fn nothing_that_tells_of_people_stands_in_a_leaf_and_everything_comes_back() {
    for (envelope, parts) in telling() {
        let entry = entry(envelope);
        let kept = entry.sealed(|| [3; 32]);
        let digest = Digest::of(CANARY.as_bytes()).to_string();
        for word in [CANARY, digest.as_str(), "rad1", "Reader"] {
            assert!(!kept.text.contains(word), "{word} stands in {}", kept.text);
        }
        assert_eq!(names(&kept.personal), parts);
        assert!(kept.text.contains(r#""form":2,"personal":{"#), "{}", kept.text);
        assert_eq!(Entry::read(&kept.text, &kept.personal).unwrap(), entry);
        assert_eq!(compared(&kept.text, &kept.personal), Opened::Whole);
    }
}

#[test]
fn an_entry_in_which_nothing_is_personal_has_no_commitments() {
    let mut envelope = envelope("review", 1, Event::CaseRejected { case: CaseId::from_bits(1) });
    envelope.actor = Actor::service("review");
    let entry = entry(envelope);
    let kept = entry.sealed(|| unreachable!("no salt is needed"));
    assert_eq!(kept, entry.open());
}

#[test]
fn an_entry_from_before_there_were_commitments_is_read_as_it_was() {
    for (envelope, _) in telling() {
        let entry = entry(envelope);
        assert_eq!(Entry::read(&entry.canonical(), "").unwrap(), entry);
        assert_eq!(compared(&entry.canonical(), ""), Opened::Whole);
    }
}

#[test]
fn what_is_erased_is_gone_for_good_and_what_remains_still_opens() {
    let (envelope, _) = telling().remove(3);
    let kept = entry(envelope).sealed(|| [3; 32]);
    let now = "2026-11-28T09:00:00Z".parse().unwrap();
    let without = erase(&kept.personal, now, |part| part == "actor").unwrap();
    assert!(!without.contains("rad1") && !without.contains("Reader"), "{without}");
    assert_eq!(compared(&kept.text, &without), Opened::Erased);
    let read = Entry::read(&kept.text, &without).unwrap();
    let Actor::Person { username, .. } = &read.envelope.actor else { panic!("{read:?}") };
    assert_eq!(username, "(erased on 2026-11-28)");
    let reason = Digest::of(CANARY.as_bytes());
    assert!(matches!(&read.envelope.event, Event::ReadWithdrawn { reason: kept, .. } if *kept == reason));
    assert_eq!(erase(&without, now, |part| part == "actor"), None);
}

#[test]
fn another_name_salt_or_part_does_not_open_a_commitment() {
    let (envelope, _) = telling().remove(1);
    let kept = entry(envelope).sealed(|| [3; 32]);
    let wrong = [
        kept.personal.replace("Yamada", "Yamanaka"),
        kept.personal.replacen("03", "04", 1),
        kept.personal.replace("actor", "subject"),
        kept.personal.clone() + "\tsubject\t00\t\"x\"",
        String::new(),
    ];
    for beside in wrong {
        assert_eq!(compared(&kept.text, &beside), Opened::Wrong, "{beside}");
    }
}

#[test]
fn content_that_is_gone_needs_an_erasure_that_covers_it() {
    let user = UserId::from_bits(7);
    let erased = format!("actor\t{ERASED}\t2026-11-28T09:00:00Z");
    let gone = vec![Gone::new(4, Some(user.as_str()), &erased)];
    let of = |user: UserId| ErasureScope::Person { user };
    let unexplained = |erasures: &[(ErasureScope, u64)]| Gone::first_unexplained(&gone, erasures);
    assert_eq!(unexplained(&[]), Some(4));
    assert_eq!(unexplained(&[(of(user.clone()), 4)]), Some(4), "it covers only what came before it");
    assert_eq!(unexplained(&[(of(UserId::from_bits(8)), 9)]), Some(4));
    assert_eq!(unexplained(&[(of(user), 5)]), None);
    assert_eq!(unexplained(&[(ErasureScope::Entries { entries: vec![4] }, 9)]), None);
    assert_eq!(unexplained(&[(ErasureScope::Older, 9)]), None);
}
