//! Which deployments want a series, and which rule it failed: a function of attributes.

use crate::scanners::{Sites, not_of_site};
use chrono::{NaiveTime, TimeDelta};
use contract::intake::{FieldStrength, Series};
use contract::rollout::{Deployment, ModelInput, RuleOutcome, Stage, UseRule};
use contract::{DeploymentId, Digest, ModelVersionId, Priority, RunId, Time};

/// What a deployment has taken so far, and when the series came.
#[derive(Debug, Clone, Copy)]
pub struct Traffic {
    /// When the series came.
    pub at: Time,
    /// How many runs were asked for on this day of the site.
    pub taken_today: u32,
}

/// What is said of each deployment about `series`, where these sites are registered. Two deployments that both want it both get a run.
pub fn route(
    series: &Series,
    deployments: &[Deployment],
    sites: &Sites,
    traffic: impl Fn(&Deployment) -> Traffic,
) -> Vec<RuleOutcome> {
    deployments
        .iter()
        .map(|deployment| {
            let failed_rules = failed_rules(series, deployment, sites, traffic(deployment));
            RuleOutcome {
                deployment: deployment.id.clone(),
                name: deployment.name.clone(),
                matched: failed_rules.is_empty(),
                failed_rule: failed_rules.first().cloned(),
                failed_rules,
            }
        })
        .collect()
}

/// Every rule that `series` fails, in words.
pub(crate) fn failed_rules(
    series: &Series,
    deployment: &Deployment,
    sites: &Sites,
    traffic: Traffic,
) -> Vec<String> {
    let rule = &deployment.rule;
    [
        not_an_input(series),
        model_modality(series, deployment),
        model_slices(series, &deployment.input),
        (deployment.stage == Stage::Suspended).then(|| "the deployment is suspended".to_owned()),
        modality(series, rule),
        body_part(series, rule),
        words("Series Description", &series.series_description, &rule.series_description_contains),
        words("Protocol Name", &series.protocol_name, &rule.protocol_name_contains),
        manufacturer(series, rule),
        kernel(series, rule),
        sender(series, rule),
        not_of_site(series, &deployment.site, sites),
        slice_thickness(series, rule),
        field_strength(series, rule),
        instance_count(series, rule),
        hours(rule, traffic.at),
        share(series, deployment),
        daily_number(rule, traffic.taken_today),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// How soon a run on `series` is wanted: what the scanner says, else what the rule says.
pub fn priority(series: &Series, rule: &UseRule) -> Priority {
    Priority::of_requested_procedure(&series.requested_procedure_priority).unwrap_or(rule.priority)
}

/// The first moment of the day of the site in which `at` lies.
pub(crate) fn day_start(rule: &UseRule, at: Time) -> Time {
    let offset = TimeDelta::minutes(i64::from(rule.hours.map_or(0, |hours| hours.utc_offset_minutes)));
    let midnight = (at + offset).date_naive().and_time(NaiveTime::MIN).and_utc();
    midnight - offset
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

/// What the rule lets in and the model isn't made for.
fn model_modality(series: &Series, Deployment { rule, input, .. }: &Deployment) -> Option<String> {
    (series.modality == rule.modality && series.modality != input.modality)
        .then(|| format!("Modality is {}, the model takes {}", series.modality, input.modality))
}

/// A classic series has an image for each slice.
fn model_slices(series: &Series, input: &ModelInput) -> Option<String> {
    (series.instance_count < input.slices_min).then(|| {
        format!(
            "the series has {} images, the model needs at least {}",
            series.instance_count, input.slices_min
        )
    })
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

fn words(attribute: &str, text: &str, wanted: &[String]) -> Option<String> {
    let found = wanted.is_empty() || wanted.iter().any(|word| contains_word(text, word));
    (!found).then(|| format!("{attribute} is '{text}' and has none of the words {}", wanted.join(", ")))
}

fn manufacturer(series: &Series, rule: &UseRule) -> Option<String> {
    let found = series.manufacturer.to_lowercase();
    let known = rule.manufacturers.is_empty()
        || rule.manufacturers.iter().any(|wanted| found.starts_with(&wanted.to_lowercase()));
    (!known).then(|| {
        let wanted = rule.manufacturers.join(" or ");
        format!("Manufacturer is {}, wanted is {wanted}", or_absent(&series.manufacturer))
    })
}

fn kernel(series: &Series, rule: &UseRule) -> Option<String> {
    let found = &series.convolution_kernel;
    let known =
        rule.kernels.is_empty() || rule.kernels.iter().any(|wanted| wanted.eq_ignore_ascii_case(found));
    (!known).then(|| {
        format!("Convolution Kernel is {}, wanted is {}", or_absent(found), rule.kernels.join(" or "))
    })
}

fn hours(rule: &UseRule, at: Time) -> Option<String> {
    let hours = rule.hours?;
    let hour = ((at - day_start(rule, at)).num_hours()) as u8;
    let inside = if hours.from < hours.to {
        (hours.from..hours.to).contains(&hour)
    } else {
        hour >= hours.from || hour < hours.to
    };
    (!inside).then(|| {
        format!("it came in hour {hour} of the site, wanted is {:02}:00 to {:02}:00", hours.from, hours.to)
    })
}

/// A study goes one way whole, and the same way whenever it is asked.
fn share(series: &Series, deployment: &Deployment) -> Option<String> {
    let wanted = deployment.rule.share_per_mille?;
    let drawn = Digest::of(format!("share\n{}\n{}", deployment.id, series.study).as_bytes());
    let place = drawn.leading_bits() % 1_000;
    (place >= u128::from(wanted))
        .then(|| format!("the study is not among the {wanted} of 1000 that are taken"))
}

fn daily_number(rule: &UseRule, taken_today: u32) -> Option<String> {
    let most = rule.daily_max?;
    (taken_today >= most).then(|| format!("{taken_today} were taken today, wanted are at most {most}"))
}

fn sender(series: &Series, rule: &UseRule) -> Option<String> {
    (!rule.senders.is_empty() && !rule.senders.contains(&series.sender))
        .then(|| format!("the sender is {}, wanted is {}", series.sender, rule.senders.join(" or ")))
}

fn slice_thickness(series: &Series, rule: &UseRule) -> Option<String> {
    let span = Span { least: rule.slice_thickness_mm_min, most: rule.slice_thickness_mm_max };
    let wanted = span.wanted("mm")?;
    let Some(found) = series.slice_thickness_mm else {
        return Some(format!("Slice Thickness is absent, {wanted}"));
    };
    (!span.holds(found)).then(|| format!("Slice Thickness is {found} mm, {wanted}"))
}

fn field_strength(series: &Series, rule: &UseRule) -> Option<String> {
    let span = Span { least: rule.field_strength_t_min, most: rule.field_strength_t_max };
    let wanted = span.wanted("T")?;
    let found = match series.field_strength() {
        FieldStrength::Tesla(found) if span.holds(found) => return None,
        FieldStrength::Tesla(found) => format!("{found} T"),
        FieldStrength::Absent => "absent".to_owned(),
        FieldStrength::Implausible(number) => {
            format!("taken as absent ({number} is no field of a scanner in tesla)")
        }
        FieldStrength::Malformed => "taken as absent (what stands there is not one number)".to_owned(),
    };
    Some(format!("Magnetic Field Strength is {found}, {wanted}"))
}

/// From a number to another, ends included.
#[derive(Clone, Copy)]
struct Span {
    least: Option<f64>,
    most: Option<f64>,
}

impl Span {
    /// What is asked for, in words; `None` where nothing is.
    fn wanted(self, unit: &str) -> Option<String> {
        match (self.least, self.most) {
            (None, None) => None,
            (Some(least), None) => Some(format!("wanted is at least {least} {unit}")),
            (None, Some(most)) => Some(format!("wanted is at most {most} {unit}")),
            (Some(least), Some(most)) => Some(format!("wanted is {least} to {most} {unit}")),
        }
    }

    fn holds(self, found: f64) -> bool {
        self.least.is_none_or(|least| found >= least) && self.most.is_none_or(|most| found <= most)
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
pub(crate) mod tests;
