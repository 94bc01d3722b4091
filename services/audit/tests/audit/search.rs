//! The ledger, searched by id, person and time, over more entries than one block of its index has.

use crate::desk::Desk;
use chrono::TimeDelta;
use contract::audit::LedgerQuery;
use contract::{Actor, CaseId, Envelope, Event, EventId, LoginSessionId, Role, RunId, Time, UserId};
use database::scratch::Scratch;
use platform::{Clock as _, Random};

database::on_both_databases!(
    what_mentions_an_id_is_found_wherever_it_stands,
    what_several_groups_mention_mentions_one_of_each,
    a_time_is_found_by_when_entries_were_recorded,
    what_nobody_can_mention_is_refused_or_finds_nothing,
);

/// Two blocks of the index and a bit.
const ENTRIES: u64 = 17_000;
/// Entries that are recorded at once; each batch is an hour after the one before.
const BATCH: u64 = 1_000;
/// Where a rare person stands: at the ends of the ledger, on both sides of the end of a block, and together.
const RARE: [u64; 7] = [0, 1, 8_191, 8_192, 9_000, 16_383, 16_999];

fn began() -> Time {
    "2026-01-01T00:00:00Z".parse().unwrap()
}

fn person(bits: u128) -> UserId {
    UserId::from_bits(bits)
}

/// One person is everywhere, another seldom; a case has 40 neighbouring entries.
fn envelope(number: u64) -> Envelope {
    let user = person(if RARE.contains(&number) { 7 } else { 8 });
    let case = CaseId::from_bits(u128::from(number / 40));
    Envelope {
        id: EventId::from_bits(u128::from(number)),
        service: "archive".to_owned(),
        seq: number as i64 + 1,
        version: 1,
        occurred_at: began(),
        actor: Actor::Person {
            user,
            username: "someone".to_owned(),
            printed_name: "Someone".to_owned(),
            roles: vec![Role::Radiologist],
            login: LoginSessionId::from_bits(1),
        },
        subject: case.to_string(),
        causation: None,
        trace: None,
        event: Event::CaseQueued { case, run: RunId::from_bits(1) },
    }
}

async fn filled(scratch: &Scratch) -> Desk {
    let desk = Desk::open(scratch).await;
    let random = Random::seeded(1);
    for batch in 0..ENTRIES / BATCH {
        let envelopes = (batch * BATCH..(batch + 1) * BATCH).map(envelope).collect();
        let recorded_at = began() + TimeDelta::hours(batch as i64);
        audit::entry_append(&scratch.db, &random, recorded_at, envelopes).await.unwrap();
    }
    assert!(desk.clock.now() > began());
    desk
}

/// The numbers of everything that is found, by pages of three.
async fn found(desk: &Desk, mut query: LedgerQuery) -> Vec<u64> {
    query.page.first = Some(3);
    let mut indexes = Vec::new();
    loop {
        let page = desk.quality().entries(&query).await.unwrap();
        indexes.extend(page.items.iter().map(|item| item.node.index));
        query.page.after = page.items.last().map(|item| item.cursor.clone());
        if !page.has_next_page {
            return indexes;
        }
    }
}

fn newest_first(numbers: impl IntoIterator<Item = u64>) -> Vec<u64> {
    let mut numbers: Vec<u64> = numbers.into_iter().collect();
    numbers.sort_unstable_by(|a, b| b.cmp(a));
    numbers
}

async fn what_mentions_an_id_is_found_wherever_it_stands(scratch: Scratch) {
    let desk = filled(&scratch).await;
    // The looks of quality are entries as well, of nobody and nothing that is looked for here.
    assert_eq!(found(&desk, LedgerQuery::about(person(7))).await, newest_first(RARE));
    let case = CaseId::from_bits(8_190 / 40);
    assert_eq!(found(&desk, LedgerQuery::about(case)).await, newest_first(8_160..8_200));
    let mut common = LedgerQuery::about(person(8));
    common.page.first = Some(4);
    let newest = desk.quality().entries(&common).await.unwrap();
    assert!(newest.has_next_page);
    let indexes: Vec<u64> = newest.items.iter().map(|item| item.node.index).collect();
    assert_eq!(indexes, [16_998, 16_997, 16_996, 16_995]);
}

async fn what_several_groups_mention_mentions_one_of_each(scratch: Scratch) {
    let desk = filled(&scratch).await;
    let cases = [0_u128, 9_000 / 40].map(|case| CaseId::from_bits(case).to_string());
    let mentioning = vec![cases.to_vec(), vec![person(7).to_string()]];
    assert_eq!(found(&desk, LedgerQuery { mentioning, ..LedgerQuery::default() }).await, [9_000, 1, 0]);
}

async fn a_time_is_found_by_when_entries_were_recorded(scratch: Scratch) {
    let desk = filled(&scratch).await;
    let of_time = |since: Option<i64>, until: Option<i64>| LedgerQuery {
        since: since.map(|minutes| began() + TimeDelta::minutes(minutes)),
        until: until.map(|minutes| began() + TimeDelta::minutes(minutes)),
        ..LedgerQuery::about(person(7))
    };
    // The ninth batch, 8,000 to 8,999, was recorded at the eighth hour.
    assert_eq!(found(&desk, of_time(Some(480), Some(480))).await, [8_192, 8_191]);
    assert_eq!(found(&desk, of_time(Some(481), None)).await, [16_999, 16_383, 9_000]);
    assert_eq!(found(&desk, of_time(None, Some(479))).await, [1, 0]);
    assert!(found(&desk, of_time(Some(485), Some(530))).await.is_empty());
    let mut whole_hour = of_time(Some(480), Some(480));
    whole_hour.mentioning.clear();
    whole_hour.page.first = Some(2);
    let newest = desk.quality().entries(&whole_hour).await.unwrap();
    assert_eq!(newest.items.iter().map(|item| item.node.index).collect::<Vec<_>>(), [8_999, 8_998]);
}

async fn what_nobody_can_mention_is_refused_or_finds_nothing(scratch: Scratch) {
    let desk = Desk::open(&scratch).await;
    desk.records(1).await;
    let run = RunId::from_bits(1).to_string();
    let empty = LedgerQuery { mentioning: vec![vec![run.clone()], Vec::new()], ..LedgerQuery::default() };
    assert!(found(&desk, empty).await.is_empty(), "of nobody is not of everybody");
    let too_many = vec![vec![run; contract::audit::LEDGER_IDS_MAX + 1]];
    let refused =
        desk.quality().entries(&LedgerQuery { mentioning: too_many, ..LedgerQuery::default() }).await;
    assert!(refused.is_err());
}
