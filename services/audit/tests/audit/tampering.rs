//! Somebody with write access to the database meets somebody with nothing but the exported checkpoints and the
//! public key.

use crate::desk::Desk;
use audit::Verification;
use database::scratch::Scratch;
use sea_orm::ConnectionTrait as _;
use sea_orm::sea_query::{Expr, ExprTrait as _, Query};

async fn whole_until_somebody_changes_a_row(scratch: Scratch) {
    let desk = Desk::open(&scratch).await;
    desk.records(5).await;
    desk.is_checkpointed(5).await;
    assert_eq!(desk.verifies().await, Verification::Verified { size: 5, beyond: 0 });

    let forge = Query::update()
        .table("ledger_entry")
        .value("seq", 99)
        .and_where(Expr::col("position").eq(3))
        .to_owned();
    scratch.db.execute(&forge).await.unwrap();
    let Verification::Altered { index, what } = desk.verifies().await else { panic!("not found") };
    assert_eq!((index, what.as_str()), (3, "its seq was changed beside its content"));
}

async fn an_entry_that_is_no_longer_found_by_its_ids_is_found_here(scratch: Scratch) {
    let desk = Desk::open(&scratch).await;
    desk.records(3).await;
    desk.is_checkpointed(3).await;
    let hide = Query::delete().from_table("ledger_mention").and_where(Expr::col("position").eq(1)).to_owned();
    scratch.db.execute(&hide).await.unwrap();
    let Verification::Altered { index, .. } = desk.verifies().await else { panic!("not found") };
    assert_eq!(index, 1);
}

async fn entries_cut_off_the_end_are_missed(scratch: Scratch) {
    let desk = Desk::open(&scratch).await;
    desk.records(4).await;
    desk.is_checkpointed(4).await;
    let tables = ["ledger_mention", "ledger_entry"];
    for table in tables {
        let cut = Query::delete().from_table(table).and_where(Expr::col("position").gte(2)).to_owned();
        scratch.db.execute(&cut).await.unwrap();
    }
    let Verification::Altered { index, .. } = desk.verifies().await else { panic!("not found") };
    assert_eq!(index, 2);
}

/// Whatever is missing or can't be reached is neither good nor bad, and what was forked or set back is never "unknown".
async fn r31_verified_altered_and_cannot_tell_are_three_outcomes(scratch: Scratch) {
    let desk = Desk::open(&scratch).await;
    desk.records(3).await;
    let nowhere = std::path::Path::new("/nowhere");
    let unreachable = audit::verify("postgres://nobody@127.0.0.1:1/none", nowhere, nowhere, None).await;
    assert_eq!(unreachable.exit_code(), 2, "{unreachable:?}");
    let unsigned = audit::verify_database(&scratch.db, nowhere, &desk.key_file(), None).await;
    assert_eq!(unsigned.exit_code(), 2, "a ledger without checkpoints is not fine: {unsigned:?}");
    desk.is_checkpointed(3).await;
    desk.stops().await;
    assert_eq!(desk.verifies().await, Verification::Verified { size: 3, beyond: 0 });
    // A checkpoint of a longer ledger was taken elsewhere: this database is an older backup of it.
    let older = desk.holds_beside(7).await;
    assert_eq!(older.exit_code(), 1, "{older:?}");
    // One of the same length with another root: the ledger was forked.
    let forked = desk.holds_beside(3).await;
    assert_eq!(forked.exit_code(), 1, "{forked:?}");
}

async fn nothing_can_be_told_before_the_first_checkpoint(scratch: Scratch) {
    let desk = Desk::open(&scratch).await;
    assert_eq!(desk.verifies().await.exit_code(), 2);
}

async fn the_last_entries_are_signed_when_the_service_stops(scratch: Scratch) {
    let desk = Desk::open(&scratch).await;
    desk.records(3).await;
    desk.stops().await;
    assert_eq!(desk.verifies().await, Verification::Verified { size: 3, beyond: 0 });
}

database::on_both_databases!(
    whole_until_somebody_changes_a_row,
    an_entry_that_is_no_longer_found_by_its_ids_is_found_here,
    entries_cut_off_the_end_are_missed,
    r31_verified_altered_and_cannot_tell_are_three_outcomes,
    nothing_can_be_told_before_the_first_checkpoint,
    the_last_entries_are_signed_when_the_service_stops,
);
