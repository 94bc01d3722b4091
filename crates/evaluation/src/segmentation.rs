//! How well what a segmenter finds in one image agrees with what it finds in another: of the same voxels, of the same
//! size, and with its surface in the same place.

use crate::agreement::percentile;

/// Share of the surface whose distance is told; what lies farther is left to it.
const SURFACE_SHARE: f64 = 0.95;
/// In a row without surface nothing is near.
const NOWHERE: u32 = u32::MAX;

/// The grid on which structures are compared.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Grid {
    /// Number of voxels along x, y and z.
    pub dims: [usize; 3],
    /// Distance of neighbours along each in mm.
    pub spacing_mm: [f64; 3],
}

impl Grid {
    /// Gives the neighbours of a voxel that share a face with it; `None` for each one beyond the grid.
    pub(crate) fn beside(&self, at: usize) -> [Option<usize>; 6] {
        let [width, height, depth] = self.dims;
        let slice = width * height;
        let (x, y, z) = (at % width, at / width % height, at / slice);
        [
            (x > 0).then(|| at - 1),
            (x + 1 < width).then(|| at + 1),
            (y > 0).then(|| at - width),
            (y + 1 < height).then(|| at + width),
            (z > 0).then(|| at - slice),
            (z + 1 < depth).then(|| at + slice),
        ]
    }
}

/// A structure's voxels and surface.
#[derive(Debug, Clone)]
pub struct Structure {
    grid: Grid,
    inside: Vec<bool>,
    voxels: usize,
    surface: Vec<usize>,
    /// Of each voxel the number of steps along x to the next voxel of the surface in its row.
    along_row: Vec<u32>,
}

/// How two structures agree.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Agreement {
    /// Dice's coefficient, from 0 to 1; 1 is the same voxels.
    pub dice: f64,
    /// 95th percentile of Hausdorff's distance in mm; 0 is the same surface. `None` where one has no surface.
    pub hd95_mm: Option<f64>,
    /// How much larger the other is than the reference, as a share of the reference; 0 is the same size.
    pub volume_difference: f64,
}

impl Structure {
    /// Takes a structure's voxels, x fastest. Its surface is those that share a face with a voxel outside; beyond the grid
    /// the structure goes on, so that a slab has no surface where it was cut out of a scan.
    ///
    /// # Panics
    /// If the voxels don't fill the grid.
    pub fn new(inside: Vec<bool>, grid: Grid) -> Self {
        assert_eq!(inside.len(), grid.dims.iter().product::<usize>(), "each voxel is inside or not");
        let is_surface = |at: usize| grid.beside(at).into_iter().flatten().any(|next| !inside[next]);
        let surface: Vec<usize> = (0..inside.len()).filter(|&at| inside[at] && is_surface(at)).collect();
        let along_row = along_rows(&surface, inside.len(), grid.dims[0]);
        Self { grid, voxels: inside.iter().filter(|inside| **inside).count(), inside, surface, along_row }
    }

    /// Gives the structure's volume in mm³.
    pub fn volume_mm3(&self) -> f64 {
        self.voxels as f64 * self.grid.spacing_mm.iter().product::<f64>()
    }

    /// Tells how another structure agrees with this one, the reference; `None` where this one has no voxel.
    ///
    /// # Panics
    /// If they are on different grids.
    ///
    /// # Source
    /// Dice 1945, Ecology 26:297; the larger one of both directions' 95th percentiles of the distance from surface to
    /// surface, as MONAI's `compute_hausdorff_distance(percentile=95)` but for the border of the grid.
    pub fn agreement(&self, other: &Self) -> Option<Agreement> {
        assert_eq!(self.grid, other.grid, "both are on one grid");
        let shared = self.inside.iter().zip(&other.inside).filter(|(one, other)| **one && **other).count();
        let (mine, theirs) = (self.voxels as f64, other.voxels as f64);
        (self.voxels > 0).then(|| Agreement {
            dice: 2.0 * shared as f64 / (mine + theirs),
            hd95_mm: self.farthest(other).zip(other.farthest(self)).map(|(there, back)| there.max(back)),
            volume_difference: theirs / mine - 1.0,
        })
    }

    /// Gives the 95th percentile of the distance in mm of the other's surface from this one's.
    fn farthest(&self, other: &Self) -> Option<f64> {
        if self.surface.is_empty() {
            return None;
        }
        percentile(
            &mut other.surface.iter().map(|&at| self.distance_mm(at)).collect::<Vec<f64>>(),
            SURFACE_SHARE,
        )
    }

    /// Gives the distance in mm from a voxel to the next one of the surface, exactly.
    ///
    /// A row knows its next voxel along x. Rows are looked at from the nearest outwards, until none can be nearer any
    /// more: two segmentations of one thing lie close together, so that few are.
    fn distance_mm(&self, at: usize) -> f64 {
        let [width, height, depth] = self.grid.dims;
        let (y, z) = (at / width % height, at / (width * height));
        let mut nearest = f64::INFINITY;
        for (slice, across) in outwards(z, depth, self.grid.spacing_mm[2]) {
            if across >= nearest {
                break;
            }
            for (row, along) in outwards(y, height, self.grid.spacing_mm[1]) {
                if across + along >= nearest {
                    break;
                }
                let steps = self.along_row[(slice * height + row) * width + at % width];
                if steps != NOWHERE {
                    let straight = (f64::from(steps) * self.grid.spacing_mm[0]).powi(2);
                    nearest = nearest.min(across + along + straight);
                }
            }
        }
        nearest.sqrt()
    }
}

/// Gives the places from the nearest to `from` outwards, each with the square of its distance.
fn outwards(from: usize, count: usize, spacing_mm: f64) -> impl Iterator<Item = (usize, f64)> {
    let squared = move |steps: usize| (steps as f64 * spacing_mm).powi(2);
    (0..count).flat_map(move |steps| {
        let below = from.checked_sub(steps);
        let above = Some(from + steps).filter(|above| steps > 0 && *above < count);
        [below, above].into_iter().flatten().map(move |place| (place, squared(steps)))
    })
}

/// Counts of each voxel the steps to the next one of the surface in its row.
fn along_rows(surface: &[usize], voxels: usize, width: usize) -> Vec<u32> {
    let mut steps = vec![NOWHERE; voxels];
    for &at in surface {
        steps[at] = 0;
    }
    for row in steps.chunks_mut(width) {
        for x in 1..row.len() {
            row[x] = row[x].min(row[x - 1].saturating_add(1));
        }
        for x in (1..row.len()).rev() {
            row[x - 1] = row[x - 1].min(row[x].saturating_add(1));
        }
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;

    const GRID: Grid = Grid { dims: [24, 20, 12], spacing_mm: [0.7, 0.9, 2.5] };
    const DICE: f64 = 0.610_427_650_849;
    const HD95_MM: f64 = 3.613_862_199_919;
    const VOLUME_DIFFERENCE: f64 = -0.148_590_021_692;

    fn structure(grid: Grid, inside: impl Fn([f64; 3]) -> bool) -> Structure {
        let [width, height, _] = grid.dims;
        let place = |at: usize| [at % width, at / width % height, at / (width * height)].map(|i| i as f64);
        Structure::new((0..grid.dims.iter().product()).map(|at| inside(place(at))).collect(), grid)
    }

    /// Two lumps that are cut off by the grid, as tests/peers.py makes them.
    fn lumps() -> (Structure, Structure) {
        let radius = |[x, y, z]: [f64; 3], [cx, cy, cz]: [f64; 3]| {
            ((x - cx) / 9.0).powi(2) + ((y - cy) / 6.0).powi(2) + ((z - cz) / 4.0).powi(2)
        };
        let waves = |x: f64, y: f64| 0.25 * (0.9 * x).sin() * (1.3 * y).cos();
        let one = structure(GRID, |at| radius(at, [10.0, 9.0, 3.0]) + waves(at[0], at[1]) < 1.0);
        let other = structure(GRID, |at| {
            radius(at, [12.0, 10.5, 4.5]) + waves(at[1], at[0]) < 0.9 || at.map(|i| i as usize) == [1, 18, 11]
        });
        (one, other)
    }

    fn boxed(from: [usize; 3], to: [usize; 3], spacing_mm: [f64; 3]) -> Structure {
        let grid = Grid { dims: [32, 32, 16], spacing_mm };
        structure(grid, |at| (0..3).all(|axis| (from[axis] as f64..to[axis] as f64).contains(&at[axis])))
    }

    fn assert_near(found: f64, expected: f64) {
        assert!((found - expected).abs() < 1e-9, "found {found}, expected {expected}");
    }

    /// `scipy.ndimage.distance_transform_edt` and `numpy.percentile`, and SimpleITK's `LabelOverlapMeasuresImageFilter`;
    /// see tests/peers.py.
    #[test]
    fn agreement_of_structures_is_that_of_scipy_and_simpleitk() {
        let (one, other) = lumps();
        let found = one.agreement(&other).unwrap();
        assert_near(found.dice, DICE);
        assert_near(found.hd95_mm.unwrap(), HD95_MM);
        assert_near(found.volume_difference, VOLUME_DIFFERENCE);
        // The distance and the overlap know no direction.
        let back = other.agreement(&one).unwrap();
        assert_near(back.dice, DICE);
        assert_near(back.hd95_mm.unwrap(), HD95_MM);
    }

    #[test]
    fn a_box_that_moved_along_an_axis_is_as_far_away_as_it_moved() {
        for (axis, spacing_mm) in [(0, [2.0, 1.0, 1.0]), (1, [1.0, 2.0, 1.0]), (2, [1.0, 1.0, 2.0])] {
            let (mut from, mut to) = ([6, 6, 3], [16, 16, 13]);
            let one = boxed(from, to, spacing_mm);
            (from[axis], to[axis]) = (from[axis] + 2, to[axis] + 2);
            let found = one.agreement(&boxed(from, to, spacing_mm)).unwrap();
            // Two of ten layers are new; more than 5 % of the surface is the face that moved, by 2 · 2 mm.
            let expected = Agreement { dice: 0.8, hd95_mm: Some(4.0), volume_difference: 0.0 };
            assert_near(found.dice, expected.dice);
            assert_eq!((found.hd95_mm, found.volume_difference), (expected.hd95_mm, 0.0));
        }
    }

    #[test]
    fn a_ball_that_shrinks_evenly_has_its_surface_so_far_inside() {
        let grid = Grid { dims: [48, 48, 48], spacing_mm: [0.5; 3] };
        let ball = |radius: f64| {
            structure(grid, |at| at.iter().map(|i| (i - 23.5).powi(2)).sum::<f64>() < radius * radius)
        };
        let found = ball(20.0).agreement(&ball(16.0)).unwrap();
        let share = 0.8_f64.powi(3);
        assert!((found.dice - 2.0 * share / (1.0 + share)).abs() < 0.005, "{found:?}");
        assert!((found.volume_difference - (share - 1.0)).abs() < 0.005, "{found:?}");
        assert!((found.hd95_mm.unwrap() - 2.0).abs() < 0.5, "{found:?}");
    }

    #[test]
    fn a_speck_far_away_moves_neither_the_percentile_nor_much_of_the_overlap() {
        let one = boxed([6, 6, 3], [16, 16, 13], [1.0; 3]);
        let mut inside = one.inside.clone();
        inside[31 + 32 * 31] = true;
        let found = one.agreement(&Structure::new(inside, one.grid)).unwrap();
        assert_eq!(found.hd95_mm, Some(0.0));
        assert_near(found.dice, 2_000.0 / 2_001.0);
        assert_near(found.volume_difference, 0.001);
    }

    #[test]
    fn what_the_grid_cuts_off_has_no_surface_there() {
        let through = boxed([6, 6, 0], [16, 16, 16], [1.0, 1.0, 5.0]);
        assert_eq!(through.surface.len(), (100 - 64) * 16);
    }

    #[test]
    fn nothing_agrees_with_nothing_and_an_empty_one_shares_nothing() {
        let (one, empty) = (boxed([6, 6, 3], [16, 16, 13], [1.0; 3]), boxed([0; 3], [0; 3], [1.0; 3]));
        assert_eq!(empty.agreement(&one), None);
        let nothing = Agreement { dice: 0.0, hd95_mm: None, volume_difference: -1.0 };
        assert_eq!(one.agreement(&empty), Some(nothing));
    }
}
