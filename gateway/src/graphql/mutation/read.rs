//! Opening, drafting and signing.

use super::{commander, id};
use crate::auth::Components;
use crate::error::Error;
use crate::graphql::fault::asking;
use crate::graphql::services;
use crate::graphql::r#type::case::{Case, ids};
use crate::graphql::r#type::payload::{
    AdjudicatePayload, OpenCasePayload, SaveDraftPayload, SignReadPayload,
};
use crate::graphql::r#type::read::{Draft, FindingInput, RegionDispositionInput, Typed, Verdict};
use crate::graphql::r#type::viewing::ViewingInput;
use crate::record;
use async_graphql::{Context, ID, InputObject, Object, Result};
use contract::event::Display;
use contract::{CaseId, Digest, Refusal, review};

#[derive(InputObject)]
pub(crate) struct OpenCaseInput {
    case_id: ID,
}

#[derive(InputObject)]
pub(crate) struct SaveDraftInput {
    case_id: ID,
    /// The version that this save follows; 0 for the first.
    version: u32,
    verdict: Option<Verdict>,
    findings: Option<Vec<FindingInput>>,
    regions: Option<Vec<RegionDispositionInput>>,
    comment: Option<String>,
}

#[derive(InputObject)]
pub(crate) struct SignReadInput {
    case_id: ID,
    verdict: Verdict,
    findings: Option<Vec<FindingInput>>,
    regions: Option<Vec<RegionDispositionInput>>,
    comment: Option<String>,
    /// What was displayed; who can't judge may leave it out.
    viewing: Option<ViewingInput>,
    /// Over the instances that the browser received and displayed.
    case_digest: String,
    /// Wanted at the first signature of a login session.
    username: Option<String>,
    password: String,
}

#[derive(InputObject)]
pub(crate) struct AdjudicateInput {
    case_id: ID,
    verdict: Verdict,
    findings: Option<Vec<FindingInput>>,
    regions: Option<Vec<RegionDispositionInput>>,
    comment: Option<String>,
    /// What was displayed; who can't judge may leave it out.
    viewing: Option<ViewingInput>,
    /// Over the instances that the browser received and displayed.
    case_digest: String,
    /// Wanted at the first signature of a login session.
    username: Option<String>,
    password: String,
}

impl From<AdjudicateInput> for SignReadInput {
    fn from(input: AdjudicateInput) -> Self {
        Self {
            case_id: input.case_id,
            verdict: input.verdict,
            findings: input.findings,
            regions: input.regions,
            comment: input.comment,
            viewing: input.viewing,
            case_digest: input.case_digest,
            username: input.username,
            password: input.password,
        }
    }
}

#[derive(Default)]
pub(crate) struct ReadMutation;

#[Object]
impl ReadMutation {
    /// Takes or renews a hold.
    async fn open_case(&self, ctx: &Context<'_>, input: OpenCaseInput) -> Result<OpenCasePayload> {
        OpenCasePayload::from_outcome(ctx, open_case(ctx, &input).await)
    }

    /// Saves a private draft, which also renews the hold.
    async fn save_draft(&self, ctx: &Context<'_>, input: SaveDraftInput) -> Result<SaveDraftPayload> {
        SaveDraftPayload::from_outcome(ctx, save_draft(ctx, input).await)
    }

    /// Signs a first read.
    async fn sign_read(&self, ctx: &Context<'_>, input: SignReadInput) -> Result<SignReadPayload> {
        SignReadPayload::from_outcome(ctx, sign(ctx, input).await)
    }

    /// Signs the third read.
    async fn adjudicate(&self, ctx: &Context<'_>, input: AdjudicateInput) -> Result<AdjudicatePayload> {
        AdjudicatePayload::from_outcome(ctx, sign(ctx, input.into()).await)
    }
}

async fn open_case(ctx: &Context<'_>, input: &OpenCaseInput) -> Result<Case, Error> {
    let viewer = commander(ctx)?;
    Ok(shown(ctx, services(ctx, viewer).review.open(&id(&input.case_id)?).await?))
}

async fn save_draft(ctx: &Context<'_>, input: SaveDraftInput) -> Result<Draft, Error> {
    let viewer = commander(ctx)?;
    let case: CaseId = id(&input.case_id)?;
    let typed = Typed {
        verdict: input.verdict,
        findings: input.findings,
        regions: input.regions,
        comment: input.comment,
    };
    let command = review::SaveDraft { version: input.version, content: typed.try_into()? };
    Ok(services(ctx, viewer).review.save_draft(&case, &command).await?.into())
}

/// First reads and the third are signed the same way: review knows which slot the reader holds.
async fn sign(ctx: &Context<'_>, input: SignReadInput) -> Result<Case, Error> {
    let viewer = commander(ctx)?;
    let case: CaseId = id(&input.case_id)?;
    let case_digest: Digest = input.case_digest.parse().map_err(|_| malformed_digest())?;
    let typed = Typed {
        verdict: Some(input.verdict),
        findings: input.findings,
        regions: input.regions,
        comment: input.comment,
    };
    let viewing = input.viewing.map(review::Viewing::from);
    let content = review::ReadContent { viewing, ..typed.try_into()? };
    let command = review::SignRead { content, case_digest };
    let components = Components { username: input.username, password: input.password.into() };
    let services = asking(ctx).services_for_signing(viewer, case.as_str(), components).await?;
    Ok(shown(ctx, services.review.sign(&case, &command).await?))
}

/// The answer to a command shows the case, which is written down as any look at it.
pub(super) fn shown(ctx: &Context<'_>, case: review::Case) -> Case {
    record::shown(ctx, Display::Case, ids(&case));
    Case(case)
}

pub(super) fn malformed_digest() -> Refusal {
    Refusal::new(
        "digest_malformed",
        "the digest of what was displayed is not a SHA-256 digest",
        "reload the page so that the images are fetched and hashed anew",
    )
}
