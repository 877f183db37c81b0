//! What goes into a session's terminal: keys, mouse, pastes as its program asked for them; and whose turn it is to type. Must not
//! know who typed.

use super::Pane;
use crate::base::{Key, MouseEvent, MouseKind, Now};
use crate::server::outlet::Outlet;
use crate::term;
use std::cell::{Cell, RefCell};
use tokio::sync::watch;

/// Input that may wait for a program that does not read, in bytes.
const INPUT: usize = 1 << 20;
/// Size of a cell in pixels that mouse reports in pixels count with.
const CELL: (u16, u16) = (8, 16);

/// What went in, and what is on its way.
#[derive(Default)]
pub(super) struct Input {
    outlet: Outlet,
    pub(super) bytes: Cell<u64>,
    last_ms: Cell<u64>,
    last_key_ms: Cell<u64>,
    /// Follow-ups being typed, and why the last one was not.
    typing: watch::Sender<usize>,
    not_typed: RefCell<Option<String>>,
    /// Held by who types: two texts never mix.
    turn: tokio::sync::Mutex<()>,
}

impl Pane {
    /// Puts bytes in line for the program: all or none.
    ///
    /// # Errors
    /// When the program has not read what was sent before, or has ended.
    pub fn write(&self, bytes: &[u8]) -> Result<(), String> {
        if self.holder_pid().is_none() || self.input.outlet.is_closed() {
            return Err("nothing runs in it any more".into());
        }
        if self.input.outlet.waiting() + bytes.len() > INPUT {
            return Err("its input queue is full: the program does not read what is sent to it".into());
        }
        self.input.bytes.set(self.input.bytes.get() + bytes.len() as u64);
        self.input.last_ms.set(Now::read().mono_ms);
        if self.input.outlet.send(bytes) {
            self.poke();
        }
        Ok(())
    }

    /// The way into its terminal.
    pub fn input(&self) -> &Outlet {
        &self.input.outlet
    }

    /// A key, encoded as the program asked for.
    ///
    /// # Errors
    /// As [`Pane::write`].
    pub fn key(&self, key: &Key) -> Result<(), String> {
        let mut out = Vec::new();
        self.engine(|e, _| term::encode_key(key, &e.modes(), &mut out));
        if out.is_empty() {
            return Ok(());
        }
        self.input.last_key_ms.set(Now::read().mono_ms);
        self.write(&out)
    }

    /// A mouse event, if the program wants it.
    ///
    /// # Errors
    /// As [`Pane::write`].
    pub fn mouse(&self, event: &MouseEvent) -> Result<(), String> {
        let mut out = Vec::new();
        self.engine(|e, _| term::encode_mouse(event, &e.modes(), CELL, &mut out));
        if out.is_empty() {
            return Ok(());
        }
        // A click may answer as well as a key.
        if matches!(event.kind, MouseKind::Down(_) | MouseKind::Up(_)) {
            self.input.last_key_ms.set(Now::read().mono_ms);
        }
        self.write(&out)
    }

    /// Whether a text could be pasted now.
    ///
    /// # Errors
    /// Why not.
    pub fn check_paste(&self, text: &str) -> Result<(), String> {
        let mut out = Vec::new();
        self.engine(|e, _| term::encode_paste(text, &e.modes(), &mut out)).map_err(|e| e.to_string())?;
        if self.input.outlet.waiting() + out.len() > INPUT {
            return Err(format!("the text is larger than what may wait for a program ({} MiB)", INPUT >> 20));
        }
        Ok(())
    }

    /// A paste, made safe.
    ///
    /// # Errors
    /// Why nothing was pasted.
    pub fn paste(&self, text: &str) -> Result<(), String> {
        let mut out = Vec::new();
        self.engine(|e, _| term::encode_paste(text, &e.modes(), &mut out)).map_err(|e| e.to_string())?;
        self.input.last_key_ms.set(Now::read().mono_ms);
        self.write(&out)
    }

    /// Whether the lines of this paste would be run one by one.
    pub fn runs_lines(&self, text: &str) -> bool {
        let mut out = Vec::new();
        self.engine(|e, _| term::encode_paste(text, &e.modes(), &mut out)) == Err(term::PasteError::NeedsBracketed)
    }

    /// A paste of several lines as if they were typed, made safe.
    ///
    /// # Errors
    /// Why nothing was pasted.
    pub fn paste_as_typed(&self, text: &str) -> Result<(), String> {
        let mut out = Vec::new();
        term::encode_typed(text, &mut out);
        self.input.last_key_ms.set(Now::read().mono_ms);
        self.write(&out)
    }

    /// Milliseconds (monotonic) of the last key or paste: what may have answered something.
    pub fn last_key_ms(&self) -> u64 {
        self.input.last_key_ms.get()
    }

    /// Milliseconds (monotonic) of the last input.
    pub fn last_input_ms(&self) -> u64 {
        self.input.last_ms.get()
    }

    /// A follow-up is about to be typed.
    pub fn typing_begins(&self) {
        self.input.typing.send_modify(|n| *n += 1);
    }

    /// It was typed, or not and why.
    pub fn typing_ends(&self, result: &Result<(), String>) {
        if let Err(why) = result {
            *self.input.not_typed.borrow_mut() = Some(why.clone());
        }
        self.input.typing.send_modify(|n| *n = n.saturating_sub(1));
    }

    /// Resolves when nothing is being typed.
    ///
    /// # Errors
    /// Why something was not typed.
    pub async fn typed(&self) -> Result<(), String> {
        let mut typing = self.input.typing.subscribe();
        let _ = typing.wait_for(|n| *n == 0).await;
        self.input.not_typed.borrow_mut().take().map_or(Ok(()), Err)
    }

    /// The turn to type, for as long as the answer is kept.
    pub async fn typing_turn(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.input.turn.lock().await
    }
}
