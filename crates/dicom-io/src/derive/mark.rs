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
pub(crate) struct Mark {
    left: usize,
    top: usize,
    scale: usize,
}

impl Mark {
    /// Finds the corner with the lowest mean over all slices: in CT and MR that is air, where there is any.
    /// `None` when the image is smaller than the letters.
    pub(crate) fn place(volume: &Volume) -> Option<Self> {
        let [columns, rows, _] = volume.dims;
        let corners = Self::corners([columns, rows])?;
        corners.into_iter().min_by(|a, b| a.sum(volume).total_cmp(&b.sum(volume)))
    }

    /// Finds the letters in the stored values of a slice, as [`Mark::burn`] wrote them.
    pub(crate) fn find(pixels: &[i32], size: [usize; 2]) -> Option<Self> {
        let corners = Self::corners(size)?;
        corners.into_iter().find(|mark| {
            let (mut ground, mut ink) = (None, None);
            mark.pixels(size[0]).all(|(is_ink, index)| {
                let seen = if is_ink { &mut ink } else { &mut ground };
                pixels.get(index).is_some_and(|pixel| seen.get_or_insert(*pixel) == pixel)
            }) && ground != ink
        })
    }

    /// The four places where the letters can stand.
    fn corners([columns, rows]: [usize; 2]) -> Option<[Self; 4]> {
        let scale = (rows / ROWS_PER_SCALE).max(1);
        let right = columns.checked_sub(WIDTH * scale)?;
        let bottom = rows.checked_sub(HEIGHT * scale)?;
        let corners = [(0, bottom), (right, bottom), (0, 0), (right, 0)];
        Some(corners.map(|(left, top)| Self { left, top, scale }))
    }

    /// Whether each pixel of letters and frame is ink, and which pixel of the slice it is.
    pub(crate) fn pixels(self, columns: usize) -> impl Iterator<Item = (bool, usize)> {
        let Self { left, top, scale } = self;
        (0..HEIGHT * scale).flat_map(move |y| {
            let letters = BITMAP[y / scale].as_bytes();
            (0..WIDTH * scale).map(move |x| (letters[x / scale] == b'#', (top + y) * columns + left + x))
        })
    }

    /// Writes the letters in the slice's brightest value on a ground of its darkest, readable in any window.
    pub(crate) fn burn(self, pixels: &mut [i16], columns: usize, (ground, ink): (i16, i16)) {
        for (is_ink, index) in self.pixels(columns) {
            pixels[index] = if is_ink { ink } else { ground };
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
    fn the_letters_are_found_again_and_nothing_is_taken_for_them() {
        let volume =
            Volume::new(vec![40.0; 600 * 512], [600, 512, 1], Affine::from_spacing([1.0; 3])).unwrap();
        let mark = Mark::place(&volume).unwrap();
        let mut pixels = vec![40_i16; 600 * 512];
        let wide = |pixels: &[i16]| pixels.iter().map(|&pixel| i32::from(pixel)).collect::<Vec<_>>();
        assert_eq!(Mark::find(&wide(&pixels), [600, 512]), None);
        mark.burn(&mut pixels, 600, (-1000, 900));
        assert_eq!(Mark::find(&wide(&pixels), [600, 512]), Some(mark));
        let (_, ink) = mark.pixels(600).find(|(is_ink, _)| *is_ink).unwrap();
        pixels[ink] -= 1;
        assert_eq!(Mark::find(&wide(&pixels), [600, 512]), None);
    }

    #[test]
    fn an_image_smaller_than_the_mark_has_none() {
        let volume = Volume::new(vec![0.0; 64], [8, 8, 1], Affine::from_spacing([1.0; 3])).unwrap();
        assert_eq!(Mark::place(&volume), None);
    }
}
