//! What may be commanded. Each mutation gives its noun or a refusal.

pub(crate) mod account;
pub(crate) mod campaign;
pub(crate) mod comparison;
pub(crate) mod destination;
pub(crate) mod discussion;
pub(crate) mod erasure;
pub(crate) mod governance;
pub(crate) mod identity;
pub(crate) mod login;
pub(crate) mod oversight;
pub(crate) mod passkey;
pub(crate) mod promotion;
pub(crate) mod quarantine;
pub(crate) mod read;
pub(crate) mod recall;
pub(crate) mod site;
pub(crate) mod steer;
pub(crate) mod stop;
pub(crate) mod teaching;
pub(crate) mod terms;

use super::fault::{asking, not_signed_in};
use crate::auth::Viewer;
use crate::error::Error;
use async_graphql::{Context, ID, MergedObject};
use contract::Refusal;
use std::str::FromStr;

#[derive(MergedObject, Default)]
#[graphql(name = "Mutation")]
pub(crate) struct Mutation(
    login::LoginMutation,
    account::AccountMutation,
    passkey::PasskeyMutation,
    read::ReadMutation,
    steer::SteerMutation,
    oversight::OversightMutation,
    identity::IdentityMutation,
    quarantine::QuarantineMutation,
    recall::RecallMutation,
    destination::DestinationMutation,
    discussion::DiscussionMutation,
    teaching::TeachingMutation,
    campaign::CampaignMutation,
    comparison::ComparisonMutation,
    promotion::PromotionMutation,
    governance::GovernanceMutation,
    stop::StopMutation,
    erasure::ErasureMutation,
    terms::TermsMutation,
    site::SiteMutation,
);

/// The signed-in person, or the refusal that says that there is none.
fn commander<'c>(ctx: &Context<'c>) -> Result<&'c Viewer, Error> {
    asking(ctx).viewer.as_ref().ok_or_else(|| not_signed_in().into())
}

/// An id from an input; one of another kind leads nowhere.
fn id<T: FromStr>(id: &ID) -> Result<T, Error> {
    id.parse().map_err(|_| Refusal::not_found().into())
}
