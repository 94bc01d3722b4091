//! Bringing a schema up to date.

use crate::{Error, dialect, inbox, outbox, transaction};
use sea_orm::DatabaseConnection;
use sea_orm_migration::migrator::MigratorTraitSelf;
use sea_orm_migration::{MigrationTrait, SchemaManager};

/// Brings the schema of a service up to date: the tables of outbox and inbox, then `migrations`, in this order and
/// in one transaction. Several processes may do it at the same time; one works and the others find it done.
pub async fn migrate(db: &DatabaseConnection, migrations: Vec<Box<dyn MigrationTrait>>) -> Result<(), Error> {
    let mut all = outbox::migrations();
    all.extend(inbox::migrations());
    all.extend(migrations);
    apply(db, all).await
}

/// Applies exactly `migrations`.
pub(crate) async fn apply(
    db: &DatabaseConnection,
    migrations: Vec<Box<dyn MigrationTrait>>,
) -> Result<(), Error> {
    let (txn, _turn) = transaction::begin(db).await?;
    dialect::lock_schema(&txn).await.map_err(Error::Migrate)?;
    let migrator = Migrator(migrations.into_iter().map(std::sync::Arc::from).collect());
    migrator.up(&txn, None).await.map_err(Error::Migrate)?;
    txn.commit().await.map_err(Error::Migrate)
}

struct Migrator(Vec<std::sync::Arc<dyn MigrationTrait>>);

impl MigratorTraitSelf for Migrator {
    fn migrations(&self) -> Vec<Box<dyn MigrationTrait>> {
        self.0.iter().map(|migration| Box::new(Shared(migration.clone())) as _).collect()
    }
}

/// The migrator asks for its list several times, but a migration can't be cloned.
struct Shared(std::sync::Arc<dyn MigrationTrait>);

impl sea_orm_migration::MigrationName for Shared {
    fn name(&self) -> &str {
        self.0.name()
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Shared {
    async fn up(&self, manager: &SchemaManager) -> Result<(), sea_orm::DbErr> {
        self.0.up(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), sea_orm::DbErr> {
        self.0.down(manager).await
    }
}
