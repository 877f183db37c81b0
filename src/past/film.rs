//! A recording being read: one pass finds where what is, then the screen at any moment is the keyframe before it and at most a
//! MiB of output. For workers: everything here reads files. Must not know who looks.
//!
//! Two clocks: `wall` is when it happened; `at` counts on through pauses only up to [`IDLE_MS`], and is what is played and
//! scrubbed. Files are untrusted: damaged lines are skipped, everything is bounded.

use super::cast::{self, Line};
use super::plain::open_plain;
use super::tape::{RECORDING, segment_path, segments};
use crate::base::{Now, Size};
use crate::term::{self, Engine, EngineKind};
use std::io::{self, BufRead, BufReader, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// Longest pause that is kept, in milliseconds.
pub const IDLE_MS: u64 = 2000;
/// Bytes between two places that can be gone to at once.
const POINT_EVERY: u64 = 16 * 1024;
/// Markers kept.
const MARKS: usize = 10_000;
/// Output given back in one go when playing, in bytes; what is more is shown as it stands after it.
const PLAY: usize = 256 * 1024;

/// Where playing stands: behind an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Place {
    segment: usize,
    offset: u64,
    /// Milliseconds from the beginning, pauses cut.
    pub at: u64,
    /// Milliseconds since the Unix epoch.
    pub wall: u64,
}

#[derive(Debug, Clone, Copy)]
struct Point {
    place: Place,
    key: bool,
}

/// A marker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// Milliseconds from the beginning, pauses cut.
    pub at: u64,
    /// Milliseconds since the Unix epoch.
    pub wall: u64,
    /// What it says.
    pub label: String,
}

/// Something to be done to a screen.
pub enum Step {
    /// Feed this.
    Output(String),
    /// This size.
    Resize(Size),
    /// Begin anew with this screen.
    Screen(Box<dyn Engine>),
}

/// What was found in a recording.
pub struct Film {
    dir: PathBuf,
    numbers: Vec<u64>,
    points: Vec<Point>,
    /// Markers, in order.
    pub marks: Vec<Mark>,
    /// Behind the last event.
    pub end: Place,
    /// The beginning was dropped for the bound.
    pub trimmed: bool,
    /// The program ended.
    pub ended: bool,
}

/// An event with where it ends.
enum Seen {
    Event { place: Place, code: u8 },
    Key { place: Place },
}

impl Film {
    /// Reads through a session's recording.
    ///
    /// # Errors
    /// `NotFound` when there is none; the system's.
    pub fn open(session_dir: &Path) -> io::Result<Film> {
        let dir = session_dir.join(RECORDING);
        let numbers = segments(&dir);
        let Some(first) = numbers.first().copied() else {
            return Err(io::Error::new(io::ErrorKind::NotFound, "nothing was recorded"));
        };
        let mut film = Film { dir, numbers, points: Vec::new(), marks: Vec::new(), end: Place::default(), trimmed: first > 1, ended: false };
        film.scan()?;
        if film.points.is_empty() {
            return Err(io::Error::new(io::ErrorKind::NotFound, "nothing was recorded"));
        }
        Ok(film)
    }

    /// Reads what came since.
    ///
    /// # Errors
    /// The system's.
    pub fn extend(&mut self) -> io::Result<()> {
        let last = self.numbers.last().copied().unwrap_or(0);
        self.numbers.extend(segments(&self.dir).into_iter().filter(|n| *n > last));
        self.scan()
    }

    /// Milliseconds from beginning to end, pauses cut.
    pub fn length(&self) -> u64 {
        self.end.at
    }

    fn scan(&mut self) -> io::Result<()> {
        let (mut points, mut marks, mut ended) = (std::mem::take(&mut self.points), std::mem::take(&mut self.marks), self.ended);
        let mut last_point = points.last().map_or(0, |p| p.place.offset);
        let mut last_segment = points.last().map_or(usize::MAX, |p| p.place.segment);
        let end = self.walk(self.end, &mut Vec::new(), |seen, line| {
            let (place, key) = match seen {
                Seen::Key { place } => (place, true),
                Seen::Event { place, code } => {
                    if code == b'm' && marks.len() < MARKS {
                        let label = cast::data(line).unwrap_or_default();
                        marks.push(Mark { at: place.at, wall: place.wall, label: crate::base::text::safe_line(&label, 120) });
                    }
                    ended |= code == b'x';
                    (place, false)
                }
            };
            if key || place.segment != last_segment || place.offset.saturating_sub(last_point) >= POINT_EVERY {
                points.push(Point { place, key });
                (last_point, last_segment) = (place.offset, place.segment);
            }
            true
        })?;
        (self.points, self.marks, self.ended, self.end) = (points, marks, ended, end);
        Ok(())
    }

    /// Goes through the lines behind `from`, until `f` says no. The place behind the last line taken. A keyframe's place is
    /// before its line.
    fn walk(&self, from: Place, line: &mut Vec<u8>, mut f: impl FnMut(Seen, &[u8]) -> bool) -> io::Result<Place> {
        let mut place = from;
        while let Some(number) = self.numbers.get(place.segment) {
            let file = match open_plain(&segment_path(&self.dir, *number, "cast")) {
                Ok(f) => f,
                // Dropped for the bound while it was being looked at.
                Err(e) if e.kind() == io::ErrorKind::NotFound && place.segment + 1 < self.numbers.len() => {
                    place = Place { segment: place.segment + 1, offset: 0, ..place };
                    continue;
                }
                Err(e) => return Err(e),
            };
            let mut reader = BufReader::with_capacity(64 * 1024, file);
            reader.seek(SeekFrom::Start(place.offset))?;
            loop {
                line.clear();
                let n = io::Read::take(&mut reader, cast::MAX_LINE as u64).read_until(b'\n', line)?;
                if line.last() != Some(&b'\n') {
                    break; // the end, or a line that is being written
                }
                let before = place;
                place.offset += n as u64;
                let text = line.trim_ascii_end();
                let seen = match cast::peek(text) {
                    Line::Start(wall) => {
                        // Between two segments a server may have been away.
                        let pause = if place.wall == 0 { 0 } else { wall.saturating_sub(place.wall).min(IDLE_MS) };
                        (place.at, place.wall) = (place.at.saturating_add(pause), wall);
                        continue;
                    }
                    Line::Event(interval, code) => {
                        place.at = place.at.saturating_add(interval.min(IDLE_MS));
                        place.wall = place.wall.saturating_add(interval);
                        Seen::Event { place, code }
                    }
                    Line::Key(_) => Seen::Key { place: before },
                    Line::At(_) | Line::Other => continue,
                };
                if !f(seen, text) {
                    return Ok(place);
                }
            }
            if place.segment + 1 >= self.numbers.len() {
                return Ok(place);
            }
            place = Place { segment: place.segment + 1, offset: 0, ..place };
        }
        Ok(place)
    }

    /// The screen at a moment (`at` milliseconds), and the place.
    ///
    /// # Errors
    /// The system's.
    pub fn seek(&self, at: u64) -> io::Result<(Box<dyn Engine>, Place)> {
        let upto = self.points.partition_point(|p| p.place.at <= at);
        let key = self.points.get(..upto).unwrap_or_default().iter().rev().find(|p| p.key).or_else(|| self.points.first());
        let mut engine = term::new_engine(EngineKind::Native, Size::DEFAULT, 0);
        let from = key.map_or_else(Place::default, |p| p.place);
        let mut place = self.steps(from, at.max(from.at), usize::MAX, |step| apply(&mut engine, step))?;
        // At the beginning there is a screen too: the first keyframe.
        if place == from {
            place = from;
        }
        Ok((engine, place))
    }

    /// What happens behind `from` up to `at`; when that is too much, the screen after it.
    ///
    /// # Errors
    /// The system's.
    pub fn play(&self, from: Place, at: u64) -> io::Result<(Vec<Step>, Place)> {
        let (mut steps, mut bytes) = (Vec::new(), 0);
        let place = self.steps(from, at, PLAY, |step| {
            bytes += if let Step::Output(t) = &step { t.len() } else { 0 };
            steps.push(step);
        })?;
        if bytes >= PLAY {
            let (engine, place) = self.seek(at)?;
            return Ok((vec![Step::Screen(engine)], place));
        }
        Ok((steps, place))
    }

    /// When the next output behind a place comes, or the end.
    ///
    /// # Errors
    /// The system's.
    pub fn next_at(&self, from: Place) -> io::Result<Option<u64>> {
        let mut next = None;
        self.walk(from, &mut Vec::new(), |seen, _| match seen {
            Seen::Event { place, code: b'o' | b'r' } if place.at > from.at => {
                next = Some(place.at);
                false
            }
            _ => true,
        })?;
        Ok(next)
    }

    /// When the last output before a place came.
    ///
    /// # Errors
    /// The system's.
    pub fn before(&self, from: Place) -> io::Result<u64> {
        let mut upto = self.points.partition_point(|p| p.place.at < from.at);
        while upto > 0 {
            upto -= 1;
            let Some(start) = self.points.get(upto).map(|p| p.place) else { break };
            let mut found = None;
            self.walk(start, &mut Vec::new(), |seen, _| match seen {
                Seen::Event { place, .. } if place.at >= from.at => false,
                Seen::Event { place, code: b'o' | b'r' } => {
                    found = Some(place.at);
                    true
                }
                _ => true,
            })?;
            if let Some(at) = found {
                return Ok(at);
            }
        }
        Ok(0)
    }

    /// The moment of a time of day.
    ///
    /// # Errors
    /// The system's.
    pub fn at_wall(&self, wall: u64) -> io::Result<u64> {
        let i = self.points.partition_point(|p| p.place.wall <= wall).saturating_sub(1);
        let from = self.points.get(i).map_or_else(Place::default, |p| p.place);
        let mut at = from.at;
        self.walk(from, &mut Vec::new(), |seen, _| match seen {
            Seen::Event { place, .. } if place.wall > wall => false,
            Seen::Event { place, .. } => {
                at = place.at;
                true
            }
            Seen::Key { .. } => true,
        })?;
        Ok(at)
    }

    /// Gives the steps behind `from` up to `at`, at most about so many bytes of output.
    fn steps(&self, from: Place, at: u64, most: usize, mut f: impl FnMut(Step)) -> io::Result<Place> {
        let (mut skip, mut bytes) = (false, 0);
        let mut done = from;
        let mut line = Vec::new();
        self.walk(from, &mut line, |seen, text| match seen {
            Seen::Key { .. } => {
                let Line::Key(encoded) = cast::peek(text) else { return true };
                if let Some(engine) = cast::key(encoded).and_then(|bytes| term::restore(&bytes, 0)) {
                    f(Step::Screen(engine));
                    skip = true; // what follows draws the same
                }
                true
            }
            Seen::Event { place, .. } if place.at > at || bytes >= most => false,
            Seen::Event { place, code } => {
                done = place;
                match code {
                    b'o' if skip => skip = false,
                    b'o' => {
                        let text = cast::data(text).unwrap_or_default();
                        bytes += text.len();
                        f(Step::Output(text));
                    }
                    b'r' => {
                        if let Some(size) = cast::data(text).as_deref().and_then(cast::size) {
                            f(Step::Resize(size));
                        }
                    }
                    _ => {}
                }
                true
            }
        })?;
        Ok(done)
    }
}

/// Does a step to a screen.
pub(super) fn apply(engine: &mut Box<dyn Engine>, step: Step) {
    match step {
        Step::Output(text) => {
            engine.feed(text.as_bytes(), Now::default());
            engine.take_replies(&mut Vec::new());
            engine.take_events();
        }
        Step::Resize(size) => engine.resize(size),
        Step::Screen(new) => *engine = new,
    }
}
