//! A watch that looks after every study and keeps its promise however often it looks.
//!
//! Each statistic of a new study is ranked among those before it. While nothing changes the ranks are spread evenly
//! and independent, whatever the statistic looks like; a bet against that gains nothing on average. After a change
//! one of the bets grows with every study. Bets start anew with every study and are added up, so that a change after
//! years of calm is found as fast as one in the first week.
//!
//! **Promise**: without a change, [`Watch`] runs on average at least [`Watch::calm`] studies before an alarm.
//!
//! # Source
//! Vovk, Gammerman and Shafer, Algorithmic Learning in a Random World, 2nd edition (2022), chapter 8 (conformal
//! ranks and bets); Shin, Ramdas and Rinaldo, New England Journal of Statistics in Data Science 2 (2024) 229–260
//! (e-detectors: the sum of bets started at each time keeps the average run length).

use rand::RngExt as _;
use std::collections::HashMap;

/// Studies that are ranked among each other before the first bet.
pub const BASELINE_MIN: usize = 50;
/// Studies that are remembered: older ones are replaced at random.
const REMEMBERED_MAX: usize = 5_000;
/// How strongly the bets lean to low (negative) or high ranks; several, since nobody knows the size of a change.
const LEANINGS: [f64; 6] = [-1.9, -1.0, -0.4, 0.4, 1.0, 1.9];

/// A statistic of a study.
#[derive(Debug, Clone, PartialEq)]
pub enum Statistic {
    /// A number; missing numbers are left out.
    Number(f64),
    /// A name: what is rare ranks high.
    Name(String),
}

/// Statistics that arise under one name, and the bets about them.
#[derive(Debug, Clone, Default)]
struct Stream {
    /// Ascending.
    numbers: Vec<f64>,
    names: HashMap<String, u64>,
    seen: usize,
    bets: [f64; LEANINGS.len()],
}

impl Stream {
    /// The mean of the bets: an e-detector of its own.
    fn evidence(&self) -> f64 {
        self.bets.iter().sum::<f64>() / LEANINGS.len() as f64
    }

    fn take(&mut self, statistic: &Statistic, rng: &mut impl rand::Rng) {
        let rank = match statistic {
            Statistic::Number(value) => self.rank_number(*value, rng),
            Statistic::Name(name) => self.rank_name(name, rng),
        };
        self.seen += 1;
        if self.seen <= BASELINE_MIN {
            return;
        }
        for (bet, leaning) in self.bets.iter_mut().zip(LEANINGS) {
            // The factor is 1 on average over even ranks and never negative.
            *bet = (*bet + 1.0) * (1.0 + leaning * (rank - 0.5));
        }
    }

    /// The share of numbers below, this one among them; equal ones count by chance, so that the rank is even.
    fn rank_number(&mut self, value: f64, rng: &mut impl rand::Rng) -> f64 {
        let below = self.numbers.partition_point(|known| known.total_cmp(&value).is_lt());
        let up_to = self.numbers.partition_point(|known| known.total_cmp(&value).is_le());
        let equal = (up_to - below) as f64;
        let rank = (below as f64 + rng.random::<f64>() * (equal + 1.0)) / (self.numbers.len() as f64 + 1.0);
        self.numbers.insert(below, value);
        if self.numbers.len() > REMEMBERED_MAX {
            self.numbers.remove(rng.random_range(0..self.numbers.len()));
        }
        rank
    }

    /// The share of studies whose name is more frequent, this study counted.
    fn rank_name(&mut self, name: &str, rng: &mut impl rand::Rng) -> f64 {
        let count = self.names.entry(name.to_owned()).or_default();
        *count += 1;
        let own = *count;
        let total: u64 = self.names.values().sum();
        let frequent: u64 = self.names.values().filter(|count| **count > own).sum();
        let equal: u64 = self.names.values().filter(|count| **count == own).sum();
        (frequent as f64 + rng.random::<f64>() * equal as f64) / total as f64
    }
}

/// An alarm: something changed.
#[derive(Debug, Clone, PartialEq)]
pub struct Alarm<Key> {
    /// The statistic that speaks loudest.
    pub statistic: Key,
    /// Its share of the evidence, 0 to 1.
    pub share: f64,
    /// All evidence; above [`Watch::calm`].
    pub evidence: f64,
}

/// Watches any number of statistics of studies together.
#[derive(Debug, Clone)]
pub struct Watch<Key> {
    calm: f64,
    streams: Vec<(Key, Stream)>,
}

impl<Key: Clone + PartialEq> Watch<Key> {
    /// A watch that without a change runs on average at least `calm` studies before an alarm: with 500 studies a
    /// month, 6,000 is one false alarm a year.
    pub fn new(calm: f64) -> Self {
        Self { calm, streams: Vec::new() }
    }

    /// The promise, studies.
    pub fn calm(&self) -> f64 {
        self.calm
    }

    /// The evidence for a change so far: the mean over statistics.
    pub fn evidence(&self) -> f64 {
        self.streams.iter().map(|(_, stream)| stream.evidence()).sum::<f64>()
            / self.streams.len().max(1) as f64
    }

    /// Takes the statistics of the next study, by key. One that is missing is not bet on. After an alarm everything is
    /// learnt anew.
    pub fn take(&mut self, study: &[(Key, Statistic)], rng: &mut impl rand::Rng) -> Option<Alarm<Key>> {
        for (key, statistic) in study {
            let at = self.streams.iter().position(|(known, _)| known == key).unwrap_or_else(|| {
                self.streams.push((key.clone(), Stream::default()));
                self.streams.len() - 1
            });
            self.streams[at].1.take(statistic, rng);
        }
        let evidence = self.evidence();
        if evidence < self.calm {
            return None;
        }
        let total: f64 = self.streams.iter().map(|(_, stream)| stream.evidence()).sum();
        let loudest =
            self.streams.iter().max_by(|one, other| one.1.evidence().total_cmp(&other.1.evidence()));
        let (statistic, stream) = loudest.expect("there is evidence of a statistic");
        let alarm = Alarm { statistic: statistic.clone(), share: stream.evidence() / total, evidence };
        self.streams.clear();
        Some(alarm)
    }
}
