//! Sites and their scanners, as versions with author and reason.

use super::{Rollout, Stage};
use crate::{ClientError, DeploymentId, Digest, SeriesId, SiteId, StudyId, Time};
use serde::{Deserialize, Serialize};

impl SiteId {
    /// The id of a site: its name makes it, so that a site that is registered again goes on with its history.
    pub fn of_name(name: &str) -> Self {
        Self::from_bits(Digest::of(format!("site\n{name}").as_bytes()).leading_bits())
    }
}

/// A scanner of a site: who sends for it, and where several stand behind one sender, which of them it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scanner {
    /// Calling AE title of the associations that bring its series, or the name of another sender (`STOW`, `IMPORT`).
    pub sender: String,
    /// What people call it.
    pub name: String,
    /// Words of which one must stand in manufacturer (0008,0070) or model name (0008,1090), case ignored; any without.
    #[serde(default)]
    pub maker_words: Vec<String>,
}

impl Scanner {
    /// The scanner in words.
    pub fn line(&self) -> String {
        let words = if self.maker_words.is_empty() {
            String::new()
        } else {
            format!(", manufacturer or model with {}", self.maker_words.join(" or "))
        };
        format!("scanner {}: sent by {}{words}", self.name, self.sender)
    }
}

/// A site that is or was registered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Site {
    /// The site.
    pub id: SiteId,
    /// What deployments call it.
    pub name: String,
    /// Its scanners; none where it was removed.
    pub scanners: Vec<Scanner>,
    /// Whether it is registered now: then its deployments take the series of its scanners and no others.
    pub is_registered: bool,
    /// Newest first.
    pub versions: Vec<SiteVersion>,
}

impl Site {
    /// The version in force.
    pub fn version(&self) -> u32 {
        self.versions.first().map_or(0, |newest| newest.version)
    }
}

/// A version of a site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SiteVersion {
    /// From 1.
    pub version: u32,
    /// Its scanners; none where the site was removed.
    pub scanners: Vec<Scanner>,
    /// Whether the site was registered from then on.
    pub is_registered: bool,
    /// What is otherwise than in the version before.
    pub difference: Vec<String>,
    /// Printed name of who put it in force.
    pub changed_by: String,
    /// When.
    pub changed_at: Time,
    /// Why.
    pub reason: String,
    /// How many of how many series would have been routed otherwise, as was seen before; none where it was removed.
    pub differing: Option<(u32, u32)>,
}

/// Asks what other scanners of a site would change. Nothing changes.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PreviewSite {
    /// The name of the site.
    pub name: String,
    /// Its scanners.
    pub scanners: Vec<Scanner>,
    /// How many of the last series are looked at, at most 200.
    pub series: u32,
}

/// What other scanners of a site would change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SitePreview {
    /// The version that is in force now, which a change follows; 0 where the site was never registered.
    pub follows: u32,
    /// What is otherwise than now.
    pub difference: Vec<String>,
    /// How many series were looked at.
    pub looked_at: u32,
    /// How many of them some deployment of the site would take that doesn't now, or no longer.
    pub differing: u32,
    /// The deployments of the site, by name.
    pub deployments: Vec<SiteDeployment>,
    /// The series that would be routed otherwise, newest first.
    pub series: Vec<SiteSeries>,
}

/// What a change of a site means for one of its deployments.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SiteDeployment {
    /// The deployment.
    pub deployment: DeploymentId,
    /// What people call it.
    pub name: String,
    /// Where it stands.
    pub stage: Stage,
    /// How many of the series it takes now.
    pub matched_now: u32,
    /// How many it would take.
    pub matched: u32,
}

/// A series that would be routed otherwise.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SiteSeries {
    /// The series.
    pub series: SeriesId,
    /// Its study.
    pub study: StudyId,
    /// Who sent it.
    pub sender: String,
    /// (0008,0070).
    pub manufacturer: String,
    /// (0008,1090).
    pub manufacturer_model_name: String,
    /// (0008,103E).
    pub series_description: String,
    /// When it was routed.
    pub routed_at: Time,
    /// Names of the deployments that would take it and don't now.
    pub gained_by: Vec<String>,
    /// Names of those that take it now and would no longer.
    pub lost_by: Vec<String>,
}

/// Registers a site, or gives it other scanners.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ChangeSite {
    /// The name of the site.
    pub name: String,
    /// Its scanners from now on.
    pub scanners: Vec<Scanner>,
    /// Why.
    pub reason: String,
    /// The version that was looked at: refused when another came between.
    pub follows: u32,
    /// How many series the preview found that the person has seen: refused when it is another number now.
    pub differing_seen: u32,
    /// How many series that preview looked at.
    pub looked_at: u32,
}

/// Removes a site that no deployment names.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RemoveSite {
    /// Why.
    pub reason: String,
    /// The version that was looked at.
    pub follows: u32,
}

impl Rollout {
    /// The sites that are or were registered, by name.
    pub async fn sites(&self) -> Result<Vec<Site>, ClientError> {
        self.0.get_one("/v1/sites", &()).await
    }

    /// What other scanners of a site would change.
    pub async fn site_preview(&self, request: &PreviewSite) -> Result<SitePreview, ClientError> {
        self.0.post("/v1/sites/preview", request).await
    }

    /// Registers a site or gives it other scanners, as an administrator.
    pub async fn site_change(&self, command: &ChangeSite) -> Result<Site, ClientError> {
        self.0.post("/v1/sites", command).await
    }

    /// Removes a site, as an administrator.
    pub async fn site_remove(&self, id: &SiteId, command: &RemoveSite) -> Result<Site, ClientError> {
        self.0.post(&format!("/v1/sites/{id}/remove"), command).await
    }
}
