//! Values that the tests of the pure files start from.

use crate::assign::Reader;
use crate::case::{Case, Credential, Kin, Kind, Policy};
use crate::sign::Signing;
use crate::workflow::{self, Command, Settling};
use chrono::TimeDelta;
use contract::generation::{Region, RegionKind};
use contract::review::{
    Displayed, Finding, FindingKind, ReadContent, RegionDisplayed, Screen, Severity, Verdict, Viewing,
};
use contract::rollout::Stage;
use contract::{
    Actor, CaseId, DeploymentId, Digest, LeaseId, LoginSessionId, ModelVersionId, Priority, ReadId, Refusal,
    ReleaseId, Role, RunId, SeriesId, SignatureId, StudyId, Time, UserId,
};
use std::collections::BTreeSet;

pub(crate) fn start() -> Time {
    "2026-11-25T08:00:00Z".parse().unwrap()
}

pub(crate) fn case() -> Case {
    Case {
        id: CaseId::from_bits(1),
        run: RunId::from_bits(1),
        series: SeriesId::from_bits(1),
        study: StudyId::from_bits(1),
        model: ModelVersionId::from_bits(1),
        deployment: DeploymentId::from_bits(1),
        stage: Stage::General,
        case_digest: Digest::of(b"what was seen"),
        source_set: Digest::of(b"sources"),
        volumes: Some(Digest::of(b"volumes")),
        region_count: 2,
        kind: Kind::Clinical,
        is_drawn: false,
        requester: None,
        modality: "CT".to_owned(),
        task: "denoise".to_owned(),
        policy: Policy { finalisation_minutes: 0, require_credentials: false, ..Policy::default() },
        priority: Priority::Routine,
        priority_change: None,
        overdue_at: None,
        queued_at: start(),
        leases: Vec::new(),
        drafts: Vec::new(),
        reads: Vec::new(),
        withdrawals: Vec::new(),
        invalidated: Vec::new(),
        holds: Vec::new(),
        deferrals: Vec::new(),
        conflicted: BTreeSet::new(),
        credentials: Vec::new(),
        discordant_at: None,
        panel_at: None,
        sampled_at: None,
        superseded_at: None,
        ending: None,
        recall: None,
        kin: Kin::default(),
        version: 0,
    }
}

/// A case at shadow that was drawn; radiologists 1 to 4 and adjudicators 7 to 9 evaluate its modality and use.
pub(crate) fn evaluation() -> Case {
    let named = |number| Credential {
        reader: UserId::from_bits(number),
        valid_from: start(),
        valid_until: start() + TimeDelta::days(365),
    };
    let credentials = (1..=4).chain(7..=9).map(named).collect();
    Case { stage: Stage::Shadow, is_drawn: true, credentials, ..case() }
}

pub(crate) fn radiologist(number: u128) -> Reader {
    Reader { user: UserId::from_bits(number), is_radiologist: true, is_adjudicator: false }
}

pub(crate) fn adjudicator(number: u128) -> Reader {
    Reader { user: UserId::from_bits(number), is_radiologist: true, is_adjudicator: true }
}

/// A person with the given roles.
pub(crate) fn person(number: u128, roles: &[Role]) -> Actor {
    Actor::Person {
        user: UserId::from_bits(number),
        username: format!("user{number}"),
        printed_name: format!("Dr Number {number}"),
        roles: roles.to_vec(),
        login: LoginSessionId::from_bits(number),
    }
}

pub(crate) fn finding(severity: Severity) -> Finding {
    Finding {
        id: None,
        kind: FindingKind::Invented,
        severity,
        centre_mm: Some([1.0, 2.0, 3.0]),
        diameter_mm: Some(4.0),
        comment: String::new(),
    }
}

/// The regions of the run of [`case`].
pub(crate) fn regions() -> Vec<Region> {
    let region =
        |kind, slices| Region { kind, centre_mm: [0.0; 3], diameter_mm: 6.0, half_width_max: 40.0, slices };
    vec![region(RegionKind::Width, (4, 6)), region(RegionKind::Structure, (9, 9))]
}

/// Everything was displayed that must be.
pub(crate) fn viewing(regions: &[Region]) -> Viewing {
    let displayed = Displayed { slices: 20, slices_full: 20, ms: 6_000, ms_full: 5_000 };
    let region = |(region, found): (u32, &Region)| {
        let slices = (found.slices.0..=found.slices.1).collect();
        RegionDisplayed { region, slices }
    };
    Viewing {
        original: displayed,
        image: displayed,
        original_alone_ms: 2_000,
        regions: (0..).zip(regions).map(region).collect(),
        screen: Screen { density_percent: 150, columns: 2_560, rows: 1_440 },
    }
}

/// What can be signed with the verdict, once the viewing is added.
pub(crate) fn content(verdict: Verdict) -> ReadContent {
    let comment = if verdict == Verdict::AcceptWithLimitation { "not for the apex" } else { "" };
    ReadContent { verdict: Some(verdict), comment: comment.to_owned(), ..ReadContent::default() }
}

pub(crate) fn critical_rejection() -> ReadContent {
    ReadContent { findings: vec![finding(Severity::Critical)], ..content(Verdict::Reject) }
}

/// What this reader signs, having seen everything; a second request of the same reader has ids of its own.
pub(crate) fn signing(case: &Case, reader: &Reader, content: ReadContent) -> Signing {
    let earlier = case.reads.len() + case.withdrawals.len() + case.invalidated.len();
    let ids = Digest::of(format!("{} {earlier}", reader.user).as_bytes()).leading_bits();
    let content = ReadContent { viewing: Some(viewing(&regions())), ..content };
    Signing {
        reader: reader.clone(),
        printed_name: format!("Dr {}", reader.user),
        authentication: vec!["pwd".to_owned()],
        subject: case.id.to_string(),
        content,
        case_digest: case.case_digest,
        personal_key: None,
        regions: regions(),
        read: ReadId::from_bits(ids),
        signature: SignatureId::from_bits(ids),
    }
}

/// Carries a command out on the value.
pub(crate) fn act(case: &mut Case, command: &Command, now: Time) -> Result<workflow::Decision, Refusal> {
    let decision = workflow::decide(case, command, now)?;
    for change in &decision.changes {
        workflow::apply(case, change, now);
    }
    Ok(decision)
}

pub(crate) fn open(case: &mut Case, reader: &Reader, now: Time) -> Result<(), Refusal> {
    let seed = Digest::of(format!("{} {}", reader.user, case.leases.len()).as_bytes());
    let lease = LeaseId::from_bits(seed.leading_bits());
    act(case, &Command::Open { reader: reader.clone(), lease }, now).map(drop)
}

/// Opens and signs.
pub(crate) fn reads(case: &mut Case, reader: &Reader, what: ReadContent, now: Time) {
    open(case, reader, now).unwrap();
    let signing = signing(case, reader, what);
    act(case, &Command::Sign(Box::new(signing)), now).unwrap();
}

pub(crate) fn settle(case: &mut Case, now: Time) {
    settle_sampling(case, false, now);
}

/// Concludes; `sample` says whether an agreed case is drawn for the quality sample.
pub(crate) fn settle_sampling(case: &mut Case, sample: bool, now: Time) {
    let settling =
        Settling { may_release: true, identity_certain: true, release: ReleaseId::from_bits(7), sample };
    act(case, &Command::Settle(settling), now).unwrap();
}
