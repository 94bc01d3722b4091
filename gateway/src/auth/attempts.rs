//! How often one may try to prove who one is, per account and per address.

use crate::config::SignInLimits;
use contract::Refusal;
use governor::clock::Clock as _;
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};
use platform::Clock;
use std::hash::Hash;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

/// Refusals for want of attempts are written down no more often than this, for each address.
const TOLD_SECONDS: u32 = 60;

/// Our clock, as governor reads it.
#[derive(Clone)]
struct OurClock(Arc<dyn Clock>);

impl governor::clock::Clock for OurClock {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        let since_epoch = self.0.now().timestamp_nanos_opt().and_then(|nanos| u64::try_from(nanos).ok());
        Nanos::new(since_epoch.unwrap_or_default())
    }
}

type Limiter<K> = RateLimiter<K, DashMapStateStore<K>, OurClock, NoOpMiddleware<Nanos>>;

/// Counts attempts. An attempt is spent before the password is looked at, so that guessing costs us nothing.
pub(crate) struct Attempts {
    clock: OurClock,
    accounts: Limiter<String>,
    addresses: Limiter<IpAddr>,
    /// Refusals for want of attempts that are written down.
    told: Limiter<IpAddr>,
}

impl Attempts {
    pub(crate) fn new(limits: &SignInLimits, clock: Arc<dyn Clock>) -> Self {
        let clock = OurClock(clock);
        let accounts = limiter(limits.account_burst, limits.account_refill_seconds, &clock);
        let addresses = limiter(limits.address_burst, limits.address_refill_seconds, &clock);
        let told = limiter(1, TOLD_SECONDS, &clock);
        Self { clock, accounts, addresses, told }
    }

    /// Spends one attempt for `username` from `address`.
    ///
    /// # Errors
    /// When there is none left: how long to wait.
    pub(crate) fn spend(&self, username: &str, address: IpAddr) -> Result<(), Refusal> {
        let now = self.clock.now();
        self.addresses
            .check_key(&address)
            .and_then(|()| self.accounts.check_key(&username.to_owned()))
            .map_err(|until| too_many(until.wait_time_from(now)))
    }

    /// Whether a refusal to `address` for want of attempts is to be written down: one a minute is.
    pub(crate) fn may_tell(&self, address: IpAddr) -> bool {
        self.told.check_key(&address).is_ok()
    }

    /// Forgets accounts and addresses that have all their attempts again.
    pub(crate) fn forget_old(&self) {
        self.accounts.retain_recent();
        self.addresses.retain_recent();
        self.told.retain_recent();
    }
}

fn limiter<K: Hash + Eq + Clone>(burst: u32, refill_seconds: u32, clock: &OurClock) -> Limiter<K> {
    let period = Duration::from_secs(u64::from(refill_seconds.max(1)));
    let quota = Quota::with_period(period)
        .expect("the period is at least a second")
        .allow_burst(NonZeroU32::new(burst).unwrap_or(NonZeroU32::MIN));
    RateLimiter::new(quota, DashMapStateStore::default(), clock.clone())
}

fn too_many(wait: Duration) -> Refusal {
    let seconds = wait.as_secs() + 1;
    Refusal::new(
        "too_many_attempts",
        "there were too many attempts to sign in",
        format!("wait {seconds} seconds and try again"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;
    use platform::ManualClock;

    fn attempts() -> (Arc<ManualClock>, Attempts) {
        let clock = Arc::new(ManualClock::new("2026-11-25T08:00:00Z".parse().unwrap()));
        let limits = SignInLimits { account_burst: 3, address_burst: 5, ..SignInLimits::default() };
        (Arc::clone(&clock), Attempts::new(&limits, clock))
    }

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    #[test]
    fn an_account_runs_out_of_attempts_and_gets_one_back() {
        let (clock, attempts) = attempts();
        for _ in 0..3 {
            attempts.spend("rad1", HERE).unwrap();
        }
        assert_eq!(attempts.spend("rad1", HERE).unwrap_err().code, "too_many_attempts");
        clock.advance(TimeDelta::seconds(11));
        attempts.spend("rad1", HERE).unwrap();
        assert!(attempts.spend("rad1", HERE).is_err());
    }

    #[test]
    fn an_address_runs_out_whatever_names_it_tries() {
        let (_clock, attempts) = attempts();
        for name in ["a", "b", "c", "d", "e"] {
            attempts.spend(name, HERE).unwrap();
        }
        assert!(attempts.spend("f", HERE).is_err());
    }
}
