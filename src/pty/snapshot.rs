//! Two slots of shared memory for what the screen was at an offset of the terminal's output. Must not know what a screen is.
//!
//! A slot is written whole before its entry names it, and the older one is written each time, so a crash in the middle
//! leaves the other. A damaged slot is a cache miss, never an error. Part of the frozen protocol:
//!
//! ```text
//! 0      entry of slot 0: u64 LE sequence (0: none), offset, length, checksum of the bytes, checksum of these four
//! 64     entry of slot 1
//! 4096   bytes of slot 0, at most 8 MiB; those of slot 1 follow
//! ```

use super::shm;
use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::FileExt;

const SLOTS: u64 = 4096;
const ENTRY: usize = 40;

/// The two slots.
pub struct Snapshots {
    file: File,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Entry {
    sequence: u64,
    offset: u64,
    len: u64,
    sum: u64,
}

impl Snapshots {
    /// Most bytes of one snapshot.
    pub const MAX: u64 = 8 * 1024 * 1024;
    /// Bytes of the file; untouched pages take no memory.
    pub const FILE_LEN: u64 = SLOTS + 2 * Self::MAX;

    /// Takes over the file that a holder sent.
    ///
    /// # Errors
    /// The system's, or `InvalidData` when it is too small.
    pub fn open(fd: OwnedFd) -> io::Result<Snapshots> {
        Ok(Snapshots { file: shm::accept(fd, Self::FILE_LEN)? })
    }

    /// Stores a snapshot over the older one.
    ///
    /// # Errors
    /// `InvalidInput` for too many bytes; the system's (no memory). The newer one stays good then.
    pub fn store(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        if bytes.len() as u64 > Self::MAX {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, format!("a snapshot has at most {} bytes", Self::MAX)));
        }
        let (a, b) = (self.entry(0), self.entry(1));
        let sequence = a.map_or(0, |e| e.sequence).max(b.map_or(0, |e| e.sequence)).wrapping_add(1).max(1);
        let slot = match (a, b) {
            (Some(a), Some(b)) => u64::from(a.sequence > b.sequence),
            (Some(_), None) => 1,
            _ => 0,
        };
        let old = if slot == 0 { a } else { b }.map_or(Self::MAX, |e| e.len);
        self.file.write_all_at(&[0; ENTRY], slot * 64)?;
        self.file.write_all_at(bytes, place(slot))?;
        self.give_back(slot, bytes.len() as u64, old);
        let entry = Entry { sequence, offset, len: bytes.len() as u64, sum: checksum(bytes) };
        self.file.write_all_at(&entry.bytes(), slot * 64)
    }

    /// The newest whole snapshot and its offset.
    pub fn load(&self) -> Option<(u64, Vec<u8>)> {
        let mut entries: Vec<(u64, Entry)> = (0..2).filter_map(|slot| Some((slot, self.entry(slot)?))).collect();
        entries.sort_by_key(|(_, e)| std::cmp::Reverse(e.sequence));
        entries.into_iter().find_map(|(slot, e)| {
            let mut bytes = vec![0; e.len as usize];
            self.file.read_exact_at(&mut bytes, place(slot)).ok()?;
            (checksum(&bytes) == e.sum).then_some((e.offset, bytes))
        })
    }

    /// Returns the pages that the last, longer content of a slot had.
    fn give_back(&self, slot: u64, len: u64, old: u64) {
        #[cfg(target_os = "linux")]
        {
            use rustix::fs::FallocateFlags;
            let from = len.next_multiple_of(4096);
            if old > from {
                let how = FallocateFlags::PUNCH_HOLE | FallocateFlags::KEEP_SIZE;
                let _ = rustix::fs::fallocate(&self.file, how, place(slot) + from, (old - from).next_multiple_of(4096));
            }
        }
        #[cfg(not(target_os = "linux"))]
        let _ = (slot, len, old);
    }

    fn entry(&self, slot: u64) -> Option<Entry> {
        let mut raw = [0; ENTRY];
        self.file.read_exact_at(&mut raw, slot * 64).ok()?;
        Entry::parse(&raw)
    }
}

impl Entry {
    fn bytes(self) -> [u8; ENTRY] {
        let mut out = [0; ENTRY];
        let numbers = [self.sequence, self.offset, self.len, self.sum];
        for (target, n) in out.chunks_exact_mut(8).zip(numbers) {
            target.copy_from_slice(&n.to_le_bytes());
        }
        let sum = checksum(&out[..32]);
        out[32..].copy_from_slice(&sum.to_le_bytes());
        out
    }

    fn parse(raw: &[u8; ENTRY]) -> Option<Entry> {
        let mut numbers = raw.chunks_exact(8).filter_map(|c| c.first_chunk::<8>().map(|c| u64::from_le_bytes(*c)));
        let entry = Entry { sequence: numbers.next()?, offset: numbers.next()?, len: numbers.next()?, sum: numbers.next()? };
        let whole = numbers.next()? == checksum(raw.get(..32)?);
        (whole && entry.sequence > 0 && entry.len <= Snapshots::MAX).then_some(entry)
    }
}

fn place(slot: u64) -> u64 {
    SLOTS + slot * Snapshots::MAX
}

/// Finds damage by crashes, not by malice. Eight bytes a step; the position matters.
fn checksum(bytes: &[u8]) -> u64 {
    const K: u64 = 0x9e37_79b9_7f4a_7c15;
    let step = |sum: u64, lane: u64| (sum.rotate_left(23) ^ lane).wrapping_mul(K);
    let chunks = bytes.chunks_exact(8);
    let tail = chunks.remainder().iter().fold(1, |n: u64, b| n << 8 | u64::from(*b));
    let sum = chunks.filter_map(|c| c.first_chunk::<8>()).fold(bytes.len() as u64 ^ K, |sum, c| step(sum, u64::from_le_bytes(*c)));
    let sum = step(sum, tail);
    sum ^ sum >> 29
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn new() -> (File, Snapshots) {
        let file = shm::create("test", Snapshots::FILE_LEN).unwrap();
        (file.try_clone().unwrap(), Snapshots { file })
    }

    #[test]
    fn the_newest_is_given_back() {
        let (_, mut s) = new();
        assert_eq!(s.load(), None);
        for n in 1..6u64 {
            let bytes = vec![n as u8; 70_000 / n as usize];
            s.store(n * 10, &bytes).unwrap();
            assert_eq!(s.load(), Some((n * 10, bytes)));
        }
        assert!(s.store(99, &vec![0; Snapshots::MAX as usize + 1]).is_err());
        assert_eq!(s.load().unwrap().0, 50);
        s.store(60, b"").unwrap();
        assert_eq!(s.load(), Some((60, vec![])));
    }

    #[test]
    fn a_shorter_snapshot_gives_memory_back() {
        let (file, mut s) = new();
        for n in 0..2 {
            s.store(n, &vec![1; 1 << 20]).unwrap();
        }
        let blocks = |f: &File| std::os::unix::fs::MetadataExt::blocks(&f.metadata().unwrap());
        let before = blocks(&file);
        for n in 2..4 {
            s.store(n, &[1; 100]).unwrap();
        }
        assert!(blocks(&file) < before / 50, "{} of {before}", blocks(&file));
    }

    #[test]
    fn a_torn_one_leaves_the_other() {
        let (file, mut s) = new();
        s.store(1, b"first").unwrap();
        s.store(2, b"second").unwrap();
        // Killed while writing the third over the first: its entry is gone, its bytes are half there.
        file.write_all_at(&[0; ENTRY], 0).unwrap();
        file.write_all_at(b"thi", SLOTS).unwrap();
        assert_eq!(s.load(), Some((2, b"second".to_vec())));
        s.store(3, b"third").unwrap();
        assert_eq!(s.load(), Some((3, b"third".to_vec())));
        // A bit flips in the newest.
        file.write_all_at(b"x", SLOTS + 1).unwrap();
        assert_eq!(s.load(), Some((2, b"second".to_vec())));
    }

    proptest! {
        #[test]
        fn any_damage_is_seen(bytes in proptest::collection::vec(any::<u8>(), 1..200), at in any::<prop::sample::Index>(), bit in 0u8..8) {
            let mut hurt = bytes.clone();
            let at = at.index(bytes.len());
            hurt[at] ^= 1 << bit;
            prop_assert_ne!(checksum(&bytes), checksum(&hurt));
            prop_assert_ne!(checksum(&bytes), checksum(&bytes[..bytes.len() - 1]));
        }

        #[test]
        fn random_entries_never_panic(raw in any::<[u8; 32]>(), tail in any::<[u8; 8]>()) {
            let (file, s) = new();
            file.write_all_at(&[raw.as_slice(), &tail].concat(), 0).unwrap();
            let _ = s.load();
        }
    }
}
