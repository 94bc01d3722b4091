//! Which deployments want a series, and which rule it failed: a function of attributes.

use contract::intake::Series;
use contract::rollout::{Deployment, RuleOutcome, Stage, UseRule};
use contract::{DeploymentId, Digest, ModelVersionId, RunId};

/// What is said of each deployment about `series`. Two deployments that both want it both get a run.
pub fn route(series: &Series, deployments: &[Deployment]) -> Vec<RuleOutcome> {
    deployments
        .iter()
        .map(|deployment| {
            let failed_rule = failed_rule(series, deployment);
            RuleOutcome {
                deployment: deployment.id.clone(),
                name: deployment.name.clone(),
                matched: failed_rule.is_none(),
                failed_rule,
            }
        })
        .collect()
}

/// The first rule that `series` fails, in words.
fn failed_rule(series: &Series, deployment: &Deployment) -> Option<String> {
    let rule = &deployment.rule;
    not_an_input(series)
        .or_else(|| (deployment.stage == Stage::Suspended).then(|| "the deployment is suspended".to_owned()))
        .or_else(|| modality(series, rule))
        .or_else(|| body_part(series, rule))
        .or_else(|| series_description(series, rule))
        .or_else(|| sender(series, rule))
        .or_else(|| slice_thickness(series, rule))
        .or_else(|| instance_count(series, rule))
}

/// Derived series, localizers and what we made ourselves are inputs of nothing.
fn not_an_input(series: &Series) -> Option<String> {
    let has_type = |value: &str| series.image_type.iter().any(|part| part.eq_ignore_ascii_case(value));
    if series.manufacturer.eq_ignore_ascii_case("Countersign") || series.series_description.starts_with("AI ")
    {
        Some("the series was made by a model".to_owned())
    } else if has_type("DERIVED") {
        Some("the series is derived from other images (Image Type DERIVED)".to_owned())
    } else if has_type("LOCALIZER") {
        Some("the series is a localizer (Image Type LOCALIZER)".to_owned())
    } else {
        None
    }
}

fn modality(series: &Series, rule: &UseRule) -> Option<String> {
    (series.modality != rule.modality)
        .then(|| format!("Modality is {}, wanted is {}", or_absent(&series.modality), rule.modality))
}

fn body_part(series: &Series, rule: &UseRule) -> Option<String> {
    let found = &series.body_part_examined;
    let wanted = rule.body_parts.join(" or ");
    if rule.body_parts.is_empty() || rule.body_parts.iter().any(|part| part.eq_ignore_ascii_case(found)) {
        return None;
    }
    if !found.is_empty() {
        return Some(format!("Body Part Examined is {found}, wanted is {wanted}"));
    }
    let described = [&series.series_description, &series.protocol_name];
    if rule.body_part_words.iter().any(|word| described.iter().any(|text| contains_word(text, word))) {
        return None;
    }
    Some(format!(
        "Body Part Examined is absent (wanted is {wanted}), and neither Series Description nor Protocol Name \
         has one of the words that would stand for it"
    ))
}

fn series_description(series: &Series, rule: &UseRule) -> Option<String> {
    let wanted = &rule.series_description_contains;
    let found =
        wanted.is_empty() || wanted.iter().any(|word| contains_word(&series.series_description, word));
    (!found).then(|| format!("Series Description has none of the words {}", wanted.join(", ")))
}

fn sender(series: &Series, rule: &UseRule) -> Option<String> {
    (!rule.senders.is_empty() && !rule.senders.contains(&series.sender))
        .then(|| format!("the sender is {}, wanted is {}", series.sender, rule.senders.join(" or ")))
}

fn slice_thickness(series: &Series, rule: &UseRule) -> Option<String> {
    let largest = rule.slice_thickness_mm_max?;
    match series.slice_thickness_mm {
        None => Some(format!("Slice Thickness is absent, wanted is at most {largest} mm")),
        Some(found) if found > largest => {
            Some(format!("Slice Thickness is {found} mm, wanted is at most {largest} mm"))
        }
        Some(_) => None,
    }
}

fn instance_count(series: &Series, rule: &UseRule) -> Option<String> {
    (series.instance_count < rule.instance_count_min).then(|| {
        format!("the series has {} images, wanted are {}", series.instance_count, rule.instance_count_min)
    })
}

fn contains_word(text: &str, word: &str) -> bool {
    text.to_lowercase().contains(&word.to_lowercase())
}

fn or_absent(value: &str) -> &str {
    if value.is_empty() { "absent" } else { value }
}

/// The id of a run: the same however often it is asked for.
pub(crate) fn run_id(deployment: &DeploymentId, model: &ModelVersionId, source_set: &Digest) -> RunId {
    let identity = Digest::of(format!("run\n{deployment}\n{model}\n{source_set}").as_bytes());
    RunId::from_bits(identity.leading_bits())
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use contract::intake::SeriesState;
    use contract::{DeploymentId, ModelVersionId, SeriesId, StudyId, Time};

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
            site: "main".to_owned(),
            rule,
            pool: "cpu".to_owned(),
            stage,
            banner: None,
            stage_since: Time::UNIX_EPOCH,
            gate: None,
            proposals: Vec::new(),
        }
    }

    fn failed(series: &Series, rule: UseRule) -> Option<String> {
        route(series, &[deployment(rule, Stage::General)]).remove(0).failed_rule
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
        assert_eq!(
            failed(&knee, chest_rule()).unwrap(),
            "Body Part Examined is KNEE, wanted is CHEST or HEAD"
        );
        let thick = Series { slice_thickness_mm: Some(7.5), ..chest_ct() };
        assert_eq!(
            failed(&thick, chest_rule()).unwrap(),
            "Slice Thickness is 7.5 mm, wanted is at most 5 mm"
        );
        let few = Series { instance_count: 3, ..chest_ct() };
        assert_eq!(failed(&few, chest_rule()).unwrap(), "the series has 3 images, wanted are 8");
        let other = UseRule { senders: vec!["SCANNER2".to_owned()], ..chest_rule() };
        assert_eq!(failed(&chest_ct(), other).unwrap(), "the sender is SCANNER1, wanted is SCANNER2");
        let arterial = UseRule { series_description_contains: vec!["arterial".to_owned()], ..chest_rule() };
        assert_eq!(
            failed(&chest_ct(), arterial).unwrap(),
            "Series Description has none of the words arterial"
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
        let outcomes = route(&chest_ct(), &[deployment(chest_rule(), Stage::Suspended)]);
        assert_eq!(outcomes[0].failed_rule.as_deref(), Some("the deployment is suspended"));
    }

    #[test]
    fn two_deployments_that_want_a_series_both_get_it() {
        let both = [deployment(chest_rule(), Stage::General), deployment(chest_rule(), Stage::Shadow)];
        assert!(route(&chest_ct(), &both).iter().all(|outcome| outcome.matched));
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
}
