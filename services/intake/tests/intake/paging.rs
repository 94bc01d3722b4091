//! Field report R44: lists are paged through while studies arrive; each older study comes exactly once.

use crate::running::{Running, quick, send_series};
use contract::intake::{Intake, StudyRange};
use contract::{PageRequest, Role};
use database::scratch::Scratch;
use dicom_io::fixture::CtSeries;
use std::collections::BTreeSet;

database::on_both_databases!(r44_each_older_study_comes_once_while_others_arrive,);

const STUDIES: u32 = 137;

async fn arrives(running: &Running, number: u32) {
    // One to three series each: a page that counted joined rows would cut studies in two.
    for part in 0..=number % 3 {
        let mut series = CtSeries::new(&format!("1.2.826.{number}"));
        series.number = part as u16 + 1;
        send_series(running, &series, 0..1).await;
    }
}

async fn newest_first(running: &Running, intake: &Intake, limit: u32, late: u32) -> Vec<String> {
    let mut listed = Vec::new();
    let mut request = PageRequest { first: Some(limit), after: None };
    loop {
        let page = intake.studies(&request).await.unwrap();
        request.after = page.items.last().map(|item| item.cursor.clone());
        listed.extend(page.items.into_iter().map(|item| item.node.study_instance_uid));
        if listed.len() == 2 * limit as usize {
            arrives(running, late).await;
        }
        if !page.has_next_page {
            return listed;
        }
    }
}

async fn by_arrival(running: &Running, intake: &Intake, limit: u32, late: u32) -> Vec<String> {
    let mut listed = Vec::new();
    loop {
        let range = StudyRange { offset: listed.len() as u64, limit };
        let part = intake.studies_by_arrival(&range).await.unwrap();
        listed.extend(part.studies.into_iter().map(|study| study.study_instance_uid));
        if listed.len() == 2 * limit as usize {
            arrives(running, late).await;
        }
        if listed.len() as u64 >= part.total {
            return listed;
        }
    }
}

async fn r44_each_older_study_comes_once_while_others_arrive(scratch: Scratch) {
    let running = &Running::start(scratch, quick()).await;
    for number in 0..STUDIES {
        arrives(running, number).await;
    }
    let older: BTreeSet<String> = (0..STUDIES).map(|number| format!("1.2.826.{number}")).collect();
    let intake = &running.as_person(&[Role::Quality]);
    for (limit, late) in [(10, STUDIES), (25, STUDIES + 2)] {
        for listed in [
            newest_first(running, intake, limit, late).await,
            by_arrival(running, intake, limit, late + 1).await,
        ] {
            let distinct: BTreeSet<String> = listed.iter().cloned().collect();
            assert_eq!(distinct.len(), listed.len(), "none came twice");
            assert!(distinct.is_superset(&older), "none was lost");
        }
    }
}
