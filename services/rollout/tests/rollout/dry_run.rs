//! A rule is run dry before it is saved, and every version stays.

use crate::site::{Site, ct_series, refusal};
use contract::intake::Series;
use contract::rollout::{ChangeUseRule, CreateDeployment, DryRunOf, DryRunRequest, Stage, UseRule};
use contract::{Actor, Event, ModelVersionId, Role};
use database::on_both_databases;
use database::scratch::Scratch;

on_both_databases! {
    a_dry_run_looks_at_the_last_series_and_changes_nothing,
    a_rule_is_saved_only_as_it_was_seen_and_keeps_its_history,
    r07_every_passed_over_series_says_by_which_rules,
    a_daily_number_stops_at_its_number,
    a_version_is_put_to_use_at_shadow_as_it_was_seen,
    who_is_no_administrator_puts_nothing_to_use,
}

fn thin() -> UseRule {
    UseRule { modality: "CT".to_owned(), slice_thickness_mm_max: Some(1.5), ..UseRule::default() }
}

fn of_thickness(number: u128, thickness_mm: f64) -> Series {
    Series { slice_thickness_mm: Some(thickness_mm), ..ct_series(number) }
}

async fn a_dry_run_looks_at_the_last_series_and_changes_nothing(scratch: Scratch) {
    let site = Site::open(&scratch).await;
    let id = site.deploys("chest", Stage::Pilot).await;
    site.deploys("everything", Stage::Shadow).await;
    site.has_ready(of_thickness(1, 1.0)).await;
    site.has_ready(of_thickness(2, 5.0)).await;
    site.tells("run.requested", 4).await;
    let request = DryRunRequest { of: DryRunOf::Deployment(id.clone()), rule: thin(), series: 100 };
    let run = site.administrator().rollout().dry_run(&request).await.unwrap();
    assert_eq!((run.looked_at, run.matched, run.matched_now, run.overlapping), (2, 1, 2, 1));
    let thick = run.series.iter().find(|row| !row.matched).unwrap();
    assert_eq!(thick.failed_rules, ["Slice Thickness is 5 mm, wanted is at most 1.5 mm"]);
    assert_eq!(run.difference, ["+ slice thickness at most 1.5 mm"]);
    assert_eq!(site.deployment(&id).await.rule.slice_thickness_mm_max, None);
    assert_eq!(site.tells("run.requested", 4).await.len(), 4, "nothing was asked for");
    let reader = site.person(4, &[Role::Radiologist]).rollout();
    assert!(reader.dry_run(&request).await.is_err());
}

async fn a_rule_is_saved_only_as_it_was_seen_and_keeps_its_history(scratch: Scratch) {
    let site = Site::open(&scratch).await;
    let id = site.deploys("chest", Stage::Pilot).await;
    site.has_ready(of_thickness(1, 1.0)).await;
    site.tells("run.requested", 1).await;
    let administrator = site.administrator().rollout();
    let unseen =
        ChangeUseRule { rule: thin(), reason: "thin only".to_owned(), matched_seen: 0, looked_at: 50 };
    assert_eq!(refusal(administrator.use_rule_change(&id, &unseen).await).code, "dry_run_outdated");
    let seen = ChangeUseRule { matched_seen: 1, ..unseen };
    let version = administrator.use_rule_change(&id, &seen).await.unwrap();
    assert_eq!(
        (version.version, version.dry_run, version.changed_by.as_str()),
        (2, Some((1, 1)), "Person 1")
    );
    assert_eq!(refusal(administrator.use_rule_change(&id, &seen).await).code, "rule_unchanged");
    let versions = administrator.use_rule_versions(&id).await.unwrap();
    assert_eq!(versions.iter().map(|version| version.version).collect::<Vec<_>>(), [2, 1]);
    assert_eq!(site.deployment(&id).await.rule, thin());
    site.has_ready(of_thickness(2, 5.0)).await;
    site.tells("series.unmatched", 1).await;
    site.tells("deployment.rule_changed", 1).await;
}

async fn r07_every_passed_over_series_says_by_which_rules(scratch: Scratch) {
    let site = Site::open(&scratch).await;
    let id = site.deploys("chest", Stage::Pilot).await;
    let administrator = site.administrator().rollout();
    let venous = UseRule { series_description_contains: vec!["venous".to_owned()], ..thin() };
    let change =
        ChangeUseRule { rule: venous, reason: "venous, thin".to_owned(), matched_seen: 0, looked_at: 0 };
    administrator.use_rule_change(&id, &change).await.unwrap();
    let described = |number, description: &str, mm, image_type: &str| Series {
        series_description: description.to_owned(),
        image_type: vec![image_type.to_owned(), "PRIMARY".to_owned()],
        ..of_thickness(number, mm)
    };
    let study = [
        described(1, "scout", 5.0, "LOCALIZER"),
        described(2, "plain 5 mm", 5.0, "ORIGINAL"),
        described(3, "arterial 1 mm", 1.0, "ORIGINAL"),
        described(4, "venous MIP", 1.0, "DERIVED"),
        described(5, "AI venous 1 mm", 1.0, "ORIGINAL"),
        described(6, "venous 1 mm", 1.0, "ORIGINAL"),
    ];
    let ids: Vec<_> = study.iter().map(|series| series.id.clone()).collect();
    for series in study {
        site.has_ready(series).await;
    }
    site.tells("series.unmatched", 5).await;
    assert_eq!(site.tells("run.requested", 1).await.len(), 1);
    let routing = site.called_by("gateway").routing_batch(ids.clone()).await.unwrap();
    for routed in routing {
        let outcome = &routed.outcomes[0];
        assert_eq!(outcome.matched, routed.series == ids[5], "{outcome:?}");
        assert_eq!(outcome.failed_rules.is_empty(), outcome.matched);
    }
}

async fn a_daily_number_stops_at_its_number(scratch: Scratch) {
    let site = Site::open(&scratch).await;
    let id = site.deploys("chest", Stage::Pilot).await;
    let rule = UseRule { daily_max: Some(2), modality: "CT".to_owned(), ..UseRule::default() };
    let change = ChangeUseRule { rule, reason: "a pilot".to_owned(), matched_seen: 0, looked_at: 0 };
    site.administrator().rollout().use_rule_change(&id, &change).await.unwrap();
    for number in 1..=3 {
        site.has_ready(ct_series(number)).await;
        let (kind, count) =
            if number < 3 { ("run.requested", number as usize) } else { ("series.unmatched", 1) };
        site.tells(kind, count).await;
    }
    site.clock.advance(chrono::TimeDelta::days(1));
    site.has_ready(ct_series(4)).await;
    site.tells("run.requested", 3).await;
}

/// Puts the registered version to use for thin slices, as what a dry run said.
fn creation(model: &ModelVersionId, matched_seen: u32) -> CreateDeployment {
    CreateDeployment {
        name: "thin".to_owned(),
        model: model.clone(),
        site: "north".to_owned(),
        pool: "cpu".to_owned(),
        texture_percent: 30,
        rule: thin(),
        reason: "thin slices only".to_owned(),
        matched_seen,
        looked_at: 100,
    }
}

async fn a_version_is_put_to_use_at_shadow_as_it_was_seen(scratch: Scratch) {
    let site = Site::open(&scratch).await;
    let chest = site.deploys("chest", Stage::Pilot).await;
    site.has_ready(of_thickness(1, 1.0)).await;
    site.has_ready(of_thickness(2, 5.0)).await;
    site.tells("run.requested", 2).await;
    let administrator = site.administrator().rollout();
    let model = administrator.models().await.unwrap()[0].id.clone();
    let of = DryRunOf::New { name: "thin".to_owned(), site: "north".to_owned(), model: model.clone() };
    let request = DryRunRequest { of, rule: thin(), series: 100 };
    let run = administrator.dry_run(&request).await.unwrap();
    assert_eq!((run.looked_at, run.matched, run.matched_now, run.overlapping), (2, 1, 0, 1));

    let create = |seen| {
        let (administrator, command) = (administrator.clone(), creation(&model, seen));
        async move { administrator.deployment_create(&command).await }
    };
    assert_eq!(refusal(create(2).await).code, "dry_run_outdated");
    let created = create(1).await.unwrap();
    assert_eq!((created.stage, created.banner, created.site.as_str()), (Stage::Shadow, None, "north"));
    assert!(created.id != chest && created.gate.is_some());
    assert_eq!(created.texture_percent, 30);
    let versions = administrator.use_rule_versions(&created.id).await.unwrap();
    let first = &versions[0];
    assert_eq!((first.changed_by.as_str(), first.dry_run), ("Person 1", Some((1, 2))));
    assert_eq!(first.reason, "thin slices only");

    assert_eq!(refusal(create(1).await).code, "name_taken", "a repeat says that it is there");
    let told = site.tells("deployment.created", 2).await;
    let told = told.last().unwrap();
    assert!(matches!(told.event, Event::DeploymentCreated { texture_percent: Some(30), .. }), "{told:?}");
    let by = &told.actor;
    assert!(matches!(by, Actor::Person { printed_name, .. } if printed_name == "Person 1"), "{by:?}");
    // It takes what comes from now on.
    site.has_ready(of_thickness(3, 1.0)).await;
    site.tells("run.requested", 4).await;
}

async fn who_is_no_administrator_puts_nothing_to_use(scratch: Scratch) {
    let site = Site::open(&scratch).await;
    site.deploys("chest", Stage::Pilot).await;
    let model = site.quality().rollout().models().await.unwrap()[0].id.clone();
    let command = creation(&model, 0);
    for role in [Role::Quality, Role::ClinicalOwner, Role::Radiologist] {
        let outcome = site.person(4, &[role]).rollout().deployment_create(&command).await;
        assert_eq!(refusal(outcome).code, "forbidden", "{role:?}");
    }
    let administrator = site.administrator().rollout();
    let unknown = CreateDeployment { model: ModelVersionId::from_bits(7), ..command.clone() };
    assert_eq!(refusal(administrator.deployment_create(&unknown).await).code, "model_unknown");
    let coarse = CreateDeployment { texture_percent: 101, ..command.clone() };
    assert_eq!(refusal(administrator.deployment_create(&coarse).await).code, "texture_out_of_range");
    let dotted = CreateDeployment { pool: "cpu.jobs".to_owned(), ..command };
    assert_eq!(refusal(administrator.deployment_create(&dotted).await).code, "deployment_malformed");
    assert_eq!(site.tells("deployment.created", 1).await.len(), 1);
}
