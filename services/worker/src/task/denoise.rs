//! Noise reduction by a model of `nets`.

use super::{Made, Progress};
use crate::Error;
use contract::job::{Parameters, Scores, Suspect, SuspectKind};
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
    let nets::Output { image, lower, upper, scores, suspects } = output;
    let nets::Scores { domain, consistency, agreement, input } = scores;
    let input = input.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    let scores = Scores { domain: Some(domain), consistency: Some(consistency), agreement, input };
    Ok(Made { image, lower, upper, scores, suspects: suspects.iter().map(suspect).collect() })
}

fn suspect(found: &nets::Suspect) -> Suspect {
    let nets::Suspect { kind, centre_mm, diameter_mm, slices: (first, last) } = *found;
    let kind = match kind {
        nets::SuspectKind::Structure => SuspectKind::Structure,
        nets::SuspectKind::Disagreement => SuspectKind::Disagreement,
    };
    Suspect { kind, centre_mm, diameter_mm, slices: (first as u32, last as u32) }
}
