//! Training from a recipe to a model that runs, on a phantom.

use imaging::{Affine, Volume};
use nets::{
    Cold, Ensemble, Family, Model, Parameters, Processor,
    train::{Adversarial, Error, Options, Progress, Recipe, Subject, calibrate, run},
};
use std::{ops::ControlFlow, path::Path};

fn recipe() -> Recipe {
    toml::from_str(include_str!("recipe.toml")).expect("the recipe is whole")
}

/// The same by cold diffusion.
fn cold() -> Recipe {
    let mut recipe = recipe();
    recipe.family = Family::GuidedColdDiffusion;
    recipe.cold = Some(Cold { steps: 4, samples: 3, noise: 1.0 });
    recipe
}

/// The same by three regressors.
fn ensemble() -> Recipe {
    let mut recipe = recipe();
    recipe.family = Family::GuidedResidualEnsemble;
    recipe.ensemble = Some(Ensemble { members: 3 });
    recipe
}

/// The same with an adversary from the fifth step on.
fn adversarial() -> Recipe {
    let mut recipe = recipe();
    recipe.family = Family::GuidedResidualGan;
    recipe.adversarial =
        Some(Adversarial { weight: 0.01, begin: 4, channels: 4, layers: 2, learning_rate: 2e-3 });
    recipe
}

/// A disc with a texture that stands for the noise of the full-dose scan.
fn subject() -> Subject {
    let data = (0..64 * 64 * 20_usize)
        .map(|i| {
            let (x, y) = ((i % 64) as f32 - 31.5, (i / 64 % 64) as f32 - 31.5);
            let texture = ((i * 7919) % 41) as f32 - 20.0;
            if x.hypot(y) < 28.0 { texture } else { -1000.0 + texture * 0.1 }
        })
        .collect();
    let volume = Volume::new(data, [64, 64, 20], Affine::from_spacing([3.0; 3])).expect("the grid is filled");
    Subject { name: "phantom".into(), volume }
}

fn options(folder: &Path, directory: &str) -> Options {
    let (directory, cache) = (folder.join(directory), folder.join("cache"));
    Options { directory, cache, processor: Processor::Cpu, steps_max: None }
}

fn train(folder: &Path, recipe: &Recipe, steps_max: Option<usize>) -> Result<Vec<usize>, Error> {
    let options = Options { steps_max, ..options(folder, "run") };
    let mut steps = Vec::new();
    run(recipe, vec![subject()], &options, &mut |progress| {
        if let Progress::Training { step, .. } = progress {
            steps.push(step);
        }
    })?;
    Ok(steps)
}

#[test]
fn training_that_was_interrupted_ends_with_the_weights_of_one_that_was_not() {
    let (once, twice) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    train(once.path(), &recipe(), None).unwrap();
    assert_eq!(train(twice.path(), &recipe(), Some(5)).unwrap(), [5]);
    assert_eq!(train(twice.path(), &recipe(), None).unwrap(), [12]);
    let weights = |folder: &Path| std::fs::read(folder.join("run/weights.safetensors")).unwrap();
    assert_eq!(weights(once.path()), weights(twice.path()));
}

#[test]
fn a_trained_model_loads_and_knows_its_own_kind_of_input() {
    let folder = tempfile::tempdir().unwrap();
    train(folder.path(), &recipe(), None).unwrap();
    let model = Model::load(&folder.path().join("run")).unwrap();
    assert_eq!(model.description().training_steps, 12);
    assert_eq!(model.description().calibration.subjects, ["phantom"]);
    let input = subject().volume.crop([0, 0, 0], [64, 64, 4]).unwrap();
    let output = model.run(&input, &Parameters::default(), &mut |_| ControlFlow::Continue(())).unwrap();
    assert!(output.scores.domain > 0.05, "{:?}", output.scores);
    assert!(output.scores.consistency > 0.0 && output.scores.consistency <= 1.0);
}

#[test]
fn intervals_are_calibrated_by_the_fold_that_never_saw_the_subject() {
    let folder = tempfile::tempdir().unwrap();
    let mut whole = recipe();
    whole.calibration.folds = Some("folds".into());
    assert!(
        matches!(train(folder.path(), &whole, None), Err(Error::Fold { subject, .. }) if subject == "phantom")
    );
    let stranger = Subject { name: "stranger".into(), ..subject() };
    run(&recipe(), vec![stranger], &options(folder.path(), "run/folds/phantom"), &mut |_| ()).unwrap();
    train(folder.path(), &whole, None).unwrap();
    let calibration = Model::load(&folder.path().join("run")).unwrap().description().calibration.clone();
    assert!(calibration.across_subjects);
    assert_eq!(
        (calibration.subjects.as_slice(), calibration.slices),
        (["phantom".to_owned()].as_slice(), 20)
    );
}

#[test]
fn calibration_looks_under_smoother_kernels_too() {
    let folder = tempfile::tempdir().unwrap();
    let mut smoother = recipe();
    smoother.calibration.smoothings = vec![1.0];
    let calibration = |recipe: &Recipe, run: &str| {
        self::run(recipe, vec![subject()], &options(folder.path(), run), &mut |_| ()).unwrap();
        Model::load(&folder.path().join(run)).unwrap().description().calibration.clone()
    };
    let (own, both) = (calibration(&recipe(), "own"), calibration(&smoother, "both"));
    assert!(own.correlations.is_empty() && both.slices > own.slices, "{both:?}");
    let [scanned, smooth] = both.correlations[..] else { panic!("{both:?}") };
    assert!(scanned + 0.3 < smooth, "{both:?}");
    // What was calibrated before stays as it was.
    let bins = own.factors.len();
    assert_eq!((&both.widths[..bins], &both.factors[..bins]), (&own.widths[..], &own.factors[..]));
}

#[test]
fn a_model_is_calibrated_anew_by_other_folds_with_the_weights_that_it_has() {
    let folder = tempfile::tempdir().unwrap();
    let mut whole = recipe();
    whole.calibration.folds = Some("folds".into());
    let stranger = || Subject { name: "stranger".into(), ..subject() };
    let fold = |recipe: &Recipe| {
        let options = options(folder.path(), "run/folds/phantom");
        let _ = std::fs::remove_dir_all(&options.directory);
        run(recipe, vec![stranger()], &options, &mut |_| ()).unwrap();
    };
    fold(&recipe());
    train(folder.path(), &whole, None).unwrap();
    let options = options(folder.path(), "run");
    let description = || Model::load(&options.directory).unwrap().description().clone();
    let anew = || calibrate(&whole, vec![subject()], &options, &mut |_| ());
    let before = description();
    anew().unwrap();
    assert_eq!(description(), before);
    let mut longer = recipe();
    longer.optimiser.steps = 40;
    fold(&longer);
    anew().unwrap();
    let after = description();
    assert_eq!((&after.weights_sha256, after.training_steps), (&before.weights_sha256, 12));
    assert_ne!(after.calibration, before.calibration);
    assert!(matches!(calibrate(&whole, vec![stranger()], &options, &mut |_| ()), Err(Error::OtherModel(_))));
}

#[test]
fn a_fold_that_was_trained_on_the_subject_calibrates_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut whole = recipe();
    whole.calibration.folds = Some("folds".into());
    run(&recipe(), vec![subject()], &options(folder.path(), "run/folds/phantom"), &mut |_| ()).unwrap();
    assert!(matches!(train(folder.path(), &whole, None), Err(Error::OtherFold(name)) if name == "phantom"));
}

#[test]
fn a_fold_leaves_out_the_subject_that_it_is_measured_on() {
    let fold = recipe().fold_without("phantom").unwrap();
    assert!(fold.subjects.is_empty());
    assert_eq!(fold.optimiser.steps, 3);
    assert_eq!(recipe().fold_without("somebody else"), None);
}

#[test]
fn another_recipe_does_not_go_on_from_this_ones_checkpoint() {
    let folder = tempfile::tempdir().unwrap();
    train(folder.path(), &recipe(), Some(2)).unwrap();
    let mut other = recipe();
    other.optimiser.learning_rate = 1e-3;
    assert!(matches!(train(folder.path(), &other, None), Err(Error::OtherRecipe(_))));
}

#[test]
fn a_checkpoint_of_quantile_heads_is_known_by_what_it_always_was() {
    let folder = tempfile::tempdir().unwrap();
    train(folder.path(), &recipe(), Some(1)).unwrap();
    let bytes = std::fs::read(folder.path().join("run/checkpoint.safetensors")).unwrap();
    let (_, metadata) = safetensors::SafeTensors::read_metadata(&bytes).unwrap();
    let header = metadata.metadata().as_ref().unwrap()["position"].clone();
    let position: serde_json::Value = serde_json::from_str(&header).unwrap();
    let key = position["recipe"].as_str().unwrap();
    assert!(
        key.starts_with(r#"[{"slices":3,"channels":[6,6,6],"blocks":[1,1,1,1,1]},{"gradient":0.05,"#),
        "{key}"
    );
    assert!(key.ends_with("[0,1,2,3,4,15,16,17,18,19]]]") && !key.contains("family"), "{key}");
    let written = toml::to_string(&recipe()).unwrap();
    assert!(!written.contains("family") && !written.contains("cold"));
}

#[test]
fn cold_diffusion_learns() {
    let folder = tempfile::tempdir().unwrap();
    let mut recipe = cold();
    recipe.optimiser.steps = 160;
    recipe.optimiser.batch = 4;
    let outcome = run(&recipe, vec![subject()], &options(folder.path(), "run"), &mut |_| ()).unwrap();
    let losses: Vec<f32> = outcome.curve.iter().map(|(_, loss)| *loss).collect();
    println!("{losses:?}");
    assert!(losses[losses.len() - 1] < 0.9 * losses[0], "{losses:?}");
}

#[test]
fn cold_diffusion_that_was_interrupted_ends_with_the_weights_of_one_that_was_not() {
    let (once, twice) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    train(once.path(), &cold(), None).unwrap();
    train(twice.path(), &cold(), Some(5)).unwrap();
    train(twice.path(), &cold(), None).unwrap();
    let weights = |folder: &Path| std::fs::read(folder.join("run/weights.safetensors")).unwrap();
    assert_eq!(weights(once.path()), weights(twice.path()));
    let mut other = cold();
    other.cold = Some(Cold { steps: 5, samples: 3, noise: 1.0 });
    for other in [other, recipe(), adversarial()] {
        assert!(matches!(train(twice.path(), &other, None), Err(Error::OtherRecipe(_))));
    }
}

#[test]
fn a_model_of_cold_diffusion_gives_its_image_within_an_interval_by_the_seed() {
    let folder = tempfile::tempdir().unwrap();
    train(folder.path(), &cold(), None).unwrap();
    let model = Model::load(&folder.path().join("run")).unwrap();
    assert_eq!(model.description().family, "guided-cold-diffusion");
    assert_eq!(model.description().calibration.subjects, ["phantom"]);
    let input = subject().volume.crop([0, 0, 0], [61, 64, 3]).unwrap();
    let with = |seed| {
        let parameters = Parameters { seed, ..Parameters::default() };
        model.run(&input, &parameters, &mut |_| ControlFlow::Continue(())).unwrap()
    };
    let (output, again, other) = (with(1), with(1), with(2));
    assert_eq!(output.image.dims, input.dims);
    for index in 0..input.data.len() {
        let (low, value, high) =
            (output.lower.data[index], output.image.data[index], output.upper.data[index]);
        assert!(low < high && low <= value && value <= high, "{index}: {low} {value} {high}");
    }
    assert_eq!(output, again);
    assert_ne!(output.image, other.image);
}

#[test]
fn a_description_with_the_parts_of_another_family_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    train(folder.path(), &cold(), None).unwrap();
    let path = folder.path().join("run/model.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replace("guided-cold-diffusion", "guided-residual-unet")).unwrap();
    assert!(matches!(Model::load(&folder.path().join("run")), Err(nets::Error::OtherFamily(_))));
    std::fs::write(&path, text.replace("guided-cold-diffusion", "unguided")).unwrap();
    assert!(matches!(Model::load(&folder.path().join("run")), Err(nets::Error::UnknownFamily(_))));
    let mut broken = cold();
    broken.cold = None;
    assert!(matches!(train(folder.path(), &broken, None), Err(Error::OtherFamily(_))));
}

#[test]
fn a_generator_with_an_adversary_learns() {
    let folder = tempfile::tempdir().unwrap();
    let mut recipe = adversarial();
    recipe.optimiser.steps = 160;
    recipe.optimiser.batch = 4;
    let outcome = run(&recipe, vec![subject()], &options(folder.path(), "run"), &mut |_| ()).unwrap();
    let losses: Vec<f32> = outcome.curve.iter().map(|(_, loss)| *loss).collect();
    println!("{losses:?}");
    assert!(losses[losses.len() - 1] < 0.9 * losses[0], "{losses:?}");
}

#[test]
fn adversarial_training_that_was_interrupted_ends_with_the_weights_of_one_that_was_not() {
    let (once, twice) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    train(once.path(), &adversarial(), None).unwrap();
    train(twice.path(), &adversarial(), Some(7)).unwrap();
    train(twice.path(), &adversarial(), None).unwrap();
    let file = |folder: &Path, name: &str| std::fs::read(folder.join("run").join(name)).unwrap();
    assert_eq!(file(once.path(), "weights.safetensors"), file(twice.path(), "weights.safetensors"));
    // The discriminator, its optimiser and its directions too: only the seconds differ.
    let tensors = |folder: &Path| {
        let bytes = file(folder, "checkpoint.safetensors");
        let (header, _) = safetensors::SafeTensors::read_metadata(&bytes).unwrap();
        bytes[header + 8..].to_vec()
    };
    assert_eq!(tensors(once.path()), tensors(twice.path()));
}

#[test]
fn a_model_that_an_adversary_taught_gives_another_image_within_its_interval() {
    let (plain, taught) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    train(plain.path(), &recipe(), None).unwrap();
    train(taught.path(), &adversarial(), None).unwrap();
    let input = subject().volume.crop([0, 0, 0], [64, 64, 3]).unwrap();
    let image = |folder: &Path, family: &str| {
        let model = Model::load(&folder.join("run")).unwrap();
        assert_eq!(model.description().family, family);
        let output = model.run(&input, &Parameters::default(), &mut |_| ControlFlow::Continue(())).unwrap();
        for index in 0..input.data.len() {
            let (low, value) = (output.lower.data[index], output.image.data[index]);
            assert!(low <= value && value <= output.upper.data[index], "{index}");
        }
        output.image
    };
    assert_ne!(image(plain.path(), "guided-residual-unet"), image(taught.path(), "guided-residual-gan"));
    let mut broken = adversarial();
    broken.adversarial = None;
    assert!(matches!(train(taught.path(), &broken, None), Err(Error::OtherFamily(_))));
}

#[test]
fn an_ensemble_that_was_interrupted_ends_with_the_weights_of_one_that_was_not() {
    let (once, twice) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    train(once.path(), &ensemble(), None).unwrap();
    train(twice.path(), &ensemble(), Some(5)).unwrap();
    train(twice.path(), &ensemble(), None).unwrap();
    let weights = |folder: &Path| std::fs::read(folder.join("run/weights.safetensors")).unwrap();
    assert_eq!(weights(once.path()), weights(twice.path()));
    let mut other = ensemble();
    other.ensemble = Some(Ensemble { members: 2 });
    for other in [other, recipe()] {
        assert!(matches!(train(twice.path(), &other, None), Err(Error::OtherRecipe(_))));
    }
}

#[test]
fn models_that_draw_several_images_say_how_far_they_agree_and_others_do_not() {
    let input = subject().volume.crop([0, 0, 0], [64, 64, 3]).unwrap();
    let scored = |recipe: &Recipe| {
        let folder = tempfile::tempdir().unwrap();
        train(folder.path(), recipe, None).unwrap();
        let model = Model::load(&folder.path().join("run")).unwrap();
        let output = model.run(&input, &Parameters::default(), &mut |_| ControlFlow::Continue(())).unwrap();
        for index in 0..input.data.len() {
            let (low, value) = (output.lower.data[index], output.image.data[index]);
            assert!(low <= value && value <= output.upper.data[index], "{index}");
        }
        (model.description().sampling().samples, output.scores.agreement)
    };
    for drawing in [ensemble(), cold()] {
        let (samples, agreement) = scored(&drawing);
        assert_eq!(samples, 3);
        // The phantom is like what the model was calibrated on.
        assert!(agreement.is_some_and(|agreement| agreement > 0.1 && agreement <= 1.0), "{agreement:?}");
    }
    assert_eq!(scored(&recipe()), (1, None));
}
