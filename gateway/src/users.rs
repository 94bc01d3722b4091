//! Accounts: made and changed by administrators at the page, and made by an operator at the machine.

use crate::auth::password;
use crate::error::Error;
use crate::store::{self, Account, By, Listed, NewPassword};
use crate::workflow::account::{self, Standing, Wish};
use chrono::TimeDelta;
use contract::event::{AccountChange, CommandRefused};
use contract::gateway::NewUser;
use contract::{Actor, Event, EventId, Refusal, RequestId, Time, UserId};
use database::outbox::{self, NewEvent};
use database::{DatabaseConnection, transaction};
use platform::{Clock, CpuPool, Random};
use rand::RngExt as _;
use secrecy::{ExposeSecret as _, SecretString};
use std::sync::Arc;

/// Longest name to sign in with, bytes.
pub(crate) const USERNAME_BYTES_MAX: usize = 64;
/// Shortest password, characters.
const PASSWORD_CHARS_MIN: usize = 12;
/// How long a password may be used that somebody else had made.
const TEMPORARY: TimeDelta = TimeDelta::days(3);

/// Adds and changes accounts in the gateway's database.
#[derive(Clone)]
pub struct Users {
    /// The gateway's database.
    pub db: DatabaseConnection,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness for ids, salts and passwords.
    pub random: Random,
    /// Where passwords are hashed.
    pub cpu: CpuPool,
}

/// A password that was made for somebody. It is shown once and kept nowhere.
pub(crate) struct Issued {
    pub(crate) username: String,
    pub(crate) password: SecretString,
    pub(crate) until: Time,
}

/// An administrator and their words.
pub(crate) struct Asking {
    pub(crate) actor: Actor,
    pub(crate) request: RequestId,
    pub(crate) reason: String,
}

impl Users {
    /// Adds an account for an operator at the machine, with the password that they give.
    ///
    /// # Errors
    /// A refusal when the name is taken or malformed, there is no role, or the password is too short.
    pub async fn add(&self, new: NewUser, password: SecretString) -> Result<UserId, Error> {
        check_password(&password)?;
        let by = By { actor: Actor::Operator, at: self.clock.now(), reason: String::new(), request: None };
        self.insert(new, password, None, by).await
    }

    /// Writes down what an operator at the machine was refused: the reason has a code, and no words of theirs.
    ///
    /// # Errors
    /// When it can't be written.
    pub async fn note_refusal(&self, command: &str, reason_code: &str) -> Result<(), Error> {
        let refused = CommandRefused { command: command.to_owned(), reason_code: reason_code.to_owned() };
        let event = NewEvent {
            id: self.random.with(EventId::random),
            occurred_at: self.clock.now(),
            actor: Actor::Operator,
            subject: command.to_owned(),
            causation: None,
            trace: None,
            event: Event::CommandRefused(refused),
        };
        let noted = transaction(&self.db, |txn| Box::pin(async move { outbox::append(txn, event).await }));
        Ok(noted.await?)
    }

    /// Whether an account of this name exists.
    pub async fn exists(&self, username: &str) -> Result<bool, Error> {
        Ok(store::account_by_username(&self.db, &plain(username)).await?.is_some())
    }

    /// Adds an account for an administrator, with a password that its person changes at the first sign-in.
    ///
    /// # Errors
    /// As [`Users::add`], and for everybody but administrators.
    pub(crate) async fn invite(&self, asking: Asking, new: NewUser) -> Result<Issued, Error> {
        account::require_administrator(&asking.actor)?;
        account::check_reason(&asking.reason)?;
        let issued = self.issue(plain(&new.username));
        let by = self.by(asking);
        self.insert(new, issued.password.clone(), Some(issued.until), by).await?;
        Ok(issued)
    }

    /// Does what an administrator wants of an account, and gives the password that was made for it, if any.
    ///
    /// # Errors
    /// A refusal when it may not be, or somebody else changed the account at the same time.
    pub(crate) async fn change(
        &self,
        asking: Asking,
        username: &str,
        wish: &Wish,
    ) -> Result<Option<Issued>, Error> {
        account::require_administrator(&asking.actor)?;
        let known = store::account_by_username(&self.db, &plain(username)).await?;
        let known = known.ok_or_else(Refusal::not_found)?;
        let standing = Standing {
            user: known.id.clone(),
            roles: known.roles.clone(),
            is_disabled: known.disabled_at.is_some(),
        };
        let change = account::change(&asking.actor, &standing, wish, &asking.reason)?;
        let issued = (change == AccountChange::PasswordReset).then(|| self.issue(known.username.clone()));
        let password = match &issued {
            Some(issued) => Some(NewPassword {
                hash: password::hash(&self.cpu, &self.random, issued.password.clone()).await?,
                temporary_until: Some(issued.until),
            }),
            None => None,
        };
        let by = self.by(asking);
        if !store::account_change(&self.db, &self.random, known, (change, password), by, None).await? {
            return Err(overtaken().into());
        }
        Ok(issued)
    }

    /// Every account with its history.
    pub(crate) async fn list(&self) -> Result<Vec<Listed>, Error> {
        Ok(store::account_list(&self.db).await?)
    }

    /// One account with its history.
    pub(crate) async fn listed(&self, username: &str) -> Result<Listed, Error> {
        let username = plain(username);
        let found = self.list().await?.into_iter().find(|listed| listed.account.username == username);
        found.ok_or_else(|| Refusal::not_found().into())
    }

    async fn insert(
        &self,
        new: NewUser,
        password: SecretString,
        temporary_until: Option<Time>,
        by: By,
    ) -> Result<UserId, Error> {
        let username = plain(&new.username);
        check_names(&username, &new.printed_name)?;
        let roles = account::ordered(&new.roles)?;
        let id = self.random.with(UserId::random);
        let account = Account {
            id: id.clone(),
            username,
            printed_name: new.printed_name.trim().to_owned(),
            roles,
            password_hash: password::hash(&self.cpu, &self.random, password).await?,
            created_at: by.at,
            disabled_at: None,
            temporary_until,
            changes: 1,
        };
        match store::account_insert(&self.db, &self.random, account, by).await {
            Ok(()) => Ok(id),
            Err(error) if error.is_unique_violation() => Err(taken().into()),
            Err(error) => Err(error.into()),
        }
    }

    fn issue(&self, username: String) -> Issued {
        let until = self.clock.now() + TEMPORARY;
        Issued { username, password: made_password(&self.random).into(), until }
    }

    fn by(&self, Asking { actor, request, reason }: Asking) -> By {
        By { actor, at: self.clock.now(), reason, request: Some(request) }
    }
}

/// A password that nobody has chosen: twenty letters and digits that can't be mistaken for each other, about 98 bits.
pub fn made_password(random: &Random) -> String {
    const ALPHABET: &[u8] = b"abcdefghjkmnpqrstuvwxyz23456789";
    random.with(|rng| (0..20).map(|_| char::from(ALPHABET[rng.random_range(0..ALPHABET.len())])).collect())
}

/// A name as it is kept.
pub(crate) fn plain(username: &str) -> String {
    username.trim().to_lowercase()
}

fn taken() -> Refusal {
    Refusal::new("username_taken", "an account of this name exists", "choose another name")
}

/// The refusal when somebody else was faster.
pub(crate) fn overtaken() -> Refusal {
    Refusal::new("account_changed", "the account was changed at the same time", "look at it again")
}

fn check_names(username: &str, printed_name: &str) -> Result<(), Refusal> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-".contains(c);
    if username.is_empty() || username.len() > USERNAME_BYTES_MAX || !username.chars().all(plain) {
        return Err(Refusal::new(
            "username_malformed",
            "a name to sign in with has 1 to 64 of the letters a to z, digits, and the marks . _ -",
            "choose another name",
        ));
    }
    let printed = printed_name.trim();
    if printed.is_empty() || printed.len() > 128 || printed.chars().any(char::is_control) {
        return Err(Refusal::new(
            "printed_name_malformed",
            "the printed name stands beside every signature and has 1 to 128 bytes",
            "give the person's name as it is to be printed",
        ));
    }
    Ok(())
}

/// Whether somebody may choose this password.
///
/// # Errors
/// A refusal when it is too short or too long.
pub(crate) fn check_password(password: &SecretString) -> Result<(), Refusal> {
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
