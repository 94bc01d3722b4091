use super::*;
use crate::config::Destination;
use contract::LoginSessionId;
use proptest::prelude::*;

fn config(destinations: &[(&str, DestinationKind)]) -> Config {
    let destination = |(ae_title, kind): &(&str, DestinationKind)| Destination {
        ae_title: (*ae_title).to_owned(),
        host: "pacs".to_owned(),
        port: 104,
        kind: *kind,
    };
    Config { destinations: destinations.iter().map(destination).collect(), ..Config::default() }
}

fn at() -> Time {
    "2026-11-01T08:00:00Z".parse().unwrap()
}

fn administrator() -> Actor {
    Actor::Person {
        user: UserId::from_bits(1),
        username: "admin".to_owned(),
        printed_name: "Ada Min".to_owned(),
        roles: vec![Role::Administrator],
        login: LoginSessionId::from_bits(1),
    }
}

fn terms(ae_title: &str) -> DestinationTerms {
    config(&[(ae_title, DestinationKind::Clinical)]).destinations[0].terms()
}

/// Delivery begins with this configuration.
fn begins(config: &Config, versions: &mut Vec<Version>) {
    for wanted in configured(config, versions) {
        let (id, follows) = match wanted.follows {
            Some(newest) => (newest.id, newest.version),
            None => (DestinationId::from_bits(versions.len() as u128), 0),
        };
        versions.push(Version {
            id,
            name: wanted.name,
            version: follows + 1,
            terms: wanted.terms,
            changed_at: at(),
            changed_by: Author::Configuration,
            reason: wanted.reason.to_owned(),
        });
    }
}

/// Somebody puts other terms in force.
fn changes(versions: &mut Vec<Version>, name: &str, to: impl FnOnce(&mut DestinationTerms)) {
    let mut now = current(versions).into_iter().find(|known| known.name == name).unwrap();
    let mut command = ChangeDestination {
        follows: now.version,
        terms: now.terms.clone(),
        reason: "the PACS moves".to_owned(),
    };
    to(&mut command.terms);
    change(&administrator(), &now, &command, &current(versions)).unwrap();
    now.version += 1;
    now.terms = command.terms;
    now.changed_by = Author::Person { user: UserId::from_bits(1), printed_name: "Ada Min".to_owned() };
    versions.push(now);
}

const A: &str = "A@pacs:104";

#[test]
fn what_the_configuration_names_is_in_use_and_said_once() {
    let config = config(&[("A", DestinationKind::Clinical), ("B", DestinationKind::Research)]);
    let mut versions = Vec::new();
    begins(&config, &mut versions);
    assert_eq!(in_use(&config, &versions).keys().collect::<Vec<_>>(), [A, "B@pacs:104"]);
    assert_eq!(configured(&config, &versions), [], "a restart says nothing new");
}

#[test]
fn a_restart_takes_nothing_back_that_a_person_changed() {
    let config = config(&[("A", DestinationKind::Clinical)]);
    let mut versions = Vec::new();
    begins(&config, &mut versions);
    changes(&mut versions, A, |terms| terms.host = "new-pacs".to_owned());
    changes(&mut versions, A, |terms| terms.state = DestinationState::Paused);
    begins(&config, &mut versions);
    let now = current(&versions).remove(0);
    assert_eq!((now.version, now.terms.host.as_str()), (3, "new-pacs"));
    assert_eq!(may_have(&now).unwrap_err().code, "destination_paused");
}

#[test]
fn what_leaves_the_configuration_is_closed_and_comes_back_with_it() {
    let named = config(&[("A", DestinationKind::Clinical)]);
    let mut versions = Vec::new();
    begins(&named, &mut versions);
    begins(&config(&[]), &mut versions);
    assert_eq!(may_have(&current(&versions)[0]).unwrap_err().code, "destination_closed");
    assert_eq!(configured(&config(&[]), &versions), [], "it is closed once");
    begins(&named, &mut versions);
    may_have(&current(&versions)[0]).unwrap();
    assert_eq!(versions.len(), 3);
}

#[test]
fn a_destination_of_the_page_is_none_of_the_configuration_s() {
    let mut versions = Vec::new();
    begins(&config(&[("A", DestinationKind::Clinical)]), &mut versions);
    let by_page = Version {
        id: DestinationId::from_bits(99),
        name: "Research archive".to_owned(),
        version: 1,
        terms: terms("R"),
        changed_at: at(),
        changed_by: Author::Person { user: UserId::from_bits(1), printed_name: "Ada Min".to_owned() },
        reason: "a study begins".to_owned(),
    };
    versions.push(by_page);
    begins(&config(&[]), &mut versions);
    let open = in_use(&config(&[]), &versions);
    assert_eq!(open.keys().collect::<Vec<_>>(), ["Research archive"]);
}

#[test]
fn what_cannot_be_a_destination_is_refused_with_what_to_do() {
    let mut versions = Vec::new();
    begins(&config(&[("A", DestinationKind::Clinical)]), &mut versions);
    let there = current(&versions);
    let add = |name: &str, terms: DestinationTerms, reason: &str| {
        let command = AddDestination { name: name.to_owned(), terms, reason: reason.to_owned() };
        add(&administrator(), &command, &there).map_err(|refusal| refusal.code)
    };
    let why = "a second archive";
    add("Second", terms("B"), why).unwrap();
    for (name, terms, reason, code) in [
        ("", terms("B"), why, "destination_malformed"),
        ("two\nlines", terms("B"), why, "destination_malformed"),
        (" blank", terms("B"), why, "destination_malformed"),
        ("a@PACS:104", terms("B"), why, "destination_there"),
        ("Second", terms("A"), why, "destination_there"),
        ("Second", terms("A_TITLE_OF_17_CHRS"), why, "destination_malformed"),
        ("Second", DestinationTerms { host: "a b".to_owned(), ..terms("B") }, why, "destination_malformed"),
        ("Second", DestinationTerms { host: String::new(), ..terms("B") }, why, "destination_malformed"),
        ("Second", DestinationTerms { port: 0, ..terms("B") }, why, "destination_malformed"),
        ("Second", terms("B"), " ", "reason_missing"),
    ] {
        assert_eq!(add(name, terms, reason).unwrap_err(), code, "{name}");
    }
    let quality = match administrator() {
        Actor::Person { user, username, printed_name, login, .. } => {
            Actor::Person { user, username, printed_name, login, roles: vec![Role::Quality] }
        }
        other => other,
    };
    let command = AddDestination { name: "B".to_owned(), terms: terms("B"), reason: why.to_owned() };
    super::add(&quality, &command, &there).unwrap_err();
}

#[test]
fn a_change_of_what_is_no_longer_in_force_and_one_of_nothing_are_refused() {
    let mut versions = Vec::new();
    begins(&config(&[("A", DestinationKind::Clinical)]), &mut versions);
    let now = current(&versions).remove(0);
    let mut command = ChangeDestination { follows: 0, terms: terms("B"), reason: "another title".to_owned() };
    let refused =
        |command: &ChangeDestination| change(&administrator(), &now, command, &versions).unwrap_err().code;
    assert_eq!(refused(&command), "destination_changed_meanwhile");
    command.follows = 1;
    change(&administrator(), &now, &command, &versions).unwrap();
    command.terms = now.terms.clone();
    assert_eq!(refused(&command), "nothing_changes");
}

#[test]
fn a_difference_names_each_thing_that_is_otherwise() {
    let next = DestinationTerms { port: 11_112, state: DestinationState::Closed, ..terms("A") };
    assert_eq!(difference(&terms("A"), &next), ["port: 104 → 11112", "state: in use → closed"]);
    assert_eq!(difference(&next, &next), Vec::<String>::new());
}

proptest! {
    /// Whatever the configuration and people did before: after a start, what it names anew is in use, and starting once
    /// more with the same configuration changes nothing.
    #[test]
    fn a_start_is_idempotent(histories in prop::collection::vec(
        (prop::collection::btree_set(0_usize..3, 0..=3), prop::option::of(0_usize..3)), 1..6)) {
        let names = ["A", "B", "C"];
        let mut versions = Vec::new();
        for (named, paused) in histories {
            let named: Vec<_> = named.into_iter().map(|at| (names[at], DestinationKind::Clinical)).collect();
            let config = config(&named);
            begins(&config, &mut versions);
            prop_assert_eq!(configured(&config, &versions), []);
            for known in current(&versions) {
                let listed = config.destinations.iter().any(|listed| listed.to_string() == known.name);
                let closed = known.terms.state == DestinationState::Closed;
                prop_assert!(listed || closed, "{} is not in the configuration", known.name);
            }
            let pausable = current(&versions).into_iter().find(|known| {
                paused.is_some_and(|at| known.name.starts_with(names[at]))
                    && known.terms.state == DestinationState::InUse
            });
            if let Some(known) = pausable {
                changes(&mut versions, &known.name, |terms| terms.state = DestinationState::Paused);
            }
        }
    }
}
