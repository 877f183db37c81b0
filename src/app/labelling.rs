//! Putting labels on a pane: typing one copies or opens what it stands on. Must not know how they are drawn or how anything is
//! opened.

use super::App;
use super::io::Effect;
use super::labels::{Act, Label, Labels, codes};
use super::modes::Layer;
use super::requests::Take;
use crate::base::text::safe_line;
use crate::term::{self, Target};
use crate::wire::message::Level;

impl App {
    /// Puts labels on the focused pane.
    pub(super) fn show_labels(&mut self) {
        let pane = self.tabs.focus();
        let own = !self.looks.contains_key(&pane);
        let Some(id) = self.begin_look(pane) else {
            return self.note(Level::Info, "there is nothing on the screen", "");
        };
        let height = self.pane_height(pane);
        let (Some(look), Some(rows)) = (self.looks.get_mut(&pane), self.mirror.pane(&id)) else { return };
        if own {
            look.freeze(rows);
        }
        let top = look.window_top(rows, height);
        let window = top..(top + u64::from(height)).min(look.range(rows).end);
        let targets = term::targets(|n| look.line(rows, n).cloned(), window.clone(), rows.cols);
        // Where it can be seen: one that begins above has its label on its first line in sight.
        let targets: Vec<Target> = targets.into_iter().filter(|t| t.spans.iter().any(|s| window.contains(&s.0))).collect();
        // The same thing has one label; the lowest of all the easiest: it is the newest.
        let mut goals: Vec<&str> = Vec::new();
        for t in targets.iter().rev() {
            if !goals.contains(&t.goal.as_str()) {
                goals.push(&t.goal);
            }
        }
        let codes = codes(goals.len());
        let code = |t: &Target| goals.iter().position(|g| *g == t.goal).and_then(|i| codes.get(i)).cloned();
        let all: Vec<Label> = targets.iter().filter_map(|t| Some(Label { code: code(t)?, target: t.clone() })).collect();
        if all.is_empty() {
            if own {
                self.looks.remove(&pane);
            }
            return self.note(Level::Info, "no address, path, commit or id is on the screen", "");
        }
        self.layers.retain(|l| !matches!(l, Layer::Tree));
        self.open(Layer::Labels(Labels { pane, act: Act::Copy, typed: String::new(), all, own }));
    }

    pub(super) fn close_labels(&mut self) {
        let Some(i) = self.layers.iter().rposition(|l| matches!(l, Layer::Labels(_))) else { return };
        if let Layer::Labels(labels) = self.layers.remove(i)
            && labels.own
        {
            self.looks.remove(&labels.pane);
        }
    }

    pub(super) fn next_act(&mut self) {
        if let Some(Layer::Labels(l)) = self.layers.last_mut() {
            l.act = l.act.next();
        }
    }

    /// A character of a label. A capital opens.
    pub(super) fn type_label(&mut self, c: char, out: &mut Vec<Effect>) {
        let Some(Layer::Labels(l)) = self.layers.last_mut() else { return };
        let opens = c.is_uppercase();
        let mut typed = l.typed.clone();
        typed.extend(c.to_lowercase());
        let hits: Vec<&Label> = l.all.iter().filter(|x| x.code.starts_with(&typed)).collect();
        match hits.first() {
            None => l.typed.clear(),
            Some(hit) if hit.code == typed => {
                let (target, act) = (hit.target.clone(), if opens { Act::Open } else { l.act });
                self.use_target(target, act, out);
            }
            Some(_) => {
                l.typed = typed;
                if opens {
                    l.act = Act::Open;
                }
            }
        }
    }

    /// A label was clicked.
    pub(super) fn click_label(&mut self, i: usize, opens: bool, out: &mut Vec<Effect>) {
        let Some(Layer::Labels(l)) = self.layers.last() else { return };
        let act = if opens { Act::Open } else { l.act };
        if let Some(target) = l.all.get(i).map(|x| x.target.clone()) {
            self.use_target(target, act, out);
        }
    }

    fn use_target(&mut self, target: Target, act: Act, out: &mut Vec<Effect>) {
        let Some(session) = self.tabs.focused_session().cloned() else { return };
        self.close_labels();
        match act {
            Act::Copy => {
                self.note(Level::Info, &safe_line(&target.goal, 100), "");
                self.copy(target.goal, out);
            }
            Act::Open => self.open_target(session, target, out),
            Act::FollowUp => {
                self.open_follow_up(vec![session.clone()]);
                if self.has_layer(|l| matches!(l, Layer::FollowUp)) {
                    let text = &self.follow_up.editor;
                    let gap = if text.is_empty() || text.text().ends_with([' ', '\n']) { "" } else { " " };
                    self.follow_up.editor.insert(&format!("{gap}{} ", safe_line(&target.goal, 2000)));
                }
            }
        }
    }

    /// What was asked for by a label or a click, taken as text.
    pub(super) fn take_goal(&mut self, goal: &str, out: &mut Vec<Effect>) {
        if let Some(session) = self.tabs.focused_session().cloned() {
            self.take_text(goal.to_owned(), Take::Copy, session, out);
        }
    }
}
