//! What stands in the lists: inbox, errors, log, palette, help, sessions to choose from. Must not know how rows look.

use super::App;
use super::finder::fuzzy;
use super::list_state::ListState;
use crate::base::{SessionId, text};
use crate::command::{Cmd, Scope, TABLE};
use crate::wire::Session;
use crate::wire::facts::{ErrorReport, TimelineEntry};

/// A row of the palette or of a list of sessions to choose from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// What it does.
    pub what: Pick,
    /// What it is called.
    pub title: String,
    /// Which characters of the title answer to what was typed.
    pub places: Vec<usize>,
}

/// What choosing a row does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pick {
    /// Run a command.
    Run(Cmd),
    /// Show a session.
    Show(SessionId),
}

impl Pick {
    /// What a cursor holds on to.
    pub fn key(&self) -> String {
        match self {
            Pick::Run(cmd) => cmd.name().to_owned(),
            Pick::Show(id) => id.to_string(),
        }
    }
}

/// A row of the key help.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HelpRow {
    /// The command.
    pub cmd: Cmd,
    /// The keys it has now, as people read them.
    pub keys: Vec<String>,
}

/// All that is known of an error, each with what it is called.
pub fn error_parts(e: &ErrorReport) -> Vec<(&'static str, String)> {
    let place = super::place_of(e);
    let all = [
        ("Issue", &e.issue),
        ("Context", &e.context),
        ("Where", &place),
        ("Suggestion", &e.suggestion),
        ("Action", &e.action),
        ("Status", &e.status),
    ];
    all.into_iter().filter_map(|(n, p)| p.as_ref().map(|p| (n, p.clone()))).collect()
}

fn errors_key(s: &Session, i: usize) -> String {
    let e = s.errors.get(i);
    format!("{} {} {}", s.id, e.map_or("", |e| &e.time), e.map_or("", |e| &e.title))
}

impl App {
    /// Sessions that wait, the longest wait first, those that pass the filter.
    pub fn inbox(&self, list: &ListState) -> Vec<&Session> {
        let hay = |s: &Session| format!("#{} {} {} {}", s.number, s.name, s.agent, s.waiting_for.as_ref().map_or("", |w| &w.text));
        self.mirror.waiting().into_iter().filter(|s| list.passes(&hay(s))).collect()
    }

    /// The session under the cursor of the inbox.
    pub fn inbox_at(&self, list: &ListState) -> Option<SessionId> {
        let all = self.inbox(list);
        let keys: Vec<String> = all.iter().map(|s| s.id.to_string()).collect();
        all.get(list.at(&keys)).map(|s| s.id.clone())
    }

    /// Errors of all sessions, newest first.
    pub fn error_rows(&self, list: &ListState) -> Vec<(&Session, &ErrorReport, String)> {
        let rows = self.mirror.errors().into_iter().filter_map(|(s, i)| Some((s, s.errors.get(i)?, errors_key(s, i))));
        rows.filter(|(s, e, _)| list.passes(&format!("#{} {} {}", s.number, s.name, e.title))).collect()
    }

    /// The error under the cursor.
    pub fn error_at(&self, list: &ListState) -> Option<(SessionId, ErrorReport)> {
        let rows = self.error_rows(list);
        let keys: Vec<String> = rows.iter().map(|r| r.2.clone()).collect();
        rows.get(list.at(&keys)).map(|(s, e, _)| (s.id.clone(), (*e).clone()))
    }

    /// The error under the cursor is shown with all that is known of it, in a panel whose body has so many rows: when it was asked
    /// for, or there is room for it below the others.
    pub fn error_is_open(&self, list: &ListState, details: bool, rows: u16) -> bool {
        let all = self.error_rows(list);
        let keys: Vec<String> = all.iter().map(|r| r.2.clone()).collect();
        // A row for what can be done with it.
        let more = all.get(list.at(&keys)).map_or(0, |r| error_parts(r.1).len() + 1);
        details || rows >= 8 || all.len() + more <= usize::from(rows)
    }

    /// The panel of errors is on top, and shows all of the one under the cursor.
    pub(super) fn error_details_in_sight(&self) -> bool {
        match self.layers.last() {
            Some(super::modes::Layer::Errors { list, details }) => {
                let rows = self.areas().panel.map_or(0, |r| r.h.saturating_sub(1));
                !self.error_rows(list).is_empty() && self.error_is_open(list, *details, rows)
            }
            _ => false,
        }
    }

    /// Log entries, oldest first.
    pub fn timeline_rows(&self, list: &ListState, session: Option<&SessionId>) -> Vec<&TimelineEntry> {
        let mine = |e: &&TimelineEntry| session.is_none_or(|s| e.session == *s);
        self.mirror.timeline.iter().filter(mine).filter(|e| list.passes(&format!("#{} {} {}", e.number, e.kind, e.text))).collect()
    }

    /// Commands and sessions that answer to what was typed, the best first.
    pub fn palette(&self, list: &ListState) -> Vec<Found> {
        let want = list.filter.text();
        let mut all: Vec<(i32, usize, Found)> = Vec::new();
        let global = TABLE.iter().filter(|r| r.scopes.contains(&Scope::Global) && r.cmd.tab_number().is_none() && r.cmd != Cmd::AppPalette);
        for row in global {
            let title = fuzzy(&want, row.title);
            let other = row.aliases.iter().filter_map(|a| fuzzy(&want, a).map(|f| (f, *a))).max_by_key(|((s, _), _)| *s);
            let found = match (title, other) {
                (Some((s, places)), Some(((o, _), _))) if s >= o => Some((s + 4, row.title.to_owned(), places)),
                (_, Some(((o, places), alias))) if !want.is_empty() && alias.chars().next().is_some_and(char::is_uppercase) => {
                    Some((o, alias.to_owned(), places)) // a name people know from elsewhere
                }
                (_, Some(((o, _), _))) if !want.is_empty() => Some((o, row.title.to_owned(), Vec::new())),
                (Some((s, places)), _) => Some((s + 4, row.title.to_owned(), places)),
                _ => None,
            };
            if let Some((score, title, places)) = found {
                all.push((score, all.len(), Found { what: Pick::Run(row.cmd), title, places }));
            }
        }
        if !want.is_empty() {
            for f in self.choices(list) {
                let title = format!("Show {}", f.title);
                if let Some((score, places)) = fuzzy(&want, &title) {
                    all.push((score, all.len(), Found { what: f.what, title, places }));
                }
            }
            all.sort_by_key(|(score, order, _)| (-score, *order));
        }
        all.into_iter().map(|(_, _, f)| f).collect()
    }

    /// Sessions to choose from: those not in sight first, ended and watching ones after them, the newest first.
    pub fn choices(&self, list: &ListState) -> Vec<Found> {
        let want = list.filter.text();
        let mut all = self.mirror.sessions();
        all.sort_by_key(|s| (self.tabs.pane_of(&s.id).is_some(), s.kind.watches(), s.state.ended(), std::cmp::Reverse(s.number)));
        let title = |s: &Session| format!("#{} {}", s.number, text::safe_line(&s.name, 40));
        let found = all.into_iter().filter_map(|s| {
            let title = title(s);
            let hay = format!("{title} {} {}", s.agent, super::tree::project_name(&s.project));
            let (_, mut places) = fuzzy(&want, &title).or_else(|| fuzzy(&want, &hay).map(|(n, _)| (n, Vec::new())))?;
            places.retain(|p| *p < title.chars().count());
            Some(Found { what: Pick::Show(s.id.clone()), title, places })
        });
        found.collect()
    }

    /// Commands with the keys they have now.
    pub fn help(&self, list: &ListState) -> Vec<HelpRow> {
        let rows = TABLE.iter().filter(|r| !matches!(r.cmd.tab_number(), Some(2..=8))).map(|r| {
            let mut keys: Vec<String> = Vec::new();
            for (_, chords) in self.config.keymap.keys_for(r.cmd) {
                let label = crate::config::keys_label(&chords);
                if !keys.contains(&label) {
                    keys.push(label);
                }
            }
            keys.truncate(4);
            HelpRow { cmd: r.cmd, keys }
        });
        let want = list.filter.text().to_lowercase();
        let hay = |h: &HelpRow| {
            let r = h.cmd.row();
            format!("{} {} {} {} {} {}", r.title, r.name, r.doc, r.group, r.aliases.join(" "), h.keys.join(" ")).to_lowercase()
        };
        rows.filter(|h| want.split_whitespace().all(|w| hay(h).contains(w))).collect()
    }

    /// Keys of the rows of the list on top, for its cursor.
    pub(super) fn list_keys(&self) -> Vec<String> {
        use super::dialog::Dialog;
        use super::modes::Layer;
        match self.layers.last() {
            Some(Layer::Inbox(l)) => self.inbox(l).iter().map(|s| s.id.to_string()).collect(),
            Some(Layer::Errors { list, .. }) => self.error_rows(list).into_iter().map(|r| r.2).collect(),
            Some(Layer::Timeline { list, session }) => self.timeline_rows(list, session.as_ref()).iter().map(|e| e.seq.to_string()).collect(),
            Some(Layer::Palette(l)) => self.palette(l).iter().map(|f| f.what.key()).collect(),
            Some(Layer::Help(l)) => self.help(l).iter().map(|h| h.cmd.name().to_owned()).collect(),
            Some(Layer::SearchAll(s)) => s.keys(),
            Some(Layer::Dialog(d)) => match &**d {
                Dialog::Choose(l) => self.choices(l).iter().map(|f| f.what.key()).collect(),
                _ => Vec::new(),
            },
            _ => Vec::new(),
        }
    }
}
