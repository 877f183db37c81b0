//! Character sets G0 to G3 and how they are shifted in. Must not know the grid.

use serde::{Deserialize, Serialize};

/// A set of 94 characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) enum Charset {
    #[default]
    Ascii,
    /// Line drawing.
    Graphics,
    /// ASCII with a pound sign.
    Uk,
}

/// The four sets and which is in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Charsets {
    sets: [Charset; 4],
    gl: u8,
    single: Option<u8>,
}

impl Charsets {
    /// Whether text can be written as it is.
    #[inline]
    pub fn is_plain(&self) -> bool {
        self.single.is_none() && self.sets[usize::from(self.gl & 3)] == Charset::Ascii
    }

    /// Puts a set into G`slot`.
    pub fn designate(&mut self, slot: u8, final_byte: u8) {
        self.sets[usize::from(slot & 3)] = match final_byte {
            b'0' | b'2' => Charset::Graphics,
            b'A' => Charset::Uk,
            _ => Charset::Ascii,
        };
    }

    /// Locks G`slot` in (SI, SO, LS2, LS3).
    pub fn shift(&mut self, slot: u8) {
        self.gl = slot & 3;
    }

    /// Uses G`slot` for one character (SS2, SS3).
    pub fn single_shift(&mut self, slot: u8) {
        self.single = Some(slot & 3);
    }

    /// What `c` stands for.
    pub fn map(&mut self, c: char) -> char {
        let slot = self.single.take().unwrap_or(self.gl);
        match self.sets[usize::from(slot & 3)] {
            Charset::Ascii => c,
            Charset::Uk if c == '#' => '£',
            Charset::Uk => c,
            Charset::Graphics => graphics(c),
        }
    }
}

fn graphics(c: char) -> char {
    const DRAWING: [char; 32] = [
        ' ', '◆', '▒', '␉', '␌', '␍', '␊', '°', '±', '␤', '␋', '┘', '┐', '┌', '└', '┼', '⎺', '⎻', '─', '⎼', '⎽', '├', '┤', '┴', '┬', '│', '≤', '≥',
        'π', '≠', '£', '·',
    ];
    match c {
        '\u{5f}'..='\u{7e}' => DRAWING.get(c as usize - 0x5f).copied().unwrap_or(c),
        _ => c,
    }
}
