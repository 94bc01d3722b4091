//! The fonts that are part of the program: which of them has a character, and how wide it is.

use skrifa::charmap::Charmap;
use skrifa::instance::{LocationRef, Size};
use skrifa::metrics::GlyphMetrics;
use skrifa::{FontRef, MetadataProvider as _};

/// The fonts' files, in the order of [`Face`].
pub(crate) const FILES: [&[u8]; 4] = [
    include_bytes!("../fonts/NotoSans-Regular.ttf"),
    include_bytes!("../fonts/NotoSans-Bold.ttf"),
    include_bytes!("../fonts/NotoSansMath-Regular.ttf"),
    include_bytes!("../fonts/NotoSansCJKjp-Regular.otf"),
];

/// A font, by its place in [`FILES`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Face(pub usize);

/// How heavy letters are. What neither has comes from fonts of one weight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Weight {
    /// Text.
    Regular,
    /// Headings, sums, what is bad.
    Bold,
}

/// A character as a font has it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Glyph {
    /// The font.
    pub face: Face,
    /// Its number there.
    pub id: u32,
    /// How far the next stands from it, in ems.
    pub advance: f32,
}

struct Metrics {
    charmap: Charmap<'static>,
    widths: GlyphMetrics<'static>,
    units_per_em: f32,
}

/// All fonts.
pub(crate) struct Faces([Metrics; 4]);

impl Faces {
    /// Reads them.
    pub(crate) fn read() -> Self {
        Self(FILES.map(|file| {
            let font = FontRef::new(file).expect("the fonts are part of the program");
            let (size, location) = (Size::unscaled(), LocationRef::default());
            Metrics {
                charmap: font.charmap(),
                widths: font.glyph_metrics(size, location),
                units_per_em: f32::from(font.metrics(size, location).units_per_em),
            }
        }))
    }

    /// A character in the first font that has it.
    pub(crate) fn glyph(&self, char: char, weight: Weight) -> Option<Glyph> {
        let first = match weight {
            Weight::Regular => 0,
            Weight::Bold => 1,
        };
        [first, 2, 3].into_iter().find_map(|face| {
            let Metrics { charmap, widths, units_per_em } = &self.0[face];
            let id = charmap.map(char)?;
            let advance = widths.advance_width(id)? / units_per_em;
            Some(Glyph { face: Face(face), id: id.to_u32(), advance })
        })
    }

    /// How wide words are that [`Self::readable`] gave, in the unit of `size`.
    pub(crate) fn width(&self, words: &str, weight: Weight, size: f32) -> f32 {
        words.chars().filter_map(|char| self.glyph(char, weight)).map(|glyph| glyph.advance * size).sum()
    }

    /// Words with nothing in them that no font has: white space and controls are a space, what only steers the setting
    /// of scripts is left out, anything else stands as its code point.
    pub(crate) fn readable(&self, words: &str) -> String {
        let mut readable = String::with_capacity(words.len());
        for char in words.chars() {
            if is_invisible(char) {
                continue;
            }
            if char != NO_BREAK && (char.is_whitespace() || char.is_control()) {
                readable.push(' ');
            } else if self.glyph(char, Weight::Regular).is_some() && !is_private(char) {
                readable.push(char);
            } else {
                readable.extend([format!("[U+{:04X}]", u32::from(char))]);
            }
        }
        readable
    }

    /// The beginning of words that fits into a width, with an ellipsis where something is left out.
    pub(crate) fn shortened(&self, words: &str, size: f32, width: f32) -> String {
        let words = self.readable(words);
        if self.width(&words, Weight::Regular, size) <= width {
            return words;
        }
        let mut kept = String::new();
        for char in words.chars() {
            kept.push(char);
            if self.width(&kept, Weight::Regular, size) + self.width("…", Weight::Regular, size) > width {
                kept.pop();
                break;
            }
        }
        format!("{}…", kept.trim_end())
    }
}

/// A space at which no line ends.
pub(crate) const NO_BREAK: char = '\u{a0}';

/// Has a meaning in one house only, and no letter.
fn is_private(char: char) -> bool {
    matches!(char, '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{10ffff}')
}

/// Soft hyphens, joiners, marks of direction, byte order marks, choices of a letter's variant.
/// Source: `Default_Ignorable_Code_Point` of Unicode, what of it is found in names.
fn is_invisible(char: char) -> bool {
    matches!(char, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{e0000}'..='\u{e0fff}')
}
