//! To a character on the line, as vi's f, F, t and T go, and again or back with ; and ,. Must not know keys.

use super::App;
use super::hit::PaneId;
use super::look::Look;
use super::mirror::{PaneRows, Spot};
use super::modes::Layer;
use crate::command::Cmd;

/// Rows of one line that are looked at each way.
const FAR: usize = 400;

/// How to go to a character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Way {
    back: bool,
    /// Only up to it.
    till: bool,
}

/// What is being looked for, and what was last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct CharFind {
    /// What is typed next in this pane is the character; the number says which of them on the line, from 1.
    wanted: Option<(PaneId, Cmd, u32)>,
    last: Option<(Way, char)>,
}

impl App {
    /// A command of this file, with the count before it.
    pub(super) fn char_find(&mut self, pane: PaneId, cmd: Cmd, times: u32) {
        if wants_char(cmd) {
            self.char_find.wanted = Some((pane, cmd, times));
        } else if let Some((way, c)) = self.char_find.last {
            let way = Way { back: way.back != (cmd == Cmd::CopyCharBack), ..way };
            self.go_to_char(pane, way, c, times, true);
        }
    }

    /// Takes what is typed when a character is waited for; nothing or Esc is none, and no other key either. True when it was taken.
    pub(super) fn takes_char(&mut self, typed: Option<char>, esc: bool) -> bool {
        let Some((pane, cmd, times)) = self.char_find.wanted.take() else { return false };
        if let Some(c) = typed
            && !self.waits(pane, (cmd, Some(times), Some(c)))
        {
            self.find_char(pane, cmd, c, times);
        }
        typed.is_some() || esc
    }

    /// No character is waited for where no key would get here any more.
    pub(super) fn forget_wanted_char(&mut self) {
        let looks = matches!(self.layers.last(), Some(Layer::Scroll));
        let focus = self.tabs.focus();
        self.char_find.wanted = self.char_find.wanted.filter(|(pane, ..)| looks && *pane == focus);
    }

    /// Goes to a character as one of the commands says that want one.
    pub(super) fn find_char(&mut self, pane: PaneId, cmd: Cmd, c: char, times: u32) {
        let back = matches!(cmd, Cmd::CopyCharPrevious | Cmd::CopyTillPrevious);
        let way = Way { back, till: matches!(cmd, Cmd::CopyTillNext | Cmd::CopyTillPrevious) };
        self.char_find.last = Some((way, c));
        self.go_to_char(pane, way, c, times, false);
    }

    fn go_to_char(&mut self, pane: PaneId, way: Way, c: char, times: u32, again: bool) {
        let height = self.pane_height(pane);
        let Some(look) = self.looks.get_mut(&pane) else { return };
        let Some(rows) = look.session.as_ref().and_then(|id| self.mirror.pane(id)) else { return };
        let here = look.here(rows, height);
        if let Some(to) = find(look, rows, here, way, c, times, again) {
            look.cursor_to(rows, height, to);
        }
    }
}

/// The character typed behind it is part of the command.
pub(super) fn wants_char(cmd: Cmd) -> bool {
    matches!(cmd, Cmd::CopyCharNext | Cmd::CopyCharPrevious | Cmd::CopyTillNext | Cmd::CopyTillPrevious)
}

/// Where the character stands for the `times`th time on the line, as far as only the width broke it.
fn find(look: &Look, rows: &PaneRows, here: Spot, way: Way, c: char, times: u32, again: bool) -> Option<Spot> {
    let wraps = |n: u64| look.line(rows, n).is_some_and(|l| l.wrapped);
    let mut before = here;
    let mut left = times.max(1);
    // The one that the cursor stands before already is not the next one.
    let mut beside = again && way.till;
    let mut line = here.0;
    for _ in 0..FAR {
        let mut cells: Vec<(Spot, char)> = Vec::new();
        look.line(rows, line)?.for_each_cell(|col, _, text, _| cells.extend(text.chars().next().map(|c| ((line, col as u16), c))));
        if way.back {
            cells.reverse();
        }
        for (spot, found) in cells.into_iter().filter(|(spot, _)| if way.back { *spot < here } else { *spot > here }) {
            if found == c && !std::mem::take(&mut beside) {
                left -= 1;
                if left == 0 {
                    return Some(if way.till { before } else { spot });
                }
            }
            beside = false;
            before = spot;
        }
        line = match way.back {
            true => line.checked_sub(1).filter(|l| *l >= look.range(rows).start && wraps(*l))?,
            false if wraps(line) => line + 1,
            false => return None,
        };
    }
    None
}
