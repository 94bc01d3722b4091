//! Which earlier images of a patient stand beside a series, and in what order. Pure.
//!
//! A prior is an acquired image of the same patient in a study that is earlier for certain. What says nothing of when it
//! was made, or may be another patient's, is none: a wrong prior is worse than a missing one.

use contract::intake::{Patient, Prior, PriorLikeness, Series, SeriesState, Study};
use std::cmp::Reverse;

/// The most that are given: nobody looks at more, and the best come first.
const PRIORS_MAX: usize = 24;

/// Parts of the body that occur in combined values of Body Part Examined, with what each stands for.
///
/// # Source
/// PS3.16 Annex L: the combined terms are put together of these (`CHESTABDPELVIS`, `NECKCHEST`, `HEADNECK`).
const REGIONS: [(&str, &str); 10] = [
    ("HEAD", "head"),
    ("SKULL", "head"),
    ("BRAIN", "head"),
    ("NECK", "neck"),
    ("CHEST", "chest"),
    ("LUNG", "chest"),
    ("THORAX", "chest"),
    ("ABD", "abdomen"),
    ("LIVER", "abdomen"),
    ("PELVIS", "pelvis"),
];

/// The priors of `series`, which belongs to `study`, among `others`: the most like it first, of these the newest. The
/// others hold no series that one of our programs made.
pub fn priors(study: &Study, series: &Series, others: Vec<Study>) -> Vec<Prior> {
    if study.identity_disputed {
        return Vec::new();
    }
    let earlier = others.into_iter().filter(|other| {
        other.id != study.id
            && !other.identity_disputed
            && is_same_patient(&study.patient, &other.patient)
            && is_before(other, study)
    });
    let mut priors: Vec<Prior> = earlier.flat_map(|other| of_study(series, other)).collect();
    priors.sort_by_cached_key(|prior| {
        let number = prior.series.series_number.unwrap_or(i32::MAX);
        let made_at = (prior.study_date.clone(), prior.study_time.clone());
        (prior.likeness, Reverse(made_at), number, prior.series.series_instance_uid.clone())
    });
    priors.truncate(PRIORS_MAX);
    priors
}

/// The same ID of the same issuer, and nothing that speaks against it.
fn is_same_patient(one: &Patient, other: &Patient) -> bool {
    let agree = |one: &str, other: &str| one.is_empty() || other.is_empty() || one == other;
    !one.id.is_empty()
        && one.id == other.id
        && one.issuer == other.issuer
        && agree(&one.birth_date, &other.birth_date)
        && agree(&one.sex, &other.sex)
}

/// Whether `one` is earlier than `other`: by its date or, on one day, by its time as far as both state it.
fn is_before(one: &Study, other: &Study) -> bool {
    let is_date = |date: &str| date.len() == 8 && date.bytes().all(|byte| byte.is_ascii_digit());
    if !is_date(&one.study_date) || !is_date(&other.study_date) {
        return false;
    }
    // (0008,0030) may stop at the hour or the minute; what both state decides.
    let stated = one.study_time.len().min(other.study_time.len()).min("HHMMSS".len());
    let time = |study: &Study| study.study_time.get(..stated).unwrap_or_default().to_owned();
    (&one.study_date, time(one)) < (&other.study_date, time(other))
}

fn of_study(series: &Series, study: Study) -> Vec<Prior> {
    let Study { id, study_date, study_time, study_description, series: all, .. } = study;
    let acquired = all.into_iter().filter(is_acquired_volume);
    let prior = |other: Series| Prior {
        study: id.clone(),
        study_date: study_date.clone(),
        study_time: study_time.clone(),
        study_description: study_description.clone(),
        likeness: likeness(series, &other),
        series: other,
    };
    acquired.map(prior).collect()
}

/// One whole volume, acquired and not made of other images: what a program made, an AI of any maker among them, calls itself
/// DERIVED (PS3.3 C.7.6.1.1.2).
fn is_acquired_volume(series: &Series) -> bool {
    series.state == SeriesState::Ready && series.image_type.first().is_some_and(|kind| kind == "ORIGINAL")
}

fn likeness(series: &Series, other: &Series) -> PriorLikeness {
    if series.modality != other.modality {
        return PriorLikeness::OtherModality;
    }
    let (part, other_part) = (&series.body_part_examined, &other.body_part_examined);
    if !part.is_empty() && part == other_part {
        return PriorLikeness::SameRegion;
    }
    if regions(part).iter().any(|region| regions(other_part).contains(region)) {
        return PriorLikeness::OverlappingRegion;
    }
    PriorLikeness::SameModality
}

fn regions(body_part_examined: &str) -> Vec<&'static str> {
    let named = REGIONS.iter().filter(|(word, _)| body_part_examined.contains(word));
    named.map(|(_, region)| *region).collect()
}

#[cfg(test)]
mod tests;
