//! The leased terminal: reading into the ring, writing what people type, its size. Must not know holders.

use super::endpoint::Endpoint;
use super::link::Link;
use super::ring::{ReadOutcome, Ring};
use crate::base::Size;
use rustix::termios::Winsize;
use std::io;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// The terminal's master side. Never blocks.
pub struct Master {
    end: Endpoint,
    /// Output waits in the spill: it comes before the terminal's, and without the terminal saying so.
    backlog: AtomicBool,
    /// The lease lasts until nobody can read any more.
    _lease: Arc<Link>,
}

impl Master {
    /// Takes over a lent terminal; `backlog` is whether the ring has a spill to be read first.
    pub(super) fn new(fd: OwnedFd, backlog: bool, lease: Arc<Link>) -> io::Result<Master> {
        Ok(Master { end: Endpoint::new(fd)?, backlog: AtomicBool::new(backlog), _lease: lease })
    }

    /// Waits until [`Master::try_read`] is worth a try.
    pub async fn readable(&self) {
        if !self.backlog.load(Ordering::Relaxed) {
            self.end.readable().await;
        }
    }

    /// Reads at most `max` bytes into the ring; first what the holder kept in its spill.
    ///
    /// # Errors
    /// As [`Ring::fill`].
    pub fn try_read<'r>(&self, ring: &'r mut Ring, max: usize) -> io::Result<ReadOutcome<'r>> {
        self.backlog.store(ring.spilled() > 0, Ordering::Relaxed);
        ring.fill(max, |buf| self.end.try_read(buf))
    }

    /// The same for a last look: what was written to the terminal before is read, whether or not a wake-up has told of it.
    ///
    /// # Errors
    /// As [`Ring::fill`].
    pub fn read_now<'r>(&self, ring: &'r mut Ring, max: usize) -> io::Result<ReadOutcome<'r>> {
        ring.fill(max, |buf| self.end.read_now(buf))
    }

    /// Writes what fits into the terminal's input queue; how much did.
    ///
    /// # Errors
    /// `WouldBlock` when nothing fits now ([`Master::writable`] waits), `EIO` when nobody has the terminal open.
    pub fn try_write(&self, bytes: &[u8]) -> io::Result<usize> {
        self.end.try_write(bytes)
    }

    /// Waits until [`Master::try_write`] is worth a try.
    pub async fn writable(&self) {
        self.end.writable().await;
    }

    /// Sets the size (clamped to what an engine may have); the foreground processes get SIGWINCH when it changed.
    ///
    /// # Errors
    /// The system's.
    pub fn resize(&self, size: Size) -> io::Result<()> {
        let size = size.clamped();
        let size = Winsize { ws_row: size.rows, ws_col: size.cols, ws_xpixel: 0, ws_ypixel: 0 };
        Ok(rustix::termios::tcsetwinsize(&self.end, size)?)
    }

    /// The size it has.
    ///
    /// # Errors
    /// The system's.
    pub fn size(&self) -> io::Result<Size> {
        let size = rustix::termios::tcgetwinsize(&self.end)?;
        Ok(Size::new(size.ws_col, size.ws_row))
    }

    /// The process group in the foreground: the one that gets what is typed.
    pub fn foreground_pgid(&self) -> Option<i32> {
        rustix::termios::tcgetpgrp(&self.end).ok().map(|p| p.as_raw_nonzero().get())
    }
}
