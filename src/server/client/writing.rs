//! What is sent to a connection: answers, facts and rows that are newer than what it has, worked out only when it can take them.
//! Must not know what it said.

use super::Client;
use crate::base::Now;
use crate::pty::Endpoint;
use crate::server::frames;
use crate::server::hub::Hub;
use crate::wire::FrameKind;
use crate::wire::frame::encode;
use crate::wire::message::ServerMsg;
use std::rc::Rc;
use std::time::Duration;
use tokio::time::Instant;

/// Shortest time between two frames when output goes on.
const FRAME: Duration = Duration::from_millis(5);
/// The same while output pours in: a hundred pictures a second are more than screens show, and more only slow the output.
const FRAME_FLOOD: Duration = Duration::from_millis(10);
/// The same for a pane beside the one that a person types into.
const FRAME_ASIDE: Duration = Duration::from_millis(33);
/// A client that takes nothing for so long is detached.
const STALE: Duration = Duration::from_secs(30);

/// Sends until the connection ends; why it does.
pub(super) async fn run(hub: &Rc<Hub>, client: &Rc<Client>, end: &Endpoint) -> &'static str {
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
                // Who had something new meanwhile has called.
                Ok(Ok(())) => {}
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
    let agents = if sent.agents { None } else { hub.agents.borrow().clone() };
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
        Some(ServerMsg::Facts { rev: w.rev(), full, sessions, removed, timeline, agents, view: sent.view.take(), more: false })
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
    let ServerMsg::Facts { rev, full, mut sessions, removed, mut timeline, agents, view, more } = message else { return };
    if sessions.len() > 1 || timeline.len() > 1 {
        let rest = sessions.split_off(sessions.len() / 2);
        let later = timeline.split_off(timeline.len() / 2);
        push_facts(ServerMsg::Facts { rev, full, sessions, removed, timeline, agents, view, more: true }, out);
        let second = ServerMsg::Facts { rev, full, sessions: rest, removed: vec![], timeline: later, agents: None, view: None, more };
        return push_facts(second, out);
    }
    // One session alone of which too much is known.
    if let Some(one) = sessions.iter_mut().find(|s| !s.shortened) {
        one.shorten();
        push_facts(ServerMsg::Facts { rev, full, sessions, removed, timeline, agents, view, more }, out);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::SessionId;
    use crate::model::{Command, Limits, Recipe, World};
    use crate::wire::Decoder;

    #[test]
    fn what_does_not_fit_into_one_message_comes_in_parts_that_say_so() {
        let (mut w, now) = (World::new(1, Limits { max_working: 3000, max_sessions: 3000 }), Now { mono_ms: 1000, wall_ms: 1000 });
        let recipe = |n| Recipe { agent: "codex".into(), name: format!("s{n}"), task: Some("a task ".repeat(900)), ..Recipe::default() };
        let ids: Vec<SessionId> = (0..3000).map(|n| w.apply(Command::Create(Box::new(recipe(n))), now).created.expect("made")).collect();
        let sessions = w.sessions().map(|r| r.view(now)).collect();
        let mut out = Vec::new();
        let whole =
            ServerMsg::Facts { rev: 7, full: true, sessions, removed: vec![], timeline: vec![], agents: None, view: Some("v".into()), more: false };
        push_facts(whole, &mut out);
        let mut decoder = Decoder::new();
        decoder.push(&out);
        let (mut got, mut parts) = (Vec::new(), Vec::new());
        while let Some(frame) = decoder.next_frame().expect("a frame") {
            let ServerMsg::Facts { full, sessions, view, more, .. } = serde_json::from_slice(&frame.payload).expect("facts") else { panic!() };
            got.extend(sessions.into_iter().map(|s| s.id));
            parts.push((full, view.is_some(), more));
        }
        assert_eq!(got, ids);
        assert!(parts.len() > 1, "{parts:?}");
        let last = parts.len() - 1;
        assert!(parts.iter().enumerate().all(|(i, p)| *p == (true, i == 0, i < last)), "{parts:?}");
    }
}
