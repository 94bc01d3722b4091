//! Adding accounts, for the command line and the demo.

use crate::auth::password;
use crate::error::Error;
use crate::store::{self, Account};
use contract::gateway::NewUser;
use contract::{Actor, Event, EventId, Refusal, UserId};
use database::DatabaseConnection;
use database::outbox::NewEvent;
use platform::{Clock, CpuPool, Random};
use secrecy::{ExposeSecret as _, SecretString};
use std::sync::Arc;

/// Longest name to sign in with, bytes.
pub(crate) const USERNAME_BYTES_MAX: usize = 64;
/// Shortest password, characters.
const PASSWORD_CHARS_MIN: usize = 12;

/// Adds accounts to the gateway's database.
#[derive(Clone)]
pub struct Users {
    /// The gateway's database.
    pub db: DatabaseConnection,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness for ids and salts.
    pub random: Random,
    /// Where passwords are hashed.
    pub cpu: CpuPool,
}

impl Users {
    /// Adds an account.
    ///
    /// # Errors
    /// A refusal when the name is taken or malformed, there is no role, or the password is too short.
    pub async fn add(&self, new: NewUser, password: SecretString) -> Result<UserId, Error> {
        let username = new.username.trim().to_lowercase();
        check(&username, &new, &password)?;
        let password_hash = password::hash(&self.cpu, &self.random, password).await?;
        let id = self.random.with(UserId::random);
        let account = Account {
            id: id.clone(),
            username,
            printed_name: new.printed_name.trim().to_owned(),
            roles: new.roles,
            password_hash,
        };
        let now = self.clock.now();
        let event = NewEvent {
            id: self.random.with(EventId::random),
            occurred_at: now,
            actor: Actor::Operator,
            subject: id.to_string(),
            causation: None,
            trace: None,
            event: Event::UserAdded { user: id.clone() },
        };
        match store::account_insert(&self.db, account, now, event).await {
            Ok(()) => Ok(id),
            Err(error) if error.is_unique_violation() => Err(taken().into()),
            Err(error) => Err(error.into()),
        }
    }

    /// Whether an account of this name exists.
    pub async fn exists(&self, username: &str) -> Result<bool, Error> {
        let username = username.trim().to_lowercase();
        Ok(store::account_by_username(&self.db, &username).await?.is_some())
    }
}

fn taken() -> Refusal {
    Refusal::new("username_taken", "an account of this name exists", "choose another name")
}

fn check(username: &str, new: &NewUser, password: &SecretString) -> Result<(), Refusal> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-".contains(c);
    if username.is_empty() || username.len() > USERNAME_BYTES_MAX || !username.chars().all(plain) {
        return Err(Refusal::new(
            "username_malformed",
            "a name to sign in with has 1 to 64 of the letters a to z, digits, and the marks . _ -",
            "choose another name",
        ));
    }
    let printed = new.printed_name.trim();
    if printed.is_empty() || printed.len() > 128 || printed.chars().any(char::is_control) {
        return Err(Refusal::new(
            "printed_name_malformed",
            "the printed name stands beside every signature and has 1 to 128 bytes",
            "give the person's name as it is to be printed",
        ));
    }
    if new.roles.is_empty() {
        return Err(Refusal::new("no_role", "an account without a role can do nothing", "give it a role"));
    }
    let password = password.expose_secret();
    if password.chars().count() < PASSWORD_CHARS_MIN || password.len() > password::PASSWORD_BYTES_MAX {
        return Err(Refusal::new(
            "password_length",
            "a password has at least 12 characters and at most 256 bytes",
            "choose another password",
        ));
    }
    Ok(())
}
