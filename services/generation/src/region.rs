//! Connected regions in which the interval is wide: where a reader is asked to look.

use contract::generation::Region;
use imaging::Volume;
use std::f64::consts::PI;

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
        centre_mm: volume.affine.apply(sum.map(|sum| sum / members.len() as f64)),
        diameter_mm: (6.0 * volume_mm3 / PI).cbrt(),
        half_width_max,
        slices,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use imaging::Affine;

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
