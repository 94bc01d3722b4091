//! Who may have personal content of the ledger erased, and when: two people decide it, or the rule of how long it is
//! kept does.

use contract::audit::{Erasure, ErasureRecord, ErasureScope, ErasureState, ProposeErasure};
use contract::{Actor, ErasureId, Event, Refusal, Role, Time};

/// The most entries that one wish names.
const ENTRIES_MAX: usize = 1_000;
/// Characters of a reason.
const REASON_MIN: usize = 3;
const REASON_MAX: usize = 500;

/// What the other person says to a wish.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    /// It is to be done, with every entry below this place.
    Approve { size: u64 },
    /// It isn't.
    Decline,
}

/// A new wish, in a ledger of `size` entries.
pub(crate) fn propose(
    wanted: ProposeErasure,
    actor: &Actor,
    id: ErasureId,
    now: Time,
    size: u64,
) -> Result<ErasureRecord, Refusal> {
    let reason = wanted.reason.trim().to_owned();
    let length = reason.chars().count();
    if !(REASON_MIN..=REASON_MAX).contains(&length) {
        return Err(Refusal::new(
            "reason_wanted",
            format!("a reason has {REASON_MIN} to {REASON_MAX} characters, this one has {length}"),
            "say on what request or duty the content is erased; don't name the person again",
        ));
    }
    match &wanted.scope {
        ErasureScope::Person { .. } => {}
        ErasureScope::Entries { entries } if entries.is_empty() || entries.len() > ENTRIES_MAX => {
            return Err(Refusal::new(
                "entries_wanted",
                format!("a wish names 1 to {ENTRIES_MAX} entries, this one {}", entries.len()),
                "give the numbers of the entries, in several wishes if there are more",
            ));
        }
        ErasureScope::Entries { entries } => {
            if let Some(beyond) = entries.iter().find(|entry| **entry >= size) {
                return Err(Refusal::new(
                    "no_such_entry",
                    format!("the ledger has no entry {beyond}"),
                    "look the number up in the ledger",
                ));
            }
        }
        ErasureScope::Older => {
            return Err(Refusal::new(
                "only_by_rule",
                "old content is erased by the rule of how long it is kept",
                "set audit.personal_retention_days",
            ));
        }
    }
    Ok(ErasureRecord {
        id,
        scope: wanted.scope,
        reason,
        state: ErasureState::Proposed,
        proposed_by: actor.user().cloned(),
        proposed_at: now,
        decided_by: None,
        decided_at: None,
        before: 0,
        erased: 0,
    })
}

/// What becomes of a wish that somebody answers.
pub(crate) fn decide(
    wish: &ErasureRecord,
    answer: Answer,
    actor: &Actor,
    now: Time,
) -> Result<ErasureRecord, Refusal> {
    if wish.state != ErasureState::Proposed {
        return Err(not_open());
    }
    let (state, before) = match answer {
        Answer::Decline => (ErasureState::Declined, 0),
        Answer::Approve { .. } if actor.user() == wish.proposed_by.as_ref() => {
            return Err(Refusal::new(
                "second_person_wanted",
                "nobody has content erased alone",
                "ask somebody else of quality to approve it",
            ));
        }
        Answer::Approve { .. } if !actor.has_role(Role::Quality) => return Err(Refusal::forbidden()),
        Answer::Approve { size } => (ErasureState::Approved, size),
    };
    Ok(ErasureRecord {
        state,
        before,
        decided_by: actor.user().cloned(),
        decided_at: Some(now),
        ..wish.clone()
    })
}

/// The answer to whoever comes second.
pub(crate) fn not_open() -> Refusal {
    Refusal::new("not_open", "somebody has decided this already", "look at the list again")
}

/// An erasure that the rule has begun: everything below `before` is older than it is kept.
pub(crate) fn by_rule(id: ErasureId, days: u32, before: u64, now: Time) -> ErasureRecord {
    ErasureRecord {
        id,
        scope: ErasureScope::Older,
        reason: format!("personal content is kept for {days} days"),
        state: ErasureState::Approved,
        proposed_by: None,
        proposed_at: now,
        decided_by: None,
        decided_at: Some(now),
        before,
        erased: 0,
    }
}

/// What is told of an erasure in its state.
pub(crate) fn event(record: &ErasureRecord) -> Event {
    let told = Erasure {
        erasure: record.id.clone(),
        scope: record.scope.clone(),
        before: record.before,
        erased: record.erased,
    };
    match record.state {
        ErasureState::Proposed => Event::ErasureProposed(told),
        ErasureState::Declined => Event::ErasureDeclined(told),
        ErasureState::Approved => Event::ErasureApproved(told),
        ErasureState::Completed => Event::ErasureCompleted(told),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use contract::{LoginSessionId, UserId};

    fn person(user: u128, role: Role) -> Actor {
        Actor::Person {
            user: UserId::from_bits(user),
            username: "somebody".to_owned(),
            printed_name: "Somebody".to_owned(),
            roles: vec![role],
            login: LoginSessionId::from_bits(user),
        }
    }

    fn wish(scope: ErasureScope) -> Result<ErasureRecord, Refusal> {
        let wanted = ProposeErasure { scope, reason: "a request".to_owned() };
        let proposer = person(1, Role::Administrator);
        propose(wanted, &proposer, ErasureId::from_bits(1), Time::UNIX_EPOCH, 10)
    }

    fn of_person() -> ErasureScope {
        ErasureScope::Person { user: UserId::from_bits(7) }
    }

    fn code(outcome: Result<ErasureRecord, Refusal>) -> String {
        outcome.unwrap_err().code
    }

    #[test]
    fn two_people_erase_and_one_of_them_is_of_quality() {
        let wish = wish(of_person()).unwrap();
        let approve = |actor: &Actor| decide(&wish, Answer::Approve { size: 12 }, actor, Time::UNIX_EPOCH);
        assert_eq!(code(approve(&person(1, Role::Quality))), "second_person_wanted");
        assert_eq!(code(approve(&person(2, Role::Administrator))), "forbidden");
        let approved = approve(&person(2, Role::Quality)).unwrap();
        assert_eq!((approved.state, approved.before), (ErasureState::Approved, 12));
        let again = decide(&approved, Answer::Decline, &person(3, Role::Quality), Time::UNIX_EPOCH);
        assert_eq!(code(again), "not_open");
    }

    #[test]
    fn who_wanted_it_may_take_it_back() {
        let wish = wish(of_person()).unwrap();
        let actor = person(1, Role::Administrator);
        let declined = decide(&wish, Answer::Decline, &actor, Time::UNIX_EPOCH).unwrap();
        assert_eq!((declined.state, declined.before), (ErasureState::Declined, 0));
    }

    #[test]
    fn a_wish_names_what_there_is() {
        let entries = |entries: Vec<u64>| wish(ErasureScope::Entries { entries });
        assert!(entries(vec![9]).is_ok());
        assert_eq!(code(entries(vec![10])), "no_such_entry");
        assert_eq!(code(entries(Vec::new())), "entries_wanted");
        assert_eq!(code(entries(vec![1; ENTRIES_MAX + 1])), "entries_wanted");
        assert_eq!(code(wish(ErasureScope::Older)), "only_by_rule");
        let wanted = ProposeErasure { scope: of_person(), reason: "  x ".to_owned() };
        let id = ErasureId::from_bits(1);
        let refused = propose(wanted, &person(1, Role::Quality), id, Time::UNIX_EPOCH, 1);
        assert_eq!(code(refused), "reason_wanted");
    }
}
