//! The groups to which the patient and the scanner of a series belong. Pure.
//!
//! They are coarse, so that a gate can ask whether a model serves everybody alike, and nobody is recognised by them.

use chrono::{Datelike as _, NaiveDate};

/// From which age on, years, and the group's name.
const AGES: [(i32, &str); 4] = [(65, "65 and older"), (40, "40 to 64"), (18, "18 to 39"), (0, "under 18")];

/// The age group at the study, from two DICOM dates (`YYYYMMDD`, PS3.5 6.2); empty when a date is none.
pub fn age(birth_date: &str, study_date: &str) -> &'static str {
    let date = |text: &str| NaiveDate::parse_from_str(text, "%Y%m%d").ok();
    let (Some(born), Some(studied)) = (date(birth_date), date(study_date)) else { return "" };
    let had_birthday = (studied.month(), studied.day()) >= (born.month(), born.day());
    let years = studied.year() - born.year() - i32::from(!had_birthday);
    AGES.into_iter().find(|(from, _)| years >= *from).map_or("", |(_, name)| name)
}

/// (0010,0040) where it is one of the defined terms (PS3.3 C.7.1.1); else empty.
pub fn sex(stored: &str) -> &'static str {
    match stored.trim() {
        "F" => "F",
        "M" => "M",
        "O" => "O",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_is_that_at_the_study() {
        assert_eq!(age("19600229", "20240228"), "40 to 64");
        assert_eq!(age("19590228", "20240228"), "65 and older");
        assert_eq!(age("20060301", "20240229"), "under 18");
        assert_eq!(age("20060229", "20240229"), "", "2006 had no such day");
    }

    #[test]
    fn what_is_not_known_is_in_no_group() {
        for (born, studied) in
            [("", "20240101"), ("19600101", ""), ("1960", "20240101"), ("20250101", "20240101")]
        {
            assert_eq!(age(born, studied), "", "{born} {studied}");
        }
        assert_eq!((sex("F "), sex(""), sex("female")), ("F", "", ""));
    }
}
