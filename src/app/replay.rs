//! Recordings shown in panes: what is asked of the server, where they stand, what their keys and their time bar do. Must not know
//! where recordings lie or how rows are made.

use super::App;
use super::hit::PaneId;
use super::input::Editor;
use super::io::Effect;
use super::look::Look;
use super::modes::Layer;
use super::requests::Purpose;
use crate::base::SessionId;
use crate::command::Cmd;
use crate::wire::Op;
use crate::wire::message::Level;
use crate::wire::op::ReplayAct;
use serde::Deserialize;
use serde_json::Value;

/// Milliseconds of a small and of a large move.
const MOVE: i64 = 5000;
const FAR: i64 = 60_000;
/// Speeds that can be chosen.
const SPEEDS: [f64; 9] = [0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0];

/// A marker of a recording.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ReplayMark {
    /// Milliseconds from the beginning.
    pub at: u64,
    /// What it says; from outside.
    pub label: String,
}

/// Where a recording stands, as the server tells it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct ReplayState {
    /// Its name while it is shown; its rows come under it.
    pub replay: SessionId,
    /// Milliseconds from the beginning, pauses cut.
    pub at: u64,
    /// Milliseconds to the end.
    pub length: u64,
    /// When that was, milliseconds since the Unix epoch.
    pub wall_ms: u64,
    /// It goes on.
    pub playing: bool,
    /// How many times as fast.
    #[serde(default)]
    pub speed: f64,
    /// Its beginning was dropped.
    #[serde(default)]
    pub trimmed: bool,
    /// The program still runs: more may come.
    #[serde(default)]
    pub live: bool,
    /// Markers, only when it is opened.
    #[serde(default)]
    pub marks: Vec<ReplayMark>,
    /// Times a text was found, after a search.
    #[serde(default)]
    pub found: Option<u64>,
}

/// A recording in a pane.
#[derive(Debug, Clone, PartialEq)]
pub struct Replay {
    /// Whose recording.
    pub session: SessionId,
    /// Where it stands; nothing until the server has opened it.
    pub state: Option<ReplayState>,
    /// What was searched for in it.
    pub pattern: String,
}

impl App {
    /// Whose rows a pane shows: those of its recording, else of its session.
    pub fn rows_of(&self, pane: PaneId) -> Option<&SessionId> {
        let shown = self.replays.get(&pane).and_then(|r| r.state.as_ref()).map(|s| &s.replay);
        shown.or_else(|| self.tabs.session(pane))
    }

    /// Shows the recording of a session in the focused pane, from a time of day or from its beginning.
    pub(super) fn open_replay(&mut self, session: SessionId, at_ms: Option<u64>, pattern: String, out: &mut Vec<Effect>) {
        self.layers.clear();
        self.show_session(session.clone());
        let pane = self.tabs.focus();
        self.close_replay(pane, out);
        let op = Op::ReplayOpen { session: session.to_string(), at_ms };
        if self.request(op, Purpose::ReplayOpen(pane), out) {
            self.looks.remove(&pane);
            self.replays.insert(pane, Replay { session, state: None, pattern });
        }
    }

    /// The recording of a pane is shown no more.
    pub(super) fn close_replay(&mut self, pane: PaneId, out: &mut Vec<Effect>) {
        let Some(replay) = self.replays.remove(&pane) else { return };
        self.looks.remove(&pane);
        if let Some(state) = replay.state
            && self.link == super::Link::Up
        {
            self.request(Op::Replay { replay: state.replay, act: ReplayAct::Close }, Purpose::Quiet(""), out);
        }
    }

    /// After everything that may have changed the panes: recordings whose pane is gone are closed, and the keys are the
    /// recording's exactly while the focused pane shows one.
    pub(super) fn settle_replays(&mut self, out: &mut Vec<Effect>) {
        if self.replays.is_empty() && !self.has_layer(|l| matches!(l, Layer::Replay)) {
            return;
        }
        let gone: Vec<PaneId> = self.replays.iter().filter(|(p, r)| self.tabs.session(**p) != Some(&r.session)).map(|(p, _)| *p).collect();
        gone.into_iter().for_each(|p| self.close_replay(p, out));
        let here = self.replays.contains_key(&self.tabs.focus());
        let has = self.has_layer(|l| matches!(l, Layer::Replay));
        if here && !has {
            self.layers.insert(0, Layer::Replay);
        } else if !here && has {
            self.layers.retain(|l| !matches!(l, Layer::Replay | Layer::ReplayFind(_)));
        }
    }

    /// A new connection knows nothing of what was shown: it is opened again where it stood.
    pub(super) fn reopen_replays(&mut self, out: &mut Vec<Effect>) {
        let all: Vec<(PaneId, SessionId, Option<u64>)> =
            self.replays.iter().map(|(p, r)| (*p, r.session.clone(), r.state.as_ref().map(|s| s.wall_ms))).collect();
        for (pane, session, at_ms) in all {
            self.request(Op::ReplayOpen { session: session.to_string(), at_ms }, Purpose::ReplayOpen(pane), out);
        }
    }

    /// A command for the recording in the focused pane.
    pub(super) fn replay(&mut self, cmd: Cmd, out: &mut Vec<Effect>) {
        let pane = self.tabs.focus();
        if cmd == Cmd::ReplayLeave {
            if self.looks.get(&pane).is_some_and(|l| l.select.is_some() || !l.found.starts.is_empty()) {
                self.looks.remove(&pane);
                return;
            }
            return self.close_replay(pane, out);
        }
        let Some(state) = self.replays.get(&pane).and_then(|r| r.state.clone()) else { return };
        let by = |ms: i64| ReplayAct::Seek { at: state.at.saturating_add_signed(ms).min(state.length) };
        let mark = |forward: bool| {
            let mut all = state.marks.iter().map(|m| m.at);
            if forward { all.find(|at| *at > state.at) } else { all.rfind(|at| at + 500 < state.at) }
        };
        let act = match cmd {
            Cmd::ReplayPlay if state.playing => ReplayAct::Pause,
            Cmd::ReplayPlay => ReplayAct::Play,
            Cmd::ReplayForward => by(MOVE),
            Cmd::ReplayBack => by(-MOVE),
            Cmd::ReplayFarForward => by(FAR),
            Cmd::ReplayFarBack => by(-FAR),
            Cmd::ReplayStart => ReplayAct::Seek { at: 0 },
            Cmd::ReplayEnd => ReplayAct::Seek { at: state.length },
            Cmd::ReplayStep => ReplayAct::Step { back: false },
            Cmd::ReplayStepBack => ReplayAct::Step { back: true },
            Cmd::ReplayFaster | Cmd::ReplaySlower => {
                let speed = next_speed(state.speed, cmd == Cmd::ReplayFaster);
                if let Some(s) = self.replays.get_mut(&pane).and_then(|r| r.state.as_mut()) {
                    s.speed = speed;
                }
                ReplayAct::Speed { speed }
            }
            Cmd::ReplayMarkNext | Cmd::ReplayMarkPrevious => match mark(cmd == Cmd::ReplayMarkNext) {
                Some(at) => ReplayAct::Seek { at },
                None => return self.note(Level::Info, "no marker further on", ""),
            },
            Cmd::ReplaySearch => return self.layers.push(Layer::ReplayFind(Editor::line())),
            Cmd::ReplayFindNext | Cmd::ReplayFindPrevious => return self.replay_find(None, cmd == Cmd::ReplayFindPrevious, out),
            _ => return,
        };
        self.replay_act(pane, act, out);
    }

    pub(super) fn replay_act(&mut self, pane: PaneId, act: ReplayAct, out: &mut Vec<Effect>) {
        let Some(state) = self.replays.get(&pane).and_then(|r| r.state.as_ref()) else { return };
        let replay = state.replay.clone();
        if matches!(act, ReplayAct::Seek { .. } | ReplayAct::Step { .. } | ReplayAct::Play) {
            self.looks.remove(&pane); // lines of another moment
        }
        self.request(Op::Replay { replay, act }, Purpose::Replay(pane), out);
    }

    /// Stands still, for looking closer.
    pub(super) fn pause_replay(&mut self, out: &mut Vec<Effect>) {
        let pane = self.tabs.focus();
        let state = self.replays.get_mut(&pane).and_then(|r| r.state.as_mut());
        if state.is_some_and(|s| std::mem::replace(&mut s.playing, false)) {
            self.replay_act(pane, ReplayAct::Pause, out);
        }
    }

    /// Looks for a text in the recording, or for the same as before.
    pub(super) fn replay_find(&mut self, typed: Option<String>, back: bool, out: &mut Vec<Effect>) {
        self.layers.retain(|l| !matches!(l, Layer::ReplayFind(_)));
        let pane = self.tabs.focus();
        let Some(replay) = self.replays.get_mut(&pane) else { return };
        if let Some(typed) = typed.filter(|t| !t.is_empty()) {
            replay.pattern = typed;
        }
        let pattern = replay.pattern.clone();
        let Some(id) = replay.state.as_ref().map(|s| s.replay.clone()) else { return };
        if !pattern.is_empty() {
            self.request(Op::Replay { replay: id, act: ReplayAct::Find { pattern, back } }, Purpose::ReplayFind(pane), out);
        }
    }

    /// `50%`, `1:30` from the beginning, or a time of day as the bar shows it.
    pub(super) fn replay_go_to(&mut self, text: &str, out: &mut Vec<Effect>) {
        let pane = self.tabs.focus();
        let Some(state) = self.replays.get(&pane).and_then(|r| r.state.clone()) else { return };
        match moment(text, state.length) {
            Some(at) => self.replay_act(pane, ReplayAct::Seek { at }, out),
            None => self.note(Level::Error, "that is no moment", "write 50%, or minutes and seconds from the beginning: 1:30"),
        }
    }

    /// The server opened a recording, or did what was asked.
    pub(super) fn replay_told(&mut self, pane: PaneId, opened: bool, value: Value, out: &mut Vec<Effect>) {
        let Ok(mut state) = serde_json::from_value::<ReplayState>(value) else { return };
        let Some(replay) = self.replays.get_mut(&pane) else {
            if opened {
                // It was left before it came.
                self.request(Op::Replay { replay: state.replay, act: ReplayAct::Close }, Purpose::Quiet(""), out);
            }
            return;
        };
        if !opened {
            match &replay.state {
                Some(old) if old.replay == state.replay => state.marks.clone_from(&old.marks),
                _ => return, // an answer about another one
            }
        }
        let found = state.found;
        let (id, pattern) = (state.replay.clone(), replay.pattern.clone());
        replay.state = Some(state);
        if opened && let Some(speed) = self.setup.replay.take() {
            self.replay_act(pane, ReplayAct::Speed { speed }, out);
            self.replay_act(pane, ReplayAct::Play, out);
        }
        if found == Some(0) {
            self.note(Level::Info, &format!("no match for {pattern}"), "");
        } else if (opened || found.is_some()) && !pattern.is_empty() {
            // What was found is marked on the screen of that moment.
            self.request(Op::Search { session: id, pattern, limit: 500 }, Purpose::ReplayMatches(pane), out);
        }
    }

    /// Matches on the screen a recording shows.
    pub(super) fn replay_matches(&mut self, pane: PaneId, value: Value) {
        let Some((id, pattern)) = self.replays.get(&pane).and_then(|r| Some((r.state.as_ref()?.replay.clone(), r.pattern.clone()))) else { return };
        let end = self.mirror.pane(&id).map_or(0, super::mirror::PaneRows::end);
        let mut look = Look::of(id);
        look.found.take(pattern, value, end);
        look.found.current = look.found.starts.len().checked_sub(1);
        self.looks.insert(pane, look);
    }

    /// A recording moved on.
    pub(super) fn replay_moved(&mut self, id: &SessionId, at: u64, length: u64, wall_ms: u64, playing: bool) {
        for state in self.replays.values_mut().filter_map(|r| r.state.as_mut()).filter(|s| s.replay == *id) {
            (state.at, state.length, state.wall_ms, state.playing) = (at, length, wall_ms, playing);
        }
    }

    /// It could not be opened.
    pub(super) fn replay_refused(&mut self, pane: PaneId) {
        self.replays.remove(&pane);
    }
}

fn next_speed(now: f64, faster: bool) -> f64 {
    let mut all = SPEEDS.into_iter();
    let found = if faster { all.find(|s| *s > now + 0.01) } else { all.rfind(|s| *s < now - 0.01) };
    found.unwrap_or(now)
}

fn moment(text: &str, length: u64) -> Option<u64> {
    let text = text.trim();
    if let Some(percent) = text.strip_suffix('%') {
        let p: f64 = percent.trim().parse().ok()?;
        return (0.0..=100.0).contains(&p).then(|| (length as f64 * p / 100.0) as u64);
    }
    let mut seconds = 0u64;
    for part in text.split(':') {
        seconds = seconds.checked_mul(60)?.checked_add(part.parse().ok()?)?;
    }
    Some(seconds.checked_mul(1000)?.min(length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_and_speeds() {
        assert_eq!(moment("50%", 1000), Some(500));
        assert_eq!(moment("1:30", 100_000), Some(90_000));
        assert_eq!(moment("1:00:00", 100_000), Some(100_000));
        assert_eq!(moment("110%", 1000), None);
        assert_eq!(moment("x", 1000), None);
        assert_eq!((next_speed(1.0, true), next_speed(1.0, false), next_speed(64.0, true)), (2.0, 0.5, 64.0));
    }
}
