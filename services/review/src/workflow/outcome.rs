//! What the final reads of a case come to.

use super::steer::hold;
use super::{Change, Decision};
use crate::case::{Case, Ending, HoldReason, Kind, LeaseEnd, SignedRead, Slot};
use crate::concord::{self, Concord};
use contract::{Event, ReleaseId, Time, UserId};

/// What the final reads of a case come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing yet.
    Wait,
    /// A third read is wanted.
    Discordant,
    /// A fourth read is wanted: one adjudicator accepts against a critical rejection.
    Panel,
    /// It may be released, resting on these two signatures.
    Release([UserId; 2]),
    /// It ends unreleased.
    Reject,
    /// It ends unreleased because it came too late to be of use.
    Expire,
    /// It ends at shadow, where nothing is released.
    Evaluated {
        /// Whether it would have been released.
        accepted: bool,
    },
}

/// Computes what the final reads come to. A silent reader, a lapsed hold or a passed time never accepts.
///
/// A critical rejection is overruled only by two adjudicators (clinical decision 1).
pub fn outcome(case: &Case, now: Time) -> Outcome {
    match by_reads(case, now) {
        Outcome::Release(_) if !case.stage.is_clinical() => Outcome::Evaluated { accepted: true },
        Outcome::Reject if !case.stage.is_clinical() => Outcome::Evaluated { accepted: false },
        outcome => outcome,
    }
}

fn by_reads(case: &Case, now: Time) -> Outcome {
    if case.is_over() {
        return Outcome::Wait;
    }
    if now >= case.expires_at() {
        return Outcome::Expire;
    }
    if !case.holds.is_empty() || !case.reads.iter().all(|read| read.is_final(now)) {
        return Outcome::Wait;
    }
    if case.cannot_judge_count() >= 2 {
        let at_work = case.leases.iter().any(|lease| lease.is_live(now));
        return if at_work { Outcome::Wait } else { Outcome::Reject };
    }
    if matches!(case.kind, Kind::Repeat { .. }) {
        // Its one reader has answered, also by not being able to judge.
        return if case.reads.is_empty() { Outcome::Wait } else { Outcome::Reject };
    }
    match (case.read_in(Slot::First), case.read_in(Slot::Second)) {
        (Some(first), Some(second)) => two_reads(case, [first, second]),
        _ => Outcome::Wait,
    }
}

fn two_reads(case: &Case, first: [&SignedRead; 2]) -> Outcome {
    // Nothing but a patient's case is ever released, whatever was signed.
    if !case.is_clinical() {
        return Outcome::Reject;
    }
    if case.discordant_at.is_some() {
        return case.read_in(Slot::Third).map_or(Outcome::Wait, |third| third_read(case, first, third));
    }
    match concord::compare(&first[0].content, &first[1].content) {
        Concord::Accept if first.iter().all(|read| read.supports()) => {
            Outcome::Release(first.map(|read| read.reader().clone()))
        }
        // Who would not accept any more leaves it to a third reader.
        Concord::Accept | Concord::Discordant => Outcome::Discordant,
        Concord::Reject => Outcome::Reject,
    }
}

fn third_read(case: &Case, first: [&SignedRead; 2], third: &SignedRead) -> Outcome {
    let supporter = first.iter().find(|read| read.supports());
    let (Some(supporter), true) = (supporter, third.supports()) else { return Outcome::Reject };
    if !first.iter().any(|read| read.is_critical_rejection()) {
        return Outcome::Release([supporter.reader().clone(), third.reader().clone()]);
    }
    match case.read_in(Slot::Fourth) {
        Some(fourth) if fourth.supports() => {
            Outcome::Release([third.reader().clone(), fourth.reader().clone()])
        }
        Some(_) => Outcome::Reject,
        None if case.panel_at.is_some() => Outcome::Wait,
        None => Outcome::Panel,
    }
}

/// What the shell found out and drew before a conclusion.
#[derive(Debug, Clone)]
pub struct Settling {
    /// Whether rollout lets a release be written now.
    pub may_release: bool,
    /// Whether whose the study is, is not in question.
    pub identity_certain: bool,
    /// The id a release gets.
    pub release: ReleaseId,
    /// Whether an agreed case is drawn for the quality sample.
    pub sample: bool,
}

pub(super) fn settle(case: &Case, settling: &Settling, now: Time) -> Decision {
    let id = case.id.clone();
    match outcome(case, now) {
        Outcome::Wait => Decision::default(),
        Outcome::Discordant => Decision::of(Event::CaseDiscordant { case: id }, Change::FoundDiscordant),
        Outcome::Panel => Decision::of(Event::PanelCalled { case: id }, Change::PanelCalled),
        Outcome::Release(_) if !settling.identity_certain => hold(case, HoldReason::Identity, now),
        Outcome::Release(_) if !settling.may_release => hold(case, HoldReason::DeploymentStage, now),
        Outcome::Release(signers) => {
            let release = settling.release.clone();
            let event = Event::CaseReleased {
                case: id,
                release: release.clone(),
                deployment: case.deployment.clone(),
            };
            let ended = Change::Ended(Ending::Released { release, signers, at: now });
            sampled(case, settling, Decision::of(event, ended))
        }
        Outcome::Reject if case.is_clinical() => {
            let ended = Change::Ended(Ending::Rejected { at: now });
            sampled(case, settling, Decision::of(Event::CaseRejected { case: id }, ended))
        }
        Outcome::Reject => {
            Decision::of(Event::SampleRead { case: id }, Change::Ended(Ending::Rejected { at: now }))
        }
        Outcome::Evaluated { accepted } => Decision::of(
            Event::CaseEvaluated { case: id },
            Change::Ended(Ending::Evaluated { accepted, at: now }),
        ),
        Outcome::Expire => {
            let mut decision =
                Decision::ending_leases(case, LeaseEnd::CaseExpired, |lease| lease.ended_at.is_none());
            decision.events.push(Event::CaseExpired { case: id });
            decision.changes.push(Change::Ended(Ending::Expired { at: now }));
            decision
        }
    }
}

/// Clinical decision 3: agreed cases are drawn so that discordant ones hide among them.
fn sampled(case: &Case, settling: &Settling, mut decision: Decision) -> Decision {
    let agreed = case.discordant_at.is_none() && case.cannot_judge_count() < 2;
    if settling.sample && agreed {
        decision.events.push(Event::CaseSampled { case: case.id.clone() });
        decision.changes.push(Change::Sampled);
    }
    decision
}
