//! Field report R20 at the door: what review refuses is told with its reason and remedy, and each try is written down.

use crate::cases::WithStudy as _;
use crate::commands::mutations;
use crate::entries::Entry::Told;
use crate::entries::{fields, left, writes};
use crate::site::Site;
use contract::event::CommandRefused;
use contract::{Event, Refusal};
use database::on_both_databases;
use database::scratch::Scratch;
use serde_json::{Value, json};

on_both_databases! {
    r20_each_try_at_a_read_that_is_final_is_refused_with_its_reason_and_written_down,
}

/// What can be tried on a case and its reads once they are final.
const TRIED: [&str; 13] = [
    "openCase",
    "saveDraft",
    "signRead",
    "adjudicate",
    "withdrawRead",
    "deferCase",
    "holdCase",
    "resumeCase",
    "returnCase",
    "revokeHolds",
    "changeCasePriority",
    "invalidateSignature",
    "markSentinel",
];

/// Commands whose names sound as if they undid a read, and which are about something else.
const ABOUT_OTHER_THINGS: [&str; 1] = ["removeSite"];

async fn r20_each_try_at_a_read_that_is_final_is_refused_with_its_reason_and_written_down(scratch: Scratch) {
    for field in fields("Mutation").into_iter().filter(|field| !ABOUT_OTHER_THINGS.contains(&field.as_str()))
    {
        let lower = field.to_lowercase();
        let undoes = ["delete", "remove", "reopen", "reassign", "unsign", "replace"];
        assert!(!undoes.iter().any(|word| lower.contains(word)), "{field}: no command undoes a signed read");
    }
    let site = Site::open(&scratch).await;
    site.has_cases(1);
    let browser = site.reader().await;
    let refusal = Refusal::new("read_final", "the read is final", "nothing moves it any more");
    *site.behind.refusal.lock().unwrap() = Some(refusal);
    let known = mutations();
    for field in TRIED {
        let input = known.iter().find(|(name, _)| *name == field).and_then(|(_, (input, _))| input.clone());
        let upper = field[..1].to_uppercase() + &field[1..];
        let question = format!(
            "mutation ($input: {upper}Input!) {{ {field}(input: $input) {{ refusal {{ code message remedy }} }} }}"
        );
        // The second time is a replay of the very same request.
        for _ in 0..2 {
            let before = site.told_since(0).await.len();
            let answer = browser.asks(&question, json!({ "input": input })).await;
            let said = &answer[field]["refusal"];
            assert_eq!(said["code"], "read_final", "{field}: {answer}");
            assert_eq!(
                (&said["message"], &said["remedy"]),
                (&Value::from("the read is final"), &Value::from("nothing moves it any more"))
            );
            left(&site, before, field, &Told("command.refused")).await;
            let written: Vec<_> = site.told_since(before).await.into_iter().filter(writes).collect();
            let [entry] = written.as_slice() else { panic!("{field}: {written:?}") };
            let named = matches!(&entry.event, Event::CommandRefused(CommandRefused { command, reason_code })
                if command == field && reason_code == "read_final");
            assert!(named && entry.actor.user().is_some(), "{field}: {entry:?}");
        }
    }
    site.closes().await;
}
