//! What every sequence does, by the references: ECMA-48, the VT420 and VT510 manuals, DEC STD 070, xterm's control sequence
//! document (ctlseqs), the notes of kitty and others for what came later. Tables: one line is one fact.
//!
//! Screens are 10 columns by 5 rows. A screen is its rows joined by `|`, blanks at the ends left out; places are row and column
//! from 1.

mod answers;
mod clusters;
mod colours;
mod editing;
mod erasing;
mod moving;
mod screens;

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
