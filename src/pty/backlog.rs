//! The ring from the holder's side: where output goes while nobody has the lease. First into the ring's free room, then
//! into the spill file, then nowhere: the terminal is not read any more, the agent blocks, nothing is lost.
//! Must not know leases or sockets.

use super::ring::{CAPACITY, CARRY, DATA, HEADER, MAGIC, word};
use super::shm::{self, Shared};
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::PathBuf;

/// Most bytes in the spill file.
pub const MAX_SPILL: u64 = 64 * 1024 * 1024;
/// The spill file grows by this much at a time, before anything is read for it.
const RESERVE: u64 = 256 * 1024;

/// The holder's side.
pub struct Backlog {
    file: File,
    shared: Shared,
    spill_path: PathBuf,
    spill: Option<File>,
    reserved: u64,
    max_spill: u64,
    /// The disk refused; not tried again before the next lease.
    refused: bool,
}

/// What one read brought.
#[derive(Debug, PartialEq, Eq)]
pub enum Took {
    /// So many bytes are kept.
    Bytes(usize),
    /// There is no room; nothing was read.
    NoRoom,
    /// Nothing to read now.
    WouldBlock,
    /// Everybody who had the terminal open is gone.
    Eof,
}

impl Backlog {
    /// A new ring; `spill` is where the file will be when it is needed (one that is there is removed then).
    ///
    /// # Errors
    /// The system's.
    pub fn create(spill: PathBuf) -> io::Result<Backlog> {
        let file = shm::create("copilot-tui-ring", (DATA + CAPACITY) as u64)?;
        // Only the header is mapped: data that a holder writes must not count as its memory.
        let shared = Shared::map(&file, HEADER)?;
        shared.set(word::MAGIC, MAGIC);
        shared.set(word::CAPACITY, CAPACITY as u64);
        Ok(Backlog { file, shared, spill_path: spill, spill: None, reserved: 0, max_spill: MAX_SPILL, refused: false })
    }

    /// The ring's file, to lend.
    pub fn ring_fd(&self) -> BorrowedFd<'_> {
        self.file.as_fd()
    }

    /// The spill file, to lend, when anything is in it.
    pub fn spill_fd(&self) -> Option<BorrowedFd<'_>> {
        self.spill.as_ref().filter(|_| self.spilled() > 0).map(AsFd::as_fd)
    }

    /// Offset after the last byte, in the ring or beyond.
    pub fn head(&self) -> u64 {
        self.shared.get(word::HEAD) + self.spilled()
    }

    /// Bytes that wait in spill and carry.
    pub fn spilled(&self) -> u64 {
        let (len, carry) = (self.shared.get(word::SPILL_LEN), self.shared.get(word::CARRY_LEN));
        if len == 0 && carry == 0 {
            return 0;
        }
        let end = self.shared.get(word::SPILL_BASE).saturating_add(len).saturating_add(carry);
        end.saturating_sub(self.shared.get(word::HEAD))
    }

    /// The lease ended, perhaps by a crash: finishes what the last owner was in the middle of.
    pub fn take_over(&mut self) {
        self.refused = false;
        self.recover();
        if self.spilled() == 0 {
            self.shared.set(word::CARRY_LEN, 0);
            self.shared.set(word::SPILL_LEN, 0);
            self.reserved = 0;
            if let Some(file) = &self.spill {
                let _ = file.set_len(0);
            }
        }
    }

    /// Closes the kill window (see the module `ring`).
    fn recover(&mut self) {
        let (head, floor, pending) = (self.shared.get(word::HEAD), self.shared.get(word::FLOOR), self.shared.get(word::PENDING));
        let room = (CAPACITY as u64).saturating_sub(head.saturating_sub(floor));
        let mut read = head;
        if pending > head && pending - head <= room {
            let mut buf = [0u8; 4096];
            let mut at = head;
            while at < pending {
                let n = run(at, pending.min(at + buf.len() as u64));
                let Some(piece) = buf.get_mut(..n) else { break };
                if self.file.read_exact_at(piece, place(at)).is_err() {
                    break;
                }
                if let Some(last) = piece.iter().rposition(|b| *b != 0) {
                    read = at + last as u64 + 1;
                }
                at += n as u64;
            }
        }
        self.shared.set(word::HEAD, read);
        self.shared.set(word::PENDING, 0);
    }

    /// Whether the next [`Backlog::take`] would have room.
    pub fn has_room(&mut self) -> bool {
        self.spilled() == 0 && self.free() > 0 || self.spill_room()
    }

    /// Reads once and keeps what came.
    ///
    /// # Errors
    /// What reading says, or writing to the ring's memory.
    pub fn take(&mut self, terminal: impl AsFd) -> io::Result<Took> {
        let to_ring = self.spilled() == 0 && self.free() > 0;
        if !to_ring && !self.spill_room() {
            return Ok(Took::NoRoom);
        }
        let mut buf = [0u8; CARRY];
        let limit = if to_ring { self.free().min(CARRY as u64) as usize } else { CARRY };
        let n = match rustix::io::read(terminal, buf.get_mut(..limit).unwrap_or_default()) {
            Ok(0) | Err(rustix::io::Errno::IO) => return Ok(Took::Eof),
            Ok(n) => n,
            Err(rustix::io::Errno::AGAIN | rustix::io::Errno::INTR) => return Ok(Took::WouldBlock),
            Err(e) => return Err(e.into()),
        };
        let bytes = buf.get(..n).unwrap_or_default();
        if to_ring {
            self.put_ring(bytes)?
        } else {
            self.put_spill(bytes)?
        }
        Ok(Took::Bytes(n))
    }

    fn free(&self) -> u64 {
        (CAPACITY as u64).saturating_sub(self.shared.get(word::HEAD).saturating_sub(self.shared.get(word::FLOOR)))
    }

    fn put_ring(&mut self, bytes: &[u8]) -> io::Result<()> {
        let head = self.shared.get(word::HEAD);
        let first = run(head, head + bytes.len() as u64);
        let (a, b) = bytes.split_at_checked(first).unwrap_or((bytes, &[]));
        self.file.write_all_at(a, place(head))?;
        self.file.write_all_at(b, DATA as u64)?;
        self.shared.set(word::HEAD, head + bytes.len() as u64);
        Ok(())
    }

    /// Makes sure that one more read fits into the spill file. Space is reserved before the bytes are read, so a full disk
    /// stops the reading and costs no byte.
    fn spill_room(&mut self) -> bool {
        let len = self.shared.get(word::SPILL_LEN);
        if self.refused || self.shared.get(word::CARRY_LEN) > 0 || len + CARRY as u64 > self.max_spill {
            return false;
        }
        if len + CARRY as u64 <= self.reserved {
            return true;
        }
        let enough = self.open_spill().and_then(|file| reserve(file, len, RESERVE).or_else(|_| reserve(file, len, CARRY as u64)));
        match enough {
            Ok(end) => self.reserved = end,
            Err(_) => self.refused = true,
        }
        !self.refused
    }

    fn open_spill(&mut self) -> io::Result<&File> {
        if self.spill.is_none() {
            let _ = std::fs::remove_file(&self.spill_path);
            let file = File::options().read(true).write(true).create_new(true).mode(0o600).open(&self.spill_path)?;
            self.spill = Some(file);
        }
        self.spill.as_ref().ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn put_spill(&mut self, bytes: &[u8]) -> io::Result<()> {
        let len = self.shared.get(word::SPILL_LEN);
        if len == 0 {
            self.shared.set(word::SPILL_BASE, self.shared.get(word::HEAD));
        }
        match self.spill.as_ref().map(|f| f.write_all_at(bytes, len)) {
            Some(Ok(())) => self.shared.set(word::SPILL_LEN, len + bytes.len() as u64),
            // The disk failed in spite of the reservation. These bytes go to memory, and they are the last for now.
            _ => {
                self.file.write_all_at(bytes, HEADER as u64)?;
                self.shared.set(word::CARRY_LEN, bytes.len() as u64);
            }
        }
        Ok(())
    }

    /// Removes the spill file.
    pub fn clean_up(&mut self) {
        if self.spill.take().is_some() {
            let _ = std::fs::remove_file(&self.spill_path);
        }
    }

    /// Makes every later write to the spill file fail.
    #[cfg(test)]
    pub fn break_spill(&mut self) {
        // Reading stays possible, as for a disk that has errors.
        self.spill = File::open(&self.spill_path).ok();
    }

    /// Lowers the spill's limit.
    #[cfg(test)]
    pub fn with_max_spill(mut self, max: u64) -> Backlog {
        self.max_spill = max;
        self
    }
}

/// Takes disk space for `from..from + len`; the end of it.
fn reserve(file: &File, from: u64, len: u64) -> io::Result<u64> {
    #[cfg(target_os = "linux")]
    match rustix::fs::fallocate(file, rustix::fs::FallocateFlags::empty(), from, len) {
        Err(rustix::io::Errno::OPNOTSUPP | rustix::io::Errno::NOSYS) => {}
        done => return done.map(|()| from + len).map_err(io::Error::from),
    }
    let zeros = [0u8; 4096];
    for at in (from..from + len).step_by(zeros.len()) {
        file.write_all_at(&zeros, at)?;
    }
    Ok(from + len)
}

fn place(offset: u64) -> u64 {
    DATA as u64 + offset % CAPACITY as u64
}

/// How many bytes from `at` lie in one piece before `end`.
fn run(at: u64, end: u64) -> usize {
    let place = at % CAPACITY as u64;
    end.saturating_sub(at).min(CAPACITY as u64 - place) as usize
}
