use super::*;
use crate::statistics::clopper_pearson;
use rand::rngs::SmallRng;
use rand::{RngExt as _, SeedableRng as _};

fn thirds() -> Vec<f64> {
    vec![1.0 / 3.0, 2.0 / 3.0, 1.0]
}

fn test(null: f64) -> ExactTest {
    ExactTest { null, spent: spending(&thirds(), 0.025) }
}

/// How often the test excludes what it asks about, looked at as often as was declared.
fn shown(test: &ExactTest, trials: &[u64], truth: f64) -> f64 {
    test.ends(trials, &[], truth).iter().map(|look| look.shown).sum()
}

#[test]
fn the_bounds_are_those_that_are_published() {
    // Jennison and Turnbull (2000), table 2.3: the constant for K looks and 0.05 two-sided.
    for (looks, constant) in [(1_u32, 1.960), (2, 1.977), (3, 2.004), (4, 2.024), (5, 2.040)] {
        let fractions: Vec<f64> = (1..=looks).map(|look| f64::from(look) / f64::from(looks)).collect();
        let last = *obrien_fleming(&fractions, 0.025).last().unwrap();
        assert!((last - constant).abs() < 6e-4, "{looks} looks: {last}");
    }
    let bounds = obrien_fleming(&thirds(), 0.025);
    for (found, published) in bounds.iter().zip([3.4710, 2.4544, 2.0040]) {
        assert!((found - published).abs() < 3e-4, "{bounds:?}");
    }
}

#[test]
fn what_is_spent_begins_with_almost_nothing_and_ends_with_all() {
    let spent = spending(&thirds(), 0.025);
    // The first is that of a normal deviate beyond 3.4710.
    assert!((spent[0] - 0.000_259).abs() < 3e-6, "{spent:?}");
    assert!(spent[0] < spent[1] && spent[1] < spent[2] && (spent[2] - 0.025).abs() < 1e-12);
}

#[test]
fn one_look_is_the_exact_binomial_test_and_its_interval_that_of_clopper_and_pearson() {
    let once = ExactTest { null: 0.5, spent: vec![0.025] };
    // scipy 1.17: binom.sf(k - 1, n, 0.5) <= 0.025 first for k = 15 of 20, 61 of 100.
    assert_eq!(once.needed(&[20]), [Some(15)]);
    assert_eq!(once.needed(&[100]), [Some(61)]);
    for (successes, trials) in [(8, 10), (0, 20), (20, 20), (61, 100)] {
        let (found, known) = (once.interval(&[trials], successes), clopper_pearson(successes, trials, 0.95));
        assert!((found.low - known.low).abs() < 2e-6, "{successes} of {trials}: {found:?} {known:?}");
        assert!((found.high - known.high).abs() < 2e-6, "{successes} of {trials}: {found:?} {known:?}");
    }
}

#[test]
fn over_all_looks_the_error_is_never_more_than_declared() {
    for null in [0.5, 0.4, 0.35] {
        let test = test(null);
        for trials in [[10, 20, 30], [3, 40, 41], [0, 0, 7], [33, 60, 97], [100, 200, 300]] {
            let error = shown(&test, &trials, null);
            assert!(error <= 0.025 + 1e-12, "{trials:?} at {null}: {error}");
            let below = shown(&test, &trials, null - 0.05);
            assert!(below <= error + 1e-12, "a worse challenger stops more often: {below} {error}");
        }
    }
}

#[test]
fn simulated_comparisons_stop_as_often_as_was_counted() {
    let (test, trials, truth) = (test(0.5), [20, 40, 60], 0.65);
    let needed = test.needed(&trials);
    let mut rng = SmallRng::seed_from_u64(5);
    let runs = 20_000;
    let stopped = (0..runs).filter(|_| {
        let (mut successes, mut before) = (0, 0);
        trials.iter().zip(&needed).any(|(&now, needed)| {
            successes += (before..now).filter(|_| rng.random_bool(truth)).count() as u64;
            before = now;
            needed.is_some_and(|needed| successes >= needed)
        })
    });
    let (found, counted) = (stopped.count() as f64 / f64::from(runs), shown(&test, &trials, truth));
    // Five standard errors.
    assert!((found - counted).abs() < 0.018, "{found} simulated, {counted} counted");
}

#[test]
fn what_a_look_decides_and_the_interval_that_is_shown_there_agree() {
    for null in [0.5, 0.4] {
        let test = test(null);
        for trials in [&[12][..], &[12, 25], &[12, 25, 36]] {
            let needed = test.needed(trials).pop().unwrap();
            for successes in 0..=*trials.last().unwrap() {
                let stops = needed.is_some_and(|needed| successes >= needed);
                let shown = test.interval(trials, successes);
                let excluded = shown.low + 1e-5 >= null;
                assert_eq!(stops, excluded, "{successes} of {trials:?} against {null}: {shown:?}");
                assert!((0.0..=1.0).contains(&shown.low) && shown.low <= shown.high);
            }
        }
    }
}

#[test]
fn the_repeated_interval_holds_the_truth_at_every_look_as_often_as_it_says() {
    let test = test(0.5);
    let mut rng = SmallRng::seed_from_u64(9);
    let trials = [10, 20, 30];
    let mut known = std::collections::HashMap::new();
    for truth in [0.5, 0.7] {
        let runs = 4_000;
        let missed = (0..runs).filter(|_| {
            let (mut successes, mut before) = (0, 0);
            (0..trials.len()).any(|look| {
                successes += (before..trials[look]).filter(|_| rng.random_bool(truth)).count() as u64;
                before = trials[look];
                let interval = *known
                    .entry((look, successes))
                    .or_insert_with(|| test.interval(&trials[..=look], successes));
                truth < interval.low || truth > interval.high
            })
        });
        let missed = missed.count() as f64 / f64::from(runs);
        // 5 % and three standard errors.
        assert!(missed < 0.061, "missed {missed} at {truth}");
    }
}

#[test]
fn a_look_without_an_answer_stops_nothing_and_says_nothing() {
    let test = test(0.5);
    assert_eq!(test.needed(&[0, 0]), [None, None]);
    let interval = test.interval(&[0], 0);
    assert!(interval.low < 1e-9 && interval.high > 1.0 - 1e-9);
}

/// Every sequence of so many answers, by the bits of a number.
fn sequences(trials: u64) -> impl Iterator<Item = Vec<bool>> {
    (0..1_u32 << trials).map(move |bits| (0..trials).map(|at| bits >> at & 1 == 1).collect())
}

fn weight(sequence: &[bool], truth: f64) -> f64 {
    sequence.iter().map(|success| if *success { truth } else { 1.0 - truth }).product()
}

fn successes(sequence: &[bool], of: u64) -> u64 {
    sequence[..of as usize].iter().filter(|success| **success).count() as u64
}

#[test]
fn what_is_left_of_the_power_is_what_counting_every_sequence_gives() {
    let (trials, truth) = ([4, 8, 12], 0.7);
    for null in [0.5, 0.35] {
        let test = test(null);
        let needed = test.needed(&trials);
        for looked in 1..=2 {
            let from = trials[looked - 1];
            for (had, left) in test.power_left(&trials, looked, truth).into_iter().enumerate() {
                let stops = |rest: &Vec<bool>| {
                    (looked..3).any(|look| {
                        let now = had as u64 + successes(rest, trials[look] - from);
                        needed[look].is_some_and(|needed| now >= needed)
                    })
                };
                let counted: f64 = sequences(12 - from).filter(stops).map(|rest| weight(&rest, truth)).sum();
                assert!((left - counted).abs() < 1e-12, "{had} of {from}: {left} and {counted}");
            }
        }
    }
}

#[test]
fn endings_are_those_that_counting_every_sequence_gives_and_futility_lowers_the_error() {
    let (test, trials, futile) = (test(0.5), [4, 8, 12], [Some(1), Some(4)]);
    let needed = test.needed(&trials);
    for truth in [0.5, 0.65, 0.9] {
        let mut counted = [[0.0; 2]; 3];
        for sequence in sequences(12) {
            let end = (0..3).find_map(|look| {
                let had = successes(&sequence, trials[look]);
                let shown = needed[look].is_some_and(|needed| had >= needed);
                let given_up = futile.get(look).is_some_and(|most| most.is_some_and(|most| had <= most));
                (shown || given_up).then_some((look, usize::from(!shown)))
            });
            if let Some((look, how)) = end {
                counted[look][how] += weight(&sequence, truth);
            }
        }
        for (found, [shown, futile]) in test.ends(&trials, &futile, truth).iter().zip(counted) {
            assert!((found.shown - shown).abs() < 1e-12 && (found.futile - futile).abs() < 1e-12);
        }
        let with: f64 = test.ends(&trials, &futile, truth).iter().map(|look| look.shown).sum();
        assert!(with <= shown(&test, &trials, truth));
    }
}

#[test]
fn simulated_comparisons_go_on_to_their_end_as_often_as_the_power_left_says() {
    let (test, trials, truth) = (test(0.5), [40, 80, 120], 0.62);
    let needed = test.needed(&trials);
    let left = test.power_left(&trials, 1, truth);
    let mut rng = SmallRng::seed_from_u64(11);
    let runs = 10_000;
    for had in [14_u64, 22, 27] {
        let reached = (0..runs).filter(|_| {
            let mut now = had;
            (1..3).any(|look| {
                now += (trials[look - 1]..trials[look]).filter(|_| rng.random_bool(truth)).count() as u64;
                needed[look].is_some_and(|needed| now >= needed)
            })
        });
        let (found, counted) = (reached.count() as f64 / f64::from(runs), left[had as usize]);
        // Five standard errors.
        assert!((found - counted).abs() < 0.025, "{had} of 40: {found} simulated, {counted} counted");
    }
    assert!(left.is_sorted(), "more successes never leave less");
}
