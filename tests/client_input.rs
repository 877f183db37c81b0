//! What the outer terminal's bytes mean, however they are cut.

use copilot_tui::base::{Key, KeyCode, KeyKind, Mods, MouseButton, MouseKind};
use copilot_tui::client::input::{Reply, Token, Tokenizer};
use proptest::prelude::*;

fn tokens(bytes: &[u8]) -> Vec<Token> {
    let mut t = Tokenizer::new();
    let mut out = Vec::new();
    t.push(bytes, &mut out);
    out
}

/// Keys as chords, other tokens by kind.
fn names(bytes: &[u8]) -> Vec<String> {
    tokens(bytes)
        .into_iter()
        .map(|t| match t {
            Token::Key { key, .. } => key.chord().to_string(),
            Token::Mouse { event, x10 } => format!("{:?}@{},{}{}", event.kind, event.col, event.row, if x10 { " x10" } else { "" }),
            Token::Paste { text, last } => format!("paste {text:?} {last}"),
            Token::Focus(on) => format!("focus {on}"),
            Token::Reply(r) => format!("{r:?}"),
        })
        .collect()
}

#[test]
fn a_printable_character_is_a_key_by_itself_unless_something_is_held() {
    for c in ' '..='~' {
        assert_eq!(tokens(&[c as u8]), [Token::Key { key: Key::char(c), legacy: false }]);
    }
    for (held, idle) in
        [("", true), ("a", true), ("\x1b", false), ("\x1b[", false), ("\x1b[200~abc", false), ("\x1b[200~abc\x1b[201~", true), ("\u{e9}", true)]
    {
        let mut t = Tokenizer::new();
        t.push(held.as_bytes(), &mut Vec::new());
        assert_eq!(t.is_idle(), idle, "{held:?}");
    }
    let mut t = Tokenizer::new();
    t.push(&[0xc3], &mut Vec::new());
    assert!(!t.is_idle());
}

#[test]
fn legacy_keys() {
    for (bytes, want) in [
        (&b"aA?"[..], "a A ?"),
        (b"\x01\x02\x1a", "ctrl+a ctrl+b ctrl+z"),
        (b"\r\t\x7f", "enter tab backspace"),
        (b"\x00\x1c\x1d\x1f", "ctrl+space ctrl+\\ ctrl+] ctrl+/"),
        (b"\x1b[A\x1bOB\x1b[1;5C\x1b[1;4D", "up down ctrl+right alt+shift+left"),
        (b"\x1bOP\x1b[11~\x1b[15~\x1b[24~\x1b[1;5R\x1b[[C", "f1 f1 f5 f12 ctrl+f3 f3"),
        (b"\x1b[Z\x1b[3~\x1b[5;5~\x1b[27;5;9~", "shift+tab delete ctrl+pageup ctrl+tab"),
        (b"\x1b[97;6u\x1b[27;6;65~\x1b[27;6;97~\x1b[27;3;65~", "ctrl+a ctrl+a ctrl+a alt+A"),
        (b"\x1bx\x1b\r\x1b\x7f", "alt+x alt+enter alt+backspace"),
        (b"\x1b\x1b[A\x1b\x1bOd\x1b\x1b[a\x1b\x1b[5~\x1b\x1b[Z", "alt+up ctrl+alt+left alt+shift+up alt+pageup alt+shift+tab"),
        (b"\x1b\x1b[1;5A\x1b\x1b[97;5u\x1b\x1bx\x1b\x1b\x1b[A", "esc ctrl+up esc ctrl+a esc alt+x esc alt+up"),
        (b"\x1b[a\x1bOd\x1b[5^\x1b[7$a\x1b[23$\x1b\x1b[8$", "shift+up ctrl+left ctrl+pageup shift+home a shift+f11 alt+shift+end"),
        ("é中😀".as_bytes(), "é 中 😀"),
        (b"\x1bOM\x1bOk", "enter +"),
    ] {
        let got = names(bytes).join(" ");
        assert_eq!(got, want, "{}", bytes.escape_ascii());
    }
}

#[test]
fn kitty_keys_say_all_they_can() {
    assert_eq!(names(b"\x1b[98;5u\x1b[27u\x1b[13;2u\x1b[57376u\x1b[57399u").join(" "), "ctrl+b esc shift+enter f13 0");
    let Token::Key { key, legacy } = &tokens(b"\x1b[97:65:113;2:3;65u")[0] else { panic!() };
    assert!(!legacy);
    assert_eq!(
        *key,
        Key { code: KeyCode::Char('a'), mods: Mods::SHIFT, kind: KeyKind::Release, shifted: Some('A'), base: Some('q'), text: Some("A".into()) }
    );
    let Token::Key { key, .. } = &tokens(b"\x1b[1;1:2A")[0] else { panic!() };
    assert_eq!((key.code, key.kind), (KeyCode::Up, KeyKind::Repeat));
    let Token::Key { key, .. } = &tokens(b"\x1b[57441;2u")[0] else { panic!() };
    assert_eq!(key.code, KeyCode::Functional(57441));
    // Lock keys are not modifiers.
    assert_eq!(names(b"\x1b[98;133u").join(" "), "ctrl+b");
}

#[test]
fn forms_that_kitty_replaces_are_told() {
    for (bytes, want) in [(&b"\x01"[..], true), (b"\x1b[97;5u", false), (b"a", false), (b"\r", false), (b"\x1bb", true), (b"\x1b[A", false)] {
        let Token::Key { legacy, .. } = tokens(bytes)[0] else { panic!() };
        assert_eq!(legacy, want, "{}", bytes.escape_ascii());
    }
}

#[test]
fn mouse_reports() {
    let got = |b: &[u8]| names(b).join(" ");
    assert_eq!(
        got(b"\x1b[<0;10;5M\x1b[<0;10;5m"),
        format!("{:?}@9,4 {:?}@9,4", MouseKind::Down(MouseButton::Left), MouseKind::Up(MouseButton::Left))
    );
    assert_eq!(got(b"\x1b[<64;1;1M\x1b[<35;300;2M"), "WheelUp@0,0 Move@299,1");
    assert_eq!(got(b"\x1b[<34;1;1M"), "Drag(Right)@0,0");
    assert_eq!(got(b"\x1b[M %/"), "Down(Left)@4,14 x10");
    assert_eq!(got(&[0x1b, b'[', b'M', 35, 200, 255]), "Up(Left)@167,222 x10");
    assert!(got(b"\x1b[<0;0;0M").is_empty(), "cells are counted from 1");
}

#[test]
fn replies_are_never_keys() {
    let all = b"\x1b[?62;4;22c\x1b[>0;276;0c\x1b[?2026;2$y\x1bP>|xterm.js(6.1)\x1b\\\x1b]11;rgb:1e1e/1e1e/2e2e\x1b\\\x1b]10;rgb:ff/ff/ff\x07\
        \x1b[?1u\x1b[?997;2n\x1b[24;80R\x1b]4;1;rgb:0/0/0\x07\x1b]99;i=1:p=?;o=always\x1b\\\x1b_Gi=1;OK\x1b\\\x1b[4;600;800t";
    let got = tokens(all);
    assert!(got.iter().all(|t| matches!(t, Token::Reply(_))), "{got:?}");
    for want in [
        Reply::Device(vec![62, 4, 22]),
        Reply::Mode { mode: 2026, value: 2 },
        Reply::Version("xterm.js(6.1)".into()),
        Reply::Color { which: 11, rgb: (0x1e, 0x1e, 0x2e) },
        Reply::Color { which: 10, rgb: (255, 255, 255) },
        Reply::KittyFlags(1),
        Reply::Scheme { dark: false },
        Reply::Cursor { row: 24, col: 80 },
        Reply::Osc99,
    ] {
        assert!(got.contains(&Token::Reply(want.clone())), "{want:?}");
    }
}

#[test]
fn bytes_that_come_too_late_go_on_with_a_sequence_and_with_nothing_else() {
    let heard = |parts: [&[u8]; 2], expecting| {
        let (mut t, mut out) = (Tokenizer::new(), Vec::new());
        t.expect_replies(expecting);
        t.push(parts[0], &mut out);
        assert!(t.pending() || expecting, "{parts:?}");
        t.late(parts[1], &mut out);
        t.push(parts[1], &mut out);
        let keys: Vec<Key> = out.iter().filter_map(|t| if let Token::Key { key, .. } = t { Some(key.clone()) } else { None }).collect();
        (keys, out.len())
    };
    let (esc, up) = (Key::new(KeyCode::Esc, Mods::empty()), Key::new(KeyCode::Up, Mods::empty()));
    assert_eq!(heard([b"\x1b", b"x"], false), (vec![esc.clone(), Key::char('x')], 2));
    assert_eq!(heard([b"\x1b", b"[A"], false), (vec![up.clone()], 1));
    assert_eq!(heard([b"\x1b[", b"A"], false), (vec![up], 1));
    // Half of an answer, and a bracket that somebody typed.
    assert_eq!(heard([b"\x1b", b"P>|xterm\x1b\\"], true), (vec![], 1));
    assert_eq!(heard([b"\x1b", b"]"], false), (vec![esc, Key::char(']')], 2));
}

#[test]
fn a_lone_esc_waits_and_then_is_a_key() {
    let mut t = Tokenizer::new();
    let mut out = Vec::new();
    t.push(b"\x1b", &mut out);
    assert!(out.is_empty() && t.pending());
    t.timeout(&mut out);
    t.push(b"\x1b]", &mut out);
    t.timeout(&mut out);
    t.push(b"\x1b[", &mut out);
    t.timeout(&mut out);
    let chords: Vec<_> = out.iter().map(|t| if let Token::Key { key, .. } = t { key.chord().to_string() } else { panic!() }).collect();
    assert_eq!(chords, ["esc", "alt+]", "alt+["]);
    // Esc twice, also with what may begin a sequence; and Esc, then what comes from the terminal itself.
    for (bytes, want) in [
        (&b"\x1b\x1b"[..], "esc esc"),
        (b"\x1b\x1b[", "esc alt+["),
        (b"\x1b\x1bO", "esc alt+O"),
        (b"\x1b\x1b[1", "esc"),
        (b"\x1b\x1b[I", "esc focus"),
        (b"\x1b\x1b[<64;1;1M", "esc mouse"),
        (b"\x1b\x1b[?62c", "esc reply"),
        (b"\x1b\x1b[200~x\x1b[201~", "esc paste"),
    ] {
        let (mut t, mut out) = (Tokenizer::new(), Vec::new());
        t.push(bytes, &mut out);
        t.timeout(&mut out);
        assert!(!t.pending());
        let got: Vec<String> = out
            .iter()
            .map(|t| match t {
                Token::Key { key, .. } => key.chord().to_string(),
                Token::Mouse { .. } => "mouse".into(),
                Token::Paste { .. } => "paste".into(),
                Token::Focus(_) => "focus".into(),
                Token::Reply(_) => "reply".into(),
            })
            .collect();
        assert_eq!(got.join(" "), want, "{}", bytes.escape_ascii());
    }
    // A reply that is slow to arrive is not a key.
    t.expect_replies(true);
    out.clear();
    t.push(b"\x1b]", &mut out);
    assert!(!t.pending());
    t.timeout(&mut out);
    t.push(b"11;rgb:00/00/00\x07x", &mut out);
    assert_eq!(out.len(), 2, "{out:?}");
}

#[test]
fn half_a_terminator_ends_an_answer_too() {
    // As urxvt writes it when it was asked with ST.
    let all = tokens(b"\x1b]4;0;rgb:00/00/00\x1b\x1b]4;1;rgb:cd/00/00\x1b\x1b[?1;2cx");
    let replies = all.iter().filter(|t| matches!(t, Token::Reply(Reply::Palette { .. } | Reply::Device(_)))).count();
    assert_eq!((replies, all.len()), (3, 4), "{all:?}");
}

#[test]
fn pastes_keep_their_text_and_their_escapes() {
    assert_eq!(names(b"\x1b[200~one\r\ntwo \x1b[31m\x1b[201~x"), ["paste \"one\\r\\ntwo \\u{1b}[31m\" true", "x"]);
    let big = "é".repeat(200_000);
    let mut bytes = b"\x1b[200~".to_vec();
    bytes.extend(big.as_bytes());
    bytes.extend(b"\x1b[201~");
    let mut joined = String::new();
    let pieces = tokens(&bytes);
    for (i, t) in pieces.iter().enumerate() {
        let Token::Paste { text, last } = t else { panic!() };
        assert!(text.len() <= 64 << 10);
        assert_eq!(*last, i + 1 == pieces.len());
        joined.push_str(text);
    }
    assert_eq!(joined, big);
}

#[test]
fn a_reply_without_end_is_dropped_and_keys_come_back() {
    let mut bytes = b"\x1b]52;c;".to_vec();
    bytes.extend(std::iter::repeat_n(b'A', 1 << 20));
    bytes.extend(b"\x1b[Ax");
    assert_eq!(names(&bytes), ["up", "x"]);
}

fn pieces() -> impl Strategy<Value = Vec<u8>> {
    let known: Vec<&'static [u8]> = vec![
        b"a",
        b"\x1b",
        b"\x1b[A",
        b"\x1bOP",
        b"\x1b[97;5u",
        b"\x1b[<0;3;4M",
        b"\x1b[M !!",
        b"\x1b[200~hi\x1b[201~",
        b"\x1b]11;rgb:00/11/22\x07",
        b"\x1bP>|x\x1b\\",
        b"\x1b[?1;2c",
        b"\x1b[I",
        b"\xc3\xa9",
        b"\xff",
        b"\x1b[200~",
        b"\x07",
        b"\x1bO",
        b"\x1b[1;",
        b"\x1b]",
        b"\x00",
    ];
    prop_oneof![3 => prop::sample::select(known).prop_map(<[u8]>::to_vec), 1 => prop::collection::vec(any::<u8>(), 0..12)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]
    #[test]
    fn any_split_gives_the_same_tokens(parts in prop::collection::vec(pieces(), 0..20), cuts in prop::collection::vec(1usize..7, 1..60)) {
        let bytes: Vec<u8> = parts.concat();
        let mut t = Tokenizer::new();
        let mut out = Vec::new();
        let mut rest = bytes.as_slice();
        for cut in cuts.iter().cycle() {
            if rest.is_empty() { break; }
            let (head, tail) = rest.split_at((*cut).min(rest.len()));
            t.push(head, &mut out);
            rest = tail;
        }
        prop_assert_eq!(out, tokens(&bytes));
    }
}
