//! The modes the client switches on in the outer terminal, and off again. Bytes only; must not write them.

use crossterm::cursor::{SetCursorStyle, Show};
use crossterm::queue;
use crossterm::style::{Attribute, SetAttribute};
use crossterm::terminal::{EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen};

/// Kitty keyboard flags asked for: tell keys apart, tell releases, tell the other characters of a key.
pub const KITTY_FLAGS: u8 = 0b111;

/// Which of the optional modes are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Wanted {
    /// Clicks, drags, motion and the wheel.
    pub mouse: bool,
    /// The kitty keyboard protocol; only for a terminal that speaks it.
    pub kitty: bool,
}

/// To the alternate screen, with the title kept for later.
pub fn enter(wanted: Wanted) -> Vec<u8> {
    let mut out = b"\x1b[22;0t".to_vec();
    let _ = queue!(out, EnterAlternateScreen); // writing to a Vec does not fail
    out.extend(assert(wanted));
    out
}

/// All modes once more, without effect where they are on. Autowrap is off: a cell that the terminal draws wider than we
/// thought then stays in its row.
pub fn assert(wanted: Wanted) -> Vec<u8> {
    let mut out = b"\x1b[?2004h\x1b[?1004h\x1b[?2031h\x1b[?7l".to_vec();
    out.extend(if wanted.mouse { MOUSE_ON } else { MOUSE_OFF });
    if wanted.kitty {
        // Set, not push: said twice it is the same.
        out.extend(format!("\x1b[={KITTY_FLAGS};1u").as_bytes());
    }
    out
}

const MOUSE_ON: &[u8] = b"\x1b[?1000h\x1b[?1002h\x1b[?1003h\x1b[?1006h";
const MOUSE_OFF: &[u8] = b"\x1b[?1003l\x1b[?1002l\x1b[?1000l\x1b[?1006l";

/// Back to how a shell expects the terminal, from whatever state.
pub fn leave() -> Vec<u8> {
    let mut out = b"\x1b\\".to_vec(); // ends a string that was cut off
    let _ = queue!(out, EndSynchronizedUpdate, SetCursorStyle::DefaultUserShape);
    out.extend(MOUSE_OFF);
    out.extend(b"\x1b[?2004l\x1b[?1004l\x1b[?2031l\x1b[=0;1u\x1b[?7h");
    let _ = queue!(out, SetAttribute(Attribute::Reset), Show, LeaveAlternateScreen);
    out.extend(b"\x1b[23;0t");
    out
}

/// What `copilot-tui reset` writes: everything of [`leave`], and what a pane's program could have left behind.
pub fn reset_sequences() -> Vec<u8> {
    let mut out = leave();
    // The main screen has keyboard flags of its own; cursor and keypad keys, character set, scroll region, insert mode.
    out.extend(b"\x1b[=0;1u\x1b[?1l\x1b>\x1b(B\x0f\x1b[r\x1b[4l\x1b[0m\x1b[?25h\r\n");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_switched_on_is_switched_off() {
        let on = String::from_utf8(enter(Wanted { mouse: true, kitty: true })).unwrap();
        let off = String::from_utf8(leave()).unwrap();
        let mut checked = 0;
        for part in on.split('\x1b').filter_map(|s| s.strip_prefix("[?")) {
            let want = if let Some(n) = part.strip_suffix('h') {
                format!("\x1b[?{n}l")
            } else {
                part.strip_suffix('l').map(|n| format!("\x1b[?{n}h")).unwrap()
            };
            assert!(off.contains(&want), "{want:?} is missing");
            checked += 1;
        }
        assert!(checked >= 8, "{on:?}");
        assert!(on.contains("\x1b[=7;1u") && off.contains("\x1b[=0;1u"));
        assert!(!String::from_utf8(assert(Wanted::default())).unwrap().contains("1003h"));
    }
}
