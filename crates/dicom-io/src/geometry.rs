//! From slices to one regular grid, or to the reason in words why they are none.
//!
//! Slices are sorted along their normal. The step from slice to slice may be oblique to the normal (a tilted gantry),
//! but has to be the same everywhere: a volume is never made of what isn't one.
//!
//! # Source
//! PS3.3 C.7.6.2.1.1 (image position, orientation).

use crate::scan::{Image, Plane};
use imaging::Affine;
use std::collections::BTreeSet;

/// Largest difference of direction cosines between slices of a stack.
const COSINE_TOLERANCE: f64 = 1e-4;
/// Largest departure of a cosine pair from unit length and a right angle.
const ORTHONORMAL_TOLERANCE: f64 = 1e-3;
/// Largest departure of a slice from its place in the grid: this part of the step, at least [`PLACE_TOLERANCE_MM`].
const PLACE_TOLERANCE: f64 = 0.01;
const PLACE_TOLERANCE_MM: f64 = 0.01;

/// A slice as geometry sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct Slice {
    /// How people call it: its instance number.
    pub number: i32,
    /// (0028,0010).
    pub rows: u16,
    /// (0028,0011).
    pub columns: u16,
    /// Where it lies; `None` when the object doesn't say.
    pub plane: Option<Plane>,
    /// (0020,0052), to which its place refers; empty when the object doesn't say.
    pub frame_of_reference_uid: String,
}

impl Slice {
    /// What geometry needs of an image.
    pub fn of(number: i32, image: &Image) -> Self {
        let frame_of_reference_uid = image.frame_of_reference_uid.clone();
        Self { number, rows: image.rows, columns: image.columns, plane: image.plane, frame_of_reference_uid }
    }
}

/// One regular grid of slices.
#[derive(Debug, Clone, PartialEq)]
pub struct Stack {
    /// For each place along the normal, the index of the slice that belongs there.
    pub order: Vec<usize>,
    /// Number of voxels along row, column and normal.
    pub dims: [usize; 3],
    /// From voxel index to patient coordinates.
    pub affine: Affine,
}

/// Why slices aren't one volume; each names the slices, by instance number.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Irregular {
    /// Fewer than two slices.
    #[error("it has {0} slice where a volume needs two")]
    TooFew(usize),
    /// Slices that don't say where they lie.
    #[error("position, orientation or pixel spacing is missing in {0}")]
    NoPlace(String),
    /// Directions that aren't two unit vectors at a right angle, or spacing that isn't positive.
    #[error("orientation or pixel spacing is impossible in {0}")]
    Impossible(String),
    /// Slices whose places refer to different origins; each group with its slices.
    #[error("it lies in {} frames of reference: {}", .0.len(), .0.join("; "))]
    Frames(Vec<String>),
    /// Slices of different kind; each group with its slices.
    #[error("it is made of {} stacks: {}", .0.len(), .0.join("; "))]
    Mixed(Vec<String>),
    /// Slices at the same place.
    #[error("{0} lie at the same place")]
    Doubled(String),
    /// Steps that differ; runs of even steps with their slices.
    #[error("the distance between slices isn't even: {0}")]
    Uneven(String),
    /// Slices that are shifted sideways against each other.
    #[error("{0} are shifted sideways against the others")]
    Shifted(String),
}

impl Irregular {
    /// Gives the stable code of the reason.
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooFew(_) => "too_few_slices",
            Self::NoPlace(_) => "geometry_missing",
            Self::Impossible(_) => "geometry_impossible",
            Self::Frames(_) => "mixed_frames",
            Self::Mixed(_) => "mixed_stacks",
            Self::Doubled(_) => "doubled_slices",
            Self::Uneven(_) => "uneven_slices",
            Self::Shifted(_) => "shifted_slices",
        }
    }
}

/// Sorts slices into one regular grid.
///
/// # Errors
/// The first reason why they are none.
pub fn stack(slices: &[Slice]) -> Result<Stack, Irregular> {
    let planes = planes(slices)?;
    if slices.len() < 2 {
        return Err(Irregular::TooFew(slices.len()));
    }
    same_frame(slices)?;
    same_kind(slices, &planes)?;
    let normal = normal(&planes[0]);
    let mut order: Vec<usize> = (0..slices.len()).collect();
    let height = |index: usize| dot(planes[index].position, normal);
    order.sort_by(|a, b| height(*a).total_cmp(&height(*b)));
    let heights: Vec<f64> = order.iter().map(|index| height(*index)).collect();
    let last = order.len() - 1;
    let step = (heights[last] - heights[0]) / last as f64;
    let tolerance = (step * PLACE_TOLERANCE).max(PLACE_TOLERANCE_MM);
    even(slices, &order, &heights, tolerance)?;
    let first = planes[order[0]].position;
    let stride = [0, 1, 2].map(|axis| (planes[order[last]].position[axis] - first[axis]) / last as f64);
    straight(slices, &planes, &order, (stride, tolerance))?;
    let Plane { orientation: o, spacing_mm: [row_mm, column_mm], .. } = planes[0];
    let row = |axis: usize| [o[axis] * column_mm, o[axis + 3] * row_mm, stride[axis], first[axis]];
    let dims = [usize::from(slices[0].columns), usize::from(slices[0].rows), slices.len()];
    Ok(Stack { order, dims, affine: Affine([row(0), row(1), row(2)]) })
}

fn planes(slices: &[Slice]) -> Result<Vec<Plane>, Irregular> {
    let missing = pick(slices, |slice| slice.plane.is_none());
    if !missing.is_empty() {
        return Err(Irregular::NoPlace(slice_list(&missing)));
    }
    let impossible = pick(slices, |slice| slice.plane.as_ref().is_some_and(|plane| !is_possible(plane)));
    if !impossible.is_empty() {
        return Err(Irregular::Impossible(slice_list(&impossible)));
    }
    Ok(slices.iter().filter_map(|slice| slice.plane).collect())
}

fn is_possible(plane: &Plane) -> bool {
    let (row, column) = directions(plane);
    let unit = |v: [f64; 3]| (dot(v, v) - 1.0).abs() < 2.0 * ORTHONORMAL_TOLERANCE;
    unit(row)
        && unit(column)
        && dot(row, column).abs() < ORTHONORMAL_TOLERANCE
        && plane.spacing_mm.iter().all(|mm| *mm > 0.0 && *mm < 1000.0)
        && plane.position.iter().all(|mm| mm.abs() < 1e6)
}

/// Refuses slices whose places can't be compared, naming each group.
fn same_frame(slices: &[Slice]) -> Result<(), Irregular> {
    let frames: BTreeSet<&str> = slices.iter().map(|slice| slice.frame_of_reference_uid.as_str()).collect();
    if frames.len() == 1 {
        return Ok(());
    }
    let group = |frame: &str| slice_list(&pick(slices, |slice| slice.frame_of_reference_uid == frame));
    Err(Irregular::Frames(frames.into_iter().map(group).collect()))
}

/// Refuses slices of different matrix, orientation or pixel spacing, naming each group.
fn same_kind(slices: &[Slice], planes: &[Plane]) -> Result<(), Irregular> {
    let mut groups: Vec<(usize, Vec<i32>)> = Vec::new();
    for (index, slice) in slices.iter().enumerate() {
        let alike = |representative: usize| {
            let (a, b) = (&planes[representative], &planes[index]);
            let near = |x: f64, y: f64, tolerance: f64| (x - y).abs() <= tolerance;
            let (one, other) = (&slices[representative], slice);
            (one.rows, one.columns) == (other.rows, other.columns)
                && a.orientation.iter().zip(b.orientation).all(|(x, y)| near(*x, y, COSINE_TOLERANCE))
                && a.spacing_mm.iter().zip(b.spacing_mm).all(|(x, y)| near(*x, y, 1e-4 * x))
        };
        match groups.iter_mut().find(|(representative, _)| alike(*representative)) {
            Some((_, numbers)) => numbers.push(slice.number),
            None => groups.push((index, vec![slice.number])),
        }
    }
    if groups.len() == 1 {
        return Ok(());
    }
    let describe = |(representative, numbers): (usize, Vec<i32>)| {
        let slice = &slices[representative];
        format!("{} ({} × {})", slice_list(&numbers), slice.columns, slice.rows)
    };
    Err(Irregular::Mixed(groups.into_iter().map(describe).collect()))
}

fn even(slices: &[Slice], order: &[usize], heights: &[f64], tolerance: f64) -> Result<(), Irregular> {
    let gaps: Vec<f64> = heights.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let number = |place: usize| slices[order[place]].number;
    if let Some(place) = gaps.iter().position(|gap| *gap < PLACE_TOLERANCE_MM) {
        return Err(Irregular::Doubled(slice_list(&[number(place), number(place + 1)])));
    }
    let mean = (heights[heights.len() - 1] - heights[0]) / gaps.len() as f64;
    let regular =
        |(place, height): (usize, &f64)| (height - heights[0] - mean * place as f64).abs() <= tolerance;
    if gaps.iter().all(|gap| (gap - mean).abs() <= tolerance) && heights.iter().enumerate().all(regular) {
        return Ok(());
    }
    Err(Irregular::Uneven(runs(&gaps, number)))
}

/// Describes runs of even steps: `slices 1–30 every 5.00 mm, slices 31–50 every 2.50 mm`.
fn runs(gaps: &[f64], number: impl Fn(usize) -> i32) -> String {
    let mut runs: Vec<(usize, usize, f64)> = Vec::new();
    for (place, gap) in gaps.iter().enumerate() {
        match runs.last_mut() {
            Some((_, end, mm)) if (gap - *mm).abs() <= PLACE_TOLERANCE * *mm => *end = place + 1,
            _ => runs.push((place, place + 1, *gap)),
        }
    }
    let shown = runs.len().min(8);
    let mut text: Vec<String> = runs[..shown]
        .iter()
        .map(|(start, end, mm)| format!("slices {}–{} every {mm:.2} mm", number(*start), number(*end)))
        .collect();
    if runs.len() > shown {
        text.push(format!("and {} more steps", runs.len() - shown));
    }
    text.join(", ")
}

/// Refuses slices that don't lie on the line from the first to the last.
fn straight(
    slices: &[Slice],
    planes: &[Plane],
    order: &[usize],
    (stride, tolerance): ([f64; 3], f64),
) -> Result<(), Irregular> {
    let first = planes[order[0]].position;
    let stray: Vec<i32> = order
        .iter()
        .enumerate()
        .filter(|(place, index)| {
            let offset = [0, 1, 2]
                .map(|axis| planes[**index].position[axis] - first[axis] - stride[axis] * *place as f64);
            dot(offset, offset).sqrt() > tolerance
        })
        .map(|(_, index)| slices[*index].number)
        .collect();
    if stray.is_empty() { Ok(()) } else { Err(Irregular::Shifted(slice_list(&stray))) }
}

fn pick(slices: &[Slice], wanted: impl Fn(&Slice) -> bool) -> Vec<i32> {
    slices.iter().filter(|slice| wanted(slice)).map(|slice| slice.number).collect()
}

/// Names slices: `slices 1–30, 32`.
fn slice_list(numbers: &[i32]) -> String {
    let distinct: BTreeSet<i32> = numbers.iter().copied().collect();
    let mut ranges: Vec<(i32, i32)> = Vec::new();
    for number in distinct {
        match ranges.last_mut() {
            Some((_, end)) if end.checked_add(1) == Some(number) => *end = number,
            _ => ranges.push((number, number)),
        }
    }
    let text: Vec<String> = ranges
        .iter()
        .map(|(start, end)| if start == end { start.to_string() } else { format!("{start}–{end}") })
        .collect();
    let noun = if numbers.len() == 1 { "slice" } else { "slices" };
    format!("{noun} {}", text.join(", "))
}

fn directions(plane: &Plane) -> ([f64; 3], [f64; 3]) {
    let [a, b, c, d, e, f] = plane.orientation;
    ([a, b, c], [d, e, f])
}

fn normal(plane: &Plane) -> [f64; 3] {
    let (r, c) = directions(plane);
    [r[1] * c[2] - r[2] * c[1], r[2] * c[0] - r[0] * c[2], r[0] * c[1] - r[1] * c[0]]
}

fn dot(a: [f64; 3], b: [f64; 3]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

#[cfg(test)]
mod tests;
