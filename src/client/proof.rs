//! Whether the terminal still has the modes it was given. VS Code forgets some when its window is reloaded, and the title, and
//! which text was a link; and tells nobody. So it is asked now and then, behind a frame that is written anyway: nothing wakes for
//! it. Must not write, nor know what is drawn.

use super::input::Reply;
use super::modes::Wanted;
use std::time::{Duration, Instant};

/// It is asked at most this often; half as often after each question that was not answered.
const EVERY: Duration = Duration::from_secs(2);
/// Questions without an answer that make the next one rarer: every two minutes then.
const SILENT: u32 = 6;
/// An answer is expected this long.
const PATIENCE: Duration = Duration::from_secs(3);
/// A terminal that is wrong so often in a row does not take the mode at all.
const IN_VAIN: u8 = 3;

/// What was asked, and what came of it.
#[derive(Debug, Default)]
pub(super) struct Proof {
    asked: Option<Instant>,
    answered: bool,
    unanswered: u32,
    wrong: u8,
}

impl Proof {
    /// The question that goes behind a frame now: none mostly. It is about a mode that is lost with the others.
    pub fn question(&mut self, terminal: &str, wanted: Wanted, now: Instant) -> &'static [u8] {
        let due = self.asked.is_none_or(|at| now.duration_since(at) >= EVERY * 2u32.pow(self.unanswered.min(SILENT)));
        if !due || self.wrong >= IN_VAIN || !terminal.starts_with("xterm.js") {
            return b"";
        }
        let question: &[u8] = match wanted {
            Wanted { mouse: true, .. } => b"\x1b[?1006$p",
            Wanted { kitty: true, .. } => b"\x1b[?u",
            _ => return b"",
        };
        if self.asked.is_some() && !self.answered {
            self.unanswered = self.unanswered.saturating_add(1);
        }
        (self.asked, self.answered) = (Some(now), false);
        question
    }

    /// Somebody is at the terminal again: it may answer again, too.
    pub fn somebody_is_there(&mut self) {
        self.unanswered = 0;
    }

    /// An answer is under way, as far as known: a lone Esc may be its beginning.
    pub fn waits(&self, now: Instant) -> bool {
        !self.answered && self.asked.is_some_and(|at| now.duration_since(at) < PATIENCE)
    }

    /// Whether this answer says that the modes are lost.
    pub fn lost(&mut self, reply: &Reply, wanted: Wanted) -> bool {
        let have = match reply {
            Reply::Mode { mode: 1006, value } if wanted.mouse => *value == 1,
            // At the start it tells that it has such flags at all.
            Reply::KittyFlags(flags) if wanted.kitty && !self.answered => *flags != 0,
            _ => return false,
        };
        if self.asked.is_none() {
            return false;
        }
        (self.answered, self.unanswered) = (true, 0);
        self.wrong = if have { 0 } else { self.wrong.saturating_add(1) };
        !have
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOUSE: Wanted = Wanted { mouse: true, kitty: true, releases: false, keypad: false };
    const KEYS: Wanted = Wanted { mouse: false, ..MOUSE };

    #[test]
    fn only_who_forgets_is_asked_and_not_often() {
        let now = Instant::now();
        let mut p = Proof::default();
        assert!(p.question("kitty(0.40)", MOUSE, now).is_empty() && !p.waits(now));
        assert!(p.question("xterm.js(6.1)", Wanted::default(), now).is_empty());
        assert_eq!(p.question("xterm.js(6.1)", MOUSE, now), b"\x1b[?1006$p");
        assert!(p.waits(now) && !p.waits(now + PATIENCE));
        assert!(p.question("xterm.js(6.1)", MOUSE, now + EVERY / 2).is_empty());
        assert_eq!(p.question("xterm.js(6.1)", KEYS, now + EVERY), b"\x1b[?u");
        assert!(!p.lost(&Reply::KittyFlags(5), KEYS) && !p.waits(now + EVERY));
    }

    #[test]
    fn an_answer_that_was_not_asked_for_proves_nothing() {
        let mut p = Proof::default();
        assert!(!p.lost(&Reply::KittyFlags(0), KEYS) && !p.lost(&Reply::Mode { mode: 1006, value: 2 }, MOUSE));
        p.question("xterm.js(6.1)", MOUSE, Instant::now());
        assert!(!p.lost(&Reply::Mode { mode: 2026, value: 2 }, MOUSE));
        assert!(!p.lost(&Reply::Mode { mode: 1006, value: 2 }, KEYS), "the mouse was given up meanwhile");
        assert!(p.lost(&Reply::Mode { mode: 1006, value: 2 }, MOUSE));
    }

    #[test]
    fn a_terminal_that_does_not_answer_is_asked_ever_more_rarely_until_it_does() {
        let (mut p, begun) = (Proof::default(), Instant::now());
        let asks = |p: &mut Proof, s: u64| !p.question("xterm.js(6.1)", MOUSE, begun + Duration::from_secs(s)).is_empty();
        let asked: Vec<u64> = (0..500).filter(|s| asks(&mut p, *s)).collect();
        assert_eq!(asked, [0, 2, 6, 14, 30, 62, 126, 254, 382]);
        assert!(!p.lost(&Reply::Mode { mode: 1006, value: 1 }, MOUSE));
        assert!(asks(&mut p, 500) && !asks(&mut p, 501));
        // Whose window was away for long is not waited for when it is back.
        let asked: Vec<u64> = (501..700).filter(|s| asks(&mut p, *s)).collect();
        assert_eq!(asked, [502, 506, 514, 530, 562, 626]);
        p.somebody_is_there();
        assert!(asks(&mut p, 700));
    }

    #[test]
    fn a_terminal_that_never_takes_the_mode_is_left_alone() {
        let (mut p, mut now) = (Proof::default(), Instant::now());
        for _ in 0..IN_VAIN {
            assert!(!p.question("xterm.js(6.1)", MOUSE, now).is_empty());
            assert!(p.lost(&Reply::Mode { mode: 1006, value: 2 }, MOUSE));
            now += EVERY;
        }
        assert!(p.question("xterm.js(6.1)", MOUSE, now).is_empty());
    }
}
