//! One session's terminal: its engine, who watches, how large it should be; what goes in, what comes out and what runs in it have
//! files of their own. Reading and writing is `pump`'s. Must not know the model.

mod input;
mod output;
mod processes;

pub use processes::{Order, Pids};

use super::anchors::{Anchor, Anchors};
use super::blocks::Texts;
use super::client::Client;
use crate::base::{Line, SessionId, Size};
use crate::past::Tap;
use crate::term::{self, Engine};
use crate::wire::message::OuterColors;
use input::Input;
use output::Output;
use processes::Processes;
use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};
use tokio::sync::{Notify, watch};

/// One session's terminal.
pub struct Pane {
    /// Its session.
    pub id: SessionId,
    engine: RefCell<Box<dyn Engine>>,
    /// Rises when line numbers lose their meaning for clients.
    epoch: Cell<u64>,
    watchers: RefCell<Vec<(u64, Weak<Client>)>>,
    sized_by: Cell<Option<u64>>,
    wanted: Cell<Size>,
    processes: Processes,
    input: Input,
    output: Output,
    poke: Notify,
    ended: watch::Sender<bool>,
    keep: Cell<bool>,
    /// The holder's copy of the record is old.
    stale_meta: Cell<bool>,
    /// Its recording.
    tap: RefCell<Option<Tap>>,
    texts: RefCell<Texts>,
    anchors: RefCell<Anchors>,
    /// Bytes of output that were read before this server read any.
    read_before: Cell<u64>,
    cwd: RefCell<Option<String>>,
}

impl Pane {
    /// A terminal around an engine, before anything runs in it.
    pub fn new(id: SessionId, engine: Box<dyn Engine>, size: Option<Size>) -> Rc<Pane> {
        let wanted = size.unwrap_or_else(|| engine.size());
        Rc::new(Pane {
            id,
            engine: RefCell::new(engine),
            epoch: Cell::new(0),
            watchers: RefCell::default(),
            sized_by: Cell::new(None),
            wanted: Cell::new(wanted),
            processes: Processes::default(),
            input: Input::default(),
            output: Output::default(),
            poke: Notify::new(),
            ended: watch::Sender::new(false),
            keep: Cell::new(false),
            stale_meta: Cell::new(false),
            tap: RefCell::default(),
            texts: RefCell::default(),
            anchors: RefCell::default(),
            read_before: Cell::new(0),
            cwd: RefCell::default(),
        })
    }

    /// Reads the engine: `f(engine, epoch)`.
    pub fn engine<T>(&self, f: impl FnOnce(&dyn Engine, u64) -> T) -> T {
        f(self.engine.borrow().as_ref(), self.epoch.get())
    }

    /// Changes the engine.
    pub fn engine_mut<T>(&self, f: impl FnOnce(&mut dyn Engine) -> T) -> T {
        f(self.engine.borrow_mut().as_mut())
    }

    /// Another screen in its place.
    pub fn replace(&self, engine: Box<dyn Engine>) {
        *self.engine.borrow_mut() = engine;
        self.new_epoch();
    }

    /// Begins or ends its recording.
    pub fn set_tap(&self, tap: Option<Tap>) {
        *self.tap.borrow_mut() = tap;
    }

    /// Does something with its recording, when it has one.
    pub fn tap<T>(&self, f: impl FnOnce(&Tap) -> T) -> Option<T> {
        self.tap.borrow().as_ref().map(f)
    }

    /// Its text for searches.
    pub fn texts(&self) -> &RefCell<Texts> {
        &self.texts
    }

    /// Line numbers lost their meaning.
    pub fn new_epoch(&self) {
        self.epoch.set(self.epoch.get() + 1);
    }

    /// What the outer terminal looks like.
    pub fn set_outer(&self, colors: OuterColors) {
        let (Some(fg), Some(bg)) = (colors.fg, colors.bg) else { return };
        let light = |(r, g, b): (u8, u8, u8)| 2 * u32::from(r) + 5 * u32::from(g) + u32::from(b);
        let palette = colors.palette.into_iter().take(256).collect();
        let outer = term::OuterColors { fg, bg, dark: light(bg) < light(fg), palette, ..term::OuterColors::default() };
        self.engine_mut(|e| e.set_outer(outer));
        self.poke();
    }

    /// Lines that something happened at.
    pub fn anchors(&self) -> &RefCell<Anchors> {
        &self.anchors
    }

    /// Takes over what an earlier server knew: lines that something happened at, and how much it had read.
    pub fn set_before(&self, anchors: Anchors, read: u64) {
        *self.anchors.borrow_mut() = anchors;
        self.read_before.set(read);
    }

    /// Something happened where the cursor is.
    pub fn note_anchor(&self, which: Anchor) {
        let line = self.engine(|e, _| e.screen_top() + u64::from(e.cursor().row));
        self.anchors.borrow_mut().put(which, line, self.read_before.get() + self.counts().0);
    }

    /// The folder its program told last (OSC 7 and the like), untrusted.
    pub fn cwd(&self) -> Option<String> {
        self.cwd.borrow().clone()
    }

    /// Notes it.
    pub fn set_cwd(&self, folder: String) {
        *self.cwd.borrow_mut() = Some(folder);
    }

    // ---- who watches ----

    /// A client shows it from now on.
    pub fn watch(&self, id: u64, client: &Rc<Client>) {
        let mut w = self.watchers.borrow_mut();
        if !w.iter().any(|(n, _)| *n == id) {
            w.push((id, Rc::downgrade(client)));
        }
    }

    /// A client shows it no more.
    pub fn unwatch(&self, id: u64) {
        self.watchers.borrow_mut().retain(|(n, _)| *n != id);
        if self.sized_by.get() == Some(id) {
            self.sized_by.set(None);
        }
    }

    /// Rows changed: whoever shows them looks.
    pub fn changed(&self) {
        for (_, c) in self.watchers.borrow().iter() {
            if let Some(c) = c.upgrade() {
                c.wake();
            }
        }
    }

    /// The clients that show it.
    pub fn watchers(&self) -> Vec<Rc<Client>> {
        self.watchers.borrow().iter().filter_map(|(_, c)| c.upgrade()).collect()
    }

    // ---- size ----

    /// The client whose size it has.
    pub fn sized_by(&self) -> Option<u64> {
        self.sized_by.get()
    }

    /// Notes whose size it has.
    pub fn set_sized_by(&self, client: Option<u64>) {
        self.sized_by.set(client);
    }

    /// The size it should have.
    pub fn wanted_size(&self) -> Size {
        self.wanted.get()
    }

    /// Asks for a size; the pump sets it.
    pub fn want_size(&self, size: Size) {
        self.wanted.set(size);
    }

    // ---- its pump ----

    /// Has the pump look for something to do.
    pub fn poke(&self) {
        self.poke.notify_one();
    }

    /// Resolves when there is something to do.
    pub async fn poked(&self) {
        self.poke.notified().await;
    }

    /// The record changed: its holder gets a copy.
    pub fn record_changed(&self) {
        if !self.stale_meta.replace(true) {
            self.poke();
        }
    }

    /// Whether the holder's copy is old; it counts as new from now on.
    pub fn take_stale_meta(&self) -> bool {
        self.stale_meta.replace(false)
    }

    /// Asks the pump to keep the whole screen for the next server.
    pub fn keep(&self) {
        self.keep.set(true);
        self.poke();
    }

    /// Whether the screen is to be kept now.
    pub fn take_keep(&self) -> bool {
        self.keep.replace(false)
    }

    // ---- end ----

    /// The program has ended and its output is read dry.
    pub fn set_ended(&self) {
        self.ended.send_replace(true);
    }

    /// Resolves when it has ended.
    pub async fn ended(&self) {
        let mut rx = self.ended.subscribe();
        let _ = rx.wait_for(|e| *e).await;
    }

    // ---- its screen ----

    /// The lines of the screen as they are drawn.
    pub fn drawn_lines(&self) -> Vec<Line> {
        self.engine(|e, _| {
            let rows = e.screen_top()..e.screen_top() + u64::from(e.size().rows);
            rows.map(|abs| e.row(abs).unwrap_or_default()).collect()
        })
    }

    /// The lines of the screen, as texts.
    pub fn screen_lines(&self) -> Vec<String> {
        self.drawn_lines().iter().map(Line::text).collect()
    }
}
