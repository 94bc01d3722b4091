//! Words broken into lines.

use crate::Text;
use crate::Tone;
use crate::faces::{Faces, NO_BREAK, Weight};

/// How words are set.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Style {
    /// Size, in points.
    pub size: f32,
    /// Weight of what is plain.
    pub weight: Weight,
}

/// Words of one tone in a line.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Piece {
    /// From where the line begins, in points.
    pub x: f32,
    /// The words; each has a glyph.
    pub words: String,
    /// Their weight.
    pub weight: Weight,
    /// Their tone.
    pub tone: Tone,
}

/// A line.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Line {
    /// What stands in it, from the left.
    pub pieces: Vec<Piece>,
    /// How wide it is without the space at its end, in points.
    pub width: f32,
}

/// What may not begin a line. Source: JIS X 4051, what of it stands in running text.
const NOT_FIRST: &str = "、。，．・：；？！）］｝」』】〉》ー々ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮ";
/// What may not end one.
const NOT_LAST: &str = "（［｛「『【〈《";

struct Set {
    char: char,
    tone: Tone,
    weight: Weight,
    advance: f32,
}

fn set(faces: &Faces, text: &Text, style: Style) -> Vec<Set> {
    let mut set = Vec::new();
    for (words, tone) in text.runs() {
        let weight = if tone == Tone::Bad { Weight::Bold } else { style.weight };
        for char in faces.readable(words).chars() {
            let advance = faces.glyph(char, weight).map_or(0.0, |glyph| glyph.advance * style.size);
            set.push(Set { char, tone, weight, advance });
        }
    }
    set
}

/// Whether a line may end between two characters: after a space, and between the signs of East Asia.
fn may_break(before: char, after: char) -> bool {
    if before == ' ' {
        return after != ' ';
    }
    let is_ideographic = |char: char| char >= '\u{2e80}';
    (is_ideographic(before) || is_ideographic(after))
        && ![before, after].contains(&' ')
        && ![before, after].contains(&NO_BREAK)
        && !NOT_FIRST.contains(after)
        && !NOT_LAST.contains(before)
}

/// Breaks words into lines no wider than `width` points; a word that is wider than that is broken where it must be.
/// Nothing gives one empty line.
pub(crate) fn wrapped(faces: &Faces, text: &Text, style: Style, width: f32) -> Vec<Line> {
    let set = set(faces, text, style);
    let mut lines = Vec::new();
    let (mut start, mut chance, mut reached) = (0, None, 0.0);
    let mut at = 0;
    while at < set.len() {
        let one = &set[at];
        if at > start && may_break(set[at - 1].char, one.char) {
            chance = Some(at);
        }
        let is_over = reached + one.advance > width && one.char != ' ';
        if is_over && at > start {
            let end = chance.unwrap_or(at);
            lines.push(line(&set[start..end]));
            (start, chance, reached, at) = (end, None, 0.0, end);
            continue;
        }
        reached += one.advance;
        at += 1;
    }
    if start < set.len() || lines.is_empty() {
        lines.push(line(&set[start..]));
    }
    lines
}

fn line(set: &[Set]) -> Line {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut x = 0.0;
    for one in set {
        match pieces.last_mut() {
            Some(piece) if (piece.tone, piece.weight) == (one.tone, one.weight) => piece.words.push(one.char),
            _ => pieces.push(Piece { x, words: one.char.into(), weight: one.weight, tone: one.tone }),
        }
        x += one.advance;
    }
    let spaces: f32 = set.iter().rev().take_while(|one| one.char == ' ').map(|one| one.advance).sum();
    Line { pieces, width: x - spaces }
}

/// How wide words are in one line, and how wide the widest of them is that can't be broken, in points.
pub(crate) fn widths(faces: &Faces, text: &Text, style: Style) -> (f32, f32) {
    let set = set(faces, text, style);
    let (mut whole, mut word, mut widest) = (0.0_f32, 0.0_f32, 0.0_f32);
    for (at, one) in set.iter().enumerate() {
        if at > 0 && may_break(set[at - 1].char, one.char) {
            word = 0.0;
        }
        whole += one.advance;
        word += one.advance;
        if one.char != ' ' {
            widest = widest.max(word);
        }
    }
    (whole, widest)
}
