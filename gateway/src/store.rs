//! Accounts and login sessions in the gateway's own database. Every change writes its event in the same
//! transaction.

mod account;
mod passkey;

pub(crate) use account::{
    Account, By, Changed, Listed, NewPassword, account_by_username, account_change, account_insert,
    account_list, account_names, accounts_named,
};

pub(crate) use passkey::{
    Passkey, ceremonies_forget, ceremony_keep, ceremony_take, passkey_insert, passkey_list, passkey_revoke,
    passkey_used,
};

use crate::entity::{account as accounts, display, login_session};
use crate::workflow::{EndReason, LoginTimes};
use contract::event::Display;
use contract::{Digest, Event, LoginSessionId, Time, UserId};
use database::outbox::{self, NewEvent};
use database::{DatabaseConnection, DatabaseTransaction, Error};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, Condition, EntityTrait as _, QueryFilter as _, QuerySelect as _,
};
use serde::de::DeserializeOwned;
use std::collections::BTreeSet;

/// A login session and whose it is.
#[derive(Debug, Clone)]
pub(crate) struct Login {
    pub(crate) id: LoginSessionId,
    pub(crate) account: Account,
    pub(crate) times: LoginTimes,
    /// Whether it has signed something.
    pub(crate) has_signed: bool,
}

/// A login session that is about to begin.
#[derive(Debug, Clone)]
pub(crate) struct NewLogin {
    pub(crate) id: LoginSessionId,
    pub(crate) user: UserId,
    pub(crate) secret: Digest,
    pub(crate) opened_at: Time,
}

/// Begins a login session.
pub(crate) async fn login_insert(
    db: &DatabaseConnection,
    login: NewLogin,
    event: NewEvent,
) -> Result<(), Error> {
    let row = login_session::ActiveModel {
        id: Set(login.id.into()),
        account_id: Set(login.user.into()),
        secret_digest: Set(login.secret.to_string()),
        opened_at: Set(login.opened_at),
        last_active_at: Set(login.opened_at),
        ended_at: Set(None),
        end_reason: Set(None),
        first_signed_at: Set(None),
    };
    database::transaction(db, |txn| {
        Box::pin(async move {
            row.insert(txn).await?;
            outbox::append(txn, event).await
        })
    })
    .await
}

/// Finds a login session by the digest of the secret in the cookie.
pub(crate) async fn login_by_secret(db: &DatabaseConnection, secret: Digest) -> Result<Option<Login>, Error> {
    login_one(db, login_session::Column::SecretDigest.eq(secret.to_string())).await
}

/// Finds a login session by id.
pub(crate) async fn login_by_id(
    db: &DatabaseConnection,
    id: &LoginSessionId,
) -> Result<Option<Login>, Error> {
    login_one(db, login_session::Column::Id.eq(id.as_str())).await
}

async fn login_one(db: &DatabaseConnection, filter: Expr) -> Result<Option<Login>, Error> {
    let row =
        login_session::Entity::find().filter(filter).find_also_related(accounts::Entity).one(db).await?;
    row.and_then(|(login, account)| account.map(|account| Login::try_from((login, account)))).transpose()
}

/// Writes activity down; one that is older than what is written changes nothing.
pub(crate) async fn login_touch(
    db: &DatabaseConnection,
    id: &LoginSessionId,
    now: Time,
) -> Result<(), Error> {
    login_session::Entity::update_many()
        .col_expr(login_session::Column::LastActiveAt, Expr::value(now))
        .filter(login_session::Column::Id.eq(id.as_str()))
        .filter(login_session::Column::EndedAt.is_null())
        .filter(login_session::Column::LastActiveAt.lt(now))
        .exec(db)
        .await?;
    Ok(())
}

/// Writes down that a login session signed, the first time.
pub(crate) async fn login_signed(
    db: &DatabaseConnection,
    id: &LoginSessionId,
    now: Time,
) -> Result<(), Error> {
    login_session::Entity::update_many()
        .col_expr(login_session::Column::FirstSignedAt, Expr::value(now))
        .filter(login_session::Column::Id.eq(id.as_str()))
        .filter(login_session::Column::FirstSignedAt.is_null())
        .exec(db)
        .await?;
    Ok(())
}

/// Ends a login session, once: the second time nothing happens and nothing is told.
pub(crate) async fn login_end(
    db: &DatabaseConnection,
    id: &LoginSessionId,
    reason: EndReason,
    event: NewEvent,
) -> Result<(), Error> {
    let ended_at = event.occurred_at;
    let update = login_session::Entity::update_many()
        .col_expr(login_session::Column::EndedAt, Expr::value(ended_at))
        .col_expr(login_session::Column::EndReason, Expr::value(reason.as_str()))
        .filter(login_session::Column::Id.eq(id.as_str()))
        .filter(login_session::Column::EndedAt.is_null());
    database::transaction(db, |txn| {
        Box::pin(async move {
            if update.exec(txn).await?.rows_affected == 1 {
                outbox::append(txn, event).await?;
            }
            Ok(())
        })
    })
    .await
}

/// Login sessions that nobody ended and that were last active before `idle_since`, or opened before `opened_before`.
pub(crate) async fn login_list_over(
    db: &DatabaseConnection,
    idle_since: Time,
    opened_before: Time,
) -> Result<Vec<Login>, Error> {
    let over = Condition::any()
        .add(login_session::Column::LastActiveAt.lte(idle_since))
        .add(login_session::Column::OpenedAt.lte(opened_before));
    let rows = login_session::Entity::find()
        .filter(login_session::Column::EndedAt.is_null())
        .filter(over)
        .find_also_related(accounts::Entity)
        .all(db)
        .await?;
    rows.into_iter()
        .filter_map(|(login, account)| account.map(|account| Login::try_from((login, account))))
        .collect()
}

/// Writes down what a login session was shown and was not shown before, and what it was refused. Each display comes
/// with its event, which tells only what is new.
pub(crate) async fn record(
    db: &DatabaseConnection,
    login: &LoginSessionId,
    displays: Vec<(Display, BTreeSet<String>, NewEvent)>,
    refusals: Vec<NewEvent>,
) -> Result<(), Error> {
    let login = login.as_str().to_owned();
    database::transaction(db, |txn| {
        Box::pin(async move {
            for (display, ids, event) in displays {
                let fresh = display_add(txn, &login, display, ids).await?;
                if !fresh.is_empty() {
                    let shown = fresh.into_iter().filter(|id| !id.is_empty()).collect();
                    let event = NewEvent { event: Event::DisplayRecorded { display, shown }, ..event };
                    outbox::append(txn, event).await?;
                }
            }
            for event in refusals {
                outbox::append(txn, event).await?;
            }
            Ok(())
        })
    })
    .await
}

/// Keeps what a login session is shown; gives what it was not shown before.
async fn display_add(
    txn: &DatabaseTransaction,
    login: &str,
    display: Display,
    ids: BTreeSet<String>,
) -> Result<BTreeSet<String>, Error> {
    let known: BTreeSet<String> = display::Entity::find()
        .select_only()
        .column(display::Column::Shown)
        .filter(display::Column::Login.eq(login))
        .filter(display::Column::Display.eq(display.as_str()))
        .filter(display::Column::Shown.is_in(ids.iter().map(String::as_str)))
        .into_tuple()
        .all(txn)
        .await?
        .into_iter()
        .collect();
    let fresh: BTreeSet<String> = ids.into_iter().filter(|id| !known.contains(id)).collect();
    let rows = fresh.iter().map(|id| display::ActiveModel {
        login: Set(login.to_owned()),
        display: Set(display.as_str().to_owned()),
        shown: Set(id.clone()),
    });
    if !fresh.is_empty() {
        // Two requests of one login session may show the same at the same time: both tell it.
        let keep = OnConflict::new().do_nothing().to_owned();
        display::Entity::insert_many(rows).on_conflict(keep).exec_without_returning(txn).await?;
    }
    Ok(fresh)
}

/// Tells a fact that changes none of the gateway's rows.
pub(crate) async fn event_append(db: &DatabaseConnection, event: NewEvent) -> Result<(), Error> {
    database::transaction(db, |txn| Box::pin(async move { outbox::append(txn, event).await })).await
}

impl TryFrom<(login_session::Model, accounts::Model)> for Login {
    type Error = Error;

    fn try_from((login, account): (login_session::Model, accounts::Model)) -> Result<Self, Error> {
        let times = LoginTimes {
            opened_at: login.opened_at,
            last_active_at: login.last_active_at,
            ended_at: login.ended_at,
        };
        Ok(Self {
            id: stored("login session id", login.id.into())?,
            account: account.try_into()?,
            times,
            has_signed: login.first_signed_at.is_some(),
        })
    }
}

fn stored<T: DeserializeOwned>(what: &'static str, value: serde_json::Value) -> Result<T, Error> {
    serde_json::from_value(value).map_err(|source| Error::Stored { what, source })
}
