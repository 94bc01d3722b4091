//! What the router makes of series.

use super::*;
use crate::scanners::tests::{registered, scanner};
use contract::intake::SeriesState;
use contract::rollout::{Hours, ModelInput};
use contract::{DeploymentId, ModelVersionId, SeriesId, StudyId, Time};
use proptest::prelude::*;

pub(crate) fn chest_ct() -> Series {
    Series {
        id: SeriesId::from_bits(1),
        study: StudyId::from_bits(1),
        study_instance_uid: "2.25.1".to_owned(),
        series_instance_uid: "2.25.2".to_owned(),
        modality: "CT".to_owned(),
        body_part_examined: "CHEST".to_owned(),
        protocol_name: String::new(),
        series_description: "venous 1 mm".to_owned(),
        series_number: Some(3),
        image_type: ["ORIGINAL", "PRIMARY", "AXIAL"].map(str::to_owned).to_vec(),
        manufacturer: "ACME".to_owned(),
        manufacturer_model_name: String::new(),
        convolution_kernel: "B30".to_owned(),
        slice_thickness_mm: Some(1.0),
        software_versions: String::new(),
        pixel_spacing_mm: None,
        magnetic_field_strength: String::new(),
        requested_procedure_priority: String::new(),
        matrix: (512, 512),
        sender: "SCANNER1".to_owned(),
        state: SeriesState::Ready,
        parked_reason: None,
        instance_count: 120,
        source_set: None,
        volume: None,
        instances: Vec::new(),
    }
}

pub(crate) fn chest_rule() -> UseRule {
    UseRule {
        modality: "CT".to_owned(),
        body_parts: vec!["CHEST".to_owned(), "HEAD".to_owned()],
        body_part_words: vec!["chest".to_owned(), "thorax".to_owned()],
        slice_thickness_mm_max: Some(5.0),
        instance_count_min: 8,
        ..UseRule::default()
    }
}

pub(crate) fn deployment(rule: UseRule, stage: Stage) -> Deployment {
    Deployment {
        id: DeploymentId::from_bits(1),
        name: "chest CT".to_owned(),
        model: ModelVersionId::from_bits(1),
        input: ModelInput { modality: "CT".to_owned(), slices_min: 2 },
        site: "main".to_owned(),
        rule,
        pool: "cpu".to_owned(),
        texture_percent: 0,
        stage,
        banner: None,
        stage_since: Time::UNIX_EPOCH,
        gate: None,
        proposals: Vec::new(),
    }
}

pub(crate) const QUIET: Traffic = Traffic { at: Time::UNIX_EPOCH, taken_today: 0 };

/// What fails where no site is registered.
fn failed_of(series: &Series, deployment: &Deployment, traffic: Traffic) -> Vec<String> {
    failed_rules(series, deployment, &Sites::default(), traffic)
}

fn failed(series: &Series, rule: UseRule) -> Option<String> {
    route(series, &[deployment(rule, Stage::General)], &Sites::default(), |_| QUIET).remove(0).failed_rule
}

#[test]
fn a_series_that_keeps_every_rule_is_wanted() {
    assert_eq!(failed(&chest_ct(), chest_rule()), None);
}

#[test]
fn the_first_failed_rule_is_told_in_words() {
    let mr = Series { modality: "MR".to_owned(), ..chest_ct() };
    assert_eq!(failed(&mr, chest_rule()).unwrap(), "Modality is MR, wanted is CT");
    let knee = Series { body_part_examined: "KNEE".to_owned(), ..chest_ct() };
    assert_eq!(failed(&knee, chest_rule()).unwrap(), "Body Part Examined is KNEE, wanted is CHEST or HEAD");
    let thick = Series { slice_thickness_mm: Some(7.5), ..chest_ct() };
    assert_eq!(failed(&thick, chest_rule()).unwrap(), "Slice Thickness is 7.5 mm, wanted is at most 5 mm");
    let few = Series { instance_count: 3, ..chest_ct() };
    assert_eq!(failed(&few, chest_rule()).unwrap(), "the series has 3 images, wanted are 8");
    let other = UseRule { senders: vec!["SCANNER2".to_owned()], ..chest_rule() };
    assert_eq!(failed(&chest_ct(), other).unwrap(), "the sender is SCANNER1, wanted is SCANNER2");
    let arterial = UseRule { series_description_contains: vec!["arterial".to_owned()], ..chest_rule() };
    assert_eq!(
        failed(&chest_ct(), arterial).unwrap(),
        "Series Description is 'venous 1 mm' and has none of the words arterial"
    );
}

#[test]
fn words_stand_for_an_absent_body_part() {
    let described = Series {
        body_part_examined: String::new(),
        series_description: "Low Dose THORAX".to_owned(),
        ..chest_ct()
    };
    assert_eq!(failed(&described, chest_rule()), None);
    let silent = Series { series_description: "5 mm".to_owned(), ..described };
    assert!(failed(&silent, chest_rule()).unwrap().starts_with("Body Part Examined is absent"));
}

#[test]
fn derived_series_localizers_and_our_own_are_never_inputs() {
    let with_type = |value: &str| Series { image_type: vec![value.to_owned()], ..chest_ct() };
    assert!(failed(&with_type("DERIVED"), chest_rule()).is_some());
    assert!(failed(&with_type("LOCALIZER"), chest_rule()).is_some());
    let ours = Series { manufacturer: "Countersign".to_owned(), ..chest_ct() };
    assert_eq!(failed(&ours, chest_rule()).unwrap(), "the series was made by a model");
}

#[test]
fn a_suspended_deployment_wants_nothing() {
    let outcomes =
        route(&chest_ct(), &[deployment(chest_rule(), Stage::Suspended)], &Sites::default(), |_| QUIET);
    assert_eq!(outcomes[0].failed_rule.as_deref(), Some("the deployment is suspended"));
}

#[test]
fn two_deployments_that_want_a_series_both_get_it() {
    let both = [deployment(chest_rule(), Stage::General), deployment(chest_rule(), Stage::Shadow)];
    assert!(route(&chest_ct(), &both, &Sites::default(), |_| QUIET).iter().all(|outcome| outcome.matched));
}

#[test]
fn the_order_of_a_study_s_series_does_not_matter() {
    let rule = UseRule { slice_thickness_mm_max: Some(1.5), ..chest_rule() };
    let wanted = UseRule { series_description_contains: vec!["venous".to_owned()], ..rule };
    let study = [
        Series { image_type: vec!["LOCALIZER".to_owned()], ..chest_ct() },
        Series { slice_thickness_mm: Some(5.0), ..chest_ct() },
        Series { series_description: "arterial 1 mm".to_owned(), ..chest_ct() },
        chest_ct(),
        Series {
            image_type: vec!["DERIVED".to_owned()],
            series_description: "venous MIP".to_owned(),
            ..chest_ct()
        },
    ];
    let matches = |series: &Series| failed(series, wanted.clone()).is_none();
    assert_eq!(study.iter().map(matches).collect::<Vec<_>>(), [false, false, false, true, false]);
}

#[test]
fn every_failed_rule_is_told() {
    let series = Series { modality: "MR".to_owned(), slice_thickness_mm: Some(7.5), ..chest_ct() };
    let outcome =
        route(&series, &[deployment(chest_rule(), Stage::Pilot)], &Sites::default(), |_| QUIET).remove(0);
    assert_eq!(outcome.failed_rules.len(), 2);
    assert_eq!(outcome.failed_rule.as_ref(), outcome.failed_rules.first());
}

#[test]
fn a_registered_site_wants_only_what_its_scanners_send() {
    let one = deployment(chest_rule(), Stage::General);
    let has = |sender| registered("main", vec![scanner(sender, "room 1", &[])]);
    assert!(failed_rules(&chest_ct(), &one, &has("SCANNER1"), QUIET).is_empty());
    assert_eq!(
        failed_rules(&chest_ct(), &one, &has("SCANNER2"), QUIET),
        ["the sender is SCANNER1, which is no scanner of the site main"]
    );
    let elsewhere = registered("south", vec![scanner("SCANNER1", "room 1", &[])]);
    assert!(failed_rules(&chest_ct(), &one, &elsewhere, QUIET).is_empty(), "main isn't registered");
}

#[test]
fn kernel_manufacturer_and_protocol_are_asked_for() {
    let rule = UseRule { kernels: vec!["Br40".to_owned()], ..chest_rule() };
    assert_eq!(failed(&chest_ct(), rule).unwrap(), "Convolution Kernel is B30, wanted is Br40");
    let rule = UseRule { manufacturers: vec!["SIEMENS".to_owned()], ..chest_rule() };
    assert_eq!(failed(&chest_ct(), rule).unwrap(), "Manufacturer is ACME, wanted is SIEMENS");
    let rule = UseRule { protocol_name_contains: vec!["thorax".to_owned()], ..chest_rule() };
    assert!(failed(&chest_ct(), rule).unwrap().starts_with("Protocol Name is ''"));
    let rule = UseRule { slice_thickness_mm_min: Some(2.0), ..chest_rule() };
    assert_eq!(failed(&chest_ct(), rule).unwrap(), "Slice Thickness is 1 mm, wanted is 2 to 5 mm");
}

#[test]
fn a_field_strength_is_kept_or_said_why_it_can_not_be_read() {
    let of = |written: &str, (least, most)| {
        let head_mr =
            Series { modality: "MR".to_owned(), magnetic_field_strength: written.to_owned(), ..chest_ct() };
        let (field_strength_t_min, field_strength_t_max) = (least, most);
        let rule = UseRule {
            modality: "MR".to_owned(),
            field_strength_t_min,
            field_strength_t_max,
            ..UseRule::default()
        };
        let input = ModelInput { modality: "MR".to_owned(), slices_min: 2 };
        let one = Deployment { input, ..deployment(rule, Stage::General) };
        failed_of(&head_mr, &one, QUIET)
    };
    let about_1_5 = (Some(1.4), Some(1.6));
    assert!(of("1.494", about_1_5).is_empty() && of("1.4", about_1_5).is_empty());
    let failed = |written| of(written, about_1_5).concat();
    assert_eq!(failed("3"), "Magnetic Field Strength is 3 T, wanted is 1.4 to 1.6 T");
    assert_eq!(failed(""), "Magnetic Field Strength is absent, wanted is 1.4 to 1.6 T");
    assert_eq!(
        failed("15000"),
        "Magnetic Field Strength is taken as absent (15000 is no field of a scanner in tesla), wanted is 1.4 to 1.6 T"
    );
    assert!(failed("ZEBRA^ANN").contains("not one number") && !failed("ZEBRA^ANN").contains("ZEBRA"));
    assert_eq!(of("1.5", (Some(2.9), None)), ["Magnetic Field Strength is 1.5 T, wanted is at least 2.9 T"]);
    assert_eq!(of("7", (None, Some(3.0))), ["Magnetic Field Strength is 7 T, wanted is at most 3 T"]);
    assert!(of("15000", (None, None)).is_empty(), "who doesn't ask hears nothing of it");
}

#[test]
fn hours_are_those_of_the_site_and_may_go_over_midnight() {
    let night = Hours { from: 22, to: 6, utc_offset_minutes: 540 };
    let rule = UseRule { hours: Some(night), ..chest_rule() };
    let at = |text: &str| {
        let traffic = Traffic { at: text.parse().unwrap(), taken_today: 0 };
        failed_of(&chest_ct(), &deployment(rule.clone(), Stage::General), traffic).is_empty()
    };
    // 23:00 and 05:59 in Tokyo are wanted, 06:00 and 12:00 are not.
    assert!(at("2026-11-25T14:00:00Z") && at("2026-11-25T20:59:00Z"));
    assert!(!at("2026-11-25T21:00:00Z") && !at("2026-11-25T03:00:00Z"));
}

#[test]
fn a_full_day_takes_no_more() {
    let rule = UseRule { daily_max: Some(2), ..chest_rule() };
    let taken = |taken_today| {
        let traffic = Traffic { taken_today, ..QUIET };
        failed_of(&chest_ct(), &deployment(rule.clone(), Stage::Pilot), traffic).is_empty()
    };
    assert!(taken(1) && !taken(2));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn a_field_strength_is_wanted_exactly_between_its_ends(
        tesla in 0.01_f64..25.0, least in prop::option::of(0.01_f64..25.0), most in prop::option::of(0.01_f64..25.0),
    ) {
        let series = Series { magnetic_field_strength: tesla.to_string(), ..chest_ct() };
        let rule = UseRule { field_strength_t_min: least, field_strength_t_max: most, ..chest_rule() };
        let wanted = failed_of(&series, &deployment(rule, Stage::General), QUIET).is_empty();
        let inside = least.is_none_or(|least| least <= tesla) && most.is_none_or(|most| tesla <= most);
        prop_assert_eq!(wanted, inside);
    }

    #[test]
    fn a_share_takes_about_its_part_and_a_study_goes_one_way_whole(share in 50_u32..950, start: u64) {
        let rule = UseRule { share_per_mille: Some(share), ..chest_rule() };
        let one = deployment(rule, Stage::General);
        let wanted = |study: u128, series: u128| {
            let series = Series { study: StudyId::from_bits(study), id: SeriesId::from_bits(series), ..chest_ct() };
            failed_of(&series, &one, QUIET).is_empty()
        };
        let studies = 500;
        let first = u128::from(start);
        let taken = (first..first + studies).filter(|study| wanted(*study, 1)).count() as f64 / studies as f64;
        // Six standard deviations of a share of 500.
        prop_assert!((taken - f64::from(share) / 1_000.0).abs() < 0.135);
        prop_assert_eq!(wanted(first, 1), wanted(first, 2));
    }
}

#[test]
fn the_scanner_says_how_soon_a_run_is_wanted_and_the_rule_where_it_does_not() {
    let rule = UseRule { priority: Priority::OffPeak, ..chest_rule() };
    let said =
        |word: &str| priority(&Series { requested_procedure_priority: word.into(), ..chest_ct() }, &rule);
    let expected = [Priority::Stat, Priority::Urgent, Priority::OffPeak, Priority::OffPeak];
    assert_eq!(["STAT", "HIGH", "", "whenever"].map(said), expected);
    assert_eq!(priority(&chest_ct(), &chest_rule()), Priority::Routine);
}

#[test]
fn a_priority_is_no_condition() {
    let rule = UseRule { priority: Priority::Stat, ..chest_rule() };
    assert_eq!(rule.difference(&chest_rule()), ["+ priority STAT"]);
    let stat = Series { requested_procedure_priority: "STAT".to_owned(), ..chest_ct() };
    for rule in [rule, chest_rule()] {
        let deployment = deployment(rule, Stage::General);
        let traffic = Traffic { at: Time::UNIX_EPOCH, taken_today: 0 };
        assert!(failed_of(&stat, &deployment, traffic).is_empty());
    }
}

#[test]
fn r24_a_series_of_fewer_slices_than_the_model_needs_is_passed_over_before_anything_is_computed() {
    let rule = || UseRule { instance_count_min: 0, ..chest_rule() };
    let of = |slices| failed(&Series { instance_count: slices, ..chest_ct() }, rule());
    assert_eq!(of(1).unwrap(), "the series has 1 images, the model needs at least 2");
    assert_eq!(of(0).unwrap(), "the series has 0 images, the model needs at least 2");
    assert_eq!((of(2), of(3)), (None, None));
}

#[test]
fn r16_a_rule_lets_no_series_in_that_the_model_is_not_made_for() {
    let mr = Series { modality: "MR".to_owned(), ..chest_ct() };
    let rule = UseRule { modality: "MR".to_owned(), ..chest_rule() };
    assert_eq!(failed(&mr, rule).unwrap(), "Modality is MR, the model takes CT");
}
