//! Symmetric matrices of few rows: roots and eigenvalues.

/// Turns over all elements after which none off the diagonal is left; a few are enough.
const SWEEPS_MAX: usize = 60;

/// A symmetric matrix.
pub(super) struct Symmetric {
    side: usize,
    values: Vec<f64>,
}

impl Symmetric {
    pub(super) fn new(side: usize, value: impl Fn(usize, usize) -> f64) -> Self {
        let values = (0..side * side).map(|at| value(at / side, at % side)).collect();
        Self { side, values }
    }

    fn at(&self, row: usize, column: usize) -> f64 {
        self.values[row * self.side + column]
    }

    pub(super) fn trace(&self) -> f64 {
        (0..self.side).map(|at| self.at(at, at)).sum()
    }

    /// Gives self · inner · self.
    pub(super) fn around(&self, inner: &Self) -> Self {
        let product = |one: &Self, other: &Self| {
            Self::new(self.side, |i, j| (0..self.side).map(|k| one.at(i, k) * other.at(k, j)).sum())
        };
        product(&product(self, inner), self)
    }

    pub(super) fn eigenvalues(&self) -> Vec<f64> {
        self.turned().0
    }

    /// Gives the root of a matrix without negative eigenvalues; what rounding made of zero counts as zero.
    pub(super) fn root(&self) -> Self {
        let (eigenvalues, vectors) = self.turned();
        Self::new(self.side, |i, j| {
            let part = |k: usize| {
                vectors[i * self.side + k] * eigenvalues[k].max(0.0).sqrt() * vectors[j * self.side + k]
            };
            (0..self.side).map(part).sum()
        })
    }

    /// Gives eigenvalues, and eigenvectors as columns.
    ///
    /// # Source
    /// Jacobi's method, cyclic: Golub and Van Loan, Matrix Computations, 4th edition, section 8.5.
    fn turned(&self) -> (Vec<f64>, Vec<f64>) {
        let side = self.side;
        let mut matrix = self.values.clone();
        let mut vectors: Vec<f64> =
            (0..side * side).map(|at| f64::from(u8::from(at / side == at % side))).collect();
        let size: f64 = matrix.iter().map(|value| value * value).sum();
        for _ in 0..SWEEPS_MAX {
            let beside: f64 =
                (0..side * side).filter(|at| at / side != at % side).map(|at| matrix[at] * matrix[at]).sum();
            if beside <= size * 1e-30 {
                break;
            }
            for p in 0..side {
                for q in p + 1..side {
                    turn(&mut matrix, &mut vectors, side, (p, q));
                }
            }
        }
        ((0..side).map(|at| matrix[at * side + at]).collect(), vectors)
    }
}

/// Turns the plane of two axes so that their shared element becomes zero.
fn turn(matrix: &mut [f64], vectors: &mut [f64], side: usize, (p, q): (usize, usize)) {
    let shared = matrix[p * side + q];
    if shared.abs() <= f64::MIN_POSITIVE {
        return;
    }
    let ratio = (matrix[q * side + q] - matrix[p * side + p]) / (2.0 * shared);
    // The smaller of the two angles, so that turns die down.
    let tangent = ratio.signum() / (ratio.abs() + ratio.hypot(1.0));
    let cosine = 1.0 / tangent.hypot(1.0);
    let sine = tangent * cosine;
    let mix = |values: &mut [f64], one: usize, other: usize| {
        let (a, b) = (values[one], values[other]);
        values[one] = cosine * a - sine * b;
        values[other] = sine * a + cosine * b;
    };
    for k in 0..side {
        mix(matrix, k * side + p, k * side + q);
        mix(vectors, k * side + p, k * side + q);
    }
    for k in 0..side {
        mix(matrix, p * side + k, q * side + k);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matrix() -> Symmetric {
        // A Gram matrix, so that no eigenvalue is negative.
        let factor = |i: usize, j: usize| ((i * 5 + j * 3) % 7) as f64 - 2.0;
        Symmetric::new(6, |i, j| (0..8).map(|k| factor(i, k) * factor(j, k)).sum())
    }

    #[test]
    fn the_root_of_a_matrix_times_itself_is_the_matrix() {
        let whole = matrix();
        let root = whole.root();
        let identity = Symmetric::new(6, |i, j| f64::from(u8::from(i == j)));
        for (found, expected) in root.around(&identity).values.iter().zip(&whole.values) {
            assert!((found - expected).abs() < 1e-9, "{found} {expected}");
        }
    }

    #[test]
    fn eigenvalues_add_up_to_the_trace() {
        let found = matrix().eigenvalues();
        assert!((found.iter().sum::<f64>() - matrix().trace()).abs() < 1e-9);
        let two = Symmetric::new(2, |i, j| if i == j { 2.0 } else { 1.0 });
        let mut found = two.eigenvalues();
        found.sort_by(f64::total_cmp);
        assert!((found[0] - 1.0).abs() < 1e-12 && (found[1] - 3.0).abs() < 1e-12);
    }
}
