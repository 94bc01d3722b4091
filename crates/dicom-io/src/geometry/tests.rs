#![expect(clippy::float_cmp, reason = "these numbers come out exactly")]

use super::*;
use proptest::prelude::*;

/// Slices along `step` from the origin, rows and columns turned by `degrees` about z, then tilted by `tilt` about x.
fn slices(count: i32, degrees: f64, tilt: f64, step: [f64; 3]) -> Vec<Slice> {
    let (sin, cos) = degrees.to_radians().sin_cos();
    let (tilt_sin, tilt_cos) = tilt.to_radians().sin_cos();
    let turn = |v: [f64; 3]| [v[0], v[1] * tilt_cos - v[2] * tilt_sin, v[1] * tilt_sin + v[2] * tilt_cos];
    let (row, column) = (turn([cos, sin, 0.0]), turn([-sin, cos, 0.0]));
    let orientation = [row[0], row[1], row[2], column[0], column[1], column[2]];
    (0..count)
        .map(|index| {
            let position = step.map(|mm| mm * f64::from(index));
            let plane = Some(Plane { position, orientation, spacing_mm: [0.7, 0.5] });
            Slice { number: index + 1, rows: 20, columns: 30, plane, frame_of_reference_uid: "1.2".into() }
        })
        .collect()
}

fn axial(count: i32, step_mm: f64) -> Vec<Slice> {
    slices(count, 0.0, 0.0, [0.0, 0.0, step_mm])
}

#[test]
fn an_axial_series_is_one_grid_with_rows_along_x() {
    let stack = stack(&axial(5, 2.5)).unwrap();
    assert_eq!(stack.dims, [30, 20, 5]);
    assert_eq!(stack.affine.spacing(), [0.5, 0.7, 2.5]);
    assert_eq!(stack.affine.apply([2.0, 1.0, 4.0]), [1.0, 0.7, 10.0]);
}

#[test]
fn oblique_series_keep_their_direction_exactly() {
    for degrees in [83.06, 44.0, 46.0, 91.0] {
        let stack = stack(&slices(4, degrees, 20.0, [0.0, -1.026_060_4, 2.819_077_9])).unwrap();
        let m = stack.affine.0;
        let (sin, cos) = f64::to_radians(degrees).sin_cos();
        assert!((m[0][0] / 0.5 - cos).abs() < 1e-12 && (m[0][1] / 0.7 + sin).abs() < 1e-12, "{degrees}");
        assert!((stack.affine.spacing()[2] - 3.0).abs() < 1e-6);
    }
}

#[test]
fn a_tilted_gantry_gives_a_sheared_grid() {
    let stack = stack(&slices(4, 0.0, 0.0, [0.0, 1.5, 3.0])).unwrap();
    assert_eq!(stack.affine.apply([0.0, 0.0, 3.0]), [0.0, 4.5, 9.0]);
}

#[test]
fn a_scout_and_two_blocks_are_never_one_volume() {
    let mut series = axial(51, 5.0);
    series[0].rows = 880;
    series[0].columns = 512;
    let mixed = stack(&series).unwrap_err();
    assert_eq!(mixed.to_string(), "it is made of 2 stacks: slice 1 (512 × 880); slices 2–51 (30 × 20)");

    for (index, slice) in series.iter_mut().enumerate().skip(31) {
        let plane = slice.plane.as_mut().unwrap();
        plane.position[2] = 150.0 + 2.5 * (index as f64 - 30.0);
    }
    let blocks = stack(&series[1..]).unwrap_err();
    assert_eq!(blocks.code(), "uneven_slices");
    assert!(
        blocks.to_string().ends_with("slices 2–31 every 5.00 mm, slices 31–51 every 2.50 mm"),
        "{blocks}"
    );
}

#[test]
fn slices_of_two_frames_of_reference_are_never_one_volume() {
    let mut series = axial(6, 2.0);
    series[3..].iter_mut().for_each(|slice| slice.frame_of_reference_uid = "1.3".into());
    let mixed = stack(&series).unwrap_err();
    assert_eq!(mixed.code(), "mixed_frames");
    assert_eq!(mixed.to_string(), "it lies in 2 frames of reference: slices 1–3; slices 4–6");
}

#[test]
fn a_missing_slice_is_found_by_its_neighbours() {
    let mut series = axial(10, 2.0);
    series.remove(4);
    let uneven = stack(&series).unwrap_err().to_string();
    assert!(uneven.contains("slices 4–6 every 4.00 mm"), "{uneven}");
}

#[test]
fn slices_at_the_same_place_or_without_place_are_named() {
    let mut series = axial(4, 2.0);
    series[3].plane = series[2].plane;
    assert_eq!(stack(&series).unwrap_err().to_string(), "slices 3–4 lie at the same place");
    series[1].plane = None;
    assert_eq!(stack(&series).unwrap_err(), Irregular::NoPlace("slice 2".into()));
}

#[test]
fn impossible_directions_and_spacings_are_refused() {
    let mut series = axial(3, 2.0);
    series[0].plane.as_mut().unwrap().spacing_mm[0] = 0.0;
    series[2].plane.as_mut().unwrap().orientation = [1.0, 0.0, 0.0, 0.7, 0.7, 0.0];
    assert_eq!(stack(&series).unwrap_err(), Irregular::Impossible("slices 1, 3".into()));
    assert_eq!(stack(&axial(1, 2.0)).unwrap_err(), Irregular::TooFew(1));
}

#[test]
fn a_slice_shifted_sideways_is_named() {
    let mut series = axial(5, 2.0);
    series[2].plane.as_mut().unwrap().position[0] = 1.0;
    assert_eq!(stack(&series).unwrap_err(), Irregular::Shifted("slice 3".into()));
}

#[test]
fn long_decimal_strings_stay_evenly_spaced() {
    let mut series = axial(40, 1.0);
    for (index, slice) in series.iter_mut().enumerate() {
        let text = format!("{:.6}", -123.456_789_012_345 + index as f64 * 0.625);
        slice.plane.as_mut().unwrap().position[2] = text.parse().unwrap();
    }
    assert!((stack(&series).unwrap().affine.spacing()[2] - 0.625).abs() < 1e-6);
}

proptest! {
    #[test]
    fn the_order_of_arrival_changes_nothing(
        order in Just((0..12_usize).collect::<Vec<_>>()).prop_shuffle(),
        degrees in -180.0..180.0,
        tilt in -30.0..30.0,
    ) {
        let (sin, cos) = f64::to_radians(tilt).sin_cos();
        let series = slices(12, degrees, tilt, [0.0, -2.0 * sin, 2.0 * cos]);
        let shuffled: Vec<Slice> = order.iter().map(|index| series[*index].clone()).collect();
        let (a, b) = (stack(&series).unwrap(), stack(&shuffled).unwrap());
        prop_assert_eq!(a.affine, b.affine);
        let numbers = |stack: &Stack, slices: &[Slice]| {
            stack.order.iter().map(|index| slices[*index].number).collect::<Vec<_>>()
        };
        prop_assert_eq!(numbers(&a, &series), numbers(&b, &shuffled));
    }
}
