//! The mouse: what a click, a drag or a turn of the wheel means where it happened. Must not know coordinates of the screen but
//! how far a drag went.

use super::App;
use super::dialog::{Dialog, Field, NewForm};
use super::drag::Held;
use super::hit::{Hit, PaneId};
use super::io::Effect;
use super::modes::Layer;
use super::tree::RowKey;
use crate::base::{Mods, MouseButton, MouseEvent, MouseKind};
use crate::layout::Axis;
use crate::wire::ClientMsg;
use crate::wire::facts::Kind;
use crate::wire::message::PaneInput;
use crate::wire::op::ReplayAct;

/// Two clicks closer than this are a double click, in milliseconds.
const DOUBLE_MS: u64 = 400;

impl App {
    pub(super) fn mouse(&mut self, event: MouseEvent, hit: Hit, out: &mut Vec<Effect>) {
        // Shift is the terminal's own selection: what comes here all the same is a selection of ours.
        let on_pane = matches!(hit, Hit::Pane { .. }) || matches!(self.drag.held, Held::Select(..));
        if event.mods.contains(Mods::SHIFT) && !on_pane {
            return;
        }
        match event.kind {
            MouseKind::Down(button) => {
                self.pending = None;
                self.count_click(event);
                self.press(button, event, hit, out);
            }
            MouseKind::Drag(_) => self.drag_to(event, hit, out),
            MouseKind::Up(_) => self.release(event, hit, out),
            MouseKind::Move => {
                if let Hit::Pane { pane, .. } = hit
                    && self.program_has_mouse(pane, true)
                {
                    self.give_program(event, &hit, out);
                }
            }
            MouseKind::WheelUp | MouseKind::WheelDown | MouseKind::WheelLeft | MouseKind::WheelRight => self.wheel(event, hit, out),
        }
    }

    fn count_click(&mut self, event: MouseEvent) {
        let near = matches!(self.drag.last, Some((t, c, r)) if self.now.mono_ms.saturating_sub(t) < DOUBLE_MS && c == event.col && r == event.row);
        self.drag.clicks = if near { self.drag.clicks % 3 + 1 } else { 1 };
        self.drag.last = Some((self.now.mono_ms, event.col, event.row));
    }

    fn program_has_mouse(&self, pane: PaneId, motion: bool) -> bool {
        let looking = self.looks.get(&pane).is_some_and(|l| l.top.is_some() || l.cursor.is_some());
        let modes = self.tabs.session(pane).and_then(|id| self.mirror.pane(id)).map(|r| r.modes).unwrap_or_default();
        modes.mouse
            && (!motion || modes.mouse_motion)
            && !looking
            && !self.replays.contains_key(&pane)
            && self.layers.is_empty()
            && !self.setup.read_only
            && self.tabs.focus() == pane
    }

    fn give_program(&mut self, event: MouseEvent, hit: &Hit, out: &mut Vec<Effect>) {
        let Hit::Pane { pane, col, line, .. } = hit else { return };
        let Some(session) = self.tabs.session(*pane).cloned() else { return };
        let Some(rows) = self.mirror.pane(&session) else { return };
        let Some(row) = line.checked_sub(rows.screen_top).and_then(|r| u16::try_from(r).ok()).filter(|r| *r < rows.rows) else { return };
        let event = MouseEvent { col: (*col).min(rows.cols.saturating_sub(1)), row, ..event };
        out.push(Effect::Send(ClientMsg::Input { session, input: PaneInput::Mouse { event } }));
    }

    fn press(&mut self, button: MouseButton, event: MouseEvent, hit: Hit, out: &mut Vec<Effect>) {
        let clicks = self.drag.clicks;
        self.drag.held = Held::None;
        match hit {
            Hit::Pane { pane, col, line, .. } => {
                // With a modifier it is ours, whatever the program wants.
                let ours = event.mods.intersects(Mods::ALT | Mods::CTRL | Mods::SHIFT);
                if self.program_has_mouse(pane, false) && !ours {
                    self.drag.held = Held::Program(pane);
                    return self.give_program(event, &hit, out);
                }
                self.go_to_pane(pane, out);
                if button == MouseButton::Left {
                    self.begin_select(pane, (line, col), clicks, event.mods);
                }
            }
            Hit::Title(pane) => {
                let was = self.tabs.focus();
                self.go_to_pane(pane, out);
                if clicks == 2 && was == pane {
                    self.run(crate::command::Cmd::PaneZoom, out);
                }
            }
            Hit::Time { pane, at } => {
                self.go_to_pane(pane, out);
                self.drag.held = Held::Time(pane);
                self.replay_act(pane, ReplayAct::Seek { at }, out);
            }
            Hit::Divider(d) => self.drag.held = Held::Divider(d, event.col, event.row),
            Hit::TreeEdge => self.drag.held = Held::TreeEdge,
            Hit::TreeRow { index, mark } => self.click_tree(index, mark, clicks, event.mods, out),
            Hit::Tree => {
                if !self.tree_has_focus() {
                    self.run(crate::command::Cmd::TreeFocus, out);
                }
            }
            Hit::Tab(i) => {
                self.tabs.go(i);
                self.seen(out);
            }
            Hit::Key(cmd) => self.run(cmd, out),
            Hit::Session(id) => {
                self.layers.clear();
                self.show_session(id);
                self.seen(out);
            }
            Hit::Toast(id) => {
                if let Some(session) = self.toasts.dismiss(id).and_then(|t| t.session).filter(|id| self.mirror.get(id).is_some()) {
                    self.layers.clear();
                    self.show_session(session);
                    self.seen(out);
                }
            }
            Hit::Item(i) => {
                let keys = self.list_keys();
                let was = self.layers.last().and_then(Layer::list).map(|l| l.at(&keys));
                if let Some(list) = self.layers.last_mut().and_then(Layer::list_mut) {
                    list.go(&keys, i);
                }
                let at_once = matches!(self.layers.last(), Some(Layer::Palette(_) | Layer::Dialog(_)));
                if at_once || (clicks == 2 && was == Some(i)) {
                    self.accept(out);
                }
            }
            Hit::Field(i) => {
                if let (Some(field), Some(Layer::Dialog(d))) = (Field::ALL.get(i), self.layers.last_mut())
                    && let Dialog::New(f) = &mut **d
                {
                    f.field = *field;
                }
            }
            Hit::Choice { field, choice } => self.click_choice(field, choice),
            Hit::Button(i) => self.click_button(i, out),
            Hit::Outside => {
                // A click beside a window closes it, but never answers a question and never drops what was typed.
                if !matches!(self.layers.last(), Some(Layer::Dialog(_))) {
                    self.layers.pop();
                }
            }
            Hit::FollowUp => {
                if !self.has_layer(|l| matches!(l, Layer::FollowUp)) {
                    self.run(crate::command::Cmd::SessionFollowUp, out);
                }
            }
            Hit::Label(i) => self.click_label(i, event.mods.contains(Mods::CTRL), out),
            Hit::None | Hit::Panel => {}
        }
    }

    fn go_to_pane(&mut self, pane: PaneId, out: &mut Vec<Effect>) {
        if self.tabs.focus() != pane {
            self.focus_pane(pane, out);
        } else {
            self.layers.retain(|l| !matches!(l, Layer::Tree | Layer::FollowUp));
        }
    }

    fn drag_to(&mut self, event: MouseEvent, hit: Hit, out: &mut Vec<Effect>) {
        match self.drag.held.clone() {
            Held::Divider(divider, col, row) => {
                let by = match divider.axis {
                    Axis::Row => i32::from(event.col) - i32::from(col),
                    Axis::Column => i32::from(event.row) - i32::from(row),
                };
                let area = self.areas().panes;
                if by != 0 && self.tabs.tab_mut().tree.drag(&divider, by, area, super::panes::GAP) {
                    self.drag.held = Held::Divider(divider, event.col, event.row);
                }
            }
            Held::Time(pane) => {
                if let Hit::Time { pane: over, at } = hit
                    && over == pane
                {
                    self.replay_act(pane, ReplayAct::Seek { at }, out);
                }
            }
            Held::TreeEdge => self.config.options.tree_width = event.col.clamp(20, (self.size.cols / 3).max(20)),
            Held::Program(pane) => {
                if matches!(hit, Hit::Pane { pane: p, .. } if p == pane) {
                    self.give_program(event, &hit, out);
                }
            }
            Held::Select(pane, _) => self.drag_select(pane, event, &hit),
            Held::None => {}
        }
    }

    fn release(&mut self, event: MouseEvent, hit: Hit, out: &mut Vec<Effect>) {
        match std::mem::take(&mut self.drag.held) {
            // Ctrl and a click without a drag opens what is there.
            Held::Select(pane, false) if event.mods.contains(Mods::CTRL) => {
                self.end_select(pane, false, out);
                if let Hit::Pane { pane: over, col, line, .. } = hit
                    && over == pane
                {
                    self.ctrl_click(pane, (line, col), out);
                }
            }
            Held::Program(_) => self.give_program(event, &hit, out),
            Held::Select(pane, moved) => self.end_select(pane, moved, out),
            _ => {}
        }
    }

    fn wheel(&mut self, event: MouseEvent, hit: Hit, out: &mut Vec<Effect>) {
        let lines = i64::from(self.config.options.wheel_lines.max(1));
        let by = match event.kind {
            MouseKind::WheelUp => -lines,
            MouseKind::WheelDown => lines,
            _ => 0,
        };
        match hit {
            Hit::Pane { pane, .. } | Hit::Time { pane, .. } if self.replays.contains_key(&pane) => self.wheel_replay(pane, by, out),
            Hit::Pane { pane, .. } => {
                let alternate = self.tabs.session(pane).and_then(|id| self.mirror.pane(id)).is_some_and(|r| r.modes.alternate);
                let looking = self.looks.get(&pane).is_some_and(|l| l.top.is_some());
                if self.program_has_mouse(pane, false) || (alternate && !looking && !self.setup.read_only) {
                    self.give_program(event, &hit, out);
                } else if by != 0 {
                    self.scroll_pane(pane, by);
                    self.wheel_select(pane, event);
                }
            }
            Hit::TreeRow { .. } | Hit::Tree => {
                let rows = self.tree.rows(&self.mirror).len();
                let most = rows.saturating_sub(self.tree_height()) as i64;
                self.tree.top = (self.tree.top as i64 + by).clamp(0, most.max(0)) as usize;
            }
            Hit::Item(_) | Hit::Panel | Hit::Field(_) | Hit::Choice { .. } if by != 0 => self.list_step(by.signum() as isize),
            _ => {}
        }
    }

    /// The wheel over a recording goes through its time.
    fn wheel_replay(&mut self, pane: PaneId, by: i64, out: &mut Vec<Effect>) {
        let state = self.replays.get(&pane).and_then(|r| r.state.as_ref()).map(|s| (s.at, s.length));
        if let Some((at, length)) = state.filter(|_| by != 0) {
            let at = at.saturating_add_signed(by.signum() * 2000).min(length);
            self.replay_act(pane, ReplayAct::Seek { at }, out);
        }
    }

    fn click_tree(&mut self, index: usize, mark: bool, clicks: u8, mods: Mods, out: &mut Vec<Effect>) {
        let rows = self.tree.rows(&self.mirror);
        let Some(key) = rows.get(index).and_then(|r| r.key.clone()) else { return };
        self.tree.cursor = Some(key.clone());
        match key {
            RowKey::Session(id) if mods.contains(Mods::CTRL) => {
                if !self.tree.selected.remove(&id) {
                    self.tree.selected.insert(id);
                }
            }
            RowKey::Session(_) if mark && clicks < 2 => self.tree_fold(),
            RowKey::Session(id) => {
                self.close_layer(|l| matches!(l, Layer::Tree));
                self.show_session(id);
                self.seen(out);
            }
            RowKey::Project(_) => self.tree_fold(),
        }
    }

    fn click_choice(&mut self, field: usize, choice: usize) {
        let choices = NewForm::agents(&self.mirror.agents);
        let Some(Layer::Dialog(d)) = self.layers.last_mut() else { return };
        let Dialog::New(f) = &mut **d else { return };
        f.untouched = false;
        f.error = None;
        match Field::ALL.get(field) {
            Some(Field::Agent) => f.agent = choices.get(choice).map(|c| c.name.clone()),
            Some(Field::Record) => f.record = super::dialog::RECORD.get(choice).and_then(|r| r.0),
            Some(Field::Kind) => f.kind = if choice == 0 { Kind::Primary } else { Kind::Isolated },
            _ => {}
        }
        f.field = Field::ALL.get(field).copied().unwrap_or(Field::Task);
    }

    fn click_button(&mut self, i: usize, out: &mut Vec<Effect>) {
        match self.layers.last().map(|l| if let Layer::Dialog(d) = l { Some(&**d) } else { None }) {
            Some(Some(Dialog::Confirm { .. })) => self.answer(i == 0, out),
            Some(Some(_)) if i == 0 => self.accept(out),
            Some(Some(_)) => {
                self.layers.pop();
            }
            _ => {}
        }
    }
}
