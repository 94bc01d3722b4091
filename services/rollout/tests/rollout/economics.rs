//! What a deployment costs is counted from runs and reads, and a budget says no before it is overspent.

use crate::site::{How, Site, ct_series, refusal};
use chrono::TimeDelta;
use contract::event::{BudgetRefused, TermsChanged};
use contract::rollout::{
    Budget, BudgetStanding, ChangeTerms, CostKind, DeploymentEconomics, Economics, EconomicsFile,
    EconomicsQuery, Entered, Known, Plan, Stage,
};
use contract::{DeploymentId, Event, Role, RunId};
use database::on_both_databases;
use database::scratch::Scratch;
use platform::Clock as _;

on_both_databases! {
    seconds_bytes_and_reading_time_become_an_account_at_the_prices_in_force,
    prices_and_plans_are_versions_with_difference_and_author_that_only_an_administrator_changes,
    a_budget_says_no_before_it_is_overspent_and_the_reason_stands_with_the_series,
    a_report_that_is_taken_out_is_told_and_readers_get_none,
}

async fn economics(site: &Site) -> Economics {
    let now = site.clock.now();
    let query = EconomicsQuery { from: now - TimeDelta::days(20), to: now + TimeDelta::seconds(1) };
    site.quality().rollout().economics(&query).await.unwrap()
}

fn of(economics: Economics, id: &DeploymentId) -> DeploymentEconomics {
    economics.deployments.into_iter().find(|one| one.deployment == *id).unwrap()
}

/// A series arrives, and its run is asked for.
async fn arrives(site: &Site, number: u128) -> RunId {
    let ready = site.has_ready(ct_series(number)).await;
    let mut told = site.tells("run.requested", 1).await;
    for _ in 0..200 {
        let of_it = told.iter().find(|run| run.causation.as_deref() == Some(ready.id.as_str()));
        if let Some(Event::RunRequested { run, .. }) = of_it.map(|envelope| &envelope.event) {
            return run.clone();
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        told = site.tells("run.requested", 1).await;
    }
    panic!("no run was asked for");
}

async fn seconds_bytes_and_reading_time_become_an_account_at_the_prices_in_force(scratch: Scratch) {
    let site = Site::open(&scratch).await;
    let id = site.deploys("chest", Stage::Supervised).await;
    let deployment = site.deployment(&id).await;
    let good = arrives(&site, 1).await;
    let failed = arrives(&site, 2).await;
    site.clock.advance(TimeDelta::hours(1));
    site.run_ends(good.clone(), 720.0, Some(2_000_000_000));
    site.run_ends(failed, 360.0, None);
    site.case_of_run_ends(good, &deployment, How::Released);
    site.watch.sweep().await.unwrap();

    let found = economics(&site).await;
    let hour = found.prices.terms.reader_hour;
    let one = of(found, &id);
    let account = &one.account;
    let studies = account.studies;
    assert_eq!(
        (studies.requested, studies.generated, studies.failed, studies.read, studies.released),
        (2, 1, 1, 1, 1)
    );
    // Two people took two minutes each.
    assert!((account.reader_minutes - 4.0).abs() < 1e-9);
    let line = |kind: CostKind| account.lines.iter().find(|line| line.kind == kind).unwrap();
    assert!((line(CostKind::Compute).quantity - 0.3).abs() < 1e-9, "{:?}", line(CostKind::Compute));
    assert!((line(CostKind::Storage).quantity - 240.0).abs() < 1e-6, "2 GB for 120 months");
    let reading = line(CostKind::Reading);
    assert!((reading.amount - hour.amount * 4.0 / 60.0).abs() < 1e-9);
    assert_eq!((reading.quantity_known, reading.known), (Known::Measured, Known::Estimated));
    assert_eq!(account.per_generated, account.per_released);

    // A second look counts nothing twice.
    site.watch.sweep().await.unwrap();
    let again = of(economics(&site).await, &id).account;
    assert!((again.cost - account.cost).abs() < 1e-9);
}

async fn prices_and_plans_are_versions_with_difference_and_author_that_only_an_administrator_changes(
    scratch: Scratch,
) {
    let site = Site::open(&scratch).await;
    let id = site.deploys("chest", Stage::Pilot).await;
    let administrator = site.administrator().rollout();
    let mut prices = economics(&site).await.prices.terms;
    prices.reader_hour = Entered { amount: 180.0, known: Known::Contract };
    let change = ChangeTerms { terms: prices, reason: "the tariff of this year".to_owned(), follows: 0 };
    let changed = administrator.prices_change(&change).await.unwrap();
    assert_eq!((changed.version, changed.changed_by.as_deref()), (1, Some("Person 1")));
    assert_eq!(
        changed.difference,
        ["\u{2212} hour of a reader 150.00 (estimated)", "+ hour of a reader 180.00 (contract)"]
    );
    assert_eq!(refusal(administrator.prices_change(&change).await).code, "terms_overtaken");
    let same = ChangeTerms { follows: 1, ..change.clone() };
    assert_eq!(refusal(administrator.prices_change(&same).await).code, "terms_unchanged");
    let quality = site.quality().rollout().prices_change(&same).await;
    assert_eq!(refusal(quality).code, "forbidden");

    let plan = of(economics(&site).await, &id).plan.terms;
    let broken = Plan { integration_months: 0.0, ..plan.clone() };
    let broken = ChangeTerms { terms: broken, reason: "a slip".to_owned(), follows: 0 };
    assert_eq!(refusal(administrator.plan_change(&id, &broken).await).code, "terms_malformed");
    let licence = Entered { amount: 900.0, known: Known::Contract };
    let dearer = Plan { licence_month: licence, ..plan };
    let dearer = ChangeTerms { terms: dearer, reason: "the contract of 1 April".to_owned(), follows: 0 };
    administrator.plan_change(&id, &dearer).await.unwrap();
    let told = site.tells("terms.changed", 2).await;
    assert!(matches!(&told[0].event, Event::TermsChanged(TermsChanged { deployment: None, version: 1, .. })));
    assert!(
        matches!(&told[1].event, Event::TermsChanged(TermsChanged { deployment: Some(of), .. }) if *of == id)
    );
    let one = of(economics(&site).await, &id);
    assert_eq!((one.plan.version, one.former_plans.len()), (1, 1));
}

async fn budgeted(site: &Site, id: &DeploymentId, budget: Budget) {
    let now = of(economics(site).await, id).plan;
    let plan = Plan { budget: Some(budget), ..now.terms };
    let change = ChangeTerms { terms: plan, reason: "the year's budget".to_owned(), follows: now.version };
    site.administrator().rollout().plan_change(id, &change).await.unwrap();
}

async fn a_budget_says_no_before_it_is_overspent_and_the_reason_stands_with_the_series(scratch: Scratch) {
    let site = Site::open(&scratch).await;
    let id = site.deploys("chest", Stage::Pilot).await;
    let budget = Budget { month: 25.0, throttle_from: 1.0, throttle_per_mille: 1_000, first_studies: 10.0 };
    budgeted(&site, &id, budget).await;
    arrives(&site, 1).await;
    arrives(&site, 2).await;
    // Two are on their way at 10 each: a third would be the 26th to 30th of 25.
    let third = ct_series(3);
    site.has_ready(third.clone()).await;
    let refused = site.tells("budget.refused", 1).await;
    let expected =
        BudgetRefused { deployment: id.clone(), series: third.id.clone(), standing: BudgetStanding::Paused };
    assert_eq!(refused[0].event, Event::BudgetRefused(expected));
    assert_eq!(site.tells("run.requested", 2).await.len(), 2);
    let routing = site.quality().rollout().routing_batch(vec![third.id.clone()]).await.unwrap().remove(0);
    let reason = routing.outcomes[0].failed_rule.clone().unwrap();
    assert!(!routing.outcomes[0].matched && reason.contains("20.00 of 25.00 EUR"), "{reason}");

    let one = of(economics(&site).await, &id);
    assert_eq!((one.refused, one.refusals.len(), &one.refusals[0].series), (1, 1, &third.id));
    let state = one.budget.unwrap();
    assert_eq!(state.standing, BudgetStanding::Paused);
    assert!((state.committed - 20.0).abs() < 1e-9);

    // The next month has a budget of its own.
    site.clock.advance(TimeDelta::days(10));
    let now = of(economics(&site).await, &id).budget.unwrap();
    assert_eq!(
        (now.standing, now.since.to_rfc3339().as_str()),
        (BudgetStanding::Open, "2026-12-01T00:00:00+00:00")
    );
    arrives(&site, 4).await;
}

async fn a_report_that_is_taken_out_is_told_and_readers_get_none(scratch: Scratch) {
    let site = Site::open(&scratch).await;
    site.deploys("chest", Stage::Pilot).await;
    let now = site.clock.now();
    let query = EconomicsQuery { from: now - TimeDelta::days(5), to: now };
    for (file, media_type, begins) in [
        (EconomicsFile::Csv, "text/csv; charset=utf-8", "deployment,group,what"),
        (EconomicsFile::Html, "text/html; charset=utf-8", "<!DOCTYPE html>"),
        (EconomicsFile::Pdf, "application/pdf", "%PDF-1.7"),
    ] {
        let answer = site.quality().rollout().economics_file(file, &query).send().await.unwrap();
        assert_eq!(answer.headers()["content-type"], media_type);
        assert!(answer.bytes().await.unwrap().starts_with(begins.as_bytes()));
    }
    let told = site.tells("access.recorded", 3).await;
    let subjects: Vec<&str> = told.iter().map(|event| event.subject.as_str()).collect();
    let period = "from 2026-11-20 to 2026-11-25";
    assert_eq!(subjects, ["CSV", "HTML", "PDF"].map(|form| format!("costs as {form} {period}")));
    let reader = site.person(7, &[Role::Radiologist]).rollout();
    assert!(reader.economics(&query).await.is_err());
    for file in [EconomicsFile::Csv, EconomicsFile::Html, EconomicsFile::Pdf] {
        let answer = reader.economics_file(file, &query).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), 403);
    }
    assert_eq!(site.tells("access.recorded", 3).await.len(), 3);
}
