//! Opening, drafting and signing.

use super::passkey::origin;
use super::{commander, id};
use crate::auth::Components;
use crate::auth::passkeys::Over;
use crate::error::Error;
use crate::graphql::fault::asking;
use crate::graphql::services;
use crate::graphql::r#type::case::{Case, ids};
use crate::graphql::r#type::payload::{
    AdjudicatePayload, ConfirmReadPayload, OpenCasePayload, SaveDraftPayload, SignReadPayload,
    StartPasskeySignaturePayload, WriteAddendumPayload,
};
use crate::graphql::r#type::read::{Draft, FindingInput, RegionDispositionInput, Stance, Typed, Verdict};
use crate::graphql::r#type::viewing::ViewingInput;
use crate::record;
use crate::services::Services;
use async_graphql::{Context, ID, InputObject, Object, Result};
use contract::event::Display;
use contract::review::PersonalKey;
use contract::{CaseId, Digest, FindingId, ReadId, Refusal, review};

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
    /// Either this,
    password: Option<String>,
    /// or what `navigator.credentials.get` gave for the options of `startPasskeySignature`, as JSON.
    passkey: Option<String>,
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
    /// Either this,
    password: Option<String>,
    /// or what `navigator.credentials.get` gave for the options of `startPasskeySignature`, as JSON.
    passkey: Option<String>,
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
            passkey: input.passkey,
        }
    }
}

#[derive(InputObject)]
pub(crate) struct ConfirmReadInput {
    case_id: ID,
    /// The viewer's own read under the study's former identity.
    read_id: ID,
    /// Over the instances that the browser received and displayed.
    case_digest: String,
    /// Wanted at the first signature of a login session.
    username: Option<String>,
    /// Either this,
    password: Option<String>,
    /// or what `navigator.credentials.get` gave for the options of `startPasskeySignature`, as JSON.
    passkey: Option<String>,
}

/// What is going to be signed: what is typed, or the read that is confirmed.
#[derive(InputObject)]
pub(crate) struct StartPasskeySignatureInput {
    case_id: ID,
    verdict: Option<Verdict>,
    findings: Option<Vec<FindingInput>>,
    regions: Option<Vec<RegionDispositionInput>>,
    comment: Option<String>,
    viewing: Option<ViewingInput>,
    confirms: Option<ID>,
    /// Over the instances that the browser received and displayed.
    case_digest: String,
}

#[derive(InputObject)]
pub(crate) struct WriteAddendumInput {
    case_id: ID,
    stance: Stance,
    /// 3 to 500 characters.
    words: String,
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

    /// Signs once more what the viewer signed of the very same images before the study's identity was corrected.
    async fn confirm_read(&self, ctx: &Context<'_>, input: ConfirmReadInput) -> Result<ConfirmReadPayload> {
        ConfirmReadPayload::from_outcome(ctx, confirm(ctx, input).await)
    }

    /// What the browser asks the viewer's device to sign, for `PublicKeyCredential.parseRequestOptionsFromJSON`: the
    /// challenge derives from the digests of what is read and of what is said of it.
    async fn start_passkey_signature(
        &self,
        ctx: &Context<'_>,
        input: StartPasskeySignatureInput,
    ) -> Result<StartPasskeySignaturePayload> {
        StartPasskeySignaturePayload::from_outcome(ctx, start_passkey_signature(ctx, input).await)
    }

    /// Adds to the viewer's own final read, which stays as it was signed.
    async fn write_addendum(
        &self,
        ctx: &Context<'_>,
        input: WriteAddendumInput,
    ) -> Result<WriteAddendumPayload> {
        WriteAddendumPayload::from_outcome(ctx, write_addendum(ctx, input).await)
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
    let case: CaseId = id(&input.case_id)?;
    let case_digest = digest(&input.case_digest)?;
    let typed = Typed {
        verdict: Some(input.verdict),
        findings: input.findings,
        regions: input.regions,
        comment: input.comment,
    };
    let content = content(ctx, &case, typed, input.viewing)?;
    let over = Over { case_digest, content_digest: content.digest() };
    let by = Shown { username: input.username, password: input.password, passkey: input.passkey };
    let (services, personal_key) = signer(ctx, &case, over, by).await?;
    let command = review::SignRead { content, case_digest, personal_key };
    Ok(shown(ctx, services.review.sign(&case, &command).await?))
}

async fn confirm(ctx: &Context<'_>, input: ConfirmReadInput) -> Result<Case, Error> {
    let case: CaseId = id(&input.case_id)?;
    let read: ReadId = id(&input.read_id)?;
    let case_digest = digest(&input.case_digest)?;
    let content_digest = match &input.passkey {
        Some(_) => confirmed_digest(ctx, &case, &read).await?,
        // A password is not bound to what is signed.
        None => case_digest,
    };
    let over = Over { case_digest, content_digest };
    let by = Shown { username: input.username, password: input.password, passkey: input.passkey };
    let (services, personal_key) = signer(ctx, &case, over, by).await?;
    let command = review::ConfirmRead { read, case_digest, personal_key };
    Ok(shown(ctx, services.review.confirm(&case, &command).await?))
}

async fn start_passkey_signature(
    ctx: &Context<'_>,
    input: StartPasskeySignatureInput,
) -> Result<String, Error> {
    let viewer = commander(ctx)?;
    let case: CaseId = id(&input.case_id)?;
    let case_digest = digest(&input.case_digest)?;
    let content_digest = if let Some(read) = &input.confirms {
        confirmed_digest(ctx, &case, &id(read)?).await?
    } else {
        let typed = Typed {
            verdict: input.verdict,
            findings: input.findings,
            regions: input.regions,
            comment: input.comment,
        };
        content(ctx, &case, typed, input.viewing)?.digest()
    };
    let over = Over { case_digest, content_digest };
    asking(ctx).door.passkeys.challenge(viewer, over, origin(ctx)?).await
}

async fn write_addendum(ctx: &Context<'_>, input: WriteAddendumInput) -> Result<Case, Error> {
    let viewer = commander(ctx)?;
    let command = review::WriteAddendum { stance: input.stance.into(), words: input.words };
    let case = services(ctx, viewer).review.write_addendum(&id(&input.case_id)?, &command).await?;
    Ok(shown(ctx, case))
}

/// By what a person shows who they are.
struct Shown {
    username: Option<String>,
    password: Option<String>,
    passkey: Option<String>,
}

/// The services with the right to sign, by a password or by a passkey's answer, and what the passkey shows.
async fn signer(
    ctx: &Context<'_>,
    case: &CaseId,
    over: Over,
    by: Shown,
) -> Result<(Services, Option<PersonalKey>), Error> {
    let viewer = commander(ctx)?;
    let Shown { username, password, passkey } = by;
    if let Some(answer) = passkey {
        let signed = (over, answer.as_str());
        let by_key =
            asking(ctx).services_for_signing_by_passkey(viewer, case.as_str(), username.as_deref(), signed);
        let (services, key) = by_key.await?;
        return Ok((services, Some(key)));
    }
    let components = Components { username, password: password.unwrap_or_default().into() };
    Ok((asking(ctx).services_for_signing(viewer, case.as_str(), components).await?, None))
}

/// What is signed. A finding without an id gets one here that follows from who says it of which case, so that a passkey
/// signs the digest of what is kept.
fn content(
    ctx: &Context<'_>,
    case: &CaseId,
    typed: Typed,
    viewing: Option<ViewingInput>,
) -> Result<review::ReadContent, Error> {
    let user = &commander(ctx)?.user;
    let viewing = viewing.map(review::Viewing::from);
    let mut content = review::ReadContent { viewing, ..typed.try_into()? };
    for (place, finding) in content.findings.iter_mut().enumerate() {
        let bits = Digest::of(format!("finding\n{case}\n{user}\n{place}").as_bytes()).leading_bits();
        finding.id.get_or_insert_with(|| FindingId::from_bits(bits));
    }
    Ok(content)
}

/// The digest of what confirming a read signs.
async fn confirmed_digest(ctx: &Context<'_>, case: &CaseId, read: &ReadId) -> Result<Digest, Error> {
    let case = services(ctx, commander(ctx)?).review.case(case).await?.ok_or_else(Refusal::not_found)?;
    let confirmable = case.confirmable.filter(|confirmable| confirmable.read == *read);
    Ok(confirmable.ok_or_else(nothing_to_confirm)?.content_digest)
}

fn nothing_to_confirm() -> Refusal {
    Refusal::new(
        "nothing_to_confirm",
        "there is no final read of yours of these very images that could be confirmed",
        "read the case",
    )
}

fn digest(text: &str) -> Result<Digest, Error> {
    text.parse().map_err(|_| malformed_digest().into())
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
