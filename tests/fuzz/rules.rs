//! What must hold for an engine, whatever it is fed.

use crate::generator::{Dice, Step};
use copilot_tui::base::{CellKind, Line, Now, Size};
use copilot_tui::term::{Engine, EngineKind, Event, OuterColors, native::Native, new_engine, restore, write_ansi};
use rustix::time::{ClockId, clock_gettime};
use std::time::Duration;

/// For 4 KiB, of the processor's time, on a screen of up to [`CELLS`]; a debug build gets more.
const SLOW: Duration = Duration::from_millis(if cfg!(debug_assertions) { 4000 } else { 100 });
/// 300 x 100. A larger screen (up to 1000 x 500) may take longer by as much as it is larger: three bytes can erase all of it.
const CELLS: u32 = 30_000;
/// Lines of history at start.
const HISTORY: usize = 100;

/// The worst that was seen.
#[derive(Default)]
pub struct Limits {
    pub slowest: Duration,
    pub worst: Vec<u8>,
    pub snapshot: usize,
}

fn processor_time() -> Duration {
    let t = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(t.tv_sec.try_into().unwrap_or(0), t.tv_nsec.try_into().unwrap_or(0))
}

/// Everything a reader can see of an engine.
#[derive(PartialEq)]
struct Seen {
    lines: Vec<(Option<Line>, u64)>,
    rest: String,
}

fn seen(e: &dyn Engine) -> Seen {
    let end = e.screen_top() + u64::from(e.size().rows);
    let lines = (e.history_start()..end).map(|abs| (e.row(abs), e.row_generation(abs))).collect();
    let rest = format!(
        "{:?} {:?} {:?} {} {:?} {} {} {} {:?}",
        e.size(),
        e.cursor(),
        e.modes(),
        e.title(),
        e.palette(),
        e.history_start(),
        e.screen_top(),
        e.generation(),
        e.prompts()
    );
    Seen { lines, rest }
}

fn same(a: &dyn Engine, b: &dyn Engine, what: &str) -> Result<(), String> {
    let (a, b) = (seen(a), seen(b));
    if a.rest != b.rest {
        return Err(format!("{what}:\n  {}\n  {}", a.rest, b.rest));
    }
    match a.lines.iter().zip(&b.lines).position(|(a, b)| a != b) {
        Some(i) => Err(format!("{what}: line {i}:\n  {:?}\n  {:?}", a.lines[i], b.lines[i])),
        None => Ok(()),
    }
}

/// An engine, the same bytes in other pieces beside it, and what it may hold.
pub struct Watched {
    engine: Box<dyn Engine>,
    /// Gets every byte by itself, and is never replaced by a snapshot.
    twin: Option<Box<dyn Engine>>,
    history_limit: usize,
    now: Now,
}

impl Watched {
    pub fn new(dice: &mut Dice) -> Watched {
        let size = dice.size();
        let twin = dice.one_in(2).then(|| new_engine(EngineKind::Native, size, HISTORY));
        Watched { engine: new_engine(EngineKind::Native, size, HISTORY), twin, history_limit: HISTORY, now: Now::default() }
    }

    fn both(&mut self, act: impl Fn(&mut dyn Engine)) {
        act(self.engine.as_mut());
        if let Some(twin) = &mut self.twin {
            act(twin.as_mut());
        }
    }

    pub fn step(&mut self, step: &Step, limits: &mut Limits) -> Result<(), String> {
        match step {
            Step::Feed(bytes) => {
                let before = processor_time();
                self.engine.feed(bytes, self.now);
                let took = processor_time() - before;
                let cells = u32::from(self.engine.size().cols) * u32::from(self.engine.size().rows);
                if cells <= CELLS && took > limits.slowest {
                    (limits.slowest, limits.worst) = (took, bytes.clone());
                }
                if took > SLOW * cells.div_ceil(CELLS) {
                    return Err(format!("{took:?} for {} bytes: {:?}", bytes.len(), String::from_utf8_lossy(bytes)));
                }
                if let Some(twin) = &mut self.twin {
                    bytes.iter().for_each(|b| twin.feed(&[*b], self.now));
                }
            }
            Step::Resize(size) => {
                self.both(|e| e.resize(*size));
                if self.engine.size() != size.clamped() {
                    return Err(format!("{size:?} became {:?}", self.engine.size()));
                }
            }
            Step::Snapshot(lines) => {
                let bytes = self.engine.snapshot(*lines);
                limits.snapshot = limits.snapshot.max(bytes.len());
                let back = restore(&bytes, self.history_limit).ok_or("its own snapshot is refused")?;
                if *lines >= 1000 {
                    same(self.engine.as_ref(), back.as_ref(), "a snapshot changes something")?;
                    self.take_all()?;
                    self.engine = back;
                    // The allowance for answers is new; the twin's is with time.
                    self.now.mono_ms += 1000;
                    let now = self.now;
                    self.both(|e| e.feed(b"", now));
                }
            }
            Step::HistoryLimit(n) => {
                self.history_limit = *n;
                let n = *n;
                self.both(|e| e.set_history_limit(n));
            }
            Step::ClearHistory => self.both(|e| e.clear_history()),
            Step::Scheme(dark) => {
                let dark = *dark;
                self.both(|e| e.set_outer(OuterColors { dark, ..OuterColors::default() }));
            }
            Step::Wait(ms) => self.now.mono_ms += ms,
        }
        self.quick()
    }

    /// Rules that cost little.
    fn quick(&self) -> Result<(), String> {
        let e = self.engine.as_ref();
        let (size, cursor) = (e.size(), e.cursor());
        if cursor.row >= size.rows || cursor.col >= size.cols {
            return Err(format!("{cursor:?} in {size:?}"));
        }
        let rows = e.screen_top().checked_sub(e.history_start()).map(|n| n as usize);
        let held = |rows: usize| {
            // Lines, however many rows they are broken into, and what a smaller screen pushed up; not more columns than so many lines may have.
            let over = if self.history_limit == 0 { 0 } else { 500 };
            let wrapped = self.history_limit * 1000 / usize::from(size.cols);
            rows <= self.history_limit + over + wrapped
                && (rows <= self.history_limit
                    || (e.history_start()..e.screen_top()).filter(|abs| !e.wraps(*abs)).count() <= self.history_limit + over)
        };
        if !rows.is_some_and(held) {
            return Err(format!("history {}..{} of {}", e.history_start(), e.screen_top(), self.history_limit));
        }
        // A row of the widest screen may take 16 bytes a cell; the last block is open; what wrapped rows cost is allowed for once more.
        let most = 2 * self.history_limit * 1024 + (3 << 20);
        if e.history_bytes() > most {
            return Err(format!("history of {} bytes", e.history_bytes()));
        }
        if e.title().chars().count() > 256 || e.title().contains(char::is_control) {
            return Err(format!("title {:?}", e.title()));
        }
        Ok(())
    }

    /// Answers and events are bounded and clean; those of the twin are the same as long as neither was replaced.
    fn take_all(&mut self) -> Result<(), String> {
        let mut replies = Vec::new();
        self.engine.take_replies(&mut replies);
        if replies.len() > 64 * 1024 || replies.iter().any(|b| matches!(b, b'\r' | b'\n' | 0x80..)) {
            return Err(format!("answers {:?}", String::from_utf8_lossy(&replies)));
        }
        let events = self.engine.take_events();
        if events.len() > 1025 || events.contains(&Event::Rebuilt) {
            return Err(format!("{} events, or it panicked", events.len()));
        }
        if let Some(twin) = &mut self.twin {
            let mut others = Vec::new();
            twin.take_replies(&mut others);
            twin.take_events();
            if others != replies {
                return Err(format!("other pieces, other answers: {:?} {:?}", String::from_utf8_lossy(&replies), String::from_utf8_lossy(&others)));
            }
        }
        Ok(())
    }

    /// Every line.
    pub fn finish(mut self) -> Result<(), String> {
        self.take_all()?;
        let e = self.engine.as_ref();
        let size = e.size();
        let end = e.screen_top() + u64::from(size.rows);
        for abs in e.history_start()..end {
            let line = e.row(abs).ok_or_else(|| format!("line {abs} is missing"))?;
            if line.cols() > usize::from(size.cols) {
                return Err(format!("line {abs} has {} columns of {}", line.cols(), size.cols));
            }
            if e.row_generation(abs) > e.generation() {
                return Err(format!("line {abs} is newer than everything"));
            }
            if let Some(span) = line.spans.iter().find(|s| s.text.is_empty() || s.text.contains(|c: char| c.is_control())) {
                return Err(format!("line {abs} has {span:?}"));
            }
        }
        if e.row(end).is_some() || e.history_start().checked_sub(1).is_some_and(|abs| e.row(abs).is_some()) {
            return Err("a line too many".into());
        }
        if let Some(twin) = &self.twin {
            // Generations count feeds, which are more for the twin.
            let strip = |s: Seen| s.lines.into_iter().map(|l| l.0).collect::<Vec<_>>();
            let (a, b) = (strip(seen(e)), strip(seen(twin.as_ref())));
            if let Some(i) = a.iter().zip(&b).position(|(a, b)| a != b) {
                return Err(format!("other pieces, other line {i}:\n  {:?}\n  {:?}", a[i], b[i]));
            }
            if a.len() != b.len() || e.cursor() != twin.cursor() || e.modes() != twin.modes() {
                return Err(format!("other pieces: {:?} {:?}, {:?} {:?}", e.cursor(), twin.cursor(), e.modes(), twin.modes()));
            }
        }
        redrawn(e, size)?;
        self.engine.feed(b"\x1b\\\x18\x1bc\x1b[2J\x1b[Hok", self.now);
        let works = self.engine.row(self.engine.screen_top()).is_some_and(|l| l.text() == "ok");
        if works { Ok(()) } else { Err("it does not work any more".into()) }
    }
}

/// Written out and read again, the screen is the same (but for cells whose width is not the usual one).
fn redrawn(e: &dyn Engine, size: Size) -> Result<(), String> {
    let mut fresh = Native::new(size, 0);
    let usual =
        |line: &Line| line.spans.iter().all(|s| s.cells == CellKind::Narrow || s.cells == CellKind::Wide && s.text.chars().all(|c| c > '\u{1100}'));
    let lines: Vec<Line> = (0..u64::from(size.rows)).filter_map(|r| e.row(e.screen_top() + r)).collect();
    for (row, line) in (1..).zip(&lines).filter(|l| usual(l.1)) {
        let mut text = format!("\x1b[{row}H");
        write_ansi(line, &mut text);
        fresh.feed(text.as_bytes(), Now::default());
    }
    let bare = |line: &Line| {
        let mut cells = Vec::new();
        line.for_each_cell(|_, width, text, span| cells.push((width, text.to_owned(), span.style)));
        while cells.last().is_some_and(|c| c.1 == " " && c.2 == Default::default()) {
            cells.pop();
        }
        cells
    };
    for (row, line) in lines.iter().enumerate().filter(|l| usual(l.1)) {
        let again = fresh.row(fresh.screen_top() + row as u64).unwrap_or_default();
        if bare(line) != bare(&again) {
            return Err(format!("row {row} written out is another:\n  {line:?}\n  {again:?}"));
        }
    }
    Ok(())
}
