//! Somebody with write access to the database against somebody with `countersign ledger verify`.

use sea_orm::sea_query::{Expr, ExprTrait as _, Query};
use sea_orm::{ConnectionTrait as _, DatabaseConnection};
use tests::{Stack, ledger, sha256};

/// Alters, drops and reorders entries of a stopped stack's ledger. Each is nearer to the beginning than the one before
/// it, so that it is the first bad one.
pub(crate) async fn whatever_is_changed_in_the_ledger_is_named(stack: &Stack) {
    let arguments = stack.ledger_arguments();
    let (code, words) = ledger::verify(&arguments);
    assert_eq!(code, 0, "{words}");
    assert!(words.starts_with("whole: "), "{words}");
    let size: i64 = words["whole: ".len()..].split(' ').next().unwrap().parse().unwrap();
    assert!(size > 40, "a story has many entries: {words}");
    let (elsewhere, key) = (tempfile::tempdir().unwrap(), "--key".to_owned());
    let no_key = elsewhere.path().join("ledger.vkey").display().to_string();
    let (code, words) = ledger::verify(&[arguments.clone(), vec![key, no_key]].concat());
    assert_eq!(code, 2, "without a key nothing can be told: {words}");

    let db = database::connect(&stack.database_url(), "audit").await.unwrap();
    let (dropped, altered, reordered) = (size / 4, size / 2, size - 5);
    let names = |at: i64| {
        let (code, words) = ledger::verify(&arguments);
        assert_eq!(code, 1, "{words}");
        assert!(
            words.contains(&format!("altered: entry {at}: ")),
            "entry {at} is the first bad one: {words}"
        );
        words
    };
    reorder(&db, reordered).await;
    assert!(names(reordered).contains("reordered"));
    alter(&db, altered).await;
    names(altered);
    drop_entry(&db, dropped).await;
    names(dropped);
    db.close().await.unwrap();
}

/// Rewrites an entry and the hash beside it, as somebody would who knows how the ledger is made.
async fn alter(db: &DatabaseConnection, position: i64) {
    let select = Query::select()
        .column("entry")
        .from("ledger_entry")
        .and_where(Expr::col("position").eq(position))
        .to_owned();
    let row = db.query_one(&select).await.unwrap().unwrap();
    let entry: String = row.try_get("", "entry").unwrap();
    // Another year: the text stays in canonical form.
    let forged = entry.replacen("\"202", "\"203", 1);
    assert_ne!(forged, entry);
    // RFC 6962: the hash of a leaf is that of a zero byte and its content.
    let leaf = sha256(&[&[0], forged.as_bytes()].concat());
    let update = Query::update()
        .table("ledger_entry")
        .values([("entry", forged.into()), ("leaf", leaf.into())])
        .and_where(Expr::col("position").eq(position))
        .to_owned();
    db.execute(&update).await.unwrap();
}

/// Swaps two neighbours.
async fn reorder(db: &DatabaseConnection, position: i64) {
    forget_mentions(db, position).await;
    forget_mentions(db, position + 1).await;
    let aside = 1_000_000;
    for (from, to) in [(position, aside), (position + 1, position), (aside, position + 1)] {
        let update = Query::update()
            .table("ledger_entry")
            .value("position", to)
            .and_where(Expr::col("position").eq(from))
            .to_owned();
        db.execute(&update).await.unwrap();
    }
}

async fn drop_entry(db: &DatabaseConnection, position: i64) {
    forget_mentions(db, position).await;
    let delete =
        Query::delete().from_table("ledger_entry").and_where(Expr::col("position").eq(position)).to_owned();
    db.execute(&delete).await.unwrap();
}

/// The list of ids by which an entry is found hangs on the entry.
async fn forget_mentions(db: &DatabaseConnection, position: i64) {
    let delete =
        Query::delete().from_table("ledger_mention").and_where(Expr::col("position").eq(position)).to_owned();
    db.execute(&delete).await.unwrap();
}
