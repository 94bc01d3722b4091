//! The schema of `bus.sqlite`.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, big_pk_auto, blob, integer, integer_null, json_binary, text};

pub(super) fn migrations() -> Vec<Box<dyn MigrationTrait>> {
    vec![Box::new(CreateBus)]
}

struct CreateBus;

impl MigrationName for CreateBus {
    fn name(&self) -> &'static str {
        "bus_001_queues"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for CreateBus {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let queue = Table::create()
            .table("queue")
            .col(text("name").primary_key())
            .col(integer_null("delivery_limit"))
            .to_owned();
        manager.create_table(queue).await?;

        let binding = Table::create()
            .table("binding")
            .col(text("queue"))
            .col(text("topic"))
            .primary_key(Index::create().col("queue").col("topic"))
            .foreign_key(ForeignKey::create().from("binding", "queue").to("queue", "name"))
            .to_owned();
        manager.create_table(binding).await?;

        let message = Table::create()
            .table("message")
            .col(big_pk_auto("id"))
            .col(text("queue"))
            .col(text("message_id"))
            .col(json_binary("headers"))
            .col(blob("body"))
            .col(big_integer("due_ms"))
            .col(integer("attempt"))
            .col(integer("deliveries"))
            .foreign_key(ForeignKey::create().from("message", "queue").to("queue", "name"))
            .to_owned();
        manager.create_table(message).await?;
        let order = Index::create().name("message_order").table("message").col("queue").col("id").to_owned();
        manager.create_index(order).await
    }
}
