//! Sites and their scanners, and what a change of them would mean.

use super::deployment::Stage;
use async_graphql::{ID, InputObject, SimpleObject};
use chrono::{DateTime, Utc};
use contract::rollout;

/// A scanner of a site.
#[derive(SimpleObject, InputObject, Clone)]
#[graphql(input_name = "ScannerInput")]
pub(crate) struct Scanner {
    /// Calling AE title, or the name of another sender.
    sender: String,
    /// What people call it.
    name: String,
    /// Words of which one must stand in manufacturer or model name; any without.
    maker_words: Vec<String>,
}

impl From<rollout::Scanner> for Scanner {
    fn from(scanner: rollout::Scanner) -> Self {
        let rollout::Scanner { sender, name, maker_words } = scanner;
        Self { sender, name, maker_words }
    }
}

impl From<Scanner> for rollout::Scanner {
    fn from(scanner: Scanner) -> Self {
        let Scanner { sender, name, maker_words } = scanner;
        Self { sender, name, maker_words }
    }
}

/// A site that is or was registered.
#[derive(SimpleObject)]
pub(crate) struct Site {
    id: ID,
    name: String,
    scanners: Vec<Scanner>,
    /// Whether it is registered now: then its deployments take the series of its scanners and no others.
    is_registered: bool,
    /// Newest first.
    versions: Vec<SiteVersion>,
}

impl From<rollout::Site> for Site {
    fn from(site: rollout::Site) -> Self {
        Self {
            id: site.id.to_string().into(),
            name: site.name,
            scanners: site.scanners.into_iter().map(Scanner::from).collect(),
            is_registered: site.is_registered,
            versions: site.versions.into_iter().map(SiteVersion::from).collect(),
        }
    }
}

/// A version of a site.
#[derive(SimpleObject)]
pub(crate) struct SiteVersion {
    version: u32,
    is_registered: bool,
    difference: Vec<String>,
    /// Printed name.
    changed_by: String,
    changed_at: DateTime<Utc>,
    reason: String,
    /// How many series would have been routed otherwise, as was seen before it was saved.
    differing: Option<u32>,
    looked_at: Option<u32>,
}

impl From<rollout::SiteVersion> for SiteVersion {
    fn from(version: rollout::SiteVersion) -> Self {
        Self {
            version: version.version,
            is_registered: version.is_registered,
            difference: version.difference,
            changed_by: version.changed_by,
            changed_at: version.changed_at,
            reason: version.reason,
            differing: version.differing.map(|(count, _)| count),
            looked_at: version.differing.map(|(_, of)| of),
        }
    }
}

/// What other scanners of a site would change; nothing changed.
#[derive(SimpleObject)]
pub(crate) struct SitePreview {
    /// The version that a change follows; 0 where the site was never registered.
    follows: u32,
    difference: Vec<String>,
    looked_at: u32,
    /// How many series some deployment of the site would take that doesn't now, or no longer.
    differing: u32,
    deployments: Vec<SiteDeployment>,
    /// The series that would be routed otherwise, newest first.
    series: Vec<SiteSeries>,
}

impl From<rollout::SitePreview> for SitePreview {
    fn from(preview: rollout::SitePreview) -> Self {
        Self {
            follows: preview.follows,
            difference: preview.difference,
            looked_at: preview.looked_at,
            differing: preview.differing,
            deployments: preview.deployments.into_iter().map(SiteDeployment::from).collect(),
            series: preview.series.into_iter().map(SiteSeries::from).collect(),
        }
    }
}

/// What a change of a site means for one of its deployments.
#[derive(SimpleObject)]
pub(crate) struct SiteDeployment {
    deployment_id: ID,
    name: String,
    stage: Stage,
    matched_now: u32,
    matched: u32,
}

impl From<rollout::SiteDeployment> for SiteDeployment {
    fn from(row: rollout::SiteDeployment) -> Self {
        Self {
            deployment_id: row.deployment.to_string().into(),
            name: row.name,
            stage: row.stage.into(),
            matched_now: row.matched_now,
            matched: row.matched,
        }
    }
}

/// A series that would be routed otherwise.
#[derive(SimpleObject)]
pub(crate) struct SiteSeries {
    series_id: ID,
    study_id: ID,
    sender: String,
    manufacturer: String,
    manufacturer_model_name: String,
    series_description: String,
    routed_at: DateTime<Utc>,
    /// Names of the deployments that would take it.
    gained_by: Vec<String>,
    /// Names of those that would no longer.
    lost_by: Vec<String>,
}

impl From<rollout::SiteSeries> for SiteSeries {
    fn from(row: rollout::SiteSeries) -> Self {
        Self {
            series_id: row.series.to_string().into(),
            study_id: row.study.to_string().into(),
            sender: row.sender,
            manufacturer: row.manufacturer,
            manufacturer_model_name: row.manufacturer_model_name,
            series_description: row.series_description,
            routed_at: row.routed_at,
            gained_by: row.gained_by,
            lost_by: row.lost_by,
        }
    }
}
