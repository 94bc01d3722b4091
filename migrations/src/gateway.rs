//! Tables of gateway: accounts and what became of them, login sessions, and what each of these was shown.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    integer, json_binary, string, string_null, text, timestamp_with_time_zone, timestamp_with_time_zone_null,
};

/// The migrations, oldest first.
pub fn migrations() -> Vec<Box<dyn MigrationTrait>> {
    vec![
        Box::new(Accounts),
        Box::new(LoginSessions),
        Box::new(Displays),
        Box::new(FirstSigning),
        Box::new(AccountChanges),
        Box::new(Passkeys),
    ]
}

#[derive(DeriveIden)]
enum Account {
    Table,
    Id,
    Username,
    PrintedName,
    Roles,
    PasswordHash,
    CreatedAt,
    DisabledAt,
    TemporaryUntil,
    Changes,
}

struct Accounts;

impl MigrationName for Accounts {
    fn name(&self) -> &'static str {
        "gateway_0001_accounts"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Accounts {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let lower = Expr::expr(Func::lower(Expr::col(Account::Username)));
        let table = Table::create()
            .table(Account::Table)
            .col(string(Account::Id).primary_key())
            .col(string(Account::Username).unique_key())
            .col(string(Account::PrintedName))
            .col(json_binary(Account::Roles))
            .col(string(Account::PasswordHash))
            .col(timestamp_with_time_zone(Account::CreatedAt))
            // Two accounts must not differ by the case of a letter only.
            .check(lower.eq(Expr::col(Account::Username)))
            .to_owned();
        manager.create_table(table).await
    }
}

#[derive(DeriveIden)]
enum LoginSession {
    Table,
    Id,
    AccountId,
    SecretDigest,
    OpenedAt,
    LastActiveAt,
    EndedAt,
    EndReason,
    FirstSignedAt,
}

struct LoginSessions;

impl MigrationName for LoginSessions {
    fn name(&self) -> &'static str {
        "gateway_0002_login_sessions"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for LoginSessions {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let ended = Expr::col(LoginSession::EndedAt).is_null();
        let mut account = ForeignKey::create();
        account.from(LoginSession::Table, LoginSession::AccountId).to(Account::Table, Account::Id);
        let table = Table::create()
            .table(LoginSession::Table)
            .col(string(LoginSession::Id).primary_key())
            .col(string(LoginSession::AccountId))
            .col(string(LoginSession::SecretDigest).unique_key())
            .col(timestamp_with_time_zone(LoginSession::OpenedAt))
            .col(timestamp_with_time_zone(LoginSession::LastActiveAt))
            .col(timestamp_with_time_zone_null(LoginSession::EndedAt))
            .col(string_null(LoginSession::EndReason))
            // A login session that ended says why, and one that lives has no reason.
            .check(ended.eq(Expr::col(LoginSession::EndReason).is_null()))
            .foreign_key(&mut account)
            .to_owned();
        manager.create_table(table).await?;
        let open = Index::create()
            .name("login_session_open")
            .table(LoginSession::Table)
            .col(LoginSession::EndedAt)
            .col(LoginSession::LastActiveAt)
            .to_owned();
        manager.create_index(open).await
    }
}

#[derive(DeriveIden)]
enum Display {
    Table,
    Login,
    Display,
    Shown,
}

struct Displays;

impl MigrationName for Displays {
    fn name(&self) -> &'static str {
        "gateway_0003_displays"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Displays {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::create()
            .table(Display::Table)
            .col(string(Display::Login))
            .col(string(Display::Display))
            .col(string(Display::Shown))
            .primary_key(Index::create().col(Display::Login).col(Display::Display).col(Display::Shown))
            .to_owned();
        manager.create_table(table).await
    }
}

/// When a login session signed first: that signing takes name and password, the later ones the password alone.
struct FirstSigning;

impl MigrationName for FirstSigning {
    fn name(&self) -> &'static str {
        "gateway_0004_first_signing"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for FirstSigning {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::alter()
            .table(LoginSession::Table)
            .add_column(timestamp_with_time_zone_null(LoginSession::FirstSignedAt))
            .to_owned();
        manager.alter_table(table).await
    }
}

#[derive(DeriveIden)]
enum AccountChange {
    Table,
    AccountId,
    Number,
    Change,
    ChangedAt,
    ChangedBy,
    ChangedByName,
    Reason,
}

/// What became of an account, and whether it is in use.
struct AccountChanges;

impl MigrationName for AccountChanges {
    fn name(&self) -> &'static str {
        "gateway_0005_account_changes"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for AccountChanges {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // SQLite adds one column at a time.
        for column in [
            timestamp_with_time_zone_null(Account::DisabledAt),
            timestamp_with_time_zone_null(Account::TemporaryUntil),
            integer(Account::Changes).default(0).to_owned(),
        ] {
            let table = Table::alter().table(Account::Table).add_column(column).to_owned();
            manager.alter_table(table).await?;
        }
        let mut account = ForeignKey::create();
        account.from(AccountChange::Table, AccountChange::AccountId).to(Account::Table, Account::Id);
        let by = AccountChange::ChangedBy;
        let table = Table::create()
            .table(AccountChange::Table)
            .col(string(AccountChange::AccountId))
            .col(integer(AccountChange::Number))
            .col(json_binary(AccountChange::Change))
            .col(timestamp_with_time_zone(AccountChange::ChangedAt))
            // Null when an operator did it at the machine.
            .col(string_null(by))
            .col(string(AccountChange::ChangedByName))
            .col(text(AccountChange::Reason))
            .primary_key(Index::create().col(AccountChange::AccountId).col(AccountChange::Number))
            .foreign_key(&mut account)
            .to_owned();
        manager.create_table(table).await
    }
}

#[derive(DeriveIden)]
enum Passkey {
    Table,
    Id,
    AccountId,
    Name,
    Credential,
    RegisteredAt,
    LastUsedAt,
    RevokedAt,
}

#[derive(DeriveIden)]
enum PasskeyCeremony {
    Table,
    Login,
    Ceremony,
    ExpiresAt,
}

/// Keys with which people sign.
struct Passkeys;

impl MigrationName for Passkeys {
    fn name(&self) -> &'static str {
        "gateway_0006_passkeys"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Passkeys {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut owner = ForeignKey::create();
        owner.from(Passkey::Table, Passkey::AccountId).to(Account::Table, Account::Id);
        let passkeys = Table::create()
            .table(Passkey::Table)
            .col(string(Passkey::Id).primary_key())
            .col(string(Passkey::AccountId))
            .col(string(Passkey::Name))
            .col(json_binary(Passkey::Credential))
            .col(timestamp_with_time_zone(Passkey::RegisteredAt))
            .col(timestamp_with_time_zone_null(Passkey::LastUsedAt))
            .col(timestamp_with_time_zone_null(Passkey::RevokedAt))
            .foreign_key(&mut owner)
            .to_owned();
        manager.create_table(passkeys).await?;
        let by_account =
            Index::create().name("passkey_account").table(Passkey::Table).col(Passkey::AccountId).to_owned();
        manager.create_index(by_account).await?;
        let ceremonies = Table::create()
            .table(PasskeyCeremony::Table)
            .col(string(PasskeyCeremony::Login).primary_key())
            .col(json_binary(PasskeyCeremony::Ceremony))
            .col(timestamp_with_time_zone(PasskeyCeremony::ExpiresAt))
            .to_owned();
        manager.create_table(ceremonies).await
    }
}
