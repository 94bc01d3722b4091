//! Models and deployments come to exist.

use crate::site::{Site, new_deployment, refusal, write_model};
use contract::ClientError;
use contract::rollout::{Deployment, Stage};
use database::scratch::Scratch;
use rollout::{Error, NewDeployment};

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
    assert_eq!(rollout.deployments().await.unwrap().len(), 1);
    assert_eq!(site.tells("model.registered", 1).await.len(), 1);
    assert_eq!(site.tells("deployment.created", 1).await.len(), 1);
}

async fn a_version_with_other_weights_is_refused(scratch: Scratch) {
    let site = Site::open(&scratch).await;
    site.deploys("chest", Stage::Shadow).await;
    write_model(&site.models_dir, "ct-denoise", b"other weights");
    assert_eq!(refused(site.registrar.register_models(&site.models_dir).await), "version_changed");
}

async fn weights_that_are_not_those_of_the_description_are_refused(scratch: Scratch) {
    let site = Site::open(&scratch).await;
    write_model(&site.models_dir, "ct-denoise", b"weights");
    std::fs::write(site.models_dir.join("ct-denoise/weights.safetensors"), b"changed on the way").unwrap();
    assert_eq!(refused(site.registrar.register_models(&site.models_dir).await), "model_malformed");
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
    write_model(&site.models_dir, "ct-denoise", b"weights");
    let seed =
        || rollout::seed(&site.registrar, &site.models_dir, vec![new_deployment("chest", Stage::Shadow)]);
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

database::on_both_databases!(
    registering_twice_changes_nothing,
    a_version_with_other_weights_is_refused,
    weights_that_are_not_those_of_the_description_are_refused,
    a_deployment_begins_at_shadow_unless_a_banner_says_otherwise,
    two_processes_that_register_at_once_make_one_of_each,
    a_name_stands_for_one_deployment,
    readers_see_models_but_no_deployments,
);
