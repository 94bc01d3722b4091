//! Reader studies: whether readers do as well with one kind of image as with another, over readers and cases.
//!
//! Every reader rates every case in both arms. Agreement of readers, Cohen's weighted κ and Gwet's AC1, is in
//! [`crate::agreement`]. Nothing here knows of washout, order or blinding: those are the study's.
//!
//! # Source
//! Obuchowski and Rockette 1995, Commun Stat Simul Comput 24:285; covariances by DeLong 1988, Biometrics 44:837; degrees
//! of freedom by Hillis 2007, Stat Med 26:596. With the formulas as in Hillis 2014, Stat Med 33:330.

use crate::statistics::Interval;
use statrs::distribution::{ContinuousCDF as _, StudentsT};
use std::cmp::Ordering;
use thiserror::Error;

/// Why ratings are no study.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Error {
    /// One reader says nothing about readers.
    #[error("{0} readers are too few to tell readers from cases")]
    Readers(usize),
    /// Each of both classes needs two cases to vary.
    #[error("{diseased} cases with the disease and {healthy} without are too few")]
    Cases {
        /// Cases with the disease.
        diseased: usize,
        /// Cases without.
        healthy: usize,
    },
    /// A reader didn't rate every case in both arms.
    #[error("reader {reader} of arm {arm} rated {rated} of {cases} cases")]
    Incomplete {
        /// Arm, 0 or 1.
        arm: usize,
        /// Reader, from 0.
        reader: usize,
        /// Ratings given.
        rated: usize,
        /// Cases of the study.
        cases: usize,
    },
    /// The arms haven't the same readers.
    #[error("{0} readers read one arm and {1} the other")]
    Unpaired(usize, usize),
    /// A rating is no number.
    #[error("reader {reader} of arm {arm} gave a rating that is no number")]
    NoNumber {
        /// Arm, 0 or 1.
        arm: usize,
        /// Reader, from 0.
        reader: usize,
    },
}

/// Ratings of a study in which every reader rated every case in both arms.
#[derive(Debug, Clone, PartialEq)]
pub struct Study {
    has_disease: Vec<bool>,
    /// By arm and reader, each case in the order of `has_disease`.
    ratings: [Vec<Vec<f64>>; 2],
}

impl Study {
    /// Takes the truth of each case, and of each arm the ratings of each reader; a higher one is for the disease.
    ///
    /// # Shapes
    /// `ratings` is (arm, reader, case).
    ///
    /// # Errors
    /// When readers or cases are too few, or a rating is missing.
    pub fn new(has_disease: Vec<bool>, ratings: [Vec<Vec<f64>>; 2]) -> Result<Self, Error> {
        let cases = has_disease.len();
        let diseased = has_disease.iter().filter(|has| **has).count();
        if diseased < 2 || cases - diseased < 2 {
            return Err(Error::Cases { diseased, healthy: cases - diseased });
        }
        if ratings[0].len() != ratings[1].len() {
            return Err(Error::Unpaired(ratings[0].len(), ratings[1].len()));
        }
        if ratings[0].len() < 2 {
            return Err(Error::Readers(ratings[0].len()));
        }
        for (arm, readers) in ratings.iter().enumerate() {
            for (reader, rated) in readers.iter().enumerate() {
                if rated.len() != cases {
                    return Err(Error::Incomplete { arm, reader, rated: rated.len(), cases });
                }
                if rated.iter().any(|rating| rating.is_nan()) {
                    return Err(Error::NoNumber { arm, reader });
                }
            }
        }
        Ok(Self { has_disease, ratings })
    }

    /// Compares the arms by their areas under the ROC curve; the interval is for new readers and new cases.
    ///
    /// # Panics
    /// If `confidence` is not inside (0, 1).
    pub fn compared(&self, confidence: f64) -> Comparison {
        assert!(confidence > 0.0 && confidence < 1.0, "a confidence of {confidence} gives no interval");
        let placed: [Vec<Placements>; 2] = [0, 1].map(|arm| {
            self.ratings[arm].iter().map(|rated| Placements::new(rated, &self.has_disease)).collect()
        });
        let areas = [0, 1].map(|arm| placed[arm].iter().map(|placed| placed.area).collect::<Vec<f64>>());
        let covariances = Covariances::new(&placed);
        let readers = areas[0].len() as f64;
        let differences: Vec<f64> = areas[0].iter().zip(&areas[1]).map(|(one, other)| one - other).collect();
        let difference = mean(&differences);
        // Of two arms the mean square of treatment × reader is half the variance of the readers' differences.
        let interaction =
            differences.iter().map(|one| (one - difference).powi(2)).sum::<f64>() / (2.0 * (readers - 1.0));
        let denominator =
            interaction + readers * (covariances.between_readers - covariances.between_both).max(0.0);
        let standard_error = (2.0 / readers * denominator).sqrt();
        let inferred = (interaction > 0.0).then(|| {
            let degrees = denominator.powi(2) / (interaction.powi(2) / (readers - 1.0));
            let student = StudentsT::new(0.0, 1.0, degrees).expect("the degrees of freedom are above 0");
            let half = student.inverse_cdf(f64::midpoint(confidence, 1.0)) * standard_error;
            Inferred {
                degrees_of_freedom: degrees,
                interval: Interval { low: difference - half, high: difference + half },
                p: 2.0 * student.cdf(-(difference / standard_error).abs()),
            }
        });
        Comparison {
            mean_areas: [mean(&areas[0]), mean(&areas[1])],
            areas,
            difference,
            standard_error,
            interaction,
            covariances,
            inferred,
        }
    }
}

/// Two arms compared, over readers and cases.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// Area under the ROC curve of each reader in each arm: of a case with and one without the disease, the chance that
    /// the former is rated higher, half of it for equal ratings (Mann and Whitney).
    pub areas: [Vec<f64>; 2],
    /// Its mean over the readers, of each arm.
    pub mean_areas: [f64; 2],
    /// First arm less second.
    pub difference: f64,
    /// Its standard error.
    pub standard_error: f64,
    /// Mean square of treatment × reader.
    pub interaction: f64,
    /// How areas vary together.
    pub covariances: Covariances,
    /// Test and interval; `None` where every reader's difference is the same, from which no error of readers can be told.
    pub inferred: Option<Inferred>,
}

impl Comparison {
    /// Says whether the first arm is worse by less than `margin`: the interval's lower end is above −margin. Of a
    /// two-sided interval of 95 % it is the one-sided test at 2.5 %. Without an interval nothing is shown.
    ///
    /// # Panics
    /// If `margin` isn't above 0.
    pub fn is_not_inferior(&self, margin: f64) -> bool {
        assert!(margin > 0.0, "a margin of {margin} allows nothing");
        self.inferred.is_some_and(|inferred| inferred.interval.low > -margin)
    }
}

/// What the data say of the difference.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Inferred {
    /// Denominator's degrees of freedom after Hillis.
    pub degrees_of_freedom: f64,
    /// Interval of the difference.
    pub interval: Interval,
    /// Chance, were there no difference, of one at least as large on either side.
    pub p: f64,
}

/// Variance of an area, and covariances of two, over cases.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Covariances {
    /// Variance of one area.
    pub variance: f64,
    /// Cov₁: the same reader in both arms.
    pub between_arms: f64,
    /// Cov₂: two readers in the same arm.
    pub between_readers: f64,
    /// Cov₃: two readers, each in another arm.
    pub between_both: f64,
}

impl Covariances {
    fn new(placed: &[Vec<Placements>; 2]) -> Self {
        let each: Vec<(usize, usize)> =
            (0..2).flat_map(|arm| (0..placed[0].len()).map(move |r| (arm, r))).collect();
        let mean_where = |wanted: fn((usize, usize), (usize, usize)) -> bool| {
            let pairs = each.iter().flat_map(|a| each.iter().map(move |b| (*a, *b)));
            let found: Vec<f64> = pairs
                .filter(|(a, b)| wanted(*a, *b))
                .map(|(a, b)| placed[a.0][a.1].covariance(&placed[b.0][b.1]))
                .collect();
            mean(&found)
        };
        Self {
            variance: mean_where(|a, b| a == b),
            between_arms: mean_where(|a, b| a.0 != b.0 && a.1 == b.1),
            between_readers: mean_where(|a, b| a.0 == b.0 && a.1 != b.1),
            between_both: mean_where(|a, b| a.0 != b.0 && a.1 != b.1),
        }
    }
}

/// Of each case the share of the other class that it is rated on the right side of; of a reader in one arm.
struct Placements {
    area: f64,
    diseased: Vec<f64>,
    healthy: Vec<f64>,
}

impl Placements {
    fn new(rated: &[f64], has_disease: &[bool]) -> Self {
        let of = |wanted: bool| -> Vec<f64> {
            let those = rated.iter().zip(has_disease).filter(|(_, has)| **has == wanted);
            those.map(|(rating, _)| *rating).collect()
        };
        let (with, without) = (of(true), of(false));
        let above = |one: f64, other: f64| match one.partial_cmp(&other) {
            Some(Ordering::Greater) => 1.0,
            Some(Ordering::Equal) => 0.5,
            _ => 0.0,
        };
        let share = |count: usize, sum: f64| sum / count as f64;
        let diseased: Vec<f64> = with
            .iter()
            .map(|one| share(without.len(), without.iter().map(|other| above(*one, *other)).sum()))
            .collect();
        let healthy = without
            .iter()
            .map(|other| share(with.len(), with.iter().map(|one| above(*one, *other)).sum()))
            .collect();
        Self { area: mean(&diseased), diseased, healthy }
    }

    /// DeLong's covariance of two areas over the same cases.
    fn covariance(&self, other: &Self) -> f64 {
        let part = |one: &[f64], two: &[f64]| {
            let products: f64 = one.iter().zip(two).map(|(a, b)| (a - self.area) * (b - other.area)).sum();
            let count = one.len() as f64;
            products / (count - 1.0) / count
        };
        part(&self.diseased, &other.diseased) + part(&self.healthy, &other.healthy)
    }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

#[cfg(test)]
mod tests;
