//! One recording being written: segments of a bounded size, a keyframe at each beginning and every MiB, gaps said where
//! something is missing. Must not know threads or queues' bounds.
//!
//! The screen is followed by an engine of its own, on this thread: keyframes and the index come from it, so that the thread
//! that serves people copies bytes and does nothing else.

use super::cast::{self, Header, Term};
use super::index::Index;
use super::plain::open_plain;
use super::queue::{Batch, Line, What};
use crate::base::{Now, SessionId, Size};
use crate::term::{self, Engine, EngineKind};
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Folder of a session's recording, below the session's.
pub const RECORDING: &str = "recording";
/// Segments a full recording has.
const SEGMENTS: u64 = 8;
/// Output after which a keyframe is written, in bytes of the file.
const KEY_EVERY: u64 = 1 << 20;
/// Index of one segment, in bytes.
const INDEX: u64 = 4 << 20;
/// Lines the engine keeps after they scrolled off: what scrolls by between two looks.
const HISTORY: usize = 1000;
/// Output fed between two looks of the index, in bytes.
const LOOK_EVERY: usize = 16 * 1024;
/// What stands on the screen for so long is indexed, milliseconds.
const STANDS_MS: u64 = 10;
/// How much of a segment's end is read to see how far it goes, in bytes.
const TAIL: u64 = 256 * 1024;

struct Segment {
    file: File,
    index: File,
    bytes: u64,
    indexed: u64,
    since_key: u64,
}

/// How a recording begins.
#[derive(Debug, Clone)]
pub struct Start {
    /// Its session.
    pub id: SessionId,
    /// The session's folder.
    pub dir: PathBuf,
    /// `#3 name`.
    pub title: String,
    /// The program; no arguments, which may hold what a person typed.
    pub command: String,
    /// Most bytes of all its segments.
    pub limit: u64,
    /// Size of the terminal.
    pub size: Size,
    /// The screen where it begins, from `Engine::snapshot`; empty for a new terminal.
    pub snapshot: Vec<u8>,
    /// Output between that screen and what is recorded already: brings the screen up to date, is not recorded again.
    pub known: Vec<u8>,
    /// Output that came while nobody recorded.
    pub late: Vec<u8>,
    /// Bytes of which nothing is known.
    pub lost: u64,
    /// A server before this one began it.
    pub goes_on: bool,
    /// Where in the terminal's stream it begins, `known` and `late` included.
    pub offset: u64,
    /// When.
    pub now: Now,
}

/// A recording being written.
pub(super) struct Tape {
    start: Start,
    dir: PathBuf,
    engine: Box<dyn Engine>,
    tail: Vec<u8>,
    segment: Option<Segment>,
    last: Now,
    out: Vec<u8>,
    index: Index,
    found: String,
    lost: u64,
    unlooked: usize,
    trouble: Option<String>,
    spare: Batch,
}

impl Tape {
    /// Begins, with the screen there is.
    pub fn new(mut start: Start) -> Tape {
        let fresh = || term::new_engine(EngineKind::Native, start.size, HISTORY);
        let engine = if start.snapshot.is_empty() { None } else { term::restore(&start.snapshot, HISTORY) };
        let mut tape = Tape {
            dir: start.dir.join(RECORDING),
            engine: engine.unwrap_or_else(fresh),
            tail: Vec::new(),
            segment: None,
            last: start.now,
            out: Vec::new(),
            index: Index::default(),
            found: String::new(),
            lost: 0,
            unlooked: 0,
            trouble: None,
            spare: Batch::default(),
            start: Start { snapshot: Vec::new(), ..start.clone() },
        };
        let mut text = String::new();
        cast::decode(&mut tape.tail, &std::mem::take(&mut start.known), &mut text);
        tape.feed(&text);
        // What is known is indexed already.
        tape.index.look(tape.engine.as_ref(), start.now.wall_ms, &mut String::new());
        tape.index.settle(u64::MAX, Duration::ZERO, &mut String::new());
        tape.make_room(start.now);
        if start.goes_on {
            tape.missing(start.lost, start.now);
            tape.mark("the server was started again", start.now);
            tape.output(&std::mem::take(&mut start.late), start.now);
        } else {
            // A screen that is there already can be found too.
            tape.index = Index::default();
        }
        tape.look();
        tape.put(start.offset);
        tape
    }

    /// Whose.
    pub fn id(&self) -> &SessionId {
        &self.start.id
    }

    /// Why nothing can be written now.
    pub fn trouble(&self) -> Option<&str> {
        self.trouble.as_deref()
    }

    /// Text waits to stand still.
    pub fn unsettled(&self) -> bool {
        self.index.unsettled()
    }

    /// Writes what waits in the queue. True when nothing will come any more.
    pub fn drain(&mut self, line: &Line) -> bool {
        let mut batch = std::mem::take(&mut self.spare);
        let ended = line.take(&mut batch);
        let mut notes = batch.notes.drain(..).peekable();
        let empty = batch.bytes.is_empty() && notes.peek().is_none();
        while let Some(note) = notes.next() {
            match note.what {
                What::Time => {}
                What::Resize(size) => self.resize(size, note.now),
                What::Mark(label) => self.mark(&label, note.now),
                What::Exit(status) => {
                    self.make_room(note.now);
                    self.event('x', &status, note.now);
                }
                What::Sync { snapshot, lost } => self.sync(&snapshot, lost, note.now),
            }
            let end = notes.peek().map_or(batch.bytes.len(), |n| n.at);
            self.output(batch.bytes.get(note.at..end).unwrap_or_default(), note.now);
        }
        drop(notes);
        if !empty {
            self.look();
            self.put(batch.offset);
        }
        // A flood's buffer does not stay.
        if batch.bytes.capacity() > 256 * 1024 {
            batch.bytes = Vec::new();
        }
        self.spare = batch;
        ended
    }

    /// Writes the index of what has stood still.
    pub fn settle(&mut self, still: Duration) {
        self.index.settle(Now::read().wall_ms, still, &mut self.found);
        self.put_index();
    }

    // ---- events ----

    fn output(&mut self, bytes: &[u8], now: Now) {
        let mut text = String::new();
        if self.unlooked > 0 && now.mono_ms.saturating_sub(self.last.mono_ms) >= STANDS_MS && !bytes.is_empty() {
            self.look();
        }
        // In parts, so that a flood is indexed and cut into segments too.
        for part in bytes.chunks(LOOK_EVERY) {
            text.clear();
            cast::decode(&mut self.tail, part, &mut text);
            if text.is_empty() {
                continue;
            }
            self.make_room(now);
            self.event('o', &text, now);
            self.feed(&text);
            self.unlooked += text.len();
            if self.unlooked >= LOOK_EVERY {
                self.look();
            }
        }
    }

    fn feed(&mut self, text: &str) {
        self.engine.feed(text.as_bytes(), Now::default());
        self.engine.take_replies(&mut Vec::new());
        self.engine.take_events();
    }

    fn look(&mut self) {
        self.unlooked = 0;
        self.index.look(self.engine.as_ref(), self.last.wall_ms, &mut self.found);
    }

    fn resize(&mut self, size: Size, now: Now) {
        self.make_room(now);
        self.look();
        self.engine.resize(size);
        self.index.restart(&mut self.found);
        self.event('r', &format!("{}x{}", size.cols, size.rows), now);
    }

    fn mark(&mut self, label: &str, now: Now) {
        self.make_room(now);
        self.event('m', label, now);
    }

    /// Goes on from another screen.
    fn sync(&mut self, snapshot: &[u8], lost: u64, now: Now) {
        self.make_room(now);
        self.look();
        self.tail.clear();
        if let Some(engine) = term::restore(snapshot, HISTORY) {
            self.engine = engine;
        }
        self.index.restart(&mut self.found);
        self.missing(lost, now);
    }

    /// Says that bytes are missing; the screen is drawn anew after it.
    fn missing(&mut self, lost: u64, now: Now) {
        if lost > 0 {
            self.make_room(now);
            self.event('m', &format!("gap: {lost} bytes of output are not recorded"), now);
            self.keyframe(now);
        }
    }

    fn event(&mut self, code: char, data: &str, now: Now) {
        let before = self.out.len();
        let interval = now.mono_ms.saturating_sub(self.last.mono_ms);
        cast::write_event(&mut self.out, interval, code, data);
        self.last = Now { wall_ms: self.last.wall_ms.saturating_add(interval), ..now };
        if let Some(s) = &mut self.segment {
            s.since_key += (self.out.len() - before) as u64;
        }
    }

    /// The whole screen, for our own player and for others.
    fn keyframe(&mut self, now: Now) {
        cast::write_key(&mut self.out, &self.engine.snapshot(0));
        let mut screen = String::new();
        term::write_screen(self.engine.as_ref(), &mut screen);
        self.event('o', &screen, now);
        if let Some(s) = &mut self.segment {
            s.since_key = 0;
        }
    }

    // ---- files ----

    /// A segment with room, and a keyframe when the last one is far back.
    fn make_room(&mut self, now: Now) {
        let size = (self.start.limit / SEGMENTS).max(64 * 1024);
        let full = self.segment.as_ref().is_some_and(|s| s.bytes + self.out.len() as u64 >= size);
        if full {
            self.flush();
            self.segment = None;
        }
        if self.segment.is_none() {
            self.begin(now);
        } else if self.segment.as_ref().is_some_and(|s| s.since_key >= KEY_EVERY) {
            self.keyframe(now);
        }
    }

    fn begin(&mut self, now: Now) {
        self.out.clear();
        match self.open() {
            Ok(segment) => {
                self.segment = Some(segment);
                self.last = now;
                let size = self.engine.size();
                let term = Term { cols: size.cols, rows: size.rows, kind: "xterm-256color".into() };
                let (title, command) = (self.start.title.clone(), self.start.command.clone());
                let header = Header { version: 3, term, timestamp: now.wall_ms / 1000, command, title, idle_time_limit: 2.0 };
                cast::write_header(&mut self.out, &header, now.wall_ms);
                self.keyframe(now);
                if self.trouble.is_some() {
                    let lost = self.lost;
                    self.event('m', &format!("gap: {lost} bytes of output are not recorded"), now);
                }
            }
            Err(e) => self.failed(&e),
        }
    }

    fn open(&mut self) -> io::Result<Segment> {
        DirBuilder::new().mode(0o700).recursive(true).create(&self.dir)?;
        let number = segments(&self.dir).last().map_or(1, |n| n + 1);
        let make = |ending: &str| OpenOptions::new().write(true).create_new(true).mode(0o600).open(segment_path(&self.dir, number, ending));
        let file = make("cast")?;
        let index = make("txt").inspect_err(|_| drop(std::fs::remove_file(segment_path(&self.dir, number, "cast"))))?;
        self.trim();
        Ok(Segment { file, index, bytes: 0, indexed: 0, since_key: 0 })
    }

    /// The oldest segments go when all of them are more than the limit.
    fn trim(&self) {
        let numbers = segments(&self.dir);
        let size = |n: &u64| std::fs::metadata(segment_path(&self.dir, *n, "cast")).map_or(0, |m| m.len());
        let mut all: u64 = numbers.iter().map(size).sum();
        let room = self.start.limit / SEGMENTS;
        // Many small ones (a server that is started again and again) are bounded too.
        let over = numbers.len().saturating_sub(4 * SEGMENTS as usize);
        for (i, n) in numbers.iter().enumerate().take(numbers.len().saturating_sub(1)) {
            if all + room <= self.start.limit && i >= over {
                break;
            }
            all = all.saturating_sub(size(n));
            let _ = std::fs::remove_file(segment_path(&self.dir, *n, "cast"));
            let _ = std::fs::remove_file(segment_path(&self.dir, *n, "txt"));
        }
    }

    /// Everything so far to the disk's cache, and how far it goes.
    fn put(&mut self, offset: u64) {
        if self.segment.is_some() {
            cast::write_at(&mut self.out, offset);
        }
        self.flush();
        self.put_index();
    }

    fn flush(&mut self) {
        let Some(s) = &mut self.segment else {
            self.lost += self.out.len() as u64;
            self.out.clear();
            return;
        };
        match s.file.write_all(&self.out) {
            Ok(()) => {
                s.bytes += self.out.len() as u64;
                self.trouble = None;
                self.lost = 0;
            }
            Err(e) => {
                // Never half a line.
                let _ = s.file.set_len(s.bytes);
                self.lost += self.out.len() as u64;
                if s.bytes == 0 {
                    self.remove_last();
                }
                self.segment = None;
                self.failed(&e);
            }
        }
        self.out.clear();
        self.out.shrink_to(256 * 1024);
    }

    fn remove_last(&self) {
        if let Some(n) = segments(&self.dir).last() {
            let _ = std::fs::remove_file(segment_path(&self.dir, *n, "cast"));
            let _ = std::fs::remove_file(segment_path(&self.dir, *n, "txt"));
        }
    }

    fn failed(&mut self, e: &io::Error) {
        if self.trouble.is_none() {
            self.trouble = Some(e.to_string());
        }
    }

    fn put_index(&mut self) {
        if self.found.is_empty() {
            return;
        }
        if let Some(s) = self.segment.as_mut().filter(|s| s.indexed < INDEX) {
            match s.index.write_all(self.found.as_bytes()) {
                Ok(()) => s.indexed += self.found.len() as u64,
                Err(_) => _ = s.index.set_len(s.indexed),
            }
        }
        self.found.clear();
    }
}

/// Numbers of the segments there are, oldest first.
pub(super) fn segments(dir: &Path) -> Vec<u64> {
    let number = |e: io::Result<std::fs::DirEntry>| e.ok()?.file_name().to_str()?.strip_suffix(".cast")?.parse::<u64>().ok();
    let mut all: Vec<u64> = std::fs::read_dir(dir).into_iter().flatten().filter_map(number).collect();
    all.sort_unstable();
    all
}

/// The file of a segment.
pub(super) fn segment_path(dir: &Path, number: u64, ending: &str) -> PathBuf {
    dir.join(format!("{number:06}.{ending}"))
}

/// How far in the terminal's stream the recording of a session goes; `None` when there is none.
pub fn recorded_to(session_dir: &Path) -> Option<u64> {
    let dir = session_dir.join(RECORDING);
    segments(&dir).into_iter().rev().take(2).find_map(|n| {
        let mut file = open_plain(&segment_path(&dir, n, "cast")).ok()?;
        let len = file.metadata().ok()?.len();
        file.seek(SeekFrom::Start(len.saturating_sub(TAIL))).ok()?;
        let mut bytes = Vec::new();
        file.take(TAIL).read_to_end(&mut bytes).ok()?;
        // A last line without its end does not count.
        let whole = bytes.iter().rposition(|b| *b == b'\n')?;
        let mut lines = bytes.get(..whole)?.rsplit(|b| *b == b'\n');
        lines.find_map(|l| if let cast::Line::At(n) = cast::peek(l) { Some(n) } else { None })
    })
}
