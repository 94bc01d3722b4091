//! Gathers the cases of a period and what people call their models, deployments and scanners.

use crate::Deps;
use crate::figures::Names;
use contract::ClientError;
use contract::audit::FiguresQuery;
use contract::review::{EndedCase, EndedQuery};
use std::collections::BTreeSet;

/// Series asked for at once.
const SERIES_MAX: usize = 500;

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

/// What people call the things in `cases`.
pub(crate) async fn names(deps: &Deps, cases: &[EndedCase]) -> Result<Names, ClientError> {
    let mut names = Names::default();
    for model in deps.rollout.models().await? {
        names.models.insert(model.id, format!("{} {}", model.name, model.version));
    }
    for deployment in deps.rollout.deployment_labels().await? {
        names.deployments.insert(deployment.id, deployment.name);
    }
    let series: BTreeSet<_> = cases.iter().map(|case| case.series.clone()).collect();
    let series: Vec<_> = series.into_iter().collect();
    for part in series.chunks(SERIES_MAX) {
        for series in deps.intake.series_batch(part.to_vec()).await? {
            let scanner = format!("{} {}", series.manufacturer, series.manufacturer_model_name);
            names.scanners.insert(series.id, scanner.trim().to_owned());
        }
    }
    Ok(names)
}
