//! Accounts and login sessions, on both databases.

use crate::site::{PASSWORD, Site};
use chrono::TimeDelta;
use contract::gateway::NewUser;
use contract::{Event, LoginSessionId, Role};
use database::on_both_databases;
use database::scratch::Scratch;
use gateway::{Config, Error, SignInLimits};
use serde_json::{Value, json};

on_both_databases! {
    a_person_signs_in_and_scripts_never_see_the_cookie,
    a_wrong_password_and_an_unknown_name_get_the_same_answer,
    a_quarter_of_an_hour_without_activity_locks_the_page,
    what_the_page_does_by_itself_is_no_activity,
    no_login_outlives_twelve_hours,
    signing_out_ends_the_login_for_every_service_at_once,
    attempts_run_out,
    a_name_is_taken_once_whatever_its_case,
}

fn login_of(event: &Event) -> LoginSessionId {
    match event {
        Event::LoginOpened { login } | Event::LoginEnded { login, .. } => login.clone(),
        other => panic!("{} is about no login", other.kind()),
    }
}

async fn a_person_signs_in_and_scripts_never_see_the_cookie(scratch: Scratch) {
    let site = Site::open_with(&scratch, Config { cookie_secure: true, ..Config::default() }).await;
    site.knows("rad1", &[Role::Radiologist, Role::Adjudicator]).await;
    let mut browser = site.browser();
    assert_eq!(browser.viewer().await, Value::Null);
    let signed_in = browser.signs_in(" RAD1 ", PASSWORD).await;
    assert_eq!(signed_in["viewer"]["username"], "rad1");
    for flag in ["countersign=", "HttpOnly", "SameSite=Strict", "Secure", "Path=/"] {
        assert!(browser.cookie.contains(flag), "{flag} is missing in {}", browser.cookie);
    }
    let viewer = browser.viewer().await;
    assert_eq!(viewer, json!({ "username": "rad1", "roles": ["RADIOLOGIST", "ADJUDICATOR"] }));
    let told = site.told(2).await;
    assert!(matches!(told[0].event, Event::UserAdded { .. }));
    assert!(matches!(told[1].event, Event::LoginOpened { .. }));
    site.closes().await;
}

async fn a_wrong_password_and_an_unknown_name_get_the_same_answer(scratch: Scratch) {
    let site = Site::open(&scratch).await;
    site.knows("rad1", &[Role::Radiologist]).await;
    let mut browser = site.browser();
    let wrong = browser.signs_in("rad1", "not the password").await;
    let unknown = browser.signs_in("typed-my-password-here", PASSWORD).await;
    assert_eq!(wrong["refusal"]["code"], "wrong_credentials");
    assert_eq!(wrong, unknown);
    assert_eq!(browser.cookie, "");
    let told = site.told(3).await;
    assert!(
        matches!(&told[1].event, Event::LoginRefused { reason_code } if reason_code == "wrong_credentials")
    );
    let ledger = serde_json::to_string(&told).unwrap();
    assert!(!ledger.contains("typed-my-password-here") && !ledger.contains("not the password"));
    site.closes().await;
}

async fn a_quarter_of_an_hour_without_activity_locks_the_page(scratch: Scratch) {
    let site = Site::open(&scratch).await;
    let browser = site.reader().await;
    for _ in 0..3 {
        site.clock.advance(TimeDelta::minutes(14));
        assert_eq!(browser.viewer().await["username"], "rad1");
    }
    site.clock.advance(TimeDelta::minutes(15));
    assert_eq!(browser.viewer().await, Value::Null);
    let told = site.told(3).await;
    assert!(matches!(&told[2].event, Event::LoginEnded { reason_code, .. } if reason_code == "locked"));
    site.closes().await;
}

async fn what_the_page_does_by_itself_is_no_activity(scratch: Scratch) {
    let site = Site::open(&scratch).await;
    let browser = site.reader().await;
    site.clock.advance(TimeDelta::minutes(10));
    let headers = [("content-type", "application/json"), ("countersign-background", "1")];
    let polled = browser.sends(json!({ "query": "{ viewer { username } }" }).to_string(), &headers).await;
    assert_eq!(polled.json::<Value>().await.unwrap()["data"]["viewer"]["username"], "rad1");
    site.clock.advance(TimeDelta::minutes(6));
    assert_eq!(browser.viewer().await, Value::Null);
    site.closes().await;
}

async fn no_login_outlives_twelve_hours(scratch: Scratch) {
    let site = Site::open(&scratch).await;
    let browser = site.reader().await;
    for _ in 0..71 {
        site.clock.advance(TimeDelta::minutes(10));
        assert_eq!(browser.viewer().await["username"], "rad1");
    }
    site.clock.advance(TimeDelta::minutes(10));
    assert_eq!(browser.viewer().await, Value::Null);
    let told = site.told(3).await;
    assert!(matches!(&told[2].event, Event::LoginEnded { reason_code, .. } if reason_code == "expired"));
    site.closes().await;
}

async fn signing_out_ends_the_login_for_every_service_at_once(scratch: Scratch) {
    let site = Site::open(&scratch).await;
    let browser = site.reader().await;
    let login = login_of(&site.told(2).await[1].event);
    let review = site.called_by("review");
    let status = review.login_status(&login).await.unwrap();
    assert!(status.alive && status.roles == [Role::Radiologist]);
    let out = browser.asks("mutation { signOut { ok refusal { code } } }", Value::Null).await;
    assert_eq!(out["signOut"], json!({ "ok": true, "refusal": null }));
    assert!(!review.login_status(&login).await.unwrap().alive);
    assert_eq!(browser.viewer().await, Value::Null);
    let told = site.told(3).await;
    assert!(matches!(&told[2].event, Event::LoginEnded { reason_code, .. } if reason_code == "signed_out"));
    site.closes().await;
}

async fn attempts_run_out(scratch: Scratch) {
    let sign_in = SignInLimits { account_burst: 3, ..SignInLimits::default() };
    let site = Site::open_with(&scratch, Config { sign_in, ..Config::default() }).await;
    site.knows("rad1", &[Role::Radiologist]).await;
    let mut browser = site.browser();
    for _ in 0..3 {
        assert_eq!(browser.signs_in("rad1", "a guess").await["refusal"]["code"], "wrong_credentials");
    }
    let refused = browser.signs_in("rad1", PASSWORD).await;
    assert_eq!(refused["refusal"]["code"], "too_many_attempts");
    site.clock.advance(TimeDelta::seconds(11));
    assert_eq!(browser.signs_in("rad1", PASSWORD).await["viewer"]["username"], "rad1");
    site.closes().await;
}

async fn a_name_is_taken_once_whatever_its_case(scratch: Scratch) {
    let site = Site::open(&scratch).await;
    site.knows("rad1", &[Role::Radiologist]).await;
    let again = NewUser {
        username: "Rad1".to_owned(),
        printed_name: "Somebody Else".to_owned(),
        roles: vec![Role::Quality],
    };
    let refused = site.users.add(again, PASSWORD.into()).await;
    assert!(matches!(refused, Err(Error::Refused(refusal)) if refusal.code == "username_taken"));
    assert!(site.users.exists("RAD1").await.unwrap());
    assert_eq!(site.told(1).await.len(), 1);
    site.closes().await;
}
