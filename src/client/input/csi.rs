//! Control sequences: legacy keys, kitty keys, SGR mouse, and the replies that have this form. Must not know the byte stream.

use super::reply::Reply;
use super::{Token, mouse};
use crate::base::{Key, KeyCode, KeyKind, Mods};

/// Most parameters looked at.
const MAX_PARAMS: usize = 32;

/// A control sequence taken apart.
pub(super) struct Csi {
    private: u8,
    intermediate: u8,
    last: u8,
    /// Parameters with their sub-parameters; a missing one is `None`.
    params: Vec<Vec<Option<u32>>>,
}

impl Csi {
    /// Takes apart what follows `CSI`, the final byte included.
    pub fn parse(body: &[u8]) -> Option<Csi> {
        let (last, mut rest) = body.split_last()?;
        let mut private = 0;
        if let [p @ b'<'..=b'?', tail @ ..] = rest {
            private = *p;
            rest = tail;
        }
        let mut intermediate = 0;
        if let [head @ .., i @ 0x20..=0x2f] = rest {
            intermediate = *i;
            rest = head;
        }
        let number = |text: &[u8]| std::str::from_utf8(text).ok().and_then(|t| t.parse::<u32>().ok());
        let params = match rest {
            [] => Vec::new(),
            _ => rest.split(|b| *b == b';').take(MAX_PARAMS).map(|p| p.split(|b| *b == b':').take(MAX_PARAMS).map(number).collect()).collect(),
        };
        Some(Csi { private, intermediate, last: *last, params })
    }

    fn sub(&self, i: usize, j: usize) -> Option<u32> {
        self.params.get(i).and_then(|p| p.get(j)).copied().flatten()
    }

    fn param(&self, i: usize) -> Option<u32> {
        self.sub(i, 0)
    }

    /// What it means; `None` for what nobody asked for.
    pub fn token(&self) -> Option<Token> {
        match (self.private, self.intermediate, self.last) {
            (b'<', 0, b'M' | b'm') => {
                let event = mouse::sgr(self.param(0)?, self.param(1)?, self.param(2)?, self.last == b'm')?;
                Some(Token::Mouse { event, x10: false })
            }
            (0, 0, b'I') if self.params.is_empty() => Some(Token::Focus(true)),
            (0, 0, b'O') if self.params.is_empty() => Some(Token::Focus(false)),
            (0, 0, b'u') => self.kitty(),
            (0, 0, b'~') => self.tilde(),
            // Function keys with a modifier have this very form for row 1; no position is ever asked for, so they win.
            (0, 0, b'R') if self.param(0).is_none_or(|p| p == 1) && self.param(1).is_none_or(|m| (1..=256).contains(&m)) => self.lettered(),
            (0, 0, b'R') => Some(Token::Reply(Reply::Cursor { row: self.param(0)?, col: self.param(1)? })),
            (0, 0, b'A'..=b'F' | b'H' | b'P' | b'Q' | b'S' | b'Z' | b'a'..=b'd') => self.lettered(),
            // rxvt: Shift, Ctrl, and both.
            (0, 0, b'$') => self.numbered(self.param(0)?, Mods::SHIFT),
            (0, 0, b'^') => self.numbered(self.param(0)?, Mods::CTRL),
            (0, 0, b'@') => self.numbered(self.param(0)?, Mods::CTRL | Mods::SHIFT),
            (b'?', 0, b'c') => Some(Token::Reply(Reply::Device(self.params.iter().filter_map(|p| p.first().copied().flatten()).collect()))),
            (b'>', 0, b'c') => Some(Token::Reply(Reply::Secondary(self.params.iter().filter_map(|p| p.first().copied().flatten()).collect()))),
            (b'?', 0, b'u') => Some(Token::Reply(Reply::KittyFlags(self.param(0).unwrap_or(0)))),
            (b'?', b'$', b'y') => Some(Token::Reply(Reply::Mode { mode: self.param(0)?, value: self.param(1)? })),
            (b'?', 0, b'n') if self.param(0) == Some(997) => Some(Token::Reply(Reply::Scheme { dark: self.param(1) == Some(1) })),
            _ => Some(Token::Reply(Reply::Other)),
        }
    }

    fn event(&self, code: KeyCode) -> Token {
        let mods = mods(self.param(1).unwrap_or(1));
        let kind = match self.sub(1, 1) {
            Some(2) => KeyKind::Repeat,
            Some(3) => KeyKind::Release,
            _ => KeyKind::Press,
        };
        Token::Key { key: Key { kind, ..Key::new(code, mods) }, legacy: false }
    }

    /// `CSI 1 ; modifiers letter`.
    fn lettered(&self) -> Option<Token> {
        let code = match self.last {
            b'Z' => return Some(Token::Key { key: Key::new(KeyCode::Tab, mods(self.param(1).unwrap_or(1)) | Mods::SHIFT), legacy: false }),
            // rxvt: Shift with an arrow.
            c @ b'a'..=b'd' => return Some(Token::Key { key: Key::new(ss3(c.to_ascii_uppercase())?.code, Mods::SHIFT), legacy: false }),
            c => ss3(c)?.code,
        };
        Some(self.event(code))
    }

    /// `CSI number ; modifiers ~`.
    fn tilde(&self) -> Option<Token> {
        match self.param(0)? {
            200 => Some(Token::Paste { text: String::new(), last: false }),
            201 => None,
            // xterm's modifyOtherKeys.
            27 => {
                let code = key_code(self.param(2)?)?;
                Some(Token::Key { key: Key::new(code, mods(self.param(1).unwrap_or(1))), legacy: false })
            }
            n => numbered(n).map(|code| self.event(code)),
        }
    }

    fn numbered(&self, n: u32, mods: Mods) -> Option<Token> {
        numbered(n).map(|code| Token::Key { key: Key::new(code, mods), legacy: false })
    }

    /// `CSI code : shifted : base ; modifiers : kind ; text u` (kitty's keyboard protocol).
    fn kitty(&self) -> Option<Token> {
        let code = key_code(self.param(0)?)?;
        let Token::Key { mut key, .. } = self.event(code) else { return None };
        let printable = |n: u32| char::from_u32(n).filter(|c| !c.is_control());
        key.shifted = self.sub(0, 1).and_then(printable);
        key.base = self.sub(0, 2).and_then(printable);
        let text: String = self.params.get(2).into_iter().flatten().filter_map(|n| n.and_then(printable)).collect();
        key.text = (!text.is_empty()).then_some(text);
        Some(Token::Key { key, legacy: false })
    }
}

/// Modifiers as sequences write them: one more than the bits; lock keys are dropped.
pub(super) fn mods(n: u32) -> Mods {
    Mods::from_bits_truncate((n.saturating_sub(1) & 0x3f) as u8)
}

pub(super) fn plain_key(code: KeyCode) -> Token {
    Token::Key { key: Key::new(code, Mods::empty()), legacy: false }
}

/// The key of a letter after `ESC O`, or at the end of `CSI 1 ; m`.
pub(super) fn ss3(c: u8) -> Option<Key> {
    let code = match c {
        b'A' => KeyCode::Up,
        b'B' => KeyCode::Down,
        b'C' => KeyCode::Right,
        b'D' => KeyCode::Left,
        b'E' => KeyCode::Functional(57427), // the middle of the keypad
        b'F' => KeyCode::End,
        b'H' => KeyCode::Home,
        b'P' => KeyCode::F(1),
        b'Q' => KeyCode::F(2),
        b'R' => KeyCode::F(3),
        b'S' => KeyCode::F(4),
        b'M' => KeyCode::Enter,
        b'X' => KeyCode::Char('='),
        b'j'..=b'y' => KeyCode::Char(char::from(c - 0x40)), // keypad: * + , - . / 0-9
        b'a'..=b'd' => return Some(Key::new(ss3(c.to_ascii_uppercase())?.code, Mods::CTRL)), // rxvt
        _ => return None,
    };
    Some(Key::new(code, Mods::empty()))
}

fn numbered(n: u32) -> Option<KeyCode> {
    Some(match n {
        1 | 7 => KeyCode::Home,
        2 => KeyCode::Insert,
        3 => KeyCode::Delete,
        4 | 8 => KeyCode::End,
        5 => KeyCode::PageUp,
        6 => KeyCode::PageDown,
        11..=15 => KeyCode::F((n - 10) as u8),
        17..=21 => KeyCode::F((n - 11) as u8),
        23..=26 => KeyCode::F((n - 12) as u8),
        28 | 29 => KeyCode::F((n - 13) as u8),
        31..=34 => KeyCode::F((n - 14) as u8),
        57427 => KeyCode::Functional(57427),
        _ => return None,
    })
}

/// A key by its kitty number or character.
fn key_code(n: u32) -> Option<KeyCode> {
    Some(match n {
        9 => KeyCode::Tab,
        13 | 57414 => KeyCode::Enter,
        27 => KeyCode::Esc,
        8 | 127 => KeyCode::Backspace,
        57376..=57398 => KeyCode::F((n - 57376 + 13) as u8),
        57399..=57408 => KeyCode::Char(char::from(b'0' + (n - 57399) as u8)),
        57409 => KeyCode::Char('.'),
        57410 => KeyCode::Char('/'),
        57411 => KeyCode::Char('*'),
        57412 => KeyCode::Char('-'),
        57413 => KeyCode::Char('+'),
        57415 => KeyCode::Char('='),
        57416 => KeyCode::Char(','),
        57417 => KeyCode::Left,
        57418 => KeyCode::Right,
        57419 => KeyCode::Up,
        57420 => KeyCode::Down,
        57421 => KeyCode::PageUp,
        57422 => KeyCode::PageDown,
        57423 => KeyCode::Home,
        57424 => KeyCode::End,
        57425 => KeyCode::Insert,
        57426 => KeyCode::Delete,
        57344..=63743 => KeyCode::Functional(n as u16),
        _ => KeyCode::Char(char::from_u32(n).filter(|c| !c.is_control())?),
    })
}
