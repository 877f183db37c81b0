//! The history of an ended session: its screen with colours as the engine keeps it, and its text, a logical line a line, which
//! is what searches read. Both are old or new, never half. For workers. Must not know sessions.

use super::plain::open_plain;
use crate::store::atomic_write;
use crate::term::{self, Engine};
use std::borrow::Cow;
use std::io::{self, Read};
use std::path::Path;

/// File of the text, in the session's folder.
pub const ARCHIVE: &str = "history.txt";
/// File of the screen and its history.
pub const SCREEN: &str = "screen";
/// File that says that both were dropped for the bound over all.
pub const TRIMMED: &str = "trimmed";
/// Longest text of one session, in bytes; its oldest lines go.
pub const MAX_ARCHIVE: usize = 16 << 20;
/// Largest screen with its history, in bytes; older lines go.
const MAX_SCREEN: usize = 64 << 20;
/// What stands where lines are missing.
const MARK: &str = "[trimmed]\n";

/// The logical lines of history and screen, at most `most` bytes of them, the newest. True when older ones were left out.
pub fn archive_text(engine: &dyn Engine, most: usize) -> (String, bool) {
    let end = engine.screen_top() + u64::from(engine.size().rows);
    let mut text = String::new();
    let mut whole = String::new();
    for abs in engine.history_start()..end {
        let Some(line) = engine.row(abs) else { continue };
        line.spans.iter().for_each(|s| whole.push_str(&s.text));
        if line.wrapped && abs + 1 < end && whole.len() < most {
            continue;
        }
        text.extend(whole.trim_end().chars().map(|c| if c.is_control() { ' ' } else { c }));
        text.push('\n');
        whole.clear();
    }
    let kept = text.trim_end_matches('\n').len();
    text.truncate((kept + 1).min(text.len()));
    if kept == 0 {
        text.clear();
    }
    let over = text.len().saturating_sub(most);
    if over == 0 {
        return (text, engine.history_start() > 0);
    }
    let cut = text.as_bytes().iter().skip(over).position(|b| *b == b'\n').map_or(text.len(), |i| over + i + 1);
    (text.split_off(cut), true)
}

/// Writes the screen and the text of a session that ended, from a snapshot with its history.
///
/// # Errors
/// The system's. What could be written is there.
pub fn write_archive(session_dir: &Path, snapshot: &[u8]) -> io::Result<()> {
    write_bounded(session_dir, snapshot, MAX_SCREEN)
}

fn write_bounded(session_dir: &Path, snapshot: &[u8], most: usize) -> io::Result<()> {
    let engine = term::restore(snapshot, usize::MAX >> 16).ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "the screen cannot be read"))?;
    let mut kept = Cow::Borrowed(snapshot);
    let mut lines = engine.screen_top().saturating_sub(engine.history_start()) as usize;
    while kept.len() > most && lines > 0 {
        lines /= 2;
        kept = Cow::Owned(engine.snapshot(lines));
    }
    let screen = atomic_write(&session_dir.join(SCREEN), &kept, 0o600);
    let (text, trimmed) = archive_text(engine.as_ref(), MAX_ARCHIVE);
    let text = if trimmed { format!("{MARK}{text}") } else { text };
    atomic_write(&session_dir.join(ARCHIVE), text.as_bytes(), 0o600)?;
    screen
}

/// The screen of an ended session with its history: what was kept, what the recording shows last, or a line that says that it
/// was dropped.
pub fn read_archive(session_dir: &Path, history_lines: usize) -> Option<Box<dyn Engine>> {
    let read = || -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        open_plain(&session_dir.join(SCREEN))?.take(2 * MAX_SCREEN as u64).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    if let Some(engine) = read().ok().and_then(|bytes| term::restore(&bytes, history_lines)) {
        return Some(engine);
    }
    if let Ok(film) = super::Film::open(session_dir)
        && let Ok((engine, _)) = film.seek(u64::MAX)
    {
        return Some(engine);
    }
    session_dir.join(TRIMMED).exists().then(|| {
        let mut engine = term::new_engine(term::EngineKind::Native, crate::base::Size::DEFAULT, 0);
        let text = "\x1b[?25l[trimmed]\r\nThe text of this session was dropped, the oldest first, to keep all of them within their bound.";
        engine.feed(text.as_bytes(), crate::base::Now::default());
        engine
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Now, Size};
    use crate::term::{EngineKind, new_engine};
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn logical_lines_come_back_and_are_bounded() {
        let mut e = new_engine(EngineKind::Native, Size::new(10, 3), 100);
        e.feed(b"a long line of text\r\nb\r\nc\r\nd\r\n\r\n", Now::default());
        assert_eq!(archive_text(e.as_ref(), 1000), ("a long line of text\nb\nc\nd\n".into(), false));
        assert_eq!(archive_text(e.as_ref(), 5), ("c\nd\n".into(), true));
        let tmp = tempfile::tempdir().unwrap();
        write_archive(tmp.path(), &e.snapshot(100)).unwrap();
        assert_eq!(std::fs::read_to_string(tmp.path().join(ARCHIVE)).unwrap(), "a long line of text\nb\nc\nd\n");
        for f in [ARCHIVE, SCREEN] {
            assert_eq!(std::fs::metadata(tmp.path().join(f)).unwrap().permissions().mode() & 0o777, 0o600);
        }
        let back = read_archive(tmp.path(), 100).unwrap();
        assert_eq!(archive_text(back.as_ref(), 1000).0, "a long line of text\nb\nc\nd\n");
        // A screen that is too much keeps its newest lines, and tells.
        let mut large = new_engine(EngineKind::Native, Size::new(80, 3), 5000);
        (0..5000).for_each(|i| large.feed(format!("line {i} of some length to be kept\r\n").as_bytes(), Now::default()));
        write_bounded(tmp.path(), &large.snapshot(5000), 40_000).unwrap();
        assert!(std::fs::metadata(tmp.path().join(SCREEN)).unwrap().len() <= 40_000);
        let short = read_archive(tmp.path(), 5000).unwrap();
        assert!(short.history_start() > 0 && archive_text(short.as_ref(), 1 << 20).0.ends_with("line 4999 of some length to be kept\n"));
        std::fs::remove_file(tmp.path().join(SCREEN)).unwrap();
        assert!(read_archive(tmp.path(), 100).is_none());
        std::fs::write(tmp.path().join(TRIMMED), "").unwrap();
        assert!(archive_text(read_archive(tmp.path(), 100).unwrap().as_ref(), 1000).0.starts_with("[trimmed]"));
    }
}
