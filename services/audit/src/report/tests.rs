use super::*;
use crate::figures;
use crate::watch::{self, Gathered};
use chrono::TimeDelta;

fn gathered() -> Gathered {
    watch::tests::calm(12)
}

fn made(gathered: &Gathered, made_by: &str) -> Report {
    let to = gathered.cases.iter().map(|case| case.ended_at).max().unwrap() + TimeDelta::hours(1);
    let found = figures::figures(&gathered.cases, &gathered.names, 5);
    let watched = watch::watched(gathered, to, 5);
    let head = Head { from: to - TimeDelta::days(90), to, made_at: to, made_by: made_by.to_owned() };
    report(&head, &found, &watched)
}

#[test]
fn a_report_says_each_figure_with_its_interval_and_what_it_is() {
    let gathered = gathered();
    let found = figures::figures(&gathered.cases, &gathered.names, 5);
    let all = found.agreement.iter().find(|figure| figure.group.by == GroupBy::All).unwrap();
    let page = made(&gathered, "quality").html();
    assert!(page.contains(&share(all.observed)) && page.contains(&value_of(all.ac1)));
    for definition in &found.definitions {
        assert!(page.contains(&definition.name), "{}", definition.name);
    }
    assert!(page.contains("<svg") && page.contains("outside their limits"));
}

#[test]
fn no_reader_stands_in_a_report_and_what_people_write_stays_text() {
    let gathered = gathered();
    let reader = &gathered.cases[0].first_reads[0].printed_name;
    let page = made(&gathered, "<script>alert(1)</script>").html();
    assert!(!page.contains(reader.as_str()));
    assert!(!page.contains("<script>") && page.contains("&lt;script&gt;"));
}

#[test]
fn small_groups_show_their_number_only() {
    let mut gathered = gathered();
    gathered.cases.truncate(3);
    let page = made(&gathered, "quality").html();
    assert!(page.contains("3 cases ended") && !page.contains("%)"));
}
