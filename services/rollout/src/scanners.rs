//! Sites and their scanners: what may be registered, and whether a series is of a site. Pure.

use crate::creation::is_word;
use contract::Refusal;
use contract::intake::Series;
use contract::rollout::Scanner;
use std::collections::{BTreeMap, BTreeSet};

/// The most scanners of a site.
const SCANNERS_MAX: usize = 200;
/// The longest name of a sender, characters; an AE title has at most 16.
const SENDER_LENGTH_MAX: usize = 64;
/// The longest name of a site or a scanner, and the longest word, characters.
const WORD_LENGTH_MAX: usize = 40;
/// The most words of a scanner.
const WORDS_MAX: usize = 20;

/// The registered sites, by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sites(BTreeMap<String, Vec<Scanner>>);

impl Sites {
    /// The scanners of a site; `None` where it isn't registered.
    pub fn of(&self, name: &str) -> Option<&[Scanner]> {
        self.0.get(name).map(Vec::as_slice)
    }

    /// The sites as they would be if one had these scanners.
    #[must_use]
    pub fn with(&self, name: &str, scanners: Vec<Scanner>) -> Self {
        let mut sites = self.0.clone();
        sites.insert(name.to_owned(), scanners);
        Self(sites)
    }

    /// The other site that a sender belongs to.
    fn other_of(&self, sender: &str, name: &str) -> Option<&str> {
        let has = |scanners: &[Scanner]| scanners.iter().any(|scanner| scanner.sender == sender);
        self.0.iter().find(|(site, scanners)| *site != name && has(scanners)).map(|(site, _)| site.as_str())
    }
}

impl FromIterator<(String, Vec<Scanner>)> for Sites {
    fn from_iter<I: IntoIterator<Item = (String, Vec<Scanner>)>>(sites: I) -> Self {
        Self(sites.into_iter().collect())
    }
}

/// Why a series is of no scanner of a site; `None` where it is of one, or where the site isn't registered.
pub fn not_of_site(series: &Series, site: &str, sites: &Sites) -> Option<String> {
    let scanners = sites.of(site)?;
    let mut of_sender = scanners.iter().filter(|scanner| scanner.sender == series.sender).peekable();
    if of_sender.peek().is_none() {
        return Some(format!("the sender is {}, which is no scanner of the site {site}", series.sender));
    }
    let made = [&series.manufacturer, &series.manufacturer_model_name].map(|text| text.to_lowercase());
    let stands = |word: &String| made.iter().any(|text| text.contains(&word.to_lowercase()));
    let is_it = |scanner: &Scanner| scanner.maker_words.is_empty() || scanner.maker_words.iter().any(stands);
    if of_sender.any(is_it) {
        return None;
    }
    Some(format!(
        "Manufacturer and model are '{} {}': no scanner of the site {site} behind the sender {} is of that make",
        series.manufacturer, series.manufacturer_model_name, series.sender
    ))
}

/// Whether a site can have these scanners, beside the sites that are registered.
///
/// # Errors
/// What can't be a name, what can't be told apart, or whose sender it is.
pub fn check_site(name: &str, scanners: &[Scanner], sites: &Sites) -> Result<(), Refusal> {
    let good = is_word(name, WORD_LENGTH_MAX)
        && (1..=SCANNERS_MAX).contains(&scanners.len())
        && scanners.iter().all(is_well_formed);
    if !good {
        return Err(Refusal::new(
            "site_malformed",
            "this can't be a site with its scanners",
            "give a name of at most 40 characters and one scanner at least, each with a sender of at most 64 \
             characters, a name of at most 40, and at most 20 words for manufacturer or model",
        ));
    }
    let (mut names, mut told_by) = (BTreeSet::new(), BTreeSet::new());
    for scanner in scanners {
        if !names.insert(&scanner.name) || !told_by.insert((&scanner.sender, &scanner.maker_words)) {
            return Err(Refusal::new(
                "scanners_alike",
                format!("{} stands there twice, by its name or by its sender and words", scanner.name),
                "give each scanner a name of its own, and a sender or words that tell it from the others",
            ));
        }
        if let Some(other) = sites.other_of(&scanner.sender, name) {
            return Err(sender_taken(&scanner.sender, other));
        }
    }
    Ok(())
}

fn is_well_formed(scanner: &Scanner) -> bool {
    is_word(&scanner.sender, SENDER_LENGTH_MAX)
        && is_word(&scanner.name, WORD_LENGTH_MAX)
        && scanner.maker_words.len() <= WORDS_MAX
        && scanner.maker_words.iter().all(|word| is_word(word, WORD_LENGTH_MAX))
}

/// What is said of a sender that another site has.
pub fn sender_taken(sender: &str, other: &str) -> Refusal {
    Refusal::new(
        "sender_taken",
        format!("the sender {sender} belongs to the site {other}"),
        format!("take it away from {other} first, or leave it out here: a sender belongs to one site"),
    )
}

/// What is said of a site that deployments name.
pub fn in_use(site: &str, deployments: &[String]) -> Refusal {
    Refusal::new(
        "site_in_use",
        format!("{} of {site} would take whatever comes from anywhere", deployments.join(", ")),
        "change its scanners instead: a site stays registered while deployments name it",
    )
}

/// What is otherwise than `before`: scanners that went with a minus, scanners that came with a plus.
pub fn difference(now: &[Scanner], before: &[Scanner]) -> Vec<String> {
    let gone = before.iter().filter(|scanner| !now.contains(scanner));
    let come = now.iter().filter(|scanner| !before.contains(scanner));
    let gone = gone.map(|scanner| format!("\u{2212} {}", scanner.line()));
    gone.chain(come.map(|scanner| format!("+ {}", scanner.line()))).collect()
}

#[cfg(test)]
pub(crate) mod tests;
