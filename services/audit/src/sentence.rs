//! An entry as a sentence for people. It names ids and account names only, as the event does.

use contract::audit::ErasureScope;
use contract::delivery::DestinationState;
use contract::event::{
    Access, AccountChange, AccountChanged, AddendumWritten, BudgetRefused, ComparisonLooked,
    ComparisonStarted, DestinationChanged, DestinationTested, Display, GatePolicyChanged, PromotionSigned,
    RecallCampaignCompleted, RecallCampaignConfirmed, RecallCampaignProposed, RecallCampaignWithdrawn,
    RulesDecided, RulesProposed, SiteChanged, StopRuleFired, TermsChanged, VersionInForce,
};
use contract::review::{DiscussionKind, Stance, Verdict};
use contract::rollout::{LookDecision, StopAction};
use contract::{Actor, Envelope, Event, Role};

/// What happened, in one sentence.
pub fn sentence(envelope: &Envelope) -> String {
    format!("{} {}", who(&envelope.actor), what(&envelope.event, &envelope.subject))
}

fn who(actor: &Actor) -> String {
    match actor {
        Actor::Person { username, .. } => username.clone(),
        Actor::Service { name } => format!("the {name} service"),
        Actor::Operator => "an operator at the machine".to_owned(),
        Actor::Device { ae_title } => format!("the device {ae_title}"),
        Actor::Anonymous => "somebody unknown".to_owned(),
    }
}

fn what(event: &Event, subject: &str) -> String {
    match event {
        Event::SeriesReady { series, .. } => format!("completed {series}"),
        Event::SeriesChanged { series, .. } => format!("changed the source instances of {series}"),
        Event::SeriesParked { series, reason_code } => format!("parked {series}: {reason_code}"),
        Event::SeriesReceived { series, .. } => format!("sent {series}"),
        Event::AssociationRefused { reason_code } => format!("was not let in to send images: {reason_code}"),
        Event::InstanceQuarantined { quarantine, reason_code } => {
            format!("sent what can't be used, kept as {quarantine}: {reason_code}")
        }
        Event::ModelRegistered { model, .. } => format!("registered {model}"),
        Event::DeploymentCreated { deployment, stage, banner, texture_percent } => {
            let texture = texture_percent.map(|percent| format!(", {percent} % of the texture kept"));
            let marked = banner.as_ref().map(|banner| format!(", marked: {banner}"));
            let further = texture.into_iter().chain(marked).collect::<String>();
            format!("created {deployment} at {}{further}", stage.as_str())
        }
        Event::RunRequested { run, deployment, stage, series, .. } => {
            format!("asked for {run} of {deployment} at {} on {series}", stage.as_str())
        }
        Event::SeriesUnmatched { series } => format!("found no deployment for {series}"),
        Event::StageChanged { deployment, from, to } => {
            format!("moved {deployment} from {} to {}", from.as_str(), to.as_str())
        }
        Event::RunStarted { run, attempt } => format!("started attempt {attempt} of {run}"),
        Event::RunCompleted { run, .. } => format!("completed {run}"),
        Event::RunFailed { run, reason_code } => format!("ended {run} without a result: {reason_code}"),
        Event::RunSuperseded { run } => format!("retired {run}: its source instances changed"),
        Event::LoginOpened { login } => format!("signed in ({login})"),
        Event::LoginEnded { login, reason_code } => format!("ended {login}: {reason_code}"),
        Event::LoginRefused { reason_code } => format!("was refused at sign-in: {reason_code}"),
        Event::UserAdded { user } => format!("added the account {user}"),
        Event::AccountChanged(changed) => account(changed),
        Event::CaseQueued { case, run } => format!("queued {case} for review of {run}"),
        Event::CaseLeased { case, .. } => format!("opened {case} for reading"),
        Event::LeaseEnded { case, reason_code, .. } => format!("ended a hold on {case}: {reason_code}"),
        Event::DraftSaved { case, version, .. } => format!("saved draft {version} on {case}"),
        Event::ReadSigned { case, verdict, .. } => format!("signed {} on {case}", verdict_word(*verdict)),
        Event::SignatureRefused { case, reason_code } => {
            format!("was refused a signature on {case}: {reason_code}")
        }
        Event::CaseDiscordant { case } => format!("found the reads of {case} discordant"),
        Event::CaseReleased { case, release, .. } => format!("released {case} as {release}"),
        Event::CaseRejected { case } => format!("ended {case} unreleased"),
        Event::CaseEvaluated { case } => format!("ended the evaluation of {case} at shadow"),
        Event::CaseHeld { case, reason_code } => format!("held {case}: {reason_code}"),
        Event::CaseResumed { case } => format!("ended the hold of {case}"),
        Event::CaseSuperseded { case } => format!("retired {case}: something newer took its place"),
        Event::SendQueued { send, case } => format!("queued {send} of {case}"),
        Event::SendDelivered { send, case, objects, .. } => {
            format!("delivered {objects} objects of {case} ({send})")
        }
        Event::SendFailed { send, case, reason_code } => {
            format!("failed an attempt of {send} of {case}: {reason_code}")
        }
        Event::SendHeld { send, case, reason_code } => format!("held {send} of {case}: {reason_code}"),
        Event::DisplayRecorded { display, shown } => displayed(*display, shown),
        Event::CommandRefused(refused) => format!("was refused {}: {}", refused.command, refused.reason_code),
        Event::InstancesUploaded { stored, refused: 0 } => format!("stored {stored} instances over the web"),
        Event::InstancesUploaded { stored, refused } => {
            format!("stored {stored} instances over the web, {refused} were refused")
        }
        Event::ConfigurationChanged { changed, .. } => {
            format!("started with another configuration in {}", changed.join(", "))
        }
        Event::AccessRecorded { access } => format!("was shown {} ({subject})", shown(*access)),
        other => around_reads(other),
    }
}

/// What happens around the reads.
fn around_reads(event: &Event) -> String {
    match event {
        Event::ReadWithdrawn { case, read, .. } => format!("withdrew {read} on {case}"),
        Event::AddendumWritten(addendum) => {
            let AddendumWritten { case, read, stance, .. } = addendum;
            let stance = if *stance == Stance::Keeps { "keeps to it" } else { "would not sign it any more" };
            format!("added to {read} on {case}: {stance}")
        }
        Event::SignatureInvalidated { case, signature, .. } => {
            format!("found that {signature} on {case} does not count")
        }
        Event::CaseDeferred { case, reason_code } => format!("deferred {case} ({reason_code})"),
        Event::CasePriorityChanged { case, from, to, .. } => {
            format!("changed the priority of {case} from {} to {}", from.name(), to.name())
        }
        Event::CaseOverdue { case, priority } => {
            format!("found {case}, which is {}, overdue", priority.name())
        }
        Event::CaseReturned { case } => format!("returned {case} to the queues"),
        Event::CaseExpired { case } => format!("ended {case} unreleased: it came too late to be of use"),
        Event::PanelCalled { case } => format!("called a second adjudicator to {case}"),
        Event::CaseSampled { case } => format!("drew {case} for the quality sample"),
        Event::SampleRead { case } => format!("closed {case}, which tests readers"),
        Event::RecallProposed { case } => format!("proposed to recall {case}"),
        Event::CaseRecalled { case, release } => format!("recalled {case}, released as {release}"),
        Event::RecallCampaignProposed(RecallCampaignProposed { campaign, cases, .. }) => {
            format!("proposed to recall {cases} released cases at once ({campaign})")
        }
        Event::RecallCampaignConfirmed(RecallCampaignConfirmed { campaign, cases, .. }) => {
            format!("confirmed {campaign}: {cases} released cases are recalled")
        }
        Event::RecallCampaignWithdrawn(RecallCampaignWithdrawn { campaign, .. }) => {
            format!("withdrew {campaign}: nothing is recalled")
        }
        Event::RecallCampaignCompleted(RecallCampaignCompleted { campaign, recalled, left }) => {
            format!("completed {campaign}: {recalled} cases recalled, {left} left")
        }
        Event::RejectionNoteOpened { case, send, .. } => format!("began to take {send} of {case} back"),
        Event::RejectionNoteSent(sent) => {
            format!(
                "told a destination that {} objects of {} are taken back ({})",
                sent.objects, sent.case, sent.note
            )
        }
        Event::RejectionNoteClosed(closed) => {
            format!("closed {} of {}: {}", closed.note, closed.case, closed.reason_code)
        }
        Event::DestinationChanged(changed) => destination(changed),
        Event::DestinationTested(DestinationTested { destination, answered }) => {
            format!("called {destination}, which {}", if *answered { "answered" } else { "did not answer" })
        }
        Event::StudyDisputed { study, reason_code } => {
            format!("put the identity of {study} in question: {reason_code}")
        }
        Event::StudySettled { study, changed: true, .. } => format!("gave {study} another identity"),
        Event::StudySettled { study, changed: false, .. } => format!("confirmed the identity of {study}"),
        Event::StudyFlagged { study, .. } => format!("put {study} under investigation"),
        Event::StudyUnflagged { study } => format!("ended the investigation of {study}"),
        Event::CredentialGranted { credential, reader } => format!("granted {credential} to {reader}"),
        Event::CredentialRevoked { credential, reader } => format!("took {credential} back from {reader}"),
        Event::ConflictDeclared { conflict, reader } => {
            format!("declared {reader} too close to read ({conflict})")
        }
        Event::SentinelMarked { case, run } => format!("marked {run} of {case} as known to be bad"),
        Event::PolicyChanged { version, .. } => format!("put version {version} of the review rules in force"),
        other => around_stops(other),
    }
}

/// What moves a deployment, what stop rules do, and who changes what it takes.
fn around_stops(event: &Event) -> String {
    match event {
        Event::PromotionProposed { proposal, deployment, stage } => {
            format!("proposed {deployment} for {} ({proposal})", stage.as_str())
        }
        Event::PromotionSigned(PromotionSigned { proposal, deployment, capacity }) => {
            format!("signed {proposal} of {deployment} as {}", capacity.role().as_str())
        }
        Event::PromotionApproved { proposal, deployment } => {
            format!("approved {proposal} of {deployment}")
        }
        Event::RulesProposed(RulesProposed { proposal, deployment, .. }) => match deployment {
            Some(deployment) => format!("proposed other stop rules of {deployment} ({proposal})"),
            None => format!("proposed another gate policy ({proposal})"),
        },
        Event::RulesDecided(RulesDecided { proposal, adopted: true }) => format!("adopted {proposal}"),
        Event::RulesDecided(RulesDecided { proposal, adopted: false }) => format!("declined {proposal}"),
        Event::GatePolicyChanged(GatePolicyChanged { version, .. }) => {
            format!("put gate policy {version} in force")
        }
        Event::StopRulesChanged(VersionInForce { deployment, version, .. }) => {
            format!("put version {version} of the stop rules of {deployment} in force")
        }
        Event::StopRuleFired(StopRuleFired { alarm, deployment, rules_version, action, value, bound }) => {
            let did = match action {
                StopAction::Inform => "warned about",
                StopAction::Demote => "moved down",
                StopAction::Suspend => "suspended",
            };
            format!(
                "{did} {deployment} by version {rules_version} of its stop rules: {value:.2} at a bound of {bound:.2} \
                 ({alarm})"
            )
        }
        Event::AlarmAcknowledged { alarm, .. } => format!("looked into {alarm}"),
        Event::RecallEvaluationOpened { evaluation, deployment, cases } => {
            format!("opened {evaluation} of {cases} released cases of {deployment}")
        }
        Event::RecallEvaluationClosed { evaluation, .. } => format!("closed {evaluation}"),
        Event::UseRuleChanged(VersionInForce { deployment, version, .. }) => {
            format!("put version {version} of the rule of {deployment} in force")
        }
        Event::TermsChanged(TermsChanged { deployment: None, version, .. }) => {
            format!("put version {version} of the prices in force")
        }
        Event::TermsChanged(TermsChanged { deployment: Some(deployment), version, .. }) => {
            format!("put version {version} of the plan of costs and benefits of {deployment} in force")
        }
        Event::SiteChanged(SiteChanged { site, version, is_registered: true, .. }) => {
            format!("put version {version} of the scanners of {site} in force")
        }
        Event::SiteChanged(SiteChanged { site, .. }) => format!("took {site} out of the registry"),
        Event::BudgetRefused(BudgetRefused { deployment, series, standing }) => {
            format!("asked for no run of {deployment} on {series}: its budget is {}", standing.as_str())
        }
        other => around_the_ledger(other),
    }
}

/// What happens to the ledger itself.
fn around_the_ledger(event: &Event) -> String {
    match event {
        Event::ErasureProposed(told) => {
            format!("wants the personal content of {} erased ({})", content_of(&told.scope), told.erasure)
        }
        Event::ErasureDeclined(told) => format!("declined {}", told.erasure),
        Event::ErasureApproved(told) => {
            format!("had the personal content of {} erased ({})", content_of(&told.scope), told.erasure)
        }
        Event::ErasureCompleted(told) => {
            format!("erased the personal content of {} entries ({})", told.erased, told.erasure)
        }
        other => around_the_quarantine(other),
    }
}

/// What becomes of what could not be used, and what waits for a worker.
fn around_the_quarantine(event: &Event) -> String {
    match event {
        Event::QuarantineReadmitted { quarantine, corrected, .. } if corrected.is_empty() => {
            format!("had {quarantine} taken in as it was")
        }
        Event::QuarantineReadmitted { quarantine, corrected, .. } => {
            format!("corrected {} in {quarantine} and had the copy taken in", corrected.join(", "))
        }
        Event::CapacityWaits { deployment, series, expected_minutes } => format!(
            "let a run of {deployment} on {series} wait: its pool would take it in {expected_minutes} minutes"
        ),
        Event::CapacityWaitEnded { deployment, series, reason_code } => {
            format!("ended the wait of {deployment} for a run on {series}: {reason_code}")
        }
        Event::QuarantineDiscarded { quarantine, .. } => format!("discarded {quarantine}"),
        Event::QuarantineOverdue { quarantine, entries } => {
            format!("told that {quarantine} waits too long, with {entries} entries in all")
        }
        other => around_comparisons(other),
    }
}

/// What happens to comparisons and their pairs. Which model a reader prefers stands in no entry.
fn around_comparisons(event: &Event) -> String {
    match event {
        Event::ComparisonStarted(told) => {
            let ComparisonStarted { comparison, champion, challenger, pairs, .. } = told;
            format!("began {comparison} of {challenger} with {champion} over {pairs} pairs")
        }
        Event::ComparisonLooked(ComparisonLooked { comparison, look, pairs, decision }) => {
            let says = match decision {
                LookDecision::GoOn => "it goes on",
                LookDecision::Better => "the challenger is preferred",
                LookDecision::NotWorse => "the challenger is not worse",
                LookDecision::NotShown => "the question is not answered",
                LookDecision::Futile => "what is left would hardly answer the question",
            };
            format!("took look {look} at {comparison}, over {pairs} pairs: {says}")
        }
        Event::ComparisonEnded(told) => format!("ended {}: {}", told.comparison, told.reason_code),
        Event::PairOpened(told) => format!("opened {} of {}", told.pair, told.comparison),
        Event::PairTaken(told) => format!("opened {} for comparing", told.pair),
        Event::PairAnswered(told) => format!("signed an answer on {}", told.pair),
        Event::PairWithdrawn(told) => format!("took {} out: {}", told.pair, told.reason_code),
        other => around_discussions(other),
    }
}

/// What happens in discussions. What was said and how a reading was scored stands in no entry.
fn around_discussions(event: &Event) -> String {
    match event {
        Event::DiscussionOpened(told) => {
            let about = match told.kind {
                DiscussionKind::Discrepancy => "a discrepancy",
                DiscussionKind::GoodCatch => "a good catch",
                DiscussionKind::ModelError => "what the model did",
                DiscussionKind::Technical => "something technical",
                DiscussionKind::Other => "something else",
            };
            format!("had {} discussed for {about} ({})", told.case, told.discussion)
        }
        Event::DiscussionContributed(told) => {
            format!("said something of {}, contribution {} to {}", told.case, told.number, told.discussion)
        }
        Event::DiscussionScored(told) => format!("scored the reading of {} ({})", told.case, told.discussion),
        Event::DiscussionClosed(told) => {
            format!("wrote down what is to be learned of {} ({})", told.case, told.discussion)
        }
        other => around_teaching(other),
    }
}

/// What happens to teaching sets.
fn around_teaching(event: &Event) -> String {
    match event {
        Event::TeachingSetRequested(told) => {
            format!("wanted {} made of {} for teaching", told.set, told.case)
        }
        Event::TeachingSetRefused(told) => {
            format!("made no {} of {}: {}", told.set, told.case, told.reason_code)
        }
        Event::TeachingSetPrepared(told) => {
            format!("made {} of {} for teaching, {} images", told.set, told.case, told.images)
        }
        Event::TeachingSetShown(told) => format!("was shown the images of {} ({})", told.set, told.case),
        Event::TeachingSetReleased(told) => {
            format!("looked at each image of {} ({}) and released it for teaching", told.set, told.case)
        }
        Event::TeachingSetExported(told) => format!("took {} ({}) along as a file", told.set, told.case),
        Event::TeachingSetWithdrawn(told) => format!("withdrew {} ({}) from teaching", told.set, told.case),
        other => format!("told {}", other.kind()),
    }
}

fn content_of(scope: &ErasureScope) -> String {
    match scope {
        ErasureScope::Person { user } => user.to_string(),
        ErasureScope::Entries { entries } => match entries.as_slice() {
            [entry] => format!("entry {entry}"),
            entries => format!("{} entries", entries.len()),
        },
        ErasureScope::Older => "entries that are older than it is kept".to_owned(),
    }
}

fn verdict_word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Accept => "ACCEPT",
        Verdict::AcceptWithLimitation => "ACCEPT WITH LIMITATION",
        Verdict::Reject => "REJECT",
        Verdict::CannotJudge => "CANNOT JUDGE",
    }
}

fn displayed(display: Display, shown: &[String]) -> String {
    let what = match display {
        Display::Studies => "the list of studies",
        Display::Study => "a study",
        Display::Quarantine => "the quarantine",
        Display::Worklist => "a worklist",
        Display::Cases => "the list of cases",
        Display::Case => "a case",
        Display::Models => "the models",
        Display::Deployments => "the deployments",
        Display::StopRules => "the stop rules of a deployment",
        Display::Alarms => "what stop rules told",
        Display::DryRun => "the dry run of a rule",
        Display::StudyFlags => "the studies under investigation",
        Display::Accounts => "the accounts",
        Display::Credentials => "the credentials",
        Display::Conflicts => "the conflicts of interest",
        Display::QualitySamples => "the quality samples",
        Display::ReviewPolicies => "the rules of reading",
        Display::Economics => "what deployments cost and give",
        Display::GatePolicies => "what gates ask",
        Display::RecallPreview => "what a recall of a selection would take back",
        Display::RecallCampaigns => "the recalls of whole selections",
        Display::Capacity => "what stands before the workers",
        Display::Sites => "sites and their scanners",
        Display::Pairs => "pairs to compare",
        Display::Comparisons => "the comparisons of models",
        Display::Priors => "earlier images of the patient",
        Display::Destinations => "where releases are sent",
        Display::Discussions => "discussions of cases that are over",
    };
    match shown {
        [] => format!("was shown {what}"),
        shown => format!("was shown {what} ({})", shown.join(", ")),
    }
}

fn shown(access: Access) -> &'static str {
    match access {
        Access::SourceImages => "source images",
        Access::DerivedImages => "derived images",
        Access::History => "a history",
        Access::Ledger => "the ledger",
        Access::Studies => "the list of studies",
        Access::Proof => "a proof",
        Access::Export => "an export",
        Access::Figures => "figures of quality",
        Access::Costs => "a report of costs and benefits",
    }
}

fn destination(changed: &DestinationChanged) -> String {
    let DestinationChanged { destination, version, state, by_configuration } = changed;
    let state = match state {
        DestinationState::InUse => "releases are sent there",
        DestinationState::Paused => "releases wait for it",
        DestinationState::Closed => "nothing new is sent there",
    };
    let by = if *by_configuration { " as the configuration says" } else { "" };
    format!("put version {version} of {destination} in force{by}: {state}")
}

fn account(AccountChanged { user, change }: &AccountChanged) -> String {
    let list = |roles: &[Role]| roles.iter().map(|role| role.as_str()).collect::<Vec<_>>().join(", ");
    match change {
        AccountChange::Added { roles } => format!("added the account {user} as {}", list(roles)),
        AccountChange::RolesChanged { from, to } => {
            format!("changed the roles of {user} from {} to {}", list(from), list(to))
        }
        AccountChange::Disabled => format!("disabled the account {user}"),
        AccountChange::Enabled => format!("enabled the account {user} again"),
        AccountChange::PasswordReset => format!("had a new password made for {user}"),
        AccountChange::PasswordChanged => format!("changed the password of {user}"),
        AccountChange::PasskeyAdded { passkey } => format!("registered a passkey of {user} ({passkey})"),
        AccountChange::PasskeyRevoked { passkey } => format!("revoked a passkey of {user} ({passkey})"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entry::tests::envelope;
    use contract::{CaseId, DeploymentId, Digest, ReadId, SignatureId, rollout::Stage};

    #[test]
    fn a_signed_read_says_who_signed_what_on_which_case() {
        let case = CaseId::from_bits(1);
        let event = Event::ReadSigned {
            case: case.clone(),
            read: ReadId::from_bits(2),
            signature: SignatureId::from_bits(3),
            verdict: Verdict::Accept,
            case_digest: Digest::of(b""),
            viewing: None,
        };
        assert_eq!(sentence(&envelope("review", 1, event)), format!("rad1 signed ACCEPT on {case}"));
    }

    #[test]
    fn a_new_deployment_says_how_its_images_are_made_and_what_it_is_marked_with() {
        let deployment = DeploymentId::from_bits(1);
        let told = |texture_percent, banner: Option<&str>| {
            let (deployment, banner) = (deployment.clone(), banner.map(str::to_owned));
            let event =
                Event::DeploymentCreated { deployment, stage: Stage::Shadow, banner, texture_percent };
            sentence(&envelope("rollout", 1, event))
        };
        assert_eq!(told(None, None), format!("rad1 created {deployment} at shadow"));
        assert_eq!(
            told(Some(30), Some("no evidence")),
            format!("rad1 created {deployment} at shadow, 30 % of the texture kept, marked: no evidence")
        );
    }

    #[test]
    fn an_access_says_what_was_shown_of_what() {
        let event = Event::AccessRecorded { access: Access::History };
        let told = sentence(&envelope("audit", 1, event));
        assert_eq!(told, "rad1 was shown a history (case_aaaaaaaaaaaaaaaaaaaaaaaaaa)");
    }
}
