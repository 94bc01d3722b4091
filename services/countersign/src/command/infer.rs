//! `countersign infer`

use super::{bar, series};
use crate::cli::Infer;
use anyhow::Context as _;
use serde_json::{Value, json};
use std::ops::ControlFlow;
use std::process::ExitCode;
use std::time::Instant;

/// Runs a model without the platform.
pub(crate) fn run(command: &Infer) -> anyhow::Result<ExitCode> {
    let model = nets::Model::load_on(&command.model, command.processor.into())?;
    let input = series(&command.input)?;
    std::fs::create_dir_all(&command.out)
        .with_context(|| format!("folder {} can't be made", command.out.display()))?;
    let progress = bar(1000);
    progress.set_message(model.description().name.clone());
    let started = Instant::now();
    let parameters = nets::Parameters { seed: 0, texture_percent: command.texture };
    let output = model.run(&input, &parameters, &mut |share| {
        progress.set_position((share * 1000.0) as u64);
        ControlFlow::Continue(())
    })?;
    progress.finish_and_clear();
    // Beside the scores, which are the same each time.
    let seconds = started.elapsed().as_secs_f64() / input.dims[2].max(1) as f64;
    eprintln!("{} slices, {seconds:.4} s per slice", input.dims[2]);
    for (name, volume) in [("image", &output.image), ("lower", &output.lower), ("upper", &output.upper)] {
        volume_io::nifti::write(&command.out.join(format!("{name}.nii.gz")), volume)?;
    }
    let description = model.description();
    let scores = json!({
        "model": description.name,
        "version": description.version,
        "weights_sha256": description.weights_sha256,
        "unit": description.unit,
        "texture_percent": command.texture,
        "domain": output.scores.domain,
        "consistency": output.scores.consistency,
        "agreement": output.scores.agreement,
        "suspects": output.suspects.iter().map(suspect).collect::<Vec<_>>(),
    });
    let path = command.out.join("scores.json");
    std::fs::write(&path, format!("{scores:#}\n"))
        .with_context(|| format!("{} can't be written", path.display()))?;
    println!("{scores:#}");
    Ok(ExitCode::SUCCESS)
}

/// A place that a reader should look at, in patient coordinates.
fn suspect(suspect: &nets::Suspect) -> Value {
    json!({
        "kind": match suspect.kind {
            nets::SuspectKind::Structure => "structure",
            nets::SuspectKind::Disagreement => "disagreement",
        },
        "centre_mm": suspect.centre_mm,
        "diameter_mm": suspect.diameter_mm,
        "slices": suspect.slices,
    })
}
