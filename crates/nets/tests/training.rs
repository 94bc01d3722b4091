//! Training from a recipe to a model that runs, on a phantom.

use imaging::{Affine, Volume};
use nets::{
    Model, Parameters,
    train::{Error, Options, Progress, Recipe, Subject, run},
};
use std::{ops::ControlFlow, path::Path};

const RECIPE: &str = r#"
name = "tiny"
version = "0.0.1"
seed = 7
fold_steps = 3
intended_use = "tests"
limits = []

[[subjects]]
name = "phantom"
file = "none"
evaluated_slices = [0, 20]
description = "a disc of water"

[physics]
doses = [0.25]
realisations = 1
views = 60

[network]
slices = 3
channels = [6, 6, 6]
blocks = [1, 1, 1, 1, 1]

[loss]
gradient = 0.05
local_mean = 0.5

[optimiser]
steps = 12
batch = 2
patch = 16
learning_rate = 2e-3
warm_up = 4
weight_decay = 1e-4
clip = 1.0
average = 0.999
noise_scale = [0.5, 1.3]
zooms = [1.0, 0.9]
kernels = [-0.5, 0.0]
noise_reshaped = 0.5
noise_misjudged = 0.05

[calibration]
slab = 0.4
miss_rate = 0.2
width_bins = 2
"#;

fn recipe() -> Recipe {
    toml::from_str(RECIPE).expect("the recipe is whole")
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

fn train(folder: &Path, recipe: &Recipe, steps_max: Option<usize>) -> Result<Vec<usize>, Error> {
    let options = Options { directory: folder.join("run"), cache: folder.join("cache"), steps_max };
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
    let fold = folder.path().join("run/folds/phantom");
    let stranger = Subject { name: "stranger".into(), ..subject() };
    let options = Options { directory: fold, cache: folder.path().join("cache"), steps_max: None };
    run(&recipe(), vec![stranger], &options, &mut |_| ()).unwrap();
    train(folder.path(), &whole, None).unwrap();
    let calibration = Model::load(&folder.path().join("run")).unwrap().description().calibration.clone();
    assert!(calibration.across_subjects);
    assert_eq!(
        (calibration.subjects.as_slice(), calibration.slices),
        (["phantom".to_owned()].as_slice(), 20)
    );
}

#[test]
fn a_fold_that_was_trained_on_the_subject_calibrates_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut whole = recipe();
    whole.calibration.folds = Some("folds".into());
    let directory = folder.path().join("run/folds/phantom");
    let options = Options { directory, cache: folder.path().join("cache"), steps_max: None };
    run(&recipe(), vec![subject()], &options, &mut |_| ()).unwrap();
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
