//! Inserting, deleting, scrolling and repeating. Must not know how an engine works.

use super::{check, places, screen};

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
            ("\x1b(0q\x1b[2b", "───"),
            // Only what was printed just before: any control or sequence between forgets it, REP itself too.
            ("\x1b(0q\x1b(B\x1b[2b", "─"),
            ("a\r\n\x1b[2bx", "a|x"),
            ("ab\x1b[D\x1b[bx", "ax"),
            ("a\x1b[1m\x1b[2bx", "ax"),
            ("a\x1b]2;t\x07\x1b[2bx", "ax"),
            ("a\x1bP$qm\x1b\\\x1b[2bx", "ax"),
            ("a\x1b[2b\x1b[2bx", "aaax"),
        ],
        screen,
    );
}
