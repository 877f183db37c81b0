//! The guard around an engine: a fault inside it costs at most the bytes being fed, never the process. Must not know how the
//! engine works.
//!
//! After a panic the engine is rebuilt from what can still be saved of it (a snapshot, checked on the way in), else empty;
//! [`Event::Rebuilt`] tells. Generations and line ids go on rising across a rebuild.

use super::api::{Engine, EngineKind};
use super::color::{OuterColors, Palette};
use super::event::Event;
use super::modes::{Cursor, Modes};
use super::native::Native;
use super::simple::Simple;
use crate::base::{Line, Now, Size};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Version of the snapshot format; another version is a cache miss.
const VERSION: u8 = 3;
const MAGIC: &[u8; 4] = b"ctS\x01";

/// An engine that survives its own faults.
pub struct Guarded {
    inner: Box<dyn Engine>,
    history_limit: usize,
    outer: OuterColors,
    cell: (u16, u16),
    generations: u64,
    lines: u64,
    rebuilt: Vec<Event>,
}

fn make(kind: EngineKind, size: Size, history_limit: usize) -> Box<dyn Engine> {
    match kind {
        EngineKind::Native => Box::new(Native::new(size, history_limit)),
        EngineKind::Vt100 => Box::new(Simple::new(size, history_limit)),
    }
}

fn revive(bytes: &[u8], history_limit: usize) -> Option<Box<dyn Engine>> {
    let (kind, body) = match bytes.strip_prefix(MAGIC)? {
        [VERSION, b'n', body @ ..] => (EngineKind::Native, body),
        [VERSION, b'v', body @ ..] => (EngineKind::Vt100, body),
        _ => return None,
    };
    catch_unwind(AssertUnwindSafe(|| -> Option<Box<dyn Engine>> {
        match kind {
            EngineKind::Native => Native::restore(body, history_limit).map(|e| Box::new(e) as Box<dyn Engine>),
            EngineKind::Vt100 => Simple::restore(body, history_limit).map(|e| Box::new(e) as Box<dyn Engine>),
        }
    }))
    .ok()
    .flatten()
}

fn pack(inner: &dyn Engine, history_lines: usize) -> Vec<u8> {
    let mut out = MAGIC.to_vec();
    out.push(VERSION);
    out.push(match inner.kind() {
        EngineKind::Native => b'n',
        EngineKind::Vt100 => b'v',
    });
    out.extend(inner.snapshot(history_lines));
    out
}

impl Guarded {
    /// A new engine of that kind.
    pub fn new(kind: EngineKind, size: Size, history_limit: usize) -> Guarded {
        Guarded::around(make(kind, size, history_limit), history_limit)
    }

    /// The engine a snapshot describes; `None` when it is damaged or of another version.
    pub fn restore(bytes: &[u8], history_limit: usize) -> Option<Guarded> {
        Some(Guarded::around(revive(bytes, history_limit)?, history_limit))
    }

    fn around(inner: Box<dyn Engine>, history_limit: usize) -> Guarded {
        Guarded { inner, history_limit, outer: OuterColors::default(), cell: (8, 16), generations: 0, lines: 0, rebuilt: Vec::new() }
    }

    /// Runs something that changes the engine; rebuilds it when that panics.
    fn guarded(&mut self, size: Size, act: impl FnOnce(&mut dyn Engine)) {
        let inner = &mut self.inner;
        if catch_unwind(AssertUnwindSafe(|| act(inner.as_mut()))).is_err() {
            self.rebuild(size);
        }
    }

    fn rebuild(&mut self, size: Size) {
        let kind = self.inner.kind();
        let history_limit = self.history_limit;
        let old = &self.inner;
        let seen = catch_unwind(AssertUnwindSafe(|| (old.generation(), old.screen_top()))).unwrap_or((1 << 32, 1 << 32));
        let saved = catch_unwind(AssertUnwindSafe(|| pack(old.as_ref(), history_limit))).ok();
        let fresh = saved.and_then(|bytes| revive(&bytes, history_limit)).unwrap_or_else(|| make(kind, size, history_limit));
        let (outer, cell) = (self.outer.clone(), self.cell);
        self.generations += seen.0 + 1;
        self.lines += (seen.1 + u64::from(size.clamped().rows)).saturating_sub(fresh.history_start());
        self.inner = fresh;
        // A second fault here would be one of a fresh engine; it must not get out either.
        let inner = &mut self.inner;
        let settled = catch_unwind(AssertUnwindSafe(|| {
            inner.set_outer(outer);
            inner.set_cell_pixels(cell.0, cell.1);
            inner.resize(size);
        }));
        if settled.is_err() {
            self.inner = make(kind, size, history_limit);
        }
        if self.rebuilt.len() < 16 {
            self.rebuilt.push(Event::Rebuilt);
        }
    }

    fn inside(&self, abs: u64) -> Option<u64> {
        abs.checked_sub(self.lines)
    }
}

impl Engine for Guarded {
    fn feed(&mut self, bytes: &[u8], now: Now) {
        let size = self.inner.size();
        self.guarded(size, |e| e.feed(bytes, now));
    }

    fn resize(&mut self, size: Size) {
        let size = size.clamped();
        self.guarded(size, |e| e.resize(size));
    }

    fn size(&self) -> Size {
        self.inner.size()
    }

    fn take_replies(&mut self, out: &mut Vec<u8>) {
        self.inner.take_replies(out);
    }

    fn take_events(&mut self) -> Vec<Event> {
        let mut events = std::mem::take(&mut self.rebuilt);
        events.extend(self.inner.take_events());
        if self.lines > 0 {
            for event in &mut events {
                if let Event::Prompt(mark) = event {
                    mark.line += self.lines;
                }
            }
        }
        events
    }

    fn generation(&self) -> u64 {
        self.generations + self.inner.generation()
    }

    fn row(&self, abs: u64) -> Option<Line> {
        let abs = self.inside(abs)?;
        catch_unwind(AssertUnwindSafe(|| self.inner.row(abs))).ok().flatten()
    }

    fn row_generation(&self, abs: u64) -> u64 {
        match self.inside(abs).map(|abs| self.inner.row_generation(abs)) {
            Some(g) if g > 0 || self.generations > 0 => self.generations + g,
            _ => 0,
        }
    }

    fn screen_top(&self) -> u64 {
        self.lines + self.inner.screen_top()
    }

    fn history_start(&self) -> u64 {
        self.lines + self.inner.history_start()
    }

    fn cursor(&self) -> Cursor {
        self.inner.cursor()
    }

    fn modes(&self) -> Modes {
        self.inner.modes()
    }

    fn title(&self) -> &str {
        self.inner.title()
    }

    fn palette(&self) -> &Palette {
        self.inner.palette()
    }

    fn set_outer(&mut self, colors: OuterColors) {
        self.outer = colors.clone();
        self.inner.set_outer(colors);
    }

    fn set_cell_pixels(&mut self, width: u16, height: u16) {
        self.cell = (width, height);
        self.inner.set_cell_pixels(width, height);
    }

    fn set_history_limit(&mut self, lines: usize) {
        self.history_limit = lines;
        self.inner.set_history_limit(lines);
    }

    fn clear_history(&mut self) {
        self.inner.clear_history();
    }

    fn history_bytes(&self) -> usize {
        self.inner.history_bytes()
    }

    fn snapshot(&self, history_lines: usize) -> Vec<u8> {
        catch_unwind(AssertUnwindSafe(|| pack(self.inner.as_ref(), history_lines))).unwrap_or_default()
    }

    fn prompts(&self) -> Vec<u64> {
        self.inner.prompts().into_iter().map(|line| line + self.lines).collect()
    }

    fn outputs(&self) -> Vec<u64> {
        self.inner.outputs().into_iter().map(|line| line + self.lines).collect()
    }

    fn wraps(&self, abs: u64) -> bool {
        self.inside(abs).is_some_and(|abs| catch_unwind(AssertUnwindSafe(|| self.inner.wraps(abs))).unwrap_or(false))
    }

    fn kind(&self) -> EngineKind {
        self.inner.kind()
    }
}

/// An engine, guarded against its own faults. `history_limit` is in lines: a run of wrapped rows is one (native engine).
pub fn new_engine(kind: EngineKind, size: Size, history_limit: usize) -> Box<dyn Engine> {
    Box::new(Guarded::new(kind, size, history_limit))
}

/// The engine that [`Engine::snapshot`] described, or `None` when the bytes are damaged or of another version: a cache miss.
pub fn restore(bytes: &[u8], history_limit: usize) -> Option<Box<dyn Engine>> {
    Guarded::restore(bytes, history_limit).map(|g| Box::new(g) as Box<dyn Engine>)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ordinary output that ends vt100 0.18: an emoji widened in the last column.
    const FATAL: &str = "\x1b[24;80H\u{26A0}\u{FE0F}\x1b[23;80Hx";

    #[test]
    fn a_panic_inside_rebuilds_and_goes_on() {
        let mut engine = Guarded::new(EngineKind::Vt100, Size::DEFAULT, 100);
        engine.feed(b"before\r\n", Now::default());
        let seen = (engine.generation(), engine.screen_top());
        for _ in 0..3 {
            engine.feed(FATAL.as_bytes(), Now::default());
        }
        let events = engine.take_events();
        assert!(events.contains(&Event::Rebuilt), "vt100 no longer panics here: {events:?}");
        assert!(engine.generation() > seen.0 && engine.screen_top() > seen.1);
        engine.feed(b"\x1b[2J\x1b[Hafter", Now::default());
        assert_eq!(engine.row(engine.screen_top()).map(|l| l.text()), Some("after".into()));
    }

    #[test]
    fn damaged_snapshots_are_a_miss() {
        let engine = Guarded::new(EngineKind::Native, Size::DEFAULT, 100);
        let good = engine.snapshot(10);
        assert!(Guarded::restore(&good, 100).is_some());
        assert!(Guarded::restore(&good[..good.len() / 2], 100).is_none());
        assert!(Guarded::restore(b"", 100).is_none());
        for i in 0..good.len() {
            let mut bad = good.clone();
            bad[i] ^= 0x55;
            let _ = Guarded::restore(&bad, 100); // whatever it gives, it does not panic
        }
    }
}
