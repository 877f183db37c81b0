//! The outer terminal's part of the loop: what it is asked and answers, modes asserted, given to the shell for a while and
//! taken back. Must not know keys, the server or what is drawn.

use super::able::Able;
use super::input::Reply;
use super::mail::Told;
use super::modes::{self, Wanted};
use super::probe;
use super::shell::Shell;
use super::tty::terminal_size;
use crate::app::Input;
use crate::wire::message::OuterColors;
use std::time::{Duration, Instant};

/// Modes are asserted again because of legacy input at most this often.
const ASSERT_AGAIN: Duration = Duration::from_secs(1);

impl Shell {
    pub(super) fn reply(&mut self, reply: &Reply) {
        let news = self.caps.learn(reply);
        if self.proof.lost(reply, self.wanted) {
            self.assert_again();
        }
        match reply {
            Reply::Device(_) => self.probed(),
            // The scheme changed: the colours have, too. While answers are under way it is one of them.
            Reply::Scheme { .. } if self.timers.owed.is_none() => self.probe(probe::color_queries()),
            _ if news && self.timers.probe.is_none() => self.learned(),
            _ => {}
        }
    }

    pub(super) fn probe(&mut self, questions: Vec<u8>) {
        self.tokens.expect_replies(true);
        self.timers.probe = Some(Instant::now() + Duration::from_millis(probe::WAIT_MS));
        self.timers.owed = Some(Instant::now() + Duration::from_millis(probe::OWED_MS));
        self.outbox.extend(questions);
    }

    /// All answers are here.
    pub(super) fn probed(&mut self) {
        self.answers = true;
        self.timers.probe = None;
        self.timers.owed = None;
        self.tokens.expect_replies(false);
        self.learned();
    }

    /// Answers that come before the terminal is quiet, with the one to a last question: none when it never answers.
    pub(super) fn owed(&self) -> usize {
        // What waits to be written is dropped when leaving; a question in it is not asked any more.
        let asked = self.timers.owed.is_some() && !self.outbox.ends_with(probe::FENCE);
        match (asked, self.answers) {
            (true, _) => 2,
            (false, answers) => usize::from(answers),
        }
    }

    /// Gives the terminal to the shell and stops; when continued, takes it back.
    pub(super) fn stop(&mut self) {
        let owed = self.owed();
        self.outbox.clear();
        self.written = 0;
        self.guard.pause(owed);
        self.timers.owed = None;
        self.tokens.expect_replies(false);
        // SIGSTOP, because SIGTSTP is what led here. This call returns when somebody continues the program.
        let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::STOP);
        self.outbox.extend(modes::KEEP_TITLE.bytes()); // the shell has its own again
        self.back();
    }

    /// Whatever had the terminal meanwhile: it is ours again.
    pub(super) fn back(&mut self) {
        let _ = self.guard.raw();
        // The signal that led here, or to here, and another size meanwhile: all that is seen to now, once.
        self.mail.settled(&[Told::Continued, Told::Resized]);
        self.outbox.extend(modes::SCREEN.bytes());
        self.resized();
    }

    pub(super) fn learned(&mut self) {
        let wanted = Wanted { kitty: self.caps.kitty, ..self.wanted };
        if wanted != self.wanted {
            self.wanted = wanted;
            self.outbox.extend(modes::assert(wanted));
        }
        self.guard.keep_shape(self.caps.shape_before());
        self.screen.learn(Able::from(&self.caps));
        self.face.learned(&self.caps);
        self.face.tells_releases(wanted.kitty && wanted.releases);
        self.say_colors();
        self.dirty = true;
        self.face.changed();
    }

    /// Keys tell what the program in front is to be told, and no more.
    pub(super) fn follow_keys(&mut self) {
        let releases = self.face.wants_releases();
        if releases != self.wanted.releases {
            self.wanted.releases = releases;
            self.outbox.extend(modes::keys(self.wanted));
            self.face.tells_releases(self.wanted.kitty && releases);
        }
    }

    pub(super) fn say_colors(&mut self) {
        if self.caps.fg.is_some() || self.caps.bg.is_some() {
            let colors = OuterColors { fg: self.caps.fg, bg: self.caps.bg, palette: self.caps.palette.clone() };
            self.input(Input::Colors(colors));
        }
    }

    /// The terminal may have forgotten its modes (VS Code does when its window is reloaded): all of them again, and
    /// everything drawn anew, and the title.
    pub(super) fn assert(&mut self) {
        self.last_assert = Some(Instant::now());
        self.outbox.extend(modes::assert(self.wanted));
        self.redraw_all();
        let title = self.face.title().to_owned();
        self.set_title(&title);
    }

    pub(super) fn assert_again(&mut self) {
        if self.last_assert.is_none_or(|at| at.elapsed() >= ASSERT_AGAIN) {
            self.assert();
        }
    }

    pub(super) fn redraw_all(&mut self) {
        self.screen.forget();
        self.dirty = true;
        self.face.changed();
    }

    pub(super) fn resized(&mut self) {
        let size = terminal_size(&self.tty);
        self.screen.resize(size.cols, size.rows);
        self.assert();
        self.input(Input::Resize(size));
    }

    /// The terminal told that it got the focus: it may have been another's screen meanwhile. Setting modes makes some terminals
    /// tell the focus once more; that is no news.
    pub(super) fn focused(&mut self) {
        if self.last_assert.is_none_or(|at| at.elapsed() >= ASSERT_AGAIN) {
            self.last_assert = Some(Instant::now());
            self.outbox.extend(modes::assert_focused(self.wanted));
            self.redraw_all();
            let title = self.face.title().to_owned();
            self.set_title(&title);
        }
    }
}
