//! Models and deployments come to exist.

use crate::site::{Site, new_deployment, refusal, write_model};
use contract::rollout::{Deployment, ModelInput, Sampling, Stage};
use contract::{Actor, ClientError};
use database::scratch::Scratch;
use platform::{Random, keys};
use rollout::{Error, NewDeployment};
use safetensors::{Dtype, tensor::TensorView};
use std::path::PathBuf;

/// What registration was refused with.
fn refused<T>(outcome: Result<T, Error>) -> String {
    match outcome {
        Err(Error::Refused(refusal)) => refusal.code,
        Err(other) => panic!("not refused but {other}"),
        Ok(_) => panic!("not refused"),
    }
}

async fn registering_twice_changes_nothing(scratch: Scratch) {
    let site = Site::open(&scratch).await;
    let first = site.deploys("chest", Stage::General).await;
    let again = site.deploys("chest", Stage::General).await;
    assert_eq!(first, again);
    let rollout = site.quality().rollout();
    let models = rollout.models().await.unwrap();
    assert_eq!((models.len(), models[0].name.as_str()), (1, "ct-denoise"));
    assert_eq!((models[0].calibration_subjects, models[0].content_qualification.as_str()), (2, "RESEARCH"));
    assert_eq!(models[0].input, ModelInput { modality: "CT".to_owned(), slices_min: 2 });
    let deployments = rollout.deployments().await.unwrap();
    assert_eq!((deployments.len(), &deployments[0].input), (1, &models[0].input));
    assert_eq!(site.tells("model.registered", 1).await.len(), 1);
    assert_eq!(site.tells("deployment.created", 1).await.len(), 1);
}

async fn a_version_with_other_weights_is_refused(scratch: Scratch) {
    let site = Site::open(&scratch).await;
    site.deploys("chest", Stage::Shadow).await;
    write_model(&site.config.models_dir, "ct-denoise", b"other weights");
    assert_eq!(refused(site.registrar.register_models(&site.config.models_dir).await), "version_changed");
}

async fn weights_that_are_not_those_of_the_description_are_refused(scratch: Scratch) {
    let site = Site::open(&scratch).await;
    write_model(&site.config.models_dir, "ct-denoise", b"weights");
    std::fs::write(site.config.models_dir.join("ct-denoise/weights.safetensors"), b"changed on the way")
        .unwrap();
    assert_eq!(refused(site.registrar.register_models(&site.config.models_dir).await), "model_malformed");
}

async fn r24_a_model_that_does_not_say_what_it_needs_is_refused(scratch: Scratch) {
    let site = Site::open(&scratch).await;
    write_model(&site.config.models_dir, "ct-denoise", b"weights");
    let path = site.config.models_dir.join("ct-denoise/model.toml");
    let whole = std::fs::read_to_string(&path).unwrap();
    for wanted in ["slices_min", "modality"] {
        let without: Vec<&str> = whole.lines().filter(|line| !line.starts_with(wanted)).collect();
        std::fs::write(&path, without.join("\n")).unwrap();
        let outcome = site.registrar.register_models(&site.config.models_dir).await;
        assert_eq!(refused(outcome), "model_malformed", "{wanted}");
    }
}

async fn a_diffusion_model_says_how_it_draws(scratch: Scratch) {
    let site = Site::open(&scratch).await;
    for (name, cold) in [("ct-denoise", ""), ("ct-cold", "[cold]\nsteps = 10\nsamples = 8\nnoise = 1.0\n")] {
        write_model(&site.config.models_dir, name, name.as_bytes());
        let path = site.config.models_dir.join(name).join("model.toml");
        let description = std::fs::read_to_string(&path).unwrap();
        std::fs::write(path, format!("{description}{cold}")).unwrap();
    }
    site.registrar.register_models(&site.config.models_dir).await.unwrap();
    let models = site.quality().rollout().models().await.unwrap();
    let of = |name: &str| models.iter().find(|model| model.name == name).unwrap().sampling;
    assert_eq!(of("ct-denoise"), Sampling { steps: 1, samples: 1 });
    assert_eq!(of("ct-cold"), Sampling { steps: 10, samples: 8 });
}

async fn a_deployment_begins_at_shadow_unless_a_banner_says_otherwise(scratch: Scratch) {
    let site = Site::open(&scratch).await;
    site.deploys("chest", Stage::Shadow).await;
    let silent = NewDeployment { banner: None, ..new_deployment("head", Stage::General) };
    assert_eq!(refused(site.registrar.deploy(silent).await), "stage_without_evidence");
    let unknown = NewDeployment { model: "mr-denoise".to_owned(), ..new_deployment("head", Stage::Shadow) };
    assert_eq!(refused(site.registrar.deploy(unknown).await), "model_unknown");
}

async fn two_processes_that_register_at_once_make_one_of_each(scratch: Scratch) {
    let site = Site::open(&scratch).await;
    write_model(&site.config.models_dir, "ct-denoise", b"weights");
    let seed = || {
        rollout::seed(&site.registrar, &site.config.models_dir, vec![new_deployment("chest", Stage::Shadow)])
    };
    let (one, other) = tokio::join!(seed(), seed());
    assert_eq!(one.unwrap(), other.unwrap());
    assert_eq!(site.tells("deployment.created", 1).await.len(), 1);
    assert_eq!(site.tells("model.registered", 1).await.len(), 1);
}

async fn a_name_stands_for_one_deployment(scratch: Scratch) {
    let site = Site::open(&scratch).await;
    site.deploys("chest", Stage::Shadow).await;
    let elsewhere = NewDeployment { site: "north".to_owned(), ..new_deployment("chest", Stage::Shadow) };
    assert_eq!(refused(site.registrar.deploy(elsewhere).await), "name_taken");
}

async fn readers_see_models_but_no_deployments(scratch: Scratch) {
    let site = Site::open(&scratch).await;
    let chest = site.deploys("chest", Stage::Shadow).await;
    let reader = site.person(7, &[contract::Role::Radiologist]).rollout();
    assert_eq!(reader.models().await.unwrap().len(), 1);
    assert_eq!(refusal(reader.deployments().await).code, "forbidden");
    assert_eq!(refusal(reader.deployment(&chest).await).code, "forbidden");
    assert_eq!(refusal(reader.stage_check(&chest, Stage::Pilot).await).code, "forbidden");
    let seen: Option<Deployment> = site.called_by("generation").deployment(&chest).await.unwrap();
    assert_eq!(seen.unwrap().stage, Stage::Shadow);
    let anonymous = site.called_by("intake").deployments().await;
    assert!(matches!(anonymous, Err(ClientError::Refused { .. })));
}

/// A sealed package of a model whose weights are one tensor of `value`.
fn package(site: &Site, name: &str, value: f32) -> PathBuf {
    let view = value.to_le_bytes();
    let view = TensorView::new(Dtype::F32, vec![1], &view).unwrap();
    let weights = safetensors::serialize([("head.weight", view)], None).unwrap();
    let packages = site.config.models_dir.parent().unwrap().join(format!("published-{value}"));
    write_model(&packages, name, &weights);
    let folder = packages.join(name);
    std::fs::write(folder.join("LICENSE"), "Apache-2.0\n").unwrap();
    let reference = "content_qualification = \"RESEARCH\"\nregulatory_reference = \"none\"\n";
    std::fs::write(folder.join("registration.toml"), reference).unwrap();
    let key = keys::load_or_generate(&site.config.publishers_dir, "maker", &Random::seeded(1)).unwrap();
    rollout::package::seal(&folder, &key).unwrap();
    folder
}

/// The folders that stand where packages are kept.
fn kept(site: &Site) -> Vec<String> {
    let entries = std::fs::read_dir(&site.config.packages_dir).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

async fn a_signed_package_is_kept_and_registered_once(scratch: Scratch) {
    let site = Site::open(&scratch).await;
    let package = package(&site, "mr-denoise", 1.0);
    let import = || site.registrar.import_model(&site.config, &package, Actor::Operator);
    let first = import().await.unwrap();
    let again = import().await.unwrap();
    assert_eq!((&first.id, first.publisher.as_deref()), (&again.id, Some("maker")));
    assert_eq!(kept(&site), ["mr-denoise-0.1.0"]);
    assert_eq!(site.tells("model.registered", 1).await.len(), 1);
    let shown = site.quality().rollout().models().await.unwrap();
    assert_eq!(shown[0].licence.as_deref(), Some("Apache-2.0\n"));
    assert_eq!((shown[0].regulatory_reference.as_deref(), shown[0].manifest), (Some("none"), first.manifest));
}

async fn a_package_that_was_altered_leaves_nothing(scratch: Scratch) {
    let site = Site::open(&scratch).await;
    let package = package(&site, "mr-denoise", 1.0);
    std::fs::write(package.join("card.md"), "# A better model\n").unwrap();
    let outcome = site.registrar.import_model(&site.config, &package, Actor::Operator).await;
    assert_eq!(refused(outcome), "package_altered");
    assert!(kept(&site).is_empty() && site.quality().rollout().models().await.unwrap().is_empty());
}

async fn a_version_comes_from_one_package_only(scratch: Scratch) {
    let site = Site::open(&scratch).await;
    let (one, other) = (package(&site, "mr-denoise", 1.0), package(&site, "mr-denoise", 2.0));
    site.registrar.import_model(&site.config, &one, Actor::Operator).await.unwrap();
    let outcome = site.registrar.import_model(&site.config, &other, Actor::Operator).await;
    assert_eq!(refused(outcome), "version_changed");
    assert_eq!(kept(&site), ["mr-denoise-0.1.0"]);
}

database::on_both_databases!(
    registering_twice_changes_nothing,
    a_version_with_other_weights_is_refused,
    weights_that_are_not_those_of_the_description_are_refused,
    r24_a_model_that_does_not_say_what_it_needs_is_refused,
    a_diffusion_model_says_how_it_draws,
    a_deployment_begins_at_shadow_unless_a_banner_says_otherwise,
    two_processes_that_register_at_once_make_one_of_each,
    a_name_stands_for_one_deployment,
    readers_see_models_but_no_deployments,
    a_signed_package_is_kept_and_registered_once,
    a_package_that_was_altered_leaves_nothing,
    a_version_comes_from_one_package_only,
);
