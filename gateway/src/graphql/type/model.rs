//! Model versions.

use async_graphql::{ID, Object};
use chrono::{DateTime, Utc};
use contract::{CaseId, Digest, ModelVersionId, rollout};

pub(crate) struct Model(pub(crate) rollout::Model);

impl Model {
    /// What may be told of a model that is hidden on a case: what it is for, and how its interval is to be read.
    pub(crate) fn hidden(model: rollout::Model, case: &CaseId) -> Self {
        let stand_in = Digest::of(format!("model of {case}").as_bytes());
        Self(rollout::Model {
            id: ModelVersionId::from_bits(stand_in.leading_bits()),
            name: String::new(),
            version: String::new(),
            weights: stand_in,
            training_subjects: Vec::new(),
            licence: None,
            publisher: None,
            manifest: None,
            regulatory_reference: None,
            card: String::new(),
            metrics: serde_json::Value::Null,
            registered_at: DateTime::UNIX_EPOCH,
            ..model
        })
    }
}

#[Object]
impl Model {
    async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }

    async fn name(&self) -> &str {
        &self.0.name
    }

    async fn version(&self) -> &str {
        &self.0.version
    }

    async fn task(&self) -> &str {
        &self.0.task
    }

    /// SHA-256 of the weights file.
    async fn weights(&self) -> String {
        self.0.weights.to_string()
    }

    async fn intended_use(&self) -> &str {
        &self.0.intended_use
    }

    async fn limits(&self) -> &[String] {
        &self.0.limits
    }

    async fn content_qualification(&self) -> &str {
        &self.0.content_qualification
    }

    /// What the qualification rests on, where it isn't research.
    async fn regulatory_reference(&self) -> Option<&str> {
        self.0.regulatory_reference.as_deref()
    }

    /// Whom it was trained on, as its maker names them.
    async fn training_subjects(&self) -> &[String] {
        &self.0.training_subjects
    }

    /// The text of its licence.
    async fn licence(&self) -> Option<&str> {
        self.0.licence.as_deref()
    }

    /// Who signed the package that it came in; absent when it was installed with the program.
    async fn publisher(&self) -> Option<&str> {
        self.0.publisher.as_deref()
    }

    /// SHA-256 of the signed list of the package's files.
    async fn manifest(&self) -> Option<String> {
        self.0.manifest.map(|manifest| manifest.to_string())
    }

    /// Markdown.
    async fn card(&self) -> &str {
        &self.0.card
    }

    async fn metrics(&self) -> &serde_json::Value {
        &self.0.metrics
    }

    async fn calibration_subjects(&self) -> u32 {
        self.0.calibration_subjects
    }

    async fn uncertainty_range(&self) -> f64 {
        self.0.uncertainty_range
    }

    async fn unit(&self) -> &str {
        &self.0.unit
    }

    async fn registered_at(&self) -> DateTime<Utc> {
        self.0.registered_at
    }
}
