//! Ring, backlog and spill together: what one side leaves, the other finds, whatever happened in between.

use super::*;
use crate::pty::backlog::{Backlog, Took};
use proptest::prelude::*;
use std::io::Write;
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;

struct Pair {
    backlog: Backlog,
    snapshots: File,
    spill: tempfile::TempDir,
    /// A stream stands for the terminal: (written by the agent, read by us).
    agent: UnixStream,
    master: UnixStream,
}

impl Pair {
    fn new(max_spill: u64) -> Pair {
        let spill = tempfile::tempdir().unwrap();
        let backlog = Backlog::create(spill.path().join("spill")).unwrap().with_max_spill(max_spill);
        let (agent, master) = UnixStream::pair().unwrap();
        agent.set_nonblocking(true).unwrap();
        master.set_nonblocking(true).unwrap();
        Pair { backlog, snapshots: shm::create("test", Snapshots::FILE_LEN).unwrap(), spill, agent, master }
    }

    fn lease(&self) -> Ring {
        let own = |fd: std::os::fd::BorrowedFd<'_>| fd.try_clone_to_owned().unwrap();
        Ring::open(own(self.backlog.ring_fd()), own(self.snapshots.as_fd()), self.backlog.spill_fd().map(own)).unwrap()
    }

    fn read<'r>(&self, ring: &'r mut Ring, max: usize) -> ReadOutcome<'r> {
        ring.fill(max, |buf| rustix::io::read(&self.master, buf).map_err(io::Error::from)).unwrap()
    }

    /// The agent writes all it can; the holder keeps all it can. Returns how much got through.
    fn flood(&mut self, source: &mut Source, mut bytes: usize) -> usize {
        let mut kept = 0;
        while bytes > 0 {
            let piece = source.peek(bytes.min(30_000));
            match self.agent.write(&piece) {
                Ok(n) => {
                    source.at += n as u64;
                    bytes -= n;
                }
                Err(e) if e.kind() == io::ErrorKind::WouldBlock => {
                    if self.backlog.take(&self.master).unwrap() == Took::NoRoom {
                        return kept;
                    }
                }
                Err(e) => panic!("{e}"),
            }
        }
        while let Took::Bytes(n) = self.backlog.take(&self.master).unwrap() {
            kept += n;
        }
        kept
    }
}

/// Bytes that are a function of their position, without NULs at places that matter little.
#[derive(Default)]
struct Source {
    at: u64,
}

fn byte(at: u64) -> u8 {
    (at.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56) as u8 | 1
}

impl Source {
    fn peek(&self, n: usize) -> Vec<u8> {
        (self.at..self.at + n as u64).map(byte).collect()
    }
}

fn check(bytes: &[u8], from: u64) {
    if let Some(i) = bytes.iter().enumerate().position(|(i, b)| *b != byte(from + i as u64)) {
        panic!("byte {} differs", from + i as u64);
    }
}

#[test]
fn reads_land_in_the_ring_and_replay() {
    let p = Pair::new(0);
    let mut ring = p.lease();
    assert_eq!(p.read(&mut ring, 100), ReadOutcome::WouldBlock);
    (&p.agent).write_all(b"hello world").unwrap();
    assert_eq!(p.read(&mut ring, 5), ReadOutcome::Data(b"hello"));
    assert_eq!(p.read(&mut ring, 500), ReadOutcome::Data(b" world"));
    assert_eq!((ring.head(), ring.replay(6).unwrap()), (11, b"world".to_vec()));
    ring.store_snapshot(6, b"screen").unwrap();
    assert_eq!(ring.snapshot(), Some((6, b"screen".to_vec())));
    assert_eq!(ring.replay(0), Err(Gap { from: 0, floor: 6, head: 11 }));
    assert!(ring.store_snapshot(5, b"").is_err() && ring.store_snapshot(12, b"").is_err());
    ring.set_answered(9);
    drop(ring);
    assert_eq!(p.lease().answered(), 9);
    drop(p.agent);
    let mut ring = Ring::open(p.backlog.ring_fd().try_clone_to_owned().unwrap(), p.snapshots.try_clone().unwrap().into(), None).unwrap();
    assert_eq!(ring.fill(9, |b| Ok(rustix::io::read(&p.master, b)?)).unwrap(), ReadOutcome::Eof);
}

#[test]
fn a_full_ring_waits_for_a_snapshot_and_loses_nothing() {
    let p = Pair::new(0);
    let (mut ring, mut source, mut total) = (p.lease(), Source::default(), 0u64);
    let mut snapshots = 0;
    while total < 3 * CAPACITY as u64 {
        let piece = source.peek(50_000);
        source.at += (&p.agent).write(&piece).unwrap_or(0) as u64;
        match p.read(&mut ring, 65_536) {
            ReadOutcome::Data(bytes) => {
                check(bytes, total);
                total += bytes.len() as u64;
            }
            ReadOutcome::Full => {
                assert_eq!(ring.unsnapshotted(), ring.capacity());
                check(&ring.replay(ring.floor()).unwrap(), ring.floor());
                let at = ring.head() - 1000;
                ring.store_snapshot(at, &at.to_le_bytes()).unwrap();
                snapshots += 1;
            }
            other => assert_eq!(other, ReadOutcome::WouldBlock),
        }
    }
    assert!(snapshots >= 2);
    check(&ring.replay(ring.floor()).unwrap(), ring.floor());
}

#[test]
fn killed_between_read_and_moving_the_head() {
    for (got, window) in [(0u64, 500u64), (1, 500), (499, 500), (500, 500), (4096, 65_536), (9000, 65_536)] {
        for start in [0, CAPACITY as u64 - 600] {
            let mut p = Pair::new(0);
            let mut source = Source::default();
            p.flood(&mut source, start as usize);
            let mut ring = p.lease();
            ring.forget_before(start).unwrap();
            // What `fill` does, up to the kill. The window ends where the data wrap.
            let window = window.min(CAPACITY as u64 - start);
            let got = got.min(window);
            let (place, run) = ring.run(start, start + window);
            ring.shared.bytes_mut(place, run).fill(0);
            ring.shared.set(word::PENDING, start + window);
            ring.shared.bytes_mut(place, got as usize).copy_from_slice(&source.peek(got as usize));
            drop(ring);
            p.backlog.take_over();
            let ring = p.lease();
            assert_eq!((ring.head(), ring.shared.get(word::PENDING)), (start + got, 0));
            check(&ring.replay(start).unwrap(), start);
            // And when it was killed after moving the head, before taking the mark away.
            ring.shared.set(word::PENDING, start + window);
            drop(ring);
            p.backlog.take_over();
            assert_eq!(p.lease().head(), start + got);
        }
    }
}

#[test]
fn a_stale_ring_never_reads_as_new_output() {
    // The ring went round once, so old bytes lie ahead of the head; a kill before the read must not count them.
    let mut p = Pair::new(0);
    let mut source = Source::default();
    p.flood(&mut source, CAPACITY - 10);
    let mut ring = p.lease();
    ring.forget_before(ring.head()).unwrap();
    drop(ring);
    p.flood(&mut source, 5000);
    let mut ring = p.lease();
    ring.forget_before(ring.head()).unwrap();
    let head = ring.head();
    let shared = p.backlog.ring_fd().try_clone_to_owned().unwrap();
    let header = Shared::map(&File::from(shared), HEADER).unwrap();
    let killed = ring.fill(65_536, |_| {
        assert_eq!(header.get(word::PENDING), head + WINDOW as u64);
        Err(io::Error::other("killed here"))
    });
    assert!(killed.is_err());
    header.set(word::PENDING, head + WINDOW as u64);
    drop(ring);
    p.backlog.take_over();
    assert_eq!(p.lease().head(), head);
}

#[test]
fn spill_follows_the_ring_and_then_the_agent_blocks() {
    let max = 300_000;
    let mut p = Pair::new(max);
    let mut source = Source::default();
    p.flood(&mut source, CAPACITY + 10_000_000);
    assert!(!p.backlog.has_room());
    let spilled = p.backlog.spilled();
    assert!((max - CARRY as u64..=max).contains(&spilled), "{spilled}");
    let mut ring = p.lease();
    assert_eq!(ring.spilled(), spilled);
    assert_eq!(p.read(&mut ring, 1000), ReadOutcome::Full);
    check(&ring.replay(0).unwrap(), 0);
    ring.store_snapshot(CAPACITY as u64 / 2, b"s").unwrap();
    let mut at = ring.head();
    // Half of the spill is read, then the owner dies; the rest waits for the next one.
    while ring.spilled() > spilled / 2 {
        let ReadOutcome::Data(bytes) = p.read(&mut ring, 7001) else { panic!() };
        check(bytes, at);
        at += bytes.len() as u64;
    }
    drop(ring);
    p.backlog.take_over();
    let mut ring = p.lease();
    assert_eq!(ring.head(), at);
    while at < source.at {
        let ReadOutcome::Data(bytes) = p.read(&mut ring, 65_536) else { panic!() };
        check(bytes, at);
        at += bytes.len() as u64;
    }
    assert_eq!(p.read(&mut ring, 10), ReadOutcome::WouldBlock);
    assert_eq!(std::fs::metadata(p.spill.path().join("spill")).unwrap().len(), 0);
    p.backlog.take_over();
    p.flood(&mut source, 100);
    assert_eq!(p.lease().head(), at + 100);
}

#[test]
fn no_disk_blocks_the_agent_and_a_lost_spill_is_said_once() {
    let mut p = Pair::new(1 << 20);
    let mut source = Source::default();
    std::fs::remove_dir(p.spill.path()).unwrap();
    p.flood(&mut source, CAPACITY + 1_000_000);
    assert_eq!((p.backlog.head(), p.backlog.has_room()), (CAPACITY as u64, false));
    std::fs::create_dir(p.spill.path()).unwrap();
    p.backlog.take_over();
    assert!(p.backlog.has_room());
    p.flood(&mut source, 1_000_000);
    assert!(p.backlog.spilled() > 0);
    p.lease().spill.as_ref().unwrap().set_len(0).unwrap();
    let mut ring = p.lease();
    ring.forget_before(1000).unwrap();
    let e = ring.fill(100, |_| unreachable!()).unwrap_err();
    assert_eq!(e.kind(), io::ErrorKind::UnexpectedEof);
    assert_eq!(ring.spilled(), 0);
}

#[test]
fn bytes_the_disk_refused_in_the_end_are_carried_in_memory() {
    let mut p = Pair::new(1 << 20);
    let mut source = Source::default();
    p.flood(&mut source, CAPACITY + 40_000);
    // The file becomes unwritable: stands for an error of the disk itself.
    p.backlog.break_spill();
    p.flood(&mut source, 200_000);
    assert!(!p.backlog.has_room());
    let mut ring = p.lease();
    assert!(ring.shared.get(word::CARRY_LEN) > 0);
    ring.forget_before(2_000_000).unwrap();
    let mut at = ring.head();
    while at < source.at {
        let ReadOutcome::Data(bytes) = p.read(&mut ring, 3000) else { panic!("{at} of {}", source.at) };
        check(bytes, at);
        at += bytes.len() as u64;
    }
}

#[test]
fn headers_that_make_no_sense_are_refused() {
    let p = Pair::new(0);
    for (index, value) in [(word::MAGIC, 1), (word::CAPACITY, 3), (word::CAPACITY, 1 << 27), (word::FLOOR, 5), (word::CARRY_LEN, 1 << 20)] {
        let shared = Shared::map(&File::from(p.backlog.ring_fd().try_clone_to_owned().unwrap()), HEADER).unwrap();
        let good = shared.get(index);
        shared.set(index, value);
        assert!(Ring::open(p.backlog.ring_fd().try_clone_to_owned().unwrap(), p.snapshots.try_clone().unwrap().into(), None).is_err());
        shared.set(index, good);
    }
    drop(p.lease());
}

#[derive(Debug, Clone)]
enum Step {
    Flood(usize),
    Lease { reads: usize, max: usize, snapshot: bool, crash: usize },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (0usize..1_500_000).prop_map(Step::Flood),
        (0usize..40, 1usize..100_000, any::<bool>(), 0usize..5000).prop_map(|(reads, max, snapshot, crash)| Step::Lease {
            reads,
            max,
            snapshot,
            crash
        }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn any_order_of_leases_floods_and_crashes_keeps_every_byte(steps in proptest::collection::vec(step(), 1..12)) {
        let mut p = Pair::new(500_000);
        let mut source = Source::default();
        for s in steps {
            match s {
                Step::Flood(n) => { p.flood(&mut source, n); }
                Step::Lease { reads, max, snapshot, crash } => {
                    let mut ring = p.lease();
                    let mut at = ring.head();
                    check(&ring.replay(ring.floor()).unwrap(), ring.floor());
                    for _ in 0..reads {
                        let piece = source.peek(20_000);
                        source.at += (&p.agent).write(&piece).unwrap_or(0) as u64;
                        match p.read(&mut ring, max) {
                            ReadOutcome::Data(bytes) => { check(bytes, at); at += bytes.len() as u64; }
                            ReadOutcome::Full if snapshot => ring.store_snapshot(ring.head(), b"x").unwrap(),
                            _ => break,
                        }
                    }
                    // Killed inside a read: bytes taken, head not moved.
                    if ring.spilled() == 0 && ring.unsnapshotted() + 5000 < ring.capacity() {
                        let (place, run) = ring.run(at, at + 5000);
                        ring.shared.bytes_mut(place, run).fill(0);
                        ring.shared.set(word::PENDING, at + run as u64);
                        let mut buf = vec![0; crash.min(run)];
                        if let Ok(n) = rustix::io::read(&p.master, &mut buf) {
                            ring.shared.bytes_mut(place, n).copy_from_slice(&buf[..n]);
                        }
                    }
                    drop(ring);
                    p.backlog.take_over();
                }
            }
        }
        // In the end everything that was written is read, once and in order.
        let mut ring = p.lease();
        let floor = ring.floor();
        check(&ring.replay(floor).unwrap(), floor);
        let mut at = ring.head();
        while at < source.at {
            match p.read(&mut ring, 65_536) {
                ReadOutcome::Data(bytes) => { check(bytes, at); at += bytes.len() as u64; }
                ReadOutcome::Full => ring.store_snapshot(ring.head(), b"").unwrap(),
                other => prop_assert!(false, "{:?} at {} of {}", other, at, source.at),
            }
        }
    }
}
