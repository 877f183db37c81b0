//! Keys to the bytes a program expects, by its modes. Must not know keymaps or where keys come from.
//!
//! Three ways, as xterm and the kitty keyboard protocol describe them: legacy, xterm's modifyOtherKeys on top of it, and
//! kitty's progressive enhancement (flags 1 disambiguate, 2 event kinds, 4 alternate keys, 8 everything as an escape code,
//! 16 text).

use super::modes::Modes;
use crate::base::{Key, KeyCode, KeyKind, Mods};

const DISAMBIGUATE: u8 = 1;
const EVENT_KINDS: u8 = 2;
const ALTERNATES: u8 = 4;
const ALL_AS_ESCAPES: u8 = 8;
const TEXT: u8 = 16;

/// Writes what the program gets for this key; nothing for an event it cannot be told (a release in legacy mode).
pub fn encode_key(key: &Key, modes: &Modes, out: &mut Vec<u8>) {
    if modes.kitty_flags != 0 {
        return kitty(key, modes, out);
    }
    if key.kind == KeyKind::Release {
        return;
    }
    legacy(key, modes, out);
}

/// The modifier value of escape codes: one more than the bits.
fn modifier(mods: Mods) -> u8 {
    1 + mods.bits()
}

/// How a functional key is written: `CSI 1 ; mods letter`, or `CSI number ; mods ~`.
enum Form {
    Letter(u8),
    Tilde(u16),
}

fn form(code: KeyCode) -> Option<Form> {
    Some(match code {
        KeyCode::Up => Form::Letter(b'A'),
        KeyCode::Down => Form::Letter(b'B'),
        KeyCode::Right => Form::Letter(b'C'),
        KeyCode::Left => Form::Letter(b'D'),
        KeyCode::Home => Form::Letter(b'H'),
        KeyCode::End => Form::Letter(b'F'),
        KeyCode::F(n @ 1..=4) => Form::Letter(b"PQRS"[usize::from(n - 1)]),
        KeyCode::Insert => Form::Tilde(2),
        KeyCode::Delete => Form::Tilde(3),
        KeyCode::PageUp => Form::Tilde(5),
        KeyCode::PageDown => Form::Tilde(6),
        KeyCode::F(n @ 5..=20) => Form::Tilde([15, 17, 18, 19, 20, 21, 23, 24, 25, 26, 28, 29, 31, 32, 33, 34][usize::from(n - 5)]),
        _ => return None,
    })
}

/// The control character of Ctrl and a key, where there is one.
fn control(c: char) -> Option<u8> {
    Some(match c {
        'a'..='z' => c as u8 - b'a' + 1,
        'A'..='Z' => c as u8 - b'A' + 1,
        '@' | ' ' | '2' | '`' => 0,
        '[' | '3' | '{' => 0x1B,
        '\\' | '4' | '|' => 0x1C,
        ']' | '5' | '}' => 0x1D,
        '^' | '6' | '~' => 0x1E,
        '_' | '7' | '/' | '-' => 0x1F,
        '?' | '8' => 0x7F,
        _ => return None,
    })
}

/// The character a key makes with Shift taken into account.
fn made(key: &Key) -> Option<char> {
    match key.chord().code {
        KeyCode::Char(_) if !key.mods.contains(Mods::CTRL) => match key.chord().code {
            KeyCode::Char(c) => Some(c),
            _ => None,
        },
        // With Ctrl the chord folds case away; here it still counts.
        KeyCode::Char(c) => Some(match (key.mods.contains(Mods::SHIFT), key.shifted) {
            (true, Some(s)) => s,
            (true, None) => c.to_uppercase().next().unwrap_or(c),
            (false, _) => match key.code {
                KeyCode::Char(c) => c,
                _ => c,
            },
        }),
        _ => None,
    }
}

fn push_char(c: char, out: &mut Vec<u8>) {
    out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
}

/// Keypad keys by kitty number: the character they type, and the letter of their application code.
fn keypad(number: u16) -> Option<(char, u8)> {
    Some(match number {
        57399..=57408 => (char::from(b'0' + (number - 57399) as u8), b'p' + (number - 57399) as u8),
        57409 => ('.', b'n'),
        57410 => ('/', b'o'),
        57411 => ('*', b'j'),
        57412 => ('-', b'm'),
        57413 => ('+', b'k'),
        57414 => ('\r', b'M'),
        57415 => ('=', b'X'),
        57416 => (',', b'l'),
        _ => return None,
    })
}

/// The ordinary key a keypad key without Num Lock stands for.
fn keypad_motion(number: u16) -> Option<KeyCode> {
    Some(match number {
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
        _ => return None,
    })
}

fn legacy(key: &Key, modes: &Modes, out: &mut Vec<u8>) {
    // What legacy encodings cannot say is left out, not mixed up with another key.
    let mods = key.mods & (Mods::SHIFT | Mods::ALT | Mods::CTRL | Mods::META);
    let alt = mods.contains(Mods::ALT) || mods.contains(Mods::META);
    let code = match key.code {
        KeyCode::Functional(n) => match (keypad_motion(n), keypad(n)) {
            (Some(code), _) => code,
            (None, Some((_, letter))) if modes.app_keypad && mods.is_empty() => return out.extend([0x1B, b'O', letter]),
            (None, Some(('\r', _))) => KeyCode::Enter,
            (None, Some((c, _))) => KeyCode::Char(c),
            (None, None) => return,
        },
        code => code,
    };
    if let Some(form) = form(code) {
        return functional(form, mods, modes.app_cursor, matches!(code, KeyCode::F(_)), out);
    }
    if modes.modify_other_keys > 0 && other_key(code, key, mods, modes.modify_other_keys, out) {
        return;
    }
    if alt {
        out.push(0x1B);
    }
    let ctrl = mods.contains(Mods::CTRL);
    match code {
        KeyCode::Enter if modes.newline => out.extend(b"\r\n"),
        KeyCode::Enter => out.push(b'\r'),
        KeyCode::Tab if mods.contains(Mods::SHIFT) => out.extend(if alt { &b"[Z"[..] } else { b"\x1b[Z" }),
        KeyCode::Tab => out.push(b'\t'),
        KeyCode::Esc => out.push(0x1B),
        KeyCode::Backspace => out.push(if ctrl != modes.backarrow_bs { 0x08 } else { 0x7F }),
        KeyCode::Char(c) => match (ctrl, &key.text) {
            (true, _) => match control(c) {
                Some(byte) => out.push(byte),
                None => push_char(made(key).unwrap_or(c), out),
            },
            (false, Some(text)) if !alt && !text.is_empty() && !text.chars().any(char::is_control) => out.extend(text.as_bytes()),
            (false, _) => push_char(made(key).unwrap_or(c), out),
        },
        _ => {
            if alt {
                out.pop();
            }
        }
    }
}

fn functional(form: Form, mods: Mods, app_cursor: bool, function: bool, out: &mut Vec<u8>) {
    let m = modifier(mods);
    match form {
        Form::Letter(letter) if mods.is_empty() && (app_cursor || function) => out.extend([0x1B, b'O', letter]),
        Form::Letter(letter) if mods.is_empty() => out.extend([0x1B, b'[', letter]),
        Form::Letter(letter) => out.extend(format!("\x1b[1;{m}{}", letter as char).bytes()),
        Form::Tilde(n) if mods.is_empty() => out.extend(format!("\x1b[{n}~").bytes()),
        Form::Tilde(n) => out.extend(format!("\x1b[{n};{m}~").bytes()),
    }
}

/// modifyOtherKeys: `CSI 27 ; mods ; code ~` for keys whose plain encoding loses modifiers. Level 1 leaves well-known ones alone.
fn other_key(code: KeyCode, key: &Key, mods: Mods, level: u8, out: &mut Vec<u8>) -> bool {
    if mods.is_empty() {
        return false;
    }
    let number = match code {
        KeyCode::Enter => 13,
        KeyCode::Tab => 9,
        KeyCode::Esc => 27,
        KeyCode::Backspace => 127,
        KeyCode::Char(c) => {
            if mods == Mods::SHIFT && c != ' ' {
                return false;
            }
            made(key).unwrap_or(c) as u32
        }
        _ => return false,
    };
    if level < 2 {
        let known = match code {
            KeyCode::Char(c) => !mods.contains(Mods::CTRL) || (control(c).is_some() && mods == Mods::CTRL),
            KeyCode::Tab => mods == Mods::SHIFT,
            KeyCode::Esc | KeyCode::Backspace => true,
            _ => false,
        };
        if known {
            return false;
        }
    }
    out.extend(format!("\x1b[27;{};{number}~", modifier(mods)).bytes());
    true
}

fn kitty(key: &Key, modes: &Modes, out: &mut Vec<u8>) {
    let flags = modes.kitty_flags;
    let has = |flag: u8| flags & flag != 0;
    if key.kind == KeyKind::Release && !has(EVENT_KINDS) {
        return;
    }
    let event = match key.kind {
        KeyKind::Press => "",
        KeyKind::Repeat if has(EVENT_KINDS) => ":2",
        KeyKind::Repeat => "",
        KeyKind::Release => ":3",
    };
    let m = modifier(key.mods);
    let plain = key.mods.is_empty();
    let release = key.kind == KeyKind::Release;
    let number = match key.code {
        KeyCode::Enter => 13,
        KeyCode::Tab => 9,
        KeyCode::Backspace => 127,
        KeyCode::Esc => 27,
        KeyCode::Char(c) => c.to_lowercase().next().unwrap_or(c) as u32,
        KeyCode::F(n @ 13..=35) => 57363 + u32::from(n),
        KeyCode::Functional(n) => u32::from(n),
        code => {
            if let Some(form) = form(code) {
                return match form {
                    // F3 as a letter would be a cursor report.
                    Form::Letter(b'R') => {
                        out.extend(if plain && event.is_empty() { "\x1b[13~".into() } else { format!("\x1b[13;{m}{event}~") }.bytes())
                    }
                    Form::Letter(letter) if plain && event.is_empty() => {
                        let intro = if modes.app_cursor && !matches!(code, KeyCode::F(_)) { 'O' } else { '[' };
                        let intro = if matches!(code, KeyCode::F(_)) { 'O' } else { intro };
                        out.extend(format!("\x1b{intro}{}", letter as char).bytes());
                    }
                    Form::Letter(letter) => out.extend(format!("\x1b[1;{m}{event}{}", letter as char).bytes()),
                    Form::Tilde(n) if plain && event.is_empty() => out.extend(format!("\x1b[{n}~").bytes()),
                    Form::Tilde(n) => out.extend(format!("\x1b[{n};{m}{event}~").bytes()),
                };
            }
            return;
        }
    };
    if !has(ALL_AS_ESCAPES) {
        // Enter, Tab and Backspace stay what they were, so that a shell left in this mode can still be used; they are never released.
        let simple = matches!(key.code, KeyCode::Enter | KeyCode::Tab | KeyCode::Backspace);
        if simple && release {
            return;
        }
        if simple && plain {
            let mut press = key.clone();
            press.kind = KeyKind::Press;
            return legacy(&press, modes, out);
        }
        if let KeyCode::Char(_) = key.code
            && !key.mods.intersects(Mods::CTRL | Mods::ALT | Mods::SUPER | Mods::HYPER | Mods::META)
        {
            // Text is text, and without flag 8 only what is not text reports its release.
            if !release {
                match key.typed() {
                    Some(text) => out.extend(text.bytes().filter(|b| *b >= 0x20 && *b != 0x7F)),
                    None => legacy(key, modes, out),
                }
            } else if has(EVENT_KINDS) {
                out.extend(format!("\x1b[{number};{m}:3u").bytes());
            }
            return;
        }
        if !has(DISAMBIGUATE) && !has(EVENT_KINDS) {
            return legacy(key, modes, out);
        }
        // Bare modifier keys speak only when everything does.
        if (57441..=57454).contains(&number) || (57358..=57360).contains(&number) {
            return;
        }
    }
    let mut code = number.to_string();
    if has(ALTERNATES) && matches!(key.code, KeyCode::Char(_)) {
        let shifted = key.shifted.filter(|_| key.mods.contains(Mods::SHIFT)).map(|c| c as u32);
        let base = key.base.map(|c| c as u32).filter(|b| *b != number);
        match (shifted, base) {
            (Some(s), Some(b)) => code += &format!(":{s}:{b}"),
            (Some(s), None) => code += &format!(":{s}"),
            (None, Some(b)) => code += &format!("::{b}"),
            (None, None) => {}
        }
    }
    let text = if has(ALL_AS_ESCAPES) && has(TEXT) && !release {
        let points: Vec<String> =
            key.typed().unwrap_or_default().chars().filter(|c| !c.is_control()).take(8).map(|c| (c as u32).to_string()).collect();
        points.join(":")
    } else {
        String::new()
    };
    let middle = match (plain && event.is_empty(), text.is_empty()) {
        (true, true) => String::new(),
        (true, false) => format!(";;{text}"),
        (false, true) => format!(";{m}{event}"),
        (false, false) => format!(";{m}{event};{text}"),
    };
    out.extend(format!("\x1b[{code}{middle}u").bytes());
}

/// Writes the report of a focus change, when the program asked for it.
pub fn encode_focus(gained: bool, modes: &Modes, out: &mut Vec<u8>) {
    if modes.focus {
        out.extend(if gained { b"\x1b[I" } else { b"\x1b[O" });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn enc(key: &Key, modes: Modes) -> String {
        let mut out = Vec::new();
        encode_key(key, &modes, &mut out);
        String::from_utf8(out).unwrap().replace('\x1b', "^")
    }

    fn key(chord: &str) -> Key {
        let chord: crate::base::Chord = chord.parse().unwrap();
        Key::new(chord.code, chord.mods)
    }

    #[test]
    fn legacy_keys() {
        for (chord, want) in [
            ("a", "a"),
            ("A", "A"),
            ("é", "é"),
            ("ctrl+c", "\x03"),
            ("ctrl+space", "\0"),
            ("ctrl+/", "\x1f"),
            ("alt+x", "^x"),
            ("ctrl+alt+c", "^\x03"),
            ("enter", "\r"),
            ("shift+enter", "\r"),
            ("alt+enter", "^\r"),
            ("tab", "\t"),
            ("shift+tab", "^[Z"),
            ("backspace", "\x7f"),
            ("ctrl+backspace", "\x08"),
            ("esc", "^"),
            ("up", "^[A"),
            ("ctrl+right", "^[1;5C"),
            ("shift+f5", "^[15;2~"),
            ("f1", "^OP"),
            ("f12", "^[24~"),
            ("delete", "^[3~"),
            ("alt+pageup", "^[5;3~"),
        ] {
            assert_eq!(enc(&key(chord), Modes::default()), want, "{chord}");
        }
        let app = Modes { app_cursor: true, newline: true, ..Modes::default() };
        assert_eq!(enc(&key("up"), app), "^OA");
        assert_eq!(enc(&key("ctrl+up"), app), "^[1;5A");
        assert_eq!(enc(&key("enter"), app), "\r\n");
        let pad = Key::new(KeyCode::Functional(57400), Mods::empty());
        assert_eq!(enc(&pad, Modes::default()), "1");
        assert_eq!(enc(&pad, Modes { app_keypad: true, ..Modes::default() }), "^Oq");
        let released = Key { kind: KeyKind::Release, ..key("a") };
        assert_eq!(enc(&released, Modes::default()), "");
    }

    #[test]
    fn other_keys_by_level() {
        let level = |n| Modes { modify_other_keys: n, ..Modes::default() };
        assert_eq!(enc(&key("shift+enter"), level(2)), "^[27;2;13~");
        assert_eq!(enc(&key("ctrl+i"), level(2)), "^[27;5;105~");
        assert_eq!(enc(&key("ctrl+i"), level(1)), "\t");
        assert_eq!(enc(&key("ctrl+;"), level(1)), "^[27;5;59~");
        assert_eq!(enc(&key("A"), level(2)), "A");
        assert_eq!(enc(&key("shift+tab"), level(1)), "^[Z");
    }

    #[test]
    fn kitty_keys_by_flags() {
        let kitty = |flags| Modes { kitty_flags: flags, ..Modes::default() };
        for (flags, chord, want) in [
            (1, "a", "a"),
            (1, "A", "A"),
            (1, "ctrl+c", "^[99;5u"),
            (1, "alt+x", "^[120;3u"),
            (1, "enter", "\r"),
            (1, "shift+enter", "^[13;2u"),
            (1, "esc", "^[27u"),
            (1, "up", "^[A"),
            (1, "ctrl+up", "^[1;5A"),
            (1, "f3", "^[13~"),
            (1, "f1", "^OP"),
            (1, "f13", "^[57376u"),
            (8, "a", "^[97u"),
            (8, "enter", "^[13u"),
            (8, "shift+tab", "^[9;2u"),
            (24, "a", "^[97;;97u"),
        ] {
            assert_eq!(enc(&key(chord), kitty(flags)), want, "{flags} {chord}");
        }
        let shifted = Key { shifted: Some('A'), base: Some('q'), mods: Mods::SHIFT, ..Key::char('a') };
        assert_eq!(enc(&shifted, kitty(1)), "A");
        assert_eq!(enc(&shifted, kitty(8 + 4)), "^[97:65:113;2u");
        assert_eq!(enc(&shifted, kitty(31)), "^[97:65:113;2;65u");
        let released = |k: Key| Key { kind: KeyKind::Release, ..k };
        assert_eq!(enc(&released(key("up")), kitty(3)), "^[1;1:3A");
        assert_eq!(enc(&released(key("up")), kitty(1)), "");
        assert_eq!(enc(&released(key("enter")), kitty(3)), "");
        assert_eq!(enc(&released(key("enter")), kitty(11)), "^[13;1:3u");
        assert_eq!(enc(&Key { kind: KeyKind::Repeat, ..key("ctrl+a") }, kitty(3)), "^[97;5:2u");
    }

    #[test]
    fn focus_is_told_to_who_asked() {
        let mut out = Vec::new();
        encode_focus(true, &Modes::default(), &mut out);
        assert!(out.is_empty());
        encode_focus(false, &Modes { focus: true, ..Modes::default() }, &mut out);
        assert_eq!(out, b"\x1b[O");
    }

    proptest! {
        #[test]
        fn every_key_is_one_short_sequence(c in any::<char>(), mods in 0u8..64, flags in 0u8..32, other in 0u8..3, release: bool) {
            let mut key = Key::new(KeyCode::Char(c), Mods::from_bits_truncate(mods));
            if release {
                key.kind = KeyKind::Release;
            }
            let mut out = Vec::new();
            encode_key(&key, &Modes { kitty_flags: flags, modify_other_keys: other, ..Modes::default() }, &mut out);
            prop_assert!(out.len() <= 40);
            prop_assert!(!out.windows(6).any(|w| w == b"\x1b[200~" || w == b"\x1b[201~"));
        }
    }
}
