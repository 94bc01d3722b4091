//! Accounts and what became of them.

use super::viewer::Role;
use crate::store::{Changed, Listed};
use crate::users::Issued;
use async_graphql::{Enum, ID, SimpleObject};
use chrono::{DateTime, Utc};
use contract::event::AccountChange as Change;
use secrecy::ExposeSecret as _;

/// A person who may sign in.
#[derive(SimpleObject)]
pub(crate) struct UserAccount {
    id: ID,
    username: String,
    /// As it stands beside signatures.
    printed_name: String,
    roles: Vec<Role>,
    created_at: DateTime<Utc>,
    /// Since when nobody signs in with it; null while somebody may.
    disabled_at: Option<DateTime<Utc>>,
    /// How long the password may be used that was made for the person; null once they chose one.
    temporary_until: Option<DateTime<Utc>>,
    last_signed_in_at: Option<DateTime<Utc>>,
    /// Newest first.
    history: Vec<AccountChange>,
}

#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AccountChangeKind {
    Added,
    RolesChanged,
    Disabled,
    Enabled,
    PasswordReset,
    PasswordChanged,
    PasskeyAdded,
    PasskeyRevoked,
}

/// What became of an account once.
#[derive(SimpleObject)]
pub(crate) struct AccountChange {
    number: i32,
    kind: AccountChangeKind,
    /// After the change, where it was about roles.
    roles: Vec<Role>,
    /// Before it.
    former_roles: Vec<Role>,
    at: DateTime<Utc>,
    /// Printed name.
    by: String,
    reason: String,
}

/// A password that was made for somebody: it is shown this once.
#[derive(SimpleObject)]
pub(crate) struct IssuedPassword {
    username: String,
    password: String,
    /// Until when the person has to sign in with it and choose another.
    until: DateTime<Utc>,
}

impl From<Listed> for UserAccount {
    fn from(Listed { account, last_signed_in_at, history }: Listed) -> Self {
        Self {
            id: account.id.to_string().into(),
            username: account.username,
            printed_name: account.printed_name,
            roles: shown(&account.roles),
            created_at: account.created_at,
            disabled_at: account.disabled_at,
            temporary_until: account.temporary_until,
            last_signed_in_at,
            history: history.into_iter().map(AccountChange::from).collect(),
        }
    }
}

impl From<Changed> for AccountChange {
    fn from(Changed { number, change, at, by, reason }: Changed) -> Self {
        let (kind, former_roles, roles) = match &change {
            Change::Added { roles } => (AccountChangeKind::Added, Vec::new(), shown(roles)),
            Change::RolesChanged { from, to } => (AccountChangeKind::RolesChanged, shown(from), shown(to)),
            Change::Disabled => (AccountChangeKind::Disabled, Vec::new(), Vec::new()),
            Change::Enabled => (AccountChangeKind::Enabled, Vec::new(), Vec::new()),
            Change::PasswordReset => (AccountChangeKind::PasswordReset, Vec::new(), Vec::new()),
            Change::PasswordChanged => (AccountChangeKind::PasswordChanged, Vec::new(), Vec::new()),
            Change::PasskeyAdded { .. } => (AccountChangeKind::PasskeyAdded, Vec::new(), Vec::new()),
            Change::PasskeyRevoked { .. } => (AccountChangeKind::PasskeyRevoked, Vec::new(), Vec::new()),
        };
        Self { number, kind, roles, former_roles, at, by, reason }
    }
}

impl From<Issued> for IssuedPassword {
    fn from(Issued { username, password, until }: Issued) -> Self {
        Self { username, password: password.expose_secret().to_owned(), until }
    }
}

fn shown(roles: &[contract::Role]) -> Vec<Role> {
    roles.iter().copied().map(Role::from).collect()
}
