//! Field reports R16 and R25: what comes back is of the asked modality, what is made of it says what the source says, and
//! by which seed it was made.

use crate::site::{Answer, Site};
use contract::generation::{DerivedRole, Run};
use contract::job::{Cost, JobVolume, Parameters};
use contract::{Event, RunId};
use database::scratch::Scratch;
use dicom_io::{read, tags};
use imaging::Volume;

/// What a worker of another modality answers.
type Twist = fn(&Volume) -> Vec<f32>;

fn reason(events: &[Event], wanted: &RunId) -> Option<String> {
    events.iter().find_map(|event| match event {
        Event::RunFailed { run, reason_code, .. } if run == wanted => Some(reason_code.clone()),
        _ => None,
    })
}

async fn r16_what_is_of_another_modality_or_a_copy_makes_no_case(scratch: Scratch) {
    let cases: [(&str, Twist); 5] = [
        // The input's values are around −1600 HU; an MR image has none below 0.
        ("out_of_range", |input| input.data.iter().map(|value| value + 1700.0).collect()),
        ("mean_shifted", |input| input.data.iter().map(|value| value + 300.0).collect()),
        ("copy_of_input", |input| input.data.clone()),
        ("copy_of_input", |input| input.data.iter().map(|value| value + 1e-3).collect()),
        ("not_finite", |input| input.data.iter().map(|_| f32::INFINITY).collect()),
    ];
    let site = Site::open(&scratch).await;
    let running = site.start().await;
    let mut worker = site.worker().await;
    for (number, (code, twist)) in cases.into_iter().enumerate() {
        let number = 200 + number as u128;
        site.requests_run(number).await;
        let job = worker.takes().await;
        let input = worker.input(&job).await;
        let image = input.with_data(twist(&input)).unwrap();
        let around = |by: f32| {
            let data =
                image.data.iter().enumerate().map(|(index, value)| value + by * (20 + index % 7) as f32);
            image.with_data(data.collect()).unwrap()
        };
        let (lower, upper) = (around(-1.0), around(1.0));
        let answer = Answer { image, lower, upper, ..worker.works(&job).await };
        worker.answers(&job, answer).await;
        let run = RunId::from_bits(number);
        let events = site.tells_that(|event| reason(std::slice::from_ref(event), &run).is_some()).await;
        assert_eq!(reason(&events, &run).as_deref(), Some(code));
        let run = site.generation(&running).run(&run).await.unwrap().unwrap();
        assert!(run.derived.is_empty() && run.case_digest.is_none());
    }
}

/// What a NIfTI file says beside its values: that they are seconds, and that they are of an MR.
fn says_that_it_is_mr(file: &mut [u8]) {
    const XYZT_UNITS: usize = 123;
    const DESCRIPTION: usize = 148;
    const INTENT_NAME: usize = 328;
    file[XYZT_UNITS] = 10;
    file[DESCRIPTION..DESCRIPTION + 15].copy_from_slice(b"Modality MR, ms");
    file[INTENT_NAME..INTENT_NAME + 2].copy_from_slice(b"MR");
}

async fn modality_and_unit(site: &Site, run: &Run, role: DerivedRole) -> (String, Vec<u8>) {
    let series = run.derived.iter().find(|series| series.role == role).unwrap();
    let file = site.dicom.get(&series.instances[0].object).await.unwrap().unwrap();
    let object = read::object(&file).unwrap();
    (object.element(tags::MODALITY).unwrap().to_str().unwrap().into_owned(), file.to_vec())
}

fn contains(file: &[u8], text: &[u8]) -> bool {
    file.windows(text.len()).any(|bytes| bytes == text)
}

async fn r16_modality_and_unit_of_what_is_made_never_come_from_the_worker(scratch: Scratch) {
    let site = Site::open(&scratch).await;
    let running = site.start().await;
    site.requests().await;
    let mut worker = site.worker().await;
    let job = worker.takes().await;
    let answer = worker.works(&job).await;
    let mut outputs = Vec::new();
    for (role, volume) in [("image", &answer.image), ("lower", &answer.lower), ("upper", &answer.upper)] {
        let mut file = volume_io::nifti::write_bytes(volume);
        says_that_it_is_mr(&mut file);
        outputs.push(JobVolume { role: role.to_owned(), volume: worker.keeps(file).await });
    }
    let cost = Cost { device: "test".to_owned(), seconds: 0.1, peak_bytes: None };
    let report = serde_json::json!({
        "job": job.job, "attempt": job.attempt, "fence": job.fence, "modality": "MR", "unit": "ms",
        "outcome": {
            "kind": "completed", "outputs": outputs, "scores": answer.scores, "cost": cost, "modality": "MR", "unit": "ms",
        },
    });
    worker.reports(&report).await;
    site.tells("run.completed").await;
    let run = site.run(&running).await;
    let (modality, image) = modality_and_unit(&site, &run, DerivedRole::Image).await;
    assert_eq!(modality.trim(), "CT");
    assert!(contains(&image, b"HU"), "its rescale type");
    for role in [DerivedRole::Uncertainty, DerivedRole::Lower, DerivedRole::Upper] {
        let (modality, map) = modality_and_unit(&site, &run, role).await;
        assert_eq!(modality.trim(), "CT", "{role:?}");
        assert!(contains(&map, b"[hnsf'U]") && !contains(&map, b"Modality MR"), "{role:?}");
    }
}

async fn r25_every_attempt_at_a_run_has_its_parameters_and_what_is_made_says_them(scratch: Scratch) {
    let site = Site::open(&scratch).await;
    let running = site.start().await;
    site.requests().await;
    let mut worker = site.worker().await;
    let lost = worker.takes().await;
    let job = worker.completes().await;
    assert_eq!((lost.attempt, job.attempt), (1, 2));
    assert_eq!(lost.parameters, job.parameters, "a repeated attempt is the same work");
    site.tells("run.completed").await;
    let run = site.run(&running).await;
    let Parameters { steps, samples, seed, texture_percent } = job.parameters.clone();
    assert_eq!((steps, samples, texture_percent), (10, 8, 30), "the model's own, and the deployment's");
    let parameters = format!("seed {seed}, 30 % of the texture kept");
    for series in &run.derived {
        for instance in &series.instances {
            let file = site.dicom.get(&instance.object).await.unwrap().unwrap();
            assert!(contains(&file, parameters.as_bytes()), "{:?} doesn't say {parameters}", series.role);
        }
    }
    site.requests_run(300).await;
    assert_ne!(worker.takes().await.parameters.seed, job.parameters.seed, "another run draws anew");
}

database::on_both_databases!(
    r25_every_attempt_at_a_run_has_its_parameters_and_what_is_made_says_them,
    r16_what_is_of_another_modality_or_a_copy_makes_no_case,
    r16_modality_and_unit_of_what_is_made_never_come_from_the_worker,
);
