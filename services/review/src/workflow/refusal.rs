//! What is said to somebody who can't do what they want with a case now. A refusal differs only by what that person
//! did and may know.

use crate::case::LeaseEnd;
use contract::Refusal;

/// The one refusal for a case that is not for this reader now; why is not told.
pub fn unavailable() -> Refusal {
    Refusal::new("unavailable", "this case is not available to you", "take another case from the worklist")
}

pub(super) fn lease_ended(end: Option<LeaseEnd>) -> Refusal {
    let (why, remedy) = match end {
        Some(LeaseEnd::Superseded) => (
            "a newer result took the place of this case",
            "take the newer case from the worklist; what you typed is offered there",
        ),
        Some(LeaseEnd::Revoked) => {
            ("a coordinator took this case back", "open the case again, or ask the coordinator")
        }
        Some(LeaseEnd::Held) => {
            ("this case is held back", "take another case; this one comes back when it may")
        }
        Some(LeaseEnd::CaseExpired) => ("this case came too late to be of use", "take another case"),
        Some(LeaseEnd::Deferred) => {
            ("you deferred this case", "a coordinator can return it to you; take another case")
        }
        _ => {
            ("your hold on this case has ended", "open the case again, or take another one from the worklist")
        }
    };
    Refusal::new("lease_ended", format!("{why}; your draft is kept"), remedy)
}

pub(super) fn already_signed() -> Refusal {
    Refusal::new(
        "already_signed",
        "you have signed this case; a signed read does not change",
        "go on to the next case",
    )
}

pub(super) fn draft_conflict(sent: u32, stored: u32) -> Refusal {
    Refusal::new(
        "draft_conflict",
        format!("this save follows version {sent}, but version {stored} is stored"),
        "load the stored draft and decide which one you mean",
    )
}

pub(super) fn read_final() -> Refusal {
    Refusal::new(
        "read_final",
        "your read is final and can't be withdrawn any more",
        "tell a coordinator or quality what is wrong with it",
    )
}

pub(super) fn read_not_final() -> Refusal {
    Refusal::new(
        "read_not_final",
        "your read is not final yet: it can still be withdrawn",
        "withdraw it and read anew, or wait until it is final",
    )
}

pub(super) fn too_many_addenda() -> Refusal {
    Refusal::new(
        "too_many_addenda",
        "a read has no more addenda than this",
        "tell quality what else there is to say",
    )
}

pub(super) fn not_released() -> Refusal {
    Refusal::new("not_released", "only a released case can be recalled", "hold the case back instead")
}

pub(super) fn recall_known() -> Refusal {
    Refusal::new(
        "recall_known",
        "a recall of this case was proposed before",
        "another person than the one who proposed it confirms it",
    )
}

pub(super) fn recall_not_proposed() -> Refusal {
    Refusal::new("recall_not_proposed", "no recall of this case waits for confirmation", "propose it first")
}

pub(super) fn recall_same_person() -> Refusal {
    Refusal::new(
        "recall_same_person",
        "a recall is confirmed by another person than the one who proposed it",
        "ask somebody else of quality, or an adjudicator",
    )
}

pub(super) fn not_held() -> Refusal {
    Refusal::new("not_held", "nothing of this kind holds the case back", "look at what holds it")
}

pub(super) fn case_over() -> Refusal {
    Refusal::new("case_over", "this case has ended", "nothing has to be done")
}

pub(super) fn invalidation_needs_another() -> Refusal {
    Refusal::new(
        "invalidation_needs_another",
        "a signature is invalidated by somebody else than its signer, while another person holds the case",
        "ask a coordinator, or somebody else of quality, to hold the case first",
    )
}

pub(super) fn not_signed() -> Refusal {
    Refusal::new(
        "not_signed",
        "this person has no signature that counts on this case",
        "look at the case's reads",
    )
}

pub(super) fn adjudicated() -> Refusal {
    Refusal::new(
        "adjudicated",
        "an adjudicator has decided on this read; it can't be read anew by somebody who knows neither",
        "leave the case held: it ends unreleased",
    )
}

pub(super) fn same_priority() -> Refusal {
    Refusal::new("same_priority", "the case has this priority already", "nothing has to be done")
}
