//! A volume: voxels on a regular grid, and where that grid lies in the patient.

use thiserror::Error;

/// The largest number of voxels that a volume may have: 2048 slices of 1024 × 1024.
const VOXELS_MAX: usize = 1 << 31;

/// What is wrong with a volume.
#[derive(Debug, Error, PartialEq)]
pub enum Error {
    /// An axis is empty, or there are more voxels than the program works on.
    #[error("dimensions {0:?} are empty or too large")]
    Dimensions([usize; 3]),
    /// The values don't fill the grid.
    #[error("{found} values for a grid of {dims:?}")]
    Length {
        /// Size of the grid.
        dims: [usize; 3],
        /// Number of values given.
        found: usize,
    },
    /// The affine can't be inverted or isn't finite.
    #[error("the affine is singular or not finite")]
    Affine,
    /// Two volumes that should share a grid don't.
    #[error("grids differ: {0:?} and {1:?}")]
    GridsDiffer([usize; 3], [usize; 3]),
}

/// Maps voxel indices (i, j, k) to patient coordinates in mm, LPS.
///
/// Row-major 3 × 4: `patient[r] = m[r][0]·i + m[r][1]·j + m[r][2]·k + m[r][3]`; an index names the voxel's centre.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Affine(pub [[f64; 4]; 3]);

impl Affine {
    /// An axis-aligned affine with the given spacing in mm and the first voxel at the origin.
    pub fn from_spacing(spacing: [f64; 3]) -> Self {
        let mut m = [[0.0; 4]; 3];
        for (axis, mm) in spacing.into_iter().enumerate() {
            m[axis][axis] = mm;
        }
        Self(m)
    }

    /// Gives the patient coordinates in mm (LPS) of a voxel index.
    pub fn apply(&self, index: [f64; 3]) -> [f64; 3] {
        self.0.map(|row| row[0] * index[0] + row[1] * index[1] + row[2] * index[2] + row[3])
    }

    /// Gives the distance in mm between neighbours along each axis of the grid.
    pub fn spacing(&self) -> [f64; 3] {
        [0, 1, 2].map(|c| self.0.iter().map(|row| row[c] * row[c]).sum::<f64>().sqrt())
    }

    /// Gives the determinant of the 3 × 3 part: the volume of a voxel in mm³, negative for a left-handed grid.
    pub fn determinant(&self) -> f64 {
        let m = &self.0;
        m[0][0] * (m[1][1] * m[2][2] - m[1][2] * m[2][1]) - m[0][1] * (m[1][0] * m[2][2] - m[1][2] * m[2][0])
            + m[0][2] * (m[1][0] * m[2][1] - m[1][1] * m[2][0])
    }

    /// Gives the affine from patient coordinates in mm (LPS) back to voxel indices, of a grid with volume.
    #[must_use]
    pub fn inverse(&self) -> Self {
        let m = &self.0;
        let determinant = self.determinant();
        // Minors in cyclic order bring their signs with them.
        let cofactor = |row: usize, column: usize| {
            let (below, lowest) = ((row + 1) % 3, (row + 2) % 3);
            let (right, last) = ((column + 1) % 3, (column + 2) % 3);
            m[below][right] * m[lowest][last] - m[below][last] * m[lowest][right]
        };
        Self([0, 1, 2].map(|axis| {
            let [x, y, z] = [0, 1, 2].map(|row| cofactor(row, axis) / determinant);
            [x, y, z, -(x * m[0][3] + y * m[1][3] + z * m[2][3])]
        }))
    }

    /// Gives the affine of the same grid with its first voxel moved to `offset`.
    #[must_use]
    pub fn shifted(&self, offset: [usize; 3]) -> Self {
        let origin = self.apply(offset.map(|index| index as f64));
        let mut m = self.0;
        for (row, mm) in m.iter_mut().zip(origin) {
            row[3] = mm;
        }
        Self(m)
    }

    fn is_usable(&self) -> bool {
        self.0.iter().flatten().all(|value| value.is_finite()) && self.determinant().abs() > 1e-9
    }
}

/// Voxels on a regular grid.
///
/// # Shapes
/// `data` holds `dims[0]·dims[1]·dims[2]` values, x fastest, then y, then z.
///
/// # Units
/// The modality's: HU for CT.
#[derive(Debug, Clone, PartialEq)]
pub struct Volume {
    /// Values, x fastest.
    pub data: Vec<f32>,
    /// Number of voxels along x, y, z.
    pub dims: [usize; 3],
    /// From voxel index to patient coordinates in mm, LPS.
    pub affine: Affine,
}

impl Volume {
    /// Makes a volume.
    ///
    /// # Errors
    /// When the grid is empty or too large, the values don't fill it, or the affine can't be inverted.
    pub fn new(data: Vec<f32>, dims: [usize; 3], affine: Affine) -> Result<Self, Error> {
        let voxels = voxel_count(dims)?;
        if data.len() != voxels {
            return Err(Error::Length { dims, found: data.len() });
        }
        if !affine.is_usable() {
            return Err(Error::Affine);
        }
        Ok(Self { data, dims, affine })
    }

    /// Makes a volume on this one's grid from other values.
    ///
    /// # Errors
    /// When the values don't fill the grid.
    pub fn with_data(&self, data: Vec<f32>) -> Result<Self, Error> {
        Self::new(data, self.dims, self.affine)
    }

    /// Gives the number of voxels in a slice.
    pub fn slice_len(&self) -> usize {
        self.dims[0] * self.dims[1]
    }

    /// Gives slice `z`, row by row.
    ///
    /// # Panics
    /// When there is no such slice.
    pub fn slice(&self, z: usize) -> &[f32] {
        let len = self.slice_len();
        &self.data[z * len..(z + 1) * len]
    }

    /// Gives slice `z` to be written.
    ///
    /// # Panics
    /// When there is no such slice.
    pub fn slice_mut(&mut self, z: usize) -> &mut [f32] {
        let len = self.slice_len();
        &mut self.data[z * len..(z + 1) * len]
    }

    /// Cuts out a box that starts at `offset`.
    ///
    /// # Errors
    /// When the box is empty or reaches beyond the grid.
    pub fn crop(&self, offset: [usize; 3], dims: [usize; 3]) -> Result<Self, Error> {
        if (0..3).any(|axis| offset[axis] + dims[axis] > self.dims[axis]) {
            return Err(Error::Dimensions(dims));
        }
        let mut data = Vec::with_capacity(voxel_count(dims)?);
        for z in offset[2]..offset[2] + dims[2] {
            for y in offset[1]..offset[1] + dims[1] {
                let start = y * self.dims[0] + offset[0];
                data.extend_from_slice(&self.slice(z)[start..start + dims[0]]);
            }
        }
        Self::new(data, dims, self.affine.shifted(offset))
    }

    /// Refuses another volume whose grid has another size.
    ///
    /// # Errors
    /// When the sizes differ.
    pub fn same_grid(&self, other: &Self) -> Result<(), Error> {
        if self.dims == other.dims { Ok(()) } else { Err(Error::GridsDiffer(self.dims, other.dims)) }
    }
}

fn voxel_count(dims: [usize; 3]) -> Result<usize, Error> {
    dims.iter()
        .try_fold(1_usize, |product, &n| product.checked_mul(n))
        .filter(|&voxels| voxels > 0 && voxels <= VOXELS_MAX)
        .ok_or(Error::Dimensions(dims))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_of_an_oblique_grid_lead_back_to_their_voxels() {
        let affine = Affine([[0.6, 0.2, -0.4, -10.0], [-0.3, 0.5, 0.1, 20.0], [0.1, -0.2, 3.0, 5.0]]);
        for index in [[0.0; 3], [4.0, 0.0, 0.0], [1.5, 7.0, 2.0]] {
            for (found, index) in affine.inverse().apply(affine.apply(index)).into_iter().zip(index) {
                assert!((found - index).abs() < 1e-12);
            }
        }
    }

    #[test]
    fn a_crop_keeps_each_voxel_at_its_place_in_the_patient() {
        let affine = Affine([[0.5, 0.0, 0.0, -10.0], [0.0, 0.5, 0.0, 20.0], [0.0, 0.0, 3.0, 5.0]]);
        let volume = Volume::new((0_u8..60).map(f32::from).collect(), [5, 4, 3], affine).unwrap();
        let part = volume.crop([2, 1, 1], [3, 2, 2]).unwrap();
        assert_eq!(part.data[0].to_bits(), volume.data[20 + 5 + 2].to_bits());
        for (a, b) in part.affine.apply([0.0; 3]).into_iter().zip(volume.affine.apply([2.0, 1.0, 1.0])) {
            assert!((a - b).abs() < 1e-12);
        }
        for (a, b) in part.affine.spacing().into_iter().zip([0.5, 0.5, 3.0]) {
            assert!((a - b).abs() < 1e-12);
        }
    }

    #[test]
    fn hostile_dimensions_are_refused_before_anything_is_allocated() {
        let affine = Affine::from_spacing([1.0; 3]);
        assert_eq!(
            Volume::new(Vec::new(), [usize::MAX, 2, 2], affine),
            Err(Error::Dimensions([usize::MAX, 2, 2]))
        );
        assert!(Volume::new(Vec::new(), [0, 2, 2], affine).is_err());
        assert_eq!(
            Volume::new(vec![0.0; 8], [2; 3], Affine::from_spacing([1.0, 0.0, 1.0])),
            Err(Error::Affine)
        );
    }
}
