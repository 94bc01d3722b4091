//! Whether errors are where the uncertainty is: what is left of the error when the most uncertain is taken away.

/// Error that is left when more and more is taken away, most uncertain first and largest error first.
#[derive(Debug, Clone, PartialEq)]
pub struct Sparsification {
    /// Root mean square of the errors left, as a share of that of all, after 0, 1/steps, 2/steps … were taken away by
    /// their uncertainty.
    pub by_uncertainty: Vec<f64>,
    /// The same, taken away by the errors themselves: no uncertainty does better.
    pub by_error: Vec<f64>,
    /// AUSE, the area between the two: 0 where the uncertainty orders as the errors do.
    pub area: f64,
}

/// Takes away errors by their uncertainty in `steps` steps; `None` without any error above 0, or with fewer values than
/// steps.
///
/// Values that are equally uncertain go in no order: of them the mean square is taken, so that a constant uncertainty
/// gets what a random one gets on the average. The area is by trapezoids from 0 to 1 − 1/steps, since at 1 nothing is
/// left to have an error.
///
/// # Panics
/// If there aren't as many uncertainties as errors.
///
/// # Source
/// Ilg 2018, ECCV (arXiv 1802.07095).
pub fn sparsification(errors: &[f64], uncertainties: &[f64], steps: usize) -> Option<Sparsification> {
    assert_eq!(errors.len(), uncertainties.len(), "each error has its uncertainty");
    let squares: Vec<f64> = errors.iter().map(|error| error * error).collect();
    if steps < 2 || squares.len() < steps || squares.iter().sum::<f64>() <= 0.0 {
        return None;
    }
    let by_uncertainty = curve(ordered(&squares, uncertainties), steps);
    let by_error = curve(ordered(&squares, &squares), steps);
    let apart: Vec<f64> = by_uncertainty.iter().zip(&by_error).map(|(one, other)| one - other).collect();
    let area = apart.windows(2).map(|ends| f64::midpoint(ends[0], ends[1])).sum::<f64>() / steps as f64;
    Some(Sparsification { by_uncertainty, by_error, area })
}

/// Puts squares in the order of their keys, smallest first; of equal keys each gets their mean.
fn ordered(squares: &[f64], keys: &[f64]) -> Vec<f64> {
    let mut each: Vec<(f64, f64)> = keys.iter().copied().zip(squares.iter().copied()).collect();
    each.sort_by(|a, b| a.0.total_cmp(&b.0));
    let alike = |a: &(f64, f64), b: &(f64, f64)| a.0.total_cmp(&b.0).is_eq();
    each.chunk_by(alike)
        .flat_map(|group| {
            let mean = group.iter().map(|one| one.1).sum::<f64>() / group.len() as f64;
            std::iter::repeat_n(mean, group.len())
        })
        .collect()
}

/// Gives the root mean square of what is left after each step, as a share of that of all.
fn curve(squares: Vec<f64>, steps: usize) -> Vec<f64> {
    let count = squares.len();
    let mut sums: Vec<f64> = vec![0.0];
    sums.extend(squares.into_iter().scan(0.0, |sum, square| {
        *sum += square;
        Some(*sum)
    }));
    let root = |step: usize| {
        let left = count - step * count / steps;
        (sums[left] / left as f64).sqrt()
    };
    (0..steps).map(|step| root(step) / root(0)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};

    fn errors() -> Vec<f64> {
        let mut rng = StdRng::seed_from_u64(4);
        (0..20_000).map(|_| rng.random::<f64>()).collect()
    }

    #[test]
    fn an_uncertainty_that_orders_as_the_errors_do_leaves_no_area() {
        let errors = errors();
        let order: Vec<f64> = errors.iter().map(|error| error.powi(3) + 2.0).collect();
        let found = sparsification(&errors, &order, 50).unwrap();
        assert!(found.area.abs() < 1e-12);
        // Of uniform errors up to 1 − f is left.
        for (step, left) in found.by_error.iter().enumerate() {
            assert!((left - (1.0 - step as f64 / 50.0)).abs() < 0.01, "{step}: {left}");
        }
    }

    /// Of uniform errors a random order leaves all of the error, so the area is that of f from 0 to 0.99.
    #[test]
    fn an_uncertainty_that_knows_nothing_has_the_area_that_is_known() {
        let errors = errors();
        let mut rng = StdRng::seed_from_u64(5);
        let random: Vec<f64> = errors.iter().map(|_| rng.random::<f64>()).collect();
        let expected = 0.99_f64.powi(2) / 2.0;
        let found = sparsification(&errors, &random, 100).unwrap().area;
        assert!((found - expected).abs() < 0.02, "{found}");
        let constant = sparsification(&errors, &vec![1.0; errors.len()], 100).unwrap();
        assert!((constant.area - expected).abs() < 0.01, "{}", constant.area);
        let reversed: Vec<f64> = errors.iter().map(|error| -error).collect();
        assert!(sparsification(&errors, &reversed, 100).unwrap().area > found);
    }

    #[test]
    fn without_errors_there_is_nothing_to_order() {
        assert_eq!(sparsification(&[0.0; 10], &[1.0; 10], 5), None);
        assert_eq!(sparsification(&[1.0; 4], &[1.0; 4], 5), None);
    }
}
