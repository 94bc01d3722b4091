//! What may be asked.

pub(crate) mod account;
pub(crate) mod campaign;
pub(crate) mod case;
pub(crate) mod comparison;
pub(crate) mod discussion;
pub(crate) mod ledger;
pub(crate) mod oversight;
pub(crate) mod rollout;
pub(crate) mod site;
pub(crate) mod study;
pub(crate) mod teaching;
pub(crate) mod viewer;

use async_graphql::MergedObject;

#[derive(MergedObject, Default)]
#[graphql(name = "Query")]
pub(crate) struct Query(
    viewer::ViewerQuery,
    account::AccountQuery,
    study::StudyQuery,
    case::CaseQuery,
    oversight::OversightQuery,
    campaign::CampaignQuery,
    comparison::ComparisonQuery,
    discussion::DiscussionQuery,
    teaching::TeachingQuery,
    rollout::RolloutQuery,
    site::SiteQuery,
    ledger::LedgerQuery,
);
