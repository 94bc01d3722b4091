//! Whether the evidence for a stage holds under a policy: a function of counts.

mod counted;
mod subgroup;

pub use counted::counted;

use contract::generation::Region;
use contract::intake::Subgroups;
use contract::review::{CountedCase, ReadCounts};
use contract::rollout::{Bounds, CountedBy, Criterion, Gate, GatePolicy, Stage};
use contract::{RunId, SeriesId};
use evaluation::statistics::{Interval, clopper_pearson, lower_bound_power, upper_bound_power};
use std::collections::HashMap;

const CONFIDENCE: f64 = 0.95;

/// What is known about a deployment.
#[derive(Debug, Clone, Default)]
pub struct Evidence {
    /// What its readers made of it.
    pub own: ReadCounts,
    /// What readers made of the same model version in each other deployment for the same use where a case has ended.
    pub elsewhere: Vec<ReadCounts>,
    /// Whole days in the present stage.
    pub days: u32,
    /// The groups that the series of [`Evidence::cases`] belong to; of one that is absent nothing is known.
    pub groups: HashMap<SeriesId, Subgroups>,
    /// Where readers were asked to look in the runs of [`Evidence::cases`] that have confirmed findings.
    pub regions: HashMap<RunId, Vec<Region>>,
    /// Hours since a witness cosigned the ledger, where one ever did.
    pub witness_hours: Option<f64>,
}

impl Evidence {
    /// What the shares are computed from: the own cases, or all of them where the own ones are too few (clinical
    /// decision 29).
    fn base(&self, bounds: &Bounds) -> (ReadCounts, bool) {
        let is_pooled = self.is_pooled(bounds);
        let &ReadCounts { ended, accepted, discordant, critical_findings, readers, .. } = &self.own;
        let cases = Vec::new();
        let mut base = ReadCounts { ended, accepted, discordant, critical_findings, readers, cases };
        // The readers that are asked for are those here.
        for counts in self.elsewhere.iter().filter(|_| is_pooled) {
            base.ended += counts.ended;
            base.accepted += counts.accepted;
            base.discordant += counts.discordant;
            base.critical_findings += counts.critical_findings;
        }
        (base, is_pooled)
    }

    fn is_pooled(&self, bounds: &Bounds) -> bool {
        self.own.ended < bounds.ended_min && !self.elsewhere.is_empty()
    }

    /// The cases that the shares are computed from.
    pub fn cases<'a>(&'a self, bounds: &Bounds) -> impl Iterator<Item = &'a CountedCase> {
        let elsewhere: &[ReadCounts] = if self.is_pooled(bounds) { &self.elsewhere } else { &[] };
        self.own.cases.iter().chain(elsewhere.iter().flat_map(|counts| &counts.cases))
    }

    /// Whether the map of uncertainty had flagged a place of a case.
    fn had_flagged(&self, case: &CountedCase, place: [f64; 3]) -> bool {
        let mut flagged = self.regions.get(&case.run).into_iter().flatten().filter(|region| region.is_wide());
        flagged.any(|region| region.holds(place))
    }
}

/// The gate to `stage`.
pub fn gate(stage: Stage, evidence: &Evidence, policy: &GatePolicy) -> Gate {
    let criteria = match policy.bounds(stage) {
        Some(bounds) => criteria(evidence, bounds),
        None => vec![registered()],
    };
    let held = criteria.iter().all(|criterion| criterion.held);
    Gate { stage, policy_version: policy.version.clone(), held, criteria }
}

/// The one thing asked before shadow, where nobody is shown a result: a deployment can't exist without it.
fn registered() -> Criterion {
    Criterion {
        name: "the model version is registered with its card and metrics".to_owned(),
        value: Some(1.0),
        interval: None,
        bound: 1.0,
        held: true,
        note: "held: registration refuses a model without them".to_owned(),
        parts: Vec::new(),
    }
}

fn criteria(evidence: &Evidence, bounds: &Bounds) -> Vec<Criterion> {
    let own = &evidence.own;
    let (base, pooled) = evidence.base(bounds);
    let leads_to = |criterion: Criterion, parts: &[CountedBy]| Criterion {
        parts: counted::parts(evidence, bounds, parts),
        ..criterion
    };
    let mut criteria = vec![
        at_least("days in the present stage", evidence.days, bounds.days_min),
        leads_to(at_least("cases that ended here", own.ended, bounds.local_ended_min), &[CountedBy::Here]),
        leads_to(
            at_least("different people who signed a read here", own.readers, bounds.readers_min),
            &[CountedBy::Here],
        ),
    ];
    let name = if pooled {
        format!(
            "cases that ended, with those of {} other deployments of this version",
            evidence.elsewhere.len()
        )
    } else {
        "cases that ended".to_owned()
    };
    criteria.push(leads_to(at_least(&name, base.ended, bounds.ended_min), &[CountedBy::All]));
    if pooled {
        let alone = no_contradiction(own, bounds.accepted_share_min);
        criteria.push(leads_to(alone, &[CountedBy::HereNotAccepted, CountedBy::Here]));
    }
    criteria.extend([
        leads_to(accepted_share(&base, bounds.accepted_share_min), &[CountedBy::NotAccepted, CountedBy::All]),
        leads_to(discordant_share(&base, bounds.discordant_share_max), &[CountedBy::Discordant]),
        leads_to(critical_findings(&base, bounds.critical_findings_max), &[CountedBy::Critical]),
    ]);
    if bounds.covered_share_min > 0.0 {
        let covered = covered_share(evidence, bounds);
        criteria.push(leads_to(covered, &[CountedBy::Unflagged, CountedBy::Marked]));
    }
    if bounds.subgroup_gap_max < 1.0 {
        criteria.extend(subgroup::criteria(evidence, bounds));
    }
    criteria.extend((bounds.witness_hours_max > 0).then(|| witnessed(evidence, bounds.witness_hours_max)));
    criteria
}

/// Whether the map of uncertainty was where readers found something. A model that invents and loses little gives little
/// to measure this by, so few findings only have to leave the bound possible.
fn covered_share(evidence: &Evidence, bounds: &Bounds) -> Criterion {
    let name = "share of confirmed findings that the map of uncertainty had flagged";
    let bound = bounds.covered_share_min;
    let (mut inside, mut findings) = (0, 0);
    for case in evidence.cases(bounds) {
        findings += case.findings_mm.len() as u32;
        inside += case.findings_mm.iter().filter(|place| evidence.had_flagged(case, **place)).count() as u32;
    }
    let Some((share, interval)) = proportion(inside, findings) else {
        let note = "held: no finding was confirmed at a place".to_owned();
        return Criterion {
            name: name.to_owned(),
            value: None,
            interval: None,
            bound,
            held: true,
            note,
            parts: Vec::new(),
        };
    };
    if findings >= bounds.covered_findings_min {
        let truth = f64::midpoint(bound, 1.0);
        let power = lower_bound_power(u64::from(findings), bound, truth, CONFIDENCE);
        let power = format!("of {findings} findings; {}", power_note(findings, truth, power));
        return measured(
            name,
            (share, interval),
            bound,
            judge(interval.low >= bound, share >= bound),
            &power,
        );
    }
    let held = interval.high >= bound;
    let note = if held {
        format!(
            "held: {findings} findings are too few to tell, and the far end of the 95 % interval reaches the bound"
        )
    } else {
        format!("failing: even the far end of the 95 % interval over {findings} findings is below the bound")
    };
    let interval = Some((interval.low, interval.high));
    Criterion { name: name.to_owned(), value: Some(share), interval, bound, held, note, parts: Vec::new() }
}

/// A ledger is tamper-evident up to the last checkpoint that somebody holds who can't sign for it (clinical decision 31).
fn witnessed(evidence: &Evidence, hours_max: u32) -> Criterion {
    let held = evidence.witness_hours.is_some_and(|hours| hours <= f64::from(hours_max));
    let note = match evidence.witness_hours {
        Some(_) if held => "held: somebody elsewhere holds what the ledger says",
        Some(_) => "failing: the witness has not cosigned for too long; the quality page says why",
        None => "failing: no witness cosigns the ledger; name one in audit.witness",
    };
    Criterion {
        name: "hours since a witness cosigned the ledger".to_owned(),
        value: evidence.witness_hours,
        interval: None,
        bound: f64::from(hours_max),
        held,
        note: note.to_owned(),
        parts: Vec::new(),
    }
}

/// What others saw says nothing about a site whose own reads speak against it.
fn no_contradiction(own: &ReadCounts, bound: f64) -> Criterion {
    let name = "share of the cases here that was accepted: not surely below the bound";
    let Some((share, interval)) = proportion(own.accepted, own.ended) else {
        return nothing_to_measure(name, bound);
    };
    let held = interval.high >= bound;
    let note = if held {
        "held: the far end of the 95 % interval reaches the bound"
    } else {
        "failing: the cases here contradict those elsewhere"
    };
    Criterion {
        name: name.to_owned(),
        value: Some(share),
        interval: Some((interval.low, interval.high)),
        bound,
        held,
        note: note.to_owned(),
        parts: Vec::new(),
    }
}

fn at_least(name: &str, value: u32, bound: u32) -> Criterion {
    let held = value >= bound;
    let note = if held {
        format!("held: at least {bound} are asked")
    } else {
        format!("insufficient evidence: {} more are needed", bound - value)
    };
    Criterion {
        name: name.to_owned(),
        value: Some(f64::from(value)),
        interval: None,
        bound: f64::from(bound),
        held,
        note,
        parts: Vec::new(),
    }
}

fn accepted_share(counts: &ReadCounts, bound: f64) -> Criterion {
    let name = "share of ended cases that was accepted";
    let Some((share, interval)) = proportion(counts.accepted, counts.ended) else {
        return nothing_to_measure(name, bound);
    };
    let truth = f64::midpoint(bound, 1.0);
    let power = lower_bound_power(u64::from(counts.ended), bound, truth, CONFIDENCE);
    let verdict = judge(interval.low >= bound, share >= bound);
    measured(name, (share, interval), bound, verdict, &power_note(counts.ended, truth, power))
}

fn discordant_share(counts: &ReadCounts, bound: f64) -> Criterion {
    let name = "share of ended cases on which the readers differed";
    let Some((share, interval)) = proportion(counts.discordant, counts.ended) else {
        return nothing_to_measure(name, bound);
    };
    let truth = bound / 2.0;
    let power = upper_bound_power(u64::from(counts.ended), bound, truth, CONFIDENCE);
    let verdict = judge(interval.high <= bound, share <= bound);
    measured(name, (share, interval), bound, verdict, &power_note(counts.ended, truth, power))
}

fn critical_findings(counts: &ReadCounts, bound: u32) -> Criterion {
    let name = "critical findings, adjudicated or agreed";
    let Some((_, interval)) = proportion(counts.critical_findings.min(counts.ended), counts.ended) else {
        return nothing_to_measure(name, f64::from(bound));
    };
    let held = counts.critical_findings <= bound;
    let word = if held { "held" } else { "failing" };
    let note = format!(
        "{word}: at most {bound} are allowed; with {} ended cases the true rate may still be {:.1} %",
        counts.ended,
        interval.high * 100.0
    );
    Criterion {
        name: name.to_owned(),
        value: Some(f64::from(counts.critical_findings)),
        interval: None,
        bound: f64::from(bound),
        held,
        note,
        parts: Vec::new(),
    }
}

fn proportion(part: u32, whole: u32) -> Option<(f64, Interval)> {
    let interval = || clopper_pearson(u64::from(part), u64::from(whole), CONFIDENCE);
    (whole > 0).then(|| (f64::from(part) / f64::from(whole), interval()))
}

/// How a share stands against its bound.
#[derive(Clone, Copy)]
enum Verdict {
    Held,
    Failing,
    Insufficient,
}

fn judge(interval_holds: bool, share_holds: bool) -> Verdict {
    match (interval_holds, share_holds) {
        (true, _) => Verdict::Held,
        (false, true) => Verdict::Insufficient,
        (false, false) => Verdict::Failing,
    }
}

fn measured(
    name: &str,
    (share, interval): (f64, Interval),
    bound: f64,
    verdict: Verdict,
    power: &str,
) -> Criterion {
    let word = match verdict {
        Verdict::Held => "held: the near end of the 95 % interval keeps the bound",
        Verdict::Failing => "failing: the share itself is beyond the bound",
        Verdict::Insufficient => {
            "insufficient evidence: the share keeps the bound, its interval does not yet"
        }
    };
    Criterion {
        name: name.to_owned(),
        value: Some(share),
        interval: Some((interval.low, interval.high)),
        bound,
        held: matches!(verdict, Verdict::Held),
        note: format!("{word}; {power}"),
        parts: Vec::new(),
    }
}

fn power_note(cases: u32, truth: f64, power: f64) -> String {
    format!(
        "with {cases} cases a true share of {:.1} % passes in {:.0} % of tries",
        truth * 100.0,
        power * 100.0
    )
}

fn nothing_to_measure(name: &str, bound: f64) -> Criterion {
    Criterion {
        name: name.to_owned(),
        value: None,
        interval: None,
        bound,
        held: false,
        note: "insufficient evidence: no case has ended".to_owned(),
        parts: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn reads(ended: u32, accepted: u32) -> ReadCounts {
        ReadCounts { ended, accepted, discordant: 0, critical_findings: 0, readers: 3, cases: Vec::new() }
    }

    fn evidence(ended: u32, accepted: u32) -> Evidence {
        Evidence { own: reads(ended, accepted), days: 365, ..Evidence::default() }
    }

    fn with_elsewhere(own: ReadCounts, elsewhere: ReadCounts) -> Evidence {
        Evidence { own, elsewhere: vec![elsewhere, ReadCounts::default()], days: 365, ..Evidence::default() }
    }

    fn criterion<'g>(gate: &'g Gate, name: &str) -> &'g Criterion {
        gate.criteria.iter().find(|criterion| criterion.name.contains(name)).unwrap()
    }

    #[test]
    fn a_gate_without_a_single_case_is_insufficient_and_not_held() {
        let gate = gate(Stage::Pilot, &evidence(0, 0), &GatePolicy::default());
        assert!(!gate.held);
        let share = criterion(&gate, "ended cases that was accepted");
        assert_eq!(share.value, None);
        assert!(share.note.starts_with("insufficient evidence"));
    }

    #[test]
    fn a_share_that_keeps_the_bound_only_by_luck_is_insufficient() {
        let gate = gate(Stage::Pilot, &evidence(20, 20), &GatePolicy::default());
        let share = criterion(&gate, "ended cases that was accepted");
        assert!(!share.held && share.note.starts_with("insufficient evidence"), "{}", share.note);
        // statsmodels: proportion_confint(20, 20, method='beta') = (0.8316, 1.0)
        assert!((share.interval.unwrap().0 - 0.8316).abs() < 1e-4);
    }

    #[test]
    fn a_share_below_the_bound_is_failing() {
        let gate = gate(Stage::Pilot, &evidence(200, 180), &GatePolicy::default());
        assert!(criterion(&gate, "ended cases that was accepted").note.starts_with("failing"));
    }

    #[test]
    fn enough_good_cases_hold_the_gate_and_one_critical_finding_fails_it() {
        let mut evidence = evidence(400, 398);
        assert!(gate(Stage::Pilot, &evidence, &GatePolicy::default()).held);
        evidence.own.critical_findings = 1;
        let gate = gate(Stage::Pilot, &evidence, &GatePolicy::default());
        assert!(!gate.held);
        assert!(criterion(&gate, "critical").note.starts_with("failing"));
    }

    #[test]
    fn a_small_site_rests_on_others_with_a_minimum_of_its_own() {
        let policy = GatePolicy::default();
        let held = |own, elsewhere| gate(Stage::Pilot, &with_elsewhere(own, elsewhere), &policy).held;
        assert!(held(reads(60, 60), reads(400, 396)));
        assert!(!held(reads(40, 40), reads(400, 396)), "fewer than the 50 that are asked here");
        assert!(!gate(Stage::Pilot, &evidence(60, 60), &policy).held, "alone it is not enough");
    }

    #[test]
    fn what_others_saw_does_not_outweigh_reads_that_speak_against_it() {
        let evidence = with_elsewhere(reads(60, 48), reads(4_000, 3_990));
        let gate = gate(Stage::Pilot, &evidence, &GatePolicy::default());
        assert!(!gate.held);
        assert!(criterion(&gate, "not surely below").note.starts_with("failing"));
        assert!(criterion(&gate, "ended cases that was accepted").held);
    }

    #[test]
    fn enough_cases_of_its_own_stand_alone() {
        let own_only = gate(Stage::Pilot, &evidence(400, 398), &GatePolicy::default());
        let evidence = with_elsewhere(reads(400, 398), reads(400, 0));
        assert_eq!(gate(Stage::Pilot, &evidence, &GatePolicy::default()), own_only);
    }

    #[test]
    fn every_share_states_its_power() {
        let gate = gate(Stage::Pilot, &evidence(200, 199), &GatePolicy::default());
        assert!(
            criterion(&gate, "ended cases that was accepted")
                .note
                .contains("a true share of 97.5 % passes in")
        );
    }

    #[test]
    fn the_demo_policy_says_what_it_is_worth() {
        let gate = gate(Stage::Pilot, &evidence(1, 1), &GatePolicy::demo());
        assert!(gate.held && gate.policy_version.contains("no evidence"));
    }

    proptest! {
        #[test]
        fn more_releases_never_close_a_gate(ended in 1_u32..600, released in 0_u32..600) {
            let released = released.min(ended);
            let now = gate(Stage::Pilot, &evidence(ended, released), &GatePolicy::default());
            let more = gate(Stage::Pilot, &evidence(ended, (released + 1).min(ended)), &GatePolicy::default());
            prop_assert!(!now.held || more.held);
        }
    }
}
