//! Peer learning at the door: what is asked and commanded, and the entry that each leaves.

use crate::commands::Command;
use crate::entries::Entry::{self, Behind};
use crate::entries::Question;
use contract::event::Display;
use contract::{CaseId, Digest, DiscussionId, TeachingSetId};
use serde_json::json;

/// The questions about discussions.
pub(crate) fn queries() -> Vec<Question> {
    vec![
        ("discussions", ("{ discussions { nodes { id } } }", Behind("/v1/discussions"))),
        (
            "discussion",
            (
                "query ($discussion: ID!) { discussion(id: $discussion) { id } }",
                Entry::Display(Display::Discussions),
            ),
        ),
        (
            "readingScores",
            (
                "{ readingScores(from: \"2026-11-01T00:00:00Z\", to: \"2026-12-01T00:00:00Z\") { minimum } }",
                Behind("/v1/quality/scores"),
            ),
        ),
        (
            "teachingSets",
            (
                "query ($discussion: ID!) { teachingSets(discussionId: $discussion) { id } }",
                Behind("/v1/teaching-sets"),
            ),
        ),
    ]
}

/// The commands about them.
pub(crate) fn mutations() -> Vec<Command> {
    let open =
        json!({ "caseId": CaseId::from_bits(1), "kind": "MODEL_ERROR", "question": "What is at slice 40?" });
    let discussion = DiscussionId::from_bits(1);
    let contribute = json!({ "discussionId": discussion, "words": "It is in the original too." });
    let score = json!({ "discussionId": discussion, "score": "TWO_A" });
    let close = json!({ "discussionId": discussion, "learningPoint": "Compare with the original first." });
    let prepare = json!({ "discussionId": discussion });
    let set = TeachingSetId::from_bits(1);
    let release = json!({ "teachingSetId": set, "content": Digest::of(b"files"), "seen": 6 });
    let withdraw = json!({ "teachingSetId": set, "reason": "a rare case" });
    vec![
        ("openDiscussion", (Some(open), Behind("/v1/discussions"))),
        ("contributeToDiscussion", (Some(contribute), Behind("/v1/discussions/{discussion}/contribute"))),
        ("scoreReading", (Some(score), Behind("/v1/discussions/{discussion}/score"))),
        ("closeDiscussion", (Some(close), Behind("/v1/discussions/{discussion}/close"))),
        ("prepareTeachingSet", (Some(prepare), Behind("/v1/teaching-sets"))),
        ("releaseTeachingSet", (Some(release), Behind("/v1/teaching-sets/{set}/release"))),
        ("withdrawTeachingSet", (Some(withdraw), Behind("/v1/teaching-sets/{set}/withdraw"))),
    ]
}
