//! What a connection says: bytes to messages, each carried out or handed on. Must not know how answers are sent.

use super::{Client, FactsSent, shown};
use crate::pty::Endpoint;
use crate::server::hub::{Hub, wire_error};
use crate::server::ops;
use crate::server::roles::Role;
use crate::wire::message::{ClientKind, ClientMsg, ServerMsg};
use crate::wire::{Decoder, FrameKind, PROTOCOL, ROWS_VERSION, quick};
use std::io;
use std::rc::Rc;
use std::time::Duration;
use tokio::time::Instant;

/// Requests of one client that may be under way.
const REQUESTS: usize = 64;
/// A connection that says no hello for so long is closed.
const HELLO: Duration = Duration::from_secs(10);

/// Messages taken before others have their turn: a client that pours keys in holds up nobody's.
const TURN: u64 = 32;

/// Reads until the connection ends; why it does.
pub(super) async fn run(hub: &Rc<Hub>, client: &Rc<Client>, end: &Endpoint) -> &'static str {
    let mut decoder = Decoder::new();
    let mut buffer = vec![0u8; 16 * 1024];
    let (mut greeted, mut taken) = (false, 0u64);
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
            taken += 1;
            if taken % TURN == 0 {
                tokio::task::yield_now().await;
            }
        }
    }
}

/// Answers a request of a newer client that this server does not understand.
fn bad_request(client: &Client, payload: &[u8], why: &str) {
    let Ok(value) = serde_json::from_slice::<serde_json::Value>(payload) else { return };
    if let Some(id) = value.get("id").and_then(serde_json::Value::as_u64) {
        let error = wire_error("usage", format!("the server does not understand this request: {why}"), "");
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
                let error = wire_error("unavailable", "too many requests at once", "wait for answers");
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
        ClientMsg::Watch { panes, figures } => shown::watch(hub, client, panes, figures),
        ClientMsg::Input { session, input } => shown::input(hub, client, &session, input),
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
