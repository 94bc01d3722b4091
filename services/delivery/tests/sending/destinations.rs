//! Destinations that people add and change while releases are on their way.

use crate::hospital::{Hospital, told};
use crate::{is_delivered, is_held, open};
use contract::delivery::{AddDestination, ChangeDestination, Destination, DestinationKind, DestinationState};
use contract::{ClientError, Event, Role};
use database::on_both_databases;
use database::scratch::Scratch;
use platform::Shutdown;

on_both_databases! {
    what_waits_for_a_paused_destination_goes_where_it_is_afterwards,
    a_destination_that_is_added_gets_what_is_released_from_then_on,
    of_two_who_change_a_destination_one_is_too_late,
}

fn is_changed(event: &Event) -> bool {
    matches!(event, Event::DestinationChanged(_))
}

async fn the_only(hospital: &Hospital) -> Destination {
    let mut known = hospital.delivery_as(&[Role::Quality]).destinations().await.unwrap();
    assert_eq!(known.len(), 1);
    known.remove(0)
}

/// Puts other terms in force.
async fn change(hospital: &Hospital, to: impl FnOnce(&mut ChangeDestination)) -> Destination {
    let now = the_only(hospital).await;
    let mut command = ChangeDestination {
        follows: now.versions[0].version,
        terms: now.terms,
        reason: "the PACS moves".to_owned(),
    };
    to(&mut command);
    hospital.delivery_as(&[Role::Administrator]).destination_change(&now.id, &command).await.unwrap()
}

async fn what_waits_for_a_paused_destination_goes_where_it_is_afterwards(scratch: Scratch) {
    let hospital = open(&scratch).await;
    let shutdown = Shutdown::new();
    let tasks = hospital.start(&scratch.db, &shutdown);
    let served = hospital.serves(&scratch, &shutdown).await;
    let named = the_only(&hospital).await;
    assert_eq!(named.versions[0].changed_by, None, "the configuration named it");
    change(&hospital, |command| command.terms.state = DestinationState::Paused).await;
    hospital.release().await;
    told(&scratch.db, is_held).await;
    assert_eq!(hospital.pacs.uids(), Vec::<String>::new());
    assert_eq!(the_only(&hospital).await.waiting, 1);

    change(&hospital, |command| {
        "localhost".clone_into(&mut command.terms.host);
        command.terms.state = DestinationState::InUse;
    })
    .await;
    told(&scratch.db, is_delivered).await;
    let called = hospital.delivery_as(&[Role::Administrator]).destination_test(&named.id).await.unwrap();
    assert!(called.answered, "{}", called.words);
    shutdown.request();
    futures::future::join_all(tasks.into_iter().chain([served])).await;

    // The configuration still names the old address, and a start takes nothing back.
    let again = Shutdown::new();
    let tasks = hospital.start(&scratch.db, &again);
    hospital.serves(&scratch, &again).await;
    let now = the_only(&hospital).await;
    again.request();
    futures::future::join_all(tasks).await;
    assert_eq!((now.name.clone(), now.terms.host.as_str(), now.waiting), (named.name, "localhost", 0));
    let said: Vec<_> = now.versions.iter().map(|version| version.difference.join("; ")).collect();
    assert_eq!(said, ["host: 127.0.0.1 → localhost; state: paused → in use", "state: in use → paused", ""]);
    assert_eq!(now.versions[0].changed_by.as_deref(), Some("Some Body"));
}

async fn a_destination_that_is_added_gets_what_is_released_from_then_on(scratch: Scratch) {
    let mut hospital = open(&scratch).await;
    let terms = hospital.config.destinations.remove(0);
    let shutdown = Shutdown::new();
    hospital.start(&scratch.db, &shutdown);
    hospital.serves(&scratch, &shutdown).await;
    let admin = hospital.delivery_as(&[Role::Administrator]);
    assert_eq!(admin.destinations().await.unwrap(), []);
    let command = AddDestination {
        name: "PACS of radiology".to_owned(),
        terms: contract::delivery::DestinationTerms {
            ae_title: terms.ae_title,
            host: terms.host,
            port: terms.port,
            kind: DestinationKind::Clinical,
            state: DestinationState::InUse,
        },
        reason: "the first archive".to_owned(),
    };
    let by_quality = hospital.delivery_as(&[Role::Quality]).destination_add(&command).await;
    assert!(matches!(by_quality, Err(ClientError::Refused { refusal, .. }) if refusal.code == "forbidden"));
    let added = admin.destination_add(&command).await.unwrap();
    let again = admin.destination_add(&command).await;
    assert!(
        matches!(again, Err(ClientError::Refused { refusal, .. }) if refusal.code == "destination_there")
    );
    hospital.release().await;
    let events = told(&scratch.db, is_delivered).await;
    shutdown.request();
    assert_eq!(events.iter().filter(|event| is_changed(event)).count(), 1);
    assert_eq!(added.name, "PACS of radiology");
    assert!(!hospital.pacs.uids().is_empty());
}

async fn of_two_who_change_a_destination_one_is_too_late(scratch: Scratch) {
    let hospital = open(&scratch).await;
    let shutdown = Shutdown::new();
    hospital.serves(&scratch, &shutdown).await;
    let now = the_only(&hospital).await;
    let admin = hospital.delivery_as(&[Role::Administrator]);
    let command = |state| {
        let mut terms = now.terms.clone();
        terms.state = state;
        ChangeDestination { follows: 1, terms, reason: "two at once".to_owned() }
    };
    let (paused, closed) = (command(DestinationState::Paused), command(DestinationState::Closed));
    let both =
        tokio::join!(admin.destination_change(&now.id, &paused), admin.destination_change(&now.id, &closed));
    let late = [both.0, both.1].into_iter().filter_map(Result::err).collect::<Vec<_>>();
    assert!(
        matches!(&late[..], [ClientError::Refused { refusal, .. }] if refusal.code == "destination_changed_meanwhile"),
        "{late:?}"
    );
    let unreachable = ChangeDestination {
        follows: 2,
        terms: contract::delivery::DestinationTerms { port: 9, ..now.terms.clone() },
        reason: "a port where nobody listens".to_owned(),
    };
    admin.destination_change(&now.id, &unreachable).await.unwrap();
    let called = admin.destination_test(&now.id).await.unwrap();
    assert!(!called.answered && !called.words.is_empty());
    shutdown.request();
}
