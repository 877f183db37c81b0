//! The one thread that talks to the database. Must not know what a document says.

use super::mailbox::{Batch, Doc, Mailbox, Request};
use super::open::Connections;
use super::{EVENTS_PER_SESSION, Event, StoreError};
use crate::base::SessionId;
use rusqlite::{Connection, OptionalExtension, Transaction, params};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

/// Pauses between attempts on a failing disk: the first, and the longest.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// Ends the thread, everything committed, when the last handle goes.
#[derive(Debug)]
pub(super) struct Writer {
    mailbox: Arc<Mailbox>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    pub(super) fn new(mailbox: Arc<Mailbox>, thread: JoinHandle<()>) -> Writer {
        Writer { mailbox, thread: Some(thread) }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.mailbox.close();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Marks the mailbox as ended however the thread ends.
struct Ended<'a>(&'a Mailbox);

impl Drop for Ended<'_> {
    fn drop(&mut self) {
        self.0.ended();
    }
}

pub(super) fn run(mailbox: &Mailbox, mut connections: Connections) {
    let _ended = Ended(mailbox);
    let mut pause = FIRST_PAUSE;
    loop {
        let work = mailbox.next();
        if work.requests.is_empty() {
            connections.settle(); // nobody waits
        }
        let mut result = Ok(());
        if !work.batch.is_empty() {
            result = commit(&mut connections.normal, &work.batch).map_err(StoreError::from);
            match &result {
                Ok(()) => {
                    pause = FIRST_PAUSE;
                    mailbox.committed();
                }
                Err(e) => {
                    mailbox.give_back(work.batch, e.to_string(), pause);
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
            }
        }
        for request in work.requests {
            serve(&mut connections, request, &result);
        }
        if work.last {
            return;
        }
    }
}

fn commit(db: &mut Connection, batch: &Batch) -> rusqlite::Result<()> {
    let tx = db.transaction()?;
    for doc in batch.docs.values() {
        write_doc(&tx, doc)?;
    }
    let mut grown = BTreeSet::new();
    {
        let mut insert = tx.prepare("INSERT INTO events (session, wall_ms, text) VALUES (?1, ?2, ?3)")?;
        for event in &batch.events {
            insert.execute(params![event.session.as_str(), i64::try_from(event.wall_ms).unwrap_or(i64::MAX), event.text])?;
            grown.insert(&event.session);
        }
        let mut trim = tx.prepare(
            "DELETE FROM events WHERE session = ?1 AND seq <= (SELECT seq FROM events WHERE session = ?1 ORDER BY seq DESC LIMIT 1 OFFSET ?2)",
        )?;
        for session in grown {
            trim.execute(params![session.as_str(), EVENTS_PER_SESSION as i64])?;
        }
    }
    tx.commit()
}

fn write_doc(tx: &Transaction<'_>, doc: &Doc) -> rusqlite::Result<()> {
    match doc {
        Doc::Session { id, number, json } => {
            let sql = "INSERT INTO sessions (id, number, doc) VALUES (?1, ?2, ?3)
                       ON CONFLICT (id) DO UPDATE SET number = excluded.number, doc = excluded.doc";
            tx.prepare(sql)?.execute(params![id.as_str(), number, json])?;
        }
        Doc::DeleteSession { id } => {
            tx.prepare("DELETE FROM sessions WHERE id = ?1")?.execute([id.as_str()])?;
            tx.prepare("DELETE FROM events WHERE session = ?1")?.execute([id.as_str()])?;
        }
        Doc::View { key, json } => {
            let sql = "INSERT INTO views (key, doc) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET doc = excluded.doc";
            tx.prepare(sql)?.execute(params![key, json])?;
        }
        Doc::NextNumber(number) => {
            let sql = "INSERT INTO meta (key, value) VALUES ('next_number', ?1)
                       ON CONFLICT (key) DO UPDATE SET value = max(value, excluded.value)";
            tx.prepare(sql)?.execute([number])?;
        }
    }
    Ok(())
}

/// Answers one request. `committed` is how the batch before it fared. A caller that left does not matter.
fn serve(connections: &mut Connections, request: Request, committed: &Result<(), StoreError>) {
    match request {
        Request::Flush(reply) => drop(reply.send(committed.clone())),
        Request::Sessions(reply) => drop(reply.send(sessions(&connections.normal).map_err(Into::into))),
        Request::Events { session, limit, reply } => {
            drop(reply.send(events(&connections.normal, session.as_ref(), limit).map_err(Into::into)));
        }
        Request::View { key, reply } => {
            let found = connections.normal.query_row("SELECT doc FROM views WHERE key = ?1", [key], |row| row.get(0)).optional();
            drop(reply.send(found.map_err(Into::into)));
        }
        Request::PutIntent { id, json, reply } => {
            // What the intent refers to (the session's number) must not be lost where the intent is kept.
            let written = committed.clone().and_then(|()| {
                let sql = "INSERT INTO intents (id, doc) VALUES (?1, ?2) ON CONFLICT (id) DO UPDATE SET doc = excluded.doc";
                Ok(connections.durable()?.execute(sql, params![id, json]).map(drop)?)
            });
            drop(reply.send(written));
        }
        Request::DoneIntent { id, reply } => {
            let written = connections.durable().and_then(|db| db.execute("DELETE FROM intents WHERE id = ?1", [id]).map(drop));
            drop(reply.send(written.map_err(Into::into)));
        }
        Request::Intents(reply) => drop(reply.send(intents(&connections.normal).map_err(Into::into))),
    }
}

fn sessions(db: &Connection) -> rusqlite::Result<Vec<(SessionId, u32, String)>> {
    let mut query = db.prepare("SELECT id, number, doc FROM sessions ORDER BY number, id")?;
    let rows = query.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get(1)?, row.get(2)?)))?;
    // A row whose id is none of ours cannot be addressed by anything; it is left where it is.
    rows.filter_map(|row| row.map(|(id, number, doc)| id.parse().ok().map(|id| (id, number, doc))).transpose()).collect()
}

fn events(db: &Connection, session: Option<&SessionId>, limit: usize) -> rusqlite::Result<Vec<Event>> {
    let sql = match session {
        Some(_) => "SELECT session, wall_ms, text FROM events WHERE session = ?1 ORDER BY seq DESC LIMIT ?2",
        None => "SELECT session, wall_ms, text FROM events WHERE ?1 IS NULL ORDER BY seq DESC LIMIT ?2",
    };
    let mut query = db.prepare(sql)?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows =
        query.query_map(params![session.map(SessionId::as_str), limit], |row| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?, row.get(2)?)))?;
    let mut out: Vec<Event> = rows
        .filter_map(|row| {
            row.map(|(id, ms, text)| id.parse().ok().map(|session| Event { session, wall_ms: u64::try_from(ms).unwrap_or(0), text })).transpose()
        })
        .collect::<rusqlite::Result<_>>()?;
    out.reverse();
    Ok(out)
}

fn intents(db: &Connection) -> rusqlite::Result<Vec<(String, String)>> {
    let mut query = db.prepare("SELECT id, doc FROM intents ORDER BY seq")?;
    query.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
}
