//! Login sessions: opened by a password, kept alive by activity, ended by sign-out, lock or age.

use super::attempts::Attempts;
use super::{cookie, password};
use crate::config::Config;
use crate::error::Error;
use crate::store::{self, Account, By, Login, NewLogin, NewPassword};
use crate::users;
use crate::workflow::account::may_sign_in;
use crate::workflow::{EndReason, LoginLimits, LoginState};
use contract::event::AccountChange;
use contract::gateway::LoginStatus;
use contract::{Actor, Event, EventId, LoginSessionId, Refusal, Role, Time, UserId};
use database::DatabaseConnection;
use database::outbox::NewEvent;
use platform::{Clock, CpuPool, Random, telemetry};
use secrecy::{ExposeSecret as _, SecretString};
use std::net::IpAddr;
use std::sync::Arc;
use tokio::sync::OnceCell;

/// A signed-in person, as the gateway knows them within one request.
#[derive(Debug, Clone)]
pub(crate) struct Viewer {
    pub(crate) user: UserId,
    pub(crate) username: String,
    pub(crate) printed_name: String,
    pub(crate) roles: Vec<Role>,
    pub(crate) login: LoginSessionId,
    /// Whether this login session has signed: its first signature takes name and password (21 CFR 11.200(a)(1)).
    pub(crate) has_signed: bool,
    /// Whether the password is one that somebody else had made: until the person has chosen one, they have no role.
    pub(crate) must_change_password: bool,
}

impl Viewer {
    /// The person as events and tokens name them.
    pub(crate) fn actor(&self) -> Actor {
        Actor::Person {
            user: self.user.clone(),
            username: self.username.clone(),
            printed_name: self.printed_name.clone(),
            roles: self.roles.clone(),
            login: self.login.clone(),
        }
    }

    /// Whether the person holds `role`.
    pub(crate) fn has_role(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }

    fn new(account: Account, login: LoginSessionId, has_signed: bool) -> Self {
        let must_change_password = account.temporary_until.is_some();
        Self {
            roles: roles_now(&account),
            user: account.id,
            username: account.username,
            printed_name: account.printed_name,
            login,
            has_signed,
            must_change_password,
        }
    }
}

/// What somebody may do now who has signed in.
fn roles_now(account: &Account) -> Vec<Role> {
    if account.temporary_until.is_some() || account.disabled_at.is_some() {
        Vec::new()
    } else {
        account.roles.clone()
    }
}

/// What a person types to sign.
pub(crate) struct Components {
    /// Wanted at the first signature of a login session.
    pub(crate) username: Option<String>,
    pub(crate) password: SecretString,
}

/// That a person has just proved who they are.
#[derive(Debug, Clone)]
pub(crate) struct Proof {
    pub(crate) at: Time,
    /// The components that were typed, as the signature records them.
    pub(crate) components: Vec<String>,
}

/// Opens, checks and ends login sessions.
pub(crate) struct Logins {
    db: DatabaseConnection,
    clock: Arc<dyn Clock>,
    random: Random,
    cpu: CpuPool,
    limits: LoginLimits,
    attempts: Attempts,
    /// Compared with when there is no such account, so that the answer takes as long.
    nobody: OnceCell<String>,
}

impl Logins {
    pub(crate) fn new(
        config: &Config,
        db: DatabaseConnection,
        clock: Arc<dyn Clock>,
        random: Random,
        cpu: CpuPool,
    ) -> Self {
        let attempts = Attempts::new(&config.sign_in, Arc::clone(&clock));
        let limits = config.login_limits();
        Self { db, clock, random, cpu, limits, attempts, nobody: OnceCell::new() }
    }

    /// Spends an attempt. That there is none left is told once in a while and not each time: who guesses quickly
    /// must not fill the ledger.
    async fn spend(&self, username: &str, address: IpAddr, actor: Actor, subject: &str) -> Result<(), Error> {
        let Err(refusal) = self.attempts.spend(username, address) else { return Ok(()) };
        if self.attempts.may_tell(address) {
            self.tell_refused(actor, subject, &refusal.code).await?;
        }
        Err(refusal.into())
    }

    /// Tells, once in a while, that somebody at `address` presented a token that nobody has.
    pub(crate) async fn refuse_device(&self, address: IpAddr) -> Result<(), Error> {
        if self.attempts.may_tell(address) {
            self.tell_refused(Actor::Anonymous, "stow", "unknown_token").await?;
        }
        Ok(())
    }

    /// Opens a login session and gives the secret for the cookie.
    ///
    /// # Errors
    /// A refusal that does not tell whether the name or the password was wrong.
    pub(crate) async fn sign_in(
        &self,
        username: &str,
        password: SecretString,
        address: IpAddr,
    ) -> Result<(Viewer, SecretString), Error> {
        let username = users::plain(username);
        let malformed = username.is_empty() || username.len() > crate::users::USERNAME_BYTES_MAX;
        self.spend(if malformed { "" } else { &username }, address, Actor::Anonymous, "sign_in").await?;
        if malformed {
            self.tell_refused(Actor::Anonymous, "sign_in", "wrong_credentials").await?;
            return Err(wrong_credentials().into());
        }
        let account = store::account_by_username(&self.db, &username).await?;
        let hash = match &account {
            Some(account) => account.password_hash.clone(),
            None => self.nobody().await?.to_owned(),
        };
        let right = password::matches(&self.cpu, hash, password).await;
        let Some(account) = account.filter(|_| right) else {
            self.tell_refused(Actor::Anonymous, "sign_in", "wrong_credentials").await?;
            return Err(wrong_credentials().into());
        };
        let (is_disabled, until) = (account.disabled_at.is_some(), account.temporary_until);
        if let Err(refusal) = may_sign_in(is_disabled, until, self.clock.now()) {
            self.tell_refused(Actor::Anonymous, "sign_in", &refusal.code).await?;
            return Err(refusal.into());
        }
        self.open(account).await
    }

    async fn open(&self, account: Account) -> Result<(Viewer, SecretString), Error> {
        let secret = cookie::secret(&self.random);
        let viewer = Viewer::new(account, self.random.with(LoginSessionId::random), false);
        let login = NewLogin {
            id: viewer.login.clone(),
            user: viewer.user.clone(),
            secret: cookie::digest(&secret),
            opened_at: self.clock.now(),
        };
        let opened = Event::LoginOpened { login: viewer.login.clone() };
        store::login_insert(&self.db, login, self.event(viewer.actor(), viewer.login.as_str(), opened))
            .await?;
        Ok((viewer, secret))
    }

    /// Who holds `secret`; `None` when its login session is over. With `activity` the idle time starts anew.
    pub(crate) async fn resume(
        &self,
        secret: &SecretString,
        activity: bool,
    ) -> Result<Option<Viewer>, Error> {
        let Some(login) = store::login_by_secret(&self.db, cookie::digest(secret)).await? else {
            return Ok(None);
        };
        let now = self.clock.now();
        match login.times.state(&self.limits, now) {
            LoginState::Alive => {
                if activity && login.times.activity_due(now) {
                    store::login_touch(&self.db, &login.id, now).await?;
                }
                Ok(Some(Viewer::new(login.account, login.id, login.has_signed)))
            }
            LoginState::Ended => Ok(None),
            LoginState::Over(reason) => {
                self.end(login, reason).await?;
                Ok(None)
            }
        }
    }

    /// Whether a login session lives, and the roles of its person now. Asking is no activity.
    pub(crate) async fn status(&self, id: &LoginSessionId) -> Result<LoginStatus, Error> {
        let login = store::login_by_id(&self.db, id).await?;
        let now = self.clock.now();
        let alive = login.filter(|login| login.times.state(&self.limits, now) == LoginState::Alive);
        Ok(LoginStatus {
            alive: alive.is_some(),
            roles: alive.map(|login| roles_now(&login.account)).unwrap_or_default(),
        })
    }

    /// Ends the viewer's login session.
    pub(crate) async fn sign_out(&self, viewer: &Viewer) -> Result<(), Error> {
        let event = self.ended(viewer, EndReason::SignedOut);
        Ok(store::login_end(&self.db, &viewer.login, EndReason::SignedOut, event).await?)
    }

    /// Has the viewer prove who they are once more, before a signature: by name and password at the first signature of
    /// a login session, by the password at the later ones (21 CFR 11.200(a)(1)(i)).
    ///
    /// # Errors
    /// A refusal when a component is missing or wrong. Another name than the viewer's is refused as a wrong password is:
    /// nobody learns which of both it was.
    pub(crate) async fn prove(
        &self,
        viewer: &Viewer,
        components: Components,
        address: IpAddr,
    ) -> Result<Proof, Error> {
        if components.username.is_none() && !viewer.has_signed {
            return Err(name_wanted().into());
        }
        let named = components.username.is_some();
        self.verify(viewer, components, address).await?;
        self.proved(viewer, named, "pwd").await
    }

    /// The proof of somebody whose passkey has just signed. The first signature of a login session takes the name too.
    ///
    /// # Errors
    /// A refusal when the name is missing, or is not the viewer's.
    pub(crate) async fn prove_by_passkey(
        &self,
        viewer: &Viewer,
        username: Option<&str>,
    ) -> Result<Proof, Error> {
        if username.is_none() && !viewer.has_signed {
            return Err(name_wanted().into());
        }
        if username.is_some_and(|typed| users::plain(typed) != viewer.username) {
            self.tell_refused(viewer.actor(), viewer.login.as_str(), "wrong_name_at_signing").await?;
            return Err(wrong_password().into());
        }
        self.proved(viewer, username.is_some(), "passkey").await
    }

    async fn proved(&self, viewer: &Viewer, named: bool, by: &str) -> Result<Proof, Error> {
        let at = self.clock.now();
        store::login_signed(&self.db, &viewer.login, at).await?;
        let name = named.then(|| "username".to_owned());
        Ok(Proof { at, components: name.into_iter().chain([by.to_owned()]).collect() })
    }

    /// Checks what the viewer typed to show once more who they are; a name is looked at where one was typed.
    ///
    /// # Errors
    /// A refusal when it is wrong.
    pub(crate) async fn verify(
        &self,
        viewer: &Viewer,
        components: Components,
        address: IpAddr,
    ) -> Result<(), Error> {
        let Components { username, password } = components;
        self.spend(&viewer.username, address, viewer.actor(), viewer.login.as_str()).await?;
        let account = store::account_by_username(&self.db, &viewer.username).await?;
        let right = match account.filter(|account| account.id == viewer.user) {
            Some(account) => password::matches(&self.cpu, account.password_hash, password).await,
            None => false,
        };
        let own_name = username.as_ref().is_none_or(|typed| users::plain(typed) == viewer.username);
        if right && own_name {
            return Ok(());
        }
        self.tell_refused(viewer.actor(), viewer.login.as_str(), "wrong_password_at_signing").await?;
        Err(wrong_password().into())
    }

    /// Takes the password that the viewer chose in the place of the one that they type once more. Their other login
    /// sessions end.
    ///
    /// # Errors
    /// A refusal when the present password is wrong, or the new one is too short, too long or the same.
    pub(crate) async fn change_password(
        &self,
        viewer: &Viewer,
        present: SecretString,
        chosen: SecretString,
        address: IpAddr,
    ) -> Result<Viewer, Error> {
        users::check_password(&chosen)?;
        if present.expose_secret() == chosen.expose_secret() {
            return Err(same_password().into());
        }
        self.spend(&viewer.username, address, viewer.actor(), viewer.login.as_str()).await?;
        let account = store::account_by_username(&self.db, &viewer.username).await?;
        let account = account.filter(|account| account.id == viewer.user).ok_or_else(Refusal::not_found)?;
        if !password::matches(&self.cpu, account.password_hash.clone(), present).await {
            self.tell_refused(viewer.actor(), viewer.login.as_str(), "wrong_password_at_change").await?;
            return Err(wrong_password().into());
        }
        let hash = password::hash(&self.cpu, &self.random, chosen).await?;
        let password = NewPassword { hash, temporary_until: None };
        let by = By { actor: viewer.actor(), at: self.clock.now(), reason: String::new(), request: None };
        let changed = (AccountChange::PasswordChanged, Some(password));
        let stays = Some(viewer.login.clone());
        if !store::account_change(&self.db, &self.random, account.clone(), changed, by, stays).await? {
            return Err(users::overtaken().into());
        }
        let account = Account { temporary_until: None, ..account };
        Ok(Viewer::new(account, viewer.login.clone(), viewer.has_signed))
    }

    /// Ends what is over and forgets old attempts.
    pub(crate) async fn sweep(&self) -> Result<(), Error> {
        self.attempts.forget_old();
        let now = self.clock.now();
        let idle_since = now - self.limits.idle;
        let over = store::login_list_over(&self.db, idle_since, now - self.limits.absolute).await?;
        for login in over {
            if let LoginState::Over(reason) = login.times.state(&self.limits, now) {
                self.end(login, reason).await?;
            }
        }
        Ok(())
    }

    async fn end(&self, login: Login, reason: EndReason) -> Result<(), Error> {
        let viewer = Viewer::new(login.account, login.id, login.has_signed);
        let event = self.ended(&viewer, reason);
        Ok(store::login_end(&self.db, &viewer.login, reason, event).await?)
    }

    fn ended(&self, viewer: &Viewer, reason: EndReason) -> NewEvent {
        let ended =
            Event::LoginEnded { login: viewer.login.clone(), reason_code: reason.as_str().to_owned() };
        self.event(viewer.actor(), viewer.login.as_str(), ended)
    }

    /// What was typed as a name is not told: people type their password there.
    async fn tell_refused(&self, actor: Actor, subject: &str, reason: &str) -> Result<(), Error> {
        tracing::warn!(event = "login.refused", reason, "somebody could not prove who they are");
        let refused = Event::LoginRefused { reason_code: reason.to_owned() };
        Ok(store::event_append(&self.db, self.event(actor, subject, refused)).await?)
    }

    fn event(&self, actor: Actor, subject: &str, event: Event) -> NewEvent {
        NewEvent {
            id: self.random.with(EventId::random),
            occurred_at: self.clock.now(),
            actor,
            subject: subject.to_owned(),
            causation: None,
            trace: telemetry::traceparent(),
            event,
        }
    }

    async fn nobody(&self) -> Result<&str, Error> {
        let hash = || password::hash(&self.cpu, &self.random, cookie::secret(&self.random));
        Ok(self.nobody.get_or_try_init(hash).await?)
    }
}

fn name_wanted() -> Refusal {
    Refusal::new(
        "first_signature_wants_the_name",
        "this is the first signature since you signed in",
        "type your user name as well as your password",
    )
}

fn wrong_password() -> Refusal {
    Refusal::new("wrong_password", "what was typed is not right", "type it again, as you signed in")
}

fn same_password() -> Refusal {
    Refusal::new("same_password", "the new password is the present one", "choose another one")
}

fn wrong_credentials() -> Refusal {
    Refusal::new(
        "wrong_credentials",
        "the name or the password is not right",
        "try again, or ask an administrator to set a new password",
    )
}
