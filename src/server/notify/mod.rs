//! Notifications of the server: news from the facts, from the model and from programs, through the policy, to the clients, the
//! desktop and the command hook. Must not know how a terminal is asked, or what is worth telling.

mod desktop;
pub(super) mod notices;
mod programs;
mod run;

use super::git_watch;
use super::hub::Hub;
use crate::base::{Now, SessionId};
use crate::config::Channel;
use crate::model::notices::{Act, Figures, News, Viewer, teller, text};
use crate::wire::message::{Level, ServerMsg};
use crate::wire::{Notification, Session, State};
use std::rc::Rc;
use std::time::Duration;
use tokio::time::Instant;

/// Longest wait for the figures of what is done.
const FIGURES: Duration = Duration::from_secs(2);
/// Notifications whose client is remembered.
const TELLERS: usize = 512;
/// Tells what the clock brings, until the server ends. Sleeps while nothing is pending.
pub async fn clock(hub: Rc<Hub>) {
    loop {
        let notices = &hub.notices;
        let at = notices.policy.borrow().next_wake();
        notices.armed.set(at);
        let sleep = async {
            match at {
                Some(at) => tokio::time::sleep_until(Instant::now() + Duration::from_millis(at.saturating_sub(Now::read().mono_ms))).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = hub.closing() => return,
            () = notices.earlier.notified() => {}
            () = sleep => {
                let acts = notices.policy.borrow_mut().due(&|id| is_looked_at(&hub, id), Now::read().mono_ms);
                carry_out(&hub, acts);
            }
        }
    }
}

/// The facts may have changed: what they say now is told, what no longer holds is taken back.
pub fn facts_changed(hub: &Rc<Hub>) {
    let notices = &hub.notices;
    let news = hub.world(|w| notices.watch.borrow_mut().look(w));
    if notices.policy.borrow().has_questions() {
        let acts = hub.world(|w| {
            // A hand-off stands until it was looked at; what was muted is taken back.
            let waits = |id: &SessionId| {
                let needs = |f: &Session| f.state == State::Waiting || f.handoffs.iter().any(|h| h.open);
                w.get(id).is_some_and(|r| !r.facts.muted && needs(&r.facts))
            };
            notices.policy.borrow_mut().settle(&waits, Now::read().mono_ms)
        });
        carry_out(hub, acts);
    }
    for n in news {
        ask(hub, n, 1);
    }
}

/// The model found something worth telling.
pub fn noticed(hub: &Rc<Hub>, level: Level, id: &SessionId, title: String, said: String) {
    let Some((state, base)) = hub.world(|w| w.get(id).map(|r| (r.facts.state, r.facts.base.is_some()))) else { return };
    if level == Level::Attention && state == State::Waiting {
        return; // the facts tell it, with every change of the question
    }
    let ends = level == Level::Success || (level == Level::Info && state == State::Idle);
    if !(ends && base) {
        return tell(hub, level, id, &title, &said, None);
    }
    let (task_hub, id) = (Rc::clone(hub), id.clone());
    hub.spawn("figures of what is done", async move {
        let found = tokio::time::timeout(FIGURES, git_watch::figures(&task_hub, &id)).await.ok().flatten();
        // A turn that began meanwhile ends later.
        if task_hub.world(|w| w.get(&id).is_some_and(|r| r.facts.state == state)) {
            tell(&task_hub, level, &id, &title, &said, found);
        }
    });
}

fn tell(hub: &Rc<Hub>, level: Level, id: &SessionId, title: &str, said: &str, figures: Option<Figures>) {
    let news = hub.world(|w| {
        let r = w.get(id)?;
        let before = hub.notices.watch.borrow_mut().phase_before(r);
        Some(text::told(r, level, title, said, before.as_ref(), figures))
    });
    if let Some(news) = news {
        ask(hub, news, 1);
    }
}

/// The program in a session asks for a notification (OSC 9, 99, 777), or rings the bell (no words).
pub fn said(hub: &Rc<Hub>, id: &SessionId, title: &str, body: &str) {
    // Most of a flood are not worth their words.
    if hub.notices.policy.borrow().only_counts(id, Now::read().mono_ms) {
        return missed(hub, id, 1);
    }
    let body = if title.is_empty() && body.is_empty() { "rang the bell" } else { body };
    let news = hub.world(|w| w.get(id).filter(|r| !r.facts.kind.watches()).map(|r| text::message(r, title, body)));
    if let Some(news) = news {
        ask(hub, news, 1);
    }
}

/// So many events of a session were too many to be read one by one.
pub fn missed(hub: &Rc<Hub>, id: &SessionId, count: u64) {
    if !is_muted(hub, id) {
        hub.notices.policy.borrow_mut().more_messages(id, count);
        arm(hub);
    }
}

fn ask(hub: &Rc<Hub>, news: News, count: u64) {
    if is_muted(hub, &news.session) {
        return;
    }
    let looked = is_looked_at(hub, &news.session);
    let acts = hub.notices.policy.borrow_mut().many(news, count, looked, Now::read().mono_ms);
    carry_out(hub, acts);
}

/// Has the clock task look again when something is due earlier than it thinks.
fn arm(hub: &Hub) {
    let notices = &hub.notices;
    let next = notices.policy.borrow().next_wake();
    if next.is_some_and(|n| notices.armed.get().is_none_or(|a| n < a)) {
        notices.armed.set(next);
        notices.earlier.notify_one();
    }
}

fn viewer(c: &super::client::Client) -> Viewer {
    Viewer { id: c.id, focus: c.focus.get(), active_ms: c.active_ms.get(), read_only: c.read_only.get() }
}

/// Whether nothing of this session is to be told.
fn is_muted(hub: &Hub, id: &SessionId) -> bool {
    hub.world(|w| w.get(id).is_some_and(|r| r.facts.muted))
}

/// Whether a person has this session before the eyes.
fn is_looked_at(hub: &Hub, id: &SessionId) -> bool {
    let now = Now::read().mono_ms;
    hub.clients().iter().any(|c| c.subscribed() && c.is_screen() && c.watched(id).is_some_and(|w| w.focused) && viewer(c).is_looked_at(now))
}

fn carry_out(hub: &Rc<Hub>, acts: Vec<Act>) {
    for act in acts {
        match act {
            Act::Tell { notification, again, toast, outside } => to_all(hub, notification, again, toast, outside),
            Act::Gone(id) => {
                hub.notices.tellers.borrow_mut().remove(&id);
                hub.notices.programs.desktop.take_back(hub, id);
                hub.broadcast(&ServerMsg::NotificationGone { id });
            }
        }
    }
    arm(hub);
}

fn to_all(hub: &Rc<Hub>, n: Notification, again: bool, toast: bool, outside: bool) {
    let settings = hub.settings().notifications;
    let tells = |channel| settings.tells(n.kind, channel);
    let toast = toast && tells(Channel::Toast);
    let clients: Vec<_> = hub.clients().into_iter().filter(|c| c.subscribed() && c.is_screen()).collect();
    let by = {
        let mut tellers = hub.notices.tellers.borrow_mut();
        if outside && tells(Channel::Terminal) {
            let by = teller(&clients.iter().map(|c| viewer(c)).collect::<Vec<_>>());
            if let Some(by) = by {
                tellers.insert(n.id, by);
            }
            if tellers.len() > TELLERS {
                tellers.pop_first();
            }
            by
        } else {
            tellers.get(&n.id).copied().filter(|_| again)
        }
    };
    for c in clients {
        let terminal = by == Some(c.id);
        if toast || terminal {
            c.push(&ServerMsg::Notification { notification: Box::new(n.clone()), again, toast, terminal });
        }
    }
    if outside {
        tracing::info!(kind = n.kind.word(), title = n.title, text = n.text, "told");
    }
    if outside && tells(Channel::Desktop) {
        hub.notices.programs.desktop.show(hub, &n);
    } else if again {
        hub.notices.programs.desktop.again(hub, &n);
    }
    if outside && tells(Channel::Command) {
        hub.notices.programs.command(hub, &settings.command, &n);
    }
}
