//! Accounts: who makes and changes them, what that does to who is signed in, and what stays of it.

use crate::site::{Browser, PASSWORD, Site};
use contract::event::{AccountChange, AccountChanged};
use contract::{Event, Role};
use database::on_both_databases;
use database::scratch::Scratch;
use serde_json::{Value, json};

const CHOSEN: &str = "a password of my own";

on_both_databases! {
    an_invited_person_chooses_a_password_before_anything_else,
    roles_that_are_taken_away_are_gone_with_the_next_request,
    who_is_disabled_is_signed_out_everywhere_and_stays_out,
    a_password_that_was_made_is_too_old_after_three_days,
    nobody_but_another_administrator_changes_an_account,
    what_became_of_an_account_stays_with_who_did_it_and_why,
    one_of_two_who_change_an_account_at_once_is_told,
}

async fn administrator(site: &Site) -> Browser<'_> {
    site.knows("admin", &[Role::Administrator]).await;
    signed_in(site, "admin", PASSWORD).await
}

async fn signed_in<'s>(site: &'s Site, username: &str, password: &str) -> Browser<'s> {
    let mut browser = site.browser();
    let answer = browser.signs_in(username, password).await;
    assert_eq!(answer["refusal"], Value::Null, "{username}");
    browser
}

/// Carries out a command; gives its payload.
async fn commands(browser: &Browser<'_>, command: &str, shape: &str, input: Value) -> Value {
    let mut kind = command.to_owned();
    kind[..1].make_ascii_uppercase();
    let query = format!(
        "mutation ($input: {kind}Input!) {{ {command}(input: $input) {{ {shape} refusal {{ code }} }} }}"
    );
    browser.asks(&query, json!({ "input": input })).await[command].take()
}

async fn invites(admin: &Browser<'_>, username: &str, roles: &[&str]) -> String {
    let input = json!({ "username": username, "printedName": "Dr. New", "roles": roles, "reason": "is new" });
    let made = commands(admin, "addAccount", "issued { username password until }", input).await;
    made["issued"]["password"].as_str().unwrap_or_else(|| panic!("{made}")).to_owned()
}

async fn chooses(browser: &Browser<'_>, present: &str, new: &str) -> Value {
    let input = json!({ "presentPassword": present, "newPassword": new });
    commands(browser, "changePassword", "viewer { roles mustChangePassword }", input).await
}

async fn an_invited_person_chooses_a_password_before_anything_else(scratch: Scratch) {
    let site = Site::open(&scratch).await;
    let admin = administrator(&site).await;
    let password = invites(&admin, " New.Reader ", &["RADIOLOGIST"]).await;
    assert_eq!(password.len(), 20);

    let reader = signed_in(&site, "new.reader", &password).await;
    assert_eq!(
        reader.viewer().await["roles"],
        json!([]),
        "with a password of somebody else nobody may anything"
    );
    assert_eq!(chooses(&reader, &password, "short").await["refusal"]["code"], "password_length");
    assert_eq!(chooses(&reader, &password, &password).await["refusal"]["code"], "same_password");
    assert_eq!(chooses(&reader, PASSWORD, CHOSEN).await["refusal"]["code"], "wrong_password");
    let chosen = chooses(&reader, &password, CHOSEN).await;
    assert_eq!(
        chosen["viewer"],
        json!({ "roles": ["RADIOLOGIST"], "mustChangePassword": false }),
        "{chosen}"
    );
    assert_eq!(reader.viewer().await["roles"], json!(["RADIOLOGIST"]), "the login session goes on");
    let former = site.browser().signs_in("new.reader", &password).await;
    assert_eq!(former["refusal"]["code"], "wrong_credentials");
    signed_in(&site, "new.reader", CHOSEN).await;
    site.closes().await;
}

async fn roles_that_are_taken_away_are_gone_with_the_next_request(scratch: Scratch) {
    let site = Site::open(&scratch).await;
    let admin = administrator(&site).await;
    let reader = site.reader().await;
    let input =
        json!({ "username": "rad1", "roles": ["QUALITY", "COORDINATOR"], "reason": "changes office" });
    let changed = commands(&admin, "changeAccountRoles", "account { roles }", input).await;
    assert_eq!(changed["account"]["roles"], json!(["QUALITY", "COORDINATOR"]));
    assert_eq!(reader.viewer().await["roles"], json!(["QUALITY", "COORDINATOR"]));
    site.closes().await;
}

async fn who_is_disabled_is_signed_out_everywhere_and_stays_out(scratch: Scratch) {
    let site = Site::open(&scratch).await;
    let admin = administrator(&site).await;
    let here = site.reader().await;
    let there = signed_in(&site, "rad1", PASSWORD).await;
    let input = json!({ "username": "rad1", "reason": "has left" });
    let before = site.told_since(0).await.len();
    commands(&admin, "disableAccount", "account { disabledAt }", input.clone()).await;
    for browser in [&here, &there] {
        assert_eq!(browser.viewer().await, Value::Null);
    }
    let told = site.told_since(before).await;
    let ended = told.iter().filter(|told| {
        matches!(&told.event, Event::LoginEnded { reason_code, .. } if reason_code == "account_disabled")
    });
    assert_eq!(ended.count(), 2);
    let mut browser = site.browser();
    assert_eq!(browser.signs_in("rad1", PASSWORD).await["refusal"]["code"], "account_disabled");
    let wrong = browser.signs_in("rad1", "not the password").await;
    assert_eq!(wrong["refusal"]["code"], "wrong_credentials", "only who knows the password learns of it");
    let enabled = commands(&admin, "enableAccount", "account { disabledAt }", input).await;
    assert_eq!(enabled["account"]["disabledAt"], Value::Null);
    signed_in(&site, "rad1", PASSWORD).await;
    assert_eq!(here.viewer().await, Value::Null, "what was ended stays ended");
    site.closes().await;
}

async fn a_password_that_was_made_is_too_old_after_three_days(scratch: Scratch) {
    let site = Site::open(&scratch).await;
    let admin = administrator(&site).await;
    let reader = site.reader().await;
    let input = json!({ "username": "rad1", "reason": "forgot it" });
    let made = commands(&admin, "resetPassword", "issued { password }", input).await;
    let password = made["issued"]["password"].as_str().unwrap();
    assert_eq!(reader.viewer().await, Value::Null, "whoever knew the former password is signed out");
    site.clock.advance(chrono::TimeDelta::days(3));
    let mut late = site.browser();
    assert_eq!(late.signs_in("rad1", password).await["refusal"]["code"], "password_expired");
    site.closes().await;
}

async fn nobody_but_another_administrator_changes_an_account(scratch: Scratch) {
    let site = Site::open(&scratch).await;
    let admin = administrator(&site).await;
    let reader = site.reader().await;
    let of = |username: &str| json!({ "username": username, "reason": "because" });
    let code = async |browser: &Browser<'_>, command: &str, shape: &str, input: Value| {
        commands(browser, command, shape, input).await["refusal"]["code"].clone()
    };
    let add =
        json!({ "username": "friend", "printedName": "A Friend", "roles": ["ADMINISTRATOR"], "reason": "x" });
    assert_eq!(code(&reader, "addAccount", "issued { until }", add).await, "forbidden");
    for command in ["disableAccount", "enableAccount"] {
        assert_eq!(code(&reader, command, "account { id }", of("admin")).await, "forbidden");
        assert_eq!(code(&admin, command, "account { id }", of("admin")).await, "own_account");
    }
    assert_eq!(code(&reader, "resetPassword", "issued { until }", of("admin")).await, "forbidden");
    assert_eq!(code(&admin, "resetPassword", "issued { until }", of("nobody")).await, "not_found");
    assert_eq!(reader.asks_in_vain("{ userAccounts { username } }").await.0, "forbidden");
    site.closes().await;
}

async fn what_became_of_an_account_stays_with_who_did_it_and_why(scratch: Scratch) {
    let site = Site::open(&scratch).await;
    let admin = administrator(&site).await;
    let password = invites(&admin, "rad7", &["RADIOLOGIST"]).await;
    chooses(&signed_in(&site, "rad7", &password).await, &password, CHOSEN).await;
    let input =
        json!({ "username": "rad7", "roles": ["RADIOLOGIST", "ADJUDICATOR"], "reason": "decides too" });
    commands(&admin, "changeAccountRoles", "account { id }", input).await;
    let query = "{ userAccounts { username lastSignedInAt temporaryUntil
        history { number kind formerRoles roles by reason } } }";
    let accounts = admin.asks(query, Value::Null).await["userAccounts"].take();
    assert!(!accounts.to_string().contains(&password), "a password is shown once");
    let names: Vec<&Value> = accounts.as_array().unwrap().iter().map(|one| &one["username"]).collect();
    assert_eq!(names, ["admin", "rad7"]);
    let history = &accounts[1]["history"];
    let expected = json!([
        { "number": 3, "kind": "ROLES_CHANGED", "formerRoles": ["RADIOLOGIST"],
            "roles": ["RADIOLOGIST", "ADJUDICATOR"], "by": "Dr. admin", "reason": "decides too" },
        { "number": 2, "kind": "PASSWORD_CHANGED", "formerRoles": [], "roles": [], "by": "Dr. New", "reason": "" },
        { "number": 1, "kind": "ADDED", "formerRoles": [], "roles": ["RADIOLOGIST"], "by": "Dr. admin",
            "reason": "is new" },
    ]);
    assert_eq!(*history, expected);
    assert!(accounts[1]["lastSignedInAt"].is_string() && accounts[1]["temporaryUntil"].is_null());
    assert_eq!(accounts[0]["history"][0]["by"], "an operator at the machine");
    let told = site.told_since(0).await;
    let changes: Vec<&AccountChange> = told
        .iter()
        .filter_map(|told| match &told.event {
            Event::AccountChanged(AccountChanged { change, .. }) => Some(change),
            _ => None,
        })
        .collect();
    assert!(matches!(changes[..], [AccountChange::PasswordChanged, AccountChange::RolesChanged { .. }]));
    site.closes().await;
}

async fn one_of_two_who_change_an_account_at_once_is_told(scratch: Scratch) {
    let site = Site::open(&scratch).await;
    let admin = administrator(&site).await;
    site.knows("other", &[Role::Administrator]).await;
    let other = signed_in(&site, "other", PASSWORD).await;
    site.knows("rad1", &[Role::Radiologist]).await;
    let to = |role: &str| json!({ "username": "rad1", "roles": [role], "reason": "because" });
    let both = tokio::join!(
        commands(&admin, "changeAccountRoles", "account { roles }", to("QUALITY")),
        commands(&other, "changeAccountRoles", "account { roles }", to("COORDINATOR")),
    );
    let refused = [&both.0, &both.1].into_iter().filter(|payload| !payload["refusal"].is_null());
    assert!(refused.clone().all(|payload| payload["refusal"]["code"] == "account_changed"), "{both:?}");
    // One after the other both may succeed; what stands is what the history says last.
    let accounts = admin.asks("{ userAccounts { username roles history { roles } } }", Value::Null).await;
    let rad1 = &accounts["userAccounts"][2];
    assert_eq!(rad1["roles"], rad1["history"][0]["roles"]);
    assert_eq!(rad1["history"].as_array().unwrap().len(), 3 - refused.count());
    site.closes().await;
}
