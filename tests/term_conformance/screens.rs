//! The two screens, resets, levels of conformance, modes put aside, character sets. Must not know how an engine works.

use super::{check, fed, places, screen};

#[test]
fn screens_and_resets() {
    check(
        &[
            // 47 keeps both screens, 1047 clears when it leaves, 1049 clears when it enters.
            ("abc\x1b[?47hdef\x1b[?47l", "abc"),
            ("abc\x1b[?47hdef\x1b[?47l\x1b[?47h", "   def"),
            ("abc\x1b[?1047hdef\x1b[?1047l\x1b[?1047h", ""),
            ("abc\x1b[?1049hdef\x1b[?1049l\x1b[?1049h", ""),
            ("abc\x1b[?1049h\x1b[Hdef\x1b[?1049lg", "abcg"),
            // DECCOLM clears, when it is allowed; not to clear (95) is a VT510's.
            ("abc\x1b[?3h", "abc"),
            ("abc\x1b[?40h\x1b[?3h", ""),
            ("abc\x1b[?40h\x1b[?95h\x1b[?3h", ""),
            ("\x1b[?40h{BOX}\x1b[?3h\x1b[2;4HXY", "|   XY"),
            // DECSTR keeps the text and the cursor's place.
            ("abc\x1b[4h\x1b[!p\x1b[1GX", "Xbc"),
            ("{BOX}\x1b[!p\x1b[2;4HXY", "|   XY"),
            ("\x1b[?7l\x1b[!pabcdefghijk", "abcdefghij|k"),
            ("\x1b(0\x1b[!pq", "q"),
            // RIS clears everything.
            ("abc\x1bc", ""),
            ("abc\x1b[?47hdef\x1bc\x1b[?47h", ""),
            ("{BOX}\x1b[?6h\x1b[4h\x1b(0\x1bcq\x1b[1GX", "X"),
            // Levels: at 3 there are no left and right margins.
            ("\x1b[63\"p\x1b[?69h\x1b[2;4s\x1b[1;1Habcdefg", "abcdefg"),
            ("\x1b[64\"p\x1b[?69h\x1b[2;4s\x1b[1;2Habcd", " abc| d"),
        ],
        screen,
    );
    places(&[("\x1b[3;4H\x1b[!p", (3, 4)), ("\x1b[3;4H\x1bc", (1, 1)), ("abc\x1b[?1047h", (1, 4)), ("abc\x1b[?1049h\x1b[4;4H\x1b[?1049l", (1, 4))]);
}

#[test]
fn modes_saved_and_restored() {
    let modes = |text: &str| {
        let e = fed(text);
        let m = e.modes();
        (m.bracketed_paste, m.app_cursor, m.focus)
    };
    assert_eq!(modes("\x1b[?2004h\x1b[?2004;1s\x1b[?2004l\x1b[?1h\x1b[?2004;1r"), (true, false, false));
    assert_eq!(modes("\x1b[?1004s\x1b[?1004h\x1b[?1004r"), (false, false, false));
    assert_eq!(modes("\x1b[?1004r"), (false, false, false));
    places(&[("\x1b[?7l\x1b[?7s\x1b[?7h\x1b[?7rabcdefghijkl", (1, 10)), ("\x1b[?7s\x1b[?7l\x1b[?7rabcdefghijkl", (2, 3))]);
}

#[test]
fn character_sets() {
    check(
        &[
            ("\x1b(0lqk\x1b(Bq", "┌─┐q"),
            ("\x1b)0q\x0eq\x0fq", "q─q"),
            ("\x1b*0q\x1bnq\x0fq", "q─q"),
            ("\x1b+0q\x1boq\x0fq", "q─q"),
            ("\x1b*0q\x1bNqq", "q─q"),
            ("\x1b+0q\x1bOqq", "q─q"),
            ("\x1b(A#", "£"),
            ("\x1b(K[\\]", "ÄÖÜ"),
            ("\x1b(R#@{", "£àé"),
            ("\x1b(%6[", "Ã"),
            ("\x1b(>abg", "αβγ"),
            ("\x1b(%5d", "ä"),
            ("\x1b-A\x0ed", "ä"),
            // DEL is a character of a set of 96 alone.
            ("\x1b-Aa\x7f\x0e~\x7f\x0fb\x7f", "aþÿb"),
            ("\x1b.A\x1bN\x7fa\x7f", "ÿa"),
            ("\x1b*0\x1bN\x7fqq", "─q"),
            ("\x1b(0\x1bc q", " q"),
            ("\x1b(0é", "é"),
            ("\x1b(0\x1b(Z#", "£"),
            // Announcers and the choice of UTF-8 change nothing: it is always UTF-8.
            ("\x1b%@é\x1b%Gé\x1b F\x1b Gé", "ééé"),
        ],
        screen,
    );
}
