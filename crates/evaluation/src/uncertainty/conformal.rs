//! Intervals that are made as wide as a promise needs: conformal risk control and risk-controlling prediction sets.
//!
//! The unit is the subject: slices of one patient are alike, so a hundred of them are still one. With too few subjects
//! for a promise to other patients there is none, and what comes out says so.

use statrs::distribution::{Binomial, DiscreteCDF as _};

/// What a chosen width promises.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guarantee {
    /// With the wanted confidence over the subjects at hand, the risk of another subject is at most the wanted one.
    Rcps,
    /// The risk of another subject is at most the wanted one in the mean over the subjects at hand as well.
    RiskControl,
    /// Nothing about other subjects: the risk was met in the mean of this many.
    Conditional(usize),
}

/// What is wanted of a risk: the expected loss of a new subject.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Target {
    /// The highest risk α, in (0, 1).
    pub risk: f64,
    /// The chance δ that the risk is higher after all, in (0, 1); risk control knows none.
    pub error: f64,
}

impl Default for Target {
    fn default() -> Self {
        Self { risk: 0.1, error: 0.1 }
    }
}

impl Target {
    /// Gives the fewest subjects with which the bound on a risk can come down to the wanted one, each loss being 0:
    /// 1 − δ^(1/n) ≤ α. It is 22 for α = δ = 0.1.
    pub fn rcps_subjects_min(self) -> usize {
        (self.error.ln() / (1.0 - self.risk).ln()).ceil() as usize
    }

    /// Gives the fewest subjects with which risk control can choose anything, each loss being 0: 1/(n + 1) ≤ α. It is 9
    /// for α = 0.1.
    pub fn risk_control_subjects_min(self) -> usize {
        // An α of 1/10 as a binary fraction isn't to cost a subject.
        (1.0 / self.risk - 1.0 - 1e-9).ceil() as usize
    }

    /// Gives the strongest guarantee that so many subjects allow.
    pub fn guarantee(self, subjects: usize) -> Guarantee {
        if subjects >= self.rcps_subjects_min() {
            Guarantee::Rcps
        } else if subjects >= self.risk_control_subjects_min() {
            Guarantee::RiskControl
        } else {
            Guarantee::Conditional(subjects)
        }
    }
}

/// A factor by which intervals are widened, and what is then lost.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// The factor λ.
    pub lambda: f64,
    /// Loss of each subject in [0, 1]: the share of its voxels outside their interval. Wider intervals lose no more.
    pub losses: Vec<f64>,
}

impl Candidate {
    fn mean(&self) -> f64 {
        self.losses.iter().sum::<f64>() / self.losses.len() as f64
    }

    /// Gives the number that has to be at most the wanted risk.
    fn judged(&self, guarantee: Guarantee, target: Target) -> f64 {
        let (mean, count) = (self.mean(), self.losses.len() as f64);
        match guarantee {
            Guarantee::Rcps => risk_bound(mean, self.losses.len(), target.error),
            // The new subject may lose everything.
            Guarantee::RiskControl => (count * mean + 1.0) / (count + 1.0),
            Guarantee::Conditional(_) => mean,
        }
    }
}

/// The chosen factor, and what it promises.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Controlled {
    /// The factor λ.
    pub lambda: f64,
    /// What it promises.
    pub guarantee: Guarantee,
    /// Mean loss of the subjects at hand.
    pub risk: f64,
    /// What was held against the wanted risk: the upper bound, the risk with a new subject that loses everything, or the
    /// mean loss, by the guarantee.
    pub judged: f64,
}

/// Chooses the smallest factor from which on every larger one keeps the wanted risk, with the strongest guarantee that
/// the number of subjects allows. `None` when not even the largest keeps it: a weaker guarantee isn't tried then, for it
/// would have been chosen by the data. `None` without candidates or subjects too.
///
/// # Panics
/// If candidates don't come with growing factors, each with as many losses, all in [0, 1].
///
/// # Source
/// Bates 2021, J ACM 68:43 (RCPS); Angelopoulos 2024, ICLR (risk control, arXiv 2208.02814).
pub fn control(candidates: &[Candidate], target: Target) -> Option<Controlled> {
    let subjects = candidates.first()?.losses.len();
    assert!(candidates.is_sorted_by(|a, b| a.lambda < b.lambda), "factors grow");
    for candidate in candidates {
        assert_eq!(candidate.losses.len(), subjects, "each factor is tried on the same subjects");
        assert!(candidate.losses.iter().all(|loss| (0.0..=1.0).contains(loss)), "a loss lies in [0, 1]");
    }
    if subjects == 0 {
        return None;
    }
    let guarantee = target.guarantee(subjects);
    let keeping = candidates
        .iter()
        .rev()
        .map(|candidate| (candidate, candidate.judged(guarantee, target)))
        .take_while(|(_, judged)| *judged <= target.risk);
    let (candidate, judged) = keeping.last()?;
    Some(Controlled { lambda: candidate.lambda, guarantee, risk: candidate.mean(), judged })
}

/// Gives the Hoeffding–Bentkus chance of a mean loss as small as `mean` over `subjects` losses in [0, 1] when the risk is
/// `risk`: the smaller of exp(−n h(mean, risk)), h being the binary relative entropy, and e · P(Bin(n, risk) ≤ ⌈n mean⌉).
///
/// # Panics
/// If `mean` or `risk` isn't in [0, 1].
///
/// # Source
/// Bates 2021, J ACM 68:43, section 3.1.2. The count is rounded up as there; where it's rounded down the bound is a little
/// too low.
pub fn hoeffding_bentkus(mean: f64, subjects: usize, risk: f64) -> f64 {
    assert!((0.0..=1.0).contains(&mean), "a mean loss of {mean} isn't in [0, 1]");
    let count = subjects as f64;
    let hoeffding = (-count * relative_entropy(mean.min(risk), risk)).exp();
    // A whole count isn't to be rounded up for the last binary place of the mean.
    let lost = (count * mean - 1e-9).ceil().max(0.0) as u64;
    let outcome = Binomial::new(risk, subjects as u64).expect("a risk lies in [0, 1]");
    hoeffding.min(std::f64::consts::E * outcome.cdf(lost)).min(1.0)
}

/// Gives the upper bound of a risk, right with a chance of at least 1 − `error`, from the mean loss of so many subjects.
///
/// # Panics
/// As [`hoeffding_bentkus`].
///
/// # Source
/// Bates 2021, J ACM 68:43, section 3.1.2: the largest risk whose [`hoeffding_bentkus`] isn't below the error.
pub fn risk_bound(mean: f64, subjects: usize, error: f64) -> f64 {
    let (mut low, mut high) = (mean, 1.0);
    // Each turn halves what is left open: 50 leave nothing that a number of 64 bits could tell.
    for _ in 0..50 {
        let middle = f64::midpoint(low, high);
        if hoeffding_bentkus(mean, subjects, middle) >= error {
            low = middle;
        } else {
            high = middle;
        }
    }
    high
}

/// Gives y ln(y/μ) + (1 − y) ln((1 − y)/(1 − μ)), with 0 ln 0 = 0.
fn relative_entropy(y: f64, risk: f64) -> f64 {
    let part = |y: f64, of: f64| if y > 0.0 { y * (y / of).ln() } else { 0.0 };
    part(y, risk) + part(1.0 - y, 1.0 - risk)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
    use rand_distr::StandardNormal;
    use statrs::distribution::{ContinuousCDF as _, Normal};

    /// Mean loss, subjects, risk and chance.
    const MAPIE: [(f64, usize, f64, f64); 5] = [
        (0.0, 22, 0.1, 0.098_477_090_218),
        (0.05, 40, 0.1, 0.512_599_701_616),
        (0.083, 30, 0.1, 0.950_444_059_044),
        (0.09, 400, 0.12, 0.094_043_466_733),
        (0.31, 25, 0.2, 1.0),
    ];

    #[test]
    fn the_fewest_subjects_of_each_guarantee_are_those_of_its_formula() {
        let usual = Target::default();
        assert_eq!((usual.rcps_subjects_min(), usual.risk_control_subjects_min()), (22, 9));
        assert_eq!(Target { risk: 0.05, error: 0.1 }.rcps_subjects_min(), 45);
        assert_eq!(Target { risk: 0.05, error: 0.05 }.rcps_subjects_min(), 59);
        let of = |subjects| usual.guarantee(subjects);
        assert_eq!(
            (of(22), of(21), of(9)),
            (Guarantee::Rcps, Guarantee::RiskControl, Guarantee::RiskControl)
        );
        assert_eq!(of(8), Guarantee::Conditional(8));
        assert!(risk_bound(0.0, 22, 0.1) <= 0.1 && risk_bound(0.0, 21, 0.1) > 0.1);
    }

    /// `compute_hoeffding_bentkus_p_value` of mapie; see tests/peers.py.
    #[test]
    fn the_chance_of_a_mean_loss_is_that_of_mapie() {
        for (mean, subjects, risk, expected) in MAPIE {
            let found = hoeffding_bentkus(mean, subjects, risk);
            assert!((found - expected).abs() < 1e-9, "{mean} {subjects} {risk}: {found} {expected}");
        }
    }

    #[test]
    fn without_any_loss_the_bound_is_that_of_its_closed_form() {
        for subjects in [1, 9, 22, 59, 400] {
            let expected = 1.0 - 0.1_f64.powf(1.0 / subjects as f64);
            assert!((risk_bound(0.0, subjects, 0.1) - expected).abs() < 1e-12);
        }
        assert!((risk_bound(1.0, 30, 0.1) - 1.0).abs() < 1e-12);
    }

    /// Subjects are harder or easier: their loss is that of a normal error of their own deviation.
    fn subjects(rng: &mut StdRng, count: usize) -> Vec<f64> {
        (0..count).map(|_| (0.5 * rng.sample::<f64, _>(StandardNormal)).exp()).collect()
    }

    fn loss(lambda: f64, deviation: f64) -> f64 {
        2.0 * Normal::standard().cdf(-lambda / deviation)
    }

    fn candidates(deviations: &[f64]) -> Vec<Candidate> {
        (0..160)
            .map(|at| {
                let lambda = f64::from(at) * 0.05;
                let losses = deviations.iter().map(|deviation| loss(lambda, *deviation)).collect();
                Candidate { lambda, losses }
            })
            .collect()
    }

    /// The risk of new subjects at each factor of [`candidates`].
    fn risks() -> Vec<f64> {
        let many = subjects(&mut StdRng::seed_from_u64(99), 4_000);
        candidates(&many).iter().map(Candidate::mean).collect()
    }

    #[test]
    fn each_guarantee_holds_for_subjects_that_were_not_at_hand() {
        let risks = risks();
        let mut rng = StdRng::seed_from_u64(3);
        for (count, guarantee) in [(40, Guarantee::Rcps), (12, Guarantee::RiskControl)] {
            let (mut higher, mut sum) = (0, 0.0);
            for _ in 0..200 {
                let chosen = control(&candidates(&subjects(&mut rng, count)), Target::default()).unwrap();
                assert_eq!(chosen.guarantee, guarantee);
                let risk = risks[(chosen.lambda / 0.05).round() as usize];
                higher += u32::from(risk > 0.1);
                sum += risk;
            }
            match guarantee {
                // 10 % of 200 is 20; 33 or more would come once in 300 times.
                Guarantee::Rcps => assert!(higher < 33, "{higher} of 200"),
                _ => assert!(sum / 200.0 <= 0.1, "{}", sum / 200.0),
            }
        }
    }

    #[test]
    fn a_stronger_guarantee_costs_wider_intervals() {
        let deviations = subjects(&mut StdRng::seed_from_u64(6), 40);
        let of = |count: usize| control(&candidates(&deviations[..count]), Target::default()).unwrap();
        let (few, all) = (of(5), of(40));
        assert_eq!(few.guarantee, Guarantee::Conditional(5));
        assert!(few.risk <= 0.1 && (few.judged - few.risk).abs() < 1e-12);
        assert!(all.judged <= 0.1 && all.judged > all.risk);
        let plain = candidates(&deviations);
        let met = plain.iter().find(|candidate| candidate.mean() <= 0.1).unwrap();
        assert!(met.lambda < all.lambda);
    }

    #[test]
    fn a_risk_that_no_factor_keeps_is_not_promised_more_weakly() {
        let lossy = [Candidate { lambda: 1.0, losses: vec![0.08; 30] }];
        assert_eq!(control(&lossy, Target::default()), None);
        assert_eq!(control(&[], Target::default()), None);
        assert_eq!(control(&[Candidate { lambda: 1.0, losses: vec![] }], Target::default()), None);
    }
}
