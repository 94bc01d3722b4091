//! The life of a teaching set: preparing, prepared, released, withdrawn, or refused. Values only.
//!
//! Only somebody who looked at each image lets a set leave, and what they answer for is the digest over its files. A set
//! that was withdrawn never leaves again; another one can be made.

use contract::delivery::{ReleaseTeachingSet, TeachingSet, TeachingSetAct, TeachingSetState};
use contract::{Refusal, Time, UserId};

/// The shortest and the longest reason, characters.
const REASON_CHARS: std::ops::RangeInclusive<usize> = 3..=500;

/// Lets a set leave.
///
/// # Errors
/// A refusal when it is not the set that was looked at, not all of it was, or it is released or withdrawn already.
pub fn release(
    set: &TeachingSet,
    command: &ReleaseTeachingSet,
    by: UserId,
    now: Time,
) -> Result<TeachingSet, Refusal> {
    match set.state {
        TeachingSetState::Prepared => {}
        TeachingSetState::Released => return Err(released_already()),
        TeachingSetState::Withdrawn => return Err(withdrawn()),
        TeachingSetState::Preparing | TeachingSetState::Refused => return Err(not_made()),
    }
    if set.content != Some(command.content) {
        return Err(Refusal::new(
            "not_what_was_seen",
            "these are not the images that were looked at",
            "open the set again and look at its images",
        ));
    }
    let images = set.images();
    if command.seen != images {
        return Err(Refusal::new(
            "not_all_seen",
            format!("{} of {images} images were looked at", command.seen),
            "look at each image of both series: whose they are may stand on a single one",
        ));
    }
    let released = Some(TeachingSetAct { by, at: now });
    Ok(TeachingSet { state: TeachingSetState::Released, released, ..set.clone() })
}

/// Takes a set back, whether it was released or not.
///
/// # Errors
/// A refusal when it is withdrawn already or no reason is given.
pub fn withdraw(set: &TeachingSet, reason: &str, by: UserId, now: Time) -> Result<TeachingSet, Refusal> {
    match set.state {
        TeachingSetState::Prepared | TeachingSetState::Released => {}
        TeachingSetState::Withdrawn => return Err(withdrawn()),
        TeachingSetState::Preparing | TeachingSetState::Refused => return Err(not_made()),
    }
    let reason = reason.trim();
    if !REASON_CHARS.contains(&reason.chars().count()) {
        return Err(Refusal::new(
            "reason_missing",
            "this needs a reason of 3 to 500 characters",
            "write why nobody shall be taught with these images",
        ));
    }
    Ok(TeachingSet {
        state: TeachingSetState::Withdrawn,
        withdrawn: Some(TeachingSetAct { by, at: now }),
        withdrawal_reason: Some(reason.to_owned()),
        ..set.clone()
    })
}

/// Whether a set may leave.
///
/// # Errors
/// A refusal unless it is released.
pub fn leave(set: &TeachingSet) -> Result<(), Refusal> {
    match set.state {
        TeachingSetState::Released => Ok(()),
        TeachingSetState::Withdrawn => Err(withdrawn()),
        TeachingSetState::Preparing | TeachingSetState::Refused => Err(not_made()),
        TeachingSetState::Prepared => Err(Refusal::new(
            "not_released",
            "nobody has answered for these images yet",
            "look at each image and release the set",
        )),
    }
}

/// Whether somebody may look at the images of a set.
///
/// # Errors
/// A refusal of a set that is not made or was withdrawn.
pub fn look(set: &TeachingSet) -> Result<(), Refusal> {
    match set.state {
        TeachingSetState::Prepared | TeachingSetState::Released => Ok(()),
        TeachingSetState::Withdrawn => Err(withdrawn()),
        TeachingSetState::Preparing | TeachingSetState::Refused => Err(not_made()),
    }
}

fn not_made() -> Refusal {
    Refusal::new("not_made", "this set is not made", "wait until it is, or have one made of another case")
}

/// The refusal of a second set while there is one.
pub fn prepared_already() -> Refusal {
    Refusal::new(
        "prepared_already",
        "there is a teaching set of this discussion",
        "use it, or withdraw it before another one is made",
    )
}

fn released_already() -> Refusal {
    Refusal::new("released_already", "this set was released before", "download it, or withdraw it")
}

fn withdrawn() -> Refusal {
    Refusal::new("withdrawn", "this set was withdrawn", "have another one made")
}

#[cfg(test)]
mod tests {
    use super::*;
    use contract::{CaseId, Digest, DiscussionId, TeachingSetId};
    use proptest::prelude::*;

    fn user(number: u128) -> UserId {
        UserId::from_bits(number)
    }

    fn prepared() -> TeachingSet {
        TeachingSet {
            id: TeachingSetId::from_bits(1),
            discussion: DiscussionId::from_bits(1),
            case: CaseId::from_bits(1),
            state: TeachingSetState::Prepared,
            code: "TEACHING-1".to_owned(),
            content: Some(Digest::of(b"files")),
            slices: 3,
            images_done: 6,
            refusal: None,
            prepared_by: user(1),
            prepared_at: Time::default(),
            released: None,
            withdrawn: None,
            withdrawal_reason: None,
        }
    }

    #[derive(Debug, Clone)]
    enum Step {
        Release { same: bool, seen: u32 },
        Withdraw(String),
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            (any::<bool>(), 4_u32..8).prop_map(|(same, seen)| Step::Release { same, seen }),
            "[a-z ]{0,6}".prop_map(Step::Withdraw),
        ]
    }

    proptest! {
        #[test]
        fn only_what_was_looked_at_whole_ever_leaves(steps in proptest::collection::vec(step(), 0..12)) {
            let mut set = prepared();
            let (mut answered, mut over) = (false, false);
            for step in steps {
                let next = match &step {
                    Step::Release { same, seen } => {
                        let content = Digest::of(if *same { b"files" } else { b"other" });
                        let command = ReleaseTeachingSet { content, seen: *seen };
                        let next = release(&set, &command, user(2), Time::default());
                        let may = *same && *seen == 6 && !answered && !over;
                        prop_assert_eq!(next.is_ok(), may);
                        answered |= may;
                        next
                    }
                    Step::Withdraw(reason) => {
                        let next = withdraw(&set, reason, user(3), Time::default());
                        prop_assert_eq!(next.is_ok(), !over && reason.trim().len() >= 3);
                        over |= next.is_ok();
                        next
                    }
                };
                set = next.unwrap_or(set);
                prop_assert_eq!(leave(&set).is_ok(), answered && !over);
                prop_assert_eq!(look(&set).is_ok(), !over);
            }
        }
    }
}
