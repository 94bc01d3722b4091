//! Reading at shadow: cases that are drawn for it, and credentials that name who reads them.

use super::ReviewCase;
use super::oversight::Credential;
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{boolean, string};

pub(super) struct Evaluations;

impl MigrationName for Evaluations {
    fn name(&self) -> &'static str {
        "review_0009_evaluations"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Evaluations {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let drawn = Table::alter()
            .table(ReviewCase::Table)
            .add_column(boolean(ReviewCase::IsDrawn).default(false))
            .to_owned();
        manager.alter_table(drawn).await?;
        let purpose = Table::alter()
            .table(Credential::Table)
            .add_column(string(Credential::Purpose).default("clinical"))
            .to_owned();
        manager.alter_table(purpose).await
    }
}
