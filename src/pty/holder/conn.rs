//! One connection of the holder: frames in, frames and descriptors out, all bounded. Must not know what frames mean.

use crate::pty::proto::{BadLength, Decoder, Frame};
use rustix::net::{SendAncillaryBuffer, SendAncillaryMessage, SendFlags, sendmsg};
use std::io::{self, IoSlice, Read, Write};
use std::mem::MaybeUninit;
use std::os::fd::BorrowedFd;
use std::os::unix::net::UnixStream;

/// A client that does not read has this much waiting at most; then it is dropped.
const MAX_OUT: usize = 256 * 1024;

/// One connection.
pub(super) struct Conn {
    /// Its number in this holder; never used twice.
    pub key: u64,
    /// The process at the other end when it connected.
    pub peer_pid: i32,
    pub stream: UnixStream,
    /// Over: closed, broken or not understood.
    pub dead: bool,
    decoder: Decoder,
    out: Vec<u8>,
}

impl Conn {
    pub fn new(key: u64, stream: UnixStream) -> io::Result<Conn> {
        stream.set_nonblocking(true)?;
        let peer_pid = crate::pty::sys::peer(&stream).map_or(0, |(_, pid)| pid);
        Ok(Conn { key, peer_pid, stream, dead: false, decoder: Decoder::default(), out: Vec::new() })
    }

    /// Takes what came; descriptors that somebody sent along are closed by the kernel, since nobody asks for them here.
    pub fn receive(&mut self) {
        let mut buf = [0u8; 8 * 1024];
        match self.stream.read(&mut buf) {
            Ok(0) => self.dead = true,
            Ok(n) => self.decoder.push(buf.get(..n).unwrap_or_default()),
            Err(e) if matches!(e.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) => {}
            Err(_) => self.dead = true,
        }
    }

    /// The next whole frame.
    pub fn next(&mut self) -> Option<Frame> {
        match self.decoder.next_frame() {
            Ok(frame) => frame,
            Err(BadLength(_)) => {
                self.dead = true;
                None
            }
        }
    }

    /// Sends now what can be sent now, the rest when there is room.
    pub fn send(&mut self, bytes: &[u8]) {
        self.out.extend_from_slice(bytes);
        self.flush();
        if self.out.len() > MAX_OUT {
            self.dead = true;
        }
    }

    /// Sends a frame with descriptors.
    pub fn send_with(&mut self, bytes: &[u8], fds: &[BorrowedFd<'_>]) {
        self.flush();
        if !self.out.is_empty() {
            self.dead = true; // it asks for a lease and does not read
            return;
        }
        let mut space = [MaybeUninit::<u8>::uninit(); rustix::cmsg_space!(ScmRights(4))];
        let mut control = SendAncillaryBuffer::new(&mut space);
        if !control.push(SendAncillaryMessage::ScmRights(fds)) {
            self.dead = true;
            return;
        }
        match sendmsg(&self.stream, &[IoSlice::new(bytes)], &mut control, SendFlags::empty()) {
            Ok(n) => self.send(bytes.get(n..).unwrap_or_default()),
            Err(_) => self.dead = true,
        }
    }

    pub fn has_output(&self) -> bool {
        !self.out.is_empty()
    }

    pub fn flush(&mut self) {
        while !self.out.is_empty() {
            match self.stream.write(&self.out) {
                Ok(n) if n > 0 => drop(self.out.drain(..n)),
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) if e.kind() == io::ErrorKind::WouldBlock => return,
                _ => {
                    self.dead = true;
                    return;
                }
            }
        }
        self.out = Vec::new();
    }
}
