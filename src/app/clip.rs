//! Programs in panes that want to set the clipboard: the person is asked, and the answer is kept for the pane while this
//! client runs. Nothing takes the keys by itself: a notice names the keys that answer. Must not know how text gets into a
//! clipboard.

use super::App;
use super::dialog::STANDS_MS;
use super::io::Effect;
use crate::base::text::safe_line;
use crate::base::{Now, SessionId};
use crate::command::Cmd;
use crate::config::keys_label;
use crate::wire::message::Level;
use std::collections::HashMap;

/// Most bytes a pane may put in the clipboard.
pub const MOST: usize = 100 << 10;
/// Columns of it that are shown.
const PREVIEW: usize = 60;
/// A wish is forgotten after so long, in milliseconds.
const WAITS_MS: u64 = 60_000;
/// Answers kept, in sessions; more than anybody has on a screen.
const KEPT: usize = 1024;

/// What panes want, and what they may.
#[derive(Debug, Clone, Default)]
pub struct ClipWishes {
    wish: Option<Wish>,
    answers: HashMap<SessionId, bool>,
}

#[derive(Debug, Clone)]
struct Wish {
    session: SessionId,
    text: String,
    /// Since when it stands as it is.
    since: u64,
}

impl ClipWishes {
    fn take(&mut self, now: Now) -> Option<Wish> {
        self.wish.take().filter(|w| now.mono_ms < w.since + WAITS_MS)
    }

    /// Sessions are gone.
    pub(super) fn forget(&mut self, id: &SessionId) {
        self.answers.remove(id);
        self.wish.take_if(|w| w.session == *id);
    }
}

fn size(bytes: usize) -> String {
    match bytes {
        0..1024 => format!("{bytes} bytes"),
        n => format!("{:.1} KiB", n as f64 / 1024.0),
    }
}

impl App {
    /// A program in a pane set the clipboard (OSC 52).
    pub(super) fn clipboard_wish(&mut self, session: SessionId, text: String, out: &mut Vec<Effect>) {
        // Only the pane that has the keys may ask.
        if self.tabs.focused_session() != Some(&session) {
            return self.note(Level::Info, "a pane in the background wanted to set the clipboard: refused", "");
        }
        let who = self.mirror.get(&session).map(|s| format!("#{} {}", s.number, s.name)).unwrap_or_default();
        if text.len() > MOST {
            let why = format!("{} is more than {}", size(text.len()), size(MOST));
            return self.note(Level::Info, &format!("{who} wanted to set the clipboard: refused"), &why);
        }
        match self.clip.answers.get(&session) {
            Some(true) => return out.push(Effect::Copy(text)),
            Some(false) => return,
            None => {}
        }
        let key = |cmd| self.config.keymap.keys_for(cmd).first().map_or_else(|| "the palette".to_owned(), |(_, chords)| keys_label(chords));
        let (once, always, never) = (key(Cmd::ClipboardAllow), key(Cmd::ClipboardAllowAlways), key(Cmd::ClipboardDeny));
        let preview = safe_line(&text, PREVIEW);
        let title = format!("{who} wants to set your clipboard, {}: {once} allows", size(text.len()));
        self.toasts.push(Level::Attention, Some(session.clone()), &title, &format!("{always} always, {never} never:  {preview}"), 10, self.now);
        self.clip.wish = Some(Wish { session, text, since: self.now.mono_ms });
    }

    /// The person answered.
    pub(super) fn clipboard_answer(&mut self, cmd: Cmd, out: &mut Vec<Effect>) {
        let now = self.now;
        let Some(wish) = self.clip.take(now) else {
            return self.note(Level::Info, "no pane wants to set the clipboard", "");
        };
        if now.mono_ms < wish.since + STANDS_MS {
            // Another one came while the finger was on its way.
            self.clip.wish = Some(wish);
            return self.note(Level::Info, "what the pane wants has changed just now: look, then answer", "");
        }
        if self.clip.answers.len() >= KEPT {
            self.clip.answers.clear();
        }
        match cmd {
            Cmd::ClipboardDeny => {
                self.clip.answers.insert(wish.session, false);
                self.note(Level::Info, "refused; this pane will not ask again", "");
                return;
            }
            Cmd::ClipboardAllowAlways => {
                self.clip.answers.insert(wish.session, true);
            }
            _ => {}
        }
        out.push(Effect::Copy(wish.text));
    }
}
