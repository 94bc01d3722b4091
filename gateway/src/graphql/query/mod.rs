//! What may be asked.

pub(crate) mod case;
pub(crate) mod ledger;
pub(crate) mod rollout;
pub(crate) mod study;
pub(crate) mod viewer;

use async_graphql::MergedObject;

#[derive(MergedObject, Default)]
#[graphql(name = "Query")]
pub(crate) struct Query(
    viewer::ViewerQuery,
    study::StudyQuery,
    case::CaseQuery,
    rollout::RolloutQuery,
    ledger::LedgerQuery,
);
