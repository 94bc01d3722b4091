//! Prices and plans of costs, which administrators enter.

use async_graphql::{Enum, InputObject, SimpleObject};
use chrono::{DateTime, Utc};
use contract::rollout;

/// How a figure is known.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "rollout::Known")]
pub(crate) enum Known {
    Measured,
    Contract,
    Estimated,
}

#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "rollout::BenefitPer")]
pub(crate) enum BenefitPer {
    ReleasedStudy,
    Month,
}

#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "rollout::BudgetStanding")]
pub(crate) enum BudgetStanding {
    Open,
    Throttled,
    Paused,
}

/// An amount that a person entered.
#[derive(SimpleObject, InputObject, Clone, Copy)]
#[graphql(input_name = "EnteredInput")]
pub(crate) struct Entered {
    amount: f64,
    known: Known,
}

impl From<rollout::Entered> for Entered {
    fn from(entered: rollout::Entered) -> Self {
        Self { amount: entered.amount, known: entered.known.into() }
    }
}

impl From<Entered> for rollout::Entered {
    fn from(entered: Entered) -> Self {
        Self { amount: entered.amount, known: entered.known.into() }
    }
}

/// What an hour of devices costs whose names begin so.
#[derive(SimpleObject, InputObject, Clone)]
#[graphql(input_name = "DevicePriceInput")]
pub(crate) struct DevicePrice {
    device: String,
    hour: Entered,
}

/// Prices of the house.
#[derive(SimpleObject, InputObject, Clone)]
#[graphql(input_name = "PricesInput")]
pub(crate) struct Prices {
    /// ISO 4217.
    currency: String,
    devices: Vec<DevicePrice>,
    other_device_hour: Entered,
    storage_gb_month: Entered,
    storage_months: f64,
    reader_hour: Entered,
}

impl From<rollout::Prices> for Prices {
    fn from(prices: rollout::Prices) -> Self {
        let device =
            |price: rollout::DevicePrice| DevicePrice { device: price.device, hour: price.hour.into() };
        Self {
            currency: prices.currency,
            devices: prices.devices.into_iter().map(device).collect(),
            other_device_hour: prices.other_device_hour.into(),
            storage_gb_month: prices.storage_gb_month.into(),
            storage_months: prices.storage_months,
            reader_hour: prices.reader_hour.into(),
        }
    }
}

impl From<Prices> for rollout::Prices {
    fn from(prices: Prices) -> Self {
        let device =
            |price: DevicePrice| rollout::DevicePrice { device: price.device, hour: price.hour.into() };
        Self {
            currency: prices.currency,
            devices: prices.devices.into_iter().map(device).collect(),
            other_device_hour: prices.other_device_hour.into(),
            storage_gb_month: prices.storage_gb_month.into(),
            storage_months: prices.storage_months,
            reader_hour: prices.reader_hour.into(),
        }
    }
}

/// What a deployment is good for, in money.
#[derive(SimpleObject, InputObject, Clone)]
#[graphql(input_name = "BenefitInput")]
pub(crate) struct Benefit {
    name: String,
    per: BenefitPer,
    low: f64,
    base: f64,
    high: f64,
    known: Known,
}

/// What a deployment may cost in a month (UTC).
#[derive(SimpleObject, InputObject, Clone, Copy)]
#[graphql(input_name = "BudgetInput")]
pub(crate) struct Budget {
    month: f64,
    /// The share of it, 0 to 1, from which on only some studies are taken.
    throttle_from: f64,
    throttle_per_mille: u32,
    /// What a study is taken to cost until ten are measured.
    first_studies: f64,
}

impl From<rollout::Budget> for Budget {
    fn from(budget: rollout::Budget) -> Self {
        let rollout::Budget { month, throttle_from, throttle_per_mille, first_studies } = budget;
        Self { month, throttle_from, throttle_per_mille, first_studies }
    }
}

/// What a deployment costs beside its runs and reads, and what it is good for.
#[derive(SimpleObject, InputObject, Clone)]
#[graphql(input_name = "PlanInput")]
pub(crate) struct Plan {
    licence_month: Entered,
    licence_study: Entered,
    people_month: Entered,
    integration: Entered,
    integration_months: f64,
    /// The share of released studies that was opened in the PACS, counted there.
    used_share: Option<f64>,
    benefits: Vec<Benefit>,
    budget: Option<Budget>,
}

impl From<rollout::Plan> for Plan {
    fn from(plan: rollout::Plan) -> Self {
        let benefit = |benefit: rollout::Benefit| Benefit {
            name: benefit.name,
            per: benefit.per.into(),
            low: benefit.low,
            base: benefit.base,
            high: benefit.high,
            known: benefit.known.into(),
        };
        Self {
            licence_month: plan.licence_month.into(),
            licence_study: plan.licence_study.into(),
            people_month: plan.people_month.into(),
            integration: plan.integration.into(),
            integration_months: plan.integration_months,
            used_share: plan.used_share,
            benefits: plan.benefits.into_iter().map(benefit).collect(),
            budget: plan.budget.map(Budget::from),
        }
    }
}

impl From<Plan> for rollout::Plan {
    fn from(plan: Plan) -> Self {
        let benefit = |benefit: Benefit| rollout::Benefit {
            name: benefit.name,
            per: benefit.per.into(),
            low: benefit.low,
            base: benefit.base,
            high: benefit.high,
            known: benefit.known.into(),
        };
        let budget = |budget: Budget| rollout::Budget {
            month: budget.month,
            throttle_from: budget.throttle_from,
            throttle_per_mille: budget.throttle_per_mille,
            first_studies: budget.first_studies,
        };
        Self {
            licence_month: plan.licence_month.into(),
            licence_study: plan.licence_study.into(),
            people_month: plan.people_month.into(),
            integration: plan.integration.into(),
            integration_months: plan.integration_months,
            used_share: plan.used_share,
            benefits: plan.benefits.into_iter().map(benefit).collect(),
            budget: plan.budget.map(budget),
        }
    }
}

macro_rules! versions {
    ($($(#[$doc:meta])* $name:ident { $noun:ident: $type:ident })*) => {$(
        $(#[$doc])*
        #[derive(SimpleObject)]
        pub(crate) struct $name {
            version: u32,
            $noun: $type,
            /// Printed name.
            changed_by: Option<String>,
            changed_at: Option<DateTime<Utc>>,
            reason: String,
            difference: Vec<String>,
        }

        impl From<rollout::TermsVersion<rollout::$type>> for $name {
            fn from(version: rollout::TermsVersion<rollout::$type>) -> Self {
                Self {
                    version: version.version,
                    $noun: version.terms.into(),
                    changed_by: version.changed_by,
                    changed_at: version.changed_at,
                    reason: version.reason,
                    difference: version.difference,
                }
            }
        }
    )*};
}

versions! {
    /// A version of the prices.
    PricesVersion { prices: Prices }
    /// A version of a plan.
    PlanVersion { plan: Plan }
}
