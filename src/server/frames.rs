//! Rows of a pane that a client does not have yet. Must not know sockets or who the client is.

use super::pane::Pane;
use super::sent::Sent;
use crate::base::Now;
use crate::term::{self, MouseProtocol};
use crate::wire::PaneFrame;
use crate::wire::message::PaneWatch;
use crate::wire::pane::{CursorShape, PaneCursor, PaneModes};

/// How long mode 2026 may hold frames back, milliseconds.
const SYNC_MS: u64 = 150;
/// How often a client that looks back hears how far the program has gone on below, milliseconds.
const BELOW_MS: u64 = 250;
/// Lines above and below a window that a client may want.
const MARGIN: u16 = 200;

/// What came of looking.
pub enum Built {
    /// The client has everything.
    Nothing,
    /// The program is in the middle of an update; look again in so many milliseconds.
    Held {
        /// Milliseconds.
        ms: u64,
    },
    /// Rows for it.
    Frame(Box<PaneFrame>),
}

/// Builds the next frame for a client that shows the pane as `watch` says.
pub fn build(pane: &Pane, watch: &PaneWatch, sent: &mut Sent, foreign: bool, now: Now) -> Built {
    pane.engine(|engine, epoch| {
        let modes = engine.modes();
        if let Some(sync) = modes.sync {
            let age = now.mono_ms.saturating_sub(sync.since_ms);
            if age < SYNC_MS && sent.started {
                return Built::Held { ms: SYNC_MS - age };
            }
        }
        let size = engine.size();
        let (screen_top, history_start) = (engine.screen_top(), engine.history_start());
        let place = (screen_top, history_start);
        let end = screen_top + u64::from(size.rows);
        let (top, height) = match watch.top {
            Some(t) => {
                let height = u64::from(watch.rows.clamp(1, 500));
                let t = t.clamp(history_start, screen_top.max(history_start));
                (t, height.min(end - t))
            }
            None => (screen_top, u64::from(size.rows)),
        };
        // What is looked at next is there before it is looked at.
        let margin = u64::from(watch.margin.min(MARGIN));
        let window = top.saturating_sub(margin).max(history_start.min(top))..(top + height + margin).min(end);
        let (top, height) = (window.start, window.end - window.start);
        let full = !sent.started || sent.epoch != epoch;
        let generation = engine.generation();
        let cursor = cursor_of(engine.cursor());
        if !full && generation == sent.generation && window == sent.have && foreign == sent.foreign {
            return Built::Nothing;
        }
        let mut lines = Vec::new();
        for abs in window.clone() {
            let has = !full && sent.have.contains(&abs);
            if (!has || engine.row_generation(abs) > sent.generation)
                && let Some(line) = engine.row(abs)
            {
                lines.push((abs, line));
            }
        }
        if lines.is_empty() && !full && window == sent.have && cursor == sent.cursor && watch.top.is_some() && foreign == sent.foreign {
            // Something changed below what is looked at; how much there is by now is told now and then.
            if place == sent.place {
                sent.generation = generation;
                return Built::Nothing;
            }
            let age = sent.at.map_or(BELOW_MS, |at| at.elapsed().as_millis() as u64);
            if age < BELOW_MS {
                return Built::Held { ms: BELOW_MS - age };
            }
        }
        *sent = Sent { in_flight: None, at: sent.at, generation, epoch, place, have: window, cursor, foreign, started: true };
        Built::Frame(Box::new(PaneFrame {
            seq: 0,
            session: pane.id.clone(),
            cols: size.cols,
            rows: size.rows,
            full,
            top,
            height: height as u16,
            screen_top,
            history_start,
            lines,
            cursor,
            modes: PaneModes {
                mouse: modes.mouse != MouseProtocol::Off,
                mouse_motion: modes.mouse == MouseProtocol::AnyMotion,
                alternate: modes.alt_screen,
                bracketed_paste: modes.bracketed_paste,
                reverse: modes.reverse_screen,
                key_releases: modes.kitty_flags & 2 != 0,
            },
            foreign_size: foreign,
        }))
    })
}

fn cursor_of(c: term::Cursor) -> PaneCursor {
    let shape = match c.shape {
        term::CursorShape::Default | term::CursorShape::Block => CursorShape::Block,
        term::CursorShape::Underline => CursorShape::Underline,
        term::CursorShape::Bar => CursorShape::Bar,
    };
    PaneCursor { row: c.row, col: c.col, visible: c.visible, shape, blink: c.blink }
}
