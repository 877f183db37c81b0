//! Somebody else's SQLite file, read and never written. Must not know whose it is.

use rusqlite::{Connection, OpenFlags};
use std::path::Path;
use std::time::Duration;

/// How long a lock of its owner is waited for.
const LOCKED: Duration = Duration::from_millis(200);

/// The first two columns of a query as texts, at most `limit` rows. Blocks on the disk.
///
/// # Errors
/// There is no such file, it is no database, or the query does not fit it.
pub fn read_pairs(path: &Path, query: &str, limit: usize) -> Result<Vec<(String, String)>, String> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags(path, flags).map_err(|e| e.to_string())?;
    db.busy_timeout(LOCKED).map_err(|e| e.to_string())?;
    let mut statement = db.prepare(query).map_err(|e| e.to_string())?;
    let text = |row: &rusqlite::Row<'_>, i: usize| row.get::<_, Option<String>>(i).ok().flatten().unwrap_or_default();
    let rows = statement.query_map([], |row| Ok((text(row, 0), text(row, 1)))).map_err(|e| e.to_string())?;
    Ok(rows.take(limit).flatten().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

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
