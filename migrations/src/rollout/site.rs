//! Sites with their scanners, as versions.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    boolean, integer, integer_null, json_binary, text, timestamp_with_time_zone,
};

pub(super) struct Sites;

impl MigrationName for Sites {
    fn name(&self) -> &'static str {
        "rollout_0012_sites"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Sites {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let sites = Table::create()
            .table("site")
            .col(text("id").primary_key())
            .col(text("name").unique_key())
            .col(boolean("is_registered"))
            .col(json_binary("scanners"))
            .to_owned();
        manager.create_table(sites).await?;
        let mut site = ForeignKey::create();
        site.from("site_version", "site").to("site", "id");
        let versions = Table::create()
            .table("site_version")
            .col(text("site"))
            .col(integer("version"))
            .col(boolean("is_registered"))
            .col(json_binary("scanners"))
            .col(json_binary("difference"))
            .col(text("changed_by"))
            .col(text("changed_by_name"))
            .col(timestamp_with_time_zone("changed_at"))
            .col(text("reason"))
            .col(integer_null("differing"))
            .col(integer_null("looked_at"))
            .primary_key(Index::create().col("site").col("version"))
            .foreign_key(&mut site)
            .to_owned();
        manager.create_table(versions).await?;
        // A sender belongs to one site: the same rule as in the decision, where nothing can get around it.
        let mut site = ForeignKey::create();
        site.from("site_sender", "site").to("site", "id");
        let senders = Table::create()
            .table("site_sender")
            .col(text("sender").primary_key())
            .col(text("site"))
            .foreign_key(&mut site)
            .to_owned();
        manager.create_table(senders).await
    }
}
