//! The ring that a holder and the server share, from the side of whoever has the lease: the terminal is read straight
//! into it, so what was read but not yet drawn is still there when the reader is killed. Must not know what the bytes mean.
//!
//! Offsets count the bytes of the terminal since its start and never go back. `floor` is where the last snapshot stands;
//! `floor..head` is never overwritten. Part of the frozen protocol:
//!
//! ```text
//! 0      header: u64 words, native order (see `word`)
//! 4096   carry: bytes that follow the spill file when the disk refused them
//! 20480  data: byte `n` of the terminal lies at `n % capacity`
//! ```
//!
//! **The kill window.** A reader may be killed between `read(2)` and moving the head. So the bytes ahead of the head are
//! zeroed, then `pending` is set to the end of the window that is read into. Who takes over after a crash counts all up
//! to the last non-zero byte of that window as read: NULs at the end of output mean nothing to a terminal.
//!
//! **The spill.** What the holder read while nobody had the lease and the ring was full lies in a file; its first byte has
//! the offset `spill_base`. The next lease owner moves it into the ring, in order, before it reads the terminal. The head alone
//! says how far that has come, so a crash in the middle costs nothing.

use super::link::Link;
use super::shm::{self, Shared};
use super::snapshot::Snapshots;
use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

/// Index of each header word.
pub(super) mod word {
    pub const MAGIC: usize = 0;
    pub const CAPACITY: usize = 1;
    pub const HEAD: usize = 2;
    pub const FLOOR: usize = 3;
    pub const PENDING: usize = 4;
    pub const ANSWERED: usize = 5;
    pub const SPILL_BASE: usize = 6;
    pub const SPILL_LEN: usize = 7;
    pub const CARRY_LEN: usize = 8;
}

/// First header word: `CTRING01`.
pub(super) const MAGIC: u64 = u64::from_be_bytes(*b"CTRING01");
/// Bytes of the header.
pub(super) const HEADER: usize = 4096;
/// Bytes of the carry area: as many as a holder reads at once.
pub(super) const CARRY: usize = 16 * 1024;
/// Where the data begin.
pub(super) const DATA: usize = HEADER + CARRY;
/// Bytes of the data.
pub const CAPACITY: usize = 4 * 1024 * 1024;

/// Bytes read at once at first: what is touched stays in memory, and most sessions say little.
const WINDOW: usize = 4096;
/// Bytes read at once when there is always more.
const WINDOW_MAX: usize = 64 * 1024;

/// Part of what was asked for is no longer in the ring.
#[derive(thiserror::Error, Clone, Copy, Debug, PartialEq, Eq)]
#[error("bytes {from}.. are gone; the ring has {floor}..{head}")]
pub struct Gap {
    /// Offset asked for.
    pub from: u64,
    /// Oldest offset that is kept.
    pub floor: u64,
    /// Offset after the newest byte.
    pub head: u64,
}

/// What one read brought.
#[derive(Debug, PartialEq, Eq)]
pub enum ReadOutcome<'r> {
    /// These bytes, lying in the ring; the head is behind them already.
    Data(&'r [u8]),
    /// No room: store a snapshot (or [`Ring::forget_before`]) first. Nothing was read.
    Full,
    /// Nothing to read now.
    WouldBlock,
    /// Everybody who had the terminal open is gone, and all of its output was read.
    Eof,
}

/// The lease owner's ring.
pub struct Ring {
    shared: Shared,
    capacity: usize,
    snapshots: Snapshots,
    spill: Option<File>,
    /// Ahead of the head, up to this offset, the ring is known to be zero.
    zeroed: u64,
    /// Bytes read at once.
    window: usize,
    /// The lease lasts until nobody can write here any more.
    _lease: Option<Arc<Link>>,
}

impl Ring {
    /// Takes over what a holder sent: ring, snapshots and, when it has one, the spill file.
    ///
    /// # Errors
    /// The system's, or `InvalidData` when these are not a ring and its snapshots.
    pub fn open(ring: OwnedFd, snapshots: OwnedFd, spill: Option<OwnedFd>) -> io::Result<Ring> {
        let invalid = |why: &str| io::Error::new(io::ErrorKind::InvalidData, format!("shared ring: {why}"));
        let ring = shm::accept(ring, DATA as u64)?;
        let header = Shared::map(&ring, HEADER)?;
        let capacity = header.get(word::CAPACITY);
        if header.get(word::MAGIC) != MAGIC || !(CARRY as u64..=1 << 28).contains(&capacity) {
            return Err(invalid("unknown header"));
        }
        let len = DATA as u64 + capacity;
        if ring.metadata()?.len() < len {
            return Err(invalid("shorter than its header says"));
        }
        let (head, floor) = (header.get(word::HEAD), header.get(word::FLOOR));
        if head.checked_sub(floor).is_none_or(|used| used > capacity) || header.get(word::CARRY_LEN) > CARRY as u64 {
            return Err(invalid("offsets out of range"));
        }
        Ok(Ring {
            shared: Shared::map(&ring, len as usize)?,
            capacity: capacity as usize,
            snapshots: Snapshots::open(snapshots)?,
            spill: spill.map(File::from),
            zeroed: head,
            window: WINDOW,
            _lease: None,
        })
    }

    /// Binds it to the connection that lent it.
    pub(super) fn keep(mut self, lease: Arc<Link>) -> Ring {
        self._lease = Some(lease);
        self
    }

    /// Offset after the newest byte.
    pub fn head(&self) -> u64 {
        self.shared.get(word::HEAD)
    }

    /// Oldest offset that is surely kept: where the last snapshot stands.
    pub fn floor(&self) -> u64 {
        self.shared.get(word::FLOOR)
    }

    /// How many bytes it holds at most.
    pub fn capacity(&self) -> u64 {
        self.capacity as u64
    }

    /// Bytes since the last snapshot. At [`Ring::capacity`] nothing more is read until the next one: half of it is a good
    /// time to store one.
    pub fn unsnapshotted(&self) -> u64 {
        self.head().saturating_sub(self.floor())
    }

    /// Bytes from `from` to the head, for a rebuilt screen.
    ///
    /// # Errors
    /// [`Gap`], when they are not all there.
    pub fn replay(&self, from: u64) -> Result<Vec<u8>, Gap> {
        let (head, floor) = (self.head(), self.floor());
        if from < floor || from > head || head - from > self.capacity as u64 {
            return Err(Gap { from, floor, head });
        }
        let mut out = Vec::with_capacity((head - from) as usize);
        let mut at = from;
        while at < head {
            let (place, run) = self.run(at, head);
            out.extend_from_slice(self.shared.bytes(place, run));
            at += run as u64;
        }
        Ok(out)
    }

    /// Stores what the screen is at `offset` (all bytes before it drawn) and gives the ring's room before it free.
    ///
    /// # Errors
    /// `InvalidInput` for an offset outside the ring or more than [`Snapshots::MAX`] bytes; the system's. The last
    /// snapshot stays good then.
    pub fn store_snapshot(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.check_offset(offset)?;
        self.snapshots.store(offset, bytes)?;
        self.shared.set(word::FLOOR, offset);
        Ok(())
    }

    /// The last good snapshot and the offset it stands at. `None` is a cache miss: replay from [`Ring::floor`].
    pub fn snapshot(&self) -> Option<(u64, Vec<u8>)> {
        let (offset, bytes) = self.snapshots.load()?;
        (self.floor()..=self.head()).contains(&offset).then_some((offset, bytes))
    }

    /// Gives the room before `offset` free without a snapshot: for a screen that cannot be stored.
    ///
    /// # Errors
    /// `InvalidInput` for an offset outside the ring.
    pub fn forget_before(&mut self, offset: u64) -> io::Result<()> {
        self.check_offset(offset)?;
        self.shared.set(word::FLOOR, offset);
        Ok(())
    }

    /// Up to which offset queries were answered and notices given; a replay does neither below it.
    pub fn answered(&self) -> u64 {
        self.shared.get(word::ANSWERED)
    }

    /// Sets it.
    pub fn set_answered(&mut self, offset: u64) {
        self.shared.set(word::ANSWERED, offset);
    }

    /// Bytes that wait in the spill, to be read before the terminal.
    pub fn spilled(&self) -> u64 {
        let (len, carry) = (self.shared.get(word::SPILL_LEN), self.shared.get(word::CARRY_LEN));
        if len == 0 && carry == 0 {
            return 0;
        }
        let end = self.shared.get(word::SPILL_BASE).saturating_add(len).saturating_add(carry);
        end.saturating_sub(self.head())
    }

    /// Reads at most `max` bytes into the ring: from the spill while there is some, else by one call of `read`. `EIO` is how a terminal
    /// says that all who had it open are gone.
    ///
    /// # Errors
    /// What `read` says; `UnexpectedEof` once when the spill file was damaged (it is given up then).
    pub fn fill(&mut self, max: usize, mut read: impl FnMut(&mut [u8]) -> io::Result<usize>) -> io::Result<ReadOutcome<'_>> {
        let head = self.head();
        let free = (self.capacity as u64).saturating_sub(head.saturating_sub(self.floor()));
        let (place, run) = self.run(head, head.saturating_add(free.min(max.min(self.window) as u64)));
        if run == 0 {
            return Ok(ReadOutcome::Full);
        }
        if self.spilled() > 0 {
            let n = self.unspill(head, place, run)?;
            return Ok(ReadOutcome::Data(self.shared.bytes(place, n)));
        }
        let end = head + run as u64;
        let clean = self.zeroed.clamp(head, end);
        let offset = (clean - head) as usize;
        self.shared.bytes_mut(place + offset, run - offset).fill(0);
        self.zeroed = self.zeroed.max(end);
        self.shared.set(word::PENDING, end);
        // Once: while these bytes are worked on, the kernel gets the next ones ready. Who reads on at once waits for it each time,
        // and output comes at half the speed.
        let read = loop {
            match read(self.shared.bytes_mut(place, run)) {
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                read => break read.map(|n| n.min(run)),
            }
        };
        if let Ok(n) = read {
            self.shared.set(word::HEAD, head + n as u64);
        }
        self.shared.set(word::PENDING, 0);
        match read {
            Ok(0) => Ok(ReadOutcome::Eof),
            Ok(n) => {
                if n == run {
                    self.window = (self.window * 2).min(WINDOW_MAX);
                }
                Ok(ReadOutcome::Data(self.shared.bytes(place, n)))
            }
            Err(e) if e.kind() == io::ErrorKind::WouldBlock => Ok(ReadOutcome::WouldBlock),
            Err(e) if e.raw_os_error() == Some(libc::EIO) => Ok(ReadOutcome::Eof),
            Err(e) => Err(e),
        }
    }

    /// Moves spilled bytes into the ring at `place`; how many.
    fn unspill(&mut self, head: u64, place: usize, run: usize) -> io::Result<usize> {
        let (base, len, carry) = (self.shared.get(word::SPILL_BASE), self.shared.get(word::SPILL_LEN), self.shared.get(word::CARRY_LEN));
        let done = head.saturating_sub(base);
        let n = if done < len {
            let want = run.min((len - done) as usize);
            let target = self.shared.bytes_mut(place, want);
            let read = self.spill.as_ref().map_or(Ok(0), |f| f.read_at(target, done));
            match read {
                Ok(n) if n > 0 => n.min(want),
                failed => {
                    self.drop_spill();
                    let why = failed.err().map_or_else(|| "it is shorter than it was".into(), |e| e.to_string());
                    return Err(io::Error::new(io::ErrorKind::UnexpectedEof, format!("output kept in the spill file is lost: {why}")));
                }
            }
        } else {
            let from = (done - len) as usize;
            let want = run.min((carry as usize).saturating_sub(from));
            let bytes = self.shared.bytes(HEADER + from, want).to_vec();
            self.shared.bytes_mut(place, want).copy_from_slice(&bytes);
            want
        };
        self.shared.set(word::HEAD, head + n as u64);
        if self.spilled() == 0 {
            self.drop_spill();
        }
        Ok(n)
    }

    /// The spill is done with. The header first: a file without a header is truncated by the holder, the other way round
    /// bytes would be missing.
    fn drop_spill(&mut self) {
        self.shared.set(word::CARRY_LEN, 0);
        self.shared.set(word::SPILL_LEN, 0);
        if let Some(file) = self.spill.take() {
            let _ = file.set_len(0);
        }
    }

    fn check_offset(&self, offset: u64) -> io::Result<()> {
        let (floor, head) = (self.floor(), self.head());
        if (floor..=head).contains(&offset) {
            return Ok(());
        }
        Err(io::Error::new(io::ErrorKind::InvalidInput, format!("offset {offset} is not in {floor}..={head}")))
    }

    /// Where offset `at` lies in the file, and how many bytes lie there in one piece before `end`.
    fn run(&self, at: u64, end: u64) -> (usize, usize) {
        let place = (at % self.capacity as u64) as usize;
        let run = (end.saturating_sub(at)).min((self.capacity - place) as u64) as usize;
        (DATA + place, run)
    }
}

#[cfg(test)]
#[path = "ring_tests.rs"]
mod tests;
