//! Two worlds with the same studies, which differ only in what one reader did. What another may not know of it must show
//! in nothing that they can ask, hear or be refused: every query of the schema, every id that they ever saw, commands
//! that are refused, DICOMweb and files with their headers, and subscriptions. Only what chance and the clock drew is
//! taken out.

use crate::reading::{case_of, until_told};
use serde_json::Value;
use std::collections::BTreeSet;
use std::time::Duration;
use tests::people::Answer;
use tests::schema::{Field, Schema};
use tests::socket::Socket;
use tests::stand_in::StandIns;
use tests::wait::until;
use tests::{Person, Stack, Study};

/// Headers that clock and chance draw, and the length that follows from the words they are put in.
const DRAWN: [&str; 4] = ["date", "x-request-id", "content-length", "set-cookie"];
/// Two instants of the grid on which worklists are looked at, and some.
const A_WHILE: Duration = Duration::from_secs(5);
const TICKS: &str = "subscription { worklistChanged }";
/// An id of each kind that nobody was given.
const NOBODYS: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaa";

/// One of the worlds.
struct World {
    stack: Stack,
    schema: Schema,
    /// Whom the others must not learn from.
    other: Person,
    /// Holds a slot.
    first: Person,
    /// Reads what is made anew of a source.
    later: Person,
    /// Could take a slot and has none.
    third: Person,
    adjudicator: Person,
    quality: Person,
}

pub(crate) async fn are_one(stacks: [Stack; 2]) {
    let [one, two] = stacks;
    let (mut quiet, mut busy) = tokio::join!(World::of(one), World::of(two));
    whoever_holds_a_slot_learns_nothing_of_the_other_read(&quiet, &busy).await;
    a_new_case_of_a_source_tells_nothing_of_reads_of_the_old_one(&quiet, &busy).await;
    an_adjudicator_learns_the_first_reads_with_the_own_one(&quiet, &busy).await;
    tokio::join!(quiet.stack.stops(), busy.stack.stops());
}

impl World {
    async fn of(mut stack: Stack) -> Self {
        let later = stack.adds("rad4", "Four^Demo Radiologist", "radiologist").await;
        let third = stack.adds("rad5", "Five^Demo Radiologist", "radiologist").await;
        Self {
            schema: Schema::of_the_gateway(),
            other: stack.person("rad2").await,
            first: stack.person("rad1").await,
            adjudicator: stack.person("rad3").await,
            quality: stack.person("quality").await,
            later,
            third,
            stack,
        }
    }

    /// Everything that a person can ask now, and what they are answered.
    async fn all_that(&self, person: &Person, case: &str, study: &Study) -> Vec<String> {
        let mut asking =
            Asking { person, stand_ins: StandIns::default(), seen: BTreeSet::new(), told: Vec::new() };
        for query in self.schema.queries() {
            let arguments = arguments(query, case);
            let text = format!("{{ {}{arguments}{} }}", query.name, self.schema.selection(query));
            asking.asks(&text).await;
        }
        asking.looks_up_every_id(&self.schema).await;
        for (name, input) in refusable(case) {
            let text =
                format!("mutation {{ {name}(input: {input}) {{ refusal {{ code message remedy }} }} }}");
            asking.asks(&text).await;
        }
        asking.gets_everything(case, study).await;
        asking.told
    }
}

/// The arguments of a query, where it needs some; a new one fails until it is said here how it is asked.
fn arguments(query: &Field, case: &str) -> String {
    let period = "from: \"2026-01-01T00:00:00Z\", to: \"2126-01-01T00:00:00Z\"";
    let plan = "margin: 0.0, alpha: 0.05, looks: [20, 40], readers: 1, drawPerMille: 100";
    let deployment = format!("deployment_{NOBODYS}");
    let given = match query.name.as_str() {
        _ if query.required.is_empty() && query.is_paged => "first: 5".to_owned(),
        _ if query.required.is_empty() => return String::new(),
        "case" => format!("id: \"{case}\""),
        "study" | "recallCampaign" | "comparisonPair" | "discussion" => {
            format!("id: \"{}_{NOBODYS}\"", query.name)
        }
        "teachingSets" => format!("discussionId: \"discussion_{NOBODYS}\""),
        "quarantineAsSent" => format!("entryId: \"quarantine_{NOBODYS}\""),
        "stopRules" | "useRuleVersions" => format!("deploymentId: \"{deployment}\""),
        "gateCases" => format!("deploymentId: \"{deployment}\", by: ALL"),
        "recallPreview" => format!("selection: {{ deploymentId: \"{deployment}\" }}"),
        "comparisonDesign" => format!("plan: {{ {plan} }}, noPreference: 0.2"),
        "economics" | "qualityFigures" | "qualityWatch" | "sentinelFigures" | "readingScores" => {
            period.to_owned()
        }
        "stopRulesPreview" => "rules: { rules: [] }".to_owned(),
        "dryRun" => format!("input: {{ deploymentId: \"{deployment}\", limit: 5 }}"),
        "dryRunOfNew" => "input: { rule: { modality: \"CT\" }, limit: 5 }".to_owned(),
        "sitePreview" => "input: { name: \"north\", series: 5, scanners: [] }".to_owned(),
        new => panic!("'{new}' is new: say here how everybody asks it"),
    };
    format!("({given})")
}

/// Commands that a reader may try, and which change nothing because they are refused or repeat what is.
fn refusable(case: &str) -> Vec<(&'static str, String)> {
    let of_case = format!("caseId: \"{case}\"");
    let why = "reason: \"to see what is said\"";
    [
        ("withdrawRead", format!("{of_case}, {why}")),
        ("writeAddendum", format!("{of_case}, stance: KEEPS, words: \"no\"")),
        ("holdCase", format!("{of_case}, kind: INVESTIGATION, {why}")),
        ("resumeCase", of_case.clone()),
        ("returnCase", of_case.clone()),
        ("proposeRecall", format!("{of_case}, {why}")),
        ("confirmRecall", of_case.clone()),
        ("changeCasePriority", format!("{of_case}, priority: URGENT, {why}")),
    ]
    .into_iter()
    .map(|(name, input)| (name, format!("{{ {input} }}")))
    .collect()
}

/// Somebody who asks everything, and what they were told so far.
struct Asking<'p> {
    person: &'p Person,
    stand_ins: StandIns,
    /// Ids in the answers.
    seen: BTreeSet<String>,
    told: Vec<String>,
}

impl Asking<'_> {
    async fn asks(&mut self, query: &str) {
        let answer = self.person.answer(query, &Value::Null).await;
        let mut body: Value = serde_json::from_slice(&answer.body).unwrap();
        in_order_of_study(&mut body);
        self.collect(&body);
        let said = self.stand_ins.of(&body);
        self.notes(query, &answer, &said);
    }

    async fn gets(&mut self, path: &str, accept: &str) {
        let answer = self.person.answer_at(path, accept).await;
        // Objects that were made in this world hold its UIDs; what was received is the same in both.
        let said = match String::from_utf8(answer.body.clone()) {
            Ok(text) => self.stand_ins.words(&text),
            Err(_) if path.contains("/2.25.") => "derived bytes".to_owned(),
            Err(_) => tests::sha256(&answer.body),
        };
        self.notes(path, &answer, &said);
    }

    fn notes(&mut self, asked: &str, answer: &Answer, said: &str) {
        let headers = answer.headers.iter().filter(|(name, _)| !DRAWN.contains(&name.as_str()));
        let headers: Vec<String> =
            headers.map(|(name, value)| format!("{name}: {}", self.stand_ins.words(value))).collect();
        let asked = self.stand_ins.words(asked);
        self.told.push(format!("{asked}\n{} {}\n{said}", answer.status, headers.join("; ")));
    }

    fn collect(&mut self, value: &Value) {
        match value {
            Value::Object(map) => map.values().for_each(|value| self.collect(value)),
            Value::Array(values) => values.iter().for_each(|value| self.collect(value)),
            Value::String(text)
                if text.rsplit_once('_').is_some_and(|(_, rest)| rest.len() == NOBODYS.len()) =>
            {
                self.seen.insert(text.clone());
            }
            _ => {}
        }
    }

    /// Asks of each id that was ever seen whether it is one of something else, too.
    async fn looks_up_every_id(&mut self, schema: &Schema) {
        let field = |name: &str| schema.queries().iter().find(|query| query.name == name).unwrap();
        let mut answers = Vec::new();
        for id in self.seen.clone() {
            for name in ["case", "study", "recallCampaign", "comparisonPair", "discussion"] {
                let text = format!("{{ {name}(id: \"{id}\"){} }}", schema.selection(field(name)));
                answers.push((id.clone(), text));
            }
            answers
                .push((id.clone(), format!("{{ ledger(subject: \"{id}\") {{ nodes {{ index kind }} }} }}")));
        }
        // In the order in which they were first seen, which is that of the worlds and not that of chance.
        answers.sort_by_key(|(id, _)| self.stand_ins.words(id));
        for (_, text) in answers {
            self.asks(&text).await;
        }
    }

    /// Everything below DICOMweb that belongs to the case, and the files of the door.
    async fn gets_everything(&mut self, case: &str, study: &Study) {
        let of_study = format!("/dicom-web/studies/{}", study.study_instance_uid);
        let json = "application/dicom+json";
        for path in ["/dicom-web/studies", "/dicom-web/studies?limit=1", &format!("{of_study}/series")] {
            self.gets(path, json).await;
        }
        let query = format!(
            "{{ case(id: \"{case}\") {{ derived {{ seriesInstanceUid instances {{ sopInstanceUid }} }} }} }}"
        );
        let answer = self.person.answer(&query, &Value::Null).await;
        let known: Value = serde_json::from_slice(&answer.body).unwrap();
        let mut series = vec![(study.series_instance_uid.clone(), study.instances[0].0.clone())];
        for derived in known["data"]["case"]["derived"].as_array().into_iter().flatten() {
            let uid = |value: &Value| value.as_str().unwrap().to_owned();
            series
                .push((uid(&derived["seriesInstanceUid"]), uid(&derived["instances"][0]["sopInstanceUid"])));
        }
        for (series, instance) in series {
            self.gets(&format!("{of_study}/series/{series}/instances"), json).await;
            self.gets(&format!("{of_study}/series/{series}/instances/{instance}"), "application/dicom").await;
            self.gets(&format!("{of_study}/series/{series}/instances/2.25.1"), "application/dicom").await;
        }
        for path in ["/ledger/export?format=csv", "/ledger/entries/1/inclusion", "/quality/report"] {
            self.gets(path, "*/*").await;
        }
    }
}

/// The order of a worklist is its reader's own and random: here by study.
fn in_order_of_study(body: &mut Value) {
    if let Some(nodes) = body["data"]["worklist"]["nodes"].as_array_mut() {
        nodes.sort_by_key(|node| node["study"]["studyInstanceUid"].to_string());
    }
}

/// Asserts that two worlds told a person the same.
fn assert_same(who: &str, one: &[String], two: &[String]) {
    assert_eq!(one.len(), two.len(), "{who} has as much to ask in both worlds");
    for (one, two) in one.iter().zip(two) {
        let same = one.bytes().zip(two.bytes()).take_while(|(one, two)| one == two).count();
        let from =
            |text: &str| String::from_utf8_lossy(&text.as_bytes()[same.saturating_sub(200)..]).into_owned();
        let asked = one.chars().take(80).collect::<String>();
        assert!(
            one == two,
            "{who} is told of the other reader by {asked} …: {:.400} … is not {:.400} …",
            from(one),
            from(two)
        );
    }
}

/// Asserts that nothing was heard over subscriptions while something happened.
async fn assert_silent(who: &str, sockets: &[&Socket]) {
    tokio::time::sleep(A_WHILE).await;
    for socket in sockets {
        assert_eq!(socket.heard(), Vec::<Value>::new(), "{who} hears of the other reader");
    }
}

async fn signs(world: &World, person: &Person, case: &str, verdict: &str, count: usize) {
    person.signs(case, verdict).await;
    until_told(&world.quality, case, "read.signed", count).await;
}

/// In the quiet world the other reader does nothing; in the busy one they take the other slot and reject.
async fn whoever_holds_a_slot_learns_nothing_of_the_other_read(quiet: &World, busy: &World) {
    let study = Study::chest_ct(1);
    let begin = async |world: &World| {
        let case = case_of(&world.stack, &world.first, &study).await;
        world.first.reads(&case).await;
        case
    };
    let (in_quiet, in_busy) = tokio::join!(begin(quiet), begin(busy));
    let listens = async |world: &World| world.first.listens(TICKS).await;
    let (hears_quiet, hears_busy) = tokio::join!(listens(quiet), listens(busy));

    assert!(busy.third.offered(&study.study_instance_uid).await.is_some(), "a slot is free");
    busy.other.reads(&in_busy).await;
    assert!(busy.third.offered(&study.study_instance_uid).await.is_none(), "and now none is");
    let (third_hears, adjudicator_hears) =
        tokio::join!(busy.third.listens(TICKS), busy.adjudicator.listens(TICKS));
    let before = [
        busy.all_that(&busy.third, &in_busy, &study).await,
        busy.all_that(&busy.adjudicator, &in_busy, &study).await,
    ];
    signs(busy, &busy.other, &in_busy, "REJECT", 1).await;
    assert_silent("who has no slot", &[&third_hears, &adjudicator_hears]).await;
    assert_silent("who holds a slot", &[&hears_quiet, &hears_busy]).await;
    let after = [
        busy.all_that(&busy.third, &in_busy, &study).await,
        busy.all_that(&busy.adjudicator, &in_busy, &study).await,
    ];
    assert_same("who could take a slot", &before[0], &after[0]);
    assert_same("who may be asked to decide", &before[1], &after[1]);

    let (one, two) = tokio::join!(
        quiet.all_that(&quiet.first, &in_quiet, &study),
        busy.all_that(&busy.first, &in_busy, &study)
    );
    assert_same("who holds a slot", &one, &two);
    let (third, adjudicator) = tokio::join!(
        quiet.all_that(&quiet.third, &in_quiet, &study),
        quiet.all_that(&quiet.adjudicator, &in_quiet, &study)
    );
    assert_same("who may be asked to decide", &adjudicator, &after[1]);
    let differ = third.iter().zip(&after[0]).filter(|(one, two)| one != two).count();
    assert!(differ > 0 && third.iter().any(|told| told.contains("AVAILABLE")), "availability shows");
    // And nothing else: where the slot is only held it is as where the read was signed.
    quiet.other.reads(&in_quiet).await;
    let third = quiet.all_that(&quiet.third, &in_quiet, &study).await;
    assert_same("who could take a slot", &third, &after[0]);
}

/// The last slice comes late, and the case is made anew; in the busy world the old one has been rejected by the other.
async fn a_new_case_of_a_source_tells_nothing_of_reads_of_the_old_one(quiet: &World, busy: &World) {
    // The first eight slices make a volume that a deployment wants.
    let whole = Study::chest_ct_of(2, 9);
    let part = |slices: &[(String, Vec<u8>)]| Study { instances: slices.to_vec(), ..whole.clone() };
    let (early, late) = (part(&whole.instances[..8]), part(&whole.instances[8..]));
    let made_anew = async |world: &World, other_signs: bool| {
        let old = case_of(&world.stack, &world.later, &early).await;
        if other_signs {
            signs(world, &world.other, &old, "REJECT", 1).await;
        }
        world.stack.scanner().sends(&late);
        let new = until("the case is made anew", 120, || async {
            let offered = world.later.offered(&whole.study_instance_uid).await?;
            (offered != old).then_some(offered)
        })
        .await;
        world.later.reads(&new).await;
        new
    };
    let (in_quiet, in_busy) = tokio::join!(made_anew(quiet, false), made_anew(busy, true));
    let (one, two) = tokio::join!(
        quiet.all_that(&quiet.later, &in_quiet, &whole),
        busy.all_that(&busy.later, &in_busy, &whole)
    );
    assert_same("who reads the same source again", &one, &two);
}

/// The first reads are swapped between the worlds; with the own read the difference comes out.
async fn an_adjudicator_learns_the_first_reads_with_the_own_one(quiet: &World, busy: &World) {
    let study = Study::chest_ct(3);
    let discordant = async |world: &World, verdicts: [&str; 2]| {
        let case = case_of(&world.stack, &world.third, &study).await;
        signs(world, &world.third, &case, verdicts[0], 1).await;
        signs(world, &world.other, &case, verdicts[1], 2).await;
        until("the third reader is asked", 30, || world.adjudicator.offered(&study.study_instance_uid)).await;
        case
    };
    let (in_quiet, in_busy) = tokio::join!(
        discordant(quiet, ["ACCEPT", "REJECT"]),
        discordant(busy, ["REJECT", "ACCEPT_WITH_LIMITATION"])
    );
    let decides = async |world: &World, case: &str| {
        let offered = world.all_that(&world.adjudicator, case, &study).await;
        world.adjudicator.reads(case).await;
        let held = world.all_that(&world.adjudicator, case, &study).await;
        world.adjudicator.adjudicates(case, "REJECT").await;
        let decided = until("the reads show", 30, || async {
            let told = world.all_that(&world.adjudicator, case, &study).await;
            told.iter().any(|told| told.contains("Reader α")).then_some(told)
        })
        .await;
        [offered, held, decided]
    };
    let (one, two) = tokio::join!(decides(quiet, &in_quiet), decides(busy, &in_busy));
    assert_same("who is asked to decide", &one[0], &two[0]);
    assert_same("who is deciding", &one[1], &two[1]);
    assert_ne!(one[2], two[2], "the worlds do differ");
}
