//! AdamW, global-norm clipping and the moving average of the weights.

use super::recipe;
use candle_core::{Device, Result, Tensor, Var, backprop::GradStore};
use std::{collections::BTreeMap, f64::consts::PI};

const BETA_FIRST: f64 = 0.9;
const BETA_SECOND: f64 = 0.999;
const EPSILON: f64 = 1e-8;

/// A trained tensor with the optimiser's memory of it.
#[derive(Debug)]
pub(super) struct Parameter {
    pub(super) variable: Var,
    pub(super) value: Vec<f32>,
    pub(super) first: Vec<f32>,
    pub(super) second: Vec<f32>,
    pub(super) average: Vec<f32>,
}

impl Parameter {
    pub(super) fn new(shape: &[usize], value: Vec<f32>, device: &Device) -> Result<Self> {
        let variable = Var::from_slice(&value, shape, device)?;
        let zeros = vec![0.0; value.len()];
        Ok(Self { variable, average: value.clone(), value, first: zeros.clone(), second: zeros })
    }

    /// Brings the variable in line with the value.
    pub(super) fn publish(&self) -> Result<()> {
        let Self { variable, value, .. } = self;
        variable.set(&Tensor::from_slice(value, variable.shape(), variable.device())?)
    }
}

/// All trained tensors by name.
pub(super) type Parameters = BTreeMap<String, Parameter>;

/// Gives the learning rate at a step that counts from 0.
pub(super) fn learning_rate(settings: &recipe::Optimiser, step: usize) -> f64 {
    if step < settings.warm_up {
        return settings.learning_rate * (step + 1) as f64 / settings.warm_up as f64;
    }
    let share = (step - settings.warm_up) as f64 / (settings.steps - settings.warm_up).max(1) as f64;
    settings.learning_rate * (0.01 + 0.99 * 0.5 * (1.0 + (PI * share.min(1.0)).cos()))
}

/// Makes one step; gives the gradient's norm before clipping.
///
/// # Errors
/// When a tensor has no gradient: the network would silently not train it.
pub(super) fn update(
    parameters: &mut Parameters,
    gradients: &GradStore,
    settings: &recipe::Optimiser,
    step: usize,
) -> Result<f64> {
    let mut flat = Vec::with_capacity(parameters.len());
    let mut squares = 0.0;
    for (name, parameter) in parameters.iter() {
        let gradient = gradients
            .get(parameter.variable.as_tensor())
            .ok_or_else(|| candle_core::Error::Msg(format!("no gradient for {name}")))?
            .flatten_all()?
            .to_vec1::<f32>()?;
        squares += gradient.iter().map(|&g| f64::from(g) * f64::from(g)).sum::<f64>();
        flat.push(gradient);
    }
    let norm = squares.sqrt();
    let clip = (settings.clip / (norm + 1e-6)).min(1.0) as f32;
    let rate = learning_rate(settings, step);
    let t = (step + 1) as i32;
    let size = (rate * (1.0 - BETA_SECOND.powi(t)).sqrt() / (1.0 - BETA_FIRST.powi(t))) as f32;
    let decay = (1.0 - rate * settings.weight_decay) as f32;
    let keep = settings.average.min((1 + step) as f64 / (10 + step) as f64) as f32;
    let (b1, b2, epsilon) = (BETA_FIRST as f32, BETA_SECOND as f32, EPSILON as f32);
    for (parameter, gradient) in parameters.values_mut().zip(flat) {
        for (i, g) in gradient.into_iter().enumerate() {
            let g = g * clip;
            let (m, v) = (&mut parameter.first[i], &mut parameter.second[i]);
            *m = b1 * *m + (1.0 - b1) * g;
            *v = b2 * *v + (1.0 - b2) * g * g;
            let value = &mut parameter.value[i];
            *value = *value * decay - size * *m / (v.sqrt() + epsilon);
            parameter.average[i] = keep * parameter.average[i] + (1.0 - keep) * *value;
        }
        parameter.publish()?;
    }
    Ok(norm)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> recipe::Optimiser {
        recipe::Optimiser {
            steps: 200,
            batch: 1,
            patch: 8,
            learning_rate: 0.1,
            warm_up: 10,
            weight_decay: 0.0,
            clip: 1.0,
            average: 0.9,
            noise_scale: [1.0, 1.0],
            zooms: vec![1.0],
            kernels: vec![0.0],
            noise_reshaped: 0.0,
            noise_misjudged: 0.0,
            lesions: None,
        }
    }

    #[test]
    fn a_quadratic_is_minimised_and_the_average_follows() {
        let mut parameters = Parameters::new();
        parameters.insert("x".into(), Parameter::new(&[2], vec![3.0, -2.0], &Device::Cpu).unwrap());
        let target = Tensor::new(&[1.0_f32, 1.0], &Device::Cpu).unwrap();
        for step in 0..200 {
            let x = parameters["x"].variable.as_tensor();
            let loss = (x - &target).unwrap().sqr().unwrap().sum_all().unwrap();
            let gradients = loss.backward().unwrap();
            update(&mut parameters, &gradients, &settings(), step).unwrap();
        }
        for value in parameters["x"].value.iter().chain(&parameters["x"].average) {
            assert!((value - 1.0).abs() < 0.05, "{value}");
        }
    }

    #[test]
    fn the_rate_warms_up_and_ends_at_one_percent() {
        assert!((learning_rate(&settings(), 0) - 0.01).abs() < 1e-12);
        assert!((learning_rate(&settings(), 10) - 0.1).abs() < 1e-12);
        assert!((learning_rate(&settings(), 200) - 0.001).abs() < 1e-12);
    }
}
