//! The way of a key: pending sequence, layer on top, then the focused pane. Must not know what commands do.

use super::io::Effect;
use super::modes::Layer;
use super::{App, Pending};
use crate::base::{Chord, Key, KeyCode, KeyKind, SessionId};
use crate::command::{Cmd, Scope};
use crate::config::{Lookup, keys_label};
use crate::wire::ClientMsg;
use crate::wire::message::{Level, PaneInput};

/// Most characters of one part of a paste; JSON makes at most six bytes of each byte.
const PASTE_PART: usize = 32 * 1024;
/// Largest paste that is passed on, in bytes.
const PASTE_MOST: usize = 64 * 1024 * 1024;
/// How long a key is held down at most, milliseconds.
const HELD_MS: u64 = 1000;

impl App {
    /// Scopes that are asked for a key now, the first that knows it wins.
    pub fn scopes(&self) -> &'static [Scope] {
        self.layers.last().map_or(&[Scope::Pane, Scope::Global], Layer::scopes)
    }

    pub(super) fn key(&mut self, key: Key, out: &mut Vec<Effect>) {
        if key.kind == KeyKind::Release {
            // The release of a key whose press was ours is ours too.
            if let Some(i) = self.swallowed.iter().position(|c| *c == key.code) {
                self.swallowed.remove(i);
            } else if self.layers.is_empty() {
                self.give_pane(key, out);
            }
            return;
        }
        let chord = key.chord();
        if matches!(key.code, KeyCode::Functional(n) if (57358..=57363).contains(&n) || (57441..=57454).contains(&n)) {
            // A lock or modifier key alone: never part of a sequence.
            if self.layers.is_empty() && self.pending.is_none() {
                self.give_pane(key, out);
            }
            return;
        }
        if let Some(pending) = self.pending.take() {
            self.swallow(key.code);
            let mut chords = pending.chords;
            chords.push(chord);
            match self.config.keymap.lookup(self.scopes(), &chords) {
                Lookup::Run(Cmd::AppSendPrefix) => self.give_pane(key, out),
                Lookup::Run(cmd) => self.run(cmd, out),
                Lookup::More(_) => self.pending = Some(Pending { chords, since: self.now.mono_ms }),
                Lookup::None if chord.code == KeyCode::Esc => {}
                Lookup::None => self.note(Level::Info, &format!("{} does nothing", keys_label(&chords)), ""),
            }
            return;
        }
        if self.layers.is_empty() {
            match self.config.keymap.lookup(self.scopes(), &[chord]) {
                Lookup::Run(cmd) => {
                    self.swallow(key.code);
                    self.run(cmd, out);
                }
                Lookup::More(_) => {
                    self.swallow(key.code);
                    self.pending = Some(Pending { chords: vec![chord], since: self.now.mono_ms });
                }
                Lookup::None if self.tabs.focused_session().is_none() => self.key_on_empty_pane(chord, out),
                Lookup::None => self.give_pane(key, out),
            }
            return;
        }
        self.swallow(key.code);
        if self.complete_key(&key) {
            return;
        }
        if self.takes_char(plain_char(&key), key.code == KeyCode::Esc) {
            return;
        }
        if let Some(c) = plain_char(&key) {
            if matches!(self.layers.last(), Some(Layer::Labels(_))) && c.is_alphabetic() {
                return self.type_label(c, out);
            }
            if self.takes_digit(c) {
                return;
            }
        }
        if self.typing_takes(&key) {
            return self.typed(out);
        }
        match self.config.keymap.lookup(self.scopes(), &[chord]) {
            Lookup::Run(cmd) => self.run(cmd, out),
            Lookup::More(_) => self.pending = Some(Pending { chords: vec![chord], since: self.now.mono_ms }),
            Lookup::None => {
                self.count = None;
                // A number chooses one of what the row under the cursor offers.
                if let (Some(Layer::Inbox(_)), Some(n)) = (self.layers.last(), key.typed().and_then(|t| t.parse::<u32>().ok())) {
                    return self.inbox_answer(crate::wire::op::Answer::Choose { number: n }, out);
                }
                if self.type_key(&key) {
                    self.typed(out);
                }
            }
        }
    }

    /// Something was typed into the layer on top.
    fn typed(&mut self, out: &mut Vec<Effect>) {
        if matches!(self.layers.last(), Some(Layer::Search(_))) {
            self.search_typed(out);
        }
    }

    /// An empty pane has no program: its three keys work plainly.
    fn key_on_empty_pane(&mut self, chord: Chord, out: &mut Vec<Effect>) {
        let cmd = super::hints::EMPTY_PANE.into_iter().find(|cmd| self.config.keymap.after_prefix(*cmd) == Some(chord));
        match (cmd, chord.code) {
            (Some(cmd), _) => self.run(cmd, out),
            (None, KeyCode::Enter) => self.run(Cmd::SessionNew, out),
            _ => {}
        }
    }

    /// The session that this printable character of ASCII goes to when it is typed now, where that is all that happens: no
    /// sequence is under way, nothing lies over the pane or is looked at in it, and no command is bound to it.
    pub fn passes(&self, c: u8) -> Option<&SessionId> {
        let plain = self.layers.is_empty() && self.pending.is_none() && self.swallowed.is_empty() && !self.setup.read_only;
        let session = self.tabs.focused_session().filter(|_| plain && !self.looks.contains_key(&self.tabs.focus()))?;
        let lives = self.mirror.get(session).is_some_and(|s| !s.state.ended());
        (lives && !self.config.keymap.binds(c)).then_some(session)
    }

    /// The program in front is told when keys are released and repeated.
    pub fn wants_releases(&self) -> bool {
        self.tabs.focused_session().and_then(|id| self.mirror.pane(id)).is_some_and(|rows| rows.modes.key_releases)
    }

    /// The terminal tells releases of keys from now on, or not.
    pub fn tells_releases(&mut self, on: bool) {
        self.setup.caps.key_releases = on;
        match self.last_swallowed.take().filter(|(_, at)| on && self.now.mono_ms.saturating_sub(*at) < HELD_MS) {
            // The key that led to the program which wants them: it may be held down yet.
            Some((code, _)) => self.swallow(code),
            None if !on => self.swallowed.clear(), // what is held down is told no more
            None => {}
        }
    }

    fn swallow(&mut self, code: KeyCode) {
        self.last_swallowed = Some((code, self.now.mono_ms));
        // Only terminals that tell releases ever empty this.
        if self.setup.caps.key_releases && !self.swallowed.contains(&code) {
            self.swallowed.push(code);
            let over = self.swallowed.len().saturating_sub(8);
            self.swallowed.drain(..over);
        }
    }

    fn give_pane(&mut self, key: Key, out: &mut Vec<Effect>) {
        let pane = self.tabs.focus();
        let Some(session) = self.tabs.session(pane).cloned() else { return };
        if self.setup.read_only {
            if key.kind == KeyKind::Press {
                self.note(Level::Info, "read-only: keys go nowhere", "");
            }
            return;
        }
        if key.kind == KeyKind::Press {
            self.swallowed.retain(|c| *c != key.code); // its release is the program's
            self.looks.remove(&pane); // typing returns to the live screen
            if self.mirror.get(&session).is_some_and(|s| s.state.ended()) {
                self.note(Level::Info, "this session has ended: keys go nowhere", "");
                return;
            }
        }
        out.push(Effect::Send(ClientMsg::Input { session, input: PaneInput::Key { key } }));
    }

    pub(super) fn paste(&mut self, text: &str, out: &mut Vec<Effect>) {
        self.pending = None;
        if let Some(layer) = self.layers.last_mut() {
            let editor = match layer {
                Layer::FollowUp => Some(&mut self.follow_up.editor),
                Layer::Tree if self.tree.filtering => Some(&mut self.tree.filter),
                layer => layer.editor_for(true),
            };
            if editor.is_some_and(|e| !e.insert(text)) {
                self.note(Level::Error, "that is too much text for this box", "put it in a file and name the file");
            }
            self.for_new_form(|f| f.untouched = false);
            return self.typed(out);
        }
        let pane = self.tabs.focus();
        let Some(session) = self.tabs.session(pane).cloned() else { return };
        if self.setup.read_only {
            return self.note(Level::Info, "read-only: nothing was pasted", "");
        }
        if text.len() > PASTE_MOST {
            return self.note(Level::Error, "that is too much to paste", "put it in a file");
        }
        self.looks.remove(&pane);
        let mut rest = text;
        while !rest.is_empty() {
            let (part, more) = rest.split_at(boundary(rest, PASTE_PART));
            rest = more;
            let input = PaneInput::Paste { text: part.to_owned(), last: rest.is_empty() };
            out.push(Effect::Send(ClientMsg::Input { session: session.clone(), input }));
        }
    }

    /// A character goes into what is being typed before any key of one character is looked up. True when it was taken.
    fn typing_takes(&mut self, key: &Key) -> bool {
        key.typed().is_some() && self.type_key(key)
    }

    /// Types a key into the text of the layer on top. True when there is one.
    fn type_key(&mut self, key: &Key) -> bool {
        let Some(layer) = self.layers.last_mut() else { return false };
        match layer {
            Layer::FollowUp => {
                self.follow_up.editor.key(key);
                true
            }
            Layer::Tree if self.tree.filtering => {
                self.tree.filter.key(key);
                self.tree.top = 0;
                true
            }
            layer => match layer.editor_for(key.typed().is_some()) {
                Some(editor) => {
                    let changed = editor.key(key);
                    if changed && let Some(list) = layer.list_mut() {
                        list.key = None;
                        list.index = 0;
                    }
                    self.for_new_form(|f| {
                        f.untouched &= !changed;
                        f.error = None;
                    });
                    true
                }
                None => false,
            },
        }
    }
}

/// The one character a key makes.
fn plain_char(key: &Key) -> Option<char> {
    let text = key.typed()?;
    let mut chars = text.chars();
    chars.next().filter(|_| chars.next().is_none())
}

/// The last place at or before `at` where a text can be cut.
fn boundary(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|i| text.is_char_boundary(*i)).unwrap_or(0)
}
