//! Training: a recipe and full-dose CTs in, weights out. It can be stopped at any time and goes on where it was.

mod adversary;
mod checkpoint;
mod data;
mod describe;
mod lesions;
mod loss;
mod optimiser;
mod patches;
mod recipe;
mod scans;

pub use data::{Subject, low_dose_noise};
pub use lesions::Lesions;
pub use recipe::{Adversarial, Calibration, Loss, Negative, Optimiser, Physics, Recipe, SubjectSource};

use crate::{
    ensemble::Ensemble,
    family::{Design, Network},
    model::Model,
    processor::Processor,
    unet::Weights,
};
use adversary::Adversary;
use candle_core::Tensor;
use checkpoint::{Learned, Position};
use data::Prepared;
use optimiser::{Parameter, Parameters};
use std::{
    fmt::Write as _,
    io,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};
use thiserror::Error;

/// How often a checkpoint is written.
const CHECKPOINT_EVERY: Duration = Duration::from_mins(5);
/// Steps between two entries of the loss curve.
const CURVE_EVERY: usize = 20;

/// What can go wrong in training.
#[derive(Debug, Error)]
pub enum Error {
    /// A file can't be read or written.
    #[error("can't access {path}")]
    Access {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A tensor operation failed.
    #[error("a tensor operation failed")]
    Tensor(#[from] candle_core::Error),
    /// The tensors of a file are broken.
    #[error("the tensors can't be read or written")]
    Tensors(#[source] safetensors::SafeTensorError),
    /// A checkpoint doesn't say where it was.
    #[error("the checkpoint doesn't say how far it has come")]
    Position(#[source] serde_json::Error),
    /// The checkpoint belongs to another recipe.
    #[error("the checkpoint in {0} was made under another recipe; remove it or restore the recipe")]
    OtherRecipe(PathBuf),
    /// No subject is left to train on.
    #[error("no subject is left to train on")]
    NoSubject,
    /// A volume has no soft tissue in which its noise could be measured.
    #[error("a volume has no flat soft tissue to measure its noise in")]
    NoTissue,
    /// The fold that calibrates a subject's intervals can't be used.
    #[error("there is no usable fold without {subject}: train it first, with --leave-out {subject}")]
    Fold {
        /// Who the fold leaves out.
        subject: String,
        /// Why.
        #[source]
        source: Box<crate::model::Error>,
    },
    /// A fold has seen the subject whose intervals it should calibrate.
    #[error("the fold without {0} was trained on {0}, or is another network")]
    OtherFold(String),
    /// The adversary's convolutions are our own, which the CPU alone has.
    #[error("an adversary is trained on the CPU only")]
    Processor,
    /// The model that is to be calibrated can't be used.
    #[error("the model can't be used")]
    Model(#[source] Box<crate::model::Error>),
    /// The model that is to be calibrated is of another recipe.
    #[error("the model in {0} has another network, or other subjects, than the recipe")]
    OtherModel(PathBuf),
    /// The adversary can't be made or asked.
    #[error("the adversary failed")]
    Adversary(#[from] crate::monai::Error),
    /// The recipe has parts of another family than its own; the text says which.
    #[error("the recipe isn't that of its family: {0}")]
    OtherFamily(String),
    /// The description can't be written as TOML.
    #[error("the description can't be written")]
    Description(#[source] toml::ser::Error),
    /// The loss isn't a number any more.
    #[error("the loss isn't finite at step {0}")]
    Diverged(usize),
}

/// Where training works, and for how long.
#[derive(Debug, Clone)]
pub struct Options {
    /// Folder for the checkpoint and the weights.
    pub directory: PathBuf,
    /// Folder for simulated noise, shared between runs.
    pub cache: PathBuf,
    /// Where the steps are made. Calibration runs on the CPU, whose results are those of every reading.
    pub processor: Processor,
    /// Stop after so many steps of the recipe, with a usable model and a checkpoint to go on from.
    pub steps_max: Option<usize>,
}

/// How far training has come.
#[derive(Debug, Clone, PartialEq)]
pub enum Progress {
    /// Low-dose noise of a subject is being simulated.
    Simulating {
        /// The subject.
        subject: String,
        /// Share done.
        share: f32,
    },
    /// Steps are being made.
    Training {
        /// Steps done.
        step: usize,
        /// Steps in all.
        steps: usize,
        /// Mean loss of the last steps.
        loss: f32,
        /// Estimated time left.
        seconds_left: f64,
    },
}

/// What training leaves.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// Steps made, over all sittings.
    pub steps: usize,
    /// Seconds spent on them.
    pub seconds: f64,
    /// (step, mean loss since the entry before).
    pub curve: Vec<(usize, f32)>,
}

/// Trains, or goes on training, under a recipe on the given subjects.
pub fn run(
    recipe: &Recipe,
    subjects: Vec<Subject>,
    options: &Options,
    progress: &mut dyn FnMut(Progress),
) -> Result<Outcome, Error> {
    if subjects.is_empty() {
        return Err(Error::NoSubject);
    }
    let design = recipe.design()?;
    let subjects = prepare(recipe, subjects, &options.cache, progress)?;
    // Before hours of training, not after them.
    let folds = describe::folds(recipe, &subjects, &options.directory)?;
    let device = options.processor.device()?;
    if recipe.adversarial.is_some() && !device.is_cpu() {
        return Err(Error::Processor);
    }
    let parameters = design
        .initial(recipe.seed)
        .into_iter()
        .map(|(name, (shape, values))| Ok((name, Parameter::new(&shape, values, &device)?)))
        .collect::<candle_core::Result<Parameters>>()?;
    let adversary = recipe.adversarial.as_ref().map(|settings| Adversary::new(recipe, settings));
    let mut learned = Learned { parameters, adversary: adversary.transpose()? };
    let path = options.directory.join("checkpoint.safetensors");
    let position = resume(recipe, &subjects, &path, &mut learned)?;
    let position = steps((recipe, &design), &subjects, &mut learned, position, options, progress)?;
    checkpoint::save(&path, &learned, &position)?;
    let Learned { parameters, .. } = learned;
    describe::publish((recipe, &design), (&subjects, &folds), &parameters, &position, &options.directory)?;
    Ok(Outcome { steps: position.step, seconds: position.seconds, curve: position.curve })
}

/// Calibrates the model in a folder anew without a step of training: its intervals, and what is usual for each score.
///
/// For folds that came later, or a program that looks at other things than the one that trained it.
///
/// # Errors
/// When the model in the folder isn't one of the recipe and the subjects.
pub fn calibrate(
    recipe: &Recipe,
    subjects: Vec<Subject>,
    options: &Options,
    progress: &mut dyn FnMut(Progress),
) -> Result<(), Error> {
    let design = recipe.design()?;
    let folder = &options.directory;
    let model = Model::load(folder).map_err(|source| Error::Model(Box::new(source)))?;
    let description = model.description();
    let of_model = description.design().map_err(|source| Error::Model(Box::new(source)))?;
    let same_subjects = description.training_subjects.iter().eq(subjects.iter().map(|subject| &subject.name));
    if of_model != design || !same_subjects {
        return Err(Error::OtherModel(folder.clone()));
    }
    let subjects = prepare(recipe, subjects, &options.cache, progress)?;
    let folds = describe::folds(recipe, &subjects, folder)?;
    let parameters = checkpoint::import(&folder.join("weights.safetensors"))?;
    let position = Position { step: description.training_steps, ..Position::default() };
    describe::publish((recipe, &design), (&subjects, &folds), &parameters, &position, folder)
}

fn prepare(
    recipe: &Recipe,
    subjects: Vec<Subject>,
    cache: &Path,
    progress: &mut dyn FnMut(Progress),
) -> Result<Vec<Prepared>, Error> {
    let mut simulating = |subject: &str, share| {
        progress(Progress::Simulating { subject: subject.to_owned(), share });
    };
    subjects.into_iter().map(|subject| data::prepare(recipe, subject, cache, &mut simulating)).collect()
}

/// Reads the checkpoint, if there is one of the same recipe and subjects.
fn resume(
    recipe: &Recipe,
    subjects: &[Prepared],
    path: &Path,
    learned: &mut Learned,
) -> Result<Position, Error> {
    let names: Vec<&str> = subjects.iter().map(|subject| subject.name.as_str()).collect();
    let slices: Vec<&[usize]> = subjects.iter().map(|subject| subject.training_slices.as_slice()).collect();
    let key = (&recipe.network, &recipe.loss, &recipe.optimiser, &recipe.physics, recipe.seed, names, slices);
    let mut key = serde_json::to_string(&key).map_err(Error::Position)?;
    if !recipe.family.is_default() {
        let family = serde_json::to_string(&(&recipe.family, &recipe.cold, &recipe.adversarial))
            .map_err(Error::Position)?;
        key.push_str(&family);
        if let Some(Ensemble { members }) = recipe.ensemble {
            let _ = write!(key, "{members} members");
        }
    }
    match checkpoint::load(path, &key, learned)? {
        Some(position) if position.recipe == key => Ok(position),
        Some(_) => Err(Error::OtherRecipe(path.to_owned())),
        None => Ok(Position { recipe: key, ..Position::default() }),
    }
}

/// Makes a step with a batch; gives the loss, without the adversary's part.
fn learn(
    recipe: &Recipe,
    network: &Network,
    learned: &mut Learned,
    (low, full): (&Tensor, &Tensor),
    step: usize,
) -> Result<f32, Error> {
    let (loss, against) = match network {
        Network::Heads(network) => {
            let heads = network.forward(low)?;
            let against = match &mut learned.adversary {
                Some(adversary) => adversary.against(low, (full, &heads.narrow(1, 1, 1)?), step)?,
                None => None,
            };
            (loss::loss(&heads, full, &recipe.loss)?, against)
        }
        Network::Ensemble(network) => {
            // Each member's loss counts as if it were alone.
            let loss = loss::loss(&network.of_shares(low)?, full, &recipe.loss)?;
            ((loss * network.members() as f64)?, None)
        }
        Network::Cold(network) => {
            let states = network.on_the_way(low, full, (recipe.seed, step))?;
            (loss::loss_of_image(&network.ends(&states)?, full, &recipe.loss)?, None)
        }
    };
    let value = loss.to_scalar::<f32>()? / recipe.ensemble.map_or(1.0, |of| of.members as f32);
    let loss = match against {
        Some(against) => (loss + against)?,
        None => loss,
    };
    if !loss.to_scalar::<f32>()?.is_finite() {
        return Err(Error::Diverged(step));
    }
    optimiser::update(&mut learned.parameters, &loss.backward()?, &recipe.optimiser, step)?;
    Ok(value)
}

fn steps(
    (recipe, design): (&Recipe, &Design),
    subjects: &[Prepared],
    learned: &mut Learned,
    mut position: Position,
    options: &Options,
    progress: &mut dyn FnMut(Progress),
) -> Result<Position, Error> {
    let weights: Weights =
        learned.parameters.iter().map(|(name, p)| (name.clone(), p.variable.as_tensor().clone())).collect();
    let network = design.build(&weights)?;
    // An ensemble's members have patches of their own.
    let mut settings = recipe.optimiser.clone();
    settings.batch *= recipe.ensemble.map_or(1, |ensemble| ensemble.members);
    let (mut begun, mut saved) = (Instant::now(), Instant::now());
    let (mut sum, mut count) = (0.0, 0_usize);
    let last = options.steps_max.map_or(settings.steps, |limit| limit.min(settings.steps));
    while position.step < last {
        let step = position.step;
        let (low, full) = patches::batch(subjects, &settings, recipe.network.slices, recipe.seed, step)?;
        let (low, full) = (low.to_device(network.device())?, full.to_device(network.device())?);
        let value = learn(recipe, &network, learned, (&low, &full), step)?;
        position.step += 1;
        position.seconds += begun.elapsed().as_secs_f64();
        begun = Instant::now();
        (sum, count) = (sum + value, count + 1);
        if position.step.is_multiple_of(CURVE_EVERY) || position.step == last {
            let loss = sum / count as f32;
            position.curve.push((position.step, loss));
            (sum, count) = (0.0, 0);
            let seconds_left = position.seconds / position.step as f64 * (last - position.step) as f64;
            progress(Progress::Training { step: position.step, steps: last, loss, seconds_left });
        }
        if saved.elapsed() >= CHECKPOINT_EVERY {
            saved = Instant::now();
            checkpoint::save(&options.directory.join("checkpoint.safetensors"), learned, &position)?;
        }
    }
    Ok(position)
}
