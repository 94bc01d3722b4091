//! The tables of the embedded bus.

/// A queue.
pub(super) mod queue {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "queue")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) name: String,
        /// Absent on a dead-letter queue.
        pub(crate) delivery_limit: Option<i32>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A topic pattern that a queue takes.
pub(super) mod binding {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "binding")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) queue: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) topic: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A message in a queue.
pub(super) mod message {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "message")]
    pub(crate) struct Model {
        #[sea_orm(primary_key)]
        pub(crate) id: i64,
        pub(crate) queue: String,
        pub(crate) message_id: String,
        #[sea_orm(column_type = "JsonBinary")]
        pub(crate) headers: Json,
        pub(crate) body: Vec<u8>,
        /// Not handed out before, in milliseconds since 1970.
        pub(crate) due_ms: i64,
        /// From 1; grows with each retry.
        pub(crate) attempt: i32,
        /// Times handed out without an answer since the last retry.
        pub(crate) deliveries: i32,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
