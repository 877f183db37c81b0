//! Erasing, with and without protection, and rectangles. Must not know how an engine works.

use super::{check, fed, places, screen};

#[test]
fn erasing() {
    check(
        &[
            // EL
            ("{FILL}\x1b[3;3H\x1b[K", "abcde|fghij|kl|pqrst|uvwxy"),
            ("{FILL}\x1b[3;3H\x1b[0K", "abcde|fghij|kl|pqrst|uvwxy"),
            ("{FILL}\x1b[3;3H\x1b[1K", "abcde|fghij|   no|pqrst|uvwxy"),
            ("{FILL}\x1b[3;3H\x1b[2K", "abcde|fghij||pqrst|uvwxy"),
            ("{FILL}\x1b[3;3H\x1b[4K", "abcde|fghij|klmno|pqrst|uvwxy"),
            // ED
            ("{FILL}\x1b[3;3H\x1b[J", "abcde|fghij|kl"),
            ("{FILL}\x1b[3;3H\x1b[1J", "||   no|pqrst|uvwxy"),
            ("{FILL}\x1b[3;3H\x1b[2J", ""),
            ("{FILL}\x1b[3;3H\x1b[3J", "abcde|fghij|klmno|pqrst|uvwxy"),
            // Margins do not bind erasing.
            ("{FILL}{BOX}\x1b[3;3H\x1b[K", "abcde|fghij|kl|pqrst|uvwxy"),
            ("{FILL}{BOX}\x1b[3;3H\x1b[1K", "abcde|fghij|   no|pqrst|uvwxy"),
            ("{FILL}{BOX}\x1b[3;3H\x1b[J", "abcde|fghij|kl"),
            ("{FILL}{BOX}\x1b[3;3H\x1b[2J", ""),
            ("{FILL}{BOX}\x1b[?6h\x1b[2J", ""),
            // ECH
            ("{FILL}\x1b[3;2H\x1b[X", "abcde|fghij|k mno|pqrst|uvwxy"),
            ("{FILL}\x1b[3;2H\x1b[3X", "abcde|fghij|k   o|pqrst|uvwxy"),
            ("{FILL}\x1b[3;2H\x1b[99X", "abcde|fghij|k|pqrst|uvwxy"),
            ("{FILL}{BOX}\x1b[3;3H\x1b[3X", "abcde|fghij|kl|pqrst|uvwxy"),
            // DECSED, DECSEL: what DECSCA protects stays; ordinary erasing takes it.
            ("a\x1b[1\"qb\x1b[\"qc\x1b[?2J", " b"),
            ("a\x1b[1\"qb\x1b[2\"qc\x1b[?2K", " b"),
            ("a\x1b[1\"qbc\x1b[\"qd\x1b[1;3H\x1b[?1K", " bcd"),
            ("a\x1b[1\"qbc\x1b[\"qd\x1b[1;2H\x1b[?K", "abc"),
            ("a\x1b[1\"qb\x1b[\"qc\r\nd\x1b[1;1H\x1b[?J", " b"),
            ("a\x1b[1\"qb\x1b[\"qc\r\nd\x1b[?1J", " b"),
            ("a\x1b[1\"qb\x1b[\"qc\x1b[2J", ""),
            ("a\x1b[1\"qb\x1b[\"qc\r\x1b[9X", ""),
            ("a\x1b[?3J", "a"),
            ("\x1b[1\"q\x1b[!pa\x1b[?2J", ""),
            ("\x1b[1\"q\x1b7\x1b[0\"q\x1b8a\x1b[?2J", "a"),
            // SPA and EPA: ordinary erasing spares, selective erasing does not.
            ("a\x1bVb\x1bWc\x1b[2J", " b"),
            ("a\x1bVb\x1bWc\r\x1b[3X", " b"),
            ("a\x1bVb\x1bWc\r\x1b[K", " b"),
            ("a\x1bVb\x1bWc\x1b[?2J", ""),
            ("a\x1bVb\x1bWc\x1b[!p\x1b[2J", ""),
            ("a\x1bVb\x1bW\x1b[!p\x1bVc\x1bWd\x1b[2J", " bc"),
            ("a\x1bVb\x1bWc\x1bc", ""),
            // DECALN
            ("{FILL}\x1b#8", "EEEEEEEEEE|EEEEEEEEEE|EEEEEEEEEE|EEEEEEEEEE|EEEEEEEEEE"),
            ("{BOX}\x1b#8\x1b[4;4H\x1b[B\x1b[CX", "EEEEEEEEEE|EEEEEEEEEE|EEEEEEEEEE|EEEEEEEEEE|EEEEXEEEEE"),
        ],
        screen,
    );
    places(&[("{FILL}\x1b[3;3H\x1b[2J", (3, 3)), ("\x1b[3;3H\x1b#8", (1, 1))]);
}

#[test]
fn rectangles() {
    check(
        &[
            // DECFRA
            ("{FILL}\x1b[88;2;2;3;3$x", "abcde|fXXij|kXXno|pqrst|uvwxy"),
            ("\x1b[88;4$x", "|||XXXXXXXXXX|XXXXXXXXXX"),
            ("{FILL}\x1b[88;3;3;2;2$x", "abcde|fghij|klmno|pqrst|uvwxy"),
            ("{FILL}\x1b[7;2;2;3;3$x", "abcde|fghij|klmno|pqrst|uvwxy"),
            ("{FILL}\x1b[88;5;5;99;99$x", "abcde|fghij|klmno|pqrst|uvwxXXXXXX"),
            ("{FILL}{BOX}\x1b[88;1;1;2;2$x", "XXcde|XXhij|klmno|pqrst|uvwxy"),
            ("{FILL}{BOX}\x1b[?6h\x1b[88;1;1;2;2$x", "abcde|fXXij|kXXno|pqrst|uvwxy"),
            ("{FILL}{BOX}\x1b[?6h\x1b[88;1;1;99;99$x", "abcde|fXXXj|kXXXo|pXXXt|uvwxy"),
            // DECERA, DECSERA
            ("{FILL}\x1b[2;2;3;3$z", "abcde|f  ij|k  no|pqrst|uvwxy"),
            ("\x1b[1\"q{FILL}\x1b[2;2;3;3$z", "abcde|f  ij|k  no|pqrst|uvwxy"),
            ("a\x1b[1\"qb\x1b[\"qc\x1b[1;1;1;3${", " b"),
            // DECCRA
            ("{FILL}\x1b[1;1;2;2;1;4;4;1$v", "abcde|fghij|klmno|pqrab|uvwfg"),
            ("{FILL}\x1b[1;1;3;3;1;2;2;1$v", "abcde|fabcj|kfgho|pklmt|uvwxy"),
            ("{FILL}\x1b[2;2;4;4;1;1;1;1$v", "ghide|lmnij|qrsno|pqrst|uvwxy"),
            ("{FILL}\x1b[1;1;2;2;1;5;10;1$v", "abcde|fghij|klmno|pqrst|uvwxy    a"),
            ("{FILL}\x1b[1;1;2;2$v", "abcde|fghij|klmno|pqrst|uvwxy"),
            ("{FILL}\x1b[2;2;1;1;1;4;4;1$v", "abcde|fghij|klmno|pqrst|uvwxy"),
            ("{FILL}{BOX}\x1b[?6h\x1b[1;1;1;2;1;3;2;1$v", "abcde|fghij|klmno|pqght|uvwxy"),
        ],
        screen,
    );
    places(&[("\x1b[3;4H\x1b[88;1;1;2;2$x\x1b[1;1;2;2$z\x1b[1;1;2;2;1;3;3;1$v", (3, 4))]);
}

#[test]
fn rectangles_of_attributes() {
    let looks = |text: &str| {
        let e = fed(text);
        let row = |r: u64| {
            let mut out = String::new();
            e.row(e.screen_top() + r).unwrap_or_default().for_each_cell(|_, _, text, span| {
                let on = |attr| span.style.attrs.contains(attr);
                use copilot_tui::base::{Attrs, Underline};
                out += match (on(Attrs::BOLD), on(Attrs::REVERSE), span.style.underline != Underline::None) {
                    (true, ..) => "B",
                    (_, true, _) => "R",
                    (.., true) => "U",
                    _ => text,
                };
            });
            out.trim_end().to_owned()
        };
        (0..5).map(row).collect::<Vec<_>>().join("|").trim_end_matches('|').to_owned()
    };
    for (text, want) in [
        // DECCARA and DECRARA on a true rectangle (DECSACE 2), or on the text between its corners.
        ("{FILL}\x1b[2*x\x1b[2;2;3;3;1$r", "abcde|fBBij|kBBno|pqrst|uvwxy"),
        ("{FILL}\x1b[*x\x1b[2;2;3;3;4$r", "abcde|fUUUUUUUUU|UUUno|pqrst|uvwxy"),
        ("{FILL}\x1b[2*x\x1b[2;2;3;3;7$t", "abcde|fRRij|kRRno|pqrst|uvwxy"),
        ("\x1b[7m{FILL}\x1b[2*x\x1b[2;2;3;3;7$t", "RRRRR|RghRR|RlmRR|RRRRR|RRRRR"),
        ("\x1b[1m{FILL}\x1b[2*x\x1b[2;2;3;3;22$r", "BBBBB|BghBB|BlmBB|BBBBB|BBBBB"),
        ("\x1b[1m{FILL}\x1b[2*x\x1b[2;2;3;3$r", "BBBBB|BghBB|BlmBB|BBBBB|BBBBB"),
    ] {
        assert_eq!(looks(text), want, "{text:?}");
    }
}
