//! A trained model, loaded from its folder and run on volumes.

use crate::{
    checks::Checks,
    clusters::Suspect,
    description::Description,
    family::Network,
    guide::{Guide, REACH},
    hex,
    predict::{Anchor, quantiles},
    processor::Processor,
    unet::Weights,
};
use candle_core::{Device, Tensor};
use imaging::Volume;
use rayon::prelude::*;
use safetensors::SafeTensors;
use sha2::{Digest, Sha256};
use std::{
    fs, io,
    ops::ControlFlow,
    path::{Path, PathBuf},
};
use thiserror::Error;

/// Values beyond these can't be HU.
const HU_RANGE: std::ops::RangeInclusive<f32> = -10_000.0..=70_000.0;
/// Air in HU.
const AIR_HU: f32 = -1000.0;
/// Below this nothing was measured: noise around air doesn't reach so far, and scanners write −2000 and less for padding.
const MEASURED_MIN: f32 = -1500.0;
/// Pixels along a side from which on some are further from every border than the features reach.
const SIDE_MIN: usize = 2 * REACH + 1;
/// Pixels that a thread takes at once.
const PIXELS_AT_ONCE: usize = 4096;
/// A CT holds at least this share of voxels of air, lung or padding.
const AIR_SHARE_MIN: f64 = 0.002;

/// What can go wrong with a model.
#[derive(Debug, Error)]
pub enum Error {
    /// A file of the model can't be read.
    #[error("can't read {path}")]
    Access {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// `model.toml` isn't a description of a model.
    #[error("model.toml doesn't describe a model")]
    Description(#[source] Box<toml::de::Error>),
    /// The weights aren't those that `model.toml` names.
    #[error("the weights have SHA-256 {found}, model.toml names {named}")]
    OtherWeights {
        /// Digest that `model.toml` names.
        named: String,
        /// Digest of the file.
        found: String,
    },
    /// The weights' file is broken.
    #[error("the weights can't be read")]
    Tensors(#[source] safetensors::SafeTensorError),
    /// The family of the model isn't known here.
    #[error("unknown family {0}")]
    UnknownFamily(String),
    /// The description has parts of another family than its own; the text says which.
    #[error("model.toml isn't that of its family: {0}")]
    OtherFamily(String),
    /// The input is nothing that the model takes; the text says why.
    #[error("the input is not suitable: {0}")]
    Unsuitable(String),
    /// The caller wanted no more.
    #[error("stopped")]
    Stopped,
    /// A tensor operation failed.
    #[error("a tensor operation failed")]
    Tensor(#[from] candle_core::Error),
    /// The result has a value that isn't finite.
    #[error("the result isn't finite in slice {0}")]
    NotFinite(usize),
}

/// How a model is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Parameters {
    /// Seed of random draws. Quantile heads draw nothing: their result is the same under every seed. Cold diffusion
    /// draws its samples.
    pub seed: u64,
    /// Percent, 0 to 100, of what the model takes away that is given back to the image, as texture. The interval is the
    /// same whatever it is, only stretched to the image where that would lie outside: it's for the reference's value,
    /// which doesn't depend on what is displayed, so it holds no fewer of them.
    pub texture_percent: u8,
}

/// Scores of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Scores {
    /// Conformal p-value of the input under the model's reference slices, 0 to 1; small means out of domain.
    pub domain: f64,
    /// Image-domain consistency under a simulated forward model, 0 to 1; small means that structure was added or
    /// removed.
    pub consistency: f64,
    /// How usual the spread of the images that the model draws is, 0 to 1; small means that they disagree. `None` for a
    /// model that gives one image.
    pub agreement: Option<f64>,
    /// What the input looks like, by name: noise of flat tissue in HU and the shares of each tissue; empty where nothing
    /// can be judged.
    pub input: Vec<(&'static str, f64)>,
}

/// What a run gives; all volumes on the input's grid, in its unit, lower ≤ image ≤ upper everywhere.
#[derive(Debug, Clone, PartialEq)]
pub struct Output {
    /// The model's image.
    pub image: Volume,
    /// Lower end of the interval.
    pub lower: Volume,
    /// Upper end of the interval.
    pub upper: Volume,
    /// Scores.
    pub scores: Scores,
    /// Places that a reader should look at, the least usual first; hardly ever any.
    pub suspects: Vec<Suspect>,
}

/// A model, ready to run.
#[derive(Debug)]
pub struct Model {
    description: Description,
    network: Network,
}

impl Model {
    /// Loads `model.toml` and `weights.safetensors` from a folder, to run on the CPU.
    ///
    /// # Errors
    /// When a file is missing or broken, or the weights aren't those that the description names.
    pub fn load(folder: &Path) -> Result<Self, Error> {
        Self::load_on(folder, Processor::Cpu)
    }

    /// The same, to run on a processor. Its results aren't those of the CPU by the bit.
    ///
    /// # Errors
    /// When there is no such processor, too.
    pub fn load_on(folder: &Path, processor: Processor) -> Result<Self, Error> {
        let description = Description::load(folder)?;
        let path = folder.join("weights.safetensors");
        let bytes = fs::read(&path).map_err(|source| Error::Access { path, source })?;
        let found = hex(&Sha256::digest(&bytes));
        if found != description.weights_sha256 {
            return Err(Error::OtherWeights { named: description.weights_sha256, found });
        }
        let network = network_from_bytes(&description, &bytes, &processor.device()?)?;
        Ok(Self { description, network })
    }

    /// Gives what the model says of itself.
    pub fn description(&self) -> &Description {
        &self.description
    }

    /// Runs the model, a slice at a time.
    ///
    /// Padding (below −1500 HU) is taken for air, and stands in the result as it stood in the input.
    ///
    /// The same input gives the same bytes on the same kind of processor, whatever the number of threads.
    ///
    /// # Errors
    /// [`Error::Unsuitable`] when the input isn't in HU or too small; [`Error::Stopped`] when `progress` says so.
    pub fn run(
        &self,
        input: &Volume,
        parameters: &Parameters,
        progress: &mut dyn FnMut(f32) -> ControlFlow<()>,
    ) -> Result<Output, Error> {
        refuse_too_small(input, self.description.slices_min)?;
        refuse_other_than_hounsfield(input)?;
        if parameters.texture_percent > 100 {
            let why = format!("{} % of the texture can't be kept", parameters.texture_percent);
            return Err(Error::Unsuitable(why));
        }
        let kept = f32::from(parameters.texture_percent) / 100.0;
        let scan = without_padding(input);
        let (mut image, mut lower, mut upper) = (input.clone(), input.clone(), input.clone());
        let mut checks = Checks::new(&self.description);
        let depth = input.dims[2];
        let (slices, anchor) = (self.description.architecture.slices, self.description.anchor);
        let mut guide = Guide::new(&scan);
        for z in 0..depth {
            let result = quantiles(&self.network, (slices, anchor), &mut guide, (z, parameters.seed))?;
            let calibration = self.description.calibration.of_slice(guide.noise(z));
            let heads = result.lower.par_iter().zip(&result.middle).zip(&result.upper);
            let intervals: Vec<(f32, f32)> = heads
                .with_min_len(PIXELS_AT_ONCE)
                .map(|((&lower, &middle), &upper)| calibration.interval((lower, middle, upper)))
                .collect();
            for (index, (&middle, (low, high))) in result.middle.iter().zip(intervals).enumerate() {
                if !(low.is_finite() && middle.is_finite() && high.is_finite()) {
                    return Err(Error::NotFinite(z));
                }
                let shown = middle + kept * (scan.slice(z)[index] - middle);
                image.slice_mut(z)[index] = shown;
                lower.slice_mut(z)[index] = low.min(shown);
                upper.slice_mut(z)[index] = high.max(shown);
            }
            checks.look(z, (scan.slice(z), image.slice(z)), result, input.dims[0]);
            for volume in [&mut image, &mut lower, &mut upper] {
                put_padding_back(input.slice(z), volume.slice_mut(z));
            }
            if progress((z + 1) as f32 / depth as f32).is_break() {
                return Err(Error::Stopped);
            }
        }
        let (scores, suspects) = checks.end(&scan);
        Ok(Output { image, lower, upper, scores, suspects })
    }

    /// Gives the same model with another anchor, or none, as a trial: its intervals are those of its own.
    #[must_use]
    pub fn with_anchor(mut self, anchor: Option<Anchor>) -> Self {
        self.description.anchor = anchor;
        self
    }

    /// Gives the network alone.
    pub(crate) fn into_network(self) -> Network {
        self.network
    }
}

/// Builds the network over weights that don't train.
pub(crate) fn network_from_bytes(
    description: &Description,
    bytes: &[u8],
    device: &Device,
) -> Result<Network, Error> {
    let design = description.design()?;
    let tensors = SafeTensors::deserialize(bytes).map_err(Error::Tensors)?;
    let weights: Weights = tensors
        .iter()
        .map(|(name, view)| {
            let values: Vec<f32> =
                view.data().as_chunks::<4>().0.iter().map(|b| f32::from_le_bytes(*b)).collect();
            Ok((name.to_owned(), Tensor::from_vec(values, view.shape(), device)?))
        })
        .collect::<candle_core::Result<_>>()?;
    Ok(design.build(&weights)?)
}

/// Gives the scan with air where nothing was measured, so that an edge to −2000 is none to the model.
fn without_padding(input: &Volume) -> Volume {
    let mut scan = input.clone();
    scan.data.iter_mut().filter(|hu| **hu < MEASURED_MIN).for_each(|hu| *hu = AIR_HU);
    scan
}

/// Where nothing was measured the result is what the input says.
fn put_padding_back(input: &[f32], result: &mut [f32]) {
    let padding = input.iter().zip(result).filter(|(input, _)| **input < MEASURED_MIN);
    padding.for_each(|(input, result)| *result = *input);
}

fn refuse_too_small(input: &Volume, slices_min: usize) -> Result<(), Error> {
    let [columns, rows, slices] = input.dims;
    if slices < slices_min {
        let why = format!("it has {slices} slices, and the model needs at least {slices_min}");
        return Err(Error::Unsuitable(why));
    }
    if columns.min(rows) < SIDE_MIN {
        let why = format!(
            "its slices have {columns} × {rows} pixels, and the model needs at least {SIDE_MIN} × {SIDE_MIN}"
        );
        return Err(Error::Unsuitable(why));
    }
    Ok(())
}

fn refuse_other_than_hounsfield(input: &Volume) -> Result<(), Error> {
    let refuse = |why: &str| Err(Error::Unsuitable(why.to_owned()));
    if !input.data.iter().all(|value| HU_RANGE.contains(value)) {
        return refuse("a value isn't a number or can't be a Hounsfield unit");
    }
    let air = input.data.iter().filter(|hu| **hu < -400.0).count();
    if (air as f64) < AIR_SHARE_MIN * input.data.len() as f64 {
        return refuse("there is no air in it, so its values aren't Hounsfield units");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        calibration::{IntervalFactors, Promise},
        consistency::ConsistencyReference,
        domain::{DomainReference, ReferenceSlice, features},
        family::Family,
        phantom,
        unet::Architecture,
    };
    use imaging::Affine;
    use safetensors::{Dtype, tensor::TensorView};

    /// A folder with an untrained model: the estimate with intervals of about ± 0.8 times the noise.
    fn folder() -> tempfile::TempDir {
        let architecture = Architecture { slices: 3, channels: [6, 8, 10], blocks: [1, 1, 1, 1, 1] };
        let tensors: Vec<(String, Vec<usize>, Vec<u8>)> = architecture
            .initial(1)
            .into_iter()
            .map(|(name, (shape, values))| {
                (name, shape, values.iter().flat_map(|value| value.to_le_bytes()).collect())
            })
            .collect();
        let views = tensors.iter().map(|(name, shape, bytes)| {
            (name.as_str(), TensorView::new(Dtype::F32, shape.clone(), bytes).unwrap())
        });
        let bytes = safetensors::serialize(views, None).unwrap();
        let volume = phantom::head(12, 10.0, 9);
        let reference: Vec<ReferenceSlice> = (0..12)
            .map(|z| ReferenceSlice {
                subject: z % 2,
                scan: 0,
                place_mm: 0.0,
                features: features(&volume, z, &[0.0; 10]).unwrap(),
            })
            .collect();
        let description = Description {
            name: "untrained".into(),
            version: "0".into(),
            task: "denoise".into(),
            modality: "CT".into(),
            family: Family::default().name().into(),
            slices_min: 2,
            unit: "hnsf'U".into(),
            weights_sha256: hex(&Sha256::digest(&bytes)),
            parameters: architecture.parameters(),
            training_steps: 0,
            training_subjects: vec!["phantom".into()],
            intended_use: "tests".into(),
            limits: Vec::new(),
            uncertainty_display: [0.0, 50.0],
            architecture,
            cold: None,
            ensemble: None,
            anchor: None,
            calibration: IntervalFactors {
                subjects: vec!["phantom".into()],
                slices: 12,
                miss_rate: 0.1,
                across_subjects: false,
                promise: Promise::default(),
                correlations: Vec::new(),
                noises: Vec::new(),
                widths: vec![1.0, 4.0],
                factors: vec![1.5, 1.0],
            },
            consistency: ConsistencyReference { spread: 0.3, clusters: vec![20], wide: Vec::new() },
            agreement: None,
            domain: DomainReference::new(&reference),
        };
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("weights.safetensors"), bytes).unwrap();
        fs::write(folder.path().join("model.toml"), toml::to_string(&description).unwrap()).unwrap();
        folder
    }

    fn run(model: &Model, input: &Volume) -> Result<Output, Error> {
        model.run(input, &Parameters::default(), &mut |_| ControlFlow::Continue(()))
    }

    #[test]
    fn slices_of_odd_size_give_a_finite_image_within_its_interval() {
        let model = Model::load(folder().path()).unwrap();
        let input = phantom::head(2, 10.0, 3).crop([0, 0, 0], [77, 91, 2]).unwrap();
        let output = run(&model, &input).unwrap();
        assert_eq!(output.image.dims, input.dims);
        for i in 0..input.data.len() {
            assert!(
                output.lower.data[i] <= output.image.data[i] && output.image.data[i] <= output.upper.data[i]
            );
            assert!((output.image.data[i] - input.data[i]).abs() < 60.0);
        }
    }

    #[test]
    fn texture_is_given_back_and_the_interval_holds_what_it_held() {
        let model = Model::load(folder().path()).unwrap();
        let input = phantom::head(3, 10.0, 3);
        let with = |texture_percent| {
            let parameters = Parameters { seed: 0, texture_percent };
            model.run(&input, &parameters, &mut |_| ControlFlow::Continue(()))
        };
        let (none, some, all) = (with(0).unwrap(), with(40).unwrap(), with(100).unwrap());
        for i in 0..input.data.len() {
            let wanted = 0.6 * none.image.data[i] + 0.4 * input.data[i];
            assert!((some.image.data[i] - wanted).abs() < 1e-2);
            assert!((all.image.data[i] - input.data[i]).abs() < 1e-2);
            assert!(some.lower.data[i] <= none.lower.data[i] && none.upper.data[i] <= some.upper.data[i]);
            assert!(some.lower.data[i] <= some.image.data[i] && some.image.data[i] <= some.upper.data[i]);
        }
        assert!(matches!(with(101), Err(Error::Unsuitable(_))));
    }

    #[test]
    fn the_same_input_gives_the_same_bytes() {
        let model = Model::load(folder().path()).unwrap();
        let input = phantom::head(3, 10.0, 3);
        assert_eq!(run(&model, &input).unwrap(), run(&model, &input).unwrap());
    }

    #[test]
    fn the_number_of_threads_changes_no_byte() {
        let model = Model::load(folder().path()).unwrap();
        let input = phantom::head(3, 10.0, 3);
        let with = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| run(&model, &input).unwrap())
        };
        assert_eq!(with(1), with(3));
    }

    #[test]
    fn a_value_far_beyond_its_neighbours_stays_what_it_was() {
        let model = Model::load(folder().path()).unwrap();
        let mut input = phantom::head(2, 10.0, 3);
        input.data[48 * 96 + 48] = 3071.0;
        assert!((run(&model, &input).unwrap().image.data[48 * 96 + 48] - 3071.0).abs() < 60.0);
    }

    #[test]
    fn weights_other_than_the_named_ones_are_refused() {
        let folder = folder();
        let path = folder.path().join("weights.safetensors");
        let mut bytes = fs::read(&path).unwrap();
        *bytes.last_mut().unwrap() ^= 1;
        fs::write(&path, bytes).unwrap();
        assert!(matches!(Model::load(folder.path()), Err(Error::OtherWeights { .. })));
    }

    #[test]
    fn an_mr_image_and_values_that_are_no_numbers_are_refused() {
        let model = Model::load(folder().path()).unwrap();
        let mr = Volume::new(vec![400.0; 64 * 64 * 3], [64, 64, 3], Affine::from_spacing([1.0; 3])).unwrap();
        assert!(matches!(run(&model, &mr), Err(Error::Unsuitable(_))));
        let mut broken = phantom::head(3, 10.0, 3);
        broken.data[5] = f32::NAN;
        assert!(matches!(run(&model, &broken), Err(Error::Unsuitable(_))));
    }

    #[test]
    fn a_caller_who_has_seen_enough_stops_the_run() {
        let model = Model::load(folder().path()).unwrap();
        let mut calls = 0;
        let stopped = model.run(&phantom::head(5, 10.0, 3), &Parameters::default(), &mut |_| {
            calls += 1;
            ControlFlow::Break(())
        });
        assert!(matches!(stopped, Err(Error::Stopped)));
        assert_eq!(calls, 1);
    }
}
