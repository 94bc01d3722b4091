//! What the scanner says of its magnet, its software and its pixels, as it says it.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{double_null, text};

#[derive(DeriveIden)]
enum Series {
    Table,
    MagneticFieldStrength,
    SoftwareVersions,
    PixelSpacingMm,
}

pub(super) struct FieldStrengths;

impl MigrationName for FieldStrengths {
    fn name(&self) -> &'static str {
        "intake_0008_field_strengths"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for FieldStrengths {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let column = text(Series::MagneticFieldStrength).default("").take();
        let strength = Table::alter().table(Series::Table).add_column(column).to_owned();
        manager.alter_table(strength).await
    }
}

pub(super) struct InputStatistics;

impl MigrationName for InputStatistics {
    fn name(&self) -> &'static str {
        "intake_0010_input_statistics"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for InputStatistics {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let software = text(Series::SoftwareVersions).default("").take();
        for column in [software, double_null(Series::PixelSpacingMm)] {
            let added = Table::alter().table(Series::Table).add_column(column).to_owned();
            manager.alter_table(added).await?;
        }
        Ok(())
    }
}
