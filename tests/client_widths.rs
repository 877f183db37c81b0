//! Cells that terminals disagree about, drawn little by little: what stands there at the end is what one drawing of all of it
//! gives, and no mark stays behind in a cell it does not belong to. The outer terminal here is an engine that draws nothing for
//! some characters, as tmux does for those its C library does not know.

#[allow(dead_code)]
#[path = "fuzz/generator.rs"]
mod generator;

use copilot_tui::base::{Now, Size};
use copilot_tui::client::able::Able;
use copilot_tui::client::screen::{Painted, Screen};
use copilot_tui::client::width::Widths;
use copilot_tui::term::{Engine, EngineKind, new_engine};
use generator::Dice;
use ratatui::buffer::{Buffer, CellDiffOption};
use ratatui::layout::Rect;
use std::num::NonZeroU16;

const SIZE: Size = Size { cols: 40, rows: 6 };

/// Characters this outer terminal does not know, and leaves out.
fn unknown(c: char) -> bool {
    matches!(c, '\u{378}'..='\u{379}' | '\u{600}'..='\u{605}' | '\u{1000}'..='\u{109F}' | '\u{1100}'..='\u{11FF}' | '\u{2FFE0}'..='\u{2FFFF}')
}

/// An outer terminal.
struct Outer(Box<dyn Engine>);

impl Outer {
    fn new() -> Outer {
        Outer(new_engine(EngineKind::Native, SIZE, 10))
    }

    fn show(&mut self, frame: &[u8]) {
        let known: String = String::from_utf8_lossy(frame).chars().filter(|c| !unknown(*c)).collect();
        self.0.feed(known.as_bytes(), Now::default());
    }

    fn rows(&self) -> Vec<Vec<String>> {
        cells(&*self.0)
    }
}

/// The text of every cell; empty for the second half of a wide one.
fn cells(e: &dyn Engine) -> Vec<Vec<String>> {
    let row = |y: u16| {
        let mut out = vec![" ".to_owned(); SIZE.cols.into()];
        e.row(e.screen_top() + u64::from(y)).unwrap().for_each_cell(|col, width, text, _| {
            out[col] = text.to_owned();
            if width == 2 {
                out[col + 1].clear();
            }
        });
        out
    };
    (0..SIZE.rows).map(row).collect()
}

/// Paints what a pane holds, as the app does.
fn paint(pane: &dyn Engine, b: &mut Buffer) {
    for y in 0..SIZE.rows {
        pane.row(pane.screen_top() + u64::from(y)).unwrap().for_each_cell(|col, width, text, _| {
            let cell = b.cell_mut((col as u16, y)).unwrap();
            cell.set_symbol(text);
            if text.len() > 1 {
                cell.set_diff_option(CellDiffOption::ForcedWidth(NonZeroU16::new(width.into()).unwrap()));
            }
        });
    }
}

fn screen() -> Screen {
    Screen::new(SIZE.cols, SIZE.rows, Able { scroll: true, ..Able::default() })
}

fn frame(screen: &mut Screen, pane: &dyn Engine) -> Vec<u8> {
    screen.frame(|b, _| {
        paint(pane, b);
        Painted { cursor: None, rolls: vec![Rect::new(0, 0, SIZE.cols, SIZE.rows)] }
    })
}

/// Text of many kinds, with places to jump to.
fn text(dice: &mut Dice) -> String {
    let mut out = String::new();
    for _ in 0..dice.roll(120) {
        let pick = |dice: &mut Dice, from: u32, n: usize| char::from_u32(from + dice.roll(n) as u32);
        let c = match dice.roll(10) {
            0..3 => pick(dice, 0x20, 95),
            3 => pick(dice, 0x300, 0x70),
            4 => pick(dice, 0x80, 0x2F80),
            5 => pick(dice, 0x4E00, 0x5000),
            6 => pick(dice, 0x1F000, 0x1000),
            7 => pick(dice, 0x1000, 0x200),
            8 => Some(['\u{378}', '\u{200d}', '\u{fe0f}', '\u{1f1e9}', '\u{600}', '\u{316}'][dice.roll(6)]),
            _ => pick(dice, 0, 0x11_0000),
        };
        match dice.roll(40) {
            0 => out += "\r\n",
            1 => out += &format!("\x1b[{};{}H", 1 + dice.roll(6), 1 + dice.roll(40)),
            _ => out.extend(c.filter(|c| !c.is_control())),
        }
    }
    out
}

#[test]
fn a_mark_that_went_into_the_cell_before_does_not_stay_there() {
    for (first, then, at, want) in [
        // The cell before is beyond doubt: it is mended at once.
        ("a\u{378}\u{316}b", "a!b", (0, 1), ["a ", "a!"]),
        // It is in doubt itself: it is drawn again when the other one changes.
        ("e\u{301}\u{378}\u{316}b", "e\u{301}!b", (0, 1), ["e\u{301}\u{316} ", "e\u{301}!"]),
        ("中\u{378}\u{316}b", "中!b", (0, 2), ["中 ", "中!"]),
    ] {
        let (mut outer, mut screen) = (Outer::new(), screen());
        let mut pane = new_engine(EngineKind::Native, SIZE, 10);
        for (text, want) in [first, then].into_iter().zip(want) {
            pane.feed(format!("\x1b[2J\x1b[H{text}").as_bytes(), Now::default());
            outer.show(&frame(&mut screen, &*pane));
            assert_eq!(outer.rows()[at.0][..=at.1].concat(), want, "{text:?}");
        }
    }
}

#[test]
fn drawn_little_by_little_or_at_once_it_is_the_same() {
    for seed in 0..60 {
        let mut dice = Dice::new(seed);
        let (mut outer, mut screen_of_all) = (Outer::new(), screen());
        let mut pane = new_engine(EngineKind::Native, SIZE, 10);
        for step in 0..12 {
            pane.feed(text(&mut dice).as_bytes(), Now::default());
            outer.show(&frame(&mut screen_of_all, &*pane));
            let mut anew = Outer::new();
            anew.show(&frame(&mut screen(), &*pane));
            for (y, (got, want)) in outer.rows().iter().zip(anew.rows()).enumerate() {
                let x = got.iter().zip(&want).position(|(a, b)| a != b);
                let part = |cells: &[String]| x.map(|x| cells[x.saturating_sub(3)..(x + 4).min(cells.len())].to_vec());
                assert_eq!(part(got), part(&want), "seed {seed}, step {step}, row {y}, column {x:?}");
            }
        }
    }
}

#[test]
fn what_was_measured_of_emoji_is_not_believed_of_what_may_not_be_drawn() {
    // As in tmux 3.3.
    let widths = Widths { vs16: Some(1), joined: Some(true), toned: Some(false), bare: false };
    for then in ["a\u{378}\u{fe0f}b", "a\u{378}\u{200d}👧b"] {
        let (mut outer, mut screen) = (Outer::new(), Screen::new(SIZE.cols, SIZE.rows, Able { widths, ..Able::default() }));
        let mut pane = new_engine(EngineKind::Native, SIZE, 10);
        for text in ["aPPPPb", then] {
            pane.feed(format!("\x1b[2J\x1b[H{text}").as_bytes(), Now::default());
            outer.show(&frame(&mut screen, &*pane));
        }
        assert!(!outer.rows()[0].concat().contains('P'), "{then:?}: {:?}", outer.rows()[0]);
    }
    // Nor is the place behind a mark that may have a column of its own.
    let mut screen = Screen::new(SIZE.cols, SIZE.rows, Able { widths, ..Able::default() });
    let mut pane = new_engine(EngineKind::Native, SIZE, 10);
    pane.feed("u\u{1baa}\u{fe0f}b".as_bytes(), Now::default());
    let bytes = String::from_utf8(frame(&mut screen, &*pane)).unwrap();
    assert!(bytes.contains("u\u{1baa}\u{fe0f}\x1b[1;2Hb"), "{bytes:?}");
    // A mark that is not drawn leaves no joiner that would pull the next cell over.
    let (mut outer, mut screen) = (Outer::new(), Screen::new(SIZE.cols, SIZE.rows, Able { widths, ..Able::default() }));
    let mut pane = new_engine(EngineKind::Native, SIZE, 10);
    pane.feed("❤\u{200d}\u{1085}🔥b".as_bytes(), Now::default());
    let bytes = frame(&mut screen, &*pane);
    assert!(!String::from_utf8_lossy(&bytes).contains('\u{200d}'), "{}", bytes.escape_ascii());
    outer.show(&bytes);
    assert_eq!(outer.rows()[0][..4], ["❤", "🔥", "", "b"]);
}

#[test]
fn a_letter_stays_when_something_unseen_hangs_on_it() {
    let (mut outer, mut screen) = (Outer::new(), screen());
    let mut pane = new_engine(EngineKind::Native, SIZE, 10);
    pane.feed("a\u{e0110}b".as_bytes(), Now::default());
    outer.show(&frame(&mut screen, &*pane));
    assert_eq!(outer.rows()[0][..2].concat(), "ab");
}
