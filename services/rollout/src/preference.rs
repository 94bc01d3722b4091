//! Champion against challenger: what may be declared, how that behaves, and what the declared looks say. Pure.
//!
//! The endpoint is the preference of readers who don't know which model made which image. What runs measure of
//! themselves stands beside it and decides nothing: nobody is promoted on image metrics alone.

use contract::generation::Run;
use contract::review::{CompletedPair, PairOutcome};
use contract::rollout::{
    ComparisonDesign, ComparisonPlan, Deployment, DesignBehaviour, DesignLook, DesignRequest, Futility, Look,
    LookDecision, Measured, PairedMeasure, Stage, StartComparison,
};
use contract::{Actor, Refusal, Role, Time};
use evaluation::group_sequential::{ExactTest, obrien_fleming, spending};
use evaluation::statistics::student;

/// Fewest and most pairs of a comparison: fewer answer nothing, and no site reads more.
const PAIRS: std::ops::RangeInclusive<u32> = 10..=1_000;
/// The most looks.
const LOOKS_MAX: usize = 5;
/// Two looks lie at least this share of all pairs apart.
const APART_MIN: f64 = 0.1;
const ALPHA: std::ops::RangeInclusive<f64> = 0.005..=0.1;
/// A margin above 0 is at least and at most this.
const MARGIN: std::ops::RangeInclusive<f64> = 0.01..=0.2;
/// The share that is hoped for lies at least so far above what has to be exceeded, and is at most the other.
const HOPED: (f64, f64) = (0.05, 0.95);
/// Below which power a plan may end for futility.
const FUTILITY: std::ops::RangeInclusive<f64> = 0.01..=0.5;
/// True shares for which a plan's behaviour is told.
const TRUTHS: [f64; 7] = [0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8];
/// Of intervals of what runs measure.
const CONFIDENCE: f64 = 0.95;

/// Two deployments that are to be compared, and whether their models do the same task.
#[derive(Debug, Clone, Copy)]
pub struct Contenders<'a> {
    /// What is in use.
    pub champion: &'a Deployment,
    /// What may be better.
    pub challenger: &'a Deployment,
    /// Whether both models have the same task.
    pub same_task: bool,
}

/// Whether `actor` may begin this comparison.
///
/// # Errors
/// The refusal otherwise.
pub fn start(actor: &Actor, command: &StartComparison, of: Contenders<'_>) -> Result<(), Refusal> {
    if !actor.has_role(Role::Administrator) {
        return Err(Refusal::forbidden());
    }
    check_words(&command.reason)?;
    check_plan(&command.plan)?;
    let Contenders { champion, challenger, same_task } = of;
    let refuse = |message: &str, remedy: &str| Err(Refusal::new("not_comparable", message, remedy));
    if champion.id == challenger.id || champion.model == challenger.model {
        return refuse(
            "both are the same model version",
            "choose another version or model as the challenger",
        );
    }
    if challenger.stage != Stage::Shadow {
        return refuse(
            "the challenger does not stand at shadow",
            "compare before it is promoted, while its images reach no patient",
        );
    }
    if champion.stage == Stage::Suspended {
        return refuse("the champion is suspended and makes no images", "choose a deployment that is in use");
    }
    let same_use = champion.site == challenger.site
        && champion.rule.modality == challenger.rule.modality
        && champion.rule.body_parts == challenger.rule.body_parts;
    if !same_use || !same_task {
        return refuse(
            "the two are not for the same use at the same site",
            "choose deployments of the same site, task, modality and body parts",
        );
    }
    Ok(())
}

/// Whether `actor` may end a comparison that its plan has not ended.
///
/// # Errors
/// The refusal otherwise.
pub fn give_up(actor: &Actor, reason: &str) -> Result<(), Refusal> {
    if !actor.has_role(Role::Administrator) && !actor.has_role(Role::Quality) {
        return Err(Refusal::forbidden());
    }
    check_words(reason)
}

fn check_words(reason: &str) -> Result<(), Refusal> {
    if reason.trim().is_empty() {
        return Err(Refusal::new("reason_missing", "this needs words", "say why"));
    }
    Ok(())
}

/// Whether a plan can be declared.
///
/// # Errors
/// The refusal otherwise.
pub fn check_plan(plan: &ComparisonPlan) -> Result<(), Refusal> {
    let refuse = |message: String, remedy: &str| Err(Refusal::new("plan_malformed", message, remedy));
    let pairs = f64::from(plan.pairs());
    let apart = plan.looks.iter().scan(0, |before, look| {
        let gap = f64::from(*look) - f64::from(std::mem::replace(before, *look));
        Some(gap >= APART_MIN * pairs && gap >= 1.0)
    });
    if !PAIRS.contains(&plan.pairs()) || plan.looks.len() > LOOKS_MAX || !apart.into_iter().all(|apart| apart)
    {
        return refuse(
            format!("the looks {:?} can't be declared", plan.looks),
            "declare up to 5 rising numbers of pairs, the last between 10 and 1,000, a tenth of it apart",
        );
    }
    if !ALPHA.contains(&plan.alpha) {
        return refuse(
            format!("an error of {} can't be declared", plan.alpha),
            "take 0.005 to 0.1, one-sided",
        );
    }
    if plan.margin != 0.0 && !MARGIN.contains(&plan.margin) {
        return refuse(
            format!("a margin of {} can't be declared", plan.margin),
            "take 0 to ask whether it is better, or 0.01 to 0.2 to ask whether it is not worse",
        );
    }
    if !(1..=2).contains(&plan.readers) || !(1..=1_000).contains(&plan.draw_per_mille) {
        return refuse(
            "so many readers, or such a share of sources, can't be declared".to_owned(),
            "take one or two readers for each pair, and 1 to 1,000 of a thousand sources",
        );
    }
    match &plan.futility {
        Some(futility) => check_futility(futility, plan.null()),
        None => Ok(()),
    }
}

fn check_futility(futility: &Futility, null: f64) -> Result<(), Refusal> {
    let (above, most) = HOPED;
    let Futility { alternative, limit } = *futility;
    if alternative - null >= above && alternative <= most && FUTILITY.contains(&limit) {
        return Ok(());
    }
    Err(Refusal::new(
        "plan_malformed",
        format!(
            "an end for futility below a power of {limit} at a true share of {alternative} can't be declared"
        ),
        format!(
            "take a power of 0.01 to 0.5 (0 for no such end), and hope for a share of {:.2} to {most}",
            null + above
        ),
    ))
}

/// The test that a plan declares.
fn test_of(plan: &ComparisonPlan) -> ExactTest {
    ExactTest { null: plan.null(), spent: spending(&fractions(plan), plan.alpha) }
}

fn fractions(plan: &ComparisonPlan) -> Vec<f64> {
    plan.looks.iter().map(|look| f64::from(*look) / f64::from(plan.pairs())).collect()
}

/// How a plan behaves where readers prefer neither image as often as is expected.
///
/// # Errors
/// When the plan can't be declared, or the share is none.
pub fn design(request: &DesignRequest) -> Result<ComparisonDesign, Refusal> {
    let DesignRequest { plan, no_preference } = request;
    check_plan(plan)?;
    if !(0.0..=0.9).contains(no_preference) {
        return Err(Refusal::new(
            "plan_malformed",
            format!("{no_preference} is no share of pairs without a preference"),
            "give a share between 0 and 0.9",
        ));
    }
    let test = test_of(plan);
    let preferences: Vec<u64> =
        plan.looks.iter().map(|look| (f64::from(*look) * (1.0 - no_preference)).round() as u64).collect();
    let bounds = obrien_fleming(&fractions(plan), plan.alpha);
    let needed = test.needed(&preferences);
    let futile = futile(plan, &test, &preferences);
    let looks = plan.looks.iter().enumerate().map(|(at, pairs)| DesignLook {
        pairs: *pairs,
        preferences: preferences[at] as u32,
        bound: bounds[at],
        spent: test.spent[at],
        needed: needed[at].map(|needed| needed as u32),
        futile: futile[at].map(|most| most as u32),
    });
    let truths = (plan.margin > 0.0).then(|| plan.null()).into_iter().chain(TRUTHS);
    let behaviour = truths.map(|truth| {
        let ends = test.ends(&preferences, &futile, truth);
        let early = plan.looks.iter().zip(&ends);
        let early: f64 = early.map(|(pairs, ends)| f64::from(*pairs) * (ends.shown + ends.futile)).sum();
        let shown: f64 = ends.iter().map(|ends| ends.shown).sum();
        let futile: f64 = ends.iter().map(|ends| ends.futile).sum();
        let pairs = early + f64::from(plan.pairs()) * (1.0 - shown - futile);
        DesignBehaviour { truth, shown, futile, pairs }
    });
    Ok(ComparisonDesign { looks: looks.collect(), behaviour: behaviour.collect() })
}

/// How often a look that is left shows what a plan asks for at the share that it hopes for, by the preferences for the
/// challenger at the last look that was taken; `trials` are all preferences at those. `None` where it declares no end for
/// futility, or no look is left.
///
/// Pairs that are not read yet are taken to give a preference as often as those that are.
fn power_left(plan: &ComparisonPlan, test: &ExactTest, trials: &[u64]) -> Option<Vec<f64>> {
    let futility = plan.futility.filter(|_| trials.len() < plan.looks.len())?;
    let (read, given) = (plan.looks[trials.len() - 1], *trials.last()?);
    let often = given as f64 / f64::from(read);
    let later =
        plan.looks[trials.len()..].iter().map(|look| given + (f64::from(look - read) * often).round() as u64);
    let expected: Vec<u64> = trials.iter().copied().chain(later).collect();
    Some(test.power_left(&expected, trials.len(), futility.alternative))
}

/// The most preferences for the challenger with which each look ends a comparison for futility.
fn futile(plan: &ComparisonPlan, test: &ExactTest, trials: &[u64]) -> Vec<Option<u64>> {
    let needed = test.needed(trials);
    let most = |look: usize| {
        let left = power_left(plan, test, &trials[..=look])?;
        let limit = plan.futility?.limit;
        let few = left.partition_point(|power| *power < limit) as u64;
        // What shows what is asked for is not futile.
        few.min(needed[look].unwrap_or(few)).checked_sub(1)
    };
    (0..trials.len()).map(most).collect()
}

/// The look that is due when so many pairs are complete and so many looks were taken, from 1.
pub fn due(plan: &ComparisonPlan, taken: usize, complete: usize) -> Option<u32> {
    let pairs = *plan.looks.get(taken)?;
    (complete >= pairs as usize).then_some(taken as u32 + 1)
}

/// What a look says, over the first pairs that were completed and none that came later. `runs` are those of the
/// pairs, as far as they are known.
///
/// # Panics
/// When the plan has no such look, or fewer pairs are complete than it rests on.
pub fn look(plan: &ComparisonPlan, number: u32, complete: &[CompletedPair], runs: &[Run], now: Time) -> Look {
    let index = number as usize - 1;
    let counted = &complete[..plan.looks[index] as usize];
    let preferences = |look: &u32| {
        let first = &complete[..*look as usize];
        first.iter().filter(|pair| pair.outcome != PairOutcome::Neither).count() as u64
    };
    let trials: Vec<u64> = plan.looks[..=index].iter().map(preferences).collect();
    let count = |outcome| counted.iter().filter(|pair| pair.outcome == outcome).count() as u32;
    let (champion, challenger) = (count(PairOutcome::Champion), count(PairOutcome::Challenger));
    let test = test_of(plan);
    let needed = test.needed(&trials)[index].map(|needed| needed as u32);
    let interval = test.interval(&trials, u64::from(challenger));
    let power_left = power_left(plan, &test, &trials).map(|left| left[challenger as usize]);
    let all = champion + challenger;
    Look {
        number,
        pairs: plan.looks[index],
        champion,
        challenger,
        share: (all > 0).then(|| f64::from(challenger) / f64::from(all)),
        low: interval.low,
        high: interval.high,
        needed,
        power_left,
        decision: decide(plan, number, needed.is_some_and(|needed| challenger >= needed), power_left),
        measures: measures(counted, runs),
        looked_at: now,
    }
}

fn decide(plan: &ComparisonPlan, number: u32, stops: bool, power_left: Option<f64>) -> LookDecision {
    let is_futile = || plan.futility.zip(power_left).is_some_and(|(futility, left)| left < futility.limit);
    match (stops, plan.margin > 0.0) {
        (true, false) => LookDecision::Better,
        (true, true) => LookDecision::NotWorse,
        (false, _) if number as usize == plan.looks.len() => LookDecision::NotShown,
        (false, _) if is_futile() => LookDecision::Futile,
        (false, _) => LookDecision::GoOn,
    }
}

/// How what runs measure differs within pairs.
fn measures(pairs: &[CompletedPair], runs: &[Run]) -> Vec<PairedMeasure> {
    let all = [Measured::DomainScore, Measured::Consistency, Measured::WideRegions, Measured::ComputeSeconds];
    all.into_iter().filter_map(|measured| paired(measured, pairs, runs)).collect()
}

fn paired(measured: Measured, pairs: &[CompletedPair], runs: &[Run]) -> Option<PairedMeasure> {
    let of = |id| {
        let run = runs.iter().find(|run| run.id == id)?;
        match measured {
            Measured::DomainScore => run.scores.as_ref()?.domain,
            Measured::Consistency => run.scores.as_ref()?.consistency,
            Measured::WideRegions => {
                Some(run.regions.iter().filter(|region| region.is_wide()).count() as f64)
            }
            Measured::ComputeSeconds => Some(run.cost.as_ref()?.seconds),
        }
    };
    let both: Vec<(f64, f64)> =
        pairs.iter().filter_map(|pair| of(pair.champion.clone()).zip(of(pair.challenger.clone()))).collect();
    let differences: Vec<f64> = both.iter().map(|(champion, challenger)| challenger - champion).collect();
    let difference = student(&differences, CONFIDENCE)?;
    let mean = |side: fn(&(f64, f64)) -> f64| both.iter().map(side).sum::<f64>() / both.len() as f64;
    Some(PairedMeasure {
        measured,
        pairs: both.len() as u32,
        champion: mean(|pair| pair.0),
        challenger: mean(|pair| pair.1),
        difference: difference.mean,
        low: difference.ends.map(|(low, _)| low),
        high: difference.ends.map(|(_, high)| high),
    })
}

#[cfg(test)]
mod tests;
