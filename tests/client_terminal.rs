//! The outer terminal is given back as it was, whatever happens; frames are small and harmless.

use copilot_tui::base::{Color as Paint, Underline};
use copilot_tui::client::able::Able;
use copilot_tui::client::guard::Guard;
use copilot_tui::client::modes::{Wanted, leave, reset_sequences};
use copilot_tui::client::screen::{Painted, Screen};
use copilot_tui::client::width::Widths;
use copilot_tui::config::Depth;
use copilot_tui::ui::{Extra, Extras};
use proptest::prelude::*;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, Termios, tcgetattr};
use std::os::fd::{AsFd, OwnedFd};

fn pty() -> (OwnedFd, OwnedFd) {
    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&master).unwrap();
    unlockpt(&master).unwrap();
    let name = ptsname(&master, Vec::new()).unwrap();
    let slave =
        rustix::fs::open(name, rustix::fs::OFlags::RDWR | rustix::fs::OFlags::NOCTTY | rustix::fs::OFlags::NONBLOCK, rustix::fs::Mode::empty())
            .unwrap();
    (master, slave)
}

/// Everything the terminal got until the marker at the end of `leave`.
fn read_until(master: &OwnedFd, marker: &str) -> String {
    let mut got = Vec::new();
    let mut buffer = [0u8; 4096];
    while !String::from_utf8_lossy(&got).ends_with(marker) {
        let n = rustix::io::read(master, &mut buffer).unwrap();
        got.extend_from_slice(&buffer[..n]);
    }
    String::from_utf8(got).unwrap()
}

fn same(a: &Termios, b: &Termios) {
    assert_eq!((a.local_modes, a.input_modes, a.output_modes, a.control_modes), (b.local_modes, b.input_modes, b.output_modes, b.control_modes));
}

const ALL: Wanted = Wanted { mouse: true, kitty: true, releases: false, keypad: false };

#[test]
fn the_guard_gives_the_terminal_back_once() {
    let (master, slave) = pty();
    let before = tcgetattr(&slave).unwrap();
    let guard = Guard::enter(slave.as_fd(), ALL).unwrap();
    assert!(!tcgetattr(&slave).unwrap().local_modes.contains(LocalModes::ICANON));
    drop(guard);
    same(&tcgetattr(&slave).unwrap(), &before);
    let got = read_until(&master, "\x1b[23;0t");
    assert!(got.contains("\x1b[?1049h") && got.contains("\x1b[=5;1u") && got.contains("\x1b[?1006h"));
    assert!(got.ends_with(std::str::from_utf8(&leave()).unwrap()));
    assert_eq!(got.matches("\x1b[?1049l").count(), 1);
}

#[test]
fn a_terminal_that_keeps_no_title_has_none_of_ours_in_the_end() {
    let (master, slave) = pty();
    let guard = Guard::enter(slave.as_fd(), ALL).unwrap();
    guard.keep_title(None);
    guard.keep_title(Some("urxvt"));
    guard.keep_shape(2);
    drop(guard);
    read_until(&master, "\x1b[23;0t\x1b[2 q\x1b]2;urxvt\x1b\\");
}

#[test]
fn marks_do_not_reach_a_terminal_that_puts_them_into_the_next_cell() {
    let widths = Widths { vs16: Some(1), joined: Some(false), toned: Some(false), bare: true };
    let mut t = Screen::new(8, 1, Able { widths, ..Able::default() });
    t.forget();
    let bytes = t.frame(|cells, _| {
        cells.set_string(0, 0, "e\u{301}x1\u{fe0f}\u{20e3}|", Style::new());
        Painted::default()
    });
    let got = String::from_utf8(bytes).unwrap();
    assert!(!got.contains(['\u{301}', '\u{fe0f}', '\u{20e3}']), "{got:?}");
    // Both columns of the keycap are blanked, and what follows is placed.
    let mut p = vt100::Parser::new(1u16.try_into().unwrap(), 8u16.try_into().unwrap(), 0);
    p.process(got.as_bytes());
    assert_eq!(p.screen().contents(), "ex1 |");
}

#[test]
fn what_a_killed_client_left_raw_becomes_sane_after_the_next() {
    let (_master, slave) = pty();
    let before = tcgetattr(&slave).unwrap();
    std::mem::forget(Guard::enter(slave.as_fd(), ALL).unwrap()); // as kill -9 would
    drop(Guard::enter(slave.as_fd(), ALL).unwrap());
    let after = tcgetattr(&slave).unwrap();
    assert!(after.local_modes.contains(before.local_modes) && after.output_modes.contains(before.output_modes));
}

#[test]
fn a_panic_gives_the_terminal_back_before_it_is_told() {
    let (master, slave) = pty();
    let before = tcgetattr(&slave).unwrap();
    let inner = slave.try_clone().unwrap();
    let died = std::thread::spawn(move || {
        let guard = Guard::enter(inner.as_fd(), ALL).unwrap();
        std::mem::forget(guard); // not even a destructor runs
        panic!("on purpose");
    })
    .join();
    assert!(died.is_err());
    same(&tcgetattr(&slave).unwrap(), &before);
    let got = read_until(&master, "\x1b[23;0t");
    assert!(got.contains("\x1b[?1003l") && got.contains("\x1b[?1049l") && got.contains("\x1b[?25h"));
}

#[test]
fn a_panic_elsewhere_leaves_the_screen_alone() {
    let (_master, slave) = pty();
    let guard = Guard::enter(slave.as_fd(), ALL).unwrap();
    assert!(std::thread::spawn(|| panic!("on purpose")).join().is_err());
    assert!(!tcgetattr(&slave).unwrap().local_modes.contains(LocalModes::ICANON));
    drop(guard);
}

#[test]
fn reset_undoes_all_modes() {
    let reset = String::from_utf8(reset_sequences()).unwrap();
    for part in ["?1049l", "?1003l", "?1006l", "?2004l", "?1004l", "=0;1u", "?25h", "?2026l", "?7h"] {
        assert!(reset.contains(part), "{part}");
    }
}

fn able(depth: Depth) -> Able {
    Able { depth, sync: true, scroll: true, ..Able::default() }
}

fn terminal(cols: u16, rows: u16, depth: Depth) -> Screen {
    Screen::new(cols, rows, able(depth))
}

fn frame(t: &mut Screen, f: impl FnOnce(&mut Buffer)) -> String {
    frame_with(t, |b, _| f(b))
}

/// All rows may move.
fn frame_with(t: &mut Screen, f: impl FnOnce(&mut Buffer, &mut Extras)) -> String {
    let bytes = t.frame(|b, e| {
        f(b, e);
        Painted { cursor: None, rolls: vec![b.area] }
    });
    String::from_utf8(bytes).unwrap()
}

#[test]
fn a_frame_without_changes_writes_nothing() {
    let mut t = terminal(20, 4, Depth::True);
    let write = |b: &mut Buffer| {
        b.set_string(0, 0, "hello", Style::new().fg(Color::Rgb(1, 2, 3)).add_modifier(Modifier::BOLD));
    };
    let first = frame(&mut t, write);
    assert!(first.starts_with("\x1b[?2026h") && first.ends_with("\x1b[?2026l"), "{first:?}");
    assert!(first.contains("\x1b[0;1;38;2;1;2;3mhello"), "{first:?}");
    assert_eq!(frame(&mut t, write), "");
    let second = frame(&mut t, |b| {
        write(b);
        b.set_string(4, 0, "!", Style::new().fg(Color::Rgb(1, 2, 3)).add_modifier(Modifier::BOLD));
    });
    assert_eq!(second, "\x1b[?2026h\x1b[1;5H!\x1b[?2026l", "the look is still the same");
}

#[test]
fn colours_are_within_what_the_terminal_shows() {
    for (depth, want) in [(Depth::True, "38;2;122;162;247"), (Depth::Palette256, "38;5;"), (Depth::Ansi16, "94"), (Depth::None, "")] {
        let mut t = terminal(10, 2, depth);
        let got = frame(&mut t, |b| {
            b.set_string(0, 0, "x", Style::new().fg(Color::Rgb(122, 162, 247)));
        });
        assert!(got.contains(want), "{got:?}");
        assert!(depth != Depth::None || !got.contains("38"), "{got:?}");
    }
}

#[test]
fn after_a_doubtful_cell_the_cursor_is_placed_anew() {
    let mut t = terminal(20, 2, Depth::True);
    let got = frame(&mut t, |b| {
        b.set_string(0, 0, "a⚠\u{fe0f}b", Style::new());
    });
    assert!(got.contains("\x1b[1;2H⚠\u{fe0f}\x1b[1;4H"), "{got:?}");
    // What stands right of it is drawn after it, changed or not; and nothing when it did not change.
    let again = frame(&mut t, |b| {
        b.set_string(0, 0, "a✔\u{fe0f}b", Style::new());
    });
    assert!(again.contains('b') && !again.contains('a'), "{again:?}");
    assert_eq!(
        frame(&mut t, |b| {
            b.set_string(0, 0, "a✔\u{fe0f}b", Style::new());
        }),
        ""
    );
}

#[test]
fn the_letters_of_a_flag_go_together() {
    let mut t = terminal(20, 2, Depth::True);
    let flags = |b: &mut Buffer, letters: &[&str]| {
        for (x, letter) in (1..).zip(letters) {
            b[(x, 0)].set_symbol(letter);
        }
        b.set_string(0, 0, "a", Style::new());
        b.set_string(8, 0, "z", Style::new());
    };
    let got = frame(&mut t, |b| flags(b, &["🇩", "🇪", " ", "🇯", "🇵", "🇫", "🇷"]));
    for (place, flag) in [("\x1b[1;2H", "🇩🇪"), ("\x1b[1;5H", "🇯🇵"), ("\x1b[1;7H", "🇫🇷")] {
        assert!(got.contains(&format!("{place}  {place}{flag}")), "{flag}: {got:?}");
    }
    // The second one changes alone: both are drawn anew, and nothing before them.
    let got = frame(&mut t, |b| flags(b, &["🇩", "🇰", " ", "🇯", "🇵", "🇫", "🇷"]));
    assert!(got.contains("🇩🇰") && got.matches('a').count() <= 1, "{got:?}");
}

#[test]
fn where_the_width_is_known_no_more_is_written_than_fits() {
    let mut t =
        Screen::new(20, 2, Able { widths: Widths { vs16: Some(2), joined: Some(false), toned: Some(false), bare: false }, ..able(Depth::True) });
    let got = frame(&mut t, |b| {
        b.set_string(0, 0, "⚠\u{fe0f}b👩\u{200d}👧c", Style::new());
    });
    assert!(got.contains("⚠\u{fe0f}b👩c"), "{got:?}");
}

#[test]
fn kinds_of_underlines_go_only_to_terminals_that_know_them() {
    let draw = |able: Able| {
        let mut t = Screen::new(20, 2, able);
        frame_with(&mut t, |b, e| {
            b.set_string(0, 0, "xy", Style::new().add_modifier(Modifier::UNDERLINED));
            e.set(0, 0, Extra { underline: Underline::Curly, underline_color: Paint::Rgb(1, 2, 3), overline: true, link: 0 });
        })
    };
    let plain = draw(able(Depth::True));
    assert!(plain.contains("\x1b[0;4mxy") && !plain.contains(':') && !plain.contains("53"), "{plain:?}");
    let all = draw(Able { styled_underlines: true, overline: true, ..able(Depth::True) });
    assert!(all.contains("\x1b[0;4:3;53;58:2::1:2:3mx\x1b[0;4my"), "{all:?}");
}

#[test]
fn a_link_begins_and_ends_with_its_cells() {
    let write = |b: &mut Buffer, e: &mut Extras| {
        b.set_string(0, 0, "see here now", Style::new());
        let link = e.key("one", "https://e.example/");
        (4..8).for_each(|x| e.set(x, 0, Extra { link, ..Extra::default() }));
    };
    let got = frame_with(&mut Screen::new(20, 2, Able { links: true, ..able(Depth::True) }), write);
    let (before, rest) = got.split_once("\x1b]8;id=").unwrap();
    assert!(before.ends_with("see\x1b[C"), "{got:?}");
    assert!(rest.contains(";https://e.example/\x1b\\here\x1b[C\x1b]8;;\x1b\\now"), "{got:?}");
    assert!(!frame_with(&mut terminal(20, 2, Depth::True), write).contains("]8;"));
}

#[test]
fn a_screen_that_scrolls_is_moved_by_the_terminal() {
    let lines = |from: usize| {
        move |b: &mut Buffer| {
            (0..40).for_each(|y| {
                b.set_string(
                    0,
                    y as u16,
                    "abcdefghijklmnopqrstuvwxyz".repeat(9).chars().skip((from + y) * 7).step_by(1 + (from + y) % 5).take(60).collect::<String>(),
                    Style::new(),
                );
            })
        }
    };
    let mut outer = vt100::Parser::new(40u16.try_into().unwrap(), 80u16.try_into().unwrap(), 0);
    let mut t = terminal(80, 40, Depth::True);
    shown(&frame(&mut t, lines(0)), &mut outer);
    let moved = frame(&mut t, lines(3));
    assert!(moved.contains("\x1b[3S") && moved.len() < 400, "{} bytes: {moved:?}", moved.len());
    let got = shown(&moved, &mut outer);
    let mut want = Buffer::empty(Rect::new(0, 0, 80, 40));
    lines(3)(&mut want);
    for (y, line) in got.iter().enumerate() {
        let text: String = (0..80).map(|x| want[(x, y as u16)].symbol().to_owned()).collect();
        assert_eq!(line.trim_end(), text.trim_end());
    }
    // With something beside it that stays, held back until all of it is there.
    let beside = |from: usize| {
        move |b: &mut Buffer, _: &mut Extras| {
            lines(from)(b);
            (0..40).for_each(|y| {
                b.set_string(0, y, if y % 10 == 0 { "tree row  |" } else { "          |" }, Style::new());
            });
        }
    };
    let part = |t: &mut Screen, from| {
        let bytes = t.frame(|b, e| {
            beside(from)(b, e);
            Painted { cursor: None, rolls: vec![Rect::new(11, 0, 69, 40)] }
        });
        String::from_utf8(bytes).unwrap()
    };
    let mut halves = terminal(80, 40, Depth::True);
    let mut outer2 = vt100::Parser::new(40u16.try_into().unwrap(), 80u16.try_into().unwrap(), 0);
    shown(&part(&mut halves, 0), &mut outer2);
    let moved_part = part(&mut halves, 2);
    assert!(moved_part.contains("\x1b[2S") && moved_part.len() < 800, "{} bytes", moved_part.len());
    let got = shown(&moved_part, &mut outer2);
    assert!(got[0].starts_with("tree row  |") && got[39].starts_with("          |") && got[10].starts_with("tree row"), "{got:?}");
    let mut torn = Screen::new(80, 40, Able { sync: false, ..able(Depth::True) });
    part(&mut torn, 0);
    assert!(!part(&mut torn, 2).contains('S'), "it would be seen moving");
    let back = frame(&mut t, lines(1));
    assert!(back.contains("\x1b[2T"), "{back:?}");
    let mut whole = Screen::new(80, 40, Able { scroll: false, ..able(Depth::True) });
    frame(&mut whole, lines(0));
    let without = frame(&mut whole, lines(3));
    assert!(without.len() > 4 * moved.len() && !without.contains('S'), "{} and {}", without.len(), moved.len());
}

#[test]
fn what_is_learned_late_is_drawn_again_where_it_matters() {
    let mut t = terminal(20, 2, Depth::Palette256);
    let write = |b: &mut Buffer| {
        b.set_string(0, 0, "plain", Style::new());
        b.set_string(6, 0, "deep", Style::new().fg(Color::Rgb(1, 2, 3)));
    };
    frame(&mut t, write);
    t.learn(able(Depth::True));
    let got = frame(&mut t, write);
    assert!(got.contains("38;2;1;2;3mdeep") && !got.contains("plain") && !got.contains("2J"), "{got:?}");
}

#[test]
fn no_control_character_leaves_a_cell() {
    let mut t = terminal(40, 1, Depth::True);
    let got = frame(&mut t, |b| {
        b[(0, 0)].set_symbol("\x1b]52;c;aGk=\x07");
        b[(30, 0)].set_symbol("\u{9b}31m");
    });
    assert!(got.contains('\u{fffd}') && !got.contains('\u{9b}') && !got.contains("52;c"), "{got:?}");
}

/// The grid that results when a terminal takes the bytes.
fn shown(bytes: &str, parser: &mut vt100::Parser) -> Vec<String> {
    parser.process(bytes.as_bytes());
    parser.screen().rows(0, parser.screen().size().1.get()).collect()
}

/// Column, row, text, colour, attributes.
type Written = (u16, u16, String, u8, u16);

/// Draws the frames and compares, cell by cell, what a terminal makes of them.
fn draws(t: &mut Screen, frames: &[Vec<Written>]) -> Result<(), TestCaseError> {
    let mut outer = vt100::Parser::new(8u16.try_into().unwrap(), 30u16.try_into().unwrap(), 0);
    for texts in frames {
        let mut want = Buffer::empty(Rect::new(0, 0, 30, 8));
        let write = |b: &mut Buffer| {
            for (x, y, text, color, bits) in texts {
                let style = Style::new().fg(Color::Indexed(*color)).add_modifier(
                    Modifier::from_bits_truncate(*bits) & (Modifier::BOLD | Modifier::ITALIC | Modifier::UNDERLINED | Modifier::REVERSED),
                );
                b.set_string(*x, *y, text, style);
            }
        };
        write(&mut want);
        let bytes = frame(t, write);
        let got = shown(&bytes, &mut outer);
        for y in 0..8u16 {
            let mut line = String::new();
            let mut x = 0;
            while x < 30 {
                let symbol = want[(x, y)].symbol();
                line.push_str(symbol);
                x += copilot_tui::base::text::width(symbol).max(1) as u16;
            }
            prop_assert_eq!(got[usize::from(y)].trim_end(), line.trim_end());
            for x in 0..30 {
                let (cell, theirs) = (&want[(x, y)], outer.screen().cell(y, x).unwrap());
                if theirs.has_contents() && cell.symbol() != " " {
                    prop_assert_eq!(theirs.bold(), cell.modifier.contains(Modifier::BOLD));
                    prop_assert_eq!(theirs.inverse(), cell.modifier.contains(Modifier::REVERSED));
                    let Color::Indexed(n) = cell.fg else { continue };
                    prop_assert_eq!(theirs.fgcolor(), vt100::Color::Idx(n));
                }
            }
        }
    }
    Ok(())
}

proptest! {
    #[test]
    fn a_terminal_shows_what_was_drawn(frames in prop::collection::vec(prop::collection::vec((0u16..30, 0u16..8, "[a-z中é ]{1,6}", 0u8..16, any::<u16>()), 0..12), 1..8)) {
        draws(&mut terminal(30, 8, Depth::True), &frames)?;
    }

    #[test]
    fn rows_painted_alone_come_out_like_whole_frames(
        steps in prop::collection::vec((prop::collection::vec((2u16..6, "[a-d中é ]{0,14}"), 1..4), any::<bool>()), 1..12),
    ) {
        // A pane of 16 columns from column 5 on, with something to its left and right that never changes.
        let mut t = terminal(30, 8, Depth::True);
        let mut outer = vt100::Parser::new(8u16.try_into().unwrap(), 30u16.try_into().unwrap(), 0);
        let mut lines = vec![String::new(); 8];
        let put = |b: &mut Buffer, y: u16, line: &str| {
            (5..21).for_each(|x| b[(x, y)].reset());
            b.set_stringn(5, y, line, 16, Style::new().fg(Color::Indexed(3)));
        };
        let whole = |lines: &[String], b: &mut Buffer| {
            for (y, line) in (0u16..).zip(lines) {
                b.set_string(0, y, "left|", Style::new());
                put(b, y, line);
                b.set_string(21, y, "|right", Style::new());
            }
        };
        shown(&frame(&mut t, |b| whole(&lines, b)), &mut outer);
        shown(&frame(&mut t, |b| whole(&lines, b)), &mut outer);
        for (changes, alone) in steps {
            for (y, line) in &changes {
                lines[usize::from(*y)] = line.clone();
            }
            let areas: Vec<Rect> = changes.iter().map(|(y, _)| Rect::new(5, *y, 16, 1)).collect();
            let paint = |b: &mut Buffer, _: &mut Extras| areas.iter().for_each(|a| put(b, a.y, &lines[usize::from(a.y)]));
            let bytes = match alone.then(|| t.part(&areas, Some((7, 3)), paint)).flatten() {
                Some(bytes) => String::from_utf8(bytes).unwrap(),
                None => frame(&mut t, |b| whole(&lines, b)),
            };
            let got = shown(&bytes, &mut outer);
            for (y, line) in lines.iter().enumerate() {
                let mut want = Buffer::empty(Rect::new(0, 0, 30, 1));
                whole(std::slice::from_ref(line), &mut want);
                let text: String = (0..30).map(|x| want[(x, 0)].symbol()).collect::<String>();
                // The second half of a wide cell is a blank of its own in the buffer.
                prop_assert_eq!(got[y].replace(' ', ""), text.replace(' ', ""));
            }
        }
        // A whole frame of the same writes nothing more.
        let again = frame(&mut t, |b| whole(&lines, b));
        prop_assert!(again.replace("\x1b[?25l", "").len() < 400 && !again.contains("left"), "{again:?}");
    }

    #[test]
    fn a_terminal_shows_what_was_drawn_also_when_rows_move(lines in prop::collection::vec("[a-d中]{1,20}", 20..60), steps in prop::collection::vec(0usize..30, 2..10)) {
        let frames: Vec<_> = steps.iter().map(|from| {
            (0..8u16).filter_map(|y| Some((0, y, lines.get(from + usize::from(y))?.clone(), 3u8, 0u16))).collect()
        }).collect();
        draws(&mut terminal(30, 8, Depth::True), &frames)?;
    }
}

#[test]
fn parts_that_stand_beside_each_other_are_all_drawn() {
    let mut t = terminal(19, 2, Depth::True);
    let mut outer = vt100::Parser::new(2u16.try_into().unwrap(), 19u16.try_into().unwrap(), 0);
    let put = |b: &mut Buffer, text: &str| [0, 10].map(|x| b.set_string(x, 0, text, Style::new()));
    let whole = |b: &mut Buffer| {
        put(b, "aaaaaaaaa");
        b.set_string(9, 0, "|", Style::new());
    };
    for _ in 0..2 {
        shown(&frame(&mut t, whole), &mut outer);
    }
    // One session in two panes.
    let parts = [Rect::new(0, 0, 9, 1), Rect::new(10, 0, 9, 1)];
    let bytes = t.part(&parts, None, |b, _| _ = put(b, "bbbbbbbbb")).unwrap();
    assert_eq!(shown(&String::from_utf8(bytes).unwrap(), &mut outer)[0], "bbbbbbbbb|bbbbbbbbb");
}

#[test]
fn what_may_get_into_the_cell_before_a_part_is_drawn_with_the_whole() {
    let mut t = terminal(19, 2, Depth::True);
    for style in [Style::new().add_modifier(Modifier::UNDERLINED), Style::new()] {
        frame(&mut t, |b| b.set_string(0, 0, "ab", style));
    }
    let part = |t: &mut Screen, text: &str| t.part(&[Rect::new(1, 0, 9, 1)], None, |b, _| b.set_string(1, 0, text, Style::new()));
    assert!(part(&mut t, "c").is_some());
    assert!(part(&mut t, "\u{1f1e9}\u{1f1ea}").is_none());
}
