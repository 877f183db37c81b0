//! Commands on sessions: start, pause, stop, follow up. Must not know how they are carried out.

use super::App;
use super::dialog::{COMMAND, Confirm, Dialog, NewForm};
use super::io::Effect;
use super::modes::Layer;
use super::requests::Purpose;
use crate::base::{SessionId, text};
use crate::command::Cmd;
use crate::wire::facts::{ErrorReport, Kind};
use crate::wire::message::Level;
use crate::wire::op::NewSession;
use crate::wire::{Op, State};

impl App {
    pub(super) fn refuse_read_only(&mut self) -> bool {
        if self.setup.read_only {
            self.note(Level::Info, "read-only: nothing is changed from here", "");
        }
        self.setup.read_only
    }

    pub(super) fn pause_toggle(&mut self, out: &mut Vec<Effect>) {
        let states: Vec<State> = self.subjects().iter().filter_map(|id| self.mirror.get(id)).map(|s| s.state).collect();
        let all_paused = !states.is_empty() && states.iter().all(|s| *s == State::Paused || s.ended());
        self.on_subjects(if all_paused { Cmd::SessionResume } else { Cmd::SessionPause }, out);
    }

    /// One command on each session it makes sense for.
    pub(super) fn on_subjects(&mut self, cmd: Cmd, out: &mut Vec<Effect>) {
        if self.refuse_read_only() {
            return;
        }
        let (subjects, mut told, mut done) = (self.subjects(), false, false);
        if !subjects.iter().any(|id| self.mirror.get(id).is_some()) {
            return self.no_session();
        }
        for id in &subjects {
            let Some(s) = self.mirror.get(id) else { continue };
            let session = id.to_string();
            let (op, what) = match cmd {
                Cmd::SessionPause if s.state.ended() || s.state == State::Paused => continue,
                Cmd::SessionPause => (Op::Pause { session }, "pausing"),
                Cmd::SessionResume if s.state != State::Paused => continue,
                Cmd::SessionResume => (Op::Resume { session, client_env: Vec::new() }, "resuming"),
                Cmd::SessionDismiss if !s.state.ended() => {
                    if !told {
                        self.note(Level::Info, "it has not ended: stop it first", "");
                        told = true;
                    }
                    continue;
                }
                Cmd::SessionDismiss => (Op::Dismiss { session }, "dismissing"),
                Cmd::SessionPin => (Op::Pin { session, on: !s.pinned }, "pinning"),
                Cmd::SessionMute => {
                    let (on, who) = (!s.muted, format!("#{} {}", s.number, s.name));
                    let what = if on { "is muted: nothing of it is told" } else { "is told of again" };
                    self.note(Level::Info, &format!("{} {what}", text::safe_line(&who, 60)), "");
                    (Op::Mute { session, on }, "muting")
                }
                _ => continue,
            };
            done = true;
            self.request(op, Purpose::Quiet(what), out);
        }
        if !done && !told {
            let ended = subjects.iter().filter_map(|id| self.mirror.get(id)).all(|s| s.state.ended());
            let why = match cmd {
                _ if ended => "it has ended",
                Cmd::SessionPause => "it is paused already",
                _ => "it is not paused",
            };
            self.note(Level::Info, why, "");
        }
    }

    /// A key that is about a session was pressed where there is none.
    pub(super) fn no_session(&mut self) {
        self.note(Level::Info, "there is no session here", "");
    }

    pub(super) fn next_attention(&mut self, out: &mut Vec<Effect>) {
        let waiting: Vec<SessionId> = self.mirror.waiting().into_iter().map(|s| s.id.clone()).collect();
        let here = self.tabs.focused_session().and_then(|id| waiting.iter().position(|w| w == id));
        match waiting.get(here.map_or(0, |i| (i + 1) % waiting.len())) {
            Some(id) => {
                self.layers.clear();
                self.show_session(id.clone());
                self.seen(out);
            }
            None => self.note(Level::Info, "nobody waits for you", ""),
        }
    }

    pub(super) fn open_watcher(&mut self, kind: Kind, out: &mut Vec<Effect>) {
        if self.refuse_read_only() {
            return;
        }
        let Some(s) = self.subject().and_then(|id| self.mirror.get(&id)) else { return self.no_session() };
        // Watching a watcher means watching what it watches.
        let target = if s.kind.watches() { s.parent.clone() } else { Some(s.id.clone()) };
        let Some(s) = target.and_then(|id| self.mirror.get(&id)) else { return };
        let there = self.mirror.sessions().into_iter().find(|c| c.kind == kind && c.parent.as_ref() == Some(&s.id) && !c.state.ended());
        if let Some(id) = there.map(|c| c.id.clone()) {
            return self.open_beside(id, false);
        }
        let new = NewSession { kind, cwd: s.cwd.clone(), parent: Some(s.id.to_string()), ..self.new_session() };
        self.request(Op::New(Box::new(new)), Purpose::Watcher, out);
    }

    /// What every new session gets from this client.
    fn new_session(&self) -> NewSession {
        let areas = self.areas();
        let room = areas.content(self.tabs.focus()).unwrap_or(areas.panes);
        NewSession {
            client_env: self.setup.client_env.clone(),
            umask: self.setup.umask,
            cols: room.w.max(2),
            rows: room.h.max(1),
            ..NewSession::default()
        }
    }

    /// Starts a command in a pane beside this one; `purpose` says what becomes of it.
    pub(super) fn start_beside(&mut self, new: NewSession, purpose: Purpose, out: &mut Vec<Effect>) {
        if self.refuse_read_only() {
            return;
        }
        // What is opened is what is looked at from now on.
        let pane = self.tabs.focus();
        self.looks.remove(&pane);
        self.close_layer(|l| matches!(l, Layer::Scroll));
        let own = self.new_session();
        let new = NewSession { client_env: own.client_env, umask: own.umask, cols: own.cols, rows: own.rows, ..new };
        self.request(Op::New(Box::new(new)), purpose, out);
    }

    pub(super) fn start_session(&mut self, form: &NewForm, out: &mut Vec<Effect>) {
        if form.busy {
            return;
        }
        let choices = NewForm::agents(&self.mirror.agents);
        let task = form.task.text().trim().to_owned();
        let fail = |app: &mut App, why: String| app.for_new_form(|f| f.error = Some(why.clone()));
        let Some(choice) = choices.get(form.chosen(&choices)) else { return };
        if let Some(install) = &choice.install {
            return fail(self, format!("{} is not installed: {}", choice.name, text::safe_line(install, 200)));
        }
        let mut new = self.new_session();
        if choice.name == COMMAND {
            if task.is_empty() {
                return fail(self, "type the command to run".to_owned());
            }
            new.command = vec!["/bin/sh".to_owned(), "-c".to_owned(), task.clone()];
        } else {
            new.agent = Some(choice.name.clone());
        }
        let cwd = form.folder.text().trim().to_owned();
        if !cwd.starts_with('/') && !cwd.starts_with('~') {
            return fail(self, "the folder must be an absolute path".to_owned());
        }
        let home = self.setup.client_env.iter().find(|(k, _)| k == "HOME").map(|(_, v)| v.clone());
        new.cwd = match (cwd.strip_prefix('~'), home) {
            (Some(rest), Some(home)) => format!("{home}{rest}"),
            _ => cwd,
        };
        new.task = (!task.is_empty()).then_some(task);
        let name = form.name.text().trim().to_owned();
        new.name = (!name.is_empty()).then_some(name);
        new.kind = form.kind;
        new.record = form.record;
        let asked = match &form.delegates {
            Some(_) if choice.name != COMMAND => self.ask_brief(form, new, out),
            _ => self.request(Op::New(Box::new(new)), Purpose::New, out),
        };
        if asked {
            self.for_new_form(|f| f.busy = true);
        }
    }

    pub(super) fn ask_stop(&mut self, ids: Vec<SessionId>) {
        if self.refuse_read_only() {
            return;
        }
        let live: Vec<SessionId> = ids.into_iter().filter(|id| self.mirror.get(id).is_some_and(|s| !s.state.ended())).collect();
        if live.is_empty() {
            return self.note(Level::Info, "it has ended already", "");
        }
        let lines = self.stop_lines(&live);
        let dialog = Dialog::Confirm { what: Confirm::Stop(live), since: self.now.mono_ms, lines, yes: false };
        self.open(Layer::Dialog(Box::new(dialog)));
    }

    fn stop_lines(&self, ids: &[SessionId]) -> Vec<String> {
        let mut lines = Vec::new();
        for s in ids.iter().filter_map(|id| self.mirror.get(id)) {
            let uncommitted = s.changes.map_or(0, |c| c.uncommitted);
            let work = match uncommitted {
                0 => String::new(),
                1 => "  1 uncommitted file stays in its folder".to_owned(),
                n => format!("  {n} uncommitted files stay in its folder"),
            };
            lines.push(format!("#{} {}  {}{work}", s.number, text::safe_line(&s.name, 40), s.state.word()));
        }
        lines
    }

    /// A question whose subject changed begins to stand anew; one about nothing goes.
    pub(super) fn refresh_confirm(&mut self) {
        let Some(Layer::Dialog(d)) = self.layers.last() else { return };
        let Dialog::Confirm { what: Confirm::Stop(ids), lines, .. } = &**d else { return };
        let live: Vec<SessionId> = ids.iter().filter(|id| self.mirror.get(id).is_some_and(|s| !s.state.ended())).cloned().collect();
        let fresh = self.stop_lines(&live);
        if live.is_empty() {
            self.layers.pop();
        } else if fresh != *lines {
            let now = self.now.mono_ms;
            if let Some(Layer::Dialog(d)) = self.layers.last_mut()
                && let Dialog::Confirm { what, since, lines, .. } = &mut **d
            {
                *what = Confirm::Stop(live);
                *since = now;
                *lines = fresh;
            }
        }
    }

    /// Yes or no. Yes counts only on a question that has stood long enough to be read.
    pub(super) fn answer(&mut self, yes: bool, out: &mut Vec<Effect>) {
        let Some(Layer::Dialog(d)) = self.layers.last() else { return };
        let Dialog::Confirm { what, .. } = &**d else { return };
        if yes && !d.stands(self.now) {
            return;
        }
        let what = what.clone();
        self.layers.pop();
        if !yes {
            return;
        }
        match what {
            Confirm::Stop(ids) => {
                for id in ids {
                    self.request(Op::Stop { session: id.to_string(), force: false }, Purpose::Quiet("stopping"), out);
                }
                self.tree.selected.clear();
            }
            Confirm::OpenUrl(url) => out.push(Effect::Open(super::io::Open::Url(url))),
            Confirm::OpenFile(session, path) => self.want(session, super::requests::Wanted::File { path, line: None, col: None }, out),
        }
    }

    pub(super) fn open_follow_up(&mut self, ids: Vec<SessionId>) {
        if self.refuse_read_only() {
            return;
        }
        let ids: Vec<SessionId> = ids.into_iter().filter(|id| self.mirror.get(id).is_some_and(|s| !s.state.ended())).collect();
        if ids.is_empty() {
            return self.note(Level::Info, "nobody to follow up: the session has ended, or there is none", "");
        }
        self.follow_up.targets = ids;
        self.layers.retain(|l| matches!(l, Layer::Tree | Layer::Scroll));
        self.open(Layer::FollowUp);
    }

    pub(super) fn send_follow_up(&mut self, queue: bool, interrupt: bool, out: &mut Vec<Effect>) {
        let sessions: Vec<String> = self.follow_up.targets.iter().filter(|id| self.mirror.get(id).is_some()).map(ToString::to_string).collect();
        if sessions.is_empty() {
            return self.note(Level::Error, "nobody to send it to", "choose a target");
        }
        let Some(text) = self.follow_up.take() else { return };
        let draft = text.clone();
        if self.request(Op::Send { sessions, text, queue, interrupt, no_submit: false }, Purpose::FollowUp(draft.clone()), out) {
            self.close_layer(|l| matches!(l, Layer::FollowUp));
        } else {
            self.follow_up.editor.set(&draft);
        }
    }

    /// The error with its context, as a follow-up to be read over and sent.
    pub(super) fn fix_error(&mut self) {
        let Some(Layer::Errors { list, .. }) = self.layers.last() else { return };
        let Some((id, e)) = self.error_at(list) else { return };
        self.open_follow_up(vec![id]);
        if self.has_layer(|l| matches!(l, Layer::FollowUp)) && self.follow_up.editor.is_empty() {
            self.follow_up.editor.set(&error_text(&e));
        }
    }
}

/// File, line and function, as far as known and not said in the title or the context.
pub fn place(e: &ErrorReport) -> Option<String> {
    let said = |t: &str| e.title.contains(t) || e.context.as_ref().is_some_and(|c| c.contains(t));
    let file = e.file.as_ref().map(|f| e.line.map_or_else(|| f.clone(), |l| format!("{f}:{l}")));
    let number = |l: u64| said(&format!("line {l}")) || said(&format!("Line {l}")) || said(&format!(":{l}"));
    let known = e.file.as_ref().is_some_and(|f| said(f)) && e.line.is_none_or(number);
    let file = file.filter(|_| !known);
    let line = e.line.filter(|l| e.file.is_none() && !number(*l)).map(|l| format!("line {l}"));
    let function = e.function.as_ref().filter(|f| !said(f.trim_end_matches("()"))).map(|f| format!("function {f}"));
    let parts: Vec<String> = [file, line, function].into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

fn error_text(e: &ErrorReport) -> String {
    let mut out = format!("Fix this error: {}", e.title);
    for (name, part) in [("Issue", &e.issue), ("Context", &e.context), ("Place", &place(e)), ("Suggestion", &e.suggestion)] {
        if let Some(part) = part {
            out.push_str(&format!("\n{name}: {part}"));
        }
    }
    text::safe_text(&out)
}
