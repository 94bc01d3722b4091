//! Prices and plans, as versions.

use super::promotion::person;
use super::{from_json, to_json, told};
use crate::Error;
use crate::economics;
use crate::entity::terms;
use contract::event::TermsChanged;
use contract::rollout::{Plan, Prices, TermsVersion};
use contract::{Actor, DeploymentId, Digest, Event, Refusal, Time};
use database::{DatabaseConnection, outbox, transaction};
use platform::Random;
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The subject of what counts for every deployment.
const PRICES: &str = "prices";

/// What can be put in force as a version.
pub(crate) trait Terms: Serialize + DeserializeOwned + Clone + Send + 'static {
    /// What is there before anybody entered anything, and how it is called.
    fn first() -> (Self, &'static str);
    /// What is otherwise than in `former`.
    fn difference(&self, former: &Self) -> Vec<String>;
}

impl Terms for Prices {
    fn first() -> (Self, &'static str) {
        (economics::first_prices(), "orders of magnitude that every site begins with: enter your own")
    }

    fn difference(&self, former: &Self) -> Vec<String> {
        economics::prices_difference(self, former)
    }
}

impl Terms for Plan {
    fn first() -> (Self, &'static str) {
        (economics::first_plan(), "nothing is entered yet")
    }

    fn difference(&self, former: &Self) -> Vec<String> {
        economics::plan_difference(self, former)
    }
}

/// Versions of prices, newest first.
pub(crate) async fn prices_list(db: &impl ConnectionTrait) -> Result<Vec<TermsVersion<Prices>>, Error> {
    versions(db, PRICES).await
}

/// Versions of a deployment's plan, newest first.
pub(crate) async fn plan_list(
    db: &impl ConnectionTrait,
    deployment: &DeploymentId,
) -> Result<Vec<TermsVersion<Plan>>, Error> {
    versions(db, deployment.as_str()).await
}

async fn versions<T: Terms>(db: &impl ConnectionTrait, subject: &str) -> Result<Vec<TermsVersion<T>>, Error> {
    let rows = terms::Entity::find()
        .filter(terms::Column::Subject.eq(subject))
        .order_by_asc(terms::Column::Version)
        .all(db)
        .await?;
    let (first, reason) = T::first();
    let mut versions = vec![TermsVersion {
        version: 0,
        terms: first,
        changed_by: None,
        changed_at: None,
        reason: reason.to_owned(),
        difference: Vec::new(),
    }];
    for row in rows {
        let terms: T = from_json("prices or plan", &row.content)?;
        let former = &versions[versions.len() - 1].terms;
        versions.push(TermsVersion {
            version: row.version.cast_unsigned(),
            difference: terms.difference(former),
            terms,
            changed_by: Some(row.changed_by_name),
            changed_at: Some(row.changed_at),
            reason: row.reason,
        });
    }
    versions.reverse();
    Ok(versions)
}

/// Terms that may be put in force.
pub(crate) struct NewTerms<T> {
    /// Whose; `None` for the prices.
    pub(crate) deployment: Option<DeploymentId>,
    pub(crate) terms: T,
    pub(crate) follows: u32,
    pub(crate) reason: String,
    pub(crate) actor: Actor,
    pub(crate) at: Time,
}

/// Puts terms in force, unless another version came between or nothing is changed.
pub(crate) async fn terms_add<T: Terms>(
    db: &DatabaseConnection,
    random: &Random,
    new: NewTerms<T>,
) -> Result<TermsVersion<T>, Error> {
    let random = random.clone();
    transaction(db, |txn| {
        Box::pin(async move {
            let subject = new.deployment.as_ref().map_or(PRICES, DeploymentId::as_str).to_owned();
            let newest = versions::<T>(txn, &subject).await?.remove(0);
            if newest.version != new.follows {
                return Err(overtaken(newest.version).into());
            }
            if new.terms.difference(&newest.terms).is_empty() {
                return Err(
                    Refusal::new("terms_unchanged", "nothing is changed", "change a figure first").into()
                );
            }
            let (user, name) = person(&new.actor);
            let version = new.follows + 1;
            let content = to_json(&new.terms);
            let row = terms::ActiveModel {
                subject: Set(subject.clone()),
                version: Set(version.cast_signed()),
                content: Set(content.clone()),
                changed_by: Set(user),
                changed_by_name: Set(name),
                changed_at: Set(new.at),
                reason: Set(new.reason),
            };
            let once = OnConflict::new().do_nothing().to_owned();
            let inserted = terms::Entity::insert(row).on_conflict(once).exec_without_returning(txn).await?;
            if inserted == 0 {
                return Err(overtaken(version).into());
            }
            let content = Digest::of(content.to_string().as_bytes());
            let event = Event::TermsChanged(TermsChanged { deployment: new.deployment, version, content });
            outbox::append(txn, told(&random, new.at, new.actor, &subject, event)).await?;
            Ok(versions(txn, &subject).await?.remove(0))
        })
    })
    .await
}

fn overtaken(version: u32) -> Refusal {
    Refusal::new(
        "terms_overtaken",
        format!("version {version} was put in force meanwhile"),
        "look at the figures in force and change those",
    )
}
