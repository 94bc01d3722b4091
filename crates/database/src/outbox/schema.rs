//! The schema of the outbox.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_integer_null, big_pk_auto, integer, json_binary, text, text_null, text_uniq,
    timestamp_with_time_zone, timestamp_with_time_zone_null,
};

pub(crate) fn migrations() -> Vec<Box<dyn MigrationTrait>> {
    vec![Box::new(CreateOutbox)]
}

struct CreateOutbox;

impl MigrationName for CreateOutbox {
    fn name(&self) -> &'static str {
        "database_001_outbox"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for CreateOutbox {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let outbox = Table::create()
            .table("outbox")
            .col(big_pk_auto("position"))
            .col(text_uniq("id"))
            .col(text_null("service"))
            .col(big_integer_null("seq").unique_key())
            .col(integer("version"))
            .col(text("kind"))
            .col(timestamp_with_time_zone("occurred_at"))
            .col(json_binary("actor"))
            .col(text("subject"))
            .col(text_null("causation"))
            .col(text_null("trace"))
            .col(json_binary("event"))
            .col(timestamp_with_time_zone_null("sent_at"))
            .check(Expr::cust("(seq IS NULL) = (service IS NULL)"))
            .check(Expr::cust("sent_at IS NULL OR seq IS NOT NULL"))
            .to_owned();
        manager.create_table(outbox).await?;
        // The relay looks once a second for rows to send, in a table that only grows.
        let unsent = Index::create()
            .name("outbox_unsent")
            .table("outbox")
            .col("position")
            .and_where(Expr::col("sent_at").is_null())
            .to_owned();
        manager.create_index(unsent).await?;

        let relay = Table::create()
            .table("outbox_relay")
            .col(integer("id").primary_key().check(Expr::col("id").eq(1)))
            .col(text("holder"))
            .col(timestamp_with_time_zone("expires_at"))
            .col(big_integer("last_seq"))
            .to_owned();
        manager.create_table(relay).await?;
        let free = Query::insert()
            .into_table("outbox_relay")
            .columns(["id", "holder", "expires_at", "last_seq"])
            .values_panic([
                1.into(),
                "".into(),
                sea_orm::prelude::DateTimeUtc::UNIX_EPOCH.into(),
                0_i64.into(),
            ])
            .to_owned();
        manager.execute(free).await
    }
}
