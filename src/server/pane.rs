//! One session's terminal: its engine, what waits to be written to it, who watches. Reading and writing is `pump`'s.
//! Must not know the model.

use super::anchors::{Anchor, Anchors};
use super::client::Client;
use super::outlet::Outlet;
use super::texts::Texts;
use crate::base::style::Attrs;
use crate::base::{Key, MouseEvent, MouseKind, Now, SessionId, Size};
use crate::past::Tap;
use crate::term::{self, Engine};
use crate::wire::message::OuterColors;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::{Rc, Weak};
use std::time::{Duration, Instant};
use tokio::sync::{Notify, watch};

/// Input that may wait for a program that does not read, in bytes.
const INPUT: usize = 1 << 20;
/// How long a pane counts as flooding after it did.
const FLOODS: Duration = Duration::from_millis(20);
/// Output kept for the escape traffic of `sessions debug`, in bytes.
const TRAFFIC: usize = 4096;
/// Size of a cell in pixels that mouse reports in pixels count with.
const CELL: (u16, u16) = (8, 16);
/// Signals remembered.
const SIGNALS: usize = 50;

/// Something to be done with the process tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// See which process group has the terminal.
    LookInFront,
    /// Stop every process.
    Freeze,
    /// Let them go on.
    Thaw,
    /// End every process.
    Stop(crate::pty::StopPlan),
}

/// Processes of a running session.
#[derive(Debug, Clone, Copy)]
pub struct Pids {
    /// The agent.
    pub agent: i32,
    /// Its holder.
    pub holder: i32,
}

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
    pids: Cell<Option<Pids>>,
    foreground: Cell<Option<i32>>,
    input: Outlet,
    orders: RefCell<VecDeque<Order>>,
    /// Orders given and carried out.
    ordered: Cell<u64>,
    done: watch::Sender<u64>,
    poke: Notify,
    traffic: RefCell<VecDeque<u8>>,
    signals: RefCell<VecDeque<String>>,
    /// Until when it counts as flooding.
    floods: Cell<Option<Instant>>,
    output_bytes: Cell<u64>,
    input_bytes: Cell<u64>,
    looked_at: Cell<u64>,
    last_input_ms: Cell<u64>,
    last_key_ms: Cell<u64>,
    output: watch::Sender<u64>,
    ended: watch::Sender<bool>,
    keep: Cell<bool>,
    /// The holder's copy of the record is old.
    stale_meta: Cell<bool>,
    /// Follow-ups being typed, and why the last one was not.
    typing: watch::Sender<usize>,
    not_typed: RefCell<Option<String>>,
    /// Its recording.
    tap: RefCell<Option<Tap>>,
    texts: RefCell<Texts>,
    anchors: RefCell<Anchors>,
    /// Bytes of output that were read before this server read any.
    read_before: Cell<u64>,
    cwd: RefCell<Option<String>>,
    /// Held by who types: two texts never mix.
    turn: tokio::sync::Mutex<()>,
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
            pids: Cell::new(None),
            foreground: Cell::new(None),
            input: Outlet::default(),
            orders: RefCell::default(),
            ordered: Cell::new(0),
            done: watch::Sender::new(0),
            poke: Notify::new(),
            traffic: RefCell::default(),
            signals: RefCell::default(),
            floods: Cell::new(None),
            output_bytes: Cell::new(0),
            input_bytes: Cell::new(0),
            looked_at: Cell::new(0),
            last_input_ms: Cell::new(0),
            last_key_ms: Cell::new(0),
            output: watch::Sender::new(0),
            ended: watch::Sender::new(false),
            keep: Cell::new(false),
            stale_meta: Cell::new(false),
            typing: watch::Sender::new(0),
            not_typed: RefCell::default(),
            tap: RefCell::default(),
            texts: RefCell::default(),
            anchors: RefCell::default(),
            read_before: Cell::new(0),
            cwd: RefCell::default(),
            turn: tokio::sync::Mutex::new(()),
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
        self.anchors.borrow_mut().put(which, line, self.read_before.get() + self.output_bytes.get());
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

    // ---- processes ----

    /// Pid of its holder, while one lives.
    pub fn holder_pid(&self) -> Option<i32> {
        self.pids.get().map(|p| p.holder)
    }

    /// Pid of the agent, while it lives.
    pub fn agent_pid(&self) -> Option<i32> {
        self.pids.get().map(|p| p.agent)
    }

    /// Notes its processes.
    pub fn set_pids(&self, pids: Option<Pids>) {
        self.pids.set(pids);
        if pids.is_none() {
            self.foreground.set(None);
        }
    }

    /// Notes which process group has the terminal.
    pub fn set_foreground(&self, pgid: Option<i32>) {
        self.foreground.set(pgid);
    }

    /// The process group that has the terminal, as far as known.
    pub fn foreground(&self) -> Option<i32> {
        self.foreground.get().or(self.agent_pid())
    }

    /// Whether the agent itself has the terminal, as far as known.
    pub fn agent_in_front(&self) -> bool {
        match (self.foreground.get(), self.agent_pid()) {
            (Some(f), Some(a)) => f == a,
            (None, Some(_)) => true,
            _ => false,
        }
    }

    /// Whether the agent itself has the terminal, as the kernel says now.
    pub async fn agent_in_front_now(&self) -> bool {
        self.order(Order::LookInFront);
        // The pump answers at once; one that does not knows no more than before.
        let _ = tokio::time::timeout(Duration::from_secs(1), self.orders_done()).await;
        self.agent_in_front()
    }

    /// Stops every process of the tree.
    pub fn freeze(&self) {
        self.order(Order::Freeze);
    }

    /// Lets them go on.
    pub fn thaw(&self) {
        self.order(Order::Thaw);
    }

    /// Ends every process of the tree.
    pub fn stop(&self, plan: crate::pty::StopPlan) {
        self.order(Order::Stop(plan));
    }

    fn order(&self, order: Order) {
        let mut orders = self.orders.borrow_mut();
        if orders.back() != Some(&order) && orders.len() < 16 {
            orders.push_back(order);
            self.ordered.set(self.ordered.get() + 1);
        }
        drop(orders);
        self.poke();
    }

    /// An order is carried out, or could not be.
    pub fn order_done(&self) {
        self.done.send_modify(|n| *n += 1);
    }

    /// Resolves when every order given so far is carried out.
    pub async fn orders_done(&self) {
        let wanted = self.ordered.get();
        let mut done = self.done.subscribe();
        let _ = done.wait_for(|n| *n >= wanted).await;
    }

    /// The next order, for the pump.
    pub fn next_order(&self) -> Option<Order> {
        self.orders.borrow_mut().pop_front()
    }

    /// Remembers a signal that was sent.
    pub fn note_signal(&self, text: String) {
        let mut s = self.signals.borrow_mut();
        if s.len() >= SIGNALS {
            s.pop_front();
        }
        s.push_back(text);
    }

    /// Signals sent, oldest first.
    pub fn signals(&self) -> Vec<String> {
        self.signals.borrow().iter().cloned().collect()
    }

    // ---- input ----

    /// Has the pump look for something to do.
    pub fn poke(&self) {
        self.poke.notify_one();
    }

    /// Resolves when there is something to do.
    pub async fn poked(&self) {
        self.poke.notified().await;
    }

    /// Puts bytes in line for the program: all or none.
    ///
    /// # Errors
    /// When the program has not read what was sent before, or has ended.
    pub fn write(&self, bytes: &[u8]) -> Result<(), String> {
        if self.pids.get().is_none() || self.input.is_closed() {
            return Err("nothing runs in it any more".into());
        }
        if self.input.waiting() + bytes.len() > INPUT {
            return Err("its input queue is full: the program does not read what is sent to it".into());
        }
        self.input_bytes.set(self.input_bytes.get() + bytes.len() as u64);
        self.last_input_ms.set(Now::read().mono_ms);
        if self.input.send(bytes) {
            self.poke();
        }
        Ok(())
    }

    /// The way into its terminal.
    pub fn input(&self) -> &Outlet {
        &self.input
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
        self.last_key_ms.set(Now::read().mono_ms);
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
            self.last_key_ms.set(Now::read().mono_ms);
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
        if self.input.waiting() + out.len() > INPUT {
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
        self.last_key_ms.set(Now::read().mono_ms);
        self.write(&out)
    }

    /// Milliseconds (monotonic) of the last key or paste: what may have answered something.
    pub fn last_key_ms(&self) -> u64 {
        self.last_key_ms.get()
    }

    /// Milliseconds (monotonic) of the last input.
    pub fn last_input_ms(&self) -> u64 {
        self.last_input_ms.get()
    }

    // ---- output ----

    /// Notes output for counters and `sessions debug`.
    pub fn note_output(&self, bytes: &[u8]) {
        self.output_bytes.set(self.output_bytes.get() + bytes.len() as u64);
        let tail = bytes.get(bytes.len().saturating_sub(TRAFFIC)..).unwrap_or_default();
        let mut t = self.traffic.borrow_mut();
        let over = (t.len() + tail.len()).saturating_sub(TRAFFIC);
        let cut = over.min(t.len());
        t.drain(..cut);
        t.extend(tail);
    }

    /// Notes whether output pours in.
    pub fn set_floods(&self, floods: bool) {
        self.floods.set(floods.then(|| Instant::now() + FLOODS));
    }

    /// Whether output pours in: more than anybody can read as it passes.
    pub fn floods(&self) -> bool {
        self.floods.get().is_some_and(|until| Instant::now() < until)
    }

    /// Tells those who wait for text.
    pub fn announce_output(&self) {
        let n = self.output_bytes.get();
        self.output.send_if_modified(|o| std::mem::replace(o, n) != n);
    }

    /// A receiver that changes with the output.
    pub fn output(&self) -> watch::Receiver<u64> {
        self.output.subscribe()
    }

    /// The last output, raw.
    pub fn traffic(&self) -> Vec<u8> {
        self.traffic.borrow().iter().copied().collect()
    }

    /// Bytes of output and input so far.
    pub fn counts(&self) -> (u64, u64) {
        (self.output_bytes.get(), self.input_bytes.get())
    }

    /// Whether it wrote something since this was last asked.
    pub fn wrote_since_look(&self) -> bool {
        self.looked_at.replace(self.output_bytes.get()) != self.output_bytes.get()
    }

    /// Resolves when nothing was written for `quiet`, or after `at_most`.
    pub async fn quiet(&self, quiet: Duration, at_most: Duration) {
        let mut output = self.output();
        let silent = async { while let Ok(Ok(())) = tokio::time::timeout(quiet, output.changed()).await {} };
        let _ = tokio::time::timeout(at_most, silent).await;
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

    /// The turn to type, for as long as the answer is kept.
    pub async fn typing_turn(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.turn.lock().await
    }

    /// The lines of the screen, as texts.
    pub fn screen_lines(&self) -> Vec<String> {
        self.engine(|e, _| {
            let rows = e.screen_top()..e.screen_top() + u64::from(e.size().rows);
            rows.map(|abs| e.row(abs).map(|l| l.text()).unwrap_or_default()).collect()
        })
    }

    /// Whether a text that stands in a box is only a hint of the agent's: drawn dim.
    pub fn placeholder(&self, text: &str) -> bool {
        let Some(first) = text.lines().next().map(str::trim).filter(|l| !l.is_empty()) else { return false };
        self.engine(|e, _| {
            let rows = e.screen_top()..e.screen_top() + u64::from(e.size().rows);
            let Some(line) = rows.rev().filter_map(|abs| e.row(abs)).find(|l| l.text().contains(first)) else { return false };
            let letters = |t: &str| t.chars().filter(|c| !c.is_whitespace()).count();
            let dim: usize = line.spans.iter().filter(|s| s.style.attrs.contains(Attrs::DIM)).map(|s| letters(&s.text)).sum();
            // The cursor stands on its first letter.
            dim + 2 >= letters(first)
        })
    }

    /// A follow-up is about to be typed.
    pub fn typing_begins(&self) {
        self.typing.send_modify(|n| *n += 1);
    }

    /// It was typed, or not and why.
    pub fn typing_ends(&self, result: &Result<(), String>) {
        if let Err(why) = result {
            *self.not_typed.borrow_mut() = Some(why.clone());
        }
        self.typing.send_modify(|n| *n = n.saturating_sub(1));
    }

    /// Resolves when nothing is being typed.
    ///
    /// # Errors
    /// Why something was not typed.
    pub async fn typed(&self) -> Result<(), String> {
        let mut typing = self.typing.subscribe();
        let _ = typing.wait_for(|n| *n == 0).await;
        self.not_typed.borrow_mut().take().map_or(Ok(()), Err)
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
}
