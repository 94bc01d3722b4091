//! What the scanner says of its magnet, as it says it.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::text;

#[derive(DeriveIden)]
enum Series {
    Table,
    MagneticFieldStrength,
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
