//! What may become of a destination, and who decides it. Pure.
//!
//! A destination has a name that never changes; how it is reached and what it may have are versions. The configuration
//! is an author like any other: what it says counts when it says something new, so that a restart takes nothing back
//! that a person changed since.

use crate::config::{Config, check_ae_title};
use crate::workflow::Reason;
use contract::delivery::{
    AddDestination, ChangeDestination, DestinationKind, DestinationState, DestinationTerms,
};
use contract::{Actor, DestinationId, Refusal, Role, Time, UserId};
use std::collections::BTreeMap;

/// Longest name, characters.
const NAME_CHARS_MAX: usize = 64;
/// Longest name of a machine (RFC 1035).
const HOST_CHARS_MAX: usize = 253;
/// Longest reason, characters.
const REASON_CHARS_MAX: usize = 500;

/// Who put a version in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Author {
    /// It stood in the configuration when delivery began, or no longer did.
    Configuration,
    /// Somebody.
    Person {
        /// Who.
        user: UserId,
        /// As printed.
        printed_name: String,
    },
}

/// What is or was in force of a destination.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// The destination.
    pub id: DestinationId,
    /// Its name.
    pub name: String,
    /// From 1.
    pub version: u32,
    /// What is in force.
    pub terms: DestinationTerms,
    /// Since when.
    pub changed_at: Time,
    /// Who did it.
    pub changed_by: Author,
    /// Why.
    pub reason: String,
}

/// What the configuration wants of a destination.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Configured {
    /// Under which name.
    pub name: String,
    /// The version that is in force; `None` when it is new.
    pub follows: Option<Version>,
    /// What is to be in force.
    pub terms: DestinationTerms,
    /// Why.
    pub reason: &'static str,
}

/// What is new in the configuration since delivery last began, over every version of every destination, oldest first.
pub fn configured(config: &Config, versions: &[Version]) -> Vec<Configured> {
    let newest = |name: &str| versions.iter().rfind(|version| version.name == name).cloned();
    let said = |name: &str| {
        let by_it = |version: &&Version| version.changed_by == Author::Configuration;
        versions.iter().filter(|version| version.name == name).rfind(by_it)
    };
    let stands = config.destinations.iter().filter_map(|destination| {
        let name = destination.to_string();
        let terms = destination.terms();
        (said(&name).map(|said| &said.terms) != Some(&terms)).then(|| Configured {
            follows: newest(&name),
            name,
            terms,
            reason: "it stands in the configuration",
        })
    });
    let listed = |name: &str| config.destinations.iter().any(|destination| destination.to_string() == name);
    let gone = current(versions).into_iter().filter_map(|newest| {
        let said = said(&newest.name)?;
        let was_there = said.terms.state != DestinationState::Closed;
        (was_there && !listed(&newest.name)).then(|| Configured {
            name: newest.name.clone(),
            terms: DestinationTerms { state: DestinationState::Closed, ..newest.terms.clone() },
            follows: Some(newest),
            reason: "it no longer stands in the configuration",
        })
    });
    stands.chain(gone).collect()
}

/// Where releases are sent once delivery has begun with this configuration: names, and how they are reached.
pub fn in_use(config: &Config, versions: &[Version]) -> BTreeMap<String, DestinationTerms> {
    let now = current(versions).into_iter().map(|version| (version.name, version.terms));
    let new = configured(config, versions).into_iter().map(|wanted| (wanted.name, wanted.terms));
    let mut all: BTreeMap<String, DestinationTerms> = now.chain(new).collect();
    all.retain(|_, terms| terms.state == DestinationState::InUse);
    all
}

/// The newest version of each destination, of versions that are in the order in which they were put in force.
pub fn current(versions: &[Version]) -> Vec<Version> {
    let mut current: Vec<Version> = Vec::new();
    for version in versions {
        match current.iter_mut().find(|known| known.id == version.id) {
            Some(known) => known.clone_from(version),
            None => current.push(version.clone()),
        }
    }
    current
}

/// Whether objects may leave for a destination.
///
/// # Errors
/// The reason why they wait.
pub fn may_have(destination: &Version) -> Result<(), Reason> {
    let name = &destination.name;
    match destination.terms.state {
        DestinationState::InUse => Ok(()),
        DestinationState::Paused => {
            Err(Reason::new("destination_paused", format!("sending to {name} is paused")))
        }
        DestinationState::Closed => Err(Reason::new("destination_closed", format!("{name} is closed"))),
    }
}

/// Whether `actor` may add this destination beside those that are there.
///
/// # Errors
/// The refusal otherwise.
pub fn add(actor: &Actor, command: &AddDestination, there: &[Version]) -> Result<(), Refusal> {
    require_administrator(actor)?;
    let name = &command.name;
    let visible = name.chars().all(|c| !c.is_control()) && name.trim() == name;
    if !visible || !(1..=NAME_CHARS_MAX).contains(&name.chars().count()) {
        return Err(malformed("this can't be the name of a destination", "give 1 to 64 characters"));
    }
    if there.iter().any(|known| known.name.to_lowercase() == name.to_lowercase()) {
        return Err(Refusal::new(
            "destination_there",
            format!("there is a destination of the name {name}"),
            "change that one, or give another name",
        ));
    }
    check(&command.terms, &command.reason)?;
    check_address(&command.terms, there.iter())
}

/// Whether `actor` may put other terms of a destination in force.
///
/// # Errors
/// The refusal otherwise.
pub fn change(
    actor: &Actor,
    now: &Version,
    command: &ChangeDestination,
    there: &[Version],
) -> Result<(), Refusal> {
    require_administrator(actor)?;
    if command.follows != now.version {
        return Err(overtaken());
    }
    check(&command.terms, &command.reason)?;
    check_address(&command.terms, there.iter().filter(|known| known.id != now.id))?;
    if command.terms == now.terms {
        return Err(Refusal::new(
            "nothing_changes",
            "this is as it is already",
            "change something, or leave it",
        ));
    }
    Ok(())
}

/// Whether `actor` may see destinations changed and called.
///
/// # Errors
/// The refusal otherwise.
pub fn require_administrator(actor: &Actor) -> Result<(), Refusal> {
    if actor.has_role(Role::Administrator) { Ok(()) } else { Err(Refusal::forbidden()) }
}

/// Somebody else was quicker.
pub fn overtaken() -> Refusal {
    Refusal::new(
        "destination_changed_meanwhile",
        "somebody changed this destination meanwhile",
        "look at what it is now, and change it again if that is still needed",
    )
}

/// What `next` has otherwise than `former`, in words.
pub fn difference(former: &DestinationTerms, next: &DestinationTerms) -> Vec<String> {
    let line = |what: &str, from: &str, to: &str| (from != to).then(|| format!("{what}: {from} → {to}"));
    [
        line("AE title", &former.ae_title, &next.ae_title),
        line("host", &former.host, &next.host),
        line("port", &former.port.to_string(), &next.port.to_string()),
        line("kind", kind(former.kind), kind(next.kind)),
        line("state", state(former.state), state(next.state)),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn kind(kind: DestinationKind) -> &'static str {
    match kind {
        DestinationKind::Clinical => "clinical",
        DestinationKind::Research => "research",
    }
}

fn state(state: DestinationState) -> &'static str {
    match state {
        DestinationState::InUse => "in use",
        DestinationState::Paused => "paused",
        DestinationState::Closed => "closed",
    }
}

fn check(terms: &DestinationTerms, reason: &str) -> Result<(), Refusal> {
    check_ae_title("the AE title", &terms.ae_title)
        .map_err(|words| malformed(&words, "give the AE title that its administrator names"))?;
    let named = |c: char| c.is_ascii_alphanumeric() || ['.', '-', '_', ':'].contains(&c);
    let host = &terms.host;
    if host.is_empty() || host.len() > HOST_CHARS_MAX || !host.chars().all(named) || terms.port == 0 {
        return Err(malformed(
            &format!("'{host}' port {} is no address", terms.port),
            "give the name or the address of the machine, and a port from 1 to 65535",
        ));
    }
    if !(3..=REASON_CHARS_MAX).contains(&reason.trim().chars().count()) {
        return Err(Refusal::new(
            "reason_missing",
            format!("this needs a reason of 3 to {REASON_CHARS_MAX} characters"),
            "write why",
        ));
    }
    Ok(())
}

/// Two destinations at one address would get everything twice.
fn check_address<'v>(
    terms: &DestinationTerms,
    mut others: impl Iterator<Item = &'v Version>,
) -> Result<(), Refusal> {
    let same = |other: &&Version| {
        other.terms.state != DestinationState::Closed
            && terms.state != DestinationState::Closed
            && other.terms.ae_title == terms.ae_title
            && other.terms.host.eq_ignore_ascii_case(&terms.host)
            && other.terms.port == terms.port
    };
    match others.find(same) {
        None => Ok(()),
        Some(other) => Err(Refusal::new(
            "destination_there",
            format!("{} has this address already", other.name),
            "change that one, or close it first",
        )),
    }
}

fn malformed(message: &str, remedy: &str) -> Refusal {
    Refusal::new("destination_malformed", message, remedy)
}

#[cfg(test)]
mod tests;
