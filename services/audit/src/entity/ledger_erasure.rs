//! A wish that personal content be erased, and how far it is carried out.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "ledger_erasure")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: String,
    #[sea_orm(column_type = "JsonBinary")]
    pub(crate) scope: Json,
    pub(crate) reason: String,
    pub(crate) state: String,
    pub(crate) proposed_by: Option<String>,
    pub(crate) proposed_at: DateTimeUtc,
    pub(crate) decided_by: Option<String>,
    pub(crate) decided_at: Option<DateTimeUtc>,
    pub(crate) before: i64,
    /// The place from which on it has not looked yet.
    pub(crate) next: i64,
    pub(crate) erased: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
