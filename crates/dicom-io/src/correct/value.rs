//! What a corrected value may be.

use super::{decoder, vr};
use crate::VR;
use crate::scan::check_uid;
use chrono::{NaiveDate, NaiveTime};
use contract::intake::Attribute;

/// Checks a value by its representation (PS3.5 6.2). An empty one is a value where the attribute may be empty.
///
/// # Errors
/// What is wrong with it.
pub fn check(attribute: Attribute, value: &str) -> Result<(), &'static str> {
    if value.trim() != value {
        return Err("it begins or ends with a space");
    }
    if value.is_empty() {
        let may_be = !matches!(attribute, Attribute::StudyInstanceUid | Attribute::SpecificCharacterSet);
        return if may_be { Ok(()) } else { Err("it can't be empty") };
    }
    if value.chars().any(|letter| letter.is_control() || letter == '\\') {
        return Err("it has a backslash or a character that can't be printed");
    }
    match vr(attribute) {
        VR::UI => check_uid(value.as_bytes()),
        VR::DA => date(value),
        VR::TM => time(value),
        VR::SH => at_most(16, value, "it is longer than 16 characters"),
        VR::PN => name(value),
        VR::CS if attribute == Attribute::PatientSex => {
            if matches!(value, "M" | "F" | "O") {
                Ok(())
            } else {
                Err("it is none of M, F and O")
            }
        }
        VR::CS => {
            decoder(Some(value.as_bytes())).map(drop).map_err(|_| "it is no character set that is known")
        }
        _ => at_most(64, value, "it is longer than 64 characters"),
    }
}

fn at_most(chars: usize, value: &str, why: &'static str) -> Result<(), &'static str> {
    if value.chars().count() <= chars { Ok(()) } else { Err(why) }
}

fn name(value: &str) -> Result<(), &'static str> {
    let groups: Vec<&str> = value.split('=').collect();
    if groups.len() > 3 || groups.iter().any(|group| group.split('^').count() > 5) {
        return Err("it has more parts than a person's name");
    }
    groups.iter().try_for_each(|group| at_most(64, group, "a part of it is longer than 64 characters"))
}

fn date(value: &str) -> Result<(), &'static str> {
    let is_date = value.len() == 8 && NaiveDate::parse_from_str(value, "%Y%m%d").is_ok();
    if is_date { Ok(()) } else { Err("it is no date as YYYYMMDD") }
}

fn time(value: &str) -> Result<(), &'static str> {
    let why = "it is no time as HHMMSS";
    let (whole, fraction) = value.split_once('.').unwrap_or((value, "0"));
    let is_fraction = (1..=6).contains(&fraction.len()) && fraction.bytes().all(|byte| byte.is_ascii_digit());
    let is_time = whole.len() == 6 && NaiveTime::parse_from_str(whole, "%H%M%S").is_ok();
    if is_time && is_fraction { Ok(()) } else { Err(why) }
}
