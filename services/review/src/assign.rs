//! Who may take which slot, and for how long.

use crate::case::{Case, Credential, Kind, Lease, LeaseEnd, Policy, Purpose, Slot};
use chrono::TimeDelta;
use contract::{Actor, LeaseId, Role, Time, UserId};
use std::collections::BTreeSet;

/// A person who reads: a radiologist, an adjudicator or both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reader {
    /// The account.
    pub user: UserId,
    /// Whether the person takes first reads by role.
    pub is_radiologist: bool,
    /// Whether the person decides discordances by role.
    pub is_adjudicator: bool,
}

impl Reader {
    /// The reader in an actor, if the actor is one.
    pub fn of(actor: &Actor) -> Option<Self> {
        let is_radiologist = actor.has_role(Role::Radiologist);
        let is_adjudicator = actor.has_role(Role::Adjudicator);
        let user = actor.user()?.clone();
        (is_radiologist || is_adjudicator).then_some(Self { user, is_radiologist, is_adjudicator })
    }
}

/// The slot that a reader without a hold may take now. Whatever the reason for `None`, it is not told.
pub fn slot_for(case: &Case, reader: &Reader, now: Time) -> Option<Slot> {
    if is_closed(case, now) || !may_read(case, &reader.user, now) {
        return None;
    }
    let vacant = |slot: Slot| {
        case.read_in(slot).is_none()
            && case.lease_in(slot, now).is_none()
            && !is_kept_for_another(case, slot, &reader.user, now)
    };
    wanted(case, reader).iter().copied().find(|&slot| vacant(slot))
}

/// An ended case is open to nobody but those who give the quality sample its third read.
fn is_closed(case: &Case, now: Time) -> bool {
    let over = case.superseded_at.is_some() || (case.ending.is_some() && !case.has_open_sample());
    let closed = match case.purpose() {
        None => true,
        Some(Purpose::Clinical) => false,
        // An evaluation takes no reader away from a patient's case, and tells nobody of it.
        Some(Purpose::Evaluation) => case.kin.has_open_case,
    };
    over || closed || !case.holds.is_empty() || case.cannot_judge_count() >= 2 || now >= case.expires_at()
}

/// Whether who holds a slot may sign in it now: roles, credentials and conflicts are looked at once more, since they
/// may have changed while the case was open.
pub fn may_sign(case: &Case, reader: &Reader, slot: Slot, now: Time) -> bool {
    let by_role = if slot.is_adjudication() { takes_third(case, reader) } else { takes_first(case, reader) };
    by_role && may_read(case, &reader.user, now)
}

fn may_read(case: &Case, user: &UserId, now: Time) -> bool {
    let for_this_reader = match &case.kind {
        Kind::Clinical => true,
        // Who read the bad case knows it.
        Kind::Sentinel { .. } => !case.kin.readers.contains(user),
        Kind::Repeat { reader, .. } => reader == user,
    };
    for_this_reader
        && case.read_of(user).is_none()
        && !case.invalidated.iter().any(|read| read.reader() == user)
        && case.requester.as_ref() != Some(user)
        && !case.conflicted.contains(user)
        && !case.kin.comparers.contains(user)
        && !case.kin.discussers.contains(user)
        && !case.deferrals.iter().any(|deferral| deferral.reader == *user)
        && (!needs_credential(case) || is_credentialed(case, user, now))
}

/// Evaluation readers are named, whatever the policy asks of the others.
fn needs_credential(case: &Case) -> bool {
    case.policy.require_credentials || case.purpose() == Some(Purpose::Evaluation)
}

/// Whether the person may read the modality and use of the case now.
pub fn is_credentialed(case: &Case, user: &UserId, now: Time) -> bool {
    let valid = |credential: &Credential| {
        credential.reader == *user && credential.valid_from <= now && now < credential.valid_until
    };
    case.credentials.iter().any(valid)
}

/// Whether fewer people may read the case than it still needs, by the credentials that are known (clinical decision 6);
/// `None` where the policy asks for none, since anybody may read then.
pub fn lacks_readers(case: &Case, now: Time) -> Option<bool> {
    if !needs_credential(case) {
        return None;
    }
    if is_closed(case, now) {
        return Some(false);
    }
    let people: BTreeSet<&UserId> = case.credentials.iter().map(|credential| &credential.reader).collect();
    let mut open = BTreeSet::new();
    let mut eligible = 0;
    for user in people {
        // Roles are kept elsewhere; who has a credential is taken to have the one that is needed.
        let by_role = [(true, false), (false, true)].map(|(is_radiologist, is_adjudicator)| Reader {
            user: user.clone(),
            is_radiologist,
            is_adjudicator,
        });
        let slots = by_role.iter().flat_map(|reader| wanted(case, reader)).copied();
        let vacant: Vec<Slot> = slots
            .filter(|&slot| case.read_in(slot).is_none() && case.lease_in(slot, now).is_none())
            .collect();
        let is_free = case.lease_of(user, now).is_none() && may_read(case, user, now);
        eligible += usize::from(is_free && !vacant.is_empty());
        open.extend(vacant);
    }
    let nobody_known = case.credentials.is_empty();
    Some(nobody_known || eligible < open.len())
}

/// Which slots a reader of these roles could fill.
fn wanted(case: &Case, reader: &Reader) -> &'static [Slot] {
    let adjudicates = takes_third(case, reader);
    match (case.discordant_at, case.sampled_at) {
        (Some(_), _) if adjudicates && case.panel_at.is_some() => &Slot::PANEL,
        (Some(_), _) | (None, Some(_)) => {
            if adjudicates {
                &Slot::PANEL[..1]
            } else {
                &[]
            }
        }
        (None, None) if !takes_first(case, reader) => &[],
        (None, None) if matches!(case.kind, Kind::Repeat { .. }) => &Slot::FIRST_READS[..1],
        (None, None) => &Slot::FIRST_READS,
    }
}

/// Clinical decision 7: who lost a hold by inactivity, or withdrew a read, has first call on the slot.
fn is_kept_for_another(case: &Case, slot: Slot, user: &UserId, now: Time) -> bool {
    let first_call = TimeDelta::minutes(i64::from(case.policy.first_call_minutes));
    let lapsed = case.leases.iter().filter(|lease| lease.slot == slot).filter_map(|lease| {
        match lease.end_without_read(now) {
            Some((LeaseEnd::Expired, at)) => Some((&lease.reader, at)),
            _ => None,
        }
    });
    let withdrawn = case.withdrawals.iter().filter(|withdrawal| withdrawal.read.slot == slot);
    let withdrawn = withdrawn.map(|withdrawal| (withdrawal.read.reader(), withdrawal.at));
    let standing = lapsed.chain(withdrawn).filter(|(_, at)| now < *at + first_call);
    let calls: Vec<&UserId> = standing.map(|(holder, _)| holder).collect();
    // Two who both have first call do not keep each other away.
    !calls.contains(&user)
        && calls.into_iter().any(|holder| may_read(case, holder, now) && case.lease_of(holder, now).is_none())
}

/// Who decided on the same source series has seen what others signed there, and gives no first read on it.
fn takes_first(case: &Case, reader: &Reader) -> bool {
    let by_role =
        reader.is_radiologist && (!reader.is_adjudicator || case.policy.adjudicators_take_first_slots);
    by_role && !case.kin.adjudicators.contains(&reader.user)
}

/// Who signed a read on the same source series does not decide on it.
fn takes_third(case: &Case, reader: &Reader) -> bool {
    reader.is_adjudicator && !case.kin.readers.contains(&reader.user)
}

/// A new hold.
pub fn lease(policy: &Policy, id: LeaseId, slot: Slot, reader: UserId, now: Time) -> Lease {
    let expires_at = expiry(policy, now, now);
    Lease { id, slot, reader, taken_at: now, expires_at, ended_at: None, end: None }
}

/// When a hold lapses that saw activity at `now`: it slides, up to a cap from when it was taken.
pub fn expiry(policy: &Policy, taken_at: Time, now: Time) -> Time {
    let sliding = now + TimeDelta::minutes(i64::from(policy.lease_minutes));
    sliding.min(taken_at + TimeDelta::hours(i64::from(policy.lease_hours_max)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{adjudicator, case, radiologist, start};

    #[test]
    fn two_radiologists_hold_the_first_slots_at_the_same_time() {
        let (mut case, now) = (case(), start());
        let (first, second, third) = (radiologist(1), radiologist(2), radiologist(3));
        assert_eq!(slot_for(&case, &first, now), Some(Slot::First));
        case.leases.push(lease(&case.policy, LeaseId::from_bits(1), Slot::First, first.user, now));
        assert_eq!(slot_for(&case, &second, now), Some(Slot::Second));
        case.leases.push(lease(&case.policy, LeaseId::from_bits(2), Slot::Second, second.user, now));
        assert_eq!(slot_for(&case, &third, now), None);
    }

    #[test]
    fn an_adjudicator_takes_only_the_third_slot_unless_policy_says_otherwise() {
        let (mut case, now) = (case(), start());
        assert_eq!(slot_for(&case, &adjudicator(9), now), None);
        case.policy.adjudicators_take_first_slots = true;
        assert_eq!(slot_for(&case, &adjudicator(9), now), Some(Slot::First));
        case.discordant_at = Some(now);
        assert_eq!(slot_for(&case, &adjudicator(9), now), Some(Slot::Third));
        assert_eq!(slot_for(&case, &radiologist(1), now), None);
    }

    #[test]
    fn who_read_another_run_of_the_series_does_not_adjudicate_this_one() {
        let (mut case, now) = (case(), start());
        case.discordant_at = Some(now);
        case.kin.readers.insert(adjudicator(9).user);
        assert_eq!(slot_for(&case, &adjudicator(9), now), None);
        assert_eq!(slot_for(&case, &adjudicator(8), now), Some(Slot::Third));
    }

    fn credentialed(readers: &[u128]) -> Case {
        let mut case = case();
        case.policy.require_credentials = true;
        case.credentials = readers
            .iter()
            .map(|&reader| Credential {
                reader: radiologist(reader).user,
                valid_from: start(),
                valid_until: start() + TimeDelta::days(30),
            })
            .collect();
        case
    }

    #[test]
    fn a_case_that_fewer_may_read_than_it_needs_says_so_at_once() {
        let lacks = |readers: &[u128]| lacks_readers(&credentialed(readers), start());
        assert_eq!([lacks(&[]), lacks(&[1]), lacks(&[1, 2])], [Some(true), Some(true), Some(false)]);
        assert_eq!(lacks_readers(&case(), start()), None, "anybody may read it");
    }

    #[test]
    fn who_holds_a_slot_or_is_too_close_is_no_reader_for_the_other_one() {
        let now = start();
        let mut case = credentialed(&[1, 2]);
        let held = lease(&case.policy, LeaseId::from_bits(1), Slot::First, radiologist(1).user, now);
        case.leases.push(held);
        assert_eq!(lacks_readers(&case, now), Some(false));
        case.conflicted.insert(radiologist(2).user);
        assert_eq!(lacks_readers(&case, now), Some(true));
    }

    #[test]
    fn what_is_held_or_lapsed_is_no_lack() {
        let mut case = credentialed(&[]);
        case.stage = contract::rollout::Stage::Shadow;
        assert_eq!(lacks_readers(&case, start()), Some(false));
        let case = credentialed(&[1, 2]);
        assert_eq!(lacks_readers(&case, case.expires_at()), Some(false));
    }

    #[test]
    fn a_credential_that_has_ended_makes_no_reader() {
        let mut case = credentialed(&[1, 2]);
        case.credentials[1].valid_until = start();
        assert_eq!(lacks_readers(&case, start()), Some(true));
    }

    #[test]
    fn a_case_of_a_shadow_run_is_offered_to_nobody() {
        let mut case = case();
        case.stage = contract::rollout::Stage::Shadow;
        assert_eq!(slot_for(&case, &radiologist(1), start()), None);
    }

    #[test]
    fn a_hold_slides_with_activity_but_not_beyond_its_cap() {
        let policy = Policy::default();
        let taken = start();
        let after = |minutes| taken + TimeDelta::minutes(minutes);
        assert_eq!(expiry(&policy, taken, after(0)), after(15));
        assert_eq!(expiry(&policy, taken, after(100)), after(115));
        assert_eq!(expiry(&policy, taken, after(239)), after(240));
    }
}
