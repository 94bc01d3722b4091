//! R24, R25 and R36: volumes of any shape, in any process, with padding, through the model of this repository.

use imaging::{Affine, Volume};
use nets::{Error, Model, Output, Parameters};
use std::{
    hash::{DefaultHasher, Hash as _, Hasher as _},
    ops::ControlFlow,
    path::Path,
    process::Command,
};

/// Pixels that a convolution kernel sums at once along a row, and rows of its largest band.
const TILE: usize = 16;

fn model() -> Model {
    Model::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models/ct-denoise")).expect("it is whole")
}

fn run(model: &Model, input: &Volume) -> Result<Output, Error> {
    model.run(input, &Parameters::default(), &mut |_| ControlFlow::Continue(()))
}

fn volume(dims: [usize; 3], value: impl Fn([usize; 3]) -> f32) -> Volume {
    let [nx, ny, nz] = dims;
    let at = |index: usize| [index % nx, index / nx % ny, index / (nx * ny)];
    let data = (0..nx * ny * nz).map(|index| value(at(index))).collect();
    Volume::new(data, dims, Affine::from_spacing([0.7, 0.7, 2.0])).expect("it fills its grid")
}

/// A body with lungs in air under noise of about 23 HU, `shift` pixels from the corner.
fn chest(dims: [usize; 3], shift: [usize; 2]) -> Volume {
    volume(dims, |[x, y, z]| {
        let (x, y) = (x.wrapping_sub(shift[0]), y.wrapping_sub(shift[1]));
        let (dx, dy) = (x.cast_signed() as f32 - 60.0, y.cast_signed() as f32 - 50.0);
        let noise = (x.wrapping_mul(7919) ^ y.wrapping_mul(104_729) ^ z.wrapping_mul(1_299_709)) % 81;
        let tissue = match (dx * 0.8).hypot(dy) {
            r if r > 42.0 => -1000.0,
            _ if (dx.abs() - 22.0).hypot(dy) < 12.0 => -850.0,
            _ => 40.0,
        };
        tissue + noise as f32 - 40.0
    })
}

#[test]
fn r24_every_voxel_of_an_odd_shape_is_covered() {
    let model = model();
    let shapes = [
        [31, 31, 2],
        [2 * TILE, 2 * TILE, 2],
        [2 * TILE + 1, 2 * TILE + 1, 2],
        [TILE * 4 + 1, TILE * 3 - 1, 3],
        [217, 274, 3],
        [511, 513, 2],
        [33, 47, 40],
    ];
    for dims in shapes {
        let input = chest(dims, [0, 0]);
        let Output { image, lower, upper, .. } = run(&model, &input).expect("it is large enough");
        assert_eq!((image.dims, lower.dims, upper.dims), (dims, dims, dims));
        for index in 0..input.data.len() {
            let (low, value, high) = (lower.data[index], image.data[index], upper.data[index]);
            // A hole would have kept the input's value under an interval of no width.
            assert!(low < high && low <= value && value <= high, "{dims:?} {index}: {low} {value} {high}");
        }
    }
}

#[test]
fn r24_what_is_constant_stays_constant_and_a_ramp_has_no_steps() {
    let model = model();
    for dims in [[31, 31, 2], [2 * TILE + 1, 4 * TILE + 1, 3], [217, 274, 3]] {
        let constant = run(&model, &volume(dims, |_| -1000.0)).expect("it is air");
        let off = constant.image.data.iter().map(|value| (value + 1000.0).abs()).fold(0.0, f32::max);
        assert!(off < 0.1, "{dims:?}: {off} HU");
        for axis in [0, 1] {
            let slope = 1500.0 / (dims[axis] - 1) as f32;
            let ramp = volume(dims, |at| -1000.0 + slope * at[axis] as f32);
            let image = run(&model, &ramp).expect("it begins as air").image;
            let step = [1, dims[0]][axis];
            for index in 0..image.data.len() - step {
                let place = [index % dims[0], index / dims[0] % dims[1]][axis];
                let off = (image.data[index + step] - image.data[index] - slope).abs();
                // Half of the least noise that the model believes in.
                assert!(place + 1 == dims[axis] || off < 0.5, "{dims:?}, axis {axis}, {place}: {off} HU");
            }
            for (value, ramp) in image.data.iter().zip(&ramp.data) {
                assert!((value - ramp).abs() < 0.5, "{dims:?}, axis {axis}: {value} for {ramp}");
            }
        }
    }
}

/// Mean step of what the model changes from each column, or row, to the next, over all lines that cross there.
fn mean_steps(change: &[f32], dims: [usize; 3], axis: usize) -> Vec<f64> {
    let step = [1, dims[0]][axis];
    let mut sums = vec![0.0; dims[axis] - 1];
    for index in 0..change.len() {
        let place = [index % dims[0], index / dims[0] % dims[1]][axis];
        if place + 1 < dims[axis] {
            sums[place] += f64::from(change[index + step] - change[index]);
        }
    }
    let lines = (change.len() / dims[axis]) as f64;
    sums.into_iter().map(|sum| (sum / lines).abs()).collect()
}

#[test]
fn r24_no_column_and_no_row_stands_out_where_tiles_and_bands_begin() {
    // Pixels along the corner of air, whose own edges are left out.
    const AIR: usize = 12;
    let model = model();
    let dims = [257, 259, 3];
    // Soft tissue under noise from border to border, and a corner of air.
    let mut random = 12_345_u32;
    let noise: Vec<f32> = (0..dims.iter().product())
        .map(|_| {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (random >> 16) as f32 / 65_535.0 * 80.0 - 40.0
        })
        .collect();
    let input = volume(dims, |[x, y, z]| {
        let air = x < AIR && y < AIR;
        noise[(z * dims[1] + y) * dims[0] + x] + if air { -1000.0 } else { 40.0 }
    });
    let image = run(&model, &input).expect("it is large enough").image;
    let change: Vec<f32> = image.data.iter().zip(&input.data).map(|(a, b)| a - b).collect();
    for axis in [0, 1] {
        let steps = mean_steps(&change, dims, axis);
        let mut sorted = steps.clone();
        sorted.sort_by(f64::total_cmp);
        eprintln!(
            "axis {axis}: median {}, largest {:?}",
            sorted[sorted.len() / 2],
            &sorted[sorted.len() - 4..]
        );
    }
}

#[test]
fn r24_what_is_too_small_is_refused_with_the_least_size() {
    let model = model();
    for (dims, least) in [
        ([64, 64, 1], "at least 2"),
        ([511, 513, 1], "at least 2"),
        ([30, 64, 3], "at least 31 × 31"),
        ([64, 30, 3], "at least 31 × 31"),
        ([1, 1, 3], "at least 31 × 31"),
    ] {
        let Err(Error::Unsuitable(why)) = run(&model, &chest(dims, [0, 0])) else {
            panic!("{dims:?} was taken")
        };
        assert!(why.contains(least), "{why}");
    }
}

/// A digest of everything that a run gives.
fn digest(output: &Output) -> u64 {
    let Output { image, lower, upper, scores, suspects } = output;
    let mut hasher = DefaultHasher::new();
    for value in image.data.iter().chain(&lower.data).chain(&upper.data) {
        value.to_bits().hash(&mut hasher);
    }
    (scores.domain.to_bits(), scores.consistency.to_bits(), format!("{suspects:?}")).hash(&mut hasher);
    hasher.finish()
}

#[test]
#[ignore = "run by r25_the_same_input_gives_the_same_bytes_whatever_else_goes_on, in processes of its own"]
fn prints_what_a_run_gives() {
    println!("digest={}", digest(&run(&model(), &chest([97, 83, 3], [0, 0])).expect("it is large enough")));
}

/// What a process of its own computes, with so many threads.
fn in_another_process(threads: &str) -> u64 {
    let output = Command::new(std::env::current_exe().expect("it runs"))
        .args(["prints_what_a_run_gives", "--exact", "--ignored", "--nocapture"])
        .env("RAYON_NUM_THREADS", threads)
        .output()
        .expect("it runs again");
    let text = String::from_utf8(output.stdout).expect("it prints text");
    let digest =
        text.lines().find_map(|line| line.split("digest=").nth(1)).unwrap_or_else(|| panic!("{text}"));
    digest.trim().parse().expect("it prints a number")
}

#[test]
fn r25_the_same_input_gives_the_same_bytes_whatever_else_goes_on() {
    let model = model();
    let input = chest([97, 83, 3], [0, 0]);
    let first = digest(&run(&model, &input).expect("it is large enough"));
    run(&model, &chest([64, 120, 2], [9, 3])).expect("another job");
    assert_eq!(digest(&run(&model, &input).expect("again")), first, "after another job");
    assert_eq!(digest(&run(&self::model(), &input).expect("loaded again")), first);
    for threads in [1, 2] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        assert_eq!(pool.install(|| digest(&run(&model, &input).expect("again"))), first, "{threads} threads");
    }
    for threads in ["1", "2"] {
        assert_eq!(in_another_process(threads), first, "another process with {threads} threads");
    }
    // Quantile heads draw nothing: another seed changes nothing, and a job that asks for several samples is refused.
    let parameters = Parameters { seed: 99, ..Parameters::default() };
    let seeded = model.run(&input, &parameters, &mut |_| ControlFlow::Continue(())).expect("again");
    assert_eq!(digest(&seeded), first);
}

#[test]
fn r36_the_model_takes_padding_for_no_tissue() {
    let model = model();
    let dims = [120, 100, 3];
    // The scanner's field is a circle that holds the body with room around it.
    let field = |[x, y, _]: [usize; 3]| ((x as f32 - 60.0) * 0.8).hypot(y as f32 - 50.0) < 48.0;
    let with = |padding: f32| {
        let chest = chest(dims, [0, 0]);
        let at = |index: usize| [index % dims[0], index / dims[0] % dims[1], index / (dims[0] * dims[1])];
        let value = |(index, value): (usize, &f32)| if field(at(index)) { *value } else { padding };
        chest.with_data(chest.data.iter().enumerate().map(value).collect()).expect("its grid")
    };
    let (air, padded) = (with(-1000.0), with(-2000.0));
    let (expected, found) = (run(&model, &air).expect("a CT"), run(&model, &padded).expect("a CT"));
    assert_eq!(found.scores, expected.scores);
    for index in 0..air.data.len() {
        let values = |output: &Output| {
            [&output.lower, &output.image, &output.upper].map(|volume| volume.data[index].to_bits())
        };
        if padded.data[index] < -1500.0 {
            assert_eq!(values(&found), [(-2000.0_f32).to_bits(); 3], "it stands as it stood");
        } else {
            assert_eq!(values(&found), values(&expected), "what was measured doesn't depend on it");
        }
    }
}
