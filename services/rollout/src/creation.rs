//! A model version is put to use: what may be created, and as what it begins. Pure.

use contract::rollout::{Deployment, ModelInput, Stage, UseRule};
use contract::{DeploymentId, Digest, ModelVersionId, Refusal, Time};

/// The longest name of a deployment, characters.
const NAME_LENGTH_MAX: usize = 80;
/// The longest name of a site or a pool, characters.
const WORD_LENGTH_MAX: usize = 40;

/// A deployment that is not created yet. Name and site make its id: a repeat is the same deployment, and the share of
/// studies that it takes in a dry run is the one that it will take.
pub fn candidate(
    name: &str,
    site: &str,
    (model, input): (ModelVersionId, ModelInput),
    rule: UseRule,
    now: Time,
) -> Deployment {
    let identity = Digest::of(format!("deployment\n{site}\n{name}").as_bytes());
    Deployment {
        id: DeploymentId::from_bits(identity.leading_bits()),
        name: name.to_owned(),
        model,
        input,
        site: site.to_owned(),
        rule,
        pool: String::new(),
        texture_percent: 0,
        stage: Stage::Shadow,
        banner: None,
        stage_since: now,
        gate: None,
        proposals: Vec::new(),
    }
}

/// Whether names can be those of a deployment, its site and its pool. A pool's becomes a part of queue names.
pub fn check_names(name: &str, site: &str, pool: &str) -> Result<(), Refusal> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let good = is_word(name, NAME_LENGTH_MAX)
        && is_word(site, WORD_LENGTH_MAX)
        && is_word(pool, WORD_LENGTH_MAX)
        && pool.chars().all(plain);
    if good {
        return Ok(());
    }
    Err(Refusal::new(
        "deployment_malformed",
        "this can't be the name of a deployment, a site or a pool",
        "give a name of at most 80 characters, a site of at most 40, and a pool of lower-case letters, digits and '-'",
    ))
}

/// Whether so much texture can be given back.
pub fn check_texture(percent: u8) -> Result<(), Refusal> {
    if percent <= 100 {
        return Ok(());
    }
    let message = format!("{percent} % of the texture can't be given back");
    Err(Refusal::new("texture_out_of_range", message, "give a percentage from 0 to 100"))
}

/// Whether a text can be a name that people read: not empty, not too long, and nothing in it that can't be seen.
pub(crate) fn is_word(text: &str, length_max: usize) -> bool {
    let length = text.chars().count();
    text.trim() == text && (1..=length_max).contains(&length) && !text.chars().any(char::is_control)
}

/// What is said where there is such a deployment already.
pub fn taken(name: &str, site: &str) -> Refusal {
    Refusal::new(
        "name_taken",
        format!("{site} has a deployment of the name {name}"),
        "give the new deployment another name, with the model's version in it",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn name_and_site_make_the_id_and_it_begins_at_shadow() {
        let new = |name, site| {
            candidate(
                name,
                site,
                (ModelVersionId::from_bits(1), ModelInput::default()),
                UseRule::default(),
                Time::UNIX_EPOCH,
            )
        };
        assert_eq!(new("chest", "north").id, new("chest", "north").id);
        assert_ne!(new("chest", "north").id, new("chest", "south").id);
        assert_eq!((new("chest", "north").stage, new("chest", "north").banner), (Stage::Shadow, None));
    }

    #[test]
    fn names_that_mislead_or_break_a_queue_are_refused() {
        assert_eq!(check_names("Chest CT, version 2", "Nord 1", "gpu-2"), Ok(()));
        for (name, site, pool) in [
            ("", "north", "cpu"),
            (" chest", "north", "cpu"),
            ("chest", "", "cpu"),
            ("chest", "north", ""),
            ("chest", "north", "GPU"),
            ("chest", "north", "a.b"),
            ("chest\nCT", "north", "cpu"),
        ] {
            assert_eq!(check_names(name, site, pool).unwrap_err().code, "deployment_malformed");
        }
    }

    #[test]
    fn no_more_texture_is_given_back_than_there_is() {
        assert_eq!((check_texture(0), check_texture(100)), (Ok(()), Ok(())));
        assert_eq!(check_texture(101).unwrap_err().code, "texture_out_of_range");
    }

    proptest! {
        #[test]
        fn what_passes_is_short_and_visible(name in ".{0,120}", site in ".{0,60}", pool in ".{0,60}") {
            if check_names(&name, &site, &pool).is_ok() {
                prop_assert!(name.chars().count() <= NAME_LENGTH_MAX && site.chars().count() <= WORD_LENGTH_MAX);
                prop_assert!(!name.trim().is_empty() && pool.is_ascii());
            }
        }
    }
}
