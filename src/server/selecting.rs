//! The text of a selection, for who copies more than the client has. Long ones are read in slices, so that nobody else waits.
//! Must not know clients.

use super::hub::wire_error;
use super::pane::Pane;
use crate::term::{self, Engine, Point, SelectBy};
use crate::wire::frame::MAX_CONTROL;
use crate::wire::message::WireError;
use crate::wire::op::SelectShape;
use serde_json::{Value, json};
use std::rc::Rc;

/// Rows read before others have their turn, and bytes of their text.
const ROWS: usize = 400;
const BYTES: usize = 64 * 1024;
/// Rows asked only whether they go on before others have their turn.
const ASKED: u64 = 20_000;
/// Most bytes of a copy; an answer holds no more.
const COPY: usize = MAX_CONTROL;

/// Answers `select-text`.
///
/// # Errors
/// It is more than one copy, or its lines were broken anew meanwhile.
pub async fn text(pane: &Rc<Pane>, from: (u64, u16), to: (u64, u16), shape: SelectShape) -> Result<Value, WireError> {
    let by = match shape {
        SelectShape::Char => SelectBy::Char,
        SelectShape::Line => SelectBy::Line,
        SelectShape::Block => SelectBy::Block,
    };
    let epoch = pane.engine(|_, epoch| epoch);
    let point = |p: (u64, u16)| Point { line: p.0, col: p.1 };
    let (mut from, mut to) = (point(from), point(to));
    if by == SelectBy::Line {
        (from, to) = (Point { line: from.line.min(to.line), col: 0 }, Point { line: from.line.max(to.line), col: u16::MAX });
        from.line = grown(pane, epoch, from.line, |e, at| at > e.history_start() && e.wraps(at - 1), |at| at - 1).await?;
        let last = |e: &dyn Engine| e.screen_top() + u64::from(e.size().rows) - 1;
        to.line = grown(pane, epoch, to.line, |e, at| at < last(e) && e.wraps(at), |at| at + 1).await?;
    } else {
        // Which it does without a line, for these shapes.
        (from, to) = term::selection(|_| None, by, from, to);
    }
    let mut text = term::Selected::new(by, from, to);
    let mut next = from.line;
    loop {
        let more = read(pane, epoch, |e| {
            let end = to.line.min(e.screen_top() + u64::from(e.size().rows) - 1);
            // What is gone since, or never was, is not walked over.
            next = next.max(e.history_start());
            let (began, mut rows) = (text.bytes(), 0);
            while next <= end && rows < ROWS && text.bytes() < began + BYTES {
                if let Some(line) = e.row(next) {
                    text.push(next, &line);
                }
                (next, rows) = (next + 1, rows + 1);
            }
            next <= end
        })?;
        if text.bytes() > COPY {
            let what = format!("what is selected is more than {} MiB of text; it was not copied", COPY >> 20);
            return Err(wire_error("failed", what, "select less of it"));
        }
        if !more {
            return Ok(json!({ "text": text.finish() }));
        }
        tokio::task::yield_now().await;
    }
}

/// How far a line goes on from one of its rows.
async fn grown(pane: &Pane, epoch: u64, from: u64, goes_on: impl Fn(&dyn Engine, u64) -> bool, step: impl Fn(u64) -> u64) -> Result<u64, WireError> {
    let mut at = from;
    // A row has a byte at least: more of them are more than a copy.
    while at.abs_diff(from) <= COPY as u64 {
        let more = read(pane, epoch, |e| {
            (0..ASKED).all(|_| {
                let more = goes_on(e, at);
                at = if more { step(at) } else { at };
                more
            })
        })?;
        if !more {
            break;
        }
        tokio::task::yield_now().await;
    }
    Ok(at)
}

fn read<T>(pane: &Pane, epoch: u64, f: impl FnOnce(&dyn Engine) -> T) -> Result<T, WireError> {
    let read = pane.engine(|e, now| (now == epoch).then(|| f(e)));
    read.ok_or_else(|| wire_error("unavailable", "its lines were broken anew while they were read; nothing was copied", "select it again"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Now, SessionId, Size};
    use crate::term::{EngineKind, new_engine};

    fn pane(feed: &[&str]) -> Rc<Pane> {
        let mut engine = new_engine(EngineKind::Native, Size::new(80, 24), 10_000);
        feed.iter().for_each(|text| engine.feed(text.as_bytes(), Now::default()));
        Pane::new(SessionId::random(), engine, None)
    }

    async fn copied(pane: &Rc<Pane>, from: (u64, u16), to: (u64, u16), shape: SelectShape) -> Result<String, String> {
        text(pane, from, to, shape).await.map(|v| v["text"].as_str().unwrap_or_default().to_owned()).map_err(|e| e.message)
    }

    #[tokio::test(flavor = "current_thread")]
    async fn what_slices_read_is_what_one_look_reads() {
        let lines: Vec<String> = (0..3000).map(|n| format!("line {n} {}\r\n", "and on ".repeat(n % 40))).collect();
        let pane = pane(&lines.iter().map(String::as_str).collect::<Vec<_>>());
        let shapes = [(SelectShape::Char, SelectBy::Char), (SelectShape::Line, SelectBy::Line), (SelectShape::Block, SelectBy::Block)];
        for (shape, by) in shapes {
            for (from, to) in [((500, 7), (1700, 3)), ((1700, 3), (0, 60)), ((3, 3), (3, 9)), ((100, 0), (u64::MAX, 0))] {
                let end = pane.engine(|e, _| e.screen_top() + 23);
                let point = |p: (u64, u16)| Point { line: p.0.min(end), col: p.1 };
                let want = pane.engine(|e, _| term::selected_text(|id| e.row(id), by, point(from), point(to)));
                assert_eq!(copied(&pane, from, to, shape).await, Ok(want), "{by:?} {from:?} {to:?}");
            }
        }
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_line_is_copied_whole_or_not_at_all() {
        let long = "x".repeat(600_000);
        let half = pane(&["first\r\n", &long, "\r\nlast"]);
        assert_eq!(copied(&half, (4000, 3), (4000, 3), SelectShape::Line).await, Ok(long.clone()));
        let over = pane(&["first\r\n", &long, &long, "\r\nlast"]);
        assert!(copied(&over, (4000, 3), (4000, 3), SelectShape::Line).await.unwrap_err().contains("more than 1 MiB"));
        let (told, _) = tokio::join!(copied(&over, (0, 0), (4000, 0), SelectShape::Char), async { over.new_epoch() });
        assert!(told.unwrap_err().contains("broken anew"));
    }
}
