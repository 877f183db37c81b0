//! Character sets G0 to G3 and how they are shifted in. Must not know the grid.
//!
//! Text is UTF-8, so only the left half (0x20 to 0x7E) is ever looked up. Source: VT510 manual (SCS), ISO 2022, and the
//! national tables of the VT220 manual.

use serde::{Deserialize, Serialize};

/// A designated set: what kind it is, and the byte that names it in a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) enum Charset {
    #[default]
    Ascii,
    /// Line drawing.
    Graphics,
    /// Mathematics and Greek (DEC Technical).
    Technical,
    /// DEC Supplemental: Latin-1 but for a few places.
    Supplemental,
    /// The supplemental set the user prefers: the one above, under a name of its own.
    Preferred,
    /// The right half of Latin-1, a set of 96.
    Latin1,
    /// ASCII with a nation's letters in twelve places.
    National(Nation),
}

/// Replacement sets, by the final byte that designates them (the newer one where a nation has two).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Nation {
    Uk,
    Dutch,
    Finnish,
    French,
    Canadian,
    German,
    Italian,
    Norwegian,
    Portuguese,
    Spanish,
    Swedish,
    Swiss,
}

impl Nation {
    /// What stands for `# @ [ \ ] ^ _ ` { | } ~`.
    fn letters(self) -> &'static str {
        match self {
            Nation::Uk => "£@[\\]^_`{|}~",
            Nation::Dutch => "£¾ĳ½|^_`¨ƒ¼´",
            Nation::Finnish => "#@ÄÖÅÜ_éäöåü",
            Nation::French => "£à°ç§^_`éùè¨",
            Nation::Canadian => "#àâçêî_ôéùèû",
            Nation::German => "#§ÄÖÜ^_`äöüß",
            Nation::Italian => "£§°çé^_ùàòèì",
            Nation::Norwegian => "#ÄÆØÅÜ_äæøåü",
            Nation::Portuguese => "#@ÃÇÕ^_`ãçõ~",
            Nation::Spanish => "£§¡Ñ¿^_`°ñç~",
            Nation::Swedish => "#ÉÄÖÅÜ_éäöåü",
            Nation::Swiss => "ùàéçêîèôäöüû",
        }
    }

    fn name(self) -> &'static str {
        match self {
            Nation::Uk => "A",
            Nation::Dutch => "4",
            Nation::Finnish => "5",
            Nation::French => "R",
            Nation::Canadian => "9",
            Nation::German => "K",
            Nation::Italian => "Y",
            Nation::Norwegian => "6",
            Nation::Portuguese => "%6",
            Nation::Spanish => "Z",
            Nation::Swedish => "7",
            Nation::Swiss => "=",
        }
    }
}

impl Charset {
    /// The set a sequence names: a set of 94 or 96, an intermediate after the slot or 0, and the final byte.
    pub fn named(of_96: bool, inter: u8, last: u8) -> Charset {
        if of_96 {
            return if (inter, last) == (0, b'A') { Charset::Latin1 } else { Charset::Ascii };
        }
        Charset::National(match (inter, last) {
            (0, b'0' | b'2') => return Charset::Graphics,
            (0, b'>') => return Charset::Technical,
            (0, b'<') => return Charset::Preferred,
            (b'%', b'5') => return Charset::Supplemental,
            (0, b'A') => Nation::Uk,
            (0, b'4') => Nation::Dutch,
            (0, b'C' | b'5') => Nation::Finnish,
            (0, b'R' | b'f') => Nation::French,
            (0, b'Q' | b'9') => Nation::Canadian,
            (0, b'K') => Nation::German,
            (0, b'Y') => Nation::Italian,
            (0, b'E' | b'6' | b'`') => Nation::Norwegian,
            (b'%', b'6') => Nation::Portuguese,
            (0, b'Z') => Nation::Spanish,
            (0, b'H' | b'7') => Nation::Swedish,
            (0, b'=') => Nation::Swiss,
            _ => return Charset::Ascii,
        })
    }

    /// The bytes that designate it, for reports.
    pub fn name(self) -> &'static str {
        match self {
            Charset::Ascii => "B",
            Charset::Graphics => "0",
            Charset::Technical => ">",
            Charset::Supplemental => "%5",
            Charset::Preferred => "<",
            Charset::Latin1 => "A",
            Charset::National(nation) => nation.name(),
        }
    }

    /// Whether it has 96 characters.
    pub fn is_96(self) -> bool {
        self == Charset::Latin1
    }

    fn map(self, c: char) -> char {
        match self {
            Charset::Ascii => c,
            Charset::Graphics => graphics(c),
            Charset::Technical => technical(c),
            Charset::Supplemental | Charset::Preferred => supplemental(c),
            Charset::Latin1 => char::from_u32(c as u32 + 0x80).unwrap_or(c),
            Charset::National(nation) => match "#@[\\]^_`{|}~".find(c) {
                Some(at) => nation.letters().chars().nth(at).unwrap_or(c),
                None => c,
            },
        }
    }
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
    pub fn designate(&mut self, slot: u8, set: Charset) {
        self.sets[usize::from(slot & 3)] = set;
    }

    /// The set in G`slot`.
    pub fn designated(&self, slot: usize) -> Charset {
        self.sets[slot & 3]
    }

    /// Locks G`slot` in (SI, SO, LS2, LS3).
    pub fn shift(&mut self, slot: u8) {
        self.gl = slot & 3;
    }

    /// Which is locked in.
    pub fn shifted(&self) -> u8 {
        self.gl
    }

    /// Uses G`slot` for one character (SS2, SS3).
    pub fn single_shift(&mut self, slot: u8) {
        self.single = Some(slot & 3);
    }

    /// Which is used for the next character alone.
    pub fn single(&self) -> Option<u8> {
        self.single
    }

    /// Whether the next character is taken from a set of 96.
    pub fn is_of_96(&self) -> bool {
        self.sets[usize::from(self.single.unwrap_or(self.gl) & 3)].is_96()
    }

    /// What `c` stands for; a character outside ASCII stands for itself, and uses a single shift up.
    pub fn map(&mut self, c: char) -> char {
        let slot = self.single.take().unwrap_or(self.gl);
        if c.is_ascii() { self.sets[usize::from(slot & 3)].map(c) } else { c }
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

/// Places without a character (a blank here) stay what they are in ASCII.
fn technical(c: char) -> char {
    const SIGNS: &str = "⎷┌─⌠⌡│⎡⎣⎤⎦⎛⎝⎞⎠⎨⎬           ≤≠≥∫∴∝∞÷Δ∇ΦΓ∼≃Θ×Λ⇔⇒≡ΠΨ Σ  √ΩΞΥ⊂⊃∩∪∧∨¬αβχδεφγηιθκλ ν∂πψρστ ƒωξυζ←↑→↓";
    match (c as usize).checked_sub(0x21).and_then(|at| SIGNS.chars().nth(at)) {
        Some(' ') | None => c,
        Some(sign) => sign,
    }
}

fn supplemental(c: char) -> char {
    match c {
        '(' => '¤',
        'W' => 'Œ',
        ']' => 'Ÿ',
        'w' => 'œ',
        '}' => 'ÿ',
        // Places the set leaves free.
        '$' | '&' | ',' | '-' | '.' | '/' | '4' | '8' | '>' | 'P' | '^' | 'p' | '~' => c,
        _ => char::from_u32(c as u32 + 0x80).filter(|_| c > ' ').unwrap_or(c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_set_has_its_letters() {
        for (of_96, inter, last, from, to) in [
            (false, 0, b'B', "#[~", "#[~"),
            (false, 0, b'0', "lqkx~", "┌─┐│·"),
            (false, 0, b'A', "#[", "£["),
            (false, 0, b'K', "[\\]{|}~@", "ÄÖÜäöüß§"),
            (false, 0, b'R', "#@[\\]{|}~", "£à°ç§éùè¨"),
            (false, 0, b'Z', "#[\\]{|}", "£¡Ñ¿°ñç"),
            (false, b'%', b'6', "[\\]{|}", "ÃÇÕãçõ"),
            (false, 0, b'=', "#@[\\]^_`{|}~", "ùàéçêîèôäöüû"),
            (false, 0, b'>', "!<EGabz{~1", "⎷≤∇Γαβζ←↓1"),
            (false, b'%', b'5', "d(Ww}$", "ä¤Œœÿ$"),
            (true, 0, b'A', "di", "äé"),
        ] {
            let set = Charset::named(of_96, inter, last);
            let got: String = from.chars().map(|c| set.map(c)).collect();
            assert_eq!(got, to, "{inter} {last}");
        }
        for last in b"A4C5RfQ9KYE6`ZH7=" {
            let Charset::National(nation) = Charset::named(false, 0, *last) else { panic!("{last}") };
            assert_eq!(nation.letters().chars().count(), 12, "{nation:?}");
        }
    }

    #[test]
    fn a_single_shift_is_used_up() {
        let mut sets = Charsets::default();
        sets.designate(2, Charset::Graphics);
        sets.single_shift(2);
        assert_eq!((sets.map('q'), sets.map('q')), ('─', 'q'));
        sets.single_shift(2);
        assert_eq!((sets.map('é'), sets.map('q')), ('é', 'q'));
    }
}
