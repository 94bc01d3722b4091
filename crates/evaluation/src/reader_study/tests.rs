use super::*;
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use rand_distr::StandardNormal;

/// Patients without a dissection of the aorta; those with one come after them.
const HEALTHY: usize = 69;

/// Ratings from 1 to 5 of each patient, a reader each (Van Dyke 1993, 79th RSNA; the usual example of this analysis).
const SPIN_ECHO: [&str; 5] = [
    "122151111111411111111131311214111113121211233131133111111221111332111\
     555545554555434245555555154454553555115554451",
    "232222222322522232222222422223222222222222222222222222222432232222222\
     535555542555442225555555243354552425225555352",
    "222235112242422232221232411322112224121412112222223211211221151421212\
     545555555555542355555555252255552555225555552",
    "111111311111111111112111211112111111111111111111331111111111111311111\
     555555555555555155555555554544553555125555555",
    "351211112221211122113221111211211231221113332111211111111341231212113\
     525255551545452235555554144322151515115553552",
];

/// The same with cine MR.
const CINE: [&str; 5] = [
    "333222223213122222211111421312214323123122233111333113412421241442111\
     535555554555544335555555355355554455535555551",
    "322222223222222122221222322222212212222231223222222222322322222222122\
     535555552555344245455545252355532425525555552",
    "242222322211132222121121411512112122212221132111233113221232341242121\
     525555555555354145555555253355543555534555551",
    "221111312111122111211111321212111122112111112121212211111212111323211\
     545555554555455555555555455445555555535555555",
    "223122221222111222122212322321212222112121132122332122221222231233111\
     525455555455343335555555251332532545533555553",
];

fn van_dyke() -> Study {
    let [spin_echo, cine] = [SPIN_ECHO, CINE].map(|arm| {
        arm.map(|reader| reader.bytes().map(|digit| f64::from(digit - b'0')).collect::<Vec<f64>>()).to_vec()
    });
    Study::new((0..spin_echo[0].len()).map(|case| case >= HEALTHY).collect(), [spin_echo, cine]).unwrap()
}

fn assert_near(found: f64, expected: f64, tolerance: f64) {
    assert!((found - expected).abs() < tolerance, "found {found}, expected {expected}");
}

/// MRMCaov 0.3.0 (R), as its user guide prints it: `summary(mrmc(empirical_auc(truth, rating), treatment, reader, case,
/// data = VanDyke, cov = DeLong))`.
#[test]
fn the_published_example_comes_out_as_published() {
    let found = van_dyke().compared(0.95);
    for (found, expected) in found.areas.concat().into_iter().zip([
        0.919_645_7,
        0.858_776_2,
        0.903_864_7,
        0.973_107_9,
        0.829_790_7,
        0.947_826_1,
        0.905_314_0,
        0.921_739_1,
        0.999_355_9,
        0.929_951_7,
    ]) {
        assert_near(found, expected, 1e-7);
    }
    assert_near(found.mean_areas[0], 0.897_037_0, 1e-7);
    assert_near(found.mean_areas[1], 0.940_837_4, 1e-7);
    assert_near(found.covariances.variance, 0.000_792_132_5, 1e-10);
    assert_near(found.covariances.between_arms, 0.000_342_009_0, 1e-10);
    assert_near(found.covariances.between_readers, 0.000_339_526_5, 1e-10);
    assert_near(found.covariances.between_both, 0.000_235_849_7, 1e-10);
    assert_near(found.interaction, 0.000_551_030_6, 1e-10);
    assert_near(found.difference, -0.043_800_32, 1e-8);
    assert_near(found.standard_error, 0.020_682_5, 1e-7);
    let inferred = found.inferred.unwrap();
    assert_near(inferred.degrees_of_freedom, 15.066_11, 1e-5);
    assert_near(inferred.interval.low, -0.087_867_196_0, 1e-9);
    assert_near(inferred.interval.high, 0.000_266_551_9, 1e-9);
    assert_near(inferred.p, 0.051_233_03, 1e-8);
}

#[test]
fn an_arm_is_not_inferior_when_its_interval_ends_above_the_margin() {
    let Study { has_disease, ratings: [spin_echo, cine] } = van_dyke();
    let worse = van_dyke().compared(0.95);
    assert!(!worse.is_not_inferior(0.05) && worse.is_not_inferior(0.09));
    let better = Study::new(has_disease, [cine, spin_echo]).unwrap().compared(0.95);
    assert!(better.is_not_inferior(0.05));
    assert_near(better.difference, -worse.difference, 1e-12);
}

/// Roe and Metz's model: a rating is the sum of what the case, the reader with it and the arm with it add, and diseased
/// cases are rated higher by `apart` (first arm) and `apart + more` (second).
fn simulated(rng: &mut StdRng, (readers, cases): (usize, usize), more: f64) -> Study {
    let mut normal = |variance: f64| variance.sqrt() * rng.sample::<f64, _>(StandardNormal);
    let apart = 1.5;
    let has_disease: Vec<bool> = (0..2 * cases).map(|case| case >= cases).collect();
    let of_case: Vec<f64> = has_disease.iter().map(|_| normal(0.3)).collect();
    let with_arm: [Vec<f64>; 2] = [0, 1].map(|_| has_disease.iter().map(|_| normal(0.3)).collect());
    let mut ratings = [vec![], vec![]];
    for _ in 0..readers {
        // A reader's threshold moves all of their ratings and no area; how far apart they put the classes does.
        let skill = normal(0.01);
        let with_case: Vec<f64> = has_disease.iter().map(|_| normal(0.2)).collect();
        for (arm, ratings) in ratings.iter_mut().enumerate() {
            let skill = skill + normal(0.01);
            let rated = has_disease.iter().enumerate().map(|(case, has)| {
                let higher = if *has { apart + skill + more * arm as f64 } else { 0.0 };
                higher + of_case[case] + with_arm[arm][case] + with_case[case] + normal(0.2)
            });
            ratings.push(rated.collect());
        }
    }
    Study::new(has_disease, ratings).unwrap()
}

#[test]
fn arms_without_a_difference_are_told_apart_as_often_as_the_level_says() {
    let mut rng = StdRng::seed_from_u64(7);
    let mut told = 0;
    for _ in 0..600 {
        let compared = simulated(&mut rng, (5, 40), 0.0).compared(0.95);
        told += u32::from(compared.inferred.unwrap().p < 0.05);
    }
    // 5 % of 600 is 30; outside 14 to 48 it would come once in 500 times.
    assert!((14..=48).contains(&told), "{told} of 600");
}

#[test]
fn a_large_difference_is_found() {
    let mut rng = StdRng::seed_from_u64(8);
    let found = simulated(&mut rng, (6, 60), 1.5).compared(0.95);
    assert!(found.difference < 0.0 && found.inferred.unwrap().p < 0.01, "{found:?}");
}

#[test]
fn what_is_no_study_says_why() {
    let truth = vec![true, true, false, false];
    let rated = || vec![1.0, 2.0, 3.0, 4.0];
    let of = |one: Vec<Vec<f64>>, other: Vec<Vec<f64>>| Study::new(truth.clone(), [one, other]).unwrap_err();
    assert_eq!(of(vec![rated()], vec![rated()]), Error::Readers(1));
    assert_eq!(of(vec![rated(); 2], vec![rated(); 3]), Error::Unpaired(2, 3));
    assert_eq!(
        of(vec![rated(); 2], vec![rated(), vec![1.0]]),
        Error::Incomplete { arm: 1, reader: 1, rated: 1, cases: 4 }
    );
    let broken = vec![f64::NAN; 4];
    assert_eq!(of(vec![rated(), broken], vec![rated(); 2]), Error::NoNumber { arm: 0, reader: 1 });
    let few = Study::new(vec![true, false, false], [vec![], vec![]]);
    assert_eq!(few.unwrap_err(), Error::Cases { diseased: 1, healthy: 2 });
}

#[test]
fn the_same_ratings_in_both_arms_show_nothing() {
    let Study { has_disease, ratings: [arm, _] } = van_dyke();
    let same = Study::new(has_disease, [arm.clone(), arm]).unwrap().compared(0.95);
    assert!(same.difference.abs() < 1e-15 && same.inferred.is_none());
    assert!(!same.is_not_inferior(0.5));
}
