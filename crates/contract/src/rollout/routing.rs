//! Which series a deployment wants, what a rule would have matched, and what the router decided.

use super::{Deployment, Rollout};
use crate::{ClientError, DeploymentId, ModelVersionId, Priority, SeriesId, StudyId, Time};
use serde::{Deserialize, Serialize};

/// Hours of the day, on the clock of the site.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hours {
    /// First hour, 0 to 23.
    pub from: u8,
    /// Hour before which it ends, 1 to 24. Before `from`, the span goes over midnight.
    pub to: u8,
    /// The site's clock, in minutes east of UTC.
    #[serde(default)]
    pub utc_offset_minutes: i32,
}

/// Which series a deployment wants. An empty list means "any".
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct UseRule {
    /// (0008,0060).
    pub modality: String,
    /// (0018,0015), upper case.
    #[serde(default)]
    pub body_parts: Vec<String>,
    /// Words of which one must stand in the series description or protocol name, case ignored, where (0018,0015)
    /// is absent.
    #[serde(default)]
    pub body_part_words: Vec<String>,
    /// Words of which one must stand in the series description, case ignored.
    #[serde(default)]
    pub series_description_contains: Vec<String>,
    /// Words of which one must stand in (0018,1030), case ignored.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub protocol_name_contains: Vec<String>,
    /// Manufacturers (0008,0070), of which one must begin the series' own, case ignored.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub manufacturers: Vec<String>,
    /// Convolution kernels (0018,1210).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kernels: Vec<String>,
    /// Smallest slice thickness in mm.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slice_thickness_mm_min: Option<f64>,
    /// Smallest field strength in tesla.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field_strength_t_min: Option<f64>,
    /// Largest field strength in tesla.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field_strength_t_max: Option<f64>,
    /// How many of a thousand studies are taken, by a digest of study and deployment: a study goes one way whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share_per_mille: Option<u32>,
    /// Most runs that are asked for on one day of the site.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub daily_max: Option<u32>,
    /// When series are taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hours: Option<Hours>,
    /// Calling AE titles.
    #[serde(default)]
    pub senders: Vec<String>,
    /// Largest slice thickness in mm.
    #[serde(default)]
    pub slice_thickness_mm_max: Option<f64>,
    /// Fewest instances.
    #[serde(default)]
    pub instance_count_min: u32,
    /// How soon what it takes is wanted, where the scanner doesn't say: no condition, and nothing that dry runs show.
    #[serde(default, skip_serializing_if = "Priority::is_routine")]
    pub priority: Priority,
}

impl UseRule {
    /// What the rule asks, a line each.
    pub fn lines(&self) -> Vec<String> {
        let any_of = |what: &str, values: &[String]| {
            (!values.is_empty()).then(|| format!("{what} {}", values.join(" or ")))
        };
        let hours = self.hours.map(|hours| {
            format!(
                "received from {:02}:00 to {:02}:00 (UTC {:+} min)",
                hours.from, hours.to, hours.utc_offset_minutes
            )
        });
        [
            Some(format!("modality {}", self.modality)),
            any_of("body part", &self.body_parts),
            any_of("where the body part is absent, words", &self.body_part_words),
            any_of("series description with", &self.series_description_contains),
            any_of("protocol name with", &self.protocol_name_contains),
            any_of("manufacturer", &self.manufacturers),
            any_of("kernel", &self.kernels),
            any_of("sent by", &self.senders),
            self.slice_thickness_mm_min.map(|least| format!("slice thickness at least {least} mm")),
            self.slice_thickness_mm_max.map(|most| format!("slice thickness at most {most} mm")),
            self.field_strength_t_min.map(|least| format!("field strength at least {least} T")),
            self.field_strength_t_max.map(|most| format!("field strength at most {most} T")),
            (self.instance_count_min > 0).then(|| format!("at least {} instances", self.instance_count_min)),
            self.share_per_mille.map(|share| format!("{share} of 1000 studies")),
            self.daily_max.map(|most| format!("at most {most} a day")),
            hours,
            (!self.priority.is_routine()).then(|| format!("priority {}", self.priority.name())),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// What is otherwise in this rule than in `former`: lines that went with a minus, lines that came with a plus.
    pub fn difference(&self, former: &Self) -> Vec<String> {
        let (now, before) = (self.lines(), former.lines());
        let gone = before.iter().filter(|line| !now.contains(line)).map(|line| format!("\u{2212} {line}"));
        let come = now.iter().filter(|line| !before.contains(line)).map(|line| format!("+ {line}"));
        gone.chain(come).collect()
    }
}

/// What the router made of a series.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RuleOutcome {
    /// The deployment.
    pub deployment: DeploymentId,
    /// Its name.
    pub name: String,
    /// Whether it wants the series.
    pub matched: bool,
    /// The first rule that failed, in words.
    pub failed_rule: Option<String>,
    /// Every rule that failed, in words, the first one too.
    #[serde(default)]
    pub failed_rules: Vec<String>,
}

/// What the router made of several series.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Routing {
    /// The series.
    pub series: SeriesId,
    /// One outcome per deployment.
    pub outcomes: Vec<RuleOutcome>,
}

/// Whose rule is run dry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DryRunOf {
    /// A deployment whose rule would change.
    Deployment(DeploymentId),
    /// One that doesn't exist yet. Name and site decide which studies a share takes.
    New {
        /// What people would call it.
        name: String,
        /// Where.
        site: String,
        /// The model version.
        model: ModelVersionId,
    },
}

/// Asks what a rule would have matched.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DryRunRequest {
    /// Whose rule it would be.
    pub of: DryRunOf,
    /// The rule.
    pub rule: UseRule,
    /// How many of the last series are looked at, at most 200.
    pub series: u32,
}

/// What a rule would have made of a series.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DryRunSeries {
    /// The series.
    pub series: SeriesId,
    /// Its study.
    pub study: StudyId,
    /// (0008,0060).
    pub modality: String,
    /// (0018,0015).
    pub body_part_examined: String,
    /// (0008,103E).
    pub series_description: String,
    /// (0018,0050) in mm.
    pub slice_thickness_mm: Option<f64>,
    /// (0018,0087) in tesla, where it can be read.
    #[serde(default)]
    pub field_strength_t: Option<f64>,
    /// When it was routed.
    pub routed_at: Time,
    /// Whether the rule wants it.
    pub matched: bool,
    /// Whether the rule in force wants it.
    pub matches_now: bool,
    /// Every condition that it fails, in words.
    pub failed_rules: Vec<String>,
    /// Names of the other deployments that want it too.
    pub overlaps: Vec<String>,
}

/// What a rule would have matched. Nothing is asked for and nothing changes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DryRun {
    /// How many series were looked at.
    pub looked_at: u32,
    /// How many the rule wants.
    pub matched: u32,
    /// How many the rule in force wants; none where there is none.
    pub matched_now: u32,
    /// How many of the wanted ones another deployment wants too.
    pub overlapping: u32,
    /// What is otherwise than in the rule in force.
    pub difference: Vec<String>,
    /// Newest first.
    pub series: Vec<DryRunSeries>,
}

/// A version of a deployment's rule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct UseRuleVersion {
    /// From 1, which the deployment was created with.
    pub version: u32,
    /// The rule.
    pub rule: UseRule,
    /// What is otherwise than in the version before.
    pub difference: Vec<String>,
    /// Printed name of who put it in force.
    pub changed_by: String,
    /// When.
    pub changed_at: Time,
    /// Why.
    pub reason: String,
    /// How many of how many series it wanted in the dry run before it was saved.
    pub dry_run: Option<(u32, u32)>,
}

/// Puts another rule in force.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ChangeUseRule {
    /// The rule.
    pub rule: UseRule,
    /// Why.
    pub reason: String,
    /// How many series the dry run wanted that the person has seen: refused when it is another number now.
    pub matched_seen: u32,
    /// How many series that dry run looked at.
    pub looked_at: u32,
}

/// Puts a model version to use, at shadow.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CreateDeployment {
    /// What people will call it; no other has that name.
    pub name: String,
    /// The model version.
    pub model: ModelVersionId,
    /// Where.
    pub site: String,
    /// Queue of the workers.
    pub pool: String,
    /// Percent, 0 to 100, of what the model takes away that is given back to its images, as texture.
    #[serde(default)]
    pub texture_percent: u8,
    /// Which series it wants.
    pub rule: UseRule,
    /// Why.
    pub reason: String,
    /// How many series the dry run wanted that the person has seen: refused when it is another number now.
    pub matched_seen: u32,
    /// How many series that dry run looked at.
    pub looked_at: u32,
}

impl Rollout {
    /// Puts a model version to use, as an administrator.
    pub async fn deployment_create(&self, command: &CreateDeployment) -> Result<Deployment, ClientError> {
        self.0.post("/v1/deployments", command).await
    }

    /// What a rule would have made of the last series.
    pub async fn dry_run(&self, request: &DryRunRequest) -> Result<DryRun, ClientError> {
        self.0.post("/v1/dry-run", request).await
    }

    /// Puts another rule in force, as an administrator.
    pub async fn use_rule_change(
        &self,
        id: &DeploymentId,
        command: &ChangeUseRule,
    ) -> Result<UseRuleVersion, ClientError> {
        self.0.post(&format!("/v1/deployments/{id}/use-rule"), command).await
    }

    /// The versions of a deployment's rule, newest first.
    pub async fn use_rule_versions(&self, id: &DeploymentId) -> Result<Vec<UseRuleVersion>, ClientError> {
        self.0.get_one(&format!("/v1/deployments/{id}/use-rule"), &()).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_reads_as_lines_and_a_change_as_what_went_and_what_came() {
        let former = UseRule {
            modality: "CT".into(),
            body_parts: vec!["CHEST".into(), "HEAD".into()],
            slice_thickness_mm_max: Some(3.0),
            ..UseRule::default()
        };
        assert_eq!(
            former.lines(),
            ["modality CT", "body part CHEST or HEAD", "slice thickness at most 3 mm"]
        );
        let now = UseRule { slice_thickness_mm_max: Some(1.5), daily_max: Some(20), ..former.clone() };
        let expected = [
            "\u{2212} slice thickness at most 3 mm",
            "+ slice thickness at most 1.5 mm",
            "+ at most 20 a day",
        ];
        assert_eq!(now.difference(&former), expected);
        assert!(now.difference(&now).is_empty());
    }

    #[test]
    fn a_rule_that_was_stored_before_field_strength_asks_for_none() {
        let stored = r#"{"modality": "MR", "senders": ["MR1"], "slice_thickness_mm_max": null}"#;
        let former: UseRule = serde_json::from_str(stored).unwrap();
        assert_eq!((former.field_strength_t_min, former.field_strength_t_max), (None, None));
        let high = UseRule { field_strength_t_min: Some(2.9), ..former.clone() };
        assert_eq!(high.difference(&former), ["+ field strength at least 2.9 T"]);
        let kept = serde_json::to_value(&former).unwrap();
        assert!(kept.get("field_strength_t_min").is_none(), "its digest stays what it was");
    }
}
