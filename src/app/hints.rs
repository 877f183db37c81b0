//! The keys of the moment. Must not know where they are drawn.

use super::App;
use super::dialog::Dialog;
use super::inbox::Questioned;
use super::modes::Layer;
use crate::command::{Cmd, Scope};
use crate::config::keys_label;

/// What an empty pane offers.
pub const EMPTY_PANE: [Cmd; 3] = [Cmd::SessionNew, Cmd::TreeToggle, Cmd::AppHelp];

/// A key in the status line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hint {
    /// What it runs.
    pub cmd: Cmd,
    /// The key, as people read it; without the prefix where that is shown before all.
    pub key: String,
    /// What it does.
    pub text: String,
}

/// Commands of the status line that do nothing for who only looks.
fn refused_read_only(cmd: Cmd) -> bool {
    use Cmd::*;
    matches!(
        cmd,
        SessionNew
            | SessionFollowUp
            | SessionPauseToggle
            | SessionStop
            | InboxAllow
            | InboxDeny
            | ListReply
            | ErrorsFix
            | ErrorsCancel
            | CopyYankToFollowUp
            | CopyYankToEditor
    )
}

impl App {
    /// The keys of the moment, the most useful first. With true: they follow the prefix.
    pub fn hints(&self) -> (bool, Vec<Hint>) {
        let (prefixed, mut hints) = self.all_hints();
        if self.setup.read_only {
            hints.retain(|h| !refused_read_only(h.cmd));
        }
        (prefixed, hints)
    }

    fn all_hints(&self) -> (bool, Vec<Hint>) {
        use Cmd::*;
        let list: &[Cmd] = match self.layers.last() {
            None if self.tabs.focused_session().is_none() => {
                return (true, self.after_prefix(&[SessionNew, TreeToggle, AppHelp, PaneShowSession, AppPalette, AppDetach]));
            }
            None => {
                let more = self.tabs.tab().tree.len() > 1;
                let ended = self.tabs.focused_session().and_then(|id| self.mirror.get(id)).is_some_and(|s| s.state.ended());
                // What has ended takes no text and cannot be paused: it can be read, and forgotten.
                let mut list = if ended {
                    vec![SessionNew, TreeToggle, ScrollEnter, InboxOpen, ErrorsOpen, SessionDismiss]
                } else {
                    vec![SessionNew, TreeToggle, SessionFollowUp, InboxOpen, ErrorsOpen, SessionPauseToggle]
                };
                if more {
                    list.push(PaneZoom);
                }
                list.extend([SessionNextAttention, AppDetach, AppHelp]);
                return (true, self.after_prefix(&list));
            }
            Some(Layer::Tree) if self.tree.filtering => &[TreeOpen, ListClose],
            Some(Layer::Tree) => &[
                TreeOpen,
                TreeFold,
                TreeSelect,
                TreeFilter,
                SessionFollowUp,
                SessionPauseToggle,
                SessionStop,
                CardOpen,
                SessionExplain,
                SessionNew,
                ListClose,
            ],
            Some(Layer::ReplayFind(_)) => &[ListAccept, ListClose],
            Some(Layer::Replay) => &[
                ReplayPlay,
                ReplayBack,
                ReplayForward,
                ReplayMarkNext,
                ReplayMarkPrevious,
                ReplaySearch,
                ReplayFaster,
                ReplayGoTo,
                ScrollEnter,
                ReplayLeave,
            ],
            Some(Layer::SearchAll(_)) => &[ListAccept, SearchAllPlain, ListClose],
            Some(Layer::Scroll) => {
                let look = self.looks.get(&self.tabs.focus());
                if look.is_some_and(|l| l.select.is_some()) {
                    &[CopyYank, CopyAppend, CopyYankToFollowUp, CopyYankToEditor, CopySwapEnds, CopySelectLine, CopySelectBlock, ScrollLeave]
                } else if look.is_some_and(|l| !l.found.starts.is_empty()) {
                    &[SearchNext, SearchPrevious, CopySelect, CopySelectLine, TargetOpen, SearchStart, ScrollLeave]
                } else {
                    &[
                        CopySelect,
                        CopySelectLine,
                        SearchStart,
                        JumpPromptPrevious,
                        JumpErrorPrevious,
                        CopySelectOutput,
                        TargetOpen,
                        ScrollTop,
                        ScrollLeave,
                    ]
                }
            }
            Some(Layer::Search(_)) => &[ListAccept, SearchOlder, SearchNewer, ListClose],
            Some(Layer::Labels(_)) => &[LabelsAct, LabelsClose],
            Some(Layer::FollowUp) => &[FollowUpSend, FollowUpNewline, FollowUpTarget, FollowUpQueue, FollowUpInterrupt, FollowUpClose],
            Some(Layer::Inbox(l)) if self.inbox_offer(l).is_some() => &[InboxAllow, InboxDeny, ListAccept, ListFilter, ListClose],
            // What can only be answered in its terminal is not offered an answer here.
            Some(Layer::Inbox(l)) if !self.inbox_can_answer(l) => &[ListAccept, ListReply, ListFilter, ListClose],
            // A question has no yes.
            Some(Layer::Inbox(l)) if self.inbox_question(l) == Some(Questioned::List) => &[InboxDeny, ListAccept, ListFilter, ListClose],
            Some(Layer::Inbox(l)) if self.inbox_question(l) == Some(Questioned::Words) => &[ListReply, ListAccept, ListFilter, ListClose],
            Some(Layer::Inbox(_)) => &[InboxAllow, InboxDeny, ListReply, ListAccept, ListFilter, ListClose],
            Some(Layer::Errors { .. }) => &[ErrorsFix, ErrorsDetails, ErrorsCancel, ListFilter, ListClose],
            Some(Layer::Timeline { .. }) => &[TimelineScope, ListFilter, ListClose],
            Some(Layer::Card(..)) => &[ListDown, SessionExplain, ListClose],
            Some(Layer::Explain(..)) => &[ListDown, CardOpen, ListClose],
            Some(Layer::Summary(_)) => &[ListDown, SessionFollowUp, ListClose],
            Some(Layer::Palette(_)) => &[ListAccept, ListClose],
            Some(Layer::Help(_)) => &[ListAccept, ListClose],
            Some(Layer::Dialog(d)) => match &**d {
                Dialog::New(_) => &[ListAccept, ListNextField, ListNextChoice, ListClose],
                Dialog::Confirm { .. } => &[ListYes, ListNo],
                Dialog::Ask { .. } | Dialog::Choose(_) => &[ListAccept, ListClose],
            },
        };
        (false, self.plain(list))
    }

    fn after_prefix(&self, list: &[Cmd]) -> Vec<Hint> {
        let hint = |cmd: &Cmd| {
            let key = self.config.keymap.after_prefix(*cmd)?.label();
            Some(Hint { cmd: *cmd, key, text: self.hint_text(*cmd) })
        };
        list.iter().filter_map(hint).collect()
    }

    fn plain(&self, list: &[Cmd]) -> Vec<Hint> {
        let scopes: Vec<Scope> = self.scopes().iter().copied().filter(|s| *s != Scope::Global).collect();
        let hint = |cmd: &Cmd| {
            let keys = self.config.keymap.keys_for(*cmd).into_iter().filter(|(s, _)| scopes.contains(s)).map(|(_, k)| k);
            // Esc is the way out that everybody knows; else the key written first.
            let esc = |k: &Vec<crate::base::Chord>| !(*cmd == Cmd::ListClose && k.first().is_some_and(|c| c.code == crate::base::KeyCode::Esc));
            let key = keys_label(&keys.min_by_key(esc)?);
            Some(Hint { cmd: *cmd, key, text: self.hint_text(*cmd) })
        };
        list.iter().filter_map(hint).collect()
    }

    fn hint_text(&self, cmd: Cmd) -> String {
        let short = cmd.row().short;
        let count = match cmd {
            Cmd::InboxOpen => self.mirror.waiting().len(),
            Cmd::ErrorsOpen => self.mirror.open_errors(),
            _ => 0,
        };
        let subject = self.subject().and_then(|id| self.mirror.get(&id).map(|s| s.state));
        match (cmd, self.layers.last()) {
            (Cmd::SessionPauseToggle, _) if subject == Some(crate::wire::State::Paused) => "resume".to_owned(),
            (Cmd::PaneZoom, _) if self.tabs.tab().zoom => "unzoom".to_owned(),
            (Cmd::InboxAllow, Some(Layer::Inbox(l))) if self.inbox_offer(l).is_some() => "delegate".to_owned(),
            (Cmd::InboxDeny, Some(Layer::Inbox(l))) if self.inbox_offer(l).is_some() => "go on here".to_owned(),
            (Cmd::FollowUpTarget, _) if self.offered_files().is_some() => "take the file".to_owned(),
            (Cmd::ErrorsDetails, _) if self.error_details_in_sight() => "go to the pane".to_owned(),
            (Cmd::ListAccept, Some(Layer::Inbox(_))) => "go to the pane".to_owned(),
            (Cmd::ListAccept, Some(Layer::Help(_) | Layer::Palette(_))) => "run".to_owned(),
            (Cmd::ListAccept, Some(Layer::Dialog(d))) if matches!(**d, Dialog::New(_)) => "start".to_owned(),
            (Cmd::ReplayPlay, _) if self.replays.get(&self.tabs.focus()).and_then(|r| r.state.as_ref()).is_some_and(|s| s.playing) => {
                "pause".to_owned()
            }
            (Cmd::TreeOpen, _) if self.tree.filtering => "keep".to_owned(),
            (Cmd::ListAccept, Some(Layer::SearchAll(_))) => "go there".to_owned(),
            (Cmd::ListAccept, Some(Layer::ReplayFind(_))) => "search".to_owned(),
            (Cmd::ListAccept, Some(Layer::Search(_))) => "keep".to_owned(),
            (Cmd::ListNextChoice, _) => "choose".to_owned(),
            (Cmd::ListDown, Some(Layer::Card(..) | Layer::Explain(..) | Layer::Summary(_))) => "more".to_owned(),
            _ if count > 0 => format!("{short} {count}"),
            _ => short.to_owned(),
        }
    }
}
