//! The network of `ct-denoise`, forward on a slice and forward and backward on a training batch: with the kernels of
//! `nets`, and with candle's own operations on the same numbers. Prints a line of JSON for each repetition; the threads
//! are rayon's (`RAYON_NUM_THREADS`). `benches/run network` runs it beside PyTorch.
//!
//! Input and weights are a formula of their index, so that a peer in another language has the same.
#![expect(clippy::unwrap_used, reason = "a benchmark that can't go on says where")]

use candle_core::{Device, Result, Tensor, Var};
use nets::unet::{Architecture, UNet, Weights};
use std::{collections::BTreeMap, time::Instant};

/// The size of `models/ct-denoise`.
const ARCHITECTURE: Architecture =
    Architecture { slices: 3, channels: [16, 32, 64], blocks: [2, 2, 4, 2, 2] };
const SLICE: [usize; 4] = [1, 6, 512, 512];
const BATCH: [usize; 4] = [4, 6, 64, 64];
/// As in the network: scale of what a residual block adds, and bound of the correction.
const RESIDUAL_SCALE: f64 = 0.1;
const CORRECTION_MAX: f64 = 4.0;

/// Numbers from −1 to 1 that look drawn.
fn numbers(count: usize, salt: u64) -> impl Iterator<Item = f64> {
    (0..count as u64).map(move |index| {
        let mixed = (index * 2_654_435_761 + salt * 40_503) % (1 << 32);
        mixed as f64 / f64::from(1_u32 << 31) - 1.0
    })
}

fn input(shape: [usize; 4]) -> Tensor {
    let values: Vec<f32> = numbers(shape.iter().product(), 1).map(|value| (3.0 * value) as f32).collect();
    Tensor::from_vec(values, &shape, &Device::Cpu).unwrap()
}

fn variables() -> BTreeMap<String, Var> {
    let named = ARCHITECTURE.shapes().into_iter().zip(2_u64..);
    named
        .map(|((name, shape), salt)| {
            let fan_in: usize = shape.iter().skip(1).product();
            let gain = if shape.len() == 1 { 0.1 } else { (6.0 / fan_in as f64).sqrt() };
            let count = shape.iter().product();
            let values: Vec<f32> = numbers(count, salt).map(|value| (gain * value) as f32).collect();
            (name, Var::from_vec(values, shape, &Device::Cpu).unwrap())
        })
        .collect()
}

/// The same network of candle's own operations.
struct Stock(Weights);

impl Stock {
    fn layer(&self, name: &str) -> (&Tensor, &Tensor) {
        (&self.0[&format!("{name}.weight")], &self.0[&format!("{name}.bias")])
    }

    fn conv(&self, x: &Tensor, name: &str) -> Result<Tensor> {
        let (weight, bias) = self.layer(name);
        x.conv2d(weight, 1, 1, 1, 1)?.broadcast_add(&bias.reshape((1, bias.elem_count(), 1, 1))?)
    }

    fn pointwise(&self, x: &Tensor, name: &str) -> Result<Tensor> {
        let (weight, bias) = self.layer(name);
        let (n, c, h, w) = x.dims4()?;
        let outputs = bias.elem_count();
        let product = weight.broadcast_matmul(&x.reshape((n, c, h * w))?)?;
        product.broadcast_add(&bias.reshape((1, outputs, 1))?)?.reshape((n, outputs, h, w))
    }

    fn down(&self, x: &Tensor, name: &str) -> Result<Tensor> {
        let (n, c, h, w) = x.dims4()?;
        let squares = x.reshape(&[n, c, h / 2, 2, w / 2, 2][..])?.permute([0, 1, 3, 5, 2, 4])?;
        self.pointwise(&squares.contiguous()?.reshape((n, 4 * c, h / 2, w / 2))?, name)
    }

    fn up(&self, x: &Tensor, name: &str, beside: &Tensor) -> Result<Tensor> {
        let small = self.pointwise(x, name)?;
        let (n, c, h, w) = small.dims4()?;
        let large = small.reshape(&[n, c, h, 1, w, 1][..])?.broadcast_as(&[n, c, h, 2, w, 2][..])?;
        large.contiguous()?.reshape((n, c, 2 * h, 2 * w))? + beside
    }

    fn stage(&self, x: &Tensor, name: &str, blocks: usize) -> Result<Tensor> {
        (0..blocks).try_fold(x.clone(), |x, block| {
            let inner = self.conv(&x, &format!("{name}.{block}.first"))?.relu()?;
            &x + (self.conv(&inner, &format!("{name}.{block}.second"))? * RESIDUAL_SCALE)?
        })
    }

    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let blocks = ARCHITECTURE.blocks;
        let full = self.stage(&self.conv(x, "head")?, "down_full", blocks[0])?;
        let half = self.stage(&self.down(&full, "down0")?, "down_half", blocks[1])?;
        let bottom = self.stage(&self.down(&half, "down1")?, "bottom", blocks[2])?;
        let half = self.stage(&self.up(&bottom, "up1", &half)?, "up_half", blocks[3])?;
        let full = self.stage(&self.up(&half, "up0", &full)?, "up_full", blocks[4])?;
        let heads = self.conv(&full, "tail")?;
        let middle = ((heads.narrow(1, 1, 1)? / CORRECTION_MAX)?.tanh()? * CORRECTION_MAX)?;
        Tensor::cat(&[&heads.narrow(1, 0, 1)?, &middle, &heads.narrow(1, 2, 1)?], 1)
    }
}

/// Prints how long something took and two numbers by which it is known to be the same as the peer's.
fn told(what: &str, kind: &str, seconds: f64, (value, gradient): (f32, f32)) {
    println!(
        "{{\"what\": \"{what}\", \"kind\": \"{kind}\", \"seconds\": {seconds}, \"value\": {value}, \
         \"gradient\": {gradient}}}"
    );
}

fn mean_square(y: &Tensor) -> Tensor {
    y.sqr().unwrap().mean_all().unwrap()
}

fn forward(kind: &str, network: &dyn Fn(&Tensor) -> Result<Tensor>) {
    let x = input(SLICE);
    let started = Instant::now();
    let y = network(&x).unwrap();
    let seconds = started.elapsed().as_secs_f64();
    told("forward", kind, seconds, (mean_square(&y).to_scalar().unwrap(), 0.0));
}

fn step(kind: &str, variables: &BTreeMap<String, Var>, network: &dyn Fn(&Tensor) -> Result<Tensor>) {
    let x = input(BATCH);
    let started = Instant::now();
    let loss = mean_square(&network(&x).unwrap());
    let gradients = loss.backward().unwrap();
    let seconds = started.elapsed().as_secs_f64();
    let sum = |var: &Var| {
        let gradient = gradients.get(var.as_tensor()).unwrap();
        gradient.abs().unwrap().sum_all().unwrap().to_scalar::<f32>().unwrap()
    };
    let gradient = variables.values().map(sum).sum();
    told("step", kind, seconds, (loss.to_scalar().unwrap(), gradient));
}

fn main() {
    // `cargo bench` adds a switch of its own.
    let repetitions = std::env::args().skip(1).find_map(|word| word.parse().ok()).unwrap_or(1);
    let variables = variables();
    let trained: Weights =
        variables.iter().map(|(name, var)| (name.clone(), var.as_tensor().clone())).collect();
    let frozen: Weights =
        trained.iter().map(|(name, tensor)| (name.clone(), tensor.detach().copy().unwrap())).collect();
    for _ in 0..repetitions {
        let own = UNet::new(&ARCHITECTURE, &frozen).unwrap();
        forward("countersign", &|x| own.forward(x));
        let stock = Stock(frozen.clone());
        forward("candle", &|x| stock.forward(x));
        let own = UNet::new(&ARCHITECTURE, &trained).unwrap();
        step("countersign", &variables, &|x| own.forward(x));
        let stock = Stock(trained.clone());
        step("candle", &variables, &|x| stock.forward(x));
    }
}
