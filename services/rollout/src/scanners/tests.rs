//! What may be registered, and whose a series is.

use super::*;
use crate::router::tests::chest_ct;
use proptest::prelude::*;

pub(crate) fn scanner(sender: &str, name: &str, words: &[&str]) -> Scanner {
    let maker_words = words.iter().map(|word| (*word).to_owned()).collect();
    Scanner { sender: sender.to_owned(), name: name.to_owned(), maker_words }
}

pub(crate) fn registered(site: &str, scanners: Vec<Scanner>) -> Sites {
    Sites::default().with(site, scanners)
}

#[test]
fn a_registered_site_has_the_series_of_its_scanners_and_no_others() {
    let sites = registered("north", vec![scanner("CT1", "room 1", &[]), scanner("CT2", "room 2", &[])]);
    let by = |sender: &str| Series { sender: sender.to_owned(), ..chest_ct() };
    assert_eq!(not_of_site(&by("CT2"), "north", &sites), None);
    assert_eq!(
        not_of_site(&by("CT3"), "north", &sites).unwrap(),
        "the sender is CT3, which is no scanner of the site north"
    );
    assert!(not_of_site(&by("ct1"), "north", &sites).is_some(), "AE titles have case");
    assert_eq!(not_of_site(&by("CT3"), "south", &sites), None, "what isn't registered asks for nobody");
}

#[test]
fn several_scanners_behind_one_sender_are_told_apart_by_maker_or_model() {
    let behind = vec![scanner("PACS", "room 1", &["acme"]), scanner("PACS", "room 2", &["Aura", "Nova"])];
    let sites = registered("north", behind);
    let made = |manufacturer: &str, model: &str| Series {
        sender: "PACS".to_owned(),
        manufacturer: manufacturer.to_owned(),
        manufacturer_model_name: model.to_owned(),
        ..chest_ct()
    };
    let is_of_it = |manufacturer, model| not_of_site(&made(manufacturer, model), "north", &sites).is_none();
    assert!(is_of_it("ACME Medical", "One") && is_of_it("Other", "SuperNova 3"));
    assert!(!is_of_it("Other", "Three"));
    let why = not_of_site(&made("Other", "Three"), "north", &sites).unwrap();
    assert!(why.contains("'Other Three'") && why.contains("the site north"), "{why}");
}

#[test]
fn a_sender_belongs_to_one_site() {
    let sites = registered("north", vec![scanner("CT1", "room 1", &[])]);
    let refused = check_site("south", &[scanner("CT1", "emergency", &[])], &sites).unwrap_err();
    assert_eq!(refused.code, "sender_taken");
    assert!(refused.message.contains("CT1") && refused.message.contains("north"), "{}", refused.message);
    assert_eq!(check_site("north", &[scanner("CT1", "renamed", &[])], &sites), Ok(()));
}

#[test]
fn what_can_not_be_told_apart_or_named_is_refused() {
    let checked = |name: &str, scanners: &[Scanner]| check_site(name, scanners, &Sites::default());
    let one = || scanner("CT1", "room 1", &[]);
    assert_eq!(checked("north", &[one(), scanner("CT1", "room 2", &["nova"])]), Ok(()));
    for alike in [scanner("CT1", "room 2", &[]), scanner("CT2", "room 1", &[])] {
        assert_eq!(checked("north", &[one(), alike]).unwrap_err().code, "scanners_alike");
    }
    assert_eq!(checked("north", &[]).unwrap_err().code, "site_malformed");
    for bad in [scanner("", "room", &[]), scanner("CT1", " room", &[]), scanner("CT1", "room", &[""])] {
        assert_eq!(checked("north", &[bad]).unwrap_err().code, "site_malformed");
    }
    assert_eq!(checked("no\nrth", &[one()]).unwrap_err().code, "site_malformed");
}

fn scanners() -> impl Strategy<Value = Vec<Scanner>> {
    let words = prop::collection::vec(prop::sample::select(vec!["acme", "nova"]), 0..2);
    let one = (0_u8..6, 0_u8..4, words);
    prop::collection::vec(one, 0..6).prop_map(|all| {
        let of = |(sender, name, words): (u8, u8, Vec<&str>)| {
            scanner(&format!("CT{sender}"), &format!("room {name}"), &words)
        };
        all.into_iter().map(of).collect()
    })
}

proptest! {
    #[test]
    fn whatever_order_sites_are_registered_in_no_sender_has_two(all in prop::collection::vec((0_u8..3, scanners()), 0..12)) {
        let mut sites = Sites::default();
        for (site, scanners) in all {
            let name = format!("site {site}");
            if check_site(&name, &scanners, &sites).is_ok() {
                sites = sites.with(&name, scanners);
            }
        }
        for sender in 0..6 {
            let sender = format!("CT{sender}");
            let has = |scanners: &&Vec<Scanner>| scanners.iter().any(|scanner| scanner.sender == sender);
            prop_assert!(sites.0.values().filter(has).count() <= 1);
        }
    }

    #[test]
    fn a_difference_leads_from_one_to_the_other_and_back(before in scanners(), now in scanners()) {
        let turned = |line: &String| match line.strip_prefix("+ ") {
            Some(rest) => format!("\u{2212} {rest}"),
            None => line.replacen('\u{2212}', "+", 1),
        };
        let mut there: Vec<String> = difference(&now, &before).iter().map(turned).collect();
        let mut back = difference(&before, &now);
        there.sort_unstable();
        back.sort_unstable();
        prop_assert_eq!(there, back);
        prop_assert!(difference(&now, &now).is_empty());
    }
}
