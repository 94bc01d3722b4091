//! Model versions.

use super::{from_json, from_text, to_json, told};
use crate::Error;
use crate::entity::model_version;
use contract::rollout::{Model, ModelInput, Sampling};
use contract::{Actor, Event, ModelVersionId};
use database::{DatabaseConnection, DatabaseTransaction, outbox, transaction};
use platform::Random;
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _,
};
use std::collections::HashMap;

/// Every model version, newest first.
pub(crate) async fn model_list(db: &DatabaseConnection) -> Result<Vec<Model>, Error> {
    let rows = model_version::Entity::find()
        .order_by_desc(model_version::Column::RegisteredAt)
        .order_by_asc(model_version::Column::Name)
        .all(db)
        .await?;
    rows.into_iter().map(model).collect()
}

/// A model version.
pub(crate) async fn model_load(db: &DatabaseConnection, id: &ModelVersionId) -> Result<Option<Model>, Error> {
    let row = model_version::Entity::find_by_id(id.as_str()).one(db).await?;
    row.map(model).transpose()
}

/// What the model versions take, by id.
pub(super) async fn model_inputs(
    db: &impl ConnectionTrait,
    ids: impl Iterator<Item = &str>,
) -> Result<HashMap<String, ModelInput>, Error> {
    type Row = (String, String, i32);
    let rows: Vec<Row> = model_version::Entity::find()
        .select_only()
        .columns([
            model_version::Column::Id,
            model_version::Column::Modality,
            model_version::Column::SlicesMin,
        ])
        .filter(model_version::Column::Id.is_in(ids))
        .into_tuple()
        .all(db)
        .await?;
    let input =
        |(id, modality, slices_min): Row| (id, ModelInput { modality, slices_min: slices_min as u32 });
    Ok(rows.into_iter().map(input).collect())
}

/// The newest version of a model.
pub(crate) async fn model_newest(db: &impl ConnectionTrait, name: &str) -> Result<Option<Model>, Error> {
    let row = model_version::Entity::find()
        .filter(model_version::Column::Name.eq(name))
        .order_by_desc(model_version::Column::RegisteredAt)
        .one(db)
        .await?;
    row.map(model).transpose()
}

/// Registers `new`, or gives what is registered under its name and version. Two processes may do it at once.
pub(crate) async fn model_register(
    db: &DatabaseConnection,
    random: &Random,
    actor: Actor,
    new: Model,
) -> Result<Model, Error> {
    let random = random.clone();
    transaction(db, |txn| {
        Box::pin(async move {
            let once = OnConflict::new().do_nothing().to_owned();
            let insert = model_version::Entity::insert(row(&new)).on_conflict(once);
            if insert.exec_without_returning(txn).await? == 0 {
                return model_named(txn, &new).await;
            }
            let event = Event::ModelRegistered { model: new.id.clone(), weights: new.weights };
            outbox::append(txn, told(&random, new.registered_at, actor, &new.id, event)).await?;
            Ok(new)
        })
    })
    .await
}

/// What is registered under the name and version of `new`.
async fn model_named(txn: &DatabaseTransaction, new: &Model) -> Result<Model, Error> {
    let registered = model_version(txn, &new.name, &new.version).await?;
    Ok(registered.expect("only a row of this name and version stands in the way of another"))
}

/// A version of a model, where it is registered.
pub(crate) async fn model_version(
    db: &impl ConnectionTrait,
    name: &str,
    version: &str,
) -> Result<Option<Model>, Error> {
    let row = model_version::Entity::find()
        .filter(model_version::Column::Name.eq(name))
        .filter(model_version::Column::Version.eq(version))
        .one(db)
        .await?;
    row.map(model).transpose()
}

fn row(model: &Model) -> model_version::ActiveModel {
    model_version::ActiveModel {
        id: Set(model.id.to_string()),
        name: Set(model.name.clone()),
        version: Set(model.version.clone()),
        task: Set(model.task.clone()),
        weights: Set(model.weights.to_string()),
        modality: Set(model.input.modality.clone()),
        slices_min: Set(model.input.slices_min as i32),
        sampler_steps: Set(model.sampling.steps as i32),
        samples: Set(model.sampling.samples as i32),
        intended_use: Set(model.intended_use.clone()),
        limits: Set(to_json(&model.limits)),
        content_qualification: Set(model.content_qualification.clone()),
        regulatory_reference: Set(model.regulatory_reference.clone()),
        training_subjects: Set(to_json(&model.training_subjects)),
        licence: Set(model.licence.clone()),
        publisher: Set(model.publisher.clone()),
        manifest: Set(model.manifest.map(|manifest| manifest.to_string())),
        card: Set(model.card.clone()),
        metrics: Set(model.metrics.clone()),
        calibration_subjects: Set(model.calibration_subjects as i32),
        uncertainty_range: Set(model.uncertainty_range),
        unit: Set(model.unit.clone()),
        registered_at: Set(model.registered_at),
    }
}

fn model(row: model_version::Model) -> Result<Model, Error> {
    Ok(Model {
        id: from_text("model id", row.id)?,
        name: row.name,
        version: row.version,
        task: row.task,
        weights: from_text("digest of weights", row.weights)?,
        input: ModelInput { modality: row.modality, slices_min: row.slices_min as u32 },
        sampling: Sampling { steps: row.sampler_steps as u32, samples: row.samples as u32 },
        intended_use: row.intended_use,
        limits: from_json("list of limits", &row.limits)?,
        content_qualification: row.content_qualification,
        regulatory_reference: row.regulatory_reference,
        training_subjects: from_json("list of training subjects", &row.training_subjects)?,
        licence: row.licence,
        publisher: row.publisher,
        manifest: row.manifest.map(|text| from_text("digest of a manifest", text)).transpose()?,
        card: row.card,
        metrics: row.metrics,
        calibration_subjects: row.calibration_subjects as u32,
        uncertainty_range: row.uncertainty_range,
        unit: row.unit,
        registered_at: row.registered_at,
    })
}
