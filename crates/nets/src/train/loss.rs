//! The loss of the three quantile heads.

use super::recipe::Loss;
use candle_core::{Result, Tensor};

/// Gives the pseudo-Huber loss of the middle head + pinball of the outer heads + the recipe's parts for edges and
/// local means.
///
/// Within the noise the first is nearly quadratic: a median would be off where values are skewed, as in the lung.
///
/// # Shapes
/// `heads` (batch, 3, height, width), `target` (batch, 1, height, width) → a scalar.
///
/// # Units
/// Both in units of the noise.
pub(super) fn loss(heads: &Tensor, target: &Tensor, weights: &Loss) -> Result<Tensor> {
    let head = |index| heads.narrow(1, index, 1);
    let middle = head(1)?;
    let residual = (&middle - target)?;
    let edges = (differences(&residual, 2)? + differences(&residual, 3)?)?;
    let local = residual.avg_pool2d(8)?.abs()?.mean_all()?;
    let total = (huber(&residual)? + pinball(&head(0)?, target, 0.05)?)?;
    let total = (total + pinball(&head(2)?, target, 0.95)?)?;
    (total + (edges * weights.gradient)?)? + (local * weights.local_mean)?
}

/// Gives the same for an image without quantile heads.
///
/// # Shapes
/// Both (batch, 1, height, width) → a scalar.
pub(super) fn loss_of_image(image: &Tensor, target: &Tensor, weights: &Loss) -> Result<Tensor> {
    let residual = (image - target)?;
    let edges = (differences(&residual, 2)? + differences(&residual, 3)?)?;
    let local = residual.avg_pool2d(8)?.abs()?.mean_all()?;
    (huber(&residual)? + (edges * weights.gradient)?)? + (local * weights.local_mean)?
}

/// Gives the mean of √(1 + r²) − 1.
fn huber(residual: &Tensor) -> Result<Tensor> {
    ((residual.sqr()? + 1.0)?.sqrt()? - 1.0)?.mean_all()
}

/// Gives the mean pinball loss of a quantile.
fn pinball(quantile: &Tensor, target: &Tensor, level: f64) -> Result<Tensor> {
    let above = (target - quantile)?;
    ((above.relu()? * level)? + (above.neg()?.relu()? * (1.0 - level))?)?.mean_all()
}

/// Gives the mean absolute difference between neighbours along a dimension.
fn differences(x: &Tensor, dimension: usize) -> Result<Tensor> {
    let len = x.dim(dimension)?;
    (x.narrow(dimension, 1, len - 1)? - x.narrow(dimension, 0, len - 1)?)?.abs()?.mean_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use candle_core::Device;

    #[test]
    fn an_outer_head_is_best_at_its_quantile() {
        let target = Tensor::arange(0.0_f32, 100.0, &Device::Cpu).unwrap().reshape((1, 1, 10, 10)).unwrap();
        let at = |value: f64| {
            let quantile = target.affine(0.0, value).unwrap();
            pinball(&quantile, &target, 0.95).unwrap().to_scalar::<f32>().unwrap()
        };
        assert!(at(94.5) < at(80.0) && at(94.5) < at(99.0));
    }

    #[test]
    fn a_perfect_result_costs_nothing() {
        let target = Tensor::rand(0.0_f32, 1.0, (2, 1, 16, 16), &Device::Cpu).unwrap();
        let heads = Tensor::cat(&[&target, &target, &target], 1).unwrap();
        let loss = loss(&heads, &target, &Loss { gradient: 0.05, local_mean: 0.5 }).unwrap();
        assert!(loss.to_scalar::<f32>().unwrap().abs() < 1e-6);
    }
}
