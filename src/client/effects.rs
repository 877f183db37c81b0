//! What the app wants, carried out: messages, clipboard, notices, settings. Must not decide any of it.

use super::clip_task::{self, Copied};
use super::mail::Letter;
use super::shell::{Shell, env};
use super::{clipboard, modes, notify};
use crate::app::{Effect, Input};
use crate::base::Now;
use crate::base::text::safe_line;
use crate::config::load_all;
use crate::wire::message::Level;
use crate::wire::{ClientMsg, ServerMsg};

impl Shell {
    pub(super) fn input(&mut self, input: Input) {
        let effects = self.face.update(input, Now::read());
        self.carry_out(effects);
    }

    pub(super) fn carry_out(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                // The next rows may come when these are seen.
                Effect::Send(ClientMsg::Ack { seq }) => {
                    self.acks.push(seq);
                    self.dirty = true;
                }
                Effect::Send(message) => {
                    self.typed |= matches!(message, ClientMsg::Input { .. });
                    self.send(&message);
                }
                Effect::Quit(message) => self.leave(message, 0),
                Effect::Copy(text) => self.copy(text),
                Effect::Open(what) => self.open_outside(what),
                Effect::Notify { notification, again } => {
                    let by = self.face.loaded().config.notifications.outer;
                    self.outbox.extend(notify::bytes(by, &self.caps, &notification, again));
                }
                Effect::Unnotify(id) => {
                    let by = self.face.loaded().config.notifications.outer;
                    self.outbox.extend(notify::close(by, &self.caps, id));
                }
                Effect::Suspend => self.stop(),
                Effect::SetTitle(title) => self.set_title(&title),
                Effect::ReloadConfig => {
                    if !self.reload() {
                        self.tell_person(Level::Info, "settings read: nothing has changed", "");
                    }
                }
                Effect::Redraw => self.dirty = true,
            }
        }
    }

    pub(super) fn tell_person(&mut self, level: Level, title: &str, text: &str) {
        let (title, text) = (title.to_owned(), text.to_owned());
        self.input(Input::Server(ServerMsg::Notice { level, session: None, title, text }));
    }

    fn copy(&mut self, text: String) {
        let how = self.face.loaded().config.ui.clipboard;
        let started = self.tell.aside(move || {
            let path = env("PATH").unwrap_or_default();
            let ways = clipboard::ways(how, &env, &|name| clipboard::find_on_path(&path, name), &clipboard::listening);
            let how = clip_task::copy(&ways, &text);
            Letter::Copied(text, how)
        });
        if let Err(e) = started {
            self.input(Input::ClipboardDone { ok: false, how: e.to_string() });
        }
    }

    fn open_outside(&mut self, what: crate::app::Open) {
        let started = self.tell.aside(move || {
            let path = env("PATH").unwrap_or_default();
            let find = |name: &str| clipboard::find_on_path(&path, name);
            let around = super::opening::Around { env: &env, find: &find, alive: &clipboard::listening };
            Letter::Opened(super::opening::open(&around, what))
        });
        if let Err(e) = started {
            self.tell_person(Level::Error, "nothing could be opened", &e.to_string());
        }
    }

    pub(super) fn copied(&mut self, text: &str, how: Copied) {
        let (ok, how) = match how {
            Copied::By(name) => (true, name.to_owned()),
            Copied::Failed(why) => (false, why),
            Copied::AskTerminal => match clipboard::osc52(text) {
                Some(bytes) => {
                    self.outbox.extend(bytes);
                    (true, "OSC 52".to_owned())
                }
                None => (false, "the text is too long".to_owned()),
            },
        };
        self.input(Input::ClipboardDone { ok, how });
    }

    pub(super) fn set_title(&mut self, title: &str) {
        if !title.is_empty() {
            self.outbox.extend(format!("\x1b]2;{}\x1b\\", safe_line(title, 120)).as_bytes());
        }
    }

    /// Reads the settings; false when they are as they were.
    pub(super) fn reload(&mut self) -> bool {
        let Some(folder) = &self.config else { return false };
        let loaded = load_all(folder);
        let mouse = loaded.config.ui.mouse;
        let Some(effects) = self.face.reload(loaded, Now::read()) else { return false };
        if mouse != self.wanted.mouse {
            self.wanted.mouse = mouse;
            self.outbox.extend(modes::assert(self.wanted));
        }
        self.carry_out(effects);
        self.dirty = true;
        self.face.changed();
        true
    }
}
