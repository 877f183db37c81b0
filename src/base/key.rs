//! Keys, chords and how they are written in keymap files. Must not know escape sequences or what keys are bound to.

use bitflags::bitflags;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

bitflags! {
    /// Modifier keys, with the bits of the kitty keyboard protocol.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, PartialOrd, Ord, Serialize, Deserialize)]
    pub struct Mods: u8 {
        /// Shift.
        const SHIFT = 1;
        /// Alt (Option).
        const ALT = 1 << 1;
        /// Control.
        const CTRL = 1 << 2;
        /// Super (Windows, Command).
        const SUPER = 1 << 3;
        /// Hyper.
        const HYPER = 1 << 4;
        /// Meta.
        const META = 1 << 5;
    }
}

/// Which key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum KeyCode {
    /// A key that makes this character without modifiers (`a`, `1`, ` `), or, where the terminal does not tell, the character it made (`A`, `?`).
    Char(char),
    /// Enter.
    Enter,
    /// Tab.
    Tab,
    /// Backspace.
    Backspace,
    /// Escape.
    Esc,
    /// Arrow up.
    Up,
    /// Arrow down.
    Down,
    /// Arrow left.
    Left,
    /// Arrow right.
    Right,
    /// Home.
    Home,
    /// End.
    End,
    /// Page up.
    PageUp,
    /// Page down.
    PageDown,
    /// Insert.
    Insert,
    /// Delete.
    Delete,
    /// Function key, 1 to 35.
    F(u8),
    /// Another functional key by its kitty number (57344-63743), such as keypad, media or modifier keys.
    Functional(u16),
}

/// Press, repeat or release. Terminals without the kitty protocol only press.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum KeyKind {
    /// Went down.
    #[default]
    Press,
    /// Is held.
    Repeat,
    /// Went up.
    Release,
}

/// A key event with all that the outer terminal told of it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Key {
    /// Which key.
    pub code: KeyCode,
    /// Modifiers held.
    #[serde(default)]
    pub mods: Mods,
    /// Press, repeat or release.
    #[serde(default)]
    pub kind: KeyKind,
    /// The character with Shift, when told.
    #[serde(default)]
    pub shifted: Option<char>,
    /// The character of that key on a US keyboard, when told.
    #[serde(default)]
    pub base: Option<char>,
    /// Text the key made, when told.
    #[serde(default)]
    pub text: Option<String>,
}

impl Key {
    /// A plain press.
    pub fn new(code: KeyCode, mods: Mods) -> Key {
        Key { code, mods, kind: KeyKind::Press, shifted: None, base: None, text: None }
    }

    /// A press of a character key without modifiers.
    pub fn char(c: char) -> Key {
        Key::new(KeyCode::Char(c), Mods::empty())
    }

    /// The chord a keymap looks up: Shift is folded into the character (`shift+a` = `A`), lock keys are dropped.
    pub fn chord(&self) -> Chord {
        let mut mods = self.mods;
        let mut code = self.code;
        if let KeyCode::Char(c) = code {
            if mods.contains(Mods::SHIFT) {
                if let Some(s) = self.shifted {
                    code = KeyCode::Char(s);
                } else if c.is_lowercase() {
                    code = KeyCode::Char(c.to_uppercase().next().unwrap_or(c));
                }
                mods.remove(Mods::SHIFT);
            }
            // Ctrl+letter does not tell upper from lower case in most terminals.
            if mods.contains(Mods::CTRL)
                && let KeyCode::Char(c) = code
            {
                code = KeyCode::Char(c.to_ascii_lowercase());
            }
        }
        Chord { code, mods }
    }

    /// The text this press types into a line of text, if it does.
    pub fn typed(&self) -> Option<String> {
        if self.kind == KeyKind::Release || self.mods.intersects(Mods::CTRL | Mods::ALT | Mods::SUPER | Mods::HYPER | Mods::META) {
            return None;
        }
        if let Some(t) = &self.text {
            return Some(t.clone());
        }
        match self.chord().code {
            KeyCode::Char(c) => Some(c.to_string()),
            _ => None,
        }
    }
}

/// A key with modifiers, as keymaps write it: `ctrl+b`, `alt+enter`, `shift+tab`, `f2`, `space`, `?`, `A`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Chord {
    /// Which key.
    pub code: KeyCode,
    /// Modifiers; never Shift on a character.
    pub mods: Mods,
}

impl Chord {
    /// The character of ASCII that it is without any modifier.
    pub fn ascii(&self) -> Option<u8> {
        match self.code {
            KeyCode::Char(c) if self.mods.is_empty() && c.is_ascii() => u8::try_from(c).ok(),
            _ => None,
        }
    }
}

const NAMES: &[(&str, KeyCode)] = &[
    ("enter", KeyCode::Enter),
    ("tab", KeyCode::Tab),
    ("backspace", KeyCode::Backspace),
    ("esc", KeyCode::Esc),
    ("up", KeyCode::Up),
    ("down", KeyCode::Down),
    ("left", KeyCode::Left),
    ("right", KeyCode::Right),
    ("home", KeyCode::Home),
    ("end", KeyCode::End),
    ("pageup", KeyCode::PageUp),
    ("pagedown", KeyCode::PageDown),
    ("insert", KeyCode::Insert),
    ("delete", KeyCode::Delete),
    ("space", KeyCode::Char(' ')),
    ("plus", KeyCode::Char('+')),
];

const MODS: &[(&str, Mods)] =
    &[("ctrl", Mods::CTRL), ("alt", Mods::ALT), ("shift", Mods::SHIFT), ("super", Mods::SUPER), ("hyper", Mods::HYPER), ("meta", Mods::META)];

/// Names of keys and modifiers a chord may use, for "nearest valid name" messages.
pub fn chord_words() -> impl Iterator<Item = &'static str> {
    NAMES.iter().map(|n| n.0).chain(MODS.iter().map(|m| m.0))
}

impl FromStr for Chord {
    type Err = String;

    fn from_str(s: &str) -> Result<Chord, String> {
        let mut mods = Mods::empty();
        let mut rest = s;
        while let Some((head, tail)) = rest.split_once('+') {
            if tail.is_empty() {
                break; // the key is `+` itself
            }
            let lower = head.to_ascii_lowercase();
            match MODS.iter().find(|m| m.0 == lower) {
                Some((_, m)) if !mods.contains(*m) => mods |= *m,
                Some(_) => return Err(format!("`{s}` names `{lower}` twice")),
                None => return Err(format!("`{head}` in `{s}` is not a modifier")),
            }
            rest = tail;
        }
        let mut chars = rest.chars();
        let code = match (chars.next(), chars.next()) {
            (None, _) => return Err(format!("`{s}` has no key")),
            (Some(c), None) if c.is_control() => return Err(format!("`{}` is a control character", s.escape_debug())),
            (Some(c), None) => KeyCode::Char(c),
            _ => {
                let lower = rest.to_ascii_lowercase();
                if let Some((_, code)) = NAMES.iter().find(|n| n.0 == lower) {
                    *code
                } else if let Some(n) = lower.strip_prefix('f').and_then(|n| n.parse::<u8>().ok()).filter(|n| (1..=35).contains(n)) {
                    KeyCode::F(n)
                } else {
                    return Err(format!("`{rest}` is not a key"));
                }
            }
        };
        Ok(Key::new(code, mods).chord())
    }
}

impl fmt::Display for Chord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, m) in MODS {
            if self.mods.contains(*m) {
                write!(f, "{name}+")?;
            }
        }
        if let Some((name, _)) = NAMES.iter().find(|n| n.1 == self.code && n.0 != "plus") {
            return f.write_str(name);
        }
        match self.code {
            KeyCode::Char(c) => write!(f, "{c}"),
            KeyCode::F(n) => write!(f, "f{n}"),
            KeyCode::Functional(n) => write!(f, "key-{n}"),
            _ => unreachable_name(f),
        }
    }
}

fn unreachable_name(f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_str("?")
}

impl Chord {
    /// As people read it: `Ctrl+B`, `Shift+Tab`, `?`.
    pub fn label(&self) -> String {
        let text = self.to_string();
        let mut out = String::with_capacity(text.len());
        let (mods, key) = match text.rfind('+').filter(|i| *i + 1 < text.len()) {
            Some(i) => text.split_at(i + 1),
            None => ("", text.as_str()),
        };
        for m in mods.split_inclusive('+') {
            out.extend(m.chars().next().map(|c| c.to_ascii_uppercase()));
            out.push_str(m.get(1..).unwrap_or_default());
        }
        let named = key.chars().count() > 1;
        if named || !mods.is_empty() {
            out.extend(key.chars().next().map(|c| c.to_ascii_uppercase()));
            out.extend(key.chars().skip(1));
        } else {
            out.push_str(key);
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn chords_read_as_written() {
        for (text, label) in [
            ("ctrl+b", "Ctrl+B"),
            ("shift+tab", "Shift+Tab"),
            ("f12", "F12"),
            ("?", "?"),
            ("A", "A"),
            ("space", "Space"),
            ("alt+enter", "Alt+Enter"),
            ("+", "+"),
            ("ctrl++", "Ctrl++"),
            ("ctrl+alt+left", "Ctrl+Alt+Left"),
        ] {
            let chord: Chord = text.parse().unwrap();
            assert_eq!(chord.to_string(), text);
            assert_eq!(chord.label(), label);
        }
        assert_eq!("shift+a".parse::<Chord>(), "A".parse());
    }

    #[test]
    fn bad_chords_say_why() {
        for (text, why) in
            [("", "no key"), ("hyperspace+a", "not a modifier"), ("ctrl+ctrl+a", "twice"), ("ctrl+pgup", "not a key"), ("f99", "not a key")]
        {
            assert!(text.parse::<Chord>().unwrap_err().contains(why), "{text}");
        }
    }

    proptest! {
        #[test]
        fn parsing_never_panics_and_round_trips(text in "\\PC{0,24}") {
            if let Ok(chord) = text.parse::<Chord>() {
                prop_assert_eq!(chord.to_string().parse::<Chord>(), Ok(chord));
            }
        }
    }
}
