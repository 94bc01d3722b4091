//! Tables of rollout: model versions, deployments, their stages and proposals, and what the router decided.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    double, integer, json_binary, json_binary_null, small_integer, text, text_null, timestamp_with_time_zone,
    timestamp_with_time_zone_null,
};

mod capacity;
mod comparison;
mod economics;
mod governance;
mod site;
mod stop;

/// The migrations, oldest first.
pub fn migrations() -> Vec<Box<dyn MigrationTrait>> {
    vec![
        Box::new(Models),
        Box::new(Deployments),
        Box::new(Promotions),
        Box::new(Routings),
        Box::new(stop::Stops),
        Box::new(Packages),
        Box::new(economics::Economics),
        Box::new(governance::Governance),
        Box::new(capacity::Waits),
        Box::new(ModelInputs),
        Box::new(comparison::Comparisons),
        Box::new(capacity::WaitPriorities),
        Box::new(site::Sites),
        Box::new(RunParameters),
    ]
}

/// A condition that `column` holds one of the stages.
fn is_stage(column: &'static str) -> SimpleExpr {
    Expr::col(column).is_in(["suspended", "shadow", "pilot", "supervised", "general"])
}

struct Models;

impl MigrationName for Models {
    fn name(&self) -> &'static str {
        "rollout_0001_models"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Models {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let models = Table::create()
            .table("model_version")
            .col(text("id").primary_key())
            .col(text("name"))
            .col(text("version"))
            .col(text("task"))
            .col(text("weights"))
            .col(text("intended_use"))
            .col(json_binary("limits"))
            .col(text("content_qualification"))
            .col(text("card"))
            .col(json_binary("metrics"))
            .col(integer("calibration_subjects"))
            .col(double("uncertainty_range"))
            .col(text("unit"))
            .col(timestamp_with_time_zone("registered_at"))
            .to_owned();
        manager.create_table(models).await?;
        // A version never changes: there is one of each name and number.
        let once = Index::create()
            .name("model_version_once")
            .table("model_version")
            .col("name")
            .col("version")
            .unique()
            .to_owned();
        manager.create_index(once).await
    }
}

struct Deployments;

impl MigrationName for Deployments {
    fn name(&self) -> &'static str {
        "rollout_0002_deployments"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Deployments {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut model = ForeignKey::create();
        model.from("deployment", "model_version").to("model_version", "id");
        let deployments = Table::create()
            .table("deployment")
            .col(text("id").primary_key())
            .col(text("name").unique_key())
            .col(text("model_version"))
            .col(text("site"))
            .col(json_binary("rule"))
            .col(text("pool"))
            .col(text("stage"))
            .col(text_null("banner"))
            .col(timestamp_with_time_zone("stage_since"))
            .check(is_stage("stage"))
            .foreign_key(&mut model)
            .to_owned();
        manager.create_table(deployments).await
    }
}

struct Promotions;

impl MigrationName for Promotions {
    fn name(&self) -> &'static str {
        "rollout_0003_promotions"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Promotions {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let policies = Table::create()
            .table("gate_policy")
            .col(text("version").primary_key())
            .col(json_binary("policy"))
            .to_owned();
        manager.create_table(policies).await?;
        proposals(manager).await?;
        stage_changes(manager).await
    }
}

async fn proposals(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut deployment = ForeignKey::create();
    deployment.from("proposal", "deployment").to("deployment", "id");
    let proposals = Table::create()
        .table("proposal")
        .col(text("id").primary_key())
        .col(text("deployment"))
        .col(text("stage"))
        .col(text("reason"))
        .col(text("proposed_by"))
        .col(text("proposed_by_name"))
        .col(timestamp_with_time_zone("proposed_at"))
        .col(text("state"))
        .col(json_binary("gate"))
        .col(text_null("approved_by"))
        .col(text_null("approved_by_name"))
        .col(timestamp_with_time_zone_null("approved_at"))
        .col(text_null("signing_nonce").unique_key())
        .check(is_stage("stage"))
        .check(Expr::col("state").is_in(["open", "approved", "lapsed"]))
        // Two people, always: the same rule as in the workflow, where nothing can get around it.
        .check(Expr::cust("approved_by IS NULL OR approved_by <> proposed_by"))
        .check(Expr::cust("(state = 'approved') = (approved_by IS NOT NULL)"))
        .check(Expr::cust("(state = 'approved') = (signing_nonce IS NOT NULL)"))
        .foreign_key(&mut deployment)
        .to_owned();
    manager.create_table(proposals).await?;
    let one_open = Index::create()
        .name("proposal_one_open")
        .table("proposal")
        .col("deployment")
        .unique()
        .and_where(Expr::col("state").eq("open"))
        .to_owned();
    manager.create_index(one_open).await
}

async fn stage_changes(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut deployment = ForeignKey::create();
    deployment.from("stage_change", "deployment").to("deployment", "id");
    let mut proposal = ForeignKey::create();
    proposal.from("stage_change", "proposal").to("proposal", "id");
    let changes = Table::create()
        .table("stage_change")
        .col(text("deployment"))
        .col(integer("number"))
        .col(text_null("from_stage"))
        .col(text("to_stage"))
        .col(timestamp_with_time_zone("changed_at"))
        .col(json_binary("actor"))
        .col(text("reason"))
        .col(text_null("proposal"))
        .col(json_binary_null("gate"))
        .primary_key(Index::create().col("deployment").col("number"))
        .check(is_stage("to_stage"))
        .foreign_key(&mut deployment)
        .foreign_key(&mut proposal)
        .to_owned();
    manager.create_table(changes).await
}

struct Routings;

impl MigrationName for Routings {
    fn name(&self) -> &'static str {
        "rollout_0004_routings"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Routings {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let routings = Table::create()
            .table("routing")
            .col(text("series").primary_key())
            .col(text("source_set"))
            .col(json_binary("outcomes"))
            .col(timestamp_with_time_zone("routed_at"))
            .to_owned();
        manager.create_table(routings).await?;
        let mut deployment = ForeignKey::create();
        deployment.from("run_request", "deployment").to("deployment", "id");
        let requests = Table::create()
            .table("run_request")
            .col(text("run").primary_key())
            .col(text("deployment"))
            .col(text("series"))
            .col(text("source_set"))
            .col(text("stage"))
            .col(timestamp_with_time_zone("requested_at"))
            .check(is_stage("stage"))
            .foreign_key(&mut deployment)
            .to_owned();
        manager.create_table(requests).await
    }
}

/// What a signed package says of a model, beside its description.
struct Packages;

impl MigrationName for Packages {
    fn name(&self) -> &'static str {
        "rollout_0006_packages"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Packages {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut training_subjects = json_binary("training_subjects");
        training_subjects.default("[]");
        let columns = [
            text_null("regulatory_reference"),
            training_subjects,
            text_null("licence"),
            text_null("publisher"),
            text_null("manifest"),
        ];
        for column in columns {
            manager.alter_table(Table::alter().table("model_version").add_column(column).to_owned()).await?;
        }
        Ok(())
    }
}

/// What a model takes.
struct ModelInputs;

impl MigrationName for ModelInputs {
    fn name(&self) -> &'static str {
        "rollout_0009_model_inputs"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for ModelInputs {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // What was registered before is of the one family there was: CT, three slices in, and one alone has no neighbour.
        let (mut modality, mut slices_min) = (text("modality"), integer("slices_min"));
        modality.default("CT");
        slices_min.default(2);
        for column in [modality, slices_min] {
            manager.alter_table(Table::alter().table("model_version").add_column(column).to_owned()).await?;
        }
        Ok(())
    }
}

/// How a deployment's images are made: what of the texture is given back, and how its model draws them.
struct RunParameters;

impl MigrationName for RunParameters {
    fn name(&self) -> &'static str {
        "rollout_0013_run_parameters"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for RunParameters {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let (mut steps, mut samples) = (integer("sampler_steps"), integer("samples"));
        for column in [steps.default(1), samples.default(1)] {
            let table = Table::alter().table("model_version").add_column(column.take()).to_owned();
            manager.alter_table(table).await?;
        }
        let mut texture = small_integer("texture_percent");
        texture.default(0).check(Expr::cust("texture_percent BETWEEN 0 AND 100"));
        manager.alter_table(Table::alter().table("deployment").add_column(texture).to_owned()).await
    }
}
