//! The writer thread of all recordings: waits for output, lets a little more come, writes it. Must not know the server's loop;
//! what a person should hear is told through a function.

use super::bell::{Bell, Shared};
use super::queue::Line;
use super::tap::Tap;
use super::tape::{Start, Tape};
use crate::base::SessionId;
use std::sync::{Arc, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// After the first byte so long more may come before it is written.
const LINGER: Duration = Duration::from_millis(100);
/// Text that stood still for so long goes into the index.
const SETTLE: Duration = Duration::from_secs(2);

/// The writer thread. Dropping it writes what waits and ends it.
pub struct Recorder {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl Recorder {
    /// Starts it. `said` is called on its thread when a recording cannot be written, and when it can again.
    ///
    /// # Errors
    /// No thread.
    pub fn start(said: impl Fn(&SessionId, &str) + Send + 'static) -> std::io::Result<Recorder> {
        let shared = Arc::new(Shared::default());
        let own = Arc::clone(&shared);
        let thread = std::thread::Builder::new().name("recorder".into()).spawn(move || run(&own, said))?;
        Ok(Recorder { shared, thread: Some(thread) })
    }

    /// Begins a recording.
    pub fn open(&self, start: Start) -> Tap {
        let bell = Bell::of(&self.shared);
        let (tap, line) = Tap::new(bell.clone());
        self.shared.lock().new.push((start, line));
        bell.ring();
        tap
    }

    /// Something to wait with for what was handed over so far.
    pub fn flusher(&self) -> impl FnOnce(Duration) -> bool + Send + 'static {
        let shared = Arc::clone(&self.shared);
        move |at_most| {
            let mut s = shared.lock();
            s.asked += 1;
            s.hurry = true;
            s.rung = true;
            let mine = s.asked;
            shared.wake.notify_one();
            let (s, _) = shared.done.wait_timeout_while(s, at_most, |s| s.served < mine).unwrap_or_else(PoisonError::into_inner);
            s.served >= mine
        }
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        {
            let mut s = self.shared.lock();
            s.closing = true;
            s.rung = true;
        }
        self.shared.wake.notify_one();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn run(shared: &Shared, said: impl Fn(&SessionId, &str)) {
    let mut tapes: Vec<(Tape, Arc<Line>, Option<String>)> = Vec::new();
    let mut settle: Option<Instant> = None;
    loop {
        let mut s = shared.lock();
        while !s.rung {
            match settle {
                None => s = shared.wake.wait(s).unwrap_or_else(PoisonError::into_inner),
                Some(at) => {
                    let left = at.saturating_duration_since(Instant::now());
                    if left.is_zero() {
                        break;
                    }
                    s = shared.wake.wait_timeout(s, left).unwrap_or_else(PoisonError::into_inner).0;
                }
            }
        }
        if s.rung && !s.hurry && !s.closing {
            s = shared.wake.wait_timeout_while(s, LINGER, |s| !s.hurry && !s.closing).unwrap_or_else(PoisonError::into_inner).0;
        }
        let (asked, closing) = (s.asked, s.closing);
        let everything = s.hurry || closing;
        (s.rung, s.hurry) = (false, false);
        let new = std::mem::take(&mut s.new);
        drop(s);
        tapes.extend(new.into_iter().map(|(start, line)| (Tape::new(start), line, None)));
        tapes.retain_mut(|(tape, line, told)| {
            let ended = tape.drain(line);
            tape.settle(if everything || ended { Duration::ZERO } else { SETTLE });
            if told.as_deref() != tape.trouble() {
                *told = tape.trouble().map(str::to_owned);
                let text = told.as_ref().map_or_else(|| "recorded again; the recording has a gap".to_owned(), |why| format!("not recorded: {why}"));
                said(tape.id(), &text);
            }
            !ended
        });
        settle = tapes.iter().any(|t| t.0.unsettled()).then(|| Instant::now() + SETTLE);
        let mut s = shared.lock();
        s.served = s.served.max(asked);
        shared.done.notify_all();
        if closing {
            return;
        }
    }
}
