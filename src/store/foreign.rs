//! Somebody else's SQLite file, read and never written. Must not know whose it is.

use rusqlite::types::ValueRef;
use rusqlite::{Connection, InterruptHandle, OpenFlags};
use std::path::Path;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

/// How long a lock of its owner is waited for.
const LOCKED: Duration = Duration::from_millis(200);
/// Longest reading: what looks like a table may be a view without an end.
const AT_MOST: Duration = Duration::from_secs(2);
/// Longest text of one column, in bytes.
const TEXT: usize = 16 * 1024;

/// The first two columns of a query as texts, at most `limit` rows. Blocks on the disk.
///
/// # Errors
/// There is no such file, it is no database, or the query does not fit it.
pub fn read_pairs(path: &Path, query: &str, limit: usize) -> Result<Vec<(String, String)>, String> {
    // It would wait for the other end of a pipe.
    if !std::fs::metadata(path).map_err(|e| e.to_string())?.is_file() {
        return Err("it is not a file".into());
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags(path, flags).map_err(|e| e.to_string())?;
    db.busy_timeout(LOCKED).map_err(|e| e.to_string())?;
    let _watch = Patience::new(db.get_interrupt_handle(), AT_MOST).map_err(|e| e.to_string())?;
    let mut statement = db.prepare(query).map_err(|e| e.to_string())?;
    let text = |row: &rusqlite::Row<'_>, i: usize| match row.get_ref(i) {
        Ok(ValueRef::Text(bytes)) => String::from_utf8_lossy(bytes.get(..bytes.len().min(TEXT)).unwrap_or_default()).into_owned(),
        _ => String::new(),
    };
    let rows = statement.query_map([], |row| Ok((text(row, 0), text(row, 1)))).map_err(|e| e.to_string())?;
    // The first error ends it: after an interruption each further row would be one.
    rows.take(limit).collect::<Result<_, _>>().map_err(|e| e.to_string())
}

/// Interrupts a reading that takes too long, until it is dropped.
struct Patience {
    /// Closed when the reading is over.
    over: Option<Sender<()>>,
    watch: Option<JoinHandle<()>>,
}

impl Patience {
    fn new(reading: InterruptHandle, at_most: Duration) -> std::io::Result<Patience> {
        let (over, wait) = channel();
        let watch = std::thread::Builder::new().name("patience".into()).spawn(move || {
            if wait.recv_timeout(at_most) == Err(RecvTimeoutError::Timeout) {
                reading.interrupt();
            }
        })?;
        Ok(Patience { over: Some(over), watch: Some(watch) })
    }
}

impl Drop for Patience {
    fn drop(&mut self) {
        drop(self.over.take());
        if let Some(watch) = self.watch.take() {
            let _ = watch.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endless_view_a_pipe_and_a_huge_text_keep_nobody() {
        let dir = tempfile::tempdir().unwrap();
        let (path, pipe) = (dir.path().join("session.db"), dir.path().join("pipe.db"));
        let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n) SELECT 'x' AS title, '' AS status FROM n WHERE i < 0";
        let db = Connection::open(&path).unwrap();
        db.execute_batch(&format!(
            "CREATE VIEW todos AS {endless}; CREATE TABLE big(t, s); INSERT INTO big VALUES(printf('%.*c', 1000000, 'x'), '')"
        ))
        .unwrap();
        assert!(read_pairs(&path, "SELECT title, status FROM todos", 10).is_err());
        assert_eq!(read_pairs(&path, "SELECT t, s FROM big", 10).unwrap()[0].0.len(), TEXT);
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        assert!(read_pairs(&pipe, "SELECT 1, 2", 10).is_err());
    }

    #[test]
    fn a_database_that_is_written_is_read() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("session.db");
        assert!(read_pairs(&path, "SELECT 1, 2", 10).is_err());
        assert!(!path.exists(), "reading makes nothing");
        let writer = Connection::open(&path).unwrap();
        writer
            .execute_batch("PRAGMA journal_mode=WAL; CREATE TABLE todos(title TEXT, status TEXT); INSERT INTO todos VALUES('a','done'),('b',NULL);")
            .unwrap();
        let got = read_pairs(&path, "SELECT title, status FROM todos ORDER BY rowid", 10).unwrap();
        assert_eq!(got, [("a".into(), "done".into()), ("b".into(), String::new())]);
        assert!(read_pairs(&path, "DELETE FROM todos RETURNING title, status", 10).map_or(true, |r| r.is_empty()));
        assert_eq!(read_pairs(&path, "SELECT title, status FROM todos", 1).unwrap().len(), 1);
    }
}
