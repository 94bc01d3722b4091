//! A person who may sign in.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "account")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: String,
    /// Lower case.
    #[sea_orm(unique)]
    pub(crate) username: String,
    pub(crate) printed_name: String,
    /// A list of `contract::Role`.
    #[sea_orm(column_type = "JsonBinary")]
    pub(crate) roles: Json,
    /// PHC string of argon2id.
    pub(crate) password_hash: String,
    pub(crate) created_at: DateTimeUtc,
    /// Since when nobody signs in with it.
    pub(crate) disabled_at: Option<DateTimeUtc>,
    /// How long the password may be used that somebody else had made; null once the person chose one.
    pub(crate) temporary_until: Option<DateTimeUtc>,
    /// How often it changed, so that two who change it at once don't both succeed.
    pub(crate) changes: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {
    #[sea_orm(has_many = "super::login_session::Entity")]
    LoginSession,
}

impl Related<super::login_session::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::LoginSession.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}
