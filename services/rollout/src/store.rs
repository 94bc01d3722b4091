//! The tables of rollout: nothing else names them.

mod comparison;
mod deployment;
mod model;
mod outcome;
mod promotion;
mod routing;
mod rules;
mod site;
mod spending;
mod stop;
mod terms;
mod use_rule;
mod waiting;

pub(crate) use comparison::{
    GivenUp, NewComparison, comparison_create, comparison_give_up, comparison_list, comparison_load,
    comparison_pairs_set, comparisons_open, look_save,
};
pub(crate) use deployment::{Creation, deployment_create, deployment_list, deployment_load};
pub(crate) use model::{model_list, model_load, model_newest, model_register, model_version};
pub(crate) use outcome::{
    arrivals_count, arrivals_since, outcomes_of_deployment, outcomes_of_model, outcomes_save,
};
pub(crate) use promotion::{
    Approved, Change, Proposed, Signed, proposal_create, proposal_load, proposal_sign, stage_change,
};
pub(crate) use routing::{Refused, Routed, Wanting, routed_last, routing_list, routing_resume, routing_save};
pub(crate) use rules::{
    Content, Decided, ProposedRules, gate_policies, gate_policy_in_force, rules_decide, rules_facts,
    rules_propose, stop_rules_proposals,
};
pub(crate) use site::{NewSite, site_list, site_load, site_save, sites_in_force};
pub(crate) use spending::{facts, refusals, requests, run_costs_save, runs_without_cost};
pub(crate) use stop::{
    Concluded, Fired, alarm_acknowledge, alarms_of_deployment, alarms_open, evaluation_close,
    evaluations_of_deployment, has_open_stop, stop_rule_fired, stop_rules_list,
};
pub(crate) use terms::{NewTerms, Terms, plan_list, prices_list, terms_add};
pub(crate) use use_rule::{NewRule, use_rule_add, use_rule_list};
pub(crate) use waiting::{Held, Waiting, wait_drop, waiting_list, waits_shown};

use crate::Error;
use contract::event::Access;
use contract::{Actor, Event, EventId, RequestId, Time};
use database::outbox::{self, NewEvent};
use database::{DatabaseConnection, transaction};
use platform::{Random, telemetry};
use sea_orm::DbErr;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// The name under which the inbox remembers events.
pub(crate) const CONSUMER: &str = "rollout";

impl From<DbErr> for Error {
    fn from(source: DbErr) -> Self {
        Self::Database(source.into())
    }
}

/// An event of rollout.
fn told(random: &Random, at: Time, actor: Actor, subject: &impl ToString, event: Event) -> NewEvent {
    NewEvent {
        id: random.with(EventId::random),
        occurred_at: at,
        actor,
        subject: subject.to_string(),
        causation: None,
        trace: telemetry::traceparent(),
        event,
    }
}

/// Records that somebody took something out, before its first byte.
pub(crate) async fn access_record(
    db: &DatabaseConnection,
    random: &Random,
    (actor, request): (Actor, RequestId),
    (access, subject): (Access, String),
    at: Time,
) -> Result<(), Error> {
    let mut event = told(random, at, actor, &subject, Event::AccessRecorded { access });
    event.causation = Some(request.to_string());
    transaction(db, |txn| {
        Box::pin(async move {
            outbox::append(txn, event).await?;
            Ok(())
        })
    })
    .await
}

fn to_json(value: &impl Serialize) -> Value {
    serde_json::to_value(value).expect("what rollout stores is plain JSON")
}

fn from_json<T: DeserializeOwned>(what: &'static str, value: &Value) -> Result<T, Error> {
    T::deserialize(value).map_err(|_| Error::Stored { what, text: value.to_string() })
}

/// An id, a digest or a word of an enumeration from its column.
fn from_text<T: DeserializeOwned>(what: &'static str, text: String) -> Result<T, Error> {
    from_json(what, &Value::String(text))
}
