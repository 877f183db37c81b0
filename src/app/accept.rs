//! Lists, fields and choices: stepping through them, and Enter, which does the obvious thing. Must not know which key or click
//! asked for it.

use super::App;
use super::dialog::{Ask, Dialog, Field, NewForm, RECORD};
use super::io::Effect;
use super::lists::Pick;
use super::modes::Layer;
use super::requests::Purpose;
use crate::command::Cmd;
use crate::wire::Op;
use crate::wire::facts::Kind;

impl App {
    pub(super) fn list_step(&mut self, by: isize) {
        if let Some(Layer::Card(_, top) | Layer::Explain(_, _, top)) = self.layers.last_mut() {
            *top = (i64::from(*top) + by.clamp(-200, 200) as i64).clamp(0, 400) as u16;
            return;
        }
        if let Some(Layer::Summary(s)) = self.layers.last_mut() {
            s.top = (i64::from(s.top) + by.clamp(-200, 200) as i64).clamp(0, 400) as u16;
            return;
        }
        let keys = self.list_keys();
        if let Some(list) = self.layers.last_mut().and_then(Layer::list_mut) {
            list.step(&keys, by);
        }
    }

    /// Enter: the obvious thing.
    pub(super) fn accept(&mut self, out: &mut Vec<Effect>) {
        if let Some(list) = self.layers.last_mut().and_then(Layer::list_mut)
            && list.filtering
        {
            list.filtering = false;
            return;
        }
        match self.layers.last().cloned() {
            Some(Layer::Inbox(l)) => {
                if let Some(id) = self.inbox_at(&l) {
                    self.layers.clear();
                    self.show_session(id);
                    self.seen(out);
                }
            }
            Some(Layer::Errors { .. }) => self.run(Cmd::ErrorsDetails, out),
            Some(Layer::Timeline { .. } | Layer::Card(..) | Layer::Explain(..) | Layer::Summary(_)) => {
                self.layers.pop();
            }
            Some(Layer::Palette(l)) => {
                let found = self.palette(&l);
                let keys: Vec<String> = found.iter().map(|f| f.what.key()).collect();
                self.layers.pop();
                if let Some(f) = found.into_iter().nth(l.at(&keys)) {
                    self.pick(f.what, out);
                }
            }
            Some(Layer::Help(l)) => {
                let rows = self.help(&l);
                let keys: Vec<String> = rows.iter().map(|h| h.cmd.name().to_owned()).collect();
                if let Some(cmd) = rows.get(l.at(&keys)).map(|h| h.cmd).filter(|c| c.row().scopes.contains(&crate::command::Scope::Global)) {
                    self.layers.pop();
                    self.run(cmd, out);
                }
            }
            Some(Layer::ReplayFind(e)) => self.replay_find(Some(e.text()), false, out),
            Some(Layer::SearchAll(_)) => self.go_to_hit(out),
            Some(Layer::Search(_)) => self.accept_search(out),
            Some(Layer::Dialog(d)) => self.accept_dialog(*d, out),
            _ => {}
        }
    }

    pub(super) fn pick(&mut self, what: Pick, out: &mut Vec<Effect>) {
        match what {
            Pick::Run(cmd) => self.run(cmd, out),
            Pick::Show(id) => {
                self.layers.clear();
                self.show_session(id);
                self.seen(out);
            }
        }
    }

    pub(super) fn accept_dialog(&mut self, dialog: Dialog, out: &mut Vec<Effect>) {
        match dialog {
            Dialog::New(form) => self.start_session(&form, out),
            Dialog::Confirm { yes, .. } => self.answer(yes, out),
            Dialog::Choose(l) => {
                let found = self.choices(&l);
                let keys: Vec<String> = found.iter().map(|f| f.what.key()).collect();
                self.layers.pop();
                if let Some(Pick::Show(id)) = found.into_iter().nth(l.at(&keys)).map(|f| f.what) {
                    let focus = self.tabs.focus();
                    self.tabs.show(focus, id);
                    self.seen(out);
                }
            }
            Dialog::Ask { what, editor } => {
                let name = editor.text().trim().to_owned();
                match what {
                    Ask::RenameTab => self.tabs.tab_mut().name = (!name.is_empty()).then_some(name),
                    Ask::RenameSession(id) if !name.is_empty() => {
                        self.request(Op::Rename { session: id.to_string(), name }, Purpose::Quiet("renaming"), out);
                    }
                    Ask::RenameSession(_) => return,
                    Ask::ReplayGoTo => self.replay_go_to(&name, out),
                    Ask::Answer { session, prompt, refuses } => {
                        self.layers.pop();
                        return self.inbox_said(session, prompt, refuses, name, out);
                    }
                }
                self.layers.pop();
            }
        }
    }

    pub(super) fn next_field(&mut self, by: isize) {
        match self.layers.last_mut() {
            Some(Layer::Dialog(d)) => match &mut **d {
                Dialog::New(f) => {
                    if f.field == Field::Task && f.task.lines().len() > 1 && !f.task.at_edge(by > 0) {
                        let key = if by > 0 { crate::base::KeyCode::Down } else { crate::base::KeyCode::Up };
                        f.task.key(&crate::base::Key::new(key, crate::base::Mods::empty()));
                        return;
                    }
                    let at = Field::ALL.iter().position(|x| *x == f.field).unwrap_or(0) as isize;
                    let to = (at + by).rem_euclid(Field::ALL.len() as isize) as usize;
                    f.field = Field::ALL.get(to).copied().unwrap_or(Field::Task);
                }
                Dialog::Confirm { yes, .. } => *yes = !*yes,
                Dialog::Choose(_) => self.list_step(by),
                Dialog::Ask { .. } => {}
            },
            _ => self.list_step(by),
        }
    }

    pub(super) fn next_choice(&mut self, by: isize) {
        let choices = NewForm::agents(&self.mirror.agents);
        let Some(Layer::Dialog(d)) = self.layers.last_mut() else { return };
        match &mut **d {
            Dialog::New(f) if f.field == Field::Agent => {
                let to = (f.chosen(&choices) as isize + by).rem_euclid(choices.len().max(1) as isize) as usize;
                f.agent = choices.get(to).map(|c| c.name.clone());
                f.untouched = false;
                f.error = None;
            }
            Dialog::New(f) if f.field == Field::Kind => {
                f.kind = if f.kind == Kind::Primary { Kind::Isolated } else { Kind::Primary };
                f.untouched = false;
            }
            Dialog::New(f) if f.field == Field::Record => {
                let at = RECORD.iter().position(|(r, _)| *r == f.record).unwrap_or(0) as isize;
                f.record = RECORD.get((at + by).rem_euclid(RECORD.len() as isize) as usize).and_then(|r| r.0);
                f.untouched = false;
            }
            Dialog::Confirm { yes, .. } => *yes = !*yes,
            d => {
                if let Some(e) = d.editor() {
                    let key = if by > 0 { crate::base::KeyCode::Right } else { crate::base::KeyCode::Left };
                    e.key(&crate::base::Key::new(key, crate::base::Mods::empty()));
                }
            }
        }
    }
}
