//! A pane's history copied into blocks: only what is new since the last search is taken out of the engine, in slices. Must not
//! know what is looked for.

use super::blocks::{Block, Texts};
use super::pane::Pane;
use crate::term::Engine;
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Time spent in an engine before others have their turn.
const SLICE: Duration = Duration::from_micros(800);
/// Lines copied between two looks at the clock.
const LINES: u64 = 64;
/// Text of one block, in bytes.
const BLOCK: usize = 64 * 1024;

/// The text of a pane as it is now.
pub async fn of(pane: &Rc<Pane>, texts: &RefCell<Texts>) -> Vec<Arc<Block>> {
    while !pane.engine(|e, epoch| copy(e, epoch, &mut texts.borrow_mut())) {
        tokio::task::yield_now().await;
    }
    let t = texts.borrow();
    let mut all = t.blocks.clone();
    let screen = pane.engine(|e, _| {
        let mut rest = Block { text: t.open.text.clone(), lines: t.open.lines.clone() };
        let end = e.screen_top() + u64::from(e.size().rows);
        lines(e, t.upto, end, &mut rest);
        rest
    });
    all.push(Arc::new(screen));
    all
}

/// Copies history that is not in the blocks yet, for a slice of time. True when all of it is.
fn copy(e: &dyn Engine, epoch: u64, t: &mut Texts) -> bool {
    let (start, top) = (e.history_start(), e.screen_top());
    if t.epoch != epoch || t.upto < start || t.upto > top {
        *t = Texts { epoch, upto: start, ..Texts::default() };
    }
    t.blocks.retain(|b| b.lines.last().is_some_and(|l| l.1 >= start));
    let began = Instant::now();
    while t.upto < top {
        let to = (t.upto + LINES).min(top);
        let upto = t.upto;
        let next = lines(e, upto, to, &mut t.open);
        if next == upto {
            return true; // one logical line that goes on into the screen
        }
        t.upto = next;
        if t.open.text.len() >= BLOCK {
            t.blocks.push(Arc::new(std::mem::take(&mut t.open)));
        }
        if began.elapsed() >= SLICE {
            return t.upto >= top;
        }
    }
    true
}

/// The logical lines that begin and end in `from..to`; behind the last one.
fn lines(e: &dyn Engine, from: u64, to: u64, out: &mut Block) -> u64 {
    let (mut begin, mut text) = (from, String::new());
    // A line longer than a slice is taken to its end.
    let end = e.screen_top() + u64::from(e.size().rows);
    for abs in from..end {
        let Some(line) = e.row(abs) else { continue };
        line.spans.iter().for_each(|s| text.push_str(&s.text));
        if line.wrapped && abs + 1 < end && text.len() < BLOCK {
            if abs + 1 >= to && to == e.screen_top() {
                return begin; // it goes on into the screen, which changes
            }
            continue;
        }
        out.push(&text, begin);
        text.clear();
        begin = abs + 1;
        if begin >= to {
            break;
        }
    }
    begin
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Now, SessionId, Size};
    use crate::past::{Found, Scan};
    use crate::term::{EngineKind, Pattern, new_engine};
    use std::sync::atomic::AtomicBool;

    #[tokio::test(flavor = "current_thread")]
    async fn only_what_is_new_is_copied_and_ids_are_right() {
        let engine = new_engine(EngineKind::Native, Size::new(20, 5), 1000);
        let pane = Pane::new(SessionId::random(), engine, None);
        let texts = RefCell::default();
        let (pattern, stop) = (Pattern::new("needle", true).unwrap(), AtomicBool::new(false));
        let find = |blocks: Vec<Arc<Block>>| {
            let scan = Scan { pattern: &pattern, most: 100, stop: &stop };
            let mut found = Found::default();
            blocks.iter().for_each(|b| b.scan(&scan, &mut found));
            let mut ids: Vec<u64> = found.hits.iter().map(|h| h.line).collect();
            ids.sort_unstable();
            ids
        };
        let mut wanted = Vec::new();
        for round in 0..6u64 {
            for i in 0..400u64 {
                let at = pane.engine(|e, _| e.screen_top() + u64::from(e.cursor().row));
                let text = match i {
                    100 | 399 => "a needle\r\n".to_owned(),
                    200 => format!("{} nee\u{200b}", "x".repeat(35)).replace(" nee\u{200b}", " needle wraps\r\n"),
                    _ => format!("line {round} {i}\r\n"),
                };
                if text.contains("needle") {
                    wanted.push(at);
                }
                pane.engine_mut(|e| e.feed(text.as_bytes(), Now::default()));
            }
            let start = pane.engine(|e, _| e.history_start());
            let mut got = find(of(&pane, &texts).await);
            got.retain(|id| *id >= start);
            wanted.retain(|id| *id >= start);
            assert_eq!(got, wanted, "round {round}");
        }
    }
}
