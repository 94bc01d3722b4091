//! Batch reads: whatever the length of a list, one call per level and service. A loader lives as long as one
//! request and acts for its one person, so nothing that one person may see reaches another.

use super::fault::{fault, viewer};
use crate::services::Services;
use async_graphql::dataloader::{DataLoader, HashMapCache, Loader};
use async_graphql::{Context, Error};
use contract::{
    CaseId, ClientError, DeploymentId, ModelVersionId, RunId, SeriesId, StudyId, audit, delivery, generation,
    intake, rollout,
};
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, OnceLock};
use tracing::Instrument;

/// What each deployment made of a series.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct RoutingOf(pub(crate) SeriesId);

/// The runs on a series.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct RunsOf(pub(crate) SeriesId);

/// How many priors a series has.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct PriorsOf(pub(crate) SeriesId);

/// The sends of a case.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct SendsOf(pub(crate) CaseId);

/// What destinations were told about the recall of a case.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct RejectionNotesOf(pub(crate) CaseId);

/// The ledger's entries about an id.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct HistoryOf(pub(crate) String);

/// Calls the services on behalf of one person.
pub(crate) struct Calls(Services);

type LoadError = Arc<ClientError>;

/// The loaders of one request, made when they are first needed.
#[derive(Default)]
pub(crate) struct Loaders(OnceLock<DataLoader<Calls, HashMapCache>>);

/// The loaders of a request with a signed-in person.
pub(crate) struct Ready<'c>(&'c DataLoader<Calls, HashMapCache>);

impl Loaders {
    /// The loaders of the request, for the signed-in person.
    pub(crate) fn of<'c>(ctx: &Context<'c>) -> Result<Ready<'c>, Error> {
        let services = super::services(ctx, viewer(ctx)?);
        let make = || {
            let spawn = |work| actix_web::rt::spawn(Instrument::in_current_span(work));
            DataLoader::with_cache(Calls(services), spawn, HashMapCache::default())
        };
        Ok(Ready(ctx.data_unchecked::<Self>().0.get_or_init(make)))
    }
}

impl Ready<'_> {
    /// Loads one value, together with what others ask for at the same time.
    pub(crate) async fn one<K, V>(&self, ctx: &Context<'_>, key: K) -> Result<Option<V>, Error>
    where
        K: Send + Sync + Hash + Eq + Clone + 'static,
        V: Send + Sync + Clone + 'static,
        Calls: Loader<K, Value = V, Error = LoadError>,
    {
        self.0.load_one(key).await.map_err(|error| load_fault(ctx, &error))
    }

    /// Loads several values, together with what others ask for at the same time.
    pub(crate) async fn many<K, V>(
        &self,
        ctx: &Context<'_>,
        keys: impl IntoIterator<Item = K>,
    ) -> Result<HashMap<K, V>, Error>
    where
        K: Send + Sync + Hash + Eq + Clone + 'static,
        V: Send + Sync + Clone + 'static,
        Calls: Loader<K, Value = V, Error = LoadError>,
    {
        self.0.load_many(keys).await.map_err(|error| load_fault(ctx, &error))
    }
}

/// Everybody in a batch gets the same error, so it is told again for each.
fn load_fault(ctx: &Context<'_>, error: &ClientError) -> Error {
    let again = match error {
        ClientError::Refused { service, refusal } => {
            ClientError::Refused { service, refusal: refusal.clone() }
        }
        ClientError::Unavailable { service, .. } => ClientError::Unavailable { service, source: None },
        ClientError::Unexpected { service, status, path } => {
            ClientError::Unexpected { service, status: *status, path: path.clone() }
        }
    };
    fault(ctx, again.into())
}

/// Sorts `values` under their keys.
fn keyed<K: Hash + Eq, V>(values: Vec<V>, key: impl Fn(&V) -> K) -> HashMap<K, V> {
    values.into_iter().map(|value| (key(&value), value)).collect()
}

/// Sorts `values` into one list per key, keeping their order.
fn grouped<K: Hash + Eq, V>(values: Vec<V>, key: impl Fn(&V) -> K) -> HashMap<K, Vec<V>> {
    let mut groups: HashMap<K, Vec<V>> = HashMap::new();
    for value in values {
        groups.entry(key(&value)).or_default().push(value);
    }
    groups
}

impl Loader<StudyId> for Calls {
    type Value = intake::Study;
    type Error = LoadError;

    async fn load(&self, keys: &[StudyId]) -> Result<HashMap<StudyId, intake::Study>, LoadError> {
        Ok(keyed(self.0.intake.study_batch(keys.to_vec()).await?, |study| study.id.clone()))
    }
}

impl Loader<SeriesId> for Calls {
    type Value = intake::Series;
    type Error = LoadError;

    async fn load(&self, keys: &[SeriesId]) -> Result<HashMap<SeriesId, intake::Series>, LoadError> {
        Ok(keyed(self.0.intake.series_batch(keys.to_vec()).await?, |series| series.id.clone()))
    }
}

impl Loader<PriorsOf> for Calls {
    type Value = u32;
    type Error = LoadError;

    async fn load(&self, keys: &[PriorsOf]) -> Result<HashMap<PriorsOf, u32>, LoadError> {
        let counts = self.0.intake.prior_counts(keys.iter().map(|key| key.0.clone()).collect()).await?;
        Ok(counts.into_iter().map(|count| (PriorsOf(count.series), count.priors)).collect())
    }
}

impl Loader<RunId> for Calls {
    type Value = generation::Run;
    type Error = LoadError;

    async fn load(&self, keys: &[RunId]) -> Result<HashMap<RunId, generation::Run>, LoadError> {
        Ok(keyed(self.0.generation.run_batch(keys.to_vec()).await?, |run| run.id.clone()))
    }
}

impl Loader<RunsOf> for Calls {
    type Value = Vec<generation::Run>;
    type Error = LoadError;

    async fn load(&self, keys: &[RunsOf]) -> Result<HashMap<RunsOf, Vec<generation::Run>>, LoadError> {
        let series = keys.iter().map(|key| key.0.clone()).collect();
        Ok(grouped(self.0.generation.runs_of_series(series).await?, |run| RunsOf(run.series.clone())))
    }
}

impl Loader<RoutingOf> for Calls {
    type Value = Vec<rollout::RuleOutcome>;
    type Error = LoadError;

    async fn load(
        &self,
        keys: &[RoutingOf],
    ) -> Result<HashMap<RoutingOf, Vec<rollout::RuleOutcome>>, LoadError> {
        let series = keys.iter().map(|key| key.0.clone()).collect();
        let routings = self.0.rollout.routing_batch(series).await?;
        Ok(routings.into_iter().map(|routing| (RoutingOf(routing.series), routing.outcomes)).collect())
    }
}

impl Loader<ModelVersionId> for Calls {
    type Value = rollout::Model;
    type Error = LoadError;

    /// There are few models: the one list is the batch.
    async fn load(
        &self,
        _keys: &[ModelVersionId],
    ) -> Result<HashMap<ModelVersionId, rollout::Model>, LoadError> {
        Ok(keyed(self.0.rollout.models().await?, |model| model.id.clone()))
    }
}

impl Loader<DeploymentId> for Calls {
    type Value = rollout::DeploymentLabel;
    type Error = LoadError;

    /// There are few deployments: the one list is the batch.
    async fn load(
        &self,
        _keys: &[DeploymentId],
    ) -> Result<HashMap<DeploymentId, rollout::DeploymentLabel>, LoadError> {
        Ok(keyed(self.0.rollout.deployment_labels().await?, |deployment| deployment.id.clone()))
    }
}

impl Loader<SendsOf> for Calls {
    type Value = Vec<delivery::Send>;
    type Error = LoadError;

    async fn load(&self, keys: &[SendsOf]) -> Result<HashMap<SendsOf, Vec<delivery::Send>>, LoadError> {
        let cases = keys.iter().map(|key| key.0.clone()).collect();
        Ok(grouped(self.0.delivery.sends_of_cases(cases).await?, |send| SendsOf(send.case.clone())))
    }
}

impl Loader<RejectionNotesOf> for Calls {
    type Value = Vec<delivery::RejectionNote>;
    type Error = LoadError;

    async fn load(
        &self,
        keys: &[RejectionNotesOf],
    ) -> Result<HashMap<RejectionNotesOf, Vec<delivery::RejectionNote>>, LoadError> {
        let cases = keys.iter().map(|key| key.0.clone()).collect();
        let notes = self.0.delivery.rejection_notes_of_cases(cases).await?;
        Ok(grouped(notes, |note| RejectionNotesOf(note.case.clone())))
    }
}

impl Loader<HistoryOf> for Calls {
    type Value = Vec<audit::LedgerEntry>;
    type Error = LoadError;

    async fn load(
        &self,
        keys: &[HistoryOf],
    ) -> Result<HashMap<HistoryOf, Vec<audit::LedgerEntry>>, LoadError> {
        let subjects = keys.iter().map(|key| key.0.clone()).collect();
        Ok(grouped(self.0.audit.history(subjects).await?, |entry| HistoryOf(entry.subject.clone())))
    }
}
