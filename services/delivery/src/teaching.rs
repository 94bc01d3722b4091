//! Teaching sets: what they are made of, and how they are packed. A set is no stored thing: its files are made anew from
//! the images each time, and come out the same, or do not leave.

pub(crate) mod make;

use crate::Deps;
use crate::error::Error;
use crate::store::teaching::Kept;
use bytes::Bytes;
use contract::delivery::{TEACHING_IMAGES_MAX, TeachingSeries, TeachingSet};
use contract::generation::DerivedRole;
use contract::review::Lesson;
use contract::{Digest, DiscussionId, Refusal};
use dicom_io::deidentify::{self, Copy, Kind, Pseudonym};
use futures::stream::{self, Stream};
use parking_lot::Mutex;
use serde_json::json;
use std::io::Write;
use std::sync::Arc;
use zip::ZipWriter;
use zip::write::{SimpleFileOptions, StreamWriter};

const README: &str = include_str!("teaching/readme.txt");

/// What a set is made of.
pub(crate) struct Material {
    lesson: Lesson,
    /// Keys of the acquired images in the `dicom` store, in order of position.
    originals: Vec<Digest>,
    /// Keys of the AI images, in the same order.
    ai: Vec<Digest>,
}

impl Material {
    /// Asks those who own it.
    ///
    /// # Errors
    /// A refusal of a case of which nothing may be taught, or whose sources are no longer those of its run.
    pub(crate) async fn load(deps: &Deps, discussion: &DiscussionId) -> Result<Self, Error> {
        let unknown = || {
            refusal("discussion_unknown", "there is no such discussion", "open the list of discussions again")
        };
        let lesson = deps.review.lesson(discussion).await?.ok_or_else(unknown)?;
        let run = deps.generation.run(&lesson.run).await?.ok_or_else(gone)?;
        let series = deps.intake.series_batch(vec![run.series.clone()]).await?.pop().ok_or_else(gone)?;
        let check = deps.intake.source_check(&series.id, run.source_set).await?;
        if !check.unchanged {
            return Err(gone());
        }
        let image = run.derived.iter().find(|derived| derived.role == DerivedRole::Image).ok_or_else(gone)?;
        let ai: Vec<Digest> = image.instances.iter().map(|instance| instance.object).collect();
        let originals: Vec<Digest> = series.instances.iter().map(|instance| instance.object).collect();
        if originals.is_empty() || originals.len() != ai.len() {
            return Err(gone());
        }
        if originals.len() * 2 > TEACHING_IMAGES_MAX as usize {
            return Err(refusal(
                "too_many_images",
                &format!("a teaching set has at most {TEACHING_IMAGES_MAX} images"),
                "teach with another case",
            ));
        }
        Ok(Self { lesson, originals, ai })
    }

    fn slices(&self) -> u32 {
        u32::try_from(self.originals.len()).unwrap_or(u32::MAX)
    }

    async fn file(&self, deps: &Deps, series: TeachingSeries, slice: u32) -> Result<Bytes, Error> {
        let keys = match series {
            TeachingSeries::Original => &self.originals,
            TeachingSeries::Ai => &self.ai,
        };
        let key = keys.get(slice as usize).ok_or_else(gone)?;
        deps.objects.get(key).await?.ok_or_else(gone)
    }

    /// The copy of one image.
    pub(crate) async fn copy(
        &self,
        deps: &Deps,
        name: &Pseudonyms,
        series: TeachingSeries,
        slice: u32,
    ) -> Result<Copy, Error> {
        let (file, name) = (self.file(deps, series, slice).await?, name.clone());
        let copied = deps.cpu.run(move || deidentify::copy(&file, name.as_ref(), kind(series), slice)).await;
        copied.map_err(|why| {
            refusal(
                "image_refused",
                &format!("image {} of the {} can't be copied: {why}", slice + 1, words(series)),
                "teach with another case",
            )
        })
    }

    /// What of a set is text: the lesson as it was written, and what the set is.
    fn texts(&self) -> Vec<(String, Bytes)> {
        let Lesson { kind, question, learning_point, findings, .. } = &self.lesson;
        let lesson = json!({
            "about": kind,
            "question": question,
            "learningPoint": learning_point,
            "findings": findings,
            "coordinates": "patient-based (DICOM LPS), mm",
        });
        let lesson = serde_json::to_vec_pretty(&lesson).expect("a value of JSON can be written as JSON");
        vec![("README.txt".to_owned(), README.into()), ("lesson.json".to_owned(), lesson.into())]
    }
}

/// What stands in the copies of one set instead of the patient.
#[derive(Debug, Clone)]
pub(crate) struct Pseudonyms {
    code: String,
    salt: String,
}

impl Pseudonyms {
    pub(crate) fn of(kept: &Kept) -> Self {
        Self { code: kept.set.code.clone(), salt: kept.salt.clone() }
    }

    fn as_ref(&self) -> Pseudonym<'_> {
        Pseudonym { code: &self.code, salt: &self.salt }
    }
}

/// The files of a released set, one after the other, as a zip archive. When they aren't those that somebody answered
/// for, the archive breaks off before its directory, and nothing can be unpacked.
pub(crate) fn archive(
    deps: Deps,
    kept: &Kept,
    material: Material,
) -> impl Stream<Item = Result<Bytes, Error>> + 'static {
    let packing = Packing {
        names: Pseudonyms::of(kept),
        content: kept.set.content,
        texts: material.texts().into_iter(),
        images: images(material.slices()).into_iter(),
        lines: Vec::new(),
        out: Outlet::default(),
        deps,
        material,
    };
    let writer = ZipWriter::new_stream(packing.out.clone());
    stream::try_unfold(Some((packing, writer)), |state| async move {
        let Some((mut packing, writer)) = state else { return Ok(None) };
        let next = packing.next().await?;
        let Some((name, file)) = next else {
            let bytes = packing.finish(writer)?;
            return Ok(Some((bytes, None)));
        };
        packing.lines.push(line(&name, &file));
        let writer = packing.deps.cpu.run(move || add(writer, &name, &file)).await?;
        let bytes = packing.out.take();
        Ok(Some((bytes, Some((packing, writer)))))
    })
}

type Writer = ZipWriter<StreamWriter<Outlet>>;

fn add(mut writer: Writer, name: &str, file: &[u8]) -> Result<Writer, Error> {
    writer.start_file(name, SimpleFileOptions::default())?;
    writer.write_all(file).map_err(zip::result::ZipError::from)?;
    Ok(writer)
}

struct Packing {
    deps: Deps,
    names: Pseudonyms,
    content: Option<Digest>,
    material: Material,
    texts: std::vec::IntoIter<(String, Bytes)>,
    images: std::vec::IntoIter<(TeachingSeries, u32)>,
    lines: Lines,
    out: Outlet,
}

impl Packing {
    async fn next(&mut self) -> Result<Option<(String, Bytes)>, Error> {
        if let Some(text) = self.texts.next() {
            return Ok(Some(text));
        }
        let Some((series, slice)) = self.images.next() else { return Ok(None) };
        let copy = self.material.copy(&self.deps, &self.names, series, slice).await?;
        Ok(Some((file_name(series, slice), copy.file.into())))
    }

    fn finish(&mut self, writer: Writer) -> Result<Bytes, Error> {
        if Some(digest(std::mem::take(&mut self.lines))) != self.content {
            return Err(gone());
        }
        writer.finish()?;
        Ok(self.out.take())
    }
}

/// Where the archive is written, to be sent on piece by piece.
#[derive(Debug, Clone, Default)]
struct Outlet(Arc<Mutex<Vec<u8>>>);

impl Outlet {
    fn take(&self) -> Bytes {
        std::mem::take(&mut *self.0.lock()).into()
    }
}

impl Write for Outlet {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// The digest of a file and its name.
type Lines = Vec<String>;

fn line(name: &str, file: &[u8]) -> String {
    format!("{} {name}\n", Digest::of(file))
}

fn digest(mut lines: Lines) -> Digest {
    lines.sort();
    Digest::of(lines.concat().as_bytes())
}

fn images(slices: u32) -> Vec<(TeachingSeries, u32)> {
    let images = |series| (0..slices).map(move |slice| (series, slice));
    TeachingSeries::ALL.into_iter().flat_map(images).collect()
}

fn file_name(series: TeachingSeries, slice: u32) -> String {
    format!("{}/{:04}.dcm", series.as_str(), slice + 1)
}

fn kind(series: TeachingSeries) -> Kind {
    match series {
        TeachingSeries::Original => Kind::Original,
        TeachingSeries::Ai => Kind::Ai,
    }
}

fn words(series: TeachingSeries) -> &'static str {
    match series {
        TeachingSeries::Original => "original",
        TeachingSeries::Ai => "AI series",
    }
}

fn refusal(code: &'static str, message: &str, remedy: &str) -> Error {
    Error::Refused(Refusal::new(code, message, remedy))
}

/// The refusal when images are no longer what was discussed.
fn gone() -> Error {
    refusal(
        "images_changed",
        "the images of this case are no longer all there as they were discussed",
        "teach with another case",
    )
}

/// Whether a set may leave or be looked at now, and what it is made of.
///
/// # Errors
/// A refusal of `may`, or while somebody can read the source images again.
pub(crate) async fn open(
    deps: &Deps,
    kept: &Kept,
    may: fn(&TeachingSet) -> Result<(), Refusal>,
) -> Result<Material, Error> {
    may(&kept.set).map_err(Error::Refused)?;
    Material::load(deps, &kept.set.discussion).await
}
