//! The holder's state and its loop: who is connected, who has the lease, what the tree does, when to end.
//! Must not know the meaning of single requests (`serve`).

use super::conn::Conn;
use super::freeze::{Freeze, Step};
use super::start::{Started, bind_control};
use super::stop::{Phase, Stop};
use crate::base::SessionId;
use crate::pty::backlog::{Backlog, Took};
use crate::pty::paths::{HolderDirs, socket_name};
use crate::pty::proto::{ErrorReply, Notice, StopProgress, TreeReply, json, kind};
use crate::pty::spec::{ExitStatus, StopReport};
use crate::pty::sys::Signals;
use crate::pty::tree::{self, Brief, Ident};
use portable_pty::SlavePty;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Signal, WaitOptions, kill_process, wait};
use std::collections::VecDeque;
use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::net::{UnixListener, UnixStream};
use std::time::{Duration, Instant};

/// Connections at a time. For one more, the oldest that waits for nothing is closed: idle ones lock nobody out.
const MAX_CONNS: usize = 32;
/// After a failed accept (no descriptors), unless a connection ends before.
const ACCEPT_PAUSE: Duration = Duration::from_secs(1);
/// How often a holder that only keeps an exit status looks whether anybody can ever ask for it.
const FORGOTTEN_LOOK: Duration = Duration::from_secs(60);
/// Reads of the terminal before others get their turn.
const READS: usize = 16;

/// Everything the holder knows.
pub(super) struct Holder {
    pub id: SessionId,
    pub dirs: HolderDirs,
    listener: UnixListener,
    signals: Signals,
    pub master: OwnedFd,
    slave: Option<Box<dyn SlavePty + Send>>,
    pub agent: Ident,
    pub started_wall_ms: u64,
    pub backlog: Backlog,
    pub snapshots: File,
    pub conns: Vec<Conn>,
    next_key: u64,
    /// Connection that has the lease.
    pub lease: Option<u64>,
    /// Connections that wait for it.
    pub queue: VecDeque<u64>,
    pub epoch: u64,
    pub meta: Vec<u8>,
    pub exited: Option<ExitStatus>,
    pub acked: bool,
    /// Whether any child is left: orphans come to this process, so none here is none at all.
    pub has_children: bool,
    /// The terminal is read dry and nobody has it open.
    dry: bool,
    pub frozen: Option<Freeze>,
    pub freezing: Option<(Freeze, Instant)>,
    /// Who asked for the freeze.
    pub freeze_askers: Vec<u64>,
    pub stop: Option<Stop>,
    /// Who asked for the stop.
    pub stop_askers: Vec<u64>,
    accept_after: Option<Instant>,
    forgotten_look: Option<Instant>,
    finished: bool,
}

/// What a poll found, told apart from its descriptors.
struct Ready {
    signals: bool,
    accept: bool,
    terminal: bool,
    conns: Vec<(u64, bool, bool)>,
}

impl Holder {
    pub fn new(started: Started, signals: Signals, server: UnixStream) -> io::Result<Holder> {
        let Started { id, dirs, listener, master, slave, agent, started_wall_ms, backlog, snapshots } = started;
        Ok(Holder {
            id,
            dirs,
            listener,
            signals,
            master,
            slave: Some(slave),
            agent,
            started_wall_ms,
            backlog,
            snapshots,
            conns: vec![Conn::new(0, server)?],
            next_key: 1,
            lease: None,
            queue: VecDeque::new(),
            epoch: 0,
            meta: Vec::new(),
            exited: None,
            acked: false,
            has_children: true,
            dry: false,
            frozen: None,
            freezing: None,
            freeze_askers: Vec::new(),
            stop: None,
            stop_askers: Vec::new(),
            accept_after: None,
            forgotten_look: None,
            finished: false,
        })
    }

    /// Runs until there is nothing left to hold.
    pub fn run(&mut self) {
        self.grant(0, 0); // the connection of the launch has the first lease
        self.reap();
        while !self.finished {
            self.bury();
            match self.wait() {
                Ok(ready) => self.turn(ready),
                Err(rustix::io::Errno::INTR) => {}
                Err(_) => std::thread::sleep(Duration::from_millis(100)), // no memory for poll: nothing to do but to try again
            }
        }
        let path = self.dirs.holders().join(socket_name(&self.id));
        let _ = std::fs::remove_file(path);
        self.backlog.clean_up();
        self.conns.iter_mut().for_each(Conn::flush);
    }

    fn wait(&mut self) -> rustix::io::Result<Ready> {
        let now = Instant::now();
        if self.accept_after.is_some_and(|at| now >= at) {
            self.accept_after = None;
        }
        let accepting = self.accept_after.is_none();
        let reading = self.lease.is_none() && !self.dry && (self.acked || self.backlog.has_room());
        let mut fds = Vec::with_capacity(3 + self.conns.len());
        fds.push(PollFd::new(&self.signals, PollFlags::IN));
        fds.push(PollFd::new(&self.listener, if accepting { PollFlags::IN } else { PollFlags::empty() }));
        for c in &self.conns {
            let out = if c.has_output() { PollFlags::OUT } else { PollFlags::empty() };
            fds.push(PollFd::new(&c.stream, PollFlags::IN | out));
        }
        if reading {
            fds.push(PollFd::new(&self.master, PollFlags::IN));
        }
        let timeout = self.next_time().map(|at| at.saturating_duration_since(now));
        poll(&mut fds, timeout.and_then(|t| Timespec::try_from(t).ok()).as_ref())?;
        // In the order they were put in; each is taken out, looked at or not.
        let mut ready = fds.iter().map(PollFd::revents);
        let mut next = || ready.next().unwrap_or(PollFlags::empty());
        let (signals, accept) = (!next().is_empty(), !next().is_empty());
        let ends = PollFlags::IN | PollFlags::HUP | PollFlags::ERR;
        let conns = self.conns.iter().map(|c| (c.key, next())).map(|(key, r)| (key, r.intersects(ends), r.contains(PollFlags::OUT))).collect();
        Ok(Ready { signals, accept: accepting && accept, conns, terminal: reading && !next().is_empty() })
    }

    fn next_time(&self) -> Option<Instant> {
        let times = [self.freezing.as_ref().map(|(_, at)| *at), self.stop.as_ref().map(|s| s.next), self.accept_after, self.forgotten_look];
        times.into_iter().flatten().min()
    }

    fn turn(&mut self, ready: Ready) {
        if ready.signals {
            let seen = self.signals.take();
            if seen.usr1 {
                self.rebind();
            }
            if seen.child {
                self.reap();
            }
        }
        // Requests before new connections: an old lease ends before a new one is asked for.
        for (key, readable, writable) in ready.conns {
            if readable {
                self.receive(key);
            }
            if let Some(c) = self.conn(key).filter(|_| writable) {
                c.flush();
            }
        }
        self.bury();
        if ready.accept {
            self.accept();
        }
        if ready.terminal && self.lease.is_none() {
            self.read_terminal();
        }
        let now = Instant::now();
        if self.freezing.as_ref().is_some_and(|(_, at)| now >= *at) {
            self.step_freeze(now);
        }
        if self.stop.as_ref().is_some_and(|s| now >= s.next) {
            self.step_stop(now);
        }
        self.look_forgotten(now);
    }

    /// Ends when all that is left is an exit status that nobody can ask for: socket and session folder were both removed.
    fn look_forgotten(&mut self, now: Instant) {
        if self.has_children || self.lease.is_some() {
            self.forgotten_look = None;
        } else if self.forgotten_look.is_none_or(|at| now >= at) {
            self.forgotten_look = Some(now + FORGOTTEN_LOOK);
            let socket = self.dirs.holders().join(socket_name(&self.id));
            self.finished |= !socket.exists() && !self.dirs.session(&self.id).exists();
        }
    }

    fn receive(&mut self, key: u64) {
        let Some(conn) = self.conn(key) else { return };
        conn.receive();
        while let Some(frame) = self.conn(key).and_then(Conn::next) {
            self.serve(key, frame);
        }
    }

    pub fn conn(&mut self, key: u64) -> Option<&mut Conn> {
        self.conns.iter_mut().find(|c| c.key == key && !c.dead)
    }

    pub fn send(&mut self, key: u64, bytes: &[u8]) {
        if let Some(c) = self.conn(key) {
            c.send(bytes);
        }
    }

    /// Says something to the owner of the lease and to `others`, once to each.
    fn announce(&mut self, notice: &Notice, others: Vec<u64>) {
        let mut to: Vec<u64> = others.into_iter().chain(self.lease).collect();
        to.sort_unstable();
        to.dedup();
        let bytes = notice.encode();
        for key in to {
            self.send(key, &bytes);
        }
    }

    fn accept(&mut self) {
        loop {
            match self.listener.accept() {
                Ok((stream, _)) if crate::pty::sys::peer_is_us(&stream) && self.make_room() => {
                    let key = self.next_key;
                    self.next_key += 1;
                    self.conns.extend(Conn::new(key, stream));
                }
                Ok(_) => {} // dropped: closed before it heard a byte
                Err(e) if e.kind() == io::ErrorKind::WouldBlock => return,
                Err(e) if matches!(e.kind(), io::ErrorKind::Interrupted | io::ErrorKind::ConnectionAborted) => {}
                Err(_) => {
                    self.accept_after = Some(Instant::now() + ACCEPT_PAUSE);
                    return;
                }
            }
        }
    }

    fn make_room(&mut self) -> bool {
        if self.conns.len() < MAX_CONNS {
            return true;
        }
        let busy: Vec<u64> = self.queue.iter().chain(&self.freeze_askers).chain(&self.stop_askers).copied().chain(self.lease).collect();
        // They are in the order of their age.
        let idle = self.conns.iter().position(|c| !busy.contains(&c.key));
        idle.map(|at| self.conns.remove(at)).is_some()
    }

    /// Removes connections that are over. When the lease's is among them, the next in the queue gets it.
    fn bury(&mut self) {
        loop {
            let dead: Vec<u64> = self.conns.iter().filter(|c| c.dead).map(|c| c.key).collect();
            if dead.is_empty() {
                return;
            }
            self.conns.retain(|c| !c.dead);
            self.queue.retain(|key| !dead.contains(key));
            self.freeze_askers.retain(|key| !dead.contains(key));
            self.stop_askers.retain(|key| !dead.contains(key));
            self.accept_after = None;
            if self.lease.is_some_and(|key| dead.contains(&key)) {
                self.lease = None;
                self.backlog.take_over();
                if let Some(next) = self.queue.pop_front() {
                    self.grant(next, 0);
                }
            }
        }
    }

    fn read_terminal(&mut self) {
        for _ in 0..READS {
            if self.acked {
                // The end was acknowledged: nobody will ask for what stragglers still print.
                let mut buf = [0u8; 4096];
                match rustix::io::read(&self.master, &mut buf) {
                    Ok(n) if n > 0 => continue,
                    Err(rustix::io::Errno::AGAIN | rustix::io::Errno::INTR) => return,
                    _ => self.dry = true,
                }
                return;
            }
            match self.backlog.take(&self.master) {
                Ok(Took::Bytes(_)) => {}
                Ok(Took::WouldBlock | Took::NoRoom) => return,
                Ok(Took::Eof) | Err(_) => {
                    self.dry = true;
                    return;
                }
            }
        }
    }

    /// Collects every child that ended.
    fn reap(&mut self) {
        loop {
            match wait(WaitOptions::NOHANG) {
                Ok(Some((pid, status))) if pid.as_raw_nonzero().get() == self.agent.pid && self.exited.is_none() => {
                    let exit = ExitStatus { code: status.exit_status(), signal: status.terminating_signal() };
                    self.exited = Some(exit);
                    self.slave = None;
                    self.announce(&Notice::Exited(exit), Vec::new());
                }
                Ok(Some(_)) | Err(rustix::io::Errno::INTR) => {}
                Ok(None) => break,
                Err(_) => {
                    if self.has_children {
                        self.has_children = false;
                        self.emptied();
                    }
                    break;
                }
            }
        }
        // The tree changed: whoever works on it looks again at once.
        if let Some(stop) = self.stop.as_mut().filter(|s| s.phase == Phase::Kill) {
            stop.next = Instant::now();
        }
    }

    fn emptied(&mut self) {
        self.frozen = None;
        if self.freezing.take().is_some() {
            self.freeze_done(&TreeReply::default());
        }
        if self.stop.is_some() {
            self.stop_done(StopReport::default());
        }
        self.announce(&Notice::Emptied, Vec::new());
        self.finished |= self.acked;
    }

    /// The server has the exit status and all output.
    pub fn acknowledge(&mut self) {
        self.acked = true;
        self.finished |= !self.has_children;
    }

    /// Everything alive below this process, parents first.
    pub fn tree(&self) -> io::Result<Vec<Brief>> {
        if !self.has_children {
            return Ok(Vec::new());
        }
        let all = tree::try_descendants(std::process::id() as i32)?;
        Ok(all.into_iter().filter(Brief::is_alive).collect())
    }

    /// Sends a signal to the agent. Until this process collects it, its number is its own.
    pub fn signal_agent(&self, number: i32) -> io::Result<()> {
        let invalid = || io::Error::from_raw_os_error(libc::EINVAL);
        let signal = Signal::from_named_raw(number).ok_or_else(invalid)?;
        if self.exited.is_some() {
            return Err(io::Error::from_raw_os_error(libc::ESRCH));
        }
        Ok(kill_process(crate::pty::sys::pid(self.agent.pid)?, signal)?)
    }

    pub fn step_freeze(&mut self, now: Instant) {
        let tree = match self.tree() {
            Ok(tree) => tree,
            Err(e) => {
                self.cancel_freeze("refused", &format!("the processes cannot be listed: {e}"));
                return;
            }
        };
        let Some((mut freeze, _)) = self.freezing.take() else { return };
        match freeze.step(&tree, |p| p.signal(libc::SIGSTOP)) {
            Step::Again(pause) => self.freezing = Some((freeze, now + pause)),
            Step::Done(reply) => {
                self.frozen = Some(freeze);
                self.freeze_done(&reply);
            }
        }
    }

    fn freeze_done(&mut self, reply: &TreeReply) {
        let bytes = json(kind::REPLY | kind::FREEZE, reply);
        for key in std::mem::take(&mut self.freeze_askers) {
            self.send(key, &bytes);
        }
    }

    /// Lets the tree go on; how many processes did.
    pub fn thaw(&mut self) -> u32 {
        let frozen = self.frozen.take().map_or(0, resume);
        frozen + self.cancel_freeze("refused", "the tree was told to go on")
    }

    /// Ends a freeze that is under way, as if it had not begun; how many processes go on.
    pub fn cancel_freeze(&mut self, code: &str, message: &str) -> u32 {
        let bytes = json(kind::ERROR, &ErrorReply { to: kind::FREEZE, code: code.into(), message: message.into() });
        for key in std::mem::take(&mut self.freeze_askers) {
            self.send(key, &bytes);
        }
        self.freezing.take().map_or(0, |(freeze, _)| resume(freeze))
    }

    pub fn step_stop(&mut self, now: Instant) {
        if self.stop.as_mut().is_some_and(|s| s.escalates(now)) {
            self.announce_stop();
        }
        if self.stop.as_ref().is_none_or(|s| s.phase == Phase::Term) {
            return;
        }
        let tree = self.tree();
        if tree.is_err() {
            let _ = self.signal_agent(libc::SIGKILL);
        }
        if let Some(report) = self.stop.as_mut().and_then(|s| s.kill(tree, now)) {
            self.stop_done(report);
        }
    }

    /// Says which phase the stop is in.
    pub fn announce_stop(&mut self) {
        let phase = match self.stop.as_ref().map(|s| s.phase) {
            Some(Phase::Term) => "term",
            _ => "kill",
        };
        self.announce(&Notice::StopProgress(StopProgress { phase: phase.into() }), self.stop_askers.clone());
    }

    pub fn stop_done(&mut self, report: StopReport) {
        self.stop = None;
        let askers = std::mem::take(&mut self.stop_askers);
        self.announce(&Notice::Stopped(report), askers);
    }

    /// Makes the control socket again after somebody deleted it.
    fn rebind(&mut self) {
        if let Ok(listener) = bind_control(&self.dirs, &self.id) {
            self.listener = listener;
        }
    }
}

fn resume(freeze: Freeze) -> u32 {
    freeze.thaw(|p| p.signal(libc::SIGCONT))
}
