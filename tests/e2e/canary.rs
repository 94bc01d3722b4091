//! A patient whom nobody else is called like is looked for everywhere where no patient may be.

use tests::Stack;
use tests::scanner::CANARIES;
use tests::stack::SERVICES;

pub(crate) async fn nothing_tells_who_the_patient_is(stack: &Stack) {
    let mut places: Vec<(String, Vec<u8>)> = Vec::new();
    for program in &stack.programs {
        let log = program.log();
        assert!(!log.is_empty(), "{} wrote no log", program.call.name);
        places.push((format!("the log of {}", program.call.name), log.into_bytes()));
    }
    let messages = stack.messages();
    let carried: usize = messages.iter().map(Vec::len).sum();
    assert!(carried > 10_000, "the bus carried only {carried} bytes: was it listened to?");
    // Events and jobs can be read in it, so a name could be.
    for text in ["run.completed", "\"fence\":"] {
        assert!(messages.iter().any(|bytes| contains(bytes, text)), "no message has {text}");
    }
    places.extend(messages.into_iter().map(|bytes| ("a message".to_owned(), bytes)));
    for service in SERVICES {
        let events = stack.events(service).await;
        assert!(!events.is_empty(), "{service} told nothing");
        places.push((format!("the outbox of {service}"), serde_json::to_vec(&events).unwrap()));
    }
    let names = stack.object_names().await;
    assert!(names.len() > 50, "only {} objects", names.len());
    places.push(("the names of objects".to_owned(), names.join("\n").into_bytes()));

    for (place, bytes) in places {
        for canary in CANARIES {
            assert!(!contains(&bytes, canary), "{canary} stands in {place}");
        }
    }
}

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window.eq_ignore_ascii_case(text.as_bytes()))
}
