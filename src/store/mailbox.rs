//! What waits to be written: the latest version of each document, new events in order, and requests whose callers wait. Bounded.
//! Must not know SQL.

use super::{Event, Health, StoreError};
use crate::base::SessionId;
use std::collections::{BTreeMap, VecDeque};
use std::sync::mpsc::SyncSender;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How long a document may wait for others to be committed with.
pub(super) const COMMIT_EVERY: Duration = Duration::from_millis(250);

/// Documents that may wait; there are more only if a disk fails for long. New keys are dropped then, and counted.
const MAX_DOCS: usize = 8192;

/// Events that may wait; the oldest are dropped then, and counted.
const MAX_EVENTS: usize = 16_384;

pub(super) type Reply<T> = SyncSender<Result<T, StoreError>>;

/// A version of a document, or that it is gone.
#[derive(Debug, Clone)]
pub(super) enum Doc {
    Session { id: SessionId, number: u32, json: String },
    DeleteSession { id: SessionId },
    View { key: String, json: String },
    NextNumber(u32),
}

/// Something a caller waits for.
#[derive(Debug)]
pub(super) enum Request {
    Flush(Reply<()>),
    Sessions(Reply<Vec<(SessionId, u32, String)>>),
    Events { session: Option<SessionId>, limit: usize, reply: Reply<Vec<Event>> },
    View { key: String, reply: Reply<Option<String>> },
    PutIntent { id: String, json: String, reply: Reply<()> },
    DoneIntent { id: String, reply: Reply<()> },
    Intents(Reply<Vec<(String, String)>>),
}

/// What is committed together.
#[derive(Debug, Default)]
pub(super) struct Batch {
    pub docs: BTreeMap<String, Doc>,
    pub events: VecDeque<Event>,
}

impl Batch {
    pub(super) fn is_empty(&self) -> bool {
        self.docs.is_empty() && self.events.is_empty()
    }
}

#[derive(Debug, Default)]
struct State {
    batch: Batch,
    requests: VecDeque<Request>,
    /// When the batch is to be committed; `None` while it is empty.
    due: Option<Instant>,
    closed: bool,
    health: Health,
}

#[derive(Debug, Default)]
pub(super) struct Mailbox {
    state: Mutex<State>,
    changed: Condvar,
}

/// What the writer is woken with.
#[derive(Debug)]
pub(super) struct Work {
    pub batch: Batch,
    pub requests: VecDeque<Request>,
    /// No more will come after this.
    pub last: bool,
}

impl Mailbox {
    fn lock(&self) -> MutexGuard<'_, State> {
        // Every change below leaves the state whole, so that a panic elsewhere does not matter here.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn put(&self, key: String, doc: Doc) {
        let mut s = self.lock();
        if s.closed {
            return;
        }
        if s.batch.docs.len() >= MAX_DOCS && !s.batch.docs.contains_key(&key) {
            s.health.dropped += 1;
            return;
        }
        if let Doc::DeleteSession { id } = &doc {
            s.batch.events.retain(|e| e.session != *id);
        }
        s.batch.docs.insert(key, doc);
        self.wake(s);
    }

    pub(super) fn event(&self, session: SessionId, wall_ms: u64, text: String) {
        let mut s = self.lock();
        if s.closed {
            return;
        }
        if s.batch.events.len() >= MAX_EVENTS {
            s.batch.events.pop_front();
            s.health.dropped += 1;
        }
        s.batch.events.push_back(Event { session, wall_ms, text });
        self.wake(s);
    }

    /// Starts the clock of a batch that was empty. A running clock needs no waking.
    fn wake(&self, mut s: MutexGuard<'_, State>) {
        if s.due.is_none() {
            s.due = Some(Instant::now() + COMMIT_EVERY);
            self.changed.notify_all();
        }
    }

    /// False when the writer has ended.
    pub(super) fn request(&self, request: Request) -> bool {
        let mut s = self.lock();
        if s.closed {
            return false;
        }
        s.requests.push_back(request);
        self.changed.notify_all();
        true
    }

    /// Lets the writer commit what is here and end.
    pub(super) fn close(&self) {
        self.lock().closed = true;
        self.changed.notify_all();
    }

    /// The writer has ended: nobody waits in vain.
    pub(super) fn ended(&self) {
        let mut s = self.lock();
        s.closed = true;
        s.requests.clear();
    }

    pub(super) fn health(&self) -> Health {
        self.lock().health.clone()
    }

    /// Waits until there is something to do.
    pub(super) fn next(&self) -> Work {
        let mut s = self.lock();
        loop {
            let now = Instant::now();
            let due = s.due.is_some_and(|d| d <= now);
            if s.closed || due || !s.requests.is_empty() {
                s.due = None;
                return Work { batch: std::mem::take(&mut s.batch), requests: std::mem::take(&mut s.requests), last: s.closed };
            }
            s = match s.due {
                None => self.changed.wait(s).unwrap_or_else(PoisonError::into_inner),
                Some(d) => self.changed.wait_timeout(s, d - now).unwrap_or_else(PoisonError::into_inner).0,
            };
        }
    }

    /// The last commit worked.
    pub(super) fn committed(&self) {
        self.lock().health.failing = None;
    }

    /// The batch could not be committed: it is kept, under what came meanwhile, and tried again after `pause`.
    pub(super) fn give_back(&self, batch: Batch, why: String, pause: Duration) {
        let mut s = self.lock();
        s.health.failing = Some(why);
        for (key, doc) in batch.docs {
            s.batch.docs.entry(key).or_insert(doc);
        }
        let gone: Vec<SessionId> =
            s.batch.docs.values().filter_map(|d| if let Doc::DeleteSession { id } = d { Some(id.clone()) } else { None }).collect();
        let newer = std::mem::take(&mut s.batch.events);
        s.batch.events = batch.events.into_iter().filter(|e| !gone.contains(&e.session)).chain(newer).collect();
        while s.batch.events.len() > MAX_EVENTS {
            s.batch.events.pop_front();
            s.health.dropped += 1;
        }
        if !s.batch.is_empty() {
            s.due = Some(Instant::now() + pause);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn take(mailbox: &Mailbox) -> Batch {
        // A request wakes the writer at once.
        let (tx, _rx) = std::sync::mpsc::sync_channel(1);
        assert!(mailbox.request(Request::Flush(tx)));
        mailbox.next().batch
    }

    fn view(json: &str) -> Doc {
        Doc::View { key: "v".into(), json: json.into() }
    }

    #[test]
    fn what_a_full_disk_refused_is_kept_under_what_came_meanwhile() {
        let mailbox = Mailbox::default();
        let (a, b) = (SessionId::random(), SessionId::random());
        mailbox.put("view:v".into(), view("old"));
        mailbox.put("next_number".into(), Doc::NextNumber(7));
        mailbox.event(a.clone(), 1, "first".into());
        mailbox.event(b.clone(), 2, "gone".into());
        let refused = take(&mailbox);
        mailbox.put("view:v".into(), view("new"));
        mailbox.event(a, 3, "second".into());
        mailbox.put(format!("session:{b}"), Doc::DeleteSession { id: b });
        mailbox.give_back(refused, "disk full".into(), Duration::from_secs(3600));
        assert_eq!(mailbox.health().failing.as_deref(), Some("disk full"));
        let again = take(&mailbox);
        assert!(matches!(again.docs.get("view:v"), Some(Doc::View { json, .. }) if json == "new"));
        assert!(matches!(again.docs.get("next_number"), Some(Doc::NextNumber(7))));
        assert_eq!(again.events.iter().map(|e| e.text.as_str()).collect::<Vec<_>>(), ["first", "second"]);
        mailbox.committed();
        assert_eq!(mailbox.health(), Health::default());
    }

    #[test]
    fn what_waits_is_bounded_and_drops_are_counted() {
        let mailbox = Mailbox::default();
        let a = SessionId::random();
        for i in 0..MAX_EVENTS as u64 + 5 {
            mailbox.event(a.clone(), i, String::new());
        }
        for i in 0..MAX_DOCS + 3 {
            mailbox.put(format!("k{i}"), view("x"));
        }
        let batch = take(&mailbox);
        assert_eq!((batch.events.len(), batch.docs.len(), mailbox.health().dropped), (MAX_EVENTS, MAX_DOCS, 8));
        assert_eq!(batch.events.front().map(|e| e.wall_ms), Some(5));
    }

    #[test]
    fn nobody_waits_for_a_writer_that_ended() {
        let mailbox = Mailbox::default();
        mailbox.ended();
        let (tx, _rx) = std::sync::mpsc::sync_channel(1);
        assert!(!mailbox.request(Request::Flush(tx)));
    }
}
