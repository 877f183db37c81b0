//! What outlives the server: documents, intents and the timeline in SQLite, and files that are old or new but never half. The
//! only user of rusqlite. Must not know sockets, nor what a document says.
//!
//! Documents are opaque JSON texts. They are handed to one writer thread through a mailbox in which the latest version of each
//! wins, and are committed together, at most every 250 ms; no caller waits for a disk, except for intents, reads and flushes.

mod atomic;
mod foreign;
mod mailbox;
mod open;
mod schema;
mod writer;

pub use atomic::{atomic_write, private_dir};
pub use foreign::read_pairs;
pub use open::{Opened, integrity};

use crate::base::SessionId;
use mailbox::{Doc, Mailbox, Request};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::sync_channel;
use thiserror::Error;

/// Events kept for one session; older ones go.
pub const EVENTS_PER_SESSION: usize = 2000;

/// Why the store cannot be used.
#[derive(Debug, Clone, Error)]
pub enum StoreError {
    /// The folder or the file cannot be written.
    #[error("cannot write {}: {message}. Check the permissions and the free space, or set XDG_STATE_HOME to another folder", path.display())]
    Unwritable {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        message: String,
    },
    /// It was written by a newer version.
    #[error("{} was written by a newer version (schema {found}, this one knows {known}): use that version, or move the file away", path.display())]
    TooNew {
        /// The file.
        path: PathBuf,
        /// Its schema.
        found: i64,
        /// Ours.
        known: i64,
    },
    /// SQLite said no.
    #[error("the database failed: {0}")]
    Sql(String),
    /// The writer thread has ended.
    #[error("the store is closed")]
    Closed,
}

impl From<rusqlite::Error> for StoreError {
    fn from(e: rusqlite::Error) -> StoreError {
        StoreError::Sql(e.to_string())
    }
}

/// How the store fares; for the status line and `doctor`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Health {
    /// Why the last commit failed; `None` while all is well. What it held is kept and tried again.
    pub failing: Option<String>,
    /// Timeline events and documents that were dropped because too much waited for a failing disk.
    pub dropped: u64,
}

/// A handle; clones share one database.
#[derive(Debug, Clone)]
pub struct Store {
    mailbox: Arc<Mailbox>,
    next_number: Arc<AtomicU32>,
    _writer: Arc<writer::Writer>,
}

impl Store {
    /// Opens the database at `path` (0600), making it and bringing it to our schema as needed. A file that is empty, cut or no
    /// database is moved aside and a new one made; `Opened` tells.
    ///
    /// # Errors
    /// The folder cannot be written, or the file is of a newer version.
    pub fn open(path: &Path) -> Result<(Store, Opened), StoreError> {
        let (connections, opened) = open::open(path)?;
        Ok((Store::start(connections)?, opened))
    }

    /// A store that lives only as long as its handles.
    ///
    /// # Errors
    /// No memory or no thread.
    pub fn memory() -> Result<Store, StoreError> {
        Store::start(open::memory()?)
    }

    fn start(connections: open::Connections) -> Result<Store, StoreError> {
        let first = schema::next_number(&connections.normal)?;
        let mailbox = Arc::new(Mailbox::default());
        let thread = {
            let mailbox = mailbox.clone();
            std::thread::Builder::new().name("store".into()).spawn(move || writer::run(&mailbox, connections))
        };
        let thread = thread.map_err(|e| StoreError::Sql(format!("cannot start its thread: {e}")))?;
        let writer = Arc::new(writer::Writer::new(mailbox.clone(), thread));
        Ok(Store { mailbox, next_number: Arc::new(AtomicU32::new(first)), _writer: writer })
    }

    /// The lowest number no session ever had; asking does not use it up.
    pub fn free_number(&self) -> u32 {
        self.next_number.load(Ordering::Relaxed)
    }

    /// A number no session ever had. Durable with the next commit, which every intent forces.
    pub fn next_number(&self) -> u32 {
        let number = self.next_number.fetch_add(1, Ordering::Relaxed);
        self.mailbox.put("next_number".into(), Doc::NextNumber(number.saturating_add(1)));
        number
    }

    /// Keeps a session's document.
    pub fn put_session(&self, id: &SessionId, number: u32, json: String) {
        let free = number.saturating_add(1);
        if self.next_number.fetch_max(free, Ordering::Relaxed) < free {
            self.mailbox.put("next_number".into(), Doc::NextNumber(free));
        }
        self.mailbox.put(format!("session:{id}"), Doc::Session { id: id.clone(), number, json });
    }

    /// Forgets a session and its timeline.
    pub fn delete_session(&self, id: &SessionId) {
        self.mailbox.put(format!("session:{id}"), Doc::DeleteSession { id: id.clone() });
    }

    /// Every session, by number.
    ///
    /// # Errors
    /// The database failed.
    pub fn sessions(&self) -> Result<Vec<(SessionId, u32, String)>, StoreError> {
        self.ask(Request::Sessions)
    }

    /// Adds a line to a session's timeline; the oldest goes when there are more than [`EVENTS_PER_SESSION`].
    pub fn append_event(&self, session: &SessionId, wall_ms: u64, text: String) {
        self.mailbox.event(session.clone(), wall_ms, text);
    }

    /// The newest `limit` events of a session (of all, when `None`), oldest first, each with its session.
    ///
    /// # Errors
    /// The database failed.
    pub fn events(&self, session: Option<&SessionId>, limit: usize) -> Result<Vec<Event>, StoreError> {
        self.ask(|reply| Request::Events { session: session.cloned(), limit, reply })
    }

    /// Keeps a view (a client's layout, a fold state) by key.
    pub fn put_view(&self, key: &str, json: String) {
        self.mailbox.put(format!("view:{key}"), Doc::View { key: key.to_owned(), json });
    }

    /// A view, when there is one.
    ///
    /// # Errors
    /// The database failed.
    pub fn view(&self, key: &str) -> Result<Option<String>, StoreError> {
        self.ask(|reply| Request::View { key: key.to_owned(), reply })
    }

    /// Writes down what is about to be done, with everything that waits, and returns when it would survive a power cut.
    ///
    /// # Errors
    /// It is not written: do not begin.
    pub fn put_intent(&self, id: &str, json: String) -> Result<(), StoreError> {
        self.ask(|reply| Request::PutIntent { id: id.to_owned(), json, reply })
    }

    /// What was written down is done (or undone). Returns when that would survive a power cut.
    ///
    /// # Errors
    /// The database failed; the intent comes back at the next start, where it must be found done.
    pub fn done_intent(&self, id: &str) -> Result<(), StoreError> {
        self.ask(|reply| Request::DoneIntent { id: id.to_owned(), reply })
    }

    /// Intents that were not done, oldest first.
    ///
    /// # Errors
    /// The database failed.
    pub fn intents(&self) -> Result<Vec<(String, String)>, StoreError> {
        self.ask(Request::Intents)
    }

    /// Commits everything handed over so far and waits for it.
    ///
    /// # Errors
    /// It could not be written (it is kept and tried again).
    pub fn flush(&self) -> Result<(), StoreError> {
        self.ask(Request::Flush)
    }

    /// How it fares.
    pub fn health(&self) -> Health {
        self.mailbox.health()
    }

    fn ask<T>(&self, request: impl FnOnce(mailbox::Reply<T>) -> Request) -> Result<T, StoreError> {
        let (tx, rx) = sync_channel(1);
        if !self.mailbox.request(request(tx)) {
            return Err(StoreError::Closed);
        }
        rx.recv().map_err(|_| StoreError::Closed)?
    }
}

/// One line of a timeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Whose.
    pub session: SessionId,
    /// When, milliseconds since the epoch.
    pub wall_ms: u64,
    /// What, as it was given.
    pub text: String,
}

fn unwritable(path: &Path, e: &io::Error) -> StoreError {
    StoreError::Unwritable { path: path.to_owned(), message: e.to_string() }
}
