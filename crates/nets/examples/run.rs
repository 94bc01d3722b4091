#![allow(missing_docs, clippy::all, clippy::pedantic)]
use evaluation::denoise::{Denoiser, Estimate, Subject as Case, run as evaluate};
use imaging::Volume;
use nets::{
    Model, Parameters,
    train::{Options, Progress, Recipe, Subject, low_dose_noise, run},
};
use std::{ops::ControlFlow, path::PathBuf};
struct A(Model);
impl Denoiser for A {
    fn denoise(&self, v: &Volume) -> Result<Estimate, Box<dyn std::error::Error + Send + Sync>> {
        let o = self.0.run(v, &Parameters::default(), &mut |_| ControlFlow::Continue(()))?;
        Ok(Estimate {
            image: o.image,
            lower: o.lower,
            upper: o.upper,
            domain: o.scores.domain,
            consistency: o.scores.consistency,
        })
    }
}
fn main() {
    let args: Vec<String> = std::env::args().collect();
    let recipe: Recipe = toml::from_str(&std::fs::read_to_string(&args[2]).unwrap()).unwrap();
    let data = PathBuf::from(&args[3]);
    let directory = PathBuf::from(&args[4]);
    if args[1] == "train" {
        let recipe = if let Some(s) = args.get(5) { recipe.fold_without(s).unwrap() } else { recipe };
        let subjects = recipe
            .subjects
            .iter()
            .map(|s| Subject { name: s.name.clone(), volume: volume_io::read(&data.join(&s.file)).unwrap() })
            .collect();
        let options = Options { directory, cache: data.join("noise"), steps_max: None };
        run(&recipe, subjects, &options, &mut |p| {
            if let Progress::Training { step, loss, .. } = p {
                println!("{step} {loss}")
            }
        })
        .unwrap();
        return;
    }
    let model = A(Model::load(&directory).unwrap());
    let source = recipe.subjects.iter().find(|s| s.name == args[5]).unwrap();
    let full = volume_io::read(&data.join(&source.file)).unwrap();
    let noise = low_dose_noise(&recipe, &full, &data.join("noise"), |_| ()).unwrap();
    let lesion = source.lesion.as_ref().map(|l| volume_io::read(&data.join(l)).unwrap());
    let [a, b] = source.evaluated_slices;
    let r: Vec<_> = recipe
        .physics
        .doses
        .iter()
        .enumerate()
        .map(|(i, &f)| {
            evaluate(
                &Case { full_dose: &full, lesion: lesion.as_ref(), slices: a..b },
                f,
                &noise[i * recipe.physics.realisations],
                &model,
            )
            .unwrap()
        })
        .collect();
    std::fs::write(&args[6], serde_json::to_string_pretty(&r).unwrap()).unwrap();
}
