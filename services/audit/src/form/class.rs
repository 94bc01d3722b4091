//! What kind of audit event an entry is to others: DICOM's and FHIR's vocabularies for the same facts.
//!
//! # Source
//! DICOM PS3.15 A.5.3 and PS3.16 CID 400 (event ids), CID 401 (event type codes); FHIR takes the same codes.

use contract::event::{Access, Display};
use contract::{Actor, Envelope, Event};

/// A code of DCM with its meaning.
pub(super) type Code = (&'static str, &'static str);

pub(super) const APPLICATION_ACTIVITY: Code = ("110100", "Application Activity");
pub(super) const AUDIT_LOG_USED: Code = ("110101", "Audit Log Used");
pub(super) const INSTANCES_ACCESSED: Code = ("110103", "DICOM Instances Accessed");
pub(super) const INSTANCES_TRANSFERRED: Code = ("110104", "DICOM Instances Transferred");
pub(super) const EXPORT: Code = ("110106", "Export");
pub(super) const IMPORT: Code = ("110107", "Import");
pub(super) const PATIENT_RECORD: Code = ("110110", "Patient Record");
pub(super) const PROCEDURE_RECORD: Code = ("110111", "Procedure Record");
pub(super) const QUERY: Code = ("110112", "Query");
pub(super) const SECURITY_ALERT: Code = ("110113", "Security Alert");
pub(super) const USER_AUTHENTICATION: Code = ("110114", "User Authentication");

/// How an entry is classed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Class {
    pub(super) id: Code,
    /// Create, Read, Update, Delete or Execute.
    pub(super) action: char,
    /// 0 success, 4 minor failure, 8 serious failure.
    pub(super) outcome: u8,
}

const fn done(id: Code, action: char) -> Class {
    Class { id, action, outcome: 0 }
}

const fn failed(id: Code, action: char, outcome: u8) -> Class {
    Class { id, action, outcome }
}

/// The class of an event.
pub(super) fn class(event: &Event) -> Class {
    match event {
        Event::AccessRecorded { access } => match access {
            Access::SourceImages | Access::DerivedImages => done(INSTANCES_ACCESSED, 'R'),
            Access::Export | Access::Costs => done(EXPORT, 'R'),
            Access::Studies => done(QUERY, 'E'),
            Access::History | Access::Ledger | Access::Proof | Access::Figures => done(AUDIT_LOG_USED, 'R'),
        },
        Event::DisplayRecorded { display, .. } => match display {
            Display::Study | Display::Case | Display::Priors => done(PATIENT_RECORD, 'R'),
            _ => done(QUERY, 'E'),
        },
        Event::LoginOpened { .. } | Event::LoginEnded { .. } => done(USER_AUTHENTICATION, 'E'),
        Event::LoginRefused { .. } => failed(USER_AUTHENTICATION, 'E', 4),
        Event::SignatureRefused { .. } | Event::CommandRefused(_) | Event::AssociationRefused { .. } => {
            failed(SECURITY_ALERT, 'E', 4)
        }
        Event::UserAdded { .. } | Event::ModelRegistered { .. } | Event::DeploymentCreated { .. } => {
            done(SECURITY_ALERT, 'C')
        }
        Event::ConfigurationChanged { .. }
        | Event::AccountChanged(_)
        | Event::DestinationChanged(_)
        | Event::ErasureProposed(_)
        | Event::ErasureDeclined(_)
        | Event::ErasureApproved(_)
        | Event::ErasureCompleted(_)
        | Event::PromotionProposed { .. }
        | Event::PromotionSigned(_)
        | Event::PromotionApproved { .. }
        | Event::RulesProposed(_)
        | Event::RulesDecided(_)
        | Event::GatePolicyChanged(_)
        | Event::StageChanged { .. }
        | Event::StopRulesChanged { .. }
        | Event::StopRuleFired { .. }
        | Event::AlarmAcknowledged { .. }
        | Event::RecallEvaluationOpened { .. }
        | Event::RecallEvaluationClosed { .. }
        | Event::UseRuleChanged { .. }
        | Event::ComparisonStarted(_)
        | Event::ComparisonEnded(_)
        | Event::SiteChanged(_)
        | Event::TermsChanged { .. } => done(SECURITY_ALERT, 'U'),
        Event::SeriesReceived { .. }
        | Event::InstancesUploaded { .. }
        | Event::QuarantineReadmitted { .. } => done(IMPORT, 'C'),
        Event::InstanceQuarantined { .. } => failed(IMPORT, 'C', 4),
        Event::TeachingSetExported(_) => done(EXPORT, 'R'),
        Event::TeachingSetShown(_) => done(INSTANCES_ACCESSED, 'R'),
        Event::SendDelivered { .. } => done(INSTANCES_TRANSFERRED, 'R'),
        Event::SendFailed { .. } => failed(INSTANCES_TRANSFERRED, 'R', 8),
        Event::RunFailed { .. } => failed(APPLICATION_ACTIVITY, 'E', 8),
        other
            if ["case.", "read.", "pair.", "recall_campaign.", "discussion.", "teaching_set."]
                .iter()
                .any(|kind| other.kind().starts_with(kind)) =>
        {
            done(PROCEDURE_RECORD, 'U')
        }
        _ => done(APPLICATION_ACTIVITY, 'E'),
    }
}

/// Who acted: an id, another id if known, a name, and whether it is a person.
pub(super) struct Agent {
    pub(super) id: String,
    pub(super) other_id: Option<String>,
    pub(super) name: Option<String>,
    pub(super) roles: Vec<&'static str>,
    pub(super) is_person: bool,
}

/// The one who acted.
pub(super) fn agent(envelope: &Envelope) -> Agent {
    let other = |id: String| Agent { id, other_id: None, name: None, roles: Vec::new(), is_person: false };
    match &envelope.actor {
        Actor::Person { user, username, printed_name, roles, .. } => Agent {
            id: user.to_string(),
            other_id: Some(username.clone()),
            name: Some(printed_name.clone()),
            roles: roles.iter().map(|role| role.as_str()).collect(),
            is_person: true,
        },
        Actor::Service { name } => other(format!("service:{name}")),
        Actor::Device { ae_title } => other(format!("device:{ae_title}")),
        Actor::Operator => Agent { is_person: true, ..other("operator".to_owned()) },
        Actor::Anonymous => Agent { is_person: true, ..other("anonymous".to_owned()) },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use contract::CaseId;

    #[test]
    fn failures_and_successes_are_told_apart() {
        let refused = Event::LoginRefused { reason_code: "wrong_credentials".to_owned() };
        assert_eq!(class(&refused), failed(USER_AUTHENTICATION, 'E', 4));
        assert_eq!(class(&Event::CaseRejected { case: CaseId::from_bits(1) }), done(PROCEDURE_RECORD, 'U'));
        assert_eq!(class(&Event::AccessRecorded { access: Access::Ledger }), done(AUDIT_LOG_USED, 'R'));
    }
}
