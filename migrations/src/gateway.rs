//! Tables of gateway: accounts, login sessions, and what each of these was shown.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    json_binary, string, string_null, timestamp_with_time_zone, timestamp_with_time_zone_null,
};

/// The migrations, oldest first.
pub fn migrations() -> Vec<Box<dyn MigrationTrait>> {
    vec![Box::new(Accounts), Box::new(LoginSessions), Box::new(Displays), Box::new(FirstSigning)]
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
