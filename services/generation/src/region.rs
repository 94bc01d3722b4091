//! Where a reader is asked to look: connected regions in which the interval is wide, and what a worker suspects.

use contract::generation::{Region, RegionKind};
use contract::job::Suspect;
use imaging::{Affine, Volume};
use std::f64::consts::PI;
use std::ops::RangeInclusive;

/// The share of voxels that counts as wide.
const SHARE: f64 = 0.005;
/// Regions smaller than a sphere of this diameter are noise.
const DIAMETER_MIN_MM: f64 = 3.0;
/// The most regions that a reader is asked about.
const REGIONS_MAX: usize = 10;

/// Finds the connected regions (by faces) of the widest half per cent of the voxels that were `measured`, widest first,
/// at most ten.
///
/// # Shapes
/// `half_width` on the image's grid, 0 where nothing was measured; places are in patient coordinates, mm, LPS.
pub fn regions(half_width: &Volume, measured: &[bool]) -> Vec<Region> {
    let widths = half_width.data.iter().zip(measured).filter(|(_, measured)| **measured);
    let widths: Vec<f32> = widths.map(|(width, _)| *width).collect();
    if widths.is_empty() {
        return Vec::new();
    }
    let threshold = quantile(widths, 1.0 - SHARE);
    let mut open: Vec<bool> = half_width.data.iter().map(|&width| width > threshold).collect();
    let mut found = Vec::new();
    for start in 0..open.len() {
        if open[start] {
            let members = flood(&mut open, half_width.dims, start);
            found.push(describe(half_width, &members));
        }
    }
    found.retain(|region| region.diameter_mm >= DIAMETER_MIN_MM);
    found.sort_by(|a, b| b.half_width_max.total_cmp(&a.half_width_max));
    found.truncate(REGIONS_MAX);
    found
}

/// Makes regions of the places that a worker suspects, in its order, each with the largest half-width in the sphere that
/// stands for it.
///
/// # Shapes
/// `half_width` on the image's grid, 0 where nothing was measured; each suspect within it ([`crate::check::suspects`]).
pub fn suspected(suspects: &[Suspect], half_width: &Volume) -> Vec<Region> {
    let region = |suspect: &Suspect| {
        let region = Region {
            kind: suspect.kind.into(),
            centre_mm: suspect.centre_mm,
            diameter_mm: suspect.diameter_mm,
            half_width_max: 0.0,
            slices: suspect.slices,
        };
        Region { half_width_max: widest_within(&region, half_width), ..region }
    };
    suspects.iter().map(region).collect()
}

/// The largest half-width in a region's sphere. One so small that it lies between the voxels has that of the nearest.
fn widest_within(region: &Region, half_width: &Volume) -> f64 {
    let [nx, ny, _] = half_width.dims;
    let value = |[x, y, z]: [usize; 3]| f64::from(half_width.data[(z * ny + y) * nx + x]);
    let to_voxels = half_width.affine.inverse();
    let centre = to_voxels.apply(region.centre_mm);
    let [across, down, through] =
        [0, 1, 2].map(|axis| reached(&to_voxels, axis, centre[axis], region, half_width.dims[axis]));
    let mut widest: Option<f64> = None;
    for z in through {
        for y in down.clone() {
            for x in across.clone() {
                if region.holds(half_width.affine.apply([x as f64, y as f64, z as f64])) {
                    let width = value([x, y, z]);
                    widest = Some(widest.map_or(width, |widest| widest.max(width)));
                }
            }
        }
    }
    let nearest = [0, 1, 2].map(|axis| on_grid(centre[axis].round(), half_width.dims[axis]));
    widest.unwrap_or_else(|| value(nearest))
}

/// The voxels along an axis of the grid between which a region's sphere lies.
fn reached(
    to_voxels: &Affine,
    axis: usize,
    centre: f64,
    region: &Region,
    voxels: usize,
) -> RangeInclusive<usize> {
    let [x, y, z, _] = to_voxels.0[axis];
    let reach = region.diameter_mm / 2.0 * (x * x + y * y + z * z).sqrt();
    on_grid((centre - reach).floor(), voxels)..=on_grid((centre + reach).ceil(), voxels)
}

fn on_grid(index: f64, voxels: usize) -> usize {
    index.clamp(0.0, (voxels - 1) as f64) as usize
}

fn quantile(mut values: Vec<f32>, share: f64) -> f32 {
    let rank = ((values.len() - 1) as f64 * share).round() as usize;
    *values.select_nth_unstable_by(rank, f32::total_cmp).1
}

/// Takes the component of `start` out of `open`.
fn flood(open: &mut [bool], [nx, ny, nz]: [usize; 3], start: usize) -> Vec<usize> {
    let mut members = vec![start];
    open[start] = false;
    let mut next = 0;
    while next < members.len() {
        let index = members[next];
        next += 1;
        let (x, y, z) = (index % nx, index / nx % ny, index / (nx * ny));
        let neighbours = [
            (x > 0, index.wrapping_sub(1)),
            (x + 1 < nx, index + 1),
            (y > 0, index.wrapping_sub(nx)),
            (y + 1 < ny, index + nx),
            (z > 0, index.wrapping_sub(nx * ny)),
            (z + 1 < nz, index + nx * ny),
        ];
        for (inside, neighbour) in neighbours {
            if inside && open[neighbour] {
                open[neighbour] = false;
                members.push(neighbour);
            }
        }
    }
    members
}

fn describe(volume: &Volume, members: &[usize]) -> Region {
    let [nx, ny, _] = volume.dims;
    let mut sum = [0.0; 3];
    let mut half_width_max = 0.0_f64;
    let mut slices = (u32::MAX, 0);
    for &index in members {
        let voxel = [index % nx, index / nx % ny, index / (nx * ny)];
        for (sum, voxel) in sum.iter_mut().zip(voxel) {
            *sum += voxel as f64;
        }
        half_width_max = half_width_max.max(f64::from(volume.data[index]));
        slices = (slices.0.min(voxel[2] as u32), slices.1.max(voxel[2] as u32));
    }
    let volume_mm3 = members.len() as f64 * volume.affine.determinant().abs();
    Region {
        kind: RegionKind::Width,
        centre_mm: volume.affine.apply(sum.map(|sum| sum / members.len() as f64)),
        diameter_mm: (6.0 * volume_mm3 / PI).cbrt(),
        half_width_max,
        slices,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use contract::job::SuspectKind;

    fn empty() -> Volume {
        let affine = Affine([[1.0, 0.0, 0.0, -10.0], [0.0, 1.0, 0.0, 5.0], [0.0, 0.0, 2.0, 100.0]]);
        Volume::new(vec![5.0; 40 * 40 * 20], [40, 40, 20], affine).unwrap()
    }

    fn all(volume: &Volume) -> Vec<Region> {
        regions(volume, &vec![true; volume.data.len()])
    }

    fn block(volume: &mut Volume, from: [usize; 3], size: usize, value: f32) {
        for z in from[2]..from[2] + size {
            for y in from[1]..from[1] + size {
                for x in from[0]..from[0] + size {
                    volume.data[(z * 40 + y) * 40 + x] = value;
                }
            }
        }
    }

    #[test]
    fn regions_are_told_widest_first_at_their_place_in_the_patient() {
        let mut volume = empty();
        block(&mut volume, [10, 10, 4], 4, 60.0);
        block(&mut volume, [30, 30, 12], 4, 90.0);
        let found = all(&volume);
        assert_eq!(found.len(), 2);
        assert!((found[0].half_width_max - 90.0).abs() < 1e-9);
        assert_eq!(found[0].slices, (12, 15));
        let off = |axis: usize, mm: f64| (found[1].centre_mm[axis] - mm).abs();
        assert!(off(0, 1.5) < 1e-9 && off(1, 16.5) < 1e-9 && off(2, 111.0) < 1e-9);
        let sphere = PI / 6.0 * found[1].diameter_mm.powi(3);
        assert!((sphere - 64.0 * 2.0).abs() < 1e-6);
    }

    #[test]
    fn a_single_voxel_is_no_region_and_a_flat_map_has_none() {
        let mut volume = empty();
        assert!(all(&volume).is_empty());
        block(&mut volume, [20, 20, 10], 1, 500.0);
        assert!(all(&volume).is_empty());
    }

    #[test]
    fn regions_that_touch_by_an_edge_only_are_two() {
        let mut volume = empty();
        block(&mut volume, [10, 10, 4], 3, 60.0);
        block(&mut volume, [13, 13, 4], 3, 61.0);
        assert_eq!(all(&volume).len(), 2);
    }

    #[test]
    fn what_a_worker_suspects_is_a_region_of_its_kind_with_the_largest_half_width_in_its_sphere() {
        let mut volume = empty();
        let at = |x: usize, y: usize, z: usize| (z * 40 + y) * 40 + x;
        volume.data[at(20, 20, 10)] = 30.0;
        volume.data[at(23, 20, 10)] = 40.0;
        // 3 slices are 6 mm away: outside the sphere, within as many voxels.
        volume.data[at(20, 20, 13)] = 90.0;
        volume.data[at(27, 20, 10)] = 80.0;
        let suspect = |kind, index, diameter_mm, slices| {
            let centre_mm = volume.affine.apply(index);
            Suspect { kind, centre_mm, diameter_mm, slices }
        };
        let told = [
            suspect(SuspectKind::Disagreement, [20.0, 20.0, 10.0], 6.5, (9, 11)),
            suspect(SuspectKind::Structure, [26.6, 20.0, 10.2], 0.1, (10, 10)),
            suspect(SuspectKind::Structure, [-0.5, 39.5, 19.5], 4.0, (18, 19)),
        ];
        let found = suspected(&told, &volume);
        let kinds = found.iter().map(|region| region.kind).collect::<Vec<_>>();
        assert_eq!(kinds, [RegionKind::Disagreement, RegionKind::Structure, RegionKind::Structure]);
        let widths: Vec<f64> = found.iter().map(|region| region.half_width_max).collect();
        assert!((widths[0] - 40.0).abs() < 1e-9, "what the sphere holds: {widths:?}");
        assert!((widths[1] - 80.0).abs() < 1e-9, "what lies nearest to the little one: {widths:?}");
        assert!((widths[2] - 5.0).abs() < 1e-9, "what there is of it within the volume: {widths:?}");
        for (region, suspect) in found.iter().zip(&told) {
            assert_eq!((region.centre_mm, region.slices), (suspect.centre_mm, suspect.slices));
            assert_eq!(region.diameter_mm.to_bits(), suspect.diameter_mm.to_bits());
        }
    }

    #[test]
    fn a_sphere_is_round_in_the_patient_where_the_grid_lies_oblique() {
        // Turned by 45 degrees about the third axis: voxels of 1 × 1 × 2 mm.
        let turn = std::f64::consts::FRAC_1_SQRT_2;
        let affine = Affine([[turn, -turn, 0.0, 30.0], [turn, turn, 0.0, -7.0], [0.0, 0.0, 2.0, 0.0]]);
        let mut volume = Volume::new(vec![5.0; 20 * 20 * 10], [20, 20, 10], affine).unwrap();
        let suspect = Suspect {
            kind: SuspectKind::Structure,
            centre_mm: affine.apply([10.0, 10.0, 5.0]),
            diameter_mm: 8.2,
            slices: (4, 6),
        };
        let widest = |volume: &Volume| suspected(std::slice::from_ref(&suspect), volume)[0].half_width_max;
        // 3 and 3 voxels are 4.2 mm away, 4 along one axis are 4.
        volume.data[(5 * 20 + 13) * 20 + 13] = 90.0;
        assert!((widest(&volume) - 5.0).abs() < 1e-9);
        volume.data[(5 * 20 + 6) * 20 + 10] = 60.0;
        assert!((widest(&volume) - 60.0).abs() < 1e-9);
    }

    #[test]
    fn r36_padding_takes_no_part_in_the_share_that_counts_as_wide() {
        // 150 of 32,000 voxels are wide, within the half per cent of them all; of the 16,000 measured ones they are more.
        let mut volume = empty();
        block(&mut volume, [10, 10, 2], 5, 60.0);
        block(&mut volume, [25, 10, 12], 3, 90.0);
        assert_eq!(all(&volume).len(), 2);
        let measured: Vec<bool> = (0..volume.data.len()).map(|index| index / 40 % 40 < 20).collect();
        for (width, measured) in volume.data.iter_mut().zip(&measured) {
            *width *= f32::from(u8::from(*measured));
        }
        let found = regions(&volume, &measured);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!((found[0].half_width_max - 90.0).abs() < 1e-9);
        assert!(regions(&volume, &vec![false; 32_000]).is_empty());
    }
}
