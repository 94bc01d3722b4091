//! What somebody takes home from the ledger: proofs and exports.

use crate::desk::Desk;
use audit::proof::{Proven, check};
use contract::audit::{ExportFormat, ExportQuery};
use contract::{CaseId, ClientError};
use database::scratch::Scratch;
use sea_orm::ConnectionTrait as _;
use sea_orm::sea_query::{Expr, ExprTrait as _, Query};
use serde_json::Value;

async fn each_entry_is_proved_to_somebody_with_the_public_key_alone(scratch: Scratch) {
    let desk = Desk::open(&scratch).await;
    desk.records(7).await;
    desk.is_checkpointed(7).await;
    for index in 0..7 {
        let file = desk.quality().inclusion(index).await.unwrap().unwrap();
        let Proven::Inclusion { index: shown, entry, checkpoint } = check(&file.text, &desk.key()).unwrap()
        else {
            panic!("another proof")
        };
        assert_eq!((shown, entry.envelope.service.as_str()), (index, "review"));
        assert!(checkpoint.size >= 7);
    }
    assert!(desk.quality().inclusion(1_000).await.unwrap().is_none());
}

async fn a_later_ledger_is_proved_to_continue_the_earlier_one(scratch: Scratch) {
    let desk = Desk::open(&scratch).await;
    desk.records(3).await;
    desk.is_checkpointed(3).await;
    for seq in 4..=9 {
        desk.publishes(&desk.writes(seq)).await;
    }
    desk.reaches(9).await;
    desk.is_checkpointed(9).await;
    let file = desk.quality().consistency(1).await.unwrap().unwrap();
    let Proven::Consistency { former, latter } = check(&file.text, &desk.key()).unwrap() else {
        panic!("another proof")
    };
    assert!(former.size >= 3 && former.size < latter.size && latter.size >= 9, "{former:?} {latter:?}");
}

async fn an_entry_that_no_checkpoint_vouches_for_yet_has_no_proof(scratch: Scratch) {
    let desk = Desk::open(&scratch).await;
    desk.records(1).await;
    desk.is_checkpointed(1).await;
    desk.publishes(&desk.writes(2)).await;
    desk.reaches(2).await;
    let refused = desk.quality().inclusion(1).await.unwrap_err();
    let ClientError::Refused { refusal, .. } = refused else { panic!("{refused:?}") };
    assert_eq!(refusal.code, "not_signed_yet");
}

async fn a_proof_is_not_made_from_tiles_that_were_tampered_with(scratch: Scratch) {
    let desk = Desk::open(&scratch).await;
    desk.records(5).await;
    desk.is_checkpointed(5).await;
    let forge = Query::update()
        .table("ledger_tile")
        .value("hashes", vec![7_u8; 160])
        .and_where(Expr::col("level").eq(0))
        .to_owned();
    scratch.db.execute(&forge).await.unwrap();
    assert!(matches!(desk.quality().inclusion(2).await, Err(ClientError::Unexpected { status: 500, .. })));
}

async fn an_export_that_broke_off_goes_on_where_it_ended(scratch: Scratch) {
    let desk = Desk::open(&scratch).await;
    desk.records(6).await;
    let mut lines = Vec::new();
    for (from, to) in [(0, 4), (4, 6)] {
        let query = ExportQuery { format: ExportFormat::JsonLines, from, to: Some(to) };
        let answer = desk.quality().export(&query).send().await.unwrap();
        lines.extend(answer.text().await.unwrap().lines().map(str::to_owned));
    }
    let told: Vec<Value> = lines.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    let indexes: Vec<u64> = told.iter().map(|line| line["index"].as_u64().unwrap()).collect();
    assert_eq!(indexes, [0, 1, 2, 3, 4, 5]);
    assert!(told.iter().all(|line| line["entry"]["envelope"]["type"] == "case.queued"));
}

async fn every_form_of_export_names_every_case(scratch: Scratch) {
    let desk = Desk::open(&scratch).await;
    desk.records(3).await;
    for format in ExportFormat::ALL {
        let query = ExportQuery { format, from: 0, to: Some(3) };
        let answer = desk.quality().export(&query).send().await.unwrap();
        assert_eq!(answer.headers()["content-type"], format.media_type());
        let text = answer.text().await.unwrap();
        for seq in 1..=3 {
            assert!(text.contains(CaseId::from_bits(seq).as_str()), "{format:?}: {text}");
        }
        assert_eq!(text.lines().count(), if format == ExportFormat::Csv { 4 } else { 3 });
    }
}

database::on_both_databases!(
    each_entry_is_proved_to_somebody_with_the_public_key_alone,
    a_later_ledger_is_proved_to_continue_the_earlier_one,
    an_entry_that_no_checkpoint_vouches_for_yet_has_no_proof,
    a_proof_is_not_made_from_tiles_that_were_tampered_with,
    an_export_that_broke_off_goes_on_where_it_ended,
    every_form_of_export_names_every_case,
);
