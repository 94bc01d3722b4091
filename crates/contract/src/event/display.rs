//! What was shown to people.

use serde::{Deserialize, Serialize};

/// What a person looked at or took out, for the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Access {
    /// Source images of a series.
    SourceImages,
    /// Derived images or maps of a run.
    DerivedImages,
    /// The history of a case.
    History,
    /// Entries of the ledger.
    Ledger,
    /// The list of studies.
    Studies,
    /// A proof from the ledger.
    Proof,
    /// An export of the ledger.
    Export,
    /// Figures of quality.
    Figures,
    /// A report of what deployments cost.
    Costs,
}

/// What the door showed to a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Display {
    /// The list of studies.
    Studies,
    /// One study.
    Study,
    /// What waits in quarantine.
    Quarantine,
    /// A reader's worklist.
    Worklist,
    /// The list of cases.
    Cases,
    /// One case.
    Case,
    /// The models.
    Models,
    /// The deployments.
    Deployments,
    /// The stop rules of a deployment.
    StopRules,
    /// What stop rules told.
    Alarms,
    /// What a rule would have matched.
    DryRun,
    /// Studies under investigation.
    StudyFlags,
    /// The accounts and what became of them.
    Accounts,
    /// Who may read what.
    Credentials,
    /// Who may not read what.
    Conflicts,
    /// Reads of sentinels and repeats.
    QualitySamples,
    /// The rules of reading.
    ReviewPolicies,
    /// What deployments cost and give.
    Economics,
    /// What gates ask.
    GatePolicies,
    /// What a recall of a selection would take back.
    RecallPreview,
    /// Recalls of whole selections.
    RecallCampaigns,
    /// What stands before the workers.
    Capacity,
    /// Sites and their scanners.
    Sites,
    /// Pairs that a reader may compare.
    Pairs,
    /// Comparisons of models.
    Comparisons,
    /// Earlier images of the patient of a case.
    Priors,
    /// Where releases are sent.
    Destinations,
    /// Discussions of cases that are over.
    Discussions,
}

impl Display {
    /// The display as it stands in JSON and in the gateway's database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Studies => "studies",
            Self::Study => "study",
            Self::Quarantine => "quarantine",
            Self::Worklist => "worklist",
            Self::Cases => "cases",
            Self::Case => "case",
            Self::Models => "models",
            Self::Deployments => "deployments",
            Self::StopRules => "stop_rules",
            Self::Alarms => "alarms",
            Self::DryRun => "dry_run",
            Self::StudyFlags => "study_flags",
            Self::Accounts => "accounts",
            Self::Credentials => "credentials",
            Self::Conflicts => "conflicts",
            Self::QualitySamples => "quality_samples",
            Self::ReviewPolicies => "review_policies",
            Self::Economics => "economics",
            Self::GatePolicies => "gate_policies",
            Self::RecallPreview => "recall_preview",
            Self::RecallCampaigns => "recall_campaigns",
            Self::Capacity => "capacity",
            Self::Sites => "sites",
            Self::Pairs => "pairs",
            Self::Comparisons => "comparisons",
            Self::Priors => "priors",
            Self::Destinations => "destinations",
            Self::Discussions => "discussions",
        }
    }
}
