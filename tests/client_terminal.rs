//! The outer terminal is given back as it was, whatever happens; frames are small and harmless.

use copilot_tui::client::guard::Guard;
use copilot_tui::client::modes::{Wanted, leave, reset_sequences};
use copilot_tui::client::screen::{Screen, mend};
use copilot_tui::config::Depth;
use proptest::prelude::*;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};
use ratatui::{Terminal, TerminalOptions, Viewport};
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

const ALL: Wanted = Wanted { mouse: true, kitty: true };

#[test]
fn the_guard_gives_the_terminal_back_once() {
    let (master, slave) = pty();
    let before = tcgetattr(&slave).unwrap();
    let guard = Guard::enter(slave.as_fd(), ALL).unwrap();
    assert!(!tcgetattr(&slave).unwrap().local_modes.contains(LocalModes::ICANON));
    drop(guard);
    same(&tcgetattr(&slave).unwrap(), &before);
    let got = read_until(&master, "\x1b[23;0t");
    assert!(got.contains("\x1b[?1049h") && got.contains("\x1b[=7;1u") && got.contains("\x1b[?1006h"));
    assert!(got.ends_with(std::str::from_utf8(&leave()).unwrap()));
    assert_eq!(got.matches("\x1b[?1049l").count(), 1);
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

fn terminal(cols: u16, rows: u16, depth: Depth) -> Terminal<Screen> {
    let mut screen = Screen::new(cols, rows, depth);
    screen.learn(depth, true);
    Terminal::with_options(screen, TerminalOptions { viewport: Viewport::Fullscreen }).unwrap()
}

fn frame(t: &mut Terminal<Screen>, f: impl FnOnce(&mut Buffer)) -> String {
    t.draw(|frame| {
        f(frame.buffer_mut());
        mend(frame.buffer_mut());
    })
    .unwrap();
    String::from_utf8(t.backend_mut().take()).unwrap()
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
    // What stands right of it is drawn again with the next frame, changed or not.
    let again = frame(&mut t, |b| {
        b.set_string(0, 0, "a⚠\u{fe0f}b", Style::new());
    });
    assert!(again.contains('b') && !again.contains('a'), "{again:?}");
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

proptest! {
    #[test]
    fn a_terminal_shows_what_was_drawn(frames in prop::collection::vec(prop::collection::vec((0u16..30, 0u16..8, "[a-z中é ]{1,6}", 0u8..16, any::<u16>()), 0..12), 1..8)) {
        let mut t = terminal(30, 8, Depth::True);
        let mut outer = vt100::Parser::new(8u16.try_into().unwrap(), 30u16.try_into().unwrap(), 0);
        for texts in frames {
            let mut want = Buffer::empty(Rect::new(0, 0, 30, 8));
            let write = |b: &mut Buffer| {
                for (x, y, text, color, bits) in &texts {
                    let style = Style::new().fg(Color::Indexed(*color)).add_modifier(Modifier::from_bits_truncate(*bits) & (Modifier::BOLD | Modifier::ITALIC | Modifier::UNDERLINED | Modifier::REVERSED));
                    b.set_string(*x, *y, text, style);
                }
            };
            write(&mut want);
            let bytes = frame(&mut t, write);
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
    }
}
