//! The inbox: which events a consumer has already taken in.

use crate::Error;
use contract::EventId;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait as _, PaginatorTrait as _};
use sea_orm_migration::MigrationTrait;

/// Whether `consumer` sees the event for the first time. It is remembered in the transaction of the effect, so
/// both happen or neither.
pub async fn first_time(txn: &impl ConnectionTrait, consumer: &str, event: &EventId) -> Result<bool, Error> {
    let row = entity::ActiveModel {
        consumer: Set(consumer.to_owned()),
        event_id: Set(event.as_str().to_owned()),
        received_at: Set(crate::now()),
    };
    let inserted = entity::Entity::insert(row)
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .exec_without_returning(txn)
        .await?;
    Ok(inserted == 1)
}

/// Whether `consumer` has taken the event in.
pub async fn contains(db: &impl ConnectionTrait, consumer: &str, event: &EventId) -> Result<bool, Error> {
    let key = (consumer.to_owned(), event.as_str().to_owned());
    Ok(entity::Entity::find_by_id(key).count(db).await? > 0)
}

/// How far `consumer` has read the outbox of `source`.
pub(crate) async fn progress_load(
    db: &impl ConnectionTrait,
    consumer: &str,
    source: &str,
) -> Result<i64, Error> {
    let key = (consumer.to_owned(), source.to_owned());
    let row = progress::Entity::find_by_id(key).one(db).await?;
    Ok(row.map_or(0, |row| row.seq))
}

/// Remembers how far `consumer` has read the outbox of `source`.
pub(crate) async fn progress_save(
    db: &impl ConnectionTrait,
    consumer: &str,
    source: &str,
    seq: i64,
) -> Result<(), Error> {
    let row = progress::ActiveModel {
        consumer: Set(consumer.to_owned()),
        source: Set(source.to_owned()),
        seq: Set(seq),
    };
    let replace = OnConflict::columns([progress::Column::Consumer, progress::Column::Source])
        .update_column(progress::Column::Seq)
        .to_owned();
    progress::Entity::insert(row).on_conflict(replace).exec_without_returning(db).await?;
    Ok(())
}

pub(crate) fn migrations() -> Vec<Box<dyn MigrationTrait>> {
    vec![Box::new(schema::CreateInbox), Box::new(schema::CreateInboxProgress)]
}

mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "inbox")]
    pub(super) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(super) consumer: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub(super) event_id: String,
        pub(super) received_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(super) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

mod progress {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "inbox_progress")]
    pub(super) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(super) consumer: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub(super) source: String,
        pub(super) seq: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(super) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

mod schema {
    use sea_orm_migration::prelude::*;
    use sea_orm_migration::schema::{big_integer, text, timestamp_with_time_zone};

    pub(super) struct CreateInbox;

    impl MigrationName for CreateInbox {
        fn name(&self) -> &'static str {
            "database_002_inbox"
        }
    }

    #[async_trait::async_trait]
    impl MigrationTrait for CreateInbox {
        async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
            let table = Table::create()
                .table("inbox")
                .col(text("consumer"))
                .col(text("event_id"))
                .col(timestamp_with_time_zone("received_at"))
                .primary_key(Index::create().col("consumer").col("event_id"))
                .to_owned();
            manager.create_table(table).await
        }
    }

    pub(super) struct CreateInboxProgress;

    impl MigrationName for CreateInboxProgress {
        fn name(&self) -> &'static str {
            "database_003_inbox_progress"
        }
    }

    #[async_trait::async_trait]
    impl MigrationTrait for CreateInboxProgress {
        async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
            let table = Table::create()
                .table("inbox_progress")
                .col(text("consumer"))
                .col(text("source"))
                .col(big_integer("seq"))
                .primary_key(Index::create().col("consumer").col("source"))
                .to_owned();
            manager.create_table(table).await
        }
    }
}
