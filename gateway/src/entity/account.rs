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
