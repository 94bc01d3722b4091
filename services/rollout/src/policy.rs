//! What a stage asks of a deployment: versioned data, so that a gate says by which policy it was held.

use contract::rollout::Stage;
use serde::{Deserialize, Serialize};

/// A policy. One version never changes; other bounds are another version.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// Its version, which every gate shows.
    pub version: String,
    /// To enter pilot.
    pub pilot: Bounds,
    /// To enter supervised.
    pub supervised: Bounds,
    /// To enter general.
    pub general: Bounds,
}

/// What is asked before one stage. Shares are held by the near end of their exact 95 % interval.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bounds {
    /// Fewest days in the stage before.
    pub days_min: u32,
    /// Fewest cases that ended.
    pub ended_min: u32,
    /// Smallest share of ended cases that was released.
    pub released_share_min: f64,
    /// Largest share of ended cases that was discordant.
    pub discordant_share_max: f64,
    /// Most adjudicated or agreed critical findings.
    pub critical_findings_max: u32,
    /// Fewest different people who signed reads.
    pub readers_min: u32,
}

impl Default for Policy {
    fn default() -> Self {
        let pilot = Bounds {
            days_min: 28,
            ended_min: 200,
            released_share_min: 0.95,
            discordant_share_max: 0.15,
            critical_findings_max: 0,
            readers_min: 3,
        };
        let supervised = Bounds { days_min: 56, ended_min: 500, discordant_share_max: 0.08, ..pilot.clone() };
        let general = Bounds { days_min: 90, ended_min: 1_000, ..supervised.clone() };
        Self { version: "standard-1".to_owned(), pilot, supervised, general }
    }
}

impl Policy {
    /// Counts that an evening of trying out can reach. They show how a gate works and nothing about a model,
    /// and the version says so.
    pub fn demo() -> Self {
        let bounds = Bounds {
            days_min: 0,
            ended_min: 1,
            released_share_min: 0.0,
            discordant_share_max: 1.0,
            critical_findings_max: 0,
            readers_min: 2,
        };
        Self {
            version: "demo-1 (small counts: no evidence of safety)".to_owned(),
            pilot: bounds.clone(),
            supervised: Bounds { ended_min: 2, ..bounds.clone() },
            general: Bounds { ended_min: 3, ..bounds },
        }
    }

    /// What is asked before `stage`; nothing of the reads where nobody reads yet.
    pub fn bounds(&self, stage: Stage) -> Option<&Bounds> {
        match stage {
            Stage::Suspended | Stage::Shadow => None,
            Stage::Pilot => Some(&self.pilot),
            Stage::Supervised => Some(&self.supervised),
            Stage::General => Some(&self.general),
        }
    }

    /// Checks what the types don't say; an error names the setting.
    pub fn check(&self) -> Result<(), String> {
        if self.version.trim().is_empty() {
            return Err("policy.version must not be empty".to_owned());
        }
        for (name, bounds) in
            [("pilot", &self.pilot), ("supervised", &self.supervised), ("general", &self.general)]
        {
            let shares = [bounds.released_share_min, bounds.discordant_share_max];
            if shares.iter().any(|share| !(0.0..=1.0).contains(share)) {
                return Err(format!("policy.{name}: shares must be between 0 and 1"));
            }
        }
        Ok(())
    }
}
