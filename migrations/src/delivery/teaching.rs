//! Teaching sets, and who was shown them.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    integer, json_binary_null, string, string_null, text_null, timestamp_with_time_zone,
    timestamp_with_time_zone_null,
};

#[derive(DeriveIden)]
enum TeachingSet {
    Table,
    Id,
    DiscussionId,
    CaseId,
    State,
    Code,
    Salt,
    Content,
    Slices,
    ImagesDone,
    Refusal,
    PreparedBy,
    PreparedAt,
    ReleasedBy,
    ReleasedAt,
    WithdrawnBy,
    WithdrawnAt,
    WithdrawalReason,
}

#[derive(DeriveIden)]
enum TeachingView {
    Table,
    SetId,
    Login,
    ShownAt,
}

pub(super) struct TeachingSets;

impl MigrationName for TeachingSets {
    fn name(&self) -> &'static str {
        "delivery_0006_teaching_sets"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for TeachingSets {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(sets()).await?;
        // Of two who have a case prepared at once, one is too late.
        let one = Index::create()
            .name("teaching_set_current")
            .table(TeachingSet::Table)
            .col(TeachingSet::DiscussionId)
            .unique()
            .and_where(Expr::col(TeachingSet::State).is_in(["preparing", "prepared", "released"]))
            .to_owned();
        manager.create_index(one).await?;
        let shown = Table::create()
            .table(TeachingView::Table)
            .col(string(TeachingView::SetId))
            .col(string(TeachingView::Login))
            .col(timestamp_with_time_zone(TeachingView::ShownAt))
            .primary_key(Index::create().col(TeachingView::SetId).col(TeachingView::Login))
            .foreign_key(
                ForeignKey::create()
                    .from(TeachingView::Table, TeachingView::SetId)
                    .to(TeachingSet::Table, TeachingSet::Id),
            )
            .to_owned();
        manager.create_table(shown).await
    }
}

/// What may leave says who looked at it; what leaves no more says why.
fn sets() -> TableCreateStatement {
    let is_set = |column| Expr::col(column).is_not_null();
    let released = is_set(TeachingSet::ReleasedBy).and(is_set(TeachingSet::ReleasedAt));
    let withdrawn = is_set(TeachingSet::WithdrawnBy)
        .and(is_set(TeachingSet::WithdrawnAt))
        .and(is_set(TeachingSet::WithdrawalReason));
    let state = |name: &'static str| Expr::col(TeachingSet::State).eq(name);
    Table::create()
        .table(TeachingSet::Table)
        .col(string(TeachingSet::Id).primary_key())
        .col(string(TeachingSet::DiscussionId))
        .col(string(TeachingSet::CaseId))
        .col(string(TeachingSet::State))
        .col(string(TeachingSet::Code))
        .col(string(TeachingSet::Salt))
        .col(string_null(TeachingSet::Content))
        .col(integer(TeachingSet::Slices))
        .col(integer(TeachingSet::ImagesDone))
        .col(json_binary_null(TeachingSet::Refusal))
        .col(string(TeachingSet::PreparedBy))
        .col(timestamp_with_time_zone(TeachingSet::PreparedAt))
        .col(string_null(TeachingSet::ReleasedBy))
        .col(timestamp_with_time_zone_null(TeachingSet::ReleasedAt))
        .col(string_null(TeachingSet::WithdrawnBy))
        .col(timestamp_with_time_zone_null(TeachingSet::WithdrawnAt))
        .col(text_null(TeachingSet::WithdrawalReason))
        .check(Expr::col(TeachingSet::State).is_in([
            "preparing",
            "refused",
            "prepared",
            "released",
            "withdrawn",
        ]))
        .check(state("preparing").or(state("refused")).or(is_set(TeachingSet::Content)))
        .check(state("refused").not().or(is_set(TeachingSet::Refusal)))
        .check(state("released").not().or(released))
        .check(state("withdrawn").not().or(withdrawn))
        .to_owned()
}
