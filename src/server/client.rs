//! One connection: what it asked for, what it has, what waits to be sent. A slow one costs nothing: nothing is queued for it
//! but answers, and those are bounded. Must not know what requests do.

mod reading;
mod shown;
mod writing;

use super::frames::Sent;
use super::hub::{Hub, wire_error};
use super::roles::{self, Role};
use crate::base::SessionId;
use crate::ipc;
use crate::pty::{Endpoint, tree};
use crate::wire::FrameKind;
use crate::wire::frame::encode;
use crate::wire::message::{PaneWatch, ServerMsg};
use std::cell::{Cell, RefCell};
use std::collections::{HashMap, VecDeque};
use std::fs::File;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{Notify, watch};

/// Answers that may wait for one client; more end the connection.
const OUTBOX: usize = 256;
/// Connections at once.
const CLIENTS: usize = 256;

/// One connection.
pub struct Client {
    /// Its number.
    pub id: u64,
    /// The process that connected.
    pub pid: i32,
    /// What it may do.
    pub role: Role,
    /// The terminal it has: a person is there.
    pub terminal: Option<super::seen::Terminal>,
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
            let error = wire_error("failed", what, "");
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

/// Takes connections until the server ends.
pub async fn accept(hub: Rc<Hub>, listener: UnixListener) {
    // Given away for a look at who asks, when no other descriptor is free: a full server can still be asked, and told to end things.
    let mut spare = File::open("/dev/null").ok();
    loop {
        let stream = tokio::select! {
            () = hub.closing() => return,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                Err(e) => {
                    // Out of descriptors: the connection stays in the backlog; going on at once would spin.
                    tracing::warn!("cannot accept: {e}");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    continue;
                }
            },
        };
        let peer = match ipc::check_peer(&stream) {
            Ok(p) => p,
            Err(e) => {
                tracing::warn!("refused a connection: {e}");
                continue;
            }
        };
        if hub.client_count() >= CLIENTS {
            tracing::warn!("refused a connection: {CLIENTS} are open");
            turn_away(&stream, "too many commands and apps are connected to the server; close some");
            continue;
        }
        let mut lineage = ipc::lineage(peer.pid);
        if lineage.is_none() && spare.take().is_some() {
            lineage = ipc::lineage(peer.pid);
        }
        spare = spare.or_else(|| File::open("/dev/null").ok());
        let Some(lineage) = lineage else {
            // It may have ended on purpose, to leave its socket to a relative with fewer rights.
            let why = "its place among the processes cannot be told (it has ended, lies too deep, or no descriptor is free)";
            tracing::warn!(pid = peer.pid, "refused a connection: {why}");
            turn_away(&stream, "the server cannot tell where this command stands among the processes: no descriptor is free (`ulimit -n`)");
            continue;
        };
        let task_hub = Rc::clone(&hub);
        hub.spawn("client", async move {
            serve(Rc::clone(&task_hub), stream, peer.pid, lineage).await;
            task_hub.tidy.soon();
        });
    }
}

/// Says why a connection is closed, when that can be said at once.
fn turn_away(stream: &UnixStream, reason: &str) {
    let mut out = Vec::new();
    if let Ok(json) = serde_json::to_vec(&ServerMsg::Bye { reason: reason.into() })
        && encode(FrameKind::Control, &json, &mut out).is_ok()
    {
        let _ = stream.try_write(&out);
    }
}

async fn serve(hub: Rc<Hub>, stream: UnixStream, pid: i32, lineage: Vec<i32>) {
    let client = Rc::new(Client {
        id: hub.next_client(),
        pid,
        role: roles::place(&hub, &lineage).await,
        terminal: tree::brief(pid).ok().filter(|p| p.tty != 0).map(|p| (p.tty, p.sid)),
        read_only: Cell::new(false),
        figures: Cell::new(false),
        watch: RefCell::default(),
        active_ms: Cell::new(0),
        focus: Cell::new(None),
        typed_in: RefCell::default(),
        wake: Notify::new(),
        outbox: RefCell::default(),
        overflow: Cell::new(false),
        subscribed: Cell::new(false),
        screen: Cell::new(false),
        facts: RefCell::default(),
        sent: RefCell::default(),
        requests: Cell::new(0),
        paste: RefCell::default(),
        refused: Cell::new(None),
        search: RefCell::default(),
        seq: Cell::new(0),
        gone: watch::Sender::new(false),
    });
    hub.add_client(Rc::clone(&client));
    tracing::debug!(client = client.id, pid, role = ?client.role, "connected");
    let reason = match stream.into_std().and_then(|s| Endpoint::new(s.into())) {
        // What comes is read before it is looked for what is to be sent: keys wait for nothing.
        Ok(end) => tokio::select! {
            biased;
            r = reading::run(&hub, &client, &end) => r,
            r = writing::run(&hub, &client, &end) => r,
        },
        Err(_) => "cannot be watched",
    };
    tracing::debug!(client = client.id, reason, "disconnected");
    hub.remove_client(client.id);
    client.gone.send_replace(true);
}
