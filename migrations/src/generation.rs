//! Tables of generation.

use sea_orm_migration::MigrationTrait;

/// The migrations, oldest first.
pub fn migrations() -> Vec<Box<dyn MigrationTrait>> {
    Vec::new()
}
