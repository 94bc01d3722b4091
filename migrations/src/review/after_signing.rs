//! What comes after a signature: addenda, and confirmation under a corrected identity.

use super::{ReviewCase, SignedRead};
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    json_binary_null, small_integer, string, string_null, text, timestamp_with_time_zone,
};

#[derive(DeriveIden)]
enum Added {
    /// Of a case: digest over the volumes of source and result.
    Volumes,
    /// Of a read: the assertion of the signer's passkey.
    PersonalKey,
}

#[derive(DeriveIden)]
enum Addendum {
    Table,
    ReadId,
    Place,
    CaseId,
    Stance,
    Words,
    WrittenAt,
}

pub(super) struct AfterSigning;

impl MigrationName for AfterSigning {
    fn name(&self) -> &'static str {
        "review_0012_after_signing"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for AfterSigning {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let volumes =
            Table::alter().table(ReviewCase::Table).add_column(string_null(Added::Volumes)).to_owned();
        manager.alter_table(volumes).await?;
        let key = Table::alter()
            .table(SignedRead::Table)
            .add_column(json_binary_null(Added::PersonalKey))
            .to_owned();
        manager.alter_table(key).await?;
        let addenda = Table::create()
            .table(Addendum::Table)
            .col(string(Addendum::ReadId))
            .col(small_integer(Addendum::Place))
            .col(string(Addendum::CaseId))
            .col(string(Addendum::Stance))
            .col(text(Addendum::Words))
            .col(timestamp_with_time_zone(Addendum::WrittenAt))
            .primary_key(Index::create().col(Addendum::ReadId).col(Addendum::Place))
            .check(Expr::col(Addendum::Stance).is_in(["keeps", "changes"]))
            .foreign_key(
                ForeignKey::create()
                    .from(Addendum::Table, Addendum::ReadId)
                    .to(SignedRead::Table, SignedRead::Id),
            )
            .foreign_key(
                ForeignKey::create()
                    .from(Addendum::Table, Addendum::CaseId)
                    .to(ReviewCase::Table, ReviewCase::Id),
            )
            .to_owned();
        manager.create_table(addenda).await?;
        let by_case =
            Index::create().name("addendum_case").table(Addendum::Table).col(Addendum::CaseId).to_owned();
        manager.create_index(by_case).await
    }
}
