//! The two tables of the outbox.

/// An event of this service.
pub(super) mod event {
    use crate::Error;
    use contract::Envelope;
    use sea_orm::entity::prelude::*;
    use serde::de::DeserializeOwned;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "outbox")]
    pub(crate) struct Model {
        #[sea_orm(primary_key)]
        pub(crate) position: i64,
        #[sea_orm(unique)]
        pub(crate) id: String,
        pub(crate) service: Option<String>,
        #[sea_orm(unique)]
        pub(crate) seq: Option<i64>,
        pub(crate) version: i32,
        pub(crate) kind: String,
        pub(crate) occurred_at: DateTimeUtc,
        #[sea_orm(column_type = "JsonBinary")]
        pub(crate) actor: Json,
        pub(crate) subject: String,
        pub(crate) causation: Option<String>,
        pub(crate) trace: Option<String>,
        #[sea_orm(column_type = "JsonBinary")]
        pub(crate) event: Json,
        pub(crate) sent_at: Option<DateTimeUtc>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}

    impl Model {
        /// The row as it goes over the bus; it must have its `seq`.
        pub(crate) fn into_envelope(self) -> Result<Envelope, Error> {
            Ok(Envelope {
                id: from_json("event id", Json::String(self.id))?,
                service: self.service.expect("set together with seq"),
                seq: self.seq.expect("only numbered rows are loaded"),
                version: u16::try_from(self.version).expect("append writes versions of one byte"),
                occurred_at: self.occurred_at,
                actor: from_json("actor", self.actor)?,
                subject: self.subject,
                causation: self.causation,
                trace: self.trace,
                event: from_json("event", self.event)?,
            })
        }
    }

    fn from_json<T: DeserializeOwned>(what: &'static str, value: Json) -> Result<T, Error> {
        serde_json::from_value(value).map_err(|source| Error::Stored { what, source })
    }
}

/// The one row that says which relay works and how far it has counted.
pub(super) mod lease {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "outbox_relay")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) id: i32,
        pub(crate) holder: String,
        pub(crate) expires_at: DateTimeUtc,
        pub(crate) last_seq: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
