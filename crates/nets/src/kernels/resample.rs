//! Moving between the resolutions of a U-Net by whole factors of two.

use super::values;
use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor};

/// Repeats each pixel 2 × 2 times: (n, c, h, w) → (n, c, 2h, 2w).
pub(crate) fn upsample2(x: &Tensor) -> Result<Tensor> {
    if !x.device().is_cpu() {
        return upsample2_by_candle(x);
    }
    x.contiguous()?.apply_op1(Upsample2)
}

/// The same by candle's operations.
fn upsample2_by_candle(x: &Tensor) -> Result<Tensor> {
    let (n, c, h, w) = x.dims4()?;
    x.reshape((n, c, h, 1, w, 1))?.broadcast_as((n, c, h, 2, w, 2))?.reshape((n, c, 2 * h, 2 * w))
}

/// Moves each 2 × 2 square of pixels into channels: (n, c, 2h, 2w) → (n, 4c, h, w).
pub(crate) fn fold2(x: &Tensor) -> Result<Tensor> {
    if !x.device().is_cpu() {
        return fold2_by_candle(x);
    }
    x.contiguous()?.apply_op1(Fold2)
}

/// The same by candle's operations.
fn fold2_by_candle(x: &Tensor) -> Result<Tensor> {
    let (n, c, h, w) = x.dims4()?;
    x.reshape((n, c, h / 2, 2, w / 2, 2))?.permute((0, 1, 3, 5, 2, 4))?.reshape((n, 4 * c, h / 2, w / 2))
}

struct Upsample2;
/// The gradient of [`Upsample2`]: the sum of each square.
struct Sum2;
struct Fold2;
/// The inverse of [`Fold2`], and its gradient.
struct Unfold2;

impl CustomOp1 for Upsample2 {
    fn name(&self) -> &'static str {
        "upsample2"
    }

    fn cpu_fwd(&self, x: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let (n, c, h, w) = layout.shape().dims4()?;
        let mut out = vec![0.0; n * c * 4 * h * w];
        for (rows, row) in out.chunks_exact_mut(4 * w).zip(values(x, layout)?.chunks_exact(w)) {
            let (first, second) = rows.split_at_mut(2 * w);
            for (pair, value) in first.chunks_exact_mut(2).zip(row) {
                pair.fill(*value);
            }
            second.copy_from_slice(first);
        }
        Ok((CpuStorage::F32(out), Shape::from((n, c, 2 * h, 2 * w))))
    }

    fn bwd(&self, _: &Tensor, _: &Tensor, gradient: &Tensor) -> Result<Option<Tensor>> {
        Ok(Some(gradient.contiguous()?.apply_op1_no_bwd(&Sum2)?))
    }
}

impl CustomOp1 for Sum2 {
    fn name(&self) -> &'static str {
        "sum2"
    }

    fn cpu_fwd(&self, x: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let (n, c, h, w) = layout.shape().dims4()?;
        let mut out = Vec::with_capacity(n * c * h * w / 4);
        for rows in values(x, layout)?.chunks_exact(2 * w) {
            let (first, second) = rows.split_at(w);
            let pairs = first.chunks_exact(2).zip(second.chunks_exact(2));
            out.extend(pairs.map(|(a, b)| a[0] + a[1] + b[0] + b[1]));
        }
        Ok((CpuStorage::F32(out), Shape::from((n, c, h / 2, w / 2))))
    }
}

impl CustomOp1 for Fold2 {
    fn name(&self) -> &'static str {
        "fold2"
    }

    fn cpu_fwd(&self, x: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let (n, c, h, w) = layout.shape().dims4()?;
        let x = values(x, layout)?;
        let mut out = Vec::with_capacity(x.len());
        for plane in x.chunks_exact(h * w) {
            for corner in 0..4 {
                for row in plane.chunks_exact(w).skip(corner / 2).step_by(2) {
                    out.extend(row.iter().skip(corner % 2).step_by(2));
                }
            }
        }
        Ok((CpuStorage::F32(out), Shape::from((n, 4 * c, h / 2, w / 2))))
    }

    fn bwd(&self, _: &Tensor, _: &Tensor, gradient: &Tensor) -> Result<Option<Tensor>> {
        Ok(Some(gradient.contiguous()?.apply_op1_no_bwd(&Unfold2)?))
    }
}

impl CustomOp1 for Unfold2 {
    fn name(&self) -> &'static str {
        "unfold2"
    }

    fn cpu_fwd(&self, x: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let (n, c, h, w) = layout.shape().dims4()?;
        let x = values(x, layout)?;
        let mut out = vec![0.0; x.len()];
        for (plane, corners) in out.chunks_exact_mut(4 * h * w).zip(x.chunks_exact(4 * h * w)) {
            for (corner, part) in corners.chunks_exact(h * w).enumerate() {
                for (y, row) in part.chunks_exact(w).enumerate() {
                    let start = (2 * y + corner / 2) * 2 * w + corner % 2;
                    plane[start..].iter_mut().step_by(2).zip(row).for_each(|(out, value)| *out = *value);
                }
            }
        }
        Ok((CpuStorage::F32(out), Shape::from((n, c / 4, 2 * h, 2 * w))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use candle_core::{Device, Var};

    fn gradient_of(operation: fn(&Tensor) -> Result<Tensor>) -> Vec<f32> {
        let x = Var::from_vec((0_u8..16).map(f32::from).collect(), (1, 1, 4, 4), &Device::Cpu).unwrap();
        let y = operation(x.as_tensor()).unwrap();
        let weights = Tensor::arange(0.0_f32, y.elem_count() as f32, &Device::Cpu).unwrap();
        let loss = (y.flatten_all().unwrap() * weights).unwrap().sum_all().unwrap();
        loss.backward().unwrap().get(x.as_tensor()).unwrap().flatten_all().unwrap().to_vec1().unwrap()
    }

    #[test]
    fn upsampling_repeats_pixels_and_sums_their_gradients() {
        let x = Tensor::from_vec(vec![1.0_f32, 2.0], (1, 1, 1, 2), &Device::Cpu).unwrap();
        let y = upsample2(&x).unwrap().flatten_all().unwrap().to_vec1::<f32>().unwrap();
        assert_eq!(y, [1.0, 1.0, 2.0, 2.0, 1.0, 1.0, 2.0, 2.0]);
        assert_eq!(gradient_of(upsample2)[..2], [0.0 + 1.0 + 8.0 + 9.0, 2.0 + 3.0 + 10.0 + 11.0]);
    }

    #[test]
    fn folding_moves_squares_into_channels_and_its_gradient_moves_them_back() {
        let x = Tensor::arange(0.0_f32, 4.0, &Device::Cpu).unwrap().reshape((1, 1, 2, 2)).unwrap();
        assert_eq!(fold2(&x).unwrap().dims(), [1, 4, 1, 1]);
        assert_eq!(gradient_of(fold2)[..4], [0.0, 4.0, 1.0, 5.0]);
    }

    #[test]
    fn candle_gives_the_same_and_the_same_gradients() {
        type Operation = fn(&Tensor) -> Result<Tensor>;
        let x = Var::randn(0.0_f32, 1.0, (2, 3, 4, 6), &Device::Cpu).unwrap();
        let pairs: [[Operation; 2]; 2] = [[upsample2, upsample2_by_candle], [fold2, fold2_by_candle]];
        for pair in pairs {
            let [(ours, our_gradient), (theirs, their_gradient)] = pair.map(|operation| {
                let y = operation(x.as_tensor()).unwrap();
                let weights = Tensor::arange(0.0_f32, y.elem_count() as f32, &Device::Cpu).unwrap();
                let sum = (y.flatten_all().unwrap() * weights).unwrap().sum_all().unwrap();
                let gradient = sum.backward().unwrap().get(x.as_tensor()).unwrap().clone();
                (y.flatten_all().unwrap().to_vec1::<f32>().unwrap(), gradient.flatten_all().unwrap())
            });
            assert_eq!(ours, theirs);
            assert_eq!(our_gradient.to_vec1::<f32>().unwrap(), their_gradient.to_vec1::<f32>().unwrap());
        }
    }
}
