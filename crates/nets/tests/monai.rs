//! The networks and schedulers of MONAI against MONAI's own outputs (`golden/make.py`).
#![expect(clippy::unwrap_used, reason = "a file that can't be read is a failing test")]

use candle_core::{Device, Tensor, Var};
use nets::{
    monai::{
        Autoencoder, AutoencoderConfig, Checkpoint, Conditions, Ddim, DdimConfig, Ddpm, DdpmConfig,
        Diffusion, DiffusionConfig, Discriminator, DiscriminatorConfig, Error, Given, LatentDiffusion,
        RectifiedFlow, RectifiedFlowConfig, Release, SampleMethod, Sampler, Stepped,
    },
    unet::Weights,
};
use serde::de::DeserializeOwned;
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

/// Largest difference to MONAI's values.
const TOLERANCE: f32 = 1e-4;

const AUTOENCODERS: [&str; 4] =
    ["autoencoder_2d", "autoencoder_2d_transposed", "autoencoder_3d", "autoencoder_3d_transposed"];
const DIFFUSIONS: [&str; 5] = [
    "diffusion_2d",
    "diffusion_2d_conditioned",
    "diffusion_2d_own_context",
    "diffusion_3d",
    "diffusion_3d_conditioned",
];
const DISCRIMINATORS: [&str; 3] = ["discriminator_2d", "discriminator_2d_instance", "discriminator_3d"];

fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name)
}

fn config<T: DeserializeOwned>(name: &str) -> T {
    let text = std::fs::read_to_string(golden(&format!("{name}.json"))).unwrap();
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{name}: {e}"))
}

fn weights(name: &str) -> Weights {
    Checkpoint::safetensors(&golden(&format!("{name}.weights.safetensors"))).unwrap()
}

fn case(name: &str) -> Weights {
    Checkpoint::safetensors(&golden(&format!("{name}.case.safetensors"))).unwrap()
}

fn flat(tensor: &Tensor) -> Vec<f32> {
    tensor.flatten_all().unwrap().to_vec1().unwrap()
}

/// Gives the largest difference; the shapes have to be the same.
fn difference(found: &Tensor, expected: &Tensor) -> f32 {
    assert_eq!(found.dims(), expected.dims());
    let off = flat(found).into_iter().zip(flat(expected)).map(|(a, b)| (a - b).abs());
    off.fold(0.0, |largest, off| if off.is_nan() { f32::INFINITY } else { largest.max(off) })
}

fn agrees(name: &str, found: &Tensor, expected: &Tensor) {
    let off = difference(found, expected);
    println!("{name}: {off:e}");
    assert!(off <= TOLERANCE, "{name}: {off}");
}

/// What a network of `diffusion_…` is asked: image, times, classes.
fn question(case: &Weights) -> (&Tensor, Vec<f32>, Option<Vec<u32>>) {
    let labels =
        case.get("class_labels").map(|labels| flat(labels).iter().map(|label| *label as u32).collect());
    (&case["x"], flat(&case["timesteps"]), labels)
}

#[test]
fn autoencoders_give_what_monai_gives() {
    for name in AUTOENCODERS {
        let (network, case) = (Autoencoder::new(&config(name), &weights(name)).unwrap(), case(name));
        let (mean, sigma) = network.encode(&case["x"]).unwrap();
        agrees(&format!("{name} mean"), &mean, &case["mean"]);
        agrees(&format!("{name} sigma"), &sigma, &case["sigma"]);
        agrees(&format!("{name} decoded"), &network.decode(&case["z"]).unwrap(), &case["decoded"]);
        agrees(
            &format!("{name} reconstructed"),
            &network.reconstruct(&case["x"]).unwrap(),
            &case["reconstructed"],
        );
    }
}

#[test]
fn diffusion_networks_give_what_monai_gives() {
    for name in DIFFUSIONS {
        let (network, case) = (Diffusion::new(&config(name), &weights(name)).unwrap(), case(name));
        let (x, times, labels) = question(&case);
        let context = case.get("context");
        for (output, context) in [("y", context), ("y_without_context", None)] {
            if let Some(expected) = case.get(output) {
                let conditions = Conditions { context, class_labels: labels.as_deref() };
                agrees(
                    &format!("{name} {output}"),
                    &network.forward(x, &times, &conditions).unwrap(),
                    expected,
                );
            }
        }
    }
}

#[test]
fn discriminators_give_what_monai_gives() {
    for name in DISCRIMINATORS {
        let (network, case) = (Discriminator::new(&config(name), &weights(name)).unwrap(), case(name));
        let x = &case["x"];
        for (mode, outputs) in
            [("eval", network.forward(x).unwrap()), ("train", network.forward_in_training(x).unwrap())]
        {
            assert!(!case.contains_key(&format!("{mode}.{}", outputs.len())), "all layers");
            for (index, output) in outputs.iter().enumerate() {
                let layer = format!("{mode}.{index}");
                agrees(&format!("{name} {layer}"), output, &case[&layer]);
            }
        }
    }
}

/// Steps of both schedulers under a schedule.
fn check_steps(name: &str, index: usize, (ddpm, ddim): (&Ddpm, &Ddim), case: &Weights) -> f32 {
    let get = |key: &str| &case[&format!("{index}.{key}")];
    let (x, output, noise) = (&case["x"], &case["output"], get("noise"));
    let mut largest = 0.0_f32;
    let mut check = |key: &str, found: &Stepped| {
        for (part, found) in [("sample", &found.sample), ("original", &found.original)] {
            let off = difference(found, get(&format!("{key}.{part}")));
            assert!(off <= TOLERANCE, "{name} {index} {key} {part}: {off}");
            largest = largest.max(off);
        }
    };
    // Under 1.4's cosine schedule there is no noise at the first time, and MONAI divides zero by zero.
    let noiseless = ddpm.schedule().alphas_cumprod()[0] >= 1.0;
    for time in [0, 1, 42, 98].into_iter().filter(|time| *time > 0 || !noiseless) {
        check(&format!("ddpm.{time}"), &ddpm.step(output, time, x, noise).unwrap());
        check(&format!("ddim.{time}.0.0"), &ddim.step(output, (time, 7), x).unwrap());
        let noisy = ddim.step_with_noise(output, (time, 7), x, (0.7, noise)).unwrap();
        check(&format!("ddim.{time}.0.7"), &noisy);
    }
    largest
}

#[test]
fn schedulers_give_what_monai_gives_in_both_releases() {
    for (name, release) in [("schedulers_1_4", Release::V1_4), ("schedulers_1_6", Release::V1_6)] {
        let (configs, case): (Vec<serde_json::Value>, _) = (config(name), case(name));
        assert_eq!(configs.len(), 4);
        for (index, both) in configs.iter().enumerate() {
            let ddpm: DdpmConfig = serde_json::from_value(both["ddpm"].clone()).unwrap();
            let ddim: DdimConfig = serde_json::from_value(both["ddim"].clone()).unwrap();
            let (ddpm, ddim) = (Ddpm::new(&ddpm, release).unwrap(), Ddim::new(&ddim, release).unwrap());
            let get = |key: &str| &case[&format!("{index}.{key}")];
            let schedule = ddpm.schedule();
            for (key, values) in [("betas", schedule.betas()), ("alphas_cumprod", schedule.alphas_cumprod())]
            {
                let found = Tensor::new(values, &Device::Cpu).unwrap();
                assert!(difference(&found, get(key)) <= 1e-6, "{name} {index} {key}");
            }
            let (x, output, times) = (&case["x"], &case["output"], [3, 99]);
            agrees(
                &format!("{name} {index} noised"),
                &schedule.add_noise(x, output, &times).unwrap(),
                get("noised"),
            );
            let velocity = schedule.velocity(x, output, &times).unwrap();
            agrees(&format!("{name} {index} velocity"), &velocity, get("velocity"));
            for (key, found) in [("ddpm", ddpm.timesteps(7).unwrap()), ("ddim", ddim.timesteps(7).unwrap())] {
                let expected: Vec<usize> =
                    flat(get(&format!("{key}.timesteps"))).iter().map(|time| *time as usize).collect();
                assert_eq!(found, expected, "{name} {index} {key}");
            }
            println!("{name} {index} steps: {:e}", check_steps(name, index, (&ddpm, &ddim), &case));
        }
    }
}

/// What `latent_2d.json` holds.
#[derive(serde::Deserialize)]
struct LatentConfig {
    network: DiffusionConfig,
    scale_factor: f64,
    scheduler: serde_json::Value,
    flows: Vec<RectifiedFlowConfig>,
}

#[test]
fn latent_diffusion_encodes_draws_and_decodes_as_monai_does() {
    let (config, case): (LatentConfig, _) = (config("latent_2d"), case("latent_2d"));
    let autoencoder = Autoencoder::new(&self::config("autoencoder_2d"), &weights("autoencoder_2d")).unwrap();
    let network = Diffusion::new(&config.network, &weights("latent_2d")).unwrap();
    let model = LatentDiffusion::new(autoencoder, network, config.scale_factor).unwrap();
    // MONAI draws the latent image itself: its draw is worked out from what it gave.
    let scaled = (&case["encoded"] / config.scale_factor).unwrap();
    let drawn = ((scaled - &case["mean"]).unwrap() / &case["sigma"]).unwrap();
    agrees("encoded", &model.encode(&case["image"], &drawn).unwrap(), &case["encoded"]);

    let given = Given { concatenated: Some(&case["further"]), ..Given::default() };
    let draws = |sampler: &Sampler<'_>| {
        let mut index = 0;
        let mut draw = |_: &Tensor| {
            index += 1;
            Ok(case[&format!("draw.{}", index - 1)].clone())
        };
        let image = model.sample(&case["noise"], sampler, &given, &mut draw).unwrap();
        (image, index)
    };
    let ddim: DdimConfig = serde_json::from_value(config.scheduler.clone()).unwrap();
    let (image, drawn) = draws(&Sampler::Ddim(&Ddim::new(&ddim, Release::V1_4).unwrap(), 5));
    agrees("ddim", &image, &case["ddim"]);
    assert_eq!(drawn, 0);
    let ddpm: DdpmConfig = serde_json::from_value(config.scheduler).unwrap();
    let (image, drawn) = draws(&Sampler::Ddpm(&Ddpm::new(&ddpm, Release::V1_4).unwrap(), 5));
    agrees("ddpm", &image, &case["ddpm"]);
    assert_eq!(drawn, 4);
    assert_eq!(config.flows.len(), 3);
    for (index, flow) in config.flows.iter().enumerate() {
        let flow = RectifiedFlow::new(flow).unwrap();
        let get = |key: &str| &case[&format!("flow.{index}.{key}")];
        assert_eq!(flow.timesteps(7, 48).unwrap(), flat(get("timesteps")), "flow {index}");
        let noised = flow.add_noise(&case["encoded"], &case["noise"], &[3.0, 400.0]).unwrap();
        agrees(&format!("flow {index} noised"), &noised, get("noised"));
        let (image, _) = draws(&Sampler::RectifiedFlow(&flow, 7));
        agrees(&format!("flow {index} drawn"), &image, get("drawn"));
    }
}

#[test]
fn a_straight_way_leads_from_noise_to_the_image_in_one_step() {
    let flow = RectifiedFlow::new(&serde_json::from_str("{}").unwrap()).unwrap();
    let (image, noise) = (
        Tensor::new(&[[[[3.0_f32]]]], &Device::Cpu).unwrap(),
        Tensor::new(&[[[[-1.0_f32]]]], &Device::Cpu).unwrap(),
    );
    let direction = (&image - &noise).unwrap();
    let half = flow.add_noise(&image, &noise, &[500.0]).unwrap();
    assert!(difference(&half, &Tensor::new(&[[[[1.0_f32]]]], &Device::Cpu).unwrap()) < 1e-6);
    let stepped = flow.step(&direction, (500.0, 250.0), &half).unwrap();
    assert!((flat(&stepped.sample)[0] - 2.0).abs() < 1e-6 && difference(&stepped.original, &image) < 1e-6);
}

#[test]
fn times_of_training_lie_within_the_way_and_large_images_have_more_of_them_near_noise() {
    let draws: Vec<f64> = (0..=100).map(|draw| f64::from(draw) / 100.0).collect();
    let whole = RectifiedFlowConfig {
        use_timestep_transform: true,
        base_img_size_numel: 64,
        spatial_dim: 2,
        ..serde_json::from_str("{}").unwrap()
    };
    let flow = RectifiedFlow::new(&whole).unwrap();
    let (same, larger) = (flow.training_times(&draws, 64), flow.training_times(&draws, 256));
    assert!((same[50] - 500.0).abs() < 1e-3, "{}", same[50]);
    // Twice the size along an axis: 2 s/(1 + s).
    assert!((larger[50] - 666.667).abs() < 1e-2, "{}", larger[50]);
    assert!(same.iter().chain(&larger).all(|time| (0.0..=1000.0).contains(time)));
    let logistic = RectifiedFlowConfig {
        sample_method: SampleMethod::LogitNormal,
        use_discrete_timesteps: false,
        use_timestep_transform: false,
        ..whole
    };
    let times = RectifiedFlow::new(&logistic).unwrap().training_times(&[-2.0, 0.0, 2.0], 64);
    assert!((times[1] - 500.0).abs() < 1e-3 && (times[0] - 119.203).abs() < 1e-2, "{times:?}");
}

#[test]
fn ways_and_factors_that_cannot_be_are_refused() {
    let flow = |json: &str| RectifiedFlow::new(&serde_json::from_str(json).unwrap());
    for json in
        [r#"{"num_train_timesteps": 0}"#, r#"{"num_train_timesteps": 70000}"#, r#"{"spatial_dim": 1}"#]
    {
        assert!(matches!(flow(json), Err(Error::Configuration(_))), "{json}");
    }
    assert!(matches!(flow("{}").unwrap().timesteps(1001, 8), Err(Error::Configuration(_))));
    let networks = || {
        let autoencoder = Autoencoder::new(&config("autoencoder_2d"), &weights("autoencoder_2d")).unwrap();
        let LatentConfig { network, .. } = config("latent_2d");
        (autoencoder, Diffusion::new(&network, &weights("latent_2d")).unwrap())
    };
    for factor in [0.0, -1.0, f64::NAN] {
        let (autoencoder, network) = networks();
        let refused = LatentDiffusion::new(autoencoder, network, factor);
        assert!(matches!(refused, Err(Error::Configuration(_))), "{factor}");
    }
}

#[test]
fn a_checkpoint_of_pytorch_holds_the_tensors_of_the_safetensors_file() {
    let read = Checkpoint::pytorch(&golden("diffusion_2d.pth"), Some("unet_state_dict")).unwrap();
    let expected = weights("diffusion_2d");
    assert_eq!(read.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>());
    for (name, tensor) in &read {
        assert!(difference(tensor, &expected[name]) == 0.0, "{name}");
    }
    Diffusion::new(&config("diffusion_2d"), &read).unwrap();
    let other = Checkpoint::pytorch(&golden("diffusion_2d.pth"), Some("state_dict"));
    assert!(matches!(other, Err(Error::Checkpoint(why)) if why.contains("state_dict")));
}

#[test]
fn views_and_other_numbers_of_a_pytorch_checkpoint_are_read_as_pytorch_means_them() {
    let read = Checkpoint::pytorch(&golden("views.pth"), None).unwrap();
    let base: Vec<f32> = (0..24_u8).map(f32::from).collect();
    for name in ["base", "half", "brain", "double"] {
        assert_eq!((read[name].dims(), flat(&read[name])), (&[4, 6][..], base.clone()), "{name}");
    }
    assert_eq!(flat(&read["rows"]), base[6..18]);
    assert_eq!(
        (read["turned"].dims(), flat(&read["turned"])[..5].to_vec()),
        (&[6, 4][..], vec![0., 6., 12., 18., 1.])
    );
    assert_eq!(flat(&read["column"]), [2.0, 8.0, 14.0, 20.0]);
    assert_eq!(flat(&read["parameter"]), base[..6]);
    assert_eq!((read["count"].rank(), flat(&read["count"])), (0, vec![5.0]));
}

#[test]
fn what_is_missing_of_another_shape_or_left_over_is_refused_by_name() {
    let name = "autoencoder_2d";
    let (config, whole): (AutoencoderConfig, _) = (config(name), weights(name));
    let key = "decoder.blocks.2.attn.to_k.weight";
    let mut missing = whole.clone();
    let tensor = missing.remove(key).unwrap();
    assert!(matches!(Autoencoder::new(&config, &missing), Err(Error::Missing(name)) if name == key));
    let mut other = whole.clone();
    other.insert(key.into(), tensor.narrow(1, 0, 4).unwrap());
    let refused = Autoencoder::new(&config, &other);
    assert!(matches!(refused, Err(Error::OtherShape { name, expected, found })
            if name == key && expected == [16, 16] && found == [16, 4]));
    let mut more = whole;
    more.insert("decoder.blocks.99.weight".into(), tensor);
    assert!(matches!(Autoencoder::new(&config, &more), Err(Error::Unread(names)) if names.len() == 1));
}

#[test]
fn configurations_of_no_network_are_refused() {
    let base: DiffusionConfig = config("diffusion_2d");
    for change in [
        |c: &mut DiffusionConfig| c.spatial_dims = 1,
        |c: &mut DiffusionConfig| c.norm_num_groups = 0,
        |c: &mut DiffusionConfig| c.norm_num_groups = 3,
        |c: &mut DiffusionConfig| c.channels = vec![],
        |c: &mut DiffusionConfig| c.attention_levels = vec![true],
        |c: &mut DiffusionConfig| c.num_head_channels = nets::monai::PerLevel::Same(0),
        |c: &mut DiffusionConfig| c.num_res_blocks = nets::monai::PerLevel::Each(vec![1, 1, 1]),
        |c: &mut DiffusionConfig| c.with_conditioning = true,
    ] {
        let mut config = base.clone();
        change(&mut config);
        assert!(matches!(config.shapes(), Err(Error::Configuration(_))), "{config:?}");
    }
    assert!(serde_json::from_str::<AutoencoderConfig>(r#"{"spatial_dims": 2, "chanels": [8]}"#).is_err());
    let plain: AutoencoderConfig = serde_json::from_str(r#"{"spatial_dims": 3}"#).unwrap();
    assert!(plain.shapes().unwrap().contains_key("encoder.blocks.0.conv.weight"));
}

#[test]
fn questions_that_a_network_does_not_take_are_refused() {
    let name = "diffusion_2d_conditioned";
    let (network, case) = (Diffusion::new(&config(name), &weights(name)).unwrap(), case(name));
    let (x, times, _) = question(&case);
    let ask = |times: &[f32], class_labels: Option<&[u32]>| {
        network.forward(x, times, &Conditions { context: case.get("context"), class_labels })
    };
    assert!(matches!(ask(&times[..1], Some(&[0, 1])), Err(Error::Input(_))));
    assert!(matches!(ask(&times, None), Err(Error::Input(_))));
    assert!(matches!(ask(&times, Some(&[0, 3])), Err(Error::Input(why)) if why.contains('3')));
    let odd = Tensor::zeros((2, 1, 7, 8), candle_core::DType::F32, &Device::Cpu).unwrap();
    let conditions = Conditions { context: case.get("context"), class_labels: Some(&[0, 1]) };
    assert!(network.forward(&odd, &times, &conditions).is_err());
}

/// Every trained tensor has a gradient of the mean square of what `outputs` gives.
fn assert_all_train(name: &str, weights: &Weights, outputs: impl FnOnce(&Weights) -> Vec<Tensor>) {
    let buffers = ["running_mean", "running_var", "num_batches_tracked"];
    let variables: BTreeMap<&String, Var> = weights
        .iter()
        .filter(|(name, _)| !buffers.iter().any(|buffer| name.ends_with(buffer)))
        .map(|(name, tensor)| (name, Var::from_tensor(tensor).unwrap()))
        .collect();
    let mut trained = weights.clone();
    trained.extend(variables.iter().map(|(name, var)| ((*name).clone(), var.as_tensor().clone())));
    let squares = outputs(&trained).into_iter().map(|y| y.sqr().unwrap().mean_all().unwrap());
    let loss = squares.reduce(|a, b| (a + b).unwrap()).unwrap();
    let gradients = loss.backward().unwrap();
    for (tensor, variable) in &variables {
        let gradient =
            gradients.get(variable.as_tensor()).unwrap_or_else(|| panic!("{name} {tensor} has none"));
        let norm = gradient.sqr().unwrap().sum_all().unwrap().to_scalar::<f32>().unwrap();
        assert!(norm > 1e-20 && norm.is_finite(), "{name} {tensor}: {norm}");
    }
}

#[test]
fn every_trainable_tensor_of_an_autoencoder_gets_a_gradient() {
    for name in AUTOENCODERS.into_iter().filter(|name| *name != "autoencoder_3d_transposed") {
        let case = case(name);
        assert_all_train(name, &weights(name), |weights| {
            let network = Autoencoder::new(&config(name), weights).unwrap();
            let (mean, sigma) = network.encode(&case["x"]).unwrap();
            let z = (&mean + (&sigma * &case["z"]).unwrap()).unwrap();
            vec![network.decode(&z).unwrap(), mean, sigma]
        });
    }
}

#[test]
fn every_trainable_tensor_of_a_diffusion_network_gets_a_gradient() {
    for name in DIFFUSIONS.into_iter().filter(|name| *name != "diffusion_2d_own_context") {
        let case = case(name);
        assert_all_train(name, &weights(name), |weights| {
            let network = Diffusion::new(&config(name), weights).unwrap();
            let (x, times, labels) = question(&case);
            let conditions = Conditions { context: case.get("context"), class_labels: labels.as_deref() };
            vec![network.forward(x, &times, &conditions).unwrap()]
        });
    }
}

#[test]
fn every_trainable_tensor_of_a_discriminator_gets_a_gradient() {
    for name in DISCRIMINATORS {
        let case = case(name);
        assert_all_train(name, &weights(name), |weights| {
            let network = Discriminator::new(&config::<DiscriminatorConfig>(name), weights).unwrap();
            network.forward_in_training(&case["x"]).unwrap().pop().into_iter().collect()
        });
    }
}

#[test]
fn the_shapes_of_a_configuration_are_those_of_its_checkpoint() {
    let found = |name| weights(name).into_iter().map(|(name, tensor)| (name, tensor.dims().to_vec()));
    for name in AUTOENCODERS.into_iter().filter(|name| *name != "autoencoder_3d_transposed") {
        assert_eq!(config::<AutoencoderConfig>(name).shapes().unwrap(), found(name).collect(), "{name}");
    }
    for name in DIFFUSIONS.into_iter().filter(|name| *name != "diffusion_2d_own_context") {
        assert_eq!(config::<DiffusionConfig>(name).shapes().unwrap(), found(name).collect(), "{name}");
    }
    for name in DISCRIMINATORS {
        assert_eq!(config::<DiscriminatorConfig>(name).shapes().unwrap(), found(name).collect(), "{name}");
    }
}

/// Bytes that are cut off, changed or made up, the same in each run.
fn hostile(whole: &[u8]) -> Vec<Vec<u8>> {
    let mut random = 1_u64;
    let mut next = |below: usize| {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (random >> 33) as usize % below
    };
    let mut all = vec![Vec::new(), vec![0; 64], vec![0xff; 64], b"PK\x05\x06".to_vec()];
    all.extend((0..40).map(|part| whole[..whole.len() * part / 40].to_vec()));
    for _ in 0..400 {
        let mut bytes = whole.to_vec();
        for _ in 0..=next(4) {
            // Most of what can break stands at the ends.
            let near = next(1500).min(bytes.len() - 1);
            let at = if next(2) == 0 { near } else { bytes.len() - 1 - near };
            bytes[at] = next(256) as u8;
        }
        all.push(bytes);
    }
    all.push((0..5000).map(|_| next(256) as u8).collect());
    all
}

#[test]
fn broken_and_hostile_files_give_errors_and_never_a_panic() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hostile");
    let (mut refused, mut tried) = (0, 0);
    for (name, key) in [
        ("views.pth", Some(None)),
        ("diffusion_2d.pth", Some(Some("unet_state_dict"))),
        ("discriminator_2d_instance.weights.safetensors", None),
    ] {
        let whole = std::fs::read(golden(name)).unwrap();
        for bytes in hostile(&whole) {
            std::fs::write(&path, &bytes).unwrap();
            let read = match key {
                Some(key) => Checkpoint::pytorch(&path, key),
                None => Checkpoint::safetensors(&path),
            };
            tried += 1;
            refused += usize::from(read.is_err());
            if bytes.len() < whole.len() {
                assert!(read.is_err(), "{name} cut to {}", bytes.len());
            }
        }
    }
    // A changed weight is no error; a changed header mostly is.
    assert!(refused * 2 > tried, "{refused} of {tried}");
    assert!(matches!(Checkpoint::safetensors(&folder.path().join("none")), Err(Error::Access { .. })));
    assert!(matches!(Checkpoint::pytorch(&folder.path().join("none"), None), Err(Error::Access { .. })));
}

/// The name that a tensor had before these networks came to MONAI.
fn former(name: &str) -> String {
    let itself = !name.contains("transformer_blocks");
    let name = if itself {
        name.replace(".attn.to_", ".to_").replace(".attn.out_proj", ".proj_attn")
    } else {
        name.into()
    };
    name.replace(".out_proj.", ".to_out.0.").replace(".postconv.", ".conv.")
}

#[test]
fn a_checkpoint_under_the_names_from_before_monai_is_read_as_one_under_todays() {
    for name in ["autoencoder_2d", "diffusion_2d", "diffusion_3d_conditioned"] {
        let now = weights(name);
        let before: Weights = now.iter().map(|(name, tensor)| (former(name), tensor.clone())).collect();
        assert_ne!(before.keys().collect::<Vec<_>>(), now.keys().collect::<Vec<_>>());
        let read = Checkpoint::under_current_names(before).unwrap();
        assert_eq!(read.keys().collect::<Vec<_>>(), now.keys().collect::<Vec<_>>(), "{name}");
        let same = Checkpoint::under_current_names(now.clone()).unwrap();
        assert_eq!(same.keys().collect::<Vec<_>>(), now.keys().collect::<Vec<_>>(), "{name}");
    }
    let mut bare: Weights =
        weights("autoencoder_2d").into_iter().map(|(name, tensor)| (former(&name), tensor)).collect();
    bare.retain(|name, _| !name.contains("proj_attn"));
    let read = Checkpoint::under_current_names(bare).unwrap();
    Autoencoder::new(&config("autoencoder_2d"), &read).unwrap();
    let identity = flat(&read["decoder.blocks.2.attn.out_proj.weight"]);
    assert!(
        identity.iter().enumerate().all(|(index, value)| (*value - f32::from(index % 17 == 0)).abs() < 1e-6)
    );
}
