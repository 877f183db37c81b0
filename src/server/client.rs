//! One connection: what it asked for, what it has, what waits to be sent. A slow one costs nothing: nothing is queued for it
//! but answers, and those are bounded. Must not know what requests do.

use super::frames::{self, Sent};
use super::hub::Hub;
use super::ops;
use super::roles::{self, Role};
use super::sizes;
use crate::base::{Now, SessionId};
use crate::ipc;
use crate::pty::Endpoint;
use crate::wire::frame::encode;
use crate::wire::message::{ClientKind, ClientMsg, PaneInput, PaneWatch, ServerMsg};
use crate::wire::{Decoder, FrameKind, PROTOCOL, ROWS_VERSION, quick};
use std::cell::{Cell, RefCell};
use std::collections::{HashMap, VecDeque};
use std::io;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{Notify, watch};
use tokio::time::Instant;

/// Answers that may wait for one client; more end the connection.
const OUTBOX: usize = 256;
/// Requests of one client that may be under way.
const REQUESTS: usize = 64;
/// Shortest time between two frames when output goes on.
const FRAME: Duration = Duration::from_millis(5);
/// The same while output pours in: a hundred pictures a second are more than screens show, and more only slow the output.
const FRAME_FLOOD: Duration = Duration::from_millis(10);
/// The same for a pane beside the one that a person types into.
const FRAME_ASIDE: Duration = Duration::from_millis(33);
/// A client that takes nothing for so long is detached.
const STALE: Duration = Duration::from_secs(30);
/// Largest paste, in bytes.
const MAX_PASTE: usize = 1 << 20;
/// A connection that says no hello for so long is closed.
const HELLO: Duration = Duration::from_secs(10);
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
            let error = super::hub::wire_error("failed", what, "");
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
        let Some(lineage) = ipc::lineage(peer.pid) else {
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
        terminal: ipc::place(pid).filter(|p| p.tty != 0).map(|p| (p.tty, p.session)),
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
        search: RefCell::default(),
        seq: Cell::new(0),
        gone: watch::Sender::new(false),
    });
    hub.add_client(Rc::clone(&client));
    tracing::debug!(client = client.id, pid, role = ?client.role, "connected");
    let reason = match stream.into_std().and_then(|s| Endpoint::new(s.into())) {
        Ok(end) => tokio::select! {
            r = reader(&hub, &client, &end) => r,
            r = writer(&hub, &client, &end) => r,
        },
        Err(_) => "cannot be watched",
    };
    tracing::debug!(client = client.id, reason, "disconnected");
    hub.remove_client(client.id);
    client.gone.send_replace(true);
}

async fn reader(hub: &Rc<Hub>, client: &Rc<Client>, end: &Endpoint) -> &'static str {
    let mut decoder = Decoder::new();
    let mut buffer = vec![0u8; 16 * 1024];
    let mut greeted = false;
    let hello = Instant::now() + HELLO;
    loop {
        if greeted {
            end.readable().await;
        } else if tokio::time::timeout_at(hello, end.readable()).await.is_err() {
            return "no hello";
        }
        let n = match end.try_read(&mut buffer) {
            Ok(0) => return "closed",
            Ok(n) => n,
            Err(e) if matches!(e.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) => continue,
            Err(_) => return "read failed",
        };
        decoder.push(buffer.get(..n).unwrap_or_default());
        loop {
            let frame = match decoder.next_frame() {
                Ok(Some(f)) => f,
                Ok(None) => break,
                Err(_) => return "a frame was too long",
            };
            let read = match frame.kind {
                FrameKind::Control => serde_json::from_slice(&frame.payload).map_err(|e| e.to_string()),
                FrameKind::Quick => quick::decode(&frame.payload).map_err(|e| e.to_string()),
                FrameKind::Pane => continue,
            };
            let msg: ClientMsg = match read {
                Ok(m) => m,
                Err(e) => {
                    tracing::debug!(client = client.id, "not understood: {e}");
                    bad_request(client, &frame.payload, &e);
                    continue;
                }
            };
            if !greeted && !matches!(msg, ClientMsg::Hello { .. }) {
                return "no hello";
            }
            greeted = true;
            if let Err(reason) = message(hub, client, msg) {
                return reason;
            }
        }
    }
}

/// Answers a request of a newer client that this server does not understand.
fn bad_request(client: &Client, payload: &[u8], why: &str) {
    let Ok(value) = serde_json::from_slice::<serde_json::Value>(payload) else { return };
    if let Some(id) = value.get("id").and_then(serde_json::Value::as_u64) {
        let error = super::hub::wire_error("usage", format!("the server does not understand this request: {why}"), "");
        client.push(&ServerMsg::Reply { id, ok: None, error: Some(error) });
    }
}

fn message(hub: &Rc<Hub>, client: &Rc<Client>, msg: ClientMsg) -> Result<(), &'static str> {
    match msg {
        ClientMsg::Hello { protocol, rows_version, kind, read_only, .. } => {
            client.read_only.set(read_only || client.role != Role::Outside);
            client.screen.set(kind == ClientKind::Screen);
            client.push(&ServerMsg::Hello {
                protocol: PROTOCOL,
                rows_version: ROWS_VERSION,
                version: env!("CARGO_PKG_VERSION").into(),
                pid: std::process::id() as i32,
                server: hub.paths.server.clone(),
            });
            if protocol / 100 != PROTOCOL / 100 {
                return Err("another protocol");
            }
            if kind == ClientKind::Screen && rows_version != ROWS_VERSION {
                client.push(&ServerMsg::Bye {
                    reason: "the running server is of another version: `copilot-tui server stop` ends it and leaves the sessions running".into(),
                });
            }
        }
        ClientMsg::Request { id, op } => {
            if client.requests.get() >= REQUESTS {
                let error = super::hub::wire_error("unavailable", "too many requests at once", "wait for answers");
                client.push(&ServerMsg::Reply { id, ok: None, error: Some(error) });
                return Ok(());
            }
            client.requests.set(client.requests.get() + 1);
            let (task_hub, task_client) = (Rc::clone(hub), Rc::clone(client));
            hub.spawn("request", async move {
                let result = ops::answer(&task_hub, &task_client, op).await;
                let (ok, error) = match result {
                    Ok(v) => (Some(v), None),
                    Err(e) => (None, Some(e)),
                };
                task_client.requests.set(task_client.requests.get().saturating_sub(1));
                task_client.push(&ServerMsg::Reply { id, ok, error });
                task_hub.tidy.soon();
            });
        }
        ClientMsg::Subscribe { view } => {
            let reason = match &client.role {
                Role::Outside => None,
                Role::Inside(own) => {
                    let number = hub.world(|w| w.get(own).map_or(0, |r| r.facts.number));
                    Some(format!("this terminal is session #{number} of the same server; open the app outside of it"))
                }
                Role::Elsewhere => Some("this terminal is a session itself; open the app outside of it".to_owned()),
            };
            if let Some(reason) = reason {
                client.push(&ServerMsg::Bye { reason });
                return Ok(());
            }
            hub.reload();
            let known = view.and_then(|v| hub.store.view(&v).ok().flatten());
            *client.facts.borrow_mut() = FactsSent { view: known, ..FactsSent::default() };
            client.subscribed.set(true);
            client.wake();
        }
        ClientMsg::Watch { panes, figures } => watch_panes(hub, client, panes, figures),
        ClientMsg::Input { session, input } => pane_input(hub, client, &session, input),
        ClientMsg::Ack { seq } => {
            for sent in client.sent.borrow_mut().values_mut().filter(|s| s.in_flight == Some(seq)) {
                sent.in_flight = None;
            }
            client.wake();
        }
        ClientMsg::SaveView { view, state } => {
            if client.subscribed() && state.len() <= 64 * 1024 && view.len() <= 4096 && !client.read_only.get() {
                hub.store.put_view(&view, state);
            }
        }
        ClientMsg::Colors { colors } => {
            if client.is_screen() && !client.read_only.get() {
                hub.set_outer(colors);
            }
        }
        ClientMsg::Focus { on } => client.focus.set(Some(on)),
        ClientMsg::Desktop { env } => {
            if client.is_screen() && client.role == Role::Outside {
                hub.notices.set_desktop(env);
            }
        }
        ClientMsg::Unknown => {}
    }
    Ok(())
}

fn watch_panes(hub: &Rc<Hub>, client: &Rc<Client>, panes: Vec<PaneWatch>, figures: bool) {
    if !client.subscribed() {
        return;
    }
    let before: Vec<SessionId> = client.watch.borrow().iter().map(|w| w.session.clone()).collect();
    let focus_moved = {
        let old = client.watch.borrow();
        let focus = |v: &[PaneWatch]| v.iter().find(|w| w.focused).map(|w| w.session.clone());
        focus(&old) != focus(&panes)
    };
    if focus_moved {
        client.active_ms.set(Now::read().mono_ms);
    }
    client.figures.set(figures);
    let mut panes: Vec<PaneWatch> = panes.into_iter().take(64).collect();
    for new in &mut panes {
        new.marks.truncate(super::anchors::MARKS);
        // Said before it heard that its places have moved: those stand that it was told.
        if let Some(old) = client.watched(&new.session).filter(|old| old.moved > new.moved) {
            (new.marks, new.moved) = (old.marks, old.moved);
        }
    }
    *client.watch.borrow_mut() = panes;
    client.sent.borrow_mut().retain(|id, _| client.watch.borrow().iter().any(|w| w.session == *id));
    if figures {
        hub.want_figures();
    }
    let now: Vec<SessionId> = client.watch.borrow().iter().map(|w| w.session.clone()).collect();
    let looked_at = client.watch.borrow().iter().find(|w| w.focused).map(|w| w.session.clone());
    if let Some(id) = looked_at.filter(|_| !client.read_only.get()) {
        hub.asks.looked_at(hub, &id);
    }
    for id in before.iter().filter(|id| !now.contains(id)) {
        if let Some(pane) = hub.pane(id) {
            pane.unwatch(client.id);
            sizes::settle(hub, &pane);
            hub.drop_unwatched(id);
        }
    }
    for id in &now {
        if let Some(pane) = hub.pane(id) {
            pane.watch(client.id, client);
            sizes::settle(hub, &pane);
        } else {
            show_ended(hub, client, id.clone());
        }
        if hub.world(|w| w.get(id).is_some_and(|r| r.facts.unread)) && client.watched(id).is_some_and(|w| w.focused) {
            hub.apply(crate::model::Command::Seen(id.clone()));
        }
    }
    client.wake();
}

/// Has the screen of an ended session read for a client that shows it.
fn show_ended(hub: &Rc<Hub>, client: &Rc<Client>, id: SessionId) {
    let (task_hub, client) = (Rc::clone(hub), Rc::clone(client));
    hub.spawn("ended screen", async move {
        if let Some(pane) = task_hub.open_pane(&id).await {
            if client.watched(&id).is_some() {
                pane.watch(client.id, &client);
                sizes::settle(&task_hub, &pane);
                client.wake();
            } else {
                task_hub.drop_unwatched(&id);
            }
        }
    });
}

fn pane_input(hub: &Rc<Hub>, client: &Rc<Client>, id: &SessionId, input: PaneInput) {
    if client.read_only.get() || !client.subscribed() {
        return;
    }
    let Some(pane) = hub.pane(id) else { return };
    client.active_ms.set(Now::read().mono_ms);
    *client.typed_in.borrow_mut() = Some(id.clone());
    hub.note_typed(id);
    sizes::settle(hub, &pane);
    let result = match input {
        PaneInput::Key { key } => pane.key(&key),
        PaneInput::Mouse { event } => pane.mouse(&event),
        PaneInput::Paste { text, last } => {
            let mut pastes = client.paste.borrow_mut();
            let whole = pastes.entry(id.clone()).or_insert_with(|| Some(String::new()));
            match whole {
                Some(t) if t.len() + text.len() <= MAX_PASTE => t.push_str(&text),
                _ => *whole = None,
            }
            if !last {
                return;
            }
            match pastes.remove(id).flatten() {
                Some(text) => pane.paste(&text),
                None => Err(format!("the paste is larger than {} MiB and was not sent; put it in a file and name the file", MAX_PASTE >> 20)),
            }
        }
    };
    if let Err(why) = result {
        let number = hub.world(|w| w.get(id).map_or(0, |r| r.facts.number));
        client.push(&ServerMsg::Notice {
            level: crate::wire::message::Level::Error,
            // Of no session: what is told of the one in front would be left out, and this is an answer to a key.
            session: None,
            title: format!("#{number}: input not taken"),
            text: why,
        });
    }
}

async fn writer(hub: &Rc<Hub>, client: &Rc<Client>, end: &Endpoint) -> &'static str {
    loop {
        if client.overflow.get() {
            return "too many answers waited";
        }
        let mut out: Vec<u8> = client.outbox.borrow_mut().drain(..).flatten().collect();
        if client.subscribed() {
            facts(hub, client, &mut out);
        }
        let mut again = None;
        if client.subscribed() {
            let (bytes, later) = panes(hub, client);
            out.extend(bytes);
            again = later;
        }
        if !out.is_empty() {
            match tokio::time::timeout(STALE, end.write_all(&out)).await {
                Ok(Ok(())) => continue,
                Ok(Err(_)) => return "write failed",
                Err(_) => return "took nothing for 30 s",
            }
        }
        match again {
            Some(t) => tokio::select! {
                () = client.wake.notified() => {}
                () = tokio::time::sleep_until(t) => {}
            },
            None => client.wake.notified().await,
        }
    }
}

/// Facts that are newer than what the client has.
fn facts(hub: &Rc<Hub>, client: &Client, out: &mut Vec<u8>) {
    let now = Now::read();
    let mut sent = client.facts.borrow_mut();
    let agents = hub.agents.borrow().clone().filter(|_| !sent.agents);
    let message = hub.world(|w| {
        if sent.full && sent.rev == w.rev() && sent.timeline == w.timeline_seq() && agents.is_none() {
            return None;
        }
        let full = !sent.full;
        let removed = if full { Some(Vec::new()) } else { w.removed_since(sent.rev) };
        let full = full || removed.is_none();
        let sessions: Vec<_> =
            if full { w.sessions().map(|r| r.view(now)).collect() } else { w.changed_since(sent.rev).map(|r| r.view(now)).collect() };
        let removed = removed.unwrap_or_default();
        let timeline: Vec<_> = w.timeline_since(sent.timeline).rev().take(200).cloned().collect::<Vec<_>>().into_iter().rev().collect();
        if !full && sessions.is_empty() && removed.is_empty() && timeline.is_empty() && agents.is_none() {
            sent.rev = w.rev();
            return None;
        }
        sent.full = true;
        sent.rev = w.rev();
        sent.timeline = w.timeline_seq();
        sent.agents |= agents.is_some();
        Some(ServerMsg::Facts { rev: w.rev(), full, sessions, removed, timeline, agents, view: sent.view.take() })
    });
    let Some(message) = message else { return };
    push_facts(message, out);
}

/// Writes facts, in parts when they are more than a frame holds.
fn push_facts(message: ServerMsg, out: &mut Vec<u8>) {
    let Ok(json) = serde_json::to_vec(&message) else { return };
    if encode(FrameKind::Control, &json, out).is_ok() {
        return;
    }
    if let ServerMsg::Facts { rev, full, mut sessions, removed, timeline, agents, view } = message
        && sessions.len() > 1
    {
        let rest = sessions.split_off(sessions.len() / 2);
        push_facts(ServerMsg::Facts { rev, full, sessions, removed, timeline, agents, view }, out);
        let second = ServerMsg::Facts { rev, full: false, sessions: rest, removed: vec![], timeline: vec![], agents: None, view: None };
        push_facts(second, out);
    }
}

/// Rows of the watched panes that are newer than what the client has, the focused pane first; and when to look again.
fn panes(hub: &Rc<Hub>, client: &Client) -> (Vec<u8>, Option<Instant>) {
    let mut out = Vec::new();
    let mut hold = None;
    let mut watched = client.watch.borrow().clone();
    watched.sort_by_key(|w| !w.focused);
    watched.dedup_by(|a, b| a.session == b.session);
    let mut sent = client.sent.borrow_mut();
    for w in watched {
        let Some(pane) = hub.pane(&w.session) else { continue };
        let sent = sent.entry(w.session.clone()).or_default();
        if sent.in_flight.is_some() {
            continue;
        }
        // At once when the pane's last frame is older than its window, else at the end of that. What only passes by while a
        // person types elsewhere is shown less often.
        let window = match () {
            () if !w.focused && hub.typed_elsewhere(&w.session) => FRAME_ASIDE,
            () if pane.floods() => FRAME_FLOOD,
            () => FRAME,
        };
        if let Some(due) = sent.at.map(|at| at + window).filter(|due| *due > Instant::now()) {
            hold = Some(hold.map_or(due, |h: Instant| h.min(due)));
            continue;
        }
        let foreign = pane.sized_by().is_some_and(|c| c != client.id);
        match frames::build(&pane, &w, sent, foreign, Now::read()) {
            frames::Built::Nothing => {}
            frames::Built::Held { ms } => {
                let t = Instant::now() + Duration::from_millis(ms);
                hold = Some(hold.map_or(t, |h: Instant| h.min(t)));
            }
            frames::Built::Frame(mut frame) => {
                let seq = client.seq.get() + 1;
                client.seq.set(seq);
                frame.seq = seq;
                let Ok(bytes) = frame.encode() else { continue };
                if encode(FrameKind::Pane, &bytes, &mut out).is_ok() {
                    sent.in_flight = Some(seq);
                    sent.at = Some(Instant::now());
                }
            }
        }
    }
    (out, hold)
}
