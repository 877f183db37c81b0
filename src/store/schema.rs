//! The tables, and how an older file becomes a newer one. Each step is done once, in one transaction with its number. Must not
//! know when.

use super::StoreError;
use rusqlite::Connection;

/// One entry per schema version; entry `n` brings version `n` to `n + 1`. Entries are only ever added.
const STEPS: &[&str] = &["
    CREATE TABLE sessions (id TEXT PRIMARY KEY, number INTEGER NOT NULL, doc TEXT NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE events (seq INTEGER PRIMARY KEY, session TEXT NOT NULL, wall_ms INTEGER NOT NULL, text TEXT NOT NULL) STRICT;
    CREATE INDEX events_of_session ON events (session, seq);
    CREATE TABLE views (key TEXT PRIMARY KEY, doc TEXT NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE intents (seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, doc TEXT NOT NULL) STRICT;
    CREATE TABLE meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
"];

/// Our schema version.
pub(super) const KNOWN: i64 = STEPS.len() as i64;

/// The schema version of a file.
pub(super) fn version(db: &Connection) -> rusqlite::Result<i64> {
    db.query_row("PRAGMA user_version", [], |row| row.get(0))
}

/// Brings a file from version `from` to ours.
pub(super) fn migrate(db: &mut Connection, from: i64) -> rusqlite::Result<()> {
    for (index, step) in STEPS.iter().enumerate().skip(usize::try_from(from).unwrap_or(0)) {
        let tx = db.transaction()?;
        tx.execute_batch(step)?;
        tx.pragma_update(None, "user_version", index as i64 + 1)?;
        tx.commit()?;
    }
    Ok(())
}

/// Whether every table has the columns that are used.
pub(super) fn check(db: &Connection) -> rusqlite::Result<()> {
    for query in [
        "SELECT id, number, doc FROM sessions LIMIT 0",
        "SELECT seq, session, wall_ms, text FROM events LIMIT 0",
        "SELECT key, doc FROM views LIMIT 0",
        "SELECT seq, id, doc FROM intents LIMIT 0",
        "SELECT key, value FROM meta LIMIT 0",
    ] {
        db.prepare(query)?;
    }
    Ok(())
}

/// The next session number: above what was given out and above every session there is.
pub(super) fn next_number(db: &Connection) -> Result<u32, StoreError> {
    let sql = "SELECT max(coalesce((SELECT value FROM meta WHERE key = 'next_number'), 1), coalesce((SELECT max(number) + 1 FROM sessions), 1))";
    let next: i64 = db.query_row(sql, [], |row| row.get(0))?;
    Ok(u32::try_from(next).unwrap_or(1).max(1))
}
