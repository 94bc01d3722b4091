//! Teaching sets: from the discussed case to the file that leaves, and everything that must not.

use crate::hospital::{Case, Hospital, lesson, told, told_all};
use contract::ClientError;
use contract::delivery::{
    Delivery, PrepareTeachingSet, ReleaseTeachingSet, TeachingSeries, TeachingSet, TeachingSetState,
    TeachingSetsQuery, WithdrawTeachingSet,
};
use contract::generation::{DerivedInstance, DerivedRole, DerivedSeries};
use contract::intake::Instance;
use contract::{DiscussionId, Event, Refusal, Role};
use database::on_both_databases;
use database::scratch::Scratch;
use dicom_io::fixture::{CtSeries, DataSet};
use dicom_io::{TransferSyntax, read, tags, write};
use platform::Shutdown;
use std::collections::BTreeSet;
use std::io::Read as _;
use std::time::Duration;

on_both_databases! {
    a_teaching_set_is_made_looked_at_released_and_taken_along,
    what_names_or_shows_the_patient_is_not_taught,
    a_set_that_was_withdrawn_leaves_no_more_and_another_one_is_made,
    teaching_sets_are_for_quality_alone,
    images_that_are_no_longer_what_was_looked_at_do_not_leave,
}

const SLICES: u16 = 3;

fn slices() -> Vec<DataSet> {
    let series =
        CtSeries { matrix: (64, 64), patient_id: "SECRET-NUMBER".to_owned(), ..CtSeries::new("1.2.3") };
    (0..SLICES)
        .map(|slice| {
            let named = series.slice(slice).text(tags::PATIENT_NAME, *b"PN", "Secretname^Ann");
            named.text(tags::INSTITUTION_NAME, *b"LO", "Secret hospital")
        })
        .collect()
}

/// A discussed case whose original and AI image have these slices.
async fn discussed(hospital: &Hospital, originals: Vec<DataSet>, ai: Vec<DataSet>) {
    let mut sources = Vec::new();
    for (slice, data_set) in originals.iter().enumerate() {
        let file = data_set.file(TransferSyntax::ExplicitLittle);
        sources.push(Instance {
            sop_instance_uid: format!("1.2.3.1.{slice}"),
            sop_class_uid: "1.2.840.10008.5.1.4.1.1.2".to_owned(),
            digest: read::received_digest(&file).unwrap(),
            object: hospital.objects.put(file.into()).await.unwrap(),
            transfer_syntax_uid: write::TRANSFER_SYNTAX_UID.to_owned(),
            slice: slice as u32,
        });
    }
    let mut instances = Vec::new();
    for (slice, data_set) in ai.iter().enumerate() {
        let file = data_set.file(TransferSyntax::ExplicitLittle);
        instances.push(DerivedInstance {
            sop_instance_uid: format!("2.25.10{slice}"),
            sop_class_uid: "1.2.840.10008.5.1.4.1.1.2".to_owned(),
            digest: write::profile_digest(&file).unwrap(),
            object: hospital.objects.put(file.into()).await.unwrap(),
            slice: slice as u32,
        });
    }
    let image =
        DerivedSeries { series_instance_uid: "2.25.1".to_owned(), role: DerivedRole::Image, instances };
    let case = Case::new(0, sources, vec![image]);
    let mut facts = hospital.facts.lock().unwrap();
    facts.lesson = Ok(lesson(&case));
    facts.case = case;
}

struct Desk {
    hospital: Hospital,
    quality: Delivery,
    shutdown: Shutdown,
}

impl Desk {
    async fn open(scratch: &Scratch) -> Self {
        let hospital = crate::open(scratch).await;
        discussed(&hospital, slices(), slices()).await;
        let shutdown = Shutdown::new();
        // It listens from here on; what becomes of it ends with the test.
        drop(hospital.serves(scratch, &shutdown).await);
        drop(hospital.start(&scratch.db, &shutdown));
        let quality = hospital.delivery_as(&[Role::Quality]);
        Self { hospital, quality, shutdown }
    }

    async fn order(&self) -> Result<TeachingSet, ClientError> {
        let discussion = DiscussionId::from_bits(1);
        self.quality.teaching_set_prepare(&PrepareTeachingSet { discussion }).await
    }

    async fn listed(&self) -> Vec<TeachingSet> {
        let discussion = DiscussionId::from_bits(1);
        self.quality.teaching_sets(&TeachingSetsQuery { discussion }).await.unwrap()
    }

    /// Has a set made and waits for what comes of it.
    async fn prepare(&self) -> TeachingSet {
        let ordered = self.order().await.unwrap();
        assert_eq!((ordered.state, ordered.content), (TeachingSetState::Preparing, None));
        let made = async {
            loop {
                let found = self.listed().await.into_iter().find(|set| set.id == ordered.id).unwrap();
                if found.state != TeachingSetState::Preparing {
                    break found;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), made).await.expect("it is made in time")
    }

    async fn release(&self, set: &TeachingSet, seen: u32) -> Result<TeachingSet, ClientError> {
        let command = ReleaseTeachingSet { content: set.content.unwrap(), seen };
        self.quality.teaching_set_release(&set.id, &command).await
    }

    /// The status with which the file of a set is answered, and what came of it.
    async fn archive(&self, set: &TeachingSet) -> (u16, Option<Vec<u8>>) {
        let answer = self.quality.teaching_archive(&set.id).send().await.unwrap();
        (answer.status().as_u16(), answer.bytes().await.ok().map(|bytes| bytes.to_vec()))
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        self.shutdown.request();
    }
}

fn anything() -> ReleaseTeachingSet {
    ReleaseTeachingSet { content: contract::Digest::of(b"anything"), seen: 6 }
}

fn code(error: ClientError) -> String {
    match error {
        ClientError::Refused { refusal, .. } => refusal.code,
        other => panic!("no refusal: {other}"),
    }
}

/// The first `count` events about teaching sets.
async fn kinds(scratch: &Scratch, count: usize) -> Vec<&'static str> {
    let about = |events: &[Event]| -> Vec<&'static str> {
        events.iter().map(Event::kind).filter(|kind| kind.starts_with("teaching_set.")).collect()
    };
    about(&told_all(&scratch.db, |events| about(events).len() >= count).await)
}

async fn a_teaching_set_is_made_looked_at_released_and_taken_along(scratch: Scratch) {
    let desk = Desk::open(&scratch).await;
    let set = desk.prepare().await;
    assert_eq!((set.state, set.slices), (TeachingSetState::Prepared, 3));
    assert_eq!(code(desk.order().await.unwrap_err()), "prepared_already");
    assert_eq!(desk.archive(&set).await.0, 409, "nobody has answered for it");
    for series in TeachingSeries::ALL {
        for slice in 0..set.slices {
            let answer = desk.quality.teaching_image(&set.id, series, slice).send().await.unwrap();
            assert_eq!(answer.status(), 200);
        }
    }
    let beyond = desk.quality.teaching_image(&set.id, TeachingSeries::Ai, set.slices).send().await.unwrap();
    assert_eq!(beyond.status(), 404);
    assert_eq!(code(desk.release(&set, 5).await.unwrap_err()), "not_all_seen");
    let released = desk.release(&set, 6).await.unwrap();
    assert_eq!(released.state, TeachingSetState::Released);
    assert_eq!(code(desk.release(&set, 6).await.unwrap_err()), "released_already");

    let (status, file) = desk.archive(&set).await;
    assert_eq!(status, 200);
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(file.unwrap())).unwrap();
    let names: BTreeSet<String> = archive.file_names().map(|name| name.unwrap().into_owned()).collect();
    let images =
        ["ai", "original"].map(|series| (1..=3).map(move |image| format!("{series}/000{image}.dcm")));
    let texts = ["README.txt", "lesson.json"].map(str::to_owned);
    assert_eq!(names, images.into_iter().flatten().chain(texts).collect());
    for name in names {
        let mut bytes = Vec::new();
        archive.by_name(&name).unwrap().read_to_end(&mut bytes).unwrap();
        let text = String::from_utf8_lossy(&bytes).to_lowercase();
        for secret in ["secret", "number", "1.2.3.", "case_", "run_", "20260102"] {
            assert!(!text.contains(secret), "{name} holds {secret}");
        }
        assert!(!name.contains('/') || text.contains(&set.code.to_lowercase()), "{name}");
    }
    let told =
        ["requested", "prepared", "shown", "released", "exported"].map(|kind| format!("teaching_set.{kind}"));
    assert_eq!(kinds(&scratch, told.len()).await, told, "shown once, though six images were");
}

async fn what_names_or_shows_the_patient_is_not_taught(scratch: Scratch) {
    let desk = Desk::open(&scratch).await;
    let told = |words: &str| {
        let mut facts = desk.hospital.facts.lock().unwrap();
        let lesson = lesson(&facts.case);
        facts.lesson = Ok(contract::review::Lesson { learning_point: words.to_owned(), ..lesson });
    };
    told("Mr Secretname has a cyst");
    assert_eq!(code(desk.order().await.unwrap_err()), "words_name_patient");
    told("A cyst");

    let head = || slices().into_iter().map(|slice| slice.text(tags::BODY_PART_EXAMINED, *b"CS", "HEAD"));
    discussed(&desk.hospital, head().collect(), slices()).await;
    let refused = desk.prepare().await;
    assert_eq!(refused.refusal.unwrap().code, "image_refused");
    assert_eq!(
        code(desk.quality.teaching_set_release(&refused.id, &anything()).await.unwrap_err()),
        "not_made"
    );

    let mut written = slices();
    written[1] = written[1].clone().pixels(with_letters());
    discussed(&desk.hospital, slices(), written).await;
    let refused = desk.prepare().await.refusal.unwrap();
    assert!(refused.message.contains("image 2 of the AI series"), "{refused}");
    assert_eq!(refused.code, "writing_in_image");

    discussed(&desk.hospital, slices(), slices()).await;
    desk.hospital.facts.lock().unwrap().lesson =
        Err(Refusal::new("discussion_open", "it is open", "close it"));
    assert_eq!(code(desk.order().await.unwrap_err()), "discussion_open");
    let told = kinds(&scratch, 4).await;
    let once = ["teaching_set.requested", "teaching_set.refused"];
    assert_eq!(told, [once, once].concat(), "what names the patient in words is not even begun");
}

/// The letters "III" at twice the size of a pixel, brighter than all else.
fn with_letters() -> Vec<u16> {
    (0..64 * 64_u16)
        .map(|index| {
            let (x, y) = (index % 64, index / 64);
            let is_ink =
                (20..34).contains(&y) && [10, 16, 22].iter().any(|left| (*left..left + 3).contains(&x));
            if is_ink { 2_000 } else { (index % 1500).wrapping_sub(700) & 0x0FFF }
        })
        .collect()
}

async fn a_set_that_was_withdrawn_leaves_no_more_and_another_one_is_made(scratch: Scratch) {
    let desk = Desk::open(&scratch).await;
    let set = desk.prepare().await;
    desk.release(&set, 6).await.unwrap();
    let withdraw = |reason: &str| WithdrawTeachingSet { reason: reason.to_owned() };
    let refused = desk.quality.teaching_set_withdraw(&set.id, &withdraw(" x ")).await.unwrap_err();
    assert_eq!(code(refused), "reason_missing");
    let withdrawn = desk.quality.teaching_set_withdraw(&set.id, &withdraw("a rare disease")).await.unwrap();
    assert_eq!(withdrawn.withdrawal_reason.as_deref(), Some("a rare disease"));
    assert_eq!(desk.archive(&set).await.0, 409);
    let image = desk.quality.teaching_image(&set.id, TeachingSeries::Ai, 0).send().await.unwrap();
    assert_eq!(image.status(), 409);

    let another = desk.prepare().await;
    assert_ne!((&another.id, &another.code), (&set.id, &set.code));
    assert_ne!(another.content, set.content, "no UID of one leads to the other");
    assert_eq!(desk.listed().await, [another, withdrawn]);
    // The reason's words stay here.
    let told = told(&scratch.db, |event| matches!(event, Event::TeachingSetWithdrawn(_))).await;
    assert!(!serde_json::to_string(&told).unwrap().contains("rare disease"));
}

async fn teaching_sets_are_for_quality_alone(scratch: Scratch) {
    let desk = Desk::open(&scratch).await;
    let set = desk.prepare().await;
    for role in Role::ALL.into_iter().filter(|role| *role != Role::Quality) {
        let other = desk.hospital.delivery_as(&[role]);
        let discussion = DiscussionId::from_bits(1);
        let listed = other.teaching_sets(&TeachingSetsQuery { discussion: discussion.clone() }).await;
        let prepared = other.teaching_set_prepare(&PrepareTeachingSet { discussion }).await;
        for refused in [listed.map(drop), prepared.map(drop)] {
            assert_eq!(code(refused.unwrap_err()), "forbidden", "{role:?}");
        }
        for asked in [other.teaching_image(&set.id, TeachingSeries::Ai, 0), other.teaching_archive(&set.id)] {
            assert_eq!(asked.send().await.unwrap().status(), 403, "{role:?}");
        }
    }
    let service = desk.hospital.delivery().teaching_archive(&set.id).send().await.unwrap();
    assert_eq!(service.status(), 403);
}

async fn images_that_are_no_longer_what_was_looked_at_do_not_leave(scratch: Scratch) {
    let desk = Desk::open(&scratch).await;
    let set = desk.prepare().await;
    desk.release(&set, 6).await.unwrap();
    // The run's image was replaced behind everybody's back: the last slice is now the first.
    {
        let mut facts = desk.hospital.facts.lock().unwrap();
        let instances = &mut facts.case.run.derived[0].instances;
        instances[2].object = instances[0].object;
    }
    let (_, file) = desk.archive(&set).await;
    let opened = file.map(|file| zip::ZipArchive::new(std::io::Cursor::new(file)).is_ok());
    assert_ne!(opened, Some(true), "it breaks off before its directory");

    desk.hospital.facts.lock().unwrap().sources_unchanged = false;
    assert_eq!(desk.archive(&set).await.0, 409);
    let told = ["requested", "prepared", "released", "exported"].map(|kind| format!("teaching_set.{kind}"));
    assert_eq!(kinds(&scratch, told.len()).await, told, "that it was to leave is told all the same");
}
