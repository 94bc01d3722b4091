//! What may become of an account, and who decides it. Pure.

use contract::event::AccountChange;
use contract::{Actor, Refusal, Role, Time, UserId};

/// Longest reason, characters.
const REASON_CHARS_MAX: usize = 500;

/// An account as far as it matters who changes it.
#[derive(Debug, Clone)]
pub(crate) struct Standing {
    pub(crate) user: UserId,
    pub(crate) roles: Vec<Role>,
    pub(crate) is_disabled: bool,
}

/// What an administrator wants of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Wish {
    /// The person may do this and nothing else.
    Roles(Vec<Role>),
    /// Nobody signs in with it any more.
    Disable,
    /// Somebody may again.
    Enable,
    /// A new password, which has to be changed at the next sign-in.
    ResetPassword,
}

/// Who may make and change accounts.
///
/// # Errors
/// A refusal for everybody but administrators.
pub(crate) fn require_administrator(actor: &Actor) -> Result<(), Refusal> {
    if actor.has_role(Role::Administrator) { Ok(()) } else { Err(Refusal::forbidden()) }
}

/// What an administrator's wish comes to. Nobody changes their own account this way, so that nobody gives themselves a
/// role, and an account that takes roles away always stays.
///
/// # Errors
/// The refusal otherwise.
pub(crate) fn change(
    actor: &Actor,
    account: &Standing,
    wish: &Wish,
    reason: &str,
) -> Result<AccountChange, Refusal> {
    require_administrator(actor)?;
    if actor.user() == Some(&account.user) {
        return Err(Refusal::new(
            "own_account",
            "this is your own account",
            "ask another administrator; your own password is changed under your name at the top",
        ));
    }
    check_reason(reason)?;
    match wish {
        Wish::Roles(wanted) => {
            let to = ordered(wanted)?;
            let from = account.roles.clone();
            if to == from { Err(nothing_changes()) } else { Ok(AccountChange::RolesChanged { from, to }) }
        }
        Wish::Disable if account.is_disabled => Err(nothing_changes()),
        Wish::Disable => Ok(AccountChange::Disabled),
        Wish::Enable if account.is_disabled => Ok(AccountChange::Enabled),
        Wish::Enable => Err(nothing_changes()),
        Wish::ResetPassword if account.is_disabled => Err(disabled()),
        Wish::ResetPassword => Ok(AccountChange::PasswordReset),
    }
}

/// Whether somebody said why.
///
/// # Errors
/// A refusal when there are too few words or too many.
pub(crate) fn check_reason(words: &str) -> Result<(), Refusal> {
    if (3..=REASON_CHARS_MAX).contains(&words.trim().chars().count()) {
        return Ok(());
    }
    let message = format!("this needs a reason of 3 to {REASON_CHARS_MAX} characters");
    Err(Refusal::new("reason_missing", message, "say why, in a sentence"))
}

/// Roles once each, in the order in which they are shown.
///
/// # Errors
/// A refusal when there is none.
pub(crate) fn ordered(wanted: &[Role]) -> Result<Vec<Role>, Refusal> {
    let roles: Vec<Role> = Role::ALL.into_iter().filter(|role| wanted.contains(role)).collect();
    if roles.is_empty() {
        return Err(Refusal::new("no_role", "an account without a role can do nothing", "give it a role"));
    }
    Ok(roles)
}

/// Whether somebody who typed the right password may sign in.
///
/// # Errors
/// A refusal when the account is disabled, or the password was made by somebody else and is too old.
pub(crate) fn may_sign_in(
    is_disabled: bool,
    temporary_until: Option<Time>,
    now: Time,
) -> Result<(), Refusal> {
    if is_disabled {
        return Err(disabled());
    }
    if temporary_until.is_some_and(|until| now >= until) {
        return Err(Refusal::new(
            "password_expired",
            "the password that was made for you is too old",
            "ask an administrator for another one",
        ));
    }
    Ok(())
}

fn disabled() -> Refusal {
    Refusal::new("account_disabled", "the account is disabled", "ask an administrator to enable it")
}

fn nothing_changes() -> Refusal {
    Refusal::new("nothing_changes", "the account is like that already", "look at the account again")
}

#[cfg(test)]
mod tests {
    use super::*;
    use contract::LoginSessionId;

    fn actor(number: u128, roles: &[Role]) -> Actor {
        Actor::Person {
            user: UserId::from_bits(number),
            username: "somebody".to_owned(),
            printed_name: "Some Body".to_owned(),
            roles: roles.to_vec(),
            login: LoginSessionId::from_bits(number),
        }
    }

    fn reader() -> Standing {
        Standing { user: UserId::from_bits(2), roles: vec![Role::Radiologist], is_disabled: false }
    }

    fn code(outcome: Result<AccountChange, Refusal>) -> String {
        outcome.unwrap_err().code
    }

    #[test]
    fn only_another_administrator_changes_an_account_and_says_why() {
        let administrator = actor(1, &[Role::Administrator]);
        let quality = actor(1, &[Role::Quality, Role::Radiologist]);
        assert_eq!(code(change(&quality, &reader(), &Wish::Disable, "left")), "forbidden");
        let own = Standing { user: UserId::from_bits(1), ..reader() };
        let all = [Wish::Roles(vec![Role::Quality]), Wish::Disable, Wish::Enable, Wish::ResetPassword];
        for wish in &all {
            assert_eq!(code(change(&administrator, &own, wish, "why")), "own_account");
            for reason in [" ", "no", &"x".repeat(501)] {
                assert_eq!(code(change(&administrator, &reader(), wish, reason)), "reason_missing");
            }
        }
        assert_eq!(change(&administrator, &reader(), &Wish::Disable, "left"), Ok(AccountChange::Disabled));
    }

    #[test]
    fn roles_stand_once_and_in_order_and_there_is_always_one() {
        let administrator = actor(1, &[Role::Administrator]);
        let wish = Wish::Roles(vec![Role::Quality, Role::Radiologist, Role::Quality]);
        let to = vec![Role::Radiologist, Role::Quality];
        let expected = AccountChange::RolesChanged { from: vec![Role::Radiologist], to };
        assert_eq!(change(&administrator, &reader(), &wish, "also audits"), Ok(expected));
        assert_eq!(code(change(&administrator, &reader(), &Wish::Roles(Vec::new()), "why")), "no_role");
        let same = Wish::Roles(vec![Role::Radiologist]);
        assert_eq!(code(change(&administrator, &reader(), &same, "why")), "nothing_changes");
    }

    #[test]
    fn what_is_disabled_is_enabled_and_gets_no_password_before() {
        let administrator = actor(1, &[Role::Administrator]);
        let gone = Standing { is_disabled: true, ..reader() };
        let outcome = |wish| change(&administrator, &gone, &wish, "why");
        assert_eq!(code(outcome(Wish::Disable)), "nothing_changes");
        assert_eq!(code(outcome(Wish::ResetPassword)), "account_disabled");
        assert_eq!(outcome(Wish::Enable), Ok(AccountChange::Enabled));
        assert_eq!(code(change(&administrator, &reader(), &Wish::Enable, "why")), "nothing_changes");
    }

    #[test]
    fn a_password_of_somebody_else_ends() {
        let at = |text: &str| text.parse::<Time>().unwrap();
        let until = Some(at("2026-11-25T08:00:00Z"));
        assert_eq!(may_sign_in(false, until, at("2026-11-25T07:59:59Z")), Ok(()));
        let late = may_sign_in(false, until, at("2026-11-25T08:00:00Z")).unwrap_err();
        assert_eq!(late.code, "password_expired");
        assert_eq!(may_sign_in(true, None, at("2026-11-25T08:00:00Z")).unwrap_err().code, "account_disabled");
    }
}
