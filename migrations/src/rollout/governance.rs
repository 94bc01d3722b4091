//! What takes more than one person: the approvals of a promotion, and rules that a second person adopts.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    integer, json_binary, text, text_null, timestamp_with_time_zone, timestamp_with_time_zone_null,
};

pub(super) struct Governance;

impl MigrationName for Governance {
    fn name(&self) -> &'static str {
        "rollout_0008_governance"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Governance {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(approvals()).await?;
        manager.exec_stmt(former_approvals()).await?;
        manager.create_table(rules_proposals()).await?;
        // Two proposals about the same thing would overtake each other.
        let one_open = Index::create()
            .name("rules_proposal_open")
            .table("rules_proposal")
            .col("subject")
            .unique()
            .and_where(Expr::col("state").eq("open"))
            .to_owned();
        manager.create_index(one_open).await
    }
}

/// One person approves a proposal once, in one capacity, with one signature.
fn approvals() -> TableCreateStatement {
    Table::create()
        .table("proposal_approval")
        .col(text("proposal"))
        .col(text("capacity"))
        .col(text("approved_by"))
        .col(text("approved_by_name"))
        .col(timestamp_with_time_zone("approved_at"))
        .col(text("signing_nonce").unique_key())
        .primary_key(Index::create().col("proposal").col("capacity"))
        .index(Index::create().unique().col("proposal").col("approved_by"))
        .check(Expr::col("capacity").is_in(["quality", "clinical_owner", "physicist"]))
        .foreign_key(ForeignKey::create().from("proposal_approval", "proposal").to("proposal", "id"))
        .to_owned()
}

/// One approval was enough before, and it was that of quality or of the clinical owner.
fn former_approvals() -> InsertStatement {
    let former = Query::select()
        .columns(["id"])
        .expr(Expr::val("quality"))
        .columns(["approved_by", "approved_by_name", "approved_at", "signing_nonce"])
        .from("proposal")
        .and_where(Expr::col("state").eq("approved"))
        .and_where(Expr::col("signing_nonce").is_not_null())
        .to_owned();
    Query::insert()
        .into_table("proposal_approval")
        .columns(["proposal", "capacity", "approved_by", "approved_by_name", "approved_at", "signing_nonce"])
        .select_from(former)
        .expect("as many columns as values")
        .to_owned()
}

fn rules_proposals() -> TableCreateStatement {
    Table::create()
        .table("rules_proposal")
        .col(text("id").primary_key())
        // `gates`, or the deployment whose stop rules these are.
        .col(text("subject"))
        .col(json_binary("content"))
        .col(integer("follows"))
        .col(text("reason"))
        .col(text("proposed_by"))
        .col(text("proposed_by_name"))
        .col(timestamp_with_time_zone("proposed_at"))
        .col(text("state"))
        .col(text_null("decided_by"))
        .col(text_null("decided_by_name"))
        .col(timestamp_with_time_zone_null("decided_at"))
        .col(ColumnDef::new("signing_nonce").text().unique_key())
        .check(Expr::col("state").is_in(["open", "adopted", "declined"]))
        .check(Expr::col("decided_by").is_null().or(Expr::col("decided_by").ne(Expr::col("proposed_by"))))
        .to_owned()
}
