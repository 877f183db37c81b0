//! Carrying out commands. Must not know which key or click asked for them.

use super::App;
use super::dialog::{Ask, Dialog, NewForm};
use super::input::Editor;
use super::io::Effect;
use super::list_state::ListState;
use super::modes::Layer;
use super::requests::Purpose;
use super::tree::RowKey;
use crate::command::Cmd;
use crate::layout::{Direction, Preset};
use crate::wire::Op;
use crate::wire::facts::Kind;
use crate::wire::message::Level;
use crate::wire::op::Answer;

/// Cells an edge moves with one key.
const RESIZE: u16 = 4;

impl App {
    /// Runs a command.
    pub fn run(&mut self, cmd: Cmd, out: &mut Vec<Effect>) {
        use Cmd::*;
        match cmd {
            AppDetach => out.push(Effect::Quit(self.farewell())),
            AppHelp => self.open(Layer::Help(ListState::default())),
            AppPalette => self.open(Layer::Palette(ListState::default())),
            AppReloadConfig => {
                out.push(Effect::ReloadConfig);
                self.reload_server(out);
            }
            AppSendPrefix => self.send_prefix(out),
            AppTakeSize => self.take_size(out),
            AppSuspend => out.push(Effect::Suspend),
            ClipboardAllow | ClipboardAllowAlways | ClipboardDeny => self.clipboard_answer(cmd, out),

            SessionNew => self.open_new_form(false, out),
            SessionFollowUp => {
                let ids = self.subjects();
                self.open_follow_up(ids);
            }
            SessionPauseToggle => self.pause_toggle(out),
            SessionPause | SessionResume | SessionDismiss | SessionPin | SessionMute => self.on_subjects(cmd, out),
            SessionStop => {
                let ids = self.subjects();
                self.ask_stop(ids);
            }
            SessionRename => {
                if let Some(s) = self.subject().and_then(|id| self.mirror.get(&id)) {
                    let (id, name) = (s.id.clone(), s.name.clone());
                    self.open(Layer::Dialog(Box::new(Dialog::Ask { what: Ask::RenameSession(id), editor: Editor::line().with(&name) })));
                } else {
                    self.no_session();
                }
            }
            SessionMonitor => self.open_watcher(Kind::Monitor, out),
            SessionDebug => self.open_watcher(Kind::Debug, out),
            SessionReplay => match self.subject() {
                // At its end: what is seen now, to be scrubbed back from.
                Some(id) => self.open_replay(id, Some(u64::MAX), String::new(), out),
                None => self.no_session(),
            },
            SearchAllOpen => self.open_search_all(),
            SearchAllPlain => {
                if let Some(Layer::SearchAll(s)) = self.layers.last_mut() {
                    s.plain = !s.plain;
                }
            }
            ReplayGoTo => self.open(Layer::Dialog(Box::new(Dialog::Ask { what: Ask::ReplayGoTo, editor: Editor::line() }))),
            ReplayPlay | ReplayBack | ReplayForward | ReplayFarBack | ReplayFarForward | ReplayStepBack | ReplayStep | ReplayMarkPrevious
            | ReplayMarkNext | ReplayStart | ReplayEnd | ReplaySlower | ReplayFaster | ReplaySearch | ReplayFindNext | ReplayFindPrevious
            | ReplayLeave => self.replay(cmd, out),
            SessionNextAttention => self.next_attention(out),
            SessionDelegate => self.open_delegate(out),
            SessionHandoff => self.ask_handoff(out),

            TreeToggle if self.tree_has_focus() => {
                self.close_layer(|l| matches!(l, Layer::Tree));
                if self.tree_can_dock() {
                    self.tree_open = false;
                }
            }
            TreeToggle | TreeFocus => self.focus_tree(),
            TreeDock => {
                self.tree_docked = !self.tree_docked;
                self.tree_open |= self.tree_docked;
            }
            TreeUp => self.tree.step(&self.mirror, -1, self.tree_height()),
            TreeDown => self.tree.step(&self.mirror, 1, self.tree_height()),
            TreeTop => self.tree.step(&self.mirror, isize::MIN, self.tree_height()),
            TreeBottom => self.tree.step(&self.mirror, isize::MAX, self.tree_height()),
            TreeOpen => self.tree_open_row(out),
            TreeFold => self.tree_fold(),
            TreeFoldAll => self.tree_fold_all(),
            TreeSelect => self.tree_select(),
            TreeSelectAll => {
                let rows = self.tree.rows(&self.mirror);
                let all = rows.into_iter().filter_map(|r| if let Some(RowKey::Session(id)) = r.key { Some(id) } else { None }).collect();
                self.tree.selected = if self.tree.selected == all { Default::default() } else { all };
            }
            TreeFilter => self.tree.filtering = true,

            PaneSplitRight => self.split(Direction::Right),
            PaneSplitDown => self.split(Direction::Down),
            PaneClose => {
                let pane = self.tabs.focus();
                let was = self.tabs.session(pane).cloned();
                if self.tabs.close(pane)
                    && let Some(s) = was.and_then(|id| self.mirror.get(&id)).filter(|s| !s.state.ended())
                {
                    let text = format!("#{} {} goes on", s.number, s.name);
                    self.note(Level::Info, &text, "");
                }
            }
            PaneZoom => {
                let tab = self.tabs.tab_mut();
                tab.zoom = !tab.zoom && tab.tree.len() > 1;
            }
            PaneNext | PanePrevious => {
                let tab = self.tabs.tab();
                let to = if cmd == PaneNext { tab.tree.next(tab.focus) } else { tab.tree.previous(tab.focus) };
                self.focus_pane(to, out);
            }
            PaneFocusLeft => self.focus_towards(Direction::Left, out),
            PaneFocusRight => self.focus_towards(Direction::Right, out),
            PaneFocusUp => self.focus_towards(Direction::Up, out),
            PaneFocusDown => self.focus_towards(Direction::Down, out),
            PaneResizeLeft => self.resize_pane(Direction::Left),
            PaneResizeRight => self.resize_pane(Direction::Right),
            PaneResizeUp => self.resize_pane(Direction::Up),
            PaneResizeDown => self.resize_pane(Direction::Down),
            PaneSwapNext | PaneSwapPrevious => {
                let tab = self.tabs.tab_mut();
                let other = if cmd == PaneSwapNext { tab.tree.next(tab.focus) } else { tab.tree.previous(tab.focus) };
                tab.tree.swap(tab.focus, other);
            }
            PaneLayoutNext => {
                let tab = self.tabs.tab_mut();
                let preset = tab.preset.map_or(Preset::EvenHorizontal, Preset::next);
                tab.tree.preset(preset, tab.focus);
                tab.preset = Some(preset);
                tab.zoom = false;
            }
            PaneShowSession => match self.tree_has_focus().then(|| self.subject()).flatten() {
                Some(id) => self.show_session(id),
                None => self.open(Layer::Dialog(Box::new(Dialog::Choose(ListState::default())))),
            },
            PaneShowNewestBeside => {
                let hidden = self.mirror.sessions().into_iter().rev().find(|s| self.tabs.pane_of(&s.id).is_none());
                match hidden.map(|s| s.id.clone()) {
                    Some(id) => self.open_beside(id, false),
                    None if self.mirror.sessions().is_empty() => self.no_session(),
                    None => self.note(Level::Info, "every session is in sight", ""),
                }
            }

            TabNew => {
                self.layers.clear();
                if !self.tabs.new_tab() {
                    self.note(Level::Info, "there are no more tabs to have", "");
                }
            }
            TabNext => self.tabs.step(1),
            TabPrevious => self.tabs.step(-1),
            TabClose => {
                if !self.tabs.close_tab() {
                    self.note(Level::Info, "this is the only tab", "");
                }
            }
            TabRename => {
                let name = self.tabs.tab().name.clone().unwrap_or_default();
                self.open(Layer::Dialog(Box::new(Dialog::Ask { what: Ask::RenameTab, editor: Editor::line().with(&name) })));
            }
            TabGo1 | TabGo2 | TabGo3 | TabGo4 | TabGo5 | TabGo6 | TabGo7 | TabGo8 | TabGo9 => {
                self.tabs.go(cmd.tab_number().unwrap_or(1) - 1);
            }

            InboxOpen => self.open_inbox(),
            InboxAllow => self.inbox_answer(Answer::Allow, out),
            InboxDeny => self.inbox_answer(Answer::Deny { reason: None }, out),
            ErrorsOpen => self.open(Layer::Errors { list: ListState::default(), details: false }),
            ErrorsFix => self.fix_error(),
            ErrorsDetails => {
                let here = self.error_details_in_sight().then(|| self.subject()).flatten();
                match (here, self.layers.last_mut()) {
                    // All of it is in sight: what is left to look at is its terminal.
                    (Some(id), _) => {
                        self.layers.clear();
                        self.show_session(id);
                        self.seen(out);
                    }
                    (None, Some(Layer::Errors { details, .. })) => *details = true,
                    _ => {}
                }
            }
            ErrorsCancel => {
                let ids = self.subjects();
                self.ask_stop(ids);
            }
            TimelineOpen => {
                let session = self.tree_has_focus().then(|| self.subject()).flatten();
                self.open(Layer::Timeline { list: ListState { index: usize::MAX, ..ListState::default() }, session });
                self.request(Op::Timeline { session: None, limit: 500, after: None }, Purpose::Timeline, out);
            }
            TimelineScope => {
                let here = self.tabs.focused_session().cloned();
                if let Some(Layer::Timeline { list, session }) = self.layers.last_mut() {
                    *session = if session.is_some() { None } else { here };
                    *list = ListState { index: usize::MAX, ..ListState::default() };
                }
            }
            CardOpen => match self.subject() {
                Some(id) => self.open(Layer::Card(id, 0)),
                None => self.no_session(),
            },

            SessionExplain => {
                let Some(id) = self.subject() else { return self.no_session() };
                self.open(Layer::Explain(id.clone(), None, 0));
                self.request(Op::Explain { session: id.to_string() }, Purpose::Explain(id), out);
            }

            ScrollEnter
            | ScrollLeave
            | ScrollUp
            | ScrollDown
            | ScrollPageUp
            | ScrollPageDown
            | ScrollHalfPageUp
            | ScrollHalfPageDown
            | ScrollTop
            | ScrollBottom
            | SearchStart
            | SearchBack
            | SearchNext
            | SearchPrevious
            | SearchWord
            | SearchWordBack
            | CopyLeft
            | CopyRight
            | CopyUp
            | CopyDown
            | CopyWordNext
            | CopyWordPrevious
            | CopyWordEnd
            | CopyBigWordNext
            | CopyBigWordPrevious
            | CopyBigWordEnd
            | CopyLineStart
            | CopyLineFirst
            | CopyLineEnd
            | CopyScreenTop
            | CopyScreenMiddle
            | CopyScreenBottom
            | CopyParagraphPrevious
            | CopyParagraphNext
            | CopyBracket
            | CopyCharNext
            | CopyCharPrevious
            | CopyTillNext
            | CopyTillPrevious
            | CopyCharAgain
            | CopyCharBack
            | CopyWordAfter
            | CopyWordBefore
            | CopyLineAfter
            | CopyMark
            | CopyMarkBlock
            | CopySelect
            | CopySelectLine
            | CopySelectBlock
            | CopySelectWord
            | CopySelectOutput
            | CopySwapEnds
            | CopyYank
            | CopyYankLine
            | CopyAppend
            | CopyYankToFollowUp
            | CopyYankToEditor
            | JumpPromptPrevious
            | JumpPromptNext
            | JumpErrorPrevious
            | JumpErrorNext
            | JumpFollowUpPrevious
            | JumpFollowUpNext
            | TargetOpen => {
                self.pause_replay(out);
                self.look(cmd, out)
            }
            SearchOlder | SearchNewer => {
                let up = cmd == SearchOlder;
                let pane = self.tabs.focus();
                if let Some(with) = self.looks.get(&pane).map(|l| l.found.up == up) {
                    self.step_search(pane, with, 1, out);
                }
            }
            LabelsShow => self.show_labels(),
            LabelsAct => self.next_act(),
            LabelsClose => self.close_labels(),

            FollowUpSend => self.send_follow_up(false, false, out),
            FollowUpQueue => self.send_follow_up(true, false, out),
            FollowUpInterrupt => self.send_follow_up(false, true, out),
            FollowUpNewline => match self.layers.last_mut() {
                Some(Layer::FollowUp) => self.follow_up.editor.newline(),
                Some(layer) => {
                    if let Some(e) = layer.editor() {
                        e.newline();
                    }
                }
                None => {}
            },
            FollowUpTarget => {
                let selected: Vec<_> = self.tree.selected.iter().cloned().collect();
                self.follow_up.next_target(&self.mirror, &selected);
            }
            FollowUpHistoryPrevious => self.follow_up.recall(true),
            FollowUpHistoryNext => self.follow_up.recall(false),
            FollowUpClose => self.close_layer(|l| matches!(l, Layer::FollowUp)),

            ListUp => self.list_step(-1),
            ListDown => self.list_step(1),
            ListPageUp => self.list_step(-10),
            ListPageDown => self.list_step(10),
            ListTop => self.list_step(isize::MIN),
            ListBottom => self.list_step(isize::MAX),
            ListFilter => {
                if let Some(list) = self.layers.last_mut().and_then(Layer::list_mut) {
                    list.filtering = true;
                }
            }
            ListAccept => self.accept(out),
            ListClose => self.close_top(out),
            ListNextField => self.next_field(1),
            ListPreviousField => self.next_field(-1),
            ListNextChoice => self.next_choice(1),
            ListPreviousChoice => self.next_choice(-1),
            ListYes => self.answer(true, out),
            ListNo => self.answer(false, out),
            ListReply => self.inbox_words(),
        }
    }

    /// Puts a layer on top; one of the same sort that is open already is replaced, so that layers do not pile up.
    pub(super) fn open(&mut self, layer: Layer) {
        let same = std::mem::discriminant(&layer);
        let panel = layer.is_panel();
        self.layers.retain(|l| std::mem::discriminant(l) != same && !(panel && l.is_panel()));
        self.layers.push(layer);
    }

    pub(super) fn close_layer(&mut self, f: impl Fn(&Layer) -> bool) {
        if let Some(i) = self.layers.iter().rposition(f) {
            self.layers.remove(i);
        }
    }

    /// Esc: first leaves a filter, then the panel.
    fn close_top(&mut self, out: &mut Vec<Effect>) {
        match self.layers.last_mut() {
            Some(Layer::Tree) if self.tree.filtering || !self.tree.filter.is_empty() => {
                self.tree.filtering = false;
                self.tree.filter.clear();
            }
            Some(Layer::Tree) if !self.tree.selected.is_empty() => self.tree.selected.clear(),
            Some(Layer::Inbox(l) | Layer::Errors { list: l, .. } | Layer::Timeline { list: l, .. }) if l.filtering || !l.filter.is_empty() => {
                l.filtering = false;
                l.filter.clear();
            }
            Some(Layer::Dialog(d)) if matches!(**d, Dialog::Confirm { .. }) => self.answer(false, out),
            Some(Layer::Search(_)) => self.cancel_search(),
            _ => {
                self.layers.pop();
            }
        }
    }

    fn focus_tree(&mut self) {
        if self.tree_can_dock() {
            self.tree_open = true;
        }
        if self.tree.cursor.is_none() {
            self.tree.cursor = self.tabs.focused_session().cloned().map(RowKey::Session);
        }
        self.open(Layer::Tree);
        let rows = self.tree.rows(&self.mirror);
        let height = self.tree_height();
        self.tree.follow(&rows, height);
    }

    fn tree_open_row(&mut self, out: &mut Vec<Effect>) {
        if self.tree.filtering {
            self.tree.filtering = false;
            return;
        }
        let rows = self.tree.rows(&self.mirror);
        match self.tree.cursor_at(&rows).and_then(|i| rows.into_iter().nth(i)).and_then(|r| r.key) {
            Some(RowKey::Session(id)) => {
                self.tree.cursor = Some(RowKey::Session(id.clone()));
                self.close_layer(|l| matches!(l, Layer::Tree));
                self.show_session(id);
                self.seen(out);
            }
            Some(RowKey::Project(_)) => self.tree_fold(),
            None => {}
        }
    }

    pub(super) fn tree_fold(&mut self) {
        let rows = self.tree.rows(&self.mirror);
        let Some(key) = self.tree.cursor_at(&rows).and_then(|i| rows.into_iter().nth(i)).and_then(|r| r.key) else { return };
        let open = match &key {
            RowKey::Project(_) => !self.tree.folds.get(&key).copied().unwrap_or(false),
            RowKey::Session(id) => {
                let kids = self.mirror.sessions().iter().any(|s| s.parent.as_ref() == Some(id));
                let folded = self.tree.folds.get(&key).copied();
                self.mirror.get(id).is_some_and(|s| self.tree.is_open(s)) || (kids && folded != Some(true))
            }
        };
        self.tree.folds.insert(key, open);
    }

    fn tree_fold_all(&mut self) {
        let all: Vec<RowKey> = self.mirror.sessions().iter().map(|s| RowKey::Session(s.id.clone())).collect();
        let any = self.mirror.sessions().iter().any(|s| self.tree.is_open(s));
        self.tree.folds.extend(all.into_iter().map(|k| (k, any)));
    }

    fn tree_select(&mut self) {
        let rows = self.tree.rows(&self.mirror);
        match self.tree.cursor_at(&rows).and_then(|i| rows.into_iter().nth(i)).and_then(|r| r.key) {
            Some(RowKey::Session(id)) => {
                if !self.tree.selected.remove(&id) {
                    self.tree.selected.insert(id);
                }
            }
            // A project: all of its sessions, or none of them.
            Some(RowKey::Project(path)) => {
                let ids: Vec<_> = self.mirror.working_set().filter(|s| s.project == path).map(|s| s.id.clone()).collect();
                let all = ids.iter().all(|id| self.tree.selected.contains(id));
                for id in ids {
                    if all {
                        self.tree.selected.remove(&id)
                    } else {
                        self.tree.selected.insert(id)
                    };
                }
            }
            None => return,
        }
        self.tree.step(&self.mirror, 1, self.tree_height());
    }

    /// A new empty pane with the focus, and a list of sessions to put in it when there are some not in sight.
    fn split(&mut self, direction: Direction) {
        let Some(pane) = self.tabs.split(direction) else {
            return self.note(Level::Info, "no more panes fit in a tab", "");
        };
        self.tabs.focus_on(pane);
        self.layers.clear();
        let shown = |id| self.tabs.pane_of(id).is_some();
        if self.mirror.sessions().iter().any(|s| !shown(&s.id)) {
            self.open(Layer::Dialog(Box::new(Dialog::Choose(ListState::default()))));
        }
    }

    pub(super) fn focus_pane(&mut self, pane: super::PaneId, out: &mut Vec<Effect>) {
        let zoomed = self.tabs.tab().zoom;
        self.tabs.focus_on(pane);
        self.tabs.tab_mut().zoom = zoomed; // going round in a zoomed tab stays zoomed
        self.layers.retain(|l| !matches!(l, Layer::Scroll | Layer::Search(_) | Layer::Labels(_) | Layer::Tree | Layer::FollowUp));
        self.seen(out);
    }

    fn focus_towards(&mut self, direction: Direction, out: &mut Vec<Effect>) {
        let areas = self.areas();
        let tab = self.tabs.tab();
        let rects = if tab.zoom { tab.tree.rects(areas.panes, super::panes::GAP, Some(tab.focus)) } else { areas.rects };
        if self.tree_has_focus() && self.tree_is_docked() {
            if direction == Direction::Right {
                self.close_layer(|l| matches!(l, Layer::Tree));
            }
            return;
        }
        match rects.neighbour(tab.focus, direction) {
            Some(to) => self.focus_pane(to, out),
            None if direction == Direction::Left && self.tree_is_docked() => self.focus_tree(),
            None => {}
        }
    }

    fn resize_pane(&mut self, direction: Direction) {
        let area = self.areas().panes;
        let tab = self.tabs.tab_mut();
        let cells = if direction.axis() == crate::layout::Axis::Row { RESIZE } else { RESIZE / 2 };
        let focus = tab.focus;
        tab.tree.resize(focus, direction, cells, area, super::panes::GAP);
    }

    pub(super) fn open_new_form(&mut self, by_itself: bool, out: &mut Vec<Effect>) {
        if self.setup.read_only {
            return self.note(Level::Info, "read-only: nothing can be started here", "");
        }
        let cwd = self.subject().and_then(|id| self.mirror.get(&id)).map_or_else(|| self.setup.cwd.clone(), |s| s.project.clone());
        let cwd = if by_itself || !self.tree_has_focus() { self.setup.cwd.clone() } else { cwd };
        self.open(Layer::Dialog(Box::new(Dialog::New(Box::new(NewForm::new(&cwd, by_itself))))));
        if self.mirror.agents.is_empty() {
            self.request(Op::Agents, Purpose::Agents, out);
        }
    }

    fn send_prefix(&mut self, out: &mut Vec<Effect>) {
        let prefix = self.config.keymap.prefix();
        let Some(session) = self.tabs.focused_session().cloned().filter(|_| !self.setup.read_only) else { return };
        let input = crate::wire::message::PaneInput::Key { key: crate::base::Key::new(prefix.code, prefix.mods) };
        out.push(Effect::Send(crate::wire::ClientMsg::Input { session, input }));
    }

    /// The server gives the size to the client that focuses a session: say so again.
    fn take_size(&mut self, out: &mut Vec<Effect>) {
        if self.setup.read_only {
            return self.note(Level::Info, "read-only: the size stays with the others", "");
        }
        let panes = self.in_sight();
        let unfocused = panes.iter().cloned().map(|p| crate::wire::message::PaneWatch { focused: false, ..p }).collect();
        let figures = self.watched.as_ref().is_some_and(|w| w.1);
        out.push(Effect::Send(crate::wire::ClientMsg::Watch { panes: unfocused, figures }));
        out.push(Effect::Send(crate::wire::ClientMsg::Watch { panes, figures }));
    }
}
