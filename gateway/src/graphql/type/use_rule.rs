//! Which series a deployment wants, and what another rule would have wanted.

use super::priority::Priority;
use async_graphql::{ID, InputObject, SimpleObject};
use chrono::{DateTime, Utc};
use contract::rollout;

/// Hours of the day, on the clock of the site.
#[derive(SimpleObject, InputObject, Clone, Copy)]
#[graphql(input_name = "HoursInput")]
pub(crate) struct Hours {
    from: u8,
    to: u8,
    utc_offset_minutes: i32,
}

/// A rule. An empty list means any.
#[derive(SimpleObject, InputObject, Clone)]
#[graphql(input_name = "UseRuleInput")]
pub(crate) struct UseRule {
    modality: String,
    body_parts: Vec<String>,
    body_part_words: Vec<String>,
    series_description_contains: Vec<String>,
    protocol_name_contains: Vec<String>,
    manufacturers: Vec<String>,
    kernels: Vec<String>,
    senders: Vec<String>,
    slice_thickness_mm_min: Option<f64>,
    slice_thickness_mm_max: Option<f64>,
    /// Of MR, tesla.
    field_strength_t_min: Option<f64>,
    field_strength_t_max: Option<f64>,
    instance_count_min: u32,
    share_per_mille: Option<u32>,
    daily_max: Option<u32>,
    hours: Option<Hours>,
    /// How soon what it takes is wanted, where the scanner doesn't say.
    #[graphql(default_with = "Priority::Routine")]
    priority: Priority,
}

impl From<rollout::UseRule> for UseRule {
    fn from(rule: rollout::UseRule) -> Self {
        let hours = |hours: rollout::Hours| Hours {
            from: hours.from,
            to: hours.to,
            utc_offset_minutes: hours.utc_offset_minutes,
        };
        Self {
            modality: rule.modality,
            body_parts: rule.body_parts,
            body_part_words: rule.body_part_words,
            series_description_contains: rule.series_description_contains,
            protocol_name_contains: rule.protocol_name_contains,
            manufacturers: rule.manufacturers,
            kernels: rule.kernels,
            senders: rule.senders,
            slice_thickness_mm_min: rule.slice_thickness_mm_min,
            slice_thickness_mm_max: rule.slice_thickness_mm_max,
            field_strength_t_min: rule.field_strength_t_min,
            field_strength_t_max: rule.field_strength_t_max,
            instance_count_min: rule.instance_count_min,
            share_per_mille: rule.share_per_mille,
            daily_max: rule.daily_max,
            hours: rule.hours.map(hours),
            priority: rule.priority.into(),
        }
    }
}

impl From<UseRule> for rollout::UseRule {
    fn from(rule: UseRule) -> Self {
        let hours = |hours: Hours| rollout::Hours {
            from: hours.from,
            to: hours.to,
            utc_offset_minutes: hours.utc_offset_minutes,
        };
        Self {
            modality: rule.modality,
            body_parts: rule.body_parts,
            body_part_words: rule.body_part_words,
            series_description_contains: rule.series_description_contains,
            protocol_name_contains: rule.protocol_name_contains,
            manufacturers: rule.manufacturers,
            kernels: rule.kernels,
            senders: rule.senders,
            slice_thickness_mm_min: rule.slice_thickness_mm_min,
            slice_thickness_mm_max: rule.slice_thickness_mm_max,
            field_strength_t_min: rule.field_strength_t_min,
            field_strength_t_max: rule.field_strength_t_max,
            instance_count_min: rule.instance_count_min,
            share_per_mille: rule.share_per_mille,
            daily_max: rule.daily_max,
            hours: rule.hours.map(hours),
            priority: rule.priority.into(),
        }
    }
}

/// What a rule would have made of a series.
#[derive(SimpleObject)]
pub(crate) struct DryRunSeries {
    series_id: ID,
    study_id: ID,
    modality: String,
    body_part_examined: String,
    series_description: String,
    slice_thickness_mm: Option<f64>,
    /// Where it can be read, tesla.
    field_strength_t: Option<f64>,
    routed_at: DateTime<Utc>,
    matched: bool,
    matches_now: bool,
    failed_rules: Vec<String>,
    overlaps: Vec<String>,
}

impl From<rollout::DryRunSeries> for DryRunSeries {
    fn from(row: rollout::DryRunSeries) -> Self {
        Self {
            series_id: row.series.to_string().into(),
            study_id: row.study.to_string().into(),
            modality: row.modality,
            body_part_examined: row.body_part_examined,
            series_description: row.series_description,
            slice_thickness_mm: row.slice_thickness_mm,
            field_strength_t: row.field_strength_t,
            routed_at: row.routed_at,
            matched: row.matched,
            matches_now: row.matches_now,
            failed_rules: row.failed_rules,
            overlaps: row.overlaps,
        }
    }
}

/// What a rule would have matched; nothing changed.
#[derive(SimpleObject)]
pub(crate) struct DryRun {
    looked_at: u32,
    matched: u32,
    matched_now: u32,
    overlapping: u32,
    difference: Vec<String>,
    series: Vec<DryRunSeries>,
}

impl From<rollout::DryRun> for DryRun {
    fn from(run: rollout::DryRun) -> Self {
        Self {
            looked_at: run.looked_at,
            matched: run.matched,
            matched_now: run.matched_now,
            overlapping: run.overlapping,
            difference: run.difference,
            series: run.series.into_iter().map(DryRunSeries::from).collect(),
        }
    }
}

/// A version of a deployment's rule.
#[derive(SimpleObject)]
pub(crate) struct UseRuleVersion {
    version: u32,
    lines: Vec<String>,
    difference: Vec<String>,
    /// Printed name.
    changed_by: String,
    changed_at: DateTime<Utc>,
    reason: String,
    /// How many series it wanted in the dry run before it was saved.
    matched: Option<u32>,
    looked_at: Option<u32>,
}

impl From<rollout::UseRuleVersion> for UseRuleVersion {
    fn from(version: rollout::UseRuleVersion) -> Self {
        Self {
            version: version.version,
            lines: version.rule.lines(),
            difference: version.difference,
            changed_by: version.changed_by,
            changed_at: version.changed_at,
            reason: version.reason,
            matched: version.dry_run.map(|(matched, _)| matched),
            looked_at: version.dry_run.map(|(_, looked_at)| looked_at),
        }
    }
}
