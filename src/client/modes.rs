//! The modes the client switches on in the outer terminal, and off again: one table for both. Bytes only; must not write them.

/// Which of the optional modes are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Wanted {
    /// Clicks, drags, motion and the wheel.
    pub mouse: bool,
    /// The kitty keyboard protocol; only for a terminal that speaks it.
    pub kitty: bool,
    /// With it, releases and repeats of keys: only while the program in front is told of them. Should the client be killed then,
    /// the shell would get the release of every letter, and nobody could type `copilot-tui reset`.
    pub releases: bool,
    /// The keypad's application mode: without it st sends for Delete and Insert what else begins a mouse report, or is F1.
    pub keypad: bool,
}

/// When a mode is switched on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum When {
    /// Once, when the terminal is taken over.
    Once,
    /// Then, and whenever the terminal may have forgotten it: said twice it is the same.
    Always,
    /// As `Always`, but not after a report of the focus: it proves the mode, and switching it on makes another report.
    Focus,
    /// As `Always`, where the mouse is wanted; else switched off.
    Mouse,
    /// As `Always`, where the terminal speaks the kitty protocol.
    Kitty,
    /// Instead of `Kitty`, while releases are wanted.
    Releases,
    /// As `Always`, where it is wanted.
    Keypad,
    /// By frames, while they need it.
    Frames,
}

/// The title is kept for later. Each time it came back it is to be kept again: some terminals have none, or an older one, otherwise.
pub const KEEP_TITLE: &str = "\x1b[22;0t";

/// To the screen that is ours, cleared when the other one was shown.
pub const SCREEN: &str = "\x1b[?1049h";

/// Everything that is ever switched, in the order it is switched on; off again in the other order.
const TABLE: [(When, &str, &str); 21] = [
    (When::Once, KEEP_TITLE, "\x1b[23;0t"), // the title comes back
    (When::Once, SCREEN, "\x1b[?1049l"),
    (When::Frames, "", "\x1b[?25h"), // the cursor
    (When::Frames, "", "\x1b[m"),
    // Autowrap is off: a cell that the terminal draws wider than we thought then stays in its row.
    (When::Always, "\x1b[?7l", "\x1b[?7h"),
    (When::Always, "\x1b[?2027h", "\x1b[?2027l"), // a cluster is a cell
    (When::Always, "\x1b[?2004h", "\x1b[?2004l"), // bracketed paste
    (When::Focus, "\x1b[?1004h", "\x1b[?1004l"),  // focus
    (When::Always, "\x1b[?2031h", "\x1b[?2031l"), // news of the colour scheme
    // Keys told apart, other characters of a key; the same with kinds of events. Set, not push.
    (When::Kitty, "\x1b[=5;1u", ""),
    (When::Releases, "\x1b[=7;1u", "\x1b[=0;1u"),
    (When::Keypad, "\x1b=", "\x1b>"),
    (When::Mouse, "\x1b[?1000h", "\x1b[?1000l"),
    (When::Mouse, "\x1b[?1002h", "\x1b[?1002l"),
    (When::Mouse, "\x1b[?1003h", "\x1b[?1003l"),
    (When::Mouse, "\x1b[?1006h", "\x1b[?1006l"),
    (When::Frames, "", "\x1b[0 q"),       // shape of the cursor
    (When::Frames, "", "\x1b[r"),         // scroll region
    (When::Frames, "", "\x1b]8;;\x1b\\"), // hyperlink
    (When::Frames, "", "\x1b[?2026l"),
    (When::Frames, "", "\x1b\\"), // a string that was cut off
];

/// To the alternate screen, with the title kept for later.
pub fn enter(wanted: Wanted) -> Vec<u8> {
    on(wanted, When::Once)
}

/// All modes once more, without effect where they are on.
pub fn assert(wanted: Wanted) -> Vec<u8> {
    on(wanted, When::Always)
}

/// The same after the terminal has told that it got the focus.
pub fn assert_focused(wanted: Wanted) -> Vec<u8> {
    on(wanted, When::Focus)
}

/// What keys are to tell, alone.
pub fn keys(wanted: Wanted) -> Vec<u8> {
    on(wanted, When::Kitty)
}

fn on(wanted: Wanted, now: When) -> Vec<u8> {
    let mut out = Vec::new();
    for (when, on, off) in TABLE {
        let say = match when {
            When::Kitty if wanted.kitty && !wanted.releases => on,
            When::Releases if wanted.kitty && wanted.releases => on,
            _ if now == When::Kitty => "",
            When::Once if now == When::Once => on,
            When::Focus if now != When::Focus => on,
            When::Always => on,
            When::Mouse if wanted.mouse => on,
            When::Mouse => off,
            When::Keypad if wanted.keypad => on,
            When::Keypad | When::Once | When::Focus | When::Kitty | When::Releases | When::Frames => "",
        };
        out.extend(say.as_bytes());
    }
    out
}

/// Back to how a shell expects the terminal, from whatever state.
pub fn leave() -> Vec<u8> {
    TABLE.iter().rev().flat_map(|(_, _, off)| off.bytes()).collect()
}

/// What `copilot-tui reset` writes: everything of [`leave`], and what a pane's program could have left behind.
pub fn reset_sequences() -> Vec<u8> {
    let mut out = leave();
    // The main screen has keyboard flags of its own; cursor keys, character set, origin, insert and newline mode,
    // margins; other ways to report the mouse; keys as xterm changes them; and the flags a crashed program pushed.
    out.extend(
        b"\x1b[=0;1u\x1b[<9u\x1b[>4m\x1b[?1l\x1b(B\x0f\x1b[?6l\x1b[4l\x1b[20l\x1b[?69l\x1b[?9l\x1b[?1001l\x1b[?1005l\x1b[?1015l\x1b[?1016l\x1b[?5l\x1b[0m\x1b[?25h\r\n",
    );
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: Wanted = Wanted { mouse: true, kitty: true, releases: true, keypad: true };

    #[test]
    fn whatever_is_switched_on_is_switched_off() {
        let on = String::from_utf8(enter(ALL)).unwrap();
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
        assert!(checked >= 10, "{on:?}");
        assert!(on.contains("\x1b[=7;1u") && !on.contains("\x1b[=5;1u") && off.contains("\x1b[=0;1u"));
        assert_eq!(keys(ALL), b"\x1b[=7;1u");
        assert_eq!(keys(Wanted { releases: false, ..ALL }), b"\x1b[=5;1u");
        assert_eq!(keys(Wanted { kitty: false, ..ALL }), b"");
        assert!(on.contains("\x1b=") && off.contains("\x1b>") && !String::from_utf8(enter(Wanted::default())).unwrap().contains("\x1b="));
        assert!(!String::from_utf8(assert(Wanted::default())).unwrap().contains("1003h"));
    }

    #[test]
    fn off_is_the_other_way_round() {
        let off = String::from_utf8(leave()).unwrap();
        assert!(off.starts_with("\x1b\\\x1b[?2026l"), "strings and held frames end first");
        assert!(off.ends_with("\x1b[?1049l\x1b[23;0t"));
        // The keyboard flags of the alternate screen end while it is there.
        assert!(off.find("\x1b[=0;1u").unwrap() < off.find("\x1b[?1049l").unwrap());
        // The region homes the cursor; nothing may depend on where it stands after that.
        assert!(off.find("\x1b[r").unwrap() < off.find("\x1b[?1049l").unwrap());
    }

    #[test]
    fn saying_it_again_touches_neither_screen_nor_title() {
        let again = String::from_utf8(assert(ALL)).unwrap();
        let focused = String::from_utf8(assert_focused(ALL)).unwrap();
        assert!(again.contains("?1004h") && !focused.contains("?1004h") && focused.contains("?1006h"));
        assert!(!again.contains("1049") && !again.contains("22;0t"));
    }
}
