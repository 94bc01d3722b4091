//! Every command that the door takes, and the entry of the ledger that it leaves.

use crate::entries::Entry::{self, Behind, Told};
use crate::site::PASSWORD;
use contract::{CaseId, Digest, StudyId};
use serde_json::{Value, json};

/// Every command.
pub(crate) fn mutations() -> Vec<Command> {
    let case = CaseId::from_bits(1);
    let sign = json!({ "caseId": case, "verdict": "ACCEPT", "caseDigest": Digest::of(b"case"),
        "username": "rad1", "password": PASSWORD });
    let deployment = json!({ "deploymentId": contract::DeploymentId::from_bits(1), "stage": "PILOT",
        "reason": "evidence" });
    let study = StudyId::from_bits(1);
    let reason = json!({ "caseId": case, "reason": "a reason" });
    let priority = json!({ "caseId": case, "priority": "STAT", "reason": "a reason" });
    let hold = json!({ "caseId": case, "kind": "DEFERRED", "reason": "a reason" });
    let credential = json!({ "username": "rad1", "modality": "CT", "task": "denoise",
        "validUntil": "2027-11-25T00:00:00Z" });
    let conflict = json!({ "username": "rad1", "studyId": study, "reason": "a reason" });
    let proposal = json!({ "proposalId": contract::ProposalId::from_bits(1), "username": "rad1",
        "password": PASSWORD });
    let mut all = vec![
        ("signIn", (Some(json!({ "username": "rad1", "password": PASSWORD })), Told("login.opened"))),
        ("openCase", (Some(json!({ "caseId": case })), Behind("/v1/cases/{case}/open"))),
        ("saveDraft", (Some(json!({ "caseId": case, "version": 0 })), Behind("/v1/cases/{case}/draft"))),
        ("signRead", (Some(sign.clone()), Behind("/v1/cases/{case}/sign"))),
        ("adjudicate", (Some(sign), Behind("/v1/cases/{case}/sign"))),
        ("withdrawRead", (Some(reason.clone()), Behind("/v1/cases/{case}/withdraw"))),
        ("deferCase", (Some(reason.clone()), Behind("/v1/cases/{case}/defer"))),
        ("declareOwnConflict", (Some(reason.clone()), Behind("/v1/cases/{case}/conflict"))),
        ("holdCase", (Some(hold), Behind("/v1/cases/{case}/hold"))),
        ("changeCasePriority", (Some(priority), Behind("/v1/cases/{case}/priority"))),
        ("resumeCase", (Some(json!({ "caseId": case })), Behind("/v1/cases/{case}/resume"))),
        ("returnCase", (Some(json!({ "caseId": case })), Behind("/v1/cases/{case}/return"))),
        ("revokeHolds", (Some(reason.clone()), Behind("/v1/cases/{case}/revoke"))),
        ("markSentinel", (Some(reason), Behind("/v1/cases/{case}/mark-sentinel"))),
        (
            "flagStudy",
            (Some(json!({ "studyId": study, "reason": "a reason" })), Behind("/v1/studies/{study}/flag")),
        ),
        ("unflagStudy", (Some(json!({ "studyId": study })), Behind("/v1/studies/{study}/unflag"))),
        (
            "invalidateSignature",
            (
                Some(json!({ "caseId": case, "username": "rad1", "reason": "a reason" })),
                Behind("/v1/cases/{case}/invalidate"),
            ),
        ),
        (
            "settleIdentity",
            (
                Some(json!({ "studyId": study, "decision": "KEEP", "reason": "a reason" })),
                Behind("/v1/studies/{study}/identity"),
            ),
        ),
        ("grantCredential", (Some(credential), Behind("/v1/credentials"))),
        (
            "revokeCredential",
            (
                Some(json!({ "credentialId": contract::CredentialId::from_bits(1) })),
                Behind("/v1/credentials/{credential}/revoke"),
            ),
        ),
        ("declareConflict", (Some(conflict), Behind("/v1/conflicts"))),
        ("changeReviewPolicy", (Some(json!({ "reason": "a reason" })), Behind("/v1/policies"))),
        ("proposePromotion", (Some(deployment.clone()), Behind("/v1/deployments/{deployment}/propose"))),
        ("demoteDeployment", (Some(deployment), Behind("/v1/deployments/{deployment}/demote"))),
        ("approvePromotion", (Some(proposal), Behind("/v1/proposals/{proposal}/approve"))),
    ];
    all.extend(mutations_after_signing().into_iter().chain(mutations_after_release()));
    all.extend(mutations_of_the_quarantine().into_iter().chain(crate::learning::mutations()));
    all.extend(mutations_of_rollout().into_iter().chain(mutations_of_use()));
    all.extend(mutations_of_the_ledger());
    all.extend(crate::comparisons::mutations().into_iter().chain(mutations_of_accounts()));
    all.extend(crate::passkeys::mutations().into_iter().chain(mutations_of_destinations()));
    all.push(("signOut", (None, Told("login.ended"))));
    all
}

pub(crate) type Command = (&'static str, (Option<Value>, Entry));

/// The commands about what was signed before.
fn mutations_after_signing() -> Vec<Command> {
    let case = CaseId::from_bits(1);
    vec![
        (
            "confirmRead",
            (
                Some(json!({ "caseId": case, "readId": contract::ReadId::from_bits(1),
                    "caseDigest": Digest::of(b"case"), "password": PASSWORD })),
                Behind("/v1/cases/{case}/confirm"),
            ),
        ),
        (
            "writeAddendum",
            (
                Some(json!({ "caseId": case, "stance": "KEEPS", "words": "a reason" })),
                Behind("/v1/cases/{case}/addenda"),
            ),
        ),
    ]
}

/// The commands about who may sign in, which the gateway carries out itself.
fn mutations_of_accounts() -> Vec<Command> {
    let new = json!({ "username": "newcomer", "printedName": "Dr. New", "roles": ["RADIOLOGIST"],
        "reason": "a reason" });
    let of = |more: Value| {
        let mut input = json!({ "username": "colleague", "reason": "a reason" });
        input.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap_or_default());
        Some(input)
    };
    let chosen = json!({ "presentPassword": PASSWORD, "newPassword": "a password of my own" });
    vec![
        ("addAccount", (Some(new), Told("user.added"))),
        ("changeAccountRoles", (of(json!({ "roles": ["QUALITY"] })), Told("account.changed"))),
        ("resetPassword", (of(Value::Null), Told("account.changed"))),
        ("disableAccount", (of(Value::Null), Told("account.changed"))),
        ("enableAccount", (of(Value::Null), Told("account.changed"))),
        ("changePassword", (Some(chosen), Told("account.changed"))),
    ]
}

/// The commands that take a release back.
fn mutations_after_release() -> Vec<Command> {
    let case = CaseId::from_bits(1);
    let reason = json!({ "caseId": case, "reason": "a reason" });
    let close = json!({ "noteId": contract::RejectionNoteId::from_bits(1), "reason": "a reason" });
    let campaign = contract::RecallCampaignId::from_bits(1);
    let set = json!({ "cases": 1, "digest": Digest::of(b"cases") });
    let deployment = contract::DeploymentId::from_bits(1);
    let propose = json!({ "selection": { "deploymentId": deployment }, "set": set, "reason": "a reason" });
    let confirm = json!({ "campaignId": campaign, "set": set });
    let withdraw = json!({ "campaignId": campaign, "reason": "a reason" });
    vec![
        ("proposeRecallCampaign", (Some(propose), Behind("/v1/recall-campaigns"))),
        ("confirmRecallCampaign", (Some(confirm), Behind("/v1/recall-campaigns/{campaign}/confirm"))),
        ("withdrawRecallCampaign", (Some(withdraw), Behind("/v1/recall-campaigns/{campaign}/withdraw"))),
        ("proposeRecall", (Some(reason), Behind("/v1/cases/{case}/propose-recall"))),
        ("confirmRecall", (Some(json!({ "caseId": case })), Behind("/v1/cases/{case}/confirm-recall"))),
        ("closeRejectionNote", (Some(close), Behind("/v1/rejection-notes/{note}/close"))),
    ]
}

/// The commands about where releases are sent.
fn mutations_of_destinations() -> Vec<Command> {
    let destination = contract::DestinationId::from_bits(1);
    let terms =
        json!({ "aeTitle": "PACS", "host": "pacs", "port": 104, "kind": "CLINICAL", "state": "IN_USE" });
    let add = json!({ "name": "PACS", "terms": terms, "reason": "a reason" });
    let change = json!({ "destinationId": destination, "follows": 1, "terms": terms, "reason": "a reason" });
    let test = json!({ "destinationId": destination });
    vec![
        ("addDestination", (Some(add), Behind("/v1/destinations"))),
        ("changeDestination", (Some(change), Behind("/v1/destinations/{destination}/change"))),
        ("testDestination", (Some(test), Behind("/v1/destinations/{destination}/test"))),
    ]
}

/// The commands about what could not be used.
fn mutations_of_the_quarantine() -> Vec<Command> {
    vec![
        (
            "readmitQuarantined",
            (
                Some(json!({ "entryId": contract::QuarantineId::from_bits(1), "reason": "a reason",
                    "receivedUntil": "2026-11-25T00:00:00Z",
                    "corrections": [{ "attribute": "PATIENT_ID", "value": "RIGHT" }] })),
                Behind("/v1/quarantine/{entry}/readmit"),
            ),
        ),
        (
            "discardQuarantined",
            (
                Some(json!({ "entryId": contract::QuarantineId::from_bits(1), "reason": "a reason",
                    "receivedUntil": "2026-11-25T00:00:00Z" })),
                Behind("/v1/quarantine/{entry}/discard"),
            ),
        ),
    ]
}

/// The commands about the rules of a deployment.
fn mutations_of_rollout() -> Vec<Command> {
    let none = json!({ "amount": 0.0, "known": "ESTIMATED" });
    let prices = json!({ "reason": "a reason", "follows": 0, "prices": { "currency": "EUR", "devices": [],
        "otherDeviceHour": none, "storageGbMonth": none, "storageMonths": 1.0, "readerHour": none } });
    let plan = json!({ "deploymentId": contract::DeploymentId::from_bits(1), "reason": "a reason", "follows": 0,
        "plan": { "licenceMonth": none, "licenceStudy": none, "peopleMonth": none, "integration": none,
            "integrationMonths": 36.0, "benefits": [] } });
    let bounds = json!({ "daysMin": 1, "endedMin": 2, "localEndedMin": 1, "acceptedShareMin": 0.9,
        "discordantShareMax": 0.1, "criticalFindingsMax": 0, "readersMin": 2, "coveredShareMin": 0.8,
        "coveredFindingsMin": 20, "subgroupGapMax": 0.1, "subgroupEndedMin": 30, "witnessHoursMax": 24 });
    let policy = json!({ "reason": "a reason", "follows": 0,
        "policy": { "pilot": bounds, "supervised": bounds, "general": bounds } });
    let rules = json!({ "proposalId": contract::RulesProposalId::from_bits(1) });
    let adopted = json!({ "proposalId": contract::RulesProposalId::from_bits(1), "username": "rad1",
        "password": PASSWORD });
    vec![
        ("proposeGatePolicy", (Some(policy), Behind("/v1/gate-policies/propose"))),
        ("adoptRules", (Some(adopted), Behind("/v1/rules-proposals/{rules}/decide"))),
        ("declineRules", (Some(rules), Behind("/v1/rules-proposals/{rules}/decide"))),
        ("changePrices", (Some(prices), Behind("/v1/economics/prices"))),
        ("changePlan", (Some(plan), Behind("/v1/deployments/{deployment}/plan"))),
        (
            "proposeStopRules",
            (
                Some(json!({ "deploymentId": contract::DeploymentId::from_bits(1), "reason": "a reason",
                    "follows": 0,
                    "rules": { "falseAlarmsPerYear": 1.0, "casesPerMonth": 100.0, "rules": [] } })),
                Behind("/v1/deployments/{deployment}/stop-rules"),
            ),
        ),
        (
            "acknowledgeAlarm",
            (
                Some(json!({ "alarmId": contract::AlarmId::from_bits(1), "conclusion": "nothing" })),
                Behind("/v1/alarms/{alarm}/acknowledge"),
            ),
        ),
        (
            "closeRecallEvaluation",
            (
                Some(json!({ "evaluationId": contract::RecallEvaluationId::from_bits(1),
                    "conclusion": "nothing" })),
                Behind("/v1/recall-evaluations/{evaluation}/close"),
            ),
        ),
    ]
}

/// The commands that say which series a model version takes, and from where.
fn mutations_of_use() -> Vec<Command> {
    let rule = json!({ "modality": "CT", "bodyParts": [], "bodyPartWords": [], "seriesDescriptionContains": [],
        "protocolNameContains": [], "manufacturers": [], "kernels": [], "senders": [], "instanceCountMin": 0 });
    let site = json!({ "name": "north", "reason": "a reason", "follows": 0, "differingSeen": 0, "lookedAt": 0,
        "scanners": [{ "sender": "CT1", "name": "room 1", "makerWords": [] }] });
    let removed = json!({ "siteId": contract::SiteId::from_bits(1), "reason": "a reason", "follows": 1 });
    vec![
        ("changeSite", (Some(site), Behind("/v1/sites"))),
        ("removeSite", (Some(removed), Behind("/v1/sites/{site}/remove"))),
        (
            "changeUseRule",
            (
                Some(json!({ "deploymentId": contract::DeploymentId::from_bits(1), "reason": "a reason",
                    "matchedSeen": 0, "lookedAt": 0, "rule": rule })),
                Behind("/v1/deployments/{deployment}/use-rule"),
            ),
        ),
        (
            "createDeployment",
            (
                Some(json!({ "name": "chest", "modelId": contract::ModelVersionId::from_bits(1),
                    "site": "north", "pool": "cpu", "reason": "a reason", "matchedSeen": 0, "lookedAt": 0,
                    "rule": rule })),
                Behind("/v1/deployments"),
            ),
        ),
    ]
}

/// The commands about what the ledger keeps.
fn mutations_of_the_ledger() -> Vec<Command> {
    let erasure = json!({ "erasureId": contract::ErasureId::from_bits(1) });
    vec![
        (
            "proposeErasure",
            (Some(json!({ "username": "rad1", "reason": "a request" })), Behind("/v1/erasures")),
        ),
        ("approveErasure", (Some(erasure.clone()), Behind("/v1/erasures/{erasure}/approve"))),
        ("declineErasure", (Some(erasure), Behind("/v1/erasures/{erasure}/decline"))),
    ]
}
