//! Moving the cursor: addresses, margins, tab stops, the last column, wrapping back, saved cursors. Must not know how an engine works.

use super::{check, places, screen};

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
