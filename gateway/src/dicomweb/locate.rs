//! From UIDs in a path to stored objects.

use super::accept::EXPLICIT_LITTLE_ENDIAN;
use super::{Visitor, hidden};
use chrono::TimeDelta;
use contract::generation::{DerivedSeries, Run};
use contract::intake::Series;
use contract::{ClientError, Digest, RunId, SeriesId, Time, UserId};
use parking_lot::Mutex;
use platform::Clock;
use platform::http::HttpError;
use std::collections::HashMap;
use std::sync::Arc;

/// A page of images asks for its instances one by one: the list of a series is kept this long.
const REMEMBERED: TimeDelta = TimeDelta::seconds(10);
/// The cache is emptied when it grows over this.
const ENTRIES_MAX: usize = 256;

/// Who says whether the pixels may be seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Owner {
    /// Intake: they were received.
    Source(SeriesId),
    /// Review: an AI made them.
    Derived(RunId),
}

/// A stored instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct StoredInstance {
    pub(super) sop_class_uid: String,
    pub(super) sop_instance_uid: String,
    pub(super) object: Digest,
    pub(super) transfer_syntax_uid: String,
}

/// A series and where its instances lie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct StoredSeries {
    pub(super) owner: Owner,
    pub(super) study_instance_uid: String,
    pub(super) series_instance_uid: String,
    pub(super) instances: Vec<StoredInstance>,
}

/// Lists of series that were found a moment ago, each for the one person who asked. They hold no right: the
/// owner is asked each time.
pub(crate) struct Located {
    clock: Arc<dyn Clock>,
    found: Mutex<HashMap<Key, (Time, Arc<StoredSeries>)>>,
}

type Key = (UserId, String, String);

impl Located {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, found: Mutex::default() }
    }

    fn get(&self, key: &Key) -> Option<Arc<StoredSeries>> {
        let now = self.clock.now();
        let found = self.found.lock();
        let (at, series) = found.get(key)?;
        (now - *at < REMEMBERED).then(|| Arc::clone(series))
    }

    fn insert(&self, key: Key, series: &Arc<StoredSeries>) {
        let mut found = self.found.lock();
        if found.len() >= ENTRIES_MAX {
            found.clear();
        }
        found.insert(key, (self.clock.now(), Arc::clone(series)));
    }
}

impl StoredSeries {
    pub(super) fn source(series: Series) -> Self {
        let instances = series.instances.into_iter().map(|instance| StoredInstance {
            sop_class_uid: instance.sop_class_uid,
            sop_instance_uid: instance.sop_instance_uid,
            object: instance.object,
            transfer_syntax_uid: instance.transfer_syntax_uid,
        });
        Self {
            owner: Owner::Source(series.id),
            study_instance_uid: series.study_instance_uid,
            series_instance_uid: series.series_instance_uid,
            instances: instances.collect(),
        }
    }

    pub(super) fn derived(study_instance_uid: &str, run: &RunId, series: DerivedSeries) -> Self {
        let instances = series.instances.into_iter().map(|instance| StoredInstance {
            sop_class_uid: instance.sop_class_uid,
            sop_instance_uid: instance.sop_instance_uid,
            object: instance.object,
            transfer_syntax_uid: EXPLICIT_LITTLE_ENDIAN.to_owned(),
        });
        Self {
            owner: Owner::Derived(run.clone()),
            study_instance_uid: study_instance_uid.to_owned(),
            series_instance_uid: series.series_instance_uid,
            instances: instances.collect(),
        }
    }

    pub(super) fn instance(&self, sop_instance_uid: &str) -> Option<&StoredInstance> {
        self.instances.iter().find(|instance| instance.sop_instance_uid == sop_instance_uid)
    }
}

impl Visitor {
    /// Finds a series, received or derived, in the study that the path names.
    pub(super) async fn find(&self, study: &str, series: &str) -> Result<Arc<StoredSeries>, HttpError> {
        let key = (self.viewer.user.clone(), study.to_owned(), series.to_owned());
        let located = &self.asking.door.located;
        if let Some(found) = located.get(&key) {
            return Ok(found);
        }
        let found = Arc::new(self.look_up(study, series).await?.ok_or(HttpError::NotFound)?);
        located.insert(key, &found);
        Ok(found)
    }

    async fn look_up(&self, study_uid: &str, series_uid: &str) -> Result<Option<StoredSeries>, HttpError> {
        let Some(study) = self.services.intake.study_by_uid(study_uid).await.map_err(hidden)? else {
            return Ok(None);
        };
        let received = study.series.into_iter().find(|series| series.series_instance_uid == series_uid);
        if let Some(series) = received {
            return Ok(Some(StoredSeries::source(series)));
        }
        let run = self.services.generation.run_by_series_uid(series_uid).await.map_err(hidden)?;
        let run = run.filter(|run| run.study == study.id);
        Ok(run.and_then(|run| derived_of(study_uid, run, series_uid)))
    }

    /// Asks the owner for the pixels of a series. The access is recorded when this answers.
    pub(super) async fn view(&self, owner: &Owner) -> Result<(), HttpError> {
        let answer = match owner {
            Owner::Source(series) => self.services.intake.view(series).await,
            Owner::Derived(run) => self.services.review.view(run).await,
        };
        if let Err(ClientError::Refused { refusal, .. }) = &answer {
            self.is_refused("view", refusal).await?;
        }
        answer.map_err(hidden)
    }
}

fn derived_of(study_uid: &str, run: Run, series_uid: &str) -> Option<StoredSeries> {
    let series = run.derived.into_iter().find(|series| series.series_instance_uid == series_uid)?;
    Some(StoredSeries::derived(study_uid, &run.id, series))
}
