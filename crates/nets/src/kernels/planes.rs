//! The 3 × 3 × 3 convolution with a border of zeros, plane by plane: each is a 3 × 3 convolution of the three planes
//! around it, which stand beside each other as channels.
//!
//! Only such a stack of planes is copied, three planes of all channels.

use super::{
    direct::{Finish, Size, convolve},
    gradient::weight_gradient,
};

/// The sizes of a volume and its channels.
#[derive(Debug, Clone, Copy)]
pub(super) struct Volumes {
    pub(super) batch: usize,
    pub(super) inputs: usize,
    pub(super) outputs: usize,
    pub(super) depth: usize,
    pub(super) height: usize,
    pub(super) width: usize,
}

impl Volumes {
    fn plane(self) -> usize {
        self.height * self.width
    }

    fn image(self) -> Size {
        Size { batch: 1, height: self.height, width: self.width }
    }

    /// Every image and plane of it.
    fn places(self) -> impl Iterator<Item = (usize, usize)> {
        (0..self.batch).flat_map(move |n| (0..self.depth).map(move |z| (n, z)))
    }

    /// The start of a plane.
    fn at(self, (n, channel, z): (usize, usize, usize), channels: usize) -> usize {
        ((n * channels + channel) * self.depth + z) * self.plane()
    }

    /// Puts the planes around one beside each other, those before it first.
    fn stack(self, x: &[f32], (n, z): (usize, usize), stack: &mut [f32]) {
        for (index, out) in stack.chunks_exact_mut(self.plane()).enumerate() {
            let (above, channel) = (z + index / self.inputs, index % self.inputs);
            if (1..=self.depth).contains(&above) {
                let start = self.at((n, channel, above - 1), self.inputs);
                out.copy_from_slice(&x[start..start + self.plane()]);
            } else {
                out.fill(0.0);
            }
        }
    }
}

/// Gives the convolution.
///
/// # Shapes
/// `x` (batch, in, depth, height, width), `weight` (out, in, 3, 3, 3), `bias` (out) → (batch, out, depth, height, width).
pub(super) fn convolve_planes(x: &[f32], weight: &[f32], bias: &[f32], volumes: Volumes) -> Vec<f32> {
    let Volumes { inputs, outputs, .. } = volumes;
    let plane = volumes.plane();
    let folded = folded(weight, inputs);
    let mut stack = vec![0.0; 3 * inputs * plane];
    let mut out = vec![0.0; volumes.batch * outputs * volumes.depth * plane];
    for (n, z) in volumes.places() {
        volumes.stack(x, (n, z), &mut stack);
        let planes = convolve(&stack, &folded, bias, volumes.image(), Finish { relu: false, scale: 1.0 });
        for (channel, values) in planes.chunks_exact(plane).enumerate() {
            let start = volumes.at((n, channel, z), outputs);
            out[start..start + plane].copy_from_slice(values);
        }
    }
    out
}

/// Gives the gradient of the convolution's input for a gradient of its output.
pub(super) fn input_gradient(g: &[f32], weight: &[f32], volumes: Volumes) -> Vec<f32> {
    let Volumes { inputs, outputs, .. } = volumes;
    let mut turned = vec![0.0; weight.len()];
    for (index, value) in weight.iter().enumerate() {
        let (o, i, tap) = (index / (27 * inputs), index / 27 % inputs, index % 27);
        turned[(i * outputs + o) * 27 + 26 - tap] = *value;
    }
    convolve_planes(g, &turned, &vec![0.0; inputs], Volumes { inputs: outputs, outputs: inputs, ..volumes })
}

/// Gives the gradient of the weights, (out, in, 3, 3, 3).
pub(super) fn weights_gradient(x: &[f32], g: &[f32], volumes: Volumes) -> Vec<f32> {
    let Volumes { inputs, outputs, .. } = volumes;
    let plane = volumes.plane();
    let (mut stack, mut planes) = (vec![0.0; 3 * inputs * plane], vec![0.0; outputs * plane]);
    let mut sums = vec![0.0; outputs * inputs * 27];
    for (n, z) in volumes.places() {
        volumes.stack(x, (n, z), &mut stack);
        for (channel, values) in planes.chunks_exact_mut(plane).enumerate() {
            let start = volumes.at((n, channel, z), outputs);
            values.copy_from_slice(&g[start..start + plane]);
        }
        let of_planes = weight_gradient(&stack, &planes, volumes.image(), outputs);
        sums.iter_mut().zip(of_planes).for_each(|(sum, value)| *sum += value);
    }
    let mut unfolded = vec![0.0; sums.len()];
    for (index, value) in sums.iter().enumerate() {
        let (o, depth, i, tap) =
            (index / (27 * inputs), index / (9 * inputs) % 3, index / 9 % inputs, index % 9);
        unfolded[(o * inputs + i) * 27 + 9 * depth + tap] = *value;
    }
    unfolded
}

/// Gives the weights of the 3 × 3 convolution of a stack: (out, 3 · in, 3, 3).
fn folded(weight: &[f32], inputs: usize) -> Vec<f32> {
    let mut folded = vec![0.0; weight.len()];
    for (index, value) in weight.iter().enumerate() {
        let (o, i, depth, tap) = (index / (27 * inputs), index / 27 % inputs, index / 9 % 3, index % 9);
        folded[((o * 3 + depth) * inputs + i) * 9 + tap] = *value;
    }
    folded
}
