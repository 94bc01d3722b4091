//! What a deployment costs and gives: prices, plans, budgets, and what comes of them.

use super::{Rollout, Stage};
use crate::{Client, ClientError, DeploymentId, SeriesId, Time};
use serde::{Deserialize, Serialize};

/// How a figure is known. Later is weaker: what rests on several figures is as good as the weakest of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Known {
    /// Counted or timed here.
    Measured,
    /// Written in a contract or an invoice.
    Contract,
    /// Somebody's judgement.
    Estimated,
}

impl Known {
    /// The word as it stands in JSON and in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Measured => "measured",
            Self::Contract => "contract",
            Self::Estimated => "estimated",
        }
    }
}

/// An amount of money that a person entered.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entered {
    /// In the currency of the prices.
    pub amount: f64,
    /// How it is known.
    pub known: Known,
}

/// What an hour of a device costs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DevicePrice {
    /// How the names of the devices begin, as workers report them, case ignored: `cpu`, `NVIDIA`.
    pub device: String,
    /// One hour.
    pub hour: Entered,
}

/// Prices and rates of the house, for every deployment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Prices {
    /// ISO 4217.
    pub currency: String,
    /// The longest name that fits a device counts.
    pub devices: Vec<DevicePrice>,
    /// One hour of any other device.
    pub other_device_hour: Entered,
    /// One gigabyte (10⁹ bytes) kept for a month.
    pub storage_gb_month: Entered,
    /// How long what was generated is kept, months.
    pub storage_months: f64,
    /// One hour of a reader, with everything that it costs the house.
    pub reader_hour: Entered,
}

/// What a benefit is counted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BenefitPer {
    /// Each released study.
    ReleasedStudy,
    /// Each month.
    Month,
}

/// Something that a deployment is good for, in money.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Benefit {
    /// What it is: scan minutes saved × value of a slot, repeats avoided…
    pub name: String,
    /// What it is counted by.
    pub per: BenefitPer,
    /// The least that is likely.
    pub low: f64,
    /// The likeliest.
    pub base: f64,
    /// The most that is likely.
    pub high: f64,
    /// How it is known. A maker's claim is an estimate.
    pub known: Known,
}

/// What a deployment may cost in a month of the calendar (UTC).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Budget {
    /// The month's amount. No run is asked for by which it would be overspent.
    pub month: f64,
    /// The share of it, 0 to 1, from which on only some studies are taken.
    pub throttle_from: f64,
    /// How many of a thousand studies are taken from then on.
    pub throttle_per_mille: u32,
    /// What one study is taken to cost until ten are measured.
    pub first_studies: f64,
}

/// What a deployment costs beside its runs and reads, and what it is good for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// Licence and support, a month.
    pub licence_month: Entered,
    /// Licence, each generated study.
    pub licence_study: Entered,
    /// People beside the readers: quality, training, incidents; a month.
    pub people_month: Entered,
    /// Bringing it in, once.
    pub integration: Entered,
    /// Over how many months that is spread.
    pub integration_months: f64,
    /// The share of released studies that somebody opened in the PACS, 0 to 1, counted there: nothing tells us.
    pub used_share: Option<f64>,
    /// What it is good for.
    pub benefits: Vec<Benefit>,
    /// What it may cost.
    pub budget: Option<Budget>,
}

/// A version of prices or of a plan. One version never changes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TermsVersion<T> {
    /// From 1; 0 is what every site begins with.
    pub version: u32,
    /// What was put in force.
    pub terms: T,
    /// Printed name of who did it.
    pub changed_by: Option<String>,
    /// When.
    pub changed_at: Option<Time>,
    /// Why.
    pub reason: String,
    /// What is otherwise than in the version before, one line each.
    pub difference: Vec<String>,
}

/// Puts other prices or another plan in force.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ChangeTerms<T> {
    /// What.
    pub terms: T,
    /// Why.
    pub reason: String,
    /// The version that this one follows: refused when another came between.
    pub follows: u32,
}

/// Which period is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct EconomicsQuery {
    /// Begin.
    pub from: Time,
    /// End, not in it.
    pub to: Time,
}

/// What money is spent on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CostKind {
    /// Computing.
    Compute,
    /// Keeping what was generated.
    Storage,
    /// Licence.
    Licence,
    /// Readers.
    Reading,
    /// Other people.
    People,
    /// Bringing it in.
    Integration,
}

impl CostKind {
    /// The word as it stands in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Compute => "compute",
            Self::Storage => "storage",
            Self::Licence => "licence",
            Self::Reading => "reading",
            Self::People => "people",
            Self::Integration => "integration",
        }
    }
}

/// One line of an account: so much of something at a price.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CostLine {
    /// What it is spent on.
    pub kind: CostKind,
    /// What exactly: the device, the kind of licence.
    pub name: String,
    /// How much.
    pub quantity: f64,
    /// Of what: `h`, `GB months`, `studies`, `months`.
    pub unit: String,
    /// How the quantity is known.
    pub quantity_known: Known,
    /// The price of one.
    pub price: Entered,
    /// What it comes to.
    pub amount: f64,
    /// How well that is known.
    pub known: Known,
}

/// Three amounts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Span {
    /// The least that is likely.
    pub low: f64,
    /// The likeliest.
    pub base: f64,
    /// The most that is likely.
    pub high: f64,
}

/// A benefit in a period.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BenefitLine {
    /// What it is.
    pub name: String,
    /// How many released studies or months.
    pub quantity: f64,
    /// `released studies` or `months`.
    pub unit: String,
    /// What it comes to.
    pub amount: Span,
    /// How well that is known.
    pub known: Known,
}

/// How the result of a month changes when one figure is otherwise.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sensitivity {
    /// The figure, and how it is changed, in words.
    pub name: String,
    /// The result of a month at its lower value.
    pub at_low: f64,
    /// The result of a month at its higher value.
    pub at_high: f64,
}

/// How many studies came to what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct StudyCounts {
    /// Runs that were asked for.
    pub requested: u32,
    /// Runs that ended with a result.
    pub generated: u32,
    /// Runs that ended without one.
    pub failed: u32,
    /// Cases that ended by their reads.
    pub read: u32,
    /// Cases that were released.
    pub released: u32,
    /// Released studies that were opened in the PACS, where a share is entered.
    pub used: Option<f64>,
}

/// What was spent and gained in a period.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Account {
    /// Studies.
    pub studies: StudyCounts,
    /// Minutes of readers.
    pub reader_minutes: f64,
    /// What was spent.
    pub lines: Vec<CostLine>,
    /// The sum.
    pub cost: f64,
    /// How well the sum is known.
    pub known: Known,
    /// The sum over generated studies.
    pub per_generated: Option<f64>,
    /// The sum over released studies.
    pub per_released: Option<f64>,
    /// The sum over used studies.
    pub per_used: Option<f64>,
    /// What was gained.
    pub benefits: Vec<BenefitLine>,
    /// The sum.
    pub benefit: Span,
    /// Benefit less cost.
    pub result: Span,
    /// Hours of the period in which the deployment was there; of a sum, of the one that was there least.
    pub covered_hours: f64,
    /// Released studies a month in this period; `None` where it is too short to tell a month from, and then nothing
    /// else is told of a month.
    pub released_a_month: Option<f64>,
    /// Released studies a month at which benefit and cost are equal; `None` where no number reaches it.
    pub break_even: Option<f64>,
    /// Months until bringing it in is paid back by what a month leaves; `None` where it leaves nothing.
    pub payback_months: Option<f64>,
    /// How a month's result changes, the strongest first.
    pub sensitivity: Vec<Sensitivity>,
}

/// Where a month's budget stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BudgetState {
    /// The budget.
    pub budget: Budget,
    /// Begin of the month.
    pub since: Time,
    /// What is spent in this month, and what is on its way by its estimate.
    pub committed: f64,
    /// What the next study is taken to cost.
    pub estimate: f64,
    /// Studies on which the estimate rests; below ten it is the entered one.
    pub estimate_from: u32,
    /// `open`, `throttled` or `paused`.
    pub standing: BudgetStanding,
    /// What that means, in words.
    pub note: String,
}

/// How a budget lets studies in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BudgetStanding {
    /// All are taken.
    Open,
    /// Some are taken.
    Throttled,
    /// None are taken.
    Paused,
}

impl BudgetStanding {
    /// The word as it stands in JSON and databases.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Throttled => "throttled",
            Self::Paused => "paused",
        }
    }
}

/// A series that a deployment would have taken, had its budget let it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BudgetRefusal {
    /// The series.
    pub series: SeriesId,
    /// When.
    pub refused_at: Time,
    /// `throttled` or `paused`.
    pub standing: BudgetStanding,
    /// Why, in words.
    pub reason: String,
    /// What it was taken to cost.
    pub estimate: f64,
}

/// What a deployment costs and gives.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DeploymentEconomics {
    /// The deployment.
    pub deployment: DeploymentId,
    /// Its name.
    pub name: String,
    /// Its stage now.
    pub stage: Stage,
    /// What was spent and gained.
    pub account: Account,
    /// Its plan in force.
    pub plan: TermsVersion<Plan>,
    /// Former plans, newest first.
    pub former_plans: Vec<TermsVersion<Plan>>,
    /// Where its budget stands now, where it has one.
    pub budget: Option<BudgetState>,
    /// What its budget refused in the period, newest first; the newest 200.
    pub refusals: Vec<BudgetRefusal>,
    /// How many it refused in the period.
    pub refused: u32,
}

/// What a word of an account means.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meaning {
    /// The word.
    pub name: String,
    /// What it says, over what, and where it comes from.
    pub text: String,
}

/// What all deployments cost and give in a period.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Economics {
    /// Begin.
    pub from: Time,
    /// End.
    pub to: Time,
    /// Prices in force.
    pub prices: TermsVersion<Prices>,
    /// Former prices, newest first.
    pub former_prices: Vec<TermsVersion<Prices>>,
    /// Each deployment, by name.
    pub deployments: Vec<DeploymentEconomics>,
    /// All together.
    pub total: Account,
    /// What the words mean.
    pub meanings: Vec<Meaning>,
}

/// The forms in which economics leave as a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EconomicsFile {
    /// The report for the board as one page that needs nothing else.
    Html,
    /// The report for the board as PDF, to be kept and printed.
    Pdf,
    /// Every line of every account, RFC 4180.
    Csv,
}

impl EconomicsFile {
    /// The route.
    pub fn path(self) -> &'static str {
        match self {
            Self::Html => "/v1/economics/report",
            Self::Pdf => "/v1/economics/report/pdf",
            Self::Csv => "/v1/economics/csv",
        }
    }

    /// Its media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Html => "text/html; charset=utf-8",
            Self::Pdf => "application/pdf",
            Self::Csv => "text/csv; charset=utf-8",
        }
    }

    /// How its name ends.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Html => "html",
            Self::Pdf => "pdf",
            Self::Csv => "csv",
        }
    }
}

impl Rollout {
    /// What deployments cost and give in a period; the sums are over all of them.
    pub async fn economics(&self, query: &EconomicsQuery) -> Result<Economics, ClientError> {
        self.0.get_one("/v1/economics", query).await
    }

    /// The same as a file, which is sent as it comes, and recorded.
    pub fn economics_file(&self, file: EconomicsFile, query: &EconomicsQuery) -> reqwest::RequestBuilder {
        let client: &Client = &self.0;
        client.request(reqwest::Method::GET, file.path()).query(query)
    }

    /// Puts other prices in force, as an administrator.
    pub async fn prices_change(
        &self,
        command: &ChangeTerms<Prices>,
    ) -> Result<TermsVersion<Prices>, ClientError> {
        self.0.post("/v1/economics/prices", command).await
    }

    /// Puts another plan of a deployment in force, as an administrator.
    pub async fn plan_change(
        &self,
        id: &DeploymentId,
        command: &ChangeTerms<Plan>,
    ) -> Result<TermsVersion<Plan>, ClientError> {
        self.0.post(&format!("/v1/deployments/{id}/plan"), command).await
    }
}
