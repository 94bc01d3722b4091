//! Images moved along a field of displacements.

use super::values;
use candle_core::{CpuStorage, CustomOp2, Device, Layout, Result, Shape, Tensor, bail};

/// Gives an image whose pixels are taken from elsewhere, by bilinear interpolation; beyond the border the image goes on as
/// it is there.
///
/// # Shapes
/// `x` (batch, channel, height, width), `displacement` (batch, 2, height, width) → as `x`. The pixel at (row, column) is
/// taken from (row + `displacement[0]`, column + `displacement[1]`).
///
/// # Units
/// Displacements in pixels.
///
/// # Errors
/// When the shapes don't fit.
///
/// # Source
/// Jaderberg 2015, "Spatial transformer networks", equations 5 to 7.
pub fn warp_bilinear(x: &Tensor, displacement: &Tensor) -> Result<Tensor> {
    x.contiguous()?.apply_op2(&displacement.contiguous()?, Warp)
}

struct Warp;

/// The sizes of one warp.
#[derive(Debug, Clone, Copy)]
struct Geometry {
    batch: usize,
    channels: usize,
    height: usize,
    width: usize,
}

impl Geometry {
    fn new(x: &Shape, displacement: &Shape) -> Result<Self> {
        let (batch, channels, height, width) = x.dims4()?;
        if displacement.dims() != [batch, 2, height, width] || height * width == 0 {
            bail!("displacements {displacement:?} don't fit an image {x:?}")
        }
        Ok(Self { batch, channels, height, width })
    }

    fn plane(self) -> usize {
        self.height * self.width
    }

    /// Calls `visit` with each image's index, each pixel's place in its plane, and whence it is taken.
    fn pixels(self, displacement: &[f32], mut visit: impl FnMut(usize, usize, Source)) {
        let plane = self.plane();
        for (image, field) in displacement.chunks_exact(2 * plane).enumerate() {
            for at in 0..plane {
                let row = Along::new((at / self.width) as f32 + field[at], self.height);
                let column = Along::new((at % self.width) as f32 + field[plane + at], self.width);
                visit(image, at, Source { row, column, width: self.width });
            }
        }
    }
}

/// Two neighbours along an axis, and how far from the first to the second a place is.
#[derive(Debug, Clone, Copy)]
struct Along {
    first: usize,
    second: usize,
    fraction: f32,
    /// 1 where moving on changes the fraction, 0 beyond the border.
    moves: f32,
}

impl Along {
    fn new(at: f32, length: usize) -> Self {
        let last = (length - 1) as f32;
        let held = at.clamp(0.0, last);
        let first = held as usize;
        let moves = f32::from(u8::from(at >= 0.0 && at <= last));
        Self { first, second: (first + 1).min(length - 1), fraction: held - first as f32, moves }
    }
}

/// The four pixels that a pixel is taken from.
#[derive(Debug, Clone, Copy)]
struct Source {
    row: Along,
    column: Along,
    width: usize,
}

impl Source {
    /// Places in the plane: above left, above right, below left, below right.
    fn corners(self) -> [usize; 4] {
        let Self { row, column, width } = self;
        let above = row.first * width;
        let below = row.second * width;
        [above + column.first, above + column.second, below + column.first, below + column.second]
    }

    fn weights(self) -> [f32; 4] {
        let (y, x) = (self.row.fraction, self.column.fraction);
        [(1.0 - y) * (1.0 - x), (1.0 - y) * x, y * (1.0 - x), y * x]
    }

    /// Gives the derivatives of the value by row and column.
    fn slopes(self, plane: &[f32]) -> [f32; 2] {
        let [a, b, c, d] = self.corners().map(|at| plane[at]);
        let (y, x) = (self.row.fraction, self.column.fraction);
        [
            ((c - a) * (1.0 - x) + (d - b) * x) * self.row.moves,
            ((b - a) * (1.0 - y) + (d - c) * y) * self.column.moves,
        ]
    }
}

impl CustomOp2 for Warp {
    fn name(&self) -> &'static str {
        "warp-bilinear"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        x_layout: &Layout,
        displacement: &CpuStorage,
        displacement_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let geometry = Geometry::new(x_layout.shape(), displacement_layout.shape())?;
        let (x, plane) = (values(x, x_layout)?, geometry.plane());
        let mut out = vec![0.0; x.len()];
        geometry.pixels(values(displacement, displacement_layout)?, |image, at, source| {
            let (corners, weights) = (source.corners(), source.weights());
            for channel in image * geometry.channels..(image + 1) * geometry.channels {
                let of_plane = &x[channel * plane..][..plane];
                out[channel * plane + at] =
                    corners.iter().zip(weights).map(|(corner, weight)| of_plane[*corner] * weight).sum();
            }
        });
        Ok((CpuStorage::F32(out), x_layout.shape().clone()))
    }

    fn bwd(
        &self,
        x: &Tensor,
        displacement: &Tensor,
        _: &Tensor,
        g: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let geometry = Geometry::new(x.shape(), displacement.shape())?;
        let flat = |tensor: &Tensor| tensor.flatten_all()?.to_vec1::<f32>();
        let (plane, batch) = (geometry.plane(), geometry.batch);
        let (values, field, g) = (flat(x)?, flat(displacement)?, flat(g)?);
        let (mut to_x, mut to_field) = (vec![0.0; values.len()], vec![0.0; batch * 2 * plane]);
        geometry.pixels(&field, |image, at, source| {
            let (corners, weights) = (source.corners(), source.weights());
            for channel in image * geometry.channels..(image + 1) * geometry.channels {
                let start = channel * plane;
                let gradient = g[start + at];
                for (corner, weight) in corners.iter().zip(weights) {
                    to_x[start + corner] += gradient * weight;
                }
                let [by_row, by_column] = source.slopes(&values[start..start + plane]);
                to_field[image * 2 * plane + at] += gradient * by_row;
                to_field[(image * 2 + 1) * plane + at] += gradient * by_column;
            }
        });
        let tensor = |values, like: &Tensor| Tensor::from_vec(values, like.shape(), &Device::Cpu);
        let to_x = x.track_op().then(|| tensor(to_x, x));
        let to_field = displacement.track_op().then(|| tensor(to_field, displacement));
        Ok((to_x.transpose()?, to_field.transpose()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::{agrees_with_finite_differences, numbers};
    use candle_core::Var;

    fn variable(shape: &[usize], values: Vec<f32>) -> Var {
        Var::from_vec(values, shape, &Device::Cpu).unwrap()
    }

    #[test]
    fn whole_steps_move_pixels_and_the_border_goes_on() {
        let x = Tensor::arange(0.0_f32, 12.0, &Device::Cpu).unwrap().reshape((1, 1, 3, 4)).unwrap();
        let field = Tensor::cat(
            &[
                Tensor::ones((1, 1, 3, 4), candle_core::DType::F32, &Device::Cpu).unwrap(),
                Tensor::full(-2.0_f32, (1, 1, 3, 4), &Device::Cpu).unwrap(),
            ],
            1,
        )
        .unwrap();
        let moved = warp_bilinear(&x, &field).unwrap().flatten_all().unwrap().to_vec1::<f32>().unwrap();
        assert_eq!(moved, [4.0, 4.0, 4.0, 5.0, 8.0, 8.0, 8.0, 9.0, 8.0, 8.0, 8.0, 9.0]);
    }

    #[test]
    fn a_slope_is_followed_between_pixels() {
        let slope: Vec<f32> = (0..30).map(|at| (at / 6) as f32 * 10.0 + (at % 6) as f32).collect();
        let x = variable(&[1, 1, 5, 6], slope);
        let field = variable(&[1, 2, 5, 6], [vec![0.25; 30], vec![0.5; 30]].concat());
        let moved = warp_bilinear(&x, &field).unwrap().flatten_all().unwrap().to_vec1::<f32>().unwrap();
        // In the middle by 0.25 rows and 0.5 columns.
        assert!((moved[2 * 6 + 3] - (23.0 + 2.5 + 0.5)).abs() < 1e-5);
    }

    #[test]
    fn gradients_are_those_of_finite_differences() {
        let x = variable(&[2, 3, 6, 7], numbers(2 * 3 * 6 * 7, 1));
        // Between pixels, where moving by a difference crosses no pixel and no border.
        let field: Vec<f32> =
            numbers(2 * 2 * 6 * 7, 2).iter().map(|value| value.trunc() + 0.5 + value * 0.3).collect();
        let field = variable(&[2, 2, 6, 7], field);
        let none = variable(&[1], vec![0.0]);
        agrees_with_finite_differences([&x, &field, &none], |[x, field, none]| {
            warp_bilinear(x, field)?.broadcast_add(none)
        });
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let x = variable(&[1, 2, 4, 5], numbers(40, 1));
        assert!(warp_bilinear(&x, &variable(&[1, 3, 4, 5], numbers(60, 1))).is_err());
        assert!(warp_bilinear(&x, &variable(&[1, 2, 5, 4], numbers(40, 1))).is_err());
    }
}
