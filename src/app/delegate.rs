//! Delegating a session, and bringing one back: the dialog with its brief, the panel with what needs review. Must not know how
//! briefs and summaries are made.

use super::App;
use super::dialog::{Dialog, NewForm};
use super::io::Effect;
use super::modes::{Layer, Summary};
use super::requests::Purpose;
use crate::base::text::{safe_line, safe_text};
use crate::wire::Op;
use crate::wire::delegate::{Brief, BriefFrom, BriefRequest, HandoffSummary};
use crate::wire::facts::Kind;
use crate::wire::message::Level;
use crate::wire::op::NewSession;
use serde_json::Value;

/// Lines of a summary that are kept.
const LINES: usize = 400;

impl App {
    /// Opens the new-session dialog for a task that goes on in the background, with all this session knows.
    pub(super) fn open_delegate(&mut self, out: &mut Vec<Effect>) {
        let Some(s) = self.subject().and_then(|id| self.mirror.get(&id)).cloned() else {
            return self.note(Level::Info, "no session to delegate from", "");
        };
        if s.kind.watches() {
            return self.note(Level::Info, "this session only watches another one", "");
        }
        self.open_new_form(false, out);
        let plain = s.agent == super::dialog::COMMAND || s.agent == "shell";
        let task = if plain { String::new() } else { s.task.clone() };
        self.for_new_form(|f| {
            f.task.set(&task);
            f.folder.set(&s.cwd);
            f.kind = if s.branch.is_some() { Kind::Isolated } else { Kind::Primary };
            f.delegates = Some(s.id.clone());
        });
        let who = format!("#{} {}", s.number, safe_line(&s.name, 30));
        self.note(Level::Info, &format!("delegate {who}"), "its conversation, workspace and standards go along");
    }

    /// Asks for the brief of a new session; the session itself is asked for when it is there. False: not now.
    pub(super) fn ask_brief(&mut self, form: &NewForm, new: NewSession, out: &mut Vec<Effect>) -> bool {
        let Some(from) = &form.delegates else { return false };
        let request = BriefRequest {
            task: new.task.clone(),
            from: BriefFrom::Session { session: from.to_string() },
            cwd: new.cwd.clone(),
            isolated: new.kind == Kind::Isolated,
            homes: self.setup.client_env.iter().filter(|(k, _)| k == "HOME" || k.ends_with("_HOME") || k.ends_with("_CONFIG_DIR")).cloned().collect(),
            ..BriefRequest::default()
        };
        if !self.request(Op::Brief(Box::new(request)), Purpose::Brief, out) {
            return false;
        }
        let new = Box::new(new);
        self.for_new_form(|f| f.pending = Some(new.clone()));
        true
    }

    /// The brief is there: the session is asked for, unless the dialog was closed meanwhile.
    pub(super) fn brief_answer(&mut self, value: Value, out: &mut Vec<Effect>) {
        let mut pending = None;
        self.for_new_form(|f| pending = f.pending.take());
        let (Some(mut new), Ok(brief)) = (pending, serde_json::from_value::<Brief>(value)) else {
            return self.for_new_form(|f| f.busy = false);
        };
        for note in &brief.notes {
            self.note(Level::Info, &safe_line(note, 200), "");
        }
        new.task = Some(brief.task);
        new.base = brief.head.filter(|_| new.kind == Kind::Isolated);
        new.brief = Some(brief.brief);
        if !self.request(Op::New(new), Purpose::New, out) {
            self.for_new_form(|f| f.busy = false);
        }
    }

    /// Asks what was done in a session.
    pub(super) fn ask_handoff(&mut self, out: &mut Vec<Effect>) {
        if let Some(id) = self.subject() {
            self.request(Op::Handoff { session: id.to_string() }, Purpose::Handoff(id), out);
        }
    }

    /// The session comes to the front, with what needs review over it.
    pub(super) fn handoff_answer(&mut self, id: crate::base::SessionId, value: Value, out: &mut Vec<Effect>) {
        let Ok(summary) = serde_json::from_value::<HandoffSummary>(value) else { return };
        if self.mirror.get(&id).is_none() {
            return;
        }
        // A dialog that was opened meanwhile keeps the keys.
        if self.layers.iter().any(|l| matches!(l, Layer::Dialog(d) if !matches!(**d, Dialog::Choose(_)))) {
            return self.note(Level::Info, &format!("#{} waits to be reviewed", summary.number), "");
        }
        self.layers.clear();
        self.show_session(id.clone());
        self.seen(out);
        let title = format!("HAND-OFF #{} {} [{}]", summary.number, safe_line(&summary.name, 30), safe_line(&summary.state, 20));
        let lines = safe_text(&summary.text()).lines().take(LINES).map(str::to_owned).collect();
        self.open(Layer::Summary(Box::new(Summary { session: id, title, lines, top: 0 })));
    }
}
