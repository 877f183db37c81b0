//! The connection to the server: frames in, messages out, never blocking. Must not know what the messages mean.

use crate::wire::frame::encode;
use crate::wire::{ClientMsg, Decoder, FrameKind, PaneFrame, ServerMsg, quick};
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;

/// Most bytes that may wait for the server to take them. A server that falls this far behind is gone.
const MAX_WAITING: usize = 64 << 20;
/// Bytes read at a time, so that keys are never far behind a flood of rows.
const READ: usize = 64 << 10;

/// Something the server sent.
#[derive(Debug)]
pub(super) enum Incoming {
    Message(Box<ServerMsg>),
    Pane(Box<PaneFrame>),
}

#[derive(Debug)]
pub(super) struct Link {
    end: UnixStream,
    decoder: Decoder,
    out: Vec<u8>,
    sent: usize,
    /// What is read into.
    buffer: Vec<u8>,
    /// The server has said hello.
    pub welcomed: bool,
}

impl Link {
    pub fn new(stream: UnixStream) -> io::Result<Link> {
        stream.set_nonblocking(true)?;
        Ok(Link { end: stream, decoder: Decoder::new(), out: Vec::new(), sent: 0, buffer: vec![0; READ], welcomed: false })
    }

    /// Puts a message in line.
    ///
    /// # Errors
    /// Why the connection cannot go on.
    pub fn send(&mut self, message: &ClientMsg) -> Result<(), String> {
        let short = quick::encode(message).is_some_and(|bytes| encode(FrameKind::Quick, &bytes, &mut self.out).is_ok());
        if !short {
            let json = serde_json::to_vec(message).map_err(|e| e.to_string())?;
            encode(FrameKind::Control, &json, &mut self.out).map_err(|e| e.to_string())?;
        }
        if self.out.len() - self.sent > MAX_WAITING {
            return Err("the server does not take what is sent".to_owned());
        }
        self.write();
        Ok(())
    }

    /// To wait for until [`Link::work`] has something to do.
    pub fn end(&self) -> BorrowedFd<'_> {
        self.end.as_fd()
    }

    /// Something waits for room.
    pub fn waits(&self) -> bool {
        self.sent < self.out.len()
    }

    /// Writes and reads what goes without waiting.
    ///
    /// # Errors
    /// Why the connection is at its end, in words for people.
    pub fn work(&mut self, incoming: &mut Vec<Incoming>) -> Result<(), String> {
        self.write();
        match self.end.read(&mut self.buffer) {
            Ok(0) => return Err("the server has gone".to_owned()),
            Ok(n) => self.decoder.push(self.buffer.get(..n).unwrap_or_default()),
            Err(e) if matches!(e.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) => return Ok(()),
            Err(e) => return Err(format!("the server has gone: {e}")),
        }
        while let Some(frame) = self.decoder.next_frame().map_err(|e| e.to_string())? {
            match frame.kind {
                FrameKind::Control => match serde_json::from_slice(&frame.payload) {
                    Ok(message) => incoming.push(Incoming::Message(Box::new(message))),
                    Err(e) => return Err(format!("the server sent something that is no message: {e}")),
                },
                FrameKind::Quick => {} // only servers are told in this form
                FrameKind::Pane => match PaneFrame::decode(&frame.payload) {
                    Ok(pane) => incoming.push(Incoming::Pane(Box::new(pane))),
                    Err(e) => return Err(format!("the server sent rows that cannot be read: {e}")),
                },
            }
        }
        Ok(())
    }

    fn write(&mut self) {
        while self.sent < self.out.len() {
            match self.end.write(self.out.get(self.sent..).unwrap_or_default()) {
                Ok(n) => self.sent += n,
                Err(e) if e.kind() == io::ErrorKind::WouldBlock => return,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                // Not the end: what the server said before it went is still to be read, and after that its end is.
                Err(_) => break,
            }
        }
        self.out.clear();
        self.sent = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_words_of_a_server_reach_one_who_was_about_to_speak() {
        let (ours, mut server) = UnixStream::pair().unwrap();
        let mut link = Link::new(ours).unwrap();
        let mut bye = Vec::new();
        let json = serde_json::to_vec(&ServerMsg::Bye { reason: "it was told to end".into() }).unwrap();
        encode(FrameKind::Control, &json, &mut bye).unwrap();
        server.write_all(&bye).unwrap();
        drop(server);
        link.send(&ClientMsg::Focus { on: true }).unwrap();
        let mut incoming = Vec::new();
        link.work(&mut incoming).unwrap();
        assert!(matches!(incoming.as_slice(), [Incoming::Message(m)] if matches!(**m, ServerMsg::Bye { .. })), "{incoming:?}");
        assert!(link.work(&mut incoming).is_err());
    }
}
