//! Answers for people who look back: searches, motions that need all of history, what a command printed, which folders a path
//! may mean. Long looks go in slices, so that nobody else waits. Must not know clients.

use super::anchors::Anchor;
use super::hub::{Hub, wire_error};
use super::pane::Pane;
use crate::base::{Motion, SessionId};
use crate::term::{self, Engine, Point};
use crate::wire::message::WireError;
use serde_json::{Value, json};
use std::ops::Range;
use std::rc::Rc;

/// Lines looked at for an error before others have their turn.
const SLICE: u64 = 400;
/// Most matches of one answer.
const MATCHES: usize = 5000;
/// Rows that the matches of one answer touch; the last of them may be a few thousand more.
const ROWS: usize = 8000;
/// How often a look begins anew because all lines were broken anew meanwhile.
const AGAIN: usize = 3;
/// Most repetitions of one motion.
const COUNT: u32 = 1000;

fn lines_of(e: &dyn Engine) -> Range<u64> {
    e.history_start()..e.screen_top() + u64::from(e.size().rows)
}

/// Matches in history and screen, the newest `limit` of them, top to bottom.
///
/// # Errors
/// When the pattern is none.
pub async fn search(pane: &Rc<Pane>, pattern: &str, limit: u32) -> Result<Value, WireError> {
    let limit = (limit.max(1) as usize).min(MATCHES);
    let pattern = term::Pattern::new(pattern, true).map_err(|e| wire_error("usage", e, "it is a regular expression; put \\ before ( [ . * +"))?;
    let mut newest_ones = None;
    for _ in 0..AGAIN {
        newest_ones = newest(pane, &pattern, limit).await;
        if newest_ones.is_some() {
            break;
        }
    }
    let Some((found, more)) = newest_ones else {
        return Err(wire_error("unavailable", "its lines are broken anew all the time, so they could not be searched", "search again"));
    };
    let one = |m: &term::Match| -> Vec<Value> {
        let last = m.spans.len().saturating_sub(1);
        let span = |(i, (line, cols)): (usize, &(u64, Range<u16>))| match i < last {
            true => json!({"line": line, "from": cols.start, "to": cols.end, "goes_on": true}),
            false => json!({"line": line, "from": cols.start, "to": cols.end}),
        };
        m.spans.iter().enumerate().map(span).collect()
    };
    let matches: Vec<Value> = found.iter().flat_map(one).collect();
    Ok(json!({ "matches": matches, "more": more }))
}

/// From the bottom up, and whether there are more; nothing when the lines were broken anew on the way. Pieces of lines, so that
/// one that has no end keeps nobody waiting either.
async fn newest(pane: &Rc<Pane>, pattern: &term::Pattern, limit: usize) -> Option<(Vec<term::Match>, bool)> {
    let (mut end, epoch) = pane.engine(|e, epoch| (lines_of(e).end, epoch));
    let mut pieces: Vec<Found> = Vec::new();
    let (mut count, mut rows) = (0, 0);
    let more = loop {
        let (mut piece, oldest) = pane.engine(|e, now| {
            let oldest = e.history_start();
            (now == epoch).then(|| (term::search_back(|abs| e.row(abs), oldest, end, pattern, limit - count), oldest))
        })?;
        if let Some(below) = pieces.last_mut() {
            let went = term::join(&mut piece, &mut below.found);
            count -= went;
            below.again = went > 0;
        }
        count += piece.found.len();
        rows += piece.found.iter().map(|m| m.spans.len()).sum::<usize>();
        pieces.push(Found { lines: piece.start..end, cut: piece.cut, again: false, found: piece.found });
        end = pieces.last().map_or(end, |p| p.lines.start);
        let more = count >= limit || rows >= ROWS;
        if more || end <= oldest {
            break more;
        }
        tokio::task::yield_now().await;
    };
    // From the top down: what changes in one may change the next.
    for i in (1..pieces.len()).rev() {
        let (below, above) = pieces.split_at_mut(i);
        let (Some(below), Some(above)) = (below.last_mut(), above.first()) else { break };
        if !below.again || above.cut {
            continue;
        }
        tokio::task::yield_now().await;
        let (start, from) = (below.lines.start, above.found.last().map_or(Point { line: 0, col: 0 }, term::Match::end));
        let changed = pane.engine(|e, now| {
            let inside = start.checked_sub(1).is_some_and(|l| e.wraps(l));
            (now == epoch).then(|| inside && term::search_on(|abs| e.row(abs), below.lines.clone(), from, pattern, &mut below.found))
        })?;
        if changed && let Some(next) = i.checked_sub(2).and_then(|n| pieces.get_mut(n)) {
            next.again = true;
        }
    }
    let mut found: Vec<term::Match> = pieces.into_iter().rev().flat_map(|p| p.found).collect();
    found.drain(..found.len().saturating_sub(limit));
    Some((found, more))
}

/// What was found in a piece.
struct Found {
    lines: Range<u64>,
    /// See [`term::Piece::cut`].
    cut: bool,
    /// A match of the piece above reaches into it: what it has is to be found anew.
    again: bool,
    found: Vec<term::Match>,
}

/// Where a motion leads.
pub async fn walk(pane: &Rc<Pane>, from: (u64, u16), motion: Motion, count: u32) -> Value {
    // A client may name any line.
    let newest = pane.engine(|e, _| lines_of(e).end.saturating_sub(1));
    let mut at = Point { line: from.0.min(newest), col: from.1 };
    let mut went = false;
    for _ in 0..count.clamp(1, COUNT) {
        let to = if motion.is_jump() { jump(pane, at.line, motion).await.map(|line| Point { line, col: 0 }) } else { step(pane, at, motion) };
        match to {
            Some(to) if to != at => at = to,
            _ => break,
        }
        went = true;
        tokio::task::yield_now().await;
    }
    // A motion along the text that has nowhere to go stays; a jump says that there is nothing.
    let to = (went || !motion.is_jump() && motion != Motion::Bracket).then_some((at.line, at.col));
    json!({ "to": to })
}

fn step(pane: &Pane, at: Point, motion: Motion) -> Option<Point> {
    pane.engine(|e, _| term::step(|abs| e.row(abs), lines_of(e), motion, at))
}

async fn jump(pane: &Rc<Pane>, from: u64, motion: Motion) -> Option<u64> {
    let back = motion.is_back();
    let nearest = |lines: Vec<u64>| {
        if back { lines.into_iter().rev().find(|l| *l < from) } else { lines.into_iter().find(|l| *l > from) }
    };
    let oldest = pane.engine(|e, _| e.history_start());
    match motion {
        Motion::PromptPrevious | Motion::PromptNext => nearest(pane.engine(|e, _| e.prompts())),
        Motion::FollowUpPrevious | Motion::FollowUpNext => nearest(pane.anchors().borrow().lines(Anchor::FollowUp, oldest)),
        _ => {
            let told = nearest(pane.anchors().borrow().lines(Anchor::Error, oldest));
            let seen = error_line(pane, from, back, told).await;
            match (told, seen) {
                (Some(a), Some(b)) => Some(if back { a.max(b) } else { a.min(b) }),
                (a, b) => a.or(b),
            }
        }
    }
}

/// The next line that looks like an error and begins a row of such lines; not farther than `until`.
async fn error_line(pane: &Rc<Pane>, from: u64, back: bool, until: Option<u64>) -> Option<u64> {
    let mut at = from;
    let epoch = pane.engine(|_, epoch| epoch);
    loop {
        let found = pane.engine(|e, now| {
            let range = lines_of(e);
            if now != epoch {
                return Err(None);
            }
            let bad =
                |l: u64| range.contains(&l) && (l == range.start || !e.wraps(l - 1)) && e.row(l).is_some_and(|r| term::looks_like_error(&r.text()));
            for _ in 0..SLICE {
                let next = if back { at.checked_sub(1) } else { at.checked_add(1) };
                let Some(line) = next.filter(|l| range.contains(l)) else { return Err(None) };
                if until.is_some_and(|u| if back { line < u } else { line > u }) {
                    return Err(None);
                }
                at = line;
                if bad(line) && !(line > range.start && bad(line - 1)) {
                    return Err(Some(line));
                }
            }
            Ok(())
        });
        match found {
            Err(found) => return found,
            Ok(()) => tokio::task::yield_now().await,
        }
    }
}

/// First and last line of what the command at a line printed; of the one before when it has printed nothing yet.
pub fn output_at(pane: &Pane, line: u64) -> Value {
    let found = pane.engine(|e, _| {
        let (prompts, outputs) = (e.prompts(), e.outputs());
        let end = lines_of(e).end;
        let at = prompts.partition_point(|p| *p <= line);
        (0..=at).rev().find_map(|i| {
            let from = if i == 0 { e.history_start() } else { *prompts.get(i - 1)? };
            let behind = prompts.get(i).copied().unwrap_or(end);
            let start = outputs.iter().copied().find(|o| (from..behind).contains(o))?;
            let mut last = behind.checked_sub(1)?;
            while last > start && e.row(last).is_none_or(|l| l.text().trim().is_empty()) {
                last -= 1;
            }
            let blank = e.row(start).is_none_or(|l| l.text().trim().is_empty());
            (!(blank && last == start)).then_some((start, last))
        })
    });
    match found {
        Some((from, to)) => json!({ "from": from, "to": to }),
        None => Value::Null,
    }
}

/// Folders that a relative path may mean: the one the shell told, that of the program in front, the session's, its project.
pub fn folders(hub: &Rc<Hub>, id: &SessionId) -> Value {
    let pane = hub.pane(id);
    let told = pane.as_ref().and_then(|p| p.cwd());
    let front = pane.as_ref().and_then(|p| p.foreground());
    let front = front.and_then(|pid| std::fs::read_link(format!("/proc/{pid}/cwd")).ok()).and_then(|p| p.into_os_string().into_string().ok());
    let own = hub.world(|w| w.get(id).map(|r| [Some(r.facts.cwd.clone()), r.facts.worktree.clone(), Some(r.facts.project.clone())]));
    let mut folders: Vec<String> = Vec::new();
    for f in [told, front].into_iter().chain(own.into_iter().flatten()).flatten() {
        if f.starts_with('/') && !folders.contains(&f) {
            folders.push(f);
        }
    }
    json!({ "folders": folders })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Now, Size};
    use crate::term::{EngineKind, new_engine};

    /// What comes out, and how many turns others had meanwhile.
    async fn with_turns<T>(work: impl Future<Output = T>) -> (T, usize) {
        let mut turns = 0;
        let others = async {
            loop {
                tokio::task::yield_now().await;
                turns += 1;
            }
        };
        let out = tokio::select! {
            biased;
            out = work => out,
            () = others => unreachable!(),
        };
        (out, turns)
    }

    fn endless(text: &str, times: usize) -> Rc<Pane> {
        let mut engine = new_engine(EngineKind::Native, Size::new(80, 24), 10_000);
        engine.feed(b"before\r\n", Now::default());
        (0..times).for_each(|_| engine.feed(text.as_bytes(), Now::default()));
        Pane::new(SessionId::random(), engine, None)
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_pattern_that_overlaps_itself_is_counted_as_in_one_text() {
        // Long ones, as an answer has room for so many rows only; several seams lie inside of the line.
        for (text, times, pattern) in [("a", 300_001, "a{97}|aa b"), ("ab", 150_003, "(?:ab){51}|aa b"), ("aba", 100_001, "(?:aba){33}ab?|aa b")] {
            let mut engine = new_engine(EngineKind::Native, Size::new(79, 24), 10_000);
            let whole = text.repeat(times);
            engine.feed(format!("aa b\r\n{whole}\r\naa b").as_bytes(), Now::default());
            let (from, cols) = (engine.history_start(), 79);
            assert_eq!(from, 0);
            let pane = Pane::new(SessionId::random(), engine, None);
            let (found, more) = newest(&pane, &term::Pattern::new(pattern, true).unwrap(), usize::MAX).await.unwrap();
            let starts: Vec<Point> = found.iter().map(term::Match::start).collect();
            let of_line = |line: u64, text: &str| {
                let re = regex::Regex::new(pattern).unwrap();
                re.find_iter(text).map(|m| Point { line: line + (m.start() / cols) as u64, col: (m.start() % cols) as u16 }).collect::<Vec<_>>()
            };
            let last = 1 + whole.len().div_ceil(cols) as u64;
            let want: Vec<Point> = of_line(0, "aa b").into_iter().chain(of_line(1, &whole)).chain(of_line(last, "aa b")).collect();
            let same = starts.iter().zip(&want).take_while(|(a, b)| a == b).count();
            assert_eq!((same, starts.len(), more), (want.len(), want.len(), false), "{pattern}: {:?}", starts.get(same));
            assert!(pane.engine(|e, _| e.screen_top()) > 3000, "there are seams");
        }
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_motion_from_where_no_line_is_stays_among_the_lines() {
        let pane = endless("needle \r\n", 10);
        let end = pane.engine(|e, _| lines_of(e).end);
        for motion in [Motion::WordAfter, Motion::WordBefore, Motion::LineAfter, Motion::ParagraphNext, Motion::WordNext] {
            let to = walk(&pane, (u64::MAX, u16::MAX), motion, 3).await;
            assert!(to["to"][0].as_u64().is_some_and(|line| line < end), "{motion:?}: {to}");
        }
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_search_in_one_endless_line_lets_others_have_their_turn_and_finds_all_of_it() {
        let pane = endless(&"0123456789 a needle ".repeat(100), 1000);
        let rows = pane.engine(|e, _| e.screen_top());
        assert!(rows > 20_000);
        let found = search(&pane, "before|needle", 5000).await.unwrap();
        assert_eq!((found["matches"].as_array().unwrap().len(), &found["more"]), (5000, &json!(true)));
        let (found, turns) = with_turns(search(&pane, "before|0123456789 a needle 0123456789 a needle (?:$|x)", 5000)).await;
        let found = found.unwrap();
        assert_eq!((found["matches"][0]["line"].as_u64(), &found["more"]), (Some(0), &json!(false)));
        assert!(turns as u64 >= rows / 2500, "{turns} turns for {rows} rows");
        // Long matches make no answer that no message holds.
        let found = search(&pane, ".*", 5000).await.unwrap();
        assert!(found["more"] == json!(true) && found.to_string().len() < 1 << 20, "{}", found.to_string().len());
    }
}
