//! What a CUDA device trains and runs is what the CPU does, to rounding. Only built with the feature `cuda`, and run by
//! `infra/check-cuda` where there is a device; the operations that it uses instead of our kernels are compared on the CPU
//! in every run of the tests.
#![cfg(feature = "cuda")]

use imaging::{Affine, Volume};
use nets::{
    Cold, Ensemble, Family, Model, Parameters, Processor,
    train::{Options, Recipe, Subject, run},
};
use std::{ops::ControlFlow, path::Path};

/// So few steps that rounding has not grown.
fn recipe() -> Recipe {
    toml::from_str(include_str!("recipe.toml")).expect("the recipe is whole")
}

/// A disc with a texture that stands for the noise of the full-dose scan.
fn subject() -> Subject {
    let data = (0..64 * 64 * 12_usize)
        .map(|i| {
            let (x, y) = ((i % 64) as f32 - 31.5, (i / 64 % 64) as f32 - 31.5);
            let texture = ((i * 7919) % 41) as f32 - 20.0;
            if x.hypot(y) < 28.0 { texture } else { -1000.0 + texture * 0.1 }
        })
        .collect();
    let volume = Volume::new(data, [64, 64, 12], Affine::from_spacing([3.0; 3])).expect("the grid is filled");
    Subject { name: "phantom".into(), volume }
}

fn trained(folder: &Path, recipe: &Recipe, processor: Processor) -> Vec<f32> {
    let directory = folder.join(format!("{processor:?}"));
    let options = Options { directory, cache: folder.join("cache"), processor, steps_max: None };
    let outcome = run(recipe, vec![subject()], &options, &mut |_| ()).unwrap();
    outcome.curve.iter().map(|(_, loss)| *loss).collect()
}

#[test]
fn a_step_on_a_cuda_device_is_a_step_on_the_cpu() {
    let mut ensemble = recipe();
    ensemble.family = Family::GuidedResidualEnsemble;
    ensemble.ensemble = Some(Ensemble { members: 2 });
    let mut cold = recipe();
    cold.family = Family::GuidedColdDiffusion;
    cold.cold = Some(Cold { steps: 4, samples: 3, noise: 1.0 });
    for recipe in [recipe(), ensemble, cold] {
        let folder = tempfile::tempdir().unwrap();
        let [cpu, cuda] =
            [Processor::Cpu, Processor::Cuda].map(|processor| trained(folder.path(), &recipe, processor));
        assert_eq!(cpu.len(), cuda.len());
        for (cpu, cuda) in cpu.iter().zip(&cuda) {
            assert!((cpu - cuda).abs() < 1e-3 * cpu.abs(), "{:?}: {cpu} and {cuda}", recipe.family);
        }
        let input = subject().volume;
        let image = |processor| {
            let model = Model::load_on(&folder.path().join("Cpu"), processor).unwrap();
            model.run(&input, &Parameters::default(), &mut |_| ControlFlow::Continue(())).unwrap().image
        };
        let (cpu, cuda) = (image(Processor::Cpu), image(Processor::Cuda));
        let off = cpu.data.iter().zip(&cuda.data).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(off < 0.1, "{:?}: {off} HU", recipe.family);
    }
}
