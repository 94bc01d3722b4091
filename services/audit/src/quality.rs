//! Gathers the cases of a period and what people call their models, deployments and scanners.

use crate::figures::Names;
use crate::watch::{Gathered, RunFacts, SeriesFacts};
use crate::{Deps, sentinels};
use contract::audit::FiguresQuery;
use contract::intake::Series;
use contract::review::{CaseKind, EndedCase, EndedQuery, ScoredCase, ScoredQuery};
use contract::{ClientError, RunId};
use std::collections::{BTreeSet, HashMap};

/// Series or runs asked for at once.
const BATCH_MAX: usize = 500;

/// Every case that its reads ended in the period.
pub(crate) async fn cases(deps: &Deps, period: FiguresQuery) -> Result<Vec<EndedCase>, ClientError> {
    let mut cases = Vec::new();
    let mut query = EndedQuery { from: period.from, to: period.to, after: None };
    loop {
        let page = deps.review.ended_cases(&query).await?;
        cases.extend(page.cases);
        query.after = page.after;
        if query.after.is_none() {
            return Ok(cases);
        }
    }
}

/// Every scored case that its reads ended in the period.
pub(crate) async fn scored(deps: &Deps, period: FiguresQuery) -> Result<Vec<ScoredCase>, ClientError> {
    deps.review.scored_cases(&ScoredQuery { from: period.from, to: period.to }).await
}

/// What people call models, deployments, and the scanners of `series`.
pub(crate) async fn names(deps: &Deps, series: &[Series]) -> Result<Names, ClientError> {
    let mut names = Names::default();
    for model in deps.rollout.models().await? {
        names.models.insert(model.id, format!("{} {}", model.name, model.version));
    }
    for deployment in deps.rollout.deployment_labels().await? {
        names.deployments.insert(deployment.id, deployment.name);
    }
    for series in series {
        names.scanners.insert(series.id.clone(), scanner(series));
    }
    Ok(names)
}

fn scanner(series: &Series) -> String {
    format!("{} {}", series.manufacturer, series.manufacturer_model_name).trim().to_owned()
}

/// The series that `cases` are about.
pub(crate) async fn series(deps: &Deps, cases: &[EndedCase]) -> Result<Vec<Series>, ClientError> {
    let ids: BTreeSet<_> = cases.iter().map(|case| case.series.clone()).collect();
    let ids: Vec<_> = ids.into_iter().collect();
    let mut found = Vec::new();
    for part in ids.chunks(BATCH_MAX) {
        found.extend(deps.intake.series_batch(part.to_vec()).await?);
    }
    Ok(found)
}

/// The cases of a period with everything that is known around them.
pub(crate) async fn gathered(deps: &Deps, period: FiguresQuery) -> Result<Gathered, ClientError> {
    let cases = cases(deps, period).await?;
    let of_cases = series(deps, &cases).await?;
    let mut gathered = Gathered { names: names(deps, &of_cases).await?, ..Gathered::default() };
    for series in of_cases {
        let facts = SeriesFacts {
            software: series.software_versions,
            kernel: series.convolution_kernel,
            protocol: series.protocol_name,
            slice_thickness_mm: series.slice_thickness_mm,
            pixel_spacing_mm: series.pixel_spacing_mm,
        };
        gathered.series.insert(series.id, facts);
    }
    let runs: Vec<_> = cases.iter().map(|case| case.run.clone()).collect();
    for part in runs.chunks(BATCH_MAX) {
        for run in deps.generation.run_batch(part.to_vec()).await? {
            let scores = run.scores.unwrap_or_default();
            let facts = RunFacts {
                domain: scores.domain,
                consistency: scores.consistency,
                agreement: scores.agreement,
                input: scores.input,
                regions: run.regions,
            };
            if let Some(cost) = &run.cost {
                gathered.names.machine_s.insert(run.id.clone(), cost.seconds);
            }
            gathered.runs.insert(run.id, facts);
        }
    }
    gathered.cases = cases;
    Ok(gathered)
}

/// What the workers took for the runs of the cases, seconds.
pub(crate) async fn machine_s(deps: &Deps, cases: &[EndedCase]) -> Result<HashMap<RunId, f64>, ClientError> {
    let runs: Vec<_> = cases.iter().map(|case| case.run.clone()).collect();
    let mut machine_s = HashMap::new();
    for part in runs.chunks(BATCH_MAX) {
        let found = deps.generation.run_batch(part.to_vec()).await?;
        machine_s.extend(found.into_iter().filter_map(|run| Some((run.id, run.cost?.seconds))));
    }
    Ok(machine_s)
}

/// Reads of test cases in a period, and of which model and deployment each case was.
pub(crate) async fn sentinels(deps: &Deps, period: FiguresQuery) -> Result<sentinels::Read, ClientError> {
    let mut samples = deps.review.quality_samples().await?;
    samples.retain(|sample| {
        sample.kind == CaseKind::Sentinel && sample.signed_at >= period.from && sample.signed_at < period.to
    });
    let runs: BTreeSet<_> = samples.iter().map(|sample| sample.run.clone()).collect();
    let runs: Vec<_> = runs.into_iter().collect();
    let mut made_by = HashMap::new();
    for part in runs.chunks(BATCH_MAX) {
        let found = deps.generation.run_batch(part.to_vec()).await?;
        made_by.extend(found.into_iter().map(|run| (run.id, (run.model, run.deployment))));
    }
    Ok(sentinels::Read { samples, made_by })
}
