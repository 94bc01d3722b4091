//! Who acts: a person with roles, or a service.

use crate::{LoginSessionId, UserId};
use serde::{Deserialize, Serialize};

/// What a person may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Reads cases.
    Radiologist,
    /// Decides discordant cases; an adjudicator is not offered first reads unless policy says so.
    Adjudicator,
    /// Audits decisions, approves promotions.
    Quality,
    /// Registers models, proposes promotions, manages users.
    Administrator,
    /// Approves clinical stages, as the radiologist who answers for the use.
    ClinicalOwner,
    /// Approves clinical stages of CT and MR, as the medical physicist.
    Physicist,
    /// Defers, holds and returns cases.
    Coordinator,
}

impl Role {
    /// Every role, in the order in which they are shown.
    pub const ALL: [Self; 7] = [
        Self::Radiologist,
        Self::Adjudicator,
        Self::Quality,
        Self::Administrator,
        Self::ClinicalOwner,
        Self::Physicist,
        Self::Coordinator,
    ];

    /// The role as it stands in JSON and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Radiologist => "radiologist",
            Self::Adjudicator => "adjudicator",
            Self::Quality => "quality",
            Self::Administrator => "administrator",
            Self::ClinicalOwner => "clinical-owner",
            Self::Physicist => "physicist",
            Self::Coordinator => "coordinator",
        }
    }
}

/// Who caused a command or an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Actor {
    /// A signed-in person.
    Person {
        /// The account.
        user: UserId,
        /// The name the person signs in with.
        username: String,
        /// The name as it is printed beside a signature.
        printed_name: String,
        /// Roles in force when the token was minted.
        roles: Vec<Role>,
        /// The login session, which must live for the token to count.
        login: LoginSessionId,
    },
    /// One of our own services.
    Service {
        /// The name of the crate: `intake`, `rollout`…
        name: String,
    },
    /// An operator at the command line of the machine.
    Operator,
    /// A DICOM sender, by its calling AE title.
    Device {
        /// Calling AE title.
        ae_title: String,
    },
    /// Somebody who did not prove who they are.
    Anonymous,
}

impl Actor {
    /// The actor for one of our services.
    pub fn service(name: &str) -> Self {
        Self::Service { name: name.to_owned() }
    }

    /// Whether this is a person holding `role`.
    pub fn has_role(&self, role: Role) -> bool {
        matches!(self, Self::Person { roles, .. } if roles.contains(&role))
    }

    /// The account, when this is a person.
    pub fn user(&self) -> Option<&UserId> {
        match self {
            Self::Person { user, .. } => Some(user),
            _ => None,
        }
    }

    /// The service's name, when this is a service.
    pub fn service_name(&self) -> Option<&str> {
        match self {
            Self::Service { name } => Some(name),
            _ => None,
        }
    }
}
