//! Making a teaching set: each image is copied and looked at, which takes as long as reading all of them does. What a
//! process that died left unfinished, the next look takes up anew: the same set comes out.

use super::{Lines, Material, Pseudonyms, digest, file_name, line, refusal, words};
use crate::Deps;
use crate::error::Error;
use crate::store::{self, Origin, teaching::Kept};
use contract::delivery::{TeachingSeries, TeachingSet, TeachingSetState};
use contract::review::Lesson;
use contract::{Actor, ClientError, Digest, DiscussionId, Refusal, TeachingSetId, UserId};
use database::transaction;
use dicom_io::deidentify::Copy;
use dicom_io::deidentify::identity::Identity;
use dicom_io::deidentify::letters::{Standing, is_written_on};
use platform::Shutdown;
use std::time::Duration;

/// How often sets are looked for that are to be made.
const LOOK: Duration = Duration::from_secs(1);
/// How many images are done before that is told.
const TOLD_EVERY: u32 = 8;
/// How many slices a refusal names at most.
const NAMED_MAX: usize = 10;

/// A set that is to be made of a discussed case.
///
/// # Errors
/// A refusal of a case of which nothing may be taught, or when the words name the patient.
pub(crate) async fn order(deps: &Deps, discussion: &DiscussionId, by: UserId) -> Result<Kept, Error> {
    let material = Material::load(deps, discussion).await?;
    check_words(deps, &material).await?;
    let number = deps.random.with(rand::RngExt::random::<u32>);
    let salt = deps.random.with(rand::RngExt::random::<u128>);
    let set = TeachingSet {
        id: deps.random.with(TeachingSetId::random),
        discussion: discussion.clone(),
        case: material.lesson.case.clone(),
        state: TeachingSetState::Preparing,
        code: format!("TEACHING-{number:08X}"),
        content: None,
        slices: material.slices(),
        images_done: 0,
        refusal: None,
        prepared_by: by,
        prepared_at: deps.clock.now(),
        released: None,
        withdrawn: None,
        withdrawal_reason: None,
    };
    Ok(Kept { set, salt: format!("{salt:032x}") })
}

/// Makes what is to be made until `shutdown`.
pub(crate) async fn run(deps: Deps, shutdown: Shutdown) {
    while !shutdown.requested() {
        match store::teaching::preparing(&deps.db).await {
            Ok(waiting) => {
                for kept in waiting {
                    make(&deps, &kept).await;
                }
            }
            Err(error) => fault(&error),
        }
        if !shutdown.sleep(LOOK).await {
            break;
        }
    }
}

async fn make(deps: &Deps, kept: &Kept) {
    let made = match attempt(deps, kept).await {
        Ok(content) => Ok(content),
        Err(Error::Refused(refusal) | Error::Client(ClientError::Refused { refusal, .. })) => Err(refusal),
        // It is tried again at the next look.
        Err(error) => return fault(&error),
    };
    if let Err(error) = save(deps, &kept.set, made).await {
        fault(&error);
    }
}

fn fault(error: &Error) {
    tracing::error!(
        event = "teaching_set.fault",
        error = error as &dyn std::error::Error,
        "a teaching set could not be made; it is tried again"
    );
}

async fn save(deps: &Deps, set: &TeachingSet, made: Result<Digest, Refusal>) -> Result<(), Error> {
    let (now, random, set) = (deps.clock.now(), deps.random.clone(), set.clone());
    transaction(&deps.db, |txn| {
        Box::pin(async move {
            let actor = Actor::service("delivery");
            let origin = Origin { now, actor, causation: None, random: &random };
            store::teaching::made(txn, &set, made, &origin).await
        })
    })
    .await
}

/// Copies each image and looks for what is written in it; gives the digest over all files.
async fn attempt(deps: &Deps, kept: &Kept) -> Result<Digest, Error> {
    let material = Material::load(deps, &kept.set.discussion).await?;
    let names = Pseudonyms::of(kept);
    let mut lines: Lines = material.texts().iter().map(|(name, text)| line(name, text)).collect();
    let mut done = 0;
    for series in TeachingSeries::ALL {
        let (mut standing, mut written) = (Standing::default(), Vec::new());
        for slice in 0..material.slices() {
            let Copy { file, frame, .. } = material.copy(deps, &names, series, slice).await?;
            lines.push(line(&file_name(series, slice), &file));
            let looked = deps.cpu.run(move || {
                standing.add(&frame);
                (standing, is_written_on(&frame))
            });
            let (stands, is_written) = looked.await;
            standing = stands;
            if is_written {
                written.push((slice + 1).to_string());
            }
            done += 1;
            if done % TOLD_EVERY == 0 {
                store::teaching::progress(&deps.db, &kept.set.id, done).await?;
            }
        }
        check_pixels(series, &written, &standing)?;
    }
    Ok(digest(lines))
}

/// Words that name the patient leave no more than images do.
async fn check_words(deps: &Deps, material: &Material) -> Result<(), Error> {
    let file = material.file(deps, TeachingSeries::Original, 0).await?;
    let identity = deps.cpu.run(move || Identity::of(&file)).await;
    let Lesson { question, learning_point, .. } = &material.lesson;
    let words = [(question, "question"), (learning_point, "learning point")];
    let named = words.into_iter().find(|(text, _)| identity.is_named_in(text));
    let Some((_, which)) = named else { return Ok(()) };
    Err(refusal(
        "words_name_patient",
        &format!(
            "the {which} of the discussion names the patient, the accession number or the date of birth"
        ),
        "discuss the case once more, without any of them, and teach from that discussion",
    ))
}

fn check_pixels(series: TeachingSeries, written: &[String], standing: &Standing) -> Result<(), Error> {
    let found = if !written.is_empty() {
        let more = if written.len() > NAMED_MAX { " and more" } else { "" };
        let named = written.iter().take(NAMED_MAX).cloned().collect::<Vec<_>>().join(", ");
        format!("something seems to be written on image {named}{more} of the {}", words(series))
    } else if standing.is_written() {
        format!("something stands in the same place on every image of the {}", words(series))
    } else {
        return Ok(());
    };
    Err(refusal("writing_in_image", &found, "teach with another case: pixels are not blotted out here"))
}
