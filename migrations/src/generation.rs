//! Tables of generation: runs, their accepted results and the derived instances.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_integer_null, double, integer, json_binary, json_binary_null, text, text_null,
    timestamp_with_time_zone, timestamp_with_time_zone_null,
};

/// The migrations, oldest first.
pub fn migrations() -> Vec<Box<dyn MigrationTrait>> {
    vec![Box::new(Runs), Box::new(Results), Box::new(StoredBytes), Box::new(Turns)]
}

struct Runs;

impl MigrationName for Runs {
    fn name(&self) -> &'static str {
        "generation_0001_runs"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Runs {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let phases = ["waiting", "queued", "running", "reported", "completed", "failed", "superseded"];
        let runs = Table::create()
            .table("run")
            .col(text("id").primary_key())
            .col(text("job").unique_key())
            .col(text("deployment"))
            .col(text("model"))
            .col(text("stage"))
            .col(text("series"))
            .col(text("study"))
            .col(text("source_set"))
            .col(text("volume"))
            .col(text("phase"))
            .col(integer("attempt"))
            .col(big_integer("fence"))
            .col(timestamp_with_time_zone("due_at"))
            .col(timestamp_with_time_zone("deadline"))
            .col(double("fraction"))
            .col(text_null("failure_code"))
            .col(text_null("failure"))
            .col(json_binary_null("report"))
            .col(text_null("trace"))
            .col(timestamp_with_time_zone("requested_at"))
            .col(timestamp_with_time_zone_null("reported_at"))
            .col(timestamp_with_time_zone_null("ended_at"))
            .col(integer("version"))
            .check(Expr::col("phase").is_in(phases))
            .check(Expr::cust("(phase = 'failed') = (failure_code IS NOT NULL)"))
            .check(Expr::cust("(phase IN ('completed', 'failed', 'superseded')) = (ended_at IS NOT NULL)"))
            .check(Expr::cust("(report IS NULL) = (reported_at IS NULL)"))
            .to_owned();
        manager.create_table(runs).await?;
        for (name, columns) in [
            ("run_due", ["phase", "due_at"]),
            ("run_series", ["series", "id"]),
            ("run_study", ["study", "id"]),
        ] {
            let mut index = Index::create();
            index.name(name).table("run");
            for column in columns {
                index.col(column);
            }
            manager.create_index(index).await?;
        }
        Ok(())
    }
}

struct Results;

impl MigrationName for Results {
    fn name(&self) -> &'static str {
        "generation_0002_results"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Results {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // One row for a run, whatever happens: the first accepted result is fixed, nothing is overwritten.
        let mut run = ForeignKey::create();
        run.from("result", "run").to("run", "id");
        let results = Table::create()
            .table("result")
            .col(text("run").primary_key())
            .col(text("case_digest"))
            .col(json_binary("scores"))
            .col(json_binary("cost"))
            .col(json_binary("regions"))
            .col(timestamp_with_time_zone("accepted_at"))
            .foreign_key(&mut run)
            .to_owned();
        manager.create_table(results).await?;
        let mut result = ForeignKey::create();
        result.from("derived_instance", "run").to("result", "run");
        let instances = Table::create()
            .table("derived_instance")
            .col(text("sop_instance_uid").primary_key())
            .col(text("run"))
            .col(text("role"))
            .col(text("series_instance_uid"))
            .col(text("sop_class_uid"))
            .col(text("digest"))
            .col(text("object"))
            .col(integer("slice"))
            .check(Expr::col("role").is_in(["image", "uncertainty", "lower", "upper"]))
            .foreign_key(&mut result)
            .to_owned();
        manager.create_table(instances).await?;
        let once = Index::create()
            .name("derived_instance_once")
            .table("derived_instance")
            .col("run")
            .col("role")
            .col("slice")
            .unique()
            .to_owned();
        manager.create_index(once).await?;
        let series = Index::create()
            .name("derived_instance_series")
            .table("derived_instance")
            .col("series_instance_uid")
            .to_owned();
        manager.create_index(series).await
    }
}

/// How much room a result takes; not known of those before.
struct StoredBytes;

impl MigrationName for StoredBytes {
    fn name(&self) -> &'static str {
        "generation_0003_stored_bytes"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for StoredBytes {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::alter().table("result").add_column(big_integer_null("stored_bytes")).to_owned();
        manager.alter_table(table).await
    }
}

/// How soon runs are wanted, and in which order their jobs are published.
struct Turns;

impl MigrationName for Turns {
    fn name(&self) -> &'static str {
        "generation_0004_turns"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Turns {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // SQLite adds one column at a time.
        for column in [text("priority").default("routine").take(), timestamp_with_time_zone_null("turn_at")] {
            manager.alter_table(Table::alter().table("run").add_column(column).to_owned()).await?;
        }
        let known = Query::update().table("run").value("turn_at", Expr::col("requested_at")).to_owned();
        manager.execute(known).await?;
        let order = Index::create().name("run_turn").table("run").col("phase").col("turn_at").to_owned();
        manager.create_index(order).await
    }
}
