//! What the server holds: facts, terminals, connections, and whoever waits for one of them. What a change of the facts sets off
//! stands in `turn`. Must not know sockets or escape sequences.

use super::asks::Asks;
use super::client::Client;
use super::log::Logging;
use super::notify::notices::Notices;
use super::offer_clock::Clock;
use super::pane::Pane;
use super::replays::Replays;
use super::settings::Settings;
use super::tidy::Tidy;
use crate::base::{Now, SessionId};
use crate::ipc::{self, Paths};
use crate::model::World;
use crate::past::Recorder;
use crate::pty::HolderDirs;
use crate::store::Store;
use crate::wire::facts::AgentInfo;
use crate::wire::message::{OuterColors, ServerMsg, WireError};
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;
use std::rc::Rc;
use std::time::{Duration, Instant};
use tokio::sync::{Notify, watch};

/// A person types as long as the last key is not older than this.
const TYPING: Duration = Duration::from_millis(300);

/// What the server holds. Every borrow is short: none lasts over an `await`.
pub struct Hub {
    /// Its folders.
    pub paths: Paths,
    /// Its database.
    pub store: Store,
    /// Since when it runs.
    pub started: Instant,
    pub(super) settings: RefCell<Settings>,
    pub(super) load: Box<dyn Fn() -> Settings>,
    pub(super) logging: Logging,
    pub(super) world: RefCell<World>,
    panes: RefCell<HashMap<SessionId, Rc<Pane>>>,
    pub(super) clients: RefCell<BTreeMap<u64, Rc<Client>>>,
    next_client: Cell<u64>,
    /// Agents found on this machine, when looked for.
    pub agents: RefCell<Option<Vec<AgentInfo>>>,
    /// Prompts that stand open.
    pub asks: Asks,
    /// What is told to the person.
    pub notices: Notices,
    /// Sessions whose work tree is being looked at.
    pub looking: RefCell<HashSet<SessionId>>,
    /// One look at a time: fifty sessions that fall quiet together must not take every processor, nor the memory of fifty looks.
    pub look_turn: tokio::sync::Mutex<()>,
    /// Revision of the facts, for those who wait.
    changed: watch::Sender<u64>,
    /// Turns true when the server ends.
    closing: watch::Sender<bool>,
    /// Sessions whose holder is being started.
    launches: watch::Sender<usize>,
    /// Parents of this process.
    lineage: Vec<i32>,
    /// Held by the pane that floods and has its turn.
    flood: tokio::sync::Mutex<()>,
    pub(super) figures_on: Cell<bool>,
    /// Where a person typed last, and when.
    typed: RefCell<Option<(SessionId, Instant)>>,
    /// What the outer terminal of whoever told last looks like, for terminals that are opened later.
    outer: RefCell<Option<OuterColors>>,
    /// Somebody waits for the next output of any session.
    output: Notify,
    output_wanted: Cell<bool>,
    /// Writes recordings, once there is one.
    pub recorder: RefCell<Option<Recorder>>,
    /// Recordings being shown.
    pub replays: Replays,
    /// When memory is given back.
    pub tidy: Tidy,
    /// Searches in all sessions so far.
    pub searches: Cell<u64>,
    /// When going on in the background is offered next.
    pub offers: Clock,
}

impl Hub {
    /// A hub with an empty world.
    pub fn new(paths: Paths, store: Store, settings: Settings, load: Box<dyn Fn() -> Settings>, logging: Logging) -> Rc<Hub> {
        let mut world = World::new(store.free_number(), settings.limits);
        world.offers = settings.offers;
        Rc::new(Hub {
            paths,
            store,
            started: Instant::now(),
            settings: RefCell::new(settings),
            load,
            logging,
            world: RefCell::new(world),
            panes: RefCell::default(),
            clients: RefCell::default(),
            next_client: Cell::new(1),
            agents: RefCell::new(None),
            asks: Asks::default(),
            notices: Notices::new(Now::read()),
            looking: RefCell::default(),
            look_turn: tokio::sync::Mutex::default(),
            changed: watch::Sender::new(0),
            closing: watch::Sender::new(false),
            launches: watch::Sender::new(0),
            lineage: ipc::ancestors(std::process::id() as i32),
            flood: tokio::sync::Mutex::new(()),
            figures_on: Cell::new(false),
            typed: RefCell::default(),
            outer: RefCell::new(None),
            output: Notify::new(),
            output_wanted: Cell::new(false),
            recorder: RefCell::default(),
            replays: Replays::default(),
            tidy: Tidy::default(),
            searches: Cell::new(0),
            offers: Clock::default(),
        })
    }

    /// The facts have this revision now: whoever waits for others hears of it.
    pub(super) fn changed_to(&self, rev: u64) {
        let news = self.changed.send_if_modified(|r| {
            let news = *r != rev;
            *r = rev;
            news
        });
        if news {
            for c in self.clients.borrow().values().filter(|c| c.subscribed()) {
                c.wake();
            }
        }
    }

    /// Reads the facts.
    pub fn world<T>(&self, f: impl FnOnce(&World) -> T) -> T {
        f(&self.world.borrow())
    }

    /// Fills the facts at the start, before anybody is connected.
    pub fn fill(&self, f: impl FnOnce(&mut World)) {
        f(&mut self.world.borrow_mut());
        self.notices.take_as_known(&self.world.borrow());
    }

    /// A receiver that changes with the facts.
    pub fn subscribe(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    /// The settings of the moment.
    pub fn settings(&self) -> Settings {
        self.settings.borrow().clone()
    }

    /// Folders of the holders.
    pub fn holder_dirs(&self) -> HolderDirs {
        HolderDirs::new(&self.paths.runtime, &self.paths.state)
    }

    /// Where the screen of an ended session lies.
    pub fn screen_file(&self, id: &SessionId) -> PathBuf {
        self.paths.session_dir(id).join(crate::past::SCREEN)
    }

    /// A session's terminal; of an ended one only when it is being shown.
    pub fn pane(&self, id: &SessionId) -> Option<Rc<Pane>> {
        self.panes.borrow().get(id).cloned()
    }

    /// A session's terminal; of an ended one what was kept, read by a worker.
    pub async fn open_pane(&self, id: &SessionId) -> Option<Rc<Pane>> {
        if let Some(pane) = self.pane(id) {
            return Some(pane);
        }
        let ended = || self.world(|w| w.get(id).is_some_and(|r| r.facts.state.ended()));
        if !ended() {
            return None;
        }
        let (dir, lines) = (self.paths.session_dir(id), self.settings().history_lines);
        let engine = tokio::task::spawn_blocking(move || crate::past::read_archive(&dir, lines)).await.ok()??;
        // Somebody else may have been quicker, or it was dismissed.
        if let Some(pane) = self.pane(id) {
            return Some(pane);
        }
        if !ended() {
            return None;
        }
        let pane = Pane::new(id.clone(), engine, None);
        self.set_pane(Rc::clone(&pane));
        Some(pane)
    }

    /// The terminal of a session that runs.
    pub fn live_pane(&self, id: &SessionId) -> Option<Rc<Pane>> {
        self.panes.borrow().get(id).filter(|p| p.holder_pid().is_some()).cloned()
    }

    /// A session's record for its holder to keep.
    pub fn meta(&self, id: &SessionId) -> Option<Vec<u8>> {
        self.world(|w| w.get(id).and_then(|r| r.to_meta(crate::pty::proto::MAX_META)))
    }

    /// A client told what its terminal looks like.
    pub fn set_outer(&self, colors: OuterColors) {
        for pane in self.panes() {
            pane.set_outer(colors.clone());
        }
        *self.outer.borrow_mut() = Some(colors);
    }

    /// Puts a session's terminal in its place.
    pub fn set_pane(&self, pane: Rc<Pane>) {
        if let Some(colors) = self.outer.borrow().clone() {
            pane.set_outer(colors);
        }
        self.panes.borrow_mut().insert(pane.id.clone(), pane);
    }

    /// Forgets a session's terminal.
    pub fn drop_pane(&self, id: &SessionId) {
        self.panes.borrow_mut().remove(id);
    }

    /// Forgets the terminal of an ended session that nobody shows; it lies on the disk.
    pub fn drop_unwatched(&self, id: &SessionId) {
        let idle = self.panes.borrow().get(id).is_some_and(|p| p.holder_pid().is_none() && p.watchers().is_empty());
        if idle && self.screen_file(id).exists() {
            self.drop_pane(id);
        }
    }

    /// Every terminal.
    pub fn panes(&self) -> Vec<Rc<Pane>> {
        self.panes.borrow().values().cloned().collect()
    }

    /// Pids of the live holders and whose they are.
    pub fn holders(&self) -> BTreeMap<i32, SessionId> {
        self.panes.borrow().values().filter_map(|p| Some((p.holder_pid()?, p.id.clone()))).collect()
    }

    /// A session's holder is being started, until the answer is dropped.
    pub fn launching(self: &Rc<Hub>) -> Launching {
        self.launches.send_modify(|n| *n += 1);
        Launching(Rc::clone(self))
    }

    /// A receiver of the number of sessions whose holder is being started.
    pub fn launches(&self) -> watch::Receiver<usize> {
        self.launches.subscribe()
    }

    /// The turn of a pane that has more to read than a slice; first come, first served.
    pub async fn flood_turn(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.flood.lock().await
    }

    /// A person typed into a session's terminal.
    pub fn note_typed(&self, id: &SessionId) {
        let mut typed = self.typed.borrow_mut();
        match &mut *typed {
            Some((there, at)) if there == id => *at = Instant::now(),
            typed => *typed = Some((id.clone(), Instant::now())),
        }
    }

    /// Whether a person types at the moment, and not here: then this pane leaves the processor to the others now and then.
    pub fn typed_elsewhere(&self, id: &SessionId) -> bool {
        self.typed.borrow().as_ref().is_some_and(|(there, at)| there != id && at.elapsed() < TYPING)
    }

    /// Parents of this process, nearest first.
    pub fn lineage(&self) -> &[i32] {
        &self.lineage
    }

    /// A number for a new client.
    pub fn next_client(&self) -> u64 {
        let n = self.next_client.get();
        self.next_client.set(n + 1);
        n
    }

    /// A client came.
    pub fn add_client(&self, client: Rc<Client>) {
        self.clients.borrow_mut().insert(client.id, client);
    }

    /// The clients of the moment.
    pub fn clients(&self) -> Vec<Rc<Client>> {
        self.clients.borrow().values().cloned().collect()
    }

    /// How many clients are connected.
    pub fn client_count(&self) -> usize {
        self.clients.borrow().len()
    }

    /// Sends a message to every subscribed client.
    pub fn broadcast(&self, msg: &ServerMsg) {
        for c in self.clients.borrow().values().filter(|c| c.subscribed()) {
            c.push(msg);
        }
    }

    /// Wakes every subscribed client, which then looks for what is new.
    pub fn wake_all(&self) {
        for c in self.clients.borrow().values().filter(|c| c.subscribed()) {
            c.wake();
        }
    }

    /// Resolves at the next output of any session, or when a client comes.
    pub async fn woken_by_output(&self) {
        self.output_wanted.set(true);
        self.output.notified().await;
    }

    /// A session wrote something.
    pub fn note_output(&self) {
        if self.output_wanted.replace(false) {
            self.output.notify_one();
        }
    }

    /// Runs a task that ends with the server; a panic in it ends that task alone and is logged.
    pub fn spawn(self: &Rc<Hub>, what: &'static str, future: impl Future<Output = ()> + 'static) {
        // Boxed, so that the runtime's part of a task is compiled once and not for each sort of task.
        let future: Pin<Box<dyn Future<Output = ()>>> = Box::pin(future);
        let task = tokio::task::spawn_local(future);
        tokio::task::spawn_local(async move {
            if let Err(e) = task.await
                && e.is_panic()
            {
                tracing::error!(what, "a task failed: {e}");
            }
        });
    }

    /// Tells everything to end.
    pub fn shut_down(&self) {
        self.closing.send_replace(true);
    }

    /// Resolves when the server is to end.
    pub async fn closing(&self) {
        let mut rx = self.closing.subscribe();
        let _ = rx.wait_for(|c| *c).await;
    }

    /// Leaves everything in order: snapshots for the next server, the database written.
    pub async fn close(self: &Rc<Hub>) {
        for client in self.clients() {
            client.push(&ServerMsg::Bye { reason: "the server was stopped; sessions go on".into() });
            client.wake();
        }
        for pane in self.panes() {
            pane.keep();
        }
        let store = self.store.clone();
        let recorder = self.recorder.borrow_mut().take();
        let _ = tokio::task::spawn_blocking(move || {
            let _ = store.flush();
            // What waits is written before the thread ends.
            drop(recorder);
        })
        .await;
        tokio::task::yield_now().await;
        tracing::info!("server ends");
    }
}

/// A session whose holder is being started.
pub struct Launching(Rc<Hub>);

impl Drop for Launching {
    fn drop(&mut self) {
        self.0.launches.send_modify(|n| *n = n.saturating_sub(1));
    }
}

/// An error for a client.
pub fn wire_error(kind: &str, message: impl ToString, hint: impl ToString) -> WireError {
    WireError { kind: kind.into(), message: message.to_string(), hint: hint.to_string() }
}
