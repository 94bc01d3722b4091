//! What coordinators, quality and administrators ask around the reads.

use crate::graphql::fault::{asking, fault, viewer};
use crate::graphql::services;
use crate::graphql::r#type::destination::Destination;
use crate::graphql::r#type::oversight::{Conflict, Credential, QualitySample, ReviewPolicy, StudyFlag};
use crate::record;
use crate::store;
use async_graphql::{Context, Object, Result};
use contract::event::Display;

#[derive(Default)]
pub(crate) struct OversightQuery;

#[Object]
impl OversightQuery {
    /// Studies under investigation, newest first; for coordinators, quality and administrators.
    async fn study_flags(&self, ctx: &Context<'_>) -> Result<Vec<StudyFlag>> {
        let review = services(ctx, viewer(ctx)?).review;
        let flags = review.study_flags().await.map_err(|error| fault(ctx, error.into()))?;
        record::shown(ctx, Display::StudyFlags, flags.iter().map(|flag| flag.study.to_string()));
        Ok(flags.into_iter().map(StudyFlag::from).collect())
    }

    /// Who may read what, newest first; for administrators and quality.
    async fn credentials(&self, ctx: &Context<'_>) -> Result<Vec<Credential>> {
        let review = services(ctx, viewer(ctx)?).review;
        let credentials = review.credentials().await.map_err(|error| fault(ctx, error.into()))?;
        record::shown(ctx, Display::Credentials, []);
        let users = credentials.iter().map(|credential| credential.reader.clone());
        let names = store::account_names(&asking(ctx).door.db, users).await;
        let names = names.map_err(|error| fault(ctx, error.into()))?;
        Ok(credentials.into_iter().map(|credential| Credential::new(credential, &names)).collect())
    }

    /// Who may not read what, newest first; for coordinators, quality and administrators.
    async fn conflicts(&self, ctx: &Context<'_>) -> Result<Vec<Conflict>> {
        let review = services(ctx, viewer(ctx)?).review;
        let conflicts = review.conflicts().await.map_err(|error| fault(ctx, error.into()))?;
        record::shown(ctx, Display::Conflicts, []);
        let users = conflicts.iter().map(|conflict| conflict.reader.clone());
        let names = store::account_names(&asking(ctx).door.db, users).await;
        let names = names.map_err(|error| fault(ctx, error.into()))?;
        Ok(conflicts.into_iter().map(|conflict| Conflict::new(conflict, &names)).collect())
    }

    /// Where releases are sent, by name, closed ones last; for coordinators, quality and administrators.
    async fn destinations(&self, ctx: &Context<'_>) -> Result<Vec<Destination>> {
        let delivery = services(ctx, viewer(ctx)?).delivery;
        let destinations = delivery.destinations().await.map_err(|error| fault(ctx, error.into()))?;
        record::shown(ctx, Display::Destinations, []);
        Ok(destinations.into_iter().map(Destination::from).collect())
    }

    /// Reads of sentinels and repeats, newest first; for quality.
    async fn quality_samples(&self, ctx: &Context<'_>) -> Result<Vec<QualitySample>> {
        let review = services(ctx, viewer(ctx)?).review;
        let samples = review.quality_samples().await.map_err(|error| fault(ctx, error.into()))?;
        record::shown(ctx, Display::QualitySamples, []);
        Ok(samples.into_iter().map(QualitySample::from).collect())
    }

    /// The rules of reading, newest first; for quality and administrators.
    async fn review_policies(&self, ctx: &Context<'_>) -> Result<Vec<ReviewPolicy>> {
        let review = services(ctx, viewer(ctx)?).review;
        let versions = review.policies().await.map_err(|error| fault(ctx, error.into()))?;
        record::shown(ctx, Display::ReviewPolicies, []);
        let users = versions.iter().filter_map(|version| version.adopted_by.clone());
        let names = store::account_names(&asking(ctx).door.db, users).await;
        let names = names.map_err(|error| fault(ctx, error.into()))?;
        Ok(versions.into_iter().map(|version| ReviewPolicy::new(version, &names)).collect())
    }
}
