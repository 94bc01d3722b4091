//! Looks for what is written into the pixels of a series.
//!
//! Letters are drawn: each is a small patch of one value with a sharp edge all round, and several stand in a line.
//! Tissue is noisy, so neighbouring voxels seldom share a value, and where a model has smoothed them their edges are
//! not sharp. Letters that are smoothed at their edges, stand singly or are hardly brighter than what lies below are
//! not found: a person looks at each slice in any case.

/// The stored values of a slice, row by row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// Columns times rows of them.
    pub values: Vec<i32>,
    /// Columns and rows.
    pub size: [usize; 2],
}

/// The least and the largest height of a letter, pixels.
const HEIGHT: std::ops::RangeInclusive<usize> = 5..=64;
/// The largest width of a letter, pixels.
const WIDTH_MAX: usize = 64;
/// The fewest pixels of a letter.
const AREA_MIN: usize = 5;
/// How much of the range of the slice lies at least between a letter and what is beside it, per cent.
const CONTRAST_PERCENT: i64 = 8;
/// How much of its edge has to be that sharp, per cent.
const SHARP_PERCENT: usize = 90;
/// How many letters make a word.
const LETTERS_MIN: usize = 3;

/// A patch that may be a letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Letter {
    left: usize,
    right: usize,
    top: usize,
    bottom: usize,
}

impl Letter {
    fn height(&self) -> usize {
        self.bottom - self.top + 1
    }

    /// Whether `next` may stand beside it in a word.
    fn is_followed_by(&self, next: &Self) -> bool {
        let (low, high) = (self.height().min(next.height()), self.height().max(next.height()));
        let shared = (self.bottom.min(next.bottom) + 1).saturating_sub(self.top.max(next.top));
        let gap = next.left.saturating_sub(self.right);
        next.left > self.left && high <= 2 * low && 2 * shared >= low && gap <= 2 * high
    }
}

/// Whether something that looks like a word is written into a slice.
pub fn is_written_on(frame: &Frame) -> bool {
    let mut letters = letters(frame);
    letters.sort_by_key(|letter| letter.left);
    // How long a word ends at each letter.
    let mut length = vec![1; letters.len()];
    for next in 0..letters.len() {
        for before in 0..next {
            if letters[before].is_followed_by(&letters[next]) {
                length[next] = length[next].max(length[before] + 1);
            }
        }
        if length[next] >= LETTERS_MIN {
            return true;
        }
    }
    false
}

fn letters(frame: &Frame) -> Vec<Letter> {
    let (low, high) = match (frame.values.iter().min(), frame.values.iter().max()) {
        (Some(low), Some(high)) if low < high => (i64::from(*low), i64::from(*high)),
        _ => return Vec::new(),
    };
    let contrast = ((high - low) * CONTRAST_PERCENT / 100).max(1);
    let mut seen = vec![false; frame.values.len()];
    let mut found = Vec::new();
    for start in 0..frame.values.len() {
        // Most pixels are tissue, and their patches are never asked for: no edge of theirs is sharp.
        if seen[start] || !has_sharp_edge(frame, start, contrast) {
            continue;
        }
        let patch =
            Patch::around(start, frame.size, &mut seen, |index| frame.values[index] == frame.values[start]);
        if patch.pixels.len() >= AREA_MIN && patch.is_of_letter_size() && is_sharp(&patch, frame, contrast) {
            found.push(patch.place);
        }
    }
    found
}

fn has_sharp_edge(frame: &Frame, index: usize, contrast: i64) -> bool {
    let [columns, rows] = frame.size;
    let (x, y, value) = (index % columns, index / columns, i64::from(frame.values[index]));
    let is_sharp = |near: usize| (i64::from(frame.values[near]) - value).abs() >= contrast;
    (x > 0 && is_sharp(index - 1))
        || (x + 1 < columns && is_sharp(index + 1))
        || (y > 0 && is_sharp(index - columns))
        || (y + 1 < rows && is_sharp(index + columns))
}

/// Whether nearly all of the edge of a patch of one value is a step of at least `contrast`.
fn is_sharp(patch: &Patch, frame: &Frame, contrast: i64) -> bool {
    let value = frame.values[patch.pixels[0]];
    let (mut edge, mut sharp) = (0, 0);
    for &index in &patch.pixels {
        for (near, is_beside) in neighbours(frame.size, index) {
            if is_beside && frame.values[near] != value {
                edge += 1;
                let step = (i64::from(frame.values[near]) - i64::from(value)).abs();
                sharp += usize::from(step >= contrast);
            }
        }
    }
    100 * sharp >= SHARP_PERCENT * edge
}

/// Pixels that hang together, by sides and corners.
struct Patch {
    place: Letter,
    pixels: Vec<usize>,
}

impl Patch {
    /// The patch of pixels that `belong` around `start`, which are `seen` from then on.
    fn around(start: usize, size: [usize; 2], seen: &mut [bool], belongs: impl Fn(usize) -> bool) -> Self {
        let [columns, _] = size;
        let mut place = Letter {
            left: start % columns,
            right: start % columns,
            top: start / columns,
            bottom: start / columns,
        };
        let mut pixels = vec![start];
        seen[start] = true;
        let mut next = 0;
        while let Some(&index) = pixels.get(next) {
            next += 1;
            let (x, y) = (index % columns, index / columns);
            place.left = place.left.min(x);
            place.right = place.right.max(x);
            place.top = place.top.min(y);
            place.bottom = place.bottom.max(y);
            for (near, _) in neighbours(size, index) {
                if !seen[near] && belongs(near) {
                    seen[near] = true;
                    pixels.push(near);
                }
            }
        }
        Self { place, pixels }
    }

    fn is_of_letter_size(&self) -> bool {
        HEIGHT.contains(&self.place.height()) && self.place.right - self.place.left < WIDTH_MAX
    }
}

/// The pixels around one, and whether each shares a side with it.
fn neighbours([columns, rows]: [usize; 2], index: usize) -> impl Iterator<Item = (usize, bool)> {
    let (x, y) = (index % columns, index / columns);
    let around = (y.saturating_sub(1)..=(y + 1).min(rows - 1)).flat_map(move |row| {
        (x.saturating_sub(1)..=(x + 1).min(columns - 1)).map(move |column| (column, row))
    });
    around
        .filter(move |place| *place != (x, y))
        .map(move |(column, row)| (row * columns + column, column == x || row == y))
}

/// The pixels that have one value on all slices of a series: of tissue there are none, of a name that stands in the
/// same place on each slice there are many, however its edges are smoothed.
#[derive(Debug, Default)]
pub struct Standing {
    first: Option<Frame>,
    same: Vec<bool>,
    slices: usize,
}

/// The fewest slices on which a value that stays tells anything.
const SLICES_MIN: usize = 8;
/// The fewest standing pixels that hang together and are no chance.
const STANDING_MIN: usize = 20;

impl Standing {
    /// Takes the next slice into account. One of another size ends the search: then nothing stands.
    pub fn add(&mut self, frame: &Frame) {
        self.slices += 1;
        match &self.first {
            None => {
                self.same = vec![true; frame.values.len()];
                self.first = Some(frame.clone());
            }
            Some(first) if first.size == frame.size => {
                for (index, same) in self.same.iter_mut().enumerate() {
                    *same &= first.values[index] == frame.values[index];
                }
            }
            Some(_) => self.same.fill(false),
        }
    }

    /// Whether something that has the height of a word stands on all slices. The lowest value is the ground of the
    /// image, where nothing was measured.
    pub fn is_written(&self) -> bool {
        let Some(first) = self.first.as_ref().filter(|_| self.slices >= SLICES_MIN) else { return false };
        let ground = first.values.iter().min().copied().unwrap_or_default();
        let stands = |index: usize| self.same[index] && first.values[index] != ground;
        let mut seen = vec![false; self.same.len()];
        (0..self.same.len()).any(|start| {
            stands(start) && !seen[start] && {
                let patch = Patch::around(start, first.size, &mut seen, stands);
                patch.pixels.len() >= STANDING_MIN && HEIGHT.contains(&patch.place.height())
            }
        })
    }
}
