//! Cases. Review has cut them to what the viewer may see; nothing here adds to that.

use super::deployment::{DeploymentSummary, Stage};
use super::ledger::LedgerEntry;
use super::model::Model;
use super::oversight::{CaseKind, CaseRecall, Deferral, EndedHold, Hold, PriorityChange};
use super::prior::{self, Prior};
use super::priority::Priority;
use super::read::{Confirmable, Draft, Read};
use super::rejection_note::RejectionNote;
use super::send::Send;
use super::study::StudySummary;
use crate::graphql::fault::{asking, fault, missing, viewer};
use crate::graphql::loader::{HistoryOf, Loaders, PriorsOf, RejectionNotesOf, SendsOf};
use crate::graphql::services;
use crate::record;
use async_graphql::{Context, Enum, ID, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};
use contract::event::Display;
use contract::{Role, generation, intake, job, review};
use std::collections::BTreeMap;

/// What of a case is written down when it is shown.
pub(crate) fn ids(case: &review::Case) -> [String; 2] {
    [case.id.to_string(), case.study.to_string()]
}

#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "review::Availability")]
pub(crate) enum Availability {
    Available,
    Mine,
    Signed,
    Unavailable,
}

#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "review::CaseState")]
pub(crate) enum CaseState {
    Queued,
    Reading,
    Discordant,
    Adjudicating,
    Released,
    Rejected,
    Held,
    Deferred,
    Superseded,
    Expired,
    Recalled,
    Evaluated,
}

#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "generation::DerivedRole")]
pub(crate) enum DerivedRole {
    Image,
    Uncertainty,
    Lower,
    Upper,
}

#[derive(SimpleObject)]
pub(crate) struct Instance {
    sop_instance_uid: String,
    /// Place along the slice normal, from 0.
    slice: u32,
}

impl Instance {
    pub(crate) fn new(sop_instance_uid: String, slice: u32) -> Self {
        Self { sop_instance_uid, slice }
    }
}

#[derive(SimpleObject)]
pub(crate) struct SourceSeries {
    id: ID,
    series_instance_uid: String,
    modality: String,
    body_part_examined: String,
    series_description: String,
    manufacturer: String,
    slice_thickness_mm: Option<f64>,
    instances: Vec<Instance>,
}

impl From<intake::Series> for SourceSeries {
    fn from(series: intake::Series) -> Self {
        let instance = |instance: intake::Instance| Instance {
            sop_instance_uid: instance.sop_instance_uid,
            slice: instance.slice,
        };
        Self {
            id: series.id.to_string().into(),
            series_instance_uid: series.series_instance_uid,
            modality: series.modality,
            body_part_examined: series.body_part_examined,
            series_description: series.series_description,
            manufacturer: series.manufacturer,
            slice_thickness_mm: series.slice_thickness_mm,
            instances: series.instances.into_iter().map(instance).collect(),
        }
    }
}

#[derive(SimpleObject)]
pub(crate) struct DerivedSeries {
    series_instance_uid: String,
    role: DerivedRole,
    instances: Vec<Instance>,
}

impl From<generation::DerivedSeries> for DerivedSeries {
    fn from(series: generation::DerivedSeries) -> Self {
        let instance = |instance: generation::DerivedInstance| Instance {
            sop_instance_uid: instance.sop_instance_uid,
            slice: instance.slice,
        };
        Self {
            series_instance_uid: series.series_instance_uid,
            role: series.role.into(),
            instances: series.instances.into_iter().map(instance).collect(),
        }
    }
}

#[derive(SimpleObject)]
pub(crate) struct Scores {
    domain: Option<f64>,
    consistency: Option<f64>,
    /// Of a model that draws several images; null of one that gives one, and while the model is hidden, which it would
    /// tell.
    agreement: Option<f64>,
}

impl From<job::Scores> for Scores {
    fn from(scores: job::Scores) -> Self {
        Self { domain: scores.domain, consistency: scores.consistency, agreement: scores.agreement }
    }
}

/// Why a reader is asked to look at a region.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RegionKind {
    /// The interval is wide.
    Width,
    /// Structure was taken away or added.
    Structure,
    /// The images that the model draws disagree.
    Disagreement,
    /// A test points at it. Which one is not told while the model is hidden: not every model has every test.
    Test,
}

impl RegionKind {
    fn new(kind: generation::RegionKind, is_model_hidden: bool) -> Self {
        match kind {
            generation::RegionKind::Width => Self::Width,
            _ if is_model_hidden => Self::Test,
            generation::RegionKind::Structure => Self::Structure,
            generation::RegionKind::Disagreement => Self::Disagreement,
        }
    }
}

/// Centre in patient coordinates (LPS), mm; half-width in the image's unit.
#[derive(SimpleObject)]
pub(crate) struct Region {
    index: usize,
    kind: RegionKind,
    centre_mm: Vec<f64>,
    diameter_mm: f64,
    half_width_max: f64,
    first_slice: u32,
    last_slice: u32,
}

impl Region {
    fn new((index, region): (usize, generation::Region), is_model_hidden: bool) -> Self {
        Self {
            index,
            kind: RegionKind::new(region.kind, is_model_hidden),
            centre_mm: region.centre_mm.into(),
            diameter_mm: region.diameter_mm,
            half_width_max: region.half_width_max,
            first_slice: region.slices.0,
            last_slice: region.slices.1,
        }
    }
}

/// The viewer's hold.
#[derive(SimpleObject)]
pub(crate) struct Lease {
    expires_at: DateTime<Utc>,
}

pub(crate) struct Case(pub(crate) review::Case);

#[Object]
impl Case {
    async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }

    async fn availability(&self) -> Availability {
        self.0.availability.into()
    }

    /// Null while the viewer may not know.
    async fn state(&self) -> Option<CaseState> {
        self.0.state.map(CaseState::from)
    }

    async fn stage(&self) -> Stage {
        self.0.stage.into()
    }

    /// How soon it is wanted.
    async fn priority(&self) -> Priority {
        self.0.priority.into()
    }

    async fn queued_at(&self) -> DateTime<Utc> {
        self.0.queued_at
    }

    /// From when on it comes before what is as urgent: its time is running out.
    async fn escalates_at(&self) -> DateTime<Utc> {
        self.0.escalates_at
    }

    /// When it should have ended.
    async fn due_at(&self) -> DateTime<Utc> {
        self.0.due_at
    }

    /// When it ends unreleased.
    async fn expires_at(&self) -> DateTime<Utc> {
        self.0.expires_at
    }

    async fn study(&self, ctx: &Context<'_>) -> Result<StudySummary> {
        let study = Loaders::of(ctx)?.one(ctx, self.0.study.clone()).await?;
        study.map(StudySummary::from).ok_or_else(|| missing(ctx, "study"))
    }

    async fn source(&self, ctx: &Context<'_>) -> Result<SourceSeries> {
        let series = Loaders::of(ctx)?.one(ctx, self.0.series.clone()).await?;
        series.map(SourceSeries::from).ok_or_else(|| missing(ctx, "series"))
    }

    /// How many acquired series of earlier studies of the patient there are; what they are shows to who holds the case.
    async fn prior_count(&self, ctx: &Context<'_>) -> Result<u32> {
        let count = Loaders::of(ctx)?.one(ctx, PriorsOf(self.0.series.clone())).await?;
        Ok(count.unwrap_or_default())
    }

    /// Acquired series of earlier studies of the patient, what is most like the source first, of these the newest. Null
    /// unless the viewer holds the case.
    #[graphql(complexity = "20 + child_complexity")]
    async fn priors(&self, ctx: &Context<'_>) -> Result<Option<Vec<Prior>>> {
        if self.0.lease.is_none() {
            return Ok(None);
        }
        let intake = services(ctx, viewer(ctx)?).intake;
        let priors = intake.priors(&self.0.series).await.map_err(|error| fault(ctx, error.into()))?;
        record::shown(ctx, Display::Priors, priors.iter().flat_map(prior::ids));
        Ok(Some(priors.into_iter().map(Prior::from).collect()))
    }

    async fn derived(&self, ctx: &Context<'_>) -> Result<Vec<DerivedSeries>> {
        Ok(self.run(ctx).await?.derived.into_iter().map(DerivedSeries::from).collect())
    }

    /// What the browser must arrive at: SHA-256 over the lines `SOPInstanceUID digest\n`, sorted, of derived and
    /// source instances.
    async fn case_digest(&self) -> String {
        self.0.case_digest.to_string()
    }

    /// Without name, version and card while the viewer may not be told which it is.
    async fn model(&self, ctx: &Context<'_>) -> Result<Model> {
        let model = Loaders::of(ctx)?.one(ctx, self.0.model.clone()).await?;
        let model = model.ok_or_else(|| missing(ctx, "model"))?;
        Ok(if self.0.is_model_hidden { Model::hidden(model, &self.0.id) } else { Model(model) })
    }

    /// Whether the viewer is told which model it is only when the own read is final.
    async fn is_model_hidden(&self) -> bool {
        self.0.is_model_hidden
    }

    /// Without name while the viewer may not be told which model it is.
    async fn deployment(&self, ctx: &Context<'_>) -> Result<DeploymentSummary> {
        let deployment = Loaders::of(ctx)?.one(ctx, self.0.deployment.clone()).await?;
        let deployment = deployment.ok_or_else(|| missing(ctx, "deployment"))?;
        Ok(if self.0.is_model_hidden {
            DeploymentSummary::hidden(&deployment, &self.0.id)
        } else {
            DeploymentSummary::from(deployment)
        })
    }

    async fn scores(&self, ctx: &Context<'_>) -> Result<Option<Scores>> {
        let scores = self.run(ctx).await?.scores.map(Scores::from);
        Ok(scores.map(|scores| Scores {
            agreement: scores.agreement.filter(|_| !self.0.is_model_hidden),
            ..scores
        }))
    }

    async fn regions(&self, ctx: &Context<'_>) -> Result<Vec<Region>> {
        let regions = self.run(ctx).await?.regions.into_iter().enumerate();
        Ok(regions.map(|region| Region::new(region, self.0.is_model_hidden)).collect())
    }

    async fn lease(&self) -> Option<Lease> {
        self.0.lease.as_ref().map(|lease| Lease { expires_at: lease.expires_at })
    }

    async fn draft(&self) -> Option<Draft> {
        self.0.draft.clone().map(Draft::from)
    }

    /// What the viewer had typed on a case whose place this one took; null once there is a draft here.
    async fn offered_draft(&self) -> Option<Draft> {
        self.0.offered_draft.clone().map(Draft::from)
    }

    /// What the viewer may confirm instead of reading the same images once more; null while the viewer holds no slot.
    async fn confirmable(&self) -> Option<Confirmable> {
        self.0.confirmable.clone().and_then(Confirmable::new)
    }

    /// How the viewer's hold ended without a read.
    async fn ended_hold(&self) -> Option<EndedHold> {
        self.0.ended_hold.clone().map(EndedHold::from)
    }

    /// Until when the viewer may withdraw the own read; null once it is final.
    async fn withdraw_until(&self) -> Option<DateTime<Utc>> {
        self.0.withdraw_until
    }

    /// For quality only.
    async fn kind(&self) -> Option<CaseKind> {
        self.0.kind.map(CaseKind::from)
    }

    /// For coordinators, quality and administrators; empty for others.
    async fn holds(&self) -> Vec<Hold> {
        self.0.holds.iter().cloned().map(Hold::from).collect()
    }

    /// For coordinators, quality and administrators; empty for others.
    async fn deferrals(&self) -> Vec<Deferral> {
        self.0.deferrals.iter().cloned().map(Deferral::from).collect()
    }

    /// The last change of its priority by a person. For coordinators, quality and administrators.
    async fn priority_change(&self) -> Option<PriorityChange> {
        self.0.priority_change.clone().map(PriorityChange::from)
    }

    /// For coordinators, quality and administrators.
    async fn recall(&self) -> Option<CaseRecall> {
        self.0.recall.clone().map(CaseRecall::from)
    }

    /// For coordinators, quality and administrators: whether fewer people may read the case than it still needs. Null
    /// where the rules ask for no credentials.
    async fn lacks_readers(&self) -> Option<bool> {
        self.0.lacks_readers
    }

    /// True for quality and administrators when something after the release asks whether to recall it.
    async fn needs_recall_evaluation(&self) -> bool {
        self.0.needs_recall_evaluation
    }

    async fn my_read(&self) -> Option<Read> {
        self.0.my_read.clone().and_then(Read::new)
    }

    /// Unnamed for an adjudicator; empty while the viewer may not know.
    async fn reads(&self) -> Vec<Read> {
        self.0.reads.iter().cloned().filter_map(Read::new).collect()
    }

    /// Empty while the viewer may not know how far the case is.
    async fn sends(&self, ctx: &Context<'_>) -> Result<Vec<Send>> {
        if self.0.state.is_none() {
            return Ok(Vec::new());
        }
        let sends = Loaders::of(ctx)?.one(ctx, SendsOf(self.0.id.clone())).await?;
        Ok(sends.unwrap_or_default().into_iter().map(Send::from).collect())
    }

    /// What destinations were told when the case was recalled, and what they show since. Empty for everybody but
    /// coordinators, quality and administrators.
    async fn rejection_notes(&self, ctx: &Context<'_>) -> Result<Vec<RejectionNote>> {
        // Review shows the recall to exactly those who may see what became of it.
        if self.0.recall.is_none() {
            return Ok(Vec::new());
        }
        let notes = Loaders::of(ctx)?.one(ctx, RejectionNotesOf(self.0.id.clone())).await?;
        Ok(notes.unwrap_or_default().into_iter().map(RejectionNote::from).collect())
    }

    /// For quality only; empty otherwise.
    #[graphql(complexity = "20 + child_complexity")]
    async fn history(&self, ctx: &Context<'_>) -> Result<Vec<LedgerEntry>> {
        if !asking(ctx).viewer.as_ref().is_some_and(|viewer| viewer.has_role(Role::Quality)) {
            return Ok(Vec::new());
        }
        let loaders = Loaders::of(ctx)?;
        let sends = loaders.one(ctx, SendsOf(self.0.id.clone())).await?.unwrap_or_default();
        let notes = loaders.one(ctx, RejectionNotesOf(self.0.id.clone())).await?.unwrap_or_default();
        let reads = self.0.reads.iter().map(|read| read.id.to_string());
        let subjects = [self.0.id.to_string(), self.0.run.to_string(), self.0.series.to_string()]
            .into_iter()
            .chain(reads)
            .chain(sends.iter().map(|send| send.id.to_string()))
            .chain(notes.iter().map(|note| note.id.to_string()))
            .map(HistoryOf);
        let found = loaders.many(ctx, subjects).await?;
        let entries: BTreeMap<u64, _> =
            found.into_values().flatten().map(|entry| (entry.index, entry)).collect();
        Ok(entries.into_values().map(LedgerEntry).collect())
    }
}

impl Case {
    async fn run(&self, ctx: &Context<'_>) -> Result<generation::Run> {
        let run = Loaders::of(ctx)?.one(ctx, self.0.run.clone()).await?;
        run.ok_or_else(|| missing(ctx, "run"))
    }
}
