//! One connection: what it asked for, what it has, what waits to be sent. A slow one costs nothing: nothing is queued for it
//! but answers, and those are bounded. Must not know what requests do.

pub(super) mod accepting;
mod reading;
mod shown;
mod writing;

use super::roles::Role;
use super::seen::Terminal;
use super::sent::Sent;
use crate::base::SessionId;
use crate::wire::FrameKind;
use crate::wire::frame::encode;
use crate::wire::message::{PaneWatch, ServerMsg, WireError};
use std::cell::{Cell, RefCell};
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use tokio::sync::{Notify, watch};

/// Answers that may wait for one client; more end the connection.
const OUTBOX: usize = 256;
/// One connection.
pub struct Client {
    /// Its number.
    pub id: u64,
    /// The process that connected.
    pub pid: i32,
    /// What it may do.
    pub role: Role,
    /// The terminal it has: a person is there.
    pub terminal: Option<Terminal>,
    /// It only looks.
    pub read_only: Cell<bool>,
    /// CPU and memory are in its sight.
    pub figures: Cell<bool>,
    /// Panes it shows.
    pub watch: RefCell<Vec<PaneWatch>>,
    /// When it last typed or changed its focus, for who sizes what.
    pub active_ms: Cell<u64>,
    /// Whether its terminal has the focus, when that told.
    pub focus: Cell<Option<bool>>,
    /// Pane it typed in last.
    pub typed_in: RefCell<Option<SessionId>>,
    wake: Notify,
    outbox: RefCell<VecDeque<Vec<u8>>>,
    overflow: Cell<bool>,
    subscribed: Cell<bool>,
    screen: Cell<bool>,
    facts: RefCell<FactsSent>,
    sent: RefCell<HashMap<SessionId, Sent>>,
    requests: Cell<usize>,
    paste: RefCell<HashMap<SessionId, Option<String>>>,
    /// The paste that was refused last because its lines would be run, by its hash, and when: once more, and it goes in.
    refused: Cell<Option<(u64, u64)>>,
    /// Ends its search in all sessions.
    pub search: RefCell<Arc<AtomicBool>>,
    seq: Cell<u64>,
    gone: watch::Sender<bool>,
}

/// What of the facts a client has.
#[derive(Default)]
struct FactsSent {
    full: bool,
    rev: u64,
    timeline: u64,
    agents: bool,
    view: Option<String>,
}

impl Client {
    /// Whether it gets facts.
    pub fn subscribed(&self) -> bool {
        self.subscribed.get()
    }

    /// Whether it is a full-screen client.
    pub fn is_screen(&self) -> bool {
        self.screen.get()
    }

    /// Has it look for what is new.
    pub fn wake(&self) {
        self.wake.notify_one();
    }

    /// Queues a message.
    pub fn push(&self, msg: &ServerMsg) {
        let mut out = Vec::new();
        let Ok(json) = serde_json::to_vec(msg) else { return };
        if encode(FrameKind::Control, &json, &mut out).is_err() {
            let (id, what) = match msg {
                ServerMsg::Reply { id, .. } => (*id, "the answer is larger than 1 MiB; ask for less (fewer lines)"),
                _ => return,
            };
            let error = WireError { kind: "failed".into(), message: what.into(), hint: String::new() };
            return self.push(&ServerMsg::Reply { id, ok: None, error: Some(error) });
        }
        let mut outbox = self.outbox.borrow_mut();
        if outbox.len() >= OUTBOX {
            self.overflow.set(true);
        } else {
            outbox.push_back(out);
        }
        drop(outbox);
        self.wake();
    }

    /// Resolves when the connection has ended.
    pub async fn gone(&self) {
        let mut gone = self.gone.subscribe();
        let _ = gone.wait_for(|g| *g).await;
    }

    /// How large and where it shows a session, if it does.
    pub fn watched(&self, id: &SessionId) -> Option<PaneWatch> {
        self.watch.borrow().iter().filter(|w| w.session == *id).max_by_key(|w| w.focused).cloned()
    }
}
