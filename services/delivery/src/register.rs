//! The destinations as they are now: read from the database each time, once the configuration has said what it says.

use crate::config::Config;
use crate::destination::{self, Author, Version};
use crate::error::Error;
use crate::store::{self, Origin};
use contract::{Actor, DestinationId};
use database::{DatabaseConnection, transaction};
use futures::stream::{FuturesUnordered, StreamExt as _};
use platform::{Clock, Random, Shutdown};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::OnceCell;

/// How often destinations are looked for that were added meanwhile.
const LOOK: Duration = Duration::from_secs(1);

/// What delivery knows of destinations.
pub(crate) struct Register {
    config: Arc<Config>,
    db: DatabaseConnection,
    clock: Arc<dyn Clock>,
    random: Random,
    /// Whether the configuration was heard since the start. Nobody is sent anything before.
    heard: OnceCell<()>,
}

impl Register {
    pub(crate) fn new(
        config: Arc<Config>,
        db: DatabaseConnection,
        clock: Arc<dyn Clock>,
        random: Random,
    ) -> Self {
        Self { config, db, clock, random, heard: OnceCell::new() }
    }

    /// Every version of every destination, by name, oldest first.
    pub(crate) async fn versions(&self) -> Result<Vec<Version>, Error> {
        self.heard.get_or_try_init(|| self.hear()).await?;
        store::destination_version::list(&self.db).await
    }

    /// What is in force of each destination.
    pub(crate) async fn all(&self) -> Result<Vec<Version>, Error> {
        Ok(destination::current(&self.versions().await?))
    }

    /// The names of all.
    pub(crate) async fn names(&self) -> Result<Vec<String>, Error> {
        self.heard.get_or_try_init(|| self.hear()).await?;
        store::destination_version::names(&self.db).await
    }

    /// What is in force of the destination of this name now.
    pub(crate) async fn current(&self, name: &str) -> Result<Version, Error> {
        self.heard.get_or_try_init(|| self.hear()).await?;
        let current = store::destination_version::current(&self.db, name).await?;
        current.ok_or_else(|| Error::DestinationUnknown(name.to_owned()))
    }

    /// Does `work` for each destination, also for those that come later, until `shutdown`.
    pub(crate) async fn for_each<W: Future<Output = ()>>(
        &self,
        shutdown: &Shutdown,
        work: impl Fn(String) -> W,
    ) {
        let mut known = BTreeSet::new();
        let mut works = FuturesUnordered::new();
        while !shutdown.requested() {
            match self.names().await {
                Ok(names) => {
                    works.extend(names.into_iter().filter(|name| known.insert(name.clone())).map(&work));
                }
                Err(error) => tracing::error!(
                    event = "destination.fault",
                    error = &error as &dyn std::error::Error,
                    "the destinations could not be read; they are looked for again"
                ),
            }
            tokio::select! {
                () = works.by_ref().collect::<()>(), if !works.is_empty() => {}
                _ = shutdown.sleep(LOOK) => {}
            }
        }
        works.collect::<()>().await;
    }

    /// Puts in force what is new in the configuration. Two processes that begin at once do it once.
    async fn hear(&self) -> Result<(), Error> {
        let (config, random, now) = (self.config.clone(), self.random.clone(), self.clock.now());
        transaction(&self.db, |txn| {
            Box::pin(async move {
                let actor = Actor::service("delivery");
                let origin = Origin { now, actor, causation: None, random: &random };
                for wanted in destination::configured(&config, &store::destination_version::list(txn).await?)
                {
                    let (id, follows) = match &wanted.follows {
                        Some(newest) => (newest.id.clone(), newest.version),
                        None => (random.with(DestinationId::random), 0),
                    };
                    let version = Version {
                        id,
                        name: wanted.name,
                        version: follows + 1,
                        terms: wanted.terms,
                        changed_at: now,
                        changed_by: Author::Configuration,
                        reason: wanted.reason.to_owned(),
                    };
                    store::destination_version::insert(txn, &version, &origin).await?;
                }
                Ok(())
            })
        })
        .await
    }
}
