//! Characters of more than one code point or column. Must not know how an engine works.

use super::{check, places, screen};

#[test]
fn text_that_is_sized_is_drawn() {
    check(&[("a\x1b]66;s=2:w=1;big\x1b\\b", "abigb"), ("\x1b]66;;x;y\x07", "x;y"), ("\x1b]66;x\x07", "")], screen);
}

#[test]
fn clusters_by_the_book() {
    // By code point, as wcwidth counts; with 2027 a cluster is a cell (UAX 29, and the note on mode 2027).
    places(&[
        ("👨\u{200d}👩\u{200d}👧", (1, 7)),
        ("\x1b[?2027h👨\u{200d}👩\u{200d}👧", (1, 3)),
        ("👍🏽", (1, 5)),
        ("\x1b[?2027h👍🏽", (1, 3)),
        ("🇩🇪🇫🇷", (1, 5)),
        ("\x1b[?2027h🇩🇪🇫🇷", (1, 5)),
        ("\x1b[?2027h🇩🇪🇫", (1, 4)),
        ("❤\u{fe0f}", (1, 2)),
        ("\x1b[?2027h❤\u{fe0f}", (1, 3)),
        ("\x1b[?2027h1\u{fe0f}\u{20e3}", (1, 3)),
        ("\x1b[?2027he\u{301}\u{323}", (1, 2)),
        ("\x1b[?2027h한", (1, 3)),
        ("\x1b[?2027h\u{1112}\u{1161}\u{11ab}", (1, 3)),
        ("\x1b[?2027h⌚\u{fe0e}x", (1, 3)),
        ("\x1b[?2027h中\u{fe0e}", (1, 3)),
        ("\x1b[?2027habcdefgh⌚\u{fe0e}", (1, 10)),
        ("中文字符日", (1, 10)),
        ("中文字符日x", (2, 2)),
        ("x中文字符日", (2, 3)),
        ("\x1b[?7lx中文字符日", (1, 10)),
    ]);
    check(
        &[
            // Half of a wide character is never left.
            ("中\x1b[1;2Hx", " x"),
            ("中\x1b[1;1Hx", "x"),
            ("a中b\x1b[1;3H\x1b[K", "a"),
            ("a中b\x1b[1;2H\x1b[P", "a b"),
            ("a中b\x1b[1;3H\x1b[@", "a   b"),
            ("a中b\x1b[1;2H\x1b[X", "a  b"),
            ("ab中\x1b[?69h\x1b[1;3s\x1b[1;1H\x1b[@", " ab"),
            ("中中\x1b[1;2;1;3$z", ""),
        ],
        screen,
    );
}
