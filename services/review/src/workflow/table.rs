//! Every command in every state: what comes of it, or the code of the refusal, as `docs/review-states.md` shows it.

use super::*;
use crate::case::Slot;
use crate::fixtures::{
    act, adjudicator, case, content, critical_rejection, open, radiologist, reads, settle, settle_sampling,
    signing, start,
};
use chrono::TimeDelta;
use contract::review::{Stance, Verdict};
use contract::{Digest, Priority, ReleaseId};
use std::fmt::Write as _;

const DOCUMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/review-states.md");
const WHY: &str = "for a good reason";

/// Nine o'clock, an hour after the case was queued: when commands come.
fn now() -> Time {
    start() + TimeDelta::minutes(60)
}

/// A radiologist. A reads first, B second, C takes no part.
fn reader(letter: char) -> Reader {
    radiologist(letter as u128 - 'A' as u128 + 1)
}

type Make = fn(&mut Case);

/// Each state, by the shortest way there.
fn states() -> Vec<(&'static str, Make)> {
    let mut states = while_it_is_read();
    states.extend(once_concluded());
    states
}

fn while_it_is_read() -> Vec<(&'static str, Make)> {
    vec![
        ("queued", |_| {}),
        ("A holds a slot", |case| open(case, &reader('A'), now()).unwrap()),
        ("A's hold lapsed", |case| open(case, &reader('A'), start()).unwrap()),
        ("A signed and may still withdraw; B holds a slot", |case| {
            case.policy.finalisation_minutes = 10;
            reads(case, &reader('A'), content(Verdict::Accept), now());
            open(case, &reader('B'), now()).unwrap();
        }),
        ("A's read is final; B holds a slot", |case| {
            reads(case, &reader('A'), content(Verdict::Accept), now());
            open(case, &reader('B'), now()).unwrap();
        }),
        ("A could not judge", |case| reads(case, &reader('A'), content(Verdict::CannotJudge), now())),
        ("both accept, not concluded", |case| both(case, [Verdict::Accept, Verdict::Accept])),
        ("both reject, not concluded", |case| both(case, [Verdict::Reject, Verdict::Reject])),
        ("they differ, not concluded", |case| both(case, [Verdict::Accept, Verdict::Reject])),
        ("discordant", discordant),
        ("the adjudicator holds the third slot", |case| {
            discordant(case);
            open(case, &adjudicator(9), now()).unwrap();
        }),
        ("both accept, A would not any more, not concluded", |case| {
            both(case, [Verdict::Accept, Verdict::Accept]);
            does(case, &addendum(&reader('A'), Stance::Changes));
        }),
        ("a panel of two is wanted", |case| {
            reads(case, &reader('A'), critical_rejection(), now());
            reads(case, &reader('B'), content(Verdict::Accept), now());
            settle(case, now());
            reads(case, &adjudicator(8), content(Verdict::Accept), now());
            settle(case, now());
        }),
    ]
}

fn once_concluded() -> Vec<(&'static str, Make)> {
    vec![
        ("released", released),
        ("released, and drawn for the quality sample", |case| {
            both(case, [Verdict::Accept, Verdict::Accept]);
            settle_sampling(case, true, now());
        }),
        ("rejected", |case| {
            both(case, [Verdict::Reject, Verdict::Reject]);
            settle(case, now());
        }),
        ("held because of the stage", |case| {
            does(case, &Command::Hold(HoldReason::DeploymentStage));
        }),
        ("held by a coordinator", |case| {
            does(case, &by_hand(HoldReason::Coordinator));
        }),
        ("held by a coordinator, A's read is final", |case| {
            reads(case, &reader('A'), content(Verdict::Accept), now());
            does(case, &by_hand(HoldReason::Coordinator));
        }),
        ("held by a coordinator while the reads differ", |case| {
            discordant(case);
            does(case, &by_hand(HoldReason::Coordinator));
        }),
        ("A's signature does not count", |case| {
            reads(case, &reader('A'), content(Verdict::Accept), now());
            does(case, &by_hand(HoldReason::Coordinator));
            does(case, &invalidate('A'));
            does(case, &Command::ResumeByHand);
        }),
        ("deferred by a coordinator", |case| {
            does(case, &by_hand(HoldReason::Deferred));
        }),
        ("A put it off", |case| {
            open(case, &reader('A'), now()).unwrap();
            does(case, &Command::Defer { user: reader('A').user, reason: WHY.to_owned() });
        }),
        ("superseded while A held a slot", |case| {
            open(case, &reader('A'), now()).unwrap();
            does(case, &Command::Supersede);
        }),
        ("past its use, not concluded", |case| case.policy.expires_after_hours = 1),
        ("expired", |case| {
            case.policy.expires_after_hours = 1;
            settle(case, now());
        }),
        ("released, a recall is proposed", |case| {
            released(case);
            does(case, &propose());
        }),
        ("recalled", |case| {
            released(case);
            does(case, &propose());
            does(case, &confirm(21));
        }),
        ("released, and the source changed", |case| {
            released(case);
            does(case, &Command::Supersede);
        }),
    ]
}

fn does(case: &mut Case, command: &Command) {
    act(case, command, now()).unwrap();
}

fn both(case: &mut Case, verdicts: [Verdict; 2]) {
    reads(case, &reader('A'), content(verdicts[0]), now());
    reads(case, &reader('B'), content(verdicts[1]), now());
}

fn discordant(case: &mut Case) {
    both(case, [Verdict::Accept, Verdict::Reject]);
    settle(case, now());
}

fn released(case: &mut Case) {
    both(case, [Verdict::Accept, Verdict::Accept]);
    settle(case, now());
}

fn by_hand(reason: HoldReason) -> Command {
    Command::HoldByHand { reason, by: radiologist(22).user, words: WHY.to_owned() }
}

fn invalidate(signer: char) -> Command {
    Command::Invalidate { signer: reader(signer).user, by: radiologist(20).user, words: WHY.to_owned() }
}

fn addendum(reader: &Reader, stance: Stance) -> Command {
    Command::WriteAddendum { user: reader.user.clone(), stance, words: WHY.to_owned() }
}

fn change_priority() -> Command {
    Command::ChangePriority { priority: Priority::Urgent, by: radiologist(22).user, words: WHY.to_owned() }
}

fn propose() -> Command {
    Command::ProposeRecall { by: radiologist(20).user, words: WHY.to_owned() }
}

fn confirm(number: u128) -> Command {
    Command::ConfirmRecall { by: radiologist(number).user }
}

fn selected(confirmed_by: u128) -> Command {
    Command::RecallSelected(SelectedRecall {
        words: WHY.to_owned(),
        proposed_by: radiologist(20).user,
        proposed_at: start(),
        confirmed_by: radiologist(confirmed_by).user,
    })
}

/// Every command, by whoever it makes a difference.
fn commands(case: &Case) -> Vec<(String, Command)> {
    let mut all = Vec::new();
    for (who, reader) in
        [("A", reader('A')), ("B", reader('B')), ("C", reader('C')), ("adjudicator", adjudicator(9))]
    {
        let user = || reader.user.clone();
        let lease = LeaseId::from_bits(900);
        let version = case.draft_of(&reader.user).map_or(0, |draft| draft.version);
        let save = |version| SaveDraft { version, content: content(Verdict::Accept) };
        let other =
            Signing { case_digest: Digest::of(b"other"), ..signing(case, &reader, content(Verdict::Accept)) };
        let by_reader = [
            ("opens", Command::Open { reader: reader.clone(), lease }),
            ("gives back", Command::GiveBack { user: user() }),
            ("saves a draft", Command::SaveDraft { user: user(), save: save(version) }),
            (
                "saves a draft after another version",
                Command::SaveDraft { user: user(), save: save(version + 7) },
            ),
            ("signs", Command::Sign(Box::new(signing(case, &reader, content(Verdict::Accept))))),
            ("signs what is not the case's", Command::Sign(Box::new(other))),
            ("withdraws", Command::Withdraw { user: user(), reason: WHY.to_owned() }),
            ("defers", Command::Defer { user: user(), reason: WHY.to_owned() }),
            ("writes that the read is kept", addendum(&reader, Stance::Keeps)),
            ("writes that the read is changed", addendum(&reader, Stance::Changes)),
        ];
        all.extend(by_reader.map(|(what, command)| (format!("{who} {what}"), command)));
    }
    let settling = |may_release| Settling {
        may_release,
        identity_certain: true,
        release: ReleaseId::from_bits(901),
        sample: false,
    };
    let others = [
        ("lapsed holds are ended", Command::EndLapsedLeases),
        ("the conclusion is drawn", Command::Settle(settling(true))),
        ("the conclusion is drawn while the stage forbids", Command::Settle(settling(false))),
        ("the stage is moved down", Command::Hold(HoldReason::DeploymentStage)),
        ("the stage is back", Command::Resume(HoldReason::DeploymentStage)),
        ("the study is flagged", Command::Hold(HoldReason::Investigation)),
        ("the flag is lifted", Command::Resume(HoldReason::Investigation)),
        ("the identity comes into question", Command::Hold(HoldReason::Identity)),
        ("the identity is settled", Command::Resume(HoldReason::Identity)),
        ("a coordinator holds it", by_hand(HoldReason::Coordinator)),
        ("a coordinator defers it", by_hand(HoldReason::Deferred)),
        ("a coordinator lets it go on", Command::ResumeByHand),
        ("quality invalidates A's signature", invalidate('A')),
        ("a coordinator returns it", Command::Return),
        ("a coordinator revokes holds", Command::Revoke { words: WHY.to_owned() }),
        ("a coordinator makes it urgent", change_priority()),
        ("it is looked at whether it is overdue", Command::NoteOverdue),
        ("a newer run takes its place", Command::Supersede),
        ("a recall is proposed", propose()),
        ("who proposed a recall confirms it", confirm(20)),
        ("another person confirms a recall", confirm(21)),
        ("a recall of its selection is carried out", selected(21)),
        ("a recall of its selection by one person alone is carried out", selected(20)),
    ];
    all.extend(others.map(|(what, command)| (what.to_owned(), command)));
    all
}

/// What became of the case, in the words of the document.
fn effect(before: &Case, after: &Case, decision: &Decision) -> String {
    let told: Vec<&str> = decision.events.iter().map(Event::kind).collect();
    let (from, to) = (before.state(now()), after.state(now()));
    let becomes = if from == to { String::new() } else { format!(", becomes **{to:?}**") };
    let slots = |case: &Case| Slot::ALL.map(|slot| case.lease_in(slot, now()).map(|lease| lease.id.clone()));
    let renewed = told.is_empty() && slots(before) == slots(after);
    if renewed { "the hold is renewed".to_owned() } else { format!("`{}`{becomes}", told.join("`, `")) }
}

fn document() -> String {
    let mut text = "# Every command in every state of a case\n\
        Made by `./generate` from `services/review/src/workflow/table.rs`, and checked by a test. A and B are the first \
        readers, C is a radiologist who takes no part; reads are final at once unless it says otherwise; commands come \
        an hour after the case was queued.\n"
        .to_owned();
    for (name, make) in states() {
        let mut before = case();
        make(&mut before);
        write!(text, "\n## {name}\nState: **{:?}**\n\n", before.state(now())).unwrap();
        let (mut effects, mut idle) = (Vec::new(), Vec::new());
        let mut refused: Vec<(String, Vec<String>)> = Vec::new();
        for (what, command) in commands(&before) {
            let mut after = before.clone();
            match act(&mut after, &command, now()) {
                Ok(decision) if decision.is_empty() => idle.push(what),
                Ok(decision) => effects.push(format!("- {what}: {}\n", effect(&before, &after, &decision))),
                Err(refusal) => match refused.iter_mut().find(|(code, _)| *code == refusal.code) {
                    Some((_, who)) => who.push(what),
                    None => refused.push((refusal.code, vec![what])),
                },
            }
        }
        text.extend(effects);
        for (code, who) in refused {
            writeln!(text, "- refused `{code}`: {}", who.join(", ")).unwrap();
        }
        if !idle.is_empty() {
            writeln!(text, "- nothing: {}", idle.join(", ")).unwrap();
        }
    }
    text
}

#[test]
fn every_command_in_every_state_does_what_the_document_says() {
    let written = std::fs::read_to_string(DOCUMENT).unwrap_or_default();
    assert!(
        written == document(),
        "docs/review-states.md is out of date: run ./generate and read what changed"
    );
}

#[test]
#[ignore = "writes docs/review-states.md; ./generate runs it"]
fn writes_the_document() {
    std::fs::write(DOCUMENT, document()).unwrap();
}
