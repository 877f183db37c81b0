//! What the server says: facts, answers, notices. Must not know how it is shown.

use super::dialog::{Dialog, NewForm};
use super::io::Effect;
use super::modes::Layer;
use super::requests::Purpose;
use super::{App, Link};
use crate::base::SessionId;
use crate::layout::Direction;
use crate::wire::explain::Explanation;
use crate::wire::facts::{AgentInfo, TimelineEntry};
use crate::wire::message::{Level, WireError};
use crate::wire::{ClientMsg, Notification, Op, ServerMsg, Session, State};
use serde_json::Value;

/// Notifications of the outer terminal that can still be taken back.
const NOTIFIED: usize = 64;

impl App {
    pub(super) fn connected(&mut self, out: &mut Vec<Effect>) {
        self.link = Link::Up;
        self.watched = None;
        self.mirror.forget_rows();
        out.push(Effect::Send(ClientMsg::Subscribe { view: Some(self.setup.cwd.clone()) }));
        self.reopen_replays(out);
        if self.outer_focus_told {
            out.push(Effect::Send(ClientMsg::Focus { on: self.outer_focus }));
        }
        let env = super::setup::desktop(&self.setup.client_env);
        if !env.is_empty() {
            out.push(Effect::Send(ClientMsg::Desktop { env }));
        }
    }

    /// Sends a request. Nothing is sent while the connection is down, and that is said.
    pub(super) fn request(&mut self, op: Op, purpose: Purpose, out: &mut Vec<Effect>) -> bool {
        if self.link != Link::Up {
            self.note(Level::Error, "the server is away; try again in a moment", "");
            return false;
        }
        let Some(id) = self.requests.open(purpose) else {
            self.note(Level::Error, "too many requests wait for the server", "");
            return false;
        };
        out.push(Effect::Send(ClientMsg::Request { id, op }));
        true
    }

    pub(super) fn server(&mut self, msg: ServerMsg, out: &mut Vec<Effect>) {
        let Some(msg) = self.parts.join(msg) else { return };
        match msg {
            ServerMsg::Facts { rev, full, sessions, removed, timeline, agents, view, .. } => {
                let first = !self.mirror.loaded && full;
                let explained = self.layers.iter().find_map(|l| if let Layer::Explain(id, ..) = l { Some(id.clone()) } else { None });
                let explained = explained.filter(|id| sessions.iter().any(|s| s.id == *id));
                let change = self.mirror.facts(rev, full, sessions, removed, timeline, agents);
                for id in &change.gone {
                    self.tabs.forget(id);
                    self.clip.forget(id);
                    self.follow_up.targets.retain(|t| t != id);
                }
                if first {
                    self.place_first(view.as_deref(), out);
                } else {
                    self.place_new(&change.new);
                }
                self.close_editors();
                if let Some(id) = explained.filter(|id| !self.requests.awaits(&Purpose::Explain(id.clone()))) {
                    self.request(Op::Explain { session: id.to_string() }, Purpose::Explain(id), out);
                }
                self.seen(out);
            }
            ServerMsg::Reply { id, ok, error } => {
                if let Some(purpose) = self.requests.close(id) {
                    self.reply(purpose, ok, error, out);
                }
            }
            ServerMsg::Notice { level, session, title, text } => self.notice(level, session, &title, &text),
            ServerMsg::Notification { notification, again, toast, terminal } => self.notification(notification, again, toast, terminal, out),
            ServerMsg::NotificationGone { id } => {
                self.toasts.take_back(id);
                if let Some(at) = self.notified.iter().position(|n| *n == id) {
                    self.notified.remove(at);
                    out.push(Effect::Unnotify(id));
                }
            }
            ServerMsg::Clipboard { session, text } => self.clipboard_wish(session, text, out),
            ServerMsg::Replay { replay, at, length, wall_ms, playing } => self.replay_moved(&replay, at, length, wall_ms, playing),
            ServerMsg::Bye { reason } => self.link = Link::Down(crate::base::text::safe_line(&reason, 120)),
            ServerMsg::Moved { session, moved, marks } => self.moved(session, moved, marks, out),
            ServerMsg::Hello { .. } | ServerMsg::Unknown => {}
        }
    }

    /// The server reads the settings again too: what is recorded and told, and how many may work, is its affair.
    pub(super) fn reload_server(&mut self, out: &mut Vec<Effect>) {
        if self.link == Link::Up && !self.setup.read_only {
            self.request(Op::Reload, Purpose::Quiet("the server did not read the settings"), out);
        }
    }

    /// What is in the focused pane has been looked at.
    pub(super) fn seen(&mut self, out: &mut Vec<Effect>) {
        let Some(id) = self.tabs.focused_session().cloned() else { return };
        if self.outer_focus && !self.setup.read_only && self.mirror.get(&id).is_some_and(|s| s.unread) {
            self.request(Op::Seen { session: id }, Purpose::Quiet(""), out);
        }
    }

    /// The first facts: the saved arrangement, the session asked for, or the one that needs the user most.
    fn place_first(&mut self, view: Option<&str>, out: &mut Vec<Effect>) {
        self.placed = true;
        if let Some(view) = view
            && self.restore_view(view)
        {
            let shown: Vec<SessionId> = self.tabs.all().iter().flat_map(|t| t.tree.panes()).filter_map(|p| self.tabs.session(p).cloned()).collect();
            for id in shown.iter().filter(|id| self.mirror.get(id).is_none()) {
                self.tabs.forget(id);
            }
        }
        if let Some(wanted) = self.setup.focus.clone().and_then(|w| self.by_name(&w)) {
            match self.setup.replay {
                Some(_) => self.open_replay(wanted, None, String::new(), out),
                None => self.show_session(wanted),
            }
        } else if self.tabs.is_blank()
            && let Some(id) = self.worth_showing()
        {
            self.tabs.show(self.tabs.focus(), id);
        }
        if self.mirror.sessions().is_empty() && !self.setup.read_only {
            self.open_new_form(true, out);
        }
    }

    fn worth_showing(&self) -> Option<SessionId> {
        let live = self.mirror.working_set().filter(|s| !s.state.ended()).max_by_key(|s| s.number);
        let first = self.mirror.waiting().into_iter().next().or(live).or_else(|| self.mirror.newest());
        first.map(|s| s.id.clone())
    }

    /// A session as a person names it.
    fn by_name(&self, name: &str) -> Option<SessionId> {
        let number = name.trim_start_matches("session-id-").trim_start_matches('#').parse::<u32>().ok();
        let all = self.mirror.sessions();
        let exact = all.iter().find(|s| Some(s.number) == number || s.name == name || s.id.as_str() == name);
        let mut starts = all.iter().filter(|s| s.name.starts_with(name) || s.id.as_str().starts_with(name));
        match exact {
            Some(s) => Some(s.id.clone()),
            None => starts.next().filter(|_| starts.next().is_none()).map(|s| s.id.clone()),
        }
    }

    /// Sessions that came from elsewhere: they take an empty screen, nothing else.
    fn place_new(&mut self, new: &[SessionId]) {
        let Some(first) = new.iter().find(|id| self.mirror.get(id).is_some_and(|s| !s.kind.watches())).cloned() else { return };
        // The dialog that opened only because there was nothing goes as long as nobody used it.
        let unused = |l: &Layer| matches!(l, Layer::Dialog(d) if matches!(&**d, Dialog::New(f) if f.untouched && !f.busy));
        self.layers.retain(|l| !unused(l));
        let asked = self.has_layer(|l| matches!(l, Layer::Dialog(d) if matches!(**d, Dialog::New(_))));
        if self.tabs.is_blank() && !asked {
            self.tabs.show(self.tabs.focus(), first);
        }
    }

    /// Shows a session where it fits best: where it stands already, in the focused pane when that is empty, in a split beside,
    /// or in a tab of its own when there is no room.
    pub(super) fn open_beside(&mut self, id: SessionId, take_focus: bool) {
        if self.tabs.pane_of(&id).is_some() {
            if take_focus {
                self.tabs.go_to(&id);
            }
            return;
        }
        let focus = self.tabs.focus();
        if self.tabs.session(focus).is_none() {
            return self.tabs.show(focus, id);
        }
        let room = self.areas().rects.of(focus).unwrap_or_default();
        let direction = if room.w >= 121 {
            Some(Direction::Right)
        } else if room.h >= 25 {
            Some(Direction::Down)
        } else if room.w >= 81 {
            Some(Direction::Right)
        } else if room.h >= 13 {
            Some(Direction::Down)
        } else {
            None
        };
        match direction.and_then(|d| self.tabs.split(d)) {
            Some(pane) => {
                self.tabs.show(pane, id);
                if take_focus {
                    self.tabs.focus_on(pane);
                }
            }
            None => {
                let back = self.tabs.active();
                if self.tabs.new_tab() {
                    let tab = self.tabs.active() + 1;
                    let what = self.mirror.get(&id).map_or_else(|| "it".to_owned(), |s| format!("#{} {}", s.number, s.name));
                    self.tabs.show(self.tabs.focus(), id);
                    if !take_focus {
                        self.tabs.go(back);
                        // There was no room beside this pane: who asked for it would look for it here.
                        self.note(Level::Info, &format!("{what} is in tab {tab}"), "");
                    }
                }
            }
        }
    }

    /// Shows a session in the focused pane, or goes to where it stands.
    pub(super) fn show_session(&mut self, id: SessionId) {
        if !self.tabs.go_to(&id) {
            let focus = self.tabs.focus();
            self.looks.remove(&focus);
            self.tabs.show(focus, id);
        }
    }

    /// An answer to this client, or news of its own.
    fn notice(&mut self, level: Level, session: Option<SessionId>, title: &str, text: &str) {
        if !self.is_before_the_eyes(session.as_ref()) {
            self.toasts.push(level, session, title, text, self.config.options.toast_seconds, self.now);
        }
    }

    /// A notification: whether and where it is told was decided by the server, for all clients.
    fn notification(&mut self, n: Box<Notification>, again: bool, toast: bool, terminal: bool, out: &mut Vec<Effect>) {
        if toast && !self.is_before_the_eyes(n.session.as_ref()) {
            self.toasts.tell(&n, again, self.config.options.toast_seconds, self.now);
        }
        if terminal {
            if !self.notified.contains(&n.id) {
                self.notified.push_back(n.id);
                if self.notified.len() > NOTIFIED {
                    self.notified.pop_front();
                }
            }
            out.push(Effect::Notify { notification: n, again });
        }
    }

    /// A person looks at this session now.
    fn is_before_the_eyes(&self, session: Option<&SessionId>) -> bool {
        session.is_some() && self.tabs.focused_session() == session && self.layers.is_empty() && self.outer_focus
    }

    fn reply(&mut self, purpose: Purpose, ok: Option<Value>, error: Option<WireError>, out: &mut Vec<Effect>) {
        if let Some(e) = error {
            return self.refused(purpose, &e, out);
        }
        let value = ok.unwrap_or(Value::Null);
        match purpose {
            Purpose::New | Purpose::Watcher | Purpose::Editor(_) => {
                let Ok(s) = serde_json::from_value::<Session>(value) else {
                    return self.for_new_form(|f| f.busy = false);
                };
                let (id, state) = (s.id.clone(), s.state);
                if self.mirror.get(&id).is_none() {
                    self.mirror.facts(self.mirror.rev, false, vec![s], Vec::new(), Vec::new(), None);
                }
                let mine = purpose != Purpose::Watcher;
                if mine {
                    self.layers.retain(|l| !matches!(l, Layer::Dialog(d) if matches!(**d, Dialog::New(_))));
                    if state == State::Queued {
                        self.note(Level::Info, "queued: it starts when another one is done", "");
                    }
                }
                self.open_beside(id.clone(), mine);
                if let Purpose::Editor(from) = purpose {
                    self.edits(id, from);
                }
            }
            Purpose::Brief => self.brief_answer(value, out),
            Purpose::Handoff(id) => self.handoff_answer(id, value, out),
            Purpose::Quiet(_) => {}
            Purpose::Files(query) => self.files_answer(&query, &value),
            Purpose::FollowUp(_) => {
                let list = |k: &str| {
                    let all: Vec<String> = value.get(k)?.as_array()?.iter().filter_map(Value::as_u64).map(|n| format!("#{n}")).collect();
                    (!all.is_empty()).then(|| all.join(" "))
                };
                let text = match (list("sent"), list("queued")) {
                    (Some(s), Some(q)) => format!("sent to {s}, queued for {q}"),
                    (None, Some(q)) => format!("queued for {q}, goes when the turn is over"),
                    (Some(s), None) => format!("sent to {s}"),
                    (None, None) => "sent".to_owned(),
                };
                let failed = value.get("failed").and_then(Value::as_array).into_iter().flatten();
                let why = |f: &Value| Some(format!("not sent to #{}: {}", f.get("session")?, f.get("why")?.as_str()?));
                match failed.filter_map(why).collect::<Vec<_>>().join("; ") {
                    none if none.is_empty() => self.note(Level::Success, &text, ""),
                    some => self.note(Level::Error, &some, &text),
                }
            }
            Purpose::Agents => {
                let agents = value.get("agents").cloned().and_then(|v| serde_json::from_value::<Vec<AgentInfo>>(v).ok());
                self.mirror.agents = agents.unwrap_or_default();
            }
            Purpose::Explain(id) => {
                let told = serde_json::from_value::<Explanation>(value).ok().map(Box::new);
                for layer in &mut self.layers {
                    if let Layer::Explain(of, shown, _) = layer
                        && *of == id
                    {
                        shown.clone_from(&told);
                    }
                }
            }
            Purpose::SearchAll(token) => self.searched(token, Ok(value), out),
            Purpose::LineOf(id, pattern) => {
                let line = value.get("line").and_then(Value::as_u64).unwrap_or(0);
                self.look_at(id, line, pattern, out);
            }
            Purpose::Matches(pane, line) => self.matches_at(pane, line, value),
            Purpose::ReplayOpen(pane) => self.replay_told(pane, true, value, out),
            Purpose::Replay(pane) | Purpose::ReplayFind(pane) => self.replay_told(pane, false, value, out),
            Purpose::ReplayMatches(pane) => self.replay_matches(pane, value),
            Purpose::Search(pane, pattern, then) => {
                self.found(pane, pattern, then, value, out);
                self.go_on_looking(pane, out);
            }
            Purpose::Move(pane, motion) => self.walked(pane, motion, &value, out),
            Purpose::Output(pane) => self.select_output(pane, &value, out),
            Purpose::Open(session, wanted) => self.open_wanted(&session, wanted, &value, out),
            Purpose::Text(take, session, _) => {
                let text = value.get("text").and_then(Value::as_str).unwrap_or_default().to_owned();
                self.take_text(text, take, session, out);
            }
            Purpose::Timeline => {
                let old = value.get("entries").cloned().and_then(|v| serde_json::from_value::<Vec<TimelineEntry>>(v).ok()).unwrap_or_default();
                self.mirror.older(old);
            }
        }
    }

    fn refused(&mut self, purpose: Purpose, e: &WireError, out: &mut Vec<Effect>) {
        let text = if e.hint.is_empty() { String::new() } else { e.hint.clone() };
        match purpose {
            Purpose::New | Purpose::Brief | Purpose::Editor(_) => {
                let why = if text.is_empty() { e.message.clone() } else { format!("{}: {text}", e.message) };
                let why = crate::base::text::safe_line(&why, 300);
                let mut shown = false;
                self.for_new_form(|f| {
                    f.busy = false;
                    f.error = Some(why.clone());
                    shown = true;
                });
                if !shown {
                    self.note(Level::Error, &why, "");
                }
            }
            Purpose::FollowUp(draft) => {
                self.note(Level::Error, &e.message, &text);
                if self.follow_up.editor.is_empty() {
                    self.follow_up.editor.set(&draft);
                }
            }
            Purpose::Quiet("") => {}
            Purpose::Files(_) => self.files_refused(),
            Purpose::SearchAll(token) => self.searched(token, Err(e), out),
            Purpose::ReplayOpen(pane) | Purpose::Replay(pane) if e.kind == "not_found" => {
                self.replay_refused(pane);
                self.note(Level::Info, &e.message, &text);
            }
            Purpose::Search(pane, ..) => self.search_failed(pane, e, out),
            Purpose::Move(pane, _) | Purpose::Output(pane) => {
                self.motion_failed(pane);
                self.note(Level::Error, &e.message, &text);
            }
            Purpose::Text(_, _, Some((pane, look))) => {
                self.look_again(pane, *look);
                self.note(Level::Error, &e.message, &text);
            }
            Purpose::Quiet(what) => self.note(Level::Error, &format!("{what}: {}", e.message), &text),
            _ => self.note(Level::Error, &e.message, &text),
        }
    }

    /// Does something to the new-session dialog when it is open.
    pub(super) fn for_new_form(&mut self, mut f: impl FnMut(&mut NewForm)) {
        for layer in &mut self.layers {
            if let Layer::Dialog(d) = layer
                && let Dialog::New(form) = &mut **d
            {
                f(form);
            }
        }
    }
}
