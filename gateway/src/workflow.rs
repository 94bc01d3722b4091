//! The life of a login session: plain values in, plain values out.

pub(crate) mod account;

use crate::config::Config;
use chrono::TimeDelta;
use contract::Time;

/// Why a login session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EndReason {
    /// The person signed out.
    SignedOut,
    /// Nobody did anything for the idle time: the workstation may be unattended.
    Locked,
    /// It reached its longest life.
    Expired,
    /// The account was disabled.
    AccountDisabled,
    /// The account has another password than the one that it was opened with.
    PasswordChanged,
}

impl EndReason {
    /// Its stable code.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::SignedOut => "signed_out",
            Self::Locked => "locked",
            Self::Expired => "expired",
            Self::AccountDisabled => "account_disabled",
            Self::PasswordChanged => "password_changed",
        }
    }
}

/// What the life of a login session is measured by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::struct_field_names, reason = "instants are called so in every layer")]
pub(crate) struct LoginTimes {
    /// When the person signed in.
    pub(crate) opened_at: Time,
    /// When the person last did something.
    pub(crate) last_active_at: Time,
    /// When it ended, once it has.
    pub(crate) ended_at: Option<Time>,
}

/// How long a login session may live.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LoginLimits {
    /// Without activity.
    pub(crate) idle: TimeDelta,
    /// At most.
    pub(crate) absolute: TimeDelta,
}

impl Config {
    /// The limits that are configured.
    pub(crate) fn login_limits(&self) -> LoginLimits {
        LoginLimits {
            idle: TimeDelta::minutes(i64::from(self.idle_lock_minutes)),
            absolute: TimeDelta::hours(i64::from(self.login_hours_max)),
        }
    }
}

/// Whether a login session lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LoginState {
    /// It counts.
    Alive,
    /// It is over and that is recorded.
    Ended,
    /// It is over and that is still to be recorded.
    Over(EndReason),
}

/// Activity is written down when the last written one is older than this, so that a busy page costs no write per
/// request; a lock comes that much early at most, never late.
pub(crate) const ACTIVITY_GRAIN: TimeDelta = TimeDelta::seconds(30);

impl LoginTimes {
    /// The state at `now`. A clock that went backwards ends nothing early.
    pub(crate) fn state(&self, limits: &LoginLimits, now: Time) -> LoginState {
        if self.ended_at.is_some() {
            LoginState::Ended
        } else if now - self.opened_at >= limits.absolute {
            LoginState::Over(EndReason::Expired)
        } else if now - self.last_active_at >= limits.idle {
            LoginState::Over(EndReason::Locked)
        } else {
            LoginState::Alive
        }
    }

    /// Whether activity at `now` is to be written down.
    pub(crate) fn activity_due(&self, now: Time) -> bool {
        now - self.last_active_at >= ACTIVITY_GRAIN
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LIMITS: LoginLimits = LoginLimits { idle: TimeDelta::minutes(15), absolute: TimeDelta::hours(12) };

    fn start() -> Time {
        "2026-11-25T08:00:00Z".parse().unwrap()
    }

    fn login(active_minutes: i64) -> LoginTimes {
        LoginTimes {
            opened_at: start(),
            last_active_at: start() + TimeDelta::minutes(active_minutes),
            ended_at: None,
        }
    }

    #[test]
    fn a_quarter_of_an_hour_without_activity_locks() {
        let after = |minutes| login(0).state(&LIMITS, start() + TimeDelta::minutes(minutes));
        assert_eq!(after(14), LoginState::Alive);
        assert_eq!(after(15), LoginState::Over(EndReason::Locked));
    }

    #[test]
    fn activity_does_not_carry_a_login_over_its_longest_life() {
        let late = start() + TimeDelta::hours(12);
        assert_eq!(login(12 * 60 - 1).state(&LIMITS, late), LoginState::Over(EndReason::Expired));
    }

    proptest! {
        #[test]
        fn a_login_that_is_over_never_comes_back(active in 0_i64..720, at in 0_i64..2_000, later in 0_i64..2_000) {
            let login = login(active);
            let first = login.state(&LIMITS, start() + TimeDelta::minutes(at));
            let second = login.state(&LIMITS, start() + TimeDelta::minutes(at + later));
            prop_assert!(first == LoginState::Alive || second != LoginState::Alive);
        }

        #[test]
        fn an_ended_login_stays_ended(at in 0_i64..2_000) {
            let login = LoginTimes { ended_at: Some(start()), ..login(0) };
            prop_assert_eq!(login.state(&LIMITS, start() + TimeDelta::minutes(at)), LoginState::Ended);
        }
    }
}
