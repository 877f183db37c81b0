//! What every sequence does, by the references: ECMA-48, the VT420 and VT510 manuals, DEC STD 070, xterm's control sequence
//! document (ctlseqs), the notes of kitty and others for what came later. Tables: one line is one fact.
//!
//! Screens are 10 columns by 5 rows. A screen is its rows joined by `|`, blanks at the ends left out; places are row and column
//! from 1.

use copilot_tui::base::{Now, Size};
use copilot_tui::term::{Engine, EngineKind, new_engine};

/// Five rows of five letters; the cursor after the last one.
const FILL: &str = "abcde\r\nfghij\r\nklmno\r\npqrst\r\nuvwxy";

/// Left and right margins 2 and 4, top and bottom 2 and 4.
const BOX: &str = "\x1b[?69h\x1b[2;4s\x1b[2;4r";

fn fed(text: &str) -> Box<dyn Engine> {
    let mut e = new_engine(EngineKind::Native, Size::new(10, 5), 100);
    e.feed(text.replace("{FILL}", FILL).replace("{BOX}", BOX).as_bytes(), Now::default());
    e
}

fn screen(e: &dyn Engine) -> String {
    let rows: Vec<String> =
        (0..u64::from(e.size().rows)).map(|r| e.row(e.screen_top() + r).unwrap_or_default().text().trim_end().to_owned()).collect();
    rows.join("|").trim_end_matches('|').to_owned()
}

fn place(e: &dyn Engine) -> (u16, u16) {
    (e.cursor().row + 1, e.cursor().col + 1)
}

fn answers(text: &str) -> String {
    let mut e = fed(text);
    let mut out = Vec::new();
    e.take_replies(&mut out);
    String::from_utf8(out).expect("answers are ASCII").replace('\x1b', "^").replace("^\\", "$")
}

/// Every case of a table, or a list of those that differ.
fn check(cases: &[(&str, &str)], of: impl Fn(&dyn Engine) -> String) {
    let wrong: Vec<String> = cases
        .iter()
        .filter_map(|(text, want)| {
            let got = of(fed(text).as_ref());
            (got != *want).then(|| format!("{text:?}\n    want {want}\n    got  {got}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{} of {} differ:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

fn places(cases: &[(&str, (u16, u16))]) {
    let wrong: Vec<String> = cases
        .iter()
        .filter_map(|(text, want)| {
            let got = place(fed(text).as_ref());
            (got != *want).then(|| format!("{text:?}: want {want:?}, got {got:?}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{} of {} differ:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

#[test]
fn the_cursor_goes_where_it_is_sent() {
    places(&[
        // CUP, HVP: from 1, 0 is 1, too much is the edge.
        ("\x1b[3;4H", (3, 4)),
        ("\x1b[3;4H\x1b[H", (1, 1)),
        ("\x1b[3;4H\x1b[0;0H", (1, 1)),
        ("\x1b[3H", (3, 1)),
        ("\x1b[;4H", (1, 4)),
        ("\x1b[99;99H", (5, 10)),
        ("\x1b[3;4f", (3, 4)),
        // Margins do not bind it without origin mode, and it stays inside with it.
        ("{BOX}\x1b[1;1H", (1, 1)),
        ("{BOX}\x1b[5;9H", (5, 9)),
        ("{BOX}\x1b[?6h\x1b[1;1H", (2, 2)),
        ("{BOX}\x1b[?6h\x1b[9;9H", (4, 4)),
        ("{BOX}\x1b[5;9H\x1b[?6h", (2, 2)),
        ("{BOX}\x1b[?6h\x1b[?6l", (1, 1)),
        // CUU, CUD, CUF, CUB: margins bind a cursor inside them, the edges one outside.
        ("\x1b[3;3H\x1b[A", (2, 3)),
        ("\x1b[3;3H\x1b[0A", (2, 3)),
        ("\x1b[3;3H\x1b[99A", (1, 3)),
        ("\x1b[3;3H\x1b[2B", (5, 3)),
        ("\x1b[3;3H\x1b[99B", (5, 3)),
        ("\x1b[3;3H\x1b[2C", (3, 5)),
        ("\x1b[3;3H\x1b[99C", (3, 10)),
        ("\x1b[3;3H\x1b[2D", (3, 1)),
        ("\x1b[3;3H\x1b[99D", (3, 1)),
        ("{BOX}\x1b[3;3H\x1b[99A", (2, 3)),
        ("{BOX}\x1b[1;3H\x1b[99A", (1, 3)),
        ("{BOX}\x1b[5;3H\x1b[99A", (2, 3)),
        ("{BOX}\x1b[3;3H\x1b[99B", (4, 3)),
        ("{BOX}\x1b[5;3H\x1b[99B", (5, 3)),
        ("{BOX}\x1b[1;3H\x1b[99B", (4, 3)),
        ("{BOX}\x1b[3;3H\x1b[99C", (3, 4)),
        ("{BOX}\x1b[3;1H\x1b[99C", (3, 4)),
        ("{BOX}\x1b[3;6H\x1b[99C", (3, 10)),
        ("{BOX}\x1b[3;3H\x1b[99D", (3, 2)),
        ("{BOX}\x1b[3;1H\x1b[99D", (3, 1)),
        ("{BOX}\x1b[3;9H\x1b[99D", (3, 2)),
        // CNL, CPL go to the left margin, or to the edge from left of it.
        ("\x1b[3;3H\x1b[E", (4, 1)),
        ("\x1b[3;3H\x1b[9E", (5, 1)),
        ("\x1b[3;3H\x1b[F", (2, 1)),
        ("\x1b[3;3H\x1b[9F", (1, 1)),
        ("{BOX}\x1b[3;3H\x1b[9E", (4, 2)),
        ("{BOX}\x1b[3;7H\x1b[9F", (2, 2)),
        ("{BOX}\x1b[3;1H\x1b[E", (4, 1)),
        // CHA, HPA, VPA: one coordinate, counted from the margin in origin mode.
        ("\x1b[3;3H\x1b[7G", (3, 7)),
        ("\x1b[3;3H\x1b[99G", (3, 10)),
        ("\x1b[3;3H\x1b[G", (3, 1)),
        ("\x1b[3;3H\x1b[7`", (3, 7)),
        ("\x1b[3;3H\x1b[5d", (5, 3)),
        ("\x1b[3;3H\x1b[99d", (5, 3)),
        ("\x1b[3;3H\x1b[d", (1, 3)),
        ("{BOX}\x1b[?6h\x1b[2G", (2, 3)),
        ("{BOX}\x1b[?6h\x1b[2d", (3, 2)),
        ("{BOX}\x1b[3;3H\x1b[1G", (3, 1)),
        // HPR, VPR pass the margins.
        ("\x1b[3;3H\x1b[2a", (3, 5)),
        ("\x1b[3;3H\x1b[99a", (3, 10)),
        ("\x1b[3;3H\x1b[2e", (5, 3)),
        ("{BOX}\x1b[3;3H\x1b[4a", (3, 7)),
        ("{BOX}\x1b[3;3H\x1b[9e", (5, 3)),
        ("{BOX}\x1b[?6h\x1b[9a", (2, 4)),
        ("{BOX}\x1b[?6h\x1b[9e", (4, 2)),
        // HPB, VPB too.
        ("\x1b[3;5H\x1b[2j", (3, 3)),
        ("\x1b[3;5H\x1b[2k", (1, 5)),
        ("{BOX}\x1b[3;3H\x1b[9j\x1b[9k", (1, 1)),
        ("{BOX}\x1b[?6h\x1b[3;3H\x1b[9j\x1b[9k", (2, 2)),
        // BS, CR.
        ("abc\x08", (1, 3)),
        ("\x08", (1, 1)),
        ("\x1b[2;1H\x08", (2, 1)),
        ("{BOX}\x1b[3;2H\x08", (3, 2)),
        ("{BOX}\x1b[3;1H\x08", (3, 1)),
        ("abc\r", (1, 1)),
        ("{BOX}\x1b[3;3H\r", (3, 2)),
        ("{BOX}\x1b[3;1H\r", (3, 1)),
        ("{BOX}\x1b[?6h\x1b[3;3H\r", (4, 2)),
        // LF, VT, FF; with LNM they return too.
        ("abc\n", (2, 4)),
        ("abc\x0b", (2, 4)),
        ("abc\x0c", (2, 4)),
        ("\x1b[20habc\n", (2, 1)),
        ("\x1b[20habc\x0c", (2, 1)),
        // IND, NEL, RI.
        ("abc\x1bD", (2, 4)),
        ("abc\x1bE", (2, 1)),
        ("\x1b[3;3H\x1bM", (2, 3)),
        ("{BOX}\x1b[3;3H\x1bE", (4, 2)),
        ("{BOX}\x1b[5;3H\x1bD", (5, 3)),
        ("{BOX}\x1b[1;3H\x1bM", (1, 3)),
        // DECBI, DECFI inside a line.
        ("\x1b[3;3H\x1b6", (3, 2)),
        ("\x1b[3;3H\x1b9", (3, 4)),
        ("\x1b[3;1H\x1b6", (3, 1)),
        ("{BOX}\x1b[3;1H\x1b6", (3, 1)),
        ("{BOX}\x1b[3;6H\x1b9", (3, 7)),
        ("{BOX}\x1b[3;10H\x1b9", (3, 10)),
        // DECSTBM, DECSLRM: home, to the margins in origin mode; a region of one line is none and moves nothing.
        ("\x1b[3;3H\x1b[2;4r", (1, 1)),
        ("\x1b[3;3H\x1b[3;3r", (3, 3)),
        ("\x1b[3;3H\x1b[4;2r", (3, 3)),
        ("\x1b[3;3H\x1b[r", (1, 1)),
        ("\x1b[?6h\x1b[3;3H\x1b[2;4r", (2, 1)),
        ("\x1b[?69h\x1b[3;3H\x1b[2;4s", (1, 1)),
        ("\x1b[?69h\x1b[3;3H\x1b[4;4s", (3, 3)),
    ]);
}

#[test]
fn tab_stops() {
    places(&[
        ("\t", (1, 9)),
        ("\t\t", (1, 10)),
        ("\t\t\t\t", (1, 10)),
        ("\x1b[9G\t", (1, 10)),
        ("\x1b[I", (1, 9)),
        ("\x1b[2I", (1, 10)),
        ("\x1b[10G\x1b[Z", (1, 9)),
        ("\x1b[10G\x1b[2Z", (1, 1)),
        ("\x1b[10G\x1b[99Z", (1, 1)),
        ("\x1b[3G\x1bH\r\t", (1, 3)),
        ("\x1b[9G\x1b[g\r\t", (1, 10)),
        ("\x1b[3G\x1bH\x1b[3g\r\t", (1, 10)),
        ("\x1b[3G\x1bH\x1b[0g\r\t", (1, 9)),
        ("\x1b[3g\x1b[?5W\r\t", (1, 9)),
        ("\x1b[3G\x1b[W\r\t", (1, 3)),
        ("\x1b[9G\x1b[2W\r\t", (1, 10)),
        ("\x1b[5W\t", (1, 10)),
        ("\x1b[3g\x1bc\t", (1, 9)),
        // Margins: a tab stops at the right one, a tab back leaves the left one, but not in origin mode.
        ("\x1b[?69h\x1b[2;6s\x1b[1;3H\t", (1, 6)),
        ("\x1b[?69h\x1b[2;6s\x1b[1;1H\t", (1, 6)),
        ("\x1b[?69h\x1b[2;6s\x1b[1;8H\t", (1, 9)),
        ("\x1b[?69h\x1b[2;6s\x1b[1;4H\x1b[Z", (1, 1)),
        ("\x1b[?69h\x1b[2;6s\x1b[?6h\x1b[1;4H\x1b[Z", (1, 2)),
        // A tab after a full line stays, unless the fix of curses' bug is wanted (41).
        ("abcdefghij\t", (1, 10)),
        ("\x1b[?41habcdefghij\t", (2, 9)),
    ]);
}

#[test]
fn a_full_line_waits_before_it_wraps() {
    places(&[
        ("abcdefghi", (1, 10)),
        ("abcdefghij", (1, 10)),
        ("abcdefghijk", (2, 2)),
        ("abcdefghij\r", (1, 1)),
        ("abcdefghij\x08", (1, 9)),
        ("abcdefghij\x1b[D", (1, 9)),
        ("abcdefghij\x1b[C", (1, 10)),
        ("abcdefghij\n", (2, 10)),
        ("abcdefghij\x1b[A", (1, 10)),
        ("\x1b[?7labcdefghijkl", (1, 10)),
        ("abcdefghij\x1b[?7lk", (1, 10)),
        ("abcdefghij\x1b[mk", (2, 2)),
        // What is saved waits again.
        ("abcdefghij\x1b7\x1b[H\x1b8k", (2, 2)),
        // The right margin is the end for what is left of it.
        ("\x1b[?69h\x1b[2;4s\x1b[1;2Habc", (1, 4)),
        ("\x1b[?69h\x1b[2;4s\x1b[1;2Habcd", (2, 3)),
        ("\x1b[?69h\x1b[2;4s\x1b[1;6Habcde", (1, 10)),
        ("\x1b[?69h\x1b[2;4s\x1b[1;6Habcdef", (2, 3)),
    ]);
    check(
        &[
            ("abcdefghijk", "abcdefghij|k"),
            ("\x1b[?7labcdefghijk", "abcdefghik"),
            ("abcdefghij\x1b[CX", "abcdefghiX"),
            ("abcdefghij\x1b[KX", "abcdefghiX"),
            ("abcdefghij\x1b[AX", "abcdefghiX"),
            ("abcdefghij\x08X", "abcdefghXj"),
            ("\x1b[5;1Habcdefghijk", "|||abcdefghij|k"),
            ("\x1b[?69h\x1b[3;6s\x1b[1;3Habcdefghij", "  abcd|  efgh|  ij"),
            ("\x1b[?7l\x1b[?69h\x1b[3;6s\x1b[1;3Habcdefghij", "  abcj"),
            ("\x1b[2;3r\x1b[3;9Habcd", "|        ab|cd"),
            ("\x1b[2;3r\x1b[5;9Habcd", "||||cd      ab"),
        ],
        screen,
    );
}

#[test]
fn reverse_wrap() {
    places(&[
        // 45 goes back only over lines that were wrapped; it needs autowrap.
        ("\x1b[?45habcdefghijk\x08\x08", (1, 10)),
        ("\x1b[?45habcdefghijk\x1b[11D", (1, 1)),
        ("\x1b[?45h\x1b[2;1H\x08", (2, 1)),
        ("\x1b[?45h\x1b[?7labc\x1b[2;1H\x08", (2, 1)),
        ("\x1b[?45habcdefghij\x08", (1, 10)),
        ("\x1b[?45hx\x1b[99D", (1, 1)),
        // 1045 goes back anywhere, from the top to the bottom.
        ("\x1b[?1045h\x1b[2;1H\x08", (1, 10)),
        ("\x1b[?1045h\x1b[2;3H\x1b[5D", (1, 8)),
        ("\x1b[?1045h\x1b[1;1H\x08", (5, 10)),
        ("\x1b[?1045h\x1b[?7l\x1b[2;1H\x08", (2, 1)),
        ("\x1b[?1045h{BOX}\x1b[3;2H\x08", (2, 4)),
        ("\x1b[?1045h{BOX}\x1b[3;1H\x08", (2, 4)),
        ("\x1b[?1045h{BOX}\x1b[2;2H\x08", (4, 4)),
        ("\x1b[?1045h\x1b[!p\x1b[2;1H\x08", (2, 1)),
        ("\x1b[2;1H\x08", (2, 1)),
    ]);
}

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
fn inserting_and_deleting() {
    check(
        &[
            // ICH, DCH
            ("{FILL}\x1b[3;2H\x1b[@", "abcde|fghij|k lmno|pqrst|uvwxy"),
            ("{FILL}\x1b[3;2H\x1b[2@", "abcde|fghij|k  lmno|pqrst|uvwxy"),
            ("{FILL}\x1b[3;2H\x1b[99@", "abcde|fghij|k|pqrst|uvwxy"),
            ("abcdefghij\x1b[1;9H\x1b[3@", "abcdefgh"),
            ("{FILL}\x1b[3;2H\x1b[P", "abcde|fghij|kmno|pqrst|uvwxy"),
            ("{FILL}\x1b[3;2H\x1b[2P", "abcde|fghij|kno|pqrst|uvwxy"),
            ("{FILL}\x1b[3;2H\x1b[99P", "abcde|fghij|k|pqrst|uvwxy"),
            ("{FILL}{BOX}\x1b[3;3H\x1b[@", "abcde|fghij|kl mo|pqrst|uvwxy"),
            ("{FILL}{BOX}\x1b[3;3H\x1b[P", "abcde|fghij|kln o|pqrst|uvwxy"),
            ("{FILL}{BOX}\x1b[3;1H\x1b[@", "abcde|fghij|klmno|pqrst|uvwxy"),
            ("{FILL}{BOX}\x1b[3;5H\x1b[P", "abcde|fghij|klmno|pqrst|uvwxy"),
            // IRM
            ("abc\x1b[4h\x1b[1;2HXY", "aXYbc"),
            ("abcdefghij\x1b[4h\x1b[1;2HX", "aXbcdefghi"),
            ("abc\x1b[4h\x1b[4l\x1b[1;2HX", "aXc"),
            ("{FILL}{BOX}\x1b[4h\x1b[3;3HX", "abcde|fghij|klXmo|pqrst|uvwxy"),
            ("abcd\x1b[4h\x1b[1;2H中", "a中bcd"),
            // IL, DL
            ("{FILL}\x1b[2;3H\x1b[L", "abcde||fghij|klmno|pqrst"),
            ("{FILL}\x1b[2;3H\x1b[2L", "abcde|||fghij|klmno"),
            ("{FILL}\x1b[2;3H\x1b[99L", "abcde"),
            ("{FILL}\x1b[2;3H\x1b[M", "abcde|klmno|pqrst|uvwxy"),
            ("{FILL}\x1b[2;3H\x1b[99M", "abcde"),
            ("{FILL}\x1b[2;4r\x1b[3;1H\x1b[L", "abcde|fghij||klmno|uvwxy"),
            ("{FILL}\x1b[2;4r\x1b[3;1H\x1b[M", "abcde|fghij|pqrst||uvwxy"),
            ("{FILL}\x1b[2;4r\x1b[1;1H\x1b[L", "abcde|fghij|klmno|pqrst|uvwxy"),
            ("{FILL}\x1b[2;4r\x1b[5;1H\x1b[M", "abcde|fghij|klmno|pqrst|uvwxy"),
            ("{FILL}{BOX}\x1b[2;3H\x1b[L", "abcde|f   j|kghio|plmnt|uvwxy"),
            ("{FILL}{BOX}\x1b[2;3H\x1b[99L", "abcde|f   j|k   o|p   t|uvwxy"),
            ("{FILL}{BOX}\x1b[2;3H\x1b[M", "abcde|flmnj|kqrso|p   t|uvwxy"),
            ("{FILL}{BOX}\x1b[2;1H\x1b[M", "abcde|fghij|klmno|pqrst|uvwxy"),
            // DECIC, DECDC
            ("{FILL}\x1b[3;2H\x1b['}", "a bcde|f ghij|k lmno|p qrst|u vwxy"),
            ("{FILL}\x1b[3;2H\x1b[2'~", "ade|fij|kno|pst|uxy"),
            ("{FILL}{BOX}\x1b[3;3H\x1b['}", "abcde|fg hj|kl mo|pq rt|uvwxy"),
            ("{FILL}{BOX}\x1b[3;3H\x1b['~", "abcde|fgi j|kln o|pqs t|uvwxy"),
            ("{FILL}{BOX}\x1b[1;3H\x1b['}", "abcde|fghij|klmno|pqrst|uvwxy"),
            ("{FILL}{BOX}\x1b[3;1H\x1b['}", "abcde|fghij|klmno|pqrst|uvwxy"),
            // DECBI, DECFI at the margins
            ("{FILL}{BOX}\x1b[3;2H\x1b6", "abcde|f ghj|k lmo|p qrt|uvwxy"),
            ("{FILL}{BOX}\x1b[3;4H\x1b9", "abcde|fhi j|kmn o|prs t|uvwxy"),
            ("{FILL}\x1b[3;1H\x1b6", " abcde| fghij| klmno| pqrst| uvwxy"),
            ("abcdefghij\x1b[1;10H\x1b9", "bcdefghij"),
            ("{FILL}{BOX}\x1b[1;2H\x1b6", "abcde|fghij|klmno|pqrst|uvwxy"),
        ],
        screen,
    );
    // IL and DL go to the left margin.
    places(&[("{FILL}\x1b[2;3H\x1b[L", (2, 1)), ("{FILL}{BOX}\x1b[2;3H\x1b[M", (2, 2)), ("{FILL}{BOX}\x1b[1;3H\x1b[M", (1, 3))]);
}

#[test]
fn scrolling() {
    check(
        &[
            ("{FILL}\x1b[S", "fghij|klmno|pqrst|uvwxy"),
            ("{FILL}\x1b[2S", "klmno|pqrst|uvwxy"),
            ("{FILL}\x1b[99S", ""),
            ("{FILL}\x1b[T", "|abcde|fghij|klmno|pqrst"),
            ("{FILL}\x1b[2^", "||abcde|fghij|klmno"),
            ("{FILL}\x1b[1;2;3;4;5T", "abcde|fghij|klmno|pqrst|uvwxy"),
            ("{FILL}\x1b[2;4r\x1b[S", "abcde|klmno|pqrst||uvwxy"),
            ("{FILL}\x1b[2;4r\x1b[T", "abcde||fghij|klmno|uvwxy"),
            ("{FILL}{BOX}\x1b[S", "abcde|flmnj|kqrso|p   t|uvwxy"),
            ("{FILL}{BOX}\x1b[T", "abcde|f   j|kghio|plmnt|uvwxy"),
            ("{FILL}{BOX}\x1b[99S", "abcde|f   j|k   o|p   t|uvwxy"),
            // SL, SR
            ("{FILL}\x1b[ @", "bcde|ghij|lmno|qrst|vwxy"),
            ("{FILL}\x1b[2 A", "  abcde|  fghij|  klmno|  pqrst|  uvwxy"),
            ("{FILL}{BOX}\x1b[ @", "abcde|fhi j|kmn o|prs t|uvwxy"),
            ("{FILL}{BOX}\x1b[ A", "abcde|f ghj|k lmo|p qrt|uvwxy"),
            // IND, RI, NEL, LF at the margins
            ("{FILL}\x1bD", "fghij|klmno|pqrst|uvwxy"),
            ("{FILL}\x1b[1;1H\x1bM", "|abcde|fghij|klmno|pqrst"),
            ("{FILL}\x1bE", "fghij|klmno|pqrst|uvwxy"),
            ("{FILL}\x1b[2;4r\x1b[4;1H\n", "abcde|klmno|pqrst||uvwxy"),
            ("{FILL}\x1b[2;4r\x1b[2;1H\x1bM", "abcde||fghij|klmno|uvwxy"),
            ("{FILL}\x1b[2;4r\x1b[5;1H\n", "abcde|fghij|klmno|pqrst|uvwxy"),
            ("{FILL}\x1b[2;4r\x1b[1;1H\x1bM", "abcde|fghij|klmno|pqrst|uvwxy"),
            ("{FILL}{BOX}\x1b[4;3H\n", "abcde|flmnj|kqrso|p   t|uvwxy"),
            ("{FILL}{BOX}\x1b[2;3H\x1bM", "abcde|f   j|kghio|plmnt|uvwxy"),
            // Outside the left and right margins nothing scrolls; NEL returns only after that.
            ("{FILL}{BOX}\x1b[4;1H\n", "abcde|fghij|klmno|pqrst|uvwxy"),
            ("{FILL}{BOX}\x1b[4;5H\x1bE", "abcde|fghij|klmno|pqrst|uvwxy"),
            ("{FILL}{BOX}\x1b[2;5H\x1bM", "abcde|fghij|klmno|pqrst|uvwxy"),
            // Regions: 0 is the edge, too much is the edge, one line is no region.
            ("{FILL}\x1b[0;3r\x1b[3;1H\n", "fghij|klmno||pqrst|uvwxy"),
            ("{FILL}\x1b[2;0r\x1b[5;1H\n", "abcde|klmno|pqrst|uvwxy"),
            ("{FILL}\x1b[1;99r\x1b[5;1H\n", "fghij|klmno|pqrst|uvwxy"),
            ("{FILL}\x1b[3;3r\x1b[5;1H\n", "fghij|klmno|pqrst|uvwxy"),
            // DECSLRM needs DECLRMM; without it CSI s saves the cursor.
            ("{FILL}\x1b[2;4s\x1b[3;1H\x1b[@", "abcde|fghij| klmno|pqrst|uvwxy"),
            ("{FILL}\x1b[?69h\x1b[2;4s\x1b[?69l\x1b[3;1H\x1b[@", "abcde|fghij| klmno|pqrst|uvwxy"),
        ],
        screen,
    );
}

#[test]
fn repeating() {
    check(
        &[
            ("a\x1b[b", "aa"),
            ("a\x1b[3b", "aaaa"),
            ("中\x1b[2b", "中中中"),
            ("\x1b[3b", ""),
            ("a\x1b[12b", "aaaaaaaaaa|aaa"),
            ("\x1b[?69h\x1b[2;4s\x1b[1;2Ha\x1b[3b", " aaa| a"),
            ("\x1b[2;4r\x1b[4;9Ha\x1b[2b", "||        aa|a"),
            ("\x1b(0q\x1b(B\x1b[2b", "───"),
        ],
        screen,
    );
}

#[test]
fn saved_cursors() {
    places(&[
        ("\x1b[3;4H\x1b7\x1b[H\x1b8", (3, 4)),
        ("\x1b[3;4H\x1b[s\x1b[H\x1b[u", (3, 4)),
        ("\x1b[3;4H\x1b[?1048h\x1b[H\x1b[?1048l", (3, 4)),
        ("\x1b[3;4H\x1b8", (1, 1)),
        ("\x1b[3;4H\x1b7\x1b[!p\x1b[4;5H\x1b8", (1, 1)),
        // One for each screen.
        ("\x1b[2;3H\x1b7\x1b[?47h\x1b[4;5H\x1b7\x1b[?47l\x1b8", (2, 3)),
        ("\x1b[2;3H\x1b7\x1b[?47h\x1b[4;5H\x1b7\x1b[?47l\x1b8\x1b[?47h\x1b8", (4, 5)),
        // With left and right margins CSI s sets them.
        ("\x1b[2;3H\x1b7\x1b[?69h\x1b[4;5H\x1b[s\x1b[u", (2, 3)),
        // Origin mode is part of it.
        ("{BOX}\x1b[?6h\x1b7\x1b[?6l\x1b8\x1b[1;1H", (2, 2)),
        ("\x1b7{BOX}\x1b[?6h\x1b8\x1b[1;1H", (1, 1)),
    ]);
    check(&[("\x1b(0\x1b7\x1b(B\x1b8q", "─"), ("\x1b[4h\x1b7\x1b[4l\x1b8a\x1b[1Gb", "b")], screen);
}

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
            // DECCOLM clears, when it is allowed and not told to keep.
            ("abc\x1b[?3h", "abc"),
            ("abc\x1b[?40h\x1b[?3h", ""),
            ("abc\x1b[?40h\x1b[?95h\x1b[?3h", "abc"),
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
            ("\x1b(0\x1bc q", " q"),
            ("\x1b(0é", "é"),
            ("\x1b(0\x1b(Z#", "£"),
            // Announcers and the choice of UTF-8 change nothing: it is always UTF-8.
            ("\x1b%@é\x1b%Gé\x1b F\x1b Gé", "ééé"),
        ],
        screen,
    );
}

#[test]
fn what_is_asked_is_answered() {
    let wrong: Vec<String> = [
        // DA1, DA2, DA3, DECID, XTVERSION
        ("\x1b[c", "^[?64;6;9;15;21;22;28;52c"),
        ("\x1b[0c\x1b[1c", "^[?64;6;9;15;21;22;28;52c"),
        ("\x1bZ", "^[?64;6;9;15;21;22;28;52c"),
        ("\x1b[>c", "^[>41;400;0c"),
        ("\x1b[=c", "^P!|00000000$"),
        // DSR, DECXCPR
        ("\x1b[5n", "^[0n"),
        ("\x1b[3;4H\x1b[6n", "^[3;4R"),
        ("\x1b[3;4H\x1b[?6n", "^[?3;4;1R"),
        ("{BOX}\x1b[?6h\x1b[2;2H\x1b[6n", "^[2;2R"),
        ("abcdefghij\x1b[6n", "^[1;10R"),
        ("\x1b[?15n", "^[?13n"),
        ("\x1b[?25n", "^[?21n"),
        ("\x1b[?26n", "^[?27;1;0;0n"),
        ("\x1b[?53n\x1b[?55n\x1b[?56n", "^[?50n^[?50n^[?57;0n"),
        ("\x1b[?62n", "^[0*{"),
        ("\x1b[?63;123n", "^P123!~0000$"),
        ("\x1b[?75n\x1b[?85n", "^[?70n^[?83n"),
        ("\x1b[?996n", "^[?997;1n"),
        ("\x1b[7n\x1b[?7n", ""),
        // DECREQTPARM, DECRQDE, DECRQUPSS, DECRQLP
        ("\x1b[x\x1b[1x\x1b[2x", "^[2;1;1;128;128;1;0x^[3;1;1;128;128;1;0x"),
        ("\x1b[\"v", "^[5;10;1;1;1\"w"),
        ("\x1b[&u", "^P0!u%5$"),
        ("\x1b['|", "^[0&w"),
        // DECRQPSR: cursor and tab stops; and back
        ("\x1b[2;3H\x1b[1$w", "^P1$u2;3;1;@;@;@;0;2;@;BBBB$"),
        ("\x1b[1;4;7m\x1b[1\"q\x1b(0\x1b-A\x0e\x1b[1$w", "^P1$u1;1;1;K;A;@;1;2;B;0ABB$"),
        ("abcdefghij\x1b[1$w", "^P1$u1;10;1;@;@;H;0;2;@;BBBB$"),
        ("\x1b[4G\x1bH\x1b[2$w", "^P2$u4/9$"),
        ("\x1bP2$t3/5\x1b\\\x1b[2$w", "^P2$u3/5$"),
        ("\x1bP1$t2;3;1;K;A;H;1;2;B;0ABB\x1b\\\x1b[1$w", "^P1$u2;3;1;K;A;@;1;2;B;0ABB$"),
        ("\x1bP1$tx;y\x1b\\\x1b[9$w", "^P0$u$"),
        // Windows: sizes, never titles
        ("\x1b[11t\x1b[13t\x1b[14t\x1b[15t", "^[1t^[3;0;0t^[4;80;80t^[5;80;80t"),
        ("\x1b[16t\x1b[18t\x1b[19t", "^[6;16;8t^[8;5;10t^[9;5;10t"),
        ("\x1b]2;x\x07\x1b[20t\x1b[21t\x1b[8;9;9t\x1b[18t", "^[8;5;10t"),
        // DECRQSS
        ("\x1bP$qm\x1b\\", "^P1$r0m$"),
        ("\x1b[1;2;3;4;5;7;8;9;53;31;44m\x1bP$qm\x1b\\", "^P1$r0;1;2;3;5;7;8;9;4;53;31;44m$"),
        ("\x1b[4:3;58:2::1:2:3;38;5;200;48;2;9;8;7m\x1bP$qm\x1b\\", "^P1$r0;4:3;38:5:200;48:2::9:8:7;58:2::1:2:3m$"),
        ("\x1b[91;102m\x1bP$qm\x1b\\", "^P1$r0;91;102m$"),
        ("\x1b[2;4r\x1bP$qr\x1b\\", "^P1$r2;4r$"),
        ("\x1b[?69h\x1b[3;6s\x1bP$qs\x1b\\", "^P1$r3;6s$"),
        ("\x1b[4 q\x1bP$q q\x1b\\", "^P1$r4 q$"),
        ("\x1b[1\"q\x1bP$q\"q\x1b\\", "^P1$r1\"q$"),
        ("\x1bP$q\"p\x1b\\\x1b[65;1\"p\x1bP$q\"p\x1b\\", "^P1$r64;1\"p$^P1$r64;1\"p$"),
        ("\x1b[63;1\"p\x1bP$q\"p\x1b\\", "^P1$r63;1\"p$"),
        ("\x1bP$q*x\x1b\\\x1b[2*x\x1bP$q*x\x1b\\\x1b[0*x\x1bP$q*x\x1b\\", "^P1$r1*x$^P1$r2*x$^P1$r0*x$"),
        ("\x1bP$qt\x1b\\\x1bP$q$|\x1b\\\x1bP$q*|\x1b\\", "^P1$r5t$^P1$r10$|$^P1$r5*|$"),
        ("\x1bP$q$}\x1b\\\x1bP$q$~\x1b\\", "^P1$r0$}$^P1$r0$~$"),
        ("\x1bP$qX\x1b\\", "^P0$r$"),
        // XTGETTCAP
        ("\x1bP+q544e\x1b\\", "^P1+r544E=787465726D2D323536636F6C6F72$"),
        ("\x1bP+q436f;524742;zz\x1b\\", "^P1+r436F=323536$^P1+r524742=38$^P0+r$"),
        // DECRQCRA: what is there, negative, as on the VT420; with the attributes' weights.
        ("A\x1b[1;0;1;1;1;1*y", "^P1!~FFBF$"),
        ("AB\x1b[2;0;1;1;1;2*y", "^P2!~FF7D$"),
        ("\x1b[1mA\x1b[3;0;1;1;1;1*y", "^P3!~FF3F$"),
        ("{BOX}\x1b[2;2HA\x1b[?6h\x1b[4;0;1;1;1;1*y", "^P4!~FFBF$"),
        // Graphics are not to be had, and say so.
        ("\x1b[?1;1;0S\x1b[?2;1;0S\x1b[?9;1;0S", "^[?1;3;0S^[?2;3;0S"),
        ("\x1b_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\\x1b[c", "^[?64;6;9;15;21;22;28;52c"),
        ("\x1bPq#0;2;0;0;0~~\x1b\\\x1b[6n", "^[1;1R"),
        // Keyboard protocols
        ("\x1b[?u\x1b[>1u\x1b[?u\x1b[>31u\x1b[?u\x1b[<u\x1b[?u\x1b[<9u\x1b[?u", "^[?0u^[?1u^[?31u^[?1u^[?0u"),
        ("\x1b[=5u\x1b[?u\x1b[=2;2u\x1b[?u\x1b[=4;3u\x1b[?u\x1b[=0;1u\x1b[?u", "^[?5u^[?7u^[?3u^[?0u"),
        ("\x1b[>1u\x1b[?1049h\x1b[?u\x1b[>3u\x1b[?1049l\x1b[?u\x1b[?1049h\x1b[?u", "^[?0u^[?1u^[?3u"),
        ("\x1b[?4m\x1b[>4;1m\x1b[?4m\x1b[>4;2m\x1b[?4m\x1b[>4n\x1b[?4m", "^[>4;0m^[>4;1m^[>4;2m^[>4;0m"),
        // Size in band
        ("\x1b[?2048h", "^[48;5;10;80;80t"),
        // Never answered: clipboard, answerback
        ("\x1b]52;c;?\x07\x05", ""),
        // Levels: reports of modes begin with 3.
        ("\x1b[62\"p\x1b[4$p\x1b[?7$p", ""),
        ("\x1b[63\"p\x1b[4$p", "^[4;2$y"),
    ]
    .into_iter()
    .filter_map(|(text, want)| {
        let got = answers(text);
        (got != want).then(|| format!("{text:?}\n    want {want}\n    got  {got}"))
    })
    .collect();
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
    assert!(answers("\x1b[>q").starts_with("^P>|copilot-tui("));
}

#[test]
fn every_mode_says_how_it_stands() {
    // On at start, and can be turned off.
    for mode in [7, 8, 25, 1007] {
        assert_eq!(
            answers(&format!("\x1b[?{mode}$p\x1b[?{mode}l\x1b[?{mode}$p\x1b[?{mode}h\x1b[?{mode}$p")),
            format!("^[?{mode};1$y^[?{mode};2$y^[?{mode};1$y")
        );
    }
    // Off at start, and can be turned on.
    for mode in [
        1, 4, 5, 6, 9, 12, 18, 19, 40, 41, 42, 45, 47, 61, 64, 66, 67, 68, 69, 73, 81, 95, 1000, 1002, 1003, 1004, 1005, 1006, 1015, 1016, 1045,
        1047, 1049, 2004, 2026, 2027, 2031,
    ] {
        assert_eq!(
            answers(&format!("\x1b[?{mode}$p\x1b[?{mode}h\x1b[?{mode}$p\x1b[?{mode}l\x1b[?{mode}$p")),
            format!("^[?{mode};2$y^[?{mode};1$y^[?{mode};2$y")
        );
    }
    assert_eq!(answers("\x1b[?3$p\x1b[?3h\x1b[?3$p\x1b[?40h\x1b[?3h\x1b[?3$p"), "^[?3;2$y^[?3;2$y^[?3;1$y");
    assert_eq!(answers("\x1b[?2048$p\x1b[?2048h\x1b[?2048$p"), "^[?2048;2$y^[48;5;10;80;80t^[?2048;1$y");
    // For good, on or off.
    for (mode, state) in [(2, 3), (60, 4), (1001, 4), (1010, 4), (1034, 4), (1036, 4), (1042, 4), (30, 0), (80, 0), (9001, 0), (65535, 0)] {
        assert_eq!(answers(&format!("\x1b[?{mode}h\x1b[?{mode}$p")), format!("^[?{mode};{state}$y"));
    }
    // ECMA's.
    for mode in [2, 4, 20] {
        assert_eq!(
            answers(&format!("\x1b[{mode}$p\x1b[{mode}h\x1b[{mode}$p\x1b[{mode}l\x1b[{mode}$p")),
            format!("^[{mode};2$y^[{mode};1$y^[{mode};2$y")
        );
    }
    assert_eq!(answers("\x1b[12$p\x1b[12l\x1b[12$p"), "^[12;1$y^[12;2$y");
    for mode in [1, 3, 5, 7, 10, 11, 13, 14, 15, 16, 17, 18, 19] {
        assert_eq!(answers(&format!("\x1b[{mode}$p")), format!("^[{mode};4$y"));
    }
    assert_eq!(answers("\x1b[99$p"), "^[99;0$y");
}

#[test]
fn colours_are_set_asked_and_reset_in_the_pane_alone() {
    for (text, want) in [
        ("\x1b]4;1;?\x07", "^]4;1;rgb:cdcd/0000/0000\x07"),
        ("\x1b]4;1;?;2;?\x1b\\", "^]4;1;rgb:cdcd/0000/0000$^]4;2;rgb:0000/cdcd/0000$"),
        ("\x1b]4;1;rgb:12/34/56\x07\x1b]4;1;?\x07", "^]4;1;rgb:1212/3434/5656\x07"),
        ("\x1b]4;1;#abc;2;#a0b0c0\x07\x1b]4;1;?;2;?\x07", "^]4;1;rgb:a0a0/b0b0/c0c0\x07^]4;2;rgb:a0a0/b0b0/c0c0\x07"),
        ("\x1b]4;1;#fff\x07\x1b]104;1\x07\x1b]4;1;?\x07", "^]4;1;rgb:cdcd/0000/0000\x07"),
        ("\x1b]4;1;#fff\x07\x1b]104\x07\x1b]4;1;?\x07", "^]4;1;rgb:cdcd/0000/0000\x07"),
        ("\x1b]4;1;nonsense;300;?\x07\x1b]4;1;?\x07", "^]4;1;rgb:cdcd/0000/0000\x07"),
        ("\x1b]5;0;#102030\x07\x1b]5;0;?\x07\x1b]4;256;?\x07", "^]5;0;rgb:1010/2020/3030\x07^]4;256;rgb:1010/2020/3030\x07"),
        ("\x1b]4;257;#102030\x07\x1b]5;1;?\x07\x1b]105;1\x07\x1b]5;1;?\x07", "^]5;1;rgb:1010/2020/3030\x07^]5;1;rgb:d0d0/d0d0/d0d0\x07"),
        ("\x1b]5;1;#102030\x07\x1b]105\x07\x1b]5;1;?\x07", "^]5;1;rgb:d0d0/d0d0/d0d0\x07"),
        ("\x1b]10;?;?;?\x07", "^]10;rgb:d0d0/d0d0/d0d0\x07^]11;rgb:0000/0000/0000\x07^]12;rgb:d0d0/d0d0/d0d0\x07"),
        ("\x1b]10;#010203;#040506\x07\x1b]10;?;?\x07", "^]10;rgb:0101/0202/0303\x07^]11;rgb:0404/0505/0606\x07"),
        ("\x1b]11;#040506\x07\x1b]111\x07\x1b]11;?\x07", "^]11;rgb:0000/0000/0000\x07"),
        ("\x1b]12;#040506\x07\x1b]12;?\x07\x1b]112\x07\x1b]12;?\x07", "^]12;rgb:0404/0505/0606\x07^]12;rgb:d0d0/d0d0/d0d0\x07"),
        (
            "\x1b]17;#040506\x07\x1b]17;?;?\x07\x1b]117\x07\x1b]17;?\x07",
            "^]17;rgb:0404/0505/0606\x07^]18;rgb:d0d0/d0d0/d0d0\x07^]17;rgb:d0d0/d0d0/d0d0\x07",
        ),
        ("\x1b]13;?;?;?;?\x07", "^]13;rgb:d0d0/d0d0/d0d0\x07^]14;rgb:0000/0000/0000\x07^]15;rgb:d0d0/d0d0/d0d0\x07^]16;rgb:0000/0000/0000\x07"),
        ("\x1b]11;#040506\x07\x1bc\x1b]11;?\x07", "^]11;rgb:0000/0000/0000\x07"),
        // Kitty's names, several to an answer; unset ones are empty, unknown ones are not repeated.
        ("\x1b]21;foreground=?;3=?\x1b\\", "^]21;foreground=rgb:d0d0/d0d0/d0d0;3=rgb:cdcd/cdcd/0000$"),
        (
            "\x1b]21;background=#010203;cursor=red\x1b\\\x1b]21;background=?;cursor=?;evil\x1b]0;x=?\x1b\\",
            "^]21;background=rgb:0101/0202/0303;cursor=$",
        ),
        ("\x1b]21;selection_background=?;visual_bell=?\x1b\\", "^]21;selection_background=;visual_bell=$"),
        // Pointer shapes: none. Notifications: titles and bodies.
        ("\x1b]22;?pointer,text\x1b\\\x1b]22;pointer\x1b\\", "^]22;0,0$"),
        ("\x1b]99;i=42:p=?;\x1b\\\x1b]99;i=no$(x):p=?;\x1b\\", "^]99;i=42:p=?;p=title,body$^]99;i=0:p=?;p=title,body$"),
    ] {
        assert_eq!(answers(text), want, "{text:?}");
    }
}

#[test]
fn text_that_is_sized_is_drawn() {
    check(&[("a\x1b]66;s=2:w=1;big\x1b\\b", "abigb"), ("\x1b]66;;x;y\x07", "x;y"), ("\x1b]66;x\x07", "")], screen);
}

#[test]
fn styles_are_put_aside_and_taken_back() {
    for (text, want) in [
        ("\x1b[1;31m\x1b[#{\x1b[0m\x1b[#}\x1bP$qm\x1b\\", "^P1$r0;1;31m$"),
        ("\x1b[1m\x1b[#p\x1b[4m\x1b[#q\x1bP$qm\x1b\\", "^P1$r0;1m$"),
        ("\x1b[4;58;5;3m\x1b[#{\x1b[0m\x1b[#}\x1bP$qm\x1b\\", "^P1$r0;4;58:5:3m$"),
        ("\x1b[1m\x1b[#}\x1bP$qm\x1b\\", "^P1$r0;1m$"),
    ] {
        assert_eq!(answers(text), want, "{text:?}");
    }
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
