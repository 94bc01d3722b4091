//! How well two readers agree beyond chance, with intervals.
//!
//! Cohen's κ falls towards zero where almost every case gets the same verdict, however well readers agree; Gwet's
//! AC1 (AC2 with weights) does not. Both are shown, over the same table.
//!
//! # Source
//! Cohen, Psychological Bulletin 70 (1968) 213–220 (weighted κ); Fleiss, Cohen and Everitt, Psychological Bulletin
//! 72 (1969) 323–327 (its standard error); Gwet, British Journal of Mathematical and Statistical Psychology 61
//! (2008) 29–48 (AC1 and its variance), and Handbook of Inter-Rater Reliability, 4th edition (2014), chapters 3
//! and 5 (weights, and Student's t with n − 1 degrees of freedom).

use crate::statistics::Interval;
use statrs::distribution::{ContinuousCDF, StudentsT};

/// How much two different categories count as agreement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weights {
    /// Not at all: categories without an order.
    Identity,
    /// By their distance.
    Linear,
    /// By the square of their distance.
    Quadratic,
}

impl Weights {
    /// The weight of categories `one` and `other` of `count`, in [0, 1].
    fn of(self, one: usize, other: usize, count: usize) -> f64 {
        let distance = one.abs_diff(other) as f64 / (count - 1) as f64;
        match self {
            Self::Identity => f64::from(u8::from(one == other)),
            Self::Linear => 1.0 - distance,
            Self::Quadratic => 1.0 - distance * distance,
        }
    }
}

/// An estimate with its interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The value, at most 1.
    pub value: f64,
    /// Its standard error.
    pub standard_error: f64,
    /// Its interval; `None` where all cases look alike and the error can't be told from them.
    pub interval: Option<Interval>,
}

/// How often one reader chose category k and the other l: a square table of counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    categories: usize,
    counts: Vec<u64>,
}

impl Table {
    /// An empty table over at least two categories.
    ///
    /// # Panics
    /// With fewer than two categories nothing can be disagreed about.
    pub fn new(categories: usize) -> Self {
        assert!(categories >= 2, "readers can't disagree about {categories} categories");
        Self { categories, counts: vec![0; categories * categories] }
    }

    /// Counts one case.
    ///
    /// # Panics
    /// If a category is none of the table's.
    pub fn add(&mut self, one: usize, other: usize) {
        assert!(one < self.categories && other < self.categories, "no category {one} or {other}");
        self.counts[one * self.categories + other] += 1;
    }

    /// The number of cases.
    pub fn cases(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// The share of cases with the same category; `None` without a case.
    pub fn observed(&self) -> Option<f64> {
        let same: u64 = (0..self.categories).map(|k| self.counts[k * self.categories + k]).sum();
        (self.cases() > 0).then(|| same as f64 / self.cases() as f64)
    }

    /// Cohen's κ; `None` with fewer than two cases, or where chance alone explains everything since only one
    /// category was chosen.
    pub fn cohen(&self, weights: Weights, confidence: f64) -> Option<Estimate> {
        let shares = self.shares()?;
        let q = self.categories;
        let weight = |k, l| weights.of(k, l, q);
        // Mean weights of a row under the other reader's margin, and of a column.
        let row_mean: Vec<f64> =
            (0..q).map(|k| (0..q).map(|l| weight(k, l) * shares.columns[l]).sum()).collect();
        let column_mean: Vec<f64> =
            (0..q).map(|l| (0..q).map(|k| weight(k, l) * shares.rows[k]).sum()).collect();
        let observed = shares.mean(weight);
        let chance: f64 = (0..q).map(|k| shares.rows[k] * row_mean[k]).sum();
        let value = beyond(observed, chance)?;
        let spread =
            shares.mean(|k, l| (weight(k, l) - (1.0 - value) * (row_mean[k] + column_mean[l])).powi(2));
        Some(self.estimate(value, observed, chance, spread, confidence))
    }

    /// Gwet's AC1, or AC2 with weights; `None` with fewer than two cases.
    pub fn gwet(&self, weights: Weights, confidence: f64) -> Option<Estimate> {
        let shares = self.shares()?;
        let q = self.categories;
        let weight = |k, l| weights.of(k, l, q);
        let prevalence: Vec<f64> = (0..q).map(|k| f64::midpoint(shares.rows[k], shares.columns[k])).collect();
        let total: f64 = (0..q * q).map(|at| weight(at / q, at % q)).sum();
        let scale = total / (q * (q - 1)) as f64;
        let observed = shares.mean(weight);
        let chance = scale * prevalence.iter().map(|share| share * (1.0 - share)).sum::<f64>();
        let value = beyond(observed, chance)?;
        let spread = shares.mean(|k, l| {
            let other = 1.0 - f64::midpoint(prevalence[k], prevalence[l]);
            (weight(k, l) - 2.0 * (1.0 - value) * scale * other).powi(2)
        });
        Some(self.estimate(value, observed, chance, spread, confidence))
    }

    fn shares(&self) -> Option<Shares> {
        let (q, cases) = (self.categories, self.cases());
        if cases < 2 {
            return None;
        }
        let share = |at: usize| self.counts[at] as f64 / cases as f64;
        let joint: Vec<f64> = (0..q * q).map(share).collect();
        let rows = (0..q).map(|k| (0..q).map(|l| joint[k * q + l]).sum()).collect();
        let columns = (0..q).map(|l| (0..q).map(|k| joint[k * q + l]).sum()).collect();
        Some(Shares { joint, rows, columns })
    }

    fn estimate(&self, value: f64, observed: f64, chance: f64, spread: f64, confidence: f64) -> Estimate {
        let n = self.cases() as f64;
        let variance =
            (spread - (observed - 2.0 * (1.0 - value) * chance).powi(2)) / (n * (1.0 - chance).powi(2));
        // Rounding may leave a little less than nothing where all cases look alike.
        let standard_error = if variance > 1e-15 { variance.sqrt() } else { 0.0 };
        let student = StudentsT::new(0.0, 1.0, n - 1.0).expect("two cases leave one degree of freedom");
        let half = student.inverse_cdf(f64::midpoint(confidence, 1.0)) * standard_error;
        let interval = Interval { low: value - half, high: (value + half).min(1.0) };
        Estimate { value, standard_error, interval: (standard_error > 0.0).then_some(interval) }
    }
}

/// Agreement beyond chance.
fn beyond(observed: f64, chance: f64) -> Option<f64> {
    (chance < 1.0).then(|| (observed - chance) / (1.0 - chance))
}

struct Shares {
    joint: Vec<f64>,
    rows: Vec<f64>,
    columns: Vec<f64>,
}

impl Shares {
    fn mean(&self, value: impl Fn(usize, usize) -> f64) -> f64 {
        let q = self.rows.len();
        self.joint.iter().enumerate().map(|(at, share)| share * value(at / q, at % q)).sum()
    }
}

/// The value below which a share of `rank` of the `values` lies, by linear interpolation between the two around it;
/// `None` without values. Sorts them.
///
/// # Source
/// Hyndman and Fan, The American Statistician 50 (1996) 361–365, definition 7 (that of R and NumPy).
pub fn percentile(values: &mut [f64], rank: f64) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let last = values.len().checked_sub(1)?;
    let place = rank.clamp(0.0, 1.0) * last as f64;
    let below = place.floor() as usize;
    let above = values[(below + 1).min(last)];
    Some(values[below] + (place - below as f64) * (above - values[below]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::rngs::StdRng;
    use rand::{RngExt as _, SeedableRng as _};

    fn table<const Q: usize>(rows: [[u64; Q]; Q]) -> Table {
        Table { categories: Q, counts: rows.concat() }
    }

    fn assert_near(found: f64, expected: f64) {
        assert!((found - expected).abs() < 1e-9, "found {found}, expected {expected}");
    }

    struct Peer {
        table: Table,
        weights: Weights,
        kappa: [f64; 4],
        gwet: [f64; 4],
    }

    /// irrCAC 0.4.4 (Python): `CAC(pandas.DataFrame(table), weights=…, digits=14)`, of `.cohen()` and `.gwet()` the
    /// `coefficient_value`, `se` and `confidence_interval`.
    #[expect(
        clippy::too_many_lines,
        reason = "numbers of an independent implementation, one after the other"
    )]
    fn peers() -> Vec<Peer> {
        let verdicts = || table([[88, 10, 2], [14, 40, 6], [18, 10, 12]]);
        vec![
            Peer {
                table: table([[118, 5], [2, 0]]),
                weights: Weights::Identity,
                kappa: [
                    -0.023_391_812_865_5,
                    0.012_286_756_672_81,
                    -0.047_710_746_045_24,
                    0.000_927_120_314_25,
                ],
                gwet: [
                    0.940_776_337_608_72,
                    0.022_964_551_247_93,
                    0.895_323_057_937_51,
                    0.986_229_617_279_93,
                ],
            },
            Peer {
                table: table([[22, 2], [4, 11]]),
                weights: Weights::Identity,
                kappa: [
                    0.666_666_666_666_67,
                    0.123_836_074_550_45,
                    0.415_973_639_982_84,
                    0.917_359_693_350_49,
                ],
                gwet: [
                    0.714_981_729_598_05,
                    0.111_831_330_806_66,
                    0.488_591_036_096_38,
                    0.941_372_423_099_73,
                ],
            },
            Peer {
                table: verdicts(),
                weights: Weights::Identity,
                kappa: [
                    0.491_525_423_728_81,
                    0.051_001_815_576_08,
                    0.390_952_059_734_97,
                    0.592_098_787_722_66,
                ],
                gwet: [
                    0.575_971_731_448_76,
                    0.048_000_124_704_96,
                    0.481_317_571_410_05,
                    0.670_625_891_487_47,
                ],
            },
            Peer {
                table: verdicts(),
                weights: Weights::Linear,
                kappa: [
                    0.473_684_210_526_32,
                    0.054_432_309_177_64,
                    0.366_346_062_224_86,
                    0.581_022_358_827_77,
                ],
                gwet: [
                    0.609_756_097_560_98,
                    0.050_742_981_205_75,
                    0.509_693_143_697_57,
                    0.709_819_051_424_38,
                ],
            },
            Peer {
                table: verdicts(),
                weights: Weights::Quadratic,
                kappa: [
                    0.454_545_454_545_45,
                    0.066_453_681_591_08,
                    0.323_501_682_242_46,
                    0.585_589_226_848_45,
                ],
                gwet: [
                    0.638_554_216_867_47,
                    0.057_521_420_061_72,
                    0.525_124_476_142_24,
                    0.751_983_957_592_70,
                ],
            },
            Peer {
                table: table([[95, 2, 1], [1, 0, 0], [0, 1, 0]]),
                weights: Weights::Quadratic,
                kappa: [
                    0.316_239_316_239_31,
                    0.229_967_151_019_78,
                    -0.140_065_403_103_28,
                    0.772_544_035_581_90,
                ],
                gwet: [0.978_755_045_676_65, 0.012_109_760_632_18, 0.954_726_653_351_57, 1.0],
            },
        ]
    }

    #[test]
    fn agreement_and_its_intervals_are_those_of_irr_cac() {
        for Peer { table, weights, kappa, gwet } in peers() {
            for (found, expected) in [(table.cohen(weights, 0.95), kappa), (table.gwet(weights, 0.95), gwet)]
            {
                let found = found.unwrap();
                let interval = found.interval.unwrap();
                let found = [found.value, found.standard_error, interval.low, interval.high];
                for (found, expected) in found.into_iter().zip(expected) {
                    assert_near(found, expected);
                }
            }
        }
    }

    #[test]
    fn readers_who_always_agree_have_no_interval_that_says_more_than_the_data() {
        let perfect = table([[5, 0, 0], [0, 3, 0], [0, 0, 2]]);
        let kappa = perfect.cohen(Weights::Identity, 0.95).unwrap();
        assert_near(kappa.value, 1.0);
        assert_eq!(kappa.interval, None);
        let one_category = table([[9, 0], [0, 0]]);
        assert_eq!(one_category.cohen(Weights::Identity, 0.95), None);
        assert_near(one_category.gwet(Weights::Identity, 0.95).unwrap().value, 1.0);
        assert_near(one_category.observed().unwrap(), 1.0);
    }

    #[test]
    fn without_cases_there_is_no_agreement() {
        let mut table = Table::new(3);
        assert_eq!((table.observed(), table.gwet(Weights::Linear, 0.95)), (None, None));
        table.add(2, 0);
        assert_eq!(table.cohen(Weights::Linear, 0.95), None);
    }

    /// True agreement of readers who follow `joint`.
    fn truth(joint: [[f64; 3]; 3], of: impl Fn(&Table) -> f64) -> f64 {
        let counts = joint.concat().iter().map(|share| (share * 1e6).round() as u64).collect();
        of(&Table { categories: 3, counts })
    }

    #[test]
    fn the_intervals_cover_the_truth_as_often_as_they_say() {
        let joint = [[0.62, 0.06, 0.02], [0.05, 0.10, 0.02], [0.03, 0.02, 0.08]];
        let kappa = truth(joint, |table| table.cohen(Weights::Quadratic, 0.95).unwrap().value);
        let gwet = truth(joint, |table| table.gwet(Weights::Identity, 0.95).unwrap().value);
        let mut rng = StdRng::seed_from_u64(8);
        let (mut kappa_covered, mut gwet_covered) = (0, 0);
        for _ in 0..2_000 {
            let mut table = Table::new(3);
            for _ in 0..300 {
                let mut left = rng.random::<f64>();
                let cell = joint.concat().iter().position(|share| {
                    left -= share;
                    left < 0.0
                });
                let cell = cell.unwrap_or(8);
                table.add(cell / 3, cell % 3);
            }
            let covers = |estimate: Estimate, truth: f64| {
                estimate.interval.is_some_and(|interval| interval.low <= truth && truth <= interval.high)
            };
            kappa_covered += u32::from(covers(table.cohen(Weights::Quadratic, 0.95).unwrap(), kappa));
            gwet_covered += u32::from(covers(table.gwet(Weights::Identity, 0.95).unwrap(), gwet));
        }
        for covered in [kappa_covered, gwet_covered] {
            assert!((1_860..=1_940).contains(&covered), "{covered} of 2,000 intervals cover the truth");
        }
    }

    #[test]
    fn percentiles_are_those_of_numpy() {
        // numpy 2: numpy.percentile([3, 1, 4, 1, 5, 9, 2, 6], [50, 90, 95, 100])
        let mut values = [3.0, 1.0, 4.0, 1.0, 5.0, 9.0, 2.0, 6.0];
        for (rank, expected) in [(0.5, 3.5), (0.9, 6.9), (0.95, 7.95), (1.0, 9.0)] {
            assert_near(percentile(&mut values, rank).unwrap(), expected);
        }
        assert_eq!(percentile(&mut [], 0.5), None);
    }
}
