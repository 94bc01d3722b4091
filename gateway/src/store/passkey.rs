//! Keys with which people sign, and what they were challenged with.

use super::account::{self, Account, By};
use super::stored;
use crate::entity::{passkey, passkey_ceremony};
use contract::event::{AccountChange, AccountChanged};
use contract::{Digest, Event, LoginSessionId, Time, UserId};
use database::{DatabaseConnection, DatabaseTransaction, Error, outbox};
use platform::Random;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _};
use serde::Serialize;
use serde::de::DeserializeOwned;
use webauthn_rs::prelude::Passkey as Credential;

/// A key with which its owner may sign.
#[derive(Debug, Clone)]
pub(crate) struct Passkey {
    /// SHA-256 of the credential's id.
    pub(crate) id: Digest,
    pub(crate) name: String,
    pub(crate) credential: Credential,
    pub(crate) registered_at: Time,
    pub(crate) last_used_at: Option<Time>,
}

impl TryFrom<passkey::Model> for Passkey {
    type Error = Error;

    fn try_from(row: passkey::Model) -> Result<Self, Error> {
        Ok(Self {
            id: stored("digest of a credential", row.id.into())?,
            name: row.name,
            credential: stored("credential", row.credential)?,
            registered_at: row.registered_at,
            last_used_at: row.last_used_at,
        })
    }
}

/// The keys with which somebody may sign, the oldest first.
pub(crate) async fn passkey_list(db: &DatabaseConnection, user: &UserId) -> Result<Vec<Passkey>, Error> {
    let rows = passkey::Entity::find()
        .filter(passkey::Column::AccountId.eq(user.as_str()))
        .filter(passkey::Column::RevokedAt.is_null())
        .order_by_asc(passkey::Column::RegisteredAt)
        .order_by_asc(passkey::Column::Id)
        .all(db)
        .await?;
    rows.into_iter().map(Passkey::try_from).collect()
}

/// Registers a key; `false` when the account has changed since. [`Error::is_unique_violation`] when it is registered.
pub(crate) async fn passkey_insert(
    db: &DatabaseConnection,
    random: &Random,
    owner: Account,
    new: Passkey,
    by: By,
) -> Result<bool, Error> {
    let row = passkey::ActiveModel {
        id: Set(new.id.to_string()),
        account_id: Set(owner.id.to_string()),
        name: Set(new.name),
        credential: Set(json(&new.credential)),
        registered_at: Set(new.registered_at),
        last_used_at: Set(None),
        revoked_at: Set(None),
    };
    let random = random.clone();
    database::transaction(db, move |txn| {
        Box::pin(async move {
            if !told(txn, &random, &owner, AccountChange::PasskeyAdded { passkey: new.id }, &by).await? {
                return Ok(false);
            }
            passkey::Entity::insert(row).exec_without_returning(txn).await?;
            Ok(true)
        })
    })
    .await
}

/// Revokes a key; `false` when it isn't one of the account's, or the account has changed since.
pub(crate) async fn passkey_revoke(
    db: &DatabaseConnection,
    random: &Random,
    owner: Account,
    id: Digest,
    by: By,
) -> Result<bool, Error> {
    let random = random.clone();
    database::transaction(db, move |txn| {
        Box::pin(async move {
            let revoked = passkey::Entity::update_many()
                .col_expr(passkey::Column::RevokedAt, Expr::value(by.at))
                .filter(passkey::Column::Id.eq(id.to_string()))
                .filter(passkey::Column::AccountId.eq(owner.id.as_str()))
                .filter(passkey::Column::RevokedAt.is_null())
                .exec(txn)
                .await?;
            if revoked.rows_affected == 0 {
                return Ok(false);
            }
            let change = AccountChange::PasskeyRevoked { passkey: id };
            if told(txn, &random, &owner, change, &by).await? {
                return Ok(true);
            }
            Err(Error::Conflict { what: "the account" })
        })
    })
    .await
}

/// Revokes every key of an account whose password somebody else had made: whoever had it may have registered one.
pub(super) async fn passkeys_end(txn: &DatabaseTransaction, owner: &UserId, at: Time) -> Result<(), Error> {
    passkey::Entity::update_many()
        .col_expr(passkey::Column::RevokedAt, Expr::value(at))
        .filter(passkey::Column::AccountId.eq(owner.as_str()))
        .filter(passkey::Column::RevokedAt.is_null())
        .exec(txn)
        .await?;
    Ok(())
}

/// Keeps what a signature changed of a key.
pub(crate) async fn passkey_used(db: &DatabaseConnection, used: &Passkey, now: Time) -> Result<(), Error> {
    passkey::Entity::update_many()
        .col_expr(passkey::Column::Credential, Expr::value(json(&used.credential)))
        .col_expr(passkey::Column::LastUsedAt, Expr::value(now))
        .filter(passkey::Column::Id.eq(used.id.to_string()))
        .exec(db)
        .await?;
    Ok(())
}

/// Keeps what a login session is challenged with, in the place of what it was challenged with before.
pub(crate) async fn ceremony_keep(
    db: &DatabaseConnection,
    login: &LoginSessionId,
    ceremony: &impl Serialize,
    expires_at: Time,
) -> Result<(), Error> {
    let row = passkey_ceremony::ActiveModel {
        login: Set(login.to_string()),
        ceremony: Set(json(ceremony)),
        expires_at: Set(expires_at),
    };
    let replace = OnConflict::column(passkey_ceremony::Column::Login)
        .update_columns([passkey_ceremony::Column::Ceremony, passkey_ceremony::Column::ExpiresAt])
        .to_owned();
    passkey_ceremony::Entity::insert(row).on_conflict(replace).exec_without_returning(db).await?;
    Ok(())
}

/// Takes what a login session was challenged with, once; what has expired is taken and gives nothing.
pub(crate) async fn ceremony_take<T: DeserializeOwned>(
    db: &DatabaseConnection,
    login: &LoginSessionId,
    now: Time,
) -> Result<Option<T>, Error> {
    let Some(kept) = passkey_ceremony::Entity::find_by_id(login.as_str()).one(db).await? else {
        return Ok(None);
    };
    let taken = passkey_ceremony::Entity::delete_many()
        .filter(passkey_ceremony::Column::Login.eq(login.as_str()))
        .filter(passkey_ceremony::Column::ExpiresAt.eq(kept.expires_at))
        .exec(db)
        .await?;
    if taken.rows_affected == 0 || kept.expires_at <= now {
        return Ok(None);
    }
    stored("ceremony", kept.ceremony).map(Some)
}

/// Forgets what nobody answered.
pub(crate) async fn ceremonies_forget(db: &DatabaseConnection, now: Time) -> Result<(), Error> {
    passkey_ceremony::Entity::delete_many()
        .filter(passkey_ceremony::Column::ExpiresAt.lte(now))
        .exec(db)
        .await?;
    Ok(())
}

/// Writes down in the account's history, and tells, what became of one of its keys.
async fn told(
    txn: &DatabaseTransaction,
    random: &Random,
    owner: &Account,
    change: AccountChange,
    by: &By,
) -> Result<bool, Error> {
    if !account::account_update(txn, owner, &change, None, by.at).await? {
        return Ok(false);
    }
    account::history_add(txn, (&owner.id, owner.changes + 1), &change, by).await?;
    let event = Event::AccountChanged(AccountChanged { user: owner.id.clone(), change });
    outbox::append(txn, account::told(random, by, &owner.id, event)).await?;
    Ok(true)
}

fn json(value: &impl Serialize) -> serde_json::Value {
    serde_json::to_value(value).expect("a key and a challenge are plain data")
}
