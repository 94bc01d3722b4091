//! Erasure and proofs live together: what is personal goes, and everything that was shown before can still be shown.

use crate::desk::Desk;
use audit::Verification;
use audit::proof::{Proven, check};
use chrono::TimeDelta;
use contract::audit::{
    ErasureRecord, ErasureScope, ErasureState, ExportFormat, ExportQuery, LedgerQuery, ProposeErasure,
};
use contract::{
    Actor, CaseId, ClientError, ErasureId, Event, LoginSessionId, ReadId, Role, SignatureId, UserId,
};
use database::scratch::Scratch;
use sea_orm::ConnectionTrait as _;
use sea_orm::sea_query::{Expr, ExprTrait as _, Query};
use std::time::{Duration, Instant};

const NAME: &str = "Dr. Yamada Tarō";
const ERASED: &str = "(erased on 2026-11-";

fn yamada() -> UserId {
    UserId::from_bits(70)
}

impl Desk {
    /// Dr. Yamada signs reads `1..=last`, told by review.
    async fn yamada_signs(&self, last: i64) {
        for seq in 1..=last {
            let actor = Actor::Person {
                user: yamada(),
                username: "yamada".to_owned(),
                printed_name: NAME.to_owned(),
                roles: vec![Role::Radiologist],
                login: LoginSessionId::from_bits(70),
            };
            let signed = Event::ReadSigned {
                case: CaseId::from_bits(seq as u128),
                read: ReadId::from_bits(seq as u128),
                signature: SignatureId::from_bits(seq as u128),
                verdict: contract::review::Verdict::Accept,
                case_digest: contract::Digest::of(b"case"),
                viewing: None,
            };
            self.publishes(&self.writes_as(seq, actor, signed)).await;
        }
        self.reaches(last as u64).await;
    }

    async fn wants_erased(&self, scope: ErasureScope) -> ErasureId {
        let wanted = ProposeErasure { scope, reason: "request 17 of the data protection officer".to_owned() };
        self.called_by_user(3, &[Role::Administrator]).propose_erasure(&wanted).await.unwrap().id
    }

    /// Waits until an erasure is carried out.
    async fn is_erased(&self, id: &ErasureId) -> ErasureRecord {
        let deadline = Instant::now() + Duration::from_secs(30);
        loop {
            let records = self.quality().erasures().await.unwrap();
            let record = records.into_iter().find(|record| record.id == *id).unwrap();
            if record.state == ErasureState::Completed {
                return record;
            }
            assert!(Instant::now() < deadline, "the erasure stays at {record:?}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Waits until the ledger says what became of an erasure.
    async fn tells_of(&self, id: &ErasureId, kind: &str) {
        let deadline = Instant::now() + Duration::from_secs(30);
        while !self.entries_about(Some(id.as_str())).await.iter().any(|entry| entry.kind == kind) {
            assert!(Instant::now() < deadline, "nothing tells {kind} of {id}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Everything that the database says beside the entries.
    async fn beside(&self) -> String {
        let rows = Query::select().column("personal").from("ledger_entry").to_owned();
        let rows = self.scratch.db.query_all(&rows).await.unwrap();
        rows.iter().map(|row| row.try_get_by_index::<String>(0).unwrap()).collect()
    }

    async fn exported(&self, format: ExportFormat) -> String {
        let query = ExportQuery { format, from: 0, to: None };
        self.quality().export(&query).send().await.unwrap().text().await.unwrap()
    }
}

async fn a_name_is_erased_by_two_people_and_everything_else_goes_on(scratch: Scratch) {
    let desk = Desk::open(&scratch).await;
    desk.yamada_signs(3).await;
    desk.is_checkpointed(3).await;
    let proof_before = desk.quality().inclusion(1).await.unwrap().unwrap();
    assert!(desk.exported(ExportFormat::Csv).await.contains(NAME));
    let id = desk.wants_erased(ErasureScope::Person { user: yamada() }).await;
    assert!(desk.beside().await.contains(NAME), "one person erases nothing");
    desk.quality().approve_erasure(&id).await.unwrap();
    let record = desk.is_erased(&id).await;
    assert_eq!((record.erased, record.proposed_by), (3, Some(UserId::from_bits(3))));
    let beside = desk.beside().await;
    assert!(!beside.contains("ada Tar") && !beside.contains("yamada"), "{beside}");

    // Search and exports go on and say that it is gone.
    let found = desk.entries_about(Some(yamada().as_str())).await;
    let signed: Vec<_> = found.iter().filter(|entry| entry.kind == "read.signed").collect();
    assert_eq!(signed.len(), 3);
    assert!(signed[0].sentence.starts_with(ERASED) && signed[0].sentence.contains("signed ACCEPT"));
    for format in ExportFormat::ALL {
        let text = desk.exported(format).await;
        assert!(!text.contains("ada Tar") && !text.contains("yamada"), "{format:?}: {text}");
        let marker = if format == ExportFormat::JsonLines { "\\terased\\t2026-11-" } else { ERASED };
        assert!(text.contains(marker), "{format:?}: {text}");
    }

    // So do proofs, those from before and new ones; and verification.
    for text in [proof_before.text, desk.quality().inclusion(1).await.unwrap().unwrap().text] {
        assert!(matches!(check(&text, &desk.key()), Ok(Proven::Inclusion { index: 1, .. })));
    }
    desk.stops().await;
    assert!(matches!(desk.verifies().await, Verification::Verified { beyond: 0, .. }));
}

async fn nobody_erases_alone_and_what_was_declined_stays(scratch: Scratch) {
    let desk = Desk::open(&scratch).await;
    desk.yamada_signs(1).await;
    let code = |outcome: Result<ErasureRecord, ClientError>| match outcome.unwrap_err() {
        ClientError::Refused { refusal, .. } => refusal.code,
        other => panic!("{other:?}"),
    };
    let wanted =
        ProposeErasure { scope: ErasureScope::Person { user: yamada() }, reason: "a request".to_owned() };
    let quality = desk.quality();
    let own = quality.propose_erasure(&wanted).await.unwrap();
    assert_eq!(code(quality.approve_erasure(&own.id).await), "second_person_wanted");
    let administrator = desk.called_by_user(3, &[Role::Administrator]);
    assert_eq!(code(administrator.approve_erasure(&own.id).await), "forbidden");
    for role in [Role::Radiologist, Role::Coordinator, Role::ClinicalOwner] {
        let other = desk.called_by_user(4, &[role]);
        assert_eq!(code(other.propose_erasure(&wanted).await), "forbidden");
        assert_eq!(code(other.decline_erasure(&own.id).await), "forbidden");
    }
    let declined = administrator.decline_erasure(&own.id).await.unwrap();
    assert_eq!(declined.state, ErasureState::Declined);
    let second = desk.called_by_user(5, &[Role::Quality]);
    assert_eq!(code(second.approve_erasure(&own.id).await), "not_open");
    assert!(desk.beside().await.contains(NAME));
    desk.tells_of(&own.id, "erasure.declined").await;
}

async fn what_was_typed_into_a_search_is_erased_by_the_number_of_its_entry(scratch: Scratch) {
    let desk = Desk::open(&scratch).await;
    desk.records(1).await;
    let query = LedgerQuery::about("Suzuki^Hanako");
    desk.quality().entries(&query).await.unwrap();
    desk.reaches(2).await;
    let searched = desk.entries_about(None).await.into_iter().find(|entry| entry.subject == "Suzuki^Hanako");
    let entries = vec![searched.unwrap().index];
    let id = desk.wants_erased(ErasureScope::Entries { entries }).await;
    desk.quality().approve_erasure(&id).await.unwrap();
    assert_eq!(desk.is_erased(&id).await.erased, 1);
    for format in ExportFormat::ALL {
        assert!(!desk.exported(format).await.contains("Hanako"), "{format:?}");
    }
    assert!(!desk.beside().await.contains("Hanako"));
}

async fn content_is_erased_when_it_is_older_than_it_is_kept(scratch: Scratch) {
    let desk = Desk::open_with(&scratch, |config| config.personal_retention_days = 200).await;
    desk.yamada_signs(2).await;
    desk.clock.advance(TimeDelta::days(201));
    let deadline = Instant::now() + Duration::from_secs(30);
    while desk.beside().await.contains(NAME) {
        assert!(Instant::now() < deadline, "it is kept for ever");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let records = desk.quality().erasures().await.unwrap();
    assert_eq!((records.len(), &records[0].scope, &records[0].proposed_by), (1, &ErasureScope::Older, &None));
    desk.stops().await;
    assert!(matches!(desk.verifies().await, Verification::Verified { .. }));
}

async fn who_erases_behind_the_ledger_is_found(scratch: Scratch) {
    let desk = Desk::open(&scratch).await;
    desk.yamada_signs(3).await;
    desk.is_checkpointed(3).await;
    desk.stops().await;
    for (personal, what) in [
        (
            "actor\terased\t2026-11-28T09:00:00Z",
            "its personal content is gone, and no entry says that it was erased",
        ),
        ("", "its personal content is not what was committed to"),
    ] {
        let forge = Query::update()
            .table("ledger_entry")
            .value("personal", personal)
            .and_where(Expr::col("position").eq(1))
            .to_owned();
        scratch.db.execute(&forge).await.unwrap();
        assert_eq!(desk.verifies().await, Verification::Altered { index: 1, what: what.to_owned() });
    }
}

database::on_both_databases!(
    a_name_is_erased_by_two_people_and_everything_else_goes_on,
    nobody_erases_alone_and_what_was_declined_stays,
    what_was_typed_into_a_search_is_erased_by_the_number_of_its_entry,
    content_is_erased_when_it_is_older_than_it_is_kept,
    who_erases_behind_the_ledger_is_found,
);
