//! What accounts and budgets must hold, whatever the figures are.

use super::*;
use contract::rollout::{Benefit, Budget, BudgetStanding, DevicePrice};
use contract::{DeploymentId, StudyId};
use proptest::prelude::*;

const fn entered(amount: f64, known: Known) -> Entered {
    Entered { amount, known }
}

fn prices() -> Prices {
    Prices {
        currency: "EUR".to_owned(),
        devices: vec![
            DevicePrice { device: "cpu".to_owned(), hour: entered(0.6, Known::Estimated) },
            DevicePrice { device: "NVIDIA H200".to_owned(), hour: entered(6.0, Known::Contract) },
            DevicePrice { device: "nvidia".to_owned(), hour: entered(3.0, Known::Contract) },
        ],
        other_device_hour: entered(9.0, Known::Estimated),
        storage_gb_month: entered(0.1, Known::Contract),
        storage_months: 10.0,
        reader_hour: entered(120.0, Known::Contract),
    }
}

fn plan() -> Plan {
    Plan {
        licence_month: entered(300.0, Known::Contract),
        licence_study: entered(1.0, Known::Contract),
        people_month: entered(100.0, Known::Estimated),
        integration: entered(3_600.0, Known::Contract),
        integration_months: 36.0,
        used_share: Some(0.5),
        benefits: vec![Benefit {
            name: "scan minutes".to_owned(),
            per: BenefitPer::ReleasedStudy,
            low: 10.0,
            base: 40.0,
            high: 60.0,
            known: Known::Estimated,
        }],
        budget: None,
    }
}

fn run(device: &str, seconds: f64, generated: bool) -> RunFact {
    RunFact { device: Some(device.to_owned()), seconds, stored_bytes: 1e9, generated }
}

const fn read(released: bool, reader_seconds: f64) -> ReadFact {
    ReadFact { released, reader_seconds }
}

fn facts() -> Facts {
    let runs =
        vec![run("cpu", 3_600.0, true), run("NVIDIA H200 NVL", 1_800.0, true), run("cpu", 1_800.0, false)];
    Facts { months: 1.0, requested: 3, runs, reads: vec![read(true, 600.0), read(false, 300.0)] }
}

fn amount(account: &Account, kind: CostKind) -> f64 {
    account.lines.iter().filter(|line| line.kind == kind).map(|line| line.amount).sum()
}

/// By hand: 1.5 h × 0.6 + 0.5 h × 6; 3 GB × 10 months × 0.1; 2 × 1 + 300; 0.25 h × 120; 100; 3600 / 36.
#[test]
fn an_account_is_quantities_times_prices() {
    let account = account(&facts(), &prices(), &plan());
    let found = [
        CostKind::Compute,
        CostKind::Storage,
        CostKind::Licence,
        CostKind::Reading,
        CostKind::People,
        CostKind::Integration,
    ]
    .map(|kind| money(amount(&account, kind)));
    assert_eq!(found, ["3.90", "3.00", "302.00", "30.00", "100.00", "100.00"]);
    assert_eq!((account.studies.generated, account.studies.failed, account.studies.released), (2, 1, 1));
    assert!((account.cost - 538.9).abs() < 1e-9);
    assert!((account.per_generated.unwrap() - 269.45).abs() < 1e-9);
    assert!((account.per_used.unwrap() - 1_077.8).abs() < 1e-9);
    assert!((account.reader_minutes - 15.0).abs() < 1e-9);
    assert!((account.result.base - (40.0 - 538.9)).abs() < 1e-9);
}

#[test]
fn an_amount_is_as_well_known_as_its_weakest_figure() {
    let account = account(&facts(), &prices(), &plan());
    let of = |name: &str| account.lines.iter().find(|line| line.name.contains(name)).unwrap().known;
    assert_eq!(
        (of("cpu"), of("H200"), of("all reads")),
        (Known::Estimated, Known::Contract, Known::Contract)
    );
    assert_eq!(account.known, Known::Estimated);
}

#[test]
fn without_a_released_study_nothing_is_said_of_one() {
    let nothing = Facts { months: 1.0, ..Facts::default() };
    let account = account(&nothing, &prices(), &plan());
    assert_eq!((account.per_generated, account.per_released, account.break_even), (None, None, None));
    assert!((account.cost - 500.0).abs() < 1e-9, "what is paid by the month is paid all the same");
}

#[test]
fn a_table_for_spreadsheets_keeps_names_as_text() {
    let mut plan = plan();
    plan.benefits[0].name = "=cmd|'/c calc'!A1, \"quoted\"".to_owned();
    let row = csv(&economics_of(&plan)).lines().find(|line| line.contains("calc")).unwrap().to_owned();
    assert!(row.contains("\"'=cmd|'/c calc'!A1, \"\"quoted\"\" (low)\""), "{row}");
}

#[test]
fn the_report_says_how_each_amount_is_known_and_escapes_what_people_typed() {
    let mut plan = plan();
    plan.benefits[0].name = "<script>alert(1)</script>".to_owned();
    let head = Head { made_at: Time::UNIX_EPOCH, made_by: "Ada".to_owned() };
    let page = report(&head, &economics_of(&plan)).html();
    assert!(!page.contains("<script>") && page.contains("&lt;script&gt;"));
    for word in ["measured", "contract", "estimated", "538.90", "Break-even at 454.5"] {
        assert!(page.contains(word), "{word}");
    }
}

/// One released study in the first quarter of an hour would be 2,922 a month.
#[test]
fn a_month_is_told_from_a_week_and_from_nothing_less() {
    let (at, mut facts) = (Time::UNIX_EPOCH, facts());
    facts.months = months(at, at + TimeDelta::minutes(15));
    let short = account(&facts, &prices(), &plan());
    assert_eq!((short.released_a_month, short.break_even, short.payback_months), (None, None, None));
    assert!(short.sensitivity.is_empty() && short.cost > 0.0 && (short.covered_hours - 0.25).abs() < 1e-9);

    facts.months = months(at, at + TimeDelta::days(7) - TimeDelta::minutes(1));
    assert_eq!(account(&facts, &prices(), &plan()).released_a_month, None);
    facts.months = months(at, at + TimeDelta::days(7));
    let week = account(&facts, &prices(), &plan());
    assert!((week.released_a_month.unwrap() - 30.4375 / 7.0).abs() < 1e-9);
    assert!(week.break_even.is_some() && !week.sensitivity.is_empty());
}

#[test]
fn nothing_is_told_of_a_month_of_all_where_one_was_there_too_short() {
    let minutes =
        Facts { months: months(Time::UNIX_EPOCH, Time::UNIX_EPOCH + TimeDelta::minutes(90)), ..facts() };
    let (long, short) = (account(&facts(), &prices(), &plan()), account(&minutes, &prices(), &plan()));
    let both = total(&[(&long, 1.0), (&short, minutes.months)]);
    assert!(both.released_a_month.is_none() && both.sensitivity.is_empty());
    assert!((both.covered_hours - 1.5).abs() < 1e-9 && is_near(both.cost, long.cost + short.cost));
}

#[test]
fn the_report_of_a_first_hour_says_in_words_that_it_tells_no_month() {
    let mut economics = economics_of(&plan());
    let hour = Facts { months: months(Time::UNIX_EPOCH, Time::UNIX_EPOCH + TimeDelta::hours(1)), ..facts() };
    economics.deployments[0].account = account(&hour, &prices(), &plan());
    let head = Head { made_at: Time::UNIX_EPOCH, made_by: "Ada".to_owned() };
    let page = report(&head, &economics).html();
    assert!(page.contains("there for 1.0 hours of the period. A month can't be told from less than 7 days"));
    assert!(page.contains("&lt; 0.01 months"), "what is there isn't written as nothing");
    assert!(!page.contains("Break-even at") && !page.contains("What a month leaves when"));
}

fn economics_of(plan: &Plan) -> contract::rollout::Economics {
    use contract::rollout::{DeploymentEconomics, Economics, Stage, TermsVersion};
    let account = account(&facts(), &prices(), plan);
    let version = |terms| TermsVersion {
        version: 1,
        terms,
        changed_by: None,
        changed_at: None,
        reason: String::new(),
        difference: Vec::new(),
    };
    let total = total(&[(&account, 1.0)]);
    Economics {
        from: Time::UNIX_EPOCH,
        to: Time::UNIX_EPOCH + TimeDelta::days(30),
        prices: TermsVersion {
            version: 1,
            terms: prices(),
            changed_by: None,
            changed_at: None,
            reason: String::new(),
            difference: Vec::new(),
        },
        former_prices: Vec::new(),
        deployments: vec![DeploymentEconomics {
            deployment: DeploymentId::from_bits(1),
            name: "chest".to_owned(),
            stage: Stage::Pilot,
            account,
            plan: version(plan.clone()),
            former_plans: Vec::new(),
            budget: None,
            refusals: Vec::new(),
            refused: 0,
        }],
        total,
        meanings: meanings(),
    }
}

#[test]
fn money_is_written_with_two_decimals_and_thousands_apart() {
    let written = [0.0, -0.001, 1.005, 999.999, 1_234_567.891, -1_234.5].map(money);
    assert_eq!(written, ["0.00", "0.00", "1.00", "1,000.00", "1,234,567.89", "\u{2212}1,234.50"]);
}

const BUDGET: Budget =
    Budget { month: 1_000.0, throttle_from: 0.8, throttle_per_mille: 500, first_studies: 10.0 };

fn open(count: usize) -> Vec<Request> {
    let request = Request { requested_at: Time::UNIX_EPOCH, estimate: Some(10.0), run: None, read: None };
    vec![request; count]
}

fn bare_plan() -> Plan {
    Plan { licence_study: entered(0.0, Known::Contract), ..first_plan() }
}

#[test]
fn a_budget_is_open_then_throttled_then_paused_and_says_so_in_numbers() {
    let at = |count| state(BUDGET, (&prices(), &bare_plan()), (&[], &open(count)), Time::UNIX_EPOCH);
    assert_eq!(
        [at(10), at(80), at(100)].map(|state| state.standing),
        [BudgetStanding::Open, BudgetStanding::Throttled, BudgetStanding::Paused]
    );
    assert!(at(100).note.contains("1,000.00 of 1,000.00 EUR") && at(100).note.contains("next month"));
}

#[test]
fn an_estimate_is_what_nine_of_ten_measured_studies_stay_below() {
    let measured: Vec<Request> = (1..=20)
        .map(|minutes| Request {
            requested_at: Time::UNIX_EPOCH,
            estimate: None,
            run: Some(RunFact { device: None, seconds: 0.0, stored_bytes: 0.0, generated: true }),
            read: Some(read(true, f64::from(minutes) * 60.0)),
        })
        .collect();
    let state = state(BUDGET, (&prices(), &bare_plan()), (&measured, &[]), Time::UNIX_EPOCH);
    assert_eq!(state.estimate_from, 20);
    assert!((state.estimate - 38.0).abs() < 1e-9, "19 minutes at 120 an hour, not {}", state.estimate);
    let few = super::state(BUDGET, (&prices(), &bare_plan()), (&measured[..9], &[]), Time::UNIX_EPOCH);
    assert!((few.estimate - 10.0).abs() < 1e-9);
}

fn any_facts() -> impl Strategy<Value = Facts> {
    let runs = prop::collection::vec((0.0..9_000.0, 0.0..5e9, any::<bool>()), 0..30);
    let reads = prop::collection::vec((any::<bool>(), 0.0..4_000.0), 0..30);
    (0.01..24.0, runs, reads).prop_map(|(months, runs, reads)| Facts {
        months,
        requested: runs.len() as u32,
        runs: runs
            .into_iter()
            .map(|(seconds, stored_bytes, generated)| RunFact {
                device: Some("cpu".to_owned()),
                seconds,
                stored_bytes,
                generated,
            })
            .collect(),
        reads: reads.into_iter().map(|(released, seconds)| read(released, seconds)).collect(),
    })
}

fn is_near(one: f64, other: f64) -> bool {
    (one - other).abs() <= 1e-6 * (1.0 + one.abs().max(other.abs()))
}

proptest! {
    #[test]
    fn the_cost_is_the_sum_of_its_lines_and_what_is_shared_multiplies_back(facts in any_facts()) {
        let account = account(&facts, &prices(), &plan());
        prop_assert!(is_near(account.cost, account.lines.iter().map(|line| line.amount).sum()));
        prop_assert!(account.lines.iter().all(|line| is_near(line.amount, line.quantity * line.price.amount)));
        if let Some(one) = account.per_released {
            prop_assert!(is_near(one * f64::from(account.studies.released), account.cost));
        }
        prop_assert!(account.result.low <= account.result.base && account.result.base <= account.result.high);
    }

    #[test]
    fn at_break_even_benefit_and_cost_are_equal(facts in any_facts()) {
        let plan = plan();
        let account = account(&facts, &prices(), &plan);
        let Some(studies) = account.break_even.filter(|studies| *studies > 0.0) else { return Ok(()) };
        let varying: f64 =
            account.lines.iter().filter(|line| !is_fixed(line)).map(|line| line.amount).sum();
        let fixed: f64 = account.lines.iter().filter(|line| is_fixed(line)).map(|line| line.amount).sum();
        let each = varying / f64::from(account.studies.released);
        prop_assert!(is_near(studies * 40.0, studies * each + fixed / facts.months));
    }

    #[test]
    fn one_account_summed_is_itself_and_sums_add_up(facts in any_facts(), others in any_facts()) {
        let (one, other) = (account(&facts, &prices(), &plan()), account(&others, &prices(), &plan()));
        let alone = total(&[(&one, facts.months)]);
        prop_assert!(is_near(alone.cost, one.cost) && is_near(alone.result.base, one.result.base));
        let both = total(&[(&one, facts.months), (&other, others.months)]);
        prop_assert!(is_near(both.cost, one.cost + other.cost));
        let used = one.studies.used.unwrap() + other.studies.used.unwrap();
        prop_assert!(is_near(both.studies.used.unwrap(), used));
    }

    #[test]
    fn dearer_is_never_better_and_the_strongest_stands_first(facts in any_facts()) {
        let account = account(&facts, &prices(), &plan());
        let widths: Vec<f64> =
            account.sensitivity.iter().map(|row| (row.at_high - row.at_low).abs()).collect();
        prop_assert!(widths.is_sorted_by(|one, next| one >= next));
        for row in account.sensitivity.iter().filter(|row| row.name.starts_with("time or rate")) {
            prop_assert!(row.at_high <= row.at_low);
        }
    }

    /// Whatever studies come to, and however far estimates and costs lie apart: no run is asked for by which the
    /// commitment would exceed the budget.
    #[test]
    fn no_study_is_taken_by_which_the_budget_would_be_overspent(
        studies in prop::collection::vec((0_u128..10_000, 1.0..40.0), 1..150),
    ) {
        let deployment = DeploymentId::from_bits(1);
        let (prices, plan) = (prices(), bare_plan());
        let mut taken: Vec<Request> = Vec::new();
        for (study, minutes) in studies {
            let now = state(BUDGET, (&prices, &plan), (&taken, &taken), Time::UNIX_EPOCH);
            if decide(&now, &deployment, &StudyId::from_bits(study)) == Verdict::Take {
                prop_assert!(now.committed + now.estimate <= BUDGET.month + 1e-9);
                let estimate = Some(now.estimate);
                // Read at once, at most for what it was taken to cost.
                let seconds = f64::min(minutes * 60.0, now.estimate / 120.0 * SECONDS_PER_HOUR);
                let run = Some(RunFact { device: None, seconds: 0.0, stored_bytes: 0.0, generated: true });
                let read = Some(read(true, seconds));
                taken.insert(0, Request { requested_at: Time::UNIX_EPOCH, estimate, run, read });
            }
            let after = state(BUDGET, (&prices, &plan), (&taken, &taken), Time::UNIX_EPOCH);
            prop_assert!(after.committed <= BUDGET.month + 1e-9);
        }
    }
}
