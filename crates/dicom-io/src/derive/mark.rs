//! The letters "AI" in a corner of the pixels: they stay with the image wherever it is printed or copied.

use imaging::Volume;

/// "AI" in a frame of one pixel, `#` for ink.
const BITMAP: [&str; 9] = [
    "             ",
    "   ##   ###  ",
    "  #  #   #   ",
    "  #  #   #   ",
    "  ####   #   ",
    "  #  #   #   ",
    "  #  #   #   ",
    "  #  #  ###  ",
    "             ",
];
const WIDTH: usize = BITMAP[0].len();
const HEIGHT: usize = BITMAP.len();
/// One bitmap pixel per so many image rows.
const ROWS_PER_SCALE: usize = 256;

/// Where the letters stand, the same in every slice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mark {
    left: usize,
    top: usize,
    scale: usize,
}

impl Mark {
    /// Finds the corner with the lowest mean over all slices: in CT and MR that is air, where there is any.
    /// `None` when the image is smaller than the letters.
    pub(super) fn place(volume: &Volume) -> Option<Self> {
        let [columns, rows, _] = volume.dims;
        let scale = (rows / ROWS_PER_SCALE).max(1);
        let right = columns.checked_sub(WIDTH * scale)?;
        let bottom = rows.checked_sub(HEIGHT * scale)?;
        [(0, bottom), (right, bottom), (0, 0), (right, 0)]
            .map(|(left, top)| Self { left, top, scale })
            .into_iter()
            .min_by(|a, b| a.sum(volume).total_cmp(&b.sum(volume)))
    }

    /// Writes the letters in the slice's brightest value on a ground of its darkest, readable in any window.
    pub(super) fn burn(&self, pixels: &mut [i16], columns: usize, (ground, ink): (i16, i16)) {
        for (y, line) in BITMAP.iter().enumerate() {
            for (x, letter) in line.bytes().enumerate() {
                let value = if letter == b'#' { ink } else { ground };
                for row in 0..self.scale {
                    let start = (self.top + y * self.scale + row) * columns + self.left + x * self.scale;
                    pixels[start..start + self.scale].fill(value);
                }
            }
        }
    }

    fn sum(&self, volume: &Volume) -> f64 {
        let [columns, _, slices] = volume.dims;
        let mut sum = 0.0;
        for slice in 0..slices {
            for row in self.top..self.top + HEIGHT * self.scale {
                let start = row * columns + self.left;
                let line = &volume.slice(slice)[start..start + WIDTH * self.scale];
                sum += line.iter().map(|&value| f64::from(value)).sum::<f64>();
            }
        }
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use imaging::Affine;

    #[test]
    fn the_mark_stands_in_the_darkest_corner_and_touches_nothing_else() {
        let mut volume =
            Volume::new(vec![40.0; 64 * 64], [64, 64, 1], Affine::from_spacing([1.0; 3])).unwrap();
        for row in 0..20 {
            volume.data[row * 64 + 44..(row + 1) * 64].fill(-1000.0);
        }
        let mark = Mark::place(&volume).unwrap();
        assert_eq!((mark.left, mark.top, mark.scale), (64 - WIDTH, 0, 1));
        let mut pixels = vec![0_i16; 64 * 64];
        mark.burn(&mut pixels, 64, (-1, 1));
        assert_eq!(pixels.iter().filter(|&&pixel| pixel != 0).count(), WIDTH * HEIGHT);
        assert_eq!(pixels.iter().filter(|&&pixel| pixel == 1).count(), 27);
    }

    #[test]
    fn an_image_smaller_than_the_mark_has_none() {
        let volume = Volume::new(vec![0.0; 64], [8, 8, 1], Affine::from_spacing([1.0; 3])).unwrap();
        assert_eq!(Mark::place(&volume), None);
    }
}
