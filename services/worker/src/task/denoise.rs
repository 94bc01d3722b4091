//! Noise reduction by a regressor with quantile heads.

use super::{Made, Progress};
use crate::Error;
use contract::job::{Parameters, Scores};
use imaging::Volume;
use nets::Model;

pub(super) fn run(
    model: &Model,
    input: &Volume,
    parameters: &Parameters,
    progress: Progress<'_>,
) -> Result<Made, Error> {
    let own = model.description().sampling();
    let wanted = [("steps", parameters.steps, own.steps), ("samples", parameters.samples, own.samples)];
    for (name, count, own) in wanted {
        if count as usize != own {
            // The intervals hold for the model's own numbers: whoever asks for others wants another model.
            return Err(Error::ParametersUnsupported(format!("{count} {name}, where the model takes {own}")));
        }
    }
    let parameters = nets::Parameters { seed: parameters.seed, texture_percent: parameters.texture_percent };
    let output = model.run(input, &parameters, progress).map_err(|error| match error {
        nets::Error::Stopped => Error::Stopped,
        error => Error::Model(Box::new(error)),
    })?;
    let nets::Scores { domain, consistency, input, .. } = output.scores;
    let input = input.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    let scores = Scores { domain: Some(domain), consistency: Some(consistency), agreement: None, input };
    let suspects = Vec::new();
    Ok(Made { image: output.image, lower: output.lower, upper: output.upper, scores, suspects })
}
