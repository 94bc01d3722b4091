//! Accounts and what became of them. A change, its line in the history, the end of login sessions and the events are one
//! transaction.

use super::passkey::passkeys_end;
use super::stored;
use crate::entity::{account, account_change, login_session};
use crate::workflow::EndReason;
use contract::event::{AccountChange, AccountChanged};
use contract::{Actor, Event, EventId, LoginSessionId, RequestId, Role, Time, UserId};
use database::outbox::{self, NewEvent};
use database::{DatabaseConnection, DatabaseTransaction, Error};
use platform::{Random, telemetry};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, ExprTrait as _, QueryFilter as _,
    QueryOrder as _, QuerySelect as _,
};
use std::collections::HashMap;

/// How many people of one name are told apart.
const ACCOUNTS_NAMED_MAX: u64 = 50;

/// A person who may sign in.
#[derive(Debug, Clone)]
pub(crate) struct Account {
    pub(crate) id: UserId,
    pub(crate) username: String,
    pub(crate) printed_name: String,
    pub(crate) roles: Vec<Role>,
    pub(crate) password_hash: String,
    pub(crate) created_at: Time,
    /// Since when nobody signs in with it.
    pub(crate) disabled_at: Option<Time>,
    /// How long a password may be used that somebody else had made.
    pub(crate) temporary_until: Option<Time>,
    /// How often it changed.
    pub(crate) changes: i32,
}

/// A line of the history of an account.
#[derive(Debug, Clone)]
pub(crate) struct Changed {
    pub(crate) number: i32,
    pub(crate) change: AccountChange,
    pub(crate) at: Time,
    /// As printed.
    pub(crate) by: String,
    pub(crate) reason: String,
}

/// An account as administrators see it.
#[derive(Debug, Clone)]
pub(crate) struct Listed {
    pub(crate) account: Account,
    pub(crate) last_signed_in_at: Option<Time>,
    /// Newest first.
    pub(crate) history: Vec<Changed>,
}

/// Who does something to an account, when and why.
#[derive(Debug, Clone)]
pub(crate) struct By {
    pub(crate) actor: Actor,
    pub(crate) at: Time,
    pub(crate) reason: String,
    pub(crate) request: Option<RequestId>,
}

/// A password that takes the place of the one before.
#[derive(Debug, Clone)]
pub(crate) struct NewPassword {
    pub(crate) hash: String,
    /// Null once it is the person's own.
    pub(crate) temporary_until: Option<Time>,
}

/// Finds an account by the name that a person signs in with, lower case.
pub(crate) async fn account_by_username(
    db: &DatabaseConnection,
    username: &str,
) -> Result<Option<Account>, Error> {
    let row = account::Entity::find().filter(account::Column::Username.eq(username)).one(db).await?;
    row.map(Account::try_from).transpose()
}

/// Whose user name or printed name this is.
pub(crate) async fn accounts_named(db: &DatabaseConnection, name: &str) -> Result<Vec<UserId>, Error> {
    let named = account::Column::Username.eq(name.to_lowercase()).or(account::Column::PrintedName.eq(name));
    let rows = account::Entity::find().filter(named).limit(ACCOUNTS_NAMED_MAX).all(db).await?;
    rows.into_iter().map(|row| Ok(Account::try_from(row)?.id)).collect()
}

/// The names with which accounts sign in.
pub(crate) async fn account_names(
    db: &DatabaseConnection,
    ids: impl IntoIterator<Item = UserId>,
) -> Result<HashMap<UserId, String>, Error> {
    let wanted = ids.into_iter().map(String::from);
    let rows = account::Entity::find().filter(account::Column::Id.is_in(wanted)).all(db).await?;
    let accounts = rows.into_iter().map(Account::try_from).collect::<Result<Vec<_>, Error>>()?;
    Ok(accounts.into_iter().map(|account| (account.id, account.username)).collect())
}

/// Every account by name, with its history.
pub(crate) async fn account_list(db: &DatabaseConnection) -> Result<Vec<Listed>, Error> {
    let rows = account::Entity::find().order_by_asc(account::Column::Username).all(db).await?;
    let mut history: HashMap<String, Vec<Changed>> = HashMap::new();
    let changes = account_change::Entity::find().order_by_desc(account_change::Column::Number);
    for row in changes.all(db).await? {
        history.entry(row.account_id.clone()).or_default().push(Changed::try_from(row)?);
    }
    let signed_in: HashMap<String, Time> = login_session::Entity::find()
        .select_only()
        .column(login_session::Column::AccountId)
        .column_as(login_session::Column::OpenedAt.max(), "newest")
        .group_by(login_session::Column::AccountId)
        .into_tuple::<(String, Time)>()
        .all(db)
        .await?
        .into_iter()
        .collect();
    let listed = rows.into_iter().map(|row| {
        let last_signed_in_at = signed_in.get(&row.id).copied();
        let history = history.remove(&row.id).unwrap_or_default();
        Ok(Listed { account: row.try_into()?, last_signed_in_at, history })
    });
    listed.collect()
}

/// Adds an account. [`Error::is_unique_violation`] when the name is taken.
pub(crate) async fn account_insert(
    db: &DatabaseConnection,
    random: &Random,
    account: Account,
    by: By,
) -> Result<(), Error> {
    let random = random.clone();
    database::transaction(db, move |txn| {
        Box::pin(async move {
            let Account { id, username, printed_name, roles, password_hash, temporary_until, .. } = account;
            let row = account::ActiveModel {
                id: Set(id.clone().into()),
                username: Set(username),
                printed_name: Set(printed_name),
                roles: Set(serde_json::json!(roles)),
                password_hash: Set(password_hash),
                created_at: Set(by.at),
                disabled_at: Set(None),
                temporary_until: Set(temporary_until),
                changes: Set(1),
            };
            row.insert(txn).await?;
            history_add(txn, (&id, 1), &AccountChange::Added { roles }, &by).await?;
            outbox::append(txn, told(&random, &by, &id, Event::UserAdded { user: id.clone() })).await
        })
    })
    .await
}

/// Changes an account as it was known; `false` when it has changed since. Who may no longer sign in, or has another
/// password than they signed in with, is signed out everywhere but at `stays`.
pub(crate) async fn account_change(
    db: &DatabaseConnection,
    random: &Random,
    known: Account,
    (change, password): (AccountChange, Option<NewPassword>),
    by: By,
    stays: Option<LoginSessionId>,
) -> Result<bool, Error> {
    let random = random.clone();
    database::transaction(db, move |txn| {
        Box::pin(async move {
            let number = known.changes + 1;
            if !account_update(txn, &known, &change, password, by.at).await? {
                return Ok(false);
            }
            history_add(txn, (&known.id, number), &change, &by).await?;
            let ends = match change {
                AccountChange::Disabled => Some(EndReason::AccountDisabled),
                AccountChange::PasswordReset | AccountChange::PasswordChanged => {
                    Some(EndReason::PasswordChanged)
                }
                _ => None,
            };
            if change == AccountChange::PasswordReset {
                passkeys_end(txn, &known.id, by.at).await?;
            }
            let user = known.id.clone();
            let event = Event::AccountChanged(AccountChanged { user, change });
            outbox::append(txn, told(&random, &by, &known.id, event)).await?;
            if let Some(reason) = ends {
                logins_end(txn, &random, &known, reason, by.at, stays).await?;
            }
            Ok(true)
        })
    })
    .await
}

pub(super) async fn account_update(
    txn: &DatabaseTransaction,
    known: &Account,
    change: &AccountChange,
    password: Option<NewPassword>,
    at: Time,
) -> Result<bool, Error> {
    let mut update = account::Entity::update_many()
        .col_expr(account::Column::Changes, Expr::value(known.changes + 1))
        .filter(account::Column::Id.eq(known.id.as_str()))
        .filter(account::Column::Changes.eq(known.changes));
    if let AccountChange::RolesChanged { to, .. } = change {
        update = update.col_expr(account::Column::Roles, Expr::value(serde_json::json!(to)));
    }
    match change {
        AccountChange::Disabled => {
            update = update.col_expr(account::Column::DisabledAt, Expr::value(Some(at)));
        }
        AccountChange::Enabled => {
            update = update.col_expr(account::Column::DisabledAt, Expr::value(None::<Time>));
        }
        _ => {}
    }
    if let Some(NewPassword { hash, temporary_until }) = password {
        update = update
            .col_expr(account::Column::PasswordHash, Expr::value(hash))
            .col_expr(account::Column::TemporaryUntil, Expr::value(temporary_until));
    }
    Ok(update.exec(txn).await?.rows_affected == 1)
}

pub(super) async fn history_add(
    txn: &DatabaseTransaction,
    (account, number): (&UserId, i32),
    change: &AccountChange,
    by: &By,
) -> Result<(), Error> {
    let (changed_by, changed_by_name) = match &by.actor {
        Actor::Person { user, printed_name, .. } => (Some(user.to_string()), printed_name.clone()),
        _ => (None, "an operator at the machine".to_owned()),
    };
    let row = account_change::ActiveModel {
        account_id: Set(account.to_string()),
        number: Set(number),
        change: Set(serde_json::json!(change)),
        changed_at: Set(by.at),
        changed_by: Set(changed_by),
        changed_by_name: Set(changed_by_name),
        reason: Set(by.reason.clone()),
    };
    account_change::Entity::insert(row).exec_without_returning(txn).await?;
    Ok(())
}

/// Ends every login session of an account but one, each with its event.
async fn logins_end(
    txn: &DatabaseTransaction,
    random: &Random,
    account: &Account,
    reason: EndReason,
    at: Time,
    stays: Option<LoginSessionId>,
) -> Result<(), Error> {
    let open = login_session::Entity::find()
        .filter(login_session::Column::AccountId.eq(account.id.as_str()))
        .filter(login_session::Column::EndedAt.is_null());
    for row in open.all(txn).await? {
        let login: LoginSessionId = stored("login session id", row.id.into())?;
        if stays.as_ref() == Some(&login) {
            continue;
        }
        login_session::Entity::update_many()
            .col_expr(login_session::Column::EndedAt, Expr::value(at))
            .col_expr(login_session::Column::EndReason, Expr::value(reason.as_str()))
            .filter(login_session::Column::Id.eq(login.as_str()))
            .exec(txn)
            .await?;
        let actor = Actor::Person {
            user: account.id.clone(),
            username: account.username.clone(),
            printed_name: account.printed_name.clone(),
            roles: account.roles.clone(),
            login: login.clone(),
        };
        let by = By { actor, at, reason: String::new(), request: None };
        let event = Event::LoginEnded { login: login.clone(), reason_code: reason.as_str().to_owned() };
        outbox::append(txn, told(random, &by, &login, event)).await?;
    }
    Ok(())
}

pub(super) fn told(random: &Random, by: &By, subject: &impl ToString, event: Event) -> NewEvent {
    NewEvent {
        id: random.with(EventId::random),
        occurred_at: by.at,
        actor: by.actor.clone(),
        subject: subject.to_string(),
        causation: by.request.as_ref().map(ToString::to_string),
        trace: telemetry::traceparent(),
        event,
    }
}

impl TryFrom<account::Model> for Account {
    type Error = Error;

    fn try_from(row: account::Model) -> Result<Self, Error> {
        Ok(Self {
            id: stored("account id", row.id.into())?,
            username: row.username,
            printed_name: row.printed_name,
            roles: stored("list of roles", row.roles)?,
            password_hash: row.password_hash,
            created_at: row.created_at,
            disabled_at: row.disabled_at,
            temporary_until: row.temporary_until,
            changes: row.changes,
        })
    }
}

impl TryFrom<account_change::Model> for Changed {
    type Error = Error;

    fn try_from(row: account_change::Model) -> Result<Self, Error> {
        Ok(Self {
            number: row.number,
            change: stored("change of an account", row.change)?,
            at: row.changed_at,
            by: row.changed_by_name,
            reason: row.reason,
        })
    }
}
