//! Connections taken: who is at the other end, what it may do, and the end of it. Must not know what it says.

use super::{Client, reading, writing};
use crate::ipc;
use crate::pty::tree::is_holder;
use crate::pty::{Endpoint, tree};
use crate::server::hub::Hub;
use crate::server::roles::{Role, role_of};
use crate::wire::FrameKind;
use crate::wire::frame::encode;
use crate::wire::message::ServerMsg;
use std::cell::{Cell, RefCell};
use std::fs::File;
use std::rc::Rc;
use std::time::Duration;
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{Notify, watch};

/// Connections at once.
const CLIENTS: usize = 256;

/// The role of a caller by its parents. While a session is being started its holder is not known yet, and its first process
/// may be quick: then this waits for the start.
async fn place(hub: &Rc<Hub>, lineage: &[i32]) -> Role {
    let mut launches = hub.launches();
    loop {
        match role_of(lineage, &hub.holders()) {
            Role::Outside => {}
            inside => return inside,
        }
        // A server that itself runs in a session shares that session's holder with all its callers.
        let own = hub.lineage();
        if !lineage.iter().any(|pid| !own.contains(pid) && is_holder(*pid)) {
            return Role::Outside;
        }
        if *launches.borrow_and_update() == 0 || launches.changed().await.is_err() {
            return Role::Elsewhere;
        }
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
        role: place(&hub, &lineage).await,
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
