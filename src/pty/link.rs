//! The server's end of a connection to a holder: one socket on which requests, their replies and events share the way, for
//! any number of tasks at once. Whoever waits reads for all. Must not know what is asked.

use super::proto::{BadLength, Decoder, ErrorReply, Frame, Notice, Request, kind, payload};
use rustix::net::{RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, recvmsg};
use std::collections::{HashMap, VecDeque};
use std::io::{self, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::io::Interest;
use tokio::net::UnixStream;

/// Events that nobody has asked for yet. A holder says a handful in its life; one that says more is not one.
const MAX_EVENTS: usize = 256;
/// Requests that are not sent yet, in bytes.
const MAX_OUT: usize = 256 * 1024;
/// Descriptors that are not taken yet.
const MAX_FDS: usize = 8;

/// Why a holder did not do what it was asked.
#[derive(thiserror::Error, Debug)]
pub enum ControlError {
    /// The holder is gone, or the connection to it.
    #[error("the holder is gone")]
    Closed,
    /// It said no.
    #[error("the holder refused: {message}")]
    Refused {
        /// One word for programs (see `proto::ErrorReply`).
        code: String,
        /// One line for people.
        message: String,
    },
    /// It said something else than what belongs there.
    #[error("the holder's answer makes no sense: {0}")]
    Answer(String),
    /// It does not read what it is sent.
    #[error("the holder does not listen")]
    Stuck,
}

/// The connection.
pub(super) struct Link {
    stream: UnixStream,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    decoder: Decoder,
    replies: HashMap<u8, VecDeque<Result<Frame, ErrorReply>>>,
    /// Replies that will come to requests nobody waits for any more.
    orphaned: HashMap<u8, usize>,
    events: VecDeque<Notice>,
    fds: Vec<OwnedFd>,
    out: Vec<u8>,
    closed: bool,
}

impl Link {
    /// Takes over a connected socket.
    pub fn new(stream: UnixStream) -> Link {
        Link { stream, state: Mutex::default() }
    }

    /// Asks and waits for the answer's frame.
    pub async fn request(&self, request: &Request) -> Result<Frame, ControlError> {
        let kind = request.kind();
        {
            let mut state = self.state();
            if state.out.len() > MAX_OUT {
                return Err(ControlError::Stuck);
            }
            state.out.extend_from_slice(&request.encode());
        }
        self.reply(kind).await
    }

    /// Waits for the answer to a request of this kind.
    pub async fn reply(&self, kind: u8) -> Result<Frame, ControlError> {
        let waiting = Waiting { link: self, kind, done: false };
        let answer = self.wait_for(|state| state.replies.get_mut(&kind)?.pop_front()).await;
        waiting.done();
        match answer {
            Some(Ok(frame)) => Ok(frame),
            Some(Err(error)) => Err(ControlError::Refused { code: error.code, message: error.message }),
            None => Err(ControlError::Closed),
        }
    }

    /// The next event; `None` when the connection is over.
    pub async fn event(&self) -> Option<Notice> {
        self.wait_for(|state| state.events.pop_front()).await
    }

    /// An event that has come already.
    pub fn try_event(&self, wanted: impl Fn(&Notice) -> bool) -> Option<Notice> {
        let mut state = self.state();
        let at = state.events.iter().position(wanted)?;
        state.events.remove(at)
    }

    /// Descriptors that have come.
    pub fn take_fds(&self) -> Vec<OwnedFd> {
        std::mem::take(&mut self.state().fds)
    }

    /// Whether the connection is over.
    pub fn is_closed(&self) -> bool {
        self.state().closed
    }

    /// Waits until `take` finds something, or the connection is over.
    async fn wait_for<T>(&self, mut take: impl FnMut(&mut State) -> Option<T>) -> Option<T> {
        loop {
            let writing = {
                let mut state = self.state();
                self.flush(&mut state);
                if let Some(found) = take(&mut state) {
                    return Some(found);
                }
                if state.closed {
                    return None;
                }
                !state.out.is_empty()
            };
            let interest = if writing { Interest::READABLE | Interest::WRITABLE } else { Interest::READABLE };
            if self.stream.ready(interest).await.is_err() {
                self.state().closed = true;
            }
            self.pump();
        }
    }

    /// Reads all that has come and puts it where its reader looks for it.
    fn pump(&self) {
        let mut guard = self.state();
        let state = &mut *guard;
        while !state.closed {
            let mut buf = [0u8; 16 * 1024];
            match self.stream.try_io(Interest::READABLE, || receive(&self.stream, &mut buf, &mut state.fds)) {
                Ok(0) => state.closed = true,
                Ok(n) => state.take(buf.get(..n).unwrap_or_default()),
                Err(e) if e.kind() == io::ErrorKind::WouldBlock => break,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => state.closed = true,
            }
        }
    }

    fn flush(&self, state: &mut State) {
        while !state.out.is_empty() && !state.closed {
            match self.stream.try_write(&state.out) {
                Ok(n) => drop(state.out.drain(..n)),
                Err(e) if e.kind() == io::ErrorKind::WouldBlock => break,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                // Not the end: what the holder said before it went is still to be read.
                Err(_) => state.out.clear(),
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn take(&mut self, bytes: &[u8]) {
        self.decoder.push(bytes);
        loop {
            match self.decoder.next_frame() {
                Ok(Some(frame)) => self.sort(frame),
                Ok(None) => return,
                Err(BadLength(_)) => {
                    self.closed = true;
                    return;
                }
            }
        }
    }

    fn sort(&mut self, frame: Frame) {
        if frame.kind == kind::ERROR {
            let error: ErrorReply = payload(&frame).unwrap_or_default();
            self.answer(error.to, Err(error));
        } else if frame.kind & kind::REPLY != 0 {
            self.answer(frame.kind & !kind::REPLY, Ok(frame));
        } else if let Some(notice) = Notice::decode(&frame) {
            self.events.push_back(notice);
            self.closed |= self.events.len() > MAX_EVENTS;
        }
    }

    fn answer(&mut self, to: u8, answer: Result<Frame, ErrorReply>) {
        if let Some(n) = self.orphaned.get_mut(&to).filter(|n| **n > 0) {
            *n -= 1;
            return;
        }
        let queue = self.replies.entry(to).or_default();
        queue.push_back(answer);
        self.closed |= queue.len() > MAX_EVENTS;
    }
}

/// Somebody who waits for a reply; if they stop waiting, the reply must not be taken for that of the next one.
struct Waiting<'a> {
    link: &'a Link,
    kind: u8,
    done: bool,
}

impl Waiting<'_> {
    fn done(mut self) {
        self.done = true;
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        if self.done {
            return;
        }
        let mut state = self.link.state();
        // It may have come just now.
        if state.replies.get_mut(&self.kind).and_then(VecDeque::pop_front).is_none() {
            *state.orphaned.entry(self.kind).or_default() += 1;
        }
    }
}

/// One `recvmsg`, with the descriptors that came along. More than a holder ever sends are closed at once.
fn receive(stream: &UnixStream, buf: &mut [u8], fds: &mut Vec<OwnedFd>) -> io::Result<usize> {
    let mut space = [MaybeUninit::<u8>::uninit(); rustix::cmsg_space!(ScmRights(MAX_FDS))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let received = recvmsg(stream.as_fd(), &mut [IoSliceMut::new(buf)], &mut control, RecvFlags::CMSG_CLOEXEC)?;
    for message in control.drain() {
        if let RecvAncillaryMessage::ScmRights(sent) = message {
            for fd in sent {
                if fds.len() < MAX_FDS {
                    fds.push(fd);
                }
            }
        }
    }
    Ok(received.bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pty::proto::{Status, json};
    use std::sync::Arc;
    use std::time::Duration;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    fn pair() -> (Arc<Link>, UnixStream) {
        let (a, b) = UnixStream::pair().unwrap();
        (Arc::new(Link::new(a)), b)
    }

    fn status(head: u64) -> Vec<u8> {
        json(kind::REPLY | kind::STATUS, &Status { head, ..Status::default() })
    }

    fn head(frame: Frame) -> u64 {
        payload::<Status>(&frame).unwrap().head
    }

    #[tokio::test]
    async fn a_late_reply_is_not_the_next_ones() {
        let (link, mut holder) = pair();
        let given_up = tokio::time::timeout(Duration::from_millis(1), link.request(&Request::Status)).await;
        assert!(given_up.is_err());
        let second = tokio::spawn({
            let link = link.clone();
            async move { head(link.request(&Request::Status).await.unwrap()) }
        });
        let mut asked = [0; 12];
        holder.read_exact(&mut asked).await.unwrap();
        holder.write_all(&[status(1), status(2)].concat()).await.unwrap();
        assert_eq!(second.await.unwrap(), 2);
    }

    #[tokio::test]
    async fn many_wait_at_once_and_each_gets_its_own() {
        let (link, mut holder) = pair();
        let event = tokio::spawn({
            let link = link.clone();
            async move { link.event().await }
        });
        let freeze = tokio::spawn({
            let link = link.clone();
            async move { link.request(&Request::Freeze).await.map(|f| f.kind) }
        });
        let asked = tokio::spawn({
            let link = link.clone();
            async move { link.request(&Request::Status).await.map(head) }
        });
        let mut both = [0; 12];
        holder.read_exact(&mut both).await.unwrap();
        // In another order than asked, cut in the middle, an unknown event among them.
        let bytes = [Notice::Emptied.encode(), crate::pty::proto::encode(0x7e, b"later"), status(7)].concat();
        let (a, b) = bytes.split_at(bytes.len() - 3);
        holder.write_all(a).await.unwrap();
        assert_eq!(event.await.unwrap(), Some(Notice::Emptied));
        holder.write_all(b).await.unwrap();
        assert_eq!(asked.await.unwrap().unwrap(), 7);
        let no = ErrorReply { to: kind::FREEZE, code: "stopping".into(), message: "m".into() };
        holder.write_all(&json(kind::ERROR, &no)).await.unwrap();
        assert!(matches!(freeze.await.unwrap(), Err(ControlError::Refused { code, .. }) if code == "stopping"));
        drop(holder);
        assert_eq!(link.event().await, None);
        assert!(link.is_closed());
        assert!(matches!(link.request(&Request::Status).await, Err(ControlError::Closed)));
    }

    #[tokio::test]
    async fn one_that_never_stops_talking_is_cut_off() {
        let (link, mut holder) = pair();
        let talk = tokio::spawn(async move { while holder.write_all(&Notice::Emptied.encode().repeat(50)).await.is_ok() {} });
        assert!(matches!(link.request(&Request::Status).await, Err(ControlError::Closed)));
        drop(link);
        talk.await.unwrap();
    }
}
