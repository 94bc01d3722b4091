//! A site is registered with its scanners as was seen, decides whose series its deployments take, and keeps its history.

use crate::site::{Site, ct_series, refusal};
use contract::event::SiteChanged;
use contract::intake::Series;
use contract::rollout::{ChangeSite, PreviewSite, RemoveSite, Scanner, Stage};
use contract::{Event, Role, SiteId};
use database::on_both_databases;
use database::scratch::Scratch;

on_both_databases! {
    a_site_is_registered_as_was_seen_and_takes_only_what_its_scanners_send,
    a_sender_belongs_to_one_site_and_a_site_in_use_stays,
    who_is_no_administrator_changes_no_site,
}

fn scanner(sender: &str, name: &str) -> Scanner {
    Scanner { sender: sender.to_owned(), name: name.to_owned(), maker_words: Vec::new() }
}

/// Gives a site these scanners, after so many series were seen to be routed otherwise.
fn change(name: &str, scanners: Vec<Scanner>, (follows, differing_seen): (u32, u32)) -> ChangeSite {
    let (name, reason) = (name.to_owned(), "the scanners that we have".to_owned());
    ChangeSite { name, scanners, reason, follows, differing_seen, looked_at: 100 }
}

fn sent_by(number: u128, sender: &str) -> Series {
    Series { sender: sender.to_owned(), ..ct_series(number) }
}

async fn a_site_is_registered_as_was_seen_and_takes_only_what_its_scanners_send(scratch: Scratch) {
    let site = Site::open(&scratch).await;
    let chest = site.deploys("chest", Stage::Pilot).await;
    site.has_ready(sent_by(1, "CT1")).await;
    site.has_ready(sent_by(2, "CT2")).await;
    site.tells("run.requested", 2).await;
    let administrator = site.administrator().rollout();
    let scanners = vec![scanner("CT1", "room 1")];
    let request = PreviewSite { name: "main".to_owned(), scanners: scanners.clone(), series: 100 };
    let preview = site.quality().rollout().site_preview(&request).await.unwrap();
    assert_eq!((preview.follows, preview.looked_at, preview.differing), (0, 2, 1));
    assert_eq!((&preview.deployments[0].deployment, preview.deployments[0].matched), (&chest, 1));
    assert_eq!((preview.series[0].sender.as_str(), preview.series[0].lost_by.len()), ("CT2", 1));
    assert!(administrator.sites().await.unwrap().is_empty(), "nothing was changed");

    let unseen = administrator.site_change(&change("main", scanners.clone(), (0, 0))).await;
    assert_eq!(refusal(unseen).code, "dry_run_outdated");
    let main = administrator.site_change(&change("main", scanners.clone(), (0, 1))).await.unwrap();
    assert_eq!((main.version(), main.is_registered, &main.scanners), (1, true, &scanners));
    let first = &main.versions[0];
    assert_eq!((first.changed_by.as_str(), first.differing), ("Person 1", Some((1, 2))));
    assert_eq!(first.difference, ["+ scanner room 1: sent by CT1"]);
    assert_eq!(
        refusal(administrator.site_change(&change("main", scanners, (1, 0))).await).code,
        "site_unchanged"
    );

    site.has_ready(sent_by(3, "CT2")).await;
    site.tells("series.unmatched", 1).await;
    site.has_ready(sent_by(4, "CT1")).await;
    site.tells("run.requested", 3).await;
    let routing = site.quality().rollout().routing_batch(vec![ct_series(3).id]).await.unwrap();
    let why = routing[0].outcomes[0].failed_rule.clone().unwrap();
    assert_eq!(why, "the sender is CT2, which is no scanner of the site main");

    let both = vec![scanner("CT1", "room 1"), scanner("CT2", "room 2")];
    let overtaken = administrator.site_change(&change("main", both.clone(), (0, 2))).await;
    assert_eq!(refusal(overtaken).code, "site_overtaken");
    let main = administrator.site_change(&change("main", both, (1, 2))).await.unwrap();
    assert_eq!(main.versions.iter().map(|version| version.version).collect::<Vec<_>>(), [2, 1]);
    let told = site.tells("site.changed", 2).await;
    assert!(
        matches!(&told[1].event, Event::SiteChanged(SiteChanged { site, version: 2, is_registered: true, .. })
        if *site == main.id)
    );
    assert!(!serde_json::to_string(&told[1].event).unwrap().contains("CT2"), "our ids only");
}

async fn a_sender_belongs_to_one_site_and_a_site_in_use_stays(scratch: Scratch) {
    let site = Site::open(&scratch).await;
    site.deploys("chest", Stage::Pilot).await;
    let administrator = site.administrator().rollout();
    let change = |name, sender, seen| {
        let (administrator, command) =
            (administrator.clone(), change(name, vec![scanner(sender, "room")], seen));
        async move { administrator.site_change(&command).await }
    };
    let main = change("main", "CT1", (0, 0)).await.unwrap();
    let taken = refusal(change("south", "CT1", (0, 0)).await);
    assert!(taken.code == "sender_taken" && taken.message.contains("CT1") && taken.message.contains("main"));
    let south = change("south", "CT2", (0, 0)).await.unwrap();

    let removal = RemoveSite { reason: "closed".to_owned(), follows: 1 };
    let used = refusal(administrator.site_remove(&main.id, &removal).await);
    assert!(used.code == "site_in_use" && used.message.contains("chest"), "{}", used.message);
    let removed = administrator.site_remove(&south.id, &removal).await.unwrap();
    assert_eq!((removed.is_registered, removed.version()), (false, 2));
    assert_eq!(removed.versions[0].difference, ["\u{2212} scanner room: sent by CT2"]);
    assert_eq!(refusal(administrator.site_remove(&south.id, &removal).await).code, "site_unchanged");
    // Its sender is free, and its history goes on.
    change("main", "CT2", (1, 0)).await.unwrap();
    let again = change("south", "CT1", (2, 0)).await.unwrap();
    assert_eq!((again.is_registered, again.version()), (true, 3));
    let sites = administrator.sites().await.unwrap();
    assert_eq!(sites.iter().map(|site| site.name.as_str()).collect::<Vec<_>>(), ["main", "south"]);

    // Two at the same time want one sender: the key lets one have it.
    let both = futures::future::join(change("east", "CT9", (0, 0)), change("west", "CT9", (0, 0))).await;
    let refused = [both.0, both.1].into_iter().filter_map(Result::err).count();
    assert_eq!(refused, 1);
}

async fn who_is_no_administrator_changes_no_site(scratch: Scratch) {
    let site = Site::open(&scratch).await;
    let command = change("main", vec![scanner("CT1", "room 1")], (0, 0));
    let removal = RemoveSite { reason: "closed".to_owned(), follows: 1 };
    for role in [Role::Quality, Role::ClinicalOwner, Role::Coordinator, Role::Radiologist] {
        let rollout = site.person(4, &[role]).rollout();
        assert_eq!(refusal(rollout.site_change(&command).await).code, "forbidden", "{role:?}");
        let of = SiteId::of_name("main");
        assert_eq!(refusal(rollout.site_remove(&of, &removal).await).code, "forbidden", "{role:?}");
        assert_eq!(rollout.sites().await.is_ok(), role != Role::Radiologist, "{role:?}");
    }
    assert!(site.tells("site.changed", 0).await.is_empty());
}
