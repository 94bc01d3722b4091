//! Whether cases are still like those before: input statistics and outcomes.

use super::Gathered;
use contract::audit::{DriftAlarm, DriftFigure, Statistic, Tested};
use contract::job::INPUT_NOISE;
use contract::review::EndedCase;
use evaluation::drift::compare::{self, benjamini_hochberg};
use evaluation::drift::energy::energy;
use evaluation::drift::watch::{self, Watch};
use rand::SeedableRng as _;
use rand::rngs::StdRng;

/// Cases on average before a false alarm of the watch.
const CALM: f64 = 20_000.0;
/// Below this adjusted chance a statistic counts as changed.
const CHANGED: f64 = 0.01;
const PERMUTATIONS: u32 = 199;
/// Cases that are compared jointly at most: the work grows with their square.
const JOINTLY_MAX: usize = 400;
/// Ties are broken by chance; a period is always told the same.
const SEED: u64 = 31;

/// A value of a statistic.
enum Value {
    Name(String),
    Number(f64),
}

const STATISTICS: [Statistic; 13] = [
    Statistic::Scanner,
    Statistic::Software,
    Statistic::Kernel,
    Statistic::Protocol,
    Statistic::SliceThickness,
    Statistic::PixelSpacing,
    Statistic::Noise,
    Statistic::DomainScore,
    Statistic::ConsistencyScore,
    Statistic::AgreementScore,
    Statistic::ReadingTime,
    Statistic::Discordant,
    Statistic::Rejected,
];

/// The statistic of a case; `None` where it is not known.
fn value(statistic: Statistic, case: &EndedCase, gathered: &Gathered) -> Option<Value> {
    let series = gathered.series.get(&case.series);
    let run = gathered.runs.get(&case.run);
    let flag = |is: bool| Some(Value::Number(f64::from(u8::from(is))));
    match statistic {
        Statistic::Scanner => gathered.names.scanners.get(&case.series).cloned().map(Value::Name),
        Statistic::Software => series.map(|series| Value::Name(series.software.clone())),
        Statistic::Kernel => series.map(|series| Value::Name(series.kernel.clone())),
        Statistic::Protocol => series.map(|series| Value::Name(series.protocol.clone())),
        Statistic::SliceThickness => series?.slice_thickness_mm.map(Value::Number),
        Statistic::PixelSpacing => series?.pixel_spacing_mm.map(Value::Number),
        Statistic::Noise => run?.input.get(INPUT_NOISE).copied().map(Value::Number),
        Statistic::DomainScore => run?.domain.map(Value::Number),
        Statistic::ConsistencyScore => run?.consistency.map(Value::Number),
        Statistic::AgreementScore => run?.agreement.map(Value::Number),
        Statistic::ReadingTime => {
            let seconds = |read: &contract::review::BlindRead| {
                read.opened_at.map(|opened| (read.signed_at - opened).as_seconds_f64().max(0.0))
            };
            let [one, other] = case.first_reads.each_ref().map(seconds);
            Some(Value::Number(f64::midpoint(one?, other?)))
        }
        Statistic::Discordant => flag(case.discordant),
        Statistic::Rejected => flag(!case.accepted),
    }
}

/// The cases before the last quarter, and the last quarter; `None` where either is too small.
fn halves(gathered: &Gathered, minimum: u32) -> Option<(&[EndedCase], &[EndedCase])> {
    let (before, recent) = gathered.cases.split_at(gathered.cases.len() - gathered.cases.len() / 4);
    let enough = |cases: &[EndedCase]| cases.len() >= minimum.max(2) as usize;
    (enough(before) && enough(recent)).then_some((before, recent))
}

/// Each statistic in the last quarter of the cases against those before.
pub(super) fn figures(gathered: &Gathered, minimum: u32) -> Vec<DriftFigure> {
    let Some((before, recent)) = halves(gathered, minimum) else { return Vec::new() };
    let compared = STATISTICS.into_iter().filter_map(|statistic| {
        let of = |cases: &[EndedCase]| -> Vec<Value> {
            cases.iter().filter_map(|case| value(statistic, case, gathered)).collect()
        };
        let (before, after) = (of(before), of(recent));
        let (psi, p) = compare_values(&before, &after)?;
        Some((statistic, before.len(), after.len(), psi, p))
    });
    let compared: Vec<_> = compared.collect();
    let adjusted = benjamini_hochberg(&compared.iter().map(|(.., p)| *p).collect::<Vec<_>>());
    let cases: Vec<_> = recent.iter().map(|case| case.id.clone()).collect();
    let figure = |((statistic, reference, recent, psi, p), q)| DriftFigure {
        statistic,
        reference: reference as u32,
        recent: recent as u32,
        psi,
        p,
        q,
        is_changed: q < CHANGED,
        cases: if q < CHANGED { cases.clone() } else { Vec::new() },
    };
    compared.into_iter().zip(adjusted).map(figure).collect()
}

fn compare_values(before: &[Value], after: &[Value]) -> Option<(f64, f64)> {
    let names = |values: &'_ [Value]| -> Vec<String> {
        let name = |value: &Value| match value {
            Value::Name(name) => Some(name.clone()),
            Value::Number(_) => None,
        };
        values.iter().filter_map(name).collect()
    };
    let numbers = |values: &[Value]| -> Vec<f64> {
        let number = |value: &Value| match value {
            Value::Number(number) => Some(*number),
            Value::Name(_) => None,
        };
        values.iter().filter_map(number).collect()
    };
    let (one, other) = (names(before), names(after));
    if one.is_empty() && other.is_empty() {
        let (one, other) = (numbers(before), numbers(after));
        return Some((compare::psi(&one, &other)?, compare::ks(&one, &other)?.p));
    }
    let (one, other): (Vec<&str>, Vec<&str>) =
        (one.iter().map(String::as_str).collect(), other.iter().map(String::as_str).collect());
    let p = compare::categorical(&one, &other).map_or(1.0, |tested| tested.p);
    Some((compare::psi_of_names(&one, &other)?, p))
}

/// All numbers of the cases jointly, and what workers measured of their input; names are no points.
pub(super) fn jointly(gathered: &Gathered, minimum: u32) -> Option<Tested> {
    let (before, recent) = halves(gathered, minimum)?;
    let points = |cases: &[EndedCase]| -> Vec<Vec<f64>> {
        // The newest, where there are too many.
        let cases = &cases[cases.len().saturating_sub(JOINTLY_MAX / 2)..];
        let point = |case: &EndedCase| {
            // Models that give one image have no agreement: with it their cases would be points without a number.
            let held = STATISTICS.into_iter().filter(|statistic| *statistic != Statistic::AgreementScore);
            let numbers = held.filter_map(|statistic| match value(statistic, case, gathered)? {
                Value::Number(number) => Some(number),
                Value::Name(_) => None,
            });
            let run = gathered.runs.get(&case.run);
            let measured = run.into_iter().flat_map(|run| &run.input);
            // The noise is among the statistics.
            let measured = measured.filter(|(name, _)| name.as_str() != INPUT_NOISE).map(|(_, value)| *value);
            numbers.chain(measured).collect::<Vec<f64>>()
        };
        cases.iter().map(point).collect()
    };
    let (mut one, mut other) = (points(before), points(recent));
    // A point without one of the numbers can't be held against the others.
    let width = one.iter().chain(&other).map(Vec::len).max()?;
    one.retain(|point| point.len() == width);
    other.retain(|point| point.len() == width);
    let tested = energy(&one, &other, PERMUTATIONS, &mut StdRng::seed_from_u64(SEED))?;
    Some(Tested { statistic: tested.statistic, p: tested.p })
}

/// The alarms of a watch that takes one case after the other.
pub(super) fn alarms(gathered: &Gathered) -> Vec<DriftAlarm> {
    let mut rng = StdRng::seed_from_u64(SEED);
    let mut watch = Watch::new(CALM);
    let mut alarms = Vec::new();
    for case in &gathered.cases {
        let statistics = STATISTICS.into_iter().enumerate().filter_map(|(at, statistic)| {
            let value = match value(statistic, case, gathered)? {
                Value::Name(name) => watch::Statistic::Name(name),
                Value::Number(number) => watch::Statistic::Number(number),
            };
            Some((at, value))
        });
        let statistics: Vec<_> = statistics.collect();
        if let Some(alarm) = watch.take(&statistics, &mut rng) {
            let (id, at) = (case.id.clone(), case.ended_at);
            alarms.push(DriftAlarm {
                statistic: STATISTICS[alarm.statistic],
                share: alarm.share,
                case: id,
                at,
            });
        }
    }
    alarms
}
