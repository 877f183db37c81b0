//! Tabs and the panes in them: which session stands where. Must not know what a session is, nor its rows.

use super::hit::PaneId;
use crate::base::{Rect, SessionId};
use crate::layout::{Direction, Preset, Rects, Tree};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Cells between panes, for the line.
pub const GAP: u16 = 1;
/// Most tabs.
pub const MAX_TABS: usize = 64;

/// A tab: an arrangement of panes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tab {
    /// Its name, when it was given one.
    #[serde(default)]
    pub name: Option<String>,
    /// How its panes stand.
    pub tree: Tree<PaneId>,
    /// The pane with the focus.
    pub focus: PaneId,
    /// The focused pane has the whole tab.
    #[serde(default)]
    pub zoom: bool,
    /// The arrangement asked for last.
    #[serde(default)]
    pub preset: Option<Preset>,
}

/// All tabs. Never empty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tabs {
    tabs: Vec<Tab>,
    active: usize,
    shows: BTreeMap<u32, SessionId>,
    next: u32,
}

impl Default for Tabs {
    fn default() -> Tabs {
        let first = PaneId(1);
        Tabs {
            tabs: vec![Tab { name: None, tree: Tree::new(first), focus: first, zoom: false, preset: None }],
            active: 0,
            shows: BTreeMap::new(),
            next: 2,
        }
    }
}

impl Tabs {
    /// Tabs read from a saved view, made whole: `None` when there is nothing to save.
    pub fn checked(mut self) -> Option<Tabs> {
        self.tabs.truncate(MAX_TABS);
        if self.tabs.is_empty() {
            return None;
        }
        self.active = self.active.min(self.tabs.len() - 1);
        let mut seen = std::collections::HashSet::new();
        for t in &mut self.tabs {
            let panes = t.tree.panes();
            if !panes.iter().all(|p| seen.insert(*p)) {
                return None;
            }
            if !panes.contains(&t.focus) {
                t.focus = *panes.first()?;
            }
        }
        self.shows.retain(|p, _| seen.contains(&PaneId(*p)));
        self.next = seen.iter().map(|p| p.0).max().unwrap_or(0).checked_add(1)?;
        Some(self)
    }

    fn fresh(&mut self) -> PaneId {
        let id = PaneId(self.next);
        self.next = self.next.wrapping_add(1);
        id
    }

    /// All tabs.
    pub fn all(&self) -> &[Tab] {
        &self.tabs
    }

    /// Which one is shown.
    pub fn active(&self) -> usize {
        self.active
    }

    /// The tab that is shown.
    pub fn tab(&self) -> &Tab {
        // Never empty, and `active` is kept inside.
        &self.tabs[self.active.min(self.tabs.len() - 1)]
    }

    /// The same, to change it.
    pub fn tab_mut(&mut self) -> &mut Tab {
        let at = self.active.min(self.tabs.len() - 1);
        &mut self.tabs[at]
    }

    /// The focused pane.
    pub fn focus(&self) -> PaneId {
        self.tab().focus
    }

    /// The session a pane shows.
    pub fn session(&self, pane: PaneId) -> Option<&SessionId> {
        self.shows.get(&pane.0)
    }

    /// The session of the focused pane.
    pub fn focused_session(&self) -> Option<&SessionId> {
        self.session(self.focus())
    }

    /// The pane of the shown tab that has this session, the focused one first.
    pub fn pane_of(&self, session: &SessionId) -> Option<PaneId> {
        let tab = self.tab();
        let has = |p: &PaneId| self.session(*p) == Some(session);
        Some(tab.focus).filter(has).or_else(|| tab.tree.panes().into_iter().find(has))
    }

    /// Shows a session in a pane.
    pub fn show(&mut self, pane: PaneId, session: SessionId) {
        self.shows.insert(pane.0, session);
    }

    /// Goes to the pane that has this session, in any tab. False when none has.
    pub fn go_to(&mut self, session: &SessionId) -> bool {
        let here = self.pane_of(session).map(|p| (self.active, p));
        let found = here.or_else(|| {
            self.tabs.iter().enumerate().find_map(|(i, t)| t.tree.panes().into_iter().find(|p| self.session(*p) == Some(session)).map(|p| (i, p)))
        });
        let Some((tab, pane)) = found else { return false };
        self.active = tab;
        self.focus_on(pane);
        true
    }

    /// Forgets a session that is gone; its panes become empty.
    pub fn forget(&mut self, session: &SessionId) {
        self.shows.retain(|_, s| s != session);
    }

    /// Moves the focus to a pane of the shown tab.
    pub fn focus_on(&mut self, pane: PaneId) {
        let tab = self.tab_mut();
        if tab.tree.contains(pane) && tab.focus != pane {
            tab.focus = pane;
            tab.zoom = false;
        }
    }

    /// A new empty pane beside the focused one, which keeps the focus. `None` when there are too many.
    pub fn split(&mut self, direction: Direction) -> Option<PaneId> {
        let new = self.fresh();
        let tab = self.tab_mut();
        tab.zoom = false;
        tab.tree.split(tab.focus, direction, new).then_some(new)
    }

    /// Takes a pane away. The last pane of a tab takes the tab with it; the last of all becomes empty. False when nothing
    /// changed.
    pub fn close(&mut self, pane: PaneId) -> bool {
        let had = self.shows.remove(&pane.0).is_some();
        let tab = self.tab_mut();
        if let Some(heir) = tab.tree.close(pane) {
            // A pane that goes by itself takes nothing from the one that has the whole window.
            tab.zoom &= tab.focus != pane && tab.tree.panes().len() > 1;
            if tab.focus == pane {
                tab.focus = heir;
            }
            return true;
        }
        if self.tabs.len() > 1 {
            self.close_tab();
            return true;
        }
        had
    }

    /// Takes the panes away that show a session, in every tab; the last of all becomes empty. The shown tab stays when it is still
    /// there. Gives the panes.
    pub fn take_out(&mut self, session: &SessionId) -> Vec<PaneId> {
        let mut out = Vec::new();
        for tab in (0..self.tabs.len()).rev() {
            let mut panes = self.tabs.get(tab).map(|t| t.tree.panes()).unwrap_or_default();
            panes.retain(|p| self.shows.get(&p.0) == Some(session));
            for pane in panes {
                let (shown, count) = (self.active, self.tabs.len());
                self.active = tab;
                self.close(pane);
                let gone = self.tabs.len() < count && tab < shown;
                self.active = (shown - usize::from(gone)).min(self.tabs.len() - 1);
                out.push(pane);
            }
        }
        out
    }

    /// Goes to a pane, in any tab. False when it is not there any more.
    pub fn go_to_pane(&mut self, pane: PaneId) -> bool {
        let Some(tab) = self.tabs.iter().position(|t| t.tree.contains(pane)) else { return false };
        self.active = tab;
        self.focus_on(pane);
        true
    }

    /// Closes the shown tab. False when it is the only one.
    pub fn close_tab(&mut self) -> bool {
        if self.tabs.len() < 2 {
            return false;
        }
        let tab = self.tabs.remove(self.active.min(self.tabs.len() - 1));
        for p in tab.tree.panes() {
            self.shows.remove(&p.0);
        }
        self.active = self.active.min(self.tabs.len() - 1);
        true
    }

    /// A new tab with one empty pane, shown. False when there are too many.
    pub fn new_tab(&mut self) -> bool {
        if self.tabs.len() >= MAX_TABS {
            return false;
        }
        let pane = self.fresh();
        self.active = (self.active + 1).min(self.tabs.len());
        self.tabs.insert(self.active, Tab { name: None, tree: Tree::new(pane), focus: pane, zoom: false, preset: None });
        true
    }

    /// Shows a tab, counted from 0. False when it is not there.
    pub fn go(&mut self, tab: usize) -> bool {
        if tab < self.tabs.len() {
            self.active = tab;
        }
        tab < self.tabs.len()
    }

    /// Shows the tab `by` places further, round the end.
    pub fn step(&mut self, by: isize) {
        self.active = (self.active as isize + by).rem_euclid(self.tabs.len() as isize) as usize;
    }

    /// Panes of the shown tab as rectangles in `area`.
    pub fn rects(&self, area: Rect) -> Rects<PaneId> {
        let tab = self.tab();
        if tab.zoom { Rects { panes: vec![(tab.focus, area)], dividers: Vec::new() } } else { tab.tree.rects(area, GAP, Some(tab.focus)) }
    }

    /// No pane of any tab shows anything.
    pub fn is_blank(&self) -> bool {
        self.shows.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_pane_of_all_becomes_empty_and_stays() {
        let mut t = Tabs::default();
        t.show(t.focus(), SessionId::random());
        assert!(t.close(t.focus()));
        assert!(t.is_blank() && t.all().len() == 1);
        assert!(!t.close(t.focus()));
        t.split(Direction::Right);
        t.new_tab();
        assert_eq!(t.active(), 1);
        assert!(t.close(t.focus()));
        assert_eq!((t.active(), t.tab().tree.len()), (0, 2));
    }

    #[test]
    fn a_pane_that_goes_leaves_the_zoom_of_another_one() {
        let mut t = Tabs::default();
        let first = t.focus();
        let (second, third) = (t.split(Direction::Right).unwrap(), t.split(Direction::Down).unwrap());
        t.focus_on(first);
        t.tab_mut().zoom = true;
        assert!(t.close(third) && t.tab().zoom);
        assert!(t.close(second) && !t.tab().zoom, "one pane alone");
        let (beside, below) = (t.split(Direction::Right).unwrap(), t.split(Direction::Down).unwrap());
        t.focus_on(beside);
        t.tab_mut().zoom = true;
        assert!(t.close(beside) && !t.tab().zoom && t.tab().tree.contains(below));
    }

    #[test]
    fn a_session_is_taken_out_of_every_tab_and_the_shown_one_stays() {
        let mut t = Tabs::default();
        let (editor, other) = (SessionId::random(), SessionId::random());
        let first = t.focus();
        t.show(first, other.clone());
        let beside = t.split(Direction::Right).unwrap();
        t.show(beside, editor.clone());
        t.focus_on(beside);
        t.new_tab();
        t.show(t.focus(), editor.clone());
        t.new_tab();
        let last = t.focus();
        t.show(last, other.clone());
        assert_eq!(t.take_out(&editor).len(), 2);
        assert_eq!((t.all().len(), t.active(), t.focus()), (2, 1, last));
        assert!(t.go_to_pane(first) && !t.go_to_pane(beside));
        assert_eq!((t.active(), t.focus(), t.tab().tree.len()), (0, first, 1));
        t.close_tab();
        assert_eq!(t.take_out(&other), [last]);
        assert!(t.is_blank() && t.all().len() == 1, "the last of all becomes empty");
        assert!(t.take_out(&other).is_empty());
    }

    #[test]
    fn a_saved_view_comes_back_whole_or_not_at_all() {
        let mut t = Tabs::default();
        let s = SessionId::random();
        let new = t.split(Direction::Down).unwrap();
        t.show(new, s.clone());
        t.new_tab();
        let text = serde_json::to_string(&t).unwrap();
        let mut back = serde_json::from_str::<Tabs>(&text).unwrap().checked().unwrap();
        assert!(back.go_to(&s));
        assert_eq!((back.active(), back.focus()), (0, new));
        assert!(serde_json::from_str::<Tabs>(r#"{"tabs":[],"active":4,"shows":{},"next":1}"#).unwrap().checked().is_none());
    }
}
