//! The panes that a client shows: which, how large, and what is typed there. Must not know how their rows are sent.

use super::Client;
use crate::base::{Now, SessionId};
use crate::server::hub::Hub;
use crate::server::pane::Pane;
use crate::server::{anchors, sizes};
use crate::wire::message::{PaneInput, PaneWatch, ServerMsg};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::rc::Rc;

/// Largest paste, in bytes.
const MAX_PASTE: usize = 1 << 20;
/// When the same paste once more is a yes, in milliseconds: not before the question can have been read (a key repeats, a hand
/// clicks twice), nor long after.
const ONCE_MORE_MS: std::ops::Range<u64> = 500..10_000;

/// These panes are in its sight from now on.
pub(super) fn watch(hub: &Rc<Hub>, client: &Rc<Client>, panes: Vec<PaneWatch>, figures: bool) {
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
        new.marks.truncate(anchors::MARKS);
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

/// A key, a mouse event or a part of a paste for one of them.
pub(super) fn input(hub: &Rc<Hub>, client: &Rc<Client>, id: &SessionId, input: PaneInput) {
    if client.read_only.get() || !client.subscribed() {
        return;
    }
    let Some(pane) = hub.pane(id) else { return };
    // A key first, and all that is noted of it while its echo is made.
    let result = match input {
        PaneInput::Key { key } => {
            let result = pane.key(&key);
            typed(hub, client, &pane);
            result
        }
        PaneInput::Mouse { event } => {
            typed(hub, client, &pane);
            pane.mouse(&event)
        }
        PaneInput::Paste { text, last } => {
            typed(hub, client, &pane);
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
                Some(text) => paste(client, &pane, &text),
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

/// A whole paste. Several lines for a program that would run each as it comes go in when a person pastes them once more.
fn paste(client: &Client, pane: &Pane, text: &str) -> Result<(), String> {
    let refused = client.refused.take();
    if !pane.runs_lines(text) {
        return pane.paste(text);
    }
    let now = Now::read().mono_ms;
    let mut hasher = DefaultHasher::new();
    (&pane.id, text).hash(&mut hasher);
    let hash = hasher.finish();
    if refused.is_some_and(|(old, at)| old == hash && ONCE_MORE_MS.contains(&now.saturating_sub(at))) {
        return pane.paste_as_typed(text);
    }
    client.refused.set(Some((hash, now)));
    Err(match text.lines().count() {
        1 => "paste again: the line and its Enter go in as if typed".to_owned(),
        n => format!("paste again: {n} lines, each goes in as if typed"),
    })
}

/// A person is at work in a pane.
fn typed(hub: &Rc<Hub>, client: &Client, pane: &Rc<Pane>) {
    client.active_ms.set(Now::read().mono_ms);
    if client.typed_in.borrow().as_ref() != Some(&pane.id) {
        *client.typed_in.borrow_mut() = Some(pane.id.clone());
    }
    hub.note_typed(&pane.id);
    sizes::settle(hub, pane);
}
